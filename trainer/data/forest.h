/* forest: what belongs together, told pair by pair (union-find).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_FOREST_H
#define TRAINER_DATA_FOREST_H

#include <stddef.h>
#include <stdint.h>

/* Each of 'count' alone; the caller frees. NULL when memory is out. */
uint32_t *forest_create(size_t count);

/* The one that stands for all that belong to 'i': the least of them. */
uint32_t forest_root(uint32_t *parent, uint32_t i);

/* 'a' and 'b' belong together. */
void forest_join(uint32_t *parent, uint32_t a, uint32_t b);

#endif
