// SPDX-License-Identifier: GPL-2.0-or-later
/* io.peer6.Pnrp.Resolve(): one question to all clouds at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "keys.h"
#include "rpc.h"

struct part {
	struct cloud_wait	wait;		/* first: see on_event() */
	struct resolve		*resolve;
	char			name[CLOUD_NAME_MAX];
	char			key[CLOUD_KEY_MAX];
	uint8_t			prefix[8];
	bool			lonely;		/* waits for others to come */
	bool			ended;
	int			error;
	unsigned int		results, steps;
};

struct resolve {
	struct call		*call;
	uv_timer_t		timer;		/* of the lonely */
	struct peer6_pnrp_query	query;
	char			text[PEER6_NAME_SIZE];	/* or the ID */
	bool			want_steps;
	unsigned int		max_results, found;
	uint64_t		start;
	struct part		parts[CLOUDS_MAX];
	unsigned int		n, running;
	bool			starting;
	json_t			*results, *steps;	/* not told yet */
	struct peer6_pnrp_id	seen[RESULTS_MAX];
};

static void cancel_all(struct resolve *r)
{
	unsigned int i;

	for (i = 0; i < r->n; i++)
		cloud_cancel(&r->parts[i].wait);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void resolve_free(struct resolve *r)
{
	cancel_all(r);
	json_decref(r->results);
	json_decref(r->steps);
	uv_close((uv_handle_t *)&r->timer, on_closed);
}

static void resolve_abort(void *op)
{
	resolve_free(op);
}

/* What is new since the last time; the arrays begin anew. */
static json_t *news(struct resolve *r)
{
	json_t *o = json_pack("{s:o,s:o}", "results", r->results, "steps",
			      r->steps);

	r->results = json_array();
	r->steps = json_array();
	return o;
}

static json_t *ends(const struct resolve *r)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < r->n; i++) {
		const struct part *p = &r->parts[i];

		json_array_append_new(list,
			json_pack("{s:s,s:s,s:i,s:i}", "cloud", p->name,
				  "reason", peer6_reason(p->error),
				  "results", p->results, "steps", p->steps));
	}
	return list;
}

/*
 * Which of the clouds' reasons is the one to tell: an answer ("there is no such
 * name") says more than a failure to ask.
 */
static int verdict(const struct resolve *r)
{
	static const int order[] = {
		PEER6_E_NOT_FOUND, PEER6_E_TIMEOUT, PEER6_E_BUSY,
		PEER6_E_NO_ADDRESS,
	};
	unsigned int i, k;

	for (k = 0; k < sizeof(order) / sizeof(order[0]); k++)
		for (i = 0; i < r->n; i++)
			if (r->parts[i].error == order[k])
				return order[k];
	for (i = 0; i < r->n; i++)
		if (r->parts[i].error)
			return r->parts[i].error;
	return r->n ? PEER6_E_NOT_FOUND : PEER6_E_NO_ADDRESS;
}

static void explain(const struct resolve *r, char *buf, size_t size)
{
	size_t len = 0;
	unsigned int i;

	buf[0] = '\0';
	for (i = 0; i < r->n && len < size; i++) {
		const struct part *p = &r->parts[i];

		len += snprintf(buf + len, size - len,
				"%s%s: %s after %u steps",
				i ? "; " : "", p->name,
				peer6_strerror(p->error ? p->error :
					       PEER6_E_NOT_FOUND), p->steps);
	}
	if (len + 1 < size)
		strcpy(buf + len, r->n ? "." : "This host has no cloud.");
}

static void finish(struct resolve *r)
{
	struct call *call = r->call;
	struct events *events = call->daemon->events;
	char message[PEER6_NAME_SIZE + 40], why[1000];
	int error = r->found ? 0 : verdict(r);
	json_t *last;

	call->abort = NULL;
	event_begin(events, EVENT_RESOLVED, LOG_DEBUG);
	event_string(events, "name", r->text);
	event_value(events, r->found);
	event_reason(events, error);
	event_send(events, "resolved %s: %u found", r->text, r->found);
	if (r->found) {
		last = news(r);
		json_object_set_new(last, "ends", ends(r));
		resolve_free(r);
		call_reply(call, last);
		return;
	}
	/* Steps that were not told yet go before the error that ends it. */
	if (call->more && json_array_size(r->steps))
		call_part(call, news(r));
	snprintf(message, sizeof(message), "%s was not resolved", r->text);
	explain(r, why, sizeof(why));
	resolve_free(r);
	call_fail(call, error, message, why,
		  error == PEER6_E_NO_ADDRESS ? "peer6 pnrp cloud show list" :
						"");
}

