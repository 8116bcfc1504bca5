/* SPDX-License-Identifier: GPL-2.0 */
/*
 * State of one network namespace, in two halves.
 *
 * What is configured (struct icf6_net from @lock on) belongs to the mutex and
 * is changed in place. From it icf6_publish() makes what packets are judged by
 * (struct icf6_policy), which never changes: a packet sees all of a change or
 * nothing of it, and needs no lock but RCU. Publishing cannot fail, so a port
 * can always be closed.
 *
 * Locks, outermost first: RTNL, icf6_net.lock, then the spinlocks.
 */
#ifndef _ICF6_H
#define _ICF6_H

#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "core/asked.h"
#include "core/bucket.h"
#include "core/limits.h"
#include "core/ports.h"
#include "core/verdict.h"

struct icf6_stats {
	u64	packets[__ICF6_DIR_MAX][__ICF6_REASON_MAX];
};

struct icf6_shared_map {
	refcount_t	ref;		/* one for each policy */
	struct icf6_map	map;
};

struct icf6_policy_dev {
	u32	ifindex;
	struct icf6_rules rules;
	struct icf6_set *open;		/* NULL = empty; the policy's own */
	struct icf6_set *ignored;
	struct icf6_stats __percpu *stats;	/* the icf6_dev's */
};

struct icf6_policy {
	struct rcu_head	rcu;
	struct icf6_shared_map *shared;
	u32	log;
	u32	log_rate;
	u32	log_burst;
	u32	edge_mark;
	u64	grace_until;
	u8	mcast_boundary;
	/* For a device without entry, which can only be one that just came. */
	struct icf6_policy_dev other;
	u32	n_devs;
	struct icf6_policy_dev devs[];	/* sorted by ifindex */
};

/* ICF6_A_CONF_*, what is in it is what a user set. */
struct icf6_conf {
	u32	options;
	u32	icmp;
	u32	log;
	u32	log_rate;
	u32	log_burst;
	u32	edge_mark;
	u32	grace;
	u64	grace_until;
	u8	edge_default;
	u8	reject;
	u8	mcast_boundary;
};

struct icf6_dev_conf {
	u32	icmp;
	u32	icmp_set;		/* which bits of @icmp count */
	bool	firewalled;
	bool	edge;
};

struct icf6_dev {
	struct list_head list;		/* sorted by ifindex */
	struct rcu_head	rcu;
	u32	ifindex;
	bool	edge_auto;
	struct icf6_dev_conf conf;
	u32	n_ports[__ICF6_SCOPE_MAX];
	struct icf6_stats __percpu *stats;
	char	name[IFNAMSIZ];
};

/* In the order of ports.c, which is that of dumps. */
struct icf6_port_key {
	u8	scope;
	u8	proto;
	u16	port;
	u32	ifindex;		/* 0 = global */
	u8	origin;
	u32	owner;			/* netlink port id of the socket, or 0 */
};

struct icf6_port {
	struct rb_node node;
	struct icf6_port_key key;
	u8	edge;
	char	label[ICF6_LABEL_MAX + 1];
};

struct icf6_log {
	/* of all but the work */
	spinlock_t lock;
	struct icf6_bucket bucket;
	u64	lost;			/* since the last record about it */
	u64	lost_ever;
	struct delayed_work work;
};

struct icf6_reject_queue {
	/* of the queue */
	spinlock_t lock;
	struct sk_buff_head skbs;
	struct delayed_work work;
};

struct icf6_net {
	struct net *net;
	struct icf6_policy __rcu *policy;	/* NULL = not attached */
	struct icf6_stats __percpu *stats;	/* of no device, or a former one */

	/* of the two that follow */
	spinlock_t asked_lock;
	u64	asked_until;
	struct icf6_asked_table *asked;
	struct icf6_log log;
	struct icf6_reject_queue reject;

	/* of all that follows, and of publishing */
	struct mutex lock;
	bool	attached;
	u32	generation;
	struct icf6_conf conf;
	struct list_head devs;
	struct rb_root ports;
	u32	n_ports;
	u32	n_owned;
	struct nf_hook_ops *filter_ops;	/* what is registered, or NULL */
	struct nf_hook_ops *forward_ops;
	struct nf_hook_ops *open_ops;
	bool	locked;			/* holds a reference to the module */
};

struct icf6_net *icf6_pernet(struct net *net);

/* Before events are sent, which tell after what they happened. */
static inline void icf6_count_change(struct icf6_net *n)
{
	WRITE_ONCE(n->generation, n->generation + 1);
}

#endif
