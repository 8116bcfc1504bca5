// SPDX-License-Identifier: GPL-2.0-or-later
#include <strings.h>
#include <string.h>
#include <unistd.h>

#include "pnrp.h"

#define GLOBAL_CLOUD	"Global_"	/* where netsh has it as default, too */

static const struct p6_tag cloud_tag[] = {
	{ "cloud", P6_TAG_ORDERED, "a cloud" },
};

/* A question about clouds: "[cloud=]CLOUD" or all of them. */
static int ask(struct p6 *p6, int argc, char **argv, const char *method,
	       json_t **reply)
{
	const char *cloud;
	int err;

	err = p6_args(p6, argc, argv, cloud_tag, 1, &cloud);
	if (!err)
		err = daemon_check_text(p6, "cloud", cloud);
	return err ? err : daemon_call(p6, method, pnrp_clouds(cloud), reply);
}

static const char *state_color(const struct p6 *p6, const char *state)
{
	return p6_color(p6, !strcmp(state, "active") ? P6_GREEN :
			!strcmp(state, "dead") || !strcmp(state, "disabled") ||
			!strcmp(state, "no_net") ? P6_RED : P6_YELLOW);
}

int pnrp_cloud_show_list(struct p6 *p6, int argc, char **argv)
{
	const json_t *clouds, *cloud;
	const char *state;
	json_t *reply;
	size_t i;
	int err;

	err = ask(p6, argc, argv, "io.peer6.Pnrp.ListClouds", &reply);
	if (err)
		return err;
	if (p6->json)
		return daemon_print(p6, "peer6.pnrp-clouds/1", reply);
	clouds = json_object_get(reply, "clouds");
	printf("%-6s%-6s%-6s%-15s%s\n", "Scope", "Id", "Addr", "State", "Name");
	json_array_foreach(clouds, i, cloud) {
		state = daemon_text(cloud, "state");
		printf("%-6lld%-6lld%-6zu%s%-15s%s%s\n",
		       daemon_int(cloud, "scope_number"),
		       daemon_int(cloud, "scope_id"),
		       json_array_size(json_object_get(cloud, "addresses")),
		       state_color(p6, state), pnrp_state(state),
		       p6_color_end(p6), daemon_text(cloud, "name"));
	}
	json_decref(reply);
	return 0;
}

int pnrp_cloud_show_pnrpmode(struct p6 *p6, int argc, char **argv)
{
	const json_t *clouds, *cloud;
	json_t *reply, *list;
	size_t i;
	int err;

	err = ask(p6, argc, argv, "io.peer6.Pnrp.ListClouds", &reply);
	if (err)
		return err;
	clouds = json_object_get(reply, "clouds");
	list = json_array();
	if (!p6->json)
		printf("%-10s%s\n", "Mode", "Name");
	json_array_foreach(clouds, i, cloud) {
		const char *mode = daemon_text(cloud, "mode");

		if (p6->json)
			json_array_append_new(list, json_pack("{s:s,s:s}",
				"cloud", daemon_text(cloud, "name"),
				"mode", mode));
		else
			printf("%-10s%s\n", !strcmp(mode, "resolve_only") ?
			       "RO" : "Default", daemon_text(cloud, "name"));
	}
	json_decref(reply);
	if (!p6->json) {
		json_decref(list);
		return 0;
	}
	return p6_print_json(p6, json_pack("{s:s,s:o}", "schema",
					   "peer6.pnrp-modes/1",
					   "modes", list));
}

int pnrp_cloud_show_names(struct p6 *p6, int argc, char **argv)
{
	const json_t *list, *r;
	const char *cloud, *id;
	json_t *reply, *call;
	size_t i;
	int err;

	err = p6_args(p6, argc, argv, cloud_tag, 1, &cloud);
	if (!err)
		err = daemon_check_text(p6, "cloud", cloud);
	if (err)
		return err;
	call = pnrp_clouds(cloud);
	/* To see those of others is for root; the daemon leaves them out else. */
	pnrp_put_new(call, "all", json_true());
	err = daemon_call(p6, "io.peer6.Pnrp.ListRegistrations", call, &reply);
	if (err)
		return err;
	if (p6->json)
		return daemon_print(p6, "peer6.pnrp-registrations/1", reply);
	list = json_object_get(reply, "registrations");
	json_array_foreach(list, i, r) {
		id = daemon_text(r, "id");
		printf("%s\n", daemon_text(r, "name"));
		pnrp_row("Cloud", "%s", daemon_text(r, "cloud"));
		pnrp_row("Name", "%s",
			 pnrp_unsecured(daemon_true(r, "secure")));
		pnrp_row("State", "%s", *id ? "OK" : "Problem");
		if (*id)
			pnrp_row("ID", "%s", id);
		else
			pnrp_row("Reason", "%s", daemon_text(r, "reason"));
		pnrp_row("User", "%lld", daemon_int(r, "uid"));
	}
	if (!json_array_size(list))
		p6_note(p6, "No name is published.");
	json_decref(reply);
	return 0;
}

