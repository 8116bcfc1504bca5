/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_ICF6_RECORD_H
#define PEER6_ICF6_RECORD_H

#include <netlink/msg.h>

#include "icf6_log.h"

/* From a message of the group "log"; false: there is none in it. */
bool icf6_record_parse(struct nl_msg *msg, struct icf6_record *record);

/* Now, as in records. */
uint64_t icf6_record_now(void);

#endif
