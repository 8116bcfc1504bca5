// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Delegation by certificate chains: a group's key G lets A, and A lets B,
 * publish names under the authority of G.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "id_vectors.h"
#include "identity/der.h"

#define GROUP	ID_G ".chessclub"
#define A	ID_A ".alice"
#define B	ID_B ".bob"
#define NOW	(PEER6_FILETIME_UNIX + UINT64_C(10000000) * (ID_2024 + 1000))

static struct peer6_openssl *ossl;
static struct peer6_key *key_a, *key_b, *key_g;

enum { ADMIN = 1, MEMBER = 2, INVITING = 4, MISPRINT = 8 };

/* What a certificate is made of; { 0 } ends classifiers. */
struct spec {
	const struct peer6_key	*key, *by;
	const char		*name, *issuer, *group;
	int			type;
	unsigned int		roles;
	bool			text_order;	/* of the GUIDs */
	const char *const	*classifiers;	/* NULL: no extension */
	uint8_t			string;		/* type of the names */
	const char		*not_after;	/* UTCTime */
	size_t			serial_len;
	bool			stranger;	/* unknown critical extension */
	bool			damaged;
	bool			twice;		/* its name */
};

static void put_text(struct der *der, uint8_t type, const char *text)
{
	size_t at = peer6_der_begin(der, type), i;

	for (i = 0; text[i]; i++) {
		uint8_t wide[4] = { 0, 0, 0, (uint8_t)text[i] };

		/* UniversalString, BMPString, or one byte a character */
		if (type == 0x1c)
			peer6_der_raw(der, wide, 4);
		else if (type == DER_BMP)
			peer6_der_raw(der, wide + 2, 2);
		else
			peer6_der_raw(der, text + i, 1);
	}
	peer6_der_end(der, at);
}

static void begin(struct der *der, const char *oid, size_t len, size_t at[3])
{
	at[0] = peer6_der_begin(der, DER_SEQUENCE);
	peer6_der_put(der, DER_OID, oid, len);
	peer6_der_raw(der, "\x01\x01\xff", 3);
	at[1] = peer6_der_begin(der, DER_OCTETS);
	at[2] = peer6_der_begin(der, DER_SEQUENCE);
}

#define begin_lit(der, oid, at) begin(der, oid, sizeof(oid) - 1, at)

static void end(struct der *der, const size_t at[3])
{
	peer6_der_end(der, at[2]);
	peer6_der_end(der, at[1]);
	peer6_der_end(der, at[0]);
}

static void put_other(struct der *der, const char *oid, uint8_t type,
		      const char *text)
{
	size_t other = peer6_der_begin(der, DER_CONTEXT_0), value;

	peer6_der_put(der, DER_OID, oid, sizeof(OID_PEER_NAME) - 1);
	value = peer6_der_begin(der, DER_CONTEXT_0);
	put_text(der, type, text);
	peer6_der_end(der, value);
	peer6_der_end(der, other);
}

static void put_number(struct der *der, const char *oid, uint32_t number)
{
	uint8_t b[6] = { DER_OCTETS, 4, (uint8_t)number,
			 (uint8_t)(number >> 8), (uint8_t)(number >> 16), 0 };
	size_t at = peer6_der_begin(der, DER_SEQUENCE);

	peer6_der_put(der, DER_OID, oid, sizeof(OID_CERT_TYPE) - 1);
	peer6_der_put(der, DER_OCTETS, b, 6);
	peer6_der_end(der, at);
}

static void put_roles(struct der *der, const struct spec *s)
{
	static const char guids[4][2][17] = {
		{ "\x27\x71\x38\x04\x56\xaa\x0a\x45\x8c\xe5\x4f\x56\x5c\x67"
		  "\x90\xf4",
		  "\x04\x38\x71\x27\xaa\x56\x45\x0a\x8c\xe5\x4f\x56\x5c\x67"
		  "\x90\xf4" },
		{ "\xc7\xc4\x2d\xf1\x57\x08\xa0\x4c\x93\xfc\xb1\xbb\x19\xa3"
		  "\xd8\xc2",
		  "\xf1\x2d\xc4\xc7\x08\x57\x4c\xa0\x93\xfc\xb1\xbb\x19\xa3"
		  "\xd8\xc2" },
		{ "\x89\xfd\x70\x43\x18\xdc\xfb\x4c\x8d\xbf\x98\x53\xa8\xa9"
		  "\xf9\x05",
		  "\x43\x70\xfd\x89\xdc\x18\x4c\xfb\x8d\xbf\x98\x53\xa8\xa9"
		  "\xf9\x05" },
		{ "\x1f\xf4\x15\xdd\x4e\xfc\x22\x49\xb0\x35\x4c\x06\xa7\x54"
		  "\xd0\x1d",
		  "\xdd\x15\xf4\x1f\xfc\x4e\x49\x22\xb0\x35\x4c\x06\xa7\x54"
		  "\xd0\x1d" },
	};
	size_t at[3], i;

	begin_lit(der, OID_ROLES, at);
	for (i = 0; i < 4; i++)
		if (s->roles & 1U << i)
			peer6_der_put(der, DER_OCTETS,
				      guids[i][s->text_order], 16);
	end(der, at);
}

