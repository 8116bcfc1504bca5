/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
#ifndef _ICF6_ADDR_H
#define _ICF6_ADDR_H

#include "types.h"

/*
 * The facts that an address alone gives: ICF6_F_BOGON, ICF6_F_ULA,
 * ICF6_F_MCAST_SOURCE, ICF6_F_SRC_LINK_LOCAL, ICF6_F_SRC_ANY.
 */
u32 icf6_source_facts(const struct in6_addr *addr);

/* ICF6_F_ULA, ICF6_F_DST_LINK_LOCAL, ICF6_F_MDNS, ICF6_F_SSDP */
u32 icf6_dest_facts(const struct in6_addr *addr, u8 proto, u16 dport);

static inline bool icf6_multicast(const struct in6_addr *addr)
{
	return addr->s6_addr[0] == 0xff;
}

/* RFC 6092 REC-2 */
static inline bool icf6_in_scope(const struct in6_addr *addr, u8 boundary)
{
	return icf6_multicast(addr) && (addr->s6_addr[1] & 0xf) <= boundary;
}

#endif
