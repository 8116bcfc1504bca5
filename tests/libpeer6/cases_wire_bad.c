// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages that are not as they should be. Each is decoded from memory of its
 * own size, so that a sanitizer sees a byte read too far.
 */
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "pnrp_vectors.h"

static uint8_t big[70000];

static bool is_wire_error(int err)
{
	return err <= PEER6_E_TRUNCATED && err >= PEER6_E_TRAILING;
}

static int decode_copy(const uint8_t *bytes, size_t len)
{
	static struct peer6_pnrp_msg msg, zero;
	uint8_t *copy = malloc(len ? len : 1);
	int err;

	if (!copy)
		return PEER6_E_NOMEM;
	memcpy(copy, bytes, len);
	err = peer6_pnrp_msg_decode(&msg, copy, len);
	free(copy);
	/* Nothing of a bad message is left to be used by mistake. */
	if (err && memcmp(&msg, &zero, sizeof(msg)))
		return PEER6_E_INVAL;
	return err;
}

static int decode_buffer(const uint8_t *bytes, size_t len)
{
	static struct peer6_pnrp_authority authority, zero;
	uint8_t *copy = malloc(len ? len : 1);
	int err;

	if (!copy)
		return PEER6_E_NOMEM;
	memcpy(copy, bytes, len);
	err = peer6_pnrp_authority_decode(&authority, NULL, copy, len);
	free(copy);
	if (err && memcmp(&authority, &zero, sizeof(authority)))
		return PEER6_E_INVAL;
	return err;
}

static const struct pnrp_vector *find(const char *name)
{
	size_t i;

	for (i = 0; i < PNRP_VECTORS; i++)
		if (!strcmp(pnrp_vectors[i].name, name))
			return &pnrp_vectors[i];
	return NULL;
}

static const char *cut(void)
{
	const struct pnrp_vector *v;
	uint8_t bytes[1024];
	size_t i, len, n;
	bool whole;
	int err;

	for (i = 0; i < PNRP_VECTORS; i++) {
		v = &pnrp_vectors[i];
		len = pnrp_vector_bytes(v, bytes);
		for (n = 0; n < len; n++) {
			/* Cut before an optional field, it is a message. */
			whole = (!strcmp(v->name, "ack-n") && n == 20) ||
				(!strcmp(v->name, "inquire-axc") &&
				 (n == 56));
			err = decode_copy(bytes, n);
			CHECK_AT(whole ? !err : is_wire_error(err),
				 "%s, %d bytes: %d", v->name, (int)n, err);
			if (!whole)
				CHECK_AT(err == PEER6_E_TRUNCATED,
					 "%s, %d bytes: %d", v->name, (int)n,
					 err);
		}
	}
	return NULL;
}

static const char *cut_buffer(void)
{
	uint8_t bytes[1024];
	size_t len, n;
	bool whole;
	int err;

	len = pnrp_vector_bytes(find("authority-cpa"), bytes) - 28;
	for (n = 0; n < len; n++) {
		/* Behind the flags, the classifier and the route. */
		whole = n == 6 || n == 8 || n == 46 || n == 48 || n == 106 ||
			n == 108;
		err = decode_buffer(bytes + 28, n);
		CHECK_AT(whole ? !err : is_wire_error(err), "%d bytes: %d",
			 (int)n, err);
	}
	return NULL;
}

static const char *trailing(void)
{
	static const uint8_t extra[8] = { 0 };
	uint8_t bytes[1100];
	size_t i, n, len, padded;
	int err;

	for (i = 0; i < PNRP_VECTORS; i++) {
		len = pnrp_vector_bytes(&pnrp_vectors[i], bytes);
		memcpy(bytes + len, extra, sizeof(extra));
		padded = (len + 3) & ~(size_t)3;
		if (bytes[7] == PEER6_PNRP_AUTHORITY)
			padded = len;
		for (n = len + 1; n <= len + sizeof(extra); n++) {
			err = decode_copy(bytes, n);
			CHECK_AT(n == padded ? !err : is_wire_error(err),
				 "%s and %d: %d", pnrp_vectors[i].name,
				 (int)(n - len), err);
			if (n > padded && bytes[7] != PEER6_PNRP_AUTHORITY &&
			    bytes[7] != PEER6_PNRP_ACK &&
			    bytes[7] != PEER6_PNRP_INQUIRE)
				CHECK_AT(err == PEER6_E_TRAILING, "%s and %d",
					 pnrp_vectors[i].name, (int)(n - len));
		}
	}
	return NULL;
}

