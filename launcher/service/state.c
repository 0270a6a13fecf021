/* state: see state.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/service/state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

/* ---- reading back ----------------------------------------------------- */

static struct entry *entry_add(struct service *s, const double *x,
                               const struct store_trial *row, struct error *err)
{
    struct entry *e;

    if (s->history.count == s->entry_capacity) {
        size_t capacity = s->entry_capacity ? 2 * s->entry_capacity : 64;
        struct entry *more = realloc(s->entries, capacity * sizeof *more);

        if (!more) {
            error_memory(err);
            return NULL;
        }
        s->entries = more;
        s->entry_capacity = capacity;
    }
    e = &s->entries[s->history.count];
    memset(e, 0, sizeof *e);
    if (history_add(&s->history, x) < 0) {
        error_memory(err);
        return NULL;
    }
    e->row = *row;
    e->row.params = NULL; /* the point says it */
    e->row.result_count = results_count(s->study);
    s->history.trials[row->number].in_queue_first = row->enqueued;
    s->history.trials[row->number].parent = row->parent;
    return e;
}

static int trial_is_missing(int64_t number, struct error *err)
{
    return error_set(err, "trial %jd is missing from the store",
                     (intmax_t)number);
}

static int load_trial(void *context, const struct store_trial *row,
                      struct error *err)
{
    struct service *s = context;
    double *x = NULL;
    struct tree *params;
    int rc = -1;

    params = json_parse(row->params, strlen(row->params), "study.db", err);
    if (!params)
        return -1;
    x = calloc(s->study->space.count + 1, sizeof *x);
    if (!x) {
        error_memory(err);
        goto out;
    }
    if (row->number != (int64_t)s->history.count) {
        trial_is_missing((int64_t)s->history.count, err);
        goto out;
    }
    if (space_point_from_tree(&s->study->space, params, false, "study.db", x,
                              err) < 0) {
        error_prefix(err, "trial %jd", (intmax_t)row->number);
        goto out;
    }
    s->imported += *row->source != '\0';
    if (entry_add(s, x, row, err))
        rc = 0;
out:
    free(x);
    tree_destroy(params);
    return rc;
}

static int load_attempt(void *context, const struct store_attempt *a,
                        struct error *err)
{
    struct entry *e = state_find(context, a->trial);

    if (!e)
        return error_set(err, "an attempt of trial %jd, which does not exist",
                         (intmax_t)a->trial);
    e->attempt = *a;
    int decision = decision_parse(a->decision); /* -1 for "" */
    e->decision = decision < 0 ? DECISION_CONTINUE : (enum decision)decision;
    return 0;
}

static int load_report(void *context, const struct store_report *r,
                       struct error *err)
{
    struct service *s = context;
    struct entry *e = state_find(s, r->trial);

    if (!e)
        return error_set(err, "a report of trial %jd, which does not exist",
                         (intmax_t)r->trial);
    if (r->attempt == e->attempt.number && state_note_step(e, r->step) < 0)
        return error_memory(err);
    if (r->has_value &&
        history_report(&s->history, r->trial, r->step,
                       results_loss(s->study, 0, r->value), r->seconds) < 0)
        return error_memory(err);
    return 0;
}

int state_load_study(struct service *s, struct error *err)
{
    double ignored;

    free(s->stop);
    free(s->pause);
    free(s->end);
    s->stop = s->pause = s->end = NULL;
    if (store_get_meta(s->store, "stop", &s->stop, err) < 0 ||
        store_get_meta(s->store, "pause", &s->pause, err) < 0 ||
        store_get_meta(s->store, "end", &s->end, err) < 0 ||
        store_elapsed(s->store, 0, &ignored, &s->first_started, &ignored, err) <
            0)
        return -1;
    return store_elapsed(s->store, s->options.view ? 0 : 1, &s->elapsed_before,
                         &ignored, &s->last_seen, err);
}

