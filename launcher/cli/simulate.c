/* simulate: 'sentei simulate STUDY.yaml' runs a study in virtual time against
 * known learning curves: an oracle's, a table's, a run's.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/file.h"
#include "base/options.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/simulate/answers.h"
#include "launcher/simulate/simulate.h"
#include "search/engine.h"

struct arguments {
    const char *file, *oracle, *trace, *replay, *runs, *sampler, *pruner;
    int64_t workers, trials, seed;
    double worker_seconds;
};

/* What the callbacks of a simulation work on. */
struct bench {
    const struct study *study;
    struct answers answers;
    FILE *trace; /* or NULL */
};

/* ---- during the simulation ---------------------------------------------- */

static int record(void *context, const struct tree *params,
                  struct recording *out, struct error *err)
{
    struct bench *b = context;

    return answers_record(&b->answers, params, out, err);
}

static int trace_row(void *context, const struct simulated_report *r,
                     struct error *err)
{
    struct bench *b = context;

    if (!b->trace)
        return 0;
    if (fprintf(b->trace, "%.9g\t%" PRId64 "\t%" PRId64 "\t%.9g\t%.9g\n",
                r->worker_seconds, r->trial, r->step, r->value,
                r->best_value) < 0)
        return error_errno(err, "cannot write the trace");
    return 0;
}

static int open_trace(struct bench *b, const char *path, struct error *err)
{
    if (!path)
        return 0;
    b->trace = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    if (!b->trace)
        return error_errno(err, "cannot open '%s'", path);
    fputs("worker_seconds\ttrial\tstep\tvalue\tbest_value\n", b->trace);
    return 0;
}

static int close_trace(struct bench *b, const char *path, struct error *err)
{
    FILE *trace = b->trace;

    b->trace = NULL;
    if (!trace || trace == stdout)
        return 0;
    return fclose(trace) ? error_errno(err, "cannot write '%s'", path) : 0;
}

/* ---- the result --------------------------------------------------------- */

static void print_states(const struct simulate_summary *sum)
{
    const char *comma = "";

    for (int i = 0; i < TRIAL_STATES; i++)
        if (sum->in_state[i] > 0) {
            printf("%s%zu %s", comma, sum->in_state[i],
                   trial_state_name((enum trial_state)i));
            comma = ", ";
        }
    if (sum->resumed > 0)
        printf(" (%" PRId64 " times resumed)", sum->resumed);
    printf("%s\n", *comma ? "" : "none");
}

/* To stderr when stdout has the trace. */
static void print_summary(const struct study *s,
                          const struct simulate_summary *sum, double took_s)
{
    struct text params = TEXT_INIT;
    size_t trials = 0;

    for (int i = 0; i < TRIAL_STATES; i++)
        trials += sum->in_state[i];
    printf("study           %s\n", s->name);
    printf("worker_seconds  %.9g\n", sum->worker_seconds);
    printf("trials          %zu: ", trials);
    print_states(sum);
    printf("reports         %" PRId64 "\n", sum->reports);
    if (sum->best_trial >= 0) {
        json_format(sum->best_params, &params);
        printf("best            %s %.9g, trial %" PRId64 " %s\n",
               s->objectives[0].metric, sum->best_value, sum->best_trial,
               text_get(&params));
    }
    printf("took            %.3g s, %.0f trials/s\n", took_s,
           (double)trials / fmax(took_s, 1e-9));
    text_clear(&params);
}

/* What stands in for training, where that is not a program. */
static void print_curves(const struct curves *c)
{
    size_t cut = 0;

    for (size_t i = 0; i < c->count; i++)
        cut += c->items[i].cut;
    printf("curves          %zu recorded", c->count);
    if (cut > 0)
        printf(", %zu of them stopped: they go on like the nearest that ran "
               "to its end",
               cut);
    printf(c->exact ? "; other points fail\n"
                    : "; other points answer as the nearest\n");
}

