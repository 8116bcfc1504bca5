// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The input is a program (pnrp_engine_program.h) for four PNRP engines and the
 * net between them: datagrams arrive, get lost, come twice or spoilt, others
 * are made up; time passes, names come and go, memory, random source, keys and
 * callbacks fail. Whatever happens, what pnrp_engine.h promises holds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <peer6/pnrp_engine.h>

#include "pnrp_engine_program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(cond)							\
	do {								\
		if (!(cond)) {						\
			fprintf(stderr, "%s:%d: broken: %s\n",		\
				__FILE__, __LINE__, #cond);		\
			abort();					\
		}							\
	} while (0)

enum {
	DATAGRAMS	= 64,
	HANDLES		= 128,
	EPOCH_HOURS	= 3000000,
};

struct datagram {
	struct peer6_endpoint	from, to;
	size_t			len;
	uint8_t			data[PEER6_PNRP_DATAGRAM_MAX];
};

enum handle_state { UNUSED, RESOLVING, ENDED, CANCELED };

struct world;

struct node {
	struct world		*w;
	struct peer6_pnrp	*engine;
	struct peer6_mem	mem;
	size_t			bytes;		/* allocated by the engine */
	struct peer6_endpoint	ep;
	struct peer6_signer	signer;
	unsigned int		opens;
	uint32_t		registered[8];
	uint32_t		resolving[8];
	unsigned int		n_registered, n_resolving;
	uint8_t			state[HANDLES];	/* by handle */
};

struct world {
	const uint8_t		*p;
	size_t			left;
	peer6_time		now;
	uint64_t		seed;
	unsigned int		fail_alloc, fail_event;
	bool			fail_random, fail_sign;
	struct node		nodes[ENGINE_NODES];
	struct datagram		*ring;		/* DATAGRAMS */
	unsigned int		first, n;	/* those under way */
	struct peer6_crypto	crypto;
};

static uint8_t next(struct world *w)
{
	if (!w->left)
		return 0;
	w->left--;
	return *w->p++;
}

static uint64_t mix(uint64_t h)
{
	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return h ^ h >> 31;
}

/* ----------------------------------------------------------- surroundings */

static void *node_realloc(void *ctx, void *p, size_t size)
{
	struct node *node = ctx;
	size_t *block = p ? (size_t *)p - 2 : NULL;

	if (!size) {
		if (block)
			node->bytes -= *block;
		free(block);
		return NULL;
	}
	if (node->w->fail_alloc && !--node->w->fail_alloc)
		return NULL;
	if (block)
		node->bytes -= *block;
	block = realloc(block, size + 2 * sizeof(*block));
	CHECK(block);
	*block = size;
	node->bytes += size;
	return block + 2;
}

static int random_bytes(void *ctx, void *buf, size_t len)
{
	struct world *w = ctx;
	uint8_t *p = buf;

	if (w->fail_random)
		return -1;
	while (len--)
		*p++ = (uint8_t)mix(w->seed++);
	return 0;
}

/* No SHA-1, but as good as one here: it depends on each byte, and reads it. */
static int sha1(void *ctx, const void *data, size_t len, uint8_t out[20])
{
	const uint8_t *p = data;
	uint64_t h = 0x5eed;
	unsigned int i;

	(void)ctx;
	while (len--)
		h = mix(h ^ *p++);
	for (i = 0; i < 20; i++)
		out[i] = (uint8_t)mix(h + i);
	return 0;
}

static void make_signature(const uint8_t key[PEER6_PNRP_KEY_LEN],
			   const void *data, size_t len,
			   uint8_t sig[PEER6_PNRP_SIG_LEN])
{
	uint8_t hash[20];
	unsigned int i;

	sha1(NULL, data, len, hash);
	for (i = 0; i < PEER6_PNRP_SIG_LEN; i++)
		sig[i] = hash[i % 20] ^ key[i];
}

static int verify(void *ctx, const uint8_t key[PEER6_PNRP_KEY_LEN],
		  const void *data, size_t len,
		  const uint8_t sig[PEER6_PNRP_SIG_LEN])
{
	uint8_t right[PEER6_PNRP_SIG_LEN];

	(void)ctx;
	make_signature(key, data, len, right);
	return memcmp(sig, right, sizeof(right)) ? PEER6_E_SIGNATURE : 0;
}

static int verify_chain(void *ctx, const void *chain, size_t len,
			const uint8_t authority[20],
			const uint8_t key[PEER6_PNRP_KEY_LEN],
			const uint16_t *classifier, size_t n,
			peer6_filetime now)
{
	const uint8_t *p = chain;
	uint64_t h = 0;

	(void)ctx;
	(void)now;
	while (len--)
		h += *p++;
	while (n--)
		h += classifier[n];
	return (h + authority[0] + key[0]) & 1 ? 0 : PEER6_E_CHAIN;
}

static int sign(void *ctx, const void *data, size_t len,
		uint8_t sig[PEER6_PNRP_SIG_LEN])
{
	struct node *node = ctx;

	if (node->w->fail_sign)
		return -1;
	make_signature(node->signer.key, data, len, sig);
	return 0;
}

/* ------------------------------------------------------------ the promises */

static void check_handle(struct node *node,
			 const struct peer6_pnrp_event *event)
{
	uint32_t handle = event->handle;

	if (event->type == PEER6_PNRP_EV_PONG)
		return;
	CHECK(handle);
	if (handle >= HANDLES)
		return;
	CHECK(node->state[handle] == RESOLVING);
	if (event->type == PEER6_PNRP_EV_RESOLVE_END)
		node->state[handle] = ENDED;
}

static int on_event(void *ctx, struct peer6_pnrp *engine,
		    const struct peer6_pnrp_event *event)
{
	struct node *node = ctx;

	CHECK(engine == node->engine);
	switch (event->type) {
	case PEER6_PNRP_EV_RESOLVE_STEP:
		CHECK(event->hop);
		check_handle(node, event);
		break;
	case PEER6_PNRP_EV_RESOLVE_RESULT:
		CHECK(event->result);
		CHECK(event->result->cpa->n_service);
		check_handle(node, event);
		break;
	case PEER6_PNRP_EV_RESOLVE_END:
		check_handle(node, event);
		break;
	case PEER6_PNRP_EV_DROP:
		CHECK(event->error < 0);
		break;
	default:
		break;
	}
	if (!node->w->fail_event || --node->w->fail_event)
		return 0;
	return -1;
}

static void check_node(struct node *node)
{
	struct peer6_pnrp_stats s;
	struct peer6_pnrp_cached cached;
	struct peer6_endpoint known[16];
	unsigned int i;

	peer6_pnrp_get_stats(node->engine, &s);
	CHECK(s.memory == node->bytes);
	CHECK(s.pending <= 1024);
	CHECK(s.conversations <= 256);
	CHECK(s.reassemblies <= 64);
	CHECK(s.resolving <= 64);
	CHECK(s.leaves <= s.cached);
	CHECK((s.state == PEER6_PNRP_ACTIVE) <= (s.cached > 0));
	for (i = 0; peer6_pnrp_get_cached(node->engine, i, &cached); i++) {
		CHECK(cached.route.n_addrs);
		CHECK(cached.route.port > 1024);
	}
	CHECK(i == s.cached);
	CHECK(peer6_pnrp_get_known(node->engine, known, 16) <= 16);
}

/* What goes out is well formed, and goes to where it may. */
static void drain(struct node *node)
{
	struct world *w = node->w;
	struct peer6_pnrp_msg msg;
	struct datagram *d;
	unsigned int n = 0;
	struct peer6_endpoint to;
	uint8_t buf[PEER6_PNRP_DATAGRAM_MAX];
	size_t len;

	while ((len = peer6_pnrp_output(node->engine, buf, sizeof(buf), &to,
					w->now))) {
		CHECK(n++ < 256);
		CHECK(!peer6_pnrp_msg_decode(&msg, buf, len));
		CHECK(to.port > 1024 && to.addr[0] != 0xff);
		if (w->n == DATAGRAMS) {
			w->first = (w->first + 1) % DATAGRAMS;
			w->n--;
		}
		d = &w->ring[(w->first + w->n++) % DATAGRAMS];
		d->from = node->ep;
		d->to = to;
		d->len = len;
		memcpy(d->data, buf, len);
	}
}

static void after(struct node *node)
{
	drain(node);
	check_node(node);
}

static void tick_all(struct world *w)
{
	unsigned int i;

	for (i = 0; i < ENGINE_NODES; i++) {
		if (peer6_pnrp_deadline(w->nodes[i].engine) > w->now)
			continue;
		CHECK(!peer6_pnrp_tick(w->nodes[i].engine, w->now));
		after(&w->nodes[i]);
	}
}

/* -------------------------------------------------------------- operations */

static struct node *pick(struct world *w)
{
	return &w->nodes[next(w) % ENGINE_NODES];
}

static struct peer6_endpoint endpoint(uint8_t i)
{
	struct peer6_endpoint ep = {
		.addr = { 0x20, 0x01, 0x0d, 0xb8, [7] = i, [15] = 1 },
		.port = 3540,
	};

	if (i == 250)
		ep.addr[0] = 0xff;
	if (i == 251)
		ep.port = 1024;
	if (i == 252)
		memset(ep.addr, 0, sizeof(ep.addr));
	return ep;
}

static void give(struct world *w, const struct peer6_endpoint *to,
		 const struct peer6_endpoint *from, const uint8_t *data,
		 size_t len)
{
	unsigned int i;
	int err;

	for (i = 0; i < ENGINE_NODES; i++) {
		if (memcmp(w->nodes[i].ep.addr, to->addr, 16))
			continue;
		err = peer6_pnrp_input(w->nodes[i].engine, data, len, from,
				       w->now);
		CHECK(err <= 0);
		after(&w->nodes[i]);
		return;
	}
}

/* The oldest goes; @times changes are made on its way. */
static void deliver(struct world *w, unsigned int changes)
{
	struct datagram d;
	size_t at;

	if (!w->n)
		return;
	d = w->ring[w->first];
	w->first = (w->first + 1) % DATAGRAMS;
	w->n--;
	while (changes--) {
		at = (size_t)(next(w) << 8 | next(w));
		d.data[at % d.len] ^= next(w);
	}
	give(w, &d.to, &d.from, d.data, d.len);
}

static void settle(struct world *w)
{
	unsigned int i, j;

	for (i = 0; i < 20; i++) {
		for (j = 0; w->n && j < 40; j++)
			deliver(w, 0);
		w->now += 100 * PEER6_MS;
		tick_all(w);
	}
}

struct name {
	struct peer6_pnrp_registration	reg;
	uint16_t			classifier;
	struct peer6_pnrp_app		app;
	uint8_t				payload[4096];
	uint8_t				chain[1600];
};

static void p2p_id(const struct name *name, const uint8_t *authority,
		   uint8_t out[PEER6_P2P_ID_LEN])
{
	uint8_t text[64] = { 0 }, utf16[2], hash[20];

	utf16[0] = (uint8_t)name->classifier;
	utf16[1] = (uint8_t)(name->classifier >> 8);
	sha1(NULL, utf16, 2, text);
	memcpy(text + 40, text, 20);
	if (authority)
		memcpy(text + 20, authority, 20);
	memcpy(text + 60, "PNRP", 4);
	sha1(NULL, text, sizeof(text), hash);
	memcpy(out, hash, PEER6_P2P_ID_LEN);
}

/* kind: 1 secure, 2 comment, 4 short payload, 8 long payload, 16 chain */
static void make_name(struct node *node, struct name *name, uint8_t which,
		      uint8_t kind)
{
	static const uint8_t comment[] = { 'x', 0 };
	struct peer6_pnrp_registration *reg = &name->reg;

	memset(name, 0, sizeof(*name));
	name->classifier = 'a' + which % ENGINE_NAMES;
	reg->has_classifier = true;
	reg->classifier = &name->classifier;
	reg->n_classifier = 1;
	reg->secure = kind & 1;
	if (kind & 1)
		sha1(NULL, node->signer.key, sizeof(node->signer.key),
		     reg->authority);
	if (kind & 2) {
		reg->comment = comment;
		reg->n_comment = sizeof(comment);
	}
	if (kind & 12) {
		reg->payload_type = PEER6_PNRP_PAYLOAD_BINARY;
		reg->payload = name->payload;
		reg->n_payload = kind & 8 ? 4096 : 10;
	}
	if (kind & 16) {
		reg->chain = name->chain;
		reg->n_chain = sizeof(name->chain);
	}
	reg->signer = &node->signer;
	reg->apps = &name->app;
	reg->n_apps = 1;
	name->app.protocol = 6;
	p2p_id(name, kind & 1 ? reg->authority : NULL, reg->p2p_id);
}

/* Chains have to outlive what is registered with them. */
static struct name long_lived[ENGINE_NODES];

static void do_register(struct world *w)
{
	unsigned int i = next(w) % ENGINE_NODES;
	struct node *node = &w->nodes[i];
	struct name *name = &long_lived[i];
	struct peer6_pnrp_stats before, later;
	uint32_t handle;
	uint8_t which = next(w), kind = next(w);
	int err;

	if (node->n_registered == 8)
		return;
	make_name(node, name, which, kind);
	peer6_pnrp_get_stats(node->engine, &before);
	err = peer6_pnrp_register(node->engine, &name->reg, w->now, &handle);
	peer6_pnrp_get_stats(node->engine, &later);
	CHECK(later.registered == before.registered + !err);
	CHECK(!err || later.memory == before.memory ||
	      err == PEER6_E_RANDOM);
	if (!err)
		node->registered[node->n_registered++] = handle;
	after(node);
}

static void do_update(struct world *w, bool remove)
{
	unsigned int i = next(w) % ENGINE_NODES;
	struct node *node = &w->nodes[i];
	uint8_t at = next(w);
	struct name *name = &long_lived[i];
	struct peer6_pnrp_id id;
	uint8_t which, kind;

	if (!node->n_registered)
		return;
	at %= node->n_registered;
	if (remove) {
		peer6_pnrp_unregister(node->engine, node->registered[at],
				      w->now);
		CHECK(peer6_pnrp_registration_id(node->engine,
				node->registered[at], &id) ==
		      PEER6_E_NOT_FOUND);
		node->registered[at] =
			node->registered[--node->n_registered];
	} else {
		which = next(w);
		kind = next(w);
		make_name(node, name, which, kind);
		peer6_pnrp_update(node->engine, node->registered[at],
				  &name->reg, w->now);
	}
	after(node);
}

static void do_resolve(struct world *w)
{
	static const enum peer6_pnrp_criteria criteria[] = {
		PEER6_PNRP_ANY_PEERNAME, PEER6_PNRP_NONE,
		PEER6_PNRP_NEAREST_PEERNAME, PEER6_PNRP_NEAREST64_PEERNAME,
		PEER6_PNRP_UPPER_BITS,
	};
	struct node *node = pick(w);
	struct peer6_pnrp_query q = { 0 };
	uint8_t which = next(w), how = next(w);
	struct name name;
	uint32_t handle;

	make_name(&w->nodes[which % ENGINE_NODES], &name, which, how >> 7);
	memcpy(q.p2p_id, name.reg.p2p_id, sizeof(q.p2p_id));
	q.secure = how >> 7;
	memcpy(q.authority, name.reg.authority, sizeof(q.authority));
	q.criteria = criteria[how % 5];
	q.consider_local = how & 0x40;
	q.precision = next(w);
	q.max_results = 1u + next(w) % 4u;
	q.timeout = next(w) * PEER6_SECOND;
	if (peer6_pnrp_resolve(node->engine, &q, w->now, &handle))
		return;
	if (handle < HANDLES)
		node->state[handle] = RESOLVING;
	node->resolving[node->n_resolving++ % 8] = handle;
	after(node);
}

static void do_cancel(struct world *w)
{
	struct node *node = pick(w);
	uint32_t handle = node->resolving[next(w) % 8];

	if (handle < HANDLES && node->state[handle] == RESOLVING)
		node->state[handle] = CANCELED;
	peer6_pnrp_cancel(node->engine, handle);
	after(node);
}

static void some_id(struct world *w, struct peer6_pnrp_id *id)
{
	uint8_t how = next(w);
	struct node *node = &w->nodes[how % ENGINE_NODES];
	struct peer6_pnrp_cached cached;
	uint32_t handle;

	memset(id, 0, sizeof(*id));
	if (how & 0x40)
		peer6_pnrp_get_registered(node->engine, (how >> 2) & 7,
					  &handle, id);
	else if ((how & 0x80) && peer6_pnrp_get_cached(node->engine,
						       (how >> 2) & 7,
						       &cached))
		*id = cached.route.id;
	else
		memset(id, how, 32);
	if (how & 0x20)
		id->b[31] ^= next(w);
}

/*
 * A message of any type, with IDs that mean something. Answers answer a message
 * that was on the net lately.
 */
static void craft(struct world *w)
{
	struct node *node = pick(w);
	struct peer6_endpoint from = endpoint(next(w));
	struct peer6_pnrp_msg msg = { 0 };
	uint8_t buf[PEER6_PNRP_DATAGRAM_MAX], ids[5 * 32], text[80];
	struct peer6_pnrp_id id;
	unsigned int i, n;
	ptrdiff_t len;
	uint8_t how;

	msg.type = 1 + next(w) % 11;
	how = next(w);
	msg.id = next(w);
	msg.flags = next(w);
	if (w->n) {
		const struct datagram *d =
			&w->ring[(w->first + how) % w->n % DATAGRAMS];

		memcpy(&msg.acked, d->data + 8, 4);
		msg.acked = (uint32_t)d->data[8] << 24 |
			    (uint32_t)d->data[9] << 16 |
			    (uint32_t)d->data[10] << 8 | d->data[11];
		if (how & 0x80)
			from = d->to;
	}
	some_id(w, &msg.validate);
	if (how & 1) {
		msg.has_route = true;
		some_id(w, &msg.route.id);
		msg.route.port = (uint16_t)(1024 + next(w));
		msg.route.n_addrs = 1u + (how >> 4) % 4u;
		for (i = 0; i < msg.route.n_addrs; i++) {
			struct peer6_endpoint ep = endpoint(next(w));

			memcpy(msg.route.addrs[i], ep.addr, 16);
		}
	}
	msg.has_nonce = how & 2;
	msg.has_controls = how & 4;
	msg.solicit_type = how >> 3 & 1;
	some_id(w, &msg.target);
	msg.criteria = how & 8;
	msg.precision = next(w);
	n = next(w) % 5u;
	for (i = 0; i < n; i++) {
		some_id(w, &id);
		memcpy(ids + 32 * i, id.b, 32);
		msg.path.ep[msg.path.n++] = endpoint(next(w));
	}
	msg.ids.p = ids;
	msg.ids.n = (uint16_t)n;
	for (i = 0; i < sizeof(text); i++)
		text[i] = i < 6 ? (uint8_t)"\0\x40\0\6\0\0"[i] : next(w);
	msg.size = 6;
	msg.fragment.p = text;
	msg.fragment.len = 6;
	if (how & 0x10) {
		text[5] = next(w);
		text[4] = next(w) & 2;
	}
	len = peer6_pnrp_msg_encode(&msg, buf, sizeof(buf));
	if (len > 0)
		give(w, &node->ep, &from, buf, (size_t)len);
}

static void replay(struct world *w)
{
	uint8_t age = next(w);
	struct datagram *d = &w->ring[age % DATAGRAMS];
	struct node *node = pick(w);
	struct peer6_endpoint from = endpoint(next(w));

	if (d->len)
		give(w, &node->ep, age & 0x80 ? &from : &d->from, d->data,
		     d->len);
}

static void do_endpoints(struct world *w)
{
	struct node *node = pick(w);
	uint8_t n = next(w);
	struct peer6_endpoint ep[4];
	unsigned int i;

	for (i = 0; i < 4; i++) {
		ep[i] = node->ep;
		ep[i].addr[15] = (uint8_t)(i + 1);
	}
	if (n & 0x80)
		ep[0].addr[14] = 1;
	CHECK(!peer6_pnrp_set_endpoints(node->engine, ep, n % 5, w->now));
	after(node);
}

static void fail(struct world *w)
{
	uint8_t what = next(w), when = next(w);

	if (what % 4 == 0)
		w->fail_alloc = when;
	else if (what % 4 == 1)
		w->fail_random = when & 1;
	else if (what % 4 == 2)
		w->fail_event = when;
	else
		w->fail_sign = when & 1;
}

static void with_endpoint(struct world *w, uint8_t op)
{
	struct node *node = pick(w);
	struct peer6_endpoint ep = endpoint(next(w));
	uint32_t handle;

	if (op == OP_SYNCHRONIZE)
		peer6_pnrp_synchronize(node->engine, &ep, w->now);
	else if (op == OP_SSDP)
		peer6_pnrp_ssdp_found(node->engine, &ep, w->now);
	else if (op == OP_PING)
		peer6_pnrp_ping(node->engine, &ep, w->now, &handle);
	else
		peer6_pnrp_set_known(node->engine, &ep, 1);
	after(node);
}

static void with_node(struct world *w, uint8_t op)
{
	struct node *node = pick(w);

	if (op == OP_OPEN && !peer6_pnrp_open(node->engine, w->now))
		node->opens++;
	if (op == OP_CLOSE && node->opens) {
		node->opens--;
		peer6_pnrp_close(node->engine, w->now);
	}
	if (op == OP_FLUSH)
		peer6_pnrp_flush(node->engine, w->now);
	if (op == OP_REPAIR)
		peer6_pnrp_repair(node->engine, w->now);
	if (op == OP_CLOCK)
		peer6_pnrp_set_clock(node->engine, w->now,
				     (peer6_filetime)
				     (EPOCH_HOURS + (int8_t)next(w)) *
				     UINT64_C(36000000000));
	after(node);
}

static void step(struct world *w)
{
	uint8_t op = next(w) % OPS, n;

	switch (op) {
	case OP_TIME:
		w->now += engine_times[next(w) %
			(sizeof(engine_times) / sizeof(engine_times[0]))] *
			PEER6_MS;
		break;
	case OP_DELIVER:
		for (n = next(w) % 16; n; n--)
			deliver(w, 0);
		break;
	case OP_SPOIL:
		n = next(w);
		deliver(w, 1 + n % 4);
		break;
	case OP_LOSE:
		if (w->n) {
			w->first = (w->first + 1) % DATAGRAMS;
			w->n--;
		}
		break;
	case OP_REPLAY:
		replay(w);
		break;
	case OP_CRAFT:
		craft(w);
		break;
	case OP_REGISTER:
		do_register(w);
		break;
	case OP_UPDATE:
	case OP_UNREGISTER:
		do_update(w, op == OP_UNREGISTER);
		break;
	case OP_RESOLVE:
		do_resolve(w);
		break;
	case OP_CANCEL:
		do_cancel(w);
		break;
	case OP_ENDPOINTS:
		do_endpoints(w);
		break;
	case OP_FAIL:
		fail(w);
		break;
	case OP_SETTLE:
		settle(w);
		break;
	case OP_SYNCHRONIZE:
	case OP_SSDP:
	case OP_PING:
	case OP_KNOWN:
		with_endpoint(w, op);
		break;
	default:
		with_node(w, op);
	}
	tick_all(w);
}

static void start(struct world *w, uint8_t how)
{
	struct peer6_endpoint seed = endpoint(0);
	unsigned int i;

	w->now = PEER6_SECOND;
	w->crypto.sha1 = sha1;
	w->crypto.verify = verify;
	w->crypto.verify_chain = verify_chain;
	for (i = 0; i < ENGINE_NODES; i++) {
		struct node *node = &w->nodes[i];
		struct peer6_pnrp_config config = {
			.mem = &node->mem,
			.crypto = &w->crypto,
			.random = random_bytes,
			.random_ctx = w,
			.event = on_event,
			.event_ctx = node,
			.scope = PEER6_PNRP_GLOBAL,
			.no_multicast = how & 1,
			.resolve_only = (how & 2) && i == 3,
			.rate_source = how & 4 ? 1000 : 0,
			.dialect = {
				.authority_forward = how & 8,
				.revoke_no_nonce = how & 16,
			},
		};

		node->w = w;
		node->mem.realloc = node_realloc;
		node->mem.ctx = node;
		node->ep = endpoint((uint8_t)i);
		memset(node->signer.key, (int)i + 1,
		       sizeof(node->signer.key));
		node->signer.sign = sign;
		node->signer.ctx = node;
		CHECK(!peer6_pnrp_new(&node->engine, &config, w->now,
				      EPOCH_HOURS * UINT64_C(36000000000)));
		CHECK(!peer6_pnrp_set_endpoints(node->engine, &node->ep, 1,
						w->now));
		if (i)
			CHECK(!peer6_pnrp_set_seeds(node->engine, &seed, 1));
	}
}

/* Nobody answers any more: what was begun has an end all the same. */
static void finish(struct world *w)
{
	unsigned int i, h;

	w->fail_alloc = 0;
	w->fail_event = 0;
	w->fail_random = false;
	w->fail_sign = false;
	for (i = 0; i < 70; i++) {
		w->now += 10 * PEER6_SECOND;
		tick_all(w);
	}
	for (i = 0; i < ENGINE_NODES; i++)
		for (h = 0; h < HANDLES; h++)
			CHECK(w->nodes[i].state[h] != RESOLVING);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct datagram ring[DATAGRAMS];
	struct world w = { .p = data, .left = size, .ring = ring };
	unsigned int i;

	memset(ring, 0, sizeof(ring));
	start(&w, next(&w));
	while (w.left)
		step(&w);
	finish(&w);
	for (i = 0; i < ENGINE_NODES; i++) {
		peer6_pnrp_free(w.nodes[i].engine);
		CHECK(!w.nodes[i].bytes);
	}
	return 0;
}
