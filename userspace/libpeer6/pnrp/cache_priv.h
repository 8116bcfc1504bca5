/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the cache share with each other and with nobody else. */
#ifndef PEER6_LIB_CACHE_PRIV_H
#define PEER6_LIB_CACHE_PRIV_H

#include "cache.h"

/* Index of the first entry (local ID) not below @id; n: there is none. */
uint32_t peer6_cache_seek(const struct peer6_cache *cache,
			  const struct peer6_pnrp_id *id);
uint32_t peer6_cache_seek_local(const struct peer6_cache *cache,
				const struct peer6_pnrp_id *id);

/* Index of the entry @id, or -1. */
int64_t peer6_cache_index(const struct peer6_cache *cache,
			  const struct peer6_pnrp_id *id);

/* How many local IDs have @id in their leaf sets. */
unsigned int peer6_leaf_count(const struct peer6_cache *cache,
			      const struct peer6_pnrp_id *id);
/* peer6_leaf_any() of entry i. */
bool peer6_leaf_any_at(const struct peer6_cache *cache, uint32_t i);

/* The leading 64 bits of an ID, as a number. */
static inline uint64_t peer6_cache_top(const struct peer6_pnrp_id *id)
{
	uint64_t v = 0;
	int i;

	for (i = 0; i < 8; i++)
		v = v << 8 | id->b[i];
	return v;
}

/*
 * SplitMix64: spreads one seed of the caller's random source over many choices.
 * The seed is used up within a call and never shows outside.
 */
static inline uint64_t peer6_cache_next_random(uint64_t *seed)
{
	uint64_t v = *seed += UINT64_C(0x9e3779b97f4a7c15);

	v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
	return v ^ v >> 31;
}

#endif
