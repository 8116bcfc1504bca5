// SPDX-License-Identifier: GPL-2.0
/* Server load reduction, RFC 6081 sections 3.6 and 5.7. */
#include "path_host.h"
#include "sim.h"

static void slr_init(struct peering *p)
{
	client_init(p);
	p->self.extensions = TEREDO_EXT_SLR;
	p->self.nat = TEREDO_NAT_RESTRICTED;
	peer_trust(p, ADDR_B, MAPPED_B);
	p->path.flags |= TEREDO_PATH_EXTENDED;
}

static void assert_solicits(const struct peering *p)
{
	assert_int_equal(p->act.n, 1);
	assert_emit(p, 0, MAPPED_B, ADDR_A, ADDR_B);
	assert_int_equal(p->act.emit[0].nd, TEREDO_ND_SOLICIT);
	assert_false(p->act.emit[0].indirect);
}

/* First the peer alone; then its server too. */
static void idle_peer_is_asked_directly(void **state)
{
	struct peering p;
	unsigned int i;
	u64 start;

	(void)state;
	slr_init(&p);
	p.now += TEREDO_VALID_S * TEREDO_SEC;
	start = p.now;
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	assert_solicits(&p);
	for (i = 0; i < 3; i++) {
		p.now += 2 * TEREDO_SEC;
		path_tick(&p);
		assert_attempt_at_b(&p);
	}
	/* Not a moment later than without the extension. */
	p.now += 2 * TEREDO_SEC;
	path_tick(&p);
	assert_true(p.act.failed);
	assert_true(p.now - start <= 8 * TEREDO_SEC);
	assert_false(p.path.flags & TEREDO_PATH_TRUSTED);
}

static void answer_opens_the_path(void **state)
{
	struct peering p;

	(void)state;
	slr_init(&p);
	p.now += 100 * TEREDO_SEC;
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	p.now += 40 * TEREDO_MSEC;
	assert_verdict(path_input(&p, BUBBLE(HEX_B, HEX_A) T_ND_ADVERT,
				  MAPPED_B), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 0);
	assert_verdict(path_output(&p), TEREDO_SEND);
	assert_int_equal(p.act.n, 0);
}

/* A flow that only sends asks before it has to stop. */
static void one_way_flow(void **state)
{
	struct peering p;

	(void)state;
	slr_init(&p);
	p.now += TEREDO_EARLY_S * TEREDO_SEC;
	assert_verdict(path_output(&p), TEREDO_SEND);
	assert_solicits(&p);
	p.now += TEREDO_SEC;
	assert_verdict(path_output(&p), TEREDO_SEND);
	assert_int_equal(p.act.n, 0);
}

/* Miredo would leave a solicitation unanswered: it is not kept waiting. */
static void peers_without_extensions(void **state)
{
	struct peering p;

	(void)state;
	slr_init(&p);
	p.path.flags &= ~TEREDO_PATH_EXTENDED;
	p.now += TEREDO_VALID_S * TEREDO_SEC;
	assert_waits_for_b(&p);
	/* One trailer that says something is enough to know better. */
	slr_init(&p);
	p.path.flags &= ~TEREDO_PATH_EXTENDED;
	assert_verdict(path_input(&p, BUBBLE(HEX_B, HEX_A) T_SKIPPED, MAPPED_B),
		       TEREDO_CONSUME);
	assert_false(p.path.flags & TEREDO_PATH_EXTENDED);
	assert_verdict(path_input(&p, BUBBLE(HEX_B, HEX_A) T_NONCE, MAPPED_B),
		       TEREDO_CONSUME);
	assert_true(p.path.flags & TEREDO_PATH_EXTENDED);
}

/* The extension alone is enough for two to know it of each other. */
static void alone(void **state)
{
	struct peering p;
	struct bytes b;

	(void)state;
	client_init(&p);
	p.self.extensions = TEREDO_EXT_SLR;
	peer_init(&p, ADDR_B);
	assert_waits_for_b(&p);
	b = nonce_bubble(p.act.emit[1].nonce);
	/* It is no proof, which is another extension's. */
	assert_drop(&p, path_input_bytes(&p, b, "192.0.2.10:1"),
		    TEREDO_REASON_MAPPING_MISMATCH);
	assert_verdict(path_input_bytes(&p, b, MAPPED_B), TEREDO_CONSUME);
	assert_true(p.path.flags & TEREDO_PATH_EXTENDED);
	p.now += TEREDO_VALID_S * TEREDO_SEC;
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	assert_solicits(&p);
}

