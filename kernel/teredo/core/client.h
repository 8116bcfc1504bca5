/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
#ifndef _TEREDO_CLIENT_H
#define _TEREDO_CLIENT_H

#include "packet.h"

enum teredo_client_limits {
	TEREDO_RS_TRIES		= 3,	/* N, RFC 4380 section 5.2.1 */
	TEREDO_RS_TIMEOUT_S	= 4,	/* T */
	/*
	 * Repeats of a qualified client's solicitation that an event caused:
	 * N and T are for qualification, RFC 6081 section 5.1.1 leaves others
	 * to the client. Packets may begin to pass at any time after a change,
	 * so they are sent more often, for as long as three ordinary ones take.
	 */
	TEREDO_ROAM_TRIES	= 9,
	TEREDO_ROAM_FAST	= 3,	/* so many of them are 1 s apart */
	TEREDO_ROAM_TIMEOUT_MS	= 1500,	/* the others: 2 s with two RTTs */
	/*
	 * Data unanswered for so long is a retransmission of TCP's, or a path
	 * of which the server would not be heard in time either.
	 */
	TEREDO_SILENCE_MS	= 700,
	TEREDO_SILENCE_MAX_S	= 8,	/* a pause rather than a retransmission */
	TEREDO_DOUBT_MIN_S	= 2,	/* from an answer to the next doubt */
	TEREDO_DOUBT_MAX_S	= 32,	/* ... doubled to this while unfounded */
	TEREDO_OFFLINE_MIN_S	= 10,
	TEREDO_OFFLINE_MAX_S	= 300,
	TEREDO_REFRESH_DEFAULT_S = 30,
	TEREDO_REFRESH_MIN_S	= 1,
	TEREDO_REFRESH_MAX_S	= 120,	/* RFC 4380 section 5.2.7 */
};

enum teredo_address_state {
	TEREDO_ADDRESS_NONE,
	TEREDO_ADDRESS_PREFERRED,
	TEREDO_ADDRESS_DEPRECATED,	/* resumed, the mapping not yet seen again */
};

/*
 * Qualification and maintenance, RFC 4380 sections 5.2.1 and 5.2.5, with the
 * random flags of RFC 5991. Not locked: the caller serialises all calls.
 * Readers of other fields than @heard and @doubt_at hold the caller's lock as
 * well.
 */
struct teredo_client {
	enum teredo_state state;
	enum teredo_nat nat;
	enum teredo_reason error;
	enum teredo_address_state address;
	/* Valid unless address is NONE; then the last ones, or all 0. */
	struct in6_addr addr;
	struct teredo_endpoint mapped;	/* what the address says */
	struct teredo_endpoint first;	/* what the primary server saw */
	struct teredo_endpoint local;	/* source toward the primary server */
	struct teredo_endpoint portmap;	/* a gateway's; port 0 = none */
	u64	deadline;		/* call teredo_client_tick() then */
	u64	heard;			/* last valid packet from the server */
	u64	interval;		/* randomised refresh interval, ns */
	u64	backoff;		/* next wait of OFFLINE, ns; 0 = the first */
	u64	doubt_at;		/* no teredo_client_doubt() before */
	u64	doubt_wait;		/* from the answer to a doubt to the next */
	u8	nonce[TEREDO_NONCE_LEN];
	u8	tries;			/* solicitations sent in this probe */
	bool	pending;		/* one is unanswered, @nonce is valid */
	bool	unsent;			/* the last had no route to the server */
	bool	second;			/* it went to the second address */
	bool	cone;			/* it had the cone flag */
	bool	moved;			/* the probes left from two sources once */
	bool	roaming;		/* an event caused the solicitation */
	bool	doubting;		/* ... which was unanswered data */
};

/*
 * What the caller has to do after a call: it looks where a solicitation would
 * leave from, calls teredo_client_sent(), sends it (built with @client's cone
 * and nonce), and brings address, carrier and listeners in line with the client.
 */
struct teredo_client_out {
	bool	send_rs;
	__be32	server;			/* where to, port 3544 */
	bool	changed;		/* state, NAT, error or address */
	bool	renumbered;		/* the mapping; forget all peers */
};

void teredo_client_init(struct teredo_client *c);

/* Starts over, as after "up" or a change of server: the address goes. */
void teredo_client_start(struct teredo_client *c,
			 const struct teredo_params *params,
			 const struct teredo_env *env, u64 now,
			 struct teredo_client_out *out);
/* To dormant; nothing is due until the next start. */
void teredo_client_stop(struct teredo_client *c,
			struct teredo_client_out *out);

/*
 * To be called for each solicitation that was asked for, before it is sent:
 * @local is its source, all 0 if there is no route to the server. It is not
 * to be sent if nothing is pending afterwards.
 */
void teredo_client_sent(struct teredo_client *c,
			const struct teredo_params *params,
			const struct teredo_env *env,
			struct teredo_endpoint local, u64 now,
			struct teredo_client_out *out);

/* Whenever now >= deadline; harmless when early. */
void teredo_client_tick(struct teredo_client *c,
			const struct teredo_params *params,
			const struct teredo_env *env, u64 now,
			struct teredo_client_out *out);

/*
 * A router advertisement with a link-local source came from @from. Returns
 * TEREDO_REASON_NONE if it was accepted; otherwise nothing changed, but for
 * TEREDO_REASON_KEY_REJECTED, which leads to OFFLINE.
 */
enum teredo_reason
teredo_client_ra(struct teredo_client *c, const struct teredo_params *params,
		 const struct teredo_env *env, struct teredo_endpoint from,
		 const struct teredo_packet *pkt, const u8 *data, u64 now,
		 struct teredo_client_out *out);

/*
 * The addresses, routes or links on the way to the server changed. A qualified
 * client asks the server at once; any other starts over without back-off.
 */
void teredo_client_network_changed(struct teredo_client *c,
				   const struct teredo_params *params,
				   const struct teredo_env *env, u64 now,
				   struct teredo_client_out *out);

/*
 * Data goes unanswered by all who were to answer it: the NAT may have lost the
 * mapping. A qualified client asks the server, unless it did so lately; as
 * long as the mapping turns out to be good it waits longer each time, so that
 * flows that nobody answers cost little.
 */
void teredo_client_doubt(struct teredo_client *c,
			 const struct teredo_params *params,
			 const struct teredo_env *env, u64 now,
			 struct teredo_client_out *out);

void teredo_client_suspend(struct teredo_client *c);
/* As network_changed, and the address is deprecated until it is confirmed. */
void teredo_client_resume(struct teredo_client *c,
			  const struct teredo_params *params,
			  const struct teredo_env *env, u64 now,
			  struct teredo_client_out *out);

/*
 * A gateway made the port mapping @portmap for the service port, or withdrew
 * it (port 0); what is no unicast address counts as that. RFC 6081 section 5.3.
 */
void teredo_client_portmap(struct teredo_client *c,
			   const struct teredo_params *params,
			   const struct teredo_env *env,
			   struct teredo_endpoint portmap,
			   struct teredo_client_out *out);

static inline bool teredo_nat_symmetric(enum teredo_nat nat)
{
	return nat == TEREDO_NAT_SYMMETRIC_PORT ||
	       nat == TEREDO_NAT_SYMMETRIC_ADDRESS;
}

/* The refresh interval in @params is another one. */
void teredo_client_refresh_changed(struct teredo_client *c,
				   const struct teredo_params *params,
				   const struct teredo_env *env);

#endif /* _TEREDO_CLIENT_H */
