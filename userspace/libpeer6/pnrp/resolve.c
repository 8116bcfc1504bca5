// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Resolves from the call that asks for one to its end: search.c has what is
 * between (section 3.1.4.4).
 */
#include "resolve.h"

/* -------------------------------------------------------- life and death */

static bool grow_path(struct peer6_pnrp *node, struct p6_resolve *r)
{
	unsigned int room = r->path_room + P6_PATH_STEP;
	struct peer6_endpoint *path;

	if (room > PEER6_PNRP_PATH_MAX)
		room = PEER6_PNRP_PATH_MAX;
	if (room == r->path_room)
		return false;
	path = p6_alloc(node, room * sizeof(*path));
	if (!path)
		return false;
	if (r->n_path)
		memcpy(path, r->path, r->n_path * sizeof(*path));
	p6_free(node, r->path, r->path_room * sizeof(*path));
	r->path = path;
	r->path_room = (uint8_t)room;
	return true;
}

void p6_resolve_passed(struct peer6_pnrp *node, struct p6_resolve *r,
		       const struct peer6_endpoint *ep)
{
	if (p6_in_path(r->path, r->n_path, ep->addr))
		return;
	if (r->n_path == r->path_room && !grow_path(node, r)) {
		memmove(&r->path[1], &r->path[2],
			(r->path_room - 2u) * sizeof(*r->path));
		r->n_path--;
	}
	r->path[r->n_path++] = *ep;
}

struct p6_resolve *p6_resolve_new(struct peer6_pnrp *node,
				  enum peer6_pnrp_reason reason,
				  enum peer6_pnrp_criteria criteria,
				  const struct peer6_pnrp_id *target,
				  unsigned int max_results)
{
	struct p6_resolve *r;

	if (node->n_resolves >= P6_RESOLVES_MAX)
		return NULL;
	r = p6_alloc(node, sizeof(*r));
	if (!r)
		return NULL;
	r->found = p6_alloc(node, max_results * sizeof(*r->found));
	if (!r->found || !grow_path(node, r)) {
		p6_free(node, r->found, max_results * sizeof(*r->found));
		p6_free(node, r, sizeof(*r));
		return NULL;
	}
	r->reason = (uint8_t)reason;
	r->criteria = (uint8_t)criteria;
	r->target = *target;
	r->max_results = (uint8_t)max_results;
	r->retry = true;
	r->end = node->now + P6_RESOLVE_DEFAULT;
	p6_resolve_passed(node, r, &node->own[0]);
	p6_list_append(&node->resolves, &r->link);
	node->n_resolves++;
	return r;
}

void p6_resolve_free(struct peer6_pnrp *node, struct p6_resolve *r)
{
	if (r->message)
		p6_message_end(node, r->message);
	if (r->registration)
		p6_announced(node, r->registration, r->answered);
	p6_hops_clear(node, &r->next_hops);
	p6_hops_clear(node, &r->bests);
	p6_hop_free(node, r->best);
	p6_hop_free(node, r->cur);
	p6_free(node, r->found, r->max_results * sizeof(*r->found));
	p6_free(node, r->path, r->path_room * sizeof(*r->path));
	p6_list_remove(&r->link);
	node->n_resolves--;
	if (r->handle)
		node->n_app_resolves--;
	p6_free(node, r, sizeof(*r));
}

void p6_resolve_end(struct peer6_pnrp *node, struct p6_resolve *r, int error)
{
	struct peer6_pnrp_event event = {
		.type = PEER6_PNRP_EV_RESOLVE_END, .handle = r->handle,
		.error = error, .value = r->n_found,
	};

	if (r->handle && r->n_found)
		node->stats.resolved++;
	p6_resolve_free(node, r);
	if (event.handle)
		p6_event(node, &event);
}

/* ------------------------------------------------------------------ time */

/*
 * One that has nobody to ask waits while the cloud is being looked for: this is
 * how a name can be asked for as soon as the daemon is up.
 */
static bool can_start(const struct peer6_pnrp *node,
		      const struct p6_resolve *r)
{
	return r->next_hops || peer6_cache_count(&node->cache) ||
	       node->state != PEER6_PNRP_SYNCHRONIZING ||
	       (r->consider_local &&
		peer6_cache_count_locals(&node->cache));
}

