/* write: see write.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/optuna/write.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"

/* JournalOperation, StudyDirection and TrialState of Optuna. */
enum { CREATE_STUDY = 0, CREATE_TRIAL = 4 };
enum { MINIMIZE = 1, MAXIMIZE = 2 };
enum { RUNNING = 0, COMPLETE = 1, PRUNED = 2, FAIL = 3, WAITING = 4 };

static const char worker[] = "sentei";

/* Append a line of the journal, and destroy it. */
static void put_line(struct tree *line, struct text *out)
{
    out->failed = out->failed || !tree_ok(line);
    if (!out->failed) {
        json_format(line, out);
        text_append_char(out, '\n');
    }
    tree_destroy(line);
}

static struct tree *begin(int operation)
{
    struct tree *line = tree_map();

    tree_set_int(line, "op_code", operation);
    tree_set_string(line, "worker_id", worker);
    return line;
}

/* ---- the study ---------------------------------------------------------- */

static void put_study(const struct tree *study, struct text *out)
{
    const struct tree *objectives = tree_get(study, "objectives");
    struct tree *line = begin(CREATE_STUDY), *directions = tree_list();

    for (size_t i = 0; i < tree_count(objectives); i++) {
        const char *direction =
            tree_text(tree_get(tree_at(objectives, i), "direction"));

        tree_append(
            directions,
            tree_int(strcmp(direction, "maximize") == 0 ? MAXIMIZE : MINIMIZE));
    }
    tree_set(line, "study_name", tree_copy(tree_get(study, "study")));
    tree_set(line, "directions", directions);
    put_line(line, out);
}

/* ---- parameters ----------------------------------------------------------- */

static bool is_kind(const struct tree *parameter, const char *kind)
{
    return strcmp(tree_text(tree_get(parameter, "kind")), kind) == 0;
}

/* A whole number where Optuna wants one. */
static struct tree *bound(const struct tree *parameter, const char *key)
{
    double value = tree_number(tree_get(parameter, key));

    return is_kind(parameter, "int") ? tree_int((int64_t)value)
                                     : tree_float(value);
}

/* What Optuna keeps of a parameter: JSON in a string. */
static struct tree *distribution(const struct tree *parameter)
{
    bool choice = is_kind(parameter, "categorical");
    struct tree *whole = tree_map(), *attributes = tree_map(), *string = NULL;
    const struct tree *step = tree_get(parameter, "step");
    struct text json = TEXT_INIT;

    tree_set_string(whole, "name",
                    choice                      ? "CategoricalDistribution"
                    : is_kind(parameter, "int") ? "IntDistribution"
                                                : "FloatDistribution");
    if (choice) {
        tree_set(attributes, "choices",
                 tree_copy(tree_get(parameter, "choices")));
    } else {
        tree_set(attributes, "log", tree_copy(tree_get(parameter, "log")));
        tree_set(attributes, "step",
                 tree_kind(step) == TREE_NULL && is_kind(parameter, "int")
                     ? tree_int(1)
                 : tree_kind(step) == TREE_NULL ? tree_null()
                                                : bound(parameter, "step"));
        tree_set(attributes, "low", bound(parameter, "low"));
        tree_set(attributes, "high", bound(parameter, "high"));
    }
    tree_set(whole, "attributes", attributes);
    if (tree_ok(whole)) {
        json_format(whole, &json);
        string = tree_string_of(&json);
    }
    tree_destroy(whole);
    return string;
}

static bool same_scalar(const struct tree *a, const struct tree *b)
{
    struct text x = TEXT_INIT, y = TEXT_INIT;
    bool same;

    json_format(a, &x);
    json_format(b, &y);
    same = strcmp(text_get(&x), text_get(&y)) == 0;
    text_clear(&x);
    text_clear(&y);
    return same;
}

/* A value as Optuna keeps it: a number, or the index of the choice. */
static struct tree *internal(const struct tree *parameter,
                             const struct tree *value)
{
    const struct tree *choices = tree_get(parameter, "choices");

    for (size_t i = 0; i < tree_count(choices); i++)
        if (same_scalar(tree_at(choices, i), value))
            return tree_int((int64_t)i);
    return tree_float(tree_number(value));
}

static void set_parameters(struct tree *line, const struct tree *space,
                           const struct tree *params)
{
    struct tree *values = tree_map(), *distributions = tree_map();

    for (size_t i = 0; i < tree_count(space); i++) {
        const struct tree *parameter = tree_at(space, i);
        const char *name = tree_text(tree_get(parameter, "name"));
        const struct tree *value = tree_get(params, name);

        if (!value)
            continue;
        tree_set(values, name, internal(parameter, value));
        tree_set(distributions, name, distribution(parameter));
    }
    tree_set(line, "params", values);
    tree_set(line, "distributions", distributions);
}

