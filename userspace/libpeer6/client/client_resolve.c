// SPDX-License-Identifier: LGPL-2.1-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

/* A number that is there and fits, or -1. */
static json_int_t number(const json_t *object, const char *key,
			 json_int_t otherwise, json_int_t max)
{
	const json_t *value = json_object_get(object, key);
	json_int_t n = value ? json_integer_value(value) : otherwise;

	if (value && !json_is_integer(value))
		return -1;
	return n >= 0 && n <= max ? n : -1;
}

/* What this library does not understand is left out. */
static size_t read_services(struct peer6_service *services, const json_t *list)
{
	json_int_t port, protocol, zone;
	const json_t *item;
	const char *text;
	size_t i, n = 0;

	json_array_foreach(list, i, item) {
		struct peer6_service *s = &services[n];

		port = number(item, "port", -1, UINT16_MAX);
		protocol = number(item, "protocol", -1, UINT8_MAX);
		zone = number(item, "scope_id", 0, UINT32_MAX);
		text = client_text(item, "address");
		if (port < 0 || protocol < 0 || zone < 0 ||
		    inet_pton(AF_INET6, text, s->endpoint.addr) != 1)
			continue;
		s->endpoint.port = (uint16_t)port;
		s->endpoint.scope_id = (uint32_t)zone;
		s->protocol = (uint8_t)protocol;
		n++;
	}
	return n;
}

int client_read_answer(struct peer6_answer *answer, const json_t *result)
{
	const json_t *list = json_object_get(result, "applications");
	const char *blob = client_text_or_null(result, "payload_binary");
	struct peer6_service *services;

	memset(answer, 0, sizeof(*answer));
	services = calloc(json_array_size(list) + 1, sizeof(*services));
	if (!services)
		return PEER6_E_NOMEM;
	if (blob) {
		answer->blob = client_unbase64(blob, &answer->n_blob);
		if (!answer->blob) {
			free(services);
			return PEER6_E_PROTOCOL;
		}
	}
	answer->n_services = read_services(services, list);
	answer->service = services;
	answer->cloud = client_text(result, "cloud");
	answer->name = client_text(result, "name");
	answer->id = client_text(result, "id");
	answer->secure = json_is_true(json_object_get(result, "secure"));
	answer->owner = client_text(result, "owner");
	answer->local = json_is_true(json_object_get(result, "local"));
	answer->comment = client_text_or_null(result, "comment");
	answer->payload = client_text_or_null(result, "payload_string");
	answer->hops = (unsigned int)json_integer_value(
		json_object_get(result, "hops"));
	answer->took = json_number_value(json_object_get(result, "took"));
	return 0;
}

void client_free_answer(struct peer6_answer *answer)
{
	free((void *)answer->service);
	free((void *)answer->blob);
}

/* The lookup owns what the answers point to. */
struct answers {
	struct peer6_answers	answers;
	struct peer6_lookup	*lookup;
	struct peer6_answer	answer[PEER6_RESULTS_MAX];
};

static int collect(struct answers *a)
{
	struct pollfd pfd = { .fd = peer6_lookup_fd(a->lookup) };
	const struct peer6_answer *answer;
	int event;

	for (;;) {
		event = peer6_lookup_next(a->lookup, &answer);
		if (event == PEER6_LOOKUP_ANSWER) {
			if (a->answers.n < PEER6_RESULTS_MAX)
				a->answer[a->answers.n++] = *answer;
			continue;
		}
		if (event == PEER6_LOOKUP_END)
			return 0;
		/* With something in hand, what else failed is of no concern. */
		if (event < 0)
			return a->answers.n ? 0 : event;
		pfd.events = peer6_lookup_events(a->lookup);
		if (poll(&pfd, 1, peer6_lookup_timeout(a->lookup)) < 0 &&
		    errno != EINTR)
			return PEER6_E_IO;
	}
}

/* The lookup's words, now that the lookup goes. */
static int pass_on(struct peer6_client *client, struct peer6_lookup *lookup,
		   int error)
{
	const struct peer6_fault *f = peer6_lookup_fault(lookup);
	json_t *reply = json_pack("{s:s,s:{s:s,s:s,s:s,s:s,s:s}}",
				  "error", "io.peer6.Pnrp.Failed",
				  "parameters", "reason", f->reason,
				  "message", f->message, "why", f->why,
				  "do", f->todo, "group", f->group);

	client_fail(&client->fault, error, reply);
	json_decref(reply);
	return error;
}

int peer6_client_resolve(struct peer6_client *client, const char *name,
			 const struct peer6_resolve_options *options,
			 struct peer6_answers **answers)
{
	struct answers *a = calloc(1, sizeof(*a));
	int err;

	*answers = NULL;
	if (!a)
		return client_fail(&client->fault, PEER6_E_NOMEM, NULL);
	err = peer6_lookup_start(client, name, options, &a->lookup);
	if (!err) {
		a->answers.answer = a->answer;
		err = collect(a);
		if (err)
			pass_on(client, a->lookup, err);
	}
	if (err) {
		peer6_answers_free(&a->answers);
		return err;
	}
	*answers = &a->answers;
	return 0;
}

void peer6_answers_free(struct peer6_answers *answers)
{
	/* The first member of what was allocated. */
	struct answers *a = (struct answers *)answers;

	if (!a)
		return;
	peer6_lookup_free(a->lookup);
	free(a);
}
