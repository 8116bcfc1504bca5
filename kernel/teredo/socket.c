// SPDX-License-Identifier: GPL-2.0
#include <linux/igmp.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <linux/udp.h>
#include <net/ip_tunnels.h>
#include <net/route.h>
#include <net/sock.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "receive.h"
#include "route.h"
#include "socket.h"

static struct teredo_sock *open_sock(struct teredo_dev *t, struct net *net,
				     __be32 ip, __be16 port, u16 slot,
				     bool share, bool gro)
{
	struct udp_tunnel_sock_cfg cfg = {
		.encap_type = 1,
		.encap_rcv = teredo_encap_rcv,
		.gro_receive = gro ? teredo_gro_receive : NULL,
		.gro_complete = gro ? teredo_gro_complete : NULL,
	};
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = ip,
		.sin_port = port,
	};
	struct teredo_sock *ts;
	struct socket *sock;
	int err;

	ts = kzalloc(sizeof(*ts), GFP_KERNEL);
	if (!ts)
		return ERR_PTR(-ENOMEM);
	err = sock_create_kern(net, AF_INET, SOCK_DGRAM, 0, &sock);
	if (err)
		goto err_free;
	if (share)
		sock_set_reuseaddr(sock->sk);
	err = kernel_bind(sock, (struct sockaddr *)&addr, sizeof(addr));
	if (err)
		goto err_release;
	ts->t = t;
	ts->sock = sock;
	ts->port = inet_sk(sock->sk)->inet_sport;
	ts->slot = slot;
	sock->sk->sk_allocation = GFP_ATOMIC;
	/* Packets of the tunnel are charged to who made them, not here. */
	sock->sk->sk_sndbuf = INT_MAX;
	udp_allow_gso(sock->sk);
	cfg.sk_user_data = ts;
	setup_udp_tunnel_sock(net, sock, &cfg);
	return ts;

err_release:
	sock_release(sock);
err_free:
	kfree(ts);
	return ERR_PTR(err);
}

/* Lets a socket on the same port be opened beside it, to take its place. */
static void set_share(struct teredo_sock *ts, bool share)
{
	if (ts)
		ts->sock->sk->sk_reuse = share ? SK_CAN_REUSE : SK_NO_REUSE;
}

struct teredo_sock *teredo_sock_open(struct teredo_dev *t, struct net *net,
				     const struct teredo_conf *conf,
				     __be32 ip, __be16 port, bool second,
				     struct netlink_ext_ack *extack)
{
	struct teredo_sock *old1 = rtnl_dereference(t->service);
	struct teredo_sock *old2 = rtnl_dereference(t->second);
	struct teredo_sock *ts;
	/* Bubbles and ICMPv6, a server's all, are nothing to gather. */
	bool gro = conf->params.role != TEREDO_ROLE_SERVER;

	set_share(old1, true);
	set_share(old2, true);
	ts = open_sock(t, net, ip, port, 0, old1 && port, gro);
	set_share(old1, false);
	set_share(old2, false);
	if (IS_ERR(ts)) {
		switch (PTR_ERR(ts)) {
		case -EADDRINUSE:
			NL_SET_ERR_MSG(extack,
				       "the UDP port is in use by another device or program");
			break;
		case -EADDRNOTAVAIL:
			NL_SET_ERR_MSG(extack,
				       "the local IPv4 address is not one of this network namespace");
			break;
		default:
			NL_SET_ERR_MSG(extack,
				       "the UDP socket could not be opened");
			break;
		}
		return ts;
	}
	set_share(ts, false);
	ts->second = second;
	return ts;
}

/*
 * RFC 4380 section 5.2.8: discovery bubbles go to the group at port 3544,
 * whatever the service port is. Several devices and programs may listen.
 */
struct teredo_sock *teredo_sock_open_discovery(struct teredo_dev *t,
					       struct net *net)
{
	struct teredo_sock *ts;

