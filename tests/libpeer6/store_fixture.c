// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store_fixture.h"

static char top[40];
char store_dir[64], store_path[80];

struct peer6_store *store_open(void)
{
	struct peer6_store *store;

	assert_int_equal(peer6_store_open(&store, id_ossl, store_path,
					  STORE_UID), 0);
	return store;
}

size_t store_count(struct peer6_store *store)
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

int store_add(struct peer6_store *store, unsigned int number)
{
	char classifier[20];

	snprintf(classifier, sizeof(classifier), "%u", number);
	return peer6_store_create(store, classifier, NULL, 0, id_key_a, NULL);
}

void store_remove(void)
{
	DIR *d = opendir(store_dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	rmdir(store_dir);
}

int store_fresh(void **state)
{
	(void)state;
	store_remove();
	return 0;
}

int store_setup(void **state)
{
	/* Thousands of commits: memory waits for no disk. */
	snprintf(top, sizeof(top), "%s/peer6-store-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(top))
		return -1;
	snprintf(store_dir, sizeof(store_dir), "%s/identity", top);
	snprintf(store_path, sizeof(store_path), "%s/store", store_dir);
	return id_setup(state);
}

int store_teardown(void **state)
{
	store_remove();
	rmdir(top);
	return id_teardown(state);
}
