// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever the packet and the configuration are, the firewall keeps what it
 * promises: stated here without looking at how it decides.
 */
#include <stdio.h>
#include <stdlib.h>

#include "icf6_input.h"
#include "ports.h"
#include "reasons.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define CHECK(cond)							\
	do {								\
		if (!(cond)) {						\
			fprintf(stderr, "%s:%d: broken: %s\n",		\
				__FILE__, __LINE__, #cond);		\
			abort();					\
		}							\
	} while (0)

enum {
	/* With these off, at least as much is dropped. */
	GRANTS = ICF6_OPT_P2P | ICF6_OPT_IPSEC | ICF6_OPT_MIP6 |
		 ICF6_OPT_MCAST_REPLY | ICF6_OPT_MDNS | ICF6_OPT_SSDP |
		 ICF6_OPT_EDGE_ULA,
	/* With these on. */
	BANS = ICF6_OPT_ENABLED | ICF6_OPT_STEALTH | ICF6_OPT_ICMP_STRICT |
	       ICF6_OPT_BOGONS,
	/* What it says about a packet that nothing can make good. */
	NEVER = ICF6_F_HEADERS | ICF6_F_RH0 | ICF6_F_BOGON | ICF6_F_SPOOFED |
		ICF6_F_ULA | ICF6_F_SCOPE,
	/* What speaks for a packet. */
	FOR = ICF6_F_OPEN | ICF6_F_OPEN_EDGE | ICF6_F_OPEN_APP |
	      ICF6_F_CONSENT | ICF6_F_GRACE | ICF6_F_MDNS | ICF6_F_SSDP |
	      ICF6_F_ASKED | ICF6_F_PROBE,
};

static u16 get16(const u8 *b)
{
	return b[0] << 8 | b[1];
}

static u32 get32(const u8 *b)
{
	return (u32)get16(b) << 16 | get16(b + 2);
}

static struct icf6_packet packet(const struct icf6_input_packet *in)
{
	return (struct icf6_packet) {
		.dir = in->dir % __ICF6_DIR_MAX,
		.state = in->state % __ICF6_STATE_MAX,
		.proto = in->proto,
		.hop_limit = in->hop_limit,
		.type = in->type,
		.code = in->code,
		.sport = get16(in->sport),
		.dport = get16(in->dport),
		.facts = get32(in->facts) & ICF6_F_ALL,
	};
}

static bool accepts(const struct icf6_packet *p, const struct icf6_rules *r)
{
	return icf6_reason_accepts(icf6_verdict(p, r));
}

/* An error of a type that nobody assigned is part of nothing. */
static bool in_flow(const struct icf6_packet *p)
{
	return p->state == ICF6_STATE_ESTABLISHED ||
	       (p->state == ICF6_STATE_RELATED &&
		(p->proto != ICF6_ICMP6 || p->type >= 128 ||
		 (p->type >= 1 && p->type <= 4)));
}

/* Nothing comes in that somebody did not ask for or allow. */
static bool may_come_in(const struct icf6_packet *p, const struct icf6_rules *r)
{
	bool tcp = p->proto == ICF6_TCP, udp = p->proto == ICF6_UDP;
	bool link = p->facts & ICF6_F_SRC_LINK_LOCAL;
	bool any = p->facts & ICF6_F_SRC_ANY;

	if (in_flow(p))
		return true;
	if (p->proto == ICF6_ICMP6) {
		if (p->type < 128)
			return p->type <= 4 &&
			       !(r->options & ICF6_OPT_ICMP_STRICT);
		if (p->dir == ICF6_DIR_FORWARD)
			return p->type == 128 ||
			       (p->type >= 144 && p->type <= 147);
		switch (p->type) {
		case 128:
		case 160:
			return r->icmp & ICF6_ICMP_ECHO_REQUEST;
		case 129:
			return p->facts & ICF6_F_ASKED;
		case 133: case 134: case 135: case 136:
		case 141: case 142: case 148: case 149:
			return p->hop_limit == 255;
		case 137:
			return p->hop_limit == 255 && link &&
			       r->icmp & ICF6_ICMP_REDIRECT;
		case 131: case 143:
			return p->hop_limit == 1 && (link || any);
		case 130: case 132: case 151: case 152: case 153:
			return p->hop_limit == 1 && link;
		case 144: case 145: case 146: case 147:
			return r->options & ICF6_OPT_MIP6;
		}
		return false;
	}
	if (udp && p->facts & ICF6_F_ASKED &&
	    r->options & (ICF6_OPT_MCAST_REPLY | ICF6_OPT_P2P))
		return true;
	if (p->state == ICF6_STATE_INVALID)
		return false;
	if (udp && p->sport == 547 && p->dport == 546 && link &&
	    p->facts & ICF6_F_DST_LINK_LOCAL)
		return true;
	if (tcp && p->facts & ICF6_F_GRACE)
		return true;
	if ((tcp || udp) && p->facts & ICF6_F_OPEN)
		return !r->edge || p->facts & ICF6_F_OPEN_EDGE ||
		       (p->facts & ICF6_F_OPEN_APP &&
			p->facts & ICF6_F_CONSENT) ||
		       r->options & ICF6_OPT_IPSEC;
	if (r->edge)
		return false;
	if (udp && ((p->facts & ICF6_F_MDNS && r->options & ICF6_OPT_MDNS) ||
		    (p->facts & ICF6_F_SSDP && r->options & ICF6_OPT_SSDP)))
		return true;
	if (r->options & ICF6_OPT_IPSEC &&
	    (p->proto == ICF6_ESP || p->facts & ICF6_F_AH ||
	     (udp && (p->dport == 500 || p->dport == 4500))))
		return true;
	return p->proto == ICF6_MH && r->options & ICF6_OPT_MIP6;
}

static void check_verdict(const struct icf6_packet *p,
			  const struct icf6_rules *r)
{
	enum icf6_reason reason = icf6_verdict(p, r);
	bool on = r->options & ICF6_OPT_ENABLED &&
		  !(p->facts & ICF6_F_LOOPBACK);
	bool in = p->dir != ICF6_DIR_OUT;

	CHECK(reason < __ICF6_REASON_MAX);
	CHECK(icf6_verdict(p, r) == reason);
	CHECK((reason == ICF6_REASON_LOOPBACK) ==
	      !!(p->facts & ICF6_F_LOOPBACK));
	if (!on) {
		CHECK(icf6_reason_accepts(reason));
		return;
	}
	if (!r->firewalled) {
		CHECK(icf6_reason_accepts(reason) || p->facts & ICF6_F_SCOPE);
		return;
	}
	if (in && icf6_reason_accepts(reason))
		CHECK(may_come_in(p, r));
	/* Only a fault of the packet itself ends a flow. */
	if (in && in_flow(p) && !(p->facts & NEVER))
		CHECK(icf6_reason_accepts(reason));
	/* This host may speak, but for errors to nobody and giving itself away. */
	if (!in && p->proto != ICF6_ICMP6 && p->proto != ICF6_TCP)
		CHECK(icf6_reason_accepts(reason) ||
		      p->facts & (ICF6_F_MCAST_SOURCE | ICF6_F_ULA));
}

/* Less is allowed: no packet gets through that did not. */
static void check_order(const struct icf6_packet *p, const struct icf6_rules *r)
{
	struct icf6_packet less = *p;
	struct icf6_rules strict;
	u32 bit;

	if (accepts(p, r))
		return;
	for (bit = 1; bit; bit <<= 1) {
		strict = *r;
		if (bit & GRANTS)
			strict.options &= ~bit;
		if (bit & BANS)
			strict.options |= bit;
		CHECK(!accepts(p, &strict));
		strict = *r;
		strict.icmp &= ~bit;
		CHECK(!accepts(p, &strict));
		less.facts = p->facts & ~(bit & FOR);
		CHECK(!accepts(&less, r));
	}
	strict = *r;
	strict.edge = true;
	CHECK(!accepts(p, &strict));
	strict.edge = r->edge;
	strict.reject = false;
	CHECK(!accepts(p, &strict));
	strict.firewalled = true;
	CHECK(!accepts(p, &strict));
}

/* What is not the protocol's does not matter to it. */
static void check_irrelevant(const struct icf6_packet *p,
			     const struct icf6_packet *other,
			     const struct icf6_rules *r)
{
	enum { PORTS = ICF6_F_OPEN | ICF6_F_OPEN_EDGE | ICF6_F_OPEN_APP |
		       ICF6_F_CONSENT | ICF6_F_GRACE | ICF6_F_SYN |
		       ICF6_F_RST_TO_SYN | ICF6_F_MDNS | ICF6_F_SSDP };
	struct icf6_packet q = *p;

	if (p->proto == ICF6_ICMP6) {
		q.sport = other->sport;
		q.dport = other->dport;
		q.facts = (p->facts & ~PORTS) | (other->facts & PORTS);
	} else {
		q.type = other->type;
		q.code = other->code;
		q.hop_limit = other->hop_limit;
	}
	if (in_flow(p) && p->dir != ICF6_DIR_OUT) {
		q.proto = other->proto;
		q.type = other->type;
		q.hop_limit = other->hop_limit;
		q.facts = (q.facts & ~FOR) | (other->facts & FOR);
		if (!in_flow(&q))
			return;
	}
	CHECK(icf6_verdict(p, r) == icf6_verdict(&q, r));
}

enum { PORTS_MAX = 64 };

/* The formula by looking through all entries. */
static void check_ports(const struct icf6_input_port *ports, size_t n)
{
	static struct icf6_map map, zero;
	struct icf6_set *open, *ignored, *set;
	size_t i, j;
	u32 key, want;
	int port;
	u8 proto;

	if (n > PORTS_MAX)
		n = PORTS_MAX;
	map = zero;
	open = calloc(1, sizeof(*open) + PORTS_MAX * sizeof(u32));
	ignored = calloc(1, sizeof(*ignored) + PORTS_MAX * sizeof(u32));
	CHECK(open && ignored);
	for (i = 0; i < n; i++) {
		u8 how = ports[i].how, edge = (how >> 3 & 3) % __ICF6_EDGE_MAX;

		proto = how & 4 ? ICF6_TCP : ICF6_UDP;
		if ((how & 3) == ICF6_SCOPE_GLOBAL) {
			icf6_map_add(&map, proto, ports[i].port, edge);
			continue;
		}
		set = how & 1 ? open : ignored;
		key = icf6_key(proto, ports[i].port);
		for (j = 0; j < set->n && set->keys[j] >> 2 < key >> 2; j++)
			;
		if (j == set->n || set->keys[j] >> 2 != key >> 2) {
			memmove(&set->keys[j + 1], &set->keys[j],
				(set->n++ - j) * sizeof(u32));
			set->keys[j] = key;
		}
		set->keys[j] |= icf6_key_edge(edge);
	}
	for (port = 0; port < 512; port++) {
		bool ignores = false;

		proto = port & 256 ? ICF6_TCP : ICF6_UDP;
		want = 0;
		for (i = 0; i < n; i++)
			ignores |= (ports[i].how & 3) >= ICF6_SCOPE_IGNORED &&
				   !(ports[i].how & 1) &&
				   !!(ports[i].how & 4) == !!(port & 256) &&
				   ports[i].port == (port & 255);
		for (i = 0; i < n; i++) {
			u8 how = ports[i].how;
			u8 edge = (how >> 3 & 3) % __ICF6_EDGE_MAX;

			if (!!(how & 4) != !!(port & 256) ||
			    ports[i].port != (port & 255) ||
			    ((how & 3) == ICF6_SCOPE_GLOBAL ? ignores :
							      !(how & 1)))
				continue;
			want |= ICF6_F_OPEN |
				(edge == ICF6_EDGE_ALLOW ?
				 ICF6_F_OPEN_EDGE : 0) |
				(edge == ICF6_EDGE_APP ? ICF6_F_OPEN_APP : 0);
		}
		CHECK(icf6_port_facts(&map, open, ignored, proto,
				      port & 255) == want);
	}
	free(open);
	free(ignored);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const struct icf6_input *in = (const void *)data;
	struct icf6_packet p, other;
	struct icf6_rules r;

	if (size < sizeof(*in))
		return 0;
	r = (struct icf6_rules) {
		.options = get32(in->options),
		.icmp = in->icmp,
		.firewalled = in->device & INPUT_FIREWALLED,
		.edge = in->device & INPUT_EDGE,
		.reject = in->device & INPUT_REJECT,
	};
	p = packet(&in->p);
	other = packet(&in->other);
	check_verdict(&p, &r);
	check_order(&p, &r);
	check_irrelevant(&p, &other, &r);
	check_ports((const void *)(data + sizeof(*in)),
		    (size - sizeof(*in)) / sizeof(struct icf6_input_port));
	return 0;
}
