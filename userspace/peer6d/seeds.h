/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hosts that users name: the seeds of the global cloud, kept resolved, and the
 * host of a single call.
 */
#ifndef PEER6D_SEEDS_H
#define PEER6D_SEEDS_H

#include <uv.h>

#include "cloud.h"

struct daemon;
struct seeds;

int seeds_new(struct seeds **out, struct daemon *d);
void seeds_free(struct seeds *seeds);
/* peer6.conf was read anew. */
void seeds_reload(struct seeds *seeds);
/* Tells a cloud's engine of them, if it is the global one. */
void seeds_apply(struct seeds *seeds, struct cloud *cloud);
/* Starts a conversation with one of them, by chance. See cloud_greet(). */
void seeds_greet(struct seeds *seeds, struct cloud *cloud);

/* The i-th: its text, and its endpoints now (n), or why there is none. */
struct seed_view {
	const char			*text;
	const struct peer6_endpoint	*endpoints;
	unsigned int			n;
	int				error;
	const char			*words;	/* of the resolver; or NULL */
};
bool seeds_get(const struct seeds *seeds, unsigned int i,
	       struct seed_view *view);

/*
 * Resolves one host: "name", "name:port", "2001:db8::1", "[2001:db8::1]:port".
 * Link-local addresses get the cloud's link, whatever zone is said; the done
 * callback runs once, never within the call, unless it was canceled.
 */
struct lookup;
typedef void (*lookup_done)(void *ctx, int error, const char *words,
			    const struct peer6_endpoint *ep, unsigned int n);
int lookup_new(struct lookup **out, uv_loop_t *loop, const char *host,
	       enum peer6_pnrp_scope scope, uint32_t index, lookup_done done,
	       void *ctx);
void lookup_cancel(struct lookup *lookup);

#endif
