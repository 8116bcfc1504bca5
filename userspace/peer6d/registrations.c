// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "keys.h"
#include "registrations.h"
#include "store.h"

/* Above all numbers of the store: what is not kept there. */
#define TRANSIENT_ID	(INT64_C(1) << 40)

struct registrations {
	struct daemon		*daemon;
	struct registration	*first;		/* newest first */
	unsigned int		count;
	int64_t			next_transient;
};

int registrations_new(struct registrations **out, struct daemon *d)
{
	struct registrations *list = calloc(1, sizeof(*list));

	if (!list)
		return PEER6_E_NOMEM;
	list->daemon = d;
	list->next_transient = TRANSIENT_ID;
	*out = list;
	return 0;
}

void registrations_free(struct registrations *list)
{
	struct registration *reg;

	if (!list)
		return;
	while (list->first) {
		reg = list->first;
		list->first = reg->next;
		registration_free(reg);
	}
	free(list);
}

struct registration *registrations_first(const struct registrations *list)
{
	return list->first;
}

unsigned int registrations_count(const struct registrations *list)
{
	return list->count;
}

struct published *registration_in(const struct registration *reg,
				  const struct cloud *cloud)
{
	struct published *p;

	for (p = reg->published; p && p->cloud != cloud; p = p->next)
		;
	return p;
}

static bool same_name(const struct registration *a,
		      const struct registration *b)
{
	return a->uid == b->uid && peer6_name_equal(&a->name, &b->name);
}

bool registrations_wants(const struct registrations *list,
			 const struct registration *reg,
			 const struct cloud *cloud)
{
	const struct registration *other;

	if (!strcmp(reg->selector, cloud->key))
		return true;
	if (strcmp(reg->selector, "*"))
		return false;
	for (other = list->first; other; other = other->next)
		if (other != reg && same_name(other, reg) &&
		    !strcmp(other->selector, cloud->key))
			return false;
	return true;
}

static void tell(struct registrations *list, const struct registration *reg,
		 const struct published *p, enum event_kind kind,
		 const char *words)
{
	struct events *events = list->daemon->events;
	struct peer6_pnrp_id id;
	char text[2 * PEER6_PNRP_ID_LEN + 1];
	unsigned int i;

	event_begin(events, kind, LOG_INFO);
	event_cloud(events, p->cloud->name);
	event_string(events, "name", reg->text);
	if (p->handle && !peer6_pnrp_registration_id(p->cloud->node,
						     p->handle, &id)) {
		for (i = 0; i < PEER6_PNRP_ID_LEN; i++)
			sprintf(text + 2 * i, "%02x", id.b[i]);
		event_string(events, "id", text);
	}
	if (p->error)
		event_reason(events, p->error);
	event_send(events, "%s %s%s%s", words, reg->text,
		   p->error ? ": " : "",
		   p->error ? peer6_strerror(p->error) : "");
}

/* What it stands for in that cloud now. */
static uint8_t applications(const struct registration *reg,
			    const struct cloud *cloud,
			    struct peer6_pnrp_app apps[PEER6_PNRP_APP_MAX])
{
	unsigned int i, k, n = 0;

	memset(apps, 0, PEER6_PNRP_APP_MAX * sizeof(*apps));
	for (i = 0; i < reg->n_apps; i++) {
		const struct wanted_app *w = &reg->apps[i];

		for (k = 0; k < (w->automatic ? cloud->n_local : 1) &&
		     n < PEER6_PNRP_APP_MAX; k++, n++) {
			memcpy(apps[n].addr, w->automatic ?
			       cloud->local[k].addr : w->addr, 16);
			apps[n].port = w->port;
			apps[n].protocol = w->protocol;
		}
	}
	return n;
}

static void fill(struct peer6_pnrp_registration *r,
		 const struct registration *reg, const struct published *p)
{
	memset(r, 0, sizeof(*r));
	memcpy(r->p2p_id, reg->p2p_id, sizeof(r->p2p_id));
	r->secure = reg->name.secure;
	memcpy(r->authority, reg->name.authority, sizeof(r->authority));
	r->has_classifier = !reg->name.secure || reg->name.n_classifier;
	r->classifier = reg->name.classifier;
	r->n_classifier = reg->name.n_classifier;
	r->has_prefix = reg->has_prefix;
	memcpy(r->prefix, reg->prefix, sizeof(r->prefix));
	if (!reg->has_prefix && p->cloud->n_local) {
		r->has_prefix = true;
		memcpy(r->prefix, p->cloud->local[0].addr, 8);
	}
	r->comment = reg->n_comment ? reg->comment : NULL;
	r->n_comment = reg->n_comment;
	r->apps = p->apps;
	r->n_apps = p->n_apps;
	r->payload_type = reg->payload_type;
	r->payload_string_type = 0;
	r->payload = reg->payload;
	r->n_payload = reg->n_payload;
	r->signer = signer_of(reg->signer);
}

