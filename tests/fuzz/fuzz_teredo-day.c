// SPDX-License-Identifier: GPL-2.0
/*
 * A day of virtual time in the life of a client: its NAT restarts, its link
 * comes and goes, it sleeps, its server dies, packets are lost and late, peers
 * answer or do not. The input says what happens and when, over and over until
 * the day is over. Beside the protocol code runs a model that knows from the
 * RFCs alone when a solicitation may be sent, how long an address may be kept
 * without the server, and what a peer may be sent without an answer. In the end
 * everything works again, and so has the client to.
 */
#include "fuzz.h"
#include "client.h"
#include "day_program.h"
#include "ext.h"
#include "model.h"
#include "path.h"
#include "server.h"

enum {
	DAY_S		= 86400,
	CALM_S		= 700,		/* more than OFFLINE waits */
	PEERS		= 5,
	NATIVE		= PEERS - 1,
	FLIGHT		= 32,
	BUSY		= 1000,		/* events, until the day gets quiet */
	TRIES_MAX	= TEREDO_ROAM_TRIES + 2 * TEREDO_RS_TRIES,
};

enum cause { BY_TIME, BY_EVENT, BY_DOUBT, BY_ANSWER };

struct flight {
	u64	at;
	bool	used;
	bool	second;
	int	peer;			/* data of a peer, or -1: an advertisement */
	struct teredo_packet rs;
	struct teredo_endpoint mapped;
};

struct day {
	struct fuzz_env f;
	const u8 *prog;
	size_t size, at;
	u64 now, end;

	/* The world */
	struct teredo_endpoint local, mapped;
	bool symmetric, server_dead, server2_dead;
	u8 loss;			/* of 256 */
	u8 delay;			/* in units of 10 ms */
	bool peer_dead[PEERS];
	struct flight flight[FLIGHT];
	struct flight old;		/* an advertisement of before */

	/* The client */
	struct teredo_params params;
	struct teredo_client c;
	struct teredo_self self;
	struct teredo_path paths[PEERS];
	bool known[PEERS];
	bool asleep;
	u64 wake_at;

	/* The model */
	struct model models[PEERS];
	u64 rs_at;			/* the last one, 0 = none */
	u64 contact;			/* the server was heard, or an event */
	u64 answer_at;			/* the last good advertisement */
	u64 offline_at;
	unsigned int offline_n;		/* so many in a row */
	unsigned int unanswered;
	bool roaming;
};

static u8 next(struct day *d)
{
	u8 b;

	b = d->prog[d->at % d->size];
	/* Each time around it is another day, but from the same seed. */
	if (d->at >= d->size)
		b ^= (u8)fuzz_mix(d->at);
	d->at++;
	return b;
}

static bool lost(struct day *d)
{
	u8 r;

	fuzz_random(&d->f, &r, 1);
	return r < d->loss;
}

static struct teredo_endpoint endpoint(__be32 ip, u16 port)
{
	struct teredo_endpoint e = { .ip = ip, .port = htons(port) };

	return e;
}

static struct teredo_endpoint server_of(const struct day *d, bool second)
{
	return endpoint(second ? d->params.server2 : d->params.server,
			TEREDO_UDP_PORT);
}

static struct teredo_endpoint peer_from(int i)
{
	return endpoint(fuzz_ip(198, 18, 7, (u8)(10 + i)), (u16)(4000 + i));
}

static struct in6_addr peer_addr(const struct day *d, int i)
{
	static const struct in6_addr native = {
		.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 3 },
	};
	struct in6_addr a;

	if (i == NATIVE)
		return native;
	teredo_addr_build(&a, d->params.prefix, fuzz_ip(198, 51, 100, 118), 0,
			  peer_from(i));
	return a;
}

static void publish(struct day *d)
{
	struct teredo_self *self = &d->self;

	self->role = TEREDO_ROLE_CLIENT;
	self->prefix = d->params.prefix;
	self->server = d->params.server;
	self->usable = d->c.address != TEREDO_ADDRESS_NONE;
	self->open = d->c.nat == TEREDO_NAT_NONE || d->c.nat == TEREDO_NAT_CONE;
	self->addr = d->c.addr;
	self->mapped = d->c.mapped;
	self->first = d->c.first;
	self->local = d->c.local;
	self->nat = (u8)d->c.nat;
	self->extensions = d->params.extensions;
}

