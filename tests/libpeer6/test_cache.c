// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The route cache against a model that keeps a plain list and looks at all of
 * it for each answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pnrp/cache.h>

#define MODEL_MAX 4096

/* A known sequence, or a source that fails. */
struct dice {
	uint64_t state;
	bool broken;
};

static uint64_t roll(struct dice *dice)
{
	dice->state ^= dice->state << 13;
	dice->state ^= dice->state >> 7;
	dice->state ^= dice->state << 17;
	return dice->state;
}

static int dice_fill(void *ctx, void *buf, size_t len)
{
	struct dice *dice = ctx;
	uint8_t *p = buf;

	if (dice->broken)
		return PEER6_E_RANDOM;
	while (len--)
		*p++ = roll(dice) >> 32;
	return 0;
}

/* Memory that counts, and that fails at the @fail_at-th request. */
struct counted {
	struct peer6_mem mem;
	size_t held;
	unsigned int requests, fail_at;
};

static void *counted_realloc(void *ctx, void *p, size_t size)
{
	struct counted *counted = ctx;
	size_t *head = p ? (size_t *)p - 2 : NULL;

	if (!size) {
		if (head)
			counted->held -= *head;
		free(head);
		return NULL;
	}
	if (++counted->requests == counted->fail_at)
		return NULL;
	if (head)
		counted->held -= *head;
	head = realloc(head, size + 2 * sizeof(*head));
	assert_non_null(head);
	*head = size;
	counted->held += size;
	return head + 2;
}

struct fixture {
	struct dice dice;
	struct counted counted;
	struct peer6_cache cache;
	/* the model */
	struct peer6_pnrp_id ids[MODEL_MAX], locals[16];
	unsigned int n, n_locals;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dice.state = 88172645463325252u;
	f->counted.mem.realloc = counted_realloc;
	f->counted.mem.ctx = &f->counted;
	peer6_cache_init(&f->cache, &f->counted.mem, dice_fill, &f->dice);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	peer6_cache_fini(&f->cache);
	assert_int_equal(f->counted.held, 0);
	free(f);
	return 0;
}

/* Whole ring, close to its seam, or close to a local ID. */
static struct peer6_pnrp_id some_id(struct fixture *f)
{
	struct peer6_pnrp_id id, zero = { 0 };
	uint64_t what = roll(&f->dice) % 8;

	dice_fill(&f->dice, id.b, sizeof(id.b));
	if (what == 0) {
		memset(id.b, 0, 31);
	} else if (what == 1) {
		memset(id.b, 0, 31);
		peer6_pnrp_id_sub(&id, &zero, &id);
	} else if (what == 2) {
		memset(id.b, 0, 31);
		id.b[0] = 0x80;
	} else if (what < 5 && f->n_locals) {
		memset(id.b, 0, what == 3 ? 31 : 2);
		peer6_pnrp_id_sub(&id, &f->locals[roll(&f->dice) % f->n_locals],
				  &id);
	}
	return id;
}

static struct peer6_pnrp_id number(uint8_t top, uint8_t low)
{
	struct peer6_pnrp_id id = { { 0 } };

	id.b[0] = top;
	id.b[31] = low;
	return id;
}

static struct peer6_pnrp_route route_to(const struct peer6_pnrp_id *id)
{
	struct peer6_pnrp_route route = { .id = *id, .port = 3540,
					  .n_addrs = 1 };

	memcpy(route.addrs[0], id->b + 16, 16);
	route.addrs[0][0] = 0x20;
	return route;
}

static int put(struct fixture *f, const struct peer6_pnrp_id *id,
	       struct peer6_cache_change *change)
{
	struct peer6_pnrp_route route = route_to(id);

	return peer6_cache_insert(&f->cache, &route, false, 0, change);
}

static int model_find(const struct fixture *f, const struct peer6_pnrp_id *id)
{
	unsigned int i;

	for (i = 0; i < f->n; i++)
		if (!peer6_pnrp_id_cmp(&f->ids[i], id))
			return i;
	return -1;
}

static bool model_local(const struct fixture *f, const struct peer6_pnrp_id *id)
{
	unsigned int i;

	for (i = 0; i < f->n_locals; i++)
		if (!peer6_pnrp_id_cmp(&f->locals[i], id))
			return true;
	return false;
}

static void model_remove(struct fixture *f, const struct peer6_pnrp_id *id)
{
	int i = model_find(f, id);

	assert_true(i >= 0);
	f->ids[i] = f->ids[--f->n];
}

/* Would be in the leaf set: fewer than five are nearer on that side. */
static bool model_leaf(const struct fixture *f,
		       const struct peer6_pnrp_id *local,
		       const struct peer6_pnrp_id *id)
{
	bool above = peer6_pnrp_id_above(local, id);
	struct peer6_pnrp_id mine, other;
	unsigned int i, nearer = 0;

	if (!peer6_pnrp_id_cmp(local, id))
		return false;
	peer6_pnrp_id_dist(&mine, local, id);
	for (i = 0; i < f->n; i++) {
		peer6_pnrp_id_dist(&other, local, &f->ids[i]);
		if (peer6_pnrp_id_above(local, &f->ids[i]) == above &&
		    peer6_pnrp_id_cmp(&other, &mine) < 0)
			nearer++;
	}
	return nearer < 5;
}

