// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Identity certificates: known bytes, names at the limits, and certificates
 * that are not what they should be.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

#include "id_fixture.h"
#include "identity/der.h"

static void known_certificates(void **state)
{
	static const uint8_t serial_b[16] = "ABCDEFGHIJKLMNOP";
	struct peer6_name name;
	uint8_t *der;
	char sum[65];
	size_t len;

	(void)state;
	der = id_build(id_key_a, ID_A ".alice", "Alice", &len);
	assert_int_equal(len, 667);
	assert_memory_equal(der, id_der_a, len);
	id_sha256(der, len, sum);
	assert_string_equal(sum, "69ec9c6c113c3b2397223a6090b6774434c36c5dfa88"
			    "b98b10e726ba7a1d21be");
	free(der);
	assert_int_equal(peer6_name_parse(&name, ID_B ".bob"), 0);
	assert_int_equal(peer6_idc_build(id_key_b, &name, "Bob", serial_b,
					 ID_2024, ID_3024, &der, &len), 0);
	assert_int_equal(len, 659);
	id_sha256(der, len, sum);
	assert_string_equal(sum, "9123d696b7555ffaca1bb315531ca79628eb9c88ff85"
			    "9ef22c55a6325f7bc577");
	free(der);
}

static void certificate_is_read(void **state)
{
	struct peer6_idc idc;
	char text[PEER6_NAME_SIZE];

	(void)state;
	assert_int_equal(peer6_idc_read(id_ossl, id_der_a, id_der_a_len, 0,
					&idc), 0);
	peer6_name_format(&idc.name, text, sizeof(text));
	assert_string_equal(text, ID_A ".alice");
	assert_string_equal(idc.friendly_name, "Alice");
	assert_int_equal(idc.profile, PEER6_PROFILE_COMPATIBLE);
	assert_int_equal(idc.bits, 1024);
	assert_true(idc.not_before == ID_2024);
	assert_true(idc.not_after == ID_3024);
	assert_true(idc.host_matches);
	assert_int_equal(idc.key_len, 140);
	assert_ptr_equal(idc.der, id_der_a);
	assert_int_equal(idc.der_len, 667);
	assert_int_equal(peer6_idc_read(id_ossl, id_der_a, id_der_a_len,
					1 << PEER6_PROFILE_COMPATIBLE, &idc),
			 0);
	assert_int_equal(peer6_idc_read(id_ossl, id_der_a, id_der_a_len,
					1 << PEER6_PROFILE_STRONG, &idc),
			 PEER6_E_PROFILE);
}

/* OpenSSL's X.509 code takes it as the self-signed certificate that it is. */
static void openssl_agrees(void **state)
{
	const unsigned char *p = id_der_a;
	X509 *x = d2i_X509(NULL, &p, (long)id_der_a_len);

	(void)state;
	assert_non_null(x);
	assert_int_equal(X509_verify(x, X509_get0_pubkey(x)), 1);
	assert_int_equal(X509_NAME_cmp(X509_get_subject_name(x),
				       X509_get_issuer_name(x)), 0);
	X509_free(x);
}

static void friendly_names(void **state)
{
	char text[800] = "";
	const char *const good[] = {
		"Alice", "Alice B. (home)", "Zo\xc3\xab @ \xe2\x82\xac",
		"cat \xf0\x9f\x90\xb1", "a_b*c&d<e>", text,
	};
	struct peer6_idc idc;
	struct peer6_name name;
	uint8_t *der;
	size_t i, len;

	(void)state;
	for (i = 0; i < 255; i++)
		strcat(text, "\xe2\x82\xac");
	for (i = 0; i < 6; i++) {
		der = id_build(id_key_a, ID_A ".alice", good[i], &len);
		assert_int_equal(peer6_idc_read(id_ossl, der, len, 0, &idc), 0);
		assert_string_equal(idc.friendly_name, good[i]);
		free(der);
	}
	assert_int_equal(peer6_name_parse(&name, ID_A ".alice"), 0);
	strcat(text, "x");
	assert_int_equal(peer6_idc_build(id_key_a, &name, text, id_serial_a, 0,
					 1, &der, &len), PEER6_E_FRIENDLY_NAME);
	assert_int_equal(peer6_idc_build(id_key_a, &name, "\xff", id_serial_a,
					 0, 1, &der, &len),
			 PEER6_E_FRIENDLY_NAME);
	assert_null(der);
	/* None: the peer name is it. */
	for (i = 0; i < 2; i++) {
		der = id_build(id_key_a, ID_A ".alice", i ? "" : NULL, &len);
		assert_int_equal(peer6_idc_read(id_ossl, der, len, 0, &idc), 0);
		assert_string_equal(idc.friendly_name, ID_A ".alice");
		free(der);
	}
}

