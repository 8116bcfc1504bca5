// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which addresses are fit to be spoken to, and which is the best of several. */
#include "engine.h"

static bool all_zero(const uint8_t *p, unsigned int n)
{
	while (n--)
		if (*p++)
			return false;
	return true;
}

static bool is_link_local(const uint8_t addr[16])
{
	return addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80;
}

/*
 * Neither multicast nor unspecified nor loopback nor IPv4 in disguise (all of
 * ::/80), and of the cloud's scope: nothing crosses clouds (section 1.3.3).
 */
bool p6_addr_ok(const struct peer6_pnrp *node, const uint8_t addr[16])
{
	if (addr[0] == 0xff || all_zero(addr, 10))
		return false;
	return is_link_local(addr) ==
	       (node->cfg.scope == PEER6_PNRP_LINK_LOCAL);
}

/* Ports up to 1024 are never answered, whoever asks (section 3.1.5.2). */
bool p6_endpoint_ok(const struct peer6_pnrp *node,
		    const struct peer6_endpoint *ep)
{
	return ep->port > 1024 && p6_addr_ok(node, ep->addr);
}

bool p6_endpoint_equal(const struct peer6_endpoint *a,
		       const struct peer6_endpoint *b)
{
	return a->port == b->port && !memcmp(a->addr, b->addr, 16);
}

bool p6_is_own(const struct peer6_pnrp *node, const uint8_t addr[16])
{
	return p6_in_path(node->own, node->n_own, addr);
}

bool p6_in_path(const struct peer6_endpoint *path, unsigned int n,
		const uint8_t addr[16])
{
	while (n--)
		if (!memcmp(path[n].addr, addr, 16))
			return true;
	return false;
}

/* The labels of RFC 6724 section 2.1 that matter between IPv6 addresses. */
static unsigned int label(const uint8_t addr[16])
{
	if (addr[0] == 0x20 && addr[1] == 0x02)
		return 2;	/* 6to4 */
	if (addr[0] == 0x20 && addr[1] == 0x01 && !addr[2] && !addr[3])
		return 5;	/* Teredo */
	if ((addr[0] & 0xfe) == 0xfc)
		return 13;	/* unique local */
	return 1;
}

static unsigned int common_bits(const uint8_t a[16], const uint8_t b[16])
{
	unsigned int i, bits;
	uint8_t diff;

	for (i = 0; i < 16 && a[i] == b[i]; i++)
		;
	if (i == 16)
		return 128;
	bits = 8 * i;
	for (diff = a[i] ^ b[i]; !(diff & 0x80); diff = (uint8_t)(diff << 1))
		bits++;
	return bits;
}

/*
 * RFC 6724 without a routing table: same label as one of ours (rule 5), then no
 * transition mechanism (rules 6 and 7), then the longest prefix in common with
 * one of ours (rule 9), then the order given (rule 10).
 */
bool p6_choose(const struct peer6_pnrp *node, const uint8_t (*addrs)[16],
	       unsigned int n, uint16_t port, struct peer6_endpoint *out)
{
	unsigned int i, j, score, bits, best = 0;
	bool found = false;

	if (port <= 1024)
		return false;
	for (i = 0; i < n; i++) {
		if (!p6_addr_ok(node, addrs[i]) || p6_is_own(node, addrs[i]))
			continue;
		score = label(addrs[i]) == 1 || label(addrs[i]) == 13 ?
			1000 : 0;
		for (j = 0, bits = 0; j < node->n_own; j++) {
			unsigned int common = common_bits(addrs[i],
							  node->own[j].addr);

			if (label(addrs[i]) == label(node->own[j].addr) &&
			    score < 2000)
				score += 2000;
			if (common > bits)
				bits = common;
		}
		score += bits;
		if (found && score <= best)
			continue;
		found = true;
		best = score;
		memcpy(out->addr, addrs[i], 16);
	}
	out->port = port;
	out->scope_id = node->cfg.scope == PEER6_PNRP_LINK_LOCAL ?
			node->own[0].scope_id : 0;
	return found;
}

void p6_path_add(struct peer6_pnrp_path *path,
		 const struct peer6_endpoint *ep)
{
	if (p6_in_path(path->ep, path->n, ep->addr))
		return;
	if (path->n == PEER6_PNRP_PATH_MAX) {
		memmove(&path->ep[1], &path->ep[2],
			(PEER6_PNRP_PATH_MAX - 2) * sizeof(path->ep[0]));
		path->n--;
	}
	path->ep[path->n++] = *ep;
}

void p6_own_route(const struct peer6_pnrp *node,
		  const struct peer6_pnrp_id *id,
		  struct peer6_pnrp_route *route)
{
	unsigned int i;

	memset(route, 0, sizeof(*route));
	route->id = *id;
	route->port = node->own[0].port;
	route->n_addrs = node->n_own;
	for (i = 0; i < node->n_own; i++)
		memcpy(route->addrs[i], node->own[i].addr, 16);
}

static size_t route_size(unsigned int n)
{
	return sizeof(struct p6_route) + (size_t)n * 16;
}

struct p6_route *p6_route_dup(struct peer6_pnrp *node,
			      const struct peer6_pnrp_route *route)
{
	struct p6_route *copy = p6_alloc(node, route_size(route->n_addrs));

	if (!copy)
		return NULL;
	copy->id = route->id;
	copy->port = route->port;
	copy->n_addrs = route->n_addrs;
	memcpy(copy->addrs, route->addrs, (size_t)route->n_addrs * 16);
	return copy;
}

void p6_route_free(struct peer6_pnrp *node, struct p6_route *route)
{
	if (route)
		p6_free(node, route, route_size(route->n_addrs));
}

void p6_route_load(const struct p6_route *from, struct peer6_pnrp_route *to)
{
	memset(to, 0, sizeof(*to));
	to->id = from->id;
	to->port = from->port;
	to->n_addrs = from->n_addrs;
	memcpy(to->addrs, from->addrs, (size_t)from->n_addrs * 16);
}

bool p6_route_choose(const struct peer6_pnrp *node,
		     const struct p6_route *route, struct peer6_endpoint *out)
{
	return p6_choose(node, route->addrs, route->n_addrs, route->port, out);
}
