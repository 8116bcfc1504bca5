/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
/*
 * Sets of ports as the data path reads them. Both kinds are filled before
 * anybody reads them and never changed after.
 */
#ifndef _ICF6_PORTS_H
#define _ICF6_PORTS_H

#include "verdict.h"

enum { ICF6_MAP_WORDS = 65536 / 32 };

/* One bit a port: the cost of a look does not grow with what is open. */
struct icf6_map {
	u32	open[2][ICF6_MAP_WORDS];	/* UDP, TCP */
	u32	edge[2][ICF6_MAP_WORDS];	/* of these: on edge devices, */
	u32	app[2][ICF6_MAP_WORDS];		/* if the socket consents */
};

/* Sorted; a map for each of a thousand devices would cost 48 MB. */
struct icf6_set {
	u32	n;
	u32	keys[];
};

/* The low bits are not part of the order: no key is in a set twice. */
#define ICF6_KEY_EDGE	1U
#define ICF6_KEY_APP	2U

static inline u32 icf6_key(u8 proto, u16 port)
{
	return (u32)proto << 18 | (u32)port << 2;
}

/* @edge: what icf6_key() is or-ed with for an entry that says so. */
static inline u32 icf6_key_edge(enum icf6_edge edge)
{
	return edge == ICF6_EDGE_ALLOW ? ICF6_KEY_EDGE :
	       edge == ICF6_EDGE_APP ? ICF6_KEY_APP : 0;
}

void icf6_map_add(struct icf6_map *map, u8 proto, u16 port,
		  enum icf6_edge edge);

/* The key with its low bits, or 0. @set may be NULL. */
u32 icf6_set_find(const struct icf6_set *set, u32 key);

/**
 * icf6_port_facts - the formula
 *
 * A port is open on a device if the device's own set has it, or if it is open
 * globally and the device does not ignore it. Of two entries that open it,
 * the one that allows more counts on edge devices.
 *
 * Return: ICF6_F_OPEN, ICF6_F_OPEN_EDGE, ICF6_F_OPEN_APP
 */
u32 icf6_port_facts(const struct icf6_map *global, const struct icf6_set *open,
		    const struct icf6_set *ignored, u8 proto, u16 port);

#endif
