/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The route cache of one node in one cloud, and the leaf sets of its local IDs
 * ([MS-PNRP] sections 1.3.3, 3.2.1 and 3.2.1.1). See "The cache" in
 * Documentation/pnrp.md for the picture.
 *
 * One sorted array holds each route entry once. What the levels and leaf sets
 * hold is not stored but follows from an entry's place: the leaf set of a local
 * ID is its five neighbours on either side, and the level is how near it is to
 * the nearest local ID. So the two can never disagree with the cache.
 *
 * An entry that is given out stays valid, at its place in memory, until it is
 * removed, evicted or refreshed with other addresses, or the cache is cleared.
 */
#ifndef PEER6_LIB_CACHE_H
#define PEER6_LIB_CACHE_H

#include <peer6/base.h>
#include <peer6/pnrp_id.h>
#include <peer6/pnrp_wire.h>

/* All bounds of the cache. */
enum {
	/* Entries on either side of a local ID: [MS-PNRP] section 3.2.1. */
	PEER6_LEAF_SIDE		= 5,
	/*
	 * Level 0 is the whole ring, level i the 10^-i of it around a local ID.
	 * Clouds of 2^32 IDs and more are not believed in (section
	 * 3.2.6.2.1.1), and leaf sets reach over the last level.
	 */
	PEER6_CACHE_LEVELS	= 11,
	/* Entries of a level that leave no gap in it worth a LOOKUP. */
	PEER6_CACHE_SLOTS	= 20,
	/*
	 * Entries in all for up to one local ID, and for each further one: six
	 * levels of 20, enough for a million IDs, next to a leaf set. In a
	 * smaller cloud the fewer levels share it. At 76 bytes an entry this
	 * is what leaves a node below 16 KiB.
	 */
	PEER6_CACHE_ENTRIES	= 128,
	PEER6_CACHE_ENTRIES_MORE = 64,
	/* Local IDs of a node. */
	PEER6_CACHE_LOCALS_MAX	= 1024,
	/* Random candidates of an eviction; the one missed least goes. */
	PEER6_CACHE_VICTIMS	= 16,
	/*
	 * IDs that a gap has to be expected to hold to be worth a LOOKUP: of
	 * gaps with less, too many are as empty as they look.
	 */
	PEER6_CACHE_GAP_IDS	= 8,
};

/* A route entry. Read it, but change it by the functions below only. */
struct peer6_cache_entry {
	struct peer6_pnrp_id	id;
	uint32_t		used;	/* in PEER6_CACHE_TICK of peer6_time */
	uint16_t		port;
	uint8_t			n_addrs;	/* 1..PEER6_PNRP_ADDRS_MAX */
	uint8_t			proven;		/* it gave a valid CPA */
	uint8_t			addrs[][16];
};

/* 0.27 s: 32 bits last for 36 years. */
#define PEER6_CACHE_TICK	(UINT64_C(1) << 28)

/* Fields are private; it is here to be embedded. */
struct peer6_cache {
	const struct peer6_mem		*mem;
	peer6_random_fn			random;
	void				*random_ctx;
	struct peer6_cache_entry	**entries;	/* ascending IDs */
	/*
	 * Of each entry the leading 32 bits of its ID, behind the pointers: a
	 * search meets one entry, not seven all over the memory.
	 */
	uint32_t			*heads;
	struct peer6_pnrp_id		*locals;	/* ascending */
	uint32_t			n_entries, size;
	uint32_t			n_locals, locals_size;
	size_t				memory;
};

/* Whether an entry may be taken. */
typedef bool (*peer6_cache_filter)(void *ctx,
				   const struct peer6_cache_entry *entry);

/* Allocates nothing yet. @mem NULL: malloc(). Both have to outlive it. */
void peer6_cache_init(struct peer6_cache *cache, const struct peer6_mem *mem,
		      peer6_random_fn random, void *random_ctx);
void peer6_cache_fini(struct peer6_cache *cache);
/* Forgets all entries, keeps the local IDs. */
void peer6_cache_clear(struct peer6_cache *cache);

