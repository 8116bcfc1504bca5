// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "module.h"
#include "reasons.h"
#include "teredo_dev.h"

static int resolve(struct p6 *p6, struct teredo_genl *genl)
{
	int err = genl_ctrl_resolve(genl->sk, TEREDO_GENL_NAME);

	genl->family = err > 0 ? err : 0;
	if (err >= 0 || err == -NLE_OBJ_NOTFOUND)
		return 0;
	p6_fail(p6, P6_FAILED, "cannot ask the kernel about Teredo devices");
	return p6_fail_why(p6, "Netlink: %s.", nl_geterror(err));
}

int teredo_genl_open(struct p6 *p6, struct teredo_genl *genl)
{
	int err;

	err = p6_nl_open(p6, NETLINK_GENERIC, &genl->sk);
	if (err)
		return err;
	err = resolve(p6, genl);
	if (err)
		teredo_genl_close(genl);
	return err;
}

int teredo_genl_need(struct p6 *p6, struct teredo_genl *genl)
{
	int err;

	if (genl->family)
		return 0;
	err = p6_module_load(p6, TEREDO_GENL_NAME);
	return err ? err : resolve(p6, genl);
}

void teredo_genl_close(struct teredo_genl *genl)
{
	nl_socket_free(genl->sk);
	genl->sk = NULL;
}

struct nl_msg *teredo_genl_request(const struct teredo_genl *genl, int cmd,
				   int flags, const char *dev)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg && (!genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, genl->family,
				 0, flags, cmd, TEREDO_GENL_VERSION) ||
		    (dev && nla_put_string(msg, TEREDO_A_IFNAME, dev)))) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

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
	dev->address = get_ip6(tb[TEREDO_A_ADDRESS]);
	dev->server_age = get_age(tb[TEREDO_A_SERVER_AGE]);
	nla_for_each_attr(a, genlmsg_attrdata(nlmsg_data(nlmsg_hdr(msg)), 0),
			  genlmsg_attrlen(nlmsg_data(nlmsg_hdr(msg)), 0),
			  rest) {
		if (nla_type(a) == TEREDO_A_COUNTER)
			get_counter(a, dev->counters,
				    P6_ARRAY_SIZE(dev->counters),
				    &dev->n_counters);
		else if (nla_type(a) == TEREDO_A_DROP)
			get_counter(a, dev->drops, P6_ARRAY_SIZE(dev->drops),
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

struct walk {
	int (*each)(const struct teredo_dev *dev, void *arg);
	void *arg;
	int status;
};

static int on_dev(struct nl_msg *msg, void *arg)
{
	struct walk *walk = arg;
	struct teredo_dev dev;

	if (!walk->status && !teredo_dev_parse(msg, &dev))
		walk->status = walk->each(&dev, walk->arg);
	return NL_OK;
}

static int no_module(struct p6 *p6, const char *dev)
{
	p6_fail(p6, P6_NO_DEVICE, "no Teredo device %s", dev);
	p6_fail_why(p6, "The teredo module is not loaded, so there is no Teredo device at all.");
	return p6_fail_do(p6, "sudo peer6 teredo set dev=%s type=client servername=NAME",
			  dev);
}

int teredo_devs(struct p6 *p6, const struct teredo_genl *genl,
		const char *dev,
		int (*each)(const struct teredo_dev *dev, void *arg),
		void *arg)
{
	struct walk walk = { .each = each, .arg = arg };
	struct nl_answer answer;
	struct nl_msg *msg;
	int err;

	if (!genl->family)
		return *dev ? no_module(p6, dev) : 0;
	msg = teredo_genl_request(genl, TEREDO_CMD_DEV_GET,
				  *dev ? 0 : NLM_F_DUMP, *dev ? dev : NULL);
	if (!msg)
		return p6_fail_memory(p6);
	err = p6_nl_talk(p6, genl->sk, msg, on_dev, &walk, &answer);
	if (err)
		return err;
	if (!answer.err)
		return walk.status;
	p6_nl_fail(p6, &answer, "cannot read the state of %s",
		   *dev ? dev : "the Teredo devices");
	if (answer.err == EOPNOTSUPP)
		p6->failure.code = P6_NOT_TEREDO;
	return p6_fail_do(p6, "ip -d link show type teredo");
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

void teredo_json_addr(json_t *object, const char *key,
		      const struct teredo_addr *addr)
{
	char text[TEREDO_ADDR_MAX];

	if (addr->known)
		json_object_set_new(object, key,
				    json_string(teredo_addr_text(addr, text)));
}

void teredo_json_age(json_t *object, const char *key, int64_t ms)
{
	if (ms >= 0)
		json_object_set_new(object, key, json_real(ms / 1000.0));
}

static void json_ip(json_t *object, const char *key, struct in_addr ip)
{
	char text[INET_ADDRSTRLEN];

	if (ip.s_addr)
		json_object_set_new(object, key,
				    json_string(inet_ntop(AF_INET, &ip, text,
							  sizeof(text))));
}

json_t *teredo_dev_json(const struct teredo_dev *dev)
{
	bool client = dev->role == TEREDO_ROLE_CLIENT;
	char text[INET6_ADDRSTRLEN];
	json_t *object, *nat;

	object = json_pack("{s:s,s:i,s:s,s:s}", "dev", dev->name,
			   "ifindex", dev->ifindex,
			   "type", teredo_role_name(dev->role),
			   "state", teredo_state_name(dev->state));
	if (!object)
		return NULL;
	json_ip(object, "server", dev->server);
	json_ip(object, "server2", dev->server2);
	if (client && dev->refresh)
		json_object_set_new(object, "refresh_interval",
				    json_integer(dev->refresh));
	if (client && dev->nat != TEREDO_NAT_UNKNOWN) {
		nat = json_pack("{s:s}", "kind", teredo_nat_name(dev->nat));
		if (dev->local.known && dev->mapped.known)
			json_object_set_new(nat, "port_preserving",
					    json_boolean(dev->local.port ==
							 dev->mapped.port));
		json_object_set_new(object, "nat", nat);
	}
	teredo_json_addr(object, "local", &dev->local);
	if (dev->local.port)
		json_object_set_new(object, "local_port",
				    json_integer(dev->local.port));
	teredo_json_addr(object, "mapped", &dev->mapped);
	if (!IN6_IS_ADDR_UNSPECIFIED(&dev->address))
		json_object_set_new(object, "address",
				    json_string(inet_ntop(AF_INET6,
							  &dev->address, text,
							  sizeof(text))));
	json_object_set_new(object, "error",
			    json_string(teredo_reason_name(dev->error)));
	if (dev->error)
		json_object_set_new(object, "error_text",
				    json_string(dev->error_text[0] ?
						dev->error_text :
						teredo_reason_text(dev->error)));
	teredo_json_age(object, "server_heard", dev->server_age);
	return object;
}

const char *teredo_peer_path(const struct teredo_peer *peer)
{
	return peer->flags & TEREDO_PEER_F_TRUSTED ? "direct" :
	       peer->flags & TEREDO_PEER_F_OPENING ? "opening" : "idle";
}
