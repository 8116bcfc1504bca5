/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TEREDO_NETLINK_H
#define _TEREDO_NETLINK_H

#include "peer.h"

/* Multicast to TEREDO_MCGRP_EVENTS of the device's namespace; no-ops without listeners. */
void teredo_notify_dev(struct teredo_dev *t, enum teredo_cmd cmd);
/* Bottom halves off; @peer under RCU. */
void teredo_notify_peer(struct teredo_dev *t, struct teredo_peer *peer,
			enum teredo_peer_event event);

/* What a device says of itself, in one piece. */
struct teredo_status {
	enum teredo_state state;
	enum teredo_nat nat;
	enum teredo_reason error;
	bool	has_addr;
	struct in6_addr addr;
	struct teredo_endpoint mapped;
	struct teredo_endpoint portmap;
	struct teredo_endpoint local;
	u64	heard;
};

void teredo_status_get(struct teredo_dev *t, struct teredo_status *s);

int teredo_netlink_init(void);
void teredo_netlink_exit(void);

#endif /* _TEREDO_NETLINK_H */
