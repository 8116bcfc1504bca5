// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is in a capture down to UDP over IPv6, also when that is in a Teredo
 * tunnel. Nothing in a packet is believed: each length is held against what was
 * captured.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "capture.h"

#define TEREDO_SERVER_PORT	3544
#define TEREDO_PREFIX		0x20010000u

#define ETHERTYPE_IP4		0x0800
#define ETHERTYPE_IP6		0x86dd
#define ETHERTYPE_VLAN		0x8100
#define ETHERTYPE_QINQ		0x88a8

#define NEXT_HOP_BY_HOP		0
#define NEXT_UDP		17
#define NEXT_ROUTING		43
#define NEXT_FRAGMENT		44
#define NEXT_DESTINATION	60

struct capture {
	pcap_t *pcap;
	char *path;
	int link;
	unsigned long packets;
	unsigned long fragments;
};

struct span {
	const uint8_t *p;
	size_t len;
};

static unsigned int get16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

static bool skip(struct span *s, size_t n)
{
	if (n > s->len)
		return false;
	s->p += n;
	s->len -= n;
	return true;
}

struct capture *capture_open(struct p6 *p6, const char *path)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	struct capture *c = calloc(1, sizeof(*c));

	if (c)
		c->path = strdup(path);
	if (!c || !c->path) {
		free(c);
		p6_fail_memory(p6);
		return NULL;
	}
	c->pcap = pcap_open_offline_with_tstamp_precision(path,
			PCAP_TSTAMP_PRECISION_NANO, why);
	if (!c->pcap) {
		p6_fail(p6, P6_FAILED, "cannot read \"%s\" as a capture", path);
		p6_fail_why(p6, "%s.", why);
		p6_fail_do(p6, "tcpdump -i any -w FILE.pcap udp port 3540");
		capture_close(c);
		return NULL;
	}
	c->link = pcap_datalink(c->pcap);
	switch (c->link) {
	case DLT_EN10MB:
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
	case DLT_NULL:
	case DLT_LOOP:
		return c;
	}
	p6_fail(p6, P6_FAILED, "\"%s\" is of a link that is not known", path);
	p6_fail_why(p6, "Ethernet, raw IP and Linux's cooked packets are known, "
		    "and this is %s.", pcap_datalink_val_to_description(c->link) ?
		    pcap_datalink_val_to_description(c->link) : "neither");
	p6_fail_do(p6, "tcpdump -i any -w FILE.pcap udp port 3540");
	capture_close(c);
	return NULL;
}

void capture_close(struct capture *c)
{
	if (!c)
		return;
	if (c->pcap)
		pcap_close(c->pcap);
	free(c->path);
	free(c);
}

unsigned long capture_packets(const struct capture *c)
{
	return c->packets;
}

unsigned long capture_fragments(const struct capture *c)
{
	return c->fragments;
}

/* Removes the header of the link; what is left begins with IP's version. */
static bool link_header(int link, struct span *s)
{
	unsigned int type;

	switch (link) {
	case DLT_EN10MB:
		if (s->len < 14)
			return false;
		type = get16(s->p + 12);
		skip(s, 14);
		while ((type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ) &&
		       s->len >= 4) {
			type = get16(s->p + 2);
			skip(s, 4);
		}
		break;
	case DLT_LINUX_SLL:
		if (s->len < 16)
			return false;
		type = get16(s->p + 14);
		skip(s, 16);
		break;
	case DLT_LINUX_SLL2:
		if (s->len < 20)
			return false;
		type = get16(s->p);
		skip(s, 20);
		break;
	case DLT_NULL:
	case DLT_LOOP:
		return skip(s, 4);
	default:
		return true;
	}
	return type == ETHERTYPE_IP4 || type == ETHERTYPE_IP6;
}

/* To the payload of UDP. @sent: how long it was before it was captured. */
static bool udp_header(struct span *s, uint16_t *sport, uint16_t *dport,
		       size_t *sent)
{
	if (s->len < 8 || get16(s->p + 4) < 8)
		return false;
	*sport = (uint16_t)get16(s->p);
	*dport = (uint16_t)get16(s->p + 2);
	*sent = get16(s->p + 4) - 8;
	skip(s, 8);
	if (s->len > *sent)
		s->len = *sent;
	return true;
}

