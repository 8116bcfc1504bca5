/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_TEREDO_LINK_H
#define PEER6_TEREDO_LINK_H

#include <net/if.h>

#include "nl.h"
#include "teredo_args.h"

/* A device as rtnetlink shows it. */
struct teredo_link {
	int ifindex;			/* 0 = there is none */
	char name[IFNAMSIZ];
	bool up;
	bool teredo;			/* its kind */
	struct nlattr *data[IFLA_TEREDO_MAX + 1];
	struct nl_msg *msg;		/* holds data */
};

int teredo_link_get(struct p6 *p6, struct nl_sock *sk, const char *name,
		    struct teredo_link *link);
void teredo_link_put(struct teredo_link *link);

int teredo_link_role(const struct teredo_link *link);

/* Does the device have this value already? A secret cannot be told. */
bool teredo_link_has(const struct teredo_link *link, int attr,
		     const struct teredo_value *value);

/*
 * Each is one request, which the kernel does wholly or not at all. 0 and a
 * filled @answer, or the exit status after p6_fail().
 */
int teredo_link_create(struct p6 *p6, struct nl_sock *sk,
		       const struct teredo_args *args,
		       struct nl_answer *answer);
int teredo_link_change(struct p6 *p6, struct nl_sock *sk, int ifindex,
		       const struct teredo_args *args,
		       struct nl_answer *answer);
int teredo_link_delete(struct p6 *p6, struct nl_sock *sk, int ifindex,
		       struct nl_answer *answer);
int teredo_link_up(struct p6 *p6, struct nl_sock *sk, int ifindex, bool up,
		   struct nl_answer *answer);
int teredo_link_rename(struct p6 *p6, struct nl_sock *sk, int ifindex,
		       const char *name, struct nl_answer *answer);

#endif
