// SPDX-License-Identifier: GPL-2.0
/*
 * Random Port trailers and packets by random ports, as a path sees them:
 * RFC 6081 sections 5.4.4 and 6.4, and what somebody may make up.
 */
#include "path_host.h"

#define ANNOUNCED	"192.0.2.10:1201"	/* B's, by the trailer below */
#define PORT_1201	"0502 04b1"
#define SLOT		3
#define OWN_PORT	5000

static void client(struct peering *p, enum teredo_nat nat)
{
	client_init(p);
	p->self.extensions = TEREDO_EXT_ALL;
	p->self.nat = nat;
	p->self.first = p->self.mapped;
	p->self.local = ep("10.0.1.11:4096");
}

static u16 take(void *ctx, struct teredo_path *path, bool stranger)
{
	struct unit_env *u = ctx;

	(void)path;
	(void)stranger;
	return u->no_exts ? 0 : SLOT;
}

static unsigned int given;

static void give(void *ctx, u16 slot)
{
	(void)ctx;
	assert_int_equal(slot, SLOT);
	given++;
}

/* A is behind a NAT that keeps ports: mapped to 4096, which it has itself. */
static void preserved(struct peering *p)
{
	client(p, TEREDO_NAT_SYMMETRIC_PORT);
	p->u.env.port_take = take;
	p->u.env.port_give = give;
	given = 0;
}

static void opened(struct peering *p, u16 port)
{
	teredo_path_port_opened(&p->self, &p->u.env, &p->path, htons(port),
				p->now, &p->act);
}

static void the_filter_is_opened(void **state)
{
	struct peering p;

	(void)state;
	client(&p, TEREDO_NAT_RESTRICTED);
	assert_verdict(from_server(&p, T_NONCE PORT_1201), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 3);
	assert_emit(&p, 0, MAPPED_B, ADDR_A, ADDR_B);
	assert_emit(&p, 1, ANNOUNCED, ADDR_A, ADDR_B);
	assert_true(p.act.emit[1].answer);
	assert_int_equal(p.act.emit[1].nonce, 0xdeadbeef);
	assert_int_equal(p.act.emit[1].slot, 0);
	assert_int_equal(p.act.emit[1].random_port, 0);
	assert_true(p.act.emit[2].indirect);
	assert_int_equal(p.act.emit[2].random_port, 0);
}

/* Whatever the trailer is, nobody gets more than the bubble's sender claims. */
static void no_more_than_that(void **state)
{
	static const struct {
		const char *name, *trailers;
		u32 off;
		unsigned int n;
	} rows[] = {
		{ "the table's number", T_NONCE "0202 04b1", 0, 3 },
		{ "the port of the mapping", T_NONCE "0502 2000", 0, 2 },
		{ "port 0", T_NONCE "0502 0000", 0, 2 },
		{ "too short", T_NONCE "0501 04", 0, 2 },
		{ "too long", T_NONCE "0503 04b100", 0, 2 },
		{ "cut off", T_NONCE "0502 04", 0, 2 },
		{ "twice", T_NONCE PORT_1201 "0502 04b2", 0, 3 },
		{ "without a nonce", PORT_1201, 0, 2 },
		{ "pp off", T_NONCE PORT_1201,
		  TEREDO_EXT_PP | TEREDO_EXT_SP, 2 },
		{ "all off", T_NONCE PORT_1201, TEREDO_EXT_ALL, 1 },
	};
	struct peering p;
	unsigned int j;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		client(&p, TEREDO_NAT_RESTRICTED);
		p.self.extensions &= ~rows[i].off;
		assert_verdict(from_server(&p, rows[i].trailers),
			       TEREDO_CONSUME);
		assert_row(rows[i].name, p.act.n, rows[i].n);
		for (j = 0; j < p.act.n; j++)
			assert_row(rows[i].name, p.act.emit[j].indirect ||
				   p.act.emit[j].to.ip == ip4("192.0.2.10"),
				   true);
	}
}

static void attempts_wait(void **state)
{
	struct peering p;

	(void)state;
	preserved(&p);
	peer_init(&p, ADDR_B);
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	assert_int_equal(p.act.n, 1);
	assert_emit(&p, 0, MAPPED_B, ADDR_A, ADDR_B);
	assert_int_equal(teredo_path_port(&p.path), SLOT);
	opened(&p, OWN_PORT);
	assert_int_equal(p.act.n, 1);
	assert_true(p.act.emit[0].indirect);
	assert_int_equal(ntohs(p.act.emit[0].random_port), OWN_PORT);
	assert_int_equal(p.act.emit[0].slot, 0);
	/* The first flow waits for what the peer says. */
	p.now += TEREDO_SEC;
	assert_verdict(from_server(&p, T_NONCE PORT_1201), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 2);
	assert_emit(&p, 1, ANNOUNCED, ADDR_A, ADDR_B);
	assert_int_equal(p.act.emit[1].slot, SLOT);
	assert_int_equal(p.act.emit[1].nonce, 0xdeadbeef);
}

static void without_a_port(void **state)
{
	struct peering p;

	(void)state;
	preserved(&p);
	p.u.no_exts = true;
	peer_init(&p, ADDR_B);
	assert_waits_for_b(&p);

	/* There is a slot, and the socket cannot be opened. */
	preserved(&p);
	peer_init(&p, ADDR_B);
	path_output(&p);
	opened(&p, 0);
	assert_int_equal(given, 1);
	assert_int_equal(p.act.n, 1);
	assert_true(p.act.emit[0].indirect);
	assert_int_equal(p.act.emit[0].random_port, 0);
}

