// SPDX-License-Identifier: GPL-2.0
/*
 * Every packet of vectors.h is parsed, and built again byte for byte where the
 * module builds such a packet.
 */
#include <stdlib.h>

#include "unit.h"
#include "vectors.h"

/* Digits and blanks of the 13 bytes of an empty authentication header. */
enum { AUTH_DIGITS = 2 * TEREDO_AUTH_MIN + 3 };

static struct teredo_params server_params(const char *server)
{
	struct teredo_params p = {
		.role = TEREDO_ROLE_SERVER,
		.prefix = htonl(TEREDO_PREFIX),
		.server = ip4(server),
		.server2 = htonl(ntohl(ip4(server)) + 1),
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

/* A copy as long as the packet: a read behind its end is seen by ASan. */
struct packet {
	struct teredo_packet pkt;
	u8 *data;
	size_t len;
};

static struct packet parse(const char *digits)
{
	struct bytes b = hex(digits);
	struct packet p = { .len = b.len, .data = malloc(b.len) };

	assert_non_null(p.data);
	memcpy(p.data, b.data, b.len);
	assert_reason(teredo_packet_parse(&p.pkt, p.data, p.len),
		      TEREDO_REASON_NONE);
	return p;
}

static void all_are_well_formed(void **state)
{
	static const struct {
		const char *name, *digits;
	} all[] = {
#define V(name, digits) { name, digits },
		UNIT_VECTORS(V)
#undef V
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		struct bytes b = hex(all[i].digits);
		struct teredo_packet pkt;

		assert_reason_row(all[i].name,
				  teredo_packet_parse(&pkt, b.data, b.len),
				  TEREDO_REASON_NONE);
		assert_row(all[i].name, pkt.ip6_off + pkt.ip6_len +
					pkt.trailer_len, (long long)b.len);
	}
}

static void sizes(void **state)
{
	static const struct {
		const char *digits;
		size_t len;
	} sizes[] = {
		{ XP_RS, 77 }, { XP_RA, 109 }, { XP_DIRECT_BUBBLE, 40 },
		{ XP_ECHO, 52 }, { XP_RELAY_BUBBLE, 48 },
		{ XP_BUBBLE_ANSWER, 40 }, { XP_ECHO_REPLY, 52 },
		{ MIREDO_RS, 61 }, { MIREDO_RA, 117 }, { MIREDO_BUBBLE, 40 },
		{ MIREDO_BUBBLE_ANSWER, 40 }, { MIREDO_ECHO, 66 },
		{ MIREDO_RELAY_BUBBLE, 48 }, { V_RS, 61 }, { V_RS_CONE, 61 },
		{ V_RA, 117 }, { V_RS_SECURE, 86 }, { V_RA_SECURE, 142 },
		{ V_BUBBLE, 40 }, { V_BUBBLE_NONCE, 46 },
		{ V_BUBBLE_FORWARDED, 54 }, { T_ALT_TWO, 16 },
		{ T_ALT_ONE, 10 }, { T_ND_SOLICIT, 6 }, { T_ND_ADVERT, 6 },
		{ T_RANDOM_PORT, 4 }, { V_DISCOVERY, 40 }, { V_ECHO, 56 },
		{ V_ECHO_REPLY, 56 },
	};
	size_t i;

	(void)state;
	/* The vectors themselves, against slips in copying them. */
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		assert_int_equal(hex(sizes[i].digits).len, sizes[i].len);
}

static void xp_solicitation(void **state)
{
	struct packet p = parse(XP_RS);

	(void)state;
	assert_true(p.pkt.has_auth);
	assert_int_equal(p.pkt.id_len, 0);
	assert_int_equal(p.pkt.au_len, 0);
	assert_int_equal(p.pkt.confirmation, 0);
	assert_memory_equal(p.pkt.nonce, hex("cd566940 0b22df88").data, 8);
	assert_false(p.pkt.has_origin);
	assert_addr(p.pkt.saddr, "fe80::8000:ffff:ffff:fffd");
	assert_addr(p.pkt.daddr, "ff02::2");
	assert_int_equal(teredo_packet_icmp_type(&p.pkt, p.data), 133);
	assert_true(teredo_packet_icmp_checksum_ok(&p.pkt, p.data));
	assert_true(teredo_packet_is_rs(&p.pkt, p.data));
	free(p.data);
}

static void xp_advertisement(void **state)
{
	struct packet p = parse(XP_RA);
	struct teredo_ra ra;

	(void)state;
	assert_memory_equal(p.pkt.nonce, hex("cd566940 0b22df88").data, 8);
	assert_true(p.pkt.has_origin);
	assert_ep(p.pkt.origin, "70.55.215.234:3797");
	assert_addr(p.pkt.saddr, "fe80::8000:f227:bec8:61af");
	assert_addr(p.pkt.daddr, "fe80::8000:ffff:ffff:fffd");
	assert_int_equal(p.pkt.hop_limit, 255);
	assert_reason(teredo_packet_parse_ra(&p.pkt, p.data, &ra),
		      TEREDO_REASON_NONE);
	assert_int_equal(ra.prefix, htonl(TEREDO_PREFIX));
	assert_int_equal(ra.server, ip4("65.55.158.80"));
	assert_int_equal(ra.mtu, 0);
	assert_false(teredo_packet_is_rs(&p.pkt, p.data));
	free(p.data);
}

static void assert_bubble(const char *digits, const char *saddr,
			  const char *daddr, u8 hop_limit)
{
	struct packet p = parse(digits);
	struct in6_addr s = ip6(saddr), d = ip6(daddr);
	u8 buf[TEREDO_BUBBLE_LEN];
	size_t n;

	assert_true(teredo_packet_is_bubble(&p.pkt));
	assert_addr(p.pkt.saddr, saddr);
	assert_addr(p.pkt.daddr, daddr);
	assert_int_equal(p.pkt.hop_limit, hop_limit);
	assert_int_equal(teredo_packet_icmp_type(&p.pkt, p.data), -1);

	n = teredo_build_bubble(buf, &s, &d, hop_limit);
	assert_int_equal(n, TEREDO_BUBBLE_LEN);
	assert_memory_equal(buf, p.data + p.pkt.ip6_off, n);
	free(p.data);
}

static void bubbles(void **state)
{
	struct packet p;
	u8 buf[TEREDO_ORIGIN_LEN];

	(void)state;
	assert_bubble(XP_DIRECT_BUBBLE,
		      "2001:0:4137:9e50:8000:f12a:b9c8:2815",
		      "2001:4860:0:2001::68", 21);
	assert_bubble(XP_RELAY_BUBBLE, "fe80::708d:fe83:4114:a512",
		      "2001:0:4137:9e50:8000:f12a:b9c8:2815", 0);
	assert_bubble(XP_BUBBLE_ANSWER,
		      "2001:0:4137:9e50:8000:f12a:b9c8:2815",
		      "fe80::708d:fe83:4114:a512", 0);
	assert_bubble(MIREDO_BUBBLE, "fe80::f4cf:a18a:6603:79b3",
		      "2001:0:cb00:7178:2c54:dfff:3fff:fd7e", 0);
	assert_bubble(MIREDO_BUBBLE_ANSWER,
		      "2001:0:cb00:7178:2c54:dfff:3fff:fd7e",
		      "fe80::f4cf:a18a:6603:79b3", 0);
	assert_bubble(MIREDO_RELAY_BUBBLE, "fe80::8cb7:5d3b:228e:816d",
		      "2001:0:cb00:7178:ca5:efff:3fff:fdfe", 0);
	assert_bubble(V_BUBBLE, ADDR_A, ADDR_B, 0);
	assert_bubble(V_BUBBLE_NONCE, ADDR_A, ADDR_B, 0);
	assert_bubble(V_BUBBLE_FORWARDED, ADDR_A, ADDR_B, 0);
	assert_bubble(V_DISCOVERY, ADDR_A, "ff02::1", 1);

	p = parse(XP_RELAY_BUBBLE);
	assert_ep(p.pkt.origin, "83.170.1.38:32900");
	assert_bytes(buf, teredo_build_origin(buf, p.pkt.origin),
		     hex("00007f7b ac55fed9"));
	free(p.data);
	p = parse(MIREDO_RELAY_BUBBLE);
	assert_ep(p.pkt.origin, "198.51.100.10:3545");
	assert_bytes(buf, teredo_build_origin(buf, p.pkt.origin),
		     hex("0000f226 39cc9bf5"));
	free(p.data);
	p = parse(V_BUBBLE_FORWARDED);
	assert_ep(p.pkt.origin, MAPPED_A);
	free(p.data);
}

/* RFC 4380 section 5.1.1: port 337 is 0xfeae, 1.2.3.4 is 0xfefdfcfb. */
static void origin(void **state)
{
	u8 buf[TEREDO_ORIGIN_LEN];

	(void)state;
	assert_bytes(buf, teredo_build_origin(buf, ep("1.2.3.4:337")),
		     hex("0000feae fefdfcfb"));
}

static void solicitations(void **state)
{
	struct teredo_params params = server_params(SERVER_A);
	u8 buf[TEREDO_AUTH_MAX + TEREDO_RS_LEN];
	struct bytes nonce = hex("01020304 05060708");
	struct unit_env u;

	(void)state;
	unit_env_init(&u);
	params.role = TEREDO_ROLE_CLIENT;
	assert_bytes(buf, teredo_build_rs(buf, false, nonce.data, &params,
					  &u.env), hex(V_RS));
	assert_bytes(buf, teredo_build_rs(buf, true, nonce.data, &params,
					  &u.env), hex(V_RS_CONE));
	assert_bytes(buf, teredo_build_rs(buf, false,
					  hex("c65cf2c8 affb2306").data,
					  &params, &u.env), hex(MIREDO_RS));
	set_secret(&params);
	assert_bytes(buf, teredo_build_rs(buf, false, nonce.data, &params,
					  &u.env), hex(V_RS_SECURE));
	u.hmac_fails = true;
	assert_true(teredo_build_rs(buf, false, nonce.data, &params,
				    &u.env) < 0);
}

static void advertisements(void **state)
{
	struct teredo_params params = server_params(SERVER_A);
	u8 buf[TEREDO_CONTROL_MAX];
	struct unit_env u;
	struct packet rs;

	(void)state;
	unit_env_init(&u);

	rs = parse(V_RS);
	assert_bytes(buf, teredo_build_ra(buf, &rs.pkt, ep(MAPPED_A), &params,
					  &u.env), hex(V_RA));
	/* No authentication header: the answer has none either. */
	free(rs.data);
	rs = parse(&V_RS[AUTH_DIGITS]);
	assert_true(teredo_packet_is_rs(&rs.pkt, rs.data));
	assert_bytes(buf, teredo_build_ra(buf, &rs.pkt, ep(MAPPED_A), &params,
					  &u.env), hex(&V_RA[AUTH_DIGITS]));
	free(rs.data);

	rs = parse(MIREDO_RS);
	assert_bytes(buf, teredo_build_ra(buf, &rs.pkt, ep(MAPPED_A), &params,
					  &u.env), hex(MIREDO_RA));
	free(rs.data);

	rs = parse(V_RS_SECURE);
	/* An open server takes no notice of identifier and value. */
	assert_bytes(buf, teredo_build_ra(buf, &rs.pkt, ep(MAPPED_A), &params,
					  &u.env), hex(V_RA));
	set_secret(&params);
	assert_bytes(buf, teredo_build_ra(buf, &rs.pkt, ep(MAPPED_A), &params,
					  &u.env), hex(V_RA_SECURE));
	u.hmac_fails = true;
	assert_true(teredo_build_ra(buf, &rs.pkt, ep(MAPPED_A), &params,
				    &u.env) < 0);
	free(rs.data);
}

/* Windows' advertisement and ours differ in the MTU option only. */
static void advertisement_against_windows(void **state)
{
	struct teredo_params params = server_params("65.55.158.80");
	struct packet rs = parse(XP_RS), want = parse(XP_RA), got;
	u8 buf[TEREDO_CONTROL_MAX];
	struct unit_env u;
	struct teredo_ra ra;
	int n;

	(void)state;
	unit_env_init(&u);
	n = teredo_build_ra(buf, &rs.pkt, ep("70.55.215.234:3797"), &params,
			    &u.env);
	assert_int_equal(n, want.len + 8);
	/* Up to the payload length, from the next header to the checksum. */
	assert_memory_equal(buf, want.data, 21 + 4);
	assert_memory_equal(buf + 27, want.data + 27, 21 + 40 + 2 - 27);
	assert_memory_equal(buf + 65, want.data + 65, want.len - 65);

	assert_reason(teredo_packet_parse(&got.pkt, buf, (size_t)n),
		      TEREDO_REASON_NONE);
	assert_reason(teredo_packet_parse_ra(&got.pkt, buf, &ra),
		      TEREDO_REASON_NONE);
	assert_int_equal(ra.mtu, 1280);
	free(rs.data);
	free(want.data);
}

static void authentic(void **state)
{
	struct teredo_params params = server_params(SERVER_A);
	struct packet rs = parse(V_RS_SECURE), ra = parse(V_RA_SECURE);
	struct packet open = parse(V_RS);
	struct unit_env u;
	size_t i;

	(void)state;
	unit_env_init(&u);
	set_secret(&params);
	assert_true(teredo_packet_authentic(&rs.pkt, rs.data, &params, &u.env));
	assert_true(teredo_packet_authentic(&ra.pkt, ra.data, &params, &u.env));
	assert_false(teredo_packet_authentic(&open.pkt, open.data, &params,
					     &u.env));

	/*
	 * Every single bit of the advertisement behind the two lengths is
	 * covered: identifier, value, nonce, confirmation, origin, packet.
	 */
	for (i = 4 * 8; i < ra.len * 8; i++) {
		struct teredo_packet pkt;
		bool ok;

		ra.data[i / 8] ^= (u8)(1 << i % 8);
		ok = teredo_packet_parse(&pkt, ra.data, ra.len) ==
			TEREDO_REASON_NONE &&
		     teredo_packet_authentic(&pkt, ra.data, &params, &u.env);
		assert_false(ok);
		ra.data[i / 8] ^= (u8)(1 << i % 8);
	}

	params.secret[15] ^= 1;
	assert_false(teredo_packet_authentic(&ra.pkt, ra.data, &params,
					     &u.env));
	params.secret[15] ^= 1;
	params.id[4] ^= 1;
	assert_false(teredo_packet_authentic(&ra.pkt, ra.data, &params,
					     &u.env));
	params.id[4] ^= 1;
	/* An identifier that begins like the right one is another one. */
	params.id_len--;
	assert_false(teredo_packet_authentic(&ra.pkt, ra.data, &params,
					     &u.env));
	params.id_len++;
	u.hmac_fails = true;
	assert_false(teredo_packet_authentic(&ra.pkt, ra.data, &params,
					     &u.env));
	free(rs.data);
	free(ra.data);
	free(open.data);
}

static void echo(void **state)
{
	struct in6_addr a = ip6(ADDR_A), n = ip6(ADDR_N);
	struct bytes nonce = hex("11223344 55667788");
	struct packet reply = parse(V_ECHO_REPLY), want = parse(V_ECHO);
	u8 buf[TEREDO_ECHO_LEN];

	(void)state;
	/* The vector has hop limit 64, ours 128 so as to reach far hosts. */
	assert_int_equal(teredo_build_echo(buf, &a, &n, nonce.data), want.len);
	assert_memory_equal(buf, want.data, 7);
	assert_int_equal(buf[7], 128);
	assert_memory_equal(buf + 8, want.data + 8, want.len - 8);
	assert_int_equal(teredo_packet_icmp_type(&want.pkt, want.data), 128);
	assert_true(teredo_packet_icmp_checksum_ok(&want.pkt, want.data));

	assert_true(teredo_packet_is_echo_reply(&reply.pkt, reply.data,
						nonce.data));
	assert_false(teredo_packet_is_echo_reply(&want.pkt, want.data,
						 nonce.data));
	nonce.data[7] ^= 1;
	assert_false(teredo_packet_is_echo_reply(&reply.pkt, reply.data,
						 nonce.data));
	nonce.data[7] ^= 1;
	nonce.data[0] ^= 0x80;
	assert_false(teredo_packet_is_echo_reply(&reply.pkt, reply.data,
						 nonce.data));
	free(reply.data);
	free(want.data);

	/* Other people's echoes are well-formed, with a good checksum. */
	reply = parse(XP_ECHO_REPLY);
	assert_int_equal(teredo_packet_icmp_type(&reply.pkt, reply.data), 129);
	assert_true(teredo_packet_icmp_checksum_ok(&reply.pkt, reply.data));
	free(reply.data);
	want = parse(XP_ECHO);
	assert_int_equal(teredo_packet_icmp_type(&want.pkt, want.data), 128);
	assert_true(teredo_packet_icmp_checksum_ok(&want.pkt, want.data));
	free(want.data);
	want = parse(MIREDO_ECHO);
	assert_int_equal(teredo_packet_icmp_type(&want.pkt, want.data), 128);
	assert_true(teredo_packet_icmp_checksum_ok(&want.pkt, want.data));
	free(want.data);
}

static void trailers(void **state)
{
	struct packet p = parse(V_BUBBLE_NONCE " " T_ALT_TWO " " T_ND_SOLICIT
				" " T_RANDOM_PORT " " T_SKIPPED);
	static const struct {
		u8 type, len, off;
		const char *name;
	} want[] = {
		{ 1, 4, 42, "nonce" },
		{ 3, 14, 48, "alternate-address" },
		{ 4, 4, 64, "neighbor-discovery-option" },
		{ 5, 2, 70, "random-port" },
		{ 0x80, 2, 74, NULL },
	};
	struct teredo_trailer t;
	u16 pos = 0;
	size_t i;

	(void)state;
	assert_int_equal(p.pkt.trailer_off, 40);
	assert_int_equal(p.pkt.trailer_len, 36);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		assert_true(teredo_trailer_next(&p.pkt, p.data, &pos, &t));
		assert_int_equal(t.type, want[i].type);
		assert_int_equal(t.len, want[i].len);
		assert_int_equal(t.off, want[i].off);
		if (want[i].name)
			assert_string_equal(teredo_trailer_name(t.type),
					    want[i].name);
		else
			assert_null(teredo_trailer_name(t.type));
	}
	assert_false(teredo_trailer_next(&p.pkt, p.data, &pos, &t));
	/* The number that the table of RFC 6081 section 9 has for it. */
	assert_string_equal(teredo_trailer_name(2), "random-port");
	free(p.data);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_well_formed),
		cmocka_unit_test(sizes),
		cmocka_unit_test(xp_solicitation),
		cmocka_unit_test(xp_advertisement),
		cmocka_unit_test(bubbles),
		cmocka_unit_test(origin),
		cmocka_unit_test(solicitations),
		cmocka_unit_test(advertisements),
		cmocka_unit_test(advertisement_against_windows),
		cmocka_unit_test(authentic),
		cmocka_unit_test(echo),
		cmocka_unit_test(trailers),
	};

	return unit_main("vectors", tests);
}
