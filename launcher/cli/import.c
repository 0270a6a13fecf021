/* sentei import RUN FROM: results of another run, or of Optuna, as if they were
 * this one's.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/options.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/carry.h"
#include "launcher/controller/source.h"

struct import {
    struct source *to;
    const char *from;
    size_t seen, taken;
    char why[256]; /* the first that was not taken */
};

/* carry_fn */
static int post(void *context, const struct tree *trial, struct error *err)
{
    struct import *i = context;
    struct tree *body = carry_body(trial, i->from), *reply = NULL;
    int rc = 0;

    if (!body)
        return 0;
    i->seen++;
    rc = source_post(i->to, "/v1/import", body, &reply, err);
    if (rc == 0 && tree_is_number(tree_get(reply, "trial")))
        i->taken++;
    else if (rc == 0 && !*i->why)
        snprintf(i->why, sizeof i->why, "%s",
                 tree_text(tree_get(reply, "reason")));
    tree_destroy(reply);
    tree_destroy(body);
    return rc;
}

static int import(const char *run, const char *from, const char *runs,
                  struct error *err)
{
    char *folder = find_run(from, runs, NULL);
    struct import i = { .to = source_open(run, err),
                        .from = folder ? folder : from };
    struct tree *study = NULL;
    int rc = i.to ? source_get(i.to, "/v1/study", &study, err) : -1;

    if (rc == 0)
        rc = carry_read(i.from, tree_get(study, "objectives"), post, &i, err);
    tree_destroy(study);
    if (rc == 0)
        printf("%zu of %zu trials taken%s%s%s\n", i.taken, i.seen,
               *i.why ? " (not taken: " : "", i.why, *i.why ? ", ...)" : "");
    source_close(i.to);
    free(folder);
    return rc;
}

static int run(int argc, char **argv, struct error *err)
{
    const char *runs = "runs";
    const struct option_row rows[] = {
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options o = {
        .command = "sentei import",
        .usage = "RUN FROM [options]",
        .description =
            "Takes the complete and pruned trials of another run, of a file "
            "that 'sentei export' wrote, or of\nOptuna's storage (a journal, "
            "or SQLite; FILE#STUDY names one of several studies) into a run,\n"
            "whose search learns from them. Parameters are matched by name; a trial that lacks one\nor "
            "lies outside of this study's space is not taken. They do not "
            "count in stop.trials. Again: only\nwhat is new is taken.",
        .examples = "  sentei import quickstart runs/earlier\n"
                    "  sentei import quickstart earlier.jsonl\n"
                    "  sentei import quickstart optuna.db#theirs",
        .rows = rows,
    };
    char **rest, *folder;
    int count, rc = options_parse(&o, argc, argv, &rest, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (count != 2) {
        error_usage(err, "expected a run and what to take from");
        return error_hint(err,
                          "for example: sentei import quickstart runs/earlier");
    }
    if (!(folder = find_run(rest[0], runs, err)))
        return -1;
    rc = import(folder, rest[1], runs, err);
    free(folder);
    return rc;
}

const struct verb verb_import = { "import", "takes another run's results over",
                                  run };
