/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
#ifndef _ICF6_VERDICT_H
#define _ICF6_VERDICT_H

#include "types.h"

/* What the connection tracking says of a packet. */
enum icf6_state {
	ICF6_STATE_NEW,
	ICF6_STATE_ESTABLISHED,
	ICF6_STATE_RELATED,
	ICF6_STATE_UNTRACKED,		/* ND and MLD, or by rule of an admin */
	ICF6_STATE_INVALID,

	__ICF6_STATE_MAX
};

enum icf6_fact {
	/* any packet */
	ICF6_F_LOOPBACK		= 1 << 0,
	ICF6_F_HEADERS		= 1 << 1,	/* that cannot be read */
	ICF6_F_RH0		= 1 << 2,
	ICF6_F_AH		= 1 << 3,
	ICF6_F_BOGON		= 1 << 4,	/* source */
	ICF6_F_SPOOFED		= 1 << 5,	/* source is an own address */
	ICF6_F_ULA		= 1 << 6,	/* source or destination */
	ICF6_F_SCOPE		= 1 << 7,	/* multicast not to be forwarded */
	ICF6_F_MCAST_SOURCE	= 1 << 8,
	ICF6_F_SRC_LINK_LOCAL	= 1 << 9,
	ICF6_F_SRC_ANY		= 1 << 10,
	ICF6_F_DST_LINK_LOCAL	= 1 << 11,

	/* TCP and UDP */
	ICF6_F_SYN		= 1 << 12,
	ICF6_F_RST_TO_SYN	= 1 << 13,	/* RST in answer to a SYN */
	ICF6_F_OPEN		= 1 << 14,	/* icf6_port_facts() */
	ICF6_F_OPEN_EDGE	= 1 << 15,
	ICF6_F_OPEN_APP		= 1 << 16,
	ICF6_F_CONSENT		= 1 << 17,	/* of the listening socket */
	ICF6_F_GRACE		= 1 << 18,	/* of a connection older than we */
	ICF6_F_MDNS		= 1 << 19,	/* to the group and port */
	ICF6_F_SSDP		= 1 << 20,

	/* UDP and ICMPv6 */
	ICF6_F_ASKED		= 1 << 21,	/* answers own multicast */
	ICF6_F_UNANSWERED	= 1 << 22,	/* error for a flow of one way */
	ICF6_F_PROBE		= 1 << 23,	/* the stack answers type 160 */

	ICF6_F_ALL		= (1 << 24) - 1,
};

/* @sport, @dport are those of TCP and UDP; @type, @code those of ICMPv6. */
struct icf6_packet {
	u8	dir;
	u8	state;
	u8	proto;
	u8	hop_limit;
	u8	type;
	u8	code;
	u16	sport;
	u16	dport;
	u32	facts;
};

/* What is configured, for the device that a packet comes from or goes to. */
struct icf6_rules {
	u32	options;		/* ICF6_OPT_* */
	u32	icmp;			/* ICF6_ICMP_* */
	bool	reject;
	bool	firewalled;
	bool	edge;
};

/**
 * icf6_verdict - accept or drop a packet, and why
 *
 * Depends on nothing but its arguments. icf6_reason_accepts() tells the two
 * kinds of reasons apart.
 */
enum icf6_reason icf6_verdict(const struct icf6_packet *p,
			      const struct icf6_rules *r);

/* p2p brings the window for replies to own multicast with it, FW-60. */
static inline bool icf6_wants_replies(u32 options)
{
	return options & (ICF6_OPT_MCAST_REPLY | ICF6_OPT_P2P);
}

#endif
