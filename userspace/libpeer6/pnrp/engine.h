/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of the PNRP engine share. Section numbers are of [MS-PNRP].
 *
 * Ownership: the node owns all objects here. A message that waits for an answer
 * is owned by the node's pending list and points to the object it was sent for
 * (an add, a resolve); that object points back and ends it when it goes first.
 *
 * Memory: a call that an application makes fails with PEER6_E_NOMEM before it
 * has changed anything. What a datagram or the time causes goes without what
 * there is no memory for, as if a datagram had been lost: the protocol is built
 * for that.
 */
#ifndef PEER6_LIB_PNRP_ENGINE_H
#define PEER6_LIB_PNRP_ENGINE_H

#include <string.h>

#include <peer6/pnrp_engine.h>

#include "cache.h"
#include "limits.h"

/* Doubly linked, with the head as a member of the ring. */
struct p6_link {
	struct p6_link	*prev, *next;
};

static inline void p6_list_init(struct p6_link *head)
{
	head->prev = head;
	head->next = head;
}

static inline bool p6_list_empty(const struct p6_link *head)
{
	return head->next == head;
}

static inline void p6_list_append(struct p6_link *head, struct p6_link *link)
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

static inline void p6_list_remove(struct p6_link *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	p6_list_init(link);
}

#define p6_entry(link, type, member)					\
	((type *)(void *)((char *)(link) - offsetof(type, member)))

/* The body may remove the entry that it is at, and no other. */
#define p6_for_each(at, after, head)					\
	for ((at) = (head)->next, (after) = (at)->next;			\
	     (at) != (head);						\
	     (at) = (after), (after) = (at)->next)

/* A route entry without the room for 20 addresses. */
struct p6_route {
	struct peer6_pnrp_id	id;
	uint16_t		port;
	uint8_t			n_addrs;
	uint8_t			addrs[][16];
};

/* What a message that waits for an answer was sent for. */
enum p6_purpose {
	P6_ANSWER,		/* waits for none */
	P6_SOLICIT,
	P6_REQUEST,
	P6_FLOOD,
	P6_ADD,			/* INQUIRE: to validate an entry */
	P6_PROBE,		/* INQUIRE: is a cached node alive */
	P6_RESOLVE,		/* LOOKUP or INQUIRE */
	P6_PING,		/* INQUIRE */
	P6_PROVE,		/* INQUIRE: does the source hear us */
};

struct p6_reassembly {
	uint32_t	id;	/* of the AUTHORITYs */
	uint32_t	have;	/* a bit for each fragment */
	uint16_t	size;
	uint8_t		data[];
};

/* A datagram: queued for output, pending for an answer, or both. */
struct p6_message {
	struct p6_link		out, pending;
	struct peer6_endpoint	to;
	peer6_time		sent, due;
	uint32_t		id;
	uint16_t		len;
	uint8_t			type;
	uint8_t			purpose;	/* enum p6_purpose */
	uint8_t			tries;
	bool			is_queued, is_pending;
	struct p6_reassembly	*reassembly;
	union {
		uint8_t			nonce[PEER6_PNRP_NONCE_LEN];
						/* SOLICIT */
		struct peer6_pnrp_id	validate;	/* FLOOD, PROBE */
		struct p6_add		*add;
		struct p6_resolve	*resolve;
		uint32_t		handle;		/* PING */
	} u;
	uint8_t			data[];
};

/* Somebody who was sent an ADVERTISE (section 3.2.1). */
struct p6_conversation {
	struct p6_link		link;
	struct peer6_endpoint	peer;
	peer6_time		due;
	uint8_t			hashed_nonce[PEER6_PNRP_HASH_LEN];
	struct peer6_pnrp_id	id;		/* of its route entry, or 0 */
	uint64_t		advertised;	/* see p6_ids_hash() */
};

/*
 * A route entry under validation (section 3.1.5.11), or a cached one that
 * somebody wants revoked and that is asked first.
 */
