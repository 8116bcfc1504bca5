// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The record that a name is published by, made anew for each INQUIRE with its
 * nonce (section 3.2.5.6) and believed only after all that can be checked has
 * been (sections 3.1.5.7 to 3.1.5.9).
 */
#include "engine.h"

static int sha1(struct peer6_pnrp *node, const void *data, size_t len,
		uint8_t out[PEER6_PNRP_HASH_LEN])
{
	return node->cfg.crypto->sha1(node->cfg.crypto->ctx, data, len, out) <
	       0 ? PEER6_E_CRYPTO : 0;
}

int p6_classifier_hash(struct peer6_pnrp *node, const uint16_t *classifier,
		       size_t n, uint8_t out[PEER6_PNRP_HASH_LEN])
{
	uint8_t text[2 * PEER6_PNRP_CLASSIFIER_MAX];
	size_t i;

	for (i = 0; i < n; i++) {
		text[2 * i] = (uint8_t)classifier[i];
		text[2 * i + 1] = (uint8_t)(classifier[i] >> 8);
	}
	return sha1(node, text, 2 * n, out);
}

/* Section 3.1.4.4.1. */
int p6_p2p_id(struct peer6_pnrp *node,
	      const uint8_t classifier_hash[PEER6_PNRP_HASH_LEN],
	      const uint8_t *authority, uint8_t out[PEER6_P2P_ID_LEN])
{
	uint8_t text[3 * PEER6_PNRP_HASH_LEN + 4] = { 0 };
	uint8_t hash[PEER6_PNRP_HASH_LEN];
	int err;

	memcpy(text, classifier_hash, PEER6_PNRP_HASH_LEN);
	if (authority)
		memcpy(text + 20, authority, PEER6_PNRP_HASH_LEN);
	memcpy(text + 40, classifier_hash, PEER6_PNRP_HASH_LEN);
	memcpy(text + 60, "PNRP", 4);
	err = sha1(node, text, sizeof(text), hash);
	if (!err)
		memcpy(out, hash, PEER6_P2P_ID_LEN);
	return err;
}

static void reverse(uint8_t *p, size_t n)
{
	size_t i;
	uint8_t b;

	for (i = 0; i < n / 2; i++) {
		b = p[i];
		p[i] = p[n - 1 - i];
		p[n - 1 - i] = b;
	}
}

/* -------------------------------------------------------------- to make */

static ptrdiff_t append_signature(struct peer6_pnrp *node,
				  const struct peer6_signer *signer,
				  uint8_t *buf, ptrdiff_t len, size_t size)
{
	uint8_t sig[PEER6_PNRP_SIG_LEN];
	ptrdiff_t more;

	if (len < 0)
		return len;
	if (signer->sign(signer->ctx, buf, (size_t)len, sig) < 0)
		return PEER6_E_CRYPTO;
	if (node->cfg.dialect.signature_le)
		reverse(sig, sizeof(sig));
	more = peer6_pnrp_signature_encode(sig, buf + len,
					   size - (size_t)len);
	return more < 0 ? more : len + more;
}

static void put_apps(const struct p6_registration *reg,
		     struct peer6_pnrp_cpa *cpa)
{
	unsigned int i;

	cpa->has_apps = reg->n_apps > 0;
	cpa->n_apps = reg->n_apps;
	for (i = 0; i < reg->n_apps; i++)
		p6_reg_app(reg, i, &cpa->apps[i]);
}

ptrdiff_t p6_record_cpa(struct peer6_pnrp *node,
			const struct p6_registration *reg,
			const uint8_t *nonce, bool revoke,
			void *buf, size_t size)
{
	struct peer6_pnrp_cpa cpa = { 0 };

	cpa.not_after = p6_filetime(node) + P6_RECORD_LIFE;
	memcpy(cpa.location, reg->id.b + PEER6_P2P_ID_LEN,
	       sizeof(cpa.location));
	if (reg->has_classifier) {
		cpa.flags |= PEER6_PNRP_CPA_C;
		memcpy(cpa.classifier_hash, reg->classifier_hash,
		       sizeof(cpa.classifier_hash));
	}
	if (reg->secure) {
		cpa.flags |= PEER6_PNRP_CPA_A;
		memcpy(cpa.authority, reg->authority, sizeof(cpa.authority));
	}
	cpa.n_service = node->n_own;
	memcpy(cpa.service, node->own, node->n_own * sizeof(node->own[0]));
	memcpy(cpa.key, reg->signer->key, sizeof(cpa.key));
	if (revoke) {
		cpa.flags |= PEER6_PNRP_CPA_R;
	} else {
		if (nonce)
			memcpy(cpa.nonce, nonce, sizeof(cpa.nonce));
		if (reg->payload_type)
			cpa.flags |= PEER6_PNRP_CPA_X;
		if (reg->n_comment)
			cpa.flags |= PEER6_PNRP_CPA_F;
		cpa.n_comment = reg->n_comment;
		memcpy(cpa.comment, p6_reg_comment(reg), reg->n_comment);
		put_apps(reg, &cpa);
	}
	return append_signature(node, reg->signer, buf,
				peer6_pnrp_cpa_encode(&cpa,
						      &node->cfg.dialect,
						      buf, size), size);
}

