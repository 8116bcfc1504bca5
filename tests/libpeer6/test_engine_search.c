// SPDX-License-Identifier: GPL-2.0-or-later
/* A search among peers that are dead, wrong, or lead nowhere; its records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "script.h"

/* --------------------------------------------------------------- resolving */

/* An engine that has begun to resolve "three" and knows @one, far from it. */
static struct net_node *resolver(struct net *net, struct script_peer *one,
				 struct script_peer *three, uint32_t *handle,
				 struct script_msg *m)
{
	struct net_node *node = script_engine(net);
	struct peer6_pnrp_query query;
	struct peer6_pnrp_id far = { { 0 } };

	script_peer(three, 3, "three", false, NULL);
	far.b[0] = three->route.id.b[0] ^ 0x80;
	script_peer(one, 1, NULL, false, &far);
	script_introduce(node, one);
	net_query(node, &query, "three", NULL);
	*handle = net_resolve(node, &query);
	peer6_pnrp_tick(node->engine, net->now);
	assert_true(script_expect(node, PEER6_PNRP_LOOKUP, m));
	return node;
}

static const struct net_event *step_of(const struct net_node *node,
				       uint32_t handle, unsigned int i)
{
	return net_event(node, PEER6_PNRP_EV_RESOLVE_STEP, handle, i);
}

static void busy_and_gone(void **state)
{
	static const struct {
		uint16_t			flags;
		enum peer6_pnrp_verdict		verdict;
		unsigned int			cached;
		int				error;
	} cases[] = {
		{ PEER6_PNRP_AUTH_B, PEER6_PNRP_HOP_BUSY, 1,
		  PEER6_E_TIMEOUT },
		{ PEER6_PNRP_AUTH_N, PEER6_PNRP_HOP_NOT_REGISTERED, 0,
		  PEER6_E_NOT_FOUND },
		{ PEER6_PNRP_AUTH_L, PEER6_PNRP_HOP_SUSPICIOUS, 1,
		  PEER6_E_NOT_FOUND },
		{ 0, PEER6_PNRP_HOP_DEAD_END, 1, PEER6_E_NOT_FOUND },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct net *net = net_new(88);
		struct script_peer one, three;
		struct net_node *node;
		struct script_msg m;
		uint32_t handle;

		node = resolver(net, &one, &three, &handle, &m);
		assert_int_equal(script_refer(node, &one, &m, cases[i].flags,
					      NULL), 0);
		assert_int_equal(step_of(node, handle, 0)->hop.verdict,
				 cases[i].verdict);
		assert_int_equal(script_stats(node).cached, cases[i].cached);
		net_run(net, 40 * PEER6_SECOND);
		assert_int_equal(net_event(node, PEER6_PNRP_EV_RESOLVE_END,
					   handle, 0)->e.error,
				 cases[i].error);
		net_free(net);
	}
}

/*
 * Everybody knows somebody closer, and it never ends: after six suspicious
 * answers, or 22 others, it does.
 */
static void chains_end(void **state)
{
	unsigned int suspicious;

	(void)state;
	for (suspicious = 0; suspicious < 2; suspicious++) {
		struct net *net = net_new(97);
		struct script_peer one, three, next;
		struct net_node *node;
		struct peer6_pnrp_id id;
		struct script_msg m;
		unsigned int n = 0;
		uint32_t handle;

		node = resolver(net, &one, &three, &handle, &m);
		do {
			id = three.route.id;
			id.b[(n + 8) / 8] ^= (uint8_t)(0x80 >> n % 8);
			script_peer(&next, 20 + n++, NULL, false, &id);
			memcpy(one.ep.addr, m.to.addr, 16);
			assert_int_equal(script_refer(node, &one, &m,
				suspicious ? PEER6_PNRP_AUTH_L : 0, &next), 0);
		} while (script_expect(node, PEER6_PNRP_LOOKUP, &m));
		assert_int_equal(n, suspicious ? 7 : 23);
		assert_int_equal(net_event(node, PEER6_PNRP_EV_RESOLVE_END,
					   handle, 0)->e.error,
				 PEER6_E_NOT_FOUND);
		net_free(net);
	}
}

