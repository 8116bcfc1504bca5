// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ip link add NAME type teredo ...: the iproute2 plug-in of link kind teredo.
 * The kernel judges the values; refused here is only what cannot be put into
 * an attribute.
 */

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <linux/teredo.h>

#include "iproute2.h"
#include "reasons.h"

#define MSG_MAX		1024	/* ip's buffer for the whole request */

struct teredo_request {
	struct nlmsghdr *n;
	const char *seen[IFLA_TEREDO_MAX + 1];
};

struct teredo_word {
	const char *word;
	int attr;
	int (*parse)(struct teredo_request *req, int attr, const char *word,
		     const char *arg);
};

static void print_usage(FILE *f)
{
	fprintf(f,
		"Usage: ... teredo [ role { client | server | relay | host-relay } ]\n"
		"                  [ server ADDR ] [ server2 ADDR ] [ local ADDR ]\n"
		"                  [ port NUMBER ] [ refresh SECONDS ]\n"
		"                  [ prefix PREFIX/32 ]\n"
		"                  [ client-id STRING ]\n"
		"                  [ secret STRING | secret-file PATH ]\n"
		"                  [ max-peers NUMBER ] [ rate-limit NUMBER ]\n"
		"                  [ bubble-ttl NUMBER ] [ extensions LIST ]\n"
		"                  [ [no]allow-private ] [ [no]default-route ]\n"
		"                  [ [no]discovery ] [ [no]cone-probe ]\n"
		"                  [ [no]single-server ]\n"
		"\n"
		"Where: ADDR   := IPv4 address\n"
		"       LIST   := all, none, or sns,upnp,pp,sp,hp,slr in part\n"
		"       STRING := text, or hex:BYTES in hexadecimal; \"\" = none\n");
}

static int bad_value(const char *word, const char *arg, const char *why)
{
	fprintf(stderr, "teredo: %s \"%s\": %s\n", word, arg, why);
	return -1;
}

static int put(struct teredo_request *req, int attr, const char *word,
	       const char *arg, const void *data, int len)
{
	if (addattr_l(req->n, MSG_MAX, attr, data, len) < 0)
		return bad_value(word, arg, "the request is too long");
	return 0;
}

static int parse_role(struct teredo_request *req, int attr, const char *word,
		      const char *arg)
{
	unsigned char role;

	for (role = 0; role < __TEREDO_ROLE_MAX; role++)
		if (!strcmp(arg, teredo_role_name(role)))
			return put(req, attr, word, arg, &role, sizeof(role));
	return bad_value(word, arg, "not client, server, relay or host-relay");
}

static int parse_addr(struct teredo_request *req, int attr, const char *word,
		      const char *arg)
{
	struct in_addr addr;

	if (inet_pton(AF_INET, arg, &addr) != 1) {
		bad_value(word, arg, "not an IPv4 address");
		fprintf(stderr, "Names are resolved by: peer6 teredo set servername=NAME\n");
		return -1;
	}
	return put(req, attr, word, arg, &addr, sizeof(addr));
}

static int parse_port(struct teredo_request *req, int attr, const char *word,
		      const char *arg)
{
	unsigned int port;
	uint16_t be;

	if (get_unsigned(&port, arg, 0) || port > UINT16_MAX)
		return bad_value(word, arg, "not a port, 0 to 65535");
	be = htons(port);
	return put(req, attr, word, arg, &be, sizeof(be));
}

static int parse_u32(struct teredo_request *req, int attr, const char *word,
		     const char *arg)
{
	unsigned int value;
	uint32_t u32;

	if (get_unsigned(&value, arg, 0))
		return bad_value(word, arg, "not a number");
	u32 = value;
	return put(req, attr, word, arg, &u32, sizeof(u32));
}

static int parse_u8(struct teredo_request *req, int attr, const char *word,
		    const char *arg)
{
	unsigned int value;
	uint8_t u8;

	if (get_unsigned(&value, arg, 0) || value > UINT8_MAX)
		return bad_value(word, arg, "not a number, 0 to 255");
	u8 = value;
	return put(req, attr, word, arg, &u8, sizeof(u8));
}

