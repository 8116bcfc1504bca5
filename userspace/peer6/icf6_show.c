// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "icf6.h"
#include "icf6_ct.h"
#include "icf6_file.h"

static void row(const char *name, const char *fmt, ...) P6_PRINTF(2);

static void row(const char *name, const char *fmt, ...)
{
	va_list args;

	printf("%-16s : ", name);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

static json_t *setting_json(const struct icf6_setting *s,
			    const struct icf6_conf *conf)
{
	char buf[32];

	if (s->kind == ICF6_BIT)
		return json_boolean(icf6_setting_value(s, conf));
	if (s->kind == ICF6_NUMBER)
		return json_integer(icf6_setting_value(s, conf));
	return json_string(icf6_setting_text(s, conf, buf, sizeof(buf)));
}

static void section_json(enum icf6_section section,
			 const struct icf6_conf *conf, json_t *object)
{
	size_t i;

	for (i = 0; i < icf6_n_settings; i++)
		if (icf6_settings[i].section == section)
			json_object_set_new(object, icf6_settings[i].key,
					    setting_json(&icf6_settings[i],
							 conf));
}

static void section_rows(enum icf6_section section,
			 const struct icf6_conf *conf)
{
	const struct icf6_setting *s;
	const char *value;
	char buf[32];
	size_t i;

	for (i = 0; i < icf6_n_settings; i++) {
		s = &icf6_settings[i];
		if (s->section != section)
			continue;
		value = icf6_setting_text(s, conf, buf, sizeof(buf));
		if (s->section != ICF6_IN_LOGGING || s->kind != ICF6_PATH)
			printf("%-16s : %-14s  %s\n", s->word, value, s->text);
		else
			row(s->word, "%s", value);
	}
}

/* The namespace's state; the socket is closed then. */
static int get(struct p6 *p6, bool all, struct icf6_state *state)
{
	struct icf6_genl genl;
	int err;

	err = icf6_genl_open(p6, &genl);
	if (err)
		return err;
	err = icf6_state_get(p6, &genl, all, state);
	icf6_genl_close(&genl);
	if (err)
		icf6_state_free(state);
	return err;
}

static void timeout_rows(const struct icf6_state *state)
{
	size_t i;

	for (i = 0; i < state->n_timeouts; i++)
		row(i ? "" : "Short timeouts", "%s is %u s, RFC 6092 asks for %u s",
		    state->timeouts[i].name, state->timeouts[i].value,
		    state->timeouts[i].wanted);
}

static size_t count(const struct icf6_conf *conf, int scope)
{
	size_t i, n = 0;

	for (i = 0; i < conf->n_ports; i++)
		n += conf->ports[i].scope == scope;
	return n;
}

static int config_json(struct p6 *p6, const struct icf6_state *state)
{
	json_t *object, *timeouts = json_array();
	size_t i;

	object = json_pack("{s:s,s:b,s:I}", "schema", "peer6.icf6-config/1",
			   "attached", state->attached, "generation",
			   (json_int_t)state->generation);
	if (object && state->attached) {
		section_json(ICF6_IN_CONFIG, &state->conf, object);
		json_object_set_new(object, "grace_left",
				    json_integer(state->conf.grace_left));
		for (i = 0; i < state->n_timeouts; i++)
			json_array_append_new(timeouts,
				json_pack("{s:s,s:I,s:I}", "name",
					  state->timeouts[i].name, "value",
					  (json_int_t)state->timeouts[i].value,
					  "wanted",
					  (json_int_t)state->timeouts[i].wanted));
		json_object_set(object, "short_timeouts", timeouts);
	}
	json_decref(timeouts);
	return p6_print_json(p6, object);
}

static void overview_rows(const struct p6 *p6, const struct icf6_state *state)
{
	const struct icf6_conf *c = &state->conf;
	size_t i, off = 0;
	bool on = state->attached && (c->options & ICF6_OPT_ENABLED);

	for (i = 0; i < c->n_devs; i++)
		off += !c->devs[i].firewalled;
	row("Firewall", "%s%s%s", p6_color(p6, on ? P6_GREEN : P6_RED),
	    !state->attached ? "not in this network namespace" :
	    on ? "on" : "off: everything passes", p6_color_end(p6));
	if (!state->attached)
		return;
	row("Devices", "%zu%s", c->n_devs, off ? "" : ", all firewalled");
	if (off)
		row("", "%s%zu not firewalled%s", p6_color(p6, P6_YELLOW), off,
		    p6_color_end(p6));
	row("Open ports", "%zu on all devices, %zu on one",
	    count(c, ICF6_SCOPE_GLOBAL), count(c, ICF6_SCOPE_OPEN));
	if (c->grace_left)
		row("Grace", "%u s left", c->grace_left);
	timeout_rows(state);
}

int icf6_show_config(struct p6 *p6, int argc, char **argv)
{
	struct icf6_state state;
	int err;

	err = p6_args(p6, argc, argv, NULL, 0, NULL);
	if (!err)
		err = get(p6, true, &state);
	if (err)
		return err;
	if (p6->json) {
		err = config_json(p6, &state);
	} else {
		overview_rows(p6, &state);
		if (state.attached) {
			putchar('\n');
			section_rows(ICF6_IN_CONFIG, &state.conf);
		}
	}
	icf6_state_free(&state);
	return err;
}

static int dev_arg(struct p6 *p6, int argc, char **argv, const char **dev)
{
	static const struct p6_tag tags[] = {
		{ "dev", P6_TAG_ORDERED, "a device" },
	};
	struct icf6_error e;
	int err;

	err = p6_args(p6, argc, argv, tags, 1, dev);
	if (!err && *dev && icf6_dev_check(*dev, &e))
		err = icf6_usage(p6, &e);
	return err;
}

/* All of an attached namespace, and @dev is there if it is given. */
static int get_for(struct p6 *p6, int argc, char **argv,
		   struct icf6_state *state, const char **dev)
{
	int err = dev_arg(p6, argc, argv, dev);

	if (!err)
		err = get(p6, true, state);
	if (err)
		return err;
	err = icf6_need_attached(p6, state);
	if (!err && *dev && !icf6_conf_dev(&state->conf, *dev))
		err = icf6_no_device(p6, *dev);
	if (err)
		icf6_state_free(state);
	return err;
}

static json_t *port_json(const struct icf6_port_conf *port)
{
	json_t *object = json_pack("{s:i,s:s,s:s,s:s,s:s}", "port", port->port,
				   "protocol", port->proto == 6 ? "tcp" : "udp",
				   "scope", icf6_scopes[port->scope],
				   "origin", icf6_origins[port->origin],
				   "name", port->label);

	if (!object)
		return NULL;
	if (port->dev[0])
		json_object_set_new(object, "dev", json_string(port->dev));
	if (port->scope != ICF6_SCOPE_IGNORED)
		json_object_set_new(object, "edge",
				    json_string(icf6_edges[port->edge]));
	if (port->owner)
		json_object_set_new(object, "owner",
				    json_integer(port->owner));
	return object;
}

int icf6_show_globalport(struct p6 *p6, int argc, char **argv)
{
	const struct icf6_port_conf *port;
	struct icf6_state state;
	json_t *list = json_array();
	size_t i, shown = 0;
	const char *dev;
	int err;

	err = get_for(p6, argc, argv, &state, &dev);
	if (err) {
		json_decref(list);
		return err;
	}
	for (i = 0; i < state.conf.n_ports; i++) {
		port = &state.conf.ports[i];
		if (dev && port->dev[0] && strcmp(dev, port->dev))
			continue;
		if (p6->json) {
			json_array_append_new(list, port_json(port));
			continue;
		}
		if (!shown++)
			printf("%-24s %-8s %-8s %-8s %-6s %s\n", "Description",
			       "OpenPort", "Protocol", "Scope", "Edge",
			       "Device");
		printf("%-24s %-8u %-8s %-8s %-6s %s\n",
		       port->label[0] ? port->label : "-", port->port,
		       port->proto == 6 ? "TCP" : "UDP",
		       icf6_scopes[port->scope],
		       port->scope == ICF6_SCOPE_IGNORED ? "-" :
		       icf6_edges[port->edge],
		       port->dev[0] ? port->dev : "all");
	}
	icf6_state_free(&state);
	if (p6->json)
		return p6_print_json(p6, json_pack("{s:s,s:o}", "schema",
						   "peer6.icf6-ports/1",
						   "ports", list));
	json_decref(list);
	if (!shown)
		p6_note(p6, "no port is open");
	return 0;
}

static json_t *icmp_json(uint32_t value, uint32_t which)
{
	json_t *object = json_object();
	size_t i;

	for (i = 0; i < icf6_n_settings; i++)
		if (icf6_settings[i].section == ICF6_IN_ICMP &&
		    (which & icf6_settings[i].bit))
			json_object_set_new(object, icf6_settings[i].key,
				json_boolean(value & icf6_settings[i].bit));
	return object;
}

static json_t *dev_json(const struct icf6_dev_conf *dev)
{
	return json_pack("{s:s,s:i,s:b,s:b,s:b,s:o,s:o}", "dev", dev->name,
			 "ifindex", dev->ifindex, "firewalled",
			 dev->firewalled, "edge", dev->edge_now, "edge_auto",
			 dev->edge == ICF6_EDGE_AUTO, "icmp",
			 icmp_json(dev->icmp_effective, UINT32_MAX),
			 "icmp_own", icmp_json(dev->icmp, dev->icmp_set));
}

int icf6_show_adapter(struct p6 *p6, int argc, char **argv)
{
	const struct icf6_dev_conf *dev;
	struct icf6_state state;
	json_t *list = json_array();
	const char *only;
	char edge[16];
	bool off;
	size_t i;
	int err;

	err = get_for(p6, argc, argv, &state, &only);
	if (err) {
		json_decref(list);
		return err;
	}
	off = !(state.conf.options & ICF6_OPT_ENABLED);
	if (!p6->json)
		printf("%-16s %-8s %-12s %s\n", "Device", "Firewall", "Edge",
		       "Own ICMPv6");
	for (i = 0; i < state.conf.n_devs; i++) {
		dev = &state.conf.devs[i];
		if (only && strcmp(only, dev->name))
			continue;
		if (p6->json) {
			json_array_append_new(list, dev_json(dev));
			continue;
		}
		snprintf(edge, sizeof(edge), "%s%s",
			 icf6_switches[dev->edge_now],
			 dev->edge == ICF6_EDGE_AUTO ? "" : " (set)");
		printf("%-16s %s%-8s%s %-12s %s\n", dev->name,
		       p6_color(p6, dev->firewalled && !off ? P6_GREEN :
				P6_RED),
		       icf6_switches[dev->firewalled], p6_color_end(p6), edge,
		       dev->icmp_set ? "see \"show icmp\"" : "-");
	}
	icf6_state_free(&state);
	if (p6->json)
		return p6_print_json(p6, json_pack("{s:s,s:o}", "schema",
						   "peer6.icf6-adapters/1",
						   "adapters", list));
	json_decref(list);
	if (off)
		p6_note(p6, "the firewall is off as a whole");
	return 0;
}

int icf6_show_icmp(struct p6 *p6, int argc, char **argv)
{
	const struct icf6_dev_conf *dev;
	struct icf6_state state;
	json_t *object, *list;
	const char *only;
	size_t i, k;
	int err;

	err = get_for(p6, argc, argv, &state, &only);
	if (err)
		return err;
	if (p6->json) {
		object = json_pack("{s:s,s:o}", "schema", "peer6.icf6-icmp/1",
				   "icmp", icmp_json(state.conf.icmp,
						     UINT32_MAX));
		list = json_array();
		for (i = 0; i < state.conf.n_devs; i++)
			if (!only || !strcmp(only, state.conf.devs[i].name))
				json_array_append_new(list,
					dev_json(&state.conf.devs[i]));
		if (object)
			json_object_set(object, "adapters", list);
		json_decref(list);
		err = p6_print_json(p6, object);
		icf6_state_free(&state);
		return err;
	}
	section_rows(ICF6_IN_ICMP, &state.conf);
	for (i = 0; i < state.conf.n_devs; i++) {
		dev = &state.conf.devs[i];
		if (!dev->icmp_set || (only && strcmp(only, dev->name)))
			continue;
		printf("\non %s instead\n", dev->name);
		for (k = 0; k < icf6_n_settings; k++)
			if (icf6_settings[k].section == ICF6_IN_ICMP &&
			    (dev->icmp_set & icf6_settings[k].bit))
				row(icf6_settings[k].word, "%s",
				    icf6_switches[!!(dev->icmp &
						     icf6_settings[k].bit)]);
	}
	icf6_state_free(&state);
	return 0;
}

int icf6_show_logging(struct p6 *p6, int argc, char **argv)
{
	struct icf6_state state;
	struct icf6_conf file;
	json_t *object;
	bool absent;
	int err;

	err = p6_args(p6, argc, argv, NULL, 0, NULL);
	/* Where the log is, the file says, and not the kernel. */
	if (!err)
		err = icf6_file_read(p6, ICF6_CONF_PATH, &file, &absent);
	if (err)
		return err;
	err = get(p6, false, &state);
	if (!err)
		err = icf6_need_attached(p6, &state);
	if (!err) {
		strcpy(state.conf.log_file, file.log_file);
		state.conf.log_size = file.log_size;
		if (p6->json) {
			object = json_pack("{s:s}", "schema",
					   "peer6.icf6-logging/1");
			if (object)
				section_json(ICF6_IN_LOGGING, &state.conf,
					     object);
			err = p6_print_json(p6, object);
		} else {
			section_rows(ICF6_IN_LOGGING, &state.conf);
		}
		icf6_state_free(&state);
	}
	icf6_conf_free(&file);
	return err;
}

struct show_stats {
	struct p6 *p6;
	json_t *list;
	size_t n;
};

static void stats_rows(const struct icf6_stats *stats, bool accept,
		       const char *title)
{
	bool any = false;
	size_t i;

	for (i = 0; i < stats->n; i++) {
		const struct icf6_counter *c = &stats->counters[i];

		if (c->accept != accept)
			continue;
		if (!any)
			printf("%s\n", title);
		any = true;
		printf("  %-8s %-15s %14llu  %s\n", icf6_dirs[c->dir], c->name,
		       (unsigned long long)c->value, c->text);
	}
}

static int show_stats(const struct icf6_stats *stats, void *arg)
{
	struct show_stats *s = arg;
	json_t *object, *counters;
	size_t i;

	if (!s->p6->json) {
		printf("%s%s\n", s->n++ ? "\n" : "", stats->dev[0] ?
		       stats->dev : "All devices");
		stats_rows(stats, false, "Dropped");
		stats_rows(stats, true, "Accepted");
		if (!stats->n)
			printf("no packet so far\n");
		if (stats->lost)
			printf("Log records that were never delivered: %llu\n",
			       (unsigned long long)stats->lost);
		return 0;
	}
	counters = json_array();
	for (i = 0; i < stats->n; i++)
		json_array_append_new(counters,
			json_pack("{s:s,s:s,s:b,s:I}", "dir",
				  icf6_dirs[stats->counters[i].dir], "reason",
				  stats->counters[i].name, "accepted",
				  stats->counters[i].accept, "packets",
				  (json_int_t)stats->counters[i].value));
	object = json_pack("{s:o}", "counters", counters);
	if (!object)
		return p6_fail_memory(s->p6);
	if (stats->dev[0])
		json_object_set_new(object, "dev", json_string(stats->dev));
	else
		json_object_set_new(object, "log_records_lost",
				    json_integer(stats->lost));
	json_array_append_new(s->list, object);
	return 0;
}

int icf6_show_stats(struct p6 *p6, int argc, char **argv)
{
	struct show_stats s = { .p6 = p6 };
	struct icf6_state state;
	struct icf6_genl genl;
	const char *dev;
	int err;

	err = dev_arg(p6, argc, argv, &dev);
	if (!err)
		err = icf6_genl_open(p6, &genl);
	if (err)
		return err;
	s.list = json_array();
	err = icf6_state_get(p6, &genl, false, &state);
	if (!err)
		err = icf6_need_attached(p6, &state);
	/* Each device where that is asked for, or where it has to be JSON. */
	if (!err)
		err = icf6_stats_get(p6, &genl, dev ? dev :
				     p6->verbose || p6->json ? NULL : "",
				     show_stats, &s);
	icf6_state_free(&state);
	icf6_genl_close(&genl);
	if (!err && p6->json)
		return p6_print_json(p6, json_pack("{s:s,s:o}", "schema",
						   "peer6.icf6-stats/1",
						   "stats", s.list));
	json_decref(s.list);
	return err;
}

struct show_flows {
	struct p6 *p6;
	json_t *list;
	size_t n;
};

static const char *flow_state(const struct icf6_flow_info *info)
{
	static const char *const tcp[] = {
		"none", "syn-sent", "syn-recv", "established", "fin-wait",
		"close-wait", "last-ack", "time-wait", "close", "syn-sent2",
	};

	if (info->flow.proto == IPPROTO_TCP &&
	    info->tcp_state < P6_ARRAY_SIZE(tcp))
		return tcp[info->tcp_state];
	return info->unreplied ? "unreplied" : info->assured ? "stream" :
	       "replied";
}

static const char *endpoint(const struct in6_addr *addr, uint16_t port,
			    char *buf, size_t size)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, addr, text, sizeof(text));
	if (port)
		snprintf(buf, size, "[%s]:%u", text, port);
	else
		snprintf(buf, size, "%s", text);
	return buf;
}

