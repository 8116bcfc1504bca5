/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PNRP 4.0 on the wire: structs <-> bytes ([MS-PNRP] section 2.2). Keeps no
 * state, allocates nothing, does no crypto. Decoding is total: any input gives
 * a struct or one of PEER6_E_{TRUNCATED,HEADER,MESSAGE_TYPE,FIELD,LENGTH,VALUE,
 * TRAILING}, and then the struct is all zero. Pointers in decoded structs lie
 * within the input, which has to outlive them. Integers are in host order. Ports
 * are not judged: whether one may be used is for the engine to say.
 */
#ifndef PEER6_PNRP_WIRE_H
#define PEER6_PNRP_WIRE_H

#include <peer6/base.h>
#include <peer6/pnrp_id.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PEER6_PNRP_PORT			3540
#define PEER6_PNRP_FRAGMENT		1188	/* section 3.2.5.10 */
#define PEER6_PNRP_BUFFER_MAX		37348	/* of an AUTHORITY_BUFFER */
#define PEER6_PNRP_FRAGMENTS_MAX	32
#define PEER6_PNRP_DATAGRAM_MAX		1232	/* 1280 - IPv6 - UDP */
#define PEER6_PNRP_NONCE_LEN		16
#define PEER6_PNRP_HASH_LEN		20	/* SHA-1 */
#define PEER6_PNRP_PATH_MAX		22
#define PEER6_PNRP_ADDRS_MAX		20	/* of a route entry */
#define PEER6_PNRP_LOCAL_ADDRS		4	/* of a node */
#define PEER6_PNRP_APP_MAX		10
#define PEER6_PNRP_CLASSIFIER_MAX	149	/* UTF-16 units, no NUL */
#define PEER6_PNRP_COMMENT_MAX		78	/* bytes */
#define PEER6_PNRP_PAYLOAD_MAX		4096
#define PEER6_PNRP_KEY_LEN		140	/* DER of RSAPublicKey */
#define PEER6_PNRP_SIG_LEN		128
#define PEER6_PNRP_CPA_MAX		1024	/* above the largest: 759 */
#define PEER6_PNRP_IDS_MAX		32767	/* of an ID array */

enum peer6_pnrp_type {
	PEER6_PNRP_SOLICIT	= 1,
	PEER6_PNRP_ADVERTISE	= 2,
	PEER6_PNRP_REQUEST	= 3,
	PEER6_PNRP_FLOOD	= 4,
	PEER6_PNRP_INQUIRE	= 7,
	PEER6_PNRP_AUTHORITY	= 8,
	PEER6_PNRP_ACK		= 9,
	PEER6_PNRP_LOOKUP	= 11,
};

enum {				/* SOLICIT */
	PEER6_PNRP_SOLICIT_ANY		= 0,
	PEER6_PNRP_SOLICIT_LOCAL	= 1,
};

enum {				/* flags, by message */
	PEER6_PNRP_FLOOD_D	= 0x0001,	/* do not acknowledge */
	PEER6_PNRP_INQUIRE_A	= 0x0010,	/* want the CPA */
	PEER6_PNRP_INQUIRE_X	= 0x0008,	/* want the extended payload */
	PEER6_PNRP_INQUIRE_C	= 0x0004,	/* want the certificate chain */
	PEER6_PNRP_AUTH_L	= 0x0200,	/* unknown, would be a leaf */
	PEER6_PNRP_AUTH_B	= 0x0008,	/* busy */
	PEER6_PNRP_AUTH_N	= 0x0001,	/* validate ID not local */
	PEER6_PNRP_ACK_N	= 0x0001,
	PEER6_PNRP_LOOKUP_A	= 0x0002,	/* any, also not closer */
};

enum peer6_pnrp_criteria {	/* section 2.2.2.8 */
	PEER6_PNRP_NONE			= 0,
	PEER6_PNRP_ANY_PEERNAME		= 1,
	PEER6_PNRP_NEAREST_PEERNAME	= 2,
	PEER6_PNRP_NEAREST64_PEERNAME	= 4,
	PEER6_PNRP_UPPER_BITS		= 8,
};

enum peer6_pnrp_reason {	/* why a lookup is made */
	PEER6_PNRP_APP_REQUEST		= 0,
	PEER6_PNRP_REGISTRATION		= 1,
	PEER6_PNRP_CACHE_MAINTENANCE	= 2,
	PEER6_PNRP_SPLIT_DETECTION	= 3,
};

