// SPDX-License-Identifier: GPL-2.0-or-later
/* One registration, out of JSON. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base64.h"
#include "daemon.h"
#include "keys.h"
#include "registrations.h"

static int wrong(struct request_error *error, const char *member,
		 const char *format, ...)
{
	va_list args;

	error->member = member;
	va_start(args, format);
	vsnprintf(error->words, sizeof(error->words), format, args);
	va_end(args);
	return PEER6_E_INVAL;
}

static int parse_app(struct wanted_app *app, json_t *object,
		     struct request_error *error)
{
	json_t *address = json_object_get(object, "address");
	json_int_t port = json_integer_value(json_object_get(object, "port"));
	json_int_t protocol;

	protocol = json_integer_value(json_object_get(object, "protocol"));
	if (!json_is_object(object) || port < 0 || port > 65535 ||
	    protocol < 0 || protocol > 255)
		return wrong(error, "applications",
			     "An application has a port of 0 to 65535 and a protocol number of 0 to 255.");
	app->port = port;
	app->protocol = protocol ? protocol : IPPROTO_TCP;
	app->automatic = !address || json_is_null(address);
	if (app->automatic)
		return 0;
	if (!json_is_string(address) ||
	    inet_pton(AF_INET6, json_string_value(address), app->addr) != 1)
		return wrong(error, "applications",
			     "\"%s\" is no IPv6 address.",
			     json_is_string(address) ?
			     json_string_value(address) : "?");
	if (app->addr[0] == 0xff)
		return wrong(error, "applications",
			     "%s is a multicast address.",
			     json_string_value(address));
	return 0;
}

static int parse_apps(struct registration *reg, json_t *list,
		      struct request_error *error)
{
	size_t i;
	int ret;

	if (!list || json_is_null(list)) {
		reg->apps[0].automatic = true;
		reg->apps[0].protocol = IPPROTO_TCP;
		reg->n_apps = 1;
		return 0;
	}
	if (!json_is_array(list) || json_array_size(list) > PEER6_PNRP_APP_MAX)
		return wrong(error, "applications",
			     "A name stands for at most %d applications.",
			     PEER6_PNRP_APP_MAX);
	for (i = 0; i < json_array_size(list); i++) {
		ret = parse_app(&reg->apps[i], json_array_get(list, i), error);
		if (ret)
			return ret;
	}
	reg->n_apps = i;
	return 0;
}

/* UTF-8 to UTF-16LE. Bytes, or negative. */
static ptrdiff_t to_utf16le(const char *text, uint8_t *out, size_t max_units)
{
	uint16_t units[PEER6_PNRP_PAYLOAD_MAX / 2];
	ptrdiff_t n, i;

	if (max_units > PEER6_PNRP_PAYLOAD_MAX / 2)
		return PEER6_E_INVAL;
	n = peer6_utf8_to_utf16(text, strlen(text), units, max_units);
	for (i = 0; i < n; i++) {
		out[2 * i] = units[i] & 0xff;
		out[2 * i + 1] = units[i] >> 8;
	}
	return n < 0 ? n : 2 * n;
}

static int parse_comment(struct registration *reg, json_t *comment,
			 struct request_error *error)
{
	ptrdiff_t n;

	if (!comment || json_is_null(comment))
		return 0;
	n = !json_is_string(comment) ? PEER6_E_INVAL :
	    to_utf16le(json_string_value(comment), reg->comment,
		       COMMENT_UNITS_MAX);
	if (n < 0)
		return wrong(error, "comment",
			     "A comment is text of up to %d UTF-16 units.",
			     COMMENT_UNITS_MAX);
	reg->n_comment = n;
	return 0;
}

static int parse_payload(struct registration *reg, json_t *string,
			 json_t *binary, struct request_error *error)
{
	ptrdiff_t n;

	if (json_is_null(string))
		string = NULL;
	if (json_is_null(binary))
		binary = NULL;
	if (!string && !binary)
		return 0;
	if (string && binary)
		return wrong(error, "payload_binary",
			     "A name has one payload, a string or binary.");
	if (!json_is_string(string ? string : binary))
		return wrong(error, string ? "payload_string" :
			     "payload_binary", "It is no string.");
	reg->payload = calloc(1, PEER6_PNRP_PAYLOAD_MAX);
	if (!reg->payload)
		return PEER6_E_NOMEM;
	if (binary) {
		n = base64_decode(json_string_value(binary), reg->payload,
				  PEER6_PNRP_PAYLOAD_MAX);
		if (n < 1)
			return wrong(error, "payload_binary",
				     "A payload is base64 of 1 to %d bytes.",
				     PEER6_PNRP_PAYLOAD_MAX);
		reg->payload_type = PEER6_PNRP_PAYLOAD_BINARY;
	} else {
		/* With its NUL, which calloc() has written. */
		n = to_utf16le(json_string_value(string), reg->payload,
			       PEER6_PNRP_PAYLOAD_MAX / 2 - 1);
		if (n < 2)
			return wrong(error, "payload_string",
				     "A payload is text of 1 to %d UTF-16 units.",
				     PEER6_PNRP_PAYLOAD_MAX / 2 - 1);
		n += 2;
		reg->payload_type = PEER6_PNRP_PAYLOAD_STRING;
	}
	reg->n_payload = n;
	return 0;
}

