// SPDX-License-Identifier: GPL-2.0
#include "sim.h"

enum {
	NEXTHDR_UDP	= 17,
	NEXTHDR_ICMP	= 58,
	/* The first byte of data: shall it be answered? */
	ASK		= 1,
	ANSWER		= 2,
	DATA_LEN	= 40 + 8,
	/* Until the device's worker has opened a port. */
	OPEN_DELAY	= 1,	/* ms */
	LOCAL_PORTS	= 30000,
};

static struct sim *sim_of(struct unit_env *u)
{
	return (struct sim *)((char *)u - offsetof(struct sim, u));
}

static u16 port_take(void *ctx, struct teredo_path *path, bool stranger)
{
	struct sim *s = sim_of(ctx);
	struct sim_node *n = &s->a;
	unsigned int i;

	(void)stranger;
	if (path < n->paths || path >= n->paths + ARRAY_SIZE(n->paths))
		n = &s->b;
	assert_true(path >= n->paths && path < n->paths + ARRAY_SIZE(n->paths));
	for (i = 1; i + n->no_slots < ARRAY_SIZE(n->slots); i++)
		if (!n->slots[i].used) {
			n->slots[i].used = true;
			n->slots[i].open = false;
			n->slots[i].peer = path->addr;
			n->slots[i].at = s->now + OPEN_DELAY * TEREDO_MSEC;
			/* Slots of the two are told apart in port_give(). */
			return i + (n == &s->b ? 100 : 0);
		}
	return 0;
}

static void port_give(void *ctx, u16 slot)
{
	struct sim *s = sim_of(ctx);
	struct sim_node *n = slot > 100 ? &s->b : &s->a;

	slot %= 100;
	assert_true(slot && slot < ARRAY_SIZE(n->slots));
	assert_true(n->slots[slot].used);
	n->slots[slot].used = false;
	n->slots[slot].open = false;
}

/* No port is opened twice: what the NAT knows of the first would be wrong. */
static u16 slot_port(const struct sim_node *n, u16 slot)
{
	return LOCAL_PORTS + (u16)(n->slots[slot % 100].at / TEREDO_MSEC) % 20000 +
	       slot % 100;
}

static u16 port_slot(const struct sim *s, const struct sim_node *n, u16 port)
{
	unsigned int i;

	for (i = 1; i < ARRAY_SIZE(n->slots); i++)
		if (n->slots[i].open && slot_port(n, i) == port)
			return i + (n == &s->b ? 100 : 0);
	return 0;
}

unsigned int sim_ports(const struct sim_node *n)
{
	unsigned int i, count = 0;

	for (i = 1; i < ARRAY_SIZE(n->slots); i++)
		count += n->slots[i].used;
	return count;
}

static bool is_server(const struct sim *s, __be32 ip)
{
	return ip == s->server_a.params.server ||
	       ip == s->server_a.params.server2 ||
	       ip == s->server_b.params.server ||
	       ip == s->server_b.params.server2;
}

static enum sim_kind kind_of(const struct sim *s, struct teredo_endpoint src,
			     struct teredo_endpoint dst,
			     const struct bytes *b)
{
	struct teredo_packet pkt;

	assert_reason(teredo_packet_parse(&pkt, b->data, b->len),
		      TEREDO_REASON_NONE);
	switch (teredo_packet_icmp_type(&pkt, b->data)) {
	case 133:
		return SIM_RS;
	case 134:
		return SIM_RA;
	case 128:
		return is_server(s, dst.ip) ? SIM_ECHO : SIM_DATA;
	}
	if (!teredo_packet_is_bubble(&pkt))
		return SIM_DATA;
	if (is_server(s, src.ip))
		return SIM_FORWARDED;
	return is_server(s, dst.ip) ? SIM_INDIRECT : SIM_DIRECT;
}

