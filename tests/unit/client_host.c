// SPDX-License-Identifier: GPL-2.0
#include "client_host.h"

void host_init(struct host *h)
{
	memset(h, 0, sizeof(*h));
	unit_env_init(&h->u);
	h->now = 1000 * TEREDO_SEC;
	h->local = ep(LOCAL);
	h->p.role = TEREDO_ROLE_CLIENT;
	h->p.prefix = htonl(TEREDO_PREFIX);
	h->p.server = ip4(SERVER_A);
	h->p.server2 = ip4(SERVER2_A);
	h->p.refresh = TEREDO_REFRESH_DEFAULT_S;
	teredo_client_init(&h->c);
}

void set_secret(struct teredo_params *p)
{
	static const char id[] = "host1", secret[] = "teredo-test-key!";

	p->id_len = sizeof(id) - 1;
	memcpy(p->id, id, p->id_len);
	p->secret_len = sizeof(secret) - 1;
	memcpy(p->secret, secret, p->secret_len);
}

void check(const struct host *h)
{
	const struct teredo_client *c = &h->c;

	if (c->address != TEREDO_ADDRESS_NONE) {
		assert_true(teredo_addr_is_teredo(&c->addr, h->p.prefix));
		assert_int_equal(teredo_addr_server(&c->addr), h->p.server);
		assert_true(teredo_endpoint_eq(teredo_addr_mapped(&c->addr),
					       c->mapped));
		assert_int_equal(teredo_addr_flags(&c->addr) &
				 ~TEREDO_FLAG_RANDOM, 0);
	}
	switch (c->state) {
	case TEREDO_STATE_DORMANT:
		assert_int_equal(c->deadline, TEREDO_NEVER);
		assert_int_equal(c->address, TEREDO_ADDRESS_NONE);
		break;
	case TEREDO_STATE_OFFLINE:
		assert_false(c->pending);
		assert_int_equal(c->address, TEREDO_ADDRESS_NONE);
		assert_int_not_equal(c->error, TEREDO_REASON_NONE);
		break;
	case TEREDO_STATE_QUALIFIED:
		assert_int_not_equal(c->address, TEREDO_ADDRESS_NONE);
		assert_int_equal(c->error, TEREDO_REASON_NONE);
		break;
	default:
		break;
	}
}

static void apply(struct host *h, struct teredo_client_out *out)
{
	u8 buf[TEREDO_AUTH_MAX + TEREDO_RS_LEN];
	int n, rounds = 0;

	h->changed = out->changed;
	h->renumbered = out->renumbered;
	while (out->send_rs) {
		/* A call leads to one packet, a second one at the most. */
		assert_true(rounds++ < 2);
		h->sent++;
		h->to = out->server;
		n = teredo_build_rs(buf, h->c.cone, h->c.nonce, &h->p,
				    &h->u.env);
		assert_true(n > 0);
		memcpy(h->rs_data.data, buf, (size_t)n);
		h->rs_data.len = (size_t)n;
		assert_reason(teredo_packet_parse(&h->rs, h->rs_data.data,
						  h->rs_data.len),
			      TEREDO_REASON_NONE);
		teredo_client_sent(&h->c, &h->p, &h->u.env,
				   h->to == h->p.server2 && h->local2.ip ?
				   h->local2 : h->local, h->now, out);
		h->changed |= out->changed;
		h->renumbered |= out->renumbered;
	}
	check(h);
}

void start(struct host *h)
{
	struct teredo_client_out out;

	teredo_client_start(&h->c, &h->p, &h->u.env, h->now, &out);
	apply(h, &out);
}

void tick(struct host *h)
{
	struct teredo_client_out out;

	teredo_client_tick(&h->c, &h->p, &h->u.env, h->now, &out);
	apply(h, &out);
}

void network_changed(struct host *h)
{
	struct teredo_client_out out;

	teredo_client_network_changed(&h->c, &h->p, &h->u.env, h->now, &out);
	apply(h, &out);
}

void doubt(struct host *h)
{
	struct teredo_client_out out;

	teredo_client_doubt(&h->c, &h->p, &h->u.env, h->now, &out);
	apply(h, &out);
}

void resume(struct host *h)
{
	struct teredo_client_out out;

	teredo_client_resume(&h->c, &h->p, &h->u.env, h->now, &out);
	apply(h, &out);
}

void stop(struct host *h)
{
	struct teredo_client_out out;

	teredo_client_stop(&h->c, &out);
	apply(h, &out);
}

