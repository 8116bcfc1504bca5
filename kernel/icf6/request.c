// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that change something. Each is checked whole before anything is
 * changed, and what fails has changed nothing.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "conf.h"
#include "device.h"
#include "netlink.h"
#include "netns.h"
#include "notify.h"
#include "policy.h"
#include "ports.h"
#include "track.h"

#define OPTIONS	(ICF6_OPT_ENABLED | ICF6_OPT_P2P | ICF6_OPT_STEALTH |	\
		 ICF6_OPT_ICMP_STRICT | ICF6_OPT_IPSEC | ICF6_OPT_MIP6 |	\
		 ICF6_OPT_MCAST_REPLY | ICF6_OPT_MDNS | ICF6_OPT_SSDP |	\
		 ICF6_OPT_FORWARD | ICF6_OPT_LOCK | ICF6_OPT_ORDER_AFTER | \
		 ICF6_OPT_BOGONS | ICF6_OPT_EDGE_ULA)
#define ICMP	(ICF6_ICMP_ECHO_REQUEST | ICF6_ICMP_DEST_UNREACH |	\
		 ICF6_ICMP_TOO_BIG | ICF6_ICMP_TIME_EXCEEDED |		\
		 ICF6_ICMP_PARAM_PROBLEM | ICF6_ICMP_REDIRECT)
#define LOG	(ICF6_LOG_DROPS | ICF6_LOG_OPENS)

static struct netlink_range_validation log_rate = { .max = 1000000 };
static struct netlink_range_validation grace = {
	.max = ICF6_GRACE_MAX,
};

const struct nla_policy icf6_conf_policy[ICF6_A_CONF_MAX + 1] = {
	[ICF6_A_CONF_OPTIONS]	= NLA_POLICY_BITFIELD32(OPTIONS),
	[ICF6_A_CONF_ICMP]	= NLA_POLICY_BITFIELD32(ICMP),
	[ICF6_A_CONF_LOG]	= NLA_POLICY_BITFIELD32(LOG),
	[ICF6_A_CONF_LOG_RATE]	= NLA_POLICY_FULL_RANGE(NLA_U32, &log_rate),
	[ICF6_A_CONF_LOG_BURST]	= NLA_POLICY_FULL_RANGE(NLA_U32, &log_rate),
	[ICF6_A_CONF_EDGE_DEFAULT] =
		NLA_POLICY_MAX(NLA_U8, __ICF6_EDGE_MAX - 1),
	[ICF6_A_CONF_EDGE_MARK]	= { .type = NLA_U32 },
	[ICF6_A_CONF_REJECT]	= NLA_POLICY_MAX(NLA_U8, __ICF6_REJECT_MAX - 1),
	[ICF6_A_CONF_GRACE]	= NLA_POLICY_FULL_RANGE(NLA_U32, &grace),
	[ICF6_A_CONF_MCAST_BOUNDARY] = NLA_POLICY_MAX(NLA_U8, 15),
};

const struct nla_policy icf6_dev_policy[ICF6_A_DEV_MAX + 1] = {
	[ICF6_A_DEV_IFINDEX]	= { .type = NLA_U32 },
	[ICF6_A_DEV_IFNAME]	= { .type = NLA_NUL_STRING,
				    .len = IFNAMSIZ - 1 },
	[ICF6_A_DEV_FIREWALLED]	= NLA_POLICY_MAX(NLA_U8, 1),
	[ICF6_A_DEV_EDGE]	= NLA_POLICY_MAX(NLA_U8, 1),
	[ICF6_A_DEV_ICMP]	= NLA_POLICY_BITFIELD32(ICMP),
	[ICF6_A_DEV_ICMP_INHERIT] = NLA_POLICY_MASK(NLA_U32, ICMP),
};

const struct nla_policy icf6_port_policy[ICF6_A_PORT_MAX + 1] = {
	[ICF6_A_PORT_SCOPE]	= NLA_POLICY_MAX(NLA_U8, __ICF6_SCOPE_MAX - 1),
	[ICF6_A_PORT_IFINDEX]	= { .type = NLA_U32 },
	[ICF6_A_PORT_IFNAME]	= { .type = NLA_NUL_STRING,
				    .len = IFNAMSIZ - 1 },
	/* The numbers are checked here, to say in words what is wrong. */
	[ICF6_A_PORT_PROTO]	= { .type = NLA_U8 },
	[ICF6_A_PORT_PORT]	= { .type = NLA_U16 },
	[ICF6_A_PORT_LABEL]	= { .type = NLA_NUL_STRING,
				    .len = ICF6_LABEL_MAX },
	[ICF6_A_PORT_EDGE]	= NLA_POLICY_MAX(NLA_U8, __ICF6_EDGE_MAX - 1),
};

