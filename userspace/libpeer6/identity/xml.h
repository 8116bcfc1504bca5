/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XML as strict as the formats are small, and base64. */
#ifndef PEER6_IDENTITY_XML_H
#define PEER6_IDENTITY_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libxml/tree.h>

/*
 * Parses UTF-8, or UTF-16 with a byte order mark, of up to PEER6_XML_MAX bytes
 * into a document whose root is @root VERSION="1.0". No DTD, no entities, no
 * network. 0, PEER6_E_CORRUPT or PEER6_E_NOMEM.
 */
int peer6_xml_read(const void *xml, size_t len, const char *root,
		   xmlDocPtr *doc);
/*
 * The next child element after @after (NULL: the first); NULL at the end or,
 * with *error set, where something else than elements and white space stands.
 */
xmlNodePtr peer6_xml_next(xmlNodePtr parent, xmlNodePtr after, int *error);
bool peer6_xml_is(xmlNodePtr node, const char *name);
/* The text of an element without attributes; the caller's to xmlFree(). */
int peer6_xml_text(xmlNodePtr node, xmlChar **text);
/* The bytes of a dt:dt="bin.base64" element; the caller's to free(). */
int peer6_xml_bytes(xmlNodePtr node, uint8_t **bytes, size_t *len);

/* White space anywhere is skipped. PEER6_E_CORRUPT or PEER6_E_NOMEM. */
int peer6_base64_read(const char *text, size_t len, uint8_t **bytes,
		      size_t *n_bytes);
/*
 * With @eol after each @width characters, and at the end if @last; 0: one line.
 * NULL: no memory. The caller's to free().
 */
char *peer6_base64_write(const void *bytes, size_t len, size_t width,
			 const char *eol, bool last);

#define PEER6_XML_BASE64 \
	" xmlns:dt=\"urn:schemas-microsoft-com:datatypes\"" \
	" dt:dt=\"bin.base64\">"

#endif
