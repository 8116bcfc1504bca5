// SPDX-License-Identifier: GPL-2.0-or-later
#include "clouds.h"

static struct sim *made;

struct sim *cloud_new(const struct sim_config *cfg)
{
	struct sim_config c = *cfg;

	if (!c.latency_max) {
		c.latency_min = 10 * PEER6_MS;
		c.latency_max = 100 * PEER6_MS;
	}
	if (!c.names)
		c.names = 1;
	if (!c.known)
		c.known = 3;
	made = malloc(sizeof(*made));
	assert_non_null(made);
	assert_int_equal(sim_init(made, &c), 0);
	return made;
}

int cloud_teardown(void **state)
{
	(void)state;
	if (made) {
		sim_fini(made);
		free(made);
	}
	made = NULL;
	return 0;
}

void cloud_pass(struct sim *sim, double seconds)
{
	sim_run(sim, sim->now + (peer6_time)(seconds * (double)PEER6_SECOND));
}

void cloud_grow(struct sim *sim, uint32_t n, double seconds)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		assert_int_not_equal(sim_join(sim), SIM_NONE);
		cloud_pass(sim, seconds / n);
	}
}

double cloud_await(struct sim *sim, bool (*done)(struct sim *sim), double limit)
{
	double waited;

	for (waited = 0; waited <= limit; waited++) {
		if (done(sim))
			return waited;
		cloud_pass(sim, 1);
	}
	fail_msg("not after %.0f seconds", limit);
	return limit;
}

uint64_t cloud_resolve(struct sim *sim, uint64_t n)
{
	uint32_t from, to;
	uint64_t i;

	sim_reset_stats(sim);
	for (i = 0; i < n; i++) {
		from = sim_random_live(sim);
		do {
			to = sim_random_live(sim);
		} while (to == from);
		assert_int_equal(sim_resolve(sim, from, sim->nodes[to].name,
					     NULL, NULL), 0);
		cloud_pass(sim, 0.05);
	}
	cloud_pass(sim, 31);
	assert_int_equal(sim->stats.resolves, n);
	assert_int_equal(sim->stats.wrong, 0);
	return sim->stats.succeeded;
}

struct answer {
	bool ended, found;
	int error;
};

static void answered(void *ctx, const struct sim_query *query, int error)
{
	struct answer *a = ctx;

	a->ended = true;
	a->found = query->found;
	a->error = error;
}

int cloud_ask(struct sim *sim, uint32_t index, uint32_t name)
{
	struct answer a = { .ended = false };

	assert_int_equal(sim_resolve(sim, index, name, answered, &a), 0);
	while (!a.ended)
		cloud_pass(sim, 0.1);
	assert_int_equal(a.found, a.error == 0);
	return a.error;
}

struct peer6_pnrp_id cloud_id(struct sim *sim, uint32_t index)
{
	struct peer6_pnrp_id id;
	uint32_t handle;

	assert_true(peer6_pnrp_get_registered(sim->nodes[index].engine, 0,
					      &handle, &id));
	return id;
}

bool cloud_caches(struct sim *sim, uint32_t index,
		  const struct peer6_pnrp_id *id)
{
	struct peer6_pnrp_cached entry;
	unsigned int i;

	for (i = 0; peer6_pnrp_get_cached(sim->nodes[index].engine, i, &entry);
	     i++)
		if (!peer6_pnrp_id_cmp(&entry.route.id, id))
			return true;
	return false;
}

unsigned int cloud_holders(struct sim *sim, const struct peer6_pnrp_id *id)
{
	unsigned int n = 0;
	uint32_t i;

	for (i = 0; i < sim->n_live; i++)
		n += cloud_caches(sim, sim->live[i], id);
	return n;
}

static int by_id(const void *a, const void *b)
{
	return peer6_pnrp_id_cmp(a, b);
}

bool cloud_neighbours_are_right(struct sim *sim)
{
	struct peer6_pnrp_id *ids = calloc(sim->n_live, sizeof(*ids)), own;
	uint32_t i, at, k, n = sim->n_live;
	bool right = true;

	assert_non_null(ids);
	for (i = 0; i < n; i++)
		ids[i] = cloud_id(sim, sim->live[i]);
	qsort(ids, n, sizeof(*ids), by_id);
	for (i = 0; i < n && right; i++) {
		own = cloud_id(sim, sim->live[i]);
		at = (struct peer6_pnrp_id *)bsearch(&own, ids, n,
						     sizeof(*ids), by_id) - ids;
		for (k = 1; k <= 5 && k < n && right; k++)
			right = cloud_caches(sim, sim->live[i],
					     &ids[(at + k) % n]) &&
				cloud_caches(sim, sim->live[i],
					     &ids[(at + n - k) % n]);
	}
	free(ids);
	return right;
}
