// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * AUTHORITY_BUFFER ([MS-PNRP] section 2.2.2.6.1): what the fragments of an
 * answer make together. What is in its CPA, payload and chain is left to their
 * own decoders, so that a bad record does not cost the route entry beside it.
 */
#include "wire_field.h"

static void get_optional(struct wire_reader *r, uint16_t id,
			 struct peer6_pnrp_bytes *bytes)
{
	if (peer6_wire_follows(r, id))
		peer6_wire_get_bytes(r, id, bytes);
}

static void get_classifier(struct wire_reader *r, bool le,
			   struct peer6_pnrp_authority *a)
{
	size_t pos = wire_align(r->pos);
	const uint8_t *p;
	unsigned int i;

	p = peer6_wire_array(r, WIRE_CLASSIFIER, WIRE_WCHAR, 2,
			     PEER6_PNRP_CLASSIFIER_MAX, &a->n_classifier);
	if (!p)
		return;
	for (i = 0; i < a->n_classifier; i++, p += 2) {
		a->classifier[i] = (uint16_t)(le ? wire_le(p, 2) :
						   wire_be(p, 2));
		if (!a->classifier[i])
			wire_fail(r, PEER6_E_VALUE, pos + WIRE_FIELD_HEADER +
				  WIRE_ARRAY_HEADER + 2 * i);
	}
}

int peer6_wire_authority_decode(struct peer6_pnrp_authority *a,
				const struct peer6_pnrp_dialect *dialect,
				const void *buf, size_t len, size_t *at)
{
	struct wire_reader r = { .p = buf, .len = len };
	const uint8_t *p;

	memset(a, 0, sizeof(*a));
	if (len > PEER6_PNRP_BUFFER_MAX)
		wire_fail(&r, PEER6_E_LENGTH, PEER6_PNRP_BUFFER_MAX);
	p = peer6_wire_fixed(&r, WIRE_FLAGS, 2);
	if (p)
		a->flags = (uint16_t)wire_be(p, 2) & WIRE_AUTH_FLAGS;
	get_optional(&r, WIRE_CERT_CHAIN, &a->chain);
	a->has_classifier = peer6_wire_follows(&r, WIRE_CLASSIFIER);
	if (a->has_classifier)
		get_classifier(&r, dialect && dialect->classifier_le, a);
	get_optional(&r, WIRE_EXTENDED_PAYLOAD, &a->payload);
	a->has_route = peer6_wire_follows(&r, WIRE_ROUTING_ENTRY);
	if (a->has_route)
		peer6_wire_get_route(&r, &a->route);
	get_optional(&r, WIRE_VALIDATE_CPA, &a->cpa);
	peer6_wire_end(&r);
	if (r.err)
		memset(a, 0, sizeof(*a));
	*at = r.at;
	return r.err;
}

int peer6_pnrp_authority_decode(struct peer6_pnrp_authority *a,
				const struct peer6_pnrp_dialect *dialect,
				const void *buf, size_t len)
{
	size_t at;

	return peer6_wire_authority_decode(a, dialect, buf, len, &at);
}

static void put_classifier(struct wire_writer *w, bool le,
			   const struct peer6_pnrp_authority *a)
{
	unsigned int i;

	if (a->n_classifier > PEER6_PNRP_CLASSIFIER_MAX) {
		wire_refuse(w, PEER6_E_INVAL);
		return;
	}
	peer6_wire_put_array(w, WIRE_CLASSIFIER, WIRE_WCHAR, 2,
			     a->n_classifier);
	for (i = 0; i < a->n_classifier; i++) {
		if (!a->classifier[i])
			wire_refuse(w, PEER6_E_INVAL);
		if (le)
			wire_put_le(w, a->classifier[i], 2);
		else
			wire_put_be(w, a->classifier[i], 2);
	}
}

ptrdiff_t peer6_pnrp_authority_encode(const struct peer6_pnrp_authority *a,
				      const struct peer6_pnrp_dialect *dialect,
				      void *buf, size_t size)
{
	struct wire_writer w = { .p = buf, .size = size };

	if (a->flags & ~WIRE_AUTH_FLAGS)
		wire_refuse(&w, PEER6_E_INVAL);
	peer6_wire_put_field(&w, WIRE_FLAGS, 2);
	wire_put_be(&w, a->flags, 2);
	if (a->chain.p)
		peer6_wire_put_bytes(&w, WIRE_CERT_CHAIN, &a->chain);
	if (a->has_classifier)
		put_classifier(&w, dialect && dialect->classifier_le, a);
	if (a->payload.p)
		peer6_wire_put_bytes(&w, WIRE_EXTENDED_PAYLOAD, &a->payload);
	if (a->has_route)
		peer6_wire_put_route(&w, &a->route);
	if (a->cpa.p)
		peer6_wire_put_bytes(&w, WIRE_VALIDATE_CPA, &a->cpa);
	if (w.pos > PEER6_PNRP_BUFFER_MAX)
		wire_refuse(&w, PEER6_E_INVAL);
	return wire_written(&w);
}