/* On the wire, outside of any NAT. */
static void transmit_by(struct sim *s, struct sim_node *n, __be32 own_ip,
			u16 slot, struct teredo_endpoint dst,
			const struct bytes *b, u8 ttl)
{
	struct teredo_endpoint src = n->local;
	enum sim_kind kind;

	if (slot) {
		/* It may have been given back since, as in the device. */
		if (!n->slots[slot % 100].open)
			return;
		src.port = htons(slot_port(n, slot));
		s->sent[SIM_BY_PORT]++;
	}

	/* RFC 4380 section 7.4.3: whatever anybody wrote into a packet. */
	assert_true(dst.port && teredo_ip_is_global(dst.ip, true));
	src.ip = own_ip;
	if (teredo_ip_is_global(dst.ip, false)) {
		src = sim_nat_out(&n->nat, src, &dst, s->now);
	} else {
		/* RFC 6081 section 3.5: only with the extension. */
		assert_true(n->params.extensions & TEREDO_EXT_HP);
		s->sent[SIM_INSIDE]++;
		if (!s->routed)
			return;
	}
	kind = kind_of(s, src, dst, b);
	s->sent[kind]++;
	if (s->lose_nth && (s->lose_kind == kind || s->lose_kind == SIM_KINDS))
		if (++s->seen == s->lose_nth) {
			s->lost++;
			return;
		}
	if (ttl && ttl <= s->lose_ttl)
		return;
	assert_true(s->in_flight < ARRAY_SIZE(s->flight));
	s->flight[s->in_flight].at = s->now + SIM_DELAY;
	s->flight[s->in_flight].src = src;
	s->flight[s->in_flight].dst = dst;
	s->flight[s->in_flight++].bytes = *b;
}

static void transmit(struct sim *s, struct sim_node *n, __be32 own_ip,
		     struct teredo_endpoint dst, const struct bytes *b,
		     u8 ttl)
{
	transmit_by(s, n, own_ip, 0, dst, b, ttl);
}

bool sim_answered(const struct sim *s)
{
	return s->a.answered > 0;
}

static bool over(const struct sim *s)
{
	return sim_answered(s) || s->a.refused > 0;
}

bool sim_ask(struct sim *s)
{
	s->a.answered = 0;
	s->a.refused = 0;
	sim_send(s, &s->a, &s->b.client.addr);
	sim_run(s, s->now + 10 * TEREDO_SEC, over);
	return sim_answered(s);
}

bool sim_usable(const struct sim_node *n)
{
	return n->params.role != TEREDO_ROLE_CLIENT ||
	       n->client.address != TEREDO_ADDRESS_NONE;
}

static struct teredo_self self_of(const struct sim_node *n)
{
	struct teredo_self self = {
		.role = n->params.role,
		.prefix = n->params.prefix,
		.usable = sim_usable(n),
	};

	if (n->params.role == TEREDO_ROLE_CLIENT) {
		self.server = n->params.server;
		self.open = n->client.nat == TEREDO_NAT_NONE ||
			    n->client.nat == TEREDO_NAT_CONE;
		self.addr = n->client.addr;
		self.mapped = n->client.mapped;
		self.first = n->client.first;
		self.local = n->client.local;
		self.nat = n->client.nat;
		self.extensions = n->params.extensions;
		self.bubble_ttl = n->params.bubble_ttl;
		self.pinned = n->nat.type == SIM_NAT_HELD;
	}
	return self;
}

static struct teredo_path *find_path(struct sim_node *n,
				     const struct in6_addr *addr)
{
	unsigned int i;

	for (i = 0; i < n->n_paths; i++)
		if (teredo_addr_eq(&n->paths[i].addr, addr))
			return &n->paths[i];
	return NULL;
}

static struct teredo_path *make_path(struct sim *s, struct sim_node *n,
				     const struct in6_addr *addr)
{
	struct teredo_self self = self_of(n);

	assert_true(n->n_paths < ARRAY_SIZE(n->paths));
	teredo_path_init(&n->paths[n->n_paths], addr, &self, s->now);
	return &n->paths[n->n_paths++];
}

