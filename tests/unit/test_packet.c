// SPDX-License-Identifier: GPL-2.0
/*
 * The rules for what is a well-formed packet: RFC 4380 sections 5.1.1, 5.2.1
 * and 5.3.1, RFC 6081 section 4, RFC 4861 sections 6.1.1 and 6.1.2.
 */
#include <stdlib.h>

#include "unit.h"
#include "vectors.h"

#define AUTH_EMPTY	"00010000 01020304 05060708 00"
#define ORIGIN		V_ORIGIN_A
#define UDP_HEAD	"60000000 00081140 " HEX_A " " HEX_B " "
#define UDP_DATA	"11223344 55667788"

/* Parses a copy that ends where the packet ends, for ASan's sake. */
static enum teredo_reason parse(struct teredo_packet *pkt, const u8 *data,
				size_t len)
{
	u8 *copy = malloc(len ? len : 1);
	enum teredo_reason reason;

	assert_non_null(copy);
	memcpy(copy, data, len);
	reason = teredo_packet_parse(pkt, copy, len);
	free(copy);
	return reason;
}

static enum teredo_reason parse_hex(const char *digits)
{
	struct bytes b = hex(digits);
	struct teredo_packet pkt;

	return parse(&pkt, b.data, b.len);
}

static void encapsulations(void **state)
{
	static const struct {
		const char *digits;
		bool auth, origin;
		u16 ip6_off, ip6_len, trailer_len;
	} good[] = {
		{ V_BUBBLE, 0, 0, 0, 40, 0 },
		{ ORIGIN V_BUBBLE, 0, 1, 8, 40, 0 },
		{ AUTH_EMPTY V_BUBBLE, 1, 0, 13, 40, 0 },
		{ AUTH_EMPTY ORIGIN V_BUBBLE, 1, 1, 21, 40, 0 },
		{ "00010203 aabb ccddee 01020304 05060708 00" V_BUBBLE,
		  1, 0, 18, 40, 0 },
		{ V_BUBBLE T_NONCE, 0, 0, 0, 40, 6 },
		{ ORIGIN V_BUBBLE T_NONCE, 0, 1, 8, 40, 6 },
		{ AUTH_EMPTY ORIGIN V_BUBBLE T_NONCE, 1, 1, 21, 40, 6 },
		{ UDP_HEAD UDP_DATA, 0, 0, 0, 48, 0 },
		{ UDP_HEAD UDP_DATA T_NONCE, 0, 0, 0, 48, 6 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		struct bytes b = hex(good[i].digits);
		struct teredo_packet pkt;

		assert_reason_row(good[i].digits, parse(&pkt, b.data, b.len),
				  TEREDO_REASON_NONE);
		assert_row(good[i].digits, pkt.has_auth, good[i].auth);
		assert_row(good[i].digits, pkt.has_origin, good[i].origin);
		assert_row(good[i].digits, pkt.ip6_off, good[i].ip6_off);
		assert_row(good[i].digits, pkt.ip6_len, good[i].ip6_len);
		assert_row(good[i].digits, pkt.trailer_off,
			   good[i].ip6_off + good[i].ip6_len);
		assert_row(good[i].digits, pkt.trailer_len,
			   good[i].trailer_len);
		if (pkt.has_auth) {
			assert_memory_equal(pkt.nonce, "\1\2\3\4\5\6\7\10", 8);
			assert_row(good[i].digits, pkt.auth_off, 0);
		}
		if (pkt.has_origin)
			assert_ep(pkt.origin, MAPPED_A);
	}
}

static void refused(void **state)
{
	static const struct {
		const char *name, *digits;
		enum teredo_reason reason;
	} bad[] = {
		{ "empty", "", TEREDO_REASON_TOO_SHORT },
		{ "one byte", "60", TEREDO_REASON_TOO_SHORT },
		{ "39 bytes",
		  "60000000 00003b00" HEX_A "20010000 c6336476 0000dfff 3ffffd",
		  TEREDO_REASON_TOO_SHORT },
		{ "39 bytes behind an origin",
		  ORIGIN "60000000 00003b00 " HEX_A
		  " 20010000 c6336476 0000dfff 3ffffd",
		  TEREDO_REASON_TOO_SHORT },
		{ "39 bytes behind an authentication header",
		  AUTH_EMPTY "60000000 00003b00 " HEX_A
		  " 20010000 c6336476 0000dfff 3ffffd",
		  TEREDO_REASON_TOO_SHORT },
		{ "nothing behind the authentication header",
		  "00011b00 00000000 00000000 00000000 00000000 00000000"
		  "000000 01020304 05060708 00", TEREDO_REASON_TOO_SHORT },
		{ "identifier longer than the packet",
		  "0001ff00 01020304 05060708 00" V_BUBBLE,
		  TEREDO_REASON_BAD_AUTH_HEADER },
		{ "value longer than the packet",
		  "000100ff 01020304 05060708 00" V_BUBBLE,
		  TEREDO_REASON_BAD_AUTH_HEADER },
		{ "identifier and value one byte too long",
		  "00011414 00000000 00000000 00000000 00000000 00000000"
		  "00000000 00000000 00000000 00000000 00000000"
		  "01020304 05060708", TEREDO_REASON_BAD_AUTH_HEADER },
		{ "authentication header twice",
		  AUTH_EMPTY AUTH_EMPTY V_BUBBLE, TEREDO_REASON_BAD_INDICATOR },
		{ "origin twice", ORIGIN ORIGIN V_BUBBLE,
		  TEREDO_REASON_BAD_INDICATOR },
		{ "origin before authentication",
		  ORIGIN AUTH_EMPTY V_BUBBLE, TEREDO_REASON_BAD_INDICATOR },
		{ "unknown indicator 0002",
		  "0002efff 3ffffdfe" V_BUBBLE, TEREDO_REASON_BAD_INDICATOR },
		{ "unknown indicator 00ff",
		  "00ffefff 3ffffdfe" V_BUBBLE, TEREDO_REASON_BAD_INDICATOR },
		{ "unknown indicator behind the origin",
		  ORIGIN "0002efff 3ffffdfe" V_BUBBLE,
		  TEREDO_REASON_BAD_INDICATOR },
		{ "unknown indicator behind authentication",
		  AUTH_EMPTY "0003efff 3ffffdfe" V_BUBBLE,
		  TEREDO_REASON_BAD_INDICATOR },
		{ "origin cut short behind authentication",
		  "00010014 00000000 00000000 00000000 00000000 00000000"
		  "01020304 05060708 00 0000efff 3ffffd",
		  TEREDO_REASON_BAD_ORIGIN },
		{ "IPv4", "45000000 00003b00 " HEX_A HEX_B,
		  TEREDO_REASON_BAD_VERSION },
		{ "version 7", "70000000 00003b00 " HEX_A HEX_B,
		  TEREDO_REASON_BAD_VERSION },
		{ "first byte 01", "01000000 00003b00 " HEX_A HEX_B,
		  TEREDO_REASON_BAD_VERSION },
		{ "IPv4 behind an origin",
		  ORIGIN "45000000 00003b00 " HEX_A HEX_B,
		  TEREDO_REASON_BAD_VERSION },
		{ "bubble with payload length 1 and no byte",
		  "60000000 00013b00 " HEX_A HEX_B, TEREDO_REASON_BAD_LENGTH },
		{ "payload length ffff", "60000000 ffff3b00 " HEX_A HEX_B,
		  TEREDO_REASON_BAD_LENGTH },
		{ "payload one byte short",
		  UDP_HEAD "11223344 556677", TEREDO_REASON_BAD_LENGTH },
		{ "payload one byte short behind an origin",
		  ORIGIN UDP_HEAD "11223344 556677", TEREDO_REASON_BAD_LENGTH },
		{ "trailer 40", V_BUBBLE T_REFUSED, TEREDO_REASON_BAD_TRAILER },
		{ "trailer 7f", V_BUBBLE "7f00", TEREDO_REASON_BAD_TRAILER },
		{ "trailer 40 behind others",
		  V_BUBBLE T_NONCE T_SKIPPED T_REFUSED,
		  TEREDO_REASON_BAD_TRAILER },
		{ "trailer 40 on data", UDP_HEAD UDP_DATA T_REFUSED,
		  TEREDO_REASON_BAD_TRAILER },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_reason_row(bad[i].name, parse_hex(bad[i].digits),
				  bad[i].reason);
}

static void trailers_that_are_skipped(void **state)
{
	static const char *const good[] = {
		V_BUBBLE T_SKIPPED, V_BUBBLE T_CUT, V_BUBBLE "01",
		V_BUBBLE "00", V_BUBBLE "0000", V_BUBBLE "3f00",
		V_BUBBLE "8000", V_BUBBLE "ffff", V_BUBBLE "c000",
		V_BUBBLE T_ALT_ONE, V_BUBBLE T_ND_SOLICIT,
		V_BUBBLE T_RANDOM_PORT, V_BUBBLE T_RANDOM_PORT_IANA,
		/* What is behind the first malformed one is not looked at. */
		V_BUBBLE "01ff" T_REFUSED,
		/* One that would be refused, but for being cut short. */
		V_BUBBLE "4001", V_BUBBLE "40",
		/* Wrong length for its type: not this parser's business. */
		V_BUBBLE "0103aabbcc",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++)
		assert_reason_row(good[i], parse_hex(good[i]),
				  TEREDO_REASON_NONE);
	for (i = 0; i < 256; i++)
		assert_int_equal(teredo_trailer_acceptable((u8)i),
				 i < 0x40 || i > 0x7f);
}

static void walk_of_cut_trailers(void **state)
{
	static const struct {
		const char *trailers;
		int n;
	} walks[] = {
		{ "", 0 }, { "01", 0 }, { T_CUT, 0 }, { "0100", 1 },
		{ T_NONCE, 1 }, { T_NONCE "01", 1 }, { T_NONCE T_CUT, 1 },
		{ T_CUT T_NONCE, 1 }, { T_NONCE T_ALT_TWO, 2 },
		{ "000000000000", 3 },
	};
	struct teredo_trailer t;
	struct teredo_packet pkt;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(walks); i++) {
		struct bytes b = hex(V_BUBBLE);
		u16 pos = 0;
		int n = 0;

		bytes_add(&b, walks[i].trailers);
		assert_reason(teredo_packet_parse(&pkt, b.data, b.len),
			      TEREDO_REASON_NONE);
		while (teredo_trailer_next(&pkt, b.data, &pos, &t)) {
			assert_true(t.off >= pkt.trailer_off + 2);
			assert_true((size_t)t.off + t.len <= b.len);
			n++;
		}
		assert_row(walks[i].trailers, n, walks[i].n);
	}
}

/* Every cut of every vector gives a reason or a shorter packet. */
static void every_cut(void **state)
{
	static const char *const all[] = {
#define V(name, digits) digits,
		UNIT_VECTORS(V)
#undef V
	};
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		struct bytes b = hex(all[i]);
		struct teredo_packet whole, pkt;

		assert_reason(parse(&whole, b.data, b.len), TEREDO_REASON_NONE);
		for (n = 0; n < b.len; n++) {
			enum teredo_reason r = parse(&pkt, b.data, n);

			/* Only trailers may be missing. */
			assert_int_equal(r == TEREDO_REASON_NONE,
					 n >= whole.trailer_off);
			if (n < 40)
				assert_reason(r, TEREDO_REASON_TOO_SHORT);
		}
	}
}

