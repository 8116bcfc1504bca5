// SPDX-License-Identifier: GPL-2.0-or-later
/* The route cache: what it keeps, what it gives up, what it finds missing. */
#include "cache_fixture.h"

/* 1 2 3 ... around the seam of the ring, by hand. */
static void leaf_set_wraps(void **state)
{
	struct fixture *f = *state;
	struct peer6_pnrp_id zero = number(0, 0), id;
	const struct peer6_cache_entry *out[5];
	unsigned int i;

	assert_int_equal(peer6_cache_add_local(&f->cache, &zero), 0);
	for (i = 1; i <= 7; i++) {
		struct peer6_cache_change c;

		id = number(0, 8 - i);
		assert_int_equal(put(f, &id, &c), 0);
		assert_int_equal(c.n_leaf, 1);
		peer6_pnrp_id_sub(&id, &zero, &id);
		assert_int_equal(put(f, &id, &c), 0);
		assert_int_equal(c.n_leaf, 1);
	}
	assert_int_equal(peer6_leaf_above(&f->cache, &zero, out), 5);
	for (i = 0; i < 5; i++)
		assert_int_equal(out[i]->id.b[31], i + 1);
	assert_int_equal(peer6_leaf_below(&f->cache, &zero, out), 5);
	for (i = 0; i < 5; i++)
		assert_int_equal(out[i]->id.b[31], 0xff - i);
	id = number(0, 6);
	assert_false(peer6_leaf_has(&f->cache, &zero, &id));
	id = number(0, 5);
	assert_true(peer6_leaf_has(&f->cache, &zero, &id));
	/* One of the five goes, the sixth is in its place. */
	id = number(0, 2);
	assert_int_equal(peer6_cache_remove(&f->cache, &id), 0);
	id = number(0, 6);
	assert_true(peer6_leaf_has(&f->cache, &zero, &id));
	/* All above are nearer by the other way round to something below. */
	peer6_pnrp_id_sub(&id, &zero, &id);
	assert_int_equal(peer6_cache_closest(&f->cache, &id, NULL, NULL,
					     NULL)->id.b[31], 0xfa);
}

/* Strangers in one small arc, then all over, push out no leaf and no level. */
static void flood_is_bounded(void **state)
{
	struct fixture *f = *state;
	struct peer6_pnrp_id local = number(0x40, 0), id, leaves[10];
	const struct peer6_cache_entry *out[5];
	unsigned int i, k, far = 0;
	size_t most = 0;

	assert_int_equal(peer6_cache_add_local(&f->cache, &local), 0);
	for (i = 0; i < 10; i++) {
		id = number(0, i + 1);
		leaves[i] = number(0x40, i + 1);
		if (i & 1)
			peer6_pnrp_id_sub(&leaves[i], &local, &id);
		assert_int_equal(put(f, &leaves[i], NULL), 0);
	}
	peer6_leaf_above(&f->cache, &local, out);
	for (i = 0; i < 300; i++) {
		dice_fill(&f->dice, id.b, sizeof(id.b));
		put(f, &id, NULL);
	}
	for (i = 0; i < 100000; i++) {
		dice_fill(&f->dice, id.b, sizeof(id.b));
		id.b[0] = 0xc3;
		id.b[1] = 0x55;
		assert_int_equal(put(f, &id, NULL), 0);
		if (peer6_cache_memory(&f->cache) > most)
			most = peer6_cache_memory(&f->cache);
	}
	assert_int_equal(peer6_cache_count(&f->cache), PEER6_CACHE_ENTRIES);
	assert_true(most < 12 * 1024);
	for (i = 0; i < 10; i++)
		assert_non_null(peer6_cache_find(&f->cache, &leaves[i]));
	for (k = 0; peer6_cache_get(&f->cache, k); k++) {
		id = peer6_cache_get(&f->cache, k)->id;
		if (peer6_cache_level(&f->cache, &id) == 0 &&
		    (id.b[0] != 0xc3 || id.b[1] != 0x55))
			far++;
	}
	assert_true(far >= PEER6_CACHE_SLOTS);
}

