/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
#ifndef _TEREDO_EXT_H
#define _TEREDO_EXT_H

#include "ports.h"
#include "trailer.h"

enum teredo_ext_limits {
	/*
	 * Each indirect bubble has a new nonce, and the answers to the one
	 * before may still be under way. RFC 6081 keeps one alone.
	 */
	TEREDO_NONCE_BEFORE_S	= 2,
	/* Wrong ones in that time, after which none is right: 32 bits. */
	TEREDO_NONCE_GUESSES	= 16,
	/* Without any use: a little more than all attempts take. */
	TEREDO_EXT_KEEP_S	= 10,
};

/*
 * What is known of a peer by RFC 6081, beside its path. It is there while the
 * path is being opened, and as long as a random port is in use for it.
 */
struct teredo_path_ext {
	u32	nonce;			/* Nonce Sent; 0 = none */
	u32	nonce_before;
	u32	nonce_peer;		/* Nonce Received; 0 = none */
	u8	guesses;
	u8	n_alternates;
	u64	nonce_at;		/* of @nonce */
	u64	keep;			/* not in use any more from then on */
	u64	deadline;		/* teredo_path_ext_tick(), TEREDO_NEVER = none */
	struct teredo_endpoint alternate[TEREDO_ALTERNATES];
	struct teredo_ports ports;
};

/* When the next call of teredo_path_ext_tick() is due. */
static inline u64 teredo_ext_due(const struct teredo_path_ext *ext)
{
	return ext->deadline < ext->keep ? ext->deadline : ext->keep;
}

/* The path's, old or new; NULL if there is none to be had. */
struct teredo_path_ext *teredo_ext_get(const struct teredo_env *env,
				       struct teredo_path *path, bool stranger,
				       u64 now);
void teredo_ext_put(const struct teredo_env *env, struct teredo_path *path);

/* For an indirect bubble that is about to be sent. */
u32 teredo_ext_nonce(const struct teredo_env *env, struct teredo_path_ext *ext,
		     u64 now);
/* Was @nonce sent to the peer? Wrong ones are counted. */
bool teredo_ext_proves(struct teredo_path_ext *ext, u32 nonce, u64 now);
/* It proved a mapping, and proves no other one. */
void teredo_ext_spent(struct teredo_path_ext *ext);

bool teredo_ext_is_alternate(const struct teredo_path_ext *ext,
			     struct teredo_endpoint e);

#endif /* _TEREDO_EXT_H */