static void what_is_not_built(void **state)
{
	static const uint8_t negative[16] = { 0x80 }, zero[16] = { 0 };
	struct peer6_name name;
	uint8_t *der;
	size_t len;

	(void)state;
	assert_int_equal(peer6_name_parse(&name, ID_B ".alice"), 0);
	assert_int_equal(peer6_idc_build(id_key_a, &name, NULL, id_serial_a, 0,
					 1, &der, &len), PEER6_E_KEY);
	assert_int_equal(peer6_name_parse(&name, "0.alice"), 0);
	assert_int_equal(peer6_idc_build(id_key_a, &name, NULL, id_serial_a, 0,
					 1, &der, &len), PEER6_E_KEY);
	assert_int_equal(peer6_name_parse(&name, ID_A ".alice"), 0);
	assert_int_equal(peer6_idc_build(id_key_a, &name, NULL, negative, 0, 1,
					 &der, &len), PEER6_E_INVAL);
	assert_int_equal(peer6_idc_build(id_key_a, &name, NULL, zero, 0, 1,
					 &der, &len), PEER6_E_INVAL);
	assert_int_equal(peer6_idc_build(id_key_a, &name, NULL, id_serial_a, 1,
					 0, &der, &len), PEER6_E_INVAL);
	assert_int_equal(peer6_idc_build(id_key_a, &name, NULL, id_serial_a, 0,
					 INT64_MAX, &der, &len),
			 PEER6_E_INVAL);
	name.classifier[1] = 0;
	assert_int_equal(peer6_idc_build(id_key_a, &name, NULL, id_serial_a, 0,
					 1, &der, &len), PEER6_E_CLASSIFIER);
	assert_null(der);
}

/* Names at the limits; those without a host name go without a DNS name. */
static void long_names(void **state)
{
	char text[800] = ID_A ".";
	struct peer6_idc idc;
	struct peer6_name name;
	uint8_t *der;
	size_t i, len;

	(void)state;
	for (i = 0; i < 149; i++)
		strcat(text, "\xe2\x82\xac");
	der = id_build(id_key_a, text, "Alice", &len);
	assert_int_equal(peer6_idc_read(id_ossl, der, len, 0, &idc), 0);
	assert_int_equal(peer6_name_parse(&name, text), 0);
	assert_true(peer6_name_equal(&name, &idc.name));
	assert_true(idc.host_matches);
	free(der);
}

/*
 * Changes bytes of the certificate and signs it again, so that only the judged
 * thing is wrong. @at counts from the start of the certificate.
 */
static int judged(const struct peer6_key *key, size_t at, const void *bytes,
		  size_t n)
{
	struct peer6_idc idc;
	uint8_t *der = malloc(id_der_a_len);
	size_t sig_len = 128;
	int error;

	memcpy(der, id_der_a, id_der_a_len);
	memcpy(der + at, bytes, n);
	/* 30 82 xx xx | tbs | 30 0d ... | 03 81 81 00 signature */
	assert_int_equal(peer6_key_sign(key, der + 4,
					id_der_a_len - 4 - 15 - 132,
					der + id_der_a_len - 128, &sig_len), 0);
	error = peer6_idc_read(id_ossl, der, id_der_a_len, 0, &idc);
	free(der);
	return error;
}

static size_t find(const void *what, size_t n)
{
	size_t i;

	for (i = 0; i + n <= id_der_a_len; i++)
		if (!memcmp(id_der_a + i, what, n))
			return i;
	fail_msg("not in the certificate");
	return 0;
}

#define find_lit(s) find(s, sizeof(s) - 1)

