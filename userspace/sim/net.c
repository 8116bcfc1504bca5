// SPDX-License-Identifier: GPL-2.0-or-later
/* The network: how long a datagram takes, and whether it arrives. */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

/* Of an engine's memory, what each datagram touches. */
#define PREFETCH_LINES	12

static peer6_time latency(struct sim *sim, uint32_t from, uint32_t to)
{
	const struct sim_config *cfg = &sim->cfg;
	uint64_t us;

	if (!cfg->sites)
		return cfg->latency_min + (peer6_time)(sim_uniform(sim) *
			(cfg->latency_max - cfg->latency_min));
	/* Nodes live at the sites in turn; queues add up to a tenth. */
	us = cfg->matrix[(size_t)(from % cfg->sites) * cfg->sites +
			 to % cfg->sites];
	return (peer6_time)(us * 1000 * (1 + sim_uniform(sim) / 10));
}

static bool earlier(const struct sim_packet_due *a,
		    const struct sim_packet_due *b)
{
	return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void push(struct sim *sim, const struct sim_packet_due *new)
{
	size_t place = sim->n_packets++, parent;

	for (; place; place = parent) {
		parent = (place - 1) / 2;
		if (!earlier(new, &sim->packets[parent]))
			break;
		sim->packets[place] = sim->packets[parent];
	}
	sim->packets[place] = *new;
	if (sim->n_packets > sim->most_packets)
		sim->most_packets = sim->n_packets;
}

static void pop(struct sim *sim)
{
	struct sim_packet_due last = sim->packets[--sim->n_packets];
	size_t place = 0, child;

	for (;; place = child) {
		child = 2 * place + 1;
		if (child >= sim->n_packets)
			break;
		if (child + 1 < sim->n_packets &&
		    earlier(&sim->packets[child + 1], &sim->packets[child]))
			child++;
		if (!earlier(&sim->packets[child], &last))
			break;
		sim->packets[place] = sim->packets[child];
	}
	if (sim->n_packets)
		sim->packets[place] = last;
}

/*
 * NATs: who has sent to whom, and when, in seconds. Entries age out when the
 * table grows.
 */
static size_t nat_place(const struct sim *sim, uint64_t key)
{
	size_t i = sim_hash(5, &key, sizeof(key)) & (sim->nat_size - 1);

	while (sim->nat_keys[i] && sim->nat_keys[i] != key)
		i = (i + 1) & (sim->nat_size - 1);
	return i;
}

static void nat_grow(struct sim *sim, uint32_t now)
{
	size_t old_size = sim->nat_size, i, place;
	uint64_t *old_keys = sim->nat_keys;
	uint32_t *old_times = sim->nat_times;

	sim->nat_size = old_size ? 2 * old_size : 1024;
	sim->nat_keys = calloc(sim->nat_size, sizeof(*sim->nat_keys));
	sim->nat_times = calloc(sim->nat_size, sizeof(*sim->nat_times));
	if (!sim->nat_keys || !sim->nat_times)
		abort();
	sim->nat_used = 0;
	for (i = 0; i < old_size; i++) {
		if (!old_keys[i] || old_times[i] + SIM_NAT_MEMORY < now)
			continue;
		place = nat_place(sim, old_keys[i]);
		sim->nat_keys[place] = old_keys[i];
		sim->nat_times[place] = old_times[i];
		sim->nat_used++;
	}
	free(old_keys);
	free(old_times);
}

static uint64_t nat_key(uint32_t inside, uint32_t outside)
{
	/* Never 0: indices are below SIM_NONE. */
	return ((uint64_t)inside << 32 | outside) + 1;
}

static void nat_sent(struct sim *sim, uint32_t inside, uint32_t outside)
{
	uint32_t now = sim->now / PEER6_SECOND;
	uint64_t key = nat_key(inside, outside);
	size_t place;

	if (sim->nat_used * 2 >= sim->nat_size)
		nat_grow(sim, now);
	place = nat_place(sim, key);
	if (!sim->nat_keys[place])
		sim->nat_used++;
	sim->nat_keys[place] = key;
	sim->nat_times[place] = now;
}

static bool nat_lets_in(const struct sim *sim, uint32_t inside,
			uint32_t outside)
{
	size_t place;

	if (!sim->nat_size)
		return false;
	place = nat_place(sim, nat_key(inside, outside));
	return sim->nat_keys[place] && sim->nat_times[place] + SIM_NAT_MEMORY >=
				       sim->now / PEER6_SECOND;
}

void sim_send(struct sim *sim, uint32_t from, uint32_t to, const void *data,
	      size_t len)
{
	struct sim_packet_due new;
	const uint8_t *p = data;
	size_t size;

	sim->stats.datagrams++;
	sim->stats.bytes += len;
	if (sim->tap)
		sim->tap(sim, from, to, data, len);
	if (len > 7)
		sim->stats.by_type[p[7] & 15]++;
	if (from < sim->n_nodes && sim->nodes[from].nat && to != SIM_NONE)
		nat_sent(sim, from, to);
	if (to == SIM_NONE || to >= sim->n_nodes) {
		sim->stats.nowhere++;
		return;
	}
	if (sim->cfg.loss > 0 && sim_uniform(sim) < sim->cfg.loss) {
		sim->stats.lost++;
		return;
	}
	if (sim->n_packets == sim->packets_size) {
		size = sim->packets_size ? 2 * sim->packets_size : 256;
		sim->packets = realloc(sim->packets,
				       size * sizeof(*sim->packets));
		if (!sim->packets)
			abort();
		sim->packets_size = size;
	}
	new.packet = malloc(sizeof(*new.packet) + len);
	if (!new.packet)
		abort();
	new.packet->from = from;
	new.packet->to = to;
	new.packet->len = len;
	memcpy(new.packet->data, data, len);
	new.due = sim->now + latency(sim, from, to);
	new.order = sim->order++;
	new.to = to;
	push(sim, &new);
}

/*
 * In a large cloud no node is in the processor's cache when its turn comes. Who
 * is near the top of the heap comes soon: in two steps, for the engine's place
 * is in the node.
 */
static void prefetch(const struct sim *sim)
{
	const struct sim_node *node;
	const char *engine;
	size_t i, k;

	for (i = 0; i < 7 && i < sim->n_packets; i++) {
		node = &sim->nodes[sim->packets[i].to];
		if (i >= 3) {
			__builtin_prefetch(node);
			continue;
		}
		__builtin_prefetch(sim->packets[i].packet);
		engine = (const char *)node->engine;
		for (k = 0; engine && k < PREFETCH_LINES; k++)
			__builtin_prefetch(engine + 64 * k);
	}
}

struct sim_packet *sim_next_packet(struct sim *sim, peer6_time until)
{
	struct sim_packet *packet;

	if (!sim->n_packets || sim->packets[0].due > until)
		return NULL;
	packet = sim->packets[0].packet;
	if (sim->packets[0].due > sim->now)
		sim->now = sim->packets[0].due;
	pop(sim);
	prefetch(sim);
	return packet;
}

bool sim_passes(struct sim *sim, const struct sim_packet *packet)
{
	const struct sim_node *to = &sim->nodes[packet->to];

	if (!to->engine && !to->liar) {
		sim->stats.nowhere++;
		return false;
	}
	if (sim->nodes[packet->from].group != to->group ||
	    (to->nat && !nat_lets_in(sim, packet->to, packet->from))) {
		sim->stats.blocked++;
		return false;
	}
	return true;
}