static uint64_t elapsed_ms(const struct resolve *r)
{
	return (uv_hrtime() - r->start) / PEER6_MS;
}

static void part_ended(struct part *p, int error);

/* Asks those who came meanwhile; or gives up. */
static void ask_again(struct part *p)
{
	struct resolve *r = p->resolve;
	struct cloud *cloud = cloud_by_key(r->call->daemon, p->key);
	struct peer6_pnrp_query q = r->query;
	struct peer6_pnrp_stats stats;
	int ret = PEER6_E_NO_CLOUD;

	if (cloud) {
		peer6_pnrp_get_stats(cloud->node, &stats);
		if (!stats.cached && elapsed_ms(r) < LONELY_WAIT_MS &&
		    elapsed_ms(r) < q.timeout / PEER6_MS) {
			cloud_greet(cloud);
			return;
		}
		p->lonely = false;
		memcpy(q.prefix, p->prefix, sizeof(q.prefix));
		ret = stats.cached ? cloud_resolve(cloud, &q, &p->wait) :
				     PEER6_E_NOT_FOUND;
	}
	p->lonely = false;
	if (ret)
		part_ended(p, ret);
}

static void on_lonely(uv_timer_t *timer)
{
	struct resolve *r = timer->data;
	bool more = false;
	unsigned int i;

	/* No end within the loop: what ended all would free what it walks. */
	r->starting = true;
	for (i = 0; i < r->n; i++) {
		if (r->parts[i].lonely && !r->parts[i].ended)
			ask_again(&r->parts[i]);
		more |= r->parts[i].lonely;
	}
	r->starting = false;
	if (!more)
		uv_timer_stop(timer);
	if (!r->running)
		finish(r);
}

/*
 * An empty cache is no answer: whoever resolves first thing after the start, or
 * first on a link, shall find what is there.
 */
static bool is_lonely(const struct part *p, int error)
{
	const struct cloud *cloud = p->wait.cloud;
	struct peer6_pnrp_stats stats;

	if (error != PEER6_E_NOT_FOUND || p->steps || p->results || !cloud ||
	    cloud->closing || !cloud->n_local ||
	    elapsed_ms(p->resolve) >= LONELY_WAIT_MS)
		return false;
	peer6_pnrp_get_stats(cloud->node, &stats);
	return !stats.cached;
}

static void part_ended(struct part *p, int error)
{
	struct resolve *r = p->resolve;

	if (p->ended)
		return;
	if (!p->lonely && is_lonely(p, error)) {
		p->lonely = true;
		cloud_cancel(&p->wait);
		if (!uv_is_active((uv_handle_t *)&r->timer))
			uv_timer_start(&r->timer, on_lonely, 0,
				       LONELY_CHECK_MS);
		return;
	}
	p->lonely = false;
	p->ended = true;
	p->error = error;
	cloud_cancel(&p->wait);
	if (!--r->running && !r->starting)
		finish(r);
}

static json_t *payload_json(const struct peer6_pnrp_payload *payload)
{
	if (payload->type != PEER6_PNRP_PAYLOAD_STRING)
		return json_base64(payload->data.p, payload->data.len);
	if (!payload->string_type)
		return json_utf16le(payload->data.p, payload->data.len);
	return json_stringn((const char *)payload->data.p,
			    strnlen((const char *)payload->data.p,
				    payload->data.len));
}

static json_t *result_json(const struct part *p,
			   const struct peer6_pnrp_result *result)
{
	const struct resolve *r = p->resolve;
	const struct peer6_pnrp_cpa *cpa = result->cpa;
	const struct cloud *cloud = p->wait.cloud;
	json_t *apps = json_array(), *nodes = json_array(), *o;
	struct peer6_endpoint ep;
	uint8_t owner[20];
	unsigned int i;

	for (i = 0; i < cpa->n_apps; i++)
		json_array_append_new(apps,
				      json_application(cloud, &cpa->apps[i]));
	for (i = 0; i < cpa->n_service; i++) {
		ep = cpa->service[i];
		ep.scope_id = cloud->index;
		json_array_append_new(nodes, json_endpoint(&ep));
	}
	o = json_pack("{s:s,s:s,s:b,s:b,s:b,s:o,s:o,s:o,s:i,s:f}",
		      "cloud", p->name, "name", r->text,
		      "secure", result->secure, "delegated", result->delegated,
		      "local", result->local, "applications", apps,
		      "nodes", nodes, "not_after",
		      json_ms(filetime_to_unix_ms(cpa->not_after)),
		      "hops", result->hops,
		      "took", (uv_hrtime() - r->start) / 1e9);
	if (!o)
		return NULL;
	put_hex(o, "id", result->id.b, sizeof(result->id.b));
	if (!peer6_name_authority(keys_crypto(r->call->daemon->keys), cpa->key,
				  sizeof(cpa->key), owner))
		put_hex(o, "owner", owner, sizeof(owner));
	if (cpa->n_comment)
		put(o, "comment", cpa->flags & PEER6_PNRP_CPA_U ?
		    json_stringn((const char *)cpa->comment, cpa->n_comment) :
		    json_utf16le(cpa->comment, cpa->n_comment));
	if (result->payload)
		put(o, result->payload->type == PEER6_PNRP_PAYLOAD_STRING ?
		    "payload_string" : "payload_binary",
		    payload_json(result->payload));
	return o;
}