ptrdiff_t p6_record_payload(struct peer6_pnrp *node,
			    const struct p6_registration *reg,
			    const uint8_t *nonce, void *buf, size_t size)
{
	struct peer6_pnrp_payload payload = { 0 };

	payload.not_after = p6_filetime(node) + P6_RECORD_LIFE;
	payload.id = reg->id;
	if (nonce)
		memcpy(payload.nonce, nonce, sizeof(payload.nonce));
	payload.type = reg->payload_type;
	payload.string_type = reg->payload_string_type;
	payload.data.p = p6_reg_payload(reg);
	payload.data.len = reg->n_payload;
	return append_signature(node, reg->signer, buf,
				peer6_pnrp_payload_encode(&payload, buf, size),
				size);
}

/* ------------------------------------------------------------- to believe */

/*
 * The authority comes with its bytes in one order or the other: the one that is
 * the hash of the key is right. In a delegated record neither is, and the ID
 * has to decide.
 */
static int set_authority(struct peer6_pnrp *node, struct p6_record *record)
{
	struct peer6_pnrp_cpa *cpa = &record->cpa;
	uint8_t hash[PEER6_PNRP_HASH_LEN];
	int err;

	record->secure = cpa->flags & PEER6_PNRP_CPA_A;
	record->delegated = false;
	if (!record->secure)
		return 0;
	err = sha1(node, cpa->key, sizeof(cpa->key), hash);
	if (err || !memcmp(hash, cpa->authority, sizeof(hash)))
		return err;
	reverse(cpa->authority, sizeof(cpa->authority));
	if (!memcmp(hash, cpa->authority, sizeof(hash)))
		return 0;
	reverse(cpa->authority, sizeof(cpa->authority));
	record->delegated = true;
	return 0;
}

/* Section 3.1.5.7: the ID that the record is of. */
static int rebuild_id(struct peer6_pnrp *node, const struct p6_record *record,
		      struct peer6_pnrp_id *id)
{
	const struct peer6_pnrp_cpa *cpa = &record->cpa;
	uint8_t hash[PEER6_PNRP_HASH_LEN];
	int err = 0;

	if (cpa->flags & PEER6_PNRP_CPA_C)
		memcpy(hash, cpa->classifier_hash, sizeof(hash));
	else
		err = sha1(node, "", 0, hash);
	if (!err)
		err = p6_p2p_id(node, hash,
				record->secure ? cpa->authority : NULL, id->b);
	memcpy(id->b + PEER6_P2P_ID_LEN, cpa->location,
	       sizeof(cpa->location));
	return err;
}

static int match_id(struct peer6_pnrp *node, struct p6_record *record,
		    const struct peer6_pnrp_id *id)
{
	struct peer6_pnrp_id rebuilt;
	int err = rebuild_id(node, record, &rebuilt);

	if (!err && record->delegated && peer6_pnrp_id_cmp(&rebuilt, id)) {
		reverse(record->cpa.authority, sizeof(record->cpa.authority));
		err = rebuild_id(node, record, &rebuilt);
	}
	if (err)
		return err;
	return peer6_pnrp_id_cmp(&rebuilt, id) ? PEER6_E_ID_MISMATCH : 0;
}

static int verify(struct peer6_pnrp *node, const struct p6_record *record,
		  const void *data, size_t len, const uint8_t *sig)
{
	return node->cfg.crypto->verify(node->cfg.crypto->ctx,
					record->cpa.key, data, len, sig) < 0 ?
	       PEER6_E_SIGNATURE : 0;
}

/*
 * The text is worth something only if the record's hash is of it. Peers may
 * send its characters in either order; if neither fits, it is as if it had not
 * come.
 */
static int take_classifier(struct peer6_pnrp *node,
			   const struct peer6_pnrp_authority *a,
			   struct p6_record *record)
{
	uint8_t hash[PEER6_PNRP_HASH_LEN];
	unsigned int i, round;
	int err;

	if (!a->has_classifier || !(record->cpa.flags & PEER6_PNRP_CPA_C))
		return 0;
	memcpy(record->classifier, a->classifier, sizeof(record->classifier));
	for (round = 0; round < 2; round++) {
		err = p6_classifier_hash(node, record->classifier,
					 a->n_classifier, hash);
		if (err)
			return err;
		if (!memcmp(hash, record->cpa.classifier_hash, sizeof(hash))) {
			record->has_classifier = true;
			record->n_classifier = a->n_classifier;
			return 0;
		}
		for (i = 0; i < a->n_classifier; i++)
			record->classifier[i] = (uint16_t)
				(record->classifier[i] << 8 |
				 record->classifier[i] >> 8);
	}
	return 0;
}

