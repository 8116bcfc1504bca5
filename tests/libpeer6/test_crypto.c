// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys and signatures: against published values, and against OpenSSL's own
 * one-call interfaces, which libpeer6 does not use.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "id_vectors.h"

static struct peer6_openssl *ossl;

/* RSAPublicKey of a CryptoAPI PUBLICKEYBLOB: 20 bytes, modulus backwards. */
static const char blob[] =
	"BgIAAACkAABSU0ExAAQAAAEAAQBBL7Q3BkUSr9CkMhgagHnKEcE5FDz1aBVN0Xcjml"
	"KOnWyrAFhGOok0TgDShX4/lsYbRbSoNjIuf/EAikEASiwawd+L8fdQEgrijaabKQcsq3"
	"eKwWkBkNPHcDy6f2QfKsnXWq6IWXDWsxWsQw0KKspWN9KU+SfpXDoQ8xg+bjqsoA==";

/* The signed bytes of a record (0.MyApplication), and its signature. */
static const char cpa[] =
	"a90100020004080000c005a0c0f6e001080706050403020101000000b80d0120"
	"000102030405060708090a0b0c0d0e0f5aaeff8d28696055198e4405d0db2444"
	"285e37f3010012000dd420010db8000000010000000000000010010"
	"01e0001000000140020010db80000000100000000000000201f900600"
	"a900140000008c0000312e322e3834302e3131333534392e312e312e31308189"
	"02818100aac035a1ceaf1babb0a843c73fd823d7e50792525ae6c7ba4a1e423ae"
	"16142aa04edf050bbc4e1c1ccb8ecd6baede7d8c46c9f29d9ceed4079c4e3da87"
	"4689cd0d01a20de9459a2742eec6132773febbf17124f56e76f36822c9c698763"
	"88dcfd320f9467d19cdcd5fc9d5f6a7cb34e9c3dbc96c079eeb92f1d4770924ed"
	"e0eb0203010001"
	"8800800004800000"
	"744274eb1246b1b5ae7df8dbaeeba89c39a4a659697e808752dfe192d49f20cb9"
	"77ddaf73125e05dd082d7d11355c935d4e9ec42fbe7e65b97d81bd945601ef6f1"
	"690184da184bdf8a121e94cc6de71a0dc1df523f1f3bad9c2c7df23ca1bd16b8c"
	"5348a66179ada8e6cf40892e448ae8c25c4bef9800bd1183e786ed7df4a2a";

static size_t unhex(const char *s, uint8_t *out)
{
	size_t n = 0;
	unsigned int b;

	for (; *s; s += 2, n++) {
		assert_int_equal(sscanf(s, "%2x", &b), 1);
		out[n] = (uint8_t)b;
	}
	return n;
}

static void blob_key(uint8_t der[PEER6_PNRP_KEY_LEN])
{
	static const uint8_t head[] = { 0x30, 0x81, 0x89, 0x02, 0x81, 0x81, 0 };
	static const uint8_t tail[] = { 2, 3, 1, 0, 1 };
	size_t len, i;
	uint8_t *p = id_base64(blob, &len);

	assert_int_equal(len, 148);
	memcpy(der, head, 7);
	for (i = 0; i < 128; i++)
		der[7 + i] = p[147 - i];
	memcpy(der + 135, tail, 5);
	free(p);
}

static void published_authority(void **state)
{
	const struct peer6_crypto *crypto = peer6_crypto_openssl(ossl);
	uint8_t der[PEER6_PNRP_KEY_LEN], hash[20];
	char text[41];

	(void)state;
	blob_key(der);
	assert_int_equal(peer6_name_authority(crypto, der, sizeof(der), hash),
			 0);
	id_hex(hash, 20, text);
	assert_string_equal(text, "38827fecd1245882413e9a42c23d81f1aae08c4d");
}

static void keys_have_their_names(void **state)
{
	static const char *const names[] = { ID_A, ID_B, ID_G };
	const struct peer6_crypto *crypto = peer6_crypto_openssl(ossl);
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct peer6_key *key = id_key(ossl, "ABG"[i]);
		const uint8_t *der;
		uint8_t hash[20];
		char text[41];
		size_t len;

		assert_non_null(key);
		assert_int_equal(peer6_key_profile(key),
				 PEER6_PROFILE_COMPATIBLE);
		assert_int_equal(peer6_key_bits(key), 1024);
		der = peer6_key_public(key, &len);
		assert_int_equal(len, PEER6_PNRP_KEY_LEN);
		assert_int_equal(peer6_name_authority(crypto, der, len, hash),
				 0);
		id_hex(hash, 20, text);
		assert_string_equal(text, names[i]);
		peer6_key_free(key);
	}
}

