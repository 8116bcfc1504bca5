/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TEREDO_CONFIG_H
#define _TEREDO_CONFIG_H

#include "device.h"

extern const struct nla_policy teredo_link_policy[IFLA_TEREDO_MAX + 1];

/*
 * A new configuration: @old (NULL at creation) with the attributes in @data
 * (NULL: none) applied. An error pointer, with @extack in words, if it would
 * not be a valid one. Sleeps.
 */
struct teredo_conf *teredo_conf_make(struct teredo_dev *t,
				     const struct teredo_conf *old,
				     struct nlattr *data[],
				     struct netlink_ext_ack *extack);
/* Nobody may use @conf any more. Sleeps. NULL is fine. */
void teredo_conf_free(struct teredo_conf *conf);

#endif /* _TEREDO_CONFIG_H */
