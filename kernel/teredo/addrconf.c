// SPDX-License-Identifier: GPL-2.0
/*
 * The device's address and routes, set the way a program would set them: by
 * rtnetlink messages, from a socket of the kernel's own. The functions behind
 * those messages are not exported; a router advertisement made up for the
 * stack would do too, but it passes through the user's packet filter, is
 * ignored where accept_ra is off, and tells nobody whether it worked. This way
 * there is an answer, and `ip monitor` shows what it shows for a person's
 * command.
 */
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "addrconf.h"
#include "core/addr.h"

enum {
	PREFIX_LEN	= 32,
	PREFIX_METRIC	= 256,	/* as the stack's own prefix routes */
	DEFAULT_METRIC	= 1029,	/* after a router's 1024: the last resort */
};

static int read_ack(struct socket *sock)
{
	struct {
		struct nlmsghdr nlh;
		struct nlmsgerr err;
		u8 rest[256];
	} answer;
	struct kvec iov = { .iov_base = &answer, .iov_len = sizeof(answer) };
	struct msghdr msg = { };
	int len;

	/* rtnetlink answers before sendmsg() returns. */
	len = kernel_recvmsg(sock, &msg, &iov, 1, sizeof(answer),
			     MSG_DONTWAIT);
	if (len < 0)
		return len;
	if (len < NLMSG_LENGTH(sizeof(answer.err)) ||
	    answer.nlh.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return answer.err.error;
}

/* Consumes @skb. */
static int talk(struct teredo_dev *t, struct sk_buff *skb)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct msghdr msg = {
		.msg_name = &kernel,
		.msg_namelen = sizeof(kernel),
	};
	struct kvec iov = { .iov_base = skb->data, .iov_len = skb->len };
	struct socket *sock;
	struct net *net;
	int err;

	/*
	 * The device may be moved to another namespace while this runs. It is
	 * down then, loses all addresses, and comes back here when it is up.
	 */
	rcu_read_lock();
	net = maybe_get_net(dev_net(t->dev));
	rcu_read_unlock();
	if (!net) {
		nlmsg_free(skb);
		return -ENONET;
	}
	err = sock_create_kern(net, PF_NETLINK, SOCK_RAW, NETLINK_ROUTE, &sock);
	if (!err) {
		err = kernel_sendmsg(sock, &msg, &iov, 1, skb->len);
		if (err >= 0)
			err = read_ack(sock);
		sock_release(sock);
	}
	put_net(net);
	nlmsg_free(skb);
	return err;
}

static int set_addr(struct teredo_dev *t, const struct in6_addr *addr,
		    bool add, bool preferred)
{
	struct ifa_cacheinfo lifetime = {
		.ifa_prefered = preferred ? U32_MAX : 0,
		.ifa_valid = U32_MAX,
	};
	struct ifaddrmsg *ifa;
	struct nlmsghdr *nlh;
	struct sk_buff *skb;

	skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	nlh = nlmsg_put(skb, 0, 0, add ? RTM_NEWADDR : RTM_DELADDR,
			sizeof(*ifa), NLM_F_REQUEST | NLM_F_ACK |
			(add ? NLM_F_CREATE | NLM_F_REPLACE : 0));
	ifa = nlmsg_data(nlh);
	memset(ifa, 0, sizeof(*ifa));
	ifa->ifa_family = AF_INET6;
	/* The stack makes the on-link route of the prefix along with it. */
	ifa->ifa_prefixlen = PREFIX_LEN;
	ifa->ifa_index = t->dev->ifindex;
	/* There is nobody on the device to ask whether it is taken. */
	ifa->ifa_flags = IFA_F_NODAD;
	if (nla_put_in6_addr(skb, IFA_LOCAL, addr) ||
	    (add && nla_put(skb, IFA_CACHEINFO, sizeof(lifetime), &lifetime))) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);
	return talk(t, skb);
}

static int set_route(struct teredo_dev *t, const struct in6_addr *dst,
		     u8 len, u32 metric, bool add)
{
	struct nlmsghdr *nlh;
	struct sk_buff *skb;
	struct rtmsg *rtm;

	skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	nlh = nlmsg_put(skb, 0, 0, add ? RTM_NEWROUTE : RTM_DELROUTE,
			sizeof(*rtm), NLM_F_REQUEST | NLM_F_ACK |
			(add ? NLM_F_CREATE | NLM_F_EXCL : 0));
	rtm = nlmsg_data(nlh);
	memset(rtm, 0, sizeof(*rtm));
	rtm->rtm_family = AF_INET6;
	rtm->rtm_dst_len = len;
	rtm->rtm_table = RT_TABLE_MAIN;
	rtm->rtm_protocol = RTPROT_KERNEL;
	rtm->rtm_scope = RT_SCOPE_UNIVERSE;
	rtm->rtm_type = RTN_UNICAST;
	if ((len && nla_put_in6_addr(skb, RTA_DST, dst)) ||
	    nla_put_u32(skb, RTA_OIF, t->dev->ifindex) ||
	    nla_put_u32(skb, RTA_PRIORITY, metric)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);
	return talk(t, skb);
}

/* Gone already, with the device or by somebody's hand, is as good. */
static int removed(int err)
{
	return err == -EADDRNOTAVAIL || err == -ESRCH || err == -ENODEV ||
	       err == -ENONET ? 0 : err;
}

static int sync_addr(struct teredo_dev *t, const struct teredo_addrconf *want)
{
	bool same = teredo_addr_eq(&t->installed.addr, &want->addr);
	int err;

	if (t->installed.state == want->state &&
	    (want->state == TEREDO_ADDRESS_NONE || same))
		return 0;
	/* Never two addresses: the old one goes first. */
	if (t->installed.state != TEREDO_ADDRESS_NONE &&
	    (want->state == TEREDO_ADDRESS_NONE || !same)) {
		err = removed(set_addr(t, &t->installed.addr, false, false));
		if (err)
			return err;
		t->installed.state = TEREDO_ADDRESS_NONE;
	}
	if (want->state == TEREDO_ADDRESS_NONE)
		return 0;
	err = set_addr(t, &want->addr, true,
		       want->state == TEREDO_ADDRESS_PREFERRED);
	if (err)
		return err;
	t->installed.addr = want->addr;
	t->installed.state = want->state;
	return 0;
}

static int sync_route(struct teredo_dev *t, bool *installed, bool want,
		      const struct in6_addr *dst, u8 len, u32 metric)
{
	int err;

	if (*installed == want)
		return 0;
	err = set_route(t, dst, len, metric, want);
	if (!want)
		err = removed(err);
	if (!err)
		*installed = want;
	return err;
}

int teredo_addrconf_sync(struct teredo_dev *t, __be32 prefix,
			 const struct teredo_addrconf *want)
{
	struct in6_addr dst = { };
	int err, err2;

	dst.s6_addr32[0] = prefix;
	err = sync_addr(t, want);
	err2 = sync_route(t, &t->installed.prefix_route, want->prefix_route,
			  &dst, PREFIX_LEN, PREFIX_METRIC);
	if (!err)
		err = err2;
	err2 = sync_route(t, &t->installed.default_route, want->default_route,
			  &in6addr_any, 0, DEFAULT_METRIC);
	return err ?: err2;
}
