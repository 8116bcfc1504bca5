// SPDX-License-Identifier: GPL-2.0
#include <linux/if_arp.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/ip_tunnels.h>
#include <net/rtnetlink.h>

#include "config.h"
#include "control.h"
#include "core/limiter.h"
#include "ext.h"
#include "netlink.h"
#include "peer.h"
#include "randport.h"
#include "route.h"
#include "send.h"
#include "socket.h"

LIST_HEAD(teredo_devices);
struct workqueue_struct *teredo_wq;

void teredo_stats_sum(struct teredo_dev *t, u64 *count, u64 *drop)
{
	u64 c[__TEREDO_COUNT_MAX], d[__TEREDO_REASON_MAX];
	unsigned int start, i;
	int cpu;

	memset(count, 0, sizeof(c));
	memset(drop, 0, sizeof(d));
	for_each_possible_cpu(cpu) {
		const struct teredo_stats *s = per_cpu_ptr(t->stats, cpu);

		do {
			start = u64_stats_fetch_begin(&s->syncp);
			for (i = 0; i < ARRAY_SIZE(c); i++)
				c[i] = u64_stats_read(&s->count[i]);
			for (i = 0; i < ARRAY_SIZE(d); i++)
				d[i] = u64_stats_read(&s->drop[i]);
		} while (u64_stats_fetch_retry(&s->syncp, start));
		for (i = 0; i < ARRAY_SIZE(c); i++)
			count[i] += c[i];
		for (i = 0; i < ARRAY_SIZE(d); i++)
			drop[i] += d[i];
	}
}

static bool bucket_take(atomic64_t *bucket, u32 rate, u32 burst)
{
	u64 now = ktime_get_boottime_ns(), next;
	s64 full = atomic64_read(bucket);

	do {
		if (!teredo_bucket_take(full, now, NSEC_PER_SEC / rate, burst,
					&next))
			return false;
	} while (!atomic64_try_cmpxchg(bucket, &full, next));
	return true;
}

/*
 * A fixed number of buckets for all of the world: whoever collides shares,
 * and who collides with whom is the device's secret.
 */
bool teredo_ratelimit(struct teredo_dev *t, enum teredo_budget budget,
		      u32 who, u32 rate, u32 burst)
{
	u32 i = TEREDO_BUCKETS + budget;

	switch (budget) {
	case TEREDO_BUDGET_ANSWER:
	case TEREDO_BUDGET_NEW_PEER:
	case TEREDO_BUDGET_NEW_PATH:
	case TEREDO_BUDGET_UNPROVEN:
		i = siphash_2u32(who, budget, &t->key) % TEREDO_BUCKETS;
		break;
	default:
		break;
	}
	return bucket_take(&t->buckets[i], rate, burst);
}

bool teredo_may_answer(struct teredo_dev *t, const struct teredo_conf *conf,
		       __be32 ip)
{
	u32 rate = conf->rate_limit;

	return !rate ||
	       teredo_ratelimit(t, TEREDO_BUDGET_ANSWER, ntohl(ip) >> 8, rate,
				rate * TEREDO_RATE_BURST_S);
}

static int teredo_open(struct net_device *dev)
{
	struct inet6_dev *in6_dev = __in6_dev_get(dev);
	struct teredo_dev *t = netdev_priv(dev);

	if (!in6_dev)
		return -EAFNOSUPPORT;
	/* Nothing on the wire has a link-local address to talk to. */
	in6_dev->cnf.addr_gen_mode = IN6_ADDR_GEN_MODE_NONE;
	netif_carrier_off(dev);
	teredo_control_start(t);
	return 0;
}

static int teredo_stop(struct net_device *dev)
{
	struct teredo_dev *t = netdev_priv(dev);

	netif_carrier_off(dev);
	teredo_control_stop(t);
	return 0;
}

const struct net_device_ops teredo_netdev_ops = {
	.ndo_open		= teredo_open,
	.ndo_stop		= teredo_stop,
	.ndo_start_xmit		= teredo_start_xmit,
	.ndo_get_stats64	= dev_get_tstats64,
};

