// SPDX-License-Identifier: GPL-2.0-or-later
/* What strangers can make a node do, and how much of it. */
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

/* A node of a cloud of 20, with a name and a filled cache. */
static struct net_node *member(struct net *net, struct peer6_pnrp_id *id)
{
	struct net_node *node = NULL;
	unsigned int i;
	char text[8];

	for (i = 0; i < 20; i++) {
		struct net_node *n = net_add(net);
		uint32_t handle;

		peer6_pnrp_open(n->engine, net->now);
		snprintf(text, sizeof(text), "m%u", i);
		handle = net_register(n, text, false);
		if (!i) {
			node = n;
			peer6_pnrp_registration_id(n->engine, handle, id);
		}
		net_run(net, 3 * PEER6_SECOND);
	}
	net_run(net, 60 * PEER6_SECOND);
	return node;
}

/* -------------------------------------------------------- amplification */

struct attack {
	const char	*what;
	/* Makes the next message and its source. */
	void		(*make)(struct net *net, struct peer6_pnrp_msg *msg,
				struct peer6_endpoint *from,
				const struct peer6_pnrp_id *id);
};

static struct peer6_endpoint victim(void)
{
	return net_endpoint(0x7777);
}

static void solicits(struct net *net, struct peer6_pnrp_msg *msg,
		     struct peer6_endpoint *from,
		     const struct peer6_pnrp_id *id)
{
	(void)id;
	msg->type = PEER6_PNRP_SOLICIT;
	memset(msg->hashed_nonce, (int)net_random(net), 20);
	*from = victim();
}

/* With a route entry whose address is the victim's too. */
static void solicits_with_route(struct net *net, struct peer6_pnrp_msg *msg,
				struct peer6_endpoint *from,
				const struct peer6_pnrp_id *id)
{
	unsigned int i;

	solicits(net, msg, from, id);
	msg->has_route = true;
	for (i = 0; i < 32; i++)
		msg->route.id.b[i] = (uint8_t)net_random(net);
	msg->route.port = (uint16_t)(2000 + net_random(net) % 60000);
	msg->route.n_addrs = 1;
	memcpy(msg->route.addrs[0], from->addr, 16);
}

static void inquires(struct net *net, struct peer6_pnrp_msg *msg,
		     struct peer6_endpoint *from,
		     const struct peer6_pnrp_id *id)
{
	(void)net;
	msg->type = PEER6_PNRP_INQUIRE;
	msg->flags = PEER6_PNRP_INQUIRE_A | PEER6_PNRP_INQUIRE_X |
		     PEER6_PNRP_INQUIRE_C;
	msg->validate = *id;
	*from = victim();
}

static void lookups(struct net *net, struct peer6_pnrp_msg *msg,
		    struct peer6_endpoint *from,
		    const struct peer6_pnrp_id *id)
{
	solicits_with_route(net, msg, from, id);
	msg->type = PEER6_PNRP_LOOKUP;
	msg->target = *id;
	msg->path.n = 1;
	msg->path.ep[0] = *from;
}

/* For a record that fills five datagrams: see amplify(). */
static void inquires_big(struct net *net, struct peer6_pnrp_msg *msg,
			 struct peer6_endpoint *from,
			 const struct peer6_pnrp_id *id)
{
	inquires(net, msg, from, id);
}

/* The victim runs PNRP, too: it can be made to prove that it is there. */
static void inquires_node(struct net *net, struct peer6_pnrp_msg *msg,
			  struct peer6_endpoint *from,
			  const struct peer6_pnrp_id *id)
{
	inquires(net, msg, from, id);
	*from = net->nodes[1].ep;
}

/* Entries at the victim, told by many. */
static void floods(struct net *net, struct peer6_pnrp_msg *msg,
		   struct peer6_endpoint *from,
		   const struct peer6_pnrp_id *id)
{
	solicits_with_route(net, msg, from, id);
	msg->type = PEER6_PNRP_FLOOD;
	from->addr[4] = (uint8_t)net_random(net);
	from->addr[5] = (uint8_t)net_random(net);
}

