// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The search that a resolve makes (sections 3.1.4.4 and 3.1.5.6.1): asks one
 * node after the other for one that is closer, goes back when there is none,
 * and at the end asks the owner for its record. "Step n" is of the source's
 * list for an AUTHORITY.
 *
 * The node's own cache is the first hop. It is asked again when a hop was dead,
 * as other hops are; the source asks it once.
 */
#include "resolve.h"

/* ---------------------------------------------------------- hops, stacks */

static struct p6_hop *hop_new(struct peer6_pnrp *node,
			      const struct peer6_pnrp_route *route)
{
	struct p6_hop *hop = p6_alloc(node, sizeof(*hop));

	if (!hop)
		return NULL;
	hop->route = p6_route_dup(node, route);
	if (!hop->route) {
		p6_free(node, hop, sizeof(*hop));
		return NULL;
	}
	return hop;
}

void p6_hop_free(struct peer6_pnrp *node, struct p6_hop *hop)
{
	if (!hop)
		return;
	p6_route_free(node, hop->route);
	p6_free(node, hop, sizeof(*hop));
}

static void push(struct p6_hop **stack, struct p6_hop *hop)
{
	hop->next = *stack;
	*stack = hop;
}

static struct p6_hop *pop(struct p6_hop **stack)
{
	struct p6_hop *hop = *stack;

	if (hop)
		*stack = hop->next;
	return hop;
}

void p6_hops_clear(struct peer6_pnrp *node, struct p6_hop **stack)
{
	while (*stack)
		p6_hop_free(node, pop(stack));
}

int p6_resolve_push(struct peer6_pnrp *node, struct p6_resolve *r,
		    const struct peer6_pnrp_route *route)
{
	struct p6_hop *hop = hop_new(node, route);

	if (!hop)
		return PEER6_E_NOMEM;
	push(&r->next_hops, hop);
	return 0;
}

/* One of our own IDs as the best match so far. */
int p6_resolve_best(struct peer6_pnrp *node, struct p6_resolve *r,
		    const struct peer6_pnrp_route *route)
{
	struct p6_hop *hop = hop_new(node, route);

	if (!hop)
		return PEER6_E_NOMEM;
	hop->local = true;
	if (r->best)
		push(&r->bests, r->best);
	r->best = hop;
	return 0;
}

static bool was_found(const struct p6_resolve *r,
		      const struct peer6_pnrp_id *id)
{
	unsigned int i;

	for (i = 0; i < r->n_found; i++)
		if (!peer6_pnrp_id_cmp(&r->found[i], id))
			return true;
	return false;
}

/* Nothing more can be found. */
static void exhausted(struct peer6_pnrp *node, struct p6_resolve *r)
{
	if (r->n_found)
		p6_resolve_end(node, r, 0);
	else if (r->asked && !r->answered)
		p6_resolve_end(node, r, PEER6_E_TIMEOUT);
	else
		p6_resolve_end(node, r, PEER6_E_NOT_FOUND);
}

/* -------------------------------------------------------------- criteria */

static unsigned int early_bits(const struct p6_resolve *r)
{
	switch (r->criteria) {
	case PEER6_PNRP_ANY_PEERNAME:
		return 128;
	case PEER6_PNRP_NEAREST64_PEERNAME:
		return 192;
	case PEER6_PNRP_UPPER_BITS:
		return r->precision;
	default:
		return 256;
	}
}

/* For the nearest, any instance will do when there is nothing more to ask. */
static unsigned int accepted_bits(const struct p6_resolve *r)
{
	switch (r->criteria) {
	case PEER6_PNRP_NONE:
		return 256;
	case PEER6_PNRP_UPPER_BITS:
		return r->precision;
	default:
		return 128;
	}
}

static bool matches(const struct p6_resolve *r,
		    const struct peer6_pnrp_id *id, unsigned int bits)
{
	return peer6_pnrp_id_common_bits(id, &r->target) >= bits;
}

/* --------------------------------------------------------------- events */

static int step(struct peer6_pnrp *node, const struct p6_resolve *r,
		const struct p6_message *message,
		const struct peer6_pnrp_id *id, enum peer6_pnrp_verdict verdict)
{
	struct peer6_pnrp_hop hop = {
		.endpoint = message->to, .id = *id,
		.took = node->now - message->sent, .verdict = verdict,
		.bits = peer6_pnrp_id_common_bits(id, &r->target),
	};
	struct peer6_pnrp_event event = {
		.type = PEER6_PNRP_EV_RESOLVE_STEP, .handle = r->handle,
		.id = *id, .endpoint = message->to, .hop = &hop,
	};

	return r->handle ? p6_event(node, &event) : 0;
}

