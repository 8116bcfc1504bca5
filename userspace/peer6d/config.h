/* SPDX-License-Identifier: GPL-2.0-or-later */
/* peer6.conf: lines "key = value" in sections, see peer6.conf(5). */
#ifndef PEER6D_CONFIG_H
#define PEER6D_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include <net/if.h>

#include "limits.h"
#include "options.h"

struct config {
	/* [pnrp] */
	char		seeds[SEEDS_MAX][SEED_TEXT_MAX];
	unsigned int	n_seeds;
	char		clouds[CLOUDS_MAX][CLOUD_KEY_MAX];	/* none: all */
	unsigned int	n_clouds;
	int		port;
	bool		multicast;
	bool		on_demand;	/* open clouds when they are needed */
	bool		publish_temporary;	/* also privacy addresses */
	unsigned int	rate_source;	/* messages a second; 0: the standard */
	/* [teredo] */
	unsigned int	port_mapping;	/* enum portmap_protocol; 0: off */
	unsigned int	port_mapping_lease;	/* seconds */
	/* [access] */
	char		group[64];
	bool		everyone_resolves;
};

struct config_error {
	unsigned int	line;		/* 0: the file as a whole */
	char		text[200];
};

/*
 * What the file says, then what the options say over it. No file and none
 * asked for: the defaults. Returns 0, or PEER6_E_VALUE or PEER6_E_IO with
 * *error filled in and *conf of no use.
 */
int config_read(struct config *conf, const struct options *opt,
		struct config_error *error);

/* Whether a cloud of that key ("global", "link:eth0") is wanted. */
bool config_wants(const struct config *conf, const char *key);

#endif
