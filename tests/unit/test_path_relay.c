// SPDX-License-Identifier: GPL-2.0
/* What relays take: RFC 4380 section 5.4.2, and loops between relays. */
#include "path_host.h"

#define LL_OTHER	"fe800000 00000000 708dfe83 4114a512"
#define LOOPBACK	"00000000 00000000 00000000 00000001"

/* Client B's bubble to @daddr. */
static struct bytes bubble_to(const struct in6_addr *daddr)
{
	struct in6_addr b = ip6(ADDR_B);
	struct bytes bytes = { .len = TEREDO_BUBBLE_LEN };

	teredo_build_bubble(bytes.data, &b, daddr, 0);
	return bytes;
}

static struct bytes proof_bubble(struct peering *p)
{
	struct in6_addr b = ip6(ADDR_B), proof;

	teredo_proof_address(&p->u.env, &b, &proof);
	return bubble_to(&proof);
}

static void dropped(void **state)
{
	static const struct {
		const char *name, *digits, *from;
		enum teredo_reason reason;
	} drops[] = {
		{ "native source", UDP(HEX_N, HEX_N), RELAY_IP,
		  TEREDO_REASON_NOT_TEREDO_SOURCE },
		{ "6to4 source",
		  UDP("2002c000 02010000 00000000 00000001", HEX_N), RELAY_IP,
		  TEREDO_REASON_NOT_TEREDO_SOURCE },
		{ "link-local data", UDP(LL_OTHER, HEX_N), RELAY_IP,
		  TEREDO_REASON_LINK_LOCAL_SOURCE },
		{ "link-local bubble", BUBBLE(LL_OTHER, HEX_N), RELAY_IP,
		  TEREDO_REASON_NOT_TEREDO_SOURCE },
		{ "mapping mismatch", UDP(HEX_B, HEX_N), "192.0.2.10:8193",
		  TEREDO_REASON_MAPPING_MISMATCH },
		{ "bubble, mapping mismatch", BUBBLE(HEX_B, HEX_N),
		  "192.0.2.10:8193", TEREDO_REASON_MAPPING_MISMATCH },
		{ "client at 10.0.0.1 and from there",
		  UDP("20010000 c6336476 0000dfff f5fffffe", HEX_N),
		  "10.0.0.1:8192", TEREDO_REASON_OUTER_SOURCE },
		{ "unknown client", UDP(HEX_B, HEX_N), MAPPED_B,
		  TEREDO_REASON_UNKNOWN_PEER },
		{ "unknown client's bubble", BUBBLE(HEX_B, HEX_N), MAPPED_B,
		  TEREDO_REASON_UNKNOWN_PEER },
		{ "bubble to a link-local address that is not ours",
		  BUBBLE(HEX_B, LL_OTHER), MAPPED_B,
		  TEREDO_REASON_BUBBLE_PROOF },
		{ "origin", "0000dfff 3ffffdf5" UDP(HEX_B, HEX_N), MAPPED_B,
		  TEREDO_REASON_ORIGIN_NOT_SERVER },
		{ "multicast destination",
		  UDP(HEX_B, "ff0e0000 00000000 00000000 00000001"), MAPPED_B,
		  TEREDO_REASON_MULTICAST },
		{ "routing header of type 0",
		  "60000000 00182b40" HEX_B HEX_N "3b020001 00000000" HEX_N,
		  MAPPED_B, TEREDO_REASON_ROUTING_HEADER },
	};
	static const enum teredo_role roles[] = {
		TEREDO_ROLE_RELAY, TEREDO_ROLE_HOST_RELAY,
	};
	struct peering p;
	size_t i, j;

	(void)state;
	for (j = 0; j < ARRAY_SIZE(roles); j++)
		for (i = 0; i < ARRAY_SIZE(drops); i++) {
			relay_init(&p, roles[j]);
			p.local_daddr = true;
			assert_row(drops[i].name,
				   path_input(&p, drops[i].digits,
					      drops[i].from), TEREDO_DROP);
			assert_reason_row(drops[i].name, p.act.reason,
					  drops[i].reason);
			assert_row(drops[i].name, p.act.n, 0);
			/* A relay makes no state for those who send to it. */
			assert_row(drops[i].name, p.known, false);
		}

	relay_init(&p, TEREDO_ROLE_RELAY);
	assert_drop(&p, path_input_bytes(&p, proof_bubble(&p), MAPPED_B),
		    TEREDO_REASON_UNKNOWN_PEER);
	p.self.usable = false;
	assert_drop(&p, path_input(&p, UDP(HEX_B, HEX_N), MAPPED_B),
		    TEREDO_REASON_NOT_QUALIFIED);
}

/* The exchange of section 5.4.1: data waits, a bubble comes back, it goes. */
static void exchange(void **state)
{
	struct peering p;
	struct in6_addr proof;

	(void)state;
	relay_init(&p, TEREDO_ROLE_RELAY);
	peer_init(&p, ADDR_B);
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	proof = p.act.emit[0].saddr;
	p.now += 50 * TEREDO_MSEC;
	assert_verdict(path_input_bytes(&p, bubble_to(&proof), MAPPED_B),
		       TEREDO_CONSUME);
	assert_true(p.act.trusted);
	assert_int_equal(p.act.n, 0);
	assert_ep(p.path.mapped, MAPPED_B);
	assert_verdict(path_output(&p), TEREDO_SEND);
	assert_verdict(path_input(&p, UDP(HEX_B, HEX_N), MAPPED_B),
		       TEREDO_ACCEPT);
}

