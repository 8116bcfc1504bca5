// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
/*
 * The policy. Numbers FW-nn are those of Documentation/icf6.md.
 */
#include "reasons.h"
#include "verdict.h"

enum { UDP_IKE = 500, UDP_IPSEC_NAT = 4500 };	/* RFC 7296, RFC 3948 */
enum { UDP_DHCP_CLIENT = 546, UDP_DHCP_SERVER = 547 };	/* RFC 8415 */

/* What the list of RFC 4890 section 4.4 names, in its order. */
enum icmp_type {
	DEST_UNREACH		= 1,
	TOO_BIG			= 2,
	TIME_EXCEEDED		= 3,
	PARAM_PROBLEM		= 4,
	ECHO_REQUEST		= 128,
	ECHO_REPLY		= 129,
	RS			= 133,
	RA			= 134,
	NS			= 135,
	NA			= 136,
	INVERSE_NS		= 141,
	INVERSE_NA		= 142,
	MLD_QUERY		= 130,
	MLD_REPORT		= 131,
	MLD_DONE		= 132,
	MLD2_REPORT		= 143,
	CERT_PATH_SOLICIT	= 148,
	CERT_PATH_ADVERT	= 149,
	MRD_ADVERT		= 151,
	MRD_SOLICIT		= 152,
	MRD_TERMINATE		= 153,
	HOME_AGENT_REQUEST	= 144,
	HOME_AGENT_REPLY	= 145,
	MOBILE_PREFIX_SOLICIT	= 146,
	MOBILE_PREFIX_ADVERT	= 147,
	REDIRECT		= 137,
	EXT_ECHO_REQUEST	= 160,
};

static bool is(const struct icf6_packet *p, u32 fact)
{
	return p->facts & fact;
}

/* FW-62: from this very link, which no router can have forwarded. */
static bool from_link(const struct icf6_packet *p)
{
	return p->hop_limit == 255 && !p->code;
}

/* FW-63; a report is sent from :: while the address is being tested. */
static bool mld_valid(const struct icf6_packet *p)
{
	bool report = p->type == MLD_REPORT || p->type == MLD2_REPORT;

	return p->hop_limit == 1 &&
	       (is(p, ICF6_F_SRC_LINK_LOCAL) ||
		(report && is(p, ICF6_F_SRC_ANY)));
}

/* RFC 6092 REC-10: who has no flow is told nothing, unless it is wanted. */
static enum icf6_reason icmp_error(const struct icf6_packet *p,
				   const struct icf6_rules *r)
{
	if (!(r->options & ICF6_OPT_ICMP_STRICT) &&
	    (p->type <= TOO_BIG ||
	     (p->type == TIME_EXCEEDED && p->code <= 1) ||
	     (p->type == PARAM_PROBLEM && p->code <= 2)))
		return ICF6_REASON_ICMP_OPTION;
	return ICF6_REASON_ICMP_ERROR;
}

/*
 * RFC 4890 section 4.4.5: conntrack relates an error of any type to the flow
 * that it quotes, and the stack hands it to that flow's protocol.
 */
static bool unassigned_error(const struct icf6_packet *p)
{
	return p->proto == ICF6_ICMP6 && p->type < ECHO_REQUEST &&
	       (p->type < DEST_UNREACH || p->type > PARAM_PROBLEM);
}

/* RFC 4890 section 4.3: what has to get through to hosts behind this one. */
static enum icf6_reason icmp_forward(const struct icf6_packet *p,
				     const struct icf6_rules *r)
{
	switch (p->type) {
	case DEST_UNREACH:
	case TOO_BIG:
	case TIME_EXCEEDED:
	case PARAM_PROBLEM:
		return icmp_error(p, r);
	case ECHO_REQUEST:
		return p->state == ICF6_STATE_INVALID ?
		       ICF6_REASON_INVALID : ICF6_REASON_ICMP_OPTION;
	case HOME_AGENT_REQUEST:
	case HOME_AGENT_REPLY:
	case MOBILE_PREFIX_SOLICIT:
	case MOBILE_PREFIX_ADVERT:
		return ICF6_REASON_MIP6;
	}
	return ICF6_REASON_ICMP;
}

/*
 * RFC 4890 section 4.4. Conntrack knows some of these types as untracked and
 * has no entry for others, by its version; so the state counts only where it
 * is named.
 */
