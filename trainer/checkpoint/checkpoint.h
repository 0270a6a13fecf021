/* checkpoint: a training's numbers in a file, to go on from bit for bit.
 *
 * For each fold the weights, what the optimiser keeps of them, and the
 * statistics of batch norms; the place in the training and the last report in
 * the metadata. All random numbers follow from the seed and the place.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_CHECKPOINT_CHECKPOINT_H
#define TRAINER_CHECKPOINT_CHECKPOINT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/tree.h"
#include "trainer/fold/fold.h"
#include "trainer/model/model.h"

/* What is saved and restored. All borrowed. */
struct checkpoint {
    const struct model *model;
    struct fold *fold;
    size_t fold_count;
    bool whole;         /* with the optimiser's numbers, to go on; else the
                           weights alone, to use */
    const char *digest; /* names the training: must be the same to go on;
                           NULL: of any */
};

/* Write 'path' (atomically) with 'place', a map of strings. */
int checkpoint_save(const struct checkpoint *c, const char *path,
                    const struct tree *place, struct error *err);

/* Read 'path' back into the folds. '*place' gets the map of strings, which the
 * caller destroys. Returns 0, or -1 with 'err': the file is damaged, or of
 * another training; the folds are then not to be used. */
int checkpoint_load(const struct checkpoint *c, const char *path,
                    struct tree **place, struct error *err);

#endif
