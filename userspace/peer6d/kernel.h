/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one thing peer6d needs a privilege for: to tell the kernel of a mapping
 * (CAP_NET_ADMIN). A child that keeps that capability and no other does it; it
 * takes an interface, an address and a port, and nothing else. When peer6d is
 * gone, however that came, the child takes all mappings back and ends.
 */
#ifndef PEER6D_KERNEL_H
#define PEER6D_KERNEL_H

#include <stdbool.h>

#include <netinet/in.h>
#include <uv.h>

#include "options.h"

struct kernel;

#define KERNEL_WORDS_MAX	128

/* What the kernel said to one mapping: 0, or an errno and words. */
typedef void (*kernel_reply)(void *ctx, int ifindex, int error,
			     const char *words);

/*
 * Before any privilege is given up, and before there are threads. Returns the
 * socket to the child, or -1: this process has not got the capability (errno
 * EPERM), or something failed.
 */
int kernel_fork(const struct options *opt);

/* NULL without memory. Takes the socket. */
struct kernel *kernel_new(uv_loop_t *loop, int fd, kernel_reply reply,
			  void *ctx);
/* Port 0: there is none any more. False: the child is gone. */
bool kernel_set(struct kernel *k, int ifindex, struct in_addr addr,
		uint16_t port);
/* Whether the child is there. */
bool kernel_works(const struct kernel *k);
/* Closes the handle; the memory goes when the loop has run. */
void kernel_free(struct kernel *k);

#endif
