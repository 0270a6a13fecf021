/* wilcoxon: a trial whose steps are folds, or other independent problems, ends
 * when it is significantly worse than the best one on the same steps.
 *
 * The best is the completed trial with the lowest mean over its steps. On the
 * steps that both have reported, a one-sided signed-rank test
 * (math/wilcoxon.h) asks whether this trial's losses are higher. A trial whose
 * mean is no higher goes on whatever the ranks say. The rule of Optuna's
 * WilcoxonPruner; steps may come in any order.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "search/math/wilcoxon.h"
#include "search/pruner.h"

struct wilcoxon {
    double p_threshold;
    int64_t startup_steps; /* in common, before any judgement */

    struct history_cursor cursor;
    int64_t best; /* -1: none yet */
    double best_mean;
};

static void wilcoxon_destroy(void *state)
{
    free(state);
}

static int wilcoxon_create(void **state, struct reader *options,
                           struct error *err)
{
    struct wilcoxon *p = calloc(1, sizeof *p);

    *state = p;
    if (p == NULL)
        return error_memory(err);
    p->cursor = (struct history_cursor)HISTORY_CURSOR_INIT;
    p->best = -1;
    p->p_threshold = 0.1;
    p->startup_steps = 2;
    reader_float(options, "p_threshold", 0, 1, &p->p_threshold);
    reader_int(options, "startup_steps", 1, INT32_MAX, &p->startup_steps);
    return 0;
}

static double mean_of(const struct trial *t)
{
    double sum = 0;

    for (size_t i = 0; i < t->curve_count; i++)
        sum += t->curve[i].loss / (double)t->curve_count;
    return t->curve_count ? sum : INFINITY;
}

/* Compare one completed trial with the best so far. */
static void consider(struct wilcoxon *p, const struct history *h,
                     int64_t number)
{
    double mean = mean_of(&h->trials[number]);

    if (p->best < 0 || mean < p->best_mean ||
        (mean == p->best_mean && number < p->best)) {
        p->best = number;
        p->best_mean = mean;
    }
}

/* Find the best completed trial. One that changed after it had completed is
 * rare: then all are looked at. */
static void update(struct wilcoxon *p, const struct history *h)
{
    bool again = history_follow(&p->cursor, h);
    int64_t number;

    if (again)
        p->best = -1;
    while ((number = history_next(&p->cursor, h)) >= 0) {
        again = again || number == p->best;
        if (!again && h->trials[number].state == TRIAL_COMPLETE)
            consider(p, h, number);
    }
    if (!again)
        return;
    p->best = -1;
    for (size_t i = 0; i < h->count; i++)
        if (h->trials[i].state == TRIAL_COMPLETE)
            consider(p, h, (int64_t)i);
}

/* This trial's losses less the best one's, on the steps of both. Two that are
 * infinite are equal. Returns their number. */
static size_t compare(const struct trial *t, const struct trial *best,
                      double *differences)
{
    size_t count = 0;

    for (size_t i = 0, k = 0; i < t->curve_count && k < best->curve_count;) {
        const struct observation *a = &t->curve[i], *b = &best->curve[k];

        if (a->step == b->step)
            differences[count++] = a->loss == b->loss ? 0 : a->loss - b->loss;
        i += a->step <= b->step;
        k += b->step <= a->step;
    }
    return count;
}

/* Whether the sum of the differences is above zero. */
static bool is_worse(const double *differences, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += differences[i];
    return sum > 0;
}

static enum decision wilcoxon_judge(void *state, const struct history *h,
                                    int64_t number)
{
    struct wilcoxon *p = state;
    const struct trial *t = &h->trials[number];
    enum decision decision = DECISION_CONTINUE;

    update(p, h);
    if (p->best < 0)
        return DECISION_CONTINUE;
    double *differences = malloc(t->curve_count * sizeof *differences);
    if (differences == NULL)
        return DECISION_CONTINUE;
    size_t count = compare(t, &h->trials[p->best], differences);
    if (count >= (size_t)p->startup_steps && is_worse(differences, count) &&
        wilcoxon_above(differences, count) < p->p_threshold)
        decision = DECISION_PRUNE;
    free(differences);
    return decision;
}

static void wilcoxon_describe(const void *state, struct text *out)
{
    const struct wilcoxon *p = state;

    text_format(out,
                "steps are folds: ends what is worse than the best trial with "
                "p < %g, from %lld folds on",
                p->p_threshold, (long long)p->startup_steps);
}

const struct pruner pruner_wilcoxon = {
    .name = "wilcoxon",
    .create = wilcoxon_create,
    .judge = wilcoxon_judge,
    .describe = wilcoxon_describe,
    .destroy = wilcoxon_destroy,
};
