// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "teredo_events.h"

static int no_events(struct p6 *p6, int err)
{
	p6_fail(p6, P6_FAILED, "cannot listen to the teredo module's events");
	return p6_fail_why(p6, "Netlink: %s.", nl_geterror(err));
}

int teredo_events_open(struct p6 *p6, struct teredo_genl *genl,
		       struct teredo_events *events)
{
	int group, err;

	memset(events, 0, sizeof(*events));
	err = teredo_genl_need(p6, genl);
	if (err)
		return err;
	err = p6_nl_open(p6, NETLINK_GENERIC, &events->sk);
	if (err)
		return err;
	group = genl_ctrl_resolve_grp(events->sk, TEREDO_GENL_NAME,
				      TEREDO_MCGRP_EVENTS);
	err = group < 0 ? group : nl_socket_add_membership(events->sk, group);
	if (!err)
		err = nl_socket_set_nonblocking(events->sk);
	if (err) {
		teredo_events_close(events);
		return no_events(p6, err);
	}
	/* Events carry no sequence numbers of ours. */
	nl_socket_disable_seq_check(events->sk);
	nl_socket_set_buffer_size(events->sk, 1 << 20, 0);
	return 0;
}

void teredo_events_close(struct teredo_events *events)
{
	nl_socket_free(events->sk);
	events->sk = NULL;
}

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

int teredo_events_wait(struct p6 *p6, struct teredo_events *events,
		       double until)
{
	struct pollfd fd = { nl_socket_get_fd(events->sk), POLLIN, 0 };
	struct sigaction action = { .sa_handler = on_signal };
	struct timespec left = { 0 };
	sigset_t block, before;
	double seconds;
	int n;

	/* Let in only while waiting: an interrupt cannot fall in between. */
	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, &before);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigdelset(&before, SIGINT);
	sigdelset(&before, SIGTERM);

	seconds = until - p6_now();
	if (isfinite(until) && seconds > 0) {
		left.tv_sec = seconds;
		left.tv_nsec = (seconds - left.tv_sec) * 1e9;
	}
	n = ppoll(&fd, 1, isfinite(until) ? &left : NULL, &before);
	if (n >= 0)
		return 0;
	if (errno == EINTR && interrupted) {
		p6_fail(p6, P6_INTERRUPTED, "interrupted");
		return p6_fail_why(p6, "A signal ended the wait.");
	}
	if (errno == EINTR)
		return 0;
	p6_fail(p6, P6_FAILED, "cannot wait for events");
	return p6_fail_why(p6, "poll: %s.", strerror(errno));
}

static int ignore(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

void teredo_events_drain(struct teredo_events *events)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int err;

	if (!cb)
		return;
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, ignore, NULL);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM,
		  events->on_event ? events->on_event : ignore, events->arg);
	do {
		err = nl_recvmsgs(events->sk, cb);
		/* ENOBUFS: the kernel had to throw some away. */
		if (err == -NLE_NOMEM) {
			events->seq++;
			events->lost = true;
		}
	} while (err >= 0 || err == -NLE_NOMEM);
	nl_cb_put(cb);
}
