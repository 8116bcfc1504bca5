// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base64.h"

ptrdiff_t base64_decode(const char *text, uint8_t *out, size_t max)
{
	size_t len = strlen(text), pad = 0;
	uint8_t *buf;
	int n;

	/* The library also takes blanks at the ends, the RFC does not. */
	if (!len || len % 4 || len / 4 * 3 > max + 2 ||
	    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		   "0123456789+/=") != len)
		return -1;
	while (pad < 2 && text[len - 1 - pad] == '=')
		pad++;
	buf = malloc(len / 4 * 3);
	if (!buf)
		return -1;
	n = EVP_DecodeBlock(buf, (const unsigned char *)text, (int)len);
	if (n >= 0 && (size_t)n - pad <= max) {
		n -= (int)pad;
		memcpy(out, buf, n);
	} else {
		n = -1;
	}
	free(buf);
	return n;
}

char *base64_encode(const void *data, size_t len)
{
	char *text = malloc((len + 2) / 3 * 4 + 1);

	if (text)
		EVP_EncodeBlock((unsigned char *)text, data, (int)len);
	return text;
}
