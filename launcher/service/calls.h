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

call_fn call_ask, call_enqueue;                 /* ask.c */
call_fn call_stop, call_retry, call_annotate;   /* control.c */
call_fn call_import;                            /* import.c */
call_fn call_report, call_heartbeat, call_tell; /* progress.c */
call_fn call_study, call_trials, call_trial;    /* views.c */
call_fn call_leaderboard, call_metrics, call_health;
call_fn call_changes;    /* changes.c */
call_fn call_log;        /* log.c */
call_fn call_importance; /* importance.c */

/* Take one report of running 'e', made after 'seconds' of work; one that is
 * known already does nothing. 'judged': the pruner is asked (progress.c). */
int take_report(struct service *s, struct entry *e, const struct report *report,
                double seconds, bool judged, struct error *err);

/* The study's own enqueued points, the first time it is served (ask.c). */
int enqueue_study_points(struct service *s, double now, struct error *err);

/* ROW and SUMMARY of docs/api.md (views.c). A part that could not be read
 * leaves a tree that is not ok, and 'err'. */
struct tree *view_row(struct service *s, struct entry *e, double now,
                      struct error *err);
struct tree *view_summary(const struct service *s, double now);

/* Give 'body' (stolen) as the reply; out of memory is a 503. */
int call_answer(struct reply *r, struct tree *body, struct error *err);

#endif
