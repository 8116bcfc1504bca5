// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/genetlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "icf6_genl.h"
#include "module.h"

/* How often a list is read again because it changed meanwhile. */
#define DUMP_TRIES	20

static int resolve(struct p6 *p6, struct icf6_genl *genl)
{
	int err = genl_ctrl_resolve(genl->sk, ICF6_GENL_NAME);

	genl->family = err > 0 ? err : 0;
	if (err >= 0 || err == -NLE_OBJ_NOTFOUND)
		return 0;
	p6_fail(p6, P6_FAILED, "cannot ask the kernel about the firewall");
	return p6_fail_why(p6, "Netlink: %s.", nl_geterror(err));
}

int icf6_genl_open(struct p6 *p6, struct icf6_genl *genl)
{
	int on = 1, size = 2 * ICF6_PORTS_MAX * 128, err;

	err = p6_nl_open(p6, NETLINK_GENERIC, &genl->sk);
	if (err)
		return err;
	err = resolve(p6, genl);
	if (!err && !genl->family) {
		err = p6_module_load(p6, ICF6_GENL_NAME);
		if (!err)
			err = resolve(p6, genl);
	}
	if (!err && !genl->family) {
		p6_fail(p6, P6_MODULE_REFUSED, "the icf6 module does not answer");
		p6_fail_why(p6, "It was loaded, but this network namespace has no netlink family \"icf6\".");
		err = p6_fail_do(p6, "sudo dmesg | tail");
	}
	if (err) {
		icf6_genl_close(genl);
		return err;
	}
	/*
	 * A whole configuration is one message. Who may not go past the limit
	 * may not set it either, so it does not matter if this is refused.
	 */
	setsockopt(nl_socket_get_fd(genl->sk), SOL_SOCKET, SO_SNDBUFFORCE,
		   &size, sizeof(size));
	/* Refuse what is not understood rather than to list too much. */
	setsockopt(nl_socket_get_fd(genl->sk), SOL_NETLINK,
		   NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	return 0;
}

void icf6_genl_close(struct icf6_genl *genl)
{
	nl_socket_free(genl->sk);
	genl->sk = NULL;
}

struct nl_msg *icf6_genl_request(const struct icf6_genl *genl, int cmd,
				 int flags, size_t size)
{
	struct nl_msg *msg = nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN +
					      256 + size);

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, genl->family,
				0, flags, cmd, ICF6_GENL_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int icf6_genl_fail(struct p6 *p6, const struct nl_answer *answer,
		   const char *what)
{
	int status = p6_nl_fail(p6, answer, "%s", what);

	switch (answer->err) {
	case EPERM:
	case EACCES:
		return status;
	case EOPNOTSUPP:
		return p6_fail_do(p6, "sudo peer6 icf6 attach");
	case ENODEV:
		return p6_fail_do(p6, "peer6 icf6 show adapter");
	default:
		return p6_fail_do(p6, "peer6 %s --help", p6->command);
	}
}

int icf6_genl_ask(struct p6 *p6, const struct icf6_genl *genl,
		  struct nl_msg *msg, struct nl_answer *answer)
{
	return msg ? p6_nl_talk(p6, genl->sk, msg, NULL, NULL, answer) :
	       p6_fail_memory(p6);
}

int icf6_genl_do(struct p6 *p6, const struct icf6_genl *genl,
		 struct nl_msg *msg, const char *what)
{
	struct nl_answer answer;
	int err = icf6_genl_ask(p6, genl, msg, &answer);

	if (!err && answer.err)
		err = icf6_genl_fail(p6, &answer, what);
	return err;
}

static uint32_t get_u32(struct nlattr *a)
{
	return a && nla_len(a) >= 4 ? nla_get_u32(a) : 0;
}

static uint16_t get_u16(struct nlattr *a)
{
	return a && nla_len(a) >= 2 ? nla_get_u16(a) : 0;
}

static uint8_t get_u8(struct nlattr *a)
{
	return a && nla_len(a) >= 1 ? nla_get_u8(a) : 0;
}

static uint64_t get_u64(struct nlattr *a)
{
	return a && nla_len(a) >= 8 ? nla_get_u64(a) : 0;
}

static struct nla_bitfield32 get_bits(struct nlattr *a)
{
	struct nla_bitfield32 bits = { 0 };

	if (a && nla_len(a) >= (int)sizeof(bits))
		memcpy(&bits, nla_data(a), sizeof(bits));
	return bits;
}

static uint8_t get_enum(struct nlattr *a, unsigned int max)
{
	uint8_t value = get_u8(a);

	/* Of a newer module: the table has no word for it. */
	return value < max ? value : max - 1;
}

static void parse_timeout(struct icf6_state *state, struct nlattr *nest)
{
	struct nlattr *tb[ICF6_A_TIMEOUT_MAX + 1];
	struct icf6_timeout *t = &state->timeouts[state->n_timeouts];

	if (state->n_timeouts >= P6_ARRAY_SIZE(state->timeouts) ||
	    nla_parse_nested(tb, ICF6_A_TIMEOUT_MAX, nest, NULL) ||
	    !tb[ICF6_A_TIMEOUT_NAME])
		return;
	nla_strlcpy(t->name, tb[ICF6_A_TIMEOUT_NAME], sizeof(t->name));
	t->value = get_u32(tb[ICF6_A_TIMEOUT_VALUE]);
	t->wanted = get_u32(tb[ICF6_A_TIMEOUT_WANTED]);
	state->n_timeouts++;
}

bool icf6_parse_conf(struct nl_msg *msg, struct icf6_state *state)
{
	struct nlattr *top[ICF6_A_MAX + 1], *tb[ICF6_A_CONF_MAX + 1], *a;
	struct icf6_conf *c = &state->conf;
	int rest;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, top, ICF6_A_MAX, NULL) ||
	    !top[ICF6_A_ATTACHED])
		return false;
	state->attached = get_u8(top[ICF6_A_ATTACHED]);
	state->generation = get_u32(top[ICF6_A_GENERATION]);
	if (!top[ICF6_A_CONF] ||
	    nla_parse_nested(tb, ICF6_A_CONF_MAX, top[ICF6_A_CONF], NULL))
		return true;
	c->options = get_bits(tb[ICF6_A_CONF_OPTIONS]).value;
	c->icmp = get_bits(tb[ICF6_A_CONF_ICMP]).value;
	c->log = get_bits(tb[ICF6_A_CONF_LOG]).value;
	c->log_rate = get_u32(tb[ICF6_A_CONF_LOG_RATE]);
	c->log_burst = get_u32(tb[ICF6_A_CONF_LOG_BURST]);
	c->edge_default = get_enum(tb[ICF6_A_CONF_EDGE_DEFAULT],
				   __ICF6_EDGE_MAX);
	c->edge_mark = get_u32(tb[ICF6_A_CONF_EDGE_MARK]);
	c->reject = get_enum(tb[ICF6_A_CONF_REJECT], __ICF6_REJECT_MAX);
	c->grace = get_u32(tb[ICF6_A_CONF_GRACE]);
	c->grace_left = get_u32(tb[ICF6_A_CONF_GRACE_LEFT]);
	c->mcast_boundary = get_u8(tb[ICF6_A_CONF_MCAST_BOUNDARY]);
	state->n_timeouts = 0;
	nlmsg_for_each_attr(a, nlmsg_hdr(msg), GENL_HDRLEN, rest)
		if (nla_type(a) == ICF6_A_TIMEOUT)
			parse_timeout(state, a);
	return true;
}