/* The node's first name gets a payload as large as they come. */
static void publish_big(struct net_node *node)
{
	static uint8_t big[PEER6_PNRP_PAYLOAD_MAX];
	struct peer6_pnrp_id id;
	struct net_name name;
	uint32_t handle;

	net_name(node, &name, "m0", false);
	name.reg.payload_type = PEER6_PNRP_PAYLOAD_BINARY;
	name.reg.payload = big;
	name.reg.n_payload = sizeof(big);
	assert_true(peer6_pnrp_get_registered(node->engine, 0, &handle, &id));
	assert_int_equal(peer6_pnrp_update(node->engine, handle, &name.reg,
					   node->net->now), 0);
}

/*
 * One message each @pause from a source that hears nothing; after a minute,
 * less than three bytes have gone out for each that came in. The background of
 * maintenance, measured before, is taken off.
 */
static void amplify(const struct attack *attack, peer6_time pause)
{
	struct net *net = net_new(21);
	struct peer6_pnrp_stats before, after;
	struct peer6_pnrp_id id;
	struct net_node *node = member(net, &id);
	uint64_t in = 0, out, background;
	unsigned int i, n;

	/* A cloud that does nothing of its own. */
	for (i = 1; i < net->n; i++)
		net->nodes[i].down = i > 1 ||
				     attack->make != inquires_node;
	peer6_pnrp_flush(node->engine, net->now);
	peer6_pnrp_set_seeds(node->engine, NULL, 0);
	if (attack->make == inquires_big)
		publish_big(node);
	net_run(net, 60 * PEER6_SECOND);
	background = stats_of(node).bytes_sent;
	net_run(net, 60 * PEER6_SECOND);
	before = stats_of(node);
	background = before.bytes_sent - background;
	n = (unsigned int)(60 * PEER6_SECOND / pause);
	for (i = 0; i < n; i++) {
		struct peer6_pnrp_msg msg = { .id = i };
		struct peer6_endpoint from;
		uint8_t buf[PEER6_PNRP_DATAGRAM_MAX];

		attack->make(net, &msg, &from, &id);
		in += (uint64_t)peer6_pnrp_msg_encode(&msg, buf, sizeof(buf));
		net_inject(node, &from, &msg);
		net_run(net, pause);
	}
	net_run(net, 3 * PEER6_SECOND);
	after = stats_of(node);
	out = after.bytes_sent - before.bytes_sent;
	out -= background < out ? background : out;
	print_message("# %s, one in %u ms: %.2f bytes out per byte in\n",
		      attack->what, (unsigned int)(pause / PEER6_MS),
		      (double)out / (double)in);
	assert_true(out > 0);
	/* Against one that proves to be there, slow attacks are only small. */
	if (attack->make == inquires_node)
		assert_true(out < 3 * in || out < 60 * 1024);
	else
		assert_true(out < 3 * in);
	net_free(net);
}

