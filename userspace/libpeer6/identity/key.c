// SPDX-License-Identifier: LGPL-2.1-or-later
/* Private keys. OpenSSL wipes the numbers when an EVP_PKEY goes. */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "internal.h"

void peer6_secret_free(void *secret, size_t len)
{
	if (secret)
		OPENSSL_cleanse(secret, len);
	free(secret);
}

/* The private half signs what the public half verifies. */
static int halves_match(const struct peer6_key *key)
{
	static const char text[] = "peer6";
	uint8_t sig[PEER6_SIG_MAX];
	size_t len = sizeof(sig);
	int error = peer6_key_sign(key, text, sizeof(text), sig, &len);

	if (!error)
		error = peer6_verify(key->ossl, key->public, key->public_len,
				     text, sizeof(text), sig, len);
	return error ? PEER6_E_KEY : 0;
}

int peer6_key_adopt(struct peer6_openssl *ossl, EVP_PKEY *pkey,
		    struct peer6_key **out)
{
	struct peer6_key *key = calloc(1, sizeof(*key));
	unsigned char *p;
	int len, error = PEER6_E_KEY;

	*out = NULL;
	if (!key) {
		EVP_PKEY_free(pkey);
		return PEER6_E_NOMEM;
	}
	key->ossl = ossl;
	key->owners = 1;
	key->pkey = pkey;
	if (!EVP_PKEY_is_a(pkey, "RSA"))
		goto out_free;
	len = i2d_PublicKey(pkey, NULL);
	if (len <= 0 || (size_t)len > sizeof(key->public))
		goto out_free;
	p = key->public;
	key->public_len = (size_t)i2d_PublicKey(pkey, &p);
	key->profile = peer6_public_profile(ossl, key->public, key->public_len,
					    &key->bits, NULL);
	if (!key->profile)
		goto out_free;
	error = halves_match(key);
	if (error)
		goto out_free;
	*out = key;
	return 0;

out_free:
	ERR_clear_error();
	peer6_key_free(key);
	return error;
}

int peer6_key_generate(struct peer6_openssl *ossl, enum peer6_profile profile,
		       struct peer6_key **key)
{
	EVP_PKEY *pkey = NULL;
	EVP_PKEY_CTX *ctx;
	int bits;

	*key = NULL;
	if (!peer6_profile_name(profile))
		return PEER6_E_INVAL;
	bits = profile == PEER6_PROFILE_STRONG ? PEER6_STRONG_BITS : 1024;
	/* The public exponent is OpenSSL's default: 65537. */
	ctx = EVP_PKEY_CTX_new_from_name(ossl->lib, "RSA", NULL);
	if (ctx && EVP_PKEY_keygen_init(ctx) > 0 &&
	    EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, bits) > 0 &&
	    EVP_PKEY_generate(ctx, &pkey) <= 0)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return pkey ? peer6_key_adopt(ossl, pkey, key) : PEER6_E_CRYPTO;
}

int peer6_key_read(struct peer6_openssl *ossl, const void *der, size_t len,
		   struct peer6_key **key)
{
	const unsigned char *p = der;
	PKCS8_PRIV_KEY_INFO *info;
	EVP_PKEY *pkey = NULL;
	int error = PEER6_E_CORRUPT;

	*key = NULL;
	if (len > 65536)
		return PEER6_E_CORRUPT;
	info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)len);
	if (info && p == (const unsigned char *)der + len) {
		pkey = EVP_PKCS82PKEY_ex(info, ossl->lib, NULL);
		error = pkey ? peer6_key_adopt(ossl, pkey, key) : PEER6_E_KEY;
	}
	PKCS8_PRIV_KEY_INFO_free(info);
	ERR_clear_error();
	return error;
}

int peer6_key_write(const struct peer6_key *key, uint8_t **out, size_t *out_len)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key->pkey);
	unsigned char *der = NULL;
	int len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;
	int error = PEER6_E_CRYPTO;

	*out = NULL;
	*out_len = 0;
	if (len > 0) {
		/* Our callers free with free(), OpenSSL may have its own. */
		*out = malloc((size_t)len);
		error = *out ? 0 : PEER6_E_NOMEM;
		if (*out) {
			memcpy(*out, der, (size_t)len);
			*out_len = (size_t)len;
		}
		OPENSSL_clear_free(der, (size_t)len);
	}
	PKCS8_PRIV_KEY_INFO_free(info);
	ERR_clear_error();
	return error;
}

struct peer6_key *peer6_key_ref(struct peer6_key *key)
{
	key->owners++;
	return key;
}

void peer6_key_free(struct peer6_key *key)
{
	if (!key || --key->owners)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

enum peer6_profile peer6_key_profile(const struct peer6_key *key)
{
	return key->profile;
}

unsigned int peer6_key_bits(const struct peer6_key *key)
{
	return key->bits;
}

const uint8_t *peer6_key_public(const struct peer6_key *key, size_t *len)
{
	*len = key->public_len;
	return key->public;
}

static int signer_sign(void *ctx, const void *data, size_t len,
		       uint8_t sig[PEER6_PNRP_SIG_LEN])
{
	size_t sig_len = PEER6_PNRP_SIG_LEN;

	return peer6_key_sign(ctx, data, len, sig, &sig_len);
}

int peer6_key_signer(struct peer6_key *key, struct peer6_signer *signer)
{
	if (key->profile != PEER6_PROFILE_COMPATIBLE)
		return PEER6_E_PROFILE;
	memcpy(signer->key, key->public, PEER6_PNRP_KEY_LEN);
	signer->sign = signer_sign;
	signer->ctx = key;
	return 0;
}