/* Every level of a large cloud ends up with its share. */
static void levels_fill_alike(void **state)
{
	struct fixture *f = *state;
	struct peer6_pnrp_id local = number(0x40, 0), id;
	unsigned int i, k, in_level[PEER6_CACHE_LEVELS] = { 0 };

	assert_int_equal(peer6_cache_add_local(&f->cache, &local), 0);
	for (i = 0; i < 60000; i++) {
		struct peer6_pnrp_id way = { { 0 } };
		unsigned int skip = roll(&f->dice) % 3;

		/* A million IDs: spacing 2^236; the near ones come as often. */
		dice_fill(&f->dice, way.b + skip, 32 - skip);
		peer6_pnrp_id_sub(&id, &local, &way);
		put(f, &id, NULL);
	}
	for (k = 0; peer6_cache_get(&f->cache, k); k++)
		in_level[peer6_cache_level(&f->cache,
			&peer6_cache_get(&f->cache, k)->id)]++;
	assert_int_equal(k, PEER6_CACHE_ENTRIES);
	for (i = 0; i < 5; i++)
		assert_in_range(in_level[i], 12, 36);
	assert_true(peer6_cache_levels(&f->cache) >= 5);
}

/* Without a local ID: the whole ring, evenly. */
static void resolver_keeps_an_even_ring(void **state)
{
	struct fixture *f = *state;
	unsigned int i, k, in_part[16] = { 0 };
	struct peer6_pnrp_id id;

	for (i = 0; i < 20000; i++) {
		dice_fill(&f->dice, id.b, sizeof(id.b));
		if (i % 4)
			id.b[0] >>= 4;	/* most live in one sixteenth */
		put(f, &id, NULL);
	}
	for (k = 0; peer6_cache_get(&f->cache, k); k++) {
		assert_int_equal(peer6_cache_level(&f->cache,
			&peer6_cache_get(&f->cache, k)->id), 0);
		in_part[peer6_cache_get(&f->cache, k)->id.b[0] >> 4]++;
	}
	for (i = 0; i < 16; i++)
		assert_in_range(in_part[i], 4, 14);
	assert_true(peer6_cache_cloud_ids(&f->cache) == 0);
}

static void spread_is_even(void **state)
{
	struct fixture *f = *state;
	struct peer6_pnrp_id local = number(0x40, 0), id, way;
	const struct peer6_cache_entry *out[10], *few[200];
	unsigned int i, k, times, seen = 0;

	assert_int_equal(peer6_cache_add_local(&f->cache, &local), 0);
	for (i = 0; i < 64; i++) {
		dice_fill(&f->dice, id.b, sizeof(id.b));
		id.b[0] = 4 * i;
		put(f, &id, NULL);
		if (i < 3)
			assert_int_equal(peer6_cache_spread(&f->cache, few, 5),
					 i + 1);
	}
	for (i = 0; i < 50; i++) {	/* a crowd near the local ID */
		dice_fill(&f->dice, id.b, sizeof(id.b));
		id.b[0] = 0x40;
		put(f, &id, NULL);
	}
	for (times = 0; times < 200; times++) {
		assert_int_equal(peer6_cache_spread(&f->cache, out, 5), 5);
		seen |= 1u << (out[0]->id.b[0] >> 4);
		/* A fifth of the ring is 51/256; entries are 4/256 apart. */
		for (i = 0; i < 5; i++)
			for (k = 0; k < i; k++) {
				peer6_pnrp_id_dist(&way, &out[i]->id,
						   &out[k]->id);
				assert_true(way.b[0] >= 51 - 9);
			}
	}
	assert_true(seen == 0xffff);
	/* As many as there are: each once. */
	k = peer6_cache_count(&f->cache);
	assert_int_equal(peer6_cache_spread(&f->cache, few, k - 1), k - 1);
	for (i = 0; i < k - 1; i++)
		for (times = 0; times < i; times++)
			assert_ptr_not_equal(few[i], few[times]);
	assert_int_equal(peer6_cache_spread(&f->cache, few, 200), k);
	assert_int_equal(peer6_cache_spread(&f->cache, out, 1), 1);
}

