/* changes: a whole study with its curves, as the report and plots need it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CLI_CHANGES_H
#define LAUNCHER_CLI_CHANGES_H

#include <stdbool.h>

#include "base/error.h"
#include "base/tree.h"

/* GET /v1/changes of the run folder 'run' until all is told, each reply to
 * 'each', which returns -1 with 'err' to stop. 'first': what came before does not
 * count (a controller came or went meanwhile). The last reply has the summary.
 * Returns 0, or -1 with 'err'. */
typedef int changes_fn(void *context, struct tree *reply, bool first,
                       struct error *err);
int changes_each(const char *run, changes_fn *each, void *context,
                 struct error *err);

/* All replies as one. Returns 0 with '*all', which the caller destroys, or -1
 * with 'err'. */
int changes_read(const char *run, struct tree **all, struct error *err);

#endif
