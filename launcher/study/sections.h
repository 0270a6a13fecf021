/* sections: the parts of a study file, each read by one function.
 *
 * Private to launcher/study. study.c calls them by a table, in an order in
 * which each finds what it builds on (enqueued points need the space). Each
 * gets the section's tree, NULL when the file has none, and fills in its
 * fields of 's', which hold the defaults. Each returns 0, or -1 with 'err'.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_STUDY_SECTIONS_H
#define LAUNCHER_STUDY_SECTIONS_H

#include "base/error.h"
#include "base/tree.h"
#include "launcher/study/study.h"

/* goal.c: what counts and when it is enough */
int study_read_objective(struct study *s, const struct tree *t,
                         struct error *err);
int study_read_constraints(struct study *s, const struct tree *t,
                           struct error *err);
int study_read_stop(struct study *s, const struct tree *t, struct error *err);

/* parameters.c: what is searched over */
int study_read_space(struct study *s, const struct tree *t, struct error *err);

/* search.c: how, and what is tried first */
int study_read_search(struct study *s, const struct tree *t, struct error *err);
int study_read_warm_start(struct study *s, const struct tree *t,
                          struct error *err);
int study_read_enqueue(struct study *s, const struct tree *t,
                       struct error *err);

/* trainer.c: what a trial runs */
int study_read_trainer(struct study *s, const struct tree *t,
                       struct error *err);
int study_read_oracle(struct study *s, const struct tree *t, struct error *err);

/* site.c: where, on what, and who is told */
int study_read_resources(struct study *s, const struct tree *t,
                         struct error *err);
int study_read_local(struct study *s, const struct tree *t, struct error *err);
int study_read_slurm(struct study *s, const struct tree *t, struct error *err);
int study_read_retry(struct study *s, const struct tree *t, struct error *err);
int study_read_notify(struct study *s, const struct tree *t, struct error *err);
int study_read_controller(struct study *s, const struct tree *t,
                          struct error *err);

/* Say that the error is at the 'i'-th key of 'map', or at value 't', unless it
 * is not the user's or has a place already. Always returns -1. */
int study_error_at_key(const struct study *s, const struct tree *map, size_t i,
                       struct error *err);
int study_error_at(const struct study *s, const struct tree *t,
                   struct error *err);

/* Whether 't' is a list of one or more strings without control characters;
 * else -1 with 'err', naming 'path'. */
int study_check_words(const struct study *s, const struct tree *t,
                      const char *path, struct error *err);

/* describe.c: append the sampler, the pruner and the seed in one line. */
void study_describe_search(const struct study *s, struct text *out);

#endif
