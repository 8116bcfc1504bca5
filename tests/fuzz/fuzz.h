/* SPDX-License-Identifier: GPL-2.0 */
/* What both fuzz targets share: surroundings that are cheap and repeatable. */
#ifndef _FUZZ_H
#define _FUZZ_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "addr.h"
#include "ext.h"
#include "packet.h"
#include "reasons.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* A broken promise of the headers; libFuzzer keeps the input that showed it. */
#define CHECK(cond)							\
	do {								\
		if (!(cond)) {						\
			fprintf(stderr, "%s:%d: broken: %s\n",		\
				__FILE__, __LINE__, #cond);		\
			abort();					\
		}							\
	} while (0)

struct fuzz_env {
	struct teredo_env env;
	u64	seed;
	bool	hmac_fails;
	unsigned int exts;
	unsigned int ports;		/* bits of slots that are taken */
};

enum { FUZZ_EXTS = 6, FUZZ_PORTS = 4 };

static inline u64 fuzz_mix(u64 h)
{
	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9ULL;
	h = (h ^ h >> 27) * 0x94d049bb133111ebULL;
	return h ^ h >> 31;
}

static inline void fuzz_random(void *ctx, void *buf, size_t len)
{
	struct fuzz_env *f = ctx;
	u8 *p = buf;

	while (len--)
		*p++ = (u8)fuzz_mix(f->seed += 0x9e3779b97f4a7c15ULL);
}

static inline u64 fuzz_hash(void *ctx, const void *data, size_t len)
{
	const u8 *p = data;
	u64 h = 0x5eed;

	(void)ctx;
	while (len--)
		h = fuzz_mix(h ^ *p++);
	return h;
}

/* No HMAC, but as good as one here: it depends on each byte, and reads it. */
static inline int fuzz_hmac(void *ctx, const u8 *key, size_t keylen,
			    const struct teredo_chunk *chunks, unsigned int n,
			    u8 out[TEREDO_HMAC_LEN])
{
	struct fuzz_env *f = ctx;
	u64 h = fuzz_hash(NULL, key, keylen);
	unsigned int i;
	size_t j;

	if (f->hmac_fails)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		for (j = 0; j < chunks[i].len; j++)
			h = fuzz_mix(h ^ chunks[i].data[j]);
	for (i = 0; i < TEREDO_HMAC_LEN; i++) {
		h = fuzz_mix(h + 1);
		out[i] = (u8)h;
	}
	return 0;
}

static inline u16 fuzz_port_take(void *ctx, struct teredo_path *path,
				 bool stranger)
{
	struct fuzz_env *f = ctx;
	u16 slot;

	(void)path;
	for (slot = 1; slot <= FUZZ_PORTS / (stranger ? 2 : 1); slot++)
		if (!(f->ports & 1U << slot)) {
			f->ports |= 1U << slot;
			return slot;
		}
	return 0;
}

static inline void fuzz_port_give(void *ctx, u16 slot)
{
	struct fuzz_env *f = ctx;

	CHECK(slot && (f->ports & 1U << slot));
	f->ports &= ~(1U << slot);
}

/* Fewer than there are peers, so that there is no room at times. */
static inline struct teredo_path_ext *
fuzz_ext_alloc(void *ctx, struct teredo_path *path, bool stranger)
{
	struct fuzz_env *f = ctx;
	struct teredo_path_ext *ext;

	(void)path;
	if (f->exts >= (stranger ? FUZZ_EXTS / 2 : FUZZ_EXTS))
		return NULL;
	ext = calloc(1, sizeof(*ext));
	CHECK(ext);
	f->exts++;
	return ext;
}

static inline void fuzz_ext_free(void *ctx, struct teredo_path_ext *ext)
{
	struct fuzz_env *f = ctx;

	CHECK(f->exts-- > 0);
	if (ext->ports.slot)
		fuzz_port_give(ctx, ext->ports.slot);
	free(ext);
}

static inline void fuzz_env_init(struct fuzz_env *f)
{
	memset(f, 0, sizeof(*f));
	f->env.ctx = f;
	f->env.random = fuzz_random;
	f->env.hmac = fuzz_hmac;
	f->env.hash = fuzz_hash;
	f->env.ext_alloc = fuzz_ext_alloc;
	f->env.ext_free = fuzz_ext_free;
	f->env.port_take = fuzz_port_take;
	f->env.port_give = fuzz_port_give;
}

static inline __be32 fuzz_ip(u8 a, u8 b, u8 c, u8 d)
{
	return htonl((u32)a << 24 | (u32)b << 16 | (u32)c << 8 | d);
}

#endif /* _FUZZ_H */
