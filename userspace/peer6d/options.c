// SPDX-License-Identifier: GPL-2.0-or-later
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "version.h"

static const char usage[] =
"usage: peer6d [OPTIONS]\n"
"\n"
"Publishes and resolves names in the PNRP clouds of this host.\n"
"\n"
"  --config FILE       configuration (/etc/peer6/peer6.conf)\n"
"  --state DIR         where it keeps names and keys (/var/lib/peer6)\n"
"  --socket PATH       where programs connect (/run/peer6/peer6.varlink)\n"
"  --port NUMBER       UDP port, if it is free (3540)\n"
"  --cloud NAME        only this one: global, link (all links), link:IFNAME;\n"
"                      may be repeated\n"
"  --seed HOST[:PORT]  a node of the global cloud; may be repeated\n"
"  --no-multicast      no SSDP\n"
"  --user NAME         who to run as when started as root (peer6)\n"
"  --group NAME        whose members may call (peer6)\n"
"  --log text|json     json: one object a line for each event\n"
"  --log-level LEVEL   error, warning, info, debug (info)\n"
"  --check             read the configuration, say what is wrong, end\n"
"  --help, --version\n"
"\n"
"Environment: PEER6_CONFIG, PEER6_STATE, PEER6_SOCKET, PEER6_PORT, PEER6_CLOUDS,\n"
"PEER6_SEEDS, PEER6_LOG, PEER6_LOG_LEVEL; the options go before them.\n";

enum {
	OPT_CONFIG = 256, OPT_STATE, OPT_SOCKET, OPT_PORT, OPT_CLOUD, OPT_SEED,
	OPT_NO_MULTICAST, OPT_USER, OPT_GROUP, OPT_LOG, OPT_LOG_LEVEL,
	OPT_CHECK, OPT_HELP, OPT_VERSION,
};

static const struct option longopts[] = {
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "state", required_argument, NULL, OPT_STATE },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "port", required_argument, NULL, OPT_PORT },
	{ "cloud", required_argument, NULL, OPT_CLOUD },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "no-multicast", no_argument, NULL, OPT_NO_MULTICAST },
	{ "user", required_argument, NULL, OPT_USER },
	{ "group", required_argument, NULL, OPT_GROUP },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "log-level", required_argument, NULL, OPT_LOG_LEVEL },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ }
};

void complain(const char *what, const char *reason, const char *why,
	      const char *todo)
{
	fprintf(stderr, "peer6d: %s [%s]\n%s\n", what, reason, why);
	if (todo && todo[0])
		fprintf(stderr, "Do: %s\n", todo);
}

static int bad(const char *option, const char *value, const char *why)
{
	char what[200];

	snprintf(what, sizeof(what), "%s cannot be \"%s\"", option, value);
	complain(what, "bad-value", why, "peer6d --help");
	return 2;
}

static int set_port(struct options *opt, const char *value)
{
	char *end;
	long port = strtol(value, &end, 10);

	/* [MS-PNRP] section 3.1.5.2: a port up to 1024 is not answered. */
	if (end == value || *end || port <= 1024 || port > 65535)
		return bad("--port", value, "It is a number of 1025 to 65535.");
	opt->port = (int)port;
	return -1;
}

static int set_log(struct options *opt, const char *value)
{
	if (!strcmp(value, "json"))
		opt->json = true;
	else if (!strcmp(value, "text"))
		opt->json = false;
	else
		return bad("--log", value, "It is text or json.");
	return -1;
}

static int set_level(struct options *opt, const char *value)
{
	static const char *const names[] = {
		"error", "warning", "info", "debug",
	};
	unsigned int i;

	for (i = 0; i < 4; i++) {
		if (!strcmp(value, names[i])) {
			opt->level = i;
			return -1;
		}
	}
	return bad("--log-level", value,
		   "It is error, warning, info or debug.");
}

