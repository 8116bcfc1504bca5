// SPDX-License-Identifier: GPL-2.0-or-later
/* What people see of messages and records, good and bad. */
#include <stdio.h>
#include <string.h>

#include <peer6/pnrp_print.h>

#include "cases.h"
#include "pnrp_vectors.h"

struct seen {
	char text[16384];
	size_t n;
	size_t end;		/* of the input */
	size_t last;		/* offset of the line before */
	unsigned int lines;
	unsigned int errors;
	size_t error_at;
	size_t error_len;
	int error;
	bool bad;		/* a line that may not be */
};

static struct seen seen;

static void see(void *ctx, const struct peer6_pnrp_line *line)
{
	struct seen *s = ctx;
	const char *c;

	if (line->offset < s->last || line->offset + line->len > s->end)
		s->bad = true;
	for (c = line->value; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			s->bad = true;
	s->last = line->offset;
	s->lines++;
	if (line->error) {
		s->errors++;
		s->error = line->error;
		s->error_at = line->offset;
		s->error_len = line->len;
	}
	s->n += peer6_pnrp_line_text(line, s->text + s->n,
				     sizeof(s->text) - s->n - 1);
	s->text[s->n++] = '\n';
	s->text[s->n] = '\0';
}

static int show(enum peer6_pnrp_kind kind,
		const struct peer6_pnrp_dialect *dialect, const uint8_t *bytes,
		size_t len)
{
	memset(&seen, 0, sizeof(seen));
	seen.end = len;
	return peer6_pnrp_print(kind, dialect, bytes, len, see, &seen);
}

static bool has(const char *line)
{
	char whole[400];

	snprintf(whole, sizeof(whole), "%s\n", line);
	return strstr(seen.text, whole);
}

static const char *vectors(void)
{
	static const char *const lookup[] = {
		"     0  PNRP_HEADER  0x0010, 12 bytes",
		"     7    Message Type  11 LOOKUP",
		"     8    Message ID  0x33334444",
		"    16    Flags  0x0002 (A)",
		"    20    ResolveCriteria  1 ANY_PEERNAME",
		"    28    PNRP ID  7775c82766bfb84e1ca6276fe033d797."
			"20010db8000000028000000000000000",
		"   108      Endpoint  [2001:db8:0:2::99]:3540",
	};
	static const char *const authority[] = {
		"    24    Size  537",
		"    48    Classifier  \"MyApplication\"",
		"   118      Address  [2001:db8:0:1::10]:3540",
		"   136  VALIDATE_CPA  0x009b, 429 bytes",
		"   148    Not After  2030-01-01T00:00:00Z",
		"   156    Service Location  20010db8000000010102030405060708",
		"   240      Application endpoint  [2001:db8:0:1::20]:8080"
			" protocol 6 (TCP)",
		"   269    Algorithm ObjId  \"1.2.840.113549.1.1.1\"",
	};
	uint8_t bytes[1024];
	size_t i, k, len;

	for (i = 0; i < PNRP_VECTORS; i++) {
		len = pnrp_vector_bytes(&pnrp_vectors[i], bytes);
		CHECK_AT(!show(PEER6_PNRP_KIND_MSG, NULL, bytes, len), "%s",
			 pnrp_vectors[i].name);
		CHECK_AT(!seen.errors && !seen.bad && seen.lines > 5, "%s",
			 pnrp_vectors[i].name);
		CHECK_AT(!strstr(seen.text, "(rest)"), "%s",
			 pnrp_vectors[i].name);
		for (k = 0; !strcmp(pnrp_vectors[i].name, "lookup") &&
		     k < sizeof(lookup) / sizeof(lookup[0]); k++)
			CHECK_AT(has(lookup[k]), "%s", lookup[k]);
		for (k = 0; !strcmp(pnrp_vectors[i].name, "authority-cpa") &&
		     k < sizeof(authority) / sizeof(authority[0]); k++)
			CHECK_AT(has(authority[k]), "%s", authority[k]);
	}
	len = case_hex(pnrp_vector_cpa, bytes);
	CHECK(!show(PEER6_PNRP_KIND_CPA, NULL, bytes, len));
	CHECK(has("     0  CPA Length  425"));
	CHECK(!seen.errors && !seen.bad);
	return NULL;
}

/* One mark, whatever is wrong, and what the decoder says. */
static const char *marks(void)
{
	static struct peer6_pnrp_msg msg;
	uint64_t seed = 9;
	uint8_t bytes[1024];
	size_t i, len, n;
	int round, err;

	for (round = 0; round < 6000; round++) {
		i = case_below(&seed, PNRP_VECTORS);
		len = pnrp_vector_bytes(&pnrp_vectors[i], bytes);
		n = len;
		if (case_below(&seed, 2))
			n = case_below(&seed, (uint32_t)len);
		if (n)
			bytes[case_below(&seed, (uint32_t)n)] ^=
				(uint8_t)(1 << case_below(&seed, 8));
		err = show(PEER6_PNRP_KIND_MSG, NULL, bytes, n);
		CHECK_AT(!seen.bad, "round %d: %s", round,
			 seen.text + (seen.n > 400 ? seen.n - 400 : 0));
		if (peer6_pnrp_msg_decode(&msg, bytes, n)) {
			CHECK_AT(err == peer6_pnrp_msg_decode(&msg, bytes, n),
				 "round %d", round);
			CHECK_AT(seen.errors >= 1, "round %d", round);
		} else {
			/* Then it is within: one mark a structure. */
			CHECK_AT(!err == !seen.errors, "round %d", round);
		}
		CHECK_AT(seen.errors <= 3, "round %d", round);
	}
	return NULL;
}

static const char *places(void)
{
	uint8_t bytes[1024];
	size_t len;

	/* ArrayLength of a REQUEST */
	len = pnrp_vector_bytes(&pnrp_vectors[4], bytes);
	bytes[39]++;
	CHECK(show(PEER6_PNRP_KIND_MSG, NULL, bytes, len) == PEER6_E_LENGTH);
	CHECK(seen.errors == 1 && seen.error_at == 38 && seen.error_len == 2);
	CHECK(has("    38    ArrayLength  41  <-- [bad-length] lengths and "
		  "counts disagree"));
	/* The CPA within an AUTHORITY: its payload type */
	len = pnrp_vector_bytes(&pnrp_vectors[14], bytes);
	bytes[234] = 2;
	CHECK(show(PEER6_PNRP_KIND_MSG, NULL, bytes, len) == PEER6_E_VALUE);
	CHECK(seen.errors == 1 && seen.error_at == 234 && seen.error_len == 4);
	/* Cut: what is there is shown, and that there is no more */
	len = pnrp_vector_bytes(&pnrp_vectors[0], bytes);
	CHECK(show(PEER6_PNRP_KIND_MSG, NULL, bytes, 12) ==
	      PEER6_E_TRUNCATED);
	CHECK(seen.errors == 1 && seen.error_at == 12 && !seen.error_len);
	CHECK(show(PEER6_PNRP_KIND_MSG, NULL, bytes, 0) == PEER6_E_TRUNCATED);
	CHECK(seen.lines == 1 && seen.errors == 1);
	/* Trailing bytes */
	bytes[len] = 1;
	CHECK(show(PEER6_PNRP_KIND_MSG, NULL, bytes, len + 1) ==
	      PEER6_E_TRAILING);
	CHECK(seen.errors == 1 && seen.error_at == len);
	/* No PNRP at all */
	memcpy(bytes, "GET / HTTP/1.1\r\n\r\n", 18);
	CHECK(show(PEER6_PNRP_KIND_MSG, NULL, bytes, 18) == PEER6_E_HEADER);
	CHECK(seen.lines == 1 && !seen.bad);
	return NULL;
}

/* Nothing reaches a terminal that it would obey. */
static const char *text(void)
{
	static const struct {
		uint16_t units[2];
		const char *shown;
	} texts[] = {
		{ { 'a', 'b' }, "\"ab\"" },
		{ { 0x1b, '[' }, "\"\\u{1b}[\"" },
		{ { '"', '\\' }, "\"\\\"\\\\\"" },
		{ { 0xe9, 0x20ac }, "\"\xc3\xa9\xe2\x82\xac\"" },
		{ { 0xd83d, 0xde00 }, "\"\xf0\x9f\x98\x80\"" },
		{ { 0xd83d, 'x' }, "\"\\u{d83d}x\"" },
		{ { 0x202e, 0x9b }, "\"\\u{202e}\\u{9b}\"" },
		{ { 0xffff, '\n' }, "\"\\u{ffff}\\u{a}\"" },
	};
	static struct peer6_pnrp_authority a;
	const struct peer6_pnrp_dialect le = { .classifier_le = true };
	char line[100];
	ptrdiff_t n;
	size_t i;

	memset(&a, 0, sizeof(a));
	a.has_classifier = true;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		uint8_t bytes[500];

		a.n_classifier = 2;
		memcpy(a.classifier, texts[i].units, sizeof(texts[i].units));
		snprintf(line, sizeof(line), "    20    Classifier  %s",
			 texts[i].shown);
		n = peer6_pnrp_authority_encode(&a, NULL, bytes, sizeof(bytes));
		CHECK(!show(PEER6_PNRP_KIND_AUTHORITY, NULL, bytes, (size_t)n));
		CHECK_AT(has(line), "%s", seen.text);
		n = peer6_pnrp_authority_encode(&a, &le, bytes, sizeof(bytes));
		CHECK(!show(PEER6_PNRP_KIND_AUTHORITY, &le, bytes, (size_t)n));
		CHECK_AT(has(line), "%s", seen.text);
		/* As long as it can be, in the longest form */
		a.n_classifier = PEER6_PNRP_CLASSIFIER_MAX;
		for (n = 2; n < a.n_classifier; n++)
			a.classifier[n] = a.classifier[0];
		n = peer6_pnrp_authority_encode(&a, NULL, bytes, sizeof(bytes));
		CHECK(!show(PEER6_PNRP_KIND_AUTHORITY, NULL, bytes, (size_t)n));
		CHECK(!seen.bad && seen.lines == 8);
	}
	return NULL;
}

