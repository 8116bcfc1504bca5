// SPDX-License-Identifier: GPL-2.0
#include <linux/random.h>
#include <linux/skbuff.h>

#include "ext.h"

/*
 * Of all tables: the module's own secret, since rhashtable hands a hash
 * function no more than 32 bits.
 */
static siphash_key_t table_key __read_mostly;

static u32 hash_addr(const void *data, u32 len, u32 seed)
{
	return (u32)siphash(data, sizeof(struct in6_addr), &table_key) ^ seed;
}

static struct kmem_cache *peer_cache;

static const struct rhashtable_params table_params = {
	.key_len = sizeof(struct in6_addr),
	.key_offset = offsetof(struct teredo_peer, path.addr),
	.head_offset = offsetof(struct teredo_peer, node),
	.hashfn = hash_addr,
	.automatic_shrinking = true,
};

int teredo_peer_cache_init(void)
{
	/* A debug kernel's locks are larger. */
	BUILD_BUG_ON(sizeof(spinlock_t) == 4 &&
		     sizeof(struct teredo_peer) > TEREDO_PEER_BYTES);
	BUILD_BUG_ON(offsetofend(struct teredo_peer, path.last_tx) > 64);
	/* Aligned, so that data of one peer touches one cache line of it. */
	peer_cache = KMEM_CACHE(teredo_peer, SLAB_HWCACHE_ALIGN);
	return peer_cache ? 0 : -ENOMEM;
}

void teredo_peer_cache_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(peer_cache);
}

int teredo_peers_init(struct teredo_dev *t)
{
	static bool keyed;	/* under RTNL */
	int err;

	if (!keyed) {
		get_random_bytes(&table_key, sizeof(table_key));
		keyed = true;
	}
	spin_lock_init(&t->peers.lock);
	INIT_LIST_HEAD(&t->peers.trusted);
	INIT_LIST_HEAD(&t->peers.strangers);
	INIT_LIST_HEAD(&t->peers.opening);
	t->peers.table = kzalloc(sizeof(*t->peers.table), GFP_KERNEL);
	if (!t->peers.table)
		return -ENOMEM;
	refcount_set(&t->peers.table->ref, 1);
	err = rhashtable_init(&t->peers.table->ht, &table_params);
	if (err)
		kfree(t->peers.table);
	return err;
}

void teredo_table_put(struct teredo_table *table)
{
	if (!refcount_dec_and_test(&table->ref))
		return;
	rhashtable_destroy(&table->ht);
	kfree(table);
}

void teredo_peers_exit(struct teredo_dev *t)
{
	teredo_peers_flush(t);
	teredo_table_put(t->peers.table);
}

struct teredo_peer *teredo_peer_lookup(struct teredo_dev *t,
				       const struct in6_addr *addr)
{
	return rhashtable_lookup(&t->peers.table->ht, addr, table_params);
}

static void free_peer(struct rcu_head *rcu)
{
	kmem_cache_free(peer_cache, container_of(rcu, struct teredo_peer, rcu));
}

/* peers.lock is held. */
static void unlist(struct teredo_dev *t, struct teredo_peer *peer)
{
	peer->listed = false;
	rhashtable_remove_fast(&t->peers.table->ht, &peer->node, table_params);
	list_del(&peer->lru);
	list_del(&peer->opening);
	t->peers.count--;
	if (peer->stranger)
		t->peers.untrusted--;
}

/* After unlist() and without peers.lock, which is inside peer->lock. */
static void bury(struct teredo_dev *t, struct teredo_peer *peer)
{
	struct sk_buff_head queue;

	__skb_queue_head_init(&queue);
	spin_lock_bh(&peer->lock);
	peer->dead = true;
	teredo_ext_drop(t, peer);
	teredo_peer_take_queue(t, peer, &queue);
	spin_unlock_bh(&peer->lock);
	__skb_queue_purge(&queue);
	call_rcu(&peer->rcu, free_peer);
}

/*
 * The oldest stranger, in favour of a new one. Only somebody who fills the
 * table faster than strangers become trusted or forgotten pushes any out.
 */
static struct teredo_peer *evict(struct teredo_dev *t)
{
	struct teredo_peer *peer;

	peer = list_first_entry_or_null(&t->peers.strangers,
					struct teredo_peer, lru);
	if (peer)
		unlist(t, peer);
	return peer;
}

static struct teredo_peer *create(struct teredo_dev *t,
				  const struct teredo_conf *conf,
				  const struct teredo_self *self,
				  const struct in6_addr *addr, u64 now,
				  enum teredo_reason *reason)
{
	struct teredo_peer *peer, *old = NULL, *other;

	peer = kmem_cache_zalloc(peer_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!peer) {
		*reason = TEREDO_REASON_NO_MEMORY;
		return NULL;
	}
	teredo_path_init(&peer->path, addr, self, now);
	spin_lock_init(&peer->lock);
	__skb_queue_head_init(&peer->queue);
	INIT_LIST_HEAD(&peer->opening);
	peer->stranger = true;
	peer->listed = true;

