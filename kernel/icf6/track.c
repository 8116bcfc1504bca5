// SPDX-License-Identifier: GPL-2.0
#include <net/addrconf.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_l4proto.h>
#include <net/netfilter/nf_conntrack_labels.h>

#include "policy.h"
#include "track.h"

enum { LABEL_WORDS = NF_CT_LABELS_MAX_SIZE / sizeof(u32) };

int icf6_label_get(struct net *net)
{
	return nf_connlabels_get(net, ICF6_CT_LABEL_BIT);
}

void icf6_label_put(struct net *net)
{
	nf_connlabels_put(net);
}

void icf6_label_set(struct nf_conn *ct)
{
	u32 label[LABEL_WORDS] = {
		[ICF6_CT_LABEL_BIT / 32] = 1U << ICF6_CT_LABEL_BIT % 32,
	};

	/* A flow without room for labels was there before the log was on. */
	nf_connlabels_replace(ct, label, label, LABEL_WORDS);
}

struct flush {
	struct icf6_net *n;
	const struct icf6_map *which;
};

static bool is_open(struct icf6_net *n, u32 ifindex, u8 proto, u16 port)
{
	const struct icf6_policy_dev *d;
	const struct icf6_policy *p;
	bool open;

	rcu_read_lock();
	p = rcu_dereference(n->policy);
	d = icf6_policy_dev(p, ifindex);
	open = !d->rules.firewalled ||
	       icf6_port_facts(&p->shared->map, d->open, d->ignored, proto,
			       port);
	rcu_read_unlock();
	return open;
}

static int to_closed_port(struct nf_conn *ct, void *data)
{
	const struct nf_conntrack_tuple *t = nf_ct_tuple(ct, IP_CT_DIR_ORIGINAL);
	u8 proto = nf_ct_protonum(ct);
	const struct net_device *dev;
	struct flush *f = data;
	u32 ifindex = 0;
	u16 port;

	if (nf_ct_l3num(ct) != NFPROTO_IPV6 ||
	    (proto != ICF6_TCP && proto != ICF6_UDP))
		return 0;
	port = ntohs(t->dst.u.all);
	if (f->which && !icf6_port_facts(f->which, NULL, NULL, proto, port))
		return 0;
	/* Ours is the address that the flow came to, and not where it began. */
	if (ipv6_chk_addr(f->n->net, &t->src.u3.in6, NULL, 0))
		return 0;
	rcu_read_lock();
	dev = ipv6_dev_find(f->n->net, &t->dst.u3.in6, NULL);
	if (dev)
		ifindex = dev->ifindex;
	rcu_read_unlock();
	return dev && !is_open(f->n, ifindex, proto, port);
}

void icf6_flush(struct icf6_net *n, const struct icf6_map *which)
{
	struct flush f = { .n = n, .which = which };
	struct nf_ct_iter_data data = { .net = n->net, .data = &f };

	nf_ct_iterate_cleanup_net(to_closed_port, &data);
}

int icf6_timeouts(struct net *net, struct icf6_timeout out[ICF6_TIMEOUTS])
{
	const unsigned int *udp = nf_udp_pernet(net)->timeouts;
	const unsigned int *tcp = nf_tcp_pernet(net)->timeouts;
	const struct {
		const char *name;
		unsigned int value;
		u32 wanted;
	} all[ICF6_TIMEOUTS] = {
		/* RFC 6092 REC-14 and REC-35 */
		{ "nf_conntrack_udp_timeout", udp[UDP_CT_UNREPLIED], 300 },
		{ "nf_conntrack_udp_timeout_stream", udp[UDP_CT_REPLIED], 300 },
		{ "nf_conntrack_tcp_timeout_established",
		  tcp[TCP_CONNTRACK_ESTABLISHED], 7440 },
		{ "nf_conntrack_tcp_timeout_syn_sent",
		  tcp[TCP_CONNTRACK_SYN_SENT], 240 },
		{ "nf_conntrack_tcp_timeout_syn_recv",
		  tcp[TCP_CONNTRACK_SYN_RECV], 240 },
		{ "nf_conntrack_tcp_timeout_fin_wait",
		  tcp[TCP_CONNTRACK_FIN_WAIT], 240 },
		{ "nf_conntrack_tcp_timeout_close_wait",
		  tcp[TCP_CONNTRACK_CLOSE_WAIT], 240 },
		{ "nf_conntrack_tcp_timeout_last_ack",
		  tcp[TCP_CONNTRACK_LAST_ACK], 240 },
		{ "nf_conntrack_tcp_timeout_time_wait",
		  tcp[TCP_CONNTRACK_TIME_WAIT], 240 },
	};
	int i, count = 0;

	for (i = 0; i < ICF6_TIMEOUTS; i++) {
		if (all[i].value / HZ >= all[i].wanted)
			continue;
		out[count].name = all[i].name;
		out[count].value = all[i].value / HZ;
		out[count++].wanted = all[i].wanted;
	}
	return count;
}
