// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory, randomness, signatures and callbacks that fail: a call that fails has
 * changed nothing, and nothing is lost, leaked or stuck.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net.h"

/* What an application sees of an engine. */
struct view {
	struct peer6_pnrp_stats	stats;
	struct peer6_endpoint	known[16];
	unsigned int		n_known;
};

static struct view view_of(const struct net_node *node)
{
	struct view v;

	memset(&v, 0, sizeof(v));
	peer6_pnrp_get_stats(node->engine, &v.stats);
	v.n_known = peer6_pnrp_get_known(node->engine, v.known, 16);
	return v;
}

static void same(const struct view *a, const struct view *b)
{
	assert_memory_equal(a, b, sizeof(*a));
}

/* Each call that can fail, three nodes, from nothing to nothing. */
static void scenario(struct net *net)
{
	const struct peer6_pnrp_config config = { .no_multicast = true };
	struct peer6_pnrp_registration reg;
	struct peer6_pnrp_query query;
	struct net_node *node[3], *late;
	uint8_t text[600];
	struct net_name name;
	struct view before, after;
	uint32_t handle, mine = 0;
	unsigned int i;
	int err;

	for (i = 0; i < 3; i++) {
		node[i] = net_add_as(net, &config);
		if (!node[i])
			return;
	}
	for (i = 0; i < 3; i++) {
		before = view_of(node[i]);
		err = peer6_pnrp_open(node[i]->engine, net->now);
		assert_int_equal(err, 0);
		before = view_of(node[i]);
		memset(text, 't', sizeof(text));
		net_name(node[i], &name, i ? "other" : "mine", i);
		reg = name.reg;
		reg.payload_type = PEER6_PNRP_PAYLOAD_BINARY;
		reg.payload = text;
		reg.n_payload = sizeof(text);
		err = peer6_pnrp_register(node[i]->engine, &reg, net->now,
					  &handle);
		if (err) {
			assert_int_equal(err, PEER6_E_NOMEM);
			after = view_of(node[i]);
			same(&before, &after);
		} else if (!i) {
			mine = handle;
		}
		net_run(net, 3 * PEER6_SECOND);
	}
	net_run(net, 20 * PEER6_SECOND);
	net_query(node[2], &query, "mine", NULL);
	before = view_of(node[2]);
	err = peer6_pnrp_resolve(node[2]->engine, &query, net->now, &handle);
	if (err) {
		assert_int_equal(err, PEER6_E_NOMEM);
		after = view_of(node[2]);
		same(&before, &after);
	} else {
		net_finish(node[2], handle);
	}
	if (mine) {
		net_name(node[0], &name, "mine", false);
		before = view_of(node[0]);
		err = peer6_pnrp_update(node[0]->engine, mine, &name.reg,
					net->now);
		if (err) {
			assert_int_equal(err, PEER6_E_NOMEM);
			after = view_of(node[0]);
			same(&before, &after);
		}
		assert_int_equal(peer6_pnrp_unregister(node[0]->engine, mine,
						       net->now), 0);
	}
	before = view_of(node[1]);
	err = peer6_pnrp_ping(node[1]->engine, &node[0]->ep, net->now,
			      &handle);
	after = view_of(node[1]);
	if (err)
		same(&before, &after);
	err = peer6_pnrp_synchronize(node[1]->engine, &node[0]->ep, net->now);
	assert_true(!err || err == PEER6_E_NOMEM);
	late = node[2];
	net_run(net, PEER6_SECOND);
	late->down = true;
	net_run(net, 40 * PEER6_SECOND);
	peer6_pnrp_close(node[0]->engine, net->now);
	net_run(net, 16 * 60 * PEER6_SECOND);
	assert_int_equal(net_state(node[0]), PEER6_PNRP_VIRTUAL);
}

static void each_allocation(void **state)
{
	unsigned long allocs, i;
	struct net *net = net_new(31);

	(void)state;
	scenario(net);
	allocs = net->allocs;
	net_free(net);	/* nothing leaks: it says so itself */
	assert_true(allocs > 200);
	for (i = 1; i <= allocs; i++) {
		net = net_new(31);
		net->fail_at = i;
		scenario(net);
		net_free(net);
	}
	print_message("# %lu allocations\n", allocs);
}

/* A service that is out of memory for a while comes back. */
static void recovers(void **state)
{
	struct net *net = net_new(32);
	struct peer6_pnrp_query query;
	struct net_node *a = net_add(net), *b = net_add(net);
	unsigned int i;

	(void)state;
	peer6_pnrp_open(a->engine, net->now);
	assert_int_not_equal(net_register(a, "a", false), 0);
	peer6_pnrp_open(b->engine, net->now);
	for (i = 0; i < 200; i++) {
		net->fail_at = 1;
		net_run(net, 100 * PEER6_MS);
	}
	net->fail_at = 0;
	net_run(net, 30 * PEER6_SECOND);
	net_query(b, &query, "a", NULL);
	assert_int_equal(net_finish(b, net_resolve(b, &query))->e.error, 0);
	net_free(net);
}

