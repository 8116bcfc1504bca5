// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The eight messages ([MS-PNRP] section 2.2.2). The order of their fields is
 * fixed, and an optional one is known by its FieldID. Reserved bits and bytes
 * are sent as zero and not looked at; a number that selects something
 * (SolicitType, ResolveCriteria) has to be one that the protocol knows.
 */
#include "wire_field.h"

/* A buffer has at least its FLAGS_FIELD. */
#define BUFFER_MIN	6

static bool criteria_known(uint8_t criteria)
{
	switch (criteria) {
	case PEER6_PNRP_NONE:
	case PEER6_PNRP_ANY_PEERNAME:
	case PEER6_PNRP_NEAREST_PEERNAME:
	case PEER6_PNRP_NEAREST64_PEERNAME:
	case PEER6_PNRP_UPPER_BITS:
		return true;
	}
	return false;
}

static bool precision_possible(uint8_t criteria, uint16_t precision)
{
	return criteria != PEER6_PNRP_UPPER_BITS ||
	       precision <= 8 * PEER6_PNRP_ID_LEN;
}

static void get_header(struct wire_reader *r, struct peer6_pnrp_msg *msg)
{
	const uint8_t *p = wire_take(r, WIRE_FIELD_HEADER + WIRE_HEADER_DATA);

	if (!p)
		return;
	if (wire_be(p, 2) != WIRE_HEADER ||
	    wire_be(p + 2, 2) != WIRE_FIELD_HEADER + WIRE_HEADER_DATA ||
	    p[4] != WIRE_IDENTIFIER || p[5] != WIRE_MAJOR || p[6] != WIRE_MINOR)
		wire_fail(r, PEER6_E_HEADER, 0);
	msg->type = p[7];
	msg->id = (uint32_t)wire_be(p + 8, 4);
}

static void get_acked(struct wire_reader *r, struct peer6_pnrp_msg *msg)
{
	const uint8_t *p = peer6_wire_fixed(r, WIRE_HEADER_ACKED, 4);

	if (p)
		msg->acked = (uint32_t)wire_be(p, 4);
}

static void get_flags(struct wire_reader *r, uint16_t known, uint16_t *flags)
{
	const uint8_t *p = peer6_wire_fixed(r, WIRE_FLAGS, 2);

	if (p)
		*flags = (uint16_t)wire_be(p, 2) & known;
}

static void get_copy(struct wire_reader *r, uint16_t id, uint8_t *out,
		     size_t len)
{
	const uint8_t *p = peer6_wire_fixed(r, id, len);

	if (p)
		memcpy(out, p, len);
}

static void get_ids(struct wire_reader *r, struct peer6_pnrp_ids *ids)
{
	ids->p = peer6_wire_array(r, WIRE_ID_ARRAY, WIRE_PNRP_ID,
				  PEER6_PNRP_ID_LEN, PEER6_PNRP_IDS_MAX,
				  &ids->n);
}

static void get_optional_route(struct wire_reader *r,
			       struct peer6_pnrp_msg *msg)
{
	msg->has_route = peer6_wire_follows(r, WIRE_ROUTING_ENTRY);
	if (msg->has_route)
		peer6_wire_get_route(r, &msg->route);
}

static void get_solicit(struct wire_reader *r, struct peer6_pnrp_msg *msg)
{
	const uint8_t *p;
	size_t pos = r->pos;

	msg->has_controls = peer6_wire_follows(r, WIRE_SOLICIT_CONTROLS);
	if (msg->has_controls) {
		p = peer6_wire_fixed(r, WIRE_SOLICIT_CONTROLS, 2);
		if (p)
			msg->solicit_type = p[1];
		if (msg->solicit_type > PEER6_PNRP_SOLICIT_LOCAL)
			wire_fail(r, PEER6_E_VALUE, pos + 5);
	}
	get_optional_route(r, msg);
	get_copy(r, WIRE_HASHED_NONCE, msg->hashed_nonce, PEER6_PNRP_HASH_LEN);
}

static void get_flood(struct wire_reader *r, struct peer6_pnrp_msg *msg)
{
	const uint8_t *p = peer6_wire_fixed(r, WIRE_FLOOD_CONTROLS, 3);

	if (p)
		msg->flags = (uint16_t)wire_be(p, 2) & WIRE_FLOOD_FLAGS;
	peer6_wire_get_id(r, WIRE_VALIDATE_ID, &msg->validate);
	if (peer6_wire_follows(r, WIRE_REVOKE_CPA))
		peer6_wire_get_bytes(r, WIRE_REVOKE_CPA, &msg->revoke);
	get_optional_route(r, msg);
	peer6_wire_get_path(r, &msg->path);
}

