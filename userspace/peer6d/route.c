// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "route.h"

struct nl_sock *route_open(void)
{
	struct nl_sock *sk = nl_socket_alloc();

	if (sk && nl_connect(sk, NETLINK_ROUTE) < 0) {
		nl_socket_free(sk);
		return NULL;
	}
	/* One question, one answer. */
	if (sk) {
		nl_socket_disable_auto_ack(sk);
		nl_socket_disable_seq_check(sk);
	}
	return sk;
}

struct answer {
	struct route	*route;
	bool		found;
};

static int take(struct nl_msg *msg, void *ctx)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct answer *answer = ctx;
	struct nlattr *tb[RTA_MAX + 1];
	const struct rtmsg *rtm;

	if (header->nlmsg_type != RTM_NEWROUTE ||
	    nlmsg_parse(header, sizeof(*rtm), tb, RTA_MAX, NULL))
		return NL_OK;
	rtm = nlmsg_data(header);
	if (rtm->rtm_type != RTN_UNICAST && rtm->rtm_type != RTN_LOCAL)
		return NL_OK;
	answer->found = true;
	answer->route->local = rtm->rtm_type == RTN_LOCAL;
	if (tb[RTA_GATEWAY] && nla_len(tb[RTA_GATEWAY]) == 4)
		answer->route->gateway.s_addr = nla_get_u32(tb[RTA_GATEWAY]);
	return NL_OK;
}

bool route_get(struct nl_sock *sk, struct in_addr to, struct in_addr from,
	       struct route *route)
{
	struct rtmsg rtm = {
		.rtm_family = AF_INET, .rtm_dst_len = 32,
		.rtm_src_len = from.s_addr ? 32 : 0,
	};
	struct answer answer = { route, false };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST);

	memset(route, 0, sizeof(*route));
	if (!msg)
		return false;
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, take, &answer);
	if (nlmsg_append(msg, &rtm, sizeof(rtm), NLMSG_ALIGNTO) ||
	    nla_put_u32(msg, RTA_DST, to.s_addr) ||
	    (from.s_addr && nla_put_u32(msg, RTA_SRC, from.s_addr)) ||
	    nl_send_auto(sk, msg) < 0 || nl_recvmsgs_default(sk) < 0)
		answer.found = false;
	nlmsg_free(msg);
	return answer.found;
}
