/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
/* What path.c (sending) and input.c (receiving) have in common. */
#ifndef _TEREDO_PATH_PRIV_H
#define _TEREDO_PATH_PRIV_H

#include "path.h"

static inline bool teredo_is_relay(const struct teredo_self *self)
{
	return self->role == TEREDO_ROLE_RELAY ||
	       self->role == TEREDO_ROLE_HOST_RELAY;
}

static inline bool teredo_extends(const struct teredo_self *self, u32 bits)
{
	return self->extensions & bits;
}

static inline enum teredo_verdict teredo_drop(struct teredo_actions *act,
					      enum teredo_reason reason)
{
	act->reason = reason;
	return TEREDO_DROP;
}

/*
 * RFC 4380 sections 5.2.4 and 7.4.3: nothing is sent to an IPv4 address that
 * a stranger put into an IPv6 address unless it is global unicast.
 */
static inline bool teredo_may_send_to(const struct teredo_self *self,
				      struct teredo_endpoint to)
{
	return to.port && teredo_ip_is_global(to.ip, self->allow_private);
}

static inline bool teredo_local_known(const struct teredo_path *p, u64 now)
{
	return (p->flags & TEREDO_PATH_LOCAL) &&
	       now - p->local_at < TEREDO_LOCAL_S * TEREDO_SEC;
}

struct teredo_emit *teredo_emit_add(struct teredo_actions *act,
				    struct teredo_endpoint to,
				    const struct in6_addr *saddr,
				    const struct in6_addr *daddr);
/*
 * A bubble by way of the peer's server, and what belongs to it. NULL if its
 * address, which is the peer's word, is one that nothing may be sent to.
 */
struct teredo_emit *teredo_emit_indirect(const struct teredo_self *self,
					 const struct teredo_env *env,
					 struct teredo_path *p, u64 now,
					 struct teredo_actions *act);

/* RFC 4380 section 5.2.6: 2 s apart, four in a window without an answer. */
bool teredo_may_attempt(struct teredo_path *p, u64 now);
/* RFC 4380 section 5.2.4 cases 2, 3, 5; section 5.4.1. */
void teredo_attempt(const struct teredo_self *self,
		    const struct teredo_env *env, struct teredo_path *p,
		    u64 now, struct teredo_actions *act);
/*
 * Answers have a limit of their own: an answer within the round trip of an
 * own attempt would otherwise fall to the rule above.
 */
bool teredo_may_answer_path(struct teredo_path *p, u64 now);

#endif /* _TEREDO_PATH_PRIV_H */
