// SPDX-License-Identifier: GPL-2.0
/*
 * Random ports behind symmetric NATs: RFC 6081 sections 5.4 and 5.5, with the
 * numbers of the examples in sections 6.3 to 6.5.
 */
#include "ports.h"
#include "unit.h"
#include "vectors.h"

#define EMBEDDED	"192.0.2.10:4096"
#define OWN		"198.51.100.7:40000"

struct host {
	struct unit_env u;
	struct teredo_params params;
	struct teredo_ports ports;
	u64 now;
	u64 last_tx;
	u8 todo;
};

static void begin(struct host *h, enum teredo_ports_mode mode)
{
	memset(h, 0, sizeof(*h));
	unit_env_init(&h->u);
	h->params.role = TEREDO_ROLE_CLIENT;
	h->params.prefix = htonl(TEREDO_PREFIX);
	h->params.server = ip4(SERVER_A);
	h->params.server2 = ip4(SERVER2_A);
	h->now = 5000 * TEREDO_SEC;
	h->last_tx = h->now;
	teredo_ports_init(&h->ports, mode, h->now);
}

static u8 opened(struct host *h, u16 port)
{
	return teredo_ports_opened(&h->ports, &h->u.env, htons(port), h->now);
}

static u8 tick(struct host *h)
{
	return teredo_ports_tick(&h->ports, &h->u.env, h->last_tx, h->now);
}

/* Lets time pass until something is due, and does it. */
static u8 wait(struct host *h, u64 seconds)
{
	u64 due = teredo_ports_deadline(&h->ports);

	assert_int_equal((due - h->now) / TEREDO_MSEC, seconds * 1000);
	h->now = due - 1;
	assert_int_equal(tick(h), 0);
	h->now = due;
	return tick(h);
}

/* What a server that sees @origin answers to the solicitation with @nonce. */
static struct bytes advertise(struct host *h, const u8 *nonce,
			      const char *origin)
{
	struct teredo_params server = h->params;
	struct bytes rs = { }, ra = { };
	struct teredo_packet pkt;
	int n;

	server.role = TEREDO_ROLE_SERVER;
	n = teredo_build_rs(rs.data, false, nonce, &h->params, &h->u.env);
	assert_true(n > 0);
	assert_reason(teredo_packet_parse(&pkt, rs.data, n),
		      TEREDO_REASON_NONE);
	n = teredo_build_ra(ra.data, &pkt, ep(origin), &server, &h->u.env);
	assert_true(n > 0);
	ra.len = n;
	return ra;
}

static enum teredo_reason deliver(struct host *h, struct bytes ra,
				  const char *from)
{
	struct teredo_packet pkt;

	assert_reason(teredo_packet_parse(&pkt, ra.data, ra.len),
		      TEREDO_REASON_NONE);
	return teredo_ports_ra(&h->ports, &h->params, &h->u.env, ep(from),
			       &pkt, ra.data, ep(OWN), &h->todo);
}

static enum teredo_reason answer1(struct host *h, const char *origin)
{
	return deliver(h, advertise(h, h->ports.nonce1, origin),
		       SERVER_A ":3544");
}

static enum teredo_reason answer2(struct host *h, const char *origin)
{
	return deliver(h, advertise(h, h->ports.nonce2, origin),
		       SERVER2_A ":3544");
}

static enum teredo_ports_verdict direct(struct host *h, const char *from,
					bool random, const char *mapped,
					bool valid)
{
	struct teredo_endpoint m = { };

	if (mapped)
		m = ep(mapped);
	return teredo_ports_direct(&h->ports, ep(from), random,
				   mapped ? &m : NULL, valid, h->now,
				   &h->todo);
}

static bool target(const struct host *h, struct teredo_endpoint *to)
{
	return teredo_ports_target(&h->ports, ep(EMBEDDED), to);
}

/* A port-preserving client whose peer has answered with @peer (0: none). */
static void preserved(struct host *h, u16 port, u16 peer)
{
	begin(h, TEREDO_PORTS_PRESERVED);
	assert_int_equal(teredo_ports_begin(&h->ports, h->now),
			 TEREDO_PORTS_OPEN);
	assert_int_equal(opened(h, port), TEREDO_PORTS_BUBBLES);
	teredo_ports_indirect(&h->ports, htons(peer), false);
}

