// SPDX-License-Identifier: GPL-2.0-or-later
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>

#include "../portmap/protocol.h"
#include "limits.h"
#include "gateway.h"

struct question {
	uv_process_t	process;
	uv_pipe_t	out;
	uv_timer_t	timer;
	unsigned int	handles;	/* still to be closed */
	unsigned int	open;		/* process, pipe: both have to end */
	bool		begun;		/* there is a process handle */
	bool		ended;		/* whose number may be another's */
	bool		late;
	gateway_done	done;		/* NULL: abandoned */
	void		*ctx;
	size_t		len;
	char		text[GATEWAY_TEXT_MAX];
	struct gateway_answer answer;
};

/* Beside the daemon as it is built, or where it is installed. */
static const char *program(char *path, size_t size)
{
	static const char *const places[] = {
		"peer6-portmap", "../libexec/peer6/peer6-portmap",
	};
	char own[512], *end;
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	unsigned int i;

	if (n <= 0)
		return NULL;
	own[n] = '\0';
	end = strrchr(own, '/');
	if (!end)
		return NULL;
	end[1] = '\0';
	for (i = 0; i < 2; i++) {
		snprintf(path, size, "%s%s", own, places[i]);
		if (!access(path, X_OK))
			return path;
	}
	return NULL;
}

static void copy(char *out, size_t size, const char *value)
{
	snprintf(out, size, "%s", value);
}

/* What it prints is read as what a stranger may have written. */
static void take_line(struct gateway_answer *a, const char *key,
		      const char *value)
{
	if (!strcmp(key, "reason"))
		copy(a->reason, sizeof(a->reason), value);
	else if (!strcmp(key, "why"))
		copy(a->why, sizeof(a->why), value);
	else if (!strcmp(key, "asked"))
		a->asked = !strcmp(value, "1");
	else if (!strcmp(key, "protocol"))
		a->protocol = portmap_protocol_parse(value);
	else if (!strcmp(key, "external"))
		inet_pton(AF_INET, value, &a->external);
	else if (!strcmp(key, "port"))
		a->port = (uint16_t)strtoul(value, NULL, 10);
	else if (!strcmp(key, "lease"))
		a->lease = (uint32_t)strtoul(value, NULL, 10);
	else if (!strcmp(key, "url"))
		copy(a->url, sizeof(a->url), value);
	else if (!strcmp(key, "service"))
		copy(a->service, sizeof(a->service), value);
}

