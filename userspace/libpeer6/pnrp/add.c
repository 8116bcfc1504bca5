// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Nothing gets into the cache on hearsay: each route entry that somebody tells
 * is first asked for, at one of its own addresses (return routability, sections
 * 3.1.5.11, 3.2.5.1 and 3.1.5.6.1.2). What would be in a leaf set has to show
 * its CPA as well.
 */
#include "engine.h"

static void add_free(struct peer6_pnrp *node, struct p6_add *add)
{
	if (add->inquire)
		p6_message_end(node, add->inquire);
	else
		node->n_waiting--;
	p6_list_remove(&add->link);
	node->n_adds--;
	p6_route_free(node, add->route);
	p6_free(node, add->path, add->n_path * sizeof(*add->path));
	p6_free(node, add->revoke, add->n_revoke);
	p6_free(node, add, sizeof(*add));
}

static struct p6_add *find(const struct peer6_pnrp *node,
			   const struct peer6_pnrp_id *id)
{
	struct p6_add *add;
	struct p6_link *at;

	for (at = node->adds.next; at != &node->adds; at = at->next) {
		add = p6_entry(at, struct p6_add, link);
		if (!peer6_pnrp_id_cmp(&add->route->id, id))
			return add;
	}
	return NULL;
}

/* Asks, or gives up; @add is gone if this returns false. */
static bool inquire(struct peer6_pnrp *node, struct p6_add *add)
{
	struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_INQUIRE };
	struct p6_message *message;
	struct peer6_endpoint to;
	bool ok;

	msg.validate = add->route->id;
	ok = p6_route_choose(node, add->route, &to);
	if (ok && add->need_cpa) {
		msg.flags = PEER6_PNRP_INQUIRE_A | PEER6_PNRP_INQUIRE_C;
		msg.has_nonce = true;
		ok = !p6_random(node, add->nonce, sizeof(add->nonce));
		memcpy(msg.nonce, add->nonce, sizeof(msg.nonce));
	}
	ok = ok && !p6_send(node, &msg, &to, P6_ADD, &message);
	if (!ok) {
		add_free(node, add);
		return false;
	}
	message->u.add = add;
	add->inquire = message;
	node->n_waiting--;
	return true;
}

static bool same_addresses(const struct peer6_cache_entry *entry,
			   const struct peer6_pnrp_route *route)
{
	unsigned int i;

	if (entry->port != route->port || entry->n_addrs != route->n_addrs)
		return false;
	for (i = 0; i < route->n_addrs; i++)
		if (!peer6_cache_has_addr(entry, route->addrs[i]))
			return false;
	return true;
}

static bool own_addresses(const struct peer6_pnrp *node,
			  const struct peer6_pnrp_route *route)
{
	unsigned int i;

	if (route->port != node->own[0].port)
		return false;
	for (i = 0; i < route->n_addrs; i++)
		if (p6_is_own(node, route->addrs[i]))
			return true;
	return false;
}

static bool names_itself(const struct peer6_pnrp_route *route,
			 const struct peer6_endpoint *from)
{
	unsigned int i;

	for (i = 0; i < route->n_addrs; i++)
		if (!memcmp(route->addrs[i], from->addr, 16))
			return true;
	return false;
}

/*
 * Who moves twice says so while the first place is still being asked, in vain.
 * Only what comes from the new place itself counts, and it has to prove the same.
 */
static bool overtakes(const struct p6_add *add,
		      const struct peer6_pnrp_route *route,
		      const struct peer6_endpoint *from)
{
	struct peer6_pnrp_route asked;
	unsigned int i, j;

	if (!from || add->revoke || !names_itself(route, from))
		return false;
	p6_route_load(add->route, &asked);
	if (asked.port != route->port || asked.n_addrs != route->n_addrs)
		return true;
	for (i = 0; i < asked.n_addrs; i++) {
		for (j = 0; j < route->n_addrs; j++)
			if (!memcmp(asked.addrs[i], route->addrs[j], 16))
				break;
		if (j == route->n_addrs)
			return true;
	}
	return false;
}

static bool copy_path(struct peer6_pnrp *node, struct p6_add *add,
		      const struct peer6_pnrp_msg *flood)
{
	add->by_flood = true;
	if (!flood->path.n)
		return true;
	add->path = p6_dup(node, flood->path.ep,
			   flood->path.n * sizeof(*add->path));
	if (!add->path)
		return false;
	add->n_path = flood->path.n;
	return true;
}

