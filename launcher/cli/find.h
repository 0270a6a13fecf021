/* find: from what a person types to a run folder.
 *
 * A run folder holds a study.yaml (frozen). People name it by its path or, when
 * it lies in the folder of runs ("runs"), by the study's name.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CLI_FIND_H
#define LAUNCHER_CLI_FIND_H

#include <stddef.h>

#include "base/error.h"
#include "base/options.h"

/* The run folder 'name' stands for: the path itself, or 'runs'/'name'; with
 * NULL the run under 'runs' that changed last. Returns a new string the caller
 * frees, or NULL with 'err' (kind USAGE, with the nearest run or how to make
 * the first one). */
char *find_run(const char *name, const char *runs, struct error *err);

/* The same for a verb that takes one run at most: the first of 'count' names. */
char *find_one(char **names, int count, const char *runs, struct error *err);

/* The option that goes with them. */
#define FIND_RUNS_OPTION(runs)                                  \
    {                                                           \
        "runs", 0, OPTION_STRING, (runs), "FOLDER",             \
            "where runs are looked for by name (default: runs)" \
    }

/* Every run folder under 'runs', newest first: '*list' gets 'count' new
 * strings and a NULL; find_free() them. None is no error. Returns 0, or -1
 * with 'err' when 'runs' cannot be read. */
int find_all(const char *runs, char ***list, size_t *count, struct error *err);
void find_free(char **list);

#endif
