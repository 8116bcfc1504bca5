// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
#include "addr.h"
#include "verdict.h"

enum { UDP_MDNS = 5353, UDP_SSDP = 1900 };

/* One comparison for the packets of everyday, whose first bits are 001. */
static bool plain(const struct in6_addr *a)
{
	return a->s6_addr[0] >> 5 == 1 && a->s6_addr[0] != 0x20;
}

/* FW-81: RFC 6092 REC-3. */
static bool bogon(const struct in6_addr *a)
{
	static const u8 mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const u8 zero[12];

	/* 2001:db8::/32 RFC 3849, 2001:10::/28 RFC 4843 */
	if (a->s6_addr[0] == 0x20 && a->s6_addr[1] == 0x01)
		return (a->s6_addr[2] == 0x0d && a->s6_addr[3] == 0xb8) ||
		       (a->s6_addr[2] == 0 && a->s6_addr[3] >> 4 == 1);
	/* fec0::/10 RFC 3879 */
	if (a->s6_addr[0] == 0xfe)
		return a->s6_addr[1] >> 6 == 3;
	if (a->s6_addr[0])
		return false;
	/* ::ffff:0:0/96, and ::/96 but for :: and ::1 */
	if (!memcmp(a, mapped, sizeof(mapped)))
		return true;
	return !memcmp(a, zero, sizeof(zero)) &&
	       (a->s6_addr[12] || a->s6_addr[13] || a->s6_addr[14] ||
		a->s6_addr[15] > 1);
}

static bool any(const struct in6_addr *a)
{
	static const struct in6_addr zero;

	return !memcmp(a, &zero, sizeof(zero));
}

static bool link_local(const struct in6_addr *a)
{
	return a->s6_addr[0] == 0xfe && a->s6_addr[1] >> 6 == 2;
}

/* fc00::/7, RFC 4193 */
static bool ula(const struct in6_addr *a)
{
	return (a->s6_addr[0] & 0xfe) == 0xfc;
}

u32 icf6_source_facts(const struct in6_addr *a)
{
	if (plain(a))
		return 0;
	return (bogon(a) ? ICF6_F_BOGON : 0) |
	       (ula(a) ? ICF6_F_ULA : 0) |
	       (icf6_multicast(a) ? ICF6_F_MCAST_SOURCE : 0) |
	       (link_local(a) ? ICF6_F_SRC_LINK_LOCAL : 0) |
	       (any(a) ? ICF6_F_SRC_ANY : 0);
}

/* @a is ff02::@group */
static bool link_group(const struct in6_addr *a, u8 group)
{
	static const u8 zero[13];

	return a->s6_addr[0] == 0xff && a->s6_addr[1] == 0x02 &&
	       !memcmp(&a->s6_addr[2], zero, sizeof(zero)) &&
	       a->s6_addr[15] == group;
}

u32 icf6_dest_facts(const struct in6_addr *a, u8 proto, u16 dport)
{
	u32 facts = (ula(a) ? ICF6_F_ULA : 0) |
		    (link_local(a) ? ICF6_F_DST_LINK_LOCAL : 0);

	if (proto != ICF6_UDP || !icf6_multicast(a))
		return facts;
	/* RFC 6762 section 3; ff02::f is UPnP's, ff02::c that of SSDP. */
	if (dport == UDP_MDNS && link_group(a, 0xfb))
		facts |= ICF6_F_MDNS;
	if (dport == UDP_SSDP && (link_group(a, 0xc) || link_group(a, 0xf)))
		facts |= ICF6_F_SSDP;
	return facts;
}