static void emit(struct sim *s, struct sim_node *n,
		 const struct teredo_path *p,
		 const struct teredo_actions *act)
{
	struct teredo_self self = self_of(n);
	unsigned int i;

	for (i = 0; i < act->n; i++) {
		const struct teredo_emit *e = &act->emit[i];
		struct bytes b = { 0 };

		if (e->solicit) {
			struct teredo_endpoint to = {
				.ip = e->solicit == 1 ? n->params.server :
							n->params.server2,
				.port = htons(TEREDO_UDP_PORT),
			};

			b.len = (size_t)teredo_build_rs(b.data, false,
							e->rs_nonce, &n->params,
							&s->u.env);
			transmit_by(s, n, n->local.ip, e->slot, to, &b, 0);
			continue;
		}
		b.len = teredo_build_emit(b.data, &self, e,
					  p ? p->nonce : NULL);
		assert_true(b.len <= TEREDO_EMIT_BYTES);
		transmit_by(s, n, n->local.ip, e->slot, e->to, &b, e->ttl);
	}
}

static void wait(struct sim_node *n, const struct in6_addr *peer,
		 const struct bytes *b, bool received,
		 struct teredo_endpoint from)
{
	struct sim_waiting *w = &n->waiting[n->n_waiting];

	if (n->n_waiting == ARRAY_SIZE(n->waiting))
		return;
	w->peer = *peer;
	w->bytes = *b;
	w->received = received;
	w->from = from;
	n->n_waiting++;
}

static void deliver(struct sim *s, struct sim_node *n, const struct bytes *b);

/* What waits for @p leaves the queue: to its end, or because it is no use. */
static void release(struct sim *s, struct sim_node *n, struct teredo_path *p,
		    bool failed)
{
	unsigned int i, count = n->n_waiting;
	struct sim_waiting all[8];

	memcpy(all, n->waiting, sizeof(all));
	n->n_waiting = 0;
	for (i = 0; i < count; i++) {
		struct sim_waiting *w = &all[i];

		if (!teredo_addr_eq(&w->peer, &p->addr))
			n->waiting[n->n_waiting++] = *w;
		else if (failed)
			n->refused += !w->received;
		else if (!w->received)
			transmit_by(s, n, n->local.ip, p->slot, p->mapped,
				    &w->bytes, 0);
		else if (teredo_endpoint_eq(w->from, p->mapped))
			deliver(s, n, &w->bytes);
	}
}

/* An IPv6 packet enters @n's device from the host's side. */
static void output(struct sim *s, struct sim_node *n, const struct bytes *b)
{
	struct teredo_self self = self_of(n);
	struct teredo_actions act;
	struct in6_addr saddr, daddr;
	struct teredo_path *p;

	memcpy(&saddr, b->data + 8, sizeof(saddr));
	memcpy(&daddr, b->data + 24, sizeof(daddr));
	if (teredo_output_check(&self, &saddr, &daddr)) {
		n->refused++;
		return;
	}
	p = find_path(n, &daddr);
	if (!p)
		p = make_path(s, n, &daddr);
	switch (teredo_output(&self, &s->u.env, p, s->now, &act)) {
	case TEREDO_SEND:
		transmit_by(s, n, n->local.ip, p->slot, p->mapped, b, 0);
		break;
	case TEREDO_QUEUE:
		wait(n, &daddr, b, false, n->local);
		break;
	default:
		n->refused++;
		break;
	}
	emit(s, n, p, &act);
}

static struct bytes data_packet(const struct in6_addr *saddr,
				const struct in6_addr *daddr, u8 what)
{
	struct bytes b = { .len = DATA_LEN };

	teredo_build_bubble(b.data, saddr, daddr, 64);
	teredo_put16(b.data + 4, DATA_LEN - 40);
	b.data[6] = NEXTHDR_UDP;
	b.data[40] = what;
	return b;
}

static void swap(const struct bytes *b, struct in6_addr *saddr,
		 struct in6_addr *daddr)
{
	memcpy(daddr, b->data + 8, sizeof(*daddr));
	memcpy(saddr, b->data + 24, sizeof(*saddr));
}

