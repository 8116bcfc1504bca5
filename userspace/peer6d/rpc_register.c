// SPDX-License-Identifier: GPL-2.0-or-later
/* io.peer6.Pnrp: publishing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon.h"
#include "rpc.h"
#include "store.h"

static void fail(struct call *call, int error, const char *name,
		 const struct request_error *wrong)
{
	char message[200];
	const char *why, *todo = "";

	snprintf(message, sizeof(message), "%.100s cannot be registered",
		 name ? name : "this");
	why = wrong && wrong->words[0] ? wrong->words : peer6_strerror(error);
	if (error == PEER6_E_NOT_FOUND) {
		why = "No identity of yours has this authority: only its owner can publish a secure name.";
		todo = "peer6 id list";
	} else if (error == PEER6_E_LIMIT) {
		why = "You have 256 names registered, or all users together 2048.";
		todo = "peer6 pnrp peer show registration";
	} else if (error == PEER6_E_PROFILE) {
		why = "PNRP's records have room for RSA-1024 only, and this identity has a stronger key.";
		todo = "peer6 id create profile=compatible";
	}
	call_fail(call, error,
		  peer6_utf8_to_utf16(message, strlen(message), NULL, 0) < 0 ?
		  NULL : message, why, todo);
}

/* The caller's request, as it is kept. */
static json_t *make_request(struct call *call, const char *selector)
{
	static const char *const keys[] = {
		"name", "applications", "comment", "payload_string",
		"payload_binary", "prefix",
	};
	char now[TIME_TEXT_MAX];
	json_t *request, *value;
	unsigned int i;

	request = json_pack("{s:I,s:s,s:s}", "uid",
			    (json_int_t)call_uid(call), "cloud", selector,
			    "registered_at", time_text_now(now));
	for (i = 0; request && i < sizeof(keys) / sizeof(keys[0]); i++) {
		value = json_object_get(call->params, keys[i]);
		if (value && !json_is_null(value))
			json_object_set(request, keys[i], value);
	}
	return request;
}

/* NULL: *ret says why. */
static struct registration *parse(struct call *call, const char *selector,
				  struct request_error *wrong, int *ret)
{
	json_t *request = make_request(call, selector);
	struct registration *reg = NULL;

	*ret = request ? registration_parse(&reg, call->daemon, request,
					    wrong) : PEER6_E_NOMEM;
	json_decref(request);
	return *ret ? NULL : reg;
}

static void list_of(json_t *list, const struct registration *reg)
{
	const struct published *p;

	for (p = reg->published; p; p = p->next)
		json_array_append_new(list, json_registration(reg, p->cloud,
							      p));
}

void rpc_register(struct call *call)
{
	struct registrations *all = call->daemon->registrations;
	struct registration *regs[CLOUDS_MAX];
	struct cloud *clouds[CLOUDS_MAX];
	struct request_error wrong = { };
	const char *name = NULL, *s = NULL;
	json_t *names = NULL, *a = NULL, *list;
	unsigned int i, n = 0;
	int transient = 0, ret = 0;
	const struct arg args[] = {
		{ "name", ARG_STRING, true, &name },
		{ "clouds", ARG_STRINGS, false, &names },
		{ "applications", ARG_ARRAY, false, &a },
		{ "comment", ARG_STRING, false, &s },
		{ "payload_string", ARG_STRING, false, &s },
		{ "payload_binary", ARG_STRING, false, &s },
		{ "prefix", ARG_STRING, false, &s },
		{ "transient", ARG_BOOL, false, &transient },
	};

	if (!call_args(call, args, 8))
		return;
	if (names && json_array_size(names)) {
		if (!clouds_arg(call, names, clouds, &n))
			return;
	}
	/* All are looked at before the first is taken. */
	for (i = 0; i < (n ? n : 1); i++) {
		regs[i] = parse(call, n ? clouds[i]->key : "*", &wrong, &ret);
		if (!regs[i])
			break;
		regs[i]->transient = transient;
		regs[i]->owner = call->client;
	}
	if (ret) {
		while (i--)
			registration_free(regs[i]);
		fail(call, ret, name, &wrong);
		return;
	}
	list = json_array();
	for (i = 0; i < (n ? n : 1); i++) {
		if (!ret)
			ret = registrations_add(all, regs[i]);
		if (ret)
			registration_free(regs[i]);
		else
			list_of(list, regs[i]);
	}
	if (ret) {
		json_decref(list);
		fail(call, ret, name, NULL);
		return;
	}
	call_reply(call, json_pack("{s:o}", "registrations", list));
}

