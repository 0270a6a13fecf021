/* verify: whether a study's store holds all it must, after whatever happened to
 * the processes that wrote it.
 *
 *     verify RUN ACKS TRIALS [whole]
 *
 * ACKS has a line for each thing a client was told is stored: "report TRIAL
 * ATTEMPT STEP VALUE" or "ended TRIAL STATE". Beside the store's own
 * invariants 1 to 8 (store.h):
 *   9   every acknowledged report is there, once, with its value
 *   10  states only move along the table (states.h): a trial is never handed
 *       out while it runs
 *   11  no more trials than the study may have (TRIALS); with 'whole', so many,
 *       each at its end
 *   12  a trial told to have ended stays so
 * Prints the first that does not hold; exit status 1. The store must be held
 * by nobody.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "launcher/store/states.h"
#include "launcher/store/store.h"

struct report {
    int64_t trial, attempt, step;
    double value;
};

struct check {
    struct store *store;
    struct report *reports; /* sorted */
    size_t count, capacity;
    enum trial_state *states; /* by trial */
    int64_t trials;
};

/* ---- reading the store ------------------------------------------------ */

static int keep_report(void *context, const struct store_report *r,
                       struct error *err)
{
    struct check *c = context;

    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? 2 * c->capacity : 1024;
        struct report *more =
            realloc(c->reports, capacity * sizeof *c->reports);

        if (!more)
            return error_memory(err);
        c->reports = more;
        c->capacity = capacity;
    }
    c->reports[c->count++] =
        (struct report){ r->trial, r->attempt, r->step, r->value };
    return 0;
}

static int keep_state(void *context, const struct store_trial *t,
                      struct error *err)
{
    struct check *c = context;
    enum trial_state *more =
        realloc(c->states, (size_t)(t->number + 1) * sizeof *more);

    if (!more)
        return error_memory(err);
    c->states = more;
    c->states[t->number] = t->state;
    c->trials = t->number + 1;
    return 0;
}

static int compare(const void *left, const void *right)
{
    const struct report *a = left, *b = right;

    if (a->trial != b->trial)
        return a->trial < b->trial ? -1 : 1;
    if (a->attempt != b->attempt)
        return a->attempt < b->attempt ? -1 : 1;
    return (a->step > b->step) - (a->step < b->step);
}

/* ---- the invariants --------------------------------------------------- */

static int check_once(const struct check *c, struct error *err)
{
    for (size_t i = 1; i < c->count; i++)
        if (compare(&c->reports[i - 1], &c->reports[i]) == 0)
            return error_set(err,
                             "9: trial %" PRId64 " has step %" PRId64
                             " twice in attempt %" PRId64,
                             c->reports[i].trial, c->reports[i].step,
                             c->reports[i].attempt);
    return 0;
}

static int check_report(const struct check *c, const struct report *acked,
                        struct error *err)
{
    const struct report *r =
        bsearch(acked, c->reports, c->count, sizeof *c->reports, compare);

    if (r && r->value >= acked->value && r->value <= acked->value)
        return 0;
    return error_set(err,
                     "9: of trial %" PRId64 ", attempt %" PRId64
                     ", step %" PRId64 " %s",
                     acked->trial, acked->attempt, acked->step,
                     r ? "has another value" : "was acknowledged and is lost");
}

static int check_end(const struct check *c, int64_t trial, const char *name,
                     struct error *err)
{
    if (trial < c->trials && (int)c->states[trial] == trial_state_parse(name))
        return 0;
    return error_set(err, "12: trial %" PRId64 " was %s and is it no more",
                     trial, name);
}

static int check_acks(const struct check *c, const char *text,
                      struct error *err)
{
    struct report r;
    char state[16];
    int rc = 0;

    for (; rc == 0 && *text; text += strcspn(text, "\n") + 1)
        if (sscanf(text, "report %" SCNd64 " %" SCNd64 " %" SCNd64 " %lf",
                   &r.trial, &r.attempt, &r.step, &r.value) == 4)
            rc = check_report(c, &r, err);
        else if (sscanf(text, "ended %" SCNd64 " %15s", &r.trial, state) == 2)
            rc = check_end(c, r.trial, state, err);
        else
            rc =
                error_set(err, "no such line of acknowledgements: %.40s", text);
    return rc;
}

struct path {
    int64_t trial;
    enum trial_state state;
};

static int follow(void *context, const struct store_event *e, struct error *err)
{
    struct path *p = context;
    int to = trial_state_parse(e->kind);

    if (to < 0)
        return 0; /* an event of another kind */
    if (!state_may_become(p->state, (enum trial_state)to))
        return error_set(err, "10: trial %" PRId64 " went from %s to %s",
                         p->trial, trial_state_name(p->state), e->kind);
    p->state = (enum trial_state)to;
    return 0;
}

static int check_paths(const struct check *c, struct error *err)
{
    for (int64_t i = 0; i < c->trials; i++) {
        struct path p = { i, TRIAL_WAITING };

        if (store_read_events(c->store, i, follow, &p, err) < 0)
            return -1;
        if (p.state != c->states[i])
            return error_set(err, "10: trial %" PRId64 " is %s without a way",
                             i, trial_state_name(c->states[i]));
    }
    return 0;
}

static int check_budget(const struct check *c, int64_t trials, bool whole,
                        struct error *err)
{
    if (c->trials > trials || (whole && c->trials < trials))
        return error_set(err, "11: %" PRId64 " trials of %" PRId64, c->trials,
                         trials);
    for (int64_t i = 0; whole && i < c->trials; i++)
        if (!state_is_final(c->states[i]))
            return error_set(err, "11: trial %" PRId64 " is %s", i,
                             trial_state_name(c->states[i]));
    return 0;
}

static int verify(struct check *c, char **argv, bool whole, struct error *err)
{
    char *path = file_join(argv[1], "study.db"), *acks = NULL;
    struct store_options o = { .path = path, .view = true };
    size_t size;
    int rc = -1;

    if ((c->store = store_open(&o, err)) && store_verify(c->store, err) == 0 &&
        store_read_trials(c->store, keep_state, c, err) == 0 &&
        store_read_reports(c->store, keep_report, c, err) == 0 &&
        file_read(argv[2], SIZE_MAX / 2, &acks, &size, err) == 0) {
        if (c->count > 0)
            qsort(c->reports, c->count, sizeof *c->reports, compare);
        rc = check_once(c, err) < 0 || check_acks(c, acks, err) < 0 ||
                     check_paths(c, err) < 0 ||
                     check_budget(c, strtoll(argv[3], NULL, 10), whole, err) < 0
                 ? -1
                 : 0;
    }
    free(acks);
    free(path);
    return rc;
}

int main(int argc, char **argv)
{
    struct error err = ERROR_INIT;
    struct check c = { 0 };
    int status = 0;

    if (argc < 4) {
        fputs("usage: verify RUN ACKS TRIALS [whole]\n", stderr);
        return 2;
    }
    if (verify(&c, argv, argc > 4, &err) < 0)
        status = error_print(&err, "verify");
    store_close(c.store);
    free(c.reports);
    free(c.states);
    return status;
}
