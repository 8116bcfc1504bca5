// SPDX-License-Identifier: LGPL-2.1-or-later
/* The signed records, Encoded CPA and EXTENDED_PAYLOAD, for people. */
#include <stdio.h>

#include <peer6/name.h>

#include "print.h"

static const struct print_bit cpa_bits[] = {
	{ PEER6_PNRP_CPA_X, 'X' }, { PEER6_PNRP_CPA_F, 'F' },
	{ PEER6_PNRP_CPA_C, 'C' }, { PEER6_PNRP_CPA_A, 'A' },
	{ PEER6_PNRP_CPA_U, 'U' }, { PEER6_PNRP_CPA_R, 'R' },
};

/*
 * The records have no field headers: a part is where the ones before it end.
 * Whoever finds less than a part needs shows what is left and stops there.
 */
struct parts {
	struct print	*pr;
	size_t		pos;
	bool		stopped;
};

/* Place of the next @n bytes; @ok tells if they are there. */
static size_t part(struct parts *c, size_t n, bool *ok)
{
	size_t pos = c->pos;

	*ok = false;
	if (c->stopped)
		return pos;
	if (n > c->pr->len - pos) {
		p6out_bytes(c->pr, pos, c->pr->len - pos, 0, "(rest)");
		c->pos = c->pr->len;
		c->stopped = true;
		return pos;
	}
	c->pos += n;
	*ok = true;
	return pos;
}

static unsigned int number(struct parts *c, const char *name)
{
	unsigned int value;
	size_t pos;
	bool ok;

	pos = part(c, 2, &ok);
	if (!ok)
		return 0;
	value = (unsigned int)wire_le(c->pr->p + pos, 2);
	p6out_line(c->pr, pos, 2, 0, name, "%u", value);
	return value;
}

static void version(struct parts *c, const char *name)
{
	size_t pos;
	bool ok;

	pos = part(c, 2, &ok);
	if (ok)
		p6out_line(c->pr, pos, 2, 0, name, "%u.%u", c->pr->p[pos + 1],
			   c->pr->p[pos]);
}

static void bytes(struct parts *c, size_t n, const char *name)
{
	size_t pos;
	bool ok;

	pos = part(c, n, &ok);
	if (ok)
		p6out_bytes(c->pr, pos, n, 0, name);
}

