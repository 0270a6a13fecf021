/* batch: some examples side by side, as a model takes them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BATCH_BATCH_H
#define TRAINER_BATCH_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "trainer/batch/augment.h"
#include "trainer/batch/inputs.h"
#include "trainer/batch/lookup.h"
#include "trainer/batch/ngram.h"
#include "trainer/batch/statistics.h"

struct batch {
    size_t rows, capacity;
    float *label;          /* [rows] */
    uint8_t *pixels;       /* [rows][3][height][width], or NULL */
    struct lookup *lookup; /* one a table of the inputs */
    size_t lookup_count;
    struct positions words; /* of the table of words; count 0: there is none */
    float *dense;           /* [rows][inputs_dense()] */
    float *frame;           /* [rows][frames.count][frame_size] */
    struct positions frames;
};

/* Make room for batches of up to 'capacity' examples. Returns 0 and the caller
 * clears, or -1 with 'err'. */
int batch_init(struct batch *b, const struct inputs *in, size_t capacity,
               struct error *err);
void batch_clear(struct batch *b);

/* Where examples come from. All borrowed. */
struct batch_source {
    const struct dataset *data;
    const struct inputs *inputs;
    const struct ngram_options *ngram;
    const struct ngram_options *characters;
    const struct statistics *statistics;
    enum augment augment;
};

/* Fill 'b' with rows 'row[0..count)' of the set. In training 'key' names the
 * n-grams to leave out and the changes of images: that of the i-th example is
 * made of key and 'first' + i, its place in the batch of all ranks; 0 takes
 * examples as they are. Returns 0, or -1 with 'err'. */
int batch_fill(struct batch *b, const struct batch_source *s,
               const uint32_t *row, size_t count, size_t first, uint64_t key,
               struct error *err);

#endif
