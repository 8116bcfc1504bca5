// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/genl/genl.h>

#include "args.h"
#include "icf6.h"
#include "icf6_file.h"

/* Devices that vanish between being listed and being configured. */
#define RESTORE_TRIES	20

/* What a nest of a port, of a device takes at most. */
enum { PORT_SIZE = 128, DEV_SIZE = 64 };

static int file_arg(struct p6 *p6, int argc, char **argv, const char **path,
		    const char **dev)
{
	static const struct p6_tag tags[] = {
		{ "file", P6_TAG_ORDERED, "a file" },
		{ "dev", P6_TAG_NAMED, "a device" },
	};
	const char *values[2] = { NULL };
	int err;

	err = p6_args(p6, argc, argv, tags, dev ? 2 : 1, values);
	*path = values[0] ? values[0] : ICF6_CONF_PATH;
	if (dev)
		*dev = values[1];
	return err;
}

static bool keep_port(struct icf6_conf *conf, const struct icf6_port_conf *port)
{
	struct icf6_port_conf *new = icf6_conf_add_port(conf);

	if (new)
		*new = *port;
	return new;
}

/* Sections of devices that are not here now are for when they are. */
static int keep_absent(struct p6 *p6, struct icf6_conf *conf,
		       const struct icf6_conf *old)
{
	const struct icf6_dev_conf *dev;
	struct icf6_dev_conf *new;
	size_t i, k;

	for (i = 0; i < old->n_devs; i++) {
		dev = &old->devs[i];
		if (icf6_conf_dev(conf, dev->name))
			continue;
		new = icf6_conf_add_dev(conf, dev->name);
		if (!new)
			return p6_fail_memory(p6);
		*new = *dev;
		for (k = 0; k < old->n_ports; k++)
			if (!strcmp(old->ports[k].dev, dev->name) &&
			    !keep_port(conf, &old->ports[k]))
				return p6_fail_memory(p6);
	}
	return 0;
}

/* Ports of sockets and of p2p come with those, not with the file. */
static void drop_others(struct icf6_conf *conf)
{
	size_t i, n = 0;

	for (i = 0; i < conf->n_ports; i++)
		if (conf->ports[i].origin == ICF6_ORIGIN_USER)
			conf->ports[n++] = conf->ports[i];
	/* The array has room for more than it counts; see grow(). */
	conf->n_ports = n;
}

int icf6_save(struct p6 *p6, int argc, char **argv)
{
	struct icf6_conf old, now = { 0 };
	struct icf6_state state = { 0 };
	struct icf6_genl genl;
	const char *path;
	bool absent;
	int err;

	err = file_arg(p6, argc, argv, &path, NULL);
	if (err)
		return err;
	/* One that is not understood is not overwritten. */
	err = icf6_file_read(p6, strcmp(path, "-") ? path : ICF6_CONF_PATH,
			     &old, &absent);
	if (err)
		return err;
	err = icf6_genl_open(p6, &genl);
	if (!err) {
		err = icf6_state_get(p6, &genl, true, &state);
		if (!err)
			err = icf6_need_attached(p6, &state);
		icf6_genl_close(&genl);
	}
	if (!err) {
		now = state.conf;
		drop_others(&now);
		strcpy(now.log_file, old.log_file);
		now.log_size = old.log_size;
		err = keep_absent(p6, &now, &old);
		if (!err)
			err = icf6_file_write(p6, path, &now);
		state.conf = now;
	}
	icf6_conf_free(&old);
	icf6_state_free(&state);
	if (err || !strcmp(path, "-"))
		return err;
	return icf6_done(p6, true, json_pack("{s:s,s:I,s:I}", "file", path,
					     "ports", (json_int_t)now.n_ports,
					     "devices",
					     (json_int_t)now.n_devs),
			 "saved: %s, %zu ports", path, now.n_ports);
}

int icf6_check(struct p6 *p6, int argc, char **argv)
{
	struct icf6_conf conf;
	const char *path;
	size_t ports, devs;
	int err;

	err = file_arg(p6, argc, argv, &path, NULL);
	if (!err)
		err = icf6_file_read(p6, path, &conf, NULL);
	if (err)
		return err;
	ports = conf.n_ports;
	devs = conf.n_devs;
	icf6_conf_free(&conf);
	if (p6->json)
		return p6_print_json(p6, json_pack("{s:s,s:s,s:b,s:I,s:I}",
						   "schema",
						   "peer6.icf6-check/1",
						   "file", path, "good", 1,
						   "ports", (json_int_t)ports,
						   "devices",
						   (json_int_t)devs));
	printf("%s is good: %zu ports, %zu devices\n",
	       strcmp(path, "-") ? path : "standard input", ports, devs);
	return 0;
}

static bool here(const struct icf6_state *state, const char *dev)
{
	return !*dev || icf6_conf_dev(&state->conf, dev);
}

