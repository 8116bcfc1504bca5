// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the store of identities keeps: names, keys and certificates, the default
 * one, and how many.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store_fixture.h"

static void life_of_an_identity(void **state)
{
	struct peer6_store *store = store_open();
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
	assert_int_equal(store_count(store), 2);

	/* All of it is there after a restart. */
	peer6_store_close(store);
	store = store_open();
	assert_int_equal(peer6_store_list(store, &list, &n), 0);
	assert_int_equal(n, 2);
	assert_string_equal(list[0].text, alice.text);
	assert_string_equal(list[1].text, bob.text);
	assert_true(list[1].is_default);
	free(list);

	/* The certificate tells the same. */
	assert_int_equal(peer6_store_idc(store, alice.text, &der, &n), 0);
	assert_int_equal(peer6_idc_read(id_ossl, der, n, 0, &idc), 0);
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
	assert_int_equal(store_count(store), 0);
	peer6_store_close(store);
	peer6_store_close(NULL);
}

static void renamed(void **state)
{
	struct peer6_store *store = store_open();
	struct peer6_identity one, got;
	struct peer6_idc idc;
	uint8_t *old, *new;
	size_t old_len, new_len, i;
	char text[800] = "";

	(void)state;
	for (i = 0; i < 256; i++)
		strcat(text, "\xe2\x82\xac");
	assert_int_equal(peer6_store_create(store, "a", text, 0, id_key_a,
					    &one), PEER6_E_FRIENDLY_NAME);
	assert_int_equal(peer6_store_create(store, "a", "Alice", 0, id_key_a,
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
	assert_int_equal(peer6_idc_read(id_ossl, new, new_len, 0, &idc), 0);
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
	struct peer6_store *store = store_open();
	struct peer6_identity got;
	struct peer6_name name;
	char text[PEER6_NAME_SIZE];

	(void)state;
	assert_int_equal(peer6_store_create(store, "alice", "A", 0, id_key_a,
					    NULL), 0);
	assert_int_equal(peer6_store_create(store, "alice", "B", 0, id_key_a,
					    NULL), PEER6_E_EXISTS);
	assert_int_equal(peer6_store_get(store, NULL, &got), 0);
	assert_string_equal(got.friendly_name, "A");
	assert_int_equal(peer6_store_create(store, "games", "A", 0, id_key_a,
					    &got), 0);
	assert_string_equal(got.text, ID_A ".games");
	/* Neither tells which. */
	assert_int_equal(peer6_store_get(store, "A", &got),
			 PEER6_E_NOT_FOUND);
	assert_int_equal(peer6_store_get(store, ID_A, &got),
			 PEER6_E_NOT_FOUND);
	/* But this one has the name AUTHORITY. with no classifier. */
	assert_int_equal(peer6_store_create(store, "", "C", 0, id_key_a, NULL),
			 0);
	assert_int_equal(peer6_store_get(store, ID_A, &got), 0);
	assert_string_equal(got.text, ID_A ".");
	assert_int_equal(peer6_store_create(store, "\xff", NULL, 0, id_key_a,
					    NULL), PEER6_E_CLASSIFIER);
	memset(text, 'a', 150);
	text[150] = '\0';
	assert_int_equal(peer6_store_create(store, text, NULL, 0, id_key_a,
					    NULL), PEER6_E_CLASSIFIER);
	assert_int_equal(store_count(store), 3);

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
	assert_int_equal(store_count(store), 3);
	peer6_store_close(store);
}

static void keys_sign(void **state)
{
	const struct peer6_crypto *crypto = peer6_crypto_openssl(id_ossl);
	struct peer6_store *store = store_open();
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
	assert_int_equal(peer6_store_create(store, "a", NULL, 0, id_key_a,
					    NULL), 0);
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
	assert_int_equal(peer6_verify(id_ossl, public, len, "abc", 3, sig,
				      sig_len), 0);
	assert_int_equal(peer6_name_authority(crypto, public, len, hash), 0);
	assert_memory_equal(hash, strong.name.authority, 20);
	peer6_key_free(key);
	peer6_store_close(store);
}

static void moved_to_another_computer(void **state)
{
	struct peer6_store *store = store_open();
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
	assert_int_equal(store_count(store), 0);
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

	store_remove();
	store = store_open();
	assert_int_equal(peer6_store_import(store, xml_s, strlen(xml_s), "pw",
					    &got), 0);
	assert_string_equal(got.text, strong.text);
	assert_int_equal(got.profile, PEER6_PROFILE_STRONG);
	assert_int_equal(peer6_store_import(store, xml, strlen(xml), "pw",
					    &got), 0);
	assert_string_equal(got.friendly_name, "Mine");
	assert_int_equal(store_count(store), 2);
	free(xml);
	free(xml_s);
	peer6_store_close(store);
}

static void default_comes_by_itself(void **state)
{
	struct peer6_store *store = store_open();
	struct peer6_identity got;
	uint8_t *der;
	char *xml;
	struct peer6_idc idc;
	size_t len;

	(void)state;
	assert_int_equal(peer6_store_xml(store, "x", "bob", &xml, NULL),
			 PEER6_E_NOT_FOUND);
	assert_int_equal(store_count(store), 0);
	assert_int_equal(peer6_store_xml(store, NULL, "bob", &xml, &got), 0);
	assert_string_equal(got.friendly_name, "bob");
	assert_int_equal(got.name.n_classifier, 0);
	assert_true(got.is_default);
	assert_int_equal(peer6_idxml_read(xml, strlen(xml), &der, &len), 0);
	assert_int_equal(peer6_idc_read(id_ossl, der, len, 0, &idc), 0);
	assert_true(peer6_name_equal(&idc.name, &got.name));
	free(der);
	free(xml);
	assert_int_equal(peer6_store_xml(store, NULL, "bob", &xml, NULL), 0);
	free(xml);
	assert_int_equal(store_count(store), 1);
	peer6_store_close(store);
}

static void not_more_than_256(void **state)
{
	struct peer6_store *store = store_open();
	unsigned int i;

	(void)state;
	for (i = 0; i < PEER6_IDENTITIES_MAX; i++)
		assert_int_equal(store_add(store, i), 0);
	assert_int_equal(store_add(store, i), PEER6_E_LIMIT);
	assert_int_equal(store_add(store, 7), PEER6_E_EXISTS);
	assert_int_equal(store_count(store), PEER6_IDENTITIES_MAX);
	assert_int_equal(peer6_store_delete(store, ID_A ".7", NULL), 0);
	assert_int_equal(store_add(store, i), 0);
	peer6_store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(life_of_an_identity),
		store_test(renamed),
		store_test(one_key_many_names),
		store_test(keys_sign),
		store_test(moved_to_another_computer),
		store_test(default_comes_by_itself),
		store_test(not_more_than_256),
	};

	return cmocka_run_group_tests(tests, store_setup, store_teardown);
}
