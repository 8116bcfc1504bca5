// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a client after its first steps: back-off, maintenance (RFC 4380
 * section 5.2.5), changes of the network, sleep.
 */
#include "client_host.h"

/* OFFLINE waits longer each time, up to a limit, and never gives up. */
static void offline_for_ever(void **state)
{
	u64 wait = TEREDO_OFFLINE_MIN_S * TEREDO_SEC;
	struct host h;
	int i, j;

	(void)state;
	host_init(&h);
	start(&h);
	for (i = 0; i < 500; i++) {
		unsigned int sent = h.sent;

		assert_state(&h, TEREDO_STATE_PROBE_PRIMARY,
			     TEREDO_REASON_NONE);
		for (j = 0; j < 3; j++)
			wait_deadline(&h);
		assert_state(&h, TEREDO_STATE_OFFLINE,
			     TEREDO_REASON_SERVER_UNREACHABLE);
		assert_int_equal(h.sent - sent, 2);
		assert_true(h.c.deadline - h.now <= wait);
		assert_true(h.c.deadline - h.now >= wait / 4 * 3);
		wait *= 2;
		if (wait > TEREDO_OFFLINE_MAX_S * TEREDO_SEC)
			wait = TEREDO_OFFLINE_MAX_S * TEREDO_SEC;
		wait_deadline(&h);
	}
	/* And it is the way back as soon as the server answers. */
	answer(&h, MAPPED_A);
	answer(&h, MAPPED_A);
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);

	/* After a success the back-off begins anew. */
	for (i = 0; i < 7; i++)
		wait_deadline(&h);
	assert_state(&h, TEREDO_STATE_OFFLINE,
		     TEREDO_REASON_SERVER_UNREACHABLE);
	assert_true(h.c.deadline - h.now <= TEREDO_OFFLINE_MIN_S * TEREDO_SEC);
}

/* The wait is not the same for all that lost their server together. */
static void offline_waits_differ(void **state)
{
	u64 waits[8];
	struct host h;
	size_t i, same = 0;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(waits); i++) {
		host_init(&h);
		h.u.seed = i + 1;
		start(&h);
		assert_three_tries(&h, SERVER_A, false);
		waits[i] = h.c.deadline - h.now;
		same += i && waits[i] == waits[0];
	}
	assert_true(same < ARRAY_SIZE(waits) - 1);
}

static void network_change(void **state)
{
	struct host h;
	unsigned int sent;
	struct in6_addr addr;
	int i, j;

	(void)state;
	/* Offline, far out in the back-off: at once, and from the start. */
	host_init(&h);
	start(&h);
	for (i = 0; i < 6; i++)
		for (j = 0; j < 4; j++)
			wait_deadline(&h);
	for (j = 0; j < 3; j++)
		wait_deadline(&h);
	assert_state(&h, TEREDO_STATE_OFFLINE,
		     TEREDO_REASON_SERVER_UNREACHABLE);
	assert_true(h.c.deadline - h.now > 200 * TEREDO_SEC);
	h.now += TEREDO_SEC;
	sent = h.sent;
	network_changed(&h);
	assert_int_equal(h.sent, sent + 1);
	assert_state(&h, TEREDO_STATE_PROBE_PRIMARY, TEREDO_REASON_NONE);
	assert_three_tries(&h, SERVER_A, false);
	assert_true(h.c.deadline - h.now <= TEREDO_OFFLINE_MIN_S * TEREDO_SEC);

	/* In the middle of a probe: three tries from now on. */
	host_init(&h);
	start(&h);
	wait_deadline(&h);
	h.now += TEREDO_SEC;
	network_changed(&h);
	assert_three_tries(&h, SERVER_A, false);

	/* Qualified: the server is asked, the address stays meanwhile. */
	qualify(&h);
	addr = h.c.addr;
	h.now += 3 * TEREDO_SEC;
	sent = h.sent;
	network_changed(&h);
	assert_int_equal(h.sent, sent + 1);
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
	assert_int_equal(h.c.address, TEREDO_ADDRESS_PREFERRED);
	answer(&h, MAPPED_A);
	assert_false(h.renumbered);
	assert_memory_equal(&addr, &h.c.addr, sizeof(addr));
}

