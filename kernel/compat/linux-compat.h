/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before every source file: gives an older kernel the interfaces
 * that the drivers are written for. Which of them are missing is found out
 * by Kbuild.include from the target tree's headers.
 */

#ifndef _PEER6_LINUX_COMPAT_H
#define _PEER6_LINUX_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "peer6 needs Linux 6.1 or newer"
#endif

#include <linux/netdevice.h>
#include <net/genetlink.h>
#include <net/rtnetlink.h>
#include <net/udp_tunnel.h>

/* A field of its own since 6.12, a feature bit before. */
static inline void compat_set_lltx(struct net_device *dev)
{
#ifdef COMPAT_HAVE_LLTX
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

/*
 * Since 6.15 newlink takes its arguments in a struct. COMPAT_NEWLINK() gives
 * rtnl_link_ops what it wants for a function of the newer form, which has to
 * be declared with COMPAT_DECLARE_NEWLINK().
 */
#ifdef COMPAT_HAVE_NEWLINK_PARAMS
#define COMPAT_DECLARE_NEWLINK(fn)
#define COMPAT_NEWLINK(fn) fn
#else
struct rtnl_newlink_params {
	struct net *src_net;
	struct nlattr **tb;
	struct nlattr **data;
};

static inline struct net *
rtnl_newlink_link_net(struct rtnl_newlink_params *params)
{
	return params->src_net;
}

#define COMPAT_DECLARE_NEWLINK(fn)					\
static int compat_##fn(struct net *src_net, struct net_device *dev,	\
		       struct nlattr *tb[], struct nlattr *data[],	\
		       struct netlink_ext_ack *extack)			\
{									\
	struct rtnl_newlink_params params = {				\
		.src_net = src_net,					\
		.tb = tb,						\
		.data = data,						\
	};								\
									\
	return fn(dev, &params, extack);				\
}

#define COMPAT_NEWLINK(fn) compat_##fn
#endif

/* Since 6.7 a dump's attributes are found as those of other requests. */
#ifndef COMPAT_HAVE_GENL_INFO_DUMP
#define genl_info_dump(cb) genl_dumpit_info(cb)
#endif

/* One more argument, flags for the control block, since 6.17. */
#ifdef COMPAT_HAVE_UDP_TUNNEL_XMIT_FLAGS
#define compat_udp_tunnel_xmit_skb(rt, sk, skb, saddr, daddr, tos, ttl, df, \
				   sport, dport, xnet, nocheck)		\
	udp_tunnel_xmit_skb(rt, sk, skb, saddr, daddr, tos, ttl, df,	\
			    sport, dport, xnet, nocheck, 0)
#else
#define compat_udp_tunnel_xmit_skb udp_tunnel_xmit_skb
#endif

#endif
