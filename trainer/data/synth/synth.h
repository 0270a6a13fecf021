/* synth: made-up sets, as a source to pack or as files to look at.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_SYNTH_SYNTH_H
#define TRAINER_DATA_SYNTH_SYNTH_H

#include <stdint.h>

#include "base/error.h"
#include "trainer/data/pack/description.h"
#include "trainer/data/pack/source.h"

/* The description of the listings set: what synth_write_listings() puts into
 * listings.data.yaml. Returns 0, or -1 with 'err'. */
int synth_describe_listings(struct description *d, struct error *err);

/* 'rows' listings of the set 'seed' as a source for description 'd'
 * (borrowed). Returns it, ended by its destroy(), or NULL with 'err'. */
struct source *synth_open_listings(const struct description *d, uint64_t rows,
                                   uint64_t seed, struct error *err);

/* The same as files in 'folder': listings.csv, images/NNNNNN.png and
 * listings.data.yaml; packing them gives the very bytes that packing the source
 * gives. Returns 0, or -1 with 'err'. */
int synth_write_listings(const char *folder, uint64_t rows, uint64_t seed,
                         struct error *err);

#endif
