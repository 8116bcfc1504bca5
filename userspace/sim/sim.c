// SPDX-License-Identifier: GPL-2.0-or-later
/* Nodes, their engines, and the loop that lets time pass. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <peer6/name.h>

#include "sim.h"

/* 2030-01-01: within what CPAs of now and then may say. */
#define CLOCK_START	UINT64_C(135379296000000000)

/* The allocator of all engines: malloc(), counted as malloc() counts. */
static void *counted(void *ctx, void *p, size_t size)
{
	struct sim *sim = ctx;
	void *q;

	if (p)
		sim->memory -= malloc_usable_size(p) + sizeof(size_t);
	if (!size) {
		free(p);
		return NULL;
	}
	q = realloc(p, size);
	if (q)
		sim->memory += malloc_usable_size(q) + sizeof(size_t);
	else if (p)
		sim->memory += malloc_usable_size(p) + sizeof(size_t);
	return q;
}

static int engine_random(void *ctx, void *buf, size_t len)
{
	uint8_t *p = buf;
	uint64_t v;
	size_t n;

	for (; len; len -= n, p += n) {
		v = sim_random(ctx);
		n = len < 8 ? len : 8;
		memcpy(p, &v, n);
	}
	return 0;
}

int sim_init(struct sim *sim, const struct sim_config *cfg)
{
	memset(sim, 0, sizeof(*sim));
	sim->cfg = *cfg;
	sim->dice = cfg->seed;
	sim->now = PEER6_SECOND;
	sim->mem.realloc = counted;
	sim->mem.ctx = sim;
	sim->stats.since = sim->now;
	return sim_crypto_init(sim);
}

void sim_fini(struct sim *sim)
{
	struct sim_packet *packet;
	uint32_t i;

	for (i = 0; i < sim->n_nodes; i++)
		sim_vanish(sim, i);
	while ((packet = sim_next_packet(sim, PEER6_NEVER)))
		free(packet);
	sim_crypto_fini(sim);
	free(sim->nodes);
	free(sim->live);
	free(sim->timers);
	free(sim->packets);
	free(sim->nat_keys);
	free(sim->nat_times);
	memset(sim, 0, sizeof(*sim));
}

/* Each node has a /64 of its own, as hosts of different sites have. */
struct peer6_endpoint sim_endpoint(uint32_t index)
{
	struct peer6_endpoint ep = { .addr = { 0x20, 0x01, 0x0d, 0xb8 },
				     .port = PEER6_PNRP_PORT };

	ep.addr[4] = index >> 24;
	ep.addr[5] = index >> 16;
	ep.addr[6] = index >> 8;
	ep.addr[7] = index;
	ep.addr[15] = 1;
	return ep;
}

uint32_t sim_index(const struct peer6_endpoint *ep)
{
	uint32_t index = (uint32_t)ep->addr[4] << 24 | ep->addr[5] << 16 |
			 ep->addr[6] << 8 | ep->addr[7];
	struct peer6_endpoint want = sim_endpoint(index);

	return ep->port == want.port && !memcmp(ep->addr, want.addr, 16) ?
	       index : SIM_NONE;
}

static struct peer6_name name_of(uint32_t number)
{
	struct peer6_name name;
	char text[24];

	snprintf(text, sizeof(text), "0.n%u", number);
	/* Such a name is always one. */
	if (peer6_name_parse(&name, text))
		abort();
	return name;
}

int sim_name_p2p_id(struct sim *sim, uint32_t number,
		    uint8_t p2p_id[PEER6_P2P_ID_LEN])
{
	struct peer6_name name = name_of(number);

	return peer6_name_p2p_id(&name, sim->crypto, p2p_id);
}

static struct sim_query **query_of(struct sim_node *node, uint32_t handle)
{
	struct sim_query **q = &node->queries;

	while (*q && (*q)->handle != handle)
		q = &(*q)->next;
	return q;
}

