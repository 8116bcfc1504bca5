// SPDX-License-Identifier: GPL-2.0-or-later
/* Clouds of many nodes: what is found, and what survives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net.h"

static struct peer6_pnrp_stats stats_of(const struct net_node *node)
{
	struct peer6_pnrp_stats stats;

	peer6_pnrp_get_stats(node->engine, &stats);
	return stats;
}

/* n nodes, the i-th with a name of its own, joined one a second. */
static struct net *cloud(unsigned int n, uint64_t seed)
{
	struct net *net = net_new(seed);
	char text[16];
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct net_node *node = net_add(net);

		assert_int_equal(peer6_pnrp_open(node->engine, net->now), 0);
		snprintf(text, sizeof(text), "node%u", i);
		assert_int_not_equal(net_register(node, text, false), 0);
		net_run(net, PEER6_SECOND);
	}
	net_run(net, 60 * PEER6_SECOND);
	return net;
}

/* How many of the pairs (i, i + step) resolve; nodes that are down do not. */
static unsigned int resolves(struct net *net, unsigned int step,
			     unsigned int *tried, double *hops)
{
	unsigned int i, found = 0, all = 0;

	*tried = 0;
	for (i = 0; i < net->n; i++) {
		struct net_node *from = &net->nodes[i];
		unsigned int to = (i + step) % net->n;
		const struct net_event *result;
		struct peer6_pnrp_query query;
		char text[16];
		uint32_t handle;

		if (from->down || net->nodes[to].down || i == to)
			continue;
		snprintf(text, sizeof(text), "node%u", to);
		net_query(from, &query, text, NULL);
		handle = net_resolve(from, &query);
		++*tried;
		net_finish(from, handle);
		result = net_event(from, PEER6_PNRP_EV_RESOLVE_RESULT, handle,
				   0);
		if (!result)
			continue;
		assert_memory_equal(result->app.addr, net->nodes[to].ep.addr,
				    16);
		found++;
		all += result->hops;
	}
	*hops = found ? (double)all / found : 0;
	return found;
}

static void everybody_is_found(void **state)
{
	struct net *net = cloud(100, 61);
	unsigned int i, tried, found;
	size_t memory = 0;
	double hops;

	(void)state;
	for (i = 1; i < 100; i += 17) {
		found = resolves(net, i, &tried, &hops);
		assert_int_equal(found, tried);
		assert_true(hops < 6);
	}
	net_run(net, 300 * PEER6_SECOND);
	for (i = 0; i < net->n; i++) {
		struct peer6_pnrp_stats s = stats_of(&net->nodes[i]);

		assert_int_equal(s.leaves, 10);
		assert_true(s.cloud_nodes > 10 && s.cloud_nodes < 1000);
		assert_int_equal(s.conversations, 0);
		assert_int_equal(s.reassemblies, 0);
		if (s.memory > memory)
			memory = s.memory;
	}
	print_message("# mean of %.2f answers, %zu bytes a node at most\n",
		      hops, memory);
	assert_true(memory < 16384);
	net_free(net);
}

static void packets_get_lost(void **state)
{
	struct net *net = cloud(40, 62);
	unsigned int i, tried, found, all = 0, all_found = 0;
	double hops;

	(void)state;
	net->loss = 10;
	for (i = 1; i < 20; i += 3) {
		found = resolves(net, i, &tried, &hops);
		all += tried;
		all_found += found;
	}
	print_message("# %u of %u with 10 %% loss\n", all_found, all);
	assert_true(all_found * 100 >= all * 97);
	net_free(net);
}

/* A fifth of the nodes vanish without a word, then everybody is asked for. */
static void many_vanish(void **state)
{
	struct net *net = cloud(100, 63);
	unsigned int i, tried, found, all = 0, all_found = 0;
	double hops;

	(void)state;
	for (i = 0; i < net->n; i++)
		if (i % 5 == 2)
			net->nodes[i].down = true;
	for (i = 1; i < 30; i += 7) {
		found = resolves(net, i, &tried, &hops);
		all += tried;
		all_found += found;
	}
	print_message("# %u of %u, %.2f answers at the end\n", all_found, all,
		      hops);
	assert_true(all_found * 1000 >= all * 995);
	/* Maintenance has got rid of the dead, and leaf sets are full again. */
	net_run(net, 600 * PEER6_SECOND);
	for (i = 0; i < net->n; i++) {
		struct peer6_pnrp_cached cached;
		unsigned int at, j;

		if (net->nodes[i].down)
			continue;
		assert_int_equal(stats_of(&net->nodes[i]).leaves, 10);
		for (at = 0; peer6_pnrp_get_cached(net->nodes[i].engine, at,
						   &cached); at++)
			for (j = 2; j < net->n; j += 5)
				assert_memory_not_equal(cached.route.addrs[0],
					net->nodes[j].ep.addr, 16);
	}
	net_free(net);
}

/* ------------------------------------------------------------------ splits */

static bool parted(struct net *net, const struct net_packet *p,
		   const struct peer6_pnrp_msg *msg)
{
	unsigned int from = p->from.addr[7], to = p->to.addr[7];
	unsigned int border = net->n / 3;

	(void)msg;
	return (from < border) == (to < border);
}

