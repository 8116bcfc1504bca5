// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "access.h"
#include "daemon.h"
#include "registrations.h"
#include "rpc.h"
#include "server.h"

struct client {
	uv_pipe_t	pipe;
	struct client	*next;
	struct server	*server;
	struct caller	caller;
	char		*in;		/* MESSAGE_MAX */
	size_t		in_len;
	bool		reading, closing, dispatching;
	struct call	*call;		/* the one at work */
	size_t		queue_seen;	/* that waited at the last sweep */
	uint64_t	moved;		/* when that last became less */
};

struct server {
	struct daemon	*daemon;
	uv_pipe_t	listener;
	uv_timer_t	sweep;
	uv_timer_t	later;
	char		path[108];
	struct client	*clients;
	unsigned int	n_clients;
	unsigned int	handles;
	struct group_id	group;
};

struct write {
	uv_write_t	request;
	char		data[];
};

static const struct interface *const interfaces[] = {
	&interface_varlink, &interface_service, &interface_pnrp,
	&interface_identity,
};

static void start_reading(struct client *client);

unsigned int server_clients(const struct server *server)
{
	return server->n_clients;
}

uid_t call_uid(const struct call *call)
{
	return call->client->caller.uid;
}

bool call_is_admin(const struct call *call)
{
	return caller_is_admin(&call->client->caller);
}

static void call_free(struct call *call)
{
	json_decref(call->params);
	free(call);
}

static void on_client_closed(uv_handle_t *handle)
{
	struct client *client = handle->data, **p;
	struct server *server = client->server;
	struct call *call = client->call;

	/* Here, in a turn of its own, nothing of an engine is on the stack. */
	if (call) {
		client->call = NULL;
		if (call->abort)
			call->abort(call->op);
		call_free(call);
	}
	if (server->daemon->registrations)
		registrations_owner_gone(server->daemon->registrations, client);
	for (p = &server->clients; *p != client; p = &(*p)->next)
		;
	*p = client->next;
	server->n_clients--;
	caller_free(&client->caller);
	free(client->in);
	free(client);
	if (!--server->handles)
		free(server);
}

static void client_close(struct client *client)
{
	if (client->closing)
		return;
	client->closing = true;
	uv_close((uv_handle_t *)&client->pipe, on_client_closed);
}

static void on_written(uv_write_t *request, int status)
{
	struct client *client = request->handle->data;

	free(request->data);
	if (status)
		client_close(client);
}

static void send_json(struct client *client, json_t *message)
{
	struct write *w = NULL;
	size_t len = message ? json_dumpb(message, NULL, 0, JSON_COMPACT) : 0;
	size_t limit = client->call && client->call->more ? STREAM_QUEUE_MAX :
							    CLIENT_QUEUE_MAX;
	uv_buf_t buf;

	if (len && !client->closing)
		w = malloc(sizeof(*w) + len + 1);
	if (w) {
		json_dumpb(message, w->data, len, JSON_COMPACT);
		w->data[len] = '\0';
	}
	json_decref(message);
	if (client->closing)
		return;
	/* An answer that cannot be given ends what waits for it. */
	if (!w ||
	    uv_stream_get_write_queue_size((uv_stream_t *)&client->pipe) >
	    limit) {
		free(w);
		client_close(client);
		return;
	}
	w->request.data = w;
	buf = uv_buf_init(w->data, len + 1);
	if (uv_write(&w->request, (uv_stream_t *)&client->pipe, &buf, 1,
		     on_written)) {
		free(w);
		client_close(client);
	}
}

static void dispatch_next(struct client *client);

static void on_later(uv_timer_t *timer)
{
	struct server *server = timer->data;
	struct client *client;

	for (client = server->clients; client; client = client->next)
		dispatch_next(client);
}

static void call_done(struct call *call)
{
	struct client *client = call->client;

	client->call = NULL;
	call_free(call);
	if (client->closing)
		return;
	start_reading(client);
	/*
	 * dispatch_next() goes on by itself when it runs this. Else this may be
	 * within a callback of an engine, which the next call may want to use.
	 */
	if (!client->dispatching)
		uv_timer_start(&client->server->later, on_later, 0, 0);
}

void call_part(struct call *call, json_t *params)
{
	if (call->oneway)
		json_decref(params);
	else
		send_json(call->client, json_pack("{s:o,s:b}", "parameters",
						  params, "continues", 1));
}

void call_reply(struct call *call, json_t *params)
{
	if (call->oneway)
		json_decref(params);
	else
		send_json(call->client,
			  json_pack("{s:o}", "parameters", params));
	call_done(call);
}

void call_error(struct call *call, const char *error, json_t *params)
{
	if (call->oneway)
		json_decref(params);
	else
		send_json(call->client, json_pack("{s:s,s:o}", "error", error,
						  "parameters", params));
	call_done(call);
}

void call_bad_parameter(struct call *call, const char *name)
{
	call_error(call, "org.varlink.service.InvalidParameter",
		   json_pack("{s:s}", "parameter", name));
}

