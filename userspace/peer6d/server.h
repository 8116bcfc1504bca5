/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Varlink server: JSON objects, each followed by a NUL byte, on a unix
 * stream socket. A connection has one call at a time, which may take long;
 * what comes meanwhile waits in the socket. Everything is bounded, and who
 * does not read is thrown out.
 */
#ifndef PEER6D_SERVER_H
#define PEER6D_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include <jansson.h>
#include <uv.h>

#include "event.h"

struct daemon;
struct server;
struct client;

/*
 * A call in progress. It ends with call_end(), call_reply(), or an error; what
 * works on longer leaves its undoing in abort, called once if the client goes
 * first (never from within a reply).
 */
struct call {
	struct daemon	*daemon;
	struct client	*client;
	json_t		*params;	/* an object */
	const char	*interface;
	const char	*name;		/* of the method, without interface */
	bool		more;
	bool		oneway;
	void (*abort)(void *op);
	void		*op;
};

/* What a method needs: nothing, the right to resolve, the group. */
enum call_right { RIGHT_NONE, RIGHT_RESOLVE, RIGHT_GROUP };

struct method {
	const char	*name;
	enum call_right	right;
	void (*run)(struct call *call);
};

struct interface {
	const char		*name;
	const char		*description;	/* the .varlink file */
	const struct method	*methods;
	unsigned int		n_methods;
};

extern const struct interface interface_service;
extern const struct interface interface_pnrp;
extern const struct interface interface_identity;
extern const struct interface interface_varlink;

/*
 * Listens on @path; a socket there that nobody listens on is replaced.
 * PEER6_E_IN_USE: somebody does; PEER6_E_IO (errno), PEER6_E_NOMEM.
 */
int server_new(struct server **out, struct daemon *d, const char *path);
void server_free(struct server *server);
/* The group of peer6.conf may have changed. */
void server_reload(struct server *server);
unsigned int server_clients(const struct server *server);
void server_event(void *server, enum event_kind kind, const char *cloud,
		  json_t *event);

/* Who calls. */
uid_t call_uid(const struct call *call);
bool call_is_admin(const struct call *call);	/* root or the daemon's user */

/* A reply with continues; @params is stolen (NULL: no memory). */
void call_part(struct call *call, json_t *params);
/* The last reply. The call is gone then. */
void call_reply(struct call *call, json_t *params);
/*
 * Ends it with an error of its interface, see Service.varlink: the class comes
 * from the reason. The texts may be NULL for what peer6_strerror() says and "".
 */
void call_fail(struct call *call, int error, const char *message,
	       const char *why, const char *todo);
/* An error of org.varlink.service; @params is stolen. */
void call_error(struct call *call, const char *error, json_t *params);
void call_bad_parameter(struct call *call, const char *name);

/* Members of the parameters. An absent or null one leaves *out as it is. */
enum arg_type {
	ARG_STRING, ARG_BOOL, ARG_INT, ARG_REAL, ARG_ARRAY, ARG_STRINGS
};

struct arg {
	const char	*name;
	enum arg_type	type;
	bool		required;
	void		*out;	/* const char **, int *, json_int_t *,
				 * double *, json_t **
				 */
};
/* False: something is wrong, or unknown, and has been answered. */
bool call_args(struct call *call, const struct arg *args, unsigned int n);

#endif
