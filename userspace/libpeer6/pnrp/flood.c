// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * FLOOD: how leaf sets hear of those who come and go (sections 3.1.5.5, 3.2.5.5
 * and 3.2.5.11). Each node that takes an entry into a leaf set passes it on to
 * the nearest on either side that have not had it, so it dies out where it is
 * in no leaf set any more.
 */
#include "engine.h"

int p6_flood(struct peer6_pnrp *node, const struct peer6_pnrp_route *route,
	     const struct peer6_pnrp_bytes *revoke,
	     const struct peer6_pnrp_id *validate,
	     const struct peer6_pnrp_path *path, bool no_ack,
	     const struct peer6_endpoint *to)
{
	struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_FLOOD };
	struct p6_message *message;
	int err;

	msg.flags = no_ack ? PEER6_PNRP_FLOOD_D : 0;
	msg.validate = *validate;
	msg.path = *path;
	if (route) {
		msg.has_route = true;
		msg.route = *route;
	}
	if (revoke)
		msg.revoke = *revoke;
	err = p6_send(node, &msg, to, no_ack ? P6_ANSWER : P6_FLOOD,
		      &message);
	if (!err && !no_ack)
		message->u.validate = *validate;
	return err;
}

struct not_in_path {
	const struct peer6_pnrp_path	*path;
	const struct p6_route		*route;	/* nor one of these; or NULL */
};

static bool not_in_path(void *ctx, const struct peer6_cache_entry *entry)
{
	const struct not_in_path *f = ctx;
	unsigned int i, j;

	for (i = 0; i < entry->n_addrs; i++)
		if (p6_in_path(f->path->ep, f->path->n, entry->addrs[i]))
			return false;
	for (j = 0; f->route && j < f->route->n_addrs; j++)
		if (f->route->port == entry->port &&
		    peer6_cache_has_addr(entry, f->route->addrs[j]))
			return false;
	return true;
}

static bool entry_choose(const struct peer6_pnrp *node,
			 const struct peer6_cache_entry *entry,
			 struct peer6_endpoint *ep)
{
	return entry && p6_choose(node, entry->addrs, entry->n_addrs,
				  entry->port, ep);
}

/* The ID of whoever sits there, as far as known: for the Validate field. */
static struct peer6_pnrp_id id_at(const struct peer6_pnrp *node,
				  const struct peer6_endpoint *ep)
{
	static const struct peer6_pnrp_id zero;
	const struct peer6_cache_entry *entry;
	unsigned int i;

	for (i = 0; (entry = peer6_cache_get(&node->cache, i)); i++)
		if (entry->port == ep->port &&
		    peer6_cache_has_addr(entry, ep->addr))
			return entry->id;
	return zero;
}

/*
 * Tells the new one, and the one who told of it, who we are: so it learns its
 * leaf set. The source says both, in two places.
 */
static void flood_back(struct peer6_pnrp *node, const struct p6_add *add,
		       const struct peer6_pnrp_path *path)
{
	const struct peer6_pnrp_id *local;
	struct peer6_pnrp_route own;
	struct peer6_pnrp_id sender;
	struct peer6_endpoint ep;
	unsigned int i;

	sender = id_at(node, &add->from);
	for (i = 0; (local = peer6_cache_get_local(&node->cache, i)); i++) {
		if (!peer6_leaf_has(&node->cache, local, &add->route->id))
			continue;
		p6_own_route(node, local, &own);
		if (p6_route_choose(node, add->route, &ep))
			p6_flood(node, &own, NULL, &add->route->id, path,
				 false, &ep);
		if (p6_endpoint_ok(node, &add->from))
			p6_flood(node, &own, NULL, &sender, path, false,
				 &add->from);
	}
}

/* Away from @id, on the side of it where @local is (section 4.3). */
static const struct peer6_cache_entry *
outward(struct peer6_pnrp *node, const struct peer6_pnrp_id *local,
	const struct peer6_pnrp_id *id, struct not_in_path *filter)
{
	if (peer6_pnrp_id_above(local, id))
		return peer6_cache_below(&node->cache, local, not_in_path,
					 filter);
	return peer6_cache_above(&node->cache, local, not_in_path, filter);
}

/* One of those that p6_leaf_grown() tells. */
struct listener {
	struct peer6_pnrp_id	id;
	struct peer6_endpoint	ep;
};

static unsigned int add_listener(const struct peer6_pnrp *node,
				 const struct peer6_cache_entry *entry,
				 struct listener *list, unsigned int n)
{
	unsigned int i;

	if (!entry_choose(node, entry, &list[n].ep))
		return n;
	for (i = 0; i < n; i++)
		if (p6_endpoint_equal(&list[i].ep, &list[n].ep))
			return n;
	list[n].id = entry->id;
	return n + 1;
}

/*
 * Told are the nearest above and below the new entry, and the nearest away from
 * it behind ourselves. In the source's example the third is one of the two, for
 * all between are in the list already. When many hear of the entry at once, by
 * LOOKUPs, they are not, and without the third those next to it would tell each
 * other, and nobody those farther out.
 */
