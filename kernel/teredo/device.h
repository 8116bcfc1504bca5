/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TEREDO_DEVICE_H
#define _TEREDO_DEVICE_H

#include <linux/netdevice.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/timekeeping.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <net/gro_cells.h>
#include <crypto/hash.h>

#include "core/client.h"
#include "core/path.h"
#include "core/ports.h"

struct teredo_dev;

enum teredo_limits {
	TEREDO_PEERS_DEFAULT	= 1 << 16,
	TEREDO_PEERS_MAX	= 1 << 24,
	/* Strangers may fill no more than half the table: RFC 4380 7.3.3. */
	TEREDO_UNTRUSTED_SHARE	= 2,
	TEREDO_QUEUE_PACKETS	= 4,		/* a peer */
	TEREDO_QUEUE_BYTES	= 5 * 1024,	/* a peer; one packet may be larger */
	TEREDO_QUEUE_DEV_BYTES	= 256 * 1024,	/* a device */
	TEREDO_RATE_DEFAULT	= 1000,		/* answers a second to a /24 */
	TEREDO_RATE_BURST_S	= 2,		/* of which this many seconds at once */
	TEREDO_NEW_PEERS_RATE	= 20,		/* a second, by one IPv4 address */
	TEREDO_NEW_PEERS_BURST	= 40,
	TEREDO_NEW_PATHS_RATE	= 1000,		/* a second, by one IPv6 source */
	TEREDO_TESTS_RATE	= 50,		/* echo tests that strangers cause */
	TEREDO_EVENT_RATE	= 100,		/* peer events a second */
	TEREDO_ICMP_RATE	= 10,		/* unreachable messages a second */
	TEREDO_BUCKETS		= 1024,
	TEREDO_GC_S		= 10,	/* in which all peers are looked at */
	TEREDO_GC_TURN		= 4096,	/* of them at once: far below 1 ms */
	TEREDO_GC_HOLD		= 64,	/* ... and in one go with the lock */
	TEREDO_PEER_KEEP_S	= 300,		/* the window of RFC 4380 5.2.6 */
	TEREDO_PEER_KEEP_LOCAL_S = 600,
	TEREDO_STAMP_NS		= 250 * 1000 * 1000, /* grain of stamps in data */
	TEREDO_SETTLE_MS	= 20,		/* a burst of network events */
	TEREDO_LINK_MS		= 250,		/* solicitations of a flapping link */
	/* Peers that are being opened by RFC 6081; half of them strangers. */
	TEREDO_EXTS_MAX		= 4096,
	TEREDO_EXTS_STRANGERS	= TEREDO_EXTS_MAX / 2,
	/* Bubbles a second that a server hands on for one claimed IPv4 address. */
	TEREDO_UNPROVEN_RATE	= 10,
	TEREDO_RETRY_S		= 5,		/* what the stack refused */
};

/* Which budget of teredo_ratelimit() is asked. */
enum teredo_budget {
	TEREDO_BUDGET_ANSWER,
	TEREDO_BUDGET_NEW_PEER,
	TEREDO_BUDGET_NEW_PATH,
	TEREDO_BUDGET_UNPROVEN,
	TEREDO_BUDGET_TEST,
	TEREDO_BUDGET_EVENT,
	TEREDO_BUDGET_ICMP,
};

/*
 * The configuration, replaced as a whole. Readers hold rcu_read_lock() or the
 * RTNL. The environment of the pure code lies beside it, since its HMAC
 * transform is keyed with the secret.
 */
struct teredo_conf {
	struct teredo_params params;
	struct teredo_env env;
	struct teredo_dev *t;
	struct crypto_shash *mac;	/* NULL without a secret */
	__be32	local;
	__be16	port;
	u32	max_peers;
	u32	rate_limit;
	bool	server2_given;
	bool	default_route;
};

struct teredo_self_rcu {
	struct teredo_self self;
	struct rcu_head rcu;
};

/*
 * A UDP socket of a device. It belongs to the namespace that the device was
 * created in, and holds no reference on it.
 */
struct teredo_sock {
	struct teredo_dev *t;
	struct socket *sock;
	__be16	port;
	u16	slot;			/* of a random port; 0 = the service port */
	bool	second;			/* a server's second address */
	bool	discovery;
};

/* A random port, RFC 6081 section 5.4; see randport.h. */
struct teredo_randport {
	struct teredo_sock __rcu *ts;	/* written under both locks */
	struct in6_addr peer;		/* written when the slot is taken */
	u8	state;			/* under @lock, as is the next */
	bool	stranger;
};

struct teredo_randports {
	spinlock_t	lock;		/* inside peer->lock */
	struct mutex	mutex;		/* outside @lock; not under it: the RTNL */
	u16		strangers;	/* slots that they have taken */
	bool		shut;		/* no socket may be opened any more */
	struct teredo_randport slot[TEREDO_PORTS_MAX];
};

struct teredo_stats {
	u64_stats_t	count[__TEREDO_COUNT_MAX];
	u64_stats_t	drop[__TEREDO_REASON_MAX];
	struct u64_stats_sync syncp;
};

/* Outlives its device for as long as somebody walks through it. */
struct teredo_table {
	struct rhashtable ht;
	refcount_t	ref;
};