static const char *records(void)
{
	const struct peer6_pnrp_dialect none = { .revoke_no_nonce = true };
	static struct peer6_pnrp_cpa cpa;
	struct peer6_pnrp_payload p = {
		.type = PEER6_PNRP_PAYLOAD_STRING,
		.data = { (const uint8_t *)"h\0i\0\0", 6 },
	};
	uint8_t bytes[PEER6_PNRP_CPA_MAX];
	ptrdiff_t n;

	pnrp_vector_cpa_meaning(&cpa);
	cpa.flags = PEER6_PNRP_CPA_R | PEER6_PNRP_CPA_A | PEER6_PNRP_CPA_F |
		    PEER6_PNRP_CPA_U;
	cpa.authority[0] = 0xab;
	cpa.n_comment = 5;
	memcpy(cpa.comment, "gr\xc3\xbc\xc3", 5);
	memset(cpa.nonce, 0, sizeof(cpa.nonce));
	n = peer6_pnrp_cpa_encode(&cpa, &none, bytes, sizeof(bytes));
	n += peer6_pnrp_signature_encode(cpa.signature, bytes + n, 136);
	CHECK(!show(PEER6_PNRP_KIND_CPA, NULL, bytes, (size_t)n));
	CHECK(!seen.bad && !strstr(seen.text, "Nonce"));
	CHECK(has("     6  Flags  0x17 (F A U R)"));
	CHECK(has("    32  BinaryAuthority  "
		  "ab00000000000000000000000000000000000000"));
	/* It is no UTF-8, so it is shown as it is. */
	CHECK(has("    54  FriendlyName  6772c3bcc3"));
	n = peer6_pnrp_payload_encode(&p, bytes, sizeof(bytes));
	n += peer6_pnrp_signature_encode(cpa.signature, bytes + n, 136);
	CHECK(!show(PEER6_PNRP_KIND_PAYLOAD, NULL, bytes, (size_t)n));
	CHECK(has("    68  Payload Type  0x80000002 (string)"));
	CHECK(has("    76  Payload  \"hi\"") && !seen.bad);
	CHECK(has("     8  Not After  1601-01-01T00:00:00Z"));
	return NULL;
}

