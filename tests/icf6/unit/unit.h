/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ICF6_UNIT_H
#define _ICF6_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "addr.h"
#include "asked.h"
#include "bucket.h"
#include "limits.h"
#include "ports.h"
#include "reasons.h"
#include "verdict.h"

/* Runs the tests as one TAP stream. */
#define unit_main(name, tests)						\
	(cmocka_set_message_output(CM_OUTPUT_TAP),			\
	 cmocka_run_group_tests_name(name, tests, NULL, NULL))

static inline struct in6_addr in6(const char *text)
{
	struct in6_addr addr;

	if (inet_pton(AF_INET6, text, &addr) != 1) {
		fprintf(stderr, "%s is no address\n", text);
		abort();
	}
	return addr;
}

#endif
