// SPDX-License-Identifier: GPL-2.0-or-later
/* peer6 pnrp decode: the PNRP messages of a capture, field by field. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <peer6/pnrp_print.h>

#include "args.h"
#include "pnrp_decode.h"
#include "pnrp_reassembly.h"

const char p6_help_pnrp_decode[] =
	"  peer6 pnrp decode trace.pcap\n"
	"  peer6 pnrp decode trace.pcapng port=40001\n"
	"  tcpdump -i any -w - udp port 3540 | peer6 pnrp decode -\n"
	"\n"
	"Usage: peer6 pnrp decode FILE [port=N]\n"
	"\n"
	"  FILE     pcap or pcapng: Ethernet, raw IP or Linux cooked; IPv6 as such\n"
	"           or within Teredo; \"-\" is standard input\n"
	"  port=N   take all UDP of this port for PNRP, not that of 3540; what has\n"
	"           the header of a PNRP message is taken from any port\n"
	"\n"
	"Each line has the offset of the bytes that it is about. What is wrong is\n"
	"marked with \"<--\" and its reason. Answers in several fragments are shown\n"
	"once more as a whole.\n";

struct decode {
	struct p6 *p6;
	struct reassembly *table;
	unsigned int port;
	unsigned long messages;
	unsigned long bad;
	json_t *list;		/* of messages, NULL without --json */
	json_t *fields;		/* of the message that is being printed */
};

static void endpoint(const uint8_t *addr, unsigned int port, char *text,
		     size_t size)
{
	char address[PEER6_PNRP_ADDRESS_MAX];

	snprintf(text, size, "[%s]:%u", peer6_pnrp_address_text(addr, address),
		 port);
}

static void endpoint4(const uint8_t *addr, unsigned int port, char *text,
		      size_t size)
{
	snprintf(text, size, "%u.%u.%u.%u:%u", addr[0], addr[1], addr[2],
		 addr[3], port);
}

static void time_text(const struct timespec *at, char *text, size_t size)
{
	struct tm tm;
	size_t n;

	gmtime_r(&at->tv_sec, &tm);
	n = strftime(text, size, "%FT%T", &tm);
	snprintf(text + n, size - n, ".%06ldZ", at->tv_nsec / 1000);
}

static void print_line(void *ctx, const struct peer6_pnrp_line *line)
{
	struct decode *d = ctx;
	char text[PEER6_PNRP_LINE_MAX];
	json_t *field;

	if (d->fields) {
		field = json_pack("{s:I,s:I,s:i,s:s,s:s}",
				  "offset", (json_int_t)line->offset,
				  "length", (json_int_t)line->len,
				  "depth", (int)line->depth,
				  "name", line->name, "value", line->value);
		if (field && line->error)
			json_object_set_new(field, "error",
				json_string(peer6_reason(line->error)));
		json_array_append_new(d->fields, field);
		return;
	}
	peer6_pnrp_line_text(line, text, sizeof(text));
	if (line->error)
		printf("%s%s%s\n", p6_color(d->p6, P6_RED), text,
		       p6_color_end(d->p6));
	else
		printf("%s\n", text);
}

/*
 * One thing of the list: a message, or the @name that fragments have made.
 * Without bytes of its own it is as long as was sent.
 */
static void show(struct decode *d, const struct capture_datagram *dg,
		 enum peer6_pnrp_kind kind, const char *name,
		 const uint8_t *bytes, size_t len, const char *remark)
{
	char at[40], from[64], to[64], from4[32], to4[32];
	json_t *message = NULL;
	int err;

	time_text(&dg->at, at, sizeof(at));
	endpoint(dg->src, dg->sport, from, sizeof(from));
	endpoint(dg->dst, dg->dport, to, sizeof(to));
	endpoint4(dg->src4, dg->sport4, from4, sizeof(from4));
	endpoint4(dg->dst4, dg->dport4, to4, sizeof(to4));
	if (d->list) {
		d->fields = json_array();
		message = json_pack("{s:I,s:s,s:s,s:s,s:s,s:I}",
				    "packet", (json_int_t)dg->packet,
				    "at", at, "from", from, "to", to,
				    "type", name, "length", (json_int_t)len);
		if (message && dg->teredo)
			json_object_set_new(message, "teredo",
				json_pack("{s:s,s:s}", "from", from4,
					  "to", to4));
		if (message && dg->len < dg->sent)
			json_object_set_new(message, "sent",
					    json_integer((json_int_t)dg->sent));
	} else {
		if (d->messages > 1 || kind != PEER6_PNRP_KIND_MSG)
			putchar('\n');
		printf("#%lu  %s  %s > %s  %s%s%s  %zu bytes%s\n", dg->packet,
		       at, from, to, p6_color(d->p6, P6_GREEN), name,
		       p6_color_end(d->p6), len, remark);
		if (dg->teredo)
			printf("        in Teredo, %s > %s\n", from4, to4);
		if (dg->len < dg->sent)
			printf("        captured %zu of %zu bytes\n", dg->len,
			       dg->sent);
	}
	err = peer6_pnrp_print(kind, NULL, bytes, len, print_line, d);
	if (err)
		d->bad++;
	if (!message)
		return;
	if (err)
		json_object_set_new(message, "error",
				    json_string(peer6_reason(err)));
	json_object_set_new(message, "fields", d->fields);
	d->fields = NULL;
	json_array_append_new(d->list, message);
}

