// SPDX-License-Identifier: GPL-2.0
/*
 * Which namespaces are filtered, and the hooks that do it.
 */
#include <linux/module.h>
#include <linux/netfilter_ipv6.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netns/generic.h>

#include "conf.h"
#include "device.h"
#include "hook.h"
#include "log.h"
#include "netns.h"
#include "notify.h"
#include "policy.h"
#include "ports.h"
#include "reject.h"
#include "track.h"

static bool boot = true;
module_param(boot, bool, 0444);
MODULE_PARM_DESC(boot, "off: everything passes until it is switched on");

static char *netns = "init";
module_param(netns, charp, 0444);
MODULE_PARM_DESC(netns, "init: filter the initial namespace; all: each; optin: none; the others when asked to");

static unsigned int net_id __read_mostly;

struct icf6_net *icf6_pernet(struct net *net)
{
	return net_generic(net, net_id);
}

static struct nf_hook_ops *hooks_on(struct icf6_net *n,
				    const struct nf_hook_ops *ops, int count,
				    int shift, struct netlink_ext_ack *extack)
{
	struct nf_hook_ops *copy;
	int i, err;

	copy = kmemdup(ops, count * sizeof(*ops), GFP_KERNEL_ACCOUNT);
	if (!copy)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < count; i++) {
		copy[i].priv = n;
		copy[i].priority += shift;
	}
	err = nf_register_net_hooks(n->net, copy, count);
	if (!err)
		return copy;
	NL_SET_ERR_MSG(extack, "the netfilter hooks could not be set");
	kfree(copy);
	return ERR_PTR(err);
}

/*
 * The ops are not what packets look at, these have a copy. @n itself is freed
 * by the namespace's exit, a grace period after its pre_exit took the hooks.
 */
static void hooks_off(struct icf6_net *n, struct nf_hook_ops **ops, int count)
{
	if (!*ops)
		return;
	nf_unregister_net_hooks(n->net, *ops, count);
	kfree(*ops);
	*ops = NULL;
}

/* FILTER - 1 as in icf6_filter_ops[], or FILTER + 1. */
static int filter_shift(const struct icf6_net *n)
{
	return n->conf.options & ICF6_OPT_ORDER_AFTER ? 2 : 0;
}

static void lock_apply(struct icf6_net *n)
{
	bool want = n->conf.options & ICF6_OPT_LOCK;

	if (want && !n->locked)
		__module_get(THIS_MODULE);
	else if (!want && n->locked)
		module_put(THIS_MODULE);
	n->locked = want;
}

int icf6_apply(struct icf6_net *n, struct netlink_ext_ack *extack)
{
	bool want_forward = n->conf.options & ICF6_OPT_FORWARD;
	bool want_open = n->conf.log & ICF6_LOG_OPENS;
	struct nf_hook_ops *filter = NULL, *forward = NULL, *open = NULL;
	int shift = filter_shift(n), err;

	if (n->conf.options & ICF6_OPT_LOCK && n->net != &init_net) {
		NL_SET_ERR_MSG(extack,
			       "only the initial namespace may lock the module");
		return -EPERM;
	}
	/*
	 * All that may fail comes first. New hooks are in before the old are
	 * out: a packet in between is judged twice, never not at all.
	 */
	if (!n->filter_ops ||
	    n->filter_ops->priority != icf6_filter_ops->priority + shift) {
		filter = hooks_on(n, icf6_filter_ops, ICF6_FILTER_OPS, shift,
				  extack);
		if (IS_ERR(filter))
			return PTR_ERR(filter);
	}
	if (want_forward && (!n->forward_ops || filter)) {
		forward = hooks_on(n, icf6_forward_ops, ICF6_FORWARD_OPS,
				   shift, extack);
		if (IS_ERR(forward)) {
			err = PTR_ERR(forward);
			goto err_filter;
		}
	}
	if (want_open && !n->open_ops) {
		err = icf6_label_get(n->net);
		if (err) {
			NL_SET_ERR_MSG(extack,
				       "connection tracking has no room for the label");
			goto err_forward;
		}
		open = hooks_on(n, icf6_open_ops, ICF6_OPEN_OPS, 0, extack);
		if (IS_ERR(open)) {
			err = PTR_ERR(open);
			icf6_label_put(n->net);
			goto err_forward;
		}
	}

	if (filter) {
		hooks_off(n, &n->filter_ops, ICF6_FILTER_OPS);
		n->filter_ops = filter;
	}
	if (forward || !want_forward) {
		hooks_off(n, &n->forward_ops, ICF6_FORWARD_OPS);
		n->forward_ops = forward;
	}
	if (open) {
		n->open_ops = open;
	} else if (!want_open && n->open_ops) {
		hooks_off(n, &n->open_ops, ICF6_OPEN_OPS);
		icf6_label_put(n->net);
	}
	lock_apply(n);
	return 0;

err_forward:
	hooks_off(n, &forward, ICF6_FORWARD_OPS);
err_filter:
	hooks_off(n, &filter, ICF6_FILTER_OPS);
	return err;
}

