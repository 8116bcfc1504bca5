/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every bound and every period of the PNRP engine, with its reason. The cache
 * has its own in cache.h. The protocol states no limits against overload
 * ([MS-PNRP] section 5), so what is marked "ours" is this project's choice.
 */
#ifndef PEER6_LIB_PNRP_LIMITS_H
#define PEER6_LIB_PNRP_LIMITS_H

#include <peer6/base.h>

/* Periods. */

/* [MS-PNRP] section 3.1.2: two transmissions, a failure after two seconds. */
#define P6_RETRY		PEER6_SECOND
#define P6_TRIES		2
/* Section 3.1.2 and its note 1. */
#define P6_MAINTENANCE		(15 * PEER6_SECOND)
#define P6_MAINTENANCE_SMALL	(10 * PEER6_SECOND)
#define P6_SMALL_CACHE		2
/* Section 3.2.2: how long an advertiser waits for the REQUEST. */
#define P6_CONVERSATION		(15 * PEER6_SECOND)
/* Section 3.1.2. */
#define P6_CLEANUP		(15 * 60 * PEER6_SECOND)
/*
 * Ours: how long one way of discovery gets before the next one is tried, while
 * nobody is known. A SOLICIT has failed after two seconds; M-SEARCH lets hosts
 * wait up to three (MX) before they answer.
 */
#define P6_DISCOVER_SOLICIT	(2 * PEER6_SECOND + 100 * PEER6_MS)
#define P6_DISCOVER_SSDP	(3 * PEER6_SECOND + 500 * PEER6_MS)
/* The native interface: 30 s unless told, at most 600. */
#define P6_RESOLVE_DEFAULT	(30 * PEER6_SECOND)
#define P6_RESOLVE_LONGEST	(600 * PEER6_SECOND)
/* Section 2.2.3.1 wants 12 hours to a week; clocks may be hours off. */
#define P6_RECORD_LIFE		(UINT64_C(24) * 3600 * 10000000)

/* What the protocol counts. */

/* Section 3.2.5.3: IDs of an ADVERTISE. */
#define P6_ADVERTISED		5
/* Section 3.1.5.1: SSDP answers that are followed, for each search. */
#define P6_SSDP_TARGETS		5
/* Section 3.1.4.4.2: with fewer entries any next hop is welcome. */
#define P6_FEW_ENTRIES		8
/* Sections 3.1.4.4.2 and 3.1.5.6.1. */
#define P6_HOP_USES		3
#define P6_HOPS_MAX		22
#define P6_SUSPICIOUS_MAX	6
/* Section 3.2.1.1. */
#define P6_CACHE_MINIMUM	10
/*
 * Ours: how often a resolver looks into its own cache again after a hop from
 * there led nowhere. The node is a hop like others, but with many entries dead
 * three uses would be too few.
 */
#define P6_SELF_USES		12

/* Tables: ours. */

/* Nodes and seeds to start from: Windows keeps ten. */
#define P6_KNOWN_MAX		16
/*
 * Who was sent an ADVERTISE and may send a REQUEST. Each is some 100 bytes and
 * lives 15 s: 17 a second, where a cloud of a million that turns over each
 * hour asks a node 0.0003 times.
 */
#define P6_CONVERSATIONS_MAX	256
/* Entries under validation: each has a message under way for up to 2 s. */
#define P6_ADDS_MAX		256
/* 64 resolves of 32 fragments at once. */
#define P6_REASSEMBLIES_MAX	64
#define P6_RESOLVES_MAX		64
/* Of those, ones made for applications: the rest stays for the engine's own. */
#define P6_RESOLVES_APP_MAX	56
#define P6_RESULTS_MAX		64
/*
 * A registration is made known again, counted in ticks of maintenance: while it
 * is new or has moved after 1, 2 and 4, for others may be busy with what was
 * there before; then every so often, for a neighbour that has lost it has no way
 * to learn of it but from us. A LOOKUP or a few in five minutes.
 */
#define P6_ANNOUNCE_SOON	3
#define P6_ANNOUNCE_TICKS	20
/* Registrations that look for their neighbours at the same time. */
#define P6_ANNOUNCES_MAX	4
#define P6_REGISTRATIONS_MAX	1024
/* Messages that wait for an answer: above all that other tables cause. */
#define P6_PENDING_MAX		1024
/* Room for the path of a resolve is made for so many more: few are long. */
#define P6_PATH_STEP		4
/* Counters that tell most unused message IDs without a look at the list. */
#define P6_IDS			32
/* Datagrams that the host has not yet fetched: some 300 KiB at the worst. */
#define P6_OUTPUT_MAX		256
/* The host is behind: tell resolvers to ask somebody else (B). */
#define P6_OUTPUT_BUSY		128
#define P6_PINGS_MAX		64
/* A PKCS#7 chain that fits into an AUTHORITY_BUFFER with the rest. */
#define P6_CHAIN_MAX		30000
/* Entries inquired on each tick of maintenance, to find the dead. */
#define P6_PROBES		10
/*
 * Ours: one tick of so many looks for somebody missing in a leaf set. After a
 * leaf has come or gone each tick does, so many times: twice the twelve gaps.
 * In a quiet cloud it is a tenth of the traffic that the probes make.
 */
#define P6_LEAF_CHECKS		24
#define P6_LEAF_CHECK		4

/* Rates: ours. */

#define P6_RATE_SOURCE		10	/* messages a second from a /64 */
#define P6_RATE_SOURCE_BURST	3	/* seconds' worth */
#define P6_RATE_TOTAL		1000
/*
 * Buckets of sources, 32 bytes each. Those that are full again are dropped, so
 * a quiet node has few. More sources at once push out idle ones; then the total
 * rate is what limits. 4 KiB at most: with a full cache a node stays below
 * 16 KiB.
 */
#define P6_SOURCES_MIN		16
#define P6_SOURCES_MAX		128
#define P6_SOURCES_WINDOW	8
/*
 * Bytes that a source may cause. Each byte that comes in pays for two; next to
 * that it has an allowance, which comes back within a minute, so that a first
 * answer is never refused, however large. Long floods stay below three bytes out
 * per byte in.
 */
#define P6_AMPLIFY		2
#define P6_ALLOWANCE		4096
#define P6_ALLOWANCE_BACK	(60 * PEER6_SECOND)
/*
 * A source that answers a message of ours by its random ID is there; one in
 * debt is sent such a message. It is worth a large record each time, but not
 * more: that it is there does not mean that it asked, for whoever runs PNRP
 * answers. For 76 bytes ten times a second it makes 2.7 out per byte in; at the
 * worst it is 0.4 KiB a second next to what is paid.
 */
#define P6_PROOF		4096
#define P6_PROOF_PAUSE		(10 * PEER6_SECOND)
/* The same for all sources together; it comes back in 16 s. */
#define P6_ALLOWANCE_TOTAL	262144
#define P6_ALLOWANCE_TOTAL_BACK	(16 * PEER6_SECOND)
/*
 * One INQUIRE in 5 s to an address that somebody else named: whoever can make
 * nodes probe an address could else have all nodes probe it at once. Further
 * ones wait in line, up to a minute.
 */
#define P6_THIRD_PARTY		(5 * PEER6_SECOND)
#define P6_THIRD_PARTY_WAIT	(60 * PEER6_SECOND)
#define P6_PROBED_MIN		8
#define P6_THIRD_PARTY_MAX	256

#endif
