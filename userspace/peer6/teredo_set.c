// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "module.h"
#include "reasons.h"
#include "teredo.h"
#include "teredo_link.h"

static int done(struct p6 *p6, const char *dev, const char *result,
		const char *fmt, ...) P6_PRINTF(4);

static int done(struct p6 *p6, const char *dev, const char *result,
		const char *fmt, ...)
{
	va_list args;

	if (p6->json)
		return p6_print_json(p6, json_pack("{s:s,s:s,s:s}",
						   "schema",
						   "peer6.teredo-set/1",
						   "dev", dev,
						   "result", result));
	printf("%s %s", dev, result);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	if (!p6->quiet && strcmp(result, "deleted") &&
	    strcmp(result, "unchanged"))
		p6_note(p6, "See: peer6 teredo show state --wait");
	return 0;
}

static const char *role_of(const struct teredo_args *args)
{
	const struct teredo_value *role = &args->attr[IFLA_TEREDO_ROLE];

	return teredo_role_name(role->given ? role->data[0] :
				TEREDO_ROLE_CLIENT);
}

/* The kernel's "unknown device type", and not a refusal of the driver's. */
static bool kind_unknown(const struct nl_answer *answer)
{
	return answer->err == EOPNOTSUPP;
}

static int server_missing(struct p6 *p6, const struct teredo_args *args)
{
	p6_fail(p6, P6_SERVER_MISSING, "cannot make %s: no server is named",
		args->dev);
	if (!strcmp(role_of(args), "server"))
		p6_fail_why(p6, "A server needs two IPv4 addresses of its own; servername is the first.");
	else
		p6_fail_why(p6, "A client qualifies with a Teredo server, and none is built in: public servers come and go.");
	return p6_fail_do(p6, "sudo peer6 teredo set type=%s servername=NAME",
			  role_of(args));
}

static bool needs_server(const struct teredo_args *args)
{
	const char *role = role_of(args);

	return (!strcmp(role, "client") || !strcmp(role, "server")) &&
	       !args->attr[IFLA_TEREDO_SERVER].given;
}

static int create(struct p6 *p6, struct nl_sock *sk,
		  const struct teredo_args *args)
{
	struct nl_answer answer;
	int err;

	err = teredo_link_create(p6, sk, args, &answer);
	if (err)
		return err;
	if (kind_unknown(&answer)) {
		err = p6_module_load(p6, TEREDO_LINK_KIND);
		if (!err)
			err = teredo_link_create(p6, sk, args, &answer);
		if (err)
			return err;
	}
	if (!answer.err)
		return 0;
	p6_nl_fail(p6, &answer, "cannot make %s", args->dev);
	return teredo_fail_do(p6, &answer);
}

/* The rest stays as the device has it. */
static int change(struct p6 *p6, struct nl_sock *sk,
		  const struct teredo_link *link,
		  const struct teredo_args *args)
{
	struct nl_answer answer;
	bool same = true;
	int err, i;

	for (i = 1; i <= IFLA_TEREDO_MAX; i++)
		same = same && teredo_link_has(link, i, &args->attr[i]);
	if (same && link->up)
		return done(p6, link->name, "unchanged", "%s",
			    ": it is set so already");
	if (!same) {
		err = teredo_link_change(p6, sk, link->ifindex, args, &answer);
		if (err)
			return err;
		if (answer.err) {
			p6_nl_fail(p6, &answer, "cannot change %s",
				   link->name);
			return teredo_fail_do(p6, &answer);
		}
	}
	if (!link->up) {
		err = teredo_link_up(p6, sk, link->ifindex, true, &answer);
		if (err)
			return err;
		if (answer.err) {
			p6_nl_fail(p6, &answer, "%s%s cannot come up",
				   link->name, same ? "" : " is changed, but");
			return teredo_fail_do(p6, &answer);
		}
	}
	return done(p6, link->name, "changed", "%s",
		    link->up ? "" : ": brought up");
}

static int set_port(struct p6 *p6, struct nl_sock *sk, int ifindex,
		    const void *port, struct nl_answer *answer)
{
	struct teredo_args args = { 0 };

	teredo_value_set(&args, IFLA_TEREDO_PORT, port, sizeof(uint16_t));
	return teredo_link_change(p6, sk, ifindex, &args, answer);
}

/* The port that the new device wants and that the old one was given, or 0. */
static uint16_t shared_port(const struct teredo_link *old,
			    const struct teredo_args *args)
{
	const struct teredo_value *port = &args->attr[IFLA_TEREDO_PORT];
	uint16_t be;

	if (!port->given || !teredo_link_has(old, IFLA_TEREDO_PORT, port))
		return 0;
	memcpy(&be, port->data, sizeof(be));
	return be;
}

/* Down, because only then has a device another name and another port. */
static int step_aside(struct p6 *p6, struct nl_sock *sk,
		      const struct teredo_link *old, const char *aside,
		      bool port, struct nl_answer *answer)
{
	static const uint16_t any;
	int err;

	err = teredo_link_up(p6, sk, old->ifindex, false, answer);
	if (!err && !answer->err)
		err = teredo_link_rename(p6, sk, old->ifindex, aside, answer);
	if (!err && !answer->err && port)
		err = set_port(p6, sk, old->ifindex, &any, answer);
	return err;
}

static void step_back(struct p6 *p6, struct nl_sock *sk,
		      const struct teredo_link *old, uint16_t port)
{
	struct p6_failure failure = p6->failure;
	struct nl_answer ignored;

	if (port)
		set_port(p6, sk, old->ifindex, &port, &ignored);
	teredo_link_rename(p6, sk, old->ifindex, old->name, &ignored);
	if (old->up)
		teredo_link_up(p6, sk, old->ifindex, true, &ignored);
	p6->failure = failure;
}