/* One number of two or one bytes at @at is changed by @by. */
static const char *nudge(const struct pnrp_vector *v, size_t at, size_t size,
			 int by)
{
	uint8_t bytes[1024];
	size_t len = pnrp_vector_bytes(v, bytes);
	unsigned int value = bytes[at];
	int err;

	if (size == 2)
		value = value << 8 | bytes[at + 1];
	value += (unsigned int)by;
	if (size == 2)
		bytes[at++] = (uint8_t)(value >> 8);
	bytes[at] = (uint8_t)value;
	err = decode_copy(bytes, len);
	/* The buffer of an AUTHORITY has its own decoder. */
	if (!err && bytes[7] == PEER6_PNRP_AUTHORITY && at >= 28)
		err = decode_buffer(bytes + 28, len - 28);
	CHECK_AT(is_wire_error(err), "%s at %d by %d: %d", v->name, (int)at,
		 by, err);
	return NULL;
}

static const char *nudge_both(const struct pnrp_vector *v, size_t at,
			      size_t size)
{
	TRY(nudge(v, at, size, 1));
	return nudge(v, at, size, -1);
}

/* Every number that says how long or how many something is. */
static const char *lengths_off_by_one(void)
{
	const struct pnrp_vector *v;
	size_t i, pos, len, k, total, count = 0;
	uint8_t bytes[1024];
	unsigned int id;

	for (i = 0; i < PNRP_VECTORS; i++) {
		v = &pnrp_vectors[i];
		total = pnrp_vector_bytes(v, bytes);
		for (pos = 0; pos < total; pos = (pos + len + 3) & ~(size_t)3) {
			id = (unsigned int)bytes[pos] << 8 | bytes[pos + 1];
			len = (size_t)bytes[pos + 2] << 8 | bytes[pos + 3];
			CHECK_AT(len >= 4, "%s at %d", v->name, (int)pos);
			TRY(nudge_both(v, pos + 2, 2));
			count++;
			if (id == 0x0060 || id == 0x009e || id == 0x0085)
				for (k = 4; k < 12; k += 2, count++)
					TRY(nudge_both(v, pos + k, 2));
			if (id == 0x009a)
				TRY(nudge_both(v, pos + 41, 1));
			if (id == 0x0098)
				TRY(nudge_both(v, pos + 4, 2));
			/* No field has a number up there. */
			TRY(nudge(v, pos, 2, 0x2000));
		}
	}
	CHECK(count > 80);
	return NULL;
}

static const char *field_too_short(void)
{
	uint8_t bytes[1024];
	size_t len = pnrp_vector_bytes(find("request-1"), bytes);
	unsigned int n;

	for (n = 0; n < 4; n++) {
		bytes[15] = (uint8_t)n;
		CHECK(decode_copy(bytes, len) == PEER6_E_LENGTH);
	}
	/* A route entry without room for its fixed part. */
	pnrp_vector_bytes(find("authority-route"), bytes);
	for (n = 4; n < 42; n++) {
		bytes[39] = (uint8_t)n;
		CHECK(decode_buffer(bytes + 28, 8 + n) == PEER6_E_LENGTH);
	}
	pnrp_vector_bytes(find("request-1"), bytes);
	/* An array without room for its header. */
	bytes[15] = 0x14;
	for (n = 4; n < 12; n++) {
		bytes[35] = (uint8_t)n;
		CHECK(decode_copy(bytes, len) == PEER6_E_LENGTH);
	}
	return NULL;
}

static const char *headers(void)
{
	static const struct {
		size_t at;
		uint8_t value;
		int err;
	} bad[] = {
		{ 0, 0x01, PEER6_E_HEADER }, { 1, 0x18, PEER6_E_HEADER },
		{ 2, 0x01, PEER6_E_HEADER }, { 3, 0x08, PEER6_E_HEADER },
		{ 3, 0x10, PEER6_E_HEADER }, { 4, 0x50, PEER6_E_HEADER },
		{ 5, 0x03, PEER6_E_HEADER }, { 5, 0x05, PEER6_E_HEADER },
		{ 6, 0x01, PEER6_E_HEADER }, { 7, 0, PEER6_E_MESSAGE_TYPE },
		{ 7, 5, PEER6_E_MESSAGE_TYPE }, { 7, 6, PEER6_E_MESSAGE_TYPE },
		{ 7, 10, PEER6_E_MESSAGE_TYPE },
		{ 7, 12, PEER6_E_MESSAGE_TYPE },
		{ 7, 255, PEER6_E_MESSAGE_TYPE },
	};
	uint8_t bytes[1024];
	size_t i, len;
	int err;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		len = pnrp_vector_bytes(find("ack"), bytes);
		bytes[bad[i].at] = bad[i].value;
		err = decode_copy(bytes, len);
		CHECK_AT(err == bad[i].err, "byte %d: %d", (int)bad[i].at, err);
	}
	return NULL;
}