struct p6_add {
	struct p6_link		link;
	struct p6_message	*inquire;	/* NULL: waits in line */
	peer6_time		start;
	struct p6_route		*route;
	bool			need_cpa;
	bool			by_flood;
	uint8_t			nonce[PEER6_PNRP_NONCE_LEN];
	struct peer6_endpoint	from;		/* who told */
	uint8_t			n_path;
	struct peer6_endpoint	*path;		/* already flooded */
	uint16_t		n_revoke;
	uint8_t			*revoke;	/* CPA; NULL: not a revoke */
};

struct p6_registration {
	struct p6_link			link;
	uint32_t			handle;
	struct peer6_pnrp_id		id;
	const struct peer6_signer	*signer;
	const uint8_t			*chain;
	size_t				n_chain;
	size_t				size;	/* of this allocation */
	bool				secure;
	bool				has_classifier;
	bool				announce;	/* has to be made known */
	uint8_t				soon;	/* repeats that come early */
	uint8_t				ticks;	/* to the next repeat */
	struct p6_resolve		*announcing;
	uint8_t				authority[PEER6_PNRP_HASH_LEN];
	uint8_t				classifier_hash[PEER6_PNRP_HASH_LEN];
	/* The rest lies in data, in this order. */
	uint16_t			n_classifier;
	uint8_t				n_apps;
	uint8_t				n_comment;
	uint16_t			n_payload;
	uint16_t			payload_string_type;
	uint32_t			payload_type;
	uint8_t				data[];
};

/* A next hop (useCount), or a best match that was. */
struct p6_hop {
	struct p6_hop		*next;
	uint8_t			uses;
	bool			local;
	struct p6_route		*route;
};

/* Section 3.1.4.4. */
struct p6_resolve {
	struct p6_link		link;
	uint32_t		handle;		/* 0: the engine's own */
	uint8_t			reason;		/* enum peer6_pnrp_reason */
	uint8_t			criteria;
	uint16_t		precision;
	struct peer6_pnrp_id	target;
	bool			has_target;
	bool			consider_local;
	bool			secure;
	bool			started;
	bool			inquiring;
	bool			asked, answered;	/* anybody; by anybody */
	bool			retry;		/* look into the cache again */
	uint8_t			authority[PEER6_PNRP_HASH_LEN];
	uint8_t			max_results, n_found;
	uint8_t			suspicious, hops, self_uses;
	uint16_t		all_hops;
	peer6_time		end;
	uint8_t			n_path, path_room;
	struct peer6_endpoint	*path;		/* already asked */
	struct p6_hop		*next_hops;	/* stack */
	struct p6_hop		*bests;		/* stack */
	struct p6_hop		*best;
	struct p6_hop		*cur;		/* asked now */
	struct p6_message	*message;
	uint8_t			nonce[PEER6_PNRP_NONCE_LEN];
	struct peer6_pnrp_id	*found;		/* n_found, room for max */
	struct p6_registration	*registration;	/* announced */
};

/* What a source may still do and cause; see limits.h. */
struct p6_source {
	uint64_t	key;		/* 0: free */
	peer6_time	next;		/* when a message is due at its rate */
	peer6_time	at;		/* when the credit was brought up */
	uint32_t	next_proof;	/* seconds */
	int32_t		credit;		/* bytes */
};

/* When an address may be probed on behalf of others again. */
struct p6_probed {
	uint64_t	key;
	peer6_time	next;
};

enum p6_discovery {
	P6_LOCAL_OOB,
	P6_SSDP,
	P6_SEED,
};

struct p6_stats {
	uint64_t	sent[16], received[16];
	uint64_t	bytes_sent, bytes_received;
	uint64_t	resolves, resolved, lookups, stale_hits;
	uint64_t	retransmitted, timeouts;
	uint32_t	*dropped;	/* 128, from the first drop on */
};

