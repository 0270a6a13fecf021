/* vocabulary: the values of a categorical column and their numbers.
 *
 * Order: vocabulary_count() for each training row, vocabulary_number() once,
 * then vocabulary_find(). Values get 1, 2, ... from the most frequent on (ties
 * by their bytes); what is rarer than asked for, what was never counted, and
 * the empty string are 0, "unknown".
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_PACK_VOCABULARY_H
#define TRAINER_DATA_PACK_VOCABULARY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"

struct vocabulary {
    struct vocabulary_value *values; /* a hash table, open addressing */
    size_t capacity, count;          /* values counted */
    uint32_t cardinality;            /* numbers given, with 0 */
};

/* Count one more row with this value. Returns 0, or -1 with 'err'. */
int vocabulary_count(struct vocabulary *v, const char *value,
                     struct error *err);

/* Number the values that 'min_count' rows or more have. */
int vocabulary_number(struct vocabulary *v, uint64_t min_count,
                      struct error *err);

/* Instead of counting: the values of a list as vocabulary_tree() gave it. */
int vocabulary_restore(struct vocabulary *v, const struct tree *values,
                       struct error *err);

/* The number of a value, 0 when it has none. */
uint32_t vocabulary_find(const struct vocabulary *v, const char *value);

/* The values in the order of their numbers, from 1 on, as a list the caller
 * destroys; NULL when out of memory. */
struct tree *vocabulary_tree(const struct vocabulary *v);

/* Free all; a zeroed vocabulary is an empty one. */
void vocabulary_clear(struct vocabulary *v);

#endif
