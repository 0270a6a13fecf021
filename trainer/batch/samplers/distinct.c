/* distinct: near-duplicates into different batches.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>

#include "trainer/batch/samplers/draw.h"

struct distinct {
    struct draw *draw;
    const uint32_t *group;
    const float *label;
};

/* Whether 'batch' has a row of 'group' at another place than 'but'. */
static bool has(const struct distinct *s, size_t batch, uint32_t group,
                size_t but)
{
    size_t first = batch * s->draw->batch, i;

    for (i = first; i < first + s->draw->batch; i++)
        if (i != but && s->group[s->draw->order[i]] == group)
            return true;
    return false;
}

/* Exchange the row at 'at' for one elsewhere, so that neither batch has two of
 * a group by it. */
static bool move(struct distinct *s, size_t at)
{
    struct draw *d = s->draw;
    size_t batch = at / d->batch, other, to, i;
    uint32_t row = d->order[at], found;

    for (i = 0; i < DISTINCT_TRIES; i++) {
        to = (size_t)random_below(&d->random, d->batches * d->batch);
        other = to / d->batch;
        found = d->order[to];
        if (other == batch || s->label[found] != s->label[row] ||
            has(s, batch, s->group[found], at) ||
            has(s, other, s->group[row], to))
            continue;
        d->order[at] = found;
        d->order[to] = row;
        return true;
    }
    return false;
}

size_t draw_distinct(struct draw *d, const uint32_t *group, const float *label,
                     size_t *stamp)
{
    struct distinct s = { d, group, label };
    size_t at, left = 0;

    for (at = 0; at < d->batches * d->batch; at++) {
        size_t mark = at / d->batch + 1;

        if (stamp[group[d->order[at]]] == mark && !move(&s, at))
            left++;
        stamp[group[d->order[at]]] = mark;
    }
    return left;
}
