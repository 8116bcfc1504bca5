/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TEREDO_KEXT_H
#define _TEREDO_KEXT_H

#include "peer.h"

/*
 * What peers have of RFC 6081 while they are being opened, teredo_path_ext.
 * Each belongs to its path and is touched under peer->lock; the device's list
 * is how the worker finds those that are due.
 */
void teredo_exts_init(struct teredo_dev *t);

/* teredo_env.ext_alloc and ext_free, of a teredo_conf; peer->lock is held. */
struct teredo_path_ext *teredo_ext_alloc(void *ctx, struct teredo_path *path,
					 bool stranger);
void teredo_ext_free(void *ctx, struct teredo_path_ext *ext);
/* @peer->lock is held: it goes, and what it has with it. */
void teredo_ext_drop(struct teredo_dev *t, struct teredo_peer *peer);
/* @peer->lock is held: the worker has to look at it in time. */
void teredo_ext_wake(struct teredo_dev *t, const struct teredo_path_ext *ext);

/* The worker's: does what is due; returns when the next is. */
u64 teredo_exts_run(struct teredo_dev *t, u64 now);

#endif /* _TEREDO_KEXT_H */