/*
 * A device's role is fixed, so another role is another device. The old one
 * steps aside and goes only when the new one is there: a refusal leaves things
 * as they were.
 */
static int recreate(struct p6 *p6, struct nl_sock *sk,
		    const struct teredo_link *old,
		    const struct teredo_args *args)
{
	uint16_t port = shared_port(old, args);
	struct nl_answer answer;
	char aside[IFNAMSIZ];
	int err;

	snprintf(aside, sizeof(aside), "p6old%d", old->ifindex);
	err = step_aside(p6, sk, old, aside, port, &answer);
	if (err || answer.err) {
		if (!err) {
			p6_nl_fail(p6, &answer, "cannot replace %s", old->name);
			err = teredo_fail_do(p6, &answer);
		}
		step_back(p6, sk, old, port);
		return err;
	}
	err = create(p6, sk, args);
	if (err) {
		step_back(p6, sk, old, port);
		/* A server's port cannot step aside. */
		if (p6->failure.code == P6_IN_USE)
			p6_fail_do(p6, "sudo peer6 teredo set dev=%s type=disabled, and then this again",
				   old->name);
		return err;
	}
	err = teredo_link_delete(p6, sk, old->ifindex, &answer);
	if (err)
		return err;
	if (answer.err) {
		p6_nl_fail(p6, &answer, "%s is made anew, but the old one, now %s, cannot be deleted",
			   args->dev, aside);
		return p6_fail_do(p6, "sudo ip link delete %s", aside);
	}
	return done(p6, args->dev, "recreated",
		    ": a device's role is fixed, so the %s made room for a %s",
		    teredo_role_name(teredo_link_role(old)), role_of(args));
}

static int disable(struct p6 *p6, struct nl_sock *sk,
		   const struct teredo_link *link, const char *dev)
{
	struct nl_answer answer;
	int err;

	if (!link->ifindex)
		return done(p6, dev, "unchanged", "%s",
			    ": there is no such device");
	err = teredo_link_delete(p6, sk, link->ifindex, &answer);
	if (err)
		return err;
	if (!answer.err)
		return done(p6, dev, "deleted", "%s", "");
	p6_nl_fail(p6, &answer, "cannot delete %s", dev);
	return teredo_fail_do(p6, &answer);
}

static int set_link(struct p6 *p6, struct nl_sock *sk,
		    const struct teredo_link *link, struct teredo_args *args)
{
	struct in_addr now = { .s_addr = htonl(INADDR_ANY) };
	struct nlattr *server;
	bool anew;
	int role, err;

	if (link->ifindex && !link->teredo) {
		p6_fail(p6, P6_NOT_TEREDO, "cannot set %s", link->name);
		p6_fail_why(p6, "A device of this name exists and is no Teredo device.");
		return p6_fail_do(p6, "ip -d link show dev %s", link->name);
	}
	if (args->disabled)
		return disable(p6, sk, link, args->dev);
	if (!link->ifindex && !args->type_given && !args->server) {
		p6_fail(p6, P6_NO_DEVICE, "cannot set %s: no such device",
			args->dev);
		p6_fail_why(p6, "A device is made only when its type or its server is named.");
		return p6_fail_do(p6, "sudo peer6 teredo set dev=%s type=client servername=NAME",
				  args->dev);
	}

	role = args->attr[IFLA_TEREDO_ROLE].given ?
	       args->attr[IFLA_TEREDO_ROLE].data[0] :
	       link->ifindex ? teredo_link_role(link) : TEREDO_ROLE_CLIENT;
	anew = !link->ifindex || role != teredo_link_role(link);
	server = link->data[IFLA_TEREDO_SERVER];
	if (server && nla_len(server) >= (int)sizeof(now))
		memcpy(&now, nla_data(server), sizeof(now));
	err = teredo_args_resolve(p6, args, role, now);
	if (err)
		return err;
	if (anew && needs_server(args))
		return server_missing(p6, args);
	if (!anew) {
		/* Naming the role that it has is no request to change it. */
		args->attr[IFLA_TEREDO_ROLE].given = false;
		return change(p6, sk, link, args);
	}
	if (link->ifindex)
		return recreate(p6, sk, link, args);
	err = create(p6, sk, args);
	return err ? err : done(p6, args->dev, "created", ": %s",
				role_of(args));
}

int teredo_set(struct p6 *p6, int argc, char **argv)
{
	struct teredo_link link;
	struct teredo_args args;
	struct nl_sock *sk;
	int err;

	/* Netsh has "set state"; to type it costs nothing. */
	if (argc && !strcmp(*argv, "state")) {
		argc--;
		argv++;
	}
	if (!argc) {
		p6_fail(p6, P6_MISSING, "nothing to set");
		p6_fail_why(p6, "Without a value there is nothing to change.");
		return p6_fail_do(p6, "peer6 teredo set --help");
	}
	err = teredo_args_parse(p6, &args, argc, argv);
	if (err)
		return err;
	err = p6_nl_open(p6, NETLINK_ROUTE, &sk);
	if (err)
		return err;
	err = teredo_link_get(p6, sk, args.dev, &link);
	if (!err) {
		err = set_link(p6, sk, &link, &args);
		teredo_link_put(&link);
	}
	nl_socket_free(sk);
	explicit_bzero(&args, sizeof(args));
	return err;
}
