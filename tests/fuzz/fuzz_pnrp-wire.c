// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The first byte says what the others are taken for, and in which dialect.
 * Whatever they are, a decoder gives a named error and an empty struct, or what
 * can be encoded again, to be decoded to the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <peer6/pnrp_print.h>

#include "pnrp_wire_seeds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(cond)							\
	do {								\
		if (!(cond)) {						\
			fprintf(stderr, "%s:%d: broken: %s\n",		\
				__FILE__, __LINE__, #cond);		\
			abort();					\
		}							\
	} while (0)

static uint8_t first[70000], second[70000];

static bool zero(const void *p, size_t n)
{
	const uint8_t *b = p;

	while (n--)
		if (*b++)
			return false;
	return true;
}

static void check_result(int err, const void *result, size_t n)
{
	CHECK(!err || (err <= PEER6_E_TRUNCATED && err >= PEER6_E_TRAILING));
	if (err)
		CHECK(zero(result, n));
}

static void check_view(const struct peer6_pnrp_bytes *view,
		       const uint8_t *data, size_t size)
{
	if (!view->p) {
		CHECK(!view->len);
		return;
	}
	CHECK(view->p >= data && view->p <= data + size);
	CHECK(view->len <= (size_t)(data + size - view->p));
}

/* The views of @b are made those of @a, if they show the same. */
static void same_view(const struct peer6_pnrp_bytes *a,
		      struct peer6_pnrp_bytes *b)
{
	CHECK(!a->p == !b->p && a->len == b->len);
	if (a->len)
		CHECK(!memcmp(a->p, b->p, a->len));
	b->p = a->p;
}

static void try_msg(const uint8_t *data, size_t size)
{
	static struct peer6_pnrp_msg msg, again;
	struct peer6_pnrp_id id;
	ptrdiff_t n, n2;
	unsigned int i;
	int err;

	err = peer6_pnrp_msg_decode(&msg, data, size);
	check_result(err, &msg, sizeof(msg));
	if (err)
		return;
	check_view(&msg.revoke, data, size);
	check_view(&msg.fragment, data, size);
	CHECK(strcmp(peer6_pnrp_type_name(msg.type), "unknown"));
	for (i = 0; i < msg.ids.n; i++) {
		peer6_pnrp_ids_get(&msg.ids, i, &id);
		CHECK(!memcmp(id.b, msg.ids.p + 32 * i, 32));
	}
	n = peer6_pnrp_msg_encode(&msg, first, sizeof(first));
	/* It may have had padding at its end, or flags that were not set. */
	CHECK(n > 0 && (size_t)n <= size);
	CHECK(!peer6_pnrp_msg_decode(&again, first, (size_t)n));
	same_view(&msg.revoke, &again.revoke);
	same_view(&msg.fragment, &again.fragment);
	CHECK(again.ids.n == msg.ids.n);
	if (msg.ids.n)
		CHECK(!memcmp(again.ids.p, msg.ids.p, 32 * (size_t)msg.ids.n));
	again.ids.p = msg.ids.p;
	CHECK(!memcmp(&msg, &again, sizeof(msg)));
	n2 = peer6_pnrp_msg_encode(&again, second, sizeof(second));
	CHECK(n2 == n && !memcmp(first, second, (size_t)n));
}

static void try_cpa(const struct peer6_pnrp_dialect *dialect,
		    const uint8_t *data, size_t size)
{
	static struct peer6_pnrp_cpa cpa, again;
	ptrdiff_t n;
	int err;

	err = peer6_pnrp_cpa_decode(&cpa, dialect, data, size);
	check_result(err, &cpa, sizeof(cpa));
	if (err)
		return;
	CHECK(size <= PEER6_PNRP_CPA_MAX);
	CHECK(cpa.signed_len == size - 136);
	n = peer6_pnrp_cpa_encode(&cpa, dialect, first, sizeof(first));
	/* A revoke may have come in the other layout. */
	CHECK(n == (ptrdiff_t)cpa.signed_len ||
	      ((cpa.flags & PEER6_PNRP_CPA_R) &&
	       (n == (ptrdiff_t)cpa.signed_len + 16 ||
		n == (ptrdiff_t)cpa.signed_len - 16)));
	CHECK(peer6_pnrp_signature_encode(cpa.signature, first + n, 136) ==
	      136);
	CHECK(!peer6_pnrp_cpa_decode(&again, dialect, first, (size_t)n + 136));
	CHECK(again.signed_len == (size_t)n);
	again.signed_len = cpa.signed_len;
	CHECK(!memcmp(&cpa, &again, sizeof(cpa)));
}

static void try_payload(const uint8_t *data, size_t size)
{
	static struct peer6_pnrp_payload payload, again;
	ptrdiff_t n;
	int err;

	err = peer6_pnrp_payload_decode(&payload, data, size);
	check_result(err, &payload, sizeof(payload));
	if (err)
		return;
	check_view(&payload.data, data, size);
	n = peer6_pnrp_payload_encode(&payload, first, sizeof(first));
	/* Strings so short are taken, but not made. */
	if (payload.type == PEER6_PNRP_PAYLOAD_STRING && payload.data.len < 4) {
		CHECK(n == PEER6_E_INVAL);
		return;
	}
	CHECK(n == (ptrdiff_t)payload.signed_len);
	CHECK(peer6_pnrp_signature_encode(payload.signature, first + n, 136) ==
	      136);
	CHECK(!peer6_pnrp_payload_decode(&again, first, size));
	same_view(&payload.data, &again.data);
	CHECK(!memcmp(&payload, &again, sizeof(payload)));
}

static void try_authority(const struct peer6_pnrp_dialect *dialect,
			  const uint8_t *data, size_t size)
{
	static struct peer6_pnrp_authority a, again;
	ptrdiff_t n;
	int err;

	err = peer6_pnrp_authority_decode(&a, dialect, data, size);
	check_result(err, &a, sizeof(a));
	if (err)
		return;
	check_view(&a.chain, data, size);
	check_view(&a.payload, data, size);
	check_view(&a.cpa, data, size);
	n = peer6_pnrp_authority_encode(&a, dialect, first, sizeof(first));
	CHECK(n > 0 && (size_t)n <= size);
	CHECK(!peer6_pnrp_authority_decode(&again, dialect, first, (size_t)n));
	same_view(&a.chain, &again.chain);
	same_view(&a.payload, &again.payload);
	same_view(&a.cpa, &again.cpa);
	CHECK(!memcmp(&a, &again, sizeof(a)));
	if (a.cpa.p)
		try_cpa(dialect, a.cpa.p, a.cpa.len);
	if (a.payload.p)
		try_payload(a.payload.p, a.payload.len);
}

struct seen {
	size_t size;
	size_t last;
	unsigned int errors;
};

/* Lines come in order, lie in the input and hold nothing for a terminal. */
static void see(void *ctx, const struct peer6_pnrp_line *line)
{
	char text[PEER6_PNRP_LINE_MAX];
	struct seen *seen = ctx;
	size_t i, n;

	CHECK(line->offset >= seen->last);
	CHECK(line->offset + line->len <= seen->size);
	seen->last = line->offset;
	seen->errors += !!line->error;
	n = peer6_pnrp_line_text(line, text, sizeof(text));
	CHECK(n == strlen(text) && n > 8 && n < sizeof(text) - 1);
	for (i = 0; i < n; i++)
		CHECK((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
}

static void try_print(enum peer6_pnrp_kind kind,
		      const struct peer6_pnrp_dialect *dialect,
		      const uint8_t *data, size_t size)
{
	struct seen seen = { .size = size };

	CHECK(!peer6_pnrp_print(kind, dialect, data, size, see, &seen) ==
	      !seen.errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct peer6_pnrp_dialect dialect = { 0 };

	if (!size)
		return 0;
	dialect.authority_forward = *data & SEED_AUTHORITY_FORWARD;
	dialect.app_port_le = *data & SEED_APP_PORT_LE;
	dialect.classifier_le = *data & SEED_CLASSIFIER_LE;
	dialect.revoke_no_nonce = *data & SEED_REVOKE_NO_NONCE;
	switch (*data & SEED_KIND) {
	case SEED_MSG:
		try_msg(data + 1, size - 1);
		try_print(PEER6_PNRP_KIND_MSG, &dialect, data + 1, size - 1);
		break;
	case SEED_AUTHORITY:
		try_authority(&dialect, data + 1, size - 1);
		try_print(PEER6_PNRP_KIND_AUTHORITY, &dialect, data + 1,
			  size - 1);
		break;
	case SEED_CPA:
		try_cpa(&dialect, data + 1, size - 1);
		try_print(PEER6_PNRP_KIND_CPA, &dialect, data + 1, size - 1);
		break;
	case SEED_PAYLOAD:
		try_payload(data + 1, size - 1);
		try_print(PEER6_PNRP_KIND_PAYLOAD, &dialect, data + 1,
			  size - 1);
		break;
	}
	return 0;
}