/* Signatures of this kind have no random part: equal bytes. */
static void known_signature(void **state)
{
	const struct peer6_crypto *crypto = peer6_crypto_openssl(ossl);
	struct peer6_key *key = id_key(ossl, 'A');
	struct peer6_signer signer;
	uint8_t buf[425], sig[128], turned[128];
	size_t i;

	(void)state;
	assert_int_equal(unhex(cpa, buf), 425);
	assert_int_equal(peer6_key_signer(key, &signer), 0);
	assert_memory_equal(signer.key, buf + 120 + 29, PEER6_PNRP_KEY_LEN);
	assert_int_equal(signer.sign(signer.ctx, buf, 289, sig), 0);
	assert_memory_equal(sig, buf + 297, 128);
	assert_int_equal(crypto->verify(crypto->ctx, signer.key, buf, 289,
					sig), 0);
	/* As CryptoAPI makes them. */
	for (i = 0; i < 128; i++)
		turned[i] = sig[127 - i];
	assert_int_equal(crypto->verify(crypto->ctx, signer.key, buf, 289,
					turned), 0);
	/* The general one is strict. */
	assert_int_equal(peer6_verify(ossl, signer.key, 140, buf, 289, sig,
				      128), 0);
	assert_int_equal(peer6_verify(ossl, signer.key, 140, buf, 289, turned,
				      128), PEER6_E_SIGNATURE);
	assert_int_equal(peer6_verify(ossl, signer.key, 140, buf, 289, sig,
				      127), PEER6_E_SIGNATURE);
	peer6_key_free(key);
}

static void one_bit_off(void **state)
{
	const struct peer6_crypto *crypto = peer6_crypto_openssl(ossl);
	uint8_t buf[425], key[140], bad[140];
	size_t i;

	(void)state;
	unhex(cpa, buf);
	memcpy(key, buf + 149, 140);
	for (i = 0; i < 289 * 8; i += 7) {
		buf[i / 8] ^= 1 << i % 8;
		assert_int_equal(crypto->verify(crypto->ctx, key, buf, 289,
						buf + 297),
				 PEER6_E_SIGNATURE);
		buf[i / 8] ^= 1 << i % 8;
	}
	for (i = 0; i < 128 * 8; i += 5) {
		buf[297 + i / 8] ^= 1 << i % 8;
		assert_int_equal(crypto->verify(crypto->ctx, key, buf, 289,
						buf + 297),
				 PEER6_E_SIGNATURE);
		buf[297 + i / 8] ^= 1 << i % 8;
	}
	/* Another key, whole or broken. */
	for (i = 0; i < 140; i++) {
		memcpy(bad, key, 140);
		bad[i] ^= 0x10;
		assert_int_equal(crypto->verify(crypto->ctx, bad, buf, 289,
						buf + 297),
				 PEER6_E_SIGNATURE);
	}
	assert_int_equal(crypto->verify(crypto->ctx, key, buf, 289, buf + 297),
			 0);
}

/* Signed by the right key, but not (only) what a signature consists of. */
static void padded_otherwise(void **state)
{
	static const uint8_t head[] = { 0x30, 0x21, 0x30, 9, 6, 5, 0x2b, 14, 3,
					2, 0x1a, 5, 0, 4, 20 };
	const struct peer6_crypto *crypto = peer6_crypto_openssl(ossl);
	struct peer6_key *key = id_key(ossl, 'A');
	uint8_t info[40], sig[128], *der;
	const unsigned char *p;
	PKCS8_PRIV_KEY_INFO *pkcs8;
	size_t len, n;
	EVP_PKEY *pkey;

	(void)state;
	assert_int_equal(peer6_key_write(key, &der, &len), 0);
	p = der;
	pkcs8 = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)len);
	pkey = EVP_PKCS82PKEY(pkcs8);
	memcpy(info, head, sizeof(head));
	assert_int_equal(crypto->sha1(crypto->ctx, "abc", 3, info + 15), 0);
	for (n = 34; n <= 36; n++) {
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
		size_t sig_len = sizeof(sig);

		info[35] = 0;
		assert_true(EVP_PKEY_sign_init(ctx) > 0);
		assert_true(EVP_PKEY_sign(ctx, sig, &sig_len, info, n) > 0);
		assert_int_equal(crypto->verify(crypto->ctx,
						peer6_key_public(key, &len),
						"abc", 3, sig),
				 n == 35 ? 0 : PEER6_E_SIGNATURE);
		EVP_PKEY_CTX_free(ctx);
	}
	peer6_secret_free(der, 0);
	PKCS8_PRIV_KEY_INFO_free(pkcs8);
	EVP_PKEY_free(pkey);
	peer6_key_free(key);
}

