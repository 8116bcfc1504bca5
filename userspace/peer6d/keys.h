/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys: the one of this host, which signs unsecured names, and the identities
 * of each user who calls, a store a user in the state folder.
 */
#ifndef PEER6D_KEYS_H
#define PEER6D_KEYS_H

#include <sys/types.h>

#include <peer6/identity.h>

struct keys;

/*
 * Reads the host's key or makes one. PEER6_E_KEY_ACCESS: others may read or
 * write it; PEER6_E_CORRUPT, _KEY, _IO (errno), _DISK_FULL, _CRYPTO, _NOMEM.
 */
int keys_new(struct keys **out, const char *state);
void keys_free(struct keys *keys);

const struct peer6_crypto *keys_crypto(struct keys *keys);

/* Open until the next call of this for another user. */
int keys_store(struct keys *keys, uid_t uid, struct peer6_store **store);

/*
 * Who signs for a name: the host's key for an unsecured one, else the identity
 * of that user with that authority (PEER6_E_NOT_FOUND, PEER6_E_PROFILE). *text
 * becomes its peer name, "" for the host's. Released by keys_signer_put().
 */
struct signer;
int keys_signer_get(struct keys *keys, uid_t uid,
		    const struct peer6_name *name, struct signer **out,
		    char text[PEER6_NAME_SIZE]);
void keys_signer_put(struct signer *signer);
const struct peer6_signer *signer_of(const struct signer *signer);

#endif
