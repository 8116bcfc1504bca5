// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The worked examples of [MS-PNRP] sections 4.1.2, 4.1.3, 4.3 and 4.4 as
 * scripts of events: synchronisation, a resolve that has to go back, a name
 * taken back, and how a new one spreads through the leaf sets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "script.h"

/* ------------------------------------------------ a record of what is sent */

struct sent {
	unsigned int		from, to;
	peer6_time		at;
	uint8_t			type;
	uint16_t		flags;
	unsigned int		n_ids, n_path;
	bool			revoke, has_route;
	struct peer6_pnrp_id	route, validate;
};

struct tape {
	struct sent	sent[8192];
	unsigned int	n;
	/* What this node says is lost, but for answers. */
	int		mute;
};

static unsigned int index_of(const struct net *net,
			     const struct peer6_endpoint *ep)
{
	unsigned int i;

	for (i = 0; i < net->n; i++)
		if (!memcmp(net->nodes[i].ep.addr, ep->addr, 16))
			return i;
	return NET_MAX;
}

static bool record(struct net *net, const struct net_packet *p,
		   const struct peer6_pnrp_msg *msg)
{
	struct tape *tape = net->tap_ctx;
	struct sent *s;

	assert_true(tape->n < 8192);
	s = &tape->sent[tape->n++];
	s->from = index_of(net, &p->from);
	s->to = index_of(net, &p->to);
	s->at = net->now;
	s->type = msg->type;
	s->flags = msg->flags;
	s->n_ids = msg->ids.n;
	s->n_path = msg->path.n;
	s->revoke = msg->revoke.p;
	s->has_route = msg->has_route;
	s->route = msg->route.id;
	s->validate = msg->validate;
	/* The new one hears of nobody: what spreads is the flood alone. */
	return tape->mute < 0 || s->to != (unsigned int)tape->mute ||
	       msg->type == PEER6_PNRP_INQUIRE;
}

static struct tape *start_tape(struct net *net)
{
	struct tape *tape = calloc(1, sizeof(*tape));

	assert_non_null(tape);
	tape->mute = -1;
	net->tap = record;
	net->tap_ctx = tape;
	return tape;
}

/* ------------------------------------------------------------------ rings */

struct ring {
	struct net		*net;
	unsigned int		n;
	char			text[32][16];
	struct net_node		*node[32];	/* in the order of their IDs */
	struct peer6_pnrp_id	id[32];
	uint32_t		handle[32];
};

static int by_p2p_id(const void *a, const void *b)
{
	return memcmp(a, b, PEER6_P2P_ID_LEN);
}

/*
 * n nodes whose secure names are in the order of their indices. Indices from
 * @late on are opened but not registered; the ring holds their names.
 */
static void make_ring(struct ring *ring, unsigned int n, int late)
{
	struct {
		uint8_t		p2p_id[PEER6_P2P_ID_LEN];
		unsigned int	index;
	} order[32];
	struct net *net = net_new(42);
	struct net_name name;
	unsigned int i;

	memset(ring, 0, sizeof(*ring));
	ring->net = net;
	ring->n = n;
	for (i = 0; i < n; i++) {
		assert_non_null(net_add(net));
		net_name(&net->nodes[i], &name, "ring", true);
		memcpy(order[i].p2p_id, name.reg.p2p_id, PEER6_P2P_ID_LEN);
		order[i].index = i;
	}
	qsort(order, n, sizeof(order[0]), by_p2p_id);
	for (i = 0; i < n; i++)
		ring->node[i] = &net->nodes[order[i].index];
	for (i = 0; i < n; i++) {
		struct peer6_endpoint seed = ring->node[!i]->ep;

		if ((int)i == late)
			continue;
		peer6_pnrp_set_seeds(ring->node[i]->engine, &seed, 1);
		peer6_pnrp_open(ring->node[i]->engine, net->now);
		ring->handle[i] = net_register(ring->node[i], "ring", true);
		assert_int_not_equal(ring->handle[i], 0);
		peer6_pnrp_registration_id(ring->node[i]->engine,
					   ring->handle[i], &ring->id[i]);
		net_run(net, 3 * PEER6_SECOND);
	}
	net_run(net, 300 * PEER6_SECOND);
}

