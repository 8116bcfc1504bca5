// SPDX-License-Identifier: GPL-2.0
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/dsfield.h>
#include <net/icmp.h>
#include <net/inet_ecn.h>
#include <net/ip_tunnels.h>
#include <net/route.h>
#include <net/udp_tunnel.h>

#include "control.h"
#include "randport.h"
#include "receive.h"
#include "route.h"
#include "send.h"
#include "socket.h"

/* The code that tells a sender best what to do: RFC 6081 section 3. */
static void tell_sender(struct teredo_dev *t, struct sk_buff *skb,
			enum teredo_reason reason)
{
	u8 code = ICMPV6_ADDR_UNREACH;

	switch (reason) {
	case TEREDO_REASON_FOREIGN_SOURCE:
	case TEREDO_REASON_NOT_A_RELAY:
		code = ICMPV6_ADM_PROHIBITED;
		break;
	case TEREDO_REASON_NOT_QUALIFIED:
	case TEREDO_REASON_NO_ROUTE:
	case TEREDO_REASON_PEER_UNREACHABLE:
	case TEREDO_REASON_MAPPED_NOT_GLOBAL:
	case TEREDO_REASON_NOT_SERVED:
	case TEREDO_REASON_NOT_GLOBAL:
		break;
	default:
		return;
	}
	if (teredo_ratelimit(t, TEREDO_BUDGET_ICMP, 0, TEREDO_ICMP_RATE,
			     TEREDO_ICMP_RATE))
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH, code, 0);
}

static void drop_tx(struct teredo_dev *t, struct sk_buff *skb,
		    enum teredo_reason reason)
{
	teredo_count_drop(t, reason);
	DEV_STATS_INC(t->dev, tx_dropped);
	if (skb->protocol == htons(ETH_P_IPV6))
		tell_sender(t, skb, reason);
	kfree_skb(skb);
}

/* Data, to a trusted peer: the fast path. Under RCU. */
static void xmit_data(struct teredo_dev *t, const struct teredo_conf *conf,
		      struct sk_buff *skb, u64 dest)
{
	struct teredo_endpoint to = teredo_dest_endpoint(dest);
	const struct teredo_sock *ts =
		teredo_slot_sock(t, teredo_dest_slot(dest));
	struct teredo_hop *hop;
	struct dst_entry *dst;
	u8 tos;

	if (unlikely(!ts)) {
		drop_tx(t, skb, TEREDO_REASON_NETNS_GONE);
		return;
	}
	hop = teredo_hop_get(t, ts, conf->local, dest & TEREDO_DEST_MAPPING);
	if (IS_ERR(hop)) {
		drop_tx(t, skb, teredo_route_reason(PTR_ERR(hop)));
		return;
	}
	dst = &hop->rt->dst;
	/*
	 * Local checksum offload would leave the inner checksum open and the
	 * outer one done, and Linux NATs update the outer one as if it were
	 * open too: on its way through one on this host it would break. So of
	 * the two, the outer one stays open. A GSO packet has neither done.
	 */
	if (skb->ip_summed == CHECKSUM_PARTIAL && !skb_is_gso(skb) &&
	    skb_checksum_help(skb)) {
		drop_tx(t, skb, TEREDO_REASON_NO_MEMORY);
		return;
	}
	/*
	 * RFC 6040 normal mode, as RFC 9601 section 6.1.3 has it for Teredo:
	 * all of ECN is copied. ip_tunnel_ecn_encap() would not copy CE.
	 */
	tos = ipv6_get_dsfield(ipv6_hdr(skb)) & INET_ECN_MASK;
	skb_scrub_packet(skb, !net_eq(rcu_dereference(t->creating_net),
				      dev_net(t->dev)));
	if (skb_cow_head(skb, LL_RESERVED_SPACE(dst->dev) +
			 dst->header_len + sizeof(struct iphdr) +
			 sizeof(struct udphdr)) ||
	    udp_tunnel_handle_offloads(skb, true)) {
		drop_tx(t, skb, TEREDO_REASON_NO_MEMORY);
		return;
	}
	skb_set_inner_protocol(skb, htons(ETH_P_IPV6));
	teredo_xmit_data(t, ts, hop, skb, to, tos);
}

