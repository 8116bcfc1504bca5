// SPDX-License-Identifier: GPL-2.0
/*
 * Qualification on a virtual clock: RFC 4380 section 5.2.1, RFC 5991 section 3.
 */
#include "client_host.h"

static void dormant(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	check(&h);
	h.now += 1000 * TEREDO_SEC;
	tick(&h);
	network_changed(&h);
	teredo_client_suspend(&h.c);
	resume(&h);
	assert_state(&h, TEREDO_STATE_DORMANT, TEREDO_REASON_NONE);
	assert_int_equal(h.sent, 0);
}

/* INIT, enabled: C = 0 to the primary address. */
static void begin(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	start(&h);
	assert_true(h.changed);
	assert_state(&h, TEREDO_STATE_PROBE_PRIMARY, TEREDO_REASON_NONE);
	assert_int_equal(h.sent, 1);
	assert_int_equal(h.to, ip4(SERVER_A));
	assert_true(teredo_packet_is_rs(&h.rs, h.rs_data.data));
	assert_addr(h.rs.saddr, "fe80::ffff:ffff:ffff");
	assert_addr(h.rs.daddr, "ff02::2");
	assert_int_equal(h.c.deadline, h.now + 4 * TEREDO_SEC);
	assert_int_equal(h.c.address, TEREDO_ADDRESS_NONE);
}

static void primary_silent(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	start(&h);
	assert_three_tries(&h, SERVER_A, false);
	assert_state(&h, TEREDO_STATE_OFFLINE,
		     TEREDO_REASON_SERVER_UNREACHABLE);
	assert_true(h.changed);
	assert_int_equal(h.sent, 3);
}

static void primary_answers_each_try(void **state)
{
	int lost, i;

	(void)state;
	for (lost = 0; lost < 3; lost++) {
		struct host h;

		host_init(&h);
		start(&h);
		for (i = 0; i < lost; i++)
			wait_deadline(&h);
		answer(&h, MAPPED_A);
		assert_state(&h, TEREDO_STATE_PROBE_SECONDARY,
			     TEREDO_REASON_NONE);
		assert_int_equal(h.to, ip4(SERVER2_A));
		assert_addr(h.rs.saddr, "fe80::ffff:ffff:ffff");
		/* No address before both have answered. */
		assert_int_equal(h.c.address, TEREDO_ADDRESS_NONE);
		for (i = 0; i < lost; i++)
			wait_deadline(&h);
		answer(&h, MAPPED_A);
		assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
	}
}

static void secondary_silent(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	start(&h);
	answer(&h, MAPPED_A);
	assert_three_tries(&h, SERVER2_A, false);
	assert_state(&h, TEREDO_STATE_OFFLINE,
		     TEREDO_REASON_SERVER2_UNREACHABLE);

	host_init(&h);
	h.p.single_server = true;
	start(&h);
	answer(&h, MAPPED_A);
	assert_three_tries(&h, SERVER2_A, false);
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
	assert_int_equal(h.c.nat, TEREDO_NAT_RESTRICTED);
	assert_ep(h.c.mapped, MAPPED_A);
}

static void qualified(void **state)
{
	struct host h;

	(void)state;
	qualify(&h);
	assert_true(h.changed);
	assert_true(h.renumbered);
	assert_int_equal(h.sent, 2);
	assert_int_equal(h.c.nat, TEREDO_NAT_RESTRICTED);
	assert_int_equal(h.c.address, TEREDO_ADDRESS_PREFERRED);
	assert_ep(h.c.mapped, MAPPED_A);
	h.c.addr.s6_addr[8] = 0;
	h.c.addr.s6_addr[9] = 0;
	assert_addr(h.c.addr, ADDR_A);
	assert_true(h.c.deadline <= h.now + 30 * TEREDO_SEC);
	assert_true(h.c.deadline > h.now + 22 * TEREDO_SEC);
}

