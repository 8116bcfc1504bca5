// SPDX-License-Identifier: GPL-2.0
/*
 * What a client does with what it receives: RFC 4380 sections 5.2.3, 5.2.8
 * and 5.2.9, and the dropped packets of its security considerations.
 */
#include "path_host.h"

#define LL_RELAY	"fe800000 00000000 708dfe83 4114a512"
#define RELAY_BUBBLE	"0000f226 39cc9bf5 60000000 00003b00 " LL_RELAY HEX_A
#define ORIGIN_B	"0000dfff 3ffffdf5"
#define LOCAL_B		"192.168.1.10:4096"
/* Client C is behind the same NAT as A. */
#define ADDR_C		"2001:0:cb00:7178:0:eff0:3fff:fdfe"
#define HEX_C		"20010000 cb007178 0000eff0 3ffffdfe"
#define MAPPED_C	"192.0.2.1:4111"
#define ALL_NODES	"ff020000 00000000 00000000 00000001"

static void dropped(void **state)
{
	static const struct {
		const char *name, *digits, *from;
		enum teredo_reason reason;
	} drops[] = {
		{ "bubble, other port", BUBBLE(HEX_B, HEX_A), "192.0.2.10:8193",
		  TEREDO_REASON_MAPPING_MISMATCH },
		{ "bubble, other address", BUBBLE(HEX_B, HEX_A),
		  "192.0.2.11:8192", TEREDO_REASON_MAPPING_MISMATCH },
		{ "bubble with a nonce, other port",
		  BUBBLE(HEX_B, HEX_A) T_NONCE, "192.0.2.10:8193",
		  TEREDO_REASON_MAPPING_MISMATCH },
		{ "data, other port", UDP(HEX_B, HEX_A), "192.0.2.10:8193",
		  TEREDO_REASON_MAPPING_MISMATCH },
		{ "to another client", BUBBLE(HEX_B, HEX_C), MAPPED_B,
		  TEREDO_REASON_NOT_FOR_US },
		{ "to own address with other flags",
		  BUBBLE(HEX_B, "20010000 cb007178 0001efff 3ffffdfe"),
		  MAPPED_B, TEREDO_REASON_NOT_FOR_US },
		{ "to a native host", UDP(HEX_B, HEX_N), MAPPED_B,
		  TEREDO_REASON_NOT_FOR_US },
		{ "to link-local", UDP(HEX_B, LL_RELAY), MAPPED_B,
		  TEREDO_REASON_NOT_FOR_US },
		{ "link-local data from the server", UDP(LL_RELAY, HEX_A),
		  FROM_SERVER, TEREDO_REASON_LINK_LOCAL_SOURCE },
		{ "link-local data from anybody", UDP(LL_RELAY, HEX_A),
		  MAPPED_B, TEREDO_REASON_LINK_LOCAL_SOURCE },
		{ "link-local bubble from anybody", BUBBLE(LL_RELAY, HEX_A),
		  RELAY_IP, TEREDO_REASON_LINK_LOCAL_SOURCE },
		{ "origin from anybody", ORIGIN_B BUBBLE(HEX_B, HEX_A),
		  MAPPED_B, TEREDO_REASON_ORIGIN_NOT_SERVER },
		{ "origin from the server's second address",
		  ORIGIN_B BUBBLE(HEX_B, HEX_A), SERVER2_A ":3544",
		  TEREDO_REASON_ORIGIN_NOT_SERVER },
		{ "origin from another port of the server",
		  ORIGIN_B BUBBLE(HEX_B, HEX_A), SERVER_A ":3545",
		  TEREDO_REASON_ORIGIN_NOT_SERVER },
		{ "origin on data", ORIGIN_B UDP(HEX_B, HEX_A), MAPPED_B,
		  TEREDO_REASON_ORIGIN_NOT_SERVER },
		{ "relay's bubble without origin", BUBBLE(LL_RELAY, HEX_A),
		  FROM_SERVER, TEREDO_REASON_UNVERIFIED },
		{ "native bubble without origin", BUBBLE(HEX_N, HEX_A),
		  FROM_SERVER, TEREDO_REASON_UNVERIFIED },
		{ "relay's bubble with a private origin",
		  "0000f226 f5fffffe" BUBBLE(LL_RELAY, HEX_A), FROM_SERVER,
		  TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "relay's bubble with a multicast origin",
		  "0000f226 1fffff02" BUBBLE(LL_RELAY, HEX_A), FROM_SERVER,
		  TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "relay's bubble with port 0 as origin",
		  "0000ffff 39cc9bf5" BUBBLE(LL_RELAY, HEX_A), FROM_SERVER,
		  TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "relay's bubble with own mapping as origin",
		  V_ORIGIN_A BUBBLE(LL_RELAY, HEX_A), FROM_SERVER,
		  TEREDO_REASON_LOOP },
		{ "indirect bubble of a client at 10.0.0.1",
		  ORIGIN_B BUBBLE("20010000 c6336476 0000dfff f5fffffe", HEX_A),
		  FROM_SERVER, TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "indirect bubble of a client at 255.255.255.255",
		  ORIGIN_B BUBBLE("20010000 c6336476 0000dfff 00000000", HEX_A),
		  FROM_SERVER, TEREDO_REASON_MAPPED_NOT_GLOBAL },
		{ "indirect bubble of a client at the own mapping",
		  V_ORIGIN_A
		  BUBBLE("20010000 c6336476 0000efff 3ffffdfe", HEX_A),
		  FROM_SERVER, TEREDO_REASON_LOOP },
		{ "own address as source", UDP(HEX_A, HEX_A), MAPPED_B,
		  TEREDO_REASON_LOOP },
		{ "from the own mapping", UDP(HEX_N, HEX_A), MAPPED_A,
		  TEREDO_REASON_LOOP },
		{ "multicast", UDP(HEX_B, ALL_NODES), MAPPED_B,
		  TEREDO_REASON_MULTICAST },
		{ "global multicast",
		  BUBBLE(HEX_B, "ff0e0000 00000000 00000000 00000001"),
		  MAPPED_B, TEREDO_REASON_MULTICAST },
		{ "discovery bubble to the unicast address",
		  BUBBLE(HEX_C, ALL_NODES), MAPPED_C,
		  TEREDO_REASON_DISCOVERY_UNICAST },
		{ "source ::",
		  UDP("00000000 00000000 00000000 00000000", HEX_A), MAPPED_B,
		  TEREDO_REASON_NOT_GLOBAL },
		{ "source ::1",
		  UDP("00000000 00000000 00000000 00000001", HEX_A), MAPPED_B,
		  TEREDO_REASON_NOT_GLOBAL },
		{ "multicast source",
		  UDP("ff0e0000 00000000 00000000 00000001", HEX_A), MAPPED_B,
		  TEREDO_REASON_NOT_GLOBAL },
		{ "client at 10.0.0.1 and from there",
		  UDP("20010000 c6336476 0000dfff f5fffffe", HEX_A),
		  "10.0.0.1:8192", TEREDO_REASON_OUTER_SOURCE },
		{ "client at 127.0.0.1 and from there",
		  UDP("20010000 c6336476 0000dfff 80fffffe", HEX_A),
		  "127.0.0.1:8192", TEREDO_REASON_OUTER_SOURCE },
		{ "native data from a private address", UDP(HEX_N, HEX_A),
		  "10.0.0.1:3545", TEREDO_REASON_UNVERIFIED },
		{ "native bubble from anybody", BUBBLE(HEX_N, HEX_A), RELAY_IP,
		  TEREDO_REASON_UNVERIFIED },
		{ "routing header of type 0",
		  "60000000 00182b40" HEX_B HEX_A "3b020001 00000000" HEX_N,
		  MAPPED_B, TEREDO_REASON_ROUTING_HEADER },
		{ "routing header of type 0 behind hop-by-hop options",
		  "60000000 00200040" HEX_B HEX_A "2b000104 00000000"
		  "3b020001 00000000" HEX_N,
		  MAPPED_B, TEREDO_REASON_ROUTING_HEADER },
		{ "routing header of type 0 behind destination options",
		  "60000000 00203c40" HEX_B HEX_A "2b000104 00000000"
		  "3b020001 00000000" HEX_N,
		  MAPPED_B, TEREDO_REASON_ROUTING_HEADER },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(drops); i++) {
		struct peering p;

		client_init(&p);
		assert_string_equal(verdict_name(path_input(&p, drops[i].digits,
							    drops[i].from)),
				    "drop");
		assert_reason_row(drops[i].name, p.act.reason, drops[i].reason);
		assert_row(drops[i].name, p.act.n, 0);
		/* A packet that is dropped anyway leaves no state behind. */
		assert_row(drops[i].name, p.known, false);
	}
}

