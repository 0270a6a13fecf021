/* natural: the data as they are.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/batch/samplers/draw.h"

void draw_natural(struct draw *d)
{
    struct deck all = { d->strata->member, d->cards, d->strata->rows, 0 };
    size_t i;

    deck_shuffle(&all, &d->random);
    for (i = 0; i < d->batches * d->batch; i++)
        d->order[i] = (uint32_t)deck_deal(&all, &d->random);
}