static int parse_prefix(struct teredo_request *req, int attr, const char *word,
			const char *arg)
{
	static const char why[] = "not a prefix of 32 bits such as 2001::/32";
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;
	const char *slash;
	size_t i;

	slash = strchr(arg, '/');
	if (!slash || strcmp(slash, "/32") ||
	    (size_t)(slash - arg) >= sizeof(text))
		return bad_value(word, arg, why);
	memcpy(text, arg, slash - arg);
	text[slash - arg] = '\0';
	if (inet_pton(AF_INET6, text, &addr) != 1)
		return bad_value(word, arg, why);
	for (i = 4; i < sizeof(addr.s6_addr); i++)
		if (addr.s6_addr[i])
			return bad_value(word, arg, "bits set after the 32nd");
	return put(req, attr, word, arg, &addr, 4);
}

static int parse_extensions(struct teredo_request *req, int attr,
			    const char *word, const char *arg)
{
	struct nla_bitfield32 bits = { .selector = TEREDO_EXT_ALL };

	if (!teredo_extensions_parse(arg, &bits.value))
		return bad_value(word, arg,
				 "not all, none or a list of sns, upnp, pp, sp, hp, slr");
	return put(req, attr, word, arg, &bits, sizeof(bits));
}

static int hex_digit(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return isdigit((unsigned char)c) ? c - '0' :
	       tolower((unsigned char)c) - 'a' + 10;
}

/* The value itself stays out of the messages: it may be the secret. */
static int put_bytes(struct teredo_request *req, int attr, const char *word,
		     const char *arg, size_t max)
{
	char bytes[TEREDO_SECRET_MAX > TEREDO_ID_MAX ?
		   TEREDO_SECRET_MAX : TEREDO_ID_MAX];
	size_t len = strlen(arg), i;
	int err;

	if (!strncmp(arg, "hex:", 4)) {
		arg += 4;
		len -= 4;
		if (len % 2)
			return bad_value(word, "hex:...",
					 "an odd number of digits");
		len /= 2;
		for (i = 0; i < len && i < max; i++) {
			int hi = hex_digit(arg[2 * i]);
			int lo = hex_digit(arg[2 * i + 1]);

			if (hi < 0 || lo < 0)
				return bad_value(word, "hex:...",
						 "not hexadecimal");
			bytes[i] = hi << 4 | lo;
		}
	} else if (len <= max) {
		memcpy(bytes, arg, len);
	}
	if (len > max)
		return bad_value(word, "...", "longer than 255 bytes");
	err = put(req, attr, word, "...", bytes, len);
	explicit_bzero(bytes, sizeof(bytes));
	return err;
}

static int parse_id(struct teredo_request *req, int attr, const char *word,
		    const char *arg)
{
	return put_bytes(req, attr, word, arg, TEREDO_ID_MAX);
}

static int parse_secret(struct teredo_request *req, int attr, const char *word,
			const char *arg)
{
	return put_bytes(req, attr, word, arg, TEREDO_SECRET_MAX);
}

/* The file's first line, so that the secret is in no process list. */
static int parse_secret_file(struct teredo_request *req, int attr,
			     const char *word, const char *path)
{
	char text[2 * TEREDO_SECRET_MAX + 8];
	ssize_t len;
	int err, fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return bad_value(word, path, strerror(errno));
	len = read(fd, text, sizeof(text) - 1);
	err = errno;
	close(fd);
	if (len < 0)
		return bad_value(word, path, strerror(err));
	text[len] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	if (!*text)
		return bad_value(word, path, "the first line is empty");
	err = put_bytes(req, attr, word, text, TEREDO_SECRET_MAX);
	explicit_bzero(text, sizeof(text));
	return err;
}

static const struct teredo_word words[] = {
	{ "role",	 IFLA_TEREDO_ROLE,	 parse_role },
	{ "server",	 IFLA_TEREDO_SERVER,	 parse_addr },
	{ "server2",	 IFLA_TEREDO_SERVER2,	 parse_addr },
	{ "local",	 IFLA_TEREDO_LOCAL,	 parse_addr },
	{ "port",	 IFLA_TEREDO_PORT,	 parse_port },
	{ "refresh",	 IFLA_TEREDO_REFRESH,	 parse_u32 },
	{ "prefix",	 IFLA_TEREDO_PREFIX,	 parse_prefix },
	{ "client-id",	 IFLA_TEREDO_CLIENT_ID,	 parse_id },
	{ "secret",	 IFLA_TEREDO_SECRET,	 parse_secret },
	{ "secret-file", IFLA_TEREDO_SECRET,	 parse_secret_file },
	{ "max-peers",	 IFLA_TEREDO_MAX_PEERS,	 parse_u32 },
	{ "rate-limit",	 IFLA_TEREDO_RATE_LIMIT, parse_u32 },
	{ "bubble-ttl",	 IFLA_TEREDO_BUBBLE_TTL, parse_u8 },
	{ "extensions",	 IFLA_TEREDO_EXTENSIONS, parse_extensions },
};