static void forget(struct day *d)
{
	int i;

	for (i = 0; i < PEERS; i++)
		if (d->known[i])
			teredo_ext_put(&d->f.env, &d->paths[i]);
	memset(d->known, 0, sizeof(d->known));
}

/* How long OFFLINE waits at least, after so many in a row. */
static u64 backoff(unsigned int n)
{
	u64 s = TEREDO_OFFLINE_MIN_S;

	while (--n && s < TEREDO_OFFLINE_MAX_S)
		s *= 2;
	if (s > TEREDO_OFFLINE_MAX_S)
		s = TEREDO_OFFLINE_MAX_S;
	return s * TEREDO_SEC * 3 / 4;
}

/* May a solicitation be sent now? RFC 4380 5.2.1, 5.2.5; RFC 6081 5.1.1. */
static void model_solicit(struct day *d, const struct teredo_client *was,
			  enum cause cause)
{
	u64 gap = d->now - d->rs_at;

	CHECK(!d->asleep);
	CHECK(++d->unanswered <= TRIES_MAX);
	switch (cause) {
	case BY_EVENT:
	case BY_ANSWER:
		break;
	case BY_DOUBT:
		CHECK(was->state == TEREDO_STATE_QUALIFIED && !was->pending);
		CHECK(d->now - d->answer_at >=
		      TEREDO_DOUBT_MIN_S * TEREDO_SEC);
		break;
	case BY_TIME:
		if (was->pending && was->state == TEREDO_STATE_QUALIFIED &&
		    d->roaming)
			CHECK(gap >= TEREDO_SEC);
		else if (was->pending || (was->state != TEREDO_STATE_OFFLINE &&
					  was->state != TEREDO_STATE_QUALIFIED))
			CHECK(gap >= TEREDO_RS_TIMEOUT_S * TEREDO_SEC);
		else if (was->state == TEREDO_STATE_QUALIFIED)
			CHECK(d->now - was->heard >=
			      d->params.refresh * TEREDO_SEC * 3 / 4);
		else
			CHECK(d->now - d->offline_at >= backoff(d->offline_n));
		break;
	}
	d->rs_at = d->now;
}

static void check_client(const struct day *d)
{
	const struct teredo_client *c = &d->c;
	u64 silent = d->now - d->contact;

	CHECK(c->state < __TEREDO_STATE_MAX);
	switch (c->state) {
	case TEREDO_STATE_DORMANT:
		CHECK(c->address == TEREDO_ADDRESS_NONE && !c->pending);
		CHECK(c->deadline == TEREDO_NEVER);
		break;
	case TEREDO_STATE_OFFLINE:
		CHECK(c->address == TEREDO_ADDRESS_NONE && !c->pending);
		break;
	case TEREDO_STATE_QUALIFIED:
		CHECK(c->address != TEREDO_ADDRESS_NONE);
		break;
	default:
		break;
	}
	if (c->address != TEREDO_ADDRESS_NONE) {
		CHECK(teredo_addr_is_teredo(&c->addr, d->params.prefix));
		CHECK(teredo_addr_server(&c->addr) == d->params.server);
		CHECK(teredo_endpoint_eq(teredo_addr_mapped(&c->addr),
					 c->mapped));
		/*
		 * Without its server, an address lives until the refresh, and
		 * for as long as all who are asked then have time to answer:
		 * as qualified, by a cone probe, two more. A probe of which the
		 * two packets had different sources is done twice.
		 */
		if (!d->asleep)
			CHECK(silent <= (TEREDO_REFRESH_MAX_S +
					 5 * TEREDO_RS_TRIES *
					 TEREDO_RS_TIMEOUT_S) * TEREDO_SEC);
	}
	if (d->asleep || c->state == TEREDO_STATE_DORMANT)
		return;
	/* What was due is done, and the next comes in good time. */
	CHECK(c->deadline > d->now);
	CHECK(c->deadline <= d->now + TEREDO_OFFLINE_MAX_S * TEREDO_SEC);
}

static struct flight *fly(struct day *d)
{
	unsigned int i;

	for (i = 0; i < FLIGHT; i++)
		if (!d->flight[i].used)
			break;
	if (i == FLIGHT || lost(d))
		return NULL;
	d->flight[i].used = true;
	d->flight[i].at = d->now + (1 + d->delay) * 10 * TEREDO_MSEC;
	return &d->flight[i];
}

