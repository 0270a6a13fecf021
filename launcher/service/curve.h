/* curve: the reports of one trial, by step; the newest where a later attempt
 * reported a step again.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SERVICE_CURVE_H
#define LAUNCHER_SERVICE_CURVE_H

#include "base/tree.h"
#include "launcher/store/store.h"

struct curve_item {
    int64_t id, step, attempt;
    double seconds;
    struct tree *metrics; /* owned by the curve */
};

struct curve {
    struct curve_item *items;
    size_t count, capacity;
};

/* Read it, from the trial's last report back. 'c' starts as { 0 } and is the
 * caller's to clear, in failure too. Returns 0, or -1 with 'err'. */
int curve_read(struct store *s, int64_t last_report, struct curve *c,
               struct error *err);
void curve_clear(struct curve *c);

#endif
