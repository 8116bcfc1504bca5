/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Teredo tunnel devices: RFC 4380, updated by RFC 5991 and RFC 6081.
 *
 * A device is made and configured through rtnetlink (link kind "teredo", the
 * IFLA_TEREDO_* attributes) and watched through the generic netlink family
 * "teredo" (the TEREDO_A_* attributes), which is specified in
 * Documentation/netlink/specs/teredo.yaml.
 *
 * IPv4 addresses and UDP ports are in network byte order, everything else in
 * that of the host.
 */
#ifndef _UAPI_LINUX_TEREDO_H
#define _UAPI_LINUX_TEREDO_H

#define TEREDO_LINK_KIND	"teredo"
#define TEREDO_GENL_NAME	"teredo"
#define TEREDO_GENL_VERSION	1
#define TEREDO_MCGRP_EVENTS	"events"

#define TEREDO_UDP_PORT		3544	/* RFC 4380 section 2.7 */
#define TEREDO_ID_MAX		255	/* client identifier, bytes */
#define TEREDO_SECRET_MAX	255	/* shared secret, bytes */

/* RFC 6081 section 3: IFLA_TEREDO_EXTENSIONS, TEREDO_A_EXTENSIONS */
#define TEREDO_EXT_SNS	(1U << 0)	/* symmetric NAT support */
#define TEREDO_EXT_UPNP	(1U << 1)	/* UPnP-enabled symmetric NAT; needs SNS */
#define TEREDO_EXT_PP	(1U << 2)	/* port-preserving symmetric NAT; needs SNS */
#define TEREDO_EXT_SP	(1U << 3)	/* sequential port-symmetric NAT; needs PP */
#define TEREDO_EXT_HP	(1U << 4)	/* hairpinning */
#define TEREDO_EXT_SLR	(1U << 5)	/* server load reduction */
#define TEREDO_EXT_ALL	63

enum teredo_role {
	TEREDO_ROLE_CLIENT,
	TEREDO_ROLE_SERVER,
	TEREDO_ROLE_RELAY,
	TEREDO_ROLE_HOST_RELAY,

	__TEREDO_ROLE_MAX
};

/* RFC 4380 section 5.2.1, named as Windows shows them. */
enum teredo_state {
	TEREDO_STATE_DORMANT,		/* the device is down */
	TEREDO_STATE_PROBE_CONE,
	TEREDO_STATE_PROBE_PRIMARY,
	TEREDO_STATE_PROBE_SECONDARY,
	TEREDO_STATE_QUALIFIED,
	TEREDO_STATE_OFFLINE,

	__TEREDO_STATE_MAX
};

enum teredo_nat {
	TEREDO_NAT_UNKNOWN,
	TEREDO_NAT_NONE,		/* mapped address = own address */
	TEREDO_NAT_CONE,		/* seen only with cone probing on */
	TEREDO_NAT_RESTRICTED,		/* by address or by port */
	TEREDO_NAT_SYMMETRIC_PORT,
	TEREDO_NAT_SYMMETRIC_ADDRESS,

	__TEREDO_NAT_MAX
};

/*
 * Why a device is not qualified, and why a packet was dropped: one list for
 * netlink, JSON and text. Values are ABI and only ever appended.
 */
enum teredo_reason {
	TEREDO_REASON_NONE,

	/* errors of a device */
	TEREDO_REASON_SERVER_UNREACHABLE,
	TEREDO_REASON_SERVER2_UNREACHABLE,
	TEREDO_REASON_SYMMETRIC_NAT,
	TEREDO_REASON_NO_ROUTE,
	TEREDO_REASON_KEY_REJECTED,
	TEREDO_REASON_ADDRESS_FAILED,
	TEREDO_REASON_NETNS_GONE,

	/* received: not a well-formed Teredo packet */
	TEREDO_REASON_TOO_SHORT,
	TEREDO_REASON_BAD_INDICATOR,
	TEREDO_REASON_BAD_AUTH_HEADER,
	TEREDO_REASON_BAD_ORIGIN,
	TEREDO_REASON_BAD_VERSION,
	TEREDO_REASON_BAD_LENGTH,
	TEREDO_REASON_BAD_TRAILER,