bool icf6_parse_dev(struct nl_msg *msg, struct icf6_dev_conf *dev)
{
	struct nlattr *top[ICF6_A_MAX + 1], *tb[ICF6_A_DEV_MAX + 1];
	struct nla_bitfield32 bits;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, top, ICF6_A_MAX, NULL) ||
	    !top[ICF6_A_DEV] ||
	    nla_parse_nested(tb, ICF6_A_DEV_MAX, top[ICF6_A_DEV], NULL) ||
	    !tb[ICF6_A_DEV_IFNAME])
		return false;
	memset(dev, 0, sizeof(*dev));
	nla_strlcpy(dev->name, tb[ICF6_A_DEV_IFNAME], sizeof(dev->name));
	dev->ifindex = get_u32(tb[ICF6_A_DEV_IFINDEX]);
	dev->firewalled = get_u8(tb[ICF6_A_DEV_FIREWALLED]);
	dev->edge_now = get_u8(tb[ICF6_A_DEV_EDGE]);
	dev->edge = dev->edge_now == !!get_u8(tb[ICF6_A_DEV_EDGE_AUTO]) ?
		    ICF6_EDGE_AUTO : dev->edge_now;
	bits = get_bits(tb[ICF6_A_DEV_ICMP]);
	dev->icmp = bits.value;
	dev->icmp_set = bits.selector;
	dev->icmp_effective = get_u32(tb[ICF6_A_DEV_ICMP_EFFECTIVE]);
	return true;
}

