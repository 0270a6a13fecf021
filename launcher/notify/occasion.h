/* occasion: what is worth telling about a study, from one look to the next.
 *
 * A pure function of two summaries (SUMMARY of docs/api.md): what was known at
 * the last look is kept in a 'struct known', which can be stored, so that
 * nothing is told twice when a notifier starts again.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_NOTIFY_OCCASION_H
#define LAUNCHER_NOTIFY_OCCASION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/tree.h"

/* Names of occasions as a study file has them; ends with NULL. */
extern const char *const occasion_names[];

/* A study is stalled when trials run and none has reported for so long. */
#define OCCASION_STALL_S 1800.0

struct known {
    bool started, stalled, ended;
    int64_t best_trial; /* -1: none */
    double best_value;
    int64_t failed, reports;
    double quiet_since; /* when 'reports' last changed */
};

/* Nothing is known yet. */
void known_init(struct known *k, double now);

/* To and from JSON. Fields that are missing stay as they are. */
struct tree *known_to_tree(const struct known *k);
void known_from_tree(struct known *k, const struct tree *t);

/* Compare, and append a message for each occasion to the list 'messages':
 * {"event", "study", "run", "metric", "trial", "value", "text"}. 'failed' are
 * the rows of trials that failed since the last look (may be NULL). */
void occasion_look(struct known *k, const struct tree *study,
                   const struct tree *failed, double now,
                   struct tree *messages);

#endif
