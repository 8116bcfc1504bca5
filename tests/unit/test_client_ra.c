// SPDX-License-Identifier: GPL-2.0
/* Which advertisements a client accepts: RFC 4380 sections 5.2.1 and 5.2.2. */
#include "client_host.h"

/* Offsets in an advertisement with an empty authentication header. */
enum {
	RA_NONCE	= 4,
	RA_ORIGIN	= 13,
	RA_IP6		= 21,
	RA_ICMP		= RA_IP6 + 40,
};

static void fix_checksum(struct bytes *b, size_t ip6)
{
	size_t len = b->len - ip6 - 40, i;
	u32 sum = (u32)len + 58;

	teredo_put16(b->data + ip6 + 4, (u16)len);
	teredo_put16(b->data + ip6 + 42, 0);
	for (i = 0; i < 32 + len; i++) {
		u32 byte = b->data[ip6 + (i < 32 ? 8 + i : 8 + i)];

		sum += i % 2 ? byte : byte << 8;
	}
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	teredo_put16(b->data + ip6 + 42, (u16)~sum);
}

static void remove_bytes(struct bytes *b, size_t at, size_t n)
{
	memmove(b->data + at, b->data + at + n, b->len - at - n);
	b->len -= n;
}

static void nonce_09(struct bytes *b)
{
	b->data[RA_NONCE + 7] ^= 1;
}

static void nonce_first_byte(struct bytes *b)
{
	b->data[RA_NONCE] ^= 0x80;
}

static void no_auth(struct bytes *b)
{
	remove_bytes(b, 0, RA_ORIGIN);
}

static void no_origin(struct bytes *b)
{
	remove_bytes(b, RA_ORIGIN, TEREDO_ORIGIN_LEN);
}

static void set_origin(struct bytes *b, const char *origin)
{
	teredo_build_origin(b->data + RA_ORIGIN, ep(origin));
}

static void origin_private(struct bytes *b)
{
	set_origin(b, "10.0.0.1:4096");
}

static void origin_loopback(struct bytes *b)
{
	set_origin(b, "127.0.0.1:4096");
}

static void origin_multicast(struct bytes *b)
{
	set_origin(b, "224.0.0.1:4096");
}

static void origin_broadcast(struct bytes *b)
{
	set_origin(b, "255.255.255.255:4096");
}

static void origin_6to4_anycast(struct bytes *b)
{
	set_origin(b, "192.88.99.1:4096");
}

static void origin_zero(struct bytes *b)
{
	set_origin(b, "0.0.0.0:4096");
}

static void origin_port_zero(struct bytes *b)
{
	set_origin(b, "192.0.2.1:0");
}

static void source_global(struct bytes *b)
{
	struct in6_addr a = ip6(ADDR_N);

	memcpy(b->data + RA_IP6 + 8, &a, sizeof(a));
	fix_checksum(b, RA_IP6);
}

static void destination_cone(struct bytes *b)
{
	struct in6_addr a = ip6("fe80::8000:ffff:ffff:ffff");

	memcpy(b->data + RA_IP6 + 24, &a, sizeof(a));
	fix_checksum(b, RA_IP6);
}

static void destination_all_nodes(struct bytes *b)
{
	struct in6_addr a = ip6("ff02::1");

	memcpy(b->data + RA_IP6 + 24, &a, sizeof(a));
	fix_checksum(b, RA_IP6);
}

static void hop_limit(struct bytes *b)
{
	b->data[RA_IP6 + 7] = 64;
}

static void code(struct bytes *b)
{
	b->data[RA_ICMP + 1] = 1;
	fix_checksum(b, RA_IP6);
}

static void checksum(struct bytes *b)
{
	b->data[RA_ICMP + 2] ^= 0x40;
}

static void no_prefix(struct bytes *b)
{
	remove_bytes(b, RA_ICMP + 16, 32);
	fix_checksum(b, RA_IP6);
}

static void two_prefixes(struct bytes *b)
{
	memcpy(b->data + b->len, b->data + RA_ICMP + 16, 32);
	b->len += 32;
	fix_checksum(b, RA_IP6);
}