/* The way changed, and for a while nothing comes through. */
static void roaming(void **state)
{
	struct host h;
	int i;

	(void)state;
	qualify(&h);
	h.now += TEREDO_SEC;
	network_changed(&h);
	assert_roam_tries(&h);
	/* From then on it is a qualification, by RFC 4380 section 5.2.1. */
	assert_three_tries(&h, SERVER_A, false);

	/* However late it may: two seconds after that the answer is there. */
	for (i = 0; i < 7; i++) {
		int lost;

		qualify(&h);
		network_changed(&h);
		for (lost = 0; lost < i; lost++)
			wait_deadline(&h);
		answer(&h, OTHER_MAPPED);
		assert_true(h.renumbered);
		answer(&h, OTHER_MAPPED);
		assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
		/* A refresh has the ordinary time-out again. */
		wait_deadline(&h);
		assert_three_tries(&h, SERVER_A, false);
	}
}

/* Data goes unanswered: that is a reason to ask, but not for ever. */
static void doubts(void **state)
{
	static const u64 waits[] = { 2, 4, 8, 16, 32, 32, 32 };
	struct host h;
	unsigned int sent;
	size_t i;

	(void)state;
	host_init(&h);
	h.p.refresh = TEREDO_REFRESH_MAX_S;
	start(&h);
	doubt(&h);
	assert_int_equal(h.sent, 1);
	answer(&h, MAPPED_A);
	answer(&h, MAPPED_A);
	for (i = 0; i < ARRAY_SIZE(waits); i++) {
		u64 at = h.c.heard + waits[i] * TEREDO_SEC;

		/* A refresh, too, begins the waits anew. */
		assert_int_equal(h.c.doubt_at, at);
		sent = h.sent;
		h.now = at - 1;
		doubt(&h);
		assert_int_equal(h.sent, sent);
		h.now = at;
		doubt(&h);
		assert_int_equal(h.sent, sent + 1);
		/* It is asked already. */
		h.now += 500 * TEREDO_MSEC;
		doubt(&h);
		assert_int_equal(h.sent, sent + 1);
		answer(&h, MAPPED_A);
		assert_false(h.renumbered);
		assert_false(h.changed);
	}
	wait_deadline(&h);
	answer(&h, MAPPED_A);
	assert_int_equal(h.c.doubt_at, h.c.heard + 2 * TEREDO_SEC);

	/* Right for once: the next one may come soon. */
	h.now = h.c.doubt_at;
	doubt(&h);
	answer(&h, OTHER_MAPPED);
	assert_true(h.renumbered);
	answer(&h, OTHER_MAPPED);
	assert_int_equal(h.c.doubt_at, h.c.heard + 2 * TEREDO_SEC);

	/* The server is away as well: as after any other event. */
	h.now = h.c.doubt_at;
	doubt(&h);
	assert_roam_tries(&h);
	sent = h.sent;
	doubt(&h);
	assert_int_equal(h.sent, sent);
	assert_three_tries(&h, SERVER_A, false);
	assert_state(&h, TEREDO_STATE_OFFLINE,
		     TEREDO_REASON_SERVER_UNREACHABLE);
	doubt(&h);
	stop(&h);
	doubt(&h);
	assert_int_equal(h.sent, sent + 2);
}

static void refresh_interval(void **state)
{
	u64 least = ~0ULL, most = 0;
	struct in6_addr addr;
	struct host h;
	int i;

	(void)state;
	qualify(&h);
	addr = h.c.addr;
	for (i = 0; i < 400; i++) {
		unsigned int sent = h.sent;
		u64 begin = h.now, wait;

		wait_deadline(&h);
		wait = h.now - begin;
		assert_int_equal(h.sent, sent + 1);
		assert_int_equal(h.to, ip4(SERVER_A));
		assert_addr(h.rs.saddr, "fe80::ffff:ffff:ffff");
		assert_true(wait >= 30 * TEREDO_SEC / 4 * 3);
		assert_true(wait <= 30 * TEREDO_SEC / 20 * 19);
		least = wait < least ? wait : least;
		most = wait > most ? wait : most;

		answer(&h, MAPPED_A);
		assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
		assert_false(h.changed);
		assert_false(h.renumbered);
		assert_memory_equal(&addr, &h.c.addr, sizeof(addr));
	}
	/* Spread over the whole range. */
	assert_true(least < 23 * TEREDO_SEC);
	assert_true(most > 28 * TEREDO_SEC);
}

