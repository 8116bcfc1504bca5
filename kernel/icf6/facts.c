// SPDX-License-Identifier: GPL-2.0
/*
 * From a packet and its surroundings to struct icf6_packet.
 */
#include <linux/icmpv6.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/addrconf.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_socket.h>
#include <net/sock.h>

#include "core/addr.h"
#include "facts.h"
#include "policy.h"

/*
 * To the header that is none of RFC 8200 section 4, which is also the one by
 * which conntrack knows the flow.
 */
static int find_transport(const struct sk_buff *skb, struct icf6_packet *p)
{
	int off = skb_network_offset(skb) + sizeof(struct ipv6hdr);
	u8 nexthdr = ipv6_hdr(skb)->nexthdr;
	struct frag_hdr buf;
	const u8 *h;
	int i;

	for (i = 0; i <= ICF6_HEADERS_MAX; i++) {
		if (!ipv6_ext_hdr(nexthdr) || nexthdr == NEXTHDR_NONE) {
			p->proto = nexthdr;
			return off;
		}
		h = skb_header_pointer(skb, off, sizeof(buf), &buf);
		if (!h)
			return -1;
		switch (nexthdr) {
		case NEXTHDR_FRAGMENT:
			/* Conntrack put fragments together; none is left. */
			if (((const struct frag_hdr *)h)->frag_off &
			    htons(~7))
				return -1;
			off += sizeof(struct frag_hdr);
			break;
		case NEXTHDR_AUTH:
			p->facts |= ICF6_F_AH;
			off += (h[1] + 2) << 2;
			break;
		case NEXTHDR_ROUTING:
			if (!h[2])
				p->facts |= ICF6_F_RH0;
			fallthrough;
		default:
			off += (h[1] + 1) << 3;
		}
		nexthdr = h[0];
	}
	return -1;
}

static bool look_tcp(const struct sk_buff *skb, struct icf6_seen *s)
{
	struct tcphdr buf;
	const struct tcphdr *th;

	th = skb_header_pointer(skb, s->transport, sizeof(buf), &buf);
	if (!th)
		return false;
	s->p.sport = ntohs(th->source);
	s->p.dport = ntohs(th->dest);
	if (th->syn && !th->ack && !th->rst)
		s->p.facts |= ICF6_F_SYN;
	/* RFC 9293 section 3.5.2: a SYN has no ACK to take the number from. */
	if (th->rst && th->ack && !th->seq)
		s->p.facts |= ICF6_F_RST_TO_SYN;
	return true;
}

static bool look_udp(const struct sk_buff *skb, struct icf6_seen *s)
{
	__be16 buf[2];
	const __be16 *ports;

	ports = skb_header_pointer(skb, s->transport, sizeof(buf), buf);
	if (!ports)
		return false;
	s->p.sport = ntohs(ports[0]);
	s->p.dport = ntohs(ports[1]);
	return true;
}

static bool look_icmp(const struct sk_buff *skb, struct icf6_seen *s)
{
	struct icmp6hdr buf;
	const struct icmp6hdr *icmp;

	icmp = skb_header_pointer(skb, s->transport, sizeof(buf), &buf);
	if (!icmp)
		return false;
	s->p.type = icmp->icmp6_type;
	s->p.code = icmp->icmp6_code;
	s->echo_id = ntohs(icmp->icmp6_identifier);
	return true;
}

static void look_headers(const struct sk_buff *skb, struct icf6_seen *s)
{
	bool whole = true;

	s->p.hop_limit = ipv6_hdr(skb)->hop_limit;
	s->transport = find_transport(skb, &s->p);
	if (s->transport < 0)
		whole = false;
	else if (s->p.proto == ICF6_TCP)
		whole = look_tcp(skb, s);
	else if (s->p.proto == ICF6_UDP)
		whole = look_udp(skb, s);
	else if (s->p.proto == ICF6_ICMP6)
		whole = look_icmp(skb, s);
	if (!whole)
		s->p.facts |= ICF6_F_HEADERS;
}

