// SPDX-License-Identifier: GPL-2.0-or-later
/* Parameters of calls, and errors of the interfaces. */
#include <stdio.h>
#include <string.h>

#include <peer6/base.h>

#include "server.h"

/* Which error of the interfaces a reason belongs to. */
static const char *class_of(int error)
{
	switch (error) {
	case PEER6_E_INVAL:
	case PEER6_E_NAME:
	case PEER6_E_AUTHORITY:
	case PEER6_E_CLASSIFIER:
	case PEER6_E_HOST_NAME:
	case PEER6_E_NOT_CONVERTIBLE:
	case PEER6_E_PROFILE:
	case PEER6_E_FRIENDLY_NAME:
	case PEER6_E_VALUE:
		return "BadValue";
	case PEER6_E_NOT_FOUND:
	case PEER6_E_NO_CLOUD:
		return "NotFound";
	case PEER6_E_TIMEOUT:
		return "Timeout";
	case PEER6_E_NO_ADDRESS:
		return "NotConnected";
	case PEER6_E_EXISTS:
	case PEER6_E_IN_USE:
		return "Exists";
	case PEER6_E_KEY:
	case PEER6_E_PASSWORD:
	case PEER6_E_CERTIFICATE:
	case PEER6_E_SIGNATURE:
	case PEER6_E_CHAIN:
		return "NotTrusted";
	}
	return "Failed";
}

static bool has_error(const struct call *call, const char *class)
{
	static const char *const pnrp[] = {
		"BadValue", "NotFound", "Timeout", "NotConnected", "Exists",
	};
	static const char *const identity[] = {
		"BadValue", "NotFound", "Exists", "NotTrusted",
	};
	unsigned int i;

	if (!strcmp(call->interface, "io.peer6.Pnrp"))
		for (i = 0; i < 5; i++)
			if (!strcmp(pnrp[i], class))
				return true;
	if (!strcmp(call->interface, "io.peer6.Identity"))
		for (i = 0; i < 4; i++)
			if (!strcmp(identity[i], class))
				return true;
	return false;
}

void call_fail(struct call *call, int error, const char *message,
	       const char *why, const char *todo)
{
	const char *class = class_of(error);
	char name[64], sentence[120];

	snprintf(sentence, sizeof(sentence), "%s", peer6_strerror(error));
	snprintf(name, sizeof(name), "%s.%s", call->interface,
		 has_error(call, class) ? class : "Failed");
	call_error(call, name,
		   json_pack("{s:s,s:s,s:s,s:s}",
			     "reason", peer6_reason(error),
			     "message", message ? message : sentence,
			     "why", why ? why : "",
			     "do", todo ? todo : ""));
}

static bool strings(json_t *list)
{
	size_t i;

	if (!json_is_array(list))
		return false;
	for (i = 0; i < json_array_size(list); i++)
		if (!json_is_string(json_array_get(list, i)))
			return false;
	return true;
}

static bool take(const struct arg *arg, json_t *value)
{
	switch (arg->type) {
	case ARG_STRING:
		*(const char **)arg->out = json_string_value(value);
		return json_is_string(value);
	case ARG_BOOL:
		*(int *)arg->out = json_is_true(value);
		return json_is_boolean(value);
	case ARG_INT:
		*(json_int_t *)arg->out = json_integer_value(value);
		return json_is_integer(value);
	case ARG_REAL:
		*(double *)arg->out = json_number_value(value);
		return json_is_number(value);
	case ARG_ARRAY:
		*(json_t **)arg->out = value;
		return json_is_array(value);
	case ARG_STRINGS:
		*(json_t **)arg->out = value;
		return strings(value);
	}
	return false;
}

bool call_args(struct call *call, const struct arg *args, unsigned int n)
{
	const char *key;
	json_t *value;
	unsigned int i;

	json_object_foreach(call->params, key, value) {
		for (i = 0; i < n && strcmp(args[i].name, key); i++)
			;
		if (i == n ||
		    (!json_is_null(value) && !take(&args[i], value))) {
			call_bad_parameter(call, key);
			return false;
		}
	}
	for (i = 0; i < n; i++) {
		value = json_object_get(call->params, args[i].name);
		if (args[i].required && (!value || json_is_null(value))) {
			call_bad_parameter(call, args[i].name);
			return false;
		}
	}
	return true;
}
