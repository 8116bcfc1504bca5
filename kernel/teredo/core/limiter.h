/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
#ifndef _TEREDO_LIMITER_H
#define _TEREDO_LIMITER_H

#include "types.h"

/*
 * A token bucket as one number, the time at which it is full again (generic
 * cell rate algorithm): the bucket earns a token each @interval ns and holds
 * at most @burst of them. Returns false if it is empty; else takes one token
 * and stores the new time in *@next. *@full may start as 0. One word of state
 * lets callers share a bucket with a compare-and-exchange of *@full.
 */
static inline bool teredo_bucket_take(u64 full, u64 now, u64 interval,
				      u32 burst, u64 *next)
{
	u64 base = full > now ? full : now;

	if (base - now > interval * (burst - 1))
		return false;
	*next = base + interval;
	return true;
}

#endif /* _TEREDO_LIMITER_H */