static void parts_come_together(void **state)
{
	struct net *net = cloud(30, 64);
	unsigned int i, at, tried, found, splits = 0, small = 0;
	struct peer6_endpoint ep;
	double hops;

	(void)state;
	net->tap = parted;
	net_run(net, 900 * PEER6_SECOND);
	/* Each part has forgotten the other. */
	for (i = 0; i < net->n; i++)
		assert_true(stats_of(&net->nodes[i]).cached <
			    (i < 10 ? 10u : 20u));
	found = resolves(net, 15, &tried, &hops);
	assert_true(found < tried / 2 + 1);
	/* The way is free again, and the seed of the larger is in the other. */
	net->tap = NULL;
	for (i = 0; i < net->n; i++) {
		net->nodes[i].n_events = 0;
		ep = net_endpoint(i < 10 ? 29 : 0);
		peer6_pnrp_set_seeds(net->nodes[i].engine, &ep, 1);
	}
	net_run(net, 600 * PEER6_SECOND);
	for (i = 0; i < net->n; i++)
		for (at = 0; at < net->nodes[i].n_events; at++) {
			const struct net_event *e = &net->nodes[i].events[at];

			if (e->e.type != PEER6_PNRP_EV_SPLIT)
				continue;
			splits++;
			small += e->e.value;
		}
	assert_true(splits > 0);
	for (i = 1; i < net->n; i += 4) {
		found = resolves(net, i, &tried, &hops);
		assert_int_equal(found, tried);
	}
	/* Nothing is torn now, and asking for repair says nothing else. */
	for (i = 0; i < net->n; i++) {
		net->nodes[i].n_events = 0;
		assert_int_equal(peer6_pnrp_repair(net->nodes[i].engine,
						   net->now), 0);
	}
	net_run(net, 60 * PEER6_SECOND);
	for (i = 0; i < net->n; i++)
		assert_null(net_event(&net->nodes[i], PEER6_PNRP_EV_SPLIT, 0,
				      0));
	print_message("# %u splits seen, %u from the smaller part\n", splits,
		      small);
	net_free(net);
}

/* ---------------------------------------------------------------- results */

static unsigned int count_results(struct net_node *node,
				  const struct peer6_pnrp_query *query,
				  int *error)
{
	const struct net_event *result, *other;
	unsigned int n, i;
	uint32_t handle = net_resolve(node, query);

	*error = net_finish(node, handle)->e.error;
	for (n = 0; (result = net_event(node, PEER6_PNRP_EV_RESOLVE_RESULT,
					handle, n)); n++)
		for (i = 0; i < n; i++) {
			other = net_event(node, PEER6_PNRP_EV_RESOLVE_RESULT,
					  handle, i);
			assert_memory_not_equal(&result->e.id, &other->e.id,
						32);
		}
	assert_int_equal(net_event(node, PEER6_PNRP_EV_RESOLVE_END, handle,
				   0)->e.value, n);
	return n;
}

static void many_owners(void **state)
{
	struct net *net = cloud(30, 65);
	struct peer6_pnrp_query query;
	unsigned int i;
	int error;

	(void)state;
	for (i = 3; i < 30; i += 5)
		assert_int_not_equal(net_register(&net->nodes[i], "shared",
						  false), 0);
	net_run(net, 20 * PEER6_SECOND);
	for (i = 0; i < 30; i += 7) {
		net_query(&net->nodes[i], &query, "shared", NULL);
		query.max_results = 3;
		assert_int_equal(count_results(&net->nodes[i], &query,
					       &error), 3);
		assert_int_equal(error, 0);
		query.max_results = 20;
		/* Its own does not count, unless it is asked for. */
		query.consider_local = true;
		assert_int_equal(count_results(&net->nodes[i], &query,
					       &error), 6);
		assert_int_equal(error, 0);
	}
	net_free(net);
}

