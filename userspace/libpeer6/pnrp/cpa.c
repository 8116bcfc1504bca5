// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Encoded CPA, the record that a name is published by ([MS-PNRP] section
 * 2.2.3.1). The sources leave the order of some bytes open; struct
 * peer6_pnrp_dialect names the choices.
 */
#include "wire_record.h"

static const struct peer6_pnrp_dialect standard;

static bool is_zero(const uint8_t *p, size_t n)
{
	while (n--)
		if (p[n])
			return false;
	return true;
}

static bool flags_valid(uint8_t flags)
{
	if (flags & ~WIRE_CPA_FLAGS)
		return false;
	if ((flags & PEER6_PNRP_CPA_U) && !(flags & PEER6_PNRP_CPA_F))
		return false;
	return flags & (PEER6_PNRP_CPA_A | PEER6_PNRP_CPA_C);
}

/* Text without a NUL, in whole units. */
static bool comment_valid(uint8_t flags, const uint8_t *p, size_t n)
{
	size_t i;

	if (n < 1 || n > PEER6_PNRP_COMMENT_MAX)
		return false;
	if (flags & PEER6_PNRP_CPA_U)
		return !memchr(p, 0, n);
	for (i = 0; i + 1 < n; i += 2)
		if (!p[i] && !p[i + 1])
			return false;
	return n % 2 == 0;
}

static void get_hashes(struct wire_reader *r, struct peer6_pnrp_cpa *cpa,
		       const struct peer6_pnrp_dialect *dialect)
{
	if (cpa->flags & PEER6_PNRP_CPA_A) {
		if (dialect->authority_forward)
			wire_get(r, cpa->authority, PEER6_PNRP_HASH_LEN);
		else
			wire_get_reversed(r, cpa->authority,
					  PEER6_PNRP_HASH_LEN);
	}
	if (cpa->flags & PEER6_PNRP_CPA_C)
		wire_get(r, cpa->classifier_hash, PEER6_PNRP_HASH_LEN);
}

static void get_comment(struct wire_reader *r, struct peer6_pnrp_cpa *cpa)
{
	size_t pos = r->pos, n;
	const uint8_t *p;

	if (!(cpa->flags & PEER6_PNRP_CPA_F))
		return;
	n = wire_get_le16(r);
	p = wire_take(r, n);
	if (!p)
		return;
	if (!comment_valid(cpa->flags, p, n)) {
		wire_fail(r, PEER6_E_VALUE, pos);
		return;
	}
	cpa->n_comment = (uint8_t)n;
	memcpy(cpa->comment, p, n);
}

static void get_services(struct wire_reader *r, struct peer6_pnrp_cpa *cpa)
{
	size_t pos = r->pos;
	uint16_t n = wire_get_le16(r), i;

	wire_expect_le(r, 2, WIRE_ENDPOINT_LEN, PEER6_E_LENGTH);
	if (n > PEER6_PNRP_LOCAL_ADDRS ||
	    (!n && !(cpa->flags & PEER6_PNRP_CPA_R)))
		wire_fail(r, PEER6_E_VALUE, pos);
	if (r->err)
		return;
	cpa->n_service = (uint8_t)n;
	for (i = 0; i < n; i++) {
		cpa->service[i].port = (uint16_t)wire_get_be(r, 2);
		wire_get(r, cpa->service[i].addr, 16);
	}
}

static void get_apps(struct wire_reader *r, struct peer6_pnrp_cpa *cpa,
		     const struct peer6_pnrp_dialect *dialect)
{
	size_t pos = r->pos, total, n, i;

	n = wire_get_le16(r);
	total = wire_get_le16(r);
	if (n > 1)
		wire_fail(r, PEER6_E_VALUE, pos);
	cpa->has_apps = n;
	if (r->err)
		return;
	if (!cpa->has_apps) {
		if (total != 4)
			wire_fail(r, PEER6_E_LENGTH, pos + 2);
		return;
	}
	wire_expect_le(r, 4, WIRE_APP_TYPE, PEER6_E_VALUE);
	n = wire_get_le16(r);
	if (total != 10 + n)
		wire_fail(r, PEER6_E_LENGTH, pos + 2);
	if (n % WIRE_APP_LEN)
		wire_fail(r, PEER6_E_LENGTH, pos + 8);
	n /= WIRE_APP_LEN;
	if (n < 1 || n > PEER6_PNRP_APP_MAX)
		wire_fail(r, PEER6_E_VALUE, pos + 8);
	if (r->err)
		return;
	cpa->n_apps = (uint8_t)n;
	for (i = 0; i < n; i++) {
		wire_get(r, cpa->apps[i].addr, 16);
		cpa->apps[i].port = (uint16_t)(dialect->app_port_le ?
					       wire_get_le(r, 2) :
					       wire_get_be(r, 2));
		cpa->apps[i].protocol = wire_get_le16(r);
	}
}

