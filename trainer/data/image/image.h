/* image: a picture file as small planes of bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_IMAGE_IMAGE_H
#define TRAINER_DATA_IMAGE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A decoded picture. */
struct picture {
    uint32_t width, height;
    uint8_t *rgb; /* [height][width][3], freed by the owner */
};

/* No picture may have more pixels: a small file can claim billions. */
enum { PICTURE_MAX_PIXELS = 1 << 27 };

/* Read a JPEG or PNG file and resize it to planes [3][height][width] (red,
 * green, blue), its sides scaled apart. Returns 0, or -1 with 'err' when the
 * file is missing, is neither, or is damaged (a JPEG that ends early too). */
int image_load(const char *path, uint32_t height, uint32_t width,
               uint8_t *planes, struct error *err);

/* The resizing alone: every output pixel is the mean of the area it covers,
 * in whole numbers, so all machines agree; the same size copies. */
void image_resize(const struct picture *p, uint32_t height, uint32_t width,
                  uint8_t *planes);

#endif
