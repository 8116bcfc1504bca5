// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a node does by itself (sections 3.1.6.2 and 3.2.6.2): looks for dead
 * entries, fills gaps, finds out whether the cloud has fallen apart.
 */
#include "engine.h"

void p6_maintain_later(struct peer6_pnrp *node)
{
	node->maintain_at = node->now +
		(peer6_cache_count(&node->cache) > P6_SMALL_CACHE ?
		 P6_MAINTENANCE : P6_MAINTENANCE_SMALL);
}

/* ------------------------------------------------------------ the entries */

static void probe(struct peer6_pnrp *node,
		  const struct peer6_cache_entry *entry)
{
	struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_INQUIRE };
	struct p6_message *message;
	struct peer6_endpoint to;

	msg.validate = entry->id;
	if (p6_choose(node, entry->addrs, entry->n_addrs, entry->port, &to) &&
	    !p6_send(node, &msg, &to, P6_PROBE, &message))
		message->u.validate = entry->id;
}

void p6_probe_answered(struct peer6_pnrp *node,
		       const struct p6_message *message,
		       const struct peer6_pnrp_authority *a)
{
	if (a->flags & PEER6_PNRP_AUTH_N)
		p6_remove(node, &message->u.validate, PEER6_E_NOT_FOUND);
}

static void probe_some(struct peer6_pnrp *node)
{
	const struct peer6_cache_entry *entries[P6_PROBES];
	int i, n;

	n = peer6_cache_random(&node->cache, entries, P6_PROBES);
	for (i = 0; i < n; i++)
		probe(node, entries[i]);
}

/*
 * Section 3.2.1.1 wants ten entries, or the whole cloud: who has fewer asks one
 * of those it knows for more. While that yields nothing, the pauses double up
 * to a quarter of an hour.
 */
static void fill_cache(struct peer6_pnrp *node)
{
	const struct peer6_cache_entry *entry;
	unsigned int count = peer6_cache_count(&node->cache);
	struct peer6_endpoint to;

	if (count >= P6_CACHE_MINIMUM)
		return;
	if (count != node->fill_count) {
		node->fill_count = count;
		node->fill_pause = 0;
		node->fill_wait = 0;
	}
	if (node->fill_wait) {
		node->fill_wait--;
		return;
	}
	node->fill_pause = node->fill_pause ?
			   (uint16_t)(node->fill_pause * 2) : 1;
	if (node->fill_pause > 64)
		node->fill_pause = 64;
	node->fill_wait = node->fill_pause;
	if (peer6_cache_random(&node->cache, &entry, 1) == 1 &&
	    p6_choose(node, entry->addrs, entry->n_addrs, entry->port, &to))
		p6_solicit(node, &to);
}

static void look_into(struct peer6_pnrp *node,
		      const struct peer6_cache_gap *gap)
{
	struct p6_resolve *r;

	r = p6_resolve_new(node, PEER6_PNRP_CACHE_MAINTENANCE,
			   PEER6_PNRP_UPPER_BITS, &gap->middle, 1);
	if (r)
		r->precision = gap->precision;
}

/* Note 6 of section 3.2.6.2: a LOOKUP for the middle of a gap. */
static void fill_gap(struct peer6_pnrp *node)
{
	struct peer6_cache_gap gap;

	if (peer6_cache_gap(&node->cache, &gap) == 1)
		look_into(node, &gap);
}

/*
 * The same within a leaf set, however narrow the gap: FLOODs get lost, and cross
 * each other when many nodes come or go at once, and nobody repeats them.
 */
static void fill_leaf_set(struct peer6_pnrp *node)
{
	struct peer6_cache_gap gap;
	uint32_t which;

	if (p6_random(node, &which, sizeof(which)))
		return;
	if (node->restless) {
		node->restless--;
		/* One local ID: each gap in turn. */
		if (peer6_cache_count_locals(&node->cache) == 1)
			which = node->restless;
	} else if (which % P6_LEAF_CHECK) {
		return;
	} else {
		which /= P6_LEAF_CHECK;
	}
	if (peer6_leaf_gap(&node->cache, which, &gap))
		look_into(node, &gap);
}

/* -------------------------------------------------------------- the cloud */

/* A seed, or somebody known from before who need not be in our part. */
static const struct peer6_endpoint *outsider(struct peer6_pnrp *node)
{
	uint8_t dice;

	if (p6_random(node, &dice, 1))
		return NULL;
	if (node->n_seeds)
		return &node->seeds[dice % node->n_seeds];
	return node->n_known ? &node->known[dice % node->n_known] : NULL;
}

/* Section 3.2.6.2.1: is the one after us, seen from a seed, us? */
int p6_split_test(struct peer6_pnrp *node, const struct peer6_pnrp_id *local)
{
	const struct peer6_endpoint *ep = outsider(node);
	struct peer6_pnrp_route route = { .n_addrs = 1 };
	struct peer6_pnrp_id target;
	struct p6_resolve *r;
	int err;

	if (!ep || p6_is_own(node, ep->addr))
		return PEER6_E_NOT_FOUND;
	peer6_pnrp_id_inc(&target, local);
	r = p6_resolve_new(node, PEER6_PNRP_SPLIT_DETECTION, PEER6_PNRP_NONE,
			   &target, 1);
	if (!r)
		return PEER6_E_LIMIT;
	route.port = ep->port;
	memcpy(route.addrs[0], ep->addr, 16);
	r->retry = false;	/* who is known here is not asked */
	err = p6_resolve_push(node, r, &route);
	if (err)
		p6_resolve_free(node, r);
	return err;
}

