// SPDX-License-Identifier: GPL-2.0
/* Writes the seeds of fuzz_icf6-verdict: gen_icf6-verdict DIRECTORY */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "icf6_input.h"

enum {
	DEFAULT = ICF6_OPT_ENABLED | ICF6_OPT_ICMP_STRICT | ICF6_OPT_BOGONS,
};

static const struct seed {
	const char *name;
	u32 options;
	u8 device;
	u8 dir, state, proto, hop_limit, type;
	u16 sport, dport;
	u32 facts;
} seeds[] = {
	{ "closed", DEFAULT, INPUT_FIREWALLED, ICF6_DIR_IN, ICF6_STATE_NEW,
	  ICF6_TCP, 64, 0, 40000, 22, ICF6_F_SYN },
	{ "open", DEFAULT, INPUT_FIREWALLED, ICF6_DIR_IN, ICF6_STATE_NEW,
	  ICF6_TCP, 64, 0, 40000, 22, ICF6_F_SYN | ICF6_F_OPEN },
	{ "edge", DEFAULT, INPUT_FIREWALLED | INPUT_EDGE, ICF6_DIR_IN,
	  ICF6_STATE_NEW, ICF6_UDP, 64, 0, 40000, 3540,
	  ICF6_F_OPEN | ICF6_F_OPEN_APP | ICF6_F_CONSENT },
	{ "established", DEFAULT, INPUT_FIREWALLED, ICF6_DIR_IN,
	  ICF6_STATE_ESTABLISHED, ICF6_TCP, 64, 0, 80, 40000, 0 },
	{ "related", DEFAULT, INPUT_FIREWALLED, ICF6_DIR_IN,
	  ICF6_STATE_RELATED, ICF6_ICMP6, 64, 2, 0, 0, 0 },
	{ "echo", DEFAULT, INPUT_FIREWALLED, ICF6_DIR_IN, ICF6_STATE_NEW,
	  ICF6_ICMP6, 64, 128, 0, 0, 0 },
	{ "solicitation", DEFAULT, INPUT_FIREWALLED, ICF6_DIR_IN,
	  ICF6_STATE_UNTRACKED, ICF6_ICMP6, 255, 135, 0, 0, 0 },
	{ "report", DEFAULT, INPUT_FIREWALLED, ICF6_DIR_IN,
	  ICF6_STATE_UNTRACKED, ICF6_ICMP6, 1, 143, 0, 0, ICF6_F_SRC_ANY },
	{ "dhcp", DEFAULT, INPUT_FIREWALLED, ICF6_DIR_IN, ICF6_STATE_NEW,
	  ICF6_UDP, 64, 0, 547, 546,
	  ICF6_F_SRC_LINK_LOCAL | ICF6_F_DST_LINK_LOCAL },
	{ "asked", DEFAULT | ICF6_OPT_P2P, INPUT_FIREWALLED, ICF6_DIR_IN,
	  ICF6_STATE_NEW, ICF6_UDP, 64, 0, 1900, 40000, ICF6_F_ASKED },
	{ "ipsec", DEFAULT | ICF6_OPT_IPSEC, INPUT_FIREWALLED, ICF6_DIR_IN,
	  ICF6_STATE_NEW, ICF6_ESP, 64, 0, 0, 0, 0 },
	{ "out", DEFAULT, INPUT_FIREWALLED, ICF6_DIR_OUT, ICF6_STATE_NEW,
	  ICF6_TCP, 64, 0, 40000, 80, ICF6_F_SYN },
	{ "error-out", DEFAULT, INPUT_FIREWALLED | INPUT_REJECT, ICF6_DIR_OUT,
	  ICF6_STATE_INVALID, ICF6_ICMP6, 64, 1, 0, 0, 0 },
	{ "reset-out", DEFAULT | ICF6_OPT_STEALTH, INPUT_FIREWALLED,
	  ICF6_DIR_OUT, ICF6_STATE_ESTABLISHED, ICF6_TCP, 64, 0, 22, 40000,
	  ICF6_F_RST_TO_SYN },
	{ "forwarded", DEFAULT | ICF6_OPT_FORWARD, INPUT_FIREWALLED,
	  ICF6_DIR_FORWARD, ICF6_STATE_NEW, ICF6_ICMP6, 63, 145, 0, 0, 0 },
};

static const struct icf6_input_port ports[] = {
	{ 0 | 4, 80 }, { 1 | 4 | 1 << 3, 80 }, { 2 | 4, 80 }, { 0, 53 },
	{ 2, 53 }, { 0 | 2 << 3, 54 },
};

static void put16(u8 *b, u16 v)
{
	b[0] = v >> 8;
	b[1] = v;
}

static void put32(u8 *b, u32 v)
{
	put16(b, v >> 16);
	put16(b + 2, v);
}

static int write_seed(const char *dir, const struct seed *s)
{
	struct icf6_input in = {
		.device = s->device,
		.icmp = ICF6_ICMP_TOO_BIG,
		.p = {
			.dir = s->dir, .state = s->state, .proto = s->proto,
			.hop_limit = s->hop_limit, .type = s->type,
		},
		.other = { .type = 136, .hop_limit = 255, .proto = ICF6_UDP },
	};
	char path[4096];
	FILE *f;
	int bad;

	put32(in.options, s->options);
	put16(in.p.sport, s->sport);
	put16(in.p.dport, s->dport);
	put32(in.p.facts, s->facts);
	put32(in.other.facts, ICF6_F_OPEN | ICF6_F_ASKED);
	snprintf(path, sizeof(path), "%s/%s", dir, s->name);
	f = fopen(path, "wb");
	if (!f) {
		perror(path);
		return -1;
	}
	bad = fwrite(&in, sizeof(in), 1, f) != 1 ||
	      fwrite(ports, sizeof(ports), 1, f) != 1;
	if (fclose(f) || bad) {
		perror(path);
		return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	char dir[4000];
	size_t i;

	if (argc != 2) {
		fprintf(stderr, "usage: gen_icf6-verdict DIRECTORY\n");
		return 2;
	}
	snprintf(dir, sizeof(dir), "%s/icf6-verdict", argv[1]);
	if ((mkdir(argv[1], 0777) && errno != EEXIST) ||
	    (mkdir(dir, 0777) && errno != EEXIST)) {
		perror(dir);
		return 1;
	}
	for (i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
		if (write_seed(dir, &seeds[i]))
			return 1;
	return 0;
}
