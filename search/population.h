/* population: the members of population-based training.
 *
 * A member is a trial that goes on, in turns of 'interval' steps. Who is among
 * the worst at the end of a turn ends; in place of each a new trial begins, from the
 * checkpoint of one of the best and with its parameters changed a little.
 * Jaderberg et al., Population based training of neural networks, 2017. So that
 * a few workers can train many members, who is ahead pauses until the others
 * have caught up.
 * The sampler "pbt" makes members, the pruner that belongs to it ends and
 * pauses them; both read the same options.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_POPULATION_H
#define SEARCH_POPULATION_H

#include "base/reader.h"
#include "base/text.h"
#include "search/history.h"

struct population {
    int64_t size;     /* members */
    int64_t interval; /* steps of a turn */
    int64_t max_step; /* where training ends; 0: where completed trials did */
    double quantile;  /* the share that ends, and that is copied */
    double resample;  /* how often a parameter is drawn anew */
};

/* Read the options; complaints are the reader's. */
void population_read(struct population *p, struct reader *options);

/* Whether a member is lacking, and the first generation is complete
 * ('*children': it is to begin from another's checkpoint). */
bool population_lacks(const struct population *p, const struct history *h,
                      bool *children);

/* The members that may be copied, best first: not yet at their end, with a
 * report. 'numbers' has room for h->count. Returns how many. */
size_t population_parents(const struct population *p, const struct history *h,
                          int64_t *numbers);

/* The paused member that has come least far, or -1. */
int64_t population_behind(const struct history *h);

/* Whether trial 'number' is by now among the worst of those that have ended the
 * turn it ended last; the first to come are measured by who comes later. */
bool population_worst(const struct population *p, const struct history *h,
                      int64_t number);

/* Whether its last report ended a turn that others have yet to train in. */
bool population_ahead(const struct population *p, const struct history *h,
                      int64_t number);

/* Append the settings, for people. */
void population_describe(const struct population *p, struct text *out);

#endif
