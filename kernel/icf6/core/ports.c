// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
#include "ports.h"

static bool bit(const u32 map[2][ICF6_MAP_WORDS], bool tcp, u16 port)
{
	return map[tcp][port / 32] >> port % 32 & 1;
}

static void set_bit_at(u32 map[2][ICF6_MAP_WORDS], bool tcp, u16 port)
{
	map[tcp][port / 32] |= 1U << port % 32;
}

void icf6_map_add(struct icf6_map *map, u8 proto, u16 port,
		  enum icf6_edge edge)
{
	bool tcp = proto == ICF6_TCP;

	set_bit_at(map->open, tcp, port);
	if (edge == ICF6_EDGE_ALLOW)
		set_bit_at(map->edge, tcp, port);
	else if (edge == ICF6_EDGE_APP)
		set_bit_at(map->app, tcp, port);
}

u32 icf6_set_find(const struct icf6_set *set, u32 key)
{
	u32 low = 0, high = set ? set->n : 0, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (set->keys[mid] >> 2 == key >> 2)
			return set->keys[mid];
		if (set->keys[mid] < key)
			low = mid + 1;
		else
			high = mid;
	}
	return 0;
}

u32 icf6_port_facts(const struct icf6_map *global, const struct icf6_set *open,
		    const struct icf6_set *ignored, u8 proto, u16 port)
{
	bool tcp = proto == ICF6_TCP;
	u32 facts = 0, key;

	key = icf6_set_find(open, icf6_key(proto, port));
	if (key)
		facts = ICF6_F_OPEN |
			(key & ICF6_KEY_EDGE ? ICF6_F_OPEN_EDGE : 0) |
			(key & ICF6_KEY_APP ? ICF6_F_OPEN_APP : 0);
	if (bit(global->open, tcp, port) &&
	    !icf6_set_find(ignored, icf6_key(proto, port)))
		facts |= ICF6_F_OPEN |
			 (bit(global->edge, tcp, port) ? ICF6_F_OPEN_EDGE : 0) |
			 (bit(global->app, tcp, port) ? ICF6_F_OPEN_APP : 0);
	return facts;
}
