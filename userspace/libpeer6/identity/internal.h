/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of this folder share. */
#ifndef PEER6_IDENTITY_INTERNAL_H
#define PEER6_IDENTITY_INTERNAL_H

#include <openssl/evp.h>
#include <openssl/types.h>
#include <peer6/crypto.h>
#include <peer6/name.h>

struct peer6_openssl {
	OSSL_LIB_CTX		*lib;
	OSSL_PROVIDER		*provider;
	OSSL_PROVIDER		*legacy;	/* once it was needed */
	EVP_MD			*sha1;
	EVP_MD			*sha256;
	struct peer6_crypto	crypto;
};

struct peer6_key {
	struct peer6_openssl	*ossl;
	unsigned int		owners;
	EVP_PKEY		*pkey;
	enum peer6_profile	profile;
	unsigned int		bits;
	size_t			public_len;
	uint8_t			public[PEER6_KEY_MAX];
};

/* Takes over @pkey, on an error too. */
int peer6_key_adopt(struct peer6_openssl *ossl, EVP_PKEY *pkey,
		    struct peer6_key **key);
/*
 * Which profile the RSAPublicKey is of; 0 if none. *pkey, if wanted, is the
 * caller's.
 */
enum peer6_profile peer6_public_profile(struct peer6_openssl *ossl,
					const uint8_t *der, size_t len,
					unsigned int *bits, EVP_PKEY **pkey);
/* RC2-40 in old exports; PEER6_E_CRYPTO where OpenSSL came without it. */
int peer6_openssl_legacy(struct peer6_openssl *ossl);

/* chain.c; the member function of struct peer6_crypto. */
int peer6_chain_verify(void *ossl, const void *chain, size_t len,
		       const uint8_t authority[20],
		       const uint8_t key[PEER6_PNRP_KEY_LEN],
		       const uint16_t *classifier, size_t n_classifier,
		       peer6_filetime now);

#endif