static void largest(void **state)
{
	size_t len = TEREDO_PAYLOAD_MAX + 1;
	struct bytes head = hex("60000000 ffbb3b00 " HEX_A HEX_B);
	u8 *data = calloc(1, len);
	struct teredo_packet pkt;

	(void)state;
	assert_non_null(data);
	memcpy(data, head.data, head.len);
	assert_reason(teredo_packet_parse(&pkt, data, TEREDO_PAYLOAD_MAX),
		      TEREDO_REASON_NONE);
	assert_int_equal(pkt.ip6_len, TEREDO_PAYLOAD_MAX);
	assert_int_equal(pkt.trailer_len, 0);
	assert_reason(teredo_packet_parse(&pkt, data, len),
		      TEREDO_REASON_BAD_LENGTH);

	/* A bubble and as many trailers as there is room for. */
	teredo_put16(data + 4, 0);
	assert_reason(teredo_packet_parse(&pkt, data, TEREDO_PAYLOAD_MAX),
		      TEREDO_REASON_NONE);
	assert_int_equal(pkt.trailer_len, TEREDO_PAYLOAD_MAX - 40);
	memset(data + 40, 0xff, len - 40);
	assert_reason(teredo_packet_parse(&pkt, data, TEREDO_PAYLOAD_MAX),
		      TEREDO_REASON_NONE);
	free(data);
}

