// SPDX-License-Identifier: GPL-2.0-or-later
/* Records, answers and revokes that are not what they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "script.h"

/* ------------------------------------------------------- records of owners */

/* What the owner of a name gives instead of a good record. */
typedef void (*spoil_fn)(struct script_peer *peer, struct peer6_pnrp_cpa *cpa,
			 const struct peer6_pnrp_cpa *before);

static void good(struct script_peer *peer, struct peer6_pnrp_cpa *cpa,
		 const struct peer6_pnrp_cpa *before)
{
	(void)peer;
	(void)cpa;
	(void)before;
}

static void replayed(struct script_peer *peer, struct peer6_pnrp_cpa *cpa,
		     const struct peer6_pnrp_cpa *before)
{
	(void)peer;
	memcpy(cpa->nonce, before->nonce, sizeof(cpa->nonce));
}

static void no_nonce(struct script_peer *peer, struct peer6_pnrp_cpa *cpa,
		     const struct peer6_pnrp_cpa *before)
{
	(void)peer;
	(void)before;
	memset(cpa->nonce, 0, sizeof(cpa->nonce));
}

static void expired(struct script_peer *peer, struct peer6_pnrp_cpa *cpa,
		    const struct peer6_pnrp_cpa *before)
{
	(void)peer;
	(void)before;
	cpa->not_after -= UINT64_C(14) * 3600 * 10000000;
}

/* Somebody else's name, with a key of one's own. */
static void claimed(struct script_peer *peer, struct peer6_pnrp_cpa *cpa,
		    const struct peer6_pnrp_cpa *before)
{
	(void)before;
	memset(peer->signer.key, 0x77, sizeof(peer->signer.key));
	memcpy(cpa->key, peer->signer.key, sizeof(cpa->key));
}

/* With the authority's key, but signed by another. */
static void forged(struct script_peer *peer, struct peer6_pnrp_cpa *cpa,
		   const struct peer6_pnrp_cpa *before)
{
	(void)cpa;
	(void)before;
	memset(peer->signer.key, 0x77, sizeof(peer->signer.key));
}

static void elsewhere(struct script_peer *peer, struct peer6_pnrp_cpa *cpa,
		      const struct peer6_pnrp_cpa *before)
{
	(void)peer;
	(void)before;
	cpa->location[15] ^= 1;
}

static void other_name(struct script_peer *peer, struct peer6_pnrp_cpa *cpa,
		       const struct peer6_pnrp_cpa *before)
{
	(void)peer;
	(void)before;
	cpa->classifier_hash[0] ^= 1;
}

static void revoking(struct script_peer *peer, struct peer6_pnrp_cpa *cpa,
		     const struct peer6_pnrp_cpa *before)
{
	(void)peer;
	(void)before;
	cpa->flags |= PEER6_PNRP_CPA_R;
	memset(cpa->nonce, 0, sizeof(cpa->nonce));
}

static void payload_missing(struct script_peer *peer,
			    struct peer6_pnrp_cpa *cpa,
			    const struct peer6_pnrp_cpa *before)
{
	(void)peer;
	(void)before;
	cpa->flags |= PEER6_PNRP_CPA_X;
}

/* An unsecured name where a secured one was asked for. */
static void unsecured(struct script_peer *peer, struct peer6_pnrp_cpa *cpa,
		      const struct peer6_pnrp_cpa *before)
{
	(void)peer;
	(void)before;
	cpa->flags &= (uint8_t)~PEER6_PNRP_CPA_A;
}

/* Bytes of the authority the other way round: a peer of another dialect. */
static void authority_reversed(struct script_peer *peer,
			       struct peer6_pnrp_cpa *cpa,
			       const struct peer6_pnrp_cpa *before)
{
	unsigned int i;

	(void)before;
	for (i = 0; i < 20; i++)
		cpa->authority[i] = peer->authority[19 - i];
}

static void expect_application_inquire(struct net_node *node,
				       struct script_msg *m)
{
	do {
		assert_true(script_expect(node, PEER6_PNRP_INQUIRE, m));
	} while (!(m->msg.flags & PEER6_PNRP_INQUIRE_X));
}