static void not_qualified(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	p.self.usable = false;
	assert_drop(&p, path_input(&p, BUBBLE(HEX_B, HEX_A), MAPPED_B),
		    TEREDO_REASON_NOT_QUALIFIED);
	assert_drop(&p, path_input(&p, ORIGIN_B BUBBLE(HEX_B, HEX_A),
				   FROM_SERVER), TEREDO_REASON_NOT_QUALIFIED);
	assert_drop(&p, path_input(&p, RELAY_BUBBLE, FROM_SERVER),
		    TEREDO_REASON_NOT_QUALIFIED);
	assert_drop(&p, path_input(&p, UDP(HEX_N, HEX_A), RELAY_IP),
		    TEREDO_REASON_NOT_QUALIFIED);
	/* Advertisements are what it waits for. */
	assert_verdict(path_input(&p, V_RA, FROM_SERVER), TEREDO_TO_CLIENT);
}

/* They are judged by the client, which knows the nonce. */
static void advertisements(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	assert_verdict(path_input(&p, V_RA, FROM_SERVER), TEREDO_TO_CLIENT);
	assert_verdict(path_input(&p, V_RA, SERVER2_A ":3544"),
		       TEREDO_TO_CLIENT);
	assert_verdict(path_input(&p, V_RA, "192.0.2.99:1"), TEREDO_TO_CLIENT);
	assert_false(p.known);
	/* On a relay nothing asked for one. */
	relay_init(&p, TEREDO_ROLE_RELAY);
	assert_drop(&p, path_input(&p, &V_RA[2 * TEREDO_AUTH_MIN + 3],
				   FROM_SERVER),
		    TEREDO_REASON_ORIGIN_NOT_SERVER);
}

