// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The client library against a daemon that knows its answers by heart
 * (tests/userspace/fake_peer6d.py), and its connection against one that says
 * anything. The tests are run from the top of the tree.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <peer6/pnrp.h>

#include "client/client.h"

static char folder[] = "/tmp/peer6-client.XXXXXX";

struct fake {
	pid_t pid;
	char path[64];
};

static struct fake fakes[8];
static size_t n_fakes;

/* Starts a daemon with one more option, and waits until it listens. */
static const char *fake(const char *option, const char *value)
{
	struct fake *f = &fakes[n_fakes++];
	const char *argv[8] = { "python3", "tests/userspace/fake_peer6d.py" };
	int pipes[2], n = 2;
	char c = 0;

	snprintf(f->path, sizeof(f->path), "%s/%zu", folder, n_fakes);
	unlink(f->path);
	assert_int_equal(pipe(pipes), 0);
	if (option)
		argv[n++] = option;
	if (value)
		argv[n++] = value;
	argv[n++] = f->path;
	f->pid = fork();
	if (!f->pid) {
		dup2(pipes[1], STDOUT_FILENO);
		close(pipes[0]);
		close(pipes[1]);
		execvp(argv[0], (char **)argv);
		_exit(127);
	}
	close(pipes[1]);
	while (c != '\n')
		assert_int_equal(read(pipes[0], &c, 1), 1);
	close(pipes[0]);
	return f->path;
}

static void stop(struct fake *f)
{
	kill(f->pid, SIGKILL);
	waitpid(f->pid, NULL, 0);
	unlink(f->path);
	f->pid = 0;
}

static struct peer6_client *client_of(const char *path)
{
	struct peer6_client *client;

	assert_int_equal(peer6_client_new(&client, path), 0);
	return client;
}

static int setup(void **state)
{
	assert_non_null(mkdtemp(folder));
	*state = client_of(fake(NULL, NULL));
	return 0;
}

static int teardown(void **state)
{
	size_t i;

	peer6_client_free(*state);
	for (i = 0; i < n_fakes; i++)
		if (fakes[i].pid)
			stop(&fakes[i]);
	return rmdir(folder);
}

static void test_version(void **state)
{
	const char *program, *version;

	assert_int_equal(peer6_client_version(*state, &program, &version), 0);
	assert_string_equal(program, "peer6d");
	assert_string_equal(version, "fake");
	assert_int_equal(peer6_client_fault(*state)->error, 0);
}

static void test_clouds(void **state)
{
	const struct peer6_cloud *c;
	struct peer6_clouds *clouds;

	assert_int_equal(peer6_client_clouds(*state, &clouds), 0);
	assert_int_equal(clouds->n, 2);
	c = &clouds->cloud[0];
	assert_string_equal(c->name, "Global_");
	assert_int_equal(c->scope, PEER6_PNRP_GLOBAL);
	assert_int_equal(c->state, PEER6_PNRP_ACTIVE);
	assert_null(c->interface);
	assert_int_equal(c->port, 3540);
	assert_int_equal(c->n_addresses, 1);
	assert_int_equal(c->cached, 41);
	assert_true(c->nodes == 60.0);
	assert_false(c->name_local);
	c = &clouds->cloud[1];
	assert_int_equal(c->scope, PEER6_PNRP_LINK_LOCAL);
	assert_int_equal(c->scope_id, 2);
	assert_string_equal(c->interface, "eth0");
	assert_int_equal(c->state, PEER6_PNRP_ALONE);
	assert_true(c->name_local);
	assert_true(c->nodes == 0.0);
	peer6_clouds_free(clouds);
}

