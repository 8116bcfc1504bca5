// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
/* What a client or relay does with a packet that it received. */
#include "client.h"
#include "path_ports.h"
#include "path_priv.h"

static bool from_server(const struct teredo_self *self,
			struct teredo_endpoint from)
{
	return self->server && from.ip == self->server &&
	       from.port == htons(TEREDO_UDP_PORT);
}

/* A direct packet came, from where the peer is allowed to be. */
static void trust(const struct teredo_self *self, const struct teredo_input *in,
		  struct teredo_path *p, u64 now, struct teredo_actions *act)
{
	bool same = teredo_endpoint_eq(p->mapped, in->from) &&
		    p->slot == in->slot;

	if (!(p->flags & TEREDO_PATH_TRUSTED))
		act->trusted = true;
	else if (!same)
		act->moved = true;
	p->mapped = in->from;
	p->slot = in->slot;
	p->flags |= TEREDO_PATH_TRUSTED | TEREDO_PATH_HEARD;
	p->flags &= ~(TEREDO_PATH_OPENING | TEREDO_PATH_ECHO |
		      TEREDO_PATH_SYMMETRIC);
	/* RFC 6081 section 5.3.4.1, but for peers behind the same NAT. */
	if (!(p->flags & TEREDO_PATH_NATIVE) &&
	    !teredo_endpoint_eq(teredo_addr_mapped(&p->addr), in->from) &&
	    teredo_may_send_to(self, in->from))
		p->flags |= TEREDO_PATH_SYMMETRIC;
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
	if (teredo_may_answer_path(p, now))
		teredo_emit_add(act, in->from, &self->addr, &p->addr)->answer = true;
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
	    !teredo_may_send_to(self, teredo_addr_mapped(&in->pkt->saddr)))
		return teredo_drop(act, TEREDO_REASON_DISCOVERY_INVALID);
	if (!self->discovery || !self->usable)
		return teredo_drop(act, TEREDO_REASON_NOT_QUALIFIED);
	if (teredo_addr_eq(&in->pkt->saddr, &self->addr) ||
	    teredo_endpoint_eq(in->from, self->mapped))
		return teredo_drop(act, TEREDO_REASON_LOOP);
	if (!same_nat(self, in))
		return teredo_drop(act, TEREDO_REASON_DISCOVERY_FOREIGN);
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

/*
 * RFC 6081 section 5.6.4.2. A list may name anybody, so no more of it is taken
 * than two hosts behind one NAT need: addresses that lead nowhere on the
 * Internet, or are the NAT's own, and of each address one port.
 */
static void take_alternates(const struct teredo_self *self,
			    struct teredo_path_ext *ext,
			    const struct teredo_path *p,
			    const struct teredo_trailers *t)
{
	__be32 embedded = teredo_addr_mapped(&p->addr).ip;
	unsigned int i, j;

	ext->n_alternates = 0;
	for (i = 0; i < t->n_alternates; i++) {
		struct teredo_endpoint e = t->alternate[i];

		if (e.ip == self->local.ip ||
		    teredo_endpoint_eq(e, self->mapped) ||
		    teredo_endpoint_eq(e, teredo_addr_mapped(&p->addr)))
			continue;
		if (teredo_ip_is_global(e.ip, false) && e.ip != embedded &&
		    embedded != self->mapped.ip)
			continue;
		for (j = 0; j < ext->n_alternates; j++)
			if (ext->alternate[j].ip == e.ip)
				break;
		if (j == ext->n_alternates)
			ext->alternate[ext->n_alternates++] = e;
	}
}

static struct teredo_emit *answer(const struct teredo_self *self,
				  const struct teredo_path *p,
				  const struct teredo_trailers *t,
				  struct teredo_endpoint to,
				  struct teredo_actions *act)
{
	struct teredo_emit *e;

	e = teredo_emit_add(act, to, &self->addr, &p->addr);
	e->answer = true;
	e->nonce = t->nonce;
	if (t->nd == TEREDO_ND_SOLICIT && teredo_extends(self, TEREDO_EXT_SLR))
		e->nd = TEREDO_ND_ADVERT;
	return e;
}

/*
 * RFC 6081 section 3.1: a peer that the answers do not reach has to learn where
 * they would come from, and be let in. Not if an own indirect bubble is on its
 * way already: two of us would go on for ever.
 */
