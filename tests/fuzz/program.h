/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The language of fuzz_machine's inputs: an operation, then as many bytes as
 * it takes. The first byte of a program seeds the random numbers.
 */
#ifndef _FUZZ_PROGRAM_H
#define _FUZZ_PROGRAM_H

enum fuzz_op {
	OP_WAIT_MS,		/* n: n * 20 ms */
	OP_WAIT_S,		/* n: n seconds */
	OP_DEADLINE,		/* to whatever is due next */
	OP_CONFIG,		/* bits of enum fuzz_config; then start */
	OP_START,
	OP_STOP,
	OP_NETWORK,
	OP_SUSPEND,
	OP_RESUME,
	OP_REFRESH,		/* seconds */
	OP_ROUTE,		/* local address: 0 none, 1, 2 */
	OP_HMAC,		/* 0 works, 1 fails */
	OP_RA,			/* from, mapped, how, where: see craft_ra() */
	OP_SEND,		/* peer */
	OP_INPUT,		/* kind, source, destination, from, how */
	OP_RAW,			/* from, how, length, bytes */
	OP_SERVER,		/* kind, source, destination, from, second */
	OP_SERVER_RAW,		/* from, second, length, bytes */
	OP_DISTRUST,		/* peer */
	OP_RELAY_SEND,		/* peer */
	OP_RELAY_INPUT,		/* as OP_INPUT */
	OP_RELAY_RAW,		/* as OP_RAW */
	OP_ECHO_REPLY,		/* peer, from: with the right nonce */
	OP_PROOF,		/* peer, from: bubble to the relay's proof */
	OP_DOUBT,
	OP_EXTENSIONS,		/* bits of TEREDO_EXT_*; then start */
	OP_PORTMAP,		/* from */
	OP_NONCE,		/* peer, from, what: enum fuzz_nonce */
	OP_FORWARDED,		/* peer, bits: enum fuzz_trailer */
	FUZZ_OPS,
};

enum fuzz_config {
	CONFIG_PRIVATE		= 1 << 0,
	CONFIG_CONE_PROBE	= 1 << 1,
	CONFIG_SINGLE		= 1 << 2,
	CONFIG_DISCOVERY	= 1 << 3,
	CONFIG_SECRET		= 1 << 4,
	CONFIG_TTL		= 1 << 5,
	CONFIG_OTHER_SERVER	= 1 << 6,
	CONFIG_HOST_RELAY	= 1 << 7,
};

/* IPv6 addresses */
enum fuzz_peer {
	PEER_SELF,
	PEER_B,
	PEER_SAME_NAT,
	PEER_NATIVE,
	PEER_NATIVE2,
	PEER_PRIVATE,
	PEER_GROUP,
	PEER_SERVER_LOOP,
	PEER_LINKLOCAL,
	PEER_ALL_NODES,
	PEER_ALL_ROUTERS,
	PEER_LOOPBACK,
	PEER_PRIVATE_SERVER,
	FUZZ_PEERS,
};

/* IPv4 transport addresses */
enum fuzz_from {
	FROM_SERVER,
	FROM_SERVER2,
	FROM_SERVER_PORT,
	FROM_B,
	FROM_B_PORT,
	FROM_SAME_NAT,
	FROM_SELF,
	FROM_RELAY,
	FROM_LAN,
	FROM_GROUP,
	FROM_ZERO,
	FROM_PRIVATE,
	FROM_NAT,			/* the usual mapping of the client */
	FROM_NAT2,
	FUZZ_FROMS,
};

enum fuzz_kind {
	KIND_BUBBLE,
	KIND_DATA,
	KIND_PING,
	KIND_RS,
	KIND_RH0,
	FUZZ_KINDS,
};

/* bits of how a packet comes */
enum fuzz_how {
	HOW_ORIGIN		= 1 << 0,
	HOW_TRAILER		= 1 << 1,
	HOW_MULTICAST		= 1 << 2,
	HOW_ON_LINK		= 1 << 3,
	HOW_LOCAL		= 1 << 4,
	HOW_AUTH		= 1 << 5,
	HOW_PORT		= 1 << 6,	/* by the peer's random port */
};

/* what a direct bubble with a nonce says */
enum fuzz_nonce {
	NONCE_RIGHT,
	NONCE_BEFORE,
	NONCE_WRONG,
	NONCE_DATA,			/* the right one, behind data */
	NONCE_SOLICIT,
	FUZZ_NONCES,
};

/* bits of what an indirect bubble carries */
enum fuzz_trailer {
	FUZZ_NONCE		= 1 << 0,
	FUZZ_PORT		= 1 << 1,
	FUZZ_SOLICIT		= 1 << 2,
	FUZZ_LAN		= 1 << 3,	/* alternate addresses ... */
	FUZZ_THIRD		= 1 << 4,
	FUZZ_OWN		= 1 << 5,
	FUZZ_TWICE		= 1 << 6,
	FUZZ_CUT		= 1 << 7,	/* the last byte is missing */
};

/* bits of what is wrong with an advertisement */
enum fuzz_ra {
	RA_NONCE		= 1 << 0,
	RA_NO_AUTH		= 1 << 1,
	RA_NO_ORIGIN		= 1 << 2,
	RA_FLIP			= 1 << 3,	/* a bit at "where" */
	RA_CUT			= 1 << 4,	/* to "where" bytes */
	RA_CONFIRM		= 1 << 5,	/* key rejected, signed */
	RA_OTHER_PREFIX		= 1 << 6,
};

#endif /* _FUZZ_PROGRAM_H */
