// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The firewall's file, log and memory of flows, without a kernel: what is
 * written reads back, what is wrong is named, what is bounded stays so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>

#include <cmocka.h>

#include "icf6_file.h"
#include "icf6_flow.h"
#include "icf6_log.h"

static int parse(const char *text, struct icf6_conf *conf,
		 struct icf6_error *e)
{
	memset(e, 0, sizeof(*e));
	return icf6_file_parse(text, strlen(text), conf, e);
}

static const char full[] =
	"# all of it\n"
	"; and a comment of the other kind\n"
	"\n"
	"[config]\n"
	"enabled = no\r\n"
	"p2p=on\n"
	"  stealth\t=  enable  \n"
	"reject = adm-prohibited\n"
	"edgemark = 0x10\n"
	"edgedefault = allow\n"
	"mcastboundary = 5\n"
	"[icmp]\n"
	"echorequest = yes\n"
	"toobig = no\n"
	"[logging]\n"
	"drops = yes\n"
	"rate = 7\n"
	"file = /var/log/the log\n"
	"size = 0\n"
	"[ports]\n"
	"open = 443 tcp edge=deny Web server = one\n"
	"open = 22 tcp\n"
	"open = 65535 udp edge=app\n"
	"[device eth0]\n"
	"firewall = no\n"
	"edge = yes\n"
	"echorequest = no\n"
	"open = 1 udp\n"
	"ignore = 22 tcp\n"
	"[ device wlan0 ]\n"
	"redirect = yes\n"
	"redirect2 = yes\n";

static void test_parse(void **state)
{
	char *text = strndup(full, strstr(full, "redirect2") - full);
	struct icf6_conf c;
	struct icf6_error e;

	(void)state;
	assert_int_equal(parse(text, &c, &e), 0);
	free(text);
	assert_int_equal(c.options, ICF6_OPT_P2P | ICF6_OPT_STEALTH |
			 ICF6_OPT_ICMP_STRICT | ICF6_OPT_BOGONS);
	assert_int_equal(c.icmp, ICF6_ICMP_ECHO_REQUEST);
	assert_int_equal(c.log, ICF6_LOG_DROPS);
	assert_int_equal(c.log_rate, 7);
	assert_int_equal(c.log_burst, 200);
	assert_int_equal(c.edge_mark, 16);
	assert_int_equal(c.reject, ICF6_REJECT_ADM_PROHIBITED);
	assert_int_equal(c.mcast_boundary, 5);
	assert_int_equal(c.log_size, 0);
	assert_string_equal(c.log_file, "/var/log/the log");
	assert_int_equal(c.n_ports, 5);
	assert_int_equal(c.ports[0].port, 22);
	assert_int_equal(c.ports[0].edge, ICF6_EDGE_ALLOW);
	assert_int_equal(c.ports[1].port, 443);
	assert_int_equal(c.ports[1].edge, ICF6_EDGE_DENY);
	assert_string_equal(c.ports[1].label, "Web server = one");
	assert_int_equal(c.ports[2].edge, ICF6_EDGE_APP);
	assert_int_equal(c.ports[3].scope, ICF6_SCOPE_OPEN);
	assert_string_equal(c.ports[3].dev, "eth0");
	assert_int_equal(c.ports[4].scope, ICF6_SCOPE_IGNORED);
	assert_int_equal(c.n_devs, 2);
	assert_false(c.devs[0].firewalled);
	assert_int_equal(c.devs[0].edge, 1);
	assert_int_equal(c.devs[0].icmp_set, ICF6_ICMP_ECHO_REQUEST);
	assert_int_equal(c.devs[0].icmp, 0);
	assert_string_equal(c.devs[1].name, "wlan0");
	assert_int_equal(c.devs[1].edge, ICF6_EDGE_AUTO);
	assert_int_equal(c.devs[1].icmp, ICF6_ICMP_REDIRECT);
	icf6_conf_free(&c);
}

/* Whatever is read, printed, read and printed again is the same. */
static void test_round_trip(void **state)
{
	char *text = strndup(full, strstr(full, "redirect2") - full);
	char *first, *second;
	struct icf6_conf c;
	struct icf6_error e;

	(void)state;
	assert_int_equal(parse(text, &c, &e), 0);
	free(text);
	first = icf6_file_print(&c);
	icf6_conf_free(&c);
	assert_non_null(first);
	assert_non_null(strstr(first, "open = 443 tcp edge=deny Web server = one\n"));
	assert_int_equal(parse(first, &c, &e), 0);
	second = icf6_file_print(&c);
	icf6_conf_free(&c);
	assert_string_equal(first, second);
	free(first);
	free(second);

	/* An empty file is what the module is after loading. */
	assert_int_equal(parse("", &c, &e), 0);
	first = icf6_file_print(&c);
	icf6_conf_free(&c);
	icf6_conf_init(&c);
	second = icf6_file_print(&c);
	assert_string_equal(first, second);
	free(first);
	free(second);
}

