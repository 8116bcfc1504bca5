// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "version.h"

static const char help[] =
"Runs a cloud of PNRP nodes in one process on a virtual clock.\n"
"\n"
"  peer6-sim --nodes=2000\n"
"  peer6-sim --nodes=2000 --vanish=20% --loss=1% --plot=out\n"
"  peer6-sim --nodes=50 --real-crypto --seed=7\n"
"\n"
"Usage: peer6-sim [OPTIONS]\n"
"\n"
"The nodes (50):\n"
"  --nodes=N          how many, up to a million\n"
"  --names=N          names that each publishes (1)\n"
"  --resolve-only=P%  nodes that publish none\n"
"  --known=N          nodes that a new one has heard of (3)\n"
"  --skew=SECONDS     clocks differ from the true time by up to this\n"
"  --real-crypto      RSA-1024 and SHA-1 in place of a cheap keyed hash\n"
"The network:\n"
"  --latency=MIN..MAX one way, in milliseconds (10..100)\n"
"  --matrix=FILE      instead: a square of milliseconds; nodes live at its sites\n"
"  --loss=P%          of the datagrams\n"
"  --nat=P%           nodes reached only by those they sent to\n"
"What happens:\n"
"  --join=SECONDS     in which all join (0.2 s a node, at most 600)\n"
"  --settle=SECONDS   before measuring (300)\n"
"  --time=SECONDS     measured (600)\n"
"  --resolves=N       in that time, random nodes, random names (10000)\n"
"  --churn=P%         of the nodes are replaced by new ones in an hour\n"
"  --vanish=P%        measures again after so many are gone without a word\n"
"  --seed=N           the same seed gives the same run (1)\n"
"  --signatures       also: how many records are signed and verified a second\n"
"Output:\n"
"  --json=FILE        the figures as one JSON object\n"
"  --plot=DIR         CSV files and pictures (gnuplot)\n"
"  --sample=SECONDS   between the rows of series.csv (10)\n"
"  -q, --quiet        no progress\n"
"  -h, --help         this\n"
"  --version\n"
"\n"
"A hop is a node that answered on the way, the publisher included.\n"
"Exit status: 0 done, 1 failed, 2 usage.\n";

void fail(const char *code, const char *what, const char *why, const char *todo)
{
	fprintf(stderr, "peer6-sim: %s [%s]\n", what, code);
	if (why)
		fprintf(stderr, "%s\n", why);
	if (todo)
		fprintf(stderr, "Do: %s\n", todo);
}

static _Noreturn void usage(const char *code, const char *what,
			    const char *why)
{
	fail(code, what, why, "peer6-sim --help");
	exit(2);
}

static _Noreturn void bad_value(const char *option, const char *text,
				const char *want)
{
	char what[200], why[200];

	snprintf(what, sizeof(what), "--%s=%.100s is not %s", option, text,
		 want);
	snprintf(why, sizeof(why), "The value of --%s is %s.", option, want);
	usage("bad-value", what, why);
}

static double number(const char *option, const char *text, double min,
		     double max, const char *want)
{
	char *end;
	double v;

	errno = 0;
	v = strtod(text, &end);
	if (end == text || *end || errno || !isfinite(v) || v < min || v > max)
		bad_value(option, text, want);
	return v;
}

static uint64_t whole(const char *option, const char *text, double min,
		      double max, const char *want)
{
	double v = number(option, text, min, max, want);

	if (v != floor(v))
		bad_value(option, text, want);
	return (uint64_t)v;
}

static double part(const char *option, const char *text)
{
	size_t len = strlen(text);
	char copy[40];

	if (len && text[len - 1] == '%')
		len--;
	if (!len || len >= sizeof(copy))
		bad_value(option, text, "a percentage from 0 to 100");
	memcpy(copy, text, len);
	copy[len] = '\0';
	return number(option, copy, 0, 100,
		      "a percentage from 0 to 100") / 100;
}

static double time_value(const char *option, const char *text)
{
	return number(option, text, 0, 1e6,
		      "a number of seconds from 0 to 1000000");
}

static void latency(struct sim_config *cfg, const char *text)
{
	static const char want[] = "MIN..MAX in milliseconds, up to 10000";
	const char *dots = strstr(text, "..");
	char first[40];

	if (!dots || (size_t)(dots - text) >= sizeof(first))
		bad_value("latency", text, want);
	memcpy(first, text, dots - text);
	first[dots - text] = '\0';
	cfg->latency_min = (peer6_time)(number("latency", first, 0, 10000,
					       want) * 1e6);
	cfg->latency_max = (peer6_time)(number("latency", dots + 2, 0, 10000,
					       want) * 1e6);
	if (cfg->latency_max < cfg->latency_min)
		bad_value("latency", text, want);
}

