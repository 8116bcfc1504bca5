// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Answering LOOKUP and INQUIRE (sections 3.2.5.2 and 3.2.5.6), and AUTHORITY in
 * both directions with its fragments (sections 3.2.5.10 and 3.1.5.6).
 */
#include "engine.h"

static int send_authority(struct peer6_pnrp *node, uint32_t acked,
			  const struct peer6_endpoint *to,
			  const uint8_t *buffer, size_t len)
{
	struct peer6_pnrp_msg msg = {
		.type = PEER6_PNRP_AUTHORITY, .acked = acked,
		.size = (uint16_t)len,
	};
	unsigned int n = (unsigned int)((len + PEER6_PNRP_FRAGMENT - 1) /
					PEER6_PNRP_FRAGMENT);
	size_t at;
	int err;

	if (node->n_out + n > P6_OUTPUT_MAX)
		return PEER6_E_LIMIT;
	if (!p6_rate_spend(node, len + 28 * n))
		return PEER6_E_RATE;
	err = p6_message_id(node, &msg.id);
	for (at = 0; !err && at < len; at += PEER6_PNRP_FRAGMENT) {
		msg.offset = (uint16_t)at;
		msg.fragment.p = buffer + at;
		msg.fragment.len = len - at < PEER6_PNRP_FRAGMENT ?
				   len - at : PEER6_PNRP_FRAGMENT;
		err = p6_send_as(node, &msg, to, P6_ANSWER, NULL);
	}
	/* Without the rest, what is queued already is of no use. */
	if (err)
		p6_unsend(node, msg.id);
	return err;
}

/* ---------------------------------------------------------------- LOOKUP */

static bool not_in_path(void *ctx, const struct peer6_cache_entry *entry)
{
	const struct peer6_pnrp_path *path = ctx;
	unsigned int i;

	for (i = 0; i < entry->n_addrs; i++)
		if (p6_in_path(path->ep, path->n, entry->addrs[i]))
			return false;
	return true;
}

/*
 * One of the three closest at random, so that no single node gets all the load
 * and a dead one is not given to everybody; but nothing is closer than the name
 * itself, and of several instances the nearest unless any will do.
 */
static const struct peer6_cache_entry *
remote_candidate(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg)
{
	const struct peer6_cache_entry *entries[3];
	const struct peer6_pnrp_id *bound = &msg->validate;
	struct peer6_pnrp_path path = msg->path;
	unsigned int n, exact = 0;
	uint8_t dice;

	if ((msg->flags & PEER6_PNRP_LOOKUP_A) ||
	    peer6_pnrp_id_is_zero(&msg->validate))
		bound = NULL;
	n = peer6_cache_closest_k(&node->cache, &msg->target, bound,
				  not_in_path, &path, entries, 3);
	if (n < 2)
		return n ? entries[0] : NULL;
	while (exact < n && peer6_pnrp_id_common_bits(&entries[exact]->id,
						      &msg->target) >= 128)
		exact++;
	if (exact && msg->criteria != PEER6_PNRP_ANY_PEERNAME)
		return entries[0];
	if (exact)
		n = exact;
	if (n < 2 || p6_random(node, &dice, 1))
		return entries[0];
	/* Weights 4:2:1 of three, 2:1 of two, as nearly as a byte allows. */
	dice = dice % (n == 3 ? 7 : 3);
	if (n == 3)
		return entries[dice < 4 ? 0 : dice < 6 ? 1 : 2];
	return entries[dice < 2 ? 0 : 1];
}

static bool visited(const struct peer6_pnrp *node,
		    const struct peer6_pnrp_path *path)
{
	unsigned int i;

	for (i = 0; i < node->n_own; i++)
		if (p6_in_path(path->ep, path->n, node->own[i].addr))
			return true;
	return false;
}

static const struct peer6_pnrp_id *
local_candidate(const struct peer6_pnrp *node,
		const struct peer6_pnrp_msg *msg, bool not_local)
{
	const struct peer6_pnrp_id *local;

	if (visited(node, &msg->path))
		return NULL;
	local = peer6_cache_closest_local(&node->cache, &msg->target);
	if (local && !not_local && !peer6_pnrp_id_is_zero(&msg->validate) &&
	    peer6_pnrp_id_closer(&msg->target, local, &msg->validate) >= 0)
		return NULL;
	return local;
}

