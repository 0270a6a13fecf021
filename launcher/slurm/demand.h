/* demand: what a study asks of Slurm, in numbers.
 *
 * 'resources:' is what one trial needs; an allocation holds
 * 'slurm.trials_at_once' of them side by side.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SLURM_DEMAND_H
#define LAUNCHER_SLURM_DEMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "launcher/study/study.h"

struct demand {
    int64_t nodes, tasks_per_node, cpus_per_task;
    int64_t gpus_per_node;  /* of one trial */
    int64_t memory_mb;      /* of one trial on a node; 0: the site's default */
    double time_s;          /* of an allocation; 0: the site's default */
    int64_t workers;        /* elements of the array */
    int64_t at_once;        /* of these, running together; 0: no limit */
    int64_t trials_at_once; /* side by side in an allocation */
    double signal_s;        /* how long before its end a trial checkpoints */
    double controller_time_s; /* of its own job; 0: as the workers */
    bool requeue;
    bool rank_logs;  /* ranks other than 0 log into files of their own */
    const char *mpi; /* srun's --mpi; borrowed from the study */
};

/* Read it off a study, with the defaults where it says nothing. */
void demand_read(struct demand *d, const struct study *s);

#endif
