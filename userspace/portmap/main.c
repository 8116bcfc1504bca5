// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <sys/random.h>

#include "portmap.h"
#include "protocol.h"

static const char usage[] =
"usage: peer6-portmap add|delete --gateway ADDR --local ADDR --port N [OPTIONS]\n"
"\n"
"Asks a gateway for a UDP port, or takes that back; peer6d runs it.\n"
"\n"
"  --protocol auto|nat-pmp|pcp|upnp   (auto: one after the other)\n"
"  --external N                       outside port (as --port)\n"
"  --lease SECONDS                    (7200)\n"
"  --owner ADDR                       delete: who had asked (as --local)\n"
"  --nonce HEX                        PCP: the 12 bytes that it was asked with\n"
"  --url URL --service NAME           UPnP: where it was the last time\n";

bool portmap_fail(struct portmap_answer *answer, const char *reason,
		  const char *format, ...)
{
	char *c = answer->why;
	va_list args;

	answer->reason = reason;
	va_start(args, format);
	vsnprintf(answer->why, sizeof(answer->why), format, args);
	va_end(args);
	/* Some of it came from the gateway; it is one line of a log. */
	for (; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return false;
}

enum {
	OPT_GATEWAY, OPT_LOCAL, OPT_OWNER, OPT_PORT, OPT_EXTERNAL, OPT_LEASE,
	OPT_PROTOCOL, OPT_NONCE, OPT_URL, OPT_SERVICE,
};

static const struct option longopts[] = {
	{ "gateway", required_argument, NULL, OPT_GATEWAY },
	{ "local", required_argument, NULL, OPT_LOCAL },
	{ "owner", required_argument, NULL, OPT_OWNER },
	{ "port", required_argument, NULL, OPT_PORT },
	{ "external", required_argument, NULL, OPT_EXTERNAL },
	{ "lease", required_argument, NULL, OPT_LEASE },
	{ "protocol", required_argument, NULL, OPT_PROTOCOL },
	{ "nonce", required_argument, NULL, OPT_NONCE },
	{ "url", required_argument, NULL, OPT_URL },
	{ "service", required_argument, NULL, OPT_SERVICE },
	{ }
};

static bool number(const char *text, unsigned long max, unsigned long *out)
{
	char *end;

	errno = 0;
	*out = strtoul(text, &end, 10);
	return !errno && end != text && !*end && *out && *out <= max;
}

static bool protocols(const char *text, unsigned int *out)
{
	*out = strcmp(text, "auto") ? portmap_protocol_parse(text) :
	       PORTMAP_ANY;
	return *out;
}

static bool take(struct portmap_request *req, int o, const char *value)
{
	unsigned long n = 0;

	switch (o) {
	case OPT_GATEWAY:
		return inet_pton(AF_INET, value, &req->gateway) == 1;
	case OPT_LOCAL:
		return inet_pton(AF_INET, value, &req->local) == 1;
	case OPT_OWNER:
		return inet_pton(AF_INET, value, &req->owner) == 1;
	case OPT_PORT:
		if (!number(value, 65535, &n))
			return false;
		req->port = n;
		return true;
	case OPT_EXTERNAL:
		if (!number(value, 65535, &n))
			return false;
		req->external = n;
		return true;
	case OPT_LEASE:
		if (!number(value, 604800, &n))
			return false;
		req->lease = n;
		return true;
	case OPT_PROTOCOL:
		return protocols(value, &req->protocols);
	case OPT_NONCE:
		return portmap_nonce_parse(value, req->nonce);
	case OPT_URL:
		req->url = value;
		return true;
	case OPT_SERVICE:
		req->service = value;
		return true;
	}
	return false;
}

static bool take_all(struct portmap_request *req, int argc, char **argv)
{
	int o;

	while ((o = getopt_long(argc, argv, "", longopts, NULL)) != -1)
		if (!take(req, o, optarg))
			return false;
	if (optind + 1 != argc)
		return false;
	if (!strcmp(argv[optind], "delete"))
		req->remove = true;
	else if (strcmp(argv[optind], "add"))
		return false;
	if (!req->external)
		req->external = req->port;
	if (!req->owner.s_addr)
		req->owner = req->local;
	return req->gateway.s_addr && req->local.s_addr && req->port;
}

static const struct {
	enum portmap_protocol protocol;
	bool (*ask)(const struct portmap_request *req,
		    struct portmap_answer *answer);
} ways[] = {
	{ PORTMAP_NATPMP, portmap_natpmp },
	{ PORTMAP_PCP, portmap_pcp },
	{ PORTMAP_UPNP, portmap_upnp },
};

static bool not_supported(const struct portmap_answer *answer)
{
	return answer->reason && !strcmp(answer->reason, "not-supported");
}

static bool no_answer(const struct portmap_answer *answer)
{
	return answer->reason && !strcmp(answer->reason, "no-answer");
}

/* Who speaks none of them: the words of all are worth having. */
static void add_words(struct portmap_answer *answer,
		      const struct portmap_answer *before)
{
	char all[2 * PORTMAP_WHY_MAX + 2];

	if (!before->why[0])
		return;
	snprintf(all, sizeof(all), "%s; %s", before->why, answer->why);
	if (strlen(all) < sizeof(answer->why))
		strcpy(answer->why, all);
}

/*
 * A port is asked for until one protocol gives it; who lies or refuses in one is
 * not asked in another. It is taken back by all, for it is not known which one
 * it came by. PCP has the port of NAT-PMP: it is for those that do not speak
 * that, but do answer there.
 */
static bool ask(const struct portmap_request *req,
		struct portmap_answer *answer)
{
	struct portmap_answer now, before = { };
	bool done = false;
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!(req->protocols & ways[i].protocol) ||
		    (ways[i].protocol == PORTMAP_PCP &&
		     (done || no_answer(&before))))
			continue;
		memset(&now, 0, sizeof(now));
		if (ways[i].ask(req, &now)) {
			*answer = now;
			done = true;
			if (req->remove)
				continue;
			return true;
		}
		now.asked |= before.asked;
		add_words(&now, &before);
		before = now;
		if (!req->remove && !no_answer(&now) && !not_supported(&now))
			break;
	}
	if (!done)
		*answer = before;
	return done;
}

