// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "base64.h"
#include "daemon.h"
#include "rpc.h"

void put(json_t *object, const char *key, json_t *value)
{
	if (value)
		json_object_set_new(object, key, value);
}

void put_hex(json_t *object, const char *key, const void *data, size_t len)
{
	char text[2 * PEER6_PNRP_ID_LEN + 1];
	size_t i;

	for (i = 0; i < len && i < PEER6_PNRP_ID_LEN; i++)
		sprintf(text + 2 * i, "%02x", ((const uint8_t *)data)[i]);
	put(object, key, json_string(text));
}

json_t *json_address(const uint8_t addr[16])
{
	char text[INET6_ADDRSTRLEN];

	return json_string(inet_ntop(AF_INET6, addr, text, sizeof(text)));
}

static bool is_link_local(const uint8_t addr[16])
{
	return addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80;
}

json_t *json_endpoint(const struct peer6_endpoint *ep)
{
	json_t *o = json_pack("{s:o,s:i}", "address", json_address(ep->addr),
			      "port", ep->port);

	if (o && is_link_local(ep->addr) && ep->scope_id)
		put(o, "scope_id", json_integer(ep->scope_id));
	return o;
}

json_t *json_application(const struct cloud *cloud,
			 const struct peer6_pnrp_app *app)
{
	json_t *o = json_pack("{s:o,s:i,s:i}", "address",
			      json_address(app->addr), "port", app->port,
			      "protocol", app->protocol);

	if (o && is_link_local(app->addr) && cloud->index)
		put(o, "scope_id", json_integer(cloud->index));
	return o;
}

json_t *json_ms(int64_t unix_ms)
{
	char text[TIME_TEXT_MAX];

	return json_string(time_text(text, unix_ms));
}

json_t *json_base64(const void *data, size_t len)
{
	char *text = base64_encode(data, len);
	json_t *value = json_string(text);

	free(text);
	return value;
}

json_t *json_utf16le(const uint8_t *data, size_t len)
{
	uint16_t units[PEER6_PNRP_PAYLOAD_MAX / 2 + 2];
	char text[3 * PEER6_PNRP_PAYLOAD_MAX / 2 + 8];
	ptrdiff_t n;
	size_t i;

	if (len / 2 > sizeof(units) / sizeof(units[0]))
		return NULL;
	for (i = 0; i < len / 2; i++)
		units[i] = data[2 * i] | data[2 * i + 1] << 8;
	while (i && !units[i - 1])
		i--;
	n = peer6_utf16_to_utf8(units, i, text, sizeof(text));
	return n < 0 ? NULL : json_stringn(text, n);
}

json_t *json_host_name(const struct peer6_name *name)
{
	char host[PEER6_HOST_NAME_SIZE];

	if (peer6_name_to_host(name, host, sizeof(host)) < 0)
		return NULL;
	return json_string(host);
}

json_t *json_long_host_name(const struct peer6_name *name)
{
	char host[PEER6_HOST_NAME_SIZE], longer[PEER6_HOST_NAME_SIZE + 8];
	ptrdiff_t len = peer6_name_to_host(name, host, sizeof(host));
	size_t label;

	if (len < 0)
		return NULL;
	label = strcspn(host, ".");
	/* Only the short form has nothing between its label and pnrp.net. */
	if (strcmp(host + label, ".pnrp.net"))
		return json_string(host);
	if (label > 60)
		return NULL;
	snprintf(longer, sizeof(longer), "p%.*s-p.p0.pnrp.net", (int)label,
		 host);
	return json_string(longer);
}

bool clouds_arg(struct call *call, json_t *names,
		struct cloud *clouds[CLOUDS_MAX], unsigned int *n)
{
	struct cloud *cloud;
	json_t *name;
	unsigned int k;
	size_t i;

	*n = 0;
	if (!names || !json_array_size(names)) {
		for (cloud = call->daemon->clouds; cloud && *n < CLOUDS_MAX;
		     cloud = cloud->next)
			clouds[(*n)++] = cloud;
		return true;
	}
	json_array_foreach(names, i, name) {
		cloud = cloud_arg(call, json_string_value(name));
		if (!cloud)
			return false;
		for (k = 0; k < *n && clouds[k] != cloud; k++)
			;
		if (k == *n && *n < CLOUDS_MAX)
			clouds[(*n)++] = cloud;
	}
	return true;
}

struct cloud *cloud_arg(struct call *call, const char *name)
{
	struct cloud *cloud = cloud_find(call->daemon, name);
	char message[200], why[600] = "";
	size_t n;

	if (cloud)
		return cloud;
	snprintf(message, sizeof(message), "there is no cloud \"%.100s\"",
		 name);
	n = snprintf(why, sizeof(why), "This host has ");
	for (cloud = call->daemon->clouds; cloud && n < sizeof(why) - 1;
	     cloud = cloud->next)
		n += snprintf(why + n, sizeof(why) - n, "%s%s", cloud->name,
			      cloud->next ? ", " : "");
	if (!call->daemon->clouds)
		n += snprintf(why + n, sizeof(why) - n, "none");
	if (n < sizeof(why) - 1)
		strcat(why, ".");
	call_fail(call, PEER6_E_NO_CLOUD, message, why,
		  "peer6 pnrp cloud show list");
	return NULL;
}