static void test_resolve(void **state)
{
	static const uint8_t address[16] = {
		0x20, 0x01, 0x0d, 0xb8, [15] = 0x0a
	};
	const struct peer6_answer *a;
	struct peer6_answers *answers;

	assert_int_equal(peer6_client_resolve(*state, "alice.pnrp.net", NULL,
					      &answers), 0);
	assert_int_equal(answers->n, 1);
	a = &answers->answer[0];
	assert_string_equal(a->name, "0.alice");
	assert_string_equal(a->cloud, "Global_");
	assert_false(a->secure);
	assert_int_equal(strlen(a->owner), 40);
	assert_int_equal(strlen(a->id), 64);
	assert_int_equal(a->n_services, 1);
	assert_memory_equal(a->service[0].endpoint.addr, address, 16);
	assert_int_equal(a->service[0].endpoint.port, 22);
	assert_int_equal(a->service[0].endpoint.scope_id, 0);
	assert_int_equal(a->service[0].protocol, 6);
	assert_string_equal(a->comment, "her laptop");
	assert_string_equal(a->payload, "hello");
	assert_null(a->blob);
	assert_int_equal(a->hops, 3);
	peer6_answers_free(answers);

	assert_int_equal(peer6_client_resolve(*state, "0.payload", NULL,
					      &answers), 0);
	a = &answers->answer[0];
	assert_int_equal(a->n_services, 0);
	assert_int_equal(a->n_blob, 4);
	assert_memory_equal(a->blob, "\xde\xad\xbe\xef", 4);
	assert_null(a->comment);
	peer6_answers_free(answers);

	assert_int_equal(peer6_client_resolve(*state, "0.link", NULL,
					      &answers), 0);
	assert_int_equal(answers->answer[0].service[0].endpoint.scope_id, 1);
	peer6_answers_free(answers);
}

static void test_resolve_options(void **state)
{
	struct peer6_resolve_options o = { .size = sizeof(o) };
	struct peer6_answers *answers;

	o.max = 8;
	o.cloud = "Global";
	o.nearness = PEER6_NEAREST64;
	o.near_to = "2001:db8::/64";
	o.not_local = true;
	o.timeout_ms = 2500;
	assert_int_equal(peer6_client_resolve(*state, "0.many", &o, &answers),
			 0);
	assert_int_equal(answers->n, 3);
	assert_string_equal(answers->answer[0].owner,
			    answers->answer[1].owner);
	assert_string_not_equal(answers->answer[0].owner,
				answers->answer[2].owner);
	peer6_answers_free(answers);

	o.cloud = "Elsewhere";
	assert_int_equal(peer6_client_resolve(*state, "0.many", &o, &answers),
			 PEER6_E_NO_CLOUD);
	assert_null(answers);
	o = (struct peer6_resolve_options){ .size = sizeof(o), .max = 65 };
	assert_int_equal(peer6_client_resolve(*state, "0.many", &o, &answers),
			 PEER6_E_INVAL);
	o = (struct peer6_resolve_options){ .size = sizeof(o) + 8 };
	assert_int_equal(peer6_client_resolve(*state, "0.many", &o, &answers),
			 PEER6_E_INVAL);
	o = (struct peer6_resolve_options){ .size = sizeof(o),
					    .timeout_ms = 600001 };
	assert_int_equal(peer6_client_resolve(*state, "0.many", &o, &answers),
			 PEER6_E_INVAL);
}

/* Every reason that a daemon can give comes back as its own number. */
static void test_reasons(void **state)
{
	const struct peer6_fault *f = peer6_client_fault(*state);
	const char *unknown = peer6_reason(-128);
	struct peer6_answers *answers;
	char name[80];
	int error, n = 0;

	for (error = -1; error > -128; error--) {
		if (!strcmp(peer6_reason(error), unknown))
			continue;
		snprintf(name, sizeof(name), "0.e-%s", peer6_reason(error));
		assert_int_equal(peer6_client_resolve(*state, name, NULL,
						      &answers), error);
		assert_int_equal(f->error, error);
		assert_string_equal(f->reason, peer6_reason(error));
		assert_non_null(strstr(f->message, "the daemon says"));
		assert_non_null(strstr(f->why, "measured fact"));
		assert_string_equal(f->todo, "peer6 pnrp --help");
		assert_string_equal(f->group, error == PEER6_E_ACCESS ?
				    "peer6" : "");
		n++;
	}
	assert_in_range(n, 40, 128);
	/* One that is newer than this library has a class at least. */
	assert_int_equal(peer6_client_resolve(*state, "0.e-brand-new", NULL,
					      &answers), PEER6_E_IO);
	assert_string_equal(f->reason, "brand-new");
	/* The next call forgets it. */
	assert_int_equal(peer6_client_version(*state, NULL, NULL), 0);
	assert_int_equal(f->error, 0);
	assert_string_equal(f->message, "");
}

