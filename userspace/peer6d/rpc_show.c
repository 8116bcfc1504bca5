// SPDX-License-Identifier: GPL-2.0-or-later
/* io.peer6.Pnrp: what only looks. */
#include <string.h>

#include "daemon.h"
#include "keys.h"
#include "rpc.h"
#include "seeds.h"

static json_t *cloud_json(struct cloud *cloud)
{
	struct peer6_pnrp_stats stats;
	json_t *addresses = json_array(), *o;
	unsigned int i;

	peer6_pnrp_get_stats(cloud->node, &stats);
	for (i = 0; i < cloud->n_local; i++)
		json_array_append_new(addresses,
				      json_address(cloud->local[i].addr));
	o = json_pack("{s:s,s:s,s:i,s:i,s:o,s:i,s:s,s:s,s:b,s:i,s:i}",
		      "name", cloud->name,
		      "scope", cloud->index ? "link_local" : "global",
		      "scope_number", cloud->scope, "scope_id",
		      (int)cloud->index, "addresses", addresses,
		      "port", cloud->port, "state", state_name(stats.state),
		      "mode", cloud->resolve_only ? "resolve_only" : "default",
		      "name_local", cloud->name_local,
		      "cached", stats.cached, "registered", stats.registered);
	if (!o)
		return NULL;
	if (cloud->index)
		put(o, "interface", json_string(cloud->ifname));
	if (stats.cloud_ids > 0)
		put(o, "cloud_ids", json_real(stats.cloud_ids));
	if (stats.cloud_nodes > 0)
		put(o, "cloud_nodes", json_real(stats.cloud_nodes));
	return o;
}

/* Most methods here: an array with one element for each cloud. */
static void for_each_cloud(struct call *call, const char *member,
			   json_t *(*make)(struct cloud *cloud))
{
	struct cloud *clouds[CLOUDS_MAX];
	json_t *names = NULL, *list;
	const struct arg args[] = {
		{ "clouds", ARG_STRINGS, false, &names },
	};
	unsigned int i, n;

	if (!call_args(call, args, 1) || !clouds_arg(call, names, clouds, &n))
		return;
	list = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(list, make(clouds[i]));
	call_reply(call, json_pack("{s:o}", member, list));
}

void rpc_list_clouds(struct call *call)
{
	for_each_cloud(call, "clouds", cloud_json);
}

json_t *json_registration(const struct registration *reg,
			  const struct cloud *cloud, const struct published *p)
{
	static const char *const keys[] = {
		"comment", "payload_string", "payload_binary", "registered_at",
	};
	json_t *o, *applications = json_array(), *requested;
	struct peer6_pnrp_id id;
	unsigned int i;

	if (p->handle)
		for (i = 0; i < p->n_apps; i++)
			json_array_append_new(applications,
					      json_application(cloud,
							       &p->apps[i]));
	requested = json_object_get(reg->request, "applications");
	o = json_pack("{s:I,s:s,s:s,s:b,s:I,s:b,s:o,s:o}",
		      "handle", (json_int_t)reg->id, "cloud", cloud->name,
		      "name", reg->text, "secure", reg->name.secure,
		      "uid", (json_int_t)reg->uid, "transient", reg->transient,
		      "applications", applications, "requested",
		      json_is_array(requested) ? json_incref(requested) :
		      json_pack("[{s:i,s:i}]", "port", 0, "protocol", 6));
	if (!o)
		return NULL;
	put(o, "host_name", json_host_name(&reg->name));
	if (reg->identity[0])
		put(o, "identity", json_string(reg->identity));
	if (p->handle && !peer6_pnrp_registration_id(cloud->node, p->handle,
						     &id))
		put_hex(o, "id", id.b, sizeof(id.b));
	if (p->error)
		put(o, "reason", json_string(peer6_reason(p->error)));
	for (i = 0; i < 4; i++) {
		json_t *value = json_object_get(reg->request, keys[i]);

		if (json_is_string(value))
			put(o, keys[i], json_incref(value));
	}
	return o;
}

