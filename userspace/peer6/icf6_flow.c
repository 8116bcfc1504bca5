// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "icf6_flow.h"

#define NONE	UINT32_MAX

struct entry {
	struct icf6_flow flow;
	uint32_t next;			/* in the bucket, or free */
	uint32_t older, newer;
	bool marked;
};

/* Entries by their index: a list by age, and one for each bucket. */
struct icf6_flows {
	uint32_t max, n;
	uint32_t free;
	uint32_t oldest, newest;
	uint64_t seed;
	uint32_t *buckets;		/* as many as entries, a power of two */
	uint32_t mask;
	struct entry *entries;
};

struct icf6_flows *icf6_flows_new(unsigned int max)
{
	struct icf6_flows *t = calloc(1, sizeof(*t));
	uint32_t i, size = 1;

	if (!t)
		return NULL;
	while (size < max)
		size *= 2;
	t->max = max;
	t->mask = size - 1;
	t->buckets = malloc(size * sizeof(*t->buckets));
	t->entries = calloc(max, sizeof(*t->entries));
	if (!t->buckets || !t->entries) {
		icf6_flows_free(t);
		return NULL;
	}
	for (i = 0; i < size; i++)
		t->buckets[i] = NONE;
	for (i = 0; i < max; i++)
		t->entries[i].next = i + 1 < max ? i + 1 : NONE;
	t->oldest = t->newest = NONE;
	/* Others choose addresses and ports; they shall not choose the bucket. */
	if (getrandom(&t->seed, sizeof(t->seed), GRND_NONBLOCK) < 0)
		t->seed = (uintptr_t)t;
	return t;
}

void icf6_flows_free(struct icf6_flows *t)
{
	if (!t)
		return;
	free(t->buckets);
	free(t->entries);
	free(t);
}

unsigned int icf6_flows_count(const struct icf6_flows *t)
{
	return t->n;
}

/* Without the padding behind the protocol. */
static bool same(const struct icf6_flow *a, const struct icf6_flow *b)
{
	return !memcmp(&a->src, &b->src, sizeof(a->src)) &&
	       !memcmp(&a->dst, &b->dst, sizeof(a->dst)) &&
	       a->sport == b->sport && a->dport == b->dport &&
	       a->proto == b->proto;
}

static uint64_t mix(uint64_t h, uint64_t value)
{
	h ^= value;
	h *= 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 29;
}

static uint32_t *bucket_of(const struct icf6_flows *t,
			   const struct icf6_flow *flow)
{
	uint64_t words[4], h = t->seed;
	int i;

	memcpy(words, &flow->src, 16);
	memcpy(words + 2, &flow->dst, 16);
	for (i = 0; i < 4; i++)
		h = mix(h, words[i]);
	h = mix(h, (uint64_t)flow->proto << 32 | (uint32_t)flow->sport << 16 |
		flow->dport);
	return &t->buckets[h & t->mask];
}

static uint32_t *find(const struct icf6_flows *t, const struct icf6_flow *flow)
{
	uint32_t *at = bucket_of(t, flow);

	while (*at != NONE && !same(&t->entries[*at].flow, flow))
		at = &t->entries[*at].next;
	return at;
}

/* @at: what points to it in its bucket. */
static void take_out(struct icf6_flows *t, uint32_t *at)
{
	uint32_t i = *at;
	struct entry *e = &t->entries[i];

	*at = e->next;
	if (e->older != NONE)
		t->entries[e->older].newer = e->newer;
	else
		t->oldest = e->newer;
	if (e->newer != NONE)
		t->entries[e->newer].older = e->older;
	else
		t->newest = e->older;
	e->next = t->free;
	t->free = i;
	t->n--;
}

bool icf6_flows_add(struct icf6_flows *t, const struct icf6_flow *flow,
		    struct icf6_flow *forgotten)
{
	uint32_t *at = find(t, flow), i;
	bool room = true;
	struct entry *e;

	/* The same ports again: the flow before has ended unheard. */
	if (*at != NONE && flow->sport)
		take_out(t, at);
	if (t->n == t->max) {
		*forgotten = t->entries[t->oldest].flow;
		take_out(t, find(t, forgotten));
		room = false;
	}
	i = t->free;
	e = &t->entries[i];
	t->free = e->next;
	at = bucket_of(t, flow);
	e->flow = *flow;
	e->marked = true;
	e->next = *at;
	*at = i;
	e->newer = NONE;
	e->older = t->newest;
	if (t->newest != NONE)
		t->entries[t->newest].newer = i;
	else
		t->oldest = i;
	t->newest = i;
	t->n++;
	return room;
}

bool icf6_flows_take(struct icf6_flows *t, const struct icf6_flow *flow)
{
	uint32_t *at = find(t, flow);

	if (*at == NONE)
		return false;
	take_out(t, at);
	return true;
}

