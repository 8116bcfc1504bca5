// SPDX-License-Identifier: GPL-2.0
/* Sets of ports, addresses, own multicast and the token bucket. */
#include "unit.h"

static struct icf6_set *set_of(u32 n, const u32 *keys)
{
	struct icf6_set *set = malloc(sizeof(*set) + n * sizeof(*keys));

	assert_non_null(set);
	set->n = n;
	memcpy(set->keys, keys, n * sizeof(*keys));
	return set;
}

/* Both ends, both protocols, and nothing next to what is open. */
static void map(void **state)
{
	static const u16 ports[] = { 1, 31, 32, 3540, 65535 };
	struct icf6_map *m = calloc(1, sizeof(*m));
	u32 port;
	size_t i;

	(void)state;
	assert_non_null(m);
	for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		icf6_map_add(m, ICF6_TCP, ports[i], ICF6_EDGE_DENY);
		for (port = 0; port < 65536; port++) {
			assert_int_equal(icf6_port_facts(m, NULL, NULL,
							 ICF6_TCP, port),
					 port == ports[i] ? ICF6_F_OPEN : 0);
			assert_int_equal(icf6_port_facts(m, NULL, NULL,
							 ICF6_UDP, port), 0);
		}
		memset(m, 0, sizeof(*m));
	}
	free(m);
}

static void edges(void **state)
{
	struct icf6_map *m = calloc(1, sizeof(*m));

	(void)state;
	assert_non_null(m);
	icf6_map_add(m, ICF6_UDP, 5, ICF6_EDGE_ALLOW);
	icf6_map_add(m, ICF6_UDP, 6, ICF6_EDGE_APP);
	icf6_map_add(m, ICF6_UDP, 6, ICF6_EDGE_DENY);
	assert_int_equal(icf6_port_facts(m, NULL, NULL, ICF6_UDP, 5),
			 ICF6_F_OPEN | ICF6_F_OPEN_EDGE);
	assert_int_equal(icf6_port_facts(m, NULL, NULL, ICF6_UDP, 6),
			 ICF6_F_OPEN | ICF6_F_OPEN_APP);
	free(m);
}

/* Sets of each size up to some, with each element and each gap looked for. */
static void sets(void **state)
{
	u32 keys[40], n, i;
	struct icf6_set *set;

	(void)state;
	assert_int_equal(icf6_set_find(NULL, icf6_key(ICF6_TCP, 1)), 0);
	for (i = 0; i < 40; i++)
		keys[i] = icf6_key(i < 20 ? ICF6_TCP : ICF6_UDP,
				   1 + 2 * (i % 20)) | (i & 3);
	for (n = 0; n <= 40; n++) {
		set = set_of(n, keys);
		for (i = 0; i < 40; i++) {
			u32 key = keys[i] & ~3U;

			assert_int_equal(icf6_set_find(set, key),
					 i < n ? keys[i] : 0);
			assert_int_equal(icf6_set_find(set, key + 4), 0);
		}
		free(set);
	}
}

/* The eight ways in which the three sets can have a port, FW-07 and FW-20. */
static void formula(void **state)
{
	const u32 key = icf6_key(ICF6_TCP, 80);
	struct icf6_set *has = set_of(1, &key), *none = set_of(0, &key);
	struct icf6_map *with = calloc(1, sizeof(*with));
	struct icf6_map *without = calloc(1, sizeof(*without));
	int i;

	(void)state;
	assert_true(with && without);
	icf6_map_add(with, ICF6_TCP, 80, ICF6_EDGE_ALLOW);
	for (i = 0; i < 8; i++) {
		bool global = i & 1, open = i & 2, ignored = i & 4;
		u32 want = global && !ignored ?
			   ICF6_F_OPEN | ICF6_F_OPEN_EDGE :
			   open ? ICF6_F_OPEN : 0;

		assert_int_equal(icf6_port_facts(global ? with : without,
						 open ? has : none,
						 ignored ? has : none,
						 ICF6_TCP, 80), want);
	}
	free(has);
	free(none);
	free(with);
	free(without);
}

static void sources(void **state)
{
	static const struct {
		const char *addr;
		u32 facts;
	} rows[] = {
		{ "2a00:6::1", 0 },
		{ "2001::1", 0 },		/* Teredo */
		{ "2002:c000:201::1", 0 },
		{ "2001:db8::1", ICF6_F_BOGON },
		{ "2001:db9::1", 0 },
		{ "2001:10::1", ICF6_F_BOGON },
		{ "2001:1f:ffff::", ICF6_F_BOGON },
		{ "2001:20::1", 0 },		/* ORCHIDv2 */
		{ "3fff::1", 0 },
		{ "fec0::1", ICF6_F_BOGON },
		{ "feff::1", ICF6_F_BOGON },
		{ "fe80::1", ICF6_F_SRC_LINK_LOCAL },
		{ "febf::1", ICF6_F_SRC_LINK_LOCAL },
		{ "fe00::1", 0 },
		{ "::", ICF6_F_SRC_ANY },
		{ "::1", 0 },
		{ "::2", ICF6_F_BOGON },
		{ "::192.0.2.1", ICF6_F_BOGON },
		{ "::ffff:192.0.2.1", ICF6_F_BOGON },
		{ "::fffe:192.0.2.1", 0 },
		{ "64:ff9b::192.0.2.1", 0 },
		{ "fc00::1", ICF6_F_ULA },
		{ "fdff::1", ICF6_F_ULA },
		{ "ff02::1", ICF6_F_MCAST_SOURCE },
	};
	struct in6_addr addr;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		addr = in6(rows[i].addr);
		if (icf6_source_facts(&addr) != rows[i].facts) {
			print_error("%s: %#x\n", rows[i].addr,
				    icf6_source_facts(&addr));
			fail();
		}
	}
}

