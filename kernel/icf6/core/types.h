/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
/*
 * The part of icf6.ko that decides and knows nothing of sk_buffs, locks or
 * clocks. The same files make the module, the unit tests and the fuzzer; this
 * header gives both worlds the same types.
 */
#ifndef _ICF6_TYPES_H
#define _ICF6_TYPES_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <linux/string.h>
#include <linux/in6.h>
#include <asm/byteorder.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <linux/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
#endif

#include <linux/icf6.h>

/* All times are nanoseconds of a clock that also runs during suspend. */
#define ICF6_SEC	1000000000ULL

/* Under names of our own: the kernel has some of them as macros. */
enum icf6_proto {
	ICF6_TCP		= 6,
	ICF6_UDP		= 17,
	ICF6_ESP		= 50,
	ICF6_ICMP6		= 58,
	ICF6_MH			= 135,
};

#endif
