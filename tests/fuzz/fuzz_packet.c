// SPDX-License-Identifier: GPL-2.0
/*
 * The input is a UDP payload. Whatever it is, the parser stays inside it and
 * what it says holds; what is built from it is parsed back to the same.
 */
#include "fuzz.h"
#include "trailer.h"

static void check_reason(enum teredo_reason reason)
{
	switch (reason) {
	case TEREDO_REASON_NONE:
	case TEREDO_REASON_TOO_SHORT:
	case TEREDO_REASON_BAD_INDICATOR:
	case TEREDO_REASON_BAD_AUTH_HEADER:
	case TEREDO_REASON_BAD_ORIGIN:
	case TEREDO_REASON_BAD_VERSION:
	case TEREDO_REASON_BAD_LENGTH:
	case TEREDO_REASON_BAD_TRAILER:
		return;
	default:
		CHECK(!"a reason of the parser");
	}
}

static bool same_inside(const struct teredo_packet *a,
			const struct teredo_packet *b)
{
	return a->ip6_len == b->ip6_len && a->nexthdr == b->nexthdr &&
	       a->hop_limit == b->hop_limit &&
	       teredo_addr_eq(&a->saddr, &b->saddr) &&
	       teredo_addr_eq(&a->daddr, &b->daddr);
}

static void check_offsets(const struct teredo_packet *pkt, const u8 *data,
			  size_t size)
{
	size_t off = 0;

	CHECK(size >= TEREDO_IP6_HLEN && size <= TEREDO_PAYLOAD_MAX);
	if (pkt->has_auth) {
		CHECK(pkt->auth_off == 0);
		off = TEREDO_AUTH_MIN + (size_t)pkt->id_len + pkt->au_len;
		CHECK(!memcmp(pkt->nonce, data + off - 9, TEREDO_NONCE_LEN));
		CHECK(pkt->confirmation == data[off - 1]);
	}
	if (pkt->has_origin) {
		u8 origin[TEREDO_ORIGIN_LEN];

		CHECK(teredo_build_origin(origin, pkt->origin) ==
		      sizeof(origin));
		CHECK(!memcmp(origin, data + off, sizeof(origin)));
		off += TEREDO_ORIGIN_LEN;
	}
	CHECK(pkt->ip6_off == off);
	CHECK(data[off] >> 4 == 6);
	CHECK(pkt->ip6_len == TEREDO_IP6_HLEN + teredo_get16(data + off + 4));
	CHECK(pkt->trailer_off == off + pkt->ip6_len);
	CHECK((size_t)pkt->trailer_off + pkt->trailer_len == size);
}

static void check_trailers(const struct teredo_packet *pkt, const u8 *data)
{
	size_t end = (size_t)pkt->trailer_off + pkt->trailer_len;
	struct teredo_trailer t;
	u16 pos = 0, before;

	for (;;) {
		before = pos;
		if (!teredo_trailer_next(pkt, data, &pos, &t))
			break;
		CHECK(pos == before + 2 + t.len);
		CHECK(t.off == pkt->trailer_off + before + 2);
		CHECK((size_t)t.off + t.len <= end);
		CHECK(data[t.off - 2] == t.type && data[t.off - 1] == t.len);
		/* Else the packet would have been refused. */
		CHECK(t.type >> 6 != 1);
		CHECK(teredo_trailer_acceptable(t.type));
		teredo_trailer_name(t.type);
	}
	CHECK(pos == before);
}

/* Padding is compared too: the parser fills the whole of it. */
static void check_meaning(const struct teredo_packet *pkt, const u8 *data)
{
	u8 buf[TEREDO_BUBBLE_LEN + TEREDO_TRAILERS_MAX];
	struct teredo_trailers t, twice;
	struct teredo_packet built;
	unsigned int i;
	size_t n;

	teredo_trailers_parse(pkt, data, &t);
	CHECK(t.n_alternates <= TEREDO_ALTERNATES);
	CHECK(!t.alternates_bad || !t.n_alternates);
	CHECK(t.has_nonce || !t.nonce);
	if (t.has_nonce || t.alternates_bad || t.n_alternates || t.nd ||
	    t.random_port)
		CHECK(t.any);
	for (i = 0; i < t.n_alternates; i++)
		CHECK(t.alternate[i].port &&
		      teredo_ip_is_global(t.alternate[i].ip, true));

	n = teredo_build_bubble(buf, &pkt->saddr, &pkt->daddr, 0);
	n += teredo_trailers_build(buf + n, &t);
	CHECK(n <= sizeof(buf));
	CHECK(teredo_packet_parse(&built, buf, n) == TEREDO_REASON_NONE);
	teredo_trailers_parse(&built, buf, &twice);
	/* What says nothing is not built. */
	t.alternates_bad = false;
	t.any = twice.any;
	CHECK(!memcmp(&t, &twice, sizeof(t)));
}

/* Trailers and headers do not change what is inside. */
static void check_parts(const struct teredo_packet *pkt, const u8 *data)
{
	struct teredo_packet part;

	CHECK(teredo_packet_parse(&part, data + pkt->ip6_off, pkt->ip6_len) ==
	      TEREDO_REASON_NONE);
	CHECK(!part.has_auth && !part.has_origin && !part.trailer_len);
	CHECK(same_inside(&part, pkt));
	/* Without its last byte it is no packet any more. */
	CHECK(teredo_packet_parse(&part, data, pkt->trailer_off - 1U) !=
	      TEREDO_REASON_NONE);
}

