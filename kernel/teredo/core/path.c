// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
#include "addr.h"
#include "path.h"

static const struct in6_addr all_nodes = {
	.s6_addr = { 0xff, 0x02, [15] = 1 },
};

static bool is_relay(const struct teredo_self *self)
{
	return self->role == TEREDO_ROLE_RELAY ||
	       self->role == TEREDO_ROLE_HOST_RELAY;
}

static bool from_server(const struct teredo_self *self,
			struct teredo_endpoint from)
{
	return self->server && from.ip == self->server &&
	       from.port == htons(TEREDO_UDP_PORT);
}

static enum teredo_verdict drop(struct teredo_actions *act,
				enum teredo_reason reason)
{
	act->reason = reason;
	return TEREDO_DROP;
}

static struct teredo_emit *emit(struct teredo_actions *act,
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

/*
 * RFC 4380 sections 5.2.4 and 7.4.3: nothing is sent to an IPv4 address that
 * a stranger put into an IPv6 address unless it is global unicast.
 */
static bool may_send_to(const struct teredo_self *self,
			struct teredo_endpoint to)
{
	return to.port && teredo_ip_is_global(to.ip, self->allow_private);
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
	if (is_relay(self)) {
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
	if (!may_send_to(self, mapped) || !may_send_to(self, server))
		return TEREDO_REASON_MAPPED_NOT_GLOBAL;
	/* Another address on the own mapping: it would come straight back. */
	if (!is_relay(self) && teredo_endpoint_eq(mapped, self->mapped))
		return TEREDO_REASON_LOOP;
	return TEREDO_REASON_NONE;
}

/* RFC 4380 section 5.2.6: 2 s apart, four in a window without an answer. */
static bool may_attempt(struct teredo_path *p, u64 now)
{
	u64 window = p->flags & TEREDO_PATH_NATIVE ? TEREDO_ECHO_WINDOW_S :
						     TEREDO_WINDOW_S;

	if (p->attempts && now - p->attempt_at < TEREDO_SPACING_S * TEREDO_SEC)
		return false;
	if (now - p->window_at >= window * TEREDO_SEC)
		p->attempts = 0;
	return p->attempts < TEREDO_ATTEMPTS;
}

/*
 * Answers have a limit of their own: an answer within the round trip of an
 * own attempt would otherwise fall to the rule above.
 */
static bool may_answer(struct teredo_path *p, u64 now)
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

static bool local_known(const struct teredo_path *p, u64 now)
{
	return (p->flags & TEREDO_PATH_LOCAL) &&
	       now - p->local_at < TEREDO_LOCAL_S * TEREDO_SEC;
}

static void emit_discovery(const struct teredo_self *self,
			   struct teredo_actions *act)
{
	struct teredo_endpoint group = {
		.ip = htonl(0xe00000fd),
		.port = htons(TEREDO_UDP_PORT),
	};

	emit(act, group, &self->addr, &all_nodes)->ttl = 1;
}

static void emit_bubbles(const struct teredo_self *self,
			 const struct teredo_env *env,
			 const struct teredo_path *p,
			 struct teredo_actions *act)
{
	struct teredo_endpoint server = {
		.ip = teredo_addr_server(&p->addr),
		.port = htons(TEREDO_UDP_PORT),
	};
	struct in6_addr saddr = self->addr;
	bool direct = !self->open;

	if (is_relay(self)) {
		/*
		 * The reply to a keyed address proves that the client read the
		 * bubble, so that its source is good even if it is not the
		 * mapping in its address.
		 */
		teredo_proof_address(env, &p->addr, &saddr);
		direct = self->role == TEREDO_ROLE_HOST_RELAY;
	}
	if (direct) {
		struct teredo_emit *e;

		e = emit(act, teredo_addr_mapped(&p->addr), &saddr, &p->addr);
		/*
		 * A Linux NAT that lets strangers' packets reach itself
		 * remembers them, and then gives the peer another port toward
		 * us. A first bubble that dies on the way opens our NAT alone.
		 */
		if (p->tries == 1)
			e->ttl = self->bubble_ttl;
	}
	emit(act, server, &saddr, &p->addr);
}

/* RFC 4380 section 5.2.4 cases 2, 3, 5; section 5.4.1. */
static void attempt(const struct teredo_self *self,
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
		emit(act, server, &self->addr, &p->addr)->echo = true;
		return;
	}
	if (local_known(p, now)) {
		emit(act, p->local, &self->addr, &p->addr);
		emit_discovery(self, act);
		/* It may have left, or be a lie of somebody on the link. */
		if (p->tries == 1)
			return;
	}
	emit_bubbles(self, env, p, act);
}

enum teredo_verdict teredo_output(const struct teredo_self *self,
				  const struct teredo_env *env,
				  struct teredo_path *p, u64 now,
				  struct teredo_actions *act)
{
	memset(act, 0, sizeof(*act));

	if ((p->flags & TEREDO_PATH_TRUSTED) &&
	    now - p->last_rx < TEREDO_VALID_S * TEREDO_SEC) {
		/*
		 * A one-way flow hears nothing: ask before the entry turns
		 * invalid, so that the flow need not wait for the answer.
		 */
		if (!teredo_path_fresh(p, now) &&
		    !(p->flags & TEREDO_PATH_OPENING) && may_attempt(p, now)) {
			p->tries = 0;
			attempt(self, env, p, now, act);
		}
		p->last_tx = now;
		return TEREDO_SEND;
	}
	if (p->flags & TEREDO_PATH_OPENING)
		return TEREDO_QUEUE;
	if (!may_attempt(p, now))
		return drop(act, TEREDO_REASON_PEER_UNREACHABLE);
	p->tries = 0;
	attempt(self, env, p, now, act);
	return TEREDO_QUEUE;
}

void teredo_path_tick(const struct teredo_self *self,
		      const struct teredo_env *env, struct teredo_path *p,
		      u64 now, struct teredo_actions *act)
{
	memset(act, 0, sizeof(*act));
	if (!(p->flags & TEREDO_PATH_OPENING) || now < p->deadline)
		return;
	if (self->usable && p->tries < TEREDO_ATTEMPTS && may_attempt(p, now)) {
		attempt(self, env, p, now, act);
		return;
	}
	p->flags &= ~(TEREDO_PATH_OPENING | TEREDO_PATH_ECHO);
	/*
	 * A test that a stranger caused takes nothing from the relay that
	 * does bring the peer's packets meanwhile.
	 */
	if (!teredo_path_fresh(p, now))
		p->flags &= ~TEREDO_PATH_TRUSTED;
	p->tries = 0;
	act->failed = true;
}

/* A direct packet came, from where the peer is allowed to be. */
static void trust(struct teredo_path *p, struct teredo_endpoint from, u64 now,
		  struct teredo_actions *act)
{
	if (!(p->flags & TEREDO_PATH_TRUSTED))
		act->trusted = true;
	else if (!teredo_endpoint_eq(p->mapped, from))
		act->moved = true;
	p->mapped = from;
	p->flags |= TEREDO_PATH_TRUSTED | TEREDO_PATH_HEARD;
	p->flags &= ~(TEREDO_PATH_OPENING | TEREDO_PATH_ECHO);
	p->last_rx = now;
	p->attempts = 0;
	p->tries = 0;
}

/* RFC 6169 section 2.3, CVE-2006-6263: a routing header of type 0 anywhere. */
static bool has_routing_header0(const struct teredo_input *in)
{
	const u8 *p = in->data + in->pkt->ip6_off + TEREDO_IP6_HLEN;
	size_t left = in->pkt->ip6_len - TEREDO_IP6_HLEN;
	u8 nexthdr = in->pkt->nexthdr;

	while (nexthdr == TEREDO_NH_HOP || nexthdr == TEREDO_NH_ROUTING ||
	       nexthdr == TEREDO_NH_DEST) {
		size_t n;

		if (left < 8)
			return false;
		if (nexthdr == TEREDO_NH_ROUTING && p[2] == 0)
			return true;
		n = ((size_t)p[1] + 1) * 8;
		if (n > left)
			return false;
		nexthdr = p[0];
		p += n;
		left -= n;
	}
	return false;
}

static void learn_local(struct teredo_path *p, struct teredo_endpoint from,
			u64 now)
{
	p->flags |= TEREDO_PATH_LOCAL;
	p->local = from;
	p->local_at = now;
}

/* RFC 4380 section 5.2.8: a client behind the same NAT speaks on the link. */
static bool same_nat(const struct teredo_self *self,
		     const struct teredo_input *in)
{
	return teredo_addr_is_teredo(&in->pkt->saddr, self->prefix) &&
	       teredo_addr_mapped(&in->pkt->saddr).ip == self->mapped.ip;
}

static enum teredo_verdict discovered(const struct teredo_self *self,
				      const struct teredo_input *in,
				      struct teredo_path *p, u64 now,
				      struct teredo_actions *act)
{
	if (!p)
		return TEREDO_CREATE;
	learn_local(p, in->from, now);
	if (may_answer(p, now))
		emit(act, in->from, &self->addr, &p->addr)->answer = true;
	return TEREDO_CONSUME;
}

static enum teredo_verdict input_discovery(const struct teredo_self *self,
					   const struct teredo_input *in,
					   struct teredo_path *p, u64 now,
					   struct teredo_actions *act)
{
	if (!teredo_packet_is_bubble(in->pkt) ||
	    !teredo_addr_is_all_nodes(&in->pkt->daddr) || !in->on_link ||
	    !teredo_addr_is_teredo(&in->pkt->saddr, self->prefix) ||
	    !may_send_to(self, teredo_addr_mapped(&in->pkt->saddr)))
		return drop(act, TEREDO_REASON_DISCOVERY_INVALID);
	if (!self->discovery || !self->usable)
		return drop(act, TEREDO_REASON_NOT_QUALIFIED);
	if (teredo_addr_eq(&in->pkt->saddr, &self->addr) ||
	    teredo_endpoint_eq(in->from, self->mapped))
		return drop(act, TEREDO_REASON_LOOP);
	if (!same_nat(self, in))
		return drop(act, TEREDO_REASON_DISCOVERY_FOREIGN);
	return discovered(self, in, p, now, act);
}

/* Checks that no role may leave out; RFC 4380 section 5.2.3. */
static enum teredo_reason check_input(const struct teredo_self *self,
				      const struct teredo_input *in)
{
	const struct teredo_packet *pkt = in->pkt;

	/* To anybody else's word on where a packet came from: no. */
	if (pkt->has_origin && !from_server(self, in->from))
		return TEREDO_REASON_ORIGIN_NOT_SERVER;
	if (teredo_addr_is_multicast(&pkt->daddr)) {
		if (teredo_packet_is_bubble(pkt) &&
		    teredo_addr_is_all_nodes(&pkt->daddr))
			return TEREDO_REASON_DISCOVERY_UNICAST;
		return TEREDO_REASON_MULTICAST;
	}
	if (has_routing_header0(in))
		return TEREDO_REASON_ROUTING_HEADER;
	if (teredo_addr_is_linklocal(&pkt->saddr)) {
		/* RFC 4380 section 7.1; guards against forged advertisements. */
		if (!teredo_packet_is_bubble(pkt))
			return TEREDO_REASON_LINK_LOCAL_SOURCE;
	} else if (!teredo_addr_is_global(&pkt->saddr)) {
		return TEREDO_REASON_NOT_GLOBAL;
	}
	if (!self->usable)
		return TEREDO_REASON_NOT_QUALIFIED;
	return TEREDO_REASON_NONE;
}

/* A bubble that the own server handed on: the sender waits for an answer. */
static enum teredo_verdict
input_indirect_bubble(const struct teredo_self *self,
		      const struct teredo_env *env,
		      const struct teredo_input *in, struct teredo_path *p,
		      u64 now, struct teredo_actions *act)
{
	const struct teredo_packet *pkt = in->pkt;
	bool linklocal = teredo_addr_is_linklocal(&pkt->saddr);
	bool teredo = teredo_addr_is_teredo(&pkt->saddr, self->prefix);
	struct teredo_endpoint to = pkt->origin;

	if (teredo)
		to = teredo_addr_mapped(&pkt->saddr);
	else if (!pkt->has_origin)
		return drop(act, TEREDO_REASON_UNVERIFIED);
	if (!may_send_to(self, to))
		return drop(act, TEREDO_REASON_MAPPED_NOT_GLOBAL);
	if (teredo_endpoint_eq(to, self->mapped))
		return drop(act, TEREDO_REASON_LOOP);

	/* A relay's link-local address is not a peer: no state for it. */
	if (!linklocal) {
		if (!p)
			return TEREDO_CREATE;
		if (!may_answer(p, now))
			return drop(act, TEREDO_REASON_RATE_LIMITED);
	}
	/* The relay knows its own address again, so swap: 5.2.3. */
	emit(act, to, &pkt->daddr, &pkt->saddr)->answer = true;

	/*
	 * RFC 4380 section 5.2.3: who speaks for a native host has to be
	 * tested before its packets are believed.
	 */
	if (!linklocal && !teredo && !(p->flags & TEREDO_PATH_TRUSTED) &&
	    !(p->flags & TEREDO_PATH_OPENING) && may_attempt(p, now)) {
		p->tries = 0;
		attempt(self, env, p, now, act);
		act->emit[act->n - 1].answer = true;
	}
	return TEREDO_CONSUME;
}

static enum teredo_verdict consume_or_accept(const struct teredo_input *in)
{
	return teredo_packet_is_bubble(in->pkt) ? TEREDO_CONSUME :
						  TEREDO_ACCEPT;
}

/*
 * RFC 4380 section 5.2.3, case 6: a packet from a native host, brought by a
 * relay that is not known for it. It waits for the connectivity test.
 */
static enum teredo_verdict input_unverified(const struct teredo_self *self,
					    const struct teredo_env *env,
					    const struct teredo_input *in,
					    struct teredo_path *p, u64 now,
					    struct teredo_actions *act)
{
	if (teredo_packet_is_bubble(in->pkt) ||
	    !may_send_to(self, in->from))
		return drop(act, TEREDO_REASON_UNVERIFIED);
	if (!p)
		return TEREDO_CREATE;
	if (p->flags & TEREDO_PATH_OPENING)
		return TEREDO_HOLD;
	if (!may_attempt(p, now))
		return drop(act, TEREDO_REASON_UNVERIFIED);
	p->tries = 0;
	attempt(self, env, p, now, act);
	/* CVE-2006-6266: a stranger made us do this. */
	act->emit[act->n - 1].answer = true;
	return TEREDO_HOLD;
}

static enum teredo_verdict input_client(const struct teredo_self *self,
					const struct teredo_env *env,
					const struct teredo_input *in,
					struct teredo_path *p, u64 now,
					struct teredo_actions *act)
{
	const struct teredo_packet *pkt = in->pkt;
	bool bubble = teredo_packet_is_bubble(pkt);

	if (!teredo_addr_eq(&pkt->daddr, &self->addr))
		return drop(act, TEREDO_REASON_NOT_FOR_US);
	if (teredo_addr_eq(&pkt->saddr, &self->addr) ||
	    teredo_endpoint_eq(in->from, self->mapped))
		return drop(act, TEREDO_REASON_LOOP);

	if (bubble && from_server(self, in->from))
		return input_indirect_bubble(self, env, in, p, now, act);
	if (teredo_addr_is_linklocal(&pkt->saddr))
		return drop(act, TEREDO_REASON_LINK_LOCAL_SOURCE);

	/* Case 2; a known relay too is asked from time to time. */
	if (p && (p->flags & TEREDO_PATH_ECHO) &&
	    teredo_packet_is_echo_reply(pkt, in->data, p->nonce)) {
		if (!may_send_to(self, in->from))
			return drop(act, TEREDO_REASON_OUTER_SOURCE);
		trust(p, in->from, now, act);
		return TEREDO_CONSUME;
	}
	/* Case 1 */
	if (p && (p->flags & TEREDO_PATH_TRUSTED) &&
	    teredo_endpoint_eq(p->mapped, in->from)) {
		trust(p, in->from, now, act);
		return consume_or_accept(in);
	}
	if (!teredo_addr_is_teredo(&pkt->saddr, self->prefix)) {
		if (p && (p->flags & TEREDO_PATH_ECHO) &&
		    pkt->ip6_len == TEREDO_ECHO_LEN &&
		    teredo_packet_icmp_type(pkt, in->data) ==
			TEREDO_ICMP6_REPLY)
			return drop(act, TEREDO_REASON_ECHO_MISMATCH);
		return input_unverified(self, env, in, p, now, act);
	}

	/* Case 3 */
	if (teredo_endpoint_eq(teredo_addr_mapped(&pkt->saddr), in->from)) {
		if (!may_send_to(self, in->from))
			return drop(act, TEREDO_REASON_OUTER_SOURCE);
		if (!p)
			return TEREDO_CREATE;
		trust(p, in->from, now, act);
		return consume_or_accept(in);
	}
	/* Case 5 */
	if (p && local_known(p, now) &&
	    teredo_endpoint_eq(p->local, in->from)) {
		trust(p, in->from, now, act);
		return consume_or_accept(in);
	}
	/*
	 * The unicast answer to a discovery bubble of ours, from a client
	 * whose own one we have not seen: learnt like one, not trusted.
	 */
	if (bubble && self->discovery && in->on_link && same_nat(self, in))
		return discovered(self, in, p, now, act);
	return drop(act, TEREDO_REASON_MAPPING_MISMATCH);
}

static enum teredo_verdict input_relay(const struct teredo_self *self,
				       const struct teredo_env *env,
				       const struct teredo_input *in,
				       struct teredo_path *p, u64 now,
				       struct teredo_actions *act)
{
	const struct teredo_packet *pkt = in->pkt;
	bool bubble = teredo_packet_is_bubble(pkt);
	struct in6_addr proof;

	if (!teredo_addr_is_teredo(&pkt->saddr, self->prefix))
		return drop(act, TEREDO_REASON_NOT_TEREDO_SOURCE);
	if (bubble && teredo_addr_is_linklocal(&pkt->daddr)) {
		teredo_proof_address(env, &pkt->saddr, &proof);
		if (!teredo_equal_const_time(proof.s6_addr,
					     pkt->daddr.s6_addr,
					     sizeof(proof)))
			return drop(act, TEREDO_REASON_BUBBLE_PROOF);
		if (!may_send_to(self, in->from))
			return drop(act, TEREDO_REASON_OUTER_SOURCE);
		if (!p)
			return drop(act, TEREDO_REASON_UNKNOWN_PEER);
		trust(p, in->from, now, act);
		return TEREDO_CONSUME;
	}
	if (!(p && (p->flags & TEREDO_PATH_TRUSTED) &&
	      teredo_endpoint_eq(p->mapped, in->from))) {
		/* RFC 4380 section 5.4.2 */
		if (!teredo_endpoint_eq(teredo_addr_mapped(&pkt->saddr),
					in->from))
			return drop(act, TEREDO_REASON_MAPPING_MISMATCH);
		if (!may_send_to(self, in->from))
			return drop(act, TEREDO_REASON_OUTER_SOURCE);
		if (!p)
			return drop(act, TEREDO_REASON_UNKNOWN_PEER);
	}
	if (bubble) {
		trust(p, in->from, now, act);
		return TEREDO_CONSUME;
	}
	if (!teredo_addr_is_global(&pkt->daddr))
		return drop(act, TEREDO_REASON_NOT_GLOBAL);
	/* Relay to relay would be a loop: RFC 4380 section 7.4, 5.4.2. */
	if (teredo_addr_is_teredo(&pkt->daddr, self->prefix) ||
	    (self->role == TEREDO_ROLE_HOST_RELAY && !in->local_daddr))
		return drop(act, TEREDO_REASON_NOT_SERVED);
	trust(p, in->from, now, act);
	return TEREDO_ACCEPT;
}

enum teredo_verdict teredo_input(const struct teredo_self *self,
				 const struct teredo_env *env,
				 const struct teredo_input *in,
				 struct teredo_path *path, u64 now,
				 struct teredo_actions *act)
{
	enum teredo_reason reason;

	memset(act, 0, sizeof(*act));
	if (in->multicast)
		return input_discovery(self, in, path, now, act);
	if (teredo_addr_is_linklocal(&in->pkt->saddr) && self->server &&
	    teredo_packet_icmp_type(in->pkt, in->data) == TEREDO_ICMP6_RA)
		return TEREDO_TO_CLIENT;
	reason = check_input(self, in);
	if (reason)
		return drop(act, reason);
	if (is_relay(self))
		return input_relay(self, env, in, path, now, act);
	return input_client(self, env, in, path, now, act);
}
