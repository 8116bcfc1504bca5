/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
#ifndef _TEREDO_SERVER_H
#define _TEREDO_SERVER_H

#include "packet.h"

enum teredo_server_limits {
	/*
	 * IPv6 payload of ICMPv6 that is handed on: enough for an echo test,
	 * too little to be worth a relay of other data. Miredo's figure.
	 */
	TEREDO_SERVER_ICMP_MAX	= 88,
};

enum teredo_server_verdict {
	TEREDO_SERVER_DROP,
	TEREDO_SERVER_ADVERTISE,	/* answer with teredo_build_ra() */
	TEREDO_SERVER_FORWARD,		/* to @to, from the first address */
	TEREDO_SERVER_DELIVER,		/* to IPv6 routing */
};

struct teredo_server_out {
	enum teredo_reason reason;	/* of DROP */
	struct teredo_endpoint to;	/* of ADVERTISE and FORWARD */
	bool	from_second;		/* ADVERTISE from the second address */
	bool	origin;			/* FORWARD behind an origin indication */
	bool	unproven;		/* FORWARD, if not for too many */
	struct teredo_endpoint claimed;	/* ... who would be answered */
};

/*
 * RFC 4380 section 5.3: the server keeps no state, so this is a function of
 * the packet. @second: it came to the second address.
 */
enum teredo_server_verdict
teredo_server_input(const struct teredo_params *params,
		    const struct teredo_env *env, struct teredo_endpoint from,
		    bool second, const struct teredo_packet *pkt,
		    const u8 *data, struct teredo_server_out *out);

#endif /* _TEREDO_SERVER_H */
