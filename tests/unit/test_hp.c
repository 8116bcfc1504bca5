// SPDX-License-Identifier: GPL-2.0
/* Hairpinning, RFC 6081 sections 3.5 and 5.6: alternate addresses. */
#include "path_host.h"
#include "sim.h"

#define LOCAL_A		"10.0.1.11:4096"

static void hp_init(struct peering *p)
{
	client_init(p);
	p->self.extensions = TEREDO_EXT_HP;
	p->self.nat = TEREDO_NAT_RESTRICTED;
	p->self.local = ep(LOCAL_A);
}

/* To where the bubbles to alternate addresses go. */
static void assert_alternates(const struct peering *p,
			      const char *const *want, unsigned int n)
{
	unsigned int i, found = 0;

	for (i = 0; i < p->act.n; i++) {
		const struct teredo_emit *e = &p->act.emit[i];

		if (!e->alternate)
			continue;
		assert_true(found < n);
		assert_ep(e->to, want[found]);
		assert_true(e->answer && !e->indirect && !e->list);
		found++;
	}
	assert_int_equal(found, n);
}

static struct bytes built(const struct peering *p, unsigned int i)
{
	struct bytes b = { 0 };

	b.len = teredo_build_emit(b.data, &p->self, &p->act.emit[i], NULL);
	return b;
}

static struct teredo_trailers trailers_of(const struct peering *p,
					  unsigned int i)
{
	struct bytes b = built(p, i);
	struct teredo_trailers t;
	struct teredo_packet pkt;

	assert_reason(teredo_packet_parse(&pkt, b.data, b.len),
		      TEREDO_REASON_NONE);
	teredo_trailers_parse(&pkt, b.data, &t);
	return t;
}

static void own_addresses_are_told(void **state)
{
	struct teredo_trailers t;
	struct peering p;

	(void)state;
	hp_init(&p);
	peer_init(&p, ADDR_B);
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	t = trailers_of(&p, 1);
	assert_true(t.has_nonce && !t.alternates_bad);
	assert_int_equal(t.n_alternates, 1);
	assert_ep(t.alternate[0], LOCAL_A);
	/* Nowhere but in indirect bubbles: section 4.3. */
	t = trailers_of(&p, 0);
	assert_int_equal(t.n_alternates, 0);

	/* The inner gateway's mapping comes second. */
	hp_init(&p);
	p.self.portmap = ep("100.64.7.7:4096");
	peer_init(&p, ADDR_B);
	path_output(&p);
	t = trailers_of(&p, 1);
	assert_int_equal(t.n_alternates, 2);
	assert_ep(t.alternate[0], LOCAL_A);
	assert_ep(t.alternate[1], "100.64.7.7:4096");

	/* Without a NAT there is nothing to tell. */
	hp_init(&p);
	p.self.local = p.self.mapped;
	peer_init(&p, ADDR_B);
	path_output(&p);
	assert_int_equal(trailers_of(&p, 1).n_alternates, 0);

	/* Nor to a peer that is talked to. */
	hp_init(&p);
	peer_trust(&p, ADDR_B, MAPPED_B);
	p.now += 10 * TEREDO_SEC;
	p.path.last_rx = p.now - 5 * TEREDO_SEC;
	assert_verdict(from_server(&p, T_NONCE T_ALT_ONE), TEREDO_CONSUME);
	assert_alternates(&p, NULL, 0);
}

static void bubbles_to_each(void **state)
{
	static const char *const two[] = {
		"192.168.1.10:4096", "192.168.1.1:4096",
	};
	struct peering p;
	unsigned int i;

	(void)state;
	hp_init(&p);
	assert_verdict(from_server(&p, T_NONCE T_ALT_TWO), TEREDO_CONSUME);
	assert_emit(&p, 0, MAPPED_B, ADDR_A, ADDR_B);
	assert_alternates(&p, two, 2);
	for (i = 0; i < p.act.n; i++)
		assert_int_equal(p.act.emit[i].nonce, 0xdeadbeef);
	/* A list of its own each time, and none is the end of it. */
	p.now += TEREDO_SEC;
	assert_verdict(from_server(&p, T_NONCE), TEREDO_CONSUME);
	assert_alternates(&p, NULL, 0);
}