static void free_ring(struct ring *ring)
{
	free(ring->net->tap_ctx);
	net_free(ring->net);
}

static unsigned int place(const struct ring *ring, unsigned int index)
{
	unsigned int i;

	for (i = 0; i < ring->n; i++)
		if (ring->node[i] == &ring->net->nodes[index])
			return i;
	return NET_MAX;
}

static bool knows(const struct net_node *node, const struct peer6_pnrp_id *id)
{
	struct peer6_pnrp_cached cached;
	unsigned int i;

	for (i = 0; peer6_pnrp_get_cached(node->engine, i, &cached); i++)
		if (!memcmp(&cached.route.id, id, sizeof(*id)))
			return true;
	return false;
}

/* ----------------------------------------------------------- section 4.1.2 */

static void synchronisation(void **state)
{
	const struct peer6_pnrp_config config = {
		.no_multicast = true, .resolve_only = true,
	};
	static const uint8_t script[] = {
		PEER6_PNRP_SOLICIT, PEER6_PNRP_ADVERTISE, PEER6_PNRP_REQUEST,
		PEER6_PNRP_ACK, PEER6_PNRP_FLOOD, PEER6_PNRP_FLOOD,
		PEER6_PNRP_FLOOD, PEER6_PNRP_FLOOD, PEER6_PNRP_FLOOD,
	};
	struct ring ring;
	struct net_node *joiner, *member;
	unsigned int i, at = 0, r, d;
	struct tape *tape;

	(void)state;
	make_ring(&ring, 12, -1);
	tape = start_tape(ring.net);
	joiner = net_add_as(ring.net, &config);
	member = &ring.net->nodes[0];
	r = index_of(ring.net, &joiner->ep);
	d = index_of(ring.net, &member->ep);
	peer6_pnrp_open(joiner->engine, ring.net->now);
	net_run(ring.net, 500 * PEER6_MS);
	for (i = 0; i < tape->n && at < sizeof(script); i++) {
		const struct sent *s = &tape->sent[i];

		if (!(s->from == r && s->to == d) &&
		    !(s->from == d && s->to == r))
			continue;
		/* The INQUIREs that floods bring about are another story. */
		if (s->type == PEER6_PNRP_INQUIRE ||
		    s->type == PEER6_PNRP_AUTHORITY)
			continue;
		assert_int_equal(s->type, script[at]);
		assert_int_equal(s->from == d, at != 0 && at != 2);
		if (at == 1 || at == 2)
			assert_int_equal(s->n_ids, 5);
		if (at > 3) {
			assert_int_equal(s->flags, PEER6_PNRP_FLOOD_D);
			assert_true(s->has_route);
			assert_int_equal(s->n_path, 0);
			/* In one go: nothing paces them. */
			assert_int_equal(s->at, tape->sent[i - 1].at);
		}
		at++;
	}
	assert_int_equal(at, sizeof(script));
	assert_int_equal(net_state(joiner), PEER6_PNRP_ACTIVE);
	free_ring(&ring);
}

/* ----------------------------------------------------------- section 4.1.3 */

static void check_path(const struct script_msg *m, unsigned int n,
		       const struct peer6_endpoint *const *want)
{
	unsigned int i;

	assert_int_equal(m->msg.path.n, n);
	for (i = 0; i < n; i++)
		assert_memory_equal(m->msg.path.ep[i].addr, want[i]->addr, 16);
}

/* So many leading bits as the target, then others. */
static void near(struct peer6_pnrp_id *id, const struct peer6_pnrp_id *target,
		 unsigned int bits)
{
	*id = *target;
	id->b[bits / 8] ^= (uint8_t)(0x80 >> bits % 8);
}

