/* png: the door to libpng.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_IMAGE_PNG_H
#define TRAINER_DATA_IMAGE_PNG_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "trainer/data/image/image.h"

/* Decode 'size' bytes into 'p', whose memory the caller frees; what is
 * transparent becomes white. The wanted size is not used. Returns 0, or -1
 * with 'err' and p->rgb NULL. */
int png_decode(const void *data, size_t size, uint32_t height, uint32_t width,
               struct picture *p, struct error *err);

/* Write planes [3][height][width] as a PNG file, losing nothing. Returns 0, or
 * -1 with 'err'. */
int png_save(const char *path, const uint8_t *planes, uint32_t height,
             uint32_t width, struct error *err);

/* The version of libpng that is linked. */
const char *png_version(void);

#endif
