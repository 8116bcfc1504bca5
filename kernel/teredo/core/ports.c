// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
#include "addr.h"
#include "ports.h"

enum teredo_ports_mode teredo_ports_mode(u32 extensions, enum teredo_nat nat,
					 bool preserving)
{
	u32 pp = TEREDO_EXT_SNS | TEREDO_EXT_PP;

	/*
	 * A NAT that also changes its address gives nothing to foretell, nor
	 * does RFC 6081 section 3 promise anything behind one.
	 */
	if (nat != TEREDO_NAT_SYMMETRIC_PORT || (extensions & pp) != pp)
		return TEREDO_PORTS_NONE;
	if (preserving)
		return TEREDO_PORTS_PRESERVED;
	return extensions & TEREDO_EXT_SP ? TEREDO_PORTS_SEQUENTIAL :
					    TEREDO_PORTS_NONE;
}

static void set_until(struct teredo_ports *ports, u64 now, unsigned int seconds)
{
	ports->until = now + seconds * TEREDO_SEC;
}

void teredo_ports_init(struct teredo_ports *ports, enum teredo_ports_mode mode,
		       u64 now)
{
	memset(ports, 0, sizeof(*ports));
	ports->mode = mode;
	set_until(ports, now, TEREDO_PORTS_UNUSED_S);
}

u8 teredo_ports_begin(struct teredo_ports *ports, u64 now)
{
	u8 todo;

	if (!(ports->flags & TEREDO_PORTS_IN_USE))
		set_until(ports, now, TEREDO_PORTS_UNUSED_S);
	if (ports->random || (ports->flags & TEREDO_PORTS_PLAIN))
		return TEREDO_PORTS_BUBBLES;
	if (ports->flags & TEREDO_PORTS_TESTING)
		todo = 0;
	else
		todo = TEREDO_PORTS_OPEN;
	ports->flags |= TEREDO_PORTS_WAITING;
	return todo;
}

/* What was waited for is there, or will not come. */
static u8 go_on(struct teredo_ports *ports)
{
	bool waiting = ports->flags & TEREDO_PORTS_WAITING;

	ports->flags &= ~(TEREDO_PORTS_WAITING | TEREDO_PORTS_TESTING);
	return waiting ? TEREDO_PORTS_BUBBLES : 0;
}

static u8 give_up(struct teredo_ports *ports)
{
	ports->flags |= TEREDO_PORTS_PLAIN;
	return go_on(ports);
}

/*
 * RFC 6081 section 5.5: whatever port the NAT gives the bubble lies between
 * those that it gives the two solicitations.
 */
static u8 test(struct teredo_ports *ports, const struct teredo_env *env,
	       u64 now)
{
	env->random(env->ctx, ports->nonce1, sizeof(ports->nonce1));
	env->random(env->ctx, ports->nonce2, sizeof(ports->nonce2));
	ports->lower = 0;
	ports->upper = 0;
	ports->flags |= TEREDO_PORTS_TESTING;
	ports->tests++;
	ports->test_until = now +
			    ports->tests * TEREDO_PORTS_TEST_S * TEREDO_SEC;
	return TEREDO_PORTS_TEST;
}

u8 teredo_ports_opened(struct teredo_ports *ports, const struct teredo_env *env,
		       __be16 port, u64 now)
{
	ports->local = port;
	if (ports->mode == TEREDO_PORTS_SEQUENTIAL)
		return test(ports, env, now);
	ports->random = port;
	return go_on(ports);
}

u8 teredo_ports_refused(struct teredo_ports *ports)
{
	return give_up(ports);
}

void teredo_ports_again(struct teredo_ports *ports)
{
	ports->local = 0;
	ports->random = 0;
	ports->tests = 0;
	ports->flags &= TEREDO_PORTS_PRIMARY;
	/*
	 * The peer's port, too, is good for one of ours only: a first flow that
	 * went there would be wasted. One in a sequence needs no first flow.
	 */
	if (ports->mode == TEREDO_PORTS_PRESERVED)
		ports->peer = 0;
}

/* RFC 6081 section 5.4.2 */
static u8 refresh(struct teredo_ports *ports, u64 last_tx, u64 now)
{
	/*
	 * The RFC looks now and then whether there was data since it last did.
	 * Counted from the last data the pause is never longer.
	 */
	if (now - last_tx < TEREDO_PORTS_REFRESH_S * TEREDO_SEC) {
		ports->refreshes = 0;
		set_until(ports, last_tx, TEREDO_PORTS_REFRESH_S);
		return 0;
	}
	set_until(ports, now, TEREDO_PORTS_REFRESH_S);
	/*
	 * Nobody keeps the mapping open any longer, so the next packet has to
	 * find a new way; the port may go to another peer meanwhile.
	 */
	if (ports->refreshes >= TEREDO_PORTS_REFRESHES)
		return TEREDO_PORTS_CLOSE;
	ports->refreshes++;
	return TEREDO_PORTS_REFRESH;
}

u8 teredo_ports_tick(struct teredo_ports *ports, const struct teredo_env *env,
		     u64 last_tx, u64 now)
{
	u8 todo = 0;

	if (now >= ports->until)
		todo = ports->flags & TEREDO_PORTS_IN_USE ?
		       refresh(ports, last_tx, now) : TEREDO_PORTS_CLOSE;
	if ((todo & TEREDO_PORTS_CLOSE) ||
	    !(ports->flags & TEREDO_PORTS_TESTING) || now < ports->test_until)
		return todo;
	return todo | (ports->tests < TEREDO_PORTS_TESTS ?
		       test(ports, env, now) : give_up(ports));
}

