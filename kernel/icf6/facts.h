/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ICF6_FACTS_H
#define _ICF6_FACTS_H

#include "icf6.h"

/* What the verdict wants to know, and what the log and others do, too. */
struct icf6_seen {
	struct icf6_packet p;
	int	transport;		/* offset; -1 = cannot be read */
	u16	echo_id;
	const struct net_device *dev;
	const struct icf6_policy *policy;
	const struct icf6_policy_dev *rules;
};

/*
 * Collects the facts, and of those that take time only the ones that can make
 * a difference for this packet. Under RCU, as hooks are.
 */
void icf6_look(struct icf6_net *n, const struct sk_buff *skb,
	       const struct nf_hook_state *state, enum icf6_dir dir,
	       struct icf6_seen *s);

#endif
