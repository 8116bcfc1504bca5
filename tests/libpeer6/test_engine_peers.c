// SPDX-License-Identifier: GPL-2.0-or-later
/* One engine among peers that keep the rules, bend them, or break them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "script.h"

static struct peer6_pnrp_stats stats_of(const struct net_node *node)
{
	struct peer6_pnrp_stats stats;

	peer6_pnrp_get_stats(node->engine, &stats);
	return stats;
}

/* An open engine with a name and no seeds. */
static struct net_node *publisher(struct net *net, const char *text,
				  struct peer6_pnrp_id *id)
{
	struct net_node *node = net_add(net);
	struct net_name name;
	uint32_t handle;

	peer6_pnrp_set_seeds(node->engine, NULL, 0);
	peer6_pnrp_open(node->engine, net->now);
	net_name(node, &name, text, false);
	assert_int_equal(peer6_pnrp_register(node->engine, &name.reg,
					     net->now, &handle), 0);
	peer6_pnrp_registration_id(node->engine, handle, id);
	return node;
}

static int inject(struct net_node *node, const struct peer6_endpoint *from,
		  const struct peer6_pnrp_msg *msg)
{
	uint8_t buf[PEER6_PNRP_DATAGRAM_MAX];
	ptrdiff_t len = peer6_pnrp_msg_encode(msg, buf, sizeof(buf));

	assert_true(len > 0);
	return peer6_pnrp_input(node->engine, buf, (size_t)len, from,
				node->net->now);
}

static void tell(struct net_node *node, const struct script_peer *peer)
{
	struct peer6_pnrp_msg flood = {
		.type = PEER6_PNRP_FLOOD, .flags = PEER6_PNRP_FLOOD_D,
		.has_route = true, .route = peer->route,
	};

	assert_int_equal(inject(node, &peer->ep, &flood), 0);
}

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

		node = publisher(net, "mine", &id);
		script_peer(&peer, 5, "peer", false, NULL);
		tell(node, &peer);
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
		assert_int_equal(stats_of(node).cached, c == LEAF_GOOD);
		if (c == LEAF_GOOD) {
			peer6_pnrp_get_cached(node->engine, 0, &cached);
			assert_true(cached.leaf);
		}
		net_free(net);
	}
}

/* Acknowledges what is flooded; the next INQUIRE for @id, if there is one. */
static bool obey(struct net_node *node, const struct peer6_pnrp_id *id,
		 struct script_msg *inquire)
{
	struct script_msg m;
	bool found = false;

	while (script_take(node, &m)) {
		struct peer6_pnrp_msg ack = {
			.type = PEER6_PNRP_ACK, .acked = m.msg.id,
		};

		if (m.msg.type == PEER6_PNRP_FLOOD)
			assert_int_equal(inject(node, &m.to, &ack), 0);
		if (m.msg.type == PEER6_PNRP_INQUIRE &&
		    !memcmp(&m.msg.validate, id, sizeof(*id))) {
			*inquire = m;
			found = true;
		}
	}
	return found;
}

