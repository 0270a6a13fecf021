/* trials: a trial's row, its changes of state, its events. See store.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "launcher/store/inside.h"
#include "launcher/store/states.h"
#include "launcher/store/store.h"

void store_trial_init(struct store_trial *t, int64_t number, const char *params,
                      size_t result_count, double now)
{
    memset(t, 0, sizeof *t);
    t->number = number;
    t->state = TRIAL_WAITING;
    t->params = params;
    t->result_count = result_count;
    t->created = now;
    t->ended = t->std = NAN;
    t->step = t->best_step = t->parent = -1;
}

int store_add_trial(struct store *s, const struct store_trial *t,
                    struct error *err)
{
    struct sql_value values[] = {
        sql_int(t->number),   sql_text(trial_state_name(t->state)),
        sql_text(t->params),  sql_int(t->enqueued),
        sql_real(t->created), store_step_value(t->parent),
        sql_text(t->source)
    };
    struct store_event event = { t->created, t->number, "created",
                                 t->enqueued ? "enqueued" : "" };

    if (store_run(s,
                  "INSERT INTO trial (number, state, params, enqueued, "
                  "created, parent, source) VALUES (?, ?, ?, ?, ?, ?, ?)",
                  values, err) < 0)
        return -1;
    return store_add_event(s, &event, err);
}

int store_move_trial(struct store *s, struct store_trial *t,
                     enum trial_state to, double now, const char *detail,
                     struct error *err)
{
    assert(state_may_become(t->state, to));
    assert(t->failures <= t->attempts);
    t->state = to;
    t->ended = state_is_final(to) ? now : (double)NAN;
    if (to != TRIAL_PAUSED)
        t->interrupted = false;
    struct sql_value values[] = { sql_text(trial_state_name(to)),
                                  sql_int(t->interrupted),
                                  store_time_value(t->ended),
                                  sql_real(t->busy_s),
                                  sql_real(t->seconds),
                                  sql_int(t->attempts),
                                  sql_int(t->failures),
                                  sql_text(t->reason),
                                  sql_int(t->number) };
    struct store_event event = { now, t->number, trial_state_name(to), detail };

    if (store_run(s,
                  "UPDATE trial SET state = ?, interrupted = ?, ended = ?, "
                  "busy_s = ?, seconds = ?, attempts = ?, failures = ?, "
                  "reason = ? WHERE number = ?",
                  values, err) < 0)
        return -1;
    return store_add_event(s, &event, err);
}

int store_save_note(struct store *s, const struct store_trial *t,
                    struct error *err)
{
    struct sql_value values[] = { sql_text(t->note), sql_int(t->number) };

    return store_run(s, "UPDATE trial SET note = ? WHERE number = ?", values,
                     err);
}

/* The results of a row: the list where there is one, else the value. */
static int read_results(struct store_trial *t, const char *list, double value,
                        struct error *err)
{
    struct tree *items;

    t->result_count = 1;
    t->known = t->best_step >= 0;
    t->results[0] = value;
    if (!list)
        return 0;
    if (!(items = json_parse(list, strlen(list), "trial.results", err)))
        return -1;
    t->result_count = tree_count(items);
    if (t->result_count > STORE_MAX_RESULTS)
        t->result_count = STORE_MAX_RESULTS;
    t->known = 0;
    for (size_t i = 0; i < t->result_count; i++) {
        t->results[i] = tree_number(tree_at(items, i));
        if (tree_kind(tree_at(items, i)) != TREE_NULL)
            t->known |= 1u << i;
    }
    tree_destroy(items);
    return 0;
}

static int unknown_state(int64_t number, const char *state, struct error *err)
{
    return error_set(err, "trial %jd has the unknown state '%s'",
                     (intmax_t)number, state ? state : "");
}

static int read_row(struct sql_rows *rows, struct store_trial *t,
                    struct error *err)
{
    int state = trial_state_parse(sql_get_text(rows, 1));

    store_trial_init(t, sql_get_int(rows, 0), sql_get_text(rows, 2), 1,
                     sql_get_real(rows, 5));
    if (state < 0)
        return unknown_state(t->number, sql_get_text(rows, 1), err);
    t->state = (enum trial_state)state;
    t->enqueued = sql_get_int(rows, 3) != 0;
    t->interrupted = sql_get_int(rows, 4) != 0;
    t->ended = sql_get_real(rows, 6);
    t->busy_s = sql_get_real(rows, 7);
    t->attempts = sql_get_int(rows, 8);
    t->failures = sql_get_int(rows, 9);
    store_copy_text(t->reason, sizeof t->reason, sql_get_text(rows, 10));
    t->std = sql_get_real(rows, 13);
    t->step = sql_is_null(rows, 14) ? -1 : sql_get_int(rows, 14);
    t->best_step = sql_is_null(rows, 15) ? -1 : sql_get_int(rows, 15);
    t->reports = sql_get_int(rows, 16);
    t->seconds = sql_get_real(rows, 17);
    t->last_report = sql_get_int(rows, 18);
    t->parent = sql_is_null(rows, 19) ? -1 : sql_get_int(rows, 19);
    store_copy_text(t->note, sizeof t->note, sql_get_text(rows, 20));
    store_copy_text(t->source, sizeof t->source, sql_get_text(rows, 21));
    t->best_report = sql_get_int(rows, 22);
    return read_results(t, sql_get_text(rows, 12), sql_get_real(rows, 11), err);
}

