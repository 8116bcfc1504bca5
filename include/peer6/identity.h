/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Identities ([MS-PPSEC] section 2.2, and what Windows' Identity Manager does):
 * a key pair, the peer name that belongs to it, and a certificate that says so
 * (IDC). What is in the certificate, the XML that is handed out, the
 * password-protected export, and the store of a user's identities.
 * Documentation/identity.md has the formats and the reasons.
 *
 * Text is UTF-8. Times are seconds since 1970 UTC.
 */
#ifndef PEER6_IDENTITY_H
#define PEER6_IDENTITY_H

#include <peer6/crypto.h>
#include <peer6/name.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PEER6_FRIENDLY_MAX	255	/* UTF-16 units */
#define PEER6_FRIENDLY_SIZE	(3 * PEER6_FRIENDLY_MAX + 1)
#define PEER6_SERIAL_LEN	16	/* [MS-PNRP] section 2.2.3.5 */
#define PEER6_CERTS_MAX		25	/* in a chain */
/* The largest IDC of ours has 4 KiB; what strangers send is bounded. */
#define PEER6_CERT_MAX		16384
#define PEER6_XML_MAX		65536
#define PEER6_IDENTITIES_MAX	256	/* per user */
/* An IDC is good from a day ago (clocks differ) for 1000 years. */
#define PEER6_IDC_BEFORE	(INT64_C(24) * 60 * 60)
#define PEER6_IDC_AFTER		(INT64_C(365250) * 24 * 60 * 60)

/* What an identity certificate says. */
struct peer6_idc {
	struct peer6_name	name;
	char			friendly_name[PEER6_FRIENDLY_SIZE];
	enum peer6_profile	profile;
	unsigned int		bits;
	int64_t			not_before, not_after;
	/* The DNS name in it is the host name of the peer name, or absent. */
	bool			host_matches;
	uint8_t			key[PEER6_KEY_MAX];	/* RSAPublicKey */
	size_t			key_len;
	const uint8_t		*der;		/* within the input */
	size_t			der_len;
};

/*
 * Makes the certificate of @key for @name (whose authority has to be the key's:
 * else PEER6_E_KEY), signed by itself. @friendly_name: NULL or "" for the name.
 * @serial: not zero, first byte 01..7f. The caller frees *der with free().
 * PEER6_E_FRIENDLY_NAME, PEER6_E_CLASSIFIER, PEER6_E_INVAL (serial, times).
 */
int peer6_idc_build(const struct peer6_key *key, const struct peer6_name *name,
		    const char *friendly_name,
		    const uint8_t serial[PEER6_SERIAL_LEN],
		    int64_t not_before, int64_t not_after,
		    uint8_t **der, size_t *len);
/*
 * Reads and validates one: DER, bare or in a PKCS#7 without others. All but the
 * times: who issues a group certificate for it looks at those. @profiles: which
 * are welcome, 1 << enum peer6_profile or-ed, 0 for all.
 * PEER6_E_CORRUPT: no certificate; PEER6_E_CERTIFICATE: none of an identity, or
 * its name is not its key's; PEER6_E_SIGNATURE; PEER6_E_PROFILE: not welcome.
 */
int peer6_idc_read(struct peer6_openssl *ossl, const void *in, size_t len,
		   unsigned int profiles, struct peer6_idc *idc);
/* A certificates-only PKCS#7 around one. The caller frees *out. */
int peer6_idc_wrap(const void *der, size_t len, uint8_t **out, size_t *out_len);

/*
 * The identity XML that an invitee hands out: no secret in it. Written as UTF-8
 * without a declaration; read as UTF-8 or (with a byte order mark) UTF-16.
 * *der is the IDC within a block that the caller frees with free(); pass it to
 * peer6_idc_read(). PEER6_E_CORRUPT: no such XML.
 */
int peer6_idxml_write(const void *idc, size_t len, char **xml);
int peer6_idxml_read(const void *xml, size_t len, uint8_t **der,
		     size_t *der_len);

/*
 * The export of an identity: PKCS#12 in XML. @strong: AES-256, PBKDF2 and
 * SHA-256 in place of what every Windows can read; identities of the strong
 * profile are always exported so. PEER6_E_PASSWORD: NULL, "" or no UTF-8.
 * *xml is the caller's.
 */
int peer6_export_write(struct peer6_openssl *ossl, const struct peer6_key *key,
		       const void *idc, size_t len, const char *password,
		       bool strong, char **xml);
/*
 * And back. *key and *idc (DER; free() it) are the caller's. PEER6_E_CORRUPT:
 * cut, damaged, no export; PEER6_E_PASSWORD: wrong, or the PKCS#12 within is
 * damaged, which its checksum cannot tell apart; PEER6_E_KEY: no private key,
 * or not that of the certificate; PEER6_E_NAME: the XML has another name than
 * the certificate; and what peer6_idc_read() returns.
 */
int peer6_export_read(struct peer6_openssl *ossl, const void *xml, size_t len,
		      const char *password, struct peer6_key **key,
		      uint8_t **idc, size_t *idc_len);

/*
 * The store: the identities of one user in one SQLite file of mode 0600 in a
 * directory of mode 0700, both owned by who runs. Every change is one
 * transaction, on disk when the call returns; a failed one changes nothing.
 *
 * An identity is told by its peer name, by its authority alone, or by its
 * friendly name, the latter two if one has it only. NULL is the default one.
 */
struct peer6_store;

struct peer6_identity {
	struct peer6_name	name;
	char			text[PEER6_NAME_SIZE];
	char			friendly_name[PEER6_FRIENDLY_SIZE];
	enum peer6_profile	profile;
	unsigned int		bits;
	bool			is_default;
	int64_t			created;
};

/*
 * Opens @path, made if it is not there (with the last directory before it).
 * @uid: whose identities they are; written down in a new store and compared in
 * an old one. 65534 (nobody) has none: PEER6_E_KEY_ACCESS.
 * PEER6_E_KEY_ACCESS: others may read or write it, another owns it, it is a
 * link, or another user's; PEER6_E_STORE: no store, or of a newer version;
 * PEER6_E_CORRUPT: damaged; PEER6_E_DISK_FULL; PEER6_E_IO; PEER6_E_IN_USE.
 */
int peer6_store_open(struct peer6_store **store, struct peer6_openssl *ossl,
		     const char *path, uint32_t uid);
void peer6_store_close(struct peer6_store *store);

/*
 * All that change something also return PEER6_E_IN_USE (another process was
 * writing for over PEER6_STORE_WAIT ms), PEER6_E_DISK_FULL, PEER6_E_STORE and
 * PEER6_E_CORRUPT. @identity, where it is an output, may be NULL.
 */
#define PEER6_STORE_WAIT	2000

/*
 * @key: NULL to make one of @profile; else @profile is not looked at. The first
 * identity becomes the default one. PEER6_E_EXISTS: key and classifier are
 * there; PEER6_E_LIMIT: 256 are; PEER6_E_CLASSIFIER, PEER6_E_FRIENDLY_NAME.
 */
int peer6_store_create(struct peer6_store *store, const char *classifier,
		       const char *friendly_name, enum peer6_profile profile,
		       struct peer6_key *key, struct peer6_identity *identity);
int peer6_store_get(struct peer6_store *store, const char *which,
		    struct peer6_identity *identity);
/* Oldest first; free(*list). */
int peer6_store_list(struct peer6_store *store, struct peer6_identity **list,
		     size_t *n);
/*
 * The friendly name is the certificate's subject: a new certificate with the
 * same key and name. NULL or "": the peer name.
 */
int peer6_store_rename(struct peer6_store *store, const char *which,
		       const char *friendly_name,
		       struct peer6_identity *identity);
int peer6_store_set_default(struct peer6_store *store, const char *which,
			    struct peer6_identity *identity);
/*
 * @which may not be NULL (PEER6_E_INVAL). The key is overwritten in the files.
 * If it was the default one, the oldest that is left becomes it.
 */
int peer6_store_delete(struct peer6_store *store, const char *which,
		       struct peer6_identity *identity);
/* PEER6_E_EXISTS: its peer name is there; nothing is overwritten. */
int peer6_store_import(struct peer6_store *store, const void *xml, size_t len,
		       const char *password, struct peer6_identity *identity);
int peer6_store_export(struct peer6_store *store, const char *which,
		       const char *password, bool strong, char **xml,
		       struct peer6_identity *identity);
/*
 * The identity XML. With @which NULL and no identity there, one is made:
 * compatible, empty classifier, @login (NULL: its peer name) as friendly name.
 */
int peer6_store_xml(struct peer6_store *store, const char *which,
		    const char *login, char **xml,
		    struct peer6_identity *identity);
/* The certificate, DER; free(*der). */
int peer6_store_idc(struct peer6_store *store, const char *which,
		    uint8_t **der, size_t *len);
/*
 * The name of the identity's key with another classifier; NULL: its own. Makes
 * and publishes nothing.
 */
int peer6_store_derive(struct peer6_store *store, const char *which,
		       const char *classifier, struct peer6_name *name);
/* The private key, to sign with; the caller's to free. */
int peer6_store_key(struct peer6_store *store, const char *which,
		    struct peer6_key **key);

#ifdef __cplusplus
}
#endif

#endif