static void a_port_is_for_one_peer(void **state)
{
	struct peering p;

	(void)state;
	preserved(&p);
	peer_init(&p, ADDR_B);
	path_output(&p);
	opened(&p, OWN_PORT);
	assert_verdict(from_server(&p, T_NONCE), TEREDO_CONSUME);
	/* By a slot that another peer has, or none. */
	p.slot = SLOT + 1;
	assert_drop(&p, path_input(&p, BUBBLE(HEX_B, HEX_A), MAPPED_B),
		    TEREDO_REASON_MAPPING_MISMATCH);
	/* By its own, but from an address that proves nothing. */
	p.slot = SLOT;
	assert_drop(&p, path_input(&p, BUBBLE(HEX_B, HEX_A), ANNOUNCED),
		    TEREDO_REASON_MAPPING_MISMATCH);
	assert_int_equal(p.path.flags & TEREDO_PATH_TRUSTED, 0);
	/* From its mapping. Data uses the port from then on. */
	assert_verdict(path_input(&p, BUBBLE(HEX_B, HEX_A), MAPPED_B),
		       TEREDO_CONSUME);
	assert_true(p.act.trusted);
	assert_int_equal(p.path.slot, SLOT);
	assert_ep(p.path.mapped, MAPPED_B);
	assert_verdict(path_output(&p), TEREDO_SEND);

	/* Nobody is known by it yet: no path is made for that. */
	p.known = false;
	assert_drop(&p, path_input(&p, BUBBLE(HEX_B, HEX_A), MAPPED_B),
		    TEREDO_REASON_MAPPING_MISMATCH);
}

/* Section 5.4.4.4: heard by the service port, the other is closed. */
static void the_service_port_is_better(void **state)
{
	struct peering p;

	(void)state;
	preserved(&p);
	peer_init(&p, ADDR_B);
	path_output(&p);
	opened(&p, OWN_PORT);
	from_server(&p, T_NONCE);
	p.slot = SLOT;
	path_input(&p, BUBBLE(HEX_B, HEX_A), MAPPED_B);
	assert_int_equal(given, 0);
	p.slot = 0;
	assert_verdict(path_input(&p, BUBBLE(HEX_B, HEX_A), MAPPED_B),
		       TEREDO_CONSUME);
	assert_int_equal(given, 1);
	assert_int_equal(p.path.slot, 0);
	assert_int_equal(teredo_path_port(&p.path), 0);
	assert_true(p.path.flags & TEREDO_PATH_TRUSTED);
}

static void failure_closes_it(void **state)
{
	struct peering p;
	int i;

	(void)state;
	preserved(&p);
	peer_init(&p, ADDR_B);
	path_output(&p);
	opened(&p, OWN_PORT);
	for (i = 0; i < 4; i++) {
		assert_false(p.act.failed);
		p.now += 2 * TEREDO_SEC;
		path_tick(&p);
		/* The third takes another port. */
		assert_int_equal(given, i < 1 ? 0 : i < 3 ? 1 : 2);
		if (i == 1)
			opened(&p, OWN_PORT + 1);
	}
	assert_true(p.act.failed);
	assert_int_equal(teredo_path_port(&p.path), 0);
	p.now += 20 * TEREDO_SEC;
	path_ext_tick(&p);
	assert_null(p.path.ext);
}

/* Nor does the peer hear from it once more as it goes. */
static void what_is_closed_is_not_used(void **state)
{
	struct peering p;
	unsigned int i, j;

	(void)state;
	preserved(&p);
	peer_init(&p, ADDR_B);
	path_output(&p);
	opened(&p, OWN_PORT);
	from_server(&p, T_NONCE);
	p.slot = SLOT;
	path_input(&p, BUBBLE(HEX_B, HEX_A), MAPPED_B);
	assert_int_equal(p.path.slot, SLOT);
	p.self.extensions &= ~TEREDO_EXT_SLR;
	p.now += TEREDO_VALID_S * TEREDO_SEC;
	path_output(&p);
	for (i = 0; i < 4; i++) {
		/* The second, as the first was for the port in use. */
		assert_int_equal(given, i < 3 ? i : 2);
		for (j = 0; j < p.act.n; j++)
			if (p.act.emit[j].slot)
				assert_int_equal(given, 0);
		p.now += TEREDO_SPACING_S * TEREDO_SEC;
		path_tick(&p);
	}
	assert_true(p.act.failed);
}

/* There is no server any more through which the port could be tested. */
static void lost_qualification_closes_it(void **state)
{
	struct peering p;

	(void)state;
	preserved(&p);
	peer_init(&p, ADDR_B);
	path_output(&p);
	p.self.usable = false;
	opened(&p, OWN_PORT);
	assert_int_equal(p.act.n, 0);
	assert_int_equal(given, 1);
	assert_int_equal(teredo_path_port(&p.path), 0);

	/* The same of a NAT in sequence, while it is tested. */
	preserved(&p);
	p.self.first.port = htons(ntohs(p.self.local.port) + 1);
	peer_init(&p, ADDR_B);
	path_output(&p);
	opened(&p, OWN_PORT);
	assert_int_equal(p.act.n, 3);
	p.self.usable = false;
	p.now += TEREDO_PORTS_TEST_S * TEREDO_SEC;
	path_ext_tick(&p);
	assert_int_equal(p.act.n, 0);
	assert_int_equal(given, 1);
	assert_int_equal(teredo_path_port(&p.path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_filter_is_opened),
		cmocka_unit_test(no_more_than_that),
		cmocka_unit_test(attempts_wait),
		cmocka_unit_test(without_a_port),
		cmocka_unit_test(a_port_is_for_one_peer),
		cmocka_unit_test(the_service_port_is_better),
		cmocka_unit_test(failure_closes_it),
		cmocka_unit_test(what_is_closed_is_not_used),
		cmocka_unit_test(lost_qualification_closes_it),
	};

	return unit_main("random port", tests);
}
