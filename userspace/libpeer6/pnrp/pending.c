// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Datagrams on their way out, and those that wait for an answer (sections 3.1.2
 * and 3.1.6.3). A message that is resent is the same bytes with the same ID, so
 * one allocation serves as long as it is queued or pending.
 */
#include "engine.h"

static bool id_used(const struct peer6_pnrp *node, uint32_t id)
{
	const struct p6_link *at;

	if (!node->ids[id % P6_IDS])
		return false;
	for (at = node->pending.next; at != &node->pending; at = at->next)
		if (p6_entry(at, struct p6_message, pending)->id == id)
			return true;
	return false;
}

/* Random, for it is all that tells a true answer from a forged one. */
int p6_message_id(struct peer6_pnrp *node, uint32_t *id)
{
	unsigned int tries;
	int err;

	for (tries = 0; tries < 8; tries++) {
		err = p6_random(node, id, sizeof(*id));
		if (err)
			return err;
		if (!id_used(node, *id))
			return 0;
	}
	return PEER6_E_RANDOM;
}

static void enqueue(struct peer6_pnrp *node, struct p6_message *message)
{
	if (message->is_queued)
		return;
	p6_list_append(&node->out, &message->out);
	message->is_queued = true;
	node->n_out++;
}

int p6_send_as(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
	       const struct peer6_endpoint *to, enum p6_purpose purpose,
	       struct p6_message **out)
{
	uint8_t bytes[PEER6_PNRP_DATAGRAM_MAX];
	struct p6_message *message;
	ptrdiff_t len;

	if (node->n_out >= P6_OUTPUT_MAX ||
	    (purpose != P6_ANSWER && node->n_pending >= P6_PENDING_MAX))
		return PEER6_E_LIMIT;
	len = peer6_pnrp_msg_encode(msg, bytes, sizeof(bytes));
	if (len < 0)
		return (int)len;
	message = p6_alloc(node, sizeof(*message) + (size_t)len);
	if (!message)
		return PEER6_E_NOMEM;
	message->to = *to;
	/* Endpoints in messages say nothing of the link: there is just one. */
	if (node->cfg.scope == PEER6_PNRP_LINK_LOCAL && !to->scope_id)
		message->to.scope_id = node->own[0].scope_id;
	message->id = msg->id;
	message->type = msg->type;
	message->purpose = (uint8_t)purpose;
	message->len = (uint16_t)len;
	message->sent = node->now;
	memcpy(message->data, bytes, (size_t)len);
	p6_list_init(&message->out);
	p6_list_init(&message->pending);
	enqueue(node, message);
	if (purpose != P6_ANSWER) {
		message->tries = P6_TRIES;
		message->due = node->now + P6_RETRY;
		message->is_pending = true;
		p6_list_append(&node->pending, &message->pending);
		node->n_pending++;
		node->ids[message->id % P6_IDS]++;
	}
	if (out)
		*out = message;
	return 0;
}

int p6_send(struct peer6_pnrp *node, struct peer6_pnrp_msg *msg,
	    const struct peer6_endpoint *to, enum p6_purpose purpose,
	    struct p6_message **out)
{
	int err = p6_message_id(node, &msg->id);

	return err ? err : p6_send_as(node, msg, to, purpose, out);
}

void p6_challenge(struct peer6_pnrp *node, const struct peer6_endpoint *to)
{
	struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_INQUIRE };
	struct p6_message *message;
	struct p6_link *at;

	for (at = node->pending.next; at != &node->pending; at = at->next) {
		message = p6_entry(at, struct p6_message, pending);
		if (message->purpose == P6_PROVE &&
		    p6_endpoint_equal(&message->to, to))
			return;
	}
	/* Nobody has this ID; the answer is that it is not registered. */
	if (p6_random(node, &msg.validate, sizeof(msg.validate)) ||
	    !p6_rate_spend(node, 56))
		return;
	if (!p6_send(node, &msg, to, P6_PROVE, &message))
		message->tries = 1;
}

static bool answers(const struct p6_message *message, uint8_t type)
{
	switch (message->type) {
	case PEER6_PNRP_SOLICIT:
		return type == PEER6_PNRP_ADVERTISE;
	case PEER6_PNRP_REQUEST:
	case PEER6_PNRP_FLOOD:
		return type == PEER6_PNRP_ACK;
	default:
		return type == PEER6_PNRP_AUTHORITY;
	}
}

