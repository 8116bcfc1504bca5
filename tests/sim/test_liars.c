// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hosts that speak PNRP and lie. What they can get in is what they can answer
 * for from their own addresses, and no more.
 */
#include "clouds.h"

/* Nobody lives there, though addresses are of the right form. */
#define DEAD	0x00f00000u
#define FAKES	5

struct lies {
	struct sim_liar	liar;
	uint32_t	victim;		/* whose address takes the blame */
	struct peer6_pnrp_id fakes[FAKES];
	struct peer6_pnrp_id mine;	/* one that it does answer for */
	unsigned int	told, lookups, probes, replays;
	uint8_t		record[1300];	/* an AUTHORITY_BUFFER, overheard */
	size_t		n_record;
};

static void say(struct sim *sim, uint32_t from, struct peer6_pnrp_msg *msg,
		const struct peer6_endpoint *to)
{
	uint8_t buf[PEER6_PNRP_DATAGRAM_MAX];
	ptrdiff_t len;

	msg->id = (uint32_t)sim_random(sim);
	len = peer6_pnrp_msg_encode(msg, buf, sizeof(buf));
	assert_true(len > 0);
	sim_send(sim, from, sim_index(to), buf, (size_t)len);
}

static void authority(struct sim *sim, uint32_t from, uint32_t acked,
		      const struct peer6_pnrp_authority *a,
		      const struct peer6_endpoint *to)
{
	static const struct peer6_pnrp_dialect dialect;
	struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_AUTHORITY,
				      .acked = acked };
	uint8_t buf[PEER6_PNRP_FRAGMENT];
	ptrdiff_t len;

	len = peer6_pnrp_authority_encode(a, &dialect, buf, sizeof(buf));
	assert_true(len > 0);
	msg.size = (uint16_t)len;
	msg.fragment.p = buf;
	msg.fragment.len = (size_t)len;
	say(sim, from, &msg, to);
}

static struct peer6_pnrp_route entry(const struct peer6_pnrp_id *id,
				     uint32_t index)
{
	struct peer6_endpoint ep = sim_endpoint(index);
	struct peer6_pnrp_route route = { .id = *id, .port = ep.port,
					  .n_addrs = 1 };

	memcpy(route.addrs[0], ep.addr, 16);
	return route;
}

static void tell(struct sim *sim, uint32_t from,
		 const struct peer6_pnrp_route *route,
		 const struct peer6_endpoint *to)
{
	struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_FLOOD,
				      .flags = PEER6_PNRP_FLOOD_D,
				      .has_route = true, .route = *route };

	say(sim, from, &msg, to);
}

static void lie(struct sim_liar *liar, struct sim *sim, uint32_t index,
		const void *data, size_t len, const struct peer6_endpoint *from)
{
	struct lies *l = liar->ctx;
	struct peer6_pnrp_authority a = { 0 };
	struct peer6_pnrp_msg in, msg = { 0 };
	struct peer6_pnrp_route route;
	uint8_t ids[(FAKES + 1) * PEER6_PNRP_ID_LEN];
	unsigned int i;

	assert_int_equal(peer6_pnrp_msg_decode(&in, data, len), 0);
	switch (in.type) {
	case PEER6_PNRP_SOLICIT:
		memcpy(ids, l->fakes, sizeof(l->fakes));
		memcpy(ids + sizeof(l->fakes), &l->mine, sizeof(l->mine));
		msg.type = PEER6_PNRP_ADVERTISE;
		msg.acked = in.id;
		memcpy(msg.hashed_nonce, in.hashed_nonce,
		       sizeof(msg.hashed_nonce));
		msg.ids.p = ids;
		msg.ids.n = FAKES + 1;
		say(sim, index, &msg, from);
		break;
	case PEER6_PNRP_REQUEST:
		for (i = 0; i < FAKES; i++) {
			/* Nobody there; or somebody who has no such ID. */
			route = entry(&l->fakes[i],
				      i & 1 ? l->victim : DEAD + i);
			tell(sim, index, &route, from);
			l->told++;
		}
		route = entry(&l->mine, index);
		tell(sim, index, &route, from);
		break;
	case PEER6_PNRP_LOOKUP:
		l->lookups++;
		/* "The very one you look for is over there." */
		a.has_route = true;
		a.route = entry(&in.target, l->lookups & 1 ? l->victim :
				DEAD + 100 + l->lookups);
		authority(sim, index, in.id, &a, from);
		break;
	case PEER6_PNRP_INQUIRE:
		l->probes++;
		if (peer6_pnrp_id_cmp(&in.validate, &l->mine))
			a.flags = PEER6_PNRP_AUTH_N;
		authority(sim, index, in.id, &a, from);
		break;
	default:
		break;
	}
}

