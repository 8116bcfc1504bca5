/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One real engine among peers that a test plays by hand: it takes what the
 * engine sends, message by message, and answers as it likes.
 */
#ifndef TESTS_LIBPEER6_SCRIPT_H
#define TESTS_LIBPEER6_SCRIPT_H

#include "net.h"

/* A peer that is played: a route entry and a key. */
struct script_peer {
	struct peer6_pnrp_route		route;
	struct peer6_endpoint		ep;
	struct peer6_signer		signer;
	uint8_t				hash[20];	/* of its classifier */
	uint8_t				authority[20];
	bool				secure;
};

/* What the engine sent last, and to whom; pointers lie in bytes. */
struct script_msg {
	struct peer6_pnrp_msg		msg;
	struct peer6_endpoint		to;
	uint8_t				bytes[PEER6_PNRP_DATAGRAM_MAX];
	size_t				len;
};

/* An open engine, resolve-only, without seeds and multicast. */
struct net_node *script_engine(struct net *net);
/* At net_endpoint(index); its ID is 0.TEXT there, or NULL: @id. */
void script_peer(struct script_peer *peer, unsigned int index,
		 const char *text, bool secure,
		 const struct peer6_pnrp_id *id);
/* Takes the next message; false: the engine has nothing to send. */
bool script_take(struct net_node *node, struct script_msg *out);
/* The next one of a type, passing over others; false: there is none. */
bool script_expect(struct net_node *node, uint8_t type,
		   struct script_msg *out);
/* Gets @peer into the engine's cache: told by a FLOOD, asked, answered. */
void script_introduce(struct net_node *node, const struct script_peer *peer);
/* Sends the AUTHORITY that answers @to, from @from, in fragments. */
int script_authority(struct net_node *node, const struct script_peer *from,
		     const struct script_msg *to,
		     const struct peer6_pnrp_authority *a);
/* With a route entry of @next; NULL: without. */
int script_refer(struct net_node *node, const struct script_peer *from,
		 const struct script_msg *to, uint16_t flags,
		 const struct script_peer *next);
/* A CPA of @peer, to be changed and then signed. */
void script_cpa(const struct script_peer *peer, struct peer6_pnrp_cpa *cpa,
		const uint8_t *nonce, peer6_time now);
size_t script_sign_cpa(const struct script_peer *peer,
		       const struct peer6_pnrp_cpa *cpa, uint8_t *buf,
		       size_t size);
/* An open engine with a name of its own and no seeds. */
struct net_node *script_publisher(struct net *net, const char *text,
				  struct peer6_pnrp_id *id);
struct peer6_pnrp_stats script_stats(const struct net_node *node);
/* As net_inject(), but what the engine says to it is still to be taken. */
int script_inject(struct net_node *node, const struct peer6_endpoint *from,
		  const struct peer6_pnrp_msg *msg);
/* FLOODs the peer's own entry. */
void script_tell(struct net_node *node, const struct script_peer *peer);
/*
 * Takes all that the engine says, acknowledging FLOODs: the last INQUIRE for
 * @id, if there was one.
 */
bool script_obey(struct net_node *node, const struct peer6_pnrp_id *id,
		 struct script_msg *inquire);
/* Answers an INQUIRE with a good record. */
void script_show(struct net_node *node, const struct script_peer *peer,
		 const struct script_msg *m);

#endif
