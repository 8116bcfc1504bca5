// SPDX-License-Identifier: GPL-2.0-or-later
/* A binary heap of nodes by the time at which their engines want to run. */
#include <stdlib.h>

#include "sim.h"

static bool before(const struct sim *sim, uint32_t a, uint32_t b)
{
	const struct sim_node *x = &sim->nodes[a], *y = &sim->nodes[b];

	return x->due != y->due ? x->due < y->due : a < b;
}

static void put(struct sim *sim, uint32_t place, uint32_t index)
{
	sim->timers[place] = index;
	sim->nodes[index].heap = place;
}

static void up(struct sim *sim, uint32_t place)
{
	uint32_t index = sim->timers[place], parent;

	for (; place; place = parent) {
		parent = (place - 1) / 2;
		if (!before(sim, index, sim->timers[parent]))
			break;
		put(sim, place, sim->timers[parent]);
	}
	put(sim, place, index);
}

static void down(struct sim *sim, uint32_t place)
{
	uint32_t index = sim->timers[place], child;

	for (;; place = child) {
		child = 2 * place + 1;
		if (child >= sim->n_timers)
			break;
		if (child + 1 < sim->n_timers &&
		    before(sim, sim->timers[child + 1], sim->timers[child]))
			child++;
		if (!before(sim, sim->timers[child], index))
			break;
		put(sim, place, sim->timers[child]);
	}
	put(sim, place, index);
}

int sim_timer_room(struct sim *sim, uint32_t n)
{
	uint32_t *p;

	if (n <= sim->timers_size)
		return 0;
	p = realloc(sim->timers, n * sizeof(*p));
	if (!p)
		return PEER6_E_NOMEM;
	sim->timers = p;
	sim->timers_size = n;
	return 0;
}

void sim_timer_set(struct sim *sim, uint32_t index, peer6_time due)
{
	struct sim_node *node = &sim->nodes[index];
	peer6_time old = node->due;
	uint32_t place = node->heap, last;

	if (due == PEER6_NEVER) {
		if (place == SIM_NONE)
			return;
		node->heap = SIM_NONE;
		last = sim->timers[--sim->n_timers];
		if (last == index)
			return;
		put(sim, place, last);
		up(sim, place);
		down(sim, sim->nodes[last].heap);
		return;
	}
	node->due = due;
	if (place == SIM_NONE) {
		put(sim, sim->n_timers, index);
		up(sim, sim->n_timers++);
	} else if (due < old) {
		up(sim, place);
	} else if (due > old) {
		down(sim, place);
	}
}

uint32_t sim_timer_first(const struct sim *sim)
{
	return sim->n_timers ? sim->timers[0] : SIM_NONE;
}