/* Whatever comes from the server saves a solicitation. */
static void server_heard(void **state)
{
	struct host h;
	unsigned int sent;
	int i;

	(void)state;
	qualify(&h);
	sent = h.sent;
	for (i = 0; i < 100; i++) {
		h.now = h.c.deadline - 1;
		h.c.heard = h.now;
		h.now++;
		tick(&h);
		assert_int_equal(h.sent, sent);
		assert_int_equal(h.c.deadline, h.c.heard + h.c.interval);
	}
	wait_deadline(&h);
	assert_int_equal(h.sent, sent + 1);
}

static void server_lost(void **state)
{
	struct in6_addr addr;
	struct host h;

	(void)state;
	qualify(&h);
	addr = h.c.addr;
	wait_deadline(&h);
	assert_three_tries(&h, SERVER_A, false);
	assert_state(&h, TEREDO_STATE_PROBE_PRIMARY, TEREDO_REASON_NONE);
	assert_int_equal(h.c.address, TEREDO_ADDRESS_PREFERRED);
	assert_memory_equal(&addr, &h.c.addr, sizeof(addr));
	assert_three_tries(&h, SERVER_A, false);
	assert_state(&h, TEREDO_STATE_OFFLINE,
		     TEREDO_REASON_SERVER_UNREACHABLE);
	assert_int_equal(h.c.address, TEREDO_ADDRESS_NONE);

	/* The server comes back just in time: the same address. */
	qualify(&h);
	addr = h.c.addr;
	wait_deadline(&h);
	assert_three_tries(&h, SERVER_A, false);
	wait_deadline(&h);
	answer(&h, MAPPED_A);
	assert_state(&h, TEREDO_STATE_PROBE_SECONDARY, TEREDO_REASON_NONE);
	answer(&h, MAPPED_A);
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
	assert_false(h.renumbered);
	assert_memory_equal(&addr, &h.c.addr, sizeof(addr));
}

static void renumbered(void **state)
{
	struct host h;

	(void)state;
	qualify(&h);
	wait_deadline(&h);
	answer(&h, OTHER_MAPPED);
	assert_true(h.renumbered);
	assert_true(h.changed);
	assert_int_equal(h.c.address, TEREDO_ADDRESS_PREFERRED);
	assert_ep(h.c.mapped, OTHER_MAPPED);
	assert_ep(teredo_addr_mapped(&h.c.addr), OTHER_MAPPED);
	/* The new NAT is looked at as the first one was. */
	assert_state(&h, TEREDO_STATE_PROBE_SECONDARY, TEREDO_REASON_NONE);
	assert_int_equal(h.to, ip4(SERVER2_A));
	answer(&h, OTHER_MAPPED);
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
	assert_false(h.renumbered);

	/* It turns out to be symmetric. */
	wait_deadline(&h);
	answer(&h, MAPPED_A);
	answer(&h, "192.0.2.1:9999");
	assert_state(&h, TEREDO_STATE_OFFLINE, TEREDO_REASON_SYMMETRIC_NAT);
	assert_int_equal(h.c.nat, TEREDO_NAT_SYMMETRIC_PORT);
}

/* Only the port: renumbered as well. */
static void renumbered_port(void **state)
{
	struct host h;

	(void)state;
	qualify(&h);
	wait_deadline(&h);
	answer(&h, "192.0.2.1:4097");
	assert_true(h.renumbered);
	assert_ep(teredo_addr_mapped(&h.c.addr), "192.0.2.1:4097");
}

static void new_mapping_new_flags(void **state)
{
	u16 seen = 0, all = TEREDO_FLAG_RANDOM;
	struct host h;
	int i;

	(void)state;
	qualify(&h);
	seen = teredo_addr_flags(&h.c.addr);
	for (i = 0; i < 64; i++) {
		char mapped[32];

		snprintf(mapped, sizeof(mapped), "192.0.2.1:%d", 5000 + i);
		wait_deadline(&h);
		answer(&h, mapped);
		answer(&h, mapped);
		seen |= teredo_addr_flags(&h.c.addr);
		all &= teredo_addr_flags(&h.c.addr);
	}
	/* All twelve bits of RFC 5991 are used, and none is stuck. */
	assert_int_equal(seen, TEREDO_FLAG_RANDOM);
	assert_int_equal(all, 0);
}

