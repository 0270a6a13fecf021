/* goal: the sections objective, constraints and stop: what counts as good and
 * when it is enough.
 * SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/reader.h"
#include "base/report.h"
#include "launcher/study/sections.h"

static const char *const directions[] = { "maximize", "minimize", NULL };
const char *const trial_value_names[] = { "best", "last", "mean", NULL };

/* The metric a row is about, a name that a report can carry. */
static void read_metric(struct reader *r, const char **metric)
{
    if (reader_string(r, "metric", metric) && !report_name_ok(*metric)) {
        reader_fail(r, "metric", "'%.64s' cannot be a metric's name", *metric);
        error_hint(r->err,
                   "letters, digits and _ . @ / - , beginning with a "
                   "letter, at most %d: val.pr_auc",
                   REPORT_MAX_NAME);
    }
    reader_need(r, "metric");
}

static int add_objective(struct study *s, const struct tree *t,
                         const char *path, struct error *err)
{
    struct objective *o = &s->objectives[s->objective_count];
    struct reader r;
    int direction = 0, value = 0;

    reader_open(&r, t, s->file, path, err);
    read_metric(&r, &o->metric);
    reader_enum(&r, "direction", directions, &direction);
    reader_need(&r, "direction");
    reader_enum(&r, "value", trial_value_names, &value);
    for (size_t i = 0; !r.failed && i < s->objective_count; i++)
        if (strcmp(s->objectives[i].metric, o->metric) == 0)
            reader_fail(&r, "metric", "'%s' is an objective already",
                        o->metric);
    o->maximize = direction == 0;
    o->value = (enum trial_value)value;
    s->objective_count++;
    return reader_close(&r);
}

static int add_constraint(struct study *s, const struct tree *t,
                          const char *path, struct error *err)
{
    struct study_constraint *c = &s->constraints[s->constraint_count++];
    struct reader r;

    c->min = -INFINITY;
    c->max = INFINITY;
    reader_open(&r, t, s->file, path, err);
    read_metric(&r, &c->metric);
    bool min = reader_float(&r, "min", -DBL_MAX, DBL_MAX, &c->min);
    bool max = reader_float(&r, "max", -DBL_MAX, DBL_MAX, &c->max);
    if (reader_close(&r))
        return -1;
    if (!min && !max)
        return reader_error_at(err, s->file, t, "%s: expected min or max",
                               path);
    if (c->min > c->max)
        return reader_error_at(err, s->file, tree_get(t, "max"),
                               "%s: no value is at least %g and at most %g",
                               path, c->min, c->max);
    return 0;
}

/* Call 'add' with each item of a list of 1 to 'most' items. */
static int read_list(struct study *s, const struct tree *t, const char *name,
                     size_t most,
                     int (*add)(struct study *, const struct tree *,
                                const char *, struct error *),
                     struct error *err)
{
    char path[64];

    if (tree_kind(t) != TREE_LIST)
        return reader_error_at(err, s->file, t, "%s: expected a list, found %s",
                               name, tree_kind_name(tree_kind(t)));
    if (tree_count(t) == 0 || tree_count(t) > most)
        return reader_error_at(err, s->file, t,
                               "%s: expected 1 to %zu of them, found %zu", name,
                               most, tree_count(t));
    for (size_t i = 0; i < tree_count(t); i++) {
        snprintf(path, sizeof path, "%s[%zu]", name, i);
        if (add(s, tree_at(t, i), path, err))
            return -1;
    }
    return 0;
}

int study_read_objective(struct study *s, const struct tree *t,
                         struct error *err)
{
    if (tree_kind(t) == TREE_LIST)
        return read_list(s, t, "objective", STUDY_MAX_OBJECTIVES, add_objective,
                         err);
    return add_objective(s, t, "objective", err);
}

int study_read_constraints(struct study *s, const struct tree *t,
                           struct error *err)
{
    if (!t)
        return 0;
    return read_list(s, t, "constraints", STUDY_MAX_CONSTRAINTS, add_constraint,
                     err);
}

/* A number above zero. */
static void read_positive(struct reader *r, const char *key, double *out)
{
    if (reader_float(r, key, 0, DBL_MAX, out) && *out == 0)
        reader_fail(r, key, "expected a number above 0, found 0");
}

int study_read_stop(struct study *s, const struct tree *t, struct error *err)
{
    struct stop_rules *stop = &s->stop;
    struct reader r;

    reader_open(&r, t, s->file, "stop", err);
    reader_int(&r, "trials", 1, INT64_MAX, &stop->trials);
    read_positive(&r, "hours", &stop->hours);
    read_positive(&r, "gpu_hours", &stop->gpu_hours);
    reader_int(&r, "no_improvement", 1, INT64_MAX, &stop->no_improvement);
    if (reader_float(&r, "regret", 0, DBL_MAX, &stop->regret) &&
        (s->objective_count > 1 || s->constraint_count > 0))
        reader_fail(&r, "regret", "needs one objective and no constraints");
    return reader_close(&r);
}
