/* jpeg: the door to libjpeg.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_IMAGE_JPEG_H
#define TRAINER_DATA_IMAGE_JPEG_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "trainer/data/image/image.h"

/* Decode 'size' bytes into 'p', whose memory the caller frees. The picture may
 * come at 1/2, 1/4 or 1/8 of its size as long as it is not below twice
 * height x width: decoding so is faster. What libjpeg only warns of (a file that ends
 * early) is an error too. Returns 0, or -1 with 'err' and p->rgb NULL. */
int jpeg_decode(const void *data, size_t size, uint32_t height, uint32_t width,
                struct picture *p, struct error *err);

#endif