/* Resolves at @peer, whose record @spoil spoils: the error of the end. */
static int resolve_spoilt(spoil_fn spoil, int *why)
{
	struct net *net = net_new(11);
	struct net_node *node = script_engine(net);
	struct peer6_pnrp_authority a = { 0 };
	struct peer6_pnrp_cpa cpa, before;
	uint8_t buf[PEER6_PNRP_CPA_MAX];
	struct net_node owner;
	struct peer6_pnrp_query query;
	const struct net_event *e;
	struct script_peer peer;
	struct script_msg m;
	uint32_t handle;
	int err;

	script_peer(&peer, 5, "bank", true, NULL);
	memcpy(owner.signer.key, peer.signer.key, sizeof(owner.signer.key));
	script_introduce(node, &peer);
	net_query(node, &query, "bank", &owner);
	memset(&before, 0x5a, sizeof(before));
	handle = net_resolve(node, &query);
	peer6_pnrp_tick(node->engine, net->now);
	assert_true(script_expect(node, PEER6_PNRP_LOOKUP, &m));
	assert_int_equal(script_refer(node, &peer, &m, 0, NULL), 0);
	expect_application_inquire(node, &m);
	script_cpa(&peer, &cpa, m.msg.nonce, net->now);
	spoil(&peer, &cpa, &before);
	a.cpa.p = buf;
	a.cpa.len = script_sign_cpa(&peer, &cpa, buf, sizeof(buf));
	assert_int_equal(script_authority(node, &peer, &m, &a), 0);
	net_run(net, 60 * PEER6_SECOND);
	e = net_event(node, PEER6_PNRP_EV_RESOLVE_END, handle, 0);
	assert_non_null(e);
	err = e->e.error;
	e = net_event(node, PEER6_PNRP_EV_RESOLVE_RESULT, handle, 0);
	assert_true(!!e == !err);
	if (e)
		assert_true(e->secure);
	e = net_event(node, PEER6_PNRP_EV_DROP, 0, 0);
	*why = e ? e->e.error : 0;
	net_free(net);
	return err;
}

static void bad_records(void **state)
{
	static const struct {
		const char	*what;
		spoil_fn	spoil;
		int		why;	/* 0: it is good */
	} cases[] = {
		{ "good", good, 0 },
		{ "authority the other way round", authority_reversed, 0 },
		{ "replayed", replayed, PEER6_E_NONCE },
		{ "no nonce", no_nonce, PEER6_E_NONCE },
		{ "expired", expired, PEER6_E_EXPIRED },
		{ "key of another", claimed, PEER6_E_CHAIN },
		{ "forged", forged, PEER6_E_SIGNATURE },
		{ "other location", elsewhere, PEER6_E_ID_MISMATCH },
		{ "other name", other_name, PEER6_E_ID_MISMATCH },
		{ "revoking", revoking, PEER6_E_VALUE },
		{ "payload missing", payload_missing, PEER6_E_FIELD },
		{ "unsecured", unsecured, PEER6_E_ID_MISMATCH },
	};
	unsigned int i;
	int why;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int err = resolve_spoilt(cases[i].spoil, &why);

		if (why != cases[i].why)
			print_message("# %s: %s\n", cases[i].what,
				      peer6_reason(why));
		assert_int_equal(why, cases[i].why);
		assert_int_equal(err, why ? PEER6_E_NOT_FOUND : 0);
	}
}

/* A peer whose ACKs and AUTHORITYs come from elsewhere, or too late. */
static void answers_nobody_asked_for(void **state)
{
	struct net *net = net_new(12);
	struct net_node *node = script_engine(net);
	struct script_peer peer, stranger;
	struct peer6_pnrp_msg flood = { .type = PEER6_PNRP_FLOOD };
	struct peer6_pnrp_stats stats;
	struct script_msg m;

	(void)state;
	script_peer(&peer, 5, "a", false, NULL);
	script_peer(&stranger, 6, "b", false, NULL);
	flood.has_route = true;
	flood.route = peer.route;
	assert_int_equal(net_inject(node, &peer.ep, &flood), 0);
	/* net_inject() has sent it; the copy comes after a second. */
	net->now += PEER6_SECOND;
	peer6_pnrp_tick(node->engine, net->now);
	assert_true(script_expect(node, PEER6_PNRP_INQUIRE, &m));
	assert_int_equal(script_refer(node, &stranger, &m, 0, NULL),
			 PEER6_E_UNEXPECTED);
	m.msg.id++;
	assert_int_equal(script_refer(node, &peer, &m, 0, NULL),
			 PEER6_E_UNEXPECTED);
	m.msg.id--;
	peer6_pnrp_get_stats(node->engine, &stats);
	assert_int_equal(stats.cached, 0);
	assert_int_equal(script_refer(node, &peer, &m, 0, NULL), 0);
	peer6_pnrp_get_stats(node->engine, &stats);
	assert_int_equal(stats.cached, 1);
	/* Once is enough. */
	assert_int_equal(script_refer(node, &peer, &m, 0, NULL),
			 PEER6_E_UNEXPECTED);
	net_free(net);
}

