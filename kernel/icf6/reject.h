/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ICF6_REJECT_H
#define _ICF6_REJECT_H

#include "facts.h"

/*
 * FW-87: keeps a dropped connection attempt to answer it in six seconds,
 * unless both sides turn out to open the connection at once by then.
 *
 * Return: true if the packet is no longer the caller's
 */
bool icf6_reject_later(struct icf6_net *n, struct sk_buff *skb,
		       enum icf6_reason reason, const struct icf6_seen *s);

/* A device is going; needs no lock. */
void icf6_reject_forget(struct icf6_net *n, const struct net_device *dev);

void icf6_reject_init(struct icf6_net *n);
void icf6_reject_stop(struct icf6_net *n);

#endif
