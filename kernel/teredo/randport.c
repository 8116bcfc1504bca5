// SPDX-License-Identifier: GPL-2.0
#include <net/net_namespace.h>

#include "peer.h"
#include "randport.h"
#include "send.h"
#include "socket.h"

/* States of a slot; under randports.lock. */
enum {
	FREE,
	WANTED,			/* taken, the socket is to be opened */
	OPEN,
	UNWANTED,		/* given back, to be closed if it is open */
};

void teredo_randports_init(struct teredo_dev *t)
{
	spin_lock_init(&t->randports.lock);
	mutex_init(&t->randports.mutex);
}

u16 teredo_port_take(void *ctx, struct teredo_path *path, bool stranger)
{
	const struct teredo_conf *conf = ctx;
	struct teredo_dev *t = conf->t;
	struct teredo_randports *r = &t->randports;
	unsigned int i;
	u16 slot = 0;

	spin_lock_bh(&r->lock);
	if (r->shut || (stranger && r->strangers >= TEREDO_PORTS_STRANGERS))
		goto out;
	for (i = 0; i < TEREDO_PORTS_MAX; i++) {
		if (r->slot[i].state != FREE)
			continue;
		WRITE_ONCE(r->slot[i].state, WANTED);
		r->slot[i].stranger = stranger;
		r->slot[i].peer = path->addr;
		r->strangers += stranger;
		slot = i + 1;
		break;
	}
out:
	spin_unlock_bh(&r->lock);
	if (slot)
		teredo_wake(t, 0);
	else
		teredo_count_drop(t, TEREDO_REASON_PORTS_FULL);
	return slot;
}

void teredo_randport_give(struct teredo_dev *t, u16 slot)
{
	spin_lock_bh(&t->randports.lock);
	WRITE_ONCE(t->randports.slot[slot - 1].state, UNWANTED);
	spin_unlock_bh(&t->randports.lock);
	/*
	 * When the device is down the worker has yet to run for that, or has
	 * ended and there is nothing left to close.
	 */
	if (READ_ONCE(t->running))
		teredo_wake(t, 0);
}

void teredo_port_give(void *ctx, u16 slot)
{
	const struct teredo_conf *conf = ctx;

	teredo_randport_give(conf->t, slot);
}

/* The mutex is held. */
static void close_unwanted(struct teredo_dev *t)
{
	struct teredo_randports *r = &t->randports;
	struct teredo_sock *gone[TEREDO_PORTS_MAX];
	DECLARE_BITMAP(slots, TEREDO_PORTS_MAX);
	unsigned int i, n = 0;

	bitmap_zero(slots, TEREDO_PORTS_MAX);
	spin_lock_bh(&r->lock);
	for (i = 0; i < TEREDO_PORTS_MAX; i++) {
		struct teredo_randport *p = &r->slot[i];
		struct teredo_sock *ts;

		if (p->state != UNWANTED && !r->shut)
			continue;
		if (p->state == UNWANTED)
			__set_bit(i, slots);
		ts = rcu_dereference_protected(p->ts,
					       lockdep_is_held(&r->lock));
		if (!ts)
			continue;
		RCU_INIT_POINTER(p->ts, NULL);
		gone[n++] = ts;
	}
	spin_unlock_bh(&r->lock);
	if (bitmap_empty(slots, TEREDO_PORTS_MAX) && !n)
		return;
	/* Waits for those who read a slot's number, with or without socket. */
	teredo_socks_close(gone, n);
	spin_lock_bh(&r->lock);
	for_each_set_bit(i, slots, TEREDO_PORTS_MAX) {
		WRITE_ONCE(r->slot[i].state, FREE);
		r->strangers -= r->slot[i].stranger;
	}
	spin_unlock_bh(&r->lock);
}

/* Opens a socket for as long as its namespace is there. */
static struct teredo_sock *open_sock(struct teredo_dev *t, u16 slot)
{
	struct teredo_sock *ts;
	struct net *net;
	__be32 local;

	rcu_read_lock();
	local = rcu_dereference(t->conf)->local;
	net = rcu_dereference(t->creating_net);
	/*
	 * The socket holds no reference. One is held until it is in its slot:
	 * whoever ends the namespace after that finds it there.
	 */
	if (net)
		net = maybe_get_net(net);
	rcu_read_unlock();
	if (!net)
		return ERR_PTR(-ENONET);
	ts = teredo_sock_open_random(t, net, local, slot);
	if (!IS_ERR(ts)) {
		spin_lock_bh(&t->randports.lock);
		if (t->randports.slot[slot - 1].state == WANTED)
			WRITE_ONCE(t->randports.slot[slot - 1].state, OPEN);
		/* Even if it is unwanted by now: the next round closes it. */
		rcu_assign_pointer(t->randports.slot[slot - 1].ts, ts);
		spin_unlock_bh(&t->randports.lock);
	}
	put_net(net);
	return ts;
}