/* Brings what is in the cloud in line with what is wanted. */
static void publish(struct registrations *list, struct registration *reg,
		    struct cloud *cloud, bool changed)
{
	struct published *p = registration_in(reg, cloud), **last;
	struct peer6_pnrp_app apps[PEER6_PNRP_APP_MAX];
	struct peer6_pnrp_registration r;
	uint8_t n = applications(reg, cloud, apps);
	int ret, before;
	bool fresh = !p;

	if (fresh) {
		p = calloc(1, sizeof(*p));
		if (!p)
			return;
		p->cloud = cloud;
		for (last = &reg->published; *last; last = &(*last)->next)
			;
		*last = p;
	}
	/*
	 * Without an address there is nobody to tell: what the engine has stays
	 * as it is, and so keeps its ID until the addresses are back.
	 */
	before = fresh ? 0 : p->error;
	if (!cloud->n_local || (!n && !reg->payload_type)) {
		p->error = p->handle ? 0 : PEER6_E_NO_ADDRESS;
		if (p->error && p->error != before)
			tell(list, reg, p, EVENT_REGISTERED,
			     "kept for later:");
		return;
	}
	if (p->handle && !changed && n == p->n_apps &&
	    !memcmp(apps, p->apps, sizeof(apps)))
		return;
	memcpy(p->apps, apps, sizeof(apps));
	p->n_apps = n;
	fill(&r, reg, p);
	if (!cloud->opened)
		cloud_open(cloud);
	cloud_enter(cloud);
	if (p->handle)
		ret = peer6_pnrp_update(cloud->node, p->handle, &r,
					cloud_now());
	else
		ret = peer6_pnrp_register(cloud->node, &r, cloud_now(),
					  &p->handle);
	cloud_leave(cloud);
	p->error = ret;
	if (ret)
		p->n_apps = 0;
	/*
	 * The engine tells those it knows. Where it knows nobody, a greeting is
	 * what carries the first name to others.
	 */
	if (!ret && cloud->state != PEER6_PNRP_ACTIVE)
		cloud_greet(cloud);
	if (ret && ret == before)
		return;
	tell(list, reg, p, EVENT_REGISTERED,
	     ret ? "cannot register" : "registered");
}

static void withdraw(struct registrations *list, struct registration *reg,
		     struct published *p)
{
	struct published **link;

	for (link = &reg->published; *link != p; link = &(*link)->next)
		;
	*link = p->next;
	if (p->handle) {
		p->error = 0;
		tell(list, reg, p, EVENT_UNREGISTERED, "unregistered");
		cloud_enter(p->cloud);
		peer6_pnrp_unregister(p->cloud->node, p->handle, cloud_now());
		cloud_leave(p->cloud);
	}
	free(p);
}

static void sync_one(struct registrations *list, struct registration *reg,
		     bool changed)
{
	struct published *p, *next;
	struct cloud *cloud;

	for (p = reg->published; p; p = next) {
		next = p->next;
		if (!registrations_wants(list, reg, p->cloud))
			withdraw(list, reg, p);
	}
	for (cloud = list->daemon->clouds; cloud; cloud = cloud->next)
		if (registrations_wants(list, reg, cloud))
			publish(list, reg, cloud, changed);
}

/* All of one user's name: they decide on each other's clouds. */
static void sync_name(struct registrations *list,
		      const struct registration *like)
{
	struct registration *reg;

	for (reg = list->first; reg; reg = reg->next)
		if (same_name(reg, like))
			sync_one(list, reg, false);
}

void registrations_addresses(struct registrations *list)
{
	struct registration *reg;

	for (reg = list->first; reg; reg = reg->next)
		sync_one(list, reg, false);
}

void registrations_cloud_gone(struct registrations *list, struct cloud *cloud)
{
	struct registration *reg;
	struct published *p;

	for (reg = list->first; reg; reg = reg->next) {
		p = registration_in(reg, cloud);
		if (p)
			withdraw(list, reg, p);
	}
}

static unsigned int count_user(const struct registrations *list, uid_t uid)
{
	const struct registration *reg;
	unsigned int n = 0;

	for (reg = list->first; reg; reg = reg->next)
		n += reg->uid == uid;
	return n;
}

static int save(struct registrations *list, struct registration *reg)
{
	char *text;
	int ret;

	if (reg->transient) {
		if (!reg->id)
			reg->id = list->next_transient++;
		return 0;
	}
	text = json_dumps(reg->request, JSON_COMPACT);
	if (!text)
		return PEER6_E_NOMEM;
	ret = store_put_registration(list->daemon->store, &reg->id, text);
	free(text);
	return ret;
}

static void unlink_reg(struct registrations *list, struct registration *reg)
{
	struct registration **p;

	for (p = &list->first; *p != reg; p = &(*p)->next)
		;
	*p = reg->next;
	list->count--;
}

