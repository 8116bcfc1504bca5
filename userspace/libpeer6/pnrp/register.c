// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Names of this node: registered, made known, changed, taken back (sections
 * 3.2.4.1, 3.2.4.2 and 3.2.7). A record is made when it is asked for, so a
 * registration needs no refreshing.
 */
#include "engine.h"

/* ----------------------------------------------------- one registration */

static size_t reg_size(const struct peer6_pnrp_registration *from)
{
	return sizeof(struct p6_registration) + 2u * from->n_classifier +
	       from->n_apps * sizeof(struct peer6_pnrp_app) +
	       from->n_comment + from->n_payload;
}

const uint16_t *p6_reg_classifier(const struct p6_registration *reg)
{
	/* Aligned: it is the first, behind a 32-bit member. */
	return (const uint16_t *)(const void *)reg->data;
}

static size_t apps_at(const struct p6_registration *reg)
{
	return 2u * reg->n_classifier;
}

void p6_reg_app(const struct p6_registration *reg, unsigned int i,
		struct peer6_pnrp_app *app)
{
	memcpy(app, reg->data + apps_at(reg) + i * sizeof(*app),
	       sizeof(*app));
}

const uint8_t *p6_reg_comment(const struct p6_registration *reg)
{
	return reg->data + apps_at(reg) +
	       reg->n_apps * sizeof(struct peer6_pnrp_app);
}

const uint8_t *p6_reg_payload(const struct p6_registration *reg)
{
	return p6_reg_comment(reg) + reg->n_comment;
}

static void fill(struct p6_registration *reg,
		 const struct peer6_pnrp_registration *from)
{
	uint8_t *p = reg->data;

	reg->signer = from->signer;
	reg->chain = from->n_chain ? from->chain : NULL;
	reg->n_chain = from->n_chain;
	reg->secure = from->secure;
	if (from->secure)
		memcpy(reg->authority, from->authority,
		       sizeof(reg->authority));
	reg->has_classifier = from->has_classifier;
	reg->n_classifier = from->n_classifier;
	reg->n_apps = from->n_apps;
	reg->n_comment = from->n_comment;
	reg->n_payload = from->payload_type ? from->n_payload : 0;
	reg->payload_type = from->payload_type;
	reg->payload_string_type = from->payload_string_type;
	if (reg->n_classifier)
		memcpy(p, from->classifier, 2u * reg->n_classifier);
	p += 2u * reg->n_classifier;
	if (reg->n_apps)
		memcpy(p, from->apps, reg->n_apps * sizeof(*from->apps));
	p += reg->n_apps * sizeof(*from->apps);
	if (reg->n_comment)
		memcpy(p, from->comment, reg->n_comment);
	p += reg->n_comment;
	if (reg->n_payload)
		memcpy(p, from->payload, reg->n_payload);
}

static int check(const struct peer6_pnrp_registration *from)
{
	unsigned int i;

	if (!from || !from->signer || !from->signer->sign ||
	    (!from->secure && !from->has_classifier) ||
	    from->n_apps > PEER6_PNRP_APP_MAX ||
	    from->n_comment > PEER6_PNRP_COMMENT_MAX ||
	    from->n_payload > PEER6_PNRP_PAYLOAD_MAX ||
	    from->n_chain > P6_CHAIN_MAX ||
	    (!from->n_apps && !from->payload_type) ||
	    (from->n_apps && !from->apps) ||
	    (from->n_comment && !from->comment) ||
	    (from->payload_type && (!from->payload || !from->n_payload)) ||
	    (from->n_chain && !from->chain))
		return PEER6_E_INVAL;
	if (from->n_classifier > PEER6_PNRP_CLASSIFIER_MAX ||
	    (from->n_classifier &&
	     (!from->has_classifier || !from->classifier)))
		return PEER6_E_CLASSIFIER;
	for (i = 0; i < from->n_classifier; i++)
		if (!from->classifier[i])
			return PEER6_E_CLASSIFIER;
	return 0;
}

/* The name's hash is that of its parts, and the key may speak for it. */
static int check_name(struct peer6_pnrp *node, struct p6_registration *reg,
		      const uint8_t p2p_id[PEER6_P2P_ID_LEN])
{
	uint8_t hash[PEER6_PNRP_HASH_LEN], id[PEER6_P2P_ID_LEN];
	int err;

	err = p6_classifier_hash(node, p6_reg_classifier(reg),
				 reg->n_classifier, reg->classifier_hash);
	if (!err)
		err = p6_p2p_id(node, reg->classifier_hash,
				reg->secure ? reg->authority : NULL, id);
	if (err)
		return err;
	if (memcmp(id, p2p_id, sizeof(id)))
		return PEER6_E_ID_MISMATCH;
	if (!reg->secure || reg->chain)
		return 0;
	if (node->cfg.crypto->sha1(node->cfg.crypto->ctx, reg->signer->key,
				   sizeof(reg->signer->key), hash) < 0)
		return PEER6_E_CRYPTO;
	return memcmp(hash, reg->authority, sizeof(hash)) ? PEER6_E_KEY : 0;
}

