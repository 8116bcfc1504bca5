// SPDX-License-Identifier: GPL-2.0
/*
 * What a device does by itself: qualification and maintenance, the repeats of
 * bubbles and tests, discovery, clearing up. All of it is done by one work
 * item, which alone publishes the device's new self, so that address, routes,
 * carrier and peers change in one order.
 *
 * The work takes the RTNL. It is therefore never waited for under it, but
 * when the device is freed, after the RTNL was given up.
 */
#include <linux/igmp.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <net/arp.h>
#include <net/route.h>
#include <net/sock.h>

#include "addrconf.h"
#include "control.h"
#include "ext.h"
#include "netlink.h"
#include "notify.h"
#include "peer.h"
#include "randport.h"
#include "send.h"
#include "socket.h"

void teredo_wake(struct teredo_dev *t, u64 at)
{
	u64 now = teredo_now();

	spin_lock_bh(&t->wake_lock);
	if (at < t->wake) {
		t->wake = at;
		mod_delayed_work(teredo_wq, &t->work, at > now ?
				 nsecs_to_jiffies(at - now) + 1 : 0);
	}
	spin_unlock_bh(&t->wake_lock);
}

/* t->lock is held: add what a call asked for to what others did. */
static void merge_out(struct teredo_dev *t, const struct teredo_client_out *out)
{
	t->out.changed |= out->changed;
	t->out.renumbered |= out->renumbered;
	if (out->send_rs) {
		t->out.send_rs = true;
		t->out.server = out->server;
	}
}

static __be32 gateway(const struct rtable *rt)
{
	return rt->rt_gw_family == AF_INET ? rt->rt_gw4 : 0;
}

/*
 * t->lock is held. Who takes the packets on the link, for the notifier that
 * sees it fall silent, come back or be replaced.
 */
static void learn_way(struct teredo_dev *t, const struct rtable *rt, __be32 to)
{
	int oif = rt->dst.dev->ifindex;
	struct neighbour *n;
	__be32 nexthop = 0;

	if (rt->rt_gw_family == AF_INET)
		nexthop = rt->rt_gw4;
	else if (!rt->rt_gw_family)
		nexthop = to;
	if (nexthop != t->way.nexthop || oif != t->way.oif) {
		WRITE_ONCE(t->way.hwaddr, 0);
		WRITE_ONCE(t->way.lost, false);
	}
	t->way.gateway = gateway(rt);
	WRITE_ONCE(t->way.nexthop, nexthop);
	WRITE_ONCE(t->way.oif, oif);
	n = nexthop ? __ipv4_neigh_lookup(rt->dst.dev,
					  (__force u32)nexthop) : NULL;
	if (!n)
		return;
	if (READ_ONCE(n->nud_state) & NUD_VALID) {
		WRITE_ONCE(t->way.hwaddr, teredo_hwaddr(n));
		WRITE_ONCE(t->way.lost, false);
	}
	neigh_release(n);
}

/*
 * t->lock is held. Looks where the solicitation will leave from, tells the
 * client, and only then sends it: an answer cannot come before the client
 * knows what to compare it with.
 */
static void solicit(struct teredo_dev *t, const struct teredo_conf *conf)
{
	struct teredo_sock *ts = rcu_dereference(t->service);
	u8 buf[TEREDO_AUTH_MAX + TEREDO_RS_LEN];
	struct teredo_endpoint local = { };
	struct teredo_endpoint to = {
		.ip = t->out.server,
		.port = htons(TEREDO_UDP_PORT),
	};
	struct teredo_client_out out;
	__be32 source = conf->local;
	struct rtable *rt;
	int len;

	t->out.send_rs = false;
	t->way.at = teredo_now();
	rt = ts ? teredo_route(t, ts, to, &source, 0) :
		  ERR_PTR(-ENONET);
	if (IS_ERR(rt)) {
		t->way.source = 0;
		teredo_count_drop(t, TEREDO_REASON_NO_ROUTE);
	} else {
		/* The second address may be reached another way. */
		if (to.ip == conf->params.server) {
			t->way.source = source;
			learn_way(t, rt, to.ip);
		}
		local.ip = source;
		local.port = ts->port;
		ip_rt_put(rt);
	}
	teredo_client_sent(&t->client, &conf->params, &conf->env, local,
			   teredo_now(), &out);
	merge_out(t, &out);
	if (!t->client.pending || !local.ip)
		return;
	len = teredo_build_rs(buf, t->client.cone, t->client.nonce,
			      &conf->params, &conf->env);
	if (len > 0 &&
	    !teredo_send_payload(t, ts, source, to, 0, 0, buf, len))
		teredo_count(t, TEREDO_COUNT_RS_TX);
}

