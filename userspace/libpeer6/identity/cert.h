/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The X.509 certificates of Windows' peer-to-peer components ([MS-PPSEC]
 * section 2.2.5, [MS-PNRP] section 2.2.3.5), read: those of identities, groups
 * and members.
 */
#ifndef PEER6_IDENTITY_CERT_H
#define PEER6_IDENTITY_CERT_H

#include <peer6/identity.h>

#include "internal.h"

enum {				/* CERT_TYPE */
	CERT_MEMBER	= 1,
	CERT_ROOT	= 2,
	CERT_IDENTITY	= 3,
};

enum {				/* roles, or-ed */
	CERT_ADMIN	= 1,
	CERT_MEMBER_ROLE = 2,
	CERT_INVITING	= 4,
};

#define CERT_CLASSIFIERS_MAX	64	/* own limit */

struct peer6_span {
	const uint8_t	*p;
	size_t		len;
};

struct peer6_cert {
	X509			*x509;
	struct peer6_span	tbs;		/* what is signed */
	struct peer6_span	key;		/* RSAPublicKey */
	struct peer6_span	signature;
	enum peer6_profile	profile;
	unsigned int		bits;
	size_t			serial_len;
	bool			unique_ids;
	bool			unknown_critical;
	int64_t			not_before, not_after;
	char			subject[PEER6_FRIENDLY_SIZE];

	unsigned int		type;		/* 0: none */
	bool			server_auth, peer_auth;
	bool			has_name, has_issuer, has_group;
	struct peer6_name	name, issuer, group;
	bool			has_host;
	char			host[PEER6_HOST_NAME_SIZE];
	bool			has_roles;
	unsigned int		roles;
	bool			has_classifiers;
	unsigned int		n_classifiers;
	/* Of these only the classifier counts. */
	struct peer6_name	*classifiers;
};

/*
 * The certificates in @in, bare or PKCS#7, at most @max. Returns how many or
 * PEER6_E_CORRUPT, PEER6_E_LIMIT.
 */
int peer6_cert_spans(const void *in, size_t len, struct peer6_span *certs,
		     int max);
/*
 * Reads one. 0, PEER6_E_CORRUPT (no certificate) or PEER6_E_CERTIFICATE (none
 * of this kind). Clear it in all cases.
 */
int peer6_cert_read(struct peer6_cert *cert, struct peer6_openssl *ossl,
		    struct peer6_span der);
void peer6_cert_clear(struct peer6_cert *cert);

/*
 * Whether a delegator with this list and these roles may pass on that list
 * ([MS-PNRP] section 2.2.3.5.1.5.1).
 */
bool peer6_cert_delegates(const struct peer6_name *from, unsigned int n_from,
			  unsigned int roles,
			  const struct peer6_name *to, unsigned int n_to);

#endif
