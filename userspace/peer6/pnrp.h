/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_CMD_PNRP_H
#define PEER6_CMD_PNRP_H

#include <peer6/name.h>

#include "args.h"
#include "daemon.h"

/* "[2001:db8:0:0:0:0:0:1%4294967295]:65535" */
#define PNRP_ENDPOINT_MAX	80

/*
 * Judges a peer name or a host name under pnrp.net before the daemon does, which
 * need not even be there: 0, or the exit status after p6_fail().
 */
int pnrp_check_name(struct p6 *p6, const char *text, struct peer6_name *name);

/* {"clouds": [cloud]}, or {} for NULL: all of them. */
json_t *pnrp_clouds(const char *cloud);
/* Only where @value is not NULL; a bool as is. Both take a NULL object. */
void pnrp_put(json_t *object, const char *key, const char *value);
void pnrp_put_new(json_t *object, const char *key, json_t *value);

/* "[v6%zone]:port" of an Endpoint or an Application. */
const char *pnrp_endpoint(const json_t *endpoint, char *buf);
/* "tcp", "udp" or a number. */
const char *pnrp_protocol(json_int_t number, char *buf, size_t size);
/* As netsh writes them: "Active". */
const char *pnrp_state(const char *state);
/* A row of a block, as the commands of teredo have them. */
void pnrp_row(const char *name, const char *fmt, ...) P6_PRINTF(2);
/* What a name means to people: ", unsecured: anyone may claim it". */
const char *pnrp_unsecured(bool secure);

/* "22,53/udp,[2001:db8::1]:80" as []Application; NULL after p6_fail(). */
json_t *pnrp_services(struct p6 *p6, const char *text);

int pnrp_cloud_show_list(struct p6 *p6, int argc, char **argv);
int pnrp_cloud_show_names(struct p6 *p6, int argc, char **argv);
int pnrp_cloud_show_statistics(struct p6 *p6, int argc, char **argv);
int pnrp_cloud_show_initialization(struct p6 *p6, int argc, char **argv);
int pnrp_cloud_show_seed(struct p6 *p6, int argc, char **argv);
int pnrp_cloud_show_pnrpmode(struct p6 *p6, int argc, char **argv);
int pnrp_cloud_show_cache(struct p6 *p6, int argc, char **argv);
int pnrp_cloud_start(struct p6 *p6, int argc, char **argv);
int pnrp_cloud_synchronize_host(struct p6 *p6, int argc, char **argv);
int pnrp_cloud_synchronize_seed(struct p6 *p6, int argc, char **argv);
int pnrp_cloud_flush(struct p6 *p6, int argc, char **argv);
int pnrp_cloud_repair(struct p6 *p6, int argc, char **argv);
int pnrp_cloud_set_pnrpmode(struct p6 *p6, int argc, char **argv);

int pnrp_peer_traceroute(struct p6 *p6, int argc, char **argv);
int pnrp_peer_enumerate(struct p6 *p6, int argc, char **argv);
int pnrp_peer_show_registration(struct p6 *p6, int argc, char **argv);
int pnrp_peer_show_convertedname(struct p6 *p6, int argc, char **argv);
int pnrp_peer_show_machinename(struct p6 *p6, int argc, char **argv);
int pnrp_peer_set_machinename(struct p6 *p6, int argc, char **argv);

int pnrp_ping_host(struct p6 *p6, int argc, char **argv);
int pnrp_ping_seed(struct p6 *p6, int argc, char **argv);

int pnrp_monitor(struct p6 *p6, int argc, char **argv);

#endif