static void malformed_list_drops(void **state)
{
	static const char *const bad[] = {
		"0300", "0302 0000", "0307 0000 0a00000b 10",
		"0308 0000 7f000001 1000", "0308 0000 0a00000b 0000",
		"0320 0000 0a000001 0001 0a000002 0001 0a000003 0001"
		" 0a000004 0001 0a000005 0001",
	};
	struct peering p;
	struct bytes b;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		hp_init(&p);
		b = bubble_by_server(bad[i]);
		assert_drop(&p, path_input_bytes(&p, b, FROM_SERVER),
			    TEREDO_REASON_BAD_ALTERNATE);
		assert_false(p.known);
		/* Whoever does not read it does not mind. */
		hp_init(&p);
		p.self.extensions = TEREDO_EXT_SNS;
		assert_verdict(from_server(&p, bad[i]), TEREDO_CONSUME);
	}
}

/*
 * A peer that lies about where it is must not have us send to others more than
 * it sent itself, RFC 6081 section 7.
 */
static void no_reflector(void **state)
{
	static const struct {
		const char *list;
		const char *const want[4];
		unsigned int n;
	} lists[] = {
		/* Third parties on the Internet. */
		{ "031a 0000 c6336401 0001 c6336402 0002 c6336403 0003"
		  " c6336404 0004", { NULL }, 0 },
		/* Ports of one host: one of them. */
		{ "031a 0000 0a000001 0001 0a000001 0002 0a000001 0003"
		  " 0a000001 0004", { "10.0.0.1:1" }, 1 },
		/* Ourselves, and what goes there anyhow. */
		{ "0314 0000 0a00010b 1000 c0000201 1000 c000020a 2000",
		  { NULL }, 0 },
		/* The NAT's own address may be of use. */
		{ "0308 0000 c000020a 2001", { "192.0.2.10:8193" }, 1 },
		{ "031a 0000 0a000001 0001 0a000002 0001 0a000003 0001"
		  " 0a000004 0001",
		  { "10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1" },
		  4 },
	};
	/* IPv4 and UDP headers, which both ways have. */
	const size_t headers = 28;
	struct peering p;
	unsigned int i, j, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		struct bytes in;
		char all[128];
		size_t out = 0;

		hp_init(&p);
		p.self.extensions = TEREDO_EXT_ALL;
		snprintf(all, sizeof(all), "%s %s", T_NONCE, lists[i].list);
		in = bubble_by_server(all);
		assert_verdict(path_input_bytes(&p, in, FROM_SERVER),
			       TEREDO_CONSUME);
		assert_alternates(&p, lists[i].want, lists[i].n);
		for (j = 0; j < p.act.n; j++) {
			size_t to_one = 0;

			out += headers + built(&p, j).len;
			for (k = 0; k < p.act.n; k++)
				if (p.act.emit[k].to.ip == p.act.emit[j].to.ip)
					to_one += headers + built(&p, k).len;
			/* Nobody gets more than was sent, but the NAT itself. */
			if (p.act.emit[j].to.ip != ep(MAPPED_B).ip)
				assert_true(to_one <= headers + in.len);
			assert_true(p.act.emit[j].answer);
		}
		assert_true(out <= 6 * (headers + in.len));
		/* And not again before half a second is over. */
		p.now += 499 * TEREDO_MSEC;
		in = bubble_by_server(all);
		assert_drop(&p, path_input_bytes(&p, in, FROM_SERVER),
			    TEREDO_REASON_RATE_LIMITED);
	}
}

/* Behind one and the same address all of it may be inside. */
static void public_addresses_behind_one_nat(void **state)
{
	static const char *const one[] = { "198.51.100.1:1" };
	struct peering p;

	(void)state;
	hp_init(&p);
	p.self.mapped.ip = ep(MAPPED_B).ip;
	assert_verdict(from_server(&p, T_NONCE "0308 0000 c6336401 0001"),
		       TEREDO_CONSUME);
	assert_alternates(&p, one, 1);
}

