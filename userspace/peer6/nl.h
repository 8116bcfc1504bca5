/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_NL_H
#define PEER6_NL_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "peer6.h"

/* What the kernel answered: an errno, and its own words where it has some. */
struct nl_answer {
	int err;
	char text[256];
};

/* Opens a socket of @protocol that asks for the kernel's words. */
int p6_nl_open(struct p6 *p6, int protocol, struct nl_sock **sk);

/*
 * Sends @msg, which it frees, and hands each message of the answer to @valid.
 * 0 and a filled @answer when the kernel answered, even if it refused; the exit
 * status after p6_fail() when there was no answer.
 */
int p6_nl_talk(struct p6 *p6, struct nl_sock *sk, struct nl_msg *msg,
	       nl_recvmsg_msg_cb_t valid, void *arg, struct nl_answer *answer);

/* Fails for @answer: its words, or those of its errno, become the why. */
int p6_nl_fail(struct p6 *p6, const struct nl_answer *answer,
	       const char *what, ...) P6_PRINTF(3);

#endif