static void query_end(struct sim *sim, struct sim_query *query, int error)
{
	struct sim_stats *stats = &sim->stats;
	peer6_time took = sim->now - query->start;

	stats->resolves++;
	stats->wrong += query->wrong;
	if (query->found) {
		unsigned int hops = query->hops < SIM_HOPS_MAX ?
				    query->hops : SIM_HOPS_MAX;
		peer6_time step = took / SIM_TIME_STEP;

		stats->succeeded++;
		stats->hops[hops]++;
		stats->hop_sum += query->hops;
		stats->time_sum += took;
		stats->times[step < SIM_TIMES ? step : SIM_TIMES]++;
	} else if (error == PEER6_E_TIMEOUT) {
		stats->timed_out++;
	}
	if (query->done)
		query->done(query->ctx, query, error);
	free(query);
}

static int on_event(void *ctx, struct peer6_pnrp *engine,
		    const struct peer6_pnrp_event *event)
{
	struct sim *sim = ctx;
	struct sim_query **at, *query;
	uint32_t index = SIM_NONE;

	(void)engine;
	if (event->type == PEER6_PNRP_EV_RESOLVE_STEP ||
	    event->type == PEER6_PNRP_EV_RESOLVE_RESULT ||
	    event->type == PEER6_PNRP_EV_RESOLVE_END || sim->watch)
		index = sim->serving;
	if (sim->watch)
		sim->watch(sim, index, event);
	if (index == SIM_NONE || !event->handle)
		return 0;
	at = query_of(&sim->nodes[index], event->handle);
	query = *at;
	if (!query)
		return 0;
	switch (event->type) {
	case PEER6_PNRP_EV_RESOLVE_STEP:
		/* Who did not answer is no hop; who gave its record is counted
		 * when it was asked the way, unless it was not.
		 */
		if (event->hop->verdict == PEER6_PNRP_HOP_UNREACHABLE)
			break;
		if (event->hop->verdict == PEER6_PNRP_HOP_INQUIRED &&
		    query->last == sim_index(&event->hop->endpoint))
			break;
		query->hops++;
		query->last = sim_index(&event->hop->endpoint);
		break;
	case PEER6_PNRP_EV_RESOLVE_RESULT:
		if (memcmp(event->result->id.b, query->p2p_id,
			   sizeof(query->p2p_id)))
			query->wrong = true;
		else
			query->found = true;
		break;
	case PEER6_PNRP_EV_RESOLVE_END:
		*at = query->next;
		query_end(sim, query, event->error);
		break;
	default:
		break;
	}
	return 0;
}

void sim_serve(struct sim *sim, uint32_t index)
{
	struct sim_node *node = &sim->nodes[index];
	uint8_t buf[PEER6_PNRP_DATAGRAM_MAX];
	struct peer6_endpoint to;
	peer6_time due;
	size_t len;

	sim->serving = index;
	while ((len = peer6_pnrp_output(node->engine, buf, sizeof(buf), &to,
					sim->now)))
		sim_send(sim, index, sim_index(&to), buf, len);
	due = peer6_pnrp_deadline(node->engine);
	/* At the same instant once, else the clock might stand still. */
	sim_timer_set(sim, index, due <= sim->now ? sim->now + 1 : due);
}

static void deliver(struct sim *sim, struct sim_packet *packet)
{
	struct peer6_endpoint from = sim_endpoint(packet->from);
	struct sim_node *node = &sim->nodes[packet->to];

	if (sim_passes(sim, packet)) {
		sim->serving = packet->to;
		if (node->liar) {
			node->liar->input(node->liar, sim, packet->to,
					  packet->data, packet->len, &from);
		} else {
			peer6_pnrp_input(node->engine, packet->data,
					 packet->len, &from, sim->now);
			sim_serve(sim, packet->to);
		}
	}
	free(packet);
}

