// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Identity certificates, the XML around them, and exports: known bytes, files
 * of other writers, and files that are not what they should be.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#include "id_vectors.h"
#include "identity/der.h"

static struct peer6_openssl *ossl;
static struct peer6_key *key_a, *key_b;
static uint8_t *idc_a;
static size_t idc_a_len;

static const uint8_t serial_a[16] = "123456789:;<=>?@";

static uint8_t *build(const struct peer6_key *key, const char *text,
		      const char *friendly, size_t *len)
{
	struct peer6_name name;
	uint8_t *der;

	assert_int_equal(peer6_name_parse(&name, text), 0);
	assert_int_equal(peer6_idc_build(key, &name, friendly, serial_a,
					 ID_2024, ID_3024, &der, len), 0);
	return der;
}

static void known_certificates(void **state)
{
	static const uint8_t serial_b[16] = "ABCDEFGHIJKLMNOP";
	struct peer6_name name;
	uint8_t *der;
	char sum[65];
	size_t len;

	(void)state;
	der = build(key_a, ID_A ".alice", "Alice", &len);
	assert_int_equal(len, 667);
	assert_memory_equal(der, idc_a, len);
	id_sha256(der, len, sum);
	assert_string_equal(sum, "69ec9c6c113c3b2397223a6090b6774434c36c5dfa88"
			    "b98b10e726ba7a1d21be");
	free(der);
	assert_int_equal(peer6_name_parse(&name, ID_B ".bob"), 0);
	assert_int_equal(peer6_idc_build(key_b, &name, "Bob", serial_b,
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
	assert_int_equal(peer6_idc_read(ossl, idc_a, idc_a_len, 0, &idc), 0);
	peer6_name_format(&idc.name, text, sizeof(text));
	assert_string_equal(text, ID_A ".alice");
	assert_string_equal(idc.friendly_name, "Alice");
	assert_int_equal(idc.profile, PEER6_PROFILE_COMPATIBLE);
	assert_int_equal(idc.bits, 1024);
	assert_true(idc.not_before == ID_2024);
	assert_true(idc.not_after == ID_3024);
	assert_true(idc.host_matches);
	assert_int_equal(idc.key_len, 140);
	assert_ptr_equal(idc.der, idc_a);
	assert_int_equal(idc.der_len, 667);
	assert_int_equal(peer6_idc_read(ossl, idc_a, idc_a_len,
					1 << PEER6_PROFILE_COMPATIBLE, &idc),
			 0);
	assert_int_equal(peer6_idc_read(ossl, idc_a, idc_a_len,
					1 << PEER6_PROFILE_STRONG, &idc),
			 PEER6_E_PROFILE);
}

/* OpenSSL's X.509 code takes it as the self-signed certificate that it is. */
static void openssl_agrees(void **state)
{
	const unsigned char *p = idc_a;
	X509 *x = d2i_X509(NULL, &p, (long)idc_a_len);

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
		der = build(key_a, ID_A ".alice", good[i], &len);
		assert_int_equal(peer6_idc_read(ossl, der, len, 0, &idc), 0);
		assert_string_equal(idc.friendly_name, good[i]);
		free(der);
	}
	assert_int_equal(peer6_name_parse(&name, ID_A ".alice"), 0);
	strcat(text, "x");
	assert_int_equal(peer6_idc_build(key_a, &name, text, serial_a, 0, 1,
					 &der, &len), PEER6_E_FRIENDLY_NAME);
	assert_int_equal(peer6_idc_build(key_a, &name, "\xff", serial_a, 0, 1,
					 &der, &len), PEER6_E_FRIENDLY_NAME);
	assert_null(der);
	/* None: the peer name is it. */
	for (i = 0; i < 2; i++) {
		der = build(key_a, ID_A ".alice", i ? "" : NULL, &len);
		assert_int_equal(peer6_idc_read(ossl, der, len, 0, &idc), 0);
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
	assert_int_equal(peer6_idc_build(key_a, &name, NULL, serial_a, 0, 1,
					 &der, &len), PEER6_E_KEY);
	assert_int_equal(peer6_name_parse(&name, "0.alice"), 0);
	assert_int_equal(peer6_idc_build(key_a, &name, NULL, serial_a, 0, 1,
					 &der, &len), PEER6_E_KEY);
	assert_int_equal(peer6_name_parse(&name, ID_A ".alice"), 0);
	assert_int_equal(peer6_idc_build(key_a, &name, NULL, negative, 0, 1,
					 &der, &len), PEER6_E_INVAL);
	assert_int_equal(peer6_idc_build(key_a, &name, NULL, zero, 0, 1,
					 &der, &len), PEER6_E_INVAL);
	assert_int_equal(peer6_idc_build(key_a, &name, NULL, serial_a, 1, 0,
					 &der, &len), PEER6_E_INVAL);
	assert_int_equal(peer6_idc_build(key_a, &name, NULL, serial_a, 0,
					 INT64_MAX, &der, &len),
			 PEER6_E_INVAL);
	name.classifier[1] = 0;
	assert_int_equal(peer6_idc_build(key_a, &name, NULL, serial_a, 0, 1,
					 &der, &len), PEER6_E_CLASSIFIER);
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
	der = build(key_a, text, "Alice", &len);
	assert_int_equal(peer6_idc_read(ossl, der, len, 0, &idc), 0);
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
	uint8_t *der = malloc(idc_a_len);
	size_t sig_len = 128;
	int error;

	memcpy(der, idc_a, idc_a_len);
	memcpy(der + at, bytes, n);
	/* 30 82 xx xx | tbs | 30 0d ... | 03 81 81 00 signature */
	assert_int_equal(peer6_key_sign(key, der + 4,
					idc_a_len - 4 - 15 - 132,
					der + idc_a_len - 128, &sig_len), 0);
	error = peer6_idc_read(ossl, der, idc_a_len, 0, &idc);
	free(der);
	return error;
}

static size_t find(const void *what, size_t n)
{
	size_t i;

	for (i = 0; i + n <= idc_a_len; i++)
		if (!memcmp(idc_a + i, what, n))
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
	subject = memmem(idc_a + at + 5, idc_a_len - at - 5, "Alice", 5);
	assert_non_null(subject);
	at = (size_t)(subject - idc_a);
	assert_int_equal(judged(key_a, at + 4, "", 1), 0);
	assert_int_equal(judged(key_a, at + 3, "\0", 2), PEER6_E_CERTIFICATE);
	assert_int_equal(judged(key_a, at + 2, "", 1), PEER6_E_CERTIFICATE);
	assert_int_equal(judged(key_a, at, "\x80", 1), PEER6_E_CERTIFICATE);
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
	assert_int_equal(judged(key_a, type, "\x03", 1), 0);
	assert_int_equal(judged(key_a, dns, "p", 1), 0);
	/* A group's or a member's certificate. */
	assert_int_equal(judged(key_a, type, "\x01", 1), PEER6_E_CERTIFICATE);
	assert_int_equal(judged(key_a, type, "\x02", 1), PEER6_E_CERTIFICATE);
	assert_int_equal(judged(key_a, type, "\0", 1), PEER6_E_CERTIFICATE);
	/* Somebody else's name; capitals; no name. */
	assert_int_equal(judged(key_a, name, "e", 1), PEER6_E_CERTIFICATE);
	assert_int_equal(judged(key_a, name, "FA", 2), PEER6_E_CERTIFICATE);
	assert_int_equal(judged(key_a, name + 41, "\0", 1),
			 PEER6_E_CERTIFICATE);
	assert_int_equal(judged(key_a, name + 41, "\xff", 1),
			 PEER6_E_CERTIFICATE);
	/* Usages. */
	assert_int_equal(judged(key_a, usage + 9, "\x05", 1),
			 PEER6_E_CERTIFICATE);
	assert_int_equal(judged(key_a, server + 7, "\x02", 1),
			 PEER6_E_CERTIFICATE);
	/* Algorithm of the key, version of the certificate, of the format. */
	assert_int_equal(judged(key_a, spki + 8, "\x02", 1),
			 PEER6_E_CERTIFICATE);
	assert_int_equal(judged(key_a, version, "\x01", 1),
			 PEER6_E_CERTIFICATE);
	assert_int_equal(judged(key_a, find_lit("\x04\x04\x01\x00\x02") + 2,
				"\x02", 1), PEER6_E_CERTIFICATE);
	/* Another algorithm within than outside. */
	assert_int_equal(judged(key_a, find_lit(OID_SHA1_RSA) + 8, "\x0b", 1),
			 PEER6_E_CERTIFICATE);
	/* A DNS name of another is a blemish only. */
	assert_int_equal(judged(key_a, dns, "q", 1), 0);
	/* Signed by another key, and not at all. */
	assert_int_equal(judged(key_b, type, "\x03", 1), PEER6_E_SIGNATURE);
	der = malloc(idc_a_len);
	memcpy(der, idc_a, idc_a_len);
	der[idc_a_len - 1] ^= 1;
	assert_int_equal(peer6_idc_read(ossl, der, idc_a_len, 0, &idc),
			 PEER6_E_SIGNATURE);
	free(der);
}

/* Whatever is cut off or changed: an error, never a crash, never a success. */
static void damaged_certificates(void **state)
{
	struct peer6_idc idc;
	size_t n, i;

	(void)state;
	for (n = 0; n < idc_a_len; n++) {
		uint8_t *cut = malloc(n ? n : 1);

		memcpy(cut, idc_a, n);
		assert_int_equal(peer6_idc_read(ossl, cut, n, 0, &idc),
				 PEER6_E_CORRUPT);
		free(cut);
	}
	for (i = 0; i < idc_a_len * 8; i += 3) {
		idc_a[i / 8] ^= 1 << i % 8;
		assert_true(peer6_idc_read(ossl, idc_a, idc_a_len, 0, &idc) <
			    0);
		idc_a[i / 8] ^= 1 << i % 8;
	}
	assert_int_equal(peer6_idc_read(ossl, idc_a, idc_a_len, 0, &idc), 0);
}

static void wrapped(void **state)
{
	struct peer6_idc idc;
	uint8_t *p7, *two, *again;
	char sum[65];
	size_t len, two_len, n;

	(void)state;
	assert_int_equal(peer6_idc_wrap(idc_a, idc_a_len, &p7, &len), 0);
	assert_int_equal(len, 714);
	id_sha256(p7, len, sum);
	assert_string_equal(sum, "a48dbaee65d4518fa0e4ccde0346d0f43add9293cc47"
			    "0440590de1795920294d");
	assert_int_equal(peer6_idc_read(ossl, p7, len, 0, &idc), 0);
	assert_int_equal(idc.der_len, idc_a_len);
	assert_memory_equal(idc.der, idc_a, idc_a_len);
	for (n = 0; n < len; n++) {
		uint8_t *cut = malloc(n ? n : 1);

		memcpy(cut, p7, n);
		assert_true(peer6_idc_read(ossl, cut, n, 0, &idc) < 0);
		free(cut);
	}
	free(p7);
	/* Two certificates: whose would it be? */
	two = malloc(2 * idc_a_len);
	memcpy(two, idc_a, idc_a_len);
	memcpy(two + idc_a_len, idc_a, idc_a_len);
	assert_int_equal(peer6_idc_wrap(two, 2 * idc_a_len, &again, &two_len),
			 0);
	assert_int_equal(peer6_idc_read(ossl, again, two_len, 0, &idc),
			 PEER6_E_CERTIFICATE);
	free(again);
	assert_int_equal(peer6_idc_wrap(two, 0, &again, &two_len), 0);
	assert_int_equal(peer6_idc_read(ossl, again, two_len, 0, &idc),
			 PEER6_E_CORRUPT);
	free(again);
	free(two);
}

static void strong_certificates(void **state)
{
	struct peer6_key *key = id_key(ossl, 'C');
	const uint8_t *public;
	struct peer6_name name = { .secure = true };
	struct peer6_idc idc;
	const unsigned char *p;
	uint8_t *der;
	size_t len;
	X509 *x;

	(void)state;
	public = peer6_key_public(key, &len);
	assert_int_equal(peer6_name_authority(peer6_crypto_openssl(ossl),
					      public, len, name.authority), 0);
	assert_int_equal(peer6_idc_build(key, &name, "Carol", serial_a,
					 ID_2024, ID_3024, &der, &len), 0);
	assert_int_equal(peer6_idc_read(ossl, der, len, 0, &idc), 0);
	assert_int_equal(idc.profile, PEER6_PROFILE_STRONG);
	assert_int_equal(idc.bits, 2048);
	p = der;
	x = d2i_X509(NULL, &p, (long)len);
	assert_int_equal(X509_verify(x, X509_get0_pubkey(x)), 1);
	X509_free(x);
	assert_int_equal(peer6_idc_read(ossl, der, len,
					1 << PEER6_PROFILE_COMPATIBLE, &idc),
			 PEER6_E_PROFILE);
	free(der);
	peer6_key_free(key);
}

static void identity_xml(void **state)
{
	uint8_t *der;
	char *xml, sum[65];
	struct peer6_idc idc;
	size_t len;

	(void)state;
	assert_int_equal(peer6_idxml_write(idc_a, idc_a_len, &xml), 0);
	assert_int_equal(strlen(xml), 1080);
	id_sha256(xml, 1080, sum);
	assert_string_equal(sum, "7f44eca497e66747822a259107b4ea34b52e59b75db9"
			    "2da9477c8dedb8394698");
	assert_int_equal(peer6_idxml_read(xml, strlen(xml), &der, &len), 0);
	assert_int_equal(len, 714);
	assert_int_equal(peer6_idc_read(ossl, der, len, 0, &idc), 0);
	assert_memory_equal(idc.der, idc_a, idc_a_len);
	free(der);
	free(xml);
}

#define DT "xmlns:dt=\"urn:schemas-microsoft-com:datatypes\"" \
	" dt:dt=\"bin.base64\""

/* "AQID" is 01 02 03. */
static void xml_of_others(void **state)
{
	static const char *const good[] = {
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " DT ">AQID</IDC>"
		"</PEERIDENTITYINFO>",
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
		"<PEERIDENTITYINFO VERSION='1.0'>\r\n\t<IDC " DT ">\r\n"
		"A\nQ I\tD\r\n</IDC>\n</PEERIDENTITYINFO>\n",
		"\xef\xbb\xbf<PEERIDENTITYINFO VERSION=\"1.0\"><IDC dt:dt="
		"\"bin.base64\" xmlns:dt=\"urn:schemas-microsoft-com:"
		"datatypes\">AQID</IDC></PEERIDENTITYINFO>",
	};
	uint8_t wide[400] = { 0xff, 0xfe }, *der;
	size_t i, len;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_int_equal(peer6_idxml_read(good[i], strlen(good[i]),
						  &der, &len), 0);
		assert_int_equal(len, 3);
		assert_memory_equal(der, "\1\2\3", 3);
		free(der);
	}
	for (i = 0; good[0][i]; i++)
		wide[2 + 2 * i] = (uint8_t)good[0][i];
	assert_int_equal(peer6_idxml_read(wide, 2 + 2 * i, &der, &len), 0);
	assert_int_equal(len, 3);
	free(der);
}

static void xml_that_is_none(void **state)
{
	static const char *const bad[] = {
		"", " ", "hello",
		"<PEERIDENTITYINFO VERSION=\"1.1\"><IDC " DT ">AQID</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO><IDC " DT ">AQID</IDC></PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\" X=\"\"><IDC " DT ">AQID"
		"</IDC></PEERIDENTITYINFO>",
		"<peeridentityinfo VERSION=\"1.0\"><IDC " DT ">AQID</IDC>"
		"</peeridentityinfo>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"></PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><idc " DT ">AQID</idc>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC>AQID</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC dt=\"bin.base64\">AQID"
		"</IDC></PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC xmlns:dt=\"urn:x\" "
		"dt:dt=\"bin.base64\">AQID</IDC></PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC xmlns:dt=\"urn:schemas-"
		"microsoft-com:datatypes\" dt:dt=\"bin.hex\">AQID</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " DT ">AQID</IDC><IDC "
		DT ">AQID</IDC></PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " DT ">AQID</IDC><X/>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\">x<IDC " DT ">AQID</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " DT ">AQID</IDC>x"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><!-- --><IDC " DT ">AQID"
		"</IDC></PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " DT "><b/>AQID</IDC>"
		"</PEERIDENTITYINFO>",
		/* base64: cut, a letter behind the padding, loose bits, ... */
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " DT ">AQI</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " DT ">AQ==AQID</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " DT ">AR==</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " DT ">A===</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " DT ">AQ=D</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " DT ">AQ_D</IDC>"
		"</PEERIDENTITYINFO>",
		/* entities */
		"<!DOCTYPE x [<!ENTITY e \"AQID\">]><PEERIDENTITYINFO VERSION="
		"\"1.0\"><IDC " DT ">&e;</IDC></PEERIDENTITYINFO>",
		"<!DOCTYPE PEERIDENTITYINFO><PEERIDENTITYINFO VERSION=\"1.0\">"
		"<IDC " DT ">AQID</IDC></PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " DT ">&e;</IDC>"
		"</PEERIDENTITYINFO>",
	};
	uint8_t *der;
	char *big = malloc(PEER6_XML_MAX + 2);
	size_t i, len, n;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(peer6_idxml_read(bad[i], strlen(bad[i]), &der,
						  &len), PEER6_E_CORRUPT);
		assert_null(der);
	}
	/* White space up to the limit, and a byte over it. */
	n = (size_t)sprintf(big, "<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " DT
			    ">AQID</IDC></PEERIDENTITYINFO>");
	memset(big + n, ' ', PEER6_XML_MAX + 1 - n);
	assert_int_equal(peer6_idxml_read(big, PEER6_XML_MAX, &der, &len), 0);
	free(der);
	assert_int_equal(peer6_idxml_read(big, PEER6_XML_MAX + 1, &der, &len),
			 PEER6_E_CORRUPT);
	free(big);
}