/* Locks what a request is about. */
static struct icf6_net *get(struct genl_info *info)
{
	struct icf6_net *n = icf6_pernet(genl_info_net(info));

	mutex_lock(&n->lock);
	if (n->attached)
		return n;
	mutex_unlock(&n->lock);
	NL_SET_ERR_MSG(info->extack,
		       "this network namespace is not filtered");
	return NULL;
}

static void set_bits(u32 *value, const struct nlattr *attr)
{
	struct nla_bitfield32 bits;

	if (!attr)
		return;
	bits = nla_get_bitfield32(attr);
	*value = (*value & ~bits.selector) | (bits.value & bits.selector);
}

static void set_u32(u32 *value, const struct nlattr *attr)
{
	if (attr)
		*value = nla_get_u32(attr);
}

static void set_u8(u8 *value, const struct nlattr *attr)
{
	if (attr)
		*value = nla_get_u8(attr);
}

static int parse_conf(struct icf6_conf *conf, const struct nlattr *nest,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ICF6_A_CONF_MAX + 1];
	int err;

	err = nla_parse_nested(tb, ICF6_A_CONF_MAX, nest, icf6_conf_policy,
			       extack);
	if (err)
		return err;
	set_bits(&conf->options, tb[ICF6_A_CONF_OPTIONS]);
	set_bits(&conf->icmp, tb[ICF6_A_CONF_ICMP]);
	set_bits(&conf->log, tb[ICF6_A_CONF_LOG]);
	set_u32(&conf->log_rate, tb[ICF6_A_CONF_LOG_RATE]);
	set_u32(&conf->log_burst, tb[ICF6_A_CONF_LOG_BURST]);
	set_u8(&conf->edge_default, tb[ICF6_A_CONF_EDGE_DEFAULT]);
	set_u32(&conf->edge_mark, tb[ICF6_A_CONF_EDGE_MARK]);
	set_u8(&conf->reject, tb[ICF6_A_CONF_REJECT]);
	set_u8(&conf->mcast_boundary, tb[ICF6_A_CONF_MCAST_BOUNDARY]);
	if (tb[ICF6_A_CONF_GRACE])
		icf6_conf_grace(conf, nla_get_u32(tb[ICF6_A_CONF_GRACE]));
	return 0;
}

/* All that a global configuration brings with it, or nothing. */
static int take_conf(struct icf6_net *n, const struct icf6_conf *conf,
		     bool *ports_changed, struct netlink_ext_ack *extack)
{
	struct icf6_conf old = n->conf;
	int err;

	n->conf = *conf;
	err = icf6_apply(n, extack);
	if (err) {
		n->conf = old;
		return err;
	}
	*ports_changed |= icf6_ports_p2p(n, conf->options & ICF6_OPT_P2P);
	return 0;
}

int icf6_conf_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *nest = info->attrs[ICF6_A_CONF];
	bool ports_changed = false;
	struct icf6_conf conf;
	struct icf6_net *n;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, ICF6_A_CONF)) {
		NL_SET_ERR_MSG(info->extack, "what is to be set? conf");
		return -EINVAL;
	}
	n = get(info);
	if (!n)
		return -EOPNOTSUPP;
	conf = n->conf;
	err = parse_conf(&conf, nest, info->extack);
	if (!err)
		err = take_conf(n, &conf, &ports_changed, info->extack);
	if (!err) {
		icf6_publish(n, ports_changed);
		icf6_notify_conf(n);
	}
	mutex_unlock(&n->lock);
	return err;
}