/* The native host gets a packet; what it says goes to the relay. */
static void native_input(struct sim *s, const struct bytes *b)
{
	struct in6_addr saddr, daddr;
	struct bytes reply;

	swap(b, &saddr, &daddr);
	if (b->data[6] == NEXTHDR_ICMP && b->data[40] == 128) {
		u32 sum = (u16)~teredo_get16(b->data + 42) + 0x100U;

		reply = *b;
		memcpy(reply.data + 8, &saddr, sizeof(saddr));
		memcpy(reply.data + 24, &daddr, sizeof(daddr));
		reply.data[40] = 129;
		sum = (sum & 0xffff) + (sum >> 16);
		teredo_put16(reply.data + 42, (u16)~sum);
		output(s, &s->relay, &reply);
	} else if (b->data[6] == NEXTHDR_UDP) {
		s->native_got++;
		if (b->data[40] != ASK)
			return;
		reply = data_packet(&saddr, &daddr, ANSWER);
		output(s, &s->relay, &reply);
	}
}

/* An IPv6 packet leaves @n's device toward the host. */
static void deliver(struct sim *s, struct sim_node *n, const struct bytes *b)
{
	struct in6_addr saddr, daddr;
	struct bytes reply;

	if (n->params.role != TEREDO_ROLE_CLIENT) {
		native_input(s, b);
		return;
	}
	/* RFC 4380 section 5.2.9: nothing of the tests. */
	assert_int_equal(b->data[6], NEXTHDR_UDP);
	n->got++;
	n->got_at = s->now;
	if (b->data[40] == ANSWER)
		n->answered++;
	if (b->data[40] != ASK || n->silent)
		return;
	swap(b, &saddr, &daddr);
	reply = data_packet(&saddr, &daddr, ANSWER);
	output(s, n, &reply);
}

void sim_forget(struct sim *s, struct sim_node *n)
{
	while (n->n_paths) {
		struct teredo_path *p = &n->paths[--n->n_paths];

		if (teredo_path_port(p))
			port_give(&s->u, teredo_path_port(p));
		teredo_ext_put(&s->u.env, p);
	}
	n->n_waiting = 0;
}

static void client_out(struct sim *s, struct sim_node *n,
		       struct teredo_client_out *out)
{
	bool renumbered = out->renumbered;

	while (out->send_rs) {
		struct teredo_endpoint to = {
			.ip = out->server,
			.port = htons(TEREDO_UDP_PORT),
		};
		struct bytes b = { 0 };

		b.len = (size_t)teredo_build_rs(b.data, n->client.cone,
						n->client.nonce, &n->params,
						&s->u.env);
		transmit(s, n, n->local.ip, to, &b, 0);
		teredo_client_sent(&n->client, &n->params, &s->u.env, n->local,
				   s->now, out);
		renumbered |= out->renumbered;
	}
	if (renumbered) {
		n->renumbered++;
		sim_forget(s, n);
	}
}

/* What the answer to a port's test leads to. */
static void input_port_ra(struct sim *s, struct sim_node *n,
			  const struct teredo_input *in)
{
	struct teredo_self self = self_of(n);
	struct teredo_actions act;
	struct teredo_path *p;

	p = find_path(n, &n->slots[in->slot % 100].peer);
	if (!p || teredo_path_port(p) != in->slot)
		return;
	if (!teredo_path_port_ra(&self, &s->u.env, &n->params, in, p, s->now,
				 &act))
		emit(s, n, p, &act);
}

/* The worker. */
static void open_ports(struct sim *s, struct sim_node *n)
{
	struct teredo_self self = self_of(n);
	struct teredo_actions act;
	struct teredo_path *p;
	unsigned int i;
	u16 slot;

	for (i = 1; i < ARRAY_SIZE(n->slots); i++) {
		if (!n->slots[i].used || n->slots[i].open ||
		    s->now < n->slots[i].at)
			continue;
		n->slots[i].open = true;
		slot = i + (n == &s->b ? 100 : 0);
		p = find_path(n, &n->slots[i].peer);
		assert_non_null(p);
		assert_int_equal(teredo_path_port(p), slot);
		teredo_path_port_opened(&self, &s->u.env, p,
					htons(slot_port(n, i)), s->now, &act);
		emit(s, n, p, &act);
	}
}

