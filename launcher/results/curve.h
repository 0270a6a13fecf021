/* curve: the reports of one trial, by step; the newest where a later attempt
 * reported a step again.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_RESULTS_CURVE_H
#define LAUNCHER_RESULTS_CURVE_H

#include "base/tree.h"
#include "launcher/store/store.h"

struct curve_item {
    int64_t id, step, attempt;
    double seconds;
    bool has_value;
    double value;         /* of the first objective */
    struct tree *metrics; /* owned by the curve; NULL where not asked for */
};

struct curve {
    bool with_metrics;
    struct curve_item *items;
    size_t count, capacity;
};

/* Read it, with or without its metrics, from the trial's last report back. 'c'
 * starts as { 0 } and is the caller's to clear, in failure too. Returns 0, or
 * -1 with 'err'. */
int curve_read(struct store *s, int64_t last_report, bool metrics,
               struct curve *c, struct error *err);
void curve_clear(struct curve *c);

#endif
