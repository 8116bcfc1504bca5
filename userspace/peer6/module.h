/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_MODULE_H
#define PEER6_MODULE_H

#include "peer6.h"

/* Loads a kernel module as modprobe does; 0, or the exit status. */
int p6_module_load(struct p6 *p6, const char *name);

#endif
