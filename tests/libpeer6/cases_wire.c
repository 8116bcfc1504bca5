// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages that are as they should be: what is sent is what is received. */
#include <string.h>

#include "cases.h"
#include "pnrp_vectors.h"

#define ROUNDS		3000
#define BIG		70000	/* more than any message */

static uint8_t big[BIG], again[BIG];

/* Equal but for where views point; those are compared by content. */
static bool same_bytes(const struct peer6_pnrp_bytes *a,
		       const struct peer6_pnrp_bytes *b)
{
	return !a->p == !b->p && a->len == b->len &&
	       (!a->len || !memcmp(a->p, b->p, a->len));
}

static bool same_msg(const struct peer6_pnrp_msg *a,
		     const struct peer6_pnrp_msg *b)
{
	struct peer6_pnrp_msg copy = *b;

	if (a->ids.n != b->ids.n ||
	    (a->ids.n && memcmp(a->ids.p, b->ids.p,
				(size_t)a->ids.n * PEER6_PNRP_ID_LEN)))
		return false;
	if (!same_bytes(&a->revoke, &b->revoke) ||
	    !same_bytes(&a->fragment, &b->fragment))
		return false;
	copy.ids.p = a->ids.p;
	copy.revoke.p = a->revoke.p;
	copy.fragment.p = a->fragment.p;
	return !memcmp(a, &copy, sizeof(copy));
}

static bool same_authority(const struct peer6_pnrp_authority *a,
			   const struct peer6_pnrp_authority *b)
{
	struct peer6_pnrp_authority copy = *b;

	if (!same_bytes(&a->chain, &b->chain) ||
	    !same_bytes(&a->payload, &b->payload) ||
	    !same_bytes(&a->cpa, &b->cpa))
		return false;
	copy.chain.p = a->chain.p;
	copy.payload.p = a->payload.p;
	copy.cpa.p = a->cpa.p;
	return !memcmp(a, &copy, sizeof(copy));
}

static const char *vectors_decode(void)
{
	static struct peer6_pnrp_authority authority;
	static struct pnrp_meaning want;
	static struct peer6_pnrp_msg msg;
	const struct pnrp_vector *v;
	uint8_t bytes[1024 + 3];
	size_t i, shift, len;

	for (i = 0; i < PNRP_VECTORS; i++) {
		v = &pnrp_vectors[i];
		CHECK_AT(pnrp_vector_meaning(v, &want), "%s", v->name);
		/* Also from where no integer may be read in one piece. */
		for (shift = 0; shift < 4; shift++) {
			len = pnrp_vector_bytes(v, bytes + shift);
			CHECK_AT(len == v->len, "%s", v->name);
			CHECK_AT(!peer6_pnrp_msg_decode(&msg, bytes + shift,
							len),
				 "%s", v->name);
			if (!want.padded)
				CHECK_AT(same_msg(&want.msg, &msg), "%s",
					 v->name);
			if (msg.type != PEER6_PNRP_AUTHORITY)
				continue;
			CHECK_AT(msg.size == len - 28, "%s", v->name);
			CHECK_AT(!peer6_pnrp_authority_decode(&authority, NULL,
							      msg.fragment.p,
							      msg.fragment.len),
				 "%s", v->name);
			CHECK_AT(same_authority(&want.authority, &authority),
				 "%s", v->name);
		}
	}
	return NULL;
}

static const char *vectors_encode(void)
{
	static struct pnrp_meaning want;
	const struct pnrp_vector *v;
	uint8_t bytes[1024], out[1024 + 3];
	size_t i, size, shift;
	ptrdiff_t n;

	for (i = 0; i < PNRP_VECTORS; i++) {
		v = &pnrp_vectors[i];
		CHECK_AT(pnrp_vector_meaning(v, &want), "%s", v->name);
		if (want.padded)
			continue;
		pnrp_vector_bytes(v, bytes);
		for (shift = 0; shift < 4; shift++) {
			n = peer6_pnrp_msg_encode(&want.msg, out + shift,
						  v->len);
			CHECK_AT(n == (ptrdiff_t)v->len, "%s", v->name);
			CHECK_AT(!memcmp(out + shift, bytes, v->len), "%s",
				 v->name);
		}
		for (size = 0; size < v->len; size++) {
			memset(out, 0xa5, sizeof(out));
			n = peer6_pnrp_msg_encode(&want.msg, out, size);
			CHECK_AT(n == PEER6_E_SPACE, "%s into %d", v->name,
				 (int)size);
			CHECK_AT(out[size] == 0xa5, "%s into %d", v->name,
				 (int)size);
		}
	}
	return NULL;
}

