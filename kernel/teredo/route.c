// SPDX-License-Identifier: GPL-2.0
#include <linux/hash.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <net/route.h>

#include "peer.h"
#include "route.h"
#include "socket.h"

int teredo_routes_init(struct teredo_dev *t)
{
	t->routes = __alloc_percpu(sizeof(*t->routes), SMP_CACHE_BYTES);
	return t->routes ? 0 : -ENOMEM;
}

void teredo_routes_exit(struct teredo_dev *t)
{
	unsigned int i;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct teredo_routes *r = per_cpu_ptr(t->routes, cpu);

		for (i = 0; i < TEREDO_ROUTES; i++)
			if (r->hop[i].rt)
				ip_rt_put(r->hop[i].rt);
	}
	free_percpu(t->routes);
}

/* Not after a change of any route or address of the namespace. */
static bool valid(const struct teredo_hop *hop)
{
	const struct dst_entry *dst = &hop->rt->dst;

	return !dst->obsolete || dst->ops->check(&hop->rt->dst, 0);
}

struct teredo_hop *teredo_hop_get(struct teredo_dev *t,
				  const struct teredo_sock *ts, __be32 local,
				  u64 dest)
{
	u64 key = dest | (u64)(__force u16)ts->port << 48;
	struct teredo_hop *hop;
	struct rtable *rt;

	hop = &this_cpu_ptr(t->routes)->hop[hash_64(key, TEREDO_ROUTES_BITS)];
	if (likely(hop->key == key && hop->local == local && hop->rt &&
		   valid(hop)))
		return hop;
	if (hop->rt)
		ip_rt_put(hop->rt);
	hop->rt = NULL;
	hop->source = local;
	rt = teredo_route(t, ts, teredo_dest_endpoint(dest), &hop->source, 0);
	if (IS_ERR(rt))
		return ERR_CAST(rt);
	hop->rt = rt;
	hop->key = key;
	hop->local = local;
	/*
	 * Counted up for this mapping, from a start that tells it nothing. The
	 * stack's own counters are written by all processors. It matters if a
	 * packet of 1308 bytes is cut on the way, which RFC 4380 made a rare
	 * thing by its MTU; what is put together wrongly then, of two
	 * processors' packets, has the wrong checksum.
	 */
	hop->id = get_random_u16();
	return hop;
}
