/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
#ifndef _TEREDO_PATH_H
#define _TEREDO_PATH_H

#include "addr.h"
#include "ext.h"

enum teredo_path_limits {
	TEREDO_VALID_S		= 30,	/* RFC 4380 section 5.2.4 */
	TEREDO_EARLY_S		= 20,	/* look for a sign of life from then on */
	TEREDO_LOCAL_S		= 600,	/* RFC 4380 section 5.2.4, case 3 */
	TEREDO_SPACING_S	= 2,	/* RFC 4380 section 5.2.6 */
	TEREDO_INVITE_MS	= 1500,	/* less, as the next may come early */
	TEREDO_WINDOW_S		= 300,	/* RFC 4380 section 5.2.6 */
	TEREDO_ATTEMPTS		= 4,	/* in a window: one and three repeats */
	TEREDO_ECHO_WINDOW_S	= 30,	/* the same limit for echo tests */
	TEREDO_ANSWER_MS	= 500,
	TEREDO_ANSWERS		= 8,
	TEREDO_ANSWER_WINDOW_S	= 30,
	/*
	 * RFC 6081 section 5.7 asks three times before the server is troubled,
	 * and data would wait 6 s. A NAT that has forgotten a short flow after
	 * 30 s is no exception (Linux), so only the first goes alone: a lost one
	 * costs the server one bubble.
	 */
	TEREDO_SOLICITS		= 1,
	/* To the mapping, the one in use, all alternates, by way of the server. */
	TEREDO_EMIT_MAX		= 10,
	TEREDO_EMIT_BYTES	= TEREDO_BUBBLE_LEN + TEREDO_TRAILERS_MAX,
};

/* What a device is, as far as its peers are concerned. A read-only snapshot. */
struct teredo_self {
	enum teredo_role role;
	__be32	prefix;
	__be32	server;			/* of a client, or 0 */
	bool	usable;			/* may send and receive data */
	bool	open;			/* no NAT, or a cone: no own filter to open */
	bool	allow_private;
	bool	discovery;
	bool	pinned;			/* symmetric, but @mapped is held open: UPnP */
	u8	bubble_ttl;
	u8	nat;			/* enum teredo_nat */
	u32	extensions;		/* of a client, TEREDO_EXT_* */
	struct in6_addr addr;		/* of a client */
	struct teredo_endpoint mapped;	/* of a client: what @addr says */
	struct teredo_endpoint first;	/* of a client: what its server sees */
	struct teredo_endpoint local;	/* of a client, if known */
	struct teredo_endpoint portmap;	/* of an inner gateway, or 0 */
};

/* TEREDO_PATH_* flags of a path */
enum teredo_path_flags {
	TEREDO_PATH_TRUSTED	= 1 << 0,
	TEREDO_PATH_OPENING	= 1 << 1,	/* attempts under way */
	TEREDO_PATH_LOCAL	= 1 << 2,	/* @local was discovered */
	TEREDO_PATH_NATIVE	= 1 << 3,	/* the address is no Teredo address */
	TEREDO_PATH_ECHO	= 1 << 4,	/* @nonce is outstanding */
	TEREDO_PATH_HEARD	= 1 << 5,	/* @last_rx is a time of reception */
	TEREDO_PATH_EXTENDED	= 1 << 6,	/* the peer sent an RFC 6081 trailer */
	TEREDO_PATH_SYMMETRIC	= 1 << 7,	/* @mapped is not what @addr says */
};

/*
 * The protocol's knowledge of a peer, RFC 4380 section 5.2. Not locked: the
 * caller serialises calls for one path. @last_rx, @last_tx may be written by
 * a caller that handles data of a trusted path itself; they stand first, beside
 * the address, so that such a caller touches one cache line.
 */
struct teredo_path {
	struct in6_addr addr;
	u64	last_rx;
	u64	last_tx;
	struct teredo_endpoint mapped;	/* valid if TRUSTED */
	struct teredo_endpoint local;	/* valid if LOCAL */
	u16	flags;
	u8	tries;			/* of the attempts under way */
	u8	attempts;		/* in the window of section 5.2.6 */
	u8	answers;		/* in the window of answers */
	u16	slot;			/* by which socket it is reached, 0 = service */
	struct teredo_path_ext *ext;	/* while it is needed, else NULL */
	u64	attempt_at;
	u64	window_at;
	u64	answer_at;
	u64	answer_window_at;
	u64	local_at;
	u64	deadline;		/* of the attempts, if OPENING */
	u8	nonce[TEREDO_ECHO_DATA];
};

/*
 * A packet without data: a bubble, or the echo request of a connectivity test.
 * teredo_build_emit() makes it.
 */
struct teredo_emit {
	struct teredo_endpoint to;
	struct in6_addr saddr;
	struct in6_addr daddr;
	bool	echo;			/* with the path's nonce */
	bool	answer;			/* to a stranger: subject to the global limit */
	bool	indirect;		/* by way of the peer's server */
	bool	alternate;		/* to an address that only the peer vouches for */
	bool	list;			/* with own alternate addresses */
	u8	ttl;			/* outer; 0 = usual */
	u8	nd;			/* enum teredo_discovery_type */
	u16	slot;			/* the socket it leaves by, 0 = service */
	__be16	random_port;		/* trailer; 0 = none */
	u32	nonce;			/* trailer; 0 = none */
	/*
	 * Not a bubble but a solicitation with @rs_nonce, the part of a port
	 * test that goes to the server's first or second address (1, 2): @to
	 * is not set.
	 */
	u8	solicit;
	u8	rs_nonce[TEREDO_NONCE_LEN];
};