struct peer6_pnrp {
	struct peer6_pnrp_config cfg;
	struct peer6_cache	cache;
	peer6_time		now;
	peer6_time		clock_at;	/* when it was clock */
	peer6_filetime		clock;
	uint64_t		secret;		/* of the hash tables */
	size_t			memory;

	uint32_t		opens;
	bool			running;	/* opened, not cleaned up */
	uint8_t			state;
	uint8_t			n_own, n_known, n_seeds;
	struct peer6_endpoint	own[PEER6_PNRP_LOCAL_ADDRS];
	struct peer6_endpoint	*known, *seeds;

	uint8_t			discovery;	/* the next mode */
	uint8_t			seed_index;
	uint8_t			ssdp_targets;
	bool			advertising;
	uint8_t			seeds_tried;	/* in this round */
	uint8_t			modes_tried;
	uint8_t			restless;	/* more looks for leaves */
	uint16_t		fill_wait;	/* ticks to the next SOLICIT */
	uint16_t		fill_pause;
	uint32_t		fill_count;	/* entries at the last one */
	peer6_time		discover_at;
	peer6_time		maintain_at;
	peer6_time		cleanup_at;

	struct p6_link		out, pending, conversations, adds, resolves;
	struct p6_link		registrations;
	uint16_t		n_out, n_pending, n_conversations, n_adds;
	uint16_t		n_waiting;	/* adds in line */
	uint16_t		n_resolves, n_app_resolves, n_reassemblies;
	uint16_t		n_registrations, n_announces, n_pings;
	bool			announce;	/* a registration wants it */
	uint32_t		last_handle;
	/* How many pending messages have an ID with these lowest bits. */
	uint16_t		ids[P6_IDS];

	struct p6_source	total;
	struct p6_source	*sources;	/* hash table */
	uint16_t		n_sources, sources_size;
	struct p6_source	*source;	/* of the datagram at hand */
	size_t			paid;		/* bytes that it may cause */
	uint16_t		n_probed, probed_size;
	struct p6_probed	*probed;

	struct p6_stats		stats;
};

/* engine.c: memory, randomness, events. */
void *p6_alloc(struct peer6_pnrp *node, size_t size);	/* zeroed */
void p6_free(struct peer6_pnrp *node, void *p, size_t size);
void *p6_dup(struct peer6_pnrp *node, const void *p, size_t size);
int p6_random(struct peer6_pnrp *node, void *buf, size_t len);
peer6_filetime p6_filetime(const struct peer6_pnrp *node);
/* 0, or PEER6_E_CALLBACK. */
int p6_event(struct peer6_pnrp *node, struct peer6_pnrp_event *event);
void p6_set_state(struct peer6_pnrp *node, enum peer6_pnrp_state state);
/* Counts and reports a datagram that is dropped; gives the error back. */
int p6_drop(struct peer6_pnrp *node, int error,
	    const struct peer6_endpoint *from);
/* A handle that is not in use, never 0. */
uint32_t p6_handle(struct peer6_pnrp *node);
/* All that is under way ends, the cache is forgotten. */
void p6_forget(struct peer6_pnrp *node, int error);

/* address.c */
bool p6_addr_ok(const struct peer6_pnrp *node, const uint8_t addr[16]);
bool p6_endpoint_ok(const struct peer6_pnrp *node,
		    const struct peer6_endpoint *ep);
bool p6_endpoint_equal(const struct peer6_endpoint *a,
		       const struct peer6_endpoint *b);
bool p6_is_own(const struct peer6_pnrp *node, const uint8_t addr[16]);
/* The address of n to send to; false: none is fit. */
bool p6_choose(const struct peer6_pnrp *node, const uint8_t (*addrs)[16],
	       unsigned int n, uint16_t port, struct peer6_endpoint *out);
bool p6_in_path(const struct peer6_endpoint *path, unsigned int n,
		const uint8_t addr[16]);
/* Appends; when full, the oldest after the first goes. */
void p6_path_add(struct peer6_pnrp_path *path,
		 const struct peer6_endpoint *ep);
