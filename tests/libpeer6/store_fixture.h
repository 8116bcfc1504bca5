/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store of identities in a directory of its own; each test begins without. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include "id_fixture.h"

#define STORE_UID	1000

extern char store_dir[64], store_path[80];

int store_setup(void **state);
int store_teardown(void **state);
int store_fresh(void **state);

#define store_test(f) cmocka_unit_test_setup(f, store_fresh)

struct peer6_store *store_open(void);
/* How many identities, one of which is the default. */
size_t store_count(struct peer6_store *store);
/* Identities of one key are quick to make. */
int store_add(struct peer6_store *store, unsigned int number);
/* With its directory and whatever else lies there. */
void store_remove(void);

#endif
