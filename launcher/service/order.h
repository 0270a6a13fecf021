/* order: the trials of a study, best first.
 *
 * Of one objective as results_compare() has it. Of several, trials with a value
 * that are feasible and have not failed stand by Pareto front first.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SERVICE_ORDER_H
#define LAUNCHER_SERVICE_ORDER_H

#include "launcher/service/results.h"
#include "launcher/service/state.h"

struct place {
    struct entry *entry; /* borrowed */
    int64_t front;       /* from 1; 0: none, or there is one objective */
    struct standing standing;
};

/* All trials in order, as many as the history has; the caller frees. NULL when
 * out of memory. */
struct place *order_trials(struct service *s);

#endif
