// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
#include "addr.h"
#include "packet.h"

#ifndef __KERNEL__
#include <errno.h>
#endif

enum {
	OPT_PREFIX		= 3,
	OPT_MTU			= 5,

	RA_HLEN			= 16,
	RETRANS_TIMER_MS	= 2000,	/* what Microsoft's servers say */
};

/* Word by word: the order of bytes matters only to the sum as a whole. */
static u32 sum16(u32 sum, const u8 *p, size_t len)
{
	u64 wide = 0;
	u64 word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		wide += (word >> 32) + (u32)word;
	}
	while (wide >> 16)
		wide = (wide & 0xffff) + (wide >> 16);
	sum += ntohs((__force __be16)wide);
	for (; len > 1; p += 2, len -= 2)
		sum += teredo_get16(p);
	if (len)
		sum += (u32)p[0] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Over an IPv6 packet whose payload is ICMPv6; 0 if its checksum is right. */
static u16 icmp_checksum(const u8 *ip6, size_t len)
{
	size_t payload = len - TEREDO_IP6_HLEN;
	u32 sum = (u32)payload + TEREDO_NH_ICMP6;

	sum = sum16(sum, ip6 + 8, 32);
	sum = sum16(sum, ip6 + TEREDO_IP6_HLEN, payload);
	return (u16)~sum;
}

static enum teredo_reason parse_auth(struct teredo_packet *pkt, const u8 *data,
				     size_t len, size_t *off)
{
	size_t end;

	if (len < TEREDO_AUTH_MIN)
		return TEREDO_REASON_BAD_AUTH_HEADER;
	pkt->id_len = data[2];
	pkt->au_len = data[3];
	end = TEREDO_AUTH_MIN + pkt->id_len + pkt->au_len;
	if (len < end)
		return TEREDO_REASON_BAD_AUTH_HEADER;
	pkt->has_auth = true;
	memcpy(pkt->nonce, data + end - 1 - TEREDO_NONCE_LEN, TEREDO_NONCE_LEN);
	pkt->confirmation = data[end - 1];
	*off = end;
	return TEREDO_REASON_NONE;
}

static enum teredo_reason parse_trailers(const struct teredo_packet *pkt,
					 const u8 *data)
{
	struct teredo_trailer t;
	u16 pos = 0;

	while (teredo_trailer_next(pkt, data, &pos, &t))
		if (!teredo_trailer_acceptable(t.type))
			return TEREDO_REASON_BAD_TRAILER;
	return TEREDO_REASON_NONE;
}

enum teredo_reason teredo_packet_parse(struct teredo_packet *pkt,
				       const u8 *data, size_t len)
{
	enum teredo_reason reason;
	size_t off = 0, left;

	memset(pkt, 0, sizeof(*pkt));
	if (len < TEREDO_IP6_HLEN)
		return TEREDO_REASON_TOO_SHORT;
	if (len > TEREDO_PAYLOAD_MAX)
		return TEREDO_REASON_BAD_LENGTH;

	if (data[0] == 0 && data[1] == 1) {
		reason = parse_auth(pkt, data, len, &off);
		if (reason)
			return reason;
	}
	if (len - off >= 2 && data[off] == 0 && data[off + 1] == 0) {
		if (len - off < TEREDO_ORIGIN_LEN)
			return TEREDO_REASON_BAD_ORIGIN;
		pkt->has_origin = true;
		pkt->origin.port = htons((u16)~teredo_get16(data + off + 2));
		pkt->origin.ip = htonl(~teredo_get32(data + off + 4));
		off += TEREDO_ORIGIN_LEN;
	}

	left = len - off;
	if (left && data[off] == 0)
		return TEREDO_REASON_BAD_INDICATOR;
	if (left < TEREDO_IP6_HLEN)
		return TEREDO_REASON_TOO_SHORT;
	if (data[off] >> 4 != 6)
		return TEREDO_REASON_BAD_VERSION;

	pkt->ip6_off = (u16)off;
	if (TEREDO_IP6_HLEN + (size_t)teredo_get16(data + off + 4) > left)
		return TEREDO_REASON_BAD_LENGTH;
	pkt->ip6_len = (u16)(TEREDO_IP6_HLEN + teredo_get16(data + off + 4));
	pkt->nexthdr = data[off + 6];
	pkt->hop_limit = data[off + 7];
	memcpy(&pkt->saddr, data + off + 8, sizeof(pkt->saddr));
	memcpy(&pkt->daddr, data + off + 24, sizeof(pkt->daddr));

	pkt->trailer_off = (u16)(off + pkt->ip6_len);
	pkt->trailer_len = (u16)(left - pkt->ip6_len);
	return parse_trailers(pkt, data);
}

