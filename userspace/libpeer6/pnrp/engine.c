// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A node from birth to death: memory, time, events, its endpoints and the way
 * of a datagram in and out. What the protocol does is in the other files.
 */
#include <stdlib.h>

#include "engine.h"

/* ------------------------------------------------ memory and randomness */

static void *node_realloc(const struct peer6_mem *mem, void *p, size_t size)
{
	if (mem)
		return mem->realloc(mem->ctx, p, size);
	if (size)
		return realloc(p, size);
	free(p);
	return NULL;
}

void *p6_alloc(struct peer6_pnrp *node, size_t size)
{
	void *p = node_realloc(node->cfg.mem, NULL, size);

	if (!p)
		return NULL;
	memset(p, 0, size);
	node->memory += size;
	return p;
}

void p6_free(struct peer6_pnrp *node, void *p, size_t size)
{
	if (!p)
		return;
	node->memory -= size;
	node_realloc(node->cfg.mem, p, 0);
}

void *p6_dup(struct peer6_pnrp *node, const void *p, size_t size)
{
	void *copy = p6_alloc(node, size);

	if (copy)
		memcpy(copy, p, size);
	return copy;
}

int p6_random(struct peer6_pnrp *node, void *buf, size_t len)
{
	return node->cfg.random(node->cfg.random_ctx, buf, len) < 0 ?
	       PEER6_E_RANDOM : 0;
}

/* ------------------------------------------------------ time and events */

static void set_now(struct peer6_pnrp *node, peer6_time now)
{
	if (now > node->now)
		node->now = now;
}

peer6_filetime p6_filetime(const struct peer6_pnrp *node)
{
	return node->clock + (node->now - node->clock_at) / 100;
}

int p6_event(struct peer6_pnrp *node, struct peer6_pnrp_event *event)
{
	if (!node->cfg.event)
		return 0;
	return node->cfg.event(node->cfg.event_ctx, node, event) < 0 ?
	       PEER6_E_CALLBACK : 0;
}

void p6_set_state(struct peer6_pnrp *node, enum peer6_pnrp_state state)
{
	struct peer6_pnrp_event event = {
		.type = PEER6_PNRP_EV_STATE, .state = state,
	};

	if (node->state == state)
		return;
	node->state = (uint8_t)state;
	p6_event(node, &event);
}

int p6_drop(struct peer6_pnrp *node, int error,
	    const struct peer6_endpoint *from)
{
	struct peer6_pnrp_event event = {
		.type = PEER6_PNRP_EV_DROP, .error = error,
	};

	if (!node->stats.dropped)
		node->stats.dropped = p6_alloc(node, 128 * sizeof(uint32_t));
	if (node->stats.dropped && error < 0 && error > -128)
		node->stats.dropped[-error]++;
	if (from)
		event.endpoint = *from;
	p6_event(node, &event);
	return error;
}

uint32_t p6_handle(struct peer6_pnrp *node)
{
	struct p6_link *at;
	uint32_t handle;
	bool used;

	do {
		handle = ++node->last_handle;
		used = !handle;
		for (at = node->registrations.next;
		     at != &node->registrations; at = at->next)
			if (p6_entry(at, struct p6_registration,
				     link)->handle == handle)
				used = true;
		for (at = node->resolves.next; at != &node->resolves;
		     at = at->next)
			if (p6_entry(at, struct p6_resolve, link)->handle ==
			    handle)
				used = true;
	} while (used);
	return handle;
}

/* --------------------------------------------------------- life and death */

