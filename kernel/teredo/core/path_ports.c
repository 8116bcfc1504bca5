// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
#include "path_ports.h"
#include "path_priv.h"

/*
 * Of the attempts at a peer, the one that takes another port: as they begin. If
 * the peer was reached by the old one, the first attempt was for that.
 */
#define TRY_ANOTHER	3
#define TRY_AGAIN	2

static enum teredo_ports_mode mode_of(const struct teredo_self *self)
{
	/* A gateway keeps the mapping open that peers know: RFC 6081 5.3. */
	if (self->pinned)
		return TEREDO_PORTS_NONE;
	return teredo_ports_mode(self->extensions, self->nat,
				 self->first.port == self->local.port);
}

static struct teredo_ports *ports_of(const struct teredo_path *p)
{
	if (!p->ext || p->ext->ports.mode == TEREDO_PORTS_NONE)
		return NULL;
	return &p->ext->ports;
}

static void give(const struct teredo_env *env, struct teredo_ports *ports)
{
	if (ports->slot)
		env->port_give(env->ctx, ports->slot);
	ports->slot = 0;
}

static void set_deadline(struct teredo_path *p)
{
	struct teredo_ports *ports = ports_of(p);

	p->ext->deadline = ports ? teredo_ports_deadline(ports) : TEREDO_NEVER;
}

void teredo_path_port_close(const struct teredo_env *env,
			    struct teredo_path *p)
{
	struct teredo_ports *ports = ports_of(p);

	if (!ports)
		return;
	/* What is only reached by that port is not reached any more. */
	if (p->slot) {
		p->flags &= ~TEREDO_PATH_TRUSTED;
		p->slot = 0;
	}
	give(env, ports);
	memset(ports, 0, sizeof(*ports));
	set_deadline(p);
}

static bool valid(const struct teredo_path *p, u64 now)
{
	return (p->flags & TEREDO_PATH_TRUSTED) &&
	       now - p->last_rx < TEREDO_VALID_S * TEREDO_SEC;
}

static struct teredo_ports *prepare(const struct teredo_self *self,
				    const struct teredo_env *env,
				    struct teredo_path *p, bool stranger,
				    u64 now)
{
	enum teredo_ports_mode mode = mode_of(self);
	struct teredo_path_ext *ext;

	/* The way by the service port needs no other. */
	if (mode == TEREDO_PORTS_NONE || (valid(p, now) && !p->slot))
		return ports_of(p);
	ext = teredo_ext_get(env, p, stranger, now);
	if (ext && ext->ports.mode == TEREDO_PORTS_NONE)
		teredo_ports_init(&ext->ports, mode, now);
	return ports_of(p);
}

static u8 begin(const struct teredo_env *env, struct teredo_path *p,
		bool stranger, u64 now)
{
	struct teredo_ports *ports = ports_of(p);
	u8 todo = teredo_ports_begin(ports, now);

	if ((todo & TEREDO_PORTS_OPEN) && !ports->slot) {
		if (env->port_take)
			ports->slot = env->port_take(env->ctx, p, stranger);
		if (!ports->slot)
			todo = teredo_ports_refused(ports);
	}
	set_deadline(p);
	return todo;
}

bool teredo_path_port_ready(const struct teredo_self *self,
			    const struct teredo_env *env,
			    struct teredo_path *p, bool answer, u64 now)
{
	struct teredo_ports *ports = prepare(self, env, p, answer, now);

	if (!ports)
		return true;
	if (!answer && !valid(p, now) &&
	    (p->tries == TRY_ANOTHER ||
	     (p->tries == TRY_AGAIN && (ports->flags & TEREDO_PORTS_IN_USE)))) {
		p->flags &= ~TEREDO_PATH_TRUSTED;
		p->slot = 0;
		teredo_ports_again(ports);
		give(env, ports);
	}
	if (begin(env, p, answer, now) & TEREDO_PORTS_BUBBLES)
		return true;
	ports->flags &= ~TEREDO_PORTS_ANSWER;
	if (answer)
		ports->flags |= TEREDO_PORTS_ANSWER;
	return false;
}