/* Case 1 */
static void from_trusted(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	peer_trust(&p, ADDR_B, MAPPED_B);
	p.now += 10 * TEREDO_SEC;
	assert_verdict(path_input(&p, UDP(HEX_B, HEX_A), MAPPED_B),
		       TEREDO_ACCEPT);
	assert_int_equal(p.path.last_rx, p.now);
	assert_false(p.act.trusted);
	assert_false(p.act.moved);
	assert_int_equal(p.act.n, 0);
	p.now += 10 * TEREDO_SEC;
	assert_verdict(path_input(&p, BUBBLE(HEX_B, HEX_A), MAPPED_B),
		       TEREDO_CONSUME);
	assert_int_equal(p.path.last_rx, p.now);

	/* A local peer, on a private address. */
	client_init(&p);
	peer_trust(&p, ADDR_B, LOCAL_B);
	assert_verdict(path_input(&p, UDP(HEX_B, HEX_A), LOCAL_B),
		       TEREDO_ACCEPT);

	/* A native host behind the relay that was tested. */
	client_init(&p);
	peer_trust(&p, ADDR_N, RELAY_IP);
	assert_verdict(path_input(&p, UDP(HEX_N, HEX_A), RELAY_IP),
		       TEREDO_ACCEPT);
	/* Trailers are cut off; an ordinary ping goes to the stack. */
	assert_verdict(path_input(&p, UDP(HEX_N, HEX_A) T_NONCE, RELAY_IP),
		       TEREDO_ACCEPT);
	assert_verdict(path_input(&p, V_ECHO_REPLY, RELAY_IP), TEREDO_ACCEPT);
}

