// SPDX-License-Identifier: GPL-2.0
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/gro.h>
#include <net/inet_ecn.h>
#include <net/ip_tunnels.h>

#include "control.h"
#include "core/addr.h"
#include "netlink.h"
#include "peer.h"
#include "randport.h"
#include "receive.h"
#include "send.h"

enum {
	TEREDO_GATHER_BYTES = 1000,	/* a packet of a bulk transfer has */
};

bool teredo_decapsulate(struct teredo_dev *t, struct sk_buff *skb,
			unsigned int hlen)
{
	unsigned int outer = skb_network_offset(skb) + skb_headroom(skb);
	int ecn;

	/*
	 * All that the UDP packet brought with it goes: connection tracking,
	 * mark, route and time stamp are not the inner packet's, and a filter
	 * on the device has to see a new packet (CVE-2007-3038).
	 */
	if (iptunnel_pull_header(skb, hlen, htons(ETH_P_IPV6), true)) {
		teredo_drop_rx(t, skb, TEREDO_REASON_NO_MEMORY);
		return false;
	}
	skb->dev = t->dev;
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	if (!pskb_may_pull(skb, sizeof(struct ipv6hdr))) {
		teredo_drop_rx(t, skb, TEREDO_REASON_TOO_SHORT);
		return false;
	}
	/* RFC 6040 section 4.2 */
	ecn = IP_ECN_decapsulate((struct iphdr *)(skb->head + outer), skb);
	if (ecn > 1) {
		teredo_drop_rx(t, skb, TEREDO_REASON_ECN);
		return false;
	}
	return true;
}

static void stamp(u32 *at, u32 now)
{
	if (now - READ_ONCE(*at) >= HZ / 4)
		WRITE_ONCE(*at, now);
}

/*
 * Does @peer send large packets these days, and in pieces, that nothing has
 * gathered on their way? All of a peer's packets are treated alike for a second,
 * since they would overtake each other in two queues; the first ones of another
 * sort may do so, once, which TCP bears.
 */
static bool worth_gathering(struct teredo_peer *peer, const struct sk_buff *skb)
{
	u32 now = jiffies;

	if (skb_is_gso(skb))
		stamp(&peer->whole, now);
	else if (skb->len >= TEREDO_GATHER_BYTES)
		stamp(&peer->large, now);
	return now - READ_ONCE(peer->large) < HZ &&
	       now - READ_ONCE(peer->whole) >= HZ;
}

/*
 * The cells' GRO costs small packets for nothing, and they are polled after all
 * that waits in the processor's backlog, where whole packets do not have to wait
 * for anything. What they do not get queues up there, as sit's packets do.
 */
void teredo_deliver(struct teredo_dev *t, struct teredo_peer *peer,
		    struct sk_buff *skb)
{
	unsigned int len = skb->len;
	int err;

	if (peer && worth_gathering(peer, skb))
		err = gro_cells_receive(&t->gro_cells, skb);
	else
		err = netif_rx(skb);
	if (err == NET_RX_SUCCESS)
		dev_sw_netstats_rx_add(t->dev, len);
}

static bool local_daddr(const struct teredo_dev *t,
			const struct in6_addr *daddr)
{
	return ipv6_chk_addr(dev_net(t->dev), daddr, NULL, 0);
}

/*
 * A data packet of a trusted peer, nothing before or behind it: no lock, no
 * write but a stamp now and then. Everything else goes the slow way, which
 * finds the same for what is let through here.
 */
static bool receive_fast(struct teredo_dev *t, const struct teredo_self *self,
			 struct sk_buff *skb, struct teredo_endpoint from,
			 u16 slot)
{
	const struct ipv6hdr *ip6 = (struct ipv6hdr *)(udp_hdr(skb) + 1);
	struct teredo_peer *peer;
	u64 now;

	if (ip6->version != 6 ||
	    skb->len != sizeof(struct udphdr) + sizeof(*ip6) +
			ntohs(ip6->payload_len))
		return false;
	switch (ip6->nexthdr) {
	case NEXTHDR_HOP:
	case NEXTHDR_ROUTING:
	case NEXTHDR_DEST:
	case NEXTHDR_NONE:
		return false;
	}
	if (!self->usable)
		return false;
	if (self->role == TEREDO_ROLE_CLIENT) {
		if (!ipv6_addr_equal(&ip6->daddr, &self->addr))
			return false;
	} else if (!teredo_addr_is_global(&ip6->daddr) ||
		   teredo_addr_is_teredo(&ip6->daddr, self->prefix) ||
		   (self->role == TEREDO_ROLE_HOST_RELAY &&
		    !local_daddr(t, &ip6->daddr))) {
		return false;
	}
	peer = teredo_peer_lookup(t, &ip6->saddr);
	if (!peer || READ_ONCE(peer->dest) != teredo_dest(from, slot))
		return false;

	now = teredo_now();
	/* Only the lock's holder judges an entry that is about to expire. */
	if (now - READ_ONCE(peer->path.last_rx) >= TEREDO_EARLY_S * TEREDO_SEC)
		return false;
	if (now - READ_ONCE(peer->path.last_rx) >= TEREDO_STAMP_NS) {
		WRITE_ONCE(peer->path.last_rx, now);
		teredo_control_answered(t, now);
	}
	if (teredo_decapsulate(t, skb, sizeof(struct udphdr)))
		teredo_deliver(t, peer, skb);
	return true;
}

