/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
#ifndef _TEREDO_TRAILER_H
#define _TEREDO_TRAILER_H

#include "packet.h"

enum teredo_trailer_limits {
	/* RFC 6081 section 7: no more, lest a bubble calls for a crowd. */
	TEREDO_ALTERNATES	= 4,
	TEREDO_ALTERNATES_SENT	= 2,	/* section 4.3 */

	TEREDO_TRAILERS_MAX	= (2 + 4) + (2 + 2 + 6 * TEREDO_ALTERNATES) +
				  (2 + 4) + (2 + 2),
};

enum teredo_discovery_type {
	TEREDO_ND_NONE,
	TEREDO_ND_SOLICIT,
	TEREDO_ND_ADVERT,
};

/* What a bubble carries behind its IPv6 header, RFC 6081 section 4. */
struct teredo_trailers {
	bool	any;			/* at least one that is known */
	bool	has_nonce;
	bool	alternates_bad;		/* there is a list, and it is malformed */
	u8	nd;			/* enum teredo_discovery_type */
	u8	n_alternates;
	__be16	random_port;		/* 0 = none */
	u32	nonce;
	struct teredo_endpoint alternate[TEREDO_ALTERNATES];
};

/*
 * Of each kind the first counts. One whose length is not that of its kind is
 * skipped like an unknown one; only a list of alternate addresses is worse than
 * none, section 5.6.4.2.
 */
void teredo_trailers_parse(const struct teredo_packet *pkt, const u8 *data,
			   struct teredo_trailers *t);

/* At most TEREDO_TRAILERS_MAX bytes; returns how many. */
size_t teredo_trailers_build(u8 *buf, const struct teredo_trailers *t);

#endif /* _TEREDO_TRAILER_H */