static bool invites(const struct teredo_self *self,
		    const struct teredo_path *p,
		    const struct teredo_trailers *t, u64 now)
{
	const struct teredo_path_ext *ext = p->ext;

	if (!ext || !t->has_nonce || !teredo_extends(self, TEREDO_EXT_SNS))
		return false;
	if (ext->nonce_at &&
	    now - ext->nonce_at < TEREDO_INVITE_MS * TEREDO_MSEC)
		return false;
	/* The mapping that is known may be the one that does not work. */
	return !teredo_path_fresh(p, now) ||
	       (p->flags & TEREDO_PATH_SYMMETRIC) ||
	       teredo_nat_symmetric(self->nat);
}

/*
 * The peer's indirect bubble tells the port that it will come from, and which
 * of its ports ours has to be for.
 */
static void answer_by_port(const struct teredo_self *self,
			   const struct teredo_path *p,
			   const struct teredo_trailers *t,
			   struct teredo_actions *act)
{
	struct teredo_endpoint to = teredo_addr_mapped(&p->addr);
	struct teredo_emit *e;
	u16 slot = 0;

	if (!teredo_path_port_used(p)) {
		/* RFC 6081 section 6.4: our NAT's filter has to know it. */
		if (!t->random_port || t->random_port == to.port ||
		    !teredo_extends(self, TEREDO_EXT_PP))
			return;
		to.port = t->random_port;
	} else if (!teredo_path_port_target(p, &to, &slot)) {
		return;
	}
	if ((p->flags & TEREDO_PATH_TRUSTED) && p->slot == slot &&
	    teredo_endpoint_eq(p->mapped, to))
		return;
	e = answer(self, p, t, to, act);
	e->slot = slot;
	if (slot)
		e->random_port = teredo_path_port_trailer(p);
}

/* From another client, whose server handed it on: RFC 6081 section 5.2.4.3. */
static void answer_client(const struct teredo_self *self,
			  const struct teredo_env *env, struct teredo_path *p,
			  const struct teredo_trailers *t, u64 now,
			  struct teredo_actions *act)
{
	struct teredo_endpoint mapped = teredo_addr_mapped(&p->addr);
	bool stranger = !(p->flags & (TEREDO_PATH_TRUSTED |
				      TEREDO_PATH_OPENING));
	struct teredo_path_ext *ext = p->ext;
	struct teredo_input seen = { };
	unsigned int i;
	bool early;

	if (t->any)
		p->flags |= TEREDO_PATH_EXTENDED;
	if (t->any || ext)
		ext = teredo_ext_get(env, p, stranger, now);
	if (ext) {
		ext->nonce_peer = t->nonce;
		if (teredo_extends(self, TEREDO_EXT_HP))
			take_alternates(self, ext, p, t);
	}
	teredo_path_port_heard(self, env, p, t->random_port, now);
	early = teredo_path_port_seen(p, &seen);
	/* The peer takes the first that comes: no choice if one is in use. */
	if (!early)
		answer(self, p, t, mapped, act);
	answer_by_port(self, p, t, act);
	if ((p->flags & TEREDO_PATH_TRUSTED) &&
	    (p->slot || !teredo_endpoint_eq(p->mapped, mapped)))
		answer(self, p, t, p->mapped, act)->slot = p->slot;
	for (i = 0; ext && i < ext->n_alternates; i++)
		if (!teredo_path_fresh(p, now))
			answer(self, p, t, ext->alternate[i],
			       act)->alternate = true;
	if (invites(self, p, t, now) &&
	    teredo_path_port_ready(self, env, p, true, now)) {
		struct teredo_emit *e;

		e = teredo_emit_indirect(self, env, p, now, act);
		if (e)
			e->answer = true;
	}
	/* It was heard before, and only now can it take anything from us. */
	if (early &&
	    teredo_path_port_direct(env, p, seen.from, seen.slot, true, now) ==
	    TEREDO_PORTS_TRUST)
		trust(self, &seen, p, now, act);
}

