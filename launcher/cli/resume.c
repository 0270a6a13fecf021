/* sentei resume [RUN]: goes on with a run, as 'sentei run' with the file that
 * the run keeps.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/options.h"
#include "base/text.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/study/study.h"

/* 'sentei run' finds a run by its study's name. */
static int check_name(const char *file, const char *folder, struct error *err)
{
    struct study *study = study_read(file, err);
    int rc = study ? 0 : -1;

    if (study && strcmp(study->name, folder) != 0) {
        error_usage(err, "the run of study '%s' is in a folder called '%s'",
                    study->name, folder);
        rc = error_hint(err, "give the folder its study's name");
    }
    study_destroy(study);
    return rc;
}

/* 'sentei run FOLDER/study.yaml --runs PARENT -j N' in this process. */
static int resume(const char *folder, int64_t workers, struct error *err)
{
    char verb[] = "run", option[] = "--runs", jobs[] = "-j", number[24];
    char *path = realpath(folder, NULL);
    char *file = path ? file_join(path, "study.yaml") : NULL;
    char *slash = path ? strrchr(path, '/') : NULL;
    int rc;

    if (!file || !slash) {
        rc = error_errno(err, "cannot open '%s'", folder);
        goto out;
    }
    *slash = '\0';
    if (check_name(file, slash + 1, err) < 0) {
        rc = -1;
        goto out;
    }
    snprintf(number, sizeof number, "%" PRId64, workers);
    char *argv[] = {
        verb, file, option, *path ? path : "/", jobs, number, NULL
    };
    rc = verb_run.run(workers > 0 ? 6 : 4, argv, err);
out:
    free(file);
    free(path);
    return rc;
}

static int run(int argc, char **argv, struct error *err)
{
    const char *runs = "runs";
    int64_t workers = 0;
    const struct option_row rows[] = {
        { "workers", 'j', OPTION_INT, &workers, "N",
          "trials at the same time (default: the study's local.workers)" },
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options o = {
        .command = "sentei resume",
        .usage = "[RUN] [options]",
        .description = "Goes on with a run that was stopped or interrupted, or "
                       "that has new work (sentei enqueue,\nsentei retry), on "
                       "this machine: as 'sentei run' with the study file that "
                       "the run keeps.",
        .examples = "  sentei resume quickstart -j 4",
        .rows = rows,
    };
    char **rest, *folder;
    int count, rc = options_parse(&o, argc, argv, &rest, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (!(folder = find_one(rest, count, runs, err)))
        return -1;
    rc = resume(folder, workers, err);
    free(folder);
    return rc;
}

const struct verb verb_resume = { "resume",
                                  "goes on with a run on this machine", run };
