/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * icf6: a stateful IPv6 firewall for hosts.
 *
 * Everything is done through the generic netlink family "icf6", in the network
 * namespace of the socket that asks. It is specified in
 * Documentation/netlink/specs/icf6.yaml and explained in
 * Documentation/icf6.md.
 *
 * Ports and everything else are in the byte order of the host; addresses are
 * 16 bytes as they stand in a packet.
 */
#ifndef _UAPI_LINUX_ICF6_H
#define _UAPI_LINUX_ICF6_H

#define ICF6_GENL_NAME		"icf6"
#define ICF6_GENL_VERSION	1
#define ICF6_MCGRP_EVENTS	"events"	/* changes of the configuration */
#define ICF6_MCGRP_LOG		"log"		/* needs CAP_NET_ADMIN */

#define ICF6_LABEL_MAX		63	/* bytes of a port's label */
#define ICF6_DEV_PORTS_MAX	512	/* in each of a device's two sets */
#define ICF6_CT_LABEL_BIT	127	/* conntrack label of a logged flow */

#define ICF6_PORT_PNRP		3540	/* opened by p2p, TCP and UDP */
#define ICF6_PORT_GROUPING	3587	/* opened by p2p, TCP and UDP */

/* Which of the three sets of ports. */
enum icf6_scope {
	ICF6_SCOPE_GLOBAL,		/* open on each device */
	ICF6_SCOPE_OPEN,		/* open on one device */
	ICF6_SCOPE_IGNORED,		/* global, but not on this device */

	__ICF6_SCOPE_MAX
};

/* Whether a port is open on edge devices, too. */
enum icf6_edge {
	ICF6_EDGE_DENY,
	ICF6_EDGE_ALLOW,
	ICF6_EDGE_APP,			/* if the listener's mark says so */

	__ICF6_EDGE_MAX
};

/* Who opened a port, and thereby how long it stays open. */
enum icf6_origin {
	ICF6_ORIGIN_USER,		/* until deleted */
	ICF6_ORIGIN_P2P,		/* while p2p is on */
	ICF6_ORIGIN_SOCKET,		/* while the netlink socket is open */

	__ICF6_ORIGIN_MAX
};

/* What is done about a connection attempt that is dropped. */
enum icf6_reject {
	ICF6_REJECT_NONE,		/* nothing */
	ICF6_REJECT_ADM_PROHIBITED,	/* RFC 6092 REC-34, after six seconds */

	__ICF6_REJECT_MAX
};

enum icf6_dir {
	ICF6_DIR_IN,
	ICF6_DIR_OUT,
	ICF6_DIR_FORWARD,

	__ICF6_DIR_MAX
};

enum icf6_action {
	ICF6_ACTION_OPEN,
	ICF6_ACTION_OPEN_INBOUND,
	ICF6_ACTION_DROP,
	ICF6_ACTION_EVENTS_LOST,	/* as many as the attribute lost says */

	__ICF6_ACTION_MAX
};

/*
 * Why a packet was accepted or dropped: one list for counters, the log, JSON
 * and text. Values are ABI and only ever appended.
 */
enum icf6_reason {
	/* accepted */
	ICF6_REASON_LOOPBACK,
	ICF6_REASON_DISABLED,
	ICF6_REASON_UNFIREWALLED,
	ICF6_REASON_ESTABLISHED,
	ICF6_REASON_RELATED,
	ICF6_REASON_CONTROL,
	ICF6_REASON_DHCP,
	ICF6_REASON_MCAST_REPLY,
	ICF6_REASON_PORT_OPEN,
	ICF6_REASON_ICMP_OPTION,
	ICF6_REASON_PRESET,
	ICF6_REASON_IPSEC,
	ICF6_REASON_MIP6,
	ICF6_REASON_GRACE,
	ICF6_REASON_OUTBOUND,

