/* calls: one function a call of the API; see docs/api.md.
 *
 * Each returns the HTTP status. 200: 'r' has the reply. 400, 404, 409: 'err'
 * says what is wrong and nothing was changed; a 400 whose 'err' is not of the
 * kind USAGE is no fault of the sender's and becomes a 500. 503: the store could
 * not be read or written, and what has been changed is to be undone.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SERVICE_CALLS_H
#define LAUNCHER_SERVICE_CALLS_H

#include "launcher/service/state.h"

enum {
    CALL_OK = 200,
    CALL_BAD = 400,
    CALL_UNKNOWN = 404,
    CALL_CONFLICT = 409,
    CALL_FAILED = 500,
    CALL_TROUBLE = 503
};

typedef int call_fn(struct service *s, const struct call *c, struct reply *r,
                    struct error *err);

call_fn call_ask, call_enqueue; /* ask.c */
call_fn call_stop, call_pause, call_resume, call_retry,
    call_annotate;                                 /* control.c */
call_fn call_import;                               /* import.c */
call_fn call_report, call_heartbeat, call_tell;    /* progress.c */
call_fn call_trials, call_trial, call_leaderboard; /* views.c */
call_fn call_study;                                /* summary.c */
call_fn call_metrics, call_health;                 /* metrics.c */
call_fn call_changes;                              /* changes.c */
call_fn call_log;                                  /* log.c */
call_fn call_importance;                           /* importance.c */

/* Take one report of running 'e', made after 'seconds' of work; one that is
 * known already does nothing. 'judged': the pruner is asked (progress.c). */
int take_report(struct service *s, struct entry *e, const struct report *report,
                double seconds, bool judged, struct error *err);

/* The study's own enqueued points, the first time it is served (ask.c). */
int enqueue_study_points(struct service *s, double now, struct error *err);

/* ROW (views.c) and SUMMARY (summary.c) of docs/api.md. A part that could not
 * be read leaves a tree that is not ok, and 'err'. */
struct tree *view_row(struct service *s, struct entry *e, double now,
                      struct error *err);
struct tally;
struct tree *view_summary(struct service *s, const struct tally *tally,
                          double now);

/* The trial whose number ends a path ("/v1/trials/7"), as state_see() has it
 * (views.c). Returns CALL_OK, or another status with 'err'; the caller clears
 * 'room' in either case. The other says that there is none, and returns -1. */
int call_see(struct service *s, const char *path, struct entry *room,
             struct entry **e, struct error *err);
int call_no_trial(int64_t number, struct error *err);

/* Small values of replies: null where it is NAN, not known; or negative. */
void view_set_known(struct tree *map, const char *key, double value);
struct tree *view_step(int64_t step);

/* Give 'body' (stolen) as the reply; out of memory is a 503. */
int call_answer(struct reply *r, struct tree *body, struct error *err);

#endif
