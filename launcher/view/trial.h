/* trial: one trial for people: parameters, curve, attempts, events, log.
 *
 * A pure function of the reply of GET /v1/trials/N (docs/api.md).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_VIEW_TRIAL_H
#define LAUNCHER_VIEW_TRIAL_H

#include <stddef.h>

#include "base/text.h"
#include "base/tree.h"
#include "launcher/format/screen.h"

/* Append all of it. The curve shows each metric as a line of blocks and as a
 * table of at most about 'steps' rows (0: all), always with the best step and
 * the last. 'study' is the SUMMARY; 'log' the end of the trial's log, or NULL.
 */
void trial_print(const struct tree *trial, const struct tree *study,
                 const char *log, size_t steps, const struct screen *screen,
                 struct text *out);

/* Append the whole curve as CSV: step, seconds, attempt, one column a metric.
 */
void trial_print_curve(const struct tree *trial, const struct tree *study,
                       struct text *out);

#endif
