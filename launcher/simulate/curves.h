/* curves: recorded trials, which answer for trials near them.
 *
 * The simulator's source without a process. A point that was recorded answers
 * with its own curve; another with that of the nearest recorded one (distances
 * in the unit coordinates of search/parameter.h; unordered choices, and a
 * parameter that only one of the two has, differ by 1), or fails where only
 * exact points are wanted.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SIMULATE_CURVES_H
#define LAUNCHER_SIMULATE_CURVES_H

#include "base/error.h"
#include "launcher/simulate/recording.h"
#include "launcher/study/study.h"

struct curve_record {
    double *x;    /* the point; owned */
    double *unit; /* its coordinates; owned */
    struct recording recording;
    bool cut; /* it was stopped before its end, or still runs */
};

struct curves {
    const struct study *study; /* borrowed */
    bool exact;                /* no neighbour answers */
    struct curve_record *items;
    size_t count, capacity;
};

/* Add a trial at point 'x' (copied), without rows. Returns it, good until the
 * next is added, or NULL when out of memory. */
struct curve_record *curves_add(struct curves *c, const double *x);
void curves_clear(struct curves *c);

/* Let the trials that were cut go on like the nearest that ran to its end: from
 * where they stood by the same differences, at their own pace. Where none ran
 * to its end they stay as they are. Returns 0, or -1 with 'err'. */
int curves_continue(struct curves *c, struct error *err);

/* What a trial with these parameters reports; the caller clears 'out'.
 * Returns 0, or -1 with 'err'. */
int curves_answer(const struct curves *c, const struct tree *params,
                  struct recording *out, struct error *err);

#endif
