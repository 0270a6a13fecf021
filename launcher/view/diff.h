/* diff: trials side by side: what was given to them, what came of it.
 *
 * A pure function of replies of GET /v1/trials/N (docs/api.md).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_VIEW_DIFF_H
#define LAUNCHER_VIEW_DIFF_H

#include <stddef.h>

#include "base/text.h"
#include "base/tree.h"
#include "launcher/format/screen.h"

enum { DIFF_MAX = 16 };

/* Append 'count' (at most DIFF_MAX) trials as columns of one table: state,
 * time, parameters, the metrics of the last step; rows in which they differ are
 * marked. Then the objective's curves, step by step, at most about 'steps' rows
 * (0: all). */
void diff_print(const struct tree *const *trials, size_t count,
                const struct tree *study, size_t steps,
                const struct screen *screen, struct text *out);

#endif