/* A bubble that the own server handed on: the sender waits for an answer. */
static enum teredo_verdict
input_indirect_bubble(const struct teredo_self *self,
		      const struct teredo_env *env,
		      const struct teredo_input *in,
		      const struct teredo_trailers *t, struct teredo_path *p,
		      u64 now, struct teredo_actions *act)
{
	const struct teredo_packet *pkt = in->pkt;
	bool linklocal = teredo_addr_is_linklocal(&pkt->saddr);
	bool teredo = teredo_addr_is_teredo(&pkt->saddr, self->prefix);
	struct teredo_endpoint to = pkt->origin;

	if (teredo)
		to = teredo_addr_mapped(&pkt->saddr);
	else if (!pkt->has_origin)
		return teredo_drop(act, TEREDO_REASON_UNVERIFIED);
	if (!teredo_may_send_to(self, to))
		return teredo_drop(act, TEREDO_REASON_MAPPED_NOT_GLOBAL);
	if (teredo_endpoint_eq(to, self->mapped))
		return teredo_drop(act, TEREDO_REASON_LOOP);
	if (t->alternates_bad && teredo_extends(self, TEREDO_EXT_HP))
		return teredo_drop(act, TEREDO_REASON_BAD_ALTERNATE);

	/* A relay's link-local address is not a peer: no state for it. */
	if (!linklocal) {
		if (!p)
			return TEREDO_CREATE;
		if (!teredo_may_answer_path(p, now))
			return teredo_drop(act, TEREDO_REASON_RATE_LIMITED);
	}
	if (teredo) {
		answer_client(self, env, p, t, now, act);
		return TEREDO_CONSUME;
	}
	/* The relay knows its own address again, so swap: 5.2.3. */
	teredo_emit_add(act, to, &pkt->daddr, &pkt->saddr)->answer = true;

	/*
	 * RFC 4380 section 5.2.3: who speaks for a native host has to be
	 * tested before its packets are believed.
	 */
	if (!linklocal && !(p->flags & TEREDO_PATH_TRUSTED) &&
	    !(p->flags & TEREDO_PATH_OPENING) && teredo_may_attempt(p, now)) {
		p->tries = 0;
		teredo_attempt(self, env, p, now, act);
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
	    !teredo_may_send_to(self, in->from))
		return teredo_drop(act, TEREDO_REASON_UNVERIFIED);
	if (!p)
		return TEREDO_CREATE;
	if (p->flags & TEREDO_PATH_OPENING)
		return TEREDO_HOLD;
	if (!teredo_may_attempt(p, now))
		return teredo_drop(act, TEREDO_REASON_UNVERIFIED);
	p->tries = 0;
	teredo_attempt(self, env, p, now, act);
	/* CVE-2006-6266: a stranger made us do this. */
	act->emit[act->n - 1].answer = true;
	return TEREDO_HOLD;
}

/*
 * Where a symmetric NAT is between us, the peer cannot know yet that it got
 * through, and would ask again only after 2 s.
 */
static void let_know(const struct teredo_self *self,
		     const struct teredo_path *p, struct teredo_actions *act)
{
	struct teredo_emit *e;

	if (!act->trusted || !p->ext || !p->ext->nonce_peer || act->n)
		return;
	e = teredo_emit_add(act, p->mapped, &self->addr, &p->addr);
	e->slot = p->slot;
	e->answer = true;
	e->nonce = p->ext->nonce_peer;
}

/*
 * A direct packet is good: its source is the peer's. RFC 6081 section 5.7.4 has
 * a solicitation answered, whoever is in doubt.
 */
static enum teredo_verdict accept_from(const struct teredo_self *self,
				       const struct teredo_env *env,
				       const struct teredo_input *in,
				       const struct teredo_trailers *t,
				       struct teredo_path *p, u64 now,
				       struct teredo_actions *act)
{
	bool bubble = teredo_packet_is_bubble(in->pkt);
	enum teredo_ports_verdict verdict;

	verdict = teredo_path_port_direct(env, p, in->from, in->slot, bubble,
					  now);
	/* Who sends data has not to be waited for. */
	if (verdict == TEREDO_PORTS_LATER && !bubble)
		verdict = teredo_path_port_direct(env, p, in->from, in->slot,
						  bubble, now);
	if (verdict == TEREDO_PORTS_RESTART &&
	    teredo_path_port_ready(self, env, p, true, now)) {
		struct teredo_emit *e;

		e = teredo_emit_indirect(self, env, p, now, act);
		if (e)
			e->answer = true;
	}
	if (verdict != TEREDO_PORTS_TRUST)
		return bubble ? TEREDO_CONSUME :
		       teredo_drop(act, TEREDO_REASON_MAPPING_MISMATCH);
	trust(self, in, p, now, act);
	if (t->any)
		p->flags |= TEREDO_PATH_EXTENDED;
	if (t->nd == TEREDO_ND_SOLICIT &&
	    teredo_extends(self, TEREDO_EXT_SLR) &&
	    teredo_may_answer_path(p, now)) {
		struct teredo_emit *e;

		e = answer(self, p, t, p->mapped, act);
		e->slot = p->slot;
		/* Of its last indirect bubble, not of this one. */
		e->nonce = p->ext ? p->ext->nonce_peer : 0;
	}
	if (in->slot)
		let_know(self, p, act);
	return consume_or_accept(in);
}

