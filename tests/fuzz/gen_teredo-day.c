// SPDX-License-Identifier: GPL-2.0
/* gen_teredo-day DIR: the seeds of fuzz_teredo-day, in DIR/teredo-day. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "day_program.h"

/* Pauses: kinds 0 (0 ms) to 7 (half an hour), times 1/16 to 2 */
#define P(kind, times)	((kind) | (times) << 3)
#define SECONDS(n)	P(3, (n) * 4 - 1)
#define MINUTES(n)	P(5, (n) * 16 - 1)
#define HOURS(n)	P(7, (n) * 32 - 1)

#define SEED(n, ...)	{ .name = n, .prog = { __VA_ARGS__ }, \
			  .len = sizeof((unsigned char[]){ __VA_ARGS__ }) }

static const struct {
	const char *name;
	unsigned char prog[64];
	size_t len;
} seeds[] = {
	SEED("quiet", DAY_PEER, 0, HOURS(1)),
	SEED("talk", DAY_SEND_MORE, 0, SECONDS(4), DAY_SEND, 4, SECONDS(2)),
	SEED("nobody", DAY_PEER, 0x41, 0, DAY_SEND_MORE, 0, P(2, 15),
	     DAY_DOUBT, 7, P(2, 15)),
	SEED("nat", DAY_NAT_RESTART, 9, P(2, 3), DAY_DOUBT, 1, SECONDS(4),
	     DAY_NAT_MOVE, 2, MINUTES(1), DAY_NAT_KIND, 1, MINUTES(1),
	     DAY_NAT_KIND, 99, MINUTES(1)),
	SEED("server", DAY_SERVER, 1, P(6, 31), DAY_SERVER, 200, MINUTES(1),
	     DAY_SERVER2, 1, MINUTES(1), DAY_UP, 0, MINUTES(1)),
	SEED("link", DAY_LINK, 0, SECONDS(4), DAY_LINK, 99, SECONDS(1),
	     DAY_LINK, 0, P(6, 31), DAY_ANOTHER_LINK, 1, MINUTES(1)),
	SEED("sleep", DAY_SLEEP, 255, MINUTES(1), DAY_NAT_MOVE, 1, 0,
	     DAY_SLEEP, 99, MINUTES(1), DAY_SEND, 1, 0),
	SEED("loss", DAY_LOSS, 77, 60, 0, DAY_SEND_MORE, 2, SECONDS(4)),
	SEED("strangers", DAY_CONFIG, 0xfc, SECONDS(4), DAY_STRANGER, 0xff,
	     P(1, 15), DAY_STRANGER, 0x7f, P(2, 15)),
	SEED("config", DAY_CONFIG, 0xfd, MINUTES(1), DAY_REFRESH, 3,
	     MINUTES(1), DAY_CONFIG, 6, MINUTES(1), DAY_REPLAY, 0, 0),
};

int main(int argc, char **argv)
{
	char path[4096];
	size_t i;
	FILE *f;

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIR\n", argv[0]);
		return 2;
	}
	mkdir(argv[1], 0777);
	snprintf(path, sizeof(path), "%s/teredo-day", argv[1]);
	mkdir(path, 0777);
	for (i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		snprintf(path, sizeof(path), "%s/teredo-day/%s", argv[1],
			 seeds[i].name);
		f = fopen(path, "wb");
		if (!f || fwrite(seeds[i].prog, 1, seeds[i].len, f) !=
			  seeds[i].len || fclose(f)) {
			perror(path);
			return 1;
		}
	}
	return 0;
}
