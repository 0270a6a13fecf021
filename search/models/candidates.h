/* candidates: the point of a space where some score is highest, roughly.
 *
 * Points from all over the space and points near good ones; the best few are
 * refined, axis by axis with the ends of the range among the values, and by
 * small random steps. A score sees coordinates (models/coordinates.h).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MODELS_CANDIDATES_H
#define SEARCH_MODELS_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/random.h"
#include "search/space.h"

enum {
    CANDIDATES_BLOCK = 8, /* points scored at once */
    CANDIDATES_STARTS = 4 /* refined */
};

/* A candidate that was good so far. */
struct candidate {
    double score;
    double *point, *values; /* coordinates, and the values there */
};

struct candidates {
    const struct space *space; /* borrowed */
    bool *unordered;           /* of each axis */
    double *points, *values;   /* a block of them */
    double *fixed;
    double *block;                              /* owns the arrays of doubles */
    struct candidate starts[CANDIDATES_STARTS]; /* best first */
};

/* Returns 0, or -1 when out of memory; clear in any case. */
int candidates_init(struct candidates *c, const struct space *space);
void candidates_clear(struct candidates *c);

/* What is sought: the scores of 'count' points, rows of coordinates; a point
 * whose score is -INFINITY or NAN is not taken while there is another. */
typedef void (*candidates_score)(void *context, const double *points,
                                 size_t count, double *scores);

/* Find a point and put its values into 'x', whose entries that are not NAN
 * stay. 'good' are 'good_count' rows of coordinates, may be none. */
void candidates_search(struct candidates *c, struct random *random,
                       const double *good, size_t good_count,
                       candidates_score score, void *context, double *x);

#endif
