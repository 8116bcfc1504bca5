// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "id_fixture.h"

struct peer6_openssl *id_ossl;
struct peer6_key *id_key_a, *id_key_b;
uint8_t *id_der_a;
size_t id_der_a_len;

const uint8_t id_serial_a[16] = "123456789:;<=>?@";

int id_setup(void **state)
{
	(void)state;
	if (peer6_crypto_openssl_init(&id_ossl))
		return -1;
	id_key_a = id_key(id_ossl, 'A');
	id_key_b = id_key(id_ossl, 'B');
	id_der_a = id_base64(id_idc_a, &id_der_a_len);
	return id_key_a && id_key_b ? 0 : -1;
}

int id_teardown(void **state)
{
	(void)state;
	free(id_der_a);
	peer6_key_free(id_key_a);
	peer6_key_free(id_key_b);
	peer6_crypto_openssl_free(id_ossl);
	return 0;
}

uint8_t *id_build(const struct peer6_key *key, const char *text,
		  const char *friendly, size_t *len)
{
	struct peer6_name name;
	uint8_t *der;

	assert_int_equal(peer6_name_parse(&name, text), 0);
	assert_int_equal(peer6_idc_build(key, &name, friendly, id_serial_a,
					 ID_2024, ID_3024, &der, len), 0);
	return der;
}
