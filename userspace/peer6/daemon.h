/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_DAEMON_H
#define PEER6_DAEMON_H

#include "../libpeer6/client/varlink.h"
#include "peer6.h"

/*
 * Seconds. A daemon that lives greets at once; what it does then may take it
 * to look up names and to make keys.
 */
#define DAEMON_GREETING		5
#define DAEMON_PATIENCE		90

struct daemon {
	struct p6 *p6;
	struct varlink v;
};

/* Each returns 0, or the exit status after p6_fail(). */
int daemon_open(struct p6 *p6, struct daemon *d);
void daemon_close(struct daemon *d);

/* A call whose replies daemon_next() gives. @parameters is stolen. */
int daemon_start(struct daemon *d, const char *method, json_t *parameters);

/*
 * The next reply's parameters, a new reference; *last: it was the last one. At
 * the deadline (see varlink_deadline()) *parameters is NULL and 0 comes back.
 */
int daemon_next(struct daemon *d, int64_t deadline, json_t **parameters,
		bool *last);

/* One call with one reply, on a connection of its own. @parameters is stolen. */
int daemon_call(struct p6 *p6, const char *method, json_t *parameters,
		json_t **reply);

/* For -j: the reply with its schema in front. Steals @reply. */
int daemon_print(struct p6 *p6, const char *schema, json_t *reply);

/* Text that is sent has to be UTF-8; NULL is. @kind: "comment". */
int daemon_check_text(struct p6 *p6, const char *kind, const char *text);

/* A member of a reply as text, "" if there is none. */
const char *daemon_text(const json_t *object, const char *key);
json_int_t daemon_int(const json_t *object, const char *key);
bool daemon_true(const json_t *object, const char *key);

#endif