static void test_bad_answers(void **state)
{
	struct peer6_answers *answers;

	assert_int_equal(peer6_client_resolve(*state, "0.garbage", NULL,
					      &answers), PEER6_E_PROTOCOL);
	assert_int_equal(peer6_client_resolve(*state, "0.reply", NULL,
					      &answers), PEER6_E_PROTOCOL);
	assert_int_equal(peer6_client_resolve(*state, "0.close", NULL,
					      &answers), PEER6_E_NO_DAEMON);
	assert_int_equal(peer6_client_resolve(*state, "0.nobody", NULL,
					      &answers), PEER6_E_NOT_FOUND);
	assert_int_equal(peer6_client_resolve(*state, "0.\xff", NULL,
					      &answers), PEER6_E_VALUE);
	assert_int_equal(peer6_client_resolve(*state, NULL, NULL, &answers),
			 PEER6_E_INVAL);
}

static int wait_next(struct peer6_lookup *l, const struct peer6_answer **a)
{
	struct pollfd pfd = { .fd = peer6_lookup_fd(l) };
	int event;

	while (!(event = peer6_lookup_next(l, a))) {
		pfd.events = peer6_lookup_events(l);
		assert_int_equal(peer6_lookup_fd(l), pfd.fd);
		poll(&pfd, 1, peer6_lookup_timeout(l));
	}
	return event;
}

static void test_lookup(void **state)
{
	struct peer6_resolve_options o = { .size = sizeof(o), .max = 8 };
	const struct peer6_answer *a, *b;
	struct peer6_lookup *l, *m;

	/* Two at once on one client, and calls between them. */
	assert_int_equal(peer6_lookup_start(*state, "0.many", &o, &l), 0);
	assert_int_equal(peer6_lookup_start(*state, "0.alice", NULL, &m), 0);
	assert_int_equal(wait_next(m, &a), PEER6_LOOKUP_ANSWER);
	assert_string_equal(a->name, "0.alice");
	assert_int_equal(peer6_client_version(*state, NULL, NULL), 0);
	assert_int_equal(wait_next(l, &b), PEER6_LOOKUP_ANSWER);
	assert_string_equal(b->name, "0.many");
	assert_int_equal(wait_next(l, &b), PEER6_LOOKUP_ANSWER);
	assert_int_equal(wait_next(l, &b), PEER6_LOOKUP_ANSWER);
	assert_int_equal(wait_next(l, &b), PEER6_LOOKUP_END);
	assert_null(b);
	/* The end stays the end. */
	assert_int_equal(wait_next(l, &b), PEER6_LOOKUP_END);
	assert_int_equal(peer6_lookup_timeout(l), 0);
	peer6_lookup_free(l);
	/* What the other one gave is its own. */
	assert_string_equal(a->comment, "her laptop");
	assert_int_equal(wait_next(m, &a), PEER6_LOOKUP_END);
	peer6_lookup_free(m);

	/* Cancelled at once, and one that failed says why. */
	assert_int_equal(peer6_lookup_start(*state, "0.hang", NULL, &l), 0);
	assert_in_range(peer6_lookup_timeout(l), 1, 35000);
	assert_int_equal(peer6_lookup_next(l, &a), PEER6_LOOKUP_WAIT);
	peer6_lookup_free(l);
	assert_int_equal(peer6_lookup_start(*state, "0.nobody", NULL, &l), 0);
	assert_int_equal(wait_next(l, &a), PEER6_E_NOT_FOUND);
	assert_int_equal(wait_next(l, &a), PEER6_E_NOT_FOUND);
	assert_string_equal(peer6_lookup_fault(l)->reason, "not-found");
	assert_non_null(strstr(peer6_lookup_fault(l)->message, "0.nobody"));
	peer6_lookup_free(l);
	peer6_lookup_free(NULL);
}