/* Whoever does not answer for its ID never gets into the cache. */
static void hearsay(void **state)
{
	struct net *net = net_new(13);
	struct net_node *node = script_engine(net);
	struct peer6_pnrp_stats stats;
	struct script_peer peer;
	struct peer6_pnrp_msg flood = { .type = PEER6_PNRP_FLOOD,
					.flags = PEER6_PNRP_FLOOD_D };
	struct script_msg m;

	(void)state;
	script_peer(&peer, 5, "a", false, NULL);
	flood.has_route = true;
	flood.route = peer.route;
	net_inject(node, &peer.ep, &flood);
	net_run(net, 3 * PEER6_SECOND);
	peer6_pnrp_get_stats(node->engine, &stats);
	assert_int_equal(stats.cached, 0);
	assert_int_equal(stats.sent[PEER6_PNRP_INQUIRE], 2);
	assert_int_equal(stats.timeouts, 1);
	/* Nor who says that it is somebody else's. */
	net_inject(node, &peer.ep, &flood);
	net->now += PEER6_SECOND;
	peer6_pnrp_tick(node->engine, net->now);
	assert_true(script_expect(node, PEER6_PNRP_INQUIRE, &m));
	assert_int_equal(script_refer(node, &peer, &m, PEER6_PNRP_AUTH_N,
				      NULL), 0);
	peer6_pnrp_get_stats(node->engine, &stats);
	assert_int_equal(stats.cached, 0);
	net_free(net);
}

/* ---------------------------------------------------------------- revokes */

struct pair {
	struct net	*net;
	struct net_node	*owner, *other;
	uint32_t	handle;
	struct peer6_pnrp_id id;
};

static void make_pair(struct pair *p, bool secure)
{
	p->net = net_new(14);
	p->owner = net_add(p->net);
	p->other = net_add(p->net);
	peer6_pnrp_open(p->owner->engine, p->net->now);
	p->handle = net_register(p->owner, "mine", secure);
	peer6_pnrp_registration_id(p->owner->engine, p->handle, &p->id);
	net_run(p->net, PEER6_SECOND);
	peer6_pnrp_open(p->other->engine, p->net->now);
	net_register(p->other, "yours", false);
	net_run(p->net, 20 * PEER6_SECOND);
}

static bool has(const struct net_node *node, const struct peer6_pnrp_id *id)
{
	struct peer6_pnrp_cached cached;
	unsigned int i;

	for (i = 0; peer6_pnrp_get_cached(node->engine, i, &cached); i++)
		if (!memcmp(&cached.route.id, id, sizeof(*id)))
			return true;
	return false;
}

/* A revoke of the owner's name, signed by @key, as if from @from. */
static int revoke(struct pair *p, const struct peer6_endpoint *from,
		  uint8_t key, bool secure)
{
	struct peer6_pnrp_msg flood = { .type = PEER6_PNRP_FLOOD };
	uint8_t buf[PEER6_PNRP_CPA_MAX];
	struct script_peer peer;
	struct peer6_pnrp_cpa cpa;

	script_peer(&peer, 0, "mine", secure, &p->id);
	memcpy(peer.ep.addr, p->owner->ep.addr, 16);
	if (key)
		memset(peer.signer.key, key, sizeof(peer.signer.key));
	script_cpa(&peer, &cpa, NULL, p->net->now);
	cpa.flags |= PEER6_PNRP_CPA_R;
	cpa.has_apps = false;
	cpa.n_apps = 0;
	flood.id = key + 1u;
	flood.revoke.p = buf;
	flood.revoke.len = script_sign_cpa(&peer, &cpa, buf, sizeof(buf));
	return net_inject(p->other, from, &flood);
}

static void forged_revokes(void **state)
{
	struct peer6_endpoint stranger = net_endpoint(99);
	struct pair p;

	(void)state;
	/* A secured name: only its key takes it back, but at once. */
	make_pair(&p, true);
	assert_true(has(p.other, &p.id));
	revoke(&p, &stranger, 0x55, true);
	net_run(p.net, 5 * PEER6_SECOND);
	assert_true(has(p.other, &p.id));
	assert_int_equal(revoke(&p, &stranger, 0, true), 0);
	assert_false(has(p.other, &p.id));
	assert_non_null(net_event(p.other, PEER6_PNRP_EV_REVOKED, 0, 0));
	net_free(p.net);

	/* An unsecured one: anybody can sign, so the owner is asked. */
	make_pair(&p, false);
	assert_int_equal(revoke(&p, &stranger, 0x55, false), 0);
	assert_int_equal(revoke(&p, &p.owner->ep, 0, false), 0);
	net_run(p.net, 5 * PEER6_SECOND);
	assert_true(has(p.other, &p.id));
	assert_null(net_event(p.other, PEER6_PNRP_EV_REVOKED, 0, 0));
	/* The owner itself, who then says that it has no such ID. */
	peer6_pnrp_unregister(p.owner->engine, p.handle, p.net->now);
	net_flush(p.owner);
	net_run(p.net, PEER6_SECOND);
	assert_false(has(p.other, &p.id));
	assert_non_null(net_event(p.other, PEER6_PNRP_EV_REVOKED, 0, 0));
	net_free(p.net);
}

