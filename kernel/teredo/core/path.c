// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
#include "path_ports.h"
#include "path_priv.h"

static const struct in6_addr all_nodes = {
	.s6_addr = { 0xff, 0x02, [15] = 1 },
};

struct teredo_emit *teredo_emit_add(struct teredo_actions *act,
				    struct teredo_endpoint to,
				    const struct in6_addr *saddr,
				    const struct in6_addr *daddr)
{
	struct teredo_emit *e = &act->emit[act->n++];

	e->to = to;
	e->saddr = *saddr;
	e->daddr = *daddr;
	return e;
}

void teredo_proof_address(const struct teredo_env *env,
			  const struct in6_addr *client, struct in6_addr *addr)
{
	teredo_lladdr_from_hash(addr,
				env->hash(env->ctx, client, sizeof(*client)));
}

void teredo_path_init(struct teredo_path *path, const struct in6_addr *addr,
		      const struct teredo_self *self, u64 now)
{
	memset(path, 0, sizeof(*path));
	path->addr = *addr;
	if (!teredo_addr_is_teredo(addr, self->prefix))
		path->flags = TEREDO_PATH_NATIVE;
	/* RFC 4380 section 5.2.3: as if long ago, so that bubbles may go. */
	path->last_tx = now - TEREDO_VALID_S * TEREDO_SEC;
	path->last_rx = path->last_tx;
}

enum teredo_reason teredo_output_check(const struct teredo_self *self,
				       const struct in6_addr *saddr,
				       const struct in6_addr *daddr)
{
	bool teredo = teredo_addr_is_teredo(daddr, self->prefix);
	struct teredo_endpoint mapped, server;

	if (self->role == TEREDO_ROLE_SERVER)
		return TEREDO_REASON_NOT_A_RELAY;
	if (!self->usable)
		return TEREDO_REASON_NOT_QUALIFIED;
	if (teredo_addr_is_multicast(daddr))
		return TEREDO_REASON_MULTICAST;
	if (!teredo_addr_is_global(daddr))
		return TEREDO_REASON_NOT_GLOBAL;
	if (teredo_is_relay(self)) {
		/* Never between two Teredo addresses, nor to a native one. */
		if (!teredo)
			return TEREDO_REASON_NOT_SERVED;
		if (!teredo_addr_is_global(saddr) ||
		    teredo_addr_is_teredo(saddr, self->prefix))
			return TEREDO_REASON_FOREIGN_SOURCE;
	} else if (!teredo_addr_eq(saddr, &self->addr)) {
		/* RFC 6169 section 2.2: no spoofing through the tunnel. */
		return TEREDO_REASON_FOREIGN_SOURCE;
	}
	if (!teredo)
		return TEREDO_REASON_NONE;
	mapped = teredo_addr_mapped(daddr);
	server.ip = teredo_addr_server(daddr);
	server.port = htons(TEREDO_UDP_PORT);
	if (!teredo_may_send_to(self, mapped) || !teredo_may_send_to(self, server))
		return TEREDO_REASON_MAPPED_NOT_GLOBAL;
	/* Another address on the own mapping: it would come straight back. */
	if (!teredo_is_relay(self) && teredo_endpoint_eq(mapped, self->mapped))
		return TEREDO_REASON_LOOP;
	return TEREDO_REASON_NONE;
}

bool teredo_may_attempt(struct teredo_path *p, u64 now)
{
	u64 window = p->flags & TEREDO_PATH_NATIVE ? TEREDO_ECHO_WINDOW_S :
						     TEREDO_WINDOW_S;

	if (p->attempts && now - p->attempt_at < TEREDO_SPACING_S * TEREDO_SEC)
		return false;
	if (now - p->window_at >= window * TEREDO_SEC)
		p->attempts = 0;
	return p->attempts < TEREDO_ATTEMPTS;
}

bool teredo_may_answer_path(struct teredo_path *p, u64 now)
{
	if (p->answers && now - p->answer_at < TEREDO_ANSWER_MS * TEREDO_MSEC)
		return false;
	if (now - p->answer_window_at >= TEREDO_ANSWER_WINDOW_S * TEREDO_SEC)
		p->answers = 0;
	if (p->answers >= TEREDO_ANSWERS)
		return false;
	if (!p->answers++)
		p->answer_window_at = now;
	p->answer_at = now;
	return true;
}

static void emit_discovery(const struct teredo_self *self,
			   struct teredo_actions *act)
{
	struct teredo_endpoint group = {
		.ip = htonl(0xe00000fd),
		.port = htons(TEREDO_UDP_PORT),
	};

	teredo_emit_add(act, group, &self->addr, &all_nodes)->ttl = 1;
}

/* RFC 6081 section 5.2.4.1: what the peer's last indirect bubble asked for. */
static void echo_nonce(const struct teredo_path *p, struct teredo_emit *e)
{
	if (p->ext)
		e->nonce = p->ext->nonce_peer;
}

