// SPDX-License-Identifier: GPL-2.0
/*
 * Devices come, go and are renamed. Until the notifier has run, a new one has
 * no entry and is treated most strictly (struct icf6_policy.other), so it is
 * never open by accident.
 */
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/rtnetlink.h>

#include "device.h"
#include "notify.h"
#include "policy.h"
#include "ports.h"
#include "reject.h"

/* Set by the module's exit: then the notifier's farewell is not about devices. */
static bool leaving;

struct icf6_dev *icf6_dev_find(struct icf6_net *n, u32 ifindex)
{
	struct icf6_dev *dev;

	list_for_each_entry(dev, &n->devs, list)
		if (dev->ifindex == ifindex)
			return dev;
	return NULL;
}

struct icf6_dev *icf6_dev_find_name(struct icf6_net *n, const char *name)
{
	struct icf6_dev *dev;

	list_for_each_entry(dev, &n->devs, list)
		if (!strcmp(dev->name, name))
			return dev;
	return NULL;
}

void icf6_dev_defaults(const struct icf6_dev *dev, struct icf6_dev_conf *conf)
{
	memset(conf, 0, sizeof(*conf));
	conf->firewalled = true;
	conf->edge = dev->edge_auto;
}

static void dev_free(struct rcu_head *rcu)
{
	struct icf6_dev *dev = container_of(rcu, struct icf6_dev, rcu);

	free_percpu(dev->stats);
	kfree(dev);
}

/* FW-70 */
static bool is_edge(const struct net_device *netdev)
{
	return netdev->rtnl_link_ops &&
	       !strcmp(netdev->rtnl_link_ops->kind, "teredo");
}

/* Without memory for its counters it stays a device without entry: closed. */
static struct icf6_dev *dev_add(struct icf6_net *n,
				const struct net_device *netdev)
{
	struct icf6_dev *dev, *at;

	if (netdev->flags & IFF_LOOPBACK || icf6_dev_find(n, netdev->ifindex))
		return NULL;
	dev = kzalloc(sizeof(*dev), GFP_KERNEL_ACCOUNT);
	if (!dev)
		return NULL;
	dev->stats = alloc_percpu_gfp(struct icf6_stats, GFP_KERNEL_ACCOUNT);
	if (!dev->stats) {
		kfree(dev);
		return NULL;
	}
	dev->ifindex = netdev->ifindex;
	strscpy(dev->name, netdev->name, sizeof(dev->name));
	dev->edge_auto = is_edge(netdev);
	icf6_dev_defaults(dev, &dev->conf);
	/* Mostly the newest has the highest. */
	list_for_each_entry_reverse(at, &n->devs, list)
		if (at->ifindex < dev->ifindex)
			break;
	list_add(&dev->list, &at->list);
	return dev;
}

/*
 * The namespace's own counters take over what the device counted. Its last
 * packet came before: the device is closed, and unlisted a grace period ago.
 */
static void dev_fold(struct icf6_net *n, struct icf6_dev *dev)
{
	int cpu, dir, reason;
	u64 sum;

	for (dir = 0; dir < __ICF6_DIR_MAX; dir++) {
		for (reason = 0; reason < __ICF6_REASON_MAX; reason++) {
			sum = 0;
			for_each_possible_cpu(cpu)
				sum += per_cpu_ptr(dev->stats, cpu)->
				       packets[dir][reason];
			if (sum)
				this_cpu_add(n->stats->packets[dir][reason],
					     sum);
		}
	}
}

static void dev_del(struct icf6_net *n, struct icf6_dev *dev)
{
	icf6_notify_dev(n, dev, ICF6_CMD_DEV_DEL_NTF);
	icf6_ports_drop_dev(n, dev->ifindex);
	list_del(&dev->list);
	/* Behind the policy that still names the counters. */
	icf6_publish(n, false);
	dev_fold(n, dev);
	call_rcu(&dev->rcu, dev_free);
}

void icf6_devs_fill(struct icf6_net *n)
{
	struct net_device *netdev;

	ASSERT_RTNL();
	for_each_netdev(n->net, netdev)
		dev_add(n, netdev);
}

void icf6_devs_free(struct icf6_net *n)
{
	struct icf6_dev *dev, *next;

	list_for_each_entry_safe(dev, next, &n->devs, list) {
		list_del(&dev->list);
		call_rcu(&dev->rcu, dev_free);
	}
}

static void event(struct icf6_net *n, unsigned long event,
		  const struct net_device *netdev)
{
	struct icf6_dev *dev = icf6_dev_find(n, netdev->ifindex);

	switch (event) {
	case NETDEV_REGISTER:
		dev = dev_add(n, netdev);
		if (!dev)
			return;
		icf6_publish(n, false);
		icf6_notify_dev(n, dev, ICF6_CMD_DEV_NTF);
		return;
	case NETDEV_CHANGENAME:
		if (!dev)
			return;
		strscpy(dev->name, netdev->name, sizeof(dev->name));
		icf6_count_change(n);
		icf6_notify_dev(n, dev, ICF6_CMD_DEV_NTF);
		return;
	case NETDEV_UNREGISTER:
		if (dev)
			dev_del(n, dev);
		return;
	}
}

static int netdev_event(struct notifier_block *nb, unsigned long what,
			void *ptr)
{
	struct net_device *netdev = netdev_notifier_info_to_dev(ptr);
	struct icf6_net *n = icf6_pernet(dev_net(netdev));

	if (what != NETDEV_REGISTER && what != NETDEV_CHANGENAME &&
	    what != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	if (leaving)
		return NOTIFY_DONE;
	if (what == NETDEV_UNREGISTER)
		icf6_reject_forget(n, netdev);
	mutex_lock(&n->lock);
	if (n->attached)
		event(n, what, netdev);
	mutex_unlock(&n->lock);
	return NOTIFY_DONE;
}

static struct notifier_block netdev_notifier = {
	.notifier_call = netdev_event,
};

int icf6_device_init(void)
{
	return register_netdevice_notifier(&netdev_notifier);
}

void icf6_device_exit(void)
{
	rtnl_lock();
	leaving = true;
	rtnl_unlock();
	unregister_netdevice_notifier(&netdev_notifier);
}