void icf6_flows_sweep_begin(struct icf6_flows *t)
{
	uint32_t i;

	for (i = t->oldest; i != NONE; i = t->entries[i].newer)
		t->entries[i].marked = false;
}

void icf6_flows_sweep_mark(struct icf6_flows *t, const struct icf6_flow *flow)
{
	uint32_t i = *bucket_of(t, flow);

	for (; i != NONE; i = t->entries[i].next) {
		if (t->entries[i].marked || !same(&t->entries[i].flow, flow))
			continue;
		t->entries[i].marked = true;
		return;
	}
}

void icf6_flows_sweep_end(struct icf6_flows *t,
			  void (*gone)(const struct icf6_flow *flow,
				       void *arg), void *arg)
{
	struct icf6_flow flow;
	uint32_t i, next;

	for (i = t->oldest; i != NONE; i = next) {
		next = t->entries[i].newer;
		if (t->entries[i].marked)
			continue;
		flow = t->entries[i].flow;
		take_out(t, find(t, &flow));
		gone(&flow, arg);
	}
}

static uint16_t get_be16(struct nlattr *a)
{
	return a && nla_len(a) >= 2 ? ntohs(nla_get_u16(a)) : 0;
}

static bool get_addr(struct nlattr *a, struct in6_addr *addr)
{
	if (!a || nla_len(a) < (int)sizeof(*addr))
		return false;
	memcpy(addr, nla_data(a), sizeof(*addr));
	return true;
}

static bool parse_tuple(struct nlattr *nest, struct icf6_flow *flow)
{
	struct nlattr *tb[CTA_TUPLE_MAX + 1], *ip[CTA_IP_MAX + 1];
	struct nlattr *proto[CTA_PROTO_MAX + 1];

	if (nla_parse_nested(tb, CTA_TUPLE_MAX, nest, NULL) ||
	    !tb[CTA_TUPLE_IP] || !tb[CTA_TUPLE_PROTO] ||
	    nla_parse_nested(ip, CTA_IP_MAX, tb[CTA_TUPLE_IP], NULL) ||
	    nla_parse_nested(proto, CTA_PROTO_MAX, tb[CTA_TUPLE_PROTO],
			     NULL) ||
	    !get_addr(ip[CTA_IP_V6_SRC], &flow->src) ||
	    !get_addr(ip[CTA_IP_V6_DST], &flow->dst) ||
	    !proto[CTA_PROTO_NUM] || nla_len(proto[CTA_PROTO_NUM]) < 1)
		return false;
	flow->proto = nla_get_u8(proto[CTA_PROTO_NUM]);
	if (flow->proto != IPPROTO_TCP && flow->proto != IPPROTO_UDP)
		return true;
	flow->sport = get_be16(proto[CTA_PROTO_SRC_PORT]);
	flow->dport = get_be16(proto[CTA_PROTO_DST_PORT]);
	return true;
}

static uint8_t parse_tcp_state(struct nlattr *nest)
{
	struct nlattr *tb[CTA_PROTOINFO_MAX + 1];
	struct nlattr *tcp[CTA_PROTOINFO_TCP_MAX + 1];

	if (!nest || nla_parse_nested(tb, CTA_PROTOINFO_MAX, nest, NULL) ||
	    !tb[CTA_PROTOINFO_TCP] ||
	    nla_parse_nested(tcp, CTA_PROTOINFO_TCP_MAX, tb[CTA_PROTOINFO_TCP],
			     NULL) ||
	    !tcp[CTA_PROTOINFO_TCP_STATE])
		return 0;
	return nla_get_u8(tcp[CTA_PROTOINFO_TCP_STATE]);
}

bool icf6_flow_parse(struct nlmsghdr *nlh, struct icf6_flow_info *info)
{
	struct nlattr *tb[CTA_MAX + 1];
	struct nfgenmsg *nf;
	uint32_t status = 0;

	memset(info, 0, sizeof(*info));
	if (nlmsg_datalen(nlh) < (int)sizeof(*nf))
		return false;
	nf = nlmsg_data(nlh);
	if (nf->nfgen_family != AF_INET6 ||
	    nlmsg_parse(nlh, sizeof(*nf), tb, CTA_MAX, NULL) ||
	    !tb[CTA_TUPLE_ORIG] ||
	    !parse_tuple(tb[CTA_TUPLE_ORIG], &info->flow))
		return false;
	if (tb[CTA_STATUS] && nla_len(tb[CTA_STATUS]) >= 4)
		status = ntohl(nla_get_u32(tb[CTA_STATUS]));
	info->assured = status & IPS_ASSURED;
	info->unreplied = !(status & IPS_SEEN_REPLY);
	if (tb[CTA_TIMEOUT] && nla_len(tb[CTA_TIMEOUT]) >= 4)
		info->timeout = ntohl(nla_get_u32(tb[CTA_TIMEOUT]));
	info->tcp_state = parse_tcp_state(tb[CTA_PROTOINFO]);
	return true;
}
