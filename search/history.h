/* history: every trial of a study as the search engine sees it.
 *
 * The store's rows, held in memory by the controller and filled by its events
 * in their stored order; the simulator and tests fill it by hand. Values are
 * losses: the objective with its sign turned so that lower is better; NaN
 * results are kept as +INFINITY (the worst).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_HISTORY_H
#define SEARCH_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "search/space.h"

/* The states of a trial; legal changes are a table in launcher/store. */
enum trial_state {
    TRIAL_WAITING,  /* made, not handed out (enqueued, or to be tried again) */
    TRIAL_RUNNING,  /* under a live lease */
    TRIAL_PAUSED,   /* stopped with a checkpoint, may go on */
    TRIAL_COMPLETE, /* ended by itself */
    TRIAL_PRUNED,   /* ended by the pruner */
    TRIAL_FAILED    /* all attempts failed */
};
enum { TRIAL_STATES = 6 };

/* "waiting", "running", ...; and back (-1 when it is none). */
const char *trial_state_name(enum trial_state state);
int trial_state_parse(const char *name);

/* One intermediate value. */
struct observation {
    int64_t step;
    double loss;    /* objective 0, lower is better */
    double seconds; /* since the trial began, over all attempts; NAN unknown */
};

struct trial {
    enum trial_state state;
    double *x;                 /* the point; owned by the history */
    double *losses;            /* one an objective; NAN until it ended */
    double *constraints;       /* <= 0 feasible; NULL until it ended, or when
                                  there are none; lies behind the losses */
    struct observation *curve; /* by step, no step twice */
    size_t curve_count, curve_capacity;
    bool in_queue_first;  /* enqueued by a person */
    int64_t parent;       /* began from this trial's checkpoint; or -1 */
    uint64_t changed;     /* history's version at its last change */
    int64_t newer, older; /* neighbours in the order of last change, or -1 */
};

/* A trial's number is its index. */
struct history {
    const struct space *space; /* borrowed */
    size_t objective_count, constraint_count;
    bool maximize; /* losses of objective 0 are values with the sign turned; set
                      by the caller (false) */
    struct trial *trials;
    size_t count, capacity;
    size_t in_state[TRIAL_STATES]; /* how many trials are in each */
    uint64_t version;              /* grows at each change */
    int64_t newest;                /* the trial changed last, or -1 */
    uint64_t identity;             /* no two histories of a process share it */
};

/* An empty history over 'space', which it borrows. history_clear() frees the
 * trials and leaves an empty history, which may be used again. */
void history_init(struct history *h, const struct space *space,
                  size_t objective_count, size_t constraint_count);
void history_clear(struct history *h);

/* A new trial at point 'x' (copied; complete: see space_contains()), WAITING.
 * Its parent, -1, is the caller's to set. Returns its number, or -1 when out of
 * memory. */
int64_t history_add(struct history *h, const double *x);

/* Put a trial into a state (the caller keeps to the table). */
void history_set_state(struct history *h, int64_t number,
                       enum trial_state state);

/* An intermediate value; a step already there is replaced. Returns 0 or -1
 * when out of memory. */
int history_report(struct history *h, int64_t number, int64_t step, double loss,
                   double seconds);

/* The final losses (objective_count of them) and constraints (may be NULL). */
void history_finish(struct history *h, int64_t number, const double *losses,
                    const double *constraints);

/* How many observations of a trial's curve stand at 'step' or before. */
size_t trial_observed_by(const struct trial *t, int64_t step);

/* The lowest loss of a trial's curve up to 'step' (INT64_MAX: all); NAN when
 * none was reported by then. */
double trial_best_loss(const struct trial *t, int64_t step);

/* By how much a trial breaks its constraints in sum; 0 when it keeps to them,
 * or nothing is known yet. */
double trial_violation(const struct history *h, const struct trial *t);

/* The last step reported, or -1. */
int64_t trial_last_step(const struct trial *t);

/* What a cache has seen of a history; start with HISTORY_CURSOR_INIT. */
struct history_cursor {
    uint64_t identity, version, seen;
    int64_t next;
};
#define HISTORY_CURSOR_INIT \
    {                       \
        0, 0, 0, -1         \
    }

/* Begin to catch up. Returns true when 'h' is not the history followed so far:
 * the cache forgets everything, and all trials count as changed. */
bool history_follow(struct history_cursor *c, const struct history *h);

/* The next trial that changed since the last catch-up, newest first, or -1
 * when there is none left. Each is named once, however often it changed. */
int64_t history_next(struct history_cursor *c, const struct history *h);

/* Forget what was seen, after a catch-up that failed. */
void history_unfollow(struct history_cursor *c);

#endif
