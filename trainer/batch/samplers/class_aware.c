/* class_aware: each class as often as any other.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/batch/samplers/draw.h"

void draw_class_aware(struct draw *d)
{
    const struct strata *s = d->strata;
    struct deck list = { d->turn, d->turn + s->count, s->count, 0 };
    size_t i;

    for (i = 0; i < s->count; i++) {
        d->turn[i] = i;
        d->deck[i] =
            (struct deck){ s->member + s->list[i].first,
                           d->cards + s->list[i].first, s->list[i].count, 0 };
        deck_shuffle(&d->deck[i], &d->random);
    }
    deck_shuffle(&list, &d->random);
    for (i = 0; i < d->batches * d->batch; i++)
        d->order[i] = (uint32_t)deck_deal(
            &d->deck[deck_deal(&list, &d->random)], &d->random);
}
