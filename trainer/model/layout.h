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
    double deviation; /* starts as normal numbers of this deviation ... */
    double start;     /* ... around this value */
    bool decay;       /* weight decay applies */
};

struct layout {
    struct parameter *parameter;
    size_t count, capacity;
    size_t floats; /* of all parameters */
};

void layout_clear(struct layout *l);

/* Add a parameter; name, rank and shape, deviation, start and decay are taken
 * from 'p', its place is filled in. Returns 0 with the offset in '*offset', or
 * -1 with 'err' when memory is out. */
int layout_add(struct layout *l, const struct parameter *p, size_t *offset,
               struct error *err);

#endif