static void largest_auth_header(void **state)
{
	struct bytes b = hex("0001ffff");
	struct teredo_packet pkt;

	(void)state;
	b.len += 255 + 255;
	bytes_add(&b, "01020304 05060708 07" V_BUBBLE);
	assert_reason(parse(&pkt, b.data, b.len), TEREDO_REASON_NONE);
	assert_int_equal(pkt.ip6_off, TEREDO_AUTH_MAX);
	assert_int_equal(pkt.id_len, 255);
	assert_int_equal(pkt.au_len, 255);
	assert_int_equal(pkt.confirmation, 7);
	assert_memory_equal(pkt.nonce, "\1\2\3\4\5\6\7\10", 8);
	assert_addr(pkt.saddr, ADDR_A);
}

static struct teredo_packet parsed(struct bytes *b, const char *digits)
{
	struct teredo_packet pkt;

	*b = hex(digits);
	assert_reason(teredo_packet_parse(&pkt, b->data, b->len),
		      TEREDO_REASON_NONE);
	return pkt;
}

static void what_is_a_bubble(void **state)
{
	struct teredo_packet pkt;
	struct bytes b;

	(void)state;
	pkt = parsed(&b, V_BUBBLE);
	assert_true(teredo_packet_is_bubble(&pkt));
	pkt = parsed(&b, ORIGIN V_BUBBLE T_NONCE);
	assert_true(teredo_packet_is_bubble(&pkt));
	/* The hop limit does not count: 0, 21 and 255 have been seen. */
	pkt = parsed(&b, "60000000 00003bff " HEX_A HEX_B);
	assert_true(teredo_packet_is_bubble(&pkt));
	/* Traffic class and flow label do not count. */
	pkt = parsed(&b, "6fffffff 00003b00 " HEX_A HEX_B);
	assert_true(teredo_packet_is_bubble(&pkt));
	pkt = parsed(&b, "60000000 00043b00 " HEX_A HEX_B "01020304");
	assert_false(teredo_packet_is_bubble(&pkt));
	pkt = parsed(&b, "60000000 00001100 " HEX_A HEX_B);
	assert_false(teredo_packet_is_bubble(&pkt));
	pkt = parsed(&b, V_ECHO);
	assert_false(teredo_packet_is_bubble(&pkt));
}