static void check_bubble(const struct teredo_packet *pkt)
{
	struct teredo_packet again;
	u8 buf[TEREDO_BUBBLE_LEN];

	CHECK(pkt->ip6_len == TEREDO_IP6_HLEN);
	CHECK(teredo_build_bubble(buf, &pkt->saddr, &pkt->daddr,
				  pkt->hop_limit) == sizeof(buf));
	CHECK(teredo_packet_parse(&again, buf, sizeof(buf)) ==
	      TEREDO_REASON_NONE);
	CHECK(teredo_packet_is_bubble(&again));
	CHECK(same_inside(&again, pkt));
}

static void check_rs(const struct teredo_packet *rs,
		     const struct teredo_params *params,
		     const struct teredo_env *env)
{
	struct teredo_endpoint mapped = teredo_addr_mapped(&rs->saddr);
	u8 buf[TEREDO_CONTROL_MAX];
	struct teredo_packet pkt;
	struct teredo_ra ra;
	int n;

	CHECK(teredo_addr_is_linklocal(&rs->saddr) && rs->hop_limit == 255);
	n = teredo_build_ra(buf, rs, mapped, params, env);
	CHECK(n > 0 && (size_t)n <= sizeof(buf));
	CHECK(teredo_packet_parse(&pkt, buf, (size_t)n) == TEREDO_REASON_NONE);
	CHECK(pkt.has_auth == rs->has_auth);
	CHECK(pkt.has_origin && teredo_endpoint_eq(pkt.origin, mapped));
	CHECK(!pkt.trailer_len);
	CHECK(teredo_addr_eq(&pkt.daddr, &rs->saddr));
	CHECK(teredo_packet_parse_ra(&pkt, buf, &ra) == TEREDO_REASON_NONE);
	CHECK(ra.prefix == params->prefix && ra.server == params->server);
	CHECK(ra.mtu == TEREDO_MTU);
	if (rs->has_auth) {
		CHECK(!memcmp(pkt.nonce, rs->nonce, TEREDO_NONCE_LEN));
		CHECK(!pkt.confirmation);
		CHECK(teredo_packet_authentic(&pkt, buf, params, env) ==
		      (params->secret_len != 0));
	}
}

static void check_echo(const struct teredo_packet *pkt, const u8 *data,
		       const u8 *nonce)
{
	u8 buf[TEREDO_ECHO_LEN];

	CHECK(pkt->ip6_len == TEREDO_ECHO_LEN);
	CHECK(teredo_packet_icmp_type(pkt, data) == 129);
	CHECK(teredo_packet_icmp_checksum_ok(pkt, data));
	CHECK(teredo_build_echo(buf, &pkt->daddr, &pkt->saddr, nonce) ==
	      sizeof(buf));
	CHECK(!memcmp(buf + 48, data + pkt->ip6_off + 48, TEREDO_ECHO_DATA));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct teredo_params params = {
		.prefix = htonl(TEREDO_PREFIX),
		.server = fuzz_ip(203, 0, 113, 120),
		.server2 = fuzz_ip(203, 0, 113, 121),
	};
	struct teredo_packet pkt, twice;
	enum teredo_reason reason;
	struct teredo_ra ra;
	struct fuzz_env f;
	u8 nonce[TEREDO_ECHO_DATA] = { 0 };

	fuzz_env_init(&f);
	reason = teredo_packet_parse(&pkt, data, size);
	check_reason(reason);
	CHECK(teredo_packet_parse(&twice, data, size) == reason);
	if (reason)
		return 0;
	CHECK(!memcmp(&pkt, &twice, sizeof(pkt)));

	check_offsets(&pkt, data, size);
	check_trailers(&pkt, data);
	check_meaning(&pkt, data);
	check_parts(&pkt, data);
	if (teredo_packet_is_bubble(&pkt))
		check_bubble(&pkt);

	if (teredo_packet_icmp_type(&pkt, data) < 0)
		CHECK(!teredo_packet_icmp_checksum_ok(&pkt, data));
	if (teredo_packet_is_rs(&pkt, data))
		check_rs(&pkt, &params, &f.env);
	if (!teredo_packet_parse_ra(&pkt, data, &ra)) {
		CHECK(pkt.hop_limit == 255);
		CHECK(teredo_packet_icmp_checksum_ok(&pkt, data));
		CHECK(!ra.mtu || (ra.mtu >= 1280 && ra.mtu <= 65495));
	}
	if (pkt.ip6_len >= TEREDO_ECHO_LEN)
		memcpy(nonce, data + pkt.ip6_off + 48, sizeof(nonce));
	if (teredo_packet_is_echo_reply(&pkt, data, nonce))
		check_echo(&pkt, data, nonce);

	/* Of the identifier that the packet itself has, if any. */
	params.secret_len = 1;
	params.secret[0] = 0x55;
	if (pkt.has_auth) {
		params.id_len = pkt.id_len;
		memcpy(params.id, data + 4, pkt.id_len);
	}
	if (teredo_packet_authentic(&pkt, data, &params, &f.env))
		CHECK(pkt.has_auth && pkt.au_len == TEREDO_HMAC_LEN);
	if (teredo_packet_is_rs(&pkt, data))
		check_rs(&pkt, &params, &f.env);
	f.hmac_fails = true;
	CHECK(!teredo_packet_authentic(&pkt, data, &params, &f.env));
	return 0;
}
