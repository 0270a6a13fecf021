/* ranking: how the trials of a history compare, for samplers that learn.
 *
 * In this order: completed trials by loss (of several: by Pareto front, then by
 * crowding, Deb et al., NSGA-II, 2002); pruned ones, who got further first,
 * then by loss; infeasible ones by how much they break the constraints; failed
 * ones; those that have not ended ("constant liar": workers that ask at the
 * same time are sent to different places). Equals stand by trial number.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MODELS_RANKING_H
#define SEARCH_MODELS_RANKING_H

#include <stdbool.h>
#include <stddef.h>

#include "search/history.h"

enum tier {
    TIER_COMPLETE,
    TIER_PRUNED,
    TIER_INFEASIBLE,
    TIER_FAILED,
    TIER_PENDING
};

struct standing {
    enum tier tier;
    double first, second; /* within the tier, lower is better */
};

/* Start with RANKING_INIT, end with ranking_clear(). */
struct ranking {
    struct history_cursor cursor;
    struct standing *standings; /* one a trial */
    size_t capacity;
    double *losses; /* of several objectives: rows, then a number each */
    size_t *places; /* four for each, and one */
    size_t room;    /* of trials, in the two above */
};
#define RANKING_INIT                                \
    {                                               \
        HISTORY_CURSOR_INIT, NULL, 0, NULL, NULL, 0 \
    }

void ranking_clear(struct ranking *r);

/* Catch up with the history. Returns 0, or -1 when out of memory. */
int ranking_update(struct ranking *r, const struct history *h);

/* Whether trial 'a' stands before 'b'. */
bool ranking_before(const struct ranking *r, size_t a, size_t b);

/* Whether a trial has not ended. */
bool ranking_pending(const struct ranking *r, size_t trial);

/* Whether a trial has ended with something to learn from: completed, pruned,
 * infeasible. */
bool ranking_finished(const struct ranking *r, size_t trial);

/* Put a trial into its place among 'count' members, best first, of which no
 * more than 'most' are kept. Returns how many there are now. */
size_t ranking_insert(const struct ranking *r, size_t trial, size_t most,
                      size_t *members, size_t count);

/* Put the trials that stand first, 'most' at most and none below 'lowest',
 * into 'members', best first. Returns how many. */
size_t ranking_best(const struct ranking *r, const struct history *h,
                    enum tier lowest, size_t most, size_t *members);

/* How much members of such a list count when there are several objectives: as
 * the volume that each alone dominates up to a tenth of the range beyond the
 * worst, the most as 1 (Ozaki et al., Multiobjective tree-structured Parzen
 * estimator, JAIR 2022); next to nothing what did not complete, all alike when
 * none did. Returns 0, or -1 when out of memory. */
int ranking_weigh(const struct ranking *r, const struct history *h,
                  const size_t *members, size_t count, double *weights);

/* The same for one objective: as what they gain on 'next', which stands behind
 * the last of them, 1 on average: expected improvement, learned as a
 * classification (Song et al., A general recipe for likelihood-free Bayesian
 * optimization, ICML 2022). All alike when not all completed. */
void ranking_weigh_gains(const struct ranking *r, const size_t *members,
                         size_t count, size_t next, double *weights);

/* How many of the first 'count' members of such a list completed, feasible. */
size_t ranking_complete(const struct ranking *r, const size_t *members,
                        size_t count);

#endif
