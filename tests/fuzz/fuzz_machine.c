// SPDX-License-Identifier: GPL-2.0
/*
 * The input is a program (program.h) that drives a client, a relay and a
 * server: time passes, networks change, packets of all kinds come and go.
 * Whatever happens, what the headers promise holds.
 */
#include "fuzz.h"
#include "client.h"
#include "model.h"
#include "path.h"
#include "program.h"
#include "server.h"

enum {
	PATHS		= 8,
	ICMP_ECHO	= 128,
	ICMP_REPLY	= 129,
	ICMP_RS		= 133,
};

/* A client or a relay with its peers. */
struct side {
	struct teredo_self self;
	struct teredo_path paths[PATHS];
	struct model models[PATHS];
	unsigned int n;
};

struct machine {
	struct fuzz_env f;
	const u8 *prog;
	size_t left;
	u64 now;
	struct teredo_params params;
	struct teredo_client c;
	bool asleep;
	struct teredo_endpoint local;
	struct teredo_packet rs;	/* the last solicitation */
	bool asked;
	struct side client, relay;
};

static u8 next(struct machine *m)
{
	if (!m->left)
		return 0;
	m->left--;
	return *m->prog++;
}

static struct teredo_endpoint endpoint(__be32 ip, u16 port)
{
	struct teredo_endpoint e = { .ip = ip, .port = htons(port) };

	return e;
}

static struct teredo_endpoint from_of(const struct machine *m, u8 i)
{
	switch (i % FUZZ_FROMS) {
	case FROM_SERVER:
		return endpoint(m->params.server, TEREDO_UDP_PORT);
	case FROM_SERVER2:
		return endpoint(m->params.server2, TEREDO_UDP_PORT);
	case FROM_SERVER_PORT:
		return endpoint(m->params.server, 3545);
	case FROM_B:
		return endpoint(fuzz_ip(192, 0, 2, 10), 8192);
	case FROM_B_PORT:
		return endpoint(fuzz_ip(192, 0, 2, 10), 8193);
	case FROM_SAME_NAT:
		return endpoint(m->c.mapped.ip, 4111);
	case FROM_SELF:
		return m->c.mapped;
	case FROM_RELAY:
		return endpoint(fuzz_ip(198, 51, 100, 10), 3545);
	case FROM_LAN:
		return endpoint(fuzz_ip(192, 168, 1, 10), 4096);
	case FROM_GROUP:
		return endpoint(fuzz_ip(224, 0, 0, 253), 3544);
	case FROM_PRIVATE:
		return endpoint(fuzz_ip(10, 0, 0, 1), 8192);
	case FROM_NAT:
		return endpoint(fuzz_ip(192, 0, 2, 1), 4096);
	case FROM_NAT2:
		return endpoint(fuzz_ip(192, 0, 2, 77), 5000);
	default:
		return endpoint(0, 0);
	}
}

static struct in6_addr teredo_peer(const struct machine *m, __be32 server,
				   struct teredo_endpoint mapped)
{
	struct in6_addr a;

	teredo_addr_build(&a, m->params.prefix, server, 0, mapped);
	return a;
}

static struct in6_addr addr_of(const struct machine *m, u8 i)
{
	static const struct in6_addr native = {
		.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 3 },
	}, native2 = {
		.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 4 },
	}, nodes = {
		.s6_addr = { 0xff, 0x02, [15] = 1 },
	}, routers = {
		.s6_addr = { 0xff, 0x02, [15] = 2 },
	}, loopback = {
		.s6_addr = { [15] = 1 },
	};
	__be32 server_b = fuzz_ip(198, 51, 100, 118);
	struct in6_addr a;

	switch (i % FUZZ_PEERS) {
	case PEER_SELF:
		return m->c.addr;
	case PEER_B:
		return teredo_peer(m, server_b, from_of(m, FROM_B));
	case PEER_SAME_NAT:
		return teredo_peer(m, m->params.server,
				   from_of(m, FROM_SAME_NAT));
	case PEER_NATIVE:
		return native;
	case PEER_NATIVE2:
		return native2;
	case PEER_PRIVATE:
		return teredo_peer(m, server_b, from_of(m, FROM_PRIVATE));
	case PEER_GROUP:
		return teredo_peer(m, server_b, from_of(m, FROM_GROUP));
	case PEER_SERVER_LOOP:
		return teredo_peer(m, m->params.server,
				   from_of(m, FROM_SERVER));
	case PEER_ALL_NODES:
		return nodes;
	case PEER_ALL_ROUTERS:
		return routers;
	case PEER_LOOPBACK:
		return loopback;
	case PEER_PRIVATE_SERVER:
		return teredo_peer(m, fuzz_ip(10, 0, 0, 1),
				   from_of(m, FROM_B));
	default:
		teredo_lladdr_from_hash(&a, 0x708dfe834114a512ULL);
		return a;
	}
}

