// SPDX-License-Identifier: GPL-2.0
#include <errno.h>

#include <openssl/evp.h>

#include "unit.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

void bytes_add(struct bytes *b, const char *digits)
{
	while (*digits) {
		if (*digits == ' ') {
			digits++;
			continue;
		}
		assert_true(digit(digits[0]) >= 0 && digit(digits[1]) >= 0);
		assert_true(b->len < sizeof(b->data));
		b->data[b->len++] = (u8)(digit(digits[0]) << 4 |
					 digit(digits[1]));
		digits += 2;
	}
}

struct bytes hex(const char *digits)
{
	struct bytes b = { 0 };

	bytes_add(&b, digits);
	return b;
}

struct in6_addr ip6(const char *text)
{
	struct in6_addr addr;

	assert_int_equal(inet_pton(AF_INET6, text, &addr), 1);
	return addr;
}

__be32 ip4(const char *text)
{
	struct in_addr addr;

	assert_int_equal(inet_pton(AF_INET, text, &addr), 1);
	return addr.s_addr;
}

struct teredo_endpoint ep(const char *text)
{
	struct teredo_endpoint e;
	char ip[16];
	int port;

	assert_int_equal(sscanf(text, "%15[0-9.]:%d", ip, &port), 2);
	e.ip = ip4(ip);
	e.port = htons((u16)port);
	return e;
}

/* splitmix64 */
static u64 next(u64 *seed)
{
	u64 z = (*seed += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static void unit_random(void *ctx, void *buf, size_t len)
{
	struct unit_env *u = ctx;
	u8 *p = buf;

	while (len--)
		*p++ = (u8)next(&u->seed);
}

static int unit_hmac(void *ctx, const u8 *key, size_t keylen,
		     const struct teredo_chunk *chunks, unsigned int n,
		     u8 out[TEREDO_HMAC_LEN])
{
	struct unit_env *u = ctx;
	struct bytes all = { 0 };
	size_t outlen = 0;
	unsigned int i;

	if (u->hmac_fails)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		if (!chunks[i].len)
			continue;
		assert_true(chunks[i].len <= sizeof(all.data) - all.len);
		memcpy(all.data + all.len, chunks[i].data, chunks[i].len);
		all.len += chunks[i].len;
	}
	assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA1", NULL, key, keylen,
				  all.data, all.len, out, TEREDO_HMAC_LEN,
				  &outlen));
	assert_int_equal(outlen, TEREDO_HMAC_LEN);
	return 0;
}

static u64 unit_hash(void *ctx, const void *data, size_t len)
{
	u64 h = 0x5eed5eed5eed5eedULL;
	const u8 *p = data;

	(void)ctx;
	while (len--) {
		h ^= *p++;
		next(&h);
		h *= 0x100000001b3ULL;
	}
	return h ^ h >> 29;
}

static struct teredo_path_ext *unit_ext_alloc(void *ctx,
					      struct teredo_path *path,
					      bool stranger)
{
	struct unit_env *u = ctx;

	struct teredo_path_ext *ext;
	unsigned int i;

	(void)path;
	if (u->no_exts || (stranger && u->no_stranger_exts))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(u->ext) && u->ext_used[i]; i++)
		;
	assert_true(i < ARRAY_SIZE(u->ext));
	u->ext_used[i] = true;
	u->exts++;
	ext = &u->ext[i];
	memset(ext, 0, sizeof(*ext));
	return ext;
}

/* Who still looks at it finds nonsense. */
static void unit_ext_free(void *ctx, struct teredo_path_ext *ext)
{
	struct unit_env *u = ctx;
	size_t i = (size_t)(ext - u->ext);

	assert_true(i < ARRAY_SIZE(u->ext) && u->ext_used[i]);
	u->ext_used[i] = false;
	u->exts--;
	memset(ext, 0xa5, sizeof(*ext));
}

void unit_env_init(struct unit_env *u)
{
	memset(u, 0, sizeof(*u));
	u->env.ctx = u;
	u->env.random = unit_random;
	u->env.hmac = unit_hmac;
	u->env.hash = unit_hash;
	u->env.ext_alloc = unit_ext_alloc;
	u->env.ext_free = unit_ext_free;
}
