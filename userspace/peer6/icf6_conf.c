// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <peer6/name.h>

#include "icf6_conf.h"

const char *const icf6_sections[] = { "config", "icmp", "logging" };
const char *const icf6_scopes[] = { "global", "open", "ignored" };
const char *const icf6_edges[] = { "deny", "allow", "app" };
const char *const icf6_origins[] = { "user", "p2p", "socket" };
const char *const icf6_dirs[] = { "in", "out", "forward" };

static const char *const rejects[] = { "none", "adm-prohibited", NULL };
static const char *const edge_choices[] = { "deny", "allow", "app", NULL };

#define CONF(member) .offset = offsetof(struct icf6_conf, member)
#define OPTION(word, key, opt, text)					\
	{ word, key, ICF6_IN_CONFIG, ICF6_BIT, CONF(options),		\
	  ICF6_OPT_##opt, 0, NULL, text }
#define ICMP(word, key, opt, text)					\
	{ word, key, ICF6_IN_ICMP, ICF6_BIT, CONF(icmp),		\
	  ICF6_ICMP_##opt, 0, NULL, text }

const struct icf6_setting icf6_settings[] = {
	OPTION("enabled", "enabled", ENABLED, "filter, or let all pass"),
	OPTION("p2p", "p2p", P2P, "open 3540 and 3587, accept replies"),
	OPTION("stealth", "stealth", STEALTH, "do not tell that nobody listens"),
	OPTION("icmpstrict", "icmp_strict", ICMP_STRICT,
	       "ICMPv6 errors need a flow"),
	OPTION("ipsec", "ipsec", IPSEC, "accept AH, ESP, UDP 500 and 4500"),
	OPTION("mip6", "mip6", MIP6, "accept Mobile IPv6"),
	OPTION("mcastreply", "mcast_reply", MCAST_REPLY,
	       "accept replies to own multicast for 3 s"),
	OPTION("mdns", "mdns", MDNS, "accept multicast DNS"),
	OPTION("ssdp", "ssdp", SSDP, "accept SSDP"),
	OPTION("forward", "forward", FORWARD, "filter what is forwarded"),
	OPTION("lock", "lock", LOCK, "keep the module loaded"),
	OPTION("orderafter", "order_after", ORDER_AFTER,
	       "come after other filters"),
	OPTION("bogons", "bogons", BOGONS, "drop forbidden sources"),
	OPTION("edgeula", "edge_ula", EDGE_ULA,
	       "let unique local addresses pass edge devices"),
	{ "edgedefault", "edge_default", ICF6_IN_CONFIG, ICF6_CHOICE,
	  CONF(edge_default), 0, 0, edge_choices,
	  "edge devices, for new ports" },
	{ "edgemark", "edge_mark", ICF6_IN_CONFIG, ICF6_NUMBER,
	  CONF(edge_mark), 0, UINT32_MAX, NULL,
	  "mark of sockets that consent, for edge=app" },
	{ "reject", "reject", ICF6_IN_CONFIG, ICF6_CHOICE, CONF(reject),
	  0, 0, rejects, "what is answered, 6 s later" },
	{ "mcastboundary", "mcast_boundary", ICF6_IN_CONFIG, ICF6_NUMBER,
	  CONF(mcast_boundary), 0, 15, NULL,
	  "highest multicast scope that is not forwarded" },
	{ "grace", "grace", ICF6_IN_CONFIG, ICF6_NUMBER, CONF(grace), 0,
	  86400, NULL, "seconds for connections older than the firewall" },
	ICMP("echorequest", "echo_request", ECHO_REQUEST,
	     "in: echo requests (128)"),
	ICMP("destunreach", "dest_unreach", DEST_UNREACH,
	     "out: destination unreachable (1)"),
	ICMP("toobig", "too_big", TOO_BIG, "out: packet too big (2)"),
	ICMP("timeexceeded", "time_exceeded", TIME_EXCEEDED,
	     "out: time exceeded (3)"),
	ICMP("paramproblem", "param_problem", PARAM_PROBLEM,
	     "out: parameter problem (4)"),
	ICMP("redirect", "redirect", REDIRECT, "in: redirects (137)"),
	{ "drops", "drops", ICF6_IN_LOGGING, ICF6_BIT, CONF(log),
	  ICF6_LOG_DROPS, 0, NULL, "log dropped packets" },
	{ "opens", "opens", ICF6_IN_LOGGING, ICF6_BIT, CONF(log),
	  ICF6_LOG_OPENS, 0, NULL, "log connections" },
	{ "rate", "rate", ICF6_IN_LOGGING, ICF6_NUMBER, CONF(log_rate), 0,
	  1000000, NULL, "records a second, 0 sets no limit" },
	{ "burst", "burst", ICF6_IN_LOGGING, ICF6_NUMBER, CONF(log_burst), 0,
	  1000000, NULL, "records at once" },
	{ "file", "file", ICF6_IN_LOGGING, ICF6_PATH, CONF(log_file), 0, 0,
	  NULL, "the log" },
	{ "size", "size", ICF6_IN_LOGGING, ICF6_NUMBER, CONF(log_size), 0,
	  1 << 22, NULL, "KiB, then it becomes FILE.1; 0 sets no limit" },
};

const size_t icf6_n_settings = P6_ARRAY_SIZE(icf6_settings);

/* The first two are how a switch is written. */
const char *const icf6_switches[] = {
	"no", "yes", "off", "on", "disable", "enable", NULL
};

int icf6_fail(struct icf6_error *e, enum p6_code code, const char *what, ...)
{
	va_list args;

	e->code = code;
	e->why[0] = '\0';
	va_start(args, what);
	vsnprintf(e->what, sizeof(e->what), what, args);
	va_end(args);
	return -1;
}

int icf6_fail_why(struct icf6_error *e, const char *why, ...)
{
	va_list args;

	va_start(args, why);
	vsnprintf(e->why, sizeof(e->why), why, args);
	va_end(args);
	return -1;
}

int icf6_fail_word(struct icf6_error *e, const char *kind, struct words words,
		   const char *given)
{
	size_t len = strlen(given);
	const char *nearest;
	char list[300];

	icf6_fail(e, P6_UNKNOWN_WORD, "unknown %s \"%.40s\"", kind, given);
	nearest = word_nearest(words, given, len);
	word_list(words, "", 0, list, sizeof(list));
	if (nearest)
		return icf6_fail_why(e, "Did you mean \"%s\"? Known: %s.",
				     nearest, list);
	return icf6_fail_why(e, "Known: %s.", list);
}

static struct words list_words(const char *const *list)
{
	size_t n = 0;

	while (list[n])
		n++;
	return (struct words){ list, n, sizeof(*list) };
}

static bool begins(const char *value, const char *word)
{
	return *value && !strncasecmp(value, word, strlen(value));
}

int icf6_switch_parse(const char *name, const char *value, bool *on,
		      struct icf6_error *e)
{
	int i = word_find(list_words(icf6_switches), value, strlen(value));

	if (i >= 0) {
		*on = i & 1;
		return 0;
	}
	icf6_fail(e, P6_BAD_VALUE, "%s=%.40s cannot be set", name, value);
	return icf6_fail_why(e, "%s is yes or no (also on, off, enable, disable).",
			     name);
}

int icf6_number_parse(const char *name, const char *value, uint32_t min,
		      uint32_t max, uint32_t *number, struct icf6_error *e)
{
	unsigned long long n = 0;
	char *end = NULL;

	if (isdigit((unsigned char)*value)) {
		errno = 0;
		n = strtoull(value, &end, !strncasecmp(value, "0x", 2) ? 16 :
			     10);
	}
	if (end && !*end && !errno && n >= min && n <= max) {
		*number = n;
		return 0;
	}
	icf6_fail(e, P6_BAD_VALUE, "%s=%.40s cannot be set", name, value);
	return icf6_fail_why(e, "%s is a number from %u to %u.", name, min,
			     max);
}

int icf6_edge_parse(const char *value, uint8_t *edge, struct icf6_error *e)
{
	int i = word_find(WORDS(icf6_edges), value, strlen(value));

	if (i < 0)
		return icf6_fail_word(e, "edge value", WORDS(icf6_edges),
				      value);
	*edge = i;
	return 0;
}

/* Labels come back in lists, in files and in logs: one line of UTF-8. */
int icf6_label_check(const char *label, struct icf6_error *e)
{
	size_t len = strlen(label), i;

	if (len > ICF6_LABEL_MAX) {
		icf6_fail(e, P6_BAD_VALUE, "the name \"%.20s...\" is too long",
			  label);
		return icf6_fail_why(e, "A port's name has at most %d bytes, this one has %zu.",
				     ICF6_LABEL_MAX, len);
	}
	for (i = 0; i < len; i++)
		if ((unsigned char)label[i] < 0x20 || label[i] == 0x7f)
			break;
	if (i == len && peer6_utf8_to_utf16(label, len, NULL, 0) >= 0 &&
	    (!len || (label[0] != ' ' && label[len - 1] != ' ')))
		return 0;
	icf6_fail(e, P6_BAD_VALUE, "the name of the port cannot be stored");
	return icf6_fail_why(e, "A port's name is one line of UTF-8, without spaces around it.");
}

int icf6_dev_check(const char *name, struct icf6_error *e)
{
	size_t len = strlen(name), i;

	for (i = 0; i < len; i++)
		if (strchr("/:%[]", name[i]) || (unsigned char)name[i] <= 0x20)
			break;
	if (len && i == len && len < IFNAMSIZ && strcmp(name, ".") &&
	    strcmp(name, ".."))
		return 0;
	icf6_fail(e, P6_BAD_VALUE, "dev=%.40s is no device", name);
	return icf6_fail_why(e, "A device's name has 1 to %d characters, of which none is a space or one of / : %% [ ].",
			     IFNAMSIZ - 1);
}

int icf6_proto_parse(const char *value, bool both, uint8_t *proto,
		     struct icf6_error *e)
{
	static const struct {
		const char *word;
		uint8_t proto;
	} protos[] = { { "tcp", 6 }, { "udp", 17 }, { "both", 0 } };
	struct words words = WORDS(protos);
	int i;

	if (!both)
		words.n--;
	i = word_find(words, value, strlen(value));
	if (i < 0)
		return icf6_fail_word(e, "protocol", words, value);
	*proto = protos[i].proto;
	return 0;
}

static uint32_t *number_of(const struct icf6_setting *s,
			   struct icf6_conf *conf)
{
	return (uint32_t *)((char *)conf + s->offset);
}

uint32_t icf6_setting_value(const struct icf6_setting *s,
			    const struct icf6_conf *conf)
{
	uint32_t value = *number_of(s, (struct icf6_conf *)conf);

	return s->kind == ICF6_BIT ? !!(value & s->bit) : value;
}

bool icf6_setting_in_file(const struct icf6_setting *s)
{
	return s->offset != offsetof(struct icf6_conf, grace);
}

static void put_value(const struct icf6_setting *s, struct icf6_conf *conf,
		      uint32_t value)
{
	uint32_t *number = number_of(s, conf);

	if (s->kind != ICF6_BIT)
		*number = value;
	else
		*number = (*number & ~s->bit) | (value ? s->bit : 0);
}

static int parse_path(const struct icf6_setting *s, const char *value,
		      struct icf6_conf *conf, struct icf6_error *e)
{
	size_t len = strlen(value), i;

	for (i = 0; i < len; i++)
		if ((unsigned char)value[i] < 0x20)
			break;
	if (*value == '/' && i == len && len < ICF6_PATH_MAX &&
	    value[len - 1] != '/' && value[len - 1] != ' ') {
		strcpy((char *)conf + s->offset, value);
		return 0;
	}
	icf6_fail(e, P6_BAD_VALUE, "%s=%.40s cannot be set", s->word, value);
	return icf6_fail_why(e, "%s is an absolute path of at most %d bytes.",
			     s->word, ICF6_PATH_MAX - 1);
}

int icf6_setting_parse(const struct icf6_setting *s, const char *value,
		       struct icf6_conf *conf, struct icf6_error *e)
{
	struct icf6_conf standard;
	uint32_t number;
	bool on;
	int i;

	if (begins(value, "default") && strlen(value) > 3) {
		icf6_conf_init(&standard);
		if (s->kind == ICF6_PATH)
			strcpy(conf->log_file, standard.log_file);
		else
			put_value(s, conf, icf6_setting_value(s, &standard));
		return 0;
	}
	switch (s->kind) {
	case ICF6_BIT:
		if (icf6_switch_parse(s->word, value, &on, e))
			return -1;
		put_value(s, conf, on);
		return 0;
	case ICF6_NUMBER:
		if (icf6_number_parse(s->word, value, 0, s->max, &number, e))
			return -1;
		put_value(s, conf, number);
		return 0;
	case ICF6_CHOICE:
		i = word_find(list_words(s->choices), value, strlen(value));
		if (i < 0)
			return icf6_fail_word(e, s->word,
					      list_words(s->choices), value);
		put_value(s, conf, i);
		return 0;
	case ICF6_PATH:
		break;
	}
	return parse_path(s, value, conf, e);
}

const char *icf6_setting_text(const struct icf6_setting *s,
			      const struct icf6_conf *conf, char *buf,
			      size_t size)
{
	uint32_t value;

	if (s->kind == ICF6_PATH)
		return (const char *)conf + s->offset;
	value = icf6_setting_value(s, conf);
	if (s->kind == ICF6_BIT)
		return icf6_switches[value];
	if (s->kind == ICF6_CHOICE && value < list_words(s->choices).n)
		return s->choices[value];
	snprintf(buf, size, s->offset == offsetof(struct icf6_conf, edge_mark) ?
		 "0x%x" : "%u", value);
	return buf;
}

static const struct icf6_setting *icmp_setting(const char *key)
{
	size_t i;

	for (i = 0; i < icf6_n_settings; i++)
		if (icf6_settings[i].section == ICF6_IN_ICMP &&
		    !strcasecmp(icf6_settings[i].word, key))
			return &icf6_settings[i];
	return NULL;
}

int icf6_dev_setting_parse(struct icf6_dev_conf *dev, const char *key,
			   const char *value, struct icf6_error *e)
{
	const struct icf6_setting *icmp = icmp_setting(key);
	bool on;

	if (icmp && begins(value, "inherit")) {
		dev->icmp_set &= ~icmp->bit;
		dev->icmp &= ~icmp->bit;
		return 0;
	}
	if (!strcasecmp(key, "edge") && begins(value, "auto")) {
		dev->edge = ICF6_EDGE_AUTO;
		return 0;
	}
	if (icf6_switch_parse(key, value, &on, e)) {
		if (icmp)
			return icf6_fail_why(e, "%s is yes, no or inherit.",
					     key);
		if (!strcasecmp(key, "edge"))
			return icf6_fail_why(e, "edge is yes, no or auto.");
		return -1;
	}
	if (icmp) {
		dev->icmp_set |= icmp->bit;
		dev->icmp = (dev->icmp & ~icmp->bit) | (on ? icmp->bit : 0);
	} else if (!strcasecmp(key, "edge")) {
		dev->edge = on;
	} else {
		dev->firewalled = on;
	}
	return 0;
}

bool icf6_dev_is_default(const struct icf6_dev_conf *dev)
{
	return dev->firewalled && dev->edge == ICF6_EDGE_AUTO &&
	       !dev->icmp_set;
}

void icf6_conf_init(struct icf6_conf *conf)
{
	memset(conf, 0, sizeof(*conf));
	conf->options = ICF6_OPT_ENABLED | ICF6_OPT_ICMP_STRICT |
			ICF6_OPT_BOGONS;
	conf->icmp = ICF6_ICMP_TOO_BIG;
	conf->log_rate = 100;
	conf->log_burst = 200;
	conf->mcast_boundary = 8;
	conf->log_size = ICF6_LOG_SIZE;
	strcpy(conf->log_file, ICF6_LOG_PATH);
}

void icf6_conf_free(struct icf6_conf *conf)
{
	free(conf->ports);
	free(conf->devs);
	conf->ports = NULL;
	conf->devs = NULL;
	conf->n_ports = conf->n_devs = 0;
}

/* Grows by doubling: @n is the capacity whenever it is a power of two. */
static void *grow(void *array, size_t n, size_t size)
{
	if (n && (n & (n - 1)))
		return array;
	return reallocarray(array, n ? 2 * n : 1, size);
}

struct icf6_port_conf *icf6_conf_add_port(struct icf6_conf *conf)
{
	struct icf6_port_conf *ports;

	ports = grow(conf->ports, conf->n_ports, sizeof(*ports));
	if (!ports)
		return NULL;
	conf->ports = ports;
	ports += conf->n_ports++;
	memset(ports, 0, sizeof(*ports));
	return ports;
}

struct icf6_dev_conf *icf6_conf_add_dev(struct icf6_conf *conf,
					const char *name)
{
	struct icf6_dev_conf *devs;

	devs = grow(conf->devs, conf->n_devs, sizeof(*devs));
	if (!devs)
		return NULL;
	conf->devs = devs;
	devs += conf->n_devs++;
	memset(devs, 0, sizeof(*devs));
	snprintf(devs->name, sizeof(devs->name), "%s", name);
	devs->firewalled = true;
	devs->edge = ICF6_EDGE_AUTO;
	return devs;
}

struct icf6_dev_conf *icf6_conf_dev(const struct icf6_conf *conf,
				    const char *name)
{
	size_t i;

	for (i = 0; i < conf->n_devs; i++)
		if (!strcmp(conf->devs[i].name, name))
			return &conf->devs[i];
	return NULL;
}

int icf6_port_cmp(const struct icf6_port_conf *a,
		  const struct icf6_port_conf *b)
{
	int dev;

	if (a->scope != b->scope)
		return a->scope < b->scope ? -1 : 1;
	dev = strcmp(a->dev, b->dev);
	if (dev)
		return dev;
	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	return (a->proto > b->proto) - (a->proto < b->proto);
}

/* What was said first comes first, so that a second one can be named. */
static int cmp_ports(const void *one, const void *two)
{
	const struct icf6_port_conf *a = one, *b = two;
	int cmp = icf6_port_cmp(a, b);

	if (cmp)
		return cmp;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return (a->origin > b->origin) - (a->origin < b->origin);
}

static int cmp_devs(const void *a, const void *b)
{
	return strcmp(((const struct icf6_dev_conf *)a)->name,
		      ((const struct icf6_dev_conf *)b)->name);
}

void icf6_conf_sort(struct icf6_conf *conf)
{
	if (conf->n_ports)
		qsort(conf->ports, conf->n_ports, sizeof(*conf->ports),
		      cmp_ports);
	if (conf->n_devs)
		qsort(conf->devs, conf->n_devs, sizeof(*conf->devs), cmp_devs);
}
