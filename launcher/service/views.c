/* views: the study and its trials as replies (docs/api.md).
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "launcher/service/budget.h"
#include "launcher/service/calls.h"
#include "launcher/service/curve.h"
#include "launcher/service/query.h"
#include "launcher/service/order.h"
#include "launcher/service/results.h"

int call_answer(struct reply *r, struct tree *body, struct error *err)
{
    if (!tree_ok(body)) {
        tree_destroy(body);
        if (err->kind == ERROR_NONE) /* else a part could not be read */
            error_memory(err);
        return CALL_TROUBLE;
    }
    r->body = body;
    return CALL_OK;
}

/* ---- small values ----------------------------------------------------- */

/* NAN means "not known" here: null. */
static void set_known(struct tree *map, const char *key, double value)
{
    tree_set(map, key, isnan(value) ? tree_null() : tree_float(value));
}

static void set_limit(struct tree *map, const char *key, double limit)
{
    tree_set(map, key, isfinite(limit) ? tree_float(limit) : tree_null());
}

static struct tree *step_value(int64_t step)
{
    return step < 0 ? tree_null() : tree_int(step);
}

/* A result, NaN included, or null where it was never reported. */
static struct tree *result_value(const struct store_trial *t, size_t i)
{
    return t->known >> i & 1 ? tree_float(t->results[i]) : tree_null();
}

/* ---- a row ------------------------------------------------------------ */

/* The metrics that belong to the row's value, read when first wanted; those of
 * the last report while there is no value. */
static struct tree *row_metrics(struct service *s, struct entry *e,
                                struct error *err)
{
    int64_t report =
        e->row.best_report > 0 ? e->row.best_report : e->row.last_report;

    if (!e->metrics && report > 0 &&
        store_get_metrics(s->store, report, &e->metrics, err) < 0)
        return NULL;
    return e->metrics
               ? json_parse(e->metrics, strlen(e->metrics), "study.db", err)
               : tree_map();
}

static struct tree *row_values(const struct service *s, const struct entry *e)
{
    struct tree *values = tree_list();

    for (size_t i = 0; i < s->study->objective_count; i++)
        tree_append(values, result_value(&e->row, i));
    return values;
}

struct tree *view_row(struct service *s, struct entry *e, double now,
                      struct error *err)
{
    const struct store_trial *t = &e->row;
    struct tree *row = tree_map();
    double seconds = t->state == TRIAL_RUNNING && !s->options.view
                         ? state_busy(e, now)
                         : t->seconds;

    tree_set_int(row, "trial", t->number);
    tree_set_string(row, "state", trial_state_name(t->state));
    tree_set(row, "value", result_value(t, 0));
    tree_set(row, "values", row_values(s, e));
    set_known(row, "std", t->std);
    tree_set(row, "step", step_value(t->step));
    tree_set(row, "best_step", step_value(t->best_step));
    tree_set_int(row, "reports", t->reports);
    tree_set(
        row, "params",
        space_point_to_tree(&s->study->space, s->history.trials[t->number].x));
    tree_set_float(row, "seconds", seconds);
    tree_set_int(row, "attempts", t->attempts);
    tree_set_string(row, "reason", t->reason);
    tree_set(row, "metrics", row_metrics(s, e, err));
    tree_set_float(row, "created", t->created);
    set_known(row, "ended", t->ended);
    tree_set(row, "parent", step_value(t->parent));
    tree_set_string(row, "note", t->note);
    tree_set_string(row, "source", t->source);
    tree_set_bool(row, "feasible", results_feasible(s->study, t));
    return row;
}

/* ---- the study -------------------------------------------------------- */

static struct tree *objectives(const struct study *study)
{
    struct tree *list = tree_list();

    for (size_t i = 0; i < study->objective_count; i++) {
        const struct objective *o = &study->objectives[i];
        struct tree *item = tree_map();

        tree_set_string(item, "metric", o->metric);
        tree_set_string(item, "direction",
                        o->maximize ? "maximize" : "minimize");
        tree_append(list, item);
    }
    return list;
}

static struct tree *parameter_names(const struct space *space)
{
    struct tree *list = tree_list();

    for (size_t i = 0; i < space->count; i++)
        tree_append(list, tree_string(space->parameters[i].name));
    return list;
}

static struct tree *count_states(const struct history *h)
{
    struct tree *map = tree_map();

    for (int i = 0; i < TRIAL_STATES; i++)
        tree_set_int(map, trial_state_name((enum trial_state)i),
                     (int64_t)h->in_state[i]);
    return map;
}

static struct tree *best_trial(const struct service *s)
{
    const struct entry *best = state_best(s);
    struct tree *map;

    if (!best)
        return tree_null();
    map = tree_map();
    tree_set_int(map, "trial", best->row.number);
    tree_set(map, "value", result_value(&best->row, 0));
    return map;
}

