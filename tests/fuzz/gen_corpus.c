// SPDX-License-Identifier: GPL-2.0
/*
 * Writes the seed corpus: gen_corpus DIR makes DIR/packet/ and DIR/machine/.
 * "make fuzz-corpus" puts it in its place in the tree.
 */
#include <sys/stat.h>

#include "fuzz.h"
#include "program.h"
#include "vectors.h"

static const struct {
	const char *name, *digits;
} packets[] = {
#define V(name, digits) { name, digits },
	UNIT_VECTORS(V)
#undef V
	{ "refused-trailer", V_BUBBLE T_REFUSED },
	{ "all-trailers", V_BUBBLE T_NONCE T_ALT_TWO T_ND_SOLICIT
			  T_RANDOM_PORT T_SKIPPED T_CUT },
	{ "auth-origin-bubble", "00010000 01020304 05060708 00" V_ORIGIN_A
				V_BUBBLE T_NONCE },
	{ "auth-twice", "00010000 01020304 05060708 00"
			"00010000 01020304 05060708 00" V_BUBBLE },
	{ "origin-twice", V_ORIGIN_A V_ORIGIN_A V_BUBBLE },
	{ "bad-indicator", "0002efff 3ffffdfe" V_BUBBLE },
	{ "ipv4", "45000000 00003b00" HEX_A HEX_B },
	{ "length-beyond", "60000000 00013b00" HEX_A HEX_B },
	{ "udp", "60000000 00081140" HEX_A HEX_B "11223344 55667788" },
	{ "routing-header", "60000000 00182b40" HEX_B HEX_A
			    "3b020001 00000000" HEX_N },
	{ "short", "60000000" },
};

#define UP(config)	OP_CONFIG, config, \
			OP_RA, FROM_SERVER, FROM_NAT, 0, 0, \
			OP_RA, FROM_SERVER2, FROM_NAT, 0, 0
#define BUBBLE_FROM(peer, from, how) \
			OP_INPUT, KIND_BUBBLE, peer, PEER_SELF, from, how
#define DATA_FROM(peer, from, how) \
			OP_INPUT, KIND_DATA, peer, PEER_SELF, from, how
#define LOST		OP_DEADLINE, OP_DEADLINE, OP_DEADLINE
#define SECONDS(n)	OP_WAIT_S, n
#define SPACING		OP_WAIT_S, 2

#define PROGRAM(...)	(const u8[]){ __VA_ARGS__ }, \
			sizeof((const u8[]){ __VA_ARGS__ })

