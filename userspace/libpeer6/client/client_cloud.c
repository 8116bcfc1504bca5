// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <string.h>

#include "client.h"

/* The strings are those of the reply, which lives as long. */
struct clouds {
	struct peer6_clouds	clouds;
	json_t			*reply;
	struct peer6_cloud	cloud[];
};

static enum peer6_pnrp_state state_of(const char *name)
{
	static const char *const names[] = {
		[PEER6_PNRP_VIRTUAL] = "virtual",
		[PEER6_PNRP_SYNCHRONIZING] = "synchronizing",
		[PEER6_PNRP_ACTIVE] = "active",
		[PEER6_PNRP_DEAD] = "dead",
		[PEER6_PNRP_DISABLED] = "disabled",
		[PEER6_PNRP_NO_NET] = "no_net",
		[PEER6_PNRP_ALONE] = "alone",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name))
			return (enum peer6_pnrp_state)i;
	/* A state that is newer than this library is none it can rely on. */
	return PEER6_PNRP_VIRTUAL;
}

static uint32_t number(const json_t *object, const char *key)
{
	return (uint32_t)json_integer_value(json_object_get(object, key));
}

static void read_cloud(struct peer6_cloud *c, const json_t *o)
{
	c->name = client_text(o, "name");
	c->scope = strcmp(client_text(o, "scope"), "global") ?
		   PEER6_PNRP_LINK_LOCAL : PEER6_PNRP_GLOBAL;
	c->scope_id = number(o, "scope_id");
	c->interface = client_text_or_null(o, "interface");
	c->state = state_of(client_text(o, "state"));
	c->resolve_only = !strcmp(client_text(o, "mode"), "resolve_only");
	c->name_local = json_is_true(json_object_get(o, "name_local"));
	c->port = (uint16_t)number(o, "port");
	c->n_addresses = (unsigned int)json_array_size(
		json_object_get(o, "addresses"));
	c->cached = number(o, "cached");
	c->registered = number(o, "registered");
	c->nodes = json_number_value(json_object_get(o, "cloud_nodes"));
}

int peer6_client_clouds(struct peer6_client *client,
			struct peer6_clouds **clouds)
{
	struct clouds *list;
	json_t *reply;
	const json_t *array;
	size_t n, i;
	int err;

	*clouds = NULL;
	err = client_call(client, "io.peer6.Pnrp.ListClouds", json_object(),
			  &reply);
	if (err)
		return err;
	array = json_object_get(json_object_get(reply, "parameters"),
				"clouds");
	n = json_array_size(array);
	list = calloc(1, sizeof(*list) + n * sizeof(list->cloud[0]));
	if (!list) {
		json_decref(reply);
		return client_fail(&client->fault, PEER6_E_NOMEM, NULL);
	}
	for (i = 0; i < n; i++)
		read_cloud(&list->cloud[i], json_array_get(array, i));
	list->reply = reply;
	list->clouds.n = n;
	list->clouds.cloud = list->cloud;
	*clouds = &list->clouds;
	return 0;
}

void peer6_clouds_free(struct peer6_clouds *clouds)
{
	/* The first member of what was allocated. */
	struct clouds *list = (struct clouds *)clouds;

	if (!list)
		return;
	json_decref(list->reply);
	free(list);
}
