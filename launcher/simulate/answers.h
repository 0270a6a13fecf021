/* answers: who tells what the trials of a simulation report: a program, a table
 * of curves, or a run.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SIMULATE_ANSWERS_H
#define LAUNCHER_SIMULATE_ANSWERS_H

#include "base/error.h"
#include "base/tree.h"
#include "launcher/simulate/curves.h"
#include "launcher/simulate/oracle.h"

struct answers {
    const struct study *study; /* borrowed */
    struct oracle *oracle;     /* or NULL: the curves answer */
    struct tree *request;      /* to the oracle; 'params' is replaced at each */
    struct curves curves;
};

/* Open what answers for 's': the run folder 'run', else the program 'command',
 * else what the study's 'oracle:' names; the two may be NULL. Returns 0, or -1
 * with 'err'; close in any case. */
int answers_open(struct answers *a, const struct study *s, const char *command,
                 const char *run, struct error *err);
void answers_close(struct answers *a);

/* What a trial with these parameters reports; the caller clears 'out'. Returns
 * 0, or -1 with 'err'. */
int answers_record(struct answers *a, const struct tree *params,
                   struct recording *out, struct error *err);

#endif