static void icmp(void **state)
{
	struct teredo_packet pkt;
	struct bytes b;

	(void)state;
	pkt = parsed(&b, V_ECHO);
	assert_int_equal(teredo_packet_icmp_type(&pkt, b.data), 128);
	/* Seven bytes are no ICMPv6 header, with trailers or without. */
	pkt = parsed(&b, "60000000 00073a40 " HEX_A HEX_N "80000000 000000");
	assert_int_equal(teredo_packet_icmp_type(&pkt, b.data), -1);
	assert_false(teredo_packet_icmp_checksum_ok(&pkt, b.data));
	pkt = parsed(&b, "60000000 00073a40 " HEX_A HEX_N
		     "80000000 000000 80040000 0000");
	assert_int_equal(teredo_packet_icmp_type(&pkt, b.data), -1);
	pkt = parsed(&b, "60000000 00003a40 " HEX_A HEX_N);
	assert_int_equal(teredo_packet_icmp_type(&pkt, b.data), -1);
	assert_false(teredo_packet_icmp_checksum_ok(&pkt, b.data));
	pkt = parsed(&b, UDP_HEAD UDP_DATA);
	assert_int_equal(teredo_packet_icmp_type(&pkt, b.data), -1);
	assert_false(teredo_packet_icmp_checksum_ok(&pkt, b.data));
}

