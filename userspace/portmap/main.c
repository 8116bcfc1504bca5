// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>

#include "portmap.h"

static const char usage[] =
"usage: peer6-portmap add|delete --gateway ADDR --local ADDR --port N [OPTIONS]\n"
"\n"
"Asks a gateway for a UDP port, or takes that back; peer6d runs it.\n"
"\n"
"  --protocol auto|nat-pmp|upnp   (auto: one after the other)\n"
"  --external N                   outside port (as --port)\n"
"  --lease SECONDS                (7200)\n"
"  --owner ADDR                   delete: who had asked (as --local)\n"
"  --url URL --service NAME       UPnP: where it was the last time\n";

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
	OPT_PROTOCOL, OPT_URL, OPT_SERVICE,
};

static const struct option longopts[] = {
	{ "gateway", required_argument, NULL, OPT_GATEWAY },
	{ "local", required_argument, NULL, OPT_LOCAL },
	{ "owner", required_argument, NULL, OPT_OWNER },
	{ "port", required_argument, NULL, OPT_PORT },
	{ "external", required_argument, NULL, OPT_EXTERNAL },
	{ "lease", required_argument, NULL, OPT_LEASE },
	{ "protocol", required_argument, NULL, OPT_PROTOCOL },
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
	if (!strcmp(text, "auto"))
		*out = PORTMAP_NATPMP | PORTMAP_UPNP;
	else if (!strcmp(text, "nat-pmp"))
		*out = PORTMAP_NATPMP;
	else if (!strcmp(text, "upnp"))
		*out = PORTMAP_UPNP;
	else
		return false;
	return true;
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

/* It is not known by which protocol the port came: taken back by both. */
static bool remove_both(const struct portmap_request *req,
			struct portmap_answer *answer)
{
	struct portmap_answer other = { };

	if (portmap_natpmp(req, &other)) {
		if (!portmap_upnp(req, answer))
			*answer = other;
		return true;
	}
	return portmap_upnp(req, answer);
}

static bool ask(const struct portmap_request *req,
		struct portmap_answer *answer)
{
	struct portmap_answer first;

	if (req->protocols == PORTMAP_UPNP)
		return portmap_upnp(req, answer);
	if (req->remove && req->protocols & PORTMAP_UPNP)
		return remove_both(req, answer);
	if (portmap_natpmp(req, answer))
		return true;
	/* Who lies or refuses in one protocol is not asked in another. */
	if (req->protocols == PORTMAP_NATPMP ||
	    (strcmp(answer->reason, "no-answer") &&
	     strcmp(answer->reason, "not-supported")))
		return false;
	first = *answer;
	memset(answer, 0, sizeof(*answer));
	if (portmap_upnp(req, answer))
		return true;
	answer->asked |= first.asked;
	/* Who speaks neither: the words of both are worth having. */
	if (strlen(first.why) + strlen(answer->why) + 3 < sizeof(first.why)) {
		strcat(first.why, "; ");
		strcat(first.why, answer->why);
		memcpy(answer->why, first.why, sizeof(first.why));
	}
	return false;
}

static void print(const struct portmap_request *req,
		  const struct portmap_answer *answer)
{
	char text[INET_ADDRSTRLEN];

	printf("protocol=%s\n",
	       answer->protocol == PORTMAP_UPNP ? "upnp" : "nat-pmp");
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
		.protocols = PORTMAP_NATPMP | PORTMAP_UPNP, .lease = 7200,
	};
	struct portmap_answer answer = { };
	FILE *null;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
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
