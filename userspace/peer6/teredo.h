/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_TEREDO_H
#define PEER6_TEREDO_H

#include "nl.h"

int teredo_set(struct p6 *p6, int argc, char **argv);
int teredo_show_state(struct p6 *p6, int argc, char **argv);
int teredo_show_peers(struct p6 *p6, int argc, char **argv);
int teredo_show_portmap(struct p6 *p6, int argc, char **argv);
int teredo_monitor(struct p6 *p6, int argc, char **argv);
int teredo_flush(struct p6 *p6, int argc, char **argv);

/* What to do about a refusal, where p6_nl_fail() did not say it. */
int teredo_fail_do(struct p6 *p6, const struct nl_answer *answer);

#endif