/* ------------------------------------------------------------- delegation */

static void delegated(void **state)
{
	struct net *net = net_new(15);
	struct net_node *owner = net_add(net), *root = net_add(net);
	struct net_node *asker = net_add(net);
	uint8_t chain[20 + PEER6_PNRP_KEY_LEN];
	const struct net_event *result;
	struct peer6_pnrp_query query;
	struct net_name name;
	uint32_t handle;

	(void)state;
	peer6_pnrp_open(owner->engine, net->now);
	peer6_pnrp_open(asker->engine, net->now);
	/* The root's name, signed by the owner's key. */
	net_name(root, &name, "team", true);
	name.reg.signer = &owner->signer;
	assert_int_equal(net_register_as(owner, &name.reg, &handle),
			 PEER6_E_KEY);
	memcpy(chain, name.reg.authority, 20);
	memcpy(chain + 20, owner->signer.key, PEER6_PNRP_KEY_LEN);
	name.reg.chain = chain;
	name.reg.n_chain = sizeof(chain);
	assert_int_equal(net_register_as(owner, &name.reg, &handle), 0);
	net_run(net, 20 * PEER6_SECOND);
	net_query(asker, &query, "team", root);
	handle = net_resolve(asker, &query);
	assert_int_equal(net_finish(asker, handle)->e.error, 0);
	result = net_event(asker, PEER6_PNRP_EV_RESOLVE_RESULT, handle, 0);
	assert_true(result->secure);
	assert_true(result->delegated);
	/* A chain for another key is none. */
	chain[20] ^= 1;
	handle = net_resolve(asker, &query);
	assert_int_equal(net_finish(asker, handle)->e.error,
			 PEER6_E_NOT_FOUND);
	net_free(net);
}

/* ----------------------------------------------------------------- clocks */

/* An hour's error of a clock does not matter; a day's does. */
static void clock_skew(void **state)
{
	static const struct {
		int	hours;
		int	error;
	} cases[] = {
		{ 0, 0 }, { 1, 0 }, { -1, 0 }, { 12, 0 },
		{ 25, PEER6_E_NOT_FOUND }, { -48, 0 },
	};
	struct peer6_pnrp_query query;
	unsigned int i;
	struct pair p;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t handle;

		make_pair(&p, true);
		peer6_pnrp_set_clock(p.other->engine, p.net->now,
				     NET_EPOCH + p.net->now / 100 +
				     (peer6_filetime)cases[i].hours * 3600 *
				     10000000);
		net_query(p.other, &query, "mine", p.owner);
		handle = net_resolve(p.other, &query);
		assert_int_equal(net_finish(p.other, handle)->e.error,
				 cases[i].error);
		net_free(p.net);
	}
}

/* ---------------------------------------------------------------- dialects */

/* Publisher and resolver differ in all that the sources leave open. */
static void dialects(void **state)
{
	unsigned int bits;

	(void)state;
	for (bits = 0; bits < 16; bits++) {
		struct peer6_pnrp_config config = {
			.no_multicast = true,
			.dialect = {
				.authority_forward = bits & 1,
				.signature_le = bits & 2,
				.classifier_le = bits & 4,
				.revoke_no_nonce = bits & 8,
			},
		};
		struct net *net = net_new(16);
		struct net_node *owner = net_add_as(net, &config);
		struct net_node *asker = net_add(net);
		const struct net_event *result;
		struct peer6_pnrp_query query;
		struct peer6_pnrp_id id;
		uint32_t mine, handle;

		peer6_pnrp_open(owner->engine, net->now);
		mine = net_register(owner, "mine", true);
		peer6_pnrp_registration_id(owner->engine, mine, &id);
		peer6_pnrp_open(asker->engine, net->now);
		net_register(asker, "other", true);
		net_run(net, 20 * PEER6_SECOND);
		net_query(asker, &query, "mine", owner);
		handle = net_resolve(asker, &query);
		assert_int_equal(net_finish(asker, handle)->e.error, 0);
		result = net_event(asker, PEER6_PNRP_EV_RESOLVE_RESULT,
				   handle, 0);
		assert_true(result->secure);
		assert_int_equal(result->n_classifier, 4);
		assert_int_equal(result->classifier[0], 'm');
		assert_true(has(asker, &id));
		peer6_pnrp_unregister(owner->engine, mine, net->now);
		net_run(net, PEER6_SECOND);
		assert_false(has(asker, &id));
		net_free(net);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_records),
		cmocka_unit_test(answers_nobody_asked_for),
		cmocka_unit_test(hearsay),
		cmocka_unit_test(forged_revokes),
		cmocka_unit_test(delegated),
		cmocka_unit_test(clock_skew),
		cmocka_unit_test(dialects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
