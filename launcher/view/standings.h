/* standings: the trials of some studies in order, filtered, sorted and cut.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_VIEW_STANDINGS_H
#define LAUNCHER_VIEW_STANDINGS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"
#include "launcher/view/column.h"

struct standings {
    struct columns known;
    struct entry *entries;
    size_t count; /* after filtering and cutting */
    size_t total; /* of the studies, also where a reply held but the best */
};

/* Rank the trials of 'count' boards (replies of GET /v1/leaderboard,
 * borrowed): all together when the studies have one and the same objective,
 * else study after study. Of several objectives all trials of a Pareto front
 * have its number as their rank. A trial without a value, or that breaks a
 * constraint, has no rank and stands last. Returns 0, or -1 with 'err' and
 * nothing to clear. */
int standings_read(struct standings *r, const struct tree *const *boards,
                   size_t count, struct error *err);
void standings_clear(struct standings *r);

/* Keep the entries that match an expression (where.h). Returns 0 or -1. */
int standings_where(struct standings *r, const char *expression,
                    struct error *err);

/* Order by a column, "-column" for the largest first; entries without a value
 * there stand last, equal ones keep their order. Returns 0 or -1. */
int standings_sort(struct standings *r, const char *column, struct error *err);

/* Keep the first 'top' entries; leave the first 'count' out. */
void standings_top(struct standings *r, size_t top);
void standings_skip(struct standings *r, size_t count);

#endif
