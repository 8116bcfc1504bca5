// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "store.h"

#define SCHEMA_VERSION	1

struct store {
	sqlite3	*db;
	int	lock;
};

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS known ("
	" cloud TEXT NOT NULL, place INTEGER NOT NULL, addr BLOB NOT NULL,"
	" port INTEGER NOT NULL, PRIMARY KEY (cloud, place)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS setting ("
	" key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS registration ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, request TEXT NOT NULL);"
	"PRAGMA user_version = 1;";

static int from_sqlite(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
		return 0;
	case SQLITE_NOMEM:
		return PEER6_E_NOMEM;
	case SQLITE_FULL:
		return PEER6_E_DISK_FULL;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return PEER6_E_CORRUPT;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return PEER6_E_IN_USE;
	}
	return PEER6_E_STORE;
}

/*
 * A lock of the file, not of the database: held for the daemon's life, gone
 * with it however it ends. The number in it is for people only.
 */
static int take_lock(struct store *store, const char *dir, pid_t *holder)
{
	char path[4096], text[16] = "";

	snprintf(path, sizeof(path), "%s/lock", dir);
	store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (store->lock < 0)
		return errno == ENOSPC ? PEER6_E_DISK_FULL : PEER6_E_IO;
	if (flock(store->lock, LOCK_EX | LOCK_NB)) {
		if (read(store->lock, text, sizeof(text) - 1) > 0)
			*holder = atoi(text);
		return PEER6_E_IN_USE;
	}
	snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (ftruncate(store->lock, 0) ||
	    pwrite(store->lock, text, strlen(text), 0) < 0)
		return errno == ENOSPC ? PEER6_E_DISK_FULL : PEER6_E_IO;
	return 0;
}

static int number(sqlite3 *db, const char *sql, int *out)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	if (code)
		return code;
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		*out = sqlite3_column_int(st, 0);
		code = SQLITE_OK;
	}
	sqlite3_finalize(st);
	return code;
}

static int open_db(struct store *store, const char *dir)
{
	char path[4096];
	int code, version = 0;
	mode_t mask;

	snprintf(path, sizeof(path), "%s/peer6.db", dir);
	mask = umask(0077);
	code = sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE |
			       SQLITE_OPEN_CREATE, NULL);
	if (!code) {
		sqlite3_extended_result_codes(store->db, 1);
		sqlite3_busy_timeout(store->db, 2000);
		code = sqlite3_exec(store->db, "PRAGMA journal_mode = WAL;"
				    "PRAGMA synchronous = FULL;",
				    NULL, NULL, NULL);
	}
	if (!code)
		code = number(store->db, "PRAGMA user_version", &version);
	if (!code && version > SCHEMA_VERSION) {
		umask(mask);
		return PEER6_E_PROTOCOL;
	}
	if (!code)
		code = sqlite3_exec(store->db, schema, NULL, NULL, NULL);
	umask(mask);
	return from_sqlite(code);
}

int store_open(struct store **out, const char *dir, pid_t *holder,
	       const char **words)
{
	struct store *store = calloc(1, sizeof(*store));
	static char text[200];
	int ret;

	*holder = 0;
	*words = "";
	if (!store)
		return PEER6_E_NOMEM;
	store->lock = -1;
	ret = take_lock(store, dir, holder);
	if (ret)
		snprintf(text, sizeof(text), "%s", strerror(errno));
	if (!ret) {
		ret = open_db(store, dir);
		if (ret)
			snprintf(text, sizeof(text), "%s",
				 sqlite3_errmsg(store->db));
	}
	if (ret) {
		*words = text;
		store_close(store);
		return ret;
	}
	*out = store;
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	sqlite3_close(store->db);
	if (store->lock >= 0)
		close(store->lock);
	free(store);
}

static int prepare(struct store *store, sqlite3_stmt **st, const char *sql)
{
	return from_sqlite(sqlite3_prepare_v2(store->db, sql, -1, st, NULL));
}

static int finish(sqlite3_stmt *st)
{
	int code = sqlite3_step(st);

	sqlite3_finalize(st);
	return from_sqlite(code);
}

unsigned int store_get_known(struct store *store, const char *cloud,
			     struct peer6_endpoint *ep, unsigned int max)
{
	sqlite3_stmt *st;
	unsigned int n = 0;

	if (prepare(store, &st, "SELECT addr, port FROM known WHERE cloud = ?"
		    " ORDER BY place"))
		return 0;
	sqlite3_bind_text(st, 1, cloud, -1, SQLITE_STATIC);
	while (n < max && sqlite3_step(st) == SQLITE_ROW) {
		int port = sqlite3_column_int(st, 1);

		if (sqlite3_column_bytes(st, 0) != 16 || port <= 1024 ||
		    port > 65535)
			continue;
		memset(&ep[n], 0, sizeof(ep[n]));
		memcpy(ep[n].addr, sqlite3_column_blob(st, 0), 16);
		ep[n++].port = port;
	}
	sqlite3_finalize(st);
	return n;
}