static const struct {
	const char *text;
	unsigned int line;
	enum p6_code code;
	const char *words;
} bad[] = {
	{ "enabled = yes\n", 1, P6_BAD_VALUE, "no section" },
	{ "[config]\nenabled\n", 2, P6_BAD_VALUE, "no setting" },
	{ "[config\n", 1, P6_BAD_VALUE, "without its end" },
	{ "[confg]\n", 1, P6_UNKNOWN_WORD, "confg" },
	{ "[]\n", 1, P6_UNKNOWN_WORD, "section" },
	{ "[config]\n\n# x\nenabeld = yes\n", 4, P6_UNKNOWN_WORD, "enabeld" },
	{ "[config]\nenabled = maybe\n", 2, P6_BAD_VALUE, "maybe" },
	{ "[config]\ngrace = 10\n", 2, P6_UNKNOWN_WORD, "grace" },
	{ "[config]\nechorequest = yes\n", 2, P6_UNKNOWN_WORD, "echorequest" },
	{ "[config]\np2p = yes\n[icmp]\n[config]\np2p = no\n", 5,
	  P6_DUPLICATE, "p2p" },
	{ "[config]\nmcastboundary = 16\n", 2, P6_BAD_VALUE, "16" },
	{ "[config]\nmcastboundary = -1\n", 2, P6_BAD_VALUE, "-1" },
	{ "[config]\nedgemark = 4294967296\n", 2, P6_BAD_VALUE, "4294967296" },
	{ "[config]\nreject = yes\n", 2, P6_UNKNOWN_WORD, "yes" },
	{ "[logging]\nfile = log\n", 2, P6_BAD_VALUE, "log" },
	{ "[logging]\nfile = /tmp/\n", 2, P6_BAD_VALUE, "/tmp/" },
	{ "[logging]\nrate =\n", 2, P6_BAD_VALUE, "rate" },
	{ "[ports]\nopen = 0 tcp\n", 2, P6_BAD_VALUE, "port=0" },
	{ "[ports]\nopen = 65536 tcp\n", 2, P6_BAD_VALUE, "65536" },
	{ "[ports]\nopen = 22x tcp\n", 2, P6_BAD_VALUE, "22x" },
	{ "[ports]\nopen =\n", 2, P6_BAD_VALUE, "port=" },
	{ "[ports]\nopen = 22\n", 2, P6_MISSING, "no protocol" },
	{ "[ports]\nopen = 22 both\n", 2, P6_UNKNOWN_WORD, "both" },
	{ "[ports]\nopen = 22 sctp\n", 2, P6_UNKNOWN_WORD, "sctp" },
	{ "[ports]\nopen = 22 tcp edge=none\n", 2, P6_UNKNOWN_WORD, "none" },
	{ "[ports]\nopen = 22 tcp a\x01" "b\n", 2, P6_BAD_VALUE, "name" },
	{ "[ports]\nopen = 22 tcp \xff\n", 2, P6_BAD_VALUE, "name" },
	{ "[ports]\nopen = 22 tcp 1234567890123456789012345678901234567890"
	  "123456789012345678901234\n", 2, P6_BAD_VALUE, "too long" },
	{ "[ports]\nignore = 22 tcp\n", 2, P6_UNKNOWN_WORD, "ignore" },
	{ "[ports]\nopen = 22 tcp a\nopen = 23 tcp\nopen = 22 udp\n"
	  "open = 22 tcp b\nopen = 22 tcp c\n", 5, P6_DUPLICATE, "22" },
	{ "[device]\n", 1, P6_UNKNOWN_WORD, "device" },
	{ "[device ]\n", 1, P6_UNKNOWN_WORD, "device" },
	{ "[device a/b]\n", 1, P6_BAD_VALUE, "a/b" },
	{ "[device 1234567890123456]\n", 1, P6_BAD_VALUE, "no device" },
	{ "[device lo]\n", 1, P6_BAD_VALUE, "lo" },
	{ "[device a]\n[device b]\n[device a]\n", 3, P6_DUPLICATE, "a" },
	{ "[device a]\nfirewall = yes\nfirewall = no\n", 3, P6_DUPLICATE,
	  "firewall" },
	{ "[device a]\nfirewall = auto\n", 2, P6_BAD_VALUE, "auto" },
	{ "[device a]\nedge = perhaps\n", 2, P6_BAD_VALUE, "perhaps" },
	{ "[device a]\nstealth = yes\n", 2, P6_UNKNOWN_WORD, "stealth" },
	{ "[device a]\nignore = 22 tcp edge=deny\n", 2, P6_BAD_VALUE,
	  "edge" },
};