static void get_inquire(struct wire_reader *r, struct peer6_pnrp_msg *msg)
{
	get_flags(r, WIRE_INQUIRE_FLAGS, &msg->flags);
	peer6_wire_get_id(r, WIRE_VALIDATE_ID, &msg->validate);
	msg->has_nonce = peer6_wire_follows(r, WIRE_NONCE);
	if (msg->has_nonce)
		get_copy(r, WIRE_NONCE, msg->nonce, PEER6_PNRP_NONCE_LEN);
}

/*
 * A fragment's place says how long it is (section 3.2.5.10): 1188 bytes but
 * for the last. Bytes missing or to spare are thus known without the others.
 */
static void get_authority(struct wire_reader *r, struct peer6_pnrp_msg *msg)
{
	const uint8_t *p;
	size_t pos, want;

	get_acked(r, msg);
	pos = r->pos;
	p = peer6_wire_fixed(r, WIRE_SPLIT_CONTROLS, 4);
	if (!p)
		return;
	msg->size = (uint16_t)wire_be(p, 2);
	msg->offset = (uint16_t)wire_be(p + 2, 2);
	if (msg->size < BUFFER_MIN || msg->size > PEER6_PNRP_BUFFER_MAX)
		wire_fail(r, PEER6_E_VALUE, pos + 4);
	if (msg->offset % PEER6_PNRP_FRAGMENT)
		wire_fail(r, PEER6_E_VALUE, pos + 6);
	if (msg->offset >= msg->size)
		wire_fail(r, PEER6_E_LENGTH, pos + 6);
	if (r->err)
		return;
	want = (size_t)msg->size - msg->offset;
	if (want > PEER6_PNRP_FRAGMENT)
		want = PEER6_PNRP_FRAGMENT;
	if (r->len - r->pos > want)
		wire_fail(r, PEER6_E_LENGTH, r->pos + want);
	msg->fragment.p = wire_take(r, want);
	msg->fragment.len = want;
}

static void get_lookup(struct wire_reader *r, struct peer6_pnrp_msg *msg)
{
	size_t pos = r->pos;
	const uint8_t *p = peer6_wire_fixed(r, WIRE_LOOKUP_CONTROLS, 8);

	if (!p)
		return;
	msg->flags = (uint16_t)wire_be(p, 2) & WIRE_LOOKUP_FLAGS;
	msg->precision = (uint16_t)wire_be(p + 2, 2);
	msg->criteria = p[4];
	msg->reason = p[5];
	if (!criteria_known(msg->criteria))
		wire_fail(r, PEER6_E_VALUE, pos + 8);
	if (!precision_possible(msg->criteria, msg->precision))
		wire_fail(r, PEER6_E_VALUE, pos + 6);
	peer6_wire_get_id(r, WIRE_TARGET_ID, &msg->target);
	peer6_wire_get_id(r, WIRE_VALIDATE_ID, &msg->validate);
	get_optional_route(r, msg);
	pos = wire_align(r->pos);
	peer6_wire_get_path(r, &msg->path);
	if (!r->err && !msg->path.n)
		wire_fail(r, PEER6_E_VALUE, pos + 4);
}

int peer6_wire_msg_decode(struct peer6_pnrp_msg *msg, const void *buf,
			  size_t len, size_t *at)
{
	struct wire_reader r = { .p = buf, .len = len };

	memset(msg, 0, sizeof(*msg));
	get_header(&r, msg);
	switch (r.err ? 0 : msg->type) {
	case 0:
		wire_fail(&r, PEER6_E_MESSAGE_TYPE, 7);
		break;
	case PEER6_PNRP_SOLICIT:
		get_solicit(&r, msg);
		break;
	case PEER6_PNRP_ADVERTISE:
		get_acked(&r, msg);
		get_ids(&r, &msg->ids);
		get_copy(&r, WIRE_HASHED_NONCE, msg->hashed_nonce,
			 PEER6_PNRP_HASH_LEN);
		break;
	case PEER6_PNRP_REQUEST:
		msg->has_nonce = true;
		get_copy(&r, WIRE_NONCE, msg->nonce, PEER6_PNRP_NONCE_LEN);
		get_ids(&r, &msg->ids);
		break;
	case PEER6_PNRP_FLOOD:
		get_flood(&r, msg);
		break;
	case PEER6_PNRP_INQUIRE:
		get_inquire(&r, msg);
		break;
	case PEER6_PNRP_AUTHORITY:
		get_authority(&r, msg);
		break;
	case PEER6_PNRP_ACK:
		get_acked(&r, msg);
		if (peer6_wire_follows(&r, WIRE_FLAGS))
			get_flags(&r, WIRE_ACK_FLAGS, &msg->flags);
		break;
	case PEER6_PNRP_LOOKUP:
		get_lookup(&r, msg);
		break;
	default:
		wire_fail(&r, PEER6_E_MESSAGE_TYPE, 7);
	}
	peer6_wire_end(&r);
	if (r.err)
		memset(msg, 0, sizeof(*msg));
	*at = r.at;
	return r.err;
}

