/* jpeg: the door to libjpeg.
 *
 * libjpeg reports errors by a call that must not return: it jumps back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/image/jpeg.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

struct decoder {
    struct jpeg_decompress_struct jpeg; /* first: callbacks get this */
    struct jpeg_error_mgr manager;
    jmp_buf failed;
    char message[JMSG_LENGTH_MAX];
    size_t left; /* bytes of the file that were not read when it failed */
    bool no_memory;
    uint8_t *rgb, *line;
};

static void fail(j_common_ptr jpeg)
{
    struct decoder *d = (struct decoder *)jpeg;
    jpeg->err->format_message(jpeg, d->message);
    d->left = d->jpeg.src ? d->jpeg.src->bytes_in_buffer : 0;
    d->no_memory = jpeg->err->msg_code == JERR_OUT_OF_MEMORY;
    longjmp(d->failed, 1);
}

/* A warning (level -1) means that pixels were made up. */
static void warn(j_common_ptr jpeg, int level)
{
    if (level < 0)
        fail(jpeg);
}

static unsigned choose_scale(const struct jpeg_decompress_struct *jpeg,
                             uint32_t height, uint32_t width)
{
    unsigned scale = 8;
    while (scale > 1 && (jpeg->image_height / scale < 2 * height ||
                         jpeg->image_width / scale < 2 * width))
        scale /= 2;
    return scale;
}

/* Four inks, stored inverted as Adobe does, to three lights. */
static void inks_to_rgb(const uint8_t *line, uint32_t width, uint8_t *rgb)
{
    for (uint32_t x = 0; x < width; x++)
        for (int c = 0; c < 3; c++)
            rgb[3 * x + (uint32_t)c] =
                (uint8_t)(line[4 * x + (uint32_t)c] * line[4 * x + 3] / 255);
}

/* All calls that may jump. */
static void decode(struct decoder *d, const void *data, size_t size,
                   uint32_t height, uint32_t width)
{
    struct jpeg_decompress_struct *j = &d->jpeg;
    jpeg_create_decompress(j);
    jpeg_mem_src(j, data, size);
    jpeg_read_header(j, TRUE);
    const bool inks =
        j->jpeg_color_space == JCS_CMYK || j->jpeg_color_space == JCS_YCCK;
    j->out_color_space = inks ? JCS_CMYK : JCS_RGB;
    j->dct_method = JDCT_ISLOW;
    j->scale_denom = choose_scale(j, height, width);
    jpeg_calc_output_dimensions(j);
    if ((uint64_t)j->image_width * j->image_height > PICTURE_MAX_PIXELS) {
        strcpy(d->message, "too many pixels");
        d->left = j->src->bytes_in_buffer;
        longjmp(d->failed, 1);
    }
    d->rgb = malloc((size_t)3 * j->output_width * j->output_height);
    d->line = malloc((size_t)4 * j->output_width);
    if (!d->rgb || !d->line) {
        d->no_memory = true;
        longjmp(d->failed, 1);
    }
    jpeg_start_decompress(j);
    while (j->output_scanline < j->output_height) {
        uint8_t *to = d->rgb + (size_t)3 * j->output_width * j->output_scanline;
        JSAMPROW row = inks ? d->line : to;
        jpeg_read_scanlines(j, &row, 1);
        if (inks)
            inks_to_rgb(d->line, j->output_width, to);
    }
    jpeg_finish_decompress(j);
}

/* Returns 0, or -1 after a jump. The decoder is the caller's, so that what
 * it holds survives one. */
static int try_decode(struct decoder *d, const void *data, size_t size,
                      uint32_t height, uint32_t width)
{
    if (setjmp(d->failed) != 0)
        return -1;
    decode(d, data, size, height, width);
    return 0;
}

int jpeg_decode(const void *data, size_t size, uint32_t height, uint32_t width,
                struct picture *p, struct error *err)
{
    struct decoder d = { 0 };
    d.jpeg.err = jpeg_std_error(&d.manager);
    d.manager.error_exit = fail;
    d.manager.emit_message = warn;
    int rc = try_decode(&d, data, size, height, width);
    if (rc < 0) {
        if (d.no_memory)
            error_memory(err);
        else
            error_usage(err, "broken JPEG near byte %zu: %s",
                        d.left < size ? size - d.left : size, d.message);
        free(d.rgb);
        d.rgb = NULL;
    }
    *p = (struct picture){ d.jpeg.output_width, d.jpeg.output_height, d.rgb };
    jpeg_destroy_decompress(&d.jpeg);
    free(d.line);
    return rc;
}