static struct nl_msg *replace_request(const struct icf6_genl *genl,
				      const struct icf6_conf *file,
				      const struct icf6_state *state)
{
	struct icf6_conf mask;
	struct nl_msg *msg;
	int err;
	size_t i;

	msg = icf6_genl_request(genl, ICF6_CMD_REPLACE, 0, 512 +
				file->n_ports * PORT_SIZE +
				file->n_devs * DEV_SIZE);
	if (!msg)
		return NULL;
	memset(&mask, 0xff, sizeof(mask));
	/* Bits of a newer module are not ours to switch off. */
	mask.options = 2 * ICF6_OPT_EDGE_ULA - 1;
	mask.icmp = 2 * ICF6_ICMP_REDIRECT - 1;
	mask.log = ICF6_LOG_DROPS | ICF6_LOG_OPENS;
	/* It began when the module was loaded, and goes on. */
	mask.grace = 0;
	err = icf6_put_conf(msg, file, &mask);
	for (i = 0; !err && i < file->n_devs; i++)
		if (here(state, file->devs[i].name))
			err = icf6_put_dev(msg, &file->devs[i]);
	for (i = 0; !err && i < file->n_ports; i++) {
		struct icf6_port_conf port = file->ports[i];

		port.edge_given = true;
		if (here(state, port.dev))
			err = icf6_put_port(msg, &port);
	}
	if (!err)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/* Whether the kernel has it already: by the text that either would be. */
static bool same(const struct icf6_conf *file, struct icf6_state *state)
{
	struct icf6_conf want = *file, have = state->conf;
	char *a = NULL, *b = NULL;
	bool equal = false;
	size_t i, n = 0;

	want.devs = calloc(file->n_devs + 1, sizeof(*want.devs));
	want.ports = calloc(file->n_ports + 1, sizeof(*want.ports));
	if (want.devs && want.ports) {
		for (i = 0; i < file->n_devs; i++)
			if (here(state, file->devs[i].name))
				want.devs[n++] = file->devs[i];
		want.n_devs = n;
		for (i = n = 0; i < file->n_ports; i++)
			if (here(state, file->ports[i].dev))
				want.ports[n++] = file->ports[i];
		want.n_ports = n;
		drop_others(&have);
		strcpy(have.log_file, file->log_file);
		have.log_size = file->log_size;
		a = icf6_file_print(&want);
		b = icf6_file_print(&have);
		equal = a && b && !strcmp(a, b);
		state->conf = have;
	}
	free(a);
	free(b);
	free(want.devs);
	free(want.ports);
	return equal;
}

static int restore_all(struct p6 *p6, const struct icf6_genl *genl,
		       const struct icf6_conf *file, const char *path)
{
	struct icf6_state state;
	struct nl_answer answer;
	int err, tries = 0;
	bool changed = true;
	size_t absent, i;

	do {
		absent = 0;
		memset(&answer, 0, sizeof(answer));
		err = icf6_state_get(p6, genl, true, &state);
		if (!err)
			err = icf6_need_attached(p6, &state);
		if (!err) {
			for (i = 0; i < file->n_devs; i++)
				absent += !here(&state, file->devs[i].name);
			changed = !same(file, &state);
		}
		if (!err)
			err = icf6_genl_ask(p6, genl,
					    replace_request(genl, file,
							    &state), &answer);
		icf6_state_free(&state);
	} while (!err && answer.err == ENODEV && ++tries < RESTORE_TRIES);
	if (!err && answer.err)
		err = icf6_genl_fail(p6, &answer,
				     "cannot restore the firewall's configuration");
	if (err)
		return err;
	return icf6_done(p6, changed, json_pack("{s:s,s:I}", "file", path,
						"absent", (json_int_t)absent),
			 "%s: the firewall is as %s says%s",
			 changed ? "changed" : "unchanged", path, absent ?
			 "; some of its devices are not there yet" : "");
}

/*
 * For a device that has come just now: until it is told, it is treated as any
 * new one, which is closed. What it has besides is left alone.
 */
static int restore_dev(struct p6 *p6, const struct icf6_genl *genl,
		       const struct icf6_conf *file, const char *name)
{
	const struct icf6_dev_conf *dev = icf6_conf_dev(file, name);
	struct nl_msg *msg;
	size_t i, n = 0;
	int err;

	if (!dev)
		return icf6_done(p6, false, json_pack("{s:s}", "dev", name),
				 "unchanged: the file says nothing of %s",
				 name);
	msg = icf6_genl_request(genl, ICF6_CMD_DEV_SET, 0, DEV_SIZE);
	if (msg && icf6_put_dev(msg, dev)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	err = icf6_genl_do(p6, genl, msg, "cannot restore the device");
	if (err)
		return err;
	msg = icf6_genl_request(genl, ICF6_CMD_PORT_ADD, 0,
				file->n_ports * PORT_SIZE);
	for (i = 0; msg && i < file->n_ports; i++) {
		struct icf6_port_conf port = file->ports[i];

		if (strcmp(port.dev, name))
			continue;
		port.edge_given = true;
		n++;
		if (icf6_put_port(msg, &port)) {
			nlmsg_free(msg);
			msg = NULL;
		}
	}
	if (!msg || n)
		err = icf6_genl_do(p6, genl, msg, "cannot restore the ports");
	else
		nlmsg_free(msg);
	if (err)
		return err;
	return icf6_done(p6, true, json_pack("{s:s,s:I}", "dev", name, "ports",
					     (json_int_t)n),
			 "changed: %s is as the file says, %zu ports", name,
			 n);
}

int icf6_restore(struct p6 *p6, int argc, char **argv)
{
	struct icf6_conf file;
	struct icf6_genl genl;
	const char *path, *dev;
	int err;

	err = file_arg(p6, argc, argv, &path, &dev);
	/* As a whole and before the kernel hears of it. */
	if (!err)
		err = icf6_file_read(p6, path, &file, NULL);
	if (err)
		return err;
	err = icf6_genl_open(p6, &genl);
	if (!err) {
		err = dev ? restore_dev(p6, &genl, &file, dev) :
		      restore_all(p6, &genl, &file, path);
		icf6_genl_close(&genl);
	}
	icf6_conf_free(&file);
	return err;
}
