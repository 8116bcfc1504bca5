/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The PNRP 4.0 engine: one node in one cloud ([MS-PNRP] section 3), without I/O.
 * It takes datagrams, the time and requests, and gives datagrams, a deadline and
 * events. It has no clock, socket, file, thread or global. Each call that can
 * make work takes the time; time never goes back. After each call drain
 * peer6_pnrp_output() and look at peer6_pnrp_deadline().
 *
 * Callbacks run within a call and may not call the engine of their argument
 * again; a callback that returns a negative value makes what it reported end
 * with PEER6_E_CALLBACK and never harms the engine.
 *
 * After PEER6_E_NOMEM the engine is as it was before the call.
 */
#ifndef PEER6_PNRP_ENGINE_H
#define PEER6_PNRP_ENGINE_H

#include <peer6/base.h>
#include <peer6/pnrp_id.h>
#include <peer6/pnrp_wire.h>

#ifdef __cplusplus
extern "C" {
#endif

struct peer6_pnrp;		/* one node in one cloud */

/*
 * What the engine needs of a crypto library. peer6_crypto_openssl() (identity)
 * is the real one; a simulation may bring a cheap one.
 */
struct peer6_crypto {
	/* SHA-1. 0 or negative. */
	int (*sha1)(void *ctx, const void *data, size_t len, uint8_t out[20]);
	/*
	 * RSASSA-PKCS1-v1_5 with SHA-1 over data by the RSAPublicKey @key, the
	 * signature in either byte order. 0, PEER6_E_SIGNATURE or
	 * PEER6_E_CRYPTO.
	 */
	int (*verify)(void *ctx, const uint8_t key[PEER6_PNRP_KEY_LEN],
		      const void *data, size_t len,
		      const uint8_t sig[PEER6_PNRP_SIG_LEN]);
	/*
	 * A certificate chain (2.2.3.5, 3.1.5.10): root's authority, @key that
	 * of the last certificate, @classifier (UTF-16, host order) delegated
	 * to it. 0 or PEER6_E_CHAIN. NULL: chains are never valid.
	 */
	int (*verify_chain)(void *ctx, const void *chain, size_t len,
			    const uint8_t authority[20],
			    const uint8_t key[PEER6_PNRP_KEY_LEN],
			    const uint16_t *classifier, size_t n_classifier,
			    peer6_filetime now);
	void *ctx;
};

/* Who signs a registration. Has to outlive it. */
struct peer6_signer {
	uint8_t key[PEER6_PNRP_KEY_LEN];	/* RSAPublicKey, DER */
	int (*sign)(void *ctx, const void *data, size_t len,
		    uint8_t sig[PEER6_PNRP_SIG_LEN]);
	void *ctx;
};

enum peer6_pnrp_scope {
	PEER6_PNRP_GLOBAL	= 1,
	PEER6_PNRP_LINK_LOCAL	= 3,
};

/* Cloud states, numbered as Windows does. */
enum peer6_pnrp_state {
	PEER6_PNRP_VIRTUAL		= 0,	/* not opened */
	PEER6_PNRP_SYNCHRONIZING	= 1,
	PEER6_PNRP_ACTIVE		= 2,
	PEER6_PNRP_DEAD			= 3,
	PEER6_PNRP_DISABLED		= 4,
	PEER6_PNRP_NO_NET		= 5,	/* no local address */
	PEER6_PNRP_ALONE		= 6,	/* nobody was found */
};

enum peer6_pnrp_event_type {
	PEER6_PNRP_EV_STATE,		/* state: the new one */
	/* Host's work: */
	PEER6_PNRP_EV_SSDP_SEARCH,	/* M-SEARCH for this scope; answers go to
					 * peer6_pnrp_ssdp_found()
					 */
	PEER6_PNRP_EV_SSDP_ADVERTISE,	/* start (value 1) or stop (0) */
	/* A resolve: */
	PEER6_PNRP_EV_RESOLVE_STEP,	/* a hop was tried */
	PEER6_PNRP_EV_RESOLVE_RESULT,	/* one instance found; more may come */
	PEER6_PNRP_EV_RESOLVE_END,	/* error: 0, or why nothing (more) came */
	/* Others: */
	PEER6_PNRP_EV_PONG,		/* endpoint answered a ping (or error);
					 * value: after how many microseconds
					 */
	PEER6_PNRP_EV_SPLIT,		/* a split was seen: value 1, we are in
					 * the smaller part, 0 in the bigger
					 */
	PEER6_PNRP_EV_CACHE_ADD,	/* id */
	PEER6_PNRP_EV_CACHE_REMOVE,	/* id; error: why */
	PEER6_PNRP_EV_DROP,		/* error: why a datagram was dropped */
	PEER6_PNRP_EV_REVOKED,		/* id: its owner took it back */
};

enum peer6_pnrp_verdict {	/* of a hop, in the words of traceroute */
	PEER6_PNRP_HOP_ACCEPTED,
	PEER6_PNRP_HOP_UNREACHABLE,
	PEER6_PNRP_HOP_DEAD_END,
	PEER6_PNRP_HOP_NOT_REGISTERED,	/* N */
	PEER6_PNRP_HOP_SUSPICIOUS,	/* L */
	PEER6_PNRP_HOP_BUSY,		/* B */
	PEER6_PNRP_HOP_INQUIRED,	/* gave its record */
	PEER6_PNRP_HOP_BAD_RECORD,	/* gave one that is not valid */
};

struct peer6_pnrp_hop {
	struct peer6_endpoint	endpoint;
	struct peer6_pnrp_id	id;
	unsigned int		bits;	/* leading bits equal to the target's */
	peer6_time		took;
	enum peer6_pnrp_verdict	verdict;
};

/* What a resolve found. Valid during the callback. */
struct peer6_pnrp_result {
	struct peer6_pnrp_id		id;
	const struct peer6_pnrp_cpa	*cpa;	/* validated */
	const uint16_t			*classifier;	/* UTF-16, or NULL */
	size_t				n_classifier;
	const struct peer6_pnrp_payload	*payload;	/* or NULL */
	bool				secure;	/* key and name belong together */
	bool				local;	/* registered at this node */
	bool				delegated;	/* by certificate chain */
	uint16_t			hops;	/* answered LOOKUPs and INQUIREs */
};

struct peer6_pnrp_event {
	enum peer6_pnrp_event_type	type;
	uint32_t			handle;	/* of the resolve or ping */
	int				error;
	unsigned int			value;
	enum peer6_pnrp_state		state;
	struct peer6_pnrp_id		id;
	struct peer6_endpoint		endpoint;
	const struct peer6_pnrp_hop	*hop;
	const struct peer6_pnrp_result	*result;
};

struct peer6_pnrp_config {
	const struct peer6_mem		*mem;		/* or NULL */
	const struct peer6_crypto	*crypto;
	peer6_random_fn			random;
	void				*random_ctx;
	int (*event)(void *ctx, struct peer6_pnrp *node,
		     const struct peer6_pnrp_event *event);
	void				*event_ctx;
	enum peer6_pnrp_scope		scope;
	bool				resolve_only;	/* pnrpmode RO */
	bool				no_multicast;	/* no SSDP discovery */
	struct peer6_pnrp_dialect	dialect;
	/*
	 * Messages a second taken from one foreign /64 (or one address on a
	 * link, of our own /64, of Teredo), and from all; 0: the standard
	 * of 10 (burst 30) and 1000.
	 */
	uint32_t			rate_source;
	uint32_t			rate_total;
};

/*
 * Closed: sends nothing before peer6_pnrp_open(). @filetime is the wall clock's
 * time at @now; tell a clock that was set with peer6_pnrp_set_clock().
 */
int peer6_pnrp_new(struct peer6_pnrp **node,
		   const struct peer6_pnrp_config *config,
		   peer6_time now, peer6_filetime filetime);
/* Sends nothing more: unregister first to leave politely. NULL is fine. */
void peer6_pnrp_free(struct peer6_pnrp *node);
void peer6_pnrp_set_clock(struct peer6_pnrp *node, peer6_time now,
			  peer6_filetime filetime);

/*
 * The node's own endpoints: at most 4, all with one port > 1024; the first is
 * the preferred one. None: NO_NET. A change makes all registrations known
 * again (3.2.7.2). Copies.
 */
int peer6_pnrp_set_endpoints(struct peer6_pnrp *node,
			     const struct peer6_endpoint *ep, unsigned int n,
			     peer6_time now);
/* Last seen nodes (LocalOOB), and configured seeds; at most 16 each. Copies. */
int peer6_pnrp_set_known(struct peer6_pnrp *node,
			 const struct peer6_endpoint *ep, unsigned int n);
int peer6_pnrp_set_seeds(struct peer6_pnrp *node,
			 const struct peer6_endpoint *ep, unsigned int n);
/* The up to n most recently used cached nodes, to be kept; returns how many. */
unsigned int peer6_pnrp_get_known(const struct peer6_pnrp *node,
				  struct peer6_endpoint *ep, unsigned int n);

/* Section 3.1.4.1, .4.5: counted. Closed for 15 minutes: all is forgotten. */
int peer6_pnrp_open(struct peer6_pnrp *node, peer6_time now);
void peer6_pnrp_close(struct peer6_pnrp *node, peer6_time now);

/*
 * A datagram that came to one of our endpoints. Returns 0, or why it was
 * dropped (an event says so too); the engine is fine in both cases.
 */
int peer6_pnrp_input(struct peer6_pnrp *node, const void *data, size_t len,
		     const struct peer6_endpoint *from, peer6_time now);
/*
 * Next datagram to send: its length (up to PEER6_PNRP_DATAGRAM_MAX, size has to
 * be that), 0 if there is none.
 */
size_t peer6_pnrp_output(struct peer6_pnrp *node, void *buf, size_t size,
			 struct peer6_endpoint *to, peer6_time now);
/* When peer6_pnrp_tick() is to be called at the latest; PEER6_NEVER: not. */
peer6_time peer6_pnrp_deadline(const struct peer6_pnrp *node);
int peer6_pnrp_tick(struct peer6_pnrp *node, peer6_time now);

/* An SSDP answer for this cloud, from its AL header (3.1.5.1). */
int peer6_pnrp_ssdp_found(struct peer6_pnrp *node,
			  const struct peer6_endpoint *ep, peer6_time now);
/* Start a SOLICIT conversation with @ep. */
int peer6_pnrp_synchronize(struct peer6_pnrp *node,
			   const struct peer6_endpoint *ep, peer6_time now);
/* Run split detection now, on every registration (cloud repair). */
int peer6_pnrp_repair(struct peer6_pnrp *node, peer6_time now);
/* Forget the cache; discovery starts over. */
void peer6_pnrp_flush(struct peer6_pnrp *node, peer6_time now);
/* Ask whether @ep speaks PNRP (SOLICIT or INQUIRE); PEER6_PNRP_EV_PONG tells. */
int peer6_pnrp_ping(struct peer6_pnrp *node, const struct peer6_endpoint *ep,
		    peer6_time now, uint32_t *handle);

/* What is registered. Copied, but for the signer and the chain. */
struct peer6_pnrp_registration {
	uint8_t				p2p_id[PEER6_P2P_ID_LEN];
	bool				secure;
	uint8_t				authority[PEER6_PNRP_HASH_LEN];
	bool				has_classifier;
	const uint16_t			*classifier;	/* UTF-16, host order */
	uint16_t			n_classifier;
	bool				has_prefix;
	uint8_t				prefix[8];	/* else of app[0] */
	const uint8_t			*comment;	/* UTF-16LE, or NULL */
	uint8_t				n_comment;	/* bytes, up to 78 */
	const struct peer6_pnrp_app	*apps;
	uint8_t				n_apps;		/* 0 only with payload */
	uint32_t			payload_type;	/* 0: none */
	uint16_t			payload_string_type;
	const uint8_t			*payload;
	uint16_t			n_payload;
	const struct peer6_signer	*signer;
	const uint8_t			*chain;		/* PKCS#7, or NULL */
	size_t				n_chain;
};

/* Section 3.2.4.1. *handle: never 0. */
int peer6_pnrp_register(struct peer6_pnrp *node,
			const struct peer6_pnrp_registration *reg,
			peer6_time now, uint32_t *handle);
/* New applications, comment or payload of a registration; its ID stays. */
int peer6_pnrp_update(struct peer6_pnrp *node, uint32_t handle,
		      const struct peer6_pnrp_registration *reg,
		      peer6_time now);
/* Section 3.2.4.2: revokes. */
int peer6_pnrp_unregister(struct peer6_pnrp *node, uint32_t handle,
			  peer6_time now);
int peer6_pnrp_registration_id(const struct peer6_pnrp *node, uint32_t handle,
			       struct peer6_pnrp_id *id);

struct peer6_pnrp_query {
	uint8_t			p2p_id[PEER6_P2P_ID_LEN];
	uint8_t			prefix[8];
	/* or a whole target, for enumerate and traceroute of an ID */
	bool			has_target;
	struct peer6_pnrp_id	target;
	enum peer6_pnrp_criteria criteria;
	uint16_t		precision;	/* UPPER_BITS */
	bool			consider_local;
	unsigned int		max_results;	/* 1..64 */
	/* The authority (secure) or zero a result has to prove. */
	bool			secure;
	uint8_t			authority[PEER6_PNRP_HASH_LEN];
	peer6_time		timeout;	/* 0: 30 s; at most 600 s */
};

/* Ends with one PEER6_PNRP_EV_RESOLVE_END, never within this call. */
int peer6_pnrp_resolve(struct peer6_pnrp *node,
		       const struct peer6_pnrp_query *query,
		       peer6_time now, uint32_t *handle);
/* No event of the handle follows. */
void peer6_pnrp_cancel(struct peer6_pnrp *node, uint32_t handle);

struct peer6_pnrp_stats {
	enum peer6_pnrp_state	state;
	uint32_t		cached, leaves, levels, registered, resolving;
	uint32_t		pending, conversations, reassemblies;
	double			cloud_ids, cloud_nodes;	/* 0: not known */
	uint64_t		sent[16], received[16];	/* by message type */
	uint64_t		bytes_sent, bytes_received;
	uint64_t		resolves, resolved, lookups, stale_hits;
	uint64_t		retransmitted, timeouts;
	uint64_t		dropped[128];	/* by -error */
	size_t			memory;		/* bytes held */
};

void peer6_pnrp_get_stats(const struct peer6_pnrp *node,
			  struct peer6_pnrp_stats *stats);

/* One cached route entry for inspection; false: index past the end. */
struct peer6_pnrp_cached {
	struct peer6_pnrp_route	route;
	unsigned int		level;
	bool			leaf;
	peer6_time		used;
};
bool peer6_pnrp_get_cached(const struct peer6_pnrp *node, unsigned int index,
			   struct peer6_pnrp_cached *out);
/* Registered IDs by index; false: past the end. */
bool peer6_pnrp_get_registered(const struct peer6_pnrp *node,
			       unsigned int index, uint32_t *handle,
			       struct peer6_pnrp_id *id);

#ifdef __cplusplus
}
#endif

#endif