static void sleep_and_wake(void **state)
{
	struct in6_addr addr;
	unsigned int sent;
	struct host h;

	(void)state;
	/* The same network: the same address, in doubt for one round trip. */
	qualify(&h);
	addr = h.c.addr;
	teredo_client_suspend(&h.c);
	check(&h);
	assert_int_equal(h.c.deadline, TEREDO_NEVER);
	sent = h.sent;
	h.now += 8 * 3600 * TEREDO_SEC;
	tick(&h);
	assert_int_equal(h.sent, sent);
	resume(&h);
	assert_int_equal(h.sent, sent + 1);
	assert_true(h.changed);
	assert_int_equal(h.c.address, TEREDO_ADDRESS_DEPRECATED);
	answer(&h, MAPPED_A);
	assert_int_equal(h.c.address, TEREDO_ADDRESS_PREFERRED);
	assert_true(h.changed);
	assert_false(h.renumbered);
	assert_memory_equal(&addr, &h.c.addr, sizeof(addr));

	/* Elsewhere. */
	teredo_client_suspend(&h.c);
	h.now += 8 * 3600 * TEREDO_SEC;
	h.local = ep("172.16.0.2:4096");
	resume(&h);
	answer(&h, OTHER_MAPPED);
	assert_true(h.renumbered);
	assert_int_equal(h.c.address, TEREDO_ADDRESS_PREFERRED);
	assert_ep(h.c.mapped, OTHER_MAPPED);
	answer(&h, OTHER_MAPPED);
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);

	/* The link takes its time to come up: no route, then one. */
	teredo_client_suspend(&h.c);
	h.now += 8 * 3600 * TEREDO_SEC;
	memset(&h.local, 0, sizeof(h.local));
	resume(&h);
	assert_int_equal(h.c.address, TEREDO_ADDRESS_DEPRECATED);
	wait_deadline(&h);
	h.local = ep("172.16.0.2:4096");
	network_changed(&h);
	answer(&h, OTHER_MAPPED);
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
	assert_int_equal(h.c.address, TEREDO_ADDRESS_PREFERRED);
}

static void sleep_in_other_states(void **state)
{
	struct host h;
	struct bytes ra;
	struct teredo_endpoint from;

	(void)state;
	/* In a probe: starts over; what was asked before counts no more. */
	host_init(&h);
	start(&h);
	ra = advertise(&h, MAPPED_A);
	from = answerer(&h);
	teredo_client_suspend(&h.c);
	assert_reason(deliver(&h, ra, from), TEREDO_REASON_RA_UNEXPECTED);
	h.now += 3600 * TEREDO_SEC;
	resume(&h);
	assert_state(&h, TEREDO_STATE_PROBE_PRIMARY, TEREDO_REASON_NONE);
	assert_reason(deliver(&h, ra, from), TEREDO_REASON_RA_NONCE);
	assert_int_equal(h.c.address, TEREDO_ADDRESS_NONE);
	assert_three_tries(&h, SERVER_A, false);

	/* Offline: at once. */
	teredo_client_suspend(&h.c);
	h.now += 3600 * TEREDO_SEC;
	resume(&h);
	assert_state(&h, TEREDO_STATE_PROBE_PRIMARY, TEREDO_REASON_NONE);
	answer(&h, MAPPED_A);

	/* Nobody answers after waking up: not for ever the old address. */
	qualify(&h);
	teredo_client_suspend(&h.c);
	h.now += 3600 * TEREDO_SEC;
	resume(&h);
	assert_roam_tries(&h);
	assert_three_tries(&h, SERVER_A, false);
	assert_state(&h, TEREDO_STATE_OFFLINE,
		     TEREDO_REASON_SERVER_UNREACHABLE);
	assert_int_equal(h.c.address, TEREDO_ADDRESS_NONE);
}

static void server_change(void **state)
{
	struct host h;

	(void)state;
	qualify(&h);
	h.p.server = ip4("198.51.100.118");
	h.p.server2 = ip4("198.51.100.119");
	start(&h);
	assert_true(h.changed);
	assert_int_equal(h.c.address, TEREDO_ADDRESS_NONE);
	assert_state(&h, TEREDO_STATE_PROBE_PRIMARY, TEREDO_REASON_NONE);
	assert_int_equal(h.to, ip4("198.51.100.118"));
	answer(&h, MAPPED_A);
	assert_int_equal(h.to, ip4("198.51.100.119"));
	answer(&h, MAPPED_A);
	assert_true(h.renumbered);
	assert_int_equal(teredo_addr_server(&h.c.addr), ip4("198.51.100.118"));
}

