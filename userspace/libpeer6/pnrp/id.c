// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The ring of PNRP IDs: unsigned numbers modulo 2^256, 2^256 - 1 beside 0
 * ([MS-PNRP] section 1.3.3). Nothing here is signed: "greater" and "less" are
 * halves of the ring as seen from one ID.
 */
#include <string.h>

#include <peer6/pnrp_id.h>

#define WORDS	(PEER6_PNRP_ID_LEN / 8)

/* w[0] is the most significant; compilers know this form as one load. */
static void load(uint64_t w[WORDS], const struct peer6_pnrp_id *id)
{
	const uint8_t *p = id->b;
	unsigned int i;

	for (i = 0; i < WORDS; i++, p += 8)
		w[i] = (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 |
		       (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 |
		       (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
		       (uint64_t)p[6] << 8 | p[7];
}

static void store(struct peer6_pnrp_id *id, const uint64_t w[WORDS])
{
	uint8_t *p = id->b;
	unsigned int i;
	int shift;

	for (i = 0; i < WORDS; i++)
		for (shift = 56; shift >= 0; shift -= 8)
			*p++ = (uint8_t)(w[i] >> shift);
}

static void sub(uint64_t out[WORDS], const uint64_t a[WORDS],
		const uint64_t b[WORDS])
{
	uint64_t borrow = 0, below, d;
	unsigned int i = WORDS;

	while (i--) {
		d = a[i] - b[i];
		below = a[i] < b[i] || d < borrow;
		out[i] = d - borrow;	/* out may be a */
		borrow = below;
	}
}

static int cmp(const uint64_t a[WORDS], const uint64_t b[WORDS])
{
	unsigned int i;

	for (i = 0; i < WORDS; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

static void dist(uint64_t out[WORDS], const uint64_t a[WORDS],
		 const uint64_t b[WORDS])
{
	/* Of d and -d the smaller is the one without the top bit. Both have
	 * it when they are 2^255, and then they are the same.
	 */
	sub(out, a, b);
	if (out[0] >> 63)
		sub(out, b, a);
}

int peer6_pnrp_id_cmp(const struct peer6_pnrp_id *a,
		      const struct peer6_pnrp_id *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

bool peer6_pnrp_id_is_zero(const struct peer6_pnrp_id *a)
{
	uint64_t w[WORDS];

	load(w, a);
	return !(w[0] | w[1] | w[2] | w[3]);
}

void peer6_pnrp_id_inc(struct peer6_pnrp_id *out,
		       const struct peer6_pnrp_id *a)
{
	unsigned int i = PEER6_PNRP_ID_LEN;

	*out = *a;
	while (i-- && !++out->b[i])
		;
}

void peer6_pnrp_id_sub(struct peer6_pnrp_id *out,
		       const struct peer6_pnrp_id *a,
		       const struct peer6_pnrp_id *b)
{
	uint64_t wa[WORDS], wb[WORDS];

	load(wa, a);
	load(wb, b);
	sub(wa, wa, wb);
	store(out, wa);
}

void peer6_pnrp_id_dist(struct peer6_pnrp_id *out,
			const struct peer6_pnrp_id *a,
			const struct peer6_pnrp_id *b)
{
	uint64_t wa[WORDS], wb[WORDS], d[WORDS];

	load(wa, a);
	load(wb, b);
	dist(d, wa, wb);
	store(out, d);
}

int peer6_pnrp_id_closer(const struct peer6_pnrp_id *target,
			 const struct peer6_pnrp_id *a,
			 const struct peer6_pnrp_id *b)
{
	uint64_t wt[WORDS], wa[WORDS], wb[WORDS], da[WORDS], db[WORDS];

	load(wt, target);
	load(wa, a);
	load(wb, b);
	dist(da, wt, wa);
	dist(db, wt, wb);
	return cmp(da, db);
}

bool peer6_pnrp_id_above(const struct peer6_pnrp_id *l,
			 const struct peer6_pnrp_id *x)
{
	uint64_t wl[WORDS], wx[WORDS];

	load(wl, l);
	load(wx, x);
	sub(wx, wx, wl);
	return !(wx[0] >> 63) && (wx[0] | wx[1] | wx[2] | wx[3]);
}

unsigned int peer6_pnrp_id_common_bits(const struct peer6_pnrp_id *a,
				       const struct peer6_pnrp_id *b)
{
	unsigned int i, n;
	uint8_t x;

	for (i = 0; i < PEER6_PNRP_ID_LEN && a->b[i] == b->b[i]; i++)
		;
	n = 8 * i;
	if (i < PEER6_PNRP_ID_LEN)
		for (x = a->b[i] ^ b->b[i]; !(x & 0x80); x = (uint8_t)(x << 1))
			n++;
	return n;
}