int peer6_pnrp_new(struct peer6_pnrp **out,
		   const struct peer6_pnrp_config *config,
		   peer6_time now, peer6_filetime filetime)
{
	struct peer6_pnrp *node;
	uint64_t secret;

	if (!out)
		return PEER6_E_INVAL;
	*out = NULL;
	if (!config || !config->crypto || !config->crypto->sha1 ||
	    !config->crypto->verify || !config->random ||
	    (config->scope != PEER6_PNRP_GLOBAL &&
	     config->scope != PEER6_PNRP_LINK_LOCAL))
		return PEER6_E_INVAL;
	if (config->random(config->random_ctx, &secret, sizeof(secret)) < 0)
		return PEER6_E_RANDOM;
	node = node_realloc(config->mem, NULL, sizeof(*node));
	if (!node)
		return PEER6_E_NOMEM;
	memset(node, 0, sizeof(*node));
	node->cfg = *config;
	node->secret = secret;
	node->memory = sizeof(*node);
	node->now = now;
	node->clock_at = now;
	node->clock = filetime;
	node->discover_at = PEER6_NEVER;
	node->maintain_at = PEER6_NEVER;
	node->cleanup_at = PEER6_NEVER;
	p6_list_init(&node->out);
	p6_list_init(&node->pending);
	p6_list_init(&node->conversations);
	p6_list_init(&node->adds);
	p6_list_init(&node->resolves);
	p6_list_init(&node->registrations);
	peer6_cache_init(&node->cache, node->cfg.mem, node->cfg.random,
			 node->cfg.random_ctx);
	*out = node;
	return 0;
}

void p6_forget(struct peer6_pnrp *node, int error)
{
	struct p6_resolve *r;

	/* An event may come between; each round takes one away. */
	while (!p6_list_empty(&node->resolves)) {
		r = p6_entry(node->resolves.next, struct p6_resolve, link);
		p6_resolve_end(node, r, error);
	}
	p6_adds_flush(node);
	p6_pending_flush(node);
	p6_conversations_flush(node);
	node->discover_at = PEER6_NEVER;
}

void peer6_pnrp_free(struct peer6_pnrp *node)
{
	if (!node)
		return;
	node->cfg.event = NULL;
	p6_forget(node, PEER6_E_CANCELED);
	p6_registrations_flush(node);
	p6_rate_fini(node);
	p6_free(node, node->known, P6_KNOWN_MAX * sizeof(*node->known));
	p6_free(node, node->seeds, P6_KNOWN_MAX * sizeof(*node->seeds));
	p6_free(node, node->stats.dropped, 128 * sizeof(uint32_t));
	peer6_cache_fini(&node->cache);
	node_realloc(node->cfg.mem, node, 0);
}

void peer6_pnrp_set_clock(struct peer6_pnrp *node, peer6_time now,
			  peer6_filetime filetime)
{
	set_now(node, now);
	node->clock_at = node->now;
	node->clock = filetime;
}

/* Nobody is known: the ways of discovery are gone through from the start. */
static void start_discovery(struct peer6_pnrp *node)
{
	node->discovery = P6_LOCAL_OOB;
	node->seed_index = 0;
	node->modes_tried = 0;
	node->seeds_tried = 0;
	p6_set_state(node, PEER6_PNRP_SYNCHRONIZING);
	p6_discover(node);
}

/* There are endpoints, and there were none. */
static void start(struct peer6_pnrp *node)
{
	p6_maintain_later(node);
	if (peer6_cache_count(&node->cache))
		p6_set_state(node, PEER6_PNRP_ACTIVE);
	else
		start_discovery(node);
	p6_ssdp_advertise(node);
	p6_announce_all(node);
}

int peer6_pnrp_open(struct peer6_pnrp *node, peer6_time now)
{
	set_now(node, now);
	if (node->opens == UINT32_MAX)
		return PEER6_E_LIMIT;
	node->opens++;
	node->cleanup_at = PEER6_NEVER;
	if (node->running)
		return 0;
	node->running = true;
	if (node->n_own)
		start(node);
	else
		p6_set_state(node, PEER6_PNRP_NO_NET);
	return 0;
}

void peer6_pnrp_close(struct peer6_pnrp *node, peer6_time now)
{
	set_now(node, now);
	if (!node->opens || --node->opens)
		return;
	node->cleanup_at = node->now + P6_CLEANUP;
}

