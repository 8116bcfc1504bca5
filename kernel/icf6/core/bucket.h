/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
#ifndef _ICF6_BUCKET_H
#define _ICF6_BUCKET_H

#include "types.h"

/*
 * FW-42: @rate tokens a second, at most @burst at once. What is kept is the
 * time at which the bucket would be full again, so nothing has to be
 * refilled. Needs the caller's lock.
 */
struct icf6_bucket {
	u64	full;
};

static inline bool icf6_bucket_take(struct icf6_bucket *b, u32 rate, u32 burst,
				    u64 now)
{
	u64 each, from = b->full > now ? b->full : now;

	if (!rate)
		return true;
	each = (u32)ICF6_SEC / rate;
	if (from + each > now + each * burst)
		return false;
	b->full = from + each;
	return true;
}

#endif
