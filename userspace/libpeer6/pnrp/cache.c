// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the cache holds: local IDs, insertion, removal and the choice of who has
 * to go. The questions to it are in cache_find.c.
 */
#include <stdlib.h>
#include <string.h>

#include "cache_priv.h"

static void *resize(struct peer6_cache *cache, void *p, size_t from, size_t to)
{
	void *q;

	if (cache->mem) {
		q = cache->mem->realloc(cache->mem->ctx, p, to);
	} else if (to) {
		q = realloc(p, to);
	} else {
		free(p);
		q = NULL;
	}
	if (q || !to)
		cache->memory += to - from;
	return q;
}

/* Of the array: a pointer and a head. */
#define SLOT	(sizeof(struct peer6_cache_entry *) + sizeof(uint32_t))

static uint32_t head_of(const struct peer6_pnrp_id *id)
{
	return (uint32_t)id->b[0] << 24 | (uint32_t)id->b[1] << 16 |
	       (uint32_t)id->b[2] << 8 | id->b[3];
}

static size_t entry_size(unsigned int n_addrs)
{
	return sizeof(struct peer6_cache_entry) + 16 * (size_t)n_addrs;
}

static void entry_free(struct peer6_cache *cache, struct peer6_cache_entry *e)
{
	resize(cache, e, entry_size(e->n_addrs), 0);
}

void peer6_cache_init(struct peer6_cache *cache, const struct peer6_mem *mem,
		      peer6_random_fn random, void *random_ctx)
{
	memset(cache, 0, sizeof(*cache));
	cache->mem = mem;
	cache->random = random;
	cache->random_ctx = random_ctx;
}

void peer6_cache_clear(struct peer6_cache *cache)
{
	uint32_t i;

	for (i = 0; i < cache->n_entries; i++)
		entry_free(cache, cache->entries[i]);
	cache->n_entries = 0;
	if (cache->size)
		resize(cache, cache->entries, cache->size * SLOT, 0);
	cache->entries = NULL;
	cache->heads = NULL;
	cache->size = 0;
}

void peer6_cache_fini(struct peer6_cache *cache)
{
	peer6_cache_clear(cache);
	if (cache->locals_size)
		resize(cache, cache->locals,
		       cache->locals_size * sizeof(*cache->locals), 0);
	cache->locals = NULL;
	cache->n_locals = 0;
	cache->locals_size = 0;
}

uint32_t peer6_cache_seek(const struct peer6_cache *cache,
			  const struct peer6_pnrp_id *id)
{
	uint32_t lo = 0, n = cache->n_entries, head = head_of(id), half;

	/* Without a branch to guess: lo moves up or stays. */
	while (n) {
		half = (n + 1) / 2;
		lo += cache->heads[lo + half - 1] < head ? half : 0;
		n -= half;
	}
	while (lo < cache->n_entries && cache->heads[lo] == head &&
	       peer6_pnrp_id_cmp(&cache->entries[lo]->id, id) < 0)
		lo++;
	return lo;
}

