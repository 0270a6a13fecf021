/* study: a study file, read strictly, with every default filled in.
 *
 * study_read() does all the checks there are: whoever holds a 'struct study'
 * holds a good one. An unknown key, a wrong type or an impossible value is an
 * error with its file:line:column and the nearest known word.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_STUDY_STUDY_H
#define LAUNCHER_STUDY_STUDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "base/tree.h"
#include "search/engine.h"
#include "search/space.h"

enum { STUDY_MAX_OBJECTIVES = 8, STUDY_MAX_CONSTRAINTS = 8 };

/* What a trial's reports of the objective come to. */
enum trial_value {
    VALUE_BEST, /* the best over all steps; the default */
    VALUE_LAST, /* that of the last step */
    VALUE_MEAN  /* the mean over the steps: they are folds */
};

struct objective {
    const char *metric;
    bool maximize;
    enum trial_value value;
};

/* "best", "last", "mean", NULL. */
extern const char *const trial_value_names[];

/* metric <= max and >= min must hold for a trial to count */
struct study_constraint {
    const char *metric;
    double min, max; /* -INFINITY, INFINITY where not given */
};

/* Ends the study; INFINITY / INT64_MAX where not given. */
struct stop_rules {
    int64_t trials;
    double hours, gpu_hours;
    int64_t no_improvement; /* trials since the best */
    double regret; /* how much better another trial may be expected to be, or
                      the results' noise if that is more; -1: no such rule */
};

struct resources {
    int64_t nodes, tasks_per_node, gpus_per_task, cpus_per_task;
    int64_t memory_bytes; /* 0: the site's default */
    double time_s;        /* 0: the site's default */
};

struct study {
    struct tree *source; /* the parsed file; owns every string below */
    char *text;          /* the file's bytes, for freezing */
    size_t text_size;
    char *file; /* its name in messages */

    const char *name;
    struct objective objectives[STUDY_MAX_OBJECTIVES];
    size_t objective_count;
    struct study_constraint constraints[STUDY_MAX_CONSTRAINTS];
    size_t constraint_count;
    struct space space;
    struct engine_options search;
    struct tree *search_options[2]; /* the maps 'search' borrows, their 'type'
                                       taken out; NULL where there is none */
    double *enqueue; /* enqueue_count rows of space.count values, NAN where
                        the sampler is to choose */
    size_t enqueue_count;
    const struct tree *warm_start; /* names of earlier runs, or NULL */
    struct stop_rules stop;

    /* exactly one of these two; neither in a study that has only an oracle,
     * which can be simulated but not run */
    const struct tree *trainer_config; /* a map for sentei-train */
    const struct tree *command;        /* a list of words, see command.h */

    struct resources resources;
    int64_t local_workers;
    const struct tree *slurm;  /* the 'slurm:' map, read by the Slurm part */
    const struct tree *notify; /* the 'notify:' list, likewise */
    const struct tree *oracle; /* the 'oracle:' map, for the simulator */
    int64_t attempts;          /* retry.attempts: failed ones allowed, >= 1 */
    const char *munge; /* controller.auth is munge: its socket, "" the usual
                          one; NULL: by token */
};

/* Read and check the file at 'path'. Returns the study, which the caller
 * destroys, or NULL with 'err' (kind USAGE, where file:line:column). */
struct study *study_read(const char *path, struct error *err);

/* The same from memory; 'name' stands for the path in messages. */
struct study *study_parse(const char *data, size_t size, const char *name,
                          struct error *err);
void study_destroy(struct study *s);

/* Append the resolved plan as people read it ('sentei check'). */
void study_describe(const struct study *s, struct text *out);

/* The resolved plan for programs ('sentei check --format json'). The caller
 * destroys it; NULL when out of memory. */
struct tree *study_plan(const struct study *s);

/* Freeze 's' as 'folder'/study.yaml. When one is there already, space,
 * objectives and trainer must be the same, else -1 with what differs (kind
 * USAGE); other changes (budget, workers) replace the frozen file. The folder
 * is made when absent. */
int study_freeze(const struct study *s, const char *folder, struct error *err);

#endif
