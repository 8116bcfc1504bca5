// SPDX-License-Identifier: GPL-2.0
/* What holds after each call, whatever happened before. */
#include "machine.h"

void check_client(const struct machine *m)
{
	const struct teredo_client *c = &m->c;

	CHECK(c->state < __TEREDO_STATE_MAX && c->nat < __TEREDO_NAT_MAX);
	CHECK(c->tries <= (c->roaming ? TEREDO_ROAM_TRIES : TEREDO_RS_TRIES));
	CHECK(!c->roaming || c->state == TEREDO_STATE_QUALIFIED);
	if (c->address != TEREDO_ADDRESS_NONE) {
		CHECK(teredo_addr_is_teredo(&c->addr, m->params.prefix));
		CHECK(teredo_addr_server(&c->addr) == m->params.server);
		CHECK(teredo_endpoint_eq(teredo_addr_mapped(&c->addr),
					 c->mapped));
		CHECK(!(teredo_addr_flags(&c->addr) & ~TEREDO_FLAG_RANDOM));
		CHECK(teredo_ip_is_global(c->mapped.ip,
					  m->params.allow_private));
		CHECK(c->mapped.port);
	}
	switch (c->state) {
	case TEREDO_STATE_DORMANT:
		CHECK(c->deadline == TEREDO_NEVER);
		CHECK(c->address == TEREDO_ADDRESS_NONE && !c->pending);
		break;
	case TEREDO_STATE_OFFLINE:
		CHECK(c->address == TEREDO_ADDRESS_NONE && !c->pending);
		CHECK(c->error != TEREDO_REASON_NONE);
		break;
	case TEREDO_STATE_QUALIFIED:
		CHECK(c->address != TEREDO_ADDRESS_NONE);
		CHECK(c->error == TEREDO_REASON_NONE);
		break;
	default:
		break;
	}
	/* Something is always due, unless it sleeps or is down. */
	if (c->state != TEREDO_STATE_DORMANT && !m->asleep) {
		CHECK(c->deadline != TEREDO_NEVER);
		CHECK(c->deadline <= m->now +
		      TEREDO_OFFLINE_MAX_S * TEREDO_SEC);
	}
}

/* @src is whom a packet without a path came from. */
static void check_emit(const struct machine *m, const struct side *s,
		       const struct teredo_path *p,
		       const struct teredo_emit *e, const struct in6_addr *src)
{
	u8 buf[TEREDO_EMIT_BYTES];
	struct teredo_trailers t;
	struct teredo_packet pkt;
	struct in6_addr proof;
	size_t n;

	CHECK(s->self.usable);
	CHECK(!e->slot || (s == &m->client && p &&
			   e->slot == teredo_path_port(p)));
	if (e->solicit) {
		CHECK(e->slot && e->solicit <= 2);
		return;
	}
	if (teredo_addr_is_all_nodes(&e->daddr)) {
		/* Discovery: to the group, one hop, from a client. */
		CHECK(e->to.ip == fuzz_ip(224, 0, 0, 253));
		CHECK(e->to.port == htons(TEREDO_UDP_PORT));
		CHECK(e->ttl == 1 && !e->echo);
		CHECK(s == &m->client);
	} else if (p && (p->flags & TEREDO_PATH_LOCAL) &&
		   teredo_endpoint_eq(e->to, p->local)) {
		/* Only what came from there made it known. */
		CHECK(e->to.port);
	} else if (e->alternate || (p && !e->indirect &&
				    (p->flags & TEREDO_PATH_TRUSTED) &&
				    teredo_endpoint_eq(e->to, p->mapped))) {
		/* RFC 6081 section 5.6: inside is where the peer may be. */
		CHECK(e->to.port && teredo_ip_is_global(e->to.ip, true));
		CHECK(!e->alternate || e->to.ip != m->c.local.ip);
		CHECK(s->self.extensions || !e->alternate);
		CHECK(teredo_addr_eq(&e->daddr, &p->addr));
	} else {
		CHECK(e->to.port &&
		      teredo_ip_is_global(e->to.ip, s->self.allow_private));
		CHECK(teredo_addr_eq(&e->daddr, p ? &p->addr : src));
	}
	if (s == &m->client) {
		CHECK(teredo_addr_eq(&e->saddr, &m->c.addr));
		/*
		 * Not to the own mapping: it would come back. A server that
		 * claims to see its own address as mapping is served right.
		 */
		CHECK(!teredo_endpoint_eq(e->to, m->c.mapped) ||
		      e->to.port == htons(TEREDO_UDP_PORT));
	} else {
		teredo_proof_address(&m->f.env, &e->daddr, &proof);
		CHECK(teredo_addr_eq(&e->saddr, &proof));
		CHECK(!e->echo);
	}
	if (e->echo) {
		CHECK(p && (p->flags & TEREDO_PATH_ECHO));
		CHECK(e->to.ip == m->params.server);
		CHECK(e->to.port == htons(TEREDO_UDP_PORT));
		CHECK(!teredo_addr_is_teredo(&e->daddr, m->params.prefix));
	}
	n = teredo_build_emit(buf, &s->self, e, p ? p->nonce : NULL);
	CHECK(n <= sizeof(buf));
	CHECK(!teredo_packet_parse(&pkt, buf, n));
	CHECK(teredo_addr_eq(&pkt.saddr, &e->saddr));
	CHECK(teredo_addr_eq(&pkt.daddr, &e->daddr));
	teredo_trailers_parse(&pkt, buf, &t);
	/* Without the extensions nothing of them is seen. */
	if (!s->self.extensions)
		CHECK(!pkt.trailer_len);
	CHECK(e->indirect || !t.n_alternates);
	CHECK(!t.alternates_bad);
	CHECK(t.n_alternates <= TEREDO_ALTERNATES_SENT);
	CHECK(!e->echo || !pkt.trailer_len);
	if (e->indirect && p && p->ext)
		CHECK(t.has_nonce && t.nonce == p->ext->nonce);
}

