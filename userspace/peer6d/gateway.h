/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs peer6-portmap, for a bounded time, and hands over what it says. */
#ifndef PEER6D_GATEWAY_H
#define PEER6D_GATEWAY_H

#include <stdbool.h>
#include <stdint.h>

#include <netinet/in.h>
#include <uv.h>

#include "../portmap/portmap.h"

struct question;

/* Owned by the question, and there while gateway_done runs. */
struct gateway_answer {
	bool		ok;
	char		reason[24];	/* if not */
	char		why[PORTMAP_WHY_MAX];
	bool		asked;		/* nevertheless it may be there */
	enum portmap_protocol protocol;
	struct in_addr	external;
	uint16_t	port;
	uint32_t	lease;
	char		url[PORTMAP_URL_MAX];
	char		service[PORTMAP_SERVICE_MAX];
};

/* Runs once, out of the loop, unless the question was forgotten. */
typedef void (*gateway_done)(void *ctx, const struct gateway_answer *answer);

/* NULL: no memory. What else fails is an answer. */
struct question *gateway_ask(uv_loop_t *loop, const struct portmap_request *req,
			    unsigned int timeout_ms, gateway_done done,
			    void *ctx);
/* Nobody said anything: what was there may be there still. */
bool gateway_silent(const struct gateway_answer *answer);
/* Kills it; done is not called. */
void gateway_forget(struct question *q);

#endif
