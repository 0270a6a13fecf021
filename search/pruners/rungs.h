/* rungs: the ladder of successive halving.
 *
 * Rungs stand at steps first * reduction^k. What a trial has at a rung is its
 * best loss up to its first report at or after the rung's step; at each rung
 * the best 1/reduction of those that have reached it may go on. Li et al., A
 * system for massively parallel hyperparameter tuning, MLSys 2020.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_PRUNERS_RUNGS_H
#define SEARCH_PRUNERS_RUNGS_H

#include <stdbool.h>

#include "base/reader.h"
#include "search/engine.h"
#include "search/history.h"
#include "search/math/sorted.h"

enum { RUNGS_MAX = 48 };

/* What a trial has put into the rungs, to be taken out when it changes. */
struct rungs_entry {
    double *losses; /* one a rung */
    size_t count, capacity;
};

struct rungs {
    int64_t steps[RUNGS_MAX], reduction;
    size_t count; /* of rungs; 0 while it is not known where they stand */
    struct sorted losses[RUNGS_MAX];
    struct rungs_entry *entries; /* by trial */
    size_t entry_capacity;
};

/* Free the memory; 'r' is as after rungs_build(r, 0, ...). Begin with { 0 }. */
void rungs_clear(struct rungs *r);

/* Put up empty rungs from step 'first' on; none for 0. */
void rungs_build(struct rungs *r, int64_t first, int64_t reduction);

/* Bring the rungs up to date with trial 'number'. Returns 0, or -1 when out of
 * memory. */
int rungs_enter(struct rungs *r, const struct history *h, int64_t number);

/* Whether a trial that is up to date here reached a rung with its last report
 * where 'startup' or more trials are and it is not among those that go on. */
bool rungs_fell_short(const struct rungs *r, const struct history *h,
                      int64_t number, int64_t startup);

/* A paused trial that by now is among those that go on at its last rung; the
 * highest rung and there the best first; or -1. */
int64_t rungs_promote(const struct rungs *r, const struct history *h,
                      int64_t startup);

/* "mode: stop" or "pause": what is to become of a trial that fell short. */
void rungs_read_mode(struct reader *options, enum decision *loser);
const char *rungs_mode_text(enum decision loser);

#endif
