/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys and files of the identity tests; worthless elsewhere. */
#ifndef ID_VECTORS_H
#define ID_VECTORS_H

#include <peer6/identity.h>

#define ID_A "fabf12f4bf75879f6e1298c5c8003b0869813ba0"
#define ID_B "e1f80f6d10daad80a4d34f264cfdfe3a53cbf306"
#define ID_G "165fa28ceecb7a0c3dbe4db0d754bb55f924dd67"
#define ID_PASSWORD "Correct-Horse-7"
#define ID_2024 INT64_C(1704067200)
#define ID_3024 INT64_C(33260976000)
/* The attributes of an element that holds base64. */
#define ID_DT "xmlns:dt=\"urn:schemas-microsoft-com:datatypes\"" \
	" dt:dt=\"bin.base64\""

extern const char id_idc_a[];	/* base64 */
extern const char id_pfx_a[];	/* base64 */

/* The keys A, B and G, and C, which is of another size (RSA-2048, new). */
struct peer6_key *id_key(struct peer6_openssl *ossl, char which);
/* Decodes base64 without white space, or hex; free() it. */
uint8_t *id_base64(const char *text, size_t *len);
void id_hex(const void *p, size_t len, char *out);
/* SHA-256 in hex: 65 bytes with the NUL. */
void id_sha256(const void *p, size_t len, char *out);
/* The export's XML around a PKCS#12; free() it. */
char *id_export(const char *name, const void *pfx, size_t len);

#endif