static void in_use(struct host *h)
{
	preserved(h, 1201, 1500);
	assert_int_equal(direct(h, "192.0.2.10:1500", true, NULL, false),
			 TEREDO_PORTS_TRUST);
	assert_int_equal(h->todo, 0);
	assert_true(h->ports.flags & TEREDO_PORTS_IN_USE);
}

static void which_nats(void **state)
{
	static const struct {
		const char *name;
		u32 ext;
		enum teredo_nat nat;
		bool preserving;
		enum teredo_ports_mode mode;
	} rows[] = {
		{ "all on, preserving", TEREDO_EXT_ALL,
		  TEREDO_NAT_SYMMETRIC_PORT, true, TEREDO_PORTS_PRESERVED },
		{ "all on", TEREDO_EXT_ALL, TEREDO_NAT_SYMMETRIC_PORT, false,
		  TEREDO_PORTS_SEQUENTIAL },
		{ "restricted", TEREDO_EXT_ALL, TEREDO_NAT_RESTRICTED, true,
		  TEREDO_PORTS_NONE },
		{ "cone", TEREDO_EXT_ALL, TEREDO_NAT_CONE, true,
		  TEREDO_PORTS_NONE },
		{ "no NAT", TEREDO_EXT_ALL, TEREDO_NAT_NONE, true,
		  TEREDO_PORTS_NONE },
		{ "several addresses", TEREDO_EXT_ALL,
		  TEREDO_NAT_SYMMETRIC_ADDRESS, true, TEREDO_PORTS_NONE },
		{ "without sns", TEREDO_EXT_PP | TEREDO_EXT_SP,
		  TEREDO_NAT_SYMMETRIC_PORT, true, TEREDO_PORTS_NONE },
		{ "without pp", TEREDO_EXT_ALL & ~TEREDO_EXT_PP,
		  TEREDO_NAT_SYMMETRIC_PORT, true, TEREDO_PORTS_NONE },
		{ "sp needs pp", TEREDO_EXT_ALL & ~TEREDO_EXT_PP,
		  TEREDO_NAT_SYMMETRIC_PORT, false, TEREDO_PORTS_NONE },
		{ "without sp", TEREDO_EXT_SNS | TEREDO_EXT_PP,
		  TEREDO_NAT_SYMMETRIC_PORT, false, TEREDO_PORTS_NONE },
		{ "without sp, preserving", TEREDO_EXT_SNS | TEREDO_EXT_PP,
		  TEREDO_NAT_SYMMETRIC_PORT, true, TEREDO_PORTS_PRESERVED },
		{ "none", 0, TEREDO_NAT_SYMMETRIC_PORT, true,
		  TEREDO_PORTS_NONE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_row(rows[i].name,
			   teredo_ports_mode(rows[i].ext, rows[i].nat,
					     rows[i].preserving),
			   rows[i].mode);
}

/* Section 5.4.4.1: the port comes first, then the bubbles. */
static void bubbles_wait_for_the_port(void **state)
{
	struct teredo_endpoint to;
	struct host h;

	(void)state;
	begin(&h, TEREDO_PORTS_PRESERVED);
	assert_int_equal(teredo_ports_begin(&h.ports, h.now),
			 TEREDO_PORTS_OPEN);
	assert_false(target(&h, &to));
	assert_int_equal(h.ports.random, 0);
	assert_int_equal(opened(&h, 1201), TEREDO_PORTS_BUBBLES);
	assert_int_equal(h.ports.random, htons(1201));
	assert_int_equal(h.ports.tests, 0);
	/* The repeat of an attempt has it at hand. */
	assert_int_equal(teredo_ports_begin(&h.ports, h.now),
			 TEREDO_PORTS_BUBBLES);

	/* No bubbles without anybody who waits for them. */
	begin(&h, TEREDO_PORTS_PRESERVED);
	assert_int_equal(opened(&h, 1201), 0);
}

static void no_port_to_be_had(void **state)
{
	struct teredo_endpoint to;
	struct host h;

	(void)state;
	begin(&h, TEREDO_PORTS_PRESERVED);
	teredo_ports_begin(&h.ports, h.now);
	assert_int_equal(teredo_ports_refused(&h.ports), TEREDO_PORTS_BUBBLES);
	teredo_ports_indirect(&h.ports, htons(1500), false);
	assert_false(target(&h, &to));
	assert_int_equal(teredo_ports_begin(&h.ports, h.now),
			 TEREDO_PORTS_BUBBLES);
	assert_int_equal(h.ports.random, 0);
}

/*
 * The NAT keeps the port of the first flow alone, so that has to be the one
 * toward the peer's random port if it has one.
 */
static void the_first_flow_is_not_wasted(void **state)
{
	struct teredo_endpoint to;
	struct host h;

	(void)state;
	begin(&h, TEREDO_PORTS_PRESERVED);
	teredo_ports_begin(&h.ports, h.now);
	opened(&h, 1201);
	assert_false(target(&h, &to));
	/* Section 6.3: both are behind such a NAT. */
	teredo_ports_indirect(&h.ports, htons(1500), false);
	assert_true(target(&h, &to));
	assert_ep(to, "192.0.2.10:1500");

	/* Section 6.4: the peer is behind a filter by port. */
	preserved(&h, 1201, 0);
	assert_true(target(&h, &to));
	assert_ep(to, EMBEDDED);
}

/* Section 6.5: 1200 and 1202 make 1201. */
static void sequential(void **state)
{
	static const struct {
		const char *lower, *upper;
		u16 random;
	} rows[] = {
		{ "198.51.100.7:1200", "198.51.100.7:1202", 1201 },
		{ "198.51.100.7:1200", "198.51.100.7:1204", 1202 },
		{ "198.51.100.7:1202", "198.51.100.7:1200", 1201 },
		{ "198.51.100.7:1200", "198.51.100.7:1203", 1201 },
		{ "198.51.100.7:65533", "198.51.100.7:65535", 65534 },
	};
	struct teredo_endpoint to;
	struct host h;
	size_t i;
	int order;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows) * 2; i++) {
		order = i % 2;
		begin(&h, TEREDO_PORTS_SEQUENTIAL);
		assert_int_equal(teredo_ports_begin(&h.ports, h.now),
				 TEREDO_PORTS_OPEN);
		assert_int_equal(opened(&h, 5000), TEREDO_PORTS_TEST);
		assert_memory_not_equal(h.ports.nonce1, h.ports.nonce2,
					TEREDO_NONCE_LEN);
		/* The bubble between the solicitations goes to the peer. */
		assert_true(target(&h, &to));
		assert_ep(to, EMBEDDED);
		/* A repeat waits as well. */
		assert_int_equal(teredo_ports_begin(&h.ports, h.now), 0);
		/* The advertisements may overtake each other. */
		if (order)
			assert_reason(answer2(&h, rows[i / 2].upper),
				      TEREDO_REASON_NONE);
		else
			assert_reason(answer1(&h, rows[i / 2].lower),
				      TEREDO_REASON_NONE);
		assert_int_equal(h.todo, 0);
		assert_int_equal(h.ports.random, 0);
		if (order)
			assert_reason(answer1(&h, rows[i / 2].lower),
				      TEREDO_REASON_NONE);
		else
			assert_reason(answer2(&h, rows[i / 2].upper),
				      TEREDO_REASON_NONE);
		assert_int_equal(h.todo, TEREDO_PORTS_BUBBLES);
		assert_int_equal(ntohs(h.ports.random), rows[i / 2].random);
		assert_int_equal(ntohs(h.ports.local), 5000);
		/* Too late: the test is over. */
		assert_reason(answer1(&h, "198.51.100.7:1"),
			      TEREDO_REASON_RA_UNEXPECTED);
	}
}

