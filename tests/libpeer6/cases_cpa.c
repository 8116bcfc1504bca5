// SPDX-License-Identifier: GPL-2.0-or-later
/* Encoded CPA. */
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "pnrp_vectors.h"

#define ROUNDS		2000
#define SIG		136	/* bytes of a SIGNATURE */

/* Where the parts of pnrp_vector_cpa are. */
enum {
	AT_FLAGS = 6, AT_LOCATION = 16, AT_NONCE = 32, AT_CLASSIFIER = 48,
	AT_SERVICES = 68, AT_APPS = 90, AT_KEY = 120, AT_SIG = 289,
};

static uint8_t out[PEER6_PNRP_CPA_MAX + 4];

static ptrdiff_t encode(const struct peer6_pnrp_cpa *cpa,
			const struct peer6_pnrp_dialect *dialect, uint8_t *p)
{
	ptrdiff_t n = peer6_pnrp_cpa_encode(cpa, dialect, p,
					    PEER6_PNRP_CPA_MAX);

	if (n < 0)
		return n;
	return n + peer6_pnrp_signature_encode(cpa->signature, p + n,
					       PEER6_PNRP_CPA_MAX - (size_t)n);
}

/* From memory of just that size. */
static int decode_as(struct peer6_pnrp_cpa *cpa,
		     const struct peer6_pnrp_dialect *dialect,
		     const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	int err;

	if (!copy)
		return PEER6_E_NOMEM;
	memcpy(copy, bytes, len);
	err = peer6_pnrp_cpa_decode(cpa, dialect, copy, len);
	free(copy);
	return err;
}

static int decode(struct peer6_pnrp_cpa *cpa, const uint8_t *bytes, size_t len)
{
	return decode_as(cpa, NULL, bytes, len);
}

static bool is_wire_error(int err)
{
	return err <= PEER6_E_TRUNCATED && err >= PEER6_E_TRAILING;
}

static const char *vector(void)
{
	static struct peer6_pnrp_cpa want, got;
	uint8_t bytes[PNRP_VECTOR_CPA_LEN + 3];
	size_t shift, size;
	ptrdiff_t n;

	pnrp_vector_cpa_meaning(&want);
	for (shift = 0; shift < 4; shift++) {
		CHECK(case_hex(pnrp_vector_cpa, bytes + shift) ==
		      PNRP_VECTOR_CPA_LEN);
		CHECK(!peer6_pnrp_cpa_decode(&got, NULL, bytes + shift,
					     PNRP_VECTOR_CPA_LEN));
		CHECK(!memcmp(&got, &want, sizeof(got)));
		memset(out, 0xa5, sizeof(out));
		n = encode(&want, NULL, out + shift);
		CHECK(n == PNRP_VECTOR_CPA_LEN);
		CHECK(!memcmp(out + shift, bytes + shift, (size_t)n));
		CHECK(out[shift + (size_t)n] == 0xa5);
	}
	for (size = 0; size < AT_SIG; size++) {
		memset(out, 0xa5, sizeof(out));
		CHECK_AT(peer6_pnrp_cpa_encode(&want, NULL, out, size) ==
			 PEER6_E_SPACE, "%d", (int)size);
		CHECK_AT(out[size] == 0xa5, "%d", (int)size);
	}
	CHECK(peer6_pnrp_cpa_encode(&want, NULL, out, AT_SIG) == AT_SIG);
	CHECK(peer6_pnrp_signature_encode(want.signature, out, SIG - 1) ==
	      PEER6_E_SPACE);
	return NULL;
}

