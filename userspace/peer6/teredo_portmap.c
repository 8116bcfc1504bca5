// SPDX-License-Identifier: GPL-2.0-or-later
/* What gateways were asked for, and why not: peer6d knows, the kernel does not. */
#include <stdio.h>
#include <string.h>

#include "daemon.h"
#include "teredo.h"
#include "teredo_args.h"

/* "not_wanted" as people read it. */
static void print_words(const char *name)
{
	for (; *name; name++)
		putchar(*name == '_' ? ' ' : *name);
}

static const char *protocol_name(const char *word)
{
	if (!strcmp(word, "upnp"))
		return "UPnP";
	return strcmp(word, "pcp") ? "NAT-PMP" : "PCP";
}

static void print_mapping(const json_t *m)
{
	const char *why = daemon_text(m, "why");
	const char *reason = daemon_text(m, "reason");

	printf("%s: ", daemon_text(m, "device"));
	print_words(daemon_text(m, "state"));
	if (json_object_get(m, "external"))
		printf(", %s:%lld leads to %s:%lld, made by %s with %s",
		       daemon_text(m, "external"),
		       (long long)daemon_int(m, "external_port"),
		       daemon_text(m, "local"),
		       (long long)daemon_int(m, "port"),
		       daemon_text(m, "gateway"),
		       protocol_name(daemon_text(m, "protocol")));
	if (json_object_get(m, "until"))
		printf(" until %s", daemon_text(m, "until"));
	putchar('\n');
	if (why[0])
		printf("  %s%s%s%s\n", why, reason[0] ? " [" : "", reason,
		       reason[0] ? "]" : "");
}

int teredo_show_portmap(struct p6 *p6, int argc, char **argv)
{
	json_t *reply, *mappings, *m;
	char dev[IFNAMSIZ];
	size_t i, n;
	int err;

	err = teredo_dev_args(p6, argc, argv, dev, NULL);
	if (!err)
		err = daemon_call(p6, "io.peer6.Service.ListPortMappings",
				  json_object(), &reply);
	if (err)
		return err;
	mappings = json_object_get(reply, "mappings");
	for (i = json_array_size(mappings); *dev && i-- > 0; )
		if (strcmp(daemon_text(json_array_get(mappings, i), "device"),
			   dev))
			json_array_remove(mappings, i);
	if (p6->json)
		return daemon_print(p6, "peer6.teredo-portmap/1", reply);
	n = json_array_size(mappings);
	json_array_foreach(mappings, i, m)
		print_mapping(m);
	if (!n)
		p6_note(p6, "No Teredo clients.");
	json_decref(reply);
	return 0;
}