static void random_picks_all_alike(void **state)
{
	unsigned int i, k, hits[40] = { 0 };
	const struct peer6_cache_entry *out[10];
	struct fixture *f = *state;
	struct peer6_pnrp_id id;

	for (i = 0; i < 40; i++) {
		id = number(i, 0);
		put(f, &id, NULL);
		if (i == 6)
			assert_int_equal(peer6_cache_random(&f->cache, out, 10),
					 7);
	}
	for (i = 0; i < 4000; i++) {
		assert_int_equal(peer6_cache_random(&f->cache, out, 10), 10);
		for (k = 0; k < 10; k++)
			hits[out[k]->id.b[0]]++;
	}
	for (i = 0; i < 40; i++)
		assert_in_range(hits[i], 850, 1150);
}

static void recent_comes_first(void **state)
{
	const struct peer6_cache_entry *out[20];
	struct fixture *f = *state;
	struct peer6_pnrp_id id;
	unsigned int i;

	for (i = 0; i < 16; i++) {
		id = number(i, 0);
		put(f, &id, NULL);
	}
	for (i = 0; i < 16; i++) {
		id = number(i * 5 % 16, 0);
		peer6_cache_touch(&f->cache, &id, (100 + i) * PEER6_SECOND);
	}
	id = number(99, 99);
	peer6_cache_touch(&f->cache, &id, 1000 * PEER6_SECOND);
	assert_int_equal(peer6_cache_recent(&f->cache, out, 5), 5);
	for (i = 0; i < 5; i++)
		assert_int_equal(out[i]->id.b[0], (15 - i) * 5 % 16);
	assert_true(peer6_cache_used(out[0]) <= 115 * PEER6_SECOND &&
		    peer6_cache_used(out[0]) > 114 * PEER6_SECOND);
	assert_int_equal(peer6_cache_recent(&f->cache, out, 20), 16);
	for (i = 1; i < 16; i++)
		assert_true(peer6_cache_used(out[i - 1]) >
			    peer6_cache_used(out[i]));
}

static void refresh_takes_new_addresses(void **state)
{
	struct fixture *f = *state;
	struct peer6_pnrp_id id = number(7, 7);
	struct peer6_pnrp_route route = route_to(&id), copy = { .port = 0 };
	const struct peer6_cache_entry *e;
	struct peer6_cache_change c;
	unsigned int n;

	assert_int_equal(peer6_cache_insert(&f->cache, &route, true, 0, &c), 0);
	assert_int_equal(c.outcome, PEER6_CACHE_STORED);
	for (n = PEER6_PNRP_ADDRS_MAX; n > 0; n -= 19) {
		route.n_addrs = n;
		route.port = 4000 + n;
		memset(route.addrs[n - 1], n, 16);
		assert_int_equal(peer6_cache_insert(&f->cache, &route, false,
						    0, &c), 0);
		assert_int_equal(c.outcome, PEER6_CACHE_REFRESHED);
		e = peer6_cache_find(&f->cache, &id);
		assert_int_equal(e->proven, 1);
		peer6_cache_route(e, &copy);
		assert_int_equal(copy.port, 4000 + n);
		assert_int_equal(copy.n_addrs, n);
		assert_memory_equal(copy.addrs, route.addrs, 16 * n);
		assert_true(peer6_cache_has_addr(e, route.addrs[n - 1]));
		assert_false(peer6_cache_has_addr(e, id.b));
		if (n == 1)
			break;
	}
	assert_int_equal(peer6_cache_count(&f->cache), 1);
	assert_int_equal(peer6_cache_memory(&f->cache), f->counted.held);
}

static double size_of(struct fixture *f, uint8_t below, uint8_t local,
		      uint8_t above)
{
	struct peer6_pnrp_id ids[3] = { number(below, 0), number(local, 0),
					number(above, 0) };
	double n;

	peer6_cache_add_local(&f->cache, &ids[1]);
	put(f, &ids[0], NULL);
	put(f, &ids[2], NULL);
	n = peer6_cache_cloud_ids(&f->cache);
	peer6_cache_clear(&f->cache);
	peer6_cache_remove_local(&f->cache, &ids[1]);
	return n;
}

