/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libpeer6 takes from OpenSSL 3: hashes, RSA keys, signatures. All of it
 * lives in a library context of its own: neither openssl.cnf nor a policy of
 * the distribution reaches it, and it changes nothing for the rest of the
 * process.
 *
 * Signatures of the compatible profile are RSASSA-PKCS1-v1_5 with SHA-1, which
 * the formats fix. Policies that ban "SHA-1 signatures" ban the combined
 * operation; here the digest and the RSA operation are two (the DigestInfo is
 * built and compared here), so that such hosts still interoperate.
 */
#ifndef PEER6_CRYPTO_H
#define PEER6_CRYPTO_H

#include <peer6/base.h>
#include <peer6/pnrp_engine.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * compatible: RSA-1024, e of 17 to 24 bits, SHA-1: what Windows uses and what
 * PNRP and Grouping have room for. strong: RSA-2048 to RSA-4096 (3072 is what
 * is generated), SHA-256: no record of PNRP or Grouping can carry it.
 */
enum peer6_profile {
	PEER6_PROFILE_COMPATIBLE	= 1,
	PEER6_PROFILE_STRONG		= 2,
};

#define PEER6_STRONG_BITS	3072
#define PEER6_STRONG_BITS_MIN	2048
#define PEER6_STRONG_BITS_MAX	4096	/* bounds what a stranger makes us do */
#define PEER6_KEY_MAX		528	/* DER RSAPublicKey of 4096 bits: 526 */
#define PEER6_SIG_MAX		512

/* "compatible", "strong"; NULL for what is no profile. */
const char *peer6_profile_name(enum peer6_profile profile);

struct peer6_openssl;
struct peer6_key;		/* a private key */

/*
 * Makes a context. It holds no keys and may be shared by all objects of a
 * thread; it has to outlive them. PEER6_E_NOMEM or PEER6_E_CRYPTO.
 */
int peer6_crypto_openssl_init(struct peer6_openssl **ossl);
void peer6_crypto_openssl_free(struct peer6_openssl *ossl);
/* The engine's view of it: valid as long as the context. */
const struct peer6_crypto *peer6_crypto_openssl(struct peer6_openssl *ossl);
/* A peer6_random_fn; @ossl is its ctx. */
int peer6_random_openssl(void *ossl, void *buf, size_t len);

/* The caller owns *key. PEER6_E_INVAL: no profile of ours. */
int peer6_key_generate(struct peer6_openssl *ossl, enum peer6_profile profile,
		       struct peer6_key **key);
/*
 * PKCS#8 PrivateKeyInfo, unencrypted, and back. PEER6_E_CORRUPT: no such
 * structure; PEER6_E_KEY: no RSA key of a profile of ours, or its halves do not
 * belong together. The caller owns what is returned, and wipes and frees *der
 * with peer6_secret_free().
 */
int peer6_key_read(struct peer6_openssl *ossl, const void *der, size_t len,
		   struct peer6_key **key);
int peer6_key_write(const struct peer6_key *key, uint8_t **der, size_t *len);
void peer6_secret_free(void *secret, size_t len);
/* Another owner of the same key. */
struct peer6_key *peer6_key_ref(struct peer6_key *key);
/* The last owner's wipes it. NULL is fine. */
void peer6_key_free(struct peer6_key *key);

enum peer6_profile peer6_key_profile(const struct peer6_key *key);
unsigned int peer6_key_bits(const struct peer6_key *key);
/* DER RSAPublicKey; the key's own. */
const uint8_t *peer6_key_public(const struct peer6_key *key, size_t *len);

/*
 * RSASSA-PKCS1-v1_5 with the profile's hash, most significant byte first.
 * *sig_len: room, then length; PEER6_E_SPACE if it is too little.
 */
int peer6_key_sign(const struct peer6_key *key, const void *data, size_t len,
		   uint8_t *sig, size_t *sig_len);
/*
 * By the RSAPublicKey @key of either profile, which decides on the hash. 0,
 * PEER6_E_SIGNATURE, PEER6_E_KEY (no key of a profile) or PEER6_E_CRYPTO.
 */
int peer6_verify(struct peer6_openssl *ossl, const void *key, size_t key_len,
		 const void *data, size_t len,
		 const uint8_t *sig, size_t sig_len);

/*
 * The key as a signer of PNRP records; valid as long as the caller holds the
 * key. PEER6_E_PROFILE: a strong one, which the records cannot carry.
 */
int peer6_key_signer(struct peer6_key *key, struct peer6_signer *signer);

#ifdef __cplusplus
}
#endif

#endif
