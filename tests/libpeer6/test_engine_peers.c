// SPDX-License-Identifier: GPL-2.0-or-later
/* One engine among peers that keep the rules, bend them, or break them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "script.h"

/* ------------------------------------------------------------- leaf sets */

enum leaf_case {
	LEAF_GOOD,
	LEAF_NO_CPA,
	LEAF_OTHER_ADDRESS,
	LEAF_OTHER_PORT,
	LEAF_MORE_ADDRESSES,
	LEAF_BAD_SIGNATURE,
	LEAF_CASES,
};

/* An entry of a leaf set has to show a CPA of that ID with those addresses. */
static void leaf_sets_want_records(void **state)
{
	enum leaf_case c;

	(void)state;
	for (c = 0; c < LEAF_CASES; c++) {
		struct net *net = net_new(81);
		struct peer6_pnrp_authority a = { 0 };
		uint8_t buf[PEER6_PNRP_CPA_MAX];
		struct peer6_pnrp_cached cached;
		struct peer6_pnrp_cpa cpa;
		struct script_peer peer;
		struct peer6_pnrp_id id;
		struct net_node *node;
		struct script_msg m;

		node = script_publisher(net, "mine", &id);
		script_peer(&peer, 5, "peer", false, NULL);
		script_tell(node, &peer);
		assert_true(script_expect(node, PEER6_PNRP_INQUIRE, &m));
		assert_int_equal(m.msg.flags, PEER6_PNRP_INQUIRE_A |
				 PEER6_PNRP_INQUIRE_C);
		assert_true(m.msg.has_nonce);
		script_cpa(&peer, &cpa, m.msg.nonce, net->now);
		if (c == LEAF_OTHER_ADDRESS)
			cpa.service[0].addr[15]++;
		if (c == LEAF_OTHER_PORT)
			cpa.service[0].port++;
		if (c == LEAF_MORE_ADDRESSES) {
			cpa.service[1] = net_endpoint(66);
			cpa.n_service = 2;
		}
		if (c != LEAF_NO_CPA) {
			a.cpa.p = buf;
			a.cpa.len = script_sign_cpa(&peer, &cpa, buf,
						    sizeof(buf));
		}
		if (c == LEAF_BAD_SIGNATURE)
			buf[a.cpa.len - 1] ^= 1;
		assert_int_equal(script_authority(node, &peer, &m, &a), 0);
		assert_int_equal(script_stats(node).cached, c == LEAF_GOOD);
		if (c == LEAF_GOOD) {
			peer6_pnrp_get_cached(node->engine, 0, &cached);
			assert_true(cached.leaf);
		}
		net_free(net);
	}
}

/*
 * An entry out of the leaf sets needs no record. If one of them gets room for
 * it while it is asked, it does.
 */
static void leaf_set_gets_room(void **state)
{
	struct net *net = net_new(82);
	struct script_peer peer[6];
	struct peer6_pnrp_id id;
	struct net_node *node;
	struct script_msg m, probe;
	unsigned int i;

	(void)state;
	node = script_publisher(net, "mine", &id);
	/* Six instances of the same name, all above, each next to the other. */
	for (i = 0; i < 6; i++) {
		script_peer(&peer[i], 5 + i, "mine", false, NULL);
		memcpy(peer[i].route.id.b + 16, id.b + 16, 16);
		peer[i].route.id.b[24] = (uint8_t)(id.b[24] + 1 + i);
		if (peer[i].route.id.b[24] <= id.b[24])
			peer[i].route.id.b[23]++;
	}
	for (i = 0; i < 5; i++) {
		script_tell(node, &peer[i]);
		assert_true(script_obey(node, &peer[i].route.id, &m));
		assert_int_equal(m.msg.flags, PEER6_PNRP_INQUIRE_A |
				 PEER6_PNRP_INQUIRE_C);
		script_show(node, &peer[i], &m);
		script_obey(node, &peer[i].route.id, &m);
	}
	assert_int_equal(script_stats(node).leaves, 5);
	net->now += 10 * PEER6_SECOND;
	peer6_pnrp_tick(node->engine, net->now);
	assert_true(script_obey(node, &peer[0].route.id, &probe));
	assert_int_equal(script_stats(node).leaves, 5);
	script_tell(node, &peer[5]);
	assert_true(script_obey(node, &peer[5].route.id, &m));
	assert_int_equal(m.msg.flags, 0);
	assert_false(m.msg.has_nonce);
	script_refer(node, &peer[0], &probe, PEER6_PNRP_AUTH_N, NULL);
	assert_int_equal(script_stats(node).leaves, 4);
	script_refer(node, &peer[5], &m, 0, NULL);
	assert_int_equal(script_stats(node).cached, 4);
	assert_true(script_obey(node, &peer[5].route.id, &m));
	assert_int_equal(m.msg.flags, PEER6_PNRP_INQUIRE_A |
			 PEER6_PNRP_INQUIRE_C);
	script_show(node, &peer[5], &m);
	assert_int_equal(script_stats(node).leaves, 5);
	net_free(net);
}