static int report(struct peer6_pnrp *node, struct p6_resolve *r,
		  struct p6_record *record, const struct peer6_pnrp_id *id,
		  bool local)
{
	struct peer6_pnrp_result result = {
		.id = *id, .cpa = &record->cpa, .local = local,
		.classifier = record->has_classifier ?
			      record->classifier : NULL,
		.n_classifier = record->n_classifier,
		.payload = record->has_payload ? &record->payload : NULL,
		.secure = record->secure, .delegated = record->delegated,
		.hops = r->all_hops,
	};
	struct peer6_pnrp_event event = {
		.type = PEER6_PNRP_EV_RESOLVE_RESULT, .handle = r->handle,
		.id = *id, .result = &result,
	};

	r->found[r->n_found++] = *id;
	return p6_event(node, &event);
}

/* ------------------------------------------------------- the next message */

static int send_lookup(struct peer6_pnrp *node, struct p6_resolve *r,
		       const struct peer6_endpoint *to)
{
	struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_LOOKUP };
	int err;

	if (r->n_found || peer6_cache_count(&node->cache) < P6_FEW_ENTRIES)
		msg.flags = PEER6_PNRP_LOOKUP_A;
	msg.precision = r->precision;
	msg.criteria = r->criteria;
	msg.reason = r->reason;
	msg.target = r->target;
	msg.validate = r->cur->route->id;
	if (r->best) {
		msg.has_route = true;
		p6_route_load(r->best->route, &msg.route);
	}
	msg.path.n = r->n_path;
	memcpy(msg.path.ep, r->path, r->n_path * sizeof(*r->path));
	err = p6_send(node, &msg, to, P6_RESOLVE, &r->message);
	if (err)
		return err;
	r->message->u.resolve = r;
	r->asked = true;
	node->stats.lookups++;
	return 0;
}

static int send_inquire(struct peer6_pnrp *node, struct p6_resolve *r,
			const struct peer6_endpoint *to)
{
	struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_INQUIRE };
	int err;

	err = p6_random(node, r->nonce, sizeof(r->nonce));
	if (err)
		return err;
	msg.flags = PEER6_PNRP_INQUIRE_A | PEER6_PNRP_INQUIRE_X |
		    PEER6_PNRP_INQUIRE_C;
	msg.validate = r->best->route->id;
	msg.has_nonce = true;
	memcpy(msg.nonce, r->nonce, sizeof(msg.nonce));
	err = p6_send(node, &msg, to, P6_RESOLVE, &r->message);
	if (err)
		return err;
	r->message->u.resolve = r;
	r->inquiring = true;
	r->asked = true;
	return 0;
}

/* The next of our own IDs that would do, if they are to be considered. */
static void next_local(struct peer6_pnrp *node, struct p6_resolve *r)
{
	const struct peer6_pnrp_id *local, *closest = NULL;
	struct peer6_pnrp_route own;
	unsigned int i;

	for (i = 0; (local = peer6_cache_get_local(&node->cache, i)); i++)
		if (!was_found(r, local) &&
		    (!closest || peer6_pnrp_id_closer(&r->target, local,
						      closest) < 0))
			closest = local;
	if (!closest || !node->n_own)
		return;
	p6_own_route(node, closest, &own);
	p6_resolve_best(node, r, &own);
}

/* What was the best before, but for what was found meanwhile. */
static void drop_best(struct peer6_pnrp *node, struct p6_resolve *r)
{
	do {
		p6_hop_free(node, r->best);
		r->best = pop(&r->bests);
	} while (r->best && was_found(r, &r->best->route->id));
}