static void test_bad_files(void **state)
{
	struct icf6_conf c;
	struct icf6_error e;
	size_t i;

	(void)state;
	for (i = 0; i < P6_ARRAY_SIZE(bad); i++) {
		assert_int_equal(parse(bad[i].text, &c, &e), -1);
		assert_int_equal(e.line, bad[i].line);
		assert_int_equal(e.code, bad[i].code);
		assert_non_null(strstr(e.what, bad[i].words));
		assert_true(strlen(e.why) > 5);
		/* Nothing of a bad file is left to be used. */
		assert_int_equal(c.n_ports, 0);
		assert_null(c.ports);
	}
	memset(&e, 0, sizeof(e));
	assert_int_equal(icf6_file_parse("[config]\nx\0y\n", 13, &c, &e), -1);
	assert_int_equal(e.line, 2);
}

/* Each prefix and each flipped byte: refused or read, and never more. */
static void test_damage(void **state)
{
	char text[sizeof(full)];
	struct icf6_conf c;
	struct icf6_error e;
	size_t i, good = 0;

	(void)state;
	for (i = 0; i < sizeof(full); i++) {
		if (!icf6_file_parse(full, i, &c, &e)) {
			icf6_conf_free(&c);
			good++;
		}
		memcpy(text, full, sizeof(full));
		text[i] ^= 1 << i % 8;
		if (!icf6_file_parse(text, sizeof(full) - 1, &c, &e))
			icf6_conf_free(&c);
		else
			assert_true(e.what[0] && e.why[0]);
	}
	assert_true(good > 10);
}

static struct icf6_record packet(void)
{
	struct icf6_record r = {
		.time = 1000000000ULL * 86400,
		.action = ICF6_ACTION_DROP,
		.dir = ICF6_DIR_IN,
		.reason = "port",
		.proto = IPPROTO_TCP,
		.has_packet = true, .has_ports = true, .has_tcp = true,
		.has_size = true,
		.sport = 1025, .dport = 22,
		.size = 48, .tcp_flags = 0x02, .tcp_seq = 1640769051,
		.tcp_win = 65535,
	};

	inet_pton(AF_INET6, "2001:db8::1", &r.src);
	inet_pton(AF_INET6, "fe80::2", &r.dst);
	return r;
}

static void check_line(const struct icf6_record *r, const char *want)
{
	char line[ICF6_LINE_MAX];
	size_t fields = 1, i, len = icf6_log_format(r, line);

	assert_string_equal(line, want);
	assert_int_equal(len, strlen(want));
	for (i = 0; i < len; i++)
		fields += line[i] == ' ';
	assert_int_equal(fields, 17);
}