static void cloud_size_as_published(void **state)
{
	struct fixture *f = *state;
	struct peer6_pnrp_id a = number(0, 0), b = number(0, 0),
			     local = number(0, 1);

	assert_true(size_of(f, 0x10, 0x11, 0x12) == 256);
	assert_true(size_of(f, 0xff, 0x00, 0x01) == 256);
	/* 2^33 is not believed. */
	b.b[3] = 1;
	peer6_cache_add_local(&f->cache, &local);
	assert_true(peer6_cache_cloud_ids(&f->cache) == 0);
	put(f, &a, NULL);
	assert_true(peer6_cache_cloud_ids(&f->cache) == 0);
	put(f, &b, NULL);
	assert_true(peer6_cache_cloud_ids(&f->cache) == 0);
	/* The mean over two local IDs, one of them without a view. */
	b = number(0x11, 0);
	peer6_cache_add_local(&f->cache, &b);
	a = number(0x10, 0);
	put(f, &a, NULL);
	a = number(0x12, 0);
	put(f, &a, NULL);
	assert_true(peer6_cache_cloud_ids(&f->cache) == 256);
}

/* Filling the gaps that are reported ends, and leaves none that is too wide. */
static void gaps_close(void **state)
{
	struct fixture *f = *state;
	struct peer6_pnrp_id local = number(0x40, 0), id, way;
	struct peer6_cache_gap gap;
	unsigned int i, k;

	assert_int_equal(peer6_cache_gap(&f->cache, &gap), 0);
	assert_int_equal(peer6_cache_add_local(&f->cache, &local), 0);
	for (i = 1; i <= 5; i++) {	/* a cloud of 2^16 */
		id = local;
		id.b[1] = i;
		put(f, &id, NULL);
		way = number(0, 0);
		way.b[1] = i;
		peer6_pnrp_id_sub(&id, &local, &way);
		put(f, &id, NULL);
		/* The leaf set has the whole cloud: nothing to look for. */
		if (i < 5)
			assert_int_equal(peer6_cache_gap(&f->cache, &gap), 0);
	}
	for (i = 0; peer6_cache_gap(&f->cache, &gap) == 1; i++) {
		assert_true(i < 500);
		assert_in_range(gap.precision, 1, 40);
		assert_int_equal(gap.level,
				 peer6_cache_level(&f->cache, &gap.middle));
		/* Nothing is as near the middle as the precision asks for. */
		for (k = 0; peer6_cache_get(&f->cache, k); k++)
			assert_true(peer6_pnrp_id_common_bits(&gap.middle,
				&peer6_cache_get(&f->cache, k)->id) <
				gap.precision);
		put(f, &gap.middle, NULL);
	}
	assert_true(i > 20);
	assert_true(peer6_cache_levels(&f->cache) >= 3);
}

/* Every gap from a local ID to the sixth on either side comes up, no other. */
static void leaf_gaps_are_all_looked_at(void **state)
{
	struct fixture *f = *state;
	struct peer6_pnrp_id local = number(0, 0), id;
	struct peer6_cache_gap gap;
	unsigned int i, seen = 0, place;

	assert_false(peer6_leaf_gap(&f->cache, 0, &gap));
	for (i = 0; i < 32; i++) {	/* 8 apart, over the seam */
		id = number(8 * i + 4, 0);
		assert_int_equal(put(f, &id, NULL), 0);
	}
	assert_false(peer6_leaf_gap(&f->cache, 0, &gap));
	assert_int_equal(peer6_cache_add_local(&f->cache, &local), 0);
	for (i = 0; i < PEER6_LEAF_GAPS; i++) {
		assert_true(peer6_leaf_gap(&f->cache, i, &gap));
		/* 2 from the local ID to the first, then 8, 16, ... 40. */
		place = gap.middle.b[0] < 0x80 ? gap.middle.b[0] :
						 256 - gap.middle.b[0];
		assert_true(place == 2 || (place % 8 == 0 && place <= 40));
		seen |= 1u << (place / 8 + (gap.middle.b[0] < 0x80 ? 0 : 8));
		id = peer6_cache_closest(&f->cache, &gap.middle, NULL, NULL,
					 NULL)->id;
		assert_true(peer6_pnrp_id_common_bits(&gap.middle, &id) <
			    gap.precision);
		assert_true(peer6_pnrp_id_common_bits(&gap.middle, &local) <
			    gap.precision);
	}
	assert_int_equal(seen, 0x3f3f);
}

