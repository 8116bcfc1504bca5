/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6D_BASE64_H
#define PEER6D_BASE64_H

#include <stddef.h>
#include <stdint.h>

/*
 * RFC 4648 section 4, padded, no line breaks. Bytes, or -1: not so, too long.
 */
ptrdiff_t base64_decode(const char *text, uint8_t *out, size_t max);
/* The caller frees it; NULL without memory. */
char *base64_encode(const void *data, size_t len);

#endif