static int put_known(struct store *store, const char *cloud,
		     const struct peer6_endpoint *ep, unsigned int place)
{
	sqlite3_stmt *st;
	int ret;

	ret = prepare(store, &st, "INSERT INTO known VALUES (?, ?, ?, ?)");
	if (ret)
		return ret;
	sqlite3_bind_text(st, 1, cloud, -1, SQLITE_STATIC);
	sqlite3_bind_int(st, 2, place);
	sqlite3_bind_blob(st, 3, ep->addr, 16, SQLITE_STATIC);
	sqlite3_bind_int(st, 4, ep->port);
	return finish(st);
}

int store_set_known(struct store *store, const char *cloud,
		    const struct peer6_endpoint *ep, unsigned int n)
{
	sqlite3_stmt *st;
	unsigned int i;
	int ret;

	ret = from_sqlite(sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL,
				       NULL, NULL));
	if (ret)
		return ret;
	ret = prepare(store, &st, "DELETE FROM known WHERE cloud = ?");
	if (!ret) {
		sqlite3_bind_text(st, 1, cloud, -1, SQLITE_STATIC);
		ret = finish(st);
	}
	for (i = 0; i < n && !ret; i++)
		ret = put_known(store, cloud, &ep[i], i);
	if (!ret)
		ret = from_sqlite(sqlite3_exec(store->db, "COMMIT", NULL, NULL,
					       NULL));
	if (ret)
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return ret;
}

bool store_get_text(struct store *store, const char *key, char *buf,
		    size_t size)
{
	sqlite3_stmt *st;
	bool found = false;

	if (prepare(store, &st, "SELECT value FROM setting WHERE key = ?"))
		return false;
	sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC);
	if (sqlite3_step(st) == SQLITE_ROW &&
	    (size_t)sqlite3_column_bytes(st, 0) < size) {
		strcpy(buf, (const char *)sqlite3_column_text(st, 0));
		found = true;
	}
	sqlite3_finalize(st);
	return found;
}

int store_set_text(struct store *store, const char *key, const char *value)
{
	sqlite3_stmt *st;
	int ret;

	ret = prepare(store, &st, "INSERT OR REPLACE INTO setting"
		      " VALUES (?, ?)");
	if (ret)
		return ret;
	sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 2, value, -1, SQLITE_STATIC);
	return finish(st);
}

bool store_get_mode(struct store *store, const char *cloud)
{
	char key[CLOUD_KEY_MAX + 8], value[16];

	snprintf(key, sizeof(key), "mode %s", cloud);
	return store_get_text(store, key, value, sizeof(value)) &&
	       !strcmp(value, "resolve-only");
}

int store_set_mode(struct store *store, const char *cloud, bool resolve_only)
{
	char key[CLOUD_KEY_MAX + 8];

	snprintf(key, sizeof(key), "mode %s", cloud);
	return store_set_text(store, key,
			      resolve_only ? "resolve-only" : "default");
}

int store_put_registration(struct store *store, int64_t *id, const char *json)
{
	sqlite3_stmt *st;
	int ret;

	ret = prepare(store, &st, *id ?
		      "UPDATE registration SET request = ?1 WHERE id = ?2" :
		      "INSERT INTO registration (request) VALUES (?1)");
	if (ret)
		return ret;
	sqlite3_bind_text(st, 1, json, -1, SQLITE_STATIC);
	if (*id)
		sqlite3_bind_int64(st, 2, *id);
	ret = finish(st);
	if (!ret && !*id)
		*id = sqlite3_last_insert_rowid(store->db);
	return ret;
}

int store_delete_registration(struct store *store, int64_t id)
{
	sqlite3_stmt *st;
	int ret;

	ret = prepare(store, &st, "DELETE FROM registration WHERE id = ?");
	if (ret)
		return ret;
	sqlite3_bind_int64(st, 1, id);
	return finish(st);
}

int store_each_registration(struct store *store,
			    int (*each)(void *ctx, int64_t id,
					const char *json),
			    void *ctx)
{
	sqlite3_stmt *st;
	int code, ret;

	ret = prepare(store, &st, "SELECT id, request FROM registration"
		      " ORDER BY id");
	if (ret)
		return ret;
	while (!ret && (code = sqlite3_step(st)) == SQLITE_ROW)
		ret = each(ctx, sqlite3_column_int64(st, 0),
			   (const char *)sqlite3_column_text(st, 1));
	if (!ret)
		ret = from_sqlite(code);
	sqlite3_finalize(st);
	return ret;
}
