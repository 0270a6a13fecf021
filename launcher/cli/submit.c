/* sentei submit: a study on a Slurm cluster, as one array of workers.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/options.h"
#include "base/reader.h"
#include "launcher/cli/verb.h"
#include "launcher/slurm/submit.h"
#include "launcher/store/store.h"

struct submit_options {
    const char *file, *runs;
    int64_t array, at_once;
    bool dry_run;
};

/* A study that a person has stopped goes on when it is submitted again. While
 * a controller serves it, the store is not ours to open: then it runs. */
static void forget_stop(const char *run)
{
    char *path = file_join(run, "study.db");
    struct store_options o = { .path = path };
    struct store *s = path && file_exists(path) ? store_open(&o, NULL) : NULL;

    if (s && store_begin(s, NULL) == 0 &&
        store_set_meta(s, "stop", NULL, NULL) == 0)
        store_commit(s, NULL);
    store_close(s);
    free(path);
}

/* The run folder as an absolute path, also when it is not there yet. */
static char *run_path(const char *runs, const char *name)
{
    char here[PATH_MAX], *folder, *run;

    if (!getcwd(here, sizeof here))
        return NULL;
    folder = file_join(here, runs);
    run = folder ? file_join(folder, name) : NULL;
    free(folder);
    return run;
}

static int print_script(const struct submission *s, struct error *err)
{
    struct text script = TEXT_INIT;
    int rc = submission_script(s, &script, err);

    if (rc == 0)
        fputs(text_get(&script), stdout);
    text_clear(&script);
    return rc;
}

static void print_result(const struct submission *s, const char *job)
{
    const struct demand *d = s->demand;

    printf("job %s: %" PRId64 " worker%s", job, d->workers,
           d->workers == 1 ? "" : "s");
    if (d->at_once > 0 && d->at_once < d->workers)
        printf(", %" PRId64 " at once", d->at_once);
    printf(", each on %" PRId64 " node%s x %" PRId64 " task%s\n\n", d->nodes,
           d->nodes == 1 ? "" : "s", d->tasks_per_node * d->trials_at_once,
           d->tasks_per_node * d->trials_at_once == 1 ? "" : "s");
    printf("how far it is:  sentei status %s\n"
           "the trials:     sentei leaderboard %s\n"
           "end it:         sentei stop %s\n"
           "what they say:  %s/slurm/%s_*.log\n",
           s->run, s->run, s->run, s->run, job);
}

static int send_study(const struct submission *s, struct error *err)
{
    char *job = NULL;
    int rc = study_freeze(s->study, s->run, err);

    if (rc == 0) {
        forget_stop(s->run);
        rc = submission_send(s, &job, err);
    }
    if (rc == 0)
        print_result(s, job);
    free(job);
    return rc;
}

static int submit_study(const struct submit_options *o, struct error *err)
{
    struct study *study = study_read(o->file, err);
    char *run = study ? run_path(o->runs, study->name) : NULL;
    struct submission s;
    struct demand d;
    int rc = -1;

    if (!study)
        goto out;
    if (!run) {
        error_errno(err, "cannot name the run folder");
        goto out;
    }
    if (!study->command && !study->trainer_config) {
        reader_error_at(err, o->file, study->source,
                        "no 'trainer:': there is nothing to run");
        goto out;
    }
    demand_read(&d, study);
    d.workers = o->array > 0 ? o->array : d.workers;
    d.at_once = o->at_once > 0 ? o->at_once : d.at_once;
    rc = submission_init(&s, study, &d, run, err);
    if (rc == 0)
        rc = o->dry_run ? print_script(&s, err) : send_study(&s, err);
out:
    free(run);
    study_destroy(study);
    return rc;
}

static int run(int argc, char **argv, struct error *err)
{
    struct submit_options o = { .runs = "runs" };
    const struct option_row rows[] = {
        { "dry-run", 'n', OPTION_FLAG, &o.dry_run, NULL,
          "print the batch script, submit nothing" },
        { "array", 'a', OPTION_INT, &o.array, "N",
          "how many workers (default: the study's slurm.array, or 4)" },
        { "at-once", 0, OPTION_INT, &o.at_once, "N",
          "how many of them at the same time (default: slurm.at_once)" },
        { "runs", 0, OPTION_STRING, &o.runs, "FOLDER",
          "where run folders are, on a file system all nodes see (default "
          "runs)" },
        { 0 }
    };
    const struct options options = {
        .command = "sentei submit",
        .usage = "STUDY.yaml [options]",
        .description =
            "Gives the study to Slurm as one job array. Each element runs "
            "trial after trial until the\nstudy is done; one of them serves "
            "the study, and another takes over when it ends.\nThe same "
            "command again adds workers.",
        .examples = "sentei submit study.yaml --dry-run\n"
                    "sentei submit study.yaml --array 64 --at-once 16",
        .rows = rows
    };
    char **rest;
    int count, rc = options_parse(&options, argc, argv, &rest, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (count != 1) {
        error_usage(err, "expected one study file");
        return error_hint(err, "'sentei submit --help' shows how");
    }
    if (o.array < 0 || o.at_once < 0)
        return error_usage(err, "--array, --at-once: expected 1 or more");
    o.file = rest[0];
    return submit_study(&o, err);
}

const struct verb verb_submit = { "submit", "run a study on a Slurm cluster",
                                  run };
