// SPDX-License-Identifier: GPL-2.0
/* Nonces and symmetric NATs: RFC 6081 sections 3.1, 5.2, 6.1. */
#include "path_host.h"
#include "sim.h"

#define REAL_B		"192.0.2.10:40001"	/* where symmetric B really is */
#define FOREIGN		"198.51.100.66:6666"

static void sns_init(struct peering *p)
{
	client_init(p);
	p->self.extensions = TEREDO_EXT_SNS;
	p->self.nat = TEREDO_NAT_RESTRICTED;
}

/* A sent a packet to B: the bubbles of an attempt, the last one indirect. */
static u32 sns_open(struct peering *p)
{
	sns_init(p);
	peer_init(p, ADDR_B);
	assert_verdict(path_output(p), TEREDO_QUEUE);
	assert_int_equal(p->act.n, 2);
	assert_true(p->act.emit[1].indirect);
	return p->act.emit[1].nonce;
}

static void without_it_nothing_is_new(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	peer_init(&p, ADDR_B);
	assert_waits_for_b(&p);
	assert_int_equal(p.act.emit[0].nonce, 0);
	assert_int_equal(p.act.emit[1].nonce, 0);
	assert_null(p.path.ext);
	p.now += TEREDO_SEC;
	assert_verdict(from_server(&p, T_NONCE T_ALT_TWO), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
	assert_emit(&p, 0, MAPPED_B, ADDR_A, ADDR_B);
	assert_int_equal(p.act.emit[0].nonce, 0);
	assert_drop(&p, path_input(&p, BUBBLE(HEX_B, HEX_A) T_NONCE, REAL_B),
		    TEREDO_REASON_MAPPING_MISMATCH);
	assert_int_equal(p.path.flags & TEREDO_PATH_EXTENDED, 0);
	assert_int_equal(p.u.exts, 0);
}

static void each_indirect_bubble_has_a_new_nonce(void **state)
{
	struct peering p;
	u32 first, second;

	(void)state;
	first = sns_open(&p);
	assert_int_not_equal(first, 0);
	/* None was received, so the direct one has none: section 5.2.4.2. */
	assert_int_equal(p.act.emit[0].nonce, 0);
	assert_false(p.act.emit[0].indirect);
	p.now += 2 * TEREDO_SEC;
	path_tick(&p);
	assert_int_equal(p.act.n, 2);
	second = p.act.emit[1].nonce;
	assert_int_not_equal(second, 0);
	assert_int_not_equal(second, first);
	assert_int_equal(p.u.exts, 1);
}

static void nonce_is_echoed(void **state)
{
	struct peering p;

	(void)state;
	sns_init(&p);
	assert_verdict(from_server(&p, T_NONCE), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 2);
	assert_emit(&p, 0, MAPPED_B, ADDR_A, ADDR_B);
	assert_int_equal(p.act.emit[0].nonce, 0xdeadbeef);
	assert_true(p.act.emit[0].answer);
	/* And the own one goes the same way: section 3.1. */
	assert_emit(&p, 1, SERVER_B ":3544", ADDR_A, ADDR_B);
	assert_true(p.act.emit[1].indirect && p.act.emit[1].answer);
	assert_int_not_equal(p.act.emit[1].nonce, 0);
	assert_int_not_equal(p.act.emit[1].nonce, 0xdeadbeef);
	assert_true(p.path.flags & TEREDO_PATH_EXTENDED);
	assert_false(p.path.flags & TEREDO_PATH_OPENING);

	/* In attempts as well ... */
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	assert_int_equal(p.act.emit[0].nonce, 0xdeadbeef);
	/* ... until the peer sends one without: then there is none. */
	p.now += TEREDO_SEC;
	assert_verdict(from_server(&p, ""), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
	assert_int_equal(p.act.emit[0].nonce, 0);
	p.now += 2 * TEREDO_SEC;
	path_tick(&p);
	assert_int_equal(p.act.emit[0].nonce, 0);
}

/* Two of us must not send each other indirect bubbles for ever. */
static void no_invitation_while_one_is_under_way(void **state)
{
	struct peering p;

	(void)state;
	sns_open(&p);
	p.now += 100 * TEREDO_MSEC;
	assert_verdict(from_server(&p, T_NONCE), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
	assert_int_equal(p.act.emit[0].nonce, 0xdeadbeef);
	/* Nor to a peer that talks to us already. */
	sns_init(&p);
	peer_trust(&p, ADDR_B, MAPPED_B);
	p.now += TEREDO_SEC;
	assert_verdict(from_server(&p, T_NONCE), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
	/* Nor to one that has no extensions. */
	sns_init(&p);
	assert_verdict(from_server(&p, ""), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
	assert_int_equal(p.u.exts, 0);
}

/* The peer's next attempt, which was quicker on its way than the one before. */
static void the_next_attempt_is_invited(void **state)
{
	struct peering p;

	(void)state;
	sns_init(&p);
	assert_verdict(from_server(&p, T_NONCE), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 2);
	p.now += (TEREDO_INVITE_MS - 1) * TEREDO_MSEC;
	assert_verdict(from_server(&p, T_NONCE), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
	sns_init(&p);
	assert_verdict(from_server(&p, T_NONCE), TEREDO_CONSUME);
	p.now += TEREDO_SPACING_S * TEREDO_SEC - 50 * TEREDO_MSEC;
	assert_verdict(from_server(&p, T_NONCE), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 2);
	assert_true(p.act.emit[1].indirect);
}

static void nonce_proves_the_mapping(void **state)
{
	struct peering p;
	u32 nonce;

	(void)state;
	nonce = sns_open(&p);
	p.now += 100 * TEREDO_MSEC;
	assert_drop(&p, path_input(&p, BUBBLE(HEX_B, HEX_A), REAL_B),
		    TEREDO_REASON_MAPPING_MISMATCH);
	assert_drop(&p, path_input_bytes(&p, nonce_bubble(nonce + 1), REAL_B),
		    TEREDO_REASON_NONCE_MISMATCH);
	assert_drop(&p, path_input_bytes(&p, nonce_bubble(0), REAL_B),
		    TEREDO_REASON_NONCE_MISMATCH);
	assert_verdict(path_input_bytes(&p, nonce_bubble(nonce), REAL_B),
		       TEREDO_CONSUME);
	assert_true(p.act.trusted && p.act.proven);
	assert_ep(p.path.mapped, REAL_B);
	assert_true(p.path.flags & TEREDO_PATH_SYMMETRIC);
	assert_int_equal(p.act.n, 0);
	/* The nonce is spent: it moves the path nowhere else. */
	assert_drop(&p, path_input_bytes(&p, nonce_bubble(nonce), FOREIGN),
		    TEREDO_REASON_NONCE_MISMATCH);
	assert_ep(p.path.mapped, REAL_B);
	/* Its data is good from there, and from nowhere else. */
	assert_verdict(path_input(&p, UDP(HEX_B, HEX_A), REAL_B),
		       TEREDO_ACCEPT);
	assert_false(p.act.proven);
	assert_drop(&p, path_input(&p, UDP(HEX_B, HEX_A), FOREIGN),
		    TEREDO_REASON_MAPPING_MISMATCH);
	/* Nothing but a bubble proves anything. */
	nonce = sns_open(&p);
	{
		struct bytes b = hex(UDP(HEX_B, HEX_A) "0104");

		teredo_put32(b.data + b.len, nonce);
		b.len += 4;
		assert_drop(&p, path_input_bytes(&p, b, REAL_B),
			    TEREDO_REASON_MAPPING_MISMATCH);
	}
}

/* Retransmissions must not make answers under way worthless. */
static void nonce_before_is_good_for_a_while(void **state)
{
	struct peering p;
	u32 first, second, third;

	(void)state;
	first = sns_open(&p);
	p.now += 2 * TEREDO_SEC;
	path_tick(&p);
	second = p.act.emit[1].nonce;
	p.now += 2 * TEREDO_SEC - 1;
	assert_verdict(path_input_bytes(&p, nonce_bubble(first), REAL_B),
		       TEREDO_CONSUME);

	first = sns_open(&p);
	p.now += 2 * TEREDO_SEC;
	path_tick(&p);
	second = p.act.emit[1].nonce;
	p.now += 2 * TEREDO_SEC;
	assert_drop(&p, path_input_bytes(&p, nonce_bubble(first), REAL_B),
		    TEREDO_REASON_NONCE_MISMATCH);
	path_tick(&p);
	third = p.act.emit[1].nonce;
	assert_drop(&p, path_input_bytes(&p, nonce_bubble(first), REAL_B),
		    TEREDO_REASON_NONCE_MISMATCH);
	assert_int_not_equal(third, second);
	assert_verdict(path_input_bytes(&p, nonce_bubble(second), REAL_B),
		       TEREDO_CONSUME);
}

static void guessing_is_limited(void **state)
{
	struct peering p;
	u32 nonce, i;

	(void)state;
	nonce = sns_open(&p);
	for (i = 1; i <= TEREDO_NONCE_GUESSES; i++)
		assert_drop(&p, path_input_bytes(&p, nonce_bubble(nonce + i),
						 FOREIGN),
			    TEREDO_REASON_NONCE_MISMATCH);
	assert_drop(&p, path_input_bytes(&p, nonce_bubble(nonce), REAL_B),
		    TEREDO_REASON_NONCE_MISMATCH);
	/* The next bubble starts anew. */
	p.now += 2 * TEREDO_SEC;
	path_tick(&p);
	assert_verdict(path_input_bytes(&p, nonce_bubble(p.act.emit[1].nonce),
					REAL_B), TEREDO_CONSUME);
}

/* A nonce opens no way to where nothing may be sent. */
static void not_into_private_networks(void **state)
{
	static const char *const nowhere[] = {
		"10.0.0.1:4096", "127.0.0.1:4096", "224.0.0.1:4096",
		"0.0.0.0:4096", "255.255.255.255:4096", "192.168.1.1:1",
	};
	struct peering p;
	u32 nonce;
	size_t i;

	(void)state;
	nonce = sns_open(&p);
	for (i = 0; i < ARRAY_SIZE(nowhere); i++)
		assert_drop(&p, path_input_bytes(&p, nonce_bubble(nonce),
						 nowhere[i]),
			    TEREDO_REASON_OUTER_SOURCE);
}

/* Section 6.1: the cone or address-restricted side, addressed by the other. */
static void answer_to_the_proven_mapping(void **state)
{
	struct peering p;
	u32 nonce;

	(void)state;
	sns_init(&p);
	assert_verdict(from_server(&p, T_NONCE), TEREDO_CONSUME);
	nonce = p.act.emit[1].nonce;
	p.now += 100 * TEREDO_MSEC;
	assert_verdict(path_input_bytes(&p, nonce_bubble(nonce), REAL_B),
		       TEREDO_CONSUME);
	assert_true(p.act.proven);
	/* At once, not when it asks again. */
	assert_int_equal(p.act.n, 1);
	assert_emit(&p, 0, REAL_B, ADDR_A, ADDR_B);
	assert_int_equal(p.act.emit[0].nonce, 0xdeadbeef);
	/* Once: a second proof calls for nothing. */
	assert_verdict(path_input_bytes(&p, nonce_bubble(nonce), REAL_B),
		       TEREDO_CONSUME);
	assert_int_equal(p.act.n, 0);
	/* When it does ask again, to both; and it may have moved. */
	p.now += TEREDO_SEC;
	assert_verdict(from_server(&p, "010400000007"), TEREDO_CONSUME);
	assert_emit(&p, 0, MAPPED_B, ADDR_A, ADDR_B);
	assert_emit(&p, 1, REAL_B, ADDR_A, ADDR_B);
	assert_int_equal(p.act.emit[1].nonce, 7);
	assert_int_equal(p.act.n, 2);
	p.now += 2 * TEREDO_SEC;
	assert_verdict(from_server(&p, "010400000008"), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 3);
	nonce = p.act.emit[2].nonce;
	assert_verdict(path_input_bytes(&p, nonce_bubble(nonce), FOREIGN),
		       TEREDO_CONSUME);
	assert_true(p.act.moved && p.act.proven && !p.act.trusted);
	assert_ep(p.path.mapped, FOREIGN);
}

/* The server in a peer's address is the peer's word. */
static void no_invitation_into_private_networks(void **state)
{
	struct bytes b = { .len = TEREDO_ORIGIN_LEN };
	struct peering p;

	(void)state;
	sns_init(&p);
	teredo_build_origin(b.data, ep(MAPPED_B));
	bytes_add(&b, BUBBLE("20010000 0a000001 0000dfff 3ffffdf5", HEX_A)
		  T_NONCE);
	assert_verdict(path_input_bytes(&p, b, FROM_SERVER), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
	assert_ep(p.act.emit[0].to, MAPPED_B);
}

static void no_room(void **state)
{
	struct peering p;

	(void)state;
	sns_init(&p);
	p.u.no_exts = true;
	peer_init(&p, ADDR_B);
	assert_waits_for_b(&p);
	assert_int_equal(p.act.emit[1].nonce, 0);
	p.now += TEREDO_SEC;
	/* The nonce of the packet itself can still be echoed. */
	assert_verdict(from_server(&p, T_NONCE), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
	assert_int_equal(p.act.emit[0].nonce, 0xdeadbeef);
	assert_drop(&p, path_input_bytes(&p, nonce_bubble(1), REAL_B),
		    TEREDO_REASON_NONCE_MISMATCH);
	/* Strangers cannot take the room of those whom we address. */
	sns_init(&p);
	p.u.no_stranger_exts = true;
	assert_verdict(from_server(&p, T_NONCE), TEREDO_CONSUME);
	assert_null(p.path.ext);
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	assert_non_null(p.path.ext);
}

static void ext_goes_when_it_is_over(void **state)
{
	struct peering p;

	(void)state;
	sns_open(&p);
	assert_non_null(p.path.ext);
	while (p.path.flags & TEREDO_PATH_OPENING) {
		p.now = p.path.deadline;
		path_tick(&p);
		path_ext_tick(&p);
		assert_non_null(p.path.ext);
	}
	p.now = teredo_ext_due(p.path.ext) - 1;
	path_ext_tick(&p);
	assert_non_null(p.path.ext);
	p.now++;
	path_ext_tick(&p);
	assert_null(p.path.ext);
	assert_int_equal(p.u.exts, 0);
}

static void sim_sns(struct sim *s, enum sim_nat_type a, enum sim_nat_type b)
{
	sim_init(s, a, b);
	sim_extend(s, TEREDO_EXT_SNS, TEREDO_EXT_SNS, TEREDO_EXT_SNS);
	sim_qualify(s);
}

/* RFC 6081 section 3, figure 1, with symmetric NAT support alone. */
static void matrix(void **state)
{
	static const struct {
		enum sim_nat_type nat;
		const char *name;
	} nats[] = {
		{ SIM_NAT_CONE, "cone" }, { SIM_NAT_ADDRESS, "address" },
		{ SIM_NAT_PORT, "port" }, { SIM_NAT_SYMMETRIC, "symmetric" },
		{ SIM_NAT_SYMMETRIC_ADDRESS, "address-symmetric" },
	};
	static const bool want[5][5] = {
		{ 1, 1, 1, 1, 1 },
		{ 1, 1, 1, 1, 0 },
		{ 1, 1, 1, 0, 0 },
		{ 1, 1, 0, 0, 0 },
		{ 1, 0, 0, 0, 0 },
	};
	static struct sim s;
	size_t a, b;
	u64 start;

	(void)state;
	for (a = 0; a < 5; a++)
		for (b = 0; b < 5; b++) {
			sim_sns(&s, nats[a].nat, nats[b].nat);
			start = s.now;
			sim_send(&s, &s.a, &s.b.client.addr);
			sim_run(&s, s.now + 20 * TEREDO_SEC, sim_answered);
			if (sim_answered(&s) != want[a][b])
				fail_msg("%s to %s: %d", nats[a].name,
					 nats[b].name, sim_answered(&s));
			/* Neither has to ask a second time. */
			if (sim_answered(&s) &&
			    s.now - start > 10 * SIM_DELAY)
				fail_msg("%s to %s: %u ms", nats[a].name,
					 nats[b].name,
					 (unsigned int)((s.now - start) /
							TEREDO_MSEC));
			if (!sim_answered(&s))
				assert_int_equal(s.a.refused, 1);
			/* Nobody goes on for ever. */
			sim_run(&s, s.now + 30 * TEREDO_SEC, NULL);
			assert_true(s.sent[SIM_INDIRECT] <= 8);
			assert_int_equal(s.u.exts, 0);
		}
}

/* Any one packet may be lost, and still they meet. */
static void losses(void **state)
{
	static const enum sim_nat_type pairs[][2] = {
		{ SIM_NAT_SYMMETRIC, SIM_NAT_CONE },
		{ SIM_NAT_CONE, SIM_NAT_SYMMETRIC },
		{ SIM_NAT_SYMMETRIC, SIM_NAT_ADDRESS },
		{ SIM_NAT_ADDRESS, SIM_NAT_SYMMETRIC },
	};
	static struct sim s;
	unsigned int nth;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(pairs); i++)
		for (nth = 1; nth <= 8; nth++) {
			sim_sns(&s, pairs[i][0], pairs[i][1]);
			sim_lose(&s, SIM_KINDS, nth);
			sim_send(&s, &s.a, &s.b.client.addr);
			/* The application's own packet may be the one. */
			if (sim_run(&s, s.now + 10 * TEREDO_SEC, sim_answered))
				continue;
			sim_send(&s, &s.a, &s.b.client.addr);
			if (!sim_run(&s, s.now + 10 * TEREDO_SEC, sim_answered))
				fail_msg("pair %zu, loss %u", i, nth);
		}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_it_nothing_is_new),
		cmocka_unit_test(each_indirect_bubble_has_a_new_nonce),
		cmocka_unit_test(nonce_is_echoed),
		cmocka_unit_test(no_invitation_while_one_is_under_way),
		cmocka_unit_test(the_next_attempt_is_invited),
		cmocka_unit_test(nonce_proves_the_mapping),
		cmocka_unit_test(nonce_before_is_good_for_a_while),
		cmocka_unit_test(guessing_is_limited),
		cmocka_unit_test(not_into_private_networks),
		cmocka_unit_test(answer_to_the_proven_mapping),
		cmocka_unit_test(no_invitation_into_private_networks),
		cmocka_unit_test(no_room),
		cmocka_unit_test(ext_goes_when_it_is_over),
		cmocka_unit_test(matrix),
		cmocka_unit_test(losses),
	};

	return unit_main("sns", tests);
}