/* ROUTE_ENTRY (2.2.3.4): one port for all addresses. */
struct peer6_pnrp_route {
	struct peer6_pnrp_id	id;
	uint16_t		port;
	uint8_t			n_addrs;	/* 1..20 */
	uint8_t			addrs[PEER6_PNRP_ADDRS_MAX][16];
};

/* A view of an array within a decoded message; see the getters below. */
struct peer6_pnrp_ids {
	const uint8_t	*p;		/* n times 32 bytes */
	uint16_t	n;
};

struct peer6_pnrp_bytes {
	const uint8_t	*p;		/* NULL: absent */
	size_t		len;
};

/* Endpoint array of a message: at most 22. */
struct peer6_pnrp_path {
	uint8_t			n;
	struct peer6_endpoint	ep[PEER6_PNRP_PATH_MAX];
};

/*
 * One message. What a type has not is ignored on encoding and zero after
 * decoding. An AUTHORITY carries a fragment of its buffer; see
 * struct peer6_pnrp_authority for what is in the whole.
 */
struct peer6_pnrp_msg {
	uint8_t			type;
	uint32_t		id;
	uint32_t		acked;		/* ADVERTISE, AUTHORITY, ACK */
	uint16_t		flags;		/* FLOOD INQUIRE ACK LOOKUP */
	bool			has_controls;	/* SOLICIT */
	uint8_t			solicit_type;	/* SOLICIT */
	bool			has_route;	/* SOLICIT FLOOD LOOKUP */
	struct peer6_pnrp_route	route;
	uint8_t			hashed_nonce[PEER6_PNRP_HASH_LEN];
						/* SOLICIT ADVERTISE */
	bool			has_nonce;	/* INQUIRE; REQUEST: always */
	uint8_t			nonce[PEER6_PNRP_NONCE_LEN];
	struct peer6_pnrp_ids	ids;		/* ADVERTISE REQUEST */
	struct peer6_pnrp_id	validate;	/* FLOOD INQUIRE LOOKUP */
	struct peer6_pnrp_bytes	revoke;		/* FLOOD: Encoded CPA */
	struct peer6_pnrp_path	path;		/* FLOOD LOOKUP */
	struct peer6_pnrp_id	target;		/* LOOKUP */
	uint16_t		precision;	/* LOOKUP */
	uint8_t			criteria;	/* LOOKUP */
	uint8_t			reason;		/* LOOKUP */
	uint16_t		size;		/* AUTHORITY: of the buffer */
	uint16_t		offset;		/* AUTHORITY */
	struct peer6_pnrp_bytes	fragment;	/* AUTHORITY */
};

/* AUTHORITY_BUFFER (2.2.2.6.1). */
struct peer6_pnrp_authority {
	uint16_t		flags;
	struct peer6_pnrp_bytes	chain;		/* PKCS#7 */
	bool			has_classifier;
	uint16_t		n_classifier;
	uint16_t		classifier[PEER6_PNRP_CLASSIFIER_MAX];
						/* UTF-16, host order */
	struct peer6_pnrp_bytes	payload;	/* EXTENDED_PAYLOAD */
	bool			has_route;
	struct peer6_pnrp_route	route;
	struct peer6_pnrp_bytes	cpa;		/* Encoded CPA */
};

/* IPV6_APP_ENDPOINT (2.2.3.1.3): what the name stands for. */
struct peer6_pnrp_app {
	uint8_t		addr[16];
	uint16_t	port;
	uint16_t	protocol;	/* 6 TCP, 17 UDP */
};

/*
 * Bytes that the sources leave open; zero is what this project sends. Decoding
 * takes either. See Documentation/pnrp.md.
 */
struct peer6_pnrp_dialect {
	bool	authority_forward;	/* BinaryAuthority in digest order */
	bool	app_port_le;		/* sin6_port little-endian */
	bool	signature_le;		/* as CryptoAPI makes it */
	bool	classifier_le;		/* CLASSIFIER characters */
	bool	revoke_no_nonce;	/* no nonce bytes in a revoke */
};

enum {				/* CPA flags */
	PEER6_PNRP_CPA_X	= 0x20,
	PEER6_PNRP_CPA_F	= 0x10,
	PEER6_PNRP_CPA_C	= 0x08,
	PEER6_PNRP_CPA_A	= 0x04,
	PEER6_PNRP_CPA_U	= 0x02,
	PEER6_PNRP_CPA_R	= 0x01,
};

