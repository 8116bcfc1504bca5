// SPDX-License-Identifier: GPL-2.0
/*
 * Sending: RFC 4380 sections 5.2.4, 5.2.6, 5.2.9 and 5.4.1, with the checks
 * of RFC 6169 section 2.2.
 */
#include "path_host.h"

#define NATIVE_2	"2001:db8:7::1"
#define B_CONE		"2001:0:c633:6476:8000:dfff:3fff:fdf5"

static void client_may_send(void **state)
{
	static const struct {
		const char *name, *saddr, *daddr;
		enum teredo_reason reason;
	} sends[] = {
		{ "to a client", ADDR_A, ADDR_B, TEREDO_REASON_NONE },
		{ "to a client that says cone", ADDR_A, B_CONE,
		  TEREDO_REASON_NONE },
		{ "to a native host", ADDR_A, ADDR_N, TEREDO_REASON_NONE },
		{ "from a native address", ADDR_N, ADDR_B,
		  TEREDO_REASON_FOREIGN_SOURCE },
		{ "from somebody else's Teredo address", ADDR_B, ADDR_N,
		  TEREDO_REASON_FOREIGN_SOURCE },
		{ "from link-local", "fe80::1", ADDR_B,
		  TEREDO_REASON_FOREIGN_SOURCE },
		{ "from ::", "::", ADDR_B, TEREDO_REASON_FOREIGN_SOURCE },
		{ "from own address with other flags",
		  "2001:0:cb00:7178:1:efff:3fff:fdfe", ADDR_B,
		  TEREDO_REASON_FOREIGN_SOURCE },
		{ "to all nodes", ADDR_A, "ff02::1", TEREDO_REASON_MULTICAST },
		{ "to global multicast", ADDR_A, "ff0e::1",
		  TEREDO_REASON_MULTICAST },
		{ "to link-local", ADDR_A, "fe80::1",
		  TEREDO_REASON_NOT_GLOBAL },
		{ "to ::", ADDR_A, "::", TEREDO_REASON_NOT_GLOBAL },
		{ "to ::1", ADDR_A, "::1", TEREDO_REASON_NOT_GLOBAL },
		{ "to an IPv4-mapped address", ADDR_A, "::ffff:192.0.2.1",
		  TEREDO_REASON_NOT_GLOBAL },
		{ "mapped 10.0.0.1", ADDR_A,
		  "2001:0:c633:6476:0:dfff:f5ff:fffe",
		  TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "mapped 127.0.0.1", ADDR_A,
		  "2001:0:c633:6476:0:dfff:80ff:fffe",
		  TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "mapped 224.0.0.1", ADDR_A,
		  "2001:0:c633:6476:0:dfff:1fff:fffe",
		  TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "mapped 255.255.255.255", ADDR_A,
		  "2001:0:c633:6476:0:dfff::",
		  TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "mapped 192.88.99.1", ADDR_A,
		  "2001:0:c633:6476:0:dfff:3fa7:9cfe",
		  TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "mapped 0.0.0.0", ADDR_A,
		  "2001:0:c633:6476:0:dfff:ffff:ffff",
		  TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "mapped port 0", ADDR_A,
		  "2001:0:c633:6476:0:ffff:3fff:fdf5",
		  TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "server 0.0.0.0", ADDR_A, "2001::dfff:3fff:fdf5",
		  TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "server 10.0.0.1", ADDR_A, "2001:0:a00:1:0:dfff:3fff:fdf5",
		  TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "server 127.0.0.1", ADDR_A,
		  "2001:0:7f00:1:0:dfff:3fff:fdf5",
		  TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "server 224.0.0.1", ADDR_A,
		  "2001:0:e000:1:0:dfff:3fff:fdf5",
		  TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "to itself", ADDR_A, ADDR_A, TEREDO_REASON_LOOP },
		{ "to its own mapping under another address", ADDR_A,
		  "2001:0:c633:6476:0:efff:3fff:fdfe", TEREDO_REASON_LOOP },
		{ "to another port of its own NAT", ADDR_A,
		  "2001:0:c633:6476:0:eff0:3fff:fdfe", TEREDO_REASON_NONE },
	};
	struct in6_addr s, d;
	struct peering p;
	size_t i;

	(void)state;
	client_init(&p);
	for (i = 0; i < ARRAY_SIZE(sends); i++) {
		s = ip6(sends[i].saddr);
		d = ip6(sends[i].daddr);
		assert_reason_row(sends[i].name,
				  teredo_output_check(&p.self, &s, &d),
				  sends[i].reason);
	}

	p.self.allow_private = true;
	s = ip6(ADDR_A);
	d = ip6("2001:0:c633:6476:0:dfff:f5ff:fffe");
	assert_reason(teredo_output_check(&p.self, &s, &d),
		      TEREDO_REASON_NONE);
	d = ip6("2001:0:c633:6476:0:dfff:1fff:fffe");
	assert_reason(teredo_output_check(&p.self, &s, &d),
		      TEREDO_REASON_MAPPED_NOT_GLOBAL);

	p.self.usable = false;
	d = ip6(ADDR_B);
	assert_reason(teredo_output_check(&p.self, &s, &d),
		      TEREDO_REASON_NOT_QUALIFIED);
	p.self.usable = true;
	p.self.role = TEREDO_ROLE_SERVER;
	assert_reason(teredo_output_check(&p.self, &s, &d),
		      TEREDO_REASON_NOT_A_RELAY);
}

