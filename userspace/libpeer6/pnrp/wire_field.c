// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire_field.h"

bool peer6_wire_follows(struct wire_reader *r, uint16_t id)
{
	size_t pos = wire_align(r->pos);

	if (r->err || pos >= r->len)
		return false;
	if (r->len - pos < WIRE_FIELD_HEADER) {
		wire_fail(r, PEER6_E_TRUNCATED, pos);
		return false;
	}
	return wire_be(r->p + pos, 2) == id;
}

const uint8_t *peer6_wire_field(struct wire_reader *r, uint16_t id, size_t *len)
{
	size_t pos = wire_align(r->pos);
	const uint8_t *data;

	*len = 0;
	if (r->err)
		return NULL;
	if (pos > r->len) {
		wire_fail(r, PEER6_E_TRUNCATED, r->pos);
		return NULL;
	}
	r->pos = pos;
	if (wire_get_be16(r) != id)
		wire_fail(r, PEER6_E_FIELD, pos);
	*len = wire_get_be16(r);
	if (*len < WIRE_FIELD_HEADER) {
		wire_fail(r, PEER6_E_LENGTH, pos + 2);
		*len = 0;
		return NULL;
	}
	*len -= WIRE_FIELD_HEADER;
	data = wire_take(r, *len);
	if (!data)
		*len = 0;
	return data;
}

const uint8_t *peer6_wire_fixed(struct wire_reader *r, uint16_t id, size_t len)
{
	size_t pos = wire_align(r->pos), got;
	const uint8_t *data = peer6_wire_field(r, id, &got);

	if (data && got != len) {
		wire_fail(r, PEER6_E_LENGTH, pos + 2);
		return NULL;
	}
	return data;
}

const uint8_t *peer6_wire_array(struct wire_reader *r, uint16_t id,
				uint16_t type, size_t size, uint16_t max,
				uint16_t *n)
{
	size_t pos = wire_align(r->pos), len;
	const uint8_t *data = peer6_wire_field(r, id, &len);

	*n = 0;
	if (!data)
		return NULL;
	if (len < WIRE_ARRAY_HEADER) {
		wire_fail(r, PEER6_E_LENGTH, pos + 2);
		return NULL;
	}
	pos += WIRE_FIELD_HEADER;
	*n = (uint16_t)wire_be(data, 2);
	if (wire_be(data + 4, 2) != type)
		wire_fail(r, PEER6_E_FIELD, pos + 4);
	if (wire_be(data + 6, 2) != size)
		wire_fail(r, PEER6_E_LENGTH, pos + 6);
	if (wire_be(data + 2, 2) != WIRE_ARRAY_HEADER + *n * size)
		wire_fail(r, PEER6_E_LENGTH, pos + 2);
	if (len != WIRE_ARRAY_HEADER + *n * size)
		wire_fail(r, PEER6_E_LENGTH, pos - 2);
	if (*n > max)
		wire_fail(r, PEER6_E_VALUE, pos);
	if (r->err) {
		*n = 0;
		return NULL;
	}
	return data + WIRE_ARRAY_HEADER;
}

/*
 * A port that nobody may use is kept: the entry is to be ignored, not the
 * message that brought it.
 */
void peer6_wire_get_route(struct wire_reader *r, struct peer6_pnrp_route *route)
{
	size_t pos = wire_align(r->pos) + WIRE_FIELD_HEADER, len;
	const uint8_t *p = peer6_wire_field(r, WIRE_ROUTING_ENTRY, &len);
	unsigned int n;

	if (!p)
		return;
	if (len < WIRE_ROUTE_FIXED) {
		wire_fail(r, PEER6_E_LENGTH, pos - 2);
		return;
	}
	n = p[37];
	if (p[32] != WIRE_MAJOR || p[33] != WIRE_MINOR)
		wire_fail(r, PEER6_E_VALUE, pos + 32);
	if (n < 1 || n > PEER6_PNRP_ADDRS_MAX)
		wire_fail(r, PEER6_E_VALUE, pos + 37);
	if (len != WIRE_ROUTE_FIXED + 16 * n)
		wire_fail(r, PEER6_E_LENGTH, pos - 2);
	if (r->err)
		return;
	memcpy(route->id.b, p, PEER6_PNRP_ID_LEN);
	route->port = (uint16_t)wire_be(p + 34, 2);
	route->n_addrs = (uint8_t)n;
	memcpy(route->addrs, p + WIRE_ROUTE_FIXED, 16 * n);
}