static void cut_xml(void **state)
{
	uint8_t *der;
	char *xml;
	size_t n, len, whole;

	(void)state;
	assert_int_equal(peer6_idxml_write(idc_a, idc_a_len, &xml), 0);
	whole = strlen(xml);
	for (n = 0; n < whole; n += 1 + n % 3) {
		assert_int_equal(peer6_idxml_read(xml, n, &der, &len),
				 PEER6_E_CORRUPT);
		assert_null(der);
	}
	free(xml);
}

static int import(const char *xml, const char *password)
{
	struct peer6_key *key;
	uint8_t *idc;
	size_t len;
	int error = peer6_export_read(ossl, xml, strlen(xml), password, &key,
				      &idc, &len);

	if (error) {
		assert_null(key);
		assert_null(idc);
	} else {
		assert_int_equal(len, idc_a_len);
		assert_memory_equal(idc, idc_a, len);
	}
	peer6_key_free(key);
	free(idc);
	return error;
}

/* A whole export by another writer: certificate first, no KEY_EX. */
static void known_export(void **state)
{
	size_t len, outer_len;
	uint8_t *pfx = id_base64(id_pfx_a, &len);
	char *xml, *start, *end, sum[65];

	(void)state;
	assert_int_equal(len, 1685);
	id_sha256(pfx, len, sum);
	assert_string_equal(sum, "66f3ac18d69208319b23cd241dcd051010a2d6b12e60"
			    "011463904d019022118c");
	xml = id_export(ID_A ".alice", pfx, len);
	assert_int_equal(import(xml, ID_PASSWORD), 0);
	/* Whoever leaves out the layers between is understood, too. */
	free(xml);
	assert_true(asprintf(&xml, "<PEERIDENTITYEXPORT VERSION=\"1.0\">"
			     "<IDENTITY>" ID_A ".alice</IDENTITY>"
			     "<IDENTITYDATA " DT ">%s</IDENTITYDATA>"
			     "</PEERIDENTITYEXPORT>", id_pfx_a) > 0);
	assert_int_equal(import(xml, ID_PASSWORD), 0);
	free(xml);
	xml = id_export(ID_A ".alice", pfx, len);
	start = strstr(xml, "base64\">") + 8;
	end = strstr(start, "</DATA>");
	outer_len = (size_t)(end - start);
	assert_int_equal(start[outer_len - 1], '\n');
	id_sha256(start, outer_len - 1, sum);
	assert_string_equal(sum, "568b91a003845184cbabc77ef8eaa487f60025049bc7"
			    "cbb06bb1a60278475744");
	free(xml);
	free(pfx);
}

