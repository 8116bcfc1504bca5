// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The store's file: who may open it, how it comes to be, and how SQLite's
 * errors read in ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

#define APPLICATION_ID	0x70656572	/* "peer" */
#define VERSION		1
#define NOBODY		65534
#define PRIVATE		077		/* mode bits that nobody may have */

#define TEXT_(x)	#x
#define TEXT(x)		TEXT_(x)

/* STRICT: a value of another type is an error and no surprise. */
static const char schema[] =
	"BEGIN;"
	"CREATE TABLE owner (uid INTEGER NOT NULL) STRICT;"
	"CREATE TABLE identity ("
	" id INTEGER PRIMARY KEY,"
	" name TEXT NOT NULL UNIQUE,"		/* AUTHORITY.CLASSIFIER */
	" friendly TEXT NOT NULL,"		/* the certificate's subject */
	" profile INTEGER NOT NULL,"
	" bits INTEGER NOT NULL,"
	" created INTEGER NOT NULL,"		/* seconds since 1970 */
	" is_default INTEGER NOT NULL CHECK (is_default IN (0, 1)),"
	" idc BLOB NOT NULL,"			/* X.509, DER */
	" key BLOB NOT NULL"			/* PKCS#8, DER */
	") STRICT;"
	"CREATE UNIQUE INDEX one_default ON identity (is_default)"
	" WHERE is_default;"
	"PRAGMA application_id = " TEXT(APPLICATION_ID) ";"
	"PRAGMA user_version = " TEXT(VERSION) ";";

static bool no_room(int err)
{
	/* EFBIG: a limit set on this process (RLIMIT_FSIZE) */
	return err == ENOSPC || err == EDQUOT || err == EFBIG;
}

/*
 * SQLite reports ENOSPC as what it is, but quotas and limits as I/O errors; and
 * its own copy of errno is that of a later call. The files know better.
 */
static bool io_no_room(sqlite3 *db)
{
	sqlite3_file *log = NULL;
	int err = 0, log_err = 0;

	if (!db)
		return false;
	sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &err);
	sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
	if (log && log->pMethods)
		log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO,
					    &log_err);
	return no_room(err) || no_room(log_err) ||
	       no_room(sqlite3_system_errno(db));
}

int peer6_store_error(sqlite3 *db, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		return PEER6_E_NOMEM;
	case SQLITE_FULL:
		return PEER6_E_DISK_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return PEER6_E_IN_USE;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return PEER6_E_CORRUPT;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return io_no_room(db) ? PEER6_E_DISK_FULL : PEER6_E_IO;
	case SQLITE_CONSTRAINT:
		return PEER6_E_EXISTS;
	}
	return PEER6_E_STORE;
}

int peer6_store_run(sqlite3 *db, const char *sql)
{
	return peer6_store_error(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

int peer6_store_begin(struct peer6_store *store)
{
	/* IMMEDIATE: who reads first and then writes would not be let wait. */
	return peer6_store_run(store->db, "BEGIN IMMEDIATE");
}

int peer6_store_end(struct peer6_store *store, int error)
{
	if (!error)
		error = peer6_store_run(store->db, "COMMIT");
	/* Some errors have taken it back already; then this says so. */
	if (error && !sqlite3_get_autocommit(store->db))
		peer6_store_run(store->db, "ROLLBACK");
	return error;
}

/* The integer that a query gives. */
static int query(sqlite3 *db, const char *sql, int64_t *value)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK) {
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW)
			*value = sqlite3_column_int64(stmt, 0);
	}
	sqlite3_finalize(stmt);
	if (rc == SQLITE_DONE)
		return PEER6_E_CORRUPT;
	/* A table that is not there. */
	return (rc & 0xff) == SQLITE_ERROR ? PEER6_E_CORRUPT :
					     peer6_store_error(db, rc);
}

/*
 * The long check, as the short one does not see a last page that is cut off. A
 * full store has half a megabyte.
 */
static int whole(sqlite3 *db)
{
	sqlite3_stmt *stmt;
	const char *text;
	bool ok = false;
	int rc = sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &stmt,
				    NULL);

	if (rc == SQLITE_OK) {
		rc = sqlite3_step(stmt);
		text = rc == SQLITE_ROW ?
		       (const char *)sqlite3_column_text(stmt, 0) : NULL;
		ok = text && !strcmp(text, "ok");
	}
	sqlite3_finalize(stmt);
	if (rc != SQLITE_ROW)
		return peer6_store_error(db, rc);
	return ok ? 0 : PEER6_E_CORRUPT;
}

/*
 * Opens the directory before the last slash of @path, made if need be, and
 * tells where the file's name starts.
 */
static int open_dir(const char *path, const char **base)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? strndup(path, slash > path ?
				    (size_t)(slash - path) : 1) : strdup(".");
	struct stat st;
	int fd, error = 0;

	*base = slash ? slash + 1 : path;
	if (!dir)
		return PEER6_E_NOMEM;
	if (mkdir(dir, 0700) && errno != EEXIST && no_room(errno))
		error = PEER6_E_DISK_FULL;
	fd = error ? -1 : open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
			       O_CLOEXEC);
	if (!error && fd < 0)
		error = errno == ELOOP || errno == ENOTDIR || errno == EACCES ?
			PEER6_E_KEY_ACCESS : PEER6_E_IO;
	free(dir);
	if (!error && fstat(fd, &st))
		error = PEER6_E_IO;
	/* Who can write the directory can put another store there. */
	if (!error && (st.st_uid != geteuid() || st.st_mode & PRIVATE))
		error = PEER6_E_KEY_ACCESS;
	if (!error)
		return fd;
	if (fd >= 0)
		close(fd);
	return error;
}