static void input_peer(struct sim *s, struct sim_node *n, u16 slot,
		       struct teredo_endpoint from, const struct bytes *b)
{
	struct teredo_self self = self_of(n);
	struct teredo_client_out out;
	struct teredo_actions act;
	struct teredo_packet pkt;
	struct teredo_input in = {
		.from = from,
		.slot = slot,
		.local_daddr = true,
		.pkt = &pkt,
		.data = b->data,
	};
	struct teredo_path *p;
	enum teredo_verdict v;
	struct bytes inner;

	assert_reason(teredo_packet_parse(&pkt, b->data, b->len),
		      TEREDO_REASON_NONE);
	inner.len = pkt.ip6_len;
	memcpy(inner.data, b->data + pkt.ip6_off, pkt.ip6_len);
	p = find_path(n, &pkt.saddr);
	v = teredo_input(&self, &s->u.env, &in, p, s->now, &act);
	if (v == TEREDO_CREATE) {
		p = make_path(s, n, &pkt.saddr);
		v = teredo_input(&self, &s->u.env, &in, p, s->now, &act);
	}
	emit(s, n, p, &act);
	if (v == TEREDO_TO_CLIENT && slot) {
		input_port_ra(s, n, &in);
		return;
	}
	if (v == TEREDO_TO_CLIENT) {
		teredo_client_ra(&n->client, &n->params, &s->u.env, from, &pkt,
				 b->data, s->now, &out);
		client_out(s, n, &out);
		return;
	}
	if (v == TEREDO_HOLD)
		wait(n, &pkt.saddr, &inner, true, from);
	if (v != TEREDO_ACCEPT && v != TEREDO_CONSUME)
		return;
	if (n->params.role == TEREDO_ROLE_CLIENT &&
	    from.ip == n->params.server)
		n->client.heard = s->now;
	if (p && (p->flags & (TEREDO_PATH_TRUSTED | TEREDO_PATH_OPENING)) ==
	    TEREDO_PATH_TRUSTED)
		release(s, n, p, false);
	if (v == TEREDO_ACCEPT)
		deliver(s, n, &inner);
}

static void input_server(struct sim *s, struct sim_node *n, bool second,
			 struct teredo_endpoint from, const struct bytes *b)
{
	struct teredo_server_out out;
	struct teredo_packet pkt;
	struct bytes reply = { 0 };

	assert_reason(teredo_packet_parse(&pkt, b->data, b->len),
		      TEREDO_REASON_NONE);
	switch (teredo_server_input(&n->params, &s->u.env, from, second, &pkt,
				    b->data, &out)) {
	case TEREDO_SERVER_ADVERTISE:
		reply.len = (size_t)teredo_build_ra(reply.data, &pkt, from,
						    &n->params, &s->u.env);
		transmit(s, n, out.from_second ? n->params.server2 :
						 n->params.server,
			 out.to, &reply, 0);
		break;
	case TEREDO_SERVER_FORWARD:
		if (out.origin)
			reply.len = teredo_build_origin(reply.data, from);
		memcpy(reply.data + reply.len, b->data + pkt.ip6_off,
		       b->len - pkt.ip6_off);
		reply.len += b->len - pkt.ip6_off;
		transmit(s, n, n->params.server, out.to, &reply, 0);
		break;
	case TEREDO_SERVER_DELIVER:
		reply.len = pkt.ip6_len;
		memcpy(reply.data, b->data + pkt.ip6_off, pkt.ip6_len);
		native_input(s, &reply);
		break;
	default:
		break;
	}
}

