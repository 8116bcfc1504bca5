/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PNRP_VECTORS_H
#define PNRP_VECTORS_H

#include <peer6/pnrp_wire.h>

#define PNRP_VECTORS		15
#define PNRP_VECTOR_CPA_LEN	425

struct pnrp_vector {
	const char *name;
	size_t len;
	const char *sha1;	/* of the whole */
	const char *digits;
	const char *tail;	/* more digits */
};

/* A vector's meaning, written out by hand. */
struct pnrp_meaning {
	struct peer6_pnrp_msg msg;
	/* AUTHORITY: what its buffer holds. */
	struct peer6_pnrp_authority authority;
	uint8_t id[PEER6_PNRP_ID_LEN];
	uint8_t cpa[PNRP_VECTOR_CPA_LEN];
	uint8_t buffer[PEER6_PNRP_FRAGMENT];
	/* Our encoder does not make it: there is padding at the end. */
	bool padded;
};

extern const struct pnrp_vector pnrp_vectors[PNRP_VECTORS];
extern const char pnrp_vector_key[];
extern const char pnrp_vector_cpa[];

/* The bytes; returns how many. @out has room for a datagram. */
size_t pnrp_vector_bytes(const struct pnrp_vector *v, uint8_t *out);
/* False if it is not known what the vector says. */
bool pnrp_vector_meaning(const struct pnrp_vector *v, struct pnrp_meaning *m);
/* What pnrp_vector_cpa says. */
void pnrp_vector_cpa_meaning(struct peer6_pnrp_cpa *cpa);

#endif
