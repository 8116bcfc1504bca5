/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world for PNRP engines: nodes, a network between them and a clock that
 * jumps from one event to the next. The engines are the ones of libpeer6; they
 * cannot tell. Everything random comes from one seed, so a run can be repeated
 * bit by bit.
 */
#ifndef PEER6_SIM_H
#define PEER6_SIM_H

#include <peer6/crypto.h>
#include <peer6/pnrp_engine.h>

struct sim;

#define SIM_NONE	UINT32_MAX
/* Hops are counted up to here; more are counted as this many. */
#define SIM_HOPS_MAX	63
/* Resolve times are sorted into steps of 10 ms up to a minute. */
#define SIM_TIMES	6000
#define SIM_TIME_STEP	(10 * PEER6_MS)
/* A NAT forgets whom its host sent to. */
#define SIM_NAT_MEMORY	300	/* seconds */
/* Sites of a latency matrix. */
#define SIM_SITES_MAX	4096

struct sim_config {
	uint64_t	seed;
	peer6_time	latency_min, latency_max;	/* one way */
	uint32_t	*matrix;	/* sites * sites, in microseconds */
	uint32_t	sites;		/* 0: no matrix */
	double		loss;		/* of each datagram, 0..1 */
	double		nat;		/* of the nodes, 0..1 */
	double		resolve_only;	/* of the nodes, 0..1 */
	double		skew;		/* clocks differ up to this, seconds */
	unsigned int	names;		/* of each node */
	unsigned int	known;		/* nodes that a new one knows */
	bool		real_crypto;
};

struct sim_node {
	struct peer6_pnrp	*engine;	/* NULL: gone */
	peer6_time		due;		/* of its timer */
	peer6_time		queued;		/* in the timer heap, not after due */
	uint32_t		live;		/* place among the living */
	uint32_t		name;		/* number of its first name */
	uint32_t		group;		/* a split keeps groups apart */
	bool			nat;
	bool			publishes;
	struct sim_query	*queries;
	struct sim_liar		*liar;
};

/* One resolve under way. */
struct sim_query {
	struct sim_query	*next;
	uint32_t		handle;
	uint32_t		name;
	peer6_time		start;
	uint8_t			p2p_id[PEER6_P2P_ID_LEN];
	bool			found, wrong;
	unsigned int		hops;
	uint32_t		last;		/* who answered last */
	/* who wants to know at once; may be NULL */
	void (*done)(void *ctx, const struct sim_query *query, int error);
	void			*ctx;
};

/* A host that is no engine: it gets what is sent to it. */
struct sim_liar {
	void (*input)(struct sim_liar *liar, struct sim *sim, uint32_t index,
		      const void *data, size_t len,
		      const struct peer6_endpoint *from);
	void *ctx;
};

struct sim_packet {
	uint32_t	from, to;
	uint16_t	len;
	uint8_t		data[];
};

struct sim_packet_due {
	peer6_time		due;
	uint64_t		order;
	struct sim_packet	*packet;
	uint32_t		to;		/* packet->to */
};

struct sim_timer {
	peer6_time	due;
	uint32_t	index;
};

/* What is counted; sim_reset_stats() starts again. */
struct sim_stats {
	peer6_time	since;
	uint64_t	datagrams, bytes, lost, blocked, nowhere;
	uint64_t	by_type[16];
	uint64_t	resolves, succeeded, timed_out, wrong;
	uint64_t	hops[SIM_HOPS_MAX + 1];
	uint64_t	times[SIM_TIMES + 1];
	uint64_t	hop_sum;
	peer6_time	time_sum;
	uint64_t	events;
};

