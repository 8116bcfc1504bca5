// SPDX-License-Identifier: LGPL-2.1-or-later
/* Identity certificates ([MS-PPSEC] section 2.2.5). */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cert.h"
#include "der.h"

/* PrintableString (X.680 section 41.4) */
static bool printable(const char *s)
{
	for (; *s; s++)
		if (!(*s >= 'a' && *s <= 'z') && !(*s >= 'A' && *s <= 'Z') &&
		    !(*s >= '0' && *s <= '9') && !strchr(" '()+,-./:=?", *s))
			return false;
	return true;
}

/*
 * RDNSequence of one commonName, the string type chosen as Windows does. But
 * Windows puts surrogates into a BMPString, which OpenSSL refuses to read, so
 * that what is beyond the BMP goes as UTF-8.
 */
static void put_subject(struct der *der, const char *text)
{
	size_t seq = peer6_der_begin(der, DER_SEQUENCE);
	size_t set = peer6_der_begin(der, DER_SET);
	size_t pair = peer6_der_begin(der, DER_SEQUENCE);
	uint16_t units[PEER6_FRIENDLY_MAX];
	size_t i, n, at;

	peer6_der_lit(der, DER_OID, OID_COMMON_NAME);
	/* Its length was checked. */
	n = (size_t)peer6_utf8_to_utf16(text, strlen(text), units,
					PEER6_FRIENDLY_MAX);
	for (i = 0; i < n && (units[i] & 0xf800) != 0xd800; i++)
		;
	if (printable(text)) {
		peer6_der_put(der, DER_PRINTABLE, text, strlen(text));
	} else if (i < n) {
		peer6_der_put(der, DER_UTF8, text, strlen(text));
	} else {
		at = peer6_der_begin(der, DER_BMP);
		for (i = 0; i < n; i++) {
			uint8_t b[2] = { (uint8_t)(units[i] >> 8),
					 (uint8_t)units[i] };

			peer6_der_raw(der, b, 2);
		}
		peer6_der_end(der, at);
	}
	peer6_der_end(der, pair);
	peer6_der_end(der, set);
	peer6_der_end(der, seq);
}

static bool put_time(struct der *der, int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;
	char text[32];
	size_t len;
	bool utc;

	if (t != seconds || !gmtime_r(&t, &tm) || tm.tm_year < 50 ||
	    tm.tm_year > 9999 - 1900)
		return false;
	/* RFC 5280 section 4.1.2.5 */
	utc = tm.tm_year < 150;
	len = strftime(text, sizeof(text),
		       utc ? "%y%m%d%H%M%SZ" : "%Y%m%d%H%M%SZ", &tm);
	peer6_der_put(der, utc ? DER_UTC_TIME : DER_TIME, text, len);
	return true;
}

static void put_algorithm(struct der *der, const char *oid, size_t len)
{
	size_t at = peer6_der_begin(der, DER_SEQUENCE);

	peer6_der_put(der, DER_OID, oid, len);
	peer6_der_raw(der, "\x05\x00", 2);
	peer6_der_end(der, at);
}

static void put_signature_algorithm(struct der *der,
				    const struct peer6_key *key)
{
	/* Both identifiers have the length of the first. */
	put_algorithm(der, key->profile == PEER6_PROFILE_STRONG ?
		      OID_SHA256_RSA : OID_SHA1_RSA, sizeof(OID_SHA1_RSA) - 1);
}

static void put_bits(struct der *der, const void *p, size_t len)
{
	size_t at = peer6_der_begin(der, DER_BITS);

	peer6_der_raw(der, "", 1);
	peer6_der_raw(der, p, len);
	peer6_der_end(der, at);
}

/* What stands before the value; returns two marks for extension_end(). */
static void extension_begin(struct der *der, const char *oid, size_t oid_len,
			    bool critical, size_t marks[2])
{
	marks[0] = peer6_der_begin(der, DER_SEQUENCE);
	peer6_der_put(der, DER_OID, oid, oid_len);
	if (critical)
		peer6_der_raw(der, "\x01\x01\xff", 3);
	marks[1] = peer6_der_begin(der, DER_OCTETS);
}

static void extension_end(struct der *der, const size_t marks[2])
{
	peer6_der_end(der, marks[1]);
	peer6_der_end(der, marks[0]);
}

#define extension_begin_lit(der, oid, critical, marks) \
	extension_begin(der, oid, sizeof(oid) - 1, critical, marks)

