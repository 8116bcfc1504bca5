// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <peer6/base.h>
#include <peer6/pnrp_wire.h>

#include "../portmap/protocol.h"
#include "config.h"

static int wrong(struct config_error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return PEER6_E_VALUE;
}

static char *trim(char *s)
{
	char *end;

	while (*s == ' ' || *s == '\t')
		s++;
	end = s + strlen(s);
	while (end > s && strchr(" \t\r\n", end[-1]))
		end--;
	*end = '\0';
	return s;
}

static int take_bool(bool *out, const char *value, struct config_error *error)
{
	if (!strcmp(value, "yes"))
		*out = true;
	else if (!strcmp(value, "no"))
		*out = false;
	else
		return wrong(error, "\"%.40s\" is neither yes nor no", value);
	return 0;
}

static int take_cloud(struct config *conf, const char *value,
		      struct config_error *error)
{
	bool known = !strcmp(value, "global") || !strcmp(value, "link") ||
		     (!strncmp(value, "link:", 5) && value[5] &&
		      strlen(value + 5) < IFNAMSIZ);

	/* The names that users see are fine too where they are constant. */
	if (!strcmp(value, "Global_")) {
		value = "global";
		known = true;
	}
	if (!known)
		return wrong(error,
			     "\"%.40s\" is not global, link or link:IFNAME",
			     value);
	if (conf->n_clouds == CLOUDS_MAX)
		return wrong(error, "more than %d clouds", CLOUDS_MAX);
	snprintf(conf->clouds[conf->n_clouds++], CLOUD_KEY_MAX, "%s", value);
	return 0;
}

static int take_seed(struct config *conf, const char *value,
		     struct config_error *error)
{
	if (!value[0] || strlen(value) >= SEED_TEXT_MAX || strchr(value, ' '))
		return wrong(error, "\"%.40s\" is no host", value);
	if (conf->n_seeds == SEEDS_MAX)
		return wrong(error, "more than %d seeds", SEEDS_MAX);
	strcpy(conf->seeds[conf->n_seeds++], value);
	return 0;
}

static int take_port(struct config *conf, const char *value,
		     struct config_error *error)
{
	char *end;
	long port = strtol(value, &end, 10);

	if (end == value || *end || port <= 1024 || port > 65535)
		return wrong(error, "\"%.40s\" is no port of 1025 to 65535",
			     value);
	conf->port = (int)port;
	return 0;
}

static int take_rate(struct config *conf, const char *value,
		     struct config_error *error)
{
	char *end;
	long rate = strtol(value, &end, 10);

	if (end == value || *end || rate < 1 || rate > RATE_MAX)
		return wrong(error, "\"%.40s\" is no rate of 1 to %d", value,
			     RATE_MAX);
	conf->rate_source = (unsigned int)rate;
	return 0;
}

static int take_open(struct config *conf, const char *value,
		     struct config_error *error)
{
	if (!strcmp(value, "always"))
		conf->on_demand = false;
	else if (!strcmp(value, "on-demand"))
		conf->on_demand = true;
	else
		return wrong(error, "\"%.40s\" is not always or on-demand",
			     value);
	return 0;
}

static int take_pnrp(struct config *conf, const char *key, const char *value,
		     struct config_error *error)
{
	if (!strcmp(key, "seed"))
		return take_seed(conf, value, error);
	if (!strcmp(key, "cloud"))
		return take_cloud(conf, value, error);
	if (!strcmp(key, "port"))
		return take_port(conf, value, error);
	if (!strcmp(key, "multicast"))
		return take_bool(&conf->multicast, value, error);
	if (!strcmp(key, "open"))
		return take_open(conf, value, error);
	if (!strcmp(key, "publish-temporary"))
		return take_bool(&conf->publish_temporary, value, error);
	if (!strcmp(key, "rate-source"))
		return take_rate(conf, value, error);
	return wrong(error,
		     "[pnrp] has no \"%.40s\", only seed, cloud, port, multicast, open, publish-temporary, rate-source",
		     key);
}

static int take_lease(struct config *conf, const char *value,
		      struct config_error *error)
{
	char *end;
	long lease = strtol(value, &end, 10);

	if (end == value || *end || lease < PORTMAP_LEASE_MIN_S ||
	    lease > PORTMAP_LEASE_MAX_S)
		return wrong(error, "\"%.40s\" is no time of %d to %d seconds",
			     value, PORTMAP_LEASE_MIN_S, PORTMAP_LEASE_MAX_S);
	conf->port_mapping_lease = (unsigned int)lease;
	return 0;
}

static int take_teredo(struct config *conf, const char *key, const char *value,
		       struct config_error *error)
{
	if (!strcmp(key, "port-mapping-lease"))
		return take_lease(conf, value, error);
	if (strcmp(key, "port-mapping"))
		return wrong(error,
			     "[teredo] has no \"%.40s\", only port-mapping, port-mapping-lease",
			     key);
	if (!strcmp(value, "auto"))
		conf->port_mapping = PORTMAP_ANY;
	else
		conf->port_mapping = portmap_protocol_parse(value);
	if (!conf->port_mapping && strcmp(value, "off"))
		return wrong(error,
			     "\"%.40s\" is not auto, nat-pmp, pcp, upnp or off",
			     value);
	return 0;
}

