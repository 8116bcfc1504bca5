// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files of the store of identities: whom it trusts, and what becomes of
 * them when many write, the disk is full, the process is killed or the file is
 * damaged.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "store_fixture.h"

static int open_error(void)
{
	struct peer6_store *store;
	int error = peer6_store_open(&store, id_ossl, store_path, STORE_UID);

	if (!error)
		peer6_store_close(store);
	else
		assert_null(store);
	return error;
}

/* How many files there are, none of which others may read. */
static int files(void)
{
	DIR *d = opendir(store_dir);
	struct dirent *e;
	struct stat st;
	int n = 0;

	assert_non_null(d);
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		assert_int_equal(fstatat(dirfd(d), e->d_name, &st, 0), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		n++;
	}
	closedir(d);
	return n;
}

static bool in_files(const void *what, size_t len)
{
	DIR *d = opendir(store_dir);
	struct dirent *e;
	bool found = false;

	while ((e = readdir(d))) {
		int fd = openat(dirfd(d), e->d_name, O_RDONLY);
		struct stat st;
		char *buf;

		fstat(fd, &st);
		buf = malloc((size_t)st.st_size + 1);
		if (S_ISREG(st.st_mode) &&
		    read(fd, buf, (size_t)st.st_size) == st.st_size)
			found |= memmem(buf, (size_t)st.st_size, what, len) !=
				 NULL;
		free(buf);
		close(fd);
	}
	closedir(d);
	return found;
}