bool icf6_parse_port(struct nl_msg *msg, struct icf6_port_conf *port)
{
	struct nlattr *top[ICF6_A_MAX + 1], *tb[ICF6_A_PORT_MAX + 1];
	struct icf6_error e;
	char *c;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, top, ICF6_A_MAX, NULL) ||
	    !top[ICF6_A_PORT] ||
	    nla_parse_nested(tb, ICF6_A_PORT_MAX, top[ICF6_A_PORT], NULL))
		return false;
	memset(port, 0, sizeof(*port));
	port->scope = get_enum(tb[ICF6_A_PORT_SCOPE], __ICF6_SCOPE_MAX);
	port->proto = get_u8(tb[ICF6_A_PORT_PROTO]);
	port->port = get_u16(tb[ICF6_A_PORT_PORT]);
	port->edge = get_enum(tb[ICF6_A_PORT_EDGE], __ICF6_EDGE_MAX);
	port->origin = get_enum(tb[ICF6_A_PORT_ORIGIN], __ICF6_ORIGIN_MAX);
	port->owner = get_u32(tb[ICF6_A_PORT_OWNER]);
	port->edge_given = true;
	if (tb[ICF6_A_PORT_IFNAME])
		nla_strlcpy(port->dev, tb[ICF6_A_PORT_IFNAME],
			    sizeof(port->dev));
	if (tb[ICF6_A_PORT_LABEL])
		nla_strlcpy(port->label, tb[ICF6_A_PORT_LABEL],
			    sizeof(port->label));
	/* Other programs may store what neither JSON nor a file can hold. */
	if (icf6_label_check(port->label, &e))
		for (c = port->label; *c; c++)
			if (*c <= 0x20 || *c >= 0x7f)
				*c = '?';
	return true;
}

struct collect {
	struct icf6_state *state;
	bool failed;
	bool mixed;		/* of more than one generation */
};

static int on_conf(struct nl_msg *msg, void *arg)
{
	struct collect *c = arg;

	if (!icf6_parse_conf(msg, c->state))
		c->failed = true;
	return NL_OK;
}

static void check_generation(struct collect *c, struct nl_msg *msg)
{
	struct nlattr *a = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN,
					   ICF6_A_GENERATION);

	if (a && get_u32(a) != c->state->generation)
		c->mixed = true;
}

static int on_dev(struct nl_msg *msg, void *arg)
{
	struct icf6_dev_conf dev, *new;
	struct collect *c = arg;

	check_generation(c, msg);
	if (!icf6_parse_dev(msg, &dev))
		return NL_OK;
	new = icf6_conf_add_dev(&c->state->conf, dev.name);
	if (new)
		*new = dev;
	else
		c->failed = true;
	return NL_OK;
}

static int on_port(struct nl_msg *msg, void *arg)
{
	struct icf6_port_conf port, *new;
	struct collect *c = arg;

	check_generation(c, msg);
	if (!icf6_parse_port(msg, &port))
		return NL_OK;
	new = icf6_conf_add_port(&c->state->conf);
	if (new)
		*new = port;
	else
		c->failed = true;
	return NL_OK;
}

static int collect(struct p6 *p6, const struct icf6_genl *genl, int cmd,
		   int flags, nl_recvmsg_msg_cb_t each, struct collect *c)
{
	struct nl_msg *msg = icf6_genl_request(genl, cmd, flags, 0);
	struct nl_answer answer;
	int err;

	if (!msg)
		return p6_fail_memory(p6);
	err = p6_nl_talk(p6, genl->sk, msg, each, c, &answer);
	if (!err && answer.err)
		err = icf6_genl_fail(p6, &answer,
				     "cannot read the firewall's configuration");
	return !err && c->failed ? p6_fail_memory(p6) : err;
}

int icf6_state_get(struct p6 *p6, const struct icf6_genl *genl, bool all,
		   struct icf6_state *state)
{
	struct collect c = { .state = state };
	int err, tries = 0;