static void prefix_length(struct bytes *b)
{
	b->data[RA_ICMP + 18] = 96;
	fix_checksum(b, RA_IP6);
}

static void prefix_not_teredo(struct bytes *b)
{
	b->data[RA_ICMP + 33] ^= 1;
	fix_checksum(b, RA_IP6);
}

static void prefix_other_server(struct bytes *b)
{
	b->data[RA_ICMP + 39] ^= 2;
	fix_checksum(b, RA_IP6);
}

static void prefix_second_server(struct bytes *b)
{
	b->data[RA_ICMP + 39] ^= 1;
	fix_checksum(b, RA_IP6);
}

static void prefix_old(struct bytes *b)
{
	teredo_put32(b->data + RA_ICMP + 32, TEREDO_OLD_PREFIX);
	fix_checksum(b, RA_IP6);
}

static void mtu_small(struct bytes *b)
{
	teredo_put32(b->data + RA_ICMP + 52, 1279);
	fix_checksum(b, RA_IP6);
}

static void mtu_absent(struct bytes *b)
{
	remove_bytes(b, RA_ICMP + 48, 8);
	fix_checksum(b, RA_IP6);
}

static void option_zero(struct bytes *b)
{
	b->data[RA_ICMP + 49] = 0;
	fix_checksum(b, RA_IP6);
}

static void nothing(struct bytes *b)
{
	(void)b;
}

static const struct {
	const char *name;
	void (*change)(struct bytes *b);
	const char *from;
	enum teredo_reason reason;
} advertisements[] = {
	{ "port 3545", nothing, SERVER_A ":3545", TEREDO_REASON_RA_SOURCE },
	{ "secondary address", nothing, SERVER2_A ":3544",
	  TEREDO_REASON_RA_SOURCE },
	{ "stranger", nothing, "203.0.113.99:3544", TEREDO_REASON_RA_SOURCE },
	{ "nonce", nonce_09, NULL, TEREDO_REASON_RA_NONCE },
	{ "nonce, first byte", nonce_first_byte, NULL, TEREDO_REASON_RA_NONCE },
	{ "no authentication", no_auth, NULL, TEREDO_REASON_RA_NONCE },
	{ "no origin", no_origin, NULL, TEREDO_REASON_RA_NO_ORIGIN },
	{ "private origin", origin_private, NULL, TEREDO_REASON_RA_ORIGIN },
	{ "loopback origin", origin_loopback, NULL, TEREDO_REASON_RA_ORIGIN },
	{ "multicast origin", origin_multicast, NULL,
	  TEREDO_REASON_RA_ORIGIN },
	{ "broadcast origin", origin_broadcast, NULL,
	  TEREDO_REASON_RA_ORIGIN },
	{ "6to4 anycast origin", origin_6to4_anycast, NULL,
	  TEREDO_REASON_RA_ORIGIN },
	{ "origin 0.0.0.0", origin_zero, NULL, TEREDO_REASON_RA_ORIGIN },
	{ "origin port 0", origin_port_zero, NULL, TEREDO_REASON_RA_ORIGIN },
	{ "global source", source_global, NULL, TEREDO_REASON_RA_MALFORMED },
	{ "to the cone address", destination_cone, NULL,
	  TEREDO_REASON_NOT_FOR_US },
	{ "to all nodes", destination_all_nodes, NULL,
	  TEREDO_REASON_NOT_FOR_US },
	{ "hop limit", hop_limit, NULL, TEREDO_REASON_RA_MALFORMED },
	{ "code", code, NULL, TEREDO_REASON_RA_MALFORMED },
	{ "checksum", checksum, NULL, TEREDO_REASON_RA_MALFORMED },
	{ "no prefix", no_prefix, NULL, TEREDO_REASON_RA_PREFIX },
	{ "two prefixes", two_prefixes, NULL, TEREDO_REASON_RA_PREFIX },
	{ "prefix length", prefix_length, NULL, TEREDO_REASON_RA_PREFIX },
	{ "foreign prefix", prefix_not_teredo, NULL, TEREDO_REASON_RA_PREFIX },
	{ "other server", prefix_other_server, NULL, TEREDO_REASON_RA_PREFIX },
	{ "second server's prefix from the first", prefix_second_server, NULL,
	  TEREDO_REASON_RA_PREFIX },
	{ "MTU", mtu_small, NULL, TEREDO_REASON_RA_MALFORMED },
	{ "option of length 0", option_zero, NULL,
	  TEREDO_REASON_RA_MALFORMED },
	{ "good", nothing, NULL, TEREDO_REASON_NONE },
	{ "old prefix", prefix_old, NULL, TEREDO_REASON_NONE },
	{ "no MTU", mtu_absent, NULL, TEREDO_REASON_NONE },
};

