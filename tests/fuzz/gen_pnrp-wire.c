// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes the seeds of fuzz_pnrp-wire: gen_pnrp-wire DIR makes DIR/pnrp-wire/.
 * They are the vectors of the unit tests, each structure taken out of them,
 * and those with all options that the vectors have not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cases.h"
#include "pnrp_vectors.h"
#include "pnrp_wire_seeds.h"

static const char *dir;

static void put(const char *name, int kind, const void *data, size_t len)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/pnrp-wire/%s", dir, name);
	f = fopen(path, "wb");
	if (!f || fputc(kind, f) == EOF || fwrite(data, 1, len, f) != len ||
	    fclose(f)) {
		perror(path);
		exit(1);
	}
}

static void put_cpa(const char *name, int kind,
		    const struct peer6_pnrp_cpa *cpa,
		    const struct peer6_pnrp_dialect *dialect)
{
	uint8_t bytes[PEER6_PNRP_CPA_MAX];
	ptrdiff_t n = peer6_pnrp_cpa_encode(cpa, dialect, bytes, 800);

	if (n < 0)
		abort();
	n += peer6_pnrp_signature_encode(cpa->signature, bytes + n, 136);
	put(name, kind, bytes, (size_t)n);
}

static void cpas(void)
{
	const struct peer6_pnrp_dialect none = { .revoke_no_nonce = true };
	static struct peer6_pnrp_cpa cpa;

	pnrp_vector_cpa_meaning(&cpa);
	put_cpa("cpa", SEED_CPA, &cpa, NULL);
	cpa.flags |= PEER6_PNRP_CPA_A | PEER6_PNRP_CPA_F | PEER6_PNRP_CPA_X;
	cpa.n_comment = 4;
	memcpy(cpa.comment, "h\0i", 4);
	cpa.n_service = PEER6_PNRP_LOCAL_ADDRS;
	cpa.n_apps = PEER6_PNRP_APP_MAX;
	put_cpa("cpa-all", SEED_CPA | SEED_AUTHORITY_FORWARD |
		SEED_APP_PORT_LE, &cpa, NULL);
	cpa.flags |= PEER6_PNRP_CPA_U;
	cpa.has_apps = false;
	memcpy(cpa.comment, "text", 4);
	put_cpa("cpa-utf8", SEED_CPA, &cpa, NULL);
	pnrp_vector_cpa_meaning(&cpa);
	cpa.flags |= PEER6_PNRP_CPA_R;
	cpa.has_apps = false;
	cpa.n_service = 0;
	memset(cpa.nonce, 0, sizeof(cpa.nonce));
	put_cpa("revoke", SEED_CPA, &cpa, NULL);
	put_cpa("revoke-no-nonce", SEED_CPA | SEED_REVOKE_NO_NONCE, &cpa,
		&none);
}

static size_t payload(const char *name, uint32_t type, uint16_t string_type,
		      const char *data, size_t len, uint8_t *bytes)
{
	static const uint8_t sig[PEER6_PNRP_SIG_LEN];
	struct peer6_pnrp_payload p = {
		.not_after = UINT64_C(135379296000000000),
		.type = type,
		.string_type = string_type,
		.data = { (const uint8_t *)data, len },
	};
	ptrdiff_t n = peer6_pnrp_payload_encode(&p, bytes, 300);

	if (n < 0)
		abort();
	n += peer6_pnrp_signature_encode(sig, bytes + n, 136);
	put(name, SEED_PAYLOAD, bytes, (size_t)n);
	return (size_t)n;
}

static void authorities(void)
{
	static struct peer6_pnrp_authority a;
	static struct pnrp_meaning m;
	uint8_t extended[500], bytes[2000];
	ptrdiff_t n;
	size_t i;

	payload("payload-utf16", PEER6_PNRP_PAYLOAD_STRING, 0, "h\0i\0\0", 6,
		extended);
	payload("payload-utf8", PEER6_PNRP_PAYLOAD_STRING, 1, "abc", 4,
		extended);
	a.payload.len = payload("payload-binary", PEER6_PNRP_PAYLOAD_BINARY, 0,
				"hello", 5, extended);
	for (i = 0; i < PNRP_VECTORS; i++) {
		if (!pnrp_vector_meaning(&pnrp_vectors[i], &m))
			abort();
		if (m.msg.type == PEER6_PNRP_AUTHORITY)
			put(pnrp_vectors[i].name + strlen("authority-"),
			    SEED_AUTHORITY, m.msg.fragment.p,
			    m.msg.fragment.len);
	}
	a.payload.p = extended;
	a.chain = (struct peer6_pnrp_bytes){ (const uint8_t *)"chain", 5 };
	a.has_classifier = m.authority.has_classifier;
	a.n_classifier = m.authority.n_classifier;
	memcpy(a.classifier, m.authority.classifier, sizeof(a.classifier));
	a.has_route = true;
	a.route = m.authority.route;
	a.cpa = m.authority.cpa;
	n = peer6_pnrp_authority_encode(&a, NULL, bytes, sizeof(bytes));
	if (n < 0)
		abort();
	put("all", SEED_AUTHORITY | SEED_CLASSIFIER_LE, bytes, (size_t)n);
}

static void messages(void)
{
	static struct pnrp_meaning m;
	uint8_t bytes[2000];
	ptrdiff_t n;
	size_t i;

	for (i = 0; i < PNRP_VECTORS; i++)
		put(pnrp_vectors[i].name, SEED_MSG, bytes,
		    pnrp_vector_bytes(&pnrp_vectors[i], bytes));
	for (i = 0; i < PNRP_VECTORS; i++) {
		if (!pnrp_vector_meaning(&pnrp_vectors[i], &m))
			abort();
		switch (m.msg.type) {
		case PEER6_PNRP_FLOOD:
			m.msg.revoke.p = bytes + 1000;
			m.msg.revoke.len = case_hex(pnrp_vector_cpa,
						    bytes + 1000);
			m.msg.path.n = PEER6_PNRP_PATH_MAX;
			break;
		case PEER6_PNRP_LOOKUP:
			m.msg.has_route = true;
			m.msg.route.n_addrs = PEER6_PNRP_LOCAL_ADDRS;
			m.msg.path.n = 3;
			break;
		default:
			continue;
		}
		n = peer6_pnrp_msg_encode(&m.msg, bytes, 1000);
		if (n < 0)
			abort();
		put(m.msg.type == PEER6_PNRP_FLOOD ? "flood-all" : "lookup-all",
		    SEED_MSG, bytes, (size_t)n);
	}
	put("short", SEED_MSG, bytes, 3);
}

int main(int argc, char **argv)
{
	char path[4096];

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIR\n", argv[0]);
		return 2;
	}
	dir = argv[1];
	mkdir(dir, 0777);
	snprintf(path, sizeof(path), "%s/pnrp-wire", dir);
	mkdir(path, 0777);
	messages();
	authorities();
	cpas();
	return 0;
}
