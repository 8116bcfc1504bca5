/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cursors over bytes that come from or go to the wire. The first error sticks:
 * after it nothing moves any more and every number read is 0, so that a parser
 * may go on in a straight line and look once at its end. Loops over a count
 * that was read stay bounded because the count is checked before it is used.
 */
#ifndef PEER6_WIRE_IO_H
#define PEER6_WIRE_IO_H

#include <string.h>

#include <peer6/base.h>

struct wire_reader {
	const uint8_t	*p;
	size_t		len;
	size_t		pos;
	int		err;
	size_t		at;	/* where err was found */
};

struct wire_writer {
	uint8_t		*p;
	size_t		size;
	size_t		pos;
	int		err;
};

static inline size_t wire_align(size_t pos)
{
	return (pos + 3) & ~(size_t)3;
}

static inline void wire_fail(struct wire_reader *r, int err, size_t at)
{
	if (!r->err) {
		r->err = err;
		r->at = at;
	}
}

/* The next @n bytes, or NULL; then the reader has an error. */
static inline const uint8_t *wire_take(struct wire_reader *r, size_t n)
{
	const uint8_t *p;

	if (r->err)
		return NULL;
	if (n > r->len - r->pos) {
		wire_fail(r, PEER6_E_TRUNCATED, r->pos);
		return NULL;
	}
	p = r->p + r->pos;
	r->pos += n;
	return p;
}

static inline void wire_get(struct wire_reader *r, void *out, size_t n)
{
	const uint8_t *p = wire_take(r, n);

	if (p)
		memcpy(out, p, n);
}

/* The order is a matter of the structure, not of the machine. */
static inline uint64_t wire_be(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

static inline uint64_t wire_le(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | p[n];
	return v;
}

static inline uint64_t wire_get_be(struct wire_reader *r, size_t n)
{
	const uint8_t *p = wire_take(r, n);

	return p ? wire_be(p, n) : 0;
}

static inline uint64_t wire_get_le(struct wire_reader *r, size_t n)
{
	const uint8_t *p = wire_take(r, n);

	return p ? wire_le(p, n) : 0;
}

static inline uint8_t wire_get8(struct wire_reader *r)
{
	return (uint8_t)wire_get_be(r, 1);
}

static inline uint16_t wire_get_be16(struct wire_reader *r)
{
	return (uint16_t)wire_get_be(r, 2);
}

static inline uint16_t wire_get_le16(struct wire_reader *r)
{
	return (uint16_t)wire_get_le(r, 2);
}

/* A number that is the same in every valid structure. */
static inline void wire_expect_le(struct wire_reader *r, size_t n,
				  uint64_t want, int err)
{
	size_t at = r->pos;

	if (wire_get_le(r, n) != want)
		wire_fail(r, err, at);
}

/* @n bytes stored last byte first. */
static inline void wire_get_reversed(struct wire_reader *r, uint8_t *out,
				     size_t n)
{
	const uint8_t *p = wire_take(r, n);

	while (p && n--)
		*out++ = p[n];
}

static inline void wire_refuse(struct wire_writer *w, int err)
{
	if (!w->err)
		w->err = err;
}

/* Room for the next @n bytes; NULL for none, or if the writer has an error. */
static inline uint8_t *wire_room(struct wire_writer *w, size_t n)
{
	uint8_t *p;

	if (w->err || !n)
		return NULL;
	if (n > w->size - w->pos) {
		w->err = PEER6_E_SPACE;
		return NULL;
	}
	p = w->p + w->pos;
	w->pos += n;
	return p;
}

static inline void wire_put(struct wire_writer *w, const void *data, size_t n)
{
	uint8_t *p = wire_room(w, n);

	if (p)
		memcpy(p, data, n);
}

static inline void wire_put_be(struct wire_writer *w, uint64_t v, size_t n)
{
	uint8_t *p = wire_room(w, n);

	for (; p && n--; v >>= 8)
		p[n] = (uint8_t)v;
}

static inline void wire_put_le(struct wire_writer *w, uint64_t v, size_t n)
{
	uint8_t *p = wire_room(w, n);

	for (; p && n--; v >>= 8)
		*p++ = (uint8_t)v;
}

static inline void wire_put_reversed(struct wire_writer *w, const uint8_t *data,
				     size_t n)
{
	uint8_t *p = wire_room(w, n);

	while (p && n--)
		*p++ = data[n];
}

/* What an encoder returns. */
static inline ptrdiff_t wire_written(const struct wire_writer *w)
{
	return w->err ? w->err : (ptrdiff_t)w->pos;
}

#endif
