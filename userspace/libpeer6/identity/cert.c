// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "cert.h"
#include "der.h"

/* Takes the next element off @in; its contents go to *body. */
static bool take(struct peer6_span *in, int tag, int class,
		 struct peer6_span *body)
{
	const unsigned char *p = in->p;
	long len;
	int got_tag, got_class, form;

	if (!in->len)
		return false;
	/* bit 7: an error; bit 0: indefinite length, which DER has not */
	form = ASN1_get_object(&p, &len, &got_tag, &got_class, (long)in->len);
	if (form & 0x81 || got_tag != tag || got_class != class) {
		ERR_clear_error();
		return false;
	}
	body->p = p;
	body->len = (size_t)len;
	in->len -= (size_t)(p + len - in->p);
	in->p = p + len;
	return true;
}

static bool take_universal(struct peer6_span *in, int tag,
			   struct peer6_span *body)
{
	return take(in, tag, V_ASN1_UNIVERSAL, body);
}

static bool span_is(struct peer6_span s, const char *what, size_t len)
{
	return s.len == len && !memcmp(s.p, what, len);
}

#define span_is_lit(s, lit)	span_is(s, lit, sizeof(lit) - 1)

int peer6_cert_spans(const void *in, size_t len, struct peer6_span *certs,
		     int max)
{
	struct peer6_span all = { in, len }, outer, rest, part, set;
	int n = 0;

	if (len > PEER6_CERTS_MAX * PEER6_CERT_MAX)
		return PEER6_E_CORRUPT;
	if (!take_universal(&all, V_ASN1_SEQUENCE, &outer) || all.len)
		return PEER6_E_CORRUPT;
	rest = outer;
	if (take_universal(&rest, V_ASN1_SEQUENCE, &part)) {
		if (max < 1)
			return PEER6_E_LIMIT;
		certs[0].p = in;
		certs[0].len = len;
		return 1;
	}
	/* ContentInfo { signedData, [0] SignedData } (RFC 2315) */
	if (!take_universal(&rest, V_ASN1_OBJECT, &part) ||
	    !span_is_lit(part, OID_PKCS7_SIGNED) ||
	    !take(&rest, 0, V_ASN1_CONTEXT_SPECIFIC, &part) || rest.len ||
	    !take_universal(&part, V_ASN1_SEQUENCE, &rest) || part.len ||
	    !take_universal(&rest, V_ASN1_INTEGER, &part) ||
	    !take_universal(&rest, V_ASN1_SET, &part) ||
	    !take_universal(&rest, V_ASN1_SEQUENCE, &part) ||
	    !take(&rest, 0, V_ASN1_CONTEXT_SPECIFIC, &set))
		return PEER6_E_CORRUPT;
	while (set.len) {
		const uint8_t *start = set.p;

		if (!take_universal(&set, V_ASN1_SEQUENCE, &part))
			return PEER6_E_CORRUPT;
		if (n == max)
			return PEER6_E_LIMIT;
		certs[n].p = start;
		certs[n++].len = (size_t)(set.p - start);
	}
	return n ? n : PEER6_E_CORRUPT;
}

/* BMPString: UTF-16, also beyond the BMP, which is what Windows puts there. */
static ptrdiff_t text_bmp(const uint8_t *p, size_t len, char *out, size_t max)
{
	uint16_t units[PEER6_FRIENDLY_MAX + 1];
	size_t i;

	if (len % 2 || len / 2 > PEER6_FRIENDLY_MAX + 1)
		return -1;
	for (i = 0; i < len / 2; i++)
		units[i] = (uint16_t)(p[2 * i] << 8 | p[2 * i + 1]);
	return peer6_utf16_to_utf8(units, i, out, max);
}

/* UniversalString: a code point in 4 bytes. */
static ptrdiff_t text_universal(const uint8_t *p, size_t len, char *out,
				size_t max)
{
	uint16_t units[2 * (PEER6_FRIENDLY_MAX + 1)];
	size_t i, n = 0;

	if (len % 4 || len / 4 > PEER6_FRIENDLY_MAX + 1)
		return -1;
	for (i = 0; i < len; i += 4) {
		uint32_t c = (uint32_t)p[i] << 24 | (uint32_t)p[i + 1] << 16 |
			     (uint32_t)p[i + 2] << 8 | p[i + 3];

		if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
			return -1;
		if (c > 0xffff) {
			units[n++] = (uint16_t)(0xd7c0 + (c >> 10));
			c = 0xdc00 | (c & 0x3ff);
		}
		units[n++] = (uint16_t)c;
	}
	return peer6_utf16_to_utf8(units, n, out, max);
}