static void test_lines(void **state)
{
	struct icf6_record r = packet();

	(void)state;
	check_line(&r, "1970-01-02 00:00:00 DROP TCP 2001:db8::1 fe80::2 1025 22 48 S 1640769051 0 65535 - - port RECEIVE");
	r.tcp_flags = 0xff;
	r.tcp_ack = UINT32_MAX;
	r.dir = ICF6_DIR_FORWARD;
	check_line(&r, "1970-01-02 00:00:00 DROP TCP 2001:db8::1 fe80::2 1025 22 48 FSRPAUEC 1640769051 4294967295 65535 - - port FORWARD");
	r.tcp_flags = 0;
	r.dir = ICF6_DIR_OUT;
	check_line(&r, "1970-01-02 00:00:00 DROP TCP 2001:db8::1 fe80::2 1025 22 48 - 1640769051 4294967295 65535 - - port SEND");
	r = packet();
	r.action = ICF6_ACTION_OPEN;
	check_line(&r, "1970-01-02 00:00:00 OPEN TCP 2001:db8::1 fe80::2 1025 22 - - - - - - - - -");
	r.action = ICF6_ACTION_OPEN_INBOUND;
	r.proto = IPPROTO_UDP;
	check_line(&r, "1970-01-02 00:00:00 OPEN-INBOUND UDP 2001:db8::1 fe80::2 1025 22 - - - - - - - - -");
	r.action = ICF6_LOG_CLOSE;
	check_line(&r, "1970-01-02 00:00:00 CLOSE UDP 2001:db8::1 fe80::2 1025 22 - - - - - - - - -");
	r = packet();
	r.proto = IPPROTO_ICMPV6;
	r.has_ports = r.has_tcp = false;
	r.has_icmp = true;
	r.icmp_type = 128;
	check_line(&r, "1970-01-02 00:00:00 DROP ICMP 2001:db8::1 fe80::2 - - 48 - - - - 128 0 port RECEIVE");
	r.proto = 132;
	r.has_icmp = false;
	check_line(&r, "1970-01-02 00:00:00 DROP 132 2001:db8::1 fe80::2 - - 48 - - - - - - port RECEIVE");
	memset(&r, 0, sizeof(r));
	r.time = 1000000000ULL * 86400;
	r.action = ICF6_ACTION_EVENTS_LOST;
	r.lost = UINT64_MAX;
	check_line(&r, "1970-01-02 00:00:00 INFO-EVENTS-LOST - - - - - - - - - - - - 18446744073709551615 -");
	/* The longest that there can be has room. */
	r = packet();
	memset(&r.src, 0xfe, sizeof(r.src));
	memset(&r.dst, 0xfe, sizeof(r.dst));
	memset(r.reason, 'r', sizeof(r.reason) - 1);
	r.action = 200;
	r.size = r.tcp_seq = r.tcp_ack = UINT32_MAX;
	assert_true(icf6_log_format(&r, (char[ICF6_LINE_MAX]){ 0 }) <
		    ICF6_LINE_MAX - 2);
}

static char *slurp(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	return text;
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static char dir[64], path[96], old[100];

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/icf6_unit.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/log", dir);
	snprintf(old, sizeof(old), "%s.1", path);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	rmdir(old);
	unlink(old);
	return rmdir(dir);
}

static void test_log_file(void **state)
{
	struct icf6_record r = packet();
	struct icf6_log log;
	struct stat st;
	char *text;

	(void)state;
	assert_int_equal(icf6_log_open(&log, path, 0), 0);
	assert_int_equal(icf6_log_write(&log, &r), 0);
	icf6_log_close(&log);
	/* Taken up again: one header, and new lines at the end. */
	assert_int_equal(icf6_log_open(&log, path, 0), 0);
	assert_int_equal(icf6_log_write(&log, &r), 0);
	icf6_log_close(&log);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	text = slurp(path);
	assert_memory_equal(text, icf6_log_header, strlen(icf6_log_header));
	assert_int_equal(count(text, "#Version: 1.5\n"), 1);
	assert_int_equal(count(text, " DROP "), 2);
	free(text);
}

