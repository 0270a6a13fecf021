/* table: one embedding table: weighted sums of its rows, and the gradient of
 * the rows a batch touched.
 *
 * Ranks exchange touched rows and not tables. table_exchange() gathers them
 * and adds them up in rank order, so that every rank has the same bits.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_MODEL_TABLE_H
#define TRAINER_MODEL_TABLE_H

#include "trainer/batch/lookup.h"
#include "trainer/model/pass.h"

struct table {
    char name[64];
    size_t rows, dimension;
    size_t column; /* where its sums stand among the features; words: none */
    /* of the batch at hand, in the backend's memory */
    uint32_t *offset, *id, *user;
    float *weight;
    size_t capacity; /* of id, user, weight */
    /* the gradient: rows touched[0..touched_count) of the table */
    uint32_t *touched, *start;
    float *grad;
    size_t touched_count, touched_capacity;
    uint32_t *seen; /* [rows] for merging, zero in between */
};

/* Make the table ready for lookups of up to 'lines' lines; name, rows, dimension and
 * column are set. Returns 0, or -1 with 'err'; table_clear() in any case. */
int table_init(struct table *t, struct backend *b, size_t lines,
               struct error *err);
void table_clear(struct table *t, struct backend *b);

/* The weighted sums of rows of 'value' to the first columns of 'out', a line
 * each of the lookup's. Returns 0, or -1 with 'err' when memory is out. */
int table_forward(struct table *t, const struct pass *p, const struct lookup *l,
                  const float *value, float *out, size_t stride,
                  struct error *err);

/* The gradient of the touched rows, of this rank. */
int table_backward(struct table *t, const struct pass *p,
                   const struct lookup *l, const float *dout, size_t stride,
                   struct error *err);

/* The gradient of the rows any rank touched. */
int table_exchange(struct table *t, const struct pass *p, struct error *err);

#endif