void wait_deadline(struct host *h)
{
	unsigned int sent = h->sent;
	struct teredo_client before = h->c;

	assert_true(h->c.deadline != TEREDO_NEVER);
	assert_true(h->c.deadline > h->now);
	h->now = h->c.deadline - 1;
	tick(h);
	assert_int_equal(h->sent, sent);
	assert_memory_equal(&before, &h->c, sizeof(before));
	h->now++;
	tick(h);
	assert_true(h->c.deadline > h->now);
}

void assert_state(const struct host *h, enum teredo_state state,
		  enum teredo_reason error)
{
	assert_string_equal(teredo_state_name(h->c.state),
			    teredo_state_name(state));
	assert_reason(h->c.error, error);
}

struct bytes advertise(const struct host *h, const char *mapped)
{
	struct teredo_params server = h->p;
	struct bytes ra = { 0 };
	int n;

	server.role = TEREDO_ROLE_SERVER;
	n = teredo_build_ra(ra.data, &h->rs, ep(mapped), &server, &h->u.env);
	assert_true(n > 0);
	ra.len = (size_t)n;
	return ra;
}

enum teredo_reason deliver(struct host *h, struct bytes ra,
			   struct teredo_endpoint from)
{
	struct teredo_client_out out;
	struct teredo_packet pkt;
	enum teredo_reason reason;

	assert_reason(teredo_packet_parse(&pkt, ra.data, ra.len),
		      TEREDO_REASON_NONE);
	reason = teredo_client_ra(&h->c, &h->p, &h->u.env, from, &pkt, ra.data,
				  h->now, &out);
	if (reason && reason != TEREDO_REASON_KEY_REJECTED) {
		assert_false(out.send_rs);
		assert_false(out.changed);
		assert_false(out.renumbered);
	}
	apply(h, &out);
	return reason;
}

struct teredo_endpoint answerer(const struct host *h)
{
	bool cone = teredo_addr_flags(&h->rs.saddr) & TEREDO_FLAG_CONE;
	bool second = (h->to == h->p.server2) != cone;
	struct teredo_endpoint e = {
		.ip = second ? h->p.server2 : h->p.server,
		.port = htons(TEREDO_UDP_PORT),
	};

	return e;
}

void answer(struct host *h, const char *mapped)
{
	h->now += 50 * TEREDO_MSEC;
	assert_reason(deliver(h, advertise(h, mapped), answerer(h)),
		      TEREDO_REASON_NONE);
}

void qualify(struct host *h)
{
	host_init(h);
	start(h);
	answer(h, MAPPED_A);
	answer(h, MAPPED_A);
	assert_state(h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
}

void assert_three_tries(struct host *h, const char *server, bool cone)
{
	u8 nonces[3][TEREDO_NONCE_LEN];
	enum teredo_state state = h->c.state;
	u64 begin = h->now;
	unsigned int sent = h->sent;
	int i;

	for (i = 0; i < 3; i++) {
		assert_int_equal(h->sent, sent + (unsigned int)i);
		assert_int_equal(h->c.state, state);
		assert_int_equal(h->now - begin, (u64)i * 4 * TEREDO_SEC);
		assert_int_equal(h->to, ip4(server));
		assert_int_equal(!!(teredo_addr_flags(&h->rs.saddr) &
				    TEREDO_FLAG_CONE), cone);
		memcpy(nonces[i], h->rs.nonce, TEREDO_NONCE_LEN);
		wait_deadline(h);
	}
	assert_int_equal(h->now - begin, 12 * TEREDO_SEC);
	assert_memory_not_equal(nonces[0], nonces[1], TEREDO_NONCE_LEN);
	assert_memory_not_equal(nonces[1], nonces[2], TEREDO_NONCE_LEN);
	assert_memory_not_equal(nonces[0], nonces[2], TEREDO_NONCE_LEN);
}

void assert_roam_tries(struct host *h)
{
	static const u64 at[] = {
		0, 1000, 2000, 3000, 4500, 6000, 7500, 9000, 10500,
	};
	u8 nonce[TEREDO_NONCE_LEN] = { 0 };
	unsigned int sent = h->sent;
	u64 begin = h->now;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		assert_int_equal(h->sent, sent + i);
		assert_state(h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
		assert_int_equal(h->now - begin, at[i] * TEREDO_MSEC);
		assert_int_equal(h->to, h->p.server);
		assert_memory_not_equal(nonce, h->rs.nonce, sizeof(nonce));
		memcpy(nonce, h->rs.nonce, sizeof(nonce));
		wait_deadline(h);
	}
	assert_int_equal(h->now - begin, 12 * TEREDO_SEC);
	assert_state(h, TEREDO_STATE_PROBE_PRIMARY, TEREDO_REASON_NONE);
}
