/* duplicates: which pictures are near-duplicates of each other.
 *
 * Two perceptual hashes (data/image/phash.h) that differ in at most 'distance'
 * bits are near; a group is what near ones join. Found by multi-index hashing
 * (Norouzi, Punjani & Fleet 2012): the hash is cut into four parts of 16 bits,
 * one of which must differ in at most distance / 4; each part has a table.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_DUPLICATES_H
#define TRAINER_DATA_DUPLICATES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "trainer/data/dataset.h"

enum { DUPLICATES_DISTANCE = 4, DUPLICATES_DISTANCE_MAX = 11 };

/* Give each of 'count' hashes its group, 0..*groups-1 by first members. A
 * hash of 0 is no hash: such a picture is alone. Returns 0, or -1 with 'err'. */
int duplicates_group(const uint64_t *hash, size_t count, int distance,
                     uint32_t *group, size_t *groups, struct error *err);

/* The group of each row of a set. The caller frees; NULL with 'err' when the
 * set has no pictures or memory is out. */
uint32_t *duplicates_of(const struct dataset *data, int distance,
                        size_t *groups, struct error *err);

/* Print how many near-duplicates the set has, and those that stand in
 * different splits: the model is then judged by pictures that it has learned.
 * Returns 0, or -1 with 'err'. */
int duplicates_report(const struct dataset *data, int distance, FILE *out,
                      struct error *err);

#endif
