// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <string.h>

#include "script.h"

struct net_node *script_engine(struct net *net)
{
	const struct peer6_pnrp_config config = {
		.no_multicast = true, .resolve_only = true,
	};
	struct net_node *node = net_add_as(net, &config);

	assert(node);
	assert(!peer6_pnrp_set_seeds(node->engine, NULL, 0));
	assert(!peer6_pnrp_open(node->engine, net->now));
	return node;
}

void script_peer(struct script_peer *peer, unsigned int index,
		 const char *text, bool secure,
		 const struct peer6_pnrp_id *id)
{
	struct net_node owner = { .ep = net_endpoint(index) };
	struct net_name name;
	uint8_t utf16[2 * PEER6_PNRP_CLASSIFIER_MAX] = { 0 };
	unsigned int i;

	memset(peer, 0, sizeof(*peer));
	peer->ep = owner.ep;
	memset(peer->signer.key, (int)index + 1, sizeof(peer->signer.key));
	memcpy(owner.signer.key, peer->signer.key, sizeof(owner.signer.key));
	net_name(&owner, &name, text ? text : "", secure);
	peer->secure = secure;
	memcpy(peer->authority, name.reg.authority, 20);
	for (i = 0; i < name.reg.n_classifier; i++)
		utf16[2 * i] = (uint8_t)name.classifier[i];
	net_sha1(utf16, 2u * name.reg.n_classifier, peer->hash);
	memcpy(peer->route.id.b, name.reg.p2p_id, PEER6_P2P_ID_LEN);
	memcpy(peer->route.id.b + 16, peer->ep.addr, 8);
	memset(peer->route.id.b + 24, (int)index + 1, 8);
	if (id)
		peer->route.id = *id;
	peer->route.port = peer->ep.port;
	peer->route.n_addrs = 1;
	memcpy(peer->route.addrs[0], peer->ep.addr, 16);
}

bool script_take(struct net_node *node, struct script_msg *out)
{
	out->len = peer6_pnrp_output(node->engine, out->bytes,
				     sizeof(out->bytes), &out->to,
				     node->net->now);
	if (!out->len)
		return false;
	assert(!peer6_pnrp_msg_decode(&out->msg, out->bytes, out->len));
	return true;
}

bool script_expect(struct net_node *node, uint8_t type,
		   struct script_msg *out)
{
	while (script_take(node, out))
		if (out->msg.type == type)
			return true;
	return false;
}

int script_inject(struct net_node *node, const struct peer6_endpoint *from,
		  const struct peer6_pnrp_msg *msg)
{
	uint8_t buf[PEER6_PNRP_DATAGRAM_MAX];
	ptrdiff_t len = peer6_pnrp_msg_encode(msg, buf, sizeof(buf));

	assert(len > 0);
	return peer6_pnrp_input(node->engine, buf, (size_t)len, from,
				node->net->now);
}

int script_authority(struct net_node *node, const struct script_peer *from,
		     const struct script_msg *to,
		     const struct peer6_pnrp_authority *a)
{
	static uint32_t id;
	uint8_t buf[8192];
	struct peer6_pnrp_msg msg = {
		.type = PEER6_PNRP_AUTHORITY, .id = ++id,
		.acked = to->msg.id,
	};
	ptrdiff_t at, len = peer6_pnrp_authority_encode(a, NULL, buf,
							sizeof(buf));
	int err = 0;

	assert(len > 0);
	msg.size = (uint16_t)len;
	for (at = 0; !err && at < len; at += PEER6_PNRP_FRAGMENT) {
		msg.offset = (uint16_t)at;
		msg.fragment.p = buf + at;
		msg.fragment.len = len - at < PEER6_PNRP_FRAGMENT ?
				   (size_t)(len - at) : PEER6_PNRP_FRAGMENT;
		err = script_inject(node, &from->ep, &msg);
	}
	return err;
}

int script_refer(struct net_node *node, const struct script_peer *from,
		 const struct script_msg *to, uint16_t flags,
		 const struct script_peer *next)
{
	struct peer6_pnrp_authority a = { .flags = flags };

	if (next) {
		a.has_route = true;
		a.route = next->route;
	}
	return script_authority(node, from, to, &a);
}