static void put_extensions(struct der *der, const char *name, const char *host)
{
	size_t outer = peer6_der_begin(der, DER_CONTEXT_3);
	size_t list = peer6_der_begin(der, DER_SEQUENCE);
	size_t m[2], names, other, value;

	extension_begin_lit(der, OID_CERT_TYPE, true, m);
	peer6_der_put(der, DER_OCTETS, "\x03\x00\x00\x00", 4);
	extension_end(der, m);

	extension_begin_lit(der, OID_CERT_VERSION, true, m);
	peer6_der_put(der, DER_OCTETS, "\x01\x00\x02\x00", 4);
	extension_end(der, m);

	extension_begin_lit(der, OID_SUBJECT_ALT, true, m);
	names = peer6_der_begin(der, DER_SEQUENCE);
	other = peer6_der_begin(der, DER_CONTEXT_0);
	peer6_der_lit(der, DER_OID, OID_PEER_NAME);
	value = peer6_der_begin(der, DER_CONTEXT_0);
	peer6_der_put(der, DER_UTF8, name, strlen(name));
	peer6_der_end(der, value);
	peer6_der_end(der, other);
	peer6_der_end(der, names);
	extension_end(der, m);

	extension_begin_lit(der, OID_EXT_KEY_USAGE, true, m);
	names = peer6_der_begin(der, DER_SEQUENCE);
	peer6_der_lit(der, DER_OID, OID_SERVER_AUTH);
	peer6_der_lit(der, DER_OID, OID_PEER_AUTH);
	peer6_der_end(der, names);
	extension_end(der, m);

	/* A name that no host name stands for goes without. */
	if (host) {
		extension_begin_lit(der, OID_SUBJECT_ALT2, false, m);
		names = peer6_der_begin(der, DER_SEQUENCE);
		peer6_der_put(der, DER_DNS_NAME, host, strlen(host));
		peer6_der_end(der, names);
		extension_end(der, m);
	}
	peer6_der_end(der, list);
	peer6_der_end(der, outer);
}

static int put_tbs(struct der *der, const struct peer6_key *key,
		   const struct peer6_name *name, const char *friendly_name,
		   const uint8_t serial[PEER6_SERIAL_LEN],
		   int64_t not_before, int64_t not_after)
{
	char text[PEER6_NAME_SIZE], host[PEER6_HOST_NAME_SIZE];
	bool has_host = peer6_name_to_host(name, host, sizeof(host)) >= 0;
	size_t tbs, part;
	ptrdiff_t n = peer6_name_format(name, text, sizeof(text));

	if (n < 0)
		return (int)n;
	if (!friendly_name || !*friendly_name)
		friendly_name = text;
	n = peer6_utf8_to_utf16(friendly_name, strlen(friendly_name), NULL, 0);
	if (n < 0 || n > PEER6_FRIENDLY_MAX)
		return PEER6_E_FRIENDLY_NAME;
	tbs = peer6_der_begin(der, DER_SEQUENCE);
	peer6_der_raw(der, "\xa0\x03\x02\x01\x02", 5);	/* version 3 */
	peer6_der_put(der, DER_INTEGER, serial, PEER6_SERIAL_LEN);
	put_signature_algorithm(der, key);
	put_subject(der, friendly_name);
	part = peer6_der_begin(der, DER_SEQUENCE);
	if (!put_time(der, not_before) || !put_time(der, not_after))
		return PEER6_E_INVAL;
	peer6_der_end(der, part);
	put_subject(der, friendly_name);
	part = peer6_der_begin(der, DER_SEQUENCE);
	put_algorithm(der, OID_RSA, sizeof(OID_RSA) - 1);
	put_bits(der, key->public, key->public_len);
	peer6_der_end(der, part);
	put_extensions(der, text, has_host ? host : NULL);
	peer6_der_end(der, tbs);
	return der->failed ? PEER6_E_NOMEM : 0;
}