void sim_run(struct sim *sim, peer6_time until)
{
	struct sim_packet *packet;
	uint32_t index;
	peer6_time due;

	for (;;) {
		index = sim_timer_first(sim);
		due = index == SIM_NONE ? PEER6_NEVER : sim->nodes[index].due;
		packet = sim_next_packet(sim, due < until ? due : until);
		if (packet) {
			sim->stats.events++;
			deliver(sim, packet);
			continue;
		}
		if (due > until)
			break;
		if (due > sim->now)
			sim->now = due;
		sim->stats.events++;
		sim->serving = index;
		peer6_pnrp_tick(sim->nodes[index].engine, sim->now);
		sim_serve(sim, index);
	}
	if (until > sim->now)
		sim->now = until;
}

static uint32_t new_node(struct sim *sim)
{
	uint32_t size, index;
	void *p;

	if (sim->n_nodes == sim->nodes_size) {
		size = sim->nodes_size ? sim->nodes_size * 3 / 2 + 1 : 64;
		p = realloc(sim->nodes, size * sizeof(*sim->nodes));
		if (!p)
			return SIM_NONE;
		sim->nodes = p;
		sim->nodes_size = size;
		p = realloc(sim->live, size * sizeof(*sim->live));
		if (!p)
			return SIM_NONE;
		sim->live = p;
	}
	index = sim->n_nodes++;
	memset(&sim->nodes[index], 0, sizeof(sim->nodes[index]));
	sim->nodes[index].due = PEER6_NEVER;
	sim->nodes[index].queued = PEER6_NEVER;
	sim->nodes[index].live = SIM_NONE;
	return index;
}

uint32_t sim_add(struct sim *sim)
{
	struct peer6_pnrp_config cfg = {
		.mem = &sim->mem,
		.crypto = sim->crypto,
		.random = engine_random,
		.random_ctx = sim,
		.event = on_event,
		.event_ctx = sim,
		.scope = PEER6_PNRP_GLOBAL,
		.no_multicast = true,
	};
	uint32_t index = new_node(sim);
	struct peer6_endpoint ep;
	struct sim_node *node;
	double skew;

	if (index == SIM_NONE)
		return SIM_NONE;
	node = &sim->nodes[index];
	node->nat = sim_uniform(sim) < sim->cfg.nat;
	node->publishes = sim_uniform(sim) >= sim->cfg.resolve_only;
	node->name = sim->names;
	sim->names += sim->cfg.names;
	cfg.resolve_only = !node->publishes;
	skew = (2 * sim_uniform(sim) - 1) * sim->cfg.skew;
	sim->serving = index;
	if (peer6_pnrp_new(&node->engine, &cfg, sim->now,
			   CLOCK_START + sim->now / 100 +
			   (int64_t)(skew * 1e7))) {
		node->engine = NULL;
		return SIM_NONE;
	}
	ep = sim_endpoint(index);
	if (peer6_pnrp_set_endpoints(node->engine, &ep, 1, sim->now)) {
		sim_vanish(sim, index);
		return SIM_NONE;
	}
	return index;
}

uint32_t sim_add_liar(struct sim *sim, struct sim_liar *liar)
{
	uint32_t index = new_node(sim);

	if (index != SIM_NONE)
		sim->nodes[index].liar = liar;
	return index;
}

int sim_open(struct sim *sim, uint32_t index)
{
	int err;

	sim->serving = index;
	err = peer6_pnrp_open(sim->nodes[index].engine, sim->now);
	if (!err)
		sim_serve(sim, index);
	return err;
}

int sim_publish_name(struct sim *sim, uint32_t index, uint32_t number,
		     uint32_t *handle)
{
	struct peer6_name name = name_of(number);
	struct peer6_pnrp_app app = { .port = 22, .protocol = 6 };
	struct peer6_pnrp_registration reg = {
		.has_classifier = true,
		.classifier = name.classifier,
		.n_classifier = name.n_classifier,
		.apps = &app,
		.n_apps = 1,
		.signer = &sim->signer,
	};
	struct peer6_endpoint ep = sim_endpoint(index);
	uint32_t unused;
	int err;

	memcpy(app.addr, ep.addr, sizeof(app.addr));
	err = sim_name_p2p_id(sim, number, reg.p2p_id);
	if (err)
		return err;
	sim->serving = index;
	err = peer6_pnrp_register(sim->nodes[index].engine, &reg, sim->now,
				  handle ? handle : &unused);
	sim_serve(sim, index);
	return err;
}

