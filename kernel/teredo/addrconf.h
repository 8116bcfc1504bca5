/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TEREDO_ADDRCONF_H
#define _TEREDO_ADDRCONF_H

#include "device.h"

struct teredo_addrconf {
	enum teredo_address_state state;
	struct in6_addr addr;
	bool	prefix_route;
	bool	default_route;
};

/*
 * Brings the device's IPv6 address and routes to @want. From the worker,
 * without the RTNL, which each step takes. 0, or a negative errno; what was
 * done is remembered in t->installed, so it can be called again.
 */
int teredo_addrconf_sync(struct teredo_dev *t, __be32 prefix,
			 const struct teredo_addrconf *want);

#endif /* _TEREDO_ADDRCONF_H */