/* The sources call the strings null-terminated. */
static void terminated_names(void **state)
{
	size_t at = find_lit("Alice");
	const uint8_t *subject;

	(void)state;
	subject = memmem(id_der_a + at + 5, id_der_a_len - at - 5, "Alice", 5);
	assert_non_null(subject);
	at = (size_t)(subject - id_der_a);
	assert_int_equal(judged(id_key_a, at + 4, "", 1), 0);
	assert_int_equal(judged(id_key_a, at + 3, "\0", 2),
			 PEER6_E_CERTIFICATE);
	assert_int_equal(judged(id_key_a, at + 2, "", 1), PEER6_E_CERTIFICATE);
	assert_int_equal(judged(id_key_a, at, "\x80", 1), PEER6_E_CERTIFICATE);
}

static void certificates_that_are_none(void **state)
{
	size_t type = find_lit("\x04\x04\x03\x00\x00\x00") + 2;
	size_t name = find_lit(ID_A), usage = find_lit(OID_PEER_AUTH);
	size_t server = find_lit(OID_SERVER_AUTH), spki = find_lit(OID_RSA);
	size_t version = find_lit("\xa0\x03\x02\x01\x02") + 4;
	size_t dns = find_lit("palice-p");
	struct peer6_idc idc;
	uint8_t *der;

	(void)state;
	/* The tool itself spoils nothing. */
	assert_int_equal(judged(id_key_a, type, "\x03", 1), 0);
	assert_int_equal(judged(id_key_a, dns, "p", 1), 0);
	/* A group's or a member's certificate. */
	assert_int_equal(judged(id_key_a, type, "\x01", 1),
			 PEER6_E_CERTIFICATE);
	assert_int_equal(judged(id_key_a, type, "\x02", 1),
			 PEER6_E_CERTIFICATE);
	assert_int_equal(judged(id_key_a, type, "\0", 1), PEER6_E_CERTIFICATE);
	/* Somebody else's name; capitals; no name. */
	assert_int_equal(judged(id_key_a, name, "e", 1), PEER6_E_CERTIFICATE);
	assert_int_equal(judged(id_key_a, name, "FA", 2), PEER6_E_CERTIFICATE);
	assert_int_equal(judged(id_key_a, name + 41, "\0", 1),
			 PEER6_E_CERTIFICATE);
	assert_int_equal(judged(id_key_a, name + 41, "\xff", 1),
			 PEER6_E_CERTIFICATE);
	/* Usages. */
	assert_int_equal(judged(id_key_a, usage + 9, "\x05", 1),
			 PEER6_E_CERTIFICATE);
	assert_int_equal(judged(id_key_a, server + 7, "\x02", 1),
			 PEER6_E_CERTIFICATE);
	/* Algorithm of the key, version of the certificate, of the format. */
	assert_int_equal(judged(id_key_a, spki + 8, "\x02", 1),
			 PEER6_E_CERTIFICATE);
	assert_int_equal(judged(id_key_a, version, "\x01", 1),
			 PEER6_E_CERTIFICATE);
	assert_int_equal(judged(id_key_a, find_lit("\x04\x04\x01\x00\x02") + 2,
				"\x02", 1), PEER6_E_CERTIFICATE);
	/* Another algorithm within than outside. */
	assert_int_equal(judged(id_key_a, find_lit(OID_SHA1_RSA) + 8,
				"\x0b", 1), PEER6_E_CERTIFICATE);
	/* A DNS name of another is a blemish only. */
	assert_int_equal(judged(id_key_a, dns, "q", 1), 0);
	/* Signed by another key, and not at all. */
	assert_int_equal(judged(id_key_b, type, "\x03", 1), PEER6_E_SIGNATURE);
	der = malloc(id_der_a_len);
	memcpy(der, id_der_a, id_der_a_len);
	der[id_der_a_len - 1] ^= 1;
	assert_int_equal(peer6_idc_read(id_ossl, der, id_der_a_len, 0, &idc),
			 PEER6_E_SIGNATURE);
	free(der);
}