	/* received: router advertisement not acceptable */
	TEREDO_REASON_RA_UNEXPECTED,
	TEREDO_REASON_RA_SOURCE,
	TEREDO_REASON_RA_NONCE,
	TEREDO_REASON_RA_AUTH,
	TEREDO_REASON_RA_NO_ORIGIN,
	TEREDO_REASON_RA_ORIGIN,
	TEREDO_REASON_RA_MALFORMED,
	TEREDO_REASON_RA_PREFIX,

	/* received: addresses */
	TEREDO_REASON_NOT_FOR_US,
	TEREDO_REASON_OUTER_SOURCE,
	TEREDO_REASON_MAPPING_MISMATCH,
	TEREDO_REASON_NOT_OUR_CLIENT,
	TEREDO_REASON_NOT_TEREDO_SOURCE,
	TEREDO_REASON_NOT_GLOBAL,
	TEREDO_REASON_MAPPED_NOT_GLOBAL,
	TEREDO_REASON_UNKNOWN_PEER,
	TEREDO_REASON_NOT_SERVED,
	TEREDO_REASON_LINK_LOCAL_SOURCE,
	TEREDO_REASON_MULTICAST,
	TEREDO_REASON_LOOP,
	TEREDO_REASON_ORIGIN_NOT_SERVER,
	TEREDO_REASON_ROUTING_HEADER,
	TEREDO_REASON_BUBBLE_PROOF,
	TEREDO_REASON_ECHO_MISMATCH,
	TEREDO_REASON_UNVERIFIED,
	TEREDO_REASON_ECN,

	/* received: local client discovery */
	TEREDO_REASON_DISCOVERY_UNICAST,
	TEREDO_REASON_DISCOVERY_INVALID,
	TEREDO_REASON_DISCOVERY_FOREIGN,

	/* received by a server */
	TEREDO_REASON_NOT_BUBBLE_OR_ICMP,
	TEREDO_REASON_RS_UNAUTHENTICATED,
	TEREDO_REASON_RS_INVALID,
	TEREDO_REASON_ICMP_TOO_LARGE,

	/* sending, and limits */
	TEREDO_REASON_NOT_QUALIFIED,
	TEREDO_REASON_NOT_IPV6,
	TEREDO_REASON_FOREIGN_SOURCE,
	TEREDO_REASON_NOT_A_RELAY,
	TEREDO_REASON_PEER_UNREACHABLE,
	TEREDO_REASON_RATE_LIMITED,
	TEREDO_REASON_PEERS_FULL,
	TEREDO_REASON_QUEUE_FULL,
	TEREDO_REASON_NO_MEMORY,
	TEREDO_REASON_DEVICE_DOWN,

	/* RFC 6081 */
	TEREDO_REASON_NONCE_MISMATCH,
	TEREDO_REASON_BAD_ALTERNATE,
	TEREDO_REASON_PORTS_FULL,

	__TEREDO_REASON_MAX
};

/* What else a device counts. */
enum teredo_count {
	TEREDO_COUNT_RS_TX,
	TEREDO_COUNT_RS_RX,
	TEREDO_COUNT_RA_TX,
	TEREDO_COUNT_RA_RX,
	TEREDO_COUNT_BUBBLE_TX,
	TEREDO_COUNT_BUBBLE_RX,
	TEREDO_COUNT_ECHO_TX,
	TEREDO_COUNT_ECHO_RX,
	TEREDO_COUNT_FORWARDED,		/* by a server, to a client */
	TEREDO_COUNT_TRAILERS,		/* packets received with trailers */

	/* RFC 6081; bubbles are also among BUBBLE_TX */
	TEREDO_COUNT_INDIRECT_TX,	/* bubbles by way of a peer's server */
	TEREDO_COUNT_ALTERNATE_TX,	/* bubbles to alternate addresses */
	TEREDO_COUNT_SOLICIT_TX,	/* bubbles that ask for an answer */
	TEREDO_COUNT_ADVERT_TX,		/* bubbles that are the answer */
	TEREDO_COUNT_RANDOM_PORT_TX,	/* bubbles from or to a random port */
	TEREDO_COUNT_PORT_TEST_TX,	/* solicitations of port tests */
	TEREDO_COUNT_NONCE_RX,		/* mappings believed for their nonce */

	__TEREDO_COUNT_MAX
};

