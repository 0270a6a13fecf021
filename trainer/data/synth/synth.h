/* synth: made-up sets, as a source to pack or as files to look at.
 *
 * listings: which of a market's offers are counterfeit (rare positives; text,
 * categories, numbers, pictures). kinds: what a picture shows (12 classes).
 * frames: which sound a window of acoustic frames is (10 classes).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_SYNTH_SYNTH_H
#define TRAINER_DATA_SYNTH_SYNTH_H

#include <stdint.h>

#include "base/error.h"
#include "trainer/data/pack/description.h"
#include "trainer/data/pack/source.h"

struct synth_set;

/* The set of this name, or NULL with 'err'. */
const struct synth_set *synth_find(const char *name, struct error *err);

/* The description of a set: what synth_write() puts into <name>.data.yaml.
 * Returns 0, or -1 with 'err'. */
int synth_describe(const struct synth_set *set, struct description *d,
                   struct error *err);

/* 'rows' rows of the set 'seed' as a source for description 'd' (borrowed).
 * Returns it, ended by its destroy(), or NULL with 'err'. */
struct source *synth_open(const struct synth_set *set,
                          const struct description *d, uint64_t rows,
                          uint64_t seed, struct error *err);

/* The same as files in 'folder': a CSV file, images/NNNNNN.png where the set
 * has pictures, and <name>.data.yaml; packing them gives the very bytes that
 * packing the source gives. Returns 0, or -1 with 'err'. */
int synth_write(const struct synth_set *set, const char *folder, uint64_t rows,
                uint64_t seed, struct error *err);

#endif
