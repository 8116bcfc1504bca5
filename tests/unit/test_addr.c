// SPDX-License-Identifier: GPL-2.0
/* Addresses: RFC 4380 sections 4 and 5.2.4, RFC 5991 section 3.1. */
#include "unit.h"
#include "vectors.h"

static const struct {
	const char *server;
	const char *mapped;
	u16 flags;
	const char *addr;
} addresses[] = {
	{ "203.0.113.120", "192.0.2.1:4096", 0, ADDR_A },
	{ "198.51.100.118", "192.0.2.10:8192", 0, ADDR_B },
	{ "203.0.113.120", "198.51.100.118:4095", 0,
	  "2001:0:cb00:7178:0:f000:39cc:9b89" },
	{ "203.0.113.120", "198.51.100.118:4096", 0,
	  "2001:0:cb00:7178:0:efff:39cc:9b89" },
	{ "65.54.227.120", "192.0.2.45:40000", 0x8000,
	  "2001:0:4136:e378:8000:63bf:3fff:fdd2" },
	{ "65.55.158.80", "70.55.215.234:3797", 0x8000,
	  "2001:0:4137:9e50:8000:f12a:b9c8:2815" },
	{ "203.0.113.120", "192.0.2.1:4096", 0x0ca5,
	  "2001:0:cb00:7178:ca5:efff:3fff:fdfe" },
	{ "203.0.113.120", "192.0.2.129:8192", 0x2c54,
	  "2001:0:cb00:7178:2c54:dfff:3fff:fd7e" },
	/* The documentation of Windows: port 5000, 131.107.0.1. */
	{ "1.2.3.4", "131.107.0.1:5000", 0, "2001:0:102:304:0:ec77:7c94:fffe" },
};

static void build(void **state)
{
	struct in6_addr addr;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		teredo_addr_build(&addr, htonl(TEREDO_PREFIX),
				  ip4(addresses[i].server), addresses[i].flags,
				  ep(addresses[i].mapped));
		assert_addr(addr, addresses[i].addr);
	}
}

static void take_apart(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		struct in6_addr addr = ip6(addresses[i].addr);

		assert_true(teredo_addr_is_teredo(&addr, htonl(TEREDO_PREFIX)));
		assert_int_equal(teredo_addr_server(&addr),
				 ip4(addresses[i].server));
		assert_int_equal(teredo_addr_flags(&addr), addresses[i].flags);
		assert_ep(teredo_addr_mapped(&addr), addresses[i].mapped);
	}
}

static void prefix(void **state)
{
	static const char *const others[] = {
		"2001:1:cb00:7178:0:efff:3fff:fdfe", "2002::1", "2001:db8::1",
		"3ffe:831f:cb00:7178:0:efff:3fff:fdfe", "fe80::1", "::",
		"ff02::1",
	};
	struct in6_addr addr;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		addr = ip6(others[i]);
		assert_false(teredo_addr_is_teredo(&addr,
						   htonl(TEREDO_PREFIX)));
	}

	/* A prefix of one's own takes the place of the usual one. */
	teredo_addr_build(&addr, htonl(TEREDO_OLD_PREFIX), ip4(SERVER_A), 0,
			  ep(MAPPED_A));
	assert_addr(addr, "3ffe:831f:cb00:7178:0:efff:3fff:fdfe");
	assert_true(teredo_addr_is_teredo(&addr, htonl(TEREDO_OLD_PREFIX)));
	addr = ip6(ADDR_A);
	assert_false(teredo_addr_is_teredo(&addr, htonl(TEREDO_OLD_PREFIX)));
}

/* 2001:0::/32 is 32 bits, not 16 and not 64. */
static void prefix_is_32_bits(void **state)
{
	struct in6_addr addr = ip6("2001::");
	int bit;

	(void)state;
	for (bit = 0; bit < 128; bit++) {
		struct in6_addr other = addr;

		other.s6_addr[bit / 8] ^= (u8)(0x80 >> bit % 8);
		assert_int_equal(teredo_addr_is_teredo(&other,
						       htonl(TEREDO_PREFIX)),
				 bit >= 32);
	}
}

static void random_mask(void **state)
{
	(void)state;
	/* Cone, z, universal and group stay 0: 12 bits are left. */
	assert_int_equal(TEREDO_FLAG_RANDOM, 0x3cff);
	assert_int_equal(TEREDO_FLAG_RANDOM & TEREDO_FLAG_CONE, 0);
	assert_int_equal(__builtin_popcount(TEREDO_FLAG_RANDOM), 12);
}

