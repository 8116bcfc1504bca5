/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ICF6_DEVICE_H
#define _ICF6_DEVICE_H

#include "icf6.h"

/* NULL if there is none. All of this needs icf6_net.lock. */
struct icf6_dev *icf6_dev_find(struct icf6_net *n, u32 ifindex);
struct icf6_dev *icf6_dev_find_name(struct icf6_net *n, const char *name);

/* As it is when the device comes. */
void icf6_dev_defaults(const struct icf6_dev *dev, struct icf6_dev_conf *conf);

/* Those that are there; needs RTNL, too. */
void icf6_devs_fill(struct icf6_net *n);
void icf6_devs_free(struct icf6_net *n);

int icf6_device_init(void);
void icf6_device_exit(void);

#endif