static enum icf6_reason icmp_in(const struct icf6_packet *p,
				const struct icf6_rules *r)
{
	switch (p->type) {
	case DEST_UNREACH:
	case TOO_BIG:
	case TIME_EXCEEDED:
	case PARAM_PROBLEM:
		return icmp_error(p, r);
	case ECHO_REQUEST:
		if (p->state == ICF6_STATE_INVALID)
			return ICF6_REASON_INVALID;
		return r->icmp & ICF6_ICMP_ECHO_REQUEST ?
		       ICF6_REASON_ICMP_OPTION : ICF6_REASON_ICMP;
	case ECHO_REPLY:
		/* FW-61: conntrack expects it from the group's address. */
		return is(p, ICF6_F_ASKED) ?
		       ICF6_REASON_MCAST_REPLY : ICF6_REASON_INVALID;
	case RS:
	case RA:
	case NS:
	case NA:
	case INVERSE_NS:
	case INVERSE_NA:
	case CERT_PATH_SOLICIT:
	case CERT_PATH_ADVERT:
		return from_link(p) ? ICF6_REASON_CONTROL : ICF6_REASON_ND;
	case MLD_QUERY:
	case MLD_REPORT:
	case MLD_DONE:
	case MLD2_REPORT:
		return mld_valid(p) ? ICF6_REASON_CONTROL : ICF6_REASON_MLD;
	case MRD_ADVERT:
	case MRD_SOLICIT:
	case MRD_TERMINATE:
		return p->hop_limit == 1 && is(p, ICF6_F_SRC_LINK_LOCAL) ?
		       ICF6_REASON_CONTROL : ICF6_REASON_MLD;
	case REDIRECT:
		if (!from_link(p) || !is(p, ICF6_F_SRC_LINK_LOCAL))
			return ICF6_REASON_ND;
		return r->icmp & ICF6_ICMP_REDIRECT ?
		       ICF6_REASON_ICMP_OPTION : ICF6_REASON_ICMP;
	case HOME_AGENT_REQUEST:
	case HOME_AGENT_REPLY:
	case MOBILE_PREFIX_SOLICIT:
	case MOBILE_PREFIX_ADVERT:
		return r->options & ICF6_OPT_MIP6 ?
		       ICF6_REASON_MIP6 : ICF6_REASON_ICMP;
	case EXT_ECHO_REQUEST:
		return r->icmp & ICF6_ICMP_ECHO_REQUEST &&
		       is(p, ICF6_F_PROBE) ?
		       ICF6_REASON_ICMP_OPTION : ICF6_REASON_ICMP;
	}
	/*
	 * Among them 139, which conntrack lets begin a flow, and the error
	 * types that are not assigned, which the stack would pass on.
	 */
	return ICF6_REASON_ICMP;
}

/* FW-71: on an edge device a port has to say that this is meant, too. */
static enum icf6_reason open_port(const struct icf6_packet *p,
				  const struct icf6_rules *r)
{
	if (r->edge && !is(p, ICF6_F_OPEN_EDGE) &&
	    !(is(p, ICF6_F_OPEN_APP) && is(p, ICF6_F_CONSENT)))
		return ICF6_REASON_EDGE;
	return ICF6_REASON_PORT_OPEN;
}

/* No entry stands for these, so none can say that an edge device is meant. */
static enum icf6_reason open_option(const struct icf6_rules *r,
				    enum icf6_reason reason)
{
	return r->edge ? ICF6_REASON_EDGE : reason;
}

static enum icf6_reason port(const struct icf6_packet *p,
			     const struct icf6_rules *r)
{
	bool udp = p->proto == ICF6_UDP;

	/* What is untracked by rule has no state that could miss its SYN. */
	if (!udp && p->state == ICF6_STATE_NEW && !is(p, ICF6_F_SYN))
		return is(p, ICF6_F_GRACE) ?
		       ICF6_REASON_GRACE : ICF6_REASON_NO_SYN;
	if (is(p, ICF6_F_OPEN))
		return open_port(p, r);
	if (udp && ((is(p, ICF6_F_MDNS) && r->options & ICF6_OPT_MDNS) ||
		    (is(p, ICF6_F_SSDP) && r->options & ICF6_OPT_SSDP)))
		return open_option(r, ICF6_REASON_PRESET);
	if (udp && r->options & ICF6_OPT_IPSEC &&
	    (p->dport == UDP_IKE || p->dport == UDP_IPSEC_NAT))
		return open_option(r, ICF6_REASON_IPSEC);
	return ICF6_REASON_PORT;
}

/* FW-52: in the boot set, since a host without address cannot ask. */
static bool dhcp_reply(const struct icf6_packet *p)
{
	return p->dir == ICF6_DIR_IN && p->proto == ICF6_UDP &&
	       p->sport == UDP_DHCP_SERVER && p->dport == UDP_DHCP_CLIENT &&
	       is(p, ICF6_F_SRC_LINK_LOCAL) && is(p, ICF6_F_DST_LINK_LOCAL);
}

static enum icf6_reason granted(const struct icf6_packet *p,
				const struct icf6_rules *r)
{
	if (p->proto == ICF6_TCP || p->proto == ICF6_UDP)
		return port(p, r);
	if (p->proto == ICF6_MH && r->options & ICF6_OPT_MIP6)
		return open_option(r, ICF6_REASON_MIP6);
	return ICF6_REASON_PROTO;
}

