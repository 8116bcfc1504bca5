/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ICF6_POLICY_H
#define _ICF6_POLICY_H

#include "icf6.h"

/* Makes what is configured count, and ends the generation. Needs the lock. */
void icf6_publish(struct icf6_net *n, bool ports_changed);

/* From here on no packet is judged; the hooks are gone already. */
void icf6_unpublish(struct icf6_net *n);

/* Never NULL. Under RCU. */
static inline const struct icf6_policy_dev *
icf6_policy_dev(const struct icf6_policy *p, u32 ifindex)
{
	u32 low = 0, high = p->n_devs, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (p->devs[mid].ifindex == ifindex)
			return &p->devs[mid];
		if (p->devs[mid].ifindex < ifindex)
			low = mid + 1;
		else
			high = mid;
	}
	return &p->other;
}

#endif