static struct icf6_dev *parse_dev(struct icf6_net *n,
				  const struct nlattr *nest,
				  struct icf6_dev_conf *conf,
				  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ICF6_A_DEV_MAX + 1];
	struct nla_bitfield32 bits;
	struct icf6_dev *dev;
	int err;

	err = nla_parse_nested(tb, ICF6_A_DEV_MAX, nest, icf6_dev_policy,
			       extack);
	if (err)
		return ERR_PTR(err);
	if (tb[ICF6_A_DEV_IFINDEX]) {
		dev = icf6_dev_find(n, nla_get_u32(tb[ICF6_A_DEV_IFINDEX]));
	} else if (tb[ICF6_A_DEV_IFNAME]) {
		dev = icf6_dev_find_name(n, nla_data(tb[ICF6_A_DEV_IFNAME]));
	} else {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "which device? ifindex or ifname");
		return ERR_PTR(-EINVAL);
	}
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "no such device, or loopback");
		return ERR_PTR(-ENODEV);
	}
	if (conf) {
		/* In replace a device begins as it would be if it came now. */
		icf6_dev_defaults(dev, conf);
	} else {
		conf = &dev->conf;
	}
	if (tb[ICF6_A_DEV_FIREWALLED])
		conf->firewalled = nla_get_u8(tb[ICF6_A_DEV_FIREWALLED]);
	if (tb[ICF6_A_DEV_EDGE])
		conf->edge = nla_get_u8(tb[ICF6_A_DEV_EDGE]);
	if (tb[ICF6_A_DEV_ICMP]) {
		bits = nla_get_bitfield32(tb[ICF6_A_DEV_ICMP]);
		conf->icmp = (conf->icmp & ~bits.selector) |
			     (bits.value & bits.selector);
		conf->icmp_set |= bits.selector;
	}
	if (tb[ICF6_A_DEV_ICMP_INHERIT])
		conf->icmp_set &= ~nla_get_u32(tb[ICF6_A_DEV_ICMP_INHERIT]);
	conf->icmp &= conf->icmp_set;
	return dev;
}

int icf6_dev_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct icf6_dev *dev;
	struct icf6_net *n;

	if (GENL_REQ_ATTR_CHECK(info, ICF6_A_DEV)) {
		NL_SET_ERR_MSG(info->extack, "what is to be set? dev");
		return -EINVAL;
	}
	n = get(info);
	if (!n)
		return -EOPNOTSUPP;
	dev = parse_dev(n, info->attrs[ICF6_A_DEV], NULL, info->extack);
	if (!IS_ERR(dev)) {
		icf6_publish(n, false);
		icf6_notify_dev(n, dev, ICF6_CMD_DEV_NTF);
	}
	mutex_unlock(&n->lock);
	return PTR_ERR_OR_ZERO(dev);
}

static int parse_port_dev(struct icf6_net *n, struct nlattr **tb,
			  const struct nlattr *nest, struct icf6_dev **dev,
			  struct netlink_ext_ack *extack)
{
	*dev = NULL;
	if (tb[ICF6_A_PORT_IFINDEX]) {
		*dev = icf6_dev_find(n, nla_get_u32(tb[ICF6_A_PORT_IFINDEX]));
	} else if (tb[ICF6_A_PORT_IFNAME]) {
		*dev = icf6_dev_find_name(n,
					  nla_data(tb[ICF6_A_PORT_IFNAME]));
	} else {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "on which device? ifindex or ifname");
		return -EINVAL;
	}
	if (*dev)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, nest, "no such device, or loopback");
	return -ENODEV;
}

/* @owner: the netlink port id of a socket, or 0. */
static int parse_port(struct icf6_net *n, struct icf6_port *port,
		      struct icf6_dev **dev, const struct nlattr *nest,
		      u32 owner, u8 edge_default,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ICF6_A_PORT_MAX + 1];
	struct icf6_port_key *key = &port->key;
	int err;

	memset(port, 0, sizeof(*port));
	*dev = NULL;
	err = nla_parse_nested(tb, ICF6_A_PORT_MAX, nest, icf6_port_policy,
			       extack);
	if (err)
		return err;
	set_u8(&key->scope, tb[ICF6_A_PORT_SCOPE]);
	set_u8(&key->proto, tb[ICF6_A_PORT_PROTO]);
	if (key->proto != ICF6_TCP && key->proto != ICF6_UDP) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "ports are those of TCP (6) or UDP (17)");
		return -EPROTONOSUPPORT;
	}
	if (tb[ICF6_A_PORT_PORT])
		key->port = nla_get_u16(tb[ICF6_A_PORT_PORT]);
	if (!key->port) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "ports are 1 to 65535");
		return -ERANGE;
	}
	if (key->scope != ICF6_SCOPE_GLOBAL) {
		err = parse_port_dev(n, tb, nest, dev, extack);
		if (err)
			return err;
		key->ifindex = (*dev)->ifindex;
	} else if (tb[ICF6_A_PORT_IFINDEX] || tb[ICF6_A_PORT_IFNAME]) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "a global port has no device; scope open or ignored?");
		return -EINVAL;
	}
	if (key->scope == ICF6_SCOPE_IGNORED && tb[ICF6_A_PORT_EDGE]) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "an ignored port is open nowhere, so it has no edge value");
		return -EINVAL;
	}
	key->origin = owner ? ICF6_ORIGIN_SOCKET : ICF6_ORIGIN_USER;
	key->owner = owner;
	if (key->scope != ICF6_SCOPE_IGNORED)
		port->edge = edge_default;
	set_u8(&port->edge, tb[ICF6_A_PORT_EDGE]);
	if (tb[ICF6_A_PORT_LABEL])
		nla_strscpy(port->label, tb[ICF6_A_PORT_LABEL],
			    sizeof(port->label));
	return 0;
}