int peer6_pnrp_msg_decode(struct peer6_pnrp_msg *msg, const void *buf,
			  size_t len)
{
	size_t at;

	return peer6_wire_msg_decode(msg, buf, len, &at);
}

static void put_acked(struct wire_writer *w, const struct peer6_pnrp_msg *msg)
{
	peer6_wire_put_field(w, WIRE_HEADER_ACKED, 4);
	wire_put_be(w, msg->acked, 4);
}

static void put_flags(struct wire_writer *w, uint16_t flags, uint16_t known)
{
	if (flags & ~known)
		wire_refuse(w, PEER6_E_INVAL);
	wire_put_be(w, flags, 2);
}

static void put_copy(struct wire_writer *w, uint16_t id, const uint8_t *data,
		     size_t len)
{
	peer6_wire_put_field(w, id, len);
	wire_put(w, data, len);
}

static void put_ids(struct wire_writer *w, const struct peer6_pnrp_ids *ids)
{
	peer6_wire_put_array(w, WIRE_ID_ARRAY, WIRE_PNRP_ID, PEER6_PNRP_ID_LEN,
			     ids->n);
	wire_put(w, ids->p, (size_t)ids->n * PEER6_PNRP_ID_LEN);
}

static void put_solicit(struct wire_writer *w, const struct peer6_pnrp_msg *msg)
{
	if (msg->has_controls) {
		if (msg->solicit_type > PEER6_PNRP_SOLICIT_LOCAL)
			wire_refuse(w, PEER6_E_INVAL);
		peer6_wire_put_field(w, WIRE_SOLICIT_CONTROLS, 2);
		wire_put_be(w, msg->solicit_type, 2);
	}
	if (msg->has_route)
		peer6_wire_put_route(w, &msg->route);
	put_copy(w, WIRE_HASHED_NONCE, msg->hashed_nonce, PEER6_PNRP_HASH_LEN);
}

static void put_flood(struct wire_writer *w, const struct peer6_pnrp_msg *msg)
{
	peer6_wire_put_field(w, WIRE_FLOOD_CONTROLS, 3);
	put_flags(w, msg->flags, WIRE_FLOOD_FLAGS);
	wire_put_be(w, 0, 1);
	peer6_wire_put_id(w, WIRE_VALIDATE_ID, &msg->validate);
	if (msg->revoke.p)
		peer6_wire_put_bytes(w, WIRE_REVOKE_CPA, &msg->revoke);
	if (msg->has_route)
		peer6_wire_put_route(w, &msg->route);
	peer6_wire_put_path(w, &msg->path);
}

static void put_authority(struct wire_writer *w,
			  const struct peer6_pnrp_msg *msg)
{
	size_t want;

	if (msg->size < BUFFER_MIN || msg->size > PEER6_PNRP_BUFFER_MAX ||
	    msg->offset % PEER6_PNRP_FRAGMENT || msg->offset >= msg->size) {
		wire_refuse(w, PEER6_E_INVAL);
		return;
	}
	want = (size_t)msg->size - msg->offset;
	if (want > PEER6_PNRP_FRAGMENT)
		want = PEER6_PNRP_FRAGMENT;
	if (msg->fragment.len != want)
		wire_refuse(w, PEER6_E_INVAL);
	put_acked(w, msg);
	peer6_wire_put_field(w, WIRE_SPLIT_CONTROLS, 4);
	wire_put_be(w, msg->size, 2);
	wire_put_be(w, msg->offset, 2);
	wire_put(w, msg->fragment.p, msg->fragment.len);
}

