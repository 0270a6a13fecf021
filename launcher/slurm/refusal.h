/* refusal: why sbatch would not take a study, and what to change.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SLURM_REFUSAL_H
#define LAUNCHER_SLURM_REFUSAL_H

#include "launcher/slurm/demand.h"
#include "launcher/slurm/scheduler.h"

/* Say in terms of the study file what 'reply' of sbatch means: which key to
 * change, and the site's limit where Slurm tells it (one more call). Returns
 * -1 with 'err'. */
int refusal_explain(const struct scheduler_reply *reply,
                    const struct study *study, const struct demand *d,
                    struct error *err);

#endif