void teredo_path_port_heard(const struct teredo_self *self,
			    const struct teredo_env *env,
			    struct teredo_path *p, __be16 port, u64 now)
{
	struct teredo_ports *ports = NULL;

	/* Without trailers it is not the kind that takes any notice. */
	if (p->ext)
		ports = prepare(self, env, p, true, now);
	if (!ports)
		return;
	/*
	 * Had the mapping of the port in use outlived the silence, the peer's
	 * direct bubble would have come by it, and first.
	 */
	if ((ports->flags & TEREDO_PORTS_IN_USE) && !valid(p, now)) {
		p->flags &= ~TEREDO_PATH_TRUSTED;
		p->slot = 0;
		teredo_ports_again(ports);
	}
	teredo_ports_indirect(ports, port, valid(p, now));
	if (!ports->local)
		give(env, ports);
	set_deadline(p);
}

enum teredo_ports_verdict
teredo_path_port_direct(const struct teredo_env *env, struct teredo_path *p,
			struct teredo_endpoint from, u16 slot, bool bubble,
			u64 now)
{
	struct teredo_ports *ports = ports_of(p);
	enum teredo_ports_verdict verdict;
	u8 todo;

	if (!ports || (slot && slot != ports->slot))
		return slot ? TEREDO_PORTS_KEEP : TEREDO_PORTS_TRUST;
	if (!bubble && slot && (p->flags & TEREDO_PATH_TRUSTED) &&
	    !teredo_endpoint_eq(p->mapped, from))
		return TEREDO_PORTS_KEEP;
	verdict = teredo_ports_direct(ports, from, slot,
				      p->flags & TEREDO_PATH_TRUSTED ?
				      &p->mapped : NULL, valid(p, now), now,
				      &todo);
	if (todo & TEREDO_PORTS_CLOSE) {
		/* Not teredo_path_port_close(): the path is about to be good. */
		give(env, ports);
		memset(ports, 0, sizeof(*ports));
	}
	if (verdict == TEREDO_PORTS_RESTART) {
		p->flags &= ~TEREDO_PATH_TRUSTED;
		p->slot = 0;
		give(env, ports);
	}
	set_deadline(p);
	return verdict;
}

bool teredo_path_port_target(const struct teredo_path *p,
			     struct teredo_endpoint *to, u16 *slot)
{
	const struct teredo_ports *ports = ports_of(p);

	if (!ports ||
	    !teredo_ports_target(ports, teredo_addr_mapped(&p->addr), to))
		return false;
	*slot = ports->slot;
	return true;
}

static struct teredo_emit *emit(const struct teredo_self *self,
				const struct teredo_path *p,
				struct teredo_actions *act)
{
	struct teredo_emit *e = &act->emit[act->n++];

	memset(e, 0, sizeof(*e));
	e->saddr = self->addr;
	e->daddr = p->addr;
	e->slot = p->ext->ports.slot;
	e->answer = p->ext->ports.flags & TEREDO_PORTS_ANSWER;
	return e;
}

static void emit_solicit(const struct teredo_self *self,
			 const struct teredo_path *p, u8 which, const u8 *nonce,
			 struct teredo_actions *act)
{
	struct teredo_emit *e = emit(self, p, act);

	e->solicit = which;
	memcpy(e->rs_nonce, nonce, sizeof(e->rs_nonce));
}

void teredo_path_port_bubbles(const struct teredo_self *self,
			      const struct teredo_env *env,
			      struct teredo_path *p, u64 now,
			      struct teredo_actions *act)
{
	struct teredo_endpoint to;
	struct teredo_emit *e;
	u16 slot;

