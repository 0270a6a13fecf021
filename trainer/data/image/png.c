/* png: the door to libpng, by its simplified interface. It reads a stream,
 * whose place says where it gave up.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/image/png.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>

static int broken(FILE *file, const char *why, struct error *err)
{
    return error_usage(err, "broken PNG near byte %ld: %s", ftell(file), why);
}

static int decode(FILE *file, struct picture *p, struct error *err)
{
    static const png_color white = { 255, 255, 255 };
    png_image image = { .version = PNG_IMAGE_VERSION };
    int rc = -1;

    p->rgb = NULL;
    if (!png_image_begin_read_from_stdio(&image, file))
        return broken(file, image.message, err);
    image.format = PNG_FORMAT_RGB;
    if ((uint64_t)image.width * image.height > PICTURE_MAX_PIXELS) {
        broken(file, "too many pixels", err);
        goto out;
    }
    p->width = image.width;
    p->height = image.height;
    p->rgb = malloc(PNG_IMAGE_SIZE(image));
    if (!p->rgb) {
        error_memory(err);
        goto out;
    }
    if (!png_image_finish_read(&image, &white, p->rgb, 0, NULL)) {
        broken(file, image.message, err);
        goto out;
    }
    rc = 0;
out:
    png_image_free(&image);
    if (rc < 0) {
        free(p->rgb);
        p->rgb = NULL;
    }
    return rc;
}

int png_decode(const void *data, size_t size, uint32_t height, uint32_t width,
               struct picture *p, struct error *err)
{
    /* for reading only: the bytes stay as they are */
    FILE *file = fmemopen((void *)(uintptr_t)data, size, "r");
    int rc;

    (void)height;
    (void)width;
    p->rgb = NULL;
    if (!file)
        return error_errno(err, "cannot read a PNG");
    rc = decode(file, p, err);
    fclose(file);
    return rc;
}

int png_save(const char *path, const uint8_t *planes, uint32_t height,
             uint32_t width, struct error *err)
{
    png_image image = { .version = PNG_IMAGE_VERSION,
                        .width = width,
                        .height = height,
                        .format = PNG_FORMAT_RGB };
    const size_t plane = (size_t)height * width;
    int rc = 0;
    uint8_t *rgb = malloc(3 * plane);
    if (!rgb)
        return error_memory(err);
    for (size_t i = 0; i < 3 * plane; i++)
        rgb[i] = planes[i % 3 * plane + i / 3];
    if (!png_image_write_to_file(&image, path, 0, rgb, 0, NULL))
        rc = error_errno(err, "cannot write '%s'", path);
    png_image_free(&image);
    free(rgb);
    return rc;
}

const char *png_version(void)
{
    return png_get_libpng_ver(NULL);
}
