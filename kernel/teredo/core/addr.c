// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
#include "addr.h"

static void put_identifier(u8 *id, u16 flags, struct teredo_endpoint mapped)
{
	teredo_put16(id, flags);
	teredo_put16(id + 2, (u16)~ntohs(mapped.port));
	teredo_put32(id + 4, ~ntohl(mapped.ip));
}

void teredo_addr_build(struct in6_addr *addr, __be32 prefix, __be32 server,
		       u16 flags, struct teredo_endpoint mapped)
{
	teredo_put32(addr->s6_addr, ntohl(prefix));
	teredo_put32(addr->s6_addr + 4, ntohl(server));
	put_identifier(addr->s6_addr + 8, flags, mapped);
}

bool teredo_addr_is_teredo(const struct in6_addr *addr, __be32 prefix)
{
	return teredo_get32(addr->s6_addr) == ntohl(prefix);
}

__be32 teredo_addr_server(const struct in6_addr *addr)
{
	return htonl(teredo_get32(addr->s6_addr + 4));
}

u16 teredo_addr_flags(const struct in6_addr *addr)
{
	return teredo_get16(addr->s6_addr + 8);
}

struct teredo_endpoint teredo_addr_mapped(const struct in6_addr *addr)
{
	struct teredo_endpoint e = {
		.ip = htonl(~teredo_get32(addr->s6_addr + 12)),
		.port = htons((u16)~teredo_get16(addr->s6_addr + 10)),
	};

	return e;
}

void teredo_lladdr_build(struct in6_addr *addr, u16 flags,
			 struct teredo_endpoint mapped)
{
	teredo_put32(addr->s6_addr, 0xfe800000);
	teredo_put32(addr->s6_addr + 4, 0);
	put_identifier(addr->s6_addr + 8, flags, mapped);
}

void teredo_lladdr_server(struct in6_addr *addr, __be32 server)
{
	struct teredo_endpoint e = {
		.ip = server,
		.port = htons(TEREDO_UDP_PORT),
	};

	teredo_lladdr_build(addr, TEREDO_FLAG_CONE, e);
}

void teredo_lladdr_client(struct in6_addr *addr, bool cone)
{
	struct teredo_endpoint none = { 0 };

	teredo_lladdr_build(addr, cone ? TEREDO_FLAG_CONE : 0, none);
}

void teredo_lladdr_from_hash(struct in6_addr *addr, u64 id)
{
	teredo_put32(addr->s6_addr, 0xfe800000);
	teredo_put32(addr->s6_addr + 4, 0);
	teredo_put32(addr->s6_addr + 8, (u32)(id >> 32) & ~0x03000000U);
	teredo_put32(addr->s6_addr + 12, (u32)id);
}

bool teredo_addr_is_linklocal(const struct in6_addr *addr)
{
	return addr->s6_addr[0] == 0xfe && (addr->s6_addr[1] & 0xc0) == 0x80;
}

bool teredo_addr_is_multicast(const struct in6_addr *addr)
{
	return addr->s6_addr[0] == 0xff;
}

static bool is_all(const struct in6_addr *addr, u8 last)
{
	static const u8 head[15] = { 0xff, 0x02 };

	return !memcmp(addr->s6_addr, head, sizeof(head)) &&
	       addr->s6_addr[15] == last;
}

bool teredo_addr_is_all_nodes(const struct in6_addr *addr)
{
	return is_all(addr, 1);
}

bool teredo_addr_is_all_routers(const struct in6_addr *addr)
{
	return is_all(addr, 2);
}

bool teredo_addr_is_global(const struct in6_addr *addr)
{
	/* ::/8 holds unspecified, loopback, IPv4-mapped and IPv4-compatible. */
	if (addr->s6_addr[0] == 0)
		return false;
	return !teredo_addr_is_multicast(addr) &&
	       !teredo_addr_is_linklocal(addr);
}

bool teredo_addr_eq(const struct in6_addr *a, const struct in6_addr *b)
{
	return !memcmp(a, b, sizeof(*a));
}

bool teredo_ip_is_global(__be32 ip, bool allow_private)
{
	u32 a = ntohl(ip);

	if (a >> 24 == 0 || a >> 24 == 127 || a >> 28 == 14 || a == 0xffffffff)
		return false;
	if (allow_private)
		return true;
	return a >> 24 != 10 &&			/* 10.0.0.0/8 */
	       a >> 20 != 0xac1 &&		/* 172.16.0.0/12 */
	       a >> 16 != 0xc0a8 &&		/* 192.168.0.0/16 */
	       a >> 16 != 0xa9fe &&		/* 169.254.0.0/16 */
	       a >> 8 != 0xc05863;		/* 192.88.99.0/24 */
}