	memset(state, 0, sizeof(*state));
	do {
		icf6_conf_free(&state->conf);
		icf6_conf_init(&state->conf);
		c.mixed = false;
		err = collect(p6, genl, ICF6_CMD_CONF_GET, 0, on_conf, &c);
		if (err || !all || !state->attached)
			return err;
		err = collect(p6, genl, ICF6_CMD_DEV_GET, NLM_F_DUMP, on_dev,
			      &c);
		if (!err)
			err = collect(p6, genl, ICF6_CMD_PORT_GET, NLM_F_DUMP,
				      on_port, &c);
		if (err)
			return err;
	} while (c.mixed && ++tries < DUMP_TRIES);
	if (c.mixed) {
		p6_fail(p6, P6_FAILED, "cannot read the firewall's configuration");
		p6_fail_why(p6, "It changed each of the %d times that it was read.",
			    DUMP_TRIES);
		return p6_fail_do(p6, "peer6 icf6 monitor");
	}
	icf6_conf_sort(&state->conf);
	return 0;
}

void icf6_state_free(struct icf6_state *state)
{
	icf6_conf_free(&state->conf);
}

int icf6_need_attached(struct p6 *p6, const struct icf6_state *state)
{
	if (state->attached)
		return 0;
	p6_fail(p6, P6_REFUSED, "this network namespace is not filtered");
	p6_fail_why(p6, "Namespaces besides the initial one are filtered when they are told to be.");
	return p6_fail_do(p6, "sudo peer6 icf6 attach");
}

int icf6_no_device(struct p6 *p6, const char *dev)
{
	p6_fail(p6, P6_NO_DEVICE, "no device \"%s\"", dev);
	p6_fail_why(p6, "The firewall knows each device of the namespace but loopback, and not this one.");
	return p6_fail_do(p6, "peer6 icf6 show adapter");
}

struct stats {
	int (*each)(const struct icf6_stats *stats, void *arg);
	void *arg;
	int err;
};

static void parse_counter(struct icf6_stats *stats, struct nlattr *nest)
{
	struct nlattr *tb[ICF6_A_COUNTER_MAX + 1];
	struct icf6_counter *c = &stats->counters[stats->n];

	if (stats->n >= P6_ARRAY_SIZE(stats->counters) ||
	    nla_parse_nested(tb, ICF6_A_COUNTER_MAX, nest, NULL) ||
	    !tb[ICF6_A_COUNTER_NAME] || !tb[ICF6_A_COUNTER_TEXT])
		return;
	c->dir = get_enum(tb[ICF6_A_COUNTER_DIR], __ICF6_DIR_MAX);
	c->accept = get_u8(tb[ICF6_A_COUNTER_ACCEPT]);
	c->value = get_u64(tb[ICF6_A_COUNTER_VALUE]);
	nla_strlcpy(c->name, tb[ICF6_A_COUNTER_NAME], sizeof(c->name));
	nla_strlcpy(c->text, tb[ICF6_A_COUNTER_TEXT], sizeof(c->text));
	stats->n++;
}

static int on_stats(struct nl_msg *msg, void *arg)
{
	static struct icf6_stats stats;
	struct stats *s = arg;
	struct nlattr *a;
	int rest;

	memset(&stats, 0, sizeof(stats));
	nlmsg_for_each_attr(a, nlmsg_hdr(msg), GENL_HDRLEN, rest) {
		switch (nla_type(a)) {
		case ICF6_A_IFNAME:
			nla_strlcpy(stats.dev, a, sizeof(stats.dev));
			break;
		case ICF6_A_LOST:
			stats.lost = get_u64(a);
			break;
		case ICF6_A_COUNTER:
			parse_counter(&stats, a);
			break;
		}
	}
	if (!s->err)
		s->err = s->each(&stats, s->arg);
	return NL_OK;
}

int icf6_stats_get(struct p6 *p6, const struct icf6_genl *genl,
		   const char *dev,
		   int (*each)(const struct icf6_stats *stats, void *arg),
		   void *arg)
{
	struct stats s = { .each = each, .arg = arg };
	struct nl_answer answer;
	struct nl_msg *msg;
	int err;

	msg = icf6_genl_request(genl, ICF6_CMD_STATS_GET,
				dev ? 0 : NLM_F_DUMP, 0);
	if (!msg)
		return p6_fail_memory(p6);
	if (dev && *dev)
		nla_put_string(msg, ICF6_A_IFNAME, dev);
	err = p6_nl_talk(p6, genl->sk, msg, on_stats, &s, &answer);
	if (!err && answer.err)
		err = icf6_genl_fail(p6, &answer, "cannot read the counters");
	return err ? err : s.err;
}

