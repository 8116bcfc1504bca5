// SPDX-License-Identifier: GPL-2.0
#include <net/genetlink.h>

#include "netlink.h"
#include "notify.h"

static struct sk_buff *begin(struct icf6_net *n, enum icf6_cmd cmd, void **hdr)
{
	struct sk_buff *msg;

	if (!genl_has_listeners(&icf6_family, n->net, ICF6_GROUP_EVENTS))
		return NULL;
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return NULL;
	*hdr = genlmsg_put(msg, 0, 0, &icf6_family, 0, cmd);
	return msg;
}

static void end(struct icf6_net *n, struct sk_buff *msg, void *hdr, int err)
{
	if (err) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&icf6_family, n->net, msg, 0,
				ICF6_GROUP_EVENTS, GFP_KERNEL);
}

void icf6_notify_conf(struct icf6_net *n)
{
	struct sk_buff *msg;
	void *hdr;

	msg = begin(n, ICF6_CMD_CONF_NTF, &hdr);
	if (msg)
		end(n, msg, hdr, icf6_put_conf(msg, n));
}

void icf6_notify_dev(struct icf6_net *n, const struct icf6_dev *dev,
		     enum icf6_cmd cmd)
{
	struct sk_buff *msg;
	void *hdr;

	msg = begin(n, cmd, &hdr);
	if (msg)
		end(n, msg, hdr, icf6_put_dev(msg, n, dev));
}

void icf6_notify_port(struct icf6_net *n, const struct icf6_port *port,
		      enum icf6_cmd cmd)
{
	struct sk_buff *msg;
	void *hdr;

	msg = begin(n, cmd, &hdr);
	if (msg)
		end(n, msg, hdr, icf6_put_port(msg, n, port));
}

void icf6_notify_replace(struct icf6_net *n)
{
	struct sk_buff *msg;
	void *hdr;

	msg = begin(n, ICF6_CMD_REPLACE_NTF, &hdr);
	if (msg)
		end(n, msg, hdr,
		    nla_put_u32(msg, ICF6_A_GENERATION, n->generation));
}
