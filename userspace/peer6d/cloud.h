/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cloud: one engine (peer6/pnrp_engine.h), its sockets and its clock. The
 * engine may not be called from its own callbacks: every call of it is between
 * cloud_enter() and cloud_leave(), and what a callback wants to undo (a resolve
 * that has enough) waits until the engine has returned.
 */
#ifndef PEER6D_CLOUD_H
#define PEER6D_CLOUD_H

#include <net/if.h>
#include <uv.h>

#include <peer6/pnrp_engine.h>

#include "limits.h"
#include "links.h"

struct daemon;
struct cloud;
struct cloud_socket;

/* Somebody who waits for the events of one resolve or ping. */
struct cloud_wait {
	struct cloud_wait	*next;
	struct cloud		*cloud;		/* NULL: waits no more */
	uint32_t		handle;		/* 0: being made */
	/* The engine is running; see above. */
	void (*event)(struct cloud_wait *wait,
		      const struct peer6_pnrp_event *event);
};

struct cloud {
	struct cloud		*next;
	struct daemon		*daemon;
	char			key[CLOUD_KEY_MAX];	/* "link:eth0" */
	char			name[CLOUD_NAME_MAX];
	enum peer6_pnrp_scope	scope;
	uint32_t		index;		/* of the link; 0: global */
	char			ifname[IFNAMSIZ];
	bool			name_local;
	bool			resolve_only;
	struct peer6_pnrp	*node;
	unsigned int		depth;
	bool			opened;
	enum peer6_pnrp_state	state;
	struct cloud_wait	*waits;
	uint32_t		*canceled;	/* handles, see above */
	unsigned int		n_canceled, max_canceled;
	uv_timer_t		timer;
	uv_timer_t		greeting;	/* one that came too soon */
	bool			closing;
	unsigned int		handles;	/* still to be closed */
	/* sockets */
	struct peer6_endpoint	local[PEER6_PNRP_LOCAL_ADDRS];
	struct cloud_socket	*sockets[PEER6_PNRP_LOCAL_ADDRS];
	unsigned int		n_local;
	uint16_t		port;		/* 0: not chosen yet */
	struct {
		uint8_t		addr[16];
		uint8_t		local;		/* index + 1; 0: empty */
	} sources[SOURCES_HELD];
	/* SSDP */
	bool			advertising;
	uint64_t		searches, answers;
	uint64_t		greeted;	/* uv_now() of cloud_greet() */
	/* last seen nodes, as they were saved */
	struct peer6_endpoint	known[KNOWN_MAX];
	unsigned int		n_known;
};

/* For use as the engine's allocator and random source elsewhere too. */
int daemon_random(void *ctx, void *buf, size_t len);

/*
 * A closed cloud without addresses. PEER6_E_NOMEM or what the engine says. It
 * is in no list yet.
 */
int cloud_new(struct cloud **out, struct daemon *d, const char *key,
	      const struct host_link *link);
/* Without a farewell; the memory goes when the loop has run. */
void cloud_free(struct cloud *cloud);

void cloud_enter(struct cloud *cloud);
void cloud_leave(struct cloud *cloud);
peer6_time cloud_now(void);

/* For as long as it is wanted; counted by the engine. */
int cloud_open(struct cloud *cloud);
/*
 * Looks for others now, without waiting for the engine's next turn: somebody
 * waits for it, or there is news to tell.
 */
void cloud_greet(struct cloud *cloud);
void cloud_close(struct cloud *cloud);
/* A new engine with the other mode: all registrations have to be made anew. */
int cloud_set_mode(struct cloud *cloud, bool resolve_only);

/*
 * Starts one and has @wait told of its events. 0 or the engine's error; @wait
 * has to live until it got its end or was canceled.
 */
int cloud_resolve(struct cloud *cloud, const struct peer6_pnrp_query *query,
		  struct cloud_wait *wait);
int cloud_ping(struct cloud *cloud, const struct peer6_endpoint *ep,
	       struct cloud_wait *wait);
/* May be called from its event(), and twice. No event follows. */
void cloud_cancel(struct cloud_wait *wait);

/* Its addresses now; those that cannot be bound are left out and retried. */
void cloud_set_addresses(struct cloud *cloud, const struct host_address *a,
			 unsigned int n);

/* The clouds of this host, see clouds.c. */
void clouds_update(struct daemon *d, const struct host *host);
void clouds_free(struct daemon *d);
struct cloud *cloud_by_key(struct daemon *d, const char *key);
/*
 * By its name, the beginning of one that no other has, or its key. NULL: none,
 * or several.
 */
struct cloud *cloud_find(struct daemon *d, const char *name);

/* From cloud_socket.c */
int cloud_sockets_set(struct cloud *cloud, const struct peer6_endpoint *want,
		      unsigned int n);
void cloud_send(struct cloud *cloud, const void *data, size_t len,
		const struct peer6_endpoint *to);
void cloud_input(struct cloud *cloud, const void *data, size_t len,
		 const struct peer6_endpoint *from);

/* "[2001:db8::1]:3540"; with "%2" where there is a scope. */
#define ENDPOINT_TEXT_MAX	72
const char *endpoint_text(char buf[ENDPOINT_TEXT_MAX],
			  const struct peer6_endpoint *ep);
const char *state_name(enum peer6_pnrp_state state);

#endif