/* Is the way to the server another one than the last solicitation's? */
static bool way_changed(struct teredo_dev *t, const struct teredo_conf *conf)
{
	struct teredo_sock *ts = rcu_dereference(t->service);
	struct teredo_endpoint to = {
		.ip = conf->params.server,
		.port = htons(TEREDO_UDP_PORT),
	};
	__be32 source = conf->local;
	struct rtable *rt;
	bool changed;

	if (!ts)
		return false;
	rt = teredo_route(t, ts, to, &source, 0);
	if (IS_ERR(rt)) {
		/* Nothing to send by. The next change leads here again. */
		t->way.source = 0;
		return false;
	}
	changed = source != t->way.source ||
		  gateway(rt) != t->way.gateway ||
		  rt->dst.dev->ifindex != t->way.oif;
	ip_rt_put(rt);
	return changed;
}

/* Under RCU, t->lock held. */
static void run_client(struct teredo_dev *t, const struct teredo_conf *conf,
		       u64 now)
{
	const struct teredo_params *params = &conf->params;
	const struct teredo_env *env = &conf->env;
	struct teredo_client_out out;
	bool ask = false;

	if (test_and_clear_bit(TEREDO_EVENT_NET, &t->events) &&
	    way_changed(t, conf))
		ask = true;
	/* A link that flaps is asked about once in a while, and at its end. */
	if (test_bit(TEREDO_EVENT_LINK, &t->events) &&
	    now - t->way.at >= TEREDO_LINK_MS * TEREDO_MSEC) {
		clear_bit(TEREDO_EVENT_LINK, &t->events);
		ask = true;
	}
	if (ask && !t->out.send_rs) {
		teredo_client_network_changed(&t->client, params, env, now,
					      &out);
		merge_out(t, &out);
	}
	if (test_and_clear_bit(TEREDO_EVENT_DOUBT, &t->events) &&
	    !t->out.send_rs) {
		teredo_client_doubt(&t->client, params, env, now, &out);
		merge_out(t, &out);
	}
	teredo_client_tick(&t->client, params, env, now, &out);
	merge_out(t, &out);
	if (t->out.send_rs)
		solicit(t, conf);
}

static void fill_self(struct teredo_self *self, struct teredo_dev *t,
		      const struct teredo_conf *conf)
{
	const struct teredo_client *c = &t->client;

	self->role = conf->params.role;
	self->prefix = conf->params.prefix;
	self->allow_private = conf->params.allow_private;
	self->discovery = conf->params.discovery;
	self->bubble_ttl = conf->params.bubble_ttl;
	self->usable = t->running;
	if (teredo_qualifies(conf))
		self->server = conf->params.server;
	if (conf->params.role != TEREDO_ROLE_CLIENT)
		return;
	self->usable = t->running && c->address != TEREDO_ADDRESS_NONE;
	self->extensions = conf->params.extensions;
	self->nat = c->nat;
	self->addr = c->addr;
	self->mapped = c->mapped;
	self->first = c->first;
	self->local = c->local;
	/* RFC 6081 section 5.3.3: of a single NAT it tells nothing new. */
	if ((self->extensions & TEREDO_EXT_UPNP) &&
	    !teredo_endpoint_eq(c->portmap, c->mapped))
		self->portmap = c->portmap;
	self->pinned = (self->extensions & TEREDO_EXT_UPNP) &&
		       teredo_nat_symmetric(c->nat) &&
		       teredo_endpoint_eq(c->portmap, c->mapped);
	self->open = c->nat == TEREDO_NAT_NONE || c->nat == TEREDO_NAT_CONE;
}

static void fill_addrconf(struct teredo_addrconf *want,
			  const struct teredo_dev *t,
			  const struct teredo_conf *conf)
{
	memset(want, 0, sizeof(*want));
	if (!t->running)
		return;
	switch (conf->params.role) {
	case TEREDO_ROLE_CLIENT:
		want->state = t->client.address;
		want->addr = t->client.addr;
		want->default_route = conf->default_route &&
				      want->state != TEREDO_ADDRESS_NONE;
		break;
	case TEREDO_ROLE_RELAY:
	case TEREDO_ROLE_HOST_RELAY:
		want->prefix_route = true;
		break;
	default:
		break;
	}
}

static void replace_self(struct teredo_dev *t, struct teredo_self_rcu *new)
{
	struct teredo_self *old = rcu_replace_pointer(t->self, &new->self,
						      true);

	kfree_rcu(container_of(old, struct teredo_self_rcu, self), rcu);
}

