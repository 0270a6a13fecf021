/* state: the trials of a study in memory, in step with the store.
 *
 * Shared by the files that make up the service, seen by nobody else. Each
 * change goes through a function here that writes to the store and changes the
 * memory, in that order; on -1 the transaction is lost and service_commit()
 * reads everything back.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SERVICE_STATE_H
#define LAUNCHER_SERVICE_STATE_H

#include "base/report.h"
#include "base/text.h"
#include "launcher/results/results.h"
#include "launcher/service/service.h"
#include "search/engine.h"
#include "search/models/regret.h"

/* A trial, beside the history's: same index. */
struct entry {
    struct store_trial row;
    struct store_attempt attempt; /* the last one; number 0: none yet */
    double seen;                  /* when its worker was last heard */
    enum decision decision;       /* the pruner's; stays once not "continue" */
    int64_t *steps; /* reported by this attempt, ascending; owned */
    size_t step_count, step_capacity;
    char *metrics; /* of the best step, JSON; owned; NULL: not read yet */
    char *params;  /* JSON; owned; NULL: the history has its point */
};

/* A worker that asked. */
struct worker {
    char name[STORE_WORKER_BYTES];
    double seen;
    bool told; /* that the study is done */
};

/* Since this controller started. */
struct counters {
    int64_t requests, refused, stale, lost, commits, failed_commits;
    double commit_s;
};

struct service {
    const struct study *study;
    struct store *store;
    struct service_options options;
    struct engine *engine; /* NULL in a view */
    struct regret *regret; /* NULL: the study does not end by it */
    bool loaded;           /* the trials are in memory; always, but in a view */
    struct history history;
    struct entry *entries; /* history.count of them */
    size_t entry_capacity;
    int64_t imported; /* of them; they do not count in the budget */
    struct worker *workers;
    size_t worker_count, worker_capacity;
    int64_t term;
    double term_started;   /* this controller's start */
    double elapsed_before; /* of the terms before */
    double first_started;  /* of the first term; NAN: never */
    double last_seen;      /* of the terms before; NAN: none */
    double touched;        /* when the term was last written */
    char *stop;            /* why a person stopped it, or NULL; owned */
    char *pause;           /* why nothing is handed out, or NULL; owned */
    char *end;             /* why it has ended, or NULL; owned */
    bool stopping;         /* the budget asks running trials to pause */
    uint64_t exhausted;    /* history version + 1 when the space was */
    bool writing;          /* a transaction is open */
    bool lost;             /* it cannot be committed: 'trouble' */
    struct error trouble;
    struct error unstored; /* why the last commit failed, or ERROR_NONE */
    struct counters counters;
};

/* Read what is known of the study as a whole anew; all trials, too. */
int state_load_study(struct service *s, struct error *err);
int state_load(struct service *s, double now, struct error *err);
void state_clear(struct service *s);

/* Open the transaction unless one is. */
int state_write(struct service *s, struct error *err);

/* A new waiting trial at 'x', with a parent or -1; NULL with 'err'. */
struct entry *state_add(struct service *s, const double *x, int64_t parent,
                        bool enqueued, double now, struct error *err);

/* The same of a trial that comes from another run. */
struct entry *state_add_imported(struct service *s, const double *x,
                                 const char *source, double now,
                                 struct error *err);

/* Into another state, a legal one. */
int state_move(struct service *s, struct entry *e, enum trial_state to,
               double now, const char *detail, struct error *err);

/* Tell the history what an ended trial came to. */
void state_finish(struct service *s, const struct entry *e);

/* There is work again: the study has not ended, if it had. */
int state_reopen(struct service *s, struct error *err);

/* Note what the pruner decided about the present attempt. */
int state_decide(struct service *s, struct entry *e, enum decision decision,
                 struct error *err);

/* The trial with this number, or NULL. */
struct entry *state_find(struct service *s, int64_t number);

/* The trials by number, in memory or, unless loaded, as store_scan_trials() has
 * them. */
int state_each(struct service *s, double now, results_fn *each, void *context,
               struct error *err);

/* A trial to be looked at: '*e' is the one in memory or, unless loaded, 'room'
 * with what the store has. The caller clears 'room' in either case. Returns 1,
 * 0 when there is none, or -1 with 'err'. */
int state_see(struct service *s, int64_t number, struct entry *room,
              struct entry **e, struct error *err);
void entry_clear(struct entry *e);

/* Note that 'step' was reported by the present attempt. Returns 1 when it was
 * already, 0, or -1 when out of memory. */
int state_note_step(struct entry *e, int64_t step);
bool state_has_step(const struct entry *e, int64_t step);

/* Seconds a trial has been worked on, and all of them; seconds the study has
 * been served. */
double state_busy(const struct entry *e, double now);
double state_total_busy(const struct service *s, double now);
double state_elapsed(const struct service *s, double now);

/* The best trial; NULL when there is none. */
const struct entry *state_best(const struct service *s);

#endif
