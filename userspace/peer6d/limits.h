/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything in the daemon that strangers or users could make grow has an end
 * here. The engine has limits of its own.
 */
#ifndef PEER6D_LIMITS_H
#define PEER6D_LIMITS_H

/*
 * Clouds: the global one and one a link. A host with more links (a container
 * host has hundreds) hardly wants to publish on each; a cloud costs up to four
 * sockets and some 200 KiB.
 */
#define CLOUDS_MAX		64
#define CLOUD_NAME_MAX		80	/* LinkLocal_ + prefix + zone */
#define CLOUD_KEY_MAX		24	/* "link:" + IFNAMSIZ */

/* Addresses looked at in one dump; more cannot be chosen from sensibly. */
#define ADDRESSES_MAX		4096

/* A retry of what the engine could not bind, and of seeds without address. */
#define BIND_RETRY_MS		1000
#define SEED_RETRY_MS		60000
#define SEED_REFRESH_MS		3600000
#define SEEDS_MAX		16	/* what the engine takes */
#define SEED_TEXT_MAX		280	/* host name, brackets, port */

/*
 * Links and addresses come in bursts (a link that goes up says so five times).
 * Long enough to see the burst whole, short against the promised second.
 */
#define ADDRESS_SETTLE_MS	50

/* Last seen nodes of each cloud that are kept, and how often. */
#define KNOWN_MAX		16
#define KNOWN_SAVE_MS		60000

/* The wall clock is compared with the monotonic one this often. */
#define CLOCK_CHECK_MS		10000

/* Leaving: unregistering has this long to reach its neighbours. */
#define LEAVE_MS		2500

/* Registrations: of one user, of all. Each is resolved and re-announced. */
#define REGISTRATIONS_USER	256
#define REGISTRATIONS_MAX	2048

/*
 * Clients: enough for a machine full of programs that resolve names; a user
 * alone cannot take all places.
 */
#define CLIENTS_MAX		256
#define CLIENTS_USER		96
/*
 * A call: an identity file of 64 KiB, quoted, is the longest that makes sense.
 */
#define MESSAGE_MAX		(256u << 10)
/* What waits for a reader. A reply is cut by what it lists, never by this. */
#define CLIENT_QUEUE_MAX	(8u << 20)
#define STREAM_QUEUE_MAX	(1u << 20)
/* A reader that took nothing for this long is gone. */
#define CLIENT_STALL_MS		30000
#define CLIENT_SWEEP_MS		5000
/* Entries of the caches that one ListCache shows, of all clouds. */
#define LIST_CACHE_MAX		8192

#define RESOLVE_DEFAULT_S	30.0
#define RESOLVE_MIN_S		0.1
#define RESOLVE_MAX_S		600.0	/* the original's API */
#define RESULTS_MAX		64
/*
 * Where nobody is known yet a resolve first looks for others: for so long (two
 * round trips and an SSDP answer), and it asks whether they came so often. Others
 * are not troubled more than once in GREET_EVERY_MS.
 */
#define LONELY_WAIT_MS		2000
#define LONELY_CHECK_MS		50
#define GREET_EVERY_MS		1000
#define PING_DEFAULT_S		5.0
#define PING_MAX_S		60.0
/* Addresses of one host name that are asked. */
#define HOST_ADDRESSES_MAX	8

/* Events held for Monitor's "since". */
#define EVENTS_HELD		256
#define EVENT_TEXT_MAX		256

/*
 * SSDP: a datagram of PNRP's is below 500 bytes, others' below 1 KiB. Answers
 * wait a random time; a flood of searches cannot make more of them wait.
 */
#define SSDP_DATAGRAM_MAX	1500
#define SSDP_REPLIES_MAX	32
#define SSDP_MX_MAX_S		3
/* Searches taken from one link in a second; each makes an answer. */
#define SSDP_RATE		20
/* Who knows so many IDs does not greet newcomers; PNRP's own "small cache". */
#define SSDP_ENOUGH		8
/* Half of what Cache-Control promises. */
#define SSDP_ALIVE_MS		7200000

/* Messages a second that a user may allow each source, and all of them. */
#define RATE_MAX		100000
#define RATE_TOTAL_TIMES	100

/* Where a datagram goes out: remembered for this many destinations. */
#define SOURCES_HELD		256

/*
 * Port mappings: of this many Teredo devices, each of which costs its gateway a
 * port; and so many that a gateway still has to take back.
 */
#define PORTMAPS_MAX		16
#define PORTMAP_LEFTOVERS_MAX	16
/* Routes and addresses change in bursts, those of a router all the time. */
#define TEREDO_SETTLE_MS	100
/* A little more than what peer6-portmap gives itself. */
#define PORTMAP_ASK_MS		16000
#define PORTMAP_DELETE_MS	6000
#define GATEWAY_TEXT_MAX	2048
/* RFC 6887 section 11.2.1: not more often, however short the lease. */
#define PORTMAP_RENEW_MIN_MS	4000
/* RFC 6886 section 3.3: two hours; a renewal at half of it. */
#define PORTMAP_LEASE_S		7200
#define PORTMAP_LEASE_MIN_S	8
#define PORTMAP_LEASE_MAX_S	86400
/* Not more seldom: a gateway that restarted has forgotten all. */
#define PORTMAP_CHECK_MS	600000
/* Doubled at each failure: most gateways will never do it. */
#define PORTMAP_RETRY_MS	10000
#define PORTMAP_RETRY_MAX_MS	3600000
#define PORTMAP_WITHDRAW_MS	60000
/* After the server has seen another mapping, which may well be ours. */
#define PORTMAP_AGAIN_MS	5000
/* Checks of one without a lease that go unanswered before it is given up. */
#define PORTMAP_SILENT_MAX	3
/* Ports that are somebody else's, before the gateway is left in peace. */
#define PORTMAP_CONFLICTS_MAX	3

#define CONFIG_LINE_MAX		1024
#define CONFIG_LINES_MAX	10000

#endif