void script_introduce(struct net_node *node, const struct script_peer *peer)
{
	struct peer6_pnrp_msg flood = {
		.type = PEER6_PNRP_FLOOD, .flags = PEER6_PNRP_FLOOD_D,
		.has_route = true, .route = peer->route,
	};
	struct script_msg inquire;

	assert(!script_inject(node, &peer->ep, &flood));
	assert(script_expect(node, PEER6_PNRP_INQUIRE, &inquire));
	assert(!memcmp(&inquire.msg.validate, &peer->route.id, 32));
	assert(!script_refer(node, peer, &inquire, 0, NULL));
}

void script_cpa(const struct script_peer *peer, struct peer6_pnrp_cpa *cpa,
		const uint8_t *nonce, peer6_time now)
{
	memset(cpa, 0, sizeof(*cpa));
	cpa->flags = PEER6_PNRP_CPA_C;
	memcpy(cpa->classifier_hash, peer->hash, 20);
	if (peer->secure) {
		cpa->flags |= PEER6_PNRP_CPA_A;
		memcpy(cpa->authority, peer->authority, 20);
	}
	cpa->not_after = NET_EPOCH + now / 100 +
			 UINT64_C(13) * 3600 * 10000000;
	memcpy(cpa->location, peer->route.id.b + 16, 16);
	if (nonce)
		memcpy(cpa->nonce, nonce, sizeof(cpa->nonce));
	cpa->n_service = 1;
	cpa->service[0] = peer->ep;
	cpa->has_apps = true;
	cpa->n_apps = 1;
	memcpy(cpa->apps[0].addr, peer->ep.addr, 16);
	cpa->apps[0].port = 22;
	cpa->apps[0].protocol = 6;
	memcpy(cpa->key, peer->signer.key, sizeof(cpa->key));
}

size_t script_sign_cpa(const struct script_peer *peer,
		       const struct peer6_pnrp_cpa *cpa, uint8_t *buf,
		       size_t size)
{
	ptrdiff_t len = peer6_pnrp_cpa_encode(cpa, NULL, buf, size), more;
	uint8_t sig[PEER6_PNRP_SIG_LEN];

	assert(len > 0);
	net_sign(&peer->signer, buf, (size_t)len, sig);
	more = peer6_pnrp_signature_encode(sig, buf + len,
					   size - (size_t)len);
	assert(more > 0);
	return (size_t)(len + more);
}

struct peer6_pnrp_stats script_stats(const struct net_node *node)
{
	struct peer6_pnrp_stats stats;

	peer6_pnrp_get_stats(node->engine, &stats);
	return stats;
}

struct net_node *script_publisher(struct net *net, const char *text,
				  struct peer6_pnrp_id *id)
{
	struct net_node *node = net_add(net);
	struct net_name name;
	uint32_t handle;

	peer6_pnrp_set_seeds(node->engine, NULL, 0);
	peer6_pnrp_open(node->engine, net->now);
	net_name(node, &name, text, false);
	assert(!peer6_pnrp_register(node->engine, &name.reg, net->now,
				    &handle));
	peer6_pnrp_registration_id(node->engine, handle, id);
	return node;
}

void script_tell(struct net_node *node, const struct script_peer *peer)
{
	struct peer6_pnrp_msg flood = {
		.type = PEER6_PNRP_FLOOD, .flags = PEER6_PNRP_FLOOD_D,
		.has_route = true, .route = peer->route,
	};

	assert(!script_inject(node, &peer->ep, &flood));
}

bool script_obey(struct net_node *node, const struct peer6_pnrp_id *id,
		 struct script_msg *inquire)
{
	struct script_msg m;
	bool found = false;

	while (script_take(node, &m)) {
		struct peer6_pnrp_msg ack = {
			.type = PEER6_PNRP_ACK, .acked = m.msg.id,
		};

		if (m.msg.type == PEER6_PNRP_FLOOD)
			assert(!script_inject(node, &m.to, &ack));
		if (m.msg.type == PEER6_PNRP_INQUIRE &&
		    !memcmp(&m.msg.validate, id, sizeof(*id))) {
			*inquire = m;
			found = true;
		}
	}
	return found;
}

void script_show(struct net_node *node, const struct script_peer *peer,
		 const struct script_msg *m)
{
	struct peer6_pnrp_authority a = { 0 };
	uint8_t buf[PEER6_PNRP_CPA_MAX];
	struct peer6_pnrp_cpa cpa;

	script_cpa(peer, &cpa, m->msg.nonce, node->net->now);
	a.cpa.p = buf;
	a.cpa.len = script_sign_cpa(peer, &cpa, buf, sizeof(buf));
	assert(!script_authority(node, peer, m, &a));
}