	/* dropped */
	ICF6_REASON_HEADERS,
	ICF6_REASON_ROUTING_HEADER,
	ICF6_REASON_BOGON,
	ICF6_REASON_SPOOFED,
	ICF6_REASON_ULA,
	ICF6_REASON_SCOPE,
	ICF6_REASON_ND,
	ICF6_REASON_MLD,
	ICF6_REASON_INVALID,
	ICF6_REASON_ICMP_ERROR,
	ICF6_REASON_ICMP,
	ICF6_REASON_NO_SYN,
	ICF6_REASON_PORT,
	ICF6_REASON_EDGE,
	ICF6_REASON_PROTO,
	ICF6_REASON_ICMP_OUT,
	ICF6_REASON_STEALTH,
	ICF6_REASON_MCAST_SOURCE,

	__ICF6_REASON_MAX
};

/* ICF6_A_CONF_OPTIONS: what is on. */
#define ICF6_OPT_ENABLED	(1U << 0)	/* else everything passes */
#define ICF6_OPT_P2P		(1U << 1)	/* 3540, 3587 and mcast-reply */
#define ICF6_OPT_STEALTH	(1U << 2)	/* no RST for want of a listener */
#define ICF6_OPT_ICMP_STRICT	(1U << 3)	/* errors need a flow */
#define ICF6_OPT_IPSEC		(1U << 4)	/* AH, ESP, UDP 500 and 4500 */
#define ICF6_OPT_MIP6		(1U << 5)	/* Mobile IPv6 */
#define ICF6_OPT_MCAST_REPLY	(1U << 6)	/* replies to own multicast */
#define ICF6_OPT_MDNS		(1U << 7)	/* UDP 5353 to ff02::fb */
#define ICF6_OPT_SSDP		(1U << 8)	/* UDP 1900 to ff02::c, ff02::f */
#define ICF6_OPT_FORWARD	(1U << 9)	/* filter forwarded packets */
#define ICF6_OPT_LOCK		(1U << 10)	/* the module stays loaded */
#define ICF6_OPT_ORDER_AFTER	(1U << 11)	/* after other filters */
#define ICF6_OPT_BOGONS		(1U << 12)	/* drop forbidden sources */
#define ICF6_OPT_EDGE_ULA	(1U << 13)	/* ULAs may pass edge devices */

/* ICF6_A_CONF_ICMP, ICF6_A_DEV_ICMP: what is allowed. */
#define ICF6_ICMP_ECHO_REQUEST	(1U << 0)	/* in, type 128 */
#define ICF6_ICMP_DEST_UNREACH	(1U << 1)	/* out, type 1 */
#define ICF6_ICMP_TOO_BIG	(1U << 2)	/* out, type 2 */
#define ICF6_ICMP_TIME_EXCEEDED	(1U << 3)	/* out, type 3 */
#define ICF6_ICMP_PARAM_PROBLEM	(1U << 4)	/* out, type 4 */
#define ICF6_ICMP_REDIRECT	(1U << 5)	/* in, type 137 */

/* ICF6_A_CONF_LOG: what is logged. */
#define ICF6_LOG_DROPS		(1U << 0)
#define ICF6_LOG_OPENS		(1U << 1)

/* Attributes of messages. */
enum icf6_attr {
	ICF6_A_UNSPEC,
	ICF6_A_IFINDEX,			/* u32, which device */
	ICF6_A_IFNAME,			/* string, or by its name */
	ICF6_A_GENERATION,		/* u32, of the configuration */
	ICF6_A_CONF,			/* nest, ICF6_A_CONF_* */
	ICF6_A_DEV,			/* nest, ICF6_A_DEV_*, in replace any number */
	ICF6_A_PORT,			/* nest, ICF6_A_PORT_*, any number */
	ICF6_A_OWNED,			/* u8, ports close with this socket */
	ICF6_A_FLUSH,			/* u8, end the flows of closed ports */
	ICF6_A_ATTACHED,		/* u8, this namespace is filtered */
	ICF6_A_COUNTER,			/* nest, ICF6_A_COUNTER_*, any number */
	ICF6_A_LOST,			/* u64, log records never delivered */
	ICF6_A_TIMEOUT,			/* nest, ICF6_A_TIMEOUT_*, too short ones */
	ICF6_A_LOG,			/* nest, ICF6_A_LOG_* */
	ICF6_A_PAD,