/* ---- trials --------------------------------------------------------------- */

/* Whether every objective is a finite number. */
static bool has_values(const struct tree *trial)
{
    const struct tree *values = tree_get(trial, "values");

    for (size_t i = 0; i < tree_count(values); i++) {
        double value = tree_number(tree_at(values, i));

        if (tree_kind(tree_at(values, i)) == TREE_NULL || !isfinite(value))
            return false;
    }
    return tree_count(values) > 0;
}

static int state_of(const struct tree *trial)
{
    const char *state = tree_text(tree_get(trial, "state"));

    if (strcmp(state, "complete") == 0)
        return has_values(trial) ? COMPLETE : FAIL;
    return strcmp(state, "pruned") == 0    ? PRUNED
           : strcmp(state, "failed") == 0  ? FAIL
           : strcmp(state, "waiting") == 0 ? WAITING
                                           : RUNNING;
}

static void set_values(struct tree *line, const struct tree *trial)
{
    const struct tree *values = tree_get(trial, "values");
    bool one = tree_count(values) == 1, known = has_values(trial);

    tree_set(line, "value",
             one && known ? tree_copy(tree_at(values, 0)) : tree_null());
    tree_set(line, "values", !one && known ? tree_copy(values) : tree_null());
}

static void set_curve(struct tree *line, const struct tree *trial)
{
    const struct tree *curve = tree_get(trial, "curve");
    struct tree *steps = tree_map();

    for (size_t i = 0; i < tree_count(curve); i++) {
        const struct tree *point = tree_at(curve, i);
        char step[24];

        snprintf(step, sizeof step, "%" PRId64,
                 tree_integer(tree_at(point, 0)));
        if (tree_kind(tree_at(point, 1)) != TREE_NULL)
            tree_set(steps, step, tree_copy(tree_at(point, 1)));
    }
    tree_set(line, "intermediate_values", steps);
}

/* "2026-11-24T18:20:00.250000+00:00"; null where the time is not known. */
static struct tree *moment(double seconds)
{
    time_t whole = isfinite(seconds) ? (time_t)floor(seconds) : 0;
    char date[32], all[64];
    struct tm t;

    if (!isfinite(seconds) || !gmtime_r(&whole, &t))
        return tree_null();
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &t);
    snprintf(all, sizeof all, "%s.%06d+00:00", date,
             (int)(1e6 * (seconds - floor(seconds))));
    return tree_string(all);
}

static double time_of(const struct tree *trial, const char *key)
{
    const struct tree *value = tree_get(trial, key);

    return tree_kind(value) == TREE_NULL ? NAN : tree_number(value);
}

static void put_trial(const struct tree *trial, const struct tree *space,
                      struct text *out)
{
    struct tree *line = begin(CREATE_TRIAL);
    double ended = time_of(trial, "ended");

    tree_set_int(line, "study_id", 0);
    tree_set(line, "datetime_start", moment(time_of(trial, "created")));
    if (isfinite(ended))
        tree_set(line, "datetime_complete", moment(ended));
    tree_set_int(line, "state", state_of(trial));
    set_values(line, trial);
    set_parameters(line, space, tree_get(trial, "params"));
    set_curve(line, trial);
    tree_set(line, "user_attrs", tree_copy(tree_get(trial, "metrics")));
    tree_set(line, "system_attrs", tree_map());
    put_line(line, out);
}

static int by_number(const void *left, const void *right)
{
    const struct tree *a = *(const struct tree *const *)left;
    const struct tree *b = *(const struct tree *const *)right;
    int64_t x = tree_integer(tree_get(a, "trial"));
    int64_t y = tree_integer(tree_get(b, "trial"));

    return (x > y) - (x < y);
}

void optuna_print(const struct tree *changes, struct text *out)
{
    const struct tree *trials = tree_get(changes, "trials");
    size_t count = tree_count(trials);
    const struct tree **order = calloc(count + 1, sizeof *order);

    if (!order) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        order[i] = tree_at(trials, i);
    qsort(order, count, sizeof *order, by_number);
    put_study(tree_get(changes, "study"), out);
    for (size_t i = 0; i < count; i++)
        put_trial(order[i], tree_get(changes, "space"), out);
    free(order);
}