int state_load(struct service *s, double now, struct error *err)
{
    state_clear(s);
    s->exhausted = 0;
    s->imported = 0;
    history_init(&s->history, &s->study->space, s->study->objective_count,
                 s->study->constraint_count);
    s->history.maximize = s->study->objectives[0].maximize;
    if (state_load_study(s, err) < 0 ||
        store_read_trials(s->store, load_trial, s, err) < 0 ||
        store_read_attempts(s->store, -1, load_attempt, s, err) < 0)
        return -1;
    if (!s->options.view &&
        store_read_reports(s->store, load_report, s, err) < 0)
        return -1;
    for (size_t i = 0; i < s->history.count; i++) {
        struct entry *e = &s->entries[i];

        e->seen = now;
        history_set_state(&s->history, e->row.number, e->row.state);
        state_finish(s, e);
    }
    s->loaded = true;
    return 0;
}

void entry_clear(struct entry *e)
{
    free(e->steps);
    free(e->metrics);
    free(e->params);
}

void state_clear(struct service *s)
{
    for (size_t i = 0; i < s->history.count; i++)
        entry_clear(&s->entries[i]);
    s->loaded = false;
    history_clear(&s->history);
    free(s->entries);
    s->entries = NULL;
    s->entry_capacity = 0;
}

/* ---- changes ---------------------------------------------------------- */

int state_write(struct service *s, struct error *err)
{
    if (s->writing)
        return 0;
    if (store_begin(s->store, err) < 0)
        return -1;
    s->writing = true;
    return 0;
}

/* Add the trial of 'row' at 'x'; its number and parameters are filled in. */
static struct entry *add_row(struct service *s, const double *x,
                             struct store_trial *row, struct error *err)
{
    struct tree *params = space_point_to_tree(&s->study->space, x);
    struct entry *e = NULL;
    struct text json = TEXT_INIT;

    json_format(params, &json);
    if (!params || json.failed) {
        error_memory(err);
        goto out;
    }
    row->params = text_get(&json);
    if (state_write(s, err) == 0 && store_add_trial(s->store, row, err) == 0)
        e = entry_add(s, x, row, err);
out:
    text_clear(&json);
    tree_destroy(params);
    return e;
}

struct entry *state_add(struct service *s, const double *x, int64_t parent,
                        bool enqueued, double now, struct error *err)
{
    struct store_trial row;

    store_trial_init(&row, (int64_t)s->history.count, NULL,
                     results_count(s->study), now);
    row.enqueued = enqueued;
    row.parent = parent;
    return add_row(s, x, &row, err);
}

struct entry *state_add_imported(struct service *s, const double *x,
                                 const char *source, double now,
                                 struct error *err)
{
    struct store_trial row;

    store_trial_init(&row, (int64_t)s->history.count, NULL,
                     results_count(s->study), now);
    snprintf(row.source, sizeof row.source, "%s", source);
    s->imported++;
    return add_row(s, x, &row, err);
}

int state_move(struct service *s, struct entry *e, enum trial_state to,
               double now, const char *detail, struct error *err)
{
    if (state_write(s, err) < 0 ||
        store_move_trial(s->store, &e->row, to, now, detail, err) < 0)
        return -1;
    history_set_state(&s->history, e->row.number, to);
    state_finish(s, e);
    return 0;
}

int state_reopen(struct service *s, struct error *err)
{
    if (!s->end)
        return 0;
    if (state_write(s, err) < 0 ||
        store_set_meta(s->store, "end", NULL, err) < 0)
        return -1;
    free(s->end);
    s->end = NULL;
    return 0;
}

int state_decide(struct service *s, struct entry *e, enum decision decision,
                 struct error *err)
{
    if (decision == DECISION_CONTINUE)
        return 0;
    e->decision = decision;
    snprintf(e->attempt.decision, sizeof e->attempt.decision, "%s",
             decision_name(decision));
    return store_save_attempt(s->store, &e->attempt, err);
}

void state_finish(struct service *s, const struct entry *e)
{
    double losses[STUDY_MAX_OBJECTIVES], constraints[STUDY_MAX_CONSTRAINTS];

    if (e->row.state != TRIAL_COMPLETE && e->row.state != TRIAL_PRUNED)
        return;
    results_losses(s->study, &e->row, losses);
    results_constraints(s->study, &e->row, constraints);
    history_finish(&s->history, e->row.number, losses,
                   s->study->constraint_count ? constraints : NULL);
}

