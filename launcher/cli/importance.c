/* importance: 'sentei importance [RUN]' says which parameters matter.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/options.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/source.h"
#include "launcher/format/csv.h"
#include "launcher/format/grid.h"
#include "launcher/format/markdown.h"
#include "launcher/view/leaderboard.h"

struct arguments {
    double share;
    bool pairs;
    int format;
};

/* A row for each item of the reply's list 'key'. */
static void add_rows(struct table *t, const struct tree *reply, const char *key,
                     bool pairs)
{
    const struct tree *list = tree_get(reply, key);

    for (size_t i = 0; i < tree_count(list); i++) {
        const struct tree *item = tree_at(list, i);

        table_row(t, ROW_PLAIN);
        table_cell(t, cell_of(tree_get(item, "parameter")));
        if (pairs)
            table_cell(t, cell_of(tree_get(item, "with")));
        table_cell(t, cell_of(tree_get(item, "importance")));
        table_cell(t, cell_of(tree_get(item, "trials")));
    }
}

static void fill_table(struct table *t, const struct tree *reply, bool pairs)
{
    table_init(t);
    table_column(t, "parameter", "parameter", true);
    if (pairs)
        table_column(t, "with", "with", true);
    table_column(t, "importance", "importance", false);
    table_column(t, "trials", "trials", false);
    add_rows(t, reply, "importance", pairs);
    add_rows(t, reply, "pairs", pairs);
}

static int print_table(const struct tree *reply, const struct arguments *a,
                       struct text *out, struct error *err)
{
    const struct screen screen = screen_of(stdout);
    struct table t;

    fill_table(&t, reply, a->pairs);
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

static int print_importance(const struct tree *reply, const struct arguments *a,
                            struct error *err)
{
    struct text out = TEXT_INIT;
    int rc = 0;

    if (a->format == VIEW_JSON)
        json_format_pretty(reply, &out);
    else
        rc = print_table(reply, a, &out, err);
    if (rc == 0 && out.failed)
        rc = error_memory(err);
    if (rc == 0 && a->format == VIEW_TABLE)
        printf("%s: what the best %g %% of %" PRId64
               " trials have in common\n\n",
               tree_text(tree_get(reply, "study")), 100 * a->share,
               tree_integer(tree_get(reply, "trials")));
    if (rc == 0)
        fputs(text_get(&out), stdout);
    text_clear(&out);
    return rc;
}

static int judge(const char *run, const struct arguments *a, struct error *err)
{
    struct tree *reply = NULL;
    char path[96];
    int rc;

    snprintf(path, sizeof path, "/v1/importance?share=%.9g&pairs=%d", a->share,
             a->pairs);
    rc = source_read(run, path, &reply, err);
    if (rc == 0)
        rc = print_importance(reply, a, err);
    tree_destroy(reply);
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
