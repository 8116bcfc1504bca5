// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "teredo_parse.h"

static uint32_t get_u32(struct nlattr *a)
{
	return a && nla_len(a) >= 4 ? nla_get_u32(a) : 0;
}

static unsigned int get_u8(struct nlattr *a)
{
	return a && nla_len(a) >= 1 ? nla_get_u8(a) : 0;
}

static int64_t get_age(struct nlattr *a)
{
	return a && nla_len(a) >= 4 ? (int64_t)nla_get_u32(a) : -1;
}

static struct in_addr get_ip(struct nlattr *a)
{
	return (struct in_addr){ .s_addr = get_u32(a) };
}

static struct teredo_addr get_addr(struct nlattr *ip, struct nlattr *port)
{
	struct teredo_addr addr = { .ip = get_ip(ip) };

	if (port && nla_len(port) >= 2)
		addr.port = ntohs(nla_get_u16(port));
	addr.known = addr.ip.s_addr && addr.port;
	return addr;
}

static struct in6_addr get_ip6(struct nlattr *a)
{
	struct in6_addr addr = IN6ADDR_ANY_INIT;

	if (a && nla_len(a) >= (int)sizeof(addr))
		memcpy(&addr, nla_data(a), sizeof(addr));
	return addr;
}

uint64_t teredo_dev_drops(const struct teredo_dev *dev, const char *reason)
{
	size_t i;

	for (i = 0; i < dev->n_drops; i++)
		if (!strcmp(dev->drops[i].name, reason))
			return dev->drops[i].value;
	return 0;
}

static void get_counter(struct nlattr *nest, struct teredo_counter *counters,
			size_t max, size_t *n)
{
	struct nlattr *tb[TEREDO_A_COUNTER_MAX + 1];
	struct nlattr *value;

	if (*n >= max ||
	    nla_parse_nested(tb, TEREDO_A_COUNTER_MAX, nest, NULL))
		return;
	value = tb[TEREDO_A_COUNTER_VALUE];
	if (!tb[TEREDO_A_COUNTER_NAME] || !value || nla_len(value) < 8)
		return;
	nla_strlcpy(counters[*n].name, tb[TEREDO_A_COUNTER_NAME],
		    sizeof(counters[*n].name));
	counters[(*n)++].value = nla_get_u64(value);
}

int teredo_dev_parse(struct nl_msg *msg, struct teredo_dev *dev)
{
	struct nlattr *tb[TEREDO_A_MAX + 1], *a;
	int rest;

	memset(dev, 0, sizeof(*dev));
	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, TEREDO_A_MAX, NULL) ||
	    !tb[TEREDO_A_IFINDEX] || !tb[TEREDO_A_IFNAME])
		return -EINVAL;
	dev->ifindex = get_u32(tb[TEREDO_A_IFINDEX]);
	nla_strlcpy(dev->name, tb[TEREDO_A_IFNAME], sizeof(dev->name));
	dev->role = get_u8(tb[TEREDO_A_ROLE]);
	dev->state = get_u8(tb[TEREDO_A_STATE]);
	dev->nat = get_u8(tb[TEREDO_A_NAT]);
	dev->error = get_u32(tb[TEREDO_A_ERROR]);
	if (tb[TEREDO_A_ERROR_TEXT])
		nla_strlcpy(dev->error_text, tb[TEREDO_A_ERROR_TEXT],
			    sizeof(dev->error_text));
	dev->refresh = get_u32(tb[TEREDO_A_REFRESH]);
	dev->peers = get_u32(tb[TEREDO_A_PEERS]);
	dev->max_peers = get_u32(tb[TEREDO_A_MAX_PEERS]);
	dev->server = get_ip(tb[TEREDO_A_SERVER]);
	dev->server2 = get_ip(tb[TEREDO_A_SERVER2]);
	dev->local = get_addr(tb[TEREDO_A_LOCAL_ADDR], tb[TEREDO_A_LOCAL_PORT]);
	dev->mapped = get_addr(tb[TEREDO_A_MAPPED_ADDR],
			       tb[TEREDO_A_MAPPED_PORT]);
	dev->portmap = get_addr(tb[TEREDO_A_PORTMAP_ADDR],
				tb[TEREDO_A_PORTMAP_PORT]);
	dev->extensions = get_u32(tb[TEREDO_A_EXTENSIONS]);
	dev->extensions_told = tb[TEREDO_A_EXTENSIONS];
	dev->address = get_ip6(tb[TEREDO_A_ADDRESS]);
	dev->server_age = get_age(tb[TEREDO_A_SERVER_AGE]);
	nla_for_each_attr(a, genlmsg_attrdata(nlmsg_data(nlmsg_hdr(msg)), 0),
			  genlmsg_attrlen(nlmsg_data(nlmsg_hdr(msg)), 0),
			  rest) {
		if (nla_type(a) == TEREDO_A_COUNTER)
			get_counter(a, dev->counters,
				    TEREDO_COUNTERS_MAX,
				    &dev->n_counters);
		else if (nla_type(a) == TEREDO_A_DROP)
			get_counter(a, dev->drops, TEREDO_DROPS_MAX,
				    &dev->n_drops);
	}
	return 0;
}

bool teredo_peer_parse(struct nl_msg *msg, char *name, struct teredo_peer *peer)
{
	struct nlattr *tb[TEREDO_A_MAX + 1], *p[TEREDO_A_PEER_MAX + 1];

	memset(peer, 0, sizeof(*peer));
	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, TEREDO_A_MAX, NULL) ||
	    !tb[TEREDO_A_IFNAME] || !tb[TEREDO_A_PEER] ||
	    nla_parse_nested(p, TEREDO_A_PEER_MAX, tb[TEREDO_A_PEER], NULL) ||
	    !p[TEREDO_A_PEER_ADDR])
		return false;
	nla_strlcpy(name, tb[TEREDO_A_IFNAME], IFNAMSIZ);
	peer->addr = get_ip6(p[TEREDO_A_PEER_ADDR]);
	peer->via = get_addr(p[TEREDO_A_PEER_MAPPED_ADDR],
			     p[TEREDO_A_PEER_MAPPED_PORT]);
	peer->flags = get_u32(p[TEREDO_A_PEER_FLAGS]);
	peer->queued = get_u32(p[TEREDO_A_PEER_QUEUED]);
	peer->rx_age = get_age(p[TEREDO_A_PEER_RX_AGE]);
	peer->tx_age = get_age(p[TEREDO_A_PEER_TX_AGE]);
	peer->event = get_u8(p[TEREDO_A_PEER_EVENT]);
	return true;
}

const char *teredo_addr_text(const struct teredo_addr *addr, char *buf)
{
	char ip[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &addr->ip, ip, sizeof(ip));
	snprintf(buf, TEREDO_ADDR_MAX, "%.15s:%u", ip, addr->port);
	return buf;
}

bool teredo_dev_qualified(const struct teredo_dev *dev)
{
	return dev->state == TEREDO_STATE_QUALIFIED;
}
