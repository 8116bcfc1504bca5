/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What outlives the daemon, in SQLite (WAL) in the state folder: registrations,
 * last seen nodes, modes of clouds, the machine's name. One daemon has it at a
 * time. Every change is on the disk when its function returns.
 */
#ifndef PEER6D_STORE_H
#define PEER6D_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <peer6/base.h>

#include "limits.h"

struct store;

/*
 * PEER6_E_IN_USE (*holder: the process that has it, 0 if not known),
 * PEER6_E_STORE, _CORRUPT, _DISK_FULL, _IO (errno), _NOMEM. *words: what SQLite
 * or the system says, static until the next call.
 */
int store_open(struct store **out, const char *dir, pid_t *holder,
	       const char **words);
void store_close(struct store *store);

unsigned int store_get_known(struct store *store, const char *cloud,
			     struct peer6_endpoint *ep, unsigned int max);
int store_set_known(struct store *store, const char *cloud,
		    const struct peer6_endpoint *ep, unsigned int n);

/* Resolve-only or not. */
bool store_get_mode(struct store *store, const char *cloud);
int store_set_mode(struct store *store, const char *cloud, bool resolve_only);

/* Texts by key. False, and *buf untouched, if there is none. */
bool store_get_text(struct store *store, const char *key, char *buf,
		    size_t size);
int store_set_text(struct store *store, const char *key, const char *value);

/*
 * A registration: the JSON of its request. store_put_registration() with *id 0
 * makes one and sets *id, else replaces it.
 */
int store_put_registration(struct store *store, int64_t *id, const char *json);
int store_delete_registration(struct store *store, int64_t id);
/* Returns 0, what @each returned if not 0, or an error. */
int store_each_registration(struct store *store,
			    int (*each)(void *ctx, int64_t id,
					const char *json),
			    void *ctx);

#endif
