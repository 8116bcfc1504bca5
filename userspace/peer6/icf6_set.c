// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <netlink/genl/genl.h>

#include "args.h"
#include "icf6.h"
#include "icf6_file.h"

#define TAGS_MAX	32

static const char want_switch[] = "yes or no";

/* The settings of a section as tags; @index tells which is which. */
static size_t section_tags(enum icf6_section section, int kind,
			   struct p6_tag *tags, size_t *index)
{
	size_t i, n = 0;

	for (i = 0; i < icf6_n_settings; i++) {
		if (icf6_settings[i].section != section)
			continue;
		tags[n].tag = icf6_settings[i].word;
		tags[n].kind = kind;
		tags[n].want = want_switch;
		index[n++] = i;
	}
	return n;
}

static int nothing_to_set(struct p6 *p6)
{
	p6_fail(p6, P6_MISSING, "%s: nothing to set", p6->command);
	p6_fail_why(p6, "What shall change is given as TAG=VALUE.");
	return p6_fail_do(p6, "peer6 %s --help", p6->command);
}

/* What is set: values before and after, and which of them were said. */
struct change {
	struct icf6_conf before, after, mask;
	bool in_kernel, in_file;	/* something there is said */
	bool changed;
	json_t *list;
	char words[400];
};

static void note(struct change *c, const struct icf6_setting *s)
{
	char from[32], to[32];
	size_t at = strlen(c->words);
	const char *old = icf6_setting_text(s, &c->before, from, sizeof(from));
	const char *new = icf6_setting_text(s, &c->after, to, sizeof(to));
	bool restart = !icf6_setting_in_file(s) &&
		       (c->after.grace || c->before.grace_left);

	if (!strcmp(old, new) && !restart)
		return;
	c->changed = true;
	snprintf(c->words + at, sizeof(c->words) - at, "%s%s %s -> %s",
		 at ? ", " : "", s->word, old, new);
	json_array_append_new(c->list, json_pack("{s:s,s:s,s:s}", "setting",
						 s->key, "from", old, "to",
						 new));
}

static bool of_log_writer(const struct icf6_setting *s)
{
	return s->offset == offsetof(struct icf6_conf, log_file) ||
	       s->offset == offsetof(struct icf6_conf, log_size);
}

static int take_value(struct p6 *p6, struct change *c,
		      const struct icf6_setting *s, const char *value)
{
	uint32_t *mask = (uint32_t *)((char *)&c->mask + s->offset);
	struct icf6_error e;

	if (icf6_setting_parse(s, value, &c->after, &e))
		return icf6_usage(p6, &e);
	if (of_log_writer(s)) {
		c->in_file = true;
		return 0;
	}
	c->in_kernel = true;
	*mask |= s->kind == ICF6_BIT ? s->bit : UINT32_MAX;
	return 0;
}

/* NULL, or why no log can be written at @path. */
static const char *log_trouble(const char *path, const char *folder)
{
	struct stat st;

	if (stat(folder, &st))
		return strerror(errno);
	if (!S_ISDIR(st.st_mode))
		return strerror(ENOTDIR);
	if (!lstat(path, &st) && !S_ISREG(st.st_mode))
		return "it is no regular file";
	return NULL;
}

static int check_log_folder(struct p6 *p6, const char *path)
{
	char copy[ICF6_PATH_MAX];
	const char *folder, *why;

	/* That folder is made when the log is first written. */
	if (!strcmp(path, ICF6_LOG_PATH))
		return 0;
	strcpy(copy, path);
	folder = dirname(copy);
	why = log_trouble(path, folder);
	if (!why)
		return 0;
	p6_fail(p6, P6_BAD_VALUE, "file=%s cannot be set", path);
	p6_fail_why(p6, "No log can be written there: %s.", why);
	return p6_fail_do(p6, "ls -ld %s", folder);
}

