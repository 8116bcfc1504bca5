// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
#include "addr.h"
#include "server.h"

static enum teredo_server_verdict drop(struct teredo_server_out *out,
				       enum teredo_reason reason)
{
	out->reason = reason;
	return TEREDO_SERVER_DROP;
}

static bool own_ip(const struct teredo_params *params, __be32 ip)
{
	return ip == params->server || ip == params->server2;
}

static enum teredo_server_verdict
solicited(const struct teredo_params *params, const struct teredo_env *env,
	  struct teredo_endpoint from, bool second,
	  const struct teredo_packet *pkt, const u8 *data,
	  struct teredo_server_out *out)
{
	if (!teredo_packet_is_rs(pkt, data))
		return drop(out, TEREDO_REASON_RS_INVALID);
	if (params->secret_len &&
	    !teredo_packet_authentic(pkt, data, params, env))
		return drop(out, TEREDO_REASON_RS_UNAUTHENTICATED);
	out->to = from;
	/* RFC 4380 section 5.3.2; RFC 5991 section 3.2: C is not ignored. */
	out->from_second = second;
	if (teredo_addr_flags(&pkt->saddr) & TEREDO_FLAG_CONE)
		out->from_second = !second;
	return TEREDO_SERVER_ADVERTISE;
}

/*
 * A client behind a symmetric NAT has another mapping toward each server, so
 * what RFC 4380 asks for by rule 5 would keep RFC 6081 from working across two
 * servers. It is a rule that SHOULD be kept; a bubble to an own client may break
 * it, and is handed on at will if at least the address is the one claimed. A
 * NAT may have several of these: then the answers, which go to whoever is
 * claimed to have sent it, are what has to be limited.
 */
static enum teredo_reason check_claim(const struct teredo_params *params,
				      struct teredo_endpoint from,
				      const struct teredo_packet *pkt,
				      struct teredo_server_out *out)
{
	out->claimed = teredo_addr_mapped(&pkt->saddr);
	if (teredo_endpoint_eq(out->claimed, from))
		return TEREDO_REASON_NONE;
	if (!(params->extensions & TEREDO_EXT_SNS) ||
	    !teredo_packet_is_bubble(pkt) ||
	    !teredo_addr_is_teredo(&pkt->daddr, params->prefix) ||
	    teredo_addr_server(&pkt->daddr) != params->server)
		return TEREDO_REASON_MAPPING_MISMATCH;
	out->unproven = out->claimed.ip != from.ip;
	return TEREDO_REASON_NONE;
}

/* RFC 4380 section 5.3.1, rules 4 to 7 for what is not a solicitation. */
static enum teredo_reason check_addresses(const struct teredo_params *params,
					  struct teredo_endpoint from,
					  const struct teredo_packet *pkt,
					  struct teredo_server_out *out)
{
	if (teredo_addr_is_teredo(&pkt->saddr, params->prefix))
		return check_claim(params, from, pkt, out);
	if (!teredo_addr_is_linklocal(&pkt->saddr) &&
	    !teredo_addr_is_global(&pkt->saddr))
		return TEREDO_REASON_NOT_GLOBAL;
	if (!teredo_addr_is_teredo(&pkt->daddr, params->prefix) ||
	    teredo_addr_server(&pkt->daddr) != params->server)
		return TEREDO_REASON_NOT_OUR_CLIENT;
	return TEREDO_REASON_NONE;
}

enum teredo_server_verdict
teredo_server_input(const struct teredo_params *params,
		    const struct teredo_env *env, struct teredo_endpoint from,
		    bool second, const struct teredo_packet *pkt,
		    const u8 *data, struct teredo_server_out *out)
{
	bool icmp = pkt->nexthdr == TEREDO_NH_ICMP6;
	enum teredo_reason reason;
	struct in6_addr lladdr;

	memset(out, 0, sizeof(*out));
	/*
	 * Without this one packet would circle for ever: its source needs no
	 * proof, its destination names this server as its own client.
	 */
	if (own_ip(params, from.ip) && from.port == htons(TEREDO_UDP_PORT))
		return drop(out, TEREDO_REASON_LOOP);
	if (!icmp && !teredo_packet_is_bubble(pkt))
		return drop(out, TEREDO_REASON_NOT_BUBBLE_OR_ICMP);
	if (!from.port || !teredo_ip_is_global(from.ip, params->allow_private))
		return drop(out, TEREDO_REASON_OUTER_SOURCE);
	if (icmp && pkt->ip6_len - TEREDO_IP6_HLEN > TEREDO_SERVER_ICMP_MAX)
		return drop(out, TEREDO_REASON_ICMP_TOO_LARGE);

	teredo_lladdr_server(&lladdr, params->server);
	if (teredo_packet_icmp_type(pkt, data) == TEREDO_ICMP6_RS &&
	    teredo_addr_is_linklocal(&pkt->saddr) &&
	    (teredo_addr_is_all_routers(&pkt->daddr) ||
	     teredo_addr_eq(&pkt->daddr, &lladdr)))
		return solicited(params, env, from, second, pkt, data, out);

	reason = check_addresses(params, from, pkt, out);
	if (reason)
		return drop(out, reason);
	if (!teredo_addr_is_global(&pkt->daddr))
		return drop(out, TEREDO_REASON_NOT_GLOBAL);
	if (!teredo_addr_is_teredo(&pkt->daddr, params->prefix)) {
		/* A bubble means nothing to a native host. */
		if (!icmp)
			return drop(out, TEREDO_REASON_NOT_OUR_CLIENT);
		return TEREDO_SERVER_DELIVER;
	}

	out->to = teredo_addr_mapped(&pkt->daddr);
	if (!out->to.port ||
	    !teredo_ip_is_global(out->to.ip, params->allow_private))
		return drop(out, TEREDO_REASON_MAPPED_NOT_GLOBAL);
	if (own_ip(params, out->to.ip))
		return drop(out, TEREDO_REASON_LOOP);
	out->origin = teredo_addr_server(&pkt->daddr) == params->server;
	return TEREDO_SERVER_FORWARD;
}