static void print_search(const struct study *s)
{
    struct engine *e = NULL;
    struct text words = TEXT_INIT;

    if (engine_create(&e, &s->space, &s->search, NULL) == 0) {
        engine_describe(e, &words);
        printf("search          %s\n", text_get(&words));
    }
    engine_destroy(e);
    text_clear(&words);
}

/* ---- the verb ----------------------------------------------------------- */

/* The end: what the command line says, else the study's own 'stop:'. */
static int choose_end(const struct study *s, const struct arguments *a,
                      struct simulate_options *o, struct error *err)
{
    const struct stop_rules *stop = &s->stop;
    double gpus = (double)(s->resources.nodes * s->resources.tasks_per_node *
                           s->resources.gpus_per_task);

    o->worker_seconds = a->worker_seconds > 0 ? a->worker_seconds : INFINITY;
    o->trials = a->trials > 0 ? a->trials : INT64_MAX;
    o->no_improvement = INT64_MAX;
    o->regret = -1;
    if (a->worker_seconds > 0 || a->trials > 0)
        return 0;
    o->trials = stop->trials;
    o->no_improvement = stop->no_improvement;
    o->regret = stop->regret;
    o->worker_seconds = stop->hours * 3600 * (double)o->workers;
    if (gpus > 0)
        o->worker_seconds =
            fmin(o->worker_seconds, stop->gpu_hours * 3600 / gpus);
    if (isfinite(o->worker_seconds) || o->trials < INT64_MAX ||
        o->no_improvement < INT64_MAX || o->regret >= 0)
        return 0;
    error_usage(err,
                "the simulation would never end: the study has no 'stop:'");
    return error_hint(err, "give --trials N or --worker-seconds S");
}

/* The study is read; ask for the rest. */
static int simulate(struct bench *b, const struct arguments *a, const char *run,
                    struct error *err)
{
    struct simulate_options o = {
        .workers = a->workers, .record = record, .each = trace_row, .context = b
    };
    struct simulate_summary summary;
    double began;

    if (choose_end(b->study, a, &o, err))
        return -1;
    if (answers_open(&b->answers, b->study, a->oracle, run, err) ||
        open_trace(b, a->trace, err))
        return -1;
    began = clock_monotonic();
    if (simulate_study(b->study, &o, &summary, err))
        return -1;
    if (b->trace != stdout) {
        print_search(b->study);
        if (!b->answers.oracle)
            print_curves(&b->answers.curves);
        print_summary(b->study, &summary, clock_monotonic() - began);
    }
    tree_destroy(summary.best_params);
    return close_trace(b, a->trace, err);
}

/* Search otherwise than the study says. */
static void replace_search(struct study *s, const struct arguments *a)
{
    if (a->seed >= 0)
        s->search.seed = (uint64_t)a->seed;
    if (a->sampler) {
        s->search.sampler = a->sampler;
        s->search.sampler_options = NULL;
    }
    if (a->pruner) {
        s->search.pruner = a->pruner;
        s->search.pruner_options = NULL;
    }
}

static int simulate_file(const struct arguments *a, const char *file,
                         const char *run, struct error *err)
{
    struct study *s = study_read(file, err);
    struct bench b = { .study = s };
    int rc;

    if (!s)
        return -1;
    replace_search(s, a);
    signal(SIGPIPE, SIG_IGN);
    rc = simulate(&b, a, run, err);
    close_trace(&b, a->trace, NULL);
    answers_close(&b.answers);
    study_destroy(s);
    return rc;
}

/* The study of the run, unless another is given. */
static int simulate_run(const struct arguments *a, struct error *err)
{
    char *run = find_run(a->replay, a->runs, err);
    char *frozen = run ? file_join(run, "study.yaml") : NULL;
    int rc = -1;

    if (run && !frozen)
        error_memory(err);
    else if (run)
        rc = simulate_file(a, a->file ? a->file : frozen, run, err);
    free(frozen);
    free(run);
    return rc;
}

