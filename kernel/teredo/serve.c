// SPDX-License-Identifier: GPL-2.0
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/ip_tunnels.h>
#include <net/route.h>
#include <net/udp_tunnel.h>

#include "core/server.h"
#include "receive.h"
#include "socket.h"

/* Under RCU: the socket of the address that an answer has to come from. */
static const struct teredo_sock *sock_of(struct teredo_dev *t, bool second)
{
	return second ? rcu_dereference(t->second) :
			rcu_dereference(t->service);
}

/* The answer is built where it will be sent from, in a single pass. */
static enum teredo_reason advertise(struct teredo_dev *t,
				    const struct teredo_conf *conf,
				    const struct teredo_packet *rs,
				    const struct teredo_server_out *out)
{
	const struct teredo_params *params = &conf->params;
	const struct teredo_sock *ts = sock_of(t, out->from_second);
	__be32 source = out->from_second ? params->server2 : params->server;
	struct sk_buff *skb;
	struct rtable *rt;
	int len;

	if (!ts)
		return TEREDO_REASON_NETNS_GONE;
	rt = teredo_route(t, ts, out->to, &source, 0);
	if (IS_ERR(rt))
		return teredo_route_reason(PTR_ERR(rt));
	skb = teredo_own_alloc(rt, TEREDO_CONTROL_MAX);
	if (!skb)
		goto err_put;
	len = teredo_build_ra(skb->data, rs, out->to, params, &conf->env);
	if (len < 0)
		goto err_free;
	__skb_put(skb, len);
	teredo_own_xmit(ts, rt, skb, source, out->to, 0);
	return TEREDO_REASON_NONE;

err_free:
	kfree_skb(skb);
err_put:
	ip_rt_put(rt);
	return TEREDO_REASON_NO_MEMORY;
}

/*
 * RFC 4380 section 5.3.1: the whole remainder, trailers included, goes on as
 * it is. The skb is used again: only its outer headers are new.
 */
static void forward(struct teredo_dev *t, const struct teredo_conf *conf,
		    struct sk_buff *skb, const struct teredo_packet *pkt,
		    struct teredo_endpoint from,
		    const struct teredo_server_out *out)
{
	const struct teredo_sock *ts = sock_of(t, false);
	__be32 source = conf->params.server;
	struct rtable *rt;

	rt = ts ? teredo_route(t, ts, out->to, &source, 0) :
		  ERR_PTR(-ENONET);
	if (IS_ERR(rt)) {
		teredo_drop_rx(t, skb, teredo_route_reason(PTR_ERR(rt)));
		return;
	}
	if (iptunnel_pull_header(skb, sizeof(struct udphdr) + pkt->ip6_off,
				 htons(ETH_P_IPV6), true) ||
	    skb_cow_head(skb, LL_RESERVED_SPACE(rt->dst.dev) +
			 rt->dst.header_len + sizeof(struct iphdr) +
			 sizeof(struct udphdr) + TEREDO_ORIGIN_LEN)) {
		ip_rt_put(rt);
		teredo_drop_rx(t, skb, TEREDO_REASON_NO_MEMORY);
		return;
	}
	if (out->origin)
		teredo_build_origin(skb_push(skb, TEREDO_ORIGIN_LEN), from);
	skb->ip_summed = CHECKSUM_NONE;
	skb->encapsulation = 0;
	/* Not the device's data: its packet counters stay out of it. */
	skb->dev = NULL;
	skb_reset_inner_headers(skb);
	teredo_count(t, TEREDO_COUNT_FORWARDED);
	teredo_xmit_udp(t, ts, rt, skb, source, out->to, 0, 0);
}

void teredo_serve(struct teredo_dev *t, const struct teredo_conf *conf,
		  const struct teredo_sock *ts, struct sk_buff *skb,
		  struct teredo_endpoint from)
{
	struct teredo_server_out out;
	struct teredo_packet pkt;
	enum teredo_reason reason;
	unsigned int end;
	const u8 *data;

	if (skb_linearize(skb)) {
		teredo_drop_rx(t, skb, TEREDO_REASON_NO_MEMORY);
		return;
	}
	data = skb->data + sizeof(struct udphdr);
	reason = teredo_packet_parse(&pkt, data,
				     skb->len - sizeof(struct udphdr));
	if (reason) {
		teredo_drop_rx(t, skb, reason);
		return;
	}
	if (pkt.trailer_len)
		teredo_count(t, TEREDO_COUNT_TRAILERS);

	switch (teredo_server_input(&conf->params, &conf->env, from,
				    ts->second, &pkt, data, &out)) {
	case TEREDO_SERVER_ADVERTISE:
		teredo_count(t, TEREDO_COUNT_RS_RX);
		/* RFC 4380 section 7.4.1: the source may be a lie. */
		if (!teredo_may_answer(t, conf, out.to.ip)) {
			teredo_drop_rx(t, skb, TEREDO_REASON_RATE_LIMITED);
			return;
		}
		reason = advertise(t, conf, &pkt, &out);
		if (reason)
			teredo_count_drop(t, reason);
		else
			teredo_count(t, TEREDO_COUNT_RA_TX);
		consume_skb(skb);
		break;
	case TEREDO_SERVER_FORWARD:
		if (!teredo_may_answer(t, conf, out.to.ip) ||
		    (out.unproven &&
		     !teredo_ratelimit(t, TEREDO_BUDGET_UNPROVEN,
				       (__force u32)out.claimed.ip,
				       TEREDO_UNPROVEN_RATE,
				       TEREDO_UNPROVEN_RATE))) {
			teredo_drop_rx(t, skb, TEREDO_REASON_RATE_LIMITED);
			return;
		}
		forward(t, conf, skb, &pkt, from, &out);
		break;
	case TEREDO_SERVER_DELIVER:
		end = sizeof(struct udphdr) + pkt.ip6_off + pkt.ip6_len;
		if (skb->len > end && pskb_trim_rcsum(skb, end)) {
			teredo_drop_rx(t, skb, TEREDO_REASON_NO_MEMORY);
			return;
		}
		if (teredo_decapsulate(t, skb,
				       sizeof(struct udphdr) + pkt.ip6_off))
			teredo_deliver(t, NULL, skb);
		break;
	default:
		teredo_drop_rx(t, skb, out.reason);
		break;
	}
}
