/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the protocols and their nonces are written. Shared with peer6d. */
#ifndef PEER6_PORTMAP_PROTOCOL_H
#define PEER6_PORTMAP_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#include "portmap.h"

/* As people call it. */
const char *portmap_protocol_name(enum portmap_protocol protocol);
/* As options, files and programs call it; "auto" for any. */
const char *portmap_protocol_word(enum portmap_protocol protocol);
/* The reverse, but for "auto"; 0: there is no such one. */
enum portmap_protocol portmap_protocol_parse(const char *word);

#define PORTMAP_NONCE_TEXT	(2 * PORTMAP_NONCE_LEN + 1)

/* In lower-case hexadecimal digits, and back; false: it is something else. */
void portmap_nonce_format(const uint8_t nonce[PORTMAP_NONCE_LEN],
			  char text[PORTMAP_NONCE_TEXT]);
bool portmap_nonce_parse(const char *text, uint8_t nonce[PORTMAP_NONCE_LEN]);

#endif