/* Section 3.1.6.1. */
static void clean_up(struct peer6_pnrp *node)
{
	node->cleanup_at = PEER6_NEVER;
	node->maintain_at = PEER6_NEVER;
	p6_forget(node, PEER6_E_CANCELED);
	p6_registrations_flush(node);
	p6_ssdp_advertise(node);
	peer6_cache_clear(&node->cache);
	p6_rate_fini(node);
	node->running = false;
	p6_set_state(node, PEER6_PNRP_VIRTUAL);
}

static bool same_endpoints(const struct peer6_pnrp *node,
			   const struct peer6_endpoint *ep, unsigned int n)
{
	unsigned int i;

	if (n != node->n_own)
		return false;
	for (i = 0; i < n; i++)
		if (!p6_endpoint_equal(&node->own[i], &ep[i]) ||
		    node->own[i].scope_id != ep[i].scope_id)
			return false;
	return true;
}

int peer6_pnrp_set_endpoints(struct peer6_pnrp *node,
			     const struct peer6_endpoint *ep, unsigned int n,
			     peer6_time now)
{
	unsigned int i, j;
	bool had;

	set_now(node, now);
	if (n > PEER6_PNRP_LOCAL_ADDRS || (n && !ep))
		return PEER6_E_INVAL;
	for (i = 0; i < n; i++) {
		if (!p6_endpoint_ok(node, &ep[i]) || ep[i].port != ep[0].port)
			return PEER6_E_INVAL;
		for (j = 0; j < i; j++)
			if (!memcmp(ep[i].addr, ep[j].addr, 16))
				return PEER6_E_INVAL;
	}
	if (same_endpoints(node, ep, n))
		return 0;
	had = node->n_own > 0;
	if (n)
		memcpy(node->own, ep, n * sizeof(*ep));
	node->n_own = (uint8_t)n;
	if (!node->running)
		return 0;
	if (!n) {
		/* What is under way can get no answer any more. */
		p6_forget(node, PEER6_E_NO_ADDRESS);
		node->maintain_at = PEER6_NEVER;
		p6_ssdp_advertise(node);
		p6_set_state(node, PEER6_PNRP_NO_NET);
	} else if (!had) {
		start(node);
	} else {
		p6_announce_all(node);
		p6_tell_neighbours(node);
	}
	return 0;
}

static int set_list(struct peer6_pnrp *node, struct peer6_endpoint **list,
		    uint8_t *count, const struct peer6_endpoint *ep,
		    unsigned int n)
{
	unsigned int i;

	if (n > P6_KNOWN_MAX || (n && !ep))
		return PEER6_E_INVAL;
	for (i = 0; i < n; i++)
		if (!p6_endpoint_ok(node, &ep[i]))
			return PEER6_E_INVAL;
	if (n && !*list) {
		*list = p6_alloc(node, P6_KNOWN_MAX * sizeof(**list));
		if (!*list)
			return PEER6_E_NOMEM;
	}
	if (n)
		memcpy(*list, ep, n * sizeof(*ep));
	*count = (uint8_t)n;
	return 0;
}

int peer6_pnrp_set_known(struct peer6_pnrp *node,
			 const struct peer6_endpoint *ep, unsigned int n)
{
	return set_list(node, &node->known, &node->n_known, ep, n);
}

int peer6_pnrp_set_seeds(struct peer6_pnrp *node,
			 const struct peer6_endpoint *ep, unsigned int n)
{
	return set_list(node, &node->seeds, &node->n_seeds, ep, n);
}

void peer6_pnrp_flush(struct peer6_pnrp *node, peer6_time now)
{
	set_now(node, now);
	p6_adds_flush(node);
	peer6_cache_clear(&node->cache);
	p6_announce_all(node);
	if (node->running && node->n_own)
		start_discovery(node);
}

/* ----------------------------------------------------- datagrams in, out */

static bool is_answer(uint8_t type)
{
	return type == PEER6_PNRP_ADVERTISE || type == PEER6_PNRP_AUTHORITY ||
	       type == PEER6_PNRP_ACK;
}