/* A solicitation on its way, and the answer on its way back. */
static void sent(struct day *d, __be32 server)
{
	u8 buf[TEREDO_AUTH_MAX + TEREDO_RS_LEN];
	bool second = server == d->params.server2;
	struct flight *fl;
	int n;

	n = teredo_build_rs(buf, d->c.cone, d->c.nonce, &d->params, &d->f.env);
	CHECK(n > 0);
	if (second ? d->server2_dead : d->server_dead)
		return;
	/* A cone probe is answered by the other one, past a filter. */
	if (d->c.cone)
		return;
	fl = fly(d);
	if (!fl)
		return;
	CHECK(!teredo_packet_parse(&fl->rs, buf, (size_t)n));
	fl->peer = -1;
	fl->second = second;
	fl->mapped = d->mapped;
	if (d->symmetric && second)
		fl->mapped.port = htons((u16)(ntohs(fl->mapped.port) + 1));
}

static void client_out(struct day *d, const struct teredo_client *was,
		       struct teredo_client_out *out, enum cause cause)
{
	bool renumbered = out->renumbered;
	int rounds = 0;

	if (cause == BY_EVENT) {
		d->contact = d->now;
		d->unanswered = 0;
		d->offline_n = 0;
	}
	if (cause == BY_EVENT || cause == BY_DOUBT)
		d->roaming = true;
	while (out->send_rs) {
		__be32 server = out->server;

		CHECK(rounds++ < 2);
		CHECK(server == d->params.server ||
		      server == d->params.server2);
		model_solicit(d, was, cause);
		teredo_client_sent(&d->c, &d->params, &d->f.env, d->local,
				   d->now, out);
		renumbered |= out->renumbered;
		if (d->c.pending && d->local.ip)
			sent(d, server);
	}
	/* Without a route it is back there at once. */
	if (d->c.state == TEREDO_STATE_OFFLINE &&
	    (rounds || was->state != TEREDO_STATE_OFFLINE)) {
		d->offline_at = d->now;
		d->offline_n++;
		d->unanswered = 0;
	}
	if (d->c.state == TEREDO_STATE_QUALIFIED)
		d->offline_n = 0;
	if (renumbered) {
		forget(d);
		/* Nobody is told of an address that is not there. */
		CHECK(d->c.address != TEREDO_ADDRESS_NONE);
	}
	publish(d);
}

static void emitted(struct day *d, int i, const struct teredo_actions *act,
		    bool input)
{
	bool attempt = false, answer = false;
	unsigned int j;

	CHECK(act->n <= TEREDO_EMIT_MAX);
	CHECK(!act->n || d->self.usable);
	for (j = 0; j < act->n; j++) {
		if (!input || act->emit[j].echo)
			attempt = true;
		else
			answer = true;
		CHECK(!input || act->emit[j].answer);
	}
	if (attempt)
		model_attempt(&d->models[i], d->now, i == NATIVE);
	if (answer && !act->proven)
		model_answer(&d->models[i], d->now);
}

static void learn(struct day *d, int i)
{
	struct in6_addr addr = peer_addr(d, i);

	if (d->known[i])
		return;
	teredo_path_init(&d->paths[i], &addr, &d->self, d->now);
	memset(&d->models[i], 0, sizeof(d->models[i]));
	d->known[i] = true;
}

static void receive(struct day *d, int i, struct teredo_endpoint from,
		    const u8 *data, size_t len)
{
	struct teredo_packet pkt;
	struct teredo_input in = { .from = from, .pkt = &pkt, .data = data };
	struct teredo_actions act;
	enum teredo_verdict v;

	CHECK(!teredo_packet_parse(&pkt, data, len));
	v = teredo_input(&d->self, &d->f.env, &in,
			 d->known[i] ? &d->paths[i] : NULL, d->now, &act);
	if (v == TEREDO_CREATE) {
		learn(d, i);
		v = teredo_input(&d->self, &d->f.env, &in, &d->paths[i],
				 d->now, &act);
		CHECK(v != TEREDO_CREATE);
	}
	if (v == TEREDO_ACCEPT)
		CHECK(d->self.usable &&
		      (d->paths[i].flags & TEREDO_PATH_TRUSTED));
	if ((v == TEREDO_ACCEPT || v == TEREDO_CONSUME) &&
	    from.ip == d->params.server) {
		d->c.heard = d->now;
		d->contact = d->now;
	}
	emitted(d, i, &act, true);
	if ((v == TEREDO_ACCEPT || v == TEREDO_CONSUME) && d->known[i] &&
	    d->paths[i].last_rx == d->now)
		model_heard(&d->models[i]);
}

