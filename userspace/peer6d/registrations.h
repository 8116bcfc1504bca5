/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that users of this host want published, and what of that is published
 * in which cloud at the moment. A registration is for one cloud or for all
 * there are and will be ("*"); where a user has both, the one for the cloud
 * counts there.
 */
#ifndef PEER6D_REGISTRATIONS_H
#define PEER6D_REGISTRATIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>
#include <peer6/name.h>
#include <peer6/pnrp_engine.h>

#include "cloud.h"

struct daemon;
struct signer;
struct registrations;

#define COMMENT_UNITS_MAX	39	/* of UTF-16 */

struct wanted_app {
	bool		automatic;	/* the host's addresses */
	uint8_t		addr[16];
	uint16_t	port, protocol;
};

/* One registration in one cloud, as the engine has it. */
struct published {
	struct published	*next;
	struct cloud		*cloud;
	uint32_t		handle;		/* 0: not published */
	int			error;		/* why not */
	struct peer6_pnrp_app	apps[PEER6_PNRP_APP_MAX];
	uint8_t			n_apps;
};

struct registration {
	struct registration	*next;
	int64_t			id;
	uid_t			uid;
	char			selector[CLOUD_KEY_MAX];	/* or "*" */
	struct peer6_name	name;
	char			text[PEER6_NAME_SIZE];
	uint8_t			p2p_id[PEER6_P2P_ID_LEN];
	char			identity[PEER6_NAME_SIZE];	/* or "" */
	struct signer		*signer;
	struct wanted_app	apps[PEER6_PNRP_APP_MAX];
	uint8_t			n_apps;
	uint8_t			comment[2 * COMMENT_UNITS_MAX];	/* UTF-16LE */
	uint8_t			n_comment;			/* bytes */
	uint32_t		payload_type;			/* 0: none */
	uint8_t			*payload;	/* as on the wire */
	uint16_t		n_payload;
	bool			has_prefix;
	uint8_t			prefix[8];
	bool			transient;
	const void		*owner;		/* of a transient one */
	json_t			*request;	/* what it was made of */
	struct published	*published;
};

/* The first 64 bits of "2001:db8::/64" or of an address. */
bool prefix_parse(uint8_t prefix[8], const char *text);
/* A peer name, or a host name under pnrp.net. As peer6_name_parse(). */
int name_or_host_parse(struct peer6_name *name, const char *text);

/* What was wrong with a request: the member, and in words. */
struct request_error {
	const char	*member;
	char		words[160];
};

int registrations_new(struct registrations **out, struct daemon *d);
void registrations_free(struct registrations *list);
/* What the store has; each that cannot be used is logged and left there. */
int registrations_load(struct registrations *list);

/*
 * A registration out of the members of Register(): name, applications, comment,
 * payload_string, payload_binary, prefix; and uid, cloud (the selector),
 * registered_at. In no list yet. PEER6_E_INVAL with *error, what
 * peer6_name_parse() returns, what keys_signer_get() returns, or PEER6_E_NOMEM.
 */
int registration_parse(struct registration **out, struct daemon *d,
		       json_t *request, struct request_error *error);
void registration_free(struct registration *reg);

/*
 * Takes @reg into the list and publishes it; replaces the same user's of the
 * same name and selector ("*" replaces all of them), whose id it gets. On an
 * error nothing has changed and @reg is still the caller's: PEER6_E_LIMIT, or
 * the store's.
 */
int registrations_add(struct registrations *list, struct registration *reg);
/* Revokes and forgets. On an error (the store's) nothing has changed. */
int registrations_remove(struct registrations *list, struct registration *reg);
/* The registration without one cloud; it stays for the others there are. */
int registrations_remove_in(struct registrations *list,
			    struct registration *reg, struct cloud *cloud);

struct registration *registrations_first(const struct registrations *list);
unsigned int registrations_count(const struct registrations *list);
/* What of it is in a cloud; NULL: it is not meant for it. */
struct published *registration_in(const struct registration *reg,
				  const struct cloud *cloud);
/* Whether this registration is meant for that cloud. */
bool registrations_wants(const struct registrations *list,
			 const struct registration *reg,
			 const struct cloud *cloud);

/* Addresses or clouds changed. */
void registrations_addresses(struct registrations *list);
void registrations_cloud_gone(struct registrations *list, struct cloud *cloud);
void registrations_owner_gone(struct registrations *list, const void *owner);
/* Unregisters everything from the clouds, and keeps it in the store. */
void registrations_leave(struct registrations *list);

#endif
