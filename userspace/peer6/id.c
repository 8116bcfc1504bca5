// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "files.h"
#include "pnrp.h"

static int check_texts(struct p6 *p6, const struct p6_tag *tags, size_t n,
		       const char **values)
{
	size_t i;
	int err;

	for (i = 0; i < n; i++) {
		if (!values[i] || !strcmp(tags[i].tag, "file"))
			continue;
		err = daemon_check_text(p6, tags[i].tag, values[i]);
		if (err)
			return err;
	}
	return 0;
}

static int args(struct p6 *p6, int argc, char **argv,
		const struct p6_tag *tags, size_t n, const char **values)
{
	int err = p6_args(p6, argc, argv, tags, n, values);

	return err ? err : check_texts(p6, tags, n, values);
}

static int yes_or_no(struct p6 *p6, const char *value, bool *yes)
{
	static const struct { const char *word; } words[] = {
		{ "yes" }, { "no" },
	};
	int i;

	if (!value)
		return 0;
	i = p6_word(p6, "value", WORDS(words), value, strlen(value));
	if (i < 0)
		return p6_fail_do(p6, "peer6 %s --help", p6->command);
	*yes = !i;
	return 0;
}

static void put_identity(const json_t *i)
{
	printf("%s\n", daemon_text(i, "name"));
	pnrp_row("Friendly name", "%s", daemon_text(i, "friendly_name"));
	pnrp_row("Profile", "%s, RSA-%lld", daemon_text(i, "profile"),
		 daemon_int(i, "key_bits"));
	pnrp_row("Default", "%s", daemon_true(i, "is_default") ? "Yes" : "No");
	if (*daemon_text(i, "host_name"))
		pnrp_row("Host name", "%s", daemon_text(i, "host_name"));
	pnrp_row("Created", "%s", daemon_text(i, "created_at"));
	pnrp_row("Signs", "%lld %s", daemon_int(i, "registrations"),
		 daemon_int(i, "registrations") == 1 ? "name" : "names");
}

/* A call that gives back one identity. */
static int one(struct p6 *p6, const char *method, json_t *call,
	       const char *done)
{
	json_t *reply;
	int err;

	err = daemon_call(p6, method, call, &reply);
	if (err)
		return err;
	if (p6->json)
		return daemon_print(p6, "peer6.identity/1", reply);
	if (*done)
		printf("%s: ", done);
	put_identity(json_object_get(reply, "identity"));
	json_decref(reply);
	return 0;
}

static int id_create(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "name", P6_TAG_ORDERED, "a classifier" },
		{ "friendly", P6_TAG_ORDERED, "a friendly name" },
		{ "profile", P6_TAG_NAMED, "compatible or strong" },
		{ "default", P6_TAG_NAMED, "yes or no" },
	};
	static const struct { const char *word; } profiles[] = {
		{ "compatible" }, { "strong" },
	};
	const char *values[P6_ARRAY_SIZE(tags)];
	bool make_default = false;
	json_t *call;
	int err, i = -1;

	err = args(p6, argc, argv, tags, P6_ARRAY_SIZE(tags), values);
	if (!err)
		err = yes_or_no(p6, values[3], &make_default);
	if (err)
		return err;
	if (values[2]) {
		i = p6_word(p6, "profile", WORDS(profiles), values[2],
			    strlen(values[2]));
		if (i < 0)
			return p6_fail_do(p6, "peer6 id create --help");
	}
	call = json_object();
	pnrp_put(call, "classifier", values[0]);
	pnrp_put(call, "friendly_name", values[1]);
	if (i >= 0)
		pnrp_put(call, "profile", profiles[i].word);
	if (make_default)
		pnrp_put_new(call, "make_default", json_true());
	return one(p6, "io.peer6.Identity.Create", call, "Created");
}

