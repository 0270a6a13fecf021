/* ask: what a free worker is to do; and adding to it.
 *
 * Handed out, in this order: a trial that waits (enqueued, or to be tried
 * again), one that was interrupted, what the search engine suggests.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "launcher/service/budget.h"
#include "launcher/service/calls.h"
#include "launcher/service/lease.h"

#define WAIT_SECONDS 1.0

/* ---- workers ---------------------------------------------------------- */

static struct worker *worker_note(struct service *s, const char *name,
                                  double now, struct error *err)
{
    struct worker *w;

    for (size_t i = 0; i < s->worker_count; i++)
        if (strcmp(s->workers[i].name, name) == 0) {
            s->workers[i].seen = now;
            return &s->workers[i];
        }
    if (s->worker_count == s->worker_capacity) {
        size_t capacity = s->worker_capacity ? 2 * s->worker_capacity : 16;

        w = realloc(s->workers, capacity * sizeof *w);
        if (!w) {
            error_memory(err);
            return NULL;
        }
        s->workers = w;
        s->worker_capacity = capacity;
    }
    w = &s->workers[s->worker_count++];
    memset(w, 0, sizeof *w);
    memcpy(w->name, name, strlen(name) + 1); /* fits: the caller looked */
    w->seen = now;
    return w;
}

/* ---- points ----------------------------------------------------------- */

/* Let the sampler fill in what 'x' leaves open. */
static int complete_point(struct service *s, double *x, struct error *err)
{
    struct suggestion suggestion = { .x = x };
    double *kept;

    if (space_contains(&s->study->space, x))
        return 0;
    kept = calloc(s->study->space.count + 1, sizeof *kept);
    if (!kept)
        return error_memory(err);
    memcpy(kept, x, s->study->space.count * sizeof *kept);
    if (engine_suggest(s->engine, &s->history, 1, &suggestion, err) < 0) {
        free(kept);
        return -1;
    }
    if (suggestion.kind != SUGGEST_NEW)
        memcpy(x, kept, s->study->space.count * sizeof *kept);
    space_repair(&s->study->space, x);
    free(kept);
    return 0;
}

int enqueue_study_points(struct service *s, double now, struct error *err)
{
    size_t width = s->study->space.count;
    double *x = NULL;
    char *done = NULL;
    int rc = -1;

    if (store_get_meta(s->store, "enqueued", &done, err) < 0)
        return -1;
    x = calloc(width + 1, sizeof *x);
    if (!x) {
        error_memory(err);
        goto out;
    }
    for (size_t i = 0; !done && i < s->study->enqueue_count; i++) {
        memcpy(x, s->study->enqueue + i * width, width * sizeof *x);
        if (complete_point(s, x, err) < 0 ||
            !state_add(s, x, -1, true, now, err))
            goto out;
    }
    rc = done ? 0 : state_write(s, err);
    if (rc == 0 && !done)
        rc = store_set_meta(s->store, "enqueued", "yes", err);
out:
    free(x);
    free(done);
    return rc;
}

/* ---- choosing --------------------------------------------------------- */

static struct entry *first_waiting(struct service *s)
{
    struct entry *interrupted = NULL;

    if (s->history.in_state[TRIAL_WAITING] +
            s->history.in_state[TRIAL_PAUSED] ==
        0)
        return NULL;
    for (size_t i = 0; i < s->history.count; i++) {
        struct entry *e = &s->entries[i];

        if (e->row.state == TRIAL_WAITING)
            return e;
        if (!interrupted && e->row.state == TRIAL_PAUSED && e->row.interrupted)
            interrupted = e;
    }
    return interrupted;
}

/* What the engine suggests: '*chosen' is NULL when there is nothing now. */
static int ask_engine(struct service *s, double now, struct entry **chosen,
                      struct error *err)
{
    struct suggestion suggestion = { .kind = SUGGEST_WAIT };
    double *x = calloc(s->study->space.count + 1, sizeof *x);
    int rc = -1;

    if (!x)
        return error_memory(err);
    for (size_t i = 0; i < s->study->space.count; i++)
        x[i] = NAN;
    suggestion.x = x;
    if (engine_suggest(s->engine, &s->history, 0, &suggestion, err) < 0)
        goto out;
    rc = 0;
    if (suggestion.kind == SUGGEST_RESUME)
        *chosen = state_find(s, suggestion.trial);
    else if (suggestion.kind == SUGGEST_NEW)
        rc = (*chosen = state_add(s, x, suggestion.parent, false, now, err))
                 ? 0
                 : -1;
    else if (suggestion.kind == SUGGEST_EXHAUSTED)
        s->exhausted = s->history.version + 1;
out:
    free(x);
    return rc;
}

