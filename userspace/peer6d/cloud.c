// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <arpa/inet.h>
#include <sys/random.h>

#include "cloud.h"
#include "daemon.h"
#include "keys.h"
#include "registrations.h"
#include "seeds.h"
#include "ssdp.h"
#include "store.h"

const char *endpoint_text(char buf[ENDPOINT_TEXT_MAX],
			  const struct peer6_endpoint *ep)
{
	char addr[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, ep->addr, addr, sizeof(addr));
	if (ep->scope_id)
		snprintf(buf, ENDPOINT_TEXT_MAX, "[%s%%%u]:%u", addr,
			 ep->scope_id, ep->port);
	else
		snprintf(buf, ENDPOINT_TEXT_MAX, "[%s]:%u", addr, ep->port);
	return buf;
}

const char *state_name(enum peer6_pnrp_state state)
{
	static const char *const names[] = {
		"virtual", "synchronizing", "active", "dead", "disabled",
		"no_net", "alone",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] :
							  "dead";
}

peer6_time cloud_now(void)
{
	return uv_hrtime();
}

peer6_filetime filetime_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return PEER6_FILETIME_UNIX + now.tv_sec * UINT64_C(10000000) +
	       now.tv_nsec / 100;
}

int64_t filetime_to_unix_ms(peer6_filetime t)
{
	/* What is before 1970 becomes negative, far below an overflow. */
	return ((int64_t)(t >> 1) - (int64_t)(PEER6_FILETIME_UNIX >> 1)) / 5000;
}

int daemon_random(void *ctx, void *buf, size_t len)
{
	(void)ctx;
	/* Up to 256 bytes are never cut short; the engine takes fewer. */
	return getrandom(buf, len, 0) == (ssize_t)len ? 0 : PEER6_E_RANDOM;
}

static void on_state(struct cloud *cloud, enum peer6_pnrp_state state)
{
	struct events *events = cloud->daemon->events;

	if (cloud->state == state)
		return;
	cloud->state = state;
	event_begin(events, EVENT_CLOUD_STATE, LOG_INFO);
	event_cloud(events, cloud->name);
	event_string(events, "state", state_name(state));
	event_send(events, "%s", state_name(state));
}

static void id_text(char text[2 * PEER6_PNRP_ID_LEN + 1],
		    const struct peer6_pnrp_id *id)
{
	unsigned int i;

	for (i = 0; i < PEER6_PNRP_ID_LEN; i++)
		sprintf(text + 2 * i, "%02x", id->b[i]);
}

static void tell(struct cloud *cloud, enum event_kind kind,
		 enum log_level level, const struct peer6_pnrp_event *ev,
		 const char *words)
{
	struct events *events = cloud->daemon->events;
	char id[2 * PEER6_PNRP_ID_LEN + 1], ep[ENDPOINT_TEXT_MAX];

	event_begin(events, kind, level);
	event_cloud(events, cloud->name);
	if (!peer6_pnrp_id_is_zero(&ev->id)) {
		id_text(id, &ev->id);
		event_string(events, "id", id);
	}
	if (ev->endpoint.port)
		event_string(events, "endpoint",
			     endpoint_text(ep, &ev->endpoint));
	if (ev->error)
		event_reason(events, ev->error);
	if (kind == EVENT_SPLIT)
		event_value(events, ev->value);
	event_send(events, "%s%s%s%s%s", words, ev->endpoint.port ? " " : "",
		   ev->endpoint.port ? endpoint_text(ep, &ev->endpoint) : "",
		   ev->error ? ": " : "",
		   ev->error ? peer6_strerror(ev->error) : "");
}

static void to_waiter(struct cloud *cloud, const struct peer6_pnrp_event *ev)
{
	struct cloud_wait *wait;

	for (wait = cloud->waits; wait; wait = wait->next)
		if (wait->handle == ev->handle)
			break;
	/* One that is being made is the first, without its handle yet. */
	if (!wait && cloud->waits && !cloud->waits->handle)
		wait = cloud->waits;
	if (wait)
		wait->event(wait, ev);
}

