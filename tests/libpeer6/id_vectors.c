// SPDX-License-Identifier: GPL-2.0-or-later
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "id_vectors.h"

const char id_idc_a[] =
	"MIIClzCCAgCgAwIBAgIQMTIzNDU2Nzg5Ojs8PT4/QDANBgkqhkiG9w0BAQUFADAQMQ4w"
	"DAYDVQQDEwVBbGljZTAgFw0yNDAxMDEwMDAwMDBaGA8zMDI0MDEwMTAwMDAwMFowEDEO"
	"MAwGA1UEAxMFQWxpY2UwgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBAKrANaHOrxur"
	"sKhDxz/YI9flB5JSWubHukoeQjrhYUKqBO3wULvE4cHMuOzWuu3n2MRsnynZzu1AecTj"
	"2odGic0NAaIN6UWaJ0LuxhMnc/678XEk9W5282giycaYdjiNz9Mg+UZ9Gc3NX8nV9qfL"
	"NOnD28lsB57rkvHUdwkk7eDrAgMBAAGjge8wgewwFwYKKwYBBAGCNywAAQEB/wQGBAQD"
	"AAAAMBcGCisGAQQBgjcsAAQBAf8EBgQEAQACADBMBgNVHQcBAf8EQjBAoD4GCisGAQQB"
	"gjcsAAKgMAwuZmFiZjEyZjRiZjc1ODc5ZjZlMTI5OGM1YzgwMDNiMDg2OTgxM2JhMC5h"
	"bGljZTAiBgNVHSUBAf8EGDAWBggrBgEFBQcDAQYKKwYBBAGCNywDBDBGBgNVHREEPzA9"
	"gjtwYWxpY2UtcC5wZmFiZjEyZjRiZjc1ODc5ZjZlMTI5OGM1YzgwMDNiMDg2OTgxM2Jh"
	"MC5wbnJwLm5ldDANBgkqhkiG9w0BAQUFAAOBgQCalyS1Xluk5Em3RAcURXyd4P5i0CXG"
	"CHtPBBDg7q6u/glVvQsyRUmtvea8j7qwdd3UmokN688//9YlplPRBHAkAc2ErIknMSFs"
	"iRknnATlbLu+UkEYSB+aKSM+kjX860p9bZiMSXUepsCI4NNnp3EAhSkOS72oSXUSJPhQ"
	"ppP5NQ==";

