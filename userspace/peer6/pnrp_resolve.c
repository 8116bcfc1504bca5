// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "pnrp.h"

#define TIMEOUT_STANDARD	30.0	/* seconds; also the protocol's */
#define TIMEOUT_MIN		0.1
#define TIMEOUT_MAX		600.0
#define GRACE			5.0	/* of the daemon, to say that it failed */
#define RESULTS_MAX		64
/* Enough to see that an unsecured name is contested. */
#define RESULTS_UNSECURED	8
#define PROGRESS_FIRST		0.5	/* seconds until something is said */
#define PROGRESS_EVERY_MS	250

struct resolve {
	struct p6 *p6;
	const char *subject;	/* the name or the ID, as it was given */
	bool secure;
	unsigned long max;
	bool trace;		/* show the steps */
	double started, timeout;
	bool progress, progress_shown;
	size_t n_steps, n_results;
	json_t *results, *steps, *ends;
};

enum { R_NAME, R_CLOUD, R_CRITERIA, R_NEAR, R_LOCAL, R_MAX, R_TARGET };

static const struct p6_tag tags[] = {
	[R_NAME] = { "name", P6_TAG_ORDERED, "a name" },
	[R_CLOUD] = { "cloud", P6_TAG_ORDERED, "a cloud" },
	[R_CRITERIA] = { "criteria", P6_TAG_NAMED, "any or nearest" },
	[R_NEAR] = { "near", P6_TAG_NAMED, "a prefix" },
	[R_LOCAL] = { "local", P6_TAG_NAMED, "yes or no" },
	[R_MAX] = { "max", P6_TAG_NAMED, "a number" },
	/* traceroute only, and so the last */
	[R_TARGET] = { "target", P6_TAG_NAMED, "an ID" },
};

static void clear_progress(struct resolve *r)
{
	if (r->progress_shown)
		fputs("\r\033[K", stderr);
	r->progress_shown = false;
}

static void show_progress(struct resolve *r)
{
	double took = p6_now() - r->started;

	if (!r->progress || took < PROGRESS_FIRST)
		return;
	fprintf(stderr, "\r\033[Kresolving: %zu %s asked, %zu found, %.0f s of %.0f s",
		r->n_steps, r->n_steps == 1 ? "node" : "nodes", r->n_results,
		took, r->timeout);
	r->progress_shown = true;
}

/* What others wrote is shown without what would steer a terminal. */
static void row_foreign(const char *name, const char *text)
{
	const unsigned char *c;

	if (!*text)
		return;
	printf("  %-27s: ", name);
	for (c = (const unsigned char *)text; *c; c++) {
		if (*c < 0x20 || *c == 0x7f ||
		    (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0))
			printf("\\x%02x", *c == 0xc2 ? *++c : *c);
		else
			putchar(*c);
	}
	putchar('\n');
}

static void put_result(const struct resolve *r, const json_t *result)
{
	const json_t *list, *item, *took;
	char buf[PNRP_ENDPOINT_MAX], protocol[8];
	bool secure = daemon_true(result, "secure");
	size_t i;

	printf("Found: %s in %s, %s%s%s\n", r->subject,
	       daemon_text(result, "cloud"),
	       p6_color(r->p6, secure ? P6_GREEN : P6_YELLOW),
	       pnrp_unsecured(secure), p6_color_end(r->p6));
	list = json_object_get(result, "applications");
	json_array_foreach(list, i, item)
		pnrp_row(i ? "" : "Addresses", "%s %s",
			 pnrp_endpoint(item, buf),
			 pnrp_protocol(daemon_int(item, "protocol"), protocol,
				       sizeof(protocol)));
	if (!json_array_size(list))
		pnrp_row("Addresses", "none");
	row_foreign("Comment", daemon_text(result, "comment"));
	row_foreign("Extended payload (string)",
		    daemon_text(result, "payload_string"));
	row_foreign("Extended payload (binary)",
		    daemon_text(result, "payload_binary"));
	if (!secure || r->p6->verbose)
		pnrp_row("Owner", "%s", daemon_text(result, "owner"));
	if (daemon_true(result, "delegated"))
		pnrp_row("Delegated", "yes");
	if (daemon_true(result, "local"))
		pnrp_row("Published by", "this host");
	if (!r->p6->verbose)
		return;
	pnrp_row("ID", "%s", daemon_text(result, "id"));
	list = json_object_get(result, "nodes");
	json_array_foreach(list, i, item)
		pnrp_row(i ? "" : "Publisher", "%s", pnrp_endpoint(item, buf));
	pnrp_row("Valid until", "%s", daemon_text(result, "not_after"));
	took = json_object_get(result, "took");
	pnrp_row("Found after", "%lld hops, %.0f ms",
		 daemon_int(result, "hops"), json_number_value(took) * 1000);
}