/* A route entry for the node itself. */
void p6_own_route(const struct peer6_pnrp *node,
		  const struct peer6_pnrp_id *id,
		  struct peer6_pnrp_route *route);
struct p6_route *p6_route_dup(struct peer6_pnrp *node,
			      const struct peer6_pnrp_route *route);
void p6_route_free(struct peer6_pnrp *node, struct p6_route *route);
void p6_route_load(const struct p6_route *from, struct peer6_pnrp_route *to);
bool p6_route_choose(const struct peer6_pnrp *node,
		     const struct p6_route *route, struct peer6_endpoint *out);

/* rate.c */
/*
 * A request has come: takes it from its source's and all sources' rate and sets
 * node->source. 0 or PEER6_E_RATE.
 */
int p6_rate_take(struct peer6_pnrp *node, const struct peer6_endpoint *from,
		 size_t len);
/* Whoever is at @from answered what only it could know. */
void p6_rate_proven(struct peer6_pnrp *node,
		    const struct peer6_endpoint *from);
/* The source at hand is in debt, and a proof would help. */
bool p6_rate_may_prove(const struct peer6_pnrp *node);
/* The datagram is done with: what it has not caused is its source's credit. */
void p6_rate_done(struct peer6_pnrp *node);
/* Whether the datagram at hand may cause bytes; if so, they are paid. */
bool p6_rate_spend(struct peer6_pnrp *node, size_t bytes);
/* When @addr may be probed for a third party; PEER6_NEVER: not at all. */
peer6_time p6_rate_probe(struct peer6_pnrp *node, const uint8_t addr[16]);
void p6_rate_shrink(struct peer6_pnrp *node);
void p6_rate_fini(struct peer6_pnrp *node);
/* A hash that outsiders cannot foresee. */
uint64_t p6_hash(const struct peer6_pnrp *node, const void *data, size_t len);

/* pending.c */
int p6_message_id(struct peer6_pnrp *node, uint32_t *id);
/*
 * Queues @msg, with a new ID; waits for an answer unless P6_ANSWER. *out (may be
 * NULL) is for the caller to fill in the union.
 */
int p6_send(struct peer6_pnrp *node, struct peer6_pnrp_msg *msg,
	    const struct peer6_endpoint *to, enum p6_purpose purpose,
	    struct p6_message **out);
/* The same with the ID that @msg has. */
int p6_send_as(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
	       const struct peer6_endpoint *to, enum p6_purpose purpose,
	       struct p6_message **out);
/*
 * Somebody in debt asks for more than it pays: a message with an ID that only
 * who is there can answer. If it does, its own second copy will be answered.
 */
void p6_challenge(struct peer6_pnrp *node, const struct peer6_endpoint *to);
/* The message that @msg answers, if it is of a type for that; else NULL. */
struct p6_message *p6_find_pending(const struct peer6_pnrp *node,
				   const struct peer6_pnrp_msg *msg,
				   const struct peer6_endpoint *from);
/* No longer waited for; nor sent, if it has not been yet. */
void p6_message_end(struct peer6_pnrp *node, struct p6_message *message);
/* Takes the last queued answers back, as far as they have this ID. */
void p6_unsend(struct peer6_pnrp *node, uint32_t id);
void p6_reassembly_free(struct peer6_pnrp *node, struct p6_message *message);
void p6_pending_tick(struct peer6_pnrp *node);
void p6_pending_flush(struct peer6_pnrp *node);

/* discover.c */
void p6_discover(struct peer6_pnrp *node);
int p6_solicit(struct peer6_pnrp *node, const struct peer6_endpoint *ep);
void p6_ssdp_advertise(struct peer6_pnrp *node);
/* The cache has its first entry, or has none any more. */
void p6_found_somebody(struct peer6_pnrp *node);
void p6_lost_everybody(struct peer6_pnrp *node);

/* converse.c */
int p6_on_solicit(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
		  const struct peer6_endpoint *from);
