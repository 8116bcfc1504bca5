/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where this host would send a packet to. */
#ifndef PEER6D_ROUTE_H
#define PEER6D_ROUTE_H

#include <stdbool.h>

#include <netinet/in.h>

struct nl_sock;

struct route {
	struct in_addr	gateway;	/* 0.0.0.0: none on the way */
	bool		local;		/* this host itself */
};

/* A socket for the questions, blocking: the kernel answers at once. */
struct nl_sock *route_open(void);

/* @from 0.0.0.0: any address. False: no way, or @from is not of this host. */
bool route_get(struct nl_sock *sk, struct in_addr to, struct in_addr from,
	       struct route *route);

#endif