static void test_rotation(void **state)
{
	struct icf6_record r = packet();
	struct icf6_log log;
	struct stat st;
	char *text;
	int i;

	(void)state;
	assert_int_equal(icf6_log_open(&log, path, 1024), 0);
	for (i = 0; i < 100; i++) {
		assert_int_equal(icf6_log_write(&log, &r), 0);
		assert_int_equal(stat(path, &st), 0);
		assert_true(st.st_size <= 1024);
		assert_int_equal(st.st_size, log.size);
	}
	assert_true(log.rotated > 5);
	assert_int_equal(log.written, 100);
	icf6_log_close(&log);
	text = slurp(old);
	assert_memory_equal(text, icf6_log_header, strlen(icf6_log_header));
	assert_true(strlen(text) <= 1024 && strlen(text) > 800);
	free(text);

	/* No room for one record still takes one in each file. */
	assert_int_equal(icf6_log_open(&log, path, 1), 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(icf6_log_write(&log, &r), 0);
	icf6_log_close(&log);
	text = slurp(path);
	assert_int_equal(count(text, " DROP "), 1);
	free(text);
}

/* A folder of that name takes the place that the old file should have. */
static void test_lost(void **state)
{
	struct icf6_record r = packet();
	struct icf6_log log;
	char *text;
	int i, n = 0;

	(void)state;
	assert_int_equal(mkdir(old, 0700), 0);
	assert_int_equal(icf6_log_open(&log, path, 1024), 0);
	for (i = 0; i < 20; i++)
		n += !icf6_log_write(&log, &r);
	assert_true(n > 3 && n < 20);
	assert_int_equal(log.written, n);
	assert_int_equal(log.lost, 20 - n);
	assert_int_equal(log.err, EISDIR);
	r.action = ICF6_ACTION_EVENTS_LOST;
	r.lost = 100;
	assert_int_equal(icf6_log_write(&log, &r), EISDIR);
	assert_int_equal(log.lost, 120 - n);
	assert_int_equal(rmdir(old), 0);
	r = packet();
	assert_int_equal(icf6_log_write(&log, &r), 0);
	assert_int_equal(log.lost, 0);
	assert_int_equal(log.lost_ever, 120 - n);
	icf6_log_close(&log);
	text = slurp(path);
	assert_int_equal(count(text, "INFO-EVENTS-LOST"), 1);
	assert_int_equal(count(text, " DROP "), 1);
	assert_true(strstr(text, "INFO-EVENTS-LOST") < strstr(text, " DROP "));
	free(text);
}

static void test_no_log(void **state)
{
	struct icf6_log log;

	(void)state;
	assert_int_equal(icf6_log_open(&log, dir, 0), EISDIR);
	assert_int_equal(icf6_log_open(&log, "/nowhere/log", 0), ENOENT);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(icf6_log_open(&log, path, 0), ELOOP);
	assert_int_equal(unlink(path), 0);
	/* Nobody reads it: an open() that waits would never come back. */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_not_equal(icf6_log_open(&log, path, 0), 0);
	assert_int_equal(icf6_log_open(&log, "/dev/full", 0), EINVAL);
	assert_int_equal(log.fd, -1);
}

static struct icf6_flow flow(unsigned int n)
{
	struct icf6_flow f = { .sport = 1 + n % 65535, .dport = 1 + n / 65535,
			       .proto = IPPROTO_TCP };

	f.src.s6_addr[0] = 0x20;
	return f;
}

static unsigned int gone_count;

static void gone(const struct icf6_flow *f, void *arg)
{
	(void)f;
	(void)arg;
	gone_count++;
}

static void test_flows(void **state)
{
	struct icf6_flows *t = icf6_flows_new(1000);
	struct icf6_flow f, forgotten, first = flow(0);
	unsigned int i, found = 0;

	(void)state;
	assert_non_null(t);
	for (i = 0; i < 1000; i++) {
		f = flow(i);
		assert_true(icf6_flows_add(t, &f, &forgotten));
	}
	/* Once more is not twice. */
	f = flow(999);
	assert_true(icf6_flows_add(t, &f, &forgotten));
	assert_int_equal(icf6_flows_count(t), 1000);
	/* Full: the oldest goes. */
	f = flow(1000);
	assert_false(icf6_flows_add(t, &f, &forgotten));
	assert_memory_equal(&forgotten, &first, sizeof(first));
	assert_false(icf6_flows_take(t, &first));
	for (i = 1; i <= 1000; i += 2) {
		f = flow(i);
		found += icf6_flows_take(t, &f);
		assert_false(icf6_flows_take(t, &f));
	}
	assert_int_equal(found, 500);
	assert_int_equal(icf6_flows_count(t), 500);
	f = flow(2);
	f.proto = IPPROTO_UDP;
	assert_false(icf6_flows_take(t, &f));

	/* Of 500 that are left 100 are still there. */
	icf6_flows_sweep_begin(t);
	for (i = 2; i <= 200; i += 2) {
		f = flow(i);
		icf6_flows_sweep_mark(t, &f);
	}
	gone_count = 0;
	icf6_flows_sweep_end(t, gone, NULL);
	assert_int_equal(gone_count, 400);
	assert_int_equal(icf6_flows_count(t), 100);

	/* Echo requests have no ports in the log: two are two. */
	memset(&f, 0, sizeof(f));
	f.proto = IPPROTO_ICMPV6;
	assert_true(icf6_flows_add(t, &f, &forgotten));
	assert_true(icf6_flows_add(t, &f, &forgotten));
	icf6_flows_sweep_begin(t);
	icf6_flows_sweep_mark(t, &f);
	gone_count = 0;
	icf6_flows_sweep_end(t, gone, NULL);
	assert_int_equal(gone_count, 101);
	assert_true(icf6_flows_take(t, &f));
	assert_false(icf6_flows_take(t, &f));
	assert_int_equal(icf6_flows_count(t), 0);
	icf6_flows_free(t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_lines),
		cmocka_unit_test_setup_teardown(test_log_file, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_rotation, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_log, setup, teardown),
		cmocka_unit_test(test_flows),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