	/* One to where the peer was last is under way, by the same port. */
	if (teredo_path_port_target(p, &to, &slot) &&
	    !((p->flags & TEREDO_PATH_TRUSTED) && p->slot == slot)) {
		e = emit(self, p, act);
		e->to = to;
		e->nonce = p->ext->nonce_peer;
		e->random_port = p->ext->ports.random;
	}
	teredo_emit_indirect(self, env, p, now, act);
}

bool teredo_path_port_seen(const struct teredo_path *p,
			   struct teredo_input *in)
{
	const struct teredo_ports *ports = ports_of(p);

	if (!ports || !(ports->flags & TEREDO_PORTS_SEEN) ||
	    (p->flags & TEREDO_PATH_TRUSTED))
		return false;
	in->from = ports->seen;
	in->slot = ports->slot;
	return true;
}

/* What a call on the path's port asked for. */
static void run(const struct teredo_self *self, const struct teredo_env *env,
		struct teredo_path *p, u8 todo, u64 now,
		struct teredo_actions *act)
{
	struct teredo_ports *ports = &p->ext->ports;
	struct teredo_emit *e;
	unsigned int i;

	/* Qualification was lost meanwhile: there is no mapping to be tested. */
	if (!self->usable)
		todo = TEREDO_PORTS_CLOSE;
	if (todo & TEREDO_PORTS_TEST) {
		emit_solicit(self, p, 1, ports->nonce1, act);
		e = emit(self, p, act);
		teredo_ports_target(ports, teredo_addr_mapped(&p->addr),
				    &e->to);
		e->nonce = p->ext->nonce_peer;
		emit_solicit(self, p, 2, ports->nonce2, act);
	}
	if ((todo & TEREDO_PORTS_BUBBLES) && !valid(p, now)) {
		teredo_path_port_bubbles(self, env, p, now, act);
		for (i = 0; i < act->n; i++)
			act->emit[i].answer = ports->flags &
					      TEREDO_PORTS_ANSWER;
	}
	if (todo & TEREDO_PORTS_REFRESH) {
		e = emit(self, p, act);
		e->to = p->mapped;
		e->nonce = p->ext->nonce_peer;
		e->random_port = ports->random;
	}
	if (todo & TEREDO_PORTS_CLOSE)
		teredo_path_port_close(env, p);
	else
		set_deadline(p);
}

void teredo_path_port_opened(const struct teredo_self *self,
			     const struct teredo_env *env,
			     struct teredo_path *p, __be16 port, u64 now,
			     struct teredo_actions *act)
{
	struct teredo_ports *ports = &p->ext->ports;
	u8 todo;

	memset(act, 0, sizeof(*act));
	if (port) {
		todo = teredo_ports_opened(ports, env, port, now);
	} else {
		give(env, ports);
		todo = teredo_ports_refused(ports);
	}
	run(self, env, p, todo, now, act);
}

enum teredo_reason teredo_path_port_ra(const struct teredo_self *self,
				       const struct teredo_env *env,
				       const struct teredo_params *params,
				       const struct teredo_input *in,
				       struct teredo_path *p, u64 now,
				       struct teredo_actions *act)
{
	struct teredo_ports *ports = &p->ext->ports;
	enum teredo_reason reason;
	u8 todo;

	memset(act, 0, sizeof(*act));
	reason = teredo_ports_ra(ports, params, env, in->from, in->pkt,
				 in->data, self->mapped, &todo);
	if (!reason)
		run(self, env, p, todo, now, act);
	return reason;
}

void teredo_path_port_tick(const struct teredo_self *self,
			   const struct teredo_env *env,
			   struct teredo_path *p, u64 now,
			   struct teredo_actions *act)
{
	struct teredo_ports *ports = ports_of(p);

	if (!ports || now < teredo_ports_deadline(ports))
		return;
	run(self, env, p, teredo_ports_tick(ports, env, p->last_tx, now), now,
	    act);
}