static _Noreturn void bad_matrix(const char *path, unsigned int line,
				 const char *why)
{
	char what[300];

	snprintf(what, sizeof(what), "--matrix=%.200s, line %u", path, line);
	usage("bad-value", what, why);
}

/* n lines of n numbers each, blanks or commas between; # starts a comment. */
static void matrix(struct sim_config *cfg, const char *path)
{
	FILE *f = fopen(path, "r");
	unsigned int line = 0, column;
	char *text = NULL, *at, *end;
	size_t size = 0, n = 0;
	double v;

	if (!f) {
		fail("failed", path, strerror(errno), "ls -l");
		exit(1);
	}
	while (getline(&text, &size, f) >= 0) {
		line++;
		text[strcspn(text, "#\r\n")] = '\0';
		for (at = text; *at; at++)
			if (*at == ',')
				*at = ' ';
		at = text + strspn(text, " \t");
		for (column = 0; *at; column++) {
			v = strtod(at, &end);
			if (end == at || !(v >= 0 && v <= 10000))
				bad_matrix(path, line,
					   "Latencies are numbers from 0 to 10000, in milliseconds.");
			if (column == SIM_SITES_MAX)
				bad_matrix(path, line,
					   "There may be 4096 sites.");
			cfg->matrix = realloc(cfg->matrix, (n + 1) *
					      sizeof(*cfg->matrix));
			if (!cfg->matrix)
				abort();
			cfg->matrix[n++] = (uint32_t)(v * 1000);
			at = end + strspn(end, " \t");
		}
		if (!column)
			continue;
		if (!cfg->sites)
			cfg->sites = column;
		if (column != cfg->sites)
			bad_matrix(path, line,
				   "Each line has as many numbers as the first.");
	}
	if (!n || n != (size_t)cfg->sites * cfg->sites)
		bad_matrix(path, line, "There are as many lines as columns.");
	free(text);
	fclose(f);
}

enum {
	OPT_NODES = 256, OPT_NAMES, OPT_RESOLVE_ONLY, OPT_KNOWN, OPT_SKEW,
	OPT_REAL_CRYPTO, OPT_LATENCY, OPT_MATRIX, OPT_LOSS, OPT_NAT, OPT_JOIN,
	OPT_SETTLE, OPT_TIME, OPT_RESOLVES, OPT_CHURN, OPT_VANISH, OPT_SEED,
	OPT_SIGNATURES, OPT_JSON, OPT_PLOT, OPT_SAMPLE, OPT_VERSION,
};

static const struct option options[] = {
	{ "nodes",	  required_argument, NULL, OPT_NODES },
	{ "names",	  required_argument, NULL, OPT_NAMES },
	{ "resolve-only", required_argument, NULL, OPT_RESOLVE_ONLY },
	{ "known",	  required_argument, NULL, OPT_KNOWN },
	{ "skew",	  required_argument, NULL, OPT_SKEW },
	{ "real-crypto",  no_argument,	     NULL, OPT_REAL_CRYPTO },
	{ "latency",	  required_argument, NULL, OPT_LATENCY },
	{ "matrix",	  required_argument, NULL, OPT_MATRIX },
	{ "loss",	  required_argument, NULL, OPT_LOSS },
	{ "nat",	  required_argument, NULL, OPT_NAT },
	{ "join",	  required_argument, NULL, OPT_JOIN },
	{ "settle",	  required_argument, NULL, OPT_SETTLE },
	{ "time",	  required_argument, NULL, OPT_TIME },
	{ "resolves",	  required_argument, NULL, OPT_RESOLVES },
	{ "churn",	  required_argument, NULL, OPT_CHURN },
	{ "vanish",	  required_argument, NULL, OPT_VANISH },
	{ "seed",	  required_argument, NULL, OPT_SEED },
	{ "signatures",	  no_argument,	     NULL, OPT_SIGNATURES },
	{ "json",	  required_argument, NULL, OPT_JSON },
	{ "plot",	  required_argument, NULL, OPT_PLOT },
	{ "sample",	  required_argument, NULL, OPT_SAMPLE },
	{ "quiet",	  no_argument,	     NULL, 'q' },
	{ "help",	  no_argument,	     NULL, 'h' },
	{ "version",	  no_argument,	     NULL, OPT_VERSION },
	{ 0 }
};