/* Case 3: the Teredo address says where it comes from. */
static void matching(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	assert_verdict(path_input(&p, UDP(HEX_B, HEX_A), MAPPED_B),
		       TEREDO_ACCEPT);
	assert_true(p.known);
	assert_true(p.act.trusted);
	assert_ep(p.path.mapped, MAPPED_B);
	assert_verdict(path_output(&p), TEREDO_SEND);

	client_init(&p);
	assert_verdict(path_input(&p, BUBBLE(HEX_B, HEX_A), MAPPED_B),
		       TEREDO_CONSUME);
	assert_true(p.act.trusted);

	/* While bubbles are under way: done with them. */
	client_init(&p);
	peer_init(&p, ADDR_B);
	path_output(&p);
	p.now += 100 * TEREDO_MSEC;
	assert_verdict(path_input(&p, BUBBLE(HEX_B, HEX_A), MAPPED_B),
		       TEREDO_CONSUME);
	assert_true(p.act.trusted);
	p.now += 10 * TEREDO_SEC;
	path_tick(&p);
	assert_int_equal(p.act.n, 0);
	assert_false(p.act.failed);
	assert_verdict(path_output(&p), TEREDO_SEND);

	/* A trusted peer that was elsewhere before. */
	client_init(&p);
	peer_trust(&p, ADDR_B, LOCAL_B);
	assert_verdict(path_input(&p, UDP(HEX_B, HEX_A), MAPPED_B),
		       TEREDO_ACCEPT);
	assert_false(p.act.trusted);
	assert_true(p.act.moved);
	assert_ep(p.path.mapped, MAPPED_B);

	/* A trusted peer's packets from elsewhere change nothing. */
	client_init(&p);
	peer_trust(&p, ADDR_B, MAPPED_B);
	p.now += TEREDO_SEC;
	assert_drop(&p, path_input(&p, UDP(HEX_B, HEX_A), "192.0.2.10:8193"),
		    TEREDO_REASON_MAPPING_MISMATCH);
	assert_ep(p.path.mapped, MAPPED_B);
	assert_int_equal(p.path.last_rx, p.now - TEREDO_SEC);

	/* Extension headers that are cut short are the stack's to refuse. */
	client_init(&p);
	assert_verdict(path_input(&p, "60000000 00040040" HEX_B HEX_A
				  "2b000104", MAPPED_B), TEREDO_ACCEPT);
	assert_verdict(path_input(&p, "60000000 00080040" HEX_B HEX_A
				  "2b010104 00000000", MAPPED_B),
		       TEREDO_ACCEPT);

	/* In a closed lab. */
	client_init(&p);
	p.self.allow_private = true;
	assert_verdict(path_input(&p, UDP("20010000 c6336476 0000dfff f5fffffe",
					  HEX_A), "10.0.0.1:8192"),
		       TEREDO_ACCEPT);
}