static const struct {
	const char *name;
	const u8 *prog;
	size_t len;
} programs[] = {
	{ "qualify", PROGRAM(1, UP(0), OP_DEADLINE,
			     OP_RA, FROM_SERVER, FROM_NAT, 0, 0) },
	{ "no-nat", PROGRAM(2, OP_ROUTE, 3, OP_CONFIG, 0,
			    OP_RA, FROM_SERVER, FROM_B, 0, 0,
			    OP_RA, FROM_SERVER2, FROM_B, 0, 0,
			    OP_SEND, PEER_SAME_NAT) },
	{ "cone", PROGRAM(3, OP_CONFIG, CONFIG_CONE_PROBE,
			  OP_RA, FROM_SERVER2, FROM_NAT, 0, 0, OP_DEADLINE,
			  OP_RA, FROM_SERVER2, FROM_NAT, 0, 0,
			  OP_SEND, PEER_B) },
	{ "symmetric", PROGRAM(4, OP_CONFIG, 0,
			       OP_RA, FROM_SERVER, FROM_NAT, 0, 0,
			       OP_RA, FROM_SERVER2, FROM_NAT2, 0, 0,
			       OP_DEADLINE) },
	{ "offline", PROGRAM(5, OP_CONFIG, 0, LOST, OP_DEADLINE, LOST,
			     OP_DEADLINE, LOST, OP_NETWORK) },
	{ "single-server", PROGRAM(6, OP_REFRESH, 0, OP_CONFIG, CONFIG_SINGLE,
				   OP_RA, FROM_SERVER, FROM_NAT, 0, 0, LOST,
				   OP_DEADLINE) },
	{ "secure", PROGRAM(7, UP(CONFIG_SECRET), OP_DEADLINE,
			    OP_RA, FROM_SERVER, FROM_NAT, RA_FLIP, 40,
			    OP_RA, FROM_SERVER, FROM_NAT, RA_NO_AUTH, 0,
			    OP_RA, FROM_SERVER, FROM_NAT, RA_CONFIRM, 0) },
	{ "hmac-fails", PROGRAM(8, UP(CONFIG_SECRET), OP_HMAC, 1, OP_DEADLINE,
				OP_RA, FROM_SERVER, FROM_NAT, 0, 0, LOST,
				OP_HMAC, 0, OP_DEADLINE) },
	{ "bad-advertisements",
	  PROGRAM(9, OP_CONFIG, 0,
		  OP_RA, FROM_SERVER_PORT, FROM_NAT, 0, 0,
		  OP_RA, FROM_SERVER, FROM_NAT, RA_NONCE, 0,
		  OP_RA, FROM_SERVER, FROM_NAT, RA_NO_ORIGIN, 0,
		  OP_RA, FROM_SERVER, FROM_PRIVATE, 0, 0,
		  OP_RA, FROM_SERVER, FROM_NAT, RA_CUT, 90,
		  OP_RA, FROM_SERVER, FROM_NAT, RA_OTHER_PREFIX, 0,
		  OP_RA, FROM_SERVER, FROM_NAT, RA_OTHER_PREFIX, 1) },
	{ "renumbered", PROGRAM(10, UP(0), OP_SEND, PEER_B, OP_DEADLINE,
				OP_RA, FROM_SERVER, FROM_NAT2, 0, 0,
				OP_RA, FROM_SERVER2, FROM_NAT2, 0, 0) },
	{ "sleep", PROGRAM(11, UP(0), OP_SUSPEND, SECONDS(200), OP_RESUME,
			   OP_RA, FROM_SERVER, FROM_NAT, 0, 0, OP_SUSPEND,
			   SECONDS(200), OP_RESUME, LOST, LOST) },
	{ "no-route", PROGRAM(12, OP_ROUTE, 0, OP_CONFIG, 0, OP_DEADLINE,
			      OP_ROUTE, 1, OP_NETWORK, OP_STOP) },
	{ "two-routes", PROGRAM(13, OP_ROUTE, 1, OP_CONFIG, 0, OP_ROUTE, 2,
				OP_RA, FROM_SERVER, FROM_NAT, 0, 0,
				OP_DEADLINE) },
	{ "connect", PROGRAM(14, UP(0), OP_SEND, PEER_B, OP_SEND, PEER_B,
			     SPACING, BUBBLE_FROM(PEER_B, FROM_B, 0),
			     OP_SEND, PEER_B, SECONDS(21), OP_SEND, PEER_B,
			     DATA_FROM(PEER_B, FROM_B, HOW_TRAILER)) },
	{ "unreachable", PROGRAM(15, UP(CONFIG_TTL), OP_SEND, PEER_B, SPACING,
				 SPACING, SPACING, SPACING, OP_SEND, PEER_B,
				 SECONDS(255), SECONDS(60), OP_SEND, PEER_B) },
	{ "answer", PROGRAM(16, UP(0),
			    BUBBLE_FROM(PEER_B, FROM_SERVER, HOW_ORIGIN),
			    BUBBLE_FROM(PEER_B, FROM_SERVER, HOW_ORIGIN),
			    OP_WAIT_MS, 30,
			    BUBBLE_FROM(PEER_B, FROM_SERVER, 0),
			    DATA_FROM(PEER_B, FROM_B, 0)) },
	{ "relay-bubble", PROGRAM(17, UP(0),
				  BUBBLE_FROM(PEER_LINKLOCAL, FROM_SERVER,
					      HOW_ORIGIN)) },
	{ "native", PROGRAM(18, UP(0), OP_SEND, PEER_NATIVE,
			    OP_ECHO_REPLY, PEER_NATIVE, FROM_RELAY,
			    OP_SEND, PEER_NATIVE, SECONDS(22),
			    OP_SEND, PEER_NATIVE,
			    OP_ECHO_REPLY, PEER_NATIVE, FROM_RELAY,
			    OP_ECHO_REPLY, PEER_NATIVE, FROM_B) },
	{ "native-first", PROGRAM(19, UP(0),
				  DATA_FROM(PEER_NATIVE, FROM_RELAY, 0),
				  DATA_FROM(PEER_NATIVE, FROM_RELAY, 0),
				  OP_ECHO_REPLY, PEER_NATIVE, FROM_RELAY,
				  DATA_FROM(PEER_NATIVE, FROM_B, 0),
				  OP_ECHO_REPLY, PEER_NATIVE, FROM_B) },
	{ "discovery", PROGRAM(20, UP(CONFIG_DISCOVERY), OP_INPUT,
			       KIND_BUBBLE, PEER_SAME_NAT, PEER_ALL_NODES,
			       FROM_LAN, HOW_MULTICAST | HOW_ON_LINK,
			       OP_SEND, PEER_SAME_NAT, SPACING, SPACING,
			       DATA_FROM(PEER_SAME_NAT, FROM_LAN,
					 HOW_ON_LINK)) },
	{ "dropped", PROGRAM(21, UP(0),
			     DATA_FROM(PEER_B, FROM_B_PORT, 0),
			     DATA_FROM(PEER_SELF, FROM_B, 0),
			     DATA_FROM(PEER_B, FROM_SELF, 0),
			     DATA_FROM(PEER_LINKLOCAL, FROM_SERVER, 0),
			     BUBBLE_FROM(PEER_LINKLOCAL, FROM_RELAY, 0),
			     OP_SEND, PEER_PRIVATE_SERVER,
			     DATA_FROM(PEER_B, FROM_B, HOW_ORIGIN),
			     OP_INPUT, KIND_RH0, PEER_B, PEER_SELF, FROM_B, 0,
			     OP_INPUT, KIND_DATA, PEER_B, PEER_ALL_NODES,
			     FROM_B, 0,
			     DATA_FROM(PEER_PRIVATE, FROM_PRIVATE, 0)) },
	{ "private-lab", PROGRAM(22, UP(CONFIG_PRIVATE),
				 OP_SEND, PEER_PRIVATE, OP_SEND, PEER_GROUP,
				 DATA_FROM(PEER_PRIVATE, FROM_PRIVATE, 0)) },
	{ "distrust", PROGRAM(23, UP(0), DATA_FROM(PEER_B, FROM_B, 0),
			      OP_DISTRUST, PEER_B, OP_SEND, PEER_B,
			      OP_DISTRUST, PEER_B, OP_SEND, PEER_B) },
	{ "relay", PROGRAM(24, OP_RELAY_SEND, PEER_B,
			   OP_PROOF, PEER_B, FROM_B_PORT,
			   OP_RELAY_SEND, PEER_B,
			   OP_RELAY_INPUT, KIND_DATA, PEER_B, PEER_NATIVE,
			   FROM_B_PORT, HOW_LOCAL,
			   OP_RELAY_INPUT, KIND_DATA, PEER_B, PEER_SAME_NAT,
			   FROM_B, 0, SECONDS(22), OP_RELAY_SEND, PEER_B) },
	{ "host-relay", PROGRAM(25, OP_CONFIG, CONFIG_HOST_RELAY,
				OP_RELAY_SEND, PEER_B, SPACING,
				OP_PROOF, PEER_B, FROM_B,
				OP_RELAY_INPUT, KIND_DATA, PEER_B,
				PEER_NATIVE, FROM_B, HOW_LOCAL) },
	{ "relay-dropped", PROGRAM(26, OP_PROOF, PEER_B, FROM_B,
				   OP_RELAY_INPUT, KIND_DATA, PEER_NATIVE,
				   PEER_NATIVE2, FROM_RELAY, 0,
				   OP_RELAY_INPUT, KIND_BUBBLE, PEER_B,
				   PEER_LINKLOCAL, FROM_B, 0,
				   OP_RELAY_SEND, PEER_PRIVATE,
				   OP_RELAY_SEND, PEER_NATIVE2) },
	{ "server", PROGRAM(27,
			    OP_SERVER, KIND_RS, PEER_LINKLOCAL,
			    PEER_ALL_ROUTERS, FROM_NAT, 0,
			    OP_SERVER, KIND_RS, PEER_LINKLOCAL,
			    PEER_ALL_ROUTERS, FROM_NAT, 1 | HOW_AUTH,
			    OP_SERVER, KIND_BUBBLE, PEER_B, PEER_SAME_NAT,
			    FROM_B, 1,
			    OP_SERVER, KIND_BUBBLE, PEER_LINKLOCAL,
			    PEER_SERVER_LOOP, FROM_RELAY, 0,
			    OP_SERVER, KIND_PING, PEER_B, PEER_NATIVE,
			    FROM_B, 0,
			    OP_SERVER, KIND_DATA, PEER_B, PEER_NATIVE,
			    FROM_B, 0,
			    OP_SERVER, KIND_BUBBLE, PEER_LINKLOCAL,
			    PEER_SERVER_LOOP, FROM_SERVER, 0) },
	{ "raw", PROGRAM(28, UP(0), OP_RAW, FROM_B, 0, 8,
			 0x60, 0, 0, 0, 0, 0, 59, 0,
			 OP_SERVER_RAW, FROM_B, 1, 4, 0, 1, 0, 0,
			 OP_RELAY_RAW, FROM_B, 0, 4, 0, 0, 0, 0) },
};

static FILE *open_file(const char *dir, const char *sub, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, sub);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/%s/%s", dir, sub, name);
	f = fopen(path, "wb");
	if (!f) {
		perror(path);
		exit(1);
	}
	return f;
}

static void put_hex(FILE *f, const char *digits)
{
	unsigned int byte;

	while (*digits) {
		if (*digits == ' ') {
			digits++;
			continue;
		}
		CHECK(sscanf(digits, "%2x", &byte) == 1);
		fputc((int)byte, f);
		digits += 2;
	}
}

int main(int argc, char **argv)
{
	size_t i;
	FILE *f;

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIR\n", argv[0]);
		return 2;
	}
	mkdir(argv[1], 0777);
	for (i = 0; i < ARRAY_SIZE(packets); i++) {
		f = open_file(argv[1], "packet", packets[i].name);
		put_hex(f, packets[i].digits);
		CHECK(!fclose(f));
	}
	for (i = 0; i < ARRAY_SIZE(programs); i++) {
		f = open_file(argv[1], "machine", programs[i].name);
		CHECK(fwrite(programs[i].prog, 1, programs[i].len, f) ==
		      programs[i].len);
		CHECK(!fclose(f));
	}
	return 0;
}
