/* program: what a trial's attempt executes, and in which environment.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_WORKER_PROGRAM_H
#define LAUNCHER_WORKER_PROGRAM_H

#include "base/error.h"
#include "base/tree.h"
#include "client/contact.h"
#include "launcher/study/study.h"

/* One attempt as the controller handed it out. */
struct assignment {
    const char *run;           /* the run folder, absolute */
    const char *study;         /* its name */
    const char *url;           /* the controller's, or NULL when not known */
    const char *folder;        /* the trial's own, absolute */
    const char *init_from;     /* its parent's folder; "" or NULL: none */
    const struct tree *params; /* {"name": value} */
    const struct lease *lease;
};

/* Write RUN/trainer.yaml, the configuration of sentei-train, when the study
 * uses it and the file is not there. Returns 0, or -1 with 'err'. */
int program_prepare(const struct study *s, const char *run, struct error *err);

/* The words to execute, NULL-terminated: the study's command with its places
 * filled, or sentei-train (beside this program, else found in PATH) with
 * RUN/trainer.yaml. The caller frees them with command_free(). Returns NULL
 * with 'err'. */
char **program_words(const struct study *s, const struct assignment *a,
                     struct error *err);

/* This process's environment with the SENTEI_ variables of the trial in place
 * of any that were there. The caller frees it with command_free(). Returns NULL
 * with 'err' when out of memory. */
char **program_environment(const struct assignment *a, struct error *err);

#endif