static int on_event(void *ctx, struct peer6_pnrp *node,
		    const struct peer6_pnrp_event *ev)
{
	struct cloud *cloud = ctx;

	(void)node;
	switch (ev->type) {
	case PEER6_PNRP_EV_STATE:
		on_state(cloud, ev->state);
		break;
	case PEER6_PNRP_EV_SSDP_SEARCH:
		ssdp_search(cloud->daemon->ssdp, cloud);
		break;
	case PEER6_PNRP_EV_SSDP_ADVERTISE:
		ssdp_advertise(cloud->daemon->ssdp, cloud, ev->value);
		break;
	case PEER6_PNRP_EV_RESOLVE_STEP:
	case PEER6_PNRP_EV_RESOLVE_RESULT:
	case PEER6_PNRP_EV_RESOLVE_END:
	case PEER6_PNRP_EV_PONG:
		to_waiter(cloud, ev);
		break;
	case PEER6_PNRP_EV_SPLIT:
		tell(cloud, EVENT_SPLIT, LOG_WARNING, ev, ev->value ?
		     "a split was seen: this host is in the smaller part" :
		     "a split was seen: this host is in the bigger part");
		break;
	case PEER6_PNRP_EV_CACHE_ADD:
		tell(cloud, EVENT_CACHE_ADDED, LOG_DEBUG, ev, "cached");
		break;
	case PEER6_PNRP_EV_CACHE_REMOVE:
		tell(cloud, EVENT_CACHE_REMOVED, LOG_DEBUG, ev, "uncached");
		break;
	case PEER6_PNRP_EV_DROP:
		tell(cloud, EVENT_DROPPED, LOG_DEBUG, ev, "dropped");
		break;
	case PEER6_PNRP_EV_REVOKED:
		tell(cloud, EVENT_REVOKED, LOG_DEBUG, ev, "revoked");
		break;
	}
	return 0;
}

static void on_timer(uv_timer_t *timer)
{
	struct cloud *cloud = timer->data;

	cloud_enter(cloud);
	peer6_pnrp_tick(cloud->node, cloud_now());
	cloud_leave(cloud);
}

void cloud_enter(struct cloud *cloud)
{
	cloud->depth++;
}

static void drain(struct cloud *cloud)
{
	char buf[PEER6_PNRP_DATAGRAM_MAX];
	struct peer6_endpoint to;
	size_t len;

	for (;;) {
		len = peer6_pnrp_output(cloud->node, buf, sizeof(buf), &to,
					cloud_now());
		if (!len)
			break;
		cloud_send(cloud, buf, len, &to);
	}
}

void cloud_leave(struct cloud *cloud)
{
	peer6_time deadline, now;

	if (cloud->depth > 1 || cloud->closing) {
		cloud->depth--;
		return;
	}
	while (cloud->n_canceled)
		peer6_pnrp_cancel(cloud->node,
				  cloud->canceled[--cloud->n_canceled]);
	drain(cloud);
	cloud->depth--;
	deadline = peer6_pnrp_deadline(cloud->node);
	if (deadline == PEER6_NEVER) {
		uv_timer_stop(&cloud->timer);
		return;
	}
	now = cloud_now();
	uv_update_time(cloud->daemon->loop);
	/* Rounded up: a tick before its time would only come again. */
	uv_timer_start(&cloud->timer, on_timer, deadline <= now ? 0 :
		       (deadline - now + PEER6_MS - 1) / PEER6_MS, 0);
}

void cloud_input(struct cloud *cloud, const void *data, size_t len,
		 const struct peer6_endpoint *from)
{
	cloud_enter(cloud);
	peer6_pnrp_input(cloud->node, data, len, from, cloud_now());
	cloud_leave(cloud);
}

