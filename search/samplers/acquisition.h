/* acquisition: the point a Gaussian process expects the most of.
 *
 * The expected improvement over a bar (Jones et al., Efficient global
 * optimization, 1998), in logarithms (Ament et al., Unexpected improvements to
 * expected improvement, NeurIPS 2023), less what the point costs: per square
 * root of a second, where trials differ in that (per second, Snoek et al.,
 * Practical Bayesian optimization, NeurIPS 2012, is all for cheap trials).
 * Sought among points from all over the space and near good trials; the best
 * few are then refined, axis by axis with the ends of the range among the
 * values, and by small random steps.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_SAMPLERS_ACQUISITION_H
#define SEARCH_SAMPLERS_ACQUISITION_H

#include "base/random.h"
#include "search/math/gp.h"
#include "search/space.h"

enum { ACQUISITION_CENTRES = 6 };

struct acquisition {
    const struct space *space;
    const bool *unordered; /* of the axes */
    const struct gp *gp;   /* of the losses; its points are not proposed */
    const struct gp *cost; /* of log seconds a step, standardized, or NULL */
    double cost_deviation; /* of log seconds */
    double bar;            /* to be improved upon */
    const double *centres[ACQUISITION_CENTRES]; /* good trials' coordinates */
    size_t centre_count;
};

/* Fill the entries of 'x' that are NAN and active. Returns 0, or -1 when out
 * of memory. */
int acquisition_choose(const struct acquisition *a, struct random *random,
                       double *x);

#endif