struct teredo_actions {
	enum teredo_reason reason;	/* of TEREDO_DROP */
	bool	trusted;		/* it now is, and was not */
	bool	moved;			/* it was, the mapping is another one */
	bool	failed;			/* attempts exhausted: drop what waits */
	bool	proven;			/* @trusted or @moved by a nonce */
	u8	n;
	struct teredo_emit emit[TEREDO_EMIT_MAX];
};

enum teredo_verdict {
	TEREDO_DROP,		/* count @reason */
	TEREDO_SEND,		/* to the path's mapping */
	TEREDO_QUEUE,		/* until the path is trusted or has failed */
	TEREDO_ACCEPT,		/* to the IPv6 stack */
	TEREDO_CONSUME,		/* was for us alone */
	TEREDO_HOLD,		/* as QUEUE, received: deliver if the mapping is its source */
	TEREDO_CREATE,		/* call again with a path for the source */
	TEREDO_TO_CLIENT,	/* a router advertisement: teredo_client_ra() */
};

void teredo_path_init(struct teredo_path *path, const struct in6_addr *addr,
		      const struct teredo_self *self, u64 now);

/*
 * May a packet from @saddr to @daddr be sent at all, and is a path needed?
 * TEREDO_REASON_NONE, or why not. RFC 4380 sections 5.2.4 and 5.4.1 with the
 * checks of the security considerations.
 */
enum teredo_reason teredo_output_check(const struct teredo_self *self,
				       const struct in6_addr *saddr,
				       const struct in6_addr *daddr);

/*
 * A data packet that passed teredo_output_check() is to go to @path.
 * TEREDO_SEND, TEREDO_QUEUE or TEREDO_DROP; RFC 4380 sections 5.2.4, 5.4.1.
 */
enum teredo_verdict teredo_output(const struct teredo_self *self,
				  const struct teredo_env *env,
				  struct teredo_path *path, u64 now,
				  struct teredo_actions *act);

/*
 * Fast enough for each packet: true if @path may be sent to without asking
 * teredo_output(). @now must not be older than the path's last_rx.
 */
static inline bool teredo_path_fresh(const struct teredo_path *path, u64 now)
{
	return (path->flags & TEREDO_PATH_TRUSTED) &&
	       now - path->last_rx < TEREDO_EARLY_S * TEREDO_SEC;
}

/* Whenever now >= path->deadline while OPENING; harmless at other times. */
void teredo_path_tick(const struct teredo_self *self,
		      const struct teredo_env *env, struct teredo_path *path,
		      u64 now, struct teredo_actions *act);

/*
 * Whenever now >= teredo_ext_due() of a path that has an ext, which it may lose
 * by that.
 */
void teredo_path_ext_tick(const struct teredo_self *self,
			  const struct teredo_env *env,
			  struct teredo_path *path, u64 now,
			  struct teredo_actions *act);

/* The slot of the random port that @path has, or 0. */
static inline u16 teredo_path_port(const struct teredo_path *path)
{
	return path->ext ? path->ext->ports.slot : 0;
}

/* That slot's port is open, as @port; 0: it cannot be opened. */
void teredo_path_port_opened(const struct teredo_self *self,
			     const struct teredo_env *env,
			     struct teredo_path *path, __be16 port, u64 now,
			     struct teredo_actions *act);

/*
 * The payload of an emission, at most TEREDO_EMIT_BYTES: the only place where
 * bubbles get their trailers. @echo is the path's nonce.
 */
size_t teredo_build_emit(u8 *buf, const struct teredo_self *self,
			 const struct teredo_emit *e, const u8 *echo);

struct teredo_input {
	struct teredo_endpoint from;
	u16	slot;			/* the socket it came by, 0 = service */
	bool	multicast;		/* sent to 224.0.0.253 */
	bool	on_link;		/* @from is in a subnet of the device it came by */
	bool	local_daddr;		/* the IPv6 destination is this host's */
	const struct teredo_packet *pkt;
	const u8 *data;
};

/*
 * A packet was received by a client or relay; @path is that of its IPv6
 * source, NULL if there is none. A path is asked for (TEREDO_CREATE) only
 * after all checks that need none. RFC 4380 sections 5.2.3, 5.2.8, 5.2.9,
 * 5.4.2.
 */
enum teredo_verdict teredo_input(const struct teredo_self *self,
				 const struct teredo_env *env,
				 const struct teredo_input *in,
				 struct teredo_path *path, u64 now,
				 struct teredo_actions *act);

/*
 * TEREDO_TO_CLIENT, and the packet came by the random port of @path, which is
 * not that of the packet's source. TEREDO_REASON_NONE, or it is to be dropped.
 */
enum teredo_reason teredo_path_port_ra(const struct teredo_self *self,
				       const struct teredo_env *env,
				       const struct teredo_params *params,
				       const struct teredo_input *in,
				       struct teredo_path *path, u64 now,
				       struct teredo_actions *act);

/*
 * Forget what the mapping is, keep the limits: after a resume, or when the
 * way out changed.
 */
static inline void teredo_path_distrust(struct teredo_path *path)
{
	path->flags &= ~(TEREDO_PATH_TRUSTED | TEREDO_PATH_OPENING |
			 TEREDO_PATH_ECHO | TEREDO_PATH_LOCAL |
			 TEREDO_PATH_SYMMETRIC);
}

/* The link-local source of a relay's bubbles to @client. */
void teredo_proof_address(const struct teredo_env *env,
			  const struct in6_addr *client,
			  struct in6_addr *addr);

#endif /* _TEREDO_PATH_H */
