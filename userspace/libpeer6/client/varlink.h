/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Varlink, the client's side: JSON objects, each followed by a NUL byte, on a
 * unix stream socket. One connection, its calls answered in order. Used by the
 * client library, by the command and by the NSS module, and so without any
 * global and without a signal.
 */
#ifndef PEER6_VARLINK_H
#define PEER6_VARLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

/*
 * The longest message taken. A node's whole cache is listed in one, at some
 * 300 bytes an entry.
 */
#define VARLINK_MESSAGE_MAX	(16u << 20)

#define VARLINK_NEVER		INT64_MAX

/* Of the io.peer6 interfaces; see userspace/varlink/io.peer6.Service.varlink. */
#define VARLINK_INTERFACE_VERSION	1

struct varlink {
	int	fd;
	pid_t	peer;		/* who listens, 0 if that is not known here */
	char	*in;		/* received; in_from is where it is not read yet */
	size_t	in_from, in_end, in_size;
	size_t	in_seen;	/* no NUL before this */
	char	*out;		/* to be sent from out_from on */
	size_t	out_from, out_end, out_size;
	bool	eof;
};

/* CLOCK_MONOTONIC in ms; a deadline for a time-out in ms, < 0: VARLINK_NEVER. */
int64_t varlink_now(void);
int64_t varlink_deadline(int timeout_ms);

/* $PEER6_SOCKET (not in a setuid program), or where peer6d listens. */
const char *varlink_path(void);

/*
 * Connects; waits only where the listener's queue is full, and then up to
 * @timeout_ms. PEER6_E_NO_DAEMON, _ACCESS, _BUSY, _IO (errno), _INVAL (the path
 * is too long). On failure nothing is to be closed, though it may be.
 */
int varlink_open(struct varlink *v, const char *path, int timeout_ms);
void varlink_close(struct varlink *v);

enum {
	VARLINK_MORE	= 1 << 0,	/* several replies are welcome */
};

/* Queues a call. @parameters is stolen, also on failure; NULL is a lack of memory. */
int varlink_put(struct varlink *v, const char *method, json_t *parameters,
		unsigned int flags);

/* POLLIN, and POLLOUT while something is queued. */
short varlink_events(const struct varlink *v);

/*
 * Moves what can be moved without waiting. 0, or negative when the connection
 * is of no use any more; what was received before is still there to be got.
 */
int varlink_process(struct varlink *v);

/*
 * The next reply that is there, or *reply = NULL. PEER6_E_PROTOCOL if it is no
 * JSON object, PEER6_E_NO_DAEMON if the other side has closed.
 */
int varlink_get(struct varlink *v, json_t **reply);

/* Waits for the next reply. PEER6_E_TIMEOUT at the deadline. */
int varlink_wait(struct varlink *v, json_t **reply, int64_t deadline);

/*
 * The first call of each connection asks for the version, so that a daemon
 * that hangs or is of another one is noticed at once: varlink_greet() queues
 * it, varlink_greeted() judges the reply: 0 or PEER6_E_PROTOCOL.
 */
int varlink_greet(struct varlink *v);
int varlink_greeted(const json_t *reply);

/* What an error reply says. The strings are the reply's, "" where it has none. */
struct varlink_fault {
	int		error;		/* enum peer6_error */
	const char	*reason;	/* as sent, or peer6_reason(error) */
	const char	*message;
	const char	*why;
	const char	*todo;
	const char	*group;		/* that a caller without rights lacks */
};

/* fault->error, 0 (and *fault is empty) if the reply is no error. */
int varlink_fault(const json_t *reply, struct varlink_fault *fault);

#endif
