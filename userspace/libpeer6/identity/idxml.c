// SPDX-License-Identifier: LGPL-2.1-or-later
/* The two XML documents ([MS-PPSEC] section 2.2.6.2, and the export's). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pfx.h"
#include "xml.h"

int peer6_idxml_write(const void *idc, size_t len, char **xml)
{
	uint8_t *wrapped;
	size_t n;
	char *text = NULL;
	int error = peer6_idc_wrap(idc, len, &wrapped, &n);

	*xml = NULL;
	if (error)
		return error;
	text = peer6_base64_write(wrapped, n, 0, "", false);
	free(wrapped);
	if (!text || asprintf(xml, "<PEERIDENTITYINFO VERSION=\"1.0\"><IDC"
			      PEER6_XML_BASE64 "%s</IDC></PEERIDENTITYINFO>",
			      text) < 0) {
		*xml = NULL;
		error = PEER6_E_NOMEM;
	}
	free(text);
	return error;
}

int peer6_idxml_read(const void *xml, size_t len, uint8_t **der,
		     size_t *der_len)
{
	xmlNodePtr root, idc;
	xmlDocPtr doc;
	int error;

	*der = NULL;
	*der_len = 0;
	error = peer6_xml_read(xml, len, "PEERIDENTITYINFO", &doc);
	if (error)
		return error;
	root = xmlDocGetRootElement(doc);
	idc = peer6_xml_next(root, NULL, &error);
	if (!idc || !peer6_xml_is(idc, "IDC") ||
	    peer6_xml_next(root, idc, &error))
		error = PEER6_E_CORRUPT;
	if (!error)
		error = peer6_xml_bytes(idc, der, der_len);
	xmlFreeDoc(doc);
	return error;
}

static int password_check(const char *password)
{
	if (!password || !*password ||
	    peer6_utf8_to_utf16(password, strlen(password), NULL, 0) < 0)
		return PEER6_E_PASSWORD;
	return 0;
}

/* XML 1.0 has no way to write most control characters. */
static bool fits_xml(const struct peer6_name *name)
{
	size_t i;

	for (i = 0; i < name->n_classifier; i++) {
		uint16_t c = name->classifier[i];

		if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
		    c > 0xfffd)
			return false;
	}
	return true;
}

/*
 * DATA is encoded twice: base64 in lines of 64 is text, that as UTF-16LE is
 * bytes, and those are base64 in lines of 72.
 */
static char *data_encode(const uint8_t *pfx, size_t len)
{
	char *inner = peer6_base64_write(pfx, len, 64, "\r\n", true), *outer;
	size_t i, n = inner ? strlen(inner) : 0;
	uint8_t *wide = inner ? calloc(n, 2) : NULL;

	if (!wide) {
		free(inner);
		return NULL;
	}
	for (i = 0; i < n; i++)
		wide[2 * i] = (uint8_t)inner[i];
	outer = peer6_base64_write(wide, 2 * n, 72, "\n", false);
	free(inner);
	free(wide);
	return outer;
}

/* Takes *data, in place of which the PKCS#12 comes. */
static int data_decode(uint8_t **data, size_t *len)
{
	const uint8_t *p = *data;
	size_t i, n = *len;
	uint8_t *pfx = NULL;
	char *text;
	int error;

	if (n && p[0] == 0x30)
		return 0;		/* other writers leave out the middle */
	if (n < 4 || n % 2)
		return PEER6_E_CORRUPT;
	if (p[0] == 0xff && p[1] == 0xfe) {
		p += 2;
		n -= 2;
	}
	text = malloc(n / 2 + 1);
	if (!text)
		return PEER6_E_NOMEM;
	for (i = 0; i < n / 2; i++)
		text[i] = p[2 * i + 1] ? '?' : (char)p[2 * i];
	n /= 2;
	while (n && !text[n - 1])
		n--;
	error = peer6_base64_read(text, n, &pfx, &n);
	free(text);
	if (error)
		return error;
	free(*data);
	*data = pfx;
	*len = n;
	return 0;
}

