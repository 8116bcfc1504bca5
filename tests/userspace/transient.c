// SPDX-License-Identifier: GPL-2.0-or-later
/* Publishes NAME in CLOUD for as long as its standard input is open. */
#include <stdio.h>

#include <peer6/pnrp.h>

int main(int argc, char **argv)
{
	struct peer6_publication p = { .size = sizeof(p) };
	struct peer6_client *client;

	if (argc != 3 || peer6_client_new(&client, NULL))
		return 2;
	p.name = argv[1];
	p.cloud = argv[2];
	if (peer6_client_register(client, &p, NULL)) {
		puts(peer6_client_fault(client)->message);
		peer6_client_free(client);
		return 1;
	}
	puts("published");
	fflush(stdout);
	while (getchar() != EOF)
		;
	peer6_client_free(client);
	return 0;
}