/* At most 32 bytes that stand last byte first. */
static void reversed(struct parts *c, size_t n, const char *name)
{
	char text[2 * PEER6_PNRP_ID_LEN + 1];
	size_t pos, i;
	bool ok;

	pos = part(c, n, &ok);
	if (!ok)
		return;
	for (i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", c->pr->p[pos + n - 1 - i]);
	p6out_line(c->pr, pos, n, 0, name, "%s", text);
}

static void not_after(struct parts *c)
{
	char text[PRINT_TIME_MAX];
	size_t pos;
	bool ok;

	pos = part(c, 8, &ok);
	if (ok)
		p6out_line(c->pr, pos, 8, 0, "Not After", "%s",
			   p6out_time(wire_le(c->pr->p + pos, 8), text));
}

/* Text of @n bytes in UTF-16LE or UTF-8; what is neither is shown as bytes. */
static void text(struct parts *c, size_t n, bool is_utf8, const char *name)
{
	uint16_t units[PRINT_VALUE_MAX];
	ptrdiff_t k = 0;
	size_t pos, i;
	bool ok;

	pos = part(c, n, &ok);
	if (!ok)
		return;
	if (is_utf8) {
		k = peer6_utf8_to_utf16((const char *)c->pr->p + pos, n, units,
					PRINT_VALUE_MAX);
	} else if (n % 2) {
		k = PEER6_E_VALUE;
	} else {
		for (i = 0; i < n && k < PRINT_VALUE_MAX; i += 2)
			units[k++] = (uint16_t)wire_le(c->pr->p + pos + i, 2);
	}
	if (k < 0) {
		p6out_bytes(c->pr, pos, n, 0, name);
		return;
	}
	while (k && !units[k - 1])
		k--;
	p6out_text(c->pr, pos, n, 0, name, units, (size_t)k);
}

static void services(struct parts *c)
{
	char endpoint[PRINT_ENDPOINT_MAX];
	unsigned int n;
	size_t pos;
	bool ok;

	n = number(c, "NumServiceAddresses");
	number(c, "ServiceAddressLength");
	while (n--) {
		pos = part(c, WIRE_ENDPOINT_LEN, &ok);
		if (!ok)
			return;
		p6out_line(c->pr, pos, WIRE_ENDPOINT_LEN, 1, "Service address",
			   "%s", p6out_endpoint(c->pr->p + pos + 2,
				(unsigned int)wire_be(c->pr->p + pos, 2),
				endpoint));
	}
}

static void app(struct parts *c, size_t pos)
{
	bool le = c->pr->dialect && c->pr->dialect->app_port_le;
	const uint8_t *p = c->pr->p + pos;
	char endpoint[PRINT_ENDPOINT_MAX];
	unsigned int protocol = (unsigned int)wire_le(p + 18, 2);

	p6out_line(c->pr, pos, WIRE_APP_LEN, 1, "Application endpoint",
		   "%s protocol %u%s", p6out_endpoint(p, (unsigned int)
			(le ? wire_le(p + 16, 2) : wire_be(p + 16, 2)),
			endpoint),
		   protocol, protocol == 6 ? " (TCP)" : protocol == 17 ?
		   " (UDP)" : "");
}

static void apps(struct parts *c)
{
	unsigned int n;
	size_t pos;
	bool ok;

	n = number(c, "NumPayloads");
	number(c, "Total Bytes of Payloads");
	if (!n)
		return;
	pos = part(c, 4, &ok);
	if (ok)
		p6out_line(c->pr, pos, 4, 0, "Payload Type", "%lu",
			   (unsigned long)wire_le(c->pr->p + pos, 4));
	for (n = number(c, "DataLength"); n >= WIRE_APP_LEN;
	     n -= WIRE_APP_LEN) {
		pos = part(c, WIRE_APP_LEN, &ok);
		if (!ok)
			return;
		app(c, pos);
	}
	bytes(c, n, "(rest of the payload)");
}

static void key(struct parts *c)
{
	size_t pos;
	bool ok;

	number(c, "CPA Public Key Length");
	number(c, "Algorithm ObjId Length");
	number(c, "Reserved");
	number(c, "PublicKey cbData");
	pos = part(c, 1, &ok);
	if (ok)
		p6out_line(c->pr, pos, 1, 0, "PublicKey Unused", "%u",
			   c->pr->p[pos]);
	text(c, WIRE_KEY_OID_LEN, true, "Algorithm ObjId");
	bytes(c, PEER6_PNRP_KEY_LEN, "PublicKey Data");
}

static void signature(struct parts *c)
{
	size_t pos;
	bool ok;

	number(c, "SIGNATURE Length");
	number(c, "Signature Data Length");
	pos = part(c, 4, &ok);
	if (ok)
		p6out_line(c->pr, pos, 4, 0, "Hash Identifier", "0x%08lx",
			   (unsigned long)wire_le(c->pr->p + pos, 4));
	bytes(c, PEER6_PNRP_SIG_LEN, "Signature Data");
}

static struct parts begin(struct print *pr, const struct print *outer,
			  size_t pos, size_t len)
{
	static const uint8_t none;

	*pr = *outer;
	pr->p = len ? outer->p + pos : &none;
	pr->len = len;
	pr->base = outer->base + pos;
	/* Within a field, one step to the right. */
	if (outer->len != len || outer->base != pr->base)
		pr->depth++;
	pr->marked = false;
	pr->inner = 0;
	return (struct parts){ .pr = pr };
}

static void end(struct parts *c, struct print *outer)
{
	struct print *pr = c->pr;

	if (!c->stopped)
		p6out_bytes(pr, c->pos, pr->len - c->pos, 0, "(rest)");
	p6out_end(pr);
	if (!outer->inner)
		outer->inner = pr->err;
}

void p6out_cpa(struct print *outer, size_t pos, size_t len)
{
	struct peer6_pnrp_cpa cpa;
	char flags_text[PRINT_FLAGS_MAX];
	unsigned int flags = 0;
	struct print pr;
	struct parts c = begin(&pr, outer, pos, len);
	bool ok, has_nonce;

	pr.err = peer6_wire_cpa_decode(&cpa, pr.dialect, pr.p, len, &pr.at,
				       &has_nonce);
	number(&c, "CPA Length");
	version(&c, "CPA Version");
	version(&c, "PNRP Version");
	pos = part(&c, 1, &ok);
	if (ok) {
		flags = pr.p[pos];
		p6out_line(&pr, pos, 1, 0, "Flags", "%s",
			   p6out_flags(flags, 2, cpa_bits,
				       sizeof(cpa_bits) / sizeof(cpa_bits[0]),
				       flags_text));
	}
	bytes(&c, 1, "Reserved");
	not_after(&c);
	reversed(&c, 16, "Service Location");
	if (has_nonce)
		bytes(&c, PEER6_PNRP_NONCE_LEN, "Nonce");
	if (flags & PEER6_PNRP_CPA_A) {
		if (pr.dialect && pr.dialect->authority_forward)
			bytes(&c, PEER6_PNRP_HASH_LEN, "BinaryAuthority");
		else
			reversed(&c, PEER6_PNRP_HASH_LEN, "BinaryAuthority");
	}
	if (flags & PEER6_PNRP_CPA_C)
		bytes(&c, PEER6_PNRP_HASH_LEN, "ClassifierHash");
	if (flags & PEER6_PNRP_CPA_F)
		text(&c, number(&c, "FriendlyName Length"),
		     flags & PEER6_PNRP_CPA_U, "FriendlyName");
	services(&c);
	apps(&c);
	key(&c);
	signature(&c);
	end(&c, outer);
}

void p6out_payload(struct print *outer, size_t pos, size_t len)
{
	struct peer6_pnrp_payload payload;
	unsigned int n, string_type = 0;
	uint64_t type = 0;
	struct print pr;
	struct parts c = begin(&pr, outer, pos, len);
	bool ok;

	pr.err = peer6_wire_payload_decode(&payload, pr.p, len, &pr.at);
	number(&c, "Length");
	version(&c, "Version");
	number(&c, "Reserved");
	number(&c, "Signature Offset");
	not_after(&c);
	reversed(&c, PEER6_PNRP_ID_LEN, "PNRP ID");
	bytes(&c, PEER6_PNRP_NONCE_LEN, "Nonce");
	number(&c, "NumPayloads");
	number(&c, "Total Bytes of Payloads");
	pos = part(&c, 4, &ok);
	if (ok) {
		type = wire_le(pr.p + pos, 4);
		p6out_line(&pr, pos, 4, 0, "Payload Type", "0x%08lx%s",
			   (unsigned long)type,
			   type == PEER6_PNRP_PAYLOAD_STRING ? " (string)" :
			   type == PEER6_PNRP_PAYLOAD_BINARY ? " (binary)" :
			   "");
	}
	n = number(&c, "Payload Length");
	if (type == PEER6_PNRP_PAYLOAD_STRING && n >= 2) {
		string_type = number(&c, "String Type");
		text(&c, n - 2, string_type == 1, "Payload");
	} else {
		bytes(&c, n, "Payload");
	}
	signature(&c);
	end(&c, outer);
}
