/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TEREDO_PEER_H
#define _TEREDO_PEER_H

#include "device.h"

enum {
	/*
	 * With the hash table's 11 to 22 bytes for each entry it is 278 at the
	 * most; what a peer needs for a moment only is allocated for it.
	 */
	TEREDO_PEER_BYTES = 256,
};

/*
 * A peer lives in the table from creation to removal and is freed a grace
 * period after that; whoever finds it stays under rcu_read_lock(). @lock
 * guards @path but for the two stamps, and @queue. The lists are the table's.
 */
struct teredo_peer {
	struct rhash_head node;
	u64	dest;			/* teredo_dest() of the mapping, 0 if untrusted */
	/* In jiffies, when packets of it came last: worth_gathering() */
	u32	whole;			/* GSO packets */
	u32	large;			/* large ones that are not */
	/* Data looks at nothing behind the path's first 32 bytes. */
	struct teredo_path path;
	spinlock_t lock;		/* see above; outside peers.lock */
	bool	dead;			/* removed: queue nothing; under @lock */
	bool	listed;			/* in the table; under peers.lock */
	bool	stranger;		/* in peers.strangers; under peers.lock */
	u16	queued;			/* bytes in @queue */
	struct sk_buff_head queue;	/* its own lock is not used */
	struct list_head lru;
	union {
		struct list_head opening;	/* while @listed */
		struct rcu_head rcu;		/* after that */
	};
};

/* What a queued packet waits for. */
struct teredo_cb {
	struct teredo_endpoint from;
	bool received;
};

#define TEREDO_CB(skb) ((struct teredo_cb *)(skb)->cb)

/*
 * A transport address, and the slot of the socket that it is reached by or heard
 * at, in one word, so that data is sent to a whole one without
 * a lock. (Where 64 bits are read in two, a packet may go astray in the moment
 * of a change, as it may on the wire.)
 */
static inline u64 teredo_dest(struct teredo_endpoint e, u16 slot)
{
	return (u64)slot << 48 | (u64)(__force u32)e.ip << 16 |
	       (__force u16)e.port;
}

#define TEREDO_DEST_MAPPING	GENMASK_ULL(47, 0)

static inline u16 teredo_dest_slot(u64 dest)
{
	return dest >> 48;
}

static inline struct teredo_endpoint teredo_dest_endpoint(u64 dest)
{
	struct teredo_endpoint e = {
		.ip = (__force __be32)(u32)(dest >> 16),
		.port = (__force __be16)(u16)dest,
	};

	return e;
}

int teredo_peer_cache_init(void);
/* Waits for what callbacks free. */
void teredo_peer_cache_exit(void);

int teredo_peers_init(struct teredo_dev *t);
/* No reader or writer is left. */
void teredo_peers_exit(struct teredo_dev *t);

/* Sleeps. */
void teredo_table_put(struct teredo_table *table);

/* Under rcu_read_lock(), bottom halves off. */
struct teredo_peer *teredo_peer_lookup(struct teredo_dev *t,
				       const struct in6_addr *addr);
/*
 * The peer, old or new; NULL if there is no room, then *@reason says why. @who
 * pays for a new one, out of @budget.
 */
struct teredo_peer *teredo_peer_get(struct teredo_dev *t,
				    const struct teredo_conf *conf,
				    const struct teredo_self *self,
				    const struct in6_addr *addr,
				    enum teredo_budget budget, u32 who,
				    u64 now, enum teredo_reason *reason);
/* @peer->lock is held: its path was changed by the pure code. */
void teredo_peer_sync(struct teredo_dev *t, struct teredo_peer *peer);
/* @peer->lock is held. False if the packet has to be dropped for its size. */
bool teredo_peer_queue(struct teredo_dev *t, struct teredo_peer *peer,
		       struct sk_buff *skb);
/* @peer->lock is held: what waits, to be handled after unlocking. */
void teredo_peer_take_queue(struct teredo_dev *t, struct teredo_peer *peer,
			    struct sk_buff_head *to);

/* Next peer whose attempts are due, or NULL; under rcu_read_lock(). */
struct teredo_peer *teredo_peer_next_due(struct teredo_dev *t, u64 now);
u64 teredo_peers_deadline(struct teredo_dev *t);
/*
 * Drops what is no longer worth its memory, of a part of the table at each call;
 * returns when the next is due. Sleeps.
 */
u64 teredo_peers_gc(struct teredo_dev *t, u64 now);
void teredo_peers_flush(struct teredo_dev *t);
bool teredo_peer_flush_one(struct teredo_dev *t, const struct in6_addr *addr);
/* After a resume: the addresses and limits stay, the mappings do not. */
void teredo_peers_distrust(struct teredo_dev *t);

#endif /* _TEREDO_PEER_H */
