/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_TEREDO_DEV_H
#define PEER6_TEREDO_DEV_H

#include <stdint.h>
#include <net/if.h>
#include <netinet/in.h>

#include <linux/teredo.h>

#include "nl.h"

struct teredo_addr {
	bool known;
	struct in_addr ip;
	uint16_t port;
};

struct teredo_counter {
	char name[32];
	uint64_t value;
};

/* A device as the netlink family shows it; false or -1 = not told. */
struct teredo_dev {
	int ifindex;
	char name[IFNAMSIZ];
	unsigned int role, state, nat, error;
	char error_text[128];
	uint32_t refresh, peers, max_peers;
	struct in_addr server, server2;		/* 0.0.0.0 = none */
	struct teredo_addr local, mapped;
	struct in6_addr address;		/* :: = none */
	int64_t server_age;			/* ms */
	size_t n_counters, n_drops;		/* drops: those that happened */
	struct teredo_counter counters[64];
	struct teredo_counter drops[192];
};

struct teredo_peer {
	struct in6_addr addr;
	struct teredo_addr via;
	uint32_t flags, queued;
	int64_t rx_age, tx_age;			/* ms */
	int event;				/* enum teredo_peer_event */
};

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

/* 0 for a reason that did not occur. */
uint64_t teredo_dev_drops(const struct teredo_dev *dev, const char *reason);

int teredo_dev_parse(struct nl_msg *msg, struct teredo_dev *dev);
/* false: the message holds no peer. */
bool teredo_peer_parse(struct nl_msg *msg, char *name, struct teredo_peer *peer);

/* "192.0.2.1:3544" */
#define TEREDO_ADDR_MAX	(INET_ADDRSTRLEN + 6)
const char *teredo_addr_text(const struct teredo_addr *addr, char *buf);

bool teredo_dev_qualified(const struct teredo_dev *dev);

/* What programs read about a device, with neither counters nor schema. */
json_t *teredo_dev_json(const struct teredo_dev *dev);

void teredo_json_addr(json_t *object, const char *key,
		      const struct teredo_addr *addr);
void teredo_json_age(json_t *object, const char *key, int64_t ms);

/* "direct", "opening" or "idle". */
const char *teredo_peer_path(const struct teredo_peer *peer);

#endif