static void find_best(struct peer6_pnrp *node,
		      const struct peer6_pnrp_msg *msg,
		      struct peer6_pnrp_authority *a)
{
	bool not_local = !peer6_pnrp_id_is_zero(&msg->validate) &&
			 !peer6_cache_is_local(&node->cache, &msg->validate);
	const struct peer6_cache_entry *remote = remote_candidate(node, msg);
	const struct peer6_pnrp_id *local = local_candidate(node, msg,
							    not_local);

	if (not_local)
		a->flags |= PEER6_PNRP_AUTH_N;
	if (!remote && peer6_leaf_any(&node->cache, &msg->target))
		a->flags |= PEER6_PNRP_AUTH_L;
	a->has_route = local || remote;
	if (local && (!remote ||
		      peer6_pnrp_id_closer(&msg->target, local,
					   &remote->id) <= 0))
		p6_own_route(node, local, &a->route);
	else if (remote)
		peer6_cache_route(remote, &a->route);
}

int p6_on_lookup(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
		 const struct peer6_endpoint *from)
{
	struct peer6_pnrp_authority a = { 0 };
	uint8_t buffer[512];
	ptrdiff_t len;
	int err;

	if (node->n_out >= P6_OUTPUT_BUSY)
		a.flags = PEER6_PNRP_AUTH_B;
	else
		find_best(node, msg, &a);
	len = peer6_pnrp_authority_encode(&a, &node->cfg.dialect, buffer,
					  sizeof(buffer));
	if (len < 0)
		return (int)len;
	err = send_authority(node, msg->id, from, buffer, (size_t)len);
	if (!err && msg->has_route)
		p6_add(node, &msg->route, NULL, from);
	return err;
}

/* --------------------------------------------------------------- INQUIRE */

struct answer {
	struct peer6_pnrp_authority	a;
	uint8_t				cpa[PEER6_PNRP_CPA_MAX];
};

/* The text goes with each CPA, for those who have to check a delegation. */
static int add_cpa(struct peer6_pnrp *node, const struct p6_registration *reg,
		   const uint8_t *nonce, struct answer *answer)
{
	ptrdiff_t len;

	len = p6_record_cpa(node, reg, nonce, false, answer->cpa,
			    sizeof(answer->cpa));
	if (len < 0)
		return (int)len;
	answer->a.cpa.p = answer->cpa;
	answer->a.cpa.len = (size_t)len;
	answer->a.has_classifier = reg->has_classifier;
	answer->a.n_classifier = reg->n_classifier;
	memcpy(answer->a.classifier, p6_reg_classifier(reg),
	       2u * reg->n_classifier);
	answer->a.has_route = true;
	p6_own_route(node, &reg->id, &answer->a.route);
	return 0;
}

static int answer_inquire(struct peer6_pnrp *node,
			  const struct peer6_pnrp_msg *msg,
			  const struct p6_registration *reg,
			  const struct peer6_endpoint *from)
{
	const uint8_t *nonce = msg->has_nonce ? msg->nonce : NULL;
	struct answer answer = { 0 };
	size_t room = 2048, payload = 0;
	uint8_t *buffer = NULL;
	ptrdiff_t len = 0;
	int err = 0;

	if ((msg->flags & PEER6_PNRP_INQUIRE_X) && reg->payload_type)
		payload = reg->n_payload + 512u;
	if ((msg->flags & PEER6_PNRP_INQUIRE_C) && reg->chain) {
		answer.a.chain.p = reg->chain;
		answer.a.chain.len = reg->n_chain;
		room += reg->n_chain;
	}
	/* The payload is encoded behind, the buffer in front. */
	room += payload;
	buffer = p6_alloc(node, room + payload);
	if (!buffer)
		return PEER6_E_NOMEM;
	if (payload) {
		len = p6_record_payload(node, reg, nonce, buffer + room,
					payload);
		answer.a.payload.p = buffer + room;
		answer.a.payload.len = (size_t)len;
	}
	if (len < 0)
		err = (int)len;
	if (!err && (msg->flags & PEER6_PNRP_INQUIRE_A))
		err = add_cpa(node, reg, nonce, &answer);
	if (!err) {
		len = peer6_pnrp_authority_encode(&answer.a,
						  &node->cfg.dialect, buffer,
						  room);
		err = len < 0 ? (int)len :
		      send_authority(node, msg->id, from, buffer,
				     (size_t)len);
	}
	p6_free(node, buffer, room + payload);
	return err;
}

