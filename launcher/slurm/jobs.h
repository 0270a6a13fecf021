/* jobs: which Slurm jobs were submitted for a run, written down in it.
 *
 * RUN/slurm/jobs.json, a list: [{"job": "5", "name": "sentei-x-0f3a",
 * "array": "0-15%4", "submitted": 1700000000.0}, ...]. One without "array" is
 * a controller's. For people and for
 * 'sentei status'; no key to anything, as Slurm may hand an id out again.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SLURM_JOBS_H
#define LAUNCHER_SLURM_JOBS_H

#include "base/error.h"
#include "base/tree.h"

/* The list, empty when nothing was submitted. The caller destroys it; NULL
 * with 'err' when it cannot be read. */
struct tree *jobs_read(const char *run, struct error *err);

/* Put 'job' (stolen) at the end of the list. */
int jobs_add(const char *run, struct tree *job, struct error *err);

#endif