static void give_record(struct net_node *node, const struct script_peer *peer,
			const struct script_msg *to, size_t n_payload)
{
	static uint8_t text[PEER6_PNRP_PAYLOAD_MAX];
	struct peer6_pnrp_payload payload = { 0 };
	struct peer6_pnrp_authority a = { 0 };
	uint8_t cpa_bytes[PEER6_PNRP_CPA_MAX], buf[5000];
	uint8_t sig[PEER6_PNRP_SIG_LEN];
	struct peer6_pnrp_cpa cpa;
	ptrdiff_t len;

	script_cpa(peer, &cpa, to->msg.nonce, node->net->now);
	cpa.flags |= PEER6_PNRP_CPA_X;
	a.cpa.p = cpa_bytes;
	a.cpa.len = script_sign_cpa(peer, &cpa, cpa_bytes, sizeof(cpa_bytes));
	memset(text, 'p', sizeof(text));
	payload.not_after = cpa.not_after;
	payload.id = peer->route.id;
	memcpy(payload.nonce, to->msg.nonce, sizeof(payload.nonce));
	payload.type = PEER6_PNRP_PAYLOAD_BINARY;
	payload.data.p = text;
	payload.data.len = n_payload;
	len = peer6_pnrp_payload_encode(&payload, buf, sizeof(buf));
	assert_true(len > 0);
	net_sign(&peer->signer, buf, (size_t)len, sig);
	len += peer6_pnrp_signature_encode(sig, buf + len,
					   sizeof(buf) - (size_t)len);
	a.payload.p = buf;
	a.payload.len = (size_t)len;
	assert_int_equal(script_authority(node, peer, to, &a), 0);
}

