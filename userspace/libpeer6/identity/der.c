// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <string.h>

#include "der.h"

static uint8_t *grow(struct der *der, size_t len)
{
	uint8_t *p;

	if (der->failed)
		return NULL;
	if (der->room - der->len < len) {
		size_t room = 2 * der->room + len + 256;

		p = realloc(der->p, room);
		if (!p) {
			der->failed = true;
			return NULL;
		}
		der->p = p;
		der->room = room;
	}
	p = der->p + der->len;
	der->len += len;
	return p;
}

void peer6_der_raw(struct der *der, const void *p, size_t len)
{
	uint8_t *to = grow(der, len);

	if (to && len)
		memcpy(to, p, len);
}

size_t peer6_der_begin(struct der *der, uint8_t tag)
{
	peer6_der_raw(der, &tag, 1);
	return der->len;
}

void peer6_der_end(struct der *der, size_t at)
{
	size_t len = der->len - at, n;
	uint8_t head[1 + sizeof(len)];

	if (der->failed)
		return;
	if (len < 0x80) {
		head[0] = (uint8_t)len;
		n = 1;
	} else {
		size_t rest, i;

		for (n = 1, rest = len; rest; rest >>= 8)
			n++;
		head[0] = (uint8_t)(0x80 | (n - 1));
		for (i = n - 1, rest = len; i; i--, rest >>= 8)
			head[i] = (uint8_t)rest;
	}
	if (!grow(der, n))
		return;
	memmove(der->p + at + n, der->p + at, len);
	memcpy(der->p + at, head, n);
}

void peer6_der_put(struct der *der, uint8_t tag, const void *p, size_t len)
{
	size_t at = peer6_der_begin(der, tag);

	peer6_der_raw(der, p, len);
	peer6_der_end(der, at);
}

void peer6_der_free(struct der *der)
{
	free(der->p);
	memset(der, 0, sizeof(*der));
}
