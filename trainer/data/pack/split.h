/* split: which rows go where; for train/validation/test and for folds.
 *
 * Each row has a 64-bit key, the hash of what must stay together (its group,
 * its id, or all of it). Without strata the key alone decides, so rows that
 * come later change nothing for those that were there. Stratified, the rows of
 * each class are put in the order of their keys and cut by count, so that
 * every part has its share of each class to within one row. Rows of one key stay
 * together in every case; stratified they count as of the highest class among
 * them, and shares are met to within so many rows as have one key.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_PACK_SPLIT_H
#define TRAINER_DATA_PACK_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct split_item {
    size_t row; /* the caller's */
    uint64_t key;
    uint32_t label; /* the class; stratified: of all with this key */
    uint32_t part;  /* the answer */
};

/* Give each item its part, 0..parts-1, part p taking share[p] of the rows
 * (shares sum to 1). Reorders the items when stratified. */
void split_assign(struct split_item *items, size_t count, const double *share,
                  uint32_t parts, bool stratified);

#endif
