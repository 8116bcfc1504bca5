// SPDX-License-Identifier: GPL-2.0
/*
 * Two clients behind each pair of NATs that RFC 4380 has to cross, a native
 * host behind a relay, lost packets, and what happens when it takes long.
 */
#include "sim.h"

static const char *const nat_names[] = {
	[SIM_NAT_NONE] = "none",
	[SIM_NAT_CONE] = "cone",
	[SIM_NAT_ADDRESS] = "address",
	[SIM_NAT_PORT] = "port",
};

static bool b_answered(const struct sim *s)
{
	return s->b.answered > 0;
}

static unsigned int through_servers(const struct sim *s)
{
	return s->sent[SIM_INDIRECT] + s->sent[SIM_FORWARDED] +
	       s->sent[SIM_ECHO];
}

/* Sends from A to @to each 500 ms until there is an answer or it is late. */
static void ask(struct sim *s, const struct in6_addr *to, u64 limit,
		const char *row)
{
	u64 begin = s->now;

	while (!sim_answered(s)) {
		sim_send(s, &s->a, to);
		if (sim_run(s, s->now + 500 * TEREDO_MSEC, sim_answered))
			break;
		if (s->now - begin > limit)
			fail_msg("%s: no answer after %llu ms", row,
				 (unsigned long long)((s->now - begin) /
						      TEREDO_MSEC));
	}
	assert_row(row, s->now - begin <= limit, true);
}

/* Each pair connects within a few round trips, and stays off the servers. */
static void every_pair(void **state)
{
	int a, b, probe;

	(void)state;
	for (probe = 0; probe < 2; probe++)
		for (a = SIM_NAT_NONE; a <= SIM_NAT_PORT; a++)
			for (b = SIM_NAT_NONE; b <= SIM_NAT_PORT; b++) {
				struct sim s;
				unsigned int before;
				char row[64];
				int i;

				snprintf(row, sizeof(row), "%s and %s",
					 nat_names[a], nat_names[b]);
				sim_init(&s, a, b);
				s.a.params.cone_probe = probe;
				s.b.params.cone_probe = probe;
				sim_qualify(&s);
				/* Five one-way trips and the answer. */
				ask(&s, &s.b.client.addr, 8 * SIM_DELAY, row);
				before = through_servers(&s);
				for (i = 0; i < 10; i++) {
					sim_send(&s, &s.a, &s.b.client.addr);
					sim_send(&s, &s.b, &s.a.client.addr);
					sim_run(&s, s.now + TEREDO_SEC, NULL);
				}
				assert_row(row, s.a.answered, 11);
				assert_row(row, s.b.answered, 10);
				assert_row(row, through_servers(&s), before);
				assert_row(row, s.a.refused + s.b.refused, 0);
			}
}

/* What each NAT is taken for. */
static void verdicts(void **state)
{
	static const enum teredo_nat plain[] = {
		TEREDO_NAT_NONE, TEREDO_NAT_RESTRICTED, TEREDO_NAT_RESTRICTED,
		TEREDO_NAT_RESTRICTED,
	};
	static const enum teredo_nat probed[] = {
		TEREDO_NAT_NONE, TEREDO_NAT_CONE, TEREDO_NAT_RESTRICTED,
		TEREDO_NAT_RESTRICTED,
	};
	struct sim s;
	int i;

	(void)state;
	for (i = SIM_NAT_NONE; i <= SIM_NAT_PORT; i++) {
		sim_init(&s, i, i);
		s.b.params.cone_probe = true;
		sim_qualify(&s);
		assert_row(nat_names[i], s.a.client.nat, plain[i]);
		assert_row(nat_names[i], s.b.client.nat, probed[i]);
	}

	sim_init(&s, SIM_NAT_SYMMETRIC, SIM_NAT_NONE);
	sim_up(&s, &s.a);
	sim_run(&s, s.now + 5 * TEREDO_SEC, NULL);
	assert_int_equal(s.a.client.state, TEREDO_STATE_OFFLINE);
	assert_reason(s.a.client.error, TEREDO_REASON_SYMMETRIC_NAT);
	assert_int_equal(s.a.client.nat, TEREDO_NAT_SYMMETRIC_PORT);
}

