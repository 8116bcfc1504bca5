// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
#include "types.h"
#include "reasons.h"

static const struct {
	const char *name;
	const char *text;
} reasons[__TEREDO_REASON_MAX] = {
#define R(id, name, text) [TEREDO_REASON_##id] = { name, text }
	R(NONE, "none", "no error"),

	R(SERVER_UNREACHABLE, "server-unreachable",
	  "the primary server does not answer over UDP"),
	R(SERVER2_UNREACHABLE, "server2-unreachable",
	  "the secondary server address does not answer over UDP"),
	R(SYMMETRIC_NAT, "symmetric-nat",
	  "the NAT in front of this host is symmetric"),
	R(NO_ROUTE, "no-route", "there is no IPv4 route to the destination"),
	R(KEY_REJECTED, "key-rejected",
	  "the server no longer accepts this client's secret"),
	R(ADDRESS_FAILED, "address-failed",
	  "the IPv6 address or route could not be set on the device"),
	R(NETNS_GONE, "netns-gone",
	  "the network namespace that held the UDP socket is gone"),

	R(TOO_SHORT, "too-short", "shorter than an IPv6 header"),
	R(BAD_INDICATOR, "bad-indicator",
	  "unknown, repeated or misplaced header before the IPv6 packet"),
	R(BAD_AUTH_HEADER, "bad-auth-header",
	  "the authentication header is cut short"),
	R(BAD_ORIGIN, "bad-origin", "the origin indication is cut short"),
	R(BAD_VERSION, "bad-version", "the packet inside is not IPv6"),
	R(BAD_LENGTH, "bad-length",
	  "the IPv6 packet is longer than what carried it"),
	R(BAD_TRAILER, "bad-trailer",
	  "an unknown trailer that asks for the packet to be dropped"),

	R(RA_UNEXPECTED, "ra-unexpected",
	  "router advertisement while none was asked for"),
	R(RA_SOURCE, "ra-source",
	  "router advertisement from another address or port than the server's"),
	R(RA_NONCE, "ra-nonce", "router advertisement without the right nonce"),
	R(RA_AUTH, "ra-auth",
	  "router advertisement with a wrong authentication value"),
	R(RA_NO_ORIGIN, "ra-no-origin",
	  "router advertisement without an origin indication"),
	R(RA_ORIGIN, "ra-origin",
	  "router advertisement with an origin that is no global IPv4 address"),
	R(RA_MALFORMED, "ra-malformed", "malformed router advertisement"),
	R(RA_PREFIX, "ra-prefix",
	  "router advertisement with a prefix that is not this server's"),

	R(NOT_FOR_US, "not-for-us",
	  "the IPv6 destination is not this device's address"),
	R(OUTER_SOURCE, "outer-source",
	  "the IPv4 source is not a global unicast address"),
	R(MAPPING_MISMATCH, "mapping-mismatch",
	  "the Teredo source address does not match the IPv4 source and port"),
	R(NOT_OUR_CLIENT, "not-our-client",
	  "the destination is not a client of this server"),
	R(NOT_TEREDO_SOURCE, "not-teredo-source",
	  "a relay takes only packets from Teredo addresses"),
	R(NOT_GLOBAL, "not-global", "the IPv6 destination is not global"),
	R(MAPPED_NOT_GLOBAL, "mapped-not-global",
	  "the IPv4 address inside the Teredo address is not global unicast"),
	R(UNKNOWN_PEER, "unknown-peer",
	  "a client that this relay has not exchanged bubbles with"),
	R(NOT_SERVED, "not-served",
	  "the IPv6 destination is not one that this relay serves"),
	R(LINK_LOCAL_SOURCE, "link-local-source",
	  "link-local source on something that is no bubble"),
	R(MULTICAST, "multicast", "multicast is not carried"),
	R(LOOP, "loop", "the packet would come back to where it came from"),
	R(ORIGIN_NOT_SERVER, "origin-not-server",
	  "origin indication from somebody else than the server"),
	R(ROUTING_HEADER, "routing-header", "routing header of type 0"),
	R(BUBBLE_PROOF, "bubble-proof",
	  "bubble to a link-local address that this device did not use"),
	R(ECHO_MISMATCH, "echo-mismatch",
	  "echo reply that matches no connectivity test"),
	R(UNVERIFIED, "unverified",
	  "from a host that did not pass the connectivity test"),
	R(ECN, "ecn", "congestion marked outside, not ECN-capable inside"),

	R(DISCOVERY_UNICAST, "discovery-unicast",
	  "discovery bubble that was not sent to the multicast group"),
	R(DISCOVERY_INVALID, "discovery-invalid",
	  "discovery bubble from outside the subnet or without a Teredo source"),
	R(DISCOVERY_FOREIGN, "discovery-foreign",
	  "discovery bubble of a client behind another NAT"),

	R(NOT_BUBBLE_OR_ICMP, "not-bubble-or-icmp",
	  "a server takes only bubbles and ICMPv6"),
	R(RS_UNAUTHENTICATED, "rs-unauthenticated",
	  "router solicitation without a valid authentication value"),
	R(RS_INVALID, "rs-invalid", "malformed router solicitation"),
	R(ICMP_TOO_LARGE, "icmp-too-large",
	  "ICMPv6 larger than what a server forwards"),

	R(NOT_QUALIFIED, "not-qualified", "the device has no address yet"),
	R(NOT_IPV6, "not-ipv6", "only IPv6 is carried"),
	R(FOREIGN_SOURCE, "foreign-source",
	  "the IPv6 source is not one that this device may send from"),
	R(NOT_A_RELAY, "not-a-relay",
	  "a server does not send to clients; add a relay device"),
	R(PEER_UNREACHABLE, "peer-unreachable",
	  "the peer answered no bubble or connectivity test"),
	R(RATE_LIMITED, "rate-limited", "more than the rate limit allows"),
	R(PEERS_FULL, "peers-full", "the peer table is full"),
	R(QUEUE_FULL, "queue-full",
	  "too many packets wait for peers to answer"),
	R(NO_MEMORY, "no-memory", "out of memory"),
	R(DEVICE_DOWN, "device-down", "the device is down"),

	R(NONCE_MISMATCH, "nonce-mismatch",
	  "bubble from another mapping, without the nonce that was sent"),
	R(BAD_ALTERNATE, "bad-alternate",
	  "bubble whose list of alternate addresses is malformed"),
	R(PORTS_FULL, "ports-full", "all random ports are in use"),
#undef R
};