int p6_on_inquire(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
		  const struct peer6_endpoint *from)
{
	static const struct peer6_pnrp_authority not_here = {
		.flags = PEER6_PNRP_AUTH_N,
	};
	const struct p6_registration *reg;
	uint8_t buffer[16];
	ptrdiff_t len;

	reg = p6_registration_of(node, &msg->validate);
	if (reg)
		return answer_inquire(node, msg, reg, from);
	len = peer6_pnrp_authority_encode(&not_here, &node->cfg.dialect,
					  buffer, sizeof(buffer));
	if (len < 0)
		return (int)len;
	return send_authority(node, msg->id, from, buffer, (size_t)len);
}

/* ------------------------------------------------------------- AUTHORITY */

static void pong(struct peer6_pnrp *node, const struct p6_message *message)
{
	struct peer6_pnrp_event event = {
		.type = PEER6_PNRP_EV_PONG, .handle = message->u.handle,
		.endpoint = message->to,
		.value = (unsigned int)((node->now - message->sent) / 1000),
	};

	p6_event(node, &event);
}

/* Each owner ends @message, or it is ended here. */
static void dispatch(struct peer6_pnrp *node, struct p6_message *message,
		     const struct peer6_pnrp_authority *a)
{
	switch (message->purpose) {
	case P6_ADD:
		p6_add_answered(node, message->u.add, a);
		return;
	case P6_RESOLVE:
		p6_resolve_authority(node, message, message->u.resolve, a);
		return;
	case P6_PROBE:
		p6_probe_answered(node, message, a);
		break;
	case P6_PING:
		pong(node, message);
		break;
	}
	p6_message_end(node, message);
}

/*
 * Takes a fragment. 1: that was the last one, 0: more are missing, or an error,
 * after which what came before is forgotten.
 */
static int reassemble(struct peer6_pnrp *node, struct p6_message *message,
		      const struct peer6_pnrp_msg *msg)
{
	struct p6_reassembly *r = message->reassembly;
	size_t end = msg->offset + msg->fragment.len;
	unsigned int n;

	if (msg->offset % PEER6_PNRP_FRAGMENT ||
	    msg->size > PEER6_PNRP_BUFFER_MAX || end > msg->size ||
	    (end < msg->size && msg->fragment.len != PEER6_PNRP_FRAGMENT) ||
	    !msg->fragment.len ||
	    (r && r->id == msg->id && r->size != msg->size)) {
		p6_reassembly_free(node, message);
		return PEER6_E_LENGTH;
	}
	if (!r || r->id != msg->id) {
		if (!r && node->n_reassemblies >= P6_REASSEMBLIES_MAX)
			return PEER6_E_LIMIT;
		r = p6_alloc(node, sizeof(*r) + msg->size);
		if (!r)
			return PEER6_E_NOMEM;
		/* An answer to the second copy: the first is incomplete. */
		p6_reassembly_free(node, message);
		r->id = msg->id;
		r->size = msg->size;
		message->reassembly = r;
		node->n_reassemblies++;
	}
	memcpy(r->data + msg->offset, msg->fragment.p, msg->fragment.len);
	r->have |= UINT32_C(1) << (msg->offset / PEER6_PNRP_FRAGMENT);
	n = (msg->size + PEER6_PNRP_FRAGMENT - 1u) / PEER6_PNRP_FRAGMENT;
	return r->have == UINT32_MAX >> (32 - n);
}

int p6_on_authority(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
		    struct p6_message *message)
{
	const uint8_t *buffer = msg->fragment.p;
	struct peer6_pnrp_authority a;
	int err;

	if (msg->offset || msg->fragment.len != msg->size) {
		err = reassemble(node, message, msg);
		if (err <= 0)
			return err;
		buffer = message->reassembly->data;
	}
	err = peer6_pnrp_authority_decode(&a, &node->cfg.dialect, buffer,
					  msg->size);
	if (err) {
		p6_reassembly_free(node, message);
		return err;
	}
	dispatch(node, message, &a);
	return 0;
}
