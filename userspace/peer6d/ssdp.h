/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SSDP discovery: [ff02::c]:1900 on every link, for the global cloud too (PNRP
 * uses the link's multicast for every scope). Only what came to that group, so
 * from the link, is answered.
 */
#ifndef PEER6D_SSDP_H
#define PEER6D_SSDP_H

#include "cloud.h"

struct daemon;
struct ssdp;

/*
 * Without port 1900 there is no SSDP, and a line in the log. Or PEER6_E_NOMEM.
 */
int ssdp_new(struct ssdp **out, struct daemon *d);
void ssdp_free(struct ssdp *ssdp);
/* Joins the group where it is to be joined. */
void ssdp_links(struct ssdp *ssdp, const struct host *host);
void ssdp_search(struct ssdp *ssdp, struct cloud *cloud);
/*
 * From now on (or not any more) answers for this cloud; says so on the links.
 */
void ssdp_advertise(struct ssdp *ssdp, struct cloud *cloud, bool on);
void ssdp_cloud_gone(struct ssdp *ssdp, struct cloud *cloud);

#endif
