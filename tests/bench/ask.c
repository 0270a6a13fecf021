/* ask: how long a suggestion and a judgement take, by size of the history, and
 * how much memory a trial takes up.
 *
 * Prints "name value unit" a line: medians over many calls, in the process's
 * own time, so that a busy machine changes them little; a judgement, which is
 * short, by the clock. ask_optuna.py does the same with Optuna. The
 * study: 8 parameters of all kinds, every trial with 9 reports, two in three
 * pruned at the third. Between two calls one trial is added, as in a running
 * study. A judgement is timed at the third report, where it is a real one.
 * SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "search/engine.h"

enum { CALLS = 101, STEPS = 9, JUDGED = 3, PARAMETERS = 8 };

static int add(struct space *s, struct parameter p, const char *name,
               struct error *err)
{
    p.name = text_copy(name);
    return space_add(s, &p, err);
}

static int make_space(struct space *s, struct error *err)
{
    struct tree *choices = tree_list();

    for (int i = 0; i < 5; i++)
        tree_append(choices, tree_int(i));
    const struct parameter kinds[PARAMETERS] = {
        { .kind = PARAMETER_FLOAT, .low = 1e-5, .high = 1e-1, .log = true },
        { .kind = PARAMETER_FLOAT, .low = 0, .high = 1 },
        { .kind = PARAMETER_FLOAT, .low = -4, .high = 4 },
        { .kind = PARAMETER_INT, .low = 1, .high = 8 },
        { .kind = PARAMETER_INT, .low = 16, .high = 1024, .log = true },
        { .kind = PARAMETER_CATEGORICAL, .choices = choices },
        { .kind = PARAMETER_CATEGORICAL, .choices = tree_copy(choices) },
        { .kind = PARAMETER_FLOAT, .low = 0, .high = 1, .step = 0.05 },
    };
    static const char *const names[PARAMETERS] = { "lr",    "momentum", "scale",
                                                   "depth", "width",    "loss",
                                                   "image", "dropout" };
    for (int i = 0; i < PARAMETERS; i++)
        if (add(s, kinds[i], names[i], err))
            return -1;
    return space_finish(s, err);
}

/* One trial more, with its reports and its end. */
static void run_trial(struct history *h, const double *x, struct random *r)
{
    int64_t number = history_add(h, x);
    double quality = random_uniform(r) + fabs(x[1] - 0.3), loss = INFINITY;
    int pruned = random_below(r, 3) > 0;

    history_set_state(h, number, TRIAL_RUNNING);
    for (int step = 1; step <= (pruned ? JUDGED : STEPS); step++) {
        loss = quality + 1.0 / step;
        history_report(h, number, step, loss, step);
    }
    history_finish(h, number, &loss, NULL);
    history_set_state(h, number, pruned ? TRIAL_PRUNED : TRIAL_COMPLETE);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *v, size_t count)
{
    qsort(v, count, sizeof *v, by_value);
    return v[count / 2];
}

