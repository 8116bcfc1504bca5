// SPDX-License-Identifier: GPL-2.0-or-later
/* SSDP's text as PNRP uses it: published captures, and what strangers may send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "limits.h"
#include "ssdp_text.h"

#define URN	"urn:Microsoft Windows Peer Name Resolution Protocol: V4:IPV6:"

/* As captured from Windows, 146 bytes. */
static const char search[] =
	"M-SEARCH * HTTP/1.1\r\n"
	"Host:[FF02::C]:1900\r\n"
	"ST:" URN "LinkLocal\r\n"
	"Man:\"ssdp:discover\"\r\n"
	"MX:3\r\n"
	"\r\n";

static const char answer[] =
	"HTTP/1.1 200 OK\r\n"
	"ST:" URN "LinkLocal\r\n"
	"USN:[fe80::1]:3540\r\n"
	"Location:192.168.1.1\r\n"
	"AL:[fe80::1]:3540\r\n"
	"OPT:\"http://schemas.upnp.org/upnp/1/0/\"; ns=01\r\n"
	"01-NLS:0123456789abcdef\r\n"
	"Cache-Control:max-age=14400\r\n"
	"Server:Microsoft-Windows-NT/5.1 UPnP/1.0 UPnP-Device-Host/1.0\r\n"
	"Ext:\r\n"
	"\r\n";

/* In memory of just its size: a byte read behind it is seen by ASan. */
static bool parse(struct ssdp_text *out, const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);
	bool ok;

	memcpy(copy, text, len);
	ok = ssdp_parse(out, copy, len);
	free(copy);
	return ok;
}

static bool parse_string(struct ssdp_text *out, const char *text)
{
	return parse(out, text, strlen(text));
}

static void captured(void **state)
{
	struct ssdp_text t;
	uint8_t addr[16];

	(void)state;
	assert_int_equal(sizeof(search) - 1, 146);
	assert_true(parse_string(&t, search));
	assert_int_equal(t.kind, SSDP_SEARCH);
	assert_int_equal(t.scope, PEER6_PNRP_LINK_LOCAL);
	assert_int_equal(t.mx, 3);

	assert_true(parse_string(&t, answer));
	assert_int_equal(t.kind, SSDP_ANSWER);
	assert_int_equal(t.scope, PEER6_PNRP_LINK_LOCAL);
	inet_pton(AF_INET6, "fe80::1", addr);
	assert_memory_equal(t.al.addr, addr, 16);
	assert_int_equal(t.al.port, 3540);
	assert_int_equal(t.al.scope_id, 0);
}

static void written(void **state)
{
	struct ssdp_text t = {
		.kind = SSDP_SEARCH,
		.scope = PEER6_PNRP_LINK_LOCAL,
		.mx = 3,
	};
	struct ssdp_text back;
	char buf[SSDP_DATAGRAM_MAX];
	unsigned int kind, scope;
	size_t len;

	(void)state;
	len = ssdp_format(&t, buf, sizeof(buf));
	assert_int_equal(len, 146);
	assert_memory_equal(buf, search, 146);
	for (kind = SSDP_SEARCH; kind <= SSDP_BYEBYE; kind++) {
		for (scope = 1; scope <= 3; scope += 2) {
			memset(&t, 0, sizeof(t));
			t.kind = kind;
			t.scope = scope;
			if (kind == SSDP_SEARCH)
				t.mx = 2;
			else
				t.al.port = 65535;
			if (kind != SSDP_SEARCH)
				memset(t.al.addr, 0x2a, 16);
			len = ssdp_format(&t, buf, sizeof(buf));
			assert_in_range(len, 1, 600);
			assert_true(parse(&back, buf, len));
			assert_memory_equal(&back, &t, sizeof(t));
			/* One byte less than it needs: nothing. */
			assert_int_equal(ssdp_format(&t, buf, len), 0);
		}
	}
}

