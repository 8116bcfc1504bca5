// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

/* Nodes looked into for the figures of memory and cache. */
#define LOOK_MAX	20000

struct running {
	const struct run_options *o;
	struct sim	sim;
	double		started, shown;		/* wall clock */
	peer6_time	next_sample;
	FILE		*series;
	uint64_t	last_bytes, last_datagrams;
	struct sim_stats base;
	const char	*doing;
};

static double wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static peer6_time seconds(double s)
{
	return (peer6_time)(s * (double)PEER6_SECOND);
}

static void progress(struct running *r)
{
	double now = wall_clock();

	if (r->o->quiet || !isatty(STDERR_FILENO) || now - r->shown < 0.5)
		return;
	r->shown = now;
	fprintf(stderr, "\r%s: %u nodes, clock %.0f s, %.0f MiB, %.0f s ... ",
		r->doing, r->sim.n_live, r->sim.now / 1e9,
		r->sim.memory / 1048576.0, now - r->started);
}

static void sample(struct running *r)
{
	const struct sim *sim = &r->sim;
	uint64_t cached = 0;
	uint32_t i, step, n = 0;
	struct peer6_pnrp_stats s;

	if (!r->series)
		return;
	step = sim->n_live / 500 + 1;
	for (i = 0; i < sim->n_live; i += step, n++) {
		peer6_pnrp_get_stats(sim->nodes[sim->live[i]].engine, &s);
		cached += s.cached;
	}
	fprintf(r->series, "%.1f,%u,%.2f,%.0f,%.4f,%.1f\n", sim->now / 1e9,
		sim->n_live, n ? (double)cached / n : 0.0,
		sim->n_live ? (double)sim->memory / sim->n_live : 0.0,
		(sim->stats.datagrams - r->last_datagrams) / r->o->sample /
			(sim->n_live ? sim->n_live : 1),
		(sim->stats.bytes - r->last_bytes) / r->o->sample /
			(sim->n_live ? sim->n_live : 1));
	r->last_datagrams = sim->stats.datagrams;
	r->last_bytes = sim->stats.bytes;
}

/* Lets time pass, with samples and a sign of life. */
static void pass(struct running *r, peer6_time until)
{
	peer6_time stop;

	while (r->sim.now < until) {
		stop = r->sim.now + seconds(0.2);
		if (stop > r->next_sample)
			stop = r->next_sample;
		if (stop > until)
			stop = until;
		sim_run(&r->sim, stop);
		if (r->sim.now >= r->next_sample) {
			sample(r);
			r->next_sample += seconds(r->o->sample);
		}
		progress(r);
	}
}

static int grow(struct running *r)
{
	const struct run_options *o = r->o;
	peer6_time start = r->sim.now;
	uint32_t i;

	r->doing = "joining";
	for (i = 0; i < o->nodes; i++) {
		if (sim_join(&r->sim) == SIM_NONE) {
			fail("no-memory", "node could not be made",
			     "The system gave no more memory.", "free -h");
			return PEER6_E_NOMEM;
		}
		/* The first ones need each other: one by one. */
		pass(r, start + seconds(o->join * (i + 1) / o->nodes));
	}
	return 0;
}

static void ask(struct running *r)
{
	struct sim *sim = &r->sim;
	uint32_t from = sim_random_live(sim), to = sim_random_live(sim);
	uint32_t number;

	if (from == SIM_NONE)
		return;
	/* Not its own name, unless there is nobody else. */
	while (to == from && sim->n_live > 1)
		to = sim_random_live(sim);
	number = sim->nodes[to].name +
		 (sim->cfg.names > 1 ? sim_random(sim) % sim->cfg.names : 0);
	/* A node that cannot even ask has not resolved. */
	if (sim_resolve(sim, from, number, NULL, NULL))
		sim->stats.resolves++;
}

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void look(const struct sim *sim, struct run_phase *p)
{
	uint32_t i, k, step = sim->n_live / LOOK_MAX + 1, n = 0, sizes = 0;
	double *size = calloc(LOOK_MAX + 1, sizeof(*size));
	struct peer6_pnrp_cached entry;
	struct peer6_pnrp_stats s;

	for (i = 0; i < sim->n_live; i += step, n++) {
		const struct peer6_pnrp *e = sim->nodes[sim->live[i]].engine;

		peer6_pnrp_get_stats(e, &s);
		p->cached += s.cached;
		p->levels += s.levels;
		if (s.memory > p->memory_max)
			p->memory_max = s.memory;
		if (size && s.cloud_ids > 0 && sizes < LOOK_MAX)
			size[sizes++] = s.cloud_ids;
		for (k = 0; peer6_pnrp_get_cached(e, k, &entry); k++)
			if (entry.level < RUN_LEVELS)
				p->level[entry.level]++;
	}
	if (n) {
		p->cached /= n;
		p->levels /= n;
		for (k = 0; k < RUN_LEVELS; k++)
			p->level[k] /= n;
	}
	if (sizes) {
		qsort(size, sizes, sizeof(*size), compare_double);
		p->cloud_ids = size[sizes / 2];
	}
	free(size);
}

