// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * How much others may make the node do. Requests are counted by source; answers
 * to the node's own messages are not, for nobody can send many of those. The
 * tables are hashed with a secret, so that nobody can aim at a slot; a stranger
 * that shares a slot by chance loses it sooner, and nothing else.
 */
#include "engine.h"

static uint64_t mix(uint64_t h)
{
	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return h ^ h >> 31;
}

uint64_t p6_hash(const struct peer6_pnrp *node, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t h = node->secret;

	while (len--)
		h = mix(h + *p++ + UINT64_C(0x9e3779b97f4a7c15));
	return h ? h : 1;
}

static bool is_neighbour(const struct peer6_pnrp *node,
			 const uint8_t addr[16])
{
	unsigned int i;

	for (i = 0; i < node->n_own; i++)
		if (!memcmp(node->own[i].addr, addr, 8))
			return true;
	return false;
}

/*
 * Sources are /64s, but for where one /64 holds strangers: a link, our own
 * network, and the clients of one Teredo server, who differ by their IPv4
 * address at the end.
 */
static uint64_t source_key(const struct peer6_pnrp *node,
			   const uint8_t addr[16])
{
	uint8_t teredo[12];

	if (addr[0] == 0x20 && addr[1] == 0x01 && !addr[2] && !addr[3]) {
		memcpy(teredo, addr, 8);
		memcpy(teredo + 8, addr + 12, 4);
		return p6_hash(node, teredo, sizeof(teredo));
	}
	if (node->cfg.scope == PEER6_PNRP_LINK_LOCAL ||
	    is_neighbour(node, addr))
		return p6_hash(node, addr, 16);
	return p6_hash(node, addr, 8);
}

/* Brings the credit up to date: the allowance comes back evenly. */
static void refill(struct peer6_pnrp *node, struct p6_source *s,
		   int32_t allowance, peer6_time back)
{
	peer6_time step = back / (peer6_time)allowance;
	uint64_t bytes = (node->now - s->at) / step;

	if (bytes >= (uint64_t)((int64_t)allowance - s->credit)) {
		s->credit = allowance;
		s->at = node->now;
		return;
	}
	s->credit += (int32_t)bytes;
	s->at += bytes * step;
}

/* Nothing is lost with it: a fresh one would be the same. */
static bool is_idle(struct peer6_pnrp *node, struct p6_source *s)
{
	refill(node, s, P6_ALLOWANCE, P6_ALLOWANCE_BACK);
	return s->next <= node->now && s->credit >= P6_ALLOWANCE &&
	       s->next_proof <= node->now / PEER6_SECOND;
}

static struct p6_source *find_slot(struct p6_source *table, unsigned int size,
				   uint64_t key)
{
	unsigned int i;

	for (i = 0; i < P6_SOURCES_WINDOW; i++) {
		struct p6_source *s = &table[(key + i) & (size - 1)];

		if (s->key == key || !s->key)
			return s;
	}
	return NULL;
}

/* To another size; what finds no place there is dropped. */
static void resize(struct peer6_pnrp *node, unsigned int size)
{
	struct p6_source *table = NULL, *old = node->sources, *slot;
	unsigned int i, n = 0;

	if (size) {
		table = p6_alloc(node, size * sizeof(*table));
		if (!table)
			return;
	}
	for (i = 0; i < node->sources_size; i++) {
		if (!size || !old[i].key || is_idle(node, &old[i]))
			continue;
		slot = find_slot(table, size, old[i].key);
		if (!slot)
			continue;
		*slot = old[i];
		n++;
	}
	p6_free(node, old, node->sources_size * sizeof(*old));
	node->sources = table;
	node->sources_size = (uint16_t)size;
	node->n_sources = (uint16_t)n;
}

/*
 * Room for one more: three quarters of the slots are in use at most. Before the
 * table grows it drops who is idle; if less than half is left, that is room for
 * long enough.
 */
static void make_room(struct peer6_pnrp *node)
{
	resize(node, node->sources_size);
	if (2 * node->n_sources >= node->sources_size)
		resize(node, 2 * (unsigned int)node->sources_size);
}