static int take_answer(struct peer6_pnrp *node,
		       const struct peer6_pnrp_msg *msg,
		       const struct peer6_endpoint *from)
{
	struct p6_message *message = p6_find_pending(node, msg, from);

	if (!message)
		return PEER6_E_UNEXPECTED;
	p6_rate_proven(node, from);
	if (msg->type == PEER6_PNRP_ADVERTISE)
		return p6_on_advertise(node, msg, message);
	if (msg->type == PEER6_PNRP_AUTHORITY)
		return p6_on_authority(node, msg, message);
	return p6_on_ack(node, msg, message);
}

static int take_request(struct peer6_pnrp *node,
			const struct peer6_pnrp_msg *msg,
			const struct peer6_endpoint *from)
{
	switch (msg->type) {
	case PEER6_PNRP_SOLICIT:
		return p6_on_solicit(node, msg, from);
	case PEER6_PNRP_REQUEST:
		return p6_on_request(node, msg, from);
	case PEER6_PNRP_FLOOD:
		return p6_on_flood(node, msg, from);
	case PEER6_PNRP_INQUIRE:
		return p6_on_inquire(node, msg, from);
	case PEER6_PNRP_LOOKUP:
		return p6_on_lookup(node, msg, from);
	default:
		return PEER6_E_MESSAGE_TYPE;
	}
}

static int take(struct peer6_pnrp *node, const void *data, size_t len,
		const struct peer6_endpoint *from)
{
	struct peer6_pnrp_msg msg;
	int err;

	if (!node->running)
		return PEER6_E_NO_CLOUD;
	if (!node->n_own)
		return PEER6_E_NO_ADDRESS;
	if (!p6_endpoint_ok(node, from) ||
	    (p6_is_own(node, from->addr) && from->port == node->own[0].port))
		return PEER6_E_SOURCE;
	err = peer6_pnrp_msg_decode(&msg, data, len);
	if (err)
		return err;
	node->stats.received[msg.type & 15]++;
	if (is_answer(msg.type))
		return take_answer(node, &msg, from);
	err = p6_rate_take(node, from, len);
	if (err)
		return err;
	err = take_request(node, &msg, from);
	if (err == PEER6_E_RATE && p6_rate_may_prove(node))
		p6_challenge(node, from);
	p6_rate_done(node);
	return err;
}

int peer6_pnrp_input(struct peer6_pnrp *node, const void *data, size_t len,
		     const struct peer6_endpoint *from, peer6_time now)
{
	int err;

	set_now(node, now);
	if (!data || !from)
		return PEER6_E_INVAL;
	node->stats.bytes_received += len;
	err = take(node, data, len, from);
	return err ? p6_drop(node, err, from) : 0;
}

size_t peer6_pnrp_output(struct peer6_pnrp *node, void *buf, size_t size,
			 struct peer6_endpoint *to, peer6_time now)
{
	struct p6_message *message;
	size_t len;

	set_now(node, now);
	if (p6_list_empty(&node->out) || size < PEER6_PNRP_DATAGRAM_MAX)
		return 0;
	message = p6_entry(node->out.next, struct p6_message, out);
	len = message->len;
	memcpy(buf, message->data, len);
	*to = message->to;
	node->stats.sent[message->type & 15]++;
	node->stats.bytes_sent += len;
	p6_list_remove(&message->out);
	message->is_queued = false;
	node->n_out--;
	if (!message->is_pending)
		p6_free(node, message, sizeof(*message) + len);
	return len;
}

/* ------------------------------------------------------------------ time */

static void earlier(peer6_time *deadline, peer6_time t)
{
	if (t < *deadline)
		*deadline = t;
}

peer6_time peer6_pnrp_deadline(const struct peer6_pnrp *node)
{
	peer6_time t = PEER6_NEVER;

	if (!node->running)
		return t;
	if (node->announce && peer6_cache_count(&node->cache) &&
	    node->n_own && node->n_announces < P6_ANNOUNCES_MAX)
		return node->now;
	if (!p6_list_empty(&node->pending))
		earlier(&t, p6_entry(node->pending.next, struct p6_message,
				     pending)->due);
	if (!p6_list_empty(&node->conversations))
		earlier(&t, p6_entry(node->conversations.next,
				     struct p6_conversation, link)->due);
	earlier(&t, p6_adds_deadline(node));
	earlier(&t, p6_resolves_deadline(node));
	earlier(&t, node->discover_at);
	earlier(&t, node->maintain_at);
	earlier(&t, node->cleanup_at);
	return t;
}

