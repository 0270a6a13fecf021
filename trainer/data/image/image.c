/* image: a picture file as small planes of bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/image/image.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "trainer/data/image/jpeg.h"
#include "trainer/data/image/png.h"

enum { FILE_MAX = 1 << 28 };

static const struct {
    const char *magic;
    int (*decode)(const void *data, size_t size, uint32_t height,
                  uint32_t width, struct picture *p, struct error *err);
} formats[] = {
    { "\xFF\xD8\xFF", jpeg_decode },
    { "\x89PNG", png_decode },
};

int image_load(const char *path, uint32_t height, uint32_t width,
               uint8_t *planes, struct error *err)
{
    struct picture p = { 0 };
    char *data = NULL;
    size_t size, i = 0, count = sizeof formats / sizeof *formats;
    int rc = -1;
    if (file_read_named(path, FILE_MAX, &data, &size, err) < 0)
        goto out;
    while (i < count &&
           strncmp(data, formats[i].magic, strlen(formats[i].magic)) != 0)
        i++;
    if (i == count) {
        error_usage(err, "'%s' is neither JPEG nor PNG", path);
        goto out;
    }
    if (formats[i].decode(data, size, height, width, &p, err) < 0) {
        error_prefix(err, "'%s'", path);
        goto out;
    }
    image_resize(&p, height, width, planes);
    rc = 0;
out:
    free(p.rgb);
    free(data);
    return rc;
}

/* Output pixel 'i' of 'out' covers i*in .. (i+1)*in, and input pixel 'k'
 * covers k*out .. (k+1)*out, on a common ruler of in*out ticks: how many ticks
 * do they share? */
static uint64_t overlap(uint64_t i, uint64_t in, uint64_t k, uint64_t out)
{
    uint64_t first = i * in > k * out ? i * in : k * out;
    uint64_t end = (i + 1) * in < (k + 1) * out ? (i + 1) * in : (k + 1) * out;
    return end - first;
}

static void mean_of_area(const struct picture *p, uint64_t y, uint64_t height,
                         uint64_t x, uint64_t width, uint8_t rgb[3])
{
    const uint64_t area = (uint64_t)p->width * p->height;
    uint64_t sum[3] = { area / 2, area / 2, area / 2 };
    for (uint64_t v = y * p->height / height; v * height < (y + 1) * p->height;
         v++) {
        const uint64_t rows = overlap(y, p->height, v, height);
        for (uint64_t u = x * p->width / width; u * width < (x + 1) * p->width;
             u++) {
            const uint64_t weight = rows * overlap(x, p->width, u, width);
            const uint8_t *pixel = p->rgb + 3 * (v * p->width + u);
            for (int c = 0; c < 3; c++)
                sum[c] += weight * pixel[c];
        }
    }
    for (int c = 0; c < 3; c++)
        rgb[c] = (uint8_t)(sum[c] / area);
}

void image_resize(const struct picture *p, uint32_t height, uint32_t width,
                  uint8_t *planes)
{
    const size_t plane = (size_t)height * width;
    assert(p->width > 0 && p->height > 0);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            uint8_t rgb[3];
            mean_of_area(p, y, height, x, width, rgb);
            for (size_t c = 0; c < 3; c++)
                planes[c * plane + (size_t)y * width + x] = rgb[c];
        }
}