static void print(const struct portmap_request *req,
		  const struct portmap_answer *answer)
{
	char text[INET_ADDRSTRLEN];

	printf("protocol=%s\n", portmap_protocol_word(answer->protocol));
	if (answer->url[0])
		printf("url=%s\nservice=%s\n", answer->url, answer->service);
	if (!req->remove) {
		inet_ntop(AF_INET, &answer->external, text, sizeof(text));
		printf("external=%s\nport=%u\nlease=%u\n", text, answer->port,
		       answer->lease);
	}
}

int main(int argc, char **argv)
{
	struct portmap_request req = {
		.protocols = PORTMAP_ANY, .lease = 7200,
	};
	struct portmap_answer answer = { };
	FILE *null;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (getrandom(req.nonce, sizeof(req.nonce), 0) !=
	    (ssize_t)sizeof(req.nonce)) {
		perror("peer6-portmap: no random numbers");
		return 1;
	}
	if (!take_all(&req, argc, argv)) {
		fputs(usage, stderr);
		return 2;
	}
	/* Whoever ran us may be gone. */
	alarm(PORTMAP_TIME_S);
	/* The libraries' perror() belongs to nobody; what counts is printed. */
	null = fopen("/dev/null", "we");
	if (null)
		stderr = null;
	if (ask(&req, &answer))
		print(&req, &answer);
	else
		printf("reason=%s\nwhy=%s\nasked=%d\n", answer.reason,
		       answer.why, answer.asked);
	fflush(stdout);
	return answer.reason ? 1 : 0;
}
