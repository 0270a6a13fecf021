/* lookup: which rows of a table the examples of a batch ask for.
 *
 * Compressed rows: example i asks for id[j] with weight[j], offset[i] <= j <
 * offset[i + 1]. lookup_index() numbers the distinct ids, so that gradients
 * need as many rows as were touched and not as many as the table has.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BATCH_LOOKUP_H
#define TRAINER_BATCH_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct lookup {
    size_t table_rows;
    size_t rows, count; /* examples, ids */
    uint32_t *offset;   /* [rows + 1] */
    uint32_t *id;       /* [count] */
    float *weight;      /* [count] */
    uint32_t *slot;     /* [count] the place of id[j] in 'touched' */
    uint32_t *touched;  /* distinct ids in the order they first came */
    size_t touched_count;
    /* turned round: touched[i] is asked for by the examples user[j] with the
     * weights share[j], start[i] <= j < start[i + 1], in their order */
    uint32_t *start; /* [touched_count + 1] */
    uint32_t *user;  /* [count] */
    float *share;    /* [count] */
    size_t row_capacity, capacity;
    uint32_t *seen; /* [table_rows] slot + 1 while indexing, else 0 */
};

/* Make room for the lookups of a table. Returns 0, or -1 with 'err'. */
int lookup_init(struct lookup *l, size_t table_rows, size_t row_capacity,
                struct error *err);
void lookup_clear(struct lookup *l);

/* Forget all examples. */
void lookup_reset(struct lookup *l);

/* Make room for 'more' ids behind those there, so that id + count and weight +
 * count may be written. Returns 0, or -1 with 'err'. */
int lookup_reserve(struct lookup *l, size_t more, struct error *err);

/* End an example: 'used' ids were written behind those there. */
void lookup_end_row(struct lookup *l, size_t used);

/* Fill 'slot', 'touched' and 'touched_count', and turn it round. */
void lookup_index(struct lookup *l);

#endif
