// SPDX-License-Identifier: GPL-2.0-or-later
/* What a run gave: text, JSON, CSV and pictures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "run.h"

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * part / whole : 0;
}

static double mean_hops(const struct sim_stats *s)
{
	return s->succeeded ? (double)s->hop_sum / s->succeeded : 0;
}

static double mean_ms(const struct sim_stats *s)
{
	return s->succeeded ? (double)s->time_sum / s->succeeded / 1e6 : 0;
}

void report_text(const struct run_options *o, const struct run_result *result)
{
	const struct run_phase *p;
	const struct sim_stats *s;
	unsigned int i, k;

	for (i = 0; i < result->n_phases; i++) {
		p = &result->phases[i];
		s = &p->stats;
		printf("%s: %u nodes, %.0f s\n", p->name, p->nodes, p->seconds);
		printf("  resolves  %llu, %.3f %% found (%llu timed out)\n",
		       (unsigned long long)s->resolves,
		       percent(s->succeeded, s->resolves),
		       (unsigned long long)s->timed_out);
		printf("  hops      mean %.2f, p50 %u, p99 %u\n", mean_hops(s),
		       sim_hops_at(s, 0.5), sim_hops_at(s, 0.99));
		printf("  time      mean %.0f ms, p99 %.0f ms\n", mean_ms(s),
		       sim_time_at(s, 0.99) / 1e6);
		printf("  traffic   %.0f bytes, %.0f datagrams per node and hour\n",
		       p->bytes_per_node_hour, p->datagrams_per_node_hour);
		printf("  memory    %.0f bytes per node, at most %zu\n",
		       p->memory_mean, p->memory_max);
		printf("  cache     %.1f entries; by level", p->cached);
		for (k = 0; k < RUN_LEVELS; k++)
			if (p->level[k] > 0)
				printf(" %.1f", p->level[k]);
		printf("\n  cloud     seems to have %.0f IDs (median)\n",
		       p->cloud_ids);
	}
	if (o->signatures)
		printf("signatures  %.0f CPAs signed, %.0f verified a second "
		       "(RSA-1024)\n", result->sign_rate, result->verify_rate);
	if (result->n_phases)
		printf("%s; %.1f s, %.0f MiB at most\n",
		       o->sim.real_crypto ? "Signatures: RSA-1024, SHA-1" :
		       "Signatures and hashes: a cheap keyed hash in their place",
		       result->wall, result->rss_peak / 1048576.0);
}

static void json_phase(FILE *f, const struct run_phase *p)
{
	const struct sim_stats *s = &p->stats;
	unsigned int k;

	fprintf(f, "\"%s\":{\"nodes\":%u,\"seconds\":%.1f,", p->name, p->nodes,
		p->seconds);
	fprintf(f, "\"resolves\":%llu,\"success_percent\":%.4f,",
		(unsigned long long)s->resolves,
		percent(s->succeeded, s->resolves));
	fprintf(f, "\"timed_out\":%llu,\"wrong\":%llu,",
		(unsigned long long)s->timed_out, (unsigned long long)s->wrong);
	fprintf(f, "\"hops_mean\":%.3f,\"hops_p50\":%u,\"hops_p99\":%u,",
		mean_hops(s), sim_hops_at(s, 0.5), sim_hops_at(s, 0.99));
	fprintf(f, "\"time_mean_ms\":%.1f,\"time_p99_ms\":%.0f,", mean_ms(s),
		sim_time_at(s, 0.99) / 1e6);
	fprintf(f, "\"bytes_per_node_hour\":%.0f,", p->bytes_per_node_hour);
	fprintf(f, "\"datagrams_per_node_hour\":%.0f,",
		p->datagrams_per_node_hour);
	fprintf(f, "\"memory_per_node\":%.0f,\"memory_node_max\":%zu,",
		p->memory_mean, p->memory_max);
	fprintf(f, "\"cached_mean\":%.2f,\"cached_by_level\":[", p->cached);
	for (k = 0; k < RUN_LEVELS && p->level[k] > 0; k++)
		fprintf(f, "%s%.2f", k ? "," : "", p->level[k]);
	fprintf(f, "],\"cloud_ids_median\":%.0f}", p->cloud_ids);
}

static int cannot_write(const char *path)
{
	fail("failed", path, strerror(errno), "df -h; ls -ld");
	return -1;
}

int report_json(const struct run_options *o, const struct run_result *result)
{
	FILE *f = fopen(o->json, "w");
	unsigned int i;

	if (!f)
		return cannot_write(o->json);
	fprintf(f, "{\"schema\":\"peer6.sim/1\",\"nodes\":%u,", o->nodes);
	fprintf(f, "\"names\":%llu,\"seed\":%llu,",
		(unsigned long long)o->nodes * o->sim.names,
		(unsigned long long)o->sim.seed);
	fprintf(f, "\"latency_ms\":[%.1f,%.1f],\"loss_percent\":%.2f,",
		o->sim.latency_min / 1e6, o->sim.latency_max / 1e6,
		100 * o->sim.loss);
	fprintf(f, "\"vanish_percent\":%.1f,\"churn_percent_hour\":%.1f,",
		100 * o->vanish, 100 * o->churn);
	fprintf(f, "\"nat_percent\":%.1f,\"signatures\":\"%s\",",
		100 * o->sim.nat,
		o->sim.real_crypto ? "rsa-1024" : "cheap keyed hash");
	for (i = 0; i < result->n_phases; i++) {
		json_phase(f, &result->phases[i]);
		fputc(',', f);
	}
	if (o->signatures)
		fprintf(f, "\"cpa_signed_per_second\":%.0f,"
			"\"cpa_verified_per_second\":%.0f,",
			result->sign_rate, result->verify_rate);
	fprintf(f, "\"wall_seconds\":%.1f,\"rss_peak_bytes\":%zu}\n",
		result->wall, result->rss_peak);
	return fclose(f) ? cannot_write(o->json) : 0;
}

FILE *report_open(const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	if (mkdir(dir, 0777) && errno != EEXIST) {
		cannot_write(dir);
		return NULL;
	}
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f)
		cannot_write(path);
	return f;
}

int report_nodes(const struct run_options *o, const struct sim *sim)
{
	FILE *f = report_open(o->plot, "nodes.csv");
	uint32_t i, step = sim->n_live / 10000 + 1;
	struct peer6_pnrp_stats s;

	if (!f)
		return -1;
	fputs("node,cached,leaves,levels,memory,sent,received\n", f);
	for (i = 0; i < sim->n_live; i += step) {
		peer6_pnrp_get_stats(sim->nodes[sim->live[i]].engine, &s);
		fprintf(f, "%u,%u,%u,%u,%zu,%llu,%llu\n", sim->live[i],
			s.cached, s.leaves, s.levels, s.memory,
			(unsigned long long)s.bytes_sent,
			(unsigned long long)s.bytes_received);
	}
	return fclose(f) ? cannot_write(o->plot) : 0;
}

static const char script[] =
	"set datafile separator ','\n"
	"set terminal svg size 800,500 font 'sans,12'\n"
	"set grid\n"
	"set key top right\n"
	"set output 'traffic.svg'\n"
	"set title 'Traffic of a node'\n"
	"set xlabel 'seconds'; set ylabel 'bytes per second'\n"
	"plot 'series.csv' using 1:6 with lines title 'sent'\n"
	"set output 'cache.svg'\n"
	"set title 'Cache of a node'\n"
	"set ylabel 'entries'\n"
	"set y2label 'nodes'; set y2tics; set ytics nomirror\n"
	"plot 'series.csv' using 1:3 with lines title 'entries', \\\n"
	"     'series.csv' using 1:2 axes x1y2 with lines title 'nodes'\n"
	"unset y2label; unset y2tics\n"
	"set output 'memory.svg'\n"
	"set title 'Memory of a node'\n"
	"set ylabel 'bytes'\n"
	"plot 'series.csv' using 1:4 with lines title 'as malloc() counts'\n"
	"set output 'memory-nodes.svg'\n"
	"set title 'Nodes by memory'\n"
	"set xlabel 'bytes'; set ylabel 'nodes'\n"
	"bin(x) = 256 * floor(x / 256)\n"
	"set style fill solid 0.5\n"
	"plot 'nodes.csv' using (bin($5)):(1) smooth frequency with boxes "
	"notitle\n"
	"set output 'hops.svg'\n"
	"set title 'Hops of a resolve'\n"
	"set xlabel 'hops'; set ylabel '% of those that found'\n"
	"set boxwidth 0.8\n"
	"plot 'hops.csv' using 1:2 with boxes title 'stable', \\\n"
	"     'hops.csv' using 1:3 with linespoints title 'after nodes vanished'\n";

int report_plots(const struct run_options *o, const struct run_result *result)
{
	const struct sim_stats *a = &result->phases[0].stats;
	const struct sim_stats *b = &result->phases[1].stats;
	char command[4200];
	unsigned int k;
	FILE *f;

	f = report_open(o->plot, "hops.csv");
	if (!f)
		return -1;
	fputs("hops,stable,vanished\n", f);
	for (k = 0; k <= SIM_HOPS_MAX; k++)
		if (a->hops[k] || b->hops[k] || k < 8)
			fprintf(f, "%u,%.4f,%.4f\n", k,
				percent(a->hops[k], a->succeeded),
				percent(b->hops[k], b->succeeded));
	if (fclose(f))
		return cannot_write(o->plot);
	f = report_open(o->plot, "plot.gp");
	if (!f)
		return -1;
	fputs(script, f);
	if (fclose(f))
		return cannot_write(o->plot);
	if (strchr(o->plot, '\'')) {
		fail("bad-value", "gnuplot was not run",
		     "The name of the directory has an apostrophe.",
		     "cd DIR && gnuplot plot.gp");
		return -1;
	}
	snprintf(command, sizeof(command), "cd '%s' && gnuplot plot.gp",
		 o->plot);
	if (system(command)) {
		fail("failed", "gnuplot failed",
		     "The CSV files and plot.gp are there.",
		     "apt-get install gnuplot-nox");
		return -1;
	}
	return 0;
}
