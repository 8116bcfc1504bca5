// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include <netlink/genl/genl.h>

#include "args.h"
#include "icf6.h"

/* What was typed about one port, or about one of each protocol. */
struct ask {
	struct icf6_port_conf port;
	bool label_given;
	bool flush;
	bool delete;
};

struct said {
	const char *port, *protocol, *name, *dev, *edge, *flush;
};

static int parse(struct p6 *p6, const struct said *said, int scope,
		 struct ask *ask)
{
	struct icf6_port_conf *port = &ask->port;
	struct icf6_error e;
	uint32_t number;

	port->scope = scope;
	if (icf6_number_parse("port", said->port, 1, 65535, &number, &e) ||
	    icf6_proto_parse(said->protocol, true, &port->proto, &e))
		return icf6_usage(p6, &e);
	port->port = number;
	if (said->name) {
		if (icf6_label_check(said->name, &e))
			return icf6_usage(p6, &e);
		strcpy(port->label, said->name);
		ask->label_given = true;
	}
	if (said->edge) {
		if (icf6_edge_parse(said->edge, &port->edge, &e))
			return icf6_usage(p6, &e);
		port->edge_given = true;
	}
	if (said->flush &&
	    icf6_switch_parse("flush", said->flush, &ask->flush, &e))
		return icf6_usage(p6, &e);
	if (!said->dev)
		return 0;
	if (icf6_dev_check(said->dev, &e))
		return icf6_usage(p6, &e);
	strcpy(port->dev, said->dev);
	if (scope == ICF6_SCOPE_GLOBAL)
		port->scope = ICF6_SCOPE_OPEN;
	return 0;
}

/* NULL: no entry of that origin. */
static const struct icf6_port_conf *find(const struct icf6_conf *conf,
					 const struct icf6_port_conf *port,
					 uint8_t origin)
{
	size_t i;

	for (i = 0; i < conf->n_ports; i++)
		if (!icf6_port_cmp(&conf->ports[i], port) &&
		    conf->ports[i].origin == origin)
			return &conf->ports[i];
	return NULL;
}

static const char *const states[__ICF6_SCOPE_MAX] = {
	"open on all devices", "open on", "ignored on",
};

/* What else holds the port open, in words, for one who has just closed it. */
static const char *still(const struct icf6_conf *conf,
			 const struct icf6_port_conf *port)
{
	if (find(conf, port, ICF6_ORIGIN_P2P))
		return "; it stays open while p2p is on";
	if (find(conf, port, ICF6_ORIGIN_SOCKET))
		return "; it stays open while a program holds it";
	return "";
}

static void say(const struct ask *ask, const struct icf6_conf *conf,
		const struct icf6_port_conf *port, bool changed, char *words,
		size_t size)
{
	size_t at = strlen(words);

	snprintf(words + at, size - at, "%s%s: %s port %u is %s%s%s%s%s",
		 at ? "\n" : "", changed ? "changed" : "unchanged",
		 port->proto == 6 ? "TCP" : "UDP", port->port,
		 ask->delete ? "not " : "", states[port->scope],
		 port->dev[0] ? " " : "", port->dev,
		 ask->delete ? still(conf, port) : "");
}

/* One protocol's part of the request. */
static int put(struct nl_msg *msg, const struct ask *ask,
	       const struct icf6_conf *conf, uint8_t proto, bool *changed,
	       char *words, size_t size)
{
	struct icf6_port_conf port = ask->port;
	const struct icf6_port_conf *old;
	bool differs;

	port.proto = proto;
	old = find(conf, &port, ICF6_ORIGIN_USER);
	if (ask->delete) {
		differs = old;
	} else {
		/* What is not said stays. */
		if (old && !ask->label_given)
			strcpy(port.label, old->label);
		if (old && !port.edge_given) {
			port.edge = old->edge;
			port.edge_given = true;
		}
		differs = !old || strcmp(old->label, port.label) ||
			  (port.scope != ICF6_SCOPE_IGNORED &&
			   old->edge != port.edge);
	}
	*changed |= differs;
	say(ask, conf, &port, differs, words, size);
	return icf6_put_port(msg, &port);
}

static int request(struct p6 *p6, const struct icf6_genl *genl,
		   const struct ask *ask, const struct icf6_conf *conf,
		   bool *changed, char *words, size_t size)
{
	struct nl_msg *msg;
	uint8_t proto = ask->port.proto;
	int err = 0;

	msg = icf6_genl_request(genl, ask->delete ? ICF6_CMD_PORT_DEL :
				ICF6_CMD_PORT_ADD, 0, 512);
	if (!msg)
		return p6_fail_memory(p6);
	if (proto != 17)
		err |= put(msg, ask, conf, 6, changed, words, size);
	if (proto != 6)
		err |= put(msg, ask, conf, 17, changed, words, size);
	if (ask->flush)
		err |= nla_put_u8(msg, ICF6_A_FLUSH, 1);
	if (err) {
		nlmsg_free(msg);
		return p6_fail_memory(p6);
	}
	return icf6_genl_do(p6, genl, msg, ask->delete ?
			    "cannot close the port" : "cannot open the port");
}

