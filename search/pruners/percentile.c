/* percentile: a trial ends when its best loss so far is above a percentile of
 * what the completed trials had reached by the same step; median: above the
 * 50th.
 *
 * The median stopping rule of Golovin et al., Google Vizier, KDD 2017, with
 * the best so far in place of the running average.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/math/sorted.h"
#include "search/pruner.h"

/* More different steps than this are not kept at once. */
enum { COLUMNS_MAX = 4096 };

/* Best losses by 'step' of the completed trials that came so far. */
struct column {
    int64_t step;
    struct sorted losses;
};

struct percentile {
    double percentile;      /* the share that goes on, in 0..100 */
    int64_t startup_trials; /* completed ones needed before any pruning */
    int64_t warmup_steps;   /* no pruning up to this step */
    int64_t interval_steps; /* after that at every so many steps */
    int64_t grace;          /* nor at a trial's first reports */

    struct history_cursor cursor;
    struct column *columns; /* by step */
    size_t column_count;
    bool *entered; /* of a trial: it is in the columns */
    size_t entered_capacity;
};

static void forget_columns(struct percentile *p)
{
    for (size_t i = 0; i < p->column_count; i++)
        sorted_clear(&p->columns[i].losses);
    p->column_count = 0;
}

static int create(void **state, double percentile, struct reader *options,
                  struct error *err)
{
    struct percentile *p = calloc(1, sizeof *p);

    if (p == NULL)
        return error_memory(err);
    p->cursor = (struct history_cursor)HISTORY_CURSOR_INIT;
    p->startup_trials = 5;
    p->percentile = percentile;
    p->interval_steps = 1;
    p->grace = 3;
    reader_int(options, "startup_trials", 1, INT32_MAX, &p->startup_trials);
    reader_int(options, "warmup_steps", 0, INT64_MAX, &p->warmup_steps);
    reader_int(options, "interval_steps", 1, INT64_MAX, &p->interval_steps);
    reader_int(options, "grace", 1, INT32_MAX, &p->grace);
    *state = p;
    return 0;
}

static void destroy(void *state)
{
    struct percentile *p = state;

    if (p == NULL)
        return;
    forget_columns(p);
    free(p->columns);
    free(p->entered);
    free(p);
}

/* Put a completed trial into every column it reached. */
static int enter(struct percentile *p, const struct trial *t, int64_t number)
{
    double best = INFINITY;
    size_t seen = 0;

    for (size_t i = 0; i < p->column_count; i++) {
        struct column *c = &p->columns[i];

        if (c->step > trial_last_step(t))
            break;
        for (; seen < t->curve_count && t->curve[seen].step <= c->step; seen++)
            best = t->curve[seen].loss < best ? t->curve[seen].loss : best;
        if (seen > 0 && sorted_insert(&c->losses, best, number))
            return -1;
    }
    return 0;
}

static int reserve(struct percentile *p, size_t count)
{
    if (count <= p->entered_capacity)
        return 0;
    size_t capacity = 2 * count;
    bool *grown = realloc(p->entered, capacity * sizeof *grown);
    if (grown == NULL)
        return -1;
    memset(grown + p->entered_capacity, 0,
           (capacity - p->entered_capacity) * sizeof *grown);
    p->entered = grown;
    p->entered_capacity = capacity;
    return 0;
}

/* Catch up with the history. A completed trial that changed is rare (a retry,
 * a late report): then the columns are made anew. */
static int update(struct percentile *p, const struct history *h)
{
    int64_t number;
    int status = 0;

    if (reserve(p, h->count))
        return -1;
    if (history_follow(&p->cursor, h)) {
        forget_columns(p);
        memset(p->entered, 0, p->entered_capacity * sizeof *p->entered);
    }
    while ((number = history_next(&p->cursor, h)) >= 0) {
        const struct trial *t = &h->trials[number];

        if (p->entered[number])
            forget_columns(p);
        p->entered[number] = t->state == TRIAL_COMPLETE;
        if (p->entered[number] && enter(p, t, number))
            status = -1;
    }
    if (status)
        history_unfollow(&p->cursor);
    return status;
}

/* Where the column of 'step' is or would be. */
static size_t column_place(const struct percentile *p, int64_t step)
{
    size_t low = 0, high = p->column_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->columns[middle].step < step)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int fill_column(struct column *c, const struct history *h)
{
    for (size_t i = 0; i < h->count; i++) {
        const struct trial *t = &h->trials[i];
        double best = trial_best_loss(t, c->step);

        if (t->state == TRIAL_COMPLETE && trial_last_step(t) >= c->step &&
            best == best && sorted_insert(&c->losses, best, (int64_t)i))
            return -1;
    }
    return 0;
}

/* The losses by 'step', or NULL when out of memory. */
static const struct sorted *column_get(struct percentile *p,
                                       const struct history *h, int64_t step)
{
    size_t i = column_place(p, step);

    if (i < p->column_count && p->columns[i].step == step)
        return &p->columns[i].losses;
    if (p->columns == NULL)
        p->columns = malloc(COLUMNS_MAX * sizeof *p->columns);
    if (p->columns == NULL)
        return NULL;
    if (p->column_count == COLUMNS_MAX) {
        forget_columns(p);
        i = 0;
    }
    struct column c = { step, SORTED_INIT };
    if (fill_column(&c, h)) {
        sorted_clear(&c.losses);
        return NULL;
    }
    memmove(&p->columns[i + 1], &p->columns[i],
            (p->column_count - i) * sizeof c);
    p->columns[i] = c;
    p->column_count++;
    return &p->columns[i].losses;
}

static enum decision judge(void *state, const struct history *h, int64_t number)
{
    struct percentile *p = state;
    const struct trial *t = &h->trials[number];
    int64_t step = trial_last_step(t);

    if (t->curve_count < (size_t)p->grace || step <= p->warmup_steps ||
        (step - p->warmup_steps - 1) % p->interval_steps != 0)
        return DECISION_CONTINUE;
    if (update(p, h))
        return DECISION_CONTINUE;
    const struct sorted *losses = column_get(p, h, step);
    if (losses == NULL || losses->count < (size_t)p->startup_trials)
        return DECISION_CONTINUE;
    return trial_best_loss(t, step) >
                   sorted_quantile(losses, p->percentile / 100)
               ? DECISION_PRUNE
               : DECISION_CONTINUE;
}

static void describe(const void *state, struct text *out)
{
    const struct percentile *p = state;

    text_format(out,
                "the best %g%% go on; after %lld completed trials, a "
                "trial's %lld. report",
                p->percentile, (long long)p->startup_trials,
                (long long)p->grace);
    if (p->warmup_steps > 0)
        text_format(out, " and step %lld", (long long)p->warmup_steps);
    if (p->interval_steps > 1)
        text_format(out, ", every %lld steps", (long long)p->interval_steps);
}

static int percentile_create(void **state, struct reader *options,
                             struct error *err)
{
    struct percentile *p;

    if (create(state, 25, options, err))
        return -1;
    p = *state;
    reader_float(options, "percentile", 0, 100, &p->percentile);
    return 0;
}

static int median_create(void **state, struct reader *options,
                         struct error *err)
{
    return create(state, 50, options, err);
}

const struct pruner pruner_percentile = {
    .name = "percentile",
    .create = percentile_create,
    .judge = judge,
    .describe = describe,
    .destroy = destroy,
};

const struct pruner pruner_median = {
    .name = "median",
    .create = median_create,
    .judge = judge,
    .describe = describe,
    .destroy = destroy,
};