/* A packet of the peer's, from where it is. */
static void direct(struct day *d, int i, bool bubble)
{
	struct in6_addr addr = peer_addr(d, i);
	u8 buf[TEREDO_BUBBLE_LEN + 8] = { 0 };

	teredo_build_bubble(buf, &addr, &d->c.addr, 0);
	if (!bubble) {
		buf[5] = 8;
		buf[6] = 17;
	}
	receive(d, i, peer_from(i), buf, bubble ? TEREDO_BUBBLE_LEN :
						  sizeof(buf));
}

/* By way of the server, with any trailers: also where others are. */
static void stranger(struct day *d, int i, u8 what)
{
	struct in6_addr addr = peer_addr(d, i);
	u8 buf[TEREDO_ORIGIN_LEN + TEREDO_EMIT_BYTES];
	struct teredo_trailers t = { 0 };
	size_t n;

	if (what & 0x20) {
		t.has_nonce = true;
		fuzz_random(&d->f, &t.nonce, sizeof(t.nonce));
	}
	if (what & 0x40)
		for (n = 0; n < TEREDO_ALTERNATES; n++)
			t.alternate[t.n_alternates++] =
				endpoint(fuzz_ip(10, 9, 9, (u8)n), 53);
	if (what & 0x80)
		t.random_port = htons(1201);
	n = teredo_build_origin(buf, peer_from(i));
	n += teredo_build_bubble(buf + n, &addr, &d->c.addr, 0);
	n += teredo_trailers_build(buf + n, &t);
	receive(d, i, server_of(d, false), buf, n);
}

static void send_to(struct day *d, int i)
{
	struct in6_addr addr = peer_addr(d, i);
	struct teredo_actions act;
	enum teredo_verdict v;
	struct flight *fl;

	if (teredo_output_check(&d->self, &d->c.addr, &addr))
		return;
	CHECK(d->c.address != TEREDO_ADDRESS_NONE);
	learn(d, i);
	v = teredo_output(&d->self, &d->f.env, &d->paths[i], d->now, &act);
	if (v == TEREDO_SEND)
		CHECK(d->now - d->paths[i].last_rx <
		      TEREDO_VALID_S * TEREDO_SEC);
	emitted(d, i, &act, false);
	if ((v != TEREDO_SEND && !act.n) || d->peer_dead[i] || !d->local.ip)
		return;
	fl = fly(d);
	if (fl)
		fl->peer = i;
}

static void answer(struct day *d, const struct flight *fl)
{
	struct teredo_params server = d->params;
	struct teredo_client was = d->c;
	struct teredo_client_out out;
	u8 buf[TEREDO_CONTROL_MAX];
	struct teredo_packet pkt;
	int n;

	server.role = TEREDO_ROLE_SERVER;
	n = teredo_build_ra(buf, &fl->rs, fl->mapped, &server, &d->f.env);
	CHECK(n > 0);
	CHECK(!teredo_packet_parse(&pkt, buf, (size_t)n));
	if (teredo_client_ra(&d->c, &d->params, &d->f.env,
			     server_of(d, fl->second), &pkt, buf, d->now,
			     &out)) {
		CHECK(!out.send_rs && !out.changed && !out.renumbered);
		return;
	}
	/* Once, for what was asked last, and to one who is awake. */
	CHECK(was.pending && !d->asleep);
	CHECK(!memcmp(fl->rs.nonce, was.nonce, TEREDO_NONCE_LEN));
	d->answer_at = d->now;
	d->contact = d->now;
	d->unanswered = 0;
	d->roaming = false;
	d->old = *fl;
	client_out(d, &was, &out, BY_ANSWER);
}

static void land(struct day *d)
{
	unsigned int i;

	for (i = 0; i < FLIGHT; i++) {
		struct flight fl = d->flight[i];

		if (!fl.used || d->now < fl.at)
			continue;
		d->flight[i].used = false;
		if (!d->local.ip || d->asleep)
			continue;
		if (fl.peer < 0)
			answer(d, &fl);
		else if (d->self.usable)
			direct(d, fl.peer, false);
	}
}

