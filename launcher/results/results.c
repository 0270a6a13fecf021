/* results: see results.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/results/results.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

size_t results_count(const struct study *study)
{
    return study->objective_count + study->constraint_count;
}

static const char *result_metric(const struct study *study, size_t i)
{
    return i < study->objective_count
               ? study->objectives[i].metric
               : study->constraints[i - study->objective_count].metric;
}

static bool is_better(const struct objective *o, double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(b) && !isnan(a);
    return o->maximize ? a > b : a < b;
}

/* Whether the trial's value is to be that of this report, or to move with it. */
static bool takes_over(const struct objective *o, const struct store_trial *t,
                       int64_t step, double value)
{
    if (o->value == VALUE_MEAN)
        return true;
    if (t->best_step < 0 || step == t->best_step)
        return true;
    return o->value == VALUE_BEST ? is_better(o, value, t->results[0])
                                  : step > t->best_step;
}

/* Whether the report can be added to what there is. */
static bool is_sound(const struct objective *o, const struct store_trial *t,
                     int64_t step, double value)
{
    if (t->best_step < 0)
        return true;
    if (o->value == VALUE_MEAN) /* counts are not stored */
        return t->averaged[0] > 0 && step > t->best_step;
    return o->value == VALUE_LAST || step != t->best_step ||
           !is_better(o, t->results[0], value);
}

static double get_std(const struct objective *o, const struct report *r)
{
    char name[REPORT_MAX_NAME + 8];
    double std;

    snprintf(name, sizeof name, "%s.std", o->metric);
    return report_get(r, name, &std) ? std : (double)NAN;
}

/* One value more in the mean, and in the deviation of those of the first
 * objective (Welford 1962). */
static void average(struct store_trial *t, size_t i, double value)
{
    double n = ++t->averaged[i], last = n > 1 ? t->results[i] : 0;
    double squares = n > 2 ? t->std * t->std * (n - 2) : 0;

    t->results[i] = last + (value - last) / n;
    if (i == 0)
        t->std =
            n > 1 ? sqrt((squares + (value - last) * (value - t->results[0])) /
                         (n - 1))
                  : (double)NAN;
}

bool results_add(const struct study *study, struct store_trial *t,
                 const struct report *r)
{
    const struct objective *first = &study->objectives[0];
    double value;
    bool taken = report_get(r, first->metric, &value) &&
                 takes_over(first, t, r->step, value);
    bool sound = !taken || is_sound(first, t, r->step, value);

    for (size_t i = 0; i < t->result_count; i++)
        if ((taken || (i > 0 && !(t->known >> i & 1))) &&
            report_get(r, result_metric(study, i), &value)) {
            if (first->value == VALUE_MEAN)
                average(t, i, value);
            else
                t->results[i] = value;
            t->known |= 1u << i;
        }
    if (taken) {
        t->best_step = r->step;
        if (first->value != VALUE_MEAN)
            t->std = get_std(first, r);
    }
    if (r->step > t->step)
        t->step = r->step;
    return sound;
}

void results_reset(struct store_trial *t)
{
    t->known = 0;
    memset(t->averaged, 0, sizeof t->averaged);
    t->std = NAN;
    t->step = t->best_step = -1;
    t->best_report = 0;
}

double results_loss(const struct study *study, size_t objective, double value)
{
    if (isnan(value))
        return INFINITY;
    return study->objectives[objective].maximize ? -value : value;
}

void results_losses(const struct study *study, const struct store_trial *t,
                    double *losses)
{
    for (size_t i = 0; i < study->objective_count; i++)
        losses[i] = t->known >> i & 1 ? results_loss(study, i, t->results[i])
                                      : (double)INFINITY;
}

void results_constraints(const struct study *study, const struct store_trial *t,
                         double *constraints)
{
    for (size_t i = 0; i < study->constraint_count; i++) {
        const struct study_constraint *c = &study->constraints[i];
        size_t at = study->objective_count + i;
        double value = t->results[at];

        constraints[i] = !(t->known >> at & 1) || isnan(value)
                             ? (double)INFINITY
                             : fmax(value - c->max, c->min - value);
    }
}

bool results_feasible(const struct study *study, const struct store_trial *t)
{
    double constraints[STUDY_MAX_CONSTRAINTS];

    results_constraints(study, t, constraints);
    for (size_t i = 0; i < study->constraint_count; i++)
        if (constraints[i] > 0)
            return false;
    return true;
}

bool results_may_win(const struct study *study, const struct store_trial *t)
{
    return t->known & 1 && t->state != TRIAL_FAILED &&
           results_feasible(study, t);
}

/* Whether the value is comparable: a mean over some of the folds is not. */
static bool is_whole(const struct study *study, const struct store_trial *t)
{
    return study->objectives[0].value != VALUE_MEAN ||
           t->state == TRIAL_COMPLETE;
}

struct standing results_standing(const struct study *study,
                                 const struct store_trial *t)
{
    bool valued = t->known & 1;

    return (struct standing){
        .fault = 8 * (t->state == TRIAL_FAILED) + 4 * !valued +
                 2 * !results_feasible(study, t) + !is_whole(study, t),
        .loss = valued ? results_loss(study, 0, t->results[0]) : 0,
        .number = t->number,
    };
}

int standing_compare(const struct standing *a, const struct standing *b)
{
    if (a->fault != b->fault)
        return a->fault < b->fault ? -1 : 1;
    if (a->loss != b->loss)
        return a->loss < b->loss ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

int results_compare(const struct study *study, const struct store_trial *a,
                    const struct store_trial *b)
{
    struct standing x = results_standing(study, a);
    struct standing y = results_standing(study, b);

    return standing_compare(&x, &y);
}
