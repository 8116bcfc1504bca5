// SPDX-License-Identifier: GPL-2.0
/* What trailers say, RFC 6081 section 4. */
#include "trailer.h"
#include "unit.h"
#include "vectors.h"

static struct teredo_trailers parse(const char *digits)
{
	struct bytes b = hex(V_BUBBLE);
	struct teredo_packet pkt;
	struct teredo_trailers t;

	bytes_add(&b, digits);
	assert_reason(teredo_packet_parse(&pkt, b.data, b.len),
		      TEREDO_REASON_NONE);
	memset(&t, 0xa5, sizeof(t));
	teredo_trailers_parse(&pkt, b.data, &t);
	return t;
}

static void assert_nothing(const char *digits)
{
	struct teredo_trailers t = parse(digits), none = { 0 };

	if (memcmp(&t, &none, sizeof(t)))
		fail_msg("\"%s\" says something", digits);
}

static void each_kind(void **state)
{
	struct teredo_trailers t;

	(void)state;
	t = parse(T_NONCE);
	assert_true(t.any && t.has_nonce);
	assert_int_equal(t.nonce, 0xdeadbeef);
	t = parse(T_ALT_ONE);
	assert_true(t.any && !t.alternates_bad);
	assert_int_equal(t.n_alternates, 1);
	assert_ep(t.alternate[0], "10.0.0.11:4096");
	t = parse(T_ALT_TWO);
	assert_int_equal(t.n_alternates, 2);
	assert_ep(t.alternate[0], "192.168.1.10:4096");
	assert_ep(t.alternate[1], "192.168.1.1:4096");
	t = parse(T_ND_SOLICIT);
	assert_true(t.any);
	assert_int_equal(t.nd, TEREDO_ND_SOLICIT);
	t = parse(T_ND_ADVERT);
	assert_int_equal(t.nd, TEREDO_ND_ADVERT);
	t = parse(T_RANDOM_PORT);
	assert_true(t.any);
	assert_int_equal(t.random_port, htons(1201));
	/* The number in the table of section 9. */
	t = parse(T_RANDOM_PORT_IANA);
	assert_int_equal(t.random_port, htons(1201));
	/* A nonce of 0 is one, and says that there is none: section 5.2. */
	t = parse("010400000000");
	assert_true(t.has_nonce);
	assert_int_equal(t.nonce, 0);
}

static void all_in_any_order(void **state)
{
	struct teredo_trailers t = parse(T_NONCE T_ALT_TWO T_ND_ADVERT
					 T_RANDOM_PORT);
	struct teredo_trailers turned = parse(T_SKIPPED T_RANDOM_PORT
					      T_ND_ADVERT T_SKIPPED T_ALT_TWO
					      T_NONCE);

	(void)state;
	assert_memory_equal(&t, &turned, sizeof(t));
	assert_int_equal(t.n_alternates, 2);
	assert_true(t.has_nonce);
}

static void nothing_said(void **state)
{
	static const char *const none[] = {
		"", T_SKIPPED, T_CUT, "01", "0100", "0103aabbcc",
		"0105aabbccddee", "0400", "040300 0000", "04050000 000000",
		/* A discovery type that is none. */
		"04040200 0000", "0404ff00 0000",
		"0500", "050104", "05030400 00", "0203040000",
		/* Port 0 is none. */
		"05020000", "02020000",
		/* Behind a malformed one nothing counts. */
		"0dff" T_NONCE,
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(none); i++)
		assert_nothing(none[i]);
}

static void first_of_a_kind_counts(void **state)
{
	struct teredo_trailers t;

	(void)state;
	t = parse(T_NONCE "010411111111");
	assert_int_equal(t.nonce, 0xdeadbeef);
	/* One of a wrong length is skipped, so the next is the first. */
	t = parse("0102dead" T_NONCE);
	assert_int_equal(t.nonce, 0xdeadbeef);
	t = parse(T_RANDOM_PORT "02020007");
	assert_int_equal(t.random_port, htons(1201));
	t = parse(T_ND_ADVERT T_ND_SOLICIT);
	assert_int_equal(t.nd, TEREDO_ND_ADVERT);
	t = parse(T_ALT_ONE T_ALT_TWO);
	assert_int_equal(t.n_alternates, 1);
	/* Nor does a second list mend the first, or spoil it. */
	t = parse("0302 0000" T_ALT_TWO);
	assert_true(t.alternates_bad);
	assert_int_equal(t.n_alternates, 0);
	t = parse(T_ALT_ONE "0302 0000");
	assert_false(t.alternates_bad);
	/* What was said before a malformed one stays said. */
	t = parse(T_NONCE T_ALT_ONE "05");
	assert_true(t.has_nonce && t.n_alternates == 1);
}

static void lists_of_alternates(void **state)
{
	static const char *const bad[] = {
		"0300", "03020000", "0307 0000 0a00000b 10", "0309" "0000"
		"0a00000b 1000 00", "030d 0000 0a00000b 1000 0a00000c 10",
		/* Five of them. */
		"0320 0000 0a000001 0001 0a000002 0001 0a000003 0001"
		" 0a000004 0001 0a000005 0001",
		/* Port 0, and what no unicast packet can be sent to. */
		"0308 0000 0a00000b 0000", "0308 0000 00000001 1000",
		"0308 0000 7f000001 1000", "0308 0000 e0000001 1000",
		"0308 0000 ffffffff 1000",
		"030e 0000 0a00000b 1000 7f000001 1000",
	};
	struct teredo_trailers t;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		t = parse(bad[i]);
		if (!t.alternates_bad || t.n_alternates || !t.any)
			fail_msg("\"%s\" is taken for a list", bad[i]);
	}
	t = parse("031a ffff 0a000001 0001 0a000002 0002 c0000203 0003"
		  " 64400004 0004");
	assert_false(t.alternates_bad);
	assert_int_equal(t.n_alternates, 4);
	assert_ep(t.alternate[2], "192.0.2.3:3");
	assert_ep(t.alternate[3], "100.64.0.4:4");
}

static void built_as_in_the_vectors(void **state)
{
	static const char *const same[] = {
		"", T_NONCE, T_ALT_ONE, T_ALT_TWO, T_ND_SOLICIT, T_ND_ADVERT,
		T_RANDOM_PORT, T_NONCE T_RANDOM_PORT, T_NONCE T_ALT_TWO,
		T_NONCE T_ALT_TWO T_ND_SOLICIT T_RANDOM_PORT,
	};
	u8 buf[TEREDO_TRAILERS_MAX];
	struct teredo_trailers t;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(same); i++) {
		t = parse(same[i]);
		assert_bytes(buf, teredo_trailers_build(buf, &t),
			     hex(same[i]));
	}
	/* The number of the text is sent, whichever was read. */
	t = parse(T_RANDOM_PORT_IANA);
	assert_bytes(buf, teredo_trailers_build(buf, &t), hex(T_RANDOM_PORT));
	t = parse(T_NONCE T_ND_SOLICIT T_RANDOM_PORT
		  "031a 0000 0a000001 0001 0a000002 0002 c0000203 0003"
		  " 64400004 0004");
	assert_int_equal(teredo_trailers_build(buf, &t), TEREDO_TRAILERS_MAX);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind),
		cmocka_unit_test(all_in_any_order),
		cmocka_unit_test(nothing_said),
		cmocka_unit_test(first_of_a_kind_counts),
		cmocka_unit_test(lists_of_alternates),
		cmocka_unit_test(built_as_in_the_vectors),
	};

	return unit_main("trailer", tests);
}