bool teredo_trailer_next(const struct teredo_packet *pkt, const u8 *data,
			 u16 *pos, struct teredo_trailer *trailer)
{
	const u8 *p = data + pkt->trailer_off + *pos;
	u16 left = pkt->trailer_len - *pos;

	if (left < 2 || left - 2 < p[1])
		return false;
	trailer->type = p[0];
	trailer->len = p[1];
	trailer->off = (u16)(pkt->trailer_off + *pos + 2);
	*pos = (u16)(*pos + 2 + p[1]);
	return true;
}

const char *teredo_trailer_name(u8 type)
{
	switch (type) {
	case TEREDO_TRAILER_NONCE:
		return "nonce";
	case TEREDO_TRAILER_ALT_ADDRESS:
		return "alternate-address";
	case TEREDO_TRAILER_ND_OPTION:
		return "neighbor-discovery-option";
	case TEREDO_TRAILER_RANDOM_PORT:
	case TEREDO_TRAILER_RANDOM_PORT_ALT:
		return "random-port";
	}
	return NULL;
}

bool teredo_trailer_acceptable(u8 type)
{
	/* RFC 6081 section 5.1.2: 01xxxxxx, none of which is known. */
	return type >> 6 != 1;
}

bool teredo_packet_is_bubble(const struct teredo_packet *pkt)
{
	return pkt->nexthdr == TEREDO_NH_NONE &&
	       pkt->ip6_len == TEREDO_IP6_HLEN;
}

int teredo_packet_icmp_type(const struct teredo_packet *pkt, const u8 *data)
{
	if (pkt->nexthdr != TEREDO_NH_ICMP6 ||
	    pkt->ip6_len < TEREDO_IP6_HLEN + 8)
		return -1;
	return data[pkt->ip6_off + TEREDO_IP6_HLEN];
}

bool teredo_packet_icmp_checksum_ok(const struct teredo_packet *pkt,
				    const u8 *data)
{
	return teredo_packet_icmp_type(pkt, data) >= 0 &&
	       !icmp_checksum(data + pkt->ip6_off, pkt->ip6_len);
}

/* RFC 4861: no option has length 0, none is cut short. */
static bool options_valid(const u8 *opt, size_t len)
{
	while (len) {
		size_t n;

		if (len < 2)
			return false;
		n = (size_t)opt[1] * 8;
		if (!n || n > len)
			return false;
		opt += n;
		len -= n;
	}
	return true;
}

bool teredo_packet_is_rs(const struct teredo_packet *pkt, const u8 *data)
{
	const u8 *icmp = data + pkt->ip6_off + TEREDO_IP6_HLEN;

	return teredo_packet_icmp_type(pkt, data) == TEREDO_ICMP6_RS &&
	       icmp[1] == 0 && pkt->hop_limit == 255 &&
	       teredo_addr_is_linklocal(&pkt->saddr) &&
	       options_valid(icmp + 8, pkt->ip6_len - TEREDO_IP6_HLEN - 8) &&
	       teredo_packet_icmp_checksum_ok(pkt, data);
}

enum teredo_reason teredo_packet_parse_ra(const struct teredo_packet *pkt,
					  const u8 *data, struct teredo_ra *ra)
{
	const u8 *icmp = data + pkt->ip6_off + TEREDO_IP6_HLEN;
	size_t len = pkt->ip6_len - TEREDO_IP6_HLEN;
	unsigned int prefixes = 0;
	const u8 *opt;

	if (teredo_packet_icmp_type(pkt, data) != TEREDO_ICMP6_RA || len < RA_HLEN ||
	    icmp[1] != 0 || pkt->hop_limit != 255 ||
	    !teredo_addr_is_linklocal(&pkt->saddr) ||
	    !options_valid(icmp + RA_HLEN, len - RA_HLEN) ||
	    !teredo_packet_icmp_checksum_ok(pkt, data))
		return TEREDO_REASON_RA_MALFORMED;

	memset(ra, 0, sizeof(*ra));
	for (opt = icmp + RA_HLEN; opt < icmp + len; opt += opt[1] * 8) {
		switch (opt[0]) {
		case OPT_PREFIX:
			if (opt[1] != 4)
				return TEREDO_REASON_RA_MALFORMED;
			if (prefixes++ || opt[2] != 64)
				return TEREDO_REASON_RA_PREFIX;
			ra->prefix = htonl(teredo_get32(opt + 16));
			ra->server = htonl(teredo_get32(opt + 20));
			break;
		case OPT_MTU:
			if (opt[1] != 1)
				return TEREDO_REASON_RA_MALFORMED;
			ra->mtu = teredo_get32(opt + 4);
			if (ra->mtu < TEREDO_MTU ||
			    ra->mtu > 65535 - TEREDO_IP6_HLEN)
				return TEREDO_REASON_RA_MALFORMED;
			break;
		}
	}
	return prefixes == 1 ? TEREDO_REASON_NONE : TEREDO_REASON_RA_PREFIX;
}

