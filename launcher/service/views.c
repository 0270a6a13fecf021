/* views: trials as replies (docs/api.md).
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "launcher/results/board.h"
#include "launcher/results/curve.h"
#include "launcher/results/results.h"
#include "launcher/service/calls.h"
#include "launcher/service/query.h"

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

int call_no_trial(int64_t number, struct error *err)
{
    return error_set(err, "there is no trial %jd", (intmax_t)number);
}

int call_see(struct service *s, const char *path, struct entry *room,
             struct entry **e, struct error *err)
{
    const char *word = strrchr(path, '/') + 1;
    int64_t number;
    int rc;

    memset(room, 0, sizeof *room);
    if (text_to_int(word, &number) < 0) {
        error_set(err, "there is no trial %s", word);
        return CALL_UNKNOWN;
    }
    rc = state_see(s, number, room, e, err);
    if (rc == 0)
        call_no_trial(number, err);
    return rc < 0 ? CALL_TROUBLE : rc > 0 ? CALL_OK : CALL_UNKNOWN;
}

/* ---- small values ----------------------------------------------------- */

/* NAN means "not known" here: null. */
void view_set_known(struct tree *map, const char *key, double value)
{
    tree_set(map, key, isnan(value) ? tree_null() : tree_float(value));
}

struct tree *view_step(int64_t step)
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

static struct tree *row_params(const struct service *s, const struct entry *e,
                               struct error *err)
{
    return e->params ? json_parse(e->params, strlen(e->params), "study.db", err)
                     : space_point_to_tree(&s->study->space,
                                           s->history.trials[e->row.number].x);
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
    view_set_known(row, "std", t->std);
    tree_set(row, "step", view_step(t->step));
    tree_set(row, "best_step", view_step(t->best_step));
    tree_set_int(row, "reports", t->reports);
    tree_set(row, "params", row_params(s, e, err));
    tree_set_float(row, "seconds", seconds);
    tree_set_int(row, "attempts", t->attempts);
    tree_set_string(row, "reason", t->reason);
    tree_set(row, "metrics", row_metrics(s, e, err));
    tree_set_float(row, "created", t->created);
    view_set_known(row, "ended", t->ended);
    tree_set(row, "parent", view_step(t->parent));
    tree_set_string(row, "note", t->note);
    tree_set_string(row, "source", t->source);
    tree_set_bool(row, "feasible", results_feasible(s->study, t));
    return row;
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

/* Put in between which ranks the trial is, where that is known. */
static void set_ranks(struct board *b, size_t place, struct tree *row)
{
    struct tree *ranks;
    int64_t first, last;

    if (!board_ranks(b, place, &first, &last))
        return;
    ranks = tree_list();
    tree_append(ranks, tree_int(first));
    tree_append(ranks, tree_int(last));
    tree_set(row, "ranks", ranks);
}

/* The row of the trial that has a place. */
static struct tree *placed_row(struct service *s, struct board *b, size_t i,
                               double now, struct error *err)
{
    const struct place *place = &b->order.places[i];
    struct entry room, *e;
    struct tree *row = NULL;
    int rc = state_see(s, place->standing.number, &room, &e, err);

    if (rc > 0)
        row = view_row(s, e, now, err);
    else if (rc == 0)
        call_no_trial(place->standing.number, err);
    if (rc > 0 && place->front > 0)
        tree_set_int(row, "front", place->front);
    if (rc > 0)
        set_ranks(b, i, row);
    entry_clear(&room);
    return row;
}

int call_leaderboard(struct service *s, const struct call *c, struct reply *r,
                     struct error *err)
{
    struct board b;
    struct tree *body = NULL, *rows;
    int64_t top;

    if (query_int(c->query, "top", INT64_MAX, &top, err) < 0)
        return CALL_BAD;
    board_begin(&b, s->study, top > 0 ? (size_t)top : 0);
    if (state_each(s, c->now, board_add, &b, err) < 0 ||
        board_finish(&b, err) < 0)
        goto out;
    body = tree_map();
    rows = tree_list();
    for (size_t i = 0; i < b.order.count; i++)
        tree_append(rows, placed_row(s, &b, i, c->now, err));
    tree_set(body, "study", view_summary(s, &b.tally, c->now));
    tree_set(body, "rows", rows);
out:
    board_clear(&b);
    return call_answer(r, body, err);
}

/* ---- one trial -------------------------------------------------------- */

static struct tree *curve_list(struct service *s, const struct entry *e,
                               struct error *err)
{
    struct curve curve = { 0 };
    struct tree *list = NULL;

    if (curve_read(s->store, e->row.last_report, true, &curve, err) < 0)
        goto out;
    list = tree_list();
    for (size_t i = 0; i < curve.count; i++) {
        struct tree *point = tree_map();

        tree_set_int(point, "step", curve.items[i].step);
        view_set_known(point, "seconds", curve.items[i].seconds);
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
    view_set_known(item, "ended", a->ended);
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

/* ROW with all that is known of the trial besides. */
static struct tree *whole_trial(struct service *s, struct entry *e, double now,
                                struct error *err)
{
    struct tree *row = view_row(s, e, now, err);
    struct tree *attempts = tree_list(), *events = tree_list();
    struct text log = TEXT_INIT;
    int64_t number = e->row.number;
    int rc = store_read_attempts(s->store, number, add_attempt, attempts, err);

    if (rc == 0)
        rc = store_read_events(s->store, number, add_event, events, err);
    text_format(&log, "%s/trials/%05jd/log", s->options.run, (intmax_t)number);
    tree_set(row, "curve", rc == 0 ? curve_list(s, e, err) : NULL);
    tree_set(row, "attempts", attempts);
    tree_set(row, "events", events);
    tree_set_text(row, "log", &log);
    return row;
}

int call_trial(struct service *s, const struct call *c, struct reply *r,
               struct error *err)
{
    struct entry room, *e;
    struct tree *row = NULL;
    int status = call_see(s, c->path, &room, &e, err);

    if (status == CALL_OK)
        row = whole_trial(s, e, c->now, err);
    entry_clear(&room);
    return status == CALL_OK ? call_answer(r, row, err) : status;
}