/* A last field that is followed by its padding, as other nodes may send it. */
static const char *padding_at_the_end(void)
{
	struct peer6_pnrp_authority authority;
	struct peer6_pnrp_msg msg;
	uint8_t bytes[1024];
	size_t i, len;

	for (i = 0; i < PNRP_VECTORS; i++) {
		len = pnrp_vector_bytes(&pnrp_vectors[i], bytes);
		if (bytes[7] == PEER6_PNRP_AUTHORITY) {
			memset(bytes + len, 0x55, 4);
			CHECK(!peer6_pnrp_authority_decode(&authority, NULL,
							   bytes + 28,
							   (len - 28 + 3) &
							   ~(size_t)3));
			continue;
		}
		memset(bytes + len, 0x55, 4);
		CHECK_AT(!peer6_pnrp_msg_decode(&msg, bytes,
						(len + 3) & ~(size_t)3),
			 "%s", pnrp_vectors[i].name);
	}
	return NULL;
}

/*
 * What is said to be ignored is: padding and reserved bits. At the offsets of
 * these vectors stand nothing but such.
 */
static const char *reserved_is_ignored(void)
{
	static const struct {
		const char *name;
		size_t at;
		uint8_t mask;
	} spots[] = {
		{ "solicit-full", 16, 0xff }, { "solicit-full", 18, 0xff },
		{ "solicit-full", 19, 0xff },
		{ "solicit-full", 60, 0xff },	/* flags of the route */
		{ "solicit-full", 78, 0xff }, { "solicit-full", 79, 0xff },
		{ "flood-route-d", 16, 0xff }, { "flood-route-d", 17, 0xfe },
		{ "flood-route-d", 18, 0xff }, { "flood-route-d", 19, 0xff },
		{ "inquire-axc", 16, 0xff }, { "inquire-axc", 17, 0xe3 },
		{ "inquire-axc", 18, 0xff }, { "ack-n", 24, 0xff },
		{ "ack-n", 25, 0xfe }, { "lookup", 16, 0xff },
		{ "lookup", 17, 0xfd }, { "lookup", 22, 0xff },
		{ "lookup", 23, 0xff },
	};
	static struct pnrp_meaning want;
	static struct peer6_pnrp_msg msg;
	uint8_t bytes[1024];
	size_t i, k, len, tried = 0;

	for (i = 0; i < PNRP_VECTORS; i++) {
		CHECK(pnrp_vector_meaning(&pnrp_vectors[i], &want));
		for (k = 0; k < sizeof(spots) / sizeof(spots[0]); k++) {
			if (strcmp(spots[k].name, pnrp_vectors[i].name))
				continue;
			len = pnrp_vector_bytes(&pnrp_vectors[i], bytes);
			bytes[spots[k].at] ^= spots[k].mask;
			CHECK_AT(!peer6_pnrp_msg_decode(&msg, bytes, len),
				 "%s at %d", spots[k].name, (int)spots[k].at);
			CHECK_AT(same_msg(&want.msg, &msg), "%s at %d",
				 spots[k].name, (int)spots[k].at);
			tried++;
		}
	}
	CHECK(tried == sizeof(spots) / sizeof(spots[0]));
	return NULL;
}

static void any_route(uint64_t *seed, struct peer6_pnrp_route *route)
{
	case_fill(seed, route->id.b, sizeof(route->id.b));
	route->port = (uint16_t)case_random(seed);
	route->n_addrs = (uint8_t)(1 + case_below(seed, PEER6_PNRP_ADDRS_MAX));
	case_fill(seed, route->addrs, 16 * (size_t)route->n_addrs);
}