/* The next of those that may come more than once; the first after NULL. */
static const struct nlattr *next_nest(const struct genl_info *info, int type,
				      const struct nlattr *last)
{
	const struct nlattr *attr = nlmsg_attrdata(info->nlhdr, GENL_HDRLEN);
	int rem = nlmsg_attrlen(info->nlhdr, GENL_HDRLEN);

	if (last) {
		rem -= (const u8 *)last - (const u8 *)attr;
		attr = nla_next(last, &rem);
	}
	return nla_find(attr, rem, type);
}

static u32 owner_of(struct genl_info *info)
{
	struct nlattr *owned = info->attrs[ICF6_A_OWNED];

	return owned && nla_get_u8(owned) ? info->snd_portid : 0;
}

static bool wants_flush(struct genl_info *info)
{
	struct nlattr *flush = info->attrs[ICF6_A_FLUSH];

	return flush && nla_get_u8(flush);
}

/* Ports that a request names: made before anything is changed. */
struct batch {
	struct icf6_port **ports;
	u32	n;
};

static void batch_free(struct batch *b)
{
	while (b->n)
		kfree(b->ports[--b->n]);
	kvfree(b->ports);
}

static int batch_parse(struct icf6_net *n, struct genl_info *info,
		       u8 edge_default, u32 owner, struct batch *b)
{
	const struct nlattr *attr = NULL;
	struct icf6_port *port;
	struct icf6_dev *dev;
	u32 count = 0;
	int err;

	memset(b, 0, sizeof(*b));
	while ((attr = next_nest(info, ICF6_A_PORT, attr)))
		count++;
	if (!count)
		return 0;
	if (count > ICF6_ENTRIES_MAX) {
		NL_SET_ERR_MSG(info->extack, "too many ports");
		return -ENOSPC;
	}
	b->ports = kvcalloc(count, sizeof(*b->ports), GFP_KERNEL_ACCOUNT);
	if (!b->ports)
		return -ENOMEM;
	while ((attr = next_nest(info, ICF6_A_PORT, attr))) {
		port = kmalloc(sizeof(*port), GFP_KERNEL_ACCOUNT);
		if (!port)
			return -ENOMEM;
		b->ports[b->n++] = port;
		err = parse_port(n, port, &dev, attr, owner, edge_default,
				 info->extack);
		if (err)
			return err;
	}
	return 0;
}

static struct icf6_dev *port_dev(struct icf6_net *n,
				 const struct icf6_port *port)
{
	return port->key.ifindex ? icf6_dev_find(n, port->key.ifindex) : NULL;
}

/*
 * Puts the ports in. They leave the batch, but for those that the set had:
 * these gave it what a user may change. Past the limits everything that was
 * put in is taken out again.
 */
static int batch_insert(struct icf6_net *n, struct batch *b, bool tell,
			struct netlink_ext_ack *extack)
{
	struct icf6_port *port, *old;
	struct icf6_dev *dev;
	u32 i;

