/* importance: which parameters decide whether a trial is among the best.
 *
 * PED-ANOVA: how far the density of a parameter among the best tenth of the
 * trials is from its density among all, as Pearson's divergence (Watanabe,
 * Bansal & Hutter, IJCAI 2023). Of a pair, what their joint density tells
 * beyond the two alone. Densities are Parzen estimates on a grid of 50 cells,
 * Scott's rule for the widths. Costs O(trials * parameters), then a fixed
 * price for each parameter and pair.
 *
 * Ended trials count: complete ones by their first objective, stopped ones by
 * the best they had shown. A conditional parameter is judged among the trials
 * that have it, and counts as often as that is.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_IMPORTANCE_H
#define SEARCH_IMPORTANCE_H

#include <stddef.h>

#include "base/error.h"
#include "search/history.h"

struct importance {
    size_t count;   /* parameters */
    size_t trials;  /* that have ended with a value */
    size_t *active; /* of them, those that have the parameter */
    double *single; /* of each parameter; shares of 1, or all 0 */
    double *pair;   /* count x count, of a pair with a < b, in the measure of
                       'single'; NULL unless asked for */
};

enum { IMPORTANCE_MIN_TRIALS = 10 };

/* Judge by the best 'share' (0.1 is usual) of 'h'. Returns 0, after which the
 * caller clears 'out', or -1 with 'err': fewer than IMPORTANCE_MIN_TRIALS
 * trials, out of memory. */
int importance_of(struct importance *out, const struct history *h, double share,
                  bool pairs, struct error *err);
void importance_clear(struct importance *out);

#endif
