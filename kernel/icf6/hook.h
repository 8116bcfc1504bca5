/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ICF6_HOOK_H
#define _ICF6_HOOK_H

#include <linux/netfilter.h>

enum {
	ICF6_FILTER_OPS		= 2,
	ICF6_FORWARD_OPS	= 1,
	ICF6_OPEN_OPS		= 2,
};

/* Templates: the private pointer is to be the struct icf6_net. */
extern const struct nf_hook_ops icf6_filter_ops[ICF6_FILTER_OPS];
extern const struct nf_hook_ops icf6_forward_ops[ICF6_FORWARD_OPS];
extern const struct nf_hook_ops icf6_open_ops[ICF6_OPEN_OPS];

#endif
