/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the methods of the interfaces share. */
#ifndef PEER6D_RPC_H
#define PEER6D_RPC_H

#include "registrations.h"
#include "server.h"

/* Sets the member unless value is NULL, and steals it. */
void put(json_t *object, const char *key, json_t *value);
void put_hex(json_t *object, const char *key, const void *data, size_t len);
json_t *json_endpoint(const struct peer6_endpoint *ep);
json_t *json_address(const uint8_t addr[16]);
json_t *json_ms(int64_t unix_ms);
json_t *json_base64(const void *data, size_t len);
/* UTF-16LE; a final NUL is left out. NULL: no text. */
json_t *json_utf16le(const uint8_t *data, size_t len);
/* "alice.pnrp.net", or NULL. */
json_t *json_host_name(const struct peer6_name *name);
/* "palice-p.p0.pnrp.net", or NULL. */
json_t *json_long_host_name(const struct peer6_name *name);
json_t *json_application(const struct cloud *cloud,
			 const struct peer6_pnrp_app *app);
json_t *json_registration(const struct registration *reg,
			  const struct cloud *cloud,
			  const struct published *p);

/*
 * The clouds that the parameter says, in their order; NULL and empty mean all.
 * False: one is not there, and that has been answered.
 */
bool clouds_arg(struct call *call, json_t *names,
		struct cloud *clouds[CLOUDS_MAX], unsigned int *n);
/* One, which is not optional. NULL: answered. */
struct cloud *cloud_arg(struct call *call, const char *name);

/* Hands an event to a call, if it is a Monitor(). */
void monitor_event(struct call *call, enum event_kind kind, const char *cloud,
		   json_t *event);
void rpc_monitor(struct call *call);

/* Methods by file. */
void rpc_list_clouds(struct call *call);
void rpc_list_registrations(struct call *call);
void rpc_get_statistics(struct call *call);
void rpc_get_initialization(struct call *call);
void rpc_list_seeds(struct call *call);
void rpc_list_cache(struct call *call);
void rpc_convert_name(struct call *call);

void rpc_start_cloud(struct call *call);
void rpc_synchronize(struct call *call);
void rpc_flush(struct call *call);
void rpc_repair(struct call *call);
void rpc_set_mode(struct call *call);
void rpc_ping(struct call *call);

void rpc_resolve(struct call *call);

void rpc_register(struct call *call);
void rpc_unregister(struct call *call);
void rpc_get_machine_name(struct call *call);
void rpc_set_machine_name(struct call *call);

/* At start: the machine's name, where it is wanted so. */
void machine_name_start(struct daemon *d);

#endif