/*
 * An object in the list, not yet asked. The line at an address is joined only
 * when there is no more that can fail.
 */
static struct p6_add *make(struct peer6_pnrp *node,
			   const struct peer6_pnrp_route *route,
			   const struct peer6_pnrp_msg *flood,
			   const struct peer6_endpoint *from)
{
	struct p6_add *add;

	if (node->n_adds >= P6_ADDS_MAX)
		return NULL;
	add = p6_alloc(node, sizeof(*add));
	if (!add)
		return NULL;
	p6_list_append(&node->adds, &add->link);
	node->n_adds++;
	node->n_waiting++;
	add->start = node->now;
	if (from)
		add->from = *from;
	add->route = p6_route_dup(node, route);
	if (!add->route || (flood && !copy_path(node, add, flood))) {
		add_free(node, add);
		return NULL;
	}
	return add;
}

static void begin(struct peer6_pnrp *node, struct p6_add *add)
{
	struct peer6_endpoint to;

	if (!p6_route_choose(node, add->route, &to)) {
		add_free(node, add);
		return;
	}
	add->start = p6_rate_probe(node, to.addr);
	if (add->start == PEER6_NEVER)
		add_free(node, add);
	else if (add->start <= node->now)
		inquire(node, add);
}

void p6_add(struct peer6_pnrp *node, const struct peer6_pnrp_route *route,
	    const struct peer6_pnrp_msg *flood,
	    const struct peer6_endpoint *from)
{
	const struct peer6_cache_entry *entry;
	struct p6_add *add;

	if (route->port <= 1024 || !route->n_addrs ||
	    peer6_pnrp_id_is_zero(&route->id) ||
	    peer6_cache_is_local(&node->cache, &route->id) ||
	    own_addresses(node, route))
		return;
	add = find(node, &route->id);
	if (add && !overtakes(add, route, from))
		return;
	if (add)
		add_free(node, add);
	entry = peer6_cache_find(&node->cache, &route->id);
	if (entry && same_addresses(entry, route))
		return;
	/* What is asked for and how it is resent: two INQUIREs. */
	if (from && !p6_rate_spend(node, 2 * 76))
		return;
	add = make(node, route, flood, from);
	if (!add)
		return;
	/* To have moved, an entry has to prove that it is the same. */
	add->need_cpa = entry || peer6_leaf_any(&node->cache, &route->id);
	if (from && !names_itself(route, from))
		begin(node, add);
	else
		inquire(node, add);
}

void p6_add_doubt(struct peer6_pnrp *node,
		  const struct peer6_cache_entry *entry,
		  const struct peer6_pnrp_msg *flood,
		  const struct peer6_endpoint *from)
{
	struct peer6_pnrp_route route;
	struct p6_add *add;

	if (find(node, &entry->id) || !p6_rate_spend(node, 2 * 76))
		return;
	peer6_cache_route(entry, &route);
	add = make(node, &route, flood, from);
	if (!add)
		return;
	add->revoke = p6_dup(node, flood->revoke.p, flood->revoke.len);
	if (!add->revoke) {
		add_free(node, add);
		return;
	}
	add->n_revoke = (uint16_t)flood->revoke.len;
	begin(node, add);
}

/* Section 3.2.5.1: the CPA's addresses are those of the entry, no others. */
static bool same_service(const struct p6_route *route,
			 const struct peer6_pnrp_cpa *cpa)
{
	unsigned int i, j;

	if (cpa->n_service != route->n_addrs)
		return false;
	for (i = 0; i < cpa->n_service; i++) {
		if (cpa->service[i].port != route->port)
			return false;
		for (j = 0; j < route->n_addrs; j++)
			if (!memcmp(cpa->service[i].addr, route->addrs[j],
				    16))
				break;
		if (j == route->n_addrs)
			return false;
	}
	return true;
}

/* Whether a leaf set took it, or has it at other addresses than before. */
static bool store(struct peer6_pnrp *node,
		  const struct peer6_pnrp_route *route, bool proven)
{
	struct peer6_pnrp_event event = {
		.type = PEER6_PNRP_EV_CACHE_ADD, .id = route->id,
	};
	const struct peer6_cache_entry *old = peer6_cache_find(&node->cache,
							       &route->id);
	bool moved = old && !same_addresses(old, route);
	bool first = !peer6_cache_count(&node->cache);
	struct peer6_cache_change change;

	if (peer6_cache_insert(&node->cache, route, proven, node->now,
			       &change) ||
	    change.outcome == PEER6_CACHE_REFUSED)
		return false;
	if (change.outcome == PEER6_CACHE_STORED)
		p6_event(node, &event);
	if (change.evicted) {
		event.type = PEER6_PNRP_EV_CACHE_REMOVE;
		event.error = PEER6_E_LIMIT;
		event.id = change.evicted_id;
		p6_event(node, &event);
	}
	if (first)
		p6_found_somebody(node);
	return change.n_leaf ||
	       (moved && peer6_leaf_any(&node->cache, &route->id));
}

