// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The store of identities: what it keeps, whom it trusts, and what becomes of
 * it when the disk is full, the process is killed or the file is damaged.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <dirent.h>
#include <errno.h>
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

#include <cmocka.h>
#include <sqlite3.h>

#include "id_vectors.h"

#define UID	1000

static struct peer6_openssl *ossl;
static struct peer6_key *key_a, *key_b;
static char top[40], dir[64], path[80];

static struct peer6_store *open_store(void)
{
	struct peer6_store *store;

	assert_int_equal(peer6_store_open(&store, ossl, path, UID), 0);
	return store;
}

static int open_error(void)
{
	struct peer6_store *store;
	int error = peer6_store_open(&store, ossl, path, UID);

	if (!error)
		peer6_store_close(store);
	else
		assert_null(store);
	return error;
}

static void remove_all(const char *where)
{
	DIR *d = opendir(where);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	rmdir(where);
}

/* How many files there are, none of which others may read. */
static int files(void)
{
	DIR *d = opendir(dir);
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
	DIR *d = opendir(dir);
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

static size_t count(struct peer6_store *store)
{
	struct peer6_identity *list;
	size_t n, i, defaults = 0;

	assert_int_equal(peer6_store_list(store, &list, &n), 0);
	for (i = 0; i < n; i++)
		defaults += list[i].is_default;
	assert_int_equal(defaults, n ? 1 : 0);
	free(list);
	return n;
}

/* Identities of one key are quick to make. */
static int add(struct peer6_store *store, unsigned int number)
{
	char classifier[20];

	snprintf(classifier, sizeof(classifier), "%u", number);
	return peer6_store_create(store, classifier, NULL, 0, key_a, NULL);
}

static void life_of_an_identity(void **state)
{
	struct peer6_store *store = open_store();
	struct peer6_identity alice, bob, got, *list;
	char text[PEER6_NAME_SIZE];
	struct peer6_idc idc;
	uint8_t *der;
	size_t n;

	(void)state;
	assert_int_equal(peer6_store_get(store, NULL, &got),
			 PEER6_E_NOT_FOUND);
	assert_int_equal(peer6_store_create(store, "alice", "Alice",
					    PEER6_PROFILE_COMPATIBLE, NULL,
					    &alice), 0);
	assert_true(alice.is_default);
	assert_int_equal(alice.profile, PEER6_PROFILE_COMPATIBLE);
	assert_int_equal(alice.bits, 1024);
	assert_string_equal(alice.friendly_name, "Alice");
	assert_true(llabs(alice.created - time(NULL)) < 600);
	assert_int_equal(peer6_name_format(&alice.name, text, sizeof(text)),
			 46);
	assert_string_equal(text, alice.text);
	assert_string_equal(text + 40, ".alice");
	assert_int_equal(peer6_store_create(store, NULL, NULL,
					    PEER6_PROFILE_COMPATIBLE, NULL,
					    &bob), 0);
	assert_false(bob.is_default);
	assert_string_equal(bob.friendly_name, bob.text);
	assert_int_equal(strlen(bob.text), 41);

	/* Told by name, authority, friendly name, or nothing. */
	assert_int_equal(peer6_store_get(store, NULL, &got), 0);
	assert_string_equal(got.text, alice.text);
	assert_int_equal(peer6_store_get(store, alice.text, &got), 0);
	assert_string_equal(got.text, alice.text);
	assert_int_equal(peer6_store_get(store, "Alice", &got), 0);
	assert_string_equal(got.text, alice.text);
	assert_int_equal(peer6_store_get(store, "alice", &got),
			 PEER6_E_NOT_FOUND);
	text[40] = '\0';
	assert_int_equal(peer6_store_get(store, text, &got), 0);
	assert_string_equal(got.text, alice.text);
	text[39] = '\0';
	assert_int_equal(peer6_store_get(store, text, &got),
			 PEER6_E_NOT_FOUND);
	assert_int_equal(peer6_store_get(store, "", &got), PEER6_E_NOT_FOUND);
	assert_int_equal(peer6_store_get(store, "\xff%'", &got),
			 PEER6_E_NOT_FOUND);

	assert_int_equal(peer6_store_set_default(store, bob.text, &got), 0);
	assert_true(got.is_default);
	assert_int_equal(peer6_store_get(store, NULL, &got), 0);
	assert_string_equal(got.text, bob.text);
	assert_int_equal(peer6_store_set_default(store, "nobody", NULL),
			 PEER6_E_NOT_FOUND);
	assert_int_equal(count(store), 2);

	/* All of it is there after a restart. */
	peer6_store_close(store);
	store = open_store();
	assert_int_equal(peer6_store_list(store, &list, &n), 0);
	assert_int_equal(n, 2);
	assert_string_equal(list[0].text, alice.text);
	assert_string_equal(list[1].text, bob.text);
	assert_true(list[1].is_default);
	free(list);

	/* The certificate tells the same. */
	assert_int_equal(peer6_store_idc(store, alice.text, &der, &n), 0);
	assert_int_equal(peer6_idc_read(ossl, der, n, 0, &idc), 0);
	assert_true(peer6_name_equal(&idc.name, &alice.name));
	assert_string_equal(idc.friendly_name, "Alice");
	assert_true(idc.not_before < time(NULL) - 80000);
	assert_true(idc.not_after > time(NULL) + INT64_C(31000000000));
	free(der);

	/* Deleting the default one leaves another as that. */
	assert_int_equal(peer6_store_delete(store, NULL, NULL),
			 PEER6_E_INVAL);
	assert_int_equal(peer6_store_delete(store, bob.text, &got), 0);
	assert_string_equal(got.text, bob.text);
	assert_int_equal(peer6_store_delete(store, bob.text, NULL),
			 PEER6_E_NOT_FOUND);
	assert_int_equal(peer6_store_get(store, NULL, &got), 0);
	assert_string_equal(got.text, alice.text);
	assert_int_equal(peer6_store_delete(store, alice.text, NULL), 0);
	assert_int_equal(count(store), 0);
	peer6_store_close(store);
	peer6_store_close(NULL);
}

static void renamed(void **state)
{
	struct peer6_store *store = open_store();
	struct peer6_identity one, got;
	struct peer6_idc idc;
	uint8_t *old, *new;
	size_t old_len, new_len, i;
	char text[800] = "";

	(void)state;
	for (i = 0; i < 256; i++)
		strcat(text, "\xe2\x82\xac");
	assert_int_equal(peer6_store_create(store, "a", text, 0, key_a, &one),
			 PEER6_E_FRIENDLY_NAME);
	assert_int_equal(peer6_store_create(store, "a", "Alice", 0, key_a,
					    &one), 0);
	assert_int_equal(peer6_store_idc(store, NULL, &old, &old_len), 0);
	assert_int_equal(peer6_store_rename(store, NULL, text, &got),
			 PEER6_E_FRIENDLY_NAME);
	assert_int_equal(peer6_store_rename(store, NULL, "\xff", &got),
			 PEER6_E_FRIENDLY_NAME);
	assert_int_equal(peer6_store_rename(store, "x", "y", &got),
			 PEER6_E_NOT_FOUND);
	assert_int_equal(peer6_store_rename(store, NULL, text + 3, &got), 0);
	assert_string_equal(got.friendly_name, text + 3);
	assert_string_equal(got.text, one.text);
	assert_int_equal(peer6_store_get(store, text + 3, &got), 0);
	assert_int_equal(peer6_store_idc(store, NULL, &new, &new_len), 0);
	assert_int_equal(peer6_idc_read(ossl, new, new_len, 0, &idc), 0);
	assert_string_equal(idc.friendly_name, text + 3);
	assert_true(peer6_name_equal(&idc.name, &one.name));
	/* Another serial. It stands at byte 15 for both. */
	assert_memory_equal(old + 13, "\x02\x10", 2);
	assert_memory_equal(new + 13, "\x02\x10", 2);
	assert_memory_not_equal(old + 15, new + 15, 16);
	free(old);
	free(new);
	/* None: its name. */
	assert_int_equal(peer6_store_rename(store, NULL, "", &got), 0);
	assert_string_equal(got.friendly_name, one.text);
	assert_int_equal(peer6_store_rename(store, NULL, NULL, &got), 0);
	assert_int_equal(peer6_store_get(store, NULL, &got), 0);
	assert_string_equal(got.friendly_name, one.text);
	peer6_store_close(store);
}

static void one_key_many_names(void **state)
{
	struct peer6_store *store = open_store();
	struct peer6_identity got;
	struct peer6_name name;
	char text[PEER6_NAME_SIZE];

	(void)state;
	assert_int_equal(peer6_store_create(store, "alice", "A", 0, key_a,
					    NULL), 0);
	assert_int_equal(peer6_store_create(store, "alice", "B", 0, key_a,
					    NULL), PEER6_E_EXISTS);
	assert_int_equal(peer6_store_get(store, NULL, &got), 0);
	assert_string_equal(got.friendly_name, "A");
	assert_int_equal(peer6_store_create(store, "games", "A", 0, key_a,
					    &got), 0);
	assert_string_equal(got.text, ID_A ".games");
	/* Neither tells which. */
	assert_int_equal(peer6_store_get(store, "A", &got),
			 PEER6_E_NOT_FOUND);
	assert_int_equal(peer6_store_get(store, ID_A, &got),
			 PEER6_E_NOT_FOUND);
	/* But this one has the name AUTHORITY. with no classifier. */
	assert_int_equal(peer6_store_create(store, "", "C", 0, key_a, NULL),
			 0);
	assert_int_equal(peer6_store_get(store, ID_A, &got), 0);
	assert_string_equal(got.text, ID_A ".");
	assert_int_equal(peer6_store_create(store, "\xff", NULL, 0, key_a,
					    NULL), PEER6_E_CLASSIFIER);
	memset(text, 'a', 150);
	text[150] = '\0';
	assert_int_equal(peer6_store_create(store, text, NULL, 0, key_a, NULL),
			 PEER6_E_CLASSIFIER);
	assert_int_equal(count(store), 3);

	assert_int_equal(peer6_store_derive(store, NULL, "chess", &name), 0);
	peer6_name_format(&name, text, sizeof(text));
	assert_string_equal(text, ID_A ".chess");
	assert_int_equal(peer6_store_derive(store, "C", NULL, &name), 0);
	peer6_name_format(&name, text, sizeof(text));
	assert_string_equal(text, ID_A ".");
	assert_int_equal(peer6_store_derive(store, NULL, "\xff", &name),
			 PEER6_E_CLASSIFIER);
	assert_int_equal(peer6_store_derive(store, "x", "a", &name),
			 PEER6_E_NOT_FOUND);
	assert_int_equal(count(store), 3);
	peer6_store_close(store);
}

static void keys_sign(void **state)
{
	const struct peer6_crypto *crypto = peer6_crypto_openssl(ossl);
	struct peer6_store *store = open_store();
	struct peer6_identity strong;
	struct peer6_signer signer;
	struct peer6_key *key;
	uint8_t sig[PEER6_SIG_MAX], hash[20];
	const uint8_t *public;
	size_t len, sig_len = sizeof(sig);

	(void)state;
	assert_int_equal(peer6_store_key(store, NULL, &key),
			 PEER6_E_NOT_FOUND);
	assert_null(key);
	assert_int_equal(peer6_store_create(store, "s", "Strong",
					    PEER6_PROFILE_STRONG, NULL,
					    &strong), 0);
	assert_int_equal(strong.profile, PEER6_PROFILE_STRONG);
	assert_int_equal(strong.bits, 3072);
	assert_int_equal(peer6_store_create(store, "a", NULL, 0, key_a, NULL),
			 0);
	assert_int_equal(peer6_store_create(store, "p", NULL, 7, NULL, NULL),
			 PEER6_E_INVAL);

	assert_int_equal(peer6_store_key(store, ID_A, &key), 0);
	assert_int_equal(peer6_key_signer(key, &signer), 0);
	assert_int_equal(signer.sign(signer.ctx, "abc", 3, sig), 0);
	assert_int_equal(crypto->verify(crypto->ctx, signer.key, "abc", 3,
					sig), 0);
	assert_int_equal(crypto->verify(crypto->ctx, signer.key, "abd", 3,
					sig), PEER6_E_SIGNATURE);
	peer6_key_free(key);

	assert_int_equal(peer6_store_key(store, "Strong", &key), 0);
	assert_int_equal(peer6_key_signer(key, &signer), PEER6_E_PROFILE);
	assert_int_equal(peer6_key_sign(key, "abc", 3, sig, &sig_len), 0);
	public = peer6_key_public(key, &len);
	assert_int_equal(peer6_verify(ossl, public, len, "abc", 3, sig,
				      sig_len), 0);
	assert_int_equal(peer6_name_authority(crypto, public, len, hash), 0);
	assert_memory_equal(hash, strong.name.authority, 20);
	peer6_key_free(key);
	peer6_store_close(store);
}

static void moved_to_another_computer(void **state)
{
	struct peer6_store *store = open_store();
	struct peer6_identity got, strong;
	uint8_t *pfx, *der, *again;
	size_t len, again_len;
	char *known, *xml, *xml_s;

	(void)state;
	pfx = id_base64(id_pfx_a, &len);
	known = id_export(ID_A ".alice", pfx, len);
	free(pfx);
	assert_int_equal(peer6_store_import(store, known, strlen(known),
					    "wrong", &got), PEER6_E_PASSWORD);
	assert_int_equal(peer6_store_import(store, known, strlen(known) / 2,
					    ID_PASSWORD, &got),
			 PEER6_E_CORRUPT);
	assert_int_equal(count(store), 0);
	assert_int_equal(peer6_store_import(store, known, strlen(known),
					    ID_PASSWORD, &got), 0);
	assert_string_equal(got.text, ID_A ".alice");
	assert_string_equal(got.friendly_name, "Alice");
	assert_true(got.is_default);
	/* The certificate is the one that others know. */
	assert_int_equal(peer6_store_idc(store, NULL, &der, &len), 0);
	again = id_base64(id_idc_a, &again_len);
	assert_int_equal(len, again_len);
	assert_memory_equal(der, again, len);
	free(again);
	/* A second time changes nothing, also not the name given meanwhile. */
	assert_int_equal(peer6_store_rename(store, NULL, "Mine", NULL), 0);
	assert_int_equal(peer6_store_import(store, known, strlen(known),
					    ID_PASSWORD, &got),
			 PEER6_E_EXISTS);
	assert_int_equal(peer6_store_get(store, NULL, &got), 0);
	assert_string_equal(got.friendly_name, "Mine");
	free(known);
	free(der);

	assert_int_equal(peer6_store_create(store, "s", "Strong",
					    PEER6_PROFILE_STRONG, NULL,
					    &strong), 0);
	assert_int_equal(peer6_store_export(store, NULL, "pw", false, &xml,
					    &got), 0);
	assert_string_equal(got.text, ID_A ".alice");
	assert_int_equal(peer6_store_export(store, "Strong", "pw", false,
					    &xml_s, NULL), 0);
	assert_int_equal(peer6_store_export(store, NULL, "", false, &known,
					    NULL), PEER6_E_PASSWORD);
	assert_int_equal(peer6_store_export(store, "x", "pw", false, &known,
					    NULL), PEER6_E_NOT_FOUND);
	assert_null(known);
	peer6_store_close(store);

	remove_all(dir);
	store = open_store();
	assert_int_equal(peer6_store_import(store, xml_s, strlen(xml_s), "pw",
					    &got), 0);
	assert_string_equal(got.text, strong.text);
	assert_int_equal(got.profile, PEER6_PROFILE_STRONG);
	assert_int_equal(peer6_store_import(store, xml, strlen(xml), "pw",
					    &got), 0);
	assert_string_equal(got.friendly_name, "Mine");
	assert_int_equal(count(store), 2);
	free(xml);
	free(xml_s);
	peer6_store_close(store);
}

static void default_comes_by_itself(void **state)
{
	struct peer6_store *store = open_store();
	struct peer6_identity got;
	uint8_t *der;
	char *xml;
	struct peer6_idc idc;
	size_t len;

	(void)state;
	assert_int_equal(peer6_store_xml(store, "x", "bob", &xml, NULL),
			 PEER6_E_NOT_FOUND);
	assert_int_equal(count(store), 0);
	assert_int_equal(peer6_store_xml(store, NULL, "bob", &xml, &got), 0);
	assert_string_equal(got.friendly_name, "bob");
	assert_int_equal(got.name.n_classifier, 0);
	assert_true(got.is_default);
	assert_int_equal(peer6_idxml_read(xml, strlen(xml), &der, &len), 0);
	assert_int_equal(peer6_idc_read(ossl, der, len, 0, &idc), 0);
	assert_true(peer6_name_equal(&idc.name, &got.name));
	free(der);
	free(xml);
	assert_int_equal(peer6_store_xml(store, NULL, "bob", &xml, NULL), 0);
	free(xml);
	assert_int_equal(count(store), 1);
	peer6_store_close(store);
}

static void not_more_than_256(void **state)
{
	struct peer6_store *store = open_store();
	unsigned int i;

	(void)state;
	for (i = 0; i < PEER6_IDENTITIES_MAX; i++)
		assert_int_equal(add(store, i), 0);
	assert_int_equal(add(store, i), PEER6_E_LIMIT);
	assert_int_equal(add(store, 7), PEER6_E_EXISTS);
	assert_int_equal(count(store), PEER6_IDENTITIES_MAX);
	assert_int_equal(peer6_store_delete(store, ID_A ".7", NULL), 0);
	assert_int_equal(add(store, i), 0);
	peer6_store_close(store);
}

static void private_to_its_owner(void **state)
{
	static const mode_t bad[] = { 0640, 0604, 0660, 0620, 0602, 0610 };
	mode_t mask = umask(0);
	struct peer6_store *store = open_store();
	char other[100];
	struct stat st;
	size_t i;

	(void)state;
	assert_int_equal(add(store, 1), 0);
	/* With the log beside it, and before nothing else was left. */
	assert_int_equal(files(), 3);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	peer6_store_close(store);
	assert_int_equal(files(), 1);
	umask(mask);

	for (i = 0; i < 6; i++) {
		assert_int_equal(chmod(path, bad[i]), 0);
		assert_int_equal(open_error(), PEER6_E_KEY_ACCESS);
		assert_int_equal(chmod(path, 0600), 0);
		assert_int_equal(chmod(dir, bad[i] | 0100), 0);
		assert_int_equal(open_error(), PEER6_E_KEY_ACCESS);
		assert_int_equal(chmod(dir, 0700), 0);
	}
	assert_int_equal(open_error(), 0);

	/* Links, to the file and to the directory. */
	snprintf(other, sizeof(other), "%s/other", dir);
	assert_int_equal(link(path, other), 0);
	assert_int_equal(open_error(), PEER6_E_KEY_ACCESS);
	assert_int_equal(rename(path, other), 0);
	unlink(path);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(open_error(), PEER6_E_KEY_ACCESS);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rename(other, path), 0);
	assert_int_equal(open_error(), 0);
	snprintf(other, sizeof(other), "%s.moved", dir);
	assert_int_equal(rename(dir, other), 0);
	assert_int_equal(symlink(other, dir), 0);
	assert_int_equal(open_error(), PEER6_E_KEY_ACCESS);
	assert_int_equal(unlink(dir), 0);
	assert_int_equal(rename(other, dir), 0);

	/* Somebody else's. */
	assert_int_equal(peer6_store_open(&store, ossl, path, UID + 1),
			 PEER6_E_KEY_ACCESS);
	assert_int_equal(peer6_store_open(&store, ossl, path, 65534),
			 PEER6_E_KEY_ACCESS);
	assert_null(store);
	if (!geteuid()) {
		assert_int_equal(chown(path, 1, 1), 0);
		assert_int_equal(open_error(), PEER6_E_KEY_ACCESS);
		assert_int_equal(chown(path, 0, 0), 0);
		assert_int_equal(chown(dir, 1, 1), 0);
		assert_int_equal(open_error(), PEER6_E_KEY_ACCESS);
		assert_int_equal(chown(dir, 0, 0), 0);
	}
	assert_int_equal(open_error(), 0);

	/* Where nothing can be. */
	assert_int_equal(peer6_store_open(&store, ossl,
					  "/nowhere/at/all/store", UID),
			 PEER6_E_IO);
	assert_int_equal(peer6_store_open(&store, ossl, "/dev/null/store",
					  UID), PEER6_E_KEY_ACCESS);
}