/*
 * A local ID, with a leaf set from now on. It leaves the cache if it was there
 * as an entry. 0, PEER6_E_EXISTS, PEER6_E_LIMIT or PEER6_E_NOMEM.
 */
int peer6_cache_add_local(struct peer6_cache *cache,
			  const struct peer6_pnrp_id *id);
/* Its leaf set is ordinary entries from now on. 0 or PEER6_E_NOT_FOUND. */
int peer6_cache_remove_local(struct peer6_cache *cache,
			     const struct peer6_pnrp_id *id);
bool peer6_cache_is_local(const struct peer6_cache *cache,
			  const struct peer6_pnrp_id *id);
/* The local ID that is closest to @target; NULL if there is none. */
const struct peer6_pnrp_id *
peer6_cache_closest_local(const struct peer6_cache *cache,
			  const struct peer6_pnrp_id *target);

enum peer6_cache_outcome {
	PEER6_CACHE_STORED,
	PEER6_CACHE_REFRESHED,	/* was there; port and addresses are new */
	PEER6_CACHE_REFUSED,	/* a local ID, or missed less than all others */
};

struct peer6_cache_change {
	enum peer6_cache_outcome	outcome;
	/* Local IDs whose leaf set took it: ask peer6_leaf_has() which. */
	unsigned int			n_leaf;
	bool				evicted;
	struct peer6_pnrp_id		evicted_id;
};

/*
 * Keeps @route (copied, validated by the caller, n_addrs 1..20). An entry that
 * is in the leaf set of a local ID is always taken and never evicted. @proven:
 * a valid CPA was seen; a later refresh does not take that back. @change may be
 * NULL. 0, PEER6_E_NOMEM or PEER6_E_RANDOM: nothing has changed then.
 */
int peer6_cache_insert(struct peer6_cache *cache,
		       const struct peer6_pnrp_route *route, bool proven,
		       peer6_time now, struct peer6_cache_change *change);
/* 0 or PEER6_E_NOT_FOUND. @id may be that of the entry itself. */
int peer6_cache_remove(struct peer6_cache *cache,
		       const struct peer6_pnrp_id *id);
/* NULL: not there. */
const struct peer6_cache_entry *
peer6_cache_find(const struct peer6_cache *cache,
		 const struct peer6_pnrp_id *id);
/* It was of use just now. An ID that is not there is ignored. */
void peer6_cache_touch(struct peer6_cache *cache,
		       const struct peer6_pnrp_id *id, peer6_time now);

/*
 * The closest entry to @target that @filter (NULL: any) lets pass and, with
 * @bound, that is closer to @target than @bound. NULL if there is none.
 */
const struct peer6_cache_entry *
peer6_cache_closest(const struct peer6_cache *cache,
		    const struct peer6_pnrp_id *target,
		    const struct peer6_pnrp_id *bound,
		    peer6_cache_filter filter, void *ctx);
/* The same, up to k of them, closest first; returns how many. */
unsigned int peer6_cache_closest_k(const struct peer6_cache *cache,
				   const struct peer6_pnrp_id *target,
				   const struct peer6_pnrp_id *bound,
				   peer6_cache_filter filter, void *ctx,
				   const struct peer6_cache_entry **out,
				   unsigned int k);
/* The nearest entry above (below) @id, on its half of the ring. NULL: none. */
const struct peer6_cache_entry *
peer6_cache_above(const struct peer6_cache *cache,
		  const struct peer6_pnrp_id *id,
		  peer6_cache_filter filter, void *ctx);
const struct peer6_cache_entry *
peer6_cache_below(const struct peer6_cache *cache,
		  const struct peer6_pnrp_id *id,
		  peer6_cache_filter filter, void *ctx);

/* These give up to n entries, each once, and return how many. */
/* Last used, latest first. */
unsigned int peer6_cache_recent(const struct peer6_cache *cache,
				const struct peer6_cache_entry **out,
				unsigned int n);
