// SPDX-License-Identifier: LGPL-2.1-or-later
/* The library context, and what the engines ask of it. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/asn1.h>

#include "internal.h"

/* DigestInfo of SHA-1 and SHA-256 (RFC 8017 section 9.2) before the digest. */
static const uint8_t info_sha1[] = {
	0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05,
	0x00, 0x04, 0x14,
};
static const uint8_t info_sha256[] = {
	0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
	0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
};

#define INFO_MAX	(sizeof(info_sha256) + 32)

const char *peer6_profile_name(enum peer6_profile profile)
{
	switch (profile) {
	case PEER6_PROFILE_COMPATIBLE:
		return "compatible";
	case PEER6_PROFILE_STRONG:
		return "strong";
	}
	return NULL;
}

static int hash(const EVP_MD *md, const void *data, size_t len, uint8_t *out)
{
	if (EVP_Digest(len ? data : "", len, out, NULL, md, NULL))
		return 0;
	ERR_clear_error();
	return PEER6_E_CRYPTO;
}

static int crypto_sha1(void *ctx, const void *data, size_t len,
		       uint8_t out[20])
{
	struct peer6_openssl *ossl = ctx;

	return hash(ossl->sha1, data, len, out);
}

/* What the RSA operation works on; its length, or an error. */
static ptrdiff_t digest_info(const struct peer6_openssl *ossl,
			     enum peer6_profile profile, const void *data,
			     size_t len, uint8_t out[INFO_MAX])
{
	bool strong = profile == PEER6_PROFILE_STRONG;
	size_t head = strong ? sizeof(info_sha256) : sizeof(info_sha1);

	memcpy(out, strong ? info_sha256 : info_sha1, head);
	if (hash(strong ? ossl->sha256 : ossl->sha1, data, len, out + head))
		return PEER6_E_CRYPTO;
	return (ptrdiff_t)(head + (strong ? 32 : 20));
}

/* SEQUENCE { modulus, publicExponent } and nothing behind it. */
static bool rsa_numbers(const uint8_t *der, size_t len, BIGNUM **n, BIGNUM **e)
{
	const unsigned char *p = der;
	ASN1_SEQUENCE_ANY *seq;
	bool good = false;

	if (len > PEER6_KEY_MAX)
		return false;
	seq = d2i_ASN1_SEQUENCE_ANY(NULL, &p, (long)len);
	if (seq && p == der + len && sk_ASN1_TYPE_num(seq) == 2) {
		const ASN1_TYPE *a = sk_ASN1_TYPE_value(seq, 0);
		const ASN1_TYPE *b = sk_ASN1_TYPE_value(seq, 1);

		if (a->type == V_ASN1_INTEGER && b->type == V_ASN1_INTEGER) {
			*n = ASN1_INTEGER_to_BN(a->value.integer, NULL);
			*e = ASN1_INTEGER_to_BN(b->value.integer, NULL);
			good = *n && *e && !BN_is_negative(*n) &&
			       !BN_is_negative(*e) && BN_is_odd(*n) &&
			       BN_is_odd(*e) && BN_num_bits(*e) > 1 &&
			       BN_num_bits(*e) <= 32;
		}
	}
	sk_ASN1_TYPE_pop_free(seq, ASN1_TYPE_free);
	return good;
}

