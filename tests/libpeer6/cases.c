// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>

#include "cases.h"

const char *case_fail(const char *file, int line, const char *fmt, ...)
{
	static char text[600];
	va_list args;
	int n;

	n = snprintf(text, sizeof(text), "%s:%d: ", file, line);
	va_start(args, fmt);
	vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, args);
	va_end(args);
	return text;
}

uint64_t case_random(uint64_t *seed)
{
	uint64_t h = *seed += UINT64_C(0x9e3779b97f4a7c15);

	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return h ^ h >> 31;
}

uint32_t case_below(uint64_t *seed, uint32_t n)
{
	return (uint32_t)((case_random(seed) >> 32) % n);
}

void case_fill(uint64_t *seed, void *buf, size_t len)
{
	uint8_t *p = buf;

	while (len--)
		*p++ = (uint8_t)case_random(seed);
}

static unsigned int digit(char c)
{
	return c <= '9' ? (unsigned int)(c - '0') :
			  (unsigned int)(c - 'a') + 10;
}

size_t case_hex(const char *digits, uint8_t *out)
{
	size_t n;

	for (n = 0; digits[0] && digits[1]; n++, digits += 2)
		out[n] = (uint8_t)(digit(digits[0]) << 4 | digit(digits[1]));
	return n;
}
