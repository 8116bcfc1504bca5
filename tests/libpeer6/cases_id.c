// SPDX-License-Identifier: GPL-2.0-or-later
/* The ring: what is published of it, and what has to hold for any IDs. */
#include <string.h>

#include <peer6/pnrp_id.h>

#include "cases.h"

#define ROUNDS	2000

static struct peer6_pnrp_id small(uint8_t value)
{
	struct peer6_pnrp_id id = { { 0 } };

	id.b[PEER6_PNRP_ID_LEN - 1] = value;
	return id;
}

/* 2^256 - value */
static struct peer6_pnrp_id below_zero(uint8_t value)
{
	struct peer6_pnrp_id id;

	memset(id.b, 0xff, sizeof(id.b));
	id.b[PEER6_PNRP_ID_LEN - 1] = (uint8_t)(256 - value);
	return id;
}

static struct peer6_pnrp_id half(void)
{
	struct peer6_pnrp_id id = { { 0x80 } };

	return id;
}

static bool same(const struct peer6_pnrp_id *a, const struct peer6_pnrp_id *b)
{
	return !memcmp(a->b, b->b, sizeof(a->b));
}

/* Many that share bits with each other, and some of the corners. */
static struct peer6_pnrp_id any(uint64_t *seed)
{
	struct peer6_pnrp_id id;
	unsigned int keep;

	switch (case_below(seed, 10)) {
	case 0:
		return small((uint8_t)case_below(seed, 3));
	case 1:
		return below_zero((uint8_t)(1 + case_below(seed, 2)));
	case 2:
		return half();
	}
	case_fill(seed, id.b, sizeof(id.b));
	keep = case_below(seed, PEER6_PNRP_ID_LEN);
	if (case_below(seed, 2))
		memset(id.b, case_below(seed, 2) ? 0xff : 0, keep);
	return id;
}

static const char *published(void)
{
	struct peer6_pnrp_id zero = small(0), max = below_zero(1), out;
	struct peer6_pnrp_id one = small(1), two = below_zero(2);
	struct peer6_pnrp_id three = small(3), middle = half();

	peer6_pnrp_id_dist(&out, &zero, &max);
	CHECK(same(&out, &one));
	peer6_pnrp_id_dist(&out, &one, &two);
	CHECK(same(&out, &three));
	peer6_pnrp_id_dist(&out, &two, &two);
	CHECK(peer6_pnrp_id_is_zero(&out));
	peer6_pnrp_id_dist(&out, &zero, &middle);
	CHECK(same(&out, &middle));
	peer6_pnrp_id_dist(&out, &middle, &zero);
	CHECK(same(&out, &middle));
	return NULL;
}

/* Neighbours whose difference is known: 2 * 2^248, also across zero. */
static const char *published_gaps(void)
{
	struct peer6_pnrp_id a = { { 0x10 } }, b = { { 0x12 } }, out;
	struct peer6_pnrp_id gap = { { 0x02 } };

	peer6_pnrp_id_sub(&out, &b, &a);
	CHECK(same(&out, &gap));
	a.b[0] = 0xff;
	b.b[0] = 0x01;
	peer6_pnrp_id_sub(&out, &b, &a);
	CHECK(same(&out, &gap));
	return NULL;
}

static const char *increment(void)
{
	struct peer6_pnrp_id zero = small(0), max = below_zero(1), out;
	struct peer6_pnrp_id carry = { { 0 } };

	peer6_pnrp_id_inc(&out, &max);
	CHECK(same(&out, &zero));
	memset(carry.b + 16, 0xff, 16);
	peer6_pnrp_id_inc(&carry, &carry);
	CHECK(carry.b[15] == 1 && carry.b[16] == 0 && carry.b[31] == 0);
	CHECK(!peer6_pnrp_id_is_zero(&carry));
	out = small(1);
	CHECK(!peer6_pnrp_id_is_zero(&out));
	CHECK(peer6_pnrp_id_is_zero(&zero));
	out = half();
	CHECK(!peer6_pnrp_id_is_zero(&out));
	return NULL;
}

static const char *sides(void)
{
	struct peer6_pnrp_id zero = small(0), one = small(1);
	struct peer6_pnrp_id max = below_zero(1), middle = half();
	struct peer6_pnrp_id before_middle;

	peer6_pnrp_id_sub(&before_middle, &middle, &one);
	CHECK(peer6_pnrp_id_above(&zero, &one));
	CHECK(!peer6_pnrp_id_above(&one, &zero));
	CHECK(peer6_pnrp_id_above(&max, &zero));
	CHECK(!peer6_pnrp_id_above(&zero, &max));
	CHECK(!peer6_pnrp_id_above(&zero, &zero));
	CHECK(peer6_pnrp_id_above(&zero, &before_middle));
	/* Just opposite counts as below, seen from either end. */
	CHECK(!peer6_pnrp_id_above(&zero, &middle));
	CHECK(!peer6_pnrp_id_above(&middle, &zero));
	return NULL;
}

