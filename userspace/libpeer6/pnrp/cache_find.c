// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the cache is asked: who is where, and what it lacks. */
#include <string.h>

#include "cache_priv.h"

const struct peer6_pnrp_id *
peer6_cache_closest_local(const struct peer6_cache *cache,
			  const struct peer6_pnrp_id *target)
{
	const struct peer6_pnrp_id *up, *down;
	uint32_t n = cache->n_locals, i;

	if (n < 2)
		return n ? &cache->locals[0] : NULL;
	i = peer6_cache_seek_local(cache, target);
	up = &cache->locals[i % n];
	down = &cache->locals[(i + n - 1) % n];
	return peer6_pnrp_id_closer(target, up, down) <= 0 ? up : down;
}

const struct peer6_cache_entry *
peer6_cache_find(const struct peer6_cache *cache,
		 const struct peer6_pnrp_id *id)
{
	int64_t i = peer6_cache_index(cache, id);

	return i < 0 ? NULL : cache->entries[i];
}

unsigned int peer6_cache_closest_k(const struct peer6_cache *cache,
				   const struct peer6_pnrp_id *target,
				   const struct peer6_pnrp_id *bound,
				   peer6_cache_filter filter, void *ctx,
				   const struct peer6_cache_entry **out,
				   unsigned int k)
{
	uint32_t n = cache->n_entries, seek, ups = 0, downs = 0;
	const struct peer6_cache_entry *up, *down, *e;
	struct peer6_pnrp_id to_up, to_down;
	unsigned int found = 0;

	/*
	 * Two walks away from @target, merged by the way that each has gone.
	 * What one would reach past half the ring the other has met before.
	 */
	seek = n ? peer6_cache_seek(cache, target) : 0;
	while (found < k && ups + downs < n) {
		up = cache->entries[(seek + ups) % n];
		down = cache->entries[(seek + n - 1 - downs) % n];
		peer6_pnrp_id_sub(&to_up, &up->id, target);
		peer6_pnrp_id_sub(&to_down, target, &down->id);
		if (peer6_pnrp_id_cmp(&to_up, &to_down) <= 0) {
			e = up;
			ups++;
		} else {
			e = down;
			downs++;
		}
		if (bound && peer6_pnrp_id_closer(target, &e->id, bound) >= 0)
			break;
		if (!filter || filter(ctx, e))
			out[found++] = e;
	}
	return found;
}

const struct peer6_cache_entry *
peer6_cache_closest(const struct peer6_cache *cache,
		    const struct peer6_pnrp_id *target,
		    const struct peer6_pnrp_id *bound,
		    peer6_cache_filter filter, void *ctx)
{
	const struct peer6_cache_entry *e;

	return peer6_cache_closest_k(cache, target, bound, filter, ctx, &e, 1) ?
	       e : NULL;
}

static const struct peer6_cache_entry *
nearest(const struct peer6_cache *cache, const struct peer6_pnrp_id *id,
	bool above, peer6_cache_filter filter, void *ctx)
{
	uint32_t n = cache->n_entries, i, k;
	const struct peer6_cache_entry *e;

	i = peer6_cache_seek(cache, id);
	for (k = 0; k < n; k++) {
		e = cache->entries[above ? (i + k) % n : (i + n - 1 - k) % n];
		if (!peer6_pnrp_id_cmp(&e->id, id))
			continue;
		if (peer6_pnrp_id_above(id, &e->id) != above)
			break;
		if (!filter || filter(ctx, e))
			return e;
	}
	return NULL;
}

const struct peer6_cache_entry *
peer6_cache_above(const struct peer6_cache *cache,
		  const struct peer6_pnrp_id *id,
		  peer6_cache_filter filter, void *ctx)
{
	return nearest(cache, id, true, filter, ctx);
}

const struct peer6_cache_entry *
peer6_cache_below(const struct peer6_cache *cache,
		  const struct peer6_pnrp_id *id,
		  peer6_cache_filter filter, void *ctx)
{
	return nearest(cache, id, false, filter, ctx);
}