void rpc_list_registrations(struct call *call)
{
	struct cloud *clouds[CLOUDS_MAX];
	json_t *names = NULL, *list;
	const char *text = NULL;
	struct peer6_name name;
	struct registration *reg;
	struct published *p;
	unsigned int i, n;
	int all = 0, ret;
	const struct arg args[] = {
		{ "clouds", ARG_STRINGS, false, &names },
		{ "name", ARG_STRING, false, &text },
		{ "all", ARG_BOOL, false, &all },
	};

	if (!call_args(call, args, 3) || !clouds_arg(call, names, clouds, &n))
		return;
	ret = text ? name_or_host_parse(&name, text) : 0;
	if (ret) {
		call_fail(call, ret, NULL, NULL, NULL);
		return;
	}
	list = json_array();
	reg = registrations_first(call->daemon->registrations);
	for (; reg; reg = reg->next) {
		if (reg->uid != call_uid(call) &&
		    !(all && call_is_admin(call)))
			continue;
		if (text && !peer6_name_equal(&reg->name, &name))
			continue;
		for (i = 0; i < n; i++) {
			p = registration_in(reg, clouds[i]);
			if (p)
				json_array_append_new(list,
					json_registration(reg, clouds[i], p));
		}
	}
	call_reply(call, json_pack("{s:o}", "registrations", list));
}

static json_t *messages(const uint64_t count[16])
{
	json_t *o = json_object();
	unsigned int i;

	for (i = 0; i < 16; i++)
		if (strcmp(peer6_pnrp_type_name(i), "unknown"))
			json_object_set_new(o, peer6_pnrp_type_name(i),
					    json_integer(count[i]));
	return o;
}

static json_t *statistics_json(struct cloud *cloud)
{
	struct peer6_pnrp_stats s;
	json_t *o, *dropped = json_object();
	unsigned int i;

	peer6_pnrp_get_stats(cloud->node, &s);
	for (i = 0; i < 128; i++)
		if (s.dropped[i])
			json_object_set_new(dropped, peer6_reason(-(int)i),
					    json_integer(s.dropped[i]));
	o = json_pack("{s:s,s:s,s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:o,s:o,s:o}",
		      "cloud", cloud->name, "state", state_name(s.state),
		      "cached", s.cached, "leaves", s.leaves,
		      "levels", s.levels, "registered", s.registered,
		      "resolving", s.resolving, "pending", s.pending,
		      "conversations", s.conversations,
		      "reassemblies", s.reassemblies,
		      "sent", messages(s.sent),
		      "received", messages(s.received), "dropped", dropped);
	if (!o)
		return NULL;
	put(o, "bytes_sent", json_integer(s.bytes_sent));
	put(o, "bytes_received", json_integer(s.bytes_received));
	put(o, "resolves", json_integer(s.resolves));
	put(o, "resolved", json_integer(s.resolved));
	put(o, "lookups", json_integer(s.lookups));
	put(o, "stale_hits", json_integer(s.stale_hits));
	put(o, "retransmitted", json_integer(s.retransmitted));
	put(o, "timeouts", json_integer(s.timeouts));
	put(o, "memory", json_integer(s.memory));
	if (s.cloud_ids > 0)
		put(o, "cloud_ids", json_real(s.cloud_ids));
	if (s.cloud_nodes > 0)
		put(o, "cloud_nodes", json_real(s.cloud_nodes));
	return o;
}

void rpc_get_statistics(struct call *call)
{
	for_each_cloud(call, "statistics", statistics_json);
}

static json_t *seed_json(const struct seed_view *view)
{
	json_t *list = json_array(), *o;
	unsigned int i;

	for (i = 0; i < view->n; i++)
		json_array_append_new(list, json_endpoint(&view->endpoints[i]));
	o = json_pack("{s:s,s:o}", "seed", view->text, "endpoints", list);
	if (o && view->error)
		put(o, "reason", json_string(peer6_reason(view->error)));
	return o;
}

static json_t *seeds_json(struct cloud *cloud)
{
	json_t *list = json_array();
	struct seed_view view;
	unsigned int i;

	for (i = 0; cloud->scope == PEER6_PNRP_GLOBAL &&
	     seeds_get(cloud->daemon->seeds, i, &view); i++)
		json_array_append_new(list, seed_json(&view));
	return list;
}

void rpc_list_seeds(struct call *call)
{
	struct cloud *clouds[CLOUDS_MAX];
	json_t *names = NULL, *list;
	const struct arg args[] = {
		{ "clouds", ARG_STRINGS, false, &names },
	};
	unsigned int i, n;

	if (!call_args(call, args, 1) || !clouds_arg(call, names, clouds, &n))
		return;
	list = json_array();
	for (i = 0; i < n; i++) {
		json_t *part = seeds_json(clouds[i]);

		json_array_extend(list, part);
		json_decref(part);
	}
	call_reply(call, json_pack("{s:o}", "seeds", list));
}

