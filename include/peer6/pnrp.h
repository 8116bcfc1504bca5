/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The client of peer6d, for applications: publish names, resolve names, see the
 * clouds, keep identities. This is the API that most programs want; the engine
 * of peer6/pnrp_engine.h is for those who bring their own daemon.
 * Documentation/libpeer6.md has a table from PeerPnrp* and WSALookupService*.
 *
 * Text is UTF-8. Structures that a function gives are owned by the object that
 * the function names, and die with it. All lists may be empty, all strings but
 * those marked "or NULL" are never NULL.
 *
 * Threads: a client and its objects are used by one thread at a time; clients
 * know nothing of each other. Not to be used in the child of a fork().
 * Descriptors are close-on-exec. No signal is raised, no handler set.
 */
#ifndef PEER6_PNRP_H
#define PEER6_PNRP_H

#include <peer6/base.h>
#include <peer6/pnrp_engine.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Milliseconds. What a call other than a resolve waits for its answer. */
#define PEER6_CALL_TIMEOUT	30000
/* Seconds times 1000; [MS-PNRP] and PNRPINFO.dwTimeout have the same. */
#define PEER6_RESOLVE_TIMEOUT	30000
#define PEER6_RESOLVE_TIMEOUT_MAX	600000
#define PEER6_RESULTS_MAX	64

struct peer6_client;

/*
 * @path of the daemon's socket; NULL: $PEER6_SOCKET (not in a setuid program),
 * then /run/peer6/peer6.varlink. Connects when it is first needed, and again
 * when the daemon was restarted. 0 or PEER6_E_NOMEM.
 */
int peer6_client_new(struct peer6_client **client, const char *path);
/* Frees it and ends its transient registrations; NULL is fine. */
void peer6_client_free(struct peer6_client *client);
/* For all calls but resolves; < 0: no limit. */
void peer6_client_set_timeout(struct peer6_client *client, int ms);

/*
 * What the last function of @client that failed has to say, until the next one
 * is called: the daemon's words where it had some. error 0: nothing failed.
 */
struct peer6_fault {
	int		error;		/* what the function returned */
	const char	*reason;	/* for programs: "not-found" */
	const char	*message;	/* what failed */
	const char	*why;		/* with the measured fact */
	const char	*todo;		/* a command that may help, or "" */
	const char	*group;		/* that the caller would have to be in, or "" */
};

const struct peer6_fault *peer6_client_fault(const struct peer6_client *client);

/*
 * The functions below return 0 or an error of enum peer6_error: what the daemon
 * said, or PEER6_E_NO_DAEMON, _ACCESS (not in the group), _PROTOCOL (a daemon of
 * another version), _TIMEOUT, _IO (see errno), _NOMEM, or _VALUE for a text
 * that is not UTF-8.
 */

/* "peer6d" and what it is; the strings are the client's until the next call. */
int peer6_client_version(struct peer6_client *client, const char **program,
			 const char **version);

/* ---- Clouds ---- */

struct peer6_cloud {
	const char		*name;		/* "Global_" */
	enum peer6_pnrp_scope	scope;
	uint32_t		scope_id;	/* interface index, or 0 */
	const char		*interface;	/* its name, or NULL */
	enum peer6_pnrp_state	state;
	bool			resolve_only;
	bool			name_local;	/* the name is this host's only */
	uint16_t		port;
	unsigned int		n_addresses;	/* that are in use */
	uint32_t		cached;
	uint32_t		registered;
	double			nodes;		/* estimate; 0: not known */
};

struct peer6_clouds {
	size_t			n;
	const struct peer6_cloud *cloud;
};

/* All clouds of this host. *clouds is to be freed. */
int peer6_client_clouds(struct peer6_client *client,
			struct peer6_clouds **clouds);
void peer6_clouds_free(struct peer6_clouds *clouds);

/* ---- Resolving ---- */

/* What a name stands for. */
struct peer6_service {
	struct peer6_endpoint	endpoint;	/* may be put into sockaddr_in6 */
	uint8_t			protocol;	/* IPPROTO_TCP, IPPROTO_UDP, ... */
};