static void amplification(void **state)
{
	static const struct attack attacks[] = {
		{ "SOLICIT", solicits },
		{ "SOLICIT with a route entry", solicits_with_route },
		{ "INQUIRE", inquires },
		{ "INQUIRE at a node's cost", inquires_node },
		{ "INQUIRE of a large record", inquires_big },
		{ "LOOKUP", lookups },
		{ "FLOOD", floods },
	};
	static const peer6_time pauses[] = {
		1 * PEER6_MS, 20 * PEER6_MS, 100 * PEER6_MS, 300 * PEER6_MS,
	};
	unsigned int i, j;

	(void)state;
	for (i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
		for (j = 0; j < sizeof(pauses) / sizeof(pauses[0]); j++)
			amplify(&attacks[i], pauses[j]);
}

/*
 * Whoever does hear the answers gets all of them, if it is not in a hurry: once
 * it is in debt it is asked for a proof, and has it when it asks again.
 */
static void large_answers(void **state)
{
	const struct peer6_pnrp_config ro = {
		.no_multicast = true, .resolve_only = true,
	};
	struct net *net = net_new(31);
	struct net_node *owner = net_add(net), *asker;
	struct peer6_pnrp_query query;
	unsigned int i;

	(void)state;
	peer6_pnrp_open(owner->engine, net->now);
	net_register(owner, "m0", false);
	publish_big(owner);
	asker = net_add_as(net, &ro);
	peer6_pnrp_open(asker->engine, net->now);
	net_run(net, PEER6_SECOND);
	net_query(asker, &query, "m0", NULL);
	for (i = 0; i < 10; i++) {
		const struct net_event *end;
		peer6_time start = net->now;

		end = net_finish(asker, net_resolve(asker, &query));
		assert_int_equal(end->e.error, 0);
		assert_true(end->at - start < 1500 * PEER6_MS);
		net_run(net, 12 * PEER6_SECOND);
	}
	net_free(net);
}

/* ----------------------------------------------------------------- sources */

static void unanswerable_sources(void **state)
{
	struct net *net = net_new(22);
	struct net_node *node = script_engine(net);
	struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_INQUIRE };
	struct peer6_endpoint bad[8], good = net_endpoint(50);
	unsigned int i;

	(void)state;
	for (i = 0; i < 8; i++)
		bad[i] = good;
	bad[0].port = 1024;
	bad[1].port = 0;
	bad[2].addr[0] = 0xff;
	memset(bad[3].addr, 0, 16);
	memset(bad[4].addr, 0, 15);
	bad[4].addr[15] = 1;
	memset(bad[5].addr, 0, 12);		/* ::ffff:a.b.c.d */
	bad[5].addr[10] = 0xff;
	bad[5].addr[11] = 0xff;
	bad[6].addr[0] = 0xfe;			/* not in this cloud */
	bad[6].addr[1] = 0x80;
	bad[7] = node->ep;			/* ourselves */
	msg.validate.b[0] = 1;
	for (i = 0; i < 8; i++)
		assert_int_equal(net_inject(node, &bad[i], &msg),
				 PEER6_E_SOURCE);
	assert_int_equal(stats_of(node).bytes_sent, 0);
	assert_int_equal(stats_of(node).dropped[-PEER6_E_SOURCE], 8);
	good.port = 1025;
	assert_int_equal(net_inject(node, &good, &msg), 0);
	assert_int_equal(stats_of(node).sent[PEER6_PNRP_AUTHORITY], 1);
	net_free(net);
}

/* Route entries that may not be asked are not. */
static void unaskable_entries(void **state)
{
	struct net *net = net_new(23);
	struct net_node *node = script_engine(net);
	struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_FLOOD,
				      .flags = PEER6_PNRP_FLOOD_D,
				      .has_route = true };
	struct peer6_endpoint from = net_endpoint(50);
	unsigned int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		msg.route.id.b[0] = (uint8_t)(i + 1);
		msg.route.port = 3540;
		msg.route.n_addrs = 1;
		memcpy(msg.route.addrs[0], from.addr, 16);
		if (i == 0)
			msg.route.addrs[0][0] = 0xff;
		if (i == 1)
			memset(msg.route.addrs[0], 0, 16);
		if (i == 2)
			memset(msg.route.addrs[0], 0, 15);
		if (i == 3)
			memcpy(msg.route.addrs[0], node->ep.addr, 16);
		if (i == 4) {
			msg.route.addrs[0][0] = 0xfe;
			msg.route.addrs[0][1] = 0x80;
		}
		net_inject(node, &from, &msg);
	}
	net_run(net, 10 * PEER6_SECOND);
	assert_int_equal(stats_of(node).sent[PEER6_PNRP_INQUIRE], 0);
	net_free(net);
}