static const char *values(void)
{
	static const struct {
		const char *name;
		size_t at;
		uint8_t value;
		int err;
	} bad[] = {
		{ "solicit-full", 17, 2, PEER6_E_VALUE },
		{ "solicit-full", 17, 255, PEER6_E_VALUE },
		{ "solicit-full", 56, 3, PEER6_E_VALUE },  /* of the route */
		{ "solicit-full", 57, 1, PEER6_E_VALUE },
		{ "solicit-full", 61, 0, PEER6_E_VALUE },
		{ "solicit-full", 61, 21, PEER6_E_VALUE },
		{ "lookup", 20, 3, PEER6_E_VALUE },
		{ "lookup", 20, 5, PEER6_E_VALUE },
		{ "lookup", 20, 16, PEER6_E_VALUE },
		{ "authority-n-6", 27, 1, PEER6_E_VALUE },
		{ "authority-n-6", 25, 5, PEER6_E_VALUE },
		{ "authority-n-6", 24, 0xff, PEER6_E_VALUE },
		/* 0x0506 is far more than there is. */
		{ "authority-n-6", 24, 5, PEER6_E_TRUNCATED },
		{ "authority-n-8", 25, 6, PEER6_E_LENGTH },
		{ "advertise-1", 29, 0x31, PEER6_E_FIELD },
		{ "lookup", 105, 0x9e, PEER6_E_FIELD },
		{ "flood-route-d", 57, 0x9b, PEER6_E_FIELD },
		{ "request-1", 13, 0x92, PEER6_E_FIELD },
	};
	uint8_t bytes[1024];
	size_t i, len;
	int err;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		len = pnrp_vector_bytes(find(bad[i].name), bytes);
		bytes[bad[i].at] = bad[i].value;
		err = decode_copy(bytes, len);
		CHECK_AT(err == bad[i].err, "%s at %d: %d", bad[i].name,
			 (int)bad[i].at, err);
	}
	/* UPPER_BITS of at most the bits that there are */
	len = pnrp_vector_bytes(find("lookup"), bytes);
	bytes[20] = PEER6_PNRP_UPPER_BITS;
	bytes[18] = 1;
	CHECK(!decode_copy(bytes, len));
	bytes[19] = 1;
	CHECK(decode_copy(bytes, len) == PEER6_E_VALUE);
	bytes[20] = PEER6_PNRP_ANY_PEERNAME;
	CHECK(!decode_copy(bytes, len));
	/* Whoever receives it does not care why it was sent. */
	bytes[21] = 255;
	CHECK(!decode_copy(bytes, len));
	return NULL;
}

/* Offsets other than of the first fragment. */
static const char *fragment_places(void)
{
	uint8_t bytes[1300] = { 0 };

	pnrp_vector_bytes(find("authority-n-6"), bytes);
	/* 2000 bytes, second fragment: 812 */
	bytes[24] = 0x07;
	bytes[25] = 0xd0;
	bytes[26] = 0x04;
	bytes[27] = 0xa4;
	CHECK(!decode_copy(bytes, 28 + 812));
	CHECK(decode_copy(bytes, 28 + 811) == PEER6_E_TRUNCATED);
	CHECK(decode_copy(bytes, 28 + 813) == PEER6_E_LENGTH);
	bytes[27] = 0xa3;
	CHECK(decode_copy(bytes, 28 + 813) == PEER6_E_VALUE);
	/* the first: 1188, no more and no less */
	bytes[26] = 0;
	bytes[27] = 0;
	CHECK(!decode_copy(bytes, 28 + 1188));
	CHECK(decode_copy(bytes, 28 + 1187) == PEER6_E_TRUNCATED);
	CHECK(decode_copy(bytes, 28 + 1189) == PEER6_E_LENGTH);
	/* a third that is not */
	bytes[26] = 0x09;
	bytes[27] = 0x48;
	CHECK(decode_copy(bytes, 28) == PEER6_E_LENGTH);
	/* 37348 and one more */
	bytes[24] = 0x91;
	bytes[25] = 0xe4;
	bytes[26] = 0;
	bytes[27] = 0;
	CHECK(!decode_copy(bytes, 28 + 1188));
	bytes[25] = 0xe5;
	CHECK(decode_copy(bytes, 28 + 1188) == PEER6_E_VALUE);
	return NULL;
}

