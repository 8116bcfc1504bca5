/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which gateways are asked, and what is believed. Shared with peer6d. */
#ifndef PEER6_PORTMAP_POLICY_H
#define PEER6_PORTMAP_POLICY_H

#include <stdbool.h>

#include <netinet/in.h>

/* RFC 1918, or RFC 6598 (between a customer and a carrier's NAT). */
bool portmap_private(struct in_addr addr);

/* Could be the address of somebody on the Internet. */
bool portmap_global(struct in_addr addr);

/*
 * Why @external cannot be the outside address of the gateway, in words; NULL if
 * it can. It may be private: then the gateway is behind a NAT itself, and
 * others behind that one find us there (RFC 6081 section 5.6).
 */
const char *portmap_lie(struct in_addr external, struct in_addr gateway,
			struct in_addr local);

/*
 * What the server saw (@mapped, 0.0.0.0 if not known) against what the gateway
 * says. Two global addresses that differ: whatever the reason, peers would send
 * to somebody who has not said that he wants it.
 */
const char *portmap_contradiction(struct in_addr external,
				  struct in_addr mapped);

#endif
