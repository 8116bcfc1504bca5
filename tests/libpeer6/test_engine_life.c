// SPDX-License-Identifier: GPL-2.0-or-later
/* A node from its first address to its last: states, names, other addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net.h"

static const struct peer6_pnrp_config with_multicast;

static struct net_node *opened(struct net *net)
{
	struct net_node *node = net_add(net);

	assert_non_null(node);
	assert_int_equal(peer6_pnrp_open(node->engine, net->now), 0);
	return node;
}

static struct peer6_pnrp_stats stats_of(const struct net_node *node)
{
	struct peer6_pnrp_stats stats;

	peer6_pnrp_get_stats(node->engine, &stats);
	return stats;
}

static int resolve_once(struct net_node *node, const char *text,
			const struct net_node *owner,
			const struct net_event **result)
{
	struct peer6_pnrp_query query;
	const struct net_event *end;
	uint32_t handle;

	net_query(node, &query, text, owner);
	handle = net_resolve(node, &query);
	end = net_finish(node, handle);
	*result = net_event(node, PEER6_PNRP_EV_RESOLVE_RESULT, handle, 0);
	return end->e.error;
}

/* --------------------------------------------------------------- joining */

static void states(void **state)
{
	struct net *net = net_new(41);
	struct net_node *node = net_add_as(net, &with_multicast);
	struct net_node *seed, *other;
	struct peer6_endpoint ep;

	(void)state;
	assert_int_equal(net_state(node), PEER6_PNRP_VIRTUAL);
	assert_int_equal(peer6_pnrp_deadline(node->engine), PEER6_NEVER);
	peer6_pnrp_set_endpoints(node->engine, NULL, 0, net->now);
	peer6_pnrp_open(node->engine, net->now);
	assert_int_equal(net_state(node), PEER6_PNRP_NO_NET);
	assert_null(net_event(node, PEER6_PNRP_EV_SSDP_SEARCH, 0, 0));
	peer6_pnrp_set_endpoints(node->engine, &node->ep, 1, net->now);
	assert_int_equal(net_state(node), PEER6_PNRP_SYNCHRONIZING);
	/* Nobody was known before, so it is multicast's turn. */
	assert_non_null(net_event(node, PEER6_PNRP_EV_SSDP_SEARCH, 0, 0));
	net_run(net, 3 * PEER6_SECOND);
	assert_int_equal(net_state(node), PEER6_PNRP_SYNCHRONIZING);
	/* No seeds: that was all. */
	net_run(net, PEER6_SECOND);
	assert_int_equal(net_state(node), PEER6_PNRP_ALONE);
	/* Each tick of maintenance looks again. */
	net_run(net, 7 * PEER6_SECOND);
	assert_non_null(net_event(node, PEER6_PNRP_EV_SSDP_SEARCH, 0, 1));

	/* Somebody answers the search, five of whom are asked. */
	seed = opened(net);
	other = opened(net);
	assert_int_not_equal(net_register(seed, "seed", false), 0);
	(void)other;
	assert_int_equal(peer6_pnrp_ssdp_found(node->engine, &seed->ep,
					       net->now), 0);
	ep = net_endpoint(77);
	assert_int_equal(peer6_pnrp_ssdp_found(node->engine, &ep, net->now),
			 0);
	assert_int_equal(peer6_pnrp_ssdp_found(node->engine, &ep, net->now),
			 0);
	assert_int_equal(peer6_pnrp_ssdp_found(node->engine, &ep, net->now),
			 0);
	assert_int_equal(peer6_pnrp_ssdp_found(node->engine, &ep, net->now),
			 0);
	assert_int_equal(peer6_pnrp_ssdp_found(node->engine, &ep, net->now),
			 PEER6_E_LIMIT);
	net_run(net, PEER6_SECOND);
	assert_int_equal(net_state(node), PEER6_PNRP_ACTIVE);
	/* It is gone, and nobody is left. */
	seed->down = true;
	net_run(net, 20 * PEER6_SECOND);
	assert_int_equal(net_state(node), PEER6_PNRP_ALONE);
	net_free(net);
}

