// SPDX-License-Identifier: GPL-2.0
/* The server: RFC 4380 section 5.3, and no loops. */
#include "server.h"
#include "unit.h"
#include "vectors.h"

/* Client A is this server's, client B is not. */
#define LL_RELAY	"fe800000 00000000 8cb75d3b 228e816d"
#define LL_OWN		"fe800000 00000000 8000f227 34ff8e87"
#define LL_CLIENT	"fe800000 00000000 0000ffff ffffffff"
#define ALL_ROUTERS	"ff020000 00000000 00000000 00000002"
#define BUBBLE(s, d)	"60000000 00003b00" s d
#define UDP(s, d)	"60000000 00081140" s d "11223344 55667788"
/* An echo request; the checksum is not the server's business. */
#define PING(s, d)	"60000000 00083a40" s d "80000000 00000000"
#define STRANGER	"192.0.2.50:1234"
/* This server's client at @mapped, eight digits inverted, port 4096. */
#define CLIENT_AT(ip)	"20010000 cb007178 0000efff" ip

#define DROP(reason) \
	TEREDO_SERVER_DROP, TEREDO_REASON_##reason, NULL, false
#define FORWARD(to, origin) \
	TEREDO_SERVER_FORWARD, TEREDO_REASON_NONE, to, origin
#define DELIVER \
	TEREDO_SERVER_DELIVER, TEREDO_REASON_NONE, NULL, false

static struct teredo_params open_server(void)
{
	struct teredo_params p = {
		.role = TEREDO_ROLE_SERVER,
		.prefix = htonl(TEREDO_PREFIX),
		.server = ip4(SERVER_A),
		.server2 = ip4(SERVER2_A),
	};

	return p;
}

static void set_secret(struct teredo_params *p)
{
	static const char id[] = "host1", secret[] = "teredo-test-key!";

	p->id_len = sizeof(id) - 1;
	memcpy(p->id, id, p->id_len);
	p->secret_len = sizeof(secret) - 1;
	memcpy(p->secret, secret, p->secret_len);
}

static enum teredo_server_verdict run(const struct teredo_params *params,
				      const char *digits, const char *from,
				      bool second,
				      struct teredo_server_out *out)
{
	struct teredo_packet pkt;
	struct bytes b = hex(digits);
	struct unit_env u;

	unit_env_init(&u);
	assert_reason(teredo_packet_parse(&pkt, b.data, b.len),
		      TEREDO_REASON_NONE);
	return teredo_server_input(params, &u.env, ep(from), second, &pkt,
				   b.data, out);
}