/* As words, with "no" before them to switch off; with _ for - as JSON keys. */
static const struct {
	const char *word;
	const char *key;
	int attr;
} flags[] = {
	{ "allow-private", "allow_private", IFLA_TEREDO_ALLOW_PRIVATE },
	{ "default-route", "default_route", IFLA_TEREDO_DEFAULT_ROUTE },
	{ "discovery",	   "discovery",	    IFLA_TEREDO_DISCOVERY },
	{ "cone-probe",	   "cone_probe",    IFLA_TEREDO_CONE_PROBE },
	{ "single-server", "single_server", IFLA_TEREDO_SINGLE_SERVER },
};

#define N_WORDS	(sizeof(words) / sizeof(words[0]))
#define N_FLAGS	(sizeof(flags) / sizeof(flags[0]))

/* ip itself ends with a message at a word given twice. */
static void note(struct teredo_request *req, int attr, const char *word,
		 const char *arg)
{
	if (req->seen[attr])
		duparg(word, arg);
	req->seen[attr] = word;
}

/* 1: a flag, which is in the request now; 0: none; < 0: failed. */
static int parse_flag(struct teredo_request *req, const char *word)
{
	uint8_t on = 1;
	size_t i;

	for (i = 0; i < N_FLAGS; i++) {
		if (!strcmp(word, flags[i].word))
			break;
		if (!strncmp(word, "no", 2) &&
		    !strcmp(word + 2, flags[i].word)) {
			on = 0;
			break;
		}
	}
	if (i == N_FLAGS)
		return 0;
	note(req, flags[i].attr, flags[i].word, word);
	return put(req, flags[i].attr, word, "", &on, sizeof(on)) ? : 1;
}

static int teredo_parse_opt(struct link_util *lu, int argc, char **argv,
			    struct nlmsghdr *n)
{
	struct teredo_request req = { .n = n };
	size_t i;
	int err;

	for (; argc > 0; argc--, argv++) {
		if (!strcmp(*argv, "help")) {
			print_usage(stderr);
			return -1;
		}
		err = parse_flag(&req, *argv);
		if (err < 0)
			return -1;
		if (err)
			continue;
		for (i = 0; i < N_WORDS; i++)
			if (!strcmp(*argv, words[i].word))
				break;
		if (i == N_WORDS) {
			fprintf(stderr, "%s: unknown command \"%s\"?\n",
				lu->id, *argv);
			print_usage(stderr);
			return -1;
		}
		if (argc < 2)
			incomplete_command();
		argc--;
		argv++;
		note(&req, words[i].attr, words[i].word,
		     words[i].attr == IFLA_TEREDO_SECRET ? "..." : *argv);
		if (words[i].parse(&req, words[i].attr, words[i].word, *argv))
			return -1;
	}
	return 0;
}

static unsigned int attr_len(const struct rtattr *a)
{
	return a ? RTA_PAYLOAD(a) : 0;
}

/* false: absent, or shorter than the type that it should have. */
static bool attr_get(struct rtattr *a, void *value, size_t size)
{
	if (!a || attr_len(a) < size)
		return false;
	memcpy(value, RTA_DATA(a), size);
	return true;
}

static void print_str(const char *key, const char *fmt, const char *value)
{
	print_color_string(PRINT_ANY, COLOR_NONE, key, fmt, value);
}

static void print_num(struct rtattr *a, const char *key, const char *fmt)
{
	uint32_t value;

	if (attr_get(a, &value, sizeof(value)))
		print_color_uint(PRINT_ANY, COLOR_NONE, key, fmt, value);
}

static void print_port(struct rtattr *a, const char *key, const char *fmt)
{
	uint16_t port;

	if (attr_get(a, &port, sizeof(port)) && port)
		print_color_uint(PRINT_ANY, COLOR_NONE, key, fmt, ntohs(port));
}

static void print_addr(struct rtattr *a, const char *key, const char *fmt)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr addr;

	if (attr_get(a, &addr, sizeof(addr)) && addr.s_addr)
		print_color_string(PRINT_ANY, COLOR_INET, key, fmt,
				   inet_ntop(AF_INET, &addr, text,
					     sizeof(text)));
}

