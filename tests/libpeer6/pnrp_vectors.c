// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bytes on the wire, and what they say. Nobody has published a capture of
 * PNRP 4.0: these were composed from [MS-PNRP] section 2.2 with another
 * implementation of it, one line a field.
 */
#include <string.h>

#include "cases.h"
#include "pnrp_vectors.h"

const char pnrp_vector_key[] =
	"30818902818100aac035a1ceaf1babb0a843c73fd823d7e50792525ae6c7ba"
	"4a1e423ae16142aa04edf050bbc4e1c1ccb8ecd6baede7d8c46c9f29d9ceed"
	"4079c4e3da874689cd0d01a20de9459a2742eec6132773febbf17124f56e76"
	"f36822c9c69876388dcfd320f9467d19cdcd5fc9d5f6a7cb34e9c3dbc96c07"
	"9eeb92f1d4770924ede0eb0203010001";

/* 0.MyApplication, by the key above. */
const char pnrp_vector_cpa[] =
	"a90100020004080000c005a0c0f6e001080706050403020101000000b80d01"
	"20000102030405060708090a0b0c0d0e0f5aaeff8d28696055198e4405d0db"
	"2444285e37f3010012000dd420010db800000001000000000000001001001e"
	"0001000000140020010db80000000100000000000000201f900600a9001400"
	"00008c0000312e322e3834302e3131333534392e312e312e31308189028181"
	"00aac035a1ceaf1babb0a843c73fd823d7e50792525ae6c7ba4a1e423ae161"
	"42aa04edf050bbc4e1c1ccb8ecd6baede7d8c46c9f29d9ceed4079c4e3da87"
	"4689cd0d01a20de9459a2742eec6132773febbf17124f56e76f36822c9c698"
	"76388dcfd320f9467d19cdcd5fc9d5f6a7cb34e9c3dbc96c079eeb92f1d477"
	"0924ede0eb02030100018800800004800000744274eb1246b1b5ae7df8dbae"
	"eba89c39a4a659697e808752dfe192d49f20cb977ddaf73125e05dd082d7d1"
	"1355c935d4e9ec42fbe7e65b97d81bd945601ef6f1690184da184bdf8a121e"
	"94cc6de71a0dc1df523f1f3bad9c2c7df23ca1bd16b8c5348a66179ada8e6c"
	"f40892e448ae8c25c4bef9800bd1183e786ed7df4a2a";