/*
 * Any of the five string types as UTF-8 with a NUL. One U+0000 at the end is
 * tolerated, as the sources call the strings null-terminated.
 */
static bool text_get(const ASN1_STRING *s, char *out, size_t size)
{
	const uint8_t *p = ASN1_STRING_get0_data(s);
	size_t i, len = (size_t)ASN1_STRING_length(s);
	ptrdiff_t n = -1;

	switch (ASN1_STRING_type(s)) {
	case V_ASN1_UTF8STRING:
		if (peer6_utf8_to_utf16((const char *)p, len, NULL, 0) < 0)
			return false;
		break;
	case V_ASN1_PRINTABLESTRING:
	case V_ASN1_IA5STRING:
		for (i = 0; i < len; i++)
			if (p[i] > 0x7f)
				return false;
		break;
	case V_ASN1_BMPSTRING:
		n = text_bmp(p, len, out, size - 1);
		break;
	case V_ASN1_UNIVERSALSTRING:
		n = text_universal(p, len, out, size - 1);
		break;
	default:
		return false;
	}
	switch (ASN1_STRING_type(s)) {
	case V_ASN1_BMPSTRING:
	case V_ASN1_UNIVERSALSTRING:
		break;
	default:
		if (len < size) {
			memcpy(out, p, len);
			n = (ptrdiff_t)len;
		}
	}
	if (n < 0)
		return false;
	if (n && !out[n - 1])
		n--;
	out[n] = '\0';
	return strlen(out) == (size_t)n;
}

static bool oid_is(const ASN1_OBJECT *o, const char *oid, size_t len)
{
	return OBJ_length(o) == len && !memcmp(OBJ_get0_data(o), oid, len);
}

#define oid_is_lit(o, lit)	oid_is(o, lit, sizeof(lit) - 1)

/* A peer name in an otherName; false: one of another kind, or a bad name. */
static bool other_name(const GENERAL_NAME *gen, const char *oid,
		       char *out, size_t size)
{
	const OTHERNAME *other;

	if (gen->type != GEN_OTHERNAME)
		return false;
	other = gen->d.otherName;
	if (!oid_is(other->type_id, oid, sizeof(OID_PEER_NAME) - 1))
		return false;
	switch (other->value->type) {
	case V_ASN1_UTF8STRING:
	case V_ASN1_PRINTABLESTRING:
	case V_ASN1_IA5STRING:
	case V_ASN1_BMPSTRING:
	case V_ASN1_UNIVERSALSTRING:
		return text_get(other->value->value.asn1_string, out, size);
	}
	return false;
}

static bool host_name(const GENERAL_NAME *gen, struct peer6_cert *cert)
{
	const ASN1_IA5STRING *s = gen->d.dNSName;

	/* One that is too long is none of a peer name. */
	cert->has_host = true;
	if (!text_get(s, cert->host, sizeof(cert->host)))
		cert->host[0] = '\0';
	return true;
}

/*
 * GeneralNames that hold a peer name, among others in the case of the standard
 * number. Two peer names are ambiguous: false.
 */
static bool names_get(struct peer6_cert *cert, const ASN1_OCTET_STRING *value,
		      bool *has, struct peer6_name *name, bool alone)
{
	const unsigned char *p = ASN1_STRING_get0_data(value);
	const unsigned char *end = p + ASN1_STRING_length(value);
	GENERAL_NAMES *gens = d2i_GENERAL_NAMES(NULL, &p, end - p);
	char text[PEER6_NAME_SIZE];
	bool good = gens && p == end, found = false;
	int i;

	for (i = 0; good && i < sk_GENERAL_NAME_num(gens); i++) {
		const GENERAL_NAME *gen = sk_GENERAL_NAME_value(gens, i);

		if (gen->type == GEN_DNS && !alone) {
			good = host_name(gen, cert);
		} else if (other_name(gen, OID_PEER_NAME, text,
				      sizeof(text))) {
			good = !*has && !peer6_name_parse(name, text);
			*has = found = true;
		} else {
			good = !alone;
		}
	}
	sk_GENERAL_NAME_pop_free(gens, GENERAL_NAME_free);
	return good && (found || !alone);
}

