/* inputs: what one example of a data set gives a model.
 *
 * Pixels, and rows of embedding tables: the text's n-grams first, then each
 * category field, then each bucketised number.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BATCH_INPUTS_H
#define TRAINER_BATCH_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "trainer/data/dataset.h"

enum input_kind { INPUT_TEXT, INPUT_CATEGORY, INPUT_NUMBER };

struct input_table {
    char name[64]; /* "text", "category.<field>", "number.<field>" */
    enum input_kind kind;
    size_t field; /* index of the category or number field */
    size_t rows;
};

enum { IMAGE_CHANNELS = 3 };

struct inputs {
    size_t image_height, image_width; /* 0: no image */
    size_t table_count;
    struct input_table *table;
};

struct dataset;

/* The inputs 'data' offers, without the image or the text when they are not
 * wanted or not there. Returns 0 and the caller clears, or -1 with 'err' when
 * nothing is left or memory is out. */
int inputs_init(struct inputs *in, const struct dataset *data, bool image,
                bool text, size_t text_buckets, struct error *err);
void inputs_clear(struct inputs *in);

/* Pixels of one example. */
size_t inputs_pixels(const struct inputs *in);

#endif