int p6_on_advertise(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
		    struct p6_message *solicit);
int p6_on_request(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
		  const struct peer6_endpoint *from);
void p6_conversations_tick(struct peer6_pnrp *node);
void p6_conversations_flush(struct peer6_pnrp *node);

/* add.c */
/*
 * Takes a route entry that somebody told (section 3.1.5.11). @flood: the FLOOD
 * it came by, or NULL. @from: who told; NULL: the node found it itself.
 */
void p6_add(struct peer6_pnrp *node, const struct peer6_pnrp_route *route,
	    const struct peer6_pnrp_msg *flood,
	    const struct peer6_endpoint *from);
/* The same for one that has just answered for its ID. */
void p6_add_answering(struct peer6_pnrp *node,
		      const struct peer6_pnrp_route *route);
/* Asks a cached entry before a revoke of it is believed. */
void p6_add_doubt(struct peer6_pnrp *node,
		  const struct peer6_cache_entry *entry,
		  const struct peer6_pnrp_msg *flood,
		  const struct peer6_endpoint *from);
void p6_add_answered(struct peer6_pnrp *node, struct p6_add *add,
		     const struct peer6_pnrp_authority *a);
void p6_add_failed(struct peer6_pnrp *node, struct p6_add *add);
void p6_adds_tick(struct peer6_pnrp *node);
void p6_adds_flush(struct peer6_pnrp *node);
peer6_time p6_adds_deadline(const struct peer6_pnrp *node);
/* Takes an entry out of the cache and says why. */
void p6_remove(struct peer6_pnrp *node, const struct peer6_pnrp_id *id,
	       int why);

/* flood.c */
/*
 * FLOODs @route to @to, a node believed to have @validate. @revoke: instead, or
 * NULL.
 */
int p6_flood(struct peer6_pnrp *node, const struct peer6_pnrp_route *route,
	     const struct peer6_pnrp_bytes *revoke,
	     const struct peer6_pnrp_id *validate,
	     const struct peer6_pnrp_path *path, bool no_ack,
	     const struct peer6_endpoint *to);
int p6_on_flood(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
		const struct peer6_endpoint *from);
int p6_on_ack(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
	      struct p6_message *message);
/* A leaf set took the entry of @add (section 3.2.5.11). */
void p6_leaf_grown(struct peer6_pnrp *node, const struct p6_add *add);
/* The owner's revoke of @id is believed: forget it, pass it on. */
void p6_revoked(struct peer6_pnrp *node, const struct peer6_pnrp_id *id,
		const uint8_t *revoke, size_t n_revoke,
		const struct peer6_endpoint *path, unsigned int n_path);

/* authority.c */
int p6_on_lookup(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
		 const struct peer6_endpoint *from);
int p6_on_inquire(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
		  const struct peer6_endpoint *from);
int p6_on_authority(struct peer6_pnrp *node, const struct peer6_pnrp_msg *msg,
		    struct p6_message *message);

/* record.c */
struct p6_record {
	struct peer6_pnrp_cpa		cpa;
	struct peer6_pnrp_payload	payload;
	uint16_t			classifier[PEER6_PNRP_CLASSIFIER_MAX];
	uint16_t			n_classifier;
	bool				has_classifier, has_payload;
	bool				secure, delegated;
};

/* SHA-1 of the classifier as UTF-16LE. */
int p6_classifier_hash(struct peer6_pnrp *node, const uint16_t *classifier,
		       size_t n, uint8_t out[PEER6_PNRP_HASH_LEN]);
/* The name's half of an ID; authority may be NULL. */
int p6_p2p_id(struct peer6_pnrp *node,
	      const uint8_t classifier_hash[PEER6_PNRP_HASH_LEN],
	      const uint8_t *authority, uint8_t out[PEER6_P2P_ID_LEN]);
