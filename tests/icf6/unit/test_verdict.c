// SPDX-License-Identifier: GPL-2.0
/*
 * The policy as a table: a packet, what is configured, and the reason. Beyond
 * the table, each ICMPv6 type and each protocol is tried.
 */
#include "unit.h"

enum {
	NEW		= ICF6_STATE_NEW,
	EST		= ICF6_STATE_ESTABLISHED,
	REL		= ICF6_STATE_RELATED,
	UNT		= ICF6_STATE_UNTRACKED,
	INV		= ICF6_STATE_INVALID,
	IN		= ICF6_DIR_IN,
	OUT		= ICF6_DIR_OUT,
	FWD		= ICF6_DIR_FORWARD,
	LL		= ICF6_F_SRC_LINK_LOCAL,
	ANY		= ICF6_F_SRC_ANY,
	SYN		= ICF6_F_SYN,
	OPEN		= ICF6_F_OPEN,
	DEFAULT		= ICF6_OPT_ENABLED | ICF6_OPT_ICMP_STRICT |
			  ICF6_OPT_BOGONS,
	LAX		= ICF6_OPT_ENABLED,
};

/* How a device is, in one word. */
enum dev { PLAIN, OFF, EDGE, REJECT };

struct row {
	int line;
	u8 dir, state, proto;
	u8 type, code, hop_limit;
	u16 sport, dport;
	u32 facts;
	u32 options;
	u32 icmp;
	enum dev dev;
	enum icf6_reason want;
};

static enum icf6_reason judge(const struct row *row)
{
	struct icf6_packet p = {
		.dir = row->dir, .state = row->state, .proto = row->proto,
		.type = row->type, .code = row->code,
		.hop_limit = row->hop_limit, .sport = row->sport,
		.dport = row->dport, .facts = row->facts,
	};
	struct icf6_rules r = {
		.options = row->options, .icmp = row->icmp,
		.firewalled = row->dev != OFF, .edge = row->dev == EDGE,
		.reject = row->dev == REJECT,
	};

	return icf6_verdict(&p, &r);
}

