// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
#include "addr.h"
#include "client.h"

static u32 random32(const struct teredo_env *env)
{
	u32 r;

	env->random(env->ctx, &r, sizeof(r));
	return r;
}

/* @ns times a random factor from 0.75 to 1, RFC 4380 section 5.2. */
static u64 randomise(u64 ns, const struct teredo_env *env)
{
	return ns - ((ns >> 10) * (random32(env) & 0xff));
}

static void set_state(struct teredo_client *c, enum teredo_state state,
		      enum teredo_reason error, struct teredo_client_out *out)
{
	if (c->state != state || c->error != error)
		out->changed = true;
	c->state = state;
	c->error = error;
	/* Its tries are counted by other rules than those of a probe. */
	if (state != TEREDO_STATE_QUALIFIED && c->roaming) {
		c->roaming = false;
		c->tries = 0;
	}
}

static void set_address(struct teredo_client *c,
			enum teredo_address_state address,
			struct teredo_client_out *out)
{
	if (c->address != address)
		out->changed = true;
	c->address = address;
}

static __be32 probed_server(const struct teredo_client *c,
			    const struct teredo_params *params)
{
	return c->second ? params->server2 : params->server;
}

static unsigned int max_tries(const struct teredo_client *c)
{
	return c->roaming ? TEREDO_ROAM_TRIES : TEREDO_RS_TRIES;
}

static u64 rs_timeout(const struct teredo_client *c)
{
	if (!c->roaming)
		return TEREDO_RS_TIMEOUT_S * TEREDO_SEC;
	return c->tries <= TEREDO_ROAM_FAST ? TEREDO_SEC :
	       TEREDO_ROAM_TIMEOUT_MS * TEREDO_MSEC;
}

static void solicit(struct teredo_client *c, const struct teredo_params *params,
		    const struct teredo_env *env, u64 now,
		    struct teredo_client_out *out)
{
	/* One outstanding nonce, new for each: RFC 4380 section 7.2.1. */
	env->random(env->ctx, c->nonce, sizeof(c->nonce));
	c->pending = true;
	/* What is asked already need not be doubted. */
	c->doubt_at = TEREDO_NEVER;
	c->tries++;
	c->deadline = now + rs_timeout(c);
	out->send_rs = true;
	out->server = probed_server(c, params);
}

static void probe(struct teredo_client *c, const struct teredo_params *params,
		  const struct teredo_env *env, enum teredo_state state,
		  u64 now, struct teredo_client_out *out)
{
	set_state(c, state, TEREDO_REASON_NONE, out);
	c->second = state == TEREDO_STATE_PROBE_SECONDARY;
	c->cone = state == TEREDO_STATE_PROBE_CONE;
	c->tries = 0;
	solicit(c, params, env, now, out);
}

/* Of a qualified client, for another reason than that the time has come. */
static void ask(struct teredo_client *c, const struct teredo_params *params,
		const struct teredo_env *env, u64 now,
		struct teredo_client_out *out)
{
	c->roaming = true;
	c->tries = 0;
	solicit(c, params, env, now, out);
}

/* RFC 5991 section 3.2: no cone phase unless it is asked for. */
static enum teredo_state first_state(const struct teredo_params *params)
{
	return params->cone_probe ? TEREDO_STATE_PROBE_CONE :
				    TEREDO_STATE_PROBE_PRIMARY;
}

static void probe_first(struct teredo_client *c,
			const struct teredo_params *params,
			const struct teredo_env *env, u64 now,
			struct teredo_client_out *out)
{
	probe(c, params, env, first_state(params), now, out);
}

static void go_offline(struct teredo_client *c, const struct teredo_env *env,
		       enum teredo_reason why, u64 now,
		       struct teredo_client_out *out)
{
	set_state(c, TEREDO_STATE_OFFLINE, why, out);
	set_address(c, TEREDO_ADDRESS_NONE, out);
	c->pending = false;
	c->doubt_at = TEREDO_NEVER;
	if (!c->backoff)
		c->backoff = TEREDO_OFFLINE_MIN_S * TEREDO_SEC;
	c->deadline = now + randomise(c->backoff, env);
	c->backoff = c->backoff * 2 < TEREDO_OFFLINE_MAX_S * TEREDO_SEC ?
		     c->backoff * 2 : TEREDO_OFFLINE_MAX_S * TEREDO_SEC;
}

