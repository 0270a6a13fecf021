/* service: see service.h. Opening, the table of calls, the transaction.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/service/service.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "launcher/service/budget.h"
#include "launcher/service/calls.h"
#include "launcher/service/lease.h"

#define TOUCH_SECONDS 1.0 /* between two writes of the term's sign of life */

/* ---- opening ---------------------------------------------------------- */

/* What ended a study may be different now (a larger budget), so that is looked at
 * anew; at once, since a host that takes over at the end may hear nobody ask. */
static int begin_serving(struct service *s, double now, struct error *err)
{
    const struct service_options *o = &s->options;

    if (state_write(s, err) < 0 ||
        store_begin_term(s->store, o->host, o->pid, now, &s->term, err) < 0 ||
        store_set_meta(s->store, "study", s->study->name, err) < 0 ||
        (!o->takes_over &&
         (store_set_meta(s->store, "stop", NULL, err) < 0 ||
          store_set_meta(s->store, "pause", NULL, err) < 0)) ||
        store_set_meta(s->store, "end", NULL, err) < 0 ||
        state_load(s, now, err) < 0 || lease_expire(s, now, err) < 0 ||
        enqueue_study_points(s, now, err) < 0 ||
        budget_refresh_end(s, now, err) < 0)
        return -1;
    s->touched = now;
    return service_commit(s, err);
}

int service_open(struct service **out, const struct study *study,
                 struct store *store, const struct service_options *o,
                 double now, struct error *err)
{
    struct service *s = calloc(1, sizeof *s);

    if (!s)
        return error_memory(err);
    s->study = study;
    s->store = store;
    s->options = *o;
    s->term_started = now;
    history_init(&s->history, &study->space, study->objective_count,
                 study->constraint_count);
    if (!o->view &&
        engine_create(&s->engine, &study->space, &study->search, err) < 0)
        goto error;
    if (!o->view && study->stop.regret >= 0 &&
        regret_create(&s->regret, &study->space, study->search.seed) < 0) {
        error_memory(err);
        goto error;
    }
    if ((o->view ? state_load_study(s, err) : begin_serving(s, now, err)) < 0)
        goto error;
    *out = s;
    return 0;
error:
    service_close(s);
    return -1;
}

void service_close(struct service *s)
{
    if (!s)
        return;
    store_rollback(s->store);
    state_clear(s);
    engine_destroy(s->engine);
    regret_destroy(s->regret);
    free(s->workers);
    free(s->stop);
    free(s->pause);
    free(s->end);
    free(s);
}

int64_t service_term(const struct service *s)
{
    return s->term;
}

/* ---- calls ------------------------------------------------------------ */

/* A view has no engine, and reads all trials when they are needed. */
enum need { ENGINE, TRIALS, STORE };

static const struct route {
    const char *method, *path; /* a path that ends in '/' takes one more word */
    call_fn *call;
    enum need needs;
} routes[] = {
    { "POST", "/v1/report", call_report, ENGINE },
    { "POST", "/v1/heartbeat", call_heartbeat, ENGINE },
    { "POST", "/v1/ask", call_ask, ENGINE },
    { "POST", "/v1/tell", call_tell, ENGINE },
    { "POST", "/v1/enqueue", call_enqueue, ENGINE },
    { "POST", "/v1/stop", call_stop, STORE },
    { "POST", "/v1/pause", call_pause, ENGINE },
    { "POST", "/v1/resume", call_resume, ENGINE },
    { "POST", "/v1/retry", call_retry, TRIALS },
    { "POST", "/v1/annotate", call_annotate, TRIALS },
    { "POST", "/v1/import", call_import, TRIALS },
    { "GET", "/v1/study", call_study, STORE },
    { "GET", "/v1/trials", call_trials, TRIALS },
    { "GET", "/v1/trials/", call_trial, STORE },
    { "GET", "/v1/leaderboard", call_leaderboard, STORE },
    { "GET", "/v1/changes", call_changes, STORE },
    { "GET", "/v1/logs/", call_log, STORE },
    { "GET", "/v1/importance", call_importance, TRIALS },
    { "GET", "/metrics", call_metrics, TRIALS },
    { "GET", "/healthz", call_health, STORE },
};

static bool route_matches(const struct route *route, const char *path)
{
    size_t length = strlen(route->path);

    if (route->path[length - 1] != '/')
        return strcmp(route->path, path) == 0;
    return strncmp(route->path, path, length) == 0 && path[length] &&
           !strchr(path + length, '/');
}

