/* trial: what verbs about a run, or one trial of it, share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CLI_TRIAL_H
#define LAUNCHER_CLI_TRIAL_H

#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"

/* Read a trial's number. Returns 0, or -1 with 'err' (kind USAGE). */
int trial_number(const char *word, int64_t *number, struct error *err);

/* POST 'body' (stolen; NULL: memory was out) to 'path' of the run called 'name'
 * (find_run()). '*reply' as source_post(). Returns 0, or -1 with 'err'. */
int trial_post(const char *name, const char *runs, const char *path,
               struct tree *body, struct tree **reply, struct error *err);

#endif