static void accepted_by_nonce_from_inside(void **state)
{
	struct peering p;
	struct bytes b;

	(void)state;
	hp_init(&p);
	peer_init(&p, ADDR_B);
	path_output(&p);
	b = nonce_bubble(p.act.emit[1].nonce);
	assert_drop(&p, path_input_bytes(&p, b, "127.0.0.1:4096"),
		    TEREDO_REASON_OUTER_SOURCE);
	assert_drop(&p, path_input_bytes(&p, b, "10.0.1.11:7"),
		    TEREDO_REASON_OUTER_SOURCE);
	assert_verdict(path_input_bytes(&p, b, "10.0.1.12:4096"),
		       TEREDO_CONSUME);
	assert_true(p.act.trusted && p.act.proven);
	assert_ep(p.path.mapped, "10.0.1.12:4096");
	/* A neighbour, not a symmetric NAT. */
	assert_false(p.path.flags & TEREDO_PATH_SYMMETRIC);
}

/* Data may overtake the bubble with the nonce. */
static void data_from_an_alternate(void **state)
{
	struct peering p;

	(void)state;
	hp_init(&p);
	assert_verdict(from_server(&p, T_NONCE T_ALT_TWO), TEREDO_CONSUME);
	assert_drop(&p, path_input(&p, UDP(HEX_B, HEX_A), "192.168.1.9:4096"),
		    TEREDO_REASON_MAPPING_MISMATCH);
	/* A bubble has a nonce or is no good: section 5.6.4.3. */
	assert_drop(&p, path_input(&p, BUBBLE(HEX_B, HEX_A),
				   "192.168.1.10:4096"),
		    TEREDO_REASON_MAPPING_MISMATCH);
	assert_verdict(path_input(&p, UDP(HEX_B, HEX_A), "192.168.1.10:4096"),
		       TEREDO_ACCEPT);
	assert_ep(p.path.mapped, "192.168.1.10:4096");
	/* A bubble that came round by the NAT does not change it back ... */
	assert_verdict(path_input(&p, BUBBLE(HEX_B, HEX_A), MAPPED_B),
		       TEREDO_CONSUME);
	assert_false(p.act.moved);
	assert_ep(p.path.mapped, "192.168.1.10:4096");
	/* ... while the inner way is in use. */
	p.now += TEREDO_EARLY_S * TEREDO_SEC;
	assert_verdict(path_input(&p, BUBBLE(HEX_B, HEX_A), MAPPED_B),
		       TEREDO_CONSUME);
	assert_true(p.act.moved);
	assert_ep(p.path.mapped, MAPPED_B);
}

/* Two clients whose NATs let nothing back in, but whose networks meet. */
static void neighbours(void **state)
{
	static struct sim s;
	unsigned int with;

	(void)state;
	for (with = 0; with < 2; with++) {
		u32 ext = TEREDO_EXT_SNS | (with ? TEREDO_EXT_HP : 0);

		sim_init(&s, SIM_NAT_SYMMETRIC, SIM_NAT_SYMMETRIC);
		s.routed = true;
		sim_extend(&s, ext, ext, TEREDO_EXT_SNS);
		sim_qualify(&s);
		sim_send(&s, &s.a, &s.b.client.addr);
		sim_run(&s, s.now + 20 * TEREDO_SEC, sim_answered);
		assert_int_equal(sim_answered(&s), with);
		if (!with)
			assert_int_equal(s.sent[SIM_INSIDE], 0);
		else
			assert_ep(s.a.paths[0].mapped, "10.0.2.11:4096");
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_addresses_are_told),
		cmocka_unit_test(bubbles_to_each),
		cmocka_unit_test(malformed_list_drops),
		cmocka_unit_test(no_reflector),
		cmocka_unit_test(public_addresses_behind_one_nat),
		cmocka_unit_test(accepted_by_nonce_from_inside),
		cmocka_unit_test(data_from_an_alternate),
		cmocka_unit_test(neighbours),
	};

	return unit_main("hp", tests);
}
