// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Leaf sets: the five cached entries above and below each local ID ([MS-PNRP]
 * section 3.2.1). They are places in the sorted array, so that there is nothing
 * to keep up to date.
 */
#include "cache_priv.h"

/* The k-th neighbour (0: the nearest) of @local on one side; NULL: none. */
static const struct peer6_cache_entry *
neighbour(const struct peer6_cache *cache, const struct peer6_pnrp_id *local,
	  uint32_t seek, unsigned int k, bool above)
{
	uint32_t n = cache->n_entries;
	const struct peer6_cache_entry *e;

	if (k >= n)
		return NULL;
	e = cache->entries[above ? (seek + k) % n : (seek + n - 1 - k) % n];
	/* Past half the ring the walk is on the other side. */
	return peer6_pnrp_id_above(local, &e->id) == above ? e : NULL;
}

bool peer6_leaf_has(const struct peer6_cache *cache,
		    const struct peer6_pnrp_id *local,
		    const struct peer6_pnrp_id *id)
{
	bool above = peer6_pnrp_id_above(local, id);
	const struct peer6_cache_entry *e;
	struct peer6_pnrp_id mine, other;
	uint32_t seek;

	if (!peer6_pnrp_id_cmp(local, id))
		return false;
	seek = peer6_cache_seek(cache, local);
	/* Whether the outermost one is there, and who is nearer. */
	e = neighbour(cache, local, seek, PEER6_LEAF_SIDE - 1, above);
	if (!e)
		return true;
	peer6_pnrp_id_dist(&mine, local, id);
	peer6_pnrp_id_dist(&other, local, &e->id);
	return peer6_pnrp_id_cmp(&mine, &other) <= 0;
}

/*
 * Local IDs in the order of the ring from @id on, upwards or downwards. What is
 * a leaf of one of them is a leaf of all that are nearer on that side.
 */
static unsigned int count_side(const struct peer6_cache *cache,
			       const struct peer6_pnrp_id *id, bool upwards)
{
	uint32_t n = cache->n_locals, i, seek, skip = 0;
	const struct peer6_pnrp_id *local;

	seek = peer6_cache_seek_local(cache, id);
	if (upwards && seek < n &&
	    !peer6_pnrp_id_cmp(&cache->locals[seek], id))
		skip = 1;
	for (i = 0; i + skip < n; i++) {
		local = &cache->locals[upwards ? (seek + skip + i) % n :
				       (seek + n - 1 - i) % n];
		/* @id is below the local IDs that come upwards of it. */
		if (peer6_pnrp_id_above(local, id) == upwards ||
		    !peer6_leaf_has(cache, local, id))
			break;
	}
	return i;
}

unsigned int peer6_leaf_count(const struct peer6_cache *cache,
			      const struct peer6_pnrp_id *id)
{
	return count_side(cache, id, true) + count_side(cache, id, false);
}

bool peer6_leaf_any(const struct peer6_cache *cache,
		    const struct peer6_pnrp_id *id)
{
	uint32_t n = cache->n_locals, seek;

	if (!n)
		return false;
	if (n == 1)
		return peer6_leaf_has(cache, &cache->locals[0], id);
	seek = peer6_cache_seek_local(cache, id);
	return peer6_leaf_has(cache, &cache->locals[seek % n], id) ||
	       peer6_leaf_has(cache, &cache->locals[(seek + n - 1) % n], id) ||
	       /* @id itself is local: the next one upwards of it. */
	       peer6_leaf_has(cache, &cache->locals[(seek + 1) % n], id);
}

/*
 * With one local ID it is a matter of places: the nearest five on either side,
 * as far as they are on that half of the ring.
 */
bool peer6_leaf_any_at(const struct peer6_cache *cache, uint32_t i)
{
	const struct peer6_pnrp_id *id = &cache->entries[i]->id;
	uint32_t n = cache->n_entries, up, down;

	if (cache->n_locals != 1)
		return peer6_leaf_any(cache, id);
	up = (i + n - peer6_cache_seek(cache, &cache->locals[0])) % n;
	down = n - 1 - up;
	if (up >= PEER6_LEAF_SIDE && down >= PEER6_LEAF_SIDE)
		return false;
	return peer6_pnrp_id_above(&cache->locals[0], id) ?
	       up < PEER6_LEAF_SIDE : down < PEER6_LEAF_SIDE;
}

static unsigned int fill(const struct peer6_cache *cache,
			 const struct peer6_pnrp_id *local, bool above,
			 const struct peer6_cache_entry **out)
{
	uint32_t seek = peer6_cache_seek(cache, local);
	unsigned int k;

	for (k = 0; k < PEER6_LEAF_SIDE; k++) {
		out[k] = neighbour(cache, local, seek, k, above);
		if (!out[k])
			break;
	}
	return k;
}

unsigned int
peer6_leaf_above(const struct peer6_cache *cache,
		 const struct peer6_pnrp_id *local,
		 const struct peer6_cache_entry *out[PEER6_LEAF_SIDE])
{
	return fill(cache, local, true, out);
}

unsigned int
peer6_leaf_below(const struct peer6_cache *cache,
		 const struct peer6_pnrp_id *local,
		 const struct peer6_cache_entry *out[PEER6_LEAF_SIDE])
{
	return fill(cache, local, false, out);
}
