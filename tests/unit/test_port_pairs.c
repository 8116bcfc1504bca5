// SPDX-License-Identifier: GPL-2.0
/*
 * Pairs of clients behind NATs whose ports can be foretold, and others:
 * RFC 6081 section 3, figure 1, with lost packets and a peer that forgets.
 */
#include "sim.h"

static const struct {
	enum sim_nat_type type;
	const char *name;
} nats[] = {
	{ SIM_NAT_CONE, "cone" },
	{ SIM_NAT_ADDRESS, "address" },
	{ SIM_NAT_PORT, "port" },
	{ SIM_NAT_PRESERVING, "preserving" },
	{ SIM_NAT_SEQUENTIAL, "sequential" },
	{ SIM_NAT_SYMMETRIC, "symmetric" },
};

enum { C, A, P, PP, SP, SY, N };

/* Row: who begins. Of the pairs with none of the two the others know. */
static const bool reachable[N][N] = {
	[C] = { true, true, true, true, true, true },
	[A] = { true, true, true, true, true, true },
	[P] = { true, true, true, true, true, false },
	[PP] = { true, true, true, true, true, false },
	[SP] = { true, true, true, false, false, false },
	[SY] = { true, true, false, false, false, false },
};

static void begin(struct sim *s, int a, int b, u32 ext_a, u32 ext_b)
{
	sim_init(s, nats[a].type, nats[b].type);
	sim_extend(s, ext_a, ext_b, TEREDO_EXT_ALL);
	s->a.nat.lifetime = 120 * TEREDO_SEC;
	s->b.nat.lifetime = 120 * TEREDO_SEC;
	sim_qualify(s);
}

/* Nobody goes on when it is over, nor keeps a port that it does not use. */
static void quiet(struct sim *s, const char *row, bool connected)
{
	unsigned int before;

	sim_run(s, s->now + 12 * TEREDO_SEC, NULL);
	before = s->sent[SIM_DIRECT] + s->sent[SIM_INDIRECT];
	sim_run(s, s->now + 10 * TEREDO_SEC, NULL);
	assert_row(row, s->sent[SIM_DIRECT] + s->sent[SIM_INDIRECT], before);
	if (!connected) {
		assert_row(row, sim_ports(&s->a), 0);
		assert_row(row, sim_ports(&s->b), 0);
	}
}

static void every_pair(void **state)
{
	char row[64];
	struct sim s;
	int a, b;

	(void)state;
	for (a = 0; a < N; a++)
		for (b = 0; b < N; b++) {
			u64 start;
			bool is;

			snprintf(row, sizeof(row), "%s to %s", nats[a].name,
				 nats[b].name);
			begin(&s, a, b, TEREDO_EXT_ALL, TEREDO_EXT_ALL);
			start = s.now;
			is = sim_ask(&s);
			assert_row(row, is, reachable[a][b]);
			/* By way of the servers, there and back, and a test. */
			if (is && (a == PP || a == SP || b == PP || b == SP))
				assert_row(row, (s.now - start) / TEREDO_MSEC <=
					   12 * SIM_DELAY / TEREDO_MSEC, true);
			quiet(&s, row, is);
		}
}

/* A random port is there for those alone that are reached by no other. */
static void ports_in_use(void **state)
{
	char row[64];
	struct sim s;
	int a, b;

	(void)state;
	for (a = 0; a < N; a++)
		for (b = 0; b < N; b++) {
			bool both = a >= P && b >= P;

			if (!reachable[a][b])
				continue;
			snprintf(row, sizeof(row), "%s to %s", nats[a].name,
				 nats[b].name);
			begin(&s, a, b, TEREDO_EXT_ALL, TEREDO_EXT_ALL);
			assert_row(row, sim_ask(&s), true);
			if (!both)
				continue;
			assert_row(row, sim_ports(&s.a),
				   a == PP || a == SP);
			assert_row(row, sim_ports(&s.b),
				   b == PP || b == SP);
		}
}

static void without_what_is_needed(void **state)
{
	static const struct {
		const char *name;
		int a, b;
		u32 off_a, off_b;
	} rows[] = {
		{ "pp off", PP, P, TEREDO_EXT_PP | TEREDO_EXT_SP, 0 },
		{ "pp off at the responder", P, PP, 0,
		  TEREDO_EXT_PP | TEREDO_EXT_SP },
		{ "pp off behind the filter", PP, P, 0,
		  TEREDO_EXT_PP | TEREDO_EXT_SP },
		{ "pp off at one of two", PP, PP, 0,
		  TEREDO_EXT_PP | TEREDO_EXT_SP },
		{ "sp off", SP, P, TEREDO_EXT_SP, 0 },
		{ "sp off at the responder", P, SP, 0, TEREDO_EXT_SP },
		{ "nothing on behind the filter", PP, P, 0, TEREDO_EXT_ALL },
		{ "nothing on behind the filter, sequential", SP, P, 0,
		  TEREDO_EXT_ALL },
	};
	struct sim s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		begin(&s, rows[i].a, rows[i].b,
		      TEREDO_EXT_ALL & ~rows[i].off_a,
		      TEREDO_EXT_ALL & ~rows[i].off_b);
		assert_row(rows[i].name, sim_ask(&s), false);
		quiet(&s, rows[i].name, false);
	}
}

