// SPDX-License-Identifier: LGPL-2.1-or-later
/* UTF-8 and UTF-16 (RFC 3629, RFC 2781), strict in both directions. */
#include <peer6/name.h>

/*
 * Reads one code point of at most @len > 0 bytes. Returns how many it took, 0
 * if they are not well-formed: overlong, a surrogate, above U+10FFFF, cut.
 */
static size_t utf8_get(const unsigned char *s, size_t len, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n, i;
	uint32_t c = s[0];

	if (c < 0x80)
		n = 1;
	else if (c >= 0xc2 && c < 0xe0)
		n = 2;
	else if (c >= 0xe0 && c < 0xf0)
		n = 3;
	else if (c >= 0xf0 && c < 0xf5)
		n = 4;
	else
		return 0;
	if (n > len)
		return 0;
	if (n > 1)
		c &= 0x7fU >> n;
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*cp = c;
	return n;
}

ptrdiff_t peer6_utf8_to_utf16(const char *s, size_t len, uint16_t *out,
			      size_t max)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n = 0;

	while (len) {
		uint32_t cp;
		size_t took = utf8_get(p, len, &cp);
		size_t units = took && cp > 0xffff ? 2 : 1;

		if (!took)
			return PEER6_E_VALUE;
		if (out) {
			if (max - n < units)
				return PEER6_E_SPACE;
			if (units == 2) {
				cp -= 0x10000;
				out[n] = (uint16_t)(0xd800 | cp >> 10);
				out[n + 1] = (uint16_t)(0xdc00 | (cp & 0x3ff));
			} else {
				out[n] = (uint16_t)cp;
			}
		}
		n += units;
		p += took;
		len -= took;
	}
	return (ptrdiff_t)n;
}

static size_t utf8_put(uint32_t cp, unsigned char b[4])
{
	if (cp < 0x80) {
		b[0] = (unsigned char)cp;
		return 1;
	}
	if (cp < 0x800) {
		b[0] = (unsigned char)(0xc0 | cp >> 6);
		b[1] = (unsigned char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		b[0] = (unsigned char)(0xe0 | cp >> 12);
		b[1] = (unsigned char)(0x80 | (cp >> 6 & 0x3f));
		b[2] = (unsigned char)(0x80 | (cp & 0x3f));
		return 3;
	}
	b[0] = (unsigned char)(0xf0 | cp >> 18);
	b[1] = (unsigned char)(0x80 | (cp >> 12 & 0x3f));
	b[2] = (unsigned char)(0x80 | (cp >> 6 & 0x3f));
	b[3] = (unsigned char)(0x80 | (cp & 0x3f));
	return 4;
}

ptrdiff_t peer6_utf16_to_utf8(const uint16_t *s, size_t len, char *out,
			      size_t max)
{
	size_t i, j, n = 0;

	for (i = 0; i < len; i++) {
		uint32_t cp = s[i];
		unsigned char b[4];
		size_t bytes;

		if (cp >= 0xdc00 && cp < 0xe000)
			return PEER6_E_VALUE;
		if (cp >= 0xd800 && cp < 0xdc00) {
			if (i + 1 == len || (s[i + 1] & 0xfc00) != 0xdc00)
				return PEER6_E_VALUE;
			cp = 0x10000 + ((cp & 0x3ff) << 10 |
					(s[++i] & 0x3ffU));
		}
		bytes = utf8_put(cp, b);
		if (out) {
			if (max - n < bytes)
				return PEER6_E_SPACE;
			for (j = 0; j < bytes; j++)
				out[n + j] = (char)b[j];
		}
		n += bytes;
	}
	return (ptrdiff_t)n;
}
