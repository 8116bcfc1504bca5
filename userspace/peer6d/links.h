/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links and IPv6 addresses of this host, followed by rtnetlink. Each message
 * of the kernel only says "look again": what counts is a whole dump, so that a
 * lost message (ENOBUFS) costs nothing.
 */
#ifndef PEER6D_LINKS_H
#define PEER6D_LINKS_H

#include <stdbool.h>
#include <stdint.h>

#include <net/if.h>
#include <uv.h>

#include "limits.h"

struct links;

struct host_link {
	uint32_t	index;
	char		name[IFNAMSIZ];
	bool		up;
	bool		multicast;
};

struct host_address {
	uint8_t		addr[16];
	uint32_t	index;
	uint8_t		prefix_len;
	bool		link_local;
	bool		temporary;	/* RFC 8981 */
	bool		deprecated;
};

/* Links in the order of the index; addresses that can be bound to. */
struct host {
	struct host_link	*links;
	unsigned int		n_links;
	struct host_address	*addresses;
	unsigned int		n_addresses;
};

/* Runs in the loop, soon after something changed, never within links_new(). */
typedef void (*links_changed)(void *ctx, const struct host *host);

/* 0 or PEER6_E_NOMEM, PEER6_E_IO (errno). */
int links_new(struct links **out, uv_loop_t *loop, links_changed changed,
	      void *ctx);
/* The last dump; its arrays stay until the next one. */
const struct host *links_host(const struct links *links);
/* Dumps again, soon. */
void links_look(struct links *links);
/* Closes its handles; the memory goes when the loop has run. */
void links_free(struct links *links);

#endif
