/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fields of messages ([MS-PNRP] section 2.2): FieldID, Length, data, each on a
 * multiple of 4 from the start of the message or AUTHORITY_BUFFER. Padding is
 * made before a field, never behind the last one; see wire_end() for what is
 * accepted there.
 */
#ifndef PEER6_WIRE_FIELD_H
#define PEER6_WIRE_FIELD_H

#include <peer6/pnrp_wire.h>

#include "wire_io.h"

enum wire_field {
	WIRE_HEADER		= 0x0010,
	WIRE_HEADER_ACKED	= 0x0018,
	WIRE_PNRP_ID		= 0x0030,
	WIRE_TARGET_ID		= 0x0038,
	WIRE_VALIDATE_ID	= 0x0039,
	WIRE_FLAGS		= 0x0040,
	WIRE_FLOOD_CONTROLS	= 0x0043,
	WIRE_SOLICIT_CONTROLS	= 0x0044,
	WIRE_LOOKUP_CONTROLS	= 0x0045,
	WIRE_EXTENDED_PAYLOAD	= 0x005a,
	WIRE_ID_ARRAY		= 0x0060,
	WIRE_CERT_CHAIN		= 0x0080,
	WIRE_WCHAR		= 0x0084,
	WIRE_CLASSIFIER		= 0x0085,
	WIRE_HASHED_NONCE	= 0x0092,
	WIRE_NONCE		= 0x0093,
	WIRE_SPLIT_CONTROLS	= 0x0098,
	WIRE_ROUTING_ENTRY	= 0x009a,
	WIRE_VALIDATE_CPA	= 0x009b,
	WIRE_REVOKE_CPA		= 0x009c,
	WIRE_ENDPOINT		= 0x009d,
	WIRE_ENDPOINT_ARRAY	= 0x009e,
};

#define WIRE_FIELD_HEADER	4
#define WIRE_ARRAY_HEADER	8
#define WIRE_HEADER_DATA	8	/* of a message */
#define WIRE_IDENTIFIER		0x51
#define WIRE_MAJOR		4
#define WIRE_MINOR		0
#define WIRE_ROUTE_FIXED	38	/* of a ROUTE_ENTRY, up to addresses */
#define WIRE_ENDPOINT_LEN	18
#define WIRE_FLOOD_FLAGS	PEER6_PNRP_FLOOD_D
#define WIRE_INQUIRE_FLAGS	(PEER6_PNRP_INQUIRE_A | PEER6_PNRP_INQUIRE_X | \
				 PEER6_PNRP_INQUIRE_C)
#define WIRE_AUTH_FLAGS		(PEER6_PNRP_AUTH_L | PEER6_PNRP_AUTH_B | \
				 PEER6_PNRP_AUTH_N)
#define WIRE_ACK_FLAGS		PEER6_PNRP_ACK_N
#define WIRE_LOOKUP_FLAGS	PEER6_PNRP_LOOKUP_A

/* True if an optional field @id follows. False at the end, too; a rest too
 * small for any field is an error.
 */
bool peer6_wire_follows(struct wire_reader *r, uint16_t id);
/* Takes the field @id that has to come now, and gives its data; NULL: error. */
const uint8_t *peer6_wire_field(struct wire_reader *r, uint16_t id,
				size_t *len);
/* The same for data that is always @len bytes. */
const uint8_t *peer6_wire_fixed(struct wire_reader *r, uint16_t id, size_t len);
/* Takes an array. Returns its @n elements of @size bytes, @max at most. */
const uint8_t *peer6_wire_array(struct wire_reader *r, uint16_t id,
				uint16_t type, size_t size, uint16_t max,
				uint16_t *n);
void peer6_wire_get_route(struct wire_reader *r,
			  struct peer6_pnrp_route *route);
void peer6_wire_get_id(struct wire_reader *r, uint16_t id,
		       struct peer6_pnrp_id *out);
void peer6_wire_get_path(struct wire_reader *r, struct peer6_pnrp_path *path);
void peer6_wire_get_bytes(struct wire_reader *r, uint16_t id,
			  struct peer6_pnrp_bytes *bytes);
/* All fields were taken: at the end, or at the end but for padding. */
void peer6_wire_end(struct wire_reader *r);

/* Pads, and starts a field with @len bytes of data. */
void peer6_wire_put_field(struct wire_writer *w, uint16_t id, size_t len);
void peer6_wire_put_array(struct wire_writer *w, uint16_t id, uint16_t type,
			  size_t size, size_t n);
void peer6_wire_put_route(struct wire_writer *w,
			  const struct peer6_pnrp_route *route);
void peer6_wire_put_id(struct wire_writer *w, uint16_t id,
		       const struct peer6_pnrp_id *value);
void peer6_wire_put_path(struct wire_writer *w,
			 const struct peer6_pnrp_path *path);
void peer6_wire_put_bytes(struct wire_writer *w, uint16_t id,
			  const struct peer6_pnrp_bytes *bytes);

/* The public decoders, which also tell at which byte they gave up. */
int peer6_wire_msg_decode(struct peer6_pnrp_msg *msg, const void *buf,
			  size_t len, size_t *at);
int peer6_wire_authority_decode(struct peer6_pnrp_authority *a,
				const struct peer6_pnrp_dialect *dialect,
				const void *buf, size_t len, size_t *at);
int peer6_wire_cpa_decode(struct peer6_pnrp_cpa *cpa,
			  const struct peer6_pnrp_dialect *dialect,
			  const void *buf, size_t len, size_t *at,
			  bool *has_nonce);
int peer6_wire_payload_decode(struct peer6_pnrp_payload *payload,
			      const void *buf, size_t len, size_t *at);

#endif
