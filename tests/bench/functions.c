/* functions: how good samplers are on functions that everybody knows.
 *
 *     functions [SEEDS [SAMPLER...]]    (default 3, and all)
 *
 * Prints "function.NAME.SAMPLER value regret": the median over the seeds of
 * what the best trial within the budget is above the minimum; of two objectives
 * what the dominated volume lacks of the whole front's. Of noisy trials the
 * one with the lowest measured value counts, at its true value. "function.NAME
 * value check" is the sum of the losses in the middle, for other programs that
 * use the same functions (functions.py).
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "search/engine.h"
#include "search/math/hypervolume.h"
#include "tests/unit/search/build.h"

enum { SEEDS_MAX = 100, BUDGET_MAX = 200, AXES_MAX = 10, OBJECTIVES_MAX = 2 };

struct task {
    const char *name;
    void (*make)(struct space *s);
    void (*losses)(const double *x, double *out);
    size_t objectives, budget;
    double noise, minimum;
};

static const double reference[OBJECTIVES_MAX] = { 1.1, 10 };

/* --- functions ----------------------------------------------------------- */

static void cube(struct space *s, int dimension)
{
    for (int i = 0; i < dimension; i++) {
        char name[16];
        snprintf(name, sizeof name, "x%d", i);
        build_add(s, build_float(name, 0, 1));
    }
}

static void make_branin(struct space *s)
{
    build_add(s, build_float("x0", -5, 10));
    build_add(s, build_float("x1", 0, 15));
}

static void branin(const double *x, double *out)
{
    double b =
        x[1] - 5.1 / (4 * M_PI * M_PI) * x[0] * x[0] + 5 / M_PI * x[0] - 6;

    *out = b * b + 10 * (1 - 1 / (8 * M_PI)) * cos(x[0]) + 10;
}

static void make_hartmann(struct space *s)
{
    cube(s, 6);
}

static void hartmann(const double *x, double *out)
{
    static const double weight[4] = { 1, 1.2, 3, 3.2 };
    static const double a[4][6] = { { 10, 3, 17, 3.5, 1.7, 8 },
                                    { 0.05, 10, 17, 0.1, 8, 14 },
                                    { 3, 3.5, 1.7, 10, 17, 8 },
                                    { 17, 8, 0.05, 10, 0.1, 14 } };
    static const double p[4][6] = {
        { 0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886 },
        { 0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991 },
        { 0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650 },
        { 0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381 }
    };

    *out = 0;
    for (int i = 0; i < 4; i++) {
        double sum = 0;
        for (int j = 0; j < 6; j++)
            sum += a[i][j] * (x[j] - p[i][j]) * (x[j] - p[i][j]);
        *out -= weight[i] * exp(-sum);
    }
}

static void make_rosenbrock(struct space *s)
{
    build_add(s, build_float("x0", -5, 5));
    build_add(s, build_float("x1", -5, 5));
    build_add(s, build_int("x2", -5, 5));
    build_add(s, build_int("x3", -5, 5));
}

static void rosenbrock(const double *x, double *out)
{
    *out = 0;
    for (int i = 0; i + 1 < 4; i++)
        *out += 100 * (x[i + 1] - x[i] * x[i]) * (x[i + 1] - x[i] * x[i]) +
                (1 - x[i]) * (1 - x[i]);
}

static void make_conditional(struct space *s)
{
    build_add(s, build_choice("model", "none ridge net"));
    build_add(s, build_when(build_int("degree", 1, 9), "model", "ridge"));
    build_add(s, build_when(build_log("ridge", 1e-6, 1), "model", "ridge"));
    struct parameter width = build_int("width", 8, 512);
    width.log = true;
    build_add(s, build_when(width, "model", "net"));
    build_add(s, build_when(build_log("rate", 1e-5, 1e-1), "model", "net"));
    build_add(s, build_when(build_float("dropout", 0, 0.5), "model", "net"));
}

static double square(double v)
{
    return v * v;
}

static void conditional(const double *x, double *out)
{
    *out = 0.8;
    if (x[0] == 1)
        *out = 0.3 + 0.02 * square(x[1] - 4) + 0.05 * square(log10(x[2]) + 3);
    if (x[0] == 2)
        *out = 0.1 + 0.1 * square(log(x[3] / 96)) +
               0.2 * square(log10(x[4]) + 2.5) + 2 * square(x[5] - 0.2);
}

static void make_zdt(struct space *s)
{
    cube(s, AXES_MAX);
}

static double zdt_tail(const double *x)
{
    double sum = 0;

    for (int i = 1; i < AXES_MAX; i++)
        sum += x[i];
    return 1 + 9 * sum / (AXES_MAX - 1);
}

static void zdt1(const double *x, double *out)
{
    double g = zdt_tail(x);

    out[0] = x[0];
    out[1] = g * (1 - sqrt(x[0] / g));
}

static void zdt2(const double *x, double *out)
{
    double g = zdt_tail(x);

    out[0] = x[0];
    out[1] = g * (1 - square(x[0] / g));
}

static void zdt3(const double *x, double *out)
{
    double g = zdt_tail(x);

    out[0] = x[0];
    out[1] = g * (1 - sqrt(x[0] / g) - x[0] / g * sin(10 * M_PI * x[0]));
}

