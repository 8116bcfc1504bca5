// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <peer6/base.h>

#include "varlink.h"

#define SOCKET_STANDARD	"/run/peer6/peer6.varlink"
#define IN_FIRST	4096u
#define OUT_FIRST	512u

int64_t varlink_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t varlink_deadline(int timeout_ms)
{
	return timeout_ms < 0 ? VARLINK_NEVER : varlink_now() + timeout_ms;
}

const char *varlink_path(void)
{
	const char *path = secure_getenv("PEER6_SOCKET");

	return path && *path ? path : SOCKET_STANDARD;
}

static int connect_error(int err)
{
	switch (err) {
	case ENOENT:
	case ECONNREFUSED:
	case ENOTDIR:
		return PEER6_E_NO_DAEMON;
	case EACCES:
	case EPERM:
		return PEER6_E_ACCESS;
	case EAGAIN:
		return PEER6_E_BUSY;
	default:
		return PEER6_E_IO;
	}
}

int varlink_open(struct varlink *v, const char *path, int timeout_ms)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct timeval wait = {
		.tv_sec = timeout_ms / 1000,
		.tv_usec = timeout_ms % 1000 * 1000,
	};
	socklen_t len = sizeof(struct ucred);
	struct ucred peer;
	int err;

	memset(v, 0, sizeof(*v));
	v->fd = -1;
	if (strlen(path) >= sizeof(addr.sun_path))
		return PEER6_E_INVAL;
	strcpy(addr.sun_path, path);
	v->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
		       (timeout_ms > 0 ? 0 : SOCK_NONBLOCK), 0);
	if (v->fd < 0)
		return PEER6_E_IO;
	/* A full queue is all that connect() waits for on a unix socket. */
	if (timeout_ms > 0)
		setsockopt(v->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	while (connect(v->fd, (struct sockaddr *)&addr, sizeof(addr))) {
		if (errno == EINTR)
			continue;
		err = errno;
		close(v->fd);
		v->fd = -1;
		errno = err;
		return connect_error(err);
	}
	if (!getsockopt(v->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		v->peer = peer.pid;
	return 0;
}

void varlink_close(struct varlink *v)
{
	if (v->fd >= 0)
		close(v->fd);
	free(v->in);
	/* What was not sent may be a password, too. */
	if (v->out)
		explicit_bzero(v->out, v->out_size);
	free(v->out);
	memset(v, 0, sizeof(*v));
	v->fd = -1;
}

struct sink {
	struct varlink	*v;
	size_t		size;		/* of what is allocated */
	bool		failed;
};

/* Moves the queue instead of realloc(): a call may carry a password. */
static bool sink_grow(struct sink *s, size_t need)
{
	struct varlink *v = s->v;
	size_t size = s->size ? s->size : OUT_FIRST;
	char *out;

	while (size < need)
		size *= 2;
	if (size == s->size)
		return true;
	out = malloc(size);
	if (!out)
		return false;
	if (v->out_end)
		memcpy(out, v->out, v->out_end);
	if (v->out)
		explicit_bzero(v->out, v->out_end);
	free(v->out);
	v->out = out;
	s->size = size;
	return true;
}

/* jansson goes on after some failures, so this one sticks. */
static int sink_put(const char *data, size_t len, void *arg)
{
	struct sink *s = arg;

	if (s->failed || !sink_grow(s, s->v->out_end + len)) {
		s->failed = true;
		return -1;
	}
	memcpy(s->v->out + s->v->out_end, data, len);
	s->v->out_end += len;
	return 0;
}

int varlink_put(struct varlink *v, const char *method, json_t *parameters,
		unsigned int flags)
{
	struct sink sink = { v, v->out_size, false };
	size_t queued = v->out_end;
	json_t *call = json_object();
	int err = PEER6_E_NOMEM;

	if (!parameters || !call ||
	    json_object_set_new(call, "method", json_string(method)) ||
	    json_object_set(call, "parameters", parameters))
		goto out;
	if (flags & VARLINK_MORE &&
	    json_object_set_new(call, "more", json_true()))
		goto out;
	if (!json_dump_callback(call, sink_put, &sink, JSON_COMPACT) &&
	    !sink_put("", 1, &sink))
		err = 0;
	/* Half a call is not sent, and what was queued before it stays. */
	if (err)
		v->out_end = queued;
	v->out_size = sink.size;
out:
	json_decref(call);
	json_decref(parameters);
	return err;
}

short varlink_events(const struct varlink *v)
{
	return POLLIN | (v->out_from < v->out_end ? POLLOUT : 0);
}

static int send_some(struct varlink *v)
{
	ssize_t n;

	while (v->out_from < v->out_end) {
		n = send(v->fd, v->out + v->out_from, v->out_end - v->out_from,
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return PEER6_E_NO_DAEMON;
		if (n < 0)
			return PEER6_E_IO;
		explicit_bzero(v->out + v->out_from, n);
		v->out_from += n;
	}
	v->out_from = 0;
	v->out_end = 0;
	return 0;
}

/* Room for at least one byte more. */
static int make_room(struct varlink *v)
{
	size_t held = v->in_end - v->in_from, size;
	char *in;

	if (v->in_from) {
		memmove(v->in, v->in + v->in_from, held);
		v->in_seen -= v->in_from;
		v->in_end = held;
		v->in_from = 0;
	}
	if (v->in_end < v->in_size)
		return 0;
	if (v->in_size >= VARLINK_MESSAGE_MAX)
		return PEER6_E_PROTOCOL;
	size = v->in_size ? 2 * v->in_size : IN_FIRST;
	in = realloc(v->in, size);
	if (!in)
		return PEER6_E_NOMEM;
	v->in = in;
	v->in_size = size;
	return 0;
}

int varlink_process(struct varlink *v)
{
	int err, full = 0;
	ssize_t n;

	if (v->fd < 0)
		return PEER6_E_NO_DAEMON;
	err = send_some(v);
	/* An answer may be there though the other side hears no more. */
	if (v->eof)
		return err;
	if (v->in_end == v->in_size)
		full = make_room(v);
	if (full)
		return full;
	do {
		n = recv(v->fd, v->in + v->in_end, v->in_size - v->in_end,
			 MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		v->in_end += n;
	else if (!n || errno == ECONNRESET)
		v->eof = true;
	else if (errno != EAGAIN && errno != EWOULDBLOCK)
		return PEER6_E_IO;
	/* What it said last is the better reason. */
	return v->eof ? 0 : err;
}

int varlink_get(struct varlink *v, json_t **reply)
{
	size_t from = v->in_from > v->in_seen ? v->in_from : v->in_seen;
	char *end = NULL;
	json_t *object;

	*reply = NULL;
	if (from < v->in_end)
		end = memchr(v->in + from, '\0', v->in_end - from);
	if (!end) {
		v->in_seen = v->in_end;
		return v->eof ? PEER6_E_NO_DAEMON : 0;
	}
	object = json_loads(v->in + v->in_from, JSON_REJECT_DUPLICATES, NULL);
	v->in_from = end + 1 - v->in;
	v->in_seen = v->in_from;
	if (!json_is_object(object)) {
		json_decref(object);
		return PEER6_E_PROTOCOL;
	}
	*reply = object;
	return 0;
}

int varlink_wait(struct varlink *v, json_t **reply, int64_t deadline)
{
	int err, broken = 0;

	for (;;) {
		struct pollfd pfd = { v->fd, varlink_events(v), 0 };
		int64_t left;
		int n;

		err = varlink_get(v, reply);
		if (err || *reply)
			return err;
		if (broken)
			return broken;
		left = deadline == VARLINK_NEVER ? -1 :
		       deadline - varlink_now();
		if (deadline != VARLINK_NEVER && left <= 0)
			return PEER6_E_TIMEOUT;
		n = poll(&pfd, 1, left > 60000 ? 60000 : (int)left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return PEER6_E_IO;
		if (n > 0)
			broken = varlink_process(v);
	}
}

int varlink_greet(struct varlink *v)
{
	return varlink_put(v, "io.peer6.Service.GetVersion", json_object(), 0);
}

int varlink_greeted(const json_t *reply)
{
	const json_t *version;
	struct varlink_fault fault;

	if (varlink_fault(reply, &fault))
		return PEER6_E_PROTOCOL;
	version = json_object_get(json_object_get(reply, "parameters"),
				  "version");
	if (json_integer_value(json_object_get(version, "interface_version")) !=
	    VARLINK_INTERFACE_VERSION)
		return PEER6_E_PROTOCOL;
	return 0;
}

/* The reasons of enum peer6_error are far apart, but all within this. */
#define ERROR_LAST	(-127)

static int error_of_reason(const char *reason)
{
	int error;

	for (error = -1; error >= ERROR_LAST; error--)
		if (!strcmp(peer6_reason(error), reason))
			return error;
	return 0;
}

/* A reason that is newer than this program still has a class that is not. */
static int error_of_class(const char *name)
{
	static const struct {
		const char *name;
		int error;
	} classes[] = {
		{ "PermissionDenied", PEER6_E_ACCESS },
		{ "BadValue", PEER6_E_INVAL },
		{ "NotFound", PEER6_E_NOT_FOUND },
		{ "Timeout", PEER6_E_TIMEOUT },
		{ "NotConnected", PEER6_E_NO_ADDRESS },
		{ "Exists", PEER6_E_EXISTS },
		{ "NotTrusted", PEER6_E_CERTIFICATE },
		{ "Failed", PEER6_E_IO },
	};
	const char *dot = strrchr(name, '.');
	size_t i;

	/* What the standard's own interface says is that we are not understood. */
	if (strncmp(name, "io.peer6.", 9) || !dot)
		return PEER6_E_PROTOCOL;
	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (!strcmp(classes[i].name, dot + 1))
			return classes[i].error;
	return PEER6_E_PROTOCOL;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

int varlink_fault(const json_t *reply, struct varlink_fault *fault)
{
	const char *name = json_string_value(json_object_get(reply, "error"));
	const json_t *why = json_object_get(reply, "parameters");

	*fault = (struct varlink_fault){ 0, "", "", "", "", "" };
	if (!name) {
		if (!json_object_get(reply, "error"))
			return 0;
		name = "";
	}
	fault->reason = text_of(why, "reason");
	fault->message = text_of(why, "message");
	fault->why = text_of(why, "why");
	fault->todo = text_of(why, "do");
	fault->group = text_of(why, "group");
	fault->error = error_of_reason(fault->reason);
	if (!fault->error)
		fault->error = error_of_class(name);
	/* Not the table's name for "not listed": it is not known here. */
	if (!*fault->reason)
		fault->reason = peer6_reason(fault->error);
	return fault->error;
}
