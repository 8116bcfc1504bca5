/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the daemon share. One thread, one loop. */
#ifndef PEER6D_DAEMON_H
#define PEER6D_DAEMON_H

#include <sys/types.h>

#include <uv.h>

#include "cloud.h"
#include "config.h"
#include "event.h"
#include "links.h"
#include "options.h"

struct daemon {
	uv_loop_t		*loop;
	struct options		opt;
	struct config		conf;
	struct events		*events;
	struct links		*links;
	struct store		*store;
	struct keys		*keys;
	struct ssdp		*ssdp;
	struct seeds		*seeds;
	struct registrations	*registrations;
	struct portmaps		*portmaps;
	struct server		*server;
	struct cloud		*clouds;	/* the global one first */
	uv_timer_t		clock;
	int64_t			clock_offset;	/* wall - monotonic, ns */
	uv_timer_t		leave;
	uint64_t		leave_deadline;	/* uv_now() */
	uint64_t		started;	/* uv_hrtime() */
	bool			stopping;
};

/* Ends the loop, politely. */
void daemon_stop(struct daemon *d);
/* PEER6_E_VALUE or _IO with *error: then nothing has changed. */
int daemon_reload(struct daemon *d, struct config_error *error);

/* 100 ns since 1601, now; and from that to milliseconds since 1970. */
peer6_filetime filetime_now(void);
int64_t filetime_to_unix_ms(peer6_filetime t);

#endif