static const struct {
	const char *name, *digits, *from;
	enum teredo_server_verdict verdict;
	enum teredo_reason reason;	/* of DROP */
	const char *to;			/* of FORWARD */
	bool origin;
} packets[] = {
	/* Rule 2: bubbles and ICMPv6 only. */
	{ "UDP from a client to a client", UDP(HEX_A, HEX_B), MAPPED_A,
	  DROP(NOT_BUBBLE_OR_ICMP) },
	{ "UDP to a native host", UDP(HEX_A, HEX_N), MAPPED_A,
	  DROP(NOT_BUBBLE_OR_ICMP) },
	{ "next header none with payload",
	  "60000000 00043b00" HEX_B HEX_A "01020304", MAPPED_B,
	  DROP(NOT_BUBBLE_OR_ICMP) },
	{ "ICMPv6 behind a hop-by-hop header",
	  "60000000 00100040" HEX_B HEX_A
	  "3a000104 00000000 80000000 00000000", MAPPED_B,
	  DROP(NOT_BUBBLE_OR_ICMP) },
	{ "routing header of type 0",
	  "60000000 00182b40" HEX_B HEX_A
	  "3b020001 00000000" HEX_N, MAPPED_B,
	  DROP(NOT_BUBBLE_OR_ICMP) },

	/* Rule 3: the outer source. */
	{ "from a private address", BUBBLE(HEX_N, HEX_A), "10.0.0.1:4096",
	  DROP(OUTER_SOURCE) },
	{ "from 127.0.0.1", BUBBLE(HEX_N, HEX_A), "127.0.0.1:4096",
	  DROP(OUTER_SOURCE) },
	{ "from multicast", BUBBLE(HEX_N, HEX_A), "224.0.0.1:4096",
	  DROP(OUTER_SOURCE) },
	{ "from broadcast", BUBBLE(HEX_N, HEX_A), "255.255.255.255:4096",
	  DROP(OUTER_SOURCE) },
	{ "from 6to4 anycast", BUBBLE(HEX_N, HEX_A), "192.88.99.1:4096",
	  DROP(OUTER_SOURCE) },
	{ "from 0.0.0.0", BUBBLE(HEX_N, HEX_A), "0.0.0.0:4096",
	  DROP(OUTER_SOURCE) },
	{ "from port 0", BUBBLE(HEX_N, HEX_A), "192.0.2.50:0",
	  DROP(OUTER_SOURCE) },
	{ "solicitation from a private address", V_RS, "192.168.1.1:4096",
	  DROP(OUTER_SOURCE) },

	/* Rule 5: a Teredo source has to be where it says. */
	{ "own client to B", BUBBLE(HEX_A, HEX_B), MAPPED_A,
	  FORWARD(MAPPED_B, false) },
	{ "own client to B, other port", BUBBLE(HEX_A, HEX_B),
	  "192.0.2.1:4097", DROP(MAPPING_MISMATCH) },
	{ "own client to B, other address", BUBBLE(HEX_A, HEX_B),
	  "192.0.2.2:4096", DROP(MAPPING_MISMATCH) },
	{ "B to own client", BUBBLE(HEX_B, HEX_A), MAPPED_B,
	  FORWARD(MAPPED_A, true) },
	{ "B to own client, mismatch", BUBBLE(HEX_B, HEX_A), STRANGER,
	  DROP(MAPPING_MISMATCH) },
	{ "ICMPv6 from B to own client", PING(HEX_B, HEX_A), MAPPED_B,
	  FORWARD(MAPPED_A, true) },
	{ "bubble with trailers", BUBBLE(HEX_B, HEX_A) T_NONCE, MAPPED_B,
	  FORWARD(MAPPED_A, true) },

	/* Rule 6: anybody else only to clients of this server. */
	{ "relay to own client", BUBBLE(LL_RELAY, HEX_A), STRANGER,
	  FORWARD(MAPPED_A, true) },
	{ "native source to own client", BUBBLE(HEX_N, HEX_A), STRANGER,
	  FORWARD(MAPPED_A, true) },
	{ "native ping to own client", PING(HEX_N, HEX_A), STRANGER,
	  FORWARD(MAPPED_A, true) },
	{ "relay to a client of another server", BUBBLE(LL_RELAY, HEX_B),
	  STRANGER, DROP(NOT_OUR_CLIENT) },
	{ "native source to a client of another server", BUBBLE(HEX_N, HEX_B),
	  STRANGER, DROP(NOT_OUR_CLIENT) },
	{ "native source to a native host", PING(HEX_N, HEX_N), STRANGER,
	  DROP(NOT_OUR_CLIENT) },
	{ "native source to the server's second address as server",
	  BUBBLE(HEX_N, "20010000 cb007179 0000efff 3ffffdfe"), STRANGER,
	  DROP(NOT_OUR_CLIENT) },
	{ "multicast source",
	  BUBBLE("ff0e0000 00000000 00000000 00000001", HEX_A), STRANGER,
	  DROP(NOT_GLOBAL) },
	{ "source ::",
	  BUBBLE("00000000 00000000 00000000 00000000", HEX_A), STRANGER,
	  DROP(NOT_GLOBAL) },
	{ "source ::1",
	  BUBBLE("00000000 00000000 00000000 00000001", HEX_A), STRANGER,
	  DROP(NOT_GLOBAL) },

	/* Section 5.3.1, end: what is never forwarded. */
	{ "client to link-local", PING(HEX_A, LL_OWN), MAPPED_A,
	  DROP(NOT_GLOBAL) },
	{ "client to another link-local", BUBBLE(HEX_A, LL_RELAY), MAPPED_A,
	  DROP(NOT_GLOBAL) },
	{ "client to multicast",
	  BUBBLE(HEX_A, "ff020000 00000000 00000000 00000001"), MAPPED_A,
	  DROP(NOT_GLOBAL) },
	{ "client to global multicast",
	  PING(HEX_A, "ff0e0000 00000000 00000000 00000001"), MAPPED_A,
	  DROP(NOT_GLOBAL) },
	{ "client to ::1",
	  PING(HEX_A, "00000000 00000000 00000000 00000001"), MAPPED_A,
	  DROP(NOT_GLOBAL) },

	/* Section 5.3.1: the mapping in the destination. */
	{ "to 10.0.0.1", BUBBLE(HEX_B, CLIENT_AT("f5fffffe")), MAPPED_B,
	  DROP(MAPPED_NOT_GLOBAL) },
	{ "to 127.0.0.1", BUBBLE(HEX_B, CLIENT_AT("80fffffe")), MAPPED_B,
	  DROP(MAPPED_NOT_GLOBAL) },
	{ "to 224.0.0.1", BUBBLE(HEX_B, CLIENT_AT("1ffffffe")), MAPPED_B,
	  DROP(MAPPED_NOT_GLOBAL) },
	{ "to 255.255.255.255", BUBBLE(HEX_B, CLIENT_AT("00000000")), MAPPED_B,
	  DROP(MAPPED_NOT_GLOBAL) },
	{ "to 192.88.99.1", BUBBLE(HEX_B, CLIENT_AT("3fa79cfe")), MAPPED_B,
	  DROP(MAPPED_NOT_GLOBAL) },
	{ "to 0.0.0.0", BUBBLE(HEX_B, CLIENT_AT("ffffffff")), MAPPED_B,
	  DROP(MAPPED_NOT_GLOBAL) },
	{ "to port 0", BUBBLE(HEX_B, "20010000 cb007178 0000ffff 3ffffdfe"),
	  MAPPED_B, DROP(MAPPED_NOT_GLOBAL) },

	/* To native hosts: the connectivity test, nothing else. */
	{ "echo test", V_ECHO, MAPPED_A, DELIVER },
	{ "echo test, mismatch", V_ECHO, STRANGER, DROP(MAPPING_MISMATCH) },
	{ "bubble to a native host", BUBBLE(HEX_A, HEX_N), MAPPED_A,
	  DROP(NOT_OUR_CLIENT) },

	/* Loops: from and to the server itself. */
	{ "from the server itself", BUBBLE(HEX_N, HEX_A), SERVER_A ":3544",
	  DROP(LOOP) },
	{ "from the server's second address", BUBBLE(HEX_N, HEX_A),
	  SERVER2_A ":3544", DROP(LOOP) },
	{ "to the server itself",
	  BUBBLE(HEX_N, "20010000 cb007178 0000f227 34ff8e87"), STRANGER,
	  DROP(LOOP) },
	{ "to the server's second address",
	  BUBBLE(HEX_N, "20010000 cb007178 0000f227 34ff8e86"), STRANGER,
	  DROP(LOOP) },
	{ "to another port of the server",
	  BUBBLE(HEX_N, "20010000 cb007178 0000efff 34ff8e87"), STRANGER,
	  DROP(LOOP) },
	{ "solicitation from the server itself", V_RS, SERVER_A ":3544",
	  DROP(LOOP) },

	/* Malformed solicitations. */
	{ "solicitation with hop limit 64",
	  "60000000 00083a40" LL_CLIENT ALL_ROUTERS "8500 7d37 00000000",
	  MAPPED_A, DROP(RS_INVALID) },
	{ "solicitation with wrong checksum",
	  "60000000 00083aff" LL_CLIENT ALL_ROUTERS "8500 7d38 00000000",
	  MAPPED_A, DROP(RS_INVALID) },
	{ "advertisement",
	  "60000000 00083aff" LL_CLIENT ALL_ROUTERS "8600 7c37 00000000",
	  MAPPED_A, DROP(NOT_OUR_CLIENT) },
	{ "solicitation to all nodes",
	  "60000000 00083aff" LL_CLIENT "ff020000 00000000 00000000 00000001"
	  "8500 7d38 00000000",
	  MAPPED_A, DROP(NOT_OUR_CLIENT) },
	{ "solicitation from a global address",
	  "60000000 00083aff" HEX_N ALL_ROUTERS "8500 0000 00000000",
	  MAPPED_A, DROP(NOT_OUR_CLIENT) },
};