static void any_path(uint64_t *seed, struct peer6_pnrp_path *path,
		     unsigned int min)
{
	unsigned int i;

	path->n = (uint8_t)(min + case_below(seed,
					     PEER6_PNRP_PATH_MAX + 1 - min));
	for (i = 0; i < path->n; i++) {
		path->ep[i].port = (uint16_t)case_random(seed);
		case_fill(seed, path->ep[i].addr, 16);
	}
}

/* Any message that has a valid form; @data is what its views are of. */
static void any_msg(uint64_t *seed, struct peer6_pnrp_msg *m,
		    const uint8_t *data)
{
	static const uint8_t types[] = { 1, 2, 3, 4, 7, 8, 9, 11 };
	static const uint8_t criteria[] = { 0, 1, 2, 4, 8 };

	memset(m, 0, sizeof(*m));
	m->type = types[case_below(seed, sizeof(types))];
	m->id = (uint32_t)case_random(seed);
	switch (m->type) {
	case PEER6_PNRP_SOLICIT:
		m->has_controls = case_below(seed, 2);
		if (m->has_controls)
			m->solicit_type = (uint8_t)case_below(seed, 2);
		break;
	case PEER6_PNRP_FLOOD:
		m->flags = (uint16_t)case_below(seed, 2);
		m->revoke.len = case_below(seed, 900);
		m->revoke.p = case_below(seed, 2) ? data : NULL;
		if (!m->revoke.p)
			m->revoke.len = 0;
		any_path(seed, &m->path, 0);
		break;
	case PEER6_PNRP_INQUIRE:
		m->flags = (uint16_t)(case_below(seed, 8) << 2);
		m->has_nonce = case_below(seed, 2);
		break;
	case PEER6_PNRP_AUTHORITY:
		m->size = (uint16_t)(6 + case_below(seed,
						    PEER6_PNRP_BUFFER_MAX - 5));
		m->offset = (uint16_t)(PEER6_PNRP_FRAGMENT *
			(case_below(seed, m->size) / PEER6_PNRP_FRAGMENT));
		m->fragment.p = data;
		m->fragment.len = (size_t)m->size - m->offset;
		if (m->fragment.len > PEER6_PNRP_FRAGMENT)
			m->fragment.len = PEER6_PNRP_FRAGMENT;
		break;
	case PEER6_PNRP_ACK:
		m->flags = (uint16_t)case_below(seed, 2);
		break;
	case PEER6_PNRP_LOOKUP:
		m->flags = (uint16_t)(case_below(seed, 2) << 1);
		m->precision = (uint16_t)case_below(seed, 257);
		m->criteria = criteria[case_below(seed, sizeof(criteria))];
		m->reason = (uint8_t)case_below(seed, 4);
		any_path(seed, &m->path, 1);
		case_fill(seed, m->target.b, sizeof(m->target.b));
		break;
	}
	if (m->type == PEER6_PNRP_SOLICIT || m->type == PEER6_PNRP_FLOOD ||
	    m->type == PEER6_PNRP_LOOKUP) {
		m->has_route = case_below(seed, 2);
		if (m->has_route)
			any_route(seed, &m->route);
	}
	if (m->type == PEER6_PNRP_ADVERTISE || m->type == PEER6_PNRP_REQUEST) {
		m->ids.p = data;
		m->ids.n = (uint16_t)case_below(seed, 36);
	}
	if (m->type == PEER6_PNRP_SOLICIT || m->type == PEER6_PNRP_ADVERTISE)
		case_fill(seed, m->hashed_nonce, sizeof(m->hashed_nonce));
	if (m->type == PEER6_PNRP_REQUEST)
		m->has_nonce = true;
	if (m->has_nonce)
		case_fill(seed, m->nonce, sizeof(m->nonce));
	if (m->type == PEER6_PNRP_ADVERTISE || m->type == PEER6_PNRP_ACK ||
	    m->type == PEER6_PNRP_AUTHORITY)
		m->acked = (uint32_t)case_random(seed);
	if (m->type == PEER6_PNRP_FLOOD || m->type == PEER6_PNRP_INQUIRE ||
	    m->type == PEER6_PNRP_LOOKUP)
		case_fill(seed, m->validate.b, sizeof(m->validate.b));
}

