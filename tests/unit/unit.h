/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every unit test of the protocol code needs: cmocka, literals for
 * addresses and packets, and the surroundings (random numbers, HMAC, keyed
 * hash) that the module takes from the kernel.
 */
#ifndef _UNIT_H
#define _UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "addr.h"
#include "ext.h"
#include "packet.h"
#include "reasons.h"

struct bytes {
	size_t	len;
	u8	data[2048];
};

/* Hexadecimal digits; blanks between them do not count. */
struct bytes hex(const char *digits);
void bytes_add(struct bytes *b, const char *digits);
struct in6_addr ip6(const char *text);
__be32 ip4(const char *text);
/* "192.0.2.1:4096" */
struct teredo_endpoint ep(const char *text);

/*
 * Random numbers that are the same in each run, a hash with a fixed key, and
 * OpenSSL's HMAC-SHA1, so that the expected values do not come from the code
 * under test.
 */
struct unit_env {
	struct teredo_env env;
	u64	seed;
	bool	hmac_fails;
	struct teredo_path_ext ext[16];
	bool	ext_used[16];
	unsigned int exts;		/* in use */
	bool	no_exts;		/* there is no room for any */
	bool	no_stranger_exts;
};

void unit_env_init(struct unit_env *u);

/* Failing lines say which reason came and which was wanted, by name. */
#define assert_reason(got, want) \
	assert_string_equal(teredo_reason_name(got), teredo_reason_name(want))
#define assert_bytes(buf, n, want)					\
	do {								\
		struct bytes __want = (want);				\
		assert_int_equal(n, __want.len);			\
		assert_memory_equal(buf, __want.data, __want.len);	\
	} while (0)
#define assert_addr(got, text)						\
	do {								\
		struct in6_addr __got = (got), __want = ip6(text);	\
		assert_memory_equal(&__got, &__want, sizeof(__want));	\
	} while (0)
#define assert_ep(got, text)						\
	do {								\
		struct teredo_endpoint __got = (got), __want = ep(text); \
		assert_int_equal(ntohl(__got.ip), ntohl(__want.ip));	\
		assert_int_equal(ntohs(__got.port), ntohs(__want.port)); \
	} while (0)

/* For tables: a failure names the row. */
#define assert_row(row, got, want)					\
	do {								\
		long long __g = (got), __w = (want);			\
		if (__g != __w)						\
			fail_msg("%s: %s is %lld, not %lld", row, #got,	\
				 __g, __w);				\
	} while (0)
#define assert_reason_row(row, got, want)				\
	do {								\
		enum teredo_reason __g = (got), __w = (want);		\
		if (__g != __w)						\
			fail_msg("%s: %s is %s, not %s", row, #got,	\
				 teredo_reason_name(__g),		\
				 teredo_reason_name(__w));		\
	} while (0)

/* Runs the tests as one TAP stream. */
#define unit_main(name, tests) \
	(cmocka_set_message_output(CM_OUTPUT_TAP), \
	 cmocka_run_group_tests_name(name, tests, NULL, NULL))

#endif /* _UNIT_H */