static void put_lookup(struct wire_writer *w, const struct peer6_pnrp_msg *msg)
{
	if (!criteria_known(msg->criteria) ||
	    !precision_possible(msg->criteria, msg->precision) || !msg->path.n)
		wire_refuse(w, PEER6_E_INVAL);
	peer6_wire_put_field(w, WIRE_LOOKUP_CONTROLS, 8);
	put_flags(w, msg->flags, WIRE_LOOKUP_FLAGS);
	wire_put_be(w, msg->precision, 2);
	wire_put_be(w, msg->criteria, 1);
	wire_put_be(w, msg->reason, 1);
	wire_put_be(w, 0, 2);
	peer6_wire_put_id(w, WIRE_TARGET_ID, &msg->target);
	peer6_wire_put_id(w, WIRE_VALIDATE_ID, &msg->validate);
	if (msg->has_route)
		peer6_wire_put_route(w, &msg->route);
	peer6_wire_put_path(w, &msg->path);
}

ptrdiff_t peer6_pnrp_msg_encode(const struct peer6_pnrp_msg *msg,
				void *buf, size_t size)
{
	struct wire_writer w = { .p = buf, .size = size };

	peer6_wire_put_field(&w, WIRE_HEADER, WIRE_HEADER_DATA);
	wire_put_be(&w, WIRE_IDENTIFIER, 1);
	wire_put_be(&w, WIRE_MAJOR, 1);
	wire_put_be(&w, WIRE_MINOR, 1);
	wire_put_be(&w, msg->type, 1);
	wire_put_be(&w, msg->id, 4);
	switch (msg->type) {
	case PEER6_PNRP_SOLICIT:
		put_solicit(&w, msg);
		break;
	case PEER6_PNRP_ADVERTISE:
		put_acked(&w, msg);
		put_ids(&w, &msg->ids);
		put_copy(&w, WIRE_HASHED_NONCE, msg->hashed_nonce,
			 PEER6_PNRP_HASH_LEN);
		break;
	case PEER6_PNRP_REQUEST:
		put_copy(&w, WIRE_NONCE, msg->nonce, PEER6_PNRP_NONCE_LEN);
		put_ids(&w, &msg->ids);
		break;
	case PEER6_PNRP_FLOOD:
		put_flood(&w, msg);
		break;
	case PEER6_PNRP_INQUIRE:
		peer6_wire_put_field(&w, WIRE_FLAGS, 2);
		put_flags(&w, msg->flags, WIRE_INQUIRE_FLAGS);
		peer6_wire_put_id(&w, WIRE_VALIDATE_ID, &msg->validate);
		if (msg->has_nonce)
			put_copy(&w, WIRE_NONCE, msg->nonce,
				 PEER6_PNRP_NONCE_LEN);
		break;
	case PEER6_PNRP_AUTHORITY:
		put_authority(&w, msg);
		break;
	case PEER6_PNRP_ACK:
		put_acked(&w, msg);
		if (!msg->flags)
			break;
		peer6_wire_put_field(&w, WIRE_FLAGS, 2);
		put_flags(&w, msg->flags, WIRE_ACK_FLAGS);
		break;
	case PEER6_PNRP_LOOKUP:
		put_lookup(&w, msg);
		break;
	default:
		wire_refuse(&w, PEER6_E_INVAL);
	}
	return wire_written(&w);
}

void peer6_pnrp_ids_get(const struct peer6_pnrp_ids *ids, unsigned int i,
			struct peer6_pnrp_id *out)
{
	memcpy(out->b, ids->p + (size_t)i * PEER6_PNRP_ID_LEN,
	       PEER6_PNRP_ID_LEN);
}

const char *peer6_pnrp_type_name(uint8_t type)
{
	switch (type) {
	case PEER6_PNRP_SOLICIT:
		return "SOLICIT";
	case PEER6_PNRP_ADVERTISE:
		return "ADVERTISE";
	case PEER6_PNRP_REQUEST:
		return "REQUEST";
	case PEER6_PNRP_FLOOD:
		return "FLOOD";
	case PEER6_PNRP_INQUIRE:
		return "INQUIRE";
	case PEER6_PNRP_AUTHORITY:
		return "AUTHORITY";
	case PEER6_PNRP_ACK:
		return "ACK";
	case PEER6_PNRP_LOOKUP:
		return "LOOKUP";
	}
	return "unknown";
}