/* A good record, but not of the one whose name was asked for. */
static void somebody_elses_name(void **state)
{
	static const struct {
		bool	peer, query;	/* secured */
	} cases[] = { { false, true }, { true, true }, { true, false } };
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct net *net = net_new(98);
		struct net_node *node = script_engine(net);
		struct peer6_pnrp_query query;
		struct net_node wanted;
		struct script_peer peer;
		struct script_msg m;
		uint32_t handle;

		memset(wanted.signer.key, 0x42, sizeof(wanted.signer.key));
		script_peer(&peer, 5, "name", cases[i].peer, NULL);
		script_introduce(node, &peer);
		net_query(node, &query, "name",
			  cases[i].query ? &wanted : NULL);
		/* Any ID will do. */
		query.criteria = PEER6_PNRP_UPPER_BITS;
		query.precision = 0;
		handle = net_resolve(node, &query);
		peer6_pnrp_tick(node->engine, net->now);
		assert_true(script_expect(node, PEER6_PNRP_LOOKUP, &m));
		script_refer(node, &peer, &m, 0, NULL);
		do {
			assert_true(script_expect(node, PEER6_PNRP_INQUIRE,
						  &m));
		} while (!(m.msg.flags & PEER6_PNRP_INQUIRE_X));
		script_show(node, &peer, &m);
		assert_int_equal(net_event(node, PEER6_PNRP_EV_DROP, 0,
					   0)->e.error, PEER6_E_ID_MISMATCH);
		assert_int_equal(net_event(node, PEER6_PNRP_EV_RESOLVE_END,
					   handle, 0)->e.error,
				 PEER6_E_NOT_FOUND);
		net_free(net);
	}
}

/* A node is asked three times at most, then its referrals are over. */
static void a_hop_has_three_uses(void **state)
{
	struct net *net = net_new(89);
	struct script_peer one, three, dead;
	struct net_node *node;
	struct peer6_pnrp_id id;
	struct script_msg m;
	unsigned int i, asked = 1;
	uint32_t handle;

	(void)state;
	node = resolver(net, &one, &three, &handle, &m);
	for (i = 0; i < 3; i++) {
		/* Nodes that are nearer, and do not answer. */
		id = three.route.id;
		id.b[2] ^= (uint8_t)(1 << i);
		script_peer(&dead, 20 + i, NULL, false, &id);
		assert_int_equal(script_refer(node, &one, &m, 0, &dead), 0);
		assert_true(script_expect(node, PEER6_PNRP_LOOKUP, &m));
		assert_memory_equal(m.to.addr, dead.ep.addr, 16);
		net->now += PEER6_SECOND;
		peer6_pnrp_tick(node->engine, net->now);
		net->now += PEER6_SECOND;
		peer6_pnrp_tick(node->engine, net->now);
		while (script_expect(node, PEER6_PNRP_LOOKUP, &m))
			if (!memcmp(m.to.addr, one.ep.addr, 16)) {
				asked++;
				break;
			}
	}
	assert_int_equal(asked, 3);
	assert_int_equal(net_event(node, PEER6_PNRP_EV_RESOLVE_END, handle,
				   0)->e.error, PEER6_E_NOT_FOUND);
	net_free(net);
}

/* Referrals that lead in circles, to us or to nobody are not followed. */
static void useless_referrals(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct net *net = net_new(90);
		struct script_peer one, three, bad;
		struct net_node *node;
		struct script_msg m;
		uint32_t handle;

		node = resolver(net, &one, &three, &handle, &m);
		script_peer(&bad, 30, "three", false, NULL);
		if (i == 0)
			memcpy(bad.route.addrs[0], node->ep.addr, 16);
		if (i == 1)
			bad.route.port = 1024;
		if (i == 2)
			bad.route.addrs[0][0] = 0xff;
		if (i == 3)
			memset(&bad.route.id, 0, 32);
		assert_int_equal(script_refer(node, &one, &m, 0, &bad), 0);
		assert_false(script_expect(node, PEER6_PNRP_LOOKUP, &m));
		assert_int_equal(net_event(node, PEER6_PNRP_EV_RESOLVE_END,
					   handle, 0)->e.error,
				 PEER6_E_NOT_FOUND);
		net_free(net);
	}
}

