/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PNRP IDs and the ring they are on ([MS-PNRP] sections 1.3.1.2 and 1.3.3).
 * An ID is a 256-bit unsigned number, most significant byte first:
 * 128 bits P2P ID (which name), 128 bits service location (which instance).
 */
#ifndef PEER6_PNRP_ID_H
#define PEER6_PNRP_ID_H

#include <peer6/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PEER6_P2P_ID_LEN	16
#define PEER6_PNRP_ID_LEN	32

struct peer6_pnrp_id {
	uint8_t	b[PEER6_PNRP_ID_LEN];
};

/* <0, 0, >0 as a is below, equal to or above b, as numbers. */
int peer6_pnrp_id_cmp(const struct peer6_pnrp_id *a,
		      const struct peer6_pnrp_id *b);
bool peer6_pnrp_id_is_zero(const struct peer6_pnrp_id *a);
/* *out = a + 1, a - b: modulo 2^256. out may be an operand. */
void peer6_pnrp_id_inc(struct peer6_pnrp_id *out,
		       const struct peer6_pnrp_id *a);
void peer6_pnrp_id_sub(struct peer6_pnrp_id *out,
		       const struct peer6_pnrp_id *a,
		       const struct peer6_pnrp_id *b);
/* min(a - b, b - a): the way round the ring that is shorter. */
void peer6_pnrp_id_dist(struct peer6_pnrp_id *out,
			const struct peer6_pnrp_id *a,
			const struct peer6_pnrp_id *b);
/* <0, 0, >0 as a is closer to target than b, as close, farther. */
int peer6_pnrp_id_closer(const struct peer6_pnrp_id *target,
			 const struct peer6_pnrp_id *a,
			 const struct peer6_pnrp_id *b);
/* x on the greater side of l: 0 < x - l < 2^255. Neither side if x equals l. */
bool peer6_pnrp_id_above(const struct peer6_pnrp_id *l,
			 const struct peer6_pnrp_id *x);
/* How many leading bits are equal: 0..256. */
unsigned int peer6_pnrp_id_common_bits(const struct peer6_pnrp_id *a,
				       const struct peer6_pnrp_id *b);

#ifdef __cplusplus
}
#endif

#endif
