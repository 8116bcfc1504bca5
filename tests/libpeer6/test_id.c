// SPDX-License-Identifier: GPL-2.0-or-later
#include "cases_cmocka.h"

int main(void)
{
	const struct peer6_case *const lists[] = { cases_id, NULL };

	return cases_cmocka("id", lists, NULL, 0);
}