static int make_node(struct cloud *cloud)
{
	struct peer6_pnrp_config config = {
		.crypto		= keys_crypto(cloud->daemon->keys),
		.random		= daemon_random,
		.event		= on_event,
		.event_ctx	= cloud,
		.scope		= cloud->scope,
		.resolve_only	= cloud->resolve_only,
		.no_multicast	= !cloud->daemon->conf.multicast,
		/* The standard has a hundred sources' worth for all, too. */
		.rate_source	= cloud->daemon->conf.rate_source,
		.rate_total	= cloud->daemon->conf.rate_source *
				  RATE_TOTAL_TIMES,
	};
	int ret;

	ret = peer6_pnrp_new(&cloud->node, &config, cloud_now(),
			     filetime_now());
	if (ret)
		return ret;
	cloud->n_known = store_get_known(cloud->daemon->store, cloud->key,
					 cloud->known, KNOWN_MAX);
	return peer6_pnrp_set_known(cloud->node, cloud->known, cloud->n_known);
}

int cloud_new(struct cloud **out, struct daemon *d, const char *key,
	      const struct host_link *link)
{
	struct cloud *cloud = calloc(1, sizeof(*cloud));
	int ret;

	if (!cloud)
		return PEER6_E_NOMEM;
	cloud->daemon = d;
	snprintf(cloud->key, sizeof(cloud->key), "%s", key);
	cloud->scope = link ? PEER6_PNRP_LINK_LOCAL : PEER6_PNRP_GLOBAL;
	if (link) {
		cloud->index = link->index;
		memcpy(cloud->ifname, link->name, sizeof(cloud->ifname));
	}
	cloud->resolve_only = store_get_mode(d->store, key);
	ret = make_node(cloud);
	if (ret) {
		peer6_pnrp_free(cloud->node);
		free(cloud);
		return ret;
	}
	uv_timer_init(d->loop, &cloud->timer);
	cloud->timer.data = cloud;
	uv_timer_init(d->loop, &cloud->greeting);
	cloud->greeting.data = cloud;
	cloud->handles = 2;
	*out = cloud;
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	struct cloud *cloud = handle->data;

	if (--cloud->handles)
		return;
	free(cloud->canceled);
	free(cloud);
}

/* Whoever still waits hears that it is over. */
static void end_waits(struct cloud *cloud, int error)
{
	struct peer6_pnrp_event ev = { .error = error };
	struct cloud_wait *wait;

	while (cloud->waits) {
		wait = cloud->waits;
		ev.type = PEER6_PNRP_EV_RESOLVE_END;
		ev.handle = wait->handle;
		wait->event(wait, &ev);
		cloud_cancel(wait);
	}
	cloud->n_canceled = 0;
}

void cloud_free(struct cloud *cloud)
{
	cloud->closing = true;
	end_waits(cloud, PEER6_E_NO_CLOUD);
	cloud_sockets_set(cloud, NULL, 0);
	peer6_pnrp_free(cloud->node);
	cloud->node = NULL;
	uv_close((uv_handle_t *)&cloud->timer, on_closed);
	uv_close((uv_handle_t *)&cloud->greeting, on_closed);
}

int cloud_open(struct cloud *cloud)
{
	int ret;

	cloud_enter(cloud);
	ret = peer6_pnrp_open(cloud->node, cloud_now());
	cloud_leave(cloud);
	if (!ret && !cloud->opened) {
		cloud->opened = true;
		/*
		 * The engine goes through its ways to find others one by one,
		 * a tick apart. A seed asked at once makes joining a matter of
		 * one round trip.
		 */
		cloud_greet(cloud);
	}
	return ret;
}

static void on_greeting(uv_timer_t *timer)
{
	cloud_greet(timer->data);
}

void cloud_greet(struct cloud *cloud)
{
	uint64_t now = uv_now(cloud->daemon->loop);

	if (!cloud->opened || !cloud->n_local || cloud->closing)
		return;
	/* Not forgotten, but not yet: the next one has all the news. */
	if (cloud->greeted && now - cloud->greeted < GREET_EVERY_MS) {
		uv_timer_start(&cloud->greeting, on_greeting, GREET_EVERY_MS -
			       (now - cloud->greeted), 0);
		return;
	}
	cloud->greeted = now;
	seeds_greet(cloud->daemon->seeds, cloud);
	ssdp_search(cloud->daemon->ssdp, cloud);
}

