/* asha: asynchronous successive halving, the variant that stops.
 *
 * Rungs stand at steps min_step * reduction^k. A trial that reaches a rung goes
 * on when its best loss so far is among the best 1/reduction of all that have
 * reached it by now. Li et al., A system for massively parallel hyperparameter
 * tuning, MLSys 2020; stopping as in Klein et al., Model-based asynchronous
 * hyperparameter and neural architecture search, 2020.
 *
 * Steps may be epochs, iterations or anything: unless min_step is given, the
 * first rung stands where trials make their third report ('grace'), because
 * the first values of a curve say little about its end.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/math/sorted.h"
#include "search/pruner.h"

enum { RUNGS_MAX = 48 };

/* What a trial has put into the rungs, to be taken out when it changes. */
struct entry {
    double *losses; /* one a rung */
    size_t count, capacity;
};

struct asha {
    int64_t min_step; /* 0: where reports number 'grace' are made */
    int64_t reduction;
    int64_t grace;          /* reports a trial makes before it is judged */
    int64_t startup_trials; /* in a rung, before it judges */

    struct history_cursor cursor;
    int64_t steps[RUNGS_MAX]; /* of the rungs; none while it is not known */
    size_t rung_count;
    int64_t pacemaker; /* the lowest trial with 'grace' reports, or -1 */
    struct sorted rungs[RUNGS_MAX];
    struct entry *entries;
    size_t entry_capacity;
};

static int asha_create(void **state, struct reader *options, struct error *err)
{
    struct asha *a = calloc(1, sizeof *a);

    if (a == NULL)
        return error_memory(err);
    a->cursor = (struct history_cursor)HISTORY_CURSOR_INIT;
    a->reduction = 3;
    a->pacemaker = -1;
    reader_int(options, "min_step", 1, INT64_MAX, &a->min_step);
    reader_int(options, "reduction", 2, 1000, &a->reduction);
    a->grace = a->min_step > 0 ? 1 : 3;
    reader_int(options, "grace", 1, INT32_MAX, &a->grace);
    a->startup_trials = a->reduction;
    reader_int(options, "startup_trials", 2, INT32_MAX, &a->startup_trials);
    *state = a;
    return 0;
}

static void empty_rungs(struct asha *a)
{
    for (size_t i = 0; i < RUNGS_MAX; i++)
        a->rungs[i].count = 0;
    for (size_t i = 0; i < a->entry_capacity; i++)
        a->entries[i].count = 0;
}

static void asha_destroy(void *state)
{
    struct asha *a = state;

    if (a == NULL)
        return;
    for (size_t i = 0; i < RUNGS_MAX; i++)
        sorted_clear(&a->rungs[i]);
    for (size_t i = 0; i < a->entry_capacity; i++)
        free(a->entries[i].losses);
    free(a->entries);
    free(a);
}

/* Put up rungs from 'first' on. */
static void build_rungs(struct asha *a, int64_t first)
{
    int64_t step = first > 0 ? first : 1;

    a->rung_count = 0;
    while (a->rung_count < RUNGS_MAX) {
        a->steps[a->rung_count++] = step;
        if (step > INT64_MAX / a->reduction)
            break;
        step *= a->reduction;
    }
}

/* Where the first rung belongs, given that trial 'number' changed. Returns
 * true when that is another place than so far. */
static bool move_rungs(struct asha *a, const struct history *h, int64_t number)
{
    const struct trial *t = &h->trials[number];
    size_t grace = (size_t)a->grace;

    if (a->min_step > 0 || t->curve_count < grace ||
        (a->pacemaker >= 0 && number > a->pacemaker))
        return false;
    int64_t first = t->curve[grace - 1].step;
    a->pacemaker = number;
    if (a->rung_count > 0 && a->steps[0] == (first > 0 ? first : 1))
        return false;
    build_rungs(a, first);
    return true;
}

static int entry_reserve(struct entry *e)
{
    if (e->count < e->capacity)
        return 0;
    size_t capacity = e->capacity ? 2 * e->capacity : 4;
    double *grown = realloc(e->losses, capacity * sizeof *grown);
    if (grown == NULL)
        return -1;
    e->losses = grown;
    e->capacity = capacity;
    return 0;
}

