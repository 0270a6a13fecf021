/* coordinates: trials as models see them, a row each.
 *
 * A number's place in 0..1, the index of an unordered choice, NAN where a
 * parameter is inactive (search/math/gp.h and models/parzen.h want them so).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MODELS_COORDINATES_H
#define SEARCH_MODELS_COORDINATES_H

#include <stdbool.h>
#include <stddef.h>

#include "search/history.h"

/* Start with COORDINATES_INIT, end with coordinates_clear(). */
struct coordinates {
    struct history_cursor cursor;
    double *rows; /* space->count a trial */
    size_t capacity;
};
#define COORDINATES_INIT             \
    {                                \
        HISTORY_CURSOR_INIT, NULL, 0 \
    }

void coordinates_clear(struct coordinates *c);

/* Catch up with the history. Returns 0, or -1 when out of memory. */
int coordinates_update(struct coordinates *c, const struct history *h);

/* Whether a model needs to be told that an axis has no order. */
bool coordinate_unordered(const struct parameter *p);

/* Where a value stands on its axis. */
double coordinate_of(const struct parameter *p, double v);

/* Whether two rows are the same point. */
bool coordinates_equal(const double *a, const double *b, size_t dimension);

#endif