static void look_state(const struct sk_buff *skb, struct icf6_packet *p)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!ct) {
		p->state = ctinfo == IP_CT_UNTRACKED ? ICF6_STATE_UNTRACKED :
						       ICF6_STATE_INVALID;
		return;
	}
	switch (ctinfo) {
	case IP_CT_ESTABLISHED:
	case IP_CT_ESTABLISHED_REPLY:
		p->state = ICF6_STATE_ESTABLISHED;
		return;
	case IP_CT_RELATED_REPLY:
		if (!test_bit(IPS_SEEN_REPLY_BIT, &ct->status))
			p->facts |= ICF6_F_UNANSWERED;
		fallthrough;
	case IP_CT_RELATED:
		p->state = ICF6_STATE_RELATED;
		return;
	default:
		/* A rule gave an invalid packet a template: not a flow. */
		p->state = nf_ct_is_template(ct) ? ICF6_STATE_INVALID :
						   ICF6_STATE_NEW;
	}
}

/*
 * FW-83. A link-local address is this host's on one link and may be another's
 * on the next, and so may any address in another VRF.
 */
static bool spoofed(struct net *net, const struct icf6_seen *s,
		    const struct in6_addr *saddr)
{
	if (s->p.facts & ICF6_F_SRC_LINK_LOCAL)
		return ipv6_chk_addr(net, saddr, s->dev, 1);
	return ipv6_chk_addr_and_flags(net, saddr, s->dev, true, 0,
				       IFA_F_TENTATIVE);
}

static bool asked(struct icf6_net *n, const struct sk_buff *skb,
		  const struct icf6_seen *s)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	bool udp = s->p.proto == ICF6_UDP, found;
	u64 now;

	if (s->p.dir != ICF6_DIR_IN || !READ_ONCE(n->asked_until) ||
	    icf6_multicast(&ip6->daddr))
		return false;
	now = ktime_get_boottime_ns();
	if (now >= READ_ONCE(n->asked_until))
		return false;
	/* FW-60: from the link; groups of an echo may reach beyond it. */
	if (udp && !(s->p.facts & ICF6_F_SRC_LINK_LOCAL) &&
	    !ipv6_chk_prefix(&ip6->saddr, (struct net_device *)s->dev))
		return false;
	spin_lock_bh(&n->asked_lock);
	found = icf6_asked_find(n->asked, s->rules->ifindex, s->p.proto,
				udp ? s->p.dport : s->echo_id, now);
	spin_unlock_bh(&n->asked_lock);
	return found;
}

/*
 * What @test says of the socket that would get the packet. A kernel that
 * cannot look (NF_SOCKET_IPV6) has none that would say yes.
 */
static bool socket_is(struct net *net, const struct sk_buff *skb,
		      const struct icf6_seen *s,
		      bool (*test)(const struct sock *sk,
				   const struct icf6_policy *policy))
{
	struct sock *sk = NULL;
	bool is;

	if (IS_REACHABLE(CONFIG_NF_SOCKET_IPV6))
		sk = nf_sk_lookup_slow_v6(net, skb, s->dev);
	if (!sk)
		return false;
	is = test(sk, s->policy);
	if (sk != skb->sk)
		sock_gen_put(sk);
	return is;
}

/* FW-72 */
static bool consents(const struct sock *sk, const struct icf6_policy *policy)
{
	return sk_fullsock(sk) && READ_ONCE(sk->sk_mark) & policy->edge_mark;
}

/* A listener would answer with RST, and tell that there is a host. */
static bool connected(const struct sock *sk, const struct icf6_policy *policy)
{
	return READ_ONCE(sk->sk_state) != TCP_LISTEN;
}

/* Of an inbound packet that is part of no flow. */
static void look_closer(struct icf6_net *n, const struct sk_buff *skb,
			struct icf6_seen *s)
{
	const struct icf6_policy_dev *d = s->rules;
	struct icf6_packet *p = &s->p;

