/* queue: what Slurm says of a run's jobs, in plain words.
 *
 * One squeue for all jobs of the user, however many there are. Needs no
 * accounting; a job that has ended is not in it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SLURM_QUEUE_H
#define LAUNCHER_SLURM_QUEUE_H

#include "base/error.h"
#include "base/text.h"
#include "base/tree.h"
#include "launcher/format/screen.h"

/* The jobs of 'run' in the queue, as squeue lists them: [{"job": "5_3",
 * "role": "worker", "state": "running", "nodes": "n[1-2]", "left_s": 3600.0, "why": ""}, ...].
 * "5_[4-63%16]" stands for all elements that wait. Empty, without asking
 * Slurm, when nothing was submitted. The caller destroys it; NULL with 'err'
 * when Slurm does not answer. */
struct tree *queue_read(const char *run, struct error *err);

/* The same from what squeue printed (QUEUE_FORMAT) and from the list of
 * jobs.h: by their unique names, as Slurm may give an id to another job. */
#define QUEUE_FORMAT "%j|%i|%T|%N|%L|%r"
struct tree *queue_parse(const char *printed, const struct tree *submitted);

/* Cancel what waits in the queue for 'run': it is not needed any more. What
 * runs goes on. */
void queue_cancel_pending(const char *run);

/* Append a table of it. */
void queue_print(const struct tree *queue, const struct screen *screen,
                 struct text *out);

/* Slurm's reason for waiting, in words a user can act on. */
const char *queue_reason(const char *reason);

#endif