/* An echo of odd length, and every single bit of the packet that counts. */
static void icmp_checksum(void **state)
{
	struct teredo_packet pkt;
	struct bytes b;
	size_t i;

	(void)state;
	/* As V_ECHO with one byte 0x99 more: 0xb625 - 1 - 0x9900. */
	pkt = parsed(&b, "60000000 00113a40 " HEX_A HEX_N
		     "80001d24 00000000 11223344 55667788 99");
	assert_true(teredo_packet_icmp_checksum_ok(&pkt, b.data));

	pkt = parsed(&b, V_ECHO T_NONCE);
	assert_true(teredo_packet_icmp_checksum_ok(&pkt, b.data));
	for (i = 8 * 8; i < pkt.ip6_len * 8U; i++) {
		b.data[i / 8] ^= (u8)(1 << i % 8);
		assert_false(teredo_packet_icmp_checksum_ok(&pkt, b.data));
		b.data[i / 8] ^= (u8)(1 << i % 8);
	}
}

/* Puts the right checksum into an ICMPv6 packet that starts at @ip6. */
static void fix_checksum(u8 *ip6)
{
	size_t len = teredo_get16(ip6 + 4), i;
	u32 sum = (u32)len + 58;

	ip6[42] = 0;
	ip6[43] = 0;
	for (i = 0; i < 32 + len; i++) {
		u32 byte = i < 32 ? ip6[8 + i] : ip6[40 + i - 32];

		sum += i % 2 ? byte : byte << 8;
	}
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	teredo_put16(ip6 + 42, (u16)~sum);
}

#define LL_SERVER	"fe800000 00000000 8000f227 34ff8e87"
#define LL_CLIENT	"fe800000 00000000 0000ffff ffffffff"
#define ALL_ROUTERS	"ff020000 00000000 00000000 00000002"
#define RA_FIXED	"86000000 00000000 00000000 000007d0"
#define RA_PREFIX(p)	"03044040 ffffffff ffffffff 00000000" p \
			"00000000 00000000"
#define RA_PREFIX_A	RA_PREFIX("20010000 cb007178")
#define RA_MTU(mtu)	"05010000" mtu
#define RA_HEAD(len)	"60000000" len "3aff" LL_SERVER LL_CLIENT

static enum teredo_reason parse_ra(const char *digits, struct teredo_ra *ra)
{
	struct teredo_packet pkt;
	enum teredo_reason reason;
	struct bytes b = hex(digits);
	u8 *copy = malloc(b.len);

	assert_non_null(copy);
	if (b.len >= 48)
		fix_checksum(b.data);
	memcpy(copy, b.data, b.len);
	assert_reason(teredo_packet_parse(&pkt, copy, b.len),
		      TEREDO_REASON_NONE);
	reason = teredo_packet_parse_ra(&pkt, copy, ra);
	free(copy);
	return reason;
}