static unsigned int model_leaves(const struct fixture *f,
				 const struct peer6_pnrp_id *id)
{
	unsigned int i, n = 0;

	for (i = 0; i < f->n_locals; i++)
		n += model_leaf(f, &f->locals[i], id);
	return n;
}

static bool odd_only(void *ctx, const struct peer6_cache_entry *e)
{
	(void)ctx;
	return e->id.b[20] & 1;
}

static void check_closest(struct fixture *f)
{
	const struct peer6_cache_entry *got[7];
	struct peer6_pnrp_id target = some_id(f), bound = some_id(f);
	bool filter = roll(&f->dice) & 1, limit = roll(&f->dice) & 1;
	unsigned int i, j, n, fit = 0;

	n = peer6_cache_closest_k(&f->cache, &target, limit ? &bound : NULL,
				  filter ? odd_only : NULL, NULL, got, 7);
	for (i = 0; i < f->n; i++) {
		if (filter && !(f->ids[i].b[20] & 1))
			continue;
		if (limit && peer6_pnrp_id_closer(&target, &f->ids[i],
						  &bound) >= 0)
			continue;
		fit++;
		for (j = 0; j < n; j++)
			if (!peer6_pnrp_id_cmp(&got[j]->id, &f->ids[i]))
				break;
		/* None of those left out is nearer than one that came. */
		if (j == n)
			assert_true(n == 7 &&
				    peer6_pnrp_id_closer(&target,
							 &got[n - 1]->id,
							 &f->ids[i]) <= 0);
	}
	assert_int_equal(n, fit < 7 ? fit : 7);
	for (j = 0; j < n; j++) {
		assert_true(model_find(f, &got[j]->id) >= 0);
		assert_true(!filter || (got[j]->id.b[20] & 1));
		if (j)
			assert_true(peer6_pnrp_id_closer(&target,
							 &got[j - 1]->id,
							 &got[j]->id) <= 0);
	}
	assert_ptr_equal(peer6_cache_closest(&f->cache, &target,
					     limit ? &bound : NULL,
					     filter ? odd_only : NULL, NULL),
			 n ? got[0] : NULL);
}

static void check_sides(struct fixture *f)
{
	struct peer6_pnrp_id id = some_id(f), best, way;
	const struct peer6_cache_entry *e;
	unsigned int i, side;
	bool found;

	for (side = 0; side < 2; side++) {
		found = false;
		for (i = 0; i < f->n; i++) {
			if (!peer6_pnrp_id_cmp(&id, &f->ids[i]) ||
			    peer6_pnrp_id_above(&id, &f->ids[i]) != side)
				continue;
			peer6_pnrp_id_dist(&way, &id, &f->ids[i]);
			if (!found || peer6_pnrp_id_cmp(&way, &best) < 0)
				best = way;
			found = true;
		}
		e = side ? peer6_cache_above(&f->cache, &id, NULL, NULL) :
			   peer6_cache_below(&f->cache, &id, NULL, NULL);
		assert_int_equal(!!e, found);
		if (e) {
			peer6_pnrp_id_dist(&way, &id, &e->id);
			assert_int_equal(peer6_pnrp_id_cmp(&way, &best), 0);
			assert_int_equal(peer6_pnrp_id_above(&id, &e->id),
					 side);
		}
	}
}

static void check_leaves(struct fixture *f)
{
	const struct peer6_cache_entry *up[5], *down[5];
	unsigned int i, j, k, n_up, n_down, in;
	const struct peer6_pnrp_id *local;
	struct peer6_pnrp_id id = some_id(f);

	for (i = 0; i < f->n_locals; i++) {
		local = &f->locals[i];
		n_up = peer6_leaf_above(&f->cache, local, up);
		n_down = peer6_leaf_below(&f->cache, local, down);
		in = 0;
		for (j = 0; j < f->n; j++) {
			if (!model_leaf(f, local, &f->ids[j])) {
				assert_false(peer6_leaf_has(&f->cache, local,
							    &f->ids[j]));
				continue;
			}
			in++;
			assert_true(peer6_leaf_has(&f->cache, local,
						   &f->ids[j]));
			for (k = 0; k < n_up + n_down; k++)
				if (!peer6_pnrp_id_cmp(&f->ids[j], k < n_up ?
					&up[k]->id : &down[k - n_up]->id))
					break;
			assert_true(k < n_up + n_down);
		}
		assert_int_equal(in, n_up + n_down);
		for (k = 1; k < n_up; k++)
			assert_true(peer6_pnrp_id_closer(local, &up[k - 1]->id,
							 &up[k]->id) < 0);
		for (k = 1; k < n_down; k++)
			assert_true(peer6_pnrp_id_closer(local,
							 &down[k - 1]->id,
							 &down[k]->id) < 0);
		assert_int_equal(peer6_leaf_has(&f->cache, local, &id),
				 model_leaf(f, local, &id));
	}
	if (!model_local(f, &id))
		assert_int_equal(peer6_leaf_any(&f->cache, &id),
				 model_leaves(f, &id) > 0);
}