/* The trials that were better than all before them: [[number, value], ...]. */
static struct tree *improvements(const struct service *s)
{
    struct tree *list = tree_list();
    const struct entry *best = NULL;

    for (size_t i = 0; i < s->history.count; i++) {
        const struct entry *e = &s->entries[i];
        struct tree *pair;

        if (!state_may_win(s, e) ||
            (best && results_compare(s->study, &e->row, &best->row) >= 0))
            continue;
        best = e;
        pair = tree_list();
        tree_append(pair, tree_int(e->row.number));
        tree_append(pair, result_value(&e->row, 0));
        tree_append(list, pair);
    }
    return list;
}

/* None in a view: who held a trial when the last controller ended is old. */
static struct tree *busy_workers(const struct service *s, double now)
{
    size_t count = s->options.view ? 0 : s->history.count;
    struct tree *list = tree_list();

    for (size_t i = 0; i < count; i++) {
        const struct entry *e = &s->entries[i];
        struct tree *item;

        if (e->row.state != TRIAL_RUNNING)
            continue;
        item = tree_map();
        tree_set_string(item, "worker", e->attempt.worker);
        tree_set_int(item, "trial", e->row.number);
        tree_set_int(item, "attempt", e->attempt.number);
        tree_set(item, "step", step_value(e->row.step));
        tree_set_float(item, "seen_s", fmax(0, now - e->seen));
        tree_append(list, item);
    }
    return list;
}

/* running, stopped or finished, and why. */
static void set_condition(const struct service *s, double now,
                          struct tree *summary)
{
    struct text reason = TEXT_INIT;
    const char *state = "running";

    if (s->stop) {
        state = "stopped";
        text_append(&reason, s->stop);
    } else if (s->end) {
        state = "finished";
        text_append(&reason, s->end);
    } else if (s->options.view) {
        state = "stopped";
        text_append(&reason, "no controller is running");
    } else {
        budget_check(s, now, &reason);
    }
    tree_set_string(summary, "state", state);
    tree_set_string(summary, "reason", text_get(&reason));
    text_clear(&reason);
}

static void set_search(const struct service *s, struct tree *summary)
{
    struct text words = TEXT_INIT;

    if (s->engine)
        engine_describe(s->engine, &words);
    else
        text_format(&words, "sampler %s, pruner %s", s->study->search.sampler,
                    s->study->search.pruner);
    tree_set_string(summary, "search", text_get(&words));
    text_clear(&words);
}

static int64_t total_reports(const struct service *s)
{
    int64_t sum = 0;

    for (size_t i = 0; i < s->history.count; i++)
        sum += s->entries[i].row.reports;
    return sum;
}

struct tree *view_summary(const struct service *s, double now)
{
    const struct study *study = s->study;
    const struct objective *first = &study->objectives[0];
    struct tree *t = tree_map();

    tree_set_string(t, "study", study->name);
    tree_set_string(t, "metric", first->metric);
    tree_set_string(t, "direction", first->maximize ? "maximize" : "minimize");
    tree_set(t, "objectives", objectives(study));
    tree_set(t, "space", parameter_names(&study->space));
    set_condition(s, now, t);
    tree_set_int(t, "trials", (int64_t)s->history.count);
    tree_set(t, "budget_trials",
             study->stop.trials == INT64_MAX
                 ? tree_null()
                 : tree_int(study->stop.trials + s->imported));
    set_limit(t, "budget_hours", study->stop.hours);
    set_limit(t, "budget_gpu_hours", study->stop.gpu_hours);
    tree_set(t, "states", count_states(&s->history));
    tree_set_int(t, "imported", s->imported);
    tree_set_int(t, "reports", total_reports(s));
    tree_set(t, "best", best_trial(s));
    tree_set(t, "improvements", improvements(s));
    tree_set_float(t, "busy_s", state_total_busy(s, now));
    tree_set_float(t, "gpu_hours", budget_gpu_hours(s, now));
    tree_set_float(t, "elapsed_s", state_elapsed(s, now));
    set_known(t, "started", s->first_started);
    set_known(t, "seconds_left", budget_seconds_left(s, now));
    tree_set(t, "workers", busy_workers(s, now));
    set_search(s, t);
    tree_set_string(t, "trouble", s->unstored.what);
    tree_set_string(t, "run", s->options.run);
    return t;
}

int call_study(struct service *s, const struct call *c, struct reply *r,
               struct error *err)
{
    return call_answer(r, view_summary(s, c->now), err);
}

int call_health(struct service *s, const struct call *c, struct reply *r,
                struct error *err)
{
    struct tree *t = tree_map();

    (void)s;
    (void)c;
    tree_set_bool(t, "ok", true);
    return call_answer(r, t, err);
}

/* ---- lists of rows ---------------------------------------------------- */