static void testing(struct host *h)
{
	begin(h, TEREDO_PORTS_SEQUENTIAL);
	teredo_ports_begin(&h->ports, h->now);
	assert_int_equal(opened(h, 5000), TEREDO_PORTS_TEST);
}

/* Whoever sends them, or changes those of the server. */
static void lies_about_the_test(void **state)
{
	static const char origin[] = "198.51.100.7:1200";
	struct bytes ra;
	struct host h;

	(void)state;
	/* Nothing was asked, so no nonce is right, not even that of zeros. */
	begin(&h, TEREDO_PORTS_SEQUENTIAL);
	assert_reason(answer1(&h, origin), TEREDO_REASON_RA_UNEXPECTED);

	testing(&h);
	ra = advertise(&h, h.ports.nonce1, origin);
	assert_reason(deliver(&h, ra, SERVER_B ":3544"),
		      TEREDO_REASON_RA_SOURCE);
	assert_reason(deliver(&h, ra, SERVER_A ":3545"),
		      TEREDO_REASON_RA_SOURCE);
	/* Each address of the server has a question of its own. */
	assert_reason(deliver(&h, ra, SERVER2_A ":3544"),
		      TEREDO_REASON_RA_NONCE);
	ra.data[4 + TEREDO_NONCE_LEN - 1] ^= 1;
	assert_reason(deliver(&h, ra, SERVER_A ":3544"),
		      TEREDO_REASON_RA_NONCE);
	ra.data[4 + TEREDO_NONCE_LEN - 1] ^= 1;
	ra.data[ra.len - 1] ^= 1;
	assert_reason(deliver(&h, ra, SERVER_A ":3544"),
		      TEREDO_REASON_RA_MALFORMED);
	/* Without the origin indication, and without any nonce. */
	ra = advertise(&h, h.ports.nonce1, origin);
	memmove(ra.data + TEREDO_AUTH_MIN,
		ra.data + TEREDO_AUTH_MIN + TEREDO_ORIGIN_LEN,
		ra.len - TEREDO_AUTH_MIN - TEREDO_ORIGIN_LEN);
	ra.len -= TEREDO_ORIGIN_LEN;
	assert_reason(deliver(&h, ra, SERVER_A ":3544"),
		      TEREDO_REASON_RA_NO_ORIGIN);
	memmove(ra.data, ra.data + TEREDO_AUTH_MIN, ra.len);
	ra.len -= TEREDO_AUTH_MIN;
	assert_reason(deliver(&h, ra, SERVER_A ":3544"),
		      TEREDO_REASON_RA_NONCE);
	assert_int_equal(h.ports.lower, 0);

	/* The same answer twice is half of what is needed. */
	assert_reason(answer1(&h, origin), TEREDO_REASON_NONE);
	assert_reason(answer1(&h, origin), TEREDO_REASON_NONE);
	assert_int_equal(h.todo, 0);
	assert_int_equal(h.ports.random, 0);
}