/* A client's snapshot, as the device publishes it after each change. */
static void publish(struct machine *m)
{
	struct teredo_self *self = &m->client.self;

	self->role = TEREDO_ROLE_CLIENT;
	self->prefix = m->params.prefix;
	self->server = m->params.server;
	self->usable = m->c.address != TEREDO_ADDRESS_NONE;
	self->open = m->c.nat == TEREDO_NAT_NONE ||
		     m->c.nat == TEREDO_NAT_CONE;
	self->allow_private = m->params.allow_private;
	self->discovery = m->params.discovery;
	self->bubble_ttl = m->params.bubble_ttl;
	self->addr = m->c.addr;
	self->mapped = m->c.mapped;
	self->first = m->c.first;
	self->local = m->c.local;
	self->nat = (u8)m->c.nat;
	self->extensions = m->params.extensions;
	memset(&self->portmap, 0, sizeof(self->portmap));
	if ((self->extensions & TEREDO_EXT_UPNP) &&
	    !teredo_endpoint_eq(m->c.portmap, m->c.mapped))
		self->portmap = m->c.portmap;
	self->pinned = (self->extensions & TEREDO_EXT_UPNP) &&
		       teredo_nat_symmetric(m->c.nat) &&
		       teredo_endpoint_eq(m->c.portmap, m->c.mapped);
}

static void forget(struct machine *m, struct side *s)
{
	while (s->n)
		teredo_ext_put(&m->f.env, &s->paths[--s->n]);
}

static void check_client(const struct machine *m)
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

/* What a call of the client asks for; at most two packets for each. */
static void client_out(struct machine *m, struct teredo_client_out *out)
{
	u8 buf[TEREDO_AUTH_MAX + TEREDO_RS_LEN];
	bool renumbered = out->renumbered;
	int n, rounds = 0;

	while (out->send_rs) {
		CHECK(rounds++ < 2);
		CHECK(out->server == m->params.server ||
		      out->server == m->params.server2);
		CHECK(m->c.state != TEREDO_STATE_DORMANT &&
		      m->c.state != TEREDO_STATE_OFFLINE);
		CHECK(m->c.pending);
		n = teredo_build_rs(buf, m->c.cone, m->c.nonce, &m->params,
				    &m->f.env);
		if (n > 0) {
			CHECK((size_t)n <= sizeof(buf));
			CHECK(!teredo_packet_parse(&m->rs, buf, (size_t)n));
			CHECK(teredo_packet_is_rs(&m->rs, buf));
			m->asked = true;
		} else {
			CHECK(m->f.hmac_fails && m->params.secret_len);
		}
		teredo_client_sent(&m->c, &m->params, &m->f.env, m->local,
				   m->now, out);
		renumbered |= out->renumbered;
	}
	if (renumbered)
		forget(m, &m->client);
	publish(m);
	check_client(m);
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

/* What made a path send. */
enum cause {
	CAUSE_INPUT,
	CAUSE_OWN,	/* output or time */
	CAUSE_LATE,	/* what one of the others began */
};

/* After a call for path @i (-1: none): what it emitted, and the limits. */
static void check_actions(struct machine *m, struct side *s, int i,
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
	/* The proof itself is the limit of the one that follows it. */
	if (answer && !act->proven)
		model_answer(&s->models[i], m->now);
	check_path(m, p);
}

static int find(const struct side *s, const struct in6_addr *addr)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (teredo_addr_eq(&s->paths[i].addr, addr))
			return (int)i;
	return -1;
}

static int create(struct machine *m, struct side *s,
		  const struct in6_addr *addr)
{
	if (s->n == PATHS)
		return -1;
	teredo_path_init(&s->paths[s->n], addr, &s->self, m->now);
	memset(&s->models[s->n], 0, sizeof(s->models[0]));
	return (int)s->n++;
}