/* What cannot be signed or sent now never can. */
static int check_record(struct peer6_pnrp *node,
			const struct p6_registration *reg)
{
	uint8_t cpa[PEER6_PNRP_CPA_MAX];
	uint8_t payload[PEER6_PNRP_PAYLOAD_MAX + 512];
	ptrdiff_t len;

	len = p6_record_cpa(node, reg, NULL, false, cpa, sizeof(cpa));
	if (len >= 0 && reg->payload_type)
		len = p6_record_payload(node, reg, NULL, payload,
					sizeof(payload));
	return len < 0 ? (int)len : 0;
}

static void reg_free(struct peer6_pnrp *node, struct p6_registration *reg)
{
	p6_free(node, reg, reg->size);
}

static int reg_new(struct peer6_pnrp *node,
		   const struct peer6_pnrp_registration *from,
		   struct p6_registration **out)
{
	struct p6_registration *reg;
	int err;

	err = check(from);
	if (err)
		return err;
	reg = p6_alloc(node, reg_size(from));
	if (!reg)
		return PEER6_E_NOMEM;
	reg->size = reg_size(from);
	fill(reg, from);
	memcpy(reg->id.b, from->p2p_id, PEER6_P2P_ID_LEN);
	err = check_name(node, reg, from->p2p_id);
	if (!err)
		err = check_record(node, reg);
	if (err) {
		reg_free(node, reg);
		return err;
	}
	*out = reg;
	return 0;
}

/* --------------------------------------------------------------- lookups */

static struct p6_registration *of_handle(const struct peer6_pnrp *node,
					 uint32_t handle)
{
	struct p6_registration *reg;
	struct p6_link *at;

	for (at = node->registrations.next; at != &node->registrations;
	     at = at->next) {
		reg = p6_entry(at, struct p6_registration, link);
		if (reg->handle == handle)
			return reg;
	}
	return NULL;
}

struct p6_registration *p6_registration_of(const struct peer6_pnrp *node,
					   const struct peer6_pnrp_id *id)
{
	struct p6_registration *reg;
	struct p6_link *at;

	if (!peer6_cache_is_local(&node->cache, id))
		return NULL;
	for (at = node->registrations.next; at != &node->registrations;
	     at = at->next) {
		reg = p6_entry(at, struct p6_registration, link);
		if (!peer6_pnrp_id_cmp(&reg->id, id))
			return reg;
	}
	return NULL;
}

int peer6_pnrp_registration_id(const struct peer6_pnrp *node, uint32_t handle,
			       struct peer6_pnrp_id *id)
{
	const struct p6_registration *reg = of_handle(node, handle);

	if (!reg)
		return PEER6_E_NOT_FOUND;
	*id = reg->id;
	return 0;
}

bool peer6_pnrp_get_registered(const struct peer6_pnrp *node,
			       unsigned int index, uint32_t *handle,
			       struct peer6_pnrp_id *id)
{
	const struct p6_registration *reg;
	const struct p6_link *at;

	for (at = node->registrations.next; at != &node->registrations;
	     at = at->next) {
		if (index--)
			continue;
		reg = p6_entry(at, struct p6_registration, link);
		*handle = reg->handle;
		*id = reg->id;
		return true;
	}
	return false;
}

/* -------------------------------------------------------------- to begin */

static void is_news(struct p6_registration *reg)
{
	reg->announce = true;
	reg->soon = P6_ANNOUNCE_SOON - 1;
	reg->ticks = 1;
}

/* Section 1.3.1.2: where it is, then what tells instances apart. */
static int set_location(struct peer6_pnrp *node,
			const struct peer6_pnrp_registration *from,
			struct p6_registration *reg)
{
	const uint8_t *prefix = node->own[0].addr;
	unsigned int tries;
	int err = PEER6_E_EXISTS;

	if (from->has_prefix)
		prefix = from->prefix;
	else if (from->n_apps)
		prefix = from->apps[0].addr;
	memcpy(reg->id.b + PEER6_P2P_ID_LEN, prefix, 8);
	for (tries = 0; err == PEER6_E_EXISTS && tries < 8; tries++) {
		err = p6_random(node, reg->id.b + 24, 8);
		if (!err)
			err = peer6_cache_add_local(&node->cache, &reg->id);
	}
	return err;
}

