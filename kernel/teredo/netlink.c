// SPDX-License-Identifier: GPL-2.0
#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include "core/addr.h"
#include "core/reasons.h"
#include "control.h"
#include "netlink.h"

static struct genl_family family;

enum { GROUP_EVENTS };

/* Each reason's counter takes some 60 bytes, if it happened. */
enum { DEV_MSG_SIZE = 1024 + 80 * (__TEREDO_COUNT_MAX + __TEREDO_REASON_MAX) };

static const struct nla_policy policy[TEREDO_A_MAX + 1] = {
	[TEREDO_A_IFINDEX]	= { .type = NLA_U32 },
	[TEREDO_A_IFNAME]	= { .type = NLA_NUL_STRING,
				    .len = IFNAMSIZ - 1 },
	[TEREDO_A_PEER_ADDRESS]	= NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[TEREDO_A_PORTMAP_ADDR]	= { .type = NLA_U32 },
	[TEREDO_A_PORTMAP_PORT]	= { .type = NLA_U16 },
};

void teredo_status_get(struct teredo_dev *t, struct teredo_status *s)
{
	const struct teredo_client *c = &t->client;
	const struct teredo_conf *conf;
	const struct teredo_sock *ts;
	bool qualifies;

	memset(s, 0, sizeof(*s));
	rcu_read_lock();
	conf = rcu_dereference(t->conf);
	ts = rcu_dereference(t->service);
	qualifies = teredo_qualifies(conf);
	spin_lock_bh(&t->lock);
	s->state = c->state;
	s->nat = c->nat;
	s->error = c->error;
	s->local.ip = t->running ? c->local.ip : 0;
	s->local.port = ts ? ts->port : 0;
	s->heard = READ_ONCE(c->heard);
	s->mapped = c->mapped;
	s->portmap = c->portmap;
	s->has_addr = c->address != TEREDO_ADDRESS_NONE;
	s->addr = c->addr;
	if (!qualifies && t->running)
		s->state = TEREDO_STATE_QUALIFIED;
	spin_unlock_bh(&t->lock);
	if (conf->params.role == TEREDO_ROLE_SERVER)
		s->local.ip = conf->params.server;
	if (!ts) {
		s->error = TEREDO_REASON_NETNS_GONE;
		if (s->state == TEREDO_STATE_QUALIFIED)
			s->state = TEREDO_STATE_OFFLINE;
	} else if (!s->error && READ_ONCE(t->installed.failed)) {
		s->error = TEREDO_REASON_ADDRESS_FAILED;
	}
	rcu_read_unlock();
}

static u32 age_ms(u64 now, u64 then)
{
	return then && now > then ?
	       min_t(u64, div_u64(now - then, NSEC_PER_MSEC), U32_MAX) : 0;
}

