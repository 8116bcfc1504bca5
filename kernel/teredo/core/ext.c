// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
#include "path.h"

struct teredo_path_ext *teredo_ext_get(const struct teredo_env *env,
				       struct teredo_path *path, bool stranger,
				       u64 now)
{
	struct teredo_path_ext *ext = path->ext;

	if (!ext && env->ext_alloc) {
		ext = env->ext_alloc(env->ctx, path, stranger);
		if (ext)
			ext->deadline = TEREDO_NEVER;
		path->ext = ext;
	}
	if (ext)
		ext->keep = now + TEREDO_EXT_KEEP_S * TEREDO_SEC;
	return ext;
}

void teredo_ext_put(const struct teredo_env *env, struct teredo_path *path)
{
	struct teredo_path_ext *ext = path->ext;

	if (!ext)
		return;
	path->ext = NULL;
	env->ext_free(env->ctx, ext);
}

u32 teredo_ext_nonce(const struct teredo_env *env, struct teredo_path_ext *ext,
		     u64 now)
{
	ext->nonce_before = ext->nonce;
	env->random(env->ctx, &ext->nonce, sizeof(ext->nonce));
	/* 0 says that there is none. */
	if (!ext->nonce)
		ext->nonce = 1;
	ext->nonce_at = now;
	ext->guesses = 0;
	return ext->nonce;
}

bool teredo_ext_proves(struct teredo_path_ext *ext, u32 nonce, u64 now)
{
	if (!nonce || ext->guesses >= TEREDO_NONCE_GUESSES)
		return false;
	if (nonce == ext->nonce)
		return true;
	if (nonce == ext->nonce_before &&
	    now - ext->nonce_at < TEREDO_NONCE_BEFORE_S * TEREDO_SEC)
		return true;
	ext->guesses++;
	return false;
}

void teredo_ext_spent(struct teredo_path_ext *ext)
{
	ext->nonce = 0;
	ext->nonce_before = 0;
}

bool teredo_ext_is_alternate(const struct teredo_path_ext *ext,
			     struct teredo_endpoint e)
{
	unsigned int i;

	for (i = 0; i < ext->n_alternates; i++)
		if (teredo_endpoint_eq(ext->alternate[i], e))
			return true;
	return false;
}