int peer6_pnrp_register(struct peer6_pnrp *node,
			const struct peer6_pnrp_registration *from,
			peer6_time now, uint32_t *handle)
{
	struct p6_registration *reg;
	int err;

	if (now > node->now)
		node->now = now;
	if (!handle)
		return PEER6_E_INVAL;
	if (!node->running)
		return PEER6_E_NO_CLOUD;
	if (node->cfg.resolve_only)
		return PEER6_E_RESOLVE_ONLY;
	if (!node->n_own)
		return PEER6_E_NO_ADDRESS;
	if (node->n_registrations >= P6_REGISTRATIONS_MAX)
		return PEER6_E_LIMIT;
	err = reg_new(node, from, &reg);
	if (err)
		return err;
	err = set_location(node, from, reg);
	if (err) {
		reg_free(node, reg);
		return err;
	}
	reg->handle = p6_handle(node);
	is_news(reg);
	p6_list_append(&node->registrations, &reg->link);
	node->n_registrations++;
	node->announce = true;
	*handle = reg->handle;
	p6_ssdp_advertise(node);
	/* It may have been the last entry: the ID of a former life. */
	if (!peer6_cache_count(&node->cache) &&
	    node->state == PEER6_PNRP_ACTIVE)
		p6_lost_everybody(node);
	return 0;
}

int peer6_pnrp_update(struct peer6_pnrp *node, uint32_t handle,
		      const struct peer6_pnrp_registration *from,
		      peer6_time now)
{
	struct p6_registration *old = of_handle(node, handle), *reg;
	int err;

	if (now > node->now)
		node->now = now;
	if (!old)
		return PEER6_E_NOT_FOUND;
	if (!node->n_own)
		return PEER6_E_NO_ADDRESS;
	if (!from || memcmp(from->p2p_id, old->id.b, PEER6_P2P_ID_LEN))
		return PEER6_E_ID_MISMATCH;
	err = reg_new(node, from, &reg);
	if (err)
		return err;
	reg->id = old->id;
	reg->handle = old->handle;
	reg->announce = old->announce;
	reg->soon = old->soon;
	reg->ticks = old->ticks;
	reg->announcing = old->announcing;
	if (reg->announcing)
		reg->announcing->registration = reg;
	/* In its old place, which is what indices count. */
	reg->link = old->link;
	reg->link.prev->next = &reg->link;
	reg->link.next->prev = &reg->link;
	reg_free(node, old);
	return 0;
}

/* ----------------------------------------------------------- to announce */

void p6_announce_all(struct peer6_pnrp *node)
{
	struct p6_registration *reg;
	struct p6_link *at;

	for (at = node->registrations.next; at != &node->registrations;
	     at = at->next) {
		reg = p6_entry(at, struct p6_registration, link);
		is_news(reg);
		node->announce = true;
	}
}

void p6_announce_again(struct peer6_pnrp *node)
{
	struct p6_registration *reg;
	struct p6_link *at;

	for (at = node->registrations.next; at != &node->registrations;
	     at = at->next) {
		reg = p6_entry(at, struct p6_registration, link);
		if (!--reg->ticks) {
			reg->announce = true;
			reg->ticks = P6_ANNOUNCE_TICKS;
			if (reg->soon)
				reg->ticks = (uint8_t)(1u <<
					(P6_ANNOUNCE_SOON - 1 - --reg->soon));
		}
		if (reg->announce)
			node->announce = true;
	}
}

/*
 * Step 2: a resolve of the ID after ours. Ours is the best match there is, so
 * every LOOKUP carries it, and the nodes on the way take it up.
 */
static bool announce(struct peer6_pnrp *node, struct p6_registration *reg)
{
	struct peer6_pnrp_route own;
	struct peer6_pnrp_id target;
	struct p6_resolve *r;

	peer6_pnrp_id_inc(&target, &reg->id);
	r = p6_resolve_new(node, PEER6_PNRP_REGISTRATION, PEER6_PNRP_NONE,
			   &target, 1);
	if (!r)
		return false;
	p6_own_route(node, &reg->id, &own);
	if (p6_resolve_best(node, r, &own)) {
		p6_resolve_free(node, r);
		return false;
	}
	r->registration = reg;
	reg->announcing = r;
	reg->announce = false;
	node->n_announces++;
	return true;
}

void p6_announce_tick(struct peer6_pnrp *node)
{
	struct p6_registration *reg;
	struct p6_link *at;

	if (!node->announce || !node->n_own ||
	    !peer6_cache_count(&node->cache))
		return;
	for (at = node->registrations.next; at != &node->registrations;
	     at = at->next) {
		reg = p6_entry(at, struct p6_registration, link);
		if (!reg->announce || reg->announcing)
			continue;
		if (node->n_announces >= P6_ANNOUNCES_MAX)
			return;
		/* The next tick of maintenance tries again. */
		if (!announce(node, reg))
			break;
	}
	node->announce = false;
}

