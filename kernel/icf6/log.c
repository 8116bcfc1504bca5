// SPDX-License-Identifier: GPL-2.0
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/genetlink.h>

#include "core/reasons.h"
#include "log.h"
#include "netlink.h"

/* All attributes at their longest come to some 330 bytes. */
enum { LOG_MSG_SIZE = 512, TCP_FLAGS = 13 };

static void lose(struct icf6_log *log, u64 count)
{
	spin_lock_bh(&log->lock);
	log->lost += count;
	log->lost_ever += count;
	spin_unlock_bh(&log->lock);
	schedule_delayed_work(&log->work, HZ);
}

static int put_tcp(struct sk_buff *msg, const struct sk_buff *skb, int offset)
{
	struct tcphdr buf;
	const struct tcphdr *th;

	th = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!th)
		return 0;
	return nla_put_u8(msg, ICF6_A_LOG_TCP_FLAGS,
			  ((const u8 *)th)[TCP_FLAGS]) ||
	       nla_put_u32(msg, ICF6_A_LOG_TCP_SEQ, ntohl(th->seq)) ||
	       nla_put_u32(msg, ICF6_A_LOG_TCP_ACK, ntohl(th->ack_seq)) ||
	       nla_put_u16(msg, ICF6_A_LOG_TCP_WIN, ntohs(th->window)) ?
	       -EMSGSIZE : 0;
}

static int put_transport(struct sk_buff *msg, const struct sk_buff *skb,
			 const struct icf6_seen *s)
{
	const struct icf6_packet *p = &s->p;

	if (p->facts & ICF6_F_HEADERS)
		return 0;
	switch (p->proto) {
	case ICF6_ICMP6:
		return nla_put_u8(msg, ICF6_A_LOG_ICMP_TYPE, p->type) ||
		       nla_put_u8(msg, ICF6_A_LOG_ICMP_CODE, p->code);
	case ICF6_TCP:
	case ICF6_UDP:
		if (nla_put_u16(msg, ICF6_A_LOG_SPORT, p->sport) ||
		    nla_put_u16(msg, ICF6_A_LOG_DPORT, p->dport))
			return -EMSGSIZE;
		return p->proto == ICF6_TCP ?
		       put_tcp(msg, skb, s->transport) : 0;
	}
	return 0;
}

static int put_packet(struct sk_buff *msg, enum icf6_reason reason,
		      const struct sk_buff *skb, const struct icf6_seen *s)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);

	return nla_put_u8(msg, ICF6_A_LOG_REASON, reason) ||
	       nla_put_string(msg, ICF6_A_LOG_REASON_NAME,
			      icf6_reason_name(reason)) ||
	       nla_put_u8(msg, ICF6_A_LOG_DIR, s->p.dir) ||
	       nla_put_u32(msg, ICF6_A_LOG_IFINDEX, s->dev->ifindex) ||
	       nla_put_string(msg, ICF6_A_LOG_IFNAME, s->dev->name) ||
	       nla_put_u8(msg, ICF6_A_LOG_PROTO, s->p.proto) ||
	       nla_put_in6_addr(msg, ICF6_A_LOG_SRC, &ip6->saddr) ||
	       nla_put_in6_addr(msg, ICF6_A_LOG_DST, &ip6->daddr) ||
	       nla_put_u32(msg, ICF6_A_LOG_SIZE, skb->len) ||
	       put_transport(msg, skb, s) ? -EMSGSIZE : 0;
}

/* @s: NULL for the record about lost ones. */
static int send(struct icf6_net *n, enum icf6_action action,
		enum icf6_reason reason, const struct sk_buff *skb,
		const struct icf6_seen *s, u64 lost)
{
	struct sk_buff *msg;
	struct nlattr *nest;
	void *hdr;

	msg = genlmsg_new(LOG_MSG_SIZE, GFP_ATOMIC);
	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put(msg, 0, 0, &icf6_family, 0, ICF6_CMD_LOG_NTF);
	nest = hdr ? nla_nest_start(msg, ICF6_A_LOG) : NULL;
	if (!nest ||
	    nla_put_u64_64bit(msg, ICF6_A_LOG_TIME, ktime_get_real_ns(),
			      ICF6_A_LOG_PAD) ||
	    nla_put_u8(msg, ICF6_A_LOG_ACTION, action) ||
	    (s ? put_packet(msg, reason, skb, s) :
		 nla_put_u64_64bit(msg, ICF6_A_LOG_LOST, lost,
				   ICF6_A_LOG_PAD))) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	genlmsg_end(msg, hdr);
	return genlmsg_multicast_netns(&icf6_family, n->net, msg, 0,
				       ICF6_GROUP_LOG, GFP_ATOMIC);
}

void icf6_log(struct icf6_net *n, enum icf6_action action,
	      enum icf6_reason reason, const struct sk_buff *skb,
	      const struct icf6_seen *s)
{
	struct icf6_log *log = &n->log;
	bool may;
	int err;

	if (!genl_has_listeners(&icf6_family, n->net, ICF6_GROUP_LOG))
		return;
	spin_lock_bh(&log->lock);
	may = icf6_bucket_take(&log->bucket, s->policy->log_rate,
			       s->policy->log_burst, ktime_get_boottime_ns());
	spin_unlock_bh(&log->lock);
	err = may ? send(n, action, reason, skb, s, 0) : -EAGAIN;
	if (err && err != -ESRCH)
		lose(log, 1);
}

static void report_lost(struct work_struct *work)
{
	struct icf6_net *n = container_of(to_delayed_work(work),
					  struct icf6_net, log.work);
	struct icf6_log *log = &n->log;
	u64 lost;
	int err;

	spin_lock_bh(&log->lock);
	lost = log->lost;
	log->lost = 0;
	spin_unlock_bh(&log->lock);
	if (!lost)
		return;
	err = send(n, ICF6_ACTION_EVENTS_LOST, 0, NULL, NULL, lost);
	if (!err)
		return;
	spin_lock_bh(&log->lock);
	log->lost += lost;
	spin_unlock_bh(&log->lock);
	/* With the next that is lost, if nobody is there to be told. */
	if (err != -ESRCH)
		schedule_delayed_work(&log->work, HZ);
}

void icf6_log_init(struct icf6_net *n)
{
	spin_lock_init(&n->log.lock);
	INIT_DELAYED_WORK(&n->log.work, report_lost);
}

void icf6_log_stop(struct icf6_net *n)
{
	cancel_delayed_work_sync(&n->log.work);
	n->log.lost = 0;
	n->log.lost_ever = 0;
	n->log.bucket.full = 0;
}
