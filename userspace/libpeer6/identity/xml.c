// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <peer6/identity.h>

#include "xml.h"

#define DATATYPES	"urn:schemas-microsoft-com:datatypes"

/* A DTD is where entities are made: none of the formats has one. */
static void refuse_dtd(void *ctx, const xmlChar *name, const xmlChar *public,
		       const xmlChar *system)
{
	xmlParserCtxtPtr parser = ctx;

	(void)name;
	(void)public;
	(void)system;
	parser->wellFormed = 0;
	xmlStopParser(parser);
}

/* Without this some of libxml2's errors go to stderr, which is not ours. */
static void say_nothing(void *ctx, xmlErrorPtr error)
{
	(void)ctx;
	(void)error;
}

int peer6_xml_read(const void *xml, size_t len, const char *root,
		   xmlDocPtr *out)
{
	xmlParserCtxtPtr parser;
	xmlNodePtr node;
	xmlAttrPtr attr;
	xmlDocPtr doc;
	xmlChar *version;
	bool good = false;

	*out = NULL;
	if (!len || len > PEER6_XML_MAX)
		return PEER6_E_CORRUPT;
	parser = xmlNewParserCtxt();
	if (!parser)
		return PEER6_E_NOMEM;
	parser->sax->internalSubset = refuse_dtd;
	parser->sax->serror = say_nothing;
	doc = xmlCtxtReadMemory(parser, xml, (int)len, NULL, NULL,
				XML_PARSE_NONET | XML_PARSE_NOERROR |
				XML_PARSE_NOWARNING);
	xmlFreeParserCtxt(parser);
	node = doc ? xmlDocGetRootElement(doc) : NULL;
	if (node && !node->prev && !node->next && peer6_xml_is(node, root)) {
		attr = node->properties;
		version = xmlGetNoNsProp(node, (const xmlChar *)"VERSION");
		good = version && attr && !attr->next &&
		       !strcmp((const char *)version, "1.0");
		xmlFree(version);
	}
	if (!good) {
		xmlFreeDoc(doc);
		return PEER6_E_CORRUPT;
	}
	*out = doc;
	return 0;
}

xmlNodePtr peer6_xml_next(xmlNodePtr parent, xmlNodePtr after, int *error)
{
	xmlNodePtr node = after ? after->next : parent->children;

	for (; node; node = node->next) {
		if (node->type == XML_ELEMENT_NODE)
			return node;
		if (node->type != XML_TEXT_NODE || !xmlIsBlankNode(node)) {
			*error = PEER6_E_CORRUPT;
			return NULL;
		}
	}
	return NULL;
}

bool peer6_xml_is(xmlNodePtr node, const char *name)
{
	return !node->ns && !strcmp((const char *)node->name, name);
}

static int text_only(xmlNodePtr node, xmlChar **text)
{
	xmlNodePtr child;

	for (child = node->children; child; child = child->next)
		if (child->type != XML_TEXT_NODE)
			return PEER6_E_CORRUPT;
	*text = xmlNodeGetContent(node);
	return *text ? 0 : PEER6_E_NOMEM;
}

int peer6_xml_text(xmlNodePtr node, xmlChar **text)
{
	*text = NULL;
	if (node->properties)
		return PEER6_E_CORRUPT;
	return text_only(node, text);
}

int peer6_xml_bytes(xmlNodePtr node, uint8_t **bytes, size_t *len)
{
	const xmlAttr *attr = node->properties;
	xmlChar *text = NULL, *type;
	int error;

	*bytes = NULL;
	*len = 0;
	type = xmlGetNsProp(node, (const xmlChar *)"dt",
			    (const xmlChar *)DATATYPES);
	error = type && attr && !attr->next &&
		!strcmp((const char *)type, "bin.base64") ? 0 : PEER6_E_CORRUPT;
	xmlFree(type);
	if (!error)
		error = text_only(node, &text);
	if (!error)
		error = peer6_base64_read((const char *)text,
					  strlen((const char *)text), bytes,
					  len);
	xmlFree(text);
	return error;
}

static const char digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int peer6_base64_read(const char *text, size_t len, uint8_t **bytes,
		      size_t *n_bytes)
{
	uint8_t *out = malloc(len / 4 * 3 + 3);
	size_t i, n = 0;
	unsigned int count = 0, pad = 0;
	uint32_t group = 0;

	*bytes = NULL;
	*n_bytes = 0;
	if (!out)
		return PEER6_E_NOMEM;
	for (i = 0; i < len; i++) {
		const char *digit;

		if (text[i] && strchr(" \t\r\n", text[i]))
			continue;
		digit = text[i] ? strchr(digits, text[i]) : NULL;
		if (text[i] == '=' && count > 1)
			pad++;
		else if (!digit || pad)
			goto corrupt;
		group = group << 6 | (digit ? (uint32_t)(digit - digits) : 0);
		if (++count < 4)
			continue;
		out[n++] = (uint8_t)(group >> 16);
		out[n++] = (uint8_t)(group >> 8);
		out[n++] = (uint8_t)group;
		/* Bits that no byte takes have to be zero: one text a value. */
		while (pad) {
			if (out[--n])
				goto corrupt;
			if (!--pad)
				goto last;
		}
		count = 0;
		group = 0;
	}
	if (count)
		goto corrupt;
done:
	*bytes = out;
	*n_bytes = n;
	return 0;

last:
	for (i++; i < len; i++)
		if (!text[i] || !strchr(" \t\r\n", text[i]))
			goto corrupt;
	goto done;

corrupt:
	peer6_secret_free(out, n);
	return PEER6_E_CORRUPT;
}

char *peer6_base64_write(const void *bytes, size_t len, size_t width,
			 const char *eol, bool last)
{
	size_t n = (len + 2) / 3 * 4, i, k, line = 0;
	size_t lines = width ? (n + width - 1) / width : 1;
	char *text = malloc(n + lines * strlen(eol) + 1), *to = text;
	const uint8_t *p = bytes;

	if (!text)
		return NULL;
	for (i = 0; i < len; i += 3) {
		uint32_t group = (uint32_t)p[i] << 16;
		size_t have = len - i < 3 ? len - i : 3;

		if (have > 1)
			group |= (uint32_t)p[i + 1] << 8;
		if (have > 2)
			group |= p[i + 2];
		if (width && line == width) {
			to = stpcpy(to, eol);
			line = 0;
		}
		for (k = 0; k < 4; k++)
			*to++ = k > have ? '=' :
				digits[group >> (18 - 6 * k) & 63];
		line += 4;
	}
	*to = '\0';
	if (last && line)
		stpcpy(to, eol);
	return text;
}