/* First those of the last time, then the seeds. */
static void ways_to_join(void **state)
{
	struct net *net = net_new(42);
	struct net_node *seed = opened(net), *node = net_add(net);
	struct peer6_endpoint dead = net_endpoint(99), known[16];
	peer6_time start = net->now;
	unsigned int n;

	(void)state;
	net_register(seed, "seed", false);
	peer6_pnrp_set_known(node->engine, &dead, 1);
	peer6_pnrp_open(node->engine, net->now);
	net_run(net, 2 * PEER6_SECOND);
	assert_int_equal(net_state(node), PEER6_PNRP_SYNCHRONIZING);
	net_run(net, PEER6_SECOND);
	assert_int_equal(net_state(node), PEER6_PNRP_ACTIVE);
	assert_true(net_event(node, PEER6_PNRP_EV_STATE, 0, 1)->at - start <
		    3 * PEER6_SECOND);
	n = peer6_pnrp_get_known(node->engine, known, 16);
	assert_int_equal(n, 1);
	assert_memory_equal(known[0].addr, seed->ep.addr, 16);
	/* Known ones need no seed. */
	peer6_pnrp_set_seeds(node->engine, NULL, 0);
	peer6_pnrp_set_known(node->engine, known, n);
	peer6_pnrp_flush(node->engine, net->now);
	assert_int_equal(net_state(node), PEER6_PNRP_SYNCHRONIZING);
	assert_int_equal(stats_of(node).cached, 0);
	net_run(net, PEER6_SECOND);
	assert_int_equal(net_state(node), PEER6_PNRP_ACTIVE);
	net_free(net);
}

/* Who asks or publishes before anybody is known does so in time. */
static void before_anybody_is_known(void **state)
{
	struct net *net = net_new(43);
	struct net_node *seed = opened(net), *early, *asker;
	struct peer6_pnrp_query query;
	const struct net_event *result;
	uint32_t handle;

	(void)state;
	early = opened(net);
	assert_int_not_equal(net_register(early, "early", false), 0);
	net_run(net, 60 * PEER6_SECOND);
	/* The seed has no ID by which it could be known. */
	assert_int_equal(net_state(early), PEER6_PNRP_ALONE);
	assert_int_equal(net_state(seed), PEER6_PNRP_ACTIVE);
	net_register(seed, "seed", false);
	net_run(net, PEER6_SECOND);
	assert_int_equal(net_state(early), PEER6_PNRP_ACTIVE);
	asker = net_add(net);
	peer6_pnrp_open(asker->engine, net->now);
	net_query(asker, &query, "early", NULL);
	handle = net_resolve(asker, &query);
	assert_int_equal(net_state(asker), PEER6_PNRP_SYNCHRONIZING);
	assert_int_equal(net_finish(asker, handle)->e.error, 0);
	result = net_event(asker, PEER6_PNRP_EV_RESOLVE_RESULT, handle, 0);
	assert_memory_equal(result->app.addr, early->ep.addr, 16);
	net_free(net);
}

static void closing(void **state)
{
	struct net *net = net_new(44);
	struct net_node *seed = opened(net), *node = opened(net);
	struct net_name name;
	uint32_t handle;

	(void)state;
	net_register(seed, "seed", false);
	assert_int_not_equal(net_register(node, "mine", false), 0);
	peer6_pnrp_open(node->engine, net->now);
	net_run(net, 20 * PEER6_SECOND);
	peer6_pnrp_close(node->engine, net->now);
	net_run(net, 20 * 60 * PEER6_SECOND);
	/* Opened twice, closed once. */
	assert_int_equal(net_state(node), PEER6_PNRP_ACTIVE);
	peer6_pnrp_close(node->engine, net->now);
	net_run(net, 14 * 60 * PEER6_SECOND);
	assert_int_equal(net_state(node), PEER6_PNRP_ACTIVE);
	peer6_pnrp_open(node->engine, net->now);
	peer6_pnrp_close(node->engine, net->now);
	net_run(net, 14 * 60 * PEER6_SECOND);
	assert_int_equal(net_state(node), PEER6_PNRP_ACTIVE);
	net_run(net, 2 * 60 * PEER6_SECOND);
	assert_int_equal(net_state(node), PEER6_PNRP_VIRTUAL);
	assert_int_equal(stats_of(node).cached, 0);
	assert_int_equal(stats_of(node).registered, 0);
	assert_int_equal(peer6_pnrp_deadline(node->engine), PEER6_NEVER);
	net_name(node, &name, "mine", false);
	assert_int_equal(peer6_pnrp_register(node->engine, &name.reg,
					     net->now, &handle),
			 PEER6_E_NO_CLOUD);
	net_free(net);
}

