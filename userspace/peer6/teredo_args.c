// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "client.h"
#include "reasons.h"
#include "teredo_args.h"

/* What a new device has, so that "default" can bring an old one back to it. */
#define DEFAULT_MAX_PEERS	65536
#define DEFAULT_RATE_LIMIT	1000

struct tag {
	const char *tag;
	const char *want;
	int (*parse)(struct p6 *p6, struct teredo_args *args,
		     const struct tag *tag, const char *value);
	int attr;
	uint32_t min, max;
	uint32_t standard;		/* what "default" means */
};

void teredo_value_set(struct teredo_args *args, int attr, const void *data,
		      size_t len)
{
	args->attr[attr].given = true;
	args->attr[attr].len = len;
	memcpy(args->attr[attr].data, data, len);
}

static int bad(struct p6 *p6, const struct tag *tag, const char *value,
	       const char *why)
{
	p6_fail(p6, P6_BAD_VALUE, "%s=%s cannot be set", tag->tag, value);
	p6_fail_why(p6, "%s %s; it should be %s.", tag->tag, why, tag->want);
	return p6_fail_do(p6, "peer6 teredo set --help");
}

static int out_of_range(struct p6 *p6, const struct tag *tag,
			const char *value)
{
	p6_fail(p6, P6_BAD_VALUE, "%s=%s cannot be set", tag->tag, value);
	p6_fail_why(p6, "%s can be from %u to %u%s; default is %u.", tag->tag,
		    tag->min, tag->max, tag->want, tag->standard);
	return p6_fail_do(p6, "peer6 teredo set %s=default", tag->tag);
}

/* In whole, where the value could be any text. */
static bool is_default(const char *value)
{
	return !strcasecmp(value, "default");
}

/* Or abbreviated, where it could be nothing else. */
static bool begins_default(const char *value)
{
	return *value && !strncasecmp(value, "default", strlen(value));
}

static const struct {
	const char *word;
	int role;		/* -1 = no device at all */
} types[] = {
	{ "client", TEREDO_ROLE_CLIENT },
	{ "server", TEREDO_ROLE_SERVER },
	{ "relay", TEREDO_ROLE_RELAY },
	{ "host-relay", TEREDO_ROLE_HOST_RELAY },
	{ "disabled", -1 },
	{ "default", TEREDO_ROLE_CLIENT },
	/* Windows' client that does not ask whether there is a domain. */
	{ "enterpriseclient", TEREDO_ROLE_CLIENT },
};

static int parse_type(struct p6 *p6, struct teredo_args *args,
		      const struct tag *tag, const char *value)
{
	uint8_t role;
	int i;

	i = p6_word(p6, tag->tag, WORDS(types), value, strlen(value));
	if (i < 0)
		return p6_fail_do(p6, "peer6 teredo set --help");
	args->type_given = true;
	if (types[i].role < 0) {
		args->disabled = true;
		return 0;
	}
	role = types[i].role;
	teredo_value_set(args, IFLA_TEREDO_ROLE, &role, sizeof(role));
	return 0;
}

static int parse_dev(struct p6 *p6, struct teredo_args *args,
		     const struct tag *tag, const char *value)
{
	size_t len = strlen(value), i;

	if (len >= IFNAMSIZ) {
		p6_fail(p6, P6_BAD_VALUE, "dev=%s cannot be set", value);
		p6_fail_why(p6, "A device's name has at most 15 characters, this one has %zu.",
			    len);
		return p6_fail_do(p6, "peer6 %s dev=%.15s", p6->command,
				  value);
	}
	if (!len || !strcmp(value, ".") || !strcmp(value, ".."))
		return bad(p6, tag, value, "is no name");
	for (i = 0; i < len; i++)
		if (strchr("/:%", value[i]) || isspace((unsigned char)value[i]))
			return bad(p6, tag, value,
				   "has a character that no device has");
	strcpy(args->dev, value);
	return 0;
}

static int parse_server(struct p6 *p6, struct teredo_args *args,
			const struct tag *tag, const char *value)
{
	if (is_default(value)) {
		p6_fail(p6, P6_SERVER_MISSING, "%s has no default", tag->tag);
		p6_fail_why(p6, "No server is built in: public Teredo servers come and go.");
		return p6_fail_do(p6, "sudo peer6 teredo set servername=NAME, with one that you know, or: peer6 help server");
	}
	if (!*value)
		return bad(p6, tag, value, "is empty");
	args->server = value;
	return 0;
}