struct teredo_emit *teredo_emit_indirect(const struct teredo_self *self,
					 const struct teredo_env *env,
					 struct teredo_path *p, u64 now,
					 struct teredo_actions *act)
{
	struct teredo_endpoint server = {
		.ip = teredo_addr_server(&p->addr),
		.port = htons(TEREDO_UDP_PORT),
	};
	struct teredo_path_ext *ext = NULL;
	struct teredo_emit *e;

	if (!teredo_may_send_to(self, server))
		return NULL;
	e = teredo_emit_add(act, server, &self->addr, &p->addr);
	e->indirect = true;
	/* Of any extension: it also tells the peer that trailers are read. */
	if (self->extensions)
		ext = teredo_ext_get(env, p, false, now);
	if (!ext)
		return e;
	e->nonce = teredo_ext_nonce(env, ext, now);
	e->random_port = teredo_path_port_trailer(p);
	/* RFC 6081 section 5.6.3: until the peers talk to each other. */
	e->list = teredo_extends(self, TEREDO_EXT_HP) &&
		  !teredo_path_fresh(p, now);
	return e;
}

static void emit_relay_bubbles(const struct teredo_self *self,
			       const struct teredo_env *env,
			       const struct teredo_path *p,
			       struct teredo_actions *act)
{
	struct teredo_endpoint server = {
		.ip = teredo_addr_server(&p->addr),
		.port = htons(TEREDO_UDP_PORT),
	};
	struct in6_addr saddr;

	/*
	 * The reply to a keyed address proves that the client read the bubble,
	 * so that its source is good even if it is not the mapping in its
	 * address.
	 */
	teredo_proof_address(env, &p->addr, &saddr);
	if (self->role == TEREDO_ROLE_HOST_RELAY)
		teredo_emit_add(act, teredo_addr_mapped(&p->addr), &saddr,
				&p->addr)->ttl =
			p->tries == 1 ? self->bubble_ttl : 0;
	teredo_emit_add(act, server, &saddr, &p->addr)->indirect = true;
}

static void emit_bubbles(const struct teredo_self *self,
			 const struct teredo_env *env, struct teredo_path *p,
			 u64 now, struct teredo_actions *act)
{
	struct teredo_endpoint mapped = teredo_addr_mapped(&p->addr);
	struct teredo_emit *e;
	bool ready;

	if (teredo_is_relay(self)) {
		emit_relay_bubbles(self, env, p, act);
		return;
	}
	/* First, as the port that the peer was reached by may be given up. */
	ready = teredo_path_port_ready(self, env, p, false, now);
	if (!self->open) {
		e = teredo_emit_add(act, mapped, &self->addr, &p->addr);
		echo_nonce(p, e);
		/*
		 * A Linux NAT that lets strangers' packets reach itself
		 * remembers them, and then gives the peer another port toward
		 * us. A first bubble that dies on the way opens our NAT alone.
		 */
		if (p->tries == 1)
			e->ttl = self->bubble_ttl;
	}
	/* Where it was last may be where it still is. */
	if ((p->flags & TEREDO_PATH_TRUSTED) &&
	    (p->slot || !teredo_endpoint_eq(p->mapped, mapped))) {
		e = teredo_emit_add(act, p->mapped, &self->addr, &p->addr);
		e->slot = p->slot;
		echo_nonce(p, e);
	}
	if (ready)
		teredo_path_port_bubbles(self, env, p, now, act);
}

/*
 * RFC 6081 section 5.7. A peer without the extension would not answer, and
 * must not be kept waiting: so only one that is known to read trailers is
 * asked.
 */
static bool may_solicit(const struct teredo_self *self,
			const struct teredo_path *p)
{
	return teredo_extends(self, TEREDO_EXT_SLR) &&
	       (p->flags & TEREDO_PATH_TRUSTED) &&
	       (p->flags & TEREDO_PATH_EXTENDED) &&
	       p->tries <= TEREDO_SOLICITS;
}

void teredo_attempt(const struct teredo_self *self,
		    const struct teredo_env *env, struct teredo_path *p,
		    u64 now, struct teredo_actions *act)
{
	struct teredo_endpoint server = {
		.ip = self->server,
		.port = htons(TEREDO_UDP_PORT),
	};

	if (!p->attempts++)
		p->window_at = now;
	p->attempt_at = now;
	p->tries++;
	p->flags |= TEREDO_PATH_OPENING;
	p->deadline = now + TEREDO_SPACING_S * TEREDO_SEC;

	if (p->flags & TEREDO_PATH_NATIVE) {
		env->random(env->ctx, p->nonce, sizeof(p->nonce));
		p->flags |= TEREDO_PATH_ECHO;
		teredo_emit_add(act, server, &self->addr, &p->addr)->echo = true;
		return;
	}
	if (may_solicit(self, p)) {
		struct teredo_emit *e;

		e = teredo_emit_add(act, p->mapped, &self->addr, &p->addr);
		e->slot = p->slot;
		e->nd = TEREDO_ND_SOLICIT;
		echo_nonce(p, e);
		return;
	}
	if (teredo_local_known(p, now)) {
		teredo_emit_add(act, p->local, &self->addr, &p->addr);
		emit_discovery(self, act);
		/* It may have left, or be a lie of somebody on the link. */
		if (p->tries == 1)
			return;
	}
	emit_bubbles(self, env, p, now, act);
}

