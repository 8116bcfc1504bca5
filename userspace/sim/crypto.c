// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Signatures of a simulation. A million nodes sign and verify millions of
 * records; a keyed hash takes the place of RSA, so that the engines are what is
 * measured. It keeps what the protocol relies on: nobody makes a record valid
 * by accident, and a changed byte shows.
 */
#include <string.h>

#include "sim.h"

/* RSAPublicKey of the right form; the modulus is made up. */
static void make_key(uint8_t key[PEER6_PNRP_KEY_LEN], uint64_t number)
{
	static const uint8_t head[] = { 0x30, 0x81, 0x89, 0x02, 0x81, 0x81, 0 };
	static const uint8_t tail[] = { 0x02, 0x03, 0x01, 0x00, 0x01 };
	unsigned int i;
	uint64_t h;

	memcpy(key, head, sizeof(head));
	for (i = 0; i < 16; i++) {
		h = sim_hash(i, &number, sizeof(number));
		memcpy(key + sizeof(head) + 8 * i, &h, 8);
	}
	key[sizeof(head)] |= 0x80;
	memcpy(key + PEER6_PNRP_KEY_LEN - sizeof(tail), tail, sizeof(tail));
}

static int cheap_sha1(void *ctx, const void *data, size_t len, uint8_t out[20])
{
	uint64_t h[3];
	unsigned int i;

	(void)ctx;
	for (i = 0; i < 3; i++)
		h[i] = sim_hash(i + 1, data, len);
	memcpy(out, h, 20);
	return 0;
}

static void cheap_sig(const uint8_t key[PEER6_PNRP_KEY_LEN], const void *data,
		      size_t len, uint8_t sig[PEER6_PNRP_SIG_LEN])
{
	uint64_t h = sim_hash(sim_hash(4, key, PEER6_PNRP_KEY_LEN), data, len);
	unsigned int i;

	for (i = 0; i < PEER6_PNRP_SIG_LEN; i += 8)
		memcpy(sig + i, &h, 8);
}

static int cheap_sign(void *ctx, const void *data, size_t len,
		      uint8_t sig[PEER6_PNRP_SIG_LEN])
{
	const struct sim *sim = ctx;

	cheap_sig(sim->signer.key, data, len, sig);
	return 0;
}

static int cheap_verify(void *ctx, const uint8_t key[PEER6_PNRP_KEY_LEN],
			const void *data, size_t len,
			const uint8_t sig[PEER6_PNRP_SIG_LEN])
{
	uint8_t want[PEER6_PNRP_SIG_LEN];

	(void)ctx;
	cheap_sig(key, data, len, want);
	return memcmp(want, sig, sizeof(want)) ? PEER6_E_SIGNATURE : 0;
}

int sim_crypto_init(struct sim *sim)
{
	int err;

	if (!sim->cfg.real_crypto) {
		sim->cheap.sha1 = cheap_sha1;
		sim->cheap.verify = cheap_verify;
		sim->crypto = &sim->cheap;
		make_key(sim->signer.key, sim->cfg.seed);
		sim->signer.sign = cheap_sign;
		sim->signer.ctx = sim;
		return 0;
	}
	err = peer6_crypto_openssl_init(&sim->ossl);
	if (err)
		return err;
	sim->crypto = peer6_crypto_openssl(sim->ossl);
	/* Unsecured names may be signed with any key: one is enough. */
	err = peer6_key_generate(sim->ossl, PEER6_PROFILE_COMPATIBLE,
				 &sim->key);
	if (err)
		return err;
	return peer6_key_signer(sim->key, &sim->signer);
}

void sim_crypto_fini(struct sim *sim)
{
	if (sim->key)
		peer6_key_free(sim->key);
	if (sim->ossl)
		peer6_crypto_openssl_free(sim->ossl);
	sim->key = NULL;
	sim->ossl = NULL;
}