/* The owner of a name is asked once more before it is given up. */
static void owner_is_asked_twice(void **state)
{
	struct net *net = net_new(91);
	struct script_peer one, three;
	struct net_node *node;
	struct script_msg m;
	unsigned int asked = 0;
	uint32_t handle;

	(void)state;
	node = resolver(net, &one, &three, &handle, &m);
	assert_int_equal(script_refer(node, &one, &m, 0, &three), 0);
	do {
		while (script_take(node, &m))
			asked += m.msg.type == PEER6_PNRP_LOOKUP &&
				 !memcmp(m.to.addr, three.ep.addr, 16);
		net->now += PEER6_SECOND;
		peer6_pnrp_tick(node->engine, net->now);
	} while (!net_event(node, PEER6_PNRP_EV_RESOLVE_END, handle, 0));
	assert_int_equal(asked, 4);	/* twice two transmissions */
	net_free(net);
}

/* ------------------------------------------------------------------- splits */

enum split_case {
	SPLIT_NONE,		/* the nearest known is found */
	SPLIT_BIGGER_KNOWN,	/* one is found that is known, not nearest */
	SPLIT_BIGGER,		/* an unknown one, farther than the known */
	SPLIT_SMALLER,		/* an unknown one, nearer */
	SPLIT_CASES,
};

/* What a seed finds nearest to our ID, and what follows from it. */
static void split_verdicts(void **state)
{
	enum split_case c;

	(void)state;
	for (c = 0; c < SPLIT_CASES; c++) {
		struct net *net = net_new(100);
		struct script_peer seed, peer[3], *found;
		const struct net_event *split;
		struct peer6_pnrp_id id;
		struct net_node *node;
		struct script_msg m;
		unsigned int i;
		bool asked;

		node = script_publisher(net, "mine", &id);
		/* 0 and 1 are known, 2 is not; from near to far: 2 0 1. */
		for (i = 0; i < 3; i++) {
			script_peer(&peer[i], 5 + i, "mine", false, NULL);
			memcpy(peer[i].route.id.b + 16, id.b + 16, 16);
			peer[i].route.id.b[16] ^= (uint8_t)(2u << i);
			if (i == 2)
				peer[i].route.id.b[16] ^= 1 ^ 8;
			if (i == 2 && c == SPLIT_BIGGER)
				peer[i].route.id.b[16] ^= 0x40;
			if (i == 2)
				break;
			script_tell(node, &peer[i]);
			assert_true(script_obey(node, &peer[i].route.id, &m));
			script_show(node, &peer[i], &m);
			script_obey(node, &peer[i].route.id, &m);
		}
		/* What the announcement is about is another test's. */
		peer6_pnrp_tick(node->engine, net->now);
		for (i = 0; i < 3 && script_expect(node, PEER6_PNRP_LOOKUP,
						   &m); i++) {
			seed.ep = m.to;
			script_refer(node, &seed, &m, 0, NULL);
		}
		assert_int_equal(script_stats(node).cached, 2);
		seed.ep = net_endpoint(9);
		peer6_pnrp_set_seeds(node->engine, &seed.ep, 1);
		found = &peer[c == SPLIT_NONE ? 0 :
			      c == SPLIT_BIGGER_KNOWN ? 1 : 2];
		assert_int_equal(peer6_pnrp_repair(node->engine, net->now),
				 0);
		peer6_pnrp_tick(node->engine, net->now);
		assert_true(script_expect(node, PEER6_PNRP_LOOKUP, &m));
		assert_int_equal(m.msg.reason, PEER6_PNRP_SPLIT_DETECTION);
		assert_memory_equal(m.to.addr, seed.ep.addr, 16);
		for (i = 0; i < 32; i++)
			assert_int_equal(m.msg.validate.b[i], 0);
		script_refer(node, &seed, &m, 0, found);
		assert_true(script_expect(node, PEER6_PNRP_LOOKUP, &m));
		assert_memory_equal(m.to.addr, found->ep.addr, 16);
		script_refer(node, found, &m, 0, NULL);
		do {
			assert_true(script_take(node, &m));
			if (m.msg.type == PEER6_PNRP_LOOKUP)
				script_refer(node, &seed, &m, 0, NULL);
		} while (!(m.msg.flags & PEER6_PNRP_INQUIRE_X));
		script_show(node, found, &m);
		split = net_event(node, PEER6_PNRP_EV_SPLIT, 0, 0);
		assert_true(!split == (c == SPLIT_NONE));
		if (split)
			assert_int_equal(split->e.value, c == SPLIT_SMALLER);
		peer6_pnrp_tick(node->engine, net->now);
		for (asked = false, i = 0; script_take(node, &m);) {
			asked |= m.msg.type == PEER6_PNRP_INQUIRE &&
				 !memcmp(&m.msg.validate, &peer[2].route.id,
					 32);
			/* Our name is made known from there on. */
			i += m.msg.type == PEER6_PNRP_LOOKUP &&
			     m.msg.reason == PEER6_PNRP_REGISTRATION &&
			     !memcmp(m.to.addr, found->ep.addr, 16);
		}
		assert_int_equal(asked, c >= SPLIT_BIGGER);
		assert_int_equal(i, c == SPLIT_SMALLER);
		net_free(net);
	}
}