/*
 * RFC 4380 section 5.2 has up to the whole interval. A Linux NAT forgets a
 * young flow after 30 s, the very interval, and a symmetric one finds another
 * port then: so 0.75 to 0.95 of it.
 */
static u64 randomise_refresh(u32 seconds, const struct teredo_env *env)
{
	u64 twentieth = seconds * (TEREDO_SEC / 20);

	return 19 * twentieth - (twentieth >> 6) * (random32(env) & 0xff);
}

static void schedule_refresh(struct teredo_client *c,
			     const struct teredo_params *params,
			     const struct teredo_env *env)
{
	c->pending = false;
	c->tries = 0;
	c->interval = randomise_refresh(params->refresh, env);
	c->deadline = c->heard + c->interval;
}

/* The server has told the mapping: when may it be doubted again? */
static void schedule_doubt(struct teredo_client *c, bool same)
{
	if (!same || !c->doubting)
		c->doubt_wait = TEREDO_DOUBT_MIN_S * TEREDO_SEC;
	else if (c->doubt_wait < TEREDO_DOUBT_MAX_S * TEREDO_SEC)
		c->doubt_wait *= 2;
	c->doubting = false;
	c->doubt_at = c->heard + c->doubt_wait;
}

/*
 * RFC 6081 section 5.3.3. What a symmetric NAT shows the server is of no use
 * to peers; what it keeps open on our demand is, if it is the outermost one.
 * Any other NAT's mapping serves all peers alike, with or without extensions.
 */
static struct teredo_endpoint advertised(const struct teredo_client *c,
					 const struct teredo_params *params)
{
	if ((params->extensions & TEREDO_EXT_UPNP) &&
	    teredo_nat_symmetric(c->nat) && c->portmap.port &&
	    c->portmap.ip == c->first.ip)
		return c->portmap;
	return c->first;
}

/*
 * False if it is the same as before. Of a client that was offline as well:
 * flows that outlived the trouble find their address again. The flags stay as
 * long as the mapping does: RFC 5991 section 3.1.
 */
static bool take_mapping(struct teredo_client *c,
			 const struct teredo_params *params,
			 const struct teredo_env *env,
			 struct teredo_client_out *out)
{
	struct teredo_endpoint mapped = advertised(c, params);

	if (teredo_endpoint_eq(mapped, c->mapped))
		return false;
	c->mapped = mapped;
	teredo_addr_build(&c->addr, params->prefix, params->server,
			  random32(env) & TEREDO_FLAG_RANDOM, mapped);
	out->changed = true;
	out->renumbered = true;
	return true;
}

/* @seen is what the primary server sees. */
static void qualify(struct teredo_client *c, const struct teredo_params *params,
		    const struct teredo_env *env, struct teredo_endpoint seen,
		    enum teredo_nat nat, struct teredo_client_out *out)
{
	bool same;

	/*
	 * Only the comparison of what the server saw with the address that the
	 * solicitation really left from tells whether there is a NAT; other
	 * addresses of the host, 6to4 among them, tell nothing.
	 */
	if (teredo_endpoint_eq(seen, c->local))
		nat = TEREDO_NAT_NONE;
	else if (nat == TEREDO_NAT_NONE)
		nat = TEREDO_NAT_RESTRICTED;
	if (c->nat != nat)
		out->changed = true;
	c->nat = nat;
	c->backoff = 0;
	c->first = seen;
	same = !take_mapping(c, params, env, out);
	set_state(c, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE, out);
	set_address(c, TEREDO_ADDRESS_PREFERRED, out);
	c->second = false;
	c->moved = false;
	c->roaming = false;
	schedule_refresh(c, params, env);
	schedule_doubt(c, same);
}

