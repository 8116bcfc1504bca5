/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TEREDO_SOCKET_H
#define _TEREDO_SOCKET_H

#include "device.h"

struct flowi4;
struct teredo_hop;

/*
 * Opens and closes under RTNL or from the worker; closing waits for receivers
 * to be through. NULL may be closed.
 */
struct teredo_sock *teredo_sock_open(struct teredo_dev *t, struct net *net,
				     const struct teredo_conf *conf,
				     __be32 ip, __be16 port, bool second,
				     struct netlink_ext_ack *extack);
struct teredo_sock *teredo_sock_open_discovery(struct teredo_dev *t,
					       struct net *net);
/* On a port that the kernel chooses; sleeps. */
struct teredo_sock *teredo_sock_open_random(struct teredo_dev *t,
					    struct net *net, __be32 ip,
					    u16 slot);
void teredo_sock_close(struct teredo_sock *ts);
/* All of them in one grace period, which also passes if there are none. */
void teredo_socks_close(struct teredo_sock **ts, unsigned int n);

/*
 * The route for a packet from @ts to @to; @source is the IPv4 source to use,
 * or 0 for what routing chooses, and is set to the one in use. An error
 * pointer if there is none, if it leads back into the device or if @to is a
 * broadcast address. Under RCU.
 */
struct rtable *teredo_route(struct teredo_dev *t, const struct teredo_sock *ts,
			    struct teredo_endpoint to, __be32 *source,
			    int oif);

/* Under RCU: the socket that packets with this slot leave by, or NULL. */
static inline const struct teredo_sock *
teredo_slot_sock(const struct teredo_dev *t, u16 slot)
{
	if (likely(!slot))
		return rcu_dereference(t->service);
	return rcu_dereference(t->randports.slot[slot - 1].ts);
}

/* What to count a packet as that could not be sent for @err. */
enum teredo_reason teredo_route_reason(int err);

/*
 * For packets that the device makes up itself, too short to be cut anywhere:
 * an empty skb with room for @room bytes behind the outer headers, NULL if
 * there is no memory; and its way out, which takes @skb and the reference on
 * @rt over. @ttl 0 is the route's. Under RCU and with bottom halves off.
 */
struct sk_buff *teredo_own_alloc(const struct rtable *rt, unsigned int room);
void teredo_own_xmit(const struct teredo_sock *ts, struct rtable *rt,
		     struct sk_buff *skb, __be32 source,
		     struct teredo_endpoint to, u8 ttl);

/*
 * Sends @len bytes of @payload, no data packet, from @ts to @to; @ttl 0 is the
 * route's. Under RCU and with bottom halves off.
 */
int teredo_send_payload(struct teredo_dev *t, const struct teredo_sock *ts,
			__be32 source, struct teredo_endpoint to, int oif,
			u8 ttl, const void *payload, size_t len);

/*
 * A data packet, ready but for its outer headers, for which there is room, on
 * its way by @hop to @to. Under RCU, bottom halves off.
 */
void teredo_xmit_data(struct teredo_dev *t, const struct teredo_sock *ts,
		      struct teredo_hop *hop, struct sk_buff *skb,
		      struct teredo_endpoint to, u8 tos);

/* A UDP payload in @skb, with its network header behind it, on its way. */
void teredo_xmit_udp(struct teredo_dev *t, const struct teredo_sock *ts,
		     struct rtable *rt, struct sk_buff *skb, __be32 source,
		     struct teredo_endpoint to, u8 tos, u8 ttl);

#endif /* _TEREDO_SOCKET_H */
