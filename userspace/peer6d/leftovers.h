/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Port mappings that nobody wants any more, of this life of the daemon or of an
 * earlier one, until their gateways have taken them back or their leases are
 * over.
 */
#ifndef PEER6D_LEFTOVERS_H
#define PEER6D_LEFTOVERS_H

#include "portmaps.h"

struct leftovers;
struct nl_sock;

struct leftovers_owner {
	/* The list is another one: it is to be saved. */
	void	(*changed)(void *ctx);
	/* A gateway has answered, or has not. */
	void	(*done)(void *ctx);
	/* The address of a device that is behind this gateway now. */
	bool	(*local)(void *ctx, struct in_addr gateway,
			 struct in_addr *local);
	void	*ctx;
};

/* NULL without memory. @routes stays the caller's. */
struct leftovers *leftovers_new(struct daemon *daemon, struct nl_sock *routes,
				const struct leftovers_owner *owner);
/* A full list gives up the one that ends first by itself. */
void leftovers_add(struct leftovers *l, const struct portmap_record *record);
/* Asks the gateways that are near, and drops what is over. */
void leftovers_look(struct leftovers *l);
/* Whether this gateway is being asked; NULL: any. */
bool leftovers_busy(const struct leftovers *l, const struct in_addr *gateway);
bool leftovers_have_port(const struct leftovers *l, uint16_t external);
/* Returns how many of them, PORTMAP_LEFTOVERS_MAX at most. */
unsigned int leftovers_list(const struct leftovers *l,
			    const struct portmap_record **records);
void leftovers_free(struct leftovers *l);

#endif