static int id_list(struct p6 *p6, int argc, char **argv)
{
	const json_t *list, *i;
	json_t *reply;
	size_t k;
	int err;

	err = p6_args(p6, argc, argv, NULL, 0, NULL);
	if (!err)
		err = daemon_call(p6, "io.peer6.Identity.List", json_object(),
				  &reply);
	if (err)
		return err;
	if (p6->json)
		return daemon_print(p6, "peer6.identities/1", reply);
	list = json_object_get(reply, "identities");
	if (json_array_size(list))
		printf("%-8s%-12s%-10s%-20s%s\n", "Default", "Profile", "Key",
		       "Friendly name", "Peer name");
	else
		p6_note(p6, "No identity yet; \"peer6 id create\" makes one.");
	json_array_foreach(list, k, i)
		printf("%-8s%-12sRSA-%-6lld%-19s %s\n",
		       daemon_true(i, "is_default") ? "yes" : "no",
		       daemon_text(i, "profile"), daemon_int(i, "key_bits"),
		       daemon_text(i, "friendly_name"), daemon_text(i, "name"));
	json_decref(reply);
	return 0;
}

static const struct p6_tag identity_tag[] = {
	{ "identity", P6_TAG_ORDERED, "an identity" },
};

static const struct p6_tag identity_needed[] = {
	{ "identity", P6_TAG_NEEDED, "an identity" },
};

static int simple(struct p6 *p6, int argc, char **argv,
		  const struct p6_tag *tag, const char *method,
		  const char *done)
{
	const char *identity;
	json_t *call;
	int err;

	err = args(p6, argc, argv, tag, 1, &identity);
	if (err)
		return err;
	call = json_object();
	pnrp_put(call, "identity", identity);
	return one(p6, method, call, done);
}

static int id_show(struct p6 *p6, int argc, char **argv)
{
	return simple(p6, argc, argv, identity_tag, "io.peer6.Identity.Get",
		      "");
}

static int id_default(struct p6 *p6, int argc, char **argv)
{
	return simple(p6, argc, argv, identity_needed,
		      "io.peer6.Identity.SetDefault", "Default now");
}

static int id_delete(struct p6 *p6, int argc, char **argv)
{
	return simple(p6, argc, argv, identity_needed,
		      "io.peer6.Identity.Delete", "Deleted for good");
}

static int id_rename(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "identity", P6_TAG_NEEDED, "an identity" },
		{ "friendly", P6_TAG_NEEDED, "a friendly name" },
	};
	const char *values[P6_ARRAY_SIZE(tags)];
	int err;

	err = args(p6, argc, argv, tags, P6_ARRAY_SIZE(tags), values);
	if (err)
		return err;
	return one(p6, "io.peer6.Identity.Rename",
		   json_pack("{s:s,s:s}", "identity", values[0],
			     "friendly_name", values[1]), "Renamed");
}

/* The XML goes to @path, and what was done is said unless it is there. */
static int put_xml(struct p6 *p6, const char *schema, const char *kind,
		   const char *path, json_t *reply)
{
	const json_t *identity = json_object_get(reply, "identity");
	int err;

	if (p6->json && !strcmp(path, "-"))
		return daemon_print(p6, schema, reply);
	err = files_write(p6, kind, path, daemon_text(reply, "xml"));
	if (!err && p6->json) {
		json_object_del(reply, "xml");
		pnrp_put_new(reply, "file", json_string(path));
		return daemon_print(p6, schema, reply);
	}
	if (!err && strcmp(path, "-"))
		printf("%s holds the %s of %s\n", path, kind,
		       daemon_text(identity, "name"));
	json_decref(reply);
	return err;
}

static int id_xml(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "identity", P6_TAG_ORDERED, "an identity" },
		{ "file", P6_TAG_ORDERED, "a file" },
	};
	const char *values[P6_ARRAY_SIZE(tags)];
	json_t *call, *reply;
	int err;

	err = args(p6, argc, argv, tags, P6_ARRAY_SIZE(tags), values);
	if (err)
		return err;
	call = json_object();
	pnrp_put(call, "identity", values[0]);
	err = daemon_call(p6, "io.peer6.Identity.GetXml", call, &reply);
	return err ? err : put_xml(p6, "peer6.identity-xml/1", "certificate",
				   values[1] ? values[1] : "-", reply);
}

/* Passwords travel in JSON, and Windows takes them as text. */
static char *password(struct p6 *p6, bool again)
{
	char *text = files_password(p6, again);

	if (text && daemon_check_text(p6, "password", text)) {
		files_forget(text);
		return NULL;
	}
	return text;
}

