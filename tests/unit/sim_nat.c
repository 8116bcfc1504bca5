// SPDX-License-Identifier: GPL-2.0
/* The NATs of sim.h. */
#include "sim.h"

static bool alive(const struct sim_nat *nat, unsigned int i, u64 now)
{
	return now - nat->entries[i].at < nat->lifetime;
}

/* The outside port of a new flow, whose local port has others if @any. */
static u16 new_port(struct sim_nat *nat, u16 local, bool any)
{
	switch (nat->type) {
	case SIM_NAT_PRESERVING:
	case SIM_NAT_HELD:
		return any ? nat->next_port++ : local;
	case SIM_NAT_SYMMETRIC:
	case SIM_NAT_SYMMETRIC_ADDRESS:
		/* Not with a constant step, which would be a sequence. */
		nat->next_port = 20000 + (nat->next_port * 5 + 7) % 40000;
		return nat->next_port;
	default:
		if (any || !nat->skip)
			return nat->next_port++;
		/* Between the first and the second flow of a local port. */
		nat->skip--;
		nat->next_port += 2;
		return nat->next_port - 2;
	}
}

struct teredo_endpoint sim_nat_out(struct sim_nat *nat,
				   struct teredo_endpoint local,
				   struct teredo_endpoint *to, u64 now)
{
	const struct teredo_endpoint dst = *to;
	struct teredo_endpoint e = { .ip = nat->outside };
	unsigned int i, keep = 0, other = 0;
	bool any = false;

	if (nat->type == SIM_NAT_NONE)
		return local;
	for (i = 0; i < nat->n; i++)
		if (alive(nat, i, now))
			nat->entries[keep++] = nat->entries[i];
	nat->n = keep;
	for (i = 0; i < nat->n; i++) {
		if (nat->entries[i].local != ntohs(local.port))
			continue;
		any = true;
		other = i;
		if (teredo_endpoint_eq(nat->entries[i].dst, dst))
			break;
	}
	if (i == nat->n) {
		assert_true(nat->n < ARRAY_SIZE(nat->entries));
		nat->n++;
		nat->entries[i].dst = dst;
		nat->entries[i].real = dst;
		nat->entries[i].local = ntohs(local.port);
		if (!any || nat->type >= SIM_NAT_SYMMETRIC)
			nat->entries[i].port = new_port(nat, ntohs(local.port),
							any);
		else
			nat->entries[i].port = nat->entries[other].port;
		nat->entries[i].ip = nat->outside;
		if (!nat->home)
			nat->home = dst.ip;
		if (nat->type == SIM_NAT_SYMMETRIC_ADDRESS &&
		    dst.ip != nat->home)
			nat->entries[i].ip |= htonl(0x80);
	}
	nat->entries[i].at = now;
	e.ip = nat->entries[i].ip;
	e.port = htons(nat->entries[i].port);
	*to = nat->entries[i].real;
	return e;
}

/* By the port that the gateway holds open, from *@from. */
static u16 nat_held(struct sim_nat *nat, struct teredo_endpoint *from, u64 now)
{
	struct teredo_endpoint seen = *from;
	unsigned int i;

	for (i = 0; i < nat->n; i++)
		if (alive(nat, i, now) && nat->entries[i].local == nat->held &&
		    teredo_endpoint_eq(nat->entries[i].dst, seen))
			seen.port = htons(nat->next_port++);
	assert_true(nat->n < ARRAY_SIZE(nat->entries));
	i = nat->n++;
	nat->entries[i].dst = seen;
	nat->entries[i].real = *from;
	nat->entries[i].ip = nat->outside;
	nat->entries[i].port = nat->held;
	nat->entries[i].local = nat->held;
	nat->entries[i].at = now;
	*from = seen;
	return nat->held;
}

u16 sim_nat_in(struct sim_nat *nat, struct teredo_endpoint *from,
	       struct teredo_endpoint dst, u64 now)
{
	const struct teredo_endpoint src = *from;
	unsigned int i;

	for (i = 0; i < nat->n; i++) {
		if (!alive(nat, i, now) || nat->entries[i].ip != dst.ip ||
		    htons(nat->entries[i].port) != dst.port)
			continue;
		if (nat->type == SIM_NAT_CONE ||
		    (nat->type == SIM_NAT_ADDRESS &&
		     nat->entries[i].dst.ip == src.ip) ||
		    teredo_endpoint_eq(nat->entries[i].real, src)) {
			if (!nat->outbound_only)
				nat->entries[i].at = now;
			if (nat->type == SIM_NAT_HELD)
				*from = nat->entries[i].dst;
			return nat->entries[i].local;
		}
	}
	if (nat->type == SIM_NAT_HELD && dst.ip == nat->outside &&
	    dst.port == htons(nat->held))
		return nat_held(nat, from, now);
	return 0;
}
