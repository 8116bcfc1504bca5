// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The text of icf6.conf(5). A file is good as a whole or not at all: a
 * firewall that was read half would be open or closed where nobody expects it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "icf6_file.h"

struct parser {
	struct icf6_conf *conf;
	struct icf6_error *e;
	unsigned int line;
	enum {
		AT_NOTHING,
		AT_SETTINGS,
		AT_PORTS,
		AT_DEVICE,
	} at;
	enum icf6_section section;
	char dev[IFNAMSIZ];
	uint64_t seen;			/* settings, by their index */
	uint64_t dev_seen;
};

static const char *const dev_keys[] = {
	"firewall", "edge", "echorequest", "destunreach", "toobig",
	"timeexceeded", "paramproblem", "redirect", "open", "ignore",
};

enum { KEY_OPEN = 8, KEY_IGNORE };

static char *trim(char *s)
{
	size_t len;

	s += strspn(s, " \t");
	len = strlen(s);
	while (len && strchr(" \t", s[len - 1]))
		s[--len] = '\0';
	return s;
}

static int no_memory(struct parser *p)
{
	icf6_fail(p->e, P6_FAILED, "out of memory");
	return icf6_fail_why(p->e, "The file is too large for this system.");
}

static int twice(struct parser *p, const char *what)
{
	icf6_fail(p->e, P6_DUPLICATE, "%s is given twice", what);
	return icf6_fail_why(p->e, "An earlier line of the file says it, too.");
}

static int begin_device(struct parser *p, char *name)
{
	struct icf6_conf *conf = p->conf;

	if (icf6_dev_check(name, p->e))
		return -1;
	if (!strcmp(name, "lo")) {
		icf6_fail(p->e, P6_BAD_VALUE, "lo cannot be configured");
		return icf6_fail_why(p->e, "Loopback is never filtered.");
	}
	if (icf6_conf_dev(conf, name)) {
		icf6_fail(p->e, P6_DUPLICATE, "[device %s] is given twice",
			  name);
		return icf6_fail_why(p->e, "All of a device belongs into one section.");
	}
	if (conf->n_devs >= ICF6_DEVS_MAX) {
		icf6_fail(p->e, P6_BAD_VALUE, "there are too many devices");
		return icf6_fail_why(p->e, "A file has at most %d.",
				     ICF6_DEVS_MAX);
	}
	if (!icf6_conf_add_dev(conf, name))
		return no_memory(p);
	strcpy(p->dev, name);
	p->at = AT_DEVICE;
	p->dev_seen = 0;
	return 0;
}

static int begin_section(struct parser *p, char *text)
{
	static const char *const known[] = {
		"config", "icmp", "logging", "ports", "device NAME",
	};
	size_t len = strlen(text);
	unsigned int i;

	if (text[len - 1] != ']') {
		icf6_fail(p->e, P6_BAD_VALUE, "a section without its end");
		return icf6_fail_why(p->e, "A section is a line such as [ports].");
	}
	text[len - 1] = '\0';
	text = trim(text + 1);
	if (!strncasecmp(text, "device ", 7))
		return begin_device(p, trim(text + 7));
	for (i = 0; i < P6_ARRAY_SIZE(icf6_sections); i++) {
		if (strcasecmp(text, icf6_sections[i]))
			continue;
		p->at = AT_SETTINGS;
		p->section = i;
		return 0;
	}
	if (strcasecmp(text, "ports"))
		return icf6_fail_word(p->e, "section", WORDS(known), text);
	p->at = AT_PORTS;
	return 0;
}

static int set_global(struct parser *p, const char *key, const char *value)
{
	const char *words[64] = { NULL };
	const struct icf6_setting *s;
	size_t i, n = 0;

	for (i = 0; i < icf6_n_settings; i++) {
		s = &icf6_settings[i];
		if (s->section != p->section || !icf6_setting_in_file(s))
			continue;
		words[n++] = s->word;
		if (strcasecmp(s->word, key))
			continue;
		if (p->seen & 1ULL << i)
			return twice(p, s->word);
		p->seen |= 1ULL << i;
		return icf6_setting_parse(s, value, p->conf, p->e);
	}
	return icf6_fail_word(p->e, "setting",
			      (struct words){ words, n, sizeof(*words) }, key);
}

/* The next word of @text, which then begins behind it. */
static char *next_word(char **text)
{
	char *word = *text + strspn(*text, " \t");
	size_t len = strcspn(word, " \t");

	*text = word + len;
	if (**text)
		*(*text)++ = '\0';
	*text += strspn(*text, " \t");
	return word;
}

