// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SIGNATURE and EXTENDED_PAYLOAD ([MS-PNRP] sections 2.2.3.2 and 2.2.3.3).
 * The bytes of a signature are passed on as they are: which way round they
 * stand is known only after an attempt to verify them.
 */
#include "wire_record.h"

void peer6_wire_get_signature(struct wire_reader *r,
			      uint8_t sig[PEER6_PNRP_SIG_LEN])
{
	wire_expect_le(r, 2, WIRE_SIG_FIELD, PEER6_E_LENGTH);
	wire_expect_le(r, 2, PEER6_PNRP_SIG_LEN, PEER6_E_LENGTH);
	wire_expect_le(r, 4, WIRE_SIG_ALG, PEER6_E_VALUE);
	wire_get(r, sig, PEER6_PNRP_SIG_LEN);
}

ptrdiff_t peer6_pnrp_signature_encode(const uint8_t sig[PEER6_PNRP_SIG_LEN],
				      void *buf, size_t size)
{
	struct wire_writer w = { .p = buf, .size = size };

	wire_put_le(&w, WIRE_SIG_FIELD, 2);
	wire_put_le(&w, PEER6_PNRP_SIG_LEN, 2);
	wire_put_le(&w, WIRE_SIG_ALG, 4);
	wire_put(&w, sig, PEER6_PNRP_SIG_LEN);
	return wire_written(&w);
}

/* A string ends with a NUL of its own width; more of them may pad it. */
static bool string_valid(uint16_t string_type, const uint8_t *p, size_t len)
{
	switch (string_type) {
	case 0:
		return len >= 2 && len % 2 == 0 && !p[len - 1] && !p[len - 2];
	case 1:
		return len >= 1 && !p[len - 1];
	}
	return false;
}

static void get_data(struct wire_reader *r, struct peer6_pnrp_payload *payload,
		     size_t len)
{
	size_t pos = r->pos;

	if (payload->type == PEER6_PNRP_PAYLOAD_STRING) {
		if (len < 2) {
			wire_fail(r, PEER6_E_LENGTH, pos - 2);
			return;
		}
		payload->string_type = wire_get_le16(r);
		len -= 2;
	}
	if (!len)
		wire_fail(r, PEER6_E_VALUE, pos - 2);
	payload->data.len = len;
	payload->data.p = wire_take(r, len);
	if (payload->data.p && payload->type == PEER6_PNRP_PAYLOAD_STRING &&
	    !string_valid(payload->string_type, payload->data.p, len))
		wire_fail(r, PEER6_E_VALUE, pos);
}

int peer6_wire_payload_decode(struct peer6_pnrp_payload *payload,
			      const void *buf, size_t len, size_t *at)
{
	struct wire_reader r = { .p = buf, .len = len };
	size_t total, sig_at, n;

	memset(payload, 0, sizeof(*payload));
	total = wire_get_le16(&r);
	if (!r.err && total < len)
		wire_fail(&r, PEER6_E_TRAILING, total);
	if (total > len)
		wire_fail(&r, PEER6_E_TRUNCATED, len);
	wire_expect_le(&r, 1, WIRE_PAYLOAD_MINOR, PEER6_E_VALUE);
	wire_expect_le(&r, 1, WIRE_PAYLOAD_MAJOR, PEER6_E_VALUE);
	wire_take(&r, 2);
	sig_at = wire_get_le16(&r);
	payload->not_after = wire_get_le(&r, 8);
	wire_get_reversed(&r, payload->id.b, PEER6_PNRP_ID_LEN);
	wire_get(&r, payload->nonce, PEER6_PNRP_NONCE_LEN);
	wire_expect_le(&r, 2, 1, PEER6_E_VALUE);
	n = wire_get_le16(&r);
	payload->type = (uint32_t)wire_get_le(&r, 4);
	if (payload->type != PEER6_PNRP_PAYLOAD_STRING &&
	    payload->type != PEER6_PNRP_PAYLOAD_BINARY)
		wire_fail(&r, PEER6_E_VALUE, 68);
	if (n != 10 + wire_get_le(&r, 2))
		wire_fail(&r, PEER6_E_LENGTH, 66);
	if (sig_at != WIRE_PAYLOAD_FIXED + n - 10)
		wire_fail(&r, PEER6_E_LENGTH, 6);
	if (total != sig_at + WIRE_SIG_FIELD)
		wire_fail(&r, PEER6_E_LENGTH, 0);
	if (!r.err)
		get_data(&r, payload, n - 10);
	if (payload->data.len > PEER6_PNRP_PAYLOAD_MAX)
		wire_fail(&r, PEER6_E_VALUE, 72);
	payload->signed_len = sig_at;
	peer6_wire_get_signature(&r, payload->signature);
	if (r.err)
		memset(payload, 0, sizeof(*payload));
	*at = r.at;
	return r.err;
}

int peer6_pnrp_payload_decode(struct peer6_pnrp_payload *payload,
			      const void *buf, size_t len)
{
	size_t at;

	return peer6_wire_payload_decode(payload, buf, len, &at);
}

ptrdiff_t peer6_pnrp_payload_encode(const struct peer6_pnrp_payload *payload,
				    void *buf, size_t size)
{
	struct wire_writer w = { .p = buf, .size = size };
	bool string = payload->type == PEER6_PNRP_PAYLOAD_STRING;
	size_t n = payload->data.len;

	if (!payload->data.p || !n || n > PEER6_PNRP_PAYLOAD_MAX ||
	    (!string && payload->type != PEER6_PNRP_PAYLOAD_BINARY) ||
	    (string && (n < WIRE_STRING_MIN ||
			!string_valid(payload->string_type, payload->data.p,
				      n))))
		return PEER6_E_INVAL;
	if (string)
		n += 2;
	wire_put_le(&w, WIRE_PAYLOAD_FIXED + n + WIRE_SIG_FIELD, 2);
	wire_put_le(&w, WIRE_PAYLOAD_MINOR, 1);
	wire_put_le(&w, WIRE_PAYLOAD_MAJOR, 1);
	wire_put_le(&w, 0, 2);
	wire_put_le(&w, WIRE_PAYLOAD_FIXED + n, 2);
	wire_put_le(&w, payload->not_after, 8);
	wire_put_reversed(&w, payload->id.b, PEER6_PNRP_ID_LEN);
	wire_put(&w, payload->nonce, PEER6_PNRP_NONCE_LEN);
	wire_put_le(&w, 1, 2);
	wire_put_le(&w, 10 + n, 2);
	wire_put_le(&w, payload->type, 4);
	wire_put_le(&w, n, 2);
	if (string)
		wire_put_le(&w, payload->string_type, 2);
	wire_put(&w, payload->data.p, payload->data.len);
	return wire_written(&w);
}