bool teredo_packet_authentic(const struct teredo_packet *pkt, const u8 *data,
			     const struct teredo_params *params,
			     const struct teredo_env *env)
{
	const u8 *id = data + pkt->auth_off + 4;
	const u8 *value = id + pkt->id_len;
	const u8 *nonce = value + pkt->au_len;
	struct teredo_chunk chunks[] = {
		{ nonce, TEREDO_NONCE_LEN + 1 },
		{ nonce + TEREDO_NONCE_LEN + 1,
		  pkt->has_origin ? TEREDO_ORIGIN_LEN : 0 },
		{ data + pkt->ip6_off, pkt->ip6_len },
	};
	u8 want[TEREDO_HMAC_LEN];

	if (!pkt->has_auth || pkt->id_len != params->id_len ||
	    pkt->au_len != sizeof(want) ||
	    memcmp(id, params->id, params->id_len))
		return false;
	if (env->hmac(env->ctx, params->secret, params->secret_len,
		      chunks, ARRAY_SIZE(chunks), want))
		return false;
	return teredo_equal_const_time(want, value, sizeof(want));
}

static void put_ip6(u8 *buf, u16 payload, u8 nexthdr, u8 hop_limit,
		    const struct in6_addr *saddr, const struct in6_addr *daddr)
{
	teredo_put32(buf, 0x60000000);
	teredo_put16(buf + 4, payload);
	buf[6] = nexthdr;
	buf[7] = hop_limit;
	memcpy(buf + 8, saddr, sizeof(*saddr));
	memcpy(buf + 24, daddr, sizeof(*daddr));
}

/* @ip6 holds an ICMPv6 packet of @len bytes whose checksum field is 0. */
static void put_icmp_checksum(u8 *ip6, size_t len)
{
	teredo_put16(ip6 + TEREDO_IP6_HLEN + 2, icmp_checksum(ip6, len));
}

/*
 * The header without its value, which covers what comes behind it. Returns
 * the length; *@value is where the value goes, NULL if there is none.
 */
static size_t put_auth(u8 *buf, const u8 nonce[TEREDO_NONCE_LEN],
		       const struct teredo_params *params, u8 **value)
{
	u8 *p = buf;

	*p++ = 0;
	*p++ = 1;
	*p++ = params->secret_len ? params->id_len : 0;
	*p++ = params->secret_len ? TEREDO_HMAC_LEN : 0;
	*value = NULL;
	if (params->secret_len) {
		memcpy(p, params->id, params->id_len);
		p += params->id_len;
		*value = p;
		p += TEREDO_HMAC_LEN;
	}
	memcpy(p, nonce, TEREDO_NONCE_LEN);
	p += TEREDO_NONCE_LEN;
	*p++ = 0;			/* confirmation */
	return (size_t)(p - buf);
}

/* The nonce, the confirmation and all behind them lie in one piece. */
static int sign(u8 *value, const u8 *end, const struct teredo_params *params,
		const struct teredo_env *env)
{
	struct teredo_chunk chunk = {
		.data = value + TEREDO_HMAC_LEN,
		.len = (size_t)(end - value) - TEREDO_HMAC_LEN,
	};

	return env->hmac(env->ctx, params->secret, params->secret_len,
			 &chunk, 1, value);
}

size_t teredo_build_bubble(u8 *buf, const struct in6_addr *saddr,
			   const struct in6_addr *daddr, u8 hop_limit)
{
	put_ip6(buf, 0, TEREDO_NH_NONE, hop_limit, saddr, daddr);
	return TEREDO_BUBBLE_LEN;
}

size_t teredo_build_origin(u8 *buf, struct teredo_endpoint origin)
{
	teredo_put16(buf, 0);
	teredo_put16(buf + 2, (u16)~ntohs(origin.port));
	teredo_put32(buf + 4, ~ntohl(origin.ip));
	return TEREDO_ORIGIN_LEN;
}