static void parse(struct question *q)
{
	char *line, *save, *eq;

	q->text[q->len] = '\0';
	for (line = strtok_r(q->text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		eq = strchr(line, '=');
		if (!eq)
			continue;
		*eq = '\0';
		take_line(&q->answer, line, eq + 1);
	}
}

static void on_closed(uv_handle_t *handle)
{
	struct question *q = handle->data;

	if (!--q->handles)
		free(q);
}

static void end(struct question *q)
{
	gateway_done done = q->done;

	q->done = NULL;
	if (done)
		done(q->ctx, &q->answer);
	if (q->begun)
		uv_close((uv_handle_t *)&q->process, on_closed);
	uv_close((uv_handle_t *)&q->out, on_closed);
	uv_close((uv_handle_t *)&q->timer, on_closed);
}

static void fail(struct question *q, const char *reason, const char *why)
{
	q->answer.ok = false;
	copy(q->answer.reason, sizeof(q->answer.reason), reason);
	copy(q->answer.why, sizeof(q->answer.why), why);
}

static void part_ended(struct question *q)
{
	if (--q->open)
		return;
	parse(q);
	/* Nobody knows how far it came. */
	q->answer.asked |= q->late;
	if (q->late)
		fail(q, "no-answer", "the gateway did not come to an end in time");
	else if (!q->answer.ok && !q->answer.reason[0])
		fail(q, "helper", "peer6-portmap ended without an answer");
	end(q);
}

static void on_exit_status(uv_process_t *process, int64_t status, int signo)
{
	struct question *q = process->data;

	q->ended = true;
	/* Its own alarm: as if ours had been first. */
	q->late |= signo == SIGALRM;
	q->answer.ok = !status && !signo;
	part_ended(q);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	struct question *q = handle->data;

	(void)size;
	/* Too much is no answer of ours: no room is an error to libuv. */
	*buf = uv_buf_init(q->text + q->len,
			   (unsigned int)(sizeof(q->text) - 1 - q->len));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct question *q = stream->data;

	(void)buf;
	if (n > 0)
		q->len += (size_t)n;
	if (n >= 0)
		return;
	uv_read_stop(stream);
	part_ended(q);
}

static void on_timeout(uv_timer_t *timer)
{
	struct question *q = timer->data;

	q->late = true;
	if (!q->ended)
		uv_process_kill(&q->process, SIGKILL);
}

static void on_failed(uv_timer_t *timer)
{
	end(timer->data);
}

struct arguments {
	char	gateway[INET_ADDRSTRLEN], local[INET_ADDRSTRLEN],
		owner[INET_ADDRSTRLEN];
	char	port[8], external[8], lease[12];
	char	nonce[PORTMAP_NONCE_TEXT];
	char	*argv[24];
};

static void fill(struct arguments *a, const char *path,
		 const struct portmap_request *req)
{
	char **v = a->argv;

	inet_ntop(AF_INET, &req->gateway, a->gateway, sizeof(a->gateway));
	inet_ntop(AF_INET, &req->local, a->local, sizeof(a->local));
	inet_ntop(AF_INET, &req->owner, a->owner, sizeof(a->owner));
	snprintf(a->port, sizeof(a->port), "%u", req->port);
	snprintf(a->external, sizeof(a->external), "%u", req->external);
	snprintf(a->lease, sizeof(a->lease), "%u", req->lease);
	portmap_nonce_format(req->nonce, a->nonce);
	*v++ = (char *)path;
	*v++ = req->remove ? "delete" : "add";
	*v++ = "--gateway";
	*v++ = a->gateway;
	*v++ = "--local";
	*v++ = a->local;
	*v++ = "--port";
	*v++ = a->port;
	*v++ = "--external";
	*v++ = a->external;
	*v++ = "--protocol";
	*v++ = (char *)portmap_protocol_word(req->protocols);
	*v++ = "--nonce";
	*v++ = a->nonce;
	if (req->remove) {
		*v++ = "--owner";
		*v++ = a->owner;
	} else {
		*v++ = "--lease";
		*v++ = a->lease;
	}
	if (req->url && req->url[0]) {
		*v++ = "--url";
		*v++ = (char *)req->url;
		*v++ = "--service";
		*v++ = (char *)req->service;
	}
	*v = NULL;
}

static int spawn(struct question *q, uv_loop_t *loop, const char *path,
		 const struct portmap_request *req)
{
	uv_stdio_container_t stdio[3] = {
		{ .flags = UV_IGNORE },
		{ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		  .data.stream = (uv_stream_t *)&q->out },
		{ .flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO },
	};
	struct arguments a;
	uv_process_options_t options = {
		.file = path, .args = a.argv, .exit_cb = on_exit_status,
		.stdio = stdio, .stdio_count = 3,
	};

	fill(&a, path, req);
	return uv_spawn(loop, &q->process, &options);
}

struct question *gateway_ask(uv_loop_t *loop, const struct portmap_request *req,
			    unsigned int timeout_ms, gateway_done done,
			    void *ctx)
{
	struct question *q = calloc(1, sizeof(*q));
	char path[600], why[PORTMAP_WHY_MAX];
	int ret;

	if (!q)
		return NULL;
	q->done = done;
	q->ctx = ctx;
	q->handles = 2;
	uv_pipe_init(loop, &q->out, 0);
	uv_timer_init(loop, &q->timer);
	q->out.data = q;
	q->timer.data = q;
	ret = UV_ENOENT;
	if (program(path, sizeof(path))) {
		ret = spawn(q, loop, path, req);
		/* It is to be closed even if that failed. */
		q->begun = true;
		q->handles++;
	}
	q->process.data = q;
	if (ret) {
		snprintf(why, sizeof(why), "peer6-portmap cannot be run: %s",
			 uv_strerror(ret));
		fail(q, "helper", why);
		uv_timer_start(&q->timer, on_failed, 0, 0);
		return q;
	}
	q->open = 2;
	uv_timer_start(&q->timer, on_timeout, timeout_ms, 0);
	uv_read_start((uv_stream_t *)&q->out, on_alloc, on_read);
	return q;
}

bool gateway_silent(const struct gateway_answer *answer)
{
	/* A daemon of the gateway's that restarts looks like one without. */
	return !strcmp(answer->reason, "no-answer") ||
	       !strcmp(answer->reason, "not-supported") ||
	       !strcmp(answer->reason, "no-route") ||
	       !strcmp(answer->reason, "helper");
}

void gateway_forget(struct question *q)
{
	if (!q)
		return;
	q->done = NULL;
	if (q->open && !q->ended)
		uv_process_kill(&q->process, SIGKILL);
}