/* Out of the list, without a word to the cloud. */
static void discard(struct registrations *list, struct registration *reg)
{
	unlink_reg(list, reg);
	if (!reg->transient)
		store_delete_registration(list->daemon->store, reg->id);
	registration_free(reg);
}

/* The engine's registration goes over to the new one, and its ID with it. */
static void inherit(struct registration *to, struct registration *from)
{
	struct published *p, **last;

	for (last = &to->published; *last; last = &(*last)->next)
		;
	*last = from->published;
	from->published = NULL;
	for (p = *last; p; p = p->next)
		p->error = 0;
}

static bool replaces(const struct registration *reg,
		     const struct registration *old)
{
	return same_name(reg, old) && (!strcmp(reg->selector, "*") ||
				       !strcmp(reg->selector, old->selector));
}

int registrations_add(struct registrations *list, struct registration *reg)
{
	struct registration *old, *next;
	bool first = true;
	int ret;

	for (old = list->first; old && !replaces(reg, old); old = old->next)
		;
	if (!old && (list->count >= REGISTRATIONS_MAX ||
		     count_user(list, reg->uid) >= REGISTRATIONS_USER))
		return PEER6_E_LIMIT;
	/* A number of the store is kept only by what stays in the store. */
	if (old && old->transient == reg->transient)
		reg->id = old->id;
	ret = save(list, reg);
	if (ret)
		return ret;
	for (; old; old = next) {
		for (next = old->next; next && !replaces(reg, next);
		     next = next->next)
			;
		inherit(reg, old);
		if (first && old->id == reg->id) {
			unlink_reg(list, old);
			registration_free(old);
		} else {
			discard(list, old);
		}
		first = false;
	}
	reg->next = list->first;
	list->first = reg;
	list->count++;
	/* The old key may have been another: the engine has to hear of it. */
	sync_one(list, reg, true);
	sync_name(list, reg);
	return 0;
}

int registrations_remove(struct registrations *list, struct registration *reg)
{
	struct registration like = *reg;
	int ret = 0;

	if (!reg->transient)
		ret = store_delete_registration(list->daemon->store, reg->id);
	if (ret)
		return ret;
	while (reg->published)
		withdraw(list, reg, reg->published);
	unlink_reg(list, reg);
	registration_free(reg);
	/* What it stood before comes to its place. */
	sync_name(list, &like);
	return 0;
}

/* A copy of @reg for another cloud. */
static int split_off(struct registrations *list,
		     const struct registration *reg, const struct cloud *cloud)
{
	struct request_error error;
	struct registration *copy;
	json_t *request = json_deep_copy(reg->request);
	int ret;

	if (!request)
		return PEER6_E_NOMEM;
	json_object_set_new(request, "cloud", json_string(cloud->key));
	ret = registration_parse(&copy, list->daemon, request, &error);
	json_decref(request);
	if (ret)
		return ret;
	copy->transient = reg->transient;
	copy->owner = reg->owner;
	ret = registrations_add(list, copy);
	if (ret)
		registration_free(copy);
	return ret;
}

int registrations_remove_in(struct registrations *list,
			    struct registration *reg, struct cloud *cloud)
{
	struct cloud *other;
	int ret = 0;

	if (!strcmp(reg->selector, "*")) {
		for (other = list->daemon->clouds; other && !ret;
		     other = other->next)
			if (other != cloud &&
			    registrations_wants(list, reg, other))
				ret = split_off(list, reg, other);
	}
	return ret ? ret : registrations_remove(list, reg);
}

void registrations_owner_gone(struct registrations *list, const void *owner)
{
	struct registration *reg, *next;

	for (reg = list->first; reg; reg = next) {
		next = reg->next;
		if (reg->transient && reg->owner == owner)
			registrations_remove(list, reg);
	}
}

void registrations_leave(struct registrations *list)
{
	struct registration *reg;

	for (reg = list->first; reg; reg = reg->next)
		while (reg->published)
			withdraw(list, reg, reg->published);
}

static int load_one(void *ctx, int64_t id, const char *json)
{
	struct registrations *list = ctx;
	struct request_error error = { };
	struct registration *reg;
	json_t *request = json_loads(json, 0, NULL);
	int ret;

	ret = request ? registration_parse(&reg, list->daemon, request,
					   &error) : PEER6_E_CORRUPT;
	if (ret) {
		event_log(list->daemon->events, LOG_WARNING,
			  "registration %lld (%s) is left out: %s",
			  (long long)id,
			  json_string_value(json_object_get(request, "name")) ?:
			  "?", error.words[0] ? error.words :
			  peer6_strerror(ret));
		json_decref(request);
		return 0;
	}
	json_decref(request);
	reg->id = id;
	reg->next = list->first;
	list->first = reg;
	list->count++;
	return 0;
}

int registrations_load(struct registrations *list)
{
	return store_each_registration(list->daemon->store, load_one, list);
}
