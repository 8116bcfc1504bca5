// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Messages and AUTHORITY_BUFFERs for people. The fields are walked by their own
 * lengths and not by the decoder, so that what is wrong is shown as far as it
 * can be; what the decoder thinks of the whole marks the line to blame.
 */
#include <stdio.h>

#include "print.h"

static const struct {
	uint16_t id;
	const char *name;
} fields[] = {
	{ WIRE_HEADER, "PNRP_HEADER" },
	{ WIRE_HEADER_ACKED, "PNRP_HEADER_ACKED" },
	{ WIRE_TARGET_ID, "TARGET_PNRP_ID" },
	{ WIRE_VALIDATE_ID, "VALIDATE_PNRP_ID" },
	{ WIRE_FLAGS, "FLAGS_FIELD" },
	{ WIRE_FLOOD_CONTROLS, "FLOOD_CONTROLS" },
	{ WIRE_SOLICIT_CONTROLS, "SOLICIT_CONTROLS" },
	{ WIRE_LOOKUP_CONTROLS, "LOOKUP_CONTROLS" },
	{ WIRE_EXTENDED_PAYLOAD, "EXTENDED_PAYLOAD" },
	{ WIRE_ID_ARRAY, "PNRP_ID_ARRAY" },
	{ WIRE_CERT_CHAIN, "CERT_CHAIN" },
	{ WIRE_CLASSIFIER, "CLASSIFIER" },
	{ WIRE_HASHED_NONCE, "HASHED_NONCE" },
	{ WIRE_NONCE, "NONCE" },
	{ WIRE_SPLIT_CONTROLS, "SPLIT_CONTROLS" },
	{ WIRE_ROUTING_ENTRY, "ROUTING_ENTRY" },
	{ WIRE_VALIDATE_CPA, "VALIDATE_CPA" },
	{ WIRE_REVOKE_CPA, "REVOKE_CPA" },
	{ WIRE_ENDPOINT_ARRAY, "IPV6_ENDPOINT_ARRAY" },
};

static const struct print_bit flood_bits[] = { { PEER6_PNRP_FLOOD_D, 'D' } };
static const struct print_bit ack_bits[] = { { PEER6_PNRP_ACK_N, 'N' } };
static const struct print_bit lookup_bits[] = { { PEER6_PNRP_LOOKUP_A, 'A' } };
static const struct print_bit inquire_bits[] = {
	{ PEER6_PNRP_INQUIRE_A, 'A' }, { PEER6_PNRP_INQUIRE_X, 'X' },
	{ PEER6_PNRP_INQUIRE_C, 'C' },
};
static const struct print_bit authority_bits[] = {
	{ PEER6_PNRP_AUTH_L, 'L' }, { PEER6_PNRP_AUTH_B, 'B' },
	{ PEER6_PNRP_AUTH_N, 'N' },
};

#define BITS(table)	(table), sizeof(table) / sizeof((table)[0])

static const char *field_name(unsigned int id)
{
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (fields[i].id == id)
			return fields[i].name;
	return "unknown field";
}

static const char *criteria_name(uint8_t criteria)
{
	switch (criteria) {
	case PEER6_PNRP_NONE:
		return "NONE";
	case PEER6_PNRP_ANY_PEERNAME:
		return "ANY_PEERNAME";
	case PEER6_PNRP_NEAREST_PEERNAME:
		return "NEAREST_PEERNAME";
	case PEER6_PNRP_NEAREST64_PEERNAME:
		return "NEAREST64_PEERNAME";
	case PEER6_PNRP_UPPER_BITS:
		return "UPPER_BITS";
	}
	return "unknown";
}

static const char *reason_name(uint8_t reason)
{
	switch (reason) {
	case PEER6_PNRP_APP_REQUEST:
		return "APP_REQUEST";
	case PEER6_PNRP_REGISTRATION:
		return "REGISTRATION";
	case PEER6_PNRP_CACHE_MAINTENANCE:
		return "CACHE_MAINTENANCE";
	case PEER6_PNRP_SPLIT_DETECTION:
		return "SPLIT_DETECTION";
	}
	return "unknown";
}

static unsigned int number(const struct print *pr, size_t pos)
{
	return (unsigned int)wire_be(pr->p + pos, 2);
}

