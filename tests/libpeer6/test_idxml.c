// SPDX-License-Identifier: GPL-2.0-or-later
/* Identity XML: known bytes, that of other writers, and XML that is none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "id_fixture.h"

static void identity_xml(void **state)
{
	uint8_t *der;
	char *xml, sum[65];
	struct peer6_idc idc;
	size_t len;

	(void)state;
	assert_int_equal(peer6_idxml_write(id_der_a, id_der_a_len, &xml), 0);
	assert_int_equal(strlen(xml), 1080);
	id_sha256(xml, 1080, sum);
	assert_string_equal(sum, "7f44eca497e66747822a259107b4ea34b52e59b75db9"
			    "2da9477c8dedb8394698");
	assert_int_equal(peer6_idxml_read(xml, strlen(xml), &der, &len), 0);
	assert_int_equal(len, 714);
	assert_int_equal(peer6_idc_read(id_ossl, der, len, 0, &idc), 0);
	assert_memory_equal(idc.der, id_der_a, id_der_a_len);
	free(der);
	free(xml);
}

/* "AQID" is 01 02 03. */
static void xml_of_others(void **state)
{
	static const char *const good[] = {
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " ID_DT ">AQID</IDC>"
		"</PEERIDENTITYINFO>",
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
		"<PEERIDENTITYINFO VERSION='1.0'>\r\n\t<IDC " ID_DT ">\r\n"
		"A\nQ I\tD\r\n</IDC>\n</PEERIDENTITYINFO>\n",
		"\xef\xbb\xbf<PEERIDENTITYINFO VERSION=\"1.0\"><IDC dt:dt="
		"\"bin.base64\" xmlns:dt=\"urn:schemas-microsoft-com:"
		"datatypes\">AQID</IDC></PEERIDENTITYINFO>",
	};
	uint8_t wide[400] = { 0xff, 0xfe }, *der;
	size_t i, len;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_int_equal(peer6_idxml_read(good[i], strlen(good[i]),
						  &der, &len), 0);
		assert_int_equal(len, 3);
		assert_memory_equal(der, "\1\2\3", 3);
		free(der);
	}
	for (i = 0; good[0][i]; i++)
		wide[2 + 2 * i] = (uint8_t)good[0][i];
	assert_int_equal(peer6_idxml_read(wide, 2 + 2 * i, &der, &len), 0);
	assert_int_equal(len, 3);
	free(der);
}

static void xml_that_is_none(void **state)
{
	static const char *const bad[] = {
		"", " ", "hello",
		"<PEERIDENTITYINFO VERSION=\"1.1\"><IDC " ID_DT ">AQID</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO><IDC " ID_DT ">AQID</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\" X=\"\"><IDC " ID_DT ">AQID"
		"</IDC></PEERIDENTITYINFO>",
		"<peeridentityinfo VERSION=\"1.0\"><IDC " ID_DT ">AQID</IDC>"
		"</peeridentityinfo>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"></PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><idc " ID_DT ">AQID</idc>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC>AQID</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC dt=\"bin.base64\">AQID"
		"</IDC></PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC xmlns:dt=\"urn:x\" "
		"dt:dt=\"bin.base64\">AQID</IDC></PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC xmlns:dt=\"urn:schemas-"
		"microsoft-com:datatypes\" dt:dt=\"bin.hex\">AQID</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " ID_DT ">AQID</IDC>"
		"<IDC " ID_DT ">AQID</IDC></PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " ID_DT ">AQID</IDC>"
		"<X/></PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\">x<IDC " ID_DT ">AQID</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " ID_DT ">AQID</IDC>x"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><!-- --><IDC " ID_DT ">AQID"
		"</IDC></PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " ID_DT "><b/>AQID"
		"</IDC></PEERIDENTITYINFO>",
		/* base64: cut, a letter behind the padding, loose bits, ... */
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " ID_DT ">AQI</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " ID_DT ">AQ==AQID"
		"</IDC></PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " ID_DT ">AR==</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " ID_DT ">A===</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " ID_DT ">AQ=D</IDC>"
		"</PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " ID_DT ">AQ_D</IDC>"
		"</PEERIDENTITYINFO>",
		/* entities */
		"<!DOCTYPE x [<!ENTITY e \"AQID\">]><PEERIDENTITYINFO VERSION="
		"\"1.0\"><IDC " ID_DT ">&e;</IDC></PEERIDENTITYINFO>",
		"<!DOCTYPE PEERIDENTITYINFO><PEERIDENTITYINFO VERSION=\"1.0\">"
		"<IDC " ID_DT ">AQID</IDC></PEERIDENTITYINFO>",
		"<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " ID_DT ">&e;</IDC>"
		"</PEERIDENTITYINFO>",
	};
	uint8_t *der;
	char *big = malloc(PEER6_XML_MAX + 2);
	size_t i, len, n;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(peer6_idxml_read(bad[i], strlen(bad[i]), &der,
						  &len), PEER6_E_CORRUPT);
		assert_null(der);
	}
	/* White space up to the limit, and a byte over it. */
	n = (size_t)sprintf(big, "<PEERIDENTITYINFO VERSION=\"1.0\"><IDC " ID_DT
			    ">AQID</IDC></PEERIDENTITYINFO>");
	memset(big + n, ' ', PEER6_XML_MAX + 1 - n);
	assert_int_equal(peer6_idxml_read(big, PEER6_XML_MAX, &der, &len), 0);
	free(der);
	assert_int_equal(peer6_idxml_read(big, PEER6_XML_MAX + 1, &der, &len),
			 PEER6_E_CORRUPT);
	free(big);
}

static void cut_xml(void **state)
{
	uint8_t *der;
	char *xml;
	size_t n, len, whole;

	(void)state;
	assert_int_equal(peer6_idxml_write(id_der_a, id_der_a_len, &xml), 0);
	whole = strlen(xml);
	for (n = 0; n < whole; n += 1 + n % 3) {
		assert_int_equal(peer6_idxml_read(xml, n, &der, &len),
				 PEER6_E_CORRUPT);
		assert_null(der);
	}
	free(xml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identity_xml),
		cmocka_unit_test(xml_of_others),
		cmocka_unit_test(xml_that_is_none),
		cmocka_unit_test(cut_xml),
	};

	return cmocka_run_group_tests(tests, id_setup, id_teardown);
}
