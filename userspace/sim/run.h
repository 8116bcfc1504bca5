/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of peer6-sim: a cloud grows, settles, and is measured. */
#ifndef PEER6_SIM_RUN_H
#define PEER6_SIM_RUN_H

#include <stdio.h>

#include "sim.h"

#define RUN_LEVELS	16

struct run_options {
	struct sim_config	sim;
	uint32_t		nodes;
	double			join, settle, time;	/* seconds */
	uint64_t		resolves;
	double			vanish;		/* part, 0: none */
	double			churn;		/* part of the nodes an hour */
	double			sample;		/* seconds between samples */
	const char		*json, *plot, *matrix_file;
	bool			signatures, quiet;
};

/* What one measured phase gave. */
struct run_phase {
	const char		*name;
	uint32_t		nodes;
	double			seconds;
	struct sim_stats	stats;
	double			bytes_per_node_hour, datagrams_per_node_hour;
	double			memory_mean;	/* as malloc() counts it */
	size_t			memory_max;	/* of one node, as it counts */
	double			cached, levels, level[RUN_LEVELS];
	double			cloud_ids;	/* median of the estimates */
};

struct run_result {
	struct run_phase	phases[2];
	unsigned int		n_phases;
	double			wall;
	size_t			rss_peak;
	double			sign_rate, verify_rate;
};

/* 0, or negative after a message on stderr. */
int run(const struct run_options *options, struct run_result *result);
/* Signs and verifies records of the real kind for a second each. */
int run_signatures(struct run_result *result);

/* report.c */
void report_text(const struct run_options *options,
		 const struct run_result *result);
int report_json(const struct run_options *options,
		const struct run_result *result);
/* Files of a --plot directory; NULL after a message. */
FILE *report_open(const char *dir, const char *name);
int report_plots(const struct run_options *options,
		 const struct run_result *result);
int report_nodes(const struct run_options *options, const struct sim *sim);

/* main.c: the three lines of an error. @why and @todo may be NULL. */
void fail(const char *code, const char *what, const char *why,
	  const char *todo);

#endif
