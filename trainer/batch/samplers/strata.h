/* strata: rows sorted by kind, so that a batch sampler can deal from each.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BATCH_SAMPLERS_STRATA_H
#define TRAINER_BATCH_SAMPLERS_STRATA_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The rows member[first .. first + count) of the strata are of kind 'key'. */
struct stratum {
    uint64_t key;
    size_t first, count;
};

struct strata {
    struct stratum *list; /* [count], ascending keys, none empty */
    size_t count, rows;
    size_t *member; /* [rows] indices of rows, ascending within a stratum */
};

/* Sort rows 0..rows-1 by their keys. Returns 0 and the caller clears, or -1
 * with 'err'. */
int strata_init(struct strata *s, const uint64_t *key, size_t rows,
                struct error *err);
void strata_clear(struct strata *s);

#endif
