/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
#ifndef _TEREDO_ADDR_H
#define _TEREDO_ADDR_H

#include "types.h"

/*
 * RFC 4380 section 4: prefix (32 bits), server IPv4 (32), flags (16), mapped
 * UDP port inverted (16), mapped IPv4 inverted (32). IPv4 addresses, ports and
 * @prefix are in network byte order, @flags in that of the host.
 */
void teredo_addr_build(struct in6_addr *addr, __be32 prefix, __be32 server,
		       u16 flags, struct teredo_endpoint mapped);
bool teredo_addr_is_teredo(const struct in6_addr *addr, __be32 prefix);
__be32 teredo_addr_server(const struct in6_addr *addr);
u16 teredo_addr_flags(const struct in6_addr *addr);
/* Also for the interface identifier of a link-local address. */
struct teredo_endpoint teredo_addr_mapped(const struct in6_addr *addr);

/* fe80:: with the interface identifier of section 4. */
void teredo_lladdr_build(struct in6_addr *addr, u16 flags,
			 struct teredo_endpoint mapped);
/* The link-local address of a server, RFC 4380 section 5.3.2: cone flag set. */
void teredo_lladdr_server(struct in6_addr *addr, __be32 server);
/* The source of a client's router solicitation: no mapping is known yet. */
void teredo_lladdr_client(struct in6_addr *addr, bool cone);
/* fe80:: with @id as identifier, universal and group bits cleared. */
void teredo_lladdr_from_hash(struct in6_addr *addr, u64 id);

bool teredo_addr_is_linklocal(const struct in6_addr *addr);
bool teredo_addr_is_multicast(const struct in6_addr *addr);
bool teredo_addr_is_all_nodes(const struct in6_addr *addr);	/* ff02::1 */
bool teredo_addr_is_all_routers(const struct in6_addr *addr);	/* ff02::2 */
/* Unicast that may cross the Internet: not ::, ::1, v4-mapped, link-local, multicast. */
bool teredo_addr_is_global(const struct in6_addr *addr);
bool teredo_addr_eq(const struct in6_addr *a, const struct in6_addr *b);

/*
 * "Global unicast IPv4", RFC 4380 section 5.2.4. Directed broadcast depends on
 * the host's subnets and is the caller's to test. With @allow_private only
 * what can never be a unicast destination is refused.
 */
bool teredo_ip_is_global(__be32 ip, bool allow_private);

#endif /* _TEREDO_ADDR_H */
