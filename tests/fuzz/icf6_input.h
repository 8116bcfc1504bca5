/* SPDX-License-Identifier: GPL-2.0 */
/* The form of fuzz_icf6-verdict's inputs. */
#ifndef _FUZZ_ICF6_INPUT_H
#define _FUZZ_ICF6_INPUT_H

#include "verdict.h"

/* A packet, as bytes of no alignment. */
struct icf6_input_packet {
	u8	dir;
	u8	state;
	u8	proto;
	u8	hop_limit;
	u8	type;
	u8	code;
	u8	sport[2];
	u8	dport[2];
	u8	facts[4];
};

/* Then the ports, struct icf6_input_port each, to the end. */
struct icf6_input {
	u8	options[4];
	u8	icmp;
	u8	device;			/* enum icf6_input_device */
	struct icf6_input_packet p;
	struct icf6_input_packet other;	/* what must not matter is from it */
};

enum icf6_input_device {
	INPUT_FIREWALLED	= 1 << 0,
	INPUT_EDGE		= 1 << 1,
	INPUT_REJECT		= 1 << 2,
};

struct icf6_input_port {
	u8	how;			/* scope, protocol, edge: 2, 1, 2 bits */
	u8	port;			/* few, so that they meet */
};

#endif
