/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ICF6_CONF_H
#define _ICF6_CONF_H

#include "icf6.h"

/* As after loading: everything firewalled and closed. */
void icf6_conf_defaults(struct icf6_conf *conf);

/* FW-90: for so many seconds from now. */
void icf6_conf_grace(struct icf6_conf *conf, u32 seconds);

/* Rounded up, so that 0 is the end. */
u32 icf6_conf_grace_left(const struct icf6_conf *conf);

#endif
