// SPDX-License-Identifier: GPL-2.0-or-later
/* io.peer6.Identity: the identities of the user who calls. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "keys.h"
#include "rpc.h"
#include "varlink_text.h"

static void fail(struct call *call, int error, const char *what)
{
	char message[160];
	const char *why = peer6_strerror(error), *todo = "";

	snprintf(message, sizeof(message), "the identity is not %s", what);
	switch (error) {
	case PEER6_E_NOT_FOUND:
		why = "You have no identity of that name, authority or friendly name, or several with it.";
		todo = "peer6 id list";
		break;
	case PEER6_E_EXISTS:
		why = "You have an identity with this key and classifier.";
		todo = "peer6 id list";
		break;
	case PEER6_E_LIMIT:
		why = "A user has at most 256 identities.";
		todo = "peer6 id list";
		break;
	case PEER6_E_DISK_FULL:
		todo = "df -h /var/lib/peer6";
		break;
	}
	call_fail(call, error, message, why, todo);
}

/* NULL: answered. */
static struct peer6_store *store_of(struct call *call)
{
	struct peer6_store *store;
	int ret = keys_store(call->daemon->keys, call_uid(call), &store);

	if (!ret)
		return store;
	call_fail(call, ret, "your identities cannot be used",
		  peer6_strerror(ret), "journalctl -u peer6d");
	return NULL;
}

static int signed_by(const struct call *call,
		     const struct peer6_identity *identity)
{
	const struct registration *reg;
	int n = 0;

	reg = registrations_first(call->daemon->registrations);
	for (; reg; reg = reg->next)
		n += reg->uid == call_uid(call) && reg->name.secure &&
		     !memcmp(reg->name.authority, identity->name.authority,
			     PEER6_AUTHORITY_LEN);
	return n;
}

static json_t *identity_json(const struct call *call,
			     const struct peer6_identity *identity)
{
	char classifier[PEER6_CLASSIFIER_SIZE];
	json_t *o;

	peer6_name_classifier(&identity->name, classifier, sizeof(classifier));
	o = json_pack("{s:s,s:s,s:s,s:s,s:i,s:b,s:o,s:i}",
		      "name", identity->text, "classifier", classifier,
		      "friendly_name", identity->friendly_name,
		      "profile", peer6_profile_name(identity->profile),
		      "key_bits", identity->bits,
		      "is_default", identity->is_default,
		      "created_at", json_ms(identity->created * 1000),
		      "registrations", signed_by(call, identity));
	if (!o)
		return NULL;
	put_hex(o, "authority", identity->name.authority, PEER6_AUTHORITY_LEN);
	put(o, "host_name", json_host_name(&identity->name));
	return o;
}

static void reply_one(struct call *call, const struct peer6_identity *identity)
{
	call_reply(call, json_pack("{s:o}", "identity",
				   identity_json(call, identity)));
}

static void create(struct call *call)
{
	const char *classifier = NULL, *friendly = NULL, *profile = NULL;
	int make_default = 0, ret;
	const struct arg args[] = {
		{ "classifier", ARG_STRING, false, &classifier },
		{ "friendly_name", ARG_STRING, false, &friendly },
		{ "profile", ARG_STRING, false, &profile },
		{ "make_default", ARG_BOOL, false, &make_default },
	};
	enum peer6_profile kind = PEER6_PROFILE_COMPATIBLE;
	struct peer6_identity identity;
	struct peer6_store *store;

	if (!call_args(call, args, 4))
		return;
	if (profile && !strcmp(profile, "strong")) {
		kind = PEER6_PROFILE_STRONG;
	} else if (profile && strcmp(profile, "compatible")) {
		call_bad_parameter(call, "profile");
		return;
	}
	store = store_of(call);
	if (!store)
		return;
	ret = peer6_store_create(store, classifier, friendly, kind, NULL,
				 &identity);
	if (!ret && make_default)
		ret = peer6_store_set_default(store, identity.text, &identity);
	if (ret)
		fail(call, ret, "created");
	else
		reply_one(call, &identity);
}

