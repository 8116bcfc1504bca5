// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <peer6/base.h>
#include <peer6/name.h>

#include "daemon.h"

#define START_IT	"sudo systemctl start peer6d"

static const char *socket_path(const struct p6 *p6)
{
	return p6->socket ? p6->socket : varlink_path();
}

static int fail_open(struct p6 *p6, int error)
{
	const char *path = socket_path(p6);

	switch (error) {
	case PEER6_E_NO_DAEMON:
		p6_fail(p6, P6_NO_DAEMON, "peer6d does not run");
		p6_fail_why(p6, "Nobody listens on %s. The tunnel works without it, names do not.",
			    path);
		return p6_fail_do(p6, START_IT);
	case PEER6_E_ACCESS:
		p6_fail(p6, P6_PERMISSION, "peer6d cannot be reached");
		p6_fail_why(p6, "%s may not be opened by this user.", path);
		return p6_fail_do(p6, "ls -l %s", path);
	case PEER6_E_INVAL:
		p6_fail(p6, P6_BAD_VALUE, "peer6d cannot be reached");
		p6_fail_why(p6, "The path of its socket has %zu characters, and the system takes 107.",
			    strlen(path));
		return p6_fail_do(p6, "peer6 --help");
	case PEER6_E_NOMEM:
		return p6_fail_memory(p6);
	default:
		p6_fail(p6, P6_FAILED, "peer6d cannot be reached");
		p6_fail_why(p6, "%s: %s.", path, strerror(errno));
		return p6_fail_do(p6, "systemctl status peer6d");
	}
}

/* The connection failed after it was made. */
static int fail_talk(struct p6 *p6, int error)
{
	switch (error) {
	case PEER6_E_NO_DAEMON:
		p6_fail(p6, P6_NO_DAEMON, "peer6d went away");
		p6_fail_why(p6, "It closed the connection before it had answered.");
		return p6_fail_do(p6, "journalctl -u peer6d -n 20");
	case PEER6_E_TIMEOUT:
		p6_fail(p6, P6_TIMEOUT, "peer6d does not answer");
		p6_fail_why(p6, "It took the call on %s, and then nothing came.",
			    socket_path(p6));
		return p6_fail_do(p6, "systemctl status peer6d");
	case PEER6_E_PROTOCOL:
		p6_fail(p6, P6_WRONG_VERSION,
			"this peer6 and the daemon do not understand each other");
		p6_fail_why(p6, "What answers on %s does not speak version %d of the io.peer6 interfaces.",
			    socket_path(p6), VARLINK_INTERFACE_VERSION);
		return p6_fail_do(p6, "sudo systemctl restart peer6d");
	case PEER6_E_NOMEM:
		return p6_fail_memory(p6);
	default:
		p6_fail(p6, P6_FAILED, "the connection to peer6d failed");
		p6_fail_why(p6, "%s: %s.", socket_path(p6), strerror(errno));
		return p6_fail_do(p6, "systemctl status peer6d");
	}
}

static enum p6_code code_of(int error)
{
	switch (error) {
	case PEER6_E_INVAL:
	case PEER6_E_NAME:
	case PEER6_E_AUTHORITY:
	case PEER6_E_CLASSIFIER:
	case PEER6_E_HOST_NAME:
	case PEER6_E_NOT_CONVERTIBLE:
	case PEER6_E_FRIENDLY_NAME:
	case PEER6_E_PROFILE:
		return P6_BAD_VALUE;
	case PEER6_E_ACCESS:
		return P6_PERMISSION;
	case PEER6_E_NOT_FOUND:
	case PEER6_E_NO_CLOUD:
		return P6_NOT_FOUND;
	case PEER6_E_TIMEOUT:
		return P6_TIMEOUT;
	case PEER6_E_NO_ADDRESS:
		return P6_NOT_CONNECTED;
	case PEER6_E_PASSWORD:
	case PEER6_E_CERTIFICATE:
	case PEER6_E_SIGNATURE:
	case PEER6_E_CHAIN:
	case PEER6_E_EXPIRED:
	case PEER6_E_KEY_ACCESS:
		return P6_NOT_TRUSTED;
	case PEER6_E_EXISTS:
	case PEER6_E_IN_USE:
		return P6_IN_USE;
	case PEER6_E_PROTOCOL:
		return P6_WRONG_VERSION;
	default:
		return P6_REFUSED;
	}
}