static void get_key(struct wire_reader *r, struct peer6_pnrp_cpa *cpa)
{
	const uint8_t *oid;
	size_t pos;

	wire_expect_le(r, 2, WIRE_KEY_FIELD, PEER6_E_LENGTH);
	wire_expect_le(r, 2, WIRE_KEY_OID_LEN, PEER6_E_LENGTH);
	wire_expect_le(r, 2, 0, PEER6_E_VALUE);
	wire_expect_le(r, 2, PEER6_PNRP_KEY_LEN, PEER6_E_LENGTH);
	wire_expect_le(r, 1, 0, PEER6_E_VALUE);
	pos = r->pos;
	oid = wire_take(r, WIRE_KEY_OID_LEN);
	if (oid && memcmp(oid, WIRE_KEY_OID, WIRE_KEY_OID_LEN))
		wire_fail(r, PEER6_E_VALUE, pos);
	wire_get(r, cpa->key, PEER6_PNRP_KEY_LEN);
}

static int decode(struct peer6_pnrp_cpa *cpa,
		  const struct peer6_pnrp_dialect *dialect, bool has_nonce,
		  const uint8_t *buf, size_t len, size_t *at)
{
	struct wire_reader r = { .p = buf, .len = len };
	size_t total;

	memset(cpa, 0, sizeof(*cpa));
	total = wire_get_le16(&r);
	if (!r.err && total < len)
		wire_fail(&r, PEER6_E_TRAILING, total);
	if (total > len)
		wire_fail(&r, PEER6_E_TRUNCATED, len);
	wire_expect_le(&r, 1, WIRE_CPA_MINOR, PEER6_E_VALUE);
	wire_expect_le(&r, 1, WIRE_CPA_MAJOR, PEER6_E_VALUE);
	wire_expect_le(&r, 1, WIRE_MINOR, PEER6_E_VALUE);
	wire_expect_le(&r, 1, WIRE_MAJOR, PEER6_E_VALUE);
	cpa->flags = wire_get8(&r);
	if (!flags_valid(cpa->flags))
		wire_fail(&r, PEER6_E_VALUE, 6);
	wire_take(&r, 1);
	cpa->not_after = wire_get_le(&r, 8);
	wire_get_reversed(&r, cpa->location, sizeof(cpa->location));
	if (has_nonce)
		wire_get(&r, cpa->nonce, PEER6_PNRP_NONCE_LEN);
	if ((cpa->flags & PEER6_PNRP_CPA_R) &&
	    !is_zero(cpa->nonce, PEER6_PNRP_NONCE_LEN))
		wire_fail(&r, PEER6_E_VALUE, 32);
	get_hashes(&r, cpa, dialect);
	get_comment(&r, cpa);
	get_services(&r, cpa);
	get_apps(&r, cpa, dialect);
	get_key(&r, cpa);
	cpa->signed_len = r.pos;
	peer6_wire_get_signature(&r, cpa->signature);
	/* The length that the CPA gives itself is none of its parts' sum. */
	if (r.pos != len)
		wire_fail(&r, PEER6_E_LENGTH, 0);
	if (r.err)
		memset(cpa, 0, sizeof(*cpa));
	*at = r.at;
	return r.err;
}

/*
 * A revoke may come without the nonce that is zero in it. Both layouts are
 * tried, and no record fits both by chance: the parts have to add up to the CPA
 * Length either way. If neither does, the expected one says what is wrong.
 */
int peer6_wire_cpa_decode(struct peer6_pnrp_cpa *cpa,
			  const struct peer6_pnrp_dialect *dialect,
			  const void *buf, size_t len, size_t *at,
			  bool *has_nonce)
{
	const uint8_t *p = buf;
	bool revoke, nonce;
	size_t other;
	int err;

	if (!dialect)
		dialect = &standard;
	revoke = len > 6 && (p[6] & PEER6_PNRP_CPA_R);
	nonce = !revoke || !dialect->revoke_no_nonce;
	*has_nonce = nonce;
	err = decode(cpa, dialect, nonce, p, len, at);
	if (err && revoke && !decode(cpa, dialect, !nonce, p, len, &other)) {
		*has_nonce = !nonce;
		err = 0;
	}
	return err;
}

int peer6_pnrp_cpa_decode(struct peer6_pnrp_cpa *cpa,
			  const struct peer6_pnrp_dialect *dialect,
			  const void *buf, size_t len)
{
	bool has_nonce;
	size_t at;

	return peer6_wire_cpa_decode(cpa, dialect, buf, len, &at, &has_nonce);
}