static void tolerated(void **state)
{
	struct ssdp_text t;

	(void)state;
	/* Blanks, capitals, bare line feeds, unknown lines, no end. */
	assert_true(parse_string(&t, "m-search * HTTP/1.1\nst : " URN
				 "Global \nX\n: y\nMX: 1\n"));
	assert_int_equal(t.scope, PEER6_PNRP_GLOBAL);
	assert_int_equal(t.mx, 1);
	assert_true(parse_string(&t, "NOTIFY * HTTP/1.1\r\nNTS:ssdp:byebye\r\n"
				 "NT:" URN "Global\r\nAL:[2001:db8::1%4]:4000"));
	assert_int_equal(t.kind, SSDP_BYEBYE);
	assert_int_equal(t.al.port, 4000);
	/* Behind the empty line nothing counts. */
	assert_true(parse_string(&t, "HTTP/1.1 200 OK\r\nST:" URN
				 "Global\r\nAL:[2001:db8::1]:4000\r\n\r\n"
				 "AL:[::1]:1"));
	assert_int_equal(t.al.port, 4000);
	/* A number without end is the greatest that is taken. */
	assert_true(parse_string(&t, "M-SEARCH * HTTP/1.1\r\nST:" URN
				 "Global\r\nMX:99999999999999999999999\r\n"));
	assert_int_equal(t.mx, 120);
}

static void refused(void **state)
{
	static const char *const bad[] = {
		"", "\r\n", "M-SEARCH", "GET / HTTP/1.1\r\n",
		"M-SEARCH * HTTP/1.1\r\n\r\n",
		"M-SEARCH * HTTP/1.1\r\nST:ssdp:all\r\n",
		"M-SEARCH * HTTP/1.1\r\nST:upnp:rootdevice\r\n",
		"M-SEARCH * HTTP/1.1\r\nST:" URN "SiteLocal\r\n",
		"M-SEARCH * HTTP/1.1\r\nST:" URN "\r\n",
		"M-SEARCH * HTTP/1.1\r\nNT:" URN "Global\r\n",
		"HTTP/1.1 404 Not Found\r\nST:" URN
			"Global\r\nAL:[2001:db8::1]:3540\r\n",
		"HTTP/1.1 200 OK\r\nST:" URN "Global\r\n",
		"NOTIFY * HTTP/1.1\r\nNT:" URN
			"Global\r\nAL:[2001:db8::1]:3540\r\n",
	};
	static const char *const al[] = {
		"", "2001:db8::1:3540", "[2001:db8::1]", "[2001:db8::1]3540",
		"[2001:db8::1]:", "[2001:db8::1]:80", "[2001:db8::1]:1024",
		"[2001:db8::1]:65536", "[2001:db8::1]:999999999999", "[]:3540",
		"[ff02::c]:3540", "[192.0.2.1]:3540", "[2001:db8::1",
		"[2001:db8:0:0:0:0:0:1:1]:3540", "[%1]:3540", "[x]:3540",
		"[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:3540",
		"http://[2001:db8::1]:3540",
	};
	static const char nul[] =
		"M-SEARCH * HTTP/1.1\r\nST:\0" URN "Global\r\n";
	struct ssdp_text t;
	char text[400];
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (parse_string(&t, bad[i]))
			fail_msg("taken: %s", bad[i]);
	for (i = 0; i < sizeof(al) / sizeof(al[0]); i++) {
		snprintf(text, sizeof(text),
			 "HTTP/1.1 200 OK\r\nST:" URN "Global\r\nAL:%s\r\n",
			 al[i]);
		if (parse_string(&t, text))
			fail_msg("taken: %s", al[i]);
	}
	/* A NUL within is a character like others. */
	assert_false(parse(&t, nul, sizeof(nul) - 1));
}

/* Every prefix, and every byte changed in turn: an answer, and no fault. */
static void mangled(void **state)
{
	struct ssdp_text t;
	char text[sizeof(answer)];
	unsigned int i, k, taken = 0;

	(void)state;
	for (i = 0; i < sizeof(answer); i++)
		taken += parse(&t, answer, i);
	assert_in_range(taken, 1, sizeof(answer) - 1);
	for (i = 0; i < sizeof(answer) - 1; i++) {
		for (k = 1; k < 256; k++) {
			memcpy(text, answer, sizeof(answer));
			text[i] ^= (char)k;
			parse(&t, text, sizeof(answer) - 1);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(captured),
		cmocka_unit_test(written),
		cmocka_unit_test(tolerated),
		cmocka_unit_test(refused),
		cmocka_unit_test(mangled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