/* The wanted state of "state=failed", or -1 for all. */
static int query_state(const char *query, int *state, struct error *err)
{
    const char *at = query ? strstr(query, "state=") : NULL;
    char name[32];

    *state = -1;
    if (!at)
        return 0;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(at + 6, "&"), at + 6);
    *state = trial_state_parse(name);
    return *state >= 0 ? 0
                       : error_usage(err,
                                     "state: '%s' is none of a trial's "
                                     "states",
                                     name);
}

int call_trials(struct service *s, const struct call *c, struct reply *r,
                struct error *err)
{
    struct tree *body, *rows;
    int64_t offset, limit;
    int state;

    if (query_state(c->query, &state, err) < 0 ||
        query_int(c->query, "offset", 0, &offset, err) < 0 ||
        query_int(c->query, "limit", INT64_MAX, &limit, err) < 0)
        return CALL_BAD;
    body = tree_map();
    rows = tree_list();
    for (size_t i = 0; i < s->history.count && limit > 0; i++) {
        struct entry *e = &s->entries[i];

        if ((state >= 0 && (int)e->row.state != state) || offset-- > 0)
            continue;
        tree_append(rows, view_row(s, e, c->now, err));
        limit--;
    }
    tree_set(body, "trials", rows);
    return call_answer(r, body, err);
}

int call_leaderboard(struct service *s, const struct call *c, struct reply *r,
                     struct error *err)
{
    struct place *places;
    struct tree *body, *rows;
    int64_t top;

    if (query_int(c->query, "top", INT64_MAX, &top, err) < 0)
        return CALL_BAD;
    places = order_trials(s);
    if (!places) {
        error_memory(err);
        return CALL_TROUBLE;
    }
    body = tree_map();
    rows = tree_list();
    for (size_t i = 0; i < s->history.count && (int64_t)i < top; i++) {
        struct tree *row = view_row(s, places[i].entry, c->now, err);

        if (places[i].front > 0)
            tree_set_int(row, "front", places[i].front);
        tree_append(rows, row);
    }
    tree_set(body, "study", view_summary(s, c->now));
    tree_set(body, "rows", rows);
    free(places);
    return call_answer(r, body, err);
}

/* ---- one trial -------------------------------------------------------- */

static struct tree *curve_list(struct service *s, const struct entry *e,
                               struct error *err)
{
    struct curve curve = { 0 };
    struct tree *list = NULL;

    if (curve_read(s->store, e->row.last_report, &curve, err) < 0)
        goto out;
    list = tree_list();
    for (size_t i = 0; i < curve.count; i++) {
        struct tree *point = tree_map();

        tree_set_int(point, "step", curve.items[i].step);
        set_known(point, "seconds", curve.items[i].seconds);
        tree_set_int(point, "attempt", curve.items[i].attempt);
        tree_set(point, "metrics", tree_copy(curve.items[i].metrics));
        tree_append(list, point);
    }
out:
    curve_clear(&curve);
    return list;
}

static int add_attempt(void *context, const struct store_attempt *a,
                       struct error *err)
{
    struct tree *list = context, *item = tree_map();

    (void)err;
    tree_set_int(item, "attempt", a->number);
    tree_set_string(item, "worker", a->worker);
    tree_set_float(item, "started", a->started);
    set_known(item, "ended", a->ended);
    tree_set_string(item, "outcome", a->outcome);
    tree_set_string(item, "reason", a->reason);
    tree_append(list, item);
    return 0;
}

static int add_event(void *context, const struct store_event *e,
                     struct error *err)
{
    struct tree *list = context, *item = tree_map();

    (void)err;
    tree_set_float(item, "time", e->time);
    tree_set_string(item, "kind", e->kind);
    tree_set_string(item, "detail", e->detail);
    tree_append(list, item);
    return 0;
}

int call_trial(struct service *s, const struct call *c, struct reply *r,
               struct error *err)
{
    struct entry *e = state_of_path(s, c->path, err);
    struct tree *row, *attempts, *events;
    struct text log = TEXT_INIT;
    int64_t number;
    int rc;

    if (!e)
        return CALL_UNKNOWN;
    number = e->row.number;
    row = view_row(s, e, c->now, err);
    attempts = tree_list();
    events = tree_list();
    rc = store_read_attempts(s->store, number, add_attempt, attempts, err);
    if (rc == 0)
        rc = store_read_events(s->store, number, add_event, events, err);
    text_format(&log, "%s/trials/%05jd/log", s->options.run, (intmax_t)number);
    tree_set(row, "curve", rc == 0 ? curve_list(s, e, err) : NULL);
    tree_set(row, "attempts", attempts);
    tree_set(row, "events", events);
    tree_set_string(row, "log", text_get(&log));
    text_clear(&log);
    return call_answer(r, row, err);
}
