/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_ICF6_H
#define PEER6_ICF6_H

#include "icf6_genl.h"

int icf6_show_config(struct p6 *p6, int argc, char **argv);
int icf6_show_globalport(struct p6 *p6, int argc, char **argv);
int icf6_show_adapter(struct p6 *p6, int argc, char **argv);
int icf6_show_icmp(struct p6 *p6, int argc, char **argv);
int icf6_show_logging(struct p6 *p6, int argc, char **argv);
int icf6_show_stats(struct p6 *p6, int argc, char **argv);
int icf6_show_flows(struct p6 *p6, int argc, char **argv);

int icf6_set_config(struct p6 *p6, int argc, char **argv);
int icf6_set_icmp(struct p6 *p6, int argc, char **argv);
int icf6_set_logging(struct p6 *p6, int argc, char **argv);
int icf6_set_adapter(struct p6 *p6, int argc, char **argv);
int icf6_set_globalport(struct p6 *p6, int argc, char **argv);
int icf6_p2p(struct p6 *p6, int argc, char **argv);
int icf6_reset(struct p6 *p6, int argc, char **argv);
int icf6_flush(struct p6 *p6, int argc, char **argv);
int icf6_attach(struct p6 *p6, int argc, char **argv);
int icf6_detach(struct p6 *p6, int argc, char **argv);

int icf6_add_port(struct p6 *p6, int argc, char **argv);
int icf6_add_ignore(struct p6 *p6, int argc, char **argv);
int icf6_delete_port(struct p6 *p6, int argc, char **argv);
int icf6_delete_ignore(struct p6 *p6, int argc, char **argv);

int icf6_save(struct p6 *p6, int argc, char **argv);
int icf6_restore(struct p6 *p6, int argc, char **argv);
int icf6_check(struct p6 *p6, int argc, char **argv);

int icf6_monitor(struct p6 *p6, int argc, char **argv);
int icf6_logd(struct p6 *p6, int argc, char **argv);

/* Fails for @e, which names what was typed. */
int icf6_usage(struct p6 *p6, const struct icf6_error *e);

/*
 * Says what came of a command: @changed, and in words. @detail goes into the
 * JSON object, and is freed.
 */
int icf6_done(struct p6 *p6, bool changed, json_t *detail,
	      const char *words, ...) P6_PRINTF(4);

extern const char p6_help_icf6_show[];
extern const char p6_help_icf6_set[];
extern const char p6_help_icf6_ports[];
extern const char p6_help_icf6_state[];
extern const char p6_help_icf6_file[];
extern const char p6_help_icf6_monitor[];
extern const char p6_help_icf6_logd[];

#endif
