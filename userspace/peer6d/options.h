/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said on the command line and in the environment. */
#ifndef PEER6D_OPTIONS_H
#define PEER6D_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "limits.h"

enum log_level {
	LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG,
};

/* Strings belong to argv or to the environment. */
struct options {
	const char	*config;
	bool		config_given;	/* then it has to be there */
	const char	*state;
	const char	*socket;
	const char	*user;
	const char	*group;		/* NULL: as peer6.conf, or "peer6" */
	int		port;		/* < 0: as peer6.conf, or 3540 */
	bool		no_multicast;
	bool		json;
	enum log_level	level;
	const char	*clouds[CLOUDS_MAX];
	unsigned int	n_clouds;
	const char	*seeds[SEEDS_MAX];
	unsigned int	n_seeds;
	bool		check;
};

/*
 * The command line goes before the environment. Returns < 0 to go on, else the
 * exit status: 0 after --help and --version, 2 for what is wrong (said
 * already).
 */
int options_read(struct options *opt, int argc, char **argv);

/* An error in the house's form, on stderr. @todo may be NULL. */
void complain(const char *what, const char *reason, const char *why,
	      const char *todo);

#endif
