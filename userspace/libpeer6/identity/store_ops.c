// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is done with identities. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store.h"

#define COLUMNS	"name, friendly, profile, bits, created, is_default"

static int prepare(struct peer6_store *store, const char *sql,
		   const char *text, sqlite3_stmt **stmt)
{
	int rc = sqlite3_prepare_v2(store->db, sql, -1, stmt, NULL);

	if (rc == SQLITE_OK && text)
		rc = sqlite3_bind_text(*stmt, 1, text, -1, SQLITE_STATIC);
	return peer6_store_error(store->db, rc);
}

static int step(struct peer6_store *store, sqlite3_stmt *stmt, bool *row)
{
	int rc = sqlite3_step(stmt);

	*row = rc == SQLITE_ROW;
	return peer6_store_error(store->db, rc);
}

static int row_get(sqlite3_stmt *stmt, struct peer6_identity *identity)
{
	const char *name = (const char *)sqlite3_column_text(stmt, 0);
	const char *friendly = (const char *)sqlite3_column_text(stmt, 1);

	if (!name || !friendly)
		return PEER6_E_NOMEM;
	memset(identity, 0, sizeof(*identity));
	if (peer6_name_parse(&identity->name, name) ||
	    !identity->name.secure ||
	    strlen(friendly) >= sizeof(identity->friendly_name))
		return PEER6_E_CORRUPT;
	strcpy(identity->text, name);
	strcpy(identity->friendly_name, friendly);
	identity->profile = sqlite3_column_int(stmt, 2);
	identity->bits = (unsigned int)sqlite3_column_int(stmt, 3);
	identity->created = sqlite3_column_int64(stmt, 4);
	identity->is_default = sqlite3_column_int(stmt, 5);
	return peer6_profile_name(identity->profile) ? 0 : PEER6_E_CORRUPT;
}

/* The one that the query finds; NOT_FOUND for none and for several. */
static int get_one(struct peer6_store *store, const char *sql,
		   const char *text, struct peer6_identity *identity)
{
	sqlite3_stmt *stmt = NULL;
	bool row = false;
	int error = prepare(store, sql, text, &stmt);

	if (!error)
		error = step(store, stmt, &row);
	if (!error)
		error = row ? row_get(stmt, identity) : PEER6_E_NOT_FOUND;
	if (!error) {
		error = step(store, stmt, &row);
		if (!error && row)
			error = PEER6_E_NOT_FOUND;
	}
	sqlite3_finalize(stmt);
	return error;
}

static int find(struct peer6_store *store, const char *which,
		struct peer6_identity *identity)
{
	static const char *const ways[] = {
		"SELECT " COLUMNS " FROM identity"
		" WHERE name = ?1 OR name = ?1 || '.'",
		"SELECT " COLUMNS " FROM identity"
		" WHERE substr(name, 1, 41) = ?1 || '.' LIMIT 2",
		"SELECT " COLUMNS " FROM identity WHERE friendly = ?1 LIMIT 2",
	};
	size_t i;
	int error = PEER6_E_NOT_FOUND;

	if (!which)
		return get_one(store, "SELECT " COLUMNS " FROM identity"
			       " WHERE is_default", NULL, identity);
	for (i = 0; i < 3 && error == PEER6_E_NOT_FOUND; i++)
		error = get_one(store, ways[i], which, identity);
	return error;
}

/* A certificate or key of the identity; the caller's to peer6_secret_free(). */
static int blob(struct peer6_store *store, const char *sql,
		const struct peer6_identity *identity, uint8_t **out,
		size_t *len)
{
	sqlite3_stmt *stmt = NULL;
	bool row = false;
	int error = prepare(store, sql, identity->text, &stmt);

	*out = NULL;
	*len = 0;
	if (!error)
		error = step(store, stmt, &row);
	if (!error && !row)
		error = PEER6_E_NOT_FOUND;
	if (!error) {
		const void *p = sqlite3_column_blob(stmt, 0);

		*len = (size_t)sqlite3_column_bytes(stmt, 0);
		*out = *len ? malloc(*len) : NULL;
		if (*out)
			memcpy(*out, p, *len);
		else
			error = *len ? PEER6_E_NOMEM : PEER6_E_CORRUPT;
	}
	sqlite3_finalize(stmt);
	return error;
}

static int get_idc(struct peer6_store *store,
		   const struct peer6_identity *identity, uint8_t **der,
		   size_t *len)
{
	return blob(store, "SELECT idc FROM identity WHERE name = ?1", identity,
		    der, len);
}

