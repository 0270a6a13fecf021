/* frame: a picture's axes with titles, ticks and grid, and where values lie
 * inside.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_PLOT_FRAME_H
#define LAUNCHER_PLOT_FRAME_H

#include "launcher/plot/axis.h"
#include "launcher/plot/canvas.h"

struct frame {
    const struct axis *x, *y; /* borrowed */
    double left, top, width, height;
};

/* Lay a frame with room for its words over a page of this size, and draw it. */
void frame_draw(struct frame *f, struct canvas *c, double width, double height,
                const struct axis *x, const struct axis *y);

/* Where a pair of values lies. */
struct point frame_point(const struct frame *f, double x, double y);

#endif
