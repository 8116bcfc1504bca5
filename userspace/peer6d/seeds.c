// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "seeds.h"

struct seed {
	struct seeds		*seeds;
	char			text[SEED_TEXT_MAX];
	struct lookup		*lookup;
	struct peer6_endpoint	ep[HOST_ADDRESSES_MAX];
	unsigned int		n;
	int			error;
	char			words[80];
};

struct seeds {
	struct daemon	*daemon;
	uv_timer_t	timer;
	struct seed	list[SEEDS_MAX];
	unsigned int	n;
};

static void resolve_all(struct seeds *seeds);

static void on_timer(uv_timer_t *timer)
{
	resolve_all(timer->data);
}

/* All addresses of all seeds, the first of each before the second of any. */
static unsigned int gather(const struct seeds *seeds,
			   struct peer6_endpoint *ep, unsigned int max)
{
	unsigned int i, k, n = 0;

	for (k = 0; k < HOST_ADDRESSES_MAX; k++)
		for (i = 0; i < seeds->n && n < max; i++)
			if (k < seeds->list[i].n)
				ep[n++] = seeds->list[i].ep[k];
	return n;
}

void seeds_apply(struct seeds *seeds, struct cloud *cloud)
{
	struct peer6_endpoint ep[SEEDS_MAX];
	unsigned int n;

	if (cloud->scope != PEER6_PNRP_GLOBAL)
		return;
	n = gather(seeds, ep, SEEDS_MAX);
	cloud_enter(cloud);
	peer6_pnrp_set_seeds(cloud->node, ep, n);
	cloud_leave(cloud);
}

void seeds_greet(struct seeds *seeds, struct cloud *cloud)
{
	struct peer6_endpoint ep[SEEDS_MAX];
	uint32_t which;
	unsigned int n;

	if (cloud->scope != PEER6_PNRP_GLOBAL || !cloud->n_local)
		return;
	n = gather(seeds, ep, SEEDS_MAX);
	if (!n || daemon_random(NULL, &which, sizeof(which)))
		return;
	cloud_enter(cloud);
	peer6_pnrp_synchronize(cloud->node, &ep[which % n], cloud_now());
	cloud_leave(cloud);
}

static void on_found(void *ctx, int error, const char *words,
		     const struct peer6_endpoint *ep, unsigned int n)
{
	struct seed *seed = ctx;
	struct daemon *d = seed->seeds->daemon;
	struct cloud *cloud = cloud_by_key(d, "global");
	bool had = seed->n;

	seed->lookup = NULL;
	if (error && !seed->error)
		event_log(d->events, LOG_WARNING,
			  "the seed %s has no address: %s", seed->text, words);
	seed->error = error;
	strncpy(seed->words, words ? words : "", sizeof(seed->words) - 1);
	/* Old addresses are better than none. */
	if (error)
		return;
	memcpy(seed->ep, ep, n * sizeof(*ep));
	seed->n = n;
	if (!cloud)
		return;
	seeds_apply(seed->seeds, cloud);
	if (!had && cloud->state != PEER6_PNRP_ACTIVE)
		cloud_greet(cloud);
}

static void resolve_all(struct seeds *seeds)
{
	uint64_t next = SEED_REFRESH_MS;
	struct seed *seed;
	unsigned int i;
	int ret;

	for (i = 0; i < seeds->n; i++) {
		seed = &seeds->list[i];
		if (!seed->n)
			next = SEED_RETRY_MS;
		if (seed->lookup)
			continue;
		ret = lookup_new(&seed->lookup, seeds->daemon->loop,
				 seed->text, PEER6_PNRP_GLOBAL, 0, on_found,
				 seed);
		if (ret)
			on_found(seed, ret, peer6_strerror(ret), NULL, 0);
	}
	uv_timer_start(&seeds->timer, on_timer, next, 0);
}

static void forget(struct seeds *seeds)
{
	unsigned int i;

	for (i = 0; i < seeds->n; i++)
		lookup_cancel(seeds->list[i].lookup);
	memset(seeds->list, 0, sizeof(seeds->list));
	seeds->n = 0;
}

void seeds_reload(struct seeds *seeds)
{
	const struct config *conf = &seeds->daemon->conf;
	struct cloud *cloud = cloud_by_key(seeds->daemon, "global");
	unsigned int i;

	forget(seeds);
	seeds->n = conf->n_seeds;
	for (i = 0; i < seeds->n; i++) {
		seeds->list[i].seeds = seeds;
		strcpy(seeds->list[i].text, conf->seeds[i]);
	}
	resolve_all(seeds);
	if (cloud)
		seeds_apply(seeds, cloud);
}

bool seeds_get(const struct seeds *seeds, unsigned int i,
	       struct seed_view *view)
{
	const struct seed *seed = &seeds->list[i];

	if (i >= seeds->n)
		return false;
	view->text = seed->text;
	view->endpoints = seed->ep;
	view->n = seed->n;
	view->error = seed->error;
	view->words = seed->words[0] ? seed->words : NULL;
	return true;
}

int seeds_new(struct seeds **out, struct daemon *d)
{
	struct seeds *seeds = calloc(1, sizeof(*seeds));

	if (!seeds)
		return PEER6_E_NOMEM;
	seeds->daemon = d;
	uv_timer_init(d->loop, &seeds->timer);
	seeds->timer.data = seeds;
	*out = seeds;
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void seeds_free(struct seeds *seeds)
{
	if (!seeds)
		return;
	forget(seeds);
	uv_close((uv_handle_t *)&seeds->timer, on_closed);
}