void peer6_wire_get_id(struct wire_reader *r, uint16_t id,
		       struct peer6_pnrp_id *out)
{
	const uint8_t *p = peer6_wire_fixed(r, id, PEER6_PNRP_ID_LEN);

	if (p)
		memcpy(out->b, p, PEER6_PNRP_ID_LEN);
}

void peer6_wire_get_path(struct wire_reader *r, struct peer6_pnrp_path *path)
{
	unsigned int i;
	const uint8_t *p;
	uint16_t n;

	p = peer6_wire_array(r, WIRE_ENDPOINT_ARRAY, WIRE_ENDPOINT,
			     WIRE_ENDPOINT_LEN, PEER6_PNRP_PATH_MAX, &n);
	if (!p)
		return;
	path->n = (uint8_t)n;
	for (i = 0; i < n; i++, p += WIRE_ENDPOINT_LEN) {
		path->ep[i].port = (uint16_t)wire_be(p, 2);
		memcpy(path->ep[i].addr, p + 2, 16);
	}
}

void peer6_wire_get_bytes(struct wire_reader *r, uint16_t id,
			  struct peer6_pnrp_bytes *bytes)
{
	bytes->p = peer6_wire_field(r, id, &bytes->len);
}

void peer6_wire_end(struct wire_reader *r)
{
	size_t pos = wire_align(r->pos);

	if (!r->err && r->pos != r->len && pos != r->len)
		wire_fail(r, PEER6_E_TRAILING, pos < r->len ? pos : r->pos);
}

void peer6_wire_put_field(struct wire_writer *w, uint16_t id, size_t len)
{
	if (len > UINT16_MAX - WIRE_FIELD_HEADER)
		wire_refuse(w, PEER6_E_INVAL);
	wire_put_be(w, 0, wire_align(w->pos) - w->pos);
	wire_put_be(w, id, 2);
	wire_put_be(w, WIRE_FIELD_HEADER + len, 2);
}

void peer6_wire_put_array(struct wire_writer *w, uint16_t id, uint16_t type,
			  size_t size, size_t n)
{
	peer6_wire_put_field(w, id, WIRE_ARRAY_HEADER + n * size);
	wire_put_be(w, n, 2);
	wire_put_be(w, WIRE_ARRAY_HEADER + n * size, 2);
	wire_put_be(w, type, 2);
	wire_put_be(w, size, 2);
}

void peer6_wire_put_route(struct wire_writer *w,
			  const struct peer6_pnrp_route *route)
{
	if (route->n_addrs < 1 || route->n_addrs > PEER6_PNRP_ADDRS_MAX) {
		wire_refuse(w, PEER6_E_INVAL);
		return;
	}
	peer6_wire_put_field(w, WIRE_ROUTING_ENTRY,
			     WIRE_ROUTE_FIXED + 16 * (size_t)route->n_addrs);
	wire_put(w, route->id.b, PEER6_PNRP_ID_LEN);
	wire_put_be(w, WIRE_MAJOR, 1);
	wire_put_be(w, WIRE_MINOR, 1);
	wire_put_be(w, route->port, 2);
	wire_put_be(w, 0, 1);
	wire_put_be(w, route->n_addrs, 1);
	wire_put(w, route->addrs, 16 * (size_t)route->n_addrs);
}

void peer6_wire_put_id(struct wire_writer *w, uint16_t id,
		       const struct peer6_pnrp_id *value)
{
	peer6_wire_put_field(w, id, PEER6_PNRP_ID_LEN);
	wire_put(w, value->b, PEER6_PNRP_ID_LEN);
}

void peer6_wire_put_path(struct wire_writer *w,
			 const struct peer6_pnrp_path *path)
{
	unsigned int i;

	if (path->n > PEER6_PNRP_PATH_MAX) {
		wire_refuse(w, PEER6_E_INVAL);
		return;
	}
	peer6_wire_put_array(w, WIRE_ENDPOINT_ARRAY, WIRE_ENDPOINT,
			     WIRE_ENDPOINT_LEN, path->n);
	for (i = 0; i < path->n; i++) {
		wire_put_be(w, path->ep[i].port, 2);
		wire_put(w, path->ep[i].addr, 16);
	}
}

void peer6_wire_put_bytes(struct wire_writer *w, uint16_t id,
			  const struct peer6_pnrp_bytes *bytes)
{
	peer6_wire_put_field(w, id, bytes->len);
	wire_put(w, bytes->p, bytes->len);
}