static void fill(struct sim *sim, void *buf, size_t len)
{
	uint8_t *p = buf;

	while (len--)
		*p++ = (uint8_t)sim_random(sim);
}

static uint32_t join_by(struct sim *sim, const uint32_t *known, unsigned int n)
{
	struct peer6_endpoint eps[4];
	uint32_t index = sim_add(sim);
	unsigned int i;

	for (i = 0; i < n; i++)
		eps[i] = sim_endpoint(known[i]);
	assert_int_equal(peer6_pnrp_set_known(sim->nodes[index].engine, eps, n),
			 0);
	assert_int_equal(sim_open(sim, index), 0);
	assert_int_equal(sim_publish(sim, index), 0);
	return index;
}

void lying_seed_gets_nothing_in(void **state)
{
	struct sim *sim = cloud_new(&(struct sim_config){ .seed = 21 });
	struct lies l = { .liar = { .input = lie }, .victim = 3 };
	uint32_t liar, known[2] = { 0 };
	unsigned int i;

	(void)state;
	l.liar.ctx = &l;
	fill(sim, l.fakes, sizeof(l.fakes));
	fill(sim, &l.mine, sizeof(l.mine));
	cloud_grow(sim, 40, 40);
	liar = sim_add_liar(sim, &l.liar);
	for (i = 0; i < 10; i++) {
		known[0] = liar;
		known[1] = i;
		join_by(sim, known, 2);
		cloud_pass(sim, 2);
	}
	cloud_pass(sim, 120);
	assert_true(l.told >= 10 * FAKES);
	for (i = 0; i < FAKES; i++)
		assert_int_equal(cloud_holders(sim, &l.fakes[i]), 0);
	cloud_await(sim, cloud_neighbours_are_right, 900);
	assert_true(cloud_resolve(sim, 300) >= 297);
	assert_true(l.lookups > 0);
}

static uint32_t attacked;
static unsigned int sent_by_attacked, sent_by_others;

static void see_dead(struct sim *sim, uint32_t from, uint32_t to,
		     const void *data, size_t len)
{
	(void)sim;
	(void)data;
	(void)len;
	if (to < DEAD || to == SIM_NONE)
		return;
	if (from == attacked)
		sent_by_attacked++;
	else
		sent_by_others++;
}

void dead_entries_go_nowhere(void **state)
{
	struct sim *sim = cloud_new(&(struct sim_config){ .seed = 22 });
	struct lies l = { .liar = { .input = lie } };
	struct peer6_pnrp_id ids[60], near;
	struct peer6_endpoint to;
	struct peer6_pnrp_route route;
	unsigned int i;
	uint32_t liar;

	(void)state;
	l.liar.ctx = &l;
	cloud_grow(sim, 40, 40);
	cloud_await(sim, cloud_neighbours_are_right, 900);
	liar = sim_add_liar(sim, &l.liar);
	attacked = 5;
	sent_by_attacked = 0;
	sent_by_others = 0;
	sim->tap = see_dead;
	to = sim_endpoint(attacked);
	near = cloud_id(sim, attacked);
	for (i = 0; i < 60; i++) {
		/* Right beside it: each would be in its leaf set. */
		peer6_pnrp_id_inc(&near, &near);
		ids[i] = near;
		route = entry(&near, DEAD + i);
		tell(sim, liar, &route, &to);
		cloud_pass(sim, 1);
	}
	cloud_pass(sim, 20);
	for (i = 0; i < 60; i++)
		assert_int_equal(cloud_holders(sim, &ids[i]), 0);
	/* It looks, twice at most, and tells nobody. */
	assert_in_range(sent_by_attacked, 60, 120);
	assert_int_equal(sent_by_others, 0);
	assert_true(cloud_neighbours_are_right(sim));
}

