// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <string.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "args.h"
#include "icf6.h"
#include "icf6_record.h"
#include "teredo_events.h"

struct monitor {
	struct p6 *p6;
	struct teredo_events events;
	unsigned long shown;
};

static bool more(const struct monitor *m)
{
	return !m->p6->count || m->shown < m->p6->count;
}

/* @object is the event's own part; it is freed. */
static void put(struct monitor *m, const char *event, json_t *object,
		const char *fmt, ...) P6_PRINTF(4);

static void put(struct monitor *m, const char *event, json_t *object,
		const char *fmt, ...)
{
	char at[P6_TIME_MAX];
	va_list args;
	json_t *line;

	m->shown++;
	if (m->p6->json) {
		line = json_pack("{s:s,s:s,s:s,s:s,s:I}", "schema",
				 "peer6.event/1", "at", p6_time_utc(at),
				 "source", "firewall", "event", event, "seq",
				 (json_int_t)m->events.seq);
		if (line && object)
			json_object_update(line, object);
		if (line)
			json_dumpf(line, stdout, JSON_COMPACT);
		json_decref(line);
	} else {
		printf("%s  %-8s ", p6_time_local(at), event);
		va_start(args, fmt);
		vprintf(fmt, args);
		va_end(args);
	}
	putchar('\n');
	json_decref(object);
	/* A reader at the other end of a pipe waits for each line. */
	fflush(stdout);
}

static void on_conf(struct monitor *m, struct nl_msg *msg)
{
	struct icf6_state state = { 0 };

	icf6_conf_init(&state.conf);
	if (!icf6_parse_conf(msg, &state))
		return;
	put(m, "config", json_pack("{s:b,s:I,s:b,s:b}", "attached",
				   state.attached, "generation",
				   (json_int_t)state.generation, "enabled",
				   !!(state.conf.options & ICF6_OPT_ENABLED),
				   "p2p",
				   !!(state.conf.options & ICF6_OPT_P2P)),
	    "%s, enabled=%s p2p=%s", state.attached ? "filtered" :
	    "not filtered",
	    icf6_switches[!!(state.conf.options & ICF6_OPT_ENABLED)],
	    icf6_switches[!!(state.conf.options & ICF6_OPT_P2P)]);
}

static void on_dev(struct monitor *m, struct nl_msg *msg, bool gone)
{
	struct icf6_dev_conf dev;

	if (!icf6_parse_dev(msg, &dev))
		return;
	put(m, "device", json_pack("{s:s,s:b,s:b,s:b}", "dev", dev.name,
				   "gone", gone, "firewalled", dev.firewalled,
				   "edge", dev.edge_now),
	    gone ? "%s is gone" : "%s firewall=%s edge=%s", dev.name,
	    icf6_switches[dev.firewalled], icf6_switches[dev.edge_now]);
}

static void on_port(struct monitor *m, struct nl_msg *msg, bool gone)
{
	struct icf6_port_conf port;

	if (!icf6_parse_port(msg, &port))
		return;
	put(m, "port", json_pack("{s:s,s:i,s:s,s:s,s:s,s:s}", "change",
				 gone ? "deleted" : "added", "port", port.port,
				 "protocol", port.proto == 6 ? "tcp" : "udp",
				 "scope", icf6_scopes[port.scope], "dev",
				 port.dev, "name", port.label),
	    "%s %s %u %s%s%s%s%s", gone ? "deleted" : "added",
	    port.proto == 6 ? "TCP" : "UDP", port.port,
	    icf6_scopes[port.scope], port.dev[0] ? " on " : "", port.dev,
	    port.label[0] ? "  " : "", port.label);
}

