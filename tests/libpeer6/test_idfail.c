// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each allocation of OpenSSL and libxml2 fails in turn: an error, nothing half
 * done, nothing left behind, and the same call succeeds afterwards.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlmemory.h>
#include <openssl/crypto.h>
#include <sanitizer/lsan_interface.h>

#include "id_vectors.h"

static long left = -1;		/* allocations that succeed; -1: all */
static unsigned long failed;

static bool fails(void)
{
	if (left < 0 || left--)
		return false;
	left = -1;
	failed++;
	return true;
}

static void *ssl_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails() ? NULL : malloc(n);
}

static void *ssl_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	if (!n) {
		free(p);
		return NULL;
	}
	return fails() ? NULL : realloc(p, n);
}

static void ssl_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static void *xml_malloc(size_t n)
{
	return fails() ? NULL : malloc(n);
}

static void *xml_realloc(void *p, size_t n)
{
	return fails() ? NULL : realloc(p, n);
}

static char *xml_strdup(const char *s)
{
	return fails() ? NULL : strdup(s);
}

/* Where libxml2 has no context it would tell stderr. */
static void say_nothing(void *ctx, const char *format, ...)
{
	(void)ctx;
	(void)format;
}

static struct peer6_openssl *ossl;
static struct peer6_key *key_a;
static uint8_t *idc_a, *pkcs8;
static size_t idc_a_len, pkcs8_len;
static char *idxml, *export;

/*
 * Runs @call with the first, the second, ... allocation failing, until it needs
 * no more of them.
 */
static void each_in_turn(int (*call)(void), long step)
{
	long n;
	int error;

	assert_int_equal(call(), 0);
	for (n = 0;; n += step) {
		unsigned long before = failed;

		left = n;
		error = call();
		left = -1;
		if (failed == before)
			break;
		/* OpenSSL does without some of what it asks for. */
		assert_true(error <= 0);
		if (!(n % 7))
			assert_int_equal(call(), 0);
	}
	assert_int_equal(error, 0);
	assert_true(n > 3);
}

static int call_key_read(void)
{
	struct peer6_key *key;
	int error = peer6_key_read(ossl, pkcs8, pkcs8_len, &key);

	assert_int_equal(!error, !!key);
	peer6_key_free(key);
	return error;
}

static int call_key_write(void)
{
	uint8_t *der;
	size_t len;
	int error = peer6_key_write(key_a, &der, &len);

	assert_int_equal(!error, !!der);
	peer6_secret_free(der, len);
	return error;
}

static int call_sign(void)
{
	struct peer6_signer signer;
	uint8_t sig[PEER6_PNRP_SIG_LEN];
	const struct peer6_crypto *crypto = peer6_crypto_openssl(ossl);
	int error = peer6_key_signer(key_a, &signer);

	if (!error)
		error = signer.sign(signer.ctx, "abc", 3, sig);
	return error ? error : crypto->verify(crypto->ctx, signer.key, "abc",
					      3, sig);
}

static int call_idc_build(void)
{
	static const uint8_t serial[16] = "123456789:;<=>?@";
	struct peer6_name name;
	uint8_t *der;
	size_t len;
	int error;

	assert_int_equal(peer6_name_parse(&name, ID_A ".alice"), 0);
	error = peer6_idc_build(key_a, &name, "Alice", serial, ID_2024,
				ID_3024, &der, &len);
	assert_int_equal(!error, !!der);
	if (!error)
		assert_memory_equal(der, idc_a, idc_a_len);
	free(der);
	return error;
}

static int call_idc_read(void)
{
	struct peer6_idc idc;

	return peer6_idc_read(ossl, idc_a, idc_a_len, 0, &idc);
}

static int call_idxml_read(void)
{
	uint8_t *der;
	size_t len;
	int error = peer6_idxml_read(idxml, strlen(idxml), &der, &len);

	assert_int_equal(!error, !!der);
	free(der);
	return error;
}

/* What OpenSSL's PKCS#12 code loses without memory is not judged here. */
static int call_export_read(void)
{
	struct peer6_key *key;
	uint8_t *idc;
	size_t len;
	int error;

	__lsan_disable();
	error = peer6_export_read(ossl, export, strlen(export), ID_PASSWORD,
				  &key, &idc, &len);
	__lsan_enable();
	assert_int_equal(!error, !!key);
	assert_int_equal(!error, !!idc);
	peer6_key_free(key);
	free(idc);
	return error;
}

static void keys(void **state)
{
	(void)state;
	each_in_turn(call_key_read, 1);
	each_in_turn(call_key_write, 1);
	each_in_turn(call_sign, 1);
}

static void certificates(void **state)
{
	(void)state;
	each_in_turn(call_idc_build, 1);
	each_in_turn(call_idc_read, 1);
}

static void files(void **state)
{
	(void)state;
	each_in_turn(call_idxml_read, 1);
	/* Some thousands of them. */
	each_in_turn(call_export_read, 97);
}

static int setup(void **state)
{
	uint8_t *pfx;
	size_t len;

	(void)state;
	if (peer6_crypto_openssl_init(&ossl))
		return -1;
	key_a = id_key(ossl, 'A');
	idc_a = id_base64(id_idc_a, &idc_a_len);
	pfx = id_base64(id_pfx_a, &len);
	export = id_export(ID_A ".alice", pfx, len);
	free(pfx);
	return key_a && !peer6_key_write(key_a, &pkcs8, &pkcs8_len) &&
	       !peer6_idxml_write(idc_a, idc_a_len, &idxml) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(idc_a);
	free(idxml);
	free(export);
	peer6_secret_free(pkcs8, pkcs8_len);
	peer6_key_free(key_a);
	peer6_crypto_openssl_free(ossl);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
		cmocka_unit_test(certificates),
		cmocka_unit_test(files),
	};

	/* Before either library has allocated anything. */
	if (!CRYPTO_set_mem_functions(ssl_malloc, ssl_realloc, ssl_free) ||
	    xmlMemSetup(free, xml_malloc, xml_realloc, xml_strdup))
		return 1;
	xmlSetGenericErrorFunc(NULL, say_nothing);
	return cmocka_run_group_tests(tests, setup, teardown);
}
