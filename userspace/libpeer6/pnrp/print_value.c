// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stdio.h>

#include "print.h"

static const char digits[] = "0123456789abcdef";

void p6out_line(struct print *pr, size_t pos, size_t len, unsigned int depth,
		const char *name, const char *fmt, ...)
{
	char value[PRINT_VALUE_MAX];
	struct peer6_pnrp_line line = {
		.offset = pr->base + pos,
		.len = len,
		.depth = pr->depth + depth,
		.name = name,
		.value = value,
	};
	va_list args;

	va_start(args, fmt);
	vsnprintf(value, sizeof(value), fmt, args);
	va_end(args);
	if (pr->err && !pr->marked && pr->at >= pos && pr->at < pos + len) {
		line.error = pr->err;
		pr->marked = true;
	}
	pr->fn(pr->ctx, &line);
}

void p6out_end(struct print *pr)
{
	struct peer6_pnrp_line line = {
		.offset = pr->base + pr->at,
		.depth = pr->depth,
		.name = "(end)",
		.value = "",
		.error = pr->err,
	};

	if (pr->err && !pr->marked)
		pr->fn(pr->ctx, &line);
	pr->marked = true;
}

static size_t hex(const uint8_t *p, size_t n, char *text)
{
	size_t i;

	for (i = 0; i < n; i++) {
		*text++ = digits[p[i] >> 4];
		*text++ = digits[p[i] & 15];
	}
	*text = '\0';
	return 2 * n;
}

void p6out_bytes(struct print *pr, size_t pos, size_t len, unsigned int depth,
		 const char *name)
{
	char text[2 * PRINT_BYTES_MAX + 1];
	size_t n = len < PRINT_BYTES_MAX ? len : PRINT_BYTES_MAX;

	if (!len)
		return;
	hex(pr->p + pos, n, text);
	if (n < len)
		p6out_line(pr, pos, len, depth, name, "%s... (%lu bytes)", text,
			   (unsigned long)len);
	else
		p6out_line(pr, pos, len, depth, name, "%s", text);
}

char *p6out_id_text(const uint8_t id[PEER6_PNRP_ID_LEN],
		    char text[PRINT_ID_MAX])
{
	size_t n = hex(id, PEER6_P2P_ID_LEN, text);

	text[n] = '.';
	hex(id + PEER6_P2P_ID_LEN, PEER6_PNRP_ID_LEN - PEER6_P2P_ID_LEN,
	    text + n + 1);
	return text;
}

void p6out_id(struct print *pr, size_t pos, unsigned int depth,
	      const char *name)
{
	char text[PRINT_ID_MAX];

	p6out_line(pr, pos, PEER6_PNRP_ID_LEN, depth, name, "%s",
		   p6out_id_text(pr->p + pos, text));
}

/* Terminals obey some characters and turn the rest of the line for others. */
static bool printable(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == '"' || c == '\\')
		return false;
	if ((c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c == 0x061c)
		return false;
	return (c < 0xd800 || c > 0xdfff) && (c & 0xfffe) != 0xfffe;
}