/* A second implementation: OpenSSL's combined digest and signature. */
static void others_agree(void **state)
{
	static const char text[] = "Windows Peer-to-Peer Networking";
	static const enum peer6_profile profiles[] = {
		PEER6_PROFILE_COMPATIBLE, PEER6_PROFILE_STRONG,
	};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		bool strong = profiles[i] == PEER6_PROFILE_STRONG;
		struct peer6_key *key;
		const uint8_t *der;
		const unsigned char *p;
		uint8_t sig[PEER6_SIG_MAX];
		size_t len, sig_len = sizeof(sig), room = 127;
		EVP_PKEY *pkey;
		EVP_MD_CTX *ctx = EVP_MD_CTX_new();

		assert_int_equal(peer6_key_generate(ossl, profiles[i], &key),
				 0);
		assert_int_equal(peer6_key_profile(key), profiles[i]);
		assert_int_equal(peer6_key_bits(key), strong ? 3072 : 1024);
		der = peer6_key_public(key, &len);
		assert_int_equal(len, strong ? 398 : 140);
		assert_int_equal(peer6_key_sign(key, text, sizeof(text), sig,
						&room), PEER6_E_SPACE);
		assert_int_equal(peer6_key_sign(key, text, sizeof(text), sig,
						&sig_len), 0);
		assert_int_equal(sig_len, strong ? 384 : 128);
		p = der;
		pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, (long)len);
		assert_non_null(pkey);
		assert_int_equal(EVP_DigestVerifyInit(ctx, NULL,
				strong ? EVP_sha256() : EVP_sha1(), NULL,
				pkey), 1);
		assert_int_equal(EVP_DigestVerify(ctx, sig, sig_len,
				(const unsigned char *)text, sizeof(text)), 1);
		assert_int_equal(peer6_verify(ossl, der, len, text,
					      sizeof(text), sig, sig_len), 0);
		sig[5] ^= 1;
		assert_int_equal(peer6_verify(ossl, der, len, text,
					      sizeof(text), sig, sig_len),
				 PEER6_E_SIGNATURE);
		EVP_MD_CTX_free(ctx);
		EVP_PKEY_free(pkey);
		peer6_key_free(key);
	}
}

static void strong_signs_no_records(void **state)
{
	struct peer6_key *key = id_key(ossl, 'C');
	struct peer6_signer signer;

	(void)state;
	assert_non_null(key);
	assert_int_equal(peer6_key_bits(key), 2048);
	assert_int_equal(peer6_key_profile(key), PEER6_PROFILE_STRONG);
	assert_int_equal(peer6_key_signer(key, &signer), PEER6_E_PROFILE);
	peer6_key_free(key);
	assert_string_equal(peer6_profile_name(PEER6_PROFILE_COMPATIBLE),
			    "compatible");
	assert_string_equal(peer6_profile_name(PEER6_PROFILE_STRONG),
			    "strong");
	assert_null(peer6_profile_name(0));
	assert_int_equal(peer6_key_generate(ossl, 3, &key), PEER6_E_INVAL);
	assert_null(key);
}

static int read_pkey(EVP_PKEY *pkey)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
	unsigned char *der = NULL;
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	struct peer6_key *key;
	int error = peer6_key_read(ossl, der, (size_t)len, &key);

	assert_null(key);
	PKCS8_PRIV_KEY_INFO_free(info);
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
	return error;
}

/* RSA-1024 with e = 3 makes no 140 bytes; 1536 is neither; 8192 is a burden. */
static void other_keys_are_refused(void **state)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *e = BN_new();
	EVP_PKEY *pkey = NULL;

	(void)state;
	assert_int_equal(read_pkey(EVP_EC_gen("P-256")), PEER6_E_KEY);
	assert_int_equal(read_pkey(EVP_RSA_gen(1536)), PEER6_E_KEY);
	BN_set_word(e, 3);
	assert_true(EVP_PKEY_keygen_init(ctx) > 0);
	assert_true(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 1024) > 0);
	assert_true(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e) > 0);
	assert_true(EVP_PKEY_generate(ctx, &pkey) > 0);
	assert_int_equal(read_pkey(pkey), PEER6_E_KEY);
	BN_free(e);
	EVP_PKEY_CTX_free(ctx);
}

