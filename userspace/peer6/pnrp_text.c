// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pnrp.h"

#define SERVICES_MAX	10	/* of a registration, [MS-PNRP] 2.2.3.1 */

static int fail_host(struct p6 *p6, const char *text)
{
	p6_fail(p6, P6_BAD_VALUE, "\"%s\" stands for no peer name", text);
	p6_fail_reason(p6, peer6_reason(PEER6_E_HOST_NAME));
	p6_fail_why(p6, "Under pnrp.net are NAME.pnrp.net and pNAME-p.pAUTHORITY.pnrp.net, and encoded forms of both.");
	return p6_fail_do(p6, "peer6 pnrp peer show convertedname PEERNAME");
}

static int fail_authority(struct p6 *p6, const char *text)
{
	size_t len = strcspn(text, "."), i;

	p6_fail(p6, P6_BAD_VALUE, "\"%s\" is no peer name", text);
	p6_fail_reason(p6, peer6_reason(PEER6_E_AUTHORITY));
	for (i = 0; i < len && strchr("0123456789abcdef", text[i]); i++)
		;
	if (i < len)
		p6_fail_why(p6, "Before the dot is an authority: 0, or 40 digits 0-9 and a-f; \"%c\" is none of these.",
			    text[i]);
	else
		p6_fail_why(p6, "Before the dot is an authority: 0, or 40 digits 0-9 and a-f; this one has %zu.",
			    len);
	return p6_fail_do(p6, "peer6 id list");
}

static int fail_classifier(struct p6 *p6, const char *text)
{
	const char *dot = strchr(text, '.');
	ptrdiff_t units;

	dot = dot ? dot + 1 : text;
	units = peer6_utf8_to_utf16(dot, strlen(dot), NULL, 0);
	if (peer6_utf8_to_utf16(text, strlen(text), NULL, 0) < 0) {
		/* What is no text is not repeated on somebody's terminal. */
		p6_fail(p6, P6_BAD_VALUE, "the name is no peer name");
		p6_fail_why(p6, "It has bytes that are not UTF-8.");
	} else {
		p6_fail(p6, P6_BAD_VALUE, "\"%.60s...\" is no peer name", text);
		p6_fail_why(p6, "What follows the dot may have %u UTF-16 units; it has %td.",
			    PEER6_CLASSIFIER_MAX, units);
	}
	p6_fail_reason(p6, peer6_reason(PEER6_E_CLASSIFIER));
	return p6_fail_do(p6, "peer6 %s --help", p6->command);
}

static int fail_name(struct p6 *p6, const char *text)
{
	p6_fail(p6, P6_BAD_VALUE, "\"%s\" is no peer name", text);
	p6_fail_reason(p6, peer6_reason(PEER6_E_NAME));
	p6_fail_why(p6, "A peer name is AUTHORITY.NAME, with authority 0 if unsecured; a host name ends in .pnrp.net.");
	return p6_fail_do(p6, "peer6 %s 0.%s", p6->command, text);
}

int pnrp_check_name(struct p6 *p6, const char *text, struct peer6_name *name)
{
	struct peer6_name own;

	if (!name)
		name = &own;
	if (peer6_host_is_pnrp(text))
		return peer6_name_from_host(name, text) ? fail_host(p6, text) :
		       0;
	switch (peer6_name_parse(name, text)) {
	case 0:
		return 0;
	case PEER6_E_CLASSIFIER:
		return fail_classifier(p6, text);
	case PEER6_E_AUTHORITY:
		if (peer6_utf8_to_utf16(text, strlen(text), NULL, 0) < 0)
			return fail_classifier(p6, text);
		return fail_authority(p6, text);
	default:
		if (peer6_utf8_to_utf16(text, strlen(text), NULL, 0) < 0)
			return fail_classifier(p6, text);
		return fail_name(p6, text);
	}
}

json_t *pnrp_clouds(const char *cloud)
{
	return cloud ? json_pack("{s:[s]}", "clouds", cloud) : json_object();
}

void pnrp_put_new(json_t *object, const char *key, json_t *value)
{
	if (object)
		json_object_set_new(object, key, value);
	else
		json_decref(value);
}

void pnrp_put(json_t *object, const char *key, const char *value)
{
	if (value)
		pnrp_put_new(object, key, json_string(value));
}

