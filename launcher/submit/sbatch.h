/* sbatch: give Slurm one batch script, and know for sure whether it took it.
 *
 * An sbatch that timed out may have submitted all the same. Each job has a
 * name of its own, so it is looked for by that before anybody tries again.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SUBMIT_SBATCH_H
#define LAUNCHER_SUBMIT_SBATCH_H

#include <stdint.h>

#include "base/error.h"
#include "launcher/slurm/scheduler.h"

/* All borrowed. */
struct sbatch {
    const char *script; /* its path */
    const char *name;   /* of the job, unique */
    int64_t elements;   /* of the array; 0: no array */
    int64_t at_once;    /* of these, running together; 0: no limit */
    const char *after;  /* starts when this job has started; NULL */
};

/* Submit. '*job' is the job's id, a new string, or NULL when Slurm refused:
 * then '*reply', which the caller clears in any case, says why. Returns 0, or
 * -1 with 'err': no sbatch here, or nobody knows whether it has the job. */
int sbatch_send(const struct sbatch *s, char **job,
                struct scheduler_reply *reply, struct error *err);

/* "0-15%4", into a buffer. */
void sbatch_array(const struct sbatch *s, char *out, size_t size);

#endif
