/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firewall's configuration as a value: what the kernel says, what a file
 * says, what a command changes. Nothing here talks to anybody.
 */
#ifndef PEER6_ICF6_CONF_H
#define PEER6_ICF6_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <net/if.h>

#include <linux/icf6.h>

#include "peer6.h"

#define ICF6_CONF_PATH	"/etc/peer6/icf6.conf"
#define ICF6_LOG_PATH	"/var/log/peer6/pfirewall-v6.log"

#define ICF6_PATH_MAX	1024		/* with the NUL */
#define ICF6_LOG_SIZE	4096		/* KiB, as Windows has it since Vista */
#define ICF6_PORTS_MAX	(1 << 17)	/* what the kernel takes, too */
#define ICF6_DEVS_MAX	4096		/* of a file */

enum { ICF6_EDGE_AUTO = 2 };		/* by the kind of the device */

struct icf6_port_conf {
	uint8_t scope, proto, edge, origin;
	uint16_t port;
	bool edge_given;		/* else what edgedefault says */
	uint32_t owner;
	unsigned int line;		/* in a file */
	char dev[IFNAMSIZ];
	char label[ICF6_LABEL_MAX + 1];
};

struct icf6_dev_conf {
	char name[IFNAMSIZ];
	int ifindex;			/* 0 = not there */
	bool firewalled;
	uint8_t edge;			/* 0, 1, ICF6_EDGE_AUTO */
	bool edge_now;			/* what the kernel says */
	uint32_t icmp, icmp_set, icmp_effective;
};

/* Numbers are all of one type, so that one table describes them. */
struct icf6_conf {
	uint32_t options, icmp, log;
	uint32_t log_rate, log_burst;
	uint32_t edge_default, edge_mark;
	uint32_t reject;
	uint32_t grace, grace_left;	/* in no file: it runs from when set */
	uint32_t mcast_boundary;
	uint32_t log_size;		/* KiB; of the log writer, like the path */
	char log_file[ICF6_PATH_MAX];
	size_t n_ports, n_devs;
	struct icf6_port_conf *ports;
	struct icf6_dev_conf *devs;
};

enum icf6_section {
	ICF6_IN_CONFIG,
	ICF6_IN_ICMP,
	ICF6_IN_LOGGING,

	__ICF6_SECTION_MAX
};

/* One global setting: a tag of "set", a line of the file, a row of "show". */
struct icf6_setting {
	const char *word;
	const char *key;		/* in JSON */
	enum icf6_section section;
	enum {
		ICF6_BIT,
		ICF6_NUMBER,
		ICF6_CHOICE,
		ICF6_PATH,
	} kind;
	size_t offset;			/* in struct icf6_conf */
	uint32_t bit;
	uint32_t max;
	const char *const *choices;
	const char *text;
};

extern const struct icf6_setting icf6_settings[];
extern const size_t icf6_n_settings;
extern const char *const icf6_sections[__ICF6_SECTION_MAX];
extern const char *const icf6_scopes[__ICF6_SCOPE_MAX];
extern const char *const icf6_edges[__ICF6_EDGE_MAX];
extern const char *const icf6_origins[__ICF6_ORIGIN_MAX];
extern const char *const icf6_dirs[__ICF6_DIR_MAX];
extern const char *const icf6_switches[];	/* see icf6_switch_parse() */

/* The grace period is in no file, and no file can be in the kernel. */
bool icf6_setting_in_file(const struct icf6_setting *s);

/* Why a value is none: a code and two lines. */
struct icf6_error {
	enum p6_code code;
	unsigned int line;		/* of a file, from 1; 0 = no line */
	char what[200];
	char why[400];
};

/* Each gives 0, or -1 and fills @e. */
int icf6_fail(struct icf6_error *e, enum p6_code code, const char *what, ...)
	P6_PRINTF(3);
int icf6_fail_why(struct icf6_error *e, const char *why, ...) P6_PRINTF(2);
int icf6_fail_word(struct icf6_error *e, const char *kind, struct words words,
		   const char *given);

int icf6_switch_parse(const char *name, const char *value, bool *on,
		      struct icf6_error *e);
int icf6_number_parse(const char *name, const char *value, uint32_t min,
		      uint32_t max, uint32_t *number, struct icf6_error *e);
int icf6_edge_parse(const char *value, uint8_t *edge, struct icf6_error *e);
int icf6_label_check(const char *label, struct icf6_error *e);
int icf6_dev_check(const char *name, struct icf6_error *e);
/* 6, 17, or with @both 0 for both. */
int icf6_proto_parse(const char *value, bool both, uint8_t *proto,
		     struct icf6_error *e);

/* "default" is what it is after loading. */
int icf6_setting_parse(const struct icf6_setting *s, const char *value,
		       struct icf6_conf *conf, struct icf6_error *e);
/* @size: ICF6_PATH_MAX is always enough. */
const char *icf6_setting_text(const struct icf6_setting *s,
			      const struct icf6_conf *conf, char *buf,
			      size_t size);
uint32_t icf6_setting_value(const struct icf6_setting *s,
			    const struct icf6_conf *conf);

/* Of a device; "inherit" and "auto" are values, too. */
int icf6_dev_setting_parse(struct icf6_dev_conf *dev, const char *key,
			   const char *value, struct icf6_error *e);
bool icf6_dev_is_default(const struct icf6_dev_conf *dev);

/* As after loading: no ports, no devices. */
void icf6_conf_init(struct icf6_conf *conf);
void icf6_conf_free(struct icf6_conf *conf);

/* A new one, or NULL for lack of memory. */
struct icf6_port_conf *icf6_conf_add_port(struct icf6_conf *conf);
struct icf6_dev_conf *icf6_conf_add_dev(struct icf6_conf *conf,
					const char *name);
struct icf6_dev_conf *icf6_conf_dev(const struct icf6_conf *conf,
				    const char *name);

/* By scope, device, protocol and port; devices by name. */
void icf6_conf_sort(struct icf6_conf *conf);
int icf6_port_cmp(const struct icf6_port_conf *a,
		  const struct icf6_port_conf *b);

#endif
