/* steps: the trials that a worker killed by force has left running.
 *
 * A step outlives the srun that started it. It cannot report any more (its lease
 * is stale), but holds CPUs and may write into a folder that is now another
 * attempt's: so a worker that begins ends what its slot has left first.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SLURM_STEPS_H
#define LAUNCHER_SLURM_STEPS_H

#include "base/error.h"

/* Kill the steps of 'job' ("5_3" for an element of an array) whose names begin
 * with 'prefix' and wait until they are gone, or the study of 'run' is over: one
 * that Slurm made and srun never heard of does not go. Returns 0, or -1 with 'err'
 * when they do not go, or Slurm does not answer. */
int steps_end(const char *run, const char *job, const char *prefix,
              struct error *err);

#endif