static void show_record(struct net_node *node, const struct script_peer *peer,
			const struct script_msg *m)
{
	struct peer6_pnrp_authority a = { 0 };
	uint8_t buf[PEER6_PNRP_CPA_MAX];
	struct peer6_pnrp_cpa cpa;

	script_cpa(peer, &cpa, m->msg.nonce, node->net->now);
	a.cpa.p = buf;
	a.cpa.len = script_sign_cpa(peer, &cpa, buf, sizeof(buf));
	assert_int_equal(script_authority(node, peer, m, &a), 0);
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
	node = publisher(net, "mine", &id);
	/* Six instances of the same name, all above, each next to the other. */
	for (i = 0; i < 6; i++) {
		script_peer(&peer[i], 5 + i, "mine", false, NULL);
		memcpy(peer[i].route.id.b + 16, id.b + 16, 16);
		peer[i].route.id.b[24] = (uint8_t)(id.b[24] + 1 + i);
		if (peer[i].route.id.b[24] <= id.b[24])
			peer[i].route.id.b[23]++;
	}
	for (i = 0; i < 5; i++) {
		tell(node, &peer[i]);
		assert_true(obey(node, &peer[i].route.id, &m));
		assert_int_equal(m.msg.flags, PEER6_PNRP_INQUIRE_A |
				 PEER6_PNRP_INQUIRE_C);
		show_record(node, &peer[i], &m);
		obey(node, &peer[i].route.id, &m);
	}
	assert_int_equal(stats_of(node).leaves, 5);
	net->now += 10 * PEER6_SECOND;
	peer6_pnrp_tick(node->engine, net->now);
	assert_true(obey(node, &peer[0].route.id, &probe));
	assert_int_equal(stats_of(node).leaves, 5);
	tell(node, &peer[5]);
	assert_true(obey(node, &peer[5].route.id, &m));
	assert_int_equal(m.msg.flags, 0);
	assert_false(m.msg.has_nonce);
	script_refer(node, &peer[0], &probe, PEER6_PNRP_AUTH_N, NULL);
	assert_int_equal(stats_of(node).leaves, 4);
	script_refer(node, &peer[5], &m, 0, NULL);
	assert_int_equal(stats_of(node).cached, 4);
	assert_true(obey(node, &peer[5].route.id, &m));
	assert_int_equal(m.msg.flags, PEER6_PNRP_INQUIRE_A |
			 PEER6_PNRP_INQUIRE_C);
	show_record(node, &peer[5], &m);
	assert_int_equal(stats_of(node).leaves, 5);
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
	tell(node, &thief);
	assert_true(script_expect(node, PEER6_PNRP_INQUIRE, &m));
	assert_memory_equal(m.to.addr, thief.ep.addr, 16);
	assert_int_equal(m.msg.flags, PEER6_PNRP_INQUIRE_A |
			 PEER6_PNRP_INQUIRE_C);
	script_refer(node, &thief, &m, 0, NULL);
	assert_true(peer6_pnrp_get_cached(node->engine, 0, &cached));
	assert_memory_equal(cached.route.addrs[0], peer.ep.addr, 16);
	/* Whoever has the key has moved. */
	net->now += 6 * PEER6_SECOND;
	tell(node, &thief);
	assert_true(script_expect(node, PEER6_PNRP_INQUIRE, &m));
	show_record(node, &thief, &m);
	assert_true(peer6_pnrp_get_cached(node->engine, 0, &cached));
	assert_memory_equal(cached.route.addrs[0], thief.ep.addr, 16);
	assert_int_equal(stats_of(node).cached, 1);
	/* Told again before it has answered, one question is enough. */
	tell(node, &peer);
	tell(node, &peer);
	assert_true(script_expect(node, PEER6_PNRP_INQUIRE, &m));
	assert_false(script_take(node, &m));
	/* What is known and has not moved is not asked again. */
	tell(node, &thief);
	assert_false(script_take(node, &m));
	net_free(net);
}

/* ---------------------------------------------------- FLOOD and its answer */