struct sim {
	struct sim_config	cfg;
	peer6_time		now;
	uint64_t		dice;
	struct sim_node		*nodes;
	uint32_t		n_nodes, nodes_size;
	uint32_t		*live;		/* indices of living nodes */
	uint32_t		n_live;
	struct sim_timer	*timers;	/* heap */
	size_t			n_timers, timers_size;
	struct sim_packet_due	*packets;	/* heap */
	size_t			n_packets, packets_size, most_packets;
	uint64_t		order;
	uint32_t		names;		/* given out */
	uint32_t		serving;	/* whose engine runs */
	uint64_t		*nat_keys;	/* who sent to whom: hashed */
	uint32_t		*nat_times;
	size_t			nat_size, nat_used;
	struct peer6_mem	mem;
	size_t			memory;		/* all engines', as allocated */
	struct peer6_signer	signer;
	const struct peer6_crypto *crypto;
	struct peer6_crypto	cheap;
	struct peer6_openssl	*ossl;
	struct peer6_key	*key;
	struct sim_stats	stats;
	/* Called for each event of an engine, if set. */
	void (*watch)(struct sim *sim, uint32_t index,
		      const struct peer6_pnrp_event *event);
	/* Called for each datagram that is sent, if set. */
	void (*tap)(struct sim *sim, uint32_t from, uint32_t to,
		    const void *data, size_t len);
};

/* Copies @cfg. 0 or a negative PEER6_E_. */
int sim_init(struct sim *sim, const struct sim_config *cfg);
void sim_fini(struct sim *sim);
/* Up to and with @until; then it is that time. */
void sim_run(struct sim *sim, peer6_time until);

/*
 * A new node, which knows some living ones, opens the cloud and publishes its
 * names. Its index, or SIM_NONE.
 */
uint32_t sim_join(struct sim *sim);
/* The same in single steps: not opened, knows nobody, publishes nothing. */
uint32_t sim_add(struct sim *sim);
int sim_open(struct sim *sim, uint32_t index);
int sim_publish(struct sim *sim, uint32_t index);
int sim_publish_name(struct sim *sim, uint32_t index, uint32_t name,
		     uint32_t *handle);
/* A host that runs @liar instead of an engine. */
uint32_t sim_add_liar(struct sim *sim, struct sim_liar *liar);
/* Gone without a word. */
void sim_vanish(struct sim *sim, uint32_t index);
/* After the engine of a node was called from outside: sends, sets its timer. */
void sim_serve(struct sim *sim, uint32_t index);

/* A living node that publishes; SIM_NONE if there is none. */
uint32_t sim_random_live(struct sim *sim);
struct peer6_endpoint sim_endpoint(uint32_t index);
/* SIM_NONE: no node has such an address. */
uint32_t sim_index(const struct peer6_endpoint *ep);
int sim_name_p2p_id(struct sim *sim, uint32_t name,
		    uint8_t p2p_id[PEER6_P2P_ID_LEN]);

/* Node @index asks for a name; the outcome goes to stats, and to @done. */
int sim_resolve(struct sim *sim, uint32_t index, uint32_t name,
		void (*done)(void *ctx, const struct sim_query *query,
			     int error), void *ctx);

void sim_reset_stats(struct sim *sim);
/* The value that @part (0..1) of the counted resolves do not exceed. */
unsigned int sim_hops_at(const struct sim_stats *stats, double part);
peer6_time sim_time_at(const struct sim_stats *stats, double part);

/* random.c */
uint64_t sim_random(struct sim *sim);
double sim_uniform(struct sim *sim);		/* 0 <= x < 1 */
uint64_t sim_hash(uint64_t key, const void *data, size_t len);

/* crypto.c: the cheap crypto, or the real one. */
int sim_crypto_init(struct sim *sim);
void sim_crypto_fini(struct sim *sim);

/* net.c */
void sim_send(struct sim *sim, uint32_t from, uint32_t to, const void *data,
	      size_t len);
/* The next datagram if it is due by @until; the caller frees it. */
struct sim_packet *sim_next_packet(struct sim *sim, peer6_time until);
/* Whether what has come gets through to the node. */
bool sim_passes(struct sim *sim, const struct sim_packet *packet);

/* timer.c: when which node's engine wants to be called. */
void sim_timer_set(struct sim *sim, uint32_t index, peer6_time due);
/* The first; SIM_NONE if there is none. */
uint32_t sim_timer_first(struct sim *sim);

#endif