static void dests(void **state)
{
	static const struct {
		const char *addr;
		u8 proto;
		u16 port;
		u32 facts;
	} rows[] = {
		{ "2a00:6::1", 17, 5353, 0 },
		{ "fe80::1", 17, 5353, ICF6_F_DST_LINK_LOCAL },
		{ "fd00::1", 6, 1, ICF6_F_ULA },
		{ "ff02::fb", 17, 5353, ICF6_F_MDNS },
		{ "ff02::fb", 17, 5354, 0 },
		{ "ff02::fb", 6, 5353, 0 },
		{ "ff05::fb", 17, 5353, 0 },
		{ "ff02::1:fb", 17, 5353, 0 },
		{ "ff02::c", 17, 1900, ICF6_F_SSDP },
		{ "ff02::f", 17, 1900, ICF6_F_SSDP },
		{ "ff02::d", 17, 1900, 0 },
		{ "ff02::fb", 17, 1900, 0 },
	};
	struct in6_addr addr;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		addr = in6(rows[i].addr);
		assert_int_equal(icf6_dest_facts(&addr, rows[i].proto,
						 rows[i].port),
				 rows[i].facts);
	}
}

static void scope(void **state)
{
	struct in6_addr site = in6("ff05::1"), org = in6("ff08::1");
	struct in6_addr global = in6("ff0e::1"), host = in6("2a00::1");

	(void)state;
	assert_true(icf6_in_scope(&site, 8));
	assert_true(icf6_in_scope(&org, 8));
	assert_false(icf6_in_scope(&org, 7));
	assert_false(icf6_in_scope(&global, 8));
	assert_false(icf6_in_scope(&host, 15));
}

static void asked(void **state)
{
	struct icf6_asked_table *t = calloc(1, sizeof(*t));
	u64 now = 100 * ICF6_SEC;

	(void)state;
	assert_non_null(t);
	assert_false(icf6_asked_find(t, 2, ICF6_UDP, 1000, now));
	icf6_asked_add(t, 2, ICF6_UDP, 1000, now);
	assert_true(icf6_asked_find(t, 2, ICF6_UDP, 1000, now));
	assert_true(icf6_asked_find(t, 2, ICF6_UDP, 1000,
				    now + ICF6_ASKED_TIME - 1));
	assert_false(icf6_asked_find(t, 2, ICF6_UDP, 1000,
				     now + ICF6_ASKED_TIME));
	assert_false(icf6_asked_find(t, 3, ICF6_UDP, 1000, now));
	assert_false(icf6_asked_find(t, 2, ICF6_ICMP6, 1000, now));
	assert_false(icf6_asked_find(t, 2, ICF6_UDP, 1001, now));
	/* Again begins anew. */
	icf6_asked_add(t, 2, ICF6_UDP, 1000, now + ICF6_SEC);
	assert_true(icf6_asked_find(t, 2, ICF6_UDP, 1000,
				    now + ICF6_ASKED_TIME));
	free(t);
}

/* Whoever fills it loses the oldest, never the newest. */
static void asked_full(void **state)
{
	struct icf6_asked_table *t = calloc(1, sizeof(*t));
	u64 now = 100 * ICF6_SEC;
	int i, known = 0;

	(void)state;
	assert_non_null(t);
	for (i = 1; i <= 10000; i++) {
		icf6_asked_add(t, 2, ICF6_UDP, i, now + i);
		assert_true(icf6_asked_find(t, 2, ICF6_UDP, i, now + i));
	}
	for (i = 1; i <= 10000; i++)
		known += icf6_asked_find(t, 2, ICF6_UDP, i, now + 10000);
	assert_true(known > ICF6_ASKED_MAX / 2 && known <= ICF6_ASKED_MAX);
	free(t);
}

static int take(struct icf6_bucket *b, u32 rate, u32 burst, u64 now, int tries)
{
	int took = 0;

	while (tries--)
		took += icf6_bucket_take(b, rate, burst, now);
	return took;
}

static void bucket(void **state)
{
	struct icf6_bucket b = { 0 };
	u64 now = 7 * ICF6_SEC;

	(void)state;
	assert_int_equal(take(&b, 100, 200, now, 1000), 200);
	assert_int_equal(take(&b, 100, 200, now, 1000), 0);
	assert_int_equal(take(&b, 100, 200, now + ICF6_SEC, 1000), 100);
	assert_int_equal(take(&b, 100, 200, now + 100 * ICF6_SEC, 1000), 200);
	assert_int_equal(take(&b, 100, 0, now + 200 * ICF6_SEC, 1000), 0);
	assert_int_equal(take(&b, 0, 0, now, 1000), 1000);
	b.full = 0;
	assert_int_equal(take(&b, 1000000, 1000000, now, 1000001), 1000000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(map),
		cmocka_unit_test(edges),
		cmocka_unit_test(sets),
		cmocka_unit_test(formula),
		cmocka_unit_test(sources),
		cmocka_unit_test(dests),
		cmocka_unit_test(scope),
		cmocka_unit_test(asked),
		cmocka_unit_test(asked_full),
		cmocka_unit_test(bucket),
	};

	return unit_main("tables", tests);
}
