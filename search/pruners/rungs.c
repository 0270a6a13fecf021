/* rungs: see rungs.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/pruners/rungs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void rungs_clear(struct rungs *r)
{
    for (size_t i = 0; i < RUNGS_MAX; i++)
        sorted_clear(&r->losses[i]);
    for (size_t i = 0; i < r->entry_capacity; i++)
        free(r->entries[i].losses);
    free(r->entries);
    r->entries = NULL;
    r->entry_capacity = r->count = 0;
}

void rungs_build(struct rungs *r, int64_t first, int64_t reduction)
{
    int64_t step = first;

    for (size_t i = 0; i < RUNGS_MAX; i++)
        r->losses[i].count = 0;
    for (size_t i = 0; i < r->entry_capacity; i++)
        r->entries[i].count = 0;
    r->reduction = reduction;
    r->count = 0;
    while (step > 0 && r->count < RUNGS_MAX) {
        r->steps[r->count++] = step;
        step = step > INT64_MAX / reduction ? 0 : step * reduction;
    }
}

static int entry_reserve(struct rungs_entry *e)
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

static int reserve(struct rungs *r, size_t count)
{
    if (count <= r->entry_capacity)
        return 0;
    size_t capacity = 2 * count;
    struct rungs_entry *grown = realloc(r->entries, capacity * sizeof *grown);
    if (grown == NULL)
        return -1;
    memset(grown + r->entry_capacity, 0,
           (capacity - r->entry_capacity) * sizeof *grown);
    r->entries = grown;
    r->entry_capacity = capacity;
    return 0;
}

/* Set what trial 'number' has at rung 'i'. */
static int place(struct rungs *r, size_t i, int64_t number, double loss)
{
    struct rungs_entry *e = &r->entries[number];
    bool there = i < e->count;

    if (there && e->losses[i] == loss)
        return 0;
    if (there)
        sorted_remove(&r->losses[i], e->losses[i], number);
    else if (entry_reserve(e))
        return -1;
    if (sorted_insert(&r->losses[i], loss, number)) {
        e->count = i; /* the caller forgets everything */
        return -1;
    }
    e->losses[i] = loss;
    e->count += !there;
    return 0;
}

int rungs_enter(struct rungs *r, const struct history *h, int64_t number)
{
    const struct trial *t = &h->trials[number];
    double best = INFINITY;
    size_t rung = 0;

    if (reserve(r, h->count))
        return -1;
    for (size_t i = 0; i < t->curve_count; i++) {
        best = t->curve[i].loss < best ? t->curve[i].loss : best;
        for (; rung < r->count && r->steps[rung] <= t->curve[i].step; rung++)
            if (place(r, rung, number, best))
                return -1;
    }
    return 0;
}

/* How many go on at a rung; 0 while too few are there to tell. */
static size_t places(const struct rungs *r, size_t rung, int64_t startup)
{
    size_t count = r->losses[rung].count, keep = count / (size_t)r->reduction;

    return count < (size_t)startup ? 0 : keep > 0 ? keep : 1;
}

bool rungs_fell_short(const struct rungs *r, const struct history *h,
                      int64_t number, int64_t startup)
{
    const struct trial *t = &h->trials[number];
    const struct rungs_entry *e = &r->entries[number];
    size_t rung = e->count, count = t->curve_count;

    if (rung == 0 ||
        (count > 1 && t->curve[count - 2].step >= r->steps[rung - 1]))
        return false; /* it did not reach a rung just now */
    size_t keep = places(r, rung - 1, startup);
    return keep > 0 &&
           sorted_rank(&r->losses[rung - 1], e->losses[rung - 1]) >= keep;
}

int64_t rungs_promote(const struct rungs *r, const struct history *h,
                      int64_t startup)
{
    for (size_t rung = r->count; rung-- > 0;) {
        const struct sorted *s = &r->losses[rung];
        size_t keep = places(r, rung, startup);

        for (size_t i = 0; keep > 0 && i < s->count; i++) {
            int64_t number = s->items[i].trial;

            if (i >= keep && s->items[i].loss != s->items[i - 1].loss)
                break; /* equals of the last that goes on go on, too */
            if (r->entries[number].count == rung + 1 &&
                h->trials[number].state == TRIAL_PAUSED)
                return number;
        }
    }
    return -1;
}

void rungs_read_mode(struct reader *options, enum decision *loser)
{
    static const char *const modes[] = { "stop", "pause", NULL };
    int mode = 0;

    reader_enum(options, "mode", modes, &mode);
    *loser = mode == 0 ? DECISION_PRUNE : DECISION_PAUSE;
}

const char *rungs_mode_text(enum decision loser)
{
    return loser == DECISION_PAUSE
               ? ", the rest pauses until it is among them after all"
               : "";
}
