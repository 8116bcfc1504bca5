// SPDX-License-Identifier: GPL-2.0-or-later
#include "cases_cmocka.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "pnrp_vectors.h"

/* What is signed has the digest that was published. */
static void assert_digest(const struct peer6_pnrp_cpa *cpa, const char *digits)
{
	uint8_t bytes[PEER6_PNRP_CPA_MAX], want[20], digest[20];
	ptrdiff_t n = peer6_pnrp_cpa_encode(cpa, NULL, bytes, sizeof(bytes));

	assert_true(n > 0);
	SHA1(bytes, (size_t)n, digest);
	assert_int_equal(case_hex(digits, want), sizeof(want));
	assert_memory_equal(digest, want, sizeof(want));
}

static void digests(void **state)
{
	static struct peer6_pnrp_cpa cpa;

	(void)state;
	pnrp_vector_cpa_meaning(&cpa);
	assert_digest(&cpa, "8d7cb2f976aa931adbb39c31e4015227a20739f3");
	cpa.flags |= PEER6_PNRP_CPA_A;
	/* The name's authority is that of the key. */
	SHA1(cpa.key, sizeof(cpa.key), cpa.authority);
	assert_digest(&cpa, "f4baec876d2bcaede22f64633e260eff8aa3da24");

	pnrp_vector_cpa_meaning(&cpa);
	cpa.flags |= PEER6_PNRP_CPA_R;
	cpa.has_apps = false;
	memset(cpa.nonce, 0, sizeof(cpa.nonce));
	assert_digest(&cpa, "58b4912b54fa2825a11328d87e0f7701b7dd00be");
}

static void payload_digest(void **state)
{
	static const uint8_t p2p[] = {
		0x77, 0x75, 0xc8, 0x27, 0x66, 0xbf, 0xb8, 0x4e,
		0x1c, 0xa6, 0x27, 0x6f, 0xe0, 0x33, 0xd7, 0x97,
	};
	static struct peer6_pnrp_payload payload;
	static struct peer6_pnrp_cpa cpa;
	uint8_t bytes[256], want[20], digest[20];

	(void)state;
	pnrp_vector_cpa_meaning(&cpa);
	payload.not_after = cpa.not_after;
	memcpy(payload.id.b, p2p, 16);
	memcpy(payload.id.b + 16, cpa.location, 16);
	memcpy(payload.nonce, cpa.nonce, sizeof(payload.nonce));
	payload.type = PEER6_PNRP_PAYLOAD_BINARY;
	payload.data.p = (const uint8_t *)"hello";
	payload.data.len = 5;
	assert_int_equal(peer6_pnrp_payload_encode(&payload, bytes,
						   sizeof(bytes)), 79);
	SHA1(bytes, 79, digest);
	case_hex("c956b7a837b1271e06547e2110cd49b9f2c90152", want);
	assert_memory_equal(digest, want, sizeof(want));
}

/*
 * The key and the signature that the decoder takes out of the vector fit
 * together, over the bytes that it says are signed.
 */
static void signature_fits(void **state)
{
	static struct peer6_pnrp_cpa cpa;
	uint8_t bytes[PNRP_VECTOR_CPA_LEN];
	const unsigned char *der = cpa.key;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY *key;

	(void)state;
	case_hex(pnrp_vector_cpa, bytes);
	assert_int_equal(peer6_pnrp_cpa_decode(&cpa, NULL, bytes,
					       sizeof(bytes)), 0);
	key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &der, sizeof(cpa.key));
	assert_non_null(key);
	assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha1(), NULL,
					      key), 1);
	assert_int_equal(EVP_DigestVerify(ctx, cpa.signature,
					  sizeof(cpa.signature), bytes,
					  cpa.signed_len), 1);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
}

int main(void)
{
	const struct peer6_case *const lists[] = { cases_cpa, cases_payload,
						   NULL };
	const struct CMUnitTest more[] = {
		cmocka_unit_test(digests),
		cmocka_unit_test(payload_digest),
		cmocka_unit_test(signature_fits),
	};

	return cases_cmocka("cpa", lists, more, 3);
}