static const char *const counts[__TEREDO_COUNT_MAX] = {
	[TEREDO_COUNT_RS_TX]		= "rs-tx",
	[TEREDO_COUNT_RS_RX]		= "rs-rx",
	[TEREDO_COUNT_RA_TX]		= "ra-tx",
	[TEREDO_COUNT_RA_RX]		= "ra-rx",
	[TEREDO_COUNT_BUBBLE_TX]	= "bubble-tx",
	[TEREDO_COUNT_BUBBLE_RX]	= "bubble-rx",
	[TEREDO_COUNT_ECHO_TX]		= "echo-tx",
	[TEREDO_COUNT_ECHO_RX]		= "echo-rx",
	[TEREDO_COUNT_FORWARDED]	= "forwarded",
	[TEREDO_COUNT_TRAILERS]		= "trailers",
	[TEREDO_COUNT_INDIRECT_TX]	= "indirect-tx",
	[TEREDO_COUNT_ALTERNATE_TX]	= "alternate-tx",
	[TEREDO_COUNT_SOLICIT_TX]	= "solicit-tx",
	[TEREDO_COUNT_ADVERT_TX]	= "advert-tx",
	[TEREDO_COUNT_RANDOM_PORT_TX]	= "random-port-tx",
	[TEREDO_COUNT_PORT_TEST_TX]	= "port-test-tx",
	[TEREDO_COUNT_NONCE_RX]		= "nonce-rx",
};

static const char *const states[__TEREDO_STATE_MAX] = {
	[TEREDO_STATE_DORMANT]		= "dormant",
	[TEREDO_STATE_PROBE_CONE]	= "probe (cone)",
	[TEREDO_STATE_PROBE_PRIMARY]	= "probe (primary server)",
	[TEREDO_STATE_PROBE_SECONDARY]	= "probe (secondary server)",
	[TEREDO_STATE_QUALIFIED]	= "qualified",
	[TEREDO_STATE_OFFLINE]		= "offline",
};

