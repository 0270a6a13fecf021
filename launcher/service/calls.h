/* calls: one function a call of the API; see docs/api.md.
 *
 * Each returns the HTTP status. 200: 'r' has the reply. 400, 404, 409: 'err'
 * says what is wrong and nothing was changed. 503: the store could not be read
 * or written, and what has been changed is to be undone.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SERVICE_CALLS_H
#define LAUNCHER_SERVICE_CALLS_H

#include "launcher/service/state.h"

enum {
    CALL_OK = 200,
    CALL_BAD = 400,
    CALL_UNKNOWN = 404,
    CALL_CONFLICT = 409,
    CALL_TROUBLE = 503
};

typedef int call_fn(struct service *s, const struct call *c, struct reply *r,
                    struct error *err);

call_fn call_ask, call_stop, call_enqueue;      /* ask.c */
call_fn call_report, call_heartbeat, call_tell; /* progress.c */
call_fn call_study, call_trials, call_trial;    /* views.c */
call_fn call_leaderboard, call_metrics, call_health;

/* The study's own enqueued points, the first time it is served (ask.c). */
int enqueue_study_points(struct service *s, double now, struct error *err);

/* Give 'body' (stolen) as the reply; out of memory is a 503. */
int call_answer(struct reply *r, struct tree *body, struct error *err);

#endif
