/* observation: see observation.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/watch/observation.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/view/leaderboard.h"

/* Put 'fresh' in the place of what was known. */
static void renew(struct tree **known, struct tree *fresh)
{
    tree_destroy(*known);
    *known = fresh;
}

/* All rows where they are to be filtered or sorted, else the best ones. */
static int read_board(struct observation *o, struct source *source,
                      const struct choices *c, size_t page, struct error *err)
{
    struct tree *board = NULL;
    char path[64] = "/v1/leaderboard";

    if (!*c->where && !*c->sort)
        snprintf(path, sizeof path, "/v1/leaderboard?top=%zu", c->first + page);
    if (source_get(source, path, &board, err) < 0)
        return -1;
    renew(&o->board, board);
    return 0;
}

/* The rows on the screen and how many there are; what cannot be read of the
 * choices is trouble. */
static int read_rows(struct observation *o, const struct choices *c,
                     size_t page, struct error *err)
{
    struct leaderboard_options all = { .where = *c->where ? c->where : NULL,
                                       .sort = *c->sort ? c->sort : NULL };
    struct leaderboard_options shown = all;
    struct error wrong = ERROR_INIT;
    int64_t *numbers = NULL;

    shown.skip = (int64_t)c->first;
    shown.top = (int64_t)(c->first + page);
    free(o->numbers);
    o->numbers = NULL;
    o->number_count = 0;
    o->rows =
        (size_t)tree_integer(tree_get(tree_get(o->board, "study"), "trials"));
    if (all.where &&
        leaderboard_trials(o->board, &all, &numbers, &o->rows, &wrong) < 0)
        goto wrong;
    free(numbers);
    if (leaderboard_trials(o->board, &shown, &o->numbers, &o->number_count,
                           &wrong) == 0)
        return 0;
wrong:
    o->rows = 0;
    snprintf(o->trouble, sizeof o->trouble, "%.60s: %.180s", wrong.where,
             wrong.what);
    return wrong.kind == ERROR_USAGE ? 0 : error_memory(err);
}

/* The curves of trials that run. One that ended meanwhile is there as it
 * ended. */
static int read_running(struct observation *o, struct source *source,
                        size_t workers, struct error *err)
{
    const struct tree *list = tree_get(tree_get(o->board, "study"), "workers");
    struct tree *running = tree_list();
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < tree_count(list) && i < workers; i++) {
        const struct tree *trial = tree_get(tree_at(list, i), "trial");
        struct tree *reply = NULL;
        char path[64];

        snprintf(path, sizeof path, "/v1/trials/%" PRId64, tree_integer(trial));
        rc = source_get(source, path, &reply, err);
        if (rc == 0)
            tree_append(running, reply);
    }
    if (rc == 0 && !tree_ok(running))
        rc = error_memory(err);
    if (rc < 0) {
        tree_destroy(running);
        return -1;
    }
    renew(&o->running, running);
    return 0;
}

/* The number of the open trial: that of the selected row when it is opened. */
static int64_t open_number(const struct observation *o, const struct choices *c)
{
    size_t at = c->row - c->first;

    if (o->trial)
        return tree_integer(tree_get(o->trial, "trial"));
    return at < o->number_count ? o->numbers[at] : -1;
}

static int read_open(struct observation *o, struct source *source,
                     const struct choices *c, struct error *err)
{
    int64_t number = c->open ? open_number(o, c) : -1;
    struct tree *trial = NULL, *log = NULL;
    char path[64];

    if (number >= 0) {
        snprintf(path, sizeof path, "/v1/trials/%" PRId64, number);
        if (source_get(source, path, &trial, err) < 0)
            return -1;
        snprintf(path, sizeof path, "/v1/logs/%" PRId64, number);
        source_get(source, path, &log, NULL); /* it may have none */
    }
    renew(&o->trial, trial);
    renew(&o->log, log);
    return 0;
}

int observation_read(struct observation *o, struct source *source,
                     const struct choices *c, size_t page, size_t workers,
                     struct error *err)
{
    if (read_board(o, source, c, page, err) < 0)
        return -1;
    *o->trouble = '\0';
    if (read_rows(o, c, page, err) < 0 ||
        read_running(o, source, workers, err) < 0)
        return -1;
    return read_open(o, source, c, err);
}

void observation_clear(struct observation *o)
{
    tree_destroy(o->board);
    tree_destroy(o->running);
    tree_destroy(o->trial);
    tree_destroy(o->log);
    free(o->numbers);
    memset(o, 0, sizeof *o);
}