static void send_to(struct machine *m, struct side *s,
		    const struct in6_addr *saddr, const struct in6_addr *daddr)
{
	struct teredo_actions act;
	struct teredo_path *p;
	enum teredo_verdict v;
	int i;

	if (teredo_output_check(&s->self, saddr, daddr))
		return;
	CHECK(s->self.usable);
	CHECK(teredo_addr_is_global(daddr));
	i = find(s, daddr);
	if (i < 0)
		i = create(m, s, daddr);
	if (i < 0)
		return;
	p = &s->paths[i];
	v = teredo_output(&s->self, &m->f.env, p, m->now, &act);
	switch (v) {
	case TEREDO_SEND:
		CHECK(p->flags & TEREDO_PATH_TRUSTED);
		CHECK(m->now - p->last_rx < TEREDO_VALID_S * TEREDO_SEC);
		break;
	case TEREDO_QUEUE:
		CHECK(p->flags & TEREDO_PATH_OPENING);
		break;
	default:
		CHECK(v == TEREDO_DROP);
		CHECK(act.reason != TEREDO_REASON_NONE && !act.n);
	}
	check_actions(m, s, i, &act, CAUSE_OWN, daddr);
}

static void check_accepted(const struct machine *m, const struct side *s,
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

static void advertised(struct machine *m, struct teredo_endpoint from,
		       const struct teredo_packet *pkt, const u8 *data)
{
	struct teredo_client before = m->c;
	struct teredo_client_out out;
	enum teredo_reason reason;

	reason = teredo_client_ra(&m->c, &m->params, &m->f.env, from, pkt,
				  data, m->now, &out);
	if (reason && reason != TEREDO_REASON_KEY_REJECTED) {
		CHECK(!memcmp(&before, &m->c, sizeof(before)));
		CHECK(!out.send_rs && !out.changed && !out.renumbered);
	} else {
		CHECK(before.pending);
		CHECK(from.port == htons(TEREDO_UDP_PORT));
		CHECK(from.ip == m->params.server ||
		      from.ip == m->params.server2);
		CHECK(pkt->has_auth);
		CHECK(!memcmp(pkt->nonce, before.nonce, TEREDO_NONCE_LEN));
		if (m->params.secret_len)
			CHECK(teredo_packet_authentic(pkt, data, &m->params,
						      &m->f.env));
		/* A nonce is good once. */
		CHECK(!m->c.pending ||
		      memcmp(m->c.nonce, before.nonce, TEREDO_NONCE_LEN));
	}
	client_out(m, &out);
}

static void receive(struct machine *m, struct side *s,
		    struct teredo_endpoint from, u8 how, const u8 *data,
		    size_t len)
{
	struct teredo_packet pkt;
	struct teredo_input in = {
		.from = from,
		.multicast = how & HOW_MULTICAST,
		.on_link = how & HOW_ON_LINK,
		.local_daddr = how & HOW_LOCAL,
		.pkt = &pkt,
		.data = data,
	};
	struct teredo_actions act;
	enum teredo_verdict v;
	int i;

	/* The network stack takes no packet from there. */
	if (!from.port || !from.ip || from.ip == fuzz_ip(224, 0, 0, 253))
		return;
	if (teredo_packet_parse(&pkt, data, len))
		return;
	i = find(s, &pkt.saddr);
	if ((how & HOW_PORT) && i >= 0)
		in.slot = teredo_path_port(&s->paths[i]);
	v = teredo_input(&s->self, &m->f.env, &in, i < 0 ? NULL : &s->paths[i],
			 m->now, &act);
	if (v == TEREDO_CREATE) {
		CHECK(i < 0 && !act.n);
		i = create(m, s, &pkt.saddr);
		if (i < 0)
			return;
		v = teredo_input(&s->self, &m->f.env, &in, &s->paths[i],
				 m->now, &act);
		CHECK(v != TEREDO_CREATE);
	}
	check_actions(m, s, i, &act, CAUSE_INPUT, &pkt.saddr);
	/* A direct packet, not one that asks for an answer. */
	if ((v == TEREDO_ACCEPT || v == TEREDO_CONSUME) && i >= 0 &&
	    s->paths[i].last_rx == m->now &&
	    (s->paths[i].flags & TEREDO_PATH_TRUSTED) &&
	    teredo_endpoint_eq(s->paths[i].mapped, from))
		model_heard(&s->models[i]);
	switch (v) {
	case TEREDO_DROP:
		CHECK(act.reason != TEREDO_REASON_NONE && !act.n);
		CHECK(act.reason < __TEREDO_REASON_MAX);
		CHECK(!act.trusted && !act.moved && !act.proven);
		break;
	case TEREDO_ACCEPT:
		check_accepted(m, s, &in, i < 0 ? NULL : &s->paths[i]);
		break;
	case TEREDO_CONSUME:
		CHECK(s->self.usable);
		/* A relay's bubble, which only the own server may bring. */
		if (teredo_addr_is_linklocal(&pkt.saddr))
			CHECK(s == &m->client &&
			      from.ip == m->params.server &&
			      from.port == htons(TEREDO_UDP_PORT));
		break;
	case TEREDO_HOLD:
		CHECK(!teredo_addr_is_linklocal(&pkt.saddr));
		CHECK(s == &m->client && i >= 0);
		CHECK(s->paths[i].flags & TEREDO_PATH_OPENING);
		CHECK(!teredo_packet_is_bubble(&pkt));
		break;
	case TEREDO_TO_CLIENT:
		CHECK(s == &m->client && !act.n);
		advertised(m, from, &pkt, data);
		break;
	default:
		CHECK(!"a verdict for received packets");
	}
}

static void serve(struct machine *m, struct teredo_endpoint from, bool second,
		  const u8 *data, size_t len)
{
	u8 buf[TEREDO_CONTROL_MAX];
	struct teredo_server_out out;
	struct teredo_packet pkt;
	int n;

	if (teredo_packet_parse(&pkt, data, len))
		return;
	switch (teredo_server_input(&m->params, &m->f.env, from, second, &pkt,
				    data, &out)) {
	case TEREDO_SERVER_DROP:
		CHECK(out.reason != TEREDO_REASON_NONE);
		CHECK(out.reason < __TEREDO_REASON_MAX);
		return;
	case TEREDO_SERVER_ADVERTISE:
		CHECK(teredo_endpoint_eq(out.to, from));
		CHECK(teredo_packet_is_rs(&pkt, data));
		if (m->params.secret_len)
			CHECK(teredo_packet_authentic(&pkt, data, &m->params,
						      &m->f.env));
		n = teredo_build_ra(buf, &pkt, from, &m->params, &m->f.env);
		CHECK(n > 0 && (size_t)n <= sizeof(buf));
		/* RFC 4380 section 7.4.1: no amplifier worth the name. */
		CHECK((size_t)n <= len + 64);
		break;
	case TEREDO_SERVER_FORWARD:
		CHECK(out.to.port);
		CHECK(teredo_addr_is_teredo(&pkt.daddr, m->params.prefix));
		CHECK(teredo_endpoint_eq(out.to,
					 teredo_addr_mapped(&pkt.daddr)));
		CHECK(out.to.ip != m->params.server &&
		      out.to.ip != m->params.server2);
		CHECK(teredo_packet_is_bubble(&pkt) ||
		      (pkt.nexthdr == 58 && pkt.ip6_len <= 40 + 88));
		CHECK(out.origin == (teredo_addr_server(&pkt.daddr) ==
				     m->params.server));
		if (out.unproven)
			CHECK(out.origin && teredo_packet_is_bubble(&pkt) &&
			      (m->params.extensions & TEREDO_EXT_SNS));
		/* Rules 5 and 6: the source is proved, or the client ours. */
		CHECK(out.origin ||
		      teredo_endpoint_eq(teredo_addr_mapped(&pkt.saddr),
					 from));
		break;
	case TEREDO_SERVER_DELIVER:
		CHECK(pkt.nexthdr == 58);
		CHECK(teredo_addr_is_global(&pkt.daddr));
		CHECK(teredo_addr_is_teredo(&pkt.saddr, m->params.prefix));
		CHECK(teredo_endpoint_eq(teredo_addr_mapped(&pkt.saddr),
					 from));
		return;
	}
	CHECK(from.ip && from.port);
	CHECK(teredo_ip_is_global(from.ip, m->params.allow_private));
	CHECK(teredo_ip_is_global(out.to.ip, m->params.allow_private));
}

static void put_checksum(u8 *ip6)
{
	size_t len = teredo_get16(ip6 + 4), i;
	u32 sum = (u32)len + 58;

	teredo_put16(ip6 + 42, 0);
	for (i = 8; i < 40 + len; i++)
		sum += i % 2 ? ip6[i] : (u32)ip6[i] << 8;
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	teredo_put16(ip6 + 42, (u16)~sum);
}

static size_t craft(const struct machine *m, u8 *buf, u8 kind, u8 src, u8 dst,
		    struct teredo_endpoint origin, u8 how)
{
	static const u8 auth[TEREDO_AUTH_MIN] = { 0, 1 };
	static const u8 nonce[] = { 1, 4, 0xde, 0xad, 0xbe, 0xef };
	struct in6_addr saddr = addr_of(m, src), daddr = addr_of(m, dst);
	u8 *ip6 = buf, *end;

	if (how & HOW_AUTH) {
		memcpy(ip6, auth, sizeof(auth));
		ip6 += sizeof(auth);
	}
	if (how & HOW_ORIGIN)
		ip6 += teredo_build_origin(ip6, origin);
	teredo_build_bubble(ip6, &saddr, &daddr, 255);
	kind %= FUZZ_KINDS;
	if (kind != KIND_BUBBLE) {
		memset(ip6 + 40, 0, 24);
		teredo_put16(ip6 + 4, kind == KIND_RH0 ? 24 : 8);
		ip6[6] = kind == KIND_DATA ? 17 : kind == KIND_RH0 ? 43 : 58;
	}
	if (kind == KIND_PING || kind == KIND_RS) {
		ip6[40] = kind == KIND_RS ? ICMP_RS : ICMP_ECHO;
		put_checksum(ip6);
	} else if (kind == KIND_RH0) {
		ip6[40] = 59;
		ip6[41] = 2;
	}
	end = ip6 + 40 + teredo_get16(ip6 + 4);
	if (how & HOW_TRAILER) {
		memcpy(end, nonce, sizeof(nonce));
		end += sizeof(nonce);
	}
	return (size_t)(end - buf);
}

static void op_input(struct machine *m, struct side *s)
{
	u8 kind = next(m), src = next(m), dst = next(m), from = next(m);
	u8 how = next(m), buf[256];
	size_t n;

	n = craft(m, buf, kind, src, dst, from_of(m, src), how);
	receive(m, s, from_of(m, from), how, buf, n);
}

static void op_raw(struct machine *m, struct side *s)
{
	u8 from = next(m), how = next(m), n = next(m);

	if (n > m->left)
		n = (u8)m->left;
	receive(m, s, from_of(m, from), how, m->prog, n);
	m->prog += n;
	m->left -= n;
}

static void op_server(struct machine *m, bool raw)
{
	u8 kind, src, dst, from, second, n, buf[256];

	if (raw) {
		from = next(m);
		second = next(m);
		n = next(m);
		if (n > m->left)
			n = (u8)m->left;
		serve(m, from_of(m, from), second & 1, m->prog, n);
		m->prog += n;
		m->left -= n;
		return;
	}
	kind = next(m);
	src = next(m);
	dst = next(m);
	from = next(m);
	second = next(m);
	n = (u8)craft(m, buf, kind, src, dst, from_of(m, src), second & ~3);
	serve(m, from_of(m, from), second & 1, buf, n);
}

/* The answer to the outstanding solicitation, or what comes close to it. */
static void op_ra(struct machine *m)
{
	u8 from = next(m), mapped = next(m), how = next(m), where = next(m);
	struct teredo_params server = m->params;
	u8 buf[TEREDO_CONTROL_MAX];
	struct teredo_packet pkt;
	bool fails = m->f.hmac_fails;
	u8 *start = buf;
	size_t n;

	if (!m->asked)
		return;
	if (how & RA_OTHER_PREFIX)
		server.prefix = htonl(where & 1 ? TEREDO_OLD_PREFIX :
						  0x20020000);
	m->f.hmac_fails = false;
	n = (size_t)teredo_build_ra(buf, &m->rs, from_of(m, mapped), &server,
				    &m->f.env);
	CHECK(!teredo_packet_parse(&pkt, buf, n));
	if ((how & RA_CONFIRM) && pkt.au_len) {
		struct teredo_chunk chunk = {
			.data = buf + 4 + pkt.id_len + pkt.au_len,
		};

		chunk.len = n - (size_t)(chunk.data - buf);
		buf[4 + pkt.id_len + pkt.au_len + TEREDO_NONCE_LEN] = 1;
		fuzz_hmac(&m->f, server.secret, server.secret_len, &chunk, 1,
			  buf + 4 + pkt.id_len);
	}
	m->f.hmac_fails = fails;
	if (how & RA_NONCE)
		buf[4 + pkt.id_len + pkt.au_len] ^= 1;
	if (how & RA_FLIP)
		buf[where % n] ^= (u8)(1 << where % 8);
	if (how & RA_CUT)
		n = where % n;
	if ((how & RA_NO_ORIGIN) && n > pkt.ip6_off) {
		size_t at = pkt.ip6_off - TEREDO_ORIGIN_LEN;

		memmove(buf + at, buf + pkt.ip6_off, n - pkt.ip6_off);
		n -= TEREDO_ORIGIN_LEN;
	} else if ((how & RA_NO_AUTH) && n > pkt.ip6_off) {
		start = buf + pkt.ip6_off - TEREDO_ORIGIN_LEN;
		n -= (size_t)(start - buf);
	}
	receive(m, &m->client, from_of(m, from), 0, start, n);
}

static void op_echo_reply(struct machine *m)
{
	struct in6_addr peer = addr_of(m, next(m));
	u8 from = next(m), buf[TEREDO_ECHO_LEN];
	int i = find(&m->client, &peer);

	if (i < 0)
		return;
	teredo_build_echo(buf, &peer, &m->c.addr, m->client.paths[i].nonce);
	buf[40] = ICMP_REPLY;
	put_checksum(buf);
	receive(m, &m->client, from_of(m, from), 0, buf, sizeof(buf));
}

static void op_portmap(struct machine *m)
{
	struct teredo_client_out out;

	teredo_client_portmap(&m->c, &m->params, &m->f.env,
			      from_of(m, next(m)), &out);
	CHECK(!out.send_rs);
	client_out(m, &out);
}

/* A direct bubble that knows what went by way of the server, or nearly. */
static void op_nonce(struct machine *m)
{
	struct in6_addr peer = addr_of(m, next(m));
	u8 from = next(m), what = next(m) % FUZZ_NONCES;
	struct teredo_trailers t = { .has_nonce = true };
	u8 buf[TEREDO_EMIT_BYTES + 8];
	int i = find(&m->client, &peer);
	size_t n;

	if (i < 0 || !m->client.paths[i].ext)
		return;
	t.nonce = m->client.paths[i].ext->nonce;
	if (what == NONCE_BEFORE)
		t.nonce = m->client.paths[i].ext->nonce_before;
	if (what == NONCE_WRONG)
		t.nonce ^= 1;
	if (what == NONCE_SOLICIT)
		t.nd = TEREDO_ND_SOLICIT;
	n = teredo_build_bubble(buf, &peer, &m->c.addr, 0);
	if (what == NONCE_DATA) {
		buf[6] = 17;
		teredo_put16(buf + 4, 8);
		memset(buf + n, 0, 8);
		n += 8;
	}
	n += teredo_trailers_build(buf + n, &t);
	receive(m, &m->client, from_of(m, from), 0, buf, n);
}

/* An indirect bubble, with whatever a peer may say in it. */
static void op_forwarded(struct machine *m)
{
	struct in6_addr peer = addr_of(m, next(m));
	u8 bits = next(m), buf[TEREDO_ORIGIN_LEN + TEREDO_EMIT_BYTES];
	struct teredo_trailers t = { 0 };
	size_t n;

	if (bits & FUZZ_NONCE) {
		t.has_nonce = true;
		fuzz_random(&m->f, &t.nonce, sizeof(t.nonce));
	}
	if (bits & FUZZ_PORT)
		t.random_port = htons(1201);
	if (bits & FUZZ_SOLICIT)
		t.nd = TEREDO_ND_SOLICIT;
	if (bits & FUZZ_LAN)
		t.alternate[t.n_alternates++] = from_of(m, FROM_LAN);
	if (bits & FUZZ_THIRD)
		t.alternate[t.n_alternates++] = from_of(m, FROM_RELAY);
	if (bits & FUZZ_OWN)
		t.alternate[t.n_alternates++] = m->c.local.port ? m->c.local :
						from_of(m, FROM_SELF);
	if ((bits & FUZZ_TWICE) && t.n_alternates) {
		t.alternate[t.n_alternates] = t.alternate[0];
		t.alternate[t.n_alternates++].port ^= 1;
	}
	n = teredo_build_origin(buf, teredo_addr_mapped(&peer));
	n += teredo_build_bubble(buf + n, &peer, &m->c.addr, 0);
	n += teredo_trailers_build(buf + n, &t);
	if (bits & FUZZ_CUT)
		n--;
	receive(m, &m->client, from_of(m, FROM_SERVER), 0, buf, n);
}

static void op_proof(struct machine *m)
{
	struct in6_addr peer = addr_of(m, next(m)), proof;
	u8 from = next(m), buf[TEREDO_BUBBLE_LEN];

	teredo_proof_address(&m->f.env, &peer, &proof);
	teredo_build_bubble(buf, &peer, &proof, 0);
	receive(m, &m->relay, from_of(m, from), 0, buf, sizeof(buf));
}

/* The worker: some cannot be opened, and some answers come at once. */
static void open_port(struct machine *m, struct side *s, int i)
{
	struct teredo_path *p = &s->paths[i];
	u16 slot = teredo_path_port(p);
	struct teredo_actions act;

	if (!slot || p->ext->ports.local)
		return;
	teredo_path_port_opened(&s->self, &m->f.env, p,
				m->now % 5 ? htons(5000 + slot) : 0, m->now,
				&act);
	check_actions(m, s, i, &act, CAUSE_LATE, &p->addr);
	CHECK(p->ext->ports.local || !p->ext->ports.slot);
}

static void tick_paths(struct machine *m, struct side *s)
{
	struct teredo_actions act;
	unsigned int i;

	for (i = 0; i < s->n; i++) {
		teredo_path_tick(&s->self, &m->f.env, &s->paths[i], m->now,
				 &act);
		CHECK(!act.trusted && !act.moved);
		if (act.failed)
			CHECK(!act.n && !(s->paths[i].flags &
					  TEREDO_PATH_OPENING));
		check_actions(m, s, (int)i, &act, CAUSE_OWN,
			      &s->paths[i].addr);
		open_port(m, s, (int)i);
		teredo_path_ext_tick(&s->self, &m->f.env, &s->paths[i], m->now,
				     &act);
		check_actions(m, s, (int)i, &act, CAUSE_LATE,
			      &s->paths[i].addr);
		if (s->paths[i].ext)
			CHECK(teredo_ext_due(s->paths[i].ext) > m->now);
	}
}

/* What is due is done at once, and is done with by that. */
static void settle(struct machine *m)
{
	struct teredo_client_out out;
	int rounds = 0;

	/* A refresh may be overdue as soon as a late answer qualified it. */
	while (m->now >= m->c.deadline) {
		CHECK(rounds++ < 2);
		teredo_client_tick(&m->c, &m->params, &m->f.env, m->now, &out);
		client_out(m, &out);
	}
	tick_paths(m, &m->client);
	tick_paths(m, &m->relay);
}

static void configure(struct machine *m, u8 bits)
{
	m->params.allow_private = bits & CONFIG_PRIVATE;
	m->params.cone_probe = bits & CONFIG_CONE_PROBE;
	m->params.single_server = bits & CONFIG_SINGLE;
	m->params.discovery = bits & CONFIG_DISCOVERY;
	m->params.bubble_ttl = bits & CONFIG_TTL ? 3 : 0;
	m->params.secret_len = bits & CONFIG_SECRET ? 16 : 0;
	m->params.id_len = bits & CONFIG_SECRET ? 5 : 0;
	m->params.server = fuzz_ip(203, 0, 113,
				   bits & CONFIG_OTHER_SERVER ? 130 : 120);
	m->params.server2 = htonl(ntohl(m->params.server) + 1);
	m->relay.self.role = bits & CONFIG_HOST_RELAY ?
			     TEREDO_ROLE_HOST_RELAY : TEREDO_ROLE_RELAY;
	m->relay.self.allow_private = m->params.allow_private;
	forget(m, &m->relay);
	forget(m, &m->client);
	m->asked = false;
}

static void client_op(struct machine *m, enum fuzz_op op)
{
	struct teredo_client_out out = { 0 };

	switch (op) {
	case OP_CONFIG:
		configure(m, next(m));
		m->asleep = false;
		teredo_client_start(&m->c, &m->params, &m->f.env, m->now,
				    &out);
		break;
	case OP_EXTENSIONS:
		m->params.extensions = next(m) & TEREDO_EXT_ALL;
		__attribute__((fallthrough));
	case OP_START:
		m->asleep = false;
		forget(m, &m->client);
		teredo_client_start(&m->c, &m->params, &m->f.env, m->now,
				    &out);
		break;
	case OP_STOP:
		m->asleep = false;
		teredo_client_stop(&m->c, &out);
		break;
	case OP_NETWORK:
		teredo_client_network_changed(&m->c, &m->params, &m->f.env,
					      m->now, &out);
		m->asleep = false;
		break;
	case OP_DOUBT:
		teredo_client_doubt(&m->c, &m->params, &m->f.env, m->now,
				    &out);
		break;
	case OP_SUSPEND:
		m->asleep = true;
		teredo_client_suspend(&m->c);
		break;
	case OP_RESUME:
		m->asleep = false;
		teredo_client_resume(&m->c, &m->params, &m->f.env, m->now,
				     &out);
		break;
	default:
		m->params.refresh = next(m) % TEREDO_REFRESH_MAX_S + 1;
		teredo_client_refresh_changed(&m->c, &m->params, &m->f.env);
		if (m->c.state == TEREDO_STATE_QUALIFIED && !m->c.pending)
			m->asleep = false;
		break;
	}
	client_out(m, &out);
}

static void run(struct machine *m)
{
	struct in6_addr native = addr_of(m, PEER_NATIVE), peer;
	enum fuzz_op op = next(m) % FUZZ_OPS;
	int i;

	switch (op) {
	case OP_WAIT_MS:
		m->now += next(m) * 20 * TEREDO_MSEC;
		break;
	case OP_WAIT_S:
		m->now += next(m) * TEREDO_SEC;
		break;
	case OP_DEADLINE:
		if (m->c.deadline != TEREDO_NEVER && m->c.deadline > m->now)
			m->now = m->c.deadline;
		break;
	case OP_ROUTE:
		m->local = endpoint(0, 0);
		switch (next(m) % 4) {
		case 1:
			m->local = endpoint(fuzz_ip(10, 0, 1, 11), 4096);
			break;
		case 2:
			m->local = endpoint(fuzz_ip(172, 16, 0, 2), 4096);
			break;
		case 3:
			m->local = from_of(m, FROM_B);
			break;
		}
		break;
	case OP_HMAC:
		m->f.hmac_fails = next(m) & 1;
		break;
	case OP_RA:
		op_ra(m);
		break;
	case OP_SEND:
		peer = addr_of(m, next(m));
		send_to(m, &m->client, &m->c.addr, &peer);
		break;
	case OP_INPUT:
		op_input(m, &m->client);
		break;
	case OP_RAW:
		op_raw(m, &m->client);
		break;
	case OP_SERVER:
		op_server(m, false);
		break;
	case OP_SERVER_RAW:
		op_server(m, true);
		break;
	case OP_DISTRUST:
		peer = addr_of(m, next(m));
		i = find(&m->client, &peer);
		if (i >= 0)
			teredo_path_distrust(&m->client.paths[i]);
		break;
	case OP_RELAY_SEND:
		peer = addr_of(m, next(m));
		send_to(m, &m->relay, &native, &peer);
		break;
	case OP_RELAY_INPUT:
		op_input(m, &m->relay);
		break;
	case OP_RELAY_RAW:
		op_raw(m, &m->relay);
		break;
	case OP_ECHO_REPLY:
		op_echo_reply(m);
		break;
	case OP_PROOF:
		op_proof(m);
		break;
	case OP_PORTMAP:
		op_portmap(m);
		break;
	case OP_NONCE:
		op_nonce(m);
		break;
	case OP_FORWARDED:
		op_forwarded(m);
		break;
	default:
		client_op(m, op);
		break;
	}
	settle(m);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct machine m;

	memset(&m, 0, sizeof(m));
	fuzz_env_init(&m.f);
	m.prog = data;
	m.left = size;
	m.f.seed = next(&m);
	m.now = 1000 * TEREDO_SEC;
	m.local = endpoint(fuzz_ip(10, 0, 1, 11), 4096);
	m.params.prefix = htonl(TEREDO_PREFIX);
	m.params.refresh = TEREDO_REFRESH_DEFAULT_S;
	memcpy(m.params.id, "host1", 5);
	memcpy(m.params.secret, "teredo-test-key!", 16);
	teredo_client_init(&m.c);
	configure(&m, 0);
	m.relay.self.prefix = m.params.prefix;
	m.relay.self.usable = true;
	publish(&m);
	while (m.left)
		run(&m);
	forget(&m, &m.client);
	forget(&m, &m.relay);
	CHECK(!m.f.exts);
	return 0;
}