/* Nobody moves the entry of somebody else, in a leaf set or not. */
static void entries_that_move(void **state)
{
	struct net *net = net_new(95);
	struct net_node *node = script_engine(net);
	struct script_peer peer, thief;
	struct peer6_pnrp_cached cached;
	struct script_msg m;

	(void)state;
	script_peer(&peer, 5, "peer", false, NULL);
	script_introduce(node, &peer);
	thief = peer;
	thief.ep = net_endpoint(66);
	memcpy(thief.route.addrs[0], thief.ep.addr, 16);
	script_tell(node, &thief);
	assert_true(script_expect(node, PEER6_PNRP_INQUIRE, &m));
	assert_memory_equal(m.to.addr, thief.ep.addr, 16);
	assert_int_equal(m.msg.flags, PEER6_PNRP_INQUIRE_A |
			 PEER6_PNRP_INQUIRE_C);
	script_refer(node, &thief, &m, 0, NULL);
	assert_true(peer6_pnrp_get_cached(node->engine, 0, &cached));
	assert_memory_equal(cached.route.addrs[0], peer.ep.addr, 16);
	/* Whoever has the key has moved. */
	net->now += 6 * PEER6_SECOND;
	script_tell(node, &thief);
	assert_true(script_expect(node, PEER6_PNRP_INQUIRE, &m));
	script_show(node, &thief, &m);
	assert_true(peer6_pnrp_get_cached(node->engine, 0, &cached));
	assert_memory_equal(cached.route.addrs[0], thief.ep.addr, 16);
	assert_int_equal(script_stats(node).cached, 1);
	/* Told again before it has answered, one question is enough. */
	script_tell(node, &peer);
	script_tell(node, &peer);
	assert_true(script_expect(node, PEER6_PNRP_INQUIRE, &m));
	assert_false(script_take(node, &m));
	/* What is known and has not moved is not asked again. */
	script_tell(node, &thief);
	assert_false(script_take(node, &m));
	net_free(net);
}

/*
 * Who moves twice is believed before the first place has failed to answer, but
 * only what it says itself.
 */
static void moves_overtake(void **state)
{
	struct peer6_pnrp_msg flood = {
		.type = PEER6_PNRP_FLOOD, .flags = PEER6_PNRP_FLOOD_D,
		.has_route = true,
	};
	struct net *net = net_new(101);
	struct net_node *node = script_engine(net);
	struct peer6_endpoint stranger = net_endpoint(44);
	struct peer6_pnrp_cached cached;
	struct script_peer peer, there;
	struct script_msg m;

	(void)state;
	script_peer(&peer, 5, "peer", false, NULL);
	there = peer;
	there.ep = net_endpoint(66);
	memcpy(there.route.addrs[0], there.ep.addr, 16);
	script_tell(node, &peer);
	assert_true(script_expect(node, PEER6_PNRP_INQUIRE, &m));
	flood.route = there.route;
	assert_int_equal(script_inject(node, &stranger, &flood), 0);
	assert_false(script_take(node, &m));
	script_tell(node, &there);
	assert_true(script_expect(node, PEER6_PNRP_INQUIRE, &m));
	assert_memory_equal(m.to.addr, there.ep.addr, 16);
	script_refer(node, &there, &m, 0, NULL);
	assert_true(peer6_pnrp_get_cached(node->engine, 0, &cached));
	assert_memory_equal(cached.route.addrs[0], there.ep.addr, 16);
	assert_int_equal(script_stats(node).pending, 0);
	net_free(net);
}

/* ---------------------------------------------------- FLOOD and its answer */

