/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_TEREDO_ARGS_H
#define PEER6_TEREDO_ARGS_H

#include <stdint.h>
#include <net/if.h>
#include <netinet/in.h>

#include <linux/teredo.h>

#include "peer6.h"

struct teredo_value {
	bool given;
	uint16_t len;
	uint8_t data[255];
};

/* What "peer6 teredo set" was told, before names are resolved. */
struct teredo_args {
	char dev[IFNAMSIZ];
	bool type_given;
	bool disabled;			/* type=disabled */
	const char *server;		/* name or address */
	bool virtual_given;
	struct in_addr virtual_ip;	/* servervirtualip */
	bool server2_default;
	struct teredo_value attr[IFLA_TEREDO_MAX + 1];
	uint32_t given;			/* by row of the table of tags */
};

/* Netsh's rules: tagged or in order, abbreviated, "default" resets. */
int teredo_args_parse(struct p6 *p6, struct teredo_args *args, int argc,
		      char **argv);

void teredo_value_set(struct teredo_args *args, int attr, const void *data,
		      size_t len);

/*
 * Turns the server's name into IFLA_TEREDO_SERVER and, unless that was given,
 * SERVER2, the address after it. @role is what the device is or shall be, @now
 * the server that it has (0.0.0.0: none).
 */
int teredo_args_resolve(struct p6 *p6, struct teredo_args *args, int role,
			struct in_addr now);

/* Only "dev=NAME" and, with @rest, one word without a tag. */
int teredo_dev_args(struct p6 *p6, int argc, char **argv, char *dev,
		    const char **rest);

#endif