static void say_split(struct peer6_pnrp *node, const struct peer6_pnrp_id *id,
		      bool smaller)
{
	struct peer6_pnrp_event event = {
		.type = PEER6_PNRP_EV_SPLIT, .id = *id, .value = smaller,
	};

	p6_event(node, &event);
}

/* In the smaller part: each name is made known to the other, from @best on. */
static void move_over(struct peer6_pnrp *node,
		      const struct peer6_pnrp_route *best)
{
	const struct peer6_pnrp_id *local;
	struct peer6_pnrp_id target;
	struct peer6_pnrp_route own;
	struct p6_resolve *r;
	unsigned int i;

	for (i = 0; (local = peer6_cache_get_local(&node->cache, i)); i++) {
		peer6_pnrp_id_inc(&target, local);
		r = p6_resolve_new(node, PEER6_PNRP_REGISTRATION,
				   PEER6_PNRP_NONE, &target, 1);
		if (!r)
			return;
		p6_own_route(node, local, &own);
		if (p6_resolve_best(node, r, &own) ||
		    p6_resolve_push(node, r, best)) {
			p6_resolve_free(node, r);
			return;
		}
	}
}

/* Section 3.2.5.11.1. */
void p6_split_verdict(struct peer6_pnrp *node, const struct p6_resolve *r,
		      const struct p6_route *best)
{
	const struct peer6_cache_entry *closest;
	struct peer6_pnrp_route route;
	bool cached, smaller;

	if (peer6_cache_is_local(&node->cache, &best->id))
		return;
	closest = peer6_cache_closest(&node->cache, &r->target, NULL, NULL,
				      NULL);
	cached = peer6_cache_find(&node->cache, &best->id);
	if (cached && !peer6_pnrp_id_cmp(&closest->id, &best->id))
		return;
	smaller = !cached &&
		  (!closest || peer6_pnrp_id_closer(&r->target, &best->id,
						    &closest->id) < 0);
	say_split(node, &best->id, smaller);
	if (cached)
		return;
	p6_route_load(best, &route);
	p6_add(node, &route, NULL, NULL);
	if (smaller)
		move_over(node, &route);
}

/* About one test a tick in the whole cloud. */
static void detect_split(struct peer6_pnrp *node)
{
	double ids = peer6_cache_cloud_ids(&node->cache), nodes;
	unsigned int n = peer6_cache_count_locals(&node->cache);
	uint32_t dice[2];

	if (!n || (!node->n_seeds && !node->n_known) ||
	    p6_random(node, dice, sizeof(dice)))
		return;
	nodes = ids / n;
	if (nodes > 1 && dice[0] > UINT32_MAX / nodes)
		return;
	p6_split_test(node, peer6_cache_get_local(&node->cache, dice[1] % n));
}

int peer6_pnrp_repair(struct peer6_pnrp *node, peer6_time now)
{
	const struct peer6_pnrp_id *local;
	unsigned int i;
	int err = 0;

	if (now > node->now)
		node->now = now;
	if (!node->running)
		return PEER6_E_NO_CLOUD;
	if (!node->n_own)
		return PEER6_E_NO_ADDRESS;
	for (i = 0; !err && (local = peer6_cache_get_local(&node->cache, i));
	     i++)
		err = p6_split_test(node, local);
	/* Some under way is what was asked for. */
	return i > 1 ? 0 : err;
}

/* ------------------------------------------------------------------- tick */

void p6_maintain(struct peer6_pnrp *node)
{
	p6_rate_shrink(node);
	if (!node->n_own)
		return;
	if (!peer6_cache_count(&node->cache)) {
		if (node->discover_at == PEER6_NEVER)
			p6_discover(node);
		return;
	}
	p6_announce_again(node);
	probe_some(node);
	fill_cache(node);
	fill_gap(node);
	fill_leaf_set(node);
	detect_split(node);
}

/* ------------------------------------------------------------------- ping */

/* An INQUIRE for nobody: whoever answers that it has no such ID is there. */
int peer6_pnrp_ping(struct peer6_pnrp *node, const struct peer6_endpoint *ep,
		    peer6_time now, uint32_t *handle)
{
	struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_INQUIRE };
	struct p6_message *message;
	int err;

	if (now > node->now)
		node->now = now;
	if (!ep || !handle || !p6_endpoint_ok(node, ep))
		return PEER6_E_INVAL;
	if (!node->running)
		return PEER6_E_NO_CLOUD;
	if (!node->n_own)
		return PEER6_E_NO_ADDRESS;
	if (node->n_pings >= P6_PINGS_MAX)
		return PEER6_E_LIMIT;
	err = p6_random(node, &msg.validate, sizeof(msg.validate));
	if (!err)
		err = p6_send(node, &msg, ep, P6_PING, &message);
	if (err)
		return err;
	node->n_pings++;
	message->u.handle = p6_handle(node);
	*handle = message->u.handle;
	return 0;
}
