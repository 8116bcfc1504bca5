// SPDX-License-Identifier: GPL-2.0
/*
 * What happens around a device: addresses, links and routes of the namespace
 * its socket is in, the end of that namespace, suspend and resume. Each only
 * tells the device's worker to look; what it finds decides.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/random.h>
#include <linux/suspend.h>
#include <net/arp.h>
#include <net/fib_notifier.h>
#include <net/net_namespace.h>
#include <net/netevent.h>
#include <net/netns/generic.h>

#include "control.h"
#include "device.h"
#include "notify.h"

static unsigned int net_id __read_mostly;

struct teredo_net {
	struct notifier_block fib;
	struct net *net;
};

/*
 * @oif: the link that changed for the better, 0 for a change that may matter
 * to any. A change of the way to the server is found out by the worker.
 */
static void tell(struct net *net, int oif)
{
	struct teredo_dev *t;

	rcu_read_lock();
	list_for_each_entry_rcu(t, &teredo_devices, list) {
		if (rcu_access_pointer(t->creating_net) != net)
			continue;
		if (oif && READ_ONCE(t->way.oif) == oif)
			teredo_control_event(t, TEREDO_EVENT_LINK);
		else
			teredo_control_event(t, TEREDO_EVENT_NET);
	}
	rcu_read_unlock();
}

static int netdev_event(struct notifier_block *nb, unsigned long event,
			void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	/* An own device's carrier follows the state; no circles. */
	if (teredo_netdev(dev))
		return NOTIFY_DONE;
	switch (event) {
	case NETDEV_UP:
		tell(dev_net(dev), dev->ifindex);
		break;
	case NETDEV_CHANGE:
		tell(dev_net(dev), netif_carrier_ok(dev) ? dev->ifindex : 0);
		break;
	case NETDEV_DOWN:
	case NETDEV_UNREGISTER:
		tell(dev_net(dev), 0);
		break;
	}
	return NOTIFY_DONE;
}

static int inetaddr_event(struct notifier_block *nb, unsigned long event,
			  void *ptr)
{
	struct in_ifaddr *ifa = ptr;

	tell(dev_net(ifa->ifa_dev->dev), 0);
	return NOTIFY_DONE;
}

/* Atomic; also called for each route that is there at registration. */
static int fib_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct teredo_net *tn = container_of(nb, struct teredo_net, fib);
	struct fib_notifier_info *info = ptr;

	if (info->family == AF_INET)
		tell(tn->net, 0);
	return NOTIFY_DONE;
}

u64 teredo_hwaddr(const struct neighbour *n)
{
	char ha[MAX_ADDR_LEN] = { };
	u64 hwaddr;

	BUILD_BUG_ON(sizeof(ha) < sizeof(hwaddr));
	neigh_ha_snapshot(ha, n, n->dev);
	memcpy(&hwaddr, ha, sizeof(hwaddr));
	return hwaddr;
}

/*
 * Atomic. The router may be restarted, or another one take its place, without
 * a change of link, address or route: what then tells of it is the link address
 * that answers for its IPv4 address. Who can forge that is on the link, and
 * gains no more than by one that flaps.
 */
static int neigh_event(struct notifier_block *nb, unsigned long event,
		       void *ptr)
{
	const struct neighbour *n = ptr;
	struct teredo_dev *t;
	u64 hwaddr, was;
	__be32 key;
	u8 state;

	if (event != NETEVENT_NEIGH_UPDATE || n->tbl != &arp_tbl)
		return NOTIFY_DONE;
	memcpy(&key, n->primary_key, sizeof(key));
	state = READ_ONCE(n->nud_state);
	hwaddr = teredo_hwaddr(n);
	rcu_read_lock();
	list_for_each_entry_rcu(t, &teredo_devices, list) {
		if (READ_ONCE(t->way.nexthop) != key ||
		    READ_ONCE(t->way.oif) != n->dev->ifindex ||
		    rcu_access_pointer(t->creating_net) != dev_net(n->dev))
			continue;
		if (state & NUD_FAILED) {
			WRITE_ONCE(t->way.lost, true);
		} else if (state & NUD_VALID) {
			was = READ_ONCE(t->way.hwaddr);
			WRITE_ONCE(t->way.hwaddr, hwaddr);
			if (READ_ONCE(t->way.lost) || (was && was != hwaddr))
				teredo_control_event(t, TEREDO_EVENT_LINK);
			WRITE_ONCE(t->way.lost, false);
		}
	}
	rcu_read_unlock();
	return NOTIFY_DONE;
}