static void print_word(struct rtattr *a, const char *key, const char *fmt,
		       const char *(*name)(unsigned int))
{
	uint8_t value;

	if (attr_get(a, &value, sizeof(value)))
		print_str(key, fmt, name(value));
}

/* Text when it is plain text, else as the hex: form that is also accepted. */
static void print_id(struct rtattr *a)
{
	char text[4 + 2 * TEREDO_ID_MAX + 1];
	unsigned int len = attr_len(a), i;
	const unsigned char *id;
	bool plain = true;

	if (!len || len > TEREDO_ID_MAX)
		return;
	id = RTA_DATA(a);
	for (i = 0; i < len; i++)
		if (!isgraph(id[i]) || id[i] == '"' || id[i] == '\\')
			plain = false;
	if (len >= 4 && !memcmp(id, "hex:", 4))
		plain = false;
	if (plain) {
		memcpy(text, id, len);
		text[len] = '\0';
	} else {
		strcpy(text, "hex:");
		for (i = 0; i < len; i++)
			sprintf(text + 4 + 2 * i, "%02x", id[i]);
	}
	print_str("client_id", "client-id %s ", text);
}

static void print_extensions(struct rtattr *a)
{
	char text[TEREDO_EXTENSIONS_TEXT];
	struct nla_bitfield32 bits;
	unsigned int i;

	if (!attr_get(a, &bits, sizeof(bits)))
		return;
	if (!is_json_context()) {
		print_str("extensions", "extensions %s ",
			  teredo_extensions_text(bits.value, text));
		return;
	}
	open_json_array(PRINT_JSON, "extensions");
	for (i = 0; TEREDO_EXT_ALL >> i; i++)
		if (bits.value & 1U << i)
			print_str(NULL, "%s", teredo_extension_name(i));
	close_json_array(PRINT_JSON, NULL);
}

static void print_state(struct rtattr *tb[])
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr6;
	struct in_addr addr;
	uint16_t port;
	uint32_t error;

	print_word(tb[IFLA_TEREDO_STATE], "state", "state %s ",
		   teredo_state_name);
	print_word(tb[IFLA_TEREDO_NAT], "nat", "nat %s ", teredo_nat_name);
	print_port(tb[IFLA_TEREDO_LOCAL_PORT], "local_port", "local-port %u ");
	if (attr_get(tb[IFLA_TEREDO_MAPPED_ADDR], &addr, sizeof(addr)) &&
	    attr_get(tb[IFLA_TEREDO_MAPPED_PORT], &port, sizeof(port)) &&
	    addr.s_addr) {
		char mapped[INET_ADDRSTRLEN + 6];

		inet_ntop(AF_INET, &addr, text, sizeof(text));
		snprintf(mapped, sizeof(mapped), "%.15s:%u", text, ntohs(port));
		print_color_string(PRINT_ANY, COLOR_INET, "mapped",
				   "mapped %s ", mapped);
	}
	if (attr_get(tb[IFLA_TEREDO_ADDRESS], &addr6, sizeof(addr6)) &&
	    !IN6_IS_ADDR_UNSPECIFIED(&addr6))
		print_color_string(PRINT_ANY, COLOR_INET6, "address",
				   "address %s ",
				   inet_ntop(AF_INET6, &addr6, text,
					     sizeof(text)));
	if (attr_get(tb[IFLA_TEREDO_ERROR], &error, sizeof(error)))
		print_str("error", "error %s ", teredo_reason_name(error));
}

static void teredo_print_opt(struct link_util *lu, FILE *f,
			     struct rtattr *tb[])
{
	struct in6_addr prefix = IN6ADDR_ANY_INIT;
	char text[INET6_ADDRSTRLEN + 3];
	uint8_t on;
	size_t i;