static void floods_are_acknowledged(void **state)
{
	struct net *net = net_new(83);
	struct peer6_pnrp_msg flood = { .type = PEER6_PNRP_FLOOD, .id = 77 };
	struct peer6_endpoint from = net_endpoint(9);
	struct peer6_pnrp_id id;
	struct net_node *node = script_publisher(net, "mine", &id);
	struct script_msg m;

	(void)state;
	flood.validate = id;
	assert_int_equal(script_inject(node, &from, &flood), 0);
	assert_true(script_expect(node, PEER6_PNRP_ACK, &m));
	assert_int_equal(m.msg.acked, 77);
	assert_int_equal(m.msg.flags, 0);
	assert_int_equal(m.len, 20);
	/* Not ours: it says so. */
	flood.validate.b[0] ^= 1;
	assert_int_equal(script_inject(node, &from, &flood), 0);
	assert_true(script_expect(node, PEER6_PNRP_ACK, &m));
	assert_int_equal(m.msg.flags, PEER6_PNRP_ACK_N);
	assert_int_equal(m.len, 26);
	/* For nobody in particular. */
	memset(&flood.validate, 0, sizeof(flood.validate));
	assert_int_equal(script_inject(node, &from, &flood), 0);
	assert_true(script_expect(node, PEER6_PNRP_ACK, &m));
	assert_int_equal(m.msg.flags, 0);
	/* Do not acknowledge. */
	flood.flags = PEER6_PNRP_FLOOD_D;
	assert_int_equal(script_inject(node, &from, &flood), 0);
	assert_false(script_expect(node, PEER6_PNRP_ACK, &m));
	net_free(net);
}

/* A publisher with one leaf that is played. */
static struct net_node *with_leaf(struct net *net, struct script_peer *peer,
				  struct peer6_pnrp_id *id)
{
	struct net_node *node = script_publisher(net, "mine", id);
	struct peer6_pnrp_authority a = { 0 };
	uint8_t buf[PEER6_PNRP_CPA_MAX];
	struct peer6_pnrp_cpa cpa;
	struct script_msg m;

	script_peer(peer, 5, "peer", false, NULL);
	script_tell(node, peer);
	assert_true(script_expect(node, PEER6_PNRP_INQUIRE, &m));
	script_cpa(peer, &cpa, m.msg.nonce, net->now);
	a.cpa.p = buf;
	a.cpa.len = script_sign_cpa(peer, &cpa, buf, sizeof(buf));
	assert_int_equal(script_authority(node, peer, &m, &a), 0);
	assert_int_equal(script_stats(node).leaves, 1);
	while (script_take(node, &m))
		;
	return node;
}

/* Who does not have the ID any more, or does not answer, is forgotten. */
static void neighbours_go(void **state)
{
	unsigned int silent;

	(void)state;
	for (silent = 0; silent < 2; silent++) {
		struct net *net = net_new(84);
		struct peer6_pnrp_msg ack = { .type = PEER6_PNRP_ACK };
		struct peer6_endpoint other;
		struct script_peer peer;
		struct peer6_pnrp_id id;
		struct net_node *node = with_leaf(net, &peer, &id);
		struct script_msg m;

		other = net_endpoint(70);
		assert_int_equal(peer6_pnrp_set_endpoints(node->engine,
							  &other, 1,
							  net->now), 0);
		assert_true(script_expect(node, PEER6_PNRP_FLOOD, &m));
		assert_memory_equal(&m.msg.validate, &peer.route.id, 32);
		assert_memory_equal(m.msg.route.addrs[0], other.addr, 16);
		assert_int_equal(m.msg.flags, 0);
		ack.acked = m.msg.id;
		ack.flags = PEER6_PNRP_ACK_N;
		if (silent)
			net_run(net, 3 * PEER6_SECOND);
		else
			assert_int_equal(script_inject(node, &peer.ep,
						       &ack), 0);
		assert_int_equal(script_stats(node).cached, 0);
		assert_int_equal(net_event(node, PEER6_PNRP_EV_CACHE_REMOVE,
					   0, 0)->e.error,
				 silent ? PEER6_E_TIMEOUT : PEER6_E_NOT_FOUND);
		net_free(net);
	}
}

