/* SPDX-License-Identifier: GPL-2.0 */
/* What is asked of the connection tracking beyond a packet's state. */
#ifndef _ICF6_TRACK_H
#define _ICF6_TRACK_H

#include "icf6.h"

struct nf_conn;

/* ICF6_CT_LABEL_BIT, by which a reader of conntrack events knows our flows. */
int icf6_label_get(struct net *net);
void icf6_label_put(struct net *net);
void icf6_label_set(struct nf_conn *ct);

/*
 * FW-26: ends the flows that came in from outside by a port that is not open
 * now, of those in @which or, if it is NULL, of all. Needs icf6_net.lock.
 */
void icf6_flush(struct icf6_net *n, const struct icf6_map *which);

struct icf6_timeout {
	const char *name;		/* of the sysctl */
	u32	value;
	u32	wanted;			/* seconds */
};

enum { ICF6_TIMEOUTS = 9 };

/* FW-85: how many are too short. */
int icf6_timeouts(struct net *net, struct icf6_timeout out[ICF6_TIMEOUTS]);

#endif