#define COLUMNS                                                              \
    "number, state, params, enqueued, interrupted, created, ended, busy_s, " \
    "attempts, failures, reason, value, results, std, step, best_step, "     \
    "reports, seconds, last_report, parent, note, source, best_report"

static int each_row(struct sql_rows *rows,
                    int (*read)(struct sql_rows *rows, struct store_trial *t,
                                struct error *err),
                    store_trial_fn *each, void *context, struct error *err)
{
    struct store_trial t;
    int rc, found = 0;

    if (!rows)
        return -1;
    store_trial_init(&t, 0, NULL, 1, NAN);
    while ((rc = sql_next(rows, err)) > 0) {
        found = 1;
        if (read(rows, &t, err) < 0 || each(context, &t, err) < 0) {
            rc = -1;
            break;
        }
    }
    sql_end(rows);
    return rc < 0 ? -1 : found;
}

int store_read_trials(struct store *s, store_trial_fn *each, void *context,
                      struct error *err)
{
    struct sql_rows *rows = sql_ask(
        s->sql, "SELECT " COLUMNS " FROM trial ORDER BY number", NULL, 0, err);

    return each_row(rows, read_row, each, context, err) < 0 ? -1 : 0;
}

int store_read_trial(struct store *s, int64_t number, store_trial_fn *each,
                     void *context, struct error *err)
{
    struct sql_value values[] = { sql_int(number) };
    struct sql_rows *rows = store_ask(
        s, "SELECT " COLUMNS " FROM trial WHERE number = ?", values, err);

    return each_row(rows, read_row, each, context, err);
}

static int read_place(struct sql_rows *rows, struct store_trial *t,
                      struct error *err)
{
    int state = trial_state_parse(sql_get_text(rows, 1));

    t->number = sql_get_int(rows, 0);
    if (state < 0)
        return unknown_state(t->number, sql_get_text(rows, 1), err);
    t->state = (enum trial_state)state;
    t->best_step = sql_is_null(rows, 4) ? -1 : sql_get_int(rows, 4);
    t->reports = sql_get_int(rows, 5);
    t->seconds = sql_get_real(rows, 6);
    t->busy_s = sql_get_real(rows, 7);
    t->ended = sql_get_real(rows, 8);
    t->source[0] = sql_get_int(rows, 9) ? '?' : '\0';
    t->std = sql_get_real(rows, 10);
    return read_results(t, sql_get_text(rows, 3), sql_get_real(rows, 2), err);
}

int store_scan_trials(struct store *s, store_trial_fn *each, void *context,
                      struct error *err)
{
    struct sql_rows *rows =
        sql_ask(s->sql,
                "SELECT number, state, value, results, best_step, reports, "
                "seconds, busy_s, ended, source <> '', std FROM trial ORDER "
                "BY number",
                NULL, 0, err);

    return each_row(rows, read_place, each, context, err) < 0 ? -1 : 0;
}

/* ---- events ----------------------------------------------------------- */

int store_add_event(struct store *s, const struct store_event *e,
                    struct error *err)
{
    struct sql_value values[] = { sql_real(e->time), store_step_value(e->trial),
                                  sql_text(e->kind), sql_text(e->detail) };

    return store_run(s,
                     "INSERT INTO event (time, trial, kind, detail) "
                     "VALUES (?, ?, ?, ?)",
                     values, err);
}

int store_read_events(struct store *s, int64_t trial, store_event_fn *each,
                      void *context, struct error *err)
{
    struct sql_value values[] = { store_step_value(trial) };
    struct sql_rows *rows = store_ask(
        s, "SELECT time, kind, detail FROM event WHERE trial IS ? ORDER BY id",
        values, err);
    int rc;

    if (!rows)
        return -1;
    while ((rc = sql_next(rows, err)) > 0) {
        struct store_event e = { sql_get_real(rows, 0), trial,
                                 sql_get_text(rows, 1), sql_get_text(rows, 2) };

        if (each(context, &e, err) < 0) {
            rc = -1;
            break;
        }
    }
    sql_end(rows);
    return rc;
}
