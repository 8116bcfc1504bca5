/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TEREDO_RANDPORT_H
#define _TEREDO_RANDPORT_H

#include "device.h"

/*
 * The sockets of random ports, RFC 6081 sections 5.4 and 5.5. A path names its
 * one by a slot, 1 to TEREDO_PORTS_MAX, in all that it says about where packets
 * leave and come in; slot 0 is the service port.
 *
 * A slot is taken and given back wherever the path's lock is held; the worker
 * opens and closes the socket. A slot is not handed out again before everybody
 * who could have read its number is through, so no packet leaves by the port
 * of another peer, where it would use up the flow that the NAT is known for.
 */

void teredo_randports_init(struct teredo_dev *t);

/* teredo_env.port_take and port_give, of a teredo_conf; peer->lock is held. */
u16 teredo_port_take(void *ctx, struct teredo_path *path, bool stranger);
void teredo_port_give(void *ctx, u16 slot);
void teredo_randport_give(struct teredo_dev *t, u16 slot);

/* Under RCU, for a packet that came by the socket of @slot: whose it is. */
static inline const struct in6_addr *
teredo_randport_peer(const struct teredo_dev *t, u16 slot)
{
	return &t->randports.slot[slot - 1].peer;
}

/* The worker's: opens and closes what was asked for. Sleeps. */
void teredo_randports_run(struct teredo_dev *t, u64 now);
/* Closes all and opens none from then on. Sleeps; under RTNL. */
void teredo_randports_shut(struct teredo_dev *t);

/* The solicitation @e of a test. Under RCU, bottom halves off. */
enum teredo_reason teredo_randport_solicit(struct teredo_dev *t,
					   const struct teredo_conf *conf,
					   const struct teredo_sock *ts,
					   const struct teredo_emit *e);
/* An advertisement came by a random port. As above, from receivers. */
enum teredo_reason teredo_randport_ra(struct teredo_dev *t,
				      const struct teredo_conf *conf,
				      const struct teredo_self *self,
				      const struct teredo_input *in);

#endif /* _TEREDO_RANDPORT_H */