/* Windows' name for the address that a server answers on. */
static int parse_virtual(struct p6 *p6, struct teredo_args *args,
			 const struct tag *tag, const char *value)
{
	if (begins_default(value))
		return 0;
	if (inet_pton(AF_INET, value, &args->virtual_ip) != 1)
		return bad(p6, tag, value, "is no IPv4 address");
	args->virtual_given = true;
	return 0;
}

static int parse_addr(struct p6 *p6, struct teredo_args *args,
		      const struct tag *tag, const char *value)
{
	struct in_addr addr = { .s_addr = htonl(INADDR_ANY) };

	if (!begins_default(value) && inet_pton(AF_INET, value, &addr) != 1)
		return bad(p6, tag, value, "is no IPv4 address");
	teredo_value_set(args, tag->attr, &addr, sizeof(addr));
	return 0;
}

/* The default depends on the first address, which may come later. */
static int parse_server2(struct p6 *p6, struct teredo_args *args,
			 const struct tag *tag, const char *value)
{
	args->server2_default = begins_default(value);
	return args->server2_default ? 0 : parse_addr(p6, args, tag, value);
}

static int parse_number(struct p6 *p6, struct teredo_args *args,
			const struct tag *tag, const char *value)
{
	unsigned long n = tag->standard;
	uint32_t number;
	char *end;

	if (!begins_default(value)) {
		errno = 0;
		n = strtoul(value, &end, 10);
		if (!isdigit((unsigned char)*value) || *end)
			return out_of_range(p6, tag, value);
		if (errno || n < tag->min || n > tag->max)
			return out_of_range(p6, tag, value);
	}
	number = n;
	teredo_value_set(args, tag->attr, &number, sizeof(number));
	return 0;
}

static int parse_u8(struct p6 *p6, struct teredo_args *args,
		    const struct tag *tag, const char *value)
{
	int err = parse_number(p6, args, tag, value);
	uint32_t number;
	uint8_t byte;

	if (err)
		return err;
	memcpy(&number, args->attr[tag->attr].data, sizeof(number));
	byte = number;
	teredo_value_set(args, tag->attr, &byte, sizeof(byte));
	return 0;
}

static int parse_port(struct p6 *p6, struct teredo_args *args,
		      const struct tag *tag, const char *value)
{
	bool any = *value &&
		   !strncasecmp(value, "unspecified", strlen(value));
	int err = parse_number(p6, args, tag, any ? "default" : value);
	uint32_t number;
	uint16_t be;

	if (err)
		return err;
	memcpy(&number, args->attr[tag->attr].data, sizeof(number));
	be = htons(number);
	teredo_value_set(args, tag->attr, &be, sizeof(be));
	return 0;
}

static const struct {
	const char *word;
	uint8_t on;
} bools[] = {
	{ "yes", 1 }, { "no", 0 }, { "default", 0 },
	{ "enabled", 1 }, { "disabled", 0 },
};

static int parse_bool(struct p6 *p6, struct teredo_args *args,
		      const struct tag *tag, const char *value)
{
	int i = word_find(WORDS(bools), value, strlen(value));

	if (i < 0)
		return bad(p6, tag, value, "is neither yes nor no");
	teredo_value_set(args, tag->attr, &bools[i].on, sizeof(bools[i].on));
	return 0;
}

static int parse_prefix(struct p6 *p6, struct teredo_args *args,
			const struct tag *tag, const char *value)
{
	uint32_t prefix = htonl(TEREDO_PREFIX);
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;
	const char *slash;
	size_t i;

	if (!begins_default(value)) {
		slash = strchr(value, '/');
		if (!slash || strcmp(slash, "/32") ||
		    (size_t)(slash - value) >= sizeof(text))
			return bad(p6, tag, value, "is no prefix of 32 bits");
		memcpy(text, value, slash - value);
		text[slash - value] = '\0';
		if (inet_pton(AF_INET6, text, &addr) != 1)
			return bad(p6, tag, value, "is no IPv6 prefix");
		for (i = 4; i < sizeof(addr.s6_addr); i++)
			if (addr.s6_addr[i])
				return bad(p6, tag, value,
					   "has bits set after the 32nd");
		memcpy(&prefix, &addr, sizeof(prefix));
	}
	teredo_value_set(args, tag->attr, &prefix, sizeof(prefix));
	return 0;
}