static bool take(struct run_options *o, int c, const char *v)
{
	struct sim_config *s = &o->sim;

	switch (c) {
	case OPT_NODES:
		o->nodes = whole("nodes", v, 1, 1e6,
				 "a whole number from 1 to 1000000");
		break;
	case OPT_NAMES:
		s->names = whole("names", v, 1, 100,
				 "a whole number from 1 to 100");
		break;
	case OPT_RESOLVE_ONLY:
		s->resolve_only = part("resolve-only", v);
		break;
	case OPT_KNOWN:
		s->known = whole("known", v, 1, 16,
				 "a whole number from 1 to 16");
		break;
	case OPT_SKEW:
		s->skew = time_value("skew", v);
		break;
	case OPT_REAL_CRYPTO:
		s->real_crypto = true;
		break;
	case OPT_LATENCY:
		latency(s, v);
		break;
	case OPT_MATRIX:
		matrix(s, v);
		break;
	case OPT_LOSS:
		s->loss = part("loss", v);
		break;
	case OPT_NAT:
		s->nat = part("nat", v);
		break;
	case OPT_JOIN:
		o->join = time_value("join", v);
		break;
	case OPT_SETTLE:
		o->settle = time_value("settle", v);
		break;
	case OPT_TIME:
		o->time = number("time", v, 1, 1e6,
				 "a number of seconds from 1 to 1000000");
		break;
	case OPT_RESOLVES:
		o->resolves = whole("resolves", v, 0, 1e9,
				    "a whole number from 0 to 1000000000");
		break;
	case OPT_CHURN:
		o->churn = part("churn", v);
		break;
	case OPT_VANISH:
		o->vanish = part("vanish", v);
		if (o->vanish > 0.99)
			bad_value("vanish", v, "at most 99 %");
		break;
	case OPT_SEED:
		s->seed = whole("seed", v, 0, 9e15,
				"a whole number from 0 to 9e15");
		break;
	case OPT_SIGNATURES:
		o->signatures = true;
		break;
	case OPT_JSON:
		o->json = v;
		break;
	case OPT_PLOT:
		o->plot = v;
		break;
	case OPT_SAMPLE:
		o->sample = number("sample", v, 0.1, 1e5,
				   "a number of seconds from 0.1 to 100000");
		break;
	case 'q':
		o->quiet = true;
		break;
	default:
		return false;
	}
	return true;
}

static void parse(struct run_options *o, int argc, char **argv)
{
	char what[200];
	int c, at;

	opterr = 0;
	while (at = optind,
	       (c = getopt_long(argc, argv, ":qh", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			exit(fflush(stdout) ? 1 : 0);
		}
		if (c == OPT_VERSION) {
			printf("peer6-sim %s\n", PEER6_VERSION);
			exit(fflush(stdout) ? 1 : 0);
		}
		if (take(o, c, optarg))
			continue;
		if (c == ':') {
			snprintf(what, sizeof(what), "%.100s needs a value",
				 argv[at]);
			usage("missing", what,
			      "The value follows an equals sign.");
		}
		snprintf(what, sizeof(what),
			 "option %.100s is not known, ambiguous, or takes no value",
			 argv[at]);
		usage("unknown-word", what, NULL);
	}
	if (optind < argc) {
		snprintf(what, sizeof(what), "\"%.100s\" is no option",
			 argv[optind]);
		usage("unknown-word", what, "All options start with two dashes.");
	}
	if (o->sim.resolve_only >= 1)
		usage("bad-value", "--resolve-only=100% leaves nobody",
		      "A cloud needs nodes that publish.");
	if (o->join < 0)
		o->join = fmin(0.2 * o->nodes, 600);
}

int main(int argc, char **argv)
{
	static struct run_result result;
	struct run_options o = {
		.sim = {
			.seed = 1,
			.latency_min = 10 * PEER6_MS,
			.latency_max = 100 * PEER6_MS,
			.names = 1,
			.known = 3,
		},
		.nodes = 50,
		.join = -1,
		.settle = 300,
		.time = 600,
		.resolves = 10000,
		.sample = 10,
	};

	parse(&o, argc, argv);
	if (o.signatures && run_signatures(&result))
		return 1;
	if (run(&o, &result))
		return 1;
	report_text(&o, &result);
	if (o.json && report_json(&o, &result))
		return 1;
	if (o.plot && report_plots(&o, &result))
		return 1;
	free(o.sim.matrix);
	if (fflush(stdout) || ferror(stdout)) {
		fail("failed", "the output could not be written",
		     strerror(errno), "df -h");
		return 1;
	}
	return 0;
}