/* ---- steps ------------------------------------------------------------ */

/* Where 'step' is or belongs; nearly always at the end. */
static size_t step_place(const struct entry *e, int64_t step)
{
    size_t i = e->step_count;

    while (i > 0 && e->steps[i - 1] >= step)
        i--;
    return i;
}

bool state_has_step(const struct entry *e, int64_t step)
{
    size_t i = step_place(e, step);

    return i < e->step_count && e->steps[i] == step;
}

int state_note_step(struct entry *e, int64_t step)
{
    size_t i = step_place(e, step);

    if (i < e->step_count && e->steps[i] == step)
        return 1;
    if (e->step_count == e->step_capacity) {
        size_t capacity = e->step_capacity ? 2 * e->step_capacity : 8;
        int64_t *more = realloc(e->steps, capacity * sizeof *more);

        if (!more)
            return -1;
        e->steps = more;
        e->step_capacity = capacity;
    }
    memmove(&e->steps[i + 1], &e->steps[i],
            (e->step_count - i) * sizeof *e->steps);
    e->steps[i] = step;
    e->step_count++;
    return 0;
}

/* ---- questions -------------------------------------------------------- */

struct entry *state_find(struct service *s, int64_t number)
{
    return number >= 0 && number < (int64_t)s->history.count
               ? &s->entries[number]
               : NULL;
}

struct scan {
    results_fn *each;
    void *context;
    int64_t next;
};

/* Who held a running trial when the last controller ended is old: its time is
 * that of its reports. */
static int scan_trial(void *context, const struct store_trial *row,
                      struct error *err)
{
    struct scan *scan = context;
    bool running = row->state == TRIAL_RUNNING;

    if (row->number != scan->next)
        return trial_is_missing(scan->next, err);
    scan->next++;
    return scan->each(scan->context, row, running ? row->seconds : row->busy_s,
                      err);
}

int state_each(struct service *s, double now, results_fn *each, void *context,
               struct error *err)
{
    struct scan scan = { each, context, 0 };

    if (!s->loaded)
        return store_scan_trials(s->store, scan_trial, &scan, err);
    for (size_t i = 0; i < s->history.count; i++)
        if (each(context, &s->entries[i].row, state_busy(&s->entries[i], now),
                 err) < 0)
            return -1;
    return 0;
}

static int take_trial(void *context, const struct store_trial *row,
                      struct error *err)
{
    struct entry *e = context;

    e->row = *row;
    e->row.params = NULL;
    e->params = text_copy(row->params);
    return e->params ? 0 : error_memory(err);
}

int state_see(struct service *s, int64_t number, struct entry *room,
              struct entry **e, struct error *err)
{
    memset(room, 0, sizeof *room);
    *e = s->loaded ? state_find(s, number) : room;
    if (s->loaded)
        return *e != NULL;
    return store_read_trial(s->store, number, take_trial, room, err);
}

double state_busy(const struct entry *e, double now)
{
    return e->row.state == TRIAL_RUNNING
               ? e->row.busy_s + fmax(0, now - e->attempt.started)
               : e->row.busy_s;
}

double state_total_busy(const struct service *s, double now)
{
    double sum = 0;

    for (size_t i = 0; i < s->history.count; i++)
        sum += state_busy(&s->entries[i], now);
    return sum;
}

double state_elapsed(const struct service *s, double now)
{
    return s->elapsed_before +
           (s->options.view ? 0 : fmax(0, now - s->term_started));
}

const struct entry *state_best(const struct service *s)
{
    const struct entry *best = NULL;

    for (size_t i = 0; i < s->history.count; i++) {
        const struct entry *e = &s->entries[i];

        if (!best || results_compare(s->study, &e->row, &best->row) < 0)
            best = e;
    }
    return best && results_may_win(s->study, &best->row) ? best : NULL;
}