static void check(const struct row *rows, size_t n)
{
	enum icf6_reason got;

	while (n--) {
		got = judge(rows);
		if (got != rows->want) {
			print_error("line %d: %s, not %s\n", rows->line,
				    icf6_reason_name(got),
				    icf6_reason_name(rows->want));
			fail();
		}
		rows++;
	}
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

#define ROW(reason, ...) { .line = __LINE__, .hop_limit = 64,		\
	.options = DEFAULT, .want = ICF6_REASON_##reason, __VA_ARGS__ }
#define TCP(reason, state_, facts_, ...)				\
	ROW(reason, .proto = 6, .state = state_, .facts = facts_, __VA_ARGS__)
#define UDP(reason, state_, facts_, ...)				\
	ROW(reason, .proto = 17, .state = state_, .facts = facts_, __VA_ARGS__)
#define ICMP(reason, type_, code_, state_, ...)				\
	ROW(reason, .proto = 58, .type = type_, .code = code_,		\
	    .state = state_, __VA_ARGS__)

/* The overrides in the tables are meant. */
#pragma GCC diagnostic ignored "-Woverride-init"

static void before_the_policy(void **state)
{
	static const struct row rows[] = {
		TCP(LOOPBACK, INV, ICF6_F_LOOPBACK | ICF6_F_BOGON),
		TCP(LOOPBACK, INV, ICF6_F_LOOPBACK, .dir = OUT),
		TCP(DISABLED, NEW, SYN, .options = ICF6_OPT_BOGONS),
		TCP(DISABLED, INV, ICF6_F_HEADERS, .options = 0, .dir = FWD),
		TCP(UNFIREWALLED, NEW, SYN, .dev = OFF),
		TCP(UNFIREWALLED, INV, ICF6_F_SPOOFED, .dev = OFF),
		TCP(UNFIREWALLED, INV, ICF6_F_MCAST_SOURCE, .dev = OFF,
		    .dir = OUT),
	};

	(void)state;
	CHECK(rows);
}

static void never(void **state)
{
	static const struct row rows[] = {
		TCP(HEADERS, EST, ICF6_F_HEADERS),
		TCP(ROUTING_HEADER, EST, ICF6_F_RH0),
		TCP(BOGON, EST, ICF6_F_BOGON),
		TCP(ESTABLISHED, EST, ICF6_F_BOGON, .options = LAX),
		TCP(SPOOFED, EST, ICF6_F_SPOOFED),
		TCP(SPOOFED, EST, ICF6_F_SPOOFED, .options = LAX),
		TCP(ESTABLISHED, EST, ICF6_F_ULA),
		TCP(ULA, EST, ICF6_F_ULA, .dev = EDGE),
		TCP(ESTABLISHED, EST, ICF6_F_ULA, .dev = EDGE,
		    .options = DEFAULT | ICF6_OPT_EDGE_ULA),
		TCP(ULA, NEW, ICF6_F_ULA, .dev = EDGE, .dir = OUT),
		TCP(MCAST_SOURCE, NEW, ICF6_F_MCAST_SOURCE, .dir = OUT),
		UDP(SCOPE, EST, ICF6_F_SCOPE, .dir = FWD),
		UDP(SCOPE, EST, ICF6_F_SCOPE, .dir = FWD, .dev = OFF),
	};

	(void)state;
	CHECK(rows);
}

static void flows(void **state)
{
	static const struct row rows[] = {
		TCP(ESTABLISHED, EST, 0),
		UDP(ESTABLISHED, EST, 0, .dev = EDGE),
		TCP(RELATED, REL, SYN),
		ICMP(RELATED, 1, 0, REL),
		ICMP(RELATED, 4, 3, REL),
		ICMP(RELATED, 137, 0, REL),
		/* RFC 4890 section 4.4.5 */
		ICMP(ICMP, 0, 0, REL),
		ICMP(ICMP, 5, 0, REL),
		ICMP(ICMP, 100, 0, REL),
		ICMP(ICMP, 127, 0, REL),
		TCP(PORT, NEW, SYN, .dport = 22),
		TCP(PORT_OPEN, NEW, SYN | OPEN),
		TCP(NO_SYN, NEW, OPEN),
		TCP(NO_SYN, NEW, 0),
		TCP(GRACE, NEW, ICF6_F_GRACE),
		TCP(INVALID, INV, ICF6_F_GRACE | OPEN),
		TCP(INVALID, INV, SYN | OPEN),
		UDP(PORT, NEW, 0),
		UDP(PORT_OPEN, NEW, OPEN),
		UDP(INVALID, INV, OPEN),
		TCP(PORT_OPEN, UNT, OPEN),
		TCP(PORT, UNT, 0),
		TCP(PORT_OPEN, NEW, SYN | OPEN, .dir = FWD),
		TCP(PORT, NEW, SYN, .dir = FWD),
		ROW(ESTABLISHED, .proto = 132, .state = EST),
		ROW(PROTO, .proto = 132, .state = NEW, .facts = OPEN),
		ROW(PROTO, .proto = 59, .state = UNT),
	};

	(void)state;
	CHECK(rows);
}

static void edges(void **state)
{
	static const struct row rows[] = {
		TCP(EDGE, NEW, SYN | OPEN, .dev = EDGE),
		TCP(PORT, NEW, SYN, .dev = EDGE),
		TCP(PORT_OPEN, NEW, SYN | OPEN | ICF6_F_OPEN_EDGE,
		    .dev = EDGE),
		TCP(EDGE, NEW, SYN | OPEN | ICF6_F_OPEN_APP, .dev = EDGE),
		TCP(EDGE, NEW, SYN | OPEN | ICF6_F_CONSENT, .dev = EDGE),
		TCP(PORT_OPEN, NEW,
		    SYN | OPEN | ICF6_F_OPEN_APP | ICF6_F_CONSENT,
		    .dev = EDGE),
		/* Elsewhere it does not matter. */
		TCP(PORT_OPEN, NEW, SYN | OPEN | ICF6_F_OPEN_APP),
		UDP(EDGE, NEW, ICF6_F_MDNS, .dev = EDGE,
		    .options = DEFAULT | ICF6_OPT_MDNS),
		ROW(EDGE, .proto = 50, .dev = EDGE,
		    .options = DEFAULT | ICF6_OPT_IPSEC),
		/* What else is on does not take away what an entry allows. */
		TCP(PORT_OPEN, NEW,
		    SYN | OPEN | ICF6_F_OPEN_EDGE | ICF6_F_AH, .dev = EDGE,
		    .options = DEFAULT | ICF6_OPT_IPSEC),
		ROW(EDGE, .proto = 135, .dev = EDGE,
		    .options = DEFAULT | ICF6_OPT_MIP6),
	};

	(void)state;
	CHECK(rows);
}

static void options(void **state)
{
	static const struct row rows[] = {
		/* DHCPv6, FW-52 */
		UDP(DHCP, NEW, LL | ICF6_F_DST_LINK_LOCAL, .sport = 547,
		    .dport = 546),
		UDP(PORT, NEW, LL, .sport = 547, .dport = 546),
		UDP(PORT, NEW, ICF6_F_DST_LINK_LOCAL, .sport = 547,
		    .dport = 546),
		UDP(PORT, NEW, LL | ICF6_F_DST_LINK_LOCAL, .sport = 546,
		    .dport = 547),
		UDP(INVALID, INV, LL | ICF6_F_DST_LINK_LOCAL, .sport = 547,
		    .dport = 546),
		TCP(PORT, NEW, SYN | LL | ICF6_F_DST_LINK_LOCAL, .sport = 547,
		    .dport = 546),
		/* multicast, FW-60, FW-64 */
		UDP(PORT, NEW, ICF6_F_ASKED),
		UDP(MCAST_REPLY, NEW, ICF6_F_ASKED,
		    .options = DEFAULT | ICF6_OPT_MCAST_REPLY),
		UDP(MCAST_REPLY, NEW, ICF6_F_ASKED,
		    .options = DEFAULT | ICF6_OPT_P2P),
		TCP(PORT, NEW, ICF6_F_ASKED | SYN,
		    .options = DEFAULT | ICF6_OPT_MCAST_REPLY),
		UDP(PORT, NEW, ICF6_F_MDNS | ICF6_F_SSDP),
		UDP(PRESET, NEW, ICF6_F_MDNS,
		    .options = DEFAULT | ICF6_OPT_MDNS),
		UDP(PORT, NEW, ICF6_F_MDNS,
		    .options = DEFAULT | ICF6_OPT_SSDP),
		UDP(PRESET, NEW, ICF6_F_SSDP,
		    .options = DEFAULT | ICF6_OPT_SSDP),
		/* FW-86 */
		ROW(PROTO, .proto = 50),
		ROW(IPSEC, .proto = 50, .options = DEFAULT | ICF6_OPT_IPSEC),
		TCP(IPSEC, NEW, SYN | ICF6_F_AH,
		    .options = DEFAULT | ICF6_OPT_IPSEC),
		TCP(PORT, NEW, SYN | ICF6_F_AH),
		UDP(IPSEC, NEW, 0, .dport = 500,
		    .options = DEFAULT | ICF6_OPT_IPSEC),
		UDP(IPSEC, NEW, 0, .dport = 4500,
		    .options = DEFAULT | ICF6_OPT_IPSEC),
		UDP(PORT, NEW, 0, .dport = 501,
		    .options = DEFAULT | ICF6_OPT_IPSEC),
		TCP(PORT, NEW, SYN, .dport = 500,
		    .options = DEFAULT | ICF6_OPT_IPSEC),
		ROW(PROTO, .proto = 135),
		ROW(MIP6, .proto = 135, .options = DEFAULT | ICF6_OPT_MIP6),
		/* p2p opens ports by entries, not by itself */
		UDP(PORT, NEW, 0, .dport = 3540,
		    .options = DEFAULT | ICF6_OPT_P2P),
	};

	(void)state;
	CHECK(rows);
}

static void outbound(void **state)
{
	static const struct row rows[] = {
		TCP(OUTBOUND, NEW, SYN, .dir = OUT),
		UDP(OUTBOUND, INV, 0, .dir = OUT),
		TCP(OUTBOUND, EST, ICF6_F_RST_TO_SYN, .dir = OUT),
		TCP(STEALTH, EST, ICF6_F_RST_TO_SYN, .dir = OUT,
		    .options = DEFAULT | ICF6_OPT_STEALTH),
		TCP(OUTBOUND, EST, 0, .dir = OUT,
		    .options = DEFAULT | ICF6_OPT_STEALTH),
		ICMP(OUTBOUND, 1, 4, REL, .dir = OUT,
		     .facts = ICF6_F_UNANSWERED),
		ICMP(STEALTH, 1, 4, REL, .dir = OUT,
		     .facts = ICF6_F_UNANSWERED,
		     .options = DEFAULT | ICF6_OPT_STEALTH),
		ICMP(OUTBOUND, 1, 4, REL, .dir = OUT,
		     .options = DEFAULT | ICF6_OPT_STEALTH),
		ICMP(OUTBOUND, 1, 3, REL, .dir = OUT,
		     .facts = ICF6_F_UNANSWERED,
		     .options = DEFAULT | ICF6_OPT_STEALTH),
		/* FW-31, FW-87 */
		ICMP(ICMP_OUT, 1, 4, INV, .dir = OUT),
		ICMP(ICMP_OUT, 1, 1, INV, .dir = OUT),
		ICMP(OUTBOUND, 1, 1, INV, .dir = OUT, .dev = REJECT),
		ICMP(ICMP_OUT, 1, 4, INV, .dir = OUT, .dev = REJECT),
		ICMP(ICMP_OUT, 2, 0, INV, .dir = OUT),
		ICMP(ICMP_OUT, 3, 1, INV, .dir = OUT),
		ICMP(ICMP_OUT, 4, 1, INV, .dir = OUT),
		ICMP(OUTBOUND, 1, 0, INV, .dir = OUT,
		     .icmp = ICF6_ICMP_DEST_UNREACH),
		ICMP(OUTBOUND, 2, 0, INV, .dir = OUT,
		     .icmp = ICF6_ICMP_TOO_BIG),
		ICMP(OUTBOUND, 3, 0, INV, .dir = OUT,
		     .icmp = ICF6_ICMP_TIME_EXCEEDED),
		ICMP(OUTBOUND, 4, 0, INV, .dir = OUT,
		     .icmp = ICF6_ICMP_PARAM_PROBLEM),
		ICMP(OUTBOUND, 128, 0, NEW, .dir = OUT),
		ICMP(OUTBOUND, 136, 0, UNT, .dir = OUT),
	};

	(void)state;
	CHECK(rows);
}

/* One row each for what RFC 4890 section 4.4 says of a type. */
static void icmp_in(void **state)
{
	static const struct row rows[] = {
		ICMP(ICMP, 128, 0, NEW),
		ICMP(ICMP_OPTION, 128, 0, NEW, .icmp = ICF6_ICMP_ECHO_REQUEST),
		ICMP(INVALID, 128, 0, INV, .icmp = ICF6_ICMP_ECHO_REQUEST),
		ICMP(INVALID, 129, 0, INV),
		ICMP(MCAST_REPLY, 129, 0, INV, .facts = ICF6_F_ASKED),
		ICMP(ICMP_ERROR, 1, 0, INV),
		ICMP(ICMP_OPTION, 1, 6, INV, .options = LAX),
		ICMP(ICMP_OPTION, 2, 0, INV, .options = LAX),
		ICMP(ICMP_OPTION, 3, 1, INV, .options = LAX),
		ICMP(ICMP_ERROR, 3, 2, INV, .options = LAX),
		ICMP(ICMP_OPTION, 4, 2, INV, .options = LAX),
		ICMP(ICMP_ERROR, 4, 3, INV, .options = LAX),
		/* The scope of SYN-less rules and ports is not theirs. */
		ICMP(ICMP, 139, 0, NEW, .facts = OPEN),
		ICMP(ICMP, 160, 0, INV, .icmp = ICF6_ICMP_ECHO_REQUEST),
		ICMP(ICMP, 160, 0, INV, .facts = ICF6_F_PROBE),
		ICMP(ICMP_OPTION, 160, 0, INV, .facts = ICF6_F_PROBE,
		     .icmp = ICF6_ICMP_ECHO_REQUEST),
		ICMP(ICMP, 144, 0, INV),
		ICMP(MIP6, 147, 0, INV, .options = DEFAULT | ICF6_OPT_MIP6),
		ICMP(CONTROL, 148, 0, INV, .hop_limit = 255,
		     .options = DEFAULT | ICF6_OPT_MIP6),
		ICMP(ND, 137, 0, INV, .facts = LL,
		     .icmp = ICF6_ICMP_REDIRECT),
		ICMP(ND, 137, 0, INV, .hop_limit = 255,
		     .icmp = ICF6_ICMP_REDIRECT),
		ICMP(ICMP, 137, 0, INV, .hop_limit = 255, .facts = LL),
		ICMP(ICMP_OPTION, 137, 0, INV, .hop_limit = 255, .facts = LL,
		     .icmp = ICF6_ICMP_REDIRECT),
		/* MLD: who may send from :: */
		ICMP(CONTROL, 131, 0, UNT, .hop_limit = 1, .facts = ANY),
		ICMP(CONTROL, 143, 0, UNT, .hop_limit = 1, .facts = ANY),
		ICMP(MLD, 130, 0, UNT, .hop_limit = 1, .facts = ANY),
		ICMP(MLD, 132, 0, UNT, .hop_limit = 1, .facts = ANY),
	};

	(void)state;
	CHECK(rows);
}

static bool among(int type, const int *types)
{
	for (; *types; types++)
		if (*types == type)
			return true;
	return false;
}

/* Each type, in each state that is not that of a flow, by its class. */
static void icmp_types(void **state)
{
	static const int nd[] = { 133, 134, 135, 136, 141, 142, 148, 149, 0 };
	static const int link[] = { 130, 131, 132, 143, 151, 152, 153, 0 };
	static const u8 states[] = { NEW, UNT, INV };
	struct row row = { .proto = 58, .options = DEFAULT };
	size_t i;
	int type;

	(void)state;
	for (type = 0; type < 256; type++) {
		for (i = 0; i < sizeof(states); i++) {
			bool is_nd = among(type, nd), is_ml = among(type, link);

			row.type = type;
			row.state = states[i];
			row.facts = LL;
			row.code = 0;
			row.hop_limit = 255;
			assert_int_equal(is_nd, icf6_reason_accepts(judge(&row)));
			row.hop_limit = 254;
			assert_false(icf6_reason_accepts(judge(&row)));
			row.hop_limit = 255;
			row.code = 1;
			assert_false(icf6_reason_accepts(judge(&row)));
			row.code = 0;
			row.hop_limit = 1;
			assert_int_equal(is_ml, icf6_reason_accepts(judge(&row)));
			row.facts = 0;
			assert_false(icf6_reason_accepts(judge(&row)));
		}
	}
}

/* RFC 4890 section 4.3; 148 is what a list that is off by one lets through. */
static void icmp_forwarded(void **state)
{
	static const int passes[] = { 128, 144, 145, 146, 147, 0 };
	struct row row = {
		.dir = FWD, .state = NEW, .proto = 58, .hop_limit = 255,
		.options = DEFAULT, .facts = LL,
	};
	int type;

	(void)state;
	for (type = 0; type < 256; type++) {
		row.type = type;
		assert_int_equal(among(type, passes),
				 icf6_reason_accepts(judge(&row)));
	}
}

static void protocols(void **state)
{
	struct row row = {
		.facts = OPEN | SYN | ICF6_F_OPEN_EDGE, .options = DEFAULT,
	};
	int proto;

	(void)state;
	for (proto = 0; proto < 256; proto++) {
		row.proto = proto;
		assert_int_equal(proto == 6 || proto == 17,
				 icf6_reason_accepts(judge(&row)));
	}
}

static void reasons(void **state)
{
	int i, j;

	(void)state;
	for (i = 0; i < __ICF6_REASON_MAX; i++) {
		assert_true(*icf6_reason_name(i) && *icf6_reason_text(i));
		for (j = 0; j < i; j++)
			assert_string_not_equal(icf6_reason_name(i),
						icf6_reason_name(j));
	}
	assert_string_equal("unknown", icf6_reason_name(__ICF6_REASON_MAX));
	assert_string_equal("unknown", icf6_reason_text(__ICF6_REASON_MAX));
	assert_true(icf6_reason_accepts(ICF6_REASON_OUTBOUND));
	assert_false(icf6_reason_accepts(ICF6_REASON_HEADERS));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_the_policy),
		cmocka_unit_test(never),
		cmocka_unit_test(flows),
		cmocka_unit_test(edges),
		cmocka_unit_test(options),
		cmocka_unit_test(outbound),
		cmocka_unit_test(icmp_in),
		cmocka_unit_test(icmp_types),
		cmocka_unit_test(icmp_forwarded),
		cmocka_unit_test(protocols),
		cmocka_unit_test(reasons),
	};

	return unit_main("verdict", tests);
}