/* Nobody answered: it is tried again on a tick of maintenance. */
void p6_announced(struct peer6_pnrp *node, struct p6_registration *reg,
		  bool known)
{
	reg->announcing = NULL;
	node->n_announces--;
	if (!known)
		reg->announce = true;
	else if (reg->announce)
		node->announce = true;
}

/* --------------------------------------------------------------- to end */

static void forget(struct peer6_pnrp *node, struct p6_registration *reg)
{
	struct p6_resolve *r = reg->announcing;

	if (r) {
		p6_announced(node, reg, true);
		r->registration = NULL;
		p6_resolve_free(node, r);
	}
	peer6_cache_remove_local(&node->cache, &reg->id);
	p6_list_remove(&reg->link);
	node->n_registrations--;
	reg_free(node, reg);
}

static void flood_to(struct peer6_pnrp *node,
		     const struct peer6_cache_entry *to,
		     const struct peer6_pnrp_bytes *revoke,
		     const struct peer6_cache_entry *about)
{
	struct peer6_pnrp_path path = { 0 };
	struct peer6_pnrp_route route;
	struct peer6_endpoint ep;

	if (!p6_choose(node, to->addrs, to->n_addrs, to->port, &ep))
		return;
	p6_path_add(&path, &node->own[0]);
	p6_path_add(&path, &ep);
	if (about)
		peer6_cache_route(about, &route);
	p6_flood(node, about ? &route : NULL, revoke, &to->id, &path, false,
		 &ep);
}

void p6_tell_neighbours(struct peer6_pnrp *node)
{
	struct peer6_pnrp_path path = { 0 };
	const struct peer6_cache_entry *to[2];
	const struct p6_registration *reg;
	struct peer6_pnrp_route own;
	struct peer6_endpoint ep;
	struct p6_link *at;
	unsigned int i;

	p6_path_add(&path, &node->own[0]);
	for (at = node->registrations.next; at != &node->registrations;
	     at = at->next) {
		reg = p6_entry(at, struct p6_registration, link);
		p6_own_route(node, &reg->id, &own);
		to[0] = peer6_cache_above(&node->cache, &reg->id, NULL, NULL);
		to[1] = peer6_cache_below(&node->cache, &reg->id, NULL, NULL);
		for (i = 0; i < 2; i++)
			if (to[i] && p6_choose(node, to[i]->addrs,
					       to[i]->n_addrs, to[i]->port,
					       &ep))
				p6_flood(node, &own, NULL, &to[i]->id, &path,
					 false, &ep);
	}
}

/*
 * Section 3.2.4.2: the nearest on either side hear of the revoke; the farthest
 * get one from the other side, to fill the place.
 */
static void say_goodbye(struct peer6_pnrp *node,
			const struct p6_registration *reg)
{
	const struct peer6_cache_entry *above[PEER6_LEAF_SIDE];
	const struct peer6_cache_entry *below[PEER6_LEAF_SIDE];
	uint8_t cpa[PEER6_PNRP_CPA_MAX];
	struct peer6_pnrp_bytes revoke = { .p = cpa };
	unsigned int n_above, n_below;
	ptrdiff_t len;

	n_above = peer6_leaf_above(&node->cache, &reg->id, above);
	n_below = peer6_leaf_below(&node->cache, &reg->id, below);
	if (!n_above && !n_below)
		return;
	len = p6_record_cpa(node, reg, NULL, true, cpa, sizeof(cpa));
	revoke.len = (size_t)len;
	if (len > 0 && n_below)
		flood_to(node, below[0], &revoke, NULL);
	if (len > 0 && n_above)
		flood_to(node, above[0], &revoke, NULL);
	if (n_above && n_below) {
		flood_to(node, below[n_below - 1], NULL, above[0]);
		flood_to(node, above[n_above - 1], NULL, below[0]);
	}
}

int peer6_pnrp_unregister(struct peer6_pnrp *node, uint32_t handle,
			  peer6_time now)
{
	struct p6_registration *reg = of_handle(node, handle);

	if (now > node->now)
		node->now = now;
	if (!reg)
		return PEER6_E_NOT_FOUND;
	if (node->running && node->n_own)
		say_goodbye(node, reg);
	forget(node, reg);
	p6_ssdp_advertise(node);
	return 0;
}

void p6_registrations_flush(struct peer6_pnrp *node)
{
	while (!p6_list_empty(&node->registrations))
		forget(node, p6_entry(node->registrations.next,
				      struct p6_registration, link));
	node->announce = false;
}
