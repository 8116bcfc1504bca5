/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ports that are configured, as users see them. All of it needs
 * icf6_net.lock, and icf6_publish() to make it count.
 */
#ifndef _ICF6_PORTS_CONF_H
#define _ICF6_PORTS_CONF_H

#include "icf6.h"

static inline struct icf6_port *icf6_port_next(struct icf6_port *port)
{
	return rb_entry_safe(rb_next(&port->node), struct icf6_port, node);
}

/* The first at or, if @after, behind @key. */
struct icf6_port *icf6_port_seek(struct icf6_net *n,
				 const struct icf6_port_key *key, bool after);

/*
 * The first of a device's set, or one that is in another. The very first is
 * that of scope 0 and device 0.
 */
struct icf6_port *icf6_port_first(struct icf6_net *n, enum icf6_scope scope,
				  u32 ifindex);

struct icf6_port *icf6_port_find(struct icf6_net *n,
				 const struct icf6_port_key *key);

/* @dev: NULL if the key is a global one. The port is not there yet. */
void icf6_port_insert(struct icf6_net *n, struct icf6_dev *dev,
		      struct icf6_port *port);

/* Removes it; the caller frees it. */
void icf6_port_remove(struct icf6_net *n, struct icf6_port *port);

/* 3540 and 3587, TCP and UDP, FW-05. Return: whether that changed anything. */
bool icf6_ports_p2p(struct icf6_net *n, bool on);

/* Those that a closed socket owned, FW-88. */
bool icf6_ports_disown(struct icf6_net *n, u32 owner);

/* Those of a device that is gone. */
bool icf6_ports_drop_dev(struct icf6_net *n, u32 ifindex);

void icf6_ports_free(struct icf6_net *n);

#endif