/* Ours: no need to ask anybody. 0, or why it ends. */
static int answer_locally(struct peer6_pnrp *node, struct p6_resolve *r)
{
	const struct p6_registration *reg;
	struct peer6_pnrp_id id = r->best->route->id;
	uint8_t cpa[PEER6_PNRP_CPA_MAX];
	struct p6_record record = { 0 };
	ptrdiff_t len;
	int err;

	reg = p6_registration_of(node, &id);
	if (reg && r->handle) {
		len = p6_record_cpa(node, reg, NULL, false, cpa, sizeof(cpa));
		if (len < 0)
			return (int)len;
		err = peer6_pnrp_cpa_decode(&record.cpa, &node->cfg.dialect,
					    cpa, (size_t)len);
		if (err)
			return err;
		record.secure = reg->secure;
		record.delegated = reg->chain;
		record.has_classifier = reg->has_classifier;
		record.n_classifier = reg->n_classifier;
		memcpy(record.classifier, p6_reg_classifier(reg),
		       2u * reg->n_classifier);
		record.has_payload = reg->payload_type;
		record.payload.not_after = record.cpa.not_after;
		record.payload.id = id;
		record.payload.type = reg->payload_type;
		record.payload.string_type = reg->payload_string_type;
		record.payload.data.p = p6_reg_payload(reg);
		record.payload.data.len = reg->n_payload;
		err = report(node, r, &record, &id, true);
		if (err)
			return err;
	}
	drop_best(node, r);
	next_local(node, r);
	return 0;
}

/*
 * Asks the best match for its record. 1: on its way, 0: the best has changed,
 * or why the resolve ends.
 */
static int inquire_best(struct peer6_pnrp *node, struct p6_resolve *r)
{
	struct peer6_endpoint to;
	int err;

	if (r->best->local) {
		err = answer_locally(node, r);
		return err;
	}
	if (!p6_route_choose(node, r->best->route, &to)) {
		drop_best(node, r);
		return 0;
	}
	err = send_inquire(node, r, &to);
	return err ? err : 1;
}

static bool not_in_path(void *ctx, const struct peer6_cache_entry *entry)
{
	const struct p6_resolve *r = ctx;
	unsigned int i;

	for (i = 0; i < entry->n_addrs; i++)
		if (p6_in_path(r->path, r->n_path, entry->addrs[i]))
			return false;
	return !was_found(r, &entry->id);
}

/* From our own cache, again only if the last from there led to the dead. */
static struct p6_hop *own_hop(struct peer6_pnrp *node, struct p6_resolve *r)
{
	const struct peer6_cache_entry *entry;
	struct peer6_pnrp_route route;

	if (!r->retry || r->self_uses >= P6_SELF_USES)
		return NULL;
	entry = peer6_cache_closest(&node->cache, &r->target, NULL,
				    not_in_path, r);
	if (!entry)
		return NULL;
	r->retry = false;
	r->self_uses++;
	peer6_cache_touch(&node->cache, &entry->id, node->now);
	peer6_cache_route(entry, &route);
	return hop_new(node, &route);
}

static struct p6_hop *next_hop(struct peer6_pnrp *node, struct p6_resolve *r)
{
	if (r->suspicious > P6_SUSPICIOUS_MAX || r->hops > P6_HOPS_MAX)
		return NULL;
	if (r->next_hops)
		return pop(&r->next_hops);
	return own_hop(node, r);
}

/* Whether a record is asked for at the end, and not only who is there. */
static bool wants_record(const struct p6_resolve *r)
{
	return r->reason == PEER6_PNRP_APP_REQUEST ||
	       r->reason == PEER6_PNRP_SPLIT_DETECTION;
}

/* Until a message is under way, or the resolve is over. */
static void advance(struct peer6_pnrp *node, struct p6_resolve *r)
{
	unsigned int early = early_bits(r), accepted = accepted_bits(r);
	struct peer6_endpoint to;
	int err = 0;

	if (r->reason == PEER6_PNRP_SPLIT_DETECTION)
		accepted = 0;
	while (!r->message && !err) {
		if (r->n_found >= r->max_results)
			break;
		if (r->best && matches(r, &r->best->route->id, early)) {
			if (!wants_record(r))
				break;
			err = inquire_best(node, r);
			if (err < 0)
				break;
			err = 0;
			continue;
		}
		p6_hop_free(node, r->cur);
		r->cur = next_hop(node, r);
		if (!r->cur) {
			if (!r->best || !wants_record(r) ||
			    !matches(r, &r->best->route->id, accepted))
				break;
			err = inquire_best(node, r);
			if (err < 0)
				break;
			err = 0;
			continue;
		}
		if (!p6_route_choose(node, r->cur->route, &to))
			continue;
		r->cur->uses++;
		err = send_lookup(node, r, &to);
	}
	if (err)
		p6_resolve_end(node, r, err);
	else if (!r->message)
		exhausted(node, r);
}

void p6_search_begin(struct peer6_pnrp *node, struct p6_resolve *r)
{
	r->started = true;
	if (r->consider_local)
		next_local(node, r);
	advance(node, r);
}

/* ------------------------------------------------------------- an answer */