static void keys_go_when_deleted(void **state)
{
	struct peer6_store *store = open_store();
	uint8_t *der;
	size_t len;

	(void)state;
	/* Identities around it, so that its pages stay in use. */
	assert_int_equal(peer6_store_create(store, "1", NULL, 0, key_a, NULL),
			 0);
	assert_int_equal(peer6_store_create(store, "2", NULL, 0, key_b, NULL),
			 0);
	assert_int_equal(peer6_store_create(store, "3", NULL, 0, key_a, NULL),
			 0);
	assert_int_equal(peer6_key_write(key_b, &der, &len), 0);
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
	struct peer6_store *a = open_store(), *b = open_store();
	sqlite3 *db;
	struct timespec from, to;

	(void)state;
	/* In turn. */
	assert_int_equal(add(a, 1), 0);
	assert_int_equal(add(b, 2), 0);
	assert_int_equal(add(b, 1), PEER6_E_EXISTS);
	assert_int_equal(count(a), 2);
	/* One does not let go: readers read on, writers give up in time. */
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE; DELETE FROM"
				      " identity", NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(count(a), 2);
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(add(a, 3), PEER6_E_IN_USE);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_true(to.tv_sec - from.tv_sec >= PEER6_STORE_WAIT / 1000 - 1);
	assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(add(a, 3), 0);
	assert_int_equal(count(b), 3);
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
		    peer6_store_open(&store, ossl, path, UID) ||
		    add(store, 10U * i) || add(store, 10U * i + 1))
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
	store = open_store();
	assert_int_equal(count(store), 16);
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
			if (peer6_store_open(&store, ossl, path, UID))
				_exit(1);
			for (i = 0;; i++) {
				n = 1000 * round + i;
				if (add(store, n) ||
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
		store = open_store();
		n = (unsigned int)count(store);
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
	int error = peer6_store_open(&store, ossl, path, UID);

	if (error)
		return __LINE__;
	while (!(error = add(store, n)))
		n++;
	if (error != PEER6_E_DISK_FULL || n < least)
		return __LINE__;
	/* Nothing of what was there is gone, nothing of the last has come. */
	if (peer6_store_list(store, &list, &have) || have != n)
		return __LINE__;
	free(list);
	if (add(store, n) != PEER6_E_DISK_FULL)
		return __LINE__;
	peer6_store_close(store);
	if (peer6_store_open(&store, ossl, path, UID))
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
	mkdir(dir, 0700);
	if (mount("tmpfs", dir, "tmpfs", 0, "size=320k,mode=700"))
		return -1;
	/* No room for a new one: nothing is left over. */
	snprintf(extra, sizeof(extra), "%s/filler", dir);
	fd = open(extra, O_WRONLY | O_CREAT, 0600);
	while (write(fd, block, sizeof(block)) > 0)
		;
	error = peer6_store_open(&store, ossl, path, UID);
	if (error != PEER6_E_DISK_FULL || store || files() != 1)
		return __LINE__;
	if (ftruncate(fd, 0))
		return __LINE__;
	error = fill_disk(10);
	if (error)
		return error;
	/* Room again: it goes on. */
	if (umount2(dir, MNT_DETACH))
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
	store = open_store();
	n = count(store);
	assert_true(n >= 10);
	assert_int_equal(add(store, 9999), 0);
	assert_int_equal(count(store), n + 1);
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

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
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
	struct peer6_store *store = open_store();
	struct peer6_key *key;
	char *xml;

	(void)state;
	assert_int_equal(peer6_store_create(store, "a", "A", 0, key_a, NULL),
			 0);
	assert_int_equal(peer6_store_create(store, "b", "B", 0, key_b, NULL),
			 0);
	peer6_store_close(store);
	spoil("UPDATE identity SET key = (SELECT key FROM identity"
	      " WHERE friendly = 'B') WHERE friendly = 'A'");
	store = open_store();
	assert_int_equal(peer6_store_key(store, "A", &key), PEER6_E_CORRUPT);
	assert_null(key);
	assert_int_equal(peer6_store_rename(store, "A", "x", NULL),
			 PEER6_E_CORRUPT);
	assert_int_equal(peer6_store_export(store, "A", "pw", false, &xml,
					    NULL), PEER6_E_CORRUPT);
	assert_int_equal(peer6_store_key(store, "B", &key), 0);
	peer6_key_free(key);
	assert_int_equal(count(store), 2);
	assert_int_equal(peer6_store_delete(store, "A", NULL), 0);
	peer6_store_close(store);
	spoil("UPDATE identity SET key = substr(key, 1, 100)");
	store = open_store();
	assert_int_equal(peer6_store_key(store, "B", &key), PEER6_E_CORRUPT);
	peer6_store_close(store);
	spoil("UPDATE identity SET name = 'nonsense'");
	store = open_store();
	assert_int_equal(peer6_store_key(store, NULL, &key), PEER6_E_CORRUPT);
	peer6_store_close(store);
}

static char *slurp(size_t *len)
{
	int fd = open(path, O_RDONLY);
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
	int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0600);

	assert_int_equal(write(fd, buf, len), len);
	close(fd);
}

