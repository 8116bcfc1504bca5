// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <time.h>

#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "icf6_record.h"

uint64_t icf6_record_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static uint64_t get(struct nlattr **tb, int attr)
{
	struct nlattr *a = tb[attr];

	switch (a ? nla_len(a) : 0) {
	case 1:
		return nla_get_u8(a);
	case 2:
		return nla_get_u16(a);
	case 4:
		return nla_get_u32(a);
	case 8:
		return nla_get_u64(a);
	}
	return 0;
}

static bool get_addr(struct nlattr *a, struct in6_addr *addr)
{
	if (!a || nla_len(a) < (int)sizeof(*addr))
		return false;
	memcpy(addr, nla_data(a), sizeof(*addr));
	return true;
}

bool icf6_record_parse(struct nl_msg *msg, struct icf6_record *r)
{
	struct nlattr *top[ICF6_A_MAX + 1], *tb[ICF6_A_LOG_MAX + 1];

	memset(r, 0, sizeof(*r));
	if (genlmsg_parse(nlmsg_hdr(msg), 0, top, ICF6_A_MAX, NULL) ||
	    !top[ICF6_A_LOG] ||
	    nla_parse_nested(tb, ICF6_A_LOG_MAX, top[ICF6_A_LOG], NULL) ||
	    !tb[ICF6_A_LOG_ACTION])
		return false;
	r->time = get(tb, ICF6_A_LOG_TIME);
	r->action = get(tb, ICF6_A_LOG_ACTION);
	r->dir = tb[ICF6_A_LOG_DIR] ? get(tb, ICF6_A_LOG_DIR) :
		 __ICF6_DIR_MAX;
	if (tb[ICF6_A_LOG_REASON_NAME])
		nla_strlcpy(r->reason, tb[ICF6_A_LOG_REASON_NAME],
			    sizeof(r->reason));
	r->has_packet = get_addr(tb[ICF6_A_LOG_SRC], &r->src) &&
			get_addr(tb[ICF6_A_LOG_DST], &r->dst);
	r->proto = get(tb, ICF6_A_LOG_PROTO);
	r->has_ports = tb[ICF6_A_LOG_SPORT] && tb[ICF6_A_LOG_DPORT];
	r->sport = get(tb, ICF6_A_LOG_SPORT);
	r->dport = get(tb, ICF6_A_LOG_DPORT);
	r->has_size = tb[ICF6_A_LOG_SIZE];
	r->size = get(tb, ICF6_A_LOG_SIZE);
	r->has_tcp = tb[ICF6_A_LOG_TCP_FLAGS];
	r->tcp_flags = get(tb, ICF6_A_LOG_TCP_FLAGS);
	r->tcp_seq = get(tb, ICF6_A_LOG_TCP_SEQ);
	r->tcp_ack = get(tb, ICF6_A_LOG_TCP_ACK);
	r->tcp_win = get(tb, ICF6_A_LOG_TCP_WIN);
	r->has_icmp = tb[ICF6_A_LOG_ICMP_TYPE];
	r->icmp_type = get(tb, ICF6_A_LOG_ICMP_TYPE);
	r->icmp_code = get(tb, ICF6_A_LOG_ICMP_CODE);
	r->lost = get(tb, ICF6_A_LOG_LOST);
	return true;
}