static void ping(void **state)
{
	struct net *net = net_new(45);
	struct net_node *a = opened(net), *b = opened(net);
	struct peer6_endpoint nobody = net_endpoint(99);
	const struct net_event *pong;
	peer6_time start = net->now;
	uint32_t handle, other, cancelled;

	(void)state;
	assert_int_equal(peer6_pnrp_ping(a->engine, &b->ep, net->now,
					 &handle), 0);
	assert_int_equal(peer6_pnrp_ping(a->engine, &nobody, net->now,
					 &other), 0);
	assert_int_equal(peer6_pnrp_ping(a->engine, &nobody, net->now,
					 &cancelled), 0);
	peer6_pnrp_cancel(a->engine, cancelled);
	net_run(net, 5 * PEER6_SECOND);
	pong = net_event(a, PEER6_PNRP_EV_PONG, handle, 0);
	assert_int_equal(pong->e.error, 0);
	assert_int_equal(pong->e.value, 2 * NET_LATENCY / 1000);
	pong = net_event(a, PEER6_PNRP_EV_PONG, other, 0);
	assert_int_equal(pong->e.error, PEER6_E_TIMEOUT);
	/* Two transmissions, a second each. */
	assert_int_equal(pong->at - start, 2 * PEER6_SECOND);
	assert_null(net_event(a, PEER6_PNRP_EV_PONG, cancelled, 0));
	net_free(net);
}

/* ----------------------------------------------------------------- names */

static void refused_registrations(void **state)
{
	const struct peer6_pnrp_config ro = {
		.no_multicast = true, .resolve_only = true,
	};
	struct net *net = net_new(46);
	struct net_node *node = opened(net), *reader;
	struct net_name name;
	uint32_t handle;

	(void)state;
	reader = net_add_as(net, &ro);
	peer6_pnrp_open(reader->engine, net->now);
	net_name(reader, &name, "x", false);
	assert_int_equal(net_register_as(reader, &name.reg, &handle),
			 PEER6_E_RESOLVE_ONLY);
	net_name(node, &name, "x", false);
	name.reg.n_apps = 0;
	assert_int_equal(net_register_as(node, &name.reg, &handle),
			 PEER6_E_INVAL);
	net_name(node, &name, "x", false);
	name.reg.p2p_id[0] ^= 1;
	assert_int_equal(net_register_as(node, &name.reg, &handle),
			 PEER6_E_ID_MISMATCH);
	net_name(reader, &name, "x", true);
	name.reg.signer = &node->signer;
	assert_int_equal(net_register_as(node, &name.reg, &handle),
			 PEER6_E_KEY);
	net_name(node, &name, "", false);
	assert_int_equal(net_register_as(node, &name.reg, &handle),
			 PEER6_E_INVAL);
	/* A secure name may go without a classifier. */
	net_name(node, &name, "", true);
	assert_int_equal(net_register_as(node, &name.reg, &handle), 0);
	peer6_pnrp_set_endpoints(node->engine, NULL, 0, net->now);
	net_name(node, &name, "x", false);
	assert_int_equal(net_register_as(node, &name.reg, &handle),
			 PEER6_E_NO_ADDRESS);
	net_free(net);
}

static void searches_are_answered(void **state)
{
	struct net *net = net_new(47);
	struct net_node *node = net_add_as(net, &with_multicast);
	uint32_t a, b;

	(void)state;
	peer6_pnrp_open(node->engine, net->now);
	a = net_register(node, "a", false);
	b = net_register(node, "b", false);
	assert_int_equal(net_event(node, PEER6_PNRP_EV_SSDP_ADVERTISE, 0,
				   0)->e.value, 1);
	peer6_pnrp_unregister(node->engine, a, net->now);
	assert_null(net_event(node, PEER6_PNRP_EV_SSDP_ADVERTISE, 0, 1));
	peer6_pnrp_unregister(node->engine, b, net->now);
	assert_int_equal(net_event(node, PEER6_PNRP_EV_SSDP_ADVERTISE, 0,
				   1)->e.value, 0);
	net_free(net);
}