struct p6_message *p6_find_pending(const struct peer6_pnrp *node,
				   const struct peer6_pnrp_msg *msg,
				   const struct peer6_endpoint *from)
{
	struct p6_message *message;
	struct p6_link *at;

	if (!node->ids[msg->acked % P6_IDS])
		return NULL;
	for (at = node->pending.next; at != &node->pending; at = at->next) {
		message = p6_entry(at, struct p6_message, pending);
		if (message->id == msg->acked &&
		    answers(message, msg->type) &&
		    p6_endpoint_equal(&message->to, from))
			return message;
	}
	return NULL;
}

void p6_reassembly_free(struct peer6_pnrp *node, struct p6_message *message)
{
	struct p6_reassembly *r = message->reassembly;

	if (!r)
		return;
	message->reassembly = NULL;
	node->n_reassemblies--;
	p6_free(node, r, sizeof(*r) + r->size);
}

void p6_message_end(struct peer6_pnrp *node, struct p6_message *message)
{
	p6_reassembly_free(node, message);
	if (message->purpose == P6_PING)
		node->n_pings--;
	if (message->is_pending) {
		p6_list_remove(&message->pending);
		node->n_pending--;
		node->ids[message->id % P6_IDS]--;
	}
	if (message->is_queued) {
		p6_list_remove(&message->out);
		node->n_out--;
	}
	p6_free(node, message, sizeof(*message) + message->len);
}

void p6_unsend(struct peer6_pnrp *node, uint32_t id)
{
	struct p6_message *message;

	while (!p6_list_empty(&node->out)) {
		message = p6_entry(node->out.prev, struct p6_message, out);
		if (message->id != id || message->is_pending)
			return;
		p6_message_end(node, message);
	}
}

static void pong(struct peer6_pnrp *node, const struct p6_message *message)
{
	struct peer6_pnrp_event event = {
		.type = PEER6_PNRP_EV_PONG, .error = PEER6_E_TIMEOUT,
		.handle = message->u.handle, .endpoint = message->to,
	};

	p6_event(node, &event);
}

/* Nobody answered. Each case ends @message. */
static void failed(struct peer6_pnrp *node, struct p6_message *message)
{
	struct peer6_pnrp_id id;

	node->stats.timeouts++;
	switch (message->purpose) {
	case P6_ADD:
		p6_add_failed(node, message->u.add);
		return;
	case P6_RESOLVE:
		p6_resolve_failed(node, message, message->u.resolve);
		return;
	case P6_FLOOD:
	case P6_PROBE:
		id = message->u.validate;
		p6_message_end(node, message);
		p6_remove(node, &id, PEER6_E_TIMEOUT);
		return;
	case P6_PING:
		pong(node, message);
		p6_message_end(node, message);
		return;
	default:
		p6_message_end(node, message);
	}
}

/*
 * All wait equally long, so the list is in the order of expiry; what is resent,
 * or sent because of a failure, goes to the end and is not due.
 */
void p6_pending_tick(struct peer6_pnrp *node)
{
	struct p6_message *message;

	while (!p6_list_empty(&node->pending)) {
		message = p6_entry(node->pending.next, struct p6_message,
				   pending);
		if (message->due > node->now)
			return;
		/*
		 * What answers the copy has an ID of its own and cannot
		 * complete what an answer to the first one began.
		 */
		p6_reassembly_free(node, message);
		if (--message->tries) {
			p6_list_remove(&message->pending);
			p6_list_append(&node->pending, &message->pending);
			message->due = node->now + P6_RETRY;
			if (!message->is_queued)
				node->stats.retransmitted++;
			enqueue(node, message);
			continue;
		}
		failed(node, message);
	}
}

/* Owners are gone already; answers that are not yet sent go too. */
void p6_pending_flush(struct peer6_pnrp *node)
{
	while (!p6_list_empty(&node->pending))
		p6_message_end(node, p6_entry(node->pending.next,
					      struct p6_message, pending));
	while (!p6_list_empty(&node->out))
		p6_message_end(node, p6_entry(node->out.next,
					      struct p6_message, out));
}
