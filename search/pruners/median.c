/* median: a trial ends when its best loss so far is above the median of what
 * the completed trials had reached by the same step.
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

struct median {
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

static void forget_columns(struct median *m)
{
    for (size_t i = 0; i < m->column_count; i++)
        sorted_clear(&m->columns[i].losses);
    m->column_count = 0;
}

static int median_create(void **state, struct reader *options,
                         struct error *err)
{
    struct median *m = calloc(1, sizeof *m);

    if (m == NULL)
        return error_memory(err);
    m->cursor = (struct history_cursor)HISTORY_CURSOR_INIT;
    m->startup_trials = 5;
    m->interval_steps = 1;
    m->grace = 3;
    reader_int(options, "startup_trials", 1, INT32_MAX, &m->startup_trials);
    reader_int(options, "warmup_steps", 0, INT64_MAX, &m->warmup_steps);
    reader_int(options, "interval_steps", 1, INT64_MAX, &m->interval_steps);
    reader_int(options, "grace", 1, INT32_MAX, &m->grace);
    *state = m;
    return 0;
}

static void median_destroy(void *state)
{
    struct median *m = state;

    if (m == NULL)
        return;
    forget_columns(m);
    free(m->columns);
    free(m->entered);
    free(m);
}

/* Put a completed trial into every column it reached. */
static int enter(struct median *m, const struct trial *t, int64_t number)
{
    double best = INFINITY;
    size_t seen = 0;

    for (size_t i = 0; i < m->column_count; i++) {
        struct column *c = &m->columns[i];

        if (c->step > trial_last_step(t))
            break;
        for (; seen < t->curve_count && t->curve[seen].step <= c->step; seen++)
            best = t->curve[seen].loss < best ? t->curve[seen].loss : best;
        if (seen > 0 && sorted_insert(&c->losses, best, number))
            return -1;
    }
    return 0;
}

static int reserve(struct median *m, size_t count)
{
    if (count <= m->entered_capacity)
        return 0;
    size_t capacity = 2 * count;
    bool *grown = realloc(m->entered, capacity * sizeof *grown);
    if (grown == NULL)
        return -1;
    memset(grown + m->entered_capacity, 0,
           (capacity - m->entered_capacity) * sizeof *grown);
    m->entered = grown;
    m->entered_capacity = capacity;
    return 0;
}

/* Catch up with the history. A completed trial that changed is rare (a retry,
 * a late report): then the columns are made anew. */
static int update(struct median *m, const struct history *h)
{
    int64_t number;
    int status = 0;

    if (reserve(m, h->count))
        return -1;
    if (history_follow(&m->cursor, h)) {
        forget_columns(m);
        memset(m->entered, 0, m->entered_capacity * sizeof *m->entered);
    }
    while ((number = history_next(&m->cursor, h)) >= 0) {
        const struct trial *t = &h->trials[number];

        if (m->entered[number])
            forget_columns(m);
        m->entered[number] = t->state == TRIAL_COMPLETE;
        if (m->entered[number] && enter(m, t, number))
            status = -1;
    }
    if (status)
        history_unfollow(&m->cursor);
    return status;
}

/* Where the column of 'step' is or would be. */
static size_t column_place(const struct median *m, int64_t step)
{
    size_t low = 0, high = m->column_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->columns[middle].step < step)
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
static const struct sorted *column_get(struct median *m,
                                       const struct history *h, int64_t step)
{
    size_t i = column_place(m, step);

    if (i < m->column_count && m->columns[i].step == step)
        return &m->columns[i].losses;
    if (m->columns == NULL)
        m->columns = malloc(COLUMNS_MAX * sizeof *m->columns);
    if (m->columns == NULL)
        return NULL;
    if (m->column_count == COLUMNS_MAX) {
        forget_columns(m);
        i = 0;
    }
    struct column c = { step, SORTED_INIT };
    if (fill_column(&c, h)) {
        sorted_clear(&c.losses);
        return NULL;
    }
    memmove(&m->columns[i + 1], &m->columns[i],
            (m->column_count - i) * sizeof c);
    m->columns[i] = c;
    m->column_count++;
    return &m->columns[i].losses;
}

static enum decision median_judge(void *state, const struct history *h,
                                  int64_t number)
{
    struct median *m = state;
    const struct trial *t = &h->trials[number];
    int64_t step = trial_last_step(t);

    if (t->curve_count < (size_t)m->grace || step <= m->warmup_steps ||
        (step - m->warmup_steps - 1) % m->interval_steps != 0)
        return DECISION_CONTINUE;
    if (update(m, h))
        return DECISION_CONTINUE;
    const struct sorted *losses = column_get(m, h, step);
    if (losses == NULL || losses->count < (size_t)m->startup_trials)
        return DECISION_CONTINUE;
    return trial_best_loss(t, step) > sorted_median(losses) ? DECISION_PRUNE
                                                            : DECISION_CONTINUE;
}

static void median_describe(const void *state, struct text *out)
{
    const struct median *m = state;

    text_format(out, "after %lld completed trials, a trial's %lld. report",
                (long long)m->startup_trials, (long long)m->grace);
    if (m->warmup_steps > 0)
        text_format(out, " and step %lld", (long long)m->warmup_steps);
    if (m->interval_steps > 1)
        text_format(out, ", every %lld steps", (long long)m->interval_steps);
}

const struct pruner pruner_median = {
    .name = "median",
    .create = median_create,
    .judge = median_judge,
    .describe = median_describe,
    .destroy = median_destroy,
};
