// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The route cache against a model that keeps a plain list and looks at all of
 * it for each answer.
 */
#include "cache_fixture.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(any_sequence_answers_as_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
