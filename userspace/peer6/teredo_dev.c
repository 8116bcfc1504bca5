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

static void json_extensions(json_t *object, const struct teredo_dev *dev)
{
	json_t *list;
	unsigned int i;

	if (!dev->extensions_told)
		return;
	list = json_array();
	for (i = 0; TEREDO_EXT_ALL >> i; i++)
		if (dev->extensions & 1U << i)
			json_array_append_new(list,
				json_string(teredo_extension_name(i)));
	json_object_set_new(object, "extensions", list);
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
		json_object_set_new(nat, "upnp",
				    json_boolean(dev->portmap.known));
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
	teredo_json_addr(object, "portmap", &dev->portmap);
	json_extensions(object, dev);
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
