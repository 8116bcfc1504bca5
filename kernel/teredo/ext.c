// SPDX-License-Identifier: GPL-2.0
#include "ext.h"
#include "randport.h"
#include "send.h"

struct ext {
	struct teredo_path_ext core;
	struct teredo_dev *t;
	struct teredo_peer *peer;
	struct list_head list;		/* t->exts.list */
	bool	stranger;
};

static struct ext *ext_of(struct teredo_path_ext *core)
{
	return container_of(core, struct ext, core);
}

void teredo_exts_init(struct teredo_dev *t)
{
	spin_lock_init(&t->exts.lock);
	INIT_LIST_HEAD(&t->exts.list);
	t->exts.due = TEREDO_NEVER;
}

struct teredo_path_ext *teredo_ext_alloc(void *ctx, struct teredo_path *path,
					 bool stranger)
{
	struct teredo_peer *peer = container_of(path, struct teredo_peer, path);
	struct teredo_conf *conf = ctx;
	struct teredo_dev *t = conf->t;
	struct ext *ext;
	bool room;

	/* Nobody would free it. */
	if (peer->dead)
		return NULL;
	ext = kzalloc(sizeof(*ext), GFP_ATOMIC | __GFP_NOWARN);
	if (!ext)
		return NULL;
	ext->t = t;
	ext->peer = peer;
	ext->stranger = stranger;
	spin_lock_bh(&t->exts.lock);
	room = t->exts.count < TEREDO_EXTS_MAX &&
	       (!stranger || t->exts.strangers < TEREDO_EXTS_STRANGERS);
	if (room) {
		list_add_tail(&ext->list, &t->exts.list);
		t->exts.count++;
		t->exts.strangers += stranger;
	}
	spin_unlock_bh(&t->exts.lock);
	if (!room) {
		kfree(ext);
		return NULL;
	}
	return &ext->core;
}

void teredo_ext_free(void *ctx, struct teredo_path_ext *core)
{
	struct ext *ext = ext_of(core);
	struct teredo_dev *t = ext->t;

	spin_lock_bh(&t->exts.lock);
	list_del(&ext->list);
	t->exts.count--;
	t->exts.strangers -= ext->stranger;
	spin_unlock_bh(&t->exts.lock);
	if (core->ports.slot)
		teredo_randport_give(t, core->ports.slot);
	kfree(ext);
}

void teredo_ext_drop(struct teredo_dev *t, struct teredo_peer *peer)
{
	struct teredo_path_ext *core = peer->path.ext;

	if (!core)
		return;
	peer->path.ext = NULL;
	teredo_ext_free(NULL, core);
}

void teredo_ext_wake(struct teredo_dev *t, const struct teredo_path_ext *ext)
{
	u64 due = teredo_ext_due(ext);
	bool sooner;

	spin_lock_bh(&t->exts.lock);
	sooner = due < t->exts.due;
	if (sooner)
		t->exts.due = due;
	spin_unlock_bh(&t->exts.lock);
	if (sooner)
		teredo_wake(t, due);
}

/*
 * The next one in turn, put last: NULL if it is not due, and then *@due says
 * when it is. It stays as long as its peer, which stays under RCU; whether it
 * still is due is for the peer's lock to say.
 */
static struct teredo_peer *next(struct teredo_dev *t, u64 now, u64 *due)
{
	struct teredo_peer *peer = NULL;
	struct ext *ext;
	u64 at;

	spin_lock_bh(&t->exts.lock);
	ext = list_first_entry_or_null(&t->exts.list, struct ext, list);
	if (ext) {
		list_move_tail(&ext->list, &t->exts.list);
		at = min(READ_ONCE(ext->core.deadline),
			 READ_ONCE(ext->core.keep));
		if (at <= now)
			peer = ext->peer;
		else
			*due = min(*due, at);
	}
	spin_unlock_bh(&t->exts.lock);
	return peer;
}

static u64 run_one(struct teredo_dev *t, struct teredo_peer *peer, u64 now)
{
	const struct teredo_conf *conf = rcu_dereference(t->conf);
	const struct teredo_self *self = rcu_dereference(t->self);
	struct teredo_actions act;
	u64 due = TEREDO_NEVER;

	spin_lock_bh(&peer->lock);
	teredo_path_ext_tick(self, &conf->env, &peer->path, now, &act);
	teredo_peer_sync(t, peer);
	if (peer->path.ext)
		due = teredo_ext_due(peer->path.ext);
	spin_unlock_bh(&peer->lock);
	teredo_emit(t, conf, &act, NULL);
	return due;
}

u64 teredo_exts_run(struct teredo_dev *t, u64 now)
{
	struct teredo_peer *peer;
	u64 due = TEREDO_NEVER;
	unsigned int n;

	spin_lock_bh(&t->exts.lock);
	if (now < t->exts.due) {
		due = t->exts.due;
		spin_unlock_bh(&t->exts.lock);
		return due;
	}
	/* What is made from here on sets it again. */
	t->exts.due = TEREDO_NEVER;
	n = t->exts.count;
	spin_unlock_bh(&t->exts.lock);

	while (n--) {
		local_bh_disable();
		rcu_read_lock();
		peer = next(t, now, &due);
		if (peer)
			due = min(due, run_one(t, peer, now));
		rcu_read_unlock();
		local_bh_enable();
		cond_resched();
	}
	spin_lock_bh(&t->exts.lock);
	due = min(due, t->exts.due);
	t->exts.due = due;
	spin_unlock_bh(&t->exts.lock);
	return due;
}
