// SPDX-License-Identifier: GPL-2.0
#include <linux/genetlink.h>
#include <linux/module.h>
#include <net/genetlink.h>

#include "device.h"
#include "netlink.h"
#include "notify.h"
#include "peer.h"

static int __init teredo_init(void)
{
	int err;

	err = teredo_peer_cache_init();
	if (err)
		return err;
	err = teredo_notify_init();
	if (err)
		goto err_cache;
	err = teredo_netlink_init();
	if (err)
		goto err_notify;
	/* Last: from here on devices can be made. */
	err = teredo_device_init();
	if (err)
		goto err_netlink;
	pr_info("Teredo (RFC 4380) " TEREDO_VERSION "\n");
	return 0;

err_netlink:
	teredo_netlink_exit();
err_notify:
	teredo_notify_exit();
err_cache:
	teredo_peer_cache_exit();
	return err;
}

static void __exit teredo_exit(void)
{
	teredo_device_exit();
	teredo_netlink_exit();
	teredo_notify_exit();
	teredo_peer_cache_exit();
}

module_init(teredo_init);
module_exit(teredo_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Teredo: IPv6 in UDP through IPv4 NATs");
MODULE_AUTHOR("The peer6 developers");
MODULE_VERSION(TEREDO_VERSION);
MODULE_ALIAS_GENL_FAMILY(TEREDO_GENL_NAME);