static void on_result(struct part *p, const struct peer6_pnrp_result *result)
{
	struct resolve *r = p->resolve;
	unsigned int i;

	for (i = 0; i < r->found; i++)
		if (!peer6_pnrp_id_cmp(&r->seen[i], &result->id))
			return;
	if (r->found == r->max_results)
		return;
	r->seen[r->found++] = result->id;
	p->results++;
	json_array_append_new(r->results, result_json(p, result));
	if (r->found < r->max_results) {
		if (r->call->more)
			call_part(r->call, news(r));
		return;
	}
	/* Enough: nobody is asked any more. */
	r->starting = true;
	for (i = 0; i < r->n; i++)
		part_ended(&r->parts[i],
			   r->parts[i].results ? 0 : PEER6_E_CANCELED);
	finish(r);
}

static const char *verdict_name(enum peer6_pnrp_verdict v)
{
	static const char *const names[] = {
		"accepted", "unreachable", "dead-end", "not-registered",
		"suspicious", "busy", "inquired", "bad-record",
	};

	return v < sizeof(names) / sizeof(names[0]) ? names[v] : "accepted";
}

static void on_step(struct part *p, const struct peer6_pnrp_hop *hop)
{
	struct resolve *r = p->resolve;
	struct peer6_endpoint ep = hop->endpoint;
	json_t *o;

	p->steps++;
	if (!r->want_steps)
		return;
	ep.scope_id = p->wait.cloud->index;
	o = json_pack("{s:s,s:o,s:i,s:f,s:s}", "cloud", p->name, "endpoint",
		      json_endpoint(&ep), "bits", hop->bits, "took",
		      hop->took / 1e9, "verdict", verdict_name(hop->verdict));
	if (!o)
		return;
	put_hex(o, "id", hop->id.b, sizeof(hop->id.b));
	json_array_append_new(r->steps, o);
	if (r->call->more)
		call_part(r->call, news(r));
}

static void on_event(struct cloud_wait *wait,
		     const struct peer6_pnrp_event *ev)
{
	struct part *p = (struct part *)wait;

	if (ev->type == PEER6_PNRP_EV_RESOLVE_STEP && ev->hop)
		on_step(p, ev->hop);
	else if (ev->type == PEER6_PNRP_EV_RESOLVE_RESULT && ev->result)
		on_result(p, ev->result);
	else if (ev->type == PEER6_PNRP_EV_RESOLVE_END)
		part_ended(p, ev->error);
}

static bool hex_id(struct peer6_pnrp_id *id, const char *text)
{
	unsigned int i;

	if (strlen(text) != 64 ||
	    strspn(text, "0123456789abcdefABCDEF") != 64)
		return false;
	for (i = 0; i < sizeof(id->b); i++)
		if (sscanf(text + 2 * i, "%2hhx", &id->b[i]) != 1)
			return false;
	return true;
}

static bool take_criteria(struct peer6_pnrp_query *q, const char *word)
{
	if (!word || !strcmp(word, "any_instance"))
		q->criteria = PEER6_PNRP_ANY_PEERNAME;
	else if (!strcmp(word, "nearest"))
		q->criteria = PEER6_PNRP_NEAREST_PEERNAME;
	else if (!strcmp(word, "nearest64"))
		q->criteria = PEER6_PNRP_NEAREST64_PEERNAME;
	else
		return false;
	return true;
}