static size_t utf8(uint32_t c, char *text)
{
	if (c < 0x80) {
		text[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		text[0] = (char)(0xc0 | c >> 6);
		text[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		text[0] = (char)(0xe0 | c >> 12);
		text[1] = (char)(0x80 | (c >> 6 & 0x3f));
		text[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	text[0] = (char)(0xf0 | c >> 18);
	text[1] = (char)(0x80 | (c >> 12 & 0x3f));
	text[2] = (char)(0x80 | (c >> 6 & 0x3f));
	text[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

void p6out_text(struct print *pr, size_t pos, size_t len, unsigned int depth,
		const char *name, const uint16_t *units, size_t n)
{
	char text[PRINT_VALUE_MAX - 8];
	size_t i, k = 0;
	uint32_t c;

	text[k++] = '"';
	for (i = 0; i < n && k < sizeof(text) - 16; i++) {
		c = units[i];
		if (c >= 0xd800 && c < 0xdc00 && i + 1 < n &&
		    units[i + 1] >= 0xdc00 && units[i + 1] < 0xe000)
			c = 0x10000 + ((c & 0x3ff) << 10) +
			    (units[++i] & 0x3ffU);
		if (printable(c)) {
			k += utf8(c, text + k);
		} else if (c == '"' || c == '\\') {
			text[k++] = '\\';
			text[k++] = (char)c;
		} else {
			k += (size_t)snprintf(text + k, sizeof(text) - k,
					      "\\u{%lx}", (unsigned long)c);
		}
	}
	text[k++] = '"';
	text[k] = '\0';
	p6out_line(pr, pos, len, depth, name, "%s%s", text,
		   i < n ? "..." : "");
}

char *peer6_pnrp_address_text(const uint8_t addr[16],
			      char text[PEER6_PNRP_ADDRESS_MAX])
{
	unsigned int i, run, best = 8, best_len = 1;
	uint16_t w[8];
	char *p = text;

	for (i = 0; i < 8; i++)
		w[i] = (uint16_t)wire_be(addr + 2 * i, 2);
	for (i = 0; i < 8; i += run + 1) {
		for (run = 0; i + run < 8 && !w[i + run]; run++)
			;
		if (run > best_len) {
			best = i;
			best_len = run;
		}
	}
	for (i = 0; i < 8; i++) {
		if (i == best) {
			*p++ = ':';
			*p++ = ':';
			i += best_len - 1;
			continue;
		}
		if (i && !(i == best + best_len && best < 8))
			*p++ = ':';
		p += snprintf(p, 5, "%x", w[i]);
	}
	*p = '\0';
	return text;
}

char *p6out_endpoint(const uint8_t addr[16], unsigned int port,
		     char text[PRINT_ENDPOINT_MAX])
{
	char address[PEER6_PNRP_ADDRESS_MAX];

	snprintf(text, PRINT_ENDPOINT_MAX, "[%s]:%u",
		 peer6_pnrp_address_text(addr, address), port & 0xffff);
	return text;
}

char *p6out_time(peer6_filetime time, char text[PRINT_TIME_MAX])
{
	uint64_t seconds = time / 10000000;
	uint64_t days = seconds / 86400 + 584694;	/* from 0000-03-01 */
	unsigned int era_day, year, day, month, rest;
	uint64_t era = days / 146097;

	/* The calendar repeats after 146097 days; years start in March. */
	era_day = (unsigned int)(days % 146097);
	year = (era_day - era_day / 1460 + era_day / 36524 -
		era_day / 146096) / 365;
	day = era_day - (365 * year + year / 4 - year / 100);
	month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5;
	rest = (unsigned int)(seconds % 86400);
	snprintf(text, PRINT_TIME_MAX, "%lu-%02u-%02uT%02u:%02u:%02uZ",
		 (unsigned long)(era * 400 + year + (month >= 10)),
		 month < 10 ? month + 3 : month - 9, day + 1, rest / 3600,
		 rest / 60 % 60, rest % 60);
	return text;
}

char *p6out_flags(unsigned int flags, unsigned int width,
		  const struct print_bit *bits, size_t n,
		  char text[PRINT_FLAGS_MAX])
{
	unsigned int rest = flags;
	bool any = false;
	size_t i, k;

	k = (size_t)snprintf(text, PRINT_FLAGS_MAX, "0x%0*x", (int)width,
			     flags);
	for (i = 0; i < n; i++) {
		if (!(flags & bits[i].bit))
			continue;
		text[k++] = ' ';
		if (!any)
			text[k++] = '(';
		text[k++] = bits[i].name;
		rest &= ~(unsigned int)bits[i].bit;
		any = true;
	}
	if (any)
		text[k++] = ')';
	text[k] = '\0';
	if (rest)
		snprintf(text + k, PRINT_FLAGS_MAX - k, ", reserved 0x%0*x",
			 (int)width, rest);
	return text;
}

size_t peer6_pnrp_line_text(const struct peer6_pnrp_line *line, char *text,
			    size_t size)
{
	int n;

	n = snprintf(text, size, "%6lu  %*s%s%s%s%s%s%s%s",
		     (unsigned long)line->offset, (int)(2 * line->depth), "",
		     line->name, *line->value ? "  " : "", line->value,
		     line->error ? "  <-- [" : "",
		     line->error ? peer6_reason(line->error) : "",
		     line->error ? "] " : "",
		     line->error ? peer6_strerror(line->error) : "");
	if (n < 0 || !size)
		return 0;
	return (size_t)n < size ? (size_t)n : size - 1;
}