static void relay_may_send(void **state)
{
	static const struct {
		const char *name, *saddr, *daddr;
		enum teredo_reason reason;
	} sends[] = {
		{ "native to client", ADDR_N, ADDR_B, TEREDO_REASON_NONE },
		{ "native to native", ADDR_N, NATIVE_2,
		  TEREDO_REASON_NOT_SERVED },
		{ "client to client", ADDR_A, ADDR_B,
		  TEREDO_REASON_FOREIGN_SOURCE },
		{ "link-local to client", "fe80::1", ADDR_B,
		  TEREDO_REASON_FOREIGN_SOURCE },
		{ ":: to client", "::", ADDR_B,
		  TEREDO_REASON_FOREIGN_SOURCE },
		{ "multicast to client", "ff0e::1", ADDR_B,
		  TEREDO_REASON_FOREIGN_SOURCE },
		{ "to multicast", ADDR_N, "ff0e::1", TEREDO_REASON_MULTICAST },
		{ "to link-local", ADDR_N, "fe80::1",
		  TEREDO_REASON_NOT_GLOBAL },
		{ "mapped 10.0.0.1", ADDR_N,
		  "2001:0:c633:6476:0:dfff:f5ff:fffe",
		  TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "mapped 224.0.0.1", ADDR_N,
		  "2001:0:c633:6476:0:dfff:1fff:fffe",
		  TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "server 127.0.0.1", ADDR_N,
		  "2001:0:7f00:1:0:dfff:3fff:fdf5",
		  TEREDO_REASON_MAPPED_NOT_GLOBAL },
	};
	static const enum teredo_role roles[] = {
		TEREDO_ROLE_RELAY, TEREDO_ROLE_HOST_RELAY,
	};
	struct peering p;
	size_t i, j;

	(void)state;
	for (j = 0; j < ARRAY_SIZE(roles); j++) {
		relay_init(&p, roles[j]);
		for (i = 0; i < ARRAY_SIZE(sends); i++) {
			struct in6_addr s = ip6(sends[i].saddr);
			struct in6_addr d = ip6(sends[i].daddr);

			assert_reason_row(sends[i].name,
					  teredo_output_check(&p.self, &s, &d),
					  sends[i].reason);
		}
	}
}

/* Case 5: data waits, a direct and an indirect bubble go. */
static void bubbles(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	peer_init(&p, ADDR_B);
	assert_waits_for_b(&p);
	assert_int_equal(p.act.emit[0].ttl, 0);
	assert_int_equal(p.act.emit[1].ttl, 0);
	assert_false(p.act.failed);
	assert_int_equal(p.path.deadline, p.now + 2 * TEREDO_SEC);

	/* RFC 5991 section 3.2: the same if the address says cone. */
	client_init(&p);
	peer_init(&p, B_CONE);
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	assert_int_equal(p.act.n, 2);
	assert_emit(&p, 0, MAPPED_B, ADDR_A, B_CONE);
	assert_emit(&p, 1, SERVER_B ":3544", ADDR_A, B_CONE);

	/* Without a filter of one's own there is nothing to open. */
	client_init(&p);
	p.self.open = true;
	peer_init(&p, ADDR_B);
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	assert_int_equal(p.act.n, 1);
	assert_emit(&p, 0, SERVER_B ":3544", ADDR_A, ADDR_B);
}

