// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Peer names, P2P IDs and host names: the published samples, what follows from
 * them, and what has to be refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <peer6/name.h>
#include <peer6/pnrp_engine.h>

#define RA "38827fecd1245882413e9a42c23d81f1aae08c4d"
#define A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static int sha1(void *ctx, const void *data, size_t len, uint8_t out[20])
{
	(void)ctx;
	return EVP_Digest(data, len, out, NULL, EVP_sha1(), NULL) ?
	       0 : PEER6_E_CRYPTO;
}

static int sha1_broken(void *ctx, const void *data, size_t len,
		       uint8_t out[20])
{
	int *calls = ctx;

	(void)data;
	(void)len;
	memset(out, 0, 20);
	return (*calls)-- ? 0 : PEER6_E_CRYPTO;
}

static const struct peer6_crypto crypto = { .sha1 = sha1 };

static void hex(const uint8_t *p, size_t n, char *out)
{
	while (n--)
		out += sprintf(out, "%02x", *p++);
}

static void published_names_round(void **state)
{
	static const char *const names[] = {
		"6520c005f63fc1864b7d8f3cabebd4916ae7f33d.JohnDoe",
		"0.MyUnsecuredPeerName",
		"0.JohnDoe.Games",
		"f8f4182fd7302b07a7d1aeae3cb2b69adaa9d595."
		"HomeGroupClassifier_1",
		"f0eb97049320127acd2a8f4990a389c3725a7a08.HomeGroupClassifier",
		"7459f0128f3b452e621df6fd3ed5fe3b7581c148.User1",
		RA ".RAContact",
		RA ".",
		"0.",
		"0..",
		"0.\xf0\x9f\x90\xb1 \xc3\xa9\xe2\x82\xac",
	};
	char out[PEER6_NAME_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < LEN(names); i++) {
		struct peer6_name name;

		assert_int_equal(peer6_name_parse(&name, names[i]), 0);
		assert_int_equal(name.secure, names[i][0] != '0');
		assert_int_equal(peer6_name_format(&name, out, sizeof(out)),
				 strlen(names[i]));
		assert_string_equal(out, names[i]);
	}
}

static void dot_may_lack(void **state)
{
	struct peer6_name a, b;

	(void)state;
	assert_int_equal(peer6_name_parse(&a, RA), 0);
	assert_int_equal(peer6_name_parse(&b, RA "."), 0);
	assert_true(peer6_name_equal(&a, &b));
	assert_int_equal(a.n_classifier, 0);
}

static void bad_names(void **state)
{
	static const struct {
		const char *text;
		int error;
	} bad[] = {
		{ "", PEER6_E_NAME },
		{ "0", PEER6_E_NAME },
		{ "alice", PEER6_E_NAME },
		{ ".alice", PEER6_E_NAME },
		{ RA "0", PEER6_E_NAME },
		{ "00.alice", PEER6_E_AUTHORITY },
		{ "1.alice", PEER6_E_AUTHORITY },
		{ " 0.alice", PEER6_E_AUTHORITY },
		{ "alice.pnrp.net", PEER6_E_AUTHORITY },
		{ RA "0.alice", PEER6_E_AUTHORITY },
		{ "38827fecd1245882413e9a42c23d81f1aae08c4.a",
		  PEER6_E_AUTHORITY },
		{ "38827FECD1245882413E9A42C23D81F1AAE08C4D.a",
		  PEER6_E_AUTHORITY },
		{ "g8827fecd1245882413e9a42c23d81f1aae08c4d.a",
		  PEER6_E_AUTHORITY },
		{ "0.\xff", PEER6_E_CLASSIFIER },
		{ "0.\xc3", PEER6_E_CLASSIFIER },		/* cut */
		{ "0.\xc0\x80", PEER6_E_CLASSIFIER },		/* long NUL */
		{ "0.\xe0\x80\xaf", PEER6_E_CLASSIFIER },	/* overlong */
		{ "0.\xed\xa0\x80", PEER6_E_CLASSIFIER },	/* surrogate */
		{ "0.\xf4\x90\x80\x80", PEER6_E_CLASSIFIER },	/* > 10ffff */
		{ "0.\xf0\x9f\x90", PEER6_E_CLASSIFIER },
	};
	size_t i;

	(void)state;
	for (i = 0; i < LEN(bad); i++) {
		struct peer6_name name, old;

		memset(&name, 0x5a, sizeof(name));
		old = name;
		assert_int_equal(peer6_name_parse(&name, bad[i].text),
				 bad[i].error);
		assert_memory_equal(&name, &old, sizeof(name));
	}
}