static void advertisements(void **state)
{
	static const struct {
		const char *name, *digits;
		enum teredo_reason reason;
		u32 mtu;
	} ras[] = {
		{ "prefix and MTU",
		  RA_HEAD("0038") RA_FIXED RA_PREFIX_A RA_MTU("00000500"),
		  TEREDO_REASON_NONE, 1280 },
		{ "no MTU", RA_HEAD("0030") RA_FIXED RA_PREFIX_A,
		  TEREDO_REASON_NONE, 0 },
		{ "MTU before prefix",
		  RA_HEAD("0038") RA_FIXED RA_MTU("00000500") RA_PREFIX_A,
		  TEREDO_REASON_NONE, 1280 },
		{ "MTU 1500",
		  RA_HEAD("0038") RA_FIXED RA_PREFIX_A RA_MTU("000005dc"),
		  TEREDO_REASON_NONE, 1500 },
		{ "largest MTU",
		  RA_HEAD("0038") RA_FIXED RA_PREFIX_A RA_MTU("0000ffd7"),
		  TEREDO_REASON_NONE, 65495 },
		{ "unknown option",
		  RA_HEAD("0040") RA_FIXED "fe020000 00000000 00000000 00000000"
		  RA_PREFIX_A, TEREDO_REASON_NONE, 0 },
		{ "source link-layer address option",
		  RA_HEAD("0038") RA_FIXED "01010000 00000000" RA_PREFIX_A,
		  TEREDO_REASON_NONE, 0 },
		{ "a router lifetime",
		  RA_HEAD("0030") "86000000 40c00708 00000000 00000000"
		  RA_PREFIX_A, TEREDO_REASON_NONE, 0 },
		{ "old prefix",
		  RA_HEAD("0030") RA_FIXED RA_PREFIX("3ffe831f cb007178"),
		  TEREDO_REASON_NONE, 0 },
		{ "MTU 1279",
		  RA_HEAD("0038") RA_FIXED RA_PREFIX_A RA_MTU("000004ff"),
		  TEREDO_REASON_RA_MALFORMED, 0 },
		{ "MTU 0",
		  RA_HEAD("0038") RA_FIXED RA_PREFIX_A RA_MTU("00000000"),
		  TEREDO_REASON_RA_MALFORMED, 0 },
		{ "MTU too large",
		  RA_HEAD("0038") RA_FIXED RA_PREFIX_A RA_MTU("0000ffd8"),
		  TEREDO_REASON_RA_MALFORMED, 0 },
		{ "MTU of 32 bits",
		  RA_HEAD("0038") RA_FIXED RA_PREFIX_A RA_MTU("00010500"),
		  TEREDO_REASON_RA_MALFORMED, 0 },
		{ "MTU option of 16 bytes",
		  RA_HEAD("0040") RA_FIXED RA_PREFIX_A
		  "05020000 00000500 00000000 00000000",
		  TEREDO_REASON_RA_MALFORMED, 0 },
		{ "no option", RA_HEAD("0010") RA_FIXED,
		  TEREDO_REASON_RA_PREFIX, 0 },
		{ "no prefix", RA_HEAD("0018") RA_FIXED RA_MTU("00000500"),
		  TEREDO_REASON_RA_PREFIX, 0 },
		{ "two prefixes",
		  RA_HEAD("0050") RA_FIXED RA_PREFIX_A RA_PREFIX_A,
		  TEREDO_REASON_RA_PREFIX, 0 },
		{ "/63",
		  RA_HEAD("0030") RA_FIXED "03043f40 ffffffff ffffffff 00000000"
		  "20010000 cb007178 00000000 00000000",
		  TEREDO_REASON_RA_PREFIX, 0 },
		{ "/32",
		  RA_HEAD("0030") RA_FIXED "03042040 ffffffff ffffffff 00000000"
		  "20010000 cb007178 00000000 00000000",
		  TEREDO_REASON_RA_PREFIX, 0 },
		{ "prefix option of 24 bytes",
		  RA_HEAD("0028") RA_FIXED "03034040 ffffffff ffffffff 00000000"
		  "20010000 cb007178", TEREDO_REASON_RA_MALFORMED, 0 },
		{ "option of length 0",
		  RA_HEAD("0038") RA_FIXED RA_PREFIX_A "fe000000 00000000",
		  TEREDO_REASON_RA_MALFORMED, 0 },
		{ "option of length 0 first",
		  RA_HEAD("0038") RA_FIXED "fe000000 00000000" RA_PREFIX_A,
		  TEREDO_REASON_RA_MALFORMED, 0 },
		{ "option beyond the end",
		  RA_HEAD("0038") RA_FIXED RA_PREFIX_A "fe020000 00000000",
		  TEREDO_REASON_RA_MALFORMED, 0 },
		{ "option beyond the end but inside trailers",
		  RA_HEAD("0038") RA_FIXED RA_PREFIX_A "fe020000 00000000"
		  "80060000 00000000", TEREDO_REASON_RA_MALFORMED, 0 },
		{ "one stray byte",
		  RA_HEAD("0031") RA_FIXED RA_PREFIX_A "fe",
		  TEREDO_REASON_RA_MALFORMED, 0 },
		{ "15 bytes",
		  RA_HEAD("000f") "86000000 00000000 00000000 000007",
		  TEREDO_REASON_RA_MALFORMED, 0 },
		{ "8 bytes", RA_HEAD("0008") "86000000 00000000",
		  TEREDO_REASON_RA_MALFORMED, 0 },
		{ "bubble", "60000000 00003bff" LL_SERVER LL_CLIENT,
		  TEREDO_REASON_RA_MALFORMED, 0 },
		{ "code 1",
		  RA_HEAD("0030") "86010000 00000000 00000000 000007d0"
		  RA_PREFIX_A, TEREDO_REASON_RA_MALFORMED, 0 },
		{ "solicitation type",
		  RA_HEAD("0030") "85000000 00000000 00000000 000007d0"
		  RA_PREFIX_A, TEREDO_REASON_RA_MALFORMED, 0 },
		{ "UDP",
		  "60000000 003011ff" LL_SERVER LL_CLIENT RA_FIXED
		  RA_PREFIX_A, TEREDO_REASON_RA_MALFORMED, 0 },
		{ "hop limit 254",
		  "60000000 00303afe" LL_SERVER LL_CLIENT RA_FIXED
		  RA_PREFIX_A, TEREDO_REASON_RA_MALFORMED, 0 },
		{ "source not link-local",
		  "60000000 00303aff" HEX_N LL_CLIENT RA_FIXED
		  RA_PREFIX_A, TEREDO_REASON_RA_MALFORMED, 0 },
		{ "source ::",
		  "60000000 00303aff 00000000 00000000 00000000 00000000"
		  LL_CLIENT RA_FIXED RA_PREFIX_A,
		  TEREDO_REASON_RA_MALFORMED, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ras); i++) {
		struct teredo_ra ra;

		assert_reason_row(ras[i].name, parse_ra(ras[i].digits, &ra),
				  ras[i].reason);
		if (ras[i].reason)
			continue;
		assert_row(ras[i].name, ra.mtu, ras[i].mtu);
		assert_row(ras[i].name, ra.server, ip4(SERVER_A));
		assert_row(ras[i].name, ra.prefix,
			   htonl(strcmp(ras[i].name, "old prefix") ?
				 TEREDO_PREFIX : TEREDO_OLD_PREFIX));
	}
}

