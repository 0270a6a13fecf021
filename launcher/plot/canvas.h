/* canvas: the door to cairo; lines, dots, boxes and words on a page, which
 * becomes an SVG or a PNG.
 *
 * Places are in points from the upper left corner. Drawing cannot fail; what
 * went wrong is told by canvas_close().
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_PLOT_CANVAS_H
#define LAUNCHER_PLOT_CANVAS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Colours that can be told apart, also in grey. */
enum ink {
    INK_TEXT,
    INK_SOFT,
    INK_GRID,
    INK_BEST,
    INK_DONE,
    INK_STOPPED,
    INK_RUNNING,
    INK_FAILED,
    INK_SHADE /* the first of the shades, see ink_shade() */
};

/* From cold (share 0) over green to warm (1); 'soft': light, as a ground. */
enum ink ink_shade(double share, bool soft);

enum align { ALIGN_LEFT, ALIGN_CENTER, ALIGN_RIGHT };

struct point {
    double x, y;
};

struct canvas;

/* An empty white page for 'path', which ends in .svg or .png. Returns 0 with
 * '*out', or -1 with 'err' (kind USAGE for another ending). */
int canvas_open(struct canvas **out, const char *path, double width,
                double height, struct error *err);

/* Write the file whole, and free the canvas. Returns 0, or -1 with 'err' and
 * an older file as it was. */
int canvas_close(struct canvas *c, struct error *err);

/* A line through points; where a coordinate is NAN it is broken. */
void canvas_line(struct canvas *c, const struct point *points, size_t count,
                 enum ink ink, double width);
void canvas_dot(struct canvas *c, struct point at, double radius, enum ink ink);
void canvas_box(struct canvas *c, struct point corner, double width,
                double height, enum ink ink);

/* Words at a place, in the middle of their height; 'upward': turned by a
 * quarter. */
void canvas_text(struct canvas *c, struct point at, enum align align,
                 const char *text, enum ink ink);
void canvas_text_upward(struct canvas *c, struct point at, const char *text,
                        enum ink ink);

/* The version of cairo that is linked. */
const char *canvas_version(void);

#endif