static void export_mistakes(void **state)
{
	size_t len;
	uint8_t *pfx = id_base64(id_pfx_a, &len);
	char *xml = id_export(ID_A ".alice", pfx, len);

	(void)state;
	assert_int_equal(import(xml, "Correct-Horse-8"), PEER6_E_PASSWORD);
	assert_int_equal(import(xml, "correct-horse-7"), PEER6_E_PASSWORD);
	assert_int_equal(import(xml, ""), PEER6_E_PASSWORD);
	assert_int_equal(import(xml, NULL), PEER6_E_PASSWORD);
	assert_int_equal(import(xml, "\xff"), PEER6_E_PASSWORD);
	free(xml);
	/* Another name than the certificate's. */
	xml = id_export(ID_A ".bob", pfx, len);
	assert_int_equal(import(xml, ID_PASSWORD), PEER6_E_NAME);
	free(xml);
	xml = id_export(ID_B ".alice", pfx, len);
	assert_int_equal(import(xml, ID_PASSWORD), PEER6_E_NAME);
	free(xml);
	/* A bit in the encrypted part, at which the checksum sees it. */
	pfx[900] ^= 1;
	xml = id_export(ID_A ".alice", pfx, len);
	assert_int_equal(import(xml, ID_PASSWORD), PEER6_E_PASSWORD);
	free(xml);
	free(pfx);
}