static const char *verdict_text(const char *verdict)
{
	static const char *const words[][2] = {
		{ "accepted", "Accepted" },
		{ "unreachable", "Rejected (Unreachable)" },
		{ "dead-end", "Rejected (Dead end)" },
		{ "not-registered", "Rejected (Not registered)" },
		{ "suspicious", "Rejected (Suspicious)" },
		{ "busy", "Rejected (Busy)" },
		{ "inquired", "Inquired" },
		{ "bad-record", "Rejected (Bad record)" },
	};
	size_t i;

	for (i = 0; i < P6_ARRAY_SIZE(words); i++)
		if (!strcmp(words[i][0], verdict))
			return words[i][1];
	return verdict;
}

static void put_step(const struct resolve *r, const json_t *step)
{
	char buf[PNRP_ENDPOINT_MAX];

	if (!r->trace)
		return;
	if (r->n_steps == 1)
		puts("Resolve Path:");
	printf("  %s, (%lld), (%.0f)  %s\n",
	       pnrp_endpoint(json_object_get(step, "endpoint"), buf),
	       daemon_int(step, "bits"),
	       json_number_value(json_object_get(step, "took")) * 1000,
	       verdict_text(daemon_text(step, "verdict")));
}

static void take(struct resolve *r, const json_t *reply)
{
	const json_t *list, *item;
	json_t *ends;
	size_t i;

	clear_progress(r);
	list = json_object_get(reply, "steps");
	json_array_foreach(list, i, item) {
		r->n_steps++;
		json_array_append(r->steps, (json_t *)item);
		if (!r->p6->json)
			put_step(r, item);
	}
	list = json_object_get(reply, "results");
	json_array_foreach(list, i, item) {
		r->n_results++;
		json_array_append(r->results, (json_t *)item);
		if (!r->p6->json)
			put_result(r, item);
	}
	ends = json_object_get(reply, "ends");
	if (ends) {
		json_decref(r->ends);
		r->ends = json_incref(ends);
	}
	fflush(stdout);
}

/* How many different keys signed what was found. */
static size_t owners(const struct resolve *r)
{
	const json_t *a, *b;
	size_t n = 0, i, k;

	json_array_foreach(r->results, i, a) {
		for (k = 0; k < i; k++) {
			b = json_array_get(r->results, k);
			if (!strcmp(daemon_text(a, "owner"),
				    daemon_text(b, "owner")))
				break;
		}
		n += k == i;
	}
	return n;
}