static void test_register(void **state)
{
	static const uint8_t address[16] = { 0xfd, [15] = 1 };
	struct peer6_service services[2] = {
		{ .endpoint.port = 22, .protocol = 6 },
		{ .endpoint.port = 53, .protocol = 17 },
	};
	struct peer6_publication p = {
		.size = sizeof(p), .name = "0.bob", .cloud = "Global_",
		.service = services, .n_services = 2,
		.comment = "h\xc3\xa9", .blob = "\x00\x01\xff", .n_blob = 3,
	};
	struct peer6_registrations *list;
	uint64_t handle;

	memcpy(services[1].endpoint.addr, address, 16);
	assert_int_equal(peer6_client_register(*state, &p, &list), 0);
	assert_int_equal(list->n, 1);
	assert_string_equal(list->registered[0].name, "0.bob");
	assert_string_equal(list->registered[0].host_name, "bob.pnrp.net");
	assert_string_equal(list->registered[0].cloud, "Global_");
	assert_non_null(list->registered[0].id);
	assert_null(list->registered[0].reason);
	assert_false(list->registered[0].keep);
	peer6_registrations_free(list);

	/* In all clouds, of which one has no network. */
	p.cloud = NULL;
	p.keep = true;
	assert_int_equal(peer6_client_register(*state, &p, NULL), 0);
	assert_int_equal(peer6_client_registrations(*state, &list), 0);
	assert_int_equal(list->n, 2);
	assert_true(list->registered[1].keep);
	assert_null(list->registered[1].id);
	assert_string_equal(list->registered[1].reason, "no-address");
	handle = list->registered[1].handle;
	peer6_registrations_free(list);

	assert_int_equal(peer6_client_unregister_handle(*state, handle), 0);
	assert_int_equal(peer6_client_unregister_handle(*state, handle),
			 PEER6_E_NOT_FOUND);
	assert_int_equal(peer6_client_unregister(*state, "bob.pnrp.net",
						 "Global_"), 0);
	assert_int_equal(peer6_client_unregister(*state, "0.bob", NULL),
			 PEER6_E_NOT_FOUND);
	assert_int_equal(peer6_client_registrations(*state, &list), 0);
	assert_int_equal(list->n, 0);
	peer6_registrations_free(list);

	p.n_services = 11;
	assert_int_equal(peer6_client_register(*state, &p, NULL),
			 PEER6_E_INVAL);
	p.n_services = 2;
	p.payload = "both";
	assert_int_equal(peer6_client_register(*state, &p, NULL),
			 PEER6_E_INVAL);
	p.payload = NULL;
	p.comment = "\xff";
	assert_int_equal(peer6_client_register(*state, &p, &list),
			 PEER6_E_VALUE);
	assert_null(list);
	p.comment = NULL;
	p.name = "x.bob";
	assert_int_equal(peer6_client_register(*state, &p, NULL),
			 PEER6_E_AUTHORITY);
}