/* Seconds of work that this process has done. */
static double work_done(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void fill(struct history *h, size_t trials, struct random *r)
{
    double x[PARAMETERS];

    while (h->count < trials) {
        for (size_t i = 0; i < PARAMETERS; i++)
            x[i] = random_uniform(r) * h->space->parameters[i].high;
        space_repair(h->space, x);
        run_trial(h, x, r);
    }
}

/* What a trial with its reports takes up. */
static void bench_memory(const struct space *s, size_t trials)
{
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    struct history h;
    struct random r;

    random_seed(&r, 1, trials);
    history_init(&h, s, 1, 0);
    fill(&h, trials, &r);
    size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
    printf("memory.trial.%zu %.0f bytes\n", trials,
           (double)(after - before) / (double)trials);
    history_clear(&h);
}

static int bench_ask(const struct space *s, const char *sampler, size_t trials,
                     struct error *err)
{
    struct engine_options options = { .sampler = sampler, .seed = 1 };
    struct engine *e = NULL;
    struct history h;
    struct random r;
    double times[CALLS], x[PARAMETERS];
    struct suggestion suggestion = { .x = x };
    int status = -1;

    history_init(&h, s, 1, 0);
    random_seed(&r, 1, trials);
    if (engine_create(&e, s, &options, err))
        goto out;
    fill(&h, trials, &r);
    for (int i = 0; i <= CALLS; i++) { /* the first one warms up */
        double start = work_done();
        if (engine_suggest(e, &h, 0, &suggestion, err))
            goto out;
        if (i > 0)
            times[i - 1] = (work_done() - start) * 1e3;
        run_trial(&h, x, &r);
    }
    printf("ask.%s.%zu %.4f ms\n", sampler, trials, median(times, CALLS));
    status = 0;
out:
    engine_destroy(e);
    history_clear(&h);
    return status;
}

static int bench_judge(const struct space *s, const char *pruner, size_t trials,
                       struct error *err)
{
    struct tree *pruner_options = tree_map(); /* what some cannot do without */
    struct engine_options options = { .pruner = pruner, .seed = 1 };
    struct engine *e = NULL;
    struct history h;
    struct random r;
    double times[CALLS], x[PARAMETERS] = { 0 };
    int status = -1;

    if (strcmp(pruner, "patient") == 0)
        tree_set_int(pruner_options, "patience", 1);
    if (strcmp(pruner, "threshold") == 0)
        tree_set_int(pruner_options, "upper", 1);
    options.pruner_options = pruner_options;
    history_init(&h, s, 1, 0);
    random_seed(&r, 2, trials);
    space_repair(s, x);
    if (engine_create(&e, s, &options, err))
        goto out;
    while (h.count < trials)
        run_trial(&h, x, &r);
    for (int i = -1; i < CALLS; i++) { /* the first one warms up */
        int64_t number = history_add(&h, x);
        for (int step = 1; step <= JUDGED; step++) {
            history_report(&h, number, step, random_uniform(&r), step);
            double start = clock_monotonic();
            engine_judge(e, &h, number);
            if (i >= 0)
                times[i] = (clock_monotonic() - start) * 1e6;
        }
        history_finish(&h, number, &h.trials[number].curve[0].loss, NULL);
        history_set_state(&h, number, TRIAL_COMPLETE);
    }
    printf("judge.%s.%zu %.3f us\n", pruner, trials, median(times, CALLS));
    status = 0;
out:
    engine_destroy(e);
    history_clear(&h);
    tree_destroy(pruner_options);
    return status;
}

/* Judgements by every pruner. */
static int bench_judgements(const struct space *s, size_t trials,
                            struct error *err)
{
    static const char *const pruners[] = { "median",   "percentile",
                                           "patient",  "threshold",
                                           "asha",     "hyperband",
                                           "wilcoxon", "curve" };

    for (size_t i = 0; i < sizeof pruners / sizeof *pruners; i++)
        if (bench_judge(s, pruners[i], trials, err))
            return -1;
    return 0;
}

static int bench_asks(const struct space *s, size_t trials, struct error *err)
{
    static const char *const samplers[] = { "random",  "qmc", "tpe", "cma-es",
                                            "nsga-ii", "gp",  "ehvi" };

    for (size_t i = 0; i < sizeof samplers / sizeof *samplers; i++)
        if (bench_ask(s, samplers[i], trials, err))
            return -1;
    return 0;
}

int main(void)
{
    static const size_t sizes[] = { 100, 1000, 10000, 100000 };
    struct error err = ERROR_INIT;
    struct space s;
    int status = -1;

    space_init(&s);
    if (make_space(&s, &err))
        goto out;
    bench_memory(&s, 10000);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (bench_asks(&s, sizes[i], &err) ||
            bench_judgements(&s, sizes[i], &err))
            goto out;
    status = 0;
out:
    space_clear(&s);
    return status ? error_print(&err, "ask") : 0;
}