/* Again after 2 s, three times; then it has failed, and rests. */
static void repeats(void **state)
{
	struct peering p;
	u64 begin;
	int i;

	(void)state;
	client_init(&p);
	peer_init(&p, ADDR_B);
	begin = p.now;
	assert_waits_for_b(&p);
	for (i = 0; i < 3; i++) {
		assert_int_equal(p.path.deadline, p.now + 2 * TEREDO_SEC);
		p.now = p.path.deadline - 1;
		path_tick(&p);
		assert_int_equal(p.act.n, 0);
		/* More data waits too, without more bubbles. */
		assert_verdict(path_output(&p), TEREDO_QUEUE);
		assert_int_equal(p.act.n, 0);
		p.now++;
		path_tick(&p);
		assert_attempt_at_b(&p);
		assert_false(p.act.failed);
	}
	p.now = p.path.deadline;
	path_tick(&p);
	assert_int_equal(p.now - begin, 8 * TEREDO_SEC);
	assert_int_equal(p.act.n, 0);
	assert_true(p.act.failed);
	assert_false(p.path.flags & TEREDO_PATH_OPENING);
	path_tick(&p);
	assert_false(p.act.failed);

	/* Four in 300 s: RFC 4380 section 5.2.6. */
	while (p.now < begin + 300 * TEREDO_SEC) {
		assert_drop(&p, path_output(&p),
			    TEREDO_REASON_PEER_UNREACHABLE);
		path_tick(&p);
		assert_int_equal(p.act.n, 0);
		p.now += TEREDO_SEC;
	}
	assert_waits_for_b(&p);
}

/* However often data comes and the clock ticks: the limits hold. */
static void limits(void **state)
{
	u64 attempts[200], begin;
	unsigned int n = 0, i;
	struct peering p;

	(void)state;
	client_init(&p);
	peer_init(&p, ADDR_B);
	begin = p.now;
	while (p.now < begin + 3000 * TEREDO_SEC) {
		path_output(&p);
		if (p.act.n)
			attempts[n++] = p.now;
		path_tick(&p);
		if (p.act.n)
			attempts[n++] = p.now;
		assert_true(n < ARRAY_SIZE(attempts));
		p.now += 100 * TEREDO_MSEC;
		/* A change of networks does not lift them. */
		if (n % 3 == 0)
			teredo_path_distrust(&p.path);
	}
	assert_int_equal(n, 4 * 3000 / 300);
	for (i = 1; i < n; i++)
		assert_true(attempts[i] - attempts[i - 1] >= 2 * TEREDO_SEC);
	for (i = 4; i < n; i++)
		assert_true(attempts[i] - attempts[i - 4] >= 300 * TEREDO_SEC);
}

static void trusted(void **state)
{
	struct peering p;
	u64 begin;

	(void)state;
	client_init(&p);
	peer_trust(&p, ADDR_B, MAPPED_B);
	begin = p.now;
	assert_true(teredo_path_fresh(&p.path, p.now));
	for (; p.now < begin + 20 * TEREDO_SEC; p.now += TEREDO_SEC) {
		assert_verdict(path_output(&p), TEREDO_SEND);
		assert_int_equal(p.act.n, 0);
		assert_int_equal(p.path.last_tx, p.now);
		assert_true(teredo_path_fresh(&p.path, p.now));
	}
	/* Nothing heard for long: data still goes, a bubble asks. */
	assert_false(teredo_path_fresh(&p.path, p.now));
	assert_verdict(path_output(&p), TEREDO_SEND);
	assert_attempt_at_b(&p);
	assert_verdict(path_output(&p), TEREDO_SEND);
	assert_int_equal(p.act.n, 0);
	/* The answer: all is well for another 20 s. */
	p.now += 100 * TEREDO_MSEC;
	assert_verdict(path_input(&p, BUBBLE(HEX_B, HEX_A), MAPPED_B),
		       TEREDO_CONSUME);
	p.now += 19 * TEREDO_SEC;
	assert_verdict(path_output(&p), TEREDO_SEND);
	assert_int_equal(p.act.n, 0);

	/* Valid for 30 s, not longer: RFC 4380 section 5.2.4. */
	client_init(&p);
	peer_trust(&p, ADDR_B, MAPPED_B);
	p.now += 30 * TEREDO_SEC - 1;
	assert_verdict(path_output(&p), TEREDO_SEND);
	client_init(&p);
	peer_trust(&p, ADDR_B, MAPPED_B);
	p.now += 30 * TEREDO_SEC;
	assert_waits_for_b(&p);
}

/*
 * A device notes itself what it hears on a fresh path: that keeps the path
 * fresh, and no bubble goes.
 */