int sim_publish(struct sim *sim, uint32_t index)
{
	struct sim_node *node = &sim->nodes[index];
	unsigned int i;
	int err;

	for (i = 0; i < sim->cfg.names; i++) {
		err = sim_publish_name(sim, index, node->name + i, NULL);
		if (err)
			return err;
	}
	if (node->live == SIM_NONE) {
		node->live = sim->n_live;
		sim->live[sim->n_live++] = index;
	}
	return 0;
}

uint32_t sim_join(struct sim *sim)
{
	struct peer6_endpoint known[16];
	unsigned int i, n = 0;
	uint32_t index;

	for (i = 0; i < sim->cfg.known && sim->n_live; i++)
		known[n++] = sim_endpoint(sim_random_live(sim));
	index = sim_add(sim);
	if (index == SIM_NONE)
		return SIM_NONE;
	if (peer6_pnrp_set_known(sim->nodes[index].engine, known, n) ||
	    sim_open(sim, index) ||
	    (sim->nodes[index].publishes && sim_publish(sim, index))) {
		sim_vanish(sim, index);
		return SIM_NONE;
	}
	return index;
}

void sim_vanish(struct sim *sim, uint32_t index)
{
	struct sim_node *node = &sim->nodes[index];
	struct sim_query *query;
	uint32_t last;

	/* Whoever asked is gone too: that is no failure of the cloud. */
	while ((query = node->queries)) {
		node->queries = query->next;
		free(query);
	}
	sim_timer_set(sim, index, PEER6_NEVER);
	if (node->live != SIM_NONE) {
		last = sim->live[--sim->n_live];
		sim->live[node->live] = last;
		sim->nodes[last].live = node->live;
		node->live = SIM_NONE;
	}
	peer6_pnrp_free(node->engine);
	node->engine = NULL;
	node->liar = NULL;
}

uint32_t sim_random_live(struct sim *sim)
{
	return sim->n_live ? sim->live[sim_random(sim) % sim->n_live] :
	       SIM_NONE;
}

int sim_resolve(struct sim *sim, uint32_t index, uint32_t number,
		void (*done)(void *ctx, const struct sim_query *query,
			     int error), void *ctx)
{
	struct peer6_pnrp_query ask = {
		.criteria = PEER6_PNRP_ANY_PEERNAME,
		.max_results = 1,
	};
	struct peer6_endpoint ep = sim_endpoint(index);
	struct sim_query *query = calloc(1, sizeof(*query));
	int err;

	if (!query)
		return PEER6_E_NOMEM;
	memcpy(ask.prefix, ep.addr, sizeof(ask.prefix));
	err = sim_name_p2p_id(sim, number, ask.p2p_id);
	sim->serving = index;
	if (!err)
		err = peer6_pnrp_resolve(sim->nodes[index].engine, &ask,
					 sim->now, &query->handle);
	if (err) {
		free(query);
		return err;
	}
	query->name = number;
	query->start = sim->now;
	query->last = SIM_NONE;
	query->done = done;
	query->ctx = ctx;
	memcpy(query->p2p_id, ask.p2p_id, sizeof(query->p2p_id));
	query->next = sim->nodes[index].queries;
	sim->nodes[index].queries = query;
	sim_serve(sim, index);
	return 0;
}

void sim_reset_stats(struct sim *sim)
{
	memset(&sim->stats, 0, sizeof(sim->stats));
	sim->stats.since = sim->now;
}

unsigned int sim_hops_at(const struct sim_stats *stats, double part)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < SIM_HOPS_MAX; i++) {
		sum += stats->hops[i];
		if (sum >= part * stats->succeeded)
			break;
	}
	return i;
}

peer6_time sim_time_at(const struct sim_stats *stats, double part)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < SIM_TIMES; i++) {
		sum += stats->times[i];
		if (sum >= part * stats->succeeded)
			break;
	}
	return i * SIM_TIME_STEP;
}
