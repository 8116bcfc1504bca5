/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the scripts have in common. */
#ifndef PEER6_TESTS_CLOUDS_H
#define PEER6_TESTS_CLOUDS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim.h"

/* A world of the given seed, with the latencies and names most scripts want. */
struct sim *cloud_new(const struct sim_config *cfg);
int cloud_teardown(void **state);

/* @n nodes join within @seconds. */
void cloud_grow(struct sim *sim, uint32_t n, double seconds);
void cloud_pass(struct sim *sim, double seconds);
/* Lets time pass until @done; fails when @limit seconds are over. */
double cloud_await(struct sim *sim, bool (*done)(struct sim *sim),
		   double limit);

/* @n random resolves of names of living nodes, at once; how many found. */
uint64_t cloud_resolve(struct sim *sim, uint64_t n);
/* One, by number; its outcome: 0 or why not. */
int cloud_ask(struct sim *sim, uint32_t index, uint32_t name);

struct peer6_pnrp_id cloud_id(struct sim *sim, uint32_t index);
bool cloud_caches(struct sim *sim, uint32_t index,
		  const struct peer6_pnrp_id *id);
/* Living nodes that have @id in their caches. */
unsigned int cloud_holders(struct sim *sim, const struct peer6_pnrp_id *id);
/* Each living node has its five living neighbours on either side. */
bool cloud_neighbours_are_right(struct sim *sim);

/* test_liars.c */
void lying_seed_gets_nothing_in(void **state);
void dead_entries_go_nowhere(void **state);
void replayed_record_is_refused(void **state);

#endif
