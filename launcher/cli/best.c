/* best: 'sentei best [RUN]' gives the best trial's parameters to a script; of
 * several objectives all trials that no other one beats.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/options.h"
#include "base/yaml.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/source.h"
#include "launcher/view/assign.h"

/* The first row of a leaderboard, if that trial has won; else NULL. */
static const struct tree *winner(const struct tree *board, struct error *err)
{
    const struct tree *study = tree_get(board, "study");
    const struct tree *best = tree_get(study, "best");
    const struct tree *rows = tree_get(board, "rows");

    for (size_t i = 0; tree_kind(best) == TREE_MAP && i < tree_count(rows); i++)
        if (tree_equal(tree_get(tree_at(rows, i), "trial"),
                       tree_get(best, "trial")))
            return tree_at(rows, i);
    error_set(err, "no trial of '%s' has a value yet",
              tree_text(tree_get(study, "study")));
    error_hint(err, "'sentei leaderboard %s' shows how far it is",
               tree_text(tree_get(study, "study")));
    return NULL;
}

/* The values of a row by the objectives' names. */
static struct tree *named_values(const struct tree *objectives,
                                 const struct tree *row)
{
    struct tree *values = tree_map();

    for (size_t i = 0; i < tree_count(objectives); i++)
        tree_set(values, tree_text(tree_get(tree_at(objectives, i), "metric")),
                 tree_copy(tree_at(tree_get(row, "values"), i)));
    return values;
}

/* [{"trial", "values", "params"}, ...] of the first front. */
static struct tree *front_of(const struct tree *board)
{
    const struct tree *rows = tree_get(board, "rows");
    const struct tree *study = tree_get(board, "study");
    struct tree *list = tree_list();

    for (size_t i = 0; i < tree_count(rows); i++) {
        const struct tree *row = tree_at(rows, i);
        struct tree *item;

        if (tree_integer(tree_get(row, "front")) != 1)
            continue;
        item = tree_map();
        tree_set(item, "trial", tree_copy(tree_get(row, "trial")));
        tree_set(item, "values",
                 named_values(tree_get(study, "objectives"), row));
        tree_set(item, "params", tree_copy(tree_get(row, "params")));
        tree_append(list, item);
    }
    return list;
}

static int put_yaml(const struct tree *params, struct text *out,
                    struct error *err)
{
    (void)err;
    yaml_format(params, out);
    return 0;
}

static int put_json(const struct tree *params, struct text *out,
                    struct error *err)
{
    (void)err;
    json_format_pretty(params, out);
    return 0;
}

static int put_args(const struct tree *params, struct text *out,
                    struct error *err)
{
    (void)err;
    assign_args(params, out);
    return 0;
}

/* In the order of the option's words. */
static int (*const formats[])(const struct tree *params, struct text *out,
                              struct error *err) = { put_yaml, put_json,
                                                     assign_env, put_args };

enum format { FORMAT_YAML, FORMAT_JSON, FORMAT_ENV, FORMAT_ARGS };

/* Of several objectives: read the whole board, for the front may be long. */
static int put_front(const char *run, int format, struct text *out,
                     struct error *err)
{
    struct tree *board = NULL, *front = NULL;
    int rc = -1;

    if (format == FORMAT_ENV || format == FORMAT_ARGS) {
        error_usage(err, "of several objectives many trials are best");
        error_hint(err, "--format json lists them; 'sentei show' shows one");
        return -1;
    }
    if (source_read(run, "/v1/leaderboard", &board, err) < 0)
        return -1;
    front = front_of(board);
    rc = tree_ok(front) ? formats[format](front, out, err) : error_memory(err);
    tree_destroy(front);
    tree_destroy(board);
    return rc;
}

static int print_best(const char *run, int format, struct error *err)
{
    struct tree *board = NULL;
    struct text out = TEXT_INIT;
    int rc = source_read(run, "/v1/leaderboard?top=1", &board, err);

    if (rc == 0) {
        const struct tree *row = winner(board, err);
        const struct tree *study = tree_get(board, "study");

        if (!row)
            rc = -1;
        else if (tree_count(tree_get(study, "objectives")) > 1)
            rc = put_front(run, format, &out, err);
        else
            rc = formats[format](tree_get(row, "params"), &out, err);
    }
    if (rc == 0 && out.failed)
        rc = error_memory(err);
    if (rc == 0)
        fputs(text_get(&out), stdout);
    text_clear(&out);
    tree_destroy(board);
    return rc;
}

static int run_best(int argc, char **argv, struct error *err)
{
    const char *runs = "runs";
    int format = 0;
    const struct option_row rows[] = {
        { "format", 'f', OPTION_CHOICE, &format, "yaml|json|env|args",
          "yaml (default), json, NAME=value or --name value" },
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options options = {
        .command = "sentei best",
        .usage = "[RUN] [options]",
        .description =
            "Prints the parameters of the best trial so far, for a script to "
            "read. RUN is a run\nfolder or a study's name; without one it is "
            "the newest run. Of several objectives: the Pareto front, a list "
            "of trials with\ntheir values. Exit status 1 when no\ntrial has a value yet.",
        .examples = "  sentei best quickstart > best.yaml\n"
                    "  eval \"set -- $(sentei best --format args)\"\n"
                    "  eval \"$(sentei best --format env)\"\n",
        .rows = rows,
    };
    char **names;
    int count, rc = options_parse(&options, argc, argv, &names, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    char *run = find_one(names, count, runs, err);

    rc = run ? print_best(run, format, err) : -1;
    free(run);
    return rc;
}

const struct verb verb_best = {
    .name = "best",
    .summary = "the best trial's parameters, for a script",
    .run = run_best,
};