static void cut_and_bent_files(void **state)
{
	struct peer6_store *store = open_store();
	size_t len, i, refused = 0;
	unsigned int seed = 6;
	char *good, *bad;

	(void)state;
	assert_int_equal(add(store, 1), 0);
	assert_int_equal(add(store, 2), 0);
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
		if (peer6_store_open(&store, ossl, path, UID)) {
			refused++;
			continue;
		}
		if (!peer6_store_list(store, &list, &n))
			free(list);
		if (!peer6_store_key(store, ID_A ".1", &key))
			peer6_key_free(key);
		if (!add(store, 3))
			peer6_store_delete(store, ID_A ".3", NULL);
		peer6_store_close(store);
		remove_all(dir);
		assert_int_equal(mkdir(dir, 0700), 0);
	}
	assert_true(refused > 5);
	spit(good, len);
	store = open_store();
	assert_int_equal(count(store), 2);
	peer6_store_close(store);
	free(good);
	free(bad);
}

static int fresh(void **state)
{
	(void)state;
	remove_all(dir);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	/* Thousands of commits: memory waits for no disk. */
	snprintf(top, sizeof(top), "%s/peer6-store-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(top) || peer6_crypto_openssl_init(&ossl))
		return -1;
	snprintf(dir, sizeof(dir), "%s/identity", top);
	snprintf(path, sizeof(path), "%s/store", dir);
	key_a = id_key(ossl, 'A');
	key_b = id_key(ossl, 'B');
	return key_a && key_b ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	remove_all(dir);
	rmdir(top);
	peer6_key_free(key_a);
	peer6_key_free(key_b);
	peer6_crypto_openssl_free(ossl);
	return 0;
}

#define fresh_test(f) cmocka_unit_test_setup(f, fresh)

int main(void)
{
	const struct CMUnitTest tests[] = {
		fresh_test(life_of_an_identity),
		fresh_test(renamed),
		fresh_test(one_key_many_names),
		fresh_test(keys_sign),
		fresh_test(moved_to_another_computer),
		fresh_test(default_comes_by_itself),
		fresh_test(not_more_than_256),
		fresh_test(private_to_its_owner),
		fresh_test(keys_go_when_deleted),
		fresh_test(two_writers),
		fresh_test(many_at_once),
		fresh_test(killed),
		fresh_test(disk_full),
		fresh_test(disk_full_for_real),
		fresh_test(other_versions),
		fresh_test(damaged_rows),
		fresh_test(cut_and_bent_files),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
