/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Port mappings (RFC 6081 section 5.3): each Teredo client behind a gateway
 * gets the gateway asked for its UDP port, the kernel told what came of it, and
 * all of it undone when its time is over.
 *
 * What may be at a gateway is on the disk before the gateway is asked. So a
 * daemon that ended without a word finds it when it starts again, and takes it
 * back before it asks for anything new.
 */
#ifndef PEER6D_PORTMAPS_H
#define PEER6D_PORTMAPS_H

#include <jansson.h>
#include <net/if.h>

#include "gateway.h"

struct daemon;
struct portmaps;
struct store;

/* One mapping at one gateway. */
struct portmap_record {
	char		dev[IFNAMSIZ];
	enum portmap_protocol protocol;	/* 0: not known yet */
	struct in_addr	gateway;
	struct in_addr	local;
	uint16_t	port;
	struct in_addr	external;	/* 0.0.0.0: not known yet */
	uint16_t	external_port;
	int64_t		until;		/* Unix time, s; 0: for ever */
	char		url[PORTMAP_URL_MAX];
	char		service[PORTMAP_SERVICE_MAX];
	uint8_t		nonce[PORTMAP_NONCE_LEN];	/* as long as it is ours */
};

/* What is on the disk. Unreadable: as if there were nothing. */
unsigned int portmap_records_load(struct store *store,
				  struct portmap_record *records,
				  unsigned int max);
int portmap_records_save(struct store *store,
			 const struct portmap_record *const *records,
			 unsigned int n);

/* @kernel: from kernel_fork(), or -1 and why in @kernel_error. */
int portmaps_new(struct portmaps **out, struct daemon *daemon, int kernel,
		 int kernel_error);
/* The configuration is another one. */
void portmaps_reload(struct portmaps *p);
/* Takes all back; no more is asked for. */
void portmaps_leave(struct portmaps *p);
/* After portmaps_leave(): gateways are still asked. */
bool portmaps_busy(const struct portmaps *p);
/* Gives up what is under way; memory goes when the loop has run. */
void portmaps_free(struct portmaps *p);

/* For ListPortMappings(). */
json_t *portmaps_json(const struct portmaps *p);

#endif