/* Is @ip in a subnet of the interface that the packet came by? */
static bool on_link(const struct sk_buff *skb, __be32 ip)
{
	struct in_device *in_dev = __in_dev_get_rcu(skb->dev);
	const struct in_ifaddr *ifa;

	if (in_dev)
		in_dev_for_each_ifa_rcu(ifa, in_dev)
			if (inet_ifa_match(ip, ifa))
				return true;
	return false;
}

/* Who pays for a new entry: the IPv4 address that it leads to. */
static u32 creator(const struct teredo_self *self,
		   const struct teredo_input *in)
{
	if (teredo_addr_is_teredo(&in->pkt->saddr, self->prefix))
		return (__force u32)teredo_addr_mapped(&in->pkt->saddr).ip;
	return (__force u32)in->from.ip;
}

/* @skb is linear from the UDP header on. */
static void receive_slow(struct teredo_dev *t, const struct teredo_conf *conf,
			 const struct teredo_self *self, struct sk_buff *skb,
			 struct teredo_input *in)
{
	enum teredo_reason reason = TEREDO_REASON_NONE;
	const struct teredo_packet *pkt = in->pkt;
	bool bubble = teredo_packet_is_bubble(pkt);
	unsigned int ip6_off = sizeof(struct udphdr) + pkt->ip6_off;
	unsigned int end = ip6_off + pkt->ip6_len;
	struct teredo_endpoint from = in->from;
	struct teredo_peer *peer;
	struct teredo_actions act;
	enum teredo_verdict verdict;
	struct sk_buff_head queue;
	u8 nonce[TEREDO_ECHO_DATA];
	bool was_echo = false;
	u64 now = teredo_now();

	__skb_queue_head_init(&queue);
	peer = teredo_peer_lookup(t, &pkt->saddr);
	if (!peer) {
		verdict = teredo_input(self, &conf->env, in, NULL, now, &act);
		if (verdict == TEREDO_CREATE) {
			peer = teredo_peer_get(t, conf, self, &pkt->saddr,
					       TEREDO_BUDGET_NEW_PEER,
					       creator(self, in), now,
					       &reason);
			if (!peer) {
				teredo_drop_rx(t, skb, reason);
				return;
			}
		}
	}
	if (peer) {
		spin_lock_bh(&peer->lock);
		was_echo = peer->path.flags & TEREDO_PATH_ECHO;
		verdict = teredo_input(self, &conf->env, in, &peer->path, now,
				       &act);
		memcpy(nonce, peer->path.nonce, sizeof(nonce));
		if (verdict != TEREDO_DROP && verdict != TEREDO_TO_CLIENT)
			teredo_peer_sync(t, peer);
		/* Not to a mapping that is being asked whether it is right. */
		if (verdict == TEREDO_ACCEPT || verdict == TEREDO_CONSUME)
			if ((peer->path.flags & (TEREDO_PATH_TRUSTED |
						 TEREDO_PATH_OPENING)) ==
			    TEREDO_PATH_TRUSTED)
				teredo_peer_take_queue(t, peer, &queue);
		if (verdict == TEREDO_HOLD) {
			/* It has to be decapsulated before it can wait. */
			spin_unlock_bh(&peer->lock);
			if (skb->len > end && pskb_trim_rcsum(skb, end)) {
				teredo_drop_rx(t, skb,
					       TEREDO_REASON_NO_MEMORY);
				return;
			}
			if (!teredo_decapsulate(t, skb, ip6_off))
				return;
			TEREDO_CB(skb)->received = true;
			TEREDO_CB(skb)->from = from;
			spin_lock_bh(&peer->lock);
			if (!teredo_peer_queue(t, peer, skb)) {
				verdict = TEREDO_DROP;
				act.reason = TEREDO_REASON_QUEUE_FULL;
			}
			/* The test may have come back while it was unlocked. */
			if (peer->path.flags & TEREDO_PATH_TRUSTED)
				teredo_peer_take_queue(t, peer, &queue);
		}
		spin_unlock_bh(&peer->lock);
		if (act.trusted || act.moved)
			teredo_notify_peer(t, peer, act.moved ?
					   TEREDO_PEER_EVENT_MOVED :
					   TEREDO_PEER_EVENT_TRUSTED);
	}

