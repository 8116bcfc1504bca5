// SPDX-License-Identifier: GPL-2.0
#include <linux/icmpv6.h>
#include <linux/ipv6.h>
#include <linux/netfilter_ipv6.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>

#include "core/addr.h"
#include "core/reasons.h"
#include "facts.h"
#include "hook.h"
#include "log.h"
#include "reject.h"
#include "track.h"

/* FW-60, FW-61: what is asked here may be answered by anyone on the link. */
static void remember(struct icf6_net *n, const struct sk_buff *skb,
		     const struct icf6_seen *s)
{
	bool udp = s->p.proto == ICF6_UDP;
	u64 now;

	if (!icf6_multicast(&ipv6_hdr(skb)->daddr) ||
	    s->p.facts & (ICF6_F_HEADERS | ICF6_F_LOOPBACK))
		return;
	if (udp ? !icf6_wants_replies(s->rules->rules.options) :
	    s->p.proto != ICF6_ICMP6 || s->p.type != ICMPV6_ECHO_REQUEST)
		return;
	now = ktime_get_boottime_ns();
	spin_lock_bh(&n->asked_lock);
	icf6_asked_add(n->asked, s->rules->ifindex, s->p.proto,
		       udp ? s->p.sport : s->echo_id, now);
	WRITE_ONCE(n->asked_until, now + ICF6_ASKED_TIME);
	spin_unlock_bh(&n->asked_lock);
}

static unsigned int judge(struct icf6_net *n, struct sk_buff *skb,
			  const struct nf_hook_state *state, enum icf6_dir dir)
{
	enum icf6_reason reason;
	struct icf6_seen s;

	icf6_look(n, skb, state, dir, &s);
	reason = icf6_verdict(&s.p, &s.rules->rules);
	this_cpu_inc(s.rules->stats->packets[dir][reason]);
	if (likely(icf6_reason_accepts(reason))) {
		if (dir == ICF6_DIR_OUT)
			remember(n, skb, &s);
		return NF_ACCEPT;
	}
	if (s.policy->log & ICF6_LOG_DROPS)
		icf6_log(n, ICF6_ACTION_DROP, reason, skb, &s);
	if (s.rules->rules.reject && dir == ICF6_DIR_IN &&
	    icf6_reject_later(n, skb, reason, &s))
		return NF_STOLEN;
	return NF_DROP;
}

static unsigned int hook_in(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	return judge(priv, skb, state, ICF6_DIR_IN);
}

static unsigned int hook_out(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	return judge(priv, skb, state, ICF6_DIR_OUT);
}

static unsigned int hook_forward(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	return judge(priv, skb, state, ICF6_DIR_FORWARD);
}

/*
 * Just before conntrack confirms a flow, and only for the packet that it will
 * be confirmed with: what others dropped is not logged as open, and nothing
 * is logged twice (FW-43).
 */
static unsigned int hook_open(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	bool in = state->hook == NF_INET_LOCAL_IN;
	enum icf6_dir dir = in ? ICF6_DIR_IN : ICF6_DIR_OUT;
	enum ip_conntrack_info ctinfo;
	struct icf6_net *n = priv;
	struct icf6_seen s;
	struct nf_conn *ct;

	ct = nf_ct_get(skb, &ctinfo);
	if (!ct || ctinfo != IP_CT_NEW || nf_ct_is_confirmed(ct) ||
	    nf_ct_is_template(ct))
		return NF_ACCEPT;
	if (!in && IP6CB(skb)->flags & IP6SKB_FORWARDED)
		return NF_ACCEPT;
	icf6_look(n, skb, state, dir, &s);
	if (s.p.facts & (ICF6_F_LOOPBACK | ICF6_F_HEADERS) ||
	    !(s.policy->log & ICF6_LOG_OPENS))
		return NF_ACCEPT;
	icf6_label_set(ct);
	icf6_log(n, in ? ICF6_ACTION_OPEN_INBOUND : ICF6_ACTION_OPEN,
		 icf6_verdict(&s.p, &s.rules->rules), skb, &s);
	return NF_ACCEPT;
}

const struct nf_hook_ops icf6_filter_ops[ICF6_FILTER_OPS] = {
	{
		.hook = hook_in,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP6_PRI_FILTER - 1,
	}, {
		.hook = hook_out,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP6_PRI_FILTER - 1,
	},
};

const struct nf_hook_ops icf6_forward_ops[ICF6_FORWARD_OPS] = {
	{
		.hook = hook_forward,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_FORWARD,
		.priority = NF_IP6_PRI_FILTER - 1,
	},
};

/* Conntrack confirms at LAST - 1 and at LAST. */
const struct nf_hook_ops icf6_open_ops[ICF6_OPEN_OPS] = {
	{
		.hook = hook_open,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP6_PRI_LAST - 2,
	}, {
		.hook = hook_open,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_POST_ROUTING,
		.priority = NF_IP6_PRI_LAST - 1,
	},
};
