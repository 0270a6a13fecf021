/* trial: what verbs about a run, or one trial of it, share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CLI_TRIAL_H
#define LAUNCHER_CLI_TRIAL_H

#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"

/* A verb that changes one trial of a run: "sentei VERB RUN TRIAL", and a word
 * after them where the call has a 'key' for it. */
struct trial_change {
    const char *command, *usage, *description, *examples; /* its --help */
    const char *path; /* of the call: {"trial", KEY} */
    const char *key;  /* NULL: no word */
    const char *wanted,
        *hint; /* when the command line has not the right words */
};

/* Do it. Returns 1 and the run's name and the trial's number, to tell; 0 after
 * --help; -1 with 'err'. */
int trial_change(const struct trial_change *t, int argc, char **argv,
                 const char **run, int64_t *number, struct error *err);

/* POST 'body' (stolen; NULL: memory was out) to 'path' of the run called 'name'
 * (find_run()). '*reply' as source_post(). Returns 0, or -1 with 'err'. */
int trial_post(const char *name, const char *runs, const char *path,
               struct tree *body, struct tree **reply, struct error *err);

#endif