/* Past the headers before UDP, if it is UDP that they are before. */
static bool extension_headers(struct capture *c, struct span *s,
			      unsigned int next)
{
	while (next != NEXT_UDP) {
		if (s->len < 8)
			return false;
		switch (next) {
		case NEXT_HOP_BY_HOP:
		case NEXT_ROUTING:
		case NEXT_DESTINATION:
			next = s->p[0];
			if (!skip(s, 8 * (1 + (size_t)s->p[1])))
				return false;
			break;
		case NEXT_FRAGMENT:
			if (get16(s->p + 2) & 0xfff9) {
				c->fragments++;
				return false;
			}
			next = s->p[0];
			skip(s, 8);
			break;
		default:
			return false;
		}
	}
	return true;
}

static bool ip6(struct capture *c, struct span s, struct capture_datagram *d)
{
	unsigned int next;
	size_t len;

	if (s.len < 40 || s.p[0] >> 4 != 6)
		return false;
	len = get16(s.p + 4);
	next = s.p[6];
	memcpy(d->src, s.p + 8, 16);
	memcpy(d->dst, s.p + 24, 16);
	skip(&s, 40);
	if (s.len > len)
		s.len = len;
	if (!extension_headers(c, &s, next) ||
	    !udp_header(&s, &d->sport, &d->dport, &d->sent))
		return false;
	d->data = s.p;
	d->len = s.len;
	return true;
}

static bool teredo_prefix(const uint8_t *addr)
{
	return (get16(addr) << 16 | get16(addr + 2)) == TEREDO_PREFIX;
}

/*
 * Teredo's headers before the IPv6 packet. Clients use any port: what is not
 * from or to a server's has to have an address of Teredo's inside.
 */
static bool teredo(struct span *s, bool server)
{
	if (s->len >= 4 && get16(s->p) == 1 &&
	    !skip(s, 13 + (size_t)s->p[2] + s->p[3]))
		return false;
	if (s->len >= 8 && get16(s->p) == 0)
		skip(s, 8);
	if (s->len < 40 || s->p[0] >> 4 != 6)
		return false;
	return server || teredo_prefix(s->p + 8) || teredo_prefix(s->p + 24);
}

static bool ip4(struct capture *c, struct span s, struct capture_datagram *d)
{
	size_t header, len, sent;

	if (s.len < 20 || s.p[0] >> 4 != 4)
		return false;
	header = 4 * (size_t)(s.p[0] & 15);
	len = get16(s.p + 2);
	if (header < 20 || len < header || s.p[9] != NEXT_UDP)
		return false;
	if (get16(s.p + 6) & 0x3fff) {
		c->fragments++;
		return false;
	}
	memcpy(d->src4, s.p + 12, 4);
	memcpy(d->dst4, s.p + 16, 4);
	if (s.len > len)
		s.len = len;
	if (!skip(&s, header) ||
	    !udp_header(&s, &d->sport4, &d->dport4, &sent))
		return false;
	d->teredo = teredo(&s, d->sport4 == TEREDO_SERVER_PORT ||
			       d->dport4 == TEREDO_SERVER_PORT);
	return d->teredo && ip6(c, s, d);
}

int capture_next(struct p6 *p6, struct capture *c, struct capture_datagram *d)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	struct span s;
	int got;

	while ((got = pcap_next_ex(c->pcap, &header, &bytes)) == 1) {
		memset(d, 0, sizeof(*d));
		d->packet = ++c->packets;
		d->at.tv_sec = header->ts.tv_sec;
		/* as was asked for at opening */
		d->at.tv_nsec = header->ts.tv_usec;
		s = (struct span){ bytes, header->caplen };
		if (!link_header(c->link, &s) || !s.len)
			continue;
		if (s.p[0] >> 4 == 6 ? ip6(c, s, d) : ip4(c, s, d))
			return 1;
	}
	if (got == PCAP_ERROR_BREAK)
		return 0;
	p6_fail(p6, P6_FAILED, "\"%s\" ends within packet %lu", c->path,
		c->packets + 1);
	p6_fail_why(p6, "It is damaged or cut short: %s.",
		    pcap_geterr(c->pcap));
	p6_fail_do(p6, "tcpdump -r %s -w WHOLE.pcap", c->path);
	p6_fail_reason(p6, "corrupt");
	return -1;
}
