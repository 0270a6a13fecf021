/* seen: which points of a space a history already holds.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_SEEN_H
#define SEARCH_SEEN_H

#include <stdbool.h>
#include <stddef.h>

#include "search/history.h"

/* Start with SEEN_INIT, end with seen_clear(). */
struct seen {
    struct history_cursor cursor;
    int64_t *slots;         /* open addressing: a trial's number, or -1 */
    size_t capacity, count; /* 'count' distinct points */
};
#define SEEN_INIT                       \
    {                                   \
        HISTORY_CURSOR_INIT, NULL, 0, 0 \
    }

void seen_clear(struct seen *s);

/* Catch up with the history. Returns 0, or -1 when out of memory. */
int seen_update(struct seen *s, const struct history *h);

/* Whether a trial of 'h' stands at 'x', after seen_update(). */
bool seen_has(const struct seen *s, const struct history *h, const double *x);

/* The first point from rank 'start' on, going round, that no trial of 'h'
 * stands at; 'size' is space_size(), above the number of points seen. Returns
 * 0, or -1 when out of memory. */
int seen_find_new(const struct seen *s, const struct history *h, double size,
                  double start, double *x);

#endif
