/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing DER, byte for byte as Documentation/identity.md has it: OpenSSL has
 * no interface to give a certificate a signature that was made elsewhere.
 */
#ifndef PEER6_IDENTITY_DER_H
#define PEER6_IDENTITY_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DER_INTEGER	= 0x02,
	DER_BITS	= 0x03,
	DER_OCTETS	= 0x04,
	DER_OID		= 0x06,
	DER_UTF8	= 0x0c,
	DER_PRINTABLE	= 0x13,
	DER_UTC_TIME	= 0x17,
	DER_TIME	= 0x18,
	DER_BMP		= 0x1e,
	DER_SEQUENCE	= 0x30,
	DER_SET		= 0x31,
	DER_CONTEXT_0	= 0xa0,
	DER_CONTEXT_3	= 0xa3,
	DER_DNS_NAME	= 0x82,
};

/* Out of memory is remembered in failed; what follows does nothing. */
struct der {
	uint8_t	*p;
	size_t	len, room;
	bool	failed;
};

void peer6_der_raw(struct der *der, const void *p, size_t len);
void peer6_der_put(struct der *der, uint8_t tag, const void *p, size_t len);
/* The content is what is written between; @at: from peer6_der_begin(). */
size_t peer6_der_begin(struct der *der, uint8_t tag);
void peer6_der_end(struct der *der, size_t at);
void peer6_der_free(struct der *der);

#define peer6_der_lit(der, tag, s) \
	peer6_der_put(der, tag, s, sizeof(s) - 1)

/* Contents of OBJECT IDENTIFIERs */
#define OID_P2P			"\x2b\x06\x01\x04\x01\x82\x37\x2c"
#define OID_CERT_TYPE		OID_P2P "\x00\x01"
#define OID_PEER_NAME		OID_P2P "\x00\x02"	/* otherName */
#define OID_CLASSIFIER		OID_P2P "\x00\x03"	/* otherName */
#define OID_CERT_VERSION	OID_P2P "\x00\x04"
#define OID_GROUP_NAME		OID_P2P "\x03\x01"
#define OID_GROUP_FLAGS		OID_P2P "\x03\x02"
#define OID_ROLES		OID_P2P "\x03\x03"
#define OID_PEER_AUTH		OID_P2P "\x03\x04"	/* key usage */
#define OID_CLASSIFIERS		OID_P2P "\x03\x05"
#define OID_SUBJECT_ALT		"\x55\x1d\x07"	/* the old number */
#define OID_ISSUER_ALT		"\x55\x1d\x08"
#define OID_SUBJECT_ALT2	"\x55\x1d\x11"
#define OID_ISSUER_ALT2		"\x55\x1d\x12"
#define OID_EXT_KEY_USAGE	"\x55\x1d\x25"
#define OID_SERVER_AUTH		"\x2b\x06\x01\x05\x05\x07\x03\x01"
#define OID_COMMON_NAME		"\x55\x04\x03"
#define OID_RSA			"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
#define OID_SHA1_RSA		"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"
#define OID_SHA256_RSA		"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"
#define OID_PKCS7_DATA		"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define OID_PKCS7_SIGNED	"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"

#endif