static json_t *initialization_json(struct cloud *cloud)
{
	struct peer6_endpoint ep[KNOWN_MAX];
	json_t *known = json_array();
	unsigned int i, n;

	n = peer6_pnrp_get_known(cloud->node, ep, KNOWN_MAX);
	if (!n) {
		n = cloud->n_known;
		memcpy(ep, cloud->known, sizeof(ep));
	}
	for (i = 0; i < n; i++) {
		ep[i].scope_id = cloud->index;
		json_array_append_new(known, json_endpoint(&ep[i]));
	}
	return json_pack("{s:s,s:s,s:o,s:b,s:I,s:I,s:o}",
			 "cloud", cloud->name,
			 "state", state_name(cloud->state), "known", known,
			 "multicast", cloud->daemon->conf.multicast,
			 "ssdp_searches", (json_int_t)cloud->searches,
			 "ssdp_answers", (json_int_t)cloud->answers,
			 "seeds", seeds_json(cloud));
}

void rpc_get_initialization(struct call *call)
{
	for_each_cloud(call, "initialization", initialization_json);
}

static json_t *cached_json(const struct cloud *cloud,
			   const struct peer6_pnrp_cached *c)
{
	json_t *list = json_array(), *o;
	struct peer6_endpoint ep;
	peer6_time now = cloud_now();
	unsigned int i;

	for (i = 0; i < c->route.n_addrs; i++) {
		memcpy(ep.addr, c->route.addrs[i], 16);
		ep.port = c->route.port;
		ep.scope_id = cloud->index;
		json_array_append_new(list, json_endpoint(&ep));
	}
	o = json_pack("{s:s,s:o,s:i,s:b,s:f}", "cloud", cloud->name,
		      "endpoints", list, "level", c->level, "leaf", c->leaf,
		      "age", now > c->used ? (now - c->used) / 1e9 : 0.0);
	if (o)
		put_hex(o, "id", c->route.id.b, sizeof(c->route.id.b));
	return o;
}

void rpc_list_cache(struct call *call)
{
	struct cloud *clouds[CLOUDS_MAX];
	json_t *names = NULL, *list;
	const struct arg args[] = {
		{ "clouds", ARG_STRINGS, false, &names },
	};
	struct peer6_pnrp_cached cached;
	unsigned int i, k, n;

	if (!call_args(call, args, 1) || !clouds_arg(call, names, clouds, &n))
		return;
	list = json_array();
	for (i = 0; i < n; i++)
		for (k = 0; json_array_size(list) < LIST_CACHE_MAX &&
		     peer6_pnrp_get_cached(clouds[i]->node, k, &cached); k++)
			json_array_append_new(list,
					      cached_json(clouds[i], &cached));
	call_reply(call, json_pack("{s:o}", "cached", list));
}

void rpc_convert_name(struct call *call)
{
	const char *text = NULL;
	const struct arg args[] = {
		{ "name", ARG_STRING, true, &text },
	};
	char full[PEER6_NAME_SIZE], classifier[PEER6_CLASSIFIER_SIZE];
	uint8_t p2p_id[PEER6_P2P_ID_LEN];
	struct peer6_name name;
	json_t *o;
	int ret;

	if (!call_args(call, args, 1))
		return;
	ret = name_or_host_parse(&name, text);
	if (!ret)
		ret = peer6_name_p2p_id(&name, keys_crypto(call->daemon->keys),
					p2p_id);
	if (ret) {
		call_fail(call, ret, NULL, NULL, NULL);
		return;
	}
	peer6_name_format(&name, full, sizeof(full));
	peer6_name_classifier(&name, classifier, sizeof(classifier));
	o = json_pack("{s:s,s:b,s:s}", "name", full, "secure", name.secure,
		      "classifier", classifier);
	if (o) {
		if (name.secure)
			put_hex(o, "authority", name.authority,
				PEER6_AUTHORITY_LEN);
		else
			put(o, "authority", json_string("0"));
		put_hex(o, "p2p_id", p2p_id, sizeof(p2p_id));
		put(o, "host_name", json_host_name(&name));
		put(o, "long_host_name", json_long_host_name(&name));
	}
	call_reply(call, o);
}
