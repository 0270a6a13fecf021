/* survey: all that packing must know of the rows before it writes the first.
 *
 * Two readings of the source: labels and keys, from which splits and folds
 * follow; then the fields of the training rows, from which vocabularies and
 * quantiles do; where near-duplicates are kept together, between the two all
 * pictures. Holds 24 bytes a row, and the numbers cut by quantiles.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_PACK_SURVEY_H
#define TRAINER_DATA_PACK_SURVEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "trainer/data/dataset.h"
#include "trainer/data/pack/cut.h"
#include "trainer/data/pack/description.h"
#include "trainer/data/pack/moment.h"
#include "trainer/data/pack/pictures.h"
#include "trainer/data/pack/source.h"
#include "trainer/data/pack/vocabulary.h"

struct survey {
    struct cut_row *row; /* [row_count], in the source's order */
    size_t row_count, row_capacity;
    uint64_t digest;               /* of all fields of all rows */
    struct vocabulary *vocabulary; /* [category_count] */
    struct number_field *number;   /* [number_count]; names are borrowed */
    size_t category_count, number_count;
    char *negative;           /* the one other value, where none is listed */
    enum moment_kind moments; /* of the column that splits go by */
};

/* Read the source through; 'pictures' says who reads those, where near-duplicates
 * are kept together. What is learned is taken from 'like' instead, where that is
 * not NULL. Returns 0, or -1 with 'err' (kind USAGE and where
 * "file:line" for what is wrong in the data) and 's' cleared. */
int survey_run(struct survey *s, const struct description *d,
               struct source *source, const struct pictures *pictures,
               const struct dataset *like, struct error *err);

/* The i-th number of a record, NaN when the field is empty. Returns 0, or -1
 * with 'err' when it is no number that a float can hold. */
int survey_number(const struct description *d, const struct record *r, size_t i,
                  float *value, struct error *err);

/* Free all; a zeroed survey is fine. */
void survey_clear(struct survey *s);

#endif
