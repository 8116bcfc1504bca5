// SPDX-License-Identifier: GPL-2.0
#include <linux/random.h>
#include <net/netlink.h>

#include "config.h"
#include "core/addr.h"
#include "ext.h"
#include "randport.h"

#define DUMP_ONLY \
	{ .type = NLA_REJECT, .reject_message = "this attribute is read-only" }

const struct nla_policy teredo_link_policy[IFLA_TEREDO_MAX + 1] = {
	[IFLA_TEREDO_UNSPEC]		= {
		.strict_start_type = IFLA_TEREDO_ROLE,
	},
	[IFLA_TEREDO_ROLE]		= { .type = NLA_U8 },
	[IFLA_TEREDO_SERVER]		= { .type = NLA_U32 },
	[IFLA_TEREDO_SERVER2]		= { .type = NLA_U32 },
	[IFLA_TEREDO_LOCAL]		= { .type = NLA_U32 },
	[IFLA_TEREDO_PORT]		= { .type = NLA_U16 },
	[IFLA_TEREDO_REFRESH]		= { .type = NLA_U32 },
	[IFLA_TEREDO_PREFIX]		= { .type = NLA_U32 },
	[IFLA_TEREDO_CLIENT_ID]		= { .type = NLA_BINARY,
					    .len = TEREDO_ID_MAX },
	[IFLA_TEREDO_SECRET]		= { .type = NLA_BINARY,
					    .len = TEREDO_SECRET_MAX },
	[IFLA_TEREDO_MAX_PEERS]		= { .type = NLA_U32 },
	[IFLA_TEREDO_RATE_LIMIT]	= { .type = NLA_U32 },
	[IFLA_TEREDO_ALLOW_PRIVATE]	= { .type = NLA_U8 },
	[IFLA_TEREDO_DEFAULT_ROUTE]	= { .type = NLA_U8 },
	[IFLA_TEREDO_DISCOVERY]		= { .type = NLA_U8 },
	[IFLA_TEREDO_CONE_PROBE]	= { .type = NLA_U8 },
	[IFLA_TEREDO_SINGLE_SERVER]	= { .type = NLA_U8 },
	[IFLA_TEREDO_BUBBLE_TTL]	= { .type = NLA_U8 },
	[IFLA_TEREDO_PAD]		= DUMP_ONLY,
	[IFLA_TEREDO_SECURE]		= DUMP_ONLY,
	[IFLA_TEREDO_STATE]		= DUMP_ONLY,
	[IFLA_TEREDO_NAT]		= DUMP_ONLY,
	[IFLA_TEREDO_ERROR]		= DUMP_ONLY,
	[IFLA_TEREDO_LOCAL_PORT]	= DUMP_ONLY,
	[IFLA_TEREDO_MAPPED_ADDR]	= DUMP_ONLY,
	[IFLA_TEREDO_MAPPED_PORT]	= DUMP_ONLY,
	[IFLA_TEREDO_ADDRESS]		= DUMP_ONLY,
	[IFLA_TEREDO_EXTENSIONS]	= NLA_POLICY_BITFIELD32(TEREDO_EXT_ALL),
};

static void env_random(void *ctx, void *buf, size_t len)
{
	get_random_bytes(buf, len);
}

static u64 env_hash(void *ctx, const void *data, size_t len)
{
	struct teredo_conf *conf = ctx;

	return siphash(data, len, &conf->t->key);
}

/* @key is the one that the transform of this configuration was keyed with. */
static int env_hmac(void *ctx, const u8 *key, size_t keylen,
		    const struct teredo_chunk *chunks, unsigned int n,
		    u8 out[TEREDO_HMAC_LEN])
{
	struct teredo_conf *conf = ctx;
	SHASH_DESC_ON_STACK(desc, conf->mac);
	unsigned int i;
	int err;

	desc->tfm = conf->mac;
	err = crypto_shash_init(desc);
	for (i = 0; !err && i < n; i++)
		err = crypto_shash_update(desc, chunks[i].data, chunks[i].len);
	if (!err)
		err = crypto_shash_final(desc, out);
	shash_desc_zero(desc);
	return err;
}

static int set_secret(struct teredo_conf *conf, struct netlink_ext_ack *extack)
{
	int err;

	if (!conf->params.secret_len)
		return 0;
	conf->mac = crypto_alloc_shash("hmac(sha1)", 0, 0);
	if (IS_ERR(conf->mac)) {
		err = PTR_ERR(conf->mac);
		conf->mac = NULL;
		NL_SET_ERR_MSG(extack,
			       "a secret needs hmac(sha1), which this kernel does not offer");
		return err;
	}
	return crypto_shash_setkey(conf->mac, conf->params.secret,
				   conf->params.secret_len);
}

static void take_bool(bool *to, struct nlattr *attr)
{
	if (attr)
		*to = !!nla_get_u8(attr);
}

static u8 take_binary(u8 *to, u8 len, struct nlattr *attr)
{
	if (!attr)
		return len;
	memcpy(to, nla_data(attr), nla_len(attr));
	return nla_len(attr);
}

