// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "sim.h"

static uint64_t mix(uint64_t v)
{
	v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
	return v ^ v >> 31;
}

uint64_t sim_random(struct sim *sim)
{
	sim->dice += UINT64_C(0x9e3779b97f4a7c15);
	return mix(sim->dice);
}

double sim_uniform(struct sim *sim)
{
	return (sim_random(sim) >> 11) * 0x1p-53;
}

uint64_t sim_hash(uint64_t key, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t h = mix(key + len), w;

	for (; len >= 8; len -= 8, p += 8) {
		memcpy(&w, p, 8);
		h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	w = 0;
	memcpy(&w, p, len);
	return mix(h ^ w);
}
