// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The conversation by which a node gets its first route entries: SOLICIT,
 * ADVERTISE, REQUEST, ACK and a FLOOD for each entry (sections 3.1.4.3,
 * 3.1.5.3, 3.2.5.3 and 3.2.5.4).
 */
#include "engine.h"

static void conversation_end(struct peer6_pnrp *node,
			     struct p6_conversation *c)
{
	p6_list_remove(&c->link);
	node->n_conversations--;
	p6_free(node, c, sizeof(*c));
}

static struct p6_conversation *
find(const struct peer6_pnrp *node, const struct peer6_endpoint *peer,
     const uint8_t hashed_nonce[PEER6_PNRP_HASH_LEN])
{
	struct p6_conversation *c;
	struct p6_link *at;

	for (at = node->conversations.next; at != &node->conversations;
	     at = at->next) {
		c = p6_entry(at, struct p6_conversation, link);
		if (p6_endpoint_equal(&c->peer, peer) &&
		    !memcmp(c->hashed_nonce, hashed_nonce,
			    sizeof(c->hashed_nonce)))
			return c;
	}
	return NULL;
}

/* A repeated SOLICIT restarts the timer, which keeps the list in order. */
static struct p6_conversation *
converse(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
	 const struct peer6_endpoint *from)
{
	struct p6_conversation *c = find(node, from, msg->hashed_nonce);

	if (c) {
		p6_list_remove(&c->link);
	} else {
		if (node->n_conversations >= P6_CONVERSATIONS_MAX)
			return NULL;
		c = p6_alloc(node, sizeof(*c));
		if (!c)
			return NULL;
		c->peer = *from;
		memcpy(c->hashed_nonce, msg->hashed_nonce,
		       sizeof(c->hashed_nonce));
		node->n_conversations++;
	}
	if (msg->has_route)
		c->id = msg->route.id;
	c->due = node->now + P6_CONVERSATION;
	p6_list_append(&node->conversations, &c->link);
	return c;
}

static unsigned int pick_ids(struct peer6_pnrp *node,
			     const struct peer6_pnrp_msg *msg, uint8_t *ids)
{
	const struct peer6_cache_entry *entries[P6_ADVERTISED];
	const struct peer6_pnrp_id *id;
	unsigned int i, n = 0;
	int found = 0;

	if (!msg->has_controls || msg->solicit_type == PEER6_PNRP_SOLICIT_ANY)
		found = peer6_cache_spread(&node->cache, entries,
					   P6_ADVERTISED);
	for (i = 0; (int)i < found; i++) {
		/* The one who asks knows itself. */
		if (msg->has_route &&
		    !peer6_pnrp_id_cmp(&msg->route.id, &entries[i]->id))
			continue;
		memcpy(ids + 32 * n++, entries[i]->id.b, 32);
	}
	for (i = 0; n < P6_ADVERTISED &&
	     (id = peer6_cache_get_local(&node->cache, i)); i++)
		memcpy(ids + 32 * n++, id->b, 32);
	return n;
}

int p6_on_solicit(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
		  const struct peer6_endpoint *from)
{
	struct peer6_pnrp_msg answer = {
		.type = PEER6_PNRP_ADVERTISE, .acked = msg->id,
	};
	struct p6_conversation *c = NULL;
	uint8_t ids[32 * P6_ADVERTISED];

	memcpy(answer.hashed_nonce, msg->hashed_nonce,
	       sizeof(answer.hashed_nonce));
	answer.ids.p = ids;
	if (node->n_out < P6_OUTPUT_BUSY)
		c = converse(node, msg, from);
	if (c) {
		answer.ids.n = (uint16_t)pick_ids(node, msg, ids);
		c->advertised = p6_hash(node, ids, 32u * answer.ids.n);
		if (!answer.ids.n)
			conversation_end(node, c);
	}
	if (!p6_rate_spend(node, 56 + 32u * answer.ids.n))
		return PEER6_E_RATE;
	p6_send(node, &answer, from, P6_ANSWER, NULL);
	if (msg->has_route)
		p6_add(node, &msg->route, NULL, from);
	return 0;
}