static void criteria(void **state)
{
	struct net *net = cloud(30, 66);
	const struct net_event *result;
	struct peer6_pnrp_query query;
	struct net_name name;
	struct peer6_pnrp_id ids[5];
	unsigned int i;
	uint32_t handle;
	int error;

	(void)state;
	/* One name in five places. */
	for (i = 0; i < 5; i++) {
		struct net_node *node = &net->nodes[5 * i + 2];

		net_name(node, &name, "places", false);
		name.reg.has_prefix = true;
		memset(name.reg.prefix, 0x11 * (int)(i + 1), 8);
		assert_int_equal(net_register_as(node, &name.reg, &handle),
				 0);
		peer6_pnrp_registration_id(node->engine, handle, &ids[i]);
		net_run(net, 5 * PEER6_SECOND);
	}
	net_run(net, 20 * PEER6_SECOND);
	for (i = 0; i < 5; i++) {
		struct net_node *asker = &net->nodes[29];

		net_query(asker, &query, "places", NULL);
		query.criteria = PEER6_PNRP_NEAREST64_PEERNAME;
		memset(query.prefix, 0x11 * (int)(i + 1), 8);
		handle = net_resolve(asker, &query);
		assert_int_equal(net_finish(asker, handle)->e.error, 0);
		result = net_event(asker, PEER6_PNRP_EV_RESOLVE_RESULT,
				   handle, 0);
		assert_memory_equal(&result->e.id, &ids[i], 32);
		/* Near one of them, not at it. */
		query.criteria = PEER6_PNRP_NEAREST_PEERNAME;
		query.prefix[7] ^= 2;
		handle = net_resolve(asker, &query);
		assert_int_equal(net_finish(asker, handle)->e.error, 0);
		result = net_event(asker, PEER6_PNRP_EV_RESOLVE_RESULT,
				   handle, 0);
		assert_memory_equal(&result->e.id, &ids[i], 32);
		/* All of an ID, or nothing. */
		query.has_target = true;
		query.criteria = PEER6_PNRP_NONE;
		query.target = ids[i];
		assert_int_equal(count_results(asker, &query, &error), 1);
		query.target.b[31] ^= 1;
		assert_int_equal(count_results(asker, &query, &error), 0);
		assert_int_equal(error, PEER6_E_NOT_FOUND);
		/* So many bits will do. */
		query.criteria = PEER6_PNRP_UPPER_BITS;
		query.precision = 130;
		assert_int_equal(count_results(asker, &query, &error), 1);
		memset(&query.target, 0, 32);
		query.precision = 0;
		assert_int_equal(count_results(asker, &query, &error), 1);
	}
	net_free(net);
}

static void own_names(void **state)
{
	struct net *net = cloud(10, 67);
	struct net_node *node = &net->nodes[4];
	const struct net_event *result;
	struct peer6_pnrp_query query;
	uint32_t handle;
	uint64_t lookups;
	int error;

	(void)state;
	net_query(node, &query, "node4", NULL);
	assert_int_equal(count_results(node, &query, &error), 0);
	assert_int_equal(error, PEER6_E_NOT_FOUND);
	query.consider_local = true;
	lookups = stats_of(node).lookups;
	handle = net_resolve(node, &query);
	assert_int_equal(net_finish(node, handle)->e.error, 0);
	result = net_event(node, PEER6_PNRP_EV_RESOLVE_RESULT, handle, 0);
	assert_true(result->local);
	assert_memory_equal(result->app.addr, node->ep.addr, 16);
	assert_int_equal(result->n_classifier, 5);
	assert_int_equal(stats_of(node).lookups, lookups);
	net_free(net);
}

static void ends(void **state)
{
	struct net *net = cloud(10, 68);
	struct net_node *node = &net->nodes[4];
	struct peer6_pnrp_query query;
	const struct net_event *end;
	peer6_time start;
	uint32_t handle;
	unsigned int i;

	(void)state;
	net_query(node, &query, "nobody", NULL);
	handle = net_resolve(node, &query);
	peer6_pnrp_tick(node->engine, net->now);
	peer6_pnrp_cancel(node->engine, handle);
	net_run(net, 60 * PEER6_SECOND);
	assert_null(net_event(node, PEER6_PNRP_EV_RESOLVE_END, handle, 0));
	for (i = 0; i < net->n; i++)
		net->nodes[i].down = i != 4;
	start = net->now;
	query.timeout = 1500 * PEER6_MS;
	handle = net_resolve(node, &query);
	end = net_finish(node, handle);
	assert_int_equal(end->e.error, PEER6_E_TIMEOUT);
	assert_int_equal(end->at - start, 1500 * PEER6_MS);
	/* A hop that is dead costs two seconds, and is named. */
	query.timeout = 0;
	handle = net_resolve(node, &query);
	end = net_finish(node, handle);
	assert_int_equal(end->e.error, PEER6_E_TIMEOUT);
	end = net_event(node, PEER6_PNRP_EV_RESOLVE_STEP, handle, 0);
	assert_int_equal(end->hop.verdict, PEER6_PNRP_HOP_UNREACHABLE);
	assert_int_equal(end->hop.took, 2 * PEER6_SECOND);
	/* Its address goes: so does the resolve. */
	handle = net_resolve(node, &query);
	peer6_pnrp_set_endpoints(node->engine, NULL, 0, net->now);
	end = net_event(node, PEER6_PNRP_EV_RESOLVE_END, handle, 0);
	assert_int_equal(end->e.error, PEER6_E_NO_ADDRESS);
	assert_int_equal(net_resolve(node, &query), 0);
	net_free(net);
}

/* The same seed gives the same bytes. */
static void repeatable(void **state)
{
	struct net *a = cloud(25, 69), *b = cloud(25, 69), *c = cloud(25, 70);

	(void)state;
	assert_int_equal(a->bytes, b->bytes);
	assert_int_equal(a->seed, b->seed);
	assert_int_not_equal(a->bytes, c->bytes);
	net_free(a);
	net_free(b);
	net_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_is_found),
		cmocka_unit_test(packets_get_lost),
		cmocka_unit_test(many_vanish),
		cmocka_unit_test(parts_come_together),
		cmocka_unit_test(many_owners),
		cmocka_unit_test(criteria),
		cmocka_unit_test(own_names),
		cmocka_unit_test(ends),
		cmocka_unit_test(repeatable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