/* No single bit of an advertisement can change unseen. */
static void advertisement_checksum(void **state)
{
	struct teredo_packet pkt;
	struct teredo_ra ra;
	struct bytes b;
	size_t i;

	(void)state;
	pkt = parsed(&b, V_RA);
	for (i = (pkt.ip6_off + 8U) * 8; i < b.len * 8; i++) {
		struct teredo_packet p;

		b.data[i / 8] ^= (u8)(1 << i % 8);
		assert_reason(teredo_packet_parse(&p, b.data, b.len),
			      TEREDO_REASON_NONE);
		assert_reason(teredo_packet_parse_ra(&p, b.data, &ra),
			      TEREDO_REASON_RA_MALFORMED);
		b.data[i / 8] ^= (u8)(1 << i % 8);
	}
}

static void solicitations(void **state)
{
#define RS_HEAD(len)	"60000000" len "3aff" LL_CLIENT ALL_ROUTERS
	static const struct {
		const char *name, *digits;
		bool ok;
	} rss[] = {
		{ "plain", RS_HEAD("0008") "85000000 00000000", true },
		{ "with an option",
		  RS_HEAD("0010") "85000000 00000000 01010000 00000000", true },
		{ "with two options",
		  RS_HEAD("0018") "85000000 00000000 01010000 00000000"
		  "0e010203 04050607", true },
		{ "reserved field", RS_HEAD("0008") "85000000 ffffffff", true },
		{ "code 1", RS_HEAD("0008") "85010000 00000000", false },
		{ "type 134", RS_HEAD("0008") "86000000 00000000", false },
		{ "7 bytes", RS_HEAD("0007") "85000000 000000", false },
		{ "hop limit 64",
		  "60000000 00083a40" LL_CLIENT ALL_ROUTERS "85000000 00000000",
		  false },
		{ "source global",
		  "60000000 00083aff" HEX_A ALL_ROUTERS "85000000 00000000",
		  false },
		{ "source ::",
		  "60000000 00083aff 00000000 00000000 00000000 00000000"
		  ALL_ROUTERS "85000000 00000000", false },
		{ "option of length 0",
		  RS_HEAD("0010") "85000000 00000000 01000000 00000000",
		  false },
		{ "option cut short",
		  RS_HEAD("0010") "85000000 00000000 01020000 00000000",
		  false },
		{ "stray byte", RS_HEAD("0009") "85000000 00000000 01", false },
		{ "UDP",
		  "60000000 000811ff" LL_CLIENT ALL_ROUTERS "85000000 00000000",
		  false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rss); i++) {
		struct bytes b = hex(rss[i].digits);
		struct teredo_packet pkt;

		fix_checksum(b.data);
		assert_reason_row(rss[i].name,
				  teredo_packet_parse(&pkt, b.data, b.len),
				  TEREDO_REASON_NONE);
		assert_row(rss[i].name, teredo_packet_is_rs(&pkt, b.data),
			   rss[i].ok);
		/* The same with a wrong checksum is never one. */
		b.data[42] ^= 1;
		assert_row(rss[i].name, teredo_packet_is_rs(&pkt, b.data), 0);
	}
}