static void put_extensions(struct der *der, const struct spec *s)
{
	uint8_t string = s->string ? s->string : DER_UTF8;
	size_t outer = peer6_der_begin(der, DER_CONTEXT_3);
	size_t list = peer6_der_begin(der, DER_SEQUENCE), at[3], i;

	if (s->type)
		put_number(der, OID_CERT_TYPE, (uint32_t)s->type);
	put_number(der, OID_CERT_VERSION, 0x20001);
	if (s->name) {
		begin_lit(der, OID_SUBJECT_ALT, at);
		put_other(der, OID_PEER_NAME, string, s->name);
		if (s->twice)
			put_other(der, OID_PEER_NAME, string, s->name);
		end(der, at);
	}
	if (s->issuer) {
		begin_lit(der, OID_ISSUER_ALT, at);
		put_other(der, OID_PEER_NAME, string, s->issuer);
		end(der, at);
	}
	if (s->group) {
		begin_lit(der, OID_GROUP_NAME, at);
		put_other(der, OID_PEER_NAME, string, s->group);
		end(der, at);
	}
	if (s->roles)
		put_roles(der, s);
	if (s->classifiers) {
		begin_lit(der, OID_CLASSIFIERS, at);
		for (i = 0; s->classifiers[i]; i++)
			put_other(der, OID_CLASSIFIER, string,
				  s->classifiers[i]);
		end(der, at);
	}
	if (s->stranger) {
		begin_lit(der, "\x2a\x03\x04", at);
		end(der, at);
	}
	peer6_der_end(der, list);
	peer6_der_end(der, outer);
}

static void put_algorithm(struct der *der, const char *oid)
{
	size_t at = peer6_der_begin(der, DER_SEQUENCE);

	peer6_der_put(der, DER_OID, oid, sizeof(OID_RSA) - 1);
	peer6_der_raw(der, "\x05\x00", 2);
	peer6_der_end(der, at);
}

static void put_subject(struct der *der, const char *name)
{
	size_t a = peer6_der_begin(der, DER_SEQUENCE);
	size_t b = peer6_der_begin(der, DER_SET);
	size_t c = peer6_der_begin(der, DER_SEQUENCE);

	peer6_der_lit(der, DER_OID, OID_COMMON_NAME);
	peer6_der_put(der, DER_PRINTABLE, name, strlen(name));
	peer6_der_end(der, c);
	peer6_der_end(der, b);
	peer6_der_end(der, a);
}

static void put_bits(struct der *der, const void *p, size_t len)
{
	size_t at = peer6_der_begin(der, DER_BITS);

	peer6_der_raw(der, "", 1);
	peer6_der_raw(der, p, len);
	peer6_der_end(der, at);
}

static void put_cert(struct der *out, const struct spec *s)
{
	size_t cert, part, tbs, len, sig_len = PEER6_SIG_MAX;
	uint8_t sig[PEER6_SIG_MAX];
	const uint8_t *public = peer6_key_public(s->key, &len);
	const char *until = s->not_after ? s->not_after : "240201000000Z";
	struct der der = { 0 };

	tbs = peer6_der_begin(&der, DER_SEQUENCE);
	peer6_der_raw(&der, "\xa0\x03\x02\x01\x02", 5);
	peer6_der_put(&der, DER_INTEGER, "123456789:;<=>?@",
		      s->serial_len ? s->serial_len : 16);
	put_algorithm(&der, OID_SHA1_RSA);
	put_subject(&der, "issuer");
	part = peer6_der_begin(&der, DER_SEQUENCE);
	peer6_der_put(&der, DER_UTC_TIME, "240101000000Z", 13);
	peer6_der_put(&der, DER_UTC_TIME, until, 13);
	peer6_der_end(&der, part);
	put_subject(&der, "subject");
	part = peer6_der_begin(&der, DER_SEQUENCE);
	put_algorithm(&der, OID_RSA);
	put_bits(&der, public, len);
	peer6_der_end(&der, part);
	put_extensions(&der, s);
	peer6_der_end(&der, tbs);
	assert_int_equal(peer6_key_sign(s->by, der.p, der.len, sig, &sig_len),
			 0);
	if (s->damaged)
		sig[9] ^= 1;
	cert = peer6_der_begin(out, DER_SEQUENCE);
	peer6_der_raw(out, der.p, der.len);
	put_algorithm(out, OID_SHA1_RSA);
	put_bits(out, sig, sig_len);
	peer6_der_end(out, cert);
	peer6_der_free(&der);
}