static void link_local(void **state)
{
	struct in6_addr addr;

	(void)state;
	teredo_lladdr_server(&addr, ip4("203.0.113.120"));
	assert_addr(addr, "fe80::8000:f227:34ff:8e87");
	teredo_lladdr_server(&addr, ip4("65.55.158.80"));
	assert_addr(addr, "fe80::8000:f227:bec8:61af");

	teredo_lladdr_client(&addr, false);
	assert_addr(addr, "fe80::ffff:ffff:ffff");
	teredo_lladdr_client(&addr, true);
	assert_addr(addr, "fe80::8000:ffff:ffff:ffff");

	/* What a user of Windows 10 saw on the Teredo interface. */
	teredo_lladdr_build(&addr, 0x1c8b, ep("183.240.196.118:8740"));
	assert_addr(addr, "fe80::1c8b:dddb:480f:3b89");
	assert_ep(teredo_addr_mapped(&addr), "183.240.196.118:8740");
	assert_int_equal(teredo_addr_flags(&addr), 0x1c8b);
}

static void link_local_from_hash(void **state)
{
	struct in6_addr addr;

	(void)state;
	teredo_lladdr_from_hash(&addr, ~0ULL);
	assert_addr(addr, "fe80::fcff:ffff:ffff:ffff");
	teredo_lladdr_from_hash(&addr, 0x708dfe834114a512ULL);
	assert_addr(addr, "fe80::708d:fe83:4114:a512");
	teredo_lladdr_from_hash(&addr, 0);
	assert_addr(addr, "fe80::");
}

