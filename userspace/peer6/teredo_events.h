/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_TEREDO_EVENTS_H
#define PEER6_TEREDO_EVENTS_H

#include "teredo_dev.h"

/* A socket that hears the family's events. */
struct teredo_events {
	struct nl_sock *sk;
	unsigned long seq;	/* of the last event; a jump = some were lost */
	bool lost;
	nl_recvmsg_msg_cb_t on_event;
	void *arg;
};

int teredo_events_open(struct p6 *p6, struct teredo_genl *genl,
		       struct teredo_events *events);
void teredo_events_close(struct teredo_events *events);

/* Until something arrives or @until, p6_now()'s clock; INFINITY = for ever. */
int teredo_events_wait(struct p6 *p6, struct teredo_events *events,
		       double until);

/* Hands what has arrived to on_event, if there is one. */
void teredo_events_drain(struct teredo_events *events);

#endif