/* Under RCU, bottom halves off: the peer that a slot was taken for, if alive. */
static struct teredo_peer *find_peer(struct teredo_dev *t, u16 slot)
{
	return teredo_peer_lookup(t, teredo_randport_peer(t, slot));
}

/* What waits for the port may go now, by it or without. */
static void tell_peer(struct teredo_dev *t, u16 slot, __be16 port, u64 now)
{
	struct teredo_actions act = { };
	const struct teredo_self *self;
	const struct teredo_conf *conf;
	struct teredo_peer *peer;

	local_bh_disable();
	rcu_read_lock();
	self = rcu_dereference(t->self);
	conf = rcu_dereference(t->conf);
	peer = find_peer(t, slot);
	if (peer) {
		spin_lock_bh(&peer->lock);
		/* It may have given the slot back meanwhile. */
		if (teredo_path_port(&peer->path) == slot) {
			teredo_path_port_opened(self, &conf->env, &peer->path,
						port, now, &act);
			teredo_peer_sync(t, peer);
		}
		spin_unlock_bh(&peer->lock);
		teredo_emit(t, conf, &act, NULL);
	}
	rcu_read_unlock();
	local_bh_enable();
}

void teredo_randports_run(struct teredo_dev *t, u64 now)
{
	struct teredo_randports *r = &t->randports;
	struct teredo_sock *ts;
	unsigned int i;

	mutex_lock(&r->mutex);
	/* Somebody waits for these; nobody for the others to be closed. */
	for (i = 0; i < TEREDO_PORTS_MAX; i++) {
		if (READ_ONCE(r->slot[i].state) != WANTED)
			continue;
		ts = r->shut ? ERR_PTR(-ENONET) : open_sock(t, i + 1);
		tell_peer(t, i + 1, IS_ERR(ts) ? 0 : ts->port, now);
	}
	close_unwanted(t);
	mutex_unlock(&r->mutex);
}

void teredo_randports_shut(struct teredo_dev *t)
{
	mutex_lock(&t->randports.mutex);
	spin_lock_bh(&t->randports.lock);
	t->randports.shut = true;
	spin_unlock_bh(&t->randports.lock);
	close_unwanted(t);
	mutex_unlock(&t->randports.mutex);
}

enum teredo_reason teredo_randport_solicit(struct teredo_dev *t,
					   const struct teredo_conf *conf,
					   const struct teredo_sock *ts,
					   const struct teredo_emit *e)
{
	u8 buf[TEREDO_AUTH_MAX + TEREDO_RS_LEN];
	struct teredo_endpoint to = {
		.ip = e->solicit == 1 ? conf->params.server :
					conf->params.server2,
		.port = htons(TEREDO_UDP_PORT),
	};
	int n;

	n = teredo_build_rs(buf, false, e->rs_nonce, &conf->params,
			    &conf->env);
	if (n < 0)
		return TEREDO_REASON_NO_MEMORY;
	n = teredo_send_payload(t, ts, conf->local, to, 0, 0, buf, n);
	if (n)
		return teredo_route_reason(n);
	teredo_count(t, TEREDO_COUNT_PORT_TEST_TX);
	return TEREDO_REASON_NONE;
}

enum teredo_reason teredo_randport_ra(struct teredo_dev *t,
				      const struct teredo_conf *conf,
				      const struct teredo_self *self,
				      const struct teredo_input *in)
{
	enum teredo_reason reason = TEREDO_REASON_RA_UNEXPECTED;
	struct teredo_peer *peer = find_peer(t, in->slot);
	struct teredo_actions act = { };

	if (!peer)
		return reason;
	spin_lock_bh(&peer->lock);
	if (teredo_path_port(&peer->path) == in->slot)
		reason = teredo_path_port_ra(self, &conf->env, &conf->params,
					     in, &peer->path, teredo_now(),
					     &act);
	if (!reason)
		teredo_peer_sync(t, peer);
	spin_unlock_bh(&peer->lock);
	teredo_emit(t, conf, &act, NULL);
	return reason;
}
