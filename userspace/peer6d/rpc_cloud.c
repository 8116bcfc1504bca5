// SPDX-License-Identifier: GPL-2.0-or-later
/* io.peer6.Pnrp: what is done to clouds, and asking one node. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "registrations.h"
#include "rpc.h"
#include "seeds.h"
#include "store.h"

void rpc_start_cloud(struct call *call)
{
	const char *name = NULL;
	const struct arg args[] = {
		{ "cloud", ARG_STRING, true, &name },
	};
	struct cloud *cloud;
	int ret;

	if (!call_args(call, args, 1))
		return;
	cloud = cloud_arg(call, name);
	if (!cloud)
		return;
	ret = cloud->opened ? 0 : cloud_open(cloud);
	if (ret)
		call_fail(call, ret, NULL, NULL, NULL);
	else
		call_reply(call, json_object());
}

static void each(struct call *call, void (*what)(struct cloud *cloud))
{
	struct cloud *clouds[CLOUDS_MAX];
	json_t *names = NULL, *list;
	const struct arg args[] = {
		{ "clouds", ARG_STRINGS, false, &names },
	};
	unsigned int i, n;

	if (!call_args(call, args, 1) || !clouds_arg(call, names, clouds, &n))
		return;
	list = json_array();
	for (i = 0; i < n; i++) {
		cloud_enter(clouds[i]);
		what(clouds[i]);
		cloud_leave(clouds[i]);
		json_array_append_new(list, json_string(clouds[i]->name));
	}
	call_reply(call, json_pack("{s:o}", "clouds", list));
}

static void flush(struct cloud *cloud)
{
	peer6_pnrp_flush(cloud->node, cloud_now());
}

static void repair(struct cloud *cloud)
{
	peer6_pnrp_repair(cloud->node, cloud_now());
}

void rpc_flush(struct call *call)
{
	each(call, flush);
}

void rpc_repair(struct call *call)
{
	each(call, repair);
}

void rpc_set_mode(struct call *call)
{
	const char *name = NULL, *mode = NULL;
	const struct arg args[] = {
		{ "cloud", ARG_STRING, true, &name },
		{ "mode", ARG_STRING, true, &mode },
	};
	struct daemon *d = call->daemon;
	struct cloud *cloud;
	bool resolve_only;
	int ret;

	if (!call_args(call, args, 2))
		return;
	resolve_only = !strcmp(mode, "resolve_only");
	if (!resolve_only && strcmp(mode, "default")) {
		call_bad_parameter(call, "mode");
		return;
	}
	cloud = cloud_arg(call, name);
	if (!cloud)
		return;
	ret = store_set_mode(d->store, cloud->key, resolve_only);
	if (!ret && cloud->resolve_only != resolve_only) {
		registrations_cloud_gone(d->registrations, cloud);
		ret = cloud_set_mode(cloud, resolve_only);
		registrations_addresses(d->registrations);
	}
	if (ret)
		call_fail(call, ret, NULL, NULL, NULL);
	else
		call_reply(call, json_object());
}

/* Ping() and Synchronize() of hosts: first their addresses, then the asking. */
struct ping {
	struct cloud_wait	wait;		/* first: see pong() */
	struct hosts		*hosts;
	unsigned int		host;
	struct peer6_endpoint	ep;
	uint64_t		start;
	bool			waiting;
};

struct host_asked {
	struct hosts	*hosts;
	char		text[SEED_TEXT_MAX];
	struct lookup	*lookup;
};

struct hosts {
	struct call	*call;
	char		key[CLOUD_KEY_MAX];	/* the cloud may go meanwhile */
	bool		ping;
	unsigned int	n;
	struct host_asked host[SEEDS_MAX];
	struct ping	pings[SEEDS_MAX * 2];
	unsigned int	n_pings;
	unsigned int	waiting;	/* lookups and pings without an end */
	json_t		*result;
	uv_timer_t	timer;
};

static void on_freed(uv_handle_t *handle)
{
	struct hosts *h = handle->data;

	json_decref(h->result);
	free(h);
}

static void hosts_free(struct hosts *h)
{
	unsigned int i;

	for (i = 0; i < h->n; i++)
		lookup_cancel(h->host[i].lookup);
	for (i = 0; i < h->n_pings; i++)
		cloud_cancel(&h->pings[i].wait);
	uv_close((uv_handle_t *)&h->timer, on_freed);
}

static void hosts_abort(void *op)
{
	hosts_free(op);
}

static void finish(struct hosts *h)
{
	struct call *call = h->call;
	json_t *result = json_incref(h->result);
	bool ping = h->ping;

	call->abort = NULL;
	hosts_free(h);
	call_reply(call, json_pack("{s:o}", ping ? "pongs" : "endpoints",
				   result));
}

static void add_pong(struct hosts *h, const char *host,
		     const struct peer6_endpoint *ep, double took, int error)
{
	struct cloud *cloud = cloud_by_key(h->call->daemon, h->key);
	json_t *o = json_pack("{s:s,s:s}", "cloud", cloud ? cloud->name : "",
			      "host", host);

	if (!o)
		return;
	if (ep)
		put(o, "endpoint", json_endpoint(ep));
	if (error)
		put(o, "reason", json_string(peer6_reason(error)));
	else
		put(o, "took", json_real(took));
	json_array_append_new(h->result, o);
}

static void done_one(struct hosts *h)
{
	if (!--h->waiting)
		finish(h);
}