static int put_counter(struct sk_buff *skb, int nest_type, u32 id,
		       const char *name, u64 value)
{
	struct nlattr *nest = nla_nest_start(skb, nest_type);

	if (!nest ||
	    nla_put_u32(skb, TEREDO_A_COUNTER_ID, id) ||
	    nla_put_string(skb, TEREDO_A_COUNTER_NAME, name) ||
	    nla_put_u64_64bit(skb, TEREDO_A_COUNTER_VALUE, value,
			      TEREDO_A_COUNTER_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_counters(struct sk_buff *skb, struct teredo_dev *t)
{
	u64 count[__TEREDO_COUNT_MAX], drop[__TEREDO_REASON_MAX];
	u32 i;

	teredo_stats_sum(t, count, drop);
	for (i = 0; i < __TEREDO_COUNT_MAX; i++)
		if (put_counter(skb, TEREDO_A_COUNTER, i, teredo_count_name(i),
				count[i]))
			return -EMSGSIZE;
	/* Those that happened: the list is long. */
	for (i = 1; i < __TEREDO_REASON_MAX; i++)
		if (drop[i] && put_counter(skb, TEREDO_A_DROP, i,
					   teredo_reason_name(i), drop[i]))
			return -EMSGSIZE;
	return 0;
}

/* Under RCU or RTNL. */
static int put_dev(struct sk_buff *skb, struct teredo_dev *t)
{
	u64 now = ktime_get_boottime_ns();
	const struct teredo_conf *conf;
	struct teredo_status s;
	__be32 server, server2;
	u32 refresh, max_peers, extensions;
	u8 role;

	rcu_read_lock();
	conf = rcu_dereference(t->conf);
	role = conf->params.role;
	server = conf->params.server;
	server2 = conf->params.server2;
	refresh = conf->params.refresh;
	max_peers = conf->max_peers;
	extensions = conf->params.extensions;
	rcu_read_unlock();
	teredo_status_get(t, &s);

	if (nla_put_u32(skb, TEREDO_A_IFINDEX, t->dev->ifindex) ||
	    nla_put_string(skb, TEREDO_A_IFNAME, t->dev->name) ||
	    nla_put_u8(skb, TEREDO_A_ROLE, role) ||
	    nla_put_u8(skb, TEREDO_A_STATE, s.state) ||
	    nla_put_u8(skb, TEREDO_A_NAT, s.nat) ||
	    nla_put_u32(skb, TEREDO_A_REFRESH, refresh) ||
	    nla_put_be16(skb, TEREDO_A_LOCAL_PORT, s.local.port) ||
	    nla_put_u32(skb, TEREDO_A_ERROR, s.error) ||
	    nla_put_u32(skb, TEREDO_A_PEERS, READ_ONCE(t->peers.count)) ||
	    nla_put_u32(skb, TEREDO_A_MAX_PEERS, max_peers) ||
	    nla_put_u32(skb, TEREDO_A_EXTENSIONS, extensions))
		return -EMSGSIZE;
	if (server && (nla_put_in_addr(skb, TEREDO_A_SERVER, server) ||
		       nla_put_in_addr(skb, TEREDO_A_SERVER2, server2)))
		return -EMSGSIZE;
	if (s.local.ip && nla_put_in_addr(skb, TEREDO_A_LOCAL_ADDR, s.local.ip))
		return -EMSGSIZE;
	if (s.has_addr &&
	    (nla_put_in_addr(skb, TEREDO_A_MAPPED_ADDR, s.mapped.ip) ||
	     nla_put_be16(skb, TEREDO_A_MAPPED_PORT, s.mapped.port) ||
	     nla_put_in6_addr(skb, TEREDO_A_ADDRESS, &s.addr)))
		return -EMSGSIZE;
	if (s.portmap.port &&
	    (nla_put_in_addr(skb, TEREDO_A_PORTMAP_ADDR, s.portmap.ip) ||
	     nla_put_be16(skb, TEREDO_A_PORTMAP_PORT, s.portmap.port)))
		return -EMSGSIZE;
	if (s.error && nla_put_string(skb, TEREDO_A_ERROR_TEXT,
				      teredo_reason_text(s.error)))
		return -EMSGSIZE;
	if (s.heard && nla_put_u32(skb, TEREDO_A_SERVER_AGE,
				   age_ms(now, s.heard)))
		return -EMSGSIZE;
	return put_counters(skb, t);
}

static int put_dev_msg(struct sk_buff *skb, struct teredo_dev *t, u32 portid,
		       u32 seq, int flags, enum teredo_cmd cmd)
{
	void *hdr;
	int err;

	hdr = genlmsg_put(skb, portid, seq, &family, flags, cmd);
	if (!hdr)
		return -EMSGSIZE;
	err = put_dev(skb, t);
	if (err)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);
	return err;
}

/* Under RTNL. */
static struct teredo_dev *find(struct net *net, struct nlattr **attrs,
			       struct netlink_ext_ack *extack)
{
	struct net_device *dev = NULL;

	if (attrs[TEREDO_A_IFINDEX]) {
		dev = __dev_get_by_index(net,
					 nla_get_u32(attrs[TEREDO_A_IFINDEX]));
	} else if (attrs[TEREDO_A_IFNAME]) {
		dev = __dev_get_by_name(net, nla_data(attrs[TEREDO_A_IFNAME]));
	} else {
		NL_SET_ERR_MSG(extack, "which device? ifindex or ifname");
		return ERR_PTR(-EINVAL);
	}
	if (!dev) {
		NL_SET_ERR_MSG(extack, "no such device");
		return ERR_PTR(-ENODEV);
	}
	if (!teredo_netdev(dev)) {
		NL_SET_ERR_MSG(extack, "the device is not a Teredo device");
		return ERR_PTR(-EOPNOTSUPP);
	}
	return netdev_priv(dev);
}

static int dev_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct teredo_dev *t;
	struct sk_buff *msg;
	int err;

	msg = genlmsg_new(DEV_MSG_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	rtnl_lock();
	t = find(genl_info_net(info), info->attrs, info->extack);
	err = IS_ERR(t) ? PTR_ERR(t) :
	      put_dev_msg(msg, t, info->snd_portid, info->snd_seq, 0,
			  TEREDO_CMD_DEV_GET);
	rtnl_unlock();
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

static int dev_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct net *net = sock_net(skb->sk);
	struct net_device *dev;
	int i = 0, err = 0;

	rtnl_lock();
	for_each_netdev(net, dev) {
		if (!teredo_netdev(dev) || i++ < cb->args[0])
			continue;
		err = put_dev_msg(skb, netdev_priv(dev),
				  NETLINK_CB(cb->skb).portid,
				  cb->nlh->nlmsg_seq, NLM_F_MULTI,
				  TEREDO_CMD_DEV_GET);
		if (err) {
			i--;
			break;
		}
	}
	rtnl_unlock();
	cb->args[0] = i;
	return skb->len ?: err;
}

static u32 peer_flags(const struct teredo_peer *peer)
{
	u16 flags = READ_ONCE(peer->path.flags);

	return (flags & TEREDO_PATH_TRUSTED ? TEREDO_PEER_F_TRUSTED : 0) |
	       (flags & TEREDO_PATH_LOCAL ? TEREDO_PEER_F_LOCAL : 0) |
	       (flags & TEREDO_PATH_NATIVE ? TEREDO_PEER_F_NATIVE : 0) |
	       (flags & TEREDO_PATH_OPENING ? TEREDO_PEER_F_OPENING : 0) |
	       (flags & TEREDO_PATH_SYMMETRIC ? TEREDO_PEER_F_SYMMETRIC : 0) |
	       (flags & TEREDO_PATH_EXTENDED ? TEREDO_PEER_F_EXTENDED : 0) |
	       (teredo_dest_slot(READ_ONCE(peer->dest)) ?
		TEREDO_PEER_F_RANDOM_PORT : 0);
}

static int put_peer(struct sk_buff *skb, struct teredo_peer *peer, int event)
{
	struct nlattr *nest = nla_nest_start(skb, TEREDO_A_PEER);
	u64 now = ktime_get_boottime_ns();
	u64 dest = READ_ONCE(peer->dest);
	struct teredo_endpoint to = teredo_dest_endpoint(dest);

	if (!nest ||
	    nla_put_in6_addr(skb, TEREDO_A_PEER_ADDR, &peer->path.addr) ||
	    (dest &&
	     (nla_put_in_addr(skb, TEREDO_A_PEER_MAPPED_ADDR, to.ip) ||
	      nla_put_be16(skb, TEREDO_A_PEER_MAPPED_PORT, to.port))) ||
	    nla_put_u32(skb, TEREDO_A_PEER_FLAGS, peer_flags(peer)) ||
	    (READ_ONCE(peer->path.flags) & TEREDO_PATH_HEARD &&
	     (nla_put_u32(skb, TEREDO_A_PEER_RX_AGE,
			  age_ms(now, READ_ONCE(peer->path.last_rx))) ||
	      nla_put_u32(skb, TEREDO_A_PEER_TX_AGE,
			  age_ms(now, READ_ONCE(peer->path.last_tx))))) ||
	    nla_put_u32(skb, TEREDO_A_PEER_QUEUED,
			skb_queue_len_lockless(&peer->queue)) ||
	    (event >= 0 && nla_put_u8(skb, TEREDO_A_PEER_EVENT, event)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_peer_msg(struct sk_buff *skb, u32 ifindex, const char *ifname,
			struct teredo_peer *peer, u32 portid, u32 seq,
			int flags, enum teredo_cmd cmd, int event)
{
	void *hdr;

	hdr = genlmsg_put(skb, portid, seq, &family, flags, cmd);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u32(skb, TEREDO_A_IFINDEX, ifindex) ||
	    nla_put_string(skb, TEREDO_A_IFNAME, ifname) ||
	    put_peer(skb, peer, event)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/*
 * Holds the table but not the device, which may be deleted while a reader
 * takes its time.
 */
struct peer_dump {
	struct teredo_table *table;
	struct rhashtable_iter it;
	u32	ifindex;
	char	ifname[IFNAMSIZ];
};

static int peer_get_start(struct netlink_callback *cb)
{
	struct peer_dump *dump;
	struct teredo_dev *t;

	dump = kzalloc(sizeof(*dump), GFP_KERNEL);
	if (!dump)
		return -ENOMEM;
	rtnl_lock();
	t = find(sock_net(cb->skb->sk), genl_info_dump(cb)->attrs, cb->extack);
	if (!IS_ERR(t)) {
		dump->table = t->peers.table;
		refcount_inc(&dump->table->ref);
		dump->ifindex = t->dev->ifindex;
		strscpy(dump->ifname, t->dev->name, sizeof(dump->ifname));
		rhashtable_walk_enter(&dump->table->ht, &dump->it);
	}
	rtnl_unlock();
	if (IS_ERR(t)) {
		kfree(dump);
		return PTR_ERR(t);
	}
	cb->args[0] = (long)dump;
	return 0;
}

static int peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct peer_dump *dump = (struct peer_dump *)cb->args[0];
	struct teredo_peer *peer;
	int err = 0;

	rhashtable_walk_start(&dump->it);
	while ((peer = rhashtable_walk_peek(&dump->it))) {
		if (!IS_ERR(peer))
			err = put_peer_msg(skb, dump->ifindex, dump->ifname,
					   peer, NETLINK_CB(cb->skb).portid,
					   cb->nlh->nlmsg_seq, NLM_F_MULTI,
					   TEREDO_CMD_PEER_GET, -1);
		/* -EAGAIN: the table was resized, some may come twice. */
		else if (PTR_ERR(peer) != -EAGAIN)
			err = PTR_ERR(peer);
		if (err)
			break;
		rhashtable_walk_next(&dump->it);
	}
	rhashtable_walk_stop(&dump->it);
	return skb->len ?: err;
}

static int peer_get_done(struct netlink_callback *cb)
{
	struct peer_dump *dump = (struct peer_dump *)cb->args[0];

	if (dump) {
		rhashtable_walk_exit(&dump->it);
		teredo_table_put(dump->table);
		kfree(dump);
	}
	return 0;
}

static int peer_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *addr = info->attrs[TEREDO_A_PEER_ADDRESS];
	struct teredo_dev *t;
	int err = 0;

	rtnl_lock();
	t = find(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(t)) {
		err = PTR_ERR(t);
	} else if (!addr) {
		teredo_peers_flush(t);
	} else if (!teredo_peer_flush_one(t, nla_data(addr))) {
		NL_SET_ERR_MSG(info->extack, "no such peer");
		err = -ENOENT;
	}
	rtnl_unlock();
	return err;
}

static int set_portmap(struct teredo_dev *t, struct genl_info *info)
{
	const struct teredo_conf *conf = rtnl_dereference(t->conf);
	struct nlattr *addr = info->attrs[TEREDO_A_PORTMAP_ADDR];
	struct nlattr *port = info->attrs[TEREDO_A_PORTMAP_PORT];
	struct teredo_endpoint portmap = { };

	if (conf->params.role != TEREDO_ROLE_CLIENT) {
		NL_SET_ERR_MSG(info->extack,
			       "only a client makes use of a port mapping");
		return -EOPNOTSUPP;
	}
	if (addr)
		portmap.ip = nla_get_in_addr(addr);
	if (port)
		portmap.port = nla_get_be16(port);
	if (!portmap.ip || !portmap.port) {
		memset(&portmap, 0, sizeof(portmap));
	} else if (!teredo_ip_is_global(portmap.ip, true)) {
		NL_SET_ERR_MSG_ATTR(info->extack, addr,
				    "the mapping's address is not unicast");
		return -EINVAL;
	}
	teredo_control_portmap(t, portmap);
	return 0;
}

static int portmap_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct teredo_dev *t;
	int err;

	rtnl_lock();
	t = find(genl_info_net(info), info->attrs, info->extack);
	err = IS_ERR(t) ? PTR_ERR(t) : set_portmap(t, info);
	rtnl_unlock();
	return err;
}

static const struct genl_ops ops[] = {
	{
		.cmd = TEREDO_CMD_DEV_GET,
		.doit = dev_get_doit,
		.dumpit = dev_get_dumpit,
	}, {
		.cmd = TEREDO_CMD_PEER_GET,
		.start = peer_get_start,
		.dumpit = peer_get_dumpit,
		.done = peer_get_done,
	}, {
		.cmd = TEREDO_CMD_PEER_FLUSH,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = peer_flush_doit,
	}, {
		.cmd = TEREDO_CMD_PORTMAP_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = portmap_set_doit,
	},
};

static const struct genl_multicast_group groups[] = {
	[GROUP_EVENTS] = { .name = TEREDO_MCGRP_EVENTS },
};

static struct genl_family family __ro_after_init = {
	.name = TEREDO_GENL_NAME,
	.version = TEREDO_GENL_VERSION,
	.maxattr = TEREDO_A_MAX,
	.policy = policy,
	.netnsok = true,
	.module = THIS_MODULE,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.resv_start_op = TEREDO_CMD_DEV_GET,
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

void teredo_notify_dev(struct teredo_dev *t, enum teredo_cmd cmd)
{
	struct net *net = dev_net(t->dev);
	struct sk_buff *msg;

	if (!genl_has_listeners(&family, net, GROUP_EVENTS))
		return;
	msg = genlmsg_new(DEV_MSG_SIZE, GFP_KERNEL);
	if (!msg)
		return;
	if (put_dev_msg(msg, t, 0, 0, 0, cmd))
		nlmsg_free(msg);
	else
		genlmsg_multicast_netns(&family, net, msg, 0, GROUP_EVENTS,
					GFP_KERNEL);
}

void teredo_notify_peer(struct teredo_dev *t, struct teredo_peer *peer,
			enum teredo_peer_event event)
{
	struct net *net = dev_net(t->dev);
	struct sk_buff *msg;

	if (!genl_has_listeners(&family, net, GROUP_EVENTS) ||
	    !teredo_ratelimit(t, TEREDO_BUDGET_EVENT, 0, TEREDO_EVENT_RATE,
			      TEREDO_EVENT_RATE))
		return;
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	if (!msg)
		return;
	if (put_peer_msg(msg, t->dev->ifindex, t->dev->name, peer, 0, 0, 0,
			 TEREDO_CMD_PEER_NTF, event))
		nlmsg_free(msg);
	else
		genlmsg_multicast_netns(&family, net, msg, 0, GROUP_EVENTS,
					GFP_ATOMIC);
}

int __init teredo_netlink_init(void)
{
	return genl_register_family(&family);
}

void teredo_netlink_exit(void)
{
	genl_unregister_family(&family);
}