static int take_attrs(struct teredo_conf *conf, bool creating,
		      struct nlattr *data[], struct netlink_ext_ack *extack)
{
	struct teredo_params *p = &conf->params;

	if (data[IFLA_TEREDO_ROLE]) {
		u8 role = nla_get_u8(data[IFLA_TEREDO_ROLE]);

		if (role >= __TEREDO_ROLE_MAX) {
			NL_SET_ERR_MSG_ATTR(extack, data[IFLA_TEREDO_ROLE],
					    "unknown role: client, server, relay or host-relay");
			return -EINVAL;
		}
		if (!creating && role != p->role) {
			NL_SET_ERR_MSG_ATTR(extack, data[IFLA_TEREDO_ROLE],
					    "the role cannot change: delete the device and add it again");
			return -EOPNOTSUPP;
		}
		p->role = role;
	}
	if (data[IFLA_TEREDO_SERVER])
		p->server = nla_get_in_addr(data[IFLA_TEREDO_SERVER]);
	if (data[IFLA_TEREDO_SERVER2]) {
		p->server2 = nla_get_in_addr(data[IFLA_TEREDO_SERVER2]);
		conf->server2_given = true;
		if (!p->server) {
			NL_SET_ERR_MSG_ATTR(extack, data[IFLA_TEREDO_SERVER2],
					    "a second server address needs a first one");
			return -EINVAL;
		}
		if (!p->server2) {
			NL_SET_ERR_MSG_ATTR(extack, data[IFLA_TEREDO_SERVER2],
					    "second server address 0.0.0.0");
			return -EINVAL;
		}
	} else if (data[IFLA_TEREDO_SERVER]) {
		conf->server2_given = false;
	}
	/* As Windows and Miredo assume, and Windows' server role demands. */
	if (p->server && !conf->server2_given)
		p->server2 = htonl(ntohl(p->server) + 1);

	if (data[IFLA_TEREDO_LOCAL])
		conf->local = nla_get_in_addr(data[IFLA_TEREDO_LOCAL]);
	if (data[IFLA_TEREDO_PORT])
		conf->port = nla_get_be16(data[IFLA_TEREDO_PORT]);
	if (data[IFLA_TEREDO_REFRESH])
		p->refresh = nla_get_u32(data[IFLA_TEREDO_REFRESH]);
	if (data[IFLA_TEREDO_PREFIX])
		p->prefix = nla_get_be32(data[IFLA_TEREDO_PREFIX]);
	if (data[IFLA_TEREDO_MAX_PEERS])
		conf->max_peers = nla_get_u32(data[IFLA_TEREDO_MAX_PEERS]);
	if (data[IFLA_TEREDO_RATE_LIMIT])
		conf->rate_limit = nla_get_u32(data[IFLA_TEREDO_RATE_LIMIT]);
	if (data[IFLA_TEREDO_BUBBLE_TTL])
		p->bubble_ttl = nla_get_u8(data[IFLA_TEREDO_BUBBLE_TTL]);
	if (data[IFLA_TEREDO_EXTENSIONS]) {
		struct nla_bitfield32 bits =
			nla_get_bitfield32(data[IFLA_TEREDO_EXTENSIONS]);

		p->extensions &= ~bits.selector;
		p->extensions |= bits.value & bits.selector;
	}
	p->id_len = take_binary(p->id, p->id_len, data[IFLA_TEREDO_CLIENT_ID]);
	p->secret_len = take_binary(p->secret, p->secret_len,
				    data[IFLA_TEREDO_SECRET]);
	take_bool(&p->allow_private, data[IFLA_TEREDO_ALLOW_PRIVATE]);
	take_bool(&p->discovery, data[IFLA_TEREDO_DISCOVERY]);
	take_bool(&p->cone_probe, data[IFLA_TEREDO_CONE_PROBE]);
	take_bool(&p->single_server, data[IFLA_TEREDO_SINGLE_SERVER]);
	take_bool(&conf->default_route, data[IFLA_TEREDO_DEFAULT_ROUTE]);
	return 0;
}

/* @why is a literal: it is read after the lock is gone. */
static int refuse(struct netlink_ext_ack *extack, const char *why)
{
	if (extack)
		extack->_msg = why;
	return -EINVAL;
}

static int check_address(__be32 ip, bool allow_private, const char *never,
			 const char *private, struct netlink_ext_ack *extack)
{
	if (!teredo_ip_is_global(ip, true))
		return refuse(extack, never);
	if (!teredo_ip_is_global(ip, allow_private))
		return refuse(extack, private);
	return 0;
}

/* RFC 6081 sections 3.2 to 3.4 */
static int check_extensions(u32 ext, struct netlink_ext_ack *extack)
{
	if (!(ext & TEREDO_EXT_SNS) &&
	    (ext & (TEREDO_EXT_UPNP | TEREDO_EXT_PP | TEREDO_EXT_SP)))
		return refuse(extack,
			      "the extensions upnp, pp and sp need sns");
	if ((ext & TEREDO_EXT_SP) && !(ext & TEREDO_EXT_PP))
		return refuse(extack, "the extension sp needs pp");
	return 0;
}