/* Any one packet may be lost: the bubbles' repetition makes good for it. */
static void one_packet_lost(void **state)
{
	static const struct {
		enum sim_kind kind;
		unsigned int upto;
	} losses[] = {
		{ SIM_DIRECT, 3 }, { SIM_INDIRECT, 2 }, { SIM_FORWARDED, 2 },
		{ SIM_DATA, 3 }, { SIM_KINDS, 10 },
	};
	unsigned int nth, lost = 0;
	size_t i;
	int a, b;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(losses); i++)
		for (nth = 1; nth <= losses[i].upto; nth++)
			for (a = SIM_NAT_NONE; a <= SIM_NAT_PORT; a++)
				for (b = SIM_NAT_NONE; b <= SIM_NAT_PORT; b++) {
					struct sim s;
					char row[64];

					snprintf(row, sizeof(row),
						 "%s and %s, kind %d nr. %u",
						 nat_names[a], nat_names[b],
						 losses[i].kind, nth);
					sim_init(&s, a, b);
					sim_qualify(&s);
					sim_lose(&s, losses[i].kind, nth);
					ask(&s, &s.b.client.addr,
					    2500 * TEREDO_MSEC, row);
					lost += s.lost;
				}
	/* The losses that this is about have happened. */
	assert_true(lost > 150);
}

/* Lost during qualification: 4 s each. */
static void qualification_with_losses(void **state)
{
	static const enum sim_kind kinds[] = { SIM_RS, SIM_RA };
	unsigned int nth;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		for (nth = 1; nth <= 4; nth++) {
			struct sim s;
			u64 begin;

			sim_init(&s, SIM_NAT_PORT, SIM_NAT_PORT);
			begin = s.now;
			sim_lose(&s, kinds[i], nth);
			sim_qualify(&s);
			assert_int_equal(s.lost, 1);
			assert_true(s.now - begin >= 4 * TEREDO_SEC);
			assert_true(s.now - begin < 5 * TEREDO_SEC);
		}
}

/* Both begin at the same moment. */
static void both_at_once(void **state)
{
	int a, b;

	(void)state;
	for (a = SIM_NAT_NONE; a <= SIM_NAT_PORT; a++)
		for (b = SIM_NAT_NONE; b <= SIM_NAT_PORT; b++) {
			struct sim s;

			sim_init(&s, a, b);
			sim_qualify(&s);
			sim_send(&s, &s.a, &s.b.client.addr);
			sim_send(&s, &s.b, &s.a.client.addr);
			sim_run(&s, s.now + 10 * SIM_DELAY, NULL);
			assert_row(nat_names[a], s.a.answered, 1);
			assert_row(nat_names[b], s.b.answered, 1);
		}
}

/* A first bubble that dies on the way opens the own NAT all the same. */
static void low_ttl(void **state)
{
	int a, b;

	(void)state;
	for (a = SIM_NAT_NONE; a <= SIM_NAT_PORT; a++)
		for (b = SIM_NAT_NONE; b <= SIM_NAT_PORT; b++) {
			struct sim s;

			sim_init(&s, a, b);
			s.a.params.bubble_ttl = 3;
			s.lose_ttl = 3;
			sim_qualify(&s);
			ask(&s, &s.b.client.addr, 8 * SIM_DELAY, nat_names[a]);
		}
}

