// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

void client_fault_clear(struct client_fault *f)
{
	free(f->text);
	f->text = NULL;
	f->fault = (struct peer6_fault){ 0, "", "", "", "", "" };
}

/* Appends a string to the copies and gives its new place. */
static const char *copy(char **at, const char *s)
{
	size_t len = strlen(s) + 1;
	char *to = *at;

	memcpy(to, s, len);
	*at += len;
	return to;
}

int client_fail(struct client_fault *f, int error, const json_t *reply)
{
	struct varlink_fault said = { error, "", "", "", "", "" };
	int err = errno;
	char *at;

	client_fault_clear(f);
	if (reply)
		varlink_fault(reply, &said);
	f->fault.error = error;
	f->fault.reason = peer6_reason(error);
	f->fault.message = peer6_strerror(error);
	f->text = malloc(strlen(said.reason) + strlen(said.message) +
			 strlen(said.why) + strlen(said.todo) +
			 strlen(said.group) + 5);
	/* Without memory the number has to do. */
	if (f->text) {
		at = f->text;
		if (*said.reason)
			f->fault.reason = copy(&at, said.reason);
		if (*said.message)
			f->fault.message = copy(&at, said.message);
		f->fault.why = copy(&at, said.why);
		f->fault.todo = copy(&at, said.todo);
		f->fault.group = copy(&at, said.group);
	}
	errno = err;
	return error;
}

int peer6_client_new(struct peer6_client **client, const char *path)
{
	struct peer6_client *c = calloc(1, sizeof(*c));

	*client = NULL;
	if (!c)
		return PEER6_E_NOMEM;
	c->path = strdup(path ? path : varlink_path());
	c->timeout = PEER6_CALL_TIMEOUT;
	c->v.fd = -1;
	client_fault_clear(&c->fault);
	if (!c->path) {
		free(c);
		return PEER6_E_NOMEM;
	}
	*client = c;
	return 0;
}

void peer6_client_free(struct peer6_client *client)
{
	if (!client)
		return;
	varlink_close(&client->v);
	client_fault_clear(&client->fault);
	json_decref(client->version);
	free(client->path);
	free(client);
}

void peer6_client_set_timeout(struct peer6_client *client, int ms)
{
	client->timeout = ms;
}

const struct peer6_fault *peer6_client_fault(const struct peer6_client *client)
{
	return &client->fault.fault;
}

/* True once the daemon has closed what was connected. */
static bool is_stale(struct peer6_client *client)
{
	json_t *reply;

	if (varlink_process(&client->v))
		return true;
	/* Between two calls only what came too late is to be read, or the end. */
	for (;;) {
		if (varlink_get(&client->v, &reply))
			return true;
		if (!reply)
			return false;
		json_decref(reply);
		if (!client->late)
			return true;
		client->late--;
	}
}

int client_connect(struct peer6_client *client)
{
	int greeting = CLIENT_GREETING_MS, err;
	json_t *reply = NULL;

	if (client->v.fd >= 0) {
		if (!is_stale(client))
			return 0;
		varlink_close(&client->v);
	}
	client->late = 0;
	if (client->timeout >= 0 && client->timeout < greeting)
		greeting = client->timeout;
	err = varlink_open(&client->v, client->path, greeting);
	if (err)
		return err;
	err = varlink_greet(&client->v);
	if (!err)
		err = varlink_wait(&client->v, &reply,
				   varlink_deadline(greeting));
	if (!err)
		err = varlink_greeted(reply);
	if (err) {
		json_decref(reply);
		varlink_close(&client->v);
		return err;
	}
	json_decref(client->version);
	client->version = reply;
	return 0;
}

/*
 * The answer to the call just made, after those that came too late. After a
 * time-out the connection is kept, since transient registrations hang on it.
 */
static int wait_reply(struct peer6_client *client, json_t **reply)
{
	int64_t deadline = varlink_deadline(client->timeout);
	int err;

	for (;;) {
		err = varlink_wait(&client->v, reply, deadline);
		if (err == PEER6_E_TIMEOUT)
			client->late++;
		else if (err)
			varlink_close(&client->v);
		if (err || !client->late)
			return err;
		client->late--;
		json_decref(*reply);
		*reply = NULL;
	}
}

int client_call(struct peer6_client *client, const char *method,
		json_t *parameters, json_t **reply)
{
	struct varlink_fault fault;
	json_t *got = NULL;
	int err;

	if (reply)
		*reply = NULL;
	client_fault_clear(&client->fault);
	if (!parameters)
		return client_fail(&client->fault, PEER6_E_VALUE, NULL);
	err = client_connect(client);
	if (err)
		json_decref(parameters);
	else
		err = varlink_put(&client->v, method, parameters, 0);
	if (!err)
		err = wait_reply(client, &got);
	if (err)
		return client_fail(&client->fault, err, NULL);
	err = varlink_fault(got, &fault);
	if (!err && !json_object_get(got, "parameters") &&
	    json_object_set_new(got, "parameters", json_object()))
		err = PEER6_E_NOMEM;
	if (err)
		err = client_fail(&client->fault, err, got);
	if (err || !reply)
		json_decref(got);
	else
		*reply = got;
	return err;
}

bool client_put_new(json_t *object, const char *key, json_t *value)
{
	return !json_object_set_new(object, key, value);
}

bool client_put(json_t *object, const char *key, const char *text)
{
	return !text || client_put_new(object, key, json_string(text));
}

const char *client_text_or_null(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

const char *client_text(const json_t *object, const char *key)
{
	const char *text = client_text_or_null(object, key);

	return text ? text : "";
}

int peer6_client_version(struct peer6_client *client, const char **program,
			 const char **version)
{
	const json_t *v;
	int err;

	client_fault_clear(&client->fault);
	err = client_connect(client);
	if (err)
		return client_fail(&client->fault, err, NULL);
	v = json_object_get(json_object_get(client->version, "parameters"),
			    "version");
	if (program)
		*program = client_text(v, "program");
	if (version)
		*version = client_text(v, "version");
	return 0;
}
