/* verb: one word of the sentei command; each lives in cli/<verb>.c.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CLI_VERB_H
#define LAUNCHER_CLI_VERB_H

#include <stdio.h>

#include "base/error.h"

struct verb {
    const char *name;
    const char *summary; /* one line for 'sentei --help' */
    /* argv[0] is the verb. Returns the exit status, or -1 with 'err'. */
    int (*run)(int argc, char **argv, struct error *err);
};

/* The verb called 'name'; NULL with 'err' (kind USAGE, nearest verb named)
 * when there is none. */
const struct verb *verb_find(const char *name, struct error *err);

/* Every verb by group, with its summary and one example, to 'out'. */
void verb_help(FILE *out);

/* The rows of the table in cli/table.c. */
extern const struct verb verb_run, verb_submit, verb_check, verb_leaderboard,
    verb_show, verb_best, verb_status, verb_watch, verb_stop, verb_controller,
    verb_worker, verb_pilot, verb_report, verb_plot, verb_notify, verb_diff,
    verb_doctor, verb_simulate, verb_resume, verb_enqueue, verb_retry,
    verb_annotate, verb_export, verb_import, verb_delete, verb_importance,
    verb_rank;

#endif