/* The same name as a secure one, and its revocation: 445 and 399 bytes. */
static const char *variants(void)
{
	static const uint8_t secure[] = { 0xbd, 0x01, 0, 2, 0, 4, 0x0c, 0 };
	static const uint8_t revoke[] = { 0x8f, 0x01, 0, 2, 0, 4, 0x09, 0 };
	/* in the order of the wire */
	static const char authority[] =
		"a03b8169083b00c8c598126e9f8775bff412bffa";
	static const char digest[] =
		"fabf12f4bf75879f6e1298c5c8003b0869813ba0";
	static struct peer6_pnrp_cpa cpa, got;
	uint8_t want[PEER6_PNRP_HASH_LEN];

	pnrp_vector_cpa_meaning(&cpa);
	cpa.flags |= PEER6_PNRP_CPA_A;
	case_hex(digest, cpa.authority);
	CHECK(encode(&cpa, NULL, out) == 445);
	CHECK(!memcmp(out, secure, sizeof(secure)));
	case_hex(authority, want);
	CHECK(!memcmp(out + AT_CLASSIFIER, want, sizeof(want)));
	CHECK(!decode(&got, out, 445));
	CHECK(got.signed_len == 445 - SIG);
	CHECK(!memcmp(got.authority, cpa.authority, sizeof(got.authority)));

	pnrp_vector_cpa_meaning(&cpa);
	cpa.flags |= PEER6_PNRP_CPA_R;
	cpa.has_apps = false;
	memset(cpa.nonce, 0, sizeof(cpa.nonce));
	CHECK(encode(&cpa, NULL, out) == 399);
	CHECK(!memcmp(out, revoke, sizeof(revoke)));
	CHECK(!decode(&got, out, 399));
	CHECK(got.flags == (PEER6_PNRP_CPA_R | PEER6_PNRP_CPA_C));
	/* Nothing that a revoke says could be stale. */
	cpa.nonce[15] = 1;
	CHECK(encode(&cpa, NULL, out) == PEER6_E_INVAL);
	out[AT_NONCE + 15] = 1;
	CHECK(decode(&got, out, 399) == PEER6_E_VALUE);
	return NULL;
}

static const char *dialects(void)
{
	struct peer6_pnrp_dialect d = { 0 };
	static struct peer6_pnrp_cpa cpa, got;
	unsigned int i;
	ptrdiff_t n;

	pnrp_vector_cpa_meaning(&cpa);
	cpa.flags |= PEER6_PNRP_CPA_A;
	for (i = 0; i < PEER6_PNRP_HASH_LEN; i++)
		cpa.authority[i] = (uint8_t)i;

	n = encode(&cpa, NULL, out);
	CHECK(out[AT_CLASSIFIER] == 19 && out[AT_CLASSIFIER + 19] == 0);
	CHECK(out[AT_APPS + 20 + 26] == 0x1f && out[AT_APPS + 20 + 27] == 0x90);
	d.authority_forward = true;
	CHECK(encode(&cpa, &d, out) == n);
	CHECK(out[AT_CLASSIFIER] == 0 && out[AT_CLASSIFIER + 19] == 19);
	CHECK(!decode_as(&got, &d, out, (size_t)n));
	CHECK(!memcmp(got.authority, cpa.authority, sizeof(got.authority)));
	CHECK(!decode(&got, out, (size_t)n));
	CHECK(got.authority[0] == 19);

	d = (struct peer6_pnrp_dialect){ .app_port_le = true };
	CHECK(encode(&cpa, &d, out) == n);
	CHECK(out[AT_APPS + 20 + 26] == 0x90 && out[AT_APPS + 20 + 27] == 0x1f);
	CHECK(!decode_as(&got, &d, out, (size_t)n));
	CHECK(got.apps[0].port == 8080 && got.apps[0].protocol == 6);
	CHECK(!decode(&got, out, (size_t)n));
	CHECK(got.apps[0].port == 0x901f && got.apps[0].protocol == 6);
	/* The service's port is in network order in any dialect. */
	CHECK(got.service[0].port == PEER6_PNRP_PORT);
	return NULL;
}

/* A revoke is understood with and without a nonce, whatever is expected. */
static const char *revokes(void)
{
	const struct peer6_pnrp_dialect none = { .revoke_no_nonce = true };
	static struct peer6_pnrp_cpa cpa, got;
	unsigned int authority, apps, n_service;
	ptrdiff_t with, without;

	for (authority = 0; authority < 2; authority++)
	for (apps = 0; apps < 2; apps++)
	for (n_service = 0; n_service <= 4; n_service++) {
		pnrp_vector_cpa_meaning(&cpa);
		cpa.flags |= PEER6_PNRP_CPA_R;
		if (authority)
			cpa.flags |= PEER6_PNRP_CPA_A;
		memset(cpa.nonce, 0, sizeof(cpa.nonce));
		cpa.n_service = (uint8_t)n_service;
		memset(cpa.service, 0, sizeof(cpa.service));
		cpa.has_apps = apps;
		if (!apps) {
			cpa.n_apps = 0;
			memset(cpa.apps, 0, sizeof(cpa.apps));
		}
		with = encode(&cpa, NULL, out);
		CHECK(with > 0);
		cpa.signed_len = (size_t)with - SIG;
		CHECK(!decode(&got, out, (size_t)with));
		CHECK(!memcmp(&got, &cpa, sizeof(got)));
		CHECK(!decode_as(&got, &none, out, (size_t)with));
		CHECK(!memcmp(&got, &cpa, sizeof(got)));
		without = encode(&cpa, &none, out);
		CHECK(without == with - PEER6_PNRP_NONCE_LEN);
		cpa.signed_len = (size_t)without - SIG;
		CHECK(!decode(&got, out, (size_t)without));
		CHECK(!memcmp(&got, &cpa, sizeof(got)));
		CHECK(!decode_as(&got, &none, out, (size_t)without));
		CHECK(!memcmp(&got, &cpa, sizeof(got)));
	}
	return NULL;
}