size_t teredo_build_echo(u8 *buf, const struct in6_addr *saddr,
			 const struct in6_addr *daddr,
			 const u8 nonce[TEREDO_ECHO_DATA])
{
	u8 *icmp = buf + TEREDO_IP6_HLEN;

	/* Miredo raised its hop limit to 128 since some hosts are far away. */
	put_ip6(buf, 8 + TEREDO_ECHO_DATA, TEREDO_NH_ICMP6, 128, saddr, daddr);
	memset(icmp, 0, 8);
	icmp[0] = TEREDO_ICMP6_ECHO;
	memcpy(icmp + 8, nonce, TEREDO_ECHO_DATA);
	put_icmp_checksum(buf, TEREDO_ECHO_LEN);
	return TEREDO_ECHO_LEN;
}

int teredo_build_rs(u8 *buf, bool cone, const u8 nonce[TEREDO_NONCE_LEN],
		    const struct teredo_params *params,
		    const struct teredo_env *env)
{
	static const struct in6_addr routers = {
		.s6_addr = { 0xff, 0x02, [15] = 2 },
	};
	struct in6_addr saddr;
	u8 *value, *ip6;
	int err;

	ip6 = buf + put_auth(buf, nonce, params, &value);
	teredo_lladdr_client(&saddr, cone);
	put_ip6(ip6, 8, TEREDO_NH_ICMP6, 255, &saddr, &routers);
	memset(ip6 + TEREDO_IP6_HLEN, 0, 8);
	ip6[TEREDO_IP6_HLEN] = TEREDO_ICMP6_RS;
	put_icmp_checksum(ip6, TEREDO_RS_LEN);
	if (value) {
		err = sign(value, ip6 + TEREDO_RS_LEN, params, env);
		if (err)
			return err;
	}
	return (int)(ip6 - buf) + TEREDO_RS_LEN;
}

int teredo_build_ra(u8 *buf, const struct teredo_packet *rs,
		    struct teredo_endpoint origin,
		    const struct teredo_params *params,
		    const struct teredo_env *env)
{
	struct in6_addr saddr;
	u8 *value = NULL;
	u8 *ip6 = buf;
	u8 *icmp;
	int err;

	if (rs->has_auth)
		ip6 += put_auth(ip6, rs->nonce, params, &value);
	ip6 += teredo_build_origin(ip6, origin);

	teredo_lladdr_server(&saddr, params->server);
	put_ip6(ip6, TEREDO_RA_LEN - TEREDO_IP6_HLEN, TEREDO_NH_ICMP6, 255,
		&saddr, &rs->saddr);

	/*
	 * Current hop limit, flags, router lifetime and reachable time are 0,
	 * as Microsoft's servers have them.
	 */
	icmp = ip6 + TEREDO_IP6_HLEN;
	memset(icmp, 0, TEREDO_RA_LEN - TEREDO_IP6_HLEN);
	icmp[0] = TEREDO_ICMP6_RA;
	teredo_put32(icmp + 12, RETRANS_TIMER_MS);
	icmp[16] = OPT_PREFIX;
	icmp[17] = 4;
	icmp[18] = 64;
	icmp[19] = 0x40;		/* autonomous, not on-link */
	teredo_put32(icmp + 20, 0xffffffff);
	teredo_put32(icmp + 24, 0xffffffff);
	teredo_put32(icmp + 32, ntohl(params->prefix));
	teredo_put32(icmp + 36, ntohl(params->server));
	icmp[48] = OPT_MTU;
	icmp[49] = 1;
	teredo_put32(icmp + 52, TEREDO_MTU);
	put_icmp_checksum(ip6, TEREDO_RA_LEN);

	if (value) {
		err = sign(value, ip6 + TEREDO_RA_LEN, params, env);
		if (err)
			return err;
	}
	return (int)(ip6 - buf) + TEREDO_RA_LEN;
}

bool teredo_packet_is_echo_reply(const struct teredo_packet *pkt,
				 const u8 *data,
				 const u8 nonce[TEREDO_ECHO_DATA])
{
	const u8 *icmp = data + pkt->ip6_off + TEREDO_IP6_HLEN;

	return teredo_packet_icmp_type(pkt, data) == TEREDO_ICMP6_REPLY &&
	       icmp[1] == 0 &&
	       pkt->ip6_len == TEREDO_ECHO_LEN &&
	       teredo_equal_const_time(icmp + 8, nonce, TEREDO_ECHO_DATA) &&
	       teredo_packet_icmp_checksum_ok(pkt, data);
}
