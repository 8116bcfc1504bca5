// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
#include "asked.h"

static u32 bucket(u32 ifindex, u8 proto, u16 port)
{
	return (port ^ port >> 6 ^ ifindex * 7 ^ proto) % ICF6_ASKED_BUCKETS;
}

void icf6_asked_add(struct icf6_asked_table *t, u32 ifindex, u8 proto,
		    u16 port, u64 now)
{
	struct icf6_asked *way = t->way[bucket(ifindex, proto, port)];
	struct icf6_asked *place = way;
	int i;

	for (i = 0; i < ICF6_ASKED_WAYS; i++) {
		if (way[i].ifindex == ifindex && way[i].proto == proto &&
		    way[i].port == port) {
			place = &way[i];
			break;
		}
		if (way[i].until < place->until)
			place = &way[i];
	}
	place->ifindex = ifindex;
	place->proto = proto;
	place->port = port;
	place->until = now + ICF6_ASKED_TIME;
}

bool icf6_asked_find(const struct icf6_asked_table *t, u32 ifindex, u8 proto,
		     u16 port, u64 now)
{
	const struct icf6_asked *way = t->way[bucket(ifindex, proto, port)];
	int i;

	for (i = 0; i < ICF6_ASKED_WAYS; i++)
		if (way[i].ifindex == ifindex && way[i].proto == proto &&
		    way[i].port == port)
			return now < way[i].until;
	return false;
}