static void refuse(struct call *call)
{
	const char *group = call->daemon->conf.group;
	char error[64], message[240], why[300], todo[300];
	char user[USER_TEXT_MAX];

	caller_text(&call->client->caller, user);
	snprintf(error, sizeof(error), "%s.PermissionDenied", call->interface);
	snprintf(message, sizeof(message),
		 "%s may not do that: only members of the group %s may", user,
		 group);
	snprintf(why, sizeof(why), call->client->server->group.known ?
		 "The calling process (%s) is not in the group %s; groups count from the next login on." :
		 "The calling process is %s, and this host has no group %s.",
		 user, group);
	snprintf(todo, sizeof(todo), "%s%s%ssudo usermod -aG %s %s",
		 call->client->server->group.known ? "" : "sudo groupadd -r ",
		 call->client->server->group.known ? "" : group,
		 call->client->server->group.known ? "" :
		 ", restart peer6d, ", group, user);
	call_error(call, error,
		   json_pack("{s:s,s:s,s:s,s:s,s:s}", "group", group,
			     "reason", peer6_reason(PEER6_E_ACCESS),
			     "message", message, "why", why, "do", todo));
}

static bool may(const struct call *call, enum call_right right)
{
	const struct server *server = call->client->server;

	return right == RIGHT_NONE ||
	       (right == RIGHT_RESOLVE &&
		call->daemon->conf.everyone_resolves) ||
	       caller_may(&call->client->caller, &server->group);
}

static void run(struct call *call, const char *method)
{
	const char *dot = strrchr(method, '.');
	const struct interface *in = NULL;
	unsigned int i;

	for (i = 0; dot && i < sizeof(interfaces) / sizeof(*interfaces); i++)
		if (strlen(interfaces[i]->name) == (size_t)(dot - method) &&
		    !memcmp(interfaces[i]->name, method, dot - method))
			in = interfaces[i];
	if (!in) {
		call_error(call, "org.varlink.service.InterfaceNotFound",
			   json_pack("{s:s%}", "interface", method,
				     dot ? (size_t)(dot - method) :
				     strlen(method)));
		return;
	}
	for (i = 0; i < in->n_methods; i++)
		if (!strcmp(in->methods[i].name, dot + 1))
			break;
	if (i == in->n_methods) {
		call_error(call, "org.varlink.service.MethodNotFound",
			   json_pack("{s:s}", "method", method));
		return;
	}
	call->interface = in->name;
	call->name = in->methods[i].name;
	if (!may(call, in->methods[i].right))
		refuse(call);
	else
		in->methods[i].run(call);
}

/* False: no Varlink, and the connection of no more use. */
static bool start_call(struct client *client, const char *text, size_t len)
{
	json_t *message = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	json_t *params = json_object_get(message, "parameters");
	const char *method = json_string_value(json_object_get(message,
							       "method"));
	struct call *call = NULL;

	if (method && strlen(method) < 128 &&
	    (!params || json_is_null(params) || json_is_object(params)))
		call = calloc(1, sizeof(*call));
	if (!call) {
		json_decref(message);
		return false;
	}
	call->daemon = client->server->daemon;
	call->client = client;
	call->params = json_is_object(params) ? json_incref(params) :
						json_object();
	call->more = json_is_true(json_object_get(message, "more"));
	call->oneway = json_is_true(json_object_get(message, "oneway"));
	client->call = call;
	run(call, method);
	json_decref(message);
	return true;
}

static void dispatch_next(struct client *client)
{
	char *end;
	size_t len;

	client->dispatching = true;
	while (!client->call && !client->closing) {
		end = memchr(client->in, '\0', client->in_len);
		if (!end) {
			/* Full, and still no end of the message. */
			if (client->in_len == MESSAGE_MAX)
				client_close(client);
			break;
		}
		len = end - client->in;
		if (!start_call(client, client->in, len)) {
			client_close(client);
			break;
		}
		client->in_len -= len + 1;
		memmove(client->in, end + 1, client->in_len);
	}
	client->dispatching = false;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct client *client = handle->data;

	(void)suggested;
	*buf = uv_buf_init(client->in + client->in_len,
			   MESSAGE_MAX - client->in_len);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct client *client = stream->data;

	(void)buf;
	if (n < 0) {
		client_close(client);
		return;
	}
	client->in_len += n;
	/*
	 * Reading goes on while a call is at work, or nobody would notice that
	 * the client left; but not beyond the buffer.
	 */
	if (client->call && client->in_len == MESSAGE_MAX) {
		uv_read_stop(stream);
		client->reading = false;
	}
	dispatch_next(client);
}

static void start_reading(struct client *client)
{
	if (client->reading)
		return;
	client->reading = true;
	if (uv_read_start((uv_stream_t *)&client->pipe, on_alloc, on_read))
		client_close(client);
}

static unsigned int of_user(const struct server *server, uid_t uid)
{
	const struct client *client;
	unsigned int n = 0;

	for (client = server->clients; client; client = client->next)
		n += client->caller.uid == uid && !client->closing;
	return n;
}

