/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_ICF6_GENL_H
#define PEER6_ICF6_GENL_H

#include "icf6_conf.h"
#include "nl.h"

struct icf6_genl {
	struct nl_sock *sk;
	int family;
};

struct icf6_timeout {
	char name[64];
	uint32_t value, wanted;
};

/* What the kernel says of one namespace, at one time. */
struct icf6_state {
	bool attached;
	uint32_t generation;
	struct icf6_conf conf;
	size_t n_timeouts;
	struct icf6_timeout timeouts[32];
};

struct icf6_counter {
	unsigned int dir;
	bool accept;
	char name[32];
	char text[96];
	uint64_t value;
};

/* Of one device, or of the namespace: no name then. */
struct icf6_stats {
	char dev[IFNAMSIZ];
	uint64_t lost;
	size_t n;
	struct icf6_counter counters[__ICF6_DIR_MAX * (__ICF6_REASON_MAX + 32)];
};

/* Loads the module if it is not there. */
int icf6_genl_open(struct p6 *p6, struct icf6_genl *genl);
void icf6_genl_close(struct icf6_genl *genl);

/* A request of @size bytes of attributes; NULL for lack of memory. */
struct nl_msg *icf6_genl_request(const struct icf6_genl *genl, int cmd,
				 int flags, size_t size);

/* Sends what changes something; p6_fail() if the kernel refuses. */
int icf6_genl_do(struct p6 *p6, const struct icf6_genl *genl,
		 struct nl_msg *msg, const char *what);
/* The same, but leaves the answer to the caller. */
int icf6_genl_ask(struct p6 *p6, const struct icf6_genl *genl,
		  struct nl_msg *msg, struct nl_answer *answer);
int icf6_genl_fail(struct p6 *p6, const struct nl_answer *answer,
		   const char *what);

/*
 * The global part, and with @all devices and ports, which then are of the same
 * generation. To be freed by icf6_state_free(), also after an error.
 */
int icf6_state_get(struct p6 *p6, const struct icf6_genl *genl, bool all,
		   struct icf6_state *state);
void icf6_state_free(struct icf6_state *state);
/* Fails where the namespace is not filtered. */
int icf6_need_attached(struct p6 *p6, const struct icf6_state *state);
int icf6_no_device(struct p6 *p6, const char *dev);

/* Of @dev, of the namespace (""), or with @dev NULL of it and each device. */
int icf6_stats_get(struct p6 *p6, const struct icf6_genl *genl,
		   const char *dev,
		   int (*each)(const struct icf6_stats *stats, void *arg),
		   void *arg);

/* Messages that were told: events, too. False: there is none in it. */
bool icf6_parse_conf(struct nl_msg *msg, struct icf6_state *state);
bool icf6_parse_dev(struct nl_msg *msg, struct icf6_dev_conf *dev);
bool icf6_parse_port(struct nl_msg *msg, struct icf6_port_conf *port);

/* What a request says. Each gives < 0 for lack of room. */
int icf6_put_conf(struct nl_msg *msg, const struct icf6_conf *conf,
		  const struct icf6_conf *mask);
int icf6_put_dev(struct nl_msg *msg, const struct icf6_dev_conf *dev);
int icf6_put_port(struct nl_msg *msg, const struct icf6_port_conf *port);

#endif