/* Encoded CPA (2.2.3.1). */
struct peer6_pnrp_cpa {
	uint8_t			flags;
	peer6_filetime		not_after;
	uint8_t			location[16];	/* most significant first */
	uint8_t			nonce[PEER6_PNRP_NONCE_LEN];
	uint8_t			authority[PEER6_PNRP_HASH_LEN];
						/* iff A, in digest order */
	uint8_t			classifier_hash[PEER6_PNRP_HASH_LEN];
	uint8_t			n_comment;	/* bytes */
	uint8_t			comment[PEER6_PNRP_COMMENT_MAX];
						/* UTF-16LE, with U UTF-8 */
	uint8_t			n_service;
	struct peer6_endpoint	service[PEER6_PNRP_LOCAL_ADDRS];
	bool			has_apps;
	uint8_t			n_apps;
	struct peer6_pnrp_app	apps[PEER6_PNRP_APP_MAX];
	uint8_t			key[PEER6_PNRP_KEY_LEN];
	uint8_t			signature[PEER6_PNRP_SIG_LEN];
	size_t			signed_len;	/* decoding: leading bytes that
						 * the signature covers
						 */
};

/* Payload types; 0x80000000 and up are no enumerators in C11. */
#define PEER6_PNRP_PAYLOAD_STRING	UINT32_C(0x80000002)
#define PEER6_PNRP_PAYLOAD_BINARY	UINT32_C(0x80000003)

/* EXTENDED_PAYLOAD (2.2.3.3). */
struct peer6_pnrp_payload {
	peer6_filetime		not_after;
	struct peer6_pnrp_id	id;
	uint8_t			nonce[PEER6_PNRP_NONCE_LEN];
	uint32_t		type;
	uint16_t		string_type;	/* 0 UTF-16LE, 1 UTF-8 */
	struct peer6_pnrp_bytes	data;		/* without the string type */
	uint8_t			signature[PEER6_PNRP_SIG_LEN];
	size_t			signed_len;	/* decoding */
};

/* Encoding: bytes written, or PEER6_E_SPACE, PEER6_E_INVAL (a value that the
 * format cannot carry).
 */
ptrdiff_t peer6_pnrp_msg_encode(const struct peer6_pnrp_msg *msg,
				void *buf, size_t size);
int peer6_pnrp_msg_decode(struct peer6_pnrp_msg *msg,
			  const void *buf, size_t len);

ptrdiff_t peer6_pnrp_authority_encode(const struct peer6_pnrp_authority *a,
				      const struct peer6_pnrp_dialect *dialect,
				      void *buf, size_t size);
/* classifier comes as sent by @dialect (NULL: the standard one); the other
 * order is the caller's to try, with the CPA's hash at hand.
 */
int peer6_pnrp_authority_decode(struct peer6_pnrp_authority *a,
				const struct peer6_pnrp_dialect *dialect,
				const void *buf, size_t len);

/*
 * The part that is signed, with the key but without the SIGNATURE structure;
 * its CPA Length is the final one. Sign exactly these bytes, then append with
 * peer6_pnrp_signature_encode().
 */
ptrdiff_t peer6_pnrp_cpa_encode(const struct peer6_pnrp_cpa *cpa,
				const struct peer6_pnrp_dialect *dialect,
				void *buf, size_t size);
int peer6_pnrp_cpa_decode(struct peer6_pnrp_cpa *cpa,
			  const struct peer6_pnrp_dialect *dialect,
			  const void *buf, size_t len);
ptrdiff_t peer6_pnrp_payload_encode(const struct peer6_pnrp_payload *payload,
				    void *buf, size_t size);
int peer6_pnrp_payload_decode(struct peer6_pnrp_payload *payload,
			      const void *buf, size_t len);
/* SIGNATURE (2.2.3.2): 136 bytes, appended to what was signed. */
ptrdiff_t peer6_pnrp_signature_encode(const uint8_t sig[PEER6_PNRP_SIG_LEN],
				      void *buf, size_t size);

/* The i-th ID of an array; i < n. */
void peer6_pnrp_ids_get(const struct peer6_pnrp_ids *ids, unsigned int i,
			struct peer6_pnrp_id *out);

/* "LOOKUP" for PEER6_PNRP_LOOKUP, "unknown" for what is no type. */
const char *peer6_pnrp_type_name(uint8_t type);

#ifdef __cplusplus
}
#endif

#endif