static void rate_of_a_source(void **state)
{
	struct net *net = net_new(24);
	struct net_node *node = script_engine(net);
	struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_INQUIRE };
	struct peer6_endpoint from = net_endpoint(50), other;
	unsigned int i, taken = 0;

	(void)state;
	msg.validate.b[0] = 1;
	for (i = 0; i < 100; i++) {
		from.addr[15] = (uint8_t)i;	/* in one /64 */
		taken += !net_inject(node, &from, &msg);
	}
	assert_int_equal(taken, 30);
	assert_int_equal(stats_of(node).dropped[-PEER6_E_RATE], 70);
	/* Another /64 has a rate of its own. */
	other = net_endpoint(51);
	assert_int_equal(net_inject(node, &other, &msg), 0);
	/* Ten a second come back. */
	net->now += PEER6_SECOND;
	for (i = 0, taken = 0; i < 100; i++)
		taken += !net_inject(node, &from, &msg);
	assert_int_equal(taken, 10);
	/* Clients of one Teredo server share a /64, and are strangers. */
	for (i = 0, taken = 0; i < 100; i++) {
		struct peer6_endpoint teredo = {
			.addr = { 0x20, 0x01, 0, 0, 192, 0, 2, 1, 0, 0,
				  1, 2, 3, 4, 5, (uint8_t)i },
			.port = 3540,
		};

		taken += !net_inject(node, &teredo, &msg);
	}
	assert_int_equal(taken, 100);
	/* So are those who share ours. */
	other = node->ep;
	for (i = 0, taken = 0; i < 100; i++) {
		other.addr[15] ^= 0x80;
		other.addr[14] = (uint8_t)(i + 1);
		taken += !net_inject(node, &other, &msg);
	}
	assert_int_equal(taken, 100);
	net_free(net);
}

static void rate_of_all(void **state)
{
	struct net *net = net_new(25);
	struct net_node *node = script_engine(net);
	struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_INQUIRE };
	unsigned int i, taken = 0;

	(void)state;
	msg.validate.b[0] = 1;
	for (i = 0; i < 3000; i++) {
		struct peer6_endpoint from = net_endpoint(i);

		taken += !net_inject(node, &from, &msg);
	}
	assert_int_equal(taken, 1000);
	/* The table of sources is bounded, and goes away when they do. */
	assert_true(stats_of(node).memory < 24576);
	net_run(net, 120 * PEER6_SECOND);
	assert_true(stats_of(node).memory < 4096);
	net_free(net);
}

/* ------------------------------------------------------------------- tables */

static void conversations(void **state)
{
	struct net *net = net_new(26);
	struct peer6_pnrp_id id;
	struct net_node *node = member(net, &id);
	uint64_t refused;
	unsigned int i;

	(void)state;
	for (i = 0; i < 400; i++) {
		struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_SOLICIT };
		struct peer6_endpoint from = net_endpoint(1000 + i);

		msg.id = i;
		msg.hashed_nonce[0] = (uint8_t)i;
		assert_int_equal(net_inject(node, &from, &msg), 0);
	}
	assert_int_equal(stats_of(node).conversations, 256);
	/* The others were told that there is nothing: 56 bytes, not 216. */
	refused = stats_of(node).sent[PEER6_PNRP_ADVERTISE];
	assert_true(refused >= 400);
	net_run(net, 16 * PEER6_SECOND);
	assert_int_equal(stats_of(node).conversations, 0);
	net_free(net);
}

/* Somebody names addresses: each is asked once in five seconds. */
static void third_parties(void **state)
{
	struct net *net = net_new(27);
	struct net_node *node = script_engine(net);
	struct peer6_endpoint named = net_endpoint(60);
	uint64_t sent;
	unsigned int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_FLOOD,
					      .flags = PEER6_PNRP_FLOOD_D,
					      .has_route = true };
		struct peer6_endpoint from = net_endpoint(100 + i);

		msg.route.id.b[0] = (uint8_t)(i + 1);
		msg.route.port = (uint16_t)(2000 + i);
		msg.route.n_addrs = 1;
		memcpy(msg.route.addrs[0], named.addr, 16);
		net_inject(node, &from, &msg);
	}
	/* It is sent twice, for nobody answers. */
	net_run(net, 4 * PEER6_SECOND);
	assert_int_equal(stats_of(node).sent[PEER6_PNRP_INQUIRE], 2);
	net_run(net, 5 * PEER6_SECOND);
	assert_int_equal(stats_of(node).sent[PEER6_PNRP_INQUIRE], 4);
	/* Who waits for more than a minute is not asked at all. */
	net_run(net, 300 * PEER6_SECOND);
	sent = stats_of(node).sent[PEER6_PNRP_INQUIRE];
	assert_int_equal(sent, 26);
	net_free(net);
}

