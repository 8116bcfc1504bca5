// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "net.h"

uint64_t net_random(struct net *net)
{
	uint64_t h = net->seed += UINT64_C(0x9e3779b97f4a7c15);

	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return h ^ h >> 31;
}

static int random_bytes(void *ctx, void *buf, size_t len)
{
	struct net *net = ctx;
	uint8_t *p = buf;

	if (net->random_fails)
		return -1;
	while (len--)
		*p++ = (uint8_t)(net_random(net) >> 32);
	return 0;
}

static void *count_realloc(void *ctx, void *p, size_t size)
{
	struct net *net = ctx;

	if (!size) {
		net->live -= p != NULL;
		free(p);
		return NULL;
	}
	net->allocs++;
	if (net->fail_at && !--net->fail_at)
		return NULL;
	net->live += p == NULL;
	return realloc(p, size);
}

void net_sha1(const void *data, size_t len, uint8_t out[20])
{
	assert(EVP_Digest(data, len, out, NULL, EVP_sha1(), NULL) == 1);
}

static int sha1(void *ctx, const void *data, size_t len, uint8_t out[20])
{
	(void)ctx;
	net_sha1(data, len, out);
	return 0;
}

static void cheap_signature(const uint8_t key[PEER6_PNRP_KEY_LEN],
			    const void *data, size_t len,
			    uint8_t sig[PEER6_PNRP_SIG_LEN])
{
	uint8_t both[PEER6_PNRP_KEY_LEN + 20], hash[20];
	unsigned int i;

	memcpy(both, key, PEER6_PNRP_KEY_LEN);
	net_sha1(data, len, both + PEER6_PNRP_KEY_LEN);
	net_sha1(both, sizeof(both), hash);
	for (i = 0; i < PEER6_PNRP_SIG_LEN; i++)
		sig[i] = hash[i % 20];
}

static int verify(void *ctx, const uint8_t key[PEER6_PNRP_KEY_LEN],
		  const void *data, size_t len,
		  const uint8_t sig[PEER6_PNRP_SIG_LEN])
{
	uint8_t right[PEER6_PNRP_SIG_LEN];
	unsigned int i;

	(void)ctx;
	cheap_signature(key, data, len, right);
	if (!memcmp(sig, right, sizeof(right)))
		return 0;
	for (i = 0; i < sizeof(right); i++)
		if (sig[i] != right[sizeof(right) - 1 - i])
			return PEER6_E_SIGNATURE;
	return 0;
}

/* A chain here is the authority and the key that it names. */
static int verify_chain(void *ctx, const void *chain, size_t len,
			const uint8_t authority[20],
			const uint8_t key[PEER6_PNRP_KEY_LEN],
			const uint16_t *classifier, size_t n,
			peer6_filetime now)
{
	const uint8_t *p = chain;

	(void)ctx;
	(void)classifier;
	(void)n;
	(void)now;
	if (len < 20 + PEER6_PNRP_KEY_LEN || memcmp(p, authority, 20) ||
	    memcmp(p + 20, key, PEER6_PNRP_KEY_LEN))
		return PEER6_E_CHAIN;
	return 0;
}

void net_sign(const struct peer6_signer *signer, const void *data, size_t len,
	      uint8_t sig[PEER6_PNRP_SIG_LEN])
{
	cheap_signature(signer->key, data, len, sig);
}

static int sign(void *ctx, const void *data, size_t len,
		uint8_t sig[PEER6_PNRP_SIG_LEN])
{
	struct net_node *node = ctx;

	if (node->net->sign_fails)
		return -1;
	net_sign(&node->signer, data, len, sig);
	return 0;
}

static void keep_result(struct net_node *node, struct net_event *to,
			const struct peer6_pnrp_result *r)
{
	to->local = r->local;
	to->secure = r->secure;
	to->delegated = r->delegated;
	to->hops = r->hops;
	to->n_apps = r->cpa->n_apps;
	to->app = r->cpa->apps[0];
	to->n_comment = r->cpa->n_comment;
	memcpy(to->comment, r->cpa->comment, sizeof(to->comment));
	to->n_classifier = r->n_classifier;
	if (r->classifier)
		memcpy(to->classifier, r->classifier, 2 * r->n_classifier);
	if (r->payload) {
		to->n_payload = r->payload->data.len;
		memcpy(node->payload, r->payload->data.p, to->n_payload);
		to->payload = node->payload;
	}
}

