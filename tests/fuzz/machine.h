/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A client and a relay with their peers, and the networks between: what a program
 * of fuzz_machine.c acts on. Each call checks what the headers promise of it.
 */
#ifndef _FUZZ_MACHINE_H
#define _FUZZ_MACHINE_H

#include "fuzz.h"
#include "client.h"
#include "model.h"
#include "path.h"
#include "program.h"

enum { PATHS = 8 };

/* A client or a relay with its peers. */
struct side {
	struct teredo_self self;
	struct teredo_path paths[PATHS];
	struct model models[PATHS];
	unsigned int n;
};

struct machine {
	struct fuzz_env f;
	const u8 *prog;
	size_t left;
	u64 now;
	struct teredo_params params;
	struct teredo_client c;
	bool asleep;
	struct teredo_endpoint local;
	struct teredo_packet rs;	/* the last solicitation */
	bool asked;
	struct side client, relay;
};

/* What made a path send. */
enum cause {
	CAUSE_INPUT,
	CAUSE_OWN,	/* output or time */
	CAUSE_LATE,	/* what one of the others began */
};

struct teredo_endpoint fuzz_endpoint(__be32 ip, u16 port);
struct teredo_endpoint machine_from(const struct machine *m, u8 i);
struct in6_addr machine_addr(const struct machine *m, u8 i);
void machine_publish(struct machine *m);
void machine_forget(struct machine *m, struct side *s);
int machine_find(const struct side *s, const struct in6_addr *addr);
void machine_client_out(struct machine *m, struct teredo_client_out *out);
void machine_send(struct machine *m, struct side *s,
		  const struct in6_addr *saddr, const struct in6_addr *daddr);
void machine_receive(struct machine *m, struct side *s,
		     struct teredo_endpoint from, u8 how, const u8 *data,
		     size_t len);
void machine_serve(struct machine *m, struct teredo_endpoint from, bool second,
		   const u8 *data, size_t len);
void machine_settle(struct machine *m);

void check_client(const struct machine *m);
void check_actions(struct machine *m, struct side *s, int i,
		   const struct teredo_actions *act, enum cause cause,
		   const struct in6_addr *src);
void check_accepted(const struct machine *m, const struct side *s,
		    const struct teredo_input *in,
		    const struct teredo_path *p);

#endif /* _FUZZ_MACHINE_H */
