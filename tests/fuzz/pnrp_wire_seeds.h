/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first byte of fuzz_pnrp-wire's inputs. */
#ifndef PNRP_WIRE_SEEDS_H
#define PNRP_WIRE_SEEDS_H

enum {
	SEED_MSG		= 0,
	SEED_AUTHORITY		= 1,
	SEED_CPA		= 2,
	SEED_PAYLOAD		= 3,
	SEED_KIND		= 3,	/* mask */
	SEED_AUTHORITY_FORWARD	= 1 << 2,
	SEED_APP_PORT_LE	= 1 << 3,
	SEED_CLASSIFIER_LE	= 1 << 4,
	SEED_REVOKE_NO_NONCE	= 1 << 5,
};

#endif