static int take_access(struct config *conf, const char *key, const char *value,
		       struct config_error *error)
{
	if (!strcmp(key, "group")) {
		if (!value[0] || strlen(value) >= sizeof(conf->group))
			return wrong(error, "\"%.40s\" is no group", value);
		strcpy(conf->group, value);
		return 0;
	}
	if (!strcmp(key, "resolve")) {
		if (!strcmp(value, "everyone"))
			conf->everyone_resolves = true;
		else if (!strcmp(value, "group"))
			conf->everyone_resolves = false;
		else
			return wrong(error,
				     "\"%.40s\" is not group or everyone",
				     value);
		return 0;
	}
	return wrong(error, "[access] has no \"%.40s\", only group, resolve",
		     key);
}

static int take_line(struct config *conf, char *section, char *line,
		     struct config_error *error)
{
	char *eq, *end;

	line = trim(line);
	if (!line[0] || line[0] == '#' || line[0] == ';')
		return 0;
	if (line[0] == '[') {
		end = strchr(line, ']');
		if (!end || end[1])
			return wrong(error, "a section is [NAME]");
		*end = '\0';
		if (strcmp(line + 1, "pnrp") && strcmp(line + 1, "teredo") &&
		    strcmp(line + 1, "access"))
			return wrong(error,
				     "there is no section [%.40s], only [pnrp], [teredo] and [access]",
				     line + 1);
		strcpy(section, line + 1);
		return 0;
	}
	eq = strchr(line, '=');
	if (!eq)
		return wrong(error, "a line is KEY = VALUE");
	*eq = '\0';
	if (!strcmp(section, "pnrp"))
		return take_pnrp(conf, trim(line), trim(eq + 1), error);
	if (!strcmp(section, "teredo"))
		return take_teredo(conf, trim(line), trim(eq + 1), error);
	if (!strcmp(section, "access"))
		return take_access(conf, trim(line), trim(eq + 1), error);
	return wrong(error, "a section has to come first: [pnrp], [teredo] or [access]");
}

static int read_file(struct config *conf, FILE *file,
		     struct config_error *error)
{
	char line[CONFIG_LINE_MAX], section[16] = "";
	int ret;

	while (fgets(line, sizeof(line), file)) {
		error->line++;
		if (!strchr(line, '\n') && !feof(file))
			return wrong(error, "a line of over %d bytes",
				     CONFIG_LINE_MAX - 2);
		if (error->line > CONFIG_LINES_MAX)
			return wrong(error, "more than %d lines",
				     CONFIG_LINES_MAX);
		ret = take_line(conf, section, line, error);
		if (ret)
			return ret;
	}
	if (ferror(file)) {
		error->line = 0;
		wrong(error, "it cannot be read: %s", strerror(errno));
		return PEER6_E_IO;
	}
	return 0;
}

static int apply_options(struct config *conf, const struct options *opt,
			 struct config_error *error)
{
	unsigned int i;
	int ret = 0;

	error->line = 0;
	if (opt->port > 0)
		conf->port = opt->port;
	if (opt->no_multicast)
		conf->multicast = false;
	if (opt->group) {
		ret = take_access(conf, "group", opt->group, error);
		if (ret)
			return ret;
	}
	if (opt->n_clouds)
		conf->n_clouds = 0;
	for (i = 0; i < opt->n_clouds && !ret; i++)
		ret = take_cloud(conf, opt->clouds[i], error);
	for (i = 0; i < opt->n_seeds && !ret; i++)
		ret = take_seed(conf, opt->seeds[i], error);
	return ret;
}

int config_read(struct config *conf, const struct options *opt,
		struct config_error *error)
{
	FILE *file;
	int ret = 0;

	memset(conf, 0, sizeof(*conf));
	memset(error, 0, sizeof(*error));
	conf->port = PEER6_PNRP_PORT;
	conf->multicast = true;
	conf->port_mapping = PORTMAP_ANY;
	conf->port_mapping_lease = PORTMAP_LEASE_S;
	strcpy(conf->group, "peer6");
	file = fopen(opt->config, "re");
	if (file) {
		ret = read_file(conf, file, error);
		fclose(file);
	} else if (errno != ENOENT || opt->config_given) {
		wrong(error, "it cannot be opened: %s", strerror(errno));
		ret = PEER6_E_IO;
	}
	return ret ? ret : apply_options(conf, opt, error);
}

bool config_wants(const struct config *conf, const char *key)
{
	unsigned int i;

	for (i = 0; i < conf->n_clouds; i++) {
		if (!strcmp(conf->clouds[i], key))
			return true;
		if (!strcmp(conf->clouds[i], "link") &&
		    !strncmp(key, "link:", 5))
			return true;
	}
	return !conf->n_clouds;
}