int peer6_pnrp_tick(struct peer6_pnrp *node, peer6_time now)
{
	set_now(node, now);
	if (!node->running)
		return 0;
	if (node->cleanup_at <= node->now) {
		clean_up(node);
		return 0;
	}
	p6_pending_tick(node);
	p6_conversations_tick(node);
	p6_adds_tick(node);
	p6_announce_tick(node);
	p6_resolves_tick(node);
	if (node->discover_at <= node->now)
		p6_discover(node);
	if (node->maintain_at <= node->now) {
		p6_maintain_later(node);
		p6_maintain(node);
	}
	return 0;
}

/* ------------------------------------------------------------ inspection */

unsigned int peer6_pnrp_get_known(const struct peer6_pnrp *node,
				  struct peer6_endpoint *ep, unsigned int n)
{
	const struct peer6_cache_entry *entries[P6_KNOWN_MAX];
	unsigned int i, found, count = 0;

	found = peer6_cache_recent(&node->cache, entries, P6_KNOWN_MAX);
	for (i = 0; i < found && count < n; i++)
		if (p6_choose(node, entries[i]->addrs, entries[i]->n_addrs,
			      entries[i]->port, &ep[count]))
			count++;
	return count;
}

void peer6_pnrp_get_stats(const struct peer6_pnrp *node,
			  struct peer6_pnrp_stats *stats)
{
	const struct peer6_cache_entry *entry;
	unsigned int i;

	memset(stats, 0, sizeof(*stats));
	stats->state = (enum peer6_pnrp_state)node->state;
	stats->cached = peer6_cache_count(&node->cache);
	for (i = 0; (entry = peer6_cache_get(&node->cache, i)); i++)
		stats->leaves += peer6_leaf_any(&node->cache, &entry->id);
	stats->levels = peer6_cache_levels(&node->cache);
	stats->registered = node->n_registrations;
	stats->resolving = node->n_app_resolves;
	stats->pending = node->n_pending;
	stats->conversations = node->n_conversations;
	stats->reassemblies = node->n_reassemblies;
	stats->cloud_ids = peer6_cache_cloud_ids(&node->cache);
	if (stats->cloud_ids > 0)
		stats->cloud_nodes = stats->cloud_ids /
				peer6_cache_count_locals(&node->cache);
	memcpy(stats->sent, node->stats.sent, sizeof(stats->sent));
	memcpy(stats->received, node->stats.received,
	       sizeof(stats->received));
	stats->bytes_sent = node->stats.bytes_sent;
	stats->bytes_received = node->stats.bytes_received;
	stats->resolves = node->stats.resolves;
	stats->resolved = node->stats.resolved;
	stats->lookups = node->stats.lookups;
	stats->stale_hits = node->stats.stale_hits;
	stats->retransmitted = node->stats.retransmitted;
	stats->timeouts = node->stats.timeouts;
	for (i = 0; node->stats.dropped && i < 128; i++)
		stats->dropped[i] = node->stats.dropped[i];
	stats->memory = node->memory + peer6_cache_memory(&node->cache);
}

bool peer6_pnrp_get_cached(const struct peer6_pnrp *node, unsigned int index,
			   struct peer6_pnrp_cached *out)
{
	const struct peer6_cache_entry *entry;

	entry = peer6_cache_get(&node->cache, index);
	if (!entry)
		return false;
	peer6_cache_route(entry, &out->route);
	out->level = peer6_cache_level(&node->cache, &entry->id);
	out->leaf = peer6_leaf_any(&node->cache, &entry->id);
	out->used = peer6_cache_used(entry);
	return true;
}