static int write_log_settings(struct p6 *p6, const struct change *c)
{
	struct icf6_conf file;
	bool absent;
	int err;

	err = icf6_file_read(p6, ICF6_CONF_PATH, &file, &absent);
	if (err)
		return err;
	strcpy(file.log_file, c->after.log_file);
	file.log_size = c->after.log_size;
	err = icf6_file_write(p6, ICF6_CONF_PATH, &file);
	icf6_conf_free(&file);
	return err;
}

static int read_log_settings(struct p6 *p6, struct icf6_conf *conf)
{
	struct icf6_conf file;
	bool absent;
	int err;

	err = icf6_file_read(p6, ICF6_CONF_PATH, &file, &absent);
	if (!err) {
		strcpy(conf->log_file, file.log_file);
		conf->log_size = file.log_size;
		icf6_conf_free(&file);
	}
	return err;
}

static int send_conf(struct p6 *p6, const struct icf6_genl *genl,
		     const struct change *c)
{
	struct nl_msg *msg = icf6_genl_request(genl, ICF6_CMD_CONF_SET, 0, 256);

	if (msg && icf6_put_conf(msg, &c->after, &c->mask)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return icf6_genl_do(p6, genl, msg, "cannot change the firewall");
}

/* @n settings are said in @values. */
static int set_global(struct p6 *p6, const char **values, const size_t *index,
		      size_t n)
{
	struct icf6_genl genl = { 0 };
	struct change c = { 0 };
	struct icf6_state state;
	int err = 0;
	size_t i;

	icf6_conf_init(&c.after);
	/* What is typed wrong needs no kernel to be told. */
	for (i = 0; !err && i < n; i++)
		if (values[i])
			err = take_value(p6, &c, &icf6_settings[index[i]],
					 values[i]);
	if (err)
		return err;
	if (!c.in_kernel && !c.in_file)
		return nothing_to_set(p6);
	icf6_conf_init(&c.before);
	if (c.in_kernel) {
		err = icf6_genl_open(p6, &genl);
		if (err)
			return err;
		err = icf6_state_get(p6, &genl, false, &state);
		c.before = state.conf;
		icf6_state_free(&state);
		if (!err)
			err = icf6_need_attached(p6, &state);
	}
	if (!err && c.in_file)
		err = read_log_settings(p6, &c.before);
	c.after = c.before;
	for (i = 0; !err && i < n; i++)
		if (values[i])
			err = take_value(p6, &c, &icf6_settings[index[i]],
					 values[i]);
	c.list = json_array();
	for (i = 0; !err && i < n; i++)
		if (values[i])
			note(&c, &icf6_settings[index[i]]);
	/* The file first: it is what is more likely to be refused. */
	if (!err && c.changed && c.in_file)
		err = check_log_folder(p6, c.after.log_file);
	if (!err && c.changed && c.in_file)
		err = write_log_settings(p6, &c);
	/* Also where nothing differs: who may not set it is told so. */
	if (!err && c.in_kernel)
		err = send_conf(p6, &genl, &c);
	icf6_genl_close(&genl);
	if (err) {
		json_decref(c.list);
		return err;
	}
	return icf6_done(p6, c.changed, json_pack("{s:o}", "changes", c.list),
			 c.changed ? "changed: %s" :
			 "unchanged: all of it is so already%s", c.words);
}

int icf6_set_config(struct p6 *p6, int argc, char **argv)
{
	struct p6_tag tags[TAGS_MAX];
	const char *values[TAGS_MAX];
	size_t index[TAGS_MAX], n;
	int err;

	n = section_tags(ICF6_IN_CONFIG, P6_TAG_NAMED, tags, index);
	err = p6_args(p6, argc, argv, tags, n, values);
	return err ? err : set_global(p6, values, index, n);
}

int icf6_set_logging(struct p6 *p6, int argc, char **argv)
{
	struct p6_tag tags[TAGS_MAX];
	const char *values[TAGS_MAX];
	size_t index[TAGS_MAX], n;
	int err;

	n = section_tags(ICF6_IN_LOGGING, P6_TAG_NAMED, tags, index);
	err = p6_args(p6, argc, argv, tags, n, values);
	return err ? err : set_global(p6, values, index, n);
}

struct said {
	const char *key;
	const char *value;
};

/* The kernel has no "auto": the value that its kind gives a device is set. */
static bool edge_of_kind(const struct icf6_dev_conf *dev)
{
	return dev->edge == ICF6_EDGE_AUTO ? dev->edge_now : !dev->edge_now;
}

static const char *edge_text(const struct icf6_dev_conf *dev)
{
	return dev->edge == ICF6_EDGE_AUTO ? "auto" :
	       icf6_switches[dev->edge];
}

static int send_dev(struct p6 *p6, const struct icf6_genl *genl,
		    const struct icf6_dev_conf *old,
		    const struct icf6_dev_conf *dev)
{
	struct icf6_dev_conf sent = *dev;
	struct nl_msg *msg;

	if (sent.edge == ICF6_EDGE_AUTO)
		sent.edge = edge_of_kind(old);
	msg = icf6_genl_request(genl, ICF6_CMD_DEV_SET, 0, 256);
	if (msg && icf6_put_dev(msg, &sent)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return icf6_genl_do(p6, genl, msg, "cannot change the device");
}

static int set_dev(struct p6 *p6, const char *name, const struct said *said,
		   size_t n)
{
	struct icf6_dev_conf *old, dev = { 0 };
	struct icf6_state state;
	struct icf6_genl genl;
	struct icf6_error e;
	size_t i, given = 0;
	bool same;
	int err;

	if (icf6_dev_check(name, &e))
		return icf6_usage(p6, &e);
	for (i = 0; i < n; i++) {
		if (!said[i].value)
			continue;
		given++;
		if (icf6_dev_setting_parse(&dev, said[i].key, said[i].value,
					   &e))
			return icf6_usage(p6, &e);
	}
	if (!given)
		return nothing_to_set(p6);
	err = icf6_genl_open(p6, &genl);
	if (err)
		return err;
	err = icf6_state_get(p6, &genl, true, &state);
	if (!err)
		err = icf6_need_attached(p6, &state);
	old = err ? NULL : icf6_conf_dev(&state.conf, name);
	if (!err && !old)
		err = icf6_no_device(p6, name);
	if (!err) {
		dev = *old;
		for (i = 0; i < n; i++)
			if (said[i].value)
				icf6_dev_setting_parse(&dev, said[i].key,
						       said[i].value, &e);
		same = dev.firewalled == old->firewalled &&
		       dev.edge == old->edge && dev.icmp == old->icmp &&
		       dev.icmp_set == old->icmp_set;
		err = send_dev(p6, &genl, old, &dev);
	}
	icf6_state_free(&state);
	icf6_genl_close(&genl);
	if (err)
		return err;
	return icf6_done(p6, !same, json_pack("{s:s}", "dev", name),
			 "%s %s: firewall=%s edge=%s", name,
			 same ? "unchanged" : "changed",
			 icf6_switches[dev.firewalled], edge_text(&dev));
}

int icf6_set_adapter(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "dev", P6_TAG_NEEDED, "a device" },
		{ "firewall", P6_TAG_ORDERED, want_switch },
		{ "edge", P6_TAG_NAMED, "yes, no or auto" },
	};
	const char *values[P6_ARRAY_SIZE(tags)];
	int err;

	err = p6_args(p6, argc, argv, tags, P6_ARRAY_SIZE(tags), values);
	if (err)
		return err;
	return set_dev(p6, values[0], (struct said[]){
		{ "firewall", values[1] }, { "edge", values[2] } }, 2);
}

