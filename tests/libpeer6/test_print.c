// SPDX-License-Identifier: GPL-2.0-or-later
#include "cases_cmocka.h"

int main(void)
{
	const struct peer6_case *const lists[] = { cases_print, NULL };

	return cases_cmocka("print", lists, NULL, 0);
}