/*
 * A peer may be heard by two ways at once: hosts behind one NAT by the inner and
 * the outer one, and behind a symmetric NAT whose gateway holds the mapping in
 * the peer's address open, by that and by a flow's own. One is as good as the
 * other while it is in use; data that changes over for each bubble would come
 * out of order, and two ends that do so may never agree.
 */
static bool keeps_alternate(const struct teredo_input *in,
			    const struct teredo_path *p, u64 now)
{
	return p && p->ext && teredo_packet_is_bubble(in->pkt) &&
	       teredo_path_fresh(p, now) &&
	       teredo_ext_is_alternate(p->ext, p->mapped) &&
	       !teredo_ext_is_alternate(p->ext, in->from);
}

static bool keeps_proven(const struct teredo_trailers *t,
			 const struct teredo_path *p, u64 now)
{
	return teredo_path_fresh(p, now) &&
	       (p->flags & TEREDO_PATH_SYMMETRIC) &&
	       !teredo_path_port_used(p) && t->nd != TEREDO_ND_SOLICIT;
}

/* May a packet from here be the peer's, if it proves to be? */
static bool may_be_peer(const struct teredo_self *self,
			struct teredo_endpoint from)
{
	if (teredo_may_send_to(self, from))
		return true;
	return teredo_extends(self, TEREDO_EXT_HP) && from.port &&
	       from.ip != self->local.ip && teredo_ip_is_global(from.ip, true);
}

/*
 * Not from the mapping in its address: RFC 6081 sections 5.2.4.4 and 5.6.4.3.
 * A bubble is believed for the nonce that went by way of the peer's server.
 */
static enum teredo_verdict input_nonce(const struct teredo_self *self,
				       const struct teredo_env *env,
				       const struct teredo_input *in,
				       const struct teredo_trailers *t,
				       struct teredo_path *p, u64 now,
				       struct teredo_actions *act)
{
	if (!p->ext || !teredo_ext_proves(p->ext, t->nonce, now))
		return teredo_drop(act, TEREDO_REASON_NONCE_MISMATCH);
	if (!may_be_peer(self, in->from))
		return teredo_drop(act, TEREDO_REASON_OUTER_SOURCE);
	if (keeps_alternate(in, p, now))
		return TEREDO_CONSUME;
	accept_from(self, env, in, t, p, now, act);
	act->proven = act->trusted || act->moved;
	/*
	 * Once: a peer that is heard from two mappings, its random port among
	 * them, would be moved to and fro by each bubble.
	 */
	if (act->proven)
		teredo_ext_spent(p->ext);
	let_know(self, p, act);
	return TEREDO_CONSUME;
}

static enum teredo_verdict input_client(const struct teredo_self *self,
					const struct teredo_env *env,
					const struct teredo_input *in,
					struct teredo_path *p, u64 now,
					struct teredo_actions *act)
{
	const struct teredo_packet *pkt = in->pkt;
	bool bubble = teredo_packet_is_bubble(pkt);
	struct teredo_trailers t = { };

	if (!teredo_addr_eq(&pkt->daddr, &self->addr))
		return teredo_drop(act, TEREDO_REASON_NOT_FOR_US);
	if (teredo_addr_eq(&pkt->saddr, &self->addr) ||
	    teredo_endpoint_eq(in->from, self->mapped))
		return teredo_drop(act, TEREDO_REASON_LOOP);
	/* A random port is for one peer alone. */
	if (in->slot && (!p || teredo_path_port(p) != in->slot))
		return teredo_drop(act, TEREDO_REASON_MAPPING_MISMATCH);

	if (bubble && pkt->trailer_len && self->extensions)
		teredo_trailers_parse(pkt, in->data, &t);
	if (bubble && from_server(self, in->from))
		return input_indirect_bubble(self, env, in, &t, p, now, act);
	if (teredo_addr_is_linklocal(&pkt->saddr))
		return teredo_drop(act, TEREDO_REASON_LINK_LOCAL_SOURCE);

	/* Case 2; a known relay too is asked from time to time. */
	if (p && (p->flags & TEREDO_PATH_ECHO) &&
	    teredo_packet_is_echo_reply(pkt, in->data, p->nonce)) {
		if (!teredo_may_send_to(self, in->from))
			return teredo_drop(act, TEREDO_REASON_OUTER_SOURCE);
		trust(self, in, p, now, act);
		return TEREDO_CONSUME;
	}
	/* Case 1 */
	if (p && (p->flags & TEREDO_PATH_TRUSTED) && p->slot == in->slot &&
	    teredo_endpoint_eq(p->mapped, in->from))
		return accept_from(self, env, in, &t, p, now, act);
	if (!teredo_addr_is_teredo(&pkt->saddr, self->prefix)) {
		if (p && (p->flags & TEREDO_PATH_ECHO) &&
		    pkt->ip6_len == TEREDO_ECHO_LEN &&
		    teredo_packet_icmp_type(pkt, in->data) ==
			TEREDO_ICMP6_REPLY)
			return teredo_drop(act, TEREDO_REASON_ECHO_MISMATCH);
		return input_unverified(self, env, in, p, now, act);
	}