struct peer6_answer {
	const char		*cloud;
	const char		*name;		/* peer name */
	const char		*id;		/* 64 hexadecimal digits */
	/*
	 * The name contains the key that signed this. False: an unsecured
	 * name, which anybody may claim; owner tells one from the other.
	 */
	bool			secure;
	const char		*owner;		/* authority of the key, 40 digits */
	bool			local;		/* registered by this host */
	size_t			n_services;
	const struct peer6_service *service;
	const char		*comment;	/* or NULL */
	const char		*payload;	/* text, or NULL */
	const void		*blob;		/* binary payload, or NULL */
	size_t			n_blob;
	unsigned int		hops;
	double			took;		/* seconds */
};

enum peer6_nearness {
	PEER6_ANY,		/* PNRP_RESOLVE_CRITERIA_ANY_PEER_NAME */
	PEER6_NEAREST,
	PEER6_NEAREST64,
};

/* Zero is the default of each; grows at the end only. */
struct peer6_resolve_options {
	size_t			size;		/* sizeof() of this */
	const char		*cloud;		/* NULL: all of them at once */
	enum peer6_nearness	nearness;
	const char		*near_to;	/* a prefix, "2001:db8::/64" */
	bool			not_local;	/* leave out this host's own */
	unsigned int		max;		/* results, 1..64; 0: one */
	int			timeout_ms;	/* 0: PEER6_RESOLVE_TIMEOUT */
};

struct peer6_answers {
	size_t			n;		/* at least 1 */
	const struct peer6_answer *answer;
};

/*
 * Resolves a peer name or a host name under pnrp.net and waits for the end.
 * @options may be NULL. *answers is to be freed. PEER6_E_NOT_FOUND if nobody
 * publishes it, PEER6_E_TIMEOUT, PEER6_E_NO_ADDRESS (no network).
 */
int peer6_client_resolve(struct peer6_client *client, const char *name,
			 const struct peer6_resolve_options *options,
			 struct peer6_answers **answers);
void peer6_answers_free(struct peer6_answers *answers);

/*
 * The same without waiting, on a connection of its own. Poll its descriptor,
 * which stays the same, for peer6_lookup_events() and at most
 * peer6_lookup_timeout() ms; then call peer6_lookup_next() until it gives
 * nothing. Freeing it cancels the resolve, at any time. PEER6_E_BUSY: so many ask
 * the daemon that it does not even take the connection now.
 */
struct peer6_lookup;

int peer6_lookup_start(struct peer6_client *client, const char *name,
		       const struct peer6_resolve_options *options,
		       struct peer6_lookup **lookup);
void peer6_lookup_free(struct peer6_lookup *lookup);

int peer6_lookup_fd(const struct peer6_lookup *lookup);
short peer6_lookup_events(const struct peer6_lookup *lookup);
/* For poll(): never -1. */
int peer6_lookup_timeout(const struct peer6_lookup *lookup);

enum peer6_lookup_event {
	PEER6_LOOKUP_WAIT	= 0,	/* nothing now: poll */
	PEER6_LOOKUP_ANSWER	= 1,	/* *answer, which lives with the lookup */
	PEER6_LOOKUP_END	= 2,	/* no more; after one answer at least */
};

/*
 * One of enum peer6_lookup_event, or how it failed: negative, as
 * peer6_client_resolve(), and then peer6_lookup_fault() says more. After an end
 * or a failure it repeats itself.
 */
int peer6_lookup_next(struct peer6_lookup *lookup,
		      const struct peer6_answer **answer);
const struct peer6_fault *peer6_lookup_fault(const struct peer6_lookup *lookup);

/* ---- Publishing ---- */

#define PEER6_SERVICES_MAX	10