static int check_arguments(struct arguments *a, char **rest, int count,
                           struct error *err)
{
    if (count > 1 || (count == 0 && !a->replay)) {
        error_usage(err, "expected one study file");
        return error_hint(err, "'sentei simulate --help' shows how");
    }
    if (a->replay && a->oracle)
        return error_usage(err, "--replay and --oracle: one of the two");
    a->file = rest[0];
    if (a->workers < 1 || a->workers > SIMULATE_MAX_WORKERS)
        return error_usage(err, "--workers: expected 1 to %d",
                           SIMULATE_MAX_WORKERS);
    if (a->trials < 0 || !(a->worker_seconds >= 0))
        return error_usage(err, "--trials and --worker-seconds: expected more "
                                "than 0");
    return 0;
}

static int run(int argc, char **argv, struct error *err)
{
    struct arguments a = { .runs = "runs", .workers = 4, .seed = -1 };
    const struct option_row rows[] = {
        { "oracle", 0, OPTION_STRING, &a.oracle, "'CMD ARGS'",
          "the program to ask (default: the study's oracle.command)" },
        { "replay", 0, OPTION_STRING, &a.replay, "RUN",
          "answer from what this run has stored" },
        { "sampler", 0, OPTION_STRING, &a.sampler, "NAME",
          "in place of the study's search.sampler" },
        { "pruner", 0, OPTION_STRING, &a.pruner, "NAME",
          "in place of the study's search.pruner" },
        { "workers", 'w', OPTION_INT, &a.workers, "W",
          "virtual workers (default 4)" },
        { "worker-seconds", 0, OPTION_FLOAT, &a.worker_seconds, "S",
          "end when workers x virtual time is S" },
        { "trials", 0, OPTION_INT, &a.trials, "N",
          "begin no more than N trials (neither: the study's 'stop:')" },
        { "seed", 0, OPTION_INT, &a.seed, "K",
          "in place of the study's search.seed" },
        { "output", 'o', OPTION_STRING, &a.trace, "FILE",
          "the trace, TSV: one row a report ('-': stdout, no summary)" },
        FIND_RUNS_OPTION(&a.runs),
        { 0 }
    };
    const struct options options = {
        .command = "sentei simulate",
        .usage = "[STUDY.yaml] [options]",
        .description =
            "Runs the study's search in virtual time: workers take no time, an "
            "oracle knows every\ntrial's learning curve. The oracle is started "
            "once; each line of its stdin is a request\n"
            "{\"params\": {...}} (the study's oracle.request is merged in), "
            "each line of its stdout the\nanswer {\"columns\": [\"step\", "
            "\"seconds\", METRIC...], \"curve\": [[...], ...]} with cumulative\n"
            "seconds, or {\"error\": \"why\"}: then the trial fails. With "
            "oracle: {table: FILE} or --replay RUN\nrecorded curves answer, "
            "for a point that was not recorded that of the nearest; in a\n"
            "replay a curve that was stopped goes on like the nearest that ran "
            "to its end. So it tells\n"
            "how soon a search finds what was recorded, not what lies "
            "between.",
        .examples =
            "sentei simulate study.yaml --workers 16 --worker-seconds 3600\n"
            "sentei simulate study.yaml --oracle 'python3 curves.py' --trials "
            "200 -o trace.tsv\n"
            "sentei simulate --replay quickstart --workers 64 --pruner median",
        .rows = rows
    };
    char **rest;
    int count, rc = options_parse(&options, argc, argv, &rest, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (check_arguments(&a, rest, count, err))
        return -1;
    return a.replay ? simulate_run(&a, err)
                    : simulate_file(&a, a.file, NULL, err);
}

const struct verb verb_simulate = {
    .name = "simulate",
    .summary = "a study in virtual time against known learning curves",
    .run = run,
};