static bool path_valid(const struct teredo_path *p, u64 now)
{
	return (p->flags & TEREDO_PATH_TRUSTED) &&
	       now - p->last_rx < TEREDO_VALID_S * TEREDO_SEC;
}

/*
 * Of a flow that still has its path. There are four attempts in 300 s, and a
 * peer whose NAT restarted hears none before it has refreshed its own mapping
 * at its server, which may take it as long as the path is valid: so half of
 * them is kept for after that.
 */
static bool may_attempt_early(struct teredo_path *p, u64 now)
{
	if (teredo_path_fresh(p, now) || (p->flags & TEREDO_PATH_OPENING) ||
	    !teredo_may_attempt(p, now))
		return false;
	return p->flags & TEREDO_PATH_NATIVE || !p->attempts ||
	       (p->attempts < TEREDO_ATTEMPTS / 2 &&
		now - p->attempt_at >= 2 * TEREDO_SPACING_S * TEREDO_SEC);
}

enum teredo_verdict teredo_output(const struct teredo_self *self,
				  const struct teredo_env *env,
				  struct teredo_path *p, u64 now,
				  struct teredo_actions *act)
{
	memset(act, 0, sizeof(*act));

	if (path_valid(p, now)) {
		/*
		 * A one-way flow hears nothing: ask before the entry turns
		 * invalid, so that the flow need not wait for the answer.
		 */
		if (may_attempt_early(p, now)) {
			p->tries = p->attempts;
			teredo_attempt(self, env, p, now, act);
		}
		p->last_tx = now;
		return TEREDO_SEND;
	}
	if (p->flags & TEREDO_PATH_OPENING)
		return TEREDO_QUEUE;
	if (!teredo_may_attempt(p, now))
		return teredo_drop(act, TEREDO_REASON_PEER_UNREACHABLE);
	p->tries = p->attempts;
	teredo_attempt(self, env, p, now, act);
	return TEREDO_QUEUE;
}

void teredo_path_tick(const struct teredo_self *self,
		      const struct teredo_env *env, struct teredo_path *p,
		      u64 now, struct teredo_actions *act)
{
	memset(act, 0, sizeof(*act));
	if (!(p->flags & TEREDO_PATH_OPENING) || now < p->deadline)
		return;
	/* The flow asks again by itself, see above. */
	if (path_valid(p, now) && !teredo_path_fresh(p, now) &&
	    !(p->flags & TEREDO_PATH_NATIVE)) {
		p->flags &= ~TEREDO_PATH_OPENING;
		return;
	}
	if (self->usable && p->tries < TEREDO_ATTEMPTS &&
	    teredo_may_attempt(p, now)) {
		teredo_attempt(self, env, p, now, act);
		return;
	}
	p->flags &= ~(TEREDO_PATH_OPENING | TEREDO_PATH_ECHO);
	/*
	 * A test that a stranger caused takes nothing from the relay that
	 * does bring the peer's packets meanwhile.
	 */
	if (!teredo_path_fresh(p, now)) {
		p->flags &= ~TEREDO_PATH_TRUSTED;
		teredo_path_port_close(env, p);
	}
	p->tries = 0;
	act->failed = true;
}

void teredo_path_ext_tick(const struct teredo_self *self,
			  const struct teredo_env *env, struct teredo_path *p,
			  u64 now, struct teredo_actions *act)
{
	struct teredo_path_ext *ext = p->ext;

	memset(act, 0, sizeof(*act));
	if (!ext || now < teredo_ext_due(ext))
		return;
	teredo_path_port_tick(self, env, p, now, act);
	if (now < ext->keep)
		return;
	if (self->usable &&
	    ((p->flags & TEREDO_PATH_OPENING) || teredo_path_port_used(p))) {
		ext->keep = now + TEREDO_EXT_KEEP_S * TEREDO_SEC;
	} else {
		teredo_path_port_close(env, p);
		teredo_ext_put(env, p);
	}
}

/* RFC 6081 section 5.6.3.1: the own address first, then an inner gateway's. */
static void put_alternates(const struct teredo_self *self,
			   struct teredo_trailers *t)
{
	if (teredo_endpoint_set(self->local) &&
	    !teredo_endpoint_eq(self->local, self->mapped))
		t->alternate[t->n_alternates++] = self->local;
	if (teredo_endpoint_set(self->portmap))
		t->alternate[t->n_alternates++] = self->portmap;
}

size_t teredo_build_emit(u8 *buf, const struct teredo_self *self,
			 const struct teredo_emit *e, const u8 *echo)
{
	struct teredo_trailers t = {
		.has_nonce = e->nonce,
		.nonce = e->nonce,
		.nd = e->nd,
		.random_port = e->random_port,
	};
	size_t n;

	if (e->echo)
		return teredo_build_echo(buf, &e->saddr, &e->daddr, echo);
	if (e->list)
		put_alternates(self, &t);
	n = teredo_build_bubble(buf, &e->saddr, &e->daddr, 0);
	return n + teredo_trailers_build(buf + n, &t);
}