static void arrive(struct sim *s, struct teredo_endpoint src,
		   struct teredo_endpoint dst, const struct bytes *b)
{
	struct sim_node *const clients[] = { &s->a, &s->b, &s->relay };
	struct sim_node *const servers[] = { &s->server_a, &s->server_b };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(servers); i++)
		if (dst.port == htons(TEREDO_UDP_PORT) &&
		    (dst.ip == servers[i]->params.server ||
		     dst.ip == servers[i]->params.server2))
			input_server(s, servers[i],
				     dst.ip == servers[i]->params.server2, src,
				     b);
	for (i = 0; i < ARRAY_SIZE(clients); i++) {
		struct sim_node *n = clients[i];
		u16 port = 0, slot;

		if (teredo_endpoint_eq(dst, n->local))
			port = ntohs(n->local.port);
		else if (n->nat.type)
			port = sim_nat_in(&n->nat, &src, dst, s->now);
		if (!port)
			continue;
		slot = port_slot(s, n, port);
		if (slot || port == ntohs(n->local.port))
			input_peer(s, n, slot, src, b);
	}
}

static void tick(struct sim *s, struct sim_node *n)
{
	struct teredo_self self = self_of(n);
	struct teredo_client_out out;
	struct teredo_actions act;
	unsigned int i;

	if (n->params.role == TEREDO_ROLE_CLIENT &&
	    s->now >= n->client.deadline) {
		teredo_client_tick(&n->client, &n->params, &s->u.env, s->now,
				   &out);
		client_out(s, n, &out);
	}
	for (i = 0; i < n->n_paths; i++) {
		struct teredo_path *p = &n->paths[i];

		teredo_path_tick(&self, &s->u.env, p, s->now, &act);
		emit(s, n, p, &act);
		if (act.failed)
			release(s, n, p, true);
		if (p->ext && s->now >= teredo_ext_due(p->ext)) {
			teredo_path_ext_tick(&self, &s->u.env, p, s->now,
					     &act);
			emit(s, n, p, &act);
		}
	}
	open_ports(s, n);
}

static u64 next_of(const struct sim_node *n)
{
	u64 next = TEREDO_NEVER;
	unsigned int i;

	if (n->params.role == TEREDO_ROLE_CLIENT)
		next = n->client.deadline;
	for (i = 0; i < n->n_paths; i++) {
		const struct teredo_path *p = &n->paths[i];

		if ((p->flags & TEREDO_PATH_OPENING) && p->deadline < next)
			next = p->deadline;
		if (p->ext && teredo_ext_due(p->ext) < next)
			next = teredo_ext_due(p->ext);
	}
	for (i = 1; i < ARRAY_SIZE(n->slots); i++)
		if (n->slots[i].used && !n->slots[i].open &&
		    n->slots[i].at < next)
			next = n->slots[i].at;
	return next;
}

bool sim_run(struct sim *s, u64 until, bool (*done)(const struct sim *s))
{
	struct sim_node *const nodes[] = { &s->a, &s->b, &s->relay };
	unsigned int first, same = 0;
	u64 last = 0;
	size_t i;

	for (;;) {
		u64 next = until;

		if (done && done(s))
			return true;
		for (i = 0; i < ARRAY_SIZE(nodes); i++)
			if (next_of(nodes[i]) < next)
				next = next_of(nodes[i]);
		for (i = 0; i < s->in_flight; i++)
			if (s->flight[i].at < next)
				next = s->flight[i].at;
		if (next >= until) {
			s->now = until;
			return done && done(s);
		}
		if (next > s->now)
			s->now = next;
		/* A deadline in the past would keep the clock standing. */
		same = s->now == last ? same + 1 : 0;
		last = s->now;
		assert_true(same < 100);

		for (first = 0; first < s->in_flight;) {
			struct teredo_endpoint src, dst;
			struct bytes b;

			if (s->flight[first].at > s->now) {
				first++;
				continue;
			}
			src = s->flight[first].src;
			dst = s->flight[first].dst;
			b = s->flight[first].bytes;
			s->in_flight--;
			memmove(&s->flight[first], &s->flight[first + 1],
				(s->in_flight - first) * sizeof(s->flight[0]));
			arrive(s, src, dst, &b);
		}
		for (i = 0; i < ARRAY_SIZE(nodes); i++)
			tick(s, nodes[i]);
	}
}

