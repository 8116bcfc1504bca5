// SPDX-License-Identifier: GPL-2.0
#include "path_host.h"

void client_init(struct peering *p)
{
	memset(p, 0, sizeof(*p));
	unit_env_init(&p->u);
	p->now = 5000 * TEREDO_SEC;
	p->self.role = TEREDO_ROLE_CLIENT;
	p->self.prefix = htonl(TEREDO_PREFIX);
	p->self.server = ip4(SERVER_A);
	p->self.usable = true;
	p->self.addr = ip6(ADDR_A);
	p->self.mapped = ep(MAPPED_A);
}

void relay_init(struct peering *p, enum teredo_role role)
{
	memset(p, 0, sizeof(*p));
	unit_env_init(&p->u);
	p->now = 5000 * TEREDO_SEC;
	p->self.role = role;
	p->self.prefix = htonl(TEREDO_PREFIX);
	p->self.usable = true;
}

void peer_init(struct peering *p, const char *addr)
{
	struct in6_addr a = ip6(addr);

	teredo_path_init(&p->path, &a, &p->self, p->now);
	p->known = true;
}

void peer_trust(struct peering *p, const char *addr, const char *mapped)
{
	peer_init(p, addr);
	p->path.flags |= TEREDO_PATH_TRUSTED;
	p->path.mapped = ep(mapped);
	p->path.last_rx = p->now;
}

static void check(const struct peering *p)
{
	unsigned int i;

	assert_true(p->act.n <= TEREDO_EMIT_MAX);
	for (i = 0; i < p->act.n; i++)
		assert_true(teredo_endpoint_set(p->act.emit[i].to));
	if (!p->known)
		return;
	if (p->path.flags & TEREDO_PATH_TRUSTED)
		assert_true(teredo_endpoint_set(p->path.mapped));
	if (p->path.flags & TEREDO_PATH_LOCAL)
		assert_true(teredo_endpoint_set(p->path.local));
}

enum teredo_verdict path_output(struct peering *p)
{
	enum teredo_verdict v;

	v = teredo_output(&p->self, &p->u.env, &p->path, p->now, &p->act);
	check(p);
	return v;
}

void path_tick(struct peering *p)
{
	teredo_path_tick(&p->self, &p->u.env, &p->path, p->now, &p->act);
	check(p);
}

void path_ext_tick(struct peering *p)
{
	teredo_path_ext_tick(&p->self, &p->u.env, &p->path, p->now, &p->act);
	check(p);
}

enum teredo_verdict path_input_bytes(struct peering *p, struct bytes b,
				     const char *from)
{
	struct teredo_packet pkt;
	struct teredo_input in = {
		.from = ep(from),
		.slot = p->slot,
		.multicast = p->multicast,
		.on_link = p->on_link,
		.local_daddr = p->local_daddr,
		.pkt = &pkt,
		.data = b.data,
	};
	enum teredo_verdict v;

	assert_reason(teredo_packet_parse(&pkt, b.data, b.len),
		      TEREDO_REASON_NONE);
	v = teredo_input(&p->self, &p->u.env, &in, p->known ? &p->path : NULL,
			 p->now, &p->act);
	if (v == TEREDO_CREATE) {
		assert_false(p->known);
		assert_int_equal(p->act.n, 0);
		teredo_path_init(&p->path, &pkt.saddr, &p->self, p->now);
		p->known = true;
		v = teredo_input(&p->self, &p->u.env, &in, &p->path, p->now,
				 &p->act);
		assert_int_not_equal(v, TEREDO_CREATE);
	}
	check(p);
	return v;
}

enum teredo_verdict path_input(struct peering *p, const char *digits,
			       const char *from)
{
	return path_input_bytes(p, hex(digits), from);
}

struct bytes nonce_bubble(u32 nonce)
{
	struct bytes b = hex(BUBBLE(HEX_B, HEX_A) "0104");

	teredo_put32(b.data + b.len, nonce);
	b.len += 4;
	return b;
}

struct bytes bubble_by_server(const char *trailers)
{
	struct bytes b = { .len = TEREDO_ORIGIN_LEN };

	teredo_build_origin(b.data, ep(MAPPED_B));
	bytes_add(&b, BUBBLE(HEX_B, HEX_A));
	bytes_add(&b, trailers);
	return b;
}

enum teredo_verdict from_server(struct peering *p, const char *trailers)
{
	return path_input_bytes(p, bubble_by_server(trailers), FROM_SERVER);
}

void assert_emit(const struct peering *p, unsigned int i, const char *to,
		 const char *saddr, const char *daddr)
{
	assert_true(i < p->act.n);
	assert_ep(p->act.emit[i].to, to);
	assert_addr(p->act.emit[i].saddr, saddr);
	assert_addr(p->act.emit[i].daddr, daddr);
}

void assert_attempt_at_b(const struct peering *p)
{
	assert_int_equal(p->act.n, 2);
	assert_emit(p, 0, MAPPED_B, ADDR_A, ADDR_B);
	assert_emit(p, 1, SERVER_B ":3544", ADDR_A, ADDR_B);
	assert_false(p->act.emit[0].echo);
	assert_false(p->act.emit[1].echo);
	assert_false(p->act.emit[0].answer);
	assert_false(p->act.emit[1].answer);
}

void assert_waits_for_b(struct peering *p)
{
	assert_verdict(path_output(p), TEREDO_QUEUE);
	assert_attempt_at_b(p);
}

struct bytes echo_reply(const struct peering *p)
{
	struct in6_addr a = ip6(ADDR_A), n = ip6(ADDR_N);
	struct bytes b = { .len = TEREDO_ECHO_LEN };
	u32 sum;

	teredo_build_echo(b.data, &n, &a, p->path.nonce);
	b.data[40] = 129;
	/* One more in the first byte of the sum, RFC 1624. */
	sum = (u16)~teredo_get16(b.data + 42) + 0x100U;
	sum = (sum & 0xffff) + (sum >> 16);
	teredo_put16(b.data + 42, (u16)~sum);
	return b;
}

const char *verdict_name(enum teredo_verdict v)
{
	static const char *const names[] = {
		[TEREDO_DROP] = "drop",
		[TEREDO_SEND] = "send",
		[TEREDO_QUEUE] = "queue",
		[TEREDO_ACCEPT] = "accept",
		[TEREDO_CONSUME] = "consume",
		[TEREDO_HOLD] = "hold",
		[TEREDO_CREATE] = "create",
		[TEREDO_TO_CLIENT] = "to client",
	};

	return v < ARRAY_SIZE(names) ? names[v] : "?";
}