const char id_pfx_a[] =
	"MIIGkQIBAzCCBlcGCSqGSIb3DQEHAaCCBkgEggZEMIIGQDCCAz8GCSqGSIb3DQEHBqCC"
	"AzAwggMsAgEAMIIDJQYJKoZIhvcNAQcBMBwGCiqGSIb3DQEMAQMwDgQI+yy8n1+dxNYC"
	"AgfQgIIC+Ms7NdluDMfkPE3Pa33RTiMnk69HZjJP1JALSuYJ2SnlrPbldIZWfeoyX03L"
	"dcuHTarovlxP+VimIc1wIUyba5ZFbHl/Vn9miNVkgGD2r/txdtCls8rrRSuHtXwaYQEn"
	"tR6EZCwQpMWBwI1MMOB9ttU2ICt7kBmPcPU1oCgXHHuxwD30S+xR3LEADmU/P29RNqTe"
	"n214wkGre06AUaV9wZxxdUvt2w3sb3xS+aFZJB1pityWJVivddmc3wa6p3jJC20LZnl3"
	"IJv1dk2fuyy7cFt2/uZL6lpCBdcuv8JzYKHzTAg8uvYXnbgGnYs4/5xg2r11y5sufnoZ"
	"ObHzUEyjTB3+0M2yF/QsWRBoZjYAe+GYoYurli5Lbl9mDyX1nfgSmIbQh+aHUxAjNXTu"
	"8hArhaFJuE7Skk8YdKZhCMkt2Njop0aanjvDi/eUV3sfaFJKq5JW1a5F1YZ4dENpOfaY"
	"iZP0wOJXGcDYFOPaKlEGmjYGLvkFs0jIZrYlSPiAvnr+GVuyVJat4cjdLBCdENZqLpc9"
	"D7UTv9OanIl4OejD6JrmwT5EsvIONWXp+Uc61vSI/mtmgBY8PFCR+yjZZTraIZ3zgxQl"
	"egRDGrrq9g6Y5v0nYY9BUddMed7TSxc2i4IRhtKd2OvUYwqA0+MftstAMa2EihJwdl6J"
	"1IIhSDvcCjMJpxWBKZJXDc/tOCVpSRevVmFFbUHHeAvApyLYVJFfA019v6YxZaHa0uDC"
	"URd32wmPGHGhnNbx0ZBeZZyLPDR0ajDgqEvvCTvaUftrYz84nCFBd8qVsxm+kesfY6KU"
	"KmXohftSBstgSB2VGfWUxCsw4fsXh059hGF8+LCZKIT00a2AjZESUO6Bm3L8s288H6A2"
	"CQ6SimaV5EAAV3xYgkKFcsA67ljwYk93O7xTPds1zhsrQzJ2Z52texxHV33fhwBcM6Zo"
	"mp5KF9BharzZsFo1Ck4CH/NapyctMS98nGhJDZwhWMK2274T/d72UQHl9t0D7ATvAc8I"
	"yDcwggL5BgkqhkiG9w0BBwGgggLqBIIC5jCCAuIwggLeBgsqhkiG9w0BDAoBAqCCAqYw"
	"ggKiMBwGCiqGSIb3DQEMAQMwDgQIU3+c0bB85XgCAgfQBIICgMvfLJfbGoJXZtci6DvW"
	"gg7HTzgHyFpyOgYK80+ayc42HDiAYau6IargNaIYeVPJTSnRA8Ib1OVs4hfFUAnNzNLD"
	"YnEqifRmrlrZZFMqi7MG65R8hsexsF5BqLESZV0PUP811x8x20fo8gbT/fDnhc+AJIck"
	"uZrgl0PC199L5fCMHAulF8QLD5B1NZS0EL+F5lQo9CGSUL0fSUOrIco4nhrY6Y/l+pkV"
	"BSfCPP9rR4sS8wKzkuhjC1LjoaCQBksltF5U9yePn+E8yh02jw2N+r3UyO551beFoKJF"
	"EeBdNoHMJXu6JbXrJBCApyvAw+6l7vzO9Cg90aqpGEZF4PCk+QHdK3WNy89SEztj/UHd"
	"MAE3sT3DfsF/u1ltVZZBM+we+2HxO4cC0zX80GzVI6LsECRMuWlTNRys9djvatgJFusz"
	"ZMv8Yltl7qWqBi0id1Bc0/P1fwarThuBRaY/PHzrr2u1GNTePUmssbfgsZg6dqlmaEhS"
	"frlW7dI/NojbNMFHpryXaG/e7aqyIjS/dOuyrabdOkUY+udOiwW39QdZLN0TeGhEflGq"
	"dExbLIOEbwVTP82CJPNNNTbUPHdEy2GOWPg1KT6DHQITgyQoR1vdHrMC+Z+zBCYySSXQ"
	"hlUnR9rGR2kooAcYc8PSyIR3AbneIa0GY1B+swcGragjwr6lqQzuBowLuadBWzyu8PuX"
	"4k1qAoJKtByHeRElTKsIjJ2INfnsKGcwMAbmLpRkNpDbiVJKv8QPDV78wGVWQPvaNzOG"
	"HBYoGAZFpNB0Z4PmVCks5QCq9vPNvS2woegtXqEwqbN4uaBAGdIOaKR7DDAx44LeHlLi"
	"ZuYIPUYBLdKV1rRwE+kxJTAjBgkqhkiG9w0BCRUxFgQUcKQo4ZxLIyZLRA1/DYcF9KfJ"
	"vrQwMTAhMAkGBSsOAwIaBQAEFB8JUvuAWCnPvW2qp3vwKOmdHd9pBAhs6Yw5LgR5qQIC"
	"B9A=";

static const char *const primes[][2] = {
	{
	"d6031d67040744515ab7a328eb1131fbaa149a6d02cbc1aaaf04ac46cc72580a"
	"46b01c3d3d63247f002c3f22c9f7e7bef90a32e50d419185a9b26f541f3e7239",
	"cc4044b07c20909b3695d057277c9b757e01f8c589f0cd26f239ad63a699219a"
	"a43d72aaa399f84d32a85e1738f07116e3b04b92ed5c93d5e65e725864d5dc43",
	},
	{
	"f6561f1923461c9a4bca1d7f894f2bfe53e74aad2a2bf95ccd5aa81efad76057"
	"ae0072791e6e2f1ddf0e88eb534de1fdc0a13c7a3bf7c6a12ae9c3d946c47eb3",
	"cebdcf9a52a0bf78bd8a53dc0a5dcc50625a00d14d2cc0d434305e9168f141f0"
	"66f5db7e146c43f412c835adffbd7aea598f42d7e10eaeb3f969a253a15cdc95",
	},
	{
	"d455cf44d28e27c637a770f128ab06ed63057c6a18771fc6521051e2919da0ed"
	"36b6fe887ccf91998f999448d0f75e7ab93e7659bf2197a02fe7c0a636623fa1",
	"c13aa775dd06138b2e8395c2c826f96a39c541cab71ceaa394fcd46af55fe7d8"
	"5ec84fd7a74813b4d1c3f3b298999d3285a7f8ca271321707dc572c21506238d",
	},
};

