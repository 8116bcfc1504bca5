// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <net/genetlink.h>

#include "device.h"
#include "netlink.h"
#include "netns.h"

static int __init icf6_init(void)
{
	int err;

	/*
	 * First: from its return on the namespaces that are to be filtered
	 * are, whatever follows.
	 */
	err = icf6_netns_init();
	if (err)
		return err;
	err = icf6_device_init();
	if (err)
		goto err_netns;
	err = icf6_netlink_init();
	if (err)
		goto err_device;
	pr_info("IPv6 firewall " ICF6_VERSION "\n");
	return 0;

err_device:
	icf6_device_exit();
err_netns:
	icf6_netns_exit();
	rcu_barrier();
	return err;
}

static void __exit icf6_exit(void)
{
	icf6_netlink_exit();
	icf6_device_exit();
	/* Hooks, then a grace period, then what they used, FW-54. */
	icf6_netns_exit();
	/* Policies and devices are freed by callbacks of this module. */
	rcu_barrier();
}

module_init(icf6_init);
module_exit(icf6_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("IPv6 host firewall");
MODULE_AUTHOR("The peer6 developers");
MODULE_VERSION(ICF6_VERSION);
MODULE_ALIAS_GENL_FAMILY(ICF6_GENL_NAME);
