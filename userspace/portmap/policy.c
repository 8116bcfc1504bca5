// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>

#include "policy.h"

static bool within(struct in_addr addr, uint32_t net, unsigned int bits)
{
	return !((ntohl(addr.s_addr) ^ net) >> (32 - bits));
}

bool portmap_private(struct in_addr addr)
{
	return within(addr, 0x0a000000, 8) || within(addr, 0xac100000, 12) ||
	       within(addr, 0xc0a80000, 16) || within(addr, 0x64400000, 10);
}

static bool is_unicast(struct in_addr addr)
{
	return !within(addr, 0, 8) && !within(addr, 0x7f000000, 8) &&
	       !within(addr, 0xa9fe0000, 16) && !within(addr, 0xe0000000, 3);
}

bool portmap_global(struct in_addr addr)
{
	return is_unicast(addr) && !portmap_private(addr);
}

const char *portmap_lie(struct in_addr external, struct in_addr gateway,
			struct in_addr local)
{
	if (!external.s_addr)
		return "it has no outside address";
	if (!is_unicast(external))
		return "that is nobody's address";
	if (external.s_addr == gateway.s_addr)
		return "that is its inside address";
	if (external.s_addr == local.s_addr)
		return "that is the address of this host";
	return NULL;
}

const char *portmap_contradiction(struct in_addr external,
				  struct in_addr mapped)
{
	if (external.s_addr == mapped.s_addr || !portmap_global(external) ||
	    !portmap_global(mapped))
		return NULL;
	return "the Teredo server sees another address";
}