static void replay(struct sim_liar *liar, struct sim *sim, uint32_t index,
		   const void *data, size_t len,
		   const struct peer6_endpoint *from)
{
	struct peer6_pnrp_authority a = { 0 };
	struct peer6_pnrp_msg in, msg = { .type = PEER6_PNRP_AUTHORITY };
	struct lies *l = liar->ctx;
	struct peer6_pnrp_route route;

	assert_int_equal(peer6_pnrp_msg_decode(&in, data, len), 0);
	switch (in.type) {
	case PEER6_PNRP_AUTHORITY:
		/* The answer to its own INQUIRE: kept for later. */
		assert_in_range(in.fragment.len, 100, sizeof(l->record));
		memcpy(l->record, in.fragment.p, in.fragment.len);
		l->n_record = in.fragment.len;
		break;
	case PEER6_PNRP_LOOKUP:
		route = entry(&l->mine, index);
		a.has_route = true;
		a.route = route;
		l->lookups++;
		authority(sim, index, in.id, &a, from);
		break;
	case PEER6_PNRP_INQUIRE:
		if (!(in.flags & PEER6_PNRP_INQUIRE_A)) {
			authority(sim, index, in.id, &a, from);
			break;
		}
		msg.acked = in.id;
		msg.size = (uint16_t)l->n_record;
		msg.fragment.p = l->record;
		msg.fragment.len = l->n_record;
		l->replays++;
		say(sim, index, &msg, from);
		break;
	case PEER6_PNRP_SOLICIT:
	case PEER6_PNRP_REQUEST:
		/* As any seed, with the name's ID as its own. */
		lie(liar, sim, index, data, len, from);
		break;
	default:
		break;
	}
}

static unsigned int bad_records;

static void note_bad(struct sim *sim, uint32_t index,
		     const struct peer6_pnrp_event *event)
{
	(void)sim;
	(void)index;
	bad_records += event->type == PEER6_PNRP_EV_RESOLVE_STEP &&
		       event->hop->verdict == PEER6_PNRP_HOP_BAD_RECORD;
}

void replayed_record_is_refused(void **state)
{
	struct sim *sim = cloud_new(&(struct sim_config){ .seed = 23 });
	struct lies l = { .liar = { .input = replay }, .victim = 3 };
	struct peer6_pnrp_msg msg = { .type = PEER6_PNRP_INQUIRE,
				      .flags = PEER6_PNRP_INQUIRE_A,
				      .has_nonce = true };
	struct peer6_endpoint to = sim_endpoint(7), known;
	uint32_t liar, joiner;

	(void)state;
	l.liar.ctx = &l;
	cloud_grow(sim, 20, 20);
	cloud_pass(sim, 30);
	l.mine = cloud_id(sim, 7);
	fill(sim, l.fakes, sizeof(l.fakes));
	liar = sim_add_liar(sim, &l.liar);
	msg.validate = l.mine;
	say(sim, liar, &msg, &to);
	cloud_pass(sim, 1);
	assert_true(l.n_record > 300);

	/* Who knows the liar alone finds no name there. */
	bad_records = 0;
	sim->watch = note_bad;
	joiner = sim_add(sim);
	known = sim_endpoint(liar);
	assert_int_equal(peer6_pnrp_set_known(sim->nodes[joiner].engine,
					      &known, 1), 0);
	assert_int_equal(sim_open(sim, joiner), 0);
	cloud_pass(sim, 10);
	assert_int_not_equal(cloud_ask(sim, joiner, sim->nodes[7].name), 0);
	assert_true(l.replays > 0);
	assert_true(bad_records > 0);

	/* With one honest node more it finds the real one. */
	known = sim_endpoint(1);
	assert_int_equal(peer6_pnrp_synchronize(sim->nodes[joiner].engine,
						&known, sim->now), 0);
	sim_serve(sim, joiner);
	cloud_pass(sim, 60);
	assert_int_equal(cloud_ask(sim, joiner, sim->nodes[7].name), 0);
}