/* Step 4: whoever answers for an ID has proven that it is there. */
static void learn(struct peer6_pnrp *node, const struct p6_resolve *r)
{
	struct peer6_pnrp_route route;

	if (r->reason == PEER6_PNRP_SPLIT_DETECTION ||
	    peer6_pnrp_id_is_zero(&r->cur->route->id))
		return;
	peer6_cache_touch(&node->cache, &r->cur->route->id, node->now);
	p6_route_load(r->cur->route, &route);
	p6_add_answering(node, &route);
}

/* Step 9, and what else is of no use. */
static bool is_useful(struct peer6_pnrp *node, const struct p6_resolve *r,
		      const struct peer6_pnrp_route *route)
{
	struct peer6_endpoint ep;
	unsigned int i;

	if (peer6_pnrp_id_is_zero(&route->id) ||
	    peer6_cache_is_local(&node->cache, &route->id) ||
	    was_found(r, &route->id) ||
	    !p6_choose(node, route->addrs, route->n_addrs, route->port, &ep))
		return false;
	for (i = 0; i < route->n_addrs; i++)
		if (p6_is_own(node, route->addrs[i]) ||
		    p6_in_path(r->path, r->n_path - 1u, route->addrs[i]))
			return false;
	return true;
}

/* Step 5. */
static void improve(struct peer6_pnrp *node, struct p6_resolve *r)
{
	const struct peer6_pnrp_id *id = &r->cur->route->id;
	struct peer6_pnrp_route route;
	struct p6_hop *hop;

	if (peer6_pnrp_id_is_zero(id) || was_found(r, id) ||
	    (r->best && peer6_pnrp_id_closer(&r->target, id,
					     &r->best->route->id) >= 0))
		return;
	p6_route_load(r->cur->route, &route);
	hop = hop_new(node, &route);
	if (!hop)
		return;
	if (r->best)
		push(&r->bests, r->best);
	r->best = hop;
}

/* Steps 7 to 10: whether there is a new next hop. */
static bool take_route(struct peer6_pnrp *node, struct p6_resolve *r,
		       const struct peer6_pnrp_authority *a,
		       const struct peer6_pnrp_id *supplier)
{
	bool closer, few;

	if (!a->has_route || !is_useful(node, r, &a->route))
		return false;
	closer = peer6_pnrp_id_is_zero(supplier) ||
		 peer6_pnrp_id_closer(&r->target, &a->route.id,
				      supplier) < 0;
	few = peer6_cache_count(&node->cache) < P6_FEW_ENTRIES ||
	      (r->n_found && matches(r, &a->route.id, accepted_bits(r)));
	if (!closer && !few)
		return false;
	return !p6_resolve_push(node, r, &a->route);
}

static enum peer6_pnrp_verdict
looked_up(struct peer6_pnrp *node, struct p6_resolve *r,
	  const struct peer6_pnrp_authority *a)
{
	struct peer6_pnrp_id supplier = r->cur->route->id;
	bool gone = a->flags & PEER6_PNRP_AUTH_N;
	struct p6_hop *cur = NULL;
	bool took;

	r->answered = true;
	r->hops++;
	r->all_hops++;
	if (a->flags & PEER6_PNRP_AUTH_L)
		r->suspicious++;
	if (gone) {
		node->stats.stale_hits++;
		r->retry = true;
		p6_remove(node, &supplier, PEER6_E_NOT_FOUND);
	} else {
		learn(node, r);
		improve(node, r);
		if (r->cur->uses < P6_HOP_USES)
			cur = r->cur;
	}
	if (cur) {
		push(&r->next_hops, cur);
		r->cur = NULL;
	}
	took = take_route(node, r, a, &supplier);
	if (!took && cur)
		p6_hop_free(node, pop(&r->next_hops));
	if (gone)
		return PEER6_PNRP_HOP_NOT_REGISTERED;
	if (a->flags & PEER6_PNRP_AUTH_L)
		return PEER6_PNRP_HOP_SUSPICIOUS;
	return took ? PEER6_PNRP_HOP_ACCEPTED : PEER6_PNRP_HOP_DEAD_END;
}

/* The name that was asked for, not only its hash. */
static bool is_wanted(const struct p6_resolve *r,
		      const struct p6_record *record)
{
	if (r->has_target || r->reason != PEER6_PNRP_APP_REQUEST)
		return true;
	if (record->secure != r->secure)
		return false;
	return !r->secure || !memcmp(record->cpa.authority, r->authority,
				     sizeof(r->authority));
}

