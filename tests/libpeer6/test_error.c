// SPDX-License-Identifier: GPL-2.0-or-later
/* Each error has a name of its own and a sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <peer6/base.h>

static void names_are_unique(void **state)
{
	int a, b, known = 0;

	(void)state;
	for (a = 0; a > -200; a--) {
		if (!strcmp(peer6_reason(a), "unknown-error"))
			continue;
		known++;
		assert_true(strlen(peer6_strerror(a)) > 5);
		assert_null(strpbrk(peer6_reason(a), " _."));
		for (b = a - 1; b > -200; b--)
			assert_string_not_equal(peer6_reason(a),
						peer6_reason(b));
	}
	assert_true(known > 40);
}

static void stranger_has_words(void **state)
{
	(void)state;
	assert_string_equal(peer6_reason(-12345), "unknown-error");
	assert_string_equal(peer6_reason(1), "unknown-error");
	assert_string_equal(peer6_reason(PEER6_E_NOT_FOUND), "not-found");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(stranger_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
