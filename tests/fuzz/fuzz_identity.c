// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The first byte says what the others are taken for: a certificate, a chain, an
 * XML file, a PKCS#12 within one, a peer name, a host name, a key. What is
 * accepted has to hold together; what is not leaves nothing behind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <peer6/identity.h>

#include "id_vectors.h"
#include "identity_kinds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(cond)							\
	do {								\
		if (!(cond)) {						\
			fprintf(stderr, "%s:%d: broken: %s\n",		\
				__FILE__, __LINE__, #cond);		\
			abort();					\
		}							\
	} while (0)

static struct peer6_openssl *ossl;

static void certificate(const uint8_t *data, size_t size)
{
	struct peer6_idc idc;
	uint8_t authority[20];

	if (peer6_idc_read(ossl, data, size, 0, &idc)) {
		CHECK(!idc.der && !idc.key_len);
		return;
	}
	CHECK(!peer6_name_authority(peer6_crypto_openssl(ossl), idc.key,
				    idc.key_len, authority));
	CHECK(!memcmp(authority, idc.name.authority, 20));
	CHECK(idc.der >= data && idc.der + idc.der_len <= data + size);
	CHECK(strlen(idc.friendly_name) < sizeof(idc.friendly_name));
}

static void chain(const uint8_t *data, size_t size)
{
	static const uint8_t authority[20], key[PEER6_PNRP_KEY_LEN];
	const struct peer6_crypto *crypto = peer6_crypto_openssl(ossl);

	CHECK(crypto->verify_chain(crypto->ctx, data, size, authority, key,
				   NULL, 0, PEER6_FILETIME_UNIX));
}

static void identity_xml(const uint8_t *data, size_t size)
{
	uint8_t *der;
	size_t len;
	int error = peer6_idxml_read(data, size, &der, &len);

	CHECK(!error || (!der && !len));
	if (!error && len)
		certificate(der, len);
	free(der);
}

static void export(const void *data, size_t size)
{
	struct peer6_key *key;
	uint8_t *idc;
	size_t len;
	int error = peer6_export_read(ossl, data, size, ID_PASSWORD, &key, &idc,
				      &len);

	CHECK(!error == !!key && !error == !!idc);
	peer6_key_free(key);
	free(idc);
}

static void pfx(const uint8_t *data, size_t size)
{
	char *xml = id_export(ID_A ".alice", data, size);

	export(xml, strlen(xml));
	free(xml);
}

static void peer_name(const char *text)
{
	char again[PEER6_NAME_SIZE], host[PEER6_HOST_NAME_SIZE];
	struct peer6_name name, back;

	if (peer6_name_parse(&name, text))
		return;
	CHECK(peer6_name_format(&name, again, sizeof(again)) > 1);
	CHECK(!strncmp(text, again, strlen(text)));
	if (peer6_name_to_host(&name, host, sizeof(host)) < 0)
		return;
	CHECK(!peer6_name_from_host(&back, host));
	CHECK(peer6_name_equal(&name, &back));
}

static void host_name(const char *host)
{
	char again[PEER6_HOST_NAME_SIZE];
	struct peer6_name name, back;

	if (peer6_name_from_host(&name, host))
		return;
	CHECK(peer6_host_is_pnrp(host));
	CHECK(peer6_name_to_host(&name, again, sizeof(again)) > 0);
	CHECK(!peer6_name_from_host(&back, again));
	CHECK(peer6_name_equal(&name, &back));
}

static void key(const uint8_t *data, size_t size)
{
	struct peer6_key *read;

	if (!peer6_key_read(ossl, data, size, &read))
		CHECK(peer6_profile_name(peer6_key_profile(read)));
	else
		CHECK(!read);
	peer6_key_free(read);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!ossl)
		CHECK(!peer6_crypto_openssl_init(&ossl));
	if (!size)
		return 0;
	text = malloc(size);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	switch (data[0] % ID_KINDS) {
	case ID_CERTIFICATE:
		certificate(data + 1, size - 1);
		break;
	case ID_CHAIN:
		chain(data + 1, size - 1);
		break;
	case ID_XML:
		identity_xml(data + 1, size - 1);
		break;
	case ID_EXPORT:
		export(data + 1, size - 1);
		break;
	case ID_PFX:
		pfx(data + 1, size - 1);
		break;
	case ID_NAME:
		peer_name(text);
		break;
	case ID_HOST:
		host_name(text);
		break;
	case ID_PKCS8:
		key(data + 1, size - 1);
		break;
	}
	free(text);
	return 0;
}