void teredo_client_init(struct teredo_client *c)
{
	memset(c, 0, sizeof(*c));
	c->state = TEREDO_STATE_DORMANT;
	c->deadline = TEREDO_NEVER;
	c->doubt_at = TEREDO_NEVER;
}

void teredo_client_start(struct teredo_client *c,
			 const struct teredo_params *params,
			 const struct teredo_env *env, u64 now,
			 struct teredo_client_out *out)
{
	memset(out, 0, sizeof(*out));
	set_address(c, TEREDO_ADDRESS_NONE, out);
	c->nat = TEREDO_NAT_UNKNOWN;
	memset(&c->mapped, 0, sizeof(c->mapped));
	c->heard = 0;
	c->backoff = 0;
	c->moved = false;
	c->doubting = false;
	c->doubt_at = TEREDO_NEVER;
	probe_first(c, params, env, now, out);
}

void teredo_client_stop(struct teredo_client *c, struct teredo_client_out *out)
{
	memset(out, 0, sizeof(*out));
	set_state(c, TEREDO_STATE_DORMANT, TEREDO_REASON_NONE, out);
	set_address(c, TEREDO_ADDRESS_NONE, out);
	c->nat = TEREDO_NAT_UNKNOWN;
	c->pending = false;
	c->heard = 0;
	c->deadline = TEREDO_NEVER;
	c->doubt_at = TEREDO_NEVER;
}

void teredo_client_sent(struct teredo_client *c,
			const struct teredo_params *params,
			const struct teredo_env *env,
			struct teredo_endpoint local, u64 now,
			struct teredo_client_out *out)
{
	memset(out, 0, sizeof(*out));
	c->unsent = !local.ip;
	if (c->unsent) {
		/*
		 * A qualified client takes it for a lost packet: links come
		 * back, and the address is good until the server was asked in
		 * vain.
		 */
		if (c->address == TEREDO_ADDRESS_NONE)
			go_offline(c, env, TEREDO_REASON_NO_ROUTE, now, out);
		return;
	}
	if (!c->second) {
		c->local = local;
		return;
	}
	if (local.ip == c->local.ip)
		return;
	/*
	 * Mappings of two sources say nothing about the NAT: compare again,
	 * now both from the new one. Not at once, and only once: a host with
	 * two uplinks may have a route of its own to each address of the
	 * server. Then what the primary one saw has to do.
	 */
	if (!c->moved) {
		c->moved = true;
		set_state(c, first_state(params), TEREDO_REASON_NONE, out);
		c->pending = false;
		c->deadline = now + TEREDO_RS_TIMEOUT_S * TEREDO_SEC;
	} else {
		qualify(c, params, env, c->first, TEREDO_NAT_RESTRICTED, out);
	}
}

void teredo_client_tick(struct teredo_client *c,
			const struct teredo_params *params,
			const struct teredo_env *env, u64 now,
			struct teredo_client_out *out)
{
	memset(out, 0, sizeof(*out));
	if (now < c->deadline)
		return;

	if (c->pending && c->tries < max_tries(c)) {
		solicit(c, params, env, now, out);
		return;
	}
	switch (c->state) {
	case TEREDO_STATE_PROBE_CONE:
		if (c->pending)
			probe(c, params, env, TEREDO_STATE_PROBE_PRIMARY, now,
			      out);
		else
			probe_first(c, params, env, now, out);
		break;
	case TEREDO_STATE_PROBE_PRIMARY:
		if (c->pending)
			go_offline(c, env, c->unsent ?
				   TEREDO_REASON_NO_ROUTE :
				   TEREDO_REASON_SERVER_UNREACHABLE, now, out);
		else
			probe_first(c, params, env, now, out);
		break;
	case TEREDO_STATE_PROBE_SECONDARY:
		if (params->single_server)
			qualify(c, params, env, c->first,
				TEREDO_NAT_RESTRICTED, out);
		else
			go_offline(c, env, c->unsent ?
				   TEREDO_REASON_NO_ROUTE :
				   TEREDO_REASON_SERVER2_UNREACHABLE, now, out);
		break;
	case TEREDO_STATE_QUALIFIED:
		if (!c->pending) {
			/* Anything from the server will do as an answer. */
			if (c->heard + c->interval > now) {
				c->deadline = c->heard + c->interval;
				break;
			}
			c->roaming = false;
			c->tries = 0;
			solicit(c, params, env, now, out);
		} else {
			/* The address stays while the server is probed. */
			probe(c, params, env, TEREDO_STATE_PROBE_PRIMARY, now,
			      out);
		}
		break;
	case TEREDO_STATE_OFFLINE:
		probe_first(c, params, env, now, out);
		break;
	default:
		c->deadline = TEREDO_NEVER;
		break;
	}
}

