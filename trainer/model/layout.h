/* layout: the names, shapes and places of a model's numbers.
 *
 * All dense parameters lie in one array, so that a gradient is one message and
 * an optimiser's step one loop. A layer adds its parameters when it is made
 * and keeps their offsets; folds share the layout and have numbers each.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_MODEL_LAYOUT_H
#define TRAINER_MODEL_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct parameter {
    char name[96];
    size_t rank, shape[4];
    size_t offset, count;
    size_t fan_in, fan_out; /* weights start by a scheme (initial.h) ... */
    double gain;            /* ... 1 before a ReLU, less where there is none */
    double start;           /* with fan_in 0: all start at this value */
    bool decay;             /* weight decay applies */
};

struct layout {
    struct parameter *parameter;
    size_t count, capacity;
    size_t floats; /* of all parameters */
};

void layout_clear(struct layout *l);

/* Add a parameter; all but its place is taken
 * from 'p', its place is filled in. Returns 0 with the offset in '*offset', or
 * -1 with 'err' when memory is out. */
int layout_add(struct layout *l, const struct parameter *p, size_t *offset,
               struct error *err);

#endif