static void stamp(struct teredo_dev *t, struct teredo_peer *peer, u64 now)
{
	/* Not each packet: the line is shared by all CPUs. */
	if (now - READ_ONCE(peer->path.last_tx) < TEREDO_STAMP_NS)
		return;
	WRITE_ONCE(peer->path.last_tx, now);
	teredo_control_asked(t, now);
}

/* A strangers' budget that an emission has to come out of, if any. */
static bool emit_allowed(struct teredo_dev *t, const struct teredo_conf *conf,
			 const struct teredo_emit *e)
{
	if (!e->answer)
		return true;
	/* CVE-2006-6266 */
	if (e->echo)
		return teredo_ratelimit(t, TEREDO_BUDGET_TEST, 0,
					TEREDO_TESTS_RATE, TEREDO_TESTS_RATE);
	return teredo_may_answer(t, conf, e->to.ip);
}

/* The kinds that a bubble may be of all at once. */
static void count_bubble(struct teredo_dev *t, const struct teredo_emit *e)
{
	teredo_count(t, TEREDO_COUNT_BUBBLE_TX);
	if (e->indirect)
		teredo_count(t, TEREDO_COUNT_INDIRECT_TX);
	if (e->alternate)
		teredo_count(t, TEREDO_COUNT_ALTERNATE_TX);
	if (e->nd == TEREDO_ND_SOLICIT)
		teredo_count(t, TEREDO_COUNT_SOLICIT_TX);
	if (e->nd == TEREDO_ND_ADVERT)
		teredo_count(t, TEREDO_COUNT_ADVERT_TX);
	if (e->slot)
		teredo_count(t, TEREDO_COUNT_RANDOM_PORT_TX);
}

/*
 * The list that a peer sends may hold addresses of this host, by chance as both
 * are private ones, or to have it talk to itself.
 */
static bool own_address(struct teredo_dev *t, __be32 ip)
{
	struct net *net = rcu_dereference(t->creating_net);

	return net && inet_addr_type(net, ip) == RTN_LOCAL;
}

static enum teredo_reason emit_one(struct teredo_dev *t,
				   const struct teredo_conf *conf,
				   const struct teredo_self *self,
				   const struct teredo_emit *e, const u8 *nonce)
{
	const struct teredo_sock *ts = teredo_slot_sock(t, e->slot);
	u8 buf[TEREDO_EMIT_BYTES];
	int oif = 0, err;
	size_t len;

	if (!ts)
		return e->slot ? TEREDO_REASON_PORTS_FULL :
				 TEREDO_REASON_NETNS_GONE;
	if (e->solicit)
		return teredo_randport_solicit(t, conf, ts, e);
	if (!emit_allowed(t, conf, e))
		return TEREDO_REASON_RATE_LIMITED;
	if (e->alternate && own_address(t, e->to.ip))
		return TEREDO_REASON_LOOP;
	if (ipv4_is_multicast(e->to.ip))
		oif = READ_ONCE(t->way.oif);
	len = teredo_build_emit(buf, self, e, nonce);
	err = teredo_send_payload(t, ts, conf->local, e->to, oif, e->ttl, buf,
				  len);
	if (err)
		return teredo_route_reason(err);
	if (e->echo)
		teredo_count(t, TEREDO_COUNT_ECHO_TX);
	else
		count_bubble(t, e);
	return TEREDO_REASON_NONE;
}

void teredo_emit(struct teredo_dev *t, const struct teredo_conf *conf,
		 const struct teredo_actions *act, const u8 *nonce)
{
	const struct teredo_self *self = rcu_dereference(t->self);
	enum teredo_reason reason;
	unsigned int i;

	for (i = 0; i < act->n; i++) {
		reason = emit_one(t, conf, self, &act->emit[i], nonce);
		if (reason)
			teredo_count_drop(t, reason);
	}
}

