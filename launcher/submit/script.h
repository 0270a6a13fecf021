/* script: the batch scripts of a study: what each element of the array runs, and
 * what the controller's own job does.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SUBMIT_SCRIPT_H
#define LAUNCHER_SUBMIT_SCRIPT_H

#include "base/text.h"
#include "launcher/slurm/demand.h"

/* What it is written for; all borrowed. */
struct script {
    const struct study *study;
    const struct demand *demand;
    const char *name;    /* of the job */
    const char *run;     /* the run folder, absolute */
    const char *program; /* sentei, absolute */
    bool placed;         /* a job of its own is to be the controller */
};

/* Append the script. Logs go to RUN/slurm/, which must be there when a job
 * starts: Slurm fails a job that cannot write its log. */
void script_write(const struct script *s, struct text *out);

/* The same for the controller: one core, and time and partition of its own
 * where the study has slurm.controller_time, slurm.controller_partition. */
void script_write_controller(const struct script *s, struct text *out);

#endif
