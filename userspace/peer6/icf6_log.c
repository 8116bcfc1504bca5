// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "icf6_log.h"

const char icf6_log_header[] =
	"#Version: 1.5\n"
	"#Software: peer6 IPv6 firewall\n"
	"#Time Format: Local\n"
	"#Fields: date time action protocol src-ip dst-ip src-port dst-port "
	"size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode info path\n"
	"\n";

static const char *const actions[] = {
	[ICF6_ACTION_OPEN]		= "OPEN",
	[ICF6_ACTION_OPEN_INBOUND]	= "OPEN-INBOUND",
	[ICF6_ACTION_DROP]		= "DROP",
	[ICF6_ACTION_EVENTS_LOST]	= "INFO-EVENTS-LOST",
	[ICF6_LOG_CLOSE]		= "CLOSE",
};

static const char *const paths[] = {
	[ICF6_DIR_IN]		= "RECEIVE",
	[ICF6_DIR_OUT]		= "SEND",
	[ICF6_DIR_FORWARD]	= "FORWARD",
};

struct line {
	char *text;
	size_t len;
};

static void field(struct line *l, bool known, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void field(struct line *l, bool known, const char *fmt, ...)
{
	va_list args;
	int n;

	if (l->len)
		l->text[l->len++] = ' ';
	if (!known) {
		l->text[l->len++] = '-';
		l->text[l->len] = '\0';
		return;
	}
	va_start(args, fmt);
	n = vsnprintf(l->text + l->len, ICF6_LINE_MAX - l->len, fmt, args);
	va_end(args);
	l->len += n;
}

static const char *flags_text(uint8_t flags, char *buf)
{
	static const char letters[] = "FSRPAUEC";
	int i, n = 0;

	for (i = 0; i < 8; i++)
		if (flags & 1 << i)
			buf[n++] = letters[i];
	if (!n)
		buf[n++] = '-';
	buf[n] = '\0';
	return buf;
}

static const char *proto_text(uint8_t proto, char *buf, size_t size)
{
	switch (proto) {
	case IPPROTO_TCP:
		return "TCP";
	case IPPROTO_UDP:
		return "UDP";
	case IPPROTO_ICMPV6:
		return "ICMP";
	}
	snprintf(buf, size, "%u", proto);
	return buf;
}

size_t icf6_log_format(const struct icf6_record *r, char *text)
{
	bool drop = r->action == ICF6_ACTION_DROP;
	bool lost = r->action == ICF6_ACTION_EVENTS_LOST;
	bool packet = r->has_packet && !lost;
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
	char proto[8], flags[12], when[32];
	time_t seconds = r->time / 1000000000;
	struct line l = { text, 0 };
	struct tm tm;

	if (!localtime_r(&seconds, &tm))
		memset(&tm, 0, sizeof(tm));
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	inet_ntop(AF_INET6, &r->src, src, sizeof(src));
	inet_ntop(AF_INET6, &r->dst, dst, sizeof(dst));
	field(&l, true, "%s", when);
	field(&l, r->action <= ICF6_LOG_CLOSE, "%s",
	      r->action <= ICF6_LOG_CLOSE ? actions[r->action] : "");
	field(&l, packet, "%s", proto_text(r->proto, proto, sizeof(proto)));
	field(&l, packet, "%s", src);
	field(&l, packet, "%s", dst);
	field(&l, packet && r->has_ports, "%u", r->sport);
	field(&l, packet && r->has_ports, "%u", r->dport);
	/* Only a packet that was dropped is looked at as a packet. */
	field(&l, drop && r->has_size, "%u", r->size);
	field(&l, drop && r->has_tcp, "%s", flags_text(r->tcp_flags, flags));
	field(&l, drop && r->has_tcp, "%u", r->tcp_seq);
	field(&l, drop && r->has_tcp, "%u", r->tcp_ack);
	field(&l, drop && r->has_tcp, "%u", r->tcp_win);
	field(&l, packet && r->has_icmp, "%u", r->icmp_type);
	field(&l, packet && r->has_icmp, "%u", r->icmp_code);
	if (lost)
		field(&l, true, "%llu", (unsigned long long)r->lost);
	else
		field(&l, drop && r->reason[0], "%s", r->reason);
	field(&l, drop && r->dir < __ICF6_DIR_MAX, "%s",
	      r->dir < __ICF6_DIR_MAX ? paths[r->dir] : "");
	return l.len;
}

/* All of it or, on a full disk, as if nothing had been tried. */
static int append(struct icf6_log *log, const char *text, size_t len)
{
	ssize_t n = write(log->fd, text, len);
	int err;

	if (n == (ssize_t)len) {
		log->size += len;
		return 0;
	}
	err = n < 0 ? errno : ENOSPC;
	if (n > 0 && ftruncate(log->fd, log->size))
		log->size += n;
	return err;
}

static int open_file(struct icf6_log *log)
{
	struct stat st;
	int err;

	/* Never waits for whoever made a pipe of the name, nor follows a link. */
	log->fd = open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC |
		       O_NONBLOCK | O_NOFOLLOW | O_NOCTTY, 0640);
	if (log->fd < 0)
		return errno;
	err = fstat(log->fd, &st) ? errno : S_ISREG(st.st_mode) ? 0 : EINVAL;
	log->size = st.st_size;
	if (!err && !log->size)
		err = append(log, icf6_log_header,
			     sizeof(icf6_log_header) - 1);
	if (err)
		icf6_log_close(log);
	return err;
}

int icf6_log_open(struct icf6_log *log, const char *path, uint64_t limit)
{
	memset(log, 0, sizeof(*log));
	log->path = path;
	log->limit = limit;
	return open_file(log);
}

void icf6_log_close(struct icf6_log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}

static int rotate(struct icf6_log *log)
{
	char old[PATH_MAX];

	if (snprintf(old, sizeof(old), "%s.1", log->path) >= (int)sizeof(old))
		return ENAMETOOLONG;
	icf6_log_close(log);
	if (rename(log->path, old) && errno != ENOENT)
		return errno;
	log->rotated++;
	return open_file(log);
}

static int put(struct icf6_log *log, const struct icf6_record *r)
{
	char line[ICF6_LINE_MAX];
	size_t len = icf6_log_format(r, line);
	int err = 0;

	line[len++] = '\n';
	if (log->fd < 0)
		err = open_file(log);
	/* A limit below the header's size still leaves room for a record. */
	if (!err && log->limit && log->size + len > log->limit &&
	    log->size > sizeof(icf6_log_header) - 1)
		err = rotate(log);
	return err ? err : append(log, line, len);
}

int icf6_log_tell_lost(struct icf6_log *log, uint64_t now)
{
	struct icf6_record lost = {
		.time = now,
		.action = ICF6_ACTION_EVENTS_LOST,
		.lost = log->lost,
	};

	if (log->lost) {
		log->err = put(log, &lost);
		if (!log->err)
			log->lost = 0;
	}
	return log->lost ? log->err : 0;
}

int icf6_log_write(struct icf6_log *log, const struct icf6_record *r)
{
	/* A record about lost ones stands for as many as it says. */
	uint64_t worth = r->action == ICF6_ACTION_EVENTS_LOST ? r->lost : 1;

	log->err = icf6_log_tell_lost(log, r->time);
	if (!log->err)
		log->err = put(log, r);
	if (!log->err) {
		log->written++;
	} else {
		log->lost += worth;
		log->lost_ever += worth;
	}
	return log->err;
}
