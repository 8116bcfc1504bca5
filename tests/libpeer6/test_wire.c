// SPDX-License-Identifier: GPL-2.0-or-later
#include "cases_cmocka.h"

#include <string.h>

#include <openssl/sha.h>

#include "pnrp_vectors.h"

/* That the bytes of the vectors are those that were published. */
static void digests(void **state)
{
	uint8_t bytes[1024], want[20], digest[20];
	size_t i, len;

	(void)state;
	for (i = 0; i < PNRP_VECTORS; i++) {
		len = pnrp_vector_bytes(&pnrp_vectors[i], bytes);
		assert_int_equal(len, pnrp_vectors[i].len);
		SHA1(bytes, len, digest);
		assert_int_equal(case_hex(pnrp_vectors[i].sha1, want), 20);
		assert_memory_equal(digest, want, sizeof(want));
	}
}

int main(void)
{
	const struct peer6_case *const lists[] = { cases_wire, cases_wire_bad,
						   NULL };
	const struct CMUnitTest more[] = {
		cmocka_unit_test(digests),
	};

	return cases_cmocka("wire", lists, more, 1);
}
