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

struct batch {
    size_t rows, capacity;
    float *label;          /* [rows] */
    uint8_t *pixels;       /* [rows][3][height][width], or NULL */
    struct lookup *lookup; /* one a table of the inputs */
    size_t lookup_count;
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
    const float *idf; /* one value a text bucket, or NULL */
    enum augment augment;
};

/* Fill 'b' with rows 'row[0..count)' of the set. In training 'key' names the
 * n-grams to leave out and the changes of images: that of the i-th example is
 * made of key and 'first' + i, its place in the batch of all ranks; 0 takes
 * examples as they are. Returns 0, or -1 with 'err'. */
int batch_fill(struct batch *b, const struct batch_source *s,
               const uint32_t *row, size_t count, size_t first, uint64_t key,
               struct error *err);

/* Count in how many of these rows each bucket occurs and make the inverse
 * document frequency of it (see NGRAM_TFIDF). Returns an array of 'buckets'
 * values that the caller frees, or NULL with 'err'. */
float *batch_idf(const struct dataset *data, const struct ngram_options *o,
                 const uint32_t *row, size_t count, struct error *err);

#endif