/*
 * In a resolve somebody has answered for its ID from its address: that is what
 * an INQUIRE would show. A leaf set wants the CPA all the same.
 */
void p6_add_answering(struct peer6_pnrp *node,
		      const struct peer6_pnrp_route *route)
{
	if (peer6_cache_find(&node->cache, &route->id) ||
	    peer6_leaf_any(&node->cache, &route->id))
		p6_add(node, route, NULL, NULL);
	else if (!own_addresses(node, route))
		store(node, route, false);
}

static bool accept(struct peer6_pnrp *node, const struct p6_add *add,
		   const struct peer6_pnrp_authority *a)
{
	struct p6_record record;
	int err;

	err = p6_record_check(node, a, &add->route->id, add->nonce, false,
			      &record);
	if (!err && !same_service(add->route, &record.cpa))
		err = PEER6_E_ID_MISMATCH;
	if (err)
		p6_drop(node, err, &add->inquire->to);
	return !err;
}

static void revoked(struct peer6_pnrp *node, struct p6_add *add)
{
	p6_revoked(node, &add->route->id, add->revoke, add->n_revoke,
		   add->path, add->n_path);
}

/* The message is ended with the add, after all that reads the answer. */
void p6_add_answered(struct peer6_pnrp *node, struct p6_add *add,
		     const struct peer6_pnrp_authority *a)
{
	bool gone = a->flags & PEER6_PNRP_AUTH_N;
	struct peer6_pnrp_route route;

	if (add->revoke) {
		if (gone)
			revoked(node, add);
	} else if (gone) {
		/* It may be cached with other addresses: that one stays. */
	} else if (!add->need_cpa &&
		   peer6_leaf_any(&node->cache, &add->route->id)) {
		/* A leaf set has got room for it while it was asked. */
		p6_message_end(node, add->inquire);
		add->inquire = NULL;
		node->n_waiting++;
		add->need_cpa = true;
		inquire(node, add);
		return;
	} else if (!add->need_cpa || accept(node, add, a)) {
		p6_route_load(add->route, &route);
		if (store(node, &route, add->need_cpa))
			p6_leaf_grown(node, add);
	}
	add_free(node, add);
}

/* The dead cannot object to a revoke. */
void p6_add_failed(struct peer6_pnrp *node, struct p6_add *add)
{
	if (add->revoke)
		revoked(node, add);
	add_free(node, add);
}

void p6_remove(struct peer6_pnrp *node, const struct peer6_pnrp_id *id,
	       int why)
{
	struct peer6_pnrp_event event = {
		.type = PEER6_PNRP_EV_CACHE_REMOVE, .error = why, .id = *id,
	};
	bool leaf = peer6_leaf_any(&node->cache, id);

	if (peer6_cache_remove(&node->cache, id))
		return;
	if (leaf)
		node->restless = P6_LEAF_CHECKS;
	p6_event(node, &event);
	if (!peer6_cache_count(&node->cache))
		p6_lost_everybody(node);
}

void p6_adds_tick(struct peer6_pnrp *node)
{
	struct p6_link *at, *after;
	struct p6_add *add;

	if (!node->n_waiting)
		return;
	p6_for_each(at, after, &node->adds) {
		add = p6_entry(at, struct p6_add, link);
		if (!add->inquire && add->start <= node->now)
			inquire(node, add);
	}
}

peer6_time p6_adds_deadline(const struct peer6_pnrp *node)
{
	peer6_time t = PEER6_NEVER;
	struct p6_link *at;
	struct p6_add *add;

	if (!node->n_waiting)
		return t;
	for (at = node->adds.next; at != &node->adds; at = at->next) {
		add = p6_entry(at, struct p6_add, link);
		if (!add->inquire && add->start < t)
			t = add->start;
	}
	return t;
}

void p6_adds_flush(struct peer6_pnrp *node)
{
	while (!p6_list_empty(&node->adds))
		add_free(node, p6_entry(node->adds.next, struct p6_add, link));
}