static void test_identities(void **state)
{
	struct peer6_identities *list, *one;
	char *text, name[200];

	assert_int_equal(peer6_client_identity_get(*state, NULL, &one),
			 PEER6_E_NOT_FOUND);
	assert_null(one);
	assert_int_equal(peer6_client_identity_create(*state, "alice",
						      "Alice", false, &one),
			 0);
	assert_int_equal(one->n, 1);
	assert_string_equal(one->identity[0].classifier, "alice");
	assert_string_equal(one->identity[0].friendly_name, "Alice");
	assert_false(one->identity[0].strong);
	assert_int_equal(one->identity[0].key_bits, 1024);
	assert_true(one->identity[0].is_default);
	snprintf(name, sizeof(name), "%s", one->identity[0].name);
	peer6_identities_free(one);
	assert_int_equal(peer6_client_identity_create(*state, "b", NULL, true,
						      NULL), 0);
	assert_int_equal(peer6_client_identities(*state, &list), 0);
	assert_int_equal(list->n, 2);
	assert_true(list->identity[1].strong);
	assert_false(list->identity[1].is_default);
	assert_int_equal(peer6_client_identity_set_default(
		*state, list->identity[1].name), 0);
	assert_int_equal(peer6_client_identity_delete(
		*state, list->identity[1].authority), 0);
	peer6_identities_free(list);
	assert_int_equal(peer6_client_identity_rename(*state, name, "Al"), 0);
	assert_int_equal(peer6_client_identity_get(*state, "Al", &one), 0);
	assert_string_equal(one->identity[0].name, name);
	peer6_identities_free(one);

	assert_int_equal(peer6_client_identity_xml(*state, "Al", &text), 0);
	assert_non_null(strstr(text, "PEERIDENTITYINFO"));
	peer6_text_free(text);
	assert_int_equal(peer6_client_identity_export(*state, "Al", "secret",
						      true, &text), 0);
	assert_int_equal(peer6_client_identity_import(*state, text, "other",
						      &one),
			 PEER6_E_PASSWORD);
	assert_int_equal(peer6_client_identity_import(*state, text, "secret",
						      &one), 0);
	assert_string_equal(one->identity[0].classifier, "imported");
	peer6_identities_free(one);
	text[strlen(text) - 4] = '\0';
	assert_int_equal(peer6_client_identity_import(*state, text, "secret",
						      NULL), PEER6_E_CORRUPT);
	peer6_text_free(text);
	assert_int_equal(peer6_client_make_name(*state, NULL, "www", true,
						&text), 0);
	assert_string_equal(text, "0.www");
	peer6_text_free(text);
	assert_int_equal(peer6_client_make_name(*state, "Al", "www", false,
						&text), 0);
	assert_string_equal(text + 40, ".www");
	peer6_text_free(text);
	assert_int_equal(peer6_client_make_name(*state, "Al", "\xff", false,
						&text), PEER6_E_VALUE);
	assert_null(text);
	peer6_text_free(NULL);
}

static void test_daemons(void **state)
{
	struct peer6_client *c;
	struct peer6_answers *answers;
	struct peer6_clouds *clouds;
	char path[200];

	(void)state;
	c = client_of("/nonexistent/socket");
	assert_int_equal(peer6_client_clouds(c, &clouds), PEER6_E_NO_DAEMON);
	assert_null(clouds);
	assert_string_equal(peer6_client_fault(c)->reason, "no-daemon");
	assert_int_equal(peer6_client_resolve(c, "0.alice", NULL, &answers),
			 PEER6_E_NO_DAEMON);
	peer6_client_free(c);

	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	c = client_of(path);
	assert_int_equal(peer6_client_clouds(c, &clouds), PEER6_E_INVAL);
	peer6_client_free(c);

	c = client_of(fake("--interface", "2"));
	assert_int_equal(peer6_client_clouds(c, &clouds), PEER6_E_PROTOCOL);
	assert_string_equal(peer6_client_fault(c)->reason, "wrong-version");
	assert_int_equal(peer6_client_resolve(c, "0.alice", NULL, &answers),
			 PEER6_E_PROTOCOL);
	peer6_client_free(c);

	c = client_of(fake("--bytes", NULL));
	assert_int_equal(peer6_client_clouds(c, &clouds), 0);
	assert_int_equal(clouds->n, 2);
	peer6_clouds_free(clouds);
	assert_int_equal(peer6_client_resolve(c, "0.big", NULL, &answers), 0);
	assert_int_equal(answers->answer[0].n_services, 60);
	peer6_answers_free(answers);
	peer6_client_free(c);

	c = client_of(fake("--hang", NULL));
	peer6_client_set_timeout(c, 50);
	assert_int_equal(peer6_client_clouds(c, &clouds), PEER6_E_TIMEOUT);
	peer6_client_free(c);
	peer6_client_free(NULL);
}

/* The daemon ends between two calls, and another one listens there. */
static void test_restart(void **state)
{
	struct peer6_client *c = client_of(fake(NULL, NULL));
	struct fake *f = &fakes[n_fakes - 1];
	struct peer6_clouds *clouds;

	(void)state;
	assert_int_equal(peer6_client_clouds(c, &clouds), 0);
	peer6_clouds_free(clouds);
	stop(f);
	assert_int_equal(peer6_client_clouds(c, &clouds), PEER6_E_NO_DAEMON);
	n_fakes--;
	fake(NULL, NULL);
	assert_int_equal(peer6_client_clouds(c, &clouds), 0);
	peer6_clouds_free(clouds);
	peer6_client_free(c);
}