static void pong(struct cloud_wait *wait, const struct peer6_pnrp_event *ev)
{
	struct ping *p = (struct ping *)wait;

	if (!p->waiting)
		return;
	p->waiting = false;
	cloud_cancel(wait);
	add_pong(p->hosts, p->hosts->host[p->host].text, &p->ep,
		 (uv_hrtime() - p->start) / 1e9, ev->error);
	done_one(p->hosts);
}

static void on_timeout(uv_timer_t *timer)
{
	struct hosts *h = timer->data;
	unsigned int i;

	for (i = 0; i < h->n; i++)
		if (h->host[i].lookup)
			add_pong(h, h->host[i].text, NULL, 0, PEER6_E_TIMEOUT);
	for (i = 0; i < h->n_pings; i++)
		if (h->pings[i].waiting)
			add_pong(h, h->host[h->pings[i].host].text,
				 &h->pings[i].ep, 0, PEER6_E_TIMEOUT);
	finish(h);
}

static void ask(struct hosts *h, unsigned int host,
		const struct peer6_endpoint *ep)
{
	struct cloud *cloud = cloud_by_key(h->call->daemon, h->key);
	struct ping *p;
	int ret;

	if (!cloud)
		return;
	if (!h->ping) {
		if (!cloud->opened)
			cloud_open(cloud);
		cloud_enter(cloud);
		ret = peer6_pnrp_synchronize(cloud->node, ep, cloud_now());
		cloud_leave(cloud);
		if (!ret)
			json_array_append_new(h->result, json_endpoint(ep));
		return;
	}
	if (h->n_pings == SEEDS_MAX * 2)
		return;
	p = &h->pings[h->n_pings++];
	p->hosts = h;
	p->host = host;
	p->ep = *ep;
	p->start = uv_hrtime();
	p->wait.event = pong;
	p->waiting = true;
	h->waiting++;
	ret = cloud_ping(cloud, ep, &p->wait);
	if (ret && p->waiting) {
		p->waiting = false;
		h->waiting--;
		add_pong(h, h->host[host].text, ep, 0, ret);
	}
}

static void on_found(void *ctx, int error, const char *words,
		     const struct peer6_endpoint *ep, unsigned int n)
{
	struct host_asked *host = ctx;
	struct hosts *h = host->hosts;
	unsigned int i;
	char message[400];

	host->lookup = NULL;
	if (error && h->n == 1) {
		struct call *call = h->call;

		snprintf(message, sizeof(message), "%s has no address",
			 host->text);
		call->abort = NULL;
		hosts_free(h);
		call_fail(call, error, message, words, "");
		return;
	}
	if (error && h->ping)
		add_pong(h, host->text, NULL, 0, error);
	for (i = 0; i < n; i++)
		ask(h, host - h->host, &ep[i]);
	done_one(h);
}

static void start(struct call *call, struct cloud *cloud, const char *name,
		  bool ping, double timeout)
{
	struct hosts *h;
	struct seed_view seed;
	unsigned int i;
	int ret = 0;

	h = calloc(1, sizeof(*h));
	if (!h) {
		call_fail(call, PEER6_E_NOMEM, NULL, NULL, NULL);
		return;
	}
	h->call = call;
	h->ping = ping;
	strcpy(h->key, cloud->key);
	h->result = json_array();
	uv_timer_init(call->daemon->loop, &h->timer);
	h->timer.data = h;
	if (name) {
		snprintf(h->host[h->n++].text, SEED_TEXT_MAX, "%s", name);
	} else {
		for (i = 0; cloud->scope == PEER6_PNRP_GLOBAL &&
		     seeds_get(call->daemon->seeds, i, &seed); i++)
			snprintf(h->host[h->n++].text, SEED_TEXT_MAX, "%s",
				 seed.text);
	}
	for (i = 0; i < h->n && !ret; i++) {
		h->host[i].hosts = h;
		ret = lookup_new(&h->host[i].lookup, call->daemon->loop,
				 h->host[i].text, cloud->scope, cloud->index,
				 on_found, &h->host[i]);
		h->waiting += !ret;
	}
	if (ret || !h->n) {
		hosts_free(h);
		if (ret)
			call_fail(call, ret, "that is no host",
				  "A host is a name or an IPv6 address, with or without a port: name:3540, [2001:db8::1]:3540.",
				  "");
		else
			call_fail(call, PEER6_E_NOT_FOUND,
				  "this cloud has no seeds",
				  "peer6.conf names none, and link-local clouds never have any.",
				  "man peer6.conf");
		return;
	}
	call->op = h;
	call->abort = hosts_abort;
	uv_timer_start(&h->timer, on_timeout, timeout * 1000, 0);
}

void rpc_synchronize(struct call *call)
{
	const char *name = NULL, *host = NULL;
	const struct arg args[] = {
		{ "cloud", ARG_STRING, true, &name },
		{ "host", ARG_STRING, false, &host },
	};
	struct cloud *cloud;

	if (!call_args(call, args, 2))
		return;
	cloud = cloud_arg(call, name);
	if (cloud)
		start(call, cloud, host, false, PING_MAX_S);
}

void rpc_ping(struct call *call)
{
	const char *name = NULL, *host = NULL;
	double timeout = PING_DEFAULT_S;
	const struct arg args[] = {
		{ "cloud", ARG_STRING, true, &name },
		{ "host", ARG_STRING, false, &host },
		{ "timeout", ARG_REAL, false, &timeout },
	};
	struct cloud *cloud;

	if (!call_args(call, args, 3))
		return;
	if (!(timeout >= RESOLVE_MIN_S && timeout <= PING_MAX_S)) {
		call_bad_parameter(call, "timeout");
		return;
	}
	cloud = cloud_arg(call, name);
	if (cloud)
		start(call, cloud, host, true, timeout);
}
