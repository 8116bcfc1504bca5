/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
#ifndef _TEREDO_PATH_PORTS_H
#define _TEREDO_PATH_PORTS_H

#include "path.h"

/*
 * The random port (ports.h) in the life of a path. For path.c; what the device
 * calls is in path.h.
 */

/* Is there a random port, or one on its way? */
static inline bool teredo_path_port_used(const struct teredo_path *path)
{
	return path->ext && path->ext->ports.mode != TEREDO_PORTS_NONE;
}

/*
 * An indirect bubble is due to a peer that is not trusted, or was silent for
 * too long. False if it has to wait, for a port or for what it becomes outside;
 * teredo_path_port_bubbles() is called when it can go.
 */
bool teredo_path_port_ready(const struct teredo_self *self,
			    const struct teredo_env *env,
			    struct teredo_path *path, bool answer, u64 now);

/* An indirect bubble of the peer came, with the trailer @port (0: without). */
void teredo_path_port_heard(const struct teredo_self *self,
			    const struct teredo_env *env,
			    struct teredo_path *path, __be16 port, u64 now);

/*
 * A direct packet came that is good as far as addresses and nonces go: what it
 * says about the mapping. Data never makes it doubtful.
 */
enum teredo_ports_verdict
teredo_path_port_direct(const struct teredo_env *env, struct teredo_path *path,
			struct teredo_endpoint from, u16 slot, bool bubble,
			u64 now);

/* May a direct bubble go by the random port, and where to? */
bool teredo_path_port_target(const struct teredo_path *path,
			     struct teredo_endpoint *to, u16 *slot);

/* A direct bubble by the random port, if there is reason, and an indirect one. */
void teredo_path_port_bubbles(const struct teredo_self *self,
			      const struct teredo_env *env,
			      struct teredo_path *path, u64 now,
			      struct teredo_actions *act);

/* What came too early, and may be trusted now that the peer's nonce is there. */
bool teredo_path_port_seen(const struct teredo_path *path,
			   struct teredo_input *in);

/* What is to be advertised, or 0. */
static inline __be16 teredo_path_port_trailer(const struct teredo_path *path)
{
	return path->ext ? path->ext->ports.random : 0;
}

/* The attempts have failed, or the path is distrusted: it begins anew. */
void teredo_path_port_close(const struct teredo_env *env,
			    struct teredo_path *path);

/* teredo_path_ext_tick() for the port. */
void teredo_path_port_tick(const struct teredo_self *self,
			   const struct teredo_env *env,
			   struct teredo_path *path, u64 now,
			   struct teredo_actions *act);

#endif /* _TEREDO_PATH_PORTS_H */
