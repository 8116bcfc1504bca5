// SPDX-License-Identifier: LGPL-2.1-or-later
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

/* The strings are those of the reply, which lives as long. */
struct registrations {
	struct peer6_registrations	list;
	json_t				*reply;
	struct peer6_registered		registered[];
};

static void read_registered(struct peer6_registered *r, const json_t *o)
{
	r->handle = (uint64_t)json_integer_value(json_object_get(o, "handle"));
	r->name = client_text(o, "name");
	r->host_name = client_text_or_null(o, "host_name");
	r->cloud = client_text(o, "cloud");
	r->secure = json_is_true(json_object_get(o, "secure"));
	r->id = client_text_or_null(o, "id");
	r->reason = client_text_or_null(o, "reason");
	r->keep = !json_is_true(json_object_get(o, "transient"));
}

/* Takes the reply over. */
static int give_list(struct peer6_client *client, json_t *reply,
		     struct peer6_registrations **list)
{
	const json_t *array = json_object_get(json_object_get(reply,
							      "parameters"),
					      "registrations");
	size_t n = json_array_size(array), i;
	struct registrations *l;

	l = calloc(1, sizeof(*l) + n * sizeof(l->registered[0]));
	if (!l) {
		json_decref(reply);
		return client_fail(&client->fault, PEER6_E_NOMEM, NULL);
	}
	for (i = 0; i < n; i++)
		read_registered(&l->registered[i], json_array_get(array, i));
	l->reply = reply;
	l->list.n = n;
	l->list.registered = l->registered;
	*list = &l->list;
	return 0;
}

static json_t *services(const struct peer6_publication *p)
{
	static const uint8_t any[16];
	json_t *array = json_array(), *one;
	char text[INET6_ADDRSTRLEN];
	bool good = array;
	size_t i;

	for (i = 0; good && i < p->n_services; i++) {
		const struct peer6_service *s = &p->service[i];

		one = json_pack("{s:i,s:i}", "port", (int)s->endpoint.port,
				"protocol", (int)s->protocol);
		good = one && !json_array_append_new(array, one);
		if (good && memcmp(s->endpoint.addr, any, sizeof(any))) {
			inet_ntop(AF_INET6, s->endpoint.addr, text,
				  sizeof(text));
			good = client_put(one, "address", text);
		}
	}
	if (good)
		return array;
	json_decref(array);
	return NULL;
}

/* NULL: some text is not UTF-8, or there is no memory. */
static json_t *publication(const struct peer6_publication *p)
{
	json_t *call = json_object();
	char *blob = NULL;
	bool good;

	if (p->blob)
		blob = client_base64(p->blob, p->n_blob);
	good = call && client_put(call, "name", p->name) &&
	       client_put(call, "comment", p->comment) &&
	       client_put(call, "payload_string", p->payload) &&
	       client_put(call, "prefix", p->near_to) &&
	       (!p->blob || blob) && client_put(call, "payload_binary", blob) &&
	       client_put_new(call, "transient", json_boolean(!p->keep)) &&
	       (!p->cloud || client_put_new(call, "clouds",
					    json_pack("[s]", p->cloud))) &&
	       (!p->n_services || client_put_new(call, "applications",
						 services(p)));
	free(blob);
	if (good)
		return call;
	json_decref(call);
	return NULL;
}

int peer6_client_register(struct peer6_client *client,
			  const struct peer6_publication *p,
			  struct peer6_registrations **list)
{
	json_t *reply;
	int err;

	if (list)
		*list = NULL;
	/* A caller that knows more members than this would lose them. */
	if (p->size != sizeof(*p) || !p->name ||
	    p->n_services > PEER6_SERVICES_MAX || (p->payload && p->blob))
		return client_fail(&client->fault, PEER6_E_INVAL, NULL);
	err = client_call(client, "io.peer6.Pnrp.Register", publication(p),
			  &reply);
	if (!err && list)
		return give_list(client, reply, list);
	if (!err)
		json_decref(reply);
	return err;
}

int peer6_client_unregister(struct peer6_client *client, const char *name,
			    const char *cloud)
{
	return client_call(client, "io.peer6.Pnrp.Unregister", cloud ?
			   json_pack("{s:s,s:[s]}", "name", name, "clouds",
				     cloud) :
			   json_pack("{s:s}", "name", name), NULL);
}

int peer6_client_unregister_handle(struct peer6_client *client,
				   uint64_t handle)
{
	return client_call(client, "io.peer6.Pnrp.Unregister",
			   json_pack("{s:I}", "handle", (json_int_t)handle),
			   NULL);
}

int peer6_client_registrations(struct peer6_client *client,
			       struct peer6_registrations **list)
{
	json_t *reply;
	int err;

	*list = NULL;
	err = client_call(client, "io.peer6.Pnrp.ListRegistrations",
			  json_object(), &reply);
	return err ? err : give_list(client, reply, list);
}

void peer6_registrations_free(struct peer6_registrations *list)
{
	/* The first member of what was allocated. */
	struct registrations *l = (struct registrations *)list;

	if (!l)
		return;
	json_decref(l->reply);
	free(l);
}
