// SPDX-License-Identifier: GPL-2.0-or-later
/* EXTENDED_PAYLOAD. */
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "pnrp_vectors.h"

#define SIG		136	/* bytes of a SIGNATURE */

static uint8_t out[8192];

static ptrdiff_t encode_payload(const struct peer6_pnrp_payload *payload,
				uint8_t *p)
{
	ptrdiff_t n = peer6_pnrp_payload_encode(payload, p, sizeof(out));

	if (n < 0)
		return n;
	return n + peer6_pnrp_signature_encode(payload->signature, p + n,
					       SIG);
}

static int decode_payload(const uint8_t *bytes, size_t len)
{
	static struct peer6_pnrp_payload payload, zero;
	uint8_t *copy = malloc(len ? len : 1);
	int err;

	if (!copy)
		return PEER6_E_NOMEM;
	memcpy(copy, bytes, len);
	err = peer6_pnrp_payload_decode(&payload, copy, len);
	free(copy);
	if (err && memcmp(&payload, &zero, sizeof(zero)))
		return PEER6_E_INVAL;
	return err;
}

static bool is_wire_error(int err)
{
	return err <= PEER6_E_TRUNCATED && err >= PEER6_E_TRAILING;
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

static void payload_meaning(struct peer6_pnrp_payload *p)
{
	static struct peer6_pnrp_cpa cpa;
	static const uint8_t p2p[PEER6_P2P_ID_LEN] = {
		0x77, 0x75, 0xc8, 0x27, 0x66, 0xbf, 0xb8, 0x4e,
		0x1c, 0xa6, 0x27, 0x6f, 0xe0, 0x33, 0xd7, 0x97,
	};

	pnrp_vector_cpa_meaning(&cpa);
	memset(p, 0, sizeof(*p));
	p->not_after = cpa.not_after;
	memcpy(p->id.b, p2p, sizeof(p2p));
	memcpy(p->id.b + 16, cpa.location, 16);
	memcpy(p->nonce, cpa.nonce, sizeof(p->nonce));
	memcpy(p->signature, cpa.signature, sizeof(p->signature));
}

static const char *binary(void)
{
	static const char start[] =
		"d700000200004f0000c005a0c0f6e001080706050403020101000000b80d01"
		"2097d733e06f27a61c4eb8bf6627c87577000102030405060708090a0b0c0d"
		"0e0f01000f0003000080050068656c6c6f";
	static const uint8_t signature[] = { 0x88, 0, 0x80, 0, 4, 0x80, 0, 0 };
	struct peer6_pnrp_payload p, got;
	uint8_t bytes[80];
	size_t size;

	payload_meaning(&p);
	p.type = PEER6_PNRP_PAYLOAD_BINARY;
	p.data.p = (const uint8_t *)"hello";
	p.data.len = 5;
	CHECK(case_hex(start, bytes) == 79);
	CHECK(encode_payload(&p, out) == 215);
	CHECK(!memcmp(out, bytes, 79));
	CHECK(!memcmp(out + 79, signature, sizeof(signature)));
	CHECK(!memcmp(out + 87, p.signature, sizeof(p.signature)));
	CHECK(!peer6_pnrp_payload_decode(&got, out, 215));
	CHECK(got.data.p == out + 74 && got.data.len == 5);
	CHECK(got.signed_len == 79);
	got.data.p = p.data.p;
	got.signed_len = 0;
	CHECK(!memcmp(&got, &p, sizeof(p)));
	for (size = 0; size < 79; size++)
		CHECK(peer6_pnrp_payload_encode(&p, out, size) ==
		      PEER6_E_SPACE);
	return NULL;
}

static const char *string(void)
{
	static const uint8_t hi[] = { 'h', 0, 'i', 0, 0, 0 };
	static const char middle[] = "01001200020000800800"
				     "0000680069000000";
	struct peer6_pnrp_payload p, got;
	uint8_t bytes[32];

	payload_meaning(&p);
	p.type = PEER6_PNRP_PAYLOAD_STRING;
	p.data.p = hi;
	p.data.len = sizeof(hi);
	CHECK(case_hex(middle, bytes) == 18);
	CHECK(encode_payload(&p, out) == 218);
	CHECK(!memcmp(out + 64, bytes, 18));
	CHECK(!peer6_pnrp_payload_decode(&got, out, 218));
	CHECK(got.string_type == 0 && got.data.len == 6 &&
	      got.data.p == out + 76);

	p.string_type = 1;
	p.data.p = (const uint8_t *)"abc";
	p.data.len = 4;
	CHECK(encode_payload(&p, out) == 216);
	CHECK(!peer6_pnrp_payload_decode(&got, out, 216));
	CHECK(got.string_type == 1 && !strcmp((const char *)got.data.p, "abc"));
	/* Without its NUL, or with half of it */
	p.data.len = 3;
	CHECK(encode_payload(&p, out) == PEER6_E_INVAL);
	p.string_type = 0;
	p.data.p = hi;
	p.data.len = 5;
	CHECK(encode_payload(&p, out) == PEER6_E_INVAL);
	p.data.len = 4;
	CHECK(encode_payload(&p, out) == PEER6_E_INVAL);
	p.data.len = 6;
	p.string_type = 2;
	CHECK(encode_payload(&p, out) == PEER6_E_INVAL);
	/* Shorter than may be sent, yet understood: one character */
	p.string_type = 1;
	p.data.p = (const uint8_t *)"a\0\0";
	p.data.len = 2;
	CHECK(encode_payload(&p, out) == PEER6_E_INVAL);
	p.data.len = 4;
	CHECK(encode_payload(&p, out) == 216);
	memmove(out + 78, out + 80, SIG);
	out[0] = 214;
	out[6] = 78;
	out[66] = 14;
	out[72] = 4;
	CHECK(!peer6_pnrp_payload_decode(&got, out, 214));
	CHECK(got.data.len == 2);
	return NULL;
}

static const char *bounds(void)
{
	static uint8_t data[PEER6_PNRP_PAYLOAD_MAX + 2];
	struct peer6_pnrp_payload p, got;
	ptrdiff_t n;

	payload_meaning(&p);
	p.type = PEER6_PNRP_PAYLOAD_BINARY;
	p.data.p = data;
	CHECK(encode_payload(&p, out) == PEER6_E_INVAL);
	p.data.len = 1;
	n = encode_payload(&p, out);
	CHECK(n == 211 && !peer6_pnrp_payload_decode(&got, out, 211));
	p.data.len = PEER6_PNRP_PAYLOAD_MAX;
	n = encode_payload(&p, out);
	CHECK(n == 210 + PEER6_PNRP_PAYLOAD_MAX);
	CHECK(!peer6_pnrp_payload_decode(&got, out, (size_t)n));
	p.data.len++;
	CHECK(encode_payload(&p, out) == PEER6_E_INVAL);
	/* 4097 bytes whose lengths agree */
	memmove(out + 75, out + 74, (size_t)n - 74);
	out[0]++;
	out[6]++;
	out[66]++;
	out[72]++;
	CHECK(decode_payload(out, (size_t)n + 1) == PEER6_E_VALUE);
	p.data.len = PEER6_PNRP_PAYLOAD_MAX;
	p.type = PEER6_PNRP_PAYLOAD_STRING;
	n = encode_payload(&p, out);
	CHECK(n == 212 + PEER6_PNRP_PAYLOAD_MAX);
	CHECK(!peer6_pnrp_payload_decode(&got, out, (size_t)n));
	p.data.len += 2;
	CHECK(encode_payload(&p, out) == PEER6_E_INVAL);
	p.type = 0x80000001;
	p.data.len = 4;
	CHECK(encode_payload(&p, out) == PEER6_E_INVAL);
	return NULL;
}

static const char *damage(void)
{
	static const struct {
		size_t at, size;
	} numbers[] = {
		{ 0, 2 }, { 2, 1 }, { 3, 1 }, { 6, 2 }, { 64, 2 }, { 66, 2 },
		{ 70, 2 }, { 72, 2 }, { 79, 2 }, { 81, 2 }, { 83, 2 },
		{ 85, 2 },
	};
	struct peer6_pnrp_payload p;
	uint8_t bytes[219] = { 0 };
	unsigned int value;
	size_t i, n, at;
	int by, err;

	payload_meaning(&p);
	p.type = PEER6_PNRP_PAYLOAD_BINARY;
	p.data.p = (const uint8_t *)"hello";
	p.data.len = 5;
	CHECK(encode_payload(&p, bytes) == 215);
	for (n = 0; n < 215; n++)
		CHECK_AT(decode_payload(bytes, n) == PEER6_E_TRUNCATED, "%d",
			 (int)n);
	for (n = 216; n < 219; n++)
		CHECK(decode_payload(bytes, n) == PEER6_E_TRAILING);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		for (by = -1; by <= 1; by += 2) {
			CHECK(encode_payload(&p, bytes) == 215);
			at = numbers[i].at;
			value = bytes[at];
			if (numbers[i].size == 2)
				value |= (unsigned int)bytes[at + 1] << 8;
			value += (unsigned int)by;
			bytes[at] = (uint8_t)value;
			if (numbers[i].size == 2)
				bytes[at + 1] = (uint8_t)(value >> 8);
			err = decode_payload(bytes, 215);
			CHECK_AT(is_wire_error(err), "at %d by %d: %d",
				 (int)at, by, err);
		}
	/* What is reserved is not looked at. */
	CHECK(encode_payload(&p, bytes) == 215);
	bytes[4] = 0xff;
	bytes[5] = 0xff;
	CHECK(!decode_payload(bytes, 215));
	/* Binary taken for a string: type 0x6568 */
	bytes[68] = 2;
	CHECK(decode_payload(bytes, 215) == PEER6_E_VALUE);
	return NULL;
}

static const char *lies(void)
{
	struct peer6_pnrp_payload p;
	uint8_t bytes[230];

	payload_meaning(&p);
	p.type = PEER6_PNRP_PAYLOAD_BINARY;
	p.data.p = (const uint8_t *)"hello";
	p.data.len = 5;
	/* A byte behind the signature, or before it */
	CHECK(encode_payload(&p, bytes) == 215);
	widen(bytes, 215, 215, 1);
	CHECK(decode_payload(bytes, 216) == PEER6_E_LENGTH);
	bytes[6]++;
	CHECK(decode_payload(bytes, 216) == PEER6_E_LENGTH);
	CHECK(encode_payload(&p, bytes) == 215);
	widen(bytes, 215, 79, 1);
	bytes[6]++;
	CHECK(decode_payload(bytes, 216) == PEER6_E_LENGTH);
	/* Nothing at all */
	CHECK(encode_payload(&p, bytes) == 215);
	memmove(bytes + 74, bytes + 79, SIG);
	bytes[0] -= 5;
	bytes[6] -= 5;
	bytes[66] -= 5;
	bytes[72] -= 5;
	CHECK(decode_payload(bytes, 210) == PEER6_E_VALUE);
	/* A string without its type, and with half of it */
	bytes[68] = 2;
	CHECK(decode_payload(bytes, 210) == PEER6_E_LENGTH);
	widen(bytes, 210, 74, 1);
	bytes[6]++;
	bytes[66]++;
	bytes[72]++;
	CHECK(decode_payload(bytes, 211) == PEER6_E_LENGTH);
	return NULL;
}

const struct peer6_case cases_payload[] = {
	{ "a binary payload", binary },
	{ "a string as payload", string },
	{ "payloads of 0 to 4097 bytes", bounds },
	{ "damaged payloads", damage },
	{ "lengths that agree and are wrong", lies },
	{ 0 }
};