static void written_keys(void **state)
{
	struct peer6_key *key = id_key(ossl, 'A'), *other = id_key(ossl, 'B');
	struct peer6_key *again;
	const uint8_t *a, *b;
	uint8_t *der, *der_b, *cut;
	size_t len, len_b, n, a_len, b_len;

	(void)state;
	assert_int_equal(peer6_key_write(key, &der, &len), 0);
	assert_int_equal(peer6_key_read(ossl, der, len, &again), 0);
	a = peer6_key_public(key, &a_len);
	b = peer6_key_public(again, &b_len);
	assert_int_equal(a_len, b_len);
	assert_memory_equal(a, b, a_len);
	peer6_key_free(peer6_key_ref(again));
	peer6_key_free(again);
	for (n = 0; n < len; n++) {
		cut = malloc(n ? n : 1);
		memcpy(cut, der, n);
		assert_int_equal(peer6_key_read(ossl, cut, n, &again),
				 PEER6_E_CORRUPT);
		assert_null(again);
		free(cut);
	}
	/* Modulus of one, private numbers of the other. */
	assert_int_equal(peer6_key_write(other, &der_b, &len_b), 0);
	memcpy(der + 37, der_b + 37, 128);
	assert_int_equal(peer6_key_read(ossl, der, len, &again), PEER6_E_KEY);
	peer6_secret_free(der, len);
	peer6_secret_free(der_b, len_b);
	peer6_secret_free(NULL, 0);
	peer6_key_free(key);
	peer6_key_free(other);
	peer6_key_free(NULL);
}

/*
 * openssl.cnf that turns all algorithms off, as a policy turns off some: it
 * reaches the process's default context, and not ours.
 */
static void policy_does_not_reach_us(void **state)
{
	static const char conf[] =
		"openssl_conf = a\n[a]\nalg_section = b\nproviders = c\n"
		"[b]\ndefault_properties = fips=yes\n"
		"[c]\nbase = d\n[d]\nactivate = 1\n";
	char path[] = "/tmp/peer6-XXXXXX", command[200];
	FILE *f = fdopen(mkstemp(path), "w");

	(void)state;
	assert_non_null(f);
	fputs(conf, f);
	fclose(f);
	snprintf(command, sizeof(command),
		 "OPENSSL_CONF=%s exec /proc/%d/exe --under-policy", path,
		 getpid());
	assert_int_equal(system(command), 0);
	remove(path);
}

static int under_policy(void)
{
	struct peer6_openssl *own;
	struct peer6_key *key = NULL;
	struct peer6_signer signer;
	const struct peer6_crypto *crypto;
	uint8_t sig[128];
	EVP_MD *md = EVP_MD_fetch(NULL, "SHA1", NULL);
	bool good = !md;

	good = good && !peer6_crypto_openssl_init(&own);
	if (!good)
		return 1;
	crypto = peer6_crypto_openssl(own);
	good = !peer6_key_generate(own, PEER6_PROFILE_COMPATIBLE, &key) &&
	       !peer6_key_signer(key, &signer) &&
	       !signer.sign(signer.ctx, "a", 1, sig) &&
	       !crypto->verify(crypto->ctx, signer.key, "a", 1, sig);
	peer6_key_free(key);
	peer6_crypto_openssl_free(own);
	return good ? 0 : 1;
}

static void random_is_random(void **state)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 };

	(void)state;
	assert_int_equal(peer6_random_openssl(ossl, a, sizeof(a)), 0);
	assert_int_equal(peer6_random_openssl(ossl, b, sizeof(b)), 0);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_int_equal(peer6_random_openssl(ossl, a, (size_t)-1),
			 PEER6_E_RANDOM);
}

static int setup(void **state)
{
	(void)state;
	return peer6_crypto_openssl_init(&ossl);
}

static int teardown(void **state)
{
	(void)state;
	peer6_crypto_openssl_free(ossl);
	peer6_crypto_openssl_free(NULL);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_authority),
		cmocka_unit_test(keys_have_their_names),
		cmocka_unit_test(known_signature),
		cmocka_unit_test(one_bit_off),
		cmocka_unit_test(padded_otherwise),
		cmocka_unit_test(others_agree),
		cmocka_unit_test(strong_signs_no_records),
		cmocka_unit_test(other_keys_are_refused),
		cmocka_unit_test(written_keys),
		cmocka_unit_test(policy_does_not_reach_us),
		cmocka_unit_test(random_is_random),
	};

	if (argc > 1 && !strcmp(argv[1], "--under-policy"))
		return under_policy();
	return cmocka_run_group_tests(tests, setup, teardown);
}