/* The NAT between the two source addresses is judged by what servers see. */
static void nat_kinds(void **state)
{
	static const struct {
		const char *first, *second;
		enum teredo_nat nat;
		enum teredo_reason error;
	} kinds[] = {
		{ MAPPED_A, MAPPED_A, TEREDO_NAT_RESTRICTED, 0 },
		{ "192.0.2.1:4096", "192.0.2.1:4097",
		  TEREDO_NAT_SYMMETRIC_PORT, TEREDO_REASON_SYMMETRIC_NAT },
		{ "192.0.2.1:4096", "192.0.2.2:4096",
		  TEREDO_NAT_SYMMETRIC_ADDRESS, TEREDO_REASON_SYMMETRIC_NAT },
		{ "192.0.2.1:4096", "192.0.2.2:4097",
		  TEREDO_NAT_SYMMETRIC_ADDRESS, TEREDO_REASON_SYMMETRIC_NAT },
	};
	struct host h;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		host_init(&h);
		start(&h);
		answer(&h, kinds[i].first);
		answer(&h, kinds[i].second);
		assert_state(&h, kinds[i].error ? TEREDO_STATE_OFFLINE :
						  TEREDO_STATE_QUALIFIED,
			     kinds[i].error);
		assert_int_equal(h.c.nat, kinds[i].nat);
	}

	host_init(&h);
	h.local = ep(MAPPED_A);
	start(&h);
	answer(&h, MAPPED_A);
	answer(&h, MAPPED_A);
	assert_int_equal(h.c.nat, TEREDO_NAT_NONE);

	/* The same IPv4 address but another port: something translates. */
	host_init(&h);
	h.local = ep("192.0.2.1:4097");
	start(&h);
	answer(&h, MAPPED_A);
	answer(&h, MAPPED_A);
	assert_int_equal(h.c.nat, TEREDO_NAT_RESTRICTED);
}

static void cone_probe(void **state)
{
	struct teredo_endpoint primary, secondary;
	struct host h;

	(void)state;
	host_init(&h);
	primary = ep(SERVER_A ":3544");
	secondary = ep(SERVER2_A ":3544");
	h.p.cone_probe = true;
	start(&h);
	assert_state(&h, TEREDO_STATE_PROBE_CONE, TEREDO_REASON_NONE);
	assert_int_equal(h.to, ip4(SERVER_A));
	assert_addr(h.rs.saddr, "fe80::8000:ffff:ffff:ffff");
	/* An answer from the address that was asked proves nothing. */
	assert_reason(deliver(&h, advertise(&h, MAPPED_A), primary),
		      TEREDO_REASON_RA_SOURCE);
	assert_reason(deliver(&h, advertise(&h, MAPPED_A), secondary),
		      TEREDO_REASON_NONE);
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
	assert_int_equal(h.c.nat, TEREDO_NAT_CONE);
	/* RFC 5991: the address does not tell. */
	assert_int_equal(teredo_addr_flags(&h.c.addr) & TEREDO_FLAG_CONE, 0);

	/* Maintenance asks with the same flag (RFC 4380 section 5.2.5). */
	wait_deadline(&h);
	assert_addr(h.rs.saddr, "fe80::8000:ffff:ffff:ffff");
	assert_reason(deliver(&h, advertise(&h, MAPPED_A), primary),
		      TEREDO_REASON_RA_SOURCE);
	assert_reason(deliver(&h, advertise(&h, MAPPED_A), secondary),
		      TEREDO_REASON_NONE);
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
	assert_int_equal(h.c.nat, TEREDO_NAT_CONE);
}

static void cone_probe_unanswered(void **state)
{
	struct host h;
	u64 begin;

	(void)state;
	host_init(&h);
	h.p.cone_probe = true;
	start(&h);
	begin = h.now;
	assert_three_tries(&h, SERVER_A, true);
	assert_state(&h, TEREDO_STATE_PROBE_PRIMARY, TEREDO_REASON_NONE);
	assert_three_tries(&h, SERVER_A, false);
	assert_state(&h, TEREDO_STATE_OFFLINE,
		     TEREDO_REASON_SERVER_UNREACHABLE);
	assert_int_equal(h.now - begin, 24 * TEREDO_SEC);

	host_init(&h);
	h.p.cone_probe = true;
	start(&h);
	assert_three_tries(&h, SERVER_A, true);
	answer(&h, MAPPED_A);
	assert_state(&h, TEREDO_STATE_PROBE_SECONDARY, TEREDO_REASON_NONE);
	answer(&h, MAPPED_A);
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
	assert_int_equal(h.c.nat, TEREDO_NAT_RESTRICTED);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(dormant),
		cmocka_unit_test(begin),
		cmocka_unit_test(primary_silent),
		cmocka_unit_test(primary_answers_each_try),
		cmocka_unit_test(secondary_silent),
		cmocka_unit_test(qualified),
		cmocka_unit_test(nat_kinds),
		cmocka_unit_test(cone_probe),
		cmocka_unit_test(cone_probe_unanswered),
	};

	return unit_main("client", tests);
}
