/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_ICF6_CT_H
#define PEER6_ICF6_CT_H

#include "icf6_flow.h"
#include "nl.h"

/* A socket that may list flows. */
int icf6_ct_open(struct p6 *p6, struct nl_sock **sk);
/* A socket that hears their end, without ever waiting. */
int icf6_ct_listen(struct p6 *p6, struct nl_sock **sk);

/* Each flow of IPv6 there is. */
int icf6_ct_list(struct p6 *p6, struct nl_sock *sk,
		 void (*each)(const struct icf6_flow_info *info, void *arg),
		 void *arg);

#endif