/* Cut within the XML, and within the PKCS#12 of XML that is whole. */
static void cut_exports(void **state)
{
	size_t len, n, whole;
	uint8_t *pfx = id_base64(id_pfx_a, &len);
	char *xml = id_export(ID_A ".alice", pfx, len), *cut;

	(void)state;
	whole = strlen(xml);
	for (n = 0; n < whole; n += 23) {
		cut = strndup(xml, n);
		assert_int_equal(import(cut, ID_PASSWORD), PEER6_E_CORRUPT);
		free(cut);
	}
	free(xml);
	for (n = 0; n < len; n += 3) {
		xml = id_export(ID_A ".alice", pfx, n);
		assert_int_equal(import(xml, ID_PASSWORD), PEER6_E_CORRUPT);
		free(xml);
	}
	pfx = realloc(pfx, len + 1);
	pfx[len] = 0;
	xml = id_export(ID_A ".alice", pfx, len + 1);
	assert_int_equal(import(xml, ID_PASSWORD), PEER6_E_CORRUPT);
	free(xml);
	free(pfx);
}

/* PKCS#12 files as other programs make them. */
static char *foreign(int key_nid, int cert_nid, bool with_key, bool other_key,
		     bool mac, int rounds)
{
	struct peer6_key *from = other_key ? key_b : key_a;
	OSSL_LIB_CTX *lib = OSSL_LIB_CTX_new();
	OSSL_PROVIDER *one = OSSL_PROVIDER_load(lib, "default");
	OSSL_PROVIDER *two = OSSL_PROVIDER_load(lib, "legacy");
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
	STACK_OF(PKCS7) *safes = NULL;
	const unsigned char *p = idc_a;
	X509 *x = d2i_X509(NULL, &p, (long)idc_a_len);
	unsigned char *der = NULL;
	PKCS8_PRIV_KEY_INFO *info;
	EVP_PKEY *pkey;
	uint8_t *pkcs8;
	size_t pkcs8_len;
	PKCS12 *p12;
	char *xml;
	int len;

	assert_int_equal(peer6_key_write(from, &pkcs8, &pkcs8_len), 0);
	p = pkcs8;
	info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)pkcs8_len);
	pkey = EVP_PKCS82PKEY(info);
	assert_non_null(PKCS12_add_cert(&bags, x));
	assert_int_equal(PKCS12_add_safe_ex(&safes, bags, cert_nid, 2000,
					    ID_PASSWORD, lib, NULL), 1);
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	bags = NULL;
	if (with_key) {
		assert_non_null(PKCS12_add_key_ex(&bags, pkey, KEY_EX, 2000,
						  key_nid, ID_PASSWORD, lib,
						  NULL));
		assert_int_equal(PKCS12_add_safe_ex(&safes, bags, -1, 0, NULL,
						    lib, NULL), 1);
		sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	}
	p12 = PKCS12_add_safes_ex(safes, 0, lib, NULL);
	if (mac)
		assert_int_equal(PKCS12_set_mac(p12, ID_PASSWORD, -1, NULL, 0,
						rounds > 2000 ? 2000 : rounds,
						EVP_sha1()), 1);
	if (rounds > 2000) {
		const ASN1_INTEGER *n;

		PKCS12_get0_mac(NULL, NULL, NULL, &n, p12);
		ASN1_INTEGER_set((ASN1_INTEGER *)n, rounds);
	}
	len = i2d_PKCS12(p12, &der);
	xml = id_export(ID_A ".alice", der, (size_t)len);
	OPENSSL_free(der);
	PKCS12_free(p12);
	sk_PKCS7_pop_free(safes, PKCS7_free);
	EVP_PKEY_free(pkey);
	PKCS8_PRIV_KEY_INFO_free(info);
	peer6_secret_free(pkcs8, pkcs8_len);
	X509_free(x);
	OSSL_PROVIDER_unload(one);
	OSSL_PROVIDER_unload(two);
	OSSL_LIB_CTX_free(lib);
	return xml;
}