static int check_chain(struct peer6_pnrp *node,
		       const struct peer6_pnrp_authority *a,
		       const struct p6_record *record)
{
	const struct peer6_crypto *crypto = node->cfg.crypto;

	if (!a->chain.p || !crypto->verify_chain ||
	    ((record->cpa.flags & PEER6_PNRP_CPA_C) &&
	     !record->has_classifier))
		return PEER6_E_CHAIN;
	return crypto->verify_chain(crypto->ctx, a->chain.p, a->chain.len,
				    record->cpa.authority, record->cpa.key,
				    record->classifier, record->n_classifier,
				    p6_filetime(node)) < 0 ?
	       PEER6_E_CHAIN : 0;
}

static int check_payload(struct peer6_pnrp *node,
			 const struct peer6_pnrp_authority *a,
			 const struct peer6_pnrp_id *id,
			 const uint8_t nonce[PEER6_PNRP_NONCE_LEN],
			 struct p6_record *record)
{
	struct peer6_pnrp_payload *payload = &record->payload;
	int err;

	if (!a->payload.p)
		return PEER6_E_FIELD;
	err = peer6_pnrp_payload_decode(payload, a->payload.p, a->payload.len);
	if (err)
		return err;
	if (payload->not_after < p6_filetime(node))
		return PEER6_E_EXPIRED;
	if (peer6_pnrp_id_cmp(&payload->id, id))
		return PEER6_E_ID_MISMATCH;
	if (memcmp(payload->nonce, nonce, PEER6_PNRP_NONCE_LEN))
		return PEER6_E_NONCE;
	err = verify(node, record, a->payload.p, payload->signed_len,
		     payload->signature);
	record->has_payload = !err;
	return err;
}

/* What costs most comes last. */
int p6_record_check(struct peer6_pnrp *node,
		    const struct peer6_pnrp_authority *a,
		    const struct peer6_pnrp_id *id,
		    const uint8_t nonce[PEER6_PNRP_NONCE_LEN], bool payload,
		    struct p6_record *record)
{
	struct peer6_pnrp_cpa *cpa = &record->cpa;
	int err;

	memset(record, 0, sizeof(*record));
	if (!a->cpa.p)
		return PEER6_E_FIELD;
	err = peer6_pnrp_cpa_decode(cpa, &node->cfg.dialect, a->cpa.p,
				    a->cpa.len);
	if (err)
		return err;
	if (cpa->flags & PEER6_PNRP_CPA_R)
		return PEER6_E_VALUE;
	if (cpa->not_after < p6_filetime(node))
		return PEER6_E_EXPIRED;
	if (memcmp(cpa->nonce, nonce, PEER6_PNRP_NONCE_LEN))
		return PEER6_E_NONCE;
	err = set_authority(node, record);
	if (!err)
		err = match_id(node, record, id);
	if (!err)
		err = take_classifier(node, a, record);
	if (!err)
		err = verify(node, record, a->cpa.p, cpa->signed_len,
			     cpa->signature);
	if (!err && record->delegated)
		err = check_chain(node, a, record);
	if (!err && payload && (cpa->flags & PEER6_PNRP_CPA_X))
		err = check_payload(node, a, id, nonce, record);
	return err;
}

/*
 * A delegated record comes without its chain here, so that it cannot be told
 * from one that anybody signed: it counts as unsecured.
 */
int p6_revoke_check(struct peer6_pnrp *node, const void *bytes, size_t len,
		    struct peer6_pnrp_id *id, bool *secure)
{
	struct p6_record record = { 0 };
	int err;

	err = peer6_pnrp_cpa_decode(&record.cpa, &node->cfg.dialect, bytes,
				    len);
	if (err)
		return err;
	if (!(record.cpa.flags & PEER6_PNRP_CPA_R))
		return PEER6_E_VALUE;
	if (record.cpa.not_after < p6_filetime(node))
		return PEER6_E_EXPIRED;
	err = set_authority(node, &record);
	if (!err)
		err = rebuild_id(node, &record, id);
	if (!err && record.delegated &&
	    !peer6_cache_find(&node->cache, id)) {
		reverse(record.cpa.authority, sizeof(record.cpa.authority));
		err = rebuild_id(node, &record, id);
	}
	if (err)
		return err;
	*secure = record.secure && !record.delegated;
	if (!peer6_cache_find(&node->cache, id))
		return PEER6_E_NOT_FOUND;
	return verify(node, &record, bytes, record.cpa.signed_len,
		      record.cpa.signature);
}