	if (verdict == TEREDO_CONSUME || verdict == TEREDO_ACCEPT) {
		teredo_control_heard(t, conf, from, now);
		teredo_control_answered(t, now);
	}
	if (peer && act.proven)
		teredo_count(t, TEREDO_COUNT_NONCE_RX);
	if (bubble && verdict == TEREDO_CONSUME)
		teredo_count(t, TEREDO_COUNT_BUBBLE_RX);
	else if (verdict == TEREDO_CONSUME && was_echo)
		teredo_count(t, TEREDO_COUNT_ECHO_RX);
	teredo_emit(t, conf, &act, nonce);
	if (peer)
		teredo_release_queue(t, peer, &queue);

	switch (verdict) {
	case TEREDO_TO_CLIENT:
		reason = in->slot ? teredo_randport_ra(t, conf, self, in) :
				    teredo_control_ra(t, conf, in);
		if (reason)
			teredo_drop_rx(t, skb, reason);
		else
			consume_skb(skb);
		break;
	case TEREDO_ACCEPT:
		if (skb->len > end && pskb_trim_rcsum(skb, end)) {
			teredo_drop_rx(t, skb, TEREDO_REASON_NO_MEMORY);
			break;
		}
		if (teredo_decapsulate(t, skb, ip6_off))
			teredo_deliver(t, peer, skb);
		break;
	case TEREDO_CONSUME:
		consume_skb(skb);
		break;
	case TEREDO_HOLD:
		break;
	default:
		teredo_drop_rx(t, skb, act.reason);
		break;
	}
}

int teredo_encap_rcv(struct sock *sk, struct sk_buff *skb)
{
	const struct teredo_sock *ts = rcu_dereference_sk_user_data(sk);
	const struct teredo_self *self;
	const struct teredo_conf *conf;
	struct teredo_endpoint from;
	struct teredo_packet pkt;
	struct teredo_input in;
	enum teredo_reason reason;
	struct teredo_dev *t;

	if (unlikely(!ts)) {
		kfree_skb(skb);
		return 0;
	}
	t = ts->t;
	from.ip = ip_hdr(skb)->saddr;
	from.port = udp_hdr(skb)->source;
	if (unlikely(!READ_ONCE(t->running))) {
		teredo_drop_rx(t, skb, TEREDO_REASON_DEVICE_DOWN);
		return 0;
	}
	if (unlikely(!pskb_may_pull(skb, sizeof(struct udphdr) +
					 TEREDO_IP6_HLEN))) {
		teredo_drop_rx(t, skb, TEREDO_REASON_TOO_SHORT);
		return 0;
	}
	conf = rcu_dereference(t->conf);
	self = rcu_dereference(t->self);
	if (conf->params.role == TEREDO_ROLE_SERVER) {
		teredo_serve(t, conf, ts, skb, from);
		return 0;
	}
	if (likely(!ts->discovery) && likely(receive_fast(t, self, skb, from, ts->slot)))
		return 0;

	if (skb_linearize(skb)) {
		teredo_drop_rx(t, skb, TEREDO_REASON_NO_MEMORY);
		return 0;
	}
	in.pkt = &pkt;
	in.data = skb->data + sizeof(struct udphdr);
	in.from = from;
	in.slot = ts->slot;
	reason = teredo_packet_parse(&pkt, in.data,
				     skb->len - sizeof(struct udphdr));
	if (reason) {
		teredo_drop_rx(t, skb, reason);
		return 0;
	}
	if (pkt.trailer_len)
		teredo_count(t, TEREDO_COUNT_TRAILERS);
	in.multicast = ipv4_is_multicast(ip_hdr(skb)->daddr);
	in.on_link = on_link(skb, from.ip);
	in.local_daddr = self->role == TEREDO_ROLE_HOST_RELAY &&
			 local_daddr(t, &pkt.daddr);
	receive_slow(t, conf, self, skb, &in);
	return 0;
}

/*
 * Gathers data packets before they are decapsulated: what follows the UDP
 * header is then an IPv6 header. Others pass by themselves.
 */
struct sk_buff *teredo_gro_receive(struct sock *sk, struct list_head *head,
				   struct sk_buff *skb)
{
	unsigned int off = skb_gro_offset(skb);
	const struct packet_offload *ptype;
	struct sk_buff *pp = NULL;
	const u8 *p;

	p = skb_gro_header(skb, off + sizeof(struct ipv6hdr), off);
	if (unlikely(!p) || *p >> 4 != 6)
		goto flush;
	ptype = gro_find_receive_by_type(htons(ETH_P_IPV6));
	if (!ptype)
		goto flush;
	return call_gro_receive(ptype->callbacks.gro_receive, head, skb);
flush:
	NAPI_GRO_CB(skb)->flush |= 1;
	return pp;
}

int teredo_gro_complete(struct sock *sk, struct sk_buff *skb, int nhoff)
{
	const struct packet_offload *ptype;

	ptype = gro_find_complete_by_type(htons(ETH_P_IPV6));
	if (!ptype)
		return -EINVAL;
	skb_set_inner_mac_header(skb, nhoff);
	return ptype->callbacks.gro_complete(skb, nhoff);
}