static const char *const all[] = { NULL };
static const char *const participant[] = { "participant", NULL };

/* G, A and B as they should be. */
static void chain_of(struct spec s[3])
{
	const struct spec good[3] = {
		{ .key = key_g, .by = key_g, .type = 2, .name = GROUP,
		  .group = GROUP },
		{ .key = key_a, .by = key_g, .type = 1, .name = A,
		  .issuer = GROUP, .group = GROUP, .roles = ADMIN,
		  .classifiers = all },
		{ .key = key_b, .by = key_a, .type = 1, .name = B,
		  .issuer = A, .group = GROUP, .roles = MEMBER,
		  .classifiers = participant },
	};

	memcpy(s, good, sizeof(good));
}

static uint8_t *wrap(const struct spec *const *s, int n, size_t *len)
{
	struct der der = { 0 };
	uint8_t *p7;
	int i;

	for (i = 0; i < n; i++)
		put_cert(&der, s[i]);
	assert_int_equal(peer6_idc_wrap(der.p, der.len, &p7, len), 0);
	peer6_der_free(&der);
	return p7;
}

static int verify_der(const uint8_t *p7, size_t len, const char *authority,
		      const struct peer6_key *leaf, const char *classifier,
		      peer6_filetime now)
{
	const struct peer6_crypto *crypto = peer6_crypto_openssl(ossl);
	struct peer6_name name, wanted;
	size_t n;

	assert_int_equal(peer6_name_parse(&name, authority), 0);
	assert_int_equal(peer6_name_make(&wanted, NULL, classifier), 0);
	return crypto->verify_chain(crypto->ctx, p7, len, name.authority,
				    peer6_key_public(leaf, &n),
				    wanted.classifier, wanted.n_classifier,
				    now);
}

static int verify(const struct spec *const *s, int n, const char *authority,
		  const struct peer6_key *leaf, const char *classifier)
{
	size_t len;
	uint8_t *p7 = wrap(s, n, &len);
	int error = verify_der(p7, len, authority, leaf, classifier, NOW);

	free(p7);
	return error;
}

static int verify3(const struct spec s[3], const char *classifier)
{
	const struct spec *const order[] = { &s[0], &s[1], &s[2] };

	return verify(order, 3, ID_G, key_b, classifier);
}

static void good_chains(void **state)
{
	static const uint8_t strings[] = { DER_UTF8, 0x1c, DER_BMP, 0x16 };
	struct spec s[3];
	const struct spec *order[3] = { &s[0], &s[1], &s[2] };
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		chain_of(s);
		s[0].string = s[1].string = s[2].string = strings[i];
		s[1].text_order = i & 1;
		s[2].text_order = i & 2;
		assert_int_equal(verify3(s, "participant"), 0);
	}
	/* PKCS#7 has a set: any order. */
	order[0] = &s[2];
	order[2] = &s[0];
	assert_int_equal(verify(order, 3, ID_G, key_b, "participant"), 0);
	order[1] = &s[0];
	order[2] = &s[1];
	assert_int_equal(verify(order, 3, ID_G, key_b, "participant"), 0);
	/* Shorter. */
	order[0] = &s[0];
	order[1] = &s[1];
	assert_int_equal(verify(order, 2, ID_G, key_a, "whatever"), 0);
	assert_int_equal(verify(order, 1, ID_G, key_g, "whatever"), 0);
	/* As some text has it by mistake. */
	s[1].roles = MISPRINT;
	s[2].roles = MEMBER | MISPRINT;
	assert_int_equal(verify3(s, "participant"), 0);
}

