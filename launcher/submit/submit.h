/* submit: give a study to Slurm: its workers as one array, or as several where
 * the site's limits want that, and where asked for a job for the controller.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SUBMIT_SUBMIT_H
#define LAUNCHER_SUBMIT_SUBMIT_H

#include "launcher/slurm/demand.h"

struct submission {
    const struct study *study; /* borrowed */
    const struct demand *demand;
    const char *run; /* the run folder, absolute; borrowed */
    bool placed; /* the controller has a job of its own; the caller's to set */
    char name[96]; /* of the jobs, unique: by it they are found again */

    /* What came of it. Fewer workers than asked for: 'short_of' says why. */
    struct text jobs; /* their ids, with commas */
    int64_t workers;
    struct error short_of;
};

/* Name it. Returns 0, or -1 with 'err'. */
int submission_init(struct submission *s, const struct study *study,
                    const struct demand *d, const char *run, struct error *err);
void submission_clear(struct submission *s);

/* Append the batch scripts. */
int submission_script(const struct submission *s, struct text *out,
                      struct error *err);

/* Write the scripts into RUN/slurm, give them to sbatch, write the jobs' ids down. An
 * array that is refused for its size (MaxArraySize, a limit on submitted jobs)
 * becomes smaller ones, as many as the site takes. Returns 0 when any worker was
 * submitted, or -1 with 'err' and nothing submitted: what Slurm has against it
 * and what to change. */
int submission_send(struct submission *s, struct error *err);

#endif
