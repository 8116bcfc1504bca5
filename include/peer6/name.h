/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Peer names ([MS-PNRP] sections 1.3.1.1 and 2.2.4), their P2P IDs and the host
 * names under pnrp.net that stand for them. Portable; allocates nothing.
 *
 *	peer name	authority "." classifier
 *	authority	"0": nobody's, anyone may publish it (unsecured); or the
 *			SHA-1 of its owner's public key in 40 digits 0-9 a-f
 *	classifier	0..149 UTF-16 units without U+0000, dots allowed
 *
 * Names are case sensitive, host names are not. Text is UTF-8 here; what is not
 * well-formed UTF-8 or UTF-16 (a lone surrogate) is no classifier.
 */
#ifndef PEER6_NAME_H
#define PEER6_NAME_H

#include <peer6/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct peer6_crypto;

#define PEER6_AUTHORITY_LEN	20	/* SHA-1 */
#define PEER6_CLASSIFIER_MAX	149	/* UTF-16 units, section 2.2.4 */
/* A UTF-16 unit takes at most 3 bytes of UTF-8; both with the final NUL. */
#define PEER6_CLASSIFIER_SIZE	(3 * PEER6_CLASSIFIER_MAX + 1)
#define PEER6_NAME_SIZE		(41 + PEER6_CLASSIFIER_SIZE)
/* "label.pAUTHORITY.pnrp.net" with a label of 63, and the NUL. */
#define PEER6_HOST_NAME_SIZE	(63 + 1 + 41 + 9 + 1)

struct peer6_name {
	bool		secure;
	uint8_t		authority[PEER6_AUTHORITY_LEN];	/* 0 if unsecured */
	uint8_t		n_classifier;			/* units */
	uint16_t	classifier[PEER6_CLASSIFIER_MAX];	/* host order */
};

/*
 * Reads a peer name. A secure name may lack the dot when the classifier is
 * empty. PEER6_E_NAME: there is no authority before a dot; PEER6_E_AUTHORITY:
 * it is neither 0 nor 40 digits (capitals are not folded: the name is hashed as
 * it is); PEER6_E_CLASSIFIER. On an error *name is untouched.
 */
int peer6_name_parse(struct peer6_name *name, const char *text);
/*
 * Writes it with a final NUL, always with the dot. Returns the length without
 * the NUL, PEER6_E_SPACE if @size is too small (PEER6_NAME_SIZE never is) or
 * PEER6_E_CLASSIFIER if the struct holds none.
 */
ptrdiff_t peer6_name_format(const struct peer6_name *name, char *buf,
			    size_t size);
/* The classifier alone, as UTF-8; PEER6_CLASSIFIER_SIZE suffices. */
ptrdiff_t peer6_name_classifier(const struct peer6_name *name, char *buf,
				size_t size);
/*
 * Makes a name from its parts: @authority 20 bytes, or NULL for unsecured;
 * @classifier UTF-8, or NULL for empty. 0 or PEER6_E_CLASSIFIER.
 */
int peer6_name_make(struct peer6_name *name, const uint8_t *authority,
		    const char *classifier);
/*
 * The authority that belongs to a public key: SHA-1 of the DER RSAPublicKey,
 * not of the SubjectPublicKeyInfo around it. 0 or the crypto's error.
 */
int peer6_name_authority(const struct peer6_crypto *crypto,
			 const void *rsa_public_key, size_t len,
			 uint8_t authority[PEER6_AUTHORITY_LEN]);
bool peer6_name_equal(const struct peer6_name *a, const struct peer6_name *b);

/*
 * ClassifierHash and P2P ID (section 3.1.4.4.1). The classifier is hashed as
 * UTF-16LE without a terminator; Documentation/pnrp.md says why. 0 or the
 * crypto's error.
 */
int peer6_name_classifier_hash(const struct peer6_name *name,
			       const struct peer6_crypto *crypto,
			       uint8_t hash[20]);
int peer6_name_p2p_id(const struct peer6_name *name,
		      const struct peer6_crypto *crypto, uint8_t id[16]);

/*
 * The host name that stands for a peer name: "alice.pnrp.net" for 0.alice,
 * "palice-p.pAUTHORITY.pnrp.net" for AUTHORITY.alice. Returns its length,
 * PEER6_E_SPACE (PEER6_HOST_NAME_SIZE suffices), or PEER6_E_NOT_CONVERTIBLE:
 * its label would have over 63 characters or start with a digit.
 */
ptrdiff_t peer6_name_to_host(const struct peer6_name *name, char *buf,
			     size_t size);
/* Without the short form: "palice-p.p0.pnrp.net" for 0.alice. */
ptrdiff_t peer6_name_to_long_host(const struct peer6_name *name, char *buf,
				  size_t size);
/*
 * And back; in capitals or not, with a final dot or not. PEER6_E_HOST_NAME: it
 * is not under pnrp.net, or nothing is converted to it. On an error *name is
 * untouched.
 */
int peer6_name_from_host(struct peer6_name *name, const char *host);
/* Whether a host name ends in .pnrp.net: ours to answer, be it valid or not. */
bool peer6_host_is_pnrp(const char *host);

/*
 * UTF-8 <-> UTF-16 in host order. @len and the results count bytes and units,
 * nothing is terminated. With @out NULL they only count. PEER6_E_VALUE: not
 * well-formed; PEER6_E_SPACE: over @max.
 */
ptrdiff_t peer6_utf8_to_utf16(const char *s, size_t len, uint16_t *out,
			      size_t max);
ptrdiff_t peer6_utf16_to_utf8(const uint16_t *s, size_t len, char *out,
			      size_t max);

#ifdef __cplusplus
}
#endif

#endif
