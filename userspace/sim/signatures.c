// SPDX-License-Identifier: GPL-2.0-or-later
/* How fast this machine signs and verifies records, as a node does it. */
#include <string.h>
#include <time.h>

#include "run.h"

static double cpu_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static ptrdiff_t make(const struct peer6_signer *signer,
		      struct peer6_pnrp_cpa *cpa, uint8_t *buf, size_t size)
{
	static const struct peer6_pnrp_dialect dialect;
	uint8_t sig[PEER6_PNRP_SIG_LEN];
	ptrdiff_t len, more;

	len = peer6_pnrp_cpa_encode(cpa, &dialect, buf, size);
	if (len < 0 || signer->sign(signer->ctx, buf, len, sig) < 0)
		return -1;
	more = peer6_pnrp_signature_encode(sig, buf + len, size - len);
	return more < 0 ? -1 : len + more;
}

static int check(const struct peer6_crypto *crypto, const uint8_t *buf,
		 size_t len)
{
	static const struct peer6_pnrp_dialect dialect;
	struct peer6_pnrp_cpa cpa;

	if (peer6_pnrp_cpa_decode(&cpa, &dialect, buf, len))
		return -1;
	return crypto->verify(crypto->ctx, cpa.key, buf, cpa.signed_len,
			      cpa.signature);
}

int run_signatures(struct run_result *result)
{
	struct peer6_pnrp_cpa cpa = { .flags = PEER6_PNRP_CPA_C,
				      .not_after = UINT64_C(1) << 57,
				      .n_service = 1, .has_apps = true,
				      .n_apps = 1 };
	struct sim_config cfg = { .seed = 1, .real_crypto = true };
	uint8_t buf[PEER6_PNRP_CPA_MAX];
	ptrdiff_t len = 0;
	struct sim sim;
	double start, now;
	uint64_t n;
	int err;

	err = sim_init(&sim, &cfg);
	if (err) {
		fail(peer6_reason(err), "no key could be made",
		     peer6_strerror(err), NULL);
		return err;
	}
	cpa.service[0] = sim_endpoint(1);
	cpa.apps[0].port = 22;
	cpa.apps[0].protocol = 6;
	memcpy(cpa.key, sim.signer.key, sizeof(cpa.key));
	start = cpu_clock();
	for (n = 0, now = start; now < start + 1 && len >= 0; n++) {
		/* A nonce of its own for each, as INQUIREs bring. */
		memcpy(cpa.nonce, &n, sizeof(n));
		len = make(&sim.signer, &cpa, buf, sizeof(buf));
		now = cpu_clock();
	}
	result->sign_rate = n / (now - start);
	start = now;
	for (n = 0; now < start + 1 && len >= 0; n++) {
		if (check(sim.crypto, buf, len))
			len = -1;
		now = cpu_clock();
	}
	result->verify_rate = n / (now - start);
	sim_fini(&sim);
	if (len < 0)
		fail("failed", "a record could not be signed or verified",
		     "The crypto library refused.", NULL);
	return len < 0 ? -1 : 0;
}