/* Counters that are zero are left out without -v. */
static void rows_of(const struct p6 *p6, const char *name, const json_t *map)
{
	const char *key;
	const json_t *value;
	bool any = false;

	json_object_foreach((json_t *)map, key, value) {
		if (!json_integer_value(value) && !p6->verbose)
			continue;
		pnrp_row(any ? "" : name, "%s %lld", key,
			 json_integer_value(value));
		any = true;
	}
	if (!any)
		pnrp_row(name, "none");
}

int pnrp_cloud_show_statistics(struct p6 *p6, int argc, char **argv)
{
	static const struct {
		const char *key;
		const char *name;
	} rows[] = {
		{ "registered", "IDs registered" },
		{ "cached", "Cache entries" },
		{ "leaves", "Leaf set" },
		{ "levels", "Cache levels" },
		{ "resolves", "Resolves" },
		{ "resolved", "Resolves successful" },
		{ "resolving", "Resolves in progress" },
		{ "lookups", "Lookups sent" },
		{ "stale_hits", "Stale cache entry hits" },
		{ "retransmitted", "Messages sent again" },
		{ "timeouts", "Messages not answered" },
		{ "pending", "Answers awaited" },
		{ "conversations", "Synchronizations" },
		{ "reassemblies", "Messages in fragments" },
		{ "bytes_sent", "Bytes sent" },
		{ "bytes_received", "Bytes received" },
		{ "memory", "Bytes of memory" },
	};
	const json_t *list, *s, *nodes;
	json_t *reply;
	size_t i, k;
	int err;

	err = ask(p6, argc, argv, "io.peer6.Pnrp.GetStatistics", &reply);
	if (err)
		return err;
	if (p6->json)
		return daemon_print(p6, "peer6.pnrp-statistics/1", reply);
	list = json_object_get(reply, "statistics");
	json_array_foreach(list, i, s) {
		printf("%s\n", daemon_text(s, "cloud"));
		pnrp_row("State", "%s", pnrp_state(daemon_text(s, "state")));
		nodes = json_object_get(s, "cloud_nodes");
		if (nodes)
			pnrp_row("Nodes, estimated", "%.0f",
				 json_number_value(nodes));
		else
			pnrp_row("Nodes, estimated", "unknown");
		for (k = 0; k < P6_ARRAY_SIZE(rows); k++)
			pnrp_row(rows[k].name, "%lld",
				 daemon_int(s, rows[k].key));
		rows_of(p6, "Messages sent", json_object_get(s, "sent"));
		rows_of(p6, "Messages received",
			json_object_get(s, "received"));
		rows_of(p6, "Dropped", json_object_get(s, "dropped"));
	}
	json_decref(reply);
	return 0;
}

static void rows_endpoints(const char *name, const json_t *list)
{
	const json_t *endpoint;
	char buf[PNRP_ENDPOINT_MAX];
	size_t i;

	json_array_foreach(list, i, endpoint)
		pnrp_row(i ? "" : name, "%s", pnrp_endpoint(endpoint, buf));
	if (!json_array_size(list))
		pnrp_row(name, "none");
}

static void rows_seeds(const json_t *seeds)
{
	const json_t *seed, *endpoints;
	const char *reason;
	size_t i;

	json_array_foreach(seeds, i, seed) {
		endpoints = json_object_get(seed, "endpoints");
		reason = daemon_text(seed, "reason");
		pnrp_row("Seed", "%s%s%s", daemon_text(seed, "seed"),
			 *reason ? "  " : "", reason);
		if (json_array_size(endpoints))
			rows_endpoints("", endpoints);
	}
	if (!json_array_size(seeds))
		pnrp_row("Seed", "none");
}

