/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Portable cases as tests of cmocka. */
#ifndef CASES_CMOCKA_H
#define CASES_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cases.h"

static inline void cases_cmocka_run(void **state)
{
	const struct peer6_case *c = *state;
	const char *broken = c->run();

	if (broken)
		fail_msg("%s", broken);
}

/* The cases of all lists, then @more. Returns what main() returns. */
static inline int cases_cmocka(const char *name,
			       const struct peer6_case *const *lists,
			       const struct CMUnitTest *more, size_t n_more)
{
	const struct peer6_case *const *list;
	const struct peer6_case *c;
	struct CMUnitTest *tests;
	size_t n = n_more;
	int failed;

	for (list = lists; *list; list++)
		for (c = *list; c->name; c++)
			n++;
	tests = calloc(n ? n : 1, sizeof(*tests));
	if (!tests)
		return 1;
	n = 0;
	for (list = lists; *list; list++)
		for (c = *list; c->name; c++, n++)
			tests[n] = (struct CMUnitTest){
				.name = c->name,
				.test_func = cases_cmocka_run,
				.initial_state = (void *)(uintptr_t)c,
			};
	while (n_more--)
		tests[n++] = *more++;
	failed = _cmocka_run_group_tests(name, tests, n, NULL, NULL);
	free(tests);
	return failed;
}

#endif