static const struct device_type teredo_type = { .name = TEREDO_LINK_KIND };

static void close_sockets(struct teredo_dev *t)
{
	struct teredo_sock *service = rtnl_dereference(t->service);
	struct teredo_sock *second = rtnl_dereference(t->second);

	RCU_INIT_POINTER(t->service, NULL);
	RCU_INIT_POINTER(t->second, NULL);
	teredo_sock_close(service);
	teredo_sock_close(second);
	teredo_discovery_close(t);
	teredo_randports_shut(t);
}

void teredo_lose_net(struct teredo_dev *t)
{
	RCU_INIT_POINTER(t->creating_net, NULL);
	netif_carrier_off(t->dev);
	close_sockets(t);
	/* Nothing can be sent or received any more; say so. */
	if (t->running)
		teredo_control_start(t);
}

/* After the device was unregistered, without RTNL; the work may still run. */
static void teredo_free(struct net_device *dev)
{
	struct teredo_dev *t = netdev_priv(dev);
	struct teredo_self *self;

	rtnl_lock();
	list_del_rcu(&t->list);
	close_sockets(t);
	RCU_INIT_POINTER(t->creating_net, NULL);
	rtnl_unlock();
	cancel_delayed_work_sync(&t->work);
	/* Notifiers walk the list, and senders use what comes next. */
	synchronize_net();
	teredo_peers_exit(t);
	teredo_routes_exit(t);
	gro_cells_destroy(&t->gro_cells);
	teredo_conf_free(rcu_dereference_protected(t->conf, true));
	self = rcu_dereference_protected(t->self, true);
	kfree(container_of(self, struct teredo_self_rcu, self));
	free_percpu(t->stats);
	kvfree(t->buckets);
	pr_debug("%s: freed\n", dev->name);
}

static void teredo_setup(struct net_device *dev)
{
	struct teredo_dev *t = netdev_priv(dev);

	dev->netdev_ops = &teredo_netdev_ops;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP;
	dev->priv_flags |= IFF_NO_QUEUE;
	compat_set_lltx(dev);
	dev->features |= NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM |
			 NETIF_F_RXCSUM | NETIF_F_GSO_SOFTWARE |
			 NETIF_F_HIGHDMA;
	dev->hw_features |= NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM |
			    NETIF_F_RXCSUM | NETIF_F_GSO_SOFTWARE;
	dev->hw_enc_features |= dev->hw_features;
	dev->needed_headroom = LL_MAX_HEADER + sizeof(struct iphdr) +
			       sizeof(struct udphdr);
	dev->mtu = TEREDO_MTU;
	dev->min_mtu = IPV6_MIN_MTU;
	dev->max_mtu = TEREDO_PAYLOAD_MAX;
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
	dev->needs_free_netdev = true;
	SET_NETDEV_DEVTYPE(dev, &teredo_type);
	/* An ICMPv6 error to a sender needs the route that it came by. */
	netif_keep_dst(dev);
	t->dev = dev;
}

static int open_sockets(struct teredo_dev *t, struct net *net,
			const struct teredo_conf *conf,
			struct teredo_sock **service,
			struct teredo_sock **second,
			struct netlink_ext_ack *extack)
{
	bool server = conf->params.role == TEREDO_ROLE_SERVER;
	struct teredo_sock *ts;

	*second = NULL;
	ts = teredo_sock_open(t, net, conf,
			      server ? conf->params.server : conf->local,
			      server ? htons(TEREDO_UDP_PORT) : conf->port,
			      false, extack);
	if (IS_ERR(ts))
		return PTR_ERR(ts);
	*service = ts;
	if (!server)
		return 0;
	ts = teredo_sock_open(t, net, conf, conf->params.server2,
			      htons(TEREDO_UDP_PORT), true, extack);
	if (IS_ERR(ts)) {
		teredo_sock_close(*service);
		return PTR_ERR(ts);
	}
	*second = ts;
	return 0;
}

