/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
#ifndef _ICF6_REASONS_H
#define _ICF6_REASONS_H

#include "types.h"

static inline bool icf6_reason_accepts(enum icf6_reason reason)
{
	return reason <= ICF6_REASON_OUTBOUND;
}

/* As in netlink and JSON; in words. */
const char *icf6_reason_name(enum icf6_reason reason);
const char *icf6_reason_text(enum icf6_reason reason);

#endif