int peer6_export_write(struct peer6_openssl *ossl, const struct peer6_key *key,
		       const void *idc, size_t len, const char *password,
		       bool strong, char **xml)
{
	char name[PEER6_NAME_SIZE], *data = NULL;
	xmlChar *escaped = NULL;
	struct peer6_idc info;
	uint8_t *pfx = NULL;
	size_t pfx_len = 0;
	int error = password_check(password);

	*xml = NULL;
	if (!error)
		error = peer6_idc_read(ossl, idc, len, 0, &info);
	if (!error && !fits_xml(&info.name))
		error = PEER6_E_CLASSIFIER;
	if (error)
		return error;
	error = peer6_pfx_write(ossl, key, info.der, info.der_len, password,
				strong || key->profile == PEER6_PROFILE_STRONG,
				&pfx, &pfx_len);
	if (error)
		return error;
	peer6_name_format(&info.name, name, sizeof(name));
	escaped = xmlEncodeSpecialChars(NULL, (const xmlChar *)name);
	data = data_encode(pfx, pfx_len);
	free(pfx);
	if (!escaped || !data ||
	    asprintf(xml, "<PEERIDENTITYEXPORT VERSION=\"1.0\">"
		     "<PEERNAME>%s</PEERNAME><DATA" PEER6_XML_BASE64
		     "%s</DATA></PEERIDENTITYEXPORT>",
		     (const char *)escaped, data) < 0) {
		*xml = NULL;
		error = PEER6_E_NOMEM;
	}
	xmlFree(escaped);
	free(data);
	return error;
}

/* What was seen in reality, or what the SDK's import page has. */
static int export_parts(xmlNodePtr root, xmlChar **name, uint8_t **data,
			size_t *len)
{
	xmlNodePtr a, b;
	int error = 0;

	a = peer6_xml_next(root, NULL, &error);
	b = a ? peer6_xml_next(root, a, &error) : NULL;
	if (!b || peer6_xml_next(root, b, &error) || error)
		return PEER6_E_CORRUPT;
	if (!(peer6_xml_is(a, "PEERNAME") && peer6_xml_is(b, "DATA")) &&
	    !(peer6_xml_is(a, "IDENTITY") && peer6_xml_is(b, "IDENTITYDATA")))
		return PEER6_E_CORRUPT;
	error = peer6_xml_text(a, name);
	return error ? error : peer6_xml_bytes(b, data, len);
}

int peer6_export_read(struct peer6_openssl *ossl, const void *xml, size_t len,
		      const char *password, struct peer6_key **key,
		      uint8_t **idc, size_t *idc_len)
{
	char text[PEER6_NAME_SIZE];
	struct peer6_idc info;
	xmlChar *name = NULL;
	uint8_t *data = NULL;
	size_t data_len = 0;
	xmlDocPtr doc;
	int error;

	*key = NULL;
	*idc = NULL;
	*idc_len = 0;
	error = peer6_xml_read(xml, len, "PEERIDENTITYEXPORT", &doc);
	if (error)
		return error;
	error = export_parts(xmlDocGetRootElement(doc), &name, &data,
			     &data_len);
	xmlFreeDoc(doc);
	if (!error)
		error = data_decode(&data, &data_len);
	if (!error)
		error = password_check(password);
	if (!error)
		error = peer6_pfx_read(ossl, data, data_len, password, key,
				       idc, idc_len);
	free(data);
	if (!error)
		error = peer6_idc_read(ossl, *idc, *idc_len, 0, &info);
	/* Its own check of the pair is what peer6_pfx_read() relies on. */
	if (!error && ((*key)->public_len != info.key_len ||
		       memcmp((*key)->public, info.key, info.key_len)))
		error = PEER6_E_KEY;
	if (!error) {
		peer6_name_format(&info.name, text, sizeof(text));
		if (strcmp(text, (const char *)name))
			error = PEER6_E_NAME;
	}
	xmlFree(name);
	if (error) {
		peer6_key_free(*key);
		free(*idc);
		*key = NULL;
		*idc = NULL;
		*idc_len = 0;
	}
	return error;
}
