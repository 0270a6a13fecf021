/* leaderboard: the trials of one or more studies, best first, in any format.
 *
 * A pure function of the controller's replies (docs/api.md): no file and no
 * socket, so that a stored reply always prints the same.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_VIEW_LEADERBOARD_H
#define LAUNCHER_VIEW_LEADERBOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "base/tree.h"
#include "launcher/format/screen.h"

enum view_format {
    VIEW_TABLE, /* aligned columns for people */
    VIEW_JSON,  /* as the controller says it, with each row's rank */
    VIEW_CSV,   /* RFC 4180, exact numbers */
    VIEW_TSV,
    VIEW_MARKDOWN
};

/* Their names, in this order. */
#define VIEW_FORMATS "table|json|csv|tsv|markdown"

/* What to show; all zero is "every trial, every usual column, as a table". */
struct leaderboard_options {
    enum view_format format;
    int64_t top;         /* at most so many rows; 0: all */
    int64_t skip;        /* without so many of them, from the first */
    const char *where;   /* an expression of view/where.h, or NULL */
    const char *sort;    /* a column, "-column" for descending, or NULL */
    const char *columns; /* "a,b,c", or NULL for the usual ones */
    struct screen screen;
    bool bare; /* tables are heading and rows, no words above and below */
};

/* Append 'board', a reply of GET /v1/leaderboard or a list of such replies
 * (then the rows carry a study column, and are ranked together when the
 * studies have the same objective). Returns 0, or -1 with 'err' and nothing
 * appended: a wrong expression or column (kind USAGE, nearest named). */
int leaderboard_print(const struct tree *board,
                      const struct leaderboard_options *o, struct text *out,
                      struct error *err);

/* The numbers of the trials whose rows leaderboard_print() would print, in its
 * order: '*count' of them in '*trials', which the caller frees. Returns 0, or
 * -1 with 'err' as above. */
int leaderboard_trials(const struct tree *board,
                       const struct leaderboard_options *o, int64_t **trials,
                       size_t *count, struct error *err);

#endif