static int get_key(struct peer6_store *store,
		   const struct peer6_identity *identity,
		   struct peer6_key **key)
{
	uint8_t *der, authority[PEER6_AUTHORITY_LEN];
	size_t len;
	int error = blob(store, "SELECT key FROM identity WHERE name = ?1",
			 identity, &der, &len);

	*key = NULL;
	if (error)
		return error;
	error = peer6_key_read(store->ossl, der, len, key);
	peer6_secret_free(der, len);
	/* What was a key when it was stored is damaged if it is none now. */
	if (error)
		return error == PEER6_E_KEY ? PEER6_E_CORRUPT : error;
	error = peer6_name_authority(&store->ossl->crypto, (*key)->public,
				     (*key)->public_len, authority);
	if (!error && memcmp(authority, identity->name.authority,
			     sizeof(authority)))
		error = PEER6_E_CORRUPT;
	if (error) {
		peer6_key_free(*key);
		*key = NULL;
	}
	return error;
}

/* Serial and times of a certificate made now. */
static int issue(struct peer6_store *store, const struct peer6_key *key,
		 const struct peer6_name *name, const char *friendly_name,
		 uint8_t **der, size_t *len)
{
	int64_t now = time(NULL);
	uint8_t serial[PEER6_SERIAL_LEN] = { 0 };
	int error = 0;

	*der = NULL;
	*len = 0;
	/* 126 random bits; the first byte keeps 16 octets in DER. */
	while (!error && !serial[0]) {
		error = peer6_random_openssl(store->ossl, serial,
					     sizeof(serial));
		serial[0] &= 0x7f;
	}
	if (error)
		return error;
	return peer6_idc_build(key, name, friendly_name, serial,
			       now - PEER6_IDC_BEFORE, now + PEER6_IDC_AFTER,
			       der, len);
}

static int friendly_check(const char *friendly_name)
{
	ptrdiff_t n = friendly_name ?
		peer6_utf8_to_utf16(friendly_name, strlen(friendly_name), NULL,
				    0) : 0;

	return n < 0 || n > PEER6_FRIENDLY_MAX ? PEER6_E_FRIENDLY_NAME : 0;
}

static int count(struct peer6_store *store, int64_t *n)
{
	sqlite3_stmt *stmt = NULL;
	bool row = false;
	int error = prepare(store, "SELECT count(*) FROM identity", NULL,
			    &stmt);

	if (!error)
		error = step(store, stmt, &row);
	*n = row ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_finalize(stmt);
	return error;
}

static int insert(struct peer6_store *store,
		  const struct peer6_identity *identity,
		  const void *idc, size_t idc_len,
		  const void *key, size_t key_len)
{
	sqlite3_stmt *stmt = NULL;
	bool row;
	int error = prepare(store, "INSERT INTO identity (" COLUMNS
			    ", idc, key) VALUES (?1, ?2, ?3, ?4, ?5,"
			    " NOT EXISTS (SELECT * FROM identity"
			    " WHERE is_default), ?6, ?7)", identity->text,
			    &stmt);

	if (error)
		return error;
	if (sqlite3_bind_text(stmt, 2, identity->friendly_name, -1,
			      SQLITE_STATIC) ||
	    sqlite3_bind_int(stmt, 3, (int)identity->profile) ||
	    sqlite3_bind_int(stmt, 4, (int)identity->bits) ||
	    sqlite3_bind_int64(stmt, 5, time(NULL)) ||
	    sqlite3_bind_blob(stmt, 6, idc, (int)idc_len, SQLITE_STATIC) ||
	    sqlite3_bind_blob(stmt, 7, key, (int)key_len, SQLITE_STATIC))
		error = PEER6_E_NOMEM;
	if (!error)
		error = step(store, stmt, &row);
	sqlite3_finalize(stmt);
	return error;
}

/* Puts in a key and the certificate that goes with it. */
static int add(struct peer6_store *store, const struct peer6_key *key,
	       const uint8_t *idc, size_t idc_len,
	       struct peer6_identity *identity)
{
	struct peer6_identity made = { 0 }, found;
	struct peer6_idc info;
	uint8_t *pkcs8 = NULL;
	size_t pkcs8_len = 0;
	int64_t n = 0;
	int error = peer6_idc_read(store->ossl, idc, idc_len, 0, &info);