/* RFC 4380 sections 5.2.1 and 5.2.2, RFC 4861 section 6.1.2. */
static enum teredo_reason check_ra(const struct teredo_client *c,
				   const struct teredo_params *params,
				   const struct teredo_env *env,
				   struct teredo_endpoint from,
				   const struct teredo_packet *pkt,
				   const u8 *data)
{
	__be32 answerer = probed_server(c, params);
	enum teredo_reason reason;
	struct in6_addr lladdr;
	struct teredo_ra ra;

	if (!c->pending)
		return TEREDO_REASON_RA_UNEXPECTED;
	/*
	 * Only an answer from the address that was not asked proves a cone
	 * NAT; without the flag the address that was asked answers.
	 */
	if (c->cone)
		answerer = c->second ? params->server : params->server2;
	if (from.ip != answerer || from.port != htons(TEREDO_UDP_PORT))
		return TEREDO_REASON_RA_SOURCE;
	if (!pkt->has_auth ||
	    !teredo_equal_const_time(pkt->nonce, c->nonce, sizeof(c->nonce)))
		return TEREDO_REASON_RA_NONCE;
	if (params->secret_len &&
	    !teredo_packet_authentic(pkt, data, params, env))
		return TEREDO_REASON_RA_AUTH;
	if (params->secret_len && pkt->confirmation)
		return TEREDO_REASON_KEY_REJECTED;
	if (!pkt->has_origin)
		return TEREDO_REASON_RA_NO_ORIGIN;
	if (!pkt->origin.port ||
	    !teredo_ip_is_global(pkt->origin.ip, params->allow_private))
		return TEREDO_REASON_RA_ORIGIN;
	teredo_lladdr_client(&lladdr, c->cone);
	if (!teredo_addr_eq(&pkt->daddr, &lladdr))
		return TEREDO_REASON_NOT_FOR_US;
	reason = teredo_packet_parse_ra(pkt, data, &ra);
	if (reason)
		return reason;
	/* Microsoft's servers once advertised the old prefix to all. */
	if (ra.prefix != params->prefix &&
	    ra.prefix != htonl(TEREDO_OLD_PREFIX))
		return TEREDO_REASON_RA_PREFIX;
	if (ra.server != params->server &&
	    !(c->second && ra.server == params->server2))
		return TEREDO_REASON_RA_PREFIX;
	return TEREDO_REASON_NONE;
}

enum teredo_reason
teredo_client_ra(struct teredo_client *c, const struct teredo_params *params,
		 const struct teredo_env *env, struct teredo_endpoint from,
		 const struct teredo_packet *pkt, const u8 *data, u64 now,
		 struct teredo_client_out *out)
{
	enum teredo_reason reason;
	enum teredo_nat nat;

	memset(out, 0, sizeof(*out));
	reason = check_ra(c, params, env, from, pkt, data);
	if (reason == TEREDO_REASON_KEY_REJECTED)
		go_offline(c, env, reason, now, out);
	if (reason)
		return reason;