static void stopped(void **state)
{
	struct teredo_endpoint from;
	struct bytes ra;
	struct host h;
	unsigned int sent;

	(void)state;
	qualify(&h);
	wait_deadline(&h);
	ra = advertise(&h, MAPPED_A);
	from = answerer(&h);
	sent = h.sent;
	stop(&h);
	assert_true(h.changed);
	assert_state(&h, TEREDO_STATE_DORMANT, TEREDO_REASON_NONE);
	assert_int_equal(h.c.nat, TEREDO_NAT_UNKNOWN);
	assert_reason(deliver(&h, ra, from), TEREDO_REASON_RA_UNEXPECTED);
	h.now += 3600 * TEREDO_SEC;
	tick(&h);
	network_changed(&h);
	assert_int_equal(h.sent, sent);
	start(&h);
	assert_int_equal(h.sent, sent + 1);
}

static void refresh_change(void **state)
{
	struct host h;

	(void)state;
	qualify(&h);
	h.now += TEREDO_SEC;
	h.p.refresh = TEREDO_REFRESH_MAX_S;
	teredo_client_refresh_changed(&h.c, &h.p, &h.u.env);
	assert_true(h.c.deadline <=
		    h.c.heard + TEREDO_REFRESH_MAX_S * TEREDO_SEC);
	assert_true(h.c.deadline >=
		    h.c.heard + TEREDO_REFRESH_MAX_S * TEREDO_SEC / 4 * 3);
	h.p.refresh = 1;
	teredo_client_refresh_changed(&h.c, &h.p, &h.u.env);
	assert_true(h.c.deadline <= h.c.heard + TEREDO_SEC);
	assert_true(h.c.deadline >= h.c.heard + 750 * TEREDO_MSEC);
	h.now += TEREDO_SEC;
	tick(&h);
	answer(&h, MAPPED_A);
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);

	/* While the server is being asked, the answer decides. */
	wait_deadline(&h);
	h.p.refresh = 60;
	teredo_client_refresh_changed(&h.c, &h.p, &h.u.env);
	assert_true(h.c.pending);
	assert_three_tries(&h, SERVER_A, false);
	assert_state(&h, TEREDO_STATE_PROBE_PRIMARY, TEREDO_REASON_NONE);
}

static void no_route(void **state)
{
	struct in6_addr addr;
	struct host h;
	int i;

	(void)state;
	host_init(&h);
	memset(&h.local, 0, sizeof(h.local));
	start(&h);
	assert_state(&h, TEREDO_STATE_OFFLINE, TEREDO_REASON_NO_ROUTE);
	for (i = 0; i < 20; i++) {
		assert_true(h.c.deadline - h.now <=
			    TEREDO_OFFLINE_MAX_S * TEREDO_SEC);
		wait_deadline(&h);
		assert_state(&h, TEREDO_STATE_OFFLINE, TEREDO_REASON_NO_ROUTE);
	}
	h.local = ep(LOCAL);
	network_changed(&h);
	answer(&h, MAPPED_A);
	answer(&h, MAPPED_A);
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);

	/* Cable out for a moment: the address stays. */
	addr = h.c.addr;
	memset(&h.local, 0, sizeof(h.local));
	network_changed(&h);
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
	h.now += TEREDO_SEC;
	h.local = ep(LOCAL);
	network_changed(&h);
	answer(&h, MAPPED_A);
	assert_memory_equal(&addr, &h.c.addr, sizeof(addr));

	/* Cable out for good: offline after both rounds of tries. */
	memset(&h.local, 0, sizeof(h.local));
	network_changed(&h);
	assert_roam_tries(&h);
	for (i = 0; i < 3; i++)
		wait_deadline(&h);
	assert_int_equal(h.c.state, TEREDO_STATE_OFFLINE);
	assert_int_equal(h.c.address, TEREDO_ADDRESS_NONE);

	/* Back where it was: so is the address, random bits and all. */
	h.local = ep(LOCAL);
	network_changed(&h);
	answer(&h, MAPPED_A);
	answer(&h, MAPPED_A);
	assert_int_equal(h.c.address, TEREDO_ADDRESS_PREFERRED);
	assert_false(h.renumbered);
	assert_memory_equal(&addr, &h.c.addr, sizeof(addr));

	/* But not if it was down in between: RFC 5991 section 3.1. */
	for (i = 0; i < 8; i++) {
		start(&h);
		answer(&h, MAPPED_A);
		answer(&h, MAPPED_A);
		assert_true(h.renumbered);
		if (memcmp(&addr, &h.c.addr, sizeof(addr)))
			return;
	}
	fail_msg("always the same random bits");
}