static enum icf6_reason inbound(const struct icf6_packet *p,
				const struct icf6_rules *r)
{
	enum icf6_reason reason;

	if (is(p, ICF6_F_SCOPE))
		return ICF6_REASON_SCOPE;
	if (!r->firewalled)
		return ICF6_REASON_UNFIREWALLED;

	/* FW-80 to FW-84: never, whatever flow it claims to be part of. */
	if (is(p, ICF6_F_HEADERS))
		return ICF6_REASON_HEADERS;
	if (is(p, ICF6_F_RH0))
		return ICF6_REASON_ROUTING_HEADER;
	if (is(p, ICF6_F_BOGON) && r->options & ICF6_OPT_BOGONS)
		return ICF6_REASON_BOGON;
	if (is(p, ICF6_F_SPOOFED))
		return ICF6_REASON_SPOOFED;
	if (is(p, ICF6_F_ULA) && r->edge && !(r->options & ICF6_OPT_EDGE_ULA))
		return ICF6_REASON_ULA;

	if (p->state == ICF6_STATE_ESTABLISHED)
		return ICF6_REASON_ESTABLISHED;
	if (p->state == ICF6_STATE_RELATED && !unassigned_error(p))
		return ICF6_REASON_RELATED;

	if (p->proto == ICF6_ICMP6)
		return p->dir == ICF6_DIR_FORWARD ? icmp_forward(p, r) :
						    icmp_in(p, r);
	if (p->proto == ICF6_UDP && is(p, ICF6_F_ASKED) &&
	    icf6_wants_replies(r->options))
		return ICF6_REASON_MCAST_REPLY;
	if (p->state == ICF6_STATE_INVALID)
		return ICF6_REASON_INVALID;
	if (dhcp_reply(p))
		return ICF6_REASON_DHCP;

	reason = granted(p, r);
	/* FW-86: what it protects comes back as a packet of its own. */
	if (!icf6_reason_accepts(reason) && r->options & ICF6_OPT_IPSEC &&
	    (is(p, ICF6_F_AH) || p->proto == ICF6_ESP))
		return open_option(r, ICF6_REASON_IPSEC);
	return reason;
}

/*
 * FW-31: errors also quote packets that were dropped before any hook saw
 * them, and would tell the sender that there is a host.
 */
static enum icf6_reason icmp_out(const struct icf6_packet *p,
				 const struct icf6_rules *r)
{
	if (p->state == ICF6_STATE_RELATED) {
		/* FW-32: the port is open, and nobody listens. */
		if (p->type == DEST_UNREACH && p->code == 4 &&
		    is(p, ICF6_F_UNANSWERED) &&
		    r->options & ICF6_OPT_STEALTH)
			return ICF6_REASON_STEALTH;
		return ICF6_REASON_OUTBOUND;
	}
	/* FW-87: sent by us, for a packet whose flow we ended. */
	if (p->type == DEST_UNREACH && p->code == 1 && r->reject)
		return ICF6_REASON_OUTBOUND;
	/* ICF6_ICMP_DEST_UNREACH to _PARAM_PROBLEM: bit n is type n. */
	return r->icmp & 1U << p->type ?
	       ICF6_REASON_OUTBOUND : ICF6_REASON_ICMP_OUT;
}

static enum icf6_reason outbound(const struct icf6_packet *p,
				 const struct icf6_rules *r)
{
	if (!r->firewalled)
		return ICF6_REASON_UNFIREWALLED;
	if (is(p, ICF6_F_MCAST_SOURCE))
		return ICF6_REASON_MCAST_SOURCE;
	if (is(p, ICF6_F_ULA) && r->edge && !(r->options & ICF6_OPT_EDGE_ULA))
		return ICF6_REASON_ULA;
	if (p->proto == ICF6_ICMP6 && p->type >= DEST_UNREACH &&
	    p->type <= PARAM_PROBLEM)
		return icmp_out(p, r);
	if (p->proto == ICF6_TCP && is(p, ICF6_F_RST_TO_SYN) &&
	    r->options & ICF6_OPT_STEALTH)
		return ICF6_REASON_STEALTH;
	return ICF6_REASON_OUTBOUND;
}

enum icf6_reason icf6_verdict(const struct icf6_packet *p,
			      const struct icf6_rules *r)
{
	if (is(p, ICF6_F_LOOPBACK))
		return ICF6_REASON_LOOPBACK;
	if (!(r->options & ICF6_OPT_ENABLED))
		return ICF6_REASON_DISABLED;
	return p->dir == ICF6_DIR_OUT ? outbound(p, r) : inbound(p, r);
}