static void test_base64(void **state)
{
	static const char *const vectors[][2] = {	/* RFC 4648 section 10 */
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
	};
	static const char *const bad[] = {
		"Z", "Zg=", "Zg", "Z===", "====", "Zm9v=", "Zm=v", "Z m8",
		"Zm9v\nYg==",
	};
	size_t i, len;
	char *text;
	void *data;

	(void)state;
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		text = client_base64(vectors[i][0], strlen(vectors[i][0]));
		assert_string_equal(text, vectors[i][1]);
		free(text);
		data = client_unbase64(vectors[i][1], &len);
		assert_int_equal(len, strlen(vectors[i][0]));
		assert_memory_equal(data, vectors[i][0], len);
		free(data);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(client_unbase64(bad[i], &len));
}

/* A connection whose other end is in the hand of the test. */
static int pair(struct varlink *v)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	memset(v, 0, sizeof(*v));
	v->fd = fds[0];
	return fds[1];
}

static void test_framing(void **state)
{
	static const char two[] = "{\"parameters\":{}}\0{\"continues\":true}";
	char sent[256];
	struct varlink v;
	json_t *reply;
	int fd = pair(&v);
	size_t i;

	(void)state;
	/* Half a message is none; two at once are two. */
	for (i = 0; i < sizeof(two); i++) {
		assert_int_equal(write(fd, two + i, 1), 1);
		assert_int_equal(varlink_process(&v), 0);
		assert_int_equal(varlink_get(&v, &reply), 0);
		assert_int_equal(!!reply, !two[i]);
		json_decref(reply);
	}
	assert_int_equal(write(fd, two, sizeof(two)), sizeof(two));
	assert_int_equal(varlink_wait(&v, &reply, VARLINK_NEVER), 0);
	assert_null(json_object_get(reply, "continues"));
	json_decref(reply);
	assert_int_equal(varlink_wait(&v, &reply, VARLINK_NEVER), 0);
	assert_true(json_is_true(json_object_get(reply, "continues")));
	json_decref(reply);
	assert_int_equal(varlink_wait(&v, &reply, varlink_now() + 20),
			 PEER6_E_TIMEOUT);
	assert_null(reply);

	assert_int_equal(varlink_put(&v, "a.B", json_object(), VARLINK_MORE),
			 0);
	assert_int_equal(varlink_put(&v, "a.C", NULL, 0), PEER6_E_NOMEM);
	assert_int_equal(varlink_events(&v), POLLIN | POLLOUT);
	assert_int_equal(varlink_process(&v), 0);
	assert_int_equal(varlink_events(&v), POLLIN);
	i = read(fd, sent, sizeof(sent));
	assert_int_equal(i, strlen(sent) + 1);
	assert_string_equal(sent,
		"{\"method\":\"a.B\",\"parameters\":{},\"more\":true}");

	/* What was said before the end is heard, and half a message is not. */
	assert_int_equal(write(fd, two, sizeof(two) - 1), sizeof(two) - 1);
	close(fd);
	assert_int_equal(varlink_wait(&v, &reply, VARLINK_NEVER), 0);
	assert_non_null(reply);
	json_decref(reply);
	assert_int_equal(varlink_wait(&v, &reply, VARLINK_NEVER),
			 PEER6_E_NO_DAEMON);
	/* And to write there is an error, not a signal. */
	assert_int_equal(varlink_put(&v, "a.B", json_object(), 0), 0);
	assert_int_equal(varlink_process(&v), PEER6_E_NO_DAEMON);
	varlink_close(&v);
	assert_int_equal(varlink_process(&v), PEER6_E_NO_DAEMON);
}