static void any_cpa(uint64_t *seed, struct peer6_pnrp_cpa *cpa)
{
	unsigned int i;

	memset(cpa, 0, sizeof(*cpa));
	cpa->flags = (uint8_t)(case_random(seed) & 0x3f);
	if (!(cpa->flags & (PEER6_PNRP_CPA_A | PEER6_PNRP_CPA_C)))
		cpa->flags |= PEER6_PNRP_CPA_C;
	if (!(cpa->flags & PEER6_PNRP_CPA_F))
		cpa->flags &= (uint8_t)~PEER6_PNRP_CPA_U;
	cpa->not_after = case_random(seed);
	case_fill(seed, cpa->location, sizeof(cpa->location));
	if (!(cpa->flags & PEER6_PNRP_CPA_R))
		case_fill(seed, cpa->nonce, sizeof(cpa->nonce));
	if (cpa->flags & PEER6_PNRP_CPA_A)
		case_fill(seed, cpa->authority, sizeof(cpa->authority));
	if (cpa->flags & PEER6_PNRP_CPA_C)
		case_fill(seed, cpa->classifier_hash,
			  sizeof(cpa->classifier_hash));
	if (cpa->flags & PEER6_PNRP_CPA_F)
		cpa->n_comment = (uint8_t)(2 + 2 * case_below(seed, 39));
	for (i = 0; i < cpa->n_comment; i++)
		cpa->comment[i] = (uint8_t)(1 + case_below(seed, 255));
	cpa->n_service = (uint8_t)case_below(seed, 5);
	if (!cpa->n_service && !(cpa->flags & PEER6_PNRP_CPA_R))
		cpa->n_service = 1;
	for (i = 0; i < cpa->n_service; i++) {
		cpa->service[i].port = (uint16_t)case_random(seed);
		case_fill(seed, cpa->service[i].addr, 16);
	}
	cpa->has_apps = case_below(seed, 2);
	if (cpa->has_apps)
		cpa->n_apps = (uint8_t)(1 + case_below(seed, 10));
	for (i = 0; i < cpa->n_apps; i++) {
		case_fill(seed, cpa->apps[i].addr, 16);
		cpa->apps[i].port = (uint16_t)case_random(seed);
		cpa->apps[i].protocol = (uint16_t)case_random(seed);
	}
	case_fill(seed, cpa->key, sizeof(cpa->key));
	case_fill(seed, cpa->signature, sizeof(cpa->signature));
}

static const char *any_records(void)
{
	static struct peer6_pnrp_cpa cpa, got;
	struct peer6_pnrp_dialect d;
	uint64_t seed = 6, bits;
	ptrdiff_t n, largest = 0;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		bits = case_random(&seed);
		d.authority_forward = bits & 1;
		d.app_port_le = bits & 2;
		d.signature_le = bits & 4;
		d.classifier_le = bits & 8;
		d.revoke_no_nonce = bits & 16;
		any_cpa(&seed, &cpa);
		n = encode(&cpa, &d, out);
		CHECK_AT(n > SIG, "round %d", round);
		cpa.signed_len = (size_t)n - SIG;
		CHECK_AT(!decode_as(&got, &d, out, (size_t)n), "round %d",
			 round);
		CHECK_AT(!memcmp(&got, &cpa, sizeof(got)), "round %d", round);
		if (n > largest)
			largest = n;
	}
	CHECK(largest > 700 && largest <= PEER6_PNRP_CPA_MAX);
	return NULL;
}