/* @type: of the message, 0 in an AUTHORITY_BUFFER. */
static void print_flags_field(struct print *pr, size_t pos, uint8_t type)
{
	unsigned int flags = number(pr, pos);
	char text[PRINT_FLAGS_MAX];

	switch (type) {
	case PEER6_PNRP_INQUIRE:
		p6out_flags(flags, 4, BITS(inquire_bits), text);
		break;
	case PEER6_PNRP_ACK:
		p6out_flags(flags, 4, BITS(ack_bits), text);
		break;
	default:
		p6out_flags(flags, 4, BITS(authority_bits), text);
	}
	p6out_line(pr, pos, 2, 1, "Flags", "%s", text);
}

static void print_lookup_controls(struct print *pr, size_t pos)
{
	char text[PRINT_FLAGS_MAX];

	p6out_line(pr, pos, 2, 1, "Flags", "%s",
		   p6out_flags(number(pr, pos), 4, BITS(lookup_bits), text));
	p6out_line(pr, pos + 2, 2, 1, "Precision", "%u", number(pr, pos + 2));
	p6out_line(pr, pos + 4, 1, 1, "ResolveCriteria", "%u %s",
		   pr->p[pos + 4], criteria_name(pr->p[pos + 4]));
	p6out_line(pr, pos + 5, 1, 1, "ResolveReasonCode", "%u %s",
		   pr->p[pos + 5], reason_name(pr->p[pos + 5]));
}

static void print_route(struct print *pr, size_t pos, size_t len)
{
	char text[PRINT_ENDPOINT_MAX];
	unsigned int i, port;
	size_t end = pos + len;

	port = number(pr, pos + 34);
	p6out_id(pr, pos, 1, "PNRP ID");
	p6out_line(pr, pos + 32, 2, 1, "PNRP version", "%u.%u", pr->p[pos + 32],
		   pr->p[pos + 33]);
	p6out_line(pr, pos + 34, 2, 1, "Port", "%u", port);
	p6out_line(pr, pos + 36, 1, 1, "Flags", "0x%02x", pr->p[pos + 36]);
	p6out_line(pr, pos + 37, 1, 1, "Address count", "%u", pr->p[pos + 37]);
	i = pr->p[pos + 37];
	for (pos += WIRE_ROUTE_FIXED; i && end - pos >= 16; i--, pos += 16)
		p6out_line(pr, pos, 16, 2, "Address", "%s",
			   p6out_endpoint(pr->p + pos, port, text));
	p6out_bytes(pr, pos, end - pos, 1, "(rest)");
}

static void print_classifier(struct print *pr, size_t pos, size_t end,
			     unsigned int n)
{
	uint16_t units[PEER6_PNRP_CLASSIFIER_MAX];
	bool le = pr->dialect && pr->dialect->classifier_le;
	size_t len = end - pos, i;

	if (n > PEER6_PNRP_CLASSIFIER_MAX || 2 * n > len) {
		p6out_bytes(pr, pos, len, 1, "(characters)");
		return;
	}
	for (i = 0; i < n; i++)
		units[i] = (uint16_t)(le ? wire_le(pr->p + pos + 2 * i, 2) :
					   wire_be(pr->p + pos + 2 * i, 2));
	p6out_text(pr, pos, 2 * (size_t)n, 1, "Classifier", units, n);
	p6out_bytes(pr, pos + 2 * (size_t)n, len - 2 * (size_t)n, 1, "(rest)");
}

static void print_array(struct print *pr, size_t pos, size_t len,
			unsigned int id)
{
	size_t end = pos + len, size = id == WIRE_ID_ARRAY ?
		PEER6_PNRP_ID_LEN : WIRE_ENDPOINT_LEN;
	unsigned int n = number(pr, pos), i;
	char text[PRINT_ENDPOINT_MAX];

	p6out_line(pr, pos, 2, 1, "NumEntries", "%u", n);
	p6out_line(pr, pos + 2, 2, 1, "ArrayLength", "%u", number(pr, pos + 2));
	p6out_line(pr, pos + 4, 2, 1, "ElementFieldType", "0x%04x",
		   number(pr, pos + 4));
	p6out_line(pr, pos + 6, 2, 1, "EntryLength", "%u", number(pr, pos + 6));
	pos += WIRE_ARRAY_HEADER;
	if (id == WIRE_CLASSIFIER) {
		print_classifier(pr, pos, end, n);
		return;
	}
	for (i = 0; i < n && end - pos >= size; i++, pos += size) {
		if (id == WIRE_ID_ARRAY)
			p6out_id(pr, pos, 2, "PNRP ID");
		else
			p6out_line(pr, pos, size, 2, "Endpoint", "%s",
				   p6out_endpoint(pr->p + pos + 2,
						  number(pr, pos), text));
	}
	p6out_bytes(pr, pos, end - pos, 1, "(rest)");
}