	(void)lu;
	if (!tb)
		return;
	print_word(tb[IFLA_TEREDO_ROLE], "role", "role %s ", teredo_role_name);
	print_addr(tb[IFLA_TEREDO_SERVER], "server", "server %s ");
	print_addr(tb[IFLA_TEREDO_SERVER2], "server2", "server2 %s ");
	print_addr(tb[IFLA_TEREDO_LOCAL], "local", "local %s ");
	print_port(tb[IFLA_TEREDO_PORT], "port", "port %u ");
	print_num(tb[IFLA_TEREDO_REFRESH], "refresh", "refresh %u ");
	if (attr_get(tb[IFLA_TEREDO_PREFIX], &prefix, 4)) {
		inet_ntop(AF_INET6, &prefix, text, INET6_ADDRSTRLEN);
		strcat(text, "/32");
		print_color_string(PRINT_ANY, COLOR_INET6, "prefix",
				   "prefix %s ", text);
	}
	print_id(tb[IFLA_TEREDO_CLIENT_ID]);
	if (attr_get(tb[IFLA_TEREDO_SECURE], &on, sizeof(on))) {
		print_color_bool(PRINT_JSON, COLOR_NONE, "secure", NULL, on);
		if (on && !is_json_context())
			fputs("secure ", f);
	}
	print_num(tb[IFLA_TEREDO_MAX_PEERS], "max_peers", "max-peers %u ");
	print_num(tb[IFLA_TEREDO_RATE_LIMIT], "rate_limit", "rate-limit %u ");
	if (attr_get(tb[IFLA_TEREDO_BUBBLE_TTL], &on, sizeof(on)) && on)
		print_color_uint(PRINT_ANY, COLOR_NONE, "bubble_ttl",
				 "bubble-ttl %u ", on);
	for (i = 0; i < N_FLAGS; i++) {
		if (!attr_get(tb[flags[i].attr], &on, sizeof(on)))
			continue;
		print_color_bool(PRINT_JSON, COLOR_NONE, flags[i].key, NULL,
				 on);
		if (!is_json_context())
			fprintf(f, "%s%s ", on ? "" : "no", flags[i].word);
	}
	print_extensions(tb[IFLA_TEREDO_EXTENSIONS]);
	print_state(tb);
}

/* Names have dashes; keys of JSON objects have none. */
static void print_count(unsigned int count, unsigned long long value)
{
	char key[32];
	size_t i;

	snprintf(key, sizeof(key), "%s", teredo_count_name(count));
	for (i = 0; key[i]; i++)
		if (key[i] == '-')
			key[i] = '_';
	print_color_lluint(PRINT_JSON, COLOR_NONE, key, NULL, value);
}

static const char *drop_name(unsigned int reason, char *text, size_t size)
{
	if (reason < __TEREDO_REASON_MAX)
		return teredo_reason_name(reason);
	snprintf(text, size, "reason-%u", reason);
	return text;
}

static void teredo_print_xstats(struct link_util *lu, FILE *f,
				struct rtattr *xstats)
{
	unsigned int n = attr_len(xstats) / sizeof(uint64_t), i;
	const char *data = xstats ? RTA_DATA(xstats) : NULL;
	bool drops = false;
	uint64_t value;
	char text[24];

	(void)lu;
	if (!n)
		return;
	if (!is_json_context())
		fprintf(f, "%s    ", _SL_);
	for (i = 0; i < n && i < __TEREDO_COUNT_MAX; i++) {
		memcpy(&value, data + i * sizeof(value), sizeof(value));
		if (is_json_context())
			print_count(i, value);
		else
			fprintf(f, "%s %llu ", teredo_count_name(i),
				(unsigned long long)value);
	}
	open_json_array(PRINT_JSON, "drops");
	for (i = TEREDO_XSTATS_DROP(0); i < n; i++) {
		unsigned int reason = i - TEREDO_XSTATS_DROP(0);

		memcpy(&value, data + i * sizeof(value), sizeof(value));
		if (!value)
			continue;
		if (!drops && !is_json_context())
			fprintf(f, "%s    drops: ", _SL_);
		drops = true;
		if (is_json_context()) {
			open_json_object(NULL);
			print_str("reason", NULL,
				  drop_name(reason, text, sizeof(text)));
			print_color_lluint(PRINT_JSON, COLOR_NONE, "packets",
					   NULL, value);
			close_json_object();
		} else {
			fprintf(f, "%s %llu ",
				drop_name(reason, text, sizeof(text)),
				(unsigned long long)value);
		}
	}
	close_json_array(PRINT_JSON, NULL);
}

static void teredo_print_help(struct link_util *lu, int argc, char **argv,
			      FILE *f)
{
	(void)lu;
	(void)argc;
	(void)argv;
	print_usage(f);
}

__attribute__((visibility("default")))
struct link_util teredo_link_util = {
	.id		= "teredo",
	.maxattr	= IFLA_TEREDO_MAX,
	.parse_opt	= teredo_parse_opt,
	.print_opt	= teredo_print_opt,
	.print_xstats	= teredo_print_xstats,
	.print_help	= teredo_print_help,
};