static struct p6_source *source_of(struct peer6_pnrp *node, uint64_t key)
{
	struct p6_source *s, *victim;
	unsigned int i;

	if (!node->sources)
		resize(node, P6_SOURCES_MIN);
	if (!node->sources)
		return NULL;
	s = find_slot(node->sources, node->sources_size, key);
	if ((!s || !s->key) && node->sources_size < P6_SOURCES_MAX &&
	    (!s || 4 * (node->n_sources + 1) > 3 * node->sources_size)) {
		make_room(node);
		s = find_slot(node->sources, node->sources_size, key);
	}
	if (s && s->key)
		return s;
	if (!s) {
		victim = &node->sources[key & (node->sources_size - 1)];
		for (i = 1; i < P6_SOURCES_WINDOW; i++) {
			s = &node->sources[(key + i) &
					   (node->sources_size - 1)];
			if (s->next < victim->next)
				victim = s;
		}
		s = victim;
		node->n_sources--;
	}
	memset(s, 0, sizeof(*s));
	s->key = key;
	s->at = node->now;
	s->credit = P6_ALLOWANCE;
	node->n_sources++;
	return s;
}

/* A token bucket as the time at which the next message would be on time. */
static bool take_token(struct peer6_pnrp *node, struct p6_source *s,
		       uint32_t rate, uint32_t burst)
{
	peer6_time interval = PEER6_SECOND / rate;
	peer6_time next = s->next > node->now ? s->next : node->now;

	if (next - node->now > (burst - 1) * interval)
		return false;
	s->next = next + interval;
	return true;
}

static void earn(struct peer6_pnrp *node, struct p6_source *s, size_t bytes,
		 int32_t allowance, peer6_time back)
{
	int64_t credit;

	refill(node, s, allowance, back);
	credit = s->credit + (int64_t)bytes;
	s->credit = credit > allowance ? allowance : (int32_t)credit;
}

int p6_rate_take(struct peer6_pnrp *node, const struct peer6_endpoint *from,
		 size_t len)
{
	uint32_t rate = node->cfg.rate_source, total = node->cfg.rate_total;
	struct p6_source *s;

	if (!rate)
		rate = P6_RATE_SOURCE;
	if (!total)
		total = P6_RATE_TOTAL;
	if (!node->total.key) {
		node->total.key = 1;
		node->total.at = node->now;
		node->total.credit = P6_ALLOWANCE_TOTAL;
	}
	s = source_of(node, source_key(node, from->addr));
	if (s) {
		refill(node, s, P6_ALLOWANCE, P6_ALLOWANCE_BACK);
		if (!take_token(node, s, rate, rate * P6_RATE_SOURCE_BURST))
			return PEER6_E_RATE;
	}
	refill(node, &node->total, P6_ALLOWANCE_TOTAL,
	       P6_ALLOWANCE_TOTAL_BACK);
	if (!take_token(node, &node->total, total, total))
		return PEER6_E_RATE;
	node->source = s;
	node->paid = len * P6_AMPLIFY;
	return 0;
}

void p6_rate_done(struct peer6_pnrp *node)
{
	if (node->source)
		earn(node, node->source, node->paid, P6_ALLOWANCE,
		     P6_ALLOWANCE_BACK);
	if (node->paid)
		earn(node, &node->total, node->paid, P6_ALLOWANCE_TOTAL,
		     P6_ALLOWANCE_TOTAL_BACK);
	node->source = NULL;
	node->paid = 0;
}

void p6_rate_proven(struct peer6_pnrp *node,
		    const struct peer6_endpoint *from)
{
	struct p6_source *s = NULL;

	/* Whoever is not there has all its credit: nothing to earn. */
	if (node->sources)
		s = find_slot(node->sources, node->sources_size,
			      source_key(node, from->addr));
	if (!s || !s->key || s->next_proof > node->now / PEER6_SECOND)
		return;
	refill(node, s, P6_ALLOWANCE, P6_ALLOWANCE_BACK);
	if (s->credit >= P6_ALLOWANCE)
		return;
	s->next_proof = (uint32_t)((node->now + P6_PROOF_PAUSE) /
				   PEER6_SECOND);
	earn(node, s, P6_PROOF, P6_ALLOWANCE, P6_ALLOWANCE_BACK);
}