int pnrp_cloud_show_initialization(struct p6 *p6, int argc, char **argv)
{
	const json_t *list, *init;
	json_t *reply;
	size_t i;
	int err;

	err = ask(p6, argc, argv, "io.peer6.Pnrp.GetInitialization", &reply);
	if (err)
		return err;
	if (p6->json)
		return daemon_print(p6, "peer6.pnrp-initialization/1", reply);
	list = json_object_get(reply, "initialization");
	json_array_foreach(list, i, init) {
		printf("%s\n", daemon_text(init, "cloud"));
		pnrp_row("State", "%s",
			 pnrp_state(daemon_text(init, "state")));
		rows_endpoints("Last seen nodes",
			       json_object_get(init, "known"));
		pnrp_row("Multicast", "%s", daemon_true(init, "multicast") ?
			 "Enabled" : "Disabled");
		pnrp_row("Multicast searches", "%lld",
			 daemon_int(init, "ssdp_searches"));
		pnrp_row("Multicast answers", "%lld",
			 daemon_int(init, "ssdp_answers"));
		rows_seeds(json_object_get(init, "seeds"));
	}
	json_decref(reply);
	return 0;
}

int pnrp_cloud_show_seed(struct p6 *p6, int argc, char **argv)
{
	json_t *reply;
	int err;

	err = ask(p6, argc, argv, "io.peer6.Pnrp.ListSeeds", &reply);
	if (err)
		return err;
	if (p6->json)
		return daemon_print(p6, "peer6.pnrp-seeds/1", reply);
	rows_seeds(json_object_get(reply, "seeds"));
	json_decref(reply);
	return 0;
}

int pnrp_cloud_show_cache(struct p6 *p6, int argc, char **argv)
{
	const json_t *list, *entry, *endpoints;
	char buf[PNRP_ENDPOINT_MAX], age[P6_AGE_MAX];
	json_t *reply;
	size_t i;
	int err;

	err = ask(p6, argc, argv, "io.peer6.Pnrp.ListCache", &reply);
	if (err)
		return err;
	if (p6->json)
		return daemon_print(p6, "peer6.pnrp-cache/1", reply);
	list = json_object_get(reply, "cached");
	printf("%-18s%-6s%-6s%-10s%-32s%s\n", "ID", "Level", "Leaf", "Used",
	       "Endpoint", "Cloud");
	json_array_foreach(list, i, entry) {
		endpoints = json_object_get(entry, "endpoints");
		/* 64 bits tell any two apart; -v shows them all. */
		printf("%-*.*s  %-6lld%-6s%-10s%-32s%s\n",
		       p6->verbose ? 64 : 16, p6->verbose ? 64 : 16,
		       daemon_text(entry, "id"), daemon_int(entry, "level"),
		       daemon_true(entry, "leaf") ? "yes" : "no",
		       p6_age(age, json_number_value(json_object_get(entry,
								     "age"))),
		       pnrp_endpoint(json_array_get(endpoints, 0), buf),
		       daemon_text(entry, "cloud"));
	}
	json_decref(reply);
	return 0;
}

/* What was done is said once for each cloud. */
static int act(struct p6 *p6, int argc, char **argv, const char *method,
	       const char *schema, const char *done)
{
	const json_t *clouds, *cloud;
	json_t *reply;
	size_t i;
	int err;

	err = ask(p6, argc, argv, method, &reply);
	if (err)
		return err;
	if (p6->json)
		return daemon_print(p6, schema, reply);
	clouds = json_object_get(reply, "clouds");
	json_array_foreach(clouds, i, cloud)
		printf("%s: %s\n", json_string_value(cloud), done);
	json_decref(reply);
	return 0;
}

int pnrp_cloud_flush(struct p6 *p6, int argc, char **argv)
{
	return act(p6, argc, argv, "io.peer6.Pnrp.Flush",
		   "peer6.pnrp-flush/1", "the cache is empty");
}

int pnrp_cloud_repair(struct p6 *p6, int argc, char **argv)
{
	return act(p6, argc, argv, "io.peer6.Pnrp.Repair",
		   "peer6.pnrp-repair/1", "looking for a split");
}