static void private_to_its_owner(void **state)
{
	static const mode_t bad[] = { 0640, 0604, 0660, 0620, 0602, 0610 };
	mode_t mask = umask(0);
	struct peer6_store *store = store_open();
	char other[100];
	struct stat st;
	size_t i;

	(void)state;
	assert_int_equal(store_add(store, 1), 0);
	/* With the log beside it, and before nothing else was left. */
	assert_int_equal(files(), 3);
	assert_int_equal(stat(store_dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	peer6_store_close(store);
	assert_int_equal(files(), 1);
	umask(mask);

	for (i = 0; i < 6; i++) {
		assert_int_equal(chmod(store_path, bad[i]), 0);
		assert_int_equal(open_error(), PEER6_E_KEY_ACCESS);
		assert_int_equal(chmod(store_path, 0600), 0);
		assert_int_equal(chmod(store_dir, bad[i] | 0100), 0);
		assert_int_equal(open_error(), PEER6_E_KEY_ACCESS);
		assert_int_equal(chmod(store_dir, 0700), 0);
	}
	assert_int_equal(open_error(), 0);

	/* Links, to the file and to the directory. */
	snprintf(other, sizeof(other), "%s/other", store_dir);
	assert_int_equal(link(store_path, other), 0);
	assert_int_equal(open_error(), PEER6_E_KEY_ACCESS);
	assert_int_equal(rename(store_path, other), 0);
	unlink(store_path);
	assert_int_equal(symlink(other, store_path), 0);
	assert_int_equal(open_error(), PEER6_E_KEY_ACCESS);
	assert_int_equal(unlink(store_path), 0);
	assert_int_equal(rename(other, store_path), 0);
	assert_int_equal(open_error(), 0);
	snprintf(other, sizeof(other), "%s.moved", store_dir);
	assert_int_equal(rename(store_dir, other), 0);
	assert_int_equal(symlink(other, store_dir), 0);
	assert_int_equal(open_error(), PEER6_E_KEY_ACCESS);
	assert_int_equal(unlink(store_dir), 0);
	assert_int_equal(rename(other, store_dir), 0);

	/* Somebody else's. */
	assert_int_equal(peer6_store_open(&store, id_ossl, store_path,
					  STORE_UID + 1), PEER6_E_KEY_ACCESS);
	assert_int_equal(peer6_store_open(&store, id_ossl, store_path, 65534),
			 PEER6_E_KEY_ACCESS);
	assert_null(store);
	if (!geteuid()) {
		assert_int_equal(chown(store_path, 1, 1), 0);
		assert_int_equal(open_error(), PEER6_E_KEY_ACCESS);
		assert_int_equal(chown(store_path, 0, 0), 0);
		assert_int_equal(chown(store_dir, 1, 1), 0);
		assert_int_equal(open_error(), PEER6_E_KEY_ACCESS);
		assert_int_equal(chown(store_dir, 0, 0), 0);
	}
	assert_int_equal(open_error(), 0);

	/* Where nothing can be. */
	assert_int_equal(peer6_store_open(&store, id_ossl,
					  "/nowhere/at/all/store", STORE_UID),
			 PEER6_E_IO);
	assert_int_equal(peer6_store_open(&store, id_ossl, "/dev/null/store",
					  STORE_UID), PEER6_E_KEY_ACCESS);
}

static void keys_go_when_deleted(void **state)
{
	struct peer6_store *store = store_open();
	uint8_t *der;
	size_t len;

	(void)state;
	/* Identities around it, so that its pages stay in use. */
	assert_int_equal(peer6_store_create(store, "1", NULL, 0, id_key_a,
					    NULL), 0);
	assert_int_equal(peer6_store_create(store, "2", NULL, 0, id_key_b,
					    NULL), 0);
	assert_int_equal(peer6_store_create(store, "3", NULL, 0, id_key_a,
					    NULL), 0);
	assert_int_equal(peer6_key_write(id_key_b, &der, &len), 0);
	/* Private numbers: what follows the public ones. */
	assert_true(in_files(der + 200, 32));
	assert_int_equal(peer6_store_rename(store, ID_B, "B", NULL), 0);
	assert_int_equal(peer6_store_delete(store, ID_B, NULL), 0);
	assert_false(in_files(der + 200, 32));
	assert_false(in_files(der + len - 40, 32));
	peer6_store_close(store);
	assert_false(in_files(der + 200, 32));
	peer6_secret_free(der, len);
}

static void two_writers(void **state)
{
	struct peer6_store *a = store_open(), *b = store_open();
	sqlite3 *db;
	struct timespec from, to;

	(void)state;
	/* In turn. */
	assert_int_equal(store_add(a, 1), 0);
	assert_int_equal(store_add(b, 2), 0);
	assert_int_equal(store_add(b, 1), PEER6_E_EXISTS);
	assert_int_equal(store_count(a), 2);
	/* One does not let go: readers read on, writers give up in time. */
	assert_int_equal(sqlite3_open(store_path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE; DELETE FROM"
				      " identity", NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(store_count(a), 2);
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(store_add(a, 3), PEER6_E_IN_USE);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_true(to.tv_sec - from.tv_sec >= PEER6_STORE_WAIT / 1000 - 1);
	assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(store_add(a, 3), 0);
	assert_int_equal(store_count(b), 3);
	sqlite3_close(db);
	peer6_store_close(a);
	peer6_store_close(b);
}

/* Eight processes make a store and put their own into it at once. */
static void many_at_once(void **state)
{
	struct peer6_store *store;
	int pipes[2], i, status;
	pid_t pids[8];
	char c;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	for (i = 0; i < 8; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i])
			continue;
		close(pipes[1]);
		/* Ends when the parent has forked all. */
		if (read(pipes[0], &c, 1) ||
		    peer6_store_open(&store, id_ossl, store_path, STORE_UID) ||
		    store_add(store, 10U * i) || store_add(store, 10U * i + 1))
			_exit(1);
		peer6_store_close(store);
		_exit(0);
	}
	close(pipes[0]);
	close(pipes[1]);
	for (i = 0; i < 8; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	store = store_open();
	assert_int_equal(store_count(store), 16);
	peer6_store_close(store);
	assert_int_equal(files(), 1);
}

/* What was said to be done is there after kill -9, in the midst of the next. */
static void killed(void **state)
{
	unsigned int round, i, said = 0;

	(void)state;
	for (round = 0; round < 5; round++) {
		struct peer6_store *store;
		int pipes[2], status;
		unsigned int n;
		pid_t pid;

		assert_int_equal(pipe(pipes), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (!pid) {
			if (peer6_store_open(&store, id_ossl, store_path,
					     STORE_UID))
				_exit(1);
			for (i = 0;; i++) {
				n = 1000 * round + i;
				if (store_add(store, n) ||
				    write(pipes[1], &n, sizeof(n)) < 0)
					_exit(2);
			}
		}
		close(pipes[1]);
		for (i = 0; i < 6 + 3 * round; i++) {
			assert_int_equal(read(pipes[0], &n, sizeof(n)),
					 sizeof(n));
			said++;
		}
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		assert_true(WIFSIGNALED(status));
		while (read(pipes[0], &n, sizeof(n)) == sizeof(n))
			said++;
		close(pipes[0]);
		store = store_open();
		n = (unsigned int)store_count(store);
		/* One may have been stored and not said, each time. */
		assert_in_range(n, said, said + 1);
		said = n;
		peer6_store_close(store);
	}
}

/* Fills the disk until it says so; 0 or the line where it went wrong. */
static int fill_disk(unsigned int least)
{
	struct peer6_identity *list;
	struct peer6_store *store;
	unsigned int n = 0;
	size_t have;
	int error = peer6_store_open(&store, id_ossl, store_path, STORE_UID);

	if (error)
		return __LINE__;
	while (!(error = store_add(store, n)))
		n++;
	if (error != PEER6_E_DISK_FULL || n < least)
		return __LINE__;
	/* Nothing of what was there is gone, nothing of the last has come. */
	if (peer6_store_list(store, &list, &have) || have != n)
		return __LINE__;
	free(list);
	if (store_add(store, n) != PEER6_E_DISK_FULL)
		return __LINE__;
	peer6_store_close(store);
	if (peer6_store_open(&store, id_ossl, store_path, STORE_UID))
		return __LINE__;
	if (peer6_store_list(store, &list, &have) || have != n)
		return __LINE__;
	free(list);
	peer6_store_close(store);
	return 0;
}

static int limited_file(void)
{
	struct rlimit limit = { 300000, 300000 };

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit))
		return __LINE__;
	return fill_disk(10);
}

static int put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);
	ssize_t n = write(fd, text, strlen(text));

	return close(fd) || n != (ssize_t)strlen(text);
}