static const char *cut(void)
{
	static struct peer6_pnrp_cpa got, zero;
	uint8_t bytes[PNRP_VECTOR_CPA_LEN + 4] = { 0 };
	size_t n, len;
	int err;

	len = case_hex(pnrp_vector_cpa, bytes);
	for (n = 0; n < len; n++) {
		CHECK_AT(decode(&got, bytes, n) == PEER6_E_TRUNCATED, "%d",
			 (int)n);
		CHECK_AT(!memcmp(&got, &zero, sizeof(got)), "%d", (int)n);
	}
	for (n = len + 1; n <= len + 4; n++)
		CHECK(decode(&got, bytes, n) == PEER6_E_TRAILING);
	/* Cut with the length to match, it is still no whole. */
	for (n = 2; n < len; n++) {
		bytes[0] = (uint8_t)n;
		bytes[1] = (uint8_t)(n >> 8);
		err = decode(&got, bytes, n);
		CHECK_AT(is_wire_error(err), "%d: %d", (int)n, err);
	}
	return NULL;
}

/* Two bytes, the lower first, or one. */
static const char *nudge(size_t at, size_t size, int by)
{
	static struct peer6_pnrp_cpa got;
	uint8_t bytes[PNRP_VECTOR_CPA_LEN];
	unsigned int value;
	size_t len;
	int err;

	len = case_hex(pnrp_vector_cpa, bytes);
	value = bytes[at];
	if (size == 2)
		value |= (unsigned int)bytes[at + 1] << 8;
	value += (unsigned int)by;
	bytes[at] = (uint8_t)value;
	if (size == 2)
		bytes[at + 1] = (uint8_t)(value >> 8);
	err = decode(&got, bytes, len);
	CHECK_AT(is_wire_error(err), "at %d by %d: %d", (int)at, by, err);
	return NULL;
}

static const char *off_by_one(void)
{
	static const struct {
		size_t at, size;
	} numbers[] = {
		{ 0, 2 }, { 2, 1 }, { 3, 1 }, { 4, 1 }, { 5, 1 },
		{ AT_SERVICES, 2 }, { AT_SERVICES + 2, 2 },
		{ AT_APPS, 2 }, { AT_APPS + 2, 2 }, { AT_APPS + 4, 2 },
		{ AT_APPS + 6, 2 }, { AT_APPS + 8, 2 },
		{ AT_KEY, 2 }, { AT_KEY + 2, 2 }, { AT_KEY + 4, 2 },
		{ AT_KEY + 6, 2 }, { AT_KEY + 8, 1 }, { AT_KEY + 9, 1 },
		{ AT_KEY + 28, 1 }, { AT_SIG, 2 }, { AT_SIG + 2, 2 },
		{ AT_SIG + 4, 2 }, { AT_SIG + 6, 2 },
	};
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		TRY(nudge(numbers[i].at, numbers[i].size, 1));
		TRY(nudge(numbers[i].at, numbers[i].size, -1));
	}
	/* Two payloads, or a revoke in which nothing fits. */
	TRY(nudge(AT_APPS, 2, 200));
	return NULL;
}

static const char *flags(void)
{
	static struct peer6_pnrp_cpa cpa, got;
	uint8_t bytes[PNRP_VECTOR_CPA_LEN];
	unsigned int flag;
	size_t len;

	len = case_hex(pnrp_vector_cpa, bytes);
	for (flag = 0; flag < 256; flag++) {
		bytes[AT_FLAGS] = (uint8_t)flag;
		/* X changes nothing in the layout, everything else does. */
		if (flag == PEER6_PNRP_CPA_C ||
		    flag == (PEER6_PNRP_CPA_C | PEER6_PNRP_CPA_X))
			CHECK_AT(!decode(&got, bytes, len), "%u", flag);
		else if (flag == PEER6_PNRP_CPA_A ||
			 flag == (PEER6_PNRP_CPA_A | PEER6_PNRP_CPA_X))
			CHECK_AT(!decode(&got, bytes, len), "%u", flag);
		else
			CHECK_AT(is_wire_error(decode(&got, bytes, len)), "%u",
				 flag);
	}
	pnrp_vector_cpa_meaning(&cpa);
	for (flag = 0; flag < 256; flag++) {
		cpa.flags = (uint8_t)flag;
		cpa.n_comment = 2;
		cpa.comment[0] = 'a';
		cpa.comment[1] = 'b';
		memset(cpa.nonce, 0, sizeof(cpa.nonce));
		CHECK_AT((encode(&cpa, NULL, out) > 0) ==
			 ((flag & 0x0c) && !(flag & 0xc0) &&
			  (flag & 0x12) != 0x02), "%u", flag);
	}
	return NULL;
}

