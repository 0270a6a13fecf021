/* desk: a service over a store of the test's own and a clock of its own, spoken
 * to in JSON with ' for ".
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_LAUNCHER_SERVICE_DESK_H
#define TESTS_UNIT_LAUNCHER_SERVICE_DESK_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "launcher/service/service.h"

#define DESK_STUDY                                  \
    "study: desk\n"                                 \
    "objective: {metric: v, direction: maximize}\n" \
    "space:\n"                                      \
    "  x: {type: float, low: 0, high: 1}\n"         \
    "  n: {type: int, low: 1, high: 9}\n"           \
    "trainer: {command: [\"true\"]}\n"
#define DESK_LEASE_SECONDS 30

struct desk {
    struct study *study;
    struct store *store;
    struct service *service;
    bool (*worker_is_dead)(const char *worker);
    bool view; /* what desk_restart() opens */
    double now;
    struct tree *reply; /* of the last call */
    int status;
    struct error err; /* of the last commit */
};

static inline void desk_serve(struct desk *d)
{
    struct service_options o = { .run = "/runs/desk",
                                 .lease_s = DESK_LEASE_SECONDS,
                                 .view = d->view,
                                 .host = "desk",
                                 .pid = 1,
                                 .worker_is_dead = d->worker_is_dead };

    if (service_open(&d->service, d->study, d->store, &o, d->now, &d->err) < 0)
        fail_msg("%s", d->err.what);
}

/* Serve DESK_STUDY with some lines added; a quota in bytes, or 0. */
static inline void desk_open(struct desk *d, const char *lines,
                             int64_t max_bytes)
{
    struct store_options o = { .path = ":memory:", .max_bytes = max_bytes };
    char *text = text_print("%s%s", DESK_STUDY, lines);

    *d = (struct desk){ .now = 1000 };
    d->study = study_parse(text, strlen(text), "desk.yaml", &d->err);
    if (!d->study)
        fail_msg("%s: %s", d->err.where, d->err.what);
    d->store = store_open(&o, &d->err);
    if (!d->store)
        fail_msg("%s", d->err.what);
    desk_serve(d);
    free(text);
}

static inline void desk_close(struct desk *d)
{
    if (store_verify(d->store, &d->err) < 0)
        fail_msg("%s", d->err.what);
    service_close(d->service);
    store_close(d->store);
    study_destroy(d->study);
    tree_destroy(d->reply);
}

/* Another controller takes over the same store. */
static inline void desk_restart(struct desk *d)
{
    service_close(d->service);
    desk_serve(d);
}

/* One call and its commit; the status is 503 when that fails. */
static inline int desk_call(struct desk *d, const char *method,
                            const char *path, const struct tree *body)
{
    char *copy = text_copy(path), *query = strchr(copy, '?');
    struct call c = { method, copy, query ? query + 1 : "", body, d->now };
    struct reply r;

    if (query)
        *query = '\0';
    service_handle(d->service, &c, &r);
    tree_destroy(d->reply);
    d->reply = r.body;
    d->status = r.status;
    free(r.text);
    if (service_commit(d->service, &d->err) < 0)
        d->status = 503;
    free(copy);
    return d->status;
}

static inline int desk_get(struct desk *d, const char *path)
{
    return desk_call(d, "GET", path, NULL);
}

__attribute__((format(printf, 3, 4))) static inline int desk_post(
    struct desk *d, const char *path, const char *format, ...)
{
    struct text json = TEXT_INIT;
    struct tree *body;
    va_list args;
    int status;

    va_start(args, format);
    text_vformat(&json, format, args);
    va_end(args);
    for (char *c = json.data; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    body = json_parse(json.data, json.size, "test", &d->err);
    if (!body)
        fail_msg("%s: %s", json.data, d->err.what);
    status = desk_call(d, "POST", path, body);
    tree_destroy(body);
    text_clear(&json);
    return status;
}

/* Let the clock go on. */
static inline void desk_wait(struct desk *d, double seconds)
{
    d->now += seconds;
    service_tick(d->service, d->now);
    assert_int_equal(service_commit(d->service, &d->err), 0);
}

/* A field of the last reply, by a dotted path. */
static inline const char *desk_text(const struct desk *d, const char *path)
{
    return tree_text(tree_find(d->reply, path));
}

static inline double desk_number(const struct desk *d, const char *path)
{
    return tree_number(tree_find(d->reply, path));
}

/* A field of a trial's row. */
static inline const char *desk_trial_text(struct desk *d, int64_t trial,
                                          const char *field)
{
    char path[64];

    snprintf(path, sizeof path, "/v1/trials/%jd", (intmax_t)trial);
    assert_int_equal(desk_get(d, path), 200);
    return desk_text(d, field);
}

static inline double desk_trial_number(struct desk *d, int64_t trial,
                                       const char *field)
{
    desk_trial_text(d, trial, field);
    return desk_number(d, field);
}

struct handout {
    int64_t trial, attempt, last_step; /* 'trial' is -1 when there was none */
    char lease[64];
};

static inline struct handout desk_ask(struct desk *d, const char *worker)
{
    struct handout h = { .trial = -1 };

    assert_int_equal(desk_post(d, "/v1/ask", "{'worker': '%s'}", worker), 200);
    if (strcmp(desk_text(d, "kind"), "trial") == 0) {
        h.trial = tree_integer(tree_get(d->reply, "trial"));
        h.attempt = tree_integer(tree_get(d->reply, "attempt"));
        h.last_step = tree_integer(tree_get(d->reply, "last_step"));
        snprintf(h.lease, sizeof h.lease, "%s", desk_text(d, "lease"));
    }
    return h;
}

static inline int desk_report(struct desk *d, const struct handout *h, int step,
                              const char *value)
{
    return desk_post(d, "/v1/report",
                     "{'trial': %jd, 'attempt': %jd, 'lease': '%s', "
                     "'step': %d, 'metrics': {'v': %s}}",
                     (intmax_t)h->trial, (intmax_t)h->attempt, h->lease, step,
                     value);
}

static inline int desk_tell(struct desk *d, const struct handout *h,
                            const char *outcome)
{
    return desk_post(d, "/v1/tell",
                     "{'trial': %jd, 'attempt': %jd, 'lease': '%s', "
                     "'outcome': '%s', 'reason': 'so it was told'}",
                     (intmax_t)h->trial, (intmax_t)h->attempt, h->lease,
                     outcome);
}

#endif
