/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys A and B, and the known certificate of A, for a group of tests. */
#ifndef ID_FIXTURE_H
#define ID_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "id_vectors.h"

extern struct peer6_openssl *id_ossl;
extern struct peer6_key *id_key_a, *id_key_b;
extern uint8_t *id_der_a;	/* id_idc_a, decoded */
extern size_t id_der_a_len;
extern const uint8_t id_serial_a[16];

int id_setup(void **state);
int id_teardown(void **state);

/* A certificate with A's serial and dates; free() it. */
uint8_t *id_build(const struct peer6_key *key, const char *text,
		  const char *friendly, size_t *len);

#endif