/* A flow in one direction only never waits, for as long as it lasts. */
static void one_way(void **state)
{
	int a, b, i;

	(void)state;
	for (a = SIM_NAT_NONE; a <= SIM_NAT_PORT; a++)
		for (b = SIM_NAT_NONE; b <= SIM_NAT_PORT; b++) {
			struct sim s;
			unsigned int before;
			char row[64];

			snprintf(row, sizeof(row), "%s to %s", nat_names[a],
				 nat_names[b]);
			sim_init(&s, a, b);
			s.b.silent = true;
			sim_qualify(&s);
			sim_send(&s, &s.a, &s.b.client.addr);
			sim_run(&s, s.now + TEREDO_SEC, NULL);
			assert_row(row, s.b.got, 1);
			before = through_servers(&s);
			for (i = 0; i < 600; i++) {
				u64 begin = s.now;

				sim_send(&s, &s.a, &s.b.client.addr);
				sim_run(&s, s.now + TEREDO_SEC, NULL);
				assert_row(row, s.b.got, i + 2);
				/* Straight there, no bubbles first. */
				assert_row(row, s.b.got_at - begin,
					   (long long)SIM_DELAY);
			}
			assert_row(row, s.a.refused, 0);
			/* One pair of bubbles every 20 s asks for a sign. */
			assert_true(through_servers(&s) - before <=
				    2 * 600 / 20);
		}
}

/* The refresh interval keeps a mapping that lives for 35 s. */
static void mapping_is_kept(void **state)
{
	struct sim s;
	u64 begin;

	(void)state;
	sim_init(&s, SIM_NAT_PORT, SIM_NAT_PORT);
	s.a.nat.outbound_only = true;
	s.b.nat.outbound_only = true;
	sim_qualify(&s);
	begin = s.now;
	sim_run(&s, s.now + 3600 * TEREDO_SEC, NULL);
	assert_int_equal(s.a.renumbered, 1);
	assert_int_equal(s.b.renumbered, 1);
	assert_int_equal(s.a.client.state, TEREDO_STATE_QUALIFIED);
	/* Solicitations of two clients: 22.5 to 28.5 s apart. */
	assert_true(s.sent[SIM_RS] >= 2 * 3600 / 31);
	assert_true(s.sent[SIM_RS] <= 2 * 3600 / 22);
	assert_int_equal(s.now, begin + 3600 * TEREDO_SEC);
	/* Who was quiet for an hour is reached all the same. */
	ask(&s, &s.b.client.addr, 8 * SIM_DELAY, "after an hour");
}

/* The NAT forgets: a new address by the next refresh, peers found again. */
static void nat_restarts(void **state)
{
	struct in6_addr old;
	struct sim s;

	(void)state;
	sim_init(&s, SIM_NAT_PORT, SIM_NAT_PORT);
	sim_qualify(&s);
	ask(&s, &s.b.client.addr, 8 * SIM_DELAY, "before");
	old = s.b.client.addr;
	s.b.nat.n = 0;
	sim_run(&s, s.now + 31 * TEREDO_SEC, NULL);
	assert_int_equal(s.b.renumbered, 2);
	assert_int_equal(s.b.client.state, TEREDO_STATE_QUALIFIED);
	assert_false(teredo_addr_eq(&old, &s.b.client.addr));
	s.a.answered = 0;
	ask(&s, &s.b.client.addr, 8 * SIM_DELAY, "after");
	/* And the other way, though A changed nothing. */
	sim_send(&s, &s.b, &s.a.client.addr);
	assert_true(sim_run(&s, s.now + TEREDO_SEC, b_answered));
}

/* A peer that is not there: told after 8 s, four pairs of bubbles, no more. */
static void nobody_there(void **state)
{
	struct in6_addr nobody = ip6(ADDR_B);
	struct sim s;
	int i;

	(void)state;
	sim_init(&s, SIM_NAT_PORT, SIM_NAT_PORT);
	sim_qualify(&s);
	for (i = 0; i < 100; i++) {
		sim_send(&s, &s.a, &nobody);
		sim_run(&s, s.now + 2 * TEREDO_SEC, NULL);
	}
	assert_int_equal(s.sent[SIM_DIRECT], 4);
	assert_int_equal(s.sent[SIM_INDIRECT], 4);
	assert_int_equal(s.a.refused, 100);
	assert_int_equal(s.a.n_waiting, 0);
}