static void list(struct call *call)
{
	struct peer6_identity *all = NULL;
	struct peer6_store *store;
	json_t *array;
	size_t i, n = 0;
	int ret;

	if (!call_args(call, NULL, 0))
		return;
	store = store_of(call);
	if (!store)
		return;
	ret = peer6_store_list(store, &all, &n);
	if (ret) {
		fail(call, ret, "listed");
		return;
	}
	array = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(array, identity_json(call, &all[i]));
	free(all);
	call_reply(call, json_pack("{s:o}", "identities", array));
}

/* Most methods: one identity, which is given back. */
static void with_one(struct call *call, bool required, const char *what,
		     int (*act)(struct peer6_store *store, const char *which,
				struct peer6_identity *identity))
{
	const char *which = NULL;
	const struct arg args[] = {
		{ "identity", ARG_STRING, required, &which },
	};
	struct peer6_identity identity;
	struct peer6_store *store;
	int ret;

	if (!call_args(call, args, 1))
		return;
	store = store_of(call);
	if (!store)
		return;
	ret = act(store, which, &identity);
	if (ret)
		fail(call, ret, what);
	else
		reply_one(call, &identity);
}

static void get(struct call *call)
{
	with_one(call, false, "found", peer6_store_get);
}

static void set_default(struct call *call)
{
	with_one(call, true, "made the default", peer6_store_set_default);
}

static void rename_one(struct call *call)
{
	const char *which = NULL, *friendly = NULL;
	const struct arg args[] = {
		{ "identity", ARG_STRING, false, &which },
		{ "friendly_name", ARG_STRING, false, &friendly },
	};
	struct peer6_identity identity;
	struct peer6_store *store;
	int ret;

	if (!call_args(call, args, 2))
		return;
	store = store_of(call);
	if (!store)
		return;
	ret = peer6_store_rename(store, which, friendly, &identity);
	if (ret)
		fail(call, ret, "renamed");
	else
		reply_one(call, &identity);
}

/* Whether another identity has the same key. */
static bool shares_key(struct peer6_store *store,
		       const struct peer6_identity *identity)
{
	struct peer6_identity *all;
	bool found = false;
	size_t i, n;

	if (peer6_store_list(store, &all, &n))
		return false;
	for (i = 0; i < n; i++)
		found |= !memcmp(all[i].name.authority,
				 identity->name.authority,
				 PEER6_AUTHORITY_LEN) &&
			 !peer6_name_equal(&all[i].name, &identity->name);
	free(all);
	return found;
}

static int unregister_all(struct call *call,
			  const struct peer6_identity *identity)
{
	struct registrations *all = call->daemon->registrations;
	struct registration *reg, *next;
	int ret = 0;

	for (reg = registrations_first(all); reg && !ret; reg = next) {
		next = reg->next;
		if (reg->uid != call_uid(call) || !reg->name.secure ||
		    memcmp(reg->name.authority, identity->name.authority,
			   PEER6_AUTHORITY_LEN))
			continue;
		ret = registrations_remove(all, reg);
		next = registrations_first(all);
	}
	return ret;
}

static void delete_one(struct call *call)
{
	const char *which = NULL;
	const struct arg args[] = {
		{ "identity", ARG_STRING, true, &which },
	};
	struct peer6_identity identity;
	struct peer6_store *store;
	int ret;

	if (!call_args(call, args, 1))
		return;
	store = store_of(call);
	if (!store)
		return;
	ret = peer6_store_get(store, which, &identity);
	/* Revoking needs the key: before it is gone. */
	if (!ret && !shares_key(store, &identity))
		ret = unregister_all(call, &identity);
	if (!ret)
		ret = peer6_store_delete(store, identity.text, &identity);
	if (ret)
		fail(call, ret, "deleted");
	else
		reply_one(call, &identity);
}

static void reply_xml(struct call *call, char *xml,
		      const struct peer6_identity *identity)
{
	json_t *o = json_pack("{s:s,s:o}", "xml", xml, "identity",
			      identity_json(call, identity));

	peer6_secret_free(xml, strlen(xml));
	call_reply(call, o);
}