const char *pnrp_endpoint(const json_t *endpoint, char *buf)
{
	json_int_t zone = daemon_int(endpoint, "scope_id");
	char text[16] = "";

	if (zone)
		snprintf(text, sizeof(text), "%%%u", (unsigned int)zone);
	snprintf(buf, PNRP_ENDPOINT_MAX, "[%.45s%s]:%u",
		 daemon_text(endpoint, "address"), text,
		 (unsigned int)daemon_int(endpoint, "port") & 0xffff);
	return buf;
}

const char *pnrp_protocol(json_int_t number, char *buf, size_t size)
{
	if (number == IPPROTO_TCP)
		return "tcp";
	if (number == IPPROTO_UDP)
		return "udp";
	snprintf(buf, size, "%u", (unsigned int)number & 0xff);
	return buf;
}

const char *pnrp_state(const char *state)
{
	static const char *const words[][2] = {
		{ "virtual", "Virtual" },
		{ "synchronizing", "Synchronizing" },
		{ "active", "Active" },
		{ "dead", "Dead" },
		{ "disabled", "Disabled" },
		{ "no_net", "No net" },
		{ "alone", "Alone" },
	};
	size_t i;

	for (i = 0; i < P6_ARRAY_SIZE(words); i++)
		if (!strcmp(words[i][0], state))
			return words[i][1];
	return state;
}

void pnrp_row(const char *name, const char *fmt, ...)
{
	va_list args;

	printf("  %-27s: ", name);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

const char *pnrp_unsecured(bool secure)
{
	return secure ? "secured" : "unsecured: anyone may claim it";
}

static bool number(const char *text, size_t len, unsigned long max,
		   unsigned long *value)
{
	size_t i;

	*value = 0;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*value = *value * 10 + text[i] - '0';
		if (*value > max)
			return false;
	}
	return len > 0;
}

/* PORT, ADDRESS or [ADDRESS]:PORT, then /PROTOCOL or not. */
static json_t *service(const char *text, size_t len)
{
	char address[INET6_ADDRSTRLEN] = "";
	unsigned long port = 0, protocol = IPPROTO_TCP;
	const char *slash = memchr(text, '/', len), *end;
	struct in6_addr addr;
	json_t *object;
	size_t n;

	if (slash) {
		n = text + len - slash - 1;
		if (n == 3 && !strncasecmp(slash + 1, "tcp", 3))
			protocol = IPPROTO_TCP;
		else if (n == 3 && !strncasecmp(slash + 1, "udp", 3))
			protocol = IPPROTO_UDP;
		else if (!number(slash + 1, n, 255, &protocol))
			return NULL;
		len = slash - text;
	}
	if (len && *text == '[') {
		end = memchr(text, ']', len);
		if (!end || end == text + 1 || end - text > INET6_ADDRSTRLEN)
			return NULL;
		memcpy(address, text + 1, end - text - 1);
		n = text + len - end;
		if (n > 1 && (end[1] != ':' ||
			      !number(end + 2, n - 2, 65535, &port)))
			return NULL;
	} else if (memchr(text, ':', len)) {
		if (len >= sizeof(address))
			return NULL;
		memcpy(address, text, len);
	} else if (!number(text, len, 65535, &port)) {
		return NULL;
	}
	if (*address && inet_pton(AF_INET6, address, &addr) != 1)
		return NULL;
	object = json_pack("{s:i,s:i}", "port", (int)port, "protocol",
			   (int)protocol);
	if (*address)
		pnrp_put(object, "address", address);
	return object;
}

json_t *pnrp_services(struct p6 *p6, const char *text)
{
	json_t *list = json_array(), *one;
	size_t len;

	for (;; text += len + 1) {
		len = strcspn(text, ",");
		one = service(text, len);
		if (!one) {
			p6_fail(p6, P6_BAD_VALUE, "service \"%.*s\" is none",
				(int)len, text);
			p6_fail_why(p6, "A service is PORT, [IPV6]:PORT or IPV6, with /tcp, /udp or /NUMBER behind it if need be.");
			p6_fail_do(p6, "peer6 %s --help", p6->command);
			break;
		}
		json_array_append_new(list, one);
		if (json_array_size(list) > SERVICES_MAX) {
			p6_fail(p6, P6_BAD_VALUE, "too many services");
			p6_fail_why(p6, "A name can stand for %u; these are more.",
				    SERVICES_MAX);
			p6_fail_do(p6, "peer6 %s --help", p6->command);
			break;
		}
		if (!text[len])
			return list;
	}
	json_decref(list);
	return NULL;
}
