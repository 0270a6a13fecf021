/* best: 'sentei best [RUN]' gives the best trial's parameters to a script.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static const struct {
    const char *name;
    int (*put)(const struct tree *params, struct text *out, struct error *err);
} formats[] = { { "yaml", put_yaml },
                { "json", put_json },
                { "env", assign_env },
                { "args", put_args } };
enum { FORMATS = sizeof formats / sizeof formats[0] };

/* The index of a format, or -1 with 'err'. */
static int format_index(const char *name, struct error *err)
{
    for (int i = 0; i < FORMATS; i++)
        if (strcmp(name, formats[i].name) == 0)
            return i;
    error_usage(err, "no format '%s'", name);
    return error_hint(err, "one of yaml, json, env, args");
}

static int print_best(const char *run, int format, struct error *err)
{
    struct source *source = source_open(run, err);
    struct tree *board = NULL;
    struct text out = TEXT_INIT;
    const struct tree *row = NULL;
    int rc =
        source ? source_get(source, "/v1/leaderboard?top=1", &board, err) : -1;

    if (rc == 0) {
        row = winner(board, err);
        rc = row ? formats[format].put(tree_get(row, "params"), &out, err) : -1;
    }
    if (rc == 0 && out.failed)
        rc = error_memory(err);
    if (rc == 0)
        fputs(text_get(&out), stdout);
    text_clear(&out);
    tree_destroy(board);
    source_close(source);
    return rc;
}

static int run_best(int argc, char **argv, struct error *err)
{
    const char *format = "yaml", *runs = "runs";
    const struct option_row rows[] = {
        { "format", 'f', OPTION_STRING, &format, "FORMAT",
          "yaml (default), json, env (NAME=value) or args (--name value)" },
        { "runs", 0, OPTION_STRING, &runs, "FOLDER",
          "where runs are looked for by name (default: runs)" },
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options options = {
        .command = "sentei best",
        .usage = "[RUN] [options]",
        .description =
            "Prints the parameters of the best trial so far, for a script to "
            "read. RUN is a run\nfolder or a study's name; without one it is "
            "the newest run. Exit status 1 when no\ntrial has a value yet.",
        .examples = "  sentei best quickstart > best.yaml\n"
                    "  eval \"set -- $(sentei best --format args)\"\n"
                    "  eval \"$(sentei best --format env)\"\n",
        .rows = rows,
    };
    char **names;
    int count, rc = options_parse(&options, argc, argv, &names, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (count > 1)
        return error_usage(err, "more than one run: '%s'", names[1]);
    int index = format_index(format, err);

    if (index < 0)
        return -1;
    char *run = find_run(count ? names[0] : NULL, runs, err);

    rc = run ? print_best(run, index, err) : -1;
    free(run);
    return rc;
}

const struct verb verb_best = {
    .name = "best",
    .summary = "the best trial's parameters, for a script",
    .run = run_best,
};