/* Any one packet: the next attempt makes up for it. */
static void one_is_lost(void **state)
{
	static const int pairs[][2] = {
		{ PP, P }, { P, PP }, { PP, PP }, { SP, P }, { P, SP },
		{ PP, SP },
	};
	unsigned int nth;
	char row[64];
	struct sim s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		for (nth = 1; nth <= 10; nth++) {
			snprintf(row, sizeof(row), "%s to %s, packet %u",
				 nats[pairs[i][0]].name,
				 nats[pairs[i][1]].name, nth);
			begin(&s, pairs[i][0], pairs[i][1], TEREDO_EXT_ALL,
			      TEREDO_EXT_ALL);
			sim_lose(&s, SIM_KINDS, nth);
			/* Data is lost like any; who asks again is answered. */
			if (!sim_ask(&s))
				assert_row(row, sim_ask(&s), true);
			assert_int_equal(s.lost, 1);
			quiet(&s, row, true);
		}
	}
}

/* The flow of somebody else comes in between: a new port, a new test. */
static void a_wrong_forecast(void **state)
{
	struct sim s;

	(void)state;
	begin(&s, SP, P, TEREDO_EXT_ALL, TEREDO_EXT_ALL);
	s.a.nat.skip = 1;
	assert_true(sim_ask(&s));
	assert_int_equal(s.a.nat.skip, 0);
	quiet(&s, "a flow in between", true);
}

static void no_port_is_left(void **state)
{
	struct sim s;

	(void)state;
	begin(&s, PP, P, TEREDO_EXT_ALL, TEREDO_EXT_ALL);
	s.a.no_slots = 8;
	assert_false(sim_ask(&s));
	quiet(&s, "none left", false);
	/* Where none is needed, none is missed. */
	begin(&s, PP, C, TEREDO_EXT_ALL, TEREDO_EXT_ALL);
	s.a.no_slots = 8;
	assert_true(sim_ask(&s));
}

/* One side starts over, by another port. */
static void one_forgets(void **state)
{
	static const int pairs[][2] = { { PP, P }, { SP, P } };
	struct sim s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		begin(&s, pairs[i][0], pairs[i][1], TEREDO_EXT_ALL,
		      TEREDO_EXT_ALL);
		assert_true(sim_ask(&s));
		sim_run(&s, s.now + 3 * TEREDO_SEC, NULL);
		sim_forget(&s, &s.a);
		assert_int_equal(sim_ports(&s.a), 0);
		assert_row(nats[pairs[i][0]].name, sim_ask(&s), true);
		assert_row(nats[pairs[i][0]].name, sim_ports(&s.a), 1);
	}
}

/* The mapping lives for 35 s, and nobody says anything for two minutes. */
static void idle(void **state)
{
	static const int pairs[][2] = {
		{ PP, P }, { P, PP }, { PP, PP }, { SP, P }, { PP, SP },
	};
	char row[64];
	struct sim s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		snprintf(row, sizeof(row), "%s to %s", nats[pairs[i][0]].name,
			 nats[pairs[i][1]].name);
		begin(&s, pairs[i][0], pairs[i][1], TEREDO_EXT_ALL,
		      TEREDO_EXT_ALL);
		s.a.nat.lifetime = 35 * TEREDO_SEC;
		s.b.nat.lifetime = 35 * TEREDO_SEC;
		assert_row(row, sim_ask(&s), true);
		s.sent[SIM_BY_PORT] = 0;
		sim_run(&s, s.now + 120 * TEREDO_SEC, NULL);
		/* Each random port, in each 25 s. */
		assert_row(row, s.sent[SIM_BY_PORT],
			   4 * (sim_ports(&s.a) + sim_ports(&s.b)));
		assert_row(row, sim_ask(&s), true);
		/* But not for ever. */
		sim_run(&s, s.now + 700 * TEREDO_SEC, NULL);
		assert_row(row, sim_ports(&s.a) + sim_ports(&s.b), 0);
		assert_row(row, sim_ask(&s), true);
	}
}

/* The NAT has forgotten the random ports' flows, and gives them other ports. */
static void forget_flows(struct sim_node *n)
{
	unsigned int i;

	for (i = 0; i < n->nat.n; i++)
		if (htons(n->nat.entries[i].local) != n->local.port)
			n->nat.entries[i].port = n->nat.next_port++;
}

/* While nobody spoke: whoever begins, both have to begin again. */
static void flows_are_forgotten(void **state)
{
	static const int pairs[][2] = {
		{ PP, P }, { P, PP }, { PP, PP }, { SP, P }, { P, SP },
		{ PP, SP },
	};
	static const char * const who[] = { "", "its", "the other", "both" };
	unsigned int which;
	char row[64];
	struct sim s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		for (which = 1; which <= 3; which++) {
			snprintf(row, sizeof(row), "%s to %s, %s NAT",
				 nats[pairs[i][0]].name,
				 nats[pairs[i][1]].name, who[which]);
			begin(&s, pairs[i][0], pairs[i][1], TEREDO_EXT_ALL,
			      TEREDO_EXT_ALL);
			assert_row(row, sim_ask(&s), true);
			if (which & 1)
				forget_flows(&s.a);
			if (which & 2)
				forget_flows(&s.b);
			sim_run(&s, s.now + 35 * TEREDO_SEC, NULL);
			assert_row(row, sim_ask(&s), true);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair),
		cmocka_unit_test(ports_in_use),
		cmocka_unit_test(without_what_is_needed),
		cmocka_unit_test(one_is_lost),
		cmocka_unit_test(a_wrong_forecast),
		cmocka_unit_test(no_port_is_left),
		cmocka_unit_test(one_forgets),
		cmocka_unit_test(idle),
		cmocka_unit_test(flows_are_forgotten),
	};

	return unit_main("port pairs", tests);
}