static int run(struct p6 *p6, const struct ask *ask)
{
	const struct icf6_port_conf *port = &ask->port;
	struct icf6_state state;
	struct icf6_genl genl;
	bool changed = false;
	char words[512] = "";
	int err;

	err = icf6_genl_open(p6, &genl);
	if (err)
		return err;
	err = icf6_state_get(p6, &genl, true, &state);
	if (!err)
		err = icf6_need_attached(p6, &state);
	if (!err && port->dev[0] && !icf6_conf_dev(&state.conf, port->dev))
		err = icf6_no_device(p6, port->dev);
	if (!err)
		err = request(p6, &genl, ask, &state.conf, &changed, words,
			      sizeof(words));
	icf6_state_free(&state);
	icf6_genl_close(&genl);
	if (err)
		return err;
	return icf6_done(p6, changed, json_pack("{s:i,s:s,s:s}", "port",
						port->port, "protocol",
						!port->proto ? "both" :
						port->proto == 6 ? "tcp" :
						"udp", "scope",
						icf6_scopes[port->scope]),
			 "%s", words);
}

enum { PORT, PROTOCOL, NAME, DEV, EDGE };

int icf6_add_port(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		[PORT] = { "port", P6_TAG_NEEDED, "a port" },
		[PROTOCOL] = { "protocol", P6_TAG_NEEDED, "tcp, udp or both" },
		[NAME] = { "name", P6_TAG_ORDERED, "text" },
		[DEV] = { "dev", P6_TAG_NAMED, "a device" },
		[EDGE] = { "edge", P6_TAG_NAMED, "deny, allow or app" },
	};
	const char *v[P6_ARRAY_SIZE(tags)];
	struct ask ask = { 0 };
	int err;

	err = p6_args(p6, argc, argv, tags, P6_ARRAY_SIZE(tags), v);
	if (!err)
		err = parse(p6, &(struct said){ v[PORT], v[PROTOCOL], v[NAME],
			    v[DEV], v[EDGE] }, ICF6_SCOPE_GLOBAL, &ask);
	return err ? err : run(p6, &ask);
}

int icf6_delete_port(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "port", P6_TAG_NEEDED, "a port" },
		{ "protocol", P6_TAG_NEEDED, "tcp, udp or both" },
		{ "dev", P6_TAG_NAMED, "a device" },
		{ "flush", P6_TAG_NAMED, "yes or no" },
	};
	const char *v[P6_ARRAY_SIZE(tags)];
	struct ask ask = { .delete = true };
	int err;

	err = p6_args(p6, argc, argv, tags, P6_ARRAY_SIZE(tags), v);
	if (!err)
		err = parse(p6, &(struct said){ v[0], v[1], .dev = v[2],
			    .flush = v[3] }, ICF6_SCOPE_GLOBAL, &ask);
	return err ? err : run(p6, &ask);
}

static int ignore(struct p6 *p6, int argc, char **argv, bool delete)
{
	static const struct p6_tag tags[] = {
		{ "port", P6_TAG_NEEDED, "a port" },
		{ "protocol", P6_TAG_NEEDED, "tcp, udp or both" },
		{ "dev", P6_TAG_NEEDED, "a device" },
	};
	const char *v[P6_ARRAY_SIZE(tags)];
	struct ask ask = { .delete = delete };
	int err;

	err = p6_args(p6, argc, argv, tags, P6_ARRAY_SIZE(tags), v);
	if (!err)
		err = parse(p6, &(struct said){ v[0], v[1], .dev = v[2] },
			    ICF6_SCOPE_IGNORED, &ask);
	return err ? err : run(p6, &ask);
}

int icf6_add_ignore(struct p6 *p6, int argc, char **argv)
{
	return ignore(p6, argc, argv, false);
}

int icf6_delete_ignore(struct p6 *p6, int argc, char **argv)
{
	return ignore(p6, argc, argv, true);
}

int icf6_set_globalport(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		[PORT] = { "port", P6_TAG_NEEDED, "a port" },
		[PROTOCOL] = { "protocol", P6_TAG_NEEDED, "tcp, udp or both" },
		[NAME] = { "name", P6_TAG_NAMED, "text" },
		[DEV] = { "mode", P6_TAG_ORDERED, "enable or disable" },
		[EDGE] = { "edge", P6_TAG_NAMED, "deny, allow or app" },
	};
	const char *v[P6_ARRAY_SIZE(tags)];
	struct ask ask = { 0 };
	struct icf6_error e;
	bool on = true;
	int err;

	err = p6_args(p6, argc, argv, tags, P6_ARRAY_SIZE(tags), v);
	if (err)
		return err;
	if (v[DEV] && icf6_switch_parse("mode", v[DEV], &on, &e))
		return icf6_usage(p6, &e);
	ask.delete = !on;
	err = parse(p6, &(struct said){ v[PORT], v[PROTOCOL], v[NAME],
		    .edge = v[EDGE] }, ICF6_SCOPE_GLOBAL, &ask);
	return err ? err : run(p6, &ask);
}
