// SPDX-License-Identifier: GPL-2.0
/*
 * The family, and the requests that change nothing.
 */
#include <linux/netlink.h>
#include <net/genetlink.h>

#include "conf.h"
#include "core/reasons.h"
#include "device.h"
#include "netlink.h"
#include "policy.h"
#include "ports.h"
#include "track.h"

/* A counter takes some 130 bytes with its text. */
enum {
	STATS_MSG_SIZE = 512 + 160 * __ICF6_DIR_MAX * __ICF6_REASON_MAX,
};

static const struct nla_policy policy[ICF6_A_MAX + 1] = {
	[ICF6_A_IFINDEX]	= { .type = NLA_U32 },
	[ICF6_A_IFNAME]		= { .type = NLA_NUL_STRING,
				    .len = IFNAMSIZ - 1 },
	[ICF6_A_CONF]		= NLA_POLICY_NESTED(icf6_conf_policy),
	[ICF6_A_DEV]		= NLA_POLICY_NESTED(icf6_dev_policy),
	[ICF6_A_PORT]		= NLA_POLICY_NESTED(icf6_port_policy),
	[ICF6_A_OWNED]		= NLA_POLICY_MAX(NLA_U8, 1),
	[ICF6_A_FLUSH]		= NLA_POLICY_MAX(NLA_U8, 1),
	[ICF6_A_ATTACHED]	= NLA_POLICY_MAX(NLA_U8, 1),
};

