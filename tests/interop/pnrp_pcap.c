// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pnrp_pcap FILE [KIND...]: a capture of what our encoder makes, on Ethernet,
 * with checksums. KINDs:
 *
 *	messages	each type of message, small and with all it can have
 *	fields		the same messages, each field behind a header of its own
 *	fragments	an AUTHORITY_BUFFER of 2000 bytes in two, last one first
 *	teredo		a LOOKUP within Teredo, with each of its headers
 *	bad		messages that cannot be decoded
 *	control		a published ACK, which is none of the encoder's
 *	port		an ACK between ports that are not PNRP's
 *
 * Unless told: messages, fragments and teredo.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "pnrp_vectors.h"

static FILE *file;
static unsigned int count;
static bool apart;

static void die(const char *what)
{
	fprintf(stderr, "pnrp_pcap: %s\n", what);
	exit(1);
}

/* In the order of this machine, as the format has it. */
static void put32(uint32_t value)
{
	fwrite(&value, sizeof(value), 1, file);
}

static void store16(uint8_t *p, unsigned int value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static uint32_t sum(uint32_t s, const uint8_t *p, size_t n)
{
	for (; n > 1; n -= 2, p += 2)
		s += (uint32_t)p[0] << 8 | p[1];
	return n ? s + ((uint32_t)*p << 8) : s;
}

static unsigned int fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s == 0xffff ? 0xffff : ~s & 0xffff;
}

