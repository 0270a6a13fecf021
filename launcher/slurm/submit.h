/* submit: give a study to Slurm as one array of workers.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SLURM_SUBMIT_H
#define LAUNCHER_SLURM_SUBMIT_H

#include "launcher/slurm/demand.h"

struct submission {
    const struct study *study; /* borrowed */
    const struct demand *demand;
    const char *run; /* the run folder, absolute; borrowed */
    char name[96];   /* of the job, unique: by it a job is found again */
};

/* Name it. Returns 0, or -1 with 'err'. */
int submission_init(struct submission *s, const struct study *study,
                    const struct demand *d, const char *run, struct error *err);

/* Append the batch script. */
int submission_script(const struct submission *s, struct text *out,
                      struct error *err);

/* Write RUN/slurm/study.sbatch, give it to sbatch, write the job's id down.
 * '*job' is the id, a new string. Returns 0, or -1 with 'err' and nothing
 * submitted: what Slurm has against it and what to change. An sbatch that
 * timed out may have submitted all the same: the job is looked for by name
 * before that counts as a failure. */
int submission_send(const struct submission *s, char **job, struct error *err);

#endif