static void resolve_goes_back(void **state)
{
	struct net *net = net_new(7);
	struct net_node *r = script_engine(net);
	struct script_peer one, two, two_a, three;
	const struct peer6_endpoint *path[] = { &r->ep, &one.ep, &two.ep,
						&two_a.ep, &three.ep };
	const struct net_event *result;
	struct peer6_pnrp_query query;
	struct peer6_pnrp_id id, far = { { 0 } };
	struct script_msg m;
	uint32_t handle;

	(void)state;
	script_peer(&three, 3, "three", false, NULL);
	/* Far from the target, but known: somewhere else on the ring. */
	far.b[0] = three.route.id.b[0] ^ 0x80;
	script_peer(&one, 1, NULL, false, &far);
	near(&id, &three.route.id, 10);
	script_peer(&two, 2, NULL, false, &id);
	near(&id, &three.route.id, 9);
	script_peer(&two_a, 4, NULL, false, &id);
	script_introduce(r, &one);
	net_query(r, &query, "three", NULL);
	handle = net_resolve(r, &query);
	peer6_pnrp_tick(r->engine, net->now);

	assert_true(script_take(r, &m));
	assert_int_equal(m.msg.type, PEER6_PNRP_LOOKUP);
	assert_memory_equal(m.to.addr, one.ep.addr, 16);
	assert_memory_equal(&m.msg.validate, &one.route.id, 32);
	assert_int_equal(m.msg.flags, PEER6_PNRP_LOOKUP_A);
	assert_int_equal(m.msg.criteria, PEER6_PNRP_ANY_PEERNAME);
	assert_int_equal(m.msg.reason, PEER6_PNRP_APP_REQUEST);
	assert_false(m.msg.has_route);
	check_path(&m, 1, path);
	assert_false(script_take(r, &m) && m.msg.type == PEER6_PNRP_LOOKUP);
	assert_int_equal(script_refer(r, &one, &m, 0, &two), 0);

	assert_true(script_expect(r, PEER6_PNRP_LOOKUP, &m));
	assert_memory_equal(m.to.addr, two.ep.addr, 16);
	/* One has answered, so it is the best match and travels along. */
	assert_true(m.msg.has_route);
	assert_memory_equal(&m.msg.route.id, &one.route.id, 32);
	check_path(&m, 2, path);
	assert_int_equal(script_refer(r, &two, &m, 0, NULL), 0);

	assert_true(script_expect(r, PEER6_PNRP_LOOKUP, &m));
	assert_memory_equal(m.to.addr, one.ep.addr, 16);
	check_path(&m, 3, path);
	assert_memory_equal(&m.msg.route.id, &two.route.id, 32);
	assert_int_equal(script_refer(r, &one, &m, 0, &two_a), 0);

	assert_true(script_expect(r, PEER6_PNRP_LOOKUP, &m));
	assert_memory_equal(m.to.addr, two_a.ep.addr, 16);
	check_path(&m, 3, path);
	assert_int_equal(script_refer(r, &two_a, &m, 0, &three), 0);

	/* The source jumps to the INQUIRE here; the algorithm asks first. */
	assert_true(script_expect(r, PEER6_PNRP_LOOKUP, &m));
	assert_memory_equal(m.to.addr, three.ep.addr, 16);
	check_path(&m, 4, path);
	assert_int_equal(script_refer(r, &three, &m, 0, NULL), 0);

	assert_true(script_expect(r, PEER6_PNRP_INQUIRE, &m));
	while (memcmp(&m.msg.validate, &three.route.id, 32) ||
	       !(m.msg.flags & PEER6_PNRP_INQUIRE_X))
		assert_true(script_expect(r, PEER6_PNRP_INQUIRE, &m));
	assert_int_equal(m.msg.flags, PEER6_PNRP_INQUIRE_A |
			 PEER6_PNRP_INQUIRE_X | PEER6_PNRP_INQUIRE_C);
	assert_true(m.msg.has_nonce);
	give_record(r, &three, &m, 1000);

	result = net_event(r, PEER6_PNRP_EV_RESOLVE_RESULT, handle, 0);
	assert_non_null(result);
	assert_int_equal(result->app.port, 22);
	assert_int_equal(result->n_payload, 1000);
	assert_int_equal(result->payload[999], 'p');
	assert_int_equal(result->hops, 6);
	assert_int_equal(net_event(r, PEER6_PNRP_EV_RESOLVE_END, handle,
				   0)->e.error, 0);
	assert_int_equal(net_event(r, PEER6_PNRP_EV_RESOLVE_STEP, handle,
				   1)->hop.verdict, PEER6_PNRP_HOP_DEAD_END);
	assert_int_equal(net_event(r, PEER6_PNRP_EV_RESOLVE_STEP, handle,
				   1)->hop.bits, 10);
	assert_int_equal(net_event(r, PEER6_PNRP_EV_RESOLVE_STEP, handle,
				   5)->hop.verdict, PEER6_PNRP_HOP_INQUIRED);
	net_free(net);
}

/* ------------------------------------------------------------- section 4.3 */

static void name_is_taken_back(void **state)
{
	bool revoked_to[32][32] = { { false } };
	struct peer6_pnrp_id gone;
	struct ring ring;
	struct tape *tape;
	unsigned int i, refills = 0;

	(void)state;
	make_ring(&ring, 11, -1);
	tape = start_tape(ring.net);
	gone = ring.id[5];
	for (i = 0; i < 11; i++)
		assert_int_equal(knows(ring.node[i], &gone), i != 5);
	peer6_pnrp_unregister(ring.node[5]->engine, ring.handle[5],
			      ring.net->now);
	net_run(ring.net, PEER6_SECOND);
	for (i = 0; i < tape->n; i++) {
		const struct sent *s = &tape->sent[i];
		unsigned int from = place(&ring, s->from);
		unsigned int to = place(&ring, s->to);

		if (s->type != PEER6_PNRP_FLOOD)
			continue;
		assert_int_equal(s->flags & PEER6_PNRP_FLOOD_D, 0);
		assert_memory_equal(&s->validate, &ring.id[to], 32);
		if (s->revoke) {
			revoked_to[from][to] = true;
			continue;
		}
		if (from != 5)
			continue;
		/* Node 7's entry to node 1, node 5's to node 11. */
		assert_true((to == 0 && !memcmp(&s->route, &ring.id[6], 32)) ||
			    (to == 10 && !memcmp(&s->route, &ring.id[4], 32)));
		refills++;
	}
	assert_int_equal(refills, 2);
	assert_true(revoked_to[5][4]);
	assert_true(revoked_to[5][6]);
	/* Outward on either side. */
	for (i = 4; i > 0; i--)
		assert_true(revoked_to[i][i - 1]);
	for (i = 6; i < 10; i++)
		assert_true(revoked_to[i][i + 1]);
	for (i = 0; i < 11; i++)
		assert_false(knows(ring.node[i], &gone));
	free_ring(&ring);
}

