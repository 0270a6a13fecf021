/* weighted: a share of positives, and weights within positives and negatives.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/batch/samplers/draw.h"

static int is_positive(const struct draw *d, size_t stratum)
{
    return (int)(d->strata->list[stratum].key & 1);
}

static double mass_of(const struct draw *d, size_t stratum)
{
    return (double)d->strata->list[stratum].count * d->weight[stratum];
}

/* Put 'count' rows that are positive, or not, at 'to': the points u, u + 1,
 * ... of a line on which each stratum has its expected number as length. */
static void deal(struct draw *d, int positive, double mass, size_t count,
                 uint32_t *to)
{
    double point = random_uniform(&d->random), end = 0;
    size_t done = 0, last = 0, i;

    for (i = 0; i < d->strata->count; i++) {
        if (is_positive(d, i) != positive)
            continue;
        last = mass_of(d, i) > 0 ? i : last;
        end += (double)count * mass_of(d, i) / mass;
        for (; done < count && point + (double)done < end; done++)
            to[done] = (uint32_t)deck_deal(&d->deck[i], &d->random);
    }
    for (; done < count; done++) /* the line was short by a rounding */
        to[done] = (uint32_t)deck_deal(&d->deck[last], &d->random);
}

void draw_weighted(struct draw *d)
{
    const struct strata *s = d->strata;
    size_t i, batch, positives;
    double mass[2] = { 0, 0 };

    for (i = 0; i < s->count; i++) {
        d->deck[i] =
            (struct deck){ s->member + s->list[i].first,
                           d->cards + s->list[i].first, s->list[i].count, 0 };
        deck_shuffle(&d->deck[i], &d->random);
        mass[is_positive(d, i)] += mass_of(d, i);
    }
    for (batch = 0; batch < d->batches; batch++) {
        uint32_t *to = d->order + batch * d->batch;

        positives =
            (size_t)((double)d->batch * d->share + random_uniform(&d->random));
        positives = mass[1] > 0 ? positives : 0;
        positives = mass[0] > 0 ? positives : d->batch;
        deal(d, 1, mass[1], positives, to);
        deal(d, 0, mass[0], d->batch - positives, to + positives);
    }
}
