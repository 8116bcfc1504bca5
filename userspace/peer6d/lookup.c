// SPDX-License-Identifier: GPL-2.0-or-later
/* One host name to its addresses in a cloud. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netdb.h>

#include "seeds.h"

struct lookup {
	uv_getaddrinfo_t	request;
	enum peer6_pnrp_scope	scope;
	uint32_t		index;
	uint16_t		port;
	lookup_done		done;	/* NULL: canceled */
	void			*ctx;
};

/* Splits in place. false: not of the form. */
static bool split(char *text, char **host, uint16_t *port)
{
	char *end, *colon;
	long number;

	*host = text;
	*port = PEER6_PNRP_PORT;
	if (text[0] == '[') {
		end = strchr(text, ']');
		if (!end)
			return false;
		*end = '\0';
		*host = text + 1;
		if (!end[1])
			return true;
		if (end[1] != ':')
			return false;
		colon = end + 1;
	} else {
		colon = strchr(text, ':');
		if (!colon || strchr(colon + 1, ':'))
			return text[0];
		*colon = '\0';
	}
	number = strtol(colon + 1, &end, 10);
	if (end == colon + 1 || *end || number <= 1024 || number > 65535)
		return false;
	*port = number;
	return (*host)[0];
}

static bool fits(const struct lookup *lookup, const uint8_t *addr)
{
	bool link_local = addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80;

	return addr[0] != 0xff &&
	       link_local == (lookup->scope == PEER6_PNRP_LINK_LOCAL);
}

static void on_addresses(uv_getaddrinfo_t *request, int status,
			 struct addrinfo *list)
{
	struct lookup *lookup = request->data;
	struct peer6_endpoint ep[HOST_ADDRESSES_MAX];
	const struct addrinfo *ai;
	unsigned int n = 0;
	bool any = false;

	memset(ep, 0, sizeof(ep));
	for (ai = list; ai && n < HOST_ADDRESSES_MAX; ai = ai->ai_next) {
		const struct sockaddr_in6 *sa = (const void *)ai->ai_addr;

		if (ai->ai_family != AF_INET6)
			continue;
		any = true;
		if (!fits(lookup, sa->sin6_addr.s6_addr))
			continue;
		memcpy(ep[n].addr, &sa->sin6_addr, 16);
		ep[n].port = lookup->port;
		ep[n++].scope_id = lookup->index;
	}
	uv_freeaddrinfo(list);
	if (lookup->done) {
		if (n)
			lookup->done(lookup->ctx, 0, NULL, ep, n);
		else
			lookup->done(lookup->ctx, PEER6_E_NOT_FOUND,
				     status ? uv_strerror(status) : any ?
				     "none of its addresses is of this cloud" :
				     "it has no IPv6 address", NULL, 0);
	}
	free(lookup);
}

int lookup_new(struct lookup **out, uv_loop_t *loop, const char *host,
	       enum peer6_pnrp_scope scope, uint32_t index, lookup_done done,
	       void *ctx)
{
	static const struct addrinfo hints = {
		.ai_family = AF_INET6,
		.ai_socktype = SOCK_DGRAM,
	};
	struct lookup *lookup;
	char text[SEED_TEXT_MAX], *name;

	if (strlen(host) >= sizeof(text))
		return PEER6_E_INVAL;
	lookup = calloc(1, sizeof(*lookup));
	if (!lookup)
		return PEER6_E_NOMEM;
	strcpy(text, host);
	if (!split(text, &name, &lookup->port)) {
		free(lookup);
		return PEER6_E_INVAL;
	}
	/* Zones name links of other hosts too; the cloud is the link here. */
	name[strcspn(name, "%")] = '\0';
	lookup->scope = scope;
	lookup->index = index;
	lookup->done = done;
	lookup->ctx = ctx;
	lookup->request.data = lookup;
	if (uv_getaddrinfo(loop, &lookup->request, on_addresses, name, NULL,
			   &hints)) {
		free(lookup);
		return PEER6_E_NOMEM;
	}
	*out = lookup;
	return 0;
}

void lookup_cancel(struct lookup *lookup)
{
	if (!lookup)
		return;
	/* Where it runs already, its end is only ignored. */
	lookup->done = NULL;
	uv_cancel((uv_req_t *)&lookup->request);
}
