// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Finding a first member of the cloud (section 3.1.4.2): last seen nodes, then
 * multicast search, then seeds. The host does the multicast.
 *
 * The source runs one of the three at each tick of maintenance. Here the next
 * one starts as soon as the one before has had its time, while nobody is known,
 * so that joining takes seconds; once all have been tried the cloud counts as
 * ALONE, and each tick starts a new round.
 */
#include "engine.h"

int p6_solicit(struct peer6_pnrp *node, const struct peer6_endpoint *ep)
{
	struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_SOLICIT };
	uint8_t nonce[PEER6_PNRP_NONCE_LEN];
	const struct peer6_pnrp_id *local;
	struct p6_message *message;
	int err;

	if (p6_is_own(node, ep->addr) && ep->port == node->own[0].port)
		return PEER6_E_INVAL;
	err = p6_random(node, nonce, sizeof(nonce));
	if (err)
		return err;
	if (node->cfg.crypto->sha1(node->cfg.crypto->ctx, nonce,
				   sizeof(nonce), msg.hashed_nonce) < 0)
		return PEER6_E_CRYPTO;
	local = peer6_cache_get_local(&node->cache, 0);
	if (local) {
		msg.has_controls = true;
		msg.solicit_type = PEER6_PNRP_SOLICIT_ANY;
		msg.has_route = true;
		p6_own_route(node, local, &msg.route);
	}
	err = p6_send(node, &msg, ep, P6_SOLICIT, &message);
	if (err)
		return err;
	memcpy(message->u.nonce, nonce, sizeof(nonce));
	return 0;
}

static bool try_known(struct peer6_pnrp *node)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < node->n_known; i++)
		if (!p6_solicit(node, &node->known[i]))
			any = true;
	return any;
}

static void search(struct peer6_pnrp *node)
{
	struct peer6_pnrp_event event = { .type = PEER6_PNRP_EV_SSDP_SEARCH };

	node->ssdp_targets = 0;
	p6_event(node, &event);
}

static bool try_seed(struct peer6_pnrp *node)
{
	while (node->seeds_tried < node->n_seeds) {
		if (node->seed_index >= node->n_seeds)
			node->seed_index = 0;
		node->seeds_tried++;
		if (!p6_solicit(node, &node->seeds[node->seed_index++]))
			return true;
	}
	return false;
}

static void next_mode(struct peer6_pnrp *node)
{
	node->discovery = node->discovery == P6_SEED ? P6_LOCAL_OOB :
			  (uint8_t)(node->discovery + 1);
	node->modes_tried++;
	node->seeds_tried = 0;
}

void p6_discover(struct peer6_pnrp *node)
{
	node->discover_at = PEER6_NEVER;
	if (!node->n_own || peer6_cache_count(&node->cache))
		return;
	while (node->modes_tried < 3) {
		switch (node->discovery) {
		case P6_LOCAL_OOB:
			next_mode(node);
			if (!try_known(node))
				break;
			node->discover_at = node->now + P6_DISCOVER_SOLICIT;
			return;
		case P6_SSDP:
			next_mode(node);
			if (node->cfg.no_multicast)
				break;
			node->discover_at = node->now + P6_DISCOVER_SSDP;
			search(node);
			return;
		default:
			if (try_seed(node)) {
				node->discover_at = node->now +
						    P6_DISCOVER_SOLICIT;
				return;
			}
			next_mode(node);
		}
	}
	/* A round is over. The next one begins with a tick of maintenance. */
	node->modes_tried = 0;
	p6_set_state(node, PEER6_PNRP_ALONE);
}

void p6_found_somebody(struct peer6_pnrp *node)
{
	node->discover_at = PEER6_NEVER;
	node->modes_tried = 0;
	node->fill_pause = 0;
	node->fill_wait = 0;
	if (node->running && node->n_own)
		p6_set_state(node, PEER6_PNRP_ACTIVE);
}

/*
 * The next round begins at once, but not within this call: it may be the end of
 * a message that it would look at.
 */
void p6_lost_everybody(struct peer6_pnrp *node)
{
	if (!node->running || !node->n_own)
		return;
	node->discovery = P6_LOCAL_OOB;
	node->modes_tried = 0;
	node->discover_at = node->now;
	p6_set_state(node, PEER6_PNRP_SYNCHRONIZING);
	p6_announce_all(node);
}

/* Section 3.2.4.1: while anything is registered, answer searches. */
void p6_ssdp_advertise(struct peer6_pnrp *node)
{
	struct peer6_pnrp_event event = {
		.type = PEER6_PNRP_EV_SSDP_ADVERTISE,
	};
	bool wanted = node->running && node->n_own &&
		      node->n_registrations && !node->cfg.no_multicast;

	if (wanted == node->advertising)
		return;
	node->advertising = wanted;
	event.value = wanted;
	p6_event(node, &event);
}

int peer6_pnrp_ssdp_found(struct peer6_pnrp *node,
			  const struct peer6_endpoint *ep, peer6_time now)
{
	int err;

	if (now > node->now)
		node->now = now;
	if (!node->running)
		return PEER6_E_NO_CLOUD;
	if (!node->n_own)
		return PEER6_E_NO_ADDRESS;
	if (!ep || !p6_endpoint_ok(node, ep) || p6_is_own(node, ep->addr))
		return PEER6_E_SOURCE;
	if (node->ssdp_targets >= P6_SSDP_TARGETS)
		return PEER6_E_LIMIT;
	err = p6_solicit(node, ep);
	if (!err)
		node->ssdp_targets++;
	return err;
}

int peer6_pnrp_synchronize(struct peer6_pnrp *node,
			   const struct peer6_endpoint *ep, peer6_time now)
{
	if (now > node->now)
		node->now = now;
	if (!node->running)
		return PEER6_E_NO_CLOUD;
	if (!node->n_own)
		return PEER6_E_NO_ADDRESS;
	if (!ep || !p6_endpoint_ok(node, ep))
		return PEER6_E_INVAL;
	return p6_solicit(node, ep);
}
