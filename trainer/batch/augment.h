/* augment: a training image changed in ways that keep what it shows.
 *
 * A network that has seen a picture mirrored or a little to the side learns
 * the thing and not the place of its pixels (Krizhevsky et al. 2012): on some
 * thousands of images this is worth more than any width.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BATCH_AUGMENT_H
#define TRAINER_BATCH_AUGMENT_H

#include <stddef.h>
#include <stdint.h>

enum augment {
    AUGMENT_NONE,
    AUGMENT_FLIP, /* left for right, in half the cases */
    AUGMENT_SHIFT /* besides, moved by up to an eighth of each side; what comes
                     in from outside repeats the border */
};

/* In the order of the enum, ends with NULL. */
extern const char *const augment_names[];

/* Copy the image 'from' [channels][height][width] to 'to', changed by the
 * numbers of 'key' alone. The two do not overlap. */
void augment_image(enum augment how, uint64_t key, size_t channels,
                   size_t height, size_t width, const uint8_t *from,
                   uint8_t *to);

#endif
