/* store: all that is known of one study, in one SQLite file held by one
 * process.
 *
 * Order: store_open(), then reads, and writes between store_begin() and
 * store_commit(); what a commit returned from is on disk. After a write that
 * failed, store_rollback() and try again later. Nothing is kept in memory but
 * the file's own cache.
 *
 * What holds in every committed state (store_verify() asks):
 *   1  a running trial has exactly one attempt without an end, its last one
 *   2  a trial that does not run has no attempt without an end
 *   3  a trial has an end time exactly when it is complete, pruned or failed
 *   4  a trial's attempts are numbered 1.. without a gap, its row counts them
 *   5  no more failures than attempts
 *   6  a trial has a best step exactly when it has a value, and it is no later
 *      than the last step; its best report is its own and of that step
 *   7  a trial's last report is its own and the newest; its row counts them
 *   8  trials are numbered 0.. without a gap
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_STORE_STORE_H
#define LAUNCHER_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "search/history.h"

enum {
    STORE_MAX_RESULTS = 16, /* objectives and constraints of a study */
    STORE_REASON_BYTES = 256,
    STORE_LEASE_BYTES = 33,
    STORE_WORKER_BYTES = 128
};

struct store;

struct store_options {
    const char *path; /* "runs/x/study.db"; ":memory:" keeps nothing */
    const char *run;  /* "runs/x", which says who may hold it; or NULL */
    bool view; /* must exist; a file that cannot be written is read as it is */
    int64_t max_bytes; /* a quota, 0 for none */
    double patience_s; /* how long to wait for another holder */
};

/* Open, or make unless 'view'. Returns the store, which the caller closes, or
 * NULL with 'err': held by another process (which), damaged, of a newer
 * format, a folder that cannot be written, ... */
struct store *store_open(const struct store_options *o, struct error *err);
void store_close(struct store *s);

/* One transaction at a time. Returns 0, or -1 with 'err'. store_rollback()
 * may be called without a transaction. */
int store_begin(struct store *s, struct error *err);
int store_commit(struct store *s, struct error *err);
void store_rollback(struct store *s);

/* Whether another process has opened it meanwhile, locks or not (fence.h):
 * nothing can be committed any more. */
bool store_fenced(const struct store *s);

/* Check the numbered invariants. Returns 0, or -1 with 'err' naming the first
 * that does not hold and a trial. */
int store_verify(struct store *s, struct error *err);

/* ---- the study -------------------------------------------------------- */

/* A word about the study under a key. '*value' is a new string, NULL when the
 * key is not there. A NULL 'value' to set removes the key. */
int store_get_meta(struct store *s, const char *key, char **value,
                   struct error *err);
int store_set_meta(struct store *s, const char *key, const char *value,
                   struct error *err);

/* A controller begins its term; '*term' counts them from 1. Then, with each
 * transaction or so, the term's last sign of life. */
int store_begin_term(struct store *s, const char *host, int64_t pid, double now,
                     int64_t *term, struct error *err);
int store_touch_term(struct store *s, int64_t term, double now,
                     struct error *err);

/* Of all terms but the last 'skip' ones: seconds in total, when the first
 * began and when the last wrote (NAN when there are none). */
int store_elapsed(struct store *s, int64_t skip, double *seconds,
                  double *started, double *seen, struct error *err);

/* ---- trials ----------------------------------------------------------- */

struct store_trial {
    int64_t number;
    enum trial_state state;
    const char *params;              /* JSON; borrowed */
    bool enqueued;                   /* by a person */
    int64_t parent;                  /* began from its checkpoint; -1: none */
    char note[STORE_REASON_BYTES];   /* a person's word on it, or "" */
    char source[STORE_REASON_BYTES]; /* the run it was imported from, or "" */
    bool interrupted; /* paused from outside: to be handed out early */
    double created;   /* when; 'ended' is NAN until it did */
    double ended;
    double busy_s; /* of attempts that ended */
    int64_t attempts, failures;
    char reason[STORE_REASON_BYTES];

