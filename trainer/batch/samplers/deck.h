/* deck: rows of one kind in random order, and again in another when all were
 * dealt: each comes as often as any other, to within one.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BATCH_SAMPLERS_DECK_H
#define TRAINER_BATCH_SAMPLERS_DECK_H

#include <stddef.h>

#include "base/random.h"

struct deck {
    const size_t *members; /* [count] borrowed, as cards is */
    size_t *cards;         /* [count] room for them in random order */
    size_t count, next;
};

/* Begin with a new order. */
void deck_shuffle(struct deck *d, struct random *random);

/* The next card; count > 0. */
size_t deck_deal(struct deck *d, struct random *random);

#endif