static int fail_reply(struct p6 *p6, const struct varlink_fault *fault)
{
	if (fault->error == PEER6_E_PROTOCOL && !*fault->message)
		return fail_talk(p6, PEER6_E_PROTOCOL);
	p6_fail(p6, code_of(fault->error), "%s", *fault->message ?
		fault->message : peer6_strerror(fault->error));
	p6_fail_reason(p6, fault->reason);
	if (*fault->why)
		p6_fail_why(p6, "%s", fault->why);
	else
		p6_fail_why(p6, "The daemon does not say why.");
	if (*fault->todo)
		return p6_fail_do(p6, "%s", fault->todo);
	return p6_fail_do(p6, "peer6 %s --help", p6->command);
}

int daemon_open(struct p6 *p6, struct daemon *d)
{
	json_t *reply;
	int err;

	d->p6 = p6;
	err = varlink_open(&d->v, socket_path(p6), DAEMON_GREETING * 1000);
	if (err)
		return fail_open(p6, err);
	err = varlink_greet(&d->v);
	if (!err)
		err = varlink_wait(&d->v, &reply,
				   varlink_deadline(DAEMON_GREETING * 1000));
	if (!err) {
		err = varlink_greeted(reply);
		json_decref(reply);
	}
	if (!err)
		return 0;
	varlink_close(&d->v);
	return fail_talk(p6, err);
}

void daemon_close(struct daemon *d)
{
	varlink_close(&d->v);
}

int daemon_start(struct daemon *d, const char *method, json_t *parameters)
{
	int err = varlink_put(&d->v, method, parameters, VARLINK_MORE);

	return err ? fail_talk(d->p6, err) : 0;
}

int daemon_next(struct daemon *d, int64_t deadline, json_t **parameters,
		bool *last)
{
	struct varlink_fault fault;
	json_t *reply = NULL;
	int err;

	*parameters = NULL;
	err = varlink_wait(&d->v, &reply, deadline);
	if (err == PEER6_E_TIMEOUT)
		return 0;
	if (err)
		return fail_talk(d->p6, err);
	if (varlink_fault(reply, &fault)) {
		err = fail_reply(d->p6, &fault);
		json_decref(reply);
		return err;
	}
	*parameters = json_incref(json_object_get(reply, "parameters"));
	*last = !json_is_true(json_object_get(reply, "continues"));
	json_decref(reply);
	/* A method without results may leave them out. */
	if (!*parameters)
		*parameters = json_object();
	return *parameters ? 0 : p6_fail_memory(d->p6);
}

int daemon_call(struct p6 *p6, const char *method, json_t *parameters,
		json_t **reply)
{
	struct daemon d;
	bool last;
	int err;

	err = daemon_open(p6, &d);
	if (err) {
		json_decref(parameters);
		return err;
	}
	err = varlink_put(&d.v, method, parameters, 0);
	if (err)
		err = fail_talk(p6, err);
	else
		err = daemon_next(&d, varlink_deadline(DAEMON_PATIENCE * 1000),
				  reply, &last);
	if (!err && !*reply)
		err = fail_talk(p6, PEER6_E_TIMEOUT);
	daemon_close(&d);
	return err;
}

int daemon_print(struct p6 *p6, const char *schema, json_t *reply)
{
	json_t *object = json_pack("{s:s}", "schema", schema);

	if (object && json_object_update(object, reply)) {
		json_decref(object);
		object = NULL;
	}
	json_decref(reply);
	return p6_print_json(p6, object);
}

int daemon_check_text(struct p6 *p6, const char *kind, const char *text)
{
	if (!text || peer6_utf8_to_utf16(text, strlen(text), NULL, 0) >= 0)
		return 0;
	p6_fail(p6, P6_BAD_VALUE, "the %s is no text", kind);
	p6_fail_why(p6, "It has bytes that are not UTF-8.");
	return p6_fail_do(p6, "printf %%s ... | iconv -t UTF-8");
}

const char *daemon_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

json_int_t daemon_int(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

bool daemon_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}