const struct pnrp_vector pnrp_vectors[PNRP_VECTORS] = {
	{ "solicit-min", 36,
	  "b151d8a736fbfbd6f0bb1f66d92554df71645570",
	  "0010000c5104000111223344"
	  "0092001856178b86a57fac22899a9964185c2cc96e7da589",
	  "" },
	{ "solicit-full", 104,
	  "8a6d1e11da1a3ba1d0ebce1aa42296caeafff96f",
	  "0010000c5104000111223344"
	  "0044000600000000"
	  "009a003a7775c82766bfb84e1ca6276fe033d79720010db800000001010203"
	  "040506070804000dd4000120010db80000000100000000000000100000"
	  "0092001856178b86a57fac22899a9964185c2cc96e7da589",
	  "" },
	{ "advertise-1", 88,
	  "866ca8bb35b3d79331a0c6337175318b713e4d8f",
	  "0010000c5104000255667788"
	  "0018000811223344"
	  "0060002c00010028003000207775c82766bfb84e1ca6276fe033d79720010d"
	  "b8000000010102030405060708"
	  "0092001856178b86a57fac22899a9964185c2cc96e7da589",
	  "" },
	{ "advertise-0", 56,
	  "e455b4d1e0f41249e5eb07a0a499cd889c4ae67b",
	  "0010000c5104000255667788"
	  "0018000811223344"
	  "0060000c0000000800300020"
	  "0092001856178b86a57fac22899a9964185c2cc96e7da589",
	  "" },
	{ "request-1", 76,
	  "a77b7ca150f699b2e54329877a123fcd98094985",
	  "0010000c5104000311223345"
	  "00930014000102030405060708090a0b0c0d0e0f"
	  "0060002c00010028003000207775c82766bfb84e1ca6276fe033d79720010d"
	  "b8000000010102030405060708",
	  "" },
	{ "ack", 20,
	  "b63074154a5b49ff973f34b08f7bd5f1c5114bb5",
	  "0010000c510400095566778a"
	  "0018000811223345",
	  "" },
	{ "ack-n", 26,
	  "d339bdfc902d2d3f49984d4a2973f107b239b69f",
	  "0010000c510400095566778a"
	  "0018000811223345"
	  "004000060001",
	  "" },
	{ "flood-route-d", 128,
	  "7c24be829d413bc5c6a99a890af2849597df2256",
	  "0010000c5104000455667789"
	  "0043000700010000"
	  "00390024000000000000000000000000000000000000000000000000000000"
	  "0000000000"
	  "009a003a7775c82766bfb84e1ca6276fe033d79720010db800000001010203"
	  "040506070804000dd4000120010db80000000100000000000000100000"
	  "009e000c00000008009d0012",
	  "" },
	{ "inquire-bare", 56,
	  "2b6674795df8e607e9d42cf8dbaea522b6198318",
	  "0010000c5104000722223333"
	  "0040000600000000"
	  "003900247775c82766bfb84e1ca6276fe033d79720010db800000001010203"
	  "0405060708",
	  "" },
	{ "inquire-axc", 76,
	  "ba764c145fc914bd680007d02ab66176fbdf6a0a",
	  "0010000c5104000722223334"
	  "00400006001c0000"
	  "003900247775c82766bfb84e1ca6276fe033d79720010db800000001010203"
	  "0405060708"
	  "00930014000102030405060708090a0b0c0d0e0f",
	  "" },
	{ "lookup", 126,
	  "b19d73b9388f439ccbf6282c5d007f4b9a17a080",
	  "0010000c5104000b33334444"
	  "0045000c0002000001000000"
	  "003800247775c82766bfb84e1ca6276fe033d79720010db800000002800000"
	  "0000000000"
	  "003900247775c82766bfb84e1ca6276fe033d79720010db800000001010203"
	  "0405060708"
	  "009e001e0001001a009d00120dd420010db8000000020000000000000099",
	  "" },
	{ "authority-n-6", 34,
	  "5448ff1f9e2006fc6ede425c44cfb8b20a552127",
	  "0010000c5104000844445555"
	  "0018000822223333"
	  "0098000800060000"
	  "004000060001",
	  "" },
	{ "authority-n-8", 36,
	  "fa09a0dd985ff61a3a55b1ef7c6af3a4e35de635",
	  "0010000c5104000844445555"
	  "0018000822223333"
	  "0098000800080000"
	  "0040000600010000",
	  "" },
	{ "authority-route", 94,
	  "7c5e9058f62664e104bae19893d11b066bdba741",
	  "0010000c5104000844445556"
	  "0018000833334444"
	  "0098000800420000"
	  "0040000600000000"
	  "009a003a7775c82766bfb84e1ca6276fe033d79720010db800000001010203"
	  "040506070804000dd4000120010db8000000010000000000000010",
	  "" },
	{ "authority-cpa", 565,
	  "e3f1d02d92d70fd70749b4bdde3f6f04c816817e",
	  "0010000c5104000844445557"
	  "0018000822223334"
	  "0098000802190000"
	  "0040000600000000"
	  "00850026000d002200840002004d0079004100700070006c00690063006100"
	  "740069006f006e0000"
	  "009a003a7775c82766bfb84e1ca6276fe033d79720010db800000001010203"
	  "040506070804000dd4000120010db80000000100000000000000100000"
	  "009b01ad",
	  pnrp_vector_cpa },
};

/* 0.MyApplication at 2001:db8:0:1, instance 0102030405060708 */
static const uint8_t id[PEER6_PNRP_ID_LEN] = {
	0x77, 0x75, 0xc8, 0x27, 0x66, 0xbf, 0xb8, 0x4e,
	0x1c, 0xa6, 0x27, 0x6f, 0xe0, 0x33, 0xd7, 0x97,
	0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x01,
	0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
};

/* 2001:db8:0:2, in the middle of what may follow */
static const uint8_t target_location[16] = {
	0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x02, 0x80,
};

static const uint8_t nonce[PEER6_PNRP_NONCE_LEN] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
};