/* A new address is made known once more, as a new name is. */
static void announced_again(void **state)
{
	struct peer6_endpoint other = net_endpoint(70);
	struct net *net = net_new(99);
	struct script_peer peer;
	struct peer6_pnrp_id id;
	struct net_node *node = with_leaf(net, &peer, &id);
	struct script_msg m;
	unsigned int round;

	(void)state;
	for (round = 0; round < 2; round++) {
		peer6_pnrp_tick(node->engine, net->now);
		assert_true(script_expect(node, PEER6_PNRP_LOOKUP, &m));
		assert_int_equal(m.msg.reason, PEER6_PNRP_REGISTRATION);
		assert_int_equal(m.msg.criteria, PEER6_PNRP_NONE);
		assert_memory_equal(&m.msg.route.id, &id, 32);
		assert_memory_equal(m.msg.route.addrs[0],
				    round ? other.addr : node->ep.addr, 16);
		id.b[31]++;	/* no carry: else the seed is unlucky */
		assert_memory_equal(&m.msg.target, &id, 32);
		id.b[31]--;
		script_refer(node, &peer, &m, 0, NULL);
		peer6_pnrp_tick(node->engine, net->now);
		assert_false(script_expect(node, PEER6_PNRP_LOOKUP, &m));
		assert_int_equal(peer6_pnrp_set_endpoints(node->engine,
							  &other, 1,
							  net->now), 0);
	}
	net_free(net);
}

/* A name is made known again: soon, then seldom. The ticks are 10 s here. */
static void names_are_repeated(void **state)
{
	static const unsigned int when[] = { 0, 10, 30, 70, 270, 470 };
	struct net *net = net_new(102);
	struct script_peer peer;
	struct peer6_pnrp_id id;
	struct net_node *node = with_leaf(net, &peer, &id);
	unsigned int n = 0, second;
	struct script_msg m;

	(void)state;
	for (second = 0; second < 600; second++) {
		while (peer6_pnrp_deadline(node->engine) <= net->now)
			peer6_pnrp_tick(node->engine, net->now);
		while (script_take(node, &m)) {
			struct peer6_pnrp_msg ack = {
				.type = PEER6_PNRP_ACK, .acked = m.msg.id,
			};

			if (m.msg.type == PEER6_PNRP_FLOOD)
				script_inject(node, &m.to, &ack);
			if (m.msg.type == PEER6_PNRP_INQUIRE ||
			    m.msg.type == PEER6_PNRP_LOOKUP)
				script_refer(node, &peer, &m, 0, NULL);
			if (m.msg.type != PEER6_PNRP_LOOKUP ||
			    m.msg.reason != PEER6_PNRP_REGISTRATION)
				continue;
			assert_true(n < 6);
			assert_int_equal(second, when[n++]);
		}
		net->now += PEER6_SECOND;
	}
	assert_int_equal(n, 6);
	net_free(net);
}

/* Maintenance asks who is still there; N and silence are both an answer. */
static void probes(void **state)
{
	unsigned int silent;

	(void)state;
	for (silent = 0; silent < 3; silent++) {
		struct net *net = net_new(85);
		struct script_peer peer;
		struct peer6_pnrp_id id;
		struct net_node *node = with_leaf(net, &peer, &id);
		struct script_msg m;

		/* What it has to say of its own name is not the point. */
		net->now += 10 * PEER6_SECOND;
		peer6_pnrp_tick(node->engine, net->now);
		do {
			assert_true(script_expect(node, PEER6_PNRP_INQUIRE,
						  &m));
		} while (m.msg.flags || m.msg.has_nonce);
		assert_memory_equal(&m.msg.validate, &peer.route.id, 32);
		if (silent == 0)
			script_refer(node, &peer, &m, PEER6_PNRP_AUTH_N, NULL);
		else if (silent == 1)
			script_refer(node, &peer, &m, 0, NULL);
		else
			net_run(net, 3 * PEER6_SECOND);
		assert_int_equal(script_stats(node).cached, silent == 1);
		net_free(net);
	}
}

/* ------------------------------------------------------------ conversations */

