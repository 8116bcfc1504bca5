/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests that need nothing but the portable part of the library: the same
 * functions run under cmocka here and by tests/portable on other machines. A
 * case returns NULL, or what was not as it should be.
 */
#ifndef CASES_H
#define CASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peer6_case {
	const char *name;
	const char *(*run)(void);
};

/* Each ends with an empty element. */
extern const struct peer6_case cases_id[];
extern const struct peer6_case cases_wire[];
extern const struct peer6_case cases_wire_bad[];
extern const struct peer6_case cases_cpa[];
extern const struct peer6_case cases_payload[];
extern const struct peer6_case cases_print[];

/* "FILE:LINE: TEXT", in static storage. */
const char *case_fail(const char *file, int line, const char *fmt, ...);

#define CHECK(cond)							\
	do {								\
		if (!(cond))						\
			return case_fail(__FILE__, __LINE__, "%s",	\
					 #cond);			\
	} while (0)

/* The same in a loop, where more has to be said. */
#define CHECK_AT(cond, ...)						\
	do {								\
		if (!(cond))						\
			return case_fail(__FILE__, __LINE__,		\
					 #cond ": " __VA_ARGS__);	\
	} while (0)

#define TRY(call)							\
	do {								\
		const char *broken_ = (call);				\
									\
		if (broken_)						\
			return broken_;					\
	} while (0)

/* Repeatable numbers; the seed is the whole state. */
uint64_t case_random(uint64_t *seed);
/* 0..n-1 */
uint32_t case_below(uint64_t *seed, uint32_t n);
void case_fill(uint64_t *seed, void *buf, size_t len);

/* Bytes of hexadecimal digits; returns how many. */
size_t case_hex(const char *digits, uint8_t *out);

#endif