/* Nobody asked yet, but whoever did reads this as the answer. */
static void turn_away(struct client *client, unsigned int mine)
{
	char why[120];

	snprintf(why, sizeof(why),
		 "%u programs are connected, %u of this user; %d and %d may be.",
		 client->server->n_clients, mine, CLIENTS_MAX, CLIENTS_USER);
	send_json(client,
		  json_pack("{s:s,s:{s:s,s:s,s:s,s:s}}", "error",
			    "io.peer6.Service.Failed", "parameters",
			    "reason", peer6_reason(PEER6_E_BUSY),
			    "message", "too many programs ask peer6d",
			    "why", why, "do", "try again later"));
	/* An empty socket takes it at once, so closing loses nothing. */
	client_close(client);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct server *server = listener->data;
	struct client *client;
	unsigned int mine;
	uv_os_fd_t fd;

	if (status)
		return;
	client = calloc(1, sizeof(*client));
	if (!client)
		return;
	client->in = malloc(MESSAGE_MAX);
	client->server = server;
	uv_pipe_init(server->daemon->loop, &client->pipe, 0);
	client->pipe.data = client;
	client->next = server->clients;
	server->clients = client;
	server->n_clients++;
	server->handles++;
	if (!client->in || uv_accept(listener, (uv_stream_t *)&client->pipe) ||
	    uv_fileno((uv_handle_t *)&client->pipe, &fd) ||
	    caller_get(&client->caller, fd)) {
		client_close(client);
		return;
	}
	mine = of_user(server, client->caller.uid);
	if (server->n_clients > CLIENTS_MAX ||
	    (mine > CLIENTS_USER && !caller_is_admin(&client->caller))) {
		turn_away(client, mine);
		return;
	}
	start_reading(client);
}

static void on_sweep(uv_timer_t *timer)
{
	struct server *server = timer->data;
	uint64_t now = uv_now(server->daemon->loop);
	struct client *client;
	size_t queue;

	for (client = server->clients; client; client = client->next) {
		if (client->closing)
			continue;
		queue = uv_stream_get_write_queue_size((uv_stream_t *)
						       &client->pipe);
		if (!queue || queue < client->queue_seen)
			client->moved = now;
		client->queue_seen = queue;
		if (now - client->moved > CLIENT_STALL_MS)
			client_close(client);
	}
}

static void on_closed(uv_handle_t *handle)
{
	struct server *server = handle->data;

	if (!--server->handles)
		free(server);
}

void server_free(struct server *server)
{
	struct client *client;

	if (!server)
		return;
	unlink(server->path);
	for (client = server->clients; client; client = client->next)
		client_close(client);
	uv_close((uv_handle_t *)&server->listener, on_closed);
	uv_close((uv_handle_t *)&server->sweep, on_closed);
	uv_close((uv_handle_t *)&server->later, on_closed);
}

void server_reload(struct server *server)
{
	group_find(&server->group, server->daemon->conf.group);
}

/* Whether somebody listens there; a dead daemon's socket is taken away. */
static int clear_path(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct stat st;
	int fd, ret = 0;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : PEER6_E_IO;
	if (!S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return PEER6_E_IO;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return PEER6_E_IO;
	strcpy(sa.sun_path, path);
	if (!connect(fd, (struct sockaddr *)&sa, sizeof(sa)) ||
	    errno == EAGAIN)
		ret = PEER6_E_IN_USE;
	close(fd);
	if (!ret && unlink(path))
		ret = PEER6_E_IO;
	return ret;
}

int server_new(struct server **out, struct daemon *d, const char *path)
{
	struct server *server;
	int ret;

	if (strlen(path) >= sizeof(server->path)) {
		errno = ENAMETOOLONG;
		return PEER6_E_IO;
	}
	ret = clear_path(path);
	if (ret)
		return ret;
	server = calloc(1, sizeof(*server));
	if (!server)
		return PEER6_E_NOMEM;
	server->daemon = d;
	strcpy(server->path, path);
	server_reload(server);
	uv_pipe_init(d->loop, &server->listener, 0);
	uv_timer_init(d->loop, &server->sweep);
	uv_timer_init(d->loop, &server->later);
	server->listener.data = server;
	server->sweep.data = server;
	server->later.data = server;
	server->handles = 3;
	ret = uv_pipe_bind(&server->listener, path);
	/*
	 * Everybody may connect: who may call is looked at for each call, so
	 * that a refusal can say why.
	 */
	if (!ret && chmod(path, 0666))
		ret = -errno;
	if (!ret)
		ret = uv_listen((uv_stream_t *)&server->listener, 128,
				on_connection);
	if (ret) {
		server_free(server);
		errno = -ret;
		return PEER6_E_IO;
	}
	uv_timer_start(&server->sweep, on_sweep, CLIENT_SWEEP_MS,
		       CLIENT_SWEEP_MS);
	*out = server;
	return 0;
}

void server_event(void *ctx, enum event_kind kind, const char *cloud,
		  json_t *event)
{
	struct server *server = ctx;
	struct client *client;

	for (client = server->clients; client; client = client->next)
		if (client->call && !client->closing)
			monitor_event(client->call, kind, cloud, event);
}