static void show_flow(const struct icf6_flow_info *info, void *arg)
{
	const struct icf6_flow *flow = &info->flow;
	char src[64], dst[64], proto[8];
	struct show_flows *s = arg;

	snprintf(proto, sizeof(proto), "%u", flow->proto);
	if (flow->proto == IPPROTO_TCP)
		strcpy(proto, "tcp");
	else if (flow->proto == IPPROTO_UDP)
		strcpy(proto, "udp");
	else if (flow->proto == IPPROTO_ICMPV6)
		strcpy(proto, "icmpv6");
	endpoint(&flow->src, flow->sport, src, sizeof(src));
	endpoint(&flow->dst, flow->dport, dst, sizeof(dst));
	if (s->p6->json) {
		json_array_append_new(s->list,
			json_pack("{s:s,s:s,s:s,s:s,s:I}", "protocol", proto,
				  "from", src, "to", dst, "state",
				  flow_state(info), "timeout",
				  (json_int_t)info->timeout));
		return;
	}
	if (!s->n++)
		printf("%-6s %-48s %-48s %-11s %s\n", "Proto", "From", "To",
		       "State", "Seconds left");
	printf("%-6s %-48s %-48s %-11s %u\n", proto, src, dst,
	       flow_state(info), info->timeout);
}

int icf6_show_flows(struct p6 *p6, int argc, char **argv)
{
	struct show_flows s = { .p6 = p6 };
	struct nl_sock *sk;
	int err;

	err = p6_args(p6, argc, argv, NULL, 0, NULL);
	if (!err)
		err = icf6_ct_open(p6, &sk);
	if (err)
		return err;
	s.list = json_array();
	err = icf6_ct_list(p6, sk, show_flow, &s);
	nl_socket_free(sk);
	if (!err && p6->json)
		return p6_print_json(p6, json_pack("{s:s,s:o}", "schema",
						   "peer6.icf6-flows/1",
						   "flows", s.list));
	json_decref(s.list);
	if (!err && !s.n)
		p6_note(p6, "no flow of IPv6 is tracked");
	return err;
}
