/* refusal: why sbatch would not take a study, and what to change.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SUBMIT_REFUSAL_H
#define LAUNCHER_SUBMIT_REFUSAL_H

#include "launcher/slurm/demand.h"
#include "launcher/slurm/scheduler.h"

/* Say in terms of the study file what 'reply' of sbatch means: which key to
 * change, and the site's limit where Slurm tells it (one more call). Returns
 * -1 with 'err'. */
int refusal_explain(const struct scheduler_reply *reply,
                    const struct study *study, const struct demand *d,
                    struct error *err);

/* How many elements to try instead of an array of 'workers' that was refused
 * for its size; 0 when that is not why, or one is too many already. */
int64_t refusal_smaller(const struct scheduler_reply *reply, int64_t workers);

#endif