/* 149 units whatever they take in UTF-8; never one more. */
static void classifier_length(void **state)
{
	static const struct {
		const char *unit;
		unsigned int units;
	} kinds[] = { { "a", 1 }, { "\xc3\xa9", 1 }, { "\xe2\x82\xac", 1 },
		      { "\xf0\x9f\x90\xb1", 2 } };
	size_t i, k;

	(void)state;
	for (i = 0; i < LEN(kinds); i++) {
		char text[700] = RA ".", out[PEER6_NAME_SIZE];
		struct peer6_name name;

		for (k = 0; k < 149 / kinds[i].units; k++)
			strcat(text, kinds[i].unit);
		if (kinds[i].units == 2)
			strcat(text, "x");
		assert_int_equal(peer6_name_parse(&name, text), 0);
		assert_int_equal(name.n_classifier, 149);
		assert_int_equal(peer6_name_format(&name, out, sizeof(out)),
				 strlen(text));
		assert_string_equal(out, text);
		assert_int_equal(peer6_name_format(&name, out, strlen(text)),
				 PEER6_E_SPACE);
		strcat(text, "y");
		assert_int_equal(peer6_name_parse(&name, text),
				 PEER6_E_CLASSIFIER);
	}
}

static void structs_are_judged_too(void **state)
{
	char out[PEER6_NAME_SIZE];
	struct peer6_name name = { .n_classifier = 2,
				   .classifier = { 'a', 0xd800 } };
	uint8_t id[20];
	size_t i;

	(void)state;
	assert_int_equal(peer6_name_format(&name, out, sizeof(out)),
			 PEER6_E_CLASSIFIER);
	assert_int_equal(peer6_name_to_host(&name, out, sizeof(out)),
			 PEER6_E_CLASSIFIER);
	assert_int_equal(peer6_name_p2p_id(&name, &crypto, id),
			 PEER6_E_CLASSIFIER);
	name.classifier[1] = 0;
	assert_int_equal(peer6_name_format(&name, out, sizeof(out)),
			 PEER6_E_CLASSIFIER);
	name.classifier[1] = 'b';
	for (i = 0; i <= 4; i++)
		assert_int_equal(peer6_name_format(&name, out, i),
				 PEER6_E_SPACE);
	assert_int_equal(peer6_name_format(&name, out, 5), 4);
}

static void made_of_parts(void **state)
{
	struct peer6_name name, same;
	uint8_t authority[20];
	char text[PEER6_NAME_SIZE];

	(void)state;
	assert_int_equal(peer6_name_parse(&name, RA ".RAContact"), 0);
	memcpy(authority, name.authority, 20);
	assert_int_equal(peer6_name_make(&same, authority, "RAContact"), 0);
	assert_true(peer6_name_equal(&name, &same));
	assert_int_equal(peer6_name_make(&same, NULL, "RAContact"), 0);
	assert_false(peer6_name_equal(&name, &same));
	assert_int_equal(peer6_name_make(&same, authority, "racontact"), 0);
	assert_false(peer6_name_equal(&name, &same));
	authority[19] ^= 1;
	assert_int_equal(peer6_name_make(&same, authority, "RAContact"), 0);
	assert_false(peer6_name_equal(&name, &same));
	assert_int_equal(peer6_name_make(&same, authority, "\xff"),
			 PEER6_E_CLASSIFIER);
	assert_int_equal(peer6_name_make(&same, NULL, NULL), 0);
	assert_int_equal(peer6_name_classifier(&name, text, sizeof(text)), 9);
	assert_string_equal(text, "RAContact");
	assert_int_equal(peer6_name_classifier(&name, text, 9), PEER6_E_SPACE);
	assert_int_equal(peer6_name_classifier(&name, text, 0), PEER6_E_SPACE);
}

