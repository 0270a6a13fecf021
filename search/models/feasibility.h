/* feasibility: how likely a point meets the constraints, for samplers that
 * weigh by it (Gardner et al., Bayesian optimization with inequality
 * constraints, ICML 2014).
 *
 * One Gaussian process a constraint, over the trials that ended with values;
 * they are taken as independent, so the probabilities multiply.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MODELS_FEASIBILITY_H
#define SEARCH_MODELS_FEASIBILITY_H

#include <stdbool.h>
#include <stddef.h>

#include "search/history.h"
#include "search/models/surrogate.h"

struct feasibility {
    struct surrogate *models; /* one a constraint */
    size_t count;
    bool known;   /* there were trials to learn from */
    double *rows; /* their coordinates */
    double *values;
};
#define FEASIBILITY_INIT           \
    {                              \
        NULL, 0, false, NULL, NULL \
    }

void feasibility_clear(struct feasibility *f);

/* Learn from the newest trials that have constraints' values. 'unordered' is
 * borrowed; 'coordinates' holds a row for each trial of the history
 * (models/coordinates.h). Nothing is done for a history without
 * constraints. Returns 0, or -1 when out of memory. */
int feasibility_fit(struct feasibility *f, const struct history *h,
                    const bool *unordered, const double *coordinates);

/* Add to each of 'scores' the log of the probability that the point (of up to
 * GP_BLOCK) is feasible; nothing when nothing is known. */
void feasibility_weigh(const struct feasibility *f, const double *points,
                       size_t count, double *scores);

#endif