static int parse_prefix(struct registration *reg, json_t *prefix,
			struct request_error *error)
{
	if (!prefix || json_is_null(prefix))
		return 0;
	if (!json_is_string(prefix) ||
	    !prefix_parse(reg->prefix, json_string_value(prefix)))
		return wrong(error, "prefix",
			     "A prefix is an IPv6 address, with or without /64.");
	reg->has_prefix = true;
	return 0;
}

bool prefix_parse(uint8_t prefix[8], const char *text)
{
	char copy[INET6_ADDRSTRLEN + 4];
	uint8_t addr[16];
	char *slash;

	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	slash = strchr(copy, '/');
	if (slash && strcmp(slash, "/64"))
		return false;
	if (slash)
		*slash = '\0';
	if (inet_pton(AF_INET6, copy, addr) != 1)
		return false;
	memcpy(prefix, addr, 8);
	return true;
}

int name_or_host_parse(struct peer6_name *name, const char *text)
{
	return peer6_host_is_pnrp(text) ? peer6_name_from_host(name, text) :
					  peer6_name_parse(name, text);
}

static int parse_name(struct registration *reg, struct daemon *d, json_t *name,
		      struct request_error *error)
{
	int ret;

	if (!json_is_string(name))
		return wrong(error, "name", "It is no string.");
	error->member = "name";
	ret = name_or_host_parse(&reg->name, json_string_value(name));
	if (ret)
		return ret;
	/* Everybody's name needs at least the classifier to be one. */
	if (!reg->name.secure && !reg->name.n_classifier)
		return PEER6_E_CLASSIFIER;
	peer6_name_format(&reg->name, reg->text, sizeof(reg->text));
	ret = peer6_name_p2p_id(&reg->name, keys_crypto(d->keys), reg->p2p_id);
	if (ret)
		return ret;
	return keys_signer_get(d->keys, reg->uid, &reg->name, &reg->signer,
			       reg->identity);
}

static int parse(struct registration *reg, struct daemon *d, json_t *request,
		 struct request_error *error)
{
	const char *selector;
	int ret;

	reg->uid = json_integer_value(json_object_get(request, "uid"));
	selector = json_string_value(json_object_get(request, "cloud"));
	if (!selector || strlen(selector) >= sizeof(reg->selector))
		return wrong(error, "cloud", "It is no cloud.");
	strcpy(reg->selector, selector);
	ret = parse_apps(reg, json_object_get(request, "applications"), error);
	if (!ret)
		ret = parse_comment(reg, json_object_get(request, "comment"),
				    error);
	if (!ret)
		ret = parse_payload(reg,
				    json_object_get(request, "payload_string"),
				    json_object_get(request, "payload_binary"),
				    error);
	if (!ret)
		ret = parse_prefix(reg, json_object_get(request, "prefix"),
				   error);
	if (ret)
		return ret;
	if (!reg->n_apps && !reg->payload_type)
		return wrong(error, "applications",
			     "A name without applications needs a payload.");
	return parse_name(reg, d, json_object_get(request, "name"), error);
}

int registration_parse(struct registration **out, struct daemon *d,
		       json_t *request, struct request_error *error)
{
	struct registration *reg = calloc(1, sizeof(*reg));
	int ret;

	memset(error, 0, sizeof(*error));
	if (!reg)
		return PEER6_E_NOMEM;
	ret = parse(reg, d, request, error);
	if (ret) {
		registration_free(reg);
		return ret;
	}
	reg->request = json_incref(request);
	*out = reg;
	return 0;
}

void registration_free(struct registration *reg)
{
	struct published *p;

	if (!reg)
		return;
	while (reg->published) {
		p = reg->published;
		reg->published = p->next;
		free(p);
	}
	keys_signer_put(reg->signer);
	json_decref(reg->request);
	free(reg->payload);
	free(reg);
}