/* Adds an element of @size to the array at @pos, its lengths in agreement. */
static size_t grow(uint8_t *bytes, size_t len, size_t pos, size_t size)
{
	size_t at = pos + ((size_t)bytes[pos + 2] << 8 | bytes[pos + 3]);
	unsigned int k, n;

	memmove(bytes + at + size, bytes + at, len - at);
	memset(bytes + at, 1, size);
	for (k = 2; k <= 6; k += 2) {
		n = (unsigned int)bytes[pos + k] << 8 | bytes[pos + k + 1];
		n += k == 4 ? 1 : (unsigned int)size;
		bytes[pos + k] = (uint8_t)(n >> 8);
		bytes[pos + k + 1] = (uint8_t)n;
	}
	return len + size;
}

static const char *path_bounds(void)
{
	static struct peer6_pnrp_msg m, got;
	size_t len;

	memset(&m, 0, sizeof(m));
	m.type = PEER6_PNRP_FLOOD;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == 68);
	CHECK(!peer6_pnrp_msg_decode(&got, big, 68));
	m.path.n = PEER6_PNRP_PATH_MAX;
	len = 68 + 18 * PEER6_PNRP_PATH_MAX;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == (ptrdiff_t)len);
	CHECK(!peer6_pnrp_msg_decode(&got, big, len));
	CHECK(got.path.n == PEER6_PNRP_PATH_MAX);
	len = grow(big, len, 56, 18);
	CHECK(decode_copy(big, len) == PEER6_E_VALUE);
	m.path.n = PEER6_PNRP_PATH_MAX + 1;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == PEER6_E_INVAL);
	m.path.n = 255;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == PEER6_E_INVAL);

	/* Whoever looks up is on the path himself. */
	m.type = PEER6_PNRP_LOOKUP;
	m.path.n = 0;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == PEER6_E_INVAL);
	m.path.n = 1;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == 126);
	big[99] = 12;
	big[101] = 0;
	big[103] = 8;
	CHECK(decode_copy(big, 108) == PEER6_E_VALUE);
	return NULL;
}

/* As many IDs as a 16-bit length can tell of. */
static const char *id_bounds(void)
{
	static struct peer6_pnrp_msg m, got;
	static uint8_t ids[2048 * PEER6_PNRP_ID_LEN];
	ptrdiff_t n;

	memset(&m, 0, sizeof(m));
	m.type = PEER6_PNRP_REQUEST;
	m.ids.p = ids;
	m.ids.n = 2047;
	n = peer6_pnrp_msg_encode(&m, big, sizeof(big));
	CHECK(n == 44 + 2047 * 32);
	CHECK(!peer6_pnrp_msg_decode(&got, big, (size_t)n));
	CHECK(got.ids.n == 2047);
	m.ids.n = 2048;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == PEER6_E_INVAL);
	m.ids.n = 65535;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == PEER6_E_INVAL);
	/* 2048 IDs: the numbers agree modulo 2^16, the bytes are not there. */
	pnrp_vector_bytes(find("request-1"), big);
	big[34] = 0x00;
	big[35] = 0x0c;
	big[36] = 0x08;
	big[37] = 0x00;
	big[38] = 0x00;
	big[39] = 0x08;
	CHECK(decode_copy(big, 44) == PEER6_E_LENGTH);
	return NULL;
}

