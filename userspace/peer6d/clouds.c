// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which clouds this host has, what they are called, and which addresses each
 * uses.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "cloud.h"
#include "daemon.h"
#include "registrations.h"
#include "seeds.h"
#include "ssdp.h"
#include "store.h"

/*
 * Which address others shall try first: native before tunneled before private
 * (RFC 6724 section 2.1 orders them so), lasting before passing.
 */
static unsigned int rank(const struct host_address *a)
{
	const uint8_t *p = a->addr;
	unsigned int kind = 0;

	if (p[0] == 0x20 && p[1] == 0x02)
		kind = 1;			/* 6to4 */
	else if (p[0] == 0x20 && p[1] == 0x01 && !p[2] && !p[3])
		kind = 2;			/* Teredo */
	else if ((p[0] & 0xfe) == 0xfc)
		kind = 3;			/* unique local */
	return a->deprecated << 4 | a->temporary << 3 | kind;
}

static int by_rank(const void *x, const void *y)
{
	const struct host_address *a = x, *b = y;
	unsigned int ra = rank(a), rb = rank(b);

	if (ra != rb)
		return ra < rb ? -1 : 1;
	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return memcmp(a->addr, b->addr, 16);
}

static void announce_addresses(struct cloud *cloud)
{
	struct events *events = cloud->daemon->events;
	json_t *list = json_array();
	char text[ENDPOINT_TEXT_MAX], all[200] = "";
	unsigned int i;
	size_t n = 0;

	for (i = 0; i < cloud->n_local; i++) {
		endpoint_text(text, &cloud->local[i]);
		json_array_append_new(list, json_string(text));
		n += snprintf(all + n, n < sizeof(all) ? sizeof(all) - n : 0,
			      "%s%s", i ? ", " : "", text);
		if (n >= sizeof(all))
			n = sizeof(all) - 1;
	}
	event_begin(events, EVENT_ADDRESSES, LOG_INFO);
	event_cloud(events, cloud->name);
	event_json(events, "addresses", list);
	event_send(events, "%s", cloud->n_local ? all : "no address");
}

void cloud_set_addresses(struct cloud *cloud, const struct host_address *a,
			 unsigned int n)
{
	struct peer6_endpoint want[PEER6_PNRP_LOCAL_ADDRS] = { };
	struct peer6_endpoint before[PEER6_PNRP_LOCAL_ADDRS];
	unsigned int n_before = cloud->n_local, i;

	if (n > PEER6_PNRP_LOCAL_ADDRS)
		n = PEER6_PNRP_LOCAL_ADDRS;
	for (i = 0; i < n; i++) {
		memcpy(want[i].addr, a[i].addr, 16);
		want[i].scope_id = cloud->index;
	}
	memcpy(before, cloud->local, sizeof(before));
	/* An address that could not be had yet (or any more): look again. */
	if (cloud_sockets_set(cloud, want, n))
		links_look(cloud->daemon->links);
	if (cloud->n_local == n_before &&
	    !memcmp(before, cloud->local, n_before * sizeof(before[0])))
		return;
	announce_addresses(cloud);
	cloud_enter(cloud);
	peer6_pnrp_set_endpoints(cloud->node, cloud->local, cloud->n_local,
				 cloud_now());
	cloud_leave(cloud);
	if (cloud->advertising && cloud->n_local)
		ssdp_advertise(cloud->daemon->ssdp, cloud, true);
	if (!n_before)
		cloud_greet(cloud);
}

static void say(struct cloud *cloud, enum event_kind kind, const char *word)
{
	struct events *events = cloud->daemon->events;

	event_begin(events, kind, LOG_INFO);
	event_cloud(events, cloud->name);
	event_send(events, "%s", word);
}

/*
 * LinkLocal_ and the prefix of the link's first global address, as Windows has
 * it; the form with the zone where there is none or another link has the same.
 */
static void name_cloud(struct daemon *d, struct cloud *cloud,
		       const struct host *host)
{
	uint8_t prefix[16] = { };
	char text[INET6_ADDRSTRLEN], name[CLOUD_NAME_MAX];
	const struct cloud *other;
	unsigned int i;

	cloud->name_local = false;
	if (!cloud->index) {
		strcpy(cloud->name, "Global_");
		return;
	}
	for (i = 0; i < host->n_addresses; i++)
		if (host->addresses[i].index == cloud->index &&
		    !host->addresses[i].link_local)
			break;
	if (i < host->n_addresses) {
		memcpy(prefix, host->addresses[i].addr, 8);
		inet_ntop(AF_INET6, prefix, text, sizeof(text));
		snprintf(name, sizeof(name), "LinkLocal_%s/64", text);
		for (other = d->clouds; other; other = other->next)
			if (other != cloud && !strcmp(other->name, name))
				break;
		if (!other) {
			strcpy(cloud->name, name);
			return;
		}
	}
	cloud->name_local = true;
	snprintf(cloud->name, sizeof(cloud->name), "LinkLocal_ff00::%%%u/8",
		 cloud->index);
}