unsigned int peer6_cache_recent(const struct peer6_cache *cache,
				const struct peer6_cache_entry **out,
				unsigned int n)
{
	unsigned int found = 0, at;
	uint32_t i;

	for (i = 0; i < cache->n_entries; i++) {
		for (at = found; at; at--)
			if (out[at - 1]->used >= cache->entries[i]->used)
				break;
		if (at == n)
			continue;
		if (found < n)
			found++;
		memmove(out + at + 1, out + at,
			(found - 1 - at) * sizeof(*out));
		out[at] = cache->entries[i];
	}
	return found;
}

struct taken {
	const struct peer6_cache_entry **out;
	unsigned int n;
};

static bool not_taken(void *ctx, const struct peer6_cache_entry *e)
{
	const struct taken *taken = ctx;
	unsigned int i;

	for (i = 0; i < taken->n; i++)
		if (taken->out[i] == e)
			return false;
	return true;
}

int peer6_cache_spread(const struct peer6_cache *cache,
		       const struct peer6_cache_entry **out, unsigned int n)
{
	struct peer6_pnrp_id target, step;
	struct taken taken = { out, 0 };
	unsigned int i, carry, rest = 1;

	if (n >= cache->n_entries) {
		for (i = 0; i < cache->n_entries; i++)
			out[i] = cache->entries[i];
		return i;
	}
	if (cache->random(cache->random_ctx, target.b, sizeof(target.b)) < 0)
		return PEER6_E_RANDOM;
	/* step = 2^256 / n, by hand; n is below the few hundred entries. */
	for (i = 0; n > 1 && i < PEER6_PNRP_ID_LEN; i++) {
		rest = rest << 8;
		step.b[i] = rest / n;
		rest %= n;
	}
	while (taken.n < n) {
		out[taken.n] = peer6_cache_closest(cache, &target, NULL,
						   not_taken, &taken);
		taken.n++;
		if (taken.n == n)
			break;
		for (i = PEER6_PNRP_ID_LEN, carry = 0; i-- > 0;) {
			carry += target.b[i] + step.b[i];
			target.b[i] = carry;
			carry >>= 8;
		}
	}
	return n;
}

int peer6_cache_random(const struct peer6_cache *cache,
		       const struct peer6_cache_entry **out, unsigned int n)
{
	uint64_t seed, place;
	uint32_t i;

	if (cache->random(cache->random_ctx, &seed, sizeof(seed)) < 0)
		return PEER6_E_RANDOM;
	/* Each has the same chance, whatever n is (reservoir sampling). */
	for (i = 0; i < cache->n_entries; i++) {
		if (i < n) {
			out[i] = cache->entries[i];
			continue;
		}
		place = peer6_cache_next_random(&seed) % (i + 1);
		if (place < n)
			out[place] = cache->entries[i];
	}
	return i < n ? i : n;
}

const struct peer6_cache_entry *
peer6_cache_get(const struct peer6_cache *cache, unsigned int index)
{
	return index < cache->n_entries ? cache->entries[index] : NULL;
}

const struct peer6_pnrp_id *
peer6_cache_get_local(const struct peer6_cache *cache, unsigned int index)
{
	return index < cache->n_locals ? &cache->locals[index] : NULL;
}

unsigned int peer6_cache_count(const struct peer6_cache *cache)
{
	return cache->n_entries;
}

unsigned int peer6_cache_count_locals(const struct peer6_cache *cache)
{
	return cache->n_locals;
}

size_t peer6_cache_memory(const struct peer6_cache *cache)
{
	return cache->memory;
}

void peer6_cache_route(const struct peer6_cache_entry *entry,
		       struct peer6_pnrp_route *route)
{
	route->id = entry->id;
	route->port = entry->port;
	route->n_addrs = entry->n_addrs;
	memcpy(route->addrs, entry->addrs, 16 * (size_t)entry->n_addrs);
}

bool peer6_cache_has_addr(const struct peer6_cache_entry *entry,
			  const uint8_t addr[16])
{
	unsigned int i;

	for (i = 0; i < entry->n_addrs; i++)
		if (!memcmp(entry->addrs[i], addr, 16))
			return true;
	return false;
}

peer6_time peer6_cache_used(const struct peer6_cache_entry *entry)
{
	return entry->used * PEER6_CACHE_TICK;
}