static int choose(struct service *s, double now, struct entry **chosen,
                  struct error *err)
{
    enum budget budget = budget_check(s, now, NULL);

    *chosen = s->pause || budget == BUDGET_STOPPED ? NULL : first_waiting(s);
    if (*chosen || s->pause || budget >= BUDGET_DRAIN)
        return 0;
    if (budget == BUDGET_OPEN)
        return ask_engine(s, now, chosen, err);
    *chosen = state_find(s, engine_promote(s->engine, &s->history));
    return 0;
}

/* ---- replies ---------------------------------------------------------- */

static void set_folder(struct tree *t, const char *key, const struct service *s,
                       int64_t number)
{
    struct text folder = TEXT_INIT;

    text_format(&folder, "%s/trials/%05jd", s->options.run, (intmax_t)number);
    tree_set_text(t, key, &folder);
}

static struct tree *trial_reply(const struct service *s, const struct entry *e)
{
    struct tree *t = tree_map();

    tree_set_string(t, "kind", "trial");
    tree_set_int(t, "trial", e->row.number);
    tree_set_int(t, "attempt", e->attempt.number);
    tree_set_string(t, "lease", e->attempt.lease);
    tree_set_float(t, "lease_s", s->options.lease_s);
    tree_set(t, "params",
             space_point_to_tree(&s->study->space,
                                 s->history.trials[e->row.number].x));
    set_folder(t, "folder", s, e->row.number);
    if (e->row.parent >= 0)
        set_folder(t, "init_from", s, e->row.parent);
    tree_set_int(t, "last_step", e->row.step < 0 ? 0 : e->row.step);
    return t;
}

static struct tree *idle_reply(const struct service *s)
{
    struct tree *t = tree_map();

    tree_set_string(t, "kind", s->end ? "done" : "wait");
    if (s->end)
        tree_set_string(t, "reason", s->end);
    else
        tree_set_float(t, "seconds", WAIT_SECONDS);
    return t;
}

int call_ask(struct service *s, const struct call *c, struct reply *r,
             struct error *err)
{
    const char *name = "";
    struct entry *e;
    struct worker *w;
    struct reader reader;

    reader_open(&reader, c->body, "request", "", err);
    reader_allow_unknown(&reader);
    reader_need(&reader, "worker");
    reader_string(&reader, "worker", &name);
    if (strlen(name) >= STORE_WORKER_BYTES)
        reader_fail(&reader, "worker", "longer than %d characters",
                    STORE_WORKER_BYTES - 1);
    if (reader_close(&reader) < 0)
        return CALL_BAD;
    if (!(w = worker_note(s, name, c->now, err)))
        return CALL_TROUBLE;
    if ((e = lease_of(s, name))) { /* the reply was lost: once more */
        e->seen = c->now;
        return call_answer(r, trial_reply(s, e), err);
    }
    if (!s->end && choose(s, c->now, &e, err) < 0)
        return CALL_TROUBLE;
    if (e && lease_begin(s, e, name, c->now, err) < 0)
        return CALL_TROUBLE;
    if (!e && budget_refresh_end(s, c->now, err) < 0)
        return CALL_TROUBLE;
    w->told = !e && s->end;
    return call_answer(r, e ? trial_reply(s, e) : idle_reply(s), err);
}

/* ---- adding a trial ---------------------------------------------------- */

int call_enqueue(struct service *s, const struct call *c, struct reply *r,
                 struct error *err)
{
    const struct tree *params = tree_get(c->body, "params");
    double *x = calloc(s->study->space.count + 1, sizeof *x);
    struct entry *e;
    struct tree *body;
    int status = CALL_TROUBLE;

    if (!x) {
        error_memory(err);
        goto out;
    }
    if (tree_kind(params) != TREE_MAP) {
        error_usage(err, "params: %s",
                    params ? "expected a map of parameters" : "missing");
        status = CALL_BAD;
        goto out;
    }
    if (space_point_from_tree(&s->study->space, params, true, "params", x,
                              err) < 0) {
        status = CALL_BAD;
        goto out;
    }
    if (complete_point(s, x, err) < 0 ||
        !(e = state_add(s, x, -1, true, c->now, err)))
        goto out;
    if (state_reopen(s, err) < 0)
        goto out;
    body = tree_map();
    tree_set_int(body, "trial", e->row.number);
    status = call_answer(r, body, err);
out:
    free(x);
    return status;
}
