/* sequence: the tower over sequences: words by their embeddings, or frames of
 * numbers, to features.
 *
 * The input is filled by whoever has it: s.x before sequence_forward(); its
 * gradient is in s.dx after sequence_backward().
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_MODEL_SEQUENCE_H
#define TRAINER_MODEL_SEQUENCE_H

#include "trainer/batch/positions.h"
#include "trainer/model/lstm.h"
#include "trainer/model/window.h"

struct sequence_tower {
    bool on;
    struct sequences s;
    size_t column, features; /* where they stand among the model's */
    struct windows windows;  /* one of the two is made */
    struct lstm lstm[2];
    size_t directions;
};

/* Make the tower for positions of 'channels' values and up to 'rows' rows; its
 * parameters begin with "<name>." Returns 0, or -1 with 'err';
 * sequence_clear() in any case. */
int sequence_init(struct sequence_tower *t, struct backend *b, const char *name,
                  const struct sequence_options *o, size_t channels,
                  size_t rows, struct layout *dense, struct error *err);
void sequence_clear(struct sequence_tower *t, struct backend *b);

/* The batch at hand has 'positions' of each row, of which 'length' (host
 * memory) are there. */
void sequence_begin(struct sequence_tower *t, const struct pass *p,
                    size_t positions, const uint32_t *length);

/* To and from the tower's columns of the features. */
void sequence_forward(struct sequence_tower *t, const struct pass *p,
                      float *features, size_t stride);
void sequence_backward(struct sequence_tower *t, const struct pass *p,
                       const float *dfeatures, size_t stride);

#endif