static void heard_by_the_device(void **state)
{
	struct peering p;
	int i;

	(void)state;
	client_init(&p);
	peer_trust(&p, ADDR_B, MAPPED_B);
	for (i = 0; i < 100; i++) {
		p.now += 19 * TEREDO_SEC;
		assert_true(teredo_path_fresh(&p.path, p.now));
		p.path.last_rx = p.now;
		assert_verdict(path_output(&p), TEREDO_SEND);
		assert_int_equal(p.act.n, 0);
	}
}

/* Heard no more at all: the data waits for what the attempts bring. */
static void silence(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	peer_trust(&p, ADDR_B, MAPPED_B);
	p.now += 25 * TEREDO_SEC;
	assert_verdict(path_output(&p), TEREDO_SEND);
	assert_attempt_at_b(&p);
	p.now += 5 * TEREDO_SEC;
	path_tick(&p);
	assert_attempt_at_b(&p);
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	p.now += 2 * TEREDO_SEC;
	path_tick(&p);
	p.now += 2 * TEREDO_SEC;
	path_tick(&p);
	assert_attempt_at_b(&p);
	p.now += 2 * TEREDO_SEC;
	path_tick(&p);
	assert_true(p.act.failed);
	assert_drop(&p, path_output(&p), TEREDO_REASON_PEER_UNREACHABLE);
	/* A late word from the peer makes it good again. */
	assert_verdict(path_input(&p, BUBBLE(HEX_B, HEX_A), MAPPED_B),
		       TEREDO_CONSUME);
	assert_verdict(path_output(&p), TEREDO_SEND);
}

static void low_ttl(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	p.self.bubble_ttl = 3;
	peer_init(&p, ADDR_B);
	path_output(&p);
	assert_attempt_at_b(&p);
	assert_int_equal(p.act.emit[0].ttl, 3);
	assert_int_equal(p.act.emit[1].ttl, 0);
	/* Only the first: later ones are to arrive. */
	p.now = p.path.deadline;
	path_tick(&p);
	assert_attempt_at_b(&p);
	assert_int_equal(p.act.emit[0].ttl, 0);
}

/* Case 2: a native host is pinged through the own server. */
static void native(void **state)
{
	u8 nonces[4][TEREDO_ECHO_DATA];
	struct peering p;
	u64 begin;
	int i, j;

	(void)state;
	client_init(&p);
	peer_init(&p, ADDR_N);
	assert_true(p.path.flags & TEREDO_PATH_NATIVE);
	begin = p.now;
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	for (i = 0; i < 4; i++) {
		assert_int_equal(p.act.n, 1);
		assert_emit(&p, 0, SERVER_A ":3544", ADDR_A, ADDR_N);
		assert_true(p.act.emit[0].echo);
		assert_false(p.act.emit[0].answer);
		memcpy(nonces[i], p.path.nonce, TEREDO_ECHO_DATA);
		for (j = 0; j < i; j++)
			assert_memory_not_equal(nonces[i], nonces[j],
						TEREDO_ECHO_DATA);
		assert_verdict(path_output(&p), TEREDO_QUEUE);
		assert_int_equal(p.act.n, 0);
		assert_int_equal(p.path.deadline - p.now, 2 * TEREDO_SEC);
		p.now = p.path.deadline;
		path_tick(&p);
	}
	assert_int_equal(p.now - begin, 8 * TEREDO_SEC);
	assert_true(p.act.failed);
	assert_int_equal(p.act.n, 0);
	assert_drop(&p, path_output(&p), TEREDO_REASON_PEER_UNREACHABLE);
	/* The reply to the last one comes too late. */
	assert_verdict(path_input_bytes(&p, echo_reply(&p), RELAY_IP),
		       TEREDO_DROP);
}

/* A native host that never answers is not pinged all the time. */
static void native_limits(void **state)
{
	unsigned int n = 0;
	struct peering p;
	u64 begin;

	(void)state;
	client_init(&p);
	peer_init(&p, ADDR_N);
	begin = p.now;
	while (p.now < begin + 300 * TEREDO_SEC) {
		path_output(&p);
		n += p.act.n;
		path_tick(&p);
		n += p.act.n;
		p.now += 100 * TEREDO_MSEC;
	}
	assert_true(n <= 4 * 300 / 30);
}