	__ICF6_A_MAX
};

#define ICF6_A_MAX		(__ICF6_A_MAX - 1)

enum icf6_attr_conf {
	ICF6_A_CONF_UNSPEC,
	ICF6_A_CONF_OPTIONS,		/* bitfield32, ICF6_OPT_* */
	ICF6_A_CONF_ICMP,		/* bitfield32, ICF6_ICMP_* */
	ICF6_A_CONF_LOG,		/* bitfield32, ICF6_LOG_* */
	ICF6_A_CONF_LOG_RATE,		/* u32, records a second; 0 = no limit */
	ICF6_A_CONF_LOG_BURST,		/* u32, records at once */
	ICF6_A_CONF_EDGE_DEFAULT,	/* u8, enum icf6_edge of new ports */
	ICF6_A_CONF_EDGE_MARK,		/* u32, mark bits of ICF6_EDGE_APP */
	ICF6_A_CONF_REJECT,		/* u8, enum icf6_reject */
	ICF6_A_CONF_GRACE,		/* u32, seconds, from when it is set */
	ICF6_A_CONF_GRACE_LEFT,		/* u32, seconds, only in replies */
	ICF6_A_CONF_MCAST_BOUNDARY,	/* u8, highest scope not forwarded */

	__ICF6_A_CONF_MAX
};

#define ICF6_A_CONF_MAX		(__ICF6_A_CONF_MAX - 1)

enum icf6_attr_dev {
	ICF6_A_DEV_UNSPEC,
	ICF6_A_DEV_IFINDEX,		/* u32 */
	ICF6_A_DEV_IFNAME,		/* string */
	ICF6_A_DEV_FIREWALLED,		/* u8 */
	ICF6_A_DEV_EDGE,		/* u8 */
	ICF6_A_DEV_EDGE_AUTO,		/* u8, edge by its kind, only in replies */
	ICF6_A_DEV_ICMP,		/* bitfield32, instead of the global ones */
	ICF6_A_DEV_ICMP_INHERIT,	/* u32, ICF6_ICMP_* as the global ones again */
	ICF6_A_DEV_ICMP_EFFECTIVE,	/* u32, ICF6_ICMP_*, only in replies */

	__ICF6_A_DEV_MAX
};

#define ICF6_A_DEV_MAX		(__ICF6_A_DEV_MAX - 1)

enum icf6_attr_port {
	ICF6_A_PORT_UNSPEC,
	ICF6_A_PORT_SCOPE,		/* u8, enum icf6_scope; absent = global */
	ICF6_A_PORT_IFINDEX,		/* u32, for the other two scopes */
	ICF6_A_PORT_IFNAME,		/* string, or by its name */
	ICF6_A_PORT_PROTO,		/* u8, 6 or 17 */
	ICF6_A_PORT_PORT,		/* u16, 1 to 65535, host byte order */
	ICF6_A_PORT_LABEL,		/* string, for people only */
	ICF6_A_PORT_EDGE,		/* u8, enum icf6_edge; absent = edge-default */
	ICF6_A_PORT_ORIGIN,		/* u8, enum icf6_origin, only in replies */
	ICF6_A_PORT_OWNER,		/* u32, the socket's port id, only in replies */

	__ICF6_A_PORT_MAX
};

#define ICF6_A_PORT_MAX		(__ICF6_A_PORT_MAX - 1)

enum icf6_attr_counter {
	ICF6_A_COUNTER_UNSPEC,
	ICF6_A_COUNTER_DIR,		/* u8, enum icf6_dir */
	ICF6_A_COUNTER_REASON,		/* u8, enum icf6_reason */
	ICF6_A_COUNTER_NAME,		/* string, of the reason */
	ICF6_A_COUNTER_TEXT,		/* string, the reason in words */
	ICF6_A_COUNTER_ACCEPT,		/* u8, accepted or dropped */
	ICF6_A_COUNTER_VALUE,		/* u64, packets */
	ICF6_A_COUNTER_PAD,

