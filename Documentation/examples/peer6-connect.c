// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Resolves a name of PNRP and connects to what it stands for. Nothing of
 * libpeer6 is in the way of the data after that.
 *
 *	cc -o peer6-connect peer6-connect.c $(pkg-config --cflags --libs libpeer6)
 *	./peer6-connect alice.pnrp.net
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <peer6/pnrp.h>

static int try_connect(const struct peer6_endpoint *endpoint)
{
	struct sockaddr_in6 to = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(endpoint->port),
		.sin6_scope_id = endpoint->scope_id,
	};
	char text[INET6_ADDRSTRLEN];
	int fd;

	memcpy(&to.sin6_addr, endpoint->addr, sizeof(to.sin6_addr));
	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (!connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return fd;
	fprintf(stderr, "[%s]:%u: %s\n",
		inet_ntop(AF_INET6, endpoint->addr, text, sizeof(text)),
		endpoint->port, strerror(errno));
	close(fd);
	return -1;
}

int main(int argc, char **argv)
{
	struct peer6_client *client;
	struct peer6_answers *answers;
	const struct peer6_fault *fault;
	int fd = -1, err = 1;
	size_t i;

	if (argc != 2 || peer6_client_new(&client, NULL))
		return 2;
	if (peer6_client_resolve(client, argv[1], NULL, &answers)) {
		fault = peer6_client_fault(client);
		fprintf(stderr, "%s [%s]\n", fault->message, fault->reason);
		peer6_client_free(client);
		return 1;
	}
	for (i = 0; i < answers->answer[0].n_services && fd < 0; i++)
		fd = try_connect(&answers->answer[0].service[i].endpoint);
	if (fd >= 0) {
		printf("connected to %s\n", answers->answer[0].name);
		close(fd);
		err = 0;
	}
	peer6_answers_free(answers);
	peer6_client_free(client);
	return err;
}
