/* simulate: see simulate.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/simulate/simulate.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/results/results.h"
#include "search/engine.h"
#include "search/models/regret.h"

/* So many failures without a success among them, and no trial will do. */
enum { HOPELESS_FAILURES = 1000 };

/* A trial, beside the history's: same index. */
struct track {
    struct recording recording;
    bool asked;  /* the recording is there */
    size_t next; /* the row to be reported next */
    struct store_trial row;
};

/* A worker; 'trial' is -1 while it waits. */
struct slot {
    int64_t trial;
    double next; /* when its trial's next row is reported, or its end */
};

struct simulation {
    const struct study *study;
    const struct simulate_options *o;
    struct engine *engine;
    struct regret *regret; /* NULL: the study does not end by it */
    struct history history;
    struct track *tracks; /* history.count of them */
    size_t track_capacity;
    struct slot *slots;
    size_t waiting; /* slots without a trial */
    double now;
    int64_t reports, resumed, failures;
    int64_t best_trial, ended_since_best;
    double best_loss, best_value;
    double *x; /* of a suggestion */
};

/* ---- trials ------------------------------------------------------------- */

/* A new waiting trial at 's->x'. Returns its number, or -1 with 'err'. */
static int64_t add_trial(struct simulation *s, int64_t parent,
                         struct error *err)
{
    size_t count = s->history.count;

    if (count == s->track_capacity) {
        size_t capacity = count ? 2 * count : 64;
        struct track *more = realloc(s->tracks, capacity * sizeof *more);

        if (!more)
            return error_memory(err);
        s->tracks = more;
        s->track_capacity = capacity;
    }
    s->tracks[count] = (struct track){ .next = 0 };
    store_trial_init(&s->tracks[count].row, (int64_t)count, NULL,
                     results_count(s->study), s->now);
    int64_t number = history_add(&s->history, s->x);

    if (number < 0)
        return error_memory(err);
    s->history.trials[number].parent = parent;
    return number;
}

/* What the live service does when a trial changes its state. */
static void move_trial(struct simulation *s, int64_t number,
                       enum trial_state to)
{
    double losses[STUDY_MAX_OBJECTIVES], constraints[STUDY_MAX_CONSTRAINTS];
    struct store_trial *row = &s->tracks[number].row;

    row->state = to;
    history_set_state(&s->history, number, to);
    if (to == TRIAL_COMPLETE || to == TRIAL_PRUNED) {
        results_losses(s->study, row, losses);
        results_constraints(s->study, row, constraints);
        history_finish(&s->history, number, losses,
                       s->study->constraint_count ? constraints : NULL);
    }
    if (to >= TRIAL_COMPLETE) {
        recording_clear(&s->tracks[number].recording);
        s->ended_since_best++;
    }
    if (to >= TRIAL_COMPLETE && number == s->best_trial)
        s->ended_since_best = 0;
}

/* A trial with a parent begins from its checkpoint: the first row is the one at
 * the parent's last step, which it reports once more. Its curve is that of its
 * own parameters from the beginning on: no recording knows of changed ones. */
static void skip_to_parent(const struct simulation *s, int64_t number)
{
    const struct trial *trial = &s->history.trials[number];
    struct track *t = &s->tracks[number];

    if (trial->parent < 0)
        return;
    int64_t step = trial_last_step(&s->history.trials[trial->parent]);
    while (t->next + 1 < t->recording.count &&
           t->recording.rows[t->next].step < step)
        t->next++;
}

/* Ask what the trial will report. Returns 0, or -1 with 'err'. */
static int record(struct simulation *s, int64_t number, struct error *err)
{
    struct track *t = &s->tracks[number];
    struct tree *params;
    int rc;

    if (t->asked)
        return 0;
    params = space_point_to_tree(&s->study->space, s->history.trials[number].x);
    if (!params)
        return error_memory(err);
    rc = s->o->record(s->o->context, params, &t->recording, err);
    t->asked = rc == 0;
    if (rc == 0)
        skip_to_parent(s, number);
    if (rc < 0)
        error_prefix(err, "trial %jd", (intmax_t)number);
    tree_destroy(params);
    return rc;
}

/* ---- what a free worker does -------------------------------------------- */

static bool may_begin(const struct simulation *s)
{
    return (int64_t)s->history.count < s->o->trials;
}

/* The points the study wants to see first. */
static int enqueue(struct simulation *s, struct error *err)
{
    size_t width = s->study->space.count;

    for (size_t i = 0; i < s->study->enqueue_count; i++) {
        struct suggestion suggestion = { .x = s->x };

        memcpy(s->x, s->study->enqueue + i * width, width * sizeof *s->x);
        if (!space_contains(&s->study->space, s->x)) {
            if (engine_suggest(s->engine, &s->history, 1, &suggestion, err))
                return -1;
            if (suggestion.kind != SUGGEST_NEW)
                memcpy(s->x, s->study->enqueue + i * width,
                       width * sizeof *s->x);
            space_repair(&s->study->space, s->x);
        }
        if (add_trial(s, -1, err) < 0)
            return -1;
        s->history.trials[i].in_queue_first = true;
    }
    return 0;
}