static int on_event(void *ctx, struct peer6_pnrp *engine,
		    const struct peer6_pnrp_event *event)
{
	struct net_node *node = ctx;
	struct net_event *to;

	(void)engine;
	if (node->n_events == NET_EVENTS) {
		/* The first half of a long run says little about its end. */
		memmove(node->events, node->events + NET_EVENTS / 2,
			NET_EVENTS / 2 * sizeof(*to));
		node->n_events = NET_EVENTS / 2;
		node->events_lost += NET_EVENTS / 2;
	}
	to = &node->events[node->n_events++];
	memset(to, 0, sizeof(*to));
	to->e = *event;
	to->at = node->net->now;
	if (event->hop)
		to->hop = *event->hop;
	if (event->result)
		keep_result(node, to, event->result);
	if (!node->fail_events)
		return 0;
	if (node->fine_events) {
		node->fine_events--;
		return 0;
	}
	node->fail_events--;
	return -1;
}

struct net *net_new(uint64_t seed)
{
	struct net *net = calloc(1, sizeof(*net));

	assert(net);
	net->seed = seed;
	net->tail = &net->queue;
	net->mem.realloc = count_realloc;
	net->mem.ctx = net;
	net->crypto.sha1 = sha1;
	net->crypto.verify = verify;
	net->crypto.verify_chain = verify_chain;
	return net;
}

void net_free(struct net *net)
{
	struct net_packet *p;
	unsigned int i;

	for (i = 0; i < net->n; i++)
		net_remove(&net->nodes[i]);
	while ((p = net->queue)) {
		net->queue = p->next;
		free(p);
	}
	assert(!net->live);
	free(net);
}

struct peer6_endpoint net_endpoint(unsigned int index)
{
	struct peer6_endpoint ep = {
		.addr = { 0x20, 0x01, 0x0d, 0xb8, 0, 0,
			  (uint8_t)(index >> 8), (uint8_t)index,
			  [15] = 1 },
		.port = PEER6_PNRP_PORT,
	};

	return ep;
}

/* fe80::I:0:0:1%3 */
static void on_link(struct peer6_endpoint *ep)
{
	memcpy(ep->addr + 8, ep->addr + 6, 2);
	memset(ep->addr, 0, 8);
	ep->addr[0] = 0xfe;
	ep->addr[1] = 0x80;
	ep->scope_id = 3;
}

struct net_node *net_add_as(struct net *net,
			    const struct peer6_pnrp_config *config)
{
	struct peer6_pnrp_config c = *config;
	struct net_node *node;
	struct peer6_endpoint seed = net_endpoint(0);

	assert(net->n < NET_MAX);
	node = &net->nodes[net->n];
	node->net = net;
	node->ep = net_endpoint(net->n);
	if (c.scope == PEER6_PNRP_LINK_LOCAL) {
		on_link(&node->ep);
		on_link(&seed);
	}
	memset(node->signer.key, (int)net->n + 1, sizeof(node->signer.key));
	node->signer.sign = sign;
	node->signer.ctx = node;
	node->events = calloc(NET_EVENTS, sizeof(*node->events));
	assert(node->events);
	c.mem = &net->mem;
	c.crypto = &net->crypto;
	c.random = random_bytes;
	c.random_ctx = net;
	c.event = on_event;
	c.event_ctx = node;
	if (!c.scope)
		c.scope = PEER6_PNRP_GLOBAL;
	if (peer6_pnrp_new(&node->engine, &c, net->now,
			   NET_EPOCH + net->now / 100) ||
	    peer6_pnrp_set_endpoints(node->engine, &node->ep, 1, net->now) ||
	    (net->n && peer6_pnrp_set_seeds(node->engine, &seed, 1))) {
		peer6_pnrp_free(node->engine);
		free(node->events);
		memset(node, 0, sizeof(*node));
		return NULL;
	}
	net->n++;
	return node;
}

struct net_node *net_add(struct net *net)
{
	const struct peer6_pnrp_config config = { .no_multicast = true };

	return net_add_as(net, &config);
}

void net_remove(struct net_node *node)
{
	peer6_pnrp_free(node->engine);
	node->engine = NULL;
	free(node->events);
	node->events = NULL;
	node->n_events = 0;
}

