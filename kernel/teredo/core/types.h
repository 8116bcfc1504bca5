/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
/*
 * The part of teredo.ko that knows the protocol and nothing of sk_buffs, locks
 * or clocks. The same files make the module, the unit tests and the fuzzers;
 * this header gives both worlds the same types.
 */
#ifndef _TEREDO_TYPES_H
#define _TEREDO_TYPES_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <linux/string.h>
#include <linux/minmax.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/icmpv6.h>
#include <linux/build_bug.h>
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
typedef int64_t s64;

#define __force
#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif
#endif

#include <linux/teredo.h>

/* All times are nanoseconds of a clock that also runs during suspend. */
#define TEREDO_MSEC	1000000ULL
#define TEREDO_SEC	1000000000ULL
#define TEREDO_NEVER	(~0ULL)

enum teredo_wire {
	TEREDO_IP6_HLEN		= 40,
	TEREDO_ORIGIN_LEN	= 8,	/* RFC 4380 section 5.1.1 */
	TEREDO_NONCE_LEN	= 8,
	TEREDO_AUTH_MIN		= 4 + TEREDO_NONCE_LEN + 1,
	TEREDO_AUTH_MAX		= TEREDO_AUTH_MIN + 255 + 255,
	TEREDO_HMAC_LEN		= 20,	/* HMAC-SHA1, RFC 4380 section 5.2.2 */
	TEREDO_BUBBLE_LEN	= TEREDO_IP6_HLEN,
	TEREDO_MTU		= 1280,	/* RFC 4380 section 5.1.2 */
	TEREDO_PAYLOAD_MAX	= 65507,
	TEREDO_ECHO_DATA	= 8,	/* nonce, RFC 4380 section 5.2.9 */
	TEREDO_ECHO_LEN		= TEREDO_IP6_HLEN + 8 + TEREDO_ECHO_DATA,
	TEREDO_RS_LEN		= TEREDO_IP6_HLEN + 8,
	TEREDO_RA_LEN		= TEREDO_IP6_HLEN + 16 + 32 + 8,
	TEREDO_CONTROL_MAX	= TEREDO_AUTH_MAX + TEREDO_ORIGIN_LEN +
				  TEREDO_RA_LEN,
};

/* Under names of our own: the kernel has some of them as macros. */
enum teredo_numbers {
	TEREDO_NH_HOP		= 0,
	TEREDO_NH_ROUTING	= 43,
	TEREDO_NH_ICMP6		= 58,
	TEREDO_NH_NONE		= 59,
	TEREDO_NH_DEST		= 60,

	TEREDO_ICMP6_ECHO	= 128,
	TEREDO_ICMP6_REPLY	= 129,
	TEREDO_ICMP6_RS		= 133,
	TEREDO_ICMP6_RA		= 134,
};

#define TEREDO_PREFIX		0x20010000U	/* 2001::/32 */
#define TEREDO_OLD_PREFIX	0x3ffe831fU	/* Windows XP before 2006 */

#define TEREDO_FLAG_CONE	0x8000U
#define TEREDO_FLAG_RANDOM	0x3cffU		/* RFC 5991 section 3.1 */

/* An IPv4 transport address, network byte order. */
struct teredo_endpoint {
	__be32	ip;
	__be16	port;
};

static inline bool teredo_endpoint_eq(struct teredo_endpoint a,
				      struct teredo_endpoint b)
{
	return a.ip == b.ip && a.port == b.port;
}

static inline bool teredo_endpoint_set(struct teredo_endpoint e)
{
	return e.ip && e.port;
}

/*
 * What the protocol code needs of its surroundings. None of the functions
 * sleeps; @ctx is handed through. @hmac writes HMAC-SHA1(@key, the chunks one
 * after the other) to @out and returns 0 or a negative errno. @hash is a keyed
 * hash that a stranger cannot foretell.
 */
struct teredo_chunk {
	const u8	*data;
	size_t		len;
};

struct teredo_path;
struct teredo_path_ext;

struct teredo_env {
	void	*ctx;
	void	(*random)(void *ctx, void *buf, size_t len);
	int	(*hmac)(void *ctx, const u8 *key, size_t keylen,
			const struct teredo_chunk *chunks, unsigned int n,
			u8 out[TEREDO_HMAC_LEN]);
	u64	(*hash)(void *ctx, const void *data, size_t len);
	/*
	 * What a path needs of RFC 6081 while it is being opened: zeroed, or
	 * NULL if there is no room, for whoever is a @stranger earlier than
	 * for others. Without it RFC 4380 has to do.
	 */
	struct teredo_path_ext *(*ext_alloc)(void *ctx,
					     struct teredo_path *path,
					     bool stranger);
	void	(*ext_free)(void *ctx, struct teredo_path_ext *ext);
	/*
	 * A slot for a random port toward @path's peer, or 0 as above. When the
	 * port is open, or cannot be, teredo_path_port_opened() is called;
	 * until then packets that leave by the slot are lost.
	 */
	u16	(*port_take)(void *ctx, struct teredo_path *path,
			     bool stranger);
	void	(*port_give)(void *ctx, u16 slot);
};

/* Compares in a time that tells nothing of where the difference is. */
static inline bool teredo_equal_const_time(const u8 *a, const u8 *b, size_t n)
{
	u8 diff = 0;

	while (n--)
		diff |= *a++ ^ *b++;
	return !diff;
}

/*
 * The configuration of a device, as far as the protocol looks at it. The
 * secret may change under a running device only while the holder of the lock
 * that guards the client or server state writes it.
 */
struct teredo_params {
	enum teredo_role role;
	__be32	prefix;
	__be32	server;
	__be32	server2;
	u32	refresh;		/* seconds */
	bool	allow_private;
	bool	cone_probe;
	bool	single_server;
	bool	discovery;
	u32	extensions;		/* TEREDO_EXT_* */
	u8	bubble_ttl;
	u8	id_len;
	u8	secret_len;
	u8	id[TEREDO_ID_MAX];
	u8	secret[TEREDO_SECRET_MAX];
};

static inline u16 teredo_get16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static inline u32 teredo_get32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static inline void teredo_put16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v & 0xff;
}

static inline void teredo_put32(u8 *p, u32 v)
{
	teredo_put16(p, v >> 16);
	teredo_put16(p + 2, v & 0xffff);
}

#endif /* _TEREDO_TYPES_H */
