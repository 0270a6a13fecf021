/* Pictures: means of areas, both formats, and what is broken.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "trainer/data/image/image.h"
#include "trainer/data/image/jpeg.h"
#include "trainer/data/image/png.h"

/* 16 x 8 pixels made with libjpeg, the left half red (200, 30, 20), the right
 * blue (20, 30, 220); the second in four inks. */
static const uint8_t rgb_jpeg[] = {
    0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x10, 0x4A, 0x46, 0x49, 0x46, 0x00, 0x01,
    0x01, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0xFF, 0xDB, 0x00, 0x43,
    0x00, 0x03, 0x02, 0x02, 0x03, 0x02, 0x02, 0x03, 0x03, 0x03, 0x03, 0x04,
    0x03, 0x03, 0x04, 0x05, 0x08, 0x05, 0x05, 0x04, 0x04, 0x05, 0x0A, 0x07,
    0x07, 0x06, 0x08, 0x0C, 0x0A, 0x0C, 0x0C, 0x0B, 0x0A, 0x0B, 0x0B, 0x0D,
    0x0E, 0x12, 0x10, 0x0D, 0x0E, 0x11, 0x0E, 0x0B, 0x0B, 0x10, 0x16, 0x10,
    0x11, 0x13, 0x14, 0x15, 0x15, 0x15, 0x0C, 0x0F, 0x17, 0x18, 0x16, 0x14,
    0x18, 0x12, 0x14, 0x15, 0x14, 0xFF, 0xDB, 0x00, 0x43, 0x01, 0x03, 0x04,
    0x04, 0x05, 0x04, 0x05, 0x09, 0x05, 0x05, 0x09, 0x14, 0x0D, 0x0B, 0x0D,
    0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14,
    0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14,
    0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14,
    0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14, 0x14,
    0x14, 0x14, 0xFF, 0xC0, 0x00, 0x11, 0x08, 0x00, 0x08, 0x00, 0x10, 0x03,
    0x01, 0x11, 0x00, 0x02, 0x11, 0x01, 0x03, 0x11, 0x01, 0xFF, 0xC4, 0x00,
    0x15, 0x00, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x08, 0xFF, 0xC4, 0x00, 0x14,
    0x10, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xC4, 0x00, 0x16, 0x01, 0x01,
    0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x09, 0x07, 0x08, 0xFF, 0xC4, 0x00, 0x14, 0x11, 0x01,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0xFF, 0xDA, 0x00, 0x0C, 0x03, 0x01, 0x00, 0x02,
    0x11, 0x03, 0x11, 0x00, 0x3F, 0x00, 0x9F, 0xD2, 0x46, 0xE5, 0x16, 0x15,
    0xE1, 0xCA, 0xFF, 0xD9,
};

static const uint8_t cmyk_jpeg[] = {
    0xFF, 0xD8, 0xFF, 0xEE, 0x00, 0x0E, 0x41, 0x64, 0x6F, 0x62, 0x65, 0x00,
    0x64, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xDB, 0x00, 0x43, 0x00, 0x03,
    0x02, 0x02, 0x03, 0x02, 0x02, 0x03, 0x03, 0x03, 0x03, 0x04, 0x03, 0x03,
    0x04, 0x05, 0x08, 0x05, 0x05, 0x04, 0x04, 0x05, 0x0A, 0x07, 0x07, 0x06,
    0x08, 0x0C, 0x0A, 0x0C, 0x0C, 0x0B, 0x0A, 0x0B, 0x0B, 0x0D, 0x0E, 0x12,
    0x10, 0x0D, 0x0E, 0x11, 0x0E, 0x0B, 0x0B, 0x10, 0x16, 0x10, 0x11, 0x13,
    0x14, 0x15, 0x15, 0x15, 0x0C, 0x0F, 0x17, 0x18, 0x16, 0x14, 0x18, 0x12,
    0x14, 0x15, 0x14, 0xFF, 0xC0, 0x00, 0x14, 0x08, 0x00, 0x08, 0x00, 0x10,
    0x04, 0x43, 0x11, 0x00, 0x4D, 0x11, 0x00, 0x59, 0x11, 0x00, 0x4B, 0x11,
    0x00, 0xFF, 0xC4, 0x00, 0x17, 0x00, 0x01, 0x01, 0x01, 0x01, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x09, 0x00,
    0x08, 0x0A, 0xFF, 0xC4, 0x00, 0x14, 0x10, 0x01, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0xFF, 0xDA, 0x00, 0x0E, 0x04, 0x43, 0x00, 0x4D, 0x00, 0x59, 0x00, 0x4B,
    0x00, 0x00, 0x3F, 0x00, 0xD8, 0x03, 0xE8, 0x6F, 0x95, 0x30, 0x3E, 0x9D,
    0x0A, 0xA7, 0xFF, 0xD9,
};

static char path[64];

static void save(const void *data, size_t size)
{
    strcpy(path, "/tmp/sentei-image-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(file_write(path, data, size, 0600, NULL), 0);
}

static void assert_red_and_blue(const uint8_t *planes, int height, int width)
{
    const int colours[2][3] = { { 200, 30, 20 }, { 20, 30, 220 } };
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                int value = planes[(c * height + y) * width + x];
                int wanted = colours[x >= width / 2][c];
                if (abs(value - wanted) > 6)
                    fail_msg("plane %d (%d, %d): %d for %d", c, y, x, value,
                             wanted);
            }
}