static void p2p_ids(void **state)
{
	static const struct {
		const char *name, *hash, *id;
	} v[] = {
		{ "0.MyApplication", "5aaeff8d28696055198e4405d0db2444285e37f3",
		  "7775c82766bfb84e1ca6276fe033d797" },
		{ "0.mypnrpname", "4a934e9486b759dea933378d591ca16b28c29e74",
		  "349b49c6fc3f94a67c48def5f5f1303a" },
		{ "0.MyPNRPName", "7be18eac4cbefcba6714cb93c36509522ce124b4",
		  "f829b207b881adfeffa7cc9b4e72b419" },
		{ "0.410504D41B2CD63C31D0C1539AD9331C",
		  "8cbeb9cd5723728ec20029f7f8aad4cf424dd5c0",
		  "c55fae1f3cb11a6bbd4e76c9ff340732" },
		{ RA ".RAContact", "700f1f9f9fd28b54e0acb3304ade435e928a4092",
		  "c35569a16a1aa0c6b617f9dedf277f56" },
		{ RA ".", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
		  "541491447a9591106869ad32739165b6" },
		{ "fabf12f4bf75879f6e1298c5c8003b0869813ba0.MyApplication",
		  "5aaeff8d28696055198e4405d0db2444285e37f3",
		  "c6166ecd895205b22a8bc72306ee0640" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < LEN(v); i++) {
		struct peer6_name name;
		uint8_t out[20];
		char text[41];

		assert_int_equal(peer6_name_parse(&name, v[i].name), 0);
		assert_int_equal(peer6_name_classifier_hash(&name, &crypto,
							    out), 0);
		hex(out, 20, text);
		assert_string_equal(text, v[i].hash);
		assert_int_equal(peer6_name_p2p_id(&name, &crypto, out), 0);
		hex(out, 16, text);
		assert_string_equal(text, v[i].id);
	}
}

static void crypto_may_fail(void **state)
{
	struct peer6_name name;
	uint8_t out[16];
	int calls, left;
	const struct peer6_crypto broken = { .sha1 = sha1_broken,
					     .ctx = &left };

	(void)state;
	assert_int_equal(peer6_name_parse(&name, "0.a"), 0);
	for (calls = 0; calls < 2; calls++) {
		left = calls;
		assert_int_equal(peer6_name_p2p_id(&name, &broken, out),
				 PEER6_E_CRYPTO);
	}
	left = 2;
	assert_int_equal(peer6_name_p2p_id(&name, &broken, out), 0);
}

static const struct {
	const char *name, *host;
} hosts[] = {
	/* published */
	{ "0.mypnrpname", "mypnrpname.pnrp.net" },
	{ "0.MyPNRPName", "yame-4kahaobt.p0.pnrp.net" },
	{ "428fed1c3a15ecad4b66ec96935dea8547d32fac.test",
	  "ptest-p.p428fed1c3a15ecad4b66ec96935dea8547d32fac.pnrp.net" },
	{ "4562b4628ac54782dda52789038476237e7c7263.",
	  "p.p4562b4628ac54782dda52789038476237e7c7263.pnrp.net" },
	{ "0.johndoe", "johndoe.pnrp.net" },
	/* derived */
	{ "0.tylersReg", "tylerseg-9ua.p0.pnrp.net" },
	{ "0.PnrpTest", "nrpest-2pa9a.p0.pnrp.net" },
	{ "0.RAContact", "ontact-2maq7k.p0.pnrp.net" },
	{ "0.MyApplication", "ypplication-8va8m.p0.pnrp.net" },
	{ "0.caf\xc3\xa9", "caf-v0a.p0.pnrp.net" },
	{ "fabf12f4bf75879f6e1298c5c8003b0869813ba0.alice",
	  "palice-p.pfabf12f4bf75879f6e1298c5c8003b0869813ba0.pnrp.net" },
	/* corners */
	{ "0.", "p.p0.pnrp.net" },
	{ "0.-a", "p-a-p.p0.pnrp.net" },
	{ "0.a-", "pa--p.p0.pnrp.net" },
	{ "0.xn--a", "pxn--a-p.p0.pnrp.net" },
	{ "0.p0", "p0.pnrp.net" },
	{ "0.3com", "3com.pnrp.net" },
};

static void host_names(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < LEN(hosts); i++) {
		char host[PEER6_HOST_NAME_SIZE], loud[PEER6_HOST_NAME_SIZE + 1];
		struct peer6_name name, back;
		ptrdiff_t n;

		assert_int_equal(peer6_name_parse(&name, hosts[i].name), 0);
		n = peer6_name_to_host(&name, host, sizeof(host));
		assert_int_equal(n, strlen(hosts[i].host));
		assert_string_equal(host, hosts[i].host);
		assert_int_equal(peer6_name_to_host(&name, host, (size_t)n),
				 PEER6_E_SPACE);
		assert_int_equal(peer6_name_from_host(&back, hosts[i].host),
				 0);
		assert_true(peer6_name_equal(&name, &back));
		assert_true(peer6_host_is_pnrp(hosts[i].host));
		/* Resolvers pass what the user typed. */
		for (k = 0; hosts[i].host[k]; k++)
			loud[k] = hosts[i].host[k] >= 'a' &&
				  hosts[i].host[k] <= 'z' ?
				  hosts[i].host[k] - 32 : hosts[i].host[k];
		strcpy(loud + k, ".");
		assert_int_equal(peer6_name_from_host(&back, loud), 0);
		assert_true(peer6_name_equal(&name, &back));
		assert_true(peer6_host_is_pnrp(loud));
	}
}

