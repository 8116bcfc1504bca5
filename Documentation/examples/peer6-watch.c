// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Resolves several names at once in a loop of the program's own, with poll().
 *
 *	cc -o peer6-watch peer6-watch.c $(pkg-config --cflags --libs libpeer6)
 *	./peer6-watch alice.pnrp.net 0.bob
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>

#include <peer6/pnrp.h>

#define NAMES_MAX	16

static void show(const char *name, const struct peer6_answer *answer)
{
	char text[INET6_ADDRSTRLEN];
	size_t i;

	for (i = 0; i < answer->n_services; i++) {
		const struct peer6_endpoint *e = &answer->service[i].endpoint;

		printf("%s: [%s]:%u%s\n", name,
		       inet_ntop(AF_INET6, e->addr, text, sizeof(text)),
		       e->port, answer->secure ? "" : " (unsecured)");
	}
}

/* Everything that is there for one name. False: that was all. */
static int advance(const char *name, struct peer6_lookup *lookup)
{
	const struct peer6_answer *answer;
	int event;

	while ((event = peer6_lookup_next(lookup, &answer)) ==
	       PEER6_LOOKUP_ANSWER)
		show(name, answer);
	if (event < 0)
		fprintf(stderr, "%s: %s [%s]\n", name,
			peer6_lookup_fault(lookup)->message,
			peer6_lookup_fault(lookup)->reason);
	return event == PEER6_LOOKUP_WAIT;
}

int main(int argc, char **argv)
{
	struct peer6_resolve_options options = {
		.size = sizeof(options), .max = 8,
	};
	struct peer6_lookup *lookup[NAMES_MAX] = { NULL };
	struct pollfd pfd[NAMES_MAX];
	struct peer6_client *client;
	int i, n = argc - 1, left = 0, timeout, t;

	if (n < 1 || n > NAMES_MAX || peer6_client_new(&client, NULL))
		return 2;
	for (i = 0; i < n; i++) {
		if (peer6_lookup_start(client, argv[i + 1], &options,
				       &lookup[i]))
			fprintf(stderr, "%s: %s\n", argv[i + 1],
				peer6_client_fault(client)->message);
		else
			left++;
	}
	while (left) {
		for (timeout = -1, i = 0; i < n; i++) {
			pfd[i].fd = -1;		/* poll() passes it over */
			if (!lookup[i])
				continue;
			pfd[i].fd = peer6_lookup_fd(lookup[i]);
			pfd[i].events = peer6_lookup_events(lookup[i]);
			t = peer6_lookup_timeout(lookup[i]);
			if (timeout < 0 || t < timeout)
				timeout = t;
		}
		poll(pfd, n, timeout);
		for (i = 0; i < n; i++) {
			if (!lookup[i] || advance(argv[i + 1], lookup[i]))
				continue;
			peer6_lookup_free(lookup[i]);
			lookup[i] = NULL;
			left--;
		}
	}
	peer6_client_free(client);
	return 0;
}
