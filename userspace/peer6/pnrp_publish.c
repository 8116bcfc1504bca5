// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <peer6/pnrp_wire.h>

#include "../libpeer6/client/client.h"
#include "pnrp.h"

enum { P_NAME, P_CLOUD, P_SERVICE, P_COMMENT, P_TEXT, P_FILE, P_NEAR };

static const struct p6_tag publish_tags[] = {
	[P_NAME] = { "name", P6_TAG_NEEDED, "a name" },
	[P_CLOUD] = { "cloud", P6_TAG_ORDERED, "a cloud" },
	[P_SERVICE] = { "service", P6_TAG_ORDERED, "a service" },
	[P_COMMENT] = { "comment", P6_TAG_NAMED, "a comment" },
	[P_TEXT] = { "text", P6_TAG_NAMED, "a payload" },
	[P_FILE] = { "file", P6_TAG_NAMED, "a payload" },
	[P_NEAR] = { "near", P6_TAG_NAMED, "a prefix" },
};

/* The same word for the same thing, whichever command it was. */
static void put_ok(const struct p6 *p6)
{
	if (!strncmp(p6->command, "pnrp", 4))
		puts("Ok.");
}

/* The payload that a file holds. */
static int read_payload(struct p6 *p6, const char *path, json_t *call)
{
	unsigned char data[PEER6_PNRP_PAYLOAD_MAX + 1];
	size_t len = 0;
	ssize_t n = 0;
	char *text;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && len < sizeof(data)) {
		n = read(fd, data + len, sizeof(data) - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += n;
	}
	if (fd < 0 || n < 0) {
		p6_fail(p6, P6_BAD_VALUE, "cannot read the payload");
		p6_fail_why(p6, "%s: %s.", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return p6_fail_do(p6, "ls -l %s", path);
	}
	close(fd);
	if (!len || len > PEER6_PNRP_PAYLOAD_MAX) {
		p6_fail(p6, P6_BAD_VALUE, "the payload has no length that is possible");
		p6_fail_why(p6, "A payload has 1 to %u bytes; %s has %s.",
			    PEER6_PNRP_PAYLOAD_MAX, path,
			    len ? "more" : "none");
		return p6_fail_do(p6, "ls -l %s", path);
	}
	text = client_base64(data, len);
	pnrp_put(call, "payload_binary", text);
	free(text);
	return 0;
}

static int check_texts(struct p6 *p6, const char **values)
{
	static const struct {
		int at;
		const char *kind;
	} texts[] = {
		{ P_CLOUD, "cloud" }, { P_COMMENT, "comment" },
		{ P_TEXT, "payload" }, { P_NEAR, "prefix" },
	};
	size_t i;
	int err;

	for (i = 0; i < P6_ARRAY_SIZE(texts); i++) {
		err = daemon_check_text(p6, texts[i].kind,
					values[texts[i].at]);
		if (err)
			return err;
	}
	if (values[P_TEXT] && values[P_FILE]) {
		p6_fail(p6, P6_DUPLICATE, "text and file are given");
		p6_fail_why(p6, "A name carries one payload.");
		return p6_fail_do(p6, "peer6 %s --help", p6->command);
	}
	return 0;
}

static void put_registration(const struct p6 *p6, const json_t *r, bool rows)
{
	const char *host = daemon_text(r, "host_name");
	const json_t *list, *item;
	char buf[PNRP_ENDPOINT_MAX], protocol[8];
	const char *id = daemon_text(r, "id");
	bool secure = daemon_true(r, "secure");
	size_t i;

	printf("%s%s%s%s ", daemon_text(r, "name"), *host ? " (" : "", host,
	       *host ? ")" : "");
	if (*id)
		printf("is published in %s", daemon_text(r, "cloud"));
	else
		printf("waits in %s (%s)", daemon_text(r, "cloud"),
		       daemon_text(r, "reason"));
	printf(", %s%s%s\n",
	       p6_color(p6, secure ? P6_GREEN : P6_YELLOW),
	       pnrp_unsecured(secure), p6_color_end(p6));
	if (!rows)
		return;
	list = json_object_get(r, "applications");
	json_array_foreach(list, i, item)
		pnrp_row(i ? "" : "Addresses", "%s %s",
			 pnrp_endpoint(item, buf),
			 pnrp_protocol(daemon_int(item, "protocol"), protocol,
				       sizeof(protocol)));
	if (*daemon_text(r, "comment"))
		pnrp_row("Comment", "%s", daemon_text(r, "comment"));
	if (*daemon_text(r, "payload_string"))
		pnrp_row("Extended payload (string)", "%s",
			 daemon_text(r, "payload_string"));
	if (*daemon_text(r, "payload_binary"))
		pnrp_row("Extended payload (binary)", "%s",
			 daemon_text(r, "payload_binary"));
	if (*daemon_text(r, "identity"))
		pnrp_row("Identity", "%s", daemon_text(r, "identity"));
	pnrp_row("Handle", "%lld", daemon_int(r, "handle"));
	if (*id)
		pnrp_row("ID", "%s", id);
	else
		pnrp_row("Reason", "%s", daemon_text(r, "reason"));
	pnrp_row("Since", "%s", daemon_text(r, "registered_at"));
}

int p6_publish(struct p6 *p6, int argc, char **argv)
{
	const char *values[P6_ARRAY_SIZE(publish_tags)];
	json_t *call, *reply, *services;
	const json_t *list, *r;
	size_t i;
	int err;

	err = p6_args(p6, argc, argv, publish_tags,
		      P6_ARRAY_SIZE(publish_tags), values);
	if (!err)
		err = pnrp_check_name(p6, values[P_NAME], NULL);
	if (!err)
		err = check_texts(p6, values);
	if (err)
		return err;
	call = pnrp_clouds(values[P_CLOUD]);
	pnrp_put(call, "name", values[P_NAME]);
	pnrp_put(call, "comment", values[P_COMMENT]);
	pnrp_put(call, "payload_string", values[P_TEXT]);
	pnrp_put(call, "prefix", values[P_NEAR]);
	if (values[P_SERVICE]) {
		services = pnrp_services(p6, values[P_SERVICE]);
		if (!services) {
			json_decref(call);
			return p6_code_exit(p6->failure.code);
		}
		pnrp_put_new(call, "applications", services);
	}
	if (values[P_FILE])
		err = read_payload(p6, values[P_FILE], call);
	if (err) {
		json_decref(call);
		return err;
	}
	err = daemon_call(p6, "io.peer6.Pnrp.Register", call, &reply);
	if (err)
		return err;
	if (p6->json)
		return daemon_print(p6, "peer6.pnrp-registrations/1", reply);
	list = json_object_get(reply, "registrations");
	json_array_foreach(list, i, r)
		put_registration(p6, r, p6->verbose);
	put_ok(p6);
	json_decref(reply);
	return 0;
}

int p6_unpublish(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "name", P6_TAG_ORDERED, "a name" },
		{ "cloud", P6_TAG_ORDERED, "a cloud" },
		{ "handle", P6_TAG_NAMED, "a handle" },
	};
	const char *values[P6_ARRAY_SIZE(tags)];
	const json_t *list, *r;
	json_t *call, *reply;
	long long handle = 0;
	char *end;
	size_t i;
	int err;

	err = p6_args(p6, argc, argv, tags, P6_ARRAY_SIZE(tags), values);
	if (err)
		return err;
	if (!values[0] == !values[2]) {
		p6_fail(p6, values[0] ? P6_DUPLICATE : P6_MISSING,
			"%s: a name or a handle is needed", p6->command);
		p6_fail_why(p6, "One of them says what shall be taken back.");
		return p6_fail_do(p6, "peer6 pnrp peer show registration");
	}
	if (values[0])
		err = pnrp_check_name(p6, values[0], NULL);
	if (!err)
		err = daemon_check_text(p6, "cloud", values[1]);
	if (err)
		return err;
	if (values[2]) {
		errno = 0;
		handle = strtoll(values[2], &end, 10);
		if (*end || errno || handle <= 0) {
			p6_fail(p6, P6_BAD_VALUE, "handle=%s is none",
				values[2]);
			p6_fail_why(p6, "A handle is a number from 1 on.");
			return p6_fail_do(p6, "peer6 pnrp peer show registration");
		}
	}
	call = pnrp_clouds(values[1]);
	pnrp_put(call, "name", values[0]);
	if (handle)
		pnrp_put_new(call, "handle", json_integer(handle));
	err = daemon_call(p6, "io.peer6.Pnrp.Unregister", call, &reply);
	if (err)
		return err;
	if (p6->json)
		return daemon_print(p6, "peer6.pnrp-registrations/1", reply);
	list = json_object_get(reply, "registrations");
	json_array_foreach(list, i, r)
		printf("%s is no longer published in %s, %s\n",
		       daemon_text(r, "name"), daemon_text(r, "cloud"),
		       pnrp_unsecured(daemon_true(r, "secure")));
	put_ok(p6);
	json_decref(reply);
	return 0;
}

int pnrp_peer_show_registration(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "name", P6_TAG_ORDERED, "a name" },
		{ "cloud", P6_TAG_ORDERED, "a cloud" },
	};
	const char *values[P6_ARRAY_SIZE(tags)];
	const json_t *list, *r;
	json_t *call, *reply;
	size_t i;
	int err;

	err = p6_args(p6, argc, argv, tags, P6_ARRAY_SIZE(tags), values);
	if (!err && values[0])
		err = pnrp_check_name(p6, values[0], NULL);
	if (!err && values[1])
		err = daemon_check_text(p6, "cloud", values[1]);
	if (err)
		return err;
	call = pnrp_clouds(values[1]);
	pnrp_put(call, "name", values[0]);
	err = daemon_call(p6, "io.peer6.Pnrp.ListRegistrations", call, &reply);
	if (err)
		return err;
	if (p6->json)
		return daemon_print(p6, "peer6.pnrp-registrations/1", reply);
	list = json_object_get(reply, "registrations");
	json_array_foreach(list, i, r)
		put_registration(p6, r, true);
	if (!json_array_size(list))
		p6_note(p6, "No name is published.");
	json_decref(reply);
	return 0;
}
