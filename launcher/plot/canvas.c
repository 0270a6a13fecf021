/* canvas: see canvas.h. The only file that includes cairo.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/plot/canvas.h"

#include <cairo/cairo-svg.h>
#include <cairo/cairo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

#define FONT_SIZE 11.0
#define PNG_SCALE 2.0 /* pixels a point: sharp on paper, too */

struct canvas {
    cairo_surface_t *surface;
    cairo_t *cairo;
    char *path;
    bool is_png;
    struct text bytes; /* of the file */
};

static const struct {
    double red, green, blue;
} inks[] = {
    [INK_TEXT] = { 0.11, 0.12, 0.14 },    [INK_SOFT] = { 0.34, 0.38, 0.42 },
    [INK_GRID] = { 0.87, 0.89, 0.91 },    [INK_BEST] = { 0.84, 0.37, 0.00 },
    [INK_DONE] = { 0.00, 0.45, 0.37 },    [INK_STOPPED] = { 0.60, 0.63, 0.66 },
    [INK_RUNNING] = { 0.00, 0.38, 0.70 }, [INK_FAILED] = { 0.77, 0.13, 0.12 },
};

/* cairo's callback. */
static cairo_status_t keep(void *to, const unsigned char *bytes, unsigned size)
{
    struct text *text = to;

    text_append_bytes(text, bytes, size);
    return text->failed ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

static bool ends_in(const char *path, const char *ending)
{
    size_t length = strlen(path), size = strlen(ending);

    return length > size && strcmp(path + length - size, ending) == 0;
}

static cairo_surface_t *make_surface(struct canvas *c, double width,
                                     double height)
{
    cairo_surface_t *s;

    if (!c->is_png)
        return cairo_svg_surface_create_for_stream(keep, &c->bytes, width,
                                                   height);
    s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(PNG_SCALE * width),
                                   (int)(PNG_SCALE * height));
    cairo_surface_set_device_scale(s, PNG_SCALE, PNG_SCALE);
    return s;
}

int canvas_open(struct canvas **out, const char *path, double width,
                double height, struct error *err)
{
    struct canvas *c;

    *out = NULL;
    if (!ends_in(path, ".svg") && !ends_in(path, ".png")) {
        error_usage(err, "'%s' ends neither in .svg nor in .png", path);
        return error_hint(err, "for example: -o history.svg");
    }
    c = calloc(1, sizeof *c);
    if (!c || !(c->path = text_copy(path))) {
        free(c);
        return error_memory(err);
    }
    c->is_png = ends_in(path, ".png");
    c->surface = make_surface(c, width, height);
    c->cairo = cairo_create(c->surface);
    cairo_set_source_rgb(c->cairo, 1, 1, 1);
    cairo_paint(c->cairo);
    cairo_select_font_face(c->cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(c->cairo, FONT_SIZE);
    *out = c;
    return 0;
}

int canvas_close(struct canvas *c, struct error *err)
{
    cairo_status_t status = cairo_status(c->cairo);
    int rc = -1;

    if (c->is_png && status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_write_to_png_stream(c->surface, keep, &c->bytes);
    cairo_destroy(c->cairo);
    cairo_surface_finish(c->surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(c->surface);
    cairo_surface_destroy(c->surface);
    if (status != CAIRO_STATUS_SUCCESS)
        error_set(err, "cannot draw '%s': %s", c->path,
                  cairo_status_to_string(status));
    else
        rc = file_write(c->path, c->bytes.data, c->bytes.size, 0644, err);
    text_clear(&c->bytes);
    free(c->path);
    free(c);
    return rc;
}

/* ---- drawing ----------------------------------------------------------- */

enum { SHADES = 64 };

enum ink ink_shade(double share, bool soft)
{
    double at = fmax(0, fmin(1, share)) * (SHADES - 1);

    return (enum ink)(INK_SHADE + (soft ? SHADES : 0) + (int)(at + 0.5));
}

/* Blue, green and orange by turns; soft ones are mixed with white. */
static void dip_shade(struct canvas *c, int shade)
{
    static const double stops[3][3] = { { 0.16, 0.35, 0.66 },
                                        { 0.24, 0.66, 0.42 },
                                        { 0.84, 0.37, 0.00 } };
    double white = shade >= SHADES ? 0.55 : 0, color[3];
    double at = 2.0 * (shade % SHADES) / (SHADES - 1);
    int from = at < 1 ? 0 : 1;

    for (int i = 0; i < 3; i++) {
        double mixed = stops[from][i] +
                       (at - from) * (stops[from + 1][i] - stops[from][i]);

        color[i] = white + (1 - white) * mixed;
    }
    cairo_set_source_rgb(c->cairo, color[0], color[1], color[2]);
}

static void dip(struct canvas *c, enum ink ink)
{
    if (ink >= INK_SHADE) {
        dip_shade(c, (int)ink - INK_SHADE);
        return;
    }
    cairo_set_source_rgb(c->cairo, inks[ink].red, inks[ink].green,
                         inks[ink].blue);
}

void canvas_line(struct canvas *c, const struct point *points, size_t count,
                 enum ink ink, double width)
{
    bool open = false;

    for (size_t i = 0; i < count; i++) {
        bool known = isfinite(points[i].x) && isfinite(points[i].y);

        if (known && open)
            cairo_line_to(c->cairo, points[i].x, points[i].y);
        else if (known)
            cairo_move_to(c->cairo, points[i].x, points[i].y);
        open = known;
    }
    dip(c, ink);
    cairo_set_line_width(c->cairo, width);
    cairo_set_line_join(c->cairo, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke(c->cairo);
}

void canvas_dot(struct canvas *c, struct point at, double radius, enum ink ink)
{
    if (!isfinite(at.x) || !isfinite(at.y))
        return;
    dip(c, ink);
    cairo_arc(c->cairo, at.x, at.y, radius, 0, 2 * acos(-1));
    cairo_fill(c->cairo);
}

void canvas_box(struct canvas *c, struct point corner, double width,
                double height, enum ink ink)
{
    dip(c, ink);
    cairo_rectangle(c->cairo, corner.x, corner.y, width, height);
    cairo_fill(c->cairo);
}

/* What a program was told may be no UTF-8, which cairo refuses for good. */
static void show(struct canvas *c, const char *text, double share)
{
    cairo_text_extents_t size;
    char *plain = text_copy(text);

    if (!plain)
        return;
    text_make_plain(plain);
    cairo_text_extents(c->cairo, plain, &size);
    cairo_rel_move_to(c->cairo, -share * size.x_advance, FONT_SIZE / 3);
    cairo_show_text(c->cairo, plain);
    free(plain);
}

void canvas_text(struct canvas *c, struct point at, enum align align,
                 const char *text, enum ink ink)
{
    dip(c, ink);
    cairo_move_to(c->cairo, at.x, at.y);
    show(c, text, align == ALIGN_LEFT ? 0 : align == ALIGN_CENTER ? 0.5 : 1);
}

void canvas_text_upward(struct canvas *c, struct point at, const char *text,
                        enum ink ink)
{
    cairo_save(c->cairo);
    cairo_translate(c->cairo, at.x, at.y);
    cairo_rotate(c->cairo, -acos(-1) / 2);
    canvas_text(c, (struct point){ 0, 0 }, ALIGN_CENTER, text, ink);
    cairo_restore(c->cairo);
}

const char *canvas_version(void)
{
    return cairo_version_string();
}