static void foreign_exports(void **state)
{
	static const struct {
		int key, cert;
		bool with_key, other_key, mac;
		int rounds, error;
	} files[] = {
		/* Windows' classic one */
		{ NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
		  NID_pbe_WithSHA1And40BitRC2_CBC, true, false, true, 2000,
		  0 },
		{ NID_aes_256_cbc, NID_aes_256_cbc, true, false, true, 2000,
		  0 },
		{ NID_aes_256_cbc, -1, true, false, true, 1, 0 },
		{ -1, NID_aes_256_cbc, false, false, true, 2000,
		  PEER6_E_KEY },
		{ NID_aes_256_cbc, NID_aes_256_cbc, true, true, true, 2000,
		  PEER6_E_KEY },
		/* nothing says that it is whole */
		{ NID_aes_256_cbc, NID_aes_256_cbc, true, false, false, 2000,
		  PEER6_E_CORRUPT },
		/* hours of work */
		{ NID_aes_256_cbc, NID_aes_256_cbc, true, false, true,
		  2000000000, PEER6_E_CORRUPT },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *xml = foreign(files[i].key, files[i].cert,
				    files[i].with_key, files[i].other_key,
				    files[i].mac, files[i].rounds);

		assert_int_equal(import(xml, ID_PASSWORD), files[i].error);
		free(xml);
	}
}