static int teredo_newlink(struct net_device *dev,
			  struct rtnl_newlink_params *params,
			  struct netlink_ext_ack *extack)
{
	struct net *net = rtnl_newlink_link_net(params);
	struct teredo_dev *t = netdev_priv(dev);
	struct teredo_sock *service, *second;
	struct teredo_conf *conf;
	struct teredo_self_rcu *self;
	int err;

	conf = teredo_conf_make(t, NULL, params->data, extack);
	if (IS_ERR(conf))
		return PTR_ERR(conf);
	teredo_control_init(t);
	teredo_exts_init(t);
	teredo_randports_init(t);
	get_random_bytes(&t->key, sizeof(t->key));
	rcu_assign_pointer(t->creating_net, net);

	err = -ENOMEM;
	self = kzalloc(sizeof(*self), GFP_KERNEL);
	if (!self)
		goto err_conf;
	self->self.role = conf->params.role;
	self->self.prefix = conf->params.prefix;
	t->stats = netdev_alloc_pcpu_stats(struct teredo_stats);
	if (!t->stats)
		goto err_self;
	t->buckets = kvcalloc(TEREDO_BUCKETS + TEREDO_BUDGET_ICMP + 1,
			      sizeof(*t->buckets), GFP_KERNEL);
	if (!t->buckets)
		goto err_stats;
	err = gro_cells_init(&t->gro_cells, dev);
	if (err)
		goto err_buckets;
	err = teredo_routes_init(t);
	if (err)
		goto err_gro;
	err = teredo_peers_init(t);
	if (err)
		goto err_routes;
	rcu_assign_pointer(t->conf, conf);
	rcu_assign_pointer(t->self, &self->self);
	err = open_sockets(t, net, conf, &service, &second, extack);
	if (err)
		goto err_peers;
	rcu_assign_pointer(t->service, service);
	rcu_assign_pointer(t->second, second);

	netif_carrier_off(dev);
	err = register_netdevice(dev);
	if (err)
		goto err_sockets;
	/* From here on the core frees what is above, in the same order. */
	dev->priv_destructor = teredo_free;
	list_add_tail_rcu(&t->list, &teredo_devices);
	pr_debug("%s: created\n", dev->name);
	return 0;

err_sockets:
	close_sockets(t);
err_peers:
	teredo_peers_exit(t);
err_routes:
	teredo_routes_exit(t);
err_gro:
	gro_cells_destroy(&t->gro_cells);
err_buckets:
	kvfree(t->buckets);
err_stats:
	free_percpu(t->stats);
err_self:
	kfree(self);
err_conf:
	teredo_conf_free(conf);
	return err;
}

COMPAT_DECLARE_NEWLINK(teredo_newlink)

static bool rebind_needed(const struct teredo_conf *a,
			  const struct teredo_conf *b)
{
	return a->local != b->local || a->port != b->port ||
	       (a->params.role == TEREDO_ROLE_SERVER &&
		(a->params.server != b->params.server ||
		 a->params.server2 != b->params.server2));
}

/* Does the difference make the present address or state doubtful? */
static bool restart_needed(const struct teredo_conf *a,
			   const struct teredo_conf *b)
{
	struct teredo_params pa = a->params, pb = b->params;

	/* What may change under an address. */
	pa.refresh = pb.refresh;
	pa.bubble_ttl = pb.bubble_ttl;
	pa.discovery = pb.discovery;
	pa.single_server = pb.single_server;
	pa.extensions ^= (pa.extensions ^ pb.extensions) &
			 (TEREDO_EXT_HP | TEREDO_EXT_SLR);
	return memcmp(&pa, &pb, sizeof(pa)) || rebind_needed(a, b);
}

static int teredo_changelink(struct net_device *dev, struct nlattr *tb[],
			     struct nlattr *data[],
			     struct netlink_ext_ack *extack)
{
	struct teredo_sock *service = NULL, *second = NULL;
	struct teredo_dev *t = netdev_priv(dev);
	struct teredo_conf *old = rtnl_dereference(t->conf);
	struct net *net = rtnl_dereference(t->creating_net);
	struct teredo_conf *conf;
	bool rebind, restart;
	int err;