/* What the data of a field has at least, for it to be taken apart. */
static size_t least(unsigned int id)
{
	switch (id) {
	case WIRE_HEADER:
		return WIRE_HEADER_DATA;
	case WIRE_HEADER_ACKED:
	case WIRE_SPLIT_CONTROLS:
		return 4;
	case WIRE_TARGET_ID:
	case WIRE_VALIDATE_ID:
		return PEER6_PNRP_ID_LEN;
	case WIRE_FLAGS:
	case WIRE_FLOOD_CONTROLS:
	case WIRE_SOLICIT_CONTROLS:
		return 2;
	case WIRE_LOOKUP_CONTROLS:
	case WIRE_ID_ARRAY:
	case WIRE_ENDPOINT_ARRAY:
	case WIRE_CLASSIFIER:
		return WIRE_ARRAY_HEADER;
	case WIRE_ROUTING_ENTRY:
		return WIRE_ROUTE_FIXED;
	}
	return 0;
}

static void print_header(struct print *pr, size_t pos)
{
	p6out_line(pr, pos, 1, 1, "Identifier", "0x%02x", pr->p[pos]);
	p6out_line(pr, pos + 1, 2, 1, "Version", "%u.%u", pr->p[pos + 1],
		   pr->p[pos + 2]);
	p6out_line(pr, pos + 3, 1, 1, "Message Type", "%u %s", pr->p[pos + 3],
		   peer6_pnrp_type_name(pr->p[pos + 3]));
	p6out_line(pr, pos + 4, 4, 1, "Message ID", "0x%08lx",
		   (unsigned long)wire_be(pr->p + pos + 4, 4));
}

static void print_data(struct print *pr, unsigned int id, size_t pos,
		       size_t len, uint8_t type)
{
	char text[PRINT_FLAGS_MAX];

	if (len < least(id)) {
		p6out_bytes(pr, pos, len, 1, "(data)");
		return;
	}
	switch (id) {
	case WIRE_HEADER:
		print_header(pr, pos);
		break;
	case WIRE_HEADER_ACKED:
		p6out_line(pr, pos, 4, 1, "Acked Message ID", "0x%08lx",
			   (unsigned long)wire_be(pr->p + pos, 4));
		break;
	case WIRE_TARGET_ID:
	case WIRE_VALIDATE_ID:
		p6out_id(pr, pos, 1, "PNRP ID");
		break;
	case WIRE_FLAGS:
		print_flags_field(pr, pos, type);
		break;
	case WIRE_FLOOD_CONTROLS:
		p6out_line(pr, pos, 2, 1, "Flags", "%s",
			   p6out_flags(number(pr, pos), 4, BITS(flood_bits),
				       text));
		break;
	case WIRE_SOLICIT_CONTROLS:
		p6out_line(pr, pos + 1, 1, 1, "SolicitType", "%u %s",
			   pr->p[pos + 1], pr->p[pos + 1] ==
			   PEER6_PNRP_SOLICIT_ANY ? "ANY" : pr->p[pos + 1] ==
			   PEER6_PNRP_SOLICIT_LOCAL ? "LOCAL" : "unknown");
		break;
	case WIRE_LOOKUP_CONTROLS:
		print_lookup_controls(pr, pos);
		break;
	case WIRE_ID_ARRAY:
	case WIRE_ENDPOINT_ARRAY:
	case WIRE_CLASSIFIER:
		print_array(pr, pos, len, id);
		break;
	case WIRE_ROUTING_ENTRY:
		print_route(pr, pos, len);
		break;
	case WIRE_SPLIT_CONTROLS:
		p6out_line(pr, pos, 2, 1, "Size", "%u", number(pr, pos));
		p6out_line(pr, pos + 2, 2, 1, "Offset", "%u",
			   number(pr, pos + 2));
		break;
	case WIRE_VALIDATE_CPA:
	case WIRE_REVOKE_CPA:
		p6out_cpa(pr, pos, len);
		break;
	case WIRE_EXTENDED_PAYLOAD:
		p6out_payload(pr, pos, len);
		break;
	default:
		p6out_bytes(pr, pos, len, 1, "(data)");
	}
}