int p6_on_advertise(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
		    struct p6_message *solicit)
{
	struct peer6_pnrp_msg request = { .type = PEER6_PNRP_REQUEST };
	struct peer6_endpoint to = solicit->to;
	uint8_t hash[PEER6_PNRP_HASH_LEN];
	int err;

	memcpy(request.nonce, solicit->u.nonce, sizeof(request.nonce));
	err = node->cfg.crypto->sha1(node->cfg.crypto->ctx, request.nonce,
				     sizeof(request.nonce), hash);
	if (err < 0)
		return PEER6_E_CRYPTO;
	if (memcmp(hash, msg->hashed_nonce, sizeof(hash)))
		return PEER6_E_NONCE;
	if (!msg->ids.n) {
		p6_message_end(node, solicit);
		return 0;
	}
	request.has_nonce = true;
	request.ids = msg->ids;
	/* More than five is against the rules, but may fit all the same. */
	if (request.ids.n > P6_ADVERTISED)
		request.ids.n = P6_ADVERTISED;
	err = p6_send(node, &request, &to, P6_REQUEST, NULL);
	if (!err)
		p6_message_end(node, solicit);
	return err;
}

/* One FLOOD of a requested entry; what has left the cache is skipped. */
static void flood_one(struct peer6_pnrp *node,
		      const struct p6_conversation *c,
		      const struct peer6_pnrp_id *id)
{
	const struct peer6_pnrp_path path = { 0 };
	const struct peer6_cache_entry *entry;
	struct peer6_pnrp_route route;

	if (peer6_cache_is_local(&node->cache, id)) {
		p6_own_route(node, id, &route);
	} else {
		entry = peer6_cache_find(&node->cache, id);
		if (!entry)
			return;
		peer6_cache_route(entry, &route);
	}
	if (!p6_rate_spend(node, 70 + 60 + 16u * (route.n_addrs - 1u)))
		return;
	p6_flood(node, &route, NULL, &c->id, &path, true, &c->peer);
}

int p6_on_request(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
		  const struct peer6_endpoint *from)
{
	struct peer6_pnrp_msg ack = {
		.type = PEER6_PNRP_ACK, .acked = msg->id,
	};
	uint8_t hash[PEER6_PNRP_HASH_LEN];
	struct p6_conversation *c;
	struct peer6_pnrp_id id;
	unsigned int i, n;

	if (node->cfg.crypto->sha1(node->cfg.crypto->ctx, msg->nonce,
				   sizeof(msg->nonce), hash) < 0)
		return PEER6_E_CRYPTO;
	c = find(node, from, hash);
	if (!c)
		return PEER6_E_UNEXPECTED;
	/*
	 * The nonce proves nothing of the source, who made it. That it knows
	 * which IDs it was sent does, unless the cloud is tiny.
	 */
	if (msg->ids.n && c->advertised ==
	    p6_hash(node, msg->ids.p, 32u * msg->ids.n))
		p6_rate_proven(node, from);
	if (!p6_rate_spend(node, 20))
		return PEER6_E_RATE;
	p6_send(node, &ack, from, P6_ANSWER, NULL);
	n = msg->ids.n < P6_ADVERTISED ? msg->ids.n : P6_ADVERTISED;
	for (i = 0; i < n; i++) {
		peer6_pnrp_ids_get(&msg->ids, i, &id);
		flood_one(node, c, &id);
	}
	conversation_end(node, c);
	return 0;
}

void p6_conversations_tick(struct peer6_pnrp *node)
{
	struct p6_conversation *c;

	while (!p6_list_empty(&node->conversations)) {
		c = p6_entry(node->conversations.next, struct p6_conversation,
			     link);
		if (c->due > node->now)
			return;
		conversation_end(node, c);
	}
}

void p6_conversations_flush(struct peer6_pnrp *node)
{
	while (!p6_list_empty(&node->conversations))
		conversation_end(node, p6_entry(node->conversations.next,
						struct p6_conversation, link));
}