	spin_lock_bh(&t->peers.lock);
	if (t->peers.count >= conf->max_peers ||
	    t->peers.untrusted >= DIV_ROUND_UP(conf->max_peers,
					       TEREDO_UNTRUSTED_SHARE)) {
		old = evict(t);
		if (!old) {
			spin_unlock_bh(&t->peers.lock);
			kmem_cache_free(peer_cache, peer);
			*reason = TEREDO_REASON_PEERS_FULL;
			return NULL;
		}
	}
	other = rhashtable_lookup_get_insert_fast(&t->peers.table->ht,
						  &peer->node, table_params);
	if (!other) {
		list_add_tail(&peer->lru, &t->peers.strangers);
		t->peers.count++;
		t->peers.untrusted++;
	}
	spin_unlock_bh(&t->peers.lock);
	if (old)
		bury(t, old);
	if (!other)
		return peer;

	/* Somebody else was faster, or the table could not grow. */
	kmem_cache_free(peer_cache, peer);
	if (!IS_ERR(other))
		return other;
	*reason = TEREDO_REASON_NO_MEMORY;
	return NULL;
}

struct teredo_peer *teredo_peer_get(struct teredo_dev *t,
				    const struct teredo_conf *conf,
				    const struct teredo_self *self,
				    const struct in6_addr *addr,
				    enum teredo_budget budget, u32 who,
				    u64 now, enum teredo_reason *reason)
{
	struct teredo_peer *peer = teredo_peer_lookup(t, addr);

	if (peer)
		return peer;
	if (!teredo_ratelimit(t, budget, who,
			      budget == TEREDO_BUDGET_NEW_PATH ?
			      TEREDO_NEW_PATHS_RATE : TEREDO_NEW_PEERS_RATE,
			      budget == TEREDO_BUDGET_NEW_PATH ?
			      TEREDO_NEW_PATHS_RATE : TEREDO_NEW_PEERS_BURST)) {
		*reason = TEREDO_REASON_RATE_LIMITED;
		return NULL;
	}
	return create(t, conf, self, addr, now, reason);
}

void teredo_peer_sync(struct teredo_dev *t, struct teredo_peer *peer)
{
	bool trusted = peer->path.flags & TEREDO_PATH_TRUSTED;
	bool opening = peer->path.flags & TEREDO_PATH_OPENING;
	u64 dest = 0;

	if (trusted)
		dest = teredo_dest(peer->path.mapped, peer->path.slot);
	if (peer->dest != dest)
		WRITE_ONCE(peer->dest, dest);
	if (peer->path.ext)
		teredo_ext_wake(t, peer->path.ext);

	spin_lock_bh(&t->peers.lock);
	if (peer->listed) {
		if (peer->stranger == trusted) {
			peer->stranger = !trusted;
			t->peers.untrusted += trusted ? -1 : 1;
			list_move_tail(&peer->lru, trusted ?
				       &t->peers.trusted :
				       &t->peers.strangers);
		}
		/* All wait equally long, so the tail is the latest. */
		if (opening) {
			list_move_tail(&peer->opening, &t->peers.opening);
			if (list_is_singular(&t->peers.opening))
				teredo_wake(t, peer->path.deadline);
		} else {
			list_del_init(&peer->opening);
		}
	}
	spin_unlock_bh(&t->peers.lock);
}

bool teredo_peer_queue(struct teredo_dev *t, struct teredo_peer *peer,
		       struct sk_buff *skb)
{
	unsigned int n = skb_queue_len(&peer->queue);

	if (peer->dead || n >= TEREDO_QUEUE_PACKETS ||
	    (n && peer->queued + skb->len > TEREDO_QUEUE_BYTES))
		return false;
	if (atomic_add_return(skb->len, &t->peers.queued) >
	    TEREDO_QUEUE_DEV_BYTES) {
		atomic_sub(skb->len, &t->peers.queued);
		return false;
	}
	/* It leaves the section in which its route may be looked at. */
	skb_dst_force(skb);
	peer->queued = min_t(unsigned int, peer->queued + skb->len, U16_MAX);
	__skb_queue_tail(&peer->queue, skb);
	return true;
}

void teredo_peer_take_queue(struct teredo_dev *t, struct teredo_peer *peer,
			    struct sk_buff_head *to)
{
	struct sk_buff *skb;

	skb_queue_walk(&peer->queue, skb)
		atomic_sub(skb->len, &t->peers.queued);
	peer->queued = 0;
	skb_queue_splice_tail_init(&peer->queue, to);
}

struct teredo_peer *teredo_peer_next_due(struct teredo_dev *t, u64 now)
{
	struct teredo_peer *peer;

	spin_lock_bh(&t->peers.lock);
	peer = list_first_entry_or_null(&t->peers.opening,
					struct teredo_peer, opening);
	/*
	 * The deadline is written under peer->lock, which is not held; it is
	 * looked at again with the lock by teredo_path_tick().
	 */
	if (peer && now < READ_ONCE(peer->path.deadline))
		peer = NULL;
	if (peer)
		list_del_init(&peer->opening);
	spin_unlock_bh(&t->peers.lock);
	return peer;
}