static void the_test_is_authenticated(void **state)
{
	struct bytes ra;
	struct host h;

	(void)state;
	begin(&h, TEREDO_PORTS_SEQUENTIAL);
	h.params.secret_len = 4;
	memcpy(h.params.secret, "abcd", 4);
	teredo_ports_begin(&h.ports, h.now);
	opened(&h, 5000);
	ra = advertise(&h, h.ports.nonce1, "198.51.100.7:1200");
	assert_reason(deliver(&h, ra, SERVER_A ":3544"), TEREDO_REASON_NONE);
	h.params.secret[0]++;
	ra = advertise(&h, h.ports.nonce2, "198.51.100.7:1202");
	h.params.secret[0]--;
	assert_reason(deliver(&h, ra, SERVER2_A ":3544"),
		      TEREDO_REASON_RA_AUTH);
	assert_int_equal(h.ports.random, 0);
}

static void a_second_address_cannot_be_foretold(void **state)
{
	struct host h;

	(void)state;
	testing(&h);
	assert_reason(answer1(&h, "198.51.100.8:1200"), TEREDO_REASON_NONE);
	assert_int_equal(h.todo, TEREDO_PORTS_BUBBLES);
	assert_int_equal(h.ports.random, 0);
	assert_int_equal(teredo_ports_begin(&h.ports, h.now),
			 TEREDO_PORTS_BUBBLES);
}

/* Section 5.5.4.1: one second, then two, then bubbles as without. */
static void tests_time_out(void **state)
{
	struct bytes ra;
	struct host h;

	(void)state;
	testing(&h);
	ra = advertise(&h, h.ports.nonce1, "198.51.100.7:1200");
	answer2(&h, "198.51.100.7:1202");
	assert_int_equal(wait(&h, 1), TEREDO_PORTS_TEST);
	/* Neither an old nonce nor what it brought is good any longer. */
	assert_reason(deliver(&h, ra, SERVER_A ":3544"),
		      TEREDO_REASON_RA_NONCE);
	assert_reason(answer1(&h, "198.51.100.7:1200"), TEREDO_REASON_NONE);
	assert_int_equal(h.ports.random, 0);
	assert_int_equal(wait(&h, 2), TEREDO_PORTS_BUBBLES);
	assert_int_equal(h.ports.random, 0);
	assert_int_equal(h.ports.tests, 2);
	assert_int_equal(teredo_ports_begin(&h.ports, h.now),
			 TEREDO_PORTS_BUBBLES);
	assert_int_equal(wait(&h, 8), TEREDO_PORTS_CLOSE);

	/* A second test that succeeds. */
	testing(&h);
	assert_int_equal(wait(&h, 1), TEREDO_PORTS_TEST);
	answer1(&h, "198.51.100.7:1300");
	answer2(&h, "198.51.100.7:1302");
	assert_int_equal(h.todo, TEREDO_PORTS_BUBBLES);
	assert_int_equal(ntohs(h.ports.random), 1301);
}