	for (i = 0; i < b->n; i++) {
		port = b->ports[i];
		dev = port_dev(n, port);
		if (icf6_port_find(n, &port->key))
			continue;
		if (n->n_ports >= ICF6_ENTRIES_MAX ||
		    (dev &&
		     dev->n_ports[port->key.scope] >= ICF6_DEV_PORTS_MAX))
			goto err_full;
		icf6_port_insert(n, dev, port);
	}
	for (i = 0; i < b->n; i++) {
		port = b->ports[i];
		old = icf6_port_find(n, &port->key);
		if (old != port) {
			old->edge = port->edge;
			strscpy(old->label, port->label, sizeof(old->label));
			icf6_count_change(n);
			kfree(port);
		}
		b->ports[i] = NULL;
		if (tell)
			icf6_notify_port(n, old, ICF6_CMD_PORT_ADD_NTF);
	}
	return 0;

err_full:
	if (dev && dev->n_ports[port->key.scope] >= ICF6_DEV_PORTS_MAX)
		NL_SET_ERR_MSG(extack, "a device has at most 512 ports of its own");
	else
		NL_SET_ERR_MSG(extack, "too many ports");
	while (i--)
		if (icf6_port_find(n, &b->ports[i]->key) == b->ports[i])
			icf6_port_remove(n, b->ports[i]);
	return -ENOSPC;
}

int icf6_port_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct icf6_net *n;
	struct batch b;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, ICF6_A_PORT)) {
		NL_SET_ERR_MSG(info->extack, "which port?");
		return -EINVAL;
	}
	n = get(info);
	if (!n)
		return -EOPNOTSUPP;
	err = batch_parse(n, info, n->conf.edge_default, owner_of(info), &b);
	if (!err)
		err = batch_insert(n, &b, true, info->extack);
	if (!err)
		icf6_publish(n, true);
	mutex_unlock(&n->lock);
	batch_free(&b);
	return err;
}

int icf6_port_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct icf6_map *closed = NULL;
	struct icf6_port *port;
	struct icf6_net *n;
	struct batch b;
	u32 i;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, ICF6_A_PORT)) {
		NL_SET_ERR_MSG(info->extack, "which port?");
		return -EINVAL;
	}
	if (wants_flush(info)) {
		closed = kvzalloc(sizeof(*closed), GFP_KERNEL_ACCOUNT);
		if (!closed)
			return -ENOMEM;
	}
	n = get(info);
	if (!n) {
		kvfree(closed);
		return -EOPNOTSUPP;
	}
	err = batch_parse(n, info, 0, owner_of(info), &b);
	if (err)
		goto out;
	for (i = 0; i < b.n; i++) {
		const struct icf6_port_key *key = &b.ports[i]->key;

		if (closed)
			icf6_map_add(closed, key->proto, key->port, 0);
		port = icf6_port_find(n, key);
		if (!port)
			continue;
		icf6_port_remove(n, port);
		icf6_notify_port(n, port, ICF6_CMD_PORT_DEL_NTF);
		kfree(port);
	}
	icf6_publish(n, true);
	if (closed)
		icf6_flush(n, closed);
out:
	mutex_unlock(&n->lock);
	batch_free(&b);
	kvfree(closed);
	return err;
}

/* A device's new configuration waits here until all of them are checked. */
struct pending {
	struct icf6_dev *dev;
	struct icf6_dev_conf conf;
};

static int pending_parse(struct icf6_net *n, struct genl_info *info,
			 struct pending **out, u32 *count)
{
	const struct nlattr *attr = NULL;
	struct icf6_dev *dev;
	u32 max = 0;

	*out = NULL;
	*count = 0;
	while ((attr = next_nest(info, ICF6_A_DEV, attr)))
		max++;
	if (!max)
		return 0;
	*out = kvcalloc(max, sizeof(**out), GFP_KERNEL_ACCOUNT);
	if (!*out)
		return -ENOMEM;
	while ((attr = next_nest(info, ICF6_A_DEV, attr))) {
		dev = parse_dev(n, attr, &(*out)[*count].conf, info->extack);
		if (IS_ERR(dev))
			return PTR_ERR(dev);
		(*out)[(*count)++].dev = dev;
	}
	return 0;
}

/* Takes out all but what sockets own, to be put back by take_back(). */
static void take_out(struct icf6_net *n, struct rb_root *kept)
{
	struct icf6_port *port, *next;
	struct rb_node **link = &kept->rb_node, *parent = NULL;

	/* In order, so each is the last of the new tree. */
	*kept = RB_ROOT;
	for (port = icf6_port_first(n, 0, 0); port; port = next) {
		next = icf6_port_next(port);
		if (port->key.origin == ICF6_ORIGIN_SOCKET)
			continue;
		icf6_port_remove(n, port);
		parent = rb_last(kept);
		link = parent ? &parent->rb_right : &kept->rb_node;
		rb_link_node(&port->node, parent, link);
		rb_insert_color(&port->node, kept);
	}
}