	conf = teredo_conf_make(t, old, data, extack);
	if (IS_ERR(conf))
		return PTR_ERR(conf);
	rebind = rebind_needed(old, conf);
	restart = restart_needed(old, conf);
	if (rebind) {
		if (!net) {
			NL_SET_ERR_MSG(extack,
				       "the network namespace that held the UDP socket is gone");
			err = -ENONET;
		} else {
			err = open_sockets(t, net, conf, &service, &second,
					   extack);
		}
		if (err) {
			teredo_conf_free(conf);
			return err;
		}
		service = rcu_replace_pointer(t->service, service,
					      lockdep_rtnl_is_held());
		second = rcu_replace_pointer(t->second, second,
					     lockdep_rtnl_is_held());
	}
	rcu_assign_pointer(t->conf, conf);
	if (rebind) {
		teredo_sock_close(service);
		teredo_sock_close(second);
	}
	/* The state machine takes the new one before the old one is freed. */
	if (restart && t->running)
		teredo_control_start(t);
	else
		teredo_control_conf_changed(t);
	synchronize_net();
	teredo_conf_free(old);
	return 0;
}

static size_t teredo_get_size(const struct net_device *dev)
{
	return nla_total_size(sizeof(u8)) +		/* ROLE */
	       nla_total_size(sizeof(__be32)) +		/* SERVER */
	       nla_total_size(sizeof(__be32)) +		/* SERVER2 */
	       nla_total_size(sizeof(__be32)) +		/* LOCAL */
	       nla_total_size(sizeof(__be16)) +		/* PORT */
	       nla_total_size(sizeof(u32)) +		/* REFRESH */
	       nla_total_size(sizeof(__be32)) +		/* PREFIX */
	       nla_total_size(TEREDO_ID_MAX) +		/* CLIENT_ID */
	       nla_total_size(sizeof(u32)) +		/* MAX_PEERS */
	       nla_total_size(sizeof(u32)) +		/* RATE_LIMIT */
	       nla_total_size(sizeof(u8)) * 6 +		/* flags, BUBBLE_TTL */
	       nla_total_size(sizeof(u8)) * 3 +		/* SECURE, STATE, NAT */
	       nla_total_size(sizeof(u32)) +		/* ERROR */
	       nla_total_size(sizeof(__be16)) +		/* LOCAL_PORT */
	       nla_total_size(sizeof(__be32)) +		/* MAPPED_ADDR */
	       nla_total_size(sizeof(__be16)) +		/* MAPPED_PORT */
	       nla_total_size(sizeof(struct in6_addr)) + /* ADDRESS */
	       nla_total_size(sizeof(struct nla_bitfield32)); /* EXTENSIONS */
}