static const char *any_messages(void)
{
	static struct peer6_pnrp_msg m, got;
	uint8_t data[PEER6_PNRP_FRAGMENT];
	uint64_t seed = 4;
	ptrdiff_t n, n2;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		case_fill(&seed, data, sizeof(data));
		any_msg(&seed, &m, data);
		n = peer6_pnrp_msg_encode(&m, big, sizeof(big));
		CHECK_AT(n > 0, "round %d", round);
		CHECK_AT(!peer6_pnrp_msg_decode(&got, big, (size_t)n),
			 "round %d, type %d", round, m.type);
		CHECK_AT(same_msg(&m, &got), "round %d, type %d", round,
			 m.type);
		n2 = peer6_pnrp_msg_encode(&got, again, sizeof(again));
		CHECK_AT(n2 == n && !memcmp(big, again, (size_t)n),
			 "round %d, type %d", round, m.type);
	}
	return NULL;
}

static const char *any_buffers(void)
{
	static struct peer6_pnrp_authority a, got;
	struct peer6_pnrp_dialect dialect = { 0 };
	static uint8_t data[5000];
	uint64_t seed = 5;
	unsigned int i;
	ptrdiff_t n;
	int round;

	case_fill(&seed, data, sizeof(data));
	for (round = 0; round < ROUNDS / 3; round++) {
		memset(&a, 0, sizeof(a));
		dialect.classifier_le = case_below(&seed, 2);
		a.flags = (uint16_t)(case_random(&seed) & 0x0209);
		if (case_below(&seed, 2))
			a.chain = (struct peer6_pnrp_bytes){
				data, case_below(&seed, sizeof(data)) };
		a.has_classifier = case_below(&seed, 2);
		if (a.has_classifier)
			a.n_classifier = (uint16_t)case_below(&seed,
				PEER6_PNRP_CLASSIFIER_MAX + 1);
		for (i = 0; i < a.n_classifier; i++)
			a.classifier[i] = (uint16_t)(1 + case_below(&seed,
								    0xffff));
		if (case_below(&seed, 2))
			a.payload = (struct peer6_pnrp_bytes){
				data, case_below(&seed, sizeof(data)) };
		a.has_route = case_below(&seed, 2);
		if (a.has_route)
			any_route(&seed, &a.route);
		if (case_below(&seed, 2))
			a.cpa = (struct peer6_pnrp_bytes){
				data, case_below(&seed, 900) };
		n = peer6_pnrp_authority_encode(&a, &dialect, big, sizeof(big));
		CHECK_AT(n > 0, "round %d", round);
		CHECK_AT(!peer6_pnrp_authority_decode(&got, &dialect, big,
						      (size_t)n),
			 "round %d", round);
		CHECK_AT(same_authority(&a, &got), "round %d", round);
	}
	return NULL;
}

static const char *classifier_orders(void)
{
	static struct peer6_pnrp_authority a, got;
	struct peer6_pnrp_dialect le = { .classifier_le = true };
	ptrdiff_t n;

	memset(&a, 0, sizeof(a));
	a.has_classifier = true;
	a.n_classifier = 1;
	a.classifier[0] = 0x20ac;
	n = peer6_pnrp_authority_encode(&a, NULL, big, sizeof(big));
	CHECK(n == 22 && big[20] == 0x20 && big[21] == 0xac);
	CHECK(!peer6_pnrp_authority_decode(&got, &le, big, (size_t)n));
	CHECK(got.classifier[0] == 0xac20);
	n = peer6_pnrp_authority_encode(&a, &le, big, sizeof(big));
	CHECK(n == 22 && big[20] == 0xac && big[21] == 0x20);
	CHECK(!peer6_pnrp_authority_decode(&got, &le, big, (size_t)n));
	CHECK(got.classifier[0] == 0x20ac);
	return NULL;
}