static void no_randomness(void **state)
{
	struct net *net = net_new(33);
	struct net_node *a = net_add(net), *b = net_add(net);
	struct peer6_pnrp_query query;
	const struct net_event *end;
	struct view before, after;
	struct net_name name;
	uint32_t handle;

	(void)state;
	peer6_pnrp_open(a->engine, net->now);
	assert_int_not_equal(net_register(a, "a", false), 0);
	peer6_pnrp_open(b->engine, net->now);
	net_run(net, 20 * PEER6_SECOND);
	net->random_fails = true;
	net_name(b, &name, "b", false);
	before = view_of(b);
	assert_int_equal(peer6_pnrp_register(b->engine, &name.reg, net->now,
					     &handle), PEER6_E_RANDOM);
	assert_int_equal(peer6_pnrp_ping(b->engine, &a->ep, net->now,
					 &handle), PEER6_E_RANDOM);
	after = view_of(b);
	same(&before, &after);
	/* Without a message ID that nobody can guess, nothing is sent. */
	net_query(b, &query, "a", NULL);
	end = net_finish(b, net_resolve(b, &query));
	assert_int_equal(end->e.error, PEER6_E_RANDOM);
	net_run(net, 60 * PEER6_SECOND);
	net->random_fails = false;
	net_run(net, 30 * PEER6_SECOND);
	end = net_finish(b, net_resolve(b, &query));
	assert_int_equal(end->e.error, 0);
	net_free(net);
}

static void no_signature(void **state)
{
	struct net *net = net_new(34);
	struct net_node *a = net_add(net), *b = net_add(net);
	struct peer6_pnrp_query query;
	struct view before, after;
	struct net_name name;
	uint32_t handle;

	(void)state;
	peer6_pnrp_open(a->engine, net->now);
	net->sign_fails = true;
	net_name(a, &name, "a", true);
	before = view_of(a);
	assert_int_equal(peer6_pnrp_register(a->engine, &name.reg, net->now,
					     &handle), PEER6_E_CRYPTO);
	after = view_of(a);
	same(&before, &after);
	net->sign_fails = false;
	assert_int_not_equal(net_register(a, "a", true), 0);
	peer6_pnrp_open(b->engine, net->now);
	net_run(net, 20 * PEER6_SECOND);
	/* A key that is gone later: no answer, and no harm. */
	net->sign_fails = true;
	net_query(b, &query, "a", a);
	assert_int_equal(net_finish(b, net_resolve(b, &query))->e.error,
			 PEER6_E_NOT_FOUND);
	assert_non_null(net_event(a, PEER6_PNRP_EV_DROP, 0, 0));
	net_free(net);
}

/* A callback that fails ends what it reported, once, and nothing else. */
static void callbacks(void **state)
{
	struct net *net = net_new(35);
	struct net_node *a = net_add(net), *b = net_add(net);
	struct peer6_pnrp_query query;
	const struct net_event *end;
	unsigned int i;
	uint32_t handle;

	(void)state;
	peer6_pnrp_open(a->engine, net->now);
	assert_int_not_equal(net_register(a, "a", false), 0);
	peer6_pnrp_open(b->engine, net->now);
	net_run(net, 20 * PEER6_SECOND);
	net_query(b, &query, "a", NULL);
	/* The steps of LOOKUP and INQUIRE, then the result. */
	for (i = 0; i < 3; i++) {
		handle = net_resolve(b, &query);
		b->fail_events = 1;
		b->fine_events = i;
		end = net_finish(b, handle);
		assert_int_equal(end->e.error, PEER6_E_CALLBACK);
		assert_int_equal(b->fail_events, 0);
		assert_true(!net_event(b, PEER6_PNRP_EV_RESOLVE_RESULT,
				       handle, 0) == (i < 2));
		assert_null(net_event(b, PEER6_PNRP_EV_RESOLVE_END, handle,
				      1));
	}
	assert_int_equal(net_finish(b, net_resolve(b, &query))->e.error, 0);
	/* All of them failing all the time stops no protocol. */
	a->fail_events = 1000000;
	b->fail_events = 1000000;
	peer6_pnrp_flush(b->engine, net->now);
	net_run(net, 60 * PEER6_SECOND);
	assert_int_equal(net_state(b), PEER6_PNRP_ACTIVE);
	net_free(net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_allocation),
		cmocka_unit_test(recovers),
		cmocka_unit_test(no_randomness),
		cmocka_unit_test(no_signature),
		cmocka_unit_test(callbacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
