/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PEER6_IDENTITY_STORE_H
#define PEER6_IDENTITY_STORE_H

#include <sqlite3.h>
#include <peer6/identity.h>

#include "internal.h"

struct peer6_store {
	struct peer6_openssl	*ossl;
	sqlite3			*db;
};

/* SQLite's result as one of ours; 0 for OK, ROW and DONE. */
int peer6_store_error(sqlite3 *db, int rc);
/* One statement without results. */
int peer6_store_run(sqlite3 *db, const char *sql);
/*
 * A transaction of a writer. Begin waits for others up to PEER6_STORE_WAIT. End
 * commits if @error is 0, else takes all back; returns the first error.
 */
int peer6_store_begin(struct peer6_store *store);
int peer6_store_end(struct peer6_store *store, int error);

#endif