static void floods_are_acknowledged(void **state)
{
	struct net *net = net_new(83);
	struct peer6_pnrp_msg flood = { .type = PEER6_PNRP_FLOOD, .id = 77 };
	struct peer6_endpoint from = net_endpoint(9);
	struct peer6_pnrp_id id;
	struct net_node *node = publisher(net, "mine", &id);
	struct script_msg m;

	(void)state;
	flood.validate = id;
	assert_int_equal(inject(node, &from, &flood), 0);
	assert_true(script_expect(node, PEER6_PNRP_ACK, &m));
	assert_int_equal(m.msg.acked, 77);
	assert_int_equal(m.msg.flags, 0);
	assert_int_equal(m.len, 20);
	/* Not ours: it says so. */
	flood.validate.b[0] ^= 1;
	assert_int_equal(inject(node, &from, &flood), 0);
	assert_true(script_expect(node, PEER6_PNRP_ACK, &m));
	assert_int_equal(m.msg.flags, PEER6_PNRP_ACK_N);
	assert_int_equal(m.len, 26);
	/* For nobody in particular. */
	memset(&flood.validate, 0, sizeof(flood.validate));
	assert_int_equal(inject(node, &from, &flood), 0);
	assert_true(script_expect(node, PEER6_PNRP_ACK, &m));
	assert_int_equal(m.msg.flags, 0);
	/* Do not acknowledge. */
	flood.flags = PEER6_PNRP_FLOOD_D;
	assert_int_equal(inject(node, &from, &flood), 0);
	assert_false(script_expect(node, PEER6_PNRP_ACK, &m));
	net_free(net);
}

/* A publisher with one leaf that is played. */
static struct net_node *with_leaf(struct net *net, struct script_peer *peer,
				  struct peer6_pnrp_id *id)
{
	struct net_node *node = publisher(net, "mine", id);
	struct peer6_pnrp_authority a = { 0 };
	uint8_t buf[PEER6_PNRP_CPA_MAX];
	struct peer6_pnrp_cpa cpa;
	struct script_msg m;

	script_peer(peer, 5, "peer", false, NULL);
	tell(node, peer);
	assert_true(script_expect(node, PEER6_PNRP_INQUIRE, &m));
	script_cpa(peer, &cpa, m.msg.nonce, net->now);
	a.cpa.p = buf;
	a.cpa.len = script_sign_cpa(peer, &cpa, buf, sizeof(buf));
	assert_int_equal(script_authority(node, peer, &m, &a), 0);
	assert_int_equal(stats_of(node).leaves, 1);
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
			assert_int_equal(inject(node, &peer.ep, &ack), 0);
		assert_int_equal(stats_of(node).cached, 0);
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
		assert_int_equal(stats_of(node).cached, silent == 1);
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
	node = publisher(net, "mine", &id);
	peer6_pnrp_synchronize(node->engine, &seed, net->now);
	assert_true(script_expect(node, PEER6_PNRP_SOLICIT, &m));
	assert_true(m.msg.has_route);
	assert_memory_equal(&m.msg.route.id, &id, 32);
	advertise.acked = m.msg.id;
	memset(ids, 7, sizeof(ids));
	advertise.ids.p = ids;
	advertise.ids.n = 7;
	/* The nonce of somebody else, then the right one. */
	assert_int_equal(inject(node, &seed, &advertise), PEER6_E_NONCE);
	assert_false(script_take(node, &m));
	memcpy(advertise.hashed_nonce, m.msg.hashed_nonce, 20);
	assert_int_equal(inject(node, &other, &advertise),
			 PEER6_E_UNEXPECTED);
	peer6_pnrp_synchronize(node->engine, &seed, net->now);
	assert_true(script_expect(node, PEER6_PNRP_SOLICIT, &m));
	advertise.acked = m.msg.id;
	memcpy(advertise.hashed_nonce, m.msg.hashed_nonce, 20);
	assert_int_equal(inject(node, &seed, &advertise), 0);
	assert_true(script_expect(node, PEER6_PNRP_REQUEST, &m));
	/* More than five are offered; five are asked for. */
	assert_int_equal(m.msg.ids.n, 5);
	net_sha1(m.msg.nonce, 16, request.hashed_nonce);
	assert_memory_equal(request.hashed_nonce, advertise.hashed_nonce, 20);
	/* Offered once more: nobody waits for it. */
	assert_int_equal(inject(node, &seed, &advertise), PEER6_E_UNEXPECTED);

