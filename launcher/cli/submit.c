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
#include "launcher/slurm/queue.h"
#include "launcher/submit/host.h"
#include "launcher/submit/submit.h"
#include "launcher/provenance/provenance.h"
#include "launcher/store/locks.h"
#include "launcher/store/store.h"

/* Where the controller is: with a worker, in a job of its own, in this shell. */
enum placement { PLACE_WORKER, PLACE_JOB, PLACE_HERE };

struct submit_options {
    const char *file, *runs;
    int64_t array, at_once;
    int controller;
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

/* "job 5: 3 workers, 2 at once, each on 2 nodes x 4 tasks" */
static void print_jobs(const struct submission *s)
{
    const struct demand *d = s->demand;
    int64_t tasks = d->tasks_per_node * d->trials_at_once;

    printf("job%s %s: %" PRId64 " worker%s",
           strchr(text_get(&s->jobs), ',') ? "s" : "", text_get(&s->jobs),
           s->workers, s->workers == 1 ? "" : "s");
    if (d->at_once > 0 && d->at_once < s->workers)
        printf(", %" PRId64 " at once", d->at_once);
    printf(", each on %" PRId64 " node%s x %" PRId64 " task%s\n", d->nodes,
           d->nodes == 1 ? "" : "s", tasks, tasks == 1 ? "" : "s");
    if (s->workers < d->workers)
        log_note("%" PRId64 " of %" PRId64 " workers were submitted, which do "
                 "all of the study: %s",
                 s->workers, d->workers, s->short_of.what);
}

static void warn_of_never(const struct submission *s)
{
    char *why = queue_never(s->run);

    if (why)
        log_warn("%s; 'sentei stop %s' takes it back", why, s->run);
    free(why);
}

static void print_result(const struct submission *s)
{
    print_jobs(s);
    warn_of_never(s);
    printf("\nhow far it is:  sentei status %s\n"
           "the trials:     sentei leaderboard %s\n"
           "end it:         sentei stop %s\n"
           "what they say:  %s/slurm/*.log\n",
           s->run, s->run, s->run, s->run);
    fflush(stdout);
}

/* Submit, and serve the study from here until it is done or the user leaves. */
static int send_and_serve(struct submission *s, struct error *err)
{
    struct host *host = host_begin(s->run, err);
    bool left = false;
    int rc = host ? submission_send(s, err) : -1;

    if (rc == 0) {
        print_result(s);
        log_note("this shell serves the study; Ctrl-C leaves that to a worker");
        rc = host_watch(host, &left, err);
    }
    host_end(host);
    if (left)
        log_note("a worker serves the study from now on: sentei status %s",
                 s->run);
    return rc;
}

static int send_study(struct submission *s, enum placement controller,
                      struct error *err)
{
    if (study_freeze(s->study, s->run, err) < 0 || locks_try(s->run, err) == 0)
        return -1;
    provenance_record(s->run, s->study->file);
    forget_stop(s->run);
    if (controller == PLACE_HERE)
        return send_and_serve(s, err);
    if (submission_send(s, err) < 0)
        return -1;
    print_result(s);
    return 0;
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
    s.placed = o->controller == PLACE_JOB;
    if (rc == 0)
        rc = o->dry_run ? print_script(&s, err)
                        : send_study(&s, (enum placement)o->controller, err);
    submission_clear(&s);
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
        { "controller", 0, OPTION_CHOICE, &o.controller, "worker|job|here",
          "who serves the study: a worker (default), a small job of its own, "
          "this shell" },
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
                    "sentei submit study.yaml --array 64 --at-once 16\n"
                    "sentei submit study.yaml --controller job",
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
