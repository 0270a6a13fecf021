/* budget: when a study has had enough, and in which words.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SERVICE_BUDGET_H
#define LAUNCHER_SERVICE_BUDGET_H

#include "launcher/service/state.h"

enum budget {
    BUDGET_OPEN,   /* go on */
    BUDGET_LAST,   /* no new trial; what there is goes on, is resumed too */
    BUDGET_DRAIN,  /* no new trial, none resumed; running ones end */
    BUDGET_STOPPED /* nothing is handed out, running trials pause */
};

/* How it stands at 'now'; 'reason' (may be NULL) gets the words, "200 of 200
 * trials", unless it is open. */
enum budget budget_check(const struct service *s, double now,
                         struct text *reason);

/* Note that the study has ended, if it has: the budget is used up, or the space
 * exhausted, and no trial runs or waits. */
int budget_refresh_end(struct service *s, double now, struct error *err);

/* GPU-hours of trials that were worked on for 'busy_s': by the GPUs of each. */
double budget_gpu_hours(const struct study *study, double busy_s);

/* Seconds until the end as far as one can tell; NAN when one cannot. */
double budget_seconds_left(const struct service *s, double now);

#endif