static void check_path(const struct machine *m, const struct teredo_path *p)
{
	if (p->flags & TEREDO_PATH_TRUSTED)
		CHECK(teredo_endpoint_set(p->mapped));
	if (p->flags & TEREDO_PATH_OPENING)
		CHECK(p->deadline > m->now &&
		      p->deadline <= m->now + TEREDO_SPACING_S * TEREDO_SEC);
	CHECK(p->tries <= TEREDO_ATTEMPTS);
	CHECK(p->attempts <= TEREDO_ATTEMPTS);
	CHECK(p->answers <= TEREDO_ANSWERS);
	CHECK(p->last_rx <= m->now && p->last_tx <= m->now);
	if (p->flags & TEREDO_PATH_SYMMETRIC)
		CHECK(!teredo_endpoint_eq(p->mapped,
					  teredo_addr_mapped(&p->addr)));
	if (p->ext) {
		CHECK(p->ext->n_alternates <= TEREDO_ALTERNATES);
		CHECK(p->ext->guesses <= TEREDO_NONCE_GUESSES);
	}
}

/* RFC 6081 section 7: of all hosts inside, each is sent one bubble. */
static void check_amplification(const struct teredo_actions *act)
{
	unsigned int i, j;

	for (i = 0; i < act->n; i++)
		for (j = 0; act->emit[i].alternate && j < i; j++)
			CHECK(!act->emit[j].alternate ||
			      act->emit[j].to.ip != act->emit[i].to.ip);
}

/* After a call for path @i (-1: none): what it emitted, and the limits. */
void check_actions(struct machine *m, struct side *s, int i,
		   const struct teredo_actions *act, enum cause cause,
		   const struct in6_addr *src)
{
	const struct teredo_path *p = i < 0 ? NULL : &s->paths[i];
	bool attempt = false, answer = false;
	unsigned int j;

	CHECK(act->n <= TEREDO_EMIT_MAX);
	check_amplification(act);
	for (j = 0; j < act->n; j++) {
		const struct teredo_emit *e = &act->emit[j];

		check_emit(m, s, p, e, src);
		if (e->echo || cause == CAUSE_OWN)
			attempt = true;
		else if (cause == CAUSE_INPUT)
			answer = true;
		/* What a stranger caused falls under the global limit. */
		if (cause == CAUSE_INPUT)
			CHECK(e->answer);
	}
	if (!p)
		return;
	if (act->n && cause == CAUSE_LATE)
		model_late(&s->models[i]);
	else if (act->n || cause == CAUSE_INPUT)
		model_cause(&s->models[i]);
	if (attempt)
		model_attempt(&s->models[i], m->now,
			      p->flags & TEREDO_PATH_NATIVE);
	/* What proves a path, or opens it, is the limit of the one that follows. */
	if (answer && !act->proven && !(act->trusted && act->n == 1))
		model_answer(&s->models[i], m->now);
	check_path(m, p);
}

void check_accepted(const struct machine *m, const struct side *s,
		    const struct teredo_input *in,
		    const struct teredo_path *p)
{
	const struct teredo_packet *pkt = in->pkt;

	CHECK(p && (p->flags & TEREDO_PATH_TRUSTED));
	if (teredo_endpoint_eq(p->mapped, in->from)) {
		CHECK(p->last_rx == m->now);
	} else {
		/* From the mapping in its address, while a proven one is used. */
		CHECK(p->flags & TEREDO_PATH_SYMMETRIC);
		CHECK(teredo_path_fresh(p, m->now));
		CHECK(teredo_endpoint_eq(teredo_addr_mapped(&pkt->saddr),
					 in->from));
	}
	CHECK(!in->multicast);
	CHECK(!teredo_packet_is_bubble(pkt));
	CHECK(!teredo_addr_is_linklocal(&pkt->saddr));
	CHECK(teredo_addr_is_global(&pkt->daddr));
	if (s == &m->client) {
		CHECK(teredo_addr_eq(&pkt->daddr, &m->c.addr));
	} else {
		CHECK(teredo_addr_is_teredo(&pkt->saddr, m->params.prefix));
		CHECK(!teredo_addr_is_teredo(&pkt->daddr, m->params.prefix));
		CHECK(in->local_daddr || s->self.role == TEREDO_ROLE_RELAY);
	}
}