/* ---------------------------------------------------------------- fragments */

/* The record of @three with a payload, as the bytes of its buffer. */
static size_t big_buffer(const struct script_peer *three,
			 const struct script_msg *m, peer6_time now,
			 int spoil, uint8_t *buf, size_t size)
{
	static uint8_t text[3000];
	struct peer6_pnrp_payload payload = { 0 };
	struct peer6_pnrp_authority a = { 0 };
	uint8_t cpa_bytes[PEER6_PNRP_CPA_MAX], bytes[5000];
	uint8_t sig[PEER6_PNRP_SIG_LEN];
	struct peer6_pnrp_cpa cpa;
	ptrdiff_t len;

	script_cpa(three, &cpa, m->msg.nonce, now);
	cpa.flags |= PEER6_PNRP_CPA_X;
	a.cpa.p = cpa_bytes;
	a.cpa.len = script_sign_cpa(three, &cpa, cpa_bytes,
				    sizeof(cpa_bytes));
	payload.not_after = cpa.not_after;
	payload.id = three->route.id;
	memcpy(payload.nonce, m->msg.nonce, sizeof(payload.nonce));
	payload.type = PEER6_PNRP_PAYLOAD_BINARY;
	payload.data.p = text;
	payload.data.len = sizeof(text);
	if (spoil == 1)
		payload.not_after = NET_EPOCH - 1;
	if (spoil == 2)
		payload.id.b[0] ^= 1;
	if (spoil == 3)
		payload.nonce[0] ^= 1;
	len = peer6_pnrp_payload_encode(&payload, bytes, sizeof(bytes));
	assert_true(len > 0);
	net_sign(&three->signer, bytes, (size_t)len, sig);
	if (spoil == 4)
		sig[0] ^= 1;
	len += peer6_pnrp_signature_encode(sig, bytes + len,
					   sizeof(bytes) - (size_t)len);
	a.payload.p = bytes;
	a.payload.len = (size_t)len;
	len = peer6_pnrp_authority_encode(&a, NULL, buf, size);
	assert_true(len > 2 * PEER6_PNRP_FRAGMENT);
	return (size_t)len;
}