static int put_bits(struct nl_msg *msg, int attr, uint32_t value,
		    uint32_t mask)
{
	struct nla_bitfield32 bits = { value & mask, mask };

	return mask ? nla_put(msg, attr, sizeof(bits), &bits) : 0;
}

/* @mask: what is not 0 there is said. */
int icf6_put_conf(struct nl_msg *msg, const struct icf6_conf *conf,
		  const struct icf6_conf *mask)
{
	struct nlattr *nest = nla_nest_start(msg, ICF6_A_CONF);
	int err = nest ? 0 : -1;

	if (err)
		return err;
	err |= put_bits(msg, ICF6_A_CONF_OPTIONS, conf->options,
			mask->options);
	err |= put_bits(msg, ICF6_A_CONF_ICMP, conf->icmp, mask->icmp);
	err |= put_bits(msg, ICF6_A_CONF_LOG, conf->log, mask->log);
	if (mask->log_rate)
		err |= nla_put_u32(msg, ICF6_A_CONF_LOG_RATE, conf->log_rate);
	if (mask->log_burst)
		err |= nla_put_u32(msg, ICF6_A_CONF_LOG_BURST,
				   conf->log_burst);
	if (mask->edge_default)
		err |= nla_put_u8(msg, ICF6_A_CONF_EDGE_DEFAULT,
				  conf->edge_default);
	if (mask->edge_mark)
		err |= nla_put_u32(msg, ICF6_A_CONF_EDGE_MARK,
				   conf->edge_mark);
	if (mask->reject)
		err |= nla_put_u8(msg, ICF6_A_CONF_REJECT, conf->reject);
	if (mask->grace)
		err |= nla_put_u32(msg, ICF6_A_CONF_GRACE, conf->grace);
	if (mask->mcast_boundary)
		err |= nla_put_u8(msg, ICF6_A_CONF_MCAST_BOUNDARY,
				  conf->mcast_boundary);
	nla_nest_end(msg, nest);
	return err ? -1 : 0;
}

int icf6_put_dev(struct nl_msg *msg, const struct icf6_dev_conf *dev)
{
	struct nlattr *nest = nla_nest_start(msg, ICF6_A_DEV);
	uint32_t all = ICF6_ICMP_ECHO_REQUEST | ICF6_ICMP_DEST_UNREACH |
		       ICF6_ICMP_TOO_BIG | ICF6_ICMP_TIME_EXCEEDED |
		       ICF6_ICMP_PARAM_PROBLEM | ICF6_ICMP_REDIRECT;

	if (!nest || nla_put_string(msg, ICF6_A_DEV_IFNAME, dev->name) ||
	    nla_put_u8(msg, ICF6_A_DEV_FIREWALLED, dev->firewalled) ||
	    (dev->edge != ICF6_EDGE_AUTO &&
	     nla_put_u8(msg, ICF6_A_DEV_EDGE, dev->edge)) ||
	    put_bits(msg, ICF6_A_DEV_ICMP, dev->icmp, dev->icmp_set) ||
	    nla_put_u32(msg, ICF6_A_DEV_ICMP_INHERIT, all & ~dev->icmp_set))
		return -1;
	nla_nest_end(msg, nest);
	return 0;
}

int icf6_put_port(struct nl_msg *msg, const struct icf6_port_conf *port)
{
	struct nlattr *nest = nla_nest_start(msg, ICF6_A_PORT);

	if (!nest || nla_put_u8(msg, ICF6_A_PORT_SCOPE, port->scope) ||
	    nla_put_u8(msg, ICF6_A_PORT_PROTO, port->proto) ||
	    nla_put_u16(msg, ICF6_A_PORT_PORT, port->port) ||
	    (port->dev[0] &&
	     nla_put_string(msg, ICF6_A_PORT_IFNAME, port->dev)) ||
	    (port->label[0] &&
	     nla_put_string(msg, ICF6_A_PORT_LABEL, port->label)) ||
	    (port->edge_given && port->scope != ICF6_SCOPE_IGNORED &&
	     nla_put_u8(msg, ICF6_A_PORT_EDGE, port->edge)))
		return -1;
	nla_nest_end(msg, nest);
	return 0;
}