static const struct task tasks[] = {
    { "branin", make_branin, branin, 1, 60, 0, 0.397887357729738 },
    { "hartmann6", make_hartmann, hartmann, 1, 100, 0, -3.32236801141551 },
    { "rosenbrock-int", make_rosenbrock, rosenbrock, 1, 150, 0, 0 },
    { "conditional", make_conditional, conditional, 1, 100, 0, 0.1 },
    { "noisy", make_hartmann, hartmann, 1, 100, 0.3, -3.32236801141551 },
    { "zdt1", make_zdt, zdt1, 2, 200, 0, 0 },
    { "zdt2", make_zdt, zdt2, 2, 200, 0, 0 },
    { "zdt3", make_zdt, zdt3, 2, 200, 0, 0 },
};
static const char *const single[] = { "random", "qmc",    "tpe",
                                      "gp",     "cma-es", "auto" };
static const char *const several[] = { "random", "tpe", "nsga-ii", "ehvi",
                                       "auto" };

/* --- measuring ----------------------------------------------------------- */

/* The volume that the whole front dominates. */
static double whole_front(const struct task *t)
{
    enum { POINTS = 20000 };
    static double rows[POINTS * 2];

    for (int i = 0; i < POINTS; i++) {
        double x[AXES_MAX] = { (double)i / (POINTS - 1) };
        t->losses(x, rows + 2 * (size_t)i);
    }
    return hypervolume(rows, POINTS, 2, reference);
}

/* What the trials lack of the best there is. */
static double regret(const struct task *t, const double *measured,
                     const double *truth)
{
    size_t best = 0;

    if (t->objectives > 1)
        return whole_front(t) -
               hypervolume(truth, t->budget, t->objectives, reference);
    for (size_t i = 1; i < t->budget; i++)
        if (measured[i] < measured[best])
            best = i;
    return truth[best] - t->minimum;
}

static int play(const struct task *t, const struct space *s,
                const char *sampler, uint64_t seed, double *result,
                struct error *err)
{
    double measured[BUDGET_MAX], truth[BUDGET_MAX * OBJECTIVES_MAX];
    double x[AXES_MAX];
    const struct engine_options options = { .sampler = sampler,
                                            .pruner = "none",
                                            .seed = seed };
    struct suggestion suggestion = { .x = x };
    struct engine *e = NULL;
    struct random noise;
    struct history h;
    int status = -1;

    random_seed(&noise, seed, 1);
    history_init(&h, s, t->objectives, 0);
    if (engine_create(&e, s, &options, err))
        goto out;
    for (size_t i = 0; i < t->budget; i++) {
        double *losses = truth + i * t->objectives;
        if (engine_suggest(e, &h, 0, &suggestion, err))
            goto out;
        int64_t number = history_add(&h, x);
        t->losses(x, losses);
        measured[i] = losses[0] + t->noise * random_normal(&noise);
        history_finish(&h, number, t->objectives > 1 ? losses : &measured[i],
                       NULL);
        history_set_state(&h, number, TRIAL_COMPLETE);
    }
    *result = regret(t, measured, truth);
    status = 0;
out:
    engine_destroy(e);
    history_clear(&h);
    return status;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static int bench(const struct task *t, const char *sampler, size_t seeds,
                 struct error *err)
{
    double results[SEEDS_MAX];
    struct space s;
    int status = -1;

    space_init(&s);
    t->make(&s);
    build_finish(&s);
    for (size_t i = 0; i < seeds; i++)
        if (play(t, &s, sampler, i + 1, &results[i], err))
            goto out;
    qsort(results, seeds, sizeof *results, by_value);
    printf("function.%s.%s %.6g regret\n", t->name, sampler,
           (results[(seeds - 1) / 2] + results[seeds / 2]) / 2);
    status = 0;
out:
    space_clear(&s);
    return status;
}

/* The sum of the losses in the middle of the space. */
static void print_check(const struct task *t)
{
    double x[AXES_MAX], losses[OBJECTIVES_MAX] = { 0 };
    struct space s;

    space_init(&s);
    t->make(&s);
    build_finish(&s);
    for (size_t i = 0; i < s.count; i++)
        x[i] = (s.parameters[i].low + s.parameters[i].high) / 2;
    t->losses(x, losses);
    printf("function.%s %.12g check\n", t->name, losses[0] + losses[1]);
    space_clear(&s);
}

/* Whether it is among the 'count' names, or there are none. */
static bool is_wanted(const char *sampler, char **names, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], sampler) == 0)
            return true;
    return count <= 0;
}

int main(int argc, char **argv)
{
    size_t seeds = argc > 1 ? strtoul(argv[1], NULL, 10) : 3;
    struct error err = ERROR_INIT;

    if (seeds < 1 || seeds > SEEDS_MAX) {
        error_usage(&err, "SEEDS is from 1 to %d", SEEDS_MAX);
        return error_print(&err, "functions");
    }
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
        const char *const *samplers =
            tasks[i].objectives > 1 ? several : single;
        size_t count = tasks[i].objectives > 1
                           ? sizeof several / sizeof *several
                           : sizeof single / sizeof *single;
        print_check(&tasks[i]);
        for (size_t k = 0; k < count; k++)
            if (is_wanted(samplers[k], argv + 2, argc - 2) &&
                bench(&tasks[i], samplers[k], seeds, &err))
                return error_print(&err, "functions");
    }
    return 0;
}