static bool classifiers_get(struct peer6_cert *cert,
			    const ASN1_OCTET_STRING *value)
{
	const unsigned char *p = ASN1_STRING_get0_data(value);
	const unsigned char *end = p + ASN1_STRING_length(value);
	GENERAL_NAMES *gens = d2i_GENERAL_NAMES(NULL, &p, end - p);
	char text[PEER6_CLASSIFIER_SIZE];
	int i, n = gens ? sk_GENERAL_NAME_num(gens) : 0;
	bool good = gens && p == end && !cert->has_classifiers &&
		    n <= CERT_CLASSIFIERS_MAX;

	if (good && n) {
		cert->classifiers = calloc((size_t)n,
					   sizeof(*cert->classifiers));
		good = cert->classifiers;
	}
	for (i = 0; good && i < n; i++)
		good = other_name(sk_GENERAL_NAME_value(gens, i),
				  OID_CLASSIFIER, text, sizeof(text)) &&
		       !peer6_name_make(&cert->classifiers[i], NULL, text);
	cert->has_classifiers = true;
	cert->n_classifiers = good ? (unsigned int)n : 0;
	sk_GENERAL_NAME_pop_free(gens, GENERAL_NAME_free);
	return good;
}

/*
 * GUIDs, as memory has them or as text prints them: the sources leave it open.
 * The fourth is what [MS-PNRP] prints for the third by mistake.
 */
static const struct {
	uint8_t guid[2][16];
	unsigned int role;
} roles[] = {
	{ { { 0x27, 0x71, 0x38, 0x04, 0x56, 0xaa, 0x0a, 0x45,
	      0x8c, 0xe5, 0x4f, 0x56, 0x5c, 0x67, 0x90, 0xf4 },
	    { 0x04, 0x38, 0x71, 0x27, 0xaa, 0x56, 0x45, 0x0a,
	      0x8c, 0xe5, 0x4f, 0x56, 0x5c, 0x67, 0x90, 0xf4 } }, CERT_ADMIN },
	{ { { 0xc7, 0xc4, 0x2d, 0xf1, 0x57, 0x08, 0xa0, 0x4c,
	      0x93, 0xfc, 0xb1, 0xbb, 0x19, 0xa3, 0xd8, 0xc2 },
	    { 0xf1, 0x2d, 0xc4, 0xc7, 0x08, 0x57, 0x4c, 0xa0,
	      0x93, 0xfc, 0xb1, 0xbb, 0x19, 0xa3, 0xd8, 0xc2 } },
	  CERT_MEMBER_ROLE },
	{ { { 0x89, 0xfd, 0x70, 0x43, 0x18, 0xdc, 0xfb, 0x4c,
	      0x8d, 0xbf, 0x98, 0x53, 0xa8, 0xa9, 0xf9, 0x05 },
	    { 0x43, 0x70, 0xfd, 0x89, 0xdc, 0x18, 0x4c, 0xfb,
	      0x8d, 0xbf, 0x98, 0x53, 0xa8, 0xa9, 0xf9, 0x05 } },
	  CERT_INVITING },
	{ { { 0x1f, 0xf4, 0x15, 0xdd, 0x4e, 0xfc, 0x22, 0x49,
	      0xb0, 0x35, 0x4c, 0x06, 0xa7, 0x54, 0xd0, 0x1d },
	    { 0xdd, 0x15, 0xf4, 0x1f, 0xfc, 0x4e, 0x49, 0x22,
	      0xb0, 0x35, 0x4c, 0x06, 0xa7, 0x54, 0xd0, 0x1d } },
	  CERT_INVITING },
};

