/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ICF6_NETLINK_H
#define _ICF6_NETLINK_H

#include <net/genetlink.h>

#include "icf6.h"

enum { ICF6_GROUP_EVENTS, ICF6_GROUP_LOG };

extern struct genl_family icf6_family;

/* Parts of messages; all need icf6_net.lock. */
int icf6_put_conf(struct sk_buff *skb, struct icf6_net *n);
int icf6_put_dev(struct sk_buff *skb, struct icf6_net *n,
		 const struct icf6_dev *dev);
int icf6_put_port(struct sk_buff *skb, struct icf6_net *n,
		  const struct icf6_port *port);

/* Which device the request names, at its top; NULL if none. */
struct icf6_dev *icf6_request_dev(struct icf6_net *n, struct nlattr **attrs,
				  struct netlink_ext_ack *extack);

/* Requests that change something. */
int icf6_conf_set_doit(struct sk_buff *skb, struct genl_info *info);
int icf6_dev_set_doit(struct sk_buff *skb, struct genl_info *info);
int icf6_port_add_doit(struct sk_buff *skb, struct genl_info *info);
int icf6_port_del_doit(struct sk_buff *skb, struct genl_info *info);
int icf6_replace_doit(struct sk_buff *skb, struct genl_info *info);
int icf6_reset_doit(struct sk_buff *skb, struct genl_info *info);
int icf6_flush_doit(struct sk_buff *skb, struct genl_info *info);
int icf6_netns_set_doit(struct sk_buff *skb, struct genl_info *info);

extern const struct nla_policy icf6_conf_policy[ICF6_A_CONF_MAX + 1];
extern const struct nla_policy icf6_dev_policy[ICF6_A_DEV_MAX + 1];
extern const struct nla_policy icf6_port_policy[ICF6_A_PORT_MAX + 1];

int icf6_netlink_init(void);
void icf6_netlink_exit(void);

#endif
