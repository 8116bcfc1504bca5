// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include <peer6/base.h>

#include "limits.h"
#include "teredo.h"

/*
 * The module may come and go. Its family then has another number, and those who
 * listened to the old one's events hear nothing; nlctrl tells of both.
 */
struct teredo {
	struct nl_sock		*events;	/* of the family, and of nlctrl */
	struct nl_sock		*routes;	/* IPv4 addresses and routes */
	struct nl_sock		*dumps;		/* blocking: answered at once */
	int			family;		/* 0: not known */
	uv_poll_t		poll_events;
	uv_poll_t		poll_routes;
	uv_timer_t		settle;
	unsigned int		handles;	/* still to be closed */
	struct teredo_watcher	watcher;
	struct teredo_dev	dev;		/* too much for a stack */
};

static int take_device(struct nl_msg *msg, void *ctx)
{
	struct teredo *t = ctx;

	if (!teredo_dev_parse(msg, &t->dev))
		t->watcher.device(t->watcher.ctx, &t->dev);
	return NL_OK;
}

/* True: the family is there, and its events are listened to. */
static bool find_family(struct teredo *t)
{
	int group;

	if (t->family)
		return true;
	group = genl_ctrl_resolve_grp(t->dumps, TEREDO_GENL_NAME,
				      TEREDO_MCGRP_EVENTS);
	if (group < 0 || nl_socket_add_membership(t->events, group) < 0)
		return false;
	t->family = genl_ctrl_resolve(t->dumps, TEREDO_GENL_NAME);
	if (t->family < 0)
		t->family = 0;
	return t->family;
}

static bool dump(struct teredo *t)
{
	struct nl_msg *msg;
	bool ok;

	if (!find_family(t))
		return true;
	msg = nlmsg_alloc();
	ok = msg && genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, t->family, 0,
				NLM_F_DUMP, TEREDO_CMD_DEV_GET,
				TEREDO_GENL_VERSION) &&
	     nl_send_auto(t->dumps, msg) >= 0 &&
	     nl_recvmsgs_default(t->dumps) >= 0;
	nlmsg_free(msg);
	if (!ok)
		t->family = 0;
	return ok;
}

static void on_settled(uv_timer_t *timer)
{
	struct teredo *t = timer->data;

	/* The module went in between: the next look finds that. */
	if (dump(t))
		t->watcher.done(t->watcher.ctx);
	else
		uv_timer_start(timer, on_settled, BIND_RETRY_MS, 0);
}

void teredo_look(struct teredo *t)
{
	if (!uv_is_active((uv_handle_t *)&t->settle))
		uv_timer_start(&t->settle, on_settled, TEREDO_SETTLE_MS, 0);
}

/* Peers come and go all the time, and change nothing for a device. */
static int take_event(struct nl_msg *msg, void *ctx)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	const struct genlmsghdr *genl = nlmsg_data(header);
	struct teredo *t = ctx;

	if (nlmsg_datalen(header) < (int)sizeof(*genl))
		return NL_OK;
	if (header->nlmsg_type == GENL_ID_CTRL)
		t->family = 0;
	else if (genl->cmd == TEREDO_CMD_PEER_NTF)
		return NL_OK;
	teredo_look(t);
	return NL_OK;
}

static int take_route(struct nl_msg *msg, void *ctx)
{
	(void)msg;
	(void)ctx;
	return NL_OK;
}

static void on_event(uv_poll_t *poll, int status, int events)
{
	struct teredo *t = poll->data;

	(void)status;
	(void)events;
	/* Some were lost: look again. */
	if (nl_recvmsgs_default(t->events) < 0)
		teredo_look(t);
}

static void on_route(uv_poll_t *poll, int status, int events)
{
	struct teredo *t = poll->data;

	(void)status;
	(void)events;
	nl_recvmsgs_default(t->routes);
	teredo_look(t);
}

static void free_now(struct teredo *t)
{
	nl_socket_free(t->events);
	nl_socket_free(t->routes);
	nl_socket_free(t->dumps);
	free(t);
}

static void on_closed(uv_handle_t *handle)
{
	struct teredo *t = handle->data;

	if (!--t->handles)
		free_now(t);
}

void teredo_free(struct teredo *t)
{
	if (!t)
		return;
	uv_close((uv_handle_t *)&t->poll_events, on_closed);
	uv_close((uv_handle_t *)&t->poll_routes, on_closed);
	uv_close((uv_handle_t *)&t->settle, on_closed);
}

static bool open_sockets(struct teredo *t)
{
	int group;

	nl_socket_disable_seq_check(t->events);
	nl_socket_disable_seq_check(t->routes);
	nl_socket_modify_cb(t->events, NL_CB_VALID, NL_CB_CUSTOM, take_event,
			    t);
	nl_socket_modify_cb(t->routes, NL_CB_VALID, NL_CB_CUSTOM, take_route,
			    t);
	nl_socket_modify_cb(t->dumps, NL_CB_VALID, NL_CB_CUSTOM, take_device,
			    t);
	if (nl_connect(t->events, NETLINK_GENERIC) < 0 ||
	    nl_connect(t->dumps, NETLINK_GENERIC) < 0 ||
	    nl_connect(t->routes, NETLINK_ROUTE) < 0 ||
	    nl_socket_set_nonblocking(t->events) < 0 ||
	    nl_socket_set_nonblocking(t->routes) < 0)
		return false;
	group = genl_ctrl_resolve_grp(t->dumps, "nlctrl", "notify");
	return group >= 0 && nl_socket_add_membership(t->events, group) >= 0 &&
	       nl_socket_add_memberships(t->routes, RTNLGRP_IPV4_IFADDR,
					 RTNLGRP_IPV4_ROUTE, RTNLGRP_LINK,
					 0) >= 0;
}

int teredo_new(struct teredo **out, uv_loop_t *loop,
	       const struct teredo_watcher *watcher)
{
	struct teredo *t = calloc(1, sizeof(*t));

	if (!t)
		return PEER6_E_NOMEM;
	t->watcher = *watcher;
	t->events = nl_socket_alloc();
	t->routes = nl_socket_alloc();
	t->dumps = nl_socket_alloc();
	if (!t->events || !t->routes || !t->dumps) {
		free_now(t);
		return PEER6_E_NOMEM;
	}
	if (!open_sockets(t)) {
		free_now(t);
		return PEER6_E_IO;
	}
	uv_poll_init(loop, &t->poll_events, nl_socket_get_fd(t->events));
	uv_poll_init(loop, &t->poll_routes, nl_socket_get_fd(t->routes));
	uv_timer_init(loop, &t->settle);
	t->handles = 3;
	t->poll_events.data = t;
	t->poll_routes.data = t;
	t->settle.data = t;
	uv_poll_start(&t->poll_events, UV_READABLE, on_event);
	uv_poll_start(&t->poll_routes, UV_READABLE, on_route);
	teredo_look(t);
	*out = t;
	return 0;
}