static const char *names(void)
{
	static const struct {
		uint8_t criteria, reason;
		const char *criteria_line, *reason_line;
	} known[] = {
		{ 0, 0, "0 NONE", "0 APP_REQUEST" },
		{ 1, 1, "1 ANY_PEERNAME", "1 REGISTRATION" },
		{ 2, 2, "2 NEAREST_PEERNAME", "2 CACHE_MAINTENANCE" },
		{ 4, 3, "4 NEAREST64_PEERNAME", "3 SPLIT_DETECTION" },
		{ 8, 4, "8 UPPER_BITS", "4 unknown" },
	};
	uint8_t bytes[1024];
	char line[100];
	size_t i, len;

	len = pnrp_vector_bytes(&pnrp_vectors[10], bytes);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		bytes[20] = known[i].criteria;
		bytes[21] = known[i].reason;
		CHECK(!show(PEER6_PNRP_KIND_MSG, NULL, bytes, len));
		snprintf(line, sizeof(line), "    20    ResolveCriteria  %s",
			 known[i].criteria_line);
		CHECK_AT(has(line), "%s", line);
		snprintf(line, sizeof(line), "    21    ResolveReasonCode  %s",
			 known[i].reason_line);
		CHECK_AT(has(line), "%s", line);
	}
	return NULL;
}