/* Fragment i of @buf, from @from, with message ID @id. */
static int fragment(struct net_node *node, const struct peer6_endpoint *from,
		    const struct script_msg *to, uint32_t id,
		    const uint8_t *buf, size_t len, unsigned int i)
{
	struct peer6_pnrp_msg msg = {
		.type = PEER6_PNRP_AUTHORITY, .id = id, .acked = to->msg.id,
		.size = (uint16_t)len,
		.offset = (uint16_t)(i * PEER6_PNRP_FRAGMENT),
	};

	msg.fragment.p = buf + msg.offset;
	msg.fragment.len = len - msg.offset;
	if (msg.fragment.len > PEER6_PNRP_FRAGMENT)
		msg.fragment.len = PEER6_PNRP_FRAGMENT;
	return script_inject(node, from, &msg);
}

/* Up to the INQUIRE for the record of @three. */
static struct net_node *inquirer(struct net *net, struct script_peer *three,
				 uint32_t *handle, struct script_msg *m)
{
	struct script_peer one;
	struct net_node *node = resolver(net, &one, three, handle, m);

	assert_int_equal(script_refer(node, &one, m, 0, three), 0);
	assert_true(script_expect(node, PEER6_PNRP_LOOKUP, m));
	assert_int_equal(script_refer(node, three, m, 0, NULL), 0);
	do {
		assert_true(script_expect(node, PEER6_PNRP_INQUIRE, m));
	} while (!(m->msg.flags & PEER6_PNRP_INQUIRE_X));
	return node;
}

static void fragments(void **state)
{
	struct net *net = net_new(92);
	struct peer6_endpoint other = net_endpoint(40);
	struct script_peer three;
	struct net_node *node;
	struct script_msg m, copy;
	uint8_t buf[6000];
	uint32_t handle;
	size_t len;

	(void)state;
	node = inquirer(net, &three, &handle, &m);
	len = big_buffer(&three, &m, net->now, 0, buf, sizeof(buf));
	/* Some of the first answer, some of it twice, some by a stranger. */
	assert_int_equal(fragment(node, &three.ep, &m, 1, buf, len, 2), 0);
	assert_int_equal(fragment(node, &three.ep, &m, 1, buf, len, 2), 0);
	assert_int_equal(fragment(node, &other, &m, 1, buf, len, 0),
			 PEER6_E_UNEXPECTED);
	assert_int_equal(script_stats(node).reassemblies, 1);
	/* Of another size: it is all wrong, and forgotten. */
	assert_int_equal(fragment(node, &three.ep, &m, 1, buf, len - 1, 0),
			 PEER6_E_LENGTH);
	assert_int_equal(script_stats(node).reassemblies, 0);
	assert_int_equal(fragment(node, &three.ep, &m, 1, buf, len, 1), 0);
	assert_int_equal(fragment(node, &three.ep, &m, 1, buf, len, 3), 0);
	/* The rest is lost; the question is asked again with its old ID. */
	net->now += PEER6_SECOND;
	peer6_pnrp_tick(node->engine, net->now);
	assert_int_equal(script_stats(node).reassemblies, 0);
	assert_true(script_expect(node, PEER6_PNRP_INQUIRE, &copy));
	while (copy.msg.id != m.msg.id)
		assert_true(script_expect(node, PEER6_PNRP_INQUIRE, &copy));
	assert_int_equal(copy.len, m.len);
	assert_memory_equal(copy.bytes, m.bytes, m.len);
	/* A straggler of the first answer, then the second in disorder. */
	assert_int_equal(fragment(node, &three.ep, &m, 1, buf, len, 0), 0);
	assert_int_equal(fragment(node, &three.ep, &m, 2, buf, len, 3), 0);
	assert_int_equal(fragment(node, &three.ep, &m, 2, buf, len, 0), 0);
	assert_int_equal(fragment(node, &three.ep, &m, 2, buf, len, 2), 0);
	assert_null(net_event(node, PEER6_PNRP_EV_RESOLVE_RESULT, handle, 0));
	assert_int_equal(fragment(node, &three.ep, &m, 2, buf, len, 1), 0);
	assert_int_equal(net_event(node, PEER6_PNRP_EV_RESOLVE_RESULT, handle,
				   0)->n_payload, 3000);
	assert_int_equal(script_stats(node).reassemblies, 0);
	net_free(net);
}

