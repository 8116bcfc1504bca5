/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ICF6_LOG_H
#define _ICF6_LOG_H

#include "facts.h"

/*
 * FW-42: never waits, and tells how many records it could not deliver. Under
 * RCU, in any context that packets are in.
 */
void icf6_log(struct icf6_net *n, enum icf6_action action,
	      enum icf6_reason reason, const struct sk_buff *skb,
	      const struct icf6_seen *s);

void icf6_log_init(struct icf6_net *n);
void icf6_log_stop(struct icf6_net *n);

#endif