/* False: answered. */
static bool take_name(struct resolve *r, const char *text, const char *target)
{
	struct peer6_name name;
	int ret;

	if (target) {
		if (text || !hex_id(&r->query.target, target)) {
			call_bad_parameter(r->call, "target");
			return false;
		}
		r->query.has_target = true;
		strcpy(r->text, target);
		memcpy(r->query.p2p_id, r->query.target.b, PEER6_P2P_ID_LEN);
		return true;
	}
	if (!text) {
		call_bad_parameter(r->call, "name");
		return false;
	}
	ret = name_or_host_parse(&name, text);
	if (!ret)
		ret = peer6_name_p2p_id(&name,
					keys_crypto(r->call->daemon->keys),
					r->query.p2p_id);
	if (ret) {
		char message[200];

		snprintf(message, sizeof(message), "\"%.150s\" is no name",
			 text);
		call_fail(r->call, ret, peer6_utf8_to_utf16(message,
							    strlen(message),
							    NULL, 0) < 0 ?
			  NULL : message, peer6_strerror(ret), "");
		return false;
	}
	peer6_name_format(&name, r->text, sizeof(r->text));
	r->query.secure = name.secure;
	memcpy(r->query.authority, name.authority, PEER6_PNRP_HASH_LEN);
	return true;
}

static void start(struct resolve *r, struct cloud **clouds, unsigned int n,
		  bool own_prefix)
{
	struct peer6_pnrp_query q = r->query;
	unsigned int i;
	int ret;

	r->n = n;
	r->running = n;
	r->call->op = r;
	r->call->abort = resolve_abort;
	/* No end within this, even if some fail at once: see finish(). */
	r->starting = true;
	for (i = 0; i < n; i++) {
		r->parts[i].resolve = r;
		r->parts[i].wait.event = on_event;
		strcpy(r->parts[i].name, clouds[i]->name);
		strcpy(r->parts[i].key, clouds[i]->key);
	}
	for (i = 0; i < n; i++) {
		if (own_prefix && clouds[i]->n_local)
			memcpy(q.prefix, clouds[i]->local[0].addr, 8);
		memcpy(r->parts[i].prefix, q.prefix, sizeof(q.prefix));
		ret = cloud_resolve(clouds[i], &q, &r->parts[i].wait);
		if (ret)
			part_ended(&r->parts[i], ret);
	}
	r->starting = false;
	if (!r->running)
		finish(r);
}

void rpc_resolve(struct call *call)
{
	const char *name = NULL, *target = NULL, *criteria = NULL;
	const char *prefix = NULL;
	struct cloud *clouds[CLOUDS_MAX];
	json_t *names = NULL;
	double timeout = RESOLVE_DEFAULT_S;
	json_int_t max = 1;
	int local = 1, steps = 0;
	unsigned int n;
	const struct arg args[] = {
		{ "name", ARG_STRING, false, &name },
		{ "target", ARG_STRING, false, &target },
		{ "clouds", ARG_STRINGS, false, &names },
		{ "criteria", ARG_STRING, false, &criteria },
		{ "prefix", ARG_STRING, false, &prefix },
		{ "local", ARG_BOOL, false, &local },
		{ "max_results", ARG_INT, false, &max },
		{ "timeout", ARG_REAL, false, &timeout },
		{ "steps", ARG_BOOL, false, &steps },
	};
	struct resolve *r;

	if (!call_args(call, args, 9))
		return;
	if (max < 1 || max > RESULTS_MAX) {
		call_bad_parameter(call, "max_results");
		return;
	}
	if (!(timeout >= RESOLVE_MIN_S && timeout <= RESOLVE_MAX_S)) {
		call_bad_parameter(call, "timeout");
		return;
	}
	r = calloc(1, sizeof(*r));
	if (!r) {
		call_fail(call, PEER6_E_NOMEM, NULL, NULL, NULL);
		return;
	}
	uv_timer_init(call->daemon->loop, &r->timer);
	r->timer.data = r;
	r->call = call;
	r->start = uv_hrtime();
	r->results = json_array();
	r->steps = json_array();
	r->max_results = max;
	r->want_steps = steps;
	r->query.max_results = max;
	r->query.consider_local = local;
	r->query.timeout = timeout * PEER6_SECOND;
	if (!take_criteria(&r->query, criteria)) {
		resolve_free(r);
		call_bad_parameter(call, "criteria");
		return;
	}
	if (prefix && !prefix_parse(r->query.prefix, prefix)) {
		resolve_free(r);
		call_bad_parameter(call, "prefix");
		return;
	}
	if (!take_name(r, name, target) ||
	    !clouds_arg(call, names, clouds, &n)) {
		resolve_free(r);
		return;
	}
	start(r, clouds, n, !prefix);
}
