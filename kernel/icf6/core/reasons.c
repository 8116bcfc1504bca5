// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
#include "reasons.h"

static const struct {
	const char *name;
	const char *text;
} reasons[__ICF6_REASON_MAX] = {
#define R(id, name, text) [ICF6_REASON_##id] = { name, text }
	R(LOOPBACK, "loopback", "inside this host"),
	R(DISABLED, "disabled", "the firewall is switched off"),
	R(UNFIREWALLED, "unfirewalled",
	  "the firewall is switched off on the device"),
	R(ESTABLISHED, "established", "part of a flow"),
	R(RELATED, "related", "an error or a flow that belongs to a flow"),
	R(CONTROL, "control", "neighbour, router or listener discovery"),
	R(DHCP, "dhcp", "DHCPv6 from a server on the link"),
	R(MCAST_REPLY, "mcast-reply", "answers an own multicast"),
	R(PORT_OPEN, "port-open", "the port is open"),
	R(ICMP_OPTION, "icmp-option", "ICMPv6 that is allowed"),
	R(PRESET, "preset", "multicast DNS or SSDP, which is allowed"),
	R(IPSEC, "ipsec", "IPsec, which is allowed"),
	R(MIP6, "mip6", "Mobile IPv6, which is allowed"),
	R(GRACE, "grace", "a connection older than the firewall"),
	R(OUTBOUND, "outbound", "sent by this host"),

	R(HEADERS, "headers", "headers that cannot be read, or too many"),
	R(ROUTING_HEADER, "routing-header", "a routing header of type 0"),
	R(BOGON, "bogon", "a source address that no host may use"),
	R(SPOOFED, "spoofed", "an address of this host as source"),
	R(ULA, "ula", "a unique local address on an edge device"),
	R(SCOPE, "scope", "multicast that does not leave the site"),
	R(ND, "nd", "neighbour discovery that is not from the link"),
	R(MLD, "mld", "listener discovery that is not from the link"),
	R(INVALID, "invalid", "fits no flow and cannot begin one"),
	R(ICMP_ERROR, "icmp-error", "an ICMPv6 error that fits no flow"),
	R(ICMP, "icmp", "ICMPv6 that is not allowed"),
	R(NO_SYN, "no-syn", "TCP that fits no flow and does not begin one"),
	R(PORT, "port", "the port is closed"),
	R(EDGE, "edge", "not open on edge devices"),
	R(PROTO, "proto", "a protocol without ports"),
	R(ICMP_OUT, "icmp-out", "an own ICMPv6 error that is not allowed"),
	R(STEALTH, "stealth", "would tell that nobody listens"),
	R(MCAST_SOURCE, "mcast-source", "a multicast address as source"),
#undef R
};

const char *icf6_reason_name(enum icf6_reason reason)
{
	return (unsigned int)reason < __ICF6_REASON_MAX ?
	       reasons[reason].name : "unknown";
}

const char *icf6_reason_text(enum icf6_reason reason)
{
	return (unsigned int)reason < __ICF6_REASON_MAX ?
	       reasons[reason].text : "unknown";
}