static void transmit(struct net *net, const struct net_node *from,
		     const struct peer6_endpoint *to, const uint8_t *data,
		     size_t len)
{
	struct net_packet *p = malloc(sizeof(*p) + len);
	struct peer6_pnrp_msg msg;

	assert(p);
	p->next = NULL;
	p->from = from->ep;
	p->to = *to;
	p->at = net->now + NET_LATENCY;
	p->len = len;
	memcpy(p->data, data, len);
	net->bytes += len;
	/* What the engine sends is always well formed, and goes somewhere. */
	assert(from->ep.scope_id == to->scope_id);
	assert(!peer6_pnrp_msg_decode(&msg, p->data, len));
	if ((net->tap && !net->tap(net, p, &msg)) ||
	    (net->loss && net_random(net) % 100 < net->loss)) {
		free(p);
		return;
	}
	*net->tail = p;
	net->tail = &p->next;
}

void net_flush(struct net_node *node)
{
	uint8_t buf[PEER6_PNRP_DATAGRAM_MAX];
	struct peer6_endpoint to;
	size_t len;

	if (!node->engine)
		return;
	while ((len = peer6_pnrp_output(node->engine, buf, sizeof(buf), &to,
					node->net->now)))
		if (!node->down)
			transmit(node->net, node, &to, buf, len);
}

static bool same(const struct peer6_endpoint *a,
		 const struct peer6_endpoint *b)
{
	return a->port == b->port && !memcmp(a->addr, b->addr, 16);
}

static void deliver(struct net *net, struct net_packet *p)
{
	struct net_node *node;
	unsigned int i;

	for (i = 0; i < net->n; i++) {
		node = &net->nodes[i];
		if (!node->engine || node->down || !same(&node->ep, &p->to))
			continue;
		peer6_pnrp_input(node->engine, p->data, p->len, &p->from,
				 net->now);
		net_flush(node);
	}
	free(p);
}

static peer6_time next_time(struct net *net)
{
	peer6_time t = net->queue ? net->queue->at : PEER6_NEVER;
	unsigned int i;

	for (i = 0; i < net->n; i++) {
		peer6_time d = net->nodes[i].engine ?
			peer6_pnrp_deadline(net->nodes[i].engine) :
			PEER6_NEVER;

		if (d < t)
			t = d;
	}
	return t;
}

/* One moment at which something happens; false: not before @end. */
static bool moment(struct net *net, peer6_time end)
{
	peer6_time t = next_time(net);
	struct net_packet *p;
	unsigned int i;

	if (t > end)
		return false;
	if (t > net->now)
		net->now = t;
	while ((p = net->queue) && p->at <= net->now) {
		net->queue = p->next;
		if (!net->queue)
			net->tail = &net->queue;
		deliver(net, p);
	}
	for (i = 0; i < net->n; i++) {
		struct net_node *node = &net->nodes[i];

		if (!node->engine ||
		    peer6_pnrp_deadline(node->engine) > net->now)
			continue;
		assert(!peer6_pnrp_tick(node->engine, net->now));
		net_flush(node);
	}
	return true;
}

void net_run(struct net *net, peer6_time duration)
{
	peer6_time end = net->now + duration;
	unsigned int i;

	for (i = 0; i < net->n; i++)
		net_flush(&net->nodes[i]);
	while (moment(net, end))
		;
	net->now = end;
}

bool net_until(struct net *net, bool (*done)(void *ctx), void *ctx,
	       peer6_time limit)
{
	peer6_time end = net->now + limit;
	unsigned int i;

	for (i = 0; i < net->n; i++)
		net_flush(&net->nodes[i]);
	while (!done(ctx))
		if (!moment(net, end))
			return false;
	return true;
}

int net_inject(struct net_node *to, const struct peer6_endpoint *from,
	       const struct peer6_pnrp_msg *msg)
{
	uint8_t buf[PEER6_PNRP_DATAGRAM_MAX];
	ptrdiff_t len = peer6_pnrp_msg_encode(msg, buf, sizeof(buf));
	int err;

	assert(len > 0);
	err = peer6_pnrp_input(to->engine, buf, (size_t)len, from,
			       to->net->now);
	net_flush(to);
	return err;
}

