// SPDX-License-Identifier: GPL-2.0-or-later
/* gen_identity DIR: writes DIR/identity/SEED, the same bytes each time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <peer6/identity.h>

#include "id_vectors.h"
#include "identity_kinds.h"

static const char *where;

static void seed(const char *name, int kind, const void *p, size_t len)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/identity/%s", where, name);
	f = fopen(path, "w");
	if (!f || fputc(kind, f) == EOF || fwrite(p, 1, len, f) != len ||
	    fclose(f)) {
		perror(path);
		exit(1);
	}
}

static void text(const char *name, int kind, const char *s)
{
	seed(name, kind, s, strlen(s));
}

int main(int argc, char **argv)
{
	struct peer6_openssl *ossl;
	struct peer6_key *key;
	uint8_t *idc, *p7, *pfx, *pkcs8;
	size_t len, p7_len, pfx_len, pkcs8_len;
	char path[4096], *xml;

	if (argc != 2) {
		fprintf(stderr, "usage: gen_identity DIR\n");
		return 2;
	}
	where = argv[1];
	mkdir(where, 0777);
	snprintf(path, sizeof(path), "%s/identity", where);
	mkdir(path, 0777);
	if (peer6_crypto_openssl_init(&ossl))
		return 1;
	key = id_key(ossl, 'A');
	idc = id_base64(id_idc_a, &len);
	pfx = id_base64(id_pfx_a, &pfx_len);
	if (!key || peer6_idc_wrap(idc, len, &p7, &p7_len) ||
	    peer6_idxml_write(idc, len, &xml) ||
	    peer6_key_write(key, &pkcs8, &pkcs8_len))
		return 1;
	seed("certificate", ID_CERTIFICATE, idc, len);
	seed("certificate-pkcs7", ID_CERTIFICATE, p7, p7_len);
	seed("chain", ID_CHAIN, p7, p7_len);
	text("xml", ID_XML, xml);
	free(xml);
	xml = id_export(ID_A ".alice", pfx, pfx_len);
	text("export", ID_EXPORT, xml);
	seed("pfx", ID_PFX, pfx, pfx_len);
	text("name", ID_NAME, ID_A ".alice");
	text("name-unsecured", ID_NAME, "0.MyPNRPName");
	text("name-unicode", ID_NAME, "0.caf\xc3\xa9 \xf0\x9f\x90\xb1");
	text("host", ID_HOST, "palice-p.p" ID_A ".pnrp.net");
	text("host-short", ID_HOST, "alice.pnrp.net");
	text("host-punycode", ID_HOST, "yame-4kahaobt.p0.pnrp.net");
	seed("key", ID_PKCS8, pkcs8, pkcs8_len);
	free(xml);
	free(idc);
	free(p7);
	free(pfx);
	peer6_secret_free(pkcs8, pkcs8_len);
	peer6_key_free(key);
	peer6_crypto_openssl_free(ossl);
	return 0;
}