	if (!error)
		error = peer6_key_write(key, &pkcs8, &pkcs8_len);
	if (error)
		return error;
	made.name = info.name;
	made.profile = info.profile;
	made.bits = info.bits;
	peer6_name_format(&info.name, made.text, sizeof(made.text));
	strcpy(made.friendly_name, info.friendly_name);
	error = peer6_store_begin(store);
	if (!error) {
		error = count(store, &n);
		if (!error)
			error = get_one(store, "SELECT " COLUMNS
					" FROM identity WHERE name = ?1",
					made.text, &found);
		if (!error)
			error = PEER6_E_EXISTS;
		else if (error == PEER6_E_NOT_FOUND)
			error = n < PEER6_IDENTITIES_MAX ? 0 : PEER6_E_LIMIT;
		if (!error)
			error = insert(store, &made, idc, idc_len, pkcs8,
				       pkcs8_len);
		if (!error)
			error = get_one(store, "SELECT " COLUMNS
					" FROM identity WHERE name = ?1",
					made.text, &found);
		error = peer6_store_end(store, error);
	}
	peer6_secret_free(pkcs8, pkcs8_len);
	if (!error && identity)
		*identity = found;
	return error;
}

int peer6_store_create(struct peer6_store *store, const char *classifier,
		       const char *friendly_name, enum peer6_profile profile,
		       struct peer6_key *given,
		       struct peer6_identity *identity)
{
	uint8_t authority[PEER6_AUTHORITY_LEN], *idc = NULL;
	struct peer6_key *key = NULL;
	struct peer6_name name;
	size_t idc_len = 0;
	int error;

	/* What is wrong shows before a key is made. */
	error = peer6_name_make(&name, NULL, classifier);
	if (!error)
		error = friendly_check(friendly_name);
	if (error)
		return error;
	if (given)
		key = peer6_key_ref(given);
	else
		error = peer6_key_generate(store->ossl, profile, &key);
	if (!error)
		error = peer6_name_authority(&store->ossl->crypto, key->public,
					     key->public_len, authority);
	if (!error)
		error = peer6_name_make(&name, authority, classifier);
	if (!error)
		error = issue(store, key, &name, friendly_name, &idc,
			      &idc_len);
	if (!error)
		error = add(store, key, idc, idc_len, identity);
	free(idc);
	peer6_key_free(key);
	return error;
}

int peer6_store_get(struct peer6_store *store, const char *which,
		    struct peer6_identity *identity)
{
	return find(store, which, identity);
}

int peer6_store_list(struct peer6_store *store, struct peer6_identity **list,
		     size_t *n)
{
	struct peer6_identity *all = NULL, *more;
	sqlite3_stmt *stmt = NULL;
	size_t have = 0;
	bool row;
	int error = prepare(store, "SELECT " COLUMNS
			    " FROM identity ORDER BY id", NULL, &stmt);

	*list = NULL;
	*n = 0;
	while (!error) {
		error = step(store, stmt, &row);
		if (error || !row)
			break;
		more = realloc(all, (have + 1) * sizeof(*all));
		if (!more) {
			error = PEER6_E_NOMEM;
			break;
		}
		all = more;
		error = row_get(stmt, &all[have++]);
	}
	sqlite3_finalize(stmt);
	if (error) {
		free(all);
		return error;
	}
	*list = all;
	*n = have;
	return 0;
}

static int update(struct peer6_store *store,
		  const struct peer6_identity *identity,
		  const void *idc, size_t len)
{
	sqlite3_stmt *stmt = NULL;
	bool row;
	int error = prepare(store, "UPDATE identity SET friendly = ?2,"
			    " idc = ?3 WHERE name = ?1", identity->text, &stmt);

	if (!error && (sqlite3_bind_text(stmt, 2, identity->friendly_name, -1,
					 SQLITE_STATIC) ||
		       sqlite3_bind_blob(stmt, 3, idc, (int)len,
					 SQLITE_STATIC)))
		error = PEER6_E_NOMEM;
	if (!error)
		error = step(store, stmt, &row);
	sqlite3_finalize(stmt);
	return error;
}

int peer6_store_rename(struct peer6_store *store, const char *which,
		       const char *friendly_name,
		       struct peer6_identity *identity)
{
	struct peer6_identity found;
	struct peer6_key *key = NULL;
	uint8_t *idc = NULL;
	size_t len = 0;
	int error = friendly_check(friendly_name);

	if (!error)
		error = peer6_store_begin(store);
	if (error)
		return error;
	error = find(store, which, &found);
	if (!error)
		error = get_key(store, &found, &key);
	if (!error)
		error = issue(store, key, &found.name, friendly_name, &idc,
			      &len);
	if (!error) {
		strcpy(found.friendly_name, friendly_name && *friendly_name ?
		       friendly_name : found.text);
		error = update(store, &found, idc, len);
	}
	error = peer6_store_end(store, error);
	peer6_key_free(key);
	free(idc);
	if (!error && identity)
		*identity = found;
	return error;
}