/* The published head of a real export, as Windows XP wrote it. */
static void layout_of_exports(void **state)
{
	static const char head[] = "<PEERIDENTITYEXPORT VERSION=\"1.0\">"
		"<PEERNAME>" ID_A ".alice</PEERNAME><DATA " DT ">";
	uint8_t *wide, *der;
	char *xml, *at, *line, flat[9000], inner[9000];
	size_t i, n, len, lines = 0;

	(void)state;
	assert_int_equal(peer6_export_write(ossl, key_a, idc_a, idc_a_len,
					    "p\xc3\xa9 & <q>", false, &xml), 0);
	assert_int_equal(strncmp(xml, head, strlen(head)), 0);
	/* Lines of 72, LF between. */
	at = xml + strlen(head);
	flat[0] = '\0';
	for (; *at != '<'; at += n + (at[n] == '\n')) {
		n = strcspn(at, "\n<");
		assert_true(n == 72 || at[n] == '<');
		strncat(flat, at, n);
		lines++;
	}
	assert_string_equal(at, "</DATA></PEERIDENTITYEXPORT>");
	assert_true(lines > 80);
	/* Same start as the published one: M, I, I as UTF-16LE. */
	assert_int_equal(strncmp(flat, "TQBJAEkA", 8), 0);
	wide = id_base64(flat, &len);
	for (i = 0; i < len / 2; i++) {
		assert_int_equal(wide[2 * i + 1], 0);
		inner[i] = (char)wide[2 * i];
	}
	inner[i] = '\0';
	assert_string_equal(inner + i - 2, "\r\n");
	flat[0] = '\0';
	for (line = inner; *line; line += n + 2) {
		n = strcspn(line, "\r");
		assert_true(n == 64 || !line[n + 2]);
		assert_int_equal(line[n + 1], '\n');
		strncat(flat, line, n);
	}
	der = id_base64(flat, &len);
	/* PFX, version 3, data, and first in it a plain SafeContents. */
	assert_memory_equal(der, "\x30\x82", 2);
	assert_int_equal((der[2] << 8 | der[3]) + 4, len);
	assert_memory_equal(der + 4, "\x02\x01\x03\x30\x82", 5);
	assert_memory_equal(der + 11, "\x06\x09" OID_PKCS7_DATA, 11);
	assert_memory_equal(der + 38, "\x06\x09" OID_PKCS7_DATA, 11);
	free(wide);
	free(der);
	assert_int_equal(import(xml, "p\xc3\xa9 & <q>"), 0);
	assert_int_equal(import(xml, "pe & <q>"), PEER6_E_PASSWORD);
	free(xml);
}