static void acceptance(void **state)
{
	struct teredo_params params = open_server();
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(packets); i++) {
		struct teredo_server_out out;

		assert_row(packets[i].name,
			   run(&params, packets[i].digits, packets[i].from,
			       false, &out), packets[i].verdict);
		if (packets[i].verdict == TEREDO_SERVER_DROP)
			assert_reason_row(packets[i].name, out.reason,
					  packets[i].reason);
		if (packets[i].verdict == TEREDO_SERVER_FORWARD) {
			struct teredo_endpoint to = ep(packets[i].to);

			assert_row(packets[i].name, out.to.ip, to.ip);
			assert_row(packets[i].name, out.to.port, to.port);
			assert_row(packets[i].name, out.origin,
				   packets[i].origin);
		}
		/* By which of the two it came makes no difference. */
		assert_row(packets[i].name,
			   run(&params, packets[i].digits, packets[i].from,
			       true, &out), packets[i].verdict);
	}
}

static void icmp_size(void **state)
{
	struct teredo_params params = open_server();
	size_t n;

	(void)state;
	for (n = 8; n < 1240; n++) {
		struct bytes b = hex(PING(HEX_B, HEX_A));
		struct teredo_server_out out;
		struct teredo_packet pkt;
		struct unit_env u;

		unit_env_init(&u);
		b.len = 40 + n;
		teredo_put16(b.data + 4, (u16)n);
		assert_reason(teredo_packet_parse(&pkt, b.data, b.len),
			      TEREDO_REASON_NONE);
		assert_int_equal(teredo_server_input(&params, &u.env,
						     ep(MAPPED_B), false, &pkt,
						     b.data, &out),
				 n <= 88 ? TEREDO_SERVER_FORWARD :
					   TEREDO_SERVER_DROP);
		if (n > 88)
			assert_reason(out.reason, TEREDO_REASON_ICMP_TOO_LARGE);
	}
}