	switch (p->proto) {
	case ICF6_ICMP6:
		if (p->type == ICMPV6_ECHO_REPLY && asked(n, skb, s))
			p->facts |= ICF6_F_ASKED;
		if (p->type == ICMPV6_EXT_ECHO_REQUEST &&
		    READ_ONCE(n->net->ipv4.sysctl_icmp_echo_enable_probe))
			p->facts |= ICF6_F_PROBE;
		return;
	case ICF6_UDP:
		if (icf6_wants_replies(d->rules.options) && asked(n, skb, s))
			p->facts |= ICF6_F_ASKED;
		break;
	case ICF6_TCP:
		if (p->state == ICF6_STATE_NEW && !(p->facts & ICF6_F_SYN) &&
		    s->policy->grace_until &&
		    ktime_get_boottime_ns() < s->policy->grace_until &&
		    socket_is(n->net, skb, s, connected))
			p->facts |= ICF6_F_GRACE;
		break;
	default:
		return;
	}
	p->facts |= icf6_port_facts(&s->policy->shared->map, d->open,
				    d->ignored, p->proto, p->dport);
	if (d->rules.edge && s->policy->edge_mark &&
	    (p->facts & (ICF6_F_OPEN_APP | ICF6_F_OPEN_EDGE)) ==
	    ICF6_F_OPEN_APP && socket_is(n->net, skb, s, consents))
		p->facts |= ICF6_F_CONSENT;
}

/*
 * Below a VRF the packet seems to come from the master, but the policy is the
 * slave's. Only what the host sends to itself has the master as its origin.
 */
static u32 arrived_on(const struct sk_buff *skb, const struct net_device *dev,
		      bool *loopback)
{
	if (!netif_is_l3_master(dev))
		return dev->ifindex;
	*loopback = IP6CB(skb)->iif == dev->ifindex;
	return IP6CB(skb)->iif;
}

void icf6_look(struct icf6_net *n, const struct sk_buff *skb,
	       const struct nf_hook_state *state, enum icf6_dir dir,
	       struct icf6_seen *s)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	struct icf6_packet *p = &s->p;
	bool loopback = false;
	u32 ifindex;

	memset(s, 0, sizeof(*s));
	s->transport = -1;
	p->dir = dir;
	s->dev = dir == ICF6_DIR_OUT ? state->out : state->in;
	s->policy = rcu_dereference(n->policy);
	ifindex = dir == ICF6_DIR_OUT ? s->dev->ifindex :
					arrived_on(skb, s->dev, &loopback);
	s->rules = icf6_policy_dev(s->policy, ifindex);
	/* Own multicast comes back by the device that it was sent to. */
	if (loopback || s->dev->flags & IFF_LOOPBACK ||
	    (dir == ICF6_DIR_IN && skb->pkt_type == PACKET_LOOPBACK)) {
		p->facts = ICF6_F_LOOPBACK;
		return;
	}
	look_state(skb, p);
	look_headers(skb, s);
	p->facts |= icf6_source_facts(&ip6->saddr) |
		    icf6_dest_facts(&ip6->daddr, p->proto, p->dport);
	if (dir == ICF6_DIR_OUT)
		return;
	if (dir == ICF6_DIR_FORWARD &&
	    icf6_in_scope(&ip6->daddr, s->policy->mcast_boundary) &&
	    (s->rules->rules.firewalled ||
	     icf6_policy_dev(s->policy, state->out->ifindex)->rules.firewalled))
		p->facts |= ICF6_F_SCOPE;
	if (!s->rules->rules.firewalled)
		return;
	if (spoofed(n->net, s, &ip6->saddr))
		p->facts |= ICF6_F_SPOOFED;
	if (p->state != ICF6_STATE_ESTABLISHED &&
	    p->state != ICF6_STATE_RELATED && !(p->facts & ICF6_F_HEADERS))
		look_closer(n, skb, s);
}
