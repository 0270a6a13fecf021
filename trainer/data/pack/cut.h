/* cut: which row goes to which split and fold, as a description says.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_PACK_CUT_H
#define TRAINER_DATA_PACK_CUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "trainer/data/pack/description.h"
#include "trainer/data/pack/source.h"

struct cut_row {
    uint64_t split_key, fold_key;
    uint32_t fold;
    uint8_t split; /* enum split */
    uint16_t label;
};

/* The hash of what keeps a row's place in splits or, 'fold', in folds: its
 * group, its id, or all of it. */
uint64_t cut_key(const struct description *d, const struct record *r,
                 bool fold);

/* Cut the training rows into splits, and what is left into folds, which the
 * others have none of (0). 'hash' [count] are the rows' perceptual hashes, NULL
 * where the description does not ask for them. Returns 0, or -1 with 'err'. */
int cut_rows(struct cut_row *row, size_t count, const struct description *d,
             const uint64_t *hash, struct error *err);

#endif