/* Two sources, as with two uplinks, are no proof of a symmetric NAT. */
static void source_moves(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	start(&h);
	h.local = ep("172.16.0.2:4096");
	answer(&h, MAPPED_A);
	/* The secondary probe left from elsewhere: begun again. */
	assert_state(&h, TEREDO_STATE_PROBE_PRIMARY, TEREDO_REASON_NONE);
	assert_true(h.c.deadline <= h.now + 4 * TEREDO_SEC);
	wait_deadline(&h);
	assert_int_equal(h.to, ip4(SERVER_A));
	answer(&h, OTHER_MAPPED);
	answer(&h, OTHER_MAPPED);
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
	assert_ep(h.c.mapped, OTHER_MAPPED);
}

/* A route of its own to each address of the server: no storm of packets. */
static void source_always_differs(void **state)
{
	struct host h;
	u64 begin;

	(void)state;
	host_init(&h);
	h.local2 = ep("172.16.0.2:4096");
	begin = h.now;
	start(&h);
	while (h.now < begin + 600 * TEREDO_SEC) {
		if (h.c.pending)
			answer(&h, h.to == h.p.server ? MAPPED_A :
							OTHER_MAPPED);
		else
			wait_deadline(&h);
		assert_int_not_equal(h.c.error, TEREDO_REASON_SYMMETRIC_NAT);
	}
	assert_true(h.sent <= 2 * 600 / 4 + 2);
	/* What the primary server saw has to do. */
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
	assert_ep(h.c.mapped, MAPPED_A);
}

/* The same with a cone probe: from its beginning. */
static void source_moves_after_cone_probe(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	h.p.cone_probe = true;
	h.local2 = ep("172.16.0.2:4096");
	start(&h);
	assert_three_tries(&h, SERVER_A, true);
	answer(&h, MAPPED_A);
	assert_state(&h, TEREDO_STATE_PROBE_CONE, TEREDO_REASON_NONE);
	wait_deadline(&h);
	assert_three_tries(&h, SERVER_A, true);
}

/* The public address moves from the host to a NAT in front of it, or back. */
static void nat_comes_and_goes(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	h.local = ep(MAPPED_A);
	start(&h);
	answer(&h, MAPPED_A);
	answer(&h, MAPPED_A);
	assert_int_equal(h.c.nat, TEREDO_NAT_NONE);
	h.local = ep(LOCAL);
	network_changed(&h);
	answer(&h, MAPPED_A);
	assert_int_equal(h.c.nat, TEREDO_NAT_RESTRICTED);
	assert_true(h.changed);
	assert_false(h.renumbered);
	h.local = ep(MAPPED_A);
	network_changed(&h);
	answer(&h, MAPPED_A);
	assert_int_equal(h.c.nat, TEREDO_NAT_NONE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(offline_for_ever),
		cmocka_unit_test(offline_waits_differ),
		cmocka_unit_test(network_change),
		cmocka_unit_test(roaming),
		cmocka_unit_test(doubts),
		cmocka_unit_test(refresh_interval),
		cmocka_unit_test(server_heard),
		cmocka_unit_test(server_lost),
		cmocka_unit_test(renumbered),
		cmocka_unit_test(renumbered_port),
		cmocka_unit_test(new_mapping_new_flags),
		cmocka_unit_test(sleep_and_wake),
		cmocka_unit_test(sleep_in_other_states),
		cmocka_unit_test(server_change),
		cmocka_unit_test(stopped),
		cmocka_unit_test(refresh_change),
		cmocka_unit_test(no_route),
		cmocka_unit_test(source_moves),
		cmocka_unit_test(source_always_differs),
		cmocka_unit_test(source_moves_after_cone_probe),
		cmocka_unit_test(nat_comes_and_goes),
	};

	return unit_main("client-life", tests);
}
