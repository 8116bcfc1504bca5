// SPDX-License-Identifier: GPL-2.0-or-later
/* Clouds of many nodes, each script from a fixed seed. */
#include "clouds.h"

static void nodes_find_their_neighbours(void **state)
{
	struct sim *sim = cloud_new(&(struct sim_config){ .seed = 1 });
	uint32_t i;

	(void)state;
	cloud_grow(sim, 80, 80);
	cloud_await(sim, cloud_neighbours_are_right, 900);
	/* Everybody finds everybody. */
	for (i = 0; i < 80; i++)
		assert_int_equal(cloud_ask(sim, i, sim->nodes[(i + 33) % 80]
					   .name), 0);
	/* Nobody finds what there is not. */
	for (i = 0; i < 10; i++)
		assert_int_equal(cloud_ask(sim, i, 1000000 + i),
				 PEER6_E_NOT_FOUND);
}

static void names_come_one_by_one(void **state)
{
	struct sim *sim = cloud_new(&(struct sim_config){ .seed = 2 });
	uint32_t handle, i;

	(void)state;
	cloud_grow(sim, 40, 40);
	cloud_pass(sim, 60);
	for (i = 0; i < 8; i++) {
		assert_int_equal(cloud_ask(sim, 3 + i, 5000 + i),
				 PEER6_E_NOT_FOUND);
		assert_int_equal(sim_publish_name(sim, 2 * i, 5000 + i,
						  &handle), 0);
		cloud_pass(sim, 10);
		assert_int_equal(cloud_ask(sim, 39 - i, 5000 + i), 0);
	}
}

static struct peer6_pnrp_id gone;

static bool nobody_holds_it(struct sim *sim)
{
	return !cloud_holders(sim, &gone);
}

static void unpublished_is_forgotten(void **state)
{
	struct sim *sim = cloud_new(&(struct sim_config){ .seed = 3 });
	uint32_t handle;
	unsigned int i;

	(void)state;
	cloud_grow(sim, 40, 40);
	cloud_await(sim, cloud_neighbours_are_right, 900);
	for (i = 0; i < 5; i++) {
		uint32_t index = 7 * i;

		assert_true(peer6_pnrp_get_registered(sim->nodes[index].engine,
						      0, &handle, &gone));
		assert_in_range(cloud_holders(sim, &gone), 10, 40);
		assert_int_equal(peer6_pnrp_unregister(
				 sim->nodes[index].engine, handle, sim->now),
				 0);
		sim_serve(sim, index);
		/* The revoke travels; who is farther learns it from probes. */
		cloud_await(sim, nobody_holds_it, 600);
		assert_int_equal(cloud_ask(sim, 1 + i, sim->nodes[index].name),
				 PEER6_E_NOT_FOUND);
		/* It stays a node: a name again, for the next round. */
		assert_int_equal(sim_publish(sim, index), 0);
		cloud_pass(sim, 30);
		assert_int_equal(cloud_ask(sim, 1 + i, sim->nodes[index].name),
				 0);
	}
}

static unsigned int revokes_seen;

static void note_revoke(struct sim *sim, uint32_t index,
			const struct peer6_pnrp_event *event)
{
	(void)sim;
	(void)index;
	revokes_seen += event->type == PEER6_PNRP_EV_REVOKED;
}

/* Five on either side, one after the other, each asks before it believes. */
static void revoke_travels_both_ways(void **state)
{
	struct sim *sim = cloud_new(&(struct sim_config){ .seed = 4 });
	uint32_t handle, i;

	(void)state;
	cloud_grow(sim, 60, 60);
	cloud_await(sim, cloud_neighbours_are_right, 900);
	sim->watch = note_revoke;
	for (i = 0; i < 6; i++) {
		assert_true(peer6_pnrp_get_registered(sim->nodes[9 * i].engine,
						      0, &handle, &gone));
		revokes_seen = 0;
		assert_int_equal(peer6_pnrp_unregister(
				 sim->nodes[9 * i].engine, handle, sim->now),
				 0);
		sim_serve(sim, 9 * i);
		cloud_pass(sim, 30);
		assert_in_range(revokes_seen, 6, 14);
		assert_int_equal(sim_publish(sim, 9 * i), 0);
		cloud_pass(sim, 60);
	}
}

static unsigned int splits_seen;

static void note_split(struct sim *sim, uint32_t index,
		       const struct peer6_pnrp_event *event)
{
	(void)sim;
	(void)index;
	splits_seen += event->type == PEER6_PNRP_EV_SPLIT;
}

static bool apart(struct sim *sim)
{
	struct peer6_pnrp_cached entry;
	struct peer6_endpoint ep = { .port = PEER6_PNRP_PORT };
	uint32_t i, k;

	for (i = 0; i < sim->n_live; i++)
		for (k = 0; peer6_pnrp_get_cached(sim->nodes[i].engine, k,
						  &entry); k++) {
			memcpy(ep.addr, entry.route.addrs[0], 16);
			if (sim->nodes[sim_index(&ep)].group !=
			    sim->nodes[i].group)
				return false;
		}
	return true;
}

