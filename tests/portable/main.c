// SPDX-License-Identifier: GPL-2.0-or-later
/* The portable cases as a program of their own, which prints TAP. */
#include <stdio.h>

#include "cases.h"

int main(void)
{
	static const struct peer6_case *const lists[] = {
		cases_id, cases_wire, cases_wire_bad, cases_cpa,
		cases_payload, cases_print, NULL
	};
	const struct peer6_case *const *list;
	const struct peer6_case *c;
	const uint16_t one = 1;
	const char *broken;
	int n = 0, failed = 0;

	printf("# %d-bit, %s-endian\n", (int)(8 * sizeof(void *)),
	       *(const uint8_t *)&one ? "little" : "big");
	for (list = lists; *list; list++) {
		for (c = *list; c->name; c++) {
			broken = c->run();
			if (broken) {
				printf("not ok %d - %s\n# %s\n", ++n, c->name,
				       broken);
				failed = 1;
			} else {
				printf("ok %d - %s\n", ++n, c->name);
			}
		}
	}
	printf("1..%d\n", n);
	return failed;
}
