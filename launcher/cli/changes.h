/* changes: a whole study with its curves, as the report and plots need it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CLI_CHANGES_H
#define LAUNCHER_CLI_CHANGES_H

#include "base/error.h"
#include "base/tree.h"

/* GET /v1/changes of the run folder 'run', all of it; a controller gives it in
 * pieces. Returns 0 with '*all', which the caller destroys, or -1 with 'err'. */
int changes_read(const char *run, struct tree **all, struct error *err);

#endif
