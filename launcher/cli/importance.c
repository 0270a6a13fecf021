/* importance: 'sentei importance [RUN]' says which parameters matter.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/importance.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/options.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/source.h"
#include "launcher/format/csv.h"
#include "launcher/format/grid.h"
#include "launcher/format/markdown.h"
#include "launcher/service/results.h"
#include "launcher/view/leaderboard.h"

struct arguments {
    double share;
    bool pairs;
    int format;
};

/* ---- the run's trials ---------------------------------------------------- */

/* One row of the leaderboard, when its trial ended with a value. */
static int add_row(struct history *h, const struct study *s,
                   const struct tree *row, double *x, struct error *err)
{
    const struct tree *value = tree_get(row, "value");
    int state = trial_state_parse(tree_text(tree_get(row, "state")));
    double losses[STUDY_MAX_OBJECTIVES] = { 0 };

    if ((state != TRIAL_COMPLETE && state != TRIAL_PRUNED) ||
        tree_kind(value) == TREE_NULL)
        return 0;
    if (space_point_from_tree(&s->space, tree_get(row, "params"), false,
                              s->file, x, err))
        return -1;
    int64_t number = history_add(h, x);

    losses[0] = results_loss(s, 0, tree_number(value));
    if (number < 0 || history_report(h, number, 1, losses[0], NAN))
        return error_memory(err);
    history_finish(h, number, losses, NULL);
    history_set_state(h, number, (enum trial_state)state);
    return 0;
}

static int read_trials(struct history *h, const struct study *s,
                       const char *run, struct error *err)
{
    struct tree *board = NULL;
    double *x = calloc(s->space.count + 1, sizeof *x);
    int rc = x ? source_read(run, "/v1/leaderboard", &board, err)
               : error_memory(err);
    const struct tree *rows = tree_get(board, "rows");

    for (size_t i = 0; rc == 0 && i < tree_count(rows); i++)
        rc = add_row(h, s, tree_at(rows, i), x, err);
    tree_destroy(board);
    free(x);
    return rc;
}

/* ---- the answer ---------------------------------------------------------- */

/* A parameter, or a pair of them: then 'other' is its second. */
struct line {
    const char *name, *other;
    double importance;
    size_t trials;
};

static int by_importance(const void *a, const void *b)
{
    const struct line *x = a, *y = b;

    if (!x->other != !y->other)
        return x->other ? 1 : -1;
    return (x->importance < y->importance) - (x->importance > y->importance);
}

/* Parameters, then pairs, the most important first. Returns them, 'count' of
 * them, which the caller frees; NULL when out of memory. */
static struct line *list_lines(const struct importance *m,
                               const struct space *s, size_t *count)
{
    size_t most = s->count * (s->count + 1) / 2;
    struct line *lines = calloc(most + 1, sizeof *lines);

    *count = 0;
    for (size_t i = 0; lines && i < s->count; i++)
        lines[(*count)++] = (struct line){ s->parameters[i].name, NULL,
                                           m->single[i], m->active[i] };
    for (size_t i = 0; lines && m->pair && i < s->count; i++)
        for (size_t j = i + 1; j < s->count; j++)
            lines[(*count)++] =
                (struct line){ s->parameters[i].name, s->parameters[j].name,
                               m->pair[i * s->count + j], 0 };
    if (lines)
        qsort(lines, *count, sizeof *lines, by_importance);
    return lines;
}

static void fill_table(struct table *t, const struct line *lines, size_t count,
                       bool pairs)
{
    table_init(t);
    table_column(t, "parameter", "parameter", true);
    if (pairs)
        table_column(t, "with", "with", true);
    table_column(t, "importance", "importance", false);
    table_column(t, "trials", "trials", false);
    for (size_t i = 0; i < count; i++) {
        table_row(t, ROW_PLAIN);
        table_cell(t, cell_text(lines[i].name));
        if (pairs)
            table_cell(t, lines[i].other ? cell_text(lines[i].other)
                                         : (struct cell){ .kind = CELL_NONE });
        table_cell(t, cell_number(lines[i].importance));
        table_cell(t, lines[i].other ? (struct cell){ .kind = CELL_NONE }
                                     : cell_number((double)lines[i].trials));
    }
}

/* {"study", "trials", "importance": {NAME: share}, "pairs": [...]} */
static int print_json(const struct study *s, const struct importance *m,
                      const struct line *lines, size_t count, struct text *out,
                      struct error *err)
{
    struct tree *root = tree_map(), *single = tree_map(), *pairs = tree_list();

