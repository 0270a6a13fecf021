/* leaderboard: how long a view of a large study takes, no controller running.
 *
 * Fills a store with 10,000 trials of 10 reports each, then times: reading the
 * leaderboard's data, the whole command 'sentei leaderboard', and a controller
 * coming up again (which reads every report). Medians.
 *
 *     leaderboard fill FOLDER TRIALS     only makes such a run folder
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "launcher/service/service.h"
#include "launcher/controller/source.h"

enum { TRIALS = 10000, REPORTS = 10, RUNS = 5 };

static const char study[] =
    "study: leaderboard\n"
    "objective: {metric: val.pr_auc, direction: maximize}\n"
    "space:\n"
    "  optimizer.lr: {type: float, low: 1.0e-5, high: 1.0e-1, log: true}\n"
    "  model.depth: {type: int, low: 1, high: 8}\n"
    "  model.width: {type: int, low: 16, high: 1024, log: true}\n"
    "  batch.schedule: {type: categorical, choices: [natural, linear, step]}\n"
    "search: {sampler: random, pruner: none}\n"
    "trainer: {command: [\"true\"]}\n";

struct bench {
    char *folder, *study_file, *store_file;
    int64_t trials;
    struct random random;
};

/* ---- filling ---------------------------------------------------------- */

static int add_reports(struct bench *b, struct store *s, struct store_trial *t,
                       struct error *err)
{
    double quality = random_uniform(&b->random);
    char metrics[128];

    for (int step = 1; step <= REPORTS; step++) {
        double value = quality * (1 - 1.0 / (step + 1));
        struct store_report r = { .trial = t->number,
                                  .attempt = 1,
                                  .step = step,
                                  .seconds = step,
                                  .has_value = true,
                                  .value = value,
                                  .metrics = metrics };

        snprintf(metrics, sizeof metrics,
                 "{\"val.pr_auc\":%.15g,\"train.loss\":%.15g}", value,
                 1 - value);
        t->results[0] = value;
        t->known = 1;
        t->step = t->best_step = step;
        if (store_add_report(s, t, &r, err) < 0)
            return -1;
    }
    return 0;
}

static int add_trial(struct bench *b, struct store *s, int64_t number,
                     struct error *err)
{
    struct store_attempt a = { .trial = number,
                               .number = 1,
                               .worker = "bench:1:0",
                               .lease = "0",
                               .started = 1,
                               .ended = 11,
                               .outcome = "complete" };
    struct store_trial t;
    char params[256];

    snprintf(params, sizeof params,
             "{\"optimizer.lr\":%.17g,\"model.depth\":%d,\"model.width\":%d,"
             "\"batch.schedule\":\"linear\"}",
             1e-5 + 0.05 * random_uniform(&b->random),
             1 + (int)random_below(&b->random, 8),
             16 + (int)random_below(&b->random, 1000));
    store_trial_init(&t, number, params, 1, 1);
    if (store_add_trial(s, &t, err) < 0)
        return -1;
    t.attempts = 1;
    if (store_save_attempt(s, &a, err) < 0 ||
        store_move_trial(s, &t, TRIAL_RUNNING, 1, "", err) < 0 ||
        add_reports(b, s, &t, err) < 0)
        return -1;
    t.busy_s = t.seconds = 10;
    return store_move_trial(s, &t, TRIAL_COMPLETE, 11, "", err);
}

static int fill(struct bench *b, struct error *err)
{
    struct store_options o = { .path = b->store_file };
    struct store *s;
    int rc;

    if (file_write(b->study_file, study, strlen(study), 0644, err) < 0 ||
        !(s = store_open(&o, err)))
        return -1;
    rc = store_begin(s, err);
    for (int64_t i = 0; rc == 0 && i < b->trials; i++)
        rc = add_trial(b, s, i, err);
    if (rc == 0)
        rc = store_commit(s, err);
    store_close(s);
    return rc;
}