/* A file system of 320 KiB of our own, where we may make one. */
static int small_disk(void)
{
	char map[40], block[4096] = { 0 }, extra[100];
	uid_t uid = geteuid();
	struct peer6_store *store;
	int fd, error;

	if (uid && (unshare(CLONE_NEWUSER) ||
		    snprintf(map, sizeof(map), "%u %u 1", uid, uid) < 0 ||
		    put("/proc/self/uid_map", map)))
		return -1;
	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -1;
	mkdir(store_dir, 0700);
	if (mount("tmpfs", store_dir, "tmpfs", 0, "size=320k,mode=700"))
		return -1;
	/* No room for a new one: nothing is left over. */
	snprintf(extra, sizeof(extra), "%s/filler", store_dir);
	fd = open(extra, O_WRONLY | O_CREAT, 0600);
	while (write(fd, block, sizeof(block)) > 0)
		;
	error = peer6_store_open(&store, id_ossl, store_path, STORE_UID);
	if (error != PEER6_E_DISK_FULL || store || files() != 1)
		return __LINE__;
	if (ftruncate(fd, 0))
		return __LINE__;
	error = fill_disk(10);
	if (error)
		return error;
	/* Room again: it goes on. */
	if (umount2(store_dir, MNT_DETACH))
		return __LINE__;
	close(fd);
	return 0;
}