static bool roles_get(struct peer6_cert *cert, const ASN1_OCTET_STRING *value)
{
	struct peer6_span all = { ASN1_STRING_get0_data(value),
				  (size_t)ASN1_STRING_length(value) };
	struct peer6_span list, guid;
	size_t i, k;

	if (cert->has_roles || !take_universal(&all, V_ASN1_SEQUENCE, &list) ||
	    all.len)
		return false;
	cert->has_roles = true;
	while (list.len) {
		unsigned int role = 0;

		if (!take_universal(&list, V_ASN1_OCTET_STRING, &guid) ||
		    guid.len != 16)
			return false;
		for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
			for (k = 0; k < 2; k++)
				if (!memcmp(guid.p, roles[i].guid[k], 16))
					role = roles[i].role;
		if (!role)
			return false;
		cert->roles |= role;
	}
	return cert->roles;
}

static bool usages_get(struct peer6_cert *cert, const ASN1_OCTET_STRING *value)
{
	struct peer6_span all = { ASN1_STRING_get0_data(value),
				  (size_t)ASN1_STRING_length(value) };
	struct peer6_span list, oid;

	if (!take_universal(&all, V_ASN1_SEQUENCE, &list) || all.len)
		return false;
	while (list.len) {
		if (!take_universal(&list, V_ASN1_OBJECT, &oid))
			return false;
		cert->server_auth |= span_is_lit(oid, OID_SERVER_AUTH);
		cert->peer_auth |= span_is_lit(oid, OID_PEER_AUTH);
	}
	return true;
}

/* The 32-bit number, little-endian, in an OCTET STRING. */
static bool number_get(const ASN1_OCTET_STRING *value, uint32_t *number)
{
	const uint8_t *p = ASN1_STRING_get0_data(value);

	if (ASN1_STRING_length(value) != 6 || p[0] != DER_OCTETS || p[1] != 4)
		return false;
	*number = (uint32_t)p[2] | (uint32_t)p[3] << 8 | (uint32_t)p[4] << 16 |
		  (uint32_t)p[5] << 24;
	return true;
}

static bool extension_get(struct peer6_cert *cert, X509_EXTENSION *ext)
{
	const ASN1_OBJECT *o = X509_EXTENSION_get_object(ext);
	const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(ext);
	uint32_t number;

	if (oid_is_lit(o, OID_CERT_TYPE)) {
		if (cert->type || !number_get(value, &number) || !number)
			return false;
		cert->type = number;
		return true;
	}
	/* Version 1.2. Its absence is tolerated, another version is not. */
	if (oid_is_lit(o, OID_CERT_VERSION))
		return number_get(value, &number) && number == 0x20001;
	if (oid_is_lit(o, OID_SUBJECT_ALT))
		return names_get(cert, value, &cert->has_name, &cert->name,
				 true);
	if (oid_is_lit(o, OID_SUBJECT_ALT2))
		return names_get(cert, value, &cert->has_name, &cert->name,
				 false);
	if (oid_is_lit(o, OID_ISSUER_ALT))
		return names_get(cert, value, &cert->has_issuer, &cert->issuer,
				 true);
	if (oid_is_lit(o, OID_GROUP_NAME))
		return names_get(cert, value, &cert->has_group, &cert->group,
				 true);
	if (oid_is_lit(o, OID_ROLES))
		return roles_get(cert, value);
	if (oid_is_lit(o, OID_CLASSIFIERS))
		return classifiers_get(cert, value);
	if (oid_is_lit(o, OID_EXT_KEY_USAGE))
		return usages_get(cert, value);
	/* Flags have to be 0, but nobody says of which type. */
	if (!oid_is_lit(o, OID_GROUP_FLAGS))
		cert->unknown_critical |= X509_EXTENSION_get_critical(ext) > 0;
	return true;
}

static bool key_get(struct peer6_cert *cert, struct peer6_openssl *ossl)
{
	const ASN1_BIT_STRING *bits = X509_get0_pubkey_bitstr(cert->x509);
	ASN1_OBJECT *o;

	if (!bits || !X509_PUBKEY_get0_param(&o, NULL, NULL, NULL,
					     X509_get_X509_PUBKEY(cert->x509)))
		return false;
	if (!oid_is_lit(o, OID_RSA))
		return false;
	cert->key.p = ASN1_STRING_get0_data(bits);
	cert->key.len = (size_t)ASN1_STRING_length(bits);
	cert->profile = peer6_public_profile(ossl, cert->key.p, cert->key.len,
					     &cert->bits, NULL);
	return cert->profile;
}