    /* What the reports add up to. Bit i of 'known': results[i] was reported.
     * Steps are -1 and reports' ids 0 where there is none, 'std' is NAN. */
    double results[STORE_MAX_RESULTS];
    uint32_t averaged[STORE_MAX_RESULTS]; /* values in each, where it is a mean;
                                             not stored */
    size_t result_count;
    uint32_t known;
    double std;
    int64_t step, best_step, reports, last_report;
    int64_t best_report; /* the newest of the best step */
    double seconds;      /* of work, up to the last report or the end */
};

/* A trial that has just been made: WAITING, nothing reported. */
void store_trial_init(struct store_trial *t, int64_t number, const char *params,
                      size_t result_count, double now);

/* Insert it. */
int store_add_trial(struct store *s, const struct store_trial *t,
                    struct error *err);

/* Write 't' and put it into state 'to', with an event 'detail' (may be "").
 * A change that is not legal is a bug of the caller's. */
int store_move_trial(struct store *s, struct store_trial *t,
                     enum trial_state to, double now, const char *detail,
                     struct error *err);

/* Write t->note. */
int store_save_note(struct store *s, const struct store_trial *t,
                    struct error *err);

/* Read every trial by number; 'each' returns -1 with 'err' to stop. */
typedef int store_trial_fn(void *context, const struct store_trial *t,
                           struct error *err);
int store_read_trials(struct store *s, store_trial_fn *each, void *context,
                      struct error *err);

/* The same, but only what a trial's place among the others rests on is read:
 * number, state, results, std, best_step, reports, seconds, busy_s, ended, and
 * 'source' as far as it is "" or not. Takes a third of the time. */
int store_scan_trials(struct store *s, store_trial_fn *each, void *context,
                      struct error *err);

/* Read one. Returns 1 when it is there, 0, or -1 with 'err'. */
int store_read_trial(struct store *s, int64_t number, store_trial_fn *each,
                     void *context, struct error *err);

/* ---- attempts --------------------------------------------------------- */

struct store_attempt {
    int64_t trial, number;
    char worker[STORE_WORKER_BYTES], lease[STORE_LEASE_BYTES];
    double started, ended; /* 'ended' is NAN until it did */
    char outcome[16], reason[STORE_REASON_BYTES]; /* "" until it ended */
    char decision[16]; /* the pruner's: "prune", "pause", or "" */
};

/* Insert, or write the end (or, with 'ended' NAN again, the reopening). */
int store_save_attempt(struct store *s, const struct store_attempt *a,
                       struct error *err);

/* Read the attempts of 'trial', or the last one of every trial when it is -1. */
typedef int store_attempt_fn(void *context, const struct store_attempt *a,
                             struct error *err);
int store_read_attempts(struct store *s, int64_t trial, store_attempt_fn *each,
                        void *context, struct error *err);

/* ---- reports and events ----------------------------------------------- */

struct store_report {
    int64_t id, trial, attempt, step;
    double seconds;
    bool has_value;
    double value;        /* of the first objective */
    const char *metrics; /* JSON; borrowed */
};

/* Append 'r' and write what 't' now adds up to; sets r->id, t->last_report,
 * t->reports and, when 'r' is of t->best_step, t->best_report. */
int store_add_report(struct store *s, struct store_trial *t,
                     struct store_report *r, struct error *err);

/* Write what 't' adds up to, without a new report. */
int store_save_progress(struct store *s, const struct store_trial *t,
                        struct error *err);

/* Read every report in the order they came ('metrics' NULL); or those of one
 * trial, newest first, from its 'last_report' on. */
typedef int store_report_fn(void *context, const struct store_report *r,
                            struct error *err);
int store_read_reports(struct store *s, store_report_fn *each, void *context,
                       struct error *err);
int store_read_curve(struct store *s, int64_t last_report,
                     store_report_fn *each, void *context, struct error *err);

/* The metrics of one report as a new string, NULL when there is none. */
int store_get_metrics(struct store *s, int64_t id, char **metrics,
                      struct error *err);

struct store_event {
    double time;
    int64_t trial; /* -1: the study */
    const char *kind, *detail;
};

int store_add_event(struct store *s, const struct store_event *e,
                    struct error *err);
typedef int store_event_fn(void *context, const struct store_event *e,
                           struct error *err);
int store_read_events(struct store *s, int64_t trial, store_event_fn *each,
                      void *context, struct error *err);

#endif