static int in_child(int (*test)(void))
{
	pid_t pid = fork();
	int status, result = 0;

	assert_true(pid >= 0);
	if (!pid) {
		result = test();
		if (result > 0)
			fprintf(stderr, "# line %d\n", result);
		_exit(result < 0 ? 77 : result ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void disk_full(void **state)
{
	struct peer6_store *store;
	size_t n;

	(void)state;
	assert_int_equal(in_child(limited_file), 0);
	/* Without the limit it goes on where it was. */
	store = store_open();
	n = store_count(store);
	assert_true(n >= 10);
	assert_int_equal(store_add(store, 9999), 0);
	assert_int_equal(store_count(store), n + 1);
	peer6_store_close(store);
}

static void disk_full_for_real(void **state)
{
	int result = in_child(small_disk);

	(void)state;
	if (result == 77)
		skip();
	assert_int_equal(result, 0);
}

static void spoil(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(store_path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void other_versions(void **state)
{
	(void)state;
	assert_int_equal(open_error(), 0);
	spoil("PRAGMA user_version = 2");
	assert_int_equal(open_error(), PEER6_E_STORE);
	spoil("PRAGMA user_version = 1; PRAGMA application_id = 1");
	assert_int_equal(open_error(), PEER6_E_STORE);
	spoil("PRAGMA application_id = 0x70656572");
	assert_int_equal(open_error(), 0);
	spoil("DELETE FROM owner");
	assert_int_equal(open_error(), PEER6_E_CORRUPT);
	spoil("DROP TABLE owner");
	assert_int_equal(open_error(), PEER6_E_CORRUPT);
}

/* A damaged identity does not take the others with it. */
static void damaged_rows(void **state)
{
	struct peer6_store *store = store_open();
	struct peer6_key *key;
	char *xml;

	(void)state;
	assert_int_equal(peer6_store_create(store, "a", "A", 0, id_key_a, NULL),
			 0);
	assert_int_equal(peer6_store_create(store, "b", "B", 0, id_key_b, NULL),
			 0);
	peer6_store_close(store);
	spoil("UPDATE identity SET key = (SELECT key FROM identity"
	      " WHERE friendly = 'B') WHERE friendly = 'A'");
	store = store_open();
	assert_int_equal(peer6_store_key(store, "A", &key), PEER6_E_CORRUPT);
	assert_null(key);
	assert_int_equal(peer6_store_rename(store, "A", "x", NULL),
			 PEER6_E_CORRUPT);
	assert_int_equal(peer6_store_export(store, "A", "pw", false, &xml,
					    NULL), PEER6_E_CORRUPT);
	assert_int_equal(peer6_store_key(store, "B", &key), 0);
	peer6_key_free(key);
	assert_int_equal(store_count(store), 2);
	assert_int_equal(peer6_store_delete(store, "A", NULL), 0);
	peer6_store_close(store);
	spoil("UPDATE identity SET key = substr(key, 1, 100)");
	store = store_open();
	assert_int_equal(peer6_store_key(store, "B", &key), PEER6_E_CORRUPT);
	peer6_store_close(store);
	spoil("UPDATE identity SET name = 'nonsense'");
	store = store_open();
	assert_int_equal(peer6_store_key(store, NULL, &key), PEER6_E_CORRUPT);
	peer6_store_close(store);
}

static char *slurp(size_t *len)
{
	int fd = open(store_path, O_RDONLY);
	struct stat st;
	char *buf;

	assert_int_equal(fstat(fd, &st), 0);
	*len = (size_t)st.st_size;
	buf = malloc(*len);
	assert_int_equal(read(fd, buf, *len), *len);
	close(fd);
	return buf;
}

static void spit(const char *buf, size_t len)
{
	int fd = open(store_path, O_WRONLY | O_TRUNC | O_CREAT, 0600);

	assert_int_equal(write(fd, buf, len), len);
	close(fd);
}

static void cut_and_bent_files(void **state)
{
	struct peer6_store *store = store_open();
	size_t len, i, refused = 0;
	unsigned int seed = 6;
	char *good, *bad;

	(void)state;
	assert_int_equal(store_add(store, 1), 0);
	assert_int_equal(store_add(store, 2), 0);
	peer6_store_close(store);
	good = slurp(&len);
	assert_true(len > 12000);
	for (i = 0; i < len; i += 509) {
		spit(good, i);
		assert_int_equal(open_error(), PEER6_E_CORRUPT);
	}
	spit("no database\n", 12);
	assert_int_equal(open_error(), PEER6_E_CORRUPT);
	/* A burst of nonsense: refused, or all that is left works. */
	bad = malloc(len);
	for (i = 0; i < 150; i++) {
		struct peer6_identity *list;
		struct peer6_key *key;
		size_t k, at, n;

		memcpy(bad, good, len);
		seed = seed * 1103515245 + 12345;
		at = (seed >> 8) % len;
		for (k = at; k < len && k < at + 16; k++) {
			seed = seed * 1103515245 + 12345;
			bad[k] = (char)(seed >> 16);
		}
		spit(bad, len);
		if (peer6_store_open(&store, id_ossl, store_path, STORE_UID)) {
			refused++;
			continue;
		}
		if (!peer6_store_list(store, &list, &n))
			free(list);
		if (!peer6_store_key(store, ID_A ".1", &key))
			peer6_key_free(key);
		if (!store_add(store, 3))
			peer6_store_delete(store, ID_A ".3", NULL);
		peer6_store_close(store);
		store_remove();
		assert_int_equal(mkdir(store_dir, 0700), 0);
	}
	assert_true(refused > 5);
	spit(good, len);
	store = store_open();
	assert_int_equal(store_count(store), 2);
	peer6_store_close(store);
	free(good);
	free(bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(private_to_its_owner),
		store_test(keys_go_when_deleted),
		store_test(two_writers),
		store_test(many_at_once),
		store_test(killed),
		store_test(disk_full),
		store_test(disk_full_for_real),
		store_test(other_versions),
		store_test(damaged_rows),
		store_test(cut_and_bent_files),
	};

	return cmocka_run_group_tests(tests, store_setup, store_teardown);
}