static void record_is_changed(void **state)
{
	struct net *net = net_new(48);
	struct net_node *owner = opened(net), *asker = opened(net);
	static const uint8_t comment[] = { 'h', 0, 'i', 0 };
	static const uint8_t payload[] = "0123456789";
	const struct net_event *result;
	struct peer6_pnrp_id before, after;
	struct net_name name;
	uint32_t handle;

	(void)state;
	handle = net_register(owner, "mine", true);
	peer6_pnrp_registration_id(owner->engine, handle, &before);
	net_run(net, 20 * PEER6_SECOND);
	net_name(owner, &name, "mine", true);
	name.app.port = 8443;
	name.reg.comment = comment;
	name.reg.n_comment = sizeof(comment);
	name.reg.payload_type = PEER6_PNRP_PAYLOAD_BINARY;
	name.reg.payload = payload;
	name.reg.n_payload = 10;
	assert_int_equal(peer6_pnrp_update(owner->engine, handle, &name.reg,
					   net->now), 0);
	peer6_pnrp_registration_id(owner->engine, handle, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(resolve_once(asker, "mine", owner, &result), 0);
	assert_int_equal(result->app.port, 8443);
	assert_int_equal(result->n_comment, 4);
	assert_memory_equal(result->comment, comment, 4);
	assert_int_equal(result->n_payload, 10);
	assert_memory_equal(result->payload, payload, 10);
	net_name(owner, &name, "another", true);
	assert_int_equal(peer6_pnrp_update(owner->engine, handle, &name.reg,
					   net->now), PEER6_E_ID_MISMATCH);
	/* As large as they come: in fragments. */
	{
		static uint8_t big[PEER6_PNRP_PAYLOAD_MAX];

		memset(big, 'B', sizeof(big));
		net_name(owner, &name, "mine", true);
		name.reg.payload_type = PEER6_PNRP_PAYLOAD_BINARY;
		name.reg.payload = big;
		name.reg.n_payload = sizeof(big);
		assert_int_equal(peer6_pnrp_update(owner->engine, handle,
						   &name.reg, net->now), 0);
		assert_int_equal(resolve_once(asker, "mine", owner, &result),
				 0);
		assert_int_equal(result->n_payload, sizeof(big));
		assert_memory_equal(result->payload, big, sizeof(big));
	}
	peer6_pnrp_unregister(owner->engine, handle, net->now);
	assert_int_equal(peer6_pnrp_unregister(owner->engine, handle,
					       net->now), PEER6_E_NOT_FOUND);
	net_run(net, PEER6_SECOND);
	assert_int_equal(resolve_once(asker, "mine", owner, &result),
			 PEER6_E_NOT_FOUND);
	net_free(net);
}

/* ------------------------------------------------------------- addresses */

static void address_changes(void **state)
{
	struct net *net = net_new(49);
	struct net_node *node[8];
	const struct net_event *result;
	struct net_name name;
	struct peer6_pnrp_id id;
	uint32_t handle = 0;
	unsigned int i;
	char text[8];

	(void)state;
	for (i = 0; i < 8; i++) {
		node[i] = opened(net);
		snprintf(text, sizeof(text), "n%u", i);
		handle = net_register(node[i], text, false);
		net_run(net, 3 * PEER6_SECOND);
	}
	peer6_pnrp_registration_id(node[7]->engine, handle, &id);
	net_run(net, 20 * PEER6_SECOND);
	assert_int_equal(resolve_once(node[1], "n7", NULL, &result), 0);
	node[7]->ep = net_endpoint(70);
	assert_int_equal(peer6_pnrp_set_endpoints(node[7]->engine,
						  &node[7]->ep, 1, net->now),
			 0);
	net_name(node[7], &name, "n7", false);
	assert_int_equal(peer6_pnrp_update(node[7]->engine, handle, &name.reg,
					   net->now), 0);
	net_run(net, PEER6_SECOND);
	/* All who had it in a leaf set have the new address. */
	for (i = 0; i < 7; i++) {
		struct peer6_pnrp_cached cached;
		unsigned int at;

		for (at = 0; peer6_pnrp_get_cached(node[i]->engine, at,
						   &cached); at++)
			if (!memcmp(&cached.route.id, &id, sizeof(id)))
				assert_memory_equal(cached.route.addrs[0],
						    node[7]->ep.addr, 16);
	}
	assert_int_equal(resolve_once(node[1], "n7", NULL, &result), 0);
	assert_memory_equal(result->app.addr, node[7]->ep.addr, 16);

	/* None at all, then the old one again: the name is still there. */
	peer6_pnrp_set_endpoints(node[7]->engine, NULL, 0, net->now);
	assert_int_equal(net_state(node[7]), PEER6_PNRP_NO_NET);
	net_run(net, 60 * PEER6_SECOND);
	assert_int_not_equal(resolve_once(node[1], "n7", NULL, &result), 0);
	node[7]->ep = net_endpoint(7);
	peer6_pnrp_set_endpoints(node[7]->engine, &node[7]->ep, 1, net->now);
	net_run(net, 5 * PEER6_SECOND);
	assert_int_equal(resolve_once(node[1], "n7", NULL, &result), 0);
	net_free(net);
}

static void refused_endpoints(void **state)
{
	struct net *net = net_new(50);
	struct net_node *node = net_add(net);
	struct peer6_endpoint ep[5];
	unsigned int i;

	(void)state;
	for (i = 0; i < 5; i++)
		ep[i] = net_endpoint(200 + i);
	assert_int_equal(peer6_pnrp_set_endpoints(node->engine, ep, 4, 0), 0);
	assert_int_equal(peer6_pnrp_set_endpoints(node->engine, ep, 5, 0),
			 PEER6_E_INVAL);
	ep[1].port++;
	assert_int_equal(peer6_pnrp_set_endpoints(node->engine, ep, 2, 0),
			 PEER6_E_INVAL);
	ep[0].port = 1024;
	assert_int_equal(peer6_pnrp_set_endpoints(node->engine, ep, 1, 0),
			 PEER6_E_INVAL);
	ep[0] = ep[2];
	assert_int_equal(peer6_pnrp_set_endpoints(node->engine, ep, 3, 0),
			 PEER6_E_INVAL);
	ep[0].addr[0] = 0xff;
	assert_int_equal(peer6_pnrp_set_endpoints(node->engine, ep, 1, 0),
			 PEER6_E_INVAL);
	net_free(net);
}

/* On a link: link-local addresses, and no others. */
static void link_local(void **state)
{
	const struct peer6_pnrp_config config = {
		.scope = PEER6_PNRP_LINK_LOCAL, .no_multicast = true,
	};
	struct peer6_endpoint global = net_endpoint(1);
	const struct net_event *result;
	struct net *net = net_new(51);
	struct net_node *node[2];
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		node[i] = net_add_as(net, &config);
		assert_non_null(node[i]);
		assert_int_equal(node[i]->ep.addr[0], 0xfe);
		assert_int_equal(peer6_pnrp_set_endpoints(node[i]->engine,
							  &global, 1, 0),
				 PEER6_E_INVAL);
		peer6_pnrp_open(node[i]->engine, net->now);
		net_register(node[i], i ? "b" : "a", false);
	}
	net_run(net, 20 * PEER6_SECOND);
	assert_int_equal(resolve_once(node[0], "b", NULL, &result), 0);
	assert_int_equal(peer6_pnrp_ssdp_found(node[0]->engine, &global,
					       net->now), PEER6_E_SOURCE);
	net_free(net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states),
		cmocka_unit_test(ways_to_join),
		cmocka_unit_test(before_anybody_is_known),
		cmocka_unit_test(closing),
		cmocka_unit_test(ping),
		cmocka_unit_test(refused_registrations),
		cmocka_unit_test(searches_are_answered),
		cmocka_unit_test(record_is_changed),
		cmocka_unit_test(address_changes),
		cmocka_unit_test(refused_endpoints),
		cmocka_unit_test(link_local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