static void kinds(void **state)
{
	static const struct {
		const char *addr;
		bool linklocal, multicast, all_nodes, all_routers, global;
	} kinds[] = {
		{ "::", 0, 0, 0, 0, 0 },
		{ "::1", 0, 0, 0, 0, 0 },
		{ "::ffff:192.0.2.1", 0, 0, 0, 0, 0 },
		{ "::192.0.2.1", 0, 0, 0, 0, 0 },
		{ "fe80::", 1, 0, 0, 0, 0 },
		{ "fe80::ffff:ffff:ffff", 1, 0, 0, 0, 0 },
		{ "fe80:1::1", 1, 0, 0, 0, 0 },
		{ "febf:ffff::1", 1, 0, 0, 0, 0 },
		{ "fe7f::1", 0, 0, 0, 0, 1 },
		{ "ff02::1", 0, 1, 1, 0, 0 },
		{ "ff02::2", 0, 1, 0, 1, 0 },
		{ "ff02::3", 0, 1, 0, 0, 0 },
		{ "ff02::1:0:1", 0, 1, 0, 0, 0 },
		{ "ff02:0:0:1::2", 0, 1, 0, 0, 0 },
		{ "ff05::2", 0, 1, 0, 0, 0 },
		{ "ff0e::1", 0, 1, 0, 0, 0 },
		{ "2::2", 0, 0, 0, 0, 0 },
		{ "100::1", 0, 0, 0, 0, 1 },
		{ "2001:db8::1", 0, 0, 0, 0, 1 },
		{ "2002:c000:201::1", 0, 0, 0, 0, 1 },
		{ ADDR_A, 0, 0, 0, 0, 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct in6_addr a = ip6(kinds[i].addr);

		assert_row(kinds[i].addr, teredo_addr_is_linklocal(&a),
			   kinds[i].linklocal);
		assert_row(kinds[i].addr, teredo_addr_is_multicast(&a),
			   kinds[i].multicast);
		assert_row(kinds[i].addr, teredo_addr_is_all_nodes(&a),
			   kinds[i].all_nodes);
		assert_row(kinds[i].addr, teredo_addr_is_all_routers(&a),
			   kinds[i].all_routers);
		assert_row(kinds[i].addr, teredo_addr_is_global(&a),
			   kinds[i].global);
	}
}

/* First and last address of each range that is not global, and what is next. */
static void global_unicast(void **state)
{
	static const struct {
		const char *ip;
		bool global, private;
	} ips[] = {
		{ "0.0.0.0", 0, 0 },
		{ "0.255.255.255", 0, 0 },
		{ "1.0.0.0", 1, 1 },
		{ "9.255.255.255", 1, 1 },
		{ "10.0.0.0", 0, 1 },
		{ "10.255.255.255", 0, 1 },
		{ "11.0.0.0", 1, 1 },
		{ "100.63.255.255", 1, 1 },
		{ "100.64.0.1", 1, 1 },
		{ "126.255.255.255", 1, 1 },
		{ "127.0.0.0", 0, 0 },
		{ "127.255.255.255", 0, 0 },
		{ "128.0.0.0", 1, 1 },
		{ "169.253.255.255", 1, 1 },
		{ "169.254.0.0", 0, 1 },
		{ "169.254.255.255", 0, 1 },
		{ "169.255.0.0", 1, 1 },
		{ "172.15.255.255", 1, 1 },
		{ "172.16.0.0", 0, 1 },
		{ "172.31.255.255", 0, 1 },
		{ "172.32.0.0", 1, 1 },
		{ "192.0.2.1", 1, 1 },
		{ "192.88.98.255", 1, 1 },
		{ "192.88.99.0", 0, 1 },
		{ "192.88.99.1", 0, 1 },
		{ "192.88.99.255", 0, 1 },
		{ "192.88.100.0", 1, 1 },
		{ "192.167.255.255", 1, 1 },
		{ "192.168.0.0", 0, 1 },
		{ "192.168.255.255", 0, 1 },
		{ "192.169.0.0", 1, 1 },
		{ "198.51.100.1", 1, 1 },
		{ "203.0.113.1", 1, 1 },
		{ "223.255.255.255", 1, 1 },
		{ "224.0.0.0", 0, 0 },
		{ "224.0.0.1", 0, 0 },
		{ "224.0.0.253", 0, 0 },
		{ "239.255.255.255", 0, 0 },
		{ "240.0.0.1", 1, 1 },
		{ "255.255.255.254", 1, 1 },
		{ "255.255.255.255", 0, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ips); i++) {
		assert_row(ips[i].ip,
			   teredo_ip_is_global(ip4(ips[i].ip), false),
			   ips[i].global);
		assert_row(ips[i].ip,
			   teredo_ip_is_global(ip4(ips[i].ip), true),
			   ips[i].private);
	}
}

static void equality(void **state)
{
	struct in6_addr a = ip6(ADDR_A);
	int bit;

	(void)state;
	assert_true(teredo_addr_eq(&a, &a));
	for (bit = 0; bit < 128; bit++) {
		struct in6_addr b = a;

		b.s6_addr[bit / 8] ^= (u8)(1 << bit % 8);
		assert_false(teredo_addr_eq(&a, &b));
	}

	assert_true(teredo_endpoint_eq(ep("1.2.3.4:5"), ep("1.2.3.4:5")));
	assert_false(teredo_endpoint_eq(ep("1.2.3.4:5"), ep("1.2.3.4:6")));
	assert_false(teredo_endpoint_eq(ep("1.2.3.4:5"), ep("1.2.3.5:5")));
	assert_true(teredo_endpoint_set(ep("1.2.3.4:5")));
	assert_false(teredo_endpoint_set(ep("0.0.0.0:5")));
	assert_false(teredo_endpoint_set(ep("1.2.3.4:0")));
}

/* The comparison of secrets finds a difference at each place. */
static void constant_time(void **state)
{
	u8 a[20] = { 1, 2, 3 }, b[20];
	size_t i;

	(void)state;
	memcpy(b, a, sizeof(b));
	assert_true(teredo_equal_const_time(a, b, sizeof(a)));
	for (i = 0; i < sizeof(a); i++) {
		b[i] ^= 0x80;
		assert_false(teredo_equal_const_time(a, b, sizeof(a)));
		b[i] ^= 0x80;
	}
	/* Two differences do not cancel out. */
	b[3] ^= 1;
	b[7] ^= 1;
	assert_false(teredo_equal_const_time(a, b, sizeof(a)));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(build),
		cmocka_unit_test(take_apart),
		cmocka_unit_test(prefix),
		cmocka_unit_test(prefix_is_32_bits),
		cmocka_unit_test(random_mask),
		cmocka_unit_test(link_local),
		cmocka_unit_test(link_local_from_hash),
		cmocka_unit_test(kinds),
		cmocka_unit_test(global_unicast),
		cmocka_unit_test(equality),
		cmocka_unit_test(constant_time),
	};

	return unit_main("addr", tests);
}
