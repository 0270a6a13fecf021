/* See deck.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/batch/samplers/deck.h"

#include <string.h>

void deck_shuffle(struct deck *d, struct random *random)
{
    memcpy(d->cards, d->members, d->count * sizeof *d->cards);
    random_shuffle(random, d->cards, d->count);
    d->next = 0;
}

size_t deck_deal(struct deck *d, struct random *random)
{
    if (d->next == d->count)
        deck_shuffle(d, random);
    return d->cards[d->next++];
}
