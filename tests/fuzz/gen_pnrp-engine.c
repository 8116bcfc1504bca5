// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes the seeds of fuzz_pnrp-engine: gen_pnrp-engine DIR makes
 * DIR/pnrp-engine/. Each is a program that gets the engines into another part
 * of the protocol, from where the fuzzer goes on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pnrp_engine_program.h"

#define JOIN								\
	OP_OPEN, 0, OP_REGISTER, 0, 0, 0, OP_OPEN, 1, OP_REGISTER, 1, 1, 1, \
	OP_SETTLE, OP_OPEN, 2, OP_SETTLE, OP_OPEN, 3, OP_SETTLE,	\
	OP_REGISTER, 2, 2, 6, OP_SETTLE, OP_TIME, 8, OP_SETTLE
#define RESOLVE(node, name, how)					\
	OP_RESOLVE, node, name, how, 128, 1, 20, OP_SETTLE

#define SEED(name, ...)							\
	{ name, (const unsigned char[]){ __VA_ARGS__ },			\
	  sizeof((const unsigned char[]){ __VA_ARGS__ }) }

static const struct {
	const char		*name;
	const unsigned char	*data;
	size_t			len;
} seeds[] = {
	SEED("join", 5, JOIN),
	SEED("join-multicast", 4, OP_OPEN, 0, OP_REGISTER, 0, 0, 0, OP_OPEN,
	     1, OP_SSDP, 1, 0, OP_SETTLE, OP_TIME, 7, OP_SETTLE),
	SEED("resolve", 5, JOIN, RESOLVE(3, 0, 0), RESOLVE(3, 2, 2),
	     RESOLVE(0, 2, 4), RESOLVE(2, 2, 64)),
	SEED("resolve-secure", 5, JOIN, RESOLVE(3, 1, 128)),
	SEED("resolve-many", 5, JOIN, OP_REGISTER, 1, 0, 0, OP_REGISTER, 2, 0,
	     0, OP_SETTLE, RESOLVE(3, 0, 0)),
	SEED("fragments", 5, JOIN, OP_UPDATE, 2, 0, 2, 8, RESOLVE(3, 2, 0)),
	SEED("chain", 5, JOIN, OP_REGISTER, 2, 1, 17, OP_SETTLE,
	     RESOLVE(3, 2, 128)),
	SEED("unregister", 5, JOIN, OP_UNREGISTER, 0, 0, OP_SETTLE,
	     OP_UNREGISTER, 1, 0, OP_SETTLE, RESOLVE(3, 0, 0)),
	SEED("revoke-dialect", 24 + 5, JOIN, OP_UNREGISTER, 1, 0, OP_SETTLE),
	SEED("addresses", 5, JOIN, OP_ENDPOINTS, 1, 130, OP_SETTLE,
	     OP_ENDPOINTS, 1, 0, OP_TIME, 5, OP_ENDPOINTS, 1, 4, OP_SETTLE),
	SEED("close", 5, JOIN, OP_CLOSE, 1, OP_TIME, 10, OP_TIME, 4, OP_OPEN,
	     1, OP_SETTLE),
	SEED("repair", 5, JOIN, OP_REPAIR, 1, OP_SETTLE, OP_FLUSH, 2,
	     OP_SETTLE, OP_REPAIR, 2, OP_SETTLE),
	SEED("ping", 5, JOIN, OP_PING, 3, 0, OP_PING, 3, 9, OP_SETTLE,
	     OP_SETTLE),
	SEED("dead", 5, JOIN, OP_ENDPOINTS, 0, 0, OP_RESOLVE, 3, 0, 0, 0, 0,
	     30, OP_TIME, 4, OP_TIME, 4, OP_TIME, 4, OP_TIME, 8, OP_SETTLE),
	SEED("no-memory", 5, OP_OPEN, 0, OP_REGISTER, 0, 0, 0, OP_OPEN, 1,
	     OP_FAIL, 0, 9, OP_REGISTER, 1, 1, 1, OP_SETTLE, OP_FAIL, 0, 30,
	     OP_SETTLE, RESOLVE(1, 0, 0)),
	SEED("no-random", 5, JOIN, OP_FAIL, 1, 1, RESOLVE(3, 0, 0), OP_TIME,
	     8, OP_FAIL, 1, 0, RESOLVE(3, 0, 0)),
	SEED("no-callback", 5, JOIN, OP_FAIL, 2, 2, RESOLVE(3, 0, 0)),
	SEED("no-key", 5, JOIN, OP_FAIL, 3, 1, RESOLVE(3, 0, 0)),
	SEED("clock", 5, JOIN, OP_CLOCK, 3, 100, RESOLVE(3, 0, 0), OP_CLOCK,
	     3, 156, RESOLVE(3, 0, 0)),
	SEED("spoilt", 5, OP_OPEN, 0, OP_REGISTER, 0, 0, 0, OP_OPEN, 1,
	     OP_DELIVER, 1, OP_SPOIL, 0, 0, 40, 1, OP_DELIVER, 1, OP_SPOIL, 1,
	     0, 12, 3, 0, 60, 9, OP_SETTLE),
	SEED("replay", 5, JOIN, OP_REPLAY, 3, 1, 5, OP_REPLAY, 140, 2, 6,
	     OP_REPLAY, 17, 0, 7, OP_SETTLE),
	SEED("crafted", 5, JOIN, OP_CRAFT, 0, 9, 3, 1, 7, 0, 0x41, 0x80, 200,
	     9, OP_DELIVER, 3, OP_CRAFT, 1, 10, 10, 4, 8, 2, 0x40, 0x42, 128,
	     2, OP_CANCEL, 3, 0, OP_KNOWN, 3, 1, OP_LOSE),
};

int main(int argc, char **argv)
{
	char path[4096];
	unsigned int i;
	FILE *f;

	if (argc != 2) {
		fprintf(stderr, "usage: gen_pnrp-engine DIR\n");
		return 2;
	}
	mkdir(argv[1], 0777);
	snprintf(path, sizeof(path), "%s/pnrp-engine", argv[1]);
	if (mkdir(path, 0777) && errno != EEXIST) {
		perror(path);
		return 1;
	}
	for (i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		snprintf(path, sizeof(path), "%s/pnrp-engine/%s", argv[1],
			 seeds[i].name);
		f = fopen(path, "wb");
		if (!f || fwrite(seeds[i].data, 1, seeds[i].len, f) !=
		    seeds[i].len || fclose(f)) {
			perror(path);
			return 1;
		}
	}
	return 0;
}