static void set_carrier(struct teredo_dev *t, bool on)
{
	if (on)
		netif_carrier_on(t->dev);
	else
		netif_carrier_off(t->dev);
}

/* Without the RTNL. Returns when to try again what was refused. */
static u64 sync_addrconf(struct teredo_dev *t, __be32 prefix,
			 const struct teredo_addrconf *want, u64 now)
{
	bool failed = t->installed.failed;
	int err;

	if (test_and_clear_bit(TEREDO_EVENT_RESYNC, &t->events)) {
		t->installed.state = TEREDO_ADDRESS_NONE;
		t->installed.prefix_route = false;
		t->installed.default_route = false;
	}
	err = teredo_addrconf_sync(t, prefix, want);
	WRITE_ONCE(t->installed.failed, !!err);
	if (!err)
		return TEREDO_NEVER;
	if (!failed)
		netdev_warn(t->dev,
			    "IPv6 address or route could not be set: error %d\n",
			    err);
	return now + TEREDO_RETRY_S * TEREDO_SEC;
}

/* RFC 4380 sections 5.2.4, 5.4.1: the repeats that are due. */
static void run_peers(struct teredo_dev *t, u64 now)
{
	const struct teredo_self *self;
	const struct teredo_conf *conf;
	struct teredo_actions act;
	struct sk_buff_head queue;
	struct teredo_peer *peer;
	u8 nonce[TEREDO_ECHO_DATA];
	bool lost;

	__skb_queue_head_init(&queue);
	for (;;) {
		/* Senders of replies expect bottom halves to be off. */
		local_bh_disable();
		rcu_read_lock();
		peer = teredo_peer_next_due(t, now);
		if (peer) {
			self = rcu_dereference(t->self);
			conf = rcu_dereference(t->conf);
			spin_lock_bh(&peer->lock);
			teredo_path_tick(self, &conf->env, &peer->path, now,
					 &act);
			memcpy(nonce, peer->path.nonce, sizeof(nonce));
			teredo_peer_sync(t, peer);
			if (act.failed)
				teredo_peer_take_queue(t, peer, &queue);
			/* A test that a stranger caused may fail beside it. */
			lost = act.failed && !peer->dest;
			spin_unlock_bh(&peer->lock);
			teredo_emit(t, conf, &act, nonce);
			teredo_fail_queue(t, &queue,
					  TEREDO_REASON_PEER_UNREACHABLE);
			if (lost)
				teredo_notify_peer(t, peer,
						   TEREDO_PEER_EVENT_UNREACHABLE);
		}
		rcu_read_unlock();
		local_bh_enable();
		if (!peer)
			return;
		cond_resched();
	}
}

/*
 * To release a socket that is in a group takes the RTNL, which the caller
 * holds: so it leaves the group first.
 */
void teredo_discovery_close(struct teredo_dev *t)
{
	struct teredo_sock *ts = t->discovery.sock;
	struct ip_mreqn mreq = {
		.imr_multiaddr.s_addr = htonl(0xe00000fd),
		.imr_ifindex = t->discovery.oif,
	};

	if (!ts)
		return;
	lock_sock(ts->sock->sk);
	ip_mc_leave_group(ts->sock->sk, &mreq);
	release_sock(ts->sock->sk);
	teredo_sock_close(ts);
	t->discovery.sock = NULL;
}

/* RFC 4380 section 5.2.8. Under RTNL: listen where the way out is. */
static void sync_discovery(struct teredo_dev *t, bool want)
{
	struct net *net = rtnl_dereference(t->creating_net);
	struct teredo_sock *ts = t->discovery.sock;
	struct ip_mreqn mreq = {
		.imr_multiaddr.s_addr = htonl(0xe00000fd),
		.imr_ifindex = t->way.oif,
	};

	if (ts && (!want || t->discovery.oif != t->way.oif))
		teredo_discovery_close(t);
	if (!want || !net || t->discovery.sock)
		return;
	ts = teredo_sock_open_discovery(t, net);
	if (IS_ERR(ts)) {
		netdev_warn_once(t->dev,
				 "local discovery: UDP port 3544 cannot be used\n");
		return;
	}
	lock_sock(ts->sock->sk);
	ip_mc_join_group(ts->sock->sk, &mreq);
	release_sock(ts->sock->sk);
	t->discovery.sock = ts;
	t->discovery.oif = t->way.oif;
	t->discovery.next = 0;
}