static const char *services(void)
{
	static struct peer6_pnrp_cpa cpa, got;
	uint8_t bytes[PEER6_PNRP_CPA_MAX];
	ptrdiff_t n;

	pnrp_vector_cpa_meaning(&cpa);
	cpa.n_service = 4;
	n = encode(&cpa, NULL, bytes);
	CHECK(n == PNRP_VECTOR_CPA_LEN + 54);
	CHECK(!decode(&got, bytes, (size_t)n) && got.n_service == 4);
	/* A fifth, with all lengths as they should be. */
	memmove(bytes + AT_SERVICES + 22, bytes + AT_SERVICES + 4,
		(size_t)n - AT_SERVICES - 4);
	bytes[AT_SERVICES] = 5;
	n += 18;
	bytes[0] = (uint8_t)n;
	bytes[1] = (uint8_t)(n >> 8);
	CHECK(decode(&got, bytes, (size_t)n) == PEER6_E_VALUE);
	cpa.n_service = 5;
	CHECK(encode(&cpa, NULL, bytes) == PEER6_E_INVAL);
	/* Only who leaves has no address. */
	cpa.n_service = 0;
	CHECK(encode(&cpa, NULL, bytes) == PEER6_E_INVAL);
	cpa.flags |= PEER6_PNRP_CPA_R;
	memset(cpa.nonce, 0, sizeof(cpa.nonce));
	n = encode(&cpa, NULL, bytes);
	CHECK(n == PNRP_VECTOR_CPA_LEN - 18);
	CHECK(!decode(&got, bytes, (size_t)n) && got.n_service == 0);
	bytes[AT_FLAGS] = PEER6_PNRP_CPA_C;
	CHECK(decode(&got, bytes, (size_t)n) == PEER6_E_VALUE);
	return NULL;
}

static const char *apps(void)
{
	static struct peer6_pnrp_cpa cpa, got;
	uint8_t bytes[PEER6_PNRP_CPA_MAX];
	ptrdiff_t n;

	pnrp_vector_cpa_meaning(&cpa);
	cpa.n_apps = 10;
	n = encode(&cpa, NULL, bytes);
	CHECK(n == PNRP_VECTOR_CPA_LEN + 180);
	CHECK(bytes[AT_APPS + 2] == 210);
	CHECK(!decode(&got, bytes, (size_t)n) && got.n_apps == 10);
	memmove(bytes + AT_APPS + 30, bytes + AT_APPS + 10,
		(size_t)n - AT_APPS - 10);
	n += 20;
	bytes[0] = (uint8_t)n;
	bytes[1] = (uint8_t)(n >> 8);
	bytes[AT_APPS + 2] = 230;
	bytes[AT_APPS + 8] = 220;
	CHECK(decode(&got, bytes, (size_t)n) == PEER6_E_VALUE);
	cpa.n_apps = 11;
	CHECK(encode(&cpa, NULL, bytes) == PEER6_E_INVAL);
	cpa.n_apps = 0;
	CHECK(encode(&cpa, NULL, bytes) == PEER6_E_INVAL);
	cpa.has_apps = false;
	n = encode(&cpa, NULL, bytes);
	CHECK(n == PNRP_VECTOR_CPA_LEN - 26);
	CHECK(!decode(&got, bytes, (size_t)n) && !got.has_apps);
	/* A payload of no endpoint. */
	pnrp_vector_cpa_meaning(&cpa);
	n = encode(&cpa, NULL, bytes);
	memmove(bytes + AT_APPS + 10, bytes + AT_APPS + 30,
		(size_t)n - AT_APPS - 30);
	n -= 20;
	bytes[0] = (uint8_t)n;
	bytes[1] = (uint8_t)(n >> 8);
	bytes[AT_APPS + 2] = 10;
	bytes[AT_APPS + 8] = 0;
	CHECK(decode(&got, bytes, (size_t)n) == PEER6_E_VALUE);
	return NULL;
}

