/* carry: the trials of one run for another: 'sentei export', 'sentei import',
 * 'warm_start:'.
 *
 * A trial travels as the API shows it (GET /v1/trials/N of docs/api.md), in a
 * file one JSON object a line.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CONTROLLER_CARRY_H
#define LAUNCHER_CONTROLLER_CARRY_H

#include "base/error.h"
#include "base/tree.h"

/* Called with each trial, borrowed; -1 with 'err' ends it. */
typedef int carry_fn(void *context, const struct tree *trial,
                     struct error *err);

/* Every trial of 'from', by number: a run folder, a file of 'sentei export', or
 * what Optuna has written (launcher/optuna/read.h), whose values are those of
 * 'objectives' (of SUMMARY in docs/api.md). Returns 0, or -1 with 'err'. */
int carry_read(const char *from, const struct tree *objectives, carry_fn *each,
               void *context, struct error *err);

/* The body of POST /v1/import for a trial that is complete or pruned, which the
 * caller destroys; NULL when it is neither, was itself imported (its own run
 * has it), or memory is out. */
struct tree *carry_body(const struct tree *trial, const char *from);

#endif