static void jpegs_are_read(void **state)
{
    struct error err = ERROR_INIT;
    uint8_t planes[3 * 8 * 16];
    (void)state;
    save(rgb_jpeg, sizeof rgb_jpeg);
    assert_int_equal(image_load(path, 8, 16, planes, &err), 0);
    assert_red_and_blue(planes, 8, 16);
    assert_int_equal(image_load(path, 2, 4, planes, &err), 0);
    assert_red_and_blue(planes, 2, 4); /* decoded at half its size */
    assert_int_equal(image_load(path, 1, 2, planes, &err), 0);
    assert_red_and_blue(planes, 1, 2);
    unlink(path);
    save(cmyk_jpeg, sizeof cmyk_jpeg);
    assert_int_equal(image_load(path, 8, 16, planes, &err), 0);
    assert_red_and_blue(planes, 8, 16);
    unlink(path);
}

static void pngs_keep_every_bit(void **state)
{
    enum { H = 19, W = 23 };
    struct error err = ERROR_INIT;
    uint8_t planes[3 * H * W], again[3 * H * W];
    (void)state;
    for (size_t i = 0; i < sizeof planes; i++)
        planes[i] = (uint8_t)(i * i * 37 + i / 7);
    save("", 0);
    assert_int_equal(png_save(path, planes, H, W, &err), 0);
    assert_int_equal(image_load(path, H, W, again, &err), 0);
    assert_memory_equal(planes, again, sizeof planes);
    unlink(path);
    assert_int_equal(png_save("/nowhere/x.png", planes, H, W, &err), -1);
    assert_non_null(strstr(err.what, "/nowhere/x.png"));
}

/* Every pixel of the small picture is the mean of what it covers: compare with
 * the same in floating point, pixel by pixel. */
static void resizing_means_areas(void **state)
{
    const uint32_t sizes[][4] = { { 6, 9, 2, 3 }, { 7, 5, 3, 3 },
                                  { 4, 4, 4, 4 }, { 3, 2, 8, 7 },
                                  { 1, 1, 5, 5 }, { 31, 17, 1, 1 } };
    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const uint32_t in_h = sizes[k][0], in_w = sizes[k][1], h = sizes[k][2],
                       w = sizes[k][3];
        uint8_t rgb[31 * 17 * 3], planes[3 * 64];
        const struct picture p = { in_w, in_h, rgb };
        for (uint32_t i = 0; i < in_h * in_w * 3; i++)
            rgb[i] = (uint8_t)(i * 71 + i * i);
        image_resize(&p, h, w, planes);
        for (uint32_t i = 0; i < 3 * h * w; i++) {
            const uint32_t c = i / (h * w), y = i / w % h, x = i % w;
            const double top = (double)y * in_h / h,
                         left = (double)x * in_w / w, down = (double)in_h / h,
                         across = (double)in_w / w;
            double sum = 0;
            for (uint32_t v = 0; v < in_h; v++)
                for (uint32_t u = 0; u < in_w; u++) {
                    const double rows = fmin(v + 1, top + down) - fmax(v, top),
                                 columns =
                                     fmin(u + 1, left + across) - fmax(u, left);
                    if (rows > 0 && columns > 0)
                        sum += rows * columns * rgb[3 * (v * in_w + u) + c];
                }
            if (fabs(planes[i] - sum / (down * across)) > 0.5001)
                fail_msg("size %zu, value %u: %d, not %g", k, i, planes[i],
                         sum / (down * across));
        }
    }
}

static void broken_pictures_are_refused(void **state)
{
    struct error err = ERROR_INIT;
    uint8_t planes[3 * 64], pixels[3 * 16 * 16];
    char *png, bad[4096], at_end[64];
    size_t size;
    (void)state;
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 89);
    save("", 0);
    assert_int_equal(png_save(path, pixels, 16, 16, &err), 0);
    assert_int_equal(file_read(path, 1 << 20, &png, &size, &err), 0);
    unlink(path);
    assert_true(size <= sizeof bad);
    memcpy(bad, png, size);
    bad[20] ^= 1; /* of the picture's height */
    snprintf(at_end, sizeof at_end, "broken PNG near byte %zu: ", size - 40);
    const struct {
        const void *data;
        size_t size;
        const char *word;
    } files[] = {
        { "", 0, "neither JPEG nor PNG" },
        { "GIF89a", 6, "neither JPEG nor PNG" },
        { rgb_jpeg, 3, "broken JPEG near byte " },
        { rgb_jpeg, 150, "broken JPEG near byte " },
        { rgb_jpeg, sizeof rgb_jpeg - 12, "broken JPEG near byte " },
        { png, 8, "broken PNG near byte 8: " },
        { png, 40, "broken PNG near byte 40: " },
        { bad, size, "broken PNG near byte 33: " }, /* the header's checksum */
        { png, size - 40, at_end },
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        save(files[i].data, files[i].size);
        if (image_load(path, 8, 8, planes, &err) == 0)
            fail_msg("file %zu was taken for good", i);
        if (!strstr(err.what, files[i].word) || !strstr(err.what, path))
            fail_msg("file %zu: %s", i, err.what);
        unlink(path);
    }
    free(png);
    assert_int_equal(image_load(path, 8, 8, planes, &err), -1);
    assert_non_null(strstr(err.what, path)); /* it is gone */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jpegs_are_read),
        cmocka_unit_test(pngs_keep_every_bit),
        cmocka_unit_test(resizing_means_areas),
        cmocka_unit_test(broken_pictures_are_refused),
    };
    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