enum {
	IFLA_TEREDO_UNSPEC,
	IFLA_TEREDO_ROLE,		/* u8, enum teredo_role; fixed at creation */
	IFLA_TEREDO_SERVER,		/* be32: client's server; server: own first address */
	IFLA_TEREDO_SERVER2,		/* be32; without it, SERVER + 1 */
	IFLA_TEREDO_LOCAL,		/* be32: outer source; without it, any */
	IFLA_TEREDO_PORT,		/* be16: service port; 0 = chosen by the kernel */
	IFLA_TEREDO_REFRESH,		/* u32: seconds, 1..120 */
	IFLA_TEREDO_PREFIX,		/* be32: first 32 bits of Teredo addresses */
	IFLA_TEREDO_CLIENT_ID,		/* binary, 1..255 bytes; empty = none */
	IFLA_TEREDO_SECRET,		/* binary, 1..255 bytes; empty = none; never dumped */
	IFLA_TEREDO_MAX_PEERS,		/* u32 */
	IFLA_TEREDO_RATE_LIMIT,		/* u32: answers a second to one IPv4 /24; 0 = none */
	IFLA_TEREDO_ALLOW_PRIVATE,	/* u8: bool */
	IFLA_TEREDO_DEFAULT_ROUTE,	/* u8: bool: ::/0 on the device when qualified */
	IFLA_TEREDO_DISCOVERY,		/* u8: bool: RFC 4380 section 5.2.8 */
	IFLA_TEREDO_CONE_PROBE,		/* u8: bool: probe for a cone NAT first */
	IFLA_TEREDO_SINGLE_SERVER,	/* u8: bool: do without the second server address */
	IFLA_TEREDO_BUBBLE_TTL,		/* u8: outer TTL of the first direct bubble; 0 = usual */

	/* only in dumps */
	IFLA_TEREDO_PAD,
	IFLA_TEREDO_SECURE,		/* u8: bool: a secret is set */
	IFLA_TEREDO_STATE,		/* u8: enum teredo_state */
	IFLA_TEREDO_NAT,		/* u8: enum teredo_nat */
	IFLA_TEREDO_ERROR,		/* u32: enum teredo_reason */
	IFLA_TEREDO_LOCAL_PORT,		/* be16: service port in use */
	IFLA_TEREDO_MAPPED_ADDR,	/* be32 */
	IFLA_TEREDO_MAPPED_PORT,	/* be16 */
	IFLA_TEREDO_ADDRESS,		/* in6_addr: own Teredo address */

	/* in requests and dumps */
	IFLA_TEREDO_EXTENSIONS,		/* bitfield32, TEREDO_EXT_* */

	__IFLA_TEREDO_MAX
};

#define IFLA_TEREDO_MAX		(__IFLA_TEREDO_MAX - 1)

/*
 * IFLA_INFO_XSTATS: an array of u64, the counters of enum teredo_count and,
 * from TEREDO_XSTATS_DROP(0) on, the drops by enum teredo_reason. A reader
 * takes what is there: a newer kernel sends more reasons.
 */
#define TEREDO_XSTATS_COUNT(c)	(c)
#define TEREDO_XSTATS_DROP(r)	(32 + (r))

enum teredo_cmd {
	TEREDO_CMD_UNSPEC,
	TEREDO_CMD_DEV_GET,		/* do: IFINDEX or IFNAME; dump */
	TEREDO_CMD_PEER_GET,		/* dump: IFINDEX or IFNAME */
	TEREDO_CMD_PEER_FLUSH,		/* do: IFINDEX or IFNAME; PEER_ADDRESS optional */
	TEREDO_CMD_STATE_NTF,		/* the attributes of DEV_GET */
	TEREDO_CMD_MAPPING_NTF,		/* the attributes of DEV_GET */
	TEREDO_CMD_PEER_NTF,		/* IFINDEX, IFNAME, PEER */
	TEREDO_CMD_PORTMAP_SET,		/* do: IFINDEX or IFNAME; PORTMAP_* */

	__TEREDO_CMD_MAX
};

#define TEREDO_CMD_MAX		(__TEREDO_CMD_MAX - 1)