static void fragment(struct decode *d, const struct capture_datagram *dg,
		     const struct peer6_pnrp_msg *msg)
{
	struct reassembly *whole = reassembly_add(d->table, dg, msg);
	char remark[80];

	if (!whole)
		return;
	snprintf(remark, sizeof(remark), ", of packets %lu to %lu",
		 whole->first, whole->last);
	show(d, dg, PEER6_PNRP_KIND_AUTHORITY, "AUTHORITY_BUFFER",
	     whole->buffer, whole->size, remark);
	reassembly_drop(whole);
}

static bool is_pnrp(const struct decode *d, const struct capture_datagram *dg)
{
	static const uint8_t header[] = { 0x00, 0x10, 0x00, 0x0c, 0x51, 4, 0 };

	return dg->sport == d->port || dg->dport == d->port ||
	       (dg->len >= sizeof(header) &&
		!memcmp(dg->data, header, sizeof(header)));
}

static void datagram(struct decode *d, const struct capture_datagram *dg)
{
	struct peer6_pnrp_msg msg;
	int err;

	d->messages++;
	err = peer6_pnrp_msg_decode(&msg, dg->data, dg->len);
	show(d, dg, PEER6_PNRP_KIND_MSG,
	     dg->len >= 8 && err != PEER6_E_HEADER ?
	     peer6_pnrp_type_name(dg->data[7]) : "unknown", dg->data, dg->len,
	     "");
	if (!err && msg.type == PEER6_PNRP_AUTHORITY &&
	    msg.fragment.len < msg.size)
		fragment(d, dg, &msg);
}

static void remarks(struct decode *d, const struct capture *c)
{
	const struct reassembly *e;
	size_t i;

	for (i = 0; i < REASSEMBLY_MAX; i++) {
		e = &d->table[i];
		if (e->used)
			p6_note(d->p6, "The answer that begins in packet %lu is "
				"not whole: %u of %u fragments.", e->first,
				reassembly_have(e), reassembly_want(e));
	}
	if (capture_fragments(c))
		p6_note(d->p6, "%lu IP fragments were left out.",
			capture_fragments(c));
	if (d->bad)
		p6_note(d->p6, "%lu of %lu messages cannot be decoded.", d->bad,
			d->messages);
}

static int nothing(struct decode *d, const struct capture *c, const char *path)
{
	p6_fail(d->p6, P6_NOT_FOUND, "no PNRP message in \"%s\"", path);
	p6_fail_why(d->p6, "Of its %lu packets none is UDP over IPv6 of port %u "
		    "or has the header of PNRP 4.0.", capture_packets(c),
		    d->port);
	return p6_fail_do(d->p6, "peer6 pnrp decode %s port=N", path);
}

static int decode_file(struct decode *d, const char *path)
{
	struct capture_datagram dg;
	struct capture *c;
	int got, status;

	c = capture_open(d->p6, path);
	if (!c)
		return p6_code_exit(d->p6->failure.code);
	while ((got = capture_next(d->p6, c, &dg)) == 1)
		if (is_pnrp(d, &dg))
			datagram(d, &dg);
	if (got < 0)
		status = p6_code_exit(d->p6->failure.code);
	else if (!d->messages)
		status = nothing(d, c, path);
	else
		status = 0;
	if (d->messages && !d->list)
		remarks(d, c);
	if (d->list && !status)
		status = p6_print_json(d->p6, json_pack("{s:s,s:I,s:O}",
			"schema", "peer6.pnrp.decode/1",
			"packets", (json_int_t)capture_packets(c),
			"messages", d->list));
	capture_close(c);
	return status;
}

static int parse_port(struct p6 *p6, const char *text, unsigned int *port)
{
	unsigned long value;
	char *end;

	*port = PEER6_PNRP_PORT;
	if (!text)
		return 0;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (!errno && !*end && *text >= '0' && *text <= '9' && value &&
	    value <= UINT16_MAX) {
		*port = (unsigned int)value;
		return 0;
	}
	p6_fail(p6, P6_BAD_VALUE, "port=%s is no port", text);
	p6_fail_why(p6, "A port is a number from 1 to %d.", UINT16_MAX);
	return p6_fail_do(p6, "peer6 pnrp decode --help");
}

int p6_pnrp_decode_run(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "file", P6_TAG_NEEDED, "a capture" },
		{ "port", P6_TAG_NAMED, NULL },
	};
	const char *values[P6_ARRAY_SIZE(tags)];
	struct decode d = { .p6 = p6 };
	int status;

	status = p6_args(p6, argc, argv, tags, P6_ARRAY_SIZE(tags), values);
	if (!status)
		status = parse_port(p6, values[1], &d.port);
	if (status)
		return status;
	d.table = calloc(REASSEMBLY_MAX, sizeof(*d.table));
	if (!d.table)
		return p6_fail_memory(p6);
	if (p6->json)
		d.list = json_array();
	status = decode_file(&d, values[0]);
	json_decref(d.list);
	free(d.table);
	return status;
}
