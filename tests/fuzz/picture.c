/* Any bytes as a JPEG or PNG file: all the pixels it claims, or an error.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "trainer/data/image/jpeg.h"
#include "trainer/data/image/png.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIDE = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = ERROR_INIT;
    struct picture p;
    uint8_t planes[3 * SIDE * SIDE];
    const int is_png = size > 0 && data[0] == 0x89;
    int rc =
        (is_png ? png_decode : jpeg_decode)(data, size, SIDE, SIDE, &p, &err);

    if (rc < 0) {
        assert(!p.rgb && err.what[0]);
        return 0;
    }
    assert(p.width > 0 && p.height > 0);
    assert((uint64_t)p.width * p.height <= PICTURE_MAX_PIXELS);
    image_resize(&p, SIDE, SIDE, planes);
    free(p.rgb);
    return 0;
}