static const uint8_t hashed_nonce[PEER6_PNRP_HASH_LEN] = {
	0x56, 0x17, 0x8b, 0x86, 0xa5, 0x7f, 0xac, 0x22, 0x89, 0x9a,
	0x99, 0x64, 0x18, 0x5c, 0x2c, 0xc9, 0x6e, 0x7d, 0xa5, 0x89,
};

static const uint8_t classifier_hash[PEER6_PNRP_HASH_LEN] = {
	0x5a, 0xae, 0xff, 0x8d, 0x28, 0x69, 0x60, 0x55, 0x19, 0x8e,
	0x44, 0x05, 0xd0, 0xdb, 0x24, 0x44, 0x28, 0x5e, 0x37, 0xf3,
};

/* 2001:db8:0:SUBNET::HOST */
static void address(uint8_t addr[16], uint8_t subnet, uint8_t host)
{
	memset(addr, 0, 16);
	addr[0] = 0x20;
	addr[1] = 0x01;
	addr[2] = 0x0d;
	addr[3] = 0xb8;
	addr[7] = subnet;
	addr[15] = host;
}

static void route(struct peer6_pnrp_route *r)
{
	memcpy(r->id.b, id, sizeof(id));
	r->port = PEER6_PNRP_PORT;
	r->n_addrs = 1;
	address(r->addrs[0], 1, 0x10);
}

static void solicit(struct pnrp_meaning *m, bool full)
{
	m->msg.type = PEER6_PNRP_SOLICIT;
	m->msg.id = 0x11223344;
	m->msg.has_controls = full;
	m->msg.solicit_type = PEER6_PNRP_SOLICIT_ANY;
	m->msg.has_route = full;
	if (full)
		route(&m->msg.route);
	memcpy(m->msg.hashed_nonce, hashed_nonce, sizeof(hashed_nonce));
}

static void ids(struct pnrp_meaning *m, uint16_t n)
{
	memcpy(m->id, id, sizeof(id));
	m->msg.ids.p = m->id;
	m->msg.ids.n = n;
}

static void advertise(struct pnrp_meaning *m, uint16_t n)
{
	m->msg.type = PEER6_PNRP_ADVERTISE;
	m->msg.id = 0x55667788;
	m->msg.acked = 0x11223344;
	memcpy(m->msg.hashed_nonce, hashed_nonce, sizeof(hashed_nonce));
	ids(m, n);
}

static void inquire(struct pnrp_meaning *m, bool full)
{
	m->msg.type = PEER6_PNRP_INQUIRE;
	m->msg.id = full ? 0x22223334 : 0x22223333;
	memcpy(m->msg.validate.b, id, sizeof(id));
	m->msg.has_nonce = full;
	if (!full)
		return;
	m->msg.flags = PEER6_PNRP_INQUIRE_A | PEER6_PNRP_INQUIRE_X |
		       PEER6_PNRP_INQUIRE_C;
	memcpy(m->msg.nonce, nonce, sizeof(nonce));
}

static void lookup(struct pnrp_meaning *m)
{
	m->msg.type = PEER6_PNRP_LOOKUP;
	m->msg.id = 0x33334444;
	m->msg.flags = PEER6_PNRP_LOOKUP_A;
	m->msg.criteria = PEER6_PNRP_ANY_PEERNAME;
	m->msg.reason = PEER6_PNRP_APP_REQUEST;
	memcpy(m->msg.target.b, id, 16);
	memcpy(m->msg.target.b + 16, target_location, 16);
	memcpy(m->msg.validate.b, id, sizeof(id));
	m->msg.path.n = 1;
	m->msg.path.ep[0].port = PEER6_PNRP_PORT;
	address(m->msg.path.ep[0].addr, 2, 0x99);
}

static void flood(struct pnrp_meaning *m)
{
	m->msg.type = PEER6_PNRP_FLOOD;
	m->msg.id = 0x55667789;
	m->msg.flags = PEER6_PNRP_FLOOD_D;
	m->msg.has_route = true;
	route(&m->msg.route);
}