static void failures_change_nothing(void **state)
{
	struct fixture *f = *state;
	unsigned int i, n, requests, fails = 0;
	struct peer6_pnrp_route route;
	struct peer6_pnrp_id id;
	int err;

	for (i = 0; i < 400; i++) {
		dice_fill(&f->dice, id.b, sizeof(id.b));
		route = route_to(&id);
		n = peer6_cache_count(&f->cache);
		/* Each request of the call fails in turn, then none. */
		for (requests = 1;; requests++) {
			f->counted.requests = 0;
			f->counted.fail_at = requests;
			err = peer6_cache_insert(&f->cache, &route, false, 0,
						 NULL);
			if (!err)
				break;
			assert_int_equal(err, PEER6_E_NOMEM);
			assert_int_equal(peer6_cache_count(&f->cache), n);
			assert_null(peer6_cache_find(&f->cache, &id));
			fails++;
		}
		for (requests = 1; i % 20 == 0; requests++) {
			f->counted.requests = 0;
			f->counted.fail_at = requests;
			peer6_pnrp_id_inc(&id, &id);
			err = peer6_cache_add_local(&f->cache, &id);
			if (!err)
				break;
			assert_int_equal(err, PEER6_E_NOMEM);
			assert_false(peer6_cache_is_local(&f->cache, &id));
			fails++;
		}
		f->counted.fail_at = 0;
		assert_int_equal(peer6_cache_memory(&f->cache),
				 f->counted.held);
	}
	assert_true(fails > 400);
	/* More addresses, no memory: the entry stays as it was. */
	route = route_to(&peer6_cache_get(&f->cache, 3)->id);
	route.n_addrs = 4;
	route.port = 9999;
	f->counted.requests = 0;
	f->counted.fail_at = 1;
	assert_int_equal(peer6_cache_insert(&f->cache, &route, false, 0, NULL),
			 PEER6_E_NOMEM);
	assert_int_equal(peer6_cache_get(&f->cache, 3)->port, 3540);
	assert_int_equal(peer6_cache_get(&f->cache, 3)->n_addrs, 1);
	f->counted.fail_at = 0;
}

static void no_random_no_choice(void **state)
{
	const struct peer6_cache_entry *out[4];
	struct fixture *f = *state;
	struct peer6_cache_gap gap;
	struct peer6_pnrp_id id;
	unsigned int i, n;

	for (i = 0; i < 200; i++) {
		dice_fill(&f->dice, id.b, sizeof(id.b));
		put(f, &id, NULL);
	}
	n = peer6_cache_count(&f->cache);
	assert_int_equal(n, peer6_cache_limit(&f->cache));
	f->dice.broken = true;
	id = number(1, 2);
	assert_int_equal(put(f, &id, NULL), PEER6_E_RANDOM);
	assert_int_equal(peer6_cache_count(&f->cache), n);
	assert_null(peer6_cache_find(&f->cache, &id));
	assert_int_equal(peer6_cache_spread(&f->cache, out, 4), PEER6_E_RANDOM);
	assert_int_equal(peer6_cache_random(&f->cache, out, 4), PEER6_E_RANDOM);
	assert_int_equal(peer6_cache_gap(&f->cache, &gap), PEER6_E_RANDOM);
	f->dice.broken = false;
	assert_int_equal(put(f, &id, NULL), 0);
}

static void local_ids_are_bounded(void **state)
{
	struct fixture *f = *state;
	struct peer6_pnrp_id id;
	unsigned int i;

	for (i = 0; i < PEER6_CACHE_LOCALS_MAX; i++) {
		dice_fill(&f->dice, id.b, sizeof(id.b));
		assert_int_equal(peer6_cache_add_local(&f->cache, &id), 0);
	}
	dice_fill(&f->dice, id.b, sizeof(id.b));
	assert_int_equal(peer6_cache_add_local(&f->cache, &id), PEER6_E_LIMIT);
	assert_non_null(peer6_cache_get_local(&f->cache, i - 1));
	assert_null(peer6_cache_get_local(&f->cache, i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(leaf_set_wraps),
		TEST(flood_is_bounded),
		TEST(levels_fill_alike),
		TEST(resolver_keeps_an_even_ring),
		TEST(spread_is_even),
		TEST(random_picks_all_alike),
		TEST(recent_comes_first),
		TEST(refresh_takes_new_addresses),
		TEST(cloud_size_as_published),
		TEST(gaps_close),
		TEST(leaf_gaps_are_all_looked_at),
		TEST(failures_change_nothing),
		TEST(no_random_no_choice),
		TEST(local_ids_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
