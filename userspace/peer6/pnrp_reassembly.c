// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "pnrp_reassembly.h"

static bool same(const struct reassembly *e, const struct capture_datagram *d,
		 uint32_t id)
{
	return e->used && e->id == id && e->sport == d->sport &&
	       e->dport == d->dport && !memcmp(e->src, d->src, 16) &&
	       !memcmp(e->dst, d->dst, 16);
}

static struct reassembly *find(struct reassembly *table,
			       const struct capture_datagram *d, uint32_t id)
{
	size_t i;

	for (i = 0; i < REASSEMBLY_MAX; i++)
		if (same(&table[i], d, id))
			return &table[i];
	return NULL;
}

/* A free one, or the one that has waited longest. */
static struct reassembly *start(struct reassembly *table,
				const struct capture_datagram *d,
				const struct peer6_pnrp_msg *msg)
{
	struct reassembly *e = table;
	size_t i;

	for (i = 0; i < REASSEMBLY_MAX && e->used; i++)
		if (!table[i].used || table[i].last < e->last)
			e = &table[i];
	e->used = true;
	e->id = msg->id;
	memcpy(e->src, d->src, 16);
	memcpy(e->dst, d->dst, 16);
	e->sport = d->sport;
	e->dport = d->dport;
	e->first = d->packet;
	e->have = 0;
	e->size = msg->size;
	return e;
}

void reassembly_drop(struct reassembly *entry)
{
	entry->used = false;
}

unsigned int reassembly_want(const struct reassembly *entry)
{
	return (entry->size + PEER6_PNRP_FRAGMENT - 1u) / PEER6_PNRP_FRAGMENT;
}

unsigned int reassembly_have(const struct reassembly *entry)
{
	return (unsigned int)__builtin_popcount(entry->have);
}

/*
 * The decoder has seen to it that a fragment is where one can be and as long
 * as it has to be there, so that each is one bit.
 */
struct reassembly *reassembly_add(struct reassembly *table,
				  const struct capture_datagram *d,
				  const struct peer6_pnrp_msg *msg)
{
	struct reassembly *e = find(table, d, msg->id);

	/* Fragments that disagree on the whole are of none. */
	if (e && e->size != msg->size)
		reassembly_drop(e);
	if (!e || !e->used)
		e = start(table, d, msg);
	memcpy(e->buffer + msg->offset, msg->fragment.p, msg->fragment.len);
	e->have |= UINT32_C(1) << msg->offset / PEER6_PNRP_FRAGMENT;
	e->last = d->packet;
	return reassembly_have(e) == reassembly_want(e) ? e : NULL;
}