/* "22 tcp edge=deny Secure shell"; an ignored port is a number and protocol. */
static int add_port(struct parser *p, enum icf6_scope scope, char *text)
{
	struct icf6_port_conf port = { .scope = scope, .line = p->line };
	struct icf6_port_conf *new;
	uint32_t number;

	if (icf6_number_parse("port", next_word(&text), 1, 65535, &number,
			      p->e))
		return -1;
	port.port = number;
	if (!*text) {
		icf6_fail(p->e, P6_MISSING, "port %u has no protocol", number);
		return icf6_fail_why(p->e, "Behind the number comes tcp or udp.");
	}
	if (icf6_proto_parse(next_word(&text), false, &port.proto, p->e))
		return -1;
	if (!strncasecmp(text, "edge=", 5)) {
		if (scope == ICF6_SCOPE_IGNORED) {
			icf6_fail(p->e, P6_BAD_VALUE, "an ignored port has no edge value");
			return icf6_fail_why(p->e, "It is open nowhere.");
		}
		if (icf6_edge_parse(next_word(&text) + 5, &port.edge, p->e))
			return -1;
		port.edge_given = true;
	}
	if (icf6_label_check(text, p->e))
		return -1;
	strcpy(port.label, text);
	if (scope != ICF6_SCOPE_GLOBAL)
		strcpy(port.dev, p->dev);
	if (p->conf->n_ports >= ICF6_PORTS_MAX) {
		icf6_fail(p->e, P6_BAD_VALUE, "there are too many ports");
		return icf6_fail_why(p->e, "There can be at most %d.",
				     ICF6_PORTS_MAX);
	}
	new = icf6_conf_add_port(p->conf);
	if (!new)
		return no_memory(p);
	*new = port;
	return 0;
}

static int set_ports(struct parser *p, const char *key, char *value)
{
	static const char *const keys[] = { "open" };

	if (strcasecmp(key, "open"))
		return icf6_fail_word(p->e, "setting", WORDS(keys), key);
	return add_port(p, ICF6_SCOPE_GLOBAL, value);
}

static int set_device(struct parser *p, const char *key, char *value)
{
	size_t i;

	for (i = 0; i < P6_ARRAY_SIZE(dev_keys); i++)
		if (!strcasecmp(key, dev_keys[i]))
			break;
	if (i == P6_ARRAY_SIZE(dev_keys))
		return icf6_fail_word(p->e, "setting", WORDS(dev_keys), key);
	if (i == KEY_OPEN)
		return add_port(p, ICF6_SCOPE_OPEN, value);
	if (i == KEY_IGNORE)
		return add_port(p, ICF6_SCOPE_IGNORED, value);
	if (p->dev_seen & 1ULL << i)
		return twice(p, dev_keys[i]);
	p->dev_seen |= 1ULL << i;
	/* The section's own, which was added last. */
	return icf6_dev_setting_parse(&p->conf->devs[p->conf->n_devs - 1],
				      dev_keys[i], value, p->e);
}

static int parse_line(struct parser *p, char *text)
{
	char *key, *value;

	text = trim(text);
	if (!*text || *text == '#' || *text == ';')
		return 0;
	if (*text == '[')
		return begin_section(p, text);
	value = strchr(text, '=');
	if (!value) {
		icf6_fail(p->e, P6_BAD_VALUE, "\"%.40s\" is no setting", text);
		return icf6_fail_why(p->e, "A line is NAME = VALUE, a [section] or a # comment.");
	}
	*value++ = '\0';
	key = trim(text);
	value = trim(value);
	switch (p->at) {
	case AT_SETTINGS:
		return set_global(p, key, value);
	case AT_PORTS:
		return set_ports(p, key, value);
	case AT_DEVICE:
		return set_device(p, key, value);
	case AT_NOTHING:
		break;
	}
	icf6_fail(p->e, P6_BAD_VALUE, "\"%.40s\" is in no section", key);
	return icf6_fail_why(p->e, "A line such as [config] or [ports] comes first.");
}

/* Once they are sorted: the later line is the one too many. */
static int check_twice(struct parser *p)
{
	const struct icf6_port_conf *port = p->conf->ports;
	const struct icf6_port_conf *worst = NULL;
	unsigned int first = 0;
	size_t i;

	for (i = 1; i < p->conf->n_ports; i++) {
		if (icf6_port_cmp(&port[i - 1], &port[i]) ||
		    (worst && worst->line < port[i].line))
			continue;
		worst = &port[i];
		first = port[i - 1].line;
	}
	if (!worst)
		return 0;
	p->e->line = worst->line;
	icf6_fail(p->e, P6_DUPLICATE, "port %u of %s is given twice",
		  worst->port, worst->proto == 6 ? "TCP" : "UDP");
	return icf6_fail_why(p->e, "Line %u says it, too.", first);
}