static void long_form_of_a_short_name(void **state)
{
	static const char published[] = "pmypnrpname-p.p0.pnrp.net";
	char host[PEER6_HOST_NAME_SIZE], same[PEER6_HOST_NAME_SIZE];
	struct peer6_name a, b;
	size_t i;

	(void)state;
	assert_int_equal(peer6_name_parse(&a, "0.mypnrpname"), 0);
	assert_int_equal(peer6_name_from_host(&b, published), 0);
	assert_true(peer6_name_equal(&a, &b));
	assert_int_equal(peer6_name_to_long_host(&a, host, sizeof(host)), 25);
	assert_string_equal(host, published);
	/* Who has no short form has the same in both. */
	for (i = 0; i < LEN(hosts); i++) {
		assert_int_equal(peer6_name_parse(&a, hosts[i].name), 0);
		assert_true(peer6_name_to_long_host(&a, host, sizeof(host)) >
			    0);
		assert_int_equal(peer6_name_from_host(&b, host), 0);
		assert_true(peer6_name_equal(&a, &b));
		peer6_name_to_host(&a, same, sizeof(same));
		assert_int_equal(!strcmp(host, same),
				 strchr(same, '.') != strstr(same, ".pnrp"));
	}
}

static void no_host_names(void **state)
{
	static const char *const bad[] = {
		"", ".", "pnrp.net", ".pnrp.net", "pnrp.net.", "example.net",
		"alicepnrp.net", "alice.pnrp.net..", "alice.pnrp.com",
		".p0.pnrp.net", "a.b.pnrp.net", "a.b.p0.pnrp.net",
		"palice-p.p1.pnrp.net", "palice-p.p.pnrp.net",
		"palice-p.p38827fecd1245882413e9a42c23d81f1aae08c4.pnrp.net",
		"palice-p.p38827fecd1245882413e9a42c23d81f1aae08c4g.pnrp.net",
		"-alice.pnrp.net", "alice-.pnrp.net", "xn--caf-dma.pnrp.net",
		"ali_ce.pnrp.net", "caf\xc3\xa9.pnrp.net",
		"pcaf\xc3\xa9-p.p0.pnrp.net", "p-p.p0.pnrp.net",
		/* Punycode: cut, too big, a basic one or a surrogate inserted,
		 * not the shortest
		 */
		"yame-z.p0.pnrp.net", "a-99999999.p0.pnrp.net",
		"z999999999999999999999999999999999999999.p0.pnrp.net",
		"4kahaobt.p0.pnrp.net", "yame-.p0.pnrp.net",
		/* U+0000 after 2^32 of them, 2^32 and 2^35 itself, U+110000,
		 * a surrogate
		 */
		"k0902716a.p0.pnrp.net", "l0902716a.p0.pnrp.net",
		"s9978951z.p0.pnrp.net", "a-r723p.p0.pnrp.net",
		"a-zj4g.p0.pnrp.net",
		/* a label of 64 */
		A32 A32 ".pnrp.net",
		"p" A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa-p.p0.pnrp.net",
		"palice-p.p38827fecd1245882413e9a42c23d81f1aae08c4d"
		"38827fecd1245882413e9a42c23d81f1aae08c4d38827fecd1245882413e9"
		".pnrp.net",
	};
	size_t i;

	(void)state;
	for (i = 0; i < LEN(bad); i++) {
		struct peer6_name name, old;

		memset(&name, 0x5a, sizeof(name));
		old = name;
		assert_int_equal(peer6_name_from_host(&name, bad[i]),
				 PEER6_E_HOST_NAME);
		assert_memory_equal(&name, &old, sizeof(name));
	}
	assert_false(peer6_host_is_pnrp("pnrp.net"));
	assert_false(peer6_host_is_pnrp(".pnrp.net"));
	assert_false(peer6_host_is_pnrp("alicepnrp.net"));
	assert_false(peer6_host_is_pnrp(""));
	assert_true(peer6_host_is_pnrp("not a name.PNRP.net"));
}