static int add(const char **list, unsigned int *n, unsigned int max,
	       const char *option, const char *value)
{
	if (*n == max)
		return bad(option, value, "There are too many of them.");
	list[(*n)++] = value;
	return -1;
}

/* Words of a variable; the copy lives as long as the program. */
static int add_words(const char **list, unsigned int *n, unsigned int max,
		     const char *variable)
{
	const char *value = getenv(variable);
	char *copy, *word, *save;
	int ret;

	if (!value)
		return -1;
	copy = strdup(value);
	if (!copy)
		return 1;
	for (word = strtok_r(copy, " ", &save); word;
	     word = strtok_r(NULL, " ", &save)) {
		ret = add(list, n, max, variable, word);
		if (ret >= 0)
			return ret;
	}
	return -1;
}

static const char *env(const char *variable, const char *otherwise)
{
	const char *value = getenv(variable);

	return value && value[0] ? value : otherwise;
}

static int from_environment(struct options *opt)
{
	int ret = -1;

	opt->config = env("PEER6_CONFIG", NULL);
	opt->config_given = opt->config;
	if (!opt->config)
		opt->config = "/etc/peer6/peer6.conf";
	opt->state = env("PEER6_STATE", "/var/lib/peer6");
	opt->socket = env("PEER6_SOCKET", "/run/peer6/peer6.varlink");
	opt->user = "peer6";
	opt->port = -1;
	opt->level = LOG_INFO;
	if (getenv("PEER6_PORT"))
		ret = set_port(opt, getenv("PEER6_PORT"));
	if (ret < 0 && getenv("PEER6_LOG"))
		ret = set_log(opt, getenv("PEER6_LOG"));
	if (ret < 0 && getenv("PEER6_LOG_LEVEL"))
		ret = set_level(opt, getenv("PEER6_LOG_LEVEL"));
	return ret;
}

static int take(struct options *opt, int o, const char *value)
{
	switch (o) {
	case OPT_CONFIG:
		opt->config = value;
		opt->config_given = true;
		return -1;
	case OPT_STATE:
		opt->state = value;
		return -1;
	case OPT_SOCKET:
		opt->socket = value;
		return -1;
	case OPT_PORT:
		return set_port(opt, value);
	case OPT_CLOUD:
		return add(opt->clouds, &opt->n_clouds, CLOUDS_MAX, "--cloud",
			   value);
	case OPT_SEED:
		return add(opt->seeds, &opt->n_seeds, SEEDS_MAX, "--seed",
			   value);
	case OPT_NO_MULTICAST:
		opt->no_multicast = true;
		return -1;
	case OPT_USER:
		opt->user = value;
		return -1;
	case OPT_GROUP:
		opt->group = value;
		return -1;
	case OPT_LOG:
		return set_log(opt, value);
	case OPT_LOG_LEVEL:
		return set_level(opt, value);
	case OPT_CHECK:
		opt->check = true;
		return -1;
	case OPT_HELP:
		fputs(usage, stdout);
		return 0;
	case OPT_VERSION:
		puts("peer6d " PEER6_VERSION);
		return 0;
	}
	fputs("Do: peer6d --help\n", stderr);
	return 2;
}

int options_read(struct options *opt, int argc, char **argv)
{
	int o, ret;

	memset(opt, 0, sizeof(*opt));
	ret = from_environment(opt);
	if (ret >= 0)
		return ret;
	while ((o = getopt_long(argc, argv, "", longopts, NULL)) != -1) {
		ret = take(opt, o, optarg);
		if (ret >= 0)
			return ret;
	}
	if (optind < argc)
		return bad("an argument", argv[optind],
			   "peer6d takes options only.");
	if (!opt->n_clouds)
		ret = add_words(opt->clouds, &opt->n_clouds, CLOUDS_MAX,
				"PEER6_CLOUDS");
	if (ret < 0 && !opt->n_seeds)
		ret = add_words(opt->seeds, &opt->n_seeds, SEEDS_MAX,
				"PEER6_SEEDS");
	return ret;
}