struct teredo_peers {
	struct teredo_table *table;
	/* Data reads what is above, and new peers write what is below. */
	u8		apart[SMP_CACHE_BYTES];
	spinlock_t	lock;		/* the lists, @count, @untrusted; inside peer->lock */
	struct list_head trusted;	/* oldest first */
	struct list_head strangers;	/* untrusted, oldest first */
	struct list_head opening;	/* by deadline, as all wait equally long */
	u32		count;
	u32		untrusted;
	atomic_t	queued;		/* bytes in all queues */
	u64		gc_at;		/* the worker's */
};

/* Bits of teredo_dev.events, set by notifiers for the worker. */
enum teredo_event_bit {
	TEREDO_EVENT_NET,		/* something changed somewhere */
	TEREDO_EVENT_LINK,		/* ... on the link in use: solicit */
	TEREDO_EVENT_DOUBT,		/* data goes unanswered */
	TEREDO_EVENT_RESYNC,		/* address and routes may be gone */
	TEREDO_EVENT_CONF,		/* publish before anything is sent */
};

struct teredo_dev {
	struct net_device *dev;
	struct teredo_conf __rcu *conf;	/* written under RTNL */
	struct teredo_self __rcu *self;	/* of a teredo_self_rcu; the worker's */
	struct teredo_sock __rcu *service;	/* written under RTNL */
	struct teredo_sock __rcu *second;
	struct net __rcu *creating_net;	/* NULL once it is gone; RTNL */
	struct gro_cells gro_cells;
	struct teredo_stats __percpu *stats;
	struct teredo_routes __percpu *routes;
	bool		running;	/* between open and stop */
	struct teredo_peers peers;
	struct teredo_randports randports;
	struct {
		spinlock_t	lock;		/* inside peer->lock */
		struct list_head list;
		unsigned int	count;
		unsigned int	strangers;
		u64		due;		/* of the first, or earlier */
	} exts;
	siphash_key_t	key;		/* of proofs and buckets */
	atomic64_t	*buckets;

	/* The client's state, and what its last calls asked for. */
	spinlock_t	lock;		/* inside it: wake_lock */
	struct teredo_client client;
	struct teredo_client_out out;

	/*
	 * Stamps, at most one in TEREDO_STAMP_NS for each peer in use. Races
	 * cost a solicitation too many, or one a stamp later.
	 */
	struct {
		u64	since;		/* data sent, nothing heard from then on */
		u64	heard;		/* from any peer, or the server */
	} silence;

	struct delayed_work work;
	spinlock_t	wake_lock;	/* innermost */
	u64		wake;		/* when @work runs, at the latest */
	unsigned long	events;
	bool		asleep;		/* between suspend and resume */

	struct {
		struct teredo_sock *sock;	/* RTNL */
		int		oif;	/* where the group was joined; RTNL */
		u64		next;	/* the worker's */
	} discovery;

	/* The worker's alone. */
	struct {
		enum teredo_state state;
		enum teredo_nat nat;
		enum teredo_reason error;
	} told;			/* to listeners */
	struct {
		enum teredo_address_state state;
		struct in6_addr addr;
		bool	prefix_route;
		bool	default_route;
		bool	failed;		/* also read by dumps */
		u64	retry;
	} installed;
	struct {
		__be32	source;
		__be32	gateway;
		int	oif;		/* also read by notifiers and senders */
		/* Read and written by notifiers as well. */
		__be32	nexthop;	/* whose link address ... */
		u64	hwaddr;		/* ... begins like this, 0 if unknown */
		bool	lost;		/* it did not answer on the link */
		u64	at;		/* of the last solicitation */
	} way;

	struct list_head list;		/* teredo_devices, RCU; RTNL to write */
};

extern struct list_head teredo_devices;
extern struct workqueue_struct *teredo_wq;
extern const struct net_device_ops teredo_netdev_ops;

static inline bool teredo_netdev(const struct net_device *dev)
{
	return dev->netdev_ops == &teredo_netdev_ops;
}

/* 4 ms are fine enough for rules in seconds, and this clock is cheap. */
static inline u64 teredo_now(void)
{
	return ktime_get_coarse_boottime_ns();
}

/* The callers run with bottom halves off. */
static inline void teredo_count(struct teredo_dev *t, enum teredo_count c)
{
	struct teredo_stats *s = this_cpu_ptr(t->stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_inc(&s->count[c]);
	u64_stats_update_end(&s->syncp);
}

static inline void teredo_count_drop(struct teredo_dev *t,
				     enum teredo_reason reason)
{
	struct teredo_stats *s = this_cpu_ptr(t->stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_inc(&s->drop[reason]);
	u64_stats_update_end(&s->syncp);
}

/* The worker runs at @at (teredo_now()), or earlier if it has to anyhow. */
void teredo_wake(struct teredo_dev *t, u64 at);

void teredo_stats_sum(struct teredo_dev *t, u64 *count, u64 *drop);
bool teredo_ratelimit(struct teredo_dev *t, enum teredo_budget budget,
		      u32 who, u32 rate, u32 burst);
/* Answers to one /24, as configured. */
bool teredo_may_answer(struct teredo_dev *t, const struct teredo_conf *conf,
		       __be32 ip);

/* The namespace of the sockets went away, under RTNL. */
void teredo_lose_net(struct teredo_dev *t);

int teredo_device_init(void);
void teredo_device_exit(void);

#endif /* _TEREDO_DEVICE_H */
