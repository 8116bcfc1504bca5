/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_CAPTURE_H
#define PEER6_CAPTURE_H

#include <stdint.h>
#include <time.h>

#include "peer6.h"

/* A UDP datagram over IPv6, out of a capture; valid until the next one. */
struct capture_datagram {
	unsigned long packet;	/* from 1 on, as Wireshark counts */
	struct timespec at;
	uint8_t src[16], dst[16];
	uint16_t sport, dport;
	const uint8_t *data;
	size_t len;		/* that were captured */
	size_t sent;		/* that there were */
	bool teredo;		/* it was inside UDP over IPv4: */
	uint8_t src4[4], dst4[4];
	uint16_t sport4, dport4;
};

struct capture;

/* A pcap or pcapng file, "-" for standard input; NULL after p6_fail(). */
struct capture *capture_open(struct p6 *p6, const char *path);
/*
 * 1 and the next datagram, 0 at the end, -1 after p6_fail() if the file is
 * damaged or cut short.
 */
int capture_next(struct p6 *p6, struct capture *c, struct capture_datagram *d);
/* Packets so far, and those that were parts of larger ones: IP fragments. */
unsigned long capture_packets(const struct capture *c);
unsigned long capture_fragments(const struct capture *c);
void capture_close(struct capture *c);

#endif