/* Evenly over the ring, from a random start. Negative: PEER6_E_RANDOM. */
int peer6_cache_spread(const struct peer6_cache *cache,
		       const struct peer6_cache_entry **out, unsigned int n);
/* Random ones. Negative: PEER6_E_RANDOM. */
int peer6_cache_random(const struct peer6_cache *cache,
		       const struct peer6_cache_entry **out, unsigned int n);

/* By index, ascending IDs; NULL: past the end. */
const struct peer6_cache_entry *
peer6_cache_get(const struct peer6_cache *cache, unsigned int index);
const struct peer6_pnrp_id *
peer6_cache_get_local(const struct peer6_cache *cache, unsigned int index);
unsigned int peer6_cache_count(const struct peer6_cache *cache);
unsigned int peer6_cache_count_locals(const struct peer6_cache *cache);
/* Bytes allocated, without struct peer6_cache. */
size_t peer6_cache_memory(const struct peer6_cache *cache);
/* The most entries it takes, with the local IDs that it has. */
unsigned int peer6_cache_limit(const struct peer6_cache *cache);

/* Level of an ID; 0 without local IDs. */
unsigned int peer6_cache_level(const struct peer6_cache *cache,
			       const struct peer6_pnrp_id *id);
/* Levels that hold an entry. */
unsigned int peer6_cache_levels(const struct peer6_cache *cache);

/* A stretch of the ring that wants an entry (section 3.2.6.2). */
struct peer6_cache_gap {
	unsigned int		level;
	struct peer6_pnrp_id	middle;
	/* What shares so many leading bits with middle lies in the gap. */
	uint16_t		precision;
};

/*
 * One of the gaps that are larger than their level allows, at random. 1: there
 * is one, 0: there is none, or PEER6_E_RANDOM.
 */
int peer6_cache_gap(const struct peer6_cache *cache,
		    struct peer6_cache_gap *gap);
/*
 * A gap between neighbours in a leaf set, its local ID and the next entry
 * outside included. Whoever is missing there is closer to the middle than those
 * at the ends, so they tell. Each local ID has PEER6_LEAF_GAPS of them; @which
 * chooses, modulo all there are. False: no entries or no local IDs.
 */
#define PEER6_LEAF_GAPS	(2 * (PEER6_LEAF_SIDE + 1))
bool peer6_leaf_gap(const struct peer6_cache *cache, uint32_t which,
		    struct peer6_cache_gap *gap);

/*
 * How many IDs are in the cloud: the mean over the local IDs (section
 * 3.2.6.2.1.1); 0 if not known. Divided by the number of local IDs it is the
 * number of nodes.
 */
double peer6_cache_cloud_ids(const struct peer6_cache *cache);

/* Copies an entry to a route entry of the wire. */
void peer6_cache_route(const struct peer6_cache_entry *entry,
		       struct peer6_pnrp_route *route);
bool peer6_cache_has_addr(const struct peer6_cache_entry *entry,
			  const uint8_t addr[16]);
/* When it was last used, rounded down. */
peer6_time peer6_cache_used(const struct peer6_cache_entry *entry);

/*
 * Leaf sets; @local is a local ID. "In the leaf set": among the five nearest on
 * its side. @id need not be cached: then it tells whether it would be.
 */
bool peer6_leaf_has(const struct peer6_cache *cache,
		    const struct peer6_pnrp_id *local,
		    const struct peer6_pnrp_id *id);
/* The same for any local ID. */
bool peer6_leaf_any(const struct peer6_cache *cache,
		    const struct peer6_pnrp_id *id);
/* Those above (below), nearest first; returns how many. */
unsigned int
peer6_leaf_above(const struct peer6_cache *cache,
		 const struct peer6_pnrp_id *local,
		 const struct peer6_cache_entry *out[PEER6_LEAF_SIDE]);
unsigned int
peer6_leaf_below(const struct peer6_cache *cache,
		 const struct peer6_pnrp_id *local,
		 const struct peer6_cache_entry *out[PEER6_LEAF_SIDE]);

#endif