static void solicitations(void **state)
{
	static const struct {
		const char *name, *digits;
		bool cone;
	} rss[] = {
		{ "C=0", V_RS, false },
		{ "C=1", V_RS_CONE, true },
		{ "Windows XP", XP_RS, true },
		{ "Miredo", MIREDO_RS, false },
		{ "with identifier and value", V_RS_SECURE, false },
		{ "without authentication", &V_RS[2 * TEREDO_AUTH_MIN + 3],
		  false },
		{ "to the server's own address",
		  "60000000 00083aff" LL_CLIENT LL_OWN "8500 480c 00000000",
		  false },
	};
	struct teredo_params params = open_server();
	size_t i;
	int second;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rss); i++)
		for (second = 0; second < 2; second++) {
			struct teredo_server_out out;

			assert_row(rss[i].name, run(&params, rss[i].digits,
						    STRANGER, second, &out),
				   TEREDO_SERVER_ADVERTISE);
			assert_ep(out.to, STRANGER);
			/* C = 1: from the other address, else from the same. */
			assert_row(rss[i].name, out.from_second,
				   second != rss[i].cone);
		}
}

static void secure_server(void **state)
{
	struct teredo_params params = open_server();
	struct teredo_server_out out;
	struct teredo_packet pkt;
	struct unit_env u;
	struct bytes b;

	(void)state;
	set_secret(&params);
	assert_int_equal(run(&params, V_RS_SECURE, STRANGER, false, &out),
			 TEREDO_SERVER_ADVERTISE);

	assert_int_equal(run(&params, V_RS, STRANGER, false, &out),
			 TEREDO_SERVER_DROP);
	assert_reason(out.reason, TEREDO_REASON_RS_UNAUTHENTICATED);
	assert_int_equal(run(&params, &V_RS[2 * TEREDO_AUTH_MIN + 3], STRANGER,
			     false, &out), TEREDO_SERVER_DROP);
	assert_reason(out.reason, TEREDO_REASON_RS_UNAUTHENTICATED);

	/* The last byte of the value. */
	b = hex(V_RS_SECURE);
	b.data[4 + 5 + 19] ^= 1;
	unit_env_init(&u);
	assert_reason(teredo_packet_parse(&pkt, b.data, b.len),
		      TEREDO_REASON_NONE);
	assert_int_equal(teredo_server_input(&params, &u.env, ep(STRANGER),
					     false, &pkt, b.data, &out),
			 TEREDO_SERVER_DROP);
	assert_reason(out.reason, TEREDO_REASON_RS_UNAUTHENTICATED);

	/* If the HMAC cannot be computed nobody gets in. */
	b = hex(V_RS_SECURE);
	u.hmac_fails = true;
	assert_reason(teredo_packet_parse(&pkt, b.data, b.len),
		      TEREDO_REASON_NONE);
	assert_int_equal(teredo_server_input(&params, &u.env, ep(STRANGER),
					     false, &pkt, b.data, &out),
			 TEREDO_SERVER_DROP);
	assert_reason(out.reason, TEREDO_REASON_RS_UNAUTHENTICATED);
}

