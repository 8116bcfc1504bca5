/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cache with its surroundings: known dice, counted memory; and a plain list. */
#ifndef PEER6_TESTS_CACHE_FIXTURE_H
#define PEER6_TESTS_CACHE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pnrp/cache.h>

#define MODEL_MAX 4096

/* A known sequence, or a source that fails. */
struct dice {
	uint64_t state;
	bool broken;
};

/* Memory that counts, and that fails at the @fail_at-th request. */
struct counted {
	struct peer6_mem mem;
	size_t held;
	unsigned int requests, fail_at;
};

struct fixture {
	struct dice dice;
	struct counted counted;
	struct peer6_cache cache;
	/* the model */
	struct peer6_pnrp_id ids[MODEL_MAX], locals[16];
	unsigned int n, n_locals;
};

int cache_setup(void **state);
int cache_teardown(void **state);

uint64_t roll(struct dice *dice);
int dice_fill(void *ctx, void *buf, size_t len);
/* Whole ring, close to its seam, or close to a local ID. */
struct peer6_pnrp_id some_id(struct fixture *f);
/* All zero but for the first and the last byte. */
struct peer6_pnrp_id number(uint8_t top, uint8_t low);
struct peer6_pnrp_route route_to(const struct peer6_pnrp_id *id);
int put(struct fixture *f, const struct peer6_pnrp_id *id,
	struct peer6_cache_change *change);

#define TEST(fn)							\
	cmocka_unit_test_setup_teardown(fn, cache_setup, cache_teardown)

#endif