static int change(struct peer6_store *store, const char *sql,
		  const char *text)
{
	sqlite3_stmt *stmt = NULL;
	bool row;
	int error = prepare(store, sql, text, &stmt);

	if (!error)
		error = step(store, stmt, &row);
	sqlite3_finalize(stmt);
	return error;
}

int peer6_store_set_default(struct peer6_store *store, const char *which,
			    struct peer6_identity *identity)
{
	struct peer6_identity found;
	int error = peer6_store_begin(store);

	if (error)
		return error;
	error = find(store, which, &found);
	if (!error)
		error = change(store, "UPDATE identity SET is_default = 0"
			       " WHERE is_default", NULL);
	if (!error)
		error = change(store, "UPDATE identity SET is_default = 1"
			       " WHERE name = ?1", found.text);
	error = peer6_store_end(store, error);
	if (!error && identity) {
		*identity = found;
		identity->is_default = true;
	}
	return error;
}

int peer6_store_delete(struct peer6_store *store, const char *which,
		       struct peer6_identity *identity)
{
	struct peer6_identity found;
	int error;

	if (!which)
		return PEER6_E_INVAL;
	error = peer6_store_begin(store);
	if (error)
		return error;
	error = find(store, which, &found);
	if (!error)
		error = change(store, "DELETE FROM identity WHERE name = ?1",
			       found.text);
	if (!error && found.is_default)
		error = change(store, "UPDATE identity SET is_default = 1"
			       " WHERE id = (SELECT min(id) FROM identity)",
			       NULL);
	error = peer6_store_end(store, error);
	if (error)
		return error;
	/*
	 * The log still has the page with the key. If a reader is in the way it
	 * goes with the next one; the identity is deleted in any case.
	 */
	peer6_store_run(store->db, "PRAGMA wal_checkpoint(TRUNCATE)");
	if (identity)
		*identity = found;
	return 0;
}

int peer6_store_import(struct peer6_store *store, const void *xml, size_t len,
		       const char *password, struct peer6_identity *identity)
{
	struct peer6_key *key;
	uint8_t *idc;
	size_t idc_len;
	int error = peer6_export_read(store->ossl, xml, len, password, &key,
				      &idc, &idc_len);

	if (error)
		return error;
	error = add(store, key, idc, idc_len, identity);
	peer6_key_free(key);
	free(idc);
	return error;
}

int peer6_store_export(struct peer6_store *store, const char *which,
		       const char *password, bool strong, char **xml,
		       struct peer6_identity *identity)
{
	struct peer6_identity found;
	struct peer6_key *key = NULL;
	uint8_t *idc = NULL;
	size_t len;
	int error = find(store, which, &found);

	*xml = NULL;
	if (!error)
		error = get_key(store, &found, &key);
	if (!error)
		error = get_idc(store, &found, &idc, &len);
	if (!error)
		error = peer6_export_write(store->ossl, key, idc, len, password,
					   strong, xml);
	free(idc);
	peer6_key_free(key);
	if (!error && identity)
		*identity = found;
	return error;
}

int peer6_store_xml(struct peer6_store *store, const char *which,
		    const char *login, char **xml,
		    struct peer6_identity *identity)
{
	struct peer6_identity found;
	uint8_t *idc = NULL;
	size_t len;
	int error = find(store, which, &found);

	*xml = NULL;
	if (error == PEER6_E_NOT_FOUND && !which)
		error = peer6_store_create(store, NULL, login,
					   PEER6_PROFILE_COMPATIBLE, NULL,
					   &found);
	if (!error)
		error = get_idc(store, &found, &idc, &len);
	if (!error)
		error = peer6_idxml_write(idc, len, xml);
	free(idc);
	if (!error && identity)
		*identity = found;
	return error;
}

int peer6_store_idc(struct peer6_store *store, const char *which,
		    uint8_t **der, size_t *len)
{
	struct peer6_identity found;
	int error = find(store, which, &found);

	*der = NULL;
	*len = 0;
	return error ? error : get_idc(store, &found, der, len);
}

int peer6_store_derive(struct peer6_store *store, const char *which,
		       const char *classifier, struct peer6_name *name)
{
	struct peer6_identity found;
	int error = find(store, which, &found);

	if (error)
		return error;
	if (classifier)
		return peer6_name_make(name, found.name.authority, classifier);
	*name = found.name;
	return 0;
}

int peer6_store_key(struct peer6_store *store, const char *which,
		    struct peer6_key **key)
{
	struct peer6_identity found;
	int error = find(store, which, &found);

	*key = NULL;
	return error ? error : get_key(store, &found, key);
}