static u64 run_discovery(struct teredo_dev *t, bool want, u64 now)
{
	const struct teredo_conf *conf;
	struct teredo_actions act = { };
	const struct teredo_self *self;

	if (want || t->discovery.sock) {
		rtnl_lock();
		sync_discovery(t, want && t->running);
		rtnl_unlock();
	}
	if (!want)
		return TEREDO_NEVER;
	if (now < t->discovery.next)
		return t->discovery.next;

	local_bh_disable();
	rcu_read_lock();
	self = rcu_dereference(t->self);
	conf = rcu_dereference(t->conf);
	act.n = 1;
	act.emit[0].to.ip = htonl(0xe00000fd);
	act.emit[0].to.port = htons(TEREDO_UDP_PORT);
	act.emit[0].ttl = 1;
	act.emit[0].saddr = self->addr;
	act.emit[0].daddr = in6addr_linklocal_allnodes;
	teredo_emit(t, conf, &act, NULL);
	rcu_read_unlock();
	local_bh_enable();
	t->discovery.next = now + (200 + get_random_u32_below(101)) *
			    TEREDO_SEC;
	return t->discovery.next;
}

static void tell_state(struct teredo_dev *t)
{
	struct teredo_status s;

	teredo_status_get(t, &s);
	if (s.state == t->told.state && s.nat == t->told.nat &&
	    s.error == t->told.error)
		return;
	t->told.state = s.state;
	t->told.nat = s.nat;
	t->told.error = s.error;
	teredo_notify_dev(t, TEREDO_CMD_STATE_NTF);
}

static void teredo_work(struct work_struct *work)
{
	struct teredo_dev *t = container_of(to_delayed_work(work),
					    struct teredo_dev, work);
	bool conf_changed, changed, renumbered, carrier, discovery;
	const struct teredo_conf *conf;
	struct teredo_addrconf want;
	struct teredo_self_rcu *new;
	u64 now = teredo_now();
	u64 next = TEREDO_NEVER;
	__be32 prefix;

	spin_lock_bh(&t->wake_lock);
	t->wake = TEREDO_NEVER;
	spin_unlock_bh(&t->wake_lock);
	if (READ_ONCE(t->asleep))
		return;
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new) {
		teredo_wake(t, now + TEREDO_SEC);
		return;
	}

	rcu_read_lock();
	conf = rcu_dereference(t->conf);
	spin_lock_bh(&t->lock);
	/* The answer to a solicitation may come before this work goes on. */
	conf_changed = test_and_clear_bit(TEREDO_EVENT_CONF, &t->events);
	if (!teredo_qualifies(conf)) {
		/* No way to a server, so nothing to see in its changes. */
		clear_bit(TEREDO_EVENT_NET, &t->events);
		clear_bit(TEREDO_EVENT_LINK, &t->events);
		clear_bit(TEREDO_EVENT_DOUBT, &t->events);
	} else if (t->running && !conf_changed) {
		run_client(t, conf, now);
	}
	changed = t->out.changed;
	renumbered = t->out.renumbered;
	t->out.changed = false;
	t->out.renumbered = false;
	fill_self(&new->self, t, conf);
	fill_addrconf(&want, t, conf);
	carrier = t->running && rcu_access_pointer(t->service) &&
		  (conf->params.role != TEREDO_ROLE_CLIENT ||
		   want.state != TEREDO_ADDRESS_NONE);
	discovery = conf->params.discovery && new->self.usable &&
		    conf->params.role == TEREDO_ROLE_CLIENT;
	prefix = conf->params.prefix;
	if (t->running)
		next = conf_changed ? 0 : t->client.deadline;
	if (test_bit(TEREDO_EVENT_LINK, &t->events))
		next = min(next, now + TEREDO_LINK_MS * TEREDO_MSEC);
	spin_unlock_bh(&t->lock);
	rcu_read_unlock();

	/*
	 * First nobody sends from the old address, then it goes, then its
	 * peers: RFC 4380 section 5.2.5.
	 */
	if (changed) {
		replace_self(t, new);
		set_carrier(t, carrier);
	} else {
		kfree(new);
	}
	next = min(next, sync_addrconf(t, prefix, &want, now));
	if (renumbered || !t->running)
		teredo_peers_flush(t);
	if (renumbered)
		teredo_notify_dev(t, TEREDO_CMD_MAPPING_NTF);
	tell_state(t);

	run_peers(t, now);
	next = min(next, teredo_peers_deadline(t));
	next = min(next, teredo_exts_run(t, now));
	teredo_randports_run(t, now);
	next = min(next, teredo_peers_gc(t, now));
	next = min(next, run_discovery(t, discovery, now));
	if (t->running)
		teredo_wake(t, next);
}

