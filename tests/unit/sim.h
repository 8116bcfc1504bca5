/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small Internet on a virtual clock: clients behind NATs, their servers, a
 * relay with a native host behind it. Each node runs the module's protocol
 * code the way the device does; packets take DELAY and may be lost.
 */
#ifndef _UNIT_SIM_H
#define _UNIT_SIM_H

#include "client.h"
#include "path.h"
#include "server.h"
#include "unit.h"
#include "vectors.h"

#define SIM_DELAY	(20 * TEREDO_MSEC)

enum sim_nat_type {
	SIM_NAT_NONE,
	SIM_NAT_CONE,
	SIM_NAT_ADDRESS,
	SIM_NAT_PORT,
	SIM_NAT_SYMMETRIC,
	/* As above, and with an address for the first destination alone. */
	SIM_NAT_SYMMETRIC_ADDRESS,
	/* Symmetric with ports in sequence; or kept for the first flow of each. */
	SIM_NAT_SEQUENTIAL,
	SIM_NAT_PRESERVING,
	/*
	 * Symmetric, and its gateway holds the service port open: what comes
	 * in by it is answered by it. As Linux has it, a packet from where a
	 * flow of the client's own leads to gets another source port inside.
	 */
	SIM_NAT_HELD,
};

struct sim_nat {
	enum sim_nat_type type;
	bool	outbound_only;		/* packets from outside do not refresh */
	__be32	outside;
	__be32	home;			/* the first destination */
	u16	port;			/* of the mapping, if not symmetric */
	u16	next_port;
	u16	held;
	u8	skip;			/* ports that go to others, in between */
	u64	lifetime;
	struct {
		struct teredo_endpoint dst;
		struct teredo_endpoint real;	/* @dst, as it is outside */
		__be32	ip;
		u16	port;
		u16	local;
		u64	at;
	} entries[64];
	unsigned int n;
};

/* What the other side, which is *@to outside, sees of a packet to it. */
struct teredo_endpoint sim_nat_out(struct sim_nat *nat,
				   struct teredo_endpoint local,
				   struct teredo_endpoint *to, u64 now);
/* Of a packet from *@from, which is another one inside: the local port, or 0. */
u16 sim_nat_in(struct sim_nat *nat, struct teredo_endpoint *from,
	       struct teredo_endpoint dst, u64 now);

enum sim_kind {
	SIM_DATA,
	SIM_RS,
	SIM_RA,
	SIM_DIRECT,			/* bubble, not by a server */
	SIM_INDIRECT,			/* bubble to a server */
	SIM_FORWARDED,			/* bubble from a server */
	SIM_ECHO,			/* test, to a server */
	SIM_INSIDE,			/* to a private address */
	SIM_BY_PORT,			/* whatever, by a random port */
	SIM_KINDS,
};

/* A packet without its bytes, as the device queues data that waits. */
struct sim_waiting {
	struct in6_addr peer;
	struct teredo_endpoint from;
	struct bytes bytes;
	bool	received;
};

struct sim_node {
	const char *name;
	struct teredo_params params;
	struct teredo_endpoint local;
	struct sim_nat nat;
	struct teredo_client client;
	struct teredo_path paths[8];
	unsigned int n_paths;
	/* Random ports by slot; 0 is the service port's and not used. */
	struct {
		bool	used, open;
		struct in6_addr peer;
		u64	at;		/* when it is opened */
	} slots[8];
	unsigned int no_slots;		/* take so many away */
	struct sim_waiting waiting[8];
	unsigned int n_waiting;
	unsigned int got;		/* data packets for the application */
	unsigned int answered;		/* of these, answers to its own */
	unsigned int refused;		/* own data that was given up */
	unsigned int renumbered;
	bool	silent;			/* the application answers nothing */
	u64	got_at;
};

struct sim {
	struct unit_env u;
	u64	now;
	struct sim_node a, b, server_a, server_b, relay;
	struct {
		u64	at;
		struct teredo_endpoint src, dst;
		struct bytes bytes;
	} flight[256];
	unsigned int in_flight;
	unsigned int sent[SIM_KINDS];
	unsigned int lost;
	bool	routed;			/* private addresses lead to each other */
	/* Lose the @lose_nth packet of @lose_kind, or of all kinds. */
	enum sim_kind lose_kind;
	unsigned int lose_nth;
	unsigned int seen;
	u8	lose_ttl;		/* outer TTLs up to this are lost */
	unsigned int native_got;	/* data that reached the native host */
};

/* Nothing is up yet. */
void sim_init(struct sim *s, enum sim_nat_type a, enum sim_nat_type b);
/* The extensions of A, of B and of both servers, for clients not yet up. */
void sim_extend(struct sim *s, u32 a, u32 b, u32 servers);
void sim_up(struct sim *s, struct sim_node *n);
/* Both clients up and qualified. */
void sim_qualify(struct sim *s);
void sim_lose(struct sim *s, enum sim_kind kind, unsigned int nth);
/* Until @until, or until @done says so (if given); returns what it said. */
bool sim_run(struct sim *s, u64 until, bool (*done)(const struct sim *s));
/* The application of @n sends a packet to @to, which @to's answers. */
void sim_send(struct sim *s, struct sim_node *n, const struct in6_addr *to);
/* The native host sends to a client, by way of the relay. */
void sim_native_send(struct sim *s, const struct in6_addr *to);
/* Something that A sent was answered: what sim_run() may wait for. */
bool sim_answered(const struct sim *s);
/* One packet of A's to B: is it answered? */
bool sim_ask(struct sim *s);
bool sim_usable(const struct sim_node *n);
/* Random ports of @n that are taken. */
unsigned int sim_ports(const struct sim_node *n);
/* @n forgets all its peers. */
void sim_forget(struct sim *s, struct sim_node *n);

#endif /* _UNIT_SIM_H */