bool p6_rate_may_prove(const struct peer6_pnrp *node)
{
	const struct p6_source *s = node->source;

	return s && s->credit <= 0 &&
	       s->next_proof <= node->now / PEER6_SECOND;
}

bool p6_rate_spend(struct peer6_pnrp *node, size_t bytes)
{
	struct p6_source *s = node->source;

	if (bytes <= node->paid) {
		node->paid -= bytes;
		return true;
	}
	if (node->total.credit <= 0 || (s && s->credit <= 0))
		return false;
	/* It may go below zero: an answer larger than all allowances goes. */
	bytes -= node->paid;
	node->paid = 0;
	node->total.credit -= (int32_t)bytes;
	if (s)
		s->credit -= (int32_t)bytes;
	return true;
}

/* Those that may be probed at once anyway need not be remembered. */
static void forget_probed(struct peer6_pnrp *node)
{
	unsigned int i, n = 0;

	for (i = 0; i < node->n_probed; i++)
		if (node->probed[i].next > node->now)
			node->probed[n++] = node->probed[i];
	node->n_probed = (uint16_t)n;
}

static bool grow_probed(struct peer6_pnrp *node)
{
	size_t size = node->probed_size ? 2 * (size_t)node->probed_size :
					   P6_PROBED_MIN;
	struct p6_probed *table;

	if (size > P6_THIRD_PARTY_MAX)
		return false;
	table = p6_alloc(node, size * sizeof(*table));
	if (!table)
		return false;
	if (node->n_probed)
		memcpy(table, node->probed, node->n_probed * sizeof(*table));
	p6_free(node, node->probed, node->probed_size * sizeof(*table));
	node->probed = table;
	node->probed_size = (uint16_t)size;
	return true;
}

peer6_time p6_rate_probe(struct peer6_pnrp *node, const uint8_t addr[16])
{
	uint64_t key = p6_hash(node, addr, 16);
	peer6_time at = node->now;
	unsigned int i;

	for (i = 0; i < node->n_probed; i++)
		if (node->probed[i].key == key)
			break;
	if (i == node->n_probed) {
		if (i == node->probed_size)
			forget_probed(node);
		if (node->n_probed == node->probed_size && !grow_probed(node))
			return PEER6_NEVER;
		i = node->n_probed++;
		node->probed[i].key = key;
		node->probed[i].next = at;
	}
	if (node->probed[i].next > at)
		at = node->probed[i].next;
	if (at - node->now > P6_THIRD_PARTY_WAIT)
		return PEER6_NEVER;
	node->probed[i].next = at + P6_THIRD_PARTY;
	return at;
}

/* Down to the smallest size that takes what is left, if there is memory. */
static void shrink_probed(struct peer6_pnrp *node)
{
	struct p6_probed *table = NULL;
	size_t size = P6_PROBED_MIN;

	forget_probed(node);
	while (size < node->n_probed)
		size *= 2;
	if (!node->n_probed)
		size = 0;
	if (size >= node->probed_size)
		return;
	if (size) {
		table = p6_dup(node, node->probed, size * sizeof(*table));
		if (!table)
			return;
	}
	p6_free(node, node->probed, node->probed_size * sizeof(*table));
	node->probed = table;
	node->probed_size = (uint16_t)size;
}

void p6_rate_shrink(struct peer6_pnrp *node)
{
	unsigned int i, n = 0, size = P6_SOURCES_MIN;

	shrink_probed(node);
	for (i = 0; i < node->sources_size; i++)
		if (node->sources[i].key && !is_idle(node, &node->sources[i]))
			n++;
	while (size < 2 * n && size < P6_SOURCES_MAX)
		size *= 2;
	if (!n)
		size = 0;
	if (size < node->sources_size || n < node->n_sources)
		resize(node, size);
}

void p6_rate_fini(struct peer6_pnrp *node)
{
	resize(node, 0);
	p6_free(node, node->probed,
		node->probed_size * sizeof(*node->probed));
	node->probed = NULL;
	node->probed_size = 0;
	node->n_probed = 0;
}