/* Case 3: a client on the same link, found by discovery. */
static void local(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	p.self.discovery = true;
	peer_init(&p, ADDR_B);
	p.path.flags |= TEREDO_PATH_LOCAL;
	/* Private, as local addresses are. */
	p.path.local = ep("192.168.1.10:4096");
	p.path.local_at = p.now;
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	assert_int_equal(p.act.n, 2);
	assert_emit(&p, 0, "192.168.1.10:4096", ADDR_A, ADDR_B);
	assert_int_equal(p.act.emit[0].ttl, 0);
	assert_emit(&p, 1, GROUP, ADDR_A, "ff02::1");
	assert_int_equal(p.act.emit[1].ttl, 1);
	/* It does not answer there: through the servers as well. */
	p.now = p.path.deadline;
	path_tick(&p);
	assert_int_equal(p.act.n, 4);
	assert_emit(&p, 0, "192.168.1.10:4096", ADDR_A, ADDR_B);
	assert_emit(&p, 1, GROUP, ADDR_A, "ff02::1");
	assert_emit(&p, 2, MAPPED_B, ADDR_A, ADDR_B);
	assert_emit(&p, 3, SERVER_B ":3544", ADDR_A, ADDR_B);

	/* 600 s after the last discovery bubble it counts no more. */
	client_init(&p);
	peer_init(&p, ADDR_B);
	p.path.flags |= TEREDO_PATH_LOCAL;
	p.path.local = ep("192.168.1.10:4096");
	p.path.local_at = p.now;
	p.now += 600 * TEREDO_SEC;
	assert_waits_for_b(&p);
}

/* Section 5.4.1: a relay asks through the client's server. */
static void relays(void **state)
{
	struct in6_addr b = ip6(ADDR_B), proof, other;
	struct peering p;

	(void)state;
	relay_init(&p, TEREDO_ROLE_RELAY);
	peer_init(&p, ADDR_B);
	teredo_proof_address(&p.u.env, &b, &proof);
	assert_true(teredo_addr_is_linklocal(&proof));
	assert_int_equal(proof.s6_addr[8] & 3, 0);
	other = ip6(ADDR_A);
	teredo_proof_address(&p.u.env, &other, &other);
	assert_false(teredo_addr_eq(&proof, &other));

	assert_verdict(path_output(&p), TEREDO_QUEUE);
	assert_int_equal(p.act.n, 1);
	assert_ep(p.act.emit[0].to, SERVER_B ":3544");
	assert_true(teredo_addr_eq(&p.act.emit[0].saddr, &proof));
	assert_true(teredo_addr_eq(&p.act.emit[0].daddr, &b));
	assert_false(p.act.emit[0].echo);

	/* Behind a NAT of its own it has to open that. */
	relay_init(&p, TEREDO_ROLE_HOST_RELAY);
	peer_init(&p, ADDR_B);
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	assert_int_equal(p.act.n, 2);
	assert_ep(p.act.emit[0].to, MAPPED_B);
	assert_ep(p.act.emit[1].to, SERVER_B ":3544");
	assert_true(teredo_addr_eq(&p.act.emit[0].saddr, &proof));
	assert_true(teredo_addr_eq(&p.act.emit[1].saddr, &proof));

	/* RFC 5991: the cone flag gets nobody data without a bubble. */
	relay_init(&p, TEREDO_ROLE_RELAY);
	peer_init(&p, B_CONE);
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	assert_int_equal(p.act.n, 1);
	assert_ep(p.act.emit[0].to, SERVER_B ":3544");
}

/* The address is lost while bubbles are under way: no more of them. */
static void not_usable(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	peer_init(&p, ADDR_B);
	path_output(&p);
	p.self.usable = false;
	p.now = p.path.deadline;
	path_tick(&p);
	assert_int_equal(p.act.n, 0);
	assert_true(p.act.failed);
}

static void distrust(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	peer_trust(&p, ADDR_B, MAPPED_B);
	teredo_path_distrust(&p.path);
	assert_false(teredo_path_fresh(&p.path, p.now));
	assert_waits_for_b(&p);

	client_init(&p);
	peer_init(&p, ADDR_N);
	path_output(&p);
	teredo_path_distrust(&p.path);
	/* The test of before counts no more. */
	assert_verdict(path_input_bytes(&p, echo_reply(&p), RELAY_IP),
		       TEREDO_DROP);
	assert_false(p.path.flags & TEREDO_PATH_TRUSTED);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(client_may_send),
		cmocka_unit_test(relay_may_send),
		cmocka_unit_test(bubbles),
		cmocka_unit_test(repeats),
		cmocka_unit_test(limits),
		cmocka_unit_test(trusted),
		cmocka_unit_test(heard_by_the_device),
		cmocka_unit_test(silence),
		cmocka_unit_test(low_ttl),
		cmocka_unit_test(native),
		cmocka_unit_test(native_limits),
		cmocka_unit_test(local),
		cmocka_unit_test(relays),
		cmocka_unit_test(not_usable),
		cmocka_unit_test(distrust),
	};

	return unit_main("path-output", tests);
}