void teredo_release_queue(struct teredo_dev *t, struct teredo_peer *peer,
			  struct sk_buff_head *queue)
{
	const struct teredo_conf *conf = rcu_dereference(t->conf);
	u64 dest = READ_ONCE(peer->dest);
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(queue))) {
		if (TEREDO_CB(skb)->received) {
			/* Only what came from where the test came back from. */
			if (teredo_dest(TEREDO_CB(skb)->from, 0) == dest) {
				teredo_deliver(t, peer, skb);
			} else {
				teredo_count_drop(t, TEREDO_REASON_UNVERIFIED);
				kfree_skb(skb);
			}
		} else if (dest) {
			xmit_data(t, conf, skb, dest);
		} else {
			drop_tx(t, skb, TEREDO_REASON_PEER_UNREACHABLE);
		}
	}
}

void teredo_fail_queue(struct teredo_dev *t, struct sk_buff_head *queue,
		       enum teredo_reason reason)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(queue))) {
		if (TEREDO_CB(skb)->received) {
			teredo_count_drop(t, TEREDO_REASON_UNVERIFIED);
			kfree_skb(skb);
		} else {
			drop_tx(t, skb, reason);
		}
	}
}

static void xmit_slow(struct teredo_dev *t, const struct teredo_conf *conf,
		      const struct teredo_self *self, struct teredo_peer *peer,
		      struct sk_buff *skb, u64 now)
{
	const struct in6_addr *daddr = &ipv6_hdr(skb)->daddr;
	enum teredo_reason reason = TEREDO_REASON_NONE;
	enum teredo_verdict verdict;
	struct teredo_actions act;
	u8 nonce[TEREDO_ECHO_DATA];
	u64 dest;

	if (!peer) {
		/* RFC 4380 section 7.3.5: one source may not take all. */
		u32 who = (u32)ipv6_addr_hash(&ipv6_hdr(skb)->saddr);

		peer = teredo_peer_get(t, conf, self, daddr,
				       TEREDO_BUDGET_NEW_PATH, who, now,
				       &reason);
		if (!peer) {
			drop_tx(t, skb, reason);
			return;
		}
	}
	spin_lock_bh(&peer->lock);
	verdict = teredo_output(self, &conf->env, &peer->path, now, &act);
	memcpy(nonce, peer->path.nonce, sizeof(nonce));
	if (act.n)
		teredo_peer_sync(t, peer);
	dest = peer->dest;
	if (verdict == TEREDO_QUEUE) {
		TEREDO_CB(skb)->received = false;
		if (!teredo_peer_queue(t, peer, skb)) {
			verdict = TEREDO_DROP;
			act.reason = TEREDO_REASON_QUEUE_FULL;
		}
	}
	spin_unlock_bh(&peer->lock);

	if (verdict == TEREDO_SEND) {
		teredo_control_asked(t, now);
		xmit_data(t, conf, skb, dest);
	} else if (verdict == TEREDO_DROP) {
		drop_tx(t, skb, act.reason);
	}
	teredo_emit(t, conf, &act, nonce);
}

netdev_tx_t teredo_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct teredo_dev *t = netdev_priv(dev);
	const struct teredo_self *self;
	const struct teredo_conf *conf;
	const struct ipv6hdr *ip6;
	enum teredo_reason reason;
	struct teredo_peer *peer;
	u64 now = teredo_now();
	u64 dest;

	rcu_read_lock();
	conf = rcu_dereference(t->conf);
	self = rcu_dereference(t->self);
	reason = TEREDO_REASON_NOT_IPV6;
	if (unlikely(skb->protocol != htons(ETH_P_IPV6) ||
		     !pskb_network_may_pull(skb, sizeof(*ip6)) ||
		     ipv6_hdr(skb)->version != 6))
		goto drop;
	ip6 = ipv6_hdr(skb);
	reason = teredo_output_check(self, &ip6->saddr, &ip6->daddr);
	if (unlikely(reason))
		goto drop;

	peer = teredo_peer_lookup(t, &ip6->daddr);
	if (likely(peer)) {
		dest = READ_ONCE(peer->dest);
		if (likely(dest && now - READ_ONCE(peer->path.last_rx) <
				   TEREDO_EARLY_S * TEREDO_SEC)) {
			stamp(t, peer, now);
			xmit_data(t, conf, skb, dest);
			goto out;
		}
	}
	xmit_slow(t, conf, self, peer, skb, now);
out:
	rcu_read_unlock();
	return NETDEV_TX_OK;
drop:
	drop_tx(t, skb, reason);
	goto out;
}