static void bad_payloads(void **state)
{
	static const int why[] = {
		0, PEER6_E_EXPIRED, PEER6_E_ID_MISMATCH, PEER6_E_NONCE,
		PEER6_E_SIGNATURE,
	};
	int spoil;

	(void)state;
	for (spoil = 0; spoil < 5; spoil++) {
		struct net *net = net_new(93);
		const struct net_event *drop;
		struct script_peer three;
		struct net_node *node;
		struct script_msg m;
		uint8_t buf[6000];
		unsigned int i;
		uint32_t handle;
		size_t len;

		node = inquirer(net, &three, &handle, &m);
		len = big_buffer(&three, &m, net->now, spoil, buf,
				 sizeof(buf));
		for (i = 0; i < 4; i++)
			assert_int_equal(fragment(node, &three.ep, &m, 1, buf,
						  len, i), 0);
		drop = net_event(node, PEER6_PNRP_EV_DROP, 0, 0);
		assert_int_equal(drop ? drop->e.error : 0, why[spoil]);
		assert_true(!net_event(node, PEER6_PNRP_EV_RESOLVE_RESULT,
				       handle, 0) == (spoil > 0));
		net_free(net);
	}
}

/* ------------------------------------------------------------ special names */

/* Without a classifier, and delegated by one whose bytes are reversed. */
static void special_names(void **state)
{
	const struct peer6_pnrp_config forward = {
		.no_multicast = true, .dialect = { .authority_forward = true },
	};
	struct net *net = net_new(94);
	struct net_node *root = net_add(net), *asker = net_add(net), *owner;
	uint8_t chain[20 + PEER6_PNRP_KEY_LEN];
	const struct net_event *result;
	struct peer6_pnrp_query query;
	struct net_name name;
	uint32_t handle, mine;

	(void)state;
	owner = net_add_as(net, &forward);
	peer6_pnrp_open(root->engine, net->now);
	assert_int_not_equal(net_register(root, "", true), 0);
	peer6_pnrp_open(asker->engine, net->now);
	peer6_pnrp_open(owner->engine, net->now);
	net_name(root, &name, "team", true);
	name.reg.signer = &owner->signer;
	memcpy(chain, name.reg.authority, 20);
	memcpy(chain + 20, owner->signer.key, PEER6_PNRP_KEY_LEN);
	name.reg.chain = chain;
	name.reg.n_chain = sizeof(chain);
	assert_int_equal(net_register_as(owner, &name.reg, &mine), 0);
	net_run(net, 20 * PEER6_SECOND);
	net_query(asker, &query, "", root);
	handle = net_resolve(asker, &query);
	assert_int_equal(net_finish(asker, handle)->e.error, 0);
	result = net_event(asker, PEER6_PNRP_EV_RESOLVE_RESULT, handle, 0);
	assert_true(result->secure);
	assert_int_equal(result->n_classifier, 0);
	net_query(asker, &query, "team", root);
	handle = net_resolve(asker, &query);
	assert_int_equal(net_finish(asker, handle)->e.error, 0);
	result = net_event(asker, PEER6_PNRP_EV_RESOLVE_RESULT, handle, 0);
	assert_true(result->delegated);
	/* Its revoke has no chain with it, so the owner is asked. */
	peer6_pnrp_unregister(owner->engine, mine, net->now);
	net_run(net, PEER6_SECOND);
	handle = net_resolve(asker, &query);
	assert_int_equal(net_finish(asker, handle)->e.error,
			 PEER6_E_NOT_FOUND);
	net_free(net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(busy_and_gone),
		cmocka_unit_test(chains_end),
		cmocka_unit_test(somebody_elses_name),
		cmocka_unit_test(a_hop_has_three_uses),
		cmocka_unit_test(useless_referrals),
		cmocka_unit_test(owner_is_asked_twice),
		cmocka_unit_test(split_verdicts),
		cmocka_unit_test(fragments),
		cmocka_unit_test(bad_payloads),
		cmocka_unit_test(special_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
