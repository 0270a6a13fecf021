/* sentei delete RUN: a run's folder, its results and checkpoints, for good.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/options.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/source.h"

enum { OPEN_FOLDERS = 16 };

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *place)
{
    (void)st, (void)kind, (void)place;
    return remove(path);
}

/* Refuse while a controller serves it. */
static int check_idle(const char *run, struct error *err)
{
    struct source *source = source_open(run, err);
    bool live = source && source_live(source);

    source_close(source);
    if (!source)
        return -1;
    if (!live)
        return 0;
    error_set(err, "'%s' runs", run);
    return error_hint(err, "'sentei stop %s' ends it", run);
}

static int delete (const char *run, bool yes, struct error *err)
{
    if (check_idle(run, err) < 0)
        return -1;
    if (!yes) {
        error_usage(err, "'%s' and all its results would be gone for good",
                    run);
        return error_hint(err, "say --yes if that is meant");
    }
    if (nftw(run, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) != 0)
        return error_errno(err, "cannot remove all of '%s'", run);
    log_note("'%s' is removed", run);
    return 0;
}

static int run(int argc, char **argv, struct error *err)
{
    const char *runs = "runs";
    bool yes = false;
    const struct option_row rows[] = {
        { "yes", 'y', OPTION_FLAG, &yes, NULL, "it is meant" },
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options o = {
        .command = "sentei delete",
        .usage = "RUN --yes [options]",
        .description = "Removes a run: its folder with the results, logs and "
                       "checkpoints. One that runs is refused.",
        .examples = "  sentei delete runs/quickstart --yes",
        .rows = rows,
    };
    char **rest, *folder;
    int count, rc = options_parse(&o, argc, argv, &rest, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (count != 1) {
        error_usage(err, "expected one run, found %d arguments", count);
        return error_hint(err, "for example: sentei delete runs/quickstart");
    }
    if (!(folder = find_run(rest[0], runs, err)))
        return -1;
    rc = delete (folder, yes, err);
    free(folder);
    return rc;
}

const struct verb verb_delete = { "delete", "removes a run for good", run };
