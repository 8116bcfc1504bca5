/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_ARGS_H
#define PEER6_ARGS_H

#include "peer6.h"

/* "TAG=VALUE", or the value alone in the order of the table, as netsh has it. */
struct p6_tag {
	const char *tag;
	enum {
		P6_TAG_ORDERED,		/* the tag may be left out */
		P6_TAG_NAMED,
		P6_TAG_NEEDED,		/* ordered, and has to be there */
	} kind;
	const char *want;		/* "a peer name", when it is missing */
};

/*
 * values[i] is what tags[i] was given, or NULL. A word of which the part before
 * "=" is no abbreviated tag is a value if other characters than letters are in
 * that part: peer names may contain "=".
 */
int p6_args(struct p6 *p6, int argc, char **argv, const struct p6_tag *tags,
	    size_t n, const char **values);

#endif
