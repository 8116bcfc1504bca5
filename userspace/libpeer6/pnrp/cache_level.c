// SPDX-License-Identifier: LGPL-2.1-or-later
/* The levels of the cache: their gaps, and how large the cloud seems. */
#include "cache_priv.h"

#define RING	18446744073709551616.0	/* 2^64: tops are numbers below it */
#define HEAD	4294967296.0		/* 2^32: tops of one head */

unsigned int peer6_cache_level(const struct peer6_cache *cache,
			       const struct peer6_pnrp_id *id)
{
	/* Level i reaches 2^255 / 10^i to either side of a local ID. */
	uint64_t reach = (UINT64_C(1) << 63) / 10, top;
	const struct peer6_pnrp_id *local;
	struct peer6_pnrp_id dist;
	unsigned int level = 0;

	local = peer6_cache_closest_local(cache, id);
	if (!local)
		return 0;
	peer6_pnrp_id_dist(&dist, local, id);
	top = peer6_cache_top(&dist);
	while (level < PEER6_CACHE_LEVELS - 1 && top < reach) {
		level++;
		reach /= 10;
	}
	return level;
}

unsigned int peer6_cache_levels(const struct peer6_cache *cache)
{
	unsigned int seen = 0, n = 0;
	uint32_t i;

	for (i = 0; i < cache->n_entries; i++)
		seen |= 1u << peer6_cache_level(cache, &cache->entries[i]->id);
	for (; seen; seen &= seen - 1)
		n++;
	return n;
}

static double fraction(const struct peer6_pnrp_id *id)
{
	double f = 0;
	int i;

	for (i = PEER6_PNRP_ID_LEN; i-- > 0;)
		f = (f + id->b[i]) / 256;
	return f;
}

double peer6_cache_cloud_ids(const struct peer6_cache *cache)
{
	const struct peer6_cache_entry *above, *below;
	struct peer6_pnrp_id span;
	double sum = 0, ids;
	unsigned int n = 0;
	uint32_t i;

	for (i = 0; i < cache->n_locals; i++) {
		above = peer6_cache_above(cache, &cache->locals[i], NULL, NULL);
		below = peer6_cache_below(cache, &cache->locals[i], NULL, NULL);
		if (!above || !below)
			continue;
		peer6_pnrp_id_sub(&span, &above->id, &below->id);
		ids = 2 / fraction(&span);
		if (ids >= 4294967296.0)
			continue;
		sum += ids;
		n++;
	}
	return n ? sum / n : 0;
}

/*
 * IDs in a 2^-64 of the ring, as the whole leaf sets tell: less random than the
 * two nearest alone. 0: not known; negative: the leaf sets hold all there are.
 */
static double density(const struct peer6_cache *cache)
{
	const struct peer6_cache_entry *above[PEER6_LEAF_SIDE];
	const struct peer6_cache_entry *below[PEER6_LEAF_SIDE];
	struct peer6_pnrp_id span;
	double sum = 0;
	uint32_t i;

	for (i = 0; i < cache->n_locals; i++) {
		if (peer6_leaf_above(cache, &cache->locals[i], above) <
		    PEER6_LEAF_SIDE ||
		    peer6_leaf_below(cache, &cache->locals[i], below) <
		    PEER6_LEAF_SIDE)
			return -1;
		peer6_pnrp_id_sub(&span, &above[PEER6_LEAF_SIDE - 1]->id,
				  &below[PEER6_LEAF_SIDE - 1]->id);
		sum += 2 * PEER6_LEAF_SIDE / (peer6_cache_top(&span) + 1.0);
	}
	return cache->n_locals ? sum / cache->n_locals : 0;
}

/* The point half way from a up to b, and what surely lies between them. */
static void middle(const struct peer6_pnrp_id *a, const struct peer6_pnrp_id *b,
		   struct peer6_cache_gap *gap)
{
	struct peer6_pnrp_id half;
	unsigned int i, carry = 0, bits = 0;

