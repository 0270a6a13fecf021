/* history: trials in an array; the list of last changes lets caches catch up
 * without a look at every trial.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/history.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_names[TRIAL_STATES] = {
    [TRIAL_WAITING] = "waiting", [TRIAL_RUNNING] = "running",
    [TRIAL_PAUSED] = "paused",   [TRIAL_COMPLETE] = "complete",
    [TRIAL_PRUNED] = "pruned",   [TRIAL_FAILED] = "failed",
};

/* Only ever compared for equality, by caches. */
static _Atomic uint64_t last_identity;

const char *trial_state_name(enum trial_state state)
{
    assert((unsigned)state < TRIAL_STATES);
    return state_names[state];
}

int trial_state_parse(const char *name)
{
    for (int i = 0; i < TRIAL_STATES; i++)
        if (strcmp(name, state_names[i]) == 0)
            return i;
    return -1;
}

void history_init(struct history *h, const struct space *space,
                  size_t objective_count, size_t constraint_count)
{
    assert(objective_count > 0);
    *h = (struct history){
        .space = space,
        .objective_count = objective_count,
        .constraint_count = constraint_count,
        .newest = -1,
        .identity = ++last_identity,
    };
}

void history_clear(struct history *h)
{
    for (size_t i = 0; i < h->count; i++) {
        free(h->trials[i].x);
        free(h->trials[i].losses);
        free(h->trials[i].curve);
    }
    free(h->trials);
    bool maximize = h->maximize;
    history_init(h, h->space, h->objective_count, h->constraint_count);
    h->maximize = maximize;
}

static struct trial *trial_at(const struct history *h, int64_t number)
{
    assert(number >= 0 && (size_t)number < h->count);
    return &h->trials[number];
}

/* Take a trial out of the list of changes. */
static void unlink_trial(struct history *h, struct trial *t)
{
    if (t->older >= 0)
        h->trials[t->older].newer = t->newer;
    if (t->newer >= 0)
        h->trials[t->newer].older = t->older;
    else
        h->newest = t->older;
}

/* Put a trial that is not in the list at its head. */
static void link_trial(struct history *h, int64_t number)
{
    struct trial *t = trial_at(h, number);

    t->changed = ++h->version;
    t->newer = -1;
    t->older = h->newest;
    if (h->newest >= 0)
        h->trials[h->newest].newer = number;
    h->newest = number;
}

static void touch(struct history *h, int64_t number)
{
    unlink_trial(h, trial_at(h, number));
    link_trial(h, number);
}

static int history_reserve(struct history *h)
{
    if (h->count < h->capacity)
        return 0;
    size_t capacity = h->capacity ? 2 * h->capacity : 64;
    struct trial *grown = realloc(h->trials, capacity * sizeof *grown);
    if (grown == NULL)
        return -1;
    h->trials = grown;
    h->capacity = capacity;
    return 0;
}

static void forget_results(const struct history *h, struct trial *t)
{
    for (size_t i = 0; i < h->objective_count; i++)
        t->losses[i] = NAN;
    t->constraints = NULL;
}

int64_t history_add(struct history *h, const double *x)
{
    size_t dimension = h->space->count;
    struct trial t = { .state = TRIAL_WAITING, .parent = -1 };

    if (history_reserve(h))
        return -1;
    t.x = malloc((dimension ? dimension : 1) * sizeof *t.x);
    t.losses =
        malloc((h->objective_count + h->constraint_count) * sizeof *t.losses);
    if (t.x == NULL || t.losses == NULL) {
        free(t.x);
        free(t.losses);
        return -1;
    }
    if (dimension > 0)
        memcpy(t.x, x, dimension * sizeof *x);
    forget_results(h, &t);
    h->trials[h->count++] = t;
    h->in_state[t.state]++;
    link_trial(h, (int64_t)h->count - 1);
    return (int64_t)h->count - 1;
}

void history_set_state(struct history *h, int64_t number,
                       enum trial_state state)
{
    struct trial *t = trial_at(h, number);

    h->in_state[t->state]--;
    t->state = state;
    h->in_state[state]++;
    if (state < TRIAL_COMPLETE) /* also when it had ended before */
        forget_results(h, t);
    touch(h, number);
}

static int curve_reserve(struct trial *t)
{
    if (t->curve_count < t->curve_capacity)
        return 0;
    size_t capacity = t->curve_capacity ? 2 * t->curve_capacity : 8;
    struct observation *grown = realloc(t->curve, capacity * sizeof *grown);
    if (grown == NULL)
        return -1;
    t->curve = grown;
    t->curve_capacity = capacity;
    return 0;
}

int history_report(struct history *h, int64_t number, int64_t step, double loss,
                   double seconds)
{
    struct trial *t = trial_at(h, number);
    size_t i = trial_observed_by(t, step);

    if (i == 0 || t->curve[i - 1].step != step) {
        if (curve_reserve(t))
            return -1;
        memmove(&t->curve[i + 1], &t->curve[i],
                (t->curve_count - i) * sizeof *t->curve);
        t->curve_count++;
        i++;
    }
    t->curve[i - 1] = (struct observation){
        .step = step,
        .loss = isnan(loss) ? INFINITY : loss,
        .seconds = seconds,
    };
    touch(h, number);
    return 0;
}

void history_finish(struct history *h, int64_t number, const double *losses,
                    const double *constraints)
{
    struct trial *t = trial_at(h, number);

    for (size_t i = 0; i < h->objective_count; i++)
        t->losses[i] = isnan(losses[i]) ? INFINITY : losses[i];
    if (constraints != NULL && h->constraint_count > 0) {
        t->constraints = t->losses + h->objective_count;
        memcpy(t->constraints, constraints,
               h->constraint_count * sizeof *constraints);
    }
    touch(h, number);
}

size_t trial_observed_by(const struct trial *t, int64_t step)
{
    size_t low = 0, high = t->curve_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->curve[middle].step <= step)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double trial_best_loss(const struct trial *t, int64_t step)
{
    double best = NAN;

    for (size_t i = 0; i < t->curve_count && t->curve[i].step <= step; i++)
        if (!(best <= t->curve[i].loss))
            best = t->curve[i].loss;
    return best;
}

double trial_violation(const struct history *h, const struct trial *t)
{
    double sum = 0;

    for (size_t i = 0; t->constraints != NULL && i < h->constraint_count; i++)
        if (!(t->constraints[i] <= 0))
            sum += isnan(t->constraints[i]) ? INFINITY : t->constraints[i];
    return sum;
}

int64_t trial_last_step(const struct trial *t)
{
    return t->curve_count ? t->curve[t->curve_count - 1].step : -1;
}

bool history_follow(struct history_cursor *c, const struct history *h)
{
    bool other = c->identity != h->identity;

    if (other)
        *c = (struct history_cursor){ .identity = h->identity };
    c->seen = c->version;
    c->version = h->version;
    c->next = h->newest;
    return other;
}

int64_t history_next(struct history_cursor *c, const struct history *h)
{
    int64_t number = c->next;

    if (number < 0 || h->trials[number].changed <= c->seen)
        return -1;
    c->next = h->trials[number].older;
    return number;
}

void history_unfollow(struct history_cursor *c)
{
    *c = (struct history_cursor)HISTORY_CURSOR_INIT;
}