static bool meant(const struct registration *reg, struct call *call,
		  const struct peer6_name *name, json_int_t handle)
{
	if (name && (reg->uid != call_uid(call) ||
		     !peer6_name_equal(&reg->name, name)))
		return false;
	if (!name && reg->id != handle)
		return false;
	return reg->uid == call_uid(call) || call_is_admin(call);
}

static int remove_one(struct call *call, struct registration *reg,
		      struct cloud **clouds, unsigned int n, json_t *list)
{
	struct registrations *all = call->daemon->registrations;
	struct published *p;
	unsigned int i;

	if (!n) {
		list_of(list, reg);
		return registrations_remove(all, reg);
	}
	for (i = 0; i < n; i++) {
		p = registration_in(reg, clouds[i]);
		if (!p)
			continue;
		json_array_append_new(list,
				      json_registration(reg, clouds[i], p));
		/*
		 * Splitting may have made new ones of this name: begin again.
		 */
		return registrations_remove_in(all, reg, clouds[i]);
	}
	return 1;
}

void rpc_unregister(struct call *call)
{
	struct registrations *all = call->daemon->registrations;
	struct cloud *clouds[CLOUDS_MAX];
	struct registration *reg, *next;
	struct peer6_name name;
	const char *text = NULL;
	json_t *names = NULL, *list;
	json_int_t handle = 0;
	unsigned int n = 0, removed = 0;
	int ret = 0;
	const struct arg args[] = {
		{ "name", ARG_STRING, false, &text },
		{ "handle", ARG_INT, false, &handle },
		{ "clouds", ARG_STRINGS, false, &names },
	};

	if (!call_args(call, args, 3))
		return;
	if (!text == !handle) {
		call_bad_parameter(call, text ? "handle" : "name");
		return;
	}
	if (names && json_array_size(names) &&
	    !clouds_arg(call, names, clouds, &n))
		return;
	ret = text ? name_or_host_parse(&name, text) : 0;
	if (ret) {
		call_fail(call, ret, NULL, peer6_strerror(ret), "");
		return;
	}
	list = json_array();
	for (reg = registrations_first(all); reg && ret >= 0; reg = next) {
		next = reg->next;
		if (!meant(reg, call, text ? &name : NULL, handle))
			continue;
		ret = remove_one(call, reg, clouds, n, list);
		if (!ret) {
			removed++;
			next = registrations_first(all);
		}
	}
	if (ret < 0 || !removed) {
		json_decref(list);
		call_fail(call, ret < 0 ? ret : PEER6_E_NOT_FOUND,
			  "nothing was unregistered", ret < 0 ?
			  peer6_strerror(ret) :
			  "You have no such registration there.",
			  "peer6 pnrp peer show registration");
		return;
	}
	call_reply(call, json_pack("{s:o}", "registrations", list));
}

/* The machine's name is a registration of root's for all clouds. */
static void machine_name(struct daemon *d, char text[PEER6_NAME_SIZE])
{
	char host[65] = "localhost";

	if (store_get_text(d->store, "machine-name", text, PEER6_NAME_SIZE))
		return;
	gethostname(host, sizeof(host) - 1);
	host[strcspn(host, ".")] = '\0';
	snprintf(text, PEER6_NAME_SIZE, "0.%s", host);
}