static void split_cloud_heals(void **state)
{
	struct sim *sim = cloud_new(&(struct sim_config){ .seed = 5 });
	struct peer6_endpoint seed = sim_endpoint(0);
	uint32_t i;

	(void)state;
	cloud_grow(sim, 48, 48);
	for (i = 0; i < 48; i++)
		assert_int_equal(peer6_pnrp_set_seeds(sim->nodes[i].engine,
						      &seed, 1), 0);
	cloud_await(sim, cloud_neighbours_are_right, 900);
	for (i = 0; i < 48; i++)
		sim->nodes[i].group = i % 3 == 1;
	cloud_await(sim, apart, 600);
	assert_int_equal(cloud_ask(sim, 0, sim->nodes[3].name), 0);
	assert_int_equal(cloud_ask(sim, 1, sim->nodes[4].name), 0);
	assert_int_equal(cloud_ask(sim, 0, sim->nodes[4].name),
			 PEER6_E_NOT_FOUND);
	sim->watch = note_split;
	splits_seen = 0;
	for (i = 0; i < 48; i++)
		sim->nodes[i].group = 0;
	/* A test or so each 15 s in the whole cloud. */
	cloud_await(sim, cloud_neighbours_are_right, 1800);
	assert_true(splits_seen > 0);
	assert_int_equal(cloud_ask(sim, 0, sim->nodes[4].name), 0);
	assert_int_equal(cloud_ask(sim, 1, sim->nodes[3].name), 0);
	assert_int_equal(cloud_resolve(sim, 200), 200);
}

static void a_fifth_vanishes(void **state)
{
	struct sim *sim = cloud_new(&(struct sim_config){ .seed = 6 });
	unsigned int i;

	(void)state;
	cloud_grow(sim, 200, 100);
	cloud_pass(sim, 180);
	for (i = 0; i < 40; i++)
		sim_vanish(sim, sim_random_live(sim));
	/* From the first moment on; 99.5 % are asked for, of more nodes. */
	assert_in_range(cloud_resolve(sim, 600), 597, 600);
	cloud_await(sim, cloud_neighbours_are_right, 900);
	assert_int_equal(cloud_resolve(sim, 200), 200);
}

static void clocks_may_differ_by_an_hour(void **state)
{
	struct sim *sim = cloud_new(&(struct sim_config){ .seed = 7,
							  .skew = 3600 });

	(void)state;
	cloud_grow(sim, 60, 60);
	cloud_await(sim, cloud_neighbours_are_right, 900);
	assert_int_equal(cloud_resolve(sim, 300), 300);
}

static void loss_is_lived_with(void **state)
{
	struct sim *sim = cloud_new(&(struct sim_config){ .seed = 8,
							  .loss = 0.02 });

	(void)state;
	cloud_grow(sim, 60, 60);
	cloud_pass(sim, 180);
	assert_in_range(cloud_resolve(sim, 300), 297, 300);
	assert_true(sim->stats.lost > 50);
}

static void signatures_are_real_if_wanted(void **state)
{
	struct sim *sim = cloud_new(&(struct sim_config){
		.seed = 9, .real_crypto = true });

	(void)state;
	cloud_grow(sim, 16, 16);
	cloud_pass(sim, 60);
	assert_int_equal(cloud_resolve(sim, 30), 30);
}

/* The same seed: the same datagrams, to the last. */
static void runs_repeat(void **state)
{
	uint64_t bytes[2], datagrams[2];
	unsigned int i;
	struct sim *sim;

	for (i = 0; i < 2; i++) {
		sim = cloud_new(&(struct sim_config){ .seed = 10,
						      .loss = 0.02 });
		cloud_grow(sim, 30, 30);
		cloud_pass(sim, 100);
		bytes[i] = sim->stats.bytes;
		datagrams[i] = sim->stats.datagrams;
		cloud_teardown(state);
	}
	assert_true(datagrams[0] > 1000);
	assert_int_equal(datagrams[0], datagrams[1]);
	assert_int_equal(bytes[0], bytes[1]);
}

#define TEST(fn) cmocka_unit_test_teardown(fn, cloud_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nodes_find_their_neighbours),
		TEST(names_come_one_by_one),
		TEST(unpublished_is_forgotten),
		TEST(revoke_travels_both_ways),
		TEST(split_cloud_heals),
		TEST(a_fifth_vanishes),
		TEST(clocks_may_differ_by_an_hour),
		TEST(loss_is_lived_with),
		TEST(signatures_are_real_if_wanted),
		TEST(runs_repeat),
		TEST(lying_seed_gets_nothing_in),
		TEST(dead_entries_go_nowhere),
		TEST(replayed_record_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
