/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cloud in memory for tests of the PNRP engine: nodes, a virtual clock, and
 * datagrams that take 20 ms. Everything follows from the seed. Signatures are
 * hashes of key and text: quick, and wrong as soon as a bit is.
 */
#ifndef TESTS_LIBPEER6_NET_H
#define TESTS_LIBPEER6_NET_H

#include <peer6/pnrp_engine.h>

#define NET_MAX		128
#define NET_EVENTS	512
#define NET_LATENCY	(20 * PEER6_MS)
/* 2026-01-01, when each test begins. */
#define NET_EPOCH	(PEER6_FILETIME_UNIX + UINT64_C(17672256000000000))

struct net;

struct net_event {
	struct peer6_pnrp_event		e;	/* pointers are not valid */
	peer6_time			at;
	struct peer6_pnrp_hop		hop;
	bool				local, secure, delegated;
	uint16_t			hops;
	struct peer6_pnrp_app		app;
	unsigned int			n_apps, n_comment;
	uint8_t				comment[PEER6_PNRP_COMMENT_MAX];
	uint16_t			classifier[PEER6_PNRP_CLASSIFIER_MAX];
	size_t				n_classifier;
	const uint8_t			*payload;	/* of the last one */
	size_t				n_payload;
};

struct net_node {
	struct net		*net;
	struct peer6_pnrp	*engine;
	struct peer6_endpoint	ep;
	struct peer6_signer	signer;
	bool			down;		/* neither hears nor speaks */
	/* The callback fails so often, after it was fine so often. */
	unsigned int		fail_events, fine_events;
	unsigned int		n_events, events_lost;
	struct net_event	*events;	/* NET_EVENTS */
	uint8_t			payload[PEER6_PNRP_PAYLOAD_MAX];
};

struct net_packet {
	struct net_packet	*next;
	struct peer6_endpoint	from, to;
	peer6_time		at;
	size_t			len;
	uint8_t			data[];
};

struct net {
	peer6_time		now;
	uint64_t		seed;
	unsigned int		n;
	struct net_node		nodes[NET_MAX];
	struct net_packet	*queue, **tail;
	unsigned int		loss;		/* of 100 */
	bool			random_fails;
	bool			sign_fails;
	/* Allocation number fail_at fails (1 is the next); 0: none. */
	unsigned long		fail_at, allocs;
	long			live;		/* allocations not freed */
	uint64_t		bytes;		/* sent by all */
	/* Sees each datagram when it is sent; false: it is lost. */
	bool			(*tap)(struct net *net,
				       const struct net_packet *p,
				       const struct peer6_pnrp_msg *msg);
	void			*tap_ctx;
	struct peer6_mem	mem;
	struct peer6_crypto	crypto;
};

struct net *net_new(uint64_t seed);
void net_free(struct net *net);
/* A node at 2001:db8:0:I::1, closed, whose only seed is node 0. */
struct net_node *net_add(struct net *net);
/* The same with a configuration of the caller's; what is needed is set. */
struct net_node *net_add_as(struct net *net,
			    const struct peer6_pnrp_config *config);
void net_remove(struct net_node *node);		/* frees the engine */
struct peer6_endpoint net_endpoint(unsigned int index);
uint64_t net_random(struct net *net);
/* Sends what the engine has to say; after each call of the test's own. */
void net_flush(struct net_node *node);
/* Lets time pass. */
void net_run(struct net *net, peer6_time duration);
/* Until @done(ctx) or @limit has passed: whether it was done. */
bool net_until(struct net *net, bool (*done)(void *ctx), void *ctx,
	       peer6_time limit);
/* As if it had come from @from, at once; gives peer6_pnrp_input()'s result. */
int net_inject(struct net_node *to, const struct peer6_endpoint *from,
	       const struct peer6_pnrp_msg *msg);

/* What a test registers: 0.NAME, one application at the node, port 80. */
struct net_name {
	struct peer6_pnrp_registration	reg;
	uint16_t			classifier[PEER6_PNRP_CLASSIFIER_MAX];
	struct peer6_pnrp_app		app;
};
void net_name(struct net_node *node, struct net_name *name, const char *text,
	      bool secure);
uint32_t net_register(struct net_node *node, const char *text, bool secure);
/* The same as peer6_pnrp_register(), then net_flush(). */
int net_register_as(struct net_node *node,
		    const struct peer6_pnrp_registration *reg,
		    uint32_t *handle);
void net_query(struct net_node *asker, struct peer6_pnrp_query *query,
	       const char *text, const struct net_node *owner);
uint32_t net_resolve(struct net_node *node,
		     const struct peer6_pnrp_query *query);
/* Runs until the resolve has ended; its event RESOLVE_END. */
const struct net_event *net_finish(struct net_node *node, uint32_t handle);
/* The i-th event of a type and handle (0: any); NULL. */
const struct net_event *net_event(const struct net_node *node,
				  enum peer6_pnrp_event_type type,
				  uint32_t handle, unsigned int i);
enum peer6_pnrp_state net_state(const struct net_node *node);
void net_sha1(const void *data, size_t len, uint8_t out[20]);
/* Signs as @signer does. */
void net_sign(const struct peer6_signer *signer, const void *data, size_t len,
	      uint8_t sig[PEER6_PNRP_SIG_LEN]);

#endif