static int pm_event(struct notifier_block *nb, unsigned long action, void *ptr)
{
	struct teredo_dev *t;

	/*
	 * The RTNL keeps devices from coming and going, and tasks that hold
	 * it are not frozen yet, or no longer.
	 */
	rtnl_lock();
	list_for_each_entry(t, &teredo_devices, list) {
		switch (action) {
		case PM_SUSPEND_PREPARE:
		case PM_HIBERNATION_PREPARE:
		case PM_RESTORE_PREPARE:
			teredo_control_suspend(t);
			break;
		case PM_POST_HIBERNATION:
			/* The image may run twice: no secret is one any more. */
			get_random_bytes(&t->key, sizeof(t->key));
			fallthrough;
		case PM_POST_SUSPEND:
		case PM_POST_RESTORE:
			teredo_control_resume(t);
			break;
		}
	}
	rtnl_unlock();
	return NOTIFY_DONE;
}

static int vm_event(struct notifier_block *nb, unsigned long action, void *ptr)
{
	struct teredo_dev *t;

	rtnl_lock();
	list_for_each_entry(t, &teredo_devices, list) {
		get_random_bytes(&t->key, sizeof(t->key));
		teredo_control_event(t, TEREDO_EVENT_LINK);
	}
	rtnl_unlock();
	return NOTIFY_DONE;
}

static struct notifier_block netdev_nb = { .notifier_call = netdev_event };
static struct notifier_block inetaddr_nb = { .notifier_call = inetaddr_event };
static struct notifier_block neigh_nb = { .notifier_call = neigh_event };
static struct notifier_block pm_nb = { .notifier_call = pm_event };
static struct notifier_block vm_nb = { .notifier_call = vm_event };

static int __net_init net_init(struct net *net)
{
	struct teredo_net *tn = net_generic(net, net_id);

	tn->net = net;
	tn->fib.notifier_call = fib_event;
	return register_fib_notifier(net, &tn->fib, NULL, NULL);
}

/* Before the namespace's own sockets are torn down; others find no pointer. */
static void __net_exit net_pre_exit(struct net *net)
{
	struct teredo_dev *t;

	rtnl_lock();
	list_for_each_entry(t, &teredo_devices, list)
		if (rcu_access_pointer(t->creating_net) == net)
			teredo_lose_net(t);
	rtnl_unlock();
}

static void __net_exit net_exit(struct net *net)
{
	struct teredo_net *tn = net_generic(net, net_id);

	unregister_fib_notifier(net, &tn->fib);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.pre_exit = net_pre_exit,
	.exit = net_exit,
	.id = &net_id,
	.size = sizeof(struct teredo_net),
};

int __init teredo_notify_init(void)
{
	int err;

	err = register_pernet_subsys(&net_ops);
	if (err)
		return err;
	err = register_netdevice_notifier(&netdev_nb);
	if (err)
		goto err_netdev;
	err = register_inetaddr_notifier(&inetaddr_nb);
	if (err)
		goto err_inetaddr;
	err = register_netevent_notifier(&neigh_nb);
	if (err)
		goto err_neigh;
	err = register_pm_notifier(&pm_nb);
	if (err)
		goto err_pm;
	err = register_random_vmfork_notifier(&vm_nb);
	if (err)
		goto err_vm;
	return 0;

err_vm:
	unregister_pm_notifier(&pm_nb);
err_pm:
	unregister_netevent_notifier(&neigh_nb);
err_neigh:
	unregister_inetaddr_notifier(&inetaddr_nb);
err_inetaddr:
	unregister_netdevice_notifier(&netdev_nb);
err_netdev:
	unregister_pernet_subsys(&net_ops);
	return err;
}

void teredo_notify_exit(void)
{
	unregister_random_vmfork_notifier(&vm_nb);
	unregister_pm_notifier(&pm_nb);
	unregister_netevent_notifier(&neigh_nb);
	unregister_inetaddr_notifier(&inetaddr_nb);
	unregister_netdevice_notifier(&netdev_nb);
	unregister_pernet_subsys(&net_ops);
}