/* Whatever is cut off or changed: an error, never a crash, never a success. */
static void damaged_certificates(void **state)
{
	struct peer6_idc idc;
	size_t n, i;

	(void)state;
	for (n = 0; n < id_der_a_len; n++) {
		uint8_t *cut = malloc(n ? n : 1);

		memcpy(cut, id_der_a, n);
		assert_int_equal(peer6_idc_read(id_ossl, cut, n, 0, &idc),
				 PEER6_E_CORRUPT);
		free(cut);
	}
	for (i = 0; i < id_der_a_len * 8; i += 3) {
		id_der_a[i / 8] ^= 1 << i % 8;
		assert_true(peer6_idc_read(id_ossl, id_der_a, id_der_a_len, 0,
					   &idc) < 0);
		id_der_a[i / 8] ^= 1 << i % 8;
	}
	assert_int_equal(peer6_idc_read(id_ossl, id_der_a, id_der_a_len, 0,
					&idc), 0);
}

static void wrapped(void **state)
{
	struct peer6_idc idc;
	uint8_t *p7, *two, *again;
	char sum[65];
	size_t len, two_len, n;

	(void)state;
	assert_int_equal(peer6_idc_wrap(id_der_a, id_der_a_len, &p7, &len), 0);
	assert_int_equal(len, 714);
	id_sha256(p7, len, sum);
	assert_string_equal(sum, "a48dbaee65d4518fa0e4ccde0346d0f43add9293cc47"
			    "0440590de1795920294d");
	assert_int_equal(peer6_idc_read(id_ossl, p7, len, 0, &idc), 0);
	assert_int_equal(idc.der_len, id_der_a_len);
	assert_memory_equal(idc.der, id_der_a, id_der_a_len);
	for (n = 0; n < len; n++) {
		uint8_t *cut = malloc(n ? n : 1);

		memcpy(cut, p7, n);
		assert_true(peer6_idc_read(id_ossl, cut, n, 0, &idc) < 0);
		free(cut);
	}
	free(p7);
	/* Two certificates: whose would it be? */
	two = malloc(2 * id_der_a_len);
	memcpy(two, id_der_a, id_der_a_len);
	memcpy(two + id_der_a_len, id_der_a, id_der_a_len);
	assert_int_equal(peer6_idc_wrap(two, 2 * id_der_a_len, &again,
					&two_len), 0);
	assert_int_equal(peer6_idc_read(id_ossl, again, two_len, 0, &idc),
			 PEER6_E_CERTIFICATE);
	free(again);
	assert_int_equal(peer6_idc_wrap(two, 0, &again, &two_len), 0);
	assert_int_equal(peer6_idc_read(id_ossl, again, two_len, 0, &idc),
			 PEER6_E_CORRUPT);
	free(again);
	free(two);
}

static void strong_certificates(void **state)
{
	struct peer6_key *key = id_key(id_ossl, 'C');
	const uint8_t *public;
	struct peer6_name name = { .secure = true };
	struct peer6_idc idc;
	const unsigned char *p;
	uint8_t *der;
	size_t len;
	X509 *x;

	(void)state;
	public = peer6_key_public(key, &len);
	assert_int_equal(peer6_name_authority(peer6_crypto_openssl(id_ossl),
					      public, len, name.authority), 0);
	assert_int_equal(peer6_idc_build(key, &name, "Carol", id_serial_a,
					 ID_2024, ID_3024, &der, &len), 0);
	assert_int_equal(peer6_idc_read(id_ossl, der, len, 0, &idc), 0);
	assert_int_equal(idc.profile, PEER6_PROFILE_STRONG);
	assert_int_equal(idc.bits, 2048);
	p = der;
	x = d2i_X509(NULL, &p, (long)len);
	assert_int_equal(X509_verify(x, X509_get0_pubkey(x)), 1);
	X509_free(x);
	assert_int_equal(peer6_idc_read(id_ossl, der, len,
					1 << PEER6_PROFILE_COMPATIBLE, &idc),
			 PEER6_E_PROFILE);
	free(der);
	peer6_key_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_certificates),
		cmocka_unit_test(certificate_is_read),
		cmocka_unit_test(openssl_agrees),
		cmocka_unit_test(friendly_names),
		cmocka_unit_test(what_is_not_built),
		cmocka_unit_test(long_names),
		cmocka_unit_test(terminated_names),
		cmocka_unit_test(certificates_that_are_none),
		cmocka_unit_test(damaged_certificates),
		cmocka_unit_test(wrapped),
		cmocka_unit_test(strong_certificates),
	};

	return cmocka_run_group_tests(tests, id_setup, id_teardown);
}