static const char *buffer_bounds(void)
{
	static struct peer6_pnrp_authority a, got;
	static uint8_t bytes[PEER6_PNRP_BUFFER_MAX];
	ptrdiff_t n;
	unsigned int i;

	memset(&a, 0, sizeof(a));
	a.chain.p = bytes;
	a.chain.len = PEER6_PNRP_BUFFER_MAX - 12;
	n = peer6_pnrp_authority_encode(&a, NULL, big, sizeof(big));
	CHECK(n == PEER6_PNRP_BUFFER_MAX);
	CHECK(!peer6_pnrp_authority_decode(&got, NULL, big, (size_t)n));
	CHECK(got.chain.len == a.chain.len);
	a.chain.len++;
	CHECK(peer6_pnrp_authority_encode(&a, NULL, big, sizeof(big)) ==
	      PEER6_E_INVAL);
	big[11]++;
	CHECK(decode_buffer(big, PEER6_PNRP_BUFFER_MAX + 1) == PEER6_E_LENGTH);

	memset(&a, 0, sizeof(a));
	a.has_classifier = true;
	for (i = 0; i < PEER6_PNRP_CLASSIFIER_MAX; i++)
		a.classifier[i] = 0x41;
	n = peer6_pnrp_authority_encode(&a, NULL, big, sizeof(big));
	CHECK(n == 20 && !decode_buffer(big, 20));
	a.n_classifier = PEER6_PNRP_CLASSIFIER_MAX;
	n = peer6_pnrp_authority_encode(&a, NULL, big, sizeof(big));
	CHECK(n == 20 + 298 && !decode_buffer(big, 318));
	n = (ptrdiff_t)grow(big, 318, 8, 2);
	CHECK(decode_buffer(big, (size_t)n) == PEER6_E_VALUE);
	a.n_classifier++;
	CHECK(peer6_pnrp_authority_encode(&a, NULL, big, sizeof(big)) ==
	      PEER6_E_INVAL);
	/* There is no NUL in a classifier. */
	a.n_classifier = 2;
	a.classifier[1] = 0;
	CHECK(peer6_pnrp_authority_encode(&a, NULL, big, sizeof(big)) ==
	      PEER6_E_INVAL);
	a.classifier[1] = 1;
	CHECK(peer6_pnrp_authority_encode(&a, NULL, big, sizeof(big)) == 24);
	big[23] = 0;
	CHECK(decode_buffer(big, 24) == PEER6_E_VALUE);
	return NULL;
}

static const char *not_encodable(void)
{
	static struct peer6_pnrp_msg m;
	static struct peer6_pnrp_authority a;
	unsigned int i;

	memset(&m, 0, sizeof(m));
	for (i = 0; i < 256; i++) {
		m.type = (uint8_t)i;
		if (strcmp(peer6_pnrp_type_name(m.type), "unknown"))
			continue;
		CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) ==
		      PEER6_E_INVAL);
	}
	m.type = PEER6_PNRP_SOLICIT;
	m.has_controls = true;
	m.solicit_type = 2;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == PEER6_E_INVAL);
	m.has_controls = false;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == 36);
	m.has_route = true;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == PEER6_E_INVAL);
	m.route.n_addrs = PEER6_PNRP_ADDRS_MAX;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == 36 + 364);
	m.route.n_addrs++;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == PEER6_E_INVAL);

	memset(&m, 0, sizeof(m));
	m.flags = 0x8000;
	m.path.n = 1;
	m.type = PEER6_PNRP_FLOOD;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == PEER6_E_INVAL);
	m.type = PEER6_PNRP_INQUIRE;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == PEER6_E_INVAL);
	m.type = PEER6_PNRP_ACK;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == PEER6_E_INVAL);
	m.type = PEER6_PNRP_LOOKUP;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == PEER6_E_INVAL);
	m.flags = 0;
	m.criteria = 3;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == PEER6_E_INVAL);
	m.criteria = PEER6_PNRP_UPPER_BITS;
	m.precision = 257;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == PEER6_E_INVAL);
	m.precision = 256;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == 126);

	m.type = PEER6_PNRP_AUTHORITY;
	m.size = 8;
	m.fragment.p = big + 1000;
	m.fragment.len = 7;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == PEER6_E_INVAL);
	m.fragment.len = 8;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == 36);
	m.offset = 4;
	m.fragment.len = 4;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == PEER6_E_INVAL);
	m.offset = 1188;
	CHECK(peer6_pnrp_msg_encode(&m, big, sizeof(big)) == PEER6_E_INVAL);

	memset(&a, 0, sizeof(a));
	a.flags = 0x0010;
	CHECK(peer6_pnrp_authority_encode(&a, NULL, big, sizeof(big)) ==
	      PEER6_E_INVAL);
	a.flags = PEER6_PNRP_AUTH_L;
	CHECK(peer6_pnrp_authority_encode(&a, NULL, big, 5) == PEER6_E_SPACE);
	CHECK(peer6_pnrp_authority_encode(&a, NULL, big, 6) == 6);
	return NULL;
}

const struct peer6_case cases_wire_bad[] = {
	{ "cut at any length", cut },
	{ "AUTHORITY_BUFFER cut at any length", cut_buffer },
	{ "bytes behind the end", trailing },
	{ "any length, count or field off by one", lengths_off_by_one },
	{ "fields shorter than their headers", field_too_short },
	{ "headers of something else", headers },
	{ "values that the format forbids", values },
	{ "fragments out of place", fragment_places },
	{ "paths of 0, 22 and 23", path_bounds },
	{ "arrays of as many IDs as can be", id_bounds },
	{ "buffers and classifiers of as much as can be", buffer_bounds },
	{ "messages that cannot be encoded", not_encodable },
	{ 0 }
};