static int measure(struct running *r, const char *name, struct run_phase *p)
{
	const struct run_options *o = r->o;
	struct sim *sim = &r->sim;
	peer6_time start = sim->now, ask_at, churn_at = PEER6_NEVER, next;
	uint64_t asked = 0, churned = 0;
	double interval = 0;

	r->doing = name;
	memset(p, 0, sizeof(*p));
	p->name = name;
	sim_reset_stats(sim);
	r->last_bytes = 0;
	r->last_datagrams = 0;
	if (o->churn > 0) {
		interval = 3600 / (o->churn * sim->n_live);
		churn_at = start + seconds(interval);
	}
	for (;;) {
		ask_at = asked < o->resolves ? start + seconds(o->time *
			(asked + 0.5) / o->resolves) : PEER6_NEVER;
		next = ask_at < churn_at ? ask_at : churn_at;
		if (next > start + seconds(o->time))
			break;
		pass(r, next);
		if (next == ask_at) {
			ask(r);
			asked++;
			continue;
		}
		/* One goes without a word, another one comes. */
		sim_vanish(sim, sim_random_live(sim));
		if (sim_join(sim) == SIM_NONE) {
			fail("no-memory", "node could not be made",
			     "The system gave no more memory.", "free -h");
			return PEER6_E_NOMEM;
		}
		churned++;
		churn_at = start + seconds(interval * (churned + 1));
	}
	pass(r, start + seconds(o->time));
	p->nodes = sim->n_live;
	p->seconds = (sim->now - start) / 1e9;
	p->bytes_per_node_hour = sim->stats.bytes / (double)p->nodes /
				 p->seconds * 3600;
	p->datagrams_per_node_hour = sim->stats.datagrams / (double)p->nodes /
				     p->seconds * 3600;
	/* Those asked last have their 30 s, too; not in the traffic above. */
	pass(r, sim->now + seconds(31));
	p->stats = sim->stats;
	p->memory_mean = (double)sim->memory / sim->n_live;
	look(sim, p);
	return 0;
}

static void vanish(struct running *r)
{
	uint32_t n = (uint32_t)(r->sim.n_live * r->o->vanish + 0.5);

	while (n--)
		sim_vanish(&r->sim, sim_random_live(&r->sim));
}

int run(const struct run_options *o, struct run_result *result)
{
	struct rusage usage;
	struct running r;
	int err;

	memset(&r, 0, sizeof(r));
	r.o = o;
	r.started = wall_clock();
	r.next_sample = PEER6_NEVER;
	err = sim_init(&r.sim, &o->sim);
	if (err) {
		fail(peer6_reason(err), "the simulation cannot start",
		     peer6_strerror(err), NULL);
		return err;
	}
	if (o->plot) {
		r.series = report_open(o->plot, "series.csv");
		if (!r.series)
			return -1;
		fputs("seconds,nodes,cached,memory,datagrams_per_second,"
		      "bytes_per_second\n", r.series);
		r.next_sample = r.sim.now + seconds(o->sample);
	}
	err = grow(&r);
	r.doing = "settling";
	if (!err) {
		pass(&r, r.sim.now + seconds(o->settle));
		err = measure(&r, "stable", &result->phases[0]);
		result->n_phases = 1;
	}
	if (!err && o->vanish > 0) {
		vanish(&r);
		err = measure(&r, "vanished", &result->phases[1]);
		result->n_phases = 2;
	}
	if (!err && o->plot)
		err = report_nodes(o, &r.sim);
	if (r.series && fclose(r.series))
		err = -1;
	result->wall = wall_clock() - r.started;
	getrusage(RUSAGE_SELF, &usage);
	result->rss_peak = (size_t)usage.ru_maxrss * 1024;
	if (!o->quiet && isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	sim_fini(&r.sim);
	return err;
}
