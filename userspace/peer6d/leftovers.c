// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <arpa/inet.h>

#include "../portmap/policy.h"
#include "../portmap/protocol.h"
#include "daemon.h"
#include "leftovers.h"
#include "route.h"

struct leftover {
	struct leftovers *all;
	bool		used;
	uint64_t	next;		/* uv_now() */
	struct portmap_record record;
	struct question	*question;
};

struct leftovers {
	struct daemon	*daemon;
	struct nl_sock	*routes;
	struct leftovers_owner owner;
	struct leftover	list[PORTMAP_LEFTOVERS_MAX];
};

static bool ends_before(const struct leftover *a, const struct leftover *b)
{
	if (!a->record.until || !b->record.until)
		return a->record.until;
	return a->record.until < b->record.until;
}

static struct leftover *find_room(struct leftovers *l)
{
	struct leftover *o, *first = NULL;
	unsigned int i;

	for (i = 0; i < PORTMAP_LEFTOVERS_MAX; i++) {
		o = &l->list[i];
		if (!o->used)
			return o;
		if (!o->question && (!first || ends_before(o, first)))
			first = o;
	}
	return first;
}

void leftovers_add(struct leftovers *l, const struct portmap_record *record)
{
	struct leftover *o = find_room(l);

	if (!o)
		return;
	memset(o, 0, sizeof(*o));
	o->all = l;
	o->used = true;
	o->record = *record;
}

static void on_answer(void *ctx, const struct gateway_answer *answer)
{
	struct leftover *o = ctx;
	struct leftovers *l = o->all;
	char gateway[INET_ADDRSTRLEN];

	o->question = NULL;
	inet_ntop(AF_INET, &o->record.gateway, gateway, sizeof(gateway));
	if (answer->ok) {
		event_log(l->daemon->events, LOG_INFO,
			  "%s: the gateway %s has taken back its port %u (%s)",
			  o->record.dev, gateway, o->record.external_port,
			  portmap_protocol_name(answer->protocol));
		o->used = false;
	} else {
		event_log(l->daemon->events, LOG_INFO,
			  "%s: the gateway %s has not taken back its port %u: %s [%s]",
			  o->record.dev, gateway, o->record.external_port,
			  answer->why, answer->reason);
		/* Who has not answered is asked again. */
		o->used = gateway_silent(answer);
	}
	l->owner.changed(l->owner.ctx);
	l->owner.done(l->owner.ctx);
}

/*
 * From which address to ask its gateway, if that is the one of a network that we
 * are in: the address that has the mapping, or that of a device that is behind
 * the same gateway now, for a gateway may let go of what another one has.
 */
static bool find_local(struct leftovers *l,
		       const struct portmap_record *record,
		       struct in_addr *local)
{
	struct route route;

	*local = record->local;
	if (portmap_private(record->gateway) &&
	    route_get(l->routes, record->gateway, record->local, &route) &&
	    !route.local && !route.gateway.s_addr)
		return true;
	return l->owner.local(l->owner.ctx, record->gateway, local);
}

static void withdraw(struct leftover *o)
{
	struct leftovers *l = o->all;
	struct portmap_request req = {
		.remove = true, .gateway = o->record.gateway,
		.owner = o->record.local, .port = o->record.port,
		.external = o->record.external_port,
		.protocols = o->record.protocol ? o->record.protocol :
			     PORTMAP_ANY,
		.url = o->record.url, .service = o->record.service,
	};

	if (!find_local(l, &o->record, &req.local))
		return;
	memcpy(req.nonce, o->record.nonce, sizeof(req.nonce));
	/* The others take back what the asking address has, and nothing else. */
	if (req.local.s_addr != req.owner.s_addr)
		req.protocols &= PORTMAP_UPNP;
	if (!req.protocols)
		return;
	o->next = uv_now(l->daemon->loop) + PORTMAP_WITHDRAW_MS;
	o->question = gateway_ask(l->daemon->loop, &req, PORTMAP_DELETE_MS,
				  on_answer, o);
}

void leftovers_look(struct leftovers *l)
{
	uint64_t now = uv_now(l->daemon->loop);
	int64_t wall = time(NULL);
	bool over = false;
	struct leftover *o;
	unsigned int i;

	for (i = 0; i < PORTMAP_LEFTOVERS_MAX; i++) {
		o = &l->list[i];
		if (!o->used || o->question)
			continue;
		if (o->record.until && o->record.until < wall) {
			o->used = false;
			over = true;
		} else if (o->next <= now) {
			withdraw(o);
		}
	}
	if (over)
		l->owner.changed(l->owner.ctx);
}

bool leftovers_busy(const struct leftovers *l, const struct in_addr *gateway)
{
	const struct leftover *o;
	unsigned int i;

	for (i = 0; i < PORTMAP_LEFTOVERS_MAX; i++) {
		o = &l->list[i];
		if (o->used && o->question &&
		    (!gateway || o->record.gateway.s_addr == gateway->s_addr))
			return true;
	}
	return false;
}

bool leftovers_have_port(const struct leftovers *l, uint16_t external)
{
	unsigned int i;

	for (i = 0; i < PORTMAP_LEFTOVERS_MAX; i++)
		if (l->list[i].used &&
		    l->list[i].record.external_port == external)
			return true;
	return false;
}

unsigned int leftovers_list(const struct leftovers *l,
			    const struct portmap_record **records)
{
	unsigned int i, n = 0;

	for (i = 0; i < PORTMAP_LEFTOVERS_MAX; i++)
		if (l->list[i].used)
			records[n++] = &l->list[i].record;
	return n;
}

struct leftovers *leftovers_new(struct daemon *daemon, struct nl_sock *routes,
				const struct leftovers_owner *owner)
{
	/* Those of devices were on the disk too. */
	struct portmap_record records[PORTMAP_LEFTOVERS_MAX + PORTMAPS_MAX];
	struct leftovers *l = calloc(1, sizeof(*l));
	unsigned int i, n;

	if (!l)
		return NULL;
	l->daemon = daemon;
	l->routes = routes;
	l->owner = *owner;
	n = portmap_records_load(daemon->store, records,
				 PORTMAP_LEFTOVERS_MAX + PORTMAPS_MAX);
	for (i = 0; i < n; i++)
		leftovers_add(l, &records[i]);
	return l;
}

void leftovers_free(struct leftovers *l)
{
	unsigned int i;

	if (!l)
		return;
	for (i = 0; i < PORTMAP_LEFTOVERS_MAX; i++)
		gateway_forget(l->list[i].question);
	free(l);
}