void p6_leaf_grown(struct peer6_pnrp *node, const struct p6_add *add)
{
	const struct peer6_pnrp_id *id = &add->route->id;
	struct peer6_pnrp_path path = { 0 };
	struct peer6_pnrp_route route;
	struct not_in_path filter = { &path, add->route };
	const struct peer6_pnrp_id *local;
	struct listener list[3];
	unsigned int i, n;

	node->restless = P6_LEAF_CHECKS;
	for (i = 0; i < add->n_path; i++)
		p6_path_add(&path, &add->path[i]);
	n = add_listener(node, peer6_cache_above(&node->cache, id, not_in_path,
						 &filter), list, 0);
	n = add_listener(node, peer6_cache_below(&node->cache, id, not_in_path,
						 &filter), list, n);
	local = peer6_cache_closest_local(&node->cache, id);
	if (local)
		n = add_listener(node, outward(node, local, id, &filter), list,
				 n);
	p6_path_add(&path, &node->own[0]);
	for (i = 0; i < n; i++)
		p6_path_add(&path, &list[i].ep);
	p6_route_load(add->route, &route);
	for (i = 0; i < n; i++)
		p6_flood(node, &route, NULL, &list[i].id, &path, false,
			 &list[i].ep);
	if (!add->by_flood)
		return;
	for (i = 0; i < add->route->n_addrs; i++)
		if (!memcmp(add->route->addrs[i], add->from.addr, 16))
			return;
	flood_back(node, add, &path);
}

void p6_revoked(struct peer6_pnrp *node, const struct peer6_pnrp_id *id,
		const uint8_t *revoke, size_t n_revoke,
		const struct peer6_endpoint *from, unsigned int n_from)
{
	const struct peer6_pnrp_bytes bytes = { revoke, n_revoke };
	struct peer6_pnrp_event event = {
		.type = PEER6_PNRP_EV_REVOKED, .id = *id,
	};
	const struct peer6_pnrp_id gone = *id;
	const struct peer6_cache_entry *entry;
	const struct peer6_pnrp_id *local;
	struct peer6_pnrp_path path = { 0 };
	struct not_in_path filter = { &path, NULL };
	struct peer6_pnrp_id validate;
	struct peer6_endpoint to;
	unsigned int i;

	for (i = 0; i < n_from; i++)
		p6_path_add(&path, &from[i]);
	p6_path_add(&path, &node->own[0]);
	/* Not to the one that is gone either. */
	entry = peer6_cache_find(&node->cache, &gone);
	if (entry_choose(node, entry, &to))
		p6_path_add(&path, &to);
	for (i = 0; (local = peer6_cache_get_local(&node->cache, i)); i++) {
		if (!peer6_leaf_has(&node->cache, local, &gone))
			continue;
		entry = outward(node, local, &gone, &filter);
		if (!entry_choose(node, entry, &to))
			continue;
		validate = entry->id;
		p6_path_add(&path, &to);
		p6_flood(node, NULL, &bytes, &validate, &path, false, &to);
	}
	p6_event(node, &event);
	p6_remove(node, &gone, PEER6_E_CANCELED);
}

/*
 * A record that takes an unsecured name back proves nothing, for anybody can
 * sign it: the entry is asked whether it is still there.
 */
static int take_revoke(struct peer6_pnrp *node,
		       const struct peer6_pnrp_msg *msg,
		       const struct peer6_endpoint *from)
{
	struct peer6_pnrp_id id;
	bool secure;
	int err;

	err = p6_revoke_check(node, msg->revoke.p, msg->revoke.len, &id,
			      &secure);
	if (err == PEER6_E_NOT_FOUND)
		return 0;
	if (err)
		return err;
	if (!secure) {
		p6_add_doubt(node, peer6_cache_find(&node->cache, &id), msg,
			     from);
		return 0;
	}
	p6_revoked(node, &id, msg->revoke.p, msg->revoke.len, msg->path.ep,
		   msg->path.n);
	return 0;
}

int p6_on_flood(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
		const struct peer6_endpoint *from)
{
	struct peer6_pnrp_msg ack = {
		.type = PEER6_PNRP_ACK, .acked = msg->id,
	};

	if (!(msg->flags & PEER6_PNRP_FLOOD_D)) {
		if (!peer6_pnrp_id_is_zero(&msg->validate) &&
		    !peer6_cache_is_local(&node->cache, &msg->validate))
			ack.flags = PEER6_PNRP_ACK_N;
		if (!p6_rate_spend(node, 26))
			return PEER6_E_RATE;
		p6_send(node, &ack, from, P6_ANSWER, NULL);
	}
	if (msg->has_route)
		p6_add(node, &msg->route, msg, from);
	if (msg->revoke.p)
		return take_revoke(node, msg, from);
	return 0;
}

int p6_on_ack(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
	      struct p6_message *message)
{
	bool gone = message->purpose == P6_FLOOD &&
		    (msg->flags & PEER6_PNRP_ACK_N);
	struct peer6_pnrp_id id = message->u.validate;

	p6_message_end(node, message);
	if (gone)
		p6_remove(node, &id, PEER6_E_NOT_FOUND);
	return 0;
}