static void acceptance(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(advertisements); i++) {
		struct teredo_endpoint from;
		struct teredo_client before;
		struct bytes ra;
		struct host h;

		host_init(&h);
		start(&h);
		before = h.c;
		ra = advertise(&h, MAPPED_A);
		advertisements[i].change(&ra);
		from = advertisements[i].from ? ep(advertisements[i].from) :
						answerer(&h);
		assert_reason_row(advertisements[i].name,
				  deliver(&h, ra, from),
				  advertisements[i].reason);
		if (!advertisements[i].reason) {
			assert_row(advertisements[i].name, h.c.state,
				   TEREDO_STATE_PROBE_SECONDARY);
			answer(&h, MAPPED_A);
			assert_row(advertisements[i].name, h.c.state,
				   TEREDO_STATE_QUALIFIED);
			continue;
		}
		/* Ignored in silence; the right one is still waited for. */
		assert_memory_equal(&before, &h.c, sizeof(before));
		answer(&h, MAPPED_A);
		assert_row(advertisements[i].name, h.c.state,
			   TEREDO_STATE_PROBE_SECONDARY);
	}
}

/* The secondary address may say its own or the primary's in the prefix. */
static void prefix_from_secondary(void **state)
{
	struct bytes ra;
	struct host h;

	(void)state;
	host_init(&h);
	start(&h);
	answer(&h, MAPPED_A);
	ra = advertise(&h, MAPPED_A);
	prefix_second_server(&ra);
	assert_reason(deliver(&h, ra, answerer(&h)), TEREDO_REASON_NONE);
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
	assert_int_equal(teredo_addr_server(&h.c.addr), ip4(SERVER_A));
}

static void allow_private(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	h.p.allow_private = true;
	start(&h);
	assert_reason(deliver(&h, advertise(&h, "127.0.0.1:4096"),
			      answerer(&h)), TEREDO_REASON_RA_ORIGIN);
	answer(&h, "10.0.0.1:4096");
	answer(&h, "10.0.0.1:4096");
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
	assert_ep(h.c.mapped, "10.0.0.1:4096");
}

/* One outstanding nonce, good once. */
static void nonces(void **state)
{
	struct teredo_endpoint from;
	struct bytes first, second;
	struct host h;

	(void)state;
	host_init(&h);
	start(&h);
	from = answerer(&h);
	first = advertise(&h, MAPPED_A);
	wait_deadline(&h);
	second = advertise(&h, MAPPED_A);
	assert_reason(deliver(&h, first, from), TEREDO_REASON_RA_NONCE);
	assert_reason(deliver(&h, second, from), TEREDO_REASON_NONE);
	/* Now the secondary address is asked. */
	assert_reason(deliver(&h, second, from), TEREDO_REASON_RA_SOURCE);
	assert_reason(deliver(&h, second, answerer(&h)),
		      TEREDO_REASON_RA_NONCE);
	second = advertise(&h, MAPPED_A);
	assert_reason(deliver(&h, second, answerer(&h)), TEREDO_REASON_NONE);
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
	assert_reason(deliver(&h, second, answerer(&h)),
		      TEREDO_REASON_RA_UNEXPECTED);

	/* Nobody is asked in these states. */
	host_init(&h);
	assert_reason(deliver(&h, hex(V_RA), ep(SERVER_A ":3544")),
		      TEREDO_REASON_RA_UNEXPECTED);
	start(&h);
	first = advertise(&h, MAPPED_A);
	from = answerer(&h);
	assert_three_tries(&h, SERVER_A, false);
	assert_reason(deliver(&h, first, from), TEREDO_REASON_RA_UNEXPECTED);
	assert_state(&h, TEREDO_STATE_OFFLINE,
		     TEREDO_REASON_SERVER_UNREACHABLE);
}

