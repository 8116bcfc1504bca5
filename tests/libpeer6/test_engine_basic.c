// SPDX-License-Identifier: GPL-2.0-or-later
/* A few nodes find each other, publish and resolve. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net.h"

static struct net_node *node_of(struct net *net, unsigned int i)
{
	assert_true(i < net->n);
	return &net->nodes[i];
}

/* n nodes, each with a name node0, node1 ..., all joined. */
static struct net *cloud(unsigned int n, uint64_t seed)
{
	struct net *net = net_new(seed);
	char text[16];
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct net_node *node = net_add(net);

		assert_non_null(node);
		assert_int_equal(peer6_pnrp_open(node->engine, net->now), 0);
		snprintf(text, sizeof(text), "node%u", i);
		assert_int_not_equal(net_register(node, text, false), 0);
		net_run(net, 3 * PEER6_SECOND);
	}
	net_run(net, 30 * PEER6_SECOND);
	return net;
}

static void alone(void **state)
{
	struct net *net = net_new(1);
	struct net_node *node = net_add(net);
	struct peer6_pnrp_query query;
	const struct net_event *end;

	(void)state;
	assert_int_equal(net_state(node), PEER6_PNRP_VIRTUAL);
	peer6_pnrp_open(node->engine, net->now);
	assert_int_equal(net_state(node), PEER6_PNRP_ALONE);
	net_query(node, &query, "nobody", NULL);
	end = net_finish(node, net_resolve(node, &query));
	assert_int_equal(end->e.error, PEER6_E_NOT_FOUND);
	net_free(net);
}

static void two_nodes(void **state)
{
	struct net *net = cloud(2, 2);
	struct peer6_pnrp_query query;
	const struct net_event *result;
	uint32_t handle;

	(void)state;
	assert_int_equal(net_state(node_of(net, 0)), PEER6_PNRP_ACTIVE);
	assert_int_equal(net_state(node_of(net, 1)), PEER6_PNRP_ACTIVE);
	net_query(node_of(net, 0), &query, "node1", NULL);
	handle = net_resolve(node_of(net, 0), &query);
	assert_int_equal(net_finish(node_of(net, 0), handle)->e.error, 0);
	result = net_event(node_of(net, 0), PEER6_PNRP_EV_RESOLVE_RESULT,
			   handle, 0);
	assert_non_null(result);
	assert_memory_equal(result->app.addr, node_of(net, 1)->ep.addr, 16);
	assert_int_equal(result->app.port, 80);
	assert_false(result->secure);
	assert_int_equal(result->n_classifier, 5);
	assert_int_equal(result->classifier[4], '1');
	net_free(net);
}

static void all_pairs(void **state)
{
	struct net *net = cloud(20, 3);
	struct peer6_pnrp_query query;
	unsigned int i, j;
	char text[16];

	(void)state;
	for (i = 0; i < net->n; i++) {
		for (j = 0; j < net->n; j++) {
			uint32_t handle;
			const struct net_event *end;

			if (i == j)
				continue;
			snprintf(text, sizeof(text), "node%u", j);
			net_query(node_of(net, i), &query, text, NULL);
			handle = net_resolve(node_of(net, i), &query);
			end = net_finish(node_of(net, i), handle);
			assert_int_equal(end->e.error, 0);
			assert_int_equal(end->e.value, 1);
		}
	}
	net_free(net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alone),
		cmocka_unit_test(two_nodes),
		cmocka_unit_test(all_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