static int teredo_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	struct teredo_dev *t = netdev_priv(dev);
	const struct teredo_conf *conf = rtnl_dereference(t->conf);
	const struct teredo_params *p = &conf->params;
	struct teredo_status s;

	teredo_status_get(t, &s);
	if (nla_put_u8(skb, IFLA_TEREDO_ROLE, p->role) ||
	    (p->server &&
	     (nla_put_in_addr(skb, IFLA_TEREDO_SERVER, p->server) ||
	      nla_put_in_addr(skb, IFLA_TEREDO_SERVER2, p->server2))) ||
	    (conf->local &&
	     nla_put_in_addr(skb, IFLA_TEREDO_LOCAL, conf->local)) ||
	    nla_put_be16(skb, IFLA_TEREDO_PORT, conf->port) ||
	    nla_put_u32(skb, IFLA_TEREDO_REFRESH, p->refresh) ||
	    nla_put_be32(skb, IFLA_TEREDO_PREFIX, p->prefix) ||
	    (p->id_len &&
	     nla_put(skb, IFLA_TEREDO_CLIENT_ID, p->id_len, p->id)) ||
	    nla_put_u32(skb, IFLA_TEREDO_MAX_PEERS, conf->max_peers) ||
	    nla_put_u32(skb, IFLA_TEREDO_RATE_LIMIT, conf->rate_limit) ||
	    nla_put_u8(skb, IFLA_TEREDO_ALLOW_PRIVATE, p->allow_private) ||
	    nla_put_u8(skb, IFLA_TEREDO_DEFAULT_ROUTE, conf->default_route) ||
	    nla_put_u8(skb, IFLA_TEREDO_DISCOVERY, p->discovery) ||
	    nla_put_u8(skb, IFLA_TEREDO_CONE_PROBE, p->cone_probe) ||
	    nla_put_u8(skb, IFLA_TEREDO_SINGLE_SERVER, p->single_server) ||
	    nla_put_u8(skb, IFLA_TEREDO_BUBBLE_TTL, p->bubble_ttl) ||
	    nla_put_bitfield32(skb, IFLA_TEREDO_EXTENSIONS, p->extensions,
			       TEREDO_EXT_ALL) ||
	    nla_put_u8(skb, IFLA_TEREDO_SECURE, p->secret_len > 0) ||
	    nla_put_u8(skb, IFLA_TEREDO_STATE, s.state) ||
	    nla_put_u8(skb, IFLA_TEREDO_NAT, s.nat) ||
	    nla_put_u32(skb, IFLA_TEREDO_ERROR, s.error) ||
	    nla_put_be16(skb, IFLA_TEREDO_LOCAL_PORT, s.local.port))
		return -EMSGSIZE;
	if (s.has_addr &&
	    (nla_put_in_addr(skb, IFLA_TEREDO_MAPPED_ADDR, s.mapped.ip) ||
	     nla_put_be16(skb, IFLA_TEREDO_MAPPED_PORT, s.mapped.port) ||
	     nla_put_in6_addr(skb, IFLA_TEREDO_ADDRESS, &s.addr)))
		return -EMSGSIZE;
	return 0;
}

enum { XSTATS = TEREDO_XSTATS_DROP(__TEREDO_REASON_MAX) };

static size_t teredo_get_xstats_size(const struct net_device *dev)
{
	return nla_total_size(XSTATS * sizeof(u64));
}

static int teredo_fill_xstats(struct sk_buff *skb,
			      const struct net_device *dev)
{
	u64 x[XSTATS] = { };

	BUILD_BUG_ON(TEREDO_XSTATS_DROP(0) < (int)__TEREDO_COUNT_MAX);
	teredo_stats_sum(netdev_priv(dev), x, x + TEREDO_XSTATS_DROP(0));
	return nla_put(skb, IFLA_INFO_XSTATS, sizeof(x), x);
}

static struct net *teredo_get_link_net(const struct net_device *dev)
{
	struct teredo_dev *t = netdev_priv(dev);
	struct net *net = rtnl_dereference(t->creating_net);

	return net ?: dev_net(dev);
}

static struct rtnl_link_ops teredo_link_ops __read_mostly = {
	.kind			= TEREDO_LINK_KIND,
	.priv_size		= sizeof(struct teredo_dev),
	.maxtype		= IFLA_TEREDO_MAX,
	.policy			= teredo_link_policy,
	.setup			= teredo_setup,
	.newlink		= COMPAT_NEWLINK(teredo_newlink),
	.changelink		= teredo_changelink,
	.get_size		= teredo_get_size,
	.fill_info		= teredo_fill_info,
	.get_xstats_size	= teredo_get_xstats_size,
	.fill_xstats		= teredo_fill_xstats,
	.get_link_net		= teredo_get_link_net,
};

int __init teredo_device_init(void)
{
	int err;

	teredo_wq = alloc_workqueue("teredo", WQ_UNBOUND, 0);
	if (!teredo_wq)
		return -ENOMEM;
	err = rtnl_link_register(&teredo_link_ops);
	if (err)
		destroy_workqueue(teredo_wq);
	return err;
}

void teredo_device_exit(void)
{
	rtnl_link_unregister(&teredo_link_ops);
	destroy_workqueue(teredo_wq);
}

MODULE_ALIAS_RTNL_LINK(TEREDO_LINK_KIND);
