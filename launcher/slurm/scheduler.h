/* scheduler: ask Slurm something through its own commands.
 *
 * sbatch, squeue, scontrol: their output is stable from release to release
 * where Slurm's library is not. A command started from inside a job must not
 * hand that job's variables on: SLURM_*, SBATCH_* and PMIX_* are left out,
 * but for SLURM_CONF, which names the cluster.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SLURM_SCHEDULER_H
#define LAUNCHER_SLURM_SCHEDULER_H

#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

struct scheduler_reply {
    int status;       /* exit status; -1 when it took longer than allowed */
    struct text out;  /* what it printed */
    struct text said; /* what it said on stderr */
};

/* Run words[0] (looked up in PATH), at most 'timeout_s'. Returns 0 with
 * '*reply', which the caller clears also after a failure, or -1 with 'err':
 * there is no such program. An exit status other than 0 is the caller's to
 * judge. */
int scheduler_call(const char *const *words, double timeout_s,
                   struct scheduler_reply *reply, struct error *err);
void scheduler_clear(struct scheduler_reply *reply);

/* Make 'err' what the command said: its error, or first line. */
int scheduler_error(const char *const *words,
                    const struct scheduler_reply *reply, struct error *err);

/* The number that the site's configuration has for 'key' ("KillWait"), which
 * 'scontrol show config' prints; 'otherwise' when Slurm does not tell. */
int64_t scheduler_setting(const char *key, double timeout_s, int64_t otherwise);

#endif
