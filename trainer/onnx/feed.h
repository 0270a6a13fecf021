/* feed: what a graph is given for each row: which arrays, of what shape, what they
 * mean; and the same of rows of a packed set, as an example.
 *
 * Pictures, categories and numbers go in as they are; what a table or a standard
 * makes of them is in the graph. Words do not: a runtime has no XXH3, so they
 * come as rows of their table, with weights.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_ONNX_FEED_H
#define TRAINER_ONNX_FEED_H

#include "base/tree.h"
#include "trainer/batch/batch.h"
#include "trainer/onnx/graph.h"

enum feed_kind {
    FEED_IMAGE,
    FEED_ID,     /* of a bag or of words: rows of the table ... */
    FEED_WEIGHT, /* ... and how much each counts */
    FEED_CATEGORY,
    FEED_NUMBER,
    FEED_LENGTH, /* words there are */
    FEED_VECTOR,
    FEED_FRAMES,
    FEED_FRAMES_LENGTH
};

struct feed_input {
    enum feed_kind kind;
    char name[80];
    struct graph_tensor type; /* its name is the one above */
    size_t index;             /* of the table, or of the number's field */
    char meaning[400];
};

struct feed {
    struct feed_input *input;
    size_t count;
};

/* What 'in', inputs of 'data', needs; of a text's n-grams 'ngram' says how they
 * are made. Returns 0 and the caller clears, or -1 with 'err'. */
int feed_init(struct feed *f, const struct inputs *in,
              const struct dataset *data, const struct ngram_options *ngram,
              struct error *err);
void feed_clear(struct feed *f);

/* Positions a sequence has in the graph. */
size_t feed_positions(const struct sequence_options *o);

/* A list of maps: name, type, shape, meaning. The caller destroys. */
struct tree *feed_describe(const struct feed *f);

/* Write rows that fill 'b' as files input_<i>.pb into 'folder'. Returns 0, or -1
 * with 'err'. */
int feed_write(const struct feed *f, const struct batch *b,
               const struct inputs *in, const struct dataset *data,
               const uint32_t *row, const char *folder, struct error *err);

#endif
