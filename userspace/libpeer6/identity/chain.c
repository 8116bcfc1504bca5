// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Certificate chains ([MS-PNRP] sections 2.2.3.5 and 3.1.5.10): who owns an
 * authority lets others publish names under it.
 */
#include <stdlib.h>
#include <string.h>

#include "cert.h"

static bool same_text(const struct peer6_name *a, const struct peer6_name *b)
{
	return a->n_classifier == b->n_classifier &&
	       !memcmp(a->classifier, b->classifier,
		       a->n_classifier * sizeof(a->classifier[0]));
}

static bool starts_with(const struct peer6_name *a, const struct peer6_name *b)
{
	return a->n_classifier >= b->n_classifier &&
	       !memcmp(a->classifier, b->classifier,
		       b->n_classifier * sizeof(a->classifier[0]));
}

bool peer6_cert_delegates(const struct peer6_name *from, unsigned int n_from,
			  unsigned int role,
			  const struct peer6_name *to, unsigned int n_to)
{
	bool extends = role & (CERT_ADMIN | CERT_INVITING);
	unsigned int i, k;

	if (!n_from)
		return true;
	if (!n_to) {
		/* No list is no limit: only "" had none. */
		for (k = 0; k < n_from; k++)
			if (extends && !from[k].n_classifier)
				return true;
		return false;
	}
	for (i = 0; i < n_to; i++) {
		for (k = 0; k < n_from; k++)
			if (extends ? starts_with(&to[i], &from[k]) :
				      same_text(&to[i], &from[k]))
				break;
		if (k == n_from)
			return false;
	}
	return true;
}

/* What each certificate has to be by itself. */
static bool cert_fits(const struct peer6_cert *cert, int64_t now)
{
	return cert->profile == PEER6_PROFILE_COMPATIBLE &&
	       cert->serial_len == PEER6_SERIAL_LEN && !cert->unique_ids &&
	       !cert->unknown_critical && cert->has_name &&
	       cert->not_before <= now && now <= cert->not_after &&
	       (cert->type == CERT_ROOT ||
		(cert->type == CERT_MEMBER && cert->has_issuer &&
		 cert->has_roles && cert->has_classifiers));
}

static bool signed_by(struct peer6_openssl *ossl, const struct peer6_cert *cert,
		      const struct peer6_cert *by)
{
	return !peer6_verify(ossl, by->key.p, by->key.len, cert->tbs.p,
			     cert->tbs.len, cert->signature.p,
			     cert->signature.len);
}

/*
 * PKCS#7 has a set of certificates: brings it into the order of delegation. One
 * line from one root that leaves none out, or false: of two with one parent the
 * second is left over.
 */
static bool chain_sort(struct peer6_cert *certs, int n)
{
	struct peer6_cert swap;
	int i, k, next;

	for (i = 0; i < n; i++) {
		next = -1;
		for (k = i; k < n; k++) {
			if (i ? certs[k].type != CERT_MEMBER ||
				!peer6_name_equal(&certs[k].issuer,
						  &certs[i - 1].name) :
				certs[k].type != CERT_ROOT)
				continue;
			next = k;
			break;
		}
		if (next < 0)
			return false;
		swap = certs[i];
		certs[i] = certs[next];
		certs[next] = swap;
	}
	return true;
}

static bool chain_holds(struct peer6_openssl *ossl,
			const struct peer6_cert *certs, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (!signed_by(ossl, &certs[i], &certs[i ? i - 1 : 0]))
			return false;
	for (i = 1; i < n; i++)
		if (!peer6_cert_delegates(certs[i - 1].classifiers,
					  certs[i - 1].n_classifiers,
					  certs[i - 1].roles,
					  certs[i].classifiers,
					  certs[i].n_classifiers))
			return false;
	return certs[0].has_group && certs[n - 1].has_group &&
	       peer6_name_equal(&certs[0].group, &certs[n - 1].group);
}

int peer6_chain_verify(void *ctx, const void *chain, size_t len,
		       const uint8_t authority[20],
		       const uint8_t key[PEER6_PNRP_KEY_LEN],
		       const uint16_t *classifier, size_t n_classifier,
		       peer6_filetime now)
{
	struct peer6_openssl *ossl = ctx;
	struct peer6_span spans[PEER6_CERTS_MAX];
	struct peer6_name wanted = { 0 };
	struct peer6_cert *certs;
	uint8_t root[PEER6_AUTHORITY_LEN];
	int64_t seconds = (int64_t)(now / 10000000) -
			  (int64_t)(PEER6_FILETIME_UNIX / 10000000);
	int i, read = 0, n, error = PEER6_E_CHAIN;

	n = peer6_cert_spans(chain, len, spans, PEER6_CERTS_MAX);
	if (n < 0 || n_classifier > PEER6_CLASSIFIER_MAX)
		return PEER6_E_CHAIN;
	if (n_classifier)
		memcpy(wanted.classifier, classifier,
		       n_classifier * sizeof(*classifier));
	wanted.n_classifier = (uint8_t)n_classifier;
	certs = calloc((size_t)n, sizeof(*certs));
	if (!certs)
		return PEER6_E_CHAIN;
	while (read < n) {
		if (peer6_cert_read(&certs[read], ossl, spans[read]) ||
		    !cert_fits(&certs[read], seconds)) {
			read++;
			goto out;
		}
		read++;
	}
	/* Cheap before dear: a stranger's chain may be 25 signatures long. */
	if (!chain_sort(certs, n) ||
	    certs[n - 1].key.len != PEER6_PNRP_KEY_LEN ||
	    memcmp(certs[n - 1].key.p, key, PEER6_PNRP_KEY_LEN) ||
	    peer6_name_authority(&ossl->crypto, certs[0].key.p,
				 certs[0].key.len, root) ||
	    memcmp(root, authority, sizeof(root)) ||
	    !peer6_cert_delegates(certs[n - 1].classifiers,
				  certs[n - 1].n_classifiers,
				  certs[n - 1].roles, &wanted, 1))
		goto out;
	if (chain_holds(ossl, certs, n))
		error = 0;
out:
	for (i = 0; i < read; i++)
		peer6_cert_clear(&certs[i]);
	free(certs);
	return error;
}
