/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
#ifndef _TEREDO_PACKET_H
#define _TEREDO_PACKET_H

#include "types.h"

/* RFC 6081 section 4; what they say is in trailer.h. */
enum teredo_trailer_type {
	TEREDO_TRAILER_NONCE		= 0x01,
	TEREDO_TRAILER_RANDOM_PORT_ALT	= 0x02,	/* the IANA table's number */
	TEREDO_TRAILER_ALT_ADDRESS	= 0x03,
	TEREDO_TRAILER_ND_OPTION	= 0x04,
	TEREDO_TRAILER_RANDOM_PORT	= 0x05,
};

/*
 * A parsed UDP payload. Offsets are from its start and stay inside it:
 * ip6_off + ip6_len <= len. Pointers are avoided so that the caller may move
 * the bytes.
 */
struct teredo_packet {
	u16	auth_off;		/* of the header; meaningful if has_auth */
	u16	ip6_off;
	u16	ip6_len;		/* header and payload, trailers excluded */
	u16	trailer_off;
	u16	trailer_len;
	bool	has_auth;
	bool	has_origin;
	u8	id_len;
	u8	au_len;
	u8	confirmation;
	u8	nexthdr;
	u8	hop_limit;
	u8	nonce[TEREDO_NONCE_LEN];
	struct teredo_endpoint origin;	/* not inverted */
	struct in6_addr saddr;
	struct in6_addr daddr;
};

struct teredo_trailer {
	u8	type;
	u8	len;
	u16	off;			/* of the value */
};

/*
 * Parses the @len bytes of a UDP payload, RFC 4380 section 5.1.1 and RFC 6081
 * section 4. Total: every input gives TEREDO_REASON_NONE and a filled @pkt, or
 * the reason why the packet is dropped.
 */
enum teredo_reason teredo_packet_parse(struct teredo_packet *pkt,
				       const u8 *data, size_t len);

/*
 * Walks the trailers: *@pos starts at 0; false at the end or at the first one
 * that is cut short, which ends the list but not the packet (RFC 6081 section
 * 5.1.2).
 */
bool teredo_trailer_next(const struct teredo_packet *pkt, const u8 *data,
			 u16 *pos, struct teredo_trailer *trailer);
/* False for a type that is not known and asks for the packet to be dropped. */
bool teredo_trailer_acceptable(u8 type);
const char *teredo_trailer_name(u8 type);

/* RFC 4380 section 2.8: next header "none" and nothing behind the header. */
bool teredo_packet_is_bubble(const struct teredo_packet *pkt);
/* ICMPv6 type of the packet, or -1: not ICMPv6, or too short for a header. */
int teredo_packet_icmp_type(const struct teredo_packet *pkt, const u8 *data);
/* Checksum of an ICMPv6 packet that directly follows the IPv6 header. */
bool teredo_packet_icmp_checksum_ok(const struct teredo_packet *pkt,
				    const u8 *data);

/* The fields of a router advertisement that Teredo looks at. */
struct teredo_ra {
	__be32	prefix;			/* bits 0 to 31 */
	__be32	server;			/* bits 32 to 63 */
	u32	mtu;			/* 0: no MTU option */
};

/*
 * Parses a router solicitation or advertisement (RFC 4861 sections 6.1.1 and
 * 6.1.2, RFC 4380 sections 5.2.1 and 5.3.1): hop limit, checksum, code, options,
 * for an advertisement exactly one /64 prefix. The nonce, the origin and who
 * sent it are the caller's to judge.
 */
enum teredo_reason teredo_packet_parse_ra(const struct teredo_packet *pkt,
					  const u8 *data,
					  struct teredo_ra *ra);
bool teredo_packet_is_rs(const struct teredo_packet *pkt, const u8 *data);

/*
 * The value of the authentication header is HMAC(nonce, confirmation, origin
 * indication as on the wire, IPv6 packet), RFC 4380 section 5.2.2. True if
 * @pkt carries the given identifier and a right value.
 */
bool teredo_packet_authentic(const struct teredo_packet *pkt, const u8 *data,
			     const struct teredo_params *params,
			     const struct teredo_env *env);

/*
 * Builders. Each writes at @buf, which holds at least the named number of
 * bytes, and returns how many it wrote. Those with an authentication header
 * return a negative errno when @env's hmac fails.
 */
/* TEREDO_BUBBLE_LEN */
size_t teredo_build_bubble(u8 *buf, const struct in6_addr *saddr,
			   const struct in6_addr *daddr, u8 hop_limit);
/* TEREDO_ORIGIN_LEN */
size_t teredo_build_origin(u8 *buf, struct teredo_endpoint origin);
/* TEREDO_ECHO_LEN: id and sequence 0, the nonce as data, RFC 4380 section 5.2.9 */
size_t teredo_build_echo(u8 *buf, const struct in6_addr *saddr,
			 const struct in6_addr *daddr,
			 const u8 nonce[TEREDO_ECHO_DATA]);
/*
 * TEREDO_AUTH_MAX + TEREDO_RS_LEN. Identifier and value are there when
 * @params has a secret; else both are empty.
 */
int teredo_build_rs(u8 *buf, bool cone, const u8 nonce[TEREDO_NONCE_LEN],
		    const struct teredo_params *params,
		    const struct teredo_env *env);
/*
 * TEREDO_CONTROL_MAX. Answers the solicitation @rs: authentication header in
 * the form that it had (none if it had none), origin indication, advertisement
 * of @params' prefix and first server address.
 */
int teredo_build_ra(u8 *buf, const struct teredo_packet *rs,
		    struct teredo_endpoint origin,
		    const struct teredo_params *params,
		    const struct teredo_env *env);

/* True if @pkt is the echo reply (type 129, code 0) with @nonce as its data. */
bool teredo_packet_is_echo_reply(const struct teredo_packet *pkt,
				 const u8 *data,
				 const u8 nonce[TEREDO_ECHO_DATA]);

#endif /* _TEREDO_PACKET_H */
