/* observation: what is known of a study at a moment, as a person's choices need
 * it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_WATCH_OBSERVATION_H
#define LAUNCHER_WATCH_OBSERVATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"
#include "launcher/controller/source.h"
#include "launcher/watch/choices.h"

/* All owned. Trees are replies of docs/api.md, or NULL. */
struct observation {
    struct tree *board;   /* GET /v1/leaderboard: the rows that are wanted */
    struct tree *running; /* a list of GET /v1/trials/N, of the first workers */
    struct tree *trial;   /* the open one, and the end of its log */
    struct tree *log;
    int64_t *numbers;    /* of the trials on the screen, in order */
    size_t number_count; /* of them */
    size_t rows;         /* trials that can be selected */
    char trouble[256]; /* why it is not the newest, or a wrong choice; or "" */
};

/* Look at the study: 'page' rows from the first one chosen, 'workers' running
 * trials at most. Returns 0, or -1 with 'err' and what was known before, but
 * for a wrong expression or column, which is 'trouble'. */
int observation_read(struct observation *o, struct source *source,
                     const struct choices *c, size_t page, size_t workers,
                     struct error *err);
void observation_clear(struct observation *o);

#endif