int peer6_idc_build(const struct peer6_key *key, const struct peer6_name *name,
		    const char *friendly_name,
		    const uint8_t serial[PEER6_SERIAL_LEN],
		    int64_t not_before, int64_t not_after,
		    uint8_t **out, size_t *len)
{
	uint8_t authority[PEER6_AUTHORITY_LEN], sig[PEER6_SIG_MAX];
	size_t at, sig_len = sizeof(sig);
	struct der tbs = { 0 }, der = { 0 };
	int error;

	*out = NULL;
	*len = 0;
	if (!serial[0] || serial[0] > 0x7f || not_after < not_before)
		return PEER6_E_INVAL;
	error = peer6_name_authority(&key->ossl->crypto, key->public,
				     key->public_len, authority);
	if (error)
		return error;
	if (!name->secure ||
	    memcmp(authority, name->authority, sizeof(authority)))
		return PEER6_E_KEY;
	error = put_tbs(&tbs, key, name, friendly_name, serial, not_before,
			not_after);
	if (!error)
		error = peer6_key_sign(key, tbs.p, tbs.len, sig, &sig_len);
	if (!error) {
		at = peer6_der_begin(&der, DER_SEQUENCE);
		peer6_der_raw(&der, tbs.p, tbs.len);
		put_signature_algorithm(&der, key);
		put_bits(&der, sig, sig_len);
		peer6_der_end(&der, at);
		error = der.failed ? PEER6_E_NOMEM : 0;
	}
	peer6_der_free(&tbs);
	if (error) {
		peer6_der_free(&der);
		return error;
	}
	*out = der.p;
	*len = der.len;
	return 0;
}

int peer6_idc_wrap(const void *cert, size_t len, uint8_t **out, size_t *out_len)
{
	struct der der = { 0 };
	size_t info = peer6_der_begin(&der, DER_SEQUENCE), content, sd, part;

	peer6_der_lit(&der, DER_OID, OID_PKCS7_SIGNED);
	content = peer6_der_begin(&der, DER_CONTEXT_0);
	sd = peer6_der_begin(&der, DER_SEQUENCE);
	peer6_der_raw(&der, "\x02\x01\x01", 3);		/* version 1 */
	peer6_der_raw(&der, "\x31\x00", 2);		/* digestAlgorithms */
	part = peer6_der_begin(&der, DER_SEQUENCE);
	peer6_der_lit(&der, DER_OID, OID_PKCS7_DATA);
	peer6_der_end(&der, part);
	peer6_der_put(&der, DER_CONTEXT_0, cert, len);
	peer6_der_raw(&der, "\x31\x00", 2);		/* signerInfos */
	peer6_der_end(&der, sd);
	peer6_der_end(&der, content);
	peer6_der_end(&der, info);
	*out = der.p;
	*out_len = der.len;
	if (!der.failed)
		return 0;
	peer6_der_free(&der);
	*out = NULL;
	*out_len = 0;
	return PEER6_E_NOMEM;
}

static int idc_judge(struct peer6_openssl *ossl, const struct peer6_cert *cert,
		     unsigned int profiles)
{
	uint8_t authority[PEER6_AUTHORITY_LEN];
	int error;

	if (cert->type != CERT_IDENTITY || !cert->server_auth ||
	    !cert->peer_auth || !cert->has_name || !cert->name.secure)
		return PEER6_E_CERTIFICATE;
	if (profiles && !(profiles & 1U << cert->profile))
		return PEER6_E_PROFILE;
	/* Otherwise a name could be borrowed with any key. */
	error = peer6_name_authority(&ossl->crypto, cert->key.p, cert->key.len,
				     authority);
	if (error)
		return error;
	if (memcmp(authority, cert->name.authority, sizeof(authority)))
		return PEER6_E_CERTIFICATE;
	return peer6_verify(ossl, cert->key.p, cert->key.len, cert->tbs.p,
			    cert->tbs.len, cert->signature.p,
			    cert->signature.len);
}

int peer6_idc_read(struct peer6_openssl *ossl, const void *in, size_t len,
		   unsigned int profiles, struct peer6_idc *idc)
{
	char host[PEER6_HOST_NAME_SIZE];
	struct peer6_cert cert;
	struct peer6_span der;
	int error = peer6_cert_spans(in, len, &der, 1);

	memset(idc, 0, sizeof(*idc));
	if (error < 0)
		return error == PEER6_E_LIMIT ? PEER6_E_CERTIFICATE : error;
	error = peer6_cert_read(&cert, ossl, der);
	if (!error)
		error = idc_judge(ossl, &cert, profiles);
	if (!error) {
		idc->name = cert.name;
		memcpy(idc->friendly_name, cert.subject, sizeof(cert.subject));
		idc->profile = cert.profile;
		idc->bits = cert.bits;
		idc->not_before = cert.not_before;
		idc->not_after = cert.not_after;
		idc->host_matches = !cert.has_host ||
			(peer6_name_to_host(&cert.name, host,
					    sizeof(host)) >= 0 &&
			 !strcmp(host, cert.host));
		memcpy(idc->key, cert.key.p, cert.key.len);
		idc->key_len = cert.key.len;
		idc->der = der.p;
		idc->der_len = der.len;
	}
	peer6_cert_clear(&cert);
	return error;
}
