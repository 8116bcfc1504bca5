// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>

#include "policy.h"
#include "ports.h"

/* What is made here is bounded, see core/limits.h and ICF6_DEV_PORTS_MAX. */
#define GFP_POLICY	(GFP_KERNEL_ACCOUNT | __GFP_NOFAIL)

static void shared_put(struct icf6_shared_map *shared)
{
	if (refcount_dec_and_test(&shared->ref))
		kvfree(shared);
}

static void policy_free(struct rcu_head *rcu)
{
	struct icf6_policy *p = container_of(rcu, struct icf6_policy, rcu);
	u32 i;

	for (i = 0; i < p->n_devs; i++) {
		kfree(p->devs[i].open);
		kfree(p->devs[i].ignored);
	}
	shared_put(p->shared);
	kvfree(p);
}

static struct icf6_shared_map *make_map(struct icf6_net *n)
{
	struct icf6_shared_map *shared;
	struct icf6_port *port;

	shared = kvzalloc(sizeof(*shared), GFP_POLICY);
	refcount_set(&shared->ref, 1);
	for (port = icf6_port_first(n, ICF6_SCOPE_GLOBAL, 0);
	     port && port->key.scope == ICF6_SCOPE_GLOBAL;
	     port = icf6_port_next(port))
		icf6_map_add(&shared->map, port->key.proto, port->key.port,
			     port->edge);
	return shared;
}

/* The entries of one key follow each other: by a user, by sockets. */
static struct icf6_set *make_set(struct icf6_net *n, const struct icf6_dev *dev,
				 enum icf6_scope scope)
{
	struct icf6_port *port;
	struct icf6_set *set;
	u32 key;

	if (!dev->n_ports[scope])
		return NULL;
	set = kzalloc(struct_size(set, keys, dev->n_ports[scope]), GFP_POLICY);
	for (port = icf6_port_first(n, scope, dev->ifindex);
	     port && port->key.scope == scope &&
	     port->key.ifindex == dev->ifindex;
	     port = icf6_port_next(port)) {
		key = icf6_key(port->key.proto, port->key.port);
		if (!set->n || set->keys[set->n - 1] >> 2 != key >> 2)
			set->keys[set->n++] = key;
		set->keys[set->n - 1] |= icf6_key_edge(port->edge);
	}
	return set;
}

static void make_rules(const struct icf6_net *n,
		       const struct icf6_dev_conf *dev, struct icf6_rules *r)
{
	r->options = n->conf.options;
	r->icmp = (n->conf.icmp & ~dev->icmp_set) | (dev->icmp & dev->icmp_set);
	r->reject = n->conf.reject != ICF6_REJECT_NONE;
	r->firewalled = dev->firewalled;
	r->edge = dev->edge;
}

void icf6_publish(struct icf6_net *n, bool ports_changed)
{
	/* The strictest: nothing is known of a device without entry. */
	static const struct icf6_dev_conf other = {
		.firewalled = true,
		.edge = true,
	};
	struct icf6_policy *old, *new;
	struct icf6_dev *dev;
	u32 n_devs = 0;

	lockdep_assert_held(&n->lock);
	old = rcu_dereference_protected(n->policy, lockdep_is_held(&n->lock));
	list_for_each_entry(dev, &n->devs, list)
		n_devs++;
	new = kvzalloc(struct_size(new, devs, n_devs), GFP_POLICY);
	new->log = n->conf.log;
	new->log_rate = n->conf.log_rate;
	new->log_burst = n->conf.log_burst;
	new->edge_mark = n->conf.edge_mark;
	new->grace_until = n->conf.grace_until;
	new->mcast_boundary = n->conf.mcast_boundary;
	make_rules(n, &other, &new->other.rules);
	new->other.stats = n->stats;
	list_for_each_entry(dev, &n->devs, list) {
		struct icf6_policy_dev *d = &new->devs[new->n_devs++];

		d->ifindex = dev->ifindex;
		make_rules(n, &dev->conf, &d->rules);
		d->open = make_set(n, dev, ICF6_SCOPE_OPEN);
		d->ignored = make_set(n, dev, ICF6_SCOPE_IGNORED);
		d->stats = dev->stats;
	}
	if (old && !ports_changed) {
		new->shared = old->shared;
		refcount_inc(&new->shared->ref);
	} else {
		new->shared = make_map(n);
	}
	icf6_count_change(n);
	rcu_assign_pointer(n->policy, new);
	if (old)
		call_rcu(&old->rcu, policy_free);
}

void icf6_unpublish(struct icf6_net *n)
{
	struct icf6_policy *old;

	old = rcu_replace_pointer(n->policy, NULL, lockdep_is_held(&n->lock));
	icf6_count_change(n);
	if (old)
		call_rcu(&old->rcu, policy_free);
}