int icf6_set_icmp(struct p6 *p6, int argc, char **argv)
{
	const char *values[TAGS_MAX];
	struct p6_tag tags[TAGS_MAX];
	struct said said[TAGS_MAX];
	size_t index[TAGS_MAX], n, i;
	int err;

	n = section_tags(ICF6_IN_ICMP, P6_TAG_NAMED, tags, index);
	tags[n] = (struct p6_tag){ "dev", P6_TAG_NAMED, "a device" };
	err = p6_args(p6, argc, argv, tags, n + 1, values);
	if (err)
		return err;
	if (!values[n])
		return set_global(p6, values, index, n);
	for (i = 0; i < n; i++)
		said[i] = (struct said){ tags[i].tag, values[i] };
	return set_dev(p6, values[n], said, n);
}

int icf6_p2p(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "mode", P6_TAG_NEEDED, "on or off" },
	};
	const char *value;
	size_t i;
	int err;

	err = p6_args(p6, argc, argv, tags, 1, &value);
	if (err)
		return err;
	for (i = 0; strcmp(icf6_settings[i].word, "p2p"); i++)
		;
	return set_global(p6, &value, &i, 1);
}

/* One request without much in it; "flush=yes" where @tags has it. */
static int simple(struct p6 *p6, int argc, char **argv, int cmd,
		  size_t n_tags, const char *what, const char *words)
{
	static const struct p6_tag tags[] = {
		{ "flush", P6_TAG_NAMED, want_switch },
	};
	const char *value = NULL;
	struct icf6_genl genl;
	struct icf6_error e;
	struct nl_msg *msg;
	bool flush = false;
	int err;

	err = p6_args(p6, argc, argv, tags, n_tags, &value);
	if (err)
		return err;
	if (n_tags && value && icf6_switch_parse("flush", value, &flush, &e))
		return icf6_usage(p6, &e);
	err = icf6_genl_open(p6, &genl);
	if (err)
		return err;
	msg = icf6_genl_request(&genl, cmd, 0, 0);
	if (msg && flush)
		nla_put_u8(msg, ICF6_A_FLUSH, 1);
	err = icf6_genl_do(p6, &genl, msg, what);
	icf6_genl_close(&genl);
	return err ? err : icf6_done(p6, true, NULL, "%s", words);
}