/* The decoder agrees with what was published of a real file. */
static void published_head(void **state)
{
	static const char data[] =
		"TQBJAEkASABDAEEASQBCAEEAegBDAEMAQgBzAFEARwBDAFMAcQBHAFMASQBiA"
		"DMARABRAEUA";
	size_t i, len;
	uint8_t *wide = id_base64(data, &len), *der;
	char text[60];

	(void)state;
	for (i = 0; i < len / 2; i++)
		text[i] = (char)wide[2 * i];
	text[i] = '\0';
	assert_string_equal(text, "MIIHCAIBAzCCBsQGCSqGSIb3DQE");
	text[24] = '\0';
	der = id_base64(text, &len);
	assert_memory_equal(der, "\x30\x82\x07\x08\x02\x01\x03\x30\x82\x06\xc4",
			    11);
	free(wide);
	free(der);
}

static void strong_exports(void **state)
{
	char *xml, *weak;

	(void)state;
	assert_int_equal(peer6_export_write(ossl, key_a, idc_a, idc_a_len,
					    ID_PASSWORD, true, &xml), 0);
	assert_int_equal(peer6_export_write(ossl, key_a, idc_a, idc_a_len,
					    ID_PASSWORD, false, &weak), 0);
	assert_string_not_equal(xml, weak);
	assert_int_equal(import(xml, ID_PASSWORD), 0);
	assert_int_equal(import(weak, ID_PASSWORD), 0);
	assert_int_equal(import(xml, "other"), PEER6_E_PASSWORD);
	free(xml);
	free(weak);
	assert_int_equal(peer6_export_write(ossl, key_a, idc_a, idc_a_len, "",
					    true, &xml), PEER6_E_PASSWORD);
	assert_int_equal(peer6_export_write(ossl, key_a, idc_a, idc_a_len,
					    NULL, true, &xml),
			 PEER6_E_PASSWORD);
	assert_null(xml);
}