static void entries_under_validation(void **state)
{
	struct net *net = net_new(28);
	struct net_node *node = script_engine(net);
	unsigned int i;

	(void)state;
	for (i = 0; i < 900; i++) {
		struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_FLOOD,
					      .flags = PEER6_PNRP_FLOOD_D,
					      .has_route = true };
		struct peer6_endpoint from = net_endpoint(100 + i);

		msg.route.id.b[0] = (uint8_t)(i + 1);
		msg.route.id.b[1] = (uint8_t)(i >> 8);
		msg.route.port = 3540;
		msg.route.n_addrs = 1;
		memcpy(msg.route.addrs[0], from.addr, 16);
		net_inject(node, &from, &msg);
	}
	assert_int_equal(stats_of(node).pending, 256);
	assert_int_equal(stats_of(node).sent[PEER6_PNRP_INQUIRE], 256);
	net_run(net, 3 * PEER6_SECOND);
	assert_int_equal(stats_of(node).pending, 0);
	net_free(net);
}

static void resolves(void **state)
{
	struct net *net = net_new(29);
	struct net_node *node = script_engine(net);
	struct peer6_pnrp_query query;
	struct script_peer peer;
	unsigned int i;
	uint32_t handle;

	(void)state;
	script_peer(&peer, 5, "a", false, NULL);
	script_introduce(node, &peer);
	net_query(node, &query, "nobody", NULL);
	for (i = 0; i < 56; i++)
		assert_int_not_equal(net_resolve(node, &query), 0);
	assert_int_equal(peer6_pnrp_resolve(node->engine, &query, net->now,
					    &handle), PEER6_E_LIMIT);
	net_run(net, 700 * PEER6_SECOND);
	for (i = 0; i < 56; i++)
		assert_non_null(net_event(node, PEER6_PNRP_EV_RESOLVE_END, 0,
					  i));
	assert_int_equal(stats_of(node).resolving, 0);
	assert_int_not_equal(net_resolve(node, &query), 0);
	net_free(net);
}

/* A host that does not fetch: the queue is bounded, askers hear of it. */
static void output_is_bounded(void **state)
{
	struct net *net = net_new(30);
	struct net_node *node = script_engine(net);
	struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_LOOKUP };
	struct peer6_pnrp_authority a;
	uint8_t buf[PEER6_PNRP_DATAGRAM_MAX];
	unsigned int i, busy = 0, n = 0;
	struct script_msg m;
	ptrdiff_t len;

	(void)state;
	for (i = 0; i < 600; i++) {
		struct peer6_endpoint from = net_endpoint(100 + i);

		msg.path.n = 1;
		msg.path.ep[0] = from;
		len = peer6_pnrp_msg_encode(&msg, buf, sizeof(buf));
		peer6_pnrp_input(node->engine, buf, (size_t)len, &from,
				 net->now);
	}
	while (script_take(node, &m)) {
		n++;
		assert_int_equal(peer6_pnrp_authority_decode(&a, NULL,
				 m.msg.fragment.p, m.msg.fragment.len), 0);
		busy += a.flags == PEER6_PNRP_AUTH_B;
	}
	assert_int_equal(n, 256);
	assert_int_equal(busy, 128);
	net_free(net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(amplification),
		cmocka_unit_test(large_answers),
		cmocka_unit_test(unanswerable_sources),
		cmocka_unit_test(unaskable_entries),
		cmocka_unit_test(rate_of_a_source),
		cmocka_unit_test(rate_of_all),
		cmocka_unit_test(conversations),
		cmocka_unit_test(third_parties),
		cmocka_unit_test(entries_under_validation),
		cmocka_unit_test(resolves),
		cmocka_unit_test(output_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
