// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Exports: known bytes, files of other writers, and files that are not what
 * they should be.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#include "id_fixture.h"
#include "identity/der.h"

static int import(const char *xml, const char *password)
{
	struct peer6_key *key;
	uint8_t *idc;
	size_t len;
	int error = peer6_export_read(id_ossl, xml, strlen(xml), password, &key,
				      &idc, &len);

	if (error) {
		assert_null(key);
		assert_null(idc);
	} else {
		assert_int_equal(len, id_der_a_len);
		assert_memory_equal(idc, id_der_a, len);
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
			     "<IDENTITYDATA " ID_DT ">%s</IDENTITYDATA>"
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
	struct peer6_key *from = other_key ? id_key_b : id_key_a;
	OSSL_LIB_CTX *lib = OSSL_LIB_CTX_new();
	OSSL_PROVIDER *one = OSSL_PROVIDER_load(lib, "default");
	OSSL_PROVIDER *two = OSSL_PROVIDER_load(lib, "legacy");
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
	STACK_OF(PKCS7) *safes = NULL;
	const unsigned char *p = id_der_a;
	X509 *x = d2i_X509(NULL, &p, (long)id_der_a_len);
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
		"<PEERNAME>" ID_A ".alice</PEERNAME><DATA " ID_DT ">";
	uint8_t *wide, *der;
	char *xml, *at, *line, flat[9000], inner[9000];
	size_t i, n, len, lines = 0;

	(void)state;
	assert_int_equal(peer6_export_write(id_ossl, id_key_a, id_der_a,
					    id_der_a_len, "p\xc3\xa9 & <q>",
					    false, &xml), 0);
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
	assert_int_equal(peer6_export_write(id_ossl, id_key_a, id_der_a,
					    id_der_a_len, ID_PASSWORD, true,
					    &xml), 0);
	assert_int_equal(peer6_export_write(id_ossl, id_key_a, id_der_a,
					    id_der_a_len, ID_PASSWORD, false,
					    &weak), 0);
	assert_string_not_equal(xml, weak);
	assert_int_equal(import(xml, ID_PASSWORD), 0);
	assert_int_equal(import(weak, ID_PASSWORD), 0);
	assert_int_equal(import(xml, "other"), PEER6_E_PASSWORD);
	free(xml);
	free(weak);
	assert_int_equal(peer6_export_write(id_ossl, id_key_a, id_der_a,
					    id_der_a_len, "", true, &xml),
			 PEER6_E_PASSWORD);
	assert_int_equal(peer6_export_write(id_ossl, id_key_a, id_der_a,
					    id_der_a_len, NULL, true, &xml),
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
	der = id_build(id_key_a, ID_A ".a&b<c>\"d'\r\n\t \xf0\x9f\x90\xb1 ",
		       "x", &len);
	assert_int_equal(peer6_export_write(id_ossl, id_key_a, der, len, "pw",
					    true, &xml), 0);
	assert_int_equal(peer6_export_read(id_ossl, xml, strlen(xml), "pw",
					   &key, &idc, &n), 0);
	assert_int_equal(n, len);
	assert_memory_equal(idc, der, n);
	peer6_key_free(key);
	free(idc);
	free(xml);
	free(der);
	der = id_build(id_key_a, ID_A ".\x01", "x", &len);
	assert_int_equal(peer6_export_write(id_ossl, id_key_a, der, len, "pw",
					    true, &xml), PEER6_E_CLASSIFIER);
	assert_null(xml);
	free(der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_export),
		cmocka_unit_test(export_mistakes),
		cmocka_unit_test(cut_exports),
		cmocka_unit_test(foreign_exports),
		cmocka_unit_test(layout_of_exports),
		cmocka_unit_test(published_head),
		cmocka_unit_test(strong_exports),
		cmocka_unit_test(names_in_exports),
	};

	return cmocka_run_group_tests(tests, id_setup, id_teardown);
}
