// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "pfx.h"

/*
 * Rounds of the key derivation: Windows writes 2,000 and reads any number;
 * these take it and us some tenths of a second for three derivations.
 */
#define ROUNDS		100000
/* A file that asks for more is made to keep us busy. */
#define ROUNDS_MAX	1000000

/* Copies what OpenSSL allocated to what our callers can free(). */
static int hand_over(unsigned char *der, int len, uint8_t **out,
		     size_t *out_len)
{
	int error = PEER6_E_CRYPTO;

	if (len > 0) {
		*out = malloc((size_t)len);
		error = *out ? 0 : PEER6_E_NOMEM;
	}
	if (!error) {
		memcpy(*out, der, (size_t)len);
		*out_len = (size_t)len;
	}
	OPENSSL_free(der);
	return error;
}

/* One SafeContents; @bag was put into @bags. */
static bool add_safe(struct peer6_openssl *ossl, STACK_OF(PKCS7) **safes,
		     STACK_OF(PKCS12_SAFEBAG) **bags, PKCS12_SAFEBAG *bag,
		     int algorithm, const char *password)
{
	unsigned char id[4] = { 1, 0, 0, 0 };	/* ties key and certificate */
	bool good = bag && PKCS12_add_localkeyid(bag, id, sizeof(id)) &&
		    PKCS12_add_safe_ex(safes, *bags, algorithm, ROUNDS,
				       password, ossl->lib, NULL);

	sk_PKCS12_SAFEBAG_pop_free(*bags, PKCS12_SAFEBAG_free);
	*bags = NULL;
	return good;
}

int peer6_pfx_write(struct peer6_openssl *ossl, const struct peer6_key *key,
		    const uint8_t *idc, size_t idc_len, const char *password,
		    bool strong, uint8_t **pfx, size_t *len)
{
	int algorithm = strong ? NID_aes_256_cbc :
				 NID_pbe_WithSHA1And3_Key_TripleDES_CBC;
	X509 *x509 = X509_new_ex(ossl->lib, NULL);
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
	STACK_OF(PKCS7) *safes = NULL;
	const unsigned char *p = idc;
	unsigned char *der = NULL;
	PKCS12_SAFEBAG *bag;
	PKCS12 *p12 = NULL;
	int der_len = -1;

	*pfx = NULL;
	*len = 0;
	if (!x509 || !d2i_X509(&x509, &p, (long)idc_len))
		goto out;
	/*
	 * The key first and shrouded by itself, as Windows has it; KEY_EX makes
	 * Windows import it as the kind of key that its peer names have.
	 */
	bag = PKCS12_add_key_ex(&bags, key->pkey, KEY_EX, ROUNDS, algorithm,
				password, ossl->lib, NULL);
	if (!add_safe(ossl, &safes, &bags, bag, -1, NULL))
		goto out;
	bag = PKCS12_add_cert(&bags, x509);
	if (!add_safe(ossl, &safes, &bags, bag, algorithm, password))
		goto out;
	p12 = PKCS12_add_safes_ex(safes, 0, ossl->lib, NULL);
	if (p12 && PKCS12_set_mac(p12, password, -1, NULL, 0, ROUNDS,
				  strong ? ossl->sha256 : ossl->sha1))
		der_len = i2d_PKCS12(p12, &der);
out:
	PKCS12_free(p12);
	sk_PKCS7_pop_free(safes, PKCS7_free);
	X509_free(x509);
	ERR_clear_error();
	return hand_over(der, der_len, pfx, len);
}

static bool rounds_bearable(const PKCS12 *p12)
{
	const ASN1_INTEGER *rounds;
	int64_t n = 1;

	PKCS12_get0_mac(NULL, NULL, NULL, &rounds, p12);
	if (rounds && !ASN1_INTEGER_get_int64(&n, rounds))
		return false;
	return n > 0 && n <= ROUNDS_MAX;
}

int peer6_pfx_read(struct peer6_openssl *ossl, const uint8_t *pfx, size_t len,
		   const char *password, struct peer6_key **key,
		   uint8_t **idc, size_t *idc_len)
{
	PKCS12 *p12 = PKCS12_init_ex(NID_pkcs7_data, ossl->lib, NULL);
	const unsigned char *p = pfx;
	unsigned char *der = NULL;
	EVP_PKEY *pkey = NULL;
	X509 *x509 = NULL;
	int der_len, error = PEER6_E_CORRUPT;

	if (!p12)
		return PEER6_E_NOMEM;
	if (!d2i_PKCS12(&p12, &p, (long)len) || p != pfx + len ||
	    !PKCS12_mac_present(p12) || !rounds_bearable(p12))
		goto out;
	error = PEER6_E_PASSWORD;
	if (!PKCS12_verify_mac(p12, password, -1))
		goto out;
	error = PEER6_E_CORRUPT;
	if (!PKCS12_parse(p12, password, &pkey, &x509, NULL)) {
		/* RC2-40, which old Windows puts around the certificate */
		if (peer6_openssl_legacy(ossl) ||
		    !PKCS12_parse(p12, password, &pkey, &x509, NULL))
			goto out;
	}
	error = PEER6_E_KEY;
	if (!pkey || !x509)
		goto out;
	error = peer6_key_adopt(ossl, pkey, key);
	pkey = NULL;
	if (error)
		goto out;
	der_len = i2d_X509(x509, &der);
	error = hand_over(der, der_len, idc, idc_len);
	if (error) {
		peer6_key_free(*key);
		*key = NULL;
	}
out:
	EVP_PKEY_free(pkey);
	X509_free(x509);
	PKCS12_free(p12);
	ERR_clear_error();
	return error;
}