static int id_export(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "identity", P6_TAG_ORDERED, "an identity" },
		{ "file", P6_TAG_NEEDED, "a file" },
		{ "encryption", P6_TAG_NAMED, "compatible or strong" },
	};
	static const struct { const char *word; } encryptions[] = {
		{ "compatible" }, { "strong" },
	};
	const char *values[P6_ARRAY_SIZE(tags)];
	json_t *call, *reply;
	int err, strong = 0;
	char *secret;

	err = args(p6, argc, argv, tags, P6_ARRAY_SIZE(tags), values);
	if (err)
		return err;
	if (values[2]) {
		strong = p6_word(p6, "encryption", WORDS(encryptions),
				 values[2], strlen(values[2]));
		if (strong < 0)
			return p6_fail_do(p6, "peer6 id export --help");
	}
	secret = password(p6, true);
	if (!secret)
		return p6_code_exit(p6->failure.code);
	call = json_pack("{s:s,s:b}", "password", secret,
			 "strong_encryption", strong);
	pnrp_put(call, "identity", values[0]);
	files_forget(secret);
	err = daemon_call(p6, "io.peer6.Identity.Export", call, &reply);
	return err ? err : put_xml(p6, "peer6.identity-export/1",
				   "encrypted key", values[1], reply);
}

static int id_import(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "file", P6_TAG_NEEDED, "a file" },
	};
	char *text, *secret;
	const char *file;
	json_t *call;
	int err;

	err = args(p6, argc, argv, tags, 1, &file);
	if (err)
		return err;
	text = files_read(p6, "identity", file);
	if (!text)
		return p6_code_exit(p6->failure.code);
	err = daemon_check_text(p6, "identity", text);
	secret = err ? NULL : password(p6, false);
	if (!secret) {
		files_forget(text);
		return p6_code_exit(p6->failure.code);
	}
	call = json_pack("{s:s,s:s}", "xml", text, "password", secret);
	files_forget(text);
	files_forget(secret);
	return one(p6, "io.peer6.Identity.Import", call, "Imported");
}

static int id_name(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "name", P6_TAG_ORDERED, "a classifier" },
		{ "identity", P6_TAG_ORDERED, "an identity" },
		{ "unsecured", P6_TAG_NAMED, "yes or no" },
	};
	const char *values[P6_ARRAY_SIZE(tags)], *host;
	bool unsecured = false;
	json_t *call, *reply;
	int err;

	err = args(p6, argc, argv, tags, P6_ARRAY_SIZE(tags), values);
	if (!err)
		err = yes_or_no(p6, values[2], &unsecured);
	if (err)
		return err;
	call = json_object();
	pnrp_put(call, "classifier", values[0]);
	pnrp_put(call, "identity", values[1]);
	if (unsecured)
		pnrp_put_new(call, "unsecured", json_true());
	err = daemon_call(p6, "io.peer6.Identity.DeriveName", call, &reply);
	if (err)
		return err;
	if (p6->json)
		return daemon_print(p6, "peer6.pnrp-name/1", reply);
	host = daemon_text(reply, "host_name");
	if (!*host)
		host = daemon_text(reply, "long_host_name");
	printf("Peer name: %s  %s\n", daemon_text(reply, "name"),
	       pnrp_unsecured(strncmp(daemon_text(reply, "name"), "0.", 2)));
	printf("Host name: %s\n", *host ? host : "none can stand for it");
	json_decref(reply);
	return 0;
}

const struct p6_command p6_id_commands[] = {
	{ "create", "make a key and its name",
	  .run = id_create, .help = p6_help_id },
	{ "list", "your identities", .run = id_list, .help = p6_help_id },
	{ "show", "one of them", .run = id_show, .help = p6_help_id },
	{ "rename", "change its friendly name",
	  .run = id_rename, .help = p6_help_id },
	{ "default", "which one is meant without a name",
	  .run = id_default, .help = p6_help_id },
	{ "xml", "its certificate, to give away",
	  .run = id_xml, .help = p6_help_id },
	{ "export", "with its key, encrypted",
	  .run = id_export, .help = p6_help_id,
	  .options = P6_OPT_PASSWORD },
	{ "import", "what was exported",
	  .run = id_import, .help = p6_help_id,
	  .options = P6_OPT_PASSWORD },
	{ "name", "another name of the same key",
	  .run = id_name, .help = p6_help_id },
	{ "delete", "the key, for good", .run = id_delete, .help = p6_help_id },
	{ 0 }
};
