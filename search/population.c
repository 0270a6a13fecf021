/* population: see population.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/population.h"

#include <math.h>
#include <stdlib.h>

void population_read(struct population *p, struct reader *options)
{
    *p = (struct population){ 20, 0, 0, 0.25, 0.25 };
    reader_int(options, "population", 2, 100000, &p->size);
    reader_int(options, "interval", 1, INT64_MAX, &p->interval);
    reader_int(options, "max_step", 1, INT64_MAX, &p->max_step);
    reader_float(options, "quantile", 0.01, 0.5, &p->quantile);
    reader_float(options, "resample", 0, 1, &p->resample);
    reader_need(options, "interval");
}

static bool has_ended(const struct trial *t)
{
    return t->state >= TRIAL_COMPLETE;
}

/* The step at which training ends, INT64_MAX while that is not known. */
static int64_t last_turn(const struct population *p, const struct history *h)
{
    int64_t last = -1;

    if (p->max_step > 0)
        return p->max_step;
    for (size_t i = 0; h->in_state[TRIAL_COMPLETE] > 0 && i < h->count; i++)
        if (h->trials[i].state == TRIAL_COMPLETE &&
            trial_last_step(&h->trials[i]) > last)
            last = trial_last_step(&h->trials[i]);
    return last < 0 ? INT64_MAX : last;
}

/* The newest loss of a trial. */
static double newest_loss(const struct history *h, int64_t number)
{
    const struct trial *t = &h->trials[number];

    return t->curve[t->curve_count - 1].loss;
}

/* Order by the newest loss (insertion: populations are small). */
static void by_loss(const struct history *h, int64_t *numbers, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        int64_t moved = numbers[i];
        size_t k = i;

        for (; k > 0 && newest_loss(h, numbers[k - 1]) > newest_loss(h, moved);
             k--)
            numbers[k] = numbers[k - 1];
        numbers[k] = moved;
    }
}

size_t population_parents(const struct population *p, const struct history *h,
                          int64_t *numbers)
{
    int64_t last = last_turn(p, h);
    size_t count = 0;

    for (size_t i = 0; i < h->count; i++) {
        const struct trial *t = &h->trials[i];

        if (!has_ended(t) && t->curve_count > 0 && trial_last_step(t) < last)
            numbers[count++] = (int64_t)i;
    }
    size_t best = (size_t)((double)count * p->quantile);
    by_loss(h, numbers, count);
    return best > 0 ? best : count > 0;
}

bool population_lacks(const struct population *p, const struct history *h,
                      bool *children)
{
    int64_t first = 0;
    size_t members =
        h->count - h->in_state[TRIAL_PRUNED] - h->in_state[TRIAL_FAILED];

    for (size_t i = 0; i < h->count && first < p->size; i++)
        first += h->trials[i].parent < 0;
    *children = first >= p->size;
    return members < (size_t)p->size;
}

int64_t population_behind(const struct history *h)
{
    int64_t behind = -1;

    for (size_t i = 0; h->in_state[TRIAL_PAUSED] > 0 && i < h->count; i++)
        if (h->trials[i].state == TRIAL_PAUSED &&
            (behind < 0 || trial_last_step(&h->trials[i]) <
                               trial_last_step(&h->trials[behind])))
            behind = (int64_t)i;
    return behind;
}

/* Whether somebody waits that has not come to step 'end': a paused member, one
 * that was enqueued, or a first one that has yet to begin. */
static bool others_behind(const struct population *p, const struct history *h,
                          int64_t end)
{
    int64_t behind = population_behind(h);
    bool children;

    return h->in_state[TRIAL_WAITING] > 0 ||
           (behind >= 0 && trial_last_step(&h->trials[behind]) < end) ||
           (population_lacks(p, h, &children) && !children);
}

/* The loss of a trial at its first report at or after 'step'; false when it has
 * not come so far. */
static bool loss_at(const struct trial *t, int64_t step, double *loss)
{
    size_t before = step > 0 ? trial_observed_by(t, step - 1) : 0;

    if (before >= t->curve_count)
        return false;
    *loss = t->curve[before].loss;
    return true;
}

/* The step at which a trial ended its last turn; 0 when there is none, or when
 * training ends there. */
static int64_t turn_end(const struct population *p, const struct history *h,
                        const struct trial *t)
{
    int64_t end = trial_last_step(t) / p->interval * p->interval;

    return end < last_turn(p, h) ? end : 0;
}

/* A copy that began at the end of the turn did not train in it. */
static bool trained_before(const struct trial *t, int64_t end)
{
    return t->parent < 0 || (t->curve_count > 0 && t->curve[0].step < end);
}

bool population_worst(const struct population *p, const struct history *h,
                      int64_t number)
{
    const struct trial *t = &h->trials[number];
    int64_t end = turn_end(p, h, t);
    size_t count = 0, better = 0;
    double mine, loss;

    if (end <= 0 || !trained_before(t, end) || !loss_at(t, end, &mine))
        return false;
    for (size_t i = 0; i < h->count; i++)
        if (trained_before(&h->trials[i], end) &&
            loss_at(&h->trials[i], end, &loss)) {
            count++;
            better += loss < mine;
        }
    return better >= count - (size_t)((double)count * p->quantile);
}

bool population_ahead(const struct population *p, const struct history *h,
                      int64_t number)
{
    const struct trial *t = &h->trials[number];
    int64_t end = turn_end(p, h, t);

    return end > 0 && others_behind(p, h, end) &&
           (t->curve_count == 1 || t->curve[t->curve_count - 2].step < end);
}

void population_describe(const struct population *p, struct text *out)
{
    text_format(out, "%lld members in turns of %lld steps", (long long)p->size,
                (long long)p->interval);
}