/* What follows the SPLIT_CONTROLS at @pos is no field. */
static void print_fragment(struct print *pr, size_t pos)
{
	unsigned int size = number(pr, pos + 4), offset = number(pr, pos + 6);
	size_t len;

	pos += WIRE_FIELD_HEADER + 4;
	len = pr->len - pos;
	if (!offset && len == size)
		p6out_authority(pr, pos, len);
	else if (len)
		p6out_line(pr, pos, len, 0, "AUTHORITY_BUFFER",
			   "bytes %u to %lu of %u", offset,
			   (unsigned long)(offset + len - 1), size);
}

static void print_fields(struct print *pr, uint8_t type)
{
	size_t pos = 0, len;
	unsigned int id;

	while (pos < pr->len && pr->len - pos >= WIRE_FIELD_HEADER) {
		id = number(pr, pos);
		len = number(pr, pos + 2);
		p6out_line(pr, pos, WIRE_FIELD_HEADER, 0, field_name(id),
			   "0x%04x, %u bytes", id, (unsigned int)len);
		if (len < WIRE_FIELD_HEADER || len > pr->len - pos) {
			pos += WIRE_FIELD_HEADER;
			break;
		}
		print_data(pr, id, pos + WIRE_FIELD_HEADER,
			   len - WIRE_FIELD_HEADER, type);
		if (type == PEER6_PNRP_AUTHORITY && id == WIRE_SPLIT_CONTROLS &&
		    len == WIRE_FIELD_HEADER + 4) {
			print_fragment(pr, pos);
			return;
		}
		pos = wire_align(pos + len);
	}
	if (pos < pr->len)
		p6out_bytes(pr, pos, pr->len - pos, 0, "(rest)");
}

/* Without its header nothing says that these are fields. */
static void print_msg(struct print *pr)
{
	if (pr->err == PEER6_E_HEADER ||
	    pr->len < WIRE_FIELD_HEADER + WIRE_HEADER_DATA)
		p6out_bytes(pr, 0, pr->len, 0, "(no PNRP 4.0 header)");
	else
		print_fields(pr, pr->p[7]);
	p6out_end(pr);
}

void p6out_authority(struct print *outer, size_t pos, size_t len)
{
	static const uint8_t none;
	struct peer6_pnrp_authority a;
	struct print pr = *outer;

	pr.p = len ? outer->p + pos : &none;
	pr.len = len;
	pr.base = outer->base + pos;
	pr.marked = false;
	pr.inner = 0;
	pr.err = peer6_wire_authority_decode(&a, pr.dialect, pr.p, len, &pr.at);
	print_fields(&pr, 0);
	p6out_end(&pr);
	if (!outer->inner)
		outer->inner = pr.err ? pr.err : pr.inner;
}

int peer6_pnrp_print(enum peer6_pnrp_kind kind,
		     const struct peer6_pnrp_dialect *dialect,
		     const void *buf, size_t len,
		     peer6_pnrp_line_fn fn, void *ctx)
{
	struct peer6_pnrp_msg msg;
	struct print pr = {
		.fn = fn,
		.ctx = ctx,
		.dialect = dialect,
		.p = buf,
		.len = len,
	};

	switch (kind) {
	case PEER6_PNRP_KIND_MSG:
		pr.err = peer6_wire_msg_decode(&msg, buf, len, &pr.at);
		print_msg(&pr);
		break;
	case PEER6_PNRP_KIND_AUTHORITY:
		p6out_authority(&pr, 0, len);
		break;
	case PEER6_PNRP_KIND_CPA:
		p6out_cpa(&pr, 0, len);
		break;
	case PEER6_PNRP_KIND_PAYLOAD:
		p6out_payload(&pr, 0, len);
		break;
	default:
		return PEER6_E_INVAL;
	}
	return pr.err ? pr.err : pr.inner;
}