static int converse(struct resolve *r, json_t *call)
{
	int64_t end = varlink_deadline((r->timeout + GRACE) * 1000), next;
	struct p6 *p6 = r->p6;
	bool last = false;
	struct daemon d;
	json_t *reply;
	int err;

	err = daemon_open(p6, &d);
	if (err) {
		json_decref(call);
		return err;
	}
	err = daemon_start(&d, "io.peer6.Pnrp.Resolve", call);
	while (!err && !last) {
		next = end;
		if (r->progress && varlink_now() + PROGRESS_EVERY_MS < end)
			next = varlink_now() + PROGRESS_EVERY_MS;
		err = daemon_next(&d, next, &reply, &last);
		if (err)
			break;
		if (reply) {
			take(r, reply);
			json_decref(reply);
		} else if (next == end) {
			p6_fail(p6, P6_TIMEOUT, "peer6d does not answer");
			p6_fail_why(p6, "It had %g s for this name and did not say that it failed.",
				    r->timeout);
			err = p6_fail_do(p6, "systemctl status peer6d");
		} else {
			show_progress(r);
		}
	}
	clear_progress(r);
	daemon_close(&d);
	return err;
}

static int finish(struct resolve *r)
{
	size_t n = owners(r);
	json_t *object;

	if (!r->p6->json) {
		if (r->secure || !r->n_results)
			return 0;
		printf("%s%zu %s this name%s.\n",
		       r->n_results >= r->max ? "At least " : "", n,
		       n == 1 ? "owner claims" : "owners claim",
		       n == 1 ? "" : "; which of them is meant, PNRP does not say");
		return 0;
	}
	object = json_pack("{s:s,s:s,s:b,s:i,s:O}", "schema",
			   "peer6.pnrp-resolve/1", "name", r->subject,
			   "secure", r->secure, "owners", (int)n,
			   "results", r->results);
	if (r->trace)
		pnrp_put_new(object, "steps", json_incref(r->steps));
	if (r->ends)
		pnrp_put_new(object, "ends", json_incref(r->ends));
	return p6_print_json(r->p6, object);
}

static int read_target(struct p6 *p6, const char *text)
{
	size_t len = strlen(text);

	if (len == 64 && strspn(text, "0123456789abcdefABCDEF") == len)
		return 0;
	p6_fail(p6, P6_BAD_VALUE, "\"%s\" is no PNRP ID", text);
	p6_fail_why(p6, "An ID has 64 hexadecimal digits; this has %zu characters.",
		    len);
	return p6_fail_do(p6, "peer6 pnrp cloud show names");
}

static int read_options(struct p6 *p6, const char **values, json_t *call,
			unsigned long *max)
{
	static const struct { const char *word; } criteria[] = {
		{ "any" }, { "nearest" }, { "nearest64" },
	};
	static const struct { const char *word; } bools[] = {
		{ "yes" }, { "no" },
	};
	char *end;
	int i;

	if (values[R_CRITERIA]) {
		i = p6_word(p6, "criteria", WORDS(criteria), values[R_CRITERIA],
			    strlen(values[R_CRITERIA]));
		if (i < 0)
			return p6_fail_do(p6, "peer6 resolve --help");
		pnrp_put(call, "criteria", criteria[i].word);
	}
	if (values[R_LOCAL]) {
		i = p6_word(p6, "value", WORDS(bools), values[R_LOCAL],
			    strlen(values[R_LOCAL]));
		if (i < 0)
			return p6_fail_do(p6, "peer6 resolve --help");
		pnrp_put_new(call, "local", json_boolean(!i));
	}
	if (values[R_MAX]) {
		*max = strtoul(values[R_MAX], &end, 10);
		if (*end || values[R_MAX][0] == '-' || !*max ||
		    *max > RESULTS_MAX) {
			p6_fail(p6, P6_BAD_VALUE, "max=%s is not possible",
				values[R_MAX]);
			p6_fail_why(p6, "So many results can be asked for: 1 to %u.",
				    RESULTS_MAX);
			return p6_fail_do(p6, "peer6 resolve --help");
		}
	}
	if (p6->timeout && (p6->timeout_time < TIMEOUT_MIN ||
			    p6->timeout_time > TIMEOUT_MAX)) {
		p6_fail(p6, P6_BAD_VALUE, "--timeout=%g is not possible",
			p6->timeout_time);
		p6_fail_why(p6, "A resolve takes from %g to %g s.", TIMEOUT_MIN,
			    TIMEOUT_MAX);
		return p6_fail_do(p6, "peer6 resolve --help");
	}
	return 0;
}

