/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ICF6_NETNS_H
#define _ICF6_NETNS_H

#include "icf6.h"

/* Begin and end to filter a namespace; idempotent. Both take RTNL. */
int icf6_attach(struct icf6_net *n, struct netlink_ext_ack *extack);
int icf6_detach(struct icf6_net *n, struct netlink_ext_ack *extack);

/*
 * Makes hooks, label and module reference those that @n->conf asks for.
 * Nothing has changed if it fails. Needs icf6_net.lock.
 */
int icf6_apply(struct icf6_net *n, struct netlink_ext_ack *extack);

int icf6_netns_init(void);
void icf6_netns_exit(void);

#endif
