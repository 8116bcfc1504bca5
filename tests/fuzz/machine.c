// SPDX-License-Identifier: GPL-2.0
#include "machine.h"
#include "server.h"

struct teredo_endpoint fuzz_endpoint(__be32 ip, u16 port)
{
	struct teredo_endpoint e = { .ip = ip, .port = htons(port) };

	return e;
}

struct teredo_endpoint machine_from(const struct machine *m, u8 i)
{
	switch (i % FUZZ_FROMS) {
	case FROM_SERVER:
		return fuzz_endpoint(m->params.server, TEREDO_UDP_PORT);
	case FROM_SERVER2:
		return fuzz_endpoint(m->params.server2, TEREDO_UDP_PORT);
	case FROM_SERVER_PORT:
		return fuzz_endpoint(m->params.server, 3545);
	case FROM_B:
		return fuzz_endpoint(fuzz_ip(192, 0, 2, 10), 8192);
	case FROM_B_PORT:
		return fuzz_endpoint(fuzz_ip(192, 0, 2, 10), 8193);
	case FROM_SAME_NAT:
		return fuzz_endpoint(m->c.mapped.ip, 4111);
	case FROM_SELF:
		return m->c.mapped;
	case FROM_RELAY:
		return fuzz_endpoint(fuzz_ip(198, 51, 100, 10), 3545);
	case FROM_LAN:
		return fuzz_endpoint(fuzz_ip(192, 168, 1, 10), 4096);
	case FROM_GROUP:
		return fuzz_endpoint(fuzz_ip(224, 0, 0, 253), 3544);
	case FROM_PRIVATE:
		return fuzz_endpoint(fuzz_ip(10, 0, 0, 1), 8192);
	case FROM_NAT:
		return fuzz_endpoint(fuzz_ip(192, 0, 2, 1), 4096);
	case FROM_NAT2:
		return fuzz_endpoint(fuzz_ip(192, 0, 2, 77), 5000);
	default:
		return fuzz_endpoint(0, 0);
	}
}

static struct in6_addr teredo_peer(const struct machine *m, __be32 server,
				   struct teredo_endpoint mapped)
{
	struct in6_addr a;

	teredo_addr_build(&a, m->params.prefix, server, 0, mapped);
	return a;
}

struct in6_addr machine_addr(const struct machine *m, u8 i)
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
		return teredo_peer(m, server_b, machine_from(m, FROM_B));
	case PEER_SAME_NAT:
		return teredo_peer(m, m->params.server,
				   machine_from(m, FROM_SAME_NAT));
	case PEER_NATIVE:
		return native;
	case PEER_NATIVE2:
		return native2;
	case PEER_PRIVATE:
		return teredo_peer(m, server_b, machine_from(m, FROM_PRIVATE));
	case PEER_GROUP:
		return teredo_peer(m, server_b, machine_from(m, FROM_GROUP));
	case PEER_SERVER_LOOP:
		return teredo_peer(m, m->params.server,
				   machine_from(m, FROM_SERVER));
	case PEER_ALL_NODES:
		return nodes;
	case PEER_ALL_ROUTERS:
		return routers;
	case PEER_LOOPBACK:
		return loopback;
	case PEER_PRIVATE_SERVER:
		return teredo_peer(m, fuzz_ip(10, 0, 0, 1),
				   machine_from(m, FROM_B));
	default:
		teredo_lladdr_from_hash(&a, 0x708dfe834114a512ULL);
		return a;
	}
}

/* A client's snapshot, as the device publishes it after each change. */
void machine_publish(struct machine *m)
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

void machine_forget(struct machine *m, struct side *s)
{
	while (s->n)
		teredo_ext_put(&m->f.env, &s->paths[--s->n]);
}

int machine_find(const struct side *s, const struct in6_addr *addr)
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

/* What a call of the client asks for; at most two packets for each. */
void machine_client_out(struct machine *m, struct teredo_client_out *out)
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
		machine_forget(m, &m->client);
	machine_publish(m);
	check_client(m);
}

void machine_send(struct machine *m, struct side *s,
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
	i = machine_find(s, daddr);
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
	machine_client_out(m, &out);
}

void machine_receive(struct machine *m, struct side *s,
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
	i = machine_find(s, &pkt.saddr);
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

void machine_serve(struct machine *m, struct teredo_endpoint from, bool second,
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
void machine_settle(struct machine *m)
{
	struct teredo_client_out out;
	int rounds = 0;

	/* A refresh may be overdue as soon as a late answer qualified it. */
	while (m->now >= m->c.deadline) {
		CHECK(rounds++ < 2);
		teredo_client_tick(&m->c, &m->params, &m->f.env, m->now, &out);
		machine_client_out(m, &out);
	}
	tick_paths(m, &m->client);
	tick_paths(m, &m->relay);
}