/* The owner may know further instances: its neighbours on the ring. */
static void ask_owner_too(struct peer6_pnrp *node, struct p6_resolve *r)
{
	struct peer6_pnrp_route route;

	if (r->n_found >= r->max_results)
		return;
	p6_route_load(r->best->route, &route);
	p6_resolve_push(node, r, &route);
}

static void inquired(struct peer6_pnrp *node, struct p6_message *message,
		     struct p6_resolve *r,
		     const struct peer6_pnrp_authority *a)
{
	struct peer6_pnrp_id id = r->best->route->id;
	enum peer6_pnrp_verdict verdict = PEER6_PNRP_HOP_INQUIRED;
	struct p6_record record;
	int err, bad;

	r->all_hops++;
	r->answered = true;
	p6_resolve_passed(node, r, &message->to);
	bad = (a->flags & PEER6_PNRP_AUTH_N) ? PEER6_E_NOT_FOUND :
	      p6_record_check(node, a, &id, r->nonce, true, &record);
	/* Whoever is there is not the owner: it would keep the owner's out. */
	if (bad) {
		p6_remove(node, &id, bad);
		r->retry = true;
	}
	if (!bad && !is_wanted(r, &record))
		bad = PEER6_E_ID_MISMATCH;
	if (a->flags & PEER6_PNRP_AUTH_N) {
		verdict = PEER6_PNRP_HOP_NOT_REGISTERED;
	} else if (bad) {
		verdict = PEER6_PNRP_HOP_BAD_RECORD;
		p6_drop(node, bad, &message->to);
	}
	err = step(node, r, message, &id, verdict);
	if (!err && !bad && r->reason == PEER6_PNRP_SPLIT_DETECTION) {
		p6_message_end(node, message);
		p6_split_verdict(node, r, r->best->route);
		p6_resolve_end(node, r, 0);
		return;
	}
	if (!err && !bad) {
		err = report(node, r, &record, &id, false);
		ask_owner_too(node, r);
	}
	/* The record points into the message. */
	p6_message_end(node, message);
	if (err) {
		p6_resolve_end(node, r, err);
		return;
	}
	drop_best(node, r);
	advance(node, r);
}

void p6_resolve_authority(struct peer6_pnrp *node, struct p6_message *message,
			  struct p6_resolve *r,
			  const struct peer6_pnrp_authority *a)
{
	struct peer6_pnrp_id id;
	enum peer6_pnrp_verdict verdict;
	int err;

	r->message = NULL;
	if (r->inquiring) {
		r->inquiring = false;
		inquired(node, message, r, a);
		return;
	}
	id = r->cur->route->id;
	p6_resolve_passed(node, r, &message->to);
	if (a->flags & PEER6_PNRP_AUTH_B) {
		r->retry = true;
		verdict = PEER6_PNRP_HOP_BUSY;
	} else {
		verdict = looked_up(node, r, a);
	}
	err = step(node, r, message, &id, verdict);
	p6_message_end(node, message);
	if (err)
		p6_resolve_end(node, r, err);
	else
		advance(node, r);
}

/*
 * Any other hop can be gone round, but not the owner of the name: it is asked a
 * second time.
 */
static bool try_again(struct p6_resolve *r)
{
	unsigned int bits = accepted_bits(r);

	if (r->inquiring) {
		r->inquiring = false;
		return !r->best->uses++;
	}
	if (r->criteria == PEER6_PNRP_UPPER_BITS ||
	    !matches(r, &r->cur->route->id, bits) || r->cur->uses > 1)
		return false;
	push(&r->next_hops, r->cur);
	r->cur = NULL;
	return true;
}

void p6_resolve_failed(struct peer6_pnrp *node, struct p6_message *message,
		       struct p6_resolve *r)
{
	bool inquiring = r->inquiring;
	const struct p6_hop *hop = inquiring ? r->best : r->cur;
	struct peer6_pnrp_id id = hop->route->id;
	bool again;
	int err;

	r->message = NULL;
	r->retry = true;
	err = step(node, r, message, &id, PEER6_PNRP_HOP_UNREACHABLE);
	again = try_again(r);
	if (!again)
		p6_resolve_passed(node, r, &message->to);
	p6_message_end(node, message);
	if (err) {
		p6_resolve_end(node, r, err);
		return;
	}
	if (!again) {
		node->stats.stale_hits++;
		p6_remove(node, &id, PEER6_E_TIMEOUT);
		if (inquiring)
			drop_best(node, r);
	}
	advance(node, r);
}