	/* Case 3 */
	if (teredo_endpoint_eq(teredo_addr_mapped(&pkt->saddr), in->from)) {
		if (!teredo_may_send_to(self, in->from))
			return teredo_drop(act, TEREDO_REASON_OUTER_SOURCE);
		if (!p)
			return TEREDO_CREATE;
		if (keeps_alternate(in, p, now))
			return TEREDO_CONSUME;
		/* Not news of the other mapping: that has to be heard itself. */
		if (keeps_proven(&t, p, now))
			return consume_or_accept(in);
		return accept_from(self, env, in, &t, p, now, act);
	}
	/* Case 5 */
	if (p && teredo_local_known(p, now) &&
	    teredo_endpoint_eq(p->local, in->from))
		return accept_from(self, env, in, &t, p, now, act);
	if (bubble && t.has_nonce && p &&
	    teredo_extends(self, TEREDO_EXT_SNS | TEREDO_EXT_HP))
		return input_nonce(self, env, in, &t, p, now, act);
	/*
	 * Data cannot carry a nonce, and may overtake the bubble that does.
	 * The list came by way of the own server, which asks the same proof of
	 * its sender as case 3 does.
	 */
	if (!bubble && p && p->ext && teredo_extends(self, TEREDO_EXT_HP) &&
	    teredo_ext_is_alternate(p->ext, in->from))
		return accept_from(self, env, in, &t, p, now, act);
	/*
	 * The unicast answer to a discovery bubble of ours, from a client
	 * whose own one we have not seen: learnt like one, not trusted.
	 */
	if (bubble && self->discovery && in->on_link && same_nat(self, in))
		return discovered(self, in, p, now, act);
	return teredo_drop(act, TEREDO_REASON_MAPPING_MISMATCH);
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
		return teredo_drop(act, TEREDO_REASON_NOT_TEREDO_SOURCE);
	if (bubble && teredo_addr_is_linklocal(&pkt->daddr)) {
		teredo_proof_address(env, &pkt->saddr, &proof);
		if (!teredo_equal_const_time(proof.s6_addr,
					     pkt->daddr.s6_addr,
					     sizeof(proof)))
			return teredo_drop(act, TEREDO_REASON_BUBBLE_PROOF);
		if (!teredo_may_send_to(self, in->from))
			return teredo_drop(act, TEREDO_REASON_OUTER_SOURCE);
		if (!p)
			return teredo_drop(act, TEREDO_REASON_UNKNOWN_PEER);
		trust(self, in, p, now, act);
		return TEREDO_CONSUME;
	}
	if (!(p && (p->flags & TEREDO_PATH_TRUSTED) &&
	      teredo_endpoint_eq(p->mapped, in->from))) {
		/* RFC 4380 section 5.4.2 */
		if (!teredo_endpoint_eq(teredo_addr_mapped(&pkt->saddr),
					in->from))
			return teredo_drop(act, TEREDO_REASON_MAPPING_MISMATCH);
		if (!teredo_may_send_to(self, in->from))
			return teredo_drop(act, TEREDO_REASON_OUTER_SOURCE);
		if (!p)
			return teredo_drop(act, TEREDO_REASON_UNKNOWN_PEER);
	}
	if (bubble) {
		trust(self, in, p, now, act);
		return TEREDO_CONSUME;
	}
	if (!teredo_addr_is_global(&pkt->daddr))
		return teredo_drop(act, TEREDO_REASON_NOT_GLOBAL);
	/* Relay to relay would be a loop: RFC 4380 section 7.4, 5.4.2. */
	if (teredo_addr_is_teredo(&pkt->daddr, self->prefix) ||
	    (self->role == TEREDO_ROLE_HOST_RELAY && !in->local_daddr))
		return teredo_drop(act, TEREDO_REASON_NOT_SERVED);
	trust(self, in, p, now, act);
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
		return teredo_drop(act, reason);
	if (teredo_is_relay(self))
		return input_relay(self, env, in, path, now, act);
	return input_client(self, env, in, path, now, act);
}