void teredo_control_init(struct teredo_dev *t)
{
	spin_lock_init(&t->lock);
	spin_lock_init(&t->wake_lock);
	t->wake = TEREDO_NEVER;
	INIT_DELAYED_WORK(&t->work, teredo_work);
	teredo_client_init(&t->client);
}

void teredo_control_start(struct teredo_dev *t)
{
	const struct teredo_conf *conf = rtnl_dereference(t->conf);
	struct teredo_client_out out = { };

	spin_lock_bh(&t->lock);
	if (!t->running) {
		/* The stack took address and routes away with "down". */
		set_bit(TEREDO_EVENT_RESYNC, &t->events);
		WRITE_ONCE(t->running, true);
	}
	t->client.local.ip = 0;
	if (teredo_qualifies(conf))
		teredo_client_start(&t->client, &conf->params, &conf->env,
				    teredo_now(), &out);
	else
		teredo_client_stop(&t->client, &out);
	merge_out(t, &out);
	t->out.changed = true;
	set_bit(TEREDO_EVENT_CONF, &t->events);
	spin_unlock_bh(&t->lock);
	teredo_wake(t, 0);
}

void teredo_control_stop(struct teredo_dev *t)
{
	struct teredo_client_out out;

	spin_lock_bh(&t->lock);
	WRITE_ONCE(t->running, false);
	teredo_client_stop(&t->client, &out);
	merge_out(t, &out);
	t->out.send_rs = false;
	t->out.changed = true;
	spin_unlock_bh(&t->lock);
	teredo_wake(t, 0);
}

void teredo_control_conf_changed(struct teredo_dev *t)
{
	const struct teredo_conf *conf = rtnl_dereference(t->conf);

	spin_lock_bh(&t->lock);
	teredo_client_refresh_changed(&t->client, &conf->params, &conf->env);
	t->out.changed = true;
	set_bit(TEREDO_EVENT_CONF, &t->events);
	spin_unlock_bh(&t->lock);
	teredo_wake(t, 0);
}

void teredo_control_portmap(struct teredo_dev *t,
			    struct teredo_endpoint portmap)
{
	const struct teredo_conf *conf = rtnl_dereference(t->conf);
	struct teredo_client_out out;

	spin_lock_bh(&t->lock);
	teredo_client_portmap(&t->client, &conf->params, &conf->env, portmap,
			      &out);
	merge_out(t, &out);
	spin_unlock_bh(&t->lock);
	if (out.changed)
		teredo_wake(t, 0);
}

enum teredo_reason teredo_control_ra(struct teredo_dev *t,
				     const struct teredo_conf *conf,
				     const struct teredo_input *in)
{
	struct teredo_client_out out;
	enum teredo_reason reason;

	spin_lock_bh(&t->lock);
	reason = teredo_client_ra(&t->client, &conf->params, &conf->env,
				  in->from, in->pkt, in->data, teredo_now(),
				  &out);
	merge_out(t, &out);
	spin_unlock_bh(&t->lock);
	if (!reason)
		teredo_count(t, TEREDO_COUNT_RA_RX);
	if (!reason || out.changed)
		teredo_wake(t, 0);
	return reason;
}

void teredo_control_event(struct teredo_dev *t, enum teredo_event_bit event)
{
	/* The bit is cleared by the work, so a storm does not put it off. */
	if (READ_ONCE(t->running) && !test_and_set_bit(event, &t->events))
		teredo_wake(t, teredo_now() + TEREDO_SETTLE_MS * TEREDO_MSEC);
}

void teredo_control_suspend(struct teredo_dev *t)
{
	WRITE_ONCE(t->asleep, true);
	spin_lock_bh(&t->lock);
	teredo_client_suspend(&t->client);
	spin_unlock_bh(&t->lock);
}

void teredo_control_resume(struct teredo_dev *t)
{
	const struct teredo_conf *conf;
	struct teredo_client_out out;

	if (!READ_ONCE(t->asleep))
		return;
	/*
	 * NATs forget while we sleep: no mapping is to be believed, neither
	 * the peers' nor the own.
	 */
	teredo_peers_distrust(t);
	rcu_read_lock();
	conf = rcu_dereference(t->conf);
	spin_lock_bh(&t->lock);
	if (t->running && teredo_qualifies(conf)) {
		teredo_client_resume(&t->client, &conf->params, &conf->env,
				     teredo_now(), &out);
		merge_out(t, &out);
	}
	spin_unlock_bh(&t->lock);
	rcu_read_unlock();
	WRITE_ONCE(t->asleep, false);
	teredo_wake(t, 0);
}
