/* SPDX-License-Identifier: GPL-2.0 */
/* Client A or a relay and one peer, for the tests of path.[ch]. */
#ifndef _UNIT_PATH_HOST_H
#define _UNIT_PATH_HOST_H

#include "path.h"
#include "unit.h"
#include "vectors.h"

#define RELAY_IP	"198.51.100.10:3545"
#define GROUP		"224.0.0.253:3544"
#define FROM_SERVER	SERVER_A ":3544"
#define BUBBLE(s, d)	"60000000 00003b00" s d
#define UDP(s, d)	"60000000 00081140" s d "11223344 55667788"

struct peering {
	struct teredo_self self;
	struct unit_env u;
	struct teredo_path path;
	bool known;			/* @path is there */
	u64 now;
	struct teredo_actions act;
	/* How the next packet comes. */
	bool multicast, on_link, local_daddr;
	u16 slot;
};

/* Client A, qualified behind a restricted NAT, and no peer yet. */
void client_init(struct peering *p);
void relay_init(struct peering *p, enum teredo_role role);
void peer_init(struct peering *p, const char *addr);
/* A peer that is trusted since now. */
void peer_trust(struct peering *p, const char *addr, const char *mapped);

enum teredo_verdict path_output(struct peering *p);
void path_tick(struct peering *p);
void path_ext_tick(struct peering *p);
/* As the device does it: when a path is asked for it is made. */
enum teredo_verdict path_input(struct peering *p, const char *digits,
			       const char *from);
enum teredo_verdict path_input_bytes(struct peering *p, struct bytes b,
				     const char *from);

/* B's bubble to A with that nonce and no other trailer. */
struct bytes nonce_bubble(u32 nonce);
/* B's bubble to A with @trailers, by way of A's server: the origin is B's. */
struct bytes bubble_by_server(const char *trailers);
enum teredo_verdict from_server(struct peering *p, const char *trailers);

void assert_emit(const struct peering *p, unsigned int i, const char *to,
		 const char *saddr, const char *daddr);
/* The pair of an attempt by client A toward client B. */
void assert_attempt_at_b(const struct peering *p);
/* A has data for B, which waits for the attempt that it begins. */
void assert_waits_for_b(struct peering *p);

/* The echo reply from N to A with the path's nonce. */
struct bytes echo_reply(const struct peering *p);

const char *verdict_name(enum teredo_verdict v);
#define assert_verdict(got, want) \
	assert_string_equal(verdict_name(got), verdict_name(want))
#define assert_drop(p, got, why)				\
	do {							\
		assert_verdict(got, TEREDO_DROP);		\
		assert_reason((p)->act.reason, why);		\
		assert_int_equal((p)->act.n, 0);		\
	} while (0)

#endif /* _UNIT_PATH_HOST_H */