int icf6_reset(struct p6 *p6, int argc, char **argv)
{
	return simple(p6, argc, argv, ICF6_CMD_RESET, 1,
		      "cannot reset the firewall",
		      "reset: all is as after loading; \"peer6 icf6 restore\" brings the file's back");
}

int icf6_flush(struct p6 *p6, int argc, char **argv)
{
	return simple(p6, argc, argv, ICF6_CMD_FLUSH, 0,
		      "cannot end flows",
		      "ended: inbound flows whose port is not open");
}

static int attach(struct p6 *p6, int argc, char **argv, bool on)
{
	struct icf6_state state;
	struct icf6_genl genl;
	struct nl_msg *msg;
	int err;

	err = p6_args(p6, argc, argv, NULL, 0, NULL);
	if (!err)
		err = icf6_genl_open(p6, &genl);
	if (err)
		return err;
	err = icf6_state_get(p6, &genl, false, &state);
	icf6_state_free(&state);
	if (!err) {
		msg = icf6_genl_request(&genl, ICF6_CMD_NETNS_SET, 0, 0);
		if (msg)
			nla_put_u8(msg, ICF6_A_ATTACHED, on);
		err = icf6_genl_do(p6, &genl, msg, on ?
				   "cannot filter this network namespace" :
				   "cannot stop to filter this network namespace");
	}
	icf6_genl_close(&genl);
	if (err)
		return err;
	return icf6_done(p6, state.attached != on, NULL,
			 "%s: this network namespace is %sfiltered",
			 state.attached == on ? "unchanged" : "changed",
			 on ? "" : "not ");
}

int icf6_attach(struct p6 *p6, int argc, char **argv)
{
	return attach(p6, argc, argv, true);
}

int icf6_detach(struct p6 *p6, int argc, char **argv)
{
	return attach(p6, argc, argv, false);
}