static void wrong_nonces(void **state)
{
	struct net *net = net_new(86);
	struct peer6_pnrp_msg advertise = { .type = PEER6_PNRP_ADVERTISE };
	struct peer6_pnrp_msg solicit = { .type = PEER6_PNRP_SOLICIT };
	struct peer6_pnrp_msg request = { .type = PEER6_PNRP_REQUEST };
	struct peer6_endpoint seed = net_endpoint(9), other = net_endpoint(10);
	struct net_node *node;
	struct peer6_pnrp_id id;
	struct script_msg m;
	uint8_t ids[64 * 7];

	(void)state;
	node = script_publisher(net, "mine", &id);
	peer6_pnrp_synchronize(node->engine, &seed, net->now);
	assert_true(script_expect(node, PEER6_PNRP_SOLICIT, &m));
	assert_true(m.msg.has_route);
	assert_memory_equal(&m.msg.route.id, &id, 32);
	advertise.acked = m.msg.id;
	memset(ids, 7, sizeof(ids));
	advertise.ids.p = ids;
	advertise.ids.n = 7;
	/* The nonce of somebody else, then the right one. */
	assert_int_equal(script_inject(node, &seed, &advertise), PEER6_E_NONCE);
	assert_false(script_take(node, &m));
	memcpy(advertise.hashed_nonce, m.msg.hashed_nonce, 20);
	assert_int_equal(script_inject(node, &other, &advertise),
			 PEER6_E_UNEXPECTED);
	peer6_pnrp_synchronize(node->engine, &seed, net->now);
	assert_true(script_expect(node, PEER6_PNRP_SOLICIT, &m));
	advertise.acked = m.msg.id;
	memcpy(advertise.hashed_nonce, m.msg.hashed_nonce, 20);
	assert_int_equal(script_inject(node, &seed, &advertise), 0);
	assert_true(script_expect(node, PEER6_PNRP_REQUEST, &m));
	/* More than five are offered; five are asked for. */
	assert_int_equal(m.msg.ids.n, 5);
	net_sha1(m.msg.nonce, 16, request.hashed_nonce);
	assert_memory_equal(request.hashed_nonce, advertise.hashed_nonce, 20);
	/* Offered once more: nobody waits for it. */
	assert_int_equal(script_inject(node, &seed, &advertise),
			 PEER6_E_UNEXPECTED);

	/* The other side: who asks has to show the nonce behind the hash. */
	memset(request.nonce, 3, sizeof(request.nonce));
	net_sha1(request.nonce, 16, solicit.hashed_nonce);
	assert_int_equal(script_inject(node, &other, &solicit), 0);
	assert_true(script_expect(node, PEER6_PNRP_ADVERTISE, &m));
	assert_int_equal(m.msg.ids.n, 1);
	request.ids.n = 1;
	request.ids.p = id.b;
	request.id = 5;
	request.nonce[0]++;
	assert_int_equal(script_inject(node, &other, &request),
			 PEER6_E_UNEXPECTED);
	request.nonce[0]--;
	assert_int_equal(script_inject(node, &seed, &request),
			 PEER6_E_UNEXPECTED);
	assert_int_equal(script_inject(node, &other, &request), 0);
	assert_true(script_expect(node, PEER6_PNRP_ACK, &m));
	assert_int_equal(m.msg.acked, 5);
	assert_true(script_expect(node, PEER6_PNRP_FLOOD, &m));
	assert_memory_equal(&m.msg.route.id, &id, 32);
	/* The conversation is over. */
	assert_int_equal(script_inject(node, &other, &request),
			 PEER6_E_UNEXPECTED);
	/* And ends by itself after 15 seconds. */
	assert_int_equal(script_inject(node, &other, &solicit), 0);
	assert_int_equal(script_stats(node).conversations, 1);
	net->now += 14 * PEER6_SECOND;
	peer6_pnrp_tick(node->engine, net->now);
	assert_int_equal(script_stats(node).conversations, 1);
	net->now += PEER6_SECOND;
	peer6_pnrp_tick(node->engine, net->now);
	assert_int_equal(script_stats(node).conversations, 0);
	net_free(net);
}

/* ------------------------------------------------------------------ LOOKUP */