/* Zero is the default of each; grows at the end only. */
struct peer6_publication {
	size_t			size;		/* sizeof() of this */
	const char		*name;
	const char		*cloud;		/* NULL: all of them */
	/*
	 * At most PEER6_SERVICES_MAX. An address of zeros means this host's
	 * addresses, as they change. None: these with port 0.
	 */
	const struct peer6_service *service;
	size_t			n_services;
	const char		*comment;	/* up to 39 UTF-16 units, or NULL */
	const char		*payload;	/* text, or NULL, */
	const void		*blob;		/* or up to 4096 bytes */
	size_t			n_blob;
	const char		*near_to;	/* prefix of the location, or NULL */
	/*
	 * False: it ends with this client, as registrations of Windows do with
	 * their process. True: it stays, over restarts of the daemon, too.
	 */
	bool			keep;
};

struct peer6_registered {
	uint64_t		handle;
	const char		*name;
	const char		*host_name;	/* or NULL */
	const char		*cloud;
	bool			secure;
	const char		*id;		/* or NULL: not published now, */
	const char		*reason;	/* because of this, else NULL */
	bool			keep;
};

struct peer6_registrations {
	size_t			n;
	const struct peer6_registered *registered;
};

/*
 * Publishes. The same name again replaces the registration, whose ID stays: so
 * is it updated. *list, which may be asked for by a pointer that is not NULL,
 * is to be freed. PEER6_E_NOT_FOUND: the authority is of no identity of this
 * user.
 */
int peer6_client_register(struct peer6_client *client,
			  const struct peer6_publication *publication,
			  struct peer6_registrations **list);
/* Takes a name back, in one cloud or, with NULL, in all. */
int peer6_client_unregister(struct peer6_client *client, const char *name,
			    const char *cloud);
int peer6_client_unregister_handle(struct peer6_client *client,
				   uint64_t handle);
/* What this user has published. */
int peer6_client_registrations(struct peer6_client *client,
			       struct peer6_registrations **list);
void peer6_registrations_free(struct peer6_registrations *list);

/* ---- Identities ---- */

struct peer6_identity_info {
	const char		*name;		/* peer name */
	const char		*authority;
	const char		*classifier;
	const char		*friendly_name;
	const char		*host_name;	/* or NULL */
	bool			strong;		/* RSA-3072; cannot publish */
	unsigned int		key_bits;
	bool			is_default;
};

struct peer6_identities {
	size_t			n;
	const struct peer6_identity_info *identity;
};

void peer6_identities_free(struct peer6_identities *list);

/*
 * @identity: a peer name, its authority, or a friendly name that one identity
 * only has; NULL: the default one, where that is allowed. *list gets the one
 * that it is about, unless list is NULL, and is to be freed.
 */
int peer6_client_identities(struct peer6_client *client,
			    struct peer6_identities **list);
int peer6_client_identity_get(struct peer6_client *client,
			      const char *identity,
			      struct peer6_identities **list);
/* @classifier and @friendly_name may be NULL: empty, and the peer name. */
int peer6_client_identity_create(struct peer6_client *client,
				 const char *classifier,
				 const char *friendly_name, bool strong,
				 struct peer6_identities **list);
int peer6_client_identity_rename(struct peer6_client *client,
				 const char *identity,
				 const char *friendly_name);
/* Not for NULL: the key is gone for good. */
int peer6_client_identity_delete(struct peer6_client *client,
				 const char *identity);
int peer6_client_identity_set_default(struct peer6_client *client,
				      const char *identity);
/* The certificate, no secret. *xml is to be freed with peer6_text_free(). */
int peer6_client_identity_xml(struct peer6_client *client,
			      const char *identity, char **xml);
/* With the key, encrypted; @aes256: better, but not for old Windows. */
int peer6_client_identity_export(struct peer6_client *client,
				 const char *identity, const char *password,
				 bool aes256, char **xml);
int peer6_client_identity_import(struct peer6_client *client, const char *xml,
				 const char *password,
				 struct peer6_identities **list);
/*
 * Makes a peer name, and nothing else: of @identity (NULL: the default one) with
 * @classifier (NULL: its own), or with @unsecured 0.CLASSIFIER.
 */
int peer6_client_make_name(struct peer6_client *client, const char *identity,
			   const char *classifier, bool unsecured,
			   char **name);
/* Wipes and frees; NULL is fine. */
void peer6_text_free(char *text);

#ifdef __cplusplus
}
#endif

#endif