/* A client and a native host, by way of its relay. */
static void native_host(void **state)
{
	struct in6_addr n = ip6(ADDR_N);
	int a, i;

	(void)state;
	for (a = SIM_NAT_NONE; a <= SIM_NAT_PORT; a++) {
		struct sim s;
		unsigned int before;

		sim_init(&s, a, SIM_NAT_NONE);
		sim_qualify(&s);
		ask(&s, &n, 10 * SIM_DELAY, nat_names[a]);
		before = through_servers(&s);
		for (i = 0; i < 10; i++) {
			sim_send(&s, &s.a, &n);
			sim_run(&s, s.now + TEREDO_SEC, NULL);
		}
		assert_row(nat_names[a], s.a.answered, 11);
		assert_row(nat_names[a], through_servers(&s), before);

		/* The native host begins. */
		sim_init(&s, a, SIM_NAT_NONE);
		sim_qualify(&s);
		sim_native_send(&s, &s.a.client.addr);
		sim_run(&s, s.now + 20 * SIM_DELAY, NULL);
		assert_row(nat_names[a], s.a.got, 1);
		assert_row(nat_names[a], s.native_got, 1);
	}
}

static void native_host_with_losses(void **state)
{
	struct in6_addr n = ip6(ADDR_N);
	unsigned int nth;
	int a;

	(void)state;
	for (a = SIM_NAT_NONE; a <= SIM_NAT_PORT; a++)
		for (nth = 1; nth <= 8; nth++) {
			struct sim s;
			char row[64];

			snprintf(row, sizeof(row), "%s, nr. %u", nat_names[a],
				 nth);
			sim_init(&s, a, SIM_NAT_NONE);
			sim_qualify(&s);
			sim_lose(&s, SIM_KINDS, nth);
			ask(&s, &n, 4500 * TEREDO_MSEC, row);
		}
}

/*
 * B's NAT restarts while A is the only one who sends unasked: it maps alike
 * again, but lets nobody in until B sends. B's refresh opens the way to B's
 * server, A's bubbles then the one to A.
 */
static void nat_restarts_under_a_flow(void **state)
{
	u64 begin, longest = 0;
	struct sim s;
	int i;

	(void)state;
	for (i = 0; i < 50; i++) {
		struct in6_addr to;
		unsigned int before;
		u16 port;

		sim_init(&s, SIM_NAT_PORT, SIM_NAT_PORT);
		s.u.seed = (u64)i + 1;
		sim_qualify(&s);
		to = s.b.client.addr;
		ask(&s, &to, 10 * TEREDO_SEC, "before");
		sim_run(&s, s.now + (u64)i * 600 * TEREDO_MSEC, NULL);
		sim_send(&s, &s.a, &to);
		sim_run(&s, s.now + TEREDO_SEC, NULL);
		port = ntohs(teredo_addr_mapped(&to).port);
		s.b.nat.n = 0;
		s.b.nat.port = port;
		s.b.nat.next_port = port;
		before = s.a.answered;
		begin = s.now;
		while (s.a.answered == before &&
		       s.now - begin < 400 * TEREDO_SEC) {
			sim_send(&s, &s.a, &to);
			sim_run(&s, s.now + 500 * TEREDO_MSEC, NULL);
		}
		if (s.now - begin > longest)
			longest = s.now - begin;
	}
	assert_true(longest <= 40 * TEREDO_SEC);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nat_restarts_under_a_flow),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(every_pair),
		cmocka_unit_test(one_packet_lost),
		cmocka_unit_test(qualification_with_losses),
		cmocka_unit_test(both_at_once),
		cmocka_unit_test(low_ttl),
		cmocka_unit_test(one_way),
		cmocka_unit_test(mapping_is_kept),
		cmocka_unit_test(nat_restarts),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(native_host),
		cmocka_unit_test(native_host_with_losses),
	};

	return unit_main("sim", tests);
}