u64 teredo_peers_deadline(struct teredo_dev *t)
{
	struct teredo_peer *peer;
	u64 deadline = TEREDO_NEVER;

	spin_lock_bh(&t->peers.lock);
	peer = list_first_entry_or_null(&t->peers.opening,
					struct teredo_peer, opening);
	if (peer)
		deadline = READ_ONCE(peer->path.deadline);
	spin_unlock_bh(&t->peers.lock);
	return deadline;
}

static bool worth_keeping(const struct teredo_peer *peer, u64 now)
{
	u64 last = max(READ_ONCE(peer->path.last_rx),
		       READ_ONCE(peer->path.last_tx));
	u64 keep = TEREDO_PEER_KEEP_S;

	if (READ_ONCE(peer->path.flags) & TEREDO_PATH_LOCAL)
		keep = TEREDO_PEER_KEEP_LOCAL_S;
	last = max(last, READ_ONCE(peer->path.attempt_at));
	return now - last < keep * TEREDO_SEC;
}

/*
 * A list is as old as its creation order, not as its use, so the ones in use
 * are moved to the end. The number looked at in one go bounds the time with
 * the lock.
 */
static void gc_list(struct teredo_dev *t, struct list_head *list, u64 now)
{
	struct teredo_peer *peer, *next;
	LIST_HEAD(gone);
	int budget = TEREDO_GC_HOLD;

	spin_lock_bh(&t->peers.lock);
	while (budget-- && !list_empty(list)) {
		peer = list_first_entry(list, struct teredo_peer, lru);
		if (worth_keeping(peer, now)) {
			list_move_tail(&peer->lru, list);
			continue;
		}
		unlist(t, peer);
		list_add(&peer->lru, &gone);
	}
	spin_unlock_bh(&t->peers.lock);

	list_for_each_entry_safe(peer, next, &gone, lru)
		bury(t, peer);
}

u64 teredo_peers_gc(struct teredo_dev *t, u64 now)
{
	unsigned int rounds, i;
	u32 count;

	if (now < t->peers.gc_at)
		return t->peers.gc_at;
	spin_lock_bh(&t->peers.lock);
	count = t->peers.count;
	spin_unlock_bh(&t->peers.lock);

	/* The worker has other things to do: a large table is seen in turns. */
	rounds = min_t(u32, count, TEREDO_GC_TURN) / TEREDO_GC_HOLD;
	for (i = 0; i <= rounds; i++) {
		gc_list(t, &t->peers.strangers, now);
		gc_list(t, &t->peers.trusted, now);
		cond_resched();
	}
	t->peers.gc_at = now + TEREDO_GC_S * TEREDO_SEC /
			       (1 + count / TEREDO_GC_TURN);
	return t->peers.gc_at;
}

static struct teredo_peer *unlist_first(struct teredo_dev *t)
{
	struct teredo_peer *peer;

	spin_lock_bh(&t->peers.lock);
	peer = list_first_entry_or_null(&t->peers.strangers,
					struct teredo_peer, lru) ?:
	       list_first_entry_or_null(&t->peers.trusted,
					struct teredo_peer, lru);
	if (peer)
		unlist(t, peer);
	spin_unlock_bh(&t->peers.lock);
	return peer;
}

void teredo_peers_flush(struct teredo_dev *t)
{
	struct teredo_peer *peer;

	while ((peer = unlist_first(t))) {
		bury(t, peer);
		cond_resched();
	}
}

bool teredo_peer_flush_one(struct teredo_dev *t, const struct in6_addr *addr)
{
	struct teredo_peer *peer;

	rcu_read_lock();
	spin_lock_bh(&t->peers.lock);
	peer = teredo_peer_lookup(t, addr);
	if (peer)
		unlist(t, peer);
	spin_unlock_bh(&t->peers.lock);
	if (peer)
		bury(t, peer);
	rcu_read_unlock();
	return peer;
}

void teredo_peers_distrust(struct teredo_dev *t)
{
	struct sk_buff_head queue;
	struct rhashtable_iter it;
	struct teredo_peer *peer;
	unsigned int n = 0;

	__skb_queue_head_init(&queue);
	rhashtable_walk_enter(&t->peers.table->ht, &it);
	rhashtable_walk_start(&it);
	while ((peer = rhashtable_walk_next(&it))) {
		/* A resize: the walk starts over, doing it twice is harmless. */
		if (IS_ERR(peer))
			continue;
		spin_lock_bh(&peer->lock);
		teredo_path_distrust(&peer->path);
		teredo_peer_sync(t, peer);
		teredo_peer_take_queue(t, peer, &queue);
		spin_unlock_bh(&peer->lock);
		if (++n % TEREDO_GC_HOLD)
			continue;
		rhashtable_walk_stop(&it);
		__skb_queue_purge(&queue);
		cond_resched();
		rhashtable_walk_start(&it);
	}
	rhashtable_walk_stop(&it);
	rhashtable_walk_exit(&it);
	__skb_queue_purge(&queue);
}
