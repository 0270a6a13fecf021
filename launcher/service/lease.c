/* lease: see lease.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/service/lease.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"

static int make_token(char token[STORE_LEASE_BYTES], struct error *err)
{
    unsigned char secret[(STORE_LEASE_BYTES - 1) / 2];

    if (random_secret(secret, sizeof secret) < 0)
        return error_errno(err, "cannot get random numbers from the system");
    for (size_t i = 0; i < sizeof secret; i++)
        snprintf(token + 2 * i, 3, "%02x", secret[i]);
    return 0;
}

int lease_begin(struct service *s, struct entry *e, const char *worker,
                double now, struct error *err)
{
    struct store_attempt *a = &e->attempt;

    memset(a, 0, sizeof *a);
    a->trial = e->row.number;
    a->number = ++e->row.attempts;
    snprintf(a->worker, sizeof a->worker, "%s", worker);
    a->started = now;
    a->ended = NAN;
    e->seen = now;
    e->decision = DECISION_CONTINUE;
    e->step_count = 0;
    e->row.reason[0] = '\0';
    if (make_token(a->lease, err) < 0 || state_write(s, err) < 0 ||
        store_save_attempt(s->store, a, err) < 0)
        return -1;
    return state_move(s, e, TRIAL_RUNNING, now, worker, err);
}

struct entry *lease_of(struct service *s, const char *worker)
{
    for (size_t i = 0; i < s->history.count; i++)
        if (s->entries[i].row.state == TRIAL_RUNNING &&
            strcmp(s->entries[i].attempt.worker, worker) == 0)
            return &s->entries[i];
    return NULL;
}

/* ---- ending ----------------------------------------------------------- */

static const struct {
    enum trial_state state; /* what the trial becomes */
    bool failure; /* counts; the trial waits until it failed too often */
} ends[] = {
    [OUTCOME_COMPLETE] = { TRIAL_COMPLETE, false },
    [OUTCOME_PRUNED] = { TRIAL_PRUNED, false },
    [OUTCOME_PAUSED] = { TRIAL_PAUSED, false },
    [OUTCOME_INTERRUPTED] = { TRIAL_PAUSED, false },
    [OUTCOME_FAILED] = { TRIAL_WAITING, true },
    [OUTCOME_INVALID] = { TRIAL_FAILED, true },
    [OUTCOME_LOST] = { TRIAL_WAITING, true },
};

/* What becomes of a trial whose attempt ends so. The pruner's decision holds
 * also when the attempt ended before it was carried out. */
static enum trial_state next_state(const struct service *s,
                                   const struct entry *e, enum outcome outcome)
{
    if (e->decision == DECISION_PRUNE && outcome != OUTCOME_COMPLETE)
        return TRIAL_PRUNED;
    return ends[outcome].failure && e->row.failures >= s->study->attempts
               ? TRIAL_FAILED
               : ends[outcome].state;
}

int lease_end(struct service *s, struct entry *e, enum outcome outcome,
              const char *reason, double when, struct error *err)
{
    struct store_attempt *a = &e->attempt;
    bool never = outcome == OUTCOME_COMPLETE && !(e->row.known & 1);
    char words[STORE_REASON_BYTES];

    assert(e->row.state == TRIAL_RUNNING && isnan(a->ended));
    snprintf(words, sizeof words, "%s", reason);
    if (never) { /* it would do the same again */
        snprintf(words, sizeof words, "ended without ever reporting %s",
                 s->study->objectives[0].metric);
        outcome = OUTCOME_FAILED;
    }
    e->row.failures += ends[outcome].failure;
    enum trial_state to = never ? TRIAL_FAILED : next_state(s, e, outcome);
    /* a pause that the pruner did not ask for is the study's end: go on first */
    e->row.interrupted = to == TRIAL_PAUSED && e->decision != DECISION_PAUSE;
    e->row.busy_s += fmax(0, when - a->started);
    e->row.seconds = e->row.busy_s;
    snprintf(e->row.reason, sizeof e->row.reason, "%s", words);
    a->ended = fmax(when, a->started);
    snprintf(a->outcome, sizeof a->outcome, "%s", outcome_names[outcome]);
    snprintf(a->reason, sizeof a->reason, "%s", words);
    if (state_write(s, err) < 0 || store_save_attempt(s->store, a, err) < 0)
        return -1;
    return state_move(s, e, to, when, words, err);
}

int lease_revive(struct service *s, struct entry *e, double now,
                 struct error *err)
{
    struct store_attempt *a = &e->attempt;

    if (e->row.state != TRIAL_WAITING ||
        strcmp(a->outcome, outcome_names[OUTCOME_LOST]) != 0)
        return 0;
    e->row.failures--;
    e->row.busy_s -= a->ended - a->started;
    e->row.reason[0] = a->outcome[0] = a->reason[0] = '\0';
    a->ended = NAN;
    e->seen = now;
    if (state_write(s, err) < 0 || store_save_attempt(s->store, a, err) < 0 ||
        state_move(s, e, TRIAL_RUNNING, now, "its worker came back", err) < 0)
        return -1;
    return 1;
}

/* ---- time ------------------------------------------------------------- */

static bool is_dead(const struct service *s, const struct entry *e)
{
    return s->options.worker_is_dead &&
           s->options.worker_is_dead(e->attempt.worker);
}

static int lose(struct service *s, struct entry *e, const char *reason,
                struct error *err)
{
    s->counters.lost++;
    return lease_end(s, e, OUTCOME_LOST, reason, e->seen, err);
}

/* A worker that was never heard in this term fell with the controller before:
 * that is no failure of its trial. */
static int bury(struct service *s, struct entry *e, double now,
                struct error *err)
{
    char reason[STORE_REASON_BYTES];

    if (e->attempt.started < s->term_started && e->seen <= s->term_started)
        return lease_end(s, e, OUTCOME_INTERRUPTED,
                         "its worker and the controller died",
                         isnan(s->last_seen) ? now : s->last_seen, err);
    snprintf(reason, sizeof reason, "worker %.80s died", e->attempt.worker);
    return lose(s, e, reason, err);
}

int lease_expire(struct service *s, double now, struct error *err)
{
    for (size_t i = 0; i < s->history.count; i++) {
        struct entry *e = &s->entries[i];
        char reason[STORE_REASON_BYTES];
        int rc = 0;

        if (e->row.state != TRIAL_RUNNING)
            continue;
        if (is_dead(s, e)) {
            rc = bury(s, e, now, err);
        } else if (now - e->seen > s->options.lease_s) {
            snprintf(reason, sizeof reason,
                     "worker %.80s was silent for %.0f s", e->attempt.worker,
                     now - e->seen);
            rc = lose(s, e, reason, err);
        }
        if (rc < 0)
            return -1;
    }
    return 0;
}
