/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TEREDO_RECEIVE_H
#define _TEREDO_RECEIVE_H

#include "device.h"

struct teredo_peer;

/* Consumes @skb, whose data starts at the UDP header. Always 0. */
int teredo_encap_rcv(struct sock *sk, struct sk_buff *skb);
struct sk_buff *teredo_gro_receive(struct sock *sk, struct list_head *head,
				   struct sk_buff *skb);
int teredo_gro_complete(struct sock *sk, struct sk_buff *skb, int nhoff);

/*
 * Takes the outer headers, @hlen bytes from the UDP header on, from @skb, so
 * that the IPv6 packet is all that is left. False: it is dropped and freed.
 */
bool teredo_decapsulate(struct teredo_dev *t, struct sk_buff *skb,
			unsigned int hlen);
/* A decapsulated packet, of @peer if that is not NULL, to the IPv6 stack. */
void teredo_deliver(struct teredo_dev *t, struct teredo_peer *peer,
		    struct sk_buff *skb);

/* The server's part, serve.c: consumes @skb. */
void teredo_serve(struct teredo_dev *t, const struct teredo_conf *conf,
		  const struct teredo_sock *ts, struct sk_buff *skb,
		  struct teredo_endpoint from);

static inline void teredo_drop_rx(struct teredo_dev *t, struct sk_buff *skb,
				  enum teredo_reason reason)
{
	teredo_count_drop(t, reason);
	DEV_STATS_INC(t->dev, rx_dropped);
	kfree_skb(skb);
}

#endif /* _TEREDO_RECEIVE_H */