/* ---- what is timed ---------------------------------------------------- */

static int read_data(struct bench *b, struct error *err)
{
    struct source *s = source_open(b->folder, err);
    struct tree *reply = NULL;
    int rc = s ? source_get(s, "/v1/leaderboard", &reply, err) : -1;

    if (rc == 0 && tree_count(tree_get(reply, "rows")) != TRIALS)
        rc = error_set(err, "not all trials are there");
    tree_destroy(reply);
    source_close(s);
    return rc;
}

static int run_command(struct bench *b, struct error *err)
{
    const char *build = getenv("BUILD");
    char *command =
        text_print("'%s/sentei' leaderboard '%s' --top 10 >/dev/null",
                   build ? build : "build", b->folder);
    int status = system(command);

    free(command);
    return status == 0 ? 0 : error_set(err, "sentei leaderboard failed");
}

static int take_over(struct bench *b, struct error *err)
{
    struct store_options o = { .path = b->store_file };
    struct service_options options = {
        .run = b->folder, .lease_s = 30, .host = "bench", .pid = getpid()
    };
    struct study *s = study_read(b->study_file, err);
    struct store *store = s ? store_open(&o, err) : NULL;
    struct service *service = NULL;
    int rc = store
                 ? service_open(&service, s, store, &options, clock_wall(), err)
                 : -1;

    service_close(service);
    store_close(store);
    study_destroy(s);
    return rc;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

static int time_it(struct bench *b, const char *name,
                   int (*what)(struct bench *b, struct error *err),
                   struct error *err)
{
    double seconds[RUNS];

    for (int i = 0; i < RUNS; i++) {
        double begun = clock_monotonic();

        if (what(b, err) < 0)
            return -1;
        seconds[i] = clock_monotonic() - begun;
    }
    qsort(seconds, RUNS, sizeof *seconds, compare);
    printf("%s_%d_trials %.1f ms\n", name, (int)TRIALS,
           1e3 * seconds[RUNS / 2]);
    fflush(stdout);
    return 0;
}

static int set_folder(struct bench *b, char *folder, int64_t trials)
{
    random_seed(&b->random, 1, 1);
    b->trials = trials;
    b->folder = folder;
    b->study_file = folder ? file_join(folder, "study.yaml") : NULL;
    b->store_file = folder ? file_join(folder, "study.db") : NULL;
    return b->study_file && b->store_file ? 0 : -1;
}

static int measure(struct bench *b, struct error *err)
{
    const char *build = getenv("BUILD");
    char *folder = text_print("%s/leaderboard.XXXXXX", build ? build : "build");
    char *command;
    int rc;

    if (!folder || !mkdtemp(folder) || set_folder(b, folder, TRIALS) < 0)
        return error_errno(err, "cannot make a folder");
    rc = fill(b, err) < 0 ||
                 time_it(b, "leaderboard_data", read_data, err) < 0 ||
                 time_it(b, "leaderboard_command", run_command, err) < 0 ||
                 time_it(b, "controller_start", take_over, err) < 0
             ? -1
             : 0;
    command = text_print("rm -rf '%s'", folder);
    if (system(command) != 0 && rc == 0)
        rc = error_set(err, "cannot remove '%s'", folder);
    free(command);
    return rc;
}

int main(int argc, char **argv)
{
    struct error err = ERROR_INIT;
    struct bench b = { 0 };
    int64_t trials;
    int rc;

    if (argc == 4 && strcmp(argv[1], "fill") == 0 &&
        text_to_int(argv[3], &trials) == 0)
        rc = set_folder(&b, text_copy(argv[2]), trials) < 0 ? -1
                                                            : fill(&b, &err);
    else
        rc = measure(&b, &err);
    if (rc < 0)
        error_print(&err, "leaderboard");
    free(b.folder);
    free(b.study_file);
    free(b.store_file);
    return rc < 0;
}