	ts = open_sock(t, net, htonl(0xe00000fd), htons(TEREDO_UDP_PORT), 0,
		       true, false);
	if (!IS_ERR(ts))
		ts->discovery = true;
	return ts;
}

struct teredo_sock *teredo_sock_open_random(struct teredo_dev *t,
					    struct net *net, __be32 ip,
					    u16 slot)
{
	return open_sock(t, net, ip, 0, slot, false, true);
}

void teredo_socks_close(struct teredo_sock **ts, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		rcu_assign_sk_user_data(ts[i]->sock->sk, NULL);
	/* One wait for all: of receivers, and of senders that found them. */
	synchronize_net();
	for (i = 0; i < n; i++) {
		kernel_sock_shutdown(ts[i]->sock, SHUT_RDWR);
		sock_release(ts[i]->sock);
		kfree(ts[i]);
	}
}

void teredo_sock_close(struct teredo_sock *ts)
{
	if (!ts)
		return;
	/* Clears sk_user_data and waits for readers, then lets go. */
	udp_tunnel_sock_release(ts->sock);
	/* Senders that found it in the device before it was replaced. */
	synchronize_net();
	kfree(ts);
}

struct rtable *teredo_route(struct teredo_dev *t, const struct teredo_sock *ts,
			    struct teredo_endpoint to, __be32 *source,
			    int oif)
{
	struct sock *sk = ts->sock->sk;
	struct flowi4 fl4 = {
		.flowi4_proto = IPPROTO_UDP,
		.flowi4_oif = oif,
		.daddr = to.ip,
		.saddr = *source,
		.fl4_sport = ts->port,
		.fl4_dport = to.port,
	};
	struct rtable *rt;
	struct net *net;

	net = rcu_dereference(t->creating_net);
	if (unlikely(!net))
		return ERR_PTR(-ENONET);
	security_sk_classify_flow(sk, flowi4_to_flowi_common(&fl4));
	rt = ip_route_output_flow(net, &fl4, sk);
	if (IS_ERR(rt))
		return rt;
	/* RFC 4380 section 7.4: a tunnel inside itself would never end. */
	if (unlikely(rt->dst.dev == t->dev)) {
		ip_rt_put(rt);
		return ERR_PTR(-ELOOP);
	}
	/* RFC 4380 section 5.2.4: the directed broadcast of an own subnet. */
	if (unlikely(rt->rt_flags & RTCF_BROADCAST)) {
		ip_rt_put(rt);
		return ERR_PTR(-EACCES);
	}
	*source = fl4.saddr;
	return rt;
}

enum teredo_reason teredo_route_reason(int err)
{
	switch (err) {
	case -ELOOP:
		return TEREDO_REASON_LOOP;
	case -EACCES:
		return TEREDO_REASON_MAPPED_NOT_GLOBAL;
	case -ENOMEM:
	case -ENOBUFS:
		return TEREDO_REASON_NO_MEMORY;
	case -ENONET:
		return TEREDO_REASON_NETNS_GONE;
	default:
		return TEREDO_REASON_NO_ROUTE;
	}
}

/* Pushes the outer headers but for what ip_local_out() fills in. */
static void push_outer(const struct teredo_sock *ts, struct sk_buff *skb,
		       __be32 source, struct teredo_endpoint to, u8 tos,
		       u8 ttl, u16 id)
{
	struct udphdr *uh;
	struct iphdr *iph;

	uh = __skb_push(skb, sizeof(*uh));
	skb_reset_transport_header(skb);
	uh->source = ts->port;
	uh->dest = to.port;
	uh->len = htons(skb->len);
	/* Always there: a NAT may not be trusted to pass a 0. */
	udp_set_csum(false, skb, source, to.ip, skb->len);

	iph = __skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->tos = tos;
	/* RFC 4380 section 5.1.2: no DF. */
	iph->frag_off = 0;
	iph->id = htons(id);
	iph->ttl = ttl;
	iph->protocol = IPPROTO_UDP;
	iph->saddr = source;
	iph->daddr = to.ip;
}