/* The trial to go on with, or '*number' -1 when there is none now. */
static int choose(struct simulation *s, int64_t *number, struct error *err)
{
    struct suggestion suggestion = { .kind = SUGGEST_WAIT, .x = s->x };

    *number = -1;
    if (s->history.in_state[TRIAL_WAITING] > 0) {
        for (*number = 0; s->history.trials[*number].state != TRIAL_WAITING;
             ++*number)
            ;
        return 0;
    }
    if (s->ended_since_best >= s->o->no_improvement)
        return 0;
    if (s->regret && regret_is_low(s->regret, &s->history, s->o->regret))
        return 0;
    if (!may_begin(s)) {
        *number = engine_promote(s->engine, &s->history);
        return 0;
    }
    for (size_t i = 0; i < s->study->space.count; i++)
        s->x[i] = NAN;
    if (engine_suggest(s->engine, &s->history, 0, &suggestion, err))
        return -1;
    if (suggestion.kind == SUGGEST_RESUME)
        *number = suggestion.trial;
    else if (suggestion.kind == SUGGEST_NEW)
        *number = add_trial(s, suggestion.parent, err);
    return suggestion.kind == SUGGEST_NEW && *number < 0 ? -1 : 0;
}

/* The seconds of a trial up to its row 'i'. */
static double seconds_before(const struct recording *r, size_t i)
{
    return i > 0 ? r->rows[i - 1].seconds : 0;
}

static void begin(struct simulation *s, struct slot *slot, int64_t number)
{
    struct track *t = &s->tracks[number];
    const struct recording *r = &t->recording;

    s->resumed += t->row.step >= 0;
    move_trial(s, number, TRIAL_RUNNING);
    slot->trial = number;
    slot->next = s->now;
    if (t->next < r->count)
        slot->next += r->rows[t->next].seconds - seconds_before(r, t->next);
    s->waiting--;
}

/* Give the free worker a trial, if there is one for it. */
static int assign(struct simulation *s, struct slot *slot, struct error *err)
{
    int64_t number;

    for (;;) {
        if (choose(s, &number, err))
            return -1;
        if (number < 0)
            return 0;
        if (record(s, number, err))
            return -1;
        if (!s->tracks[number].recording.failed)
            break;
        move_trial(s, number, TRIAL_RUNNING);
        move_trial(s, number, TRIAL_FAILED);
        if (++s->failures >= HOPELESS_FAILURES)
            return error_set(err, "the last %d trials failed",
                             HOPELESS_FAILURES);
    }
    s->failures = 0;
    begin(s, slot, number);
    return 0;
}

/* ---- reports ------------------------------------------------------------ */

static bool feasible(const struct study *study, const struct recorded *row,
                     const double *values)
{
    for (size_t i = 0; i < study->constraint_count; i++) {
        const struct study_constraint *c = &study->constraints[i];
        double v = values[study->objective_count + i];

        if (!(row->known >> (study->objective_count + i) & 1) ||
            !(v <= c->max && v >= c->min))
            return false;
    }
    return true;
}

/* Report the next row of a trial to the history, and to the caller. */
static int report(struct simulation *s, int64_t number, struct error *err)
{
    struct track *t = &s->tracks[number];
    const struct recorded *row = &t->recording.rows[t->next];
    const double *values = t->recording.values + t->next * t->recording.width;
    struct report r = { .step = row->step };
    double value = values[0];
    bool whole = true;

    t->next++;
    s->reports++;
    for (size_t i = 0; i < t->recording.width; i++)
        if (row->known >> i & 1 &&
            report_add(&r, recording_metric(s->study, i), values[i], err))
            return -1;
    results_add(s->study, &t->row, &r);
    if (!(row->known & 1))
        return 0;
    if (s->study->objectives[0].value == VALUE_MEAN) {
        value = t->row.results[0];
        whole = t->next == t->recording.count;
    }
    if (whole && results_loss(s->study, 0, value) < s->best_loss &&
        feasible(s->study, row, values)) {
        s->best_loss = results_loss(s->study, 0, value);
        s->best_value = value;
        s->best_trial = number;
        s->ended_since_best = 0;
    }
    if (history_report(&s->history, number, row->step,
                       results_loss(s->study, 0, values[0]), row->seconds))
        return error_memory(err);
    const struct simulated_report told = { s->now * (double)s->o->workers,
                                           number, row->step, values[0],
                                           s->best_value };
    return s->o->each ? s->o->each(s->o->context, &told, err) : 0;
}

/* Let the trial of 'slot' make its next report; when that was its last, or the
 * engine ends it, the worker is free. */
