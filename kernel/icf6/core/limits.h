/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
#ifndef _ICF6_LIMITS_H
#define _ICF6_LIMITS_H

#include "types.h"

/* ICF6_LABEL_MAX and ICF6_DEV_PORTS_MAX are in the uapi header. */
enum icf6_limits {
	/*
	 * Entries of all three sets in one namespace. Each global key is one
	 * bit, whatever its number of entries; this bounds what a user
	 * namespace's administrator can make the kernel remember.
	 */
	ICF6_ENTRIES_MAX	= 1 << 17,

	/*
	 * Extension headers of one packet. RFC 8200 section 4.1 has at most
	 * seven; a packet with more is meant to cost time.
	 */
	ICF6_HEADERS_MAX	= 16,

	/* Own multicast queries remembered at once, and in one bucket. */
	ICF6_ASKED_MAX		= 256,
	ICF6_ASKED_WAYS		= 4,

	/* RFC 6092 REC-34: connection attempts that wait for their answer. */
	ICF6_REJECT_MAX		= 1024,
	ICF6_REJECT_BATCH	= 64,	/* answers in a tick */

	ICF6_LOG_RATE		= 100,	/* records a second, */
	ICF6_LOG_BURST		= 200,	/* and at once, FW-42 */

	/* Where hooks attach to a running host, FW-90. */
	ICF6_GRACE_RUNNING	= 300,
	ICF6_GRACE_MAX		= 86400,

	/* Organisation-local, RFC 6092 REC-2. */
	ICF6_MCAST_BOUNDARY	= 8,
};

#define ICF6_ASKED_TIME		(3 * ICF6_SEC)	/* FW-60 */
#define ICF6_REJECT_SECONDS	6		/* RFC 6092 REC-34 */

#endif
