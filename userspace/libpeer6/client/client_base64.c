// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789+/";

char *client_base64(const void *data, size_t len)
{
	const uint8_t *in = data;
	char *out = malloc((len + 2) / 3 * 4 + 1), *at = out;
	uint32_t bits;
	size_t i, n;

	for (i = 0; out && i < len; i += 3) {
		n = len - i < 3 ? len - i : 3;
		bits = (uint32_t)in[i] << 16 |
		       (n > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
		       (n > 2 ? in[i + 2] : 0);
		*at++ = digits[bits >> 18];
		*at++ = digits[bits >> 12 & 63];
		*at++ = n > 1 ? digits[bits >> 6 & 63] : '=';
		*at++ = n > 2 ? digits[bits & 63] : '=';
	}
	if (out)
		*at = '\0';
	return out;
}

void *client_unbase64(const char *text, size_t *len)
{
	size_t n = strlen(text), pad = 0, i, k;
	uint8_t *out, *at;
	const char *digit;
	uint32_t bits;

	if (n % 4)
		return NULL;
	while (pad < 2 && pad < n && text[n - 1 - pad] == '=')
		pad++;
	out = malloc(n / 4 * 3 + 1);
	at = out;
	for (i = 0; out && i < n; i += 4) {
		for (bits = 0, k = i; k < i + 4; k++) {
			digit = k < n - pad ? strchr(digits, text[k]) : digits;
			if (!digit) {
				free(out);
				return NULL;
			}
			bits = bits << 6 | (uint32_t)(digit - digits);
		}
		*at++ = bits >> 16;
		*at++ = bits >> 8 & 255;
		*at++ = bits & 255;
	}
	*len = n / 4 * 3 - pad;
	return out;
}