static void echo_replies(void **state)
{
	static const struct {
		const char *name, *digits;
		bool ok;
	} replies[] = {
		{ "right", "60000000 00103a3f" HEX_N HEX_A
		  "81000000 00000000 11223344 55667788", true },
		{ "request", "60000000 00103a3f" HEX_N HEX_A
		  "80000000 00000000 11223344 55667788", false },
		{ "code 1", "60000000 00103a3f" HEX_N HEX_A
		  "81010000 00000000 11223344 55667788", false },
		{ "no data", "60000000 00083a3f" HEX_N HEX_A
		  "81000000 00000000", false },
		{ "no data but such a trailer",
		  "60000000 00083a3f" HEX_N HEX_A
		  "81000000 00000000 11223344 55667788", false },
		{ "7 bytes of data", "60000000 000f3a3f" HEX_N HEX_A
		  "81000000 00000000 11223344 556677", false },
		{ "9 bytes of data", "60000000 00113a3f" HEX_N HEX_A
		  "81000000 00000000 11223344 55667788 00", false },
		{ "other data", "60000000 00103a3f" HEX_N HEX_A
		  "81000000 00000000 11223344 55667789", false },
		{ "unreachable", "60000000 00103a3f" HEX_N HEX_A
		  "01000000 00000000 11223344 55667788", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(replies); i++) {
		struct bytes b = hex(replies[i].digits);
		struct bytes nonce = hex("11223344 55667788");
		struct teredo_packet pkt;

		fix_checksum(b.data);
		assert_reason_row(replies[i].name,
				  teredo_packet_parse(&pkt, b.data, b.len),
				  TEREDO_REASON_NONE);
		assert_row(replies[i].name,
			   teredo_packet_is_echo_reply(&pkt, b.data,
						       nonce.data),
			   replies[i].ok);
		b.data[43] ^= 1;
		assert_row(replies[i].name,
			   teredo_packet_is_echo_reply(&pkt, b.data,
						       nonce.data), 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(encapsulations),
		cmocka_unit_test(refused),
		cmocka_unit_test(trailers_that_are_skipped),
		cmocka_unit_test(walk_of_cut_trailers),
		cmocka_unit_test(every_cut),
		cmocka_unit_test(largest),
		cmocka_unit_test(largest_auth_header),
		cmocka_unit_test(what_is_a_bubble),
		cmocka_unit_test(icmp),
		cmocka_unit_test(icmp_checksum),
		cmocka_unit_test(advertisements),
		cmocka_unit_test(advertisement_checksum),
		cmocka_unit_test(solicitations),
		cmocka_unit_test(echo_replies),
	};

	return unit_main("packet", tests);
}
