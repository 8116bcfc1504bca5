/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log of the firewall, FW-40 to FW-43: W3C Extended Log File, the fields
 * that Windows has had since XP SP2. Knows nothing of netlink.
 */
#ifndef PEER6_ICF6_LOG_H
#define PEER6_ICF6_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>

#include <linux/icf6.h>

enum { ICF6_LOG_CLOSE = __ICF6_ACTION_MAX };	/* ours, not the kernel's */

/* What a packet has not is not known, see @has. */
struct icf6_record {
	uint64_t time;			/* ns since 1970 */
	unsigned int action;
	unsigned int dir;
	char reason[32];
	uint8_t proto;
	struct in6_addr src, dst;
	bool has_packet, has_ports, has_tcp, has_icmp, has_size;
	uint16_t sport, dport;
	uint32_t size;
	uint8_t tcp_flags;
	uint32_t tcp_seq, tcp_ack;
	uint16_t tcp_win;
	uint8_t icmp_type, icmp_code;
	uint64_t lost;
};

/* A line has at most this many bytes, with its end and the NUL. */
#define ICF6_LINE_MAX	320

/* The line without its end; how long it is. */
size_t icf6_log_format(const struct icf6_record *r, char *line);

extern const char icf6_log_header[];

struct icf6_log {
	const char *path;
	uint64_t limit;			/* bytes; 0 = none */
	int fd;				/* -1: not open */
	uint64_t size;
	uint64_t lost;			/* not written yet to be told of */
	uint64_t written, lost_ever, rotated;
	int err;			/* why the last record is not there */
};

/* Opens or makes the file. 0, or an errno: nothing is open then. */
int icf6_log_open(struct icf6_log *log, const char *path, uint64_t limit);
void icf6_log_close(struct icf6_log *log);

/*
 * Writes a record, whole or not at all, never waiting. Past the limit the file
 * becomes PATH.1. What could not be written is counted, and the first record
 * that can be is preceded by one that says how many. 0, or the errno.
 */
int icf6_log_write(struct icf6_log *log, const struct icf6_record *r);

/* Only what is lost so far, if anything is. */
int icf6_log_tell_lost(struct icf6_log *log, uint64_t now);

#endif