static const char *times(void)
{
	static const struct {
		peer6_filetime time;
		const char *shown;
	} known[] = {
		{ 0, "1601-01-01T00:00:00Z" },
		{ PEER6_FILETIME_UNIX, "1970-01-01T00:00:00Z" },
		{ UINT64_C(125962991991234567), "2000-02-29T11:59:59Z" },
		{ UINT64_C(126227807990000000), "2000-12-31T23:59:59Z" },
		{ UINT64_C(135379296000000000), "2030-01-01T00:00:00Z" },
		{ UINT64_MAX, "60056-05-28T05:36:10Z" },
	};
	struct peer6_pnrp_payload p = {
		.type = PEER6_PNRP_PAYLOAD_BINARY,
		.data = { (const uint8_t *)"x", 1 },
	};
	static const uint8_t sig[PEER6_PNRP_SIG_LEN];
	uint8_t bytes[300];
	char line[100];
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		p.not_after = known[i].time;
		CHECK(peer6_pnrp_payload_encode(&p, bytes,
						sizeof(bytes)) == 75);
		peer6_pnrp_signature_encode(sig, bytes + 75, 136);
		CHECK(!show(PEER6_PNRP_KIND_PAYLOAD, NULL, bytes, 211));
		snprintf(line, sizeof(line), "     8  Not After  %s",
			 known[i].shown);
		CHECK_AT(has(line), "%s", line);
	}
	return NULL;
}

static const char *addresses(void)
{
	static const struct {
		uint8_t addr[16];
		const char *shown;
	} known[] = {
		{ { 0 }, "::" },
		{ { [15] = 1 }, "::1" },
		{ { 0x20, 1, 0xd, 0xb8 }, "2001:db8::" },
		{ { 0x20, 1, 0xd, 0xb8, [15] = 1 }, "2001:db8::1" },
		{ { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1 },
		  "2001:db8:0:1:1:1:1:1" },
		{ { 0x20, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1 },
		  "2001:0:0:1::1" },
		{ { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1 },
		  "2001:db8::1:0:0:1" },
		{ { 0xfe, 0x80, [8] = 0x02, [11] = 0xff, [12] = 0xfe },
		  "fe80::200:ff:fe00:0" },
		{ { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		    0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};
	char shown[PEER6_PNRP_ADDRESS_MAX];
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		CHECK_AT(!strcmp(peer6_pnrp_address_text(known[i].addr, shown),
				 known[i].shown), "%s", shown);
	return NULL;
}

static const char *short_buffers(void)
{
	const struct peer6_pnrp_line line = {
		.offset = 12, .len = 4, .depth = 1, .name = "Name",
		.value = "value", .error = PEER6_E_VALUE,
	};
	char whole[PEER6_PNRP_LINE_MAX], cut[PEER6_PNRP_LINE_MAX + 1];
	size_t n, size;

	n = peer6_pnrp_line_text(&line, whole, sizeof(whole));
	CHECK(n == strlen(whole));
	CHECK(!strncmp(whole, "    12    Name  value  <-- [", 28));
	for (size = 1; size <= n; size++) {
		memset(cut, 'x', sizeof(cut));
		CHECK(peer6_pnrp_line_text(&line, cut, size) == size - 1);
		CHECK(!memcmp(cut, whole, size - 1) && !cut[size - 1]);
		CHECK(cut[size] == 'x');
	}
	CHECK(!peer6_pnrp_line_text(&line, cut, 0));
	return NULL;
}

const struct peer6_case cases_print[] = {
	{ "vectors, field by field", vectors },
	{ "marks on what is damaged", marks },
	{ "the place of a mark", places },
	{ "characters that terminals obey", text },
	{ "records", records },
	{ "names of numbers", names },
	{ "times", times },
	{ "addresses", addresses },
	{ "lines that do not fit", short_buffers },
	{ 0 }
};