static void on_record(struct monitor *m, struct nl_msg *msg)
{
	char line[ICF6_LINE_MAX];
	struct icf6_record r;

	if (!icf6_record_parse(msg, &r))
		return;
	icf6_log_format(&r, line);
	put(m, "log", json_pack("{s:s}", "line", line), "%s", line);
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *genl = nlmsg_data(nlmsg_hdr(msg));
	struct monitor *m = arg;

	m->events.seq++;
	if (m->events.lost && !m->p6->json)
		p6_note(m->p6, "events were lost here");
	m->events.lost = false;
	if (!more(m))
		return NL_OK;
	switch (genl->cmd) {
	case ICF6_CMD_CONF_NTF:
		on_conf(m, msg);
		break;
	case ICF6_CMD_DEV_NTF:
	case ICF6_CMD_DEV_DEL_NTF:
		on_dev(m, msg, genl->cmd == ICF6_CMD_DEV_DEL_NTF);
		break;
	case ICF6_CMD_PORT_ADD_NTF:
	case ICF6_CMD_PORT_DEL_NTF:
		on_port(m, msg, genl->cmd == ICF6_CMD_PORT_DEL_NTF);
		break;
	case ICF6_CMD_REPLACE_NTF:
		put(m, "replace", NULL, "everything may be another now");
		break;
	case ICF6_CMD_LOG_NTF:
		on_record(m, msg);
		break;
	}
	return NL_OK;
}

static int join(struct monitor *m, const char *name)
{
	struct p6 *p6 = m->p6;
	int group, err;

	group = genl_ctrl_resolve_grp(m->events.sk, ICF6_GENL_NAME, name);
	err = group < 0 ? group : nl_socket_add_membership(m->events.sk,
							   group);
	if (!err)
		return 0;
	p6_fail(p6, err == -NLE_PERM ? P6_PERMISSION : P6_FAILED,
		"cannot listen to the firewall");
	p6_fail_why(p6, "Netlink: %s.%s", nl_geterror(err),
		    err == -NLE_PERM ? " The log takes CAP_NET_ADMIN." : "");
	return p6_fail_do(p6, "sudo %s", p6->line);
}

static int watch(struct monitor *m)
{
	struct p6 *p6 = m->p6;
	double until = p6->timeout ? p6_now() + p6->timeout_time : INFINITY;
	int err;

	while (more(m) && !ferror(stdout)) {
		if (p6_now() >= until) {
			if (!p6->count)
				return 0;
			p6_fail(p6, P6_TIMEOUT, "%lu of %lu events came in %.1f s",
				m->shown, p6->count, p6->timeout_time);
			p6_fail_why(p6, "Nothing else happened to the firewall.");
			return p6_fail_do(p6, "peer6 icf6 show");
		}
		err = teredo_events_wait(p6, &m->events, until);
		if (err)
			return err;
		teredo_events_drain(&m->events);
	}
	return 0;
}

int icf6_monitor(struct p6 *p6, int argc, char **argv)
{
	static const char *const whats[] = { "events", "log", "all" };
	static const struct p6_tag tags[] = {
		{ "what", P6_TAG_ORDERED, "events, log or all" },
	};
	struct monitor m = { .p6 = p6 };
	struct icf6_genl genl;
	const char *value;
	int what = 0, err;

	err = p6_args(p6, argc, argv, tags, 1, &value);
	if (err)
		return err;
	if (value)
		what = p6_word(p6, "kind of event", WORDS(whats), value,
			       strlen(value));
	if (what < 0)
		return p6_fail_do(p6, "peer6 icf6 monitor --help");
	err = icf6_genl_open(p6, &genl);
	if (err)
		return err;
	m.events.sk = genl.sk;
	m.events.on_event = on_event;
	m.events.arg = &m;
	nl_socket_set_buffer_size(genl.sk, 1 << 20, 0);
	if (what != 1)
		err = join(&m, ICF6_MCGRP_EVENTS);
	if (!err && what != 0)
		err = join(&m, ICF6_MCGRP_LOG);
	nl_socket_disable_seq_check(genl.sk);
	nl_socket_set_nonblocking(genl.sk);
	if (!err && !p6->quiet && (isatty(STDERR_FILENO) || p6->verbose))
		p6_note(p6, "watching; Ctrl-C ends it");
	if (!err)
		err = watch(&m);
	icf6_genl_close(&genl);
	return err;
}
