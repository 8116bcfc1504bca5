/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Teredo devices of this host, and what is around them: followed by the
 * generic netlink family "teredo" and by rtnetlink. As in links.h each message
 * only says "look again", and what counts is a whole dump.
 */
#ifndef PEER6D_TEREDO_H
#define PEER6D_TEREDO_H

#include <uv.h>

#include "../peer6/teredo_parse.h"

struct teredo;

struct teredo_watcher {
	/* For each device that there is, then once at the end. */
	void	(*device)(void *ctx, const struct teredo_dev *dev);
	void	(*done)(void *ctx);
	void	*ctx;
};

/* 0 or PEER6_E_NOMEM, PEER6_E_IO. The first look comes out of the loop. */
int teredo_new(struct teredo **out, uv_loop_t *loop,
	       const struct teredo_watcher *watcher);
/* Dumps again, soon. */
void teredo_look(struct teredo *t);
/* Closes its handles; the memory goes when the loop has run. */
void teredo_free(struct teredo *t);

#endif