static int parse_extensions(struct p6 *p6, struct teredo_args *args,
			    const struct tag *tag, const char *value)
{
	struct nla_bitfield32 bits = {
		.value = TEREDO_EXT_ALL,
		.selector = TEREDO_EXT_ALL,
	};

	if (!is_default(value) && !teredo_extensions_parse(value, &bits.value))
		return bad(p6, tag, value,
			   "has a word that is no extension, or one twice");
	teredo_value_set(args, tag->attr, &bits, sizeof(bits));
	return 0;
}

static int hex_digit(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return isdigit((unsigned char)c) ? c - '0' :
	       tolower((unsigned char)c) - 'a' + 10;
}

/* Text, or hex:BYTES. "default" means none. @shown goes into messages. */
static int parse_bytes(struct p6 *p6, struct teredo_args *args,
		       const struct tag *tag, const char *value,
		       const char *shown)
{
	struct teredo_value *v = &args->attr[tag->attr];
	size_t len = strlen(value), i;

	if (is_default(value))
		len = 0;
	if (strncmp(value, "hex:", 4)) {
		if (len > sizeof(v->data))
			return bad(p6, tag, shown, "is too long");
		memcpy(v->data, value, len);
	} else {
		value += 4;
		len -= 4;
		if (len % 2 || len / 2 > sizeof(v->data))
			return bad(p6, tag, shown, "has a wrong length");
		len /= 2;
		for (i = 0; i < len; i++) {
			int hi = hex_digit(value[2 * i]);
			int lo = hex_digit(value[2 * i + 1]);

			if (hi < 0 || lo < 0)
				return bad(p6, tag, shown,
					   "is not hexadecimal");
			v->data[i] = hi << 4 | lo;
		}
	}
	v->given = true;
	v->len = len;
	return 0;
}

static int parse_id(struct p6 *p6, struct teredo_args *args,
		    const struct tag *tag, const char *value)
{
	return parse_bytes(p6, args, tag, value, value);
}

/* The file's first line, so that the secret is in no process list. */
static int parse_secret_file(struct p6 *p6, struct teredo_args *args,
			     const struct tag *tag, const char *path)
{
	char text[2 * TEREDO_SECRET_MAX + 8];
	ssize_t len = 0;
	int fd, err;

	if (is_default(path))
		return parse_bytes(p6, args, tag, "", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, text, sizeof(text) - 1);
		err = errno;
		close(fd);
	} else {
		err = errno;
	}
	if (fd < 0 || len < 0) {
		p6_fail(p6, P6_BAD_VALUE, "%s=%s cannot be set", tag->tag,
			path);
		p6_fail_why(p6, "Reading the file gave: %s.", strerror(err));
		return p6_fail_do(p6, "ls -l %s", path);
	}
	text[len] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	err = *text ? parse_bytes(p6, args, tag, text, path) :
	      bad(p6, tag, path, "has an empty first line");
	explicit_bzero(text, sizeof(text));
	return err;
}

static const char want_addr[] = "an IPv4 address";
static const char want_server[] = "a host name or an IPv4 address";
static const char want_bool[] = "yes, no or default";

