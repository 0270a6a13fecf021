/* table: one embedding table: weighted sums of its rows, and the gradient of
 * the rows a batch touched.
 *
 * Ranks exchange touched rows and not tables: they are gathered and added up by
 * rank, in an order that is the same everywhere, so that every rank has the same
 * bits. A gradient may be on its way while the next one is computed.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_MODEL_TABLE_H
#define TRAINER_MODEL_TABLE_H

#include "trainer/batch/lookup.h"
#include "trainer/model/pass.h"

/* The gradient of some rows of a table; in the backend's memory, but 'name'. */
struct touched {
    uint32_t *row, *start; /* start: private to table_backward() */
    float *grad;           /* [count][dimension] */
    uint32_t *name;        /* 'row' again, in the host's; many ranks only */
    size_t count, capacity;
};

/* What all ranks touched, one behind the other; a row may come repeatedly. */
struct gathered {
    size_t *counts, *bytes; /* by rank */
    struct lookup row;      /* each is asked for once, with weight 1 */
    float *grad;            /* in the backend's memory */
    size_t count, capacity; /* 'capacity' of grad */
};

struct table {
    char name[64];
    size_t rows, dimension;
    size_t column; /* where its sums stand among the features; words: none */
    /* of the batch at hand, in the backend's memory */
    uint32_t *offset, *id, *user;
    float *weight;
    size_t capacity;        /* of id, user, weight */
    struct touched touched; /* the gradient */
    struct touched away;    /* that of the step before, see model_exchange() */
    struct gathered gathered;
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

/* Begin to gather 'touched' of all ranks; it stays as it is until
 * comm_wait(). Returns 0, or -1 with 'err'. */
int table_start_exchange(struct table *t, const struct pass *p,
                         struct error *err);

/* After comm_wait(): make 'to', which was t->touched when it began, the gradient
 * of the rows that any rank touched. Returns 0, or -1 with 'err'. */
int table_end_exchange(struct table *t, const struct pass *p,
                       struct touched *to, struct error *err);

#endif