static void authority(struct pnrp_meaning *m, const char *name)
{
	static const char words[] = "MyApplication";
	bool cpa = !strcmp(name, "authority-cpa");
	bool route_only = !strcmp(name, "authority-route");
	ptrdiff_t n;
	size_t i;

	m->msg.type = PEER6_PNRP_AUTHORITY;
	m->msg.id = cpa ? 0x44445557 : route_only ? 0x44445556 : 0x44445555;
	m->msg.acked = cpa ? 0x22223334 : route_only ? 0x33334444 : 0x22223333;
	if (!cpa && !route_only)
		m->authority.flags = PEER6_PNRP_AUTH_N;
	if (cpa) {
		m->authority.has_classifier = true;
		m->authority.n_classifier = sizeof(words) - 1;
		for (i = 0; i < sizeof(words) - 1; i++)
			m->authority.classifier[i] = (uint8_t)words[i];
		m->authority.cpa.p = m->cpa;
		m->authority.cpa.len = case_hex(pnrp_vector_cpa, m->cpa);
	}
	if (cpa || route_only) {
		m->authority.has_route = true;
		route(&m->authority.route);
	}
	m->padded = !strcmp(name, "authority-n-8");
	n = peer6_pnrp_authority_encode(&m->authority, NULL, m->buffer,
					sizeof(m->buffer));
	if (n < 0)
		n = 0;
	m->msg.fragment.p = m->buffer;
	m->msg.fragment.len = (size_t)n + (m->padded ? 2 : 0);
	m->msg.size = (uint16_t)m->msg.fragment.len;
}

bool pnrp_vector_meaning(const struct pnrp_vector *v, struct pnrp_meaning *m)
{
	const char *name = v->name;

	memset(m, 0, sizeof(*m));
	if (!strcmp(name, "solicit-min")) {
		solicit(m, false);
	} else if (!strcmp(name, "solicit-full")) {
		solicit(m, true);
	} else if (!strcmp(name, "advertise-1")) {
		advertise(m, 1);
	} else if (!strcmp(name, "advertise-0")) {
		advertise(m, 0);
	} else if (!strcmp(name, "request-1")) {
		m->msg.type = PEER6_PNRP_REQUEST;
		m->msg.id = 0x11223345;
		m->msg.has_nonce = true;
		memcpy(m->msg.nonce, nonce, sizeof(nonce));
		ids(m, 1);
	} else if (!strncmp(name, "ack", 3)) {
		m->msg.type = PEER6_PNRP_ACK;
		m->msg.id = 0x5566778a;
		m->msg.acked = 0x11223345;
		m->msg.flags = name[3] ? PEER6_PNRP_ACK_N : 0;
	} else if (!strcmp(name, "flood-route-d")) {
		flood(m);
	} else if (!strcmp(name, "inquire-bare")) {
		inquire(m, false);
	} else if (!strcmp(name, "inquire-axc")) {
		inquire(m, true);
	} else if (!strcmp(name, "lookup")) {
		lookup(m);
	} else if (!strncmp(name, "authority-", 10)) {
		authority(m, name);
	} else {
		return false;
	}
	return true;
}

void pnrp_vector_cpa_meaning(struct peer6_pnrp_cpa *cpa)
{
	uint8_t bytes[PNRP_VECTOR_CPA_LEN];

	memset(cpa, 0, sizeof(*cpa));
	cpa->flags = PEER6_PNRP_CPA_C;
	/* 2030-01-01T00:00:00Z */
	cpa->not_after = UINT64_C(135379296000000000);
	memcpy(cpa->location, id + 16, 16);
	memcpy(cpa->nonce, nonce, sizeof(nonce));
	memcpy(cpa->classifier_hash, classifier_hash, sizeof(classifier_hash));
	cpa->n_service = 1;
	cpa->service[0].port = PEER6_PNRP_PORT;
	address(cpa->service[0].addr, 1, 0x10);
	cpa->has_apps = true;
	cpa->n_apps = 1;
	cpa->apps[0].port = 8080;
	cpa->apps[0].protocol = 6;
	address(cpa->apps[0].addr, 1, 0x20);
	case_hex(pnrp_vector_key, cpa->key);
	cpa->signed_len = 289;
	case_hex(pnrp_vector_cpa, bytes);
	memcpy(cpa->signature, bytes + sizeof(bytes) - PEER6_PNRP_SIG_LEN,
	       PEER6_PNRP_SIG_LEN);
}

size_t pnrp_vector_bytes(const struct pnrp_vector *v, uint8_t *out)
{
	size_t n = case_hex(v->digits, out);

	return n + case_hex(v->tail, out + n);
}