static int advance(struct simulation *s, struct slot *slot, struct error *err)
{
    static const enum trial_state ends[] = {
        [DECISION_CONTINUE] = TRIAL_COMPLETE,
        [DECISION_PRUNE] = TRIAL_PRUNED,
        [DECISION_PAUSE] = TRIAL_PAUSED,
    };
    int64_t number = slot->trial;
    struct track *t = &s->tracks[number];
    const struct recording *r = &t->recording;
    enum decision decision = DECISION_CONTINUE;

    if (t->next < r->count) {
        bool valued = r->rows[t->next].known & 1;
        if (report(s, number, err))
            return -1;
        if (valued)
            decision = engine_judge(s->engine, &s->history, number);
    }
    if (decision == DECISION_CONTINUE && t->next < r->count) {
        slot->next =
            s->now + r->rows[t->next].seconds - seconds_before(r, t->next);
        return 0;
    }
    move_trial(s, number,
               decision == DECISION_CONTINUE && !(t->row.known & 1)
                   ? TRIAL_FAILED
                   : ends[decision]);
    slot->trial = -1;
    s->waiting++;
    return 0;
}

/* ---- time --------------------------------------------------------------- */

/* The worker whose trial reports next, or NULL when none has one. */
static struct slot *next_slot(struct simulation *s)
{
    struct slot *next = NULL;

    for (int64_t i = 0; i < s->o->workers; i++)
        if (s->slots[i].trial >= 0 && (!next || s->slots[i].next < next->next))
            next = &s->slots[i];
    return next;
}

/* Give every free worker something to do. */
static int assign_all(struct simulation *s, struct error *err)
{
    for (int64_t i = 0; s->waiting > 0 && i < s->o->workers; i++)
        if (s->slots[i].trial < 0 && assign(s, &s->slots[i], err))
            return -1;
    return 0;
}

static int run(struct simulation *s, struct error *err)
{
    double end = s->o->worker_seconds / (double)s->o->workers;
    struct slot *slot;

    if (enqueue(s, err) || assign_all(s, err))
        return -1;
    while ((slot = next_slot(s)) != NULL) {
        if (slot->next > end) {
            s->now = end;
            return 0;
        }
        s->now = slot->next;
        if (advance(s, slot, err) || (s->waiting > 0 && assign_all(s, err)))
            return -1;
    }
    return 0;
}

/* ---- all of it ---------------------------------------------------------- */

static int summarize(const struct simulation *s, struct simulate_summary *out,
                     struct error *err)
{
    *out = (struct simulate_summary){
        .worker_seconds = s->now * (double)s->o->workers,
        .reports = s->reports,
        .resumed = s->resumed,
        .best_trial = s->best_trial,
        .best_value = s->best_value,
    };
    memcpy(out->in_state, s->history.in_state, sizeof out->in_state);
    if (s->best_trial < 0)
        return 0;
    out->best_params = space_point_to_tree(&s->study->space,
                                           s->history.trials[s->best_trial].x);
    return out->best_params ? 0 : error_memory(err);
}

static int begin_simulation(struct simulation *s, struct error *err)
{
    history_init(&s->history, &s->study->space, s->study->objective_count,
                 s->study->constraint_count);
    s->history.maximize = s->study->objectives[0].maximize;
    s->slots = calloc((size_t)s->o->workers, sizeof *s->slots);
    s->x = calloc(s->study->space.count + 1, sizeof *s->x);
    if (!s->slots || !s->x)
        return error_memory(err);
    if (s->o->regret >= 0 &&
        regret_create(&s->regret, &s->study->space, s->study->search.seed))
        return error_memory(err);
    s->waiting = (size_t)s->o->workers;
    for (size_t i = 0; i < s->waiting; i++)
        s->slots[i].trial = -1;
    return engine_create(&s->engine, &s->study->space, &s->study->search, err);
}

static void end_simulation(struct simulation *s)
{
    for (size_t i = 0; i < s->history.count; i++)
        recording_clear(&s->tracks[i].recording);
    free(s->tracks);
    history_clear(&s->history);
    engine_destroy(s->engine);
    regret_destroy(s->regret);
    free(s->slots);
    free(s->x);
}

int simulate_study(const struct study *study, const struct simulate_options *o,
                   struct simulate_summary *out, struct error *err)
{
    struct simulation s = { .study = study,
                            .o = o,
                            .best_trial = -1,
                            .best_loss = INFINITY,
                            .best_value = NAN };
    int rc = -1;

    assert(o->workers >= 1 && o->workers <= SIMULATE_MAX_WORKERS);
    *out = (struct simulate_summary){ .best_trial = -1, .best_value = NAN };
    if (begin_simulation(&s, err) == 0 && run(&s, err) == 0)
        rc = summarize(&s, out, err);
    end_simulation(&s);
    return rc;
}