static void too_long_for_a_host(void **state)
{
	char text[200] = "0.", host[PEER6_HOST_NAME_SIZE];
	struct peer6_name name;
	size_t i;

	(void)state;
	for (i = 0; i < 63; i++)
		strcat(text, "a");
	assert_int_equal(peer6_name_parse(&name, text), 0);
	assert_int_equal(peer6_name_to_host(&name, host, sizeof(host)), 72);
	strcat(text, "a");
	assert_int_equal(peer6_name_parse(&name, text), 0);
	assert_int_equal(peer6_name_to_host(&name, host, sizeof(host)),
			 PEER6_E_NOT_CONVERTIBLE);
	/* Secure: three characters of the label are the form's. */
	memset(text + 2, 0, sizeof(text) - 2);
	for (i = 0; i < 60; i++)
		text[2 + i] = 'a';
	assert_int_equal(peer6_name_parse(&name, text), 0);
	name.secure = true;
	assert_int_equal(peer6_name_to_host(&name, host, sizeof(host)),
			 PEER6_HOST_NAME_SIZE - 1);
	text[62] = 'a';
	assert_int_equal(peer6_name_parse(&name, text), 0);
	name.secure = true;
	assert_int_equal(peer6_name_to_host(&name, host, sizeof(host)),
			 PEER6_E_NOT_CONVERTIBLE);
	/* Capitals: the digits do not fit. */
	memset(text + 2, 'A', 149);
	text[151] = '\0';
	assert_int_equal(peer6_name_parse(&name, text), 0);
	assert_int_equal(peer6_name_to_host(&name, host, sizeof(host)),
			 PEER6_E_NOT_CONVERTIBLE);
	/* Labels of this form begin with a letter. */
	assert_int_equal(peer6_name_parse(&name, "0.3Com"), 0);
	assert_int_equal(peer6_name_to_host(&name, host, sizeof(host)),
			 PEER6_E_NOT_CONVERTIBLE);
}

