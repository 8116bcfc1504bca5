/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_PNRP_DECODE_H
#define PEER6_PNRP_DECODE_H

#include "peer6.h"

/* "FILE [port=N]": the PNRP messages of a capture, field by field. */
int p6_pnrp_decode_run(struct p6 *p6, int argc, char **argv);
extern const char p6_help_pnrp_decode[];

#endif