/* d and the rest follow from p and q. */
static EVP_PKEY *pkey_of(const char *const pq[2])
{
	BIGNUM *p = NULL, *q = NULL, *n = BN_new(), *e = BN_new(), *d;
	BIGNUM *p1 = BN_new(), *q1 = BN_new(), *phi = BN_new();
	BIGNUM *dp = BN_new(), *dq = BN_new(), *qi;
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	BN_CTX *bn = BN_CTX_new();
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM *params;
	EVP_PKEY_CTX *ctx;

	BN_hex2bn(&p, pq[0]);
	BN_hex2bn(&q, pq[1]);
	BN_set_word(e, 65537);
	BN_mul(n, p, q, bn);
	BN_sub(p1, p, BN_value_one());
	BN_sub(q1, q, BN_value_one());
	BN_mul(phi, p1, q1, bn);
	d = BN_mod_inverse(NULL, e, phi, bn);
	BN_mod(dp, d, p1, bn);
	BN_mod(dq, d, q1, bn);
	qi = BN_mod_inverse(NULL, q, p, bn);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_D, d);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_FACTOR1, p);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_FACTOR2, q);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_EXPONENT1, dp);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_EXPONENT2, dq);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, qi);
	params = OSSL_PARAM_BLD_to_param(bld);
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	if (EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params) <= 0)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	BN_CTX_free(bn);
	BN_free(p);
	BN_free(q);
	BN_free(n);
	BN_free(e);
	BN_free(d);
	BN_free(p1);
	BN_free(q1);
	BN_free(phi);
	BN_free(dp);
	BN_free(dq);
	BN_free(qi);
	return pkey;
}

struct peer6_key *id_key(struct peer6_openssl *ossl, char which)
{
	PKCS8_PRIV_KEY_INFO *info;
	struct peer6_key *key = NULL;
	unsigned char *der = NULL;
	EVP_PKEY *pkey;
	int len;

	if (which == 'C')
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	else
		pkey = pkey_of(primes[which == 'A' ? 0 : which == 'B' ? 1 : 2]);
	info = EVP_PKEY2PKCS8(pkey);
	len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	if (len <= 0 || peer6_key_read(ossl, der, (size_t)len, &key))
		key = NULL;
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(pkey);
	return key;
}

uint8_t *id_base64(const char *text, size_t *len)
{
	size_t n = strlen(text);
	uint8_t *out = malloc(n + 1);
	int got = EVP_DecodeBlock(out, (const unsigned char *)text, (int)n);

	while (n && text[n - 1] == '=') {
		n--;
		got--;
	}
	*len = got < 0 ? 0 : (size_t)got;
	return out;
}

void id_hex(const void *data, size_t len, char *out)
{
	const uint8_t *p = data;

	while (len--)
		out += sprintf(out, "%02x", *p++);
}

void id_sha256(const void *p, size_t len, char *out)
{
	unsigned char md[32];

	EVP_Digest(p, len, md, NULL, EVP_sha256(), NULL);
	id_hex(md, sizeof(md), out);
}

static char *encode(const void *p, size_t len, size_t width, const char *eol)
{
	char *flat = malloc(len / 3 * 4 + 5), *out, *to;
	size_t i, n;

	n = (size_t)EVP_EncodeBlock((unsigned char *)flat, p, (int)len);
	to = out = malloc(3 * n + 3);
	for (i = 0; i < n; i++) {
		*to++ = flat[i];
		if ((i + 1) % width == 0 || i + 1 == n)
			to = stpcpy(to, eol);
	}
	*to = '\0';
	free(flat);
	return out;
}

char *id_export(const char *name, const void *pfx, size_t len)
{
	char *inner = encode(pfx, len, 64, "\r\n"), *outer, *xml;
	size_t i, n = strlen(inner);
	char *wide = calloc(n, 2);

	for (i = 0; i < n; i++)
		wide[2 * i] = inner[i];
	outer = encode(wide, 2 * n, 72, "\n");
	if (asprintf(&xml, "<PEERIDENTITYEXPORT VERSION=\"1.0\"><PEERNAME>%s"
		     "</PEERNAME><DATA " ID_DT ">%s</DATA>"
		     "</PEERIDENTITYEXPORT>", name, outer) < 0)
		xml = NULL;
	free(inner);
	free(wide);
	free(outer);
	return xml;
}