static void init_client(struct sim_node *n, const char *name,
			const char *server, enum sim_nat_type type,
			const char *outside, const char *inside)
{
	n->name = name;
	n->params.role = TEREDO_ROLE_CLIENT;
	n->params.prefix = htonl(TEREDO_PREFIX);
	n->params.server = ip4(server);
	n->params.server2 = htonl(ntohl(ip4(server)) + 1);
	n->params.refresh = TEREDO_REFRESH_DEFAULT_S;
	n->nat.type = type;
	n->nat.outside = ip4(outside);
	n->nat.next_port = 40000;
	n->nat.lifetime = 35 * TEREDO_SEC;
	n->local.ip = type ? ip4(inside) : ip4(outside);
	n->local.port = htons(4096);
	n->nat.held = 4096;
	teredo_client_init(&n->client);
}

static void init_server(struct sim_node *n, const char *name, const char *ip)
{
	n->name = name;
	n->params.role = TEREDO_ROLE_SERVER;
	n->params.prefix = htonl(TEREDO_PREFIX);
	n->params.server = ip4(ip);
	n->params.server2 = htonl(ntohl(ip4(ip)) + 1);
	n->local.ip = ip4(ip);
	n->local.port = htons(TEREDO_UDP_PORT);
}

void sim_init(struct sim *s, enum sim_nat_type a, enum sim_nat_type b)
{
	memset(s, 0, sizeof(*s));
	unit_env_init(&s->u);
	s->u.env.port_take = port_take;
	s->u.env.port_give = port_give;
	s->now = 1000 * TEREDO_SEC;
	init_client(&s->a, "a", SERVER_A, a, "192.0.2.1", "10.0.1.11");
	init_client(&s->b, "b", SERVER_B, b, "192.0.2.10", "10.0.2.11");
	init_server(&s->server_a, "server a", SERVER_A);
	init_server(&s->server_b, "server b", SERVER_B);
	s->relay.name = "relay";
	s->relay.params.role = TEREDO_ROLE_RELAY;
	s->relay.params.prefix = htonl(TEREDO_PREFIX);
	s->relay.local = ep("198.51.100.10:3545");
}

void sim_extend(struct sim *s, u32 a, u32 b, u32 servers)
{
	s->a.params.extensions = a;
	s->b.params.extensions = b;
	s->server_a.params.extensions = servers;
	s->server_b.params.extensions = servers;
}

void sim_up(struct sim *s, struct sim_node *n)
{
	struct teredo_client_out out;

	teredo_client_start(&n->client, &n->params, &s->u.env, s->now, &out);
	client_out(s, n, &out);
}

static bool both_qualified(const struct sim *s)
{
	return s->a.client.state == TEREDO_STATE_QUALIFIED &&
	       s->b.client.state == TEREDO_STATE_QUALIFIED;
}

void sim_qualify(struct sim *s)
{
	sim_up(s, &s->a);
	sim_up(s, &s->b);
	assert_true(sim_run(s, s->now + 30 * TEREDO_SEC, both_qualified));
}

void sim_lose(struct sim *s, enum sim_kind kind, unsigned int nth)
{
	s->lose_kind = kind;
	s->lose_nth = nth;
	s->seen = 0;
	s->lost = 0;
}

void sim_send(struct sim *s, struct sim_node *n, const struct in6_addr *to)
{
	struct bytes b = data_packet(&n->client.addr, to, ASK);

	output(s, n, &b);
}

void sim_native_send(struct sim *s, const struct in6_addr *to)
{
	struct in6_addr n = ip6(ADDR_N);
	struct bytes b = data_packet(&n, to, ASK);

	output(s, &s->relay, &b);
}