static int check_file(int dir, const char *base)
{
	struct stat st;

	if (fstatat(dir, base, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? PEER6_E_NOT_FOUND : PEER6_E_IO;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    st.st_mode & PRIVATE || st.st_nlink != 1)
		return PEER6_E_KEY_ACCESS;
	/* Ours is never empty: see make(). SQLite would take it for new. */
	return st.st_size ? 0 : PEER6_E_CORRUPT;
}

static int fill(const char *path, uint32_t uid)
{
	sqlite3 *db = NULL;
	char insert[64];
	int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
	int error = peer6_store_error(db, rc);

	snprintf(insert, sizeof(insert),
		 "INSERT INTO owner VALUES (%u); COMMIT", uid);
	if (!error)
		error = peer6_store_run(db, schema);
	if (!error)
		error = peer6_store_run(db, insert);
	/* Kept in the file; from here on readers do not wait for a writer. */
	if (!error)
		error = peer6_store_run(db, "PRAGMA journal_mode = WAL");
	sqlite3_close(db);
	return error;
}

/*
 * A new store is filled under another name and then linked to its own: there is
 * no moment at which it is half one, and if two make it, one of them wins.
 */
static int make(int dir, const char *path, uint32_t uid)
{
	static const char *const rests[] = { "", "-journal", "-wal", "-shm" };
	char *temp = NULL, *rest;
	size_t i;
	int fd, error;

	if (asprintf(&temp, "%s.XXXXXX", path) < 0)
		return PEER6_E_NOMEM;
	fd = mkostemp(temp, O_CLOEXEC);		/* mode 0600 */
	if (fd < 0) {
		error = no_room(errno) ? PEER6_E_DISK_FULL : PEER6_E_IO;
		free(temp);
		return error;
	}
	error = fill(temp, uid);
	if (!error && fsync(fd))
		error = no_room(errno) ? PEER6_E_DISK_FULL : PEER6_E_IO;
	close(fd);
	if (!error && link(temp, path) && errno != EEXIST)
		error = no_room(errno) ? PEER6_E_DISK_FULL : PEER6_E_IO;
	for (i = 0; i < 4; i++) {
		if (asprintf(&rest, "%s%s", temp, rests[i]) < 0)
			continue;
		unlink(rest);
		free(rest);
	}
	free(temp);
	if (!error && fsync(dir))
		error = PEER6_E_IO;
	return error;
}

static int check_content(sqlite3 *db, uint32_t uid)
{
	int64_t id = 0, version = 0, owner = 0;
	int error = query(db, "PRAGMA application_id", &id);

	if (!error)
		error = query(db, "PRAGMA user_version", &version);
	if (!error && (id != APPLICATION_ID || version != VERSION))
		error = PEER6_E_STORE;
	if (!error)
		error = whole(db);
	if (!error)
		error = query(db, "SELECT uid FROM owner", &owner);
	if (!error && owner != uid)
		error = PEER6_E_KEY_ACCESS;
	return error;
}

int peer6_store_open(struct peer6_store **out, struct peer6_openssl *ossl,
		     const char *path, uint32_t uid)
{
	struct peer6_store *store;
	const char *base;
	int dir, error;

	*out = NULL;
	if (uid == NOBODY)
		return PEER6_E_KEY_ACCESS;
	dir = open_dir(path, &base);
	if (dir < 0)
		return dir;
	error = check_file(dir, base);
	if (error == PEER6_E_NOT_FOUND) {
		error = make(dir, path, uid);
		if (!error)
			error = check_file(dir, base);
	}
	close(dir);
	if (error)
		return error;
	store = calloc(1, sizeof(*store));
	if (!store)
		return PEER6_E_NOMEM;
	store->ossl = ossl;
	/* Only who owns the directory could have changed what was checked. */
	error = sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE, NULL);
	error = peer6_store_error(store->db, error);
	if (!error)
		error = peer6_store_error(store->db,
			sqlite3_busy_timeout(store->db, PEER6_STORE_WAIT));
	/*
	 * Zeroes over what is deleted; a commit is on disk when it returns; a
	 * file that was tampered with runs nothing.
	 */
	if (!error)
		error = peer6_store_run(store->db,
					"PRAGMA secure_delete = ON;"
					"PRAGMA synchronous = FULL;"
					"PRAGMA trusted_schema = OFF;"
					"PRAGMA cell_size_check = ON");
	if (!error)
		error = check_content(store->db, uid);
	if (error) {
		peer6_store_close(store);
		return error;
	}
	*out = store;
	return 0;
}

void peer6_store_close(struct peer6_store *store)
{
	if (!store)
		return;
	/* The last one moves the log into the file and removes it. */
	sqlite3_close(store->db);
	free(store);
}
