/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the two signed records, Encoded CPA and EXTENDED_PAYLOAD, have in
 * common ([MS-PNRP] section 2.2.3). Their numbers are little-endian.
 */
#ifndef PEER6_WIRE_RECORD_H
#define PEER6_WIRE_RECORD_H

#include "wire_field.h"

#define WIRE_CPA_FIXED		48	/* up to the nonce */
#define WIRE_CPA_MAJOR		2
#define WIRE_CPA_MINOR		0
#define WIRE_CPA_FLAGS		0x3f
#define WIRE_APP_LEN		20
#define WIRE_APP_TYPE		1
#define WIRE_KEY_OID		"1.2.840.113549.1.1.1"
#define WIRE_KEY_OID_LEN	20
#define WIRE_KEY_FIELD		169	/* of the whole CPA Public Key */
#define WIRE_SIG_FIELD		136	/* of the whole SIGNATURE */
#define WIRE_SIG_ALG		0x8004	/* SHA-1, as CryptoAPI numbers it */
#define WIRE_PAYLOAD_MAJOR	2
#define WIRE_PAYLOAD_MINOR	0
#define WIRE_PAYLOAD_FIXED	74	/* up to the payload length */
/* Shorter strings would have a Payload Length below the 6 of the format. */
#define WIRE_STRING_MIN		4

/* Takes the SIGNATURE that everything before it is signed by. */
void peer6_wire_get_signature(struct wire_reader *r,
			      uint8_t sig[PEER6_PNRP_SIG_LEN]);

#endif