static void p2p_id(const uint16_t *classifier, unsigned int n,
		   const uint8_t *authority, uint8_t out[PEER6_P2P_ID_LEN])
{
	uint8_t text[64] = { 0 }, utf16[2 * PEER6_PNRP_CLASSIFIER_MAX];
	uint8_t hash[20];
	unsigned int i;

	for (i = 0; i < n; i++) {
		utf16[2 * i] = (uint8_t)classifier[i];
		utf16[2 * i + 1] = (uint8_t)(classifier[i] >> 8);
	}
	net_sha1(utf16, 2 * n, text);
	memcpy(text + 40, text, 20);
	if (authority)
		memcpy(text + 20, authority, 20);
	memcpy(text + 60, "PNRP", 4);
	net_sha1(text, sizeof(text), hash);
	memcpy(out, hash, PEER6_P2P_ID_LEN);
}

void net_name(struct net_node *node, struct net_name *name, const char *text,
	      bool secure)
{
	struct peer6_pnrp_registration *reg = &name->reg;
	unsigned int n;

	memset(name, 0, sizeof(*name));
	for (n = 0; text[n]; n++)
		name->classifier[n] = (uint8_t)text[n];
	reg->has_classifier = n > 0;
	reg->classifier = name->classifier;
	reg->n_classifier = (uint16_t)n;
	reg->secure = secure;
	if (secure)
		net_sha1(node->signer.key, sizeof(node->signer.key),
			 reg->authority);
	p2p_id(name->classifier, n, secure ? reg->authority : NULL,
	       reg->p2p_id);
	memcpy(name->app.addr, node->ep.addr, 16);
	name->app.port = 80;
	name->app.protocol = 6;
	reg->apps = &name->app;
	reg->n_apps = 1;
	reg->signer = &node->signer;
}

int net_register_as(struct net_node *node,
		    const struct peer6_pnrp_registration *reg,
		    uint32_t *handle)
{
	int err = peer6_pnrp_register(node->engine, reg, node->net->now,
				      handle);

	net_flush(node);
	return err;
}

uint32_t net_register(struct net_node *node, const char *text, bool secure)
{
	struct net_name name;
	uint32_t handle = 0;

	net_name(node, &name, text, secure);
	if (net_register_as(node, &name.reg, &handle))
		return 0;
	return handle;
}

void net_query(struct net_node *asker, struct peer6_pnrp_query *query,
	       const char *text, const struct net_node *owner)
{
	struct net_name name;

	net_name(asker, &name, text, false);
	memset(query, 0, sizeof(*query));
	query->criteria = PEER6_PNRP_ANY_PEERNAME;
	query->max_results = 1;
	memcpy(query->prefix, asker->ep.addr, 8);
	if (owner) {
		query->secure = true;
		net_sha1(owner->signer.key, sizeof(owner->signer.key),
			 query->authority);
	}
	p2p_id(name.classifier, name.reg.n_classifier,
	       owner ? query->authority : NULL, query->p2p_id);
}

uint32_t net_resolve(struct net_node *node,
		     const struct peer6_pnrp_query *query)
{
	uint32_t handle = 0;

	if (peer6_pnrp_resolve(node->engine, query, node->net->now, &handle))
		return 0;
	return handle;
}

const struct net_event *net_event(const struct net_node *node,
				  enum peer6_pnrp_event_type type,
				  uint32_t handle, unsigned int i)
{
	unsigned int at;

	for (at = 0; at < node->n_events; at++)
		if (node->events[at].e.type == type &&
		    (!handle || node->events[at].e.handle == handle) && !i--)
			return &node->events[at];
	return NULL;
}

struct finish {
	struct net_node	*node;
	uint32_t	handle;
};

static bool finished(void *ctx)
{
	struct finish *f = ctx;

	return net_event(f->node, PEER6_PNRP_EV_RESOLVE_END, f->handle, 0);
}

const struct net_event *net_finish(struct net_node *node, uint32_t handle)
{
	struct finish f = { node, handle };

	assert(handle);
	/* No resolve lives longer than ten minutes. */
	assert(net_until(node->net, finished, &f, 600 * PEER6_SECOND));
	return net_event(node, PEER6_PNRP_EV_RESOLVE_END, handle, 0);
}

enum peer6_pnrp_state net_state(const struct net_node *node)
{
	struct peer6_pnrp_stats stats;

	peer6_pnrp_get_stats(node->engine, &stats);
	return stats.state;
}