static void secure(void **state)
{
	struct bytes ra;
	struct host h;

	(void)state;
	host_init(&h);
	set_secret(&h.p);
	start(&h);
	assert_int_equal(h.rs.id_len, 5);
	assert_int_equal(h.rs.au_len, 20);
	assert_true(teredo_packet_authentic(&h.rs, h.rs_data.data, &h.p,
					    &h.u.env));

	ra = advertise(&h, MAPPED_A);
	ra.data[4 + 5 + 19] ^= 1;	/* last byte of the value */
	assert_reason(deliver(&h, ra, answerer(&h)), TEREDO_REASON_RA_AUTH);
	ra = advertise(&h, MAPPED_A);
	ra.data[4] ^= 1;		/* identifier */
	assert_reason(deliver(&h, ra, answerer(&h)), TEREDO_REASON_RA_AUTH);
	ra = advertise(&h, MAPPED_A);
	ra.data[4 + 5 + 20 + 9 + 7] ^= 1; /* origin: another mapping */
	assert_reason(deliver(&h, ra, answerer(&h)), TEREDO_REASON_RA_AUTH);

	/* The open form does not do, though its nonce is right. */
	ra = advertise(&h, MAPPED_A);
	remove_bytes(&ra, 4, 25);
	ra.data[2] = 0;
	ra.data[3] = 0;
	assert_reason(deliver(&h, ra, answerer(&h)), TEREDO_REASON_RA_AUTH);

	ra = advertise(&h, MAPPED_A);
	h.u.hmac_fails = true;
	assert_reason(deliver(&h, ra, answerer(&h)), TEREDO_REASON_RA_AUTH);
	h.u.hmac_fails = false;

	answer(&h, MAPPED_A);
	answer(&h, MAPPED_A);
	assert_state(&h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
}

static void key_rejected(void **state)
{
	struct teredo_chunk chunk;
	struct bytes ra;
	struct host h;
	u64 begin;

	(void)state;
	host_init(&h);
	set_secret(&h.p);
	start(&h);
	begin = h.now;
	ra = advertise(&h, MAPPED_A);
	ra.data[4 + 5 + 20 + 8] = 1;
	/* Not covered by the value: somebody else's doing. */
	assert_reason(deliver(&h, ra, answerer(&h)), TEREDO_REASON_RA_AUTH);
	assert_state(&h, TEREDO_STATE_PROBE_PRIMARY, TEREDO_REASON_NONE);

	chunk.data = ra.data + 4 + 5 + 20;
	chunk.len = ra.len - (4 + 5 + 20);
	assert_int_equal(h.u.env.hmac(h.u.env.ctx, h.p.secret, h.p.secret_len,
				      &chunk, 1, ra.data + 4 + 5), 0);
	assert_reason(deliver(&h, ra, answerer(&h)),
		      TEREDO_REASON_KEY_REJECTED);
	assert_state(&h, TEREDO_STATE_OFFLINE, TEREDO_REASON_KEY_REJECTED);
	assert_true(h.changed);
	/* Even this is tried again. */
	assert_true(h.c.deadline > begin);
	wait_deadline(&h);
	assert_state(&h, TEREDO_STATE_PROBE_PRIMARY, TEREDO_REASON_NONE);
}

/* Without a secret the confirmation says nothing. */
static void confirmation_in_open_mode(void **state)
{
	struct bytes ra;
	struct host h;

	(void)state;
	host_init(&h);
	start(&h);
	ra = advertise(&h, MAPPED_A);
	ra.data[12] = 1;
	assert_reason(deliver(&h, ra, answerer(&h)), TEREDO_REASON_NONE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(acceptance),
		cmocka_unit_test(prefix_from_secondary),
		cmocka_unit_test(allow_private),
		cmocka_unit_test(nonces),
		cmocka_unit_test(secure),
		cmocka_unit_test(key_rejected),
		cmocka_unit_test(confirmation_in_open_mode),
	};

	return unit_main("client-ra", tests);
}
