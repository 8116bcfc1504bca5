/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_TEREDO_DEV_H
#define PEER6_TEREDO_DEV_H

#include "nl.h"
#include "teredo_parse.h"

struct teredo_genl {
	struct nl_sock *sk;
	int family;				/* 0: no module, so no devices */
};

int teredo_genl_open(struct p6 *p6, struct teredo_genl *genl);
/* Loads the module if it is not there: without it there is nothing to hear. */
int teredo_genl_need(struct p6 *p6, struct teredo_genl *genl);
void teredo_genl_close(struct teredo_genl *genl);

/* A request of the family, which may name a device. */
struct nl_msg *teredo_genl_request(const struct teredo_genl *genl, int cmd,
				   int flags, const char *dev);

/*
 * Calls @each for every device or for @dev; a missing @dev is an error. What
 * @each returns other than 0 ends the walk.
 */
int teredo_devs(struct p6 *p6, const struct teredo_genl *genl,
		const char *dev,
		int (*each)(const struct teredo_dev *dev, void *arg),
		void *arg);

/* What programs read about a device, with neither counters nor schema. */
json_t *teredo_dev_json(const struct teredo_dev *dev);

void teredo_json_addr(json_t *object, const char *key,
		      const struct teredo_addr *addr);
void teredo_json_age(json_t *object, const char *key, int64_t ms);

/* "direct", "opening" or "idle". */
const char *teredo_peer_path(const struct teredo_peer *peer);

#endif