static EVP_PKEY *rsa_public(struct peer6_openssl *ossl, const BIGNUM *n,
			    const BIGNUM *e)
{
	unsigned char n_buf[PEER6_STRONG_BITS_MAX / 8], e_buf[4];
	int n_len = BN_num_bytes(n), e_len = BN_num_bytes(e);
	OSSL_PARAM params[3];
	EVP_PKEY *pkey = NULL;
	EVP_PKEY_CTX *ctx;

	if (BN_bn2nativepad(n, n_buf, n_len) != n_len ||
	    BN_bn2nativepad(e, e_buf, e_len) != e_len)
		return NULL;
	params[0] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, n_buf,
					    (size_t)n_len);
	params[1] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, e_buf,
					    (size_t)e_len);
	params[2] = OSSL_PARAM_construct_end();
	ctx = EVP_PKEY_CTX_new_from_name(ossl->lib, "RSA", NULL);
	if (ctx && EVP_PKEY_fromdata_init(ctx) > 0 &&
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

enum peer6_profile peer6_public_profile(struct peer6_openssl *ossl,
					const uint8_t *der, size_t len,
					unsigned int *bits, EVP_PKEY **pkey)
{
	enum peer6_profile profile = 0;
	BIGNUM *n = NULL, *e = NULL;

	if (rsa_numbers(der, len, &n, &e)) {
		unsigned int n_bits = (unsigned int)BN_num_bits(n);

		if (n_bits == 1024 && len == PEER6_PNRP_KEY_LEN)
			profile = PEER6_PROFILE_COMPATIBLE;
		else if (n_bits >= PEER6_STRONG_BITS_MIN &&
			 n_bits <= PEER6_STRONG_BITS_MAX)
			profile = PEER6_PROFILE_STRONG;
		if (bits)
			*bits = n_bits;
	}
	if (profile && pkey) {
		*pkey = rsa_public(ossl, n, e);
		if (!*pkey)
			profile = 0;
	}
	BN_free(n);
	BN_free(e);
	ERR_clear_error();
	return profile;
}

/* Whether the signature opens to @info. */
static bool opens_to(EVP_PKEY_CTX *ctx, const uint8_t *sig, size_t sig_len,
		     const uint8_t *info, size_t info_len)
{
	unsigned char out[PEER6_SIG_MAX];
	size_t out_len = sizeof(out);

	return EVP_PKEY_verify_recover(ctx, out, &out_len, sig, sig_len) > 0 &&
	       out_len == info_len && !memcmp(out, info, info_len);
}

static int verify(struct peer6_openssl *ossl, const void *key, size_t key_len,
		  const void *data, size_t len, const uint8_t *sig,
		  size_t sig_len, bool either_order)
{
	uint8_t info[INFO_MAX], turned[PEER6_SIG_MAX];
	enum peer6_profile profile;
	EVP_PKEY *pkey = NULL;
	EVP_PKEY_CTX *ctx;
	ptrdiff_t info_len;
	size_t i;
	int error = PEER6_E_CRYPTO;

	profile = peer6_public_profile(ossl, key, key_len, NULL, &pkey);
	if (!profile)
		return PEER6_E_KEY;
	info_len = digest_info(ossl, profile, data, len, info);
	ctx = EVP_PKEY_CTX_new_from_pkey(ossl->lib, pkey, NULL);
	if (info_len > 0 && ctx && EVP_PKEY_verify_recover_init(ctx) > 0 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0) {
		error = PEER6_E_SIGNATURE;
		if (opens_to(ctx, sig, sig_len, info, (size_t)info_len))
			error = 0;
	}
	if (either_order && error == PEER6_E_SIGNATURE) {
		for (i = 0; i < sig_len; i++)
			turned[i] = sig[sig_len - 1 - i];
		if (opens_to(ctx, turned, sig_len, info, (size_t)info_len))
			error = 0;
	}
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return error;
}

int peer6_verify(struct peer6_openssl *ossl, const void *key, size_t key_len,
		 const void *data, size_t len,
		 const uint8_t *sig, size_t sig_len)
{
	return verify(ossl, key, key_len, data, len, sig, sig_len, false);
}

static int crypto_verify(void *ctx, const uint8_t key[PEER6_PNRP_KEY_LEN],
			 const void *data, size_t len,
			 const uint8_t sig[PEER6_PNRP_SIG_LEN])
{
	int error = verify(ctx, key, PEER6_PNRP_KEY_LEN, data, len, sig,
			   PEER6_PNRP_SIG_LEN, true);

	/* Whose key is none has signed nothing. */
	return error == PEER6_E_KEY ? PEER6_E_SIGNATURE : error;
}

int peer6_key_sign(const struct peer6_key *key, const void *data, size_t len,
		   uint8_t *sig, size_t *sig_len)
{
	uint8_t info[INFO_MAX];
	ptrdiff_t info_len;
	EVP_PKEY_CTX *ctx;
	int error = PEER6_E_CRYPTO;

	if (*sig_len < (key->bits + 7) / 8)
		return PEER6_E_SPACE;
	info_len = digest_info(key->ossl, key->profile, data, len, info);
	if (info_len < 0)
		return (int)info_len;
	ctx = EVP_PKEY_CTX_new_from_pkey(key->ossl->lib, key->pkey, NULL);
	if (ctx && EVP_PKEY_sign_init(ctx) > 0 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
	    EVP_PKEY_sign(ctx, sig, sig_len, info, (size_t)info_len) > 0)
		error = 0;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return error;
}

int peer6_random_openssl(void *ctx, void *buf, size_t len)
{
	struct peer6_openssl *ossl = ctx;

	if (len <= INT_MAX && RAND_bytes_ex(ossl->lib, buf, len, 0) > 0)
		return 0;
	ERR_clear_error();
	return PEER6_E_RANDOM;
}

int peer6_openssl_legacy(struct peer6_openssl *ossl)
{
	if (!ossl->legacy)
		ossl->legacy = OSSL_PROVIDER_load(ossl->lib, "legacy");
	ERR_clear_error();
	return ossl->legacy ? 0 : PEER6_E_CRYPTO;
}

const struct peer6_crypto *peer6_crypto_openssl(struct peer6_openssl *ossl)
{
	return &ossl->crypto;
}

int peer6_crypto_openssl_init(struct peer6_openssl **out)
{
	struct peer6_openssl *ossl = calloc(1, sizeof(*ossl));

	*out = NULL;
	if (!ossl)
		return PEER6_E_NOMEM;
	ossl->crypto.sha1 = crypto_sha1;
	ossl->crypto.verify = crypto_verify;
	ossl->crypto.verify_chain = peer6_chain_verify;
	ossl->crypto.ctx = ossl;
	/* A new context reads no configuration file. */
	ossl->lib = OSSL_LIB_CTX_new();
	if (ossl->lib)
		ossl->provider = OSSL_PROVIDER_load(ossl->lib, "default");
	if (ossl->provider) {
		ossl->sha1 = EVP_MD_fetch(ossl->lib, "SHA1", NULL);
		ossl->sha256 = EVP_MD_fetch(ossl->lib, "SHA256", NULL);
	}
	if (!ossl->sha1 || !ossl->sha256) {
		peer6_crypto_openssl_free(ossl);
		ERR_clear_error();
		return PEER6_E_CRYPTO;
	}
	*out = ossl;
	return 0;
}

void peer6_crypto_openssl_free(struct peer6_openssl *ossl)
{
	if (!ossl)
		return;
	EVP_MD_free(ossl->sha1);
	EVP_MD_free(ossl->sha256);
	if (ossl->legacy)
		OSSL_PROVIDER_unload(ossl->legacy);
	if (ossl->provider)
		OSSL_PROVIDER_unload(ossl->provider);
	OSSL_LIB_CTX_free(ossl->lib);
	free(ossl);
}