/* Whatever converts, converts back; whatever is read, reads the same again. */
static void conversion_is_one_to_one(void **state)
{
	static const uint16_t letters[] = { 'a', 'z', '0', '-', 'A', 'P', '.',
					    ' ', 1, 0xe9, 0x20ac, 0xffff,
					    0xd83d };
	uint32_t seed = 6, tries, converted = 0, read = 0;

	(void)state;
	for (tries = 0; tries < 20000; tries++) {
		struct peer6_name name = { 0 }, back;
		char host[PEER6_HOST_NAME_SIZE];
		size_t n;

		seed = seed * 1103515245 + 12345;
		for (n = seed >> 16 & 15; n; n--) {
			seed = seed * 1103515245 + 12345;
			name.classifier[name.n_classifier] =
				letters[(seed >> 16) % LEN(letters)];
			if (name.classifier[name.n_classifier++] == 0xd83d)
				name.classifier[name.n_classifier++] = 0xdc31;
		}
		if (peer6_name_to_host(&name, host, sizeof(host)) < 0)
			continue;
		converted++;
		assert_int_equal(peer6_name_from_host(&back, host), 0);
		assert_true(peer6_name_equal(&name, &back));
		/* One letter off is another name or none. */
		host[(seed >> 8) % strcspn(host, ".")] = 'a' + tries % 26;
		if (peer6_name_from_host(&back, host))
			continue;
		read++;
		assert_true(peer6_name_to_host(&back, host, sizeof(host)) > 0);
		assert_int_equal(peer6_name_from_host(&name, host), 0);
		assert_true(peer6_name_equal(&name, &back));
	}
	assert_true(converted > 5000);
	assert_true(read > 500);
}

static void utf_both_ways(void **state)
{
	static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb1";
	static const uint16_t units[] = { 'a', 0xe9, 0x20ac, 0xd83d, 0xdc31 };
	static const uint16_t lone[][2] = { { 0xd83d, 'a' }, { 0xdc31, 'a' },
					    { 'a', 0xd83d } };
	uint16_t u[5];
	char s[10];
	size_t i;

	(void)state;
	assert_int_equal(peer6_utf8_to_utf16(text, 10, NULL, 0), 5);
	assert_int_equal(peer6_utf8_to_utf16(text, 10, u, 5), 5);
	assert_memory_equal(u, units, sizeof(units));
	for (i = 0; i < 5; i++)
		assert_int_equal(peer6_utf8_to_utf16(text, 10, u, i),
				 PEER6_E_SPACE);
	assert_int_equal(peer6_utf16_to_utf8(units, 5, NULL, 0), 10);
	assert_int_equal(peer6_utf16_to_utf8(units, 5, s, 10), 10);
	assert_memory_equal(s, text, 10);
	for (i = 0; i < 10; i++)
		assert_int_equal(peer6_utf16_to_utf8(units, 5, s, i),
				 PEER6_E_SPACE);
	for (i = 0; i < LEN(lone); i++)
		assert_int_equal(peer6_utf16_to_utf8(lone[i], 2, s, 10),
				 PEER6_E_VALUE);
	/* Every code point there is. */
	for (i = 0; i < 0x110000; i++) {
		uint16_t in[2] = { (uint16_t)i }, out[2];
		ptrdiff_t n = 1, m;

		if (i > 0xffff) {
			in[0] = (uint16_t)(0xd7c0 + (i >> 10));
			in[1] = (uint16_t)(0xdc00 | (i & 0x3ff));
			n = 2;
		}
		m = peer6_utf16_to_utf8(in, (size_t)n, s, sizeof(s));
		if (i >= 0xd800 && i < 0xe000) {
			assert_int_equal(m, PEER6_E_VALUE);
			continue;
		}
		assert_true(m > 0);
		assert_int_equal(peer6_utf8_to_utf16(s, (size_t)m, out, 2), n);
		assert_memory_equal(in, out, (size_t)n * 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_names_round),
		cmocka_unit_test(dot_may_lack),
		cmocka_unit_test(bad_names),
		cmocka_unit_test(classifier_length),
		cmocka_unit_test(structs_are_judged_too),
		cmocka_unit_test(made_of_parts),
		cmocka_unit_test(p2p_ids),
		cmocka_unit_test(crypto_may_fail),
		cmocka_unit_test(host_names),
		cmocka_unit_test(long_form_of_a_short_name),
		cmocka_unit_test(no_host_names),
		cmocka_unit_test(too_long_for_a_host),
		cmocka_unit_test(conversion_is_one_to_one),
		cmocka_unit_test(utf_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