/* What is due is done. */
static void settle(struct day *d)
{
	struct teredo_client_out out;
	struct teredo_actions act;
	int i, rounds = 0;

	land(d);
	while (d->now >= d->c.deadline) {
		struct teredo_client was = d->c;

		CHECK(rounds++ < 3);
		teredo_client_tick(&d->c, &d->params, &d->f.env, d->now, &out);
		client_out(d, &was, &out, BY_TIME);
	}
	for (i = 0; i < PEERS; i++) {
		if (!d->known[i])
			continue;
		teredo_path_tick(&d->self, &d->f.env, &d->paths[i], d->now,
				 &act);
		emitted(d, i, &act, false);
		teredo_path_ext_tick(&d->self, &d->f.env, &d->paths[i],
				     d->now, &act);
		emitted(d, i, &act, false);
		if (d->paths[i].ext)
			CHECK(teredo_ext_due(d->paths[i].ext) > d->now);
		if (d->paths[i].flags & TEREDO_PATH_OPENING)
			CHECK(d->paths[i].deadline > d->now);
	}
	check_client(d);
}

static void sooner(u64 *until, u64 at)
{
	if (at < *until)
		*until = at;
}

/* Time passes until @until, from one thing that is due to the next. */
static void pass(struct day *d, u64 until)
{
	u64 at;
	int i;

	settle(d);
	while (d->now < until) {
		at = until;
		sooner(&at, d->c.deadline);
		for (i = 0; i < PEERS; i++)
			if (d->known[i] &&
			    (d->paths[i].flags & TEREDO_PATH_OPENING))
				sooner(&at, d->paths[i].deadline);
		for (i = 0; i < PEERS; i++)
			if (d->known[i] && d->paths[i].ext)
				sooner(&at, teredo_ext_due(d->paths[i].ext));
		for (i = 0; i < FLIGHT; i++)
			if (d->flight[i].used)
				sooner(&at, d->flight[i].at);
		/* It does: whatever is due lies ahead. */
		CHECK(at > d->now);
		d->now = at;
		settle(d);
	}
}

static void network(struct day *d)
{
	struct teredo_client was = d->c;
	struct teredo_client_out out;

	if (d->asleep)
		return;
	teredo_client_network_changed(&d->c, &d->params, &d->f.env, d->now,
				      &out);
	client_out(d, &was, &out, BY_EVENT);
}

static void doubt(struct day *d)
{
	struct teredo_client was = d->c;
	struct teredo_client_out out;

	if (d->asleep)
		return;
	teredo_client_doubt(&d->c, &d->params, &d->f.env, d->now, &out);
	if (out.send_rs)
		client_out(d, &was, &out, BY_DOUBT);
	else
		CHECK(!memcmp(&was, &d->c, sizeof(was)));
}

static void start(struct day *d)
{
	struct teredo_client was = d->c;
	struct teredo_client_out out;

	d->asleep = false;
	forget(d);
	teredo_client_start(&d->c, &d->params, &d->f.env, d->now, &out);
	CHECK(d->c.address == TEREDO_ADDRESS_NONE);
	client_out(d, &was, &out, BY_EVENT);
}

/* RFC 4380 knows nothing of sleep; nothing at all may happen in it. */
static void sleep_for(struct day *d, u64 ns)
{
	struct teredo_client was;
	struct teredo_client_out out;
	int i;

	teredo_client_suspend(&d->c);
	d->asleep = true;
	pass(d, d->now + ns);
	for (i = 0; i < PEERS; i++)
		if (d->known[i])
			teredo_path_distrust(&d->paths[i]);
	d->asleep = false;
	was = d->c;
	teredo_client_resume(&d->c, &d->params, &d->f.env, d->now, &out);
	CHECK(d->c.address != TEREDO_ADDRESS_PREFERRED);
	client_out(d, &was, &out, BY_EVENT);
}

static void set_local(struct day *d, u8 which)
{
	d->local = which ? endpoint(fuzz_ip(10, 0, which, 2), 4096) :
			   endpoint(0, 0);
	network(d);
}

