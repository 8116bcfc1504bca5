// SPDX-License-Identifier: GPL-2.0
/* The token bucket that bounds answers. */
#include "limiter.h"
#include "unit.h"

/* Takes as many as there are at @now. */
static unsigned int drain(u64 *full, u64 now, u64 interval, u32 burst)
{
	unsigned int n = 0;
	u64 next;

	while (n < 10000 &&
	       teredo_bucket_take(*full, now, interval, burst, &next)) {
		assert_true(next > *full || *full == 0);
		*full = next;
		n++;
	}
	return n;
}

static void a_new_bucket_is_full(void **state)
{
	static const u32 bursts[] = { 1, 2, 8, 100, 1000 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bursts); i++) {
		u64 full = 0;

		assert_int_equal(drain(&full, 1000 * TEREDO_SEC, TEREDO_SEC,
				       bursts[i]), bursts[i]);
		/* Also when the clock has only just begun to run. */
		full = 0;
		assert_int_equal(drain(&full, 0, TEREDO_SEC, bursts[i]),
				 bursts[i]);
	}
}

static void earns_one_each_interval(void **state)
{
	u64 now = 1000 * TEREDO_SEC, full = 0;
	int i;

	(void)state;
	drain(&full, now, TEREDO_SEC, 10);
	now += TEREDO_SEC - 1;
	assert_int_equal(drain(&full, now, TEREDO_SEC, 10), 0);
	now += 1;
	assert_int_equal(drain(&full, now, TEREDO_SEC, 10), 1);
	now += 3 * TEREDO_SEC;
	assert_int_equal(drain(&full, now, TEREDO_SEC, 10), 3);
	for (i = 0; i < 1000; i++) {
		now += TEREDO_SEC;
		assert_int_equal(drain(&full, now, TEREDO_SEC, 10), 1);
	}
}

static void holds_no_more_than_its_burst(void **state)
{
	u64 now = 1000 * TEREDO_SEC, full = 0;

	(void)state;
	drain(&full, now, TEREDO_SEC, 10);
	now += 86400 * TEREDO_SEC;
	assert_int_equal(drain(&full, now, TEREDO_SEC, 10), 10);
}

/* Whatever the pattern: never more than burst + elapsed / interval. */
static void never_more_than_the_rate(void **state)
{
	const u64 interval = 10 * TEREDO_MSEC, begin = 5 * TEREDO_SEC;
	u64 now = begin, full = 0, next, taken = 0;
	u32 r = 12345;
	int i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		r = r * 1103515245 + 12345;
		now += (r >> 16) % 7 * TEREDO_MSEC;
		if (teredo_bucket_take(full, now, interval, 20, &next)) {
			full = next;
			taken++;
		}
		assert_true(taken <= 20 + (now - begin) / interval);
	}
	/* And not much less: 3 ms between tries on average. */
	assert_true(taken + 1 >= (now - begin) / interval);
}

static void a_refusal_costs_nothing(void **state)
{
	u64 now = 1000 * TEREDO_SEC, full = 0, next = 77;
	int i;

	(void)state;
	drain(&full, now, TEREDO_SEC, 5);
	for (i = 0; i < 1000; i++)
		assert_false(teredo_bucket_take(full, now, TEREDO_SEC, 5,
						&next));
	assert_int_equal(next, 77);
	now += TEREDO_SEC;
	assert_int_equal(drain(&full, now, TEREDO_SEC, 5), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_bucket_is_full),
		cmocka_unit_test(earns_one_each_interval),
		cmocka_unit_test(holds_no_more_than_its_burst),
		cmocka_unit_test(never_more_than_the_rate),
		cmocka_unit_test(a_refusal_costs_nothing),
	};

	return unit_main("limiter", tests);
}