void teredo_xmit_data(struct teredo_dev *t, const struct teredo_sock *ts,
		      struct teredo_hop *hop, struct sk_buff *skb,
		      struct teredo_endpoint to, u8 tos)
{
	struct dst_entry *dst = &hop->rt->dst;
	int len = skb->len, err;
	u16 id = hop->id;

	/* One for each packet that the whole one may be cut into. */
	hop->id += skb_shinfo(skb)->gso_segs ?: 1;
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	skb_clear_hash_if_not_l4(skb);
	/*
	 * RCU keeps the route; whoever keeps the packet for longer takes a
	 * reference.
	 */
	skb_dst_set_noref(skb, dst);
	push_outer(ts, skb, hop->source, to, tos, ip4_dst_hoplimit(dst), id);
	err = ip_local_out(dev_net(dst->dev), ts->sock->sk, skb);
	iptunnel_xmit_stats(t->dev, net_xmit_eval(err) ? 0 : len);
}

void teredo_xmit_udp(struct teredo_dev *t, const struct teredo_sock *ts,
		     struct rtable *rt, struct sk_buff *skb, __be32 source,
		     struct teredo_endpoint to, u8 tos, u8 ttl)
{
	bool xnet = !net_eq(rcu_dereference(t->creating_net), dev_net(t->dev));

	/*
	 * The outer packet may be fragmented (RFC 4380 section 5.1.2: no DF).
	 * The checksum is always there: a NAT may not be trusted to pass 0.
	 */
	compat_udp_tunnel_xmit_skb(rt, ts->sock->sk, skb, source, to.ip, tos,
				   ttl ?: ip4_dst_hoplimit(&rt->dst), 0,
				   ts->port, to.port, xnet, false);
}

struct sk_buff *teredo_own_alloc(const struct rtable *rt, unsigned int room)
{
	unsigned int head = LL_RESERVED_SPACE(rt->dst.dev) +
			    rt->dst.header_len + sizeof(struct iphdr) +
			    sizeof(struct udphdr);
	unsigned int size = SKB_DATA_ALIGN(head + room) +
			    SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	struct sk_buff *skb;
	void *data;

	/*
	 * A fragment of a page is ready when its neighbours are gone; the slab
	 * would clear its memory each time, more work than the packet itself.
	 */
	data = napi_alloc_frag(size);
	if (!data)
		return NULL;
	skb = napi_build_skb(data, size);
	if (!skb) {
		skb_free_frag(data);
		return NULL;
	}
	skb_reserve(skb, head);
	return skb;
}

void teredo_own_xmit(const struct teredo_sock *ts, struct rtable *rt,
		     struct sk_buff *skb, __be32 source,
		     struct teredo_endpoint to, u8 ttl)
{
	/*
	 * The stack's counters for the ID are there for packets that may be
	 * cut; this one is shorter than any path of today, so what no other
	 * could guess is good enough.
	 */
	push_outer(ts, skb, source, to, 0, ttl ?: ip4_dst_hoplimit(&rt->dst),
		   get_random_u16());
	skb_dst_set(skb, &rt->dst);
	/* Fills in length and checksum. */
	ip_local_out(dev_net(rt->dst.dev), ts->sock->sk, skb);
}

int teredo_send_payload(struct teredo_dev *t, const struct teredo_sock *ts,
			__be32 source, struct teredo_endpoint to, int oif,
			u8 ttl, const void *payload, size_t len)
{
	struct sk_buff *skb;
	struct rtable *rt;

	rt = teredo_route(t, ts, to, &source, oif);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	skb = teredo_own_alloc(rt, len);
	if (!skb) {
		ip_rt_put(rt);
		return -ENOMEM;
	}
	skb_put_data(skb, payload, len);
	teredo_own_xmit(ts, rt, skb, source, to, ttl);
	return 0;
}
