/* leaderboard: the trials of one or more studies, best first, in any format.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/view/leaderboard.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "launcher/format/csv.h"
#include "launcher/format/display.h"
#include "launcher/format/grid.h"
#include "launcher/format/markdown.h"
#include "launcher/view/standings.h"
#include "launcher/view/summary.h"
#include "launcher/format/table.h"

/* What is being printed. */
struct board {
    const struct tree **replies;
    size_t count;
    struct standings standings;
    const struct column **chosen; /* columns to show */
    size_t chosen_count;
};

/* ---- which columns -------------------------------------------------------- */

/* When a usual column is shown to people. */
enum occasion {
    ALWAYS,
    IF_SEVERAL,   /* studies */
    IF_ANY,       /* trial has one */
    IF_ANY_ALONE, /* trial has one, of one study */
    IF_ABOVE_ONE, /* in any trial */
    IF_ANY_FALSE
};

struct usual {
    const char *name;
    enum occasion occasion;
};
static const struct usual before[] = {
    { "rank", ALWAYS },        { "study", IF_SEVERAL },
    { "trial", ALWAYS },       { "value+std", ALWAYS },
    { "ranks", IF_ANY_ALONE }, { "best_step/step", ALWAYS },
    { "seconds", ALWAYS },     { "gpu_hours", IF_ANY },
    { "state", ALWAYS },       { NULL, ALWAYS },
};
static const struct usual after[] = { { "verdict", IF_ANY },
                                      { "attempts", IF_ABOVE_ONE },
                                      { "feasible", IF_ANY_FALSE },
                                      { NULL, ALWAYS } };

/* Whether the cell of any entry is the occasion to show its column. */
static bool occurs(const struct board *b, const struct column *c,
                   enum occasion occasion)
{
    if (occasion == ALWAYS || occasion == IF_SEVERAL)
        return occasion == ALWAYS || b->count > 1;
    if (occasion == IF_ANY_ALONE && b->count > 1)
        return false;
    for (size_t i = 0; i < b->standings.count; i++) {
        struct cell cell = column_cell(c, &b->standings.entries[i]);
        if (cell.kind != CELL_NONE &&
            (occasion == IF_ANY || occasion == IF_ANY_ALONE ||
             (occasion == IF_ABOVE_ONE && cell.number > 1) ||
             (occasion == IF_ANY_FALSE && cell.kind == CELL_TEXT &&
              strcmp(cell.text, "false") == 0)))
            return true;
    }
    return false;
}

static void choose(struct board *b, const struct column *c)
{
    b->chosen[b->chosen_count++] = c;
}

static void choose_some(struct board *b, const struct usual *list)
{
    for (; list->name; list++) {
        const struct column *c =
            columns_find(&b->standings.known, list->name, NULL);
        assert(c); /* each is a field */
        if (occurs(b, c, list->occasion))
            choose(b, c);
    }
}

/* The columns people want: some fields, each objective when there are several,
 * all parameters, and what is out of the ordinary. */
static void choose_usual(struct board *b)
{
    const struct columns *known = &b->standings.known;

    choose_some(b, before);
    for (size_t i = 0; i < known->count; i++)
        if (column_is_objective(&known->items[i]) ||
            column_is_parameter(&known->items[i]))
            choose(b, &known->items[i]);
    choose_some(b, after);
}

/* The columns of "a,b,c". */
static int choose_listed(struct board *b, const char *list, struct error *err)
{
    char *copy = text_copy(list), *rest = copy, *name;
    int rc = copy ? 0 : error_memory(err);

    while (rc == 0 && (name = strsep(&rest, ","))) {
        const struct column *c = columns_find(&b->standings.known, name, err);
        if (!c)
            rc = error_where(err, "--columns");
        else if (b->chosen_count == b->standings.known.count)
            rc = error_usage(err, "--columns: a column is listed twice");
        else
            choose(b, c);
    }
    free(copy);
    return rc;
}

static int choose_columns(struct board *b, const struct leaderboard_options *o,
                          struct error *err)
{
    const struct columns *known = &b->standings.known;

    b->chosen_count = 0;
    b->chosen = calloc(known->count + 1, sizeof(const struct column *));
    if (!b->chosen)
        return error_memory(err);
    if (o->columns)
        return choose_listed(b, o->columns, err);
    if (o->format == VIEW_TABLE || o->format == VIEW_MARKDOWN)
        choose_usual(b);
    else
        for (size_t i = 0; i < known->count; i++)
            if (!column_is_derived(&known->items[i]))
                choose(b, &known->items[i]);
    return 0;
}

/* ---- writing --------------------------------------------------------------- */

static enum row_style style_of(const struct entry *e)
{
    const char *state = tree_text(tree_get(e->row, "state"));

    if (e->rank == 1)
        return ROW_BEST;
    return strcmp(state, "pruned") == 0 || strcmp(state, "failed") == 0
               ? ROW_DIM
               : ROW_PLAIN;
}

static void fill_table(const struct board *b, struct table *t)
{
    for (size_t c = 0; c < b->chosen_count; c++)
        table_column(t, b->chosen[c]->name, b->chosen[c]->heading,
                     b->chosen[c]->elastic);
    for (size_t i = 0; i < b->standings.count; i++) {
        const struct entry *e = &b->standings.entries[i];
        table_row(t, style_of(e));
        for (size_t c = 0; c < b->chosen_count; c++)
            table_cell(t, column_cell(b->chosen[c], e));
    }
}