/* Fills in what the call and the texts need; then values are all UTF-8. */
static int prepare(struct resolve *r, const char **values, size_t n,
		   json_t *call)
{
	struct peer6_name name;
	struct p6 *p6 = r->p6;
	int err;

	err = daemon_check_text(p6, "cloud", values[R_CLOUD]);
	if (!err)
		err = daemon_check_text(p6, "prefix", values[R_NEAR]);
	if (err)
		return err;
	r->subject = values[R_NAME];
	if (n > R_TARGET && values[R_TARGET]) {
		if (values[R_NAME]) {
			p6_fail(p6, P6_DUPLICATE, "name and target are given");
			p6_fail_why(p6, "The path to one of them can be shown.");
			return p6_fail_do(p6, "peer6 %s --help", p6->command);
		}
		r->subject = values[R_TARGET];
		err = read_target(p6, r->subject);
		pnrp_put(call, "target", r->subject);
	} else if (!r->subject) {
		p6_fail(p6, P6_MISSING, "%s: a name is missing", p6->command);
		p6_fail_why(p6, "It is a peer name, 0.alice, or a host name, alice.pnrp.net.");
		return p6_fail_do(p6, "peer6 %s --help", p6->command);
	} else {
		err = pnrp_check_name(p6, r->subject, &name);
		if (!err) {
			r->secure = name.secure;
			pnrp_put(call, "name", r->subject);
			if (!r->secure && !r->max)
				r->max = RESULTS_UNSECURED;
		}
	}
	if (!r->max)
		r->max = 1;
	if (!err)
		err = read_options(p6, values, call, &r->max);
	if (err)
		return err;
	if (p6->timeout)
		r->timeout = p6->timeout_time;
	if (values[R_CLOUD])
		pnrp_put_new(call, "clouds", json_pack("[s]", values[R_CLOUD]));
	pnrp_put(call, "prefix", values[R_NEAR]);
	pnrp_put_new(call, "max_results", json_integer(r->max));
	pnrp_put_new(call, "timeout", json_real(r->timeout));
	if (r->trace || r->progress)
		pnrp_put_new(call, "steps", json_true());
	return 0;
}

static int resolve(struct p6 *p6, int argc, char **argv, size_t n_tags,
		   unsigned long max, bool trace)
{
	const char *values[P6_ARRAY_SIZE(tags)];
	struct resolve r = {
		.p6 = p6, .max = max, .trace = trace,
		.timeout = TIMEOUT_STANDARD, .started = p6_now(),
		.progress = isatty(STDERR_FILENO) && !p6->quiet && !p6->json,
	};
	json_t *call;
	int err;

	err = p6_args(p6, argc, argv, tags, n_tags, values);
	if (err)
		return err;
	call = json_object();
	r.results = json_array();
	r.steps = json_array();
	if (!call || !r.results || !r.steps)
		err = p6_fail_memory(p6);
	if (!err)
		err = prepare(&r, values, n_tags, call);
	if (!err) {
		if (r.progress)
			p6_note(p6, "Resolve started...");
		err = converse(&r, call);
		call = NULL;
	}
	if (!err)
		err = finish(&r);
	json_decref(call);
	json_decref(r.results);
	json_decref(r.steps);
	json_decref(r.ends);
	return err;
}

int p6_resolve(struct p6 *p6, int argc, char **argv)
{
	return resolve(p6, argc, argv, R_TARGET, 0, false);
}

int pnrp_peer_traceroute(struct p6 *p6, int argc, char **argv)
{
	return resolve(p6, argc, argv, R_TARGET + 1, 1, true);
}

int pnrp_peer_enumerate(struct p6 *p6, int argc, char **argv)
{
	return resolve(p6, argc, argv, R_TARGET, RESULTS_MAX, false);
}