/* What a node answers that has one name and no entries. */
static void lookups_are_answered(void **state)
{
	struct net *net = net_new(87);
	struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_LOOKUP, .id = 3 };
	struct peer6_endpoint from = net_endpoint(9);
	struct peer6_pnrp_authority a;
	struct peer6_pnrp_id id;
	struct net_node *node = script_publisher(net, "mine", &id);
	struct script_msg m;
	unsigned int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		msg.target = id;
		msg.target.b[31] ^= 1;
		msg.validate = id;
		msg.path.n = 1;
		msg.path.ep[0] = from;
		if (i == 1)	/* a seed is asked */
			memset(&msg.validate, 0, sizeof(msg.validate));
		if (i == 2)	/* by an ID that is not here */
			msg.validate.b[0] ^= 1;
		if (i == 3)	/* it has been here before */
			msg.path.ep[msg.path.n++] = node->ep;
		if (i == 4) {	/* and there is an ID of somebody else */
			msg.validate.b[0] ^= 1;
			msg.path.ep[msg.path.n++] = node->ep;
		}
		assert_int_equal(script_inject(node, &from, &msg), 0);
		assert_true(script_expect(node, PEER6_PNRP_AUTHORITY, &m));
		assert_int_equal(m.msg.acked, 3);
		assert_int_equal(peer6_pnrp_authority_decode(&a, NULL,
				 m.msg.fragment.p, m.msg.fragment.len), 0);
		/* The target would be in our leaf set, and nobody is there. */
		assert_int_equal(a.flags, PEER6_PNRP_AUTH_L |
				 (i == 2 || i == 4 ? PEER6_PNRP_AUTH_N : 0));
		/* Ours is given unless it is known, or was visited. */
		assert_int_equal(a.has_route, i == 1 || i == 2);
		if (a.has_route)
			assert_memory_equal(&a.route.id, &id, 32);
	}
	net_free(net);
}

/* Which of three instances of a name is given: count of each. */
static void ask_for_instances(struct net_node *node,
			      const struct script_peer *peer,
			      enum peer6_pnrp_criteria criteria,
			      unsigned int count[3])
{
	unsigned int i, j;

	memset(count, 0, 3 * sizeof(*count));
	for (i = 0; i < 70; i++) {
		struct peer6_endpoint from = net_endpoint(100 + i);
		struct peer6_pnrp_msg msg = {
			.type = PEER6_PNRP_LOOKUP,
			.criteria = (uint8_t)criteria,
			.target = peer[0].route.id,
			.path = { .n = 1, .ep = { from } },
		};
		struct peer6_pnrp_authority a;
		struct script_msg m;

		msg.target.b[31] ^= 1;
		assert_int_equal(script_inject(node, &from, &msg), 0);
		assert_true(script_expect(node, PEER6_PNRP_AUTHORITY, &m));
		assert_int_equal(peer6_pnrp_authority_decode(&a, NULL,
				 m.msg.fragment.p, m.msg.fragment.len), 0);
		for (j = 0; j < 3; j++)
			count[j] += !memcmp(&a.route.id, &peer[j].route.id,
					    32);
	}
	assert_int_equal(count[0] + count[1] + count[2], 70);
}

/* Any of the closest by chance, but the nearest if that is asked for. */
static void instances_are_chosen(void **state)
{
	struct net *net = net_new(96);
	struct net_node *node = script_engine(net);
	struct script_peer peer[4];
	unsigned int i, count[3];

	(void)state;
	for (i = 0; i < 4; i++) {
		script_peer(&peer[i], 5 + i, i == 3 ? "other" : "name", false,
			    NULL);
		if (i < 3)
			peer[i].route.id.b[16] ^= (uint8_t)(i << 4);
		script_introduce(node, &peer[i]);
	}
	ask_for_instances(node, peer, PEER6_PNRP_NEAREST_PEERNAME, count);
	assert_int_equal(count[0], 70);
	ask_for_instances(node, peer, PEER6_PNRP_ANY_PEERNAME, count);
	assert_true(count[0] > count[2]);
	assert_true(count[1] > 5);
	assert_true(count[2] > 2);
	net_free(net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaf_sets_want_records),
		cmocka_unit_test(leaf_set_gets_room),
		cmocka_unit_test(entries_that_move),
		cmocka_unit_test(moves_overtake),
		cmocka_unit_test(floods_are_acknowledged),
		cmocka_unit_test(neighbours_go),
		cmocka_unit_test(announced_again),
		cmocka_unit_test(names_are_repeated),
		cmocka_unit_test(probes),
		cmocka_unit_test(wrong_nonces),
		cmocka_unit_test(lookups_are_answered),
		cmocka_unit_test(instances_are_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