/* Of whoever makes us open ports, none is held for longer than attempts last. */
static void unused_ports_close(void **state)
{
	struct host h;

	(void)state;
	preserved(&h, 1201, 1500);
	assert_int_equal(wait(&h, 8), TEREDO_PORTS_CLOSE);

	begin(&h, TEREDO_PORTS_PRESERVED);
	teredo_ports_begin(&h.ports, h.now);
	assert_int_equal(wait(&h, 8), TEREDO_PORTS_CLOSE);
}

static void another_try_takes_another_port(void **state)
{
	struct teredo_endpoint to;
	struct host h;

	(void)state;
	preserved(&h, 1201, 1500);
	teredo_ports_again(&h.ports);
	assert_false(target(&h, &to));
	assert_int_equal(teredo_ports_begin(&h.ports, h.now),
			 TEREDO_PORTS_OPEN);
	assert_int_equal(opened(&h, 1300), TEREDO_PORTS_BUBBLES);
	assert_int_equal(ntohs(h.ports.random), 1300);
	/* The peer takes another one as well, and will say which. */
	assert_false(target(&h, &to));
	teredo_ports_indirect(&h.ports, htons(1501), false);
	assert_int_equal(ntohs(h.ports.random), 1300);
	assert_true(target(&h, &to));
	assert_ep(to, "192.0.2.10:1501");

	/* One that is reached by its service port does not. */
	preserved(&h, 1201, 0);
	teredo_ports_again(&h.ports);
	assert_int_equal(teredo_ports_begin(&h.ports, h.now),
			 TEREDO_PORTS_OPEN);
	assert_int_equal(opened(&h, 1300), TEREDO_PORTS_BUBBLES);
	assert_true(target(&h, &to));
	assert_ep(to, EMBEDDED);
}

/* Section 5.4.4.3 */
static void peer_random_port(void **state)
{
	struct host h;

	(void)state;
	preserved(&h, 1201, 1500);
	/* The same again, or none: nothing changes. */
	teredo_ports_indirect(&h.ports, htons(1500), false);
	teredo_ports_indirect(&h.ports, 0, false);
	assert_int_equal(ntohs(h.ports.peer), 1500);
	assert_int_equal(ntohs(h.ports.random), 1201);
	/* Another while packets come: somebody else's word, or an old one. */
	teredo_ports_indirect(&h.ports, htons(1600), true);
	assert_int_equal(ntohs(h.ports.peer), 1500);
	assert_int_equal(ntohs(h.ports.random), 1201);
	/* Another when none do: the peer has begun again, and so do we. */
	teredo_ports_indirect(&h.ports, htons(1600), false);
	assert_int_equal(ntohs(h.ports.peer), 1600);
	assert_int_equal(h.ports.random, 0);
	assert_int_equal(teredo_ports_begin(&h.ports, h.now),
			 TEREDO_PORTS_OPEN);
	/* The socket is not there yet, so it was used for nothing. */
	teredo_ports_indirect(&h.ports, htons(1700), false);
	assert_int_equal(opened(&h, 1300), TEREDO_PORTS_BUBBLES);
	assert_int_equal(ntohs(h.ports.peer), 1700);
}

static void direct_on_primary(void **state)
{
	struct host h;

	(void)state;
	preserved(&h, 1201, 0);
	assert_int_equal(direct(&h, EMBEDDED, false, NULL, false),
			 TEREDO_PORTS_TRUST);
	assert_int_equal(h.todo, TEREDO_PORTS_CLOSE);
	assert_false(h.ports.flags & TEREDO_PORTS_IN_USE);

	/* It is better than the random one. */
	in_use(&h);
	assert_int_equal(direct(&h, EMBEDDED, false, "192.0.2.10:1500", true),
			 TEREDO_PORTS_TRUST);
	assert_int_equal(h.todo, TEREDO_PORTS_CLOSE);
	assert_false(h.ports.flags & TEREDO_PORTS_IN_USE);

	/* The one in use is not given up for another, unless it is idle. */
	preserved(&h, 1201, 0);
	assert_int_equal(direct(&h, "192.0.2.10:9", false, EMBEDDED, true),
			 TEREDO_PORTS_KEEP);
	assert_int_equal(h.todo, 0);
	assert_int_equal(direct(&h, "192.0.2.10:9", false, EMBEDDED, false),
			 TEREDO_PORTS_TRUST);
}