u64 teredo_ports_deadline(const struct teredo_ports *ports)
{
	if ((ports->flags & TEREDO_PORTS_TESTING) &&
	    ports->test_until < ports->until)
		return ports->test_until;
	return ports->until;
}

static void tested(struct teredo_ports *ports, bool first,
		   struct teredo_endpoint origin,
		   struct teredo_endpoint mapped, u8 *todo)
{
	/* Peers send to the address that they read in ours. */
	if (origin.ip != mapped.ip) {
		*todo = give_up(ports);
		return;
	}
	if (first)
		ports->lower = origin.port;
	else
		ports->upper = origin.port;
	if (ports->lower && ports->upper) {
		/* The RFC prints (upper + upper) / 2; section 6.5 shows this. */
		ports->random = htons((ntohs(ports->lower) +
				       ntohs(ports->upper)) / 2);
		*todo = go_on(ports);
	}
}

/* As for those that qualification waits for: RFC 4380 section 5.2.1. */
enum teredo_reason
teredo_ports_ra(struct teredo_ports *ports, const struct teredo_params *params,
		const struct teredo_env *env, struct teredo_endpoint from,
		const struct teredo_packet *pkt, const u8 *data,
		struct teredo_endpoint mapped, u8 *todo)
{
	bool first = from.ip == params->server;
	enum teredo_reason reason;
	struct in6_addr lladdr;
	struct teredo_ra ra;

	*todo = 0;
	if (!(ports->flags & TEREDO_PORTS_TESTING))
		return TEREDO_REASON_RA_UNEXPECTED;
	if ((!first && from.ip != params->server2) ||
	    from.port != htons(TEREDO_UDP_PORT))
		return TEREDO_REASON_RA_SOURCE;
	if (!pkt->has_auth ||
	    !teredo_equal_const_time(pkt->nonce,
				     first ? ports->nonce1 : ports->nonce2,
				     TEREDO_NONCE_LEN))
		return TEREDO_REASON_RA_NONCE;
	if (params->secret_len &&
	    (!teredo_packet_authentic(pkt, data, params, env) ||
	     pkt->confirmation))
		return TEREDO_REASON_RA_AUTH;
	if (!pkt->has_origin)
		return TEREDO_REASON_RA_NO_ORIGIN;
	if (!pkt->origin.port)
		return TEREDO_REASON_RA_ORIGIN;
	teredo_lladdr_client(&lladdr, false);
	if (!teredo_addr_eq(&pkt->daddr, &lladdr))
		return TEREDO_REASON_NOT_FOR_US;
	reason = teredo_packet_parse_ra(pkt, data, &ra);
	if (reason)
		return reason;
	tested(ports, first, pkt->origin, mapped, todo);
	return TEREDO_REASON_NONE;
}

void teredo_ports_indirect(struct teredo_ports *ports, __be16 port, bool valid)
{
	/*
	 * RFC 6081 section 5.4.4.3: the peer has begun again. What our port
	 * was used for toward the old one cannot be foretold for the new.
	 */
	if (port && port != ports->peer && !valid) {
		if (ports->peer && ports->local)
			teredo_ports_again(ports);
		ports->peer = port;
	}
	ports->flags |= TEREDO_PORTS_HEARD;
	if (!port)
		ports->flags |= TEREDO_PORTS_PRIMARY;
}

enum teredo_ports_verdict
teredo_ports_direct(struct teredo_ports *ports, struct teredo_endpoint from,
		    bool random, const struct teredo_endpoint *mapped,
		    bool valid, u64 now, u8 *todo)
{
	bool same = mapped && teredo_endpoint_eq(*mapped, from);

	*todo = 0;
	if (!random) {
		/* Direct Receive on Primary Port: no need of another. */
		if (!mapped || same || !valid ||
		    (ports->flags & TEREDO_PORTS_IN_USE)) {
			ports->flags &= ~TEREDO_PORTS_IN_USE;
			*todo = TEREDO_PORTS_CLOSE;
			return TEREDO_PORTS_TRUST;
		}
		return TEREDO_PORTS_KEEP;
	}
	if (!mapped) {
		/*
		 * The peer believes what comes from here for the nonce alone,
		 * which its indirect bubble brings. Data would be dropped until
		 * then, and so a first packet be lost. The second bubble shows
		 * that there is none to wait for.
		 */
		if (!(ports->flags &
		      (TEREDO_PORTS_HEARD | TEREDO_PORTS_SEEN))) {
			ports->flags |= TEREDO_PORTS_SEEN;
			ports->seen = from;
			return TEREDO_PORTS_LATER;
		}
		ports->flags |= TEREDO_PORTS_IN_USE;
		ports->refreshes = 0;
		set_until(ports, now, TEREDO_PORTS_REFRESH_S);
		return TEREDO_PORTS_TRUST;
	}
	if (!(ports->flags & TEREDO_PORTS_IN_USE))
		return TEREDO_PORTS_KEEP;
	if (same)
		return TEREDO_PORTS_TRUST;
	teredo_ports_again(ports);
	return TEREDO_PORTS_RESTART;
}

bool teredo_ports_target(const struct teredo_ports *ports,
			 struct teredo_endpoint embedded,
			 struct teredo_endpoint *to)
{
	if (!ports->local)
		return false;
	if (!ports->peer && !(ports->flags & TEREDO_PORTS_PRIMARY) &&
	    ports->mode != TEREDO_PORTS_SEQUENTIAL)
		return false;
	to->ip = embedded.ip;
	to->port = ports->peer ?: embedded.port;
	return true;
}