int pnrp_cloud_start(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tag[] = {
		{ "cloud", P6_TAG_NEEDED, "a cloud" },
	};
	int64_t end = VARLINK_NEVER;
	struct daemon d;
	const char *cloud;
	json_t *reply = NULL;
	bool last;
	int err;

	err = p6_args(p6, argc, argv, tag, 1, &cloud);
	if (!err)
		err = daemon_check_text(p6, "cloud", cloud);
	if (!err)
		err = daemon_open(p6, &d);
	if (err)
		return err;
	if (p6->timeout)
		end = varlink_deadline(p6->timeout_time * 1000);
	err = daemon_start(&d, "io.peer6.Pnrp.StartCloud",
			   json_pack("{s:s}", "cloud", cloud));
	if (!err)
		err = daemon_next(&d, varlink_deadline(DAEMON_PATIENCE * 1000),
				  &reply, &last);
	if (!err && p6->json) {
		err = p6_print_json(p6, json_pack("{s:s,s:s}", "schema",
						  "peer6.pnrp-start/1",
						  "cloud", cloud));
	} else if (!err) {
		printf("%s is open for as long as this runs.\n", cloud);
	}
	fflush(stdout);
	json_decref(reply);
	/* Nothing more is said on it: this ends with the daemon or the time. */
	if (!err)
		err = daemon_next(&d, end, &reply, &last);
	daemon_close(&d);
	return err;
}

static int synchronize(struct p6 *p6, const char *host, const char *cloud)
{
	char buf[PNRP_ENDPOINT_MAX];
	const json_t *list, *endpoint;
	json_t *reply, *call;
	size_t i;
	int err;

	if (!cloud)
		cloud = GLOBAL_CLOUD;
	err = daemon_check_text(p6, "host", host);
	if (!err)
		err = daemon_check_text(p6, "cloud", cloud);
	if (err)
		return err;
	call = json_pack("{s:s}", "cloud", cloud);
	pnrp_put(call, "host", host);
	err = daemon_call(p6, "io.peer6.Pnrp.Synchronize", call, &reply);
	if (err)
		return err;
	if (p6->json)
		return daemon_print(p6, "peer6.pnrp-synchronize/1", reply);
	list = json_object_get(reply, "endpoints");
	json_array_foreach(list, i, endpoint)
		printf("%s: asked %s for its cache\n", cloud,
		       pnrp_endpoint(endpoint, buf));
	json_decref(reply);
	return 0;
}

int pnrp_cloud_synchronize_host(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "host", P6_TAG_NEEDED, "an address or a host name" },
		{ "cloud", P6_TAG_ORDERED, "a cloud" },
	};
	const char *values[2];
	int err;

	err = p6_args(p6, argc, argv, tags, 2, values);
	return err ? err : synchronize(p6, values[0], values[1]);
}

int pnrp_cloud_synchronize_seed(struct p6 *p6, int argc, char **argv)
{
	const char *cloud;
	int err;

	err = p6_args(p6, argc, argv, cloud_tag, 1, &cloud);
	return err ? err : synchronize(p6, NULL, cloud);
}

int pnrp_cloud_set_pnrpmode(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "mode", P6_TAG_NEEDED, "a mode, default or RO," },
		{ "cloud", P6_TAG_ORDERED, "a cloud" },
	};
	static const struct {
		const char *word;
		const char *mode;
	} modes[] = {
		{ "default", "default" },
		{ "RO", "resolve_only" },
	};
	const char *values[2], *cloud;
	json_t *reply;
	int err, i;

	err = p6_args(p6, argc, argv, tags, 2, values);
	if (err)
		return err;
	i = p6_word(p6, "mode", WORDS(modes), values[0], strlen(values[0]));
	if (i < 0)
		return p6_fail_do(p6, "peer6 %s mode=RO", p6->command);
	cloud = values[1] ? values[1] : GLOBAL_CLOUD;
	err = daemon_check_text(p6, "cloud", cloud);
	if (err)
		return err;
	err = daemon_call(p6, "io.peer6.Pnrp.SetMode",
			  json_pack("{s:s,s:s}", "cloud", cloud, "mode",
				    modes[i].mode), &reply);
	if (err)
		return err;
	json_decref(reply);
	if (p6->json)
		return p6_print_json(p6, json_pack("{s:s,s:s,s:s}", "schema",
						   "peer6.pnrp-mode/1",
						   "cloud", cloud, "mode",
						   modes[i].mode));
	printf("Ok.\n");
	return 0;
}
