/* SPDX-License-Identifier: GPL-2.0 */
/* A client on a virtual clock, for the tests of client.[ch]. */
#ifndef _UNIT_CLIENT_HOST_H
#define _UNIT_CLIENT_HOST_H

#include "client.h"
#include "unit.h"
#include "vectors.h"

#define LOCAL		"10.0.1.11:4096"
#define OTHER_MAPPED	"192.0.2.77:5000"

/* A client, its clock, and the last solicitation that it sent. */
struct host {
	struct teredo_client c;
	struct teredo_params p;
	struct unit_env u;
	struct teredo_endpoint local;
	struct teredo_endpoint local2;	/* toward the second address, if set */
	u64 now;
	unsigned int sent;
	__be32 to;
	struct teredo_packet rs;
	struct bytes rs_data;
	bool changed;
	bool renumbered;
};

void host_init(struct host *h);
void set_secret(struct teredo_params *p);
/* What is always true between two calls; the helpers below look at it. */
void check(const struct host *h);

void start(struct host *h);
void tick(struct host *h);
void network_changed(struct host *h);
void doubt(struct host *h);
void resume(struct host *h);
void stop(struct host *h);
/* To the next deadline, not further; before it nothing may happen. */
void wait_deadline(struct host *h);

/* The advertisement that a server with @mapped as origin answers. */
struct bytes advertise(const struct host *h, const char *mapped);
/* The address that has to send it. */
struct teredo_endpoint answerer(const struct host *h);
enum teredo_reason deliver(struct host *h, struct bytes ra,
			   struct teredo_endpoint from);
/* The right answer, 50 ms later. */
void answer(struct host *h, const char *mapped);
/* From nothing to qualified behind a NAT. */
void qualify(struct host *h);

void assert_state(const struct host *h, enum teredo_state state,
		  enum teredo_reason error);
/* The three solicitations of a probe, 4 s apart, each with its own nonce. */
void assert_three_tries(struct host *h, const char *server, bool cone);
/* Those of a qualified client after an event: in as long a time. */
void assert_roam_tries(struct host *h);

#endif /* _UNIT_CLIENT_HOST_H */