/* More than a socket holds, both ways, and never more than the limit. */
static void test_large(void **state)
{
	size_t size = 3u << 20, got = 0;
	char *big = malloc(size + 1), buf[65536];
	struct varlink v;
	json_t *reply = NULL;
	int fd = pair(&v);
	ssize_t n;

	(void)state;
	memset(big, 'x', size);
	big[size] = '\0';
	assert_int_equal(varlink_put(&v, "a.B", json_pack("{s:s}", "big", big),
				     0), 0);
	while (varlink_events(&v) & POLLOUT) {
		assert_int_equal(varlink_process(&v), 0);
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		got += n > 0 ? n : 0;
	}
	while ((n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		got += n;
	assert_int_equal(got, size + strlen("{\"method\":\"a.B\","
					    "\"parameters\":{\"big\":\"\"}}") +
			 1);

	/* A message without an end is given up at the limit. */
	memset(buf, ' ', sizeof(buf));
	got = 0;
	do {
		n = send(fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_NOSIGNAL);
		got += n > 0 ? n : 0;
		n = varlink_process(&v);
		assert_int_equal(varlink_get(&v, &reply), 0);
		assert_null(reply);
	} while (!n && got < 2 * VARLINK_MESSAGE_MAX);
	assert_int_equal(n, PEER6_E_PROTOCOL);
	assert_in_range(got, VARLINK_MESSAGE_MAX,
			VARLINK_MESSAGE_MAX + (1u << 20));
	varlink_close(&v);
	close(fd);
	free(big);
}

/* Members of the wrong kind are as good as none. */
static void test_odd_answers(void **state)
{
	static const struct {
		const char *json;
		int error;
		size_t services;
	} odd[] = {
		{ "{}", 0, 0 },
		{ "[]", 0, 0 },
		{ "7", 0, 0 },
		{ "{\"applications\":{}}", 0, 0 },
		{ "{\"applications\":[1,[],{},null]}", 0, 0 },
		{ "{\"applications\":[{\"address\":\"::1\",\"port\":1,"
		  "\"protocol\":6}]}", 0, 1 },
		{ "{\"applications\":[{\"address\":\"::1\",\"port\":65536,"
		  "\"protocol\":6}]}", 0, 0 },
		{ "{\"applications\":[{\"address\":\"::1\",\"port\":-1,"
		  "\"protocol\":6}]}", 0, 0 },
		{ "{\"applications\":[{\"address\":\"::1\",\"port\":\"1\","
		  "\"protocol\":6}]}", 0, 0 },
		{ "{\"applications\":[{\"address\":\"::1\",\"port\":1,"
		  "\"protocol\":256}]}", 0, 0 },
		{ "{\"applications\":[{\"address\":\"::1\",\"port\":1,"
		  "\"protocol\":6,\"scope_id\":4294967296}]}", 0, 0 },
		{ "{\"applications\":[{\"address\":\"192.0.2.1\",\"port\":1,"
		  "\"protocol\":6}]}", 0, 0 },
		{ "{\"payload_binary\":\"%\"}", PEER6_E_PROTOCOL, 0 },
		{ "{\"payload_binary\":7,\"comment\":[],\"hops\":\"x\","
		  "\"took\":{},\"secure\":\"yes\",\"name\":1}", 0, 0 },
	};
	struct peer6_answer answer;
	json_t *json;
	size_t i;
	int err;

	(void)state;
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		json = json_loads(odd[i].json, JSON_DECODE_ANY, NULL);
		assert_non_null(json);
		err = client_read_answer(&answer, json);
		assert_int_equal(err, odd[i].error);
		if (!err) {
			assert_int_equal(answer.n_services, odd[i].services);
			assert_non_null(answer.name);
			assert_false(answer.secure);
			assert_null(answer.blob);
			assert_null(answer.comment);
			client_free_answer(&answer);
		}
		json_decref(json);
	}
}

static void test_no_object(void **state)
{
	static const char *const bad[] = {
		"", "{", "[]", "7", "\"x\"", "{\"a\":1,\"a\":2}", "{}x",
		"{\"a\":\"\xff\"}",
	};
	struct varlink v;
	json_t *reply;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fd = pair(&v);
		assert_int_equal(write(fd, bad[i], strlen(bad[i]) + 1),
				 strlen(bad[i]) + 1);
		assert_int_equal(varlink_wait(&v, &reply, VARLINK_NEVER),
				 PEER6_E_PROTOCOL);
		assert_null(reply);
		varlink_close(&v);
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_clouds),
		cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_resolve_options),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_bad_answers),
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_register),
		cmocka_unit_test(test_identities),
		cmocka_unit_test(test_daemons),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_framing),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_no_object),
		cmocka_unit_test(test_odd_answers),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