static int put_timeouts(struct sk_buff *skb, struct net *net)
{
	struct icf6_timeout t[ICF6_TIMEOUTS];
	int i, n = icf6_timeouts(net, t);
	struct nlattr *nest;

	for (i = 0; i < n; i++) {
		nest = nla_nest_start(skb, ICF6_A_TIMEOUT);
		if (!nest ||
		    nla_put_string(skb, ICF6_A_TIMEOUT_NAME, t[i].name) ||
		    nla_put_u32(skb, ICF6_A_TIMEOUT_VALUE, t[i].value) ||
		    nla_put_u32(skb, ICF6_A_TIMEOUT_WANTED, t[i].wanted))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

int icf6_put_conf(struct sk_buff *skb, struct icf6_net *n)
{
	const struct icf6_conf *c = &n->conf;
	struct nlattr *nest;

	if (nla_put_u8(skb, ICF6_A_ATTACHED, n->attached) ||
	    nla_put_u32(skb, ICF6_A_GENERATION, n->generation))
		return -EMSGSIZE;
	if (!n->attached)
		return 0;
	nest = nla_nest_start(skb, ICF6_A_CONF);
	if (!nest ||
	    nla_put_bitfield32(skb, ICF6_A_CONF_OPTIONS, c->options, ~0) ||
	    nla_put_bitfield32(skb, ICF6_A_CONF_ICMP, c->icmp, ~0) ||
	    nla_put_bitfield32(skb, ICF6_A_CONF_LOG, c->log, ~0) ||
	    nla_put_u32(skb, ICF6_A_CONF_LOG_RATE, c->log_rate) ||
	    nla_put_u32(skb, ICF6_A_CONF_LOG_BURST, c->log_burst) ||
	    nla_put_u8(skb, ICF6_A_CONF_EDGE_DEFAULT, c->edge_default) ||
	    nla_put_u32(skb, ICF6_A_CONF_EDGE_MARK, c->edge_mark) ||
	    nla_put_u8(skb, ICF6_A_CONF_REJECT, c->reject) ||
	    nla_put_u32(skb, ICF6_A_CONF_GRACE, c->grace) ||
	    nla_put_u32(skb, ICF6_A_CONF_GRACE_LEFT,
			icf6_conf_grace_left(c)) ||
	    nla_put_u8(skb, ICF6_A_CONF_MCAST_BOUNDARY, c->mcast_boundary))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return put_timeouts(skb, n->net);
}

int icf6_put_dev(struct sk_buff *skb, struct icf6_net *n,
		 const struct icf6_dev *dev)
{
	const struct icf6_dev_conf *c = &dev->conf;
	struct nlattr *nest;

	if (nla_put_u32(skb, ICF6_A_GENERATION, n->generation))
		return -EMSGSIZE;
	nest = nla_nest_start(skb, ICF6_A_DEV);
	if (!nest ||
	    nla_put_u32(skb, ICF6_A_DEV_IFINDEX, dev->ifindex) ||
	    nla_put_string(skb, ICF6_A_DEV_IFNAME, dev->name) ||
	    nla_put_u8(skb, ICF6_A_DEV_FIREWALLED, c->firewalled) ||
	    nla_put_u8(skb, ICF6_A_DEV_EDGE, c->edge) ||
	    nla_put_u8(skb, ICF6_A_DEV_EDGE_AUTO, dev->edge_auto) ||
	    nla_put_bitfield32(skb, ICF6_A_DEV_ICMP, c->icmp, c->icmp_set) ||
	    nla_put_u32(skb, ICF6_A_DEV_ICMP_EFFECTIVE,
			(n->conf.icmp & ~c->icmp_set) |
			(c->icmp & c->icmp_set)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int icf6_put_port(struct sk_buff *skb, struct icf6_net *n,
		  const struct icf6_port *port)
{
	const struct icf6_port_key *key = &port->key;
	struct icf6_dev *dev;
	struct nlattr *nest;

	if (nla_put_u32(skb, ICF6_A_GENERATION, n->generation))
		return -EMSGSIZE;
	nest = nla_nest_start(skb, ICF6_A_PORT);
	if (!nest || nla_put_u8(skb, ICF6_A_PORT_SCOPE, key->scope) ||
	    nla_put_u8(skb, ICF6_A_PORT_PROTO, key->proto) ||
	    nla_put_u16(skb, ICF6_A_PORT_PORT, key->port) ||
	    nla_put_u8(skb, ICF6_A_PORT_EDGE, port->edge) ||
	    nla_put_u8(skb, ICF6_A_PORT_ORIGIN, key->origin) ||
	    nla_put_string(skb, ICF6_A_PORT_LABEL, port->label) ||
	    (key->owner &&
	     nla_put_u32(skb, ICF6_A_PORT_OWNER, key->owner)))
		return -EMSGSIZE;
	dev = key->ifindex ? icf6_dev_find(n, key->ifindex) : NULL;
	if (dev && (nla_put_u32(skb, ICF6_A_PORT_IFINDEX, key->ifindex) ||
		    nla_put_string(skb, ICF6_A_PORT_IFNAME, dev->name)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

struct icf6_dev *icf6_request_dev(struct icf6_net *n, struct nlattr **attrs,
				  struct netlink_ext_ack *extack)
{
	struct icf6_dev *dev;

	if (!n->attached) {
		NL_SET_ERR_MSG(extack,
			       "this network namespace is not filtered");
		return ERR_PTR(-EOPNOTSUPP);
	}
	if (attrs[ICF6_A_IFINDEX])
		dev = icf6_dev_find(n, nla_get_u32(attrs[ICF6_A_IFINDEX]));
	else if (attrs[ICF6_A_IFNAME])
		dev = icf6_dev_find_name(n, nla_data(attrs[ICF6_A_IFNAME]));
	else
		return NULL;
	if (dev)
		return dev;
	NL_SET_ERR_MSG(extack, "no such device, or loopback");
	return ERR_PTR(-ENODEV);
}

/* One reply; @put fills it under the lock. */
static int reply(struct genl_info *info, enum icf6_cmd cmd, size_t size,
		 int (*put)(struct sk_buff *msg, struct icf6_net *n,
			    struct genl_info *info))
{
	struct icf6_net *n = icf6_pernet(genl_info_net(info));
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = genlmsg_new(size, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &icf6_family, 0, cmd);
	mutex_lock(&n->lock);
	err = hdr ? put(msg, n, info) : -EMSGSIZE;
	mutex_unlock(&n->lock);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

static int conf_reply(struct sk_buff *msg, struct icf6_net *n,
		      struct genl_info *info)
{
	return icf6_put_conf(msg, n);
}

static int conf_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return reply(info, ICF6_CMD_CONF_GET, NLMSG_DEFAULT_SIZE, conf_reply);
}

static int dev_reply(struct sk_buff *msg, struct icf6_net *n,
		     struct genl_info *info)
{
	struct icf6_dev *dev = icf6_request_dev(n, info->attrs, info->extack);

	if (!dev) {
		NL_SET_ERR_MSG(info->extack, "which device? ifindex or ifname");
		return -EINVAL;
	}
	return IS_ERR(dev) ? PTR_ERR(dev) : icf6_put_dev(msg, n, dev);
}

static int dev_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return reply(info, ICF6_CMD_DEV_GET, NLMSG_DEFAULT_SIZE, dev_reply);
}

/*
 * A 32-bit processor may see half of a change; a second look that sees the
 * same was not in the middle of one.
 */
static u64 sum(const struct icf6_stats __percpu *stats, int dir, int reason)
{
	u64 once, again = 0, total = 0;
	const u64 *value;
	int cpu;

	for_each_possible_cpu(cpu) {
		value = &per_cpu_ptr(stats, cpu)->packets[dir][reason];
		do {
			once = READ_ONCE(*value);
			again = READ_ONCE(*value);
		} while (IS_ENABLED(CONFIG_32BIT) && once != again);
		total += again;
	}
	return total;
}

static int put_counter(struct sk_buff *skb, int dir, int reason, u64 value)
{
	struct nlattr *nest;

	if (!value)
		return 0;
	nest = nla_nest_start(skb, ICF6_A_COUNTER);
	if (!nest || nla_put_u8(skb, ICF6_A_COUNTER_DIR, dir) ||
	    nla_put_u8(skb, ICF6_A_COUNTER_REASON, reason) ||
	    nla_put_string(skb, ICF6_A_COUNTER_NAME,
			   icf6_reason_name(reason)) ||
	    nla_put_string(skb, ICF6_A_COUNTER_TEXT,
			   icf6_reason_text(reason)) ||
	    nla_put_u8(skb, ICF6_A_COUNTER_ACCEPT,
		       icf6_reason_accepts(reason)) ||
	    nla_put_u64_64bit(skb, ICF6_A_COUNTER_VALUE, value,
			      ICF6_A_COUNTER_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* @dev: NULL for the namespace, which is all devices and what had none. */
static int put_stats(struct sk_buff *skb, struct icf6_net *n,
		     const struct icf6_dev *dev)
{
	const struct icf6_dev *each;
	int dir, reason, err;
	u64 value, lost;

	if (dev && (nla_put_u32(skb, ICF6_A_IFINDEX, dev->ifindex) ||
		    nla_put_string(skb, ICF6_A_IFNAME, dev->name)))
		return -EMSGSIZE;
	for (dir = 0; dir < __ICF6_DIR_MAX; dir++) {
		for (reason = 0; reason < __ICF6_REASON_MAX; reason++) {
			value = sum(dev ? dev->stats : n->stats, dir, reason);
			if (!dev)
				list_for_each_entry(each, &n->devs, list)
					value += sum(each->stats, dir, reason);
			err = put_counter(skb, dir, reason, value);
			if (err)
				return err;
		}
	}
	if (dev)
		return 0;
	spin_lock_bh(&n->log.lock);
	lost = n->log.lost_ever;
	spin_unlock_bh(&n->log.lock);
	return nla_put_u64_64bit(skb, ICF6_A_LOST, lost, ICF6_A_PAD);
}

static int stats_reply(struct sk_buff *msg, struct icf6_net *n,
		       struct genl_info *info)
{
	struct icf6_dev *dev = icf6_request_dev(n, info->attrs, info->extack);

	return IS_ERR(dev) ? PTR_ERR(dev) : put_stats(msg, n, dev);
}

static int stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return reply(info, ICF6_CMD_STATS_GET, STATS_MSG_SIZE, stats_reply);
}

/* One message of a dump; no part of it is left if it does not fit. */
static int dump_one(struct sk_buff *skb, struct netlink_callback *cb,
		    struct icf6_net *n, enum icf6_cmd cmd, const void *what)
{
	void *hdr;
	int err;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &icf6_family, NLM_F_MULTI, cmd);
	if (!hdr)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, hdr);
	if (cmd == ICF6_CMD_PORT_GET)
		err = icf6_put_port(skb, n, what);
	else if (cmd == ICF6_CMD_DEV_GET)
		err = icf6_put_dev(skb, n, what);
	else
		err = put_stats(skb, n, what);
	if (err)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);
	return err;
}

/*
 * args[0] is the last device that was sent, by its index: whatever comes and
 * goes meanwhile, none is sent twice. args[1]: the namespace itself was.
 */
static int dump_devs(struct sk_buff *skb, struct netlink_callback *cb,
		     enum icf6_cmd cmd)
{
	struct icf6_net *n = icf6_pernet(sock_net(skb->sk));
	struct icf6_dev *dev;
	int err = 0;

	mutex_lock(&n->lock);
	cb->seq = n->generation;
	if (!n->attached)
		goto out;
	if (cmd == ICF6_CMD_STATS_GET && !cb->args[1]) {
		err = dump_one(skb, cb, n, cmd, NULL);
		if (err)
			goto out;
		cb->args[1] = 1;
	}
	list_for_each_entry(dev, &n->devs, list) {
		if (dev->ifindex <= cb->args[0])
			continue;
		err = dump_one(skb, cb, n, cmd, dev);
		if (err)
			break;
		cb->args[0] = dev->ifindex;
	}
out:
	mutex_unlock(&n->lock);
	return skb->len ?: err;
}

static int dev_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_devs(skb, cb, ICF6_CMD_DEV_GET);
}

/* A namespace with all counters needs more than a page. */
static int stats_get_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc = STATS_MSG_SIZE;
	return 0;
}

static int stats_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_devs(skb, cb, ICF6_CMD_STATS_GET);
}

struct port_cursor {
	struct icf6_port_key last;
	u32	ifindex;		/* only this device's, or 0 */
	bool	begun;
};

static int port_get_start(struct netlink_callback *cb)
{
	struct icf6_net *n = icf6_pernet(sock_net(cb->skb->sk));
	struct port_cursor *cursor = (struct port_cursor *)cb->ctx;
	struct icf6_dev *dev;

	BUILD_BUG_ON(sizeof(*cursor) > sizeof(cb->ctx));
	mutex_lock(&n->lock);
	dev = icf6_request_dev(n, genl_info_dump(cb)->attrs, cb->extack);
	if (!IS_ERR_OR_NULL(dev))
		cursor->ifindex = dev->ifindex;
	mutex_unlock(&n->lock);
	return PTR_ERR_OR_ZERO(dev);
}

static int port_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct icf6_net *n = icf6_pernet(sock_net(skb->sk));
	struct port_cursor *cursor = (struct port_cursor *)cb->ctx;
	struct icf6_port *port;
	int err = 0;

	mutex_lock(&n->lock);
	cb->seq = n->generation;
	for (port = icf6_port_seek(n, &cursor->last, cursor->begun); port;
	     port = icf6_port_next(port)) {
		if (cursor->ifindex && port->key.ifindex != cursor->ifindex)
			continue;
		err = dump_one(skb, cb, n, ICF6_CMD_PORT_GET, port);
		if (err)
			break;
		cursor->last = port->key;
		cursor->begun = true;
	}
	mutex_unlock(&n->lock);
	return skb->len ?: err;
}

static const struct genl_ops ops[] = {
	{
		.cmd = ICF6_CMD_CONF_GET,
		.doit = conf_get_doit,
	}, {
		.cmd = ICF6_CMD_CONF_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = icf6_conf_set_doit,
	}, {
		.cmd = ICF6_CMD_DEV_GET,
		.doit = dev_get_doit,
		.dumpit = dev_get_dumpit,
	}, {
		.cmd = ICF6_CMD_DEV_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = icf6_dev_set_doit,
	}, {
		.cmd = ICF6_CMD_PORT_GET,
		.start = port_get_start,
		.dumpit = port_get_dumpit,
	}, {
		.cmd = ICF6_CMD_PORT_ADD,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = icf6_port_add_doit,
	}, {
		.cmd = ICF6_CMD_PORT_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = icf6_port_del_doit,
	}, {
		.cmd = ICF6_CMD_REPLACE,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = icf6_replace_doit,
	}, {
		.cmd = ICF6_CMD_RESET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = icf6_reset_doit,
	}, {
		.cmd = ICF6_CMD_FLUSH,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = icf6_flush_doit,
	}, {
		.cmd = ICF6_CMD_STATS_GET,
		.doit = stats_get_doit,
		.start = stats_get_start,
		.dumpit = stats_get_dumpit,
	}, {
		.cmd = ICF6_CMD_NETNS_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = icf6_netns_set_doit,
	},
};

static const struct genl_multicast_group groups[] = {
	[ICF6_GROUP_EVENTS]	= { .name = ICF6_MCGRP_EVENTS },
	[ICF6_GROUP_LOG]	= { .name = ICF6_MCGRP_LOG,
				    .flags = GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family icf6_family __ro_after_init = {
	.name = ICF6_GENL_NAME,
	.version = ICF6_GENL_VERSION,
	.maxattr = ICF6_A_MAX,
	.policy = policy,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.resv_start_op = ICF6_CMD_CONF_GET,
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

/* FW-88 */
static int socket_closed(struct notifier_block *nb, unsigned long event,
			 void *ptr)
{
	struct netlink_notify *notify = ptr;
	struct icf6_net *n;

	if (event != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	n = icf6_pernet(notify->net);
	/* Its own requests are over, so none of its ports is yet to come. */
	if (!READ_ONCE(n->n_owned))
		return NOTIFY_DONE;
	mutex_lock(&n->lock);
	if (n->attached && icf6_ports_disown(n, notify->portid))
		icf6_publish(n, true);
	mutex_unlock(&n->lock);
	return NOTIFY_DONE;
}

static struct notifier_block socket_notifier = {
	.notifier_call = socket_closed,
};

int __init icf6_netlink_init(void)
{
	int err;

	err = netlink_register_notifier(&socket_notifier);
	if (err)
		return err;
	err = genl_register_family(&icf6_family);
	if (err)
		netlink_unregister_notifier(&socket_notifier);
	return err;
}

void icf6_netlink_exit(void)
{
	genl_unregister_family(&icf6_family);
	netlink_unregister_notifier(&socket_notifier);
}
