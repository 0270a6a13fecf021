/* srun: the executor that starts each trial as a step of a Slurm job.
 *
 * The step is started by srun, which local.c's keeper watches. It is asked to
 * stop by scancel: srun itself takes a SIGTERM for "kill the ranks at once", and
 * so it is used for that. One step at a time in a process.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_WORKER_SRUN_H
#define LAUNCHER_WORKER_SRUN_H

#include <stdbool.h>
#include <stdint.h>

#include "launcher/worker/executor.h"

struct srun_options {
    int64_t nodes, tasks_per_node, cpus_per_task;
    int64_t gpus_per_node;
    int64_t memory_mb; /* on a node; 0: not said */
    bool packed;       /* other trials share the allocation */
    bool rank_logs;    /* ranks other than 0 write into files of their own,
                          log.ATTEMPT.RANK in the trial's folder */
    const char *mpi;   /* of --mpi; borrowed */
    const char *job;   /* "5_3" for an element of an array (the id of its last
                          element is that of all the array); borrowed */
    const char *name; /* what the names of steps begin with, before "trial-7.2";
                          no other worker's in this job do; borrowed */
};

/* What steps get from now on. Everything is said to srun, as it would else
 * take it from variables of the job, which mean all of the allocation. */
void srun_configure(const struct srun_options *o);

extern const struct executor executor_srun;

/* The words that start 'argv' as a step called 'name'; the caller frees them
 * with command_free(). Returns NULL with 'err' when out of memory. */
char **srun_words(const struct srun_options *o, const char *name,
                  char *const *argv, struct error *err);

#endif