static const char *const nats[__TEREDO_NAT_MAX] = {
	[TEREDO_NAT_UNKNOWN]		= "unknown",
	[TEREDO_NAT_NONE]		= "none (global connectivity)",
	[TEREDO_NAT_CONE]		= "cone",
	[TEREDO_NAT_RESTRICTED]		= "restricted",
	[TEREDO_NAT_SYMMETRIC_PORT]	= "symmetric (port)",
	[TEREDO_NAT_SYMMETRIC_ADDRESS]	= "symmetric (address)",
};

static const char *const roles[__TEREDO_ROLE_MAX] = {
	[TEREDO_ROLE_CLIENT]		= "client",
	[TEREDO_ROLE_SERVER]		= "server",
	[TEREDO_ROLE_RELAY]		= "relay",
	[TEREDO_ROLE_HOST_RELAY]	= "host-relay",
};

static const char *const peer_events[__TEREDO_PEER_EVENT_MAX] = {
	[TEREDO_PEER_EVENT_TRUSTED]	= "trusted",
	[TEREDO_PEER_EVENT_MOVED]	= "moved",
	[TEREDO_PEER_EVENT_UNREACHABLE]	= "unreachable",
};

static const char *const extensions[] = {
	"sns", "upnp", "pp", "sp", "hp", "slr",
};

static const char *word(const char *const *words, unsigned int n,
			unsigned int i)
{
	return i < n && words[i] ? words[i] : "unknown";
}

const char *teredo_reason_name(unsigned int reason)
{
	return reason < ARRAY_SIZE(reasons) ? reasons[reason].name : "unknown";
}

const char *teredo_reason_text(unsigned int reason)
{
	return reason < ARRAY_SIZE(reasons) ? reasons[reason].text :
	       "a reason that this version does not know";
}

const char *teredo_count_name(unsigned int count)
{
	return word(counts, ARRAY_SIZE(counts), count);
}

const char *teredo_state_name(unsigned int state)
{
	return word(states, ARRAY_SIZE(states), state);
}

const char *teredo_nat_name(unsigned int nat)
{
	return word(nats, ARRAY_SIZE(nats), nat);
}

const char *teredo_role_name(unsigned int role)
{
	return word(roles, ARRAY_SIZE(roles), role);
}

const char *teredo_peer_event_name(unsigned int event)
{
	return word(peer_events, ARRAY_SIZE(peer_events), event);
}

const char *teredo_extension_name(unsigned int bit)
{
	return word(extensions, ARRAY_SIZE(extensions), bit);
}

#ifndef __KERNEL__
static u32 extension_bit(const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(extensions); i++)
		if (strlen(extensions[i]) == len &&
		    !memcmp(extensions[i], name, len))
			return 1U << i;
	return 0;
}

bool teredo_extensions_parse(const char *text, unsigned int *bits)
{
	u32 bit, all = 0;
	size_t len;

	if (!strcmp(text, "all") || !strcmp(text, "none")) {
		*bits = text[0] == 'a' ? TEREDO_EXT_ALL : 0;
		return true;
	}
	for (;; text += len + 1) {
		len = strcspn(text, ",");
		bit = extension_bit(text, len);
		if (!bit || (all & bit))
			return false;
		all |= bit;
		if (!text[len])
			break;
	}
	*bits = all;
	return true;
}

const char *teredo_extensions_text(unsigned int bits,
				   char buf[TEREDO_EXTENSIONS_TEXT])
{
	unsigned int i;

	if (!(bits & TEREDO_EXT_ALL))
		return "none";
	if ((bits & TEREDO_EXT_ALL) == TEREDO_EXT_ALL)
		return "all";
	buf[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(extensions); i++) {
		if (!(bits & 1U << i))
			continue;
		if (buf[0])
			strcat(buf, ",");
		strcat(buf, extensions[i]);
	}
	return buf;
}
#endif