static const struct route *find_route(const struct call *c, struct error *err)
{
    const struct route *other = NULL;

    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        if (route_matches(&routes[i], c->path)) {
            if (strcmp(routes[i].method, c->method) == 0)
                return &routes[i];
            other = &routes[i];
        }
    error_set(err, "there is no %s %s", c->method, c->path);
    if (other)
        error_hint(err, "use %s", other->method);
    return NULL;
}

void reply_error(struct reply *r, int status, const struct error *err)
{
    struct tree *body = tree_map(), *inner = tree_map();

    reply_clear(r);
    tree_set_string(inner, "what", err->what);
    tree_set_string(inner, "hint", err->hint);
    tree_set(body, "error", inner);
    r->status = status;
    r->body = body;
}

void reply_clear(struct reply *r)
{
    tree_destroy(r->body);
    free(r->text);
    *r = (struct reply){ 0, NULL, NULL };
}

void service_handle(struct service *s, const struct call *c, struct reply *r)
{
    struct error err = ERROR_INIT;
    const struct route *route = find_route(c, &err);
    int status = CALL_UNKNOWN;

    *r = (struct reply){ 0, NULL, NULL };
    s->counters.requests++;
    if (s->lost) {
        err = s->trouble;
        status = CALL_TROUBLE;
    } else if (route && s->options.view && route->needs == ENGINE) {
        error_set(&err, "no controller is running");
        status = CALL_CONFLICT;
    } else if (route && route->needs == TRIALS && !s->loaded &&
               state_load(s, c->now, &err) < 0) {
        status = CALL_TROUBLE;
    } else if (route) {
        status = route->call(s, c, r, &err);
        if (status == CALL_BAD && err.kind != ERROR_USAGE)
            status = CALL_FAILED; /* memory was out: it may be sent again */
    }
    r->status = status;
    if (status == CALL_OK)
        return;
    s->counters.refused++;
    if (status == CALL_TROUBLE && !s->lost) {
        s->lost = true;
        s->trouble = err;
    }
    reply_error(r, status, &err);
}

/* ---- time ------------------------------------------------------------- */

static int touch(struct service *s, double now, struct error *err)
{
    if (now - s->touched < TOUCH_SECONDS)
        return 0;
    s->touched = now;
    if (state_write(s, err) < 0)
        return -1;
    return store_touch_term(s->store, s->term, now, err);
}

void service_tick(struct service *s, double now)
{
    struct error err = ERROR_INIT;

    if (s->lost)
        return;
    s->stopping = budget_check(s, now, NULL) == BUDGET_STOPPED;
    if (lease_expire(s, now, &err) < 0 ||
        (s->stopping && budget_refresh_end(s, now, &err) < 0) ||
        touch(s, now, &err) < 0) {
        s->lost = true;
        s->trouble = err;
    }
}

bool service_is_over(const struct service *s, double now)
{
    bool told = now - s->term_started > s->options.lease_s;

    if (!s->end || s->history.in_state[TRIAL_RUNNING] > 0)
        return false;
    for (size_t i = 0; i < s->worker_count; i++) {
        const struct worker *w = &s->workers[i];

        if (!w->told && now - w->seen <= s->options.lease_s)
            return false;
        told = told || w->told;
    }
    return told;
}

/* ---- the transaction -------------------------------------------------- */

/* Go back to what is on disk. */
static void undo(struct service *s)
{
    struct error err = ERROR_INIT;

    s->counters.failed_commits++;
    store_rollback(s->store);
    s->lost = state_load(s, clock_steady(), &err) < 0;
    if (s->lost) /* keep refusing; the next commit tries again */
        s->trouble = err;
}

int service_commit(struct service *s, struct error *err)
{
    double started = clock_monotonic();
    struct error why = ERROR_INIT;
    int rc = 0;

    if (s->lost) {
        why = s->trouble;
        rc = -1;
    } else if (s->writing) {
        rc = store_commit(s->store, &why);
    }
    if (s->writing && rc == 0) {
        s->counters.commits++;
        s->counters.commit_s += clock_monotonic() - started;
    }
    if (s->writing || rc < 0)
        s->unstored = why;
    s->writing = false;
    if (rc < 0) {
        undo(s);
        if (err)
            *err = why;
    }
    return rc;
}