/* The studies' titles above the table, and below it what is not shown. */
static void print_for_people(const struct board *b, const struct table *t,
                             const struct leaderboard_options *o,
                             struct text *out)
{
    const struct standings *r = &b->standings;

    for (size_t i = 0; i < b->count && !o->bare; i++)
        summary_title(tree_get(b->replies[i], "study"), &o->screen, out);
    text_append(out, o->bare ? "" : "\n");
    if (r->count > 0 && o->format == VIEW_MARKDOWN)
        markdown_print(t, out);
    else if (r->count > 0)
        grid_print(t, &o->screen, out);
    else
        text_append(out, r->total ? "no trial matches\n" : "no trials yet\n");
    if (r->count > 0 && r->count < r->total && !o->bare)
        text_format(out, "\n%zu of %zu trials%s\n", r->count, r->total,
                    o->where ? "" : "; --top 0 shows all");
}

static int print_table(const struct board *b,
                       const struct leaderboard_options *o, struct text *out,
                       struct error *err)
{
    struct table t;

    table_init(&t);
    fill_table(b, &t);
    if (!table_ok(&t)) {
        table_clear(&t);
        return error_memory(err);
    }
    if (o->format == VIEW_CSV)
        csv_print(&t, out);
    else if (o->format == VIEW_TSV)
        tsv_print(&t, out);
    else
        print_for_people(b, &t, o, out);
    table_clear(&t);
    return 0;
}

/* {"study": SUMMARY, "rows": [ROW with its rank and study's name...]}, as the
 * controller says it; of several, "studies" is the list of summaries. */
static int print_json(const struct board *b, struct text *out,
                      struct error *err)
{
    struct tree *root = tree_map(), *studies = tree_list(), *rows = tree_list();

    for (size_t i = 0; i < b->count; i++)
        tree_append(studies, tree_copy(tree_get(b->replies[i], "study")));
    for (size_t i = 0; i < b->standings.count; i++) {
        const struct entry *e = &b->standings.entries[i];
        struct tree *row = tree_copy(e->row);

        tree_set(row, "rank", e->rank > 0 ? tree_int(e->rank) : tree_null());
        tree_set(row, "study", tree_copy(tree_get(e->study, "study")));
        tree_append(rows, row);
    }
    if (b->count == 1)
        tree_set(root, "study", tree_copy(tree_at(studies, 0)));
    else
        tree_set(root, "studies", tree_copy(studies));
    tree_set(root, "rows", rows);
    int rc = tree_ok(root) ? 0 : error_memory(err);

    if (rc == 0)
        json_format_pretty(root, out);
    tree_destroy(studies);
    tree_destroy(root);
    return rc;
}

/* ---- the whole ------------------------------------------------------------- */

/* Which trials, in which order. */
static int read_standings(struct board *b, const struct leaderboard_options *o,
                          struct error *err)
{
    struct standings *r = &b->standings;

    if (standings_read(r, b->replies, b->count, err) < 0)
        return -1;
    if ((o->where && standings_where(r, o->where, err) < 0) ||
        (o->sort && standings_sort(r, o->sort, err) < 0))
        return -1;
    if (o->top > 0)
        standings_top(r, (size_t)o->top);
    standings_skip(r, (size_t)o->skip);
    return 0;
}

static void board_clear(struct board *b)
{
    free(b->chosen);
    free(b->replies);
    standings_clear(&b->standings);
}

/* Read one reply or a list of them; clear the board also when that fails. */
static int board_read(struct board *b, const struct tree *board,
                      const struct leaderboard_options *o, struct error *err)
{
    bool several = tree_kind(board) == TREE_LIST;

    *b = (struct board){ .count = several ? tree_count(board) : 1 };
    b->replies = calloc(b->count + 1, sizeof *b->replies);
    if (!b->replies)
        return error_memory(err);
    for (size_t i = 0; i < b->count; i++)
        b->replies[i] = several ? tree_at(board, i) : board;
    return read_standings(b, o, err);
}

static int print_board(struct board *b, const struct leaderboard_options *o,
                       struct text *out, struct error *err)
{
    if (choose_columns(b, o, err) < 0)
        return -1;
    return o->format == VIEW_JSON ? print_json(b, out, err)
                                  : print_table(b, o, out, err);
}

int leaderboard_print(const struct tree *board,
                      const struct leaderboard_options *o, struct text *out,
                      struct error *err)
{
    struct board b;
    int rc = board_read(&b, board, o, err);

    if (rc == 0)
        rc = print_board(&b, o, out, err);
    if (rc == 0 && out->failed)
        rc = error_memory(err);
    board_clear(&b);
    return rc;
}

int leaderboard_trials(const struct tree *board,
                       const struct leaderboard_options *o, int64_t **trials,
                       size_t *count, struct error *err)
{
    struct board b;
    int rc = board_read(&b, board, o, err);
    const struct standings *r = &b.standings;

    *count = 0;
    *trials = rc == 0 ? calloc(r->count + 1, sizeof **trials) : NULL;
    if (rc == 0 && !*trials)
        rc = error_memory(err);
    for (size_t i = 0; rc == 0 && i < r->count; i++)
        (*trials)[(*count)++] =
            tree_integer(tree_get(r->entries[i].row, "trial"));
    board_clear(&b);
    return rc;
}
