// SPDX-License-Identifier: GPL-2.0
#include <linux/icmpv6.h>
#include <linux/ipv6.h>
#include <net/ipv6.h>
#include <net/netfilter/ipv6/nf_reject.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "reject.h"

bool icf6_reject_later(struct icf6_net *n, struct sk_buff *skb,
		       enum icf6_reason reason, const struct icf6_seen *s)
{
	struct icf6_reject_queue *q = &n->reject;
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);

	if ((reason != ICF6_REASON_PORT && reason != ICF6_REASON_EDGE) ||
	    s->p.proto != ICF6_TCP || !(s->p.facts & ICF6_F_SYN) ||
	    ipv6_addr_is_multicast(&ip6->daddr))
		return false;
	spin_lock_bh(&q->lock);
	if (skb_queue_len(&q->skbs) >= ICF6_REJECT_MAX || !skb_dst_force(skb)) {
		spin_unlock_bh(&q->lock);
		return false;
	}
	nf_reset_ct(skb);
	skb_orphan(skb);
	/* When it is due; its control block is still needed for the answer. */
	skb->tstamp = ns_to_ktime(ktime_get_boottime_ns() +
				  ICF6_REJECT_SECONDS * ICF6_SEC);
	__skb_queue_tail(&q->skbs, skb);
	spin_unlock_bh(&q->lock);
	/* If it is pending already, that is for an earlier one. */
	schedule_delayed_work(&q->work, ICF6_REJECT_SECONDS * HZ);
	return true;
}

/* RFC 6092 REC-34: this host has sent a SYN of its own, RFC 9293 section 3.5. */
static bool tracked(struct net *net, struct sk_buff *skb)
{
	struct nf_conntrack_tuple_hash *h;
	struct nf_conntrack_tuple tuple;

	if (!nf_ct_get_tuplepr(skb, skb_network_offset(skb), NFPROTO_IPV6, net,
			       &tuple))
		return true;
	h = nf_conntrack_find_get(net, &nf_ct_zone_dflt, &tuple);
	if (!h)
		return false;
	nf_ct_put(nf_ct_tuplehash_to_ctrack(h));
	return true;
}

static struct sk_buff *next_due(struct icf6_reject_queue *q, u64 now)
{
	struct sk_buff *skb;

	spin_lock_bh(&q->lock);
	skb = skb_peek(&q->skbs);
	if (skb && ktime_to_ns(skb->tstamp) <= now)
		__skb_unlink(skb, &q->skbs);
	else
		skb = NULL;
	spin_unlock_bh(&q->lock);
	return skb;
}

static void answer_due(struct work_struct *work)
{
	struct icf6_net *n = container_of(to_delayed_work(work),
					  struct icf6_net, reject.work);
	struct icf6_reject_queue *q = &n->reject;
	u64 now = ktime_get_boottime_ns(), due = 0;
	struct sk_buff *skb;
	unsigned int i;

	/*
	 * Those of a scan are due all at once, and more than the queues on the
	 * way take in one go: the rest waits for the next tick.
	 *
	 * Softirqs off, as icmpv6_send() is used to. The device is there: RCU
	 * keeps it from being freed, and icf6_reject_forget() comes first.
	 */
	for (i = 0; i < ICF6_REJECT_BATCH; i++) {
		rcu_read_lock();
		local_bh_disable();
		skb = next_due(q, now);
		if (skb && !tracked(n->net, skb))
			nf_send_unreach6(n->net, skb, ICMPV6_ADM_PROHIBITED,
					 NF_INET_LOCAL_IN);
		local_bh_enable();
		rcu_read_unlock();
		if (!skb)
			break;
		kfree_skb(skb);
	}
	spin_lock_bh(&q->lock);
	skb = skb_peek(&q->skbs);
	if (skb)
		due = max_t(u64, ktime_to_ns(skb->tstamp), now);
	spin_unlock_bh(&q->lock);
	if (due)
		schedule_delayed_work(&q->work,
				      nsecs_to_jiffies(due - now) + 1);
}

void icf6_reject_forget(struct icf6_net *n, const struct net_device *dev)
{
	struct icf6_reject_queue *q = &n->reject;
	struct sk_buff *skb, *next;
	struct sk_buff_head gone;

	__skb_queue_head_init(&gone);
	spin_lock_bh(&q->lock);
	skb_queue_walk_safe(&q->skbs, skb, next) {
		if (skb->dev != dev)
			continue;
		__skb_unlink(skb, &q->skbs);
		__skb_queue_tail(&gone, skb);
	}
	spin_unlock_bh(&q->lock);
	__skb_queue_purge(&gone);
}

void icf6_reject_init(struct icf6_net *n)
{
	spin_lock_init(&n->reject.lock);
	__skb_queue_head_init(&n->reject.skbs);
	INIT_DELAYED_WORK(&n->reject.work, answer_due);
}

void icf6_reject_stop(struct icf6_net *n)
{
	cancel_delayed_work_sync(&n->reject.work);
	__skb_queue_purge(&n->reject.skbs);
}