static void check_same(struct fixture *f)
{
	unsigned int i;

	assert_int_equal(peer6_cache_count(&f->cache), f->n);
	assert_int_equal(peer6_cache_count_locals(&f->cache), f->n_locals);
	assert_int_equal(peer6_cache_memory(&f->cache), f->counted.held);
	assert_true(f->n <= peer6_cache_limit(&f->cache));
	for (i = 0; i < f->n; i++) {
		assert_true(model_find(f, &peer6_cache_get(&f->cache,
							   i)->id) >= 0);
		assert_non_null(peer6_cache_find(&f->cache, &f->ids[i]));
		if (i)
			assert_true(peer6_pnrp_id_cmp(
				&peer6_cache_get(&f->cache, i - 1)->id,
				&peer6_cache_get(&f->cache, i)->id) < 0);
	}
	assert_null(peer6_cache_get(&f->cache, f->n));
}

static void step_insert(struct fixture *f)
{
	struct peer6_pnrp_id id = some_id(f);
	struct peer6_cache_change c;
	bool known = model_find(f, &id) >= 0, local = model_local(f, &id);
	unsigned int leaves = model_leaves(f, &id);
	bool full = f->n == peer6_cache_limit(&f->cache);

	assert_int_equal(put(f, &id, &c), 0);
	if (local) {
		assert_int_equal(c.outcome, PEER6_CACHE_REFUSED);
		return;
	}
	if (known) {
		assert_int_equal(c.outcome, PEER6_CACHE_REFRESHED);
		assert_int_equal(c.n_leaf, 0);
		return;
	}
	assert_int_equal(c.n_leaf, leaves);
	if (c.outcome == PEER6_CACHE_REFUSED) {
		assert_true(full);
		assert_int_equal(leaves, 0);
		return;
	}
	assert_int_equal(c.outcome, PEER6_CACHE_STORED);
	f->ids[f->n++] = id;
	assert_int_equal(c.evicted, full);
	if (c.evicted) {
		/* Leaves stay, also those that the new one pushes outwards. */
		assert_int_equal(model_leaves(f, &c.evicted_id), 0);
		model_remove(f, &c.evicted_id);
	}
}

static void step_locals(struct fixture *f)
{
	struct peer6_pnrp_id id = some_id(f);
	unsigned int i, kept;

	if (f->n_locals < 3 || (f->n_locals < 6 && roll(&f->dice) & 1)) {
		if (model_local(f, &id)) {
			assert_int_equal(peer6_cache_add_local(&f->cache, &id),
					 PEER6_E_EXISTS);
			return;
		}
		assert_int_equal(peer6_cache_add_local(&f->cache, &id), 0);
		if (model_find(f, &id) >= 0)
			model_remove(f, &id);
		f->locals[f->n_locals++] = id;
		return;
	}
	i = roll(&f->dice) % f->n_locals;
	id = f->locals[i];
	assert_int_equal(peer6_cache_remove_local(&f->cache, &id), 0);
	assert_int_equal(peer6_cache_remove_local(&f->cache, &id),
			 PEER6_E_NOT_FOUND);
	f->locals[i] = f->locals[--f->n_locals];
	/* The limit is lower now, and the leaves of the others are whole. */
	for (i = 0, kept = 0; i < f->n; i++) {
		if (peer6_cache_find(&f->cache, &f->ids[i])) {
			kept++;
			continue;
		}
		assert_int_equal(model_leaves(f, &f->ids[i]), 0);
	}
	for (i = 0; i < f->n;)
		if (peer6_cache_find(&f->cache, &f->ids[i]))
			i++;
		else
			f->ids[i] = f->ids[--f->n];
	assert_int_equal(f->n, kept);
}

static void any_sequence_answers_as_the_model(void **state)
{
	struct fixture *f = *state;
	unsigned int step, i;

	for (step = 0; step < 3000; step++) {
		/* Grow for a while, shrink for a while. */
		if (step % 1000 > 800 && f->n) {
			struct peer6_pnrp_id id =
				f->ids[roll(&f->dice) % f->n];

			assert_int_equal(peer6_cache_remove(&f->cache, &id), 0);
			assert_int_equal(peer6_cache_remove(&f->cache, &id),
					 PEER6_E_NOT_FOUND);
			model_remove(f, &id);
		} else {
			step_insert(f);
		}
		if (step % 150 == 40)
			step_locals(f);
		check_closest(f);
		if (step % 20 == 0) {
			check_sides(f);
			check_leaves(f);
		}
		if (step % 100 == 0)
			check_same(f);
	}
	for (i = 0; i < f->n_locals; i++)
		assert_true(peer6_cache_is_local(&f->cache, &f->locals[i]));
	peer6_cache_clear(&f->cache);
	f->n = 0;
	check_same(f);
	check_closest(f);
	check_leaves(f);
}

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

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(any_sequence_answers_as_the_model),
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
		TEST(failures_change_nothing),
		TEST(no_random_no_choice),
		TEST(local_ids_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