/* The algorithm is the profile's, and the same in both places. */
static bool signature_get(struct peer6_cert *cert)
{
	const X509_ALGOR *alg;
	const ASN1_BIT_STRING *bits;
	const ASN1_OBJECT *o;

	X509_get0_signature(&bits, &alg, cert->x509);
	if (X509_ALGOR_cmp(alg, X509_get0_tbs_sigalg(cert->x509)))
		return false;
	X509_ALGOR_get0(&o, NULL, NULL, alg);
	if (cert->profile == PEER6_PROFILE_STRONG ?
	    !oid_is_lit(o, OID_SHA256_RSA) : !oid_is_lit(o, OID_SHA1_RSA))
		return false;
	cert->signature.p = ASN1_STRING_get0_data(bits);
	cert->signature.len = (size_t)ASN1_STRING_length(bits);
	return true;
}

static bool time_get(const ASN1_TIME *time, int64_t *seconds)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days, rest;
	bool good = epoch && ASN1_TIME_diff(&days, &rest, epoch, time);

	if (good)
		*seconds = (int64_t)days * 86400 + rest;
	ASN1_TIME_free(epoch);
	return good;
}

/* commonName, or whatever stands there alone. */
static bool subject_get(struct peer6_cert *cert)
{
	const X509_NAME *name = X509_get_subject_name(cert->x509);
	int i = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	const X509_NAME_ENTRY *entry;
	ptrdiff_t units;

	if (i < 0 && X509_NAME_entry_count(name) == 1)
		i = 0;
	entry = i < 0 ? NULL : X509_NAME_get_entry(name, i);
	if (!entry || !text_get(X509_NAME_ENTRY_get_data(entry), cert->subject,
				sizeof(cert->subject)))
		return false;
	units = peer6_utf8_to_utf16(cert->subject, strlen(cert->subject), NULL,
				    0);
	return units >= 0 && units <= PEER6_FRIENDLY_MAX;
}

int peer6_cert_read(struct peer6_cert *cert, struct peer6_openssl *ossl,
		    struct peer6_span der)
{
	struct peer6_span all = der, outer, body;
	const ASN1_BIT_STRING *issuer_id, *subject_id;
	const unsigned char *p = der.p;
	unsigned char *serial = NULL;
	int i, len, error = PEER6_E_CORRUPT;

	memset(cert, 0, sizeof(*cert));
	if (der.len > PEER6_CERT_MAX)
		return PEER6_E_CORRUPT;
	cert->x509 = X509_new_ex(ossl->lib, NULL);
	if (!cert->x509)
		return PEER6_E_NOMEM;
	if (!d2i_X509(&cert->x509, &p, (long)der.len) || p != der.p + der.len ||
	    !take_universal(&all, V_ASN1_SEQUENCE, &outer))
		goto out;
	cert->tbs.p = outer.p;
	if (!take_universal(&outer, V_ASN1_SEQUENCE, &body))
		goto out;
	cert->tbs.len = (size_t)(outer.p - cert->tbs.p);
	error = PEER6_E_CERTIFICATE;
	if (X509_get_version(cert->x509) != X509_VERSION_3 ||
	    !key_get(cert, ossl) || !signature_get(cert) ||
	    !subject_get(cert) ||
	    !time_get(X509_get0_notBefore(cert->x509), &cert->not_before) ||
	    !time_get(X509_get0_notAfter(cert->x509), &cert->not_after))
		goto out;
	X509_get0_uids(cert->x509, &issuer_id, &subject_id);
	cert->unique_ids = issuer_id || subject_id;
	/*
	 * Content octets, not a number: Windows' random serials may be negative
	 * as DER has it.
	 */
	len = i2d_ASN1_INTEGER(X509_get_serialNumber(cert->x509), &serial);
	cert->serial_len = len > 2 ? (size_t)len - 2 : 0;
	OPENSSL_free(serial);
	for (i = 0; i < X509_get_ext_count(cert->x509); i++)
		if (!extension_get(cert, X509_get_ext(cert->x509, i)))
			goto out;
	error = 0;
out:
	ERR_clear_error();
	return error;
}

void peer6_cert_clear(struct peer6_cert *cert)
{
	X509_free(cert->x509);
	free(cert->classifiers);
	memset(cert, 0, sizeof(*cert));
}
