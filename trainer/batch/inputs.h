/* inputs: what one example of a data set gives a model.
 *
 * Pixels; rows of embedding tables: the text's n-grams or words first, then
 * its character n-grams, each category field, each bucketised number; dense
 * numbers; frames.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BATCH_INPUTS_H
#define TRAINER_BATCH_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "trainer/batch/positions.h"
#include "trainer/data/dataset.h"

enum input_kind {
    INPUT_TEXT,  /* a bag of n-grams */
    INPUT_WORDS, /* word by word, positions of them */
    INPUT_CHARACTERS,
    INPUT_CATEGORY,
    INPUT_NUMBER
};

struct input_table {
    char name[64]; /* "text", "category.<field>", "number.<field>" */
    enum input_kind kind;
    size_t field; /* index of the category or number field */
    size_t rows;
};

enum { IMAGE_CHANNELS = 3 };

/* What a model wants to look at, where the set has it. */
struct inputs_options {
    bool image;
    bool text;
    int64_t text_buckets;
    struct sequence_options words; /* kind NONE: a bag */
    bool characters;
    int64_t character_buckets;
    bool categories;
    bool number_buckets, number_values;
    bool vector;
    struct sequence_options frames; /* kind NONE: not at all */
};

struct inputs {
    size_t image_height, image_width; /* 0: no image */
    size_t classes;                   /* of the label */
    size_t table_count;
    struct input_table *table;
    struct sequence_options words; /* of the table of kind WORDS */
    size_t numbers;     /* dense: two columns each, the value and whether it is
                           missing */
    size_t vector_size; /* dense */
    size_t frame_size;  /* 0: no frames, else of each; 'frames' FLAT: dense */
    struct sequence_options frames;
};

/* The inputs 'data' offers of those wanted. Returns 0 and the caller clears, or
 * -1 with 'err' when nothing is left or memory is out. */
int inputs_init(struct inputs *in, const struct dataset *data,
                const struct inputs_options *o, struct error *err);
void inputs_clear(struct inputs *in);

/* Pixels of one example. */
size_t inputs_pixels(const struct inputs *in);

/* Dense columns of one example. */
size_t inputs_dense(const struct inputs *in);

/* Whether frames are read position by position. */
bool inputs_has_frames(const struct inputs *in);

/* How many lines of lookups an example has at most in a table. */
size_t inputs_lines(const struct inputs *in, const struct input_table *t);

/* Logits of a model: 1 where there are two classes. */
size_t inputs_outputs(const struct inputs *in);

#endif