static struct registration *machine_registration(struct daemon *d,
						 const char *text)
{
	struct registration *reg;

	for (reg = registrations_first(d->registrations); reg; reg = reg->next)
		if (!reg->uid && !strcmp(reg->text, text) &&
		    !strcmp(reg->selector, "*"))
			break;
	return reg;
}

static bool auto_publish(struct daemon *d)
{
	char value[8];

	return store_get_text(d->store, "machine-name-auto", value,
			      sizeof(value)) && !strcmp(value, "yes");
}

static int publish_machine(struct daemon *d, const char *text)
{
	struct request_error wrong;
	struct registration *reg;
	char now[TIME_TEXT_MAX];
	json_t *request;
	int ret;

	if (machine_registration(d, text))
		return 0;
	request = json_pack("{s:s,s:i,s:s,s:s}", "name", text, "uid", 0,
			    "cloud", "*", "registered_at", time_text_now(now));
	ret = request ? registration_parse(&reg, d, request, &wrong) :
			PEER6_E_NOMEM;
	json_decref(request);
	if (ret)
		return ret;
	/* Whether it comes back is what auto_publish says. */
	reg->transient = true;
	ret = registrations_add(d->registrations, reg);
	if (ret)
		registration_free(reg);
	return ret;
}

void machine_name_start(struct daemon *d)
{
	char text[PEER6_NAME_SIZE];
	int ret;

	if (!auto_publish(d))
		return;
	machine_name(d, text);
	ret = publish_machine(d, text);
	if (ret)
		event_log(d->events, LOG_WARNING,
			  "the machine's name %s is not published: %s", text,
			  peer6_strerror(ret));
}

static void reply_machine(struct call *call)
{
	char text[PEER6_NAME_SIZE];

	machine_name(call->daemon, text);
	call_reply(call, json_pack("{s:s,s:b,s:b}", "name", text, "published",
				   machine_registration(call->daemon, text) !=
				   NULL, "auto_publish",
				   auto_publish(call->daemon)));
}

void rpc_get_machine_name(struct call *call)
{
	if (call_args(call, NULL, 0))
		reply_machine(call);
}

static int set_machine(struct daemon *d, const char *name, int publish,
		       int automatic)
{
	char old[PEER6_NAME_SIZE], text[PEER6_NAME_SIZE];
	struct peer6_name parsed;
	struct registration *reg;
	bool was;
	int ret = 0;

	machine_name(d, old);
	strcpy(text, old);
	if (name) {
		ret = name_or_host_parse(&parsed, name);
		if (!ret && (parsed.secure || !parsed.n_classifier))
			ret = PEER6_E_CLASSIFIER;
		if (ret)
			return ret;
		peer6_name_format(&parsed, text, sizeof(text));
		ret = store_set_text(d->store, "machine-name", text);
	}
	if (!ret && automatic >= 0)
		ret = store_set_text(d->store, "machine-name-auto",
				     automatic ? "yes" : "no");
	reg = machine_registration(d, old);
	was = reg;
	if (!ret && reg && (publish == 0 || strcmp(old, text)))
		ret = registrations_remove(d->registrations, reg);
	if (!ret && (publish > 0 || (was && publish < 0)))
		ret = publish_machine(d, text);
	return ret;
}

void rpc_set_machine_name(struct call *call)
{
	const char *name = NULL;
	int publish = -1, automatic = -1, ret;
	const struct arg args[] = {
		{ "name", ARG_STRING, false, &name },
		{ "publish", ARG_BOOL, false, &publish },
		{ "auto_publish", ARG_BOOL, false, &automatic },
	};

	if (!call_args(call, args, 3))
		return;
	ret = set_machine(call->daemon, name, publish, automatic);
	if (ret)
		call_fail(call, ret, "the machine's name is not changed",
			  peer6_strerror(ret), "");
	else
		reply_machine(call);
}