static void take_back(struct icf6_net *n, struct rb_root *kept)
{
	struct icf6_port *port;

	while (!RB_EMPTY_ROOT(kept)) {
		port = rb_entry(rb_first(kept), struct icf6_port, node);
		rb_erase(&port->node, kept);
		icf6_port_insert(n, port_dev(n, port), port);
	}
}

static void let_go(struct rb_root *kept)
{
	struct icf6_port *port, *next;

	rbtree_postorder_for_each_entry_safe(port, next, kept, node)
		kfree(port);
}

static void publish_all(struct icf6_net *n, struct genl_info *info)
{
	icf6_publish(n, true);
	icf6_notify_replace(n);
	icf6_notify_conf(n);
	if (wants_flush(info))
		icf6_flush(n, NULL);
}

int icf6_replace_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pending *pending = NULL;
	struct icf6_conf conf;
	struct icf6_dev *dev;
	bool changed = true;
	struct rb_root kept;
	struct icf6_net *n;
	struct batch b;
	u32 count = 0, i;
	int err;

	n = get(info);
	if (!n)
		return -EOPNOTSUPP;
	memset(&b, 0, sizeof(b));
	icf6_conf_defaults(&conf);
	/* That runs since the hooks came, whatever is configured. */
	conf.grace = n->conf.grace;
	conf.grace_until = n->conf.grace_until;
	if (info->attrs[ICF6_A_CONF])
		err = parse_conf(&conf, info->attrs[ICF6_A_CONF],
				 info->extack);
	else
		err = 0;
	if (!err)
		err = pending_parse(n, info, &pending, &count);
	if (!err)
		err = batch_parse(n, info, conf.edge_default, 0, &b);
	if (err)
		goto out;

	take_out(n, &kept);
	/* What comes of it is told as a whole, if it does not fail below. */
	err = batch_insert(n, &b, false, info->extack);
	if (err) {
		take_back(n, &kept);
		goto out;
	}
	err = take_conf(n, &conf, &changed, info->extack);
	if (err) {
		struct rb_root refused;

		take_out(n, &refused);
		let_go(&refused);
		take_back(n, &kept);
		goto out;
	}
	let_go(&kept);
	list_for_each_entry(dev, &n->devs, list)
		icf6_dev_defaults(dev, &dev->conf);
	for (i = 0; i < count; i++)
		pending[i].dev->conf = pending[i].conf;
	publish_all(n, info);
out:
	mutex_unlock(&n->lock);
	kvfree(pending);
	batch_free(&b);
	return err;
}

int icf6_reset_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct icf6_conf conf;
	bool changed = true;
	struct icf6_dev *dev;
	struct icf6_net *n;
	int err;

	n = get(info);
	if (!n)
		return -EOPNOTSUPP;
	icf6_conf_defaults(&conf);
	conf.options |= n->conf.options & ICF6_OPT_LOCK;
	err = take_conf(n, &conf, &changed, info->extack);
	if (!err) {
		icf6_ports_free(n);
		list_for_each_entry(dev, &n->devs, list) {
			memset(dev->n_ports, 0, sizeof(dev->n_ports));
			icf6_dev_defaults(dev, &dev->conf);
		}
		publish_all(n, info);
	}
	mutex_unlock(&n->lock);
	return err;
}

int icf6_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct icf6_net *n = get(info);

	if (!n)
		return -EOPNOTSUPP;
	icf6_flush(n, NULL);
	mutex_unlock(&n->lock);
	return 0;
}

int icf6_netns_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct icf6_net *n = icf6_pernet(genl_info_net(info));

	if (GENL_REQ_ATTR_CHECK(info, ICF6_A_ATTACHED)) {
		NL_SET_ERR_MSG(info->extack, "filtered or not? attached");
		return -EINVAL;
	}
	return nla_get_u8(info->attrs[ICF6_A_ATTACHED]) ?
	       icf6_attach(n, info->extack) : icf6_detach(n, info->extack);
}