/* Against arithmetic a byte at a time. */
static const char *subtraction(void)
{
	struct peer6_pnrp_id a, b, want, out;
	uint64_t seed = 1;
	int i, round, d, borrow;

	for (round = 0; round < ROUNDS; round++) {
		a = any(&seed);
		b = any(&seed);
		borrow = 0;
		for (i = PEER6_PNRP_ID_LEN - 1; i >= 0; i--) {
			d = a.b[i] - b.b[i] - borrow;
			borrow = d < 0;
			want.b[i] = (uint8_t)(d + (borrow ? 256 : 0));
		}
		peer6_pnrp_id_sub(&out, &a, &b);
		CHECK_AT(same(&out, &want), "round %d", round);
		CHECK_AT((peer6_pnrp_id_cmp(&a, &b) < 0) == borrow,
			 "round %d", round);
		/* The result may take the place of either. */
		out = a;
		peer6_pnrp_id_sub(&out, &out, &b);
		CHECK_AT(same(&out, &want), "round %d", round);
		out = b;
		peer6_pnrp_id_sub(&out, &a, &out);
		CHECK_AT(same(&out, &want), "round %d", round);
	}
	return NULL;
}

static const char *properties(void)
{
	struct peer6_pnrp_id a, b, t, da, db, there, back, one = small(1), out;
	struct peer6_pnrp_id middle = half();
	uint64_t seed = 2;
	int round, closer;
	bool above, below;

	for (round = 0; round < ROUNDS; round++) {
		a = any(&seed);
		b = any(&seed);
		t = any(&seed);
		peer6_pnrp_id_dist(&there, &a, &b);
		peer6_pnrp_id_dist(&back, &b, &a);
		CHECK_AT(same(&there, &back), "round %d", round);
		CHECK_AT(peer6_pnrp_id_cmp(&there, &middle) <= 0,
			 "round %d", round);
		CHECK_AT(peer6_pnrp_id_is_zero(&there) == same(&a, &b),
			 "round %d", round);

		peer6_pnrp_id_dist(&da, &t, &a);
		peer6_pnrp_id_dist(&db, &t, &b);
		closer = peer6_pnrp_id_closer(&t, &a, &b);
		CHECK_AT((closer < 0) == (peer6_pnrp_id_cmp(&da, &db) < 0),
			 "round %d", round);
		CHECK_AT((closer == 0) == same(&da, &db), "round %d", round);
		CHECK_AT((peer6_pnrp_id_closer(&t, &b, &a) > 0) == (closer < 0),
			 "round %d", round);

		above = peer6_pnrp_id_above(&a, &b);
		below = peer6_pnrp_id_above(&b, &a);
		if (same(&a, &b) || same(&there, &middle))
			CHECK_AT(!above && !below, "round %d", round);
		else
			CHECK_AT(above != below, "round %d", round);

		peer6_pnrp_id_inc(&out, &a);
		peer6_pnrp_id_sub(&out, &out, &a);
		CHECK_AT(same(&out, &one), "round %d", round);
	}
	return NULL;
}

static const char *common_bits(void)
{
	struct peer6_pnrp_id a, b;
	uint64_t seed = 3;
	unsigned int bit;

	for (bit = 0; bit < 8 * PEER6_PNRP_ID_LEN; bit++) {
		case_fill(&seed, a.b, sizeof(a.b));
		case_fill(&seed, b.b, sizeof(b.b));
		memcpy(b.b, a.b, bit / 8);
		b.b[bit / 8] = (uint8_t)(a.b[bit / 8] ^ (0x80 >> bit % 8));
		CHECK_AT(peer6_pnrp_id_common_bits(&a, &b) == bit, "%u", bit);
		CHECK_AT(peer6_pnrp_id_common_bits(&b, &a) == bit, "%u", bit);
	}
	CHECK(peer6_pnrp_id_common_bits(&a, &a) == 8 * PEER6_PNRP_ID_LEN);
	return NULL;
}

const struct peer6_case cases_id[] = {
	{ "distances around zero and to the other side", published },
	{ "differences of neighbours", published_gaps },
	{ "one more", increment },
	{ "greater and less sides", sides },
	{ "subtraction", subtraction },
	{ "properties of distance, closeness and sides", properties },
	{ "common leading bits", common_bits },
	{ 0 }
};
