/* queue: what Slurm says of a run's jobs, in plain words.
 *
 * One squeue for all jobs of the user, however many there are, and no sooner
 * than QUEUE_AGE_S after the one before, whoever asks. It needs no accounting.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SLURM_QUEUE_H
#define LAUNCHER_SLURM_QUEUE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "base/tree.h"
#include "launcher/format/screen.h"

#define QUEUE_AGE_S 10.0

/* The jobs of 'run' that wait or run, and those that failed lately, as squeue lists
 * them: [{"job": "5_3", "role": "worker", "state": "running", "nodes": "n[1-2]",
 * "left_s": 3600.0, "why": ""}, ...]. "5_[4-63%16]" stands for all elements that
 * wait. Empty, without asking Slurm, when nothing was submitted; what is in
 * RUN/slurm/queue.json while that is new: '*age_s' says how old it is. The
 * caller destroys it; NULL with 'err' when Slurm does not answer. */
struct tree *queue_read(const char *run, double *age_s, struct error *err);

/* Ask Slurm, once, why a job of 'run' will never start: Slurm may take what it
 * cannot run. A new string, or NULL when there is none of that kind. */
char *queue_never(const char *run);

/* Whether one of them waits or runs. */
bool queue_is_active(const struct tree *queue);

/* Set "trials" of each job that runs to the numbers of those it works on ("3, 7"),
 * by the workers of 'study', the SUMMARY of docs/api.md. */
void queue_join(struct tree *queue, const struct tree *study);

/* The same from what squeue printed (QUEUE_FORMAT) and from the list of
 * jobs.h: by their unique names, as Slurm may give an id to another job. */
#define QUEUE_FORMAT "%j|%i|%T|%N|%L|%r"
struct tree *queue_parse(const char *printed, const struct tree *submitted);

/* Cancel what waits in the queue for 'run': it is not needed any more. What
 * runs goes on. Returns whether there was any. */
bool queue_cancel_pending(const char *run);

/* Append a table of it. */
void queue_print(const struct tree *queue, const struct screen *screen,
                 struct text *out);

/* Slurm's reason for waiting, in words a user can act on. */
const char *queue_reason(const char *reason);

#endif