static void wrong_ends(void **state)
{
	struct spec s[3];
	const struct spec *order[3] = { &s[0], &s[1], &s[2] };

	(void)state;
	chain_of(s);
	assert_int_equal(verify(order, 3, ID_A, key_b, "participant"),
			 PEER6_E_CHAIN);
	assert_int_equal(verify(order, 3, ID_G, key_a, "participant"),
			 PEER6_E_CHAIN);
	assert_int_equal(verify(order, 3, ID_G, key_b, "other"),
			 PEER6_E_CHAIN);
	assert_int_equal(verify(order, 3, ID_G, key_b, "participants"),
			 PEER6_E_CHAIN);
	assert_int_equal(verify(order, 3, ID_G, key_b, NULL), PEER6_E_CHAIN);
	/* Links that lack. */
	assert_int_equal(verify(order + 1, 2, ID_G, key_b, "participant"),
			 PEER6_E_CHAIN);
	assert_int_equal(verify(order + 2, 1, ID_G, key_b, "participant"),
			 PEER6_E_CHAIN);
	order[1] = &s[2];
	assert_int_equal(verify(order, 2, ID_G, key_b, "participant"),
			 PEER6_E_CHAIN);
	/* One twice, and a second root. */
	assert_int_equal(verify(order, 3, ID_G, key_b, "participant"),
			 PEER6_E_CHAIN);
	order[1] = &s[0];
	assert_int_equal(verify(order, 3, ID_G, key_b, "participant"),
			 PEER6_E_CHAIN);
}

/* One thing wrong at a time, in each certificate of the three. */
static void one_thing_wrong(void **state)
{
	struct spec s[3];
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
#define WRONG(what) do { \
		chain_of(s); \
		what; \
		assert_int_equal(verify3(s, "participant"), PEER6_E_CHAIN); \
	} while (0)
		WRONG(s[i].damaged = true);
		WRONG(s[i].by = i == 2 ? key_g : key_b);
		WRONG(s[i].twice = true);
		WRONG(s[i].type = 3);
		WRONG(s[i].type = i ? 2 : 1);
		WRONG(s[i].type = 0);
		WRONG(s[i].serial_len = 15);
		WRONG(s[i].stranger = true);
		WRONG(s[i].not_after = "240101001000Z");
		WRONG(s[i].name = NULL);
		WRONG(s[i].name = "nonsense");
		if (i < 2)
			WRONG(s[i].name = ID_B ".someone");
		if (i != 1)
			WRONG(s[i].group = ID_G ".other");
		if (!i)
			continue;
		WRONG(s[i].issuer = NULL);
		WRONG(s[i].issuer = B);
		WRONG(s[i].roles = 0);
		WRONG(s[i].classifiers = NULL);
	}
	chain_of(s);
	assert_int_equal(verify3(s, "participant"), 0);
}

static void times(void **state)
{
	struct spec s[3];
	const struct spec *const order[3] = { &s[0], &s[1], &s[2] };
	const peer6_filetime second = 10000000;
	peer6_filetime from = NOW - 1000 * second;
	size_t len;
	uint8_t *p7;

	(void)state;
	chain_of(s);
	s[1].not_after = "240102000000Z";
	p7 = wrap(order, 3, &len);
	assert_int_equal(verify_der(p7, len, ID_G, key_b, "participant",
				    from), 0);
	assert_int_equal(verify_der(p7, len, ID_G, key_b, "participant",
				    from - second), PEER6_E_CHAIN);
	assert_int_equal(verify_der(p7, len, ID_G, key_b, "participant",
				    from + 86400 * second), 0);
	assert_int_equal(verify_der(p7, len, ID_G, key_b, "participant",
				    from + 86401 * second), PEER6_E_CHAIN);
	assert_int_equal(verify_der(p7, len, ID_G, key_b, "participant", 0),
			 PEER6_E_CHAIN);
	assert_int_equal(verify_der(p7, len, ID_G, key_b, "participant",
				    UINT64_MAX), PEER6_E_CHAIN);
	free(p7);
}

static void cut_and_bent(void **state)
{
	struct spec s[3];
	const struct spec *const order[3] = { &s[0], &s[1], &s[2] };
	size_t len, n;
	uint8_t *p7, *cut;

	(void)state;
	chain_of(s);
	p7 = wrap(order, 3, &len);
	for (n = 0; n < len; n += 3) {
		cut = malloc(n ? n : 1);
		memcpy(cut, p7, n);
		assert_int_equal(verify_der(cut, n, ID_G, key_b,
					    "participant", NOW),
				 PEER6_E_CHAIN);
		free(cut);
	}
	/* From the first certificate to before the empty set at the end. */
	for (n = 48 * 8; n < (len - 2) * 8; n += 11) {
		p7[n / 8] ^= 1 << n % 8;
		assert_int_equal(verify_der(p7, len, ID_G, key_b,
					    "participant", NOW),
				 PEER6_E_CHAIN);
		p7[n / 8] ^= 1 << n % 8;
	}
	assert_int_equal(verify_der(p7, len, ID_G, key_b, "participant", NOW),
			 0);
	free(p7);
}