	/* The other side: who asks has to show the nonce behind the hash. */
	memset(request.nonce, 3, sizeof(request.nonce));
	net_sha1(request.nonce, 16, solicit.hashed_nonce);
	assert_int_equal(inject(node, &other, &solicit), 0);
	assert_true(script_expect(node, PEER6_PNRP_ADVERTISE, &m));
	assert_int_equal(m.msg.ids.n, 1);
	request.ids.n = 1;
	request.ids.p = id.b;
	request.id = 5;
	request.nonce[0]++;
	assert_int_equal(inject(node, &other, &request), PEER6_E_UNEXPECTED);
	request.nonce[0]--;
	assert_int_equal(inject(node, &seed, &request), PEER6_E_UNEXPECTED);
	assert_int_equal(inject(node, &other, &request), 0);
	assert_true(script_expect(node, PEER6_PNRP_ACK, &m));
	assert_int_equal(m.msg.acked, 5);
	assert_true(script_expect(node, PEER6_PNRP_FLOOD, &m));
	assert_memory_equal(&m.msg.route.id, &id, 32);
	/* The conversation is over. */
	assert_int_equal(inject(node, &other, &request), PEER6_E_UNEXPECTED);
	/* And ends by itself after 15 seconds. */
	assert_int_equal(inject(node, &other, &solicit), 0);
	assert_int_equal(stats_of(node).conversations, 1);
	net->now += 14 * PEER6_SECOND;
	peer6_pnrp_tick(node->engine, net->now);
	assert_int_equal(stats_of(node).conversations, 1);
	net->now += PEER6_SECOND;
	peer6_pnrp_tick(node->engine, net->now);
	assert_int_equal(stats_of(node).conversations, 0);
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
	struct net_node *node = publisher(net, "mine", &id);
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
		assert_int_equal(inject(node, &from, &msg), 0);
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
		assert_int_equal(inject(node, &from, &msg), 0);
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
		assert_int_equal(stats_of(node).cached, cases[i].cached);
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
		show_record(node, &peer, &m);
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

		node = publisher(net, "mine", &id);
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
			tell(node, &peer[i]);
			assert_true(obey(node, &peer[i].route.id, &m));
			show_record(node, &peer[i], &m);
			obey(node, &peer[i].route.id, &m);
		}
		/* What the announcement is about is another test's. */
		peer6_pnrp_tick(node->engine, net->now);
		for (i = 0; i < 3 && script_expect(node, PEER6_PNRP_LOOKUP,
						   &m); i++) {
			seed.ep = m.to;
			script_refer(node, &seed, &m, 0, NULL);
		}
		assert_int_equal(stats_of(node).cached, 2);
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
		show_record(node, found, &m);
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
	return inject(node, from, &msg);
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
	assert_int_equal(stats_of(node).reassemblies, 1);
	/* Of another size: it is all wrong, and forgotten. */
	assert_int_equal(fragment(node, &three.ep, &m, 1, buf, len - 1, 0),
			 PEER6_E_LENGTH);
	assert_int_equal(stats_of(node).reassemblies, 0);
	assert_int_equal(fragment(node, &three.ep, &m, 1, buf, len, 1), 0);
	assert_int_equal(fragment(node, &three.ep, &m, 1, buf, len, 3), 0);
	/* The rest is lost; the question is asked again with its old ID. */
	net->now += PEER6_SECOND;
	peer6_pnrp_tick(node->engine, net->now);
	assert_int_equal(stats_of(node).reassemblies, 0);
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
	assert_int_equal(stats_of(node).reassemblies, 0);
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
		cmocka_unit_test(leaf_sets_want_records),
		cmocka_unit_test(leaf_set_gets_room),
		cmocka_unit_test(entries_that_move),
		cmocka_unit_test(floods_are_acknowledged),
		cmocka_unit_test(neighbours_go),
		cmocka_unit_test(announced_again),
		cmocka_unit_test(probes),
		cmocka_unit_test(wrong_nonces),
		cmocka_unit_test(lookups_are_answered),
		cmocka_unit_test(instances_are_chosen),
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
