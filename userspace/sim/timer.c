// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A binary heap of the times at which engines want to run. Most engines put
 * theirs off at each datagram: the heap hears of it only when the old time has
 * come. So a place in it may be too early, never too late, and some are of
 * times that no longer count; what is first is looked at before it is believed.
 */
#include <stdlib.h>

#include "sim.h"

static bool before(const struct sim_timer *a, const struct sim_timer *b)
{
	return a->due != b->due ? a->due < b->due : a->index < b->index;
}

static void push(struct sim *sim, uint32_t index, peer6_time due)
{
	struct sim_timer new = { due, index };
	size_t place, parent, size;

	if (sim->n_timers == sim->timers_size) {
		size = sim->timers_size ? 2 * sim->timers_size : 256;
		sim->timers = realloc(sim->timers,
				      size * sizeof(*sim->timers));
		if (!sim->timers)
			abort();
		sim->timers_size = size;
	}
	for (place = sim->n_timers++; place; place = parent) {
		parent = (place - 1) / 2;
		if (!before(&new, &sim->timers[parent]))
			break;
		sim->timers[place] = sim->timers[parent];
	}
	sim->timers[place] = new;
	sim->nodes[index].queued = due;
}

static void pop(struct sim *sim)
{
	struct sim_timer last = sim->timers[--sim->n_timers];
	size_t place = 0, child;

	for (;; place = child) {
		child = 2 * place + 1;
		if (child >= sim->n_timers)
			break;
		if (child + 1 < sim->n_timers &&
		    before(&sim->timers[child + 1], &sim->timers[child]))
			child++;
		if (!before(&sim->timers[child], &last))
			break;
		sim->timers[place] = sim->timers[child];
	}
	sim->timers[place] = last;
}

void sim_timer_set(struct sim *sim, uint32_t index, peer6_time due)
{
	sim->nodes[index].due = due;
	if (due < sim->nodes[index].queued)
		push(sim, index, due);
}

uint32_t sim_timer_first(struct sim *sim)
{
	struct sim_timer first;
	struct sim_node *node;

	while (sim->n_timers) {
		first = sim->timers[0];
		node = &sim->nodes[first.index];
		if (node->queued == first.due && node->due == first.due)
			return first.index;
		pop(sim);
		if (node->queued != first.due)
			continue;
		node->queued = PEER6_NEVER;
		if (node->due != PEER6_NEVER)
			push(sim, first.index, node->due);
	}
	return SIM_NONE;
}