static void get_xml(struct call *call)
{
	const char *which = NULL;
	const struct arg args[] = {
		{ "identity", ARG_STRING, false, &which },
	};
	struct peer6_identity identity;
	struct peer6_store *store;
	struct passwd *pw;
	char *xml;
	int ret;

	if (!call_args(call, args, 1))
		return;
	store = store_of(call);
	if (!store)
		return;
	pw = getpwuid(call_uid(call));
	ret = peer6_store_xml(store, which, pw ? pw->pw_name : NULL, &xml,
			      &identity);
	if (ret)
		fail(call, ret, "written");
	else
		reply_xml(call, xml, &identity);
}

static void export(struct call *call)
{
	const char *which = NULL, *password = NULL;
	int strong = 0, ret;
	const struct arg args[] = {
		{ "identity", ARG_STRING, false, &which },
		{ "password", ARG_STRING, true, &password },
		{ "strong_encryption", ARG_BOOL, false, &strong },
	};
	struct peer6_identity identity;
	struct peer6_store *store;
	char *xml;

	if (!call_args(call, args, 3))
		return;
	store = store_of(call);
	if (!store)
		return;
	ret = peer6_store_export(store, which, password, strong, &xml,
				 &identity);
	if (ret)
		fail(call, ret, "exported");
	else
		reply_xml(call, xml, &identity);
}

static void import(struct call *call)
{
	const char *xml = NULL, *password = NULL;
	const struct arg args[] = {
		{ "xml", ARG_STRING, true, &xml },
		{ "password", ARG_STRING, true, &password },
	};
	struct peer6_identity identity;
	struct peer6_store *store;
	int ret;

	if (!call_args(call, args, 2))
		return;
	store = store_of(call);
	if (!store)
		return;
	ret = peer6_store_import(store, xml, strlen(xml), password, &identity);
	if (ret)
		fail(call, ret, "imported");
	else
		reply_one(call, &identity);
}

static void derive_name(struct call *call)
{
	const char *which = NULL, *classifier = NULL;
	int unsecured = 0, ret;
	const struct arg args[] = {
		{ "identity", ARG_STRING, false, &which },
		{ "classifier", ARG_STRING, false, &classifier },
		{ "unsecured", ARG_BOOL, false, &unsecured },
	};
	char text[PEER6_NAME_SIZE];
	struct peer6_store *store;
	struct peer6_name name;
	json_t *o;

	if (!call_args(call, args, 3))
		return;
	if (unsecured) {
		ret = classifier && classifier[0] && !which ?
		      peer6_name_make(&name, NULL, classifier) :
		      PEER6_E_CLASSIFIER;
	} else {
		store = store_of(call);
		if (!store)
			return;
		ret = peer6_store_derive(store, which, classifier, &name);
	}
	if (ret) {
		fail(call, ret, "one to derive this name from");
		return;
	}
	peer6_name_format(&name, text, sizeof(text));
	o = json_pack("{s:s}", "name", text);
	if (o) {
		put(o, "host_name", json_host_name(&name));
		put(o, "long_host_name", json_long_host_name(&name));
	}
	call_reply(call, o);
}

static const struct method methods[] = {
	{ "Create", RIGHT_GROUP, create },
	{ "List", RIGHT_GROUP, list },
	{ "Get", RIGHT_GROUP, get },
	{ "Rename", RIGHT_GROUP, rename_one },
	{ "Delete", RIGHT_GROUP, delete_one },
	{ "SetDefault", RIGHT_GROUP, set_default },
	{ "GetXml", RIGHT_GROUP, get_xml },
	{ "Export", RIGHT_GROUP, export },
	{ "Import", RIGHT_GROUP, import },
	{ "DeriveName", RIGHT_GROUP, derive_name },
};

const struct interface interface_identity = {
	.name = "io.peer6.Identity",
	.description = TEXT_io_peer6_Identity,
	.methods = methods,
	.n_methods = sizeof(methods) / sizeof(methods[0]),
};
