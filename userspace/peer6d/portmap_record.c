// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "../portmap/protocol.h"
#include "portmaps.h"
#include "store.h"

/* Of one record at most: two addresses, URL, service, nonce, names. */
#define RECORD_TEXT_MAX	1024

static json_t *to_json(const struct portmap_record *r)
{
	char gateway[INET_ADDRSTRLEN], local[INET_ADDRSTRLEN];
	char nonce[PORTMAP_NONCE_TEXT];

	portmap_nonce_format(r->nonce, nonce);
	inet_ntop(AF_INET, &r->gateway, gateway, sizeof(gateway));
	inet_ntop(AF_INET, &r->local, local, sizeof(local));
	return json_pack("{s:s,s:i,s:s,s:s,s:i,s:i,s:I,s:s,s:s,s:s}",
			 "dev", r->dev, "protocol", (int)r->protocol,
			 "gateway", gateway, "local", local, "port",
			 (int)r->port, "external_port", (int)r->external_port,
			 "until", (json_int_t)r->until, "url", r->url,
			 "service", r->service, "nonce", nonce);
}

static bool take_text(char *out, size_t size, const char *in)
{
	if (strlen(in) >= size)
		return false;
	strcpy(out, in);
	return true;
}

static bool from_json(json_t *object, struct portmap_record *r)
{
	const char *dev, *gateway, *local, *url, *service, *nonce;
	int protocol, port, external;
	json_int_t until;

	memset(r, 0, sizeof(*r));
	if (json_unpack(object, "{s:s,s:i,s:s,s:s,s:i,s:i,s:I,s:s,s:s,s:s}",
			"dev", &dev, "protocol", &protocol, "gateway",
			&gateway, "local", &local, "port", &port,
			"external_port", &external, "until", &until, "url",
			&url, "service", &service, "nonce", &nonce) ||
	    !portmap_nonce_parse(nonce, r->nonce))
		return false;
	if (port < 1 || port > 65535 || external < 1 || external > 65535 ||
	    inet_pton(AF_INET, gateway, &r->gateway) != 1 ||
	    inet_pton(AF_INET, local, &r->local) != 1)
		return false;
	r->protocol = protocol & PORTMAP_ANY;
	r->port = (uint16_t)port;
	r->external_port = (uint16_t)external;
	r->until = until;
	return take_text(r->dev, sizeof(r->dev), dev) &&
	       take_text(r->url, sizeof(r->url), url) &&
	       take_text(r->service, sizeof(r->service), service);
}

unsigned int portmap_records_load(struct store *store,
				  struct portmap_record *records,
				  unsigned int max)
{
	size_t size = (size_t)max * RECORD_TEXT_MAX, i;
	char *text = malloc(size);
	unsigned int n = 0;
	json_t *list = NULL, *object;

	if (text && store_get_text(store, "portmaps", text, size))
		list = json_loads(text, 0, NULL);
	json_array_foreach(list, i, object) {
		if (n < max && from_json(object, &records[n]))
			n++;
	}
	json_decref(list);
	free(text);
	return n;
}

int portmap_records_save(struct store *store,
			 const struct portmap_record *const *records,
			 unsigned int n)
{
	json_t *list = json_array();
	char *text;
	unsigned int i;
	int ret;

	for (i = 0; i < n; i++)
		json_array_append_new(list, to_json(records[i]));
	text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	if (!text)
		return PEER6_E_NOMEM;
	ret = store_set_text(store, "portmaps", text);
	free(text);
	return ret;
}