static int check(const struct teredo_conf *conf, struct nlattr *data[],
		 struct netlink_ext_ack *extack)
{
	static const char never[] =
		"the server's address is not unicast (0/8, 127/8, multicast, broadcast)";
	static const char never2[] =
		"the second server address is not unicast (0/8, 127/8, multicast, broadcast)";
	static const char private[] =
		"the server's address is private, which needs allow-private";
	static const char private2[] =
		"the second server address is private, which needs allow-private";
	const struct teredo_params *p = &conf->params;
	bool named = data && data[IFLA_TEREDO_SERVER];
	int err;

	switch (p->role) {
	case TEREDO_ROLE_CLIENT:
		if (!p->server && !named)
			return refuse(extack,
				      "a client needs the IPv4 address of a server");
		break;
	case TEREDO_ROLE_SERVER:
		if (!p->server && !named)
			return refuse(extack,
				      "a server needs its own two IPv4 addresses: server and server2");
		if (!conf->server2_given)
			return refuse(extack,
				      "a server needs a second IPv4 address of its own: server2");
		break;
	case TEREDO_ROLE_RELAY:
		if (p->server || named)
			return refuse(extack,
				      "a relay uses the servers of its clients and has none itself");
		break;
	default:
		break;
	}
	if (p->server || named) {
		err = check_address(p->server, p->allow_private, never,
				    private, extack);
		if (!err)
			err = check_address(p->server2, p->allow_private,
					    never2, private2, extack);
		if (err)
			return err;
		if (p->server == p->server2)
			return refuse(extack,
				      "both server addresses are the same");
	}
	if (conf->local && !teredo_ip_is_global(conf->local, true))
		return refuse(extack, "the local address is not unicast");
	if (p->role == TEREDO_ROLE_SERVER) {
		if (conf->local)
			return refuse(extack,
				      "a server's local addresses are server and server2");
		if (conf->port && conf->port != htons(TEREDO_UDP_PORT))
			return refuse(extack,
				      "the port of a server is 3544 and cannot be set");
	}
	if (p->refresh < TEREDO_REFRESH_MIN_S ||
	    p->refresh > TEREDO_REFRESH_MAX_S)
		return refuse(extack,
			      "the refresh interval must be from 1 to 120 seconds");
	if (!conf->max_peers || conf->max_peers > TEREDO_PEERS_MAX)
		return refuse(extack,
			      "the number of peers must be from 1 to 16777216");
	if (conf->rate_limit > NSEC_PER_SEC / 1000)
		return refuse(extack,
			      "the rate limit must be from 0 (none) to 1000000 a second");
	/* 2000::/3, and 3ffe:831f::/32 of old within it. */
	if (ntohl(p->prefix) >> 29 != 1)
		return refuse(extack,
			      "the prefix must be a /32 of global unicast addresses");
	if (p->id_len && !p->secret_len)
		return refuse(extack, "a client identifier needs a secret");
	if (p->secret_len && p->role == TEREDO_ROLE_RELAY)
		return refuse(extack, "a relay authenticates to nobody");
	return check_extensions(p->extensions, extack);
}

struct teredo_conf *teredo_conf_make(struct teredo_dev *t,
				     const struct teredo_conf *old,
				     struct nlattr *data[],
				     struct netlink_ext_ack *extack)
{
	struct teredo_conf *conf;
	int err;

	conf = kzalloc(sizeof(*conf), GFP_KERNEL);
	if (!conf)
		return ERR_PTR(-ENOMEM);
	if (old) {
		*conf = *old;
		conf->mac = NULL;
	} else {
		conf->params.prefix = htonl(TEREDO_PREFIX);
		conf->params.refresh = TEREDO_REFRESH_DEFAULT_S;
		conf->params.extensions = TEREDO_EXT_ALL;
		conf->max_peers = TEREDO_PEERS_DEFAULT;
		conf->rate_limit = TEREDO_RATE_DEFAULT;
	}
	conf->t = t;
	conf->env.ctx = conf;
	conf->env.random = env_random;
	conf->env.hash = env_hash;
	conf->env.hmac = env_hmac;
	conf->env.ext_alloc = teredo_ext_alloc;
	conf->env.ext_free = teredo_ext_free;
	conf->env.port_take = teredo_port_take;
	conf->env.port_give = teredo_port_give;

	err = data ? take_attrs(conf, !old, data, extack) : 0;
	if (!err)
		err = check(conf, data, extack);
	if (!err)
		err = set_secret(conf, extack);
	if (err) {
		teredo_conf_free(conf);
		return ERR_PTR(err);
	}
	return conf;
}

void teredo_conf_free(struct teredo_conf *conf)
{
	if (!conf)
		return;
	if (conf->mac)
		crypto_free_shash(conf->mac);
	kfree_sensitive(conf);
}