static const char *comments(void)
{
	static struct peer6_pnrp_cpa cpa, got;
	unsigned int n_comment, utf8;
	ptrdiff_t n;

	for (utf8 = 0; utf8 < 2; utf8++)
	for (n_comment = 0; n_comment <= 80; n_comment++) {
		pnrp_vector_cpa_meaning(&cpa);
		cpa.flags |= PEER6_PNRP_CPA_F;
		if (utf8)
			cpa.flags |= PEER6_PNRP_CPA_U;
		cpa.n_comment = (uint8_t)n_comment;
		memset(cpa.comment, 'x', sizeof(cpa.comment));
		n = encode(&cpa, NULL, out);
		if (!n_comment || n_comment > PEER6_PNRP_COMMENT_MAX ||
		    (!utf8 && n_comment % 2)) {
			CHECK_AT(n == PEER6_E_INVAL, "%u", n_comment);
			continue;
		}
		CHECK_AT(n == (ptrdiff_t)(PNRP_VECTOR_CPA_LEN + 2 + n_comment),
			 "%u", n_comment);
		CHECK_AT(!decode(&got, out, (size_t)n), "%u", n_comment);
		CHECK(got.n_comment == n_comment);
		CHECK(!memcmp(got.comment, cpa.comment, n_comment));
		out[AT_SERVICES] = (uint8_t)(n_comment + 1);
		CHECK_AT(is_wire_error(decode(&got, out, (size_t)n)), "%u",
			 n_comment);
		out[AT_SERVICES] = (uint8_t)n_comment;
		/* A NUL */
		memset(out + AT_SERVICES + 2, 0, 2);
		CHECK_AT(decode(&got, out, (size_t)n) == PEER6_E_VALUE, "%u",
			 n_comment);
	}
	/* U alone */
	pnrp_vector_cpa_meaning(&cpa);
	cpa.flags |= PEER6_PNRP_CPA_U;
	CHECK(encode(&cpa, NULL, out) == PEER6_E_INVAL);
	return NULL;
}

/* @size bytes into a record of @len at @at; its own length goes along. */
static void widen(uint8_t *bytes, size_t len, size_t at, size_t size)
{
	memmove(bytes + at + size, bytes + at, len - at);
	memset(bytes + at, 0, size);
	len += size;
	bytes[0] = (uint8_t)len;
	bytes[1] = (uint8_t)(len >> 8);
}

/* Lies that agree with each other, so that one check alone finds each. */
static const char *lies(void)
{
	static struct peer6_pnrp_cpa cpa, got;
	uint8_t bytes[PNRP_VECTOR_CPA_LEN + 20];
	ptrdiff_t n;

	/* A byte behind the signature that the length counts */
	case_hex(pnrp_vector_cpa, bytes);
	widen(bytes, PNRP_VECTOR_CPA_LEN, PNRP_VECTOR_CPA_LEN, 1);
	CHECK(decode(&got, bytes, PNRP_VECTOR_CPA_LEN + 1) == PEER6_E_LENGTH);
	/* An endpoint and a byte */
	case_hex(pnrp_vector_cpa, bytes);
	widen(bytes, PNRP_VECTOR_CPA_LEN, AT_KEY, 1);
	bytes[AT_APPS + 2]++;
	bytes[AT_APPS + 8]++;
	CHECK(decode(&got, bytes, PNRP_VECTOR_CPA_LEN + 1) == PEER6_E_LENGTH);
	/* No payload, but bytes of it */
	pnrp_vector_cpa_meaning(&cpa);
	cpa.has_apps = false;
	n = encode(&cpa, NULL, bytes);
	CHECK(n == PNRP_VECTOR_CPA_LEN - 26);
	CHECK(!decode(&got, bytes, (size_t)n));
	bytes[AT_APPS + 2]++;
	CHECK(decode(&got, bytes, (size_t)n) == PEER6_E_LENGTH);
	return NULL;
}

const struct peer6_case cases_cpa[] = {
	{ "the vector, both ways", vector },
	{ "a secure name and a revocation", variants },
	{ "other orders of bytes", dialects },
	{ "revocations with and without a nonce", revokes },
	{ "any valid record comes back, in any dialect", any_records },
	{ "cut, and with bytes behind the end", cut },
	{ "any length, count or version off by one", off_by_one },
	{ "flags", flags },
	{ "0 to 5 service addresses", services },
	{ "0 to 11 endpoints", apps },
	{ "comments of 0 to 80 bytes", comments },
	{ "lengths that agree and are wrong", lies },
	{ 0 }
};