uint32_t peer6_cache_seek_local(const struct peer6_cache *cache,
				const struct peer6_pnrp_id *id)
{
	uint32_t lo = 0, hi = cache->n_locals, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (peer6_pnrp_id_cmp(&cache->locals[mid], id) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool peer6_cache_is_local(const struct peer6_cache *cache,
			  const struct peer6_pnrp_id *id)
{
	uint32_t i = peer6_cache_seek_local(cache, id);

	return i < cache->n_locals &&
	       !peer6_pnrp_id_cmp(&cache->locals[i], id);
}

int64_t peer6_cache_index(const struct peer6_cache *cache,
			  const struct peer6_pnrp_id *id)
{
	uint32_t i = peer6_cache_seek(cache, id);

	if (i < cache->n_entries && cache->heads[i] == head_of(id) &&
	    !peer6_pnrp_id_cmp(&cache->entries[i]->id, id))
		return i;
	return -1;
}

static void take_out(struct peer6_cache *cache, uint32_t i)
{
	entry_free(cache, cache->entries[i]);
	cache->n_entries--;
	memmove(cache->entries + i, cache->entries + i + 1,
		(cache->n_entries - i) * sizeof(*cache->entries));
	memmove(cache->heads + i, cache->heads + i + 1,
		(cache->n_entries - i) * sizeof(*cache->heads));
}

unsigned int peer6_cache_limit(const struct peer6_cache *cache)
{
	return PEER6_CACHE_ENTRIES + (cache->n_locals > 1 ?
		PEER6_CACHE_ENTRIES_MORE * (cache->n_locals - 1) : 0);
}

/*
 * How much entry i would be missed: the gap that it would leave, compared with
 * its distance from the nearest local ID. A cache in which all are missed alike
 * has as many entries in each level, evenly spread, and with as many entries no
 * cache makes a lookup shorter. 64 bits of an ID tell neighbours apart in any
 * cloud that is believed in.
 */
static double worth(const struct peer6_cache *cache, uint32_t i)
{
	const struct peer6_cache_entry *e = cache->entries[i];
	uint32_t n = cache->n_entries;
	const struct peer6_pnrp_id *local;
	struct peer6_pnrp_id dist;
	uint64_t gap;

	gap = peer6_cache_top(&cache->entries[(i + 1) % n]->id) -
	      peer6_cache_top(&cache->entries[(i + n - 1) % n]->id);
	local = peer6_cache_closest_local(cache, &e->id);
	if (!local)
		return gap;
	peer6_pnrp_id_dist(&dist, local, &e->id);
	return gap / (peer6_cache_top(&dist) + 1.0);
}

/*
 * Removes the one that is missed least among some random ones and the entry
 * @newest, if that is no NULL. Random, so that nobody can compute which entries
 * push out which; leaf sets are spared.
 */
static bool evict(struct peer6_cache *cache, uint64_t seed,
		  const struct peer6_pnrp_id *newest, struct peer6_pnrp_id *out)
{
	uint32_t n = cache->n_entries, i, k, victim = n;
	double w, least = 0;

	/* All could be leaves; then a look at each finds who is not. */
	for (k = 0; k <= PEER6_CACHE_VICTIMS + n; k++) {
		if (!k && newest)
			i = peer6_cache_seek(cache, newest);
		else if (k <= PEER6_CACHE_VICTIMS)
			i = peer6_cache_next_random(&seed) % n;
		else if (victim < n)
			break;
		else
			i = k - PEER6_CACHE_VICTIMS - 1;
		if (peer6_leaf_any_at(cache, i))
			continue;
		w = worth(cache, i);
		if (victim == n || w < least) {
			victim = i;
			least = w;
		}
	}
	if (victim == n)
		return false;
	*out = cache->entries[victim]->id;
	take_out(cache, victim);
	return true;
}

int peer6_cache_add_local(struct peer6_cache *cache,
			  const struct peer6_pnrp_id *id)
{
	uint32_t i = peer6_cache_seek_local(cache, id), size;
	int64_t entry;
	void *p;

	if (i < cache->n_locals && !peer6_pnrp_id_cmp(&cache->locals[i], id))
		return PEER6_E_EXISTS;
	if (cache->n_locals == PEER6_CACHE_LOCALS_MAX)
		return PEER6_E_LIMIT;
	if (cache->n_locals == cache->locals_size) {
		/* Most nodes have one; a million of them are simulated. */
		size = cache->locals_size ? 2 * cache->locals_size : 1;
		p = resize(cache, cache->locals,
			   cache->locals_size * sizeof(*cache->locals),
			   size * sizeof(*cache->locals));
		if (!p)
			return PEER6_E_NOMEM;
		cache->locals = p;
		cache->locals_size = size;
	}
	/* @id may be that of the entry. */
	memmove(cache->locals + i + 1, cache->locals + i,
		(cache->n_locals - i) * sizeof(*cache->locals));
	cache->locals[i] = *id;
	cache->n_locals++;
	entry = peer6_cache_index(cache, &cache->locals[i]);
	if (entry >= 0)
		take_out(cache, entry);
	return 0;
}

int peer6_cache_remove_local(struct peer6_cache *cache,
			     const struct peer6_pnrp_id *id)
{
	uint32_t i = peer6_cache_seek_local(cache, id);
	struct peer6_pnrp_id gone;
	uint64_t seed = 0;

	if (i == cache->n_locals || peer6_pnrp_id_cmp(&cache->locals[i], id))
		return PEER6_E_NOT_FOUND;
	cache->n_locals--;
	memmove(cache->locals + i, cache->locals + i + 1,
		(cache->n_locals - i) * sizeof(*cache->locals));
	/* Nobody else chose this moment: without a random number it is fine. */
	if (cache->random(cache->random_ctx, &seed, sizeof(seed)) < 0)
		seed = 0;
	while (cache->n_entries > peer6_cache_limit(cache) &&
	       evict(cache, peer6_cache_next_random(&seed), NULL, &gone))
		;
	return 0;
}

/* Another address or port: all the better, its owner was just asked. */
static int refresh(struct peer6_cache *cache, uint32_t i,
		   const struct peer6_pnrp_route *route)
{
	struct peer6_cache_entry *e = cache->entries[i];

	if (e->n_addrs != route->n_addrs) {
		e = resize(cache, e, entry_size(e->n_addrs),
			   entry_size(route->n_addrs));
		if (!e)
			return PEER6_E_NOMEM;
		cache->entries[i] = e;
		e->n_addrs = route->n_addrs;
	}
	e->port = route->port;
	memcpy(e->addrs, route->addrs, 16 * (size_t)route->n_addrs);
	return 0;
}

static bool grow(struct peer6_cache *cache)
{
	/* An insertion moves the array anyhow, so little slack costs little. */
	uint32_t size = cache->size + 8;
	void *p = resize(cache, cache->entries, cache->size * SLOT,
			 size * SLOT);

	if (!p)
		return false;
	cache->entries = p;
	cache->heads = (uint32_t *)(cache->entries + size);
	/* They were behind fewer pointers. */
	memmove(cache->heads, cache->entries + cache->size,
		cache->n_entries * sizeof(*cache->heads));
	cache->size = size;
	return true;
}

static int put_in(struct peer6_cache *cache, uint32_t i,
		  const struct peer6_pnrp_route *route)
{
	struct peer6_cache_entry *e;

	if (cache->n_entries == cache->size && !grow(cache))
		return PEER6_E_NOMEM;
	e = resize(cache, NULL, 0, entry_size(route->n_addrs));
	if (!e)
		return PEER6_E_NOMEM;
	e->id = route->id;
	e->port = route->port;
	e->n_addrs = route->n_addrs;
	e->proven = 0;
	memcpy(e->addrs, route->addrs, 16 * (size_t)route->n_addrs);
	memmove(cache->entries + i + 1, cache->entries + i,
		(cache->n_entries - i) * sizeof(*cache->entries));
	memmove(cache->heads + i + 1, cache->heads + i,
		(cache->n_entries - i) * sizeof(*cache->heads));
	cache->entries[i] = e;
	cache->heads[i] = head_of(&route->id);
	cache->n_entries++;
	return 0;
}

static uint32_t ticks(peer6_time now)
{
	now /= PEER6_CACHE_TICK;
	return now > UINT32_MAX ? UINT32_MAX : (uint32_t)now;
}

int peer6_cache_insert(struct peer6_cache *cache,
		       const struct peer6_pnrp_route *route, bool proven,
		       peer6_time now, struct peer6_cache_change *change)
{
	uint32_t i = peer6_cache_seek(cache, &route->id);
	struct peer6_cache_change unused;
	uint64_t seed = 0;
	int err;

	if (!change)
		change = &unused;
	memset(change, 0, sizeof(*change));
	if (peer6_cache_is_local(cache, &route->id)) {
		change->outcome = PEER6_CACHE_REFUSED;
		return 0;
	}
	if (i < cache->n_entries &&
	    !peer6_pnrp_id_cmp(&cache->entries[i]->id, &route->id)) {
		err = refresh(cache, i, route);
		if (err)
			return err;
		cache->entries[i]->used = ticks(now);
		cache->entries[i]->proven |= proven;
		change->outcome = PEER6_CACHE_REFRESHED;
		return 0;
	}

	if (cache->n_entries >= peer6_cache_limit(cache) &&
	    cache->random(cache->random_ctx, &seed, sizeof(seed)) < 0)
		return PEER6_E_RANDOM;
	err = put_in(cache, i, route);
	if (err)
		return err;
	cache->entries[i]->used = ticks(now);
	cache->entries[i]->proven = proven;
	change->outcome = PEER6_CACHE_STORED;
	change->n_leaf = peer6_leaf_count(cache, &route->id);
	if (cache->n_entries > peer6_cache_limit(cache) &&
	    evict(cache, seed, &route->id, &change->evicted_id)) {
		if (peer6_pnrp_id_cmp(&change->evicted_id, &route->id))
			change->evicted = true;
		else
			change->outcome = PEER6_CACHE_REFUSED;
	}
	return 0;
}

int peer6_cache_remove(struct peer6_cache *cache,
		       const struct peer6_pnrp_id *id)
{
	int64_t i = peer6_cache_index(cache, id);

	if (i < 0)
		return PEER6_E_NOT_FOUND;
	take_out(cache, i);
	return 0;
}

void peer6_cache_touch(struct peer6_cache *cache,
		       const struct peer6_pnrp_id *id, peer6_time now)
{
	int64_t i = peer6_cache_index(cache, id);

	if (i >= 0)
		cache->entries[i]->used = ticks(now);
}
