/* set: one kind of made-up set: what a row is, and how it is said.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_SYNTH_SET_H
#define TRAINER_DATA_SYNTH_SET_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct synth_column {
    const char *name;
    void (*say)(const void *row, uint64_t number, struct text *out);
};

struct synth_set {
    const char *name;        /* "listings" */
    const char *table;       /* its CSV file */
    const char *description; /* of the data, YAML */
    const struct synth_column *columns;
    int column_count;
    size_t row_bytes;
    /* Make row 'number' of the set 'seed' in place of the one that is there (a
     * zeroed one at first); free what it holds. 0, or -1 when out of memory. */
    int (*make)(void *row, uint64_t seed, uint64_t number);
    void (*clear)(void *row);
    /* Its picture, planes [3][side][side]; NULL and 0: it has none. */
    void (*draw)(const void *row, uint64_t seed, uint64_t number,
                 uint8_t *planes);
    uint32_t side;
};

extern const struct synth_set synth_listings, synth_kinds, synth_frames;

#endif
