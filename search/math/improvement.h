/* improvement: the hypervolume that a point of uncertain losses is expected to
 * add to a front.
 *
 * The part of the space below the reference point that no row dominates is cut
 * into boxes; over a box the expectation is a product of one-dimensional ones
 * (Emmerich, Giannakoglou & Naujoks, IEEE Trans. Evol. Comput. 2006; the boxes
 * as by Couckuyt, Deschrijver & Dhaene, J. Global Optim. 2014). Of one to three
 * objectives, lower is better; of one it is the expected improvement.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MATH_IMPROVEMENT_H
#define SEARCH_MATH_IMPROVEMENT_H

#include <stddef.h>

enum { IMPROVEMENT_OBJECTIVES = 3 };

struct improvement_box {
    double low[IMPROVEMENT_OBJECTIVES], high[IMPROVEMENT_OBJECTIVES];
};

struct improvement {
    size_t objectives;
    struct improvement_box *boxes; /* owned */
    size_t count, capacity;
};

#define IMPROVEMENT_INIT \
    {                    \
        0, NULL, 0, 0    \
    }

void improvement_clear(struct improvement *v);

/* Cut up what 'count' rows leave open below 'reference'. Rows not below it are
 * left out. Returns 0, or -1 when out of memory. */
int improvement_fit(struct improvement *v, const double *rows, size_t count,
                    size_t objectives, const double *reference);

/* The expected gain of a point whose losses are independent and normal. */
double improvement_expected(const struct improvement *v, const double *mean,
                            const double *deviation);

#endif