static bool encodable(const struct peer6_pnrp_cpa *cpa)
{
	bool revoke = cpa->flags & PEER6_PNRP_CPA_R;

	if (!flags_valid(cpa->flags))
		return false;
	if (revoke && !is_zero(cpa->nonce, PEER6_PNRP_NONCE_LEN))
		return false;
	if ((cpa->flags & PEER6_PNRP_CPA_F) &&
	    !comment_valid(cpa->flags, cpa->comment, cpa->n_comment))
		return false;
	if (cpa->n_service > PEER6_PNRP_LOCAL_ADDRS ||
	    (!cpa->n_service && !revoke))
		return false;
	return !cpa->has_apps ||
	       (cpa->n_apps >= 1 && cpa->n_apps <= PEER6_PNRP_APP_MAX);
}

static void put_hashes(struct wire_writer *w, const struct peer6_pnrp_cpa *cpa,
		       const struct peer6_pnrp_dialect *dialect)
{
	if (cpa->flags & PEER6_PNRP_CPA_A) {
		if (dialect->authority_forward)
			wire_put(w, cpa->authority, PEER6_PNRP_HASH_LEN);
		else
			wire_put_reversed(w, cpa->authority,
					  PEER6_PNRP_HASH_LEN);
	}
	if (cpa->flags & PEER6_PNRP_CPA_C)
		wire_put(w, cpa->classifier_hash, PEER6_PNRP_HASH_LEN);
}

static void put_services(struct wire_writer *w,
			 const struct peer6_pnrp_cpa *cpa)
{
	unsigned int i;

	wire_put_le(w, cpa->n_service, 2);
	wire_put_le(w, WIRE_ENDPOINT_LEN, 2);
	for (i = 0; i < cpa->n_service; i++) {
		wire_put_be(w, cpa->service[i].port, 2);
		wire_put(w, cpa->service[i].addr, 16);
	}
}

static void put_apps(struct wire_writer *w, const struct peer6_pnrp_cpa *cpa,
		     const struct peer6_pnrp_dialect *dialect)
{
	size_t n = (size_t)cpa->n_apps * WIRE_APP_LEN;
	unsigned int i;

	wire_put_le(w, cpa->has_apps, 2);
	wire_put_le(w, cpa->has_apps ? 10 + n : 4, 2);
	if (!cpa->has_apps)
		return;
	wire_put_le(w, WIRE_APP_TYPE, 4);
	wire_put_le(w, n, 2);
	for (i = 0; i < cpa->n_apps; i++) {
		wire_put(w, cpa->apps[i].addr, 16);
		if (dialect->app_port_le)
			wire_put_le(w, cpa->apps[i].port, 2);
		else
			wire_put_be(w, cpa->apps[i].port, 2);
		wire_put_le(w, cpa->apps[i].protocol, 2);
	}
}

ptrdiff_t peer6_pnrp_cpa_encode(const struct peer6_pnrp_cpa *cpa,
				const struct peer6_pnrp_dialect *dialect,
				void *buf, size_t size)
{
	struct wire_writer w = { .p = buf, .size = size };
	struct wire_writer total = { .p = buf, .size = size };

	if (!dialect)
		dialect = &standard;
	if (!encodable(cpa))
		return PEER6_E_INVAL;
	wire_put_le(&w, 0, 2);		/* the length, known at the end */
	wire_put_le(&w, WIRE_CPA_MINOR, 1);
	wire_put_le(&w, WIRE_CPA_MAJOR, 1);
	wire_put_le(&w, WIRE_MINOR, 1);
	wire_put_le(&w, WIRE_MAJOR, 1);
	wire_put_le(&w, cpa->flags, 1);
	wire_put_le(&w, 0, 1);
	wire_put_le(&w, cpa->not_after, 8);
	wire_put_reversed(&w, cpa->location, sizeof(cpa->location));
	if (!(cpa->flags & PEER6_PNRP_CPA_R) || !dialect->revoke_no_nonce)
		wire_put(&w, cpa->nonce, PEER6_PNRP_NONCE_LEN);
	put_hashes(&w, cpa, dialect);
	if (cpa->flags & PEER6_PNRP_CPA_F) {
		wire_put_le(&w, cpa->n_comment, 2);
		wire_put(&w, cpa->comment, cpa->n_comment);
	}
	put_services(&w, cpa);
	put_apps(&w, cpa, dialect);
	wire_put_le(&w, WIRE_KEY_FIELD, 2);
	wire_put_le(&w, WIRE_KEY_OID_LEN, 2);
	wire_put_le(&w, 0, 2);
	wire_put_le(&w, PEER6_PNRP_KEY_LEN, 2);
	wire_put_le(&w, 0, 1);
	wire_put(&w, WIRE_KEY_OID, WIRE_KEY_OID_LEN);
	wire_put(&w, cpa->key, PEER6_PNRP_KEY_LEN);
	if (!w.err)
		wire_put_le(&total, w.pos + WIRE_SIG_FIELD, 2);
	return wire_written(&w);
}
