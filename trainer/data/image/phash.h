/* phash: 64 bits that stay the same, but for a few, when a picture is scaled,
 * compressed again or made a little brighter.
 *
 * Brightness in 32 x 32 places, its discrete cosine transform, the 8 x 8
 * lowest frequencies but the zeroth; a bit each: above their median or not
 * (Zauner 2010, "Implementation and benchmarking of perceptual image hash
 * functions"). Near-duplicates differ in few bits, see data/duplicates.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_IMAGE_PHASH_H
#define TRAINER_DATA_IMAGE_PHASH_H

#include <stdint.h>

/* The hash of planes [3][height][width], red first. 0 when there is nothing to
 * see: all places are alike. */
uint64_t phash(const uint8_t *planes, uint32_t height, uint32_t width);

#endif