    tree_set_string(root, "study", s->name);
    tree_set_int(root, "trials", (int64_t)m->trials);
    for (size_t i = 0; i < count; i++) {
        if (!lines[i].other) {
            tree_set_float(single, lines[i].name, lines[i].importance);
            continue;
        }
        struct tree *pair = tree_map();

        tree_set_string(pair, "parameter", lines[i].name);
        tree_set_string(pair, "with", lines[i].other);
        tree_set_float(pair, "importance", lines[i].importance);
        tree_append(pairs, pair);
    }
    tree_set(root, "importance", single);
    if (m->pair)
        tree_set(root, "pairs", pairs);
    else
        tree_destroy(pairs);
    int rc = tree_ok(root) ? 0 : error_memory(err);

    if (rc == 0)
        json_format_pretty(root, out);
    tree_destroy(root);
    return rc;
}

static int print_table(const struct line *lines, size_t count,
                       const struct arguments *a, struct text *out,
                       struct error *err)
{
    const struct screen screen = screen_of(stdout);
    struct table t;

    fill_table(&t, lines, count, a->pairs);
    int rc = table_ok(&t) ? 0 : error_memory(err);

    if (rc == 0 && a->format == VIEW_CSV)
        csv_print(&t, out);
    else if (rc == 0 && a->format == VIEW_TSV)
        tsv_print(&t, out);
    else if (rc == 0 && a->format == VIEW_MARKDOWN)
        markdown_print(&t, out);
    else if (rc == 0)
        grid_print(&t, &screen, out);
    table_clear(&t);
    return rc;
}

static int print_importance(const struct study *s, const struct importance *m,
                            const struct arguments *a, struct error *err)
{
    struct text out = TEXT_INIT;
    size_t count;
    struct line *lines = list_lines(m, &s->space, &count);
    int rc = !lines ? error_memory(err)
             : a->format == VIEW_JSON
                 ? print_json(s, m, lines, count, &out, err)
                 : print_table(lines, count, a, &out, err);

    if (rc == 0 && a->format == VIEW_TABLE)
        printf("%s: what the best %g %% of %zu trials have in common\n\n",
               s->name, 100 * a->share, m->trials);
    if (rc == 0 && out.failed)
        rc = error_memory(err);
    if (rc == 0)
        fputs(text_get(&out), stdout);
    text_clear(&out);
    free(lines);
    return rc;
}

static int judge(const char *run, const struct arguments *a, struct error *err)
{
    char *path = file_join(run, "study.yaml");
    struct study *s = path ? study_read(path, err) : NULL;
    struct history h;
    struct importance m;
    int rc = -1;

    if (s) {
        history_init(&h, &s->space, s->objective_count, 0);
        if (read_trials(&h, s, run, err) == 0 &&
            importance_of(&m, &h, a->share, a->pairs, err) == 0) {
            rc = print_importance(s, &m, a, err);
            importance_clear(&m);
        }
        history_clear(&h);
    }
    study_destroy(s);
    free(path);
    return rc;
}

static int run_importance(int argc, char **argv, struct error *err)
{
    struct arguments a = { .share = 0.1, .format = VIEW_TABLE };
    const char *runs = "runs";
    const struct option_row rows[] = {
        { "pairs", 'p', OPTION_FLAG, &a.pairs, NULL,
          "pairs of parameters too: what they tell together" },
        { "share", 0, OPTION_FLOAT, &a.share, "S",
          "the best share of the trials (default 0.1)" },
        { "format", 'f', OPTION_CHOICE, &a.format, VIEW_FORMATS,
          "how it is written (default: table)" },
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options options = {
        .command = "sentei importance",
        .usage = "[RUN] [options]",
        .description =
            "Says which parameters decide whether a trial is among the best: "
            "how differently each\nis distributed there and among all trials "
            "(PED-ANOVA), as shares of 1. Stopped trials\ncount by the best "
            "they had shown. RUN is a run folder or a study's name; without "
            "one\nit is the newest run.",
        .examples = "  sentei importance quickstart\n"
                    "  sentei importance --pairs --format csv > pairs.csv\n",
        .rows = rows,
    };
    char **names;
    int count, rc = options_parse(&options, argc, argv, &names, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (!(a.share > 0 && a.share < 1))
        return error_usage(err, "--share: expected a number between 0 and 1");
    char *run = find_one(names, count, runs, err);

    rc = run ? judge(run, &a, err) : -1;
    free(run);
    return rc;
}

const struct verb verb_importance = {
    .name = "importance",
    .summary = "which parameters matter",
    .run = run_importance,
};
