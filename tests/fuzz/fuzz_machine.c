// SPDX-License-Identifier: GPL-2.0
/*
 * The input is a program (program.h) that drives a client, a relay and a
 * server: time passes, networks change, packets of all kinds come and go.
 * Whatever happens, what the headers promise holds.
 */
#include "machine.h"
#include "server.h"

enum {
	ICMP_ECHO	= 128,
	ICMP_REPLY	= 129,
	ICMP_RS		= 133,
};

static u8 next(struct machine *m)
{
	if (!m->left)
		return 0;
	m->left--;
	return *m->prog++;
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
	struct in6_addr saddr = machine_addr(m, src), daddr = machine_addr(m, dst);
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

	n = craft(m, buf, kind, src, dst, machine_from(m, src), how);
	machine_receive(m, s, machine_from(m, from), how, buf, n);
}

static void op_raw(struct machine *m, struct side *s)
{
	u8 from = next(m), how = next(m), n = next(m);

	if (n > m->left)
		n = (u8)m->left;
	machine_receive(m, s, machine_from(m, from), how, m->prog, n);
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
		machine_serve(m, machine_from(m, from), second & 1, m->prog, n);
		m->prog += n;
		m->left -= n;
		return;
	}
	kind = next(m);
	src = next(m);
	dst = next(m);
	from = next(m);
	second = next(m);
	n = (u8)craft(m, buf, kind, src, dst, machine_from(m, src), second & ~3);
	machine_serve(m, machine_from(m, from), second & 1, buf, n);
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
	n = (size_t)teredo_build_ra(buf, &m->rs, machine_from(m, mapped), &server,
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
	machine_receive(m, &m->client, machine_from(m, from), 0, start, n);
}

static void op_echo_reply(struct machine *m)
{
	struct in6_addr peer = machine_addr(m, next(m));
	u8 from = next(m), buf[TEREDO_ECHO_LEN];
	int i = machine_find(&m->client, &peer);

	if (i < 0)
		return;
	teredo_build_echo(buf, &peer, &m->c.addr, m->client.paths[i].nonce);
	buf[40] = ICMP_REPLY;
	put_checksum(buf);
	machine_receive(m, &m->client, machine_from(m, from), 0, buf, sizeof(buf));
}

static void op_portmap(struct machine *m)
{
	struct teredo_client_out out;

	teredo_client_portmap(&m->c, &m->params, &m->f.env,
			      machine_from(m, next(m)), &out);
	CHECK(!out.send_rs);
	machine_client_out(m, &out);
}

/* A direct bubble that knows what went by way of the server, or nearly. */
static void op_nonce(struct machine *m)
{
	struct in6_addr peer = machine_addr(m, next(m));
	u8 from = next(m), what = next(m) % FUZZ_NONCES;
	struct teredo_trailers t = { .has_nonce = true };
	u8 buf[TEREDO_EMIT_BYTES + 8];
	int i = machine_find(&m->client, &peer);
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
	machine_receive(m, &m->client, machine_from(m, from), 0, buf, n);
}

/* An indirect bubble, with whatever a peer may say in it. */
static void op_forwarded(struct machine *m)
{
	struct in6_addr peer = machine_addr(m, next(m));
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
		t.alternate[t.n_alternates++] = machine_from(m, FROM_LAN);
	if (bits & FUZZ_THIRD)
		t.alternate[t.n_alternates++] = machine_from(m, FROM_RELAY);
	if (bits & FUZZ_OWN)
		t.alternate[t.n_alternates++] = m->c.local.port ? m->c.local :
						machine_from(m, FROM_SELF);
	if ((bits & FUZZ_TWICE) && t.n_alternates) {
		t.alternate[t.n_alternates] = t.alternate[0];
		t.alternate[t.n_alternates++].port ^= 1;
	}
	n = teredo_build_origin(buf, teredo_addr_mapped(&peer));
	n += teredo_build_bubble(buf + n, &peer, &m->c.addr, 0);
	n += teredo_trailers_build(buf + n, &t);
	if (bits & FUZZ_CUT)
		n--;
	machine_receive(m, &m->client, machine_from(m, FROM_SERVER), 0, buf, n);
}

static void op_proof(struct machine *m)
{
	struct in6_addr peer = machine_addr(m, next(m)), proof;
	u8 from = next(m), buf[TEREDO_BUBBLE_LEN];

	teredo_proof_address(&m->f.env, &peer, &proof);
	teredo_build_bubble(buf, &peer, &proof, 0);
	machine_receive(m, &m->relay, machine_from(m, from), 0, buf, sizeof(buf));
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
	machine_forget(m, &m->relay);
	machine_forget(m, &m->client);
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
		machine_forget(m, &m->client);
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
	machine_client_out(m, &out);
}

static void run(struct machine *m)
{
	struct in6_addr native = machine_addr(m, PEER_NATIVE), peer;
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
		m->local = fuzz_endpoint(0, 0);
		switch (next(m) % 4) {
		case 1:
			m->local = fuzz_endpoint(fuzz_ip(10, 0, 1, 11), 4096);
			break;
		case 2:
			m->local = fuzz_endpoint(fuzz_ip(172, 16, 0, 2), 4096);
			break;
		case 3:
			m->local = machine_from(m, FROM_B);
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
		peer = machine_addr(m, next(m));
		machine_send(m, &m->client, &m->c.addr, &peer);
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
		peer = machine_addr(m, next(m));
		i = machine_find(&m->client, &peer);
		if (i >= 0)
			teredo_path_distrust(&m->client.paths[i]);
		break;
	case OP_RELAY_SEND:
		peer = machine_addr(m, next(m));
		machine_send(m, &m->relay, &native, &peer);
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
	machine_settle(m);
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
	m.local = fuzz_endpoint(fuzz_ip(10, 0, 1, 11), 4096);
	m.params.prefix = htonl(TEREDO_PREFIX);
	m.params.refresh = TEREDO_REFRESH_DEFAULT_S;
	memcpy(m.params.id, "host1", 5);
	memcpy(m.params.secret, "teredo-test-key!", 16);
	teredo_client_init(&m.c);
	configure(&m, 0);
	m.relay.self.prefix = m.params.prefix;
	m.relay.self.usable = true;
	machine_publish(&m);
	while (m.left)
		run(&m);
	machine_forget(&m, &m.client);
	machine_forget(&m, &m.relay);
	CHECK(!m.f.exts);
	return 0;
}
