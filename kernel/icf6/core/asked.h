/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
/*
 * FW-60, FW-61: own multicast queries. Conntrack expects the answer from the
 * group's address, so it cannot know a unicast one. What is remembered is the
 * local port (of an echo request its identifier) and the device, for three
 * seconds. A full bucket loses its oldest: only this host's own programs can
 * fill it, and they lose their own answers.
 */
#ifndef _ICF6_ASKED_H
#define _ICF6_ASKED_H

#include "limits.h"

struct icf6_asked {
	u64	until;
	u32	ifindex;
	u16	port;
	u8	proto;
};

enum { ICF6_ASKED_BUCKETS = ICF6_ASKED_MAX / ICF6_ASKED_WAYS };

struct icf6_asked_table {
	struct icf6_asked way[ICF6_ASKED_BUCKETS][ICF6_ASKED_WAYS];
};

/* Both need the caller's lock. */
void icf6_asked_add(struct icf6_asked_table *t, u32 ifindex, u8 proto,
		    u16 port, u64 now);
bool icf6_asked_find(const struct icf6_asked_table *t, u32 ifindex, u8 proto,
		     u16 port, u64 now);

#endif