/* ------------------------------------------------------------- section 4.4 */

enum { A, B, C, D, E, F, Y, X, G, H, I, J, K, L, ALL };

static bool edge(const bool edges[ALL][ALL], unsigned int from,
		 unsigned int a, unsigned int b)
{
	unsigned int to;

	for (to = 0; to < ALL; to++)
		if (edges[from][to] != (to == a || to == b))
			return false;
	return true;
}

static void leaf_sets_grow(void **state)
{
	bool edges[ALL][ALL] = { { false } }, asked[ALL] = { false };
	bool speaks[ALL];
	struct peer6_pnrp_id id;
	struct ring ring;
	struct tape *tape;
	unsigned int i, from, to;
	uint32_t handle;

	(void)state;
	make_ring(&ring, ALL, X);
	tape = start_tape(ring.net);
	tape->mute = (int)index_of(ring.net, &ring.node[X]->ep);
	peer6_pnrp_set_seeds(ring.node[X]->engine, NULL, 0);
	peer6_pnrp_open(ring.node[X]->engine, ring.net->now);
	handle = net_register(ring.node[X], "ring", true);
	peer6_pnrp_registration_id(ring.node[X]->engine, handle, &id);
	peer6_pnrp_synchronize(ring.node[X]->engine, &ring.node[Y]->ep,
			       ring.net->now);
	net_run(ring.net, 900 * PEER6_MS);
	for (i = 0; i < tape->n; i++) {
		const struct sent *s = &tape->sent[i];

		from = place(&ring, s->from);
		to = place(&ring, s->to);
		if (s->type == PEER6_PNRP_INQUIRE && to == X &&
		    !memcmp(&s->validate, &id, 32)) {
			/* Where it is in no leaf set, it is asked barely. */
			assert_int_equal(s->flags, from >= C && from <= K ?
					 PEER6_PNRP_INQUIRE_A |
					 PEER6_PNRP_INQUIRE_C : 0);
			assert_false(asked[from]);
			asked[from] = true;
		}
		if (s->type != PEER6_PNRP_FLOOD || !s->has_route ||
		    memcmp(&s->route, &id, 32) || from == X)
			continue;
		/* Nobody passes on what it has not asked for itself. */
		assert_true(asked[from]);
		assert_false(edges[from][to]);
		edges[from][to] = true;
	}
	assert_true(edge(edges, Y, F, G));
	assert_true(edge(edges, F, E, H));
	assert_true(edge(edges, G, E, H));
	assert_true(edge(edges, E, D, I));
	assert_true(edge(edges, H, D, I));
	assert_true(edges[D][C]);
	assert_true(edges[I][J]);
	/* Those who have X in a leaf set, and no others, pass it on. */
	for (from = 0; from < ALL; from++) {
		speaks[from] = false;
		for (to = 0; to < ALL; to++)
			if (edges[from][to])
				speaks[from] = true;
		if (from == X || from == A || from == L || from == B)
			assert_false(speaks[from]);
		else if (from != C && from != K)
			assert_true(speaks[from]);
		if (from >= C && from <= K && from != X)
			assert_true(knows(ring.node[from], &id));
	}
	free_ring(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(synchronisation),
		cmocka_unit_test(resolve_goes_back),
		cmocka_unit_test(name_is_taken_back),
		cmocka_unit_test(leaf_sets_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
