/* leaderboard: 'sentei leaderboard [RUN...]' ranks the trials of runs.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/view/leaderboard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/options.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/source.h"
#include "launcher/format/pager.h"

enum { TOP_FOR_PEOPLE = 50 };

/* What is asked of each run: all rows, but where the best ones are enough. */
struct query {
    char path[64];
    const char *runs;
};

static struct query query_for(const struct leaderboard_options *o,
                              const char *runs)
{
    struct query q = { "/v1/leaderboard", runs };

    if (o->top > 0 && !o->where && !o->sort)
        snprintf(q.path, sizeof q.path, "/v1/leaderboard?top=%" PRId64, o->top);
    return q;
}

/* Append the leaderboard of the run folder 'run' to 'boards'. */
static int fetch(const struct query *q, const char *run, struct tree *boards,
                 struct error *err)
{
    struct tree *reply = NULL;
    int rc = source_read(run, q->path, &reply, err);

    return rc == 0 && tree_append(boards, reply) < 0 ? error_memory(err) : rc;
}

static int fetch_named(const struct query *q, char **names, int count,
                       struct tree *boards, struct error *err)
{
    int rc = 0;

    for (int i = 0; rc == 0 && i < (count ? count : 1); i++) {
        char *run = find_run(count ? names[i] : NULL, q->runs, err);
        rc = run ? fetch(q, run, boards, err) : -1;
        free(run);
    }
    return rc;
}

static int fetch_all(const struct query *q, struct tree *boards,
                     struct error *err)
{
    char **list = NULL;
    size_t count = 0;
    int rc = find_all(q->runs, &list, &count, err);

    if (rc == 0 && count == 0)
        rc = fetch_named(q, NULL, 0, boards, err); /* says why */
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = fetch(q, list[i], boards, err);
    find_free(list);
    return rc;
}

/* Of the runs that are named, or of all: print it. */
static int show(const struct leaderboard_options *o, const char *runs, bool all,
                char **names, int count, bool paged, struct error *err)
{
    struct query q = query_for(o, runs);
    struct tree *boards = tree_list();
    struct text words = TEXT_INIT;
    int rc;

    if (!boards)
        return error_memory(err);
    rc = all ? fetch_all(&q, boards, err)
             : fetch_named(&q, names, count, boards, err);
    if (rc == 0)
        rc = leaderboard_print(boards, o, &words, err);
    if (rc == 0)
        rc = pager_print(&words, paged, err);
    text_clear(&words);
    tree_destroy(boards);
    return rc;
}

static int run_leaderboard(int argc, char **argv, struct error *err)
{
    struct leaderboard_options o = { .top = -1, .screen = screen_of(stdout) };
    const char *runs = "runs";
    int format = VIEW_TABLE;
    bool all = false, unpaged = false;
    const struct option_row rows[] = {
        { "top", 'n', OPTION_INT, &o.top, "N",
          "at most N trials; 0: all (default: 50 in a table)" },
        { "where", 'w', OPTION_STRING, &o.where, "EXPRESSION",
          "only trials that match, as in the examples" },
        { "sort", 's', OPTION_STRING, &o.sort, "COLUMN",
          "by this column instead of rank; -COLUMN: largest first" },
        { "columns", 'c', OPTION_STRING, &o.columns, "A,B,C",
          "these columns: fields, parameters, last metrics" },
        { "format", 'f', OPTION_CHOICE, &format, VIEW_FORMATS,
          "how it is written (default: table)" },
        { "all", 'a', OPTION_FLAG, &all, NULL, "every run in the runs folder" },
        { "no-pager", 0, OPTION_FLAG, &unpaged, NULL, PAGER_HELP },
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options options = {
        .command = "sentei leaderboard",
        .usage = "[RUN...] [options]",
        .description =
            "Ranks the trials of a run, best first; of several runs, "
            "together when they have\nthe same objective. RUN is a run folder "
            "or a study's name; without one it is the\nnewest run. In an "
            "expression: = != < <= > >= ~ (contains), and, or, not, ( ).\nA "
            "column may be called by its end: 'depth' for "
            "'model.fusion.depth'.\nWhere values have a deviation, 'ranks 90%' "
            "are those that a trial may really have.",
        .examples =
            "  sentei leaderboard\n"
            "  sentei leaderboard quickstart --top 10 --sort seconds\n"
            "  sentei leaderboard --where 'depth>=3 and state=complete'\n"
            "  sentei leaderboard a b --columns rank,study,value,optimizer.lr\n"
            "  sentei leaderboard --format csv > trials.csv\n",
        .rows = rows,
    };
    char **names;
    int count, rc = options_parse(&options, argc, argv, &names, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    o.format = (enum view_format)format;
    if (o.top < 0)
        o.top = o.format == VIEW_TABLE ? TOP_FOR_PEOPLE : 0;
    return show(&o, runs, all, names, count, !unpaged, err);
}

const struct verb verb_leaderboard = {
    .name = "leaderboard",
    .summary = "rank the trials of one or more runs",
    .run = run_leaderboard,
};