enum teredo_attr {
	TEREDO_A_UNSPEC,
	TEREDO_A_IFINDEX,		/* u32 */
	TEREDO_A_IFNAME,		/* string */
	TEREDO_A_ROLE,			/* u8 */
	TEREDO_A_STATE,			/* u8 */
	TEREDO_A_NAT,			/* u8 */
	TEREDO_A_SERVER,		/* be32 */
	TEREDO_A_SERVER2,		/* be32 */
	TEREDO_A_REFRESH,		/* u32, seconds */
	TEREDO_A_LOCAL_ADDR,		/* be32: source address toward the server */
	TEREDO_A_LOCAL_PORT,		/* be16 */
	TEREDO_A_MAPPED_ADDR,		/* be32 */
	TEREDO_A_MAPPED_PORT,		/* be16 */
	TEREDO_A_ADDRESS,		/* in6_addr */
	TEREDO_A_ERROR,			/* u32, enum teredo_reason */
	TEREDO_A_ERROR_TEXT,		/* string: the error in words */
	TEREDO_A_SERVER_AGE,		/* u32, ms since the server was heard */
	TEREDO_A_PEERS,			/* u32: entries in the peer table */
	TEREDO_A_MAX_PEERS,		/* u32 */
	TEREDO_A_COUNTER,		/* nest, one each: TEREDO_A_COUNTER_* */
	TEREDO_A_DROP,			/* nest, one each: TEREDO_A_COUNTER_* */
	TEREDO_A_PEER,			/* nest: TEREDO_A_PEER_* */
	TEREDO_A_PEER_ADDRESS,		/* in6_addr: which peer to flush */
	TEREDO_A_PAD,
	TEREDO_A_PORTMAP_ADDR,		/* be32: outside of a mapping that a gateway made */
	TEREDO_A_PORTMAP_PORT,		/* be16; 0 or absent = none */
	TEREDO_A_EXTENSIONS,		/* u32, TEREDO_EXT_* */

	__TEREDO_A_MAX
};

#define TEREDO_A_MAX		(__TEREDO_A_MAX - 1)

enum teredo_attr_counter {
	TEREDO_A_COUNTER_UNSPEC,
	TEREDO_A_COUNTER_ID,		/* u32: enum teredo_count or teredo_reason */
	TEREDO_A_COUNTER_NAME,		/* string */
	TEREDO_A_COUNTER_VALUE,		/* u64 */
	TEREDO_A_COUNTER_PAD,

	__TEREDO_A_COUNTER_MAX
};

#define TEREDO_A_COUNTER_MAX	(__TEREDO_A_COUNTER_MAX - 1)

enum teredo_peer_event {
	TEREDO_PEER_EVENT_TRUSTED,	/* direct packets are exchanged */
	TEREDO_PEER_EVENT_MOVED,	/* its mapping is another one */
	TEREDO_PEER_EVENT_UNREACHABLE,	/* it did not answer */

	__TEREDO_PEER_EVENT_MAX
};

/* TEREDO_A_PEER_FLAGS */
#define TEREDO_PEER_F_TRUSTED	(1U << 0)
#define TEREDO_PEER_F_LOCAL	(1U << 1)	/* found by local discovery */
#define TEREDO_PEER_F_NATIVE	(1U << 2)	/* not a Teredo address */
#define TEREDO_PEER_F_OPENING	(1U << 3)	/* bubbles or echo test under way */
#define TEREDO_PEER_F_SYMMETRIC	(1U << 4)	/* not where its address says */
#define TEREDO_PEER_F_EXTENDED	(1U << 5)	/* sent an RFC 6081 trailer */
#define TEREDO_PEER_F_RANDOM_PORT (1U << 6)	/* reached from a random port */

enum teredo_attr_peer {
	TEREDO_A_PEER_UNSPEC,
	TEREDO_A_PEER_ADDR,		/* in6_addr */
	TEREDO_A_PEER_MAPPED_ADDR,	/* be32: where packets go; absent = not known */
	TEREDO_A_PEER_MAPPED_PORT,	/* be16 */
	TEREDO_A_PEER_FLAGS,		/* u32, TEREDO_PEER_F_* */
	TEREDO_A_PEER_RX_AGE,		/* u32, ms since its last packet; absent = none */
	TEREDO_A_PEER_TX_AGE,		/* u32, ms since the last to it; absent = none */
	TEREDO_A_PEER_QUEUED,		/* u32, packets waiting */
	TEREDO_A_PEER_EVENT,		/* u8, only in PEER_NTF */

	__TEREDO_A_PEER_MAX
};

#define TEREDO_A_PEER_MAX	(__TEREDO_A_PEER_MAX - 1)

#endif /* _UAPI_LINUX_TEREDO_H */