/* 25 links are the most; each is another name of the same two keys. */
static void length_of_chains(void **state)
{
	static char names[26][60];
	struct spec s[26];
	const struct spec *order[26];
	int i;

	(void)state;
	memset(s, 0, sizeof(s));
	for (i = 0; i < 26; i++) {
		order[i] = &s[i];
		snprintf(names[i], sizeof(names[i]), ID_A ".%d", i);
		s[i].key = i ? key_a : key_g;
		s[i].by = i > 1 ? key_a : key_g;
		s[i].type = i ? 1 : 2;
		s[i].name = names[i];
		s[i].group = GROUP;
		s[i].issuer = i ? names[i - 1] : NULL;
		s[i].roles = i ? ADMIN : 0;
		s[i].classifiers = i ? all : NULL;
	}
	assert_int_equal(verify(order, 25, ID_G, key_a, "x"), 0);
	assert_int_equal(verify(order, 26, ID_G, key_a, "x"), PEER6_E_CHAIN);
}

/* The published table; the row with "cheese" in both columns corrected. */
static void who_may_delegate_what(void **state)
{
	static const char *const any[] = { "", "fish", NULL };
	static const char *const two[] = { "fish", "cheese", NULL };
	static const struct {
		const char *const *from;
		unsigned int role;
		const char *to[5];
		bool legal;
	} rows[] = {
		{ all, ADMIN, { "ham", "" }, true },
		{ all, ADMIN, { NULL }, true },
		{ all, INVITING, { "ham" }, true },
		{ all, MEMBER, { "ham" }, true },
		{ all, MEMBER, { NULL }, true },
		{ any, ADMIN, { "ham", "" }, true },
		{ any, ADMIN, { NULL }, true },
		{ any, INVITING, { "fish food" }, true },
		{ any, INVITING, { NULL }, true },
		{ any, MEMBER, { "", "fish" }, true },
		{ any, MEMBER, { NULL }, false },
		{ any, MEMBER, { "fish food" }, false },
		{ any, MEMBER, { "fish", "fish food" }, false },
		{ two, ADMIN, { "fish", "fish food", "cheese",
				"cheese-like" }, true },
		{ two, INVITING, { "fish food" }, true },
		{ two, INVITING, { "cheese" }, true },
		{ two, ADMIN, { NULL }, false },
		{ two, INVITING, { NULL }, false },
		{ two, ADMIN, { "ham" }, false },
		{ two, ADMIN, { "fish", "ham" }, false },
		{ two, ADMIN, { "fis" }, false },
		{ two, ADMIN, { "Fish" }, false },
		{ two, ADMIN, { "" }, false },
		{ two, MEMBER, { "fish", "cheese" }, true },
		{ two, MEMBER, { NULL }, false },
		{ two, MEMBER, { "fish food" }, false },
		{ two, MEMBER, { "cheese-like" }, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *wanted = rows[i].to[0] ? rows[i].to[0] : "fish";
		struct spec s[3];
		const struct spec *const order[2] = { &s[0], &s[1] };

		/* As a list in the next certificate ... */
		chain_of(s);
		s[1].roles = rows[i].role;
		s[1].classifiers = rows[i].from;
		s[2].classifiers = rows[i].to;
		assert_int_equal(verify3(s, wanted),
				 rows[i].legal ? 0 : PEER6_E_CHAIN);
		/* ... and as the one classifier that is published. */
		if (!rows[i].to[0] || rows[i].to[1])
			continue;
		assert_int_equal(verify(order, 2, ID_G, key_a, wanted),
				 rows[i].legal ? 0 : PEER6_E_CHAIN);
	}
}

static int setup(void **state)
{
	(void)state;
	if (peer6_crypto_openssl_init(&ossl))
		return -1;
	key_a = id_key(ossl, 'A');
	key_b = id_key(ossl, 'B');
	key_g = id_key(ossl, 'G');
	return key_a && key_b && key_g ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	peer6_key_free(key_a);
	peer6_key_free(key_b);
	peer6_key_free(key_g);
	peer6_crypto_openssl_free(ossl);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_chains),
		cmocka_unit_test(wrong_ends),
		cmocka_unit_test(one_thing_wrong),
		cmocka_unit_test(times),
		cmocka_unit_test(cut_and_bent),
		cmocka_unit_test(length_of_chains),
		cmocka_unit_test(who_may_delegate_what),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