static void solicitation_is_answered(void **state)
{
	struct peering p;
	unsigned int i, n = 0;

	(void)state;
	slr_init(&p);
	p.now += TEREDO_SEC;
	assert_verdict(path_input(&p, BUBBLE(HEX_B, HEX_A) T_ND_SOLICIT,
				  MAPPED_B), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
	assert_emit(&p, 0, MAPPED_B, ADDR_A, ADDR_B);
	assert_int_equal(p.act.emit[0].nd, TEREDO_ND_ADVERT);
	assert_true(p.act.emit[0].answer);
	assert_int_equal(p.path.last_rx, p.now);
	/* An answer is not answered. */
	p.now += TEREDO_SEC;
	assert_verdict(path_input(&p, BUBBLE(HEX_B, HEX_A) T_ND_ADVERT,
				  MAPPED_B), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 0);
	/* No more than answers in general. */
	for (i = 0; i < 100; i++) {
		p.now += 100 * TEREDO_MSEC;
		path_input(&p, BUBBLE(HEX_B, HEX_A) T_ND_SOLICIT, MAPPED_B);
		n += p.act.n;
	}
	assert_true(n > 0 && n <= TEREDO_ANSWERS);
	/* Not one from elsewhere, nor if the extension is off. */
	slr_init(&p);
	p.now += TEREDO_SEC;
	assert_drop(&p, path_input(&p, BUBBLE(HEX_B, HEX_A) T_ND_SOLICIT,
				   "192.0.2.10:1"),
		    TEREDO_REASON_MAPPING_MISMATCH);
	p.self.extensions = 0;
	assert_verdict(path_input(&p, BUBBLE(HEX_B, HEX_A) T_ND_SOLICIT,
				  MAPPED_B), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 0);
	/* By way of the server it is answered directly: section 4.4. */
	slr_init(&p);
	p.now += TEREDO_SEC;
	assert_verdict(from_server(&p, T_ND_SOLICIT), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
	assert_emit(&p, 0, MAPPED_B, ADDR_A, ADDR_B);
	assert_int_equal(p.act.emit[0].nd, TEREDO_ND_ADVERT);
}

/* Through real NATs, for a long time, with pauses: the servers are left alone. */
static void servers_are_left_alone(void **state)
{
	static const enum sim_nat_type pairs[][2] = {
		{ SIM_NAT_CONE, SIM_NAT_PORT },
		{ SIM_NAT_PORT, SIM_NAT_PORT },
		{ SIM_NAT_SYMMETRIC, SIM_NAT_CONE },
		{ SIM_NAT_CONE, SIM_NAT_SYMMETRIC },
	};
	static struct sim s;
	unsigned int i, j, with, before;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(pairs); i++)
		for (with = 0; with < 2; with++) {
			u32 ext = TEREDO_EXT_SNS | (with ? TEREDO_EXT_SLR : 0);

			sim_init(&s, pairs[i][0], pairs[i][1]);
			s.a.nat.lifetime = 120 * TEREDO_SEC;
			s.b.nat.lifetime = 120 * TEREDO_SEC;
			sim_extend(&s, ext, ext, TEREDO_EXT_SNS);
			sim_qualify(&s);
			sim_send(&s, &s.a, &s.b.client.addr);
			assert_true(sim_run(&s, s.now + 5 * TEREDO_SEC,
					    sim_answered));
			sim_run(&s, s.now + 3 * TEREDO_SEC, NULL);
			before = s.sent[SIM_INDIRECT];
			for (j = 0; j < 10; j++) {
				sim_run(&s, s.now + 40 * TEREDO_SEC, NULL);
				s.a.answered = 0;
				sim_send(&s, &s.a, &s.b.client.addr);
				assert_true(sim_run(&s, s.now + TEREDO_SEC,
						    sim_answered));
			}
			if (with)
				assert_int_equal(s.sent[SIM_INDIRECT], before);
			else
				assert_true(s.sent[SIM_INDIRECT] >=
					    before + 10);
		}
}

/* The peer's NAT was restarted: the way by the server is found in time. */
static void mapping_lost(void **state)
{
	static struct sim s;

	(void)state;
	sim_init(&s, SIM_NAT_PORT, SIM_NAT_PORT);
	s.a.params.extensions = TEREDO_EXT_SNS | TEREDO_EXT_SLR;
	s.b.params.extensions = s.a.params.extensions;
	sim_qualify(&s);
	sim_send(&s, &s.a, &s.b.client.addr);
	assert_true(sim_run(&s, s.now + 5 * TEREDO_SEC, sim_answered));
	/* Mappings live for 35 s and only the servers' are refreshed. */
	sim_run(&s, s.now + 60 * TEREDO_SEC, NULL);
	s.a.answered = 0;
	sim_send(&s, &s.a, &s.b.client.addr);
	assert_true(sim_run(&s, s.now + 8 * TEREDO_SEC, sim_answered));
	assert_int_equal(s.a.refused, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_peer_is_asked_directly),
		cmocka_unit_test(answer_opens_the_path),
		cmocka_unit_test(one_way_flow),
		cmocka_unit_test(peers_without_extensions),
		cmocka_unit_test(alone),
		cmocka_unit_test(solicitation_is_answered),
		cmocka_unit_test(servers_are_left_alone),
		cmocka_unit_test(mapping_lost),
	};

	return unit_main("slr", tests);
}