/* Cuts @size bytes as a sender does, and puts them together again. */
static const char *fragment(size_t size, unsigned int want, size_t want_last)
{
	static uint8_t buffer[PEER6_PNRP_BUFFER_MAX];
	static uint8_t whole[PEER6_PNRP_BUFFER_MAX];
	struct peer6_pnrp_msg m = { 0 }, got;
	uint8_t bytes[PEER6_PNRP_DATAGRAM_MAX];
	uint64_t seed = size;
	unsigned int count = 0;
	size_t offset, last = 0;
	ptrdiff_t n;

	case_fill(&seed, buffer, size);
	for (offset = 0; offset < size; offset += PEER6_PNRP_FRAGMENT) {
		m.type = PEER6_PNRP_AUTHORITY;
		m.id = 7;
		m.acked = 8;
		m.size = (uint16_t)size;
		m.offset = (uint16_t)offset;
		m.fragment.p = buffer + offset;
		m.fragment.len = size - offset;
		if (m.fragment.len > PEER6_PNRP_FRAGMENT)
			m.fragment.len = PEER6_PNRP_FRAGMENT;
		n = peer6_pnrp_msg_encode(&m, bytes, sizeof(bytes));
		CHECK_AT(n == (ptrdiff_t)(28 + m.fragment.len), "%d of %d",
			 (int)offset, (int)size);
		CHECK(!peer6_pnrp_msg_decode(&got, bytes, (size_t)n));
		CHECK(got.size == size && got.offset == offset &&
		      got.id == 7 && got.acked == 8);
		memcpy(whole + got.offset, got.fragment.p, got.fragment.len);
		last = got.fragment.len;
		count++;
	}
	CHECK_AT(count == want, "%d bytes", (int)size);
	CHECK_AT(last == want_last, "%d bytes", (int)size);
	CHECK_AT(!memcmp(whole, buffer, size), "%d bytes", (int)size);
	return NULL;
}

static const char *fragments(void)
{
	TRY(fragment(6, 1, 6));
	TRY(fragment(1187, 1, 1187));
	TRY(fragment(1188, 1, 1188));
	TRY(fragment(1189, 2, 1));
	TRY(fragment(2000, 2, 812));
	TRY(fragment(PEER6_PNRP_BUFFER_MAX, PEER6_PNRP_FRAGMENTS_MAX, 520));
	return NULL;
}

/* Sizes that follow from the layout: they are what traffic is reckoned by. */
static const char *sizes(void)
{
	static struct peer6_pnrp_msg m;
	unsigned int i;

	memset(&m, 0, sizeof(m));
	m.type = PEER6_PNRP_LOOKUP;
	m.has_route = true;
	m.route.n_addrs = 1;
	m.path.n = 3;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == 222);
	m.route.n_addrs = 20;
	m.path.n = 22;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == 868);
	m.type = PEER6_PNRP_FLOOD;
	m.route.n_addrs = 1;
	for (i = 0; i <= PEER6_PNRP_PATH_MAX; i++) {
		m.path.n = (uint8_t)i;
		CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) ==
		      (ptrdiff_t)(128 + 18 * i));
	}
	m.ids.p = again;
	m.ids.n = 5;
	m.type = PEER6_PNRP_ADVERTISE;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == 216);
	m.type = PEER6_PNRP_REQUEST;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == 204);
	return NULL;
}

static const char *getters(void)
{
	uint8_t bytes[96];
	struct peer6_pnrp_ids ids = { bytes, 3 };
	struct peer6_pnrp_id id;
	unsigned int i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	for (i = 0; i < 3; i++) {
		peer6_pnrp_ids_get(&ids, i, &id);
		CHECK(!memcmp(id.b, bytes + 32 * i, 32));
	}
	CHECK(!strcmp(peer6_pnrp_type_name(11), "LOOKUP"));
	CHECK(!strcmp(peer6_pnrp_type_name(1), "SOLICIT"));
	CHECK(!strcmp(peer6_pnrp_type_name(5), "unknown"));
	CHECK(!strcmp(peer6_pnrp_type_name(0), "unknown"));
	return NULL;
}

const struct peer6_case cases_wire[] = {
	{ "vectors are decoded, aligned or not", vectors_decode },
	{ "vectors are encoded, and fit exactly", vectors_encode },
	{ "padding behind the last field", padding_at_the_end },
	{ "reserved bits and padding are ignored", reserved_is_ignored },
	{ "any valid message comes back", any_messages },
	{ "any valid AUTHORITY_BUFFER comes back", any_buffers },
	{ "both orders of a classifier", classifier_orders },
	{ "fragments", fragments },
	{ "sizes", sizes },
	{ "IDs of an array, names of types", getters },
	{ 0 }
};
