/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_PNRP_REASSEMBLY_H
#define PEER6_PNRP_REASSEMBLY_H

#include <peer6/pnrp_wire.h>

#include "capture.h"

/* At a time; a capture of more unfinished answers is one of an attack. */
#define REASSEMBLY_MAX	64

/* An AUTHORITY_BUFFER that comes in fragments ([MS-PNRP] section 3.2.5.10). */
struct reassembly {
	bool used;
	uint32_t id;		/* of the message: all fragments have it */
	uint8_t src[16], dst[16];
	uint16_t sport, dport;
	unsigned long first;	/* packet */
	unsigned long last;
	uint32_t have;		/* bit for each fragment */
	uint16_t size;
	uint8_t buffer[PEER6_PNRP_BUFFER_MAX];
};

/*
 * Adds the fragment that @msg, from @d, carries. Returns the entry that it made
 * whole, to be given back with reassembly_drop(), else NULL.
 */
struct reassembly *reassembly_add(struct reassembly *table,
				  const struct capture_datagram *d,
				  const struct peer6_pnrp_msg *msg);
void reassembly_drop(struct reassembly *entry);
/* How many fragments are there and how many there should be. */
unsigned int reassembly_have(const struct reassembly *entry);
unsigned int reassembly_want(const struct reassembly *entry);

#endif