	__ICF6_A_COUNTER_MAX
};

#define ICF6_A_COUNTER_MAX	(__ICF6_A_COUNTER_MAX - 1)

/* A timeout of the connection tracking that is shorter than RFC 6092 asks. */
enum icf6_attr_timeout {
	ICF6_A_TIMEOUT_UNSPEC,
	ICF6_A_TIMEOUT_NAME,		/* string, of the sysctl */
	ICF6_A_TIMEOUT_VALUE,		/* u32, seconds */
	ICF6_A_TIMEOUT_WANTED,		/* u32, seconds */

	__ICF6_A_TIMEOUT_MAX
};

#define ICF6_A_TIMEOUT_MAX	(__ICF6_A_TIMEOUT_MAX - 1)

/* What has no meaning for a packet is absent. */
enum icf6_attr_log {
	ICF6_A_LOG_UNSPEC,
	ICF6_A_LOG_TIME,		/* u64, nanoseconds since 1970, UTC */
	ICF6_A_LOG_ACTION,		/* u8, enum icf6_action */
	ICF6_A_LOG_REASON,		/* u8, enum icf6_reason */
	ICF6_A_LOG_REASON_NAME,		/* string */
	ICF6_A_LOG_DIR,			/* u8, enum icf6_dir */
	ICF6_A_LOG_IFINDEX,		/* u32 */
	ICF6_A_LOG_IFNAME,		/* string */
	ICF6_A_LOG_PROTO,		/* u8 */
	ICF6_A_LOG_SRC,			/* in6_addr */
	ICF6_A_LOG_DST,			/* in6_addr */
	ICF6_A_LOG_SPORT,		/* u16 */
	ICF6_A_LOG_DPORT,		/* u16 */
	ICF6_A_LOG_SIZE,		/* u32, bytes with the IPv6 header */
	ICF6_A_LOG_TCP_FLAGS,		/* u8, as in the header: FIN is bit 0 */
	ICF6_A_LOG_TCP_SEQ,		/* u32 */
	ICF6_A_LOG_TCP_ACK,		/* u32 */
	ICF6_A_LOG_TCP_WIN,		/* u16 */
	ICF6_A_LOG_ICMP_TYPE,		/* u8 */
	ICF6_A_LOG_ICMP_CODE,		/* u8 */
	ICF6_A_LOG_LOST,		/* u64, of ICF6_ACTION_EVENTS_LOST */
	ICF6_A_LOG_PAD,

	__ICF6_A_LOG_MAX
};

#define ICF6_A_LOG_MAX		(__ICF6_A_LOG_MAX - 1)

enum icf6_cmd {
	ICF6_CMD_UNSPEC,
	ICF6_CMD_CONF_GET,
	ICF6_CMD_CONF_SET,
	ICF6_CMD_DEV_GET,
	ICF6_CMD_DEV_SET,
	ICF6_CMD_PORT_GET,
	ICF6_CMD_PORT_ADD,
	ICF6_CMD_PORT_DEL,
	ICF6_CMD_REPLACE,
	ICF6_CMD_RESET,
	ICF6_CMD_FLUSH,
	ICF6_CMD_STATS_GET,
	ICF6_CMD_NETNS_SET,
	ICF6_CMD_CONF_NTF,
	ICF6_CMD_DEV_NTF,
	ICF6_CMD_DEV_DEL_NTF,
	ICF6_CMD_PORT_ADD_NTF,
	ICF6_CMD_PORT_DEL_NTF,
	ICF6_CMD_REPLACE_NTF,
	ICF6_CMD_LOG_NTF,

	__ICF6_CMD_MAX
};

#define ICF6_CMD_MAX		(__ICF6_CMD_MAX - 1)

#endif