	c->pending = false;
	c->heard = now;
	switch (c->state) {
	case TEREDO_STATE_PROBE_CONE:
		qualify(c, params, env, pkt->origin, TEREDO_NAT_CONE, out);
		break;
	case TEREDO_STATE_PROBE_PRIMARY:
		c->first = pkt->origin;
		probe(c, params, env, TEREDO_STATE_PROBE_SECONDARY, now, out);
		break;
	case TEREDO_STATE_PROBE_SECONDARY:
		if (teredo_endpoint_eq(pkt->origin, c->first)) {
			qualify(c, params, env, c->first,
				TEREDO_NAT_RESTRICTED, out);
			break;
		}
		nat = pkt->origin.ip == c->first.ip ?
		      TEREDO_NAT_SYMMETRIC_PORT : TEREDO_NAT_SYMMETRIC_ADDRESS;
		/* RFC 6081 section 3.1 */
		if (params->extensions & TEREDO_EXT_SNS) {
			qualify(c, params, env, c->first, nat, out);
			break;
		}
		if (c->nat != nat)
			out->changed = true;
		c->nat = nat;
		go_offline(c, env, TEREDO_REASON_SYMMETRIC_NAT, now, out);
		break;
	case TEREDO_STATE_QUALIFIED:
		if (teredo_endpoint_eq(pkt->origin, c->first)) {
			/* Also ends the doubt after a resume. */
			qualify(c, params, env, c->first, c->nat, out);
			break;
		}
		/*
		 * RFC 4380 section 5.2.5: the new mapping is used at once. It
		 * may be that of another NAT, so ask the second address too;
		 * a symmetric one is found out by that.
		 */
		qualify(c, params, env, pkt->origin,
			teredo_nat_symmetric(c->nat) ? c->nat :
			TEREDO_NAT_RESTRICTED, out);
		probe(c, params, env, TEREDO_STATE_PROBE_SECONDARY, now, out);
		break;
	default:
		break;
	}
	return TEREDO_REASON_NONE;
}

void teredo_client_portmap(struct teredo_client *c,
			   const struct teredo_params *params,
			   const struct teredo_env *env,
			   struct teredo_endpoint portmap,
			   struct teredo_client_out *out)
{
	memset(out, 0, sizeof(*out));
	/* It is told to peers, so it has to be something that can be sent to. */
	if (!portmap.port || !teredo_ip_is_global(portmap.ip, true))
		memset(&portmap, 0, sizeof(portmap));
	if (teredo_endpoint_eq(portmap, c->portmap))
		return;
	c->portmap = portmap;
	out->changed = true;
	/* In a probe it is looked at when that ends. */
	if (c->state == TEREDO_STATE_QUALIFIED)
		take_mapping(c, params, env, out);
}

void teredo_client_network_changed(struct teredo_client *c,
				   const struct teredo_params *params,
				   const struct teredo_env *env, u64 now,
				   struct teredo_client_out *out)
{
	memset(out, 0, sizeof(*out));
	switch (c->state) {
	case TEREDO_STATE_DORMANT:
		break;
	case TEREDO_STATE_QUALIFIED:
		c->doubting = false;
		ask(c, params, env, now, out);
		break;
	default:
		c->backoff = 0;
		probe_first(c, params, env, now, out);
		break;
	}
}

void teredo_client_doubt(struct teredo_client *c,
			 const struct teredo_params *params,
			 const struct teredo_env *env, u64 now,
			 struct teredo_client_out *out)
{
	memset(out, 0, sizeof(*out));
	if (c->state != TEREDO_STATE_QUALIFIED || now < c->doubt_at)
		return;
	c->doubting = true;
	ask(c, params, env, now, out);
}

void teredo_client_suspend(struct teredo_client *c)
{
	c->pending = false;
	c->doubt_at = TEREDO_NEVER;
	c->deadline = TEREDO_NEVER;
}

void teredo_client_resume(struct teredo_client *c,
			  const struct teredo_params *params,
			  const struct teredo_env *env, u64 now,
			  struct teredo_client_out *out)
{
	teredo_client_network_changed(c, params, env, now, out);
	if (c->address == TEREDO_ADDRESS_PREFERRED)
		set_address(c, TEREDO_ADDRESS_DEPRECATED, out);
}

void teredo_client_refresh_changed(struct teredo_client *c,
				   const struct teredo_params *params,
				   const struct teredo_env *env)
{
	if (c->state == TEREDO_STATE_QUALIFIED && !c->pending)
		schedule_refresh(c, params, env);
}
