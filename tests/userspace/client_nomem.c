// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each function of the client library, with one allocation after the other
 * failing, in the library and in jansson below it: it fails, says so, leaks
 * nothing (ASan looks), and the client works again right after. PEER6_SOCKET is
 * that of a fake daemon.
 */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <peer6/pnrp.h>

void *__real_malloc(size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_calloc(size_t n, size_t size);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_calloc(size_t n, size_t size);
char *__wrap_strdup(const char *s);

static long fail_at = -1, allocations;

static bool fails_now(void)
{
	return fail_at >= 0 && allocations++ == fail_at;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails_now() ? NULL : __real_realloc(p, size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails_now() ? NULL : __real_calloc(n, size);
}

char *__wrap_strdup(const char *s)
{
	return fails_now() ? NULL : __real_strdup(s);
}

static int do_new(struct peer6_client *client)
{
	struct peer6_client *other;
	int err = peer6_client_new(&other, NULL);

	(void)client;
	peer6_client_free(other);
	return err;
}

static int do_version(struct peer6_client *client)
{
	struct peer6_client *fresh;
	int err;

	(void)client;
	err = peer6_client_new(&fresh, NULL);
	if (!err)
		err = peer6_client_version(fresh, NULL, NULL);
	peer6_client_free(fresh);
	return err;
}

static int do_clouds(struct peer6_client *client)
{
	struct peer6_clouds *clouds;
	int err = peer6_client_clouds(client, &clouds);

	peer6_clouds_free(clouds);
	return err;
}

static int do_resolve(struct peer6_client *client)
{
	struct peer6_resolve_options o = {
		.size = sizeof(o), .max = 8, .cloud = "Global_",
		.near_to = "2001:db8::/64", .timeout_ms = 2000,
	};
	struct peer6_answers *answers;
	int err = peer6_client_resolve(client, "0.many", &o, &answers);

	/* With something in hand, what failed later is of no concern. */
	if (!err && (!answers->n || !answers->answer[0].n_services))
		err = 1;
	peer6_answers_free(answers);
	return err;
}

static int do_payload(struct peer6_client *client)
{
	struct peer6_answers *answers;
	int err = peer6_client_resolve(client, "0.payload", NULL, &answers);

	peer6_answers_free(answers);
	return err;
}

static int do_not_found(struct peer6_client *client)
{
	struct peer6_answers *answers;
	int err = peer6_client_resolve(client, "0.nobody", NULL, &answers);

	if (!peer6_client_fault(client)->message)
		return 1;
	return err == PEER6_E_NOT_FOUND ? 0 : err;
}

static int do_register(struct peer6_client *client)
{
	struct peer6_service service = { .endpoint.port = 22, .protocol = 6 };
	struct peer6_publication p = {
		.size = sizeof(p), .name = "0.bob", .cloud = "Global_",
		.service = &service, .n_services = 1, .comment = "c",
		.blob = "abc", .n_blob = 3, .near_to = "2001:db8::/64",
	};
	struct peer6_registrations *list;
	int err;

	service.endpoint.addr[0] = 0xfd;
	err = peer6_client_register(client, &p, &list);
	peer6_registrations_free(list);
	return err;
}

static int do_identities(struct peer6_client *client)
{
	struct peer6_identities *list;
	char *text = NULL;
	int err = peer6_client_identity_create(client, "a", "b", false, &list);

	peer6_identities_free(list);
	if (!err)
		err = peer6_client_identity_export(client, NULL, "secret",
						   true, &text);
	peer6_text_free(text);
	return err;
}

static const struct {
	const char *name;
	int (*run)(struct peer6_client *client);
} cases[] = {
	{ "new", do_new },
	{ "version", do_version },
	{ "clouds", do_clouds },
	{ "resolve", do_resolve },
	{ "payload", do_payload },
	{ "not found", do_not_found },
	{ "register", do_register },
	{ "identities", do_identities },
};

/* What lack of memory may look like: text that cannot be made into JSON, or
 * JSON that cannot be read.
 */
static bool is_memory(int err)
{
	return err == PEER6_E_NOMEM || err == PEER6_E_VALUE ||
	       err == PEER6_E_PROTOCOL;
}

int main(void)
{
	struct peer6_client *client;
	int failed = 0, err, again;
	size_t i;
	long n;

	printf("TAP version 13\n1..%zu\n", sizeof(cases) / sizeof(cases[0]));
	if (peer6_client_new(&client, NULL))
		return 1;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool bad = cases[i].run(client) != 0;
		long refused = 0;

		for (n = 0; !bad && n < 10000; n++) {
			fail_at = n;
			allocations = 0;
			err = cases[i].run(client);
			fail_at = -1;
			if (allocations <= n) {
				bad = err;
				break;
			}
			refused += err != 0;
			again = cases[i].run(client);
			bad = (err && !is_memory(err)) || again;
			if (bad)
				printf("# allocation %ld: %d, then %d\n", n,
				       err, again);
		}
		/* To have failed nothing is no proof. */
		bad = bad || n < 2 || !refused;
		printf("%sok %zu - %s without memory, %s\n", bad ? "not " : "",
		       i + 1, cases[i].name, "one allocation at a time");
		failed |= bad;
	}
	peer6_client_free(client);
	return failed;
}