static struct cloud *add(struct daemon *d, const char *key,
			 const struct host_link *link, const struct host *host)
{
	struct cloud *cloud, **p;
	int ret;

	ret = cloud_new(&cloud, d, key, link);
	if (ret) {
		event_log(d->events, LOG_ERROR, "%s: cannot be made: %s", key,
			  peer6_strerror(ret));
		return NULL;
	}
	for (p = &d->clouds; *p; p = &(*p)->next)
		;
	*p = cloud;
	name_cloud(d, cloud, host);
	say(cloud, EVENT_CLOUD_ADDED, "new");
	seeds_apply(d->seeds, cloud);
	return cloud;
}

static void take_out(struct cloud *cloud)
{
	struct daemon *d = cloud->daemon;
	struct cloud **p;

	for (p = &d->clouds; *p != cloud; p = &(*p)->next)
		;
	*p = cloud->next;
	registrations_cloud_gone(d->registrations, cloud);
	ssdp_cloud_gone(d->ssdp, cloud);
	say(cloud, EVENT_CLOUD_REMOVED, "gone");
	cloud_free(cloud);
}

static bool can_be_cloud(const struct host *host, const struct host_link *link)
{
	unsigned int i;

	if (!link->multicast)
		return false;
	for (i = 0; i < host->n_addresses; i++)
		if (host->addresses[i].index == link->index &&
		    host->addresses[i].link_local)
			return true;
	return false;
}

/*
 * The cloud of a link stays when the link loses its addresses or goes down (its
 * engine then has no net), and goes when the link is gone.
 */
static const struct host_link *link_of(const struct cloud *cloud,
				       const struct host *host)
{
	unsigned int i;

	for (i = 0; i < host->n_links; i++)
		if (host->links[i].index == cloud->index &&
		    !strcmp(host->links[i].name, cloud->ifname))
			return &host->links[i];
	return NULL;
}

static void start(struct cloud *cloud)
{
	struct daemon *d = cloud->daemon;

	if (!d->conf.on_demand && !cloud->opened)
		cloud_open(cloud);
}

static void update_addresses(struct daemon *d, const struct host *host)
{
	struct host_address *list;
	struct cloud *cloud;
	unsigned int i, n;

	list = calloc(host->n_addresses + 1, sizeof(*list));
	if (!list)
		return;
	for (cloud = d->clouds; cloud; cloud = cloud->next) {
		for (i = 0, n = 0; i < host->n_addresses; i++) {
			const struct host_address *a = &host->addresses[i];

			if (cloud->index ?
			    !a->link_local || a->index != cloud->index :
			    a->link_local)
				continue;
			if (a->temporary && !d->conf.publish_temporary)
				continue;
			list[n++] = *a;
		}
		qsort(list, n, sizeof(*list), by_rank);
		cloud_set_addresses(cloud, list, n);
	}
	free(list);
}

void clouds_update(struct daemon *d, const struct host *host)
{
	struct cloud *cloud, *next;
	char key[CLOUD_KEY_MAX];
	unsigned int i, n = 0;

	for (cloud = d->clouds; cloud; cloud = next) {
		next = cloud->next;
		if (!config_wants(&d->conf, cloud->key) ||
		    (cloud->index && !link_of(cloud, host)))
			take_out(cloud);
		else
			n++;
	}
	if (config_wants(&d->conf, "global") && !cloud_by_key(d, "global"))
		n += add(d, "global", NULL, host) != NULL;
	for (i = 0; i < host->n_links && n < CLOUDS_MAX; i++) {
		snprintf(key, sizeof(key), "link:%s", host->links[i].name);
		if (config_wants(&d->conf, key) && !cloud_by_key(d, key) &&
		    can_be_cloud(host, &host->links[i]))
			n += add(d, key, &host->links[i], host) != NULL;
	}
	ssdp_links(d->ssdp, host);
	for (cloud = d->clouds; cloud; cloud = cloud->next)
		name_cloud(d, cloud, host);
	update_addresses(d, host);
	for (cloud = d->clouds; cloud; cloud = cloud->next)
		start(cloud);
	registrations_addresses(d->registrations);
}

void clouds_free(struct daemon *d)
{
	while (d->clouds)
		take_out(d->clouds);
}

struct cloud *cloud_by_key(struct daemon *d, const char *key)
{
	struct cloud *cloud;

	for (cloud = d->clouds; cloud; cloud = cloud->next)
		if (!strcmp(cloud->key, key))
			break;
	return cloud;
}

struct cloud *cloud_find(struct daemon *d, const char *name)
{
	struct cloud *cloud, *found = NULL;

	for (cloud = d->clouds; cloud; cloud = cloud->next)
		if (!strcmp(cloud->name, name) || !strcmp(cloud->key, name))
			return cloud;
	for (cloud = d->clouds; cloud && name[0]; cloud = cloud->next) {
		if (strncasecmp(cloud->name, name, strlen(name)))
			continue;
		if (found)
			return NULL;
		found = cloud;
	}
	return found;
}