static void private_lab(void **state)
{
	struct teredo_params params = open_server();
	struct teredo_server_out out;

	(void)state;
	params.allow_private = true;
	assert_int_equal(run(&params, V_RS, "10.0.0.1:4096", false, &out),
			 TEREDO_SERVER_ADVERTISE);
	assert_int_equal(run(&params, BUBBLE(HEX_B, CLIENT_AT("f5fffffe")),
			     MAPPED_B, false, &out), TEREDO_SERVER_FORWARD);
	assert_ep(out.to, "10.0.0.1:4096");
	/* Not what can never be a host. */
	assert_int_equal(run(&params, BUBBLE(HEX_B, CLIENT_AT("1ffffffe")),
			     MAPPED_B, false, &out), TEREDO_SERVER_DROP);
	assert_reason(out.reason, TEREDO_REASON_MAPPED_NOT_GLOBAL);
	assert_int_equal(run(&params, V_RS, "127.0.0.1:4096", false, &out),
			 TEREDO_SERVER_DROP);
	assert_reason(out.reason, TEREDO_REASON_OUTER_SOURCE);
}

/*
 * Two servers: whatever one of them forwards the other one drops, for it
 * comes from another address than its inner source says.
 */
static void no_loop_between_servers(void **state)
{
	struct teredo_params other = open_server();
	struct teredo_server_out out;
	const char *digits =
		/* A client of 198.51.100.118 mapped to that server itself. */
		BUBBLE(HEX_N, "20010000 cb007178 0000f227 39cc9b89");

	(void)state;
	assert_int_equal(run(&other, digits, STRANGER, false, &out),
			 TEREDO_SERVER_FORWARD);
	assert_ep(out.to, "198.51.100.118:3544");
	other.server = ip4(SERVER_B);
	other.server2 = ip4("198.51.100.119");
	assert_int_equal(run(&other, digits, SERVER_A ":3544", false, &out),
			 TEREDO_SERVER_DROP);
	assert_reason(out.reason, TEREDO_REASON_NOT_OUR_CLIENT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(acceptance),
		cmocka_unit_test(icmp_size),
		cmocka_unit_test(solicitations),
		cmocka_unit_test(secure_server),
		cmocka_unit_test(private_lab),
		cmocka_unit_test(no_loop_between_servers),
	};

	return unit_main("server", tests);
}
