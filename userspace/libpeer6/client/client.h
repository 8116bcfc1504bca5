/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PEER6_CLIENT_H
#define PEER6_CLIENT_H

#include <peer6/pnrp.h>

#include "varlink.h"

/* The daemon has to greet within this, or it hangs. */
#define CLIENT_GREETING_MS	5000

/* What failed last; the strings are copies. */
struct client_fault {
	struct peer6_fault	fault;
	char			*text;
};

struct peer6_client {
	char			*path;
	int			timeout;
	struct varlink		v;		/* fd < 0: not connected */
	unsigned int		late;		/* answers that nobody waits for */
	struct client_fault	fault;
	json_t			*version;	/* that the daemon greeted with */
};

/*
 * Notes what failed and returns it: of a reply, or of our own with a text of
 * peer6_strerror().
 */
int client_fail(struct client_fault *f, int error, const json_t *reply);
void client_fault_clear(struct client_fault *f);

/* A connection that has been greeted. */
int client_connect(struct peer6_client *client);

/*
 * Calls and waits. @parameters is stolen; NULL is what json_pack() gives for
 * text that is no UTF-8, or without memory. *reply, which may be NULL, is to be
 * released; its member "parameters" is there.
 */
int client_call(struct peer6_client *client, const char *method,
		json_t *parameters, json_t **reply);

/* Adds text unless it is NULL. False: it is not UTF-8, or no memory. */
bool client_put(json_t *object, const char *key, const char *text);
bool client_put_new(json_t *object, const char *key, json_t *value);

/* "" or NULL where there is no such text. */
const char *client_text(const json_t *object, const char *key);
const char *client_text_or_null(const json_t *object, const char *key);

/* One result of a resolve, and all that is allocated with it. */
int client_read_answer(struct peer6_answer *answer, const json_t *result);
void client_free_answer(struct peer6_answer *answer);

/* RFC 4648 section 4. NULL, or to be freed. */
char *client_base64(const void *data, size_t len);
void *client_unbase64(const char *text, size_t *len);

#endif