/* Bring the rungs up to date with one trial: its loss at a rung is its best up
 * to its first report at or after the rung's step. */
static int enter(struct asha *a, const struct trial *t, int64_t number)
{
    struct entry *e = &a->entries[number];
    double best = INFINITY;
    size_t rung = 0;

    for (size_t i = 0; i < t->curve_count; i++) {
        best = t->curve[i].loss < best ? t->curve[i].loss : best;
        for (; rung < a->rung_count && a->steps[rung] <= t->curve[i].step;
             rung++) {
            bool there = rung < e->count;

            if (there && e->losses[rung] == best)
                continue;
            if (there)
                sorted_remove(&a->rungs[rung], e->losses[rung], number);
            else if (entry_reserve(e))
                return -1;
            if (sorted_insert(&a->rungs[rung], best, number))
                return -1;
            e->losses[rung] = best;
            e->count += !there;
        }
    }
    return 0;
}

static int reserve(struct asha *a, size_t count)
{
    if (count <= a->entry_capacity)
        return 0;
    size_t capacity = 2 * count;
    struct entry *grown = realloc(a->entries, capacity * sizeof *grown);
    if (grown == NULL)
        return -1;
    memset(grown + a->entry_capacity, 0,
           (capacity - a->entry_capacity) * sizeof *grown);
    a->entries = grown;
    a->entry_capacity = capacity;
    return 0;
}

/* Enter every trial that changed; when the rungs move, every trial. */
static int catch_up(struct asha *a, const struct history *h)
{
    int64_t number;
    bool moved = false;

    if (history_follow(&a->cursor, h)) {
        empty_rungs(a);
        a->rung_count = 0;
        a->pacemaker = -1;
        if (a->min_step > 0)
            build_rungs(a, a->min_step);
    }
    while ((number = history_next(&a->cursor, h)) >= 0) {
        moved = move_rungs(a, h, number) || moved;
        if (!moved && enter(a, &h->trials[number], number))
            return -1;
    }
    if (!moved)
        return 0;
    empty_rungs(a);
    for (size_t i = 0; i < h->count; i++)
        if (enter(a, &h->trials[i], (int64_t)i))
            return -1;
    return 0;
}

static int update(struct asha *a, const struct history *h)
{
    if (reserve(a, h->count) == 0 && catch_up(a, h) == 0)
        return 0;
    history_unfollow(&a->cursor);
    return -1;
}

static enum decision asha_judge(void *state, const struct history *h,
                                int64_t number)
{
    struct asha *a = state;
    const struct trial *t = &h->trials[number];
    size_t count = t->curve_count, rung = 0;

    if (update(a, h) || count < (size_t)a->grace)
        return DECISION_CONTINUE;
    while (rung < a->rung_count && a->steps[rung] <= t->curve[count - 1].step)
        rung++;
    if (rung == 0 ||
        (count > 1 && t->curve[count - 2].step >= a->steps[rung - 1]))
        return DECISION_CONTINUE; /* it did not reach a rung just now */
    const struct sorted *losses = &a->rungs[rung - 1];
    if (losses->count < (size_t)a->startup_trials)
        return DECISION_CONTINUE;
    size_t keep = losses->count / (size_t)a->reduction;
    size_t rank = sorted_rank(losses, a->entries[number].losses[rung - 1]);
    return rank < (keep ? keep : 1) ? DECISION_CONTINUE : DECISION_PRUNE;
}

static void asha_describe(const void *state, struct text *out)
{
    const struct asha *a = state;

    if (a->min_step > 0)
        text_format(out, "rungs at step %lld", (long long)a->min_step);
    else
        text_format(out, "rungs where trials make report %lld",
                    (long long)a->grace);
    text_format(out, " and each %lld times as far, the best 1/%lld goes on",
                (long long)a->reduction, (long long)a->reduction);
}

const struct pruner pruner_asha = {
    .name = "asha",
    .create = asha_create,
    .judge = asha_judge,
    .describe = asha_describe,
    .destroy = asha_destroy,
};
