/* SPDX-License-Identifier: GPL-2.0 */
/* Events for the group "events". All need icf6_net.lock. */
#ifndef _ICF6_NOTIFY_H
#define _ICF6_NOTIFY_H

#include "icf6.h"

void icf6_notify_conf(struct icf6_net *n);
void icf6_notify_dev(struct icf6_net *n, const struct icf6_dev *dev,
		     enum icf6_cmd cmd);
void icf6_notify_port(struct icf6_net *n, const struct icf6_port *port,
		      enum icf6_cmd cmd);
void icf6_notify_replace(struct icf6_net *n);

#endif