static void frame(unsigned int ethertype, const uint8_t *packet, size_t len)
{
	static const uint8_t macs[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
	uint8_t type[2];

	store16(type, ethertype);
	/* 2030-01-01 and a second for each */
	put32(1893456000 + count++);
	put32(0);
	put32((uint32_t)len + 14);
	put32((uint32_t)len + 14);
	fwrite(macs, sizeof(macs), 1, file);
	fwrite(type, sizeof(type), 1, file);
	fwrite(packet, 1, len, file);
}

/* UDP over IPv6 from [2001:db8:0:2::99] to [2001:db8:0:1::10]. */
static size_t packet6(uint8_t *p, const uint8_t *data, size_t len,
		      unsigned int port)
{
	static const uint8_t addrs[32] = {
		0x20, 1, 0xd, 0xb8, 0, 0, 0, 2, [15] = 0x99,
		0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, [31] = 0x10,
	};
	unsigned int check;
	uint32_t s;

	memset(p, 0, 48);
	p[0] = 0x60;
	store16(p + 4, (unsigned int)len + 8);
	p[6] = 17;
	p[7] = 64;
	memcpy(p + 8, addrs, sizeof(addrs));
	store16(p + 40, port);
	store16(p + 42, port);
	store16(p + 44, (unsigned int)len + 8);
	memcpy(p + 48, data, len);
	s = sum(17 + 8 + (uint32_t)len, p + 8, 32 + 8 + len);
	check = fold(s);
	store16(p + 46, check ? check : 0xffff);
	return 48 + len;
}

static void send_bytes(const uint8_t *data, size_t len, unsigned int port)
{
	uint8_t packet[48 + PEER6_PNRP_DATAGRAM_MAX + 200];

	frame(0x86dd, packet, packet6(packet, data, len, port));
}

static void send_fields(const uint8_t *bytes, size_t len)
{
	uint8_t one[PEER6_PNRP_DATAGRAM_MAX];
	size_t pos, n;

	memcpy(one, bytes, 12);
	for (pos = 12; pos < len; pos += n) {
		n = ((size_t)bytes[pos + 2] << 8 | bytes[pos + 3]) + 3;
		n &= ~(size_t)3;
		memset(one + 12, 0, n);
		memcpy(one + 12, bytes + pos, n < len - pos ? n : len - pos);
		send_bytes(one, 12 + n, PEER6_PNRP_PORT);
	}
}

static void send_msg(const struct peer6_pnrp_msg *msg)
{
	uint8_t bytes[PEER6_PNRP_DATAGRAM_MAX];
	ptrdiff_t n = peer6_pnrp_msg_encode(msg, bytes, sizeof(bytes));

	if (n < 0)
		die(peer6_reason((int)n));
	if (apart)
		send_fields(bytes, (size_t)n);
	else
		send_bytes(bytes, (size_t)n, PEER6_PNRP_PORT);
}

static void meaning(const char *name, struct pnrp_meaning *m)
{
	size_t i;

	for (i = 0; i < PNRP_VECTORS; i++)
		if (!strcmp(pnrp_vectors[i].name, name) &&
		    pnrp_vector_meaning(&pnrp_vectors[i], m))
			return;
	die(name);
}

static size_t record(const struct peer6_pnrp_cpa *cpa, uint8_t *bytes)
{
	ptrdiff_t n = peer6_pnrp_cpa_encode(cpa, NULL, bytes, 800);

	if (n < 0)
		die(peer6_reason((int)n));
	peer6_pnrp_signature_encode(cpa->signature, bytes + n, 136);
	return (size_t)n + 136;
}

static void large_path(struct peer6_pnrp_path *path)
{
	unsigned int i;

	path->n = PEER6_PNRP_PATH_MAX;
	for (i = 0; i < path->n; i++) {
		path->ep[i].port = (uint16_t)(40000 + i);
		path->ep[i].addr[0] = 0x20;
		path->ep[i].addr[1] = 0x01;
		path->ep[i].addr[15] = (uint8_t)i;
	}
}

static void large_messages(void)
{
	static struct pnrp_meaning m;
	static struct peer6_pnrp_cpa cpa;
	uint8_t ids[20 * PEER6_PNRP_ID_LEN], bytes[PEER6_PNRP_CPA_MAX];
	uint64_t seed = 1;

	case_fill(&seed, ids, sizeof(ids));
	meaning("solicit-full", &m);
	m.msg.solicit_type = PEER6_PNRP_SOLICIT_LOCAL;
	m.msg.route.n_addrs = PEER6_PNRP_ADDRS_MAX;
	send_msg(&m.msg);
	meaning("advertise-1", &m);
	m.msg.ids = (struct peer6_pnrp_ids){ ids, 20 };
	send_msg(&m.msg);
	meaning("request-1", &m);
	m.msg.ids = (struct peer6_pnrp_ids){ ids, 20 };
	send_msg(&m.msg);

	meaning("lookup", &m);
	m.msg.has_route = true;
	m.msg.route.id = m.msg.validate;
	m.msg.route.n_addrs = PEER6_PNRP_LOCAL_ADDRS;
	m.msg.route.port = PEER6_PNRP_PORT;
	m.msg.criteria = PEER6_PNRP_UPPER_BITS;
	m.msg.precision = 192;
	m.msg.reason = PEER6_PNRP_CACHE_MAINTENANCE;
	large_path(&m.msg.path);
	send_msg(&m.msg);

	/* A flood with an entry, a revocation, or neither */
	meaning("flood-route-d", &m);
	m.msg.flags = 0;
	large_path(&m.msg.path);
	send_msg(&m.msg);
	m.msg.has_route = false;
	send_msg(&m.msg);
	pnrp_vector_cpa_meaning(&cpa);
	cpa.flags |= PEER6_PNRP_CPA_R;
	cpa.has_apps = false;
	memset(cpa.nonce, 0, sizeof(cpa.nonce));
	m.msg.revoke.len = record(&cpa, bytes);
	m.msg.revoke.p = bytes;
	m.msg.path.n = 1;
	send_msg(&m.msg);
}

static void send_authority(struct peer6_pnrp_authority *a)
{
	struct pnrp_meaning m;
	uint8_t buffer[PEER6_PNRP_FRAGMENT];
	ptrdiff_t n = peer6_pnrp_authority_encode(a, NULL, buffer,
						  sizeof(buffer));

	if (n < 0)
		die(peer6_reason((int)n));
	meaning("authority-route", &m);
	m.msg.size = (uint16_t)n;
	m.msg.fragment = (struct peer6_pnrp_bytes){ buffer, (size_t)n };
	send_msg(&m.msg);
}

static void large_authorities(void)
{
	static struct pnrp_meaning m;
	static struct peer6_pnrp_cpa cpa;
	static struct peer6_pnrp_payload payload;
	uint8_t bytes[PEER6_PNRP_CPA_MAX], extended[300];
	ptrdiff_t n;

	/* All that a record may have */
	meaning("authority-cpa", &m);
	pnrp_vector_cpa_meaning(&cpa);
	cpa.flags |= PEER6_PNRP_CPA_A | PEER6_PNRP_CPA_F;
	cpa.n_comment = 10;
	memcpy(cpa.comment, "h\0e\0l\0l\0o", 10);
	cpa.n_service = PEER6_PNRP_LOCAL_ADDRS;
	cpa.n_apps = PEER6_PNRP_APP_MAX;
	m.authority.cpa.len = record(&cpa, bytes);
	m.authority.cpa.p = bytes;
	send_authority(&m.authority);

	/* A payload */
	pnrp_vector_cpa_meaning(&cpa);
	cpa.flags |= PEER6_PNRP_CPA_X;
	payload.not_after = cpa.not_after;
	payload.type = PEER6_PNRP_PAYLOAD_BINARY;
	payload.data = (struct peer6_pnrp_bytes){ (const uint8_t *)"hello", 5 };
	n = peer6_pnrp_payload_encode(&payload, extended, sizeof(extended));
	if (n < 0)
		die(peer6_reason((int)n));
	peer6_pnrp_signature_encode(payload.signature, extended + n, 136);
	m.authority.cpa.len = record(&cpa, bytes);
	m.authority.payload.p = extended;
	m.authority.payload.len = (size_t)n + 136;
	send_authority(&m.authority);

	meaning("authority-n-6", &m);
	m.authority.flags = PEER6_PNRP_AUTH_L | PEER6_PNRP_AUTH_B;
	send_authority(&m.authority);
}

static void messages(void)
{
	static struct pnrp_meaning m;
	size_t i;

	for (i = 0; i < PNRP_VECTORS; i++) {
		if (!pnrp_vector_meaning(&pnrp_vectors[i], &m))
			die(pnrp_vectors[i].name);
		if (!m.padded)
			send_msg(&m.msg);
	}
	large_messages();
	large_authorities();
}

static void fragments(void)
{
	static uint8_t buffer[2000];
	struct pnrp_meaning m;
	struct peer6_pnrp_authority a = {
		.flags = PEER6_PNRP_AUTH_N,
		.chain = { buffer, 1988 },
	};
	uint64_t seed = 2;
	uint8_t whole[2000];

	case_fill(&seed, buffer, sizeof(buffer));
	if (peer6_pnrp_authority_encode(&a, NULL, whole, sizeof(whole)) != 2000)
		die("the fragmented buffer is not 2000 bytes");
	meaning("authority-route", &m);
	m.msg.id = 0x77778888;
	m.msg.size = sizeof(whole);
	m.msg.offset = PEER6_PNRP_FRAGMENT;
	m.msg.fragment.p = whole + PEER6_PNRP_FRAGMENT;
	m.msg.fragment.len = sizeof(whole) - PEER6_PNRP_FRAGMENT;
	send_msg(&m.msg);
	m.msg.offset = 0;
	m.msg.fragment.p = whole;
	m.msg.fragment.len = PEER6_PNRP_FRAGMENT;
	send_msg(&m.msg);
}

/* From a client at 198.51.100.1 to the server at 192.0.2.1. */
static void send_teredo(const uint8_t *headers, size_t len)
{
	uint8_t bytes[PEER6_PNRP_DATAGRAM_MAX], packet[1500] = { 0x45 };
	static const uint8_t addrs[8] = { 198, 51, 100, 1, 192, 0, 2, 1 };
	struct pnrp_meaning m;
	ptrdiff_t n;
	size_t total;

	meaning("lookup", &m);
	n = peer6_pnrp_msg_encode(&m.msg, bytes, sizeof(bytes));
	if (n < 0)
		die("teredo");
	memcpy(packet + 28, headers, len);
	total = 28 + len + packet6(packet + 28 + len, bytes, (size_t)n,
				   PEER6_PNRP_PORT);
	store16(packet + 2, (unsigned int)total);
	packet[8] = 64;
	packet[9] = 17;
	memcpy(packet + 12, addrs, sizeof(addrs));
	store16(packet + 10, fold(sum(0, packet, 20)));
	store16(packet + 20, 50211);
	store16(packet + 22, 3544);
	/* UDP's checksum may be left out over IPv4. */
	store16(packet + 24, (unsigned int)(total - 20));
	frame(0x0800, packet, total);
}

static void in_teredo(void)
{
	static const uint8_t authentication[15] = { 0, 1, 1, 1 };
	static const uint8_t origin[8] = { 0, 0, 1, 2, 3, 4, 5, 6 };
	uint8_t both[sizeof(authentication) + sizeof(origin)];

	memcpy(both, authentication, sizeof(authentication));
	memcpy(both + sizeof(authentication), origin, sizeof(origin));
	send_teredo(both, 0);
	send_teredo(origin, sizeof(origin));
	send_teredo(both, sizeof(both));
}

static void bad(void)
{
	uint8_t bytes[1024];
	size_t len;

	len = pnrp_vector_bytes(&pnrp_vectors[4], bytes);
	bytes[37]++;
	send_bytes(bytes, len, PEER6_PNRP_PORT);
	send_bytes(bytes, 20, PEER6_PNRP_PORT);
	memcpy(bytes, "\x1b]0;title\x07", 10);
	send_bytes(bytes, 10, PEER6_PNRP_PORT);
}

static void other_port(void)
{
	uint8_t bytes[1024];

	send_bytes(bytes, pnrp_vector_bytes(&pnrp_vectors[5], bytes), 40001);
	/* Nothing says that this is PNRP. */
	send_bytes((const uint8_t *)"hello", 5, 40001);
}

static void make(const char *kind)
{
	uint8_t bytes[1024];

	apart = !strcmp(kind, "fields");
	if (apart || !strcmp(kind, "messages"))
		messages();
	else if (!strcmp(kind, "fragments"))
		fragments();
	else if (!strcmp(kind, "teredo"))
		in_teredo();
	else if (!strcmp(kind, "bad"))
		bad();
	else if (!strcmp(kind, "control"))
		send_bytes(bytes, pnrp_vector_bytes(&pnrp_vectors[5], bytes),
			   PEER6_PNRP_PORT);
	else if (!strcmp(kind, "port"))
		other_port();
	else
		die(kind);
}

int main(int argc, char **argv)
{
	static const char *const standard[] = { "messages", "fragments",
						"teredo" };
	int i;

	if (argc < 2) {
		fprintf(stderr, "usage: %s FILE [KIND...]\n", argv[0]);
		return 2;
	}
	file = fopen(argv[1], "wb");
	if (!file)
		die(argv[1]);
	put32(0xa1b2c3d4);
	put32(4 << 16 | 2);
	put32(0);
	put32(0);
	put32(65535);
	put32(1);			/* Ethernet */
	for (i = 2; i < argc; i++)
		make(argv[i]);
	for (i = 0; argc == 2 && i < 3; i++)
		make(standard[i]);
	return fclose(file) ? 1 : 0;
}