/* The first five are Windows', in the order of values without a tag. */
#define N_POSITIONAL	5
static const struct tag tags[] = {
	{ "type", "one of them", parse_type },
	{ "servername", want_server, parse_server },
	{ "refreshinterval", " seconds", parse_number, IFLA_TEREDO_REFRESH,
	  TEREDO_REFRESH_MIN_S, TEREDO_REFRESH_MAX_S, TEREDO_REFRESH_DEFAULT_S },
	{ "clientport", ", 0 lets the kernel choose", parse_port,
	  IFLA_TEREDO_PORT, 0, 65535, 0 },
	{ "servervirtualip", want_addr, parse_virtual },
	{ "dev", "a device's name", parse_dev },
	{ "server", want_server, parse_server },
	{ "server2", want_addr, parse_server2, IFLA_TEREDO_SERVER2 },
	{ "local", "an IPv4 address of this host or default", parse_addr,
	  IFLA_TEREDO_LOCAL },
	{ "clientid", "text, hex:BYTES, at most 255 bytes, or default",
	  parse_id, IFLA_TEREDO_CLIENT_ID },
	{ "secretfile", "a file whose first line is the secret, text or hex:BYTES, or default",
	  parse_secret_file, IFLA_TEREDO_SECRET },
	{ "maxpeers", "", parse_number, IFLA_TEREDO_MAX_PEERS, 1, UINT32_MAX,
	  DEFAULT_MAX_PEERS },
	{ "ratelimit", " answers a second, 0 sets no limit", parse_number,
	  IFLA_TEREDO_RATE_LIMIT, 0, UINT32_MAX, DEFAULT_RATE_LIMIT },
	{ "allowprivate", want_bool, parse_bool, IFLA_TEREDO_ALLOW_PRIVATE },
	{ "defaultroute", want_bool, parse_bool, IFLA_TEREDO_DEFAULT_ROUTE },
	{ "discovery", want_bool, parse_bool, IFLA_TEREDO_DISCOVERY },
	{ "coneprobe", want_bool, parse_bool, IFLA_TEREDO_CONE_PROBE },
	{ "singleserver", want_bool, parse_bool, IFLA_TEREDO_SINGLE_SERVER },
	{ "bubblettl", ", 0 is the usual one", parse_u8,
	  IFLA_TEREDO_BUBBLE_TTL, 0, 255, 0 },
	{ "extensions", "all, none, default (all) or a list of sns, upnp, pp, sp, hp, slr with commas",
	  parse_extensions, IFLA_TEREDO_EXTENSIONS },
	{ "prefix", "an IPv6 prefix of 32 bits such as 2001::/32, or default",
	  parse_prefix, IFLA_TEREDO_PREFIX },
};

/* Two names for one thing: the second of them is a repetition. */
static uint32_t tag_bit(size_t i)
{
	return tags[i].parse == parse_server ? 1U << 1 : 1U << i;
}

static int parse_one(struct p6 *p6, struct teredo_args *args, size_t i,
		     const char *value)
{
	if (args->given & tag_bit(i)) {
		p6_fail(p6, P6_DUPLICATE, "%s is given twice", tags[i].tag);
		p6_fail_why(p6, "The second value is \"%s\".", value);
		return p6_fail_do(p6, "peer6 teredo set --help");
	}
	args->given |= tag_bit(i);
	return tags[i].parse(p6, args, &tags[i], value);
}

int teredo_args_parse(struct p6 *p6, struct teredo_args *args, int argc,
		      char **argv)
{
	size_t next = 0;
	int i, err;

	memset(args, 0, sizeof(*args));
	strcpy(args->dev, "teredo0");
	for (; argc > 0; argc--, argv++) {
		const char *equals = strchr(*argv, '=');

		if (equals) {
			i = p6_word(p6, "parameter", WORDS(tags), *argv,
				    equals - *argv);
			if (i < 0)
				return p6_fail_do(p6, "peer6 teredo set --help");
			err = parse_one(p6, args, i, equals + 1);
		} else {
			while (next < N_POSITIONAL &&
			       args->given & tag_bit(next))
				next++;
			if (next == N_POSITIONAL) {
				p6_fail(p6, P6_UNKNOWN_WORD,
					"\"%s\" is one value too many", *argv);
				p6_fail_why(p6, "Without a tag there are type, servername, refreshinterval, clientport and servervirtualip, in this order.");
				return p6_fail_do(p6, "peer6 teredo set --help");
			}
			err = parse_one(p6, args, next, *argv);
		}
		if (err)
			return err;
	}
	return 0;
}