static void direct_on_random(void **state)
{
	struct teredo_endpoint to;
	struct host h;

	(void)state;
	in_use(&h);
	assert_int_equal(direct(&h, "192.0.2.10:1500", true, "192.0.2.10:1500",
				true), TEREDO_PORTS_TRUST);
	assert_int_equal(h.todo, 0);
	assert_int_equal(ntohs(h.ports.local), 1201);
	/* From elsewhere: the port and the mapping are doubtful. */
	assert_int_equal(direct(&h, "192.0.2.10:9", true, "192.0.2.10:1500",
				true), TEREDO_PORTS_RESTART);
	assert_int_equal(h.ports.random, 0);
	assert_false(target(&h, &to));
	assert_int_equal(teredo_ports_begin(&h.ports, h.now),
			 TEREDO_PORTS_OPEN);

	/* Trusted by the primary port: nothing is expected here. */
	preserved(&h, 1201, 1500);
	assert_int_equal(direct(&h, "192.0.2.10:9", true, EMBEDDED, true),
			 TEREDO_PORTS_KEEP);
}

/* Its nonce is needed before it can take anything from us. */
static void direct_before_indirect(void **state)
{
	struct host h;

	(void)state;
	testing(&h);
	answer1(&h, "198.51.100.7:1200");
	answer2(&h, "198.51.100.7:1202");
	assert_int_equal(direct(&h, EMBEDDED, true, NULL, false),
			 TEREDO_PORTS_LATER);
	assert_true(h.ports.flags & TEREDO_PORTS_SEEN);
	assert_ep(h.ports.seen, EMBEDDED);
	assert_false(h.ports.flags & TEREDO_PORTS_IN_USE);
	/* A peer that sends none is not waited for twice. */
	assert_int_equal(direct(&h, EMBEDDED, true, NULL, false),
			 TEREDO_PORTS_TRUST);
	assert_true(h.ports.flags & TEREDO_PORTS_IN_USE);
}

/* Section 5.4.2, but before 30 s are over, and for ten minutes without data. */
static void refresh(void **state)
{
	struct host h;
	int i;

	(void)state;
	in_use(&h);
	/* From the last data on, not from when that is looked at. */
	h.last_tx = h.now + 10 * TEREDO_SEC;
	assert_int_equal(wait(&h, 25), 0);
	h.last_tx = h.now + 5 * TEREDO_SEC;
	assert_int_equal(wait(&h, 10), 0);
	assert_int_equal(wait(&h, 20), TEREDO_PORTS_REFRESH);
	assert_int_equal(wait(&h, 25), TEREDO_PORTS_REFRESH);
	/* Data begins the count anew. */
	h.last_tx = h.now + TEREDO_SEC;
	assert_int_equal(wait(&h, 25), 0);
	assert_int_equal(wait(&h, 1), TEREDO_PORTS_REFRESH);
	for (i = 0; i < 23; i++)
		assert_int_equal(wait(&h, 25), TEREDO_PORTS_REFRESH);
	assert_int_equal(wait(&h, 25), TEREDO_PORTS_CLOSE);
	assert_true(h.ports.flags & TEREDO_PORTS_IN_USE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_nats),
		cmocka_unit_test(bubbles_wait_for_the_port),
		cmocka_unit_test(no_port_to_be_had),
		cmocka_unit_test(the_first_flow_is_not_wasted),
		cmocka_unit_test(sequential),
		cmocka_unit_test(lies_about_the_test),
		cmocka_unit_test(the_test_is_authenticated),
		cmocka_unit_test(a_second_address_cannot_be_foretold),
		cmocka_unit_test(tests_time_out),
		cmocka_unit_test(unused_ports_close),
		cmocka_unit_test(another_try_takes_another_port),
		cmocka_unit_test(peer_random_port),
		cmocka_unit_test(direct_on_primary),
		cmocka_unit_test(direct_on_random),
		cmocka_unit_test(direct_before_indirect),
		cmocka_unit_test(refresh),
	};

	return unit_main("ports", tests);
}
