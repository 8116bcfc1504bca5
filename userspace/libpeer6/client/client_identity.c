// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <string.h>

#include "client.h"

/* The strings are those of the reply, which lives as long. */
struct identities {
	struct peer6_identities		list;
	json_t				*reply;
	struct peer6_identity_info	identity[];
};

static void read_identity(struct peer6_identity_info *i, const json_t *o)
{
	i->name = client_text(o, "name");
	i->authority = client_text(o, "authority");
	i->classifier = client_text(o, "classifier");
	i->friendly_name = client_text(o, "friendly_name");
	i->host_name = client_text_or_null(o, "host_name");
	i->strong = !strcmp(client_text(o, "profile"), "strong");
	i->key_bits = (unsigned int)json_integer_value(
		json_object_get(o, "key_bits"));
	i->is_default = json_is_true(json_object_get(o, "is_default"));
}

/* Takes the reply over: its "identity", or all its "identities". */
static int give_list(struct peer6_client *client, json_t *reply,
		     struct peer6_identities **list)
{
	const json_t *p = json_object_get(reply, "parameters");
	const json_t *one = json_object_get(p, "identity");
	const json_t *array = json_object_get(p, "identities");
	size_t n = one ? 1 : json_array_size(array), i;
	struct identities *l;

	l = calloc(1, sizeof(*l) + n * sizeof(l->identity[0]));
	if (!l) {
		json_decref(reply);
		return client_fail(&client->fault, PEER6_E_NOMEM, NULL);
	}
	for (i = 0; i < n; i++)
		read_identity(&l->identity[i],
			      one ? one : json_array_get(array, i));
	l->reply = reply;
	l->list.n = n;
	l->list.identity = l->identity;
	*list = &l->list;
	return 0;
}

static int call_list(struct peer6_client *client, const char *method,
		     json_t *call, struct peer6_identities **list)
{
	json_t *reply;
	int err;

	if (list)
		*list = NULL;
	err = client_call(client, method, call, &reply);
	if (!err && list)
		return give_list(client, reply, list);
	if (!err)
		json_decref(reply);
	return err;
}

/* {"identity": identity} or {}; NULL as in client_call(). */
static json_t *about(const char *identity)
{
	return identity ? json_pack("{s:s}", "identity", identity) :
	       json_object();
}

void peer6_identities_free(struct peer6_identities *list)
{
	/* The first member of what was allocated. */
	struct identities *l = (struct identities *)list;

	if (!l)
		return;
	json_decref(l->reply);
	free(l);
}

int peer6_client_identities(struct peer6_client *client,
			    struct peer6_identities **list)
{
	return call_list(client, "io.peer6.Identity.List", json_object(),
			 list);
}

int peer6_client_identity_get(struct peer6_client *client,
			      const char *identity,
			      struct peer6_identities **list)
{
	return call_list(client, "io.peer6.Identity.Get", about(identity),
			 list);
}

int peer6_client_identity_create(struct peer6_client *client,
				 const char *classifier,
				 const char *friendly_name, bool strong,
				 struct peer6_identities **list)
{
	json_t *call = json_pack("{s:s}", "profile",
				 strong ? "strong" : "compatible");

	if (call && (!client_put(call, "classifier", classifier) ||
		     !client_put(call, "friendly_name", friendly_name))) {
		json_decref(call);
		call = NULL;
	}
	return call_list(client, "io.peer6.Identity.Create", call, list);
}

int peer6_client_identity_rename(struct peer6_client *client,
				 const char *identity,
				 const char *friendly_name)
{
	json_t *call = about(identity);

	if (call && !client_put(call, "friendly_name", friendly_name)) {
		json_decref(call);
		call = NULL;
	}
	return client_call(client, "io.peer6.Identity.Rename", call, NULL);
}

int peer6_client_identity_delete(struct peer6_client *client,
				 const char *identity)
{
	return client_call(client, "io.peer6.Identity.Delete",
			   json_pack("{s:s}", "identity", identity), NULL);
}

int peer6_client_identity_set_default(struct peer6_client *client,
				      const char *identity)
{
	return client_call(client, "io.peer6.Identity.SetDefault",
			   json_pack("{s:s}", "identity", identity), NULL);
}

/* One text of the reply, as a copy. */
static int call_text(struct peer6_client *client, const char *method,
		     json_t *call, const char *key, char **text)
{
	json_t *reply;
	int err;

	*text = NULL;
	err = client_call(client, method, call, &reply);
	if (err)
		return err;
	*text = strdup(client_text(json_object_get(reply, "parameters"), key));
	json_decref(reply);
	return *text ? 0 : client_fail(&client->fault, PEER6_E_NOMEM, NULL);
}

int peer6_client_identity_xml(struct peer6_client *client,
			      const char *identity, char **xml)
{
	return call_text(client, "io.peer6.Identity.GetXml", about(identity),
			 "xml", xml);
}

int peer6_client_identity_export(struct peer6_client *client,
				 const char *identity, const char *password,
				 bool aes256, char **xml)
{
	json_t *call = about(identity);

	if (call && (!client_put(call, "password", password) ||
		     !client_put_new(call, "strong_encryption",
				     json_boolean(aes256)))) {
		json_decref(call);
		call = NULL;
	}
	return call_text(client, "io.peer6.Identity.Export", call, "xml", xml);
}

int peer6_client_identity_import(struct peer6_client *client, const char *xml,
				 const char *password,
				 struct peer6_identities **list)
{
	return call_list(client, "io.peer6.Identity.Import",
			 json_pack("{s:s,s:s}", "xml", xml, "password",
				   password), list);
}

int peer6_client_make_name(struct peer6_client *client, const char *identity,
			   const char *classifier, bool unsecured, char **name)
{
	json_t *call = about(identity);

	if (call && (!client_put(call, "classifier", classifier) ||
		     !client_put_new(call, "unsecured",
				     json_boolean(unsecured)))) {
		json_decref(call);
		call = NULL;
	}
	return call_text(client, "io.peer6.Identity.DeriveName", call, "name",
			 name);
}

void peer6_text_free(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}