static void happen(struct day *d)
{
	u8 event = next(d) % DAY_EVENTS, arg = next(d);
	int peer = arg % PEERS;
	int i;

	switch (event) {
	case DAY_SEND:
		send_to(d, peer);
		break;
	case DAY_SEND_MORE:
		for (i = 0; i < 10; i++) {
			send_to(d, peer);
			pass(d, d->now + 300 * TEREDO_MSEC);
		}
		break;
	case DAY_STRANGER:
		for (i = 0; i < arg % 32; i++)
			stranger(d, peer, arg);
		break;
	case DAY_DIRECT:
		direct(d, peer, arg & 0x80);
		break;
	case DAY_NAT_RESTART:
		d->mapped.port = htons((u16)(1024 + arg));
		break;
	case DAY_NAT_MOVE:
		d->mapped.ip = fuzz_ip(203, 0, 113, 10 + arg % 4);
		break;
	case DAY_NAT_KIND:
		d->symmetric = arg < 32;
		break;
	case DAY_SERVER:
		d->server_dead = arg < 128;
		break;
	case DAY_SERVER2:
		d->server2_dead = arg < 128;
		break;
	case DAY_LINK:
		set_local(d, arg < 64 ? 0 : 1);
		break;
	case DAY_ANOTHER_LINK:
		set_local(d, 1 + arg % 3);
		break;
	case DAY_NETWORK:
		network(d);
		break;
	case DAY_DOUBT:
		for (i = 0; i < arg % 8; i++)
			doubt(d);
		break;
	case DAY_SLEEP:
		sleep_for(d, (u64)arg * arg * 100 * TEREDO_MSEC);
		break;
	case DAY_REFRESH:
		d->params.refresh = TEREDO_REFRESH_MIN_S + 9 +
				    arg % (TEREDO_REFRESH_MAX_S - 9);
		teredo_client_refresh_changed(&d->c, &d->params, &d->f.env);
		break;
	case DAY_UP:
		start(d);
		break;
	case DAY_CONFIG:
		d->params.cone_probe = arg & 1;
		d->params.single_server = arg & 2;
		d->params.server = fuzz_ip(192, 0, 2, arg & 4 ? 1 : 3);
		d->params.server2 = htonl(ntohl(d->params.server) + 1);
		d->params.extensions = (arg >> 2) & TEREDO_EXT_ALL;
		start(d);
		break;
	case DAY_PEER:
		d->peer_dead[peer] = arg & 0x40;
		break;
	case DAY_LOSS:
		d->loss = arg;
		d->delay = next(d);
		break;
	case DAY_REPLAY:
		if (d->old.used && !d->asleep)
			answer(d, &d->old);
		break;
	}
	publish(d);
}

/* Until the next event, most often a while. */
static u64 pause_of(const struct day *d, u8 b)
{
	static const u64 ms[] = { 0, 10, 700, 4000, 25000, 60000, 300000,
				  1800000 };

	if (d->at > 3 * BUSY)
		b |= 6;
	return (1 + ms[b & 7] * (1 + (b >> 3)) / 16) * TEREDO_MSEC;
}

static void calm(struct day *d)
{
	d->loss = 0;
	d->delay = 5;
	d->symmetric = false;
	d->server_dead = false;
	d->server2_dead = false;
	if (d->c.state == TEREDO_STATE_DORMANT)
		start(d);
	if (!d->local.ip)
		set_local(d, 1);
	pass(d, d->now + CALM_S * TEREDO_SEC);
	CHECK(d->c.state == TEREDO_STATE_QUALIFIED);
	CHECK(teredo_endpoint_eq(d->c.mapped, d->mapped));
	CHECK(d->c.address == TEREDO_ADDRESS_PREFERRED);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct day d;

	if (!size)
		return 0;
	memset(&d, 0, sizeof(d));
	fuzz_env_init(&d.f);
	d.prog = data;
	d.size = size;
	d.f.seed = size;
	d.now = 1000 * TEREDO_SEC;
	d.end = d.now + DAY_S * TEREDO_SEC;
	d.local = endpoint(fuzz_ip(10, 0, 1, 2), 4096);
	d.mapped = endpoint(fuzz_ip(203, 0, 113, 10), 4096);
	d.params.prefix = htonl(TEREDO_PREFIX);
	d.params.refresh = TEREDO_REFRESH_DEFAULT_S;
	d.params.server = fuzz_ip(192, 0, 2, 1);
	d.params.server2 = fuzz_ip(192, 0, 2, 2);
	teredo_client_init(&d.c);
	publish(&d);
	start(&d);
	while (d.now < d.end) {
		happen(&d);
		pass(&d, d.now + pause_of(&d, next(&d)));
	}
	calm(&d);
	forget(&d);
	CHECK(!d.f.exts);
	return 0;
}