/* An Encoded CPA of @reg, signed: its length or an error. */
ptrdiff_t p6_record_cpa(struct peer6_pnrp *node,
			const struct p6_registration *reg,
			const uint8_t *nonce, bool revoke,
			void *buf, size_t size);
ptrdiff_t p6_record_payload(struct peer6_pnrp *node,
			    const struct p6_registration *reg,
			    const uint8_t *nonce, void *buf, size_t size);
/*
 * Section 3.1.5.7. @nonce: that of the INQUIRE. @payload: it was asked for.
 * Pointers in *record lie within @a's buffer.
 */
int p6_record_check(struct peer6_pnrp *node,
		    const struct peer6_pnrp_authority *a,
		    const struct peer6_pnrp_id *id,
		    const uint8_t nonce[PEER6_PNRP_NONCE_LEN], bool payload,
		    struct p6_record *record);
/* A CPA that revokes: whose ID, and whether only the owner can have made it. */
int p6_revoke_check(struct peer6_pnrp *node, const void *cpa, size_t len,
		    struct peer6_pnrp_id *id, bool *secure);

/* register.c */
struct p6_registration *p6_registration_of(const struct peer6_pnrp *node,
					   const struct peer6_pnrp_id *id);
const uint16_t *p6_reg_classifier(const struct p6_registration *reg);
void p6_reg_app(const struct p6_registration *reg, unsigned int i,
		struct peer6_pnrp_app *app);
const uint8_t *p6_reg_comment(const struct p6_registration *reg);
const uint8_t *p6_reg_payload(const struct p6_registration *reg);
/* All registrations have to be made known (again). */
void p6_announce_all(struct peer6_pnrp *node);
/* On a tick: those whose turn it is, and those nobody has heard yet. */
void p6_announce_again(struct peer6_pnrp *node);
/* Tells the neighbours of a new address, without waiting for the others. */
void p6_tell_neighbours(struct peer6_pnrp *node);
void p6_announce_tick(struct peer6_pnrp *node);
void p6_announced(struct peer6_pnrp *node, struct p6_registration *reg,
		  bool known);
void p6_registrations_flush(struct peer6_pnrp *node);

/* resolve.c */
/* A resolve of the engine's own; NULL if there is no room. */
struct p6_resolve *p6_resolve_new(struct peer6_pnrp *node,
				  enum peer6_pnrp_reason reason,
				  enum peer6_pnrp_criteria criteria,
				  const struct peer6_pnrp_id *target,
				  unsigned int max_results);
int p6_resolve_push(struct peer6_pnrp *node, struct p6_resolve *r,
		    const struct peer6_pnrp_route *route);
int p6_resolve_best(struct peer6_pnrp *node, struct p6_resolve *r,
		    const struct peer6_pnrp_route *route);
void p6_resolve_authority(struct peer6_pnrp *node, struct p6_message *message,
			  struct p6_resolve *r,
			  const struct peer6_pnrp_authority *a);
void p6_resolve_failed(struct peer6_pnrp *node, struct p6_message *message,
		       struct p6_resolve *r);
/* Ends it with an event, if it has a handle. */
void p6_resolve_end(struct peer6_pnrp *node, struct p6_resolve *r, int error);
/* Without one. */
void p6_resolve_free(struct peer6_pnrp *node, struct p6_resolve *r);
void p6_resolves_tick(struct peer6_pnrp *node);
peer6_time p6_resolves_deadline(const struct peer6_pnrp *node);

/* maintain.c */
void p6_maintain(struct peer6_pnrp *node);
void p6_maintain_later(struct peer6_pnrp *node);
void p6_probe_answered(struct peer6_pnrp *node,
		       const struct p6_message *message,
		       const struct peer6_pnrp_authority *a);
int p6_split_test(struct peer6_pnrp *node, const struct peer6_pnrp_id *local);
/* What a split test has found: @best, or nobody. */
void p6_split_verdict(struct peer6_pnrp *node, const struct p6_resolve *r,
		      const struct p6_route *best);

#endif