	peer6_pnrp_id_sub(&half, b, a);
	for (i = 0; i < PEER6_PNRP_ID_LEN; i++) {
		carry = carry << 8 | half.b[i];
		half.b[i] = carry >> 1;
		carry &= 1;
	}
	/* A single entry: half the ring away from itself. */
	if (peer6_pnrp_id_is_zero(&half))
		half.b[0] = 0x80;
	/* A block of 2^k IDs around the middle fits if half is 2^k or more. */
	while (bits < 255 && !(half.b[bits / 8] & 0x80 >> bits % 8))
		bits++;
	gap->precision = bits + 1;
	for (i = PEER6_PNRP_ID_LEN, carry = 0; i-- > 0;) {
		carry += a->b[i] + half.b[i];
		gap->middle.b[i] = carry;
		carry >>= 8;
	}
}

static bool local_between(const struct peer6_cache *cache,
			  const struct peer6_pnrp_id *a,
			  const struct peer6_pnrp_id *b)
{
	struct peer6_pnrp_id to_local, to_b;
	const struct peer6_pnrp_id *local;

	local = &cache->locals[peer6_cache_seek_local(cache, a) %
			       cache->n_locals];
	peer6_pnrp_id_sub(&to_local, local, a);
	peer6_pnrp_id_sub(&to_b, b, a);
	return peer6_pnrp_id_cmp(&to_local, &to_b) < 0;
}

/* Entries for each level: the fewer have more IDs than that, the more. */
static double share(double ids)
{
	unsigned int levels = 0;

	for (; ids > PEER6_CACHE_SLOTS; ids /= 10)
		levels++;
	return levels && levels * PEER6_CACHE_SLOTS < PEER6_CACHE_ENTRIES ?
	       (double)PEER6_CACHE_ENTRIES / levels : PEER6_CACHE_SLOTS;
}

int peer6_cache_gap(const struct peer6_cache *cache,
		    struct peer6_cache_gap *gap)
{
	double ids = density(cache), width, allowed, slots;
	uint32_t n = cache->n_entries, i, found = 0;
	const struct peer6_pnrp_id *a, *b;
	struct peer6_cache_gap g;
	unsigned int level;
	uint32_t heads;
	uint64_t seed;

	if (!n || ids < 0)
		return 0;
	if (cache->random(cache->random_ctx, &seed, sizeof(seed)) < 0)
		return PEER6_E_RANDOM;
	slots = share(ids * RING);
	for (i = 0; i < n; i++) {
		/* Cheap questions first: most gaps are narrow. */
		heads = cache->heads[(i + 1) % n] - cache->heads[i];
		if (n > 1 && ids > 0 && (heads + 1.0) * HEAD * ids <
					PEER6_CACHE_GAP_IDS)
			continue;
		a = &cache->entries[i]->id;
		b = &cache->entries[(i + 1) % n]->id;
		width = n == 1 ? RING :
			(double)(peer6_cache_top(b) - peer6_cache_top(a));
		if (ids > 0 && width * ids < PEER6_CACHE_GAP_IDS)
			continue;
		/* Between a leaf set and its local ID nobody is missed. */
		if (ids > 0 && local_between(cache, a, b))
			continue;
		middle(a, b, &g);
		g.level = peer6_cache_level(cache, &g.middle);
		allowed = 2 * RING / slots;
		for (level = 0; level < g.level; level++)
			allowed /= 10;
		if (width <= allowed)
			continue;
		found++;
		if (peer6_cache_next_random(&seed) % found == 0)
			*gap = g;
	}
	return found > 0;
}

bool peer6_leaf_gap(const struct peer6_cache *cache, uint32_t which,
		    struct peer6_cache_gap *gap)
{
	const struct peer6_pnrp_id *local, *near, *far;
	uint32_t n = cache->n_entries, at, k;
	bool above = which & 1;

	if (!n || !cache->n_locals)
		return false;
	local = &cache->locals[which / PEER6_LEAF_GAPS % cache->n_locals];
	k = which % PEER6_LEAF_GAPS / 2 % n;
	at = peer6_cache_seek(cache, local);
	at = above ? at + k : at + 2 * n - 1 - k;
	far = &cache->entries[at % n]->id;
	near = !k ? local : &cache->entries[(above ? at - 1 : at + 1) % n]->id;
	middle(above ? near : far, above ? far : near, gap);
	gap->level = peer6_cache_level(cache, &gap->middle);
	return true;
}