/* A client behind a symmetric NAT: its bubble proves where it is. */
static void proof_from_elsewhere(void **state)
{
	struct peering p;

	(void)state;
	relay_init(&p, TEREDO_ROLE_RELAY);
	peer_init(&p, ADDR_B);
	path_output(&p);
	assert_drop(&p, path_input(&p, UDP(HEX_B, HEX_N), "192.0.2.10:9999"),
		    TEREDO_REASON_MAPPING_MISMATCH);
	assert_drop(&p, path_input_bytes(&p, proof_bubble(&p), "10.0.0.1:1"),
		    TEREDO_REASON_OUTER_SOURCE);
	assert_verdict(path_input_bytes(&p, proof_bubble(&p),
					"192.0.2.10:9999"), TEREDO_CONSUME);
	assert_true(p.act.trusted);
	assert_ep(p.path.mapped, "192.0.2.10:9999");
	assert_verdict(path_input(&p, UDP(HEX_B, HEX_N), "192.0.2.10:9999"),
		       TEREDO_ACCEPT);
	assert_verdict(path_output(&p), TEREDO_SEND);
}

/* CVE-2006-6858: every bit of the proof counts, and so does the key. */
static void wrong_proof(void **state)
{
	struct peering p;
	int bit;

	(void)state;
	relay_init(&p, TEREDO_ROLE_RELAY);
	peer_init(&p, ADDR_B);
	path_output(&p);
	for (bit = 64; bit < 128; bit++) {
		struct bytes b = proof_bubble(&p);

		b.data[24 + bit / 8] ^= (u8)(0x80 >> bit % 8);
		assert_drop(&p, path_input_bytes(&p, b, "192.0.2.66:1"),
			    TEREDO_REASON_BUBBLE_PROOF);
		assert_false(p.path.flags & TEREDO_PATH_TRUSTED);
	}
	/* Another client's proof. */
	{
		struct in6_addr other = ip6(ADDR_A), proof;

		teredo_proof_address(&p.u.env, &other, &proof);
		assert_drop(&p, path_input_bytes(&p, bubble_to(&proof),
						 MAPPED_B),
			    TEREDO_REASON_BUBBLE_PROOF);
	}
}

/* Windows answers to the native host's address as well. */
static void bubble_to_the_native_host(void **state)
{
	struct peering p;

	(void)state;
	relay_init(&p, TEREDO_ROLE_RELAY);
	peer_init(&p, ADDR_B);
	path_output(&p);
	assert_verdict(path_input(&p, BUBBLE(HEX_B, HEX_N), MAPPED_B),
		       TEREDO_CONSUME);
	assert_true(p.act.trusted);
}

/* Section 5.4.2, rule 4: which destinations are served. */
static void served(void **state)
{
	struct peering p;

	(void)state;
	/* Teredo to Teredo would be the loop between two relays. */
	relay_init(&p, TEREDO_ROLE_RELAY);
	peer_trust(&p, ADDR_B, MAPPED_B);
	assert_drop(&p, path_input(&p, UDP(HEX_B, HEX_A), MAPPED_B),
		    TEREDO_REASON_NOT_SERVED);
	assert_drop(&p, path_input(&p, UDP(HEX_B, LL_OTHER), MAPPED_B),
		    TEREDO_REASON_NOT_GLOBAL);
	assert_drop(&p, path_input(&p, UDP(HEX_B, LOOPBACK), MAPPED_B),
		    TEREDO_REASON_NOT_GLOBAL);
	assert_verdict(path_input(&p, UDP(HEX_B, HEX_N), MAPPED_B),
		       TEREDO_ACCEPT);

	/* A host's own relay serves the host alone. */
	relay_init(&p, TEREDO_ROLE_HOST_RELAY);
	peer_trust(&p, ADDR_B, MAPPED_B);
	p.local_daddr = false;
	assert_drop(&p, path_input(&p, UDP(HEX_B, HEX_N), MAPPED_B),
		    TEREDO_REASON_NOT_SERVED);
	p.local_daddr = true;
	assert_verdict(path_input(&p, UDP(HEX_B, HEX_N), MAPPED_B),
		       TEREDO_ACCEPT);
}

/* No answer: four bubbles, then the entry is done with. */
static void no_answer(void **state)
{
	struct peering p;
	int i;

	(void)state;
	relay_init(&p, TEREDO_ROLE_RELAY);
	peer_init(&p, ADDR_B);
	assert_verdict(path_output(&p), TEREDO_QUEUE);
	for (i = 0; i < 3; i++) {
		p.now = p.path.deadline;
		path_tick(&p);
		assert_int_equal(p.act.n, 1);
		assert_ep(p.act.emit[0].to, SERVER_B ":3544");
	}
	p.now = p.path.deadline;
	path_tick(&p);
	assert_int_equal(p.act.n, 0);
	assert_true(p.act.failed);
	assert_drop(&p, path_output(&p), TEREDO_REASON_PEER_UNREACHABLE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(dropped),
		cmocka_unit_test(exchange),
		cmocka_unit_test(proof_from_elsewhere),
		cmocka_unit_test(wrong_proof),
		cmocka_unit_test(bubble_to_the_native_host),
		cmocka_unit_test(served),
		cmocka_unit_test(no_answer),
	};

	return unit_main("path-relay", tests);
}