void cloud_close(struct cloud *cloud)
{
	cloud_enter(cloud);
	peer6_pnrp_close(cloud->node, cloud_now());
	cloud_leave(cloud);
}

int cloud_set_mode(struct cloud *cloud, bool resolve_only)
{
	struct peer6_pnrp *old = cloud->node;
	bool before = cloud->resolve_only;
	int ret;

	if (cloud->resolve_only == resolve_only)
		return 0;
	cloud->resolve_only = resolve_only;
	ret = make_node(cloud);
	if (ret) {
		peer6_pnrp_free(cloud->node == old ? NULL : cloud->node);
		cloud->node = old;
		cloud->resolve_only = before;
		return ret;
	}
	end_waits(cloud, PEER6_E_CANCELED);
	if (cloud->advertising)
		ssdp_advertise(cloud->daemon->ssdp, cloud, false);
	peer6_pnrp_free(old);
	cloud->opened = false;
	on_state(cloud, PEER6_PNRP_VIRTUAL);
	cloud_enter(cloud);
	peer6_pnrp_set_endpoints(cloud->node, cloud->local, cloud->n_local,
				 cloud_now());
	cloud_leave(cloud);
	seeds_apply(cloud->daemon->seeds, cloud);
	if (!cloud->daemon->conf.on_demand)
		cloud_open(cloud);
	return 0;
}

static void wait_link(struct cloud *cloud, struct cloud_wait *wait)
{
	wait->cloud = cloud;
	wait->handle = 0;
	wait->next = cloud->waits;
	cloud->waits = wait;
}

static void wait_unlink(struct cloud_wait *wait)
{
	struct cloud_wait **p;

	for (p = &wait->cloud->waits; *p; p = &(*p)->next) {
		if (*p == wait) {
			*p = wait->next;
			break;
		}
	}
	wait->cloud = NULL;
}

/* Opened for as long as something is done in it, if it is not open anyway. */
static int begin(struct cloud *cloud)
{
	return cloud->opened ? 0 : cloud_open(cloud);
}

/*
 * The end of a call that gave the engine something to wait for. The callback may
 * have ended the wait within it.
 */
static int begun(struct cloud *cloud, struct cloud_wait *wait, int ret,
		 uint32_t handle)
{
	if (wait->cloud)
		wait->handle = handle;
	if (ret && wait->cloud)
		wait_unlink(wait);
	cloud_leave(cloud);
	return ret;
}

int cloud_resolve(struct cloud *cloud, const struct peer6_pnrp_query *query,
		  struct cloud_wait *wait)
{
	uint32_t handle = 0;
	int ret;

	ret = begin(cloud);
	if (ret)
		return ret;
	wait_link(cloud, wait);
	cloud_enter(cloud);
	ret = peer6_pnrp_resolve(cloud->node, query, cloud_now(), &handle);
	return begun(cloud, wait, ret, handle);
}

int cloud_ping(struct cloud *cloud, const struct peer6_endpoint *ep,
	       struct cloud_wait *wait)
{
	uint32_t handle = 0;
	int ret;

	ret = begin(cloud);
	if (ret)
		return ret;
	wait_link(cloud, wait);
	cloud_enter(cloud);
	ret = peer6_pnrp_ping(cloud->node, ep, cloud_now(), &handle);
	return begun(cloud, wait, ret, handle);
}

void cloud_cancel(struct cloud_wait *wait)
{
	struct cloud *cloud = wait->cloud;
	uint32_t *more;

	if (!cloud)
		return;
	wait_unlink(wait);
	if (!wait->handle || cloud->closing)
		return;
	if (!cloud->depth) {
		cloud_enter(cloud);
		peer6_pnrp_cancel(cloud->node, wait->handle);
		cloud_leave(cloud);
		return;
	}
	if (cloud->n_canceled == cloud->max_canceled) {
		more = realloc(cloud->canceled,
			       (cloud->max_canceled + 16) * sizeof(*more));
		/* Then it ends by its own time-out, and nobody hears it. */
		if (!more)
			return;
		cloud->canceled = more;
		cloud->max_canceled += 16;
	}
	cloud->canceled[cloud->n_canceled++] = wait->handle;
}
