/* sentei export [RUN]: every trial with its curve, a line of JSON each; or as
 * Optuna's journal.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/options.h"
#include "launcher/cli/changes.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/carry.h"
#include "launcher/optuna/write.h"

enum format { JSONL, OPTUNA };

static int print_trial(void *context, const struct tree *trial,
                       struct error *err)
{
    struct text line = TEXT_INIT;
    FILE *out = context;

    json_format(trial, &line);
    int rc = line.failed ? error_memory(err) : 0;
    if (rc == 0 && fprintf(out, "%s\n", text_get(&line)) < 0)
        rc = error_errno(err, "cannot write");
    text_clear(&line);
    return rc;
}

static int print_optuna(const char *run, FILE *out, struct error *err)
{
    struct tree *changes = NULL;
    struct text journal = TEXT_INIT;
    int rc = changes_read(run, &changes, err);

    if (rc == 0) {
        optuna_print(changes, &journal);
        rc = journal.failed ? error_memory(err) : 0;
    }
    if (rc == 0 && fputs(text_get(&journal), out) < 0)
        rc = error_errno(err, "cannot write");
    text_clear(&journal);
    tree_destroy(changes);
    return rc;
}

/* Write into a file, whole or not at all; or to stdout. */
static int export(const char *run, enum format format, const char *path,
                  struct error *err)
{
    char *part = path ? text_print("%s.part", path) : NULL;
    FILE *out = path ? part ? fopen(part, "w") : NULL : stdout;
    int rc;

    if (!out) {
        rc = error_errno(err, "cannot write '%s'", path);
        free(part);
        return rc;
    }
    rc = format == OPTUNA ? print_optuna(run, out, err)
                          : carry_read(run, NULL, print_trial, out, err);
    if (path && fclose(out) != 0 && rc == 0)
        rc = error_errno(err, "cannot write '%s'", path);
    if (path && rc == 0 && rename(part, path) < 0)
        rc = error_errno(err, "cannot write '%s'", path);
    if (path && rc < 0)
        remove(part);
    free(part);
    return rc;
}

static int run(int argc, char **argv, struct error *err)
{
    const char *runs = "runs", *output = NULL;
    int format = JSONL;
    const struct option_row rows[] = {
        { "format", 'f', OPTION_CHOICE, &format, "jsonl|optuna",
          "JSON Lines (default), or a journal that Optuna opens" },
        { "output", 'o', OPTION_STRING, &output, "FILE",
          "write there (default: stdout)" },
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options o = {
        .command = "sentei export",
        .usage = "[RUN] [options]",
        .description =
            "Writes every trial with its parameters, curve, attempts "
            "and events, one JSON object a line:\nfor programs of "
            "your own, and for 'sentei import'.",
        .examples = "  sentei export quickstart -o quickstart.jsonl",
        .rows = rows,
    };
    char **rest, *folder;
    int count, rc = options_parse(&o, argc, argv, &rest, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (!(folder = find_one(rest, count, runs, err)))
        return -1;
    rc = export(folder, (enum format)format, output, err);
    free(folder);
    return rc;
}

const struct verb verb_export = { "export", "writes every trial as JSON Lines",
                                  run };
