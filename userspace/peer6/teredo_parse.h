/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What messages of the netlink family "teredo" say; for the command and for
 * peer6d alike, so nothing of either is in here.
 */
#ifndef PEER6_TEREDO_PARSE_H
#define PEER6_TEREDO_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <net/if.h>
#include <netinet/in.h>

#include <linux/teredo.h>
#include <netlink/msg.h>

#define TEREDO_COUNTERS_MAX	64
#define TEREDO_DROPS_MAX	192

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
	struct teredo_addr portmap;		/* by a gateway */
	uint32_t extensions;			/* TEREDO_EXT_* */
	bool extensions_told;			/* else an older module */
	struct in6_addr address;		/* :: = none */
	int64_t server_age;			/* ms */
	size_t n_counters, n_drops;		/* drops: those that happened */
	struct teredo_counter counters[TEREDO_COUNTERS_MAX];
	struct teredo_counter drops[TEREDO_DROPS_MAX];
};

struct teredo_peer {
	struct in6_addr addr;
	struct teredo_addr via;
	uint32_t flags, queued;
	int64_t rx_age, tx_age;			/* ms */
	int event;				/* enum teredo_peer_event */
};

/* 0 for a reason that did not occur. */
uint64_t teredo_dev_drops(const struct teredo_dev *dev, const char *reason);

int teredo_dev_parse(struct nl_msg *msg, struct teredo_dev *dev);
/* false: the message holds no peer. */
bool teredo_peer_parse(struct nl_msg *msg, char *name, struct teredo_peer *peer);

/* "192.0.2.1:3544" */
#define TEREDO_ADDR_MAX	(INET_ADDRSTRLEN + 6)
const char *teredo_addr_text(const struct teredo_addr *addr, char *buf);

bool teredo_dev_qualified(const struct teredo_dev *dev);

#endif