int icf6_file_parse(const char *text, size_t len, struct icf6_conf *conf,
		    struct icf6_error *e)
{
	struct parser p = { .conf = conf, .e = e };
	const char *end = text + len, *next;
	char *line = NULL;
	size_t n, i;

	icf6_conf_init(conf);
	for (; text < end; text = next) {
		next = memchr(text, '\n', end - text);
		n = next ? (size_t)(next - text) : (size_t)(end - text);
		next = next ? next + 1 : end;
		e->line = ++p.line;
		if (n && text[n - 1] == '\r')
			n--;
		if (memchr(text, '\0', n)) {
			icf6_fail(e, P6_BAD_VALUE, "a NUL byte");
			icf6_fail_why(e, "The file is no text.");
			goto bad;
		}
		line = strndup(text, n);
		if (!line) {
			no_memory(&p);
			goto bad;
		}
		if (parse_line(&p, line))
			goto bad;
		free(line);
		line = NULL;
	}
	icf6_conf_sort(conf);
	if (check_twice(&p))
		goto bad;
	for (i = 0; i < conf->n_ports; i++)
		if (!conf->ports[i].edge_given &&
		    conf->ports[i].scope != ICF6_SCOPE_IGNORED)
			conf->ports[i].edge = conf->edge_default;
	e->line = 0;
	return 0;

bad:
	free(line);
	icf6_conf_free(conf);
	return -1;
}

static void print_port(FILE *f, const struct icf6_port_conf *port)
{
	const char *proto = port->proto == 6 ? "tcp" : "udp";

	if (port->scope == ICF6_SCOPE_IGNORED)
		fprintf(f, "ignore = %u %s", port->port, proto);
	else
		fprintf(f, "open = %u %s edge=%s", port->port, proto,
			icf6_edges[port->edge]);
	fprintf(f, "%s%s\n", port->label[0] ? " " : "", port->label);
}

static void print_device(FILE *f, const struct icf6_conf *conf,
			 const struct icf6_dev_conf *dev)
{
	const struct icf6_setting *s;
	size_t i;

	fprintf(f, "\n[device %s]\n", dev->name);
	fprintf(f, "firewall = %s\n", icf6_switches[dev->firewalled]);
	if (dev->edge != ICF6_EDGE_AUTO)
		fprintf(f, "edge = %s\n", icf6_switches[dev->edge]);
	for (i = 0; i < icf6_n_settings; i++) {
		s = &icf6_settings[i];
		if (s->section == ICF6_IN_ICMP && (dev->icmp_set & s->bit))
			fprintf(f, "%s = %s\n", s->word,
				icf6_switches[!!(dev->icmp & s->bit)]);
	}
	for (i = 0; i < conf->n_ports; i++)
		if (!strcmp(conf->ports[i].dev, dev->name))
			print_port(f, &conf->ports[i]);
}

static bool has_ports(const struct icf6_conf *conf, const char *dev)
{
	size_t i;

	for (i = 0; i < conf->n_ports; i++)
		if (!strcmp(conf->ports[i].dev, dev))
			return true;
	return false;
}

char *icf6_file_print(struct icf6_conf *conf)
{
	const struct icf6_setting *s;
	char *text = NULL, buf[32];
	int section = -1;
	size_t size, i;
	FILE *f;

	icf6_conf_sort(conf);
	f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	fputs("# The IPv6 firewall, see icf6.conf(5). Written by \"peer6 icf6 save\".\n",
	      f);
	for (i = 0; i < icf6_n_settings; i++) {
		s = &icf6_settings[i];
		if (!icf6_setting_in_file(s))
			continue;
		if ((int)s->section != section)
			fprintf(f, "\n[%s]\n", icf6_sections[s->section]);
		section = s->section;
		fprintf(f, "%s = %s\n", s->word,
			icf6_setting_text(s, conf, buf, sizeof(buf)));
	}
	fputs("\n[ports]\n", f);
	for (i = 0; i < conf->n_ports; i++)
		if (conf->ports[i].scope == ICF6_SCOPE_GLOBAL)
			print_port(f, &conf->ports[i]);
	for (i = 0; i < conf->n_devs; i++)
		if (!icf6_dev_is_default(&conf->devs[i]) ||
		    has_ports(conf, conf->devs[i].name))
			print_device(f, conf, &conf->devs[i]);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}
