/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
#ifndef _TEREDO_PORTS_H
#define _TEREDO_PORTS_H

#include "packet.h"

/*
 * Behind a symmetric NAT a client has another outside port toward each peer,
 * so one behind a filter by port cannot let it in. Two kinds of such NATs can
 * be foretold: one that keeps the port of a local port's first flow (PP,
 * RFC 6081 section 5.4), and one that hands out ports in sequence (SP, section
 * 5.5). The client opens a port of its own for the peer, works out what it
 * becomes outside, and advertises that.
 */
enum teredo_ports_limits {
	/* Of a device: each is a socket. */
	TEREDO_PORTS_MAX	= 64,
	/* Of these, because somebody sent us a bubble: as peers, half. */
	TEREDO_PORTS_STRANGERS	= 32,
	/*
	 * RFC 6081 section 5.4.2 has 30 s and section 5.4.2.1 twenty of them.
	 * After 30 s Linux has forgotten a flow that was a short one, so a
	 * refresh has to come before; ten minutes it is all the same.
	 */
	TEREDO_PORTS_REFRESH_S	= 25,
	TEREDO_PORTS_REFRESHES	= 24,
	TEREDO_PORTS_TESTS	= 2,	/* RFC 6081 section 5.5 */
	TEREDO_PORTS_TEST_S	= 1,	/* the first; the second takes two */
	/* What is not in use by then will not be: as long as attempts go on. */
	TEREDO_PORTS_UNUSED_S	= 8,
};

enum teredo_ports_mode {
	TEREDO_PORTS_NONE,
	TEREDO_PORTS_PRESERVED,
	TEREDO_PORTS_SEQUENTIAL,
};

enum teredo_ports_flags {
	TEREDO_PORTS_WAITING	= 1 << 0, /* bubbles wait for the port */
	TEREDO_PORTS_TESTING	= 1 << 1, /* solicitations are unanswered */
	TEREDO_PORTS_PLAIN	= 1 << 2, /* nothing could be foretold */
	TEREDO_PORTS_HEARD	= 1 << 3, /* an indirect bubble of the peer came */
	TEREDO_PORTS_SEEN	= 1 << 4, /* so did a direct one, from @seen */
	TEREDO_PORTS_IN_USE	= 1 << 5, /* Direct Receive on Random Port */
	TEREDO_PORTS_ANSWER	= 1 << 6, /* those that wait are answers */
	TEREDO_PORTS_PRIMARY	= 1 << 7, /* the peer named no port of its own */
};

/*
 * The port for one peer. Ports are in network byte order, and those of the
 * outside but for @local. Not locked: as the path that it belongs to.
 */
struct teredo_ports {
	u8	mode;
	u8	flags;
	u8	tests;
	u8	refreshes;		/* Connection Refresh Count */
	u16	slot;			/* the socket's, or 0; the path's to set */
	__be16	local;			/* of the socket; 0: not open yet */
	__be16	random;			/* Random Port; 0: not known yet */
	__be16	peer;			/* Peer Random Port, or 0 */
	__be16	lower;			/* what the servers saw, or 0 */
	__be16	upper;
	struct teredo_endpoint seen;	/* if SEEN */
	u64	test_until;		/* if TESTING */
	u64	until;			/* next refresh if IN_USE, else the end */
	u8	nonce1[TEREDO_NONCE_LEN];
	u8	nonce2[TEREDO_NONCE_LEN];
};

/* What is to be done after a call: bits. */
enum teredo_ports_todo {
	TEREDO_PORTS_OPEN	= 1 << 0, /* a socket: teredo_ports_opened() */
	/* A solicitation with each nonce, and a direct bubble between them. */
	TEREDO_PORTS_TEST	= 1 << 1,
	TEREDO_PORTS_BUBBLES	= 1 << 2, /* direct and indirect ones may go */
	TEREDO_PORTS_REFRESH	= 1 << 3, /* a direct one by the random port */
	/* It is over: forget it, and the mapping if that was IN_USE. */
	TEREDO_PORTS_CLOSE	= 1 << 4,
};

enum teredo_ports_verdict {
	TEREDO_PORTS_TRUST,		/* the source is the peer's mapping */
	TEREDO_PORTS_KEEP,		/* it is not: another one is in use */
	TEREDO_PORTS_LATER,		/* once the peer's indirect bubble came */
	TEREDO_PORTS_RESTART,		/* the mapping is doubtful: begin again */
};

/* @preserving: the primary server saw the service port itself (section 5.4.3). */
enum teredo_ports_mode teredo_ports_mode(u32 extensions, enum teredo_nat nat,
					 bool preserving);

void teredo_ports_init(struct teredo_ports *ports,
		       enum teredo_ports_mode mode, u64 now);

/*
 * Bubbles to a peer that is not trusted are due. They go at once, or when a
 * later call says so.
 */
u8 teredo_ports_begin(struct teredo_ports *ports, u64 now);
/* What was asked for with OPEN is there, on local port @port ... */
u8 teredo_ports_opened(struct teredo_ports *ports,
		       const struct teredo_env *env, __be16 port, u64 now);
/* ... or will never be. */
u8 teredo_ports_refused(struct teredo_ports *ports);
/*
 * It did not help: the outside port may have been another one than foretold,
 * for somebody else's flows pass through the NAT as well. Takes a new port, and
 * waits for the one that the peer takes because of that.
 */
void teredo_ports_again(struct teredo_ports *ports);

/* Whenever now >= teredo_ports_deadline(); harmless at other times. */
u8 teredo_ports_tick(struct teredo_ports *ports, const struct teredo_env *env,
		     u64 last_tx, u64 now);
u64 teredo_ports_deadline(const struct teredo_ports *ports);

/*
 * A router advertisement came to the random port from @from. It answers a
 * test (TEREDO_REASON_NONE), or nothing has changed. @mapped is the mapping of
 * the service port.
 */
enum teredo_reason
teredo_ports_ra(struct teredo_ports *ports, const struct teredo_params *params,
		const struct teredo_env *env, struct teredo_endpoint from,
		const struct teredo_packet *pkt, const u8 *data,
		struct teredo_endpoint mapped, u8 *todo);

/*
 * An indirect bubble of the peer came, with the trailer @port (0: without).
 * @valid: the path is in use, so that the peer cannot mean it.
 */
void teredo_ports_indirect(struct teredo_ports *ports, __be16 port, bool valid);

/*
 * A direct bubble came from @from that is good as far as addresses and nonces
 * go; @random: to the random port. @mapped is the mapping in use, NULL if the
 * path is not trusted; @valid as above.
 */
enum teredo_ports_verdict
teredo_ports_direct(struct teredo_ports *ports, struct teredo_endpoint from,
		    bool random, const struct teredo_endpoint *mapped,
		    bool valid, u64 now, u8 *todo);

/*
 * May a direct bubble leave by the random port, and where to? Not before it
 * is known which port of the peer it has to be for: the first flow of a local
 * port is the only one that can be foretold.
 */
bool teredo_ports_target(const struct teredo_ports *ports,
			 struct teredo_endpoint embedded,
			 struct teredo_endpoint *to);

#endif /* _TEREDO_PORTS_H */