/* Classifiers that XML escapes, and those that it cannot hold. */
static void names_in_exports(void **state)
{
	struct peer6_key *key;
	uint8_t *der, *idc;
	char *xml;
	size_t len, n;

	(void)state;
	der = build(key_a, ID_A ".a&b<c>\"d'\r\n\t \xf0\x9f\x90\xb1 ", "x",
		    &len);
	assert_int_equal(peer6_export_write(ossl, key_a, der, len, "pw", true,
					    &xml), 0);
	assert_int_equal(peer6_export_read(ossl, xml, strlen(xml), "pw", &key,
					   &idc, &n), 0);
	assert_int_equal(n, len);
	assert_memory_equal(idc, der, n);
	peer6_key_free(key);
	free(idc);
	free(xml);
	free(der);
	der = build(key_a, ID_A ".\x01", "x", &len);
	assert_int_equal(peer6_export_write(ossl, key_a, der, len, "pw", true,
					    &xml), PEER6_E_CLASSIFIER);
	assert_null(xml);
	free(der);
}

static int setup(void **state)
{
	(void)state;
	if (peer6_crypto_openssl_init(&ossl))
		return -1;
	key_a = id_key(ossl, 'A');
	key_b = id_key(ossl, 'B');
	idc_a = id_base64(id_idc_a, &idc_a_len);
	return key_a && key_b ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(idc_a);
	peer6_key_free(key_a);
	peer6_key_free(key_b);
	peer6_crypto_openssl_free(ossl);
	return 0;
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
		cmocka_unit_test(identity_xml),
		cmocka_unit_test(xml_of_others),
		cmocka_unit_test(xml_that_is_none),
		cmocka_unit_test(cut_xml),
		cmocka_unit_test(known_export),
		cmocka_unit_test(export_mistakes),
		cmocka_unit_test(cut_exports),
		cmocka_unit_test(foreign_exports),
		cmocka_unit_test(layout_of_exports),
		cmocka_unit_test(published_head),
		cmocka_unit_test(strong_exports),
		cmocka_unit_test(names_in_exports),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
