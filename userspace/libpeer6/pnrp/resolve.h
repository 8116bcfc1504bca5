/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What resolve.c and search.c share. */
#ifndef PEER6_LIB_PNRP_RESOLVE_H
#define PEER6_LIB_PNRP_RESOLVE_H

#include "engine.h"

void p6_hop_free(struct peer6_pnrp *node, struct p6_hop *hop);
void p6_hops_clear(struct peer6_pnrp *node, struct p6_hop **stack);
/*
 * @ep was asked. When no more have room, the oldest after the first goes, as in
 * p6_path_add().
 */
void p6_resolve_passed(struct peer6_pnrp *node, struct p6_resolve *r,
		       const struct peer6_endpoint *ep);
/* Sends the first message, or ends @r. */
void p6_search_begin(struct peer6_pnrp *node, struct p6_resolve *r);

#endif