void p6_resolves_tick(struct peer6_pnrp *node)
{
	struct p6_link *at, *after;
	struct p6_resolve *r;

	/* An end takes away only the one that it is of. */
	p6_for_each(at, after, &node->resolves) {
		r = p6_entry(at, struct p6_resolve, link);
		if (r->end <= node->now) {
			p6_resolve_end(node, r, PEER6_E_TIMEOUT);
		} else if (!r->started && can_start(node, r)) {
			p6_search_begin(node, r);
		}
	}
}

peer6_time p6_resolves_deadline(const struct peer6_pnrp *node)
{
	peer6_time t = PEER6_NEVER;
	const struct p6_resolve *r;
	const struct p6_link *at;

	for (at = node->resolves.next; at != &node->resolves; at = at->next) {
		r = p6_entry(at, struct p6_resolve, link);
		if (!r->started && can_start(node, r))
			return node->now;
		if (r->end < t)
			t = r->end;
	}
	return t;
}

/* --------------------------------------------------------------- callers */

static int check_query(const struct peer6_pnrp_query *query)
{
	if (!query || !query->max_results ||
	    query->max_results > P6_RESULTS_MAX ||
	    query->precision > 256 || query->timeout > P6_RESOLVE_LONGEST)
		return PEER6_E_INVAL;
	switch (query->criteria) {
	case PEER6_PNRP_NONE:
	case PEER6_PNRP_ANY_PEERNAME:
	case PEER6_PNRP_NEAREST_PEERNAME:
	case PEER6_PNRP_NEAREST64_PEERNAME:
	case PEER6_PNRP_UPPER_BITS:
		return 0;
	}
	return PEER6_E_INVAL;
}

int peer6_pnrp_resolve(struct peer6_pnrp *node,
		       const struct peer6_pnrp_query *query,
		       peer6_time now, uint32_t *handle)
{
	struct peer6_pnrp_id target = { { 0 } };
	struct p6_resolve *r;
	int err;

	if (now > node->now)
		node->now = now;
	err = check_query(query);
	if (err || !handle)
		return PEER6_E_INVAL;
	if (!node->running)
		return PEER6_E_NO_CLOUD;
	if (!node->n_own)
		return PEER6_E_NO_ADDRESS;
	if (node->n_app_resolves >= P6_RESOLVES_APP_MAX ||
	    node->n_resolves >= P6_RESOLVES_MAX)
		return PEER6_E_LIMIT;
	memcpy(target.b, query->p2p_id, PEER6_P2P_ID_LEN);
	memcpy(target.b + 16, query->prefix, sizeof(query->prefix));
	target.b[24] = 0x80;
	r = p6_resolve_new(node, PEER6_PNRP_APP_REQUEST, query->criteria,
			   query->has_target ? &query->target : &target,
			   query->max_results);
	if (!r)
		return PEER6_E_NOMEM;
	r->precision = query->criteria == PEER6_PNRP_UPPER_BITS ?
		       query->precision : 0;
	r->has_target = query->has_target;
	r->consider_local = query->consider_local;
	r->secure = query->secure;
	memcpy(r->authority, query->authority, sizeof(r->authority));
	if (query->timeout)
		r->end = node->now + query->timeout;
	r->handle = p6_handle(node);
	node->n_app_resolves++;
	node->stats.resolves++;
	*handle = r->handle;
	return 0;
}

void peer6_pnrp_cancel(struct peer6_pnrp *node, uint32_t handle)
{
	struct p6_link *at, *after;
	struct p6_message *message;
	struct p6_resolve *r;

	if (!handle)
		return;
	p6_for_each(at, after, &node->resolves) {
		r = p6_entry(at, struct p6_resolve, link);
		if (r->handle == handle) {
			p6_resolve_free(node, r);
			return;
		}
	}
	p6_for_each(at, after, &node->pending) {
		message = p6_entry(at, struct p6_message, pending);
		if (message->purpose == P6_PING &&
		    message->u.handle == handle) {
			p6_message_end(node, message);
			return;
		}
	}
}
