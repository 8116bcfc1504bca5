/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TEREDO_ROUTE_H
#define _TEREDO_ROUTE_H

#include "device.h"

/*
 * The routes that data took last, by mapping: for each processor a table that
 * all peers of a device share. A cache in each peer would need memory for each
 * processor, in an entry that may be one of a million and idle; and one route
 * for all processors would have its reference counter written by all of them.
 */
enum {
	TEREDO_ROUTES_BITS	= 8,	/* 8 KiB a processor */
	TEREDO_ROUTES		= 1 << TEREDO_ROUTES_BITS,
};

/* Used by one processor alone, with bottom halves off. */
struct teredo_hop {
	u64	key;			/* mapping and service port */
	struct rtable *rt;		/* a reference; NULL if unused */
	__be32	local;			/* source address as configured, or 0 */
	__be32	source;			/* ... and as routing chose it */
	u16	id;			/* of the next IPv4 header */
};

struct teredo_routes {
	struct teredo_hop hop[TEREDO_ROUTES];
};

int teredo_routes_init(struct teredo_dev *t);
/* No sender is left. */
void teredo_routes_exit(struct teredo_dev *t);

/*
 * The way of data from @ts to the mapping @dest (see teredo_dest()), or an error
 * pointer as teredo_route() has it. Under RCU, bottom halves off; the
 * entry may be another mapping's as soon as anything was sent.
 */
struct teredo_hop *teredo_hop_get(struct teredo_dev *t,
				  const struct teredo_sock *ts, __be32 local,
				  u64 dest);

#endif /* _TEREDO_ROUTE_H */