/* Through the own server: answered, to where the peer says that it is. */
static void indirect(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	assert_verdict(path_input(&p, ORIGIN_B BUBBLE(HEX_B, HEX_A) T_NONCE,
				  FROM_SERVER), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
	assert_emit(&p, 0, MAPPED_B, ADDR_A, ADDR_B);
	assert_true(p.act.emit[0].answer);
	assert_false(p.act.emit[0].echo);
	/* It proves nothing yet. */
	assert_false(p.path.flags & TEREDO_PATH_TRUSTED);
	assert_verdict(path_output(&p), TEREDO_QUEUE);

	/* A server that leaves out the origin. */
	client_init(&p);
	assert_verdict(path_input(&p, BUBBLE(HEX_B, HEX_A), FROM_SERVER),
		       TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
	assert_emit(&p, 0, MAPPED_B, ADDR_A, ADDR_B);

	/* The origin does not lead the answer to somebody else. */
	client_init(&p);
	assert_verdict(path_input(&p, "0000f226 39cc9bf5"
				  BUBBLE(HEX_B, HEX_A), FROM_SERVER),
		       TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
	assert_emit(&p, 0, MAPPED_B, ADDR_A, ADDR_B);
}

/* Answers within the round trip of own bubbles, but not without end. */
static void answers_are_limited(void **state)
{
	unsigned int n = 0;
	struct peering p;
	u64 begin, last = 0;

	(void)state;
	client_init(&p);
	peer_init(&p, ADDR_B);
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	assert_verdict(path_input(&p, ORIGIN_B BUBBLE(HEX_B, HEX_A),
				  FROM_SERVER), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
	assert_drop(&p, path_input(&p, ORIGIN_B BUBBLE(HEX_B, HEX_A),
				   FROM_SERVER), TEREDO_REASON_RATE_LIMITED);

	client_init(&p);
	begin = p.now;
	while (p.now < begin + 30 * TEREDO_SEC) {
		path_input(&p, ORIGIN_B BUBBLE(HEX_B, HEX_A), FROM_SERVER);
		if (p.act.n) {
			assert_true(!n || p.now - last >= 500 * TEREDO_MSEC);
			last = p.now;
			n += p.act.n;
		}
		p.now += 10 * TEREDO_MSEC;
	}
	assert_int_equal(n, 8);
	assert_verdict(path_input(&p, ORIGIN_B BUBBLE(HEX_B, HEX_A),
				  FROM_SERVER), TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
}

/* A relay's bubble: swapped, to its origin; no peer is made of it. */
static void relay_bubbles(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	assert_verdict(path_input(&p, RELAY_BUBBLE, FROM_SERVER),
		       TEREDO_CONSUME);
	assert_false(p.known);
	assert_int_equal(p.act.n, 1);
	assert_emit(&p, 0, RELAY_IP, ADDR_A, "fe80::708d:fe83:4114:a512");
	assert_true(p.act.emit[0].answer);

	/* Windows' answer in the trace, packets 31 and 32. */
	client_init(&p);
	p.self.server = ip4("65.55.158.80");
	p.self.addr = ip6("2001:0:4137:9e50:8000:f12a:b9c8:2815");
	p.self.mapped = ep("70.55.215.234:3797");
	assert_verdict(path_input(&p, XP_RELAY_BUBBLE, "65.55.158.80:3544"),
		       TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
	assert_emit(&p, 0, "83.170.1.38:32900",
		    "2001:0:4137:9e50:8000:f12a:b9c8:2815",
		    "fe80::708d:fe83:4114:a512");
}

/* A bubble for a native host: an answer, and a test of that host. */
static void native_bubbles(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	assert_verdict(path_input(&p, "0000f226 39cc9bf5"
				  BUBBLE(HEX_N, HEX_A), FROM_SERVER),
		       TEREDO_CONSUME);
	assert_int_equal(p.act.n, 2);
	assert_emit(&p, 0, RELAY_IP, ADDR_A, ADDR_N);
	assert_false(p.act.emit[0].echo);
	assert_true(p.act.emit[0].answer);
	assert_emit(&p, 1, FROM_SERVER, ADDR_A, ADDR_N);
	assert_true(p.act.emit[1].echo);
	/* CVE-2006-6266: a stranger made us do it, so it is limited. */
	assert_true(p.act.emit[1].answer);
	assert_false(p.path.flags & TEREDO_PATH_TRUSTED);
	/* One test at a time. */
	p.now += TEREDO_SEC;
	assert_verdict(path_input(&p, "0000f226 39cc9bf5"
				  BUBBLE(HEX_N, HEX_A), FROM_SERVER),
		       TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
}

/* Case 2: the reply to the connectivity test names the relay. */
static void echo_test(void **state)
{
	struct bytes reply;
	struct peering p;

	(void)state;
	client_init(&p);
	peer_init(&p, ADDR_N);
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	reply = echo_reply(&p);

	/* One bit of the nonce wrong, and the checksum made good for it. */
	reply.data[48 + 7] ^= 1;
	reply.data[43] = (u8)(reply.data[43] + (reply.data[48 + 7] & 1 ? -1 :
						 1));
	assert_drop(&p, path_input_bytes(&p, reply, RELAY_IP),
		    TEREDO_REASON_ECHO_MISMATCH);
	/* The right nonce but a wrong checksum. */
	reply = echo_reply(&p);
	reply.data[43] ^= 1;
	assert_drop(&p, path_input_bytes(&p, reply, RELAY_IP),
		    TEREDO_REASON_ECHO_MISMATCH);
	/* From where nobody can answer. */
	assert_drop(&p, path_input_bytes(&p, echo_reply(&p), "10.0.0.1:3545"),
		    TEREDO_REASON_OUTER_SOURCE);
	assert_true(p.path.flags & TEREDO_PATH_OPENING);
	assert_false(p.path.flags & TEREDO_PATH_TRUSTED);

	assert_verdict(path_input_bytes(&p, echo_reply(&p), RELAY_IP),
		       TEREDO_CONSUME);
	assert_true(p.act.trusted);
	assert_ep(p.path.mapped, RELAY_IP);
	assert_int_equal(p.path.last_rx, p.now);
	assert_verdict(path_output(&p), TEREDO_SEND);
	assert_int_equal(p.act.n, 0);

	/* The nonce is good once. */
	assert_verdict(path_input_bytes(&p, echo_reply(&p), "192.0.2.200:1"),
		       TEREDO_HOLD);
	assert_ep(p.path.mapped, RELAY_IP);
}

/* The reply of a test that asks a known relay again is for us alone too. */
static void echo_test_of_a_trusted_relay(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	peer_trust(&p, ADDR_N, RELAY_IP);
	p.now += 21 * TEREDO_SEC;
	assert_verdict(path_output(&p), TEREDO_SEND);
	assert_int_equal(p.act.n, 1);
	assert_true(p.act.emit[0].echo);
	p.now += 100 * TEREDO_MSEC;
	assert_verdict(path_input_bytes(&p, echo_reply(&p), RELAY_IP),
		       TEREDO_CONSUME);
	assert_false(p.act.moved);
	assert_int_equal(p.path.last_rx, p.now);
	p.now += TEREDO_SEC;
	assert_verdict(path_output(&p), TEREDO_SEND);
	assert_int_equal(p.act.n, 0);
}

/* The user's own pings are not taken for replies to the test. */
static void other_pings(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	peer_trust(&p, ADDR_N, RELAY_IP);
	p.now += 21 * TEREDO_SEC;
	path_output(&p);
	assert_verdict(path_input(&p, V_ECHO_REPLY, RELAY_IP), TEREDO_ACCEPT);
}

/* The relay for a host changes: only the test shows to which. */
static void relay_moves(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	peer_trust(&p, ADDR_N, RELAY_IP);
	p.now += TEREDO_SEC;
	assert_verdict(path_input(&p, UDP(HEX_N, HEX_A), "198.51.100.20:3545"),
		       TEREDO_HOLD);
	assert_int_equal(p.act.n, 1);
	assert_true(p.act.emit[0].echo);
	assert_true(p.act.emit[0].answer);
	assert_ep(p.path.mapped, RELAY_IP);
	/* Meanwhile the old one is still used. */
	assert_verdict(path_output(&p), TEREDO_SEND);
	assert_verdict(path_input_bytes(&p, echo_reply(&p),
					"198.51.100.20:3545"),
		       TEREDO_CONSUME);
	assert_true(p.act.moved);
	assert_false(p.act.trusted);
	assert_ep(p.path.mapped, "198.51.100.20:3545");
}

/*
 * Somebody else claims to bring a host's packets, and the host answers no
 * test: that takes nothing from the relay that does bring them.
 */
static void relay_is_not_pushed_out(void **state)
{
	struct peering p;
	int i;

	(void)state;
	client_init(&p);
	peer_trust(&p, ADDR_N, RELAY_IP);
	assert_verdict(path_input(&p, UDP(HEX_N, HEX_A), "192.0.2.66:1"),
		       TEREDO_HOLD);
	for (i = 0; i < 4; i++) {
		p.now += TEREDO_SEC;
		p.path.last_rx = p.now;
		p.now += TEREDO_SEC;
		path_tick(&p);
	}
	assert_true(p.act.failed);
	assert_verdict(path_output(&p), TEREDO_SEND);
	assert_int_equal(p.act.n, 0);
	assert_ep(p.path.mapped, RELAY_IP);
	assert_verdict(path_input(&p, UDP(HEX_N, HEX_A), RELAY_IP),
		       TEREDO_ACCEPT);
}

/* Case 6: a native host speaks first. */
static void unverified(void **state)
{
	struct peering p;
	int i;

	(void)state;
	client_init(&p);
	assert_verdict(path_input(&p, UDP(HEX_N, HEX_A), RELAY_IP),
		       TEREDO_HOLD);
	assert_int_equal(p.act.n, 1);
	assert_emit(&p, 0, FROM_SERVER, ADDR_A, ADDR_N);
	assert_true(p.act.emit[0].echo);
	assert_true(p.act.emit[0].answer);
	assert_false(p.path.flags & TEREDO_PATH_TRUSTED);
	/* More of it does not lead to more tests. */
	for (i = 0; i < 10; i++) {
		assert_verdict(path_input(&p, UDP(HEX_N, HEX_A), RELAY_IP),
			       TEREDO_HOLD);
		assert_int_equal(p.act.n, 0);
	}
	assert_verdict(path_input_bytes(&p, echo_reply(&p), RELAY_IP),
		       TEREDO_CONSUME);
	assert_true(p.act.trusted);
	assert_verdict(path_input(&p, UDP(HEX_N, HEX_A), RELAY_IP),
		       TEREDO_ACCEPT);

	/* It fails: four tests, then silence. */
	client_init(&p);
	path_input(&p, UDP(HEX_N, HEX_A), RELAY_IP);
	for (i = 0; i < 3; i++) {
		p.now = p.path.deadline;
		path_tick(&p);
		assert_int_equal(p.act.n, 1);
	}
	p.now = p.path.deadline;
	path_tick(&p);
	assert_true(p.act.failed);
	assert_drop(&p, path_input(&p, UDP(HEX_N, HEX_A), RELAY_IP),
		    TEREDO_REASON_UNVERIFIED);
}

/* No reply without a request. */
static void echo_reply_out_of_the_blue(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	assert_verdict(path_input(&p, V_ECHO_REPLY, RELAY_IP), TEREDO_HOLD);
	assert_false(p.path.flags & TEREDO_PATH_TRUSTED);
}

static void discovery(void **state)
{
	static const struct {
		const char *name, *digits, *from;
		bool off_link;
		enum teredo_reason reason;
	} drops[] = {
		{ "data", UDP(HEX_C, ALL_NODES), LOCAL_B, false,
		  TEREDO_REASON_DISCOVERY_INVALID },
		{ "to another group",
		  BUBBLE(HEX_C, "ff020000 00000000 00000000 00000002"), LOCAL_B,
		  false, TEREDO_REASON_DISCOVERY_INVALID },
		{ "to our address", BUBBLE(HEX_C, HEX_A), LOCAL_B, false,
		  TEREDO_REASON_DISCOVERY_INVALID },
		{ "native source", BUBBLE(HEX_N, ALL_NODES), LOCAL_B, false,
		  TEREDO_REASON_DISCOVERY_INVALID },
		{ "link-local source", BUBBLE(LL_RELAY, ALL_NODES), LOCAL_B,
		  false, TEREDO_REASON_DISCOVERY_INVALID },
		{ "private mapping",
		  BUBBLE("20010000 cb007178 0000efff f5fffffe", ALL_NODES),
		  LOCAL_B, false, TEREDO_REASON_DISCOVERY_INVALID },
		{ "from outside the subnet", BUBBLE(HEX_C, ALL_NODES),
		  LOCAL_B, true, TEREDO_REASON_DISCOVERY_INVALID },
		{ "own bubble", BUBBLE(HEX_A, ALL_NODES), LOCAL_B, false,
		  TEREDO_REASON_LOOP },
		{ "from the own mapping", BUBBLE(HEX_C, ALL_NODES), MAPPED_A,
		  false, TEREDO_REASON_LOOP },
		{ "behind another NAT", BUBBLE(HEX_B, ALL_NODES), LOCAL_B,
		  false, TEREDO_REASON_DISCOVERY_FOREIGN },
	};
	struct peering p;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(drops); i++) {
		client_init(&p);
		p.self.discovery = true;
		p.multicast = true;
		p.on_link = !drops[i].off_link;
		assert_row(drops[i].name, path_input(&p, drops[i].digits,
						     drops[i].from),
			   TEREDO_DROP);
		assert_reason_row(drops[i].name, p.act.reason, drops[i].reason);
		assert_row(drops[i].name, p.act.n, 0);
		assert_row(drops[i].name, p.known, false);
	}

	/* Off, as it is unless asked for. */
	client_init(&p);
	p.multicast = true;
	p.on_link = true;
	assert_drop(&p, path_input(&p, BUBBLE(HEX_C, ALL_NODES), LOCAL_B),
		    TEREDO_REASON_NOT_QUALIFIED);

	client_init(&p);
	p.self.discovery = true;
	p.multicast = true;
	p.on_link = true;
	assert_verdict(path_input(&p, BUBBLE(HEX_C, ALL_NODES), LOCAL_B),
		       TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
	assert_emit(&p, 0, LOCAL_B, ADDR_A, ADDR_C);
	/* Learnt, not trusted. */
	assert_false(p.path.flags & TEREDO_PATH_TRUSTED);
	assert_true(p.path.flags & TEREDO_PATH_LOCAL);
	assert_ep(p.path.local, LOCAL_B);

	/* Case 5: a direct packet from there makes it so. */
	p.multicast = false;
	assert_verdict(path_input(&p, UDP(HEX_C, HEX_A), "192.168.1.11:4096"),
		       TEREDO_DROP);
	assert_reason(p.act.reason, TEREDO_REASON_MAPPING_MISMATCH);
	assert_verdict(path_input(&p, UDP(HEX_C, HEX_A), LOCAL_B),
		       TEREDO_ACCEPT);
	assert_true(p.act.trusted);
	assert_ep(p.path.mapped, LOCAL_B);
	assert_verdict(path_output(&p), TEREDO_SEND);
}

/* Case 5 counts 600 s from the last discovery bubble. */
static void discovery_ends(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	p.self.discovery = true;
	p.multicast = true;
	p.on_link = true;
	path_input(&p, BUBBLE(HEX_C, ALL_NODES), LOCAL_B);
	p.multicast = false;
	p.now += 600 * TEREDO_SEC;
	assert_drop(&p, path_input(&p, UDP(HEX_C, HEX_A), LOCAL_B),
		    TEREDO_REASON_MAPPING_MISMATCH);
}

/* The other side of it: the unicast answer to our discovery bubble. */
static void discovery_answer(void **state)
{
	struct peering p;

	(void)state;
	client_init(&p);
	p.self.discovery = true;
	p.on_link = true;
	assert_verdict(path_input(&p, BUBBLE(HEX_C, HEX_A), LOCAL_B),
		       TEREDO_CONSUME);
	assert_int_equal(p.act.n, 1);
	assert_emit(&p, 0, LOCAL_B, ADDR_A, ADDR_C);
	assert_false(p.path.flags & TEREDO_PATH_TRUSTED);
	/* The next one comes from a place that is known now. */
	assert_verdict(path_input(&p, BUBBLE(HEX_C, HEX_A), LOCAL_B),
		       TEREDO_CONSUME);
	assert_true(p.act.trusted);
	assert_int_equal(p.act.n, 0);

	/* Not from beyond the link, not from behind another NAT. */
	client_init(&p);
	p.self.discovery = true;
	assert_drop(&p, path_input(&p, BUBBLE(HEX_C, HEX_A), LOCAL_B),
		    TEREDO_REASON_MAPPING_MISMATCH);
	p.on_link = true;
	assert_drop(&p, path_input(&p, BUBBLE(HEX_B, HEX_A), LOCAL_B),
		    TEREDO_REASON_MAPPING_MISMATCH);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(dropped),
		cmocka_unit_test(not_qualified),
		cmocka_unit_test(advertisements),
		cmocka_unit_test(from_trusted),
		cmocka_unit_test(matching),
		cmocka_unit_test(indirect),
		cmocka_unit_test(answers_are_limited),
		cmocka_unit_test(relay_bubbles),
		cmocka_unit_test(native_bubbles),
		cmocka_unit_test(echo_test),
		cmocka_unit_test(echo_test_of_a_trusted_relay),
		cmocka_unit_test(other_pings),
		cmocka_unit_test(relay_moves),
		cmocka_unit_test(relay_is_not_pushed_out),
		cmocka_unit_test(unverified),
		cmocka_unit_test(echo_reply_out_of_the_blue),
		cmocka_unit_test(discovery),
		cmocka_unit_test(discovery_ends),
		cmocka_unit_test(discovery_answer),
	};

	return unit_main("path-input", tests);
}