static int resolve_name(struct p6 *p6, const char *name, struct in_addr *addr)
{
	struct addrinfo hints = {
		.ai_family = AF_INET,
		.ai_socktype = SOCK_DGRAM,
	};
	struct addrinfo *found;
	int err;

	if (inet_pton(AF_INET, name, addr) == 1)
		return 0;
	if (name[strspn(name, "0123456789.")] == '\0') {
		p6_fail(p6, P6_BAD_VALUE, "servername=%s cannot be set", name);
		p6_fail_why(p6, "It is neither a whole IPv4 address nor a name.");
		return p6_fail_do(p6, "sudo peer6 teredo set servername=192.0.2.1, with the right address");
	}
	if (strchr(name, ':')) {
		p6_fail(p6, P6_BAD_VALUE, "servername=%s cannot be set", name);
		p6_fail_why(p6, "A Teredo server is reached over IPv4; this is an IPv6 address or has a port.");
		return p6_fail_do(p6, "peer6 teredo set --help");
	}
	err = getaddrinfo(name, NULL, &hints, &found);
	if (err) {
		p6_fail(p6, P6_NAME_NOT_RESOLVED,
			"server name \"%s\" does not resolve", name);
		p6_fail_why(p6, "Looking for its IPv4 address gave: %s.",
			    err == EAI_SYSTEM ? strerror(errno) :
			    gai_strerror(err));
		return p6_fail_do(p6, "getent ahostsv4 %s", name);
	}
	*addr = ((struct sockaddr_in *)found->ai_addr)->sin_addr;
	freeaddrinfo(found);
	return 0;
}

int teredo_args_resolve(struct p6 *p6, struct teredo_args *args, int role,
			struct in_addr now)
{
	bool named = args->server || args->virtual_given;
	struct in_addr addr = args->virtual_ip;
	char text[INET_ADDRSTRLEN];
	int err;

	if (args->virtual_given && role != TEREDO_ROLE_SERVER) {
		p6_fail(p6, P6_BAD_VALUE, "servervirtualip cannot be set");
		p6_fail_why(p6, "It is the address that a server answers on, and this is a %s.",
			    teredo_role_name(role));
		return p6_fail_do(p6, "peer6 teredo set --help");
	}
	if (args->server) {
		err = resolve_name(p6, args->server, &addr);
		if (err)
			return err;
	}
	if (args->virtual_given && addr.s_addr != args->virtual_ip.s_addr) {
		p6_fail(p6, P6_DUPLICATE,
			"servername and servervirtualip differ");
		p6_fail_why(p6, "Both name the address that the server answers on; servername is %s.",
			    inet_ntop(AF_INET, &addr, text, sizeof(text)));
		return p6_fail_do(p6, "peer6 teredo set --help");
	}
	if (named)
		teredo_value_set(args, IFLA_TEREDO_SERVER, &addr, sizeof(addr));
	else if (args->server2_default)
		addr = now;
	if (args->attr[IFLA_TEREDO_SERVER2].given || !addr.s_addr)
		return 0;
	addr.s_addr = htonl(ntohl(addr.s_addr) + 1);
	teredo_value_set(args, IFLA_TEREDO_SERVER2, &addr, sizeof(addr));
	return 0;
}

int teredo_dev_args(struct p6 *p6, int argc, char **argv, char *dev,
		    const char **rest)
{
	static const struct tag dev_tag[] = {
		{ "dev", "a device's name", parse_dev },
	};
	struct teredo_args args = { 0 };
	int i, err;

	for (; argc > 0; argc--, argv++) {
		const char *equals = strchr(*argv, '=');

		if (!equals && rest && !*rest) {
			*rest = *argv;
			continue;
		}
		if (!equals) {
			p6_fail(p6, P6_UNKNOWN_WORD,
				"%s takes no argument \"%s\"", p6->command,
				*argv);
			p6_fail_why(p6, "A device is named as dev=NAME.");
			return p6_fail_do(p6, "peer6 %s --help", p6->command);
		}
		i = p6_word(p6, "parameter", WORDS(dev_tag), *argv,
			    equals - *argv);
		if (i < 0)
			return p6_fail_do(p6, "peer6 %s --help", p6->command);
		if (args.dev[0]) {
			p6_fail(p6, P6_DUPLICATE, "dev is given twice");
			p6_fail_why(p6, "The second value is \"%s\".",
				    equals + 1);
			return p6_fail_do(p6, "peer6 %s --help", p6->command);
		}
		err = parse_dev(p6, &args, dev_tag, equals + 1);
		if (err)
			return err;
	}
	strcpy(dev, args.dev);
	return 0;
}
