/* outlook: what points would reach, learned from every trial of a study.
 *
 * A Gaussian process over what finished trials reached and what others would
 * (models/forecast.h), as values that are less certain. Values are those of
 * forecast_scaled().
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MODELS_OUTLOOK_H
#define SEARCH_MODELS_OUTLOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "search/history.h"
#include "search/models/candidates.h"
#include "search/models/forecast.h"
#include "search/models/surrogate.h"

enum { OUTLOOK_CENTRES = 6 }; /* good trials that candidates are drawn near */

struct outlook {
    const struct space *space; /* borrowed */
    struct forecast forecast;
    struct candidates candidates;
    struct surrogate model;
    size_t *trials; /* those known, best first as far as that was needed */
    size_t known;
    double *means, *variances; /* of each trial; NAN: nothing is known */
    size_t capacity;
    double *rows;                /* those the model knows */
    size_t taken[SURROGATE_MAX]; /* the trial of each */
    double *good;                /* coordinates of good trials */
};

/* Returns 0, or -1 when out of memory; clear in any case. */
int outlook_init(struct outlook *o, const struct space *space);
void outlook_clear(struct outlook *o);

/* Catch up with the history and count what is known, of trials that still run
 * only if 'running'. A failed one counts as bad as the worst. Returns 0, or -1
 * when out of memory. */
int outlook_update(struct outlook *o, const struct history *h, bool running);

/* Teach the model what is known: at least one trial; of more than it takes in
 * the best and, 'evenly', some of all others, or else the newest. Then trials
 * that break a constraint stand last among 'trials'. Returns 0, or -1 when out
 * of memory. */
int outlook_learn(struct outlook *o, const struct history *h, bool evenly);

/* What pending trials will reach costs nothing any more: for the choice of the
 * next one they count as if they had ended where they are expected to.
 * Returns 0, or -1 when out of memory. */
int outlook_believe(struct outlook *o, const struct history *h);

/* Whether the model knows this very point. */
bool outlook_tried(const struct outlook *o, const double *point);

/* Find the point with the highest score; as candidates_search(), near trials
 * that are good. */
void outlook_search(struct outlook *o, struct random *random,
                    candidates_score score, void *context, double *x);

#endif