/* FW-90: at boot there is nothing that could be older than the firewall. */
static bool running(struct net *net)
{
	struct net_device *dev;

	for_each_netdev(net, dev)
		if (dev->flags & IFF_UP && !(dev->flags & IFF_LOOPBACK))
			return true;
	return false;
}

static void free_memory(struct icf6_net *n)
{
	free_percpu(n->stats);
	n->stats = NULL;
	kfree(n->asked);
	n->asked = NULL;
	n->asked_until = 0;
}

static int attach(struct icf6_net *n, struct netlink_ext_ack *extack)
{
	int err;

	icf6_conf_defaults(&n->conf);
	if (!boot)
		n->conf.options &= ~ICF6_OPT_ENABLED;
	if (running(n->net))
		icf6_conf_grace(&n->conf, ICF6_GRACE_RUNNING);
	n->stats = alloc_percpu_gfp(struct icf6_stats, GFP_KERNEL_ACCOUNT);
	n->asked = kzalloc(sizeof(*n->asked), GFP_KERNEL_ACCOUNT);
	if (!n->stats || !n->asked) {
		err = -ENOMEM;
		goto err_memory;
	}
	icf6_devs_fill(n);
	icf6_publish(n, true);
	err = nf_ct_netns_get(n->net, NFPROTO_IPV6);
	if (err) {
		NL_SET_ERR_MSG(extack, "connection tracking refused");
		goto err_policy;
	}
	err = icf6_apply(n, extack);
	if (err)
		goto err_track;
	n->attached = true;
	icf6_notify_conf(n);
	return 0;

err_track:
	nf_ct_netns_put(n->net, NFPROTO_IPV6);
err_policy:
	icf6_devs_free(n);
	icf6_unpublish(n);
	/* Behind the policy that names them. */
	synchronize_rcu();
err_memory:
	free_memory(n);
	return err;
}

int icf6_attach(struct icf6_net *n, struct netlink_ext_ack *extack)
{
	int err = 0;

	rtnl_lock();
	mutex_lock(&n->lock);
	if (!n->attached)
		err = attach(n, extack);
	mutex_unlock(&n->lock);
	rtnl_unlock();
	return err;
}

/* No packet comes in after this, but one may still be inside. */
static void hooks_out(struct icf6_net *n)
{
	hooks_off(n, &n->filter_ops, ICF6_FILTER_OPS);
	hooks_off(n, &n->forward_ops, ICF6_FORWARD_OPS);
	if (n->open_ops) {
		hooks_off(n, &n->open_ops, ICF6_OPEN_OPS);
		icf6_label_put(n->net);
	}
	nf_ct_netns_put(n->net, NFPROTO_IPV6);
}

/* A grace period after hooks_out(). */
static void clear(struct icf6_net *n)
{
	icf6_log_stop(n);
	icf6_reject_stop(n);
	icf6_ports_free(n);
	icf6_devs_free(n);
	icf6_unpublish(n);
	free_memory(n);
}

int icf6_detach(struct icf6_net *n, struct netlink_ext_ack *extack)
{
	int err = 0;

	rtnl_lock();
	mutex_lock(&n->lock);
	if (!n->attached)
		goto out;
	if (n->locked) {
		NL_SET_ERR_MSG(extack, "the firewall is locked");
		err = -EBUSY;
		goto out;
	}
	n->attached = false;
	hooks_out(n);
	synchronize_net();
	clear(n);
	icf6_notify_conf(n);
out:
	mutex_unlock(&n->lock);
	rtnl_unlock();
	return err;
}

static int __net_init netns_init(struct net *net)
{
	struct icf6_net *n = icf6_pernet(net);

	n->net = net;
	mutex_init(&n->lock);
	INIT_LIST_HEAD(&n->devs);
	n->ports = RB_ROOT;
	spin_lock_init(&n->asked_lock);
	icf6_log_init(n);
	icf6_reject_init(n);
	if (!strcmp(netns, "all") ||
	    (!strcmp(netns, "init") && net == &init_net))
		return icf6_attach(n, NULL);
	return 0;
}

static void __net_exit netns_pre_exit(struct net *net)
{
	struct icf6_net *n = icf6_pernet(net);

	mutex_lock(&n->lock);
	if (n->attached)
		hooks_out(n);
	mutex_unlock(&n->lock);
}

static void __net_exit netns_exit(struct net *net)
{
	struct icf6_net *n = icf6_pernet(net);

	mutex_lock(&n->lock);
	if (n->attached)
		clear(n);
	n->attached = false;
	mutex_unlock(&n->lock);
}

static struct pernet_operations netns_ops = {
	.init = netns_init,
	.pre_exit = netns_pre_exit,
	.exit = netns_exit,
	.id = &net_id,
	.size = sizeof(struct icf6_net),
};

int __init icf6_netns_init(void)
{
	if (strcmp(netns, "init") && strcmp(netns, "all") &&
	    strcmp(netns, "optin")) {
		pr_err("netns=%s: not init, all or optin\n", netns);
		return -EINVAL;
	}
	return register_pernet_subsys(&netns_ops);
}

void icf6_netns_exit(void)
{
	unregister_pernet_subsys(&netns_ops);
}
